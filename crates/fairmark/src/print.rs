//! Answers on standard output: tables for people, JSON for programs.

use serde_json::Value;
use std::io::Write;

/// How a command answers.
#[derive(Clone, Copy)]
pub struct Print {
    pub json: bool,
}

impl Print {
    /// Says a thing that was done, in a sentence or as an object.
    pub fn say(&self, value: Value, sentence: impl std::fmt::Display) {
        if self.json { line(&pretty(&value)) } else { line(&sentence.to_string()) }
    }

    /// Prints a list: `{"items": […]}`, or these columns of it.
    pub fn list(&self, items: Vec<Value>, columns: &[&str]) {
        if self.json {
            return line(&pretty(&serde_json::json!({ "items": items })));
        }
        if items.is_empty() {
            return note("There is none.");
        }
        let head = columns.iter().map(|column| column.replace('_', " ").to_uppercase()).collect();
        let rows =
            items.iter().map(|item| columns.iter().map(|column| cell(&item[*column])).collect());
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
        let widths: Vec<usize> = (0..columns.len())
            .map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
            .collect();
        for row in rows {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
            line(cells.join("  ").trim_end());
        }
    }

    /// Prints one thing, field by field.
    pub fn show(&self, item: &Value, fields: &[&str]) {
        if self.json {
            return line(&pretty(item));
        }
        let width = fields.iter().map(|field| field.len()).max().unwrap_or(0);
        for field in fields {
            line(format!("{:width$}  {}", field.replace('_', " "), cell(&item[*field])).trim_end());
        }
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        other => other.to_string(),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// One line on standard output. Whoever reads it may have gone (`| head`): that is no failure.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A remark to a person, apart from the answer.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
