//! Files of opinions: rows with named fields, from CSV, TSV, JSON lines or Parquet, read one after the other.
//!
//! - **R1** Fields are found by name, in any order; what is not asked for is passed over.
//! - **R2** A row that cannot be used ends the command, which names the file, the line and the field: half a file gives wrong numbers.
//! - **R3** A number is what it is worth: `1` of one file is the `1.0` of another.

use crate::failure::{Failure, Result};
use crate::job::{Unit, bar};
use crate::print::Print;
use serde_json::Value;
use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

/// A field that is looked for: its name, and others that it goes by.
pub struct Field<'a> {
    pub names: &'a [&'a str],
    pub is_needed: bool,
    /// Lists and objects are taken, too, as JSON.
    pub is_whole: bool,
}

pub const fn needed<'a>(names: &'a [&'a str]) -> Field<'a> {
    Field { names, is_needed: true, is_whole: false }
}

pub const fn wanted<'a>(names: &'a [&'a str]) -> Field<'a> {
    Field { names, is_needed: false, is_whole: false }
}

pub const TASK: Field<'static> = needed(&["task", "item"]);
pub const CONTRIBUTOR: Field<'static> = needed(&["worker", "contributor"]);
pub const LABEL: Field<'static> = needed(&["label", "truth"]);
pub const WHOLE_LABEL: Field<'static> =
    Field { names: &["label"], is_needed: true, is_whole: true };

/// Where a row stands.
pub struct Place<'a> {
    pub file: &'a Path,
    pub line: u64,
}

impl Place<'_> {
    pub fn wrong(&self, field: &str, what: impl std::fmt::Display) -> Failure {
        Failure::new(format!("{}, line {}, field {field}: {what}", self.file.display(), self.line))
    }
}

/// Names of things, each with the index by which `stats` knows it.
#[derive(Default)]
pub struct Names {
    indices: HashMap<String, u32>,
    pub names: Vec<String>,
}

impl Names {
    pub fn index(&mut self, name: &str) -> u32 {
        if let Some(index) = self.indices.get(name) {
            return *index;
        }
        let index = self.names.len() as u32;
        self.indices.insert(name.to_string(), index);
        self.names.push(name.to_string());
        index
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.indices.get(name).copied()
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }
}

/// Gives each row's fields to `take`, in the order in which they are asked for. What is not there is empty, unless it is needed.
/// `-` is standard input, as CSV, or as JSON lines where it begins with an object. Cells of CSV may be parted by semicolons or tabs.
pub fn read(
    file: &Path,
    fields: &[Field<'_>],
    print: &Print,
    mut take: impl FnMut(&Place<'_>, &[&str]) -> Result<()>,
) -> Result<()> {
    let told = |error: std::io::Error| Failure::new(format!("{}: {error}", file.display()));
    if file == Path::new("-") {
        return text(file, std::io::stdin().lock(), None, fields, &mut take);
    }
    let opened = std::fs::File::open(file).map_err(told)?;
    let bytes = opened.metadata().map_err(told)?.len();
    let bar = bar(print, "reading", Some(bytes), Unit::Bytes);
    let reader = bar.wrap_read(opened);
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "jsonl" | "ndjson" | "json" => {
            text(file, reader, Some(Written::Objects), fields, &mut take)?;
        }
        "tsv" => text(file, reader, Some(Written::Cells(b'\t')), fields, &mut take)?,
        "csv" | "txt" | "" => text(file, reader, None, fields, &mut take)?,
        "parquet" => parquet(file, reader, fields, &mut take)?,
        other => {
            let what = format!("{}: files of the kind .{other} are not read", file.display());
            return Err(Failure::usage(what).mend("Give CSV, TSV, JSON lines or Parquet."));
        }
    }
    bar.finish_and_clear();
    Ok(())
}

type Take<'a> = dyn FnMut(&Place<'_>, &[&str]) -> Result<()> + 'a;

/// How text says rows.
#[derive(Clone, Copy)]
enum Written {
    /// Parted by this.
    Cells(u8),
    Objects,
}

/// The longest header that is looked at for what parts its cells.
const HEADER_MAX: u64 = 64 * 1024;

/// Reads text, by its first line where nobody says how it is written.
fn text(
    file: &Path,
    reader: impl Read,
    written: Option<Written>,
    fields: &[Field<'_>],
    take: &mut Take<'_>,
) -> Result<()> {
    let mut reader = BufReader::new(reader);
    let mut first = Vec::new();
    let read = reader.by_ref().take(HEADER_MAX).read_until(b'\n', &mut first);
    read.map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
        return Err(foreign(&format!("{}: it is UTF-16", file.display())));
    }
    if first.starts_with(b"\xef\xbb\xbf") {
        first.drain(..3);
    }
    let has = |byte: u8| first.contains(&byte);
    let written = written.unwrap_or_else(|| match first.trim_ascii_start().first() {
        Some(b'{') if file == Path::new("-") => Written::Objects,
        _ if has(b',') => Written::Cells(b','),
        _ => Written::Cells([b';', b'\t'].into_iter().find(|byte| has(*byte)).unwrap_or(b',')),
    });
    let reader = Cursor::new(first).chain(reader);
    match written {
        Written::Cells(delimiter) => csv(file, reader, delimiter, fields, take),
        Written::Objects => json_lines(file, reader, fields, take),
    }
}

fn foreign(what: &str) -> Failure {
    Failure::new(what).mend("Save it as UTF-8.")
}

/// Counts the quotes of what is read.
struct Quotes<'a, R> {
    reader: R,
    count: &'a Cell<usize>,
}

impl<R: Read> Read for Quotes<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let quotes = buffer[..read].iter().filter(|byte| **byte == b'"').count();
        self.count.set(self.count.get() + quotes);
        Ok(read)
    }
}

fn csv(
    file: &Path,
    reader: impl Read,
    delimiter: u8,
    fields: &[Field<'_>],
    take: &mut Take<'_>,
) -> Result<()> {
    let count = Cell::new(0);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(Quotes { reader, count: &count });
    let broken = |error: csv::Error| match error.kind() {
        csv::ErrorKind::Utf8 { pos: Some(at), .. } => {
            foreign(&format!("{}, line {}: it is not UTF-8", file.display(), at.line()))
        }
        _ => Failure::new(format!("{}: {error}", file.display())),
    };
    let header = reader.headers().map_err(broken)?.clone();
    if header.is_empty() {
        return Err(Failure::new(format!("{}: there is nothing in it", file.display())));
    }
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let column = field
            .names
            .iter()
            .find_map(|name| header.iter().position(|column| column.trim() == *name));
        if column.is_none() && field.is_needed {
            return Err(missing(&Place { file, line: 1 }, field, &header));
        }
        columns.push(column);
    }
    let mut record = csv::StringRecord::new();
    let mut last = (0, false);
    while reader.read_record(&mut record).map_err(broken)? {
        let place = Place { file, line: record.position().map_or(0, csv::Position::line) };
        if record.iter().skip(header.len()).any(|cell| !cell.trim().is_empty()) {
            let what = format!(
                "{}, line {}: it has {} cells, and the header {}",
                file.display(),
                place.line,
                record.len(),
                header.len()
            );
            return Err(Failure::new(what).mend(
                "A cell with a comma in it, or with what else parts cells, stands in quotes.",
            ));
        }
        let mut values = Vec::with_capacity(fields.len());
        for (field, column) in fields.iter().zip(&columns) {
            let value = column.and_then(|column| record.get(column)).unwrap_or_default().trim();
            if value.is_empty() && field.is_needed {
                return Err(place.wrong(field.names[0], "it is empty"));
            }
            values.push(value);
        }
        take(&place, &values)?;
        last = (place.line, record.iter().any(|cell| cell.contains('\n')));
    }
    // A quote that is never closed takes all rows behind it into its cell.
    if let (line, true) = last
        && count.get() % 2 == 1
    {
        let what = format!("{}, line {line}: a quote is opened, and never closed", file.display());
        return Err(Failure::new(what).mend("A quote within a cell is written twice."));
    }
    Ok(())
}

fn missing(place: &Place<'_>, field: &Field<'_>, header: &csv::StringRecord) -> Failure {
    let there = header.iter().collect::<Vec<_>>().join(", ");
    place
        .wrong(field.names[0], "the header does not have it")
        .mend(format!("The header has: {there}. Any order will do."))
}

fn json_lines(
    file: &Path,
    reader: impl Read,
    fields: &[Field<'_>],
    take: &mut Take<'_>,
) -> Result<()> {
    for (line, text) in (1..).zip(BufReader::new(reader).lines()) {
        let place = Place { file, line };
        let text = text.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => {
                foreign(&format!("{}, line {line}: it is not UTF-8", file.display()))
            }
            _ => place.wrong("(line)", error),
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let row: Value =
            serde_json::from_str(&text).map_err(|error| place.wrong("(line)", error))?;
        object(&place, &row, fields, take)?;
    }
    Ok(())
}

/// A row counts as a line.
fn parquet(
    file: &Path,
    reader: impl Read + Seek + Send + 'static,
    fields: &[Field<'_>],
    take: &mut Take<'_>,
) -> Result<()> {
    formats::exchange::parquet_rows::<Unread>(reader, |line, row| {
        let place = Place { file, line };
        let row = row.map_err(|message| place.wrong("(row)", message))?;
        Ok(object(&place, &row, fields, take)?)
    })
    .map_err(|unread| match unread {
        Unread::Row(failure) => failure,
        Unread::File(error) => Failure::new(format!("{}: {error}", file.display())),
    })
}

/// Why a table was not read to its end.
enum Unread {
    File(std::io::Error),
    Row(Failure),
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        Unread::File(error)
    }
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Unread::Row(failure)
    }
}

fn object(place: &Place<'_>, row: &Value, fields: &[Field<'_>], take: &mut Take<'_>) -> Result<()> {
    if !row.is_object() {
        return Err(place.wrong("(line)", "it is no object: each row is one, on a line of its own"));
    }
    let mut values: Vec<String> = Vec::with_capacity(fields.len());
    for field in fields {
        let value = field.names.iter().map(|name| &row[*name]).find(|value| !value.is_null());
        values.push(match value {
            Some(Value::String(text)) => text.trim().to_string(),
            Some(Value::Number(number)) => numeral(number),
            Some(value @ Value::Bool(_)) => value.to_string(),
            Some(value) if field.is_whole => value.to_string(),
            Some(_) => return Err(place.wrong(field.names[0], "it is no text or number")),
            None => String::new(),
        });
        if field.is_needed && values.last().is_some_and(String::is_empty) {
            return Err(place.wrong(field.names[0], "it is not there, or empty"));
        }
    }
    take(place, &values.iter().map(String::as_str).collect::<Vec<&str>>())
}

/// How a number is written (R3): tables keep whole ones as fractions, too.
fn numeral(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(x) if number.is_f64() && x.fract() == 0.0 && x.abs() < 9e15 => (x as i64).to_string(),
        _ => number.to_string(),
    }
}

/// Puts names in order: numbers by value, all else by letters. Returns the place of each index.
pub fn ordered(names: &mut Names) -> Vec<u32> {
    let is_numeric = names.names.iter().all(|name| name.parse::<f64>().is_ok());
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&names.names[*a], &names.names[*b]);
        match (is_numeric, a.parse::<f64>(), b.parse::<f64>()) {
            (true, Ok(x), Ok(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
            _ => a.cmp(b),
        }
    });
    let mut places = vec![0; order.len()];
    for (place, index) in order.iter().enumerate() {
        places[*index] = place as u32;
    }
    names.names = order.iter().map(|index| std::mem::take(&mut names.names[*index])).collect();
    for index in names.indices.values_mut() {
        *index = places[*index as usize];
    }
    places
}
