//! T2, T3, T6: words, lengths and paths in files of source.

use crate::Report;
use std::path::{Path, PathBuf};

/// Words that are not said, and what is said instead.
const BANNED: &[(&str, &str)] = &[
    ("worker", "contributor (a person) or job (the machine's)"),
    ("workers", "contributors"),
    ("annotator", "contributor"),
    ("annotators", "contributors"),
    ("labeler", "contributor"),
    ("tasker", "contributor"),
    ("tenant", "organization"),
    ("tenants", "organizations"),
];

/// Where a banned word is somebody else's: the name of a process's role, a foreign format, this list.
const SPOKEN_ELSEWHERE: &[&str] = &[
    "crates/fairmark/src/serve.rs",
    "crates/xtask/src/files.rs",
    "crates/server/src/lib.rs", // worker-src, of the content security policy
    "crates/server/src/jobs.rs", // a thread that runs jobs
    "crates/server/src/jobs/worker.rs",
    // Written before the list; to be named anew.
    "crates/sim/src/crowd.rs",
    "crates/sim/src/people.rs",
    "crates/sim/src/run.rs",
];

const LINES_MAX: usize = 700;
/// Files that were longer when the limit came. They may shrink; nobody joins them.
const LONGER: &[(&str, usize)] = &[
    ("crates/server/src/queue.rs", 1050),
    ("crates/store/src/batch.rs", 950),
    ("crates/store/src/queue.rs", 800),
];

pub fn check(root: &Path, report: &mut Report) {
    let mut files = Vec::new();
    for folder in ["crates", "docs", "scripts", "demo", "web/src"] {
        collect(&root.join(folder), &mut files);
    }
    for path in files {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        check_paths(&name, &text, report);
        if name.ends_with(".rs") && name.contains("/src/") {
            check_length(&name, text.lines().count(), report);
            if !SPOKEN_ELSEWHERE.contains(&name.as_str()) {
                check_words(&name, &text, report);
            }
        }
    }
}

fn check_length(name: &str, lines: usize, report: &mut Report) {
    let known = LONGER.iter().find(|(longer, _)| *longer == name);
    let most = known.map_or(LINES_MAX, |(_, most)| *most);
    if lines > most {
        report
            .wrong
            .push(format!("{name} has {lines} lines, and may have {most}: take something out"));
    } else if known.is_some() && lines <= LINES_MAX {
        report.notes.push(format!("{name} is short enough now: strike it off the list (xtask)"));
    }
}

/// Only identifiers: a comment may say what something is not. A word is told where it stands first.
fn check_words(name: &str, text: &str, report: &mut Report) {
    let mut told = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for word in words(&without_texts(code)) {
            let found = BANNED.iter().find(|(banned, _)| *banned == word && !told.contains(banned));
            if let Some((banned, instead)) = found {
                report.wrong.push(format!("{name}:{}: {banned}: say {instead}", number + 1));
                told.push(banned);
            }
        }
    }
}

fn without_texts(code: &str) -> String {
    code.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The words of all identifiers: `WorkerPool` and `worker_pool` are `worker` and `pool`.
fn words(code: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut before = ' ';
    for c in code.chars() {
        if !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
            found.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphabetic(), found.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    found.retain(|word| !word.is_empty());
    found
}

fn check_paths(name: &str, text: &str, report: &mut Report) {
    if name == "crates/xtask/src/files.rs" {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        let own = ["/home/", "/Users/", "/root/", "/work/"]
            .iter()
            .any(|place| at_a_beginning(line, place));
        if own {
            report
                .wrong
                .push(format!("{name}:{}: names a folder of somebody's machine", number + 1));
        }
    }
}

/// Whether a path begins there: `/work/` is one, and `projects/$project/work/$stage` has none.
fn at_a_beginning(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let follows = line[at + place.len()..].chars().next();
        let is_route = matches!(follows, Some('$' | '{' | ':' | '\'' | '"' | '`') | None);
        !is_route && before.is_none_or(|c| matches!(c, ' ' | '"' | '\'' | '=' | '(' | '`'))
    })
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_ours =
            !["node_modules", "target", "dist", "data"].iter().any(|other| name == *other);
        if path.is_dir() {
            if is_ours {
                collect(&path, into);
            }
        } else {
            into.push(path);
        }
    }
}

pub fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.join("Cargo.toml").exists()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_taken_apart() {
        assert_eq!(
            words("fn worker_pool(x: WorkerPool)"),
            ["fn", "worker", "pool", "x", "worker", "pool"]
        );
        assert_eq!(words("network homework"), ["network", "homework"]);
        assert_eq!(words(&without_texts("let a = \"worker\" + b;")), ["let", "a", "b"]);
    }

    #[test]
    fn paths_and_routes_are_told_apart() {
        assert!(at_a_beginning("open(\"/work/data\")", "/work/"));
        assert!(!at_a_beginning("path: '/projects/$project/work/$stage'", "/work/"));
        assert!(!at_a_beginning("https://example.org/home/x", "/home/"));
    }
}
