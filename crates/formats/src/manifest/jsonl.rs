//! Manifests with one JSON object a line.

use std::io::Read;

use serde_json::Value;

use super::{Draft, ManifestError, Row, answer, priority, wrong_type};
use crate::json;
use crate::row::{Code, Fault, RowError};
use crate::text::{Line, ROW_MAX_BYTES, Utf8, read_line};

/// Reads a JSONL manifest row by row; empty lines are passed over.
pub struct JsonlManifest<R> {
    input: Utf8<R>,
    line: Vec<u8>,
    row: u64,
    done: bool,
}

impl<R: Read> JsonlManifest<R> {
    /// Begins to read; no error can come before the first row.
    pub fn new(input: R) -> Self {
        Self { input: Utf8::new(input), line: Vec::new(), row: 0, done: false }
    }
}

impl<R: Read> Iterator for JsonlManifest<R> {
    /// The outer error ends the reading, the inner one is about one row.
    type Item = Result<Result<Row, RowError>, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            self.row += 1;
            let row = match read_line(&mut self.input, &mut self.line, ROW_MAX_BYTES) {
                Ok(Line::End) => break,
                Ok(Line::Whole) if self.line.trim_ascii().is_empty() => continue,
                Ok(Line::Whole) => read(&self.line, self.row),
                Ok(Line::TooLong) => {
                    let message = "the row is longer than 16 MiB: move large texts into files";
                    Err(Fault::new("", Code::TooLong, message))
                }
                Err(error) => {
                    self.done = true;
                    return Some(Err(error.into()));
                }
            };
            return Some(Ok(row.map_err(|fault| fault.at(self.row, &self.line))));
        }
        self.done = true;
        None
    }
}

fn read(line: &[u8], row: u64) -> Result<Row, Fault> {
    let object = match json::parse(line)? {
        Value::Object(object) => object,
        other => {
            let message = format!("the row must be a JSON object, not {}", json::kind(&other));
            return Err(Fault::new("", Code::WrongType, message));
        }
    };
    let mut draft = Draft::default();
    for (key, value) in object {
        // Null is how some writers spell "nothing given".
        if value.is_null() {
            continue;
        }
        match key.as_str() {
            "external_id" => draft.external_id = Some(text("external_id", value)?),
            "path" => draft.path = Some(text("path", value)?),
            "url" => draft.url = Some(text("url", value)?),
            "text" => draft.text = Some(text("text", value)?),
            "scene" => {
                let read = serde_json::from_value(value);
                draft.scene = Some(read.map_err(|error| {
                    let message = format!("the scene does not read: {error}");
                    Fault::new("scene", Code::WrongType, message)
                })?);
            }
            "pictures" => {
                let read = serde_json::from_value(value);
                draft.pictures = Some(read.map_err(|error| {
                    let message = format!("the pictures do not read: {error}");
                    Fault::new("pictures", Code::WrongType, message)
                })?);
            }
            "metadata" => match value {
                Value::Object(object) => draft.metadata = object,
                other => return Err(wrong_type("metadata", "an object", &other)),
            },
            "priority" => draft.priority = Some(priority(&value)?),
            "answer" => draft.answer = Some(answer(value)?),
            "gold" => match value {
                Value::Bool(gold) => draft.gold = gold,
                other => return Err(wrong_type("gold", "true or false", &other)),
            },
            _ => {
                let key: String = key.chars().take(100).collect();
                let message = format!("“{key}” is not a known key: put it into `metadata`");
                return Err(Fault::new(&key, Code::UnknownField, message));
            }
        }
    }
    draft.finish(row)
}

fn text(field: &str, value: Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_type(field, "text", &other)),
    }
}
