//! Manifests as CSV, from whatever spreadsheet wrote them.
//!
//! The splitting is our own, for two things that the usual reader does not do: a quote that is never closed
//! must not swallow the rest of the file, neither as memory nor as rows.

use std::collections::VecDeque;
use std::io::{self, Read};

use serde_json::{Map, Value};

use super::{Draft, ManifestError, Row, answer, priority};
use crate::json;
use crate::row::{Code, Fault, RowError};
use crate::text::{Line, ROW_MAX_BYTES, Utf8, read_line};

const COLUMNS_MAX: usize = 1024;

/// The cells of one row, as bytes.
type Cells = Vec<Vec<u8>>;

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
    lines: Lines<R>,
    delimiter: u8,
    columns: Vec<(String, Column)>,
    done: bool,
}

impl<R: Read> CsvManifest<R> {
    /// Reads the header.
    pub fn open(input: R) -> Result<Self, ManifestError> {
        let mut lines = Lines { input: Utf8::new(input), row: 0, again: VecDeque::new() };
        let mut first = Vec::new();
        loop {
            match lines.next(&mut first)? {
                Line::End | Line::TooLong => return Err(ManifestError::NoHeader),
                Line::Whole if first.trim_ascii().is_empty() => {}
                Line::Whole => break,
            }
        }
        let delimiter = sniff(&first);
        let mut splitter = Splitter::new(delimiter);
        if splitter.feed(&first) != Fed::Whole {
            return Err(ManifestError::NoHeader);
        }
        let names = splitter.cells;
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
        Ok(Self { lines, delimiter, columns, done: false })
    }

    /// Reads the next row's cells, the line where it begins, and its bytes.
    fn record(&mut self, raw: &mut Vec<u8>) -> io::Result<Option<(u64, Result<Cells, Fault>)>> {
        let too_long = || {
            let message = "the row is longer than 16 MiB: move large texts into files";
            Fault::new("", Code::TooLong, message)
        };
        let outcome = self.lines.next(raw)?;
        let row = self.lines.row;
        match outcome {
            Line::End => return Ok(None),
            Line::TooLong => return Ok(Some((row, Err(too_long())))),
            Line::Whole => {}
        }
        // The lines after the first, which are read again by themselves if the quote turns out never to close.
        let mut taken = VecDeque::new();
        let mut splitter = Splitter::new(self.delimiter);
        let mut fed = splitter.feed(raw);
        while fed == Fed::Open && raw.len() <= ROW_MAX_BYTES {
            let mut line = Vec::new();
            let outcome = self.lines.next(&mut line)?;
            if outcome == Line::End {
                break;
            }
            raw.push(b'\n');
            raw.extend_from_slice(&line);
            fed = splitter.feed(&line);
            taken.push_back((self.lines.row, outcome, line));
        }
        if fed == Fed::Whole {
            return Ok(Some((row, Ok(splitter.cells))));
        }
        let first = memchr::memchr(b'\n', raw).unwrap_or(raw.len());
        raw.truncate(first);
        self.lines.give_back(taken);
        let message = "a quote is not closed, or text follows a closing quote: write \" inside of a cell as \"\"";
        Ok(Some((row, Err(Fault::new("", Code::UnclosedQuote, message)))))
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
            match self.record(&mut raw) {
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

/// Lines with their numbers; some may be given back to be read again.
struct Lines<R> {
    input: Utf8<R>,
    row: u64,
    again: VecDeque<(u64, Line, Vec<u8>)>,
}

impl<R: Read> Lines<R> {
    fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Line> {
        if let Some((row, outcome, bytes)) = self.again.pop_front() {
            self.row = row;
            *line = bytes;
            return Ok(outcome);
        }
        // A file of an old Macintosh, with CR alone, is one long line and is refused as such.
        let outcome = read_line(&mut self.input, line, ROW_MAX_BYTES)?;
        self.row += 1;
        Ok(outcome)
    }

    fn give_back(&mut self, mut lines: VecDeque<(u64, Line, Vec<u8>)>) {
        lines.append(&mut self.again);
        self.again = lines;
    }
}

/// Guesses the delimiter: the one that the header holds most often outside of quotes.
fn sniff(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header {
        quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && delimiter == byte);
        }
    }
    // Of equals the first wins: the comma.
    let mut best = counts[0];
    for candidate in counts {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    best.0
}

#[derive(Clone, Copy, PartialEq)]
enum Fed {
    Whole,
    /// A quote is open at the end of the line.
    Open,
    /// Text follows a closing quote: most likely an earlier quote was meant to stay open.
    Garbage,
}

/// Splits one row into cells, fed line by line for as long as a quote is open.
struct Splitter {
    delimiter: u8,
    cells: Cells,
    /// The cell whose quote is open.
    open: Option<Vec<u8>>,
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, cells: Vec::new(), open: None }
    }

    fn feed(&mut self, line: &[u8]) -> Fed {
        let mut at = 0;
        let mut open = self.open.take();
        if let Some(cell) = &mut open {
            cell.push(b'\n');
        }
        loop {
            let rest = line.get(at..).unwrap_or_default();
            if open.is_none() && rest.first() == Some(&b'"') {
                open = Some(Vec::new());
                at += 1;
            }
            let cell = match open.take() {
                Some(cell) => match self.quoted(cell, line, &mut at) {
                    Ok(cell) => cell,
                    Err(fed) => return fed,
                },
                // A quote inside of a bare cell, as in 5" or O"Neill, is only a character.
                None => {
                    let end = memchr::memchr(self.delimiter, rest).unwrap_or(rest.len());
                    at += end;
                    rest[..end].to_vec()
                }
            };
            // Beyond the limit the row is refused for its number of cells anyway.
            if self.cells.len() <= COLUMNS_MAX {
                self.cells.push(cell);
            }
            if at >= line.len() {
                return Fed::Whole;
            }
            at += 1;
        }
    }

    /// Reads on to the closing quote; the place is then that of the delimiter behind it, or the end.
    fn quoted(&mut self, mut cell: Vec<u8>, line: &[u8], at: &mut usize) -> Result<Vec<u8>, Fed> {
        loop {
            let rest = line.get(*at..).unwrap_or_default();
            let Some(quote) = memchr::memchr(b'"', rest) else {
                cell.extend_from_slice(rest);
                self.open = Some(cell);
                return Err(Fed::Open);
            };
            cell.extend_from_slice(&rest[..quote]);
            *at += quote + 1;
            match line.get(*at) {
                Some(b'"') => {
                    cell.push(b'"');
                    *at += 1;
                }
                Some(byte) if *byte != self.delimiter => return Err(Fed::Garbage),
                _ => return Ok(cell),
            }
        }
    }
}
