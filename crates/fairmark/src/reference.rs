//! What the binary says of itself: completion, manual pages, the description of the interface.

use crate::failure::{Doing, Outcome, Result};
use crate::print::line;
use std::path::Path;

pub fn completion(shell: clap_complete::Shell) -> Result {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut crate::command_line(), "fairmark", &mut text);
    line(String::from_utf8_lossy(&text).trim_end());
    Ok(Outcome::Fine)
}

pub fn man(out: &Path) -> Result {
    std::fs::create_dir_all(out).doing(out.display())?;
    clap_mangen::generate_to(crate::command_line(), out).doing(out.display())?;
    line(&format!("The manual pages are in {}", out.display()));
    Ok(Outcome::Fine)
}

/// With its keys in order, so that two versions can be compared line by line.
pub fn openapi() -> Result {
    let text = server::openapi().to_json()?;
    let value: serde_json::Value = serde_json::from_str(&text)?;
    line(&serde_json::to_string_pretty(&value)?);
    Ok(Outcome::Fine)
}
