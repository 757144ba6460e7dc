//! T4, T5: the description of the interface, against the page that promises it and the program that
//! keeps it.

use crate::Report;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const SNAPSHOT: &str = "docs/spec/openapi.json";
const PROMISES: &str = "docs/spec/api.md";

pub fn check(root: &Path, bless: bool, report: &mut Report) {
    let printed = match print(root) {
        Ok(text) => text,
        Err(reason) => {
            return report.notes.push(format!("{SNAPSHOT} is not checked: {reason}"));
        }
    };
    if bless {
        if let Err(error) = std::fs::write(root.join(SNAPSHOT), &printed) {
            report.wrong.push(format!("{SNAPSHOT}: {error}"));
        }
    } else if std::fs::read_to_string(root.join(SNAPSHOT)).unwrap_or_default() != printed {
        report.wrong.push(format!(
            "{SNAPSHOT} is not what the program prints: run `cargo run -p xtask -- tidy --bless`"
        ));
    }
    let Ok(description) = serde_json::from_str::<Value>(&printed) else {
        return report.wrong.push("`fairmark openapi` prints no JSON".into());
    };
    let promised = promised(&std::fs::read_to_string(root.join(PROMISES)).unwrap_or_default());
    let kept = kept(&description);
    for route in promised.difference(&kept) {
        report.notes.push(format!("{PROMISES} promises {route}, and no handler is there"));
    }
    for route in kept.difference(&promised) {
        report
            .notes
            .push(format!("{route} is answered, and {PROMISES} does not say what it means"));
    }
}

/// What the program says of itself. The build is the one that is there, so that tidy stays quick.
fn print(root: &Path) -> Result<String, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = here.with_file_name("fairmark");
    if !program.exists() {
        return Err("build the program first: `cargo build -p fairmark`".into());
    }
    let told = Command::new(program).arg("openapi").current_dir(root).output();
    let told = told.map_err(|error| error.to_string())?;
    match String::from_utf8(told.stdout) {
        Ok(text) if told.status.success() => Ok(text),
        _ => Err("`fairmark openapi` failed".into()),
    }
}

/// The routes of a description, as `GET /api/x/{}`.
fn kept(description: &Value) -> BTreeSet<String> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, _)| format!("{} {}", method.to_uppercase(), nameless(path)))
        })
        .collect()
}

/// The routes of the page: each ``GET /api/x`` between backticks; `GET/POST` are two, and what
/// follows a comma stays at the path before (`/preview`) or begins anew (`/api/…`).
fn promised(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cell = line[2..].split('|').next().unwrap_or_default();
        let mut methods: Vec<String> = Vec::new();
        let mut last = String::new();
        for text in cell.split('`').skip(1).step_by(2) {
            let (verbs, path) = text.split_once(' ').unwrap_or((text, ""));
            let is_verbs = verbs.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'/');
            let path = if is_verbs && !text.starts_with('/') {
                methods = verbs.split('/').map(str::to_string).collect();
                if path.is_empty() { last.clone() } else { path.to_string() }
            } else if text.starts_with("/api/") {
                text.to_string()
            } else {
                format!("{}{text}", last.rsplit_once('/').map_or("", |(before, _)| before))
            };
            let path = path.split('?').next().unwrap_or_default().to_string();
            for method in &methods {
                found.insert(format!("{method} {}", nameless(&path)));
            }
            last = path;
        }
    }
    found
}

/// Without the names of what is filled in: `{p}` and `{project}` are the same.
fn nameless(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in path.chars() {
        inside = (inside || c == '{') && c != '}';
        if !inside || c == '{' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_read() {
        let page = "| `GET/POST /api/keys`, `DELETE /api/keys/{id}` | owner | x |\n\
                    | `GET /api/items/{i}/thumb`, `/preview` | the same | x |\n\
                    | `GET /api/p/{p}`, `PATCH` | x | `PUT /not/this` |\n";
        let found: Vec<String> = promised(page).into_iter().collect();
        assert_eq!(
            found,
            [
                "DELETE /api/keys/{}",
                "GET /api/items/{}/preview",
                "GET /api/items/{}/thumb",
                "GET /api/keys",
                "GET /api/p/{}",
                "PATCH /api/p/{}",
                "POST /api/keys",
            ]
        );
    }
}
