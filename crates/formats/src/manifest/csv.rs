//! Manifests as CSV, from whatever spreadsheet wrote them.

use std::io::Read;

use serde_json::{Map, Value};

use super::{Draft, ManifestError, Row, answer, priority};
use crate::cells::{COLUMNS_MAX, Cells, Table};
use crate::json;
use crate::row::{Code, Fault, RowError};
use crate::text::Utf8;

/// What the cells of a column mean.
enum Column {
    ExternalId,
    Path,
    Url,
    Text,
    Metadata,
    Priority,
    Answer,
    Gold,
    MetadataKey(String),
}

impl Column {
    fn of(name: &str) -> Self {
        match name {
            "external_id" => Column::ExternalId,
            "path" => Column::Path,
            "url" => Column::Url,
            "text" => Column::Text,
            "metadata" => Column::Metadata,
            "priority" => Column::Priority,
            "answer" => Column::Answer,
            "gold" => Column::Gold,
            other => Column::MetadataKey(other.strip_prefix("metadata.").unwrap_or(other).into()),
        }
    }
}

/// Reads a CSV manifest row by row. The first line names the columns, and with them the delimiter is told:
/// comma, semicolon or tab.
pub struct CsvManifest<R> {
    table: Table<R>,
    columns: Vec<(String, Column)>,
    done: bool,
}

impl<R: Read> CsvManifest<R> {
    /// Reads the header.
    pub fn open(input: R) -> Result<Self, ManifestError> {
        let mut table = Table::new(Utf8::new(input));
        let names = table.header(None)?.ok_or(ManifestError::NoHeader)?;
        if names.len() > COLUMNS_MAX {
            return Err(ManifestError::TooManyColumns(COLUMNS_MAX));
        }
        let mut columns: Vec<(String, Column)> = Vec::new();
        for name in names {
            let name = String::from_utf8(name).map_err(|_| ManifestError::HeaderNotText)?;
            let name = name.trim();
            if columns.iter().any(|(other, _)| !name.is_empty() && other == name) {
                return Err(ManifestError::DuplicateColumn(name.chars().take(100).collect()));
            }
            columns.push((name.to_owned(), Column::of(name)));
        }
        let source = |column: &Column| matches!(column, Column::Path | Column::Url | Column::Text);
        if !columns.iter().any(|(_, column)| source(column)) {
            return Err(ManifestError::NoSource);
        }
        Ok(Self { table, columns, done: false })
    }

    fn read(&self, cells: Cells, row: u64) -> Result<Row, Fault> {
        if cells.len() > self.columns.len() {
            let message = format!(
                "the row has {} cells, the header {}: put cells that hold the delimiter into quotes",
                cells.len(),
                self.columns.len()
            );
            return Err(Fault::new("", Code::TooManyCells, message));
        }
        let mut draft = Draft::default();
        let mut keyed = Map::new();
        for ((name, column), cell) in self.columns.iter().zip(cells) {
            if cell.is_empty() {
                let source = match column {
                    Column::Path => Some("path"),
                    Column::Url => Some("url"),
                    Column::Text => Some("text"),
                    _ => None,
                };
                draft.empty = draft.empty.or(source);
                continue;
            }
            let text = String::from_utf8(cell)
                .map_err(|_| Fault { field: name.clone(), ..json::not_text() })?;
            match column {
                Column::ExternalId => draft.external_id = Some(text),
                Column::Path => draft.path = Some(text),
                Column::Url => draft.url = Some(text),
                Column::Text => draft.text = Some(text),
                Column::Metadata => match json_cell(name, &text)? {
                    Value::Object(object) => draft.metadata = object,
                    other => return Err(super::wrong_type("metadata", "a JSON object", &other)),
                },
                Column::Priority => {
                    let number = text.trim().parse::<i64>().map_or(Value::from(text), Value::from);
                    draft.priority = Some(priority(&number)?);
                }
                Column::Answer => draft.answer = Some(answer(json_cell(name, &text)?)?),
                Column::Gold => draft.gold = gold(&text)?,
                Column::MetadataKey(key) => {
                    keyed.insert(key.clone(), text.into());
                }
            }
        }
        for (key, value) in keyed {
            if draft.metadata.contains_key(&key) {
                let message = format!("“{key}” is given in `metadata` and in a column of its own");
                return Err(Fault::new(&key, Code::DuplicateKey, message));
            }
            draft.metadata.insert(key, value);
        }
        draft.finish(row)
    }
}

impl<R: Read> Iterator for CsvManifest<R> {
    /// The outer error ends the reading, the inner one is about one row.
    type Item = Result<Result<Row, RowError>, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut raw = Vec::new();
        while !self.done {
            match self.table.next(&mut raw) {
                Ok(None) => break,
                Ok(Some((_, Ok(_)))) if raw.trim_ascii().is_empty() => {}
                Ok(Some((row, cells))) => {
                    let read = cells.and_then(|cells| self.read(cells, row));
                    return Some(Ok(read.map_err(|fault| fault.at(row, &raw))));
                }
                Err(error) => {
                    self.done = true;
                    return Some(Err(error.into()));
                }
            }
        }
        self.done = true;
        None
    }
}

fn json_cell(name: &str, text: &str) -> Result<Value, Fault> {
    json::parse(text.as_bytes()).map_err(|fault| Fault { field: name.into(), ..fault })
}

fn gold(text: &str) -> Result<bool, Fault> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(Fault::new("gold", Code::UnknownValue, "`gold` must be true or false")),
    }
}
