//! T1: the order of the crates.

use crate::Report;
use std::path::Path;

/// Who may depend on whom.
const ORDER: &[(&str, &[&str])] = &[
    ("stats", &[]),
    ("domain", &[]),
    ("formats", &["domain"]),
    ("store", &["domain"]),
    ("server", &["domain", "formats", "stats", "store"]),
    ("sim", &["domain", "formats", "server", "stats", "store"]),
    ("fairmark", &["domain", "formats", "server", "sim", "stats", "store"]),
    ("xtask", &[]),
];

pub fn check(root: &Path, report: &mut Report) {
    for folder in crate::files::folders(&root.join("crates")) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((_, allowed)) = ORDER.iter().find(|(known, _)| *known == name) else {
            report
                .wrong
                .push(format!("crates/{name}: give it a place in the order of the crates (xtask)"));
            continue;
        };
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        for other in dependencies(&text) {
            let ours = ORDER.iter().any(|(known, _)| *known == other);
            if ours && !allowed.contains(&other.as_str()) {
                report
                    .wrong
                    .push(format!("crates/{name} may not depend on {other}: it comes before"));
            }
        }
    }
}

/// What stands under `[dependencies]`; tests may depend on anything.
fn dependencies(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[dependencies]";
        } else if inside && let Some(at) = line.find(['.', ' ', '=']) {
            found.push(line[..at].to_string());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn dependencies_are_read() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nstore.workspace = true\nb = \"1\"\n[dev-dependencies]\nc = \"1\"\n";
        assert_eq!(super::dependencies(text), ["store", "b"]);
    }
}
