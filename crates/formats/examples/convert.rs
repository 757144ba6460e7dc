//! Converts labels from one format to another: `convert IN FROM OUT TO`, for the benchmark; FROM may be `auto`.
//! `convert IN OUT` is for clouds of points, whose names say what they are.

use formats::clouds::{self, Kind};
use formats::exchange::{Format, Source, convert, recognise};
use std::path::Path;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let from = match &from[..] {
        "auto" => {
            recognise(&mut Source::open(Path::new(input))?).ok_or("no format is recognised")?
        }
        from => named(from)?,
    };
    let to = named(to)?;
    let report = convert(Path::new(input), from, Path::new(out), to, &mut |_, _| {})?;
    eprintln!("{}", from.as_str());
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
