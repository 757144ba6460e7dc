//! What cargo cannot check by itself: `cargo run -p xtask -- tidy`.
//!
//! | Rule | Says |
//! |---|---|
//! | T1 | crates depend on one another in one direction |
//! | T2 | code says the word of `docs/spec/words.md`, not its synonym |
//! | T3 | no file of source grows beyond its limit; those that are longer may only shrink |
//! | T4 | every route of `docs/spec/api.md` is in the description of the interface, and the other way round |
//! | T5 | `docs/spec/openapi.json` is what the program prints (`tidy --bless` writes it) |
//! | T6 | nothing names a folder of somebody's machine |

mod contract;
mod crates;
mod files;

use std::path::Path;
use std::process::ExitCode;

/// What is wrong, and what is only to be known.
#[derive(Default)]
struct Report {
    wrong: Vec<String>,
    notes: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let bless = match words[..] {
        ["tidy"] => false,
        ["tidy", "--bless"] => true,
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy [--bless]");
            return ExitCode::from(2);
        }
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut report = Report::default();
    crates::check(&root, &mut report);
    files::check(&root, &mut report);
    contract::check(&root, bless, &mut report);
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    for wrong in &report.wrong {
        eprintln!("tidy: {wrong}");
    }
    if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
