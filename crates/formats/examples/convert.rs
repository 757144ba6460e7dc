//! Converts labels from one format to another: `convert IN FROM OUT TO`, for the benchmark. `convert IN OUT` is for
//! clouds of points, whose names say what they are.

use formats::clouds::{self, Kind};
use formats::exchange::{Format, convert};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [input, out] = &arguments[..] {
        let kind = |name: &str| Kind::of(name).ok_or_else(|| format!("{name} is no cloud"));
        let report = clouds::convert(Path::new(input), kind(input)?, Path::new(out), kind(out)?)?;
        println!("{{\"points\":{}}}", report.points);
        return Ok(());
    }
    let [input, from, out, to] = &arguments[..] else { return Err("IN FROM OUT TO".into()) };
    let named = |name: &str| Format::find(name).ok_or_else(|| format!("{name} is not known"));
    let (from, to) = (named(from)?, named(to)?);
    let report = convert(Path::new(input), from, Path::new(out), to, &mut |_, _| {})?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
