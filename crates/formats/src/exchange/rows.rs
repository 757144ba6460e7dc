//! Rows of tables, whatever they are kept in: JSON lines, a JSON list, CSV, TSV or Parquet. Each row comes as one
//! JSON object; a cell of CSV is text.

use std::collections::HashSet;
use std::io::BufRead;
use std::mem::{Discriminant, discriminant};

use serde_json::{Map, Value};

use super::bare::Bare;
use super::look::{Look, parse};
use super::pieces::{PieceError, Pieces};
use super::source::whole;
use super::{
    Format, Item, ReadError, Refusal, Sink, Source, arrow, features, literal, parquet, refusal,
    table, talk_read,
};
use crate::cells::{COLUMNS_MAX, Cells, Table};
use crate::json;
use crate::pictures;
use crate::row::{Code, Fault};
use crate::text::{Line, ROW_MAX_BYTES, read_line};

/// One row, and where it stands.
pub(super) struct Row<'a> {
    pub look: Look<'a>,
    pub file: &'a str,
    /// How many rows came before it in all files, and itself.
    pub nth: u64,
}

pub(super) type Take<'a> = dyn FnMut(&Row, &mut dyn Sink) -> Result<Item, Fault> + 'a;

/// Hands over each row of each table that is there.
pub(super) fn each(
    source: &mut Source,
    sink: &mut dyn Sink,
    take: &mut Take,
) -> Result<(), ReadError> {
    let several = source.names().len() > 1;
    let mut nth = 0;
    let names = features::class_names(source);
    for index in 0..source.names().len() {
        let file = source.names()[index].clone();
        if several && is_beside(&file) {
            continue;
        }
        let Some(kind) = kind(&file).or_else(|| (!several).then(|| guess(source, index))) else {
            continue;
        };
        let subset = subset(&file);
        let (file, subset) = (&file, &subset);
        let beside = beside(source, file);
        let in_cells = matches!(kind, Kind::Cells(_));
        let names = (&names[..], in_cells);
        let mut walk =
            Walk { file, subset, nth: &mut nth, take, content: Vec::new(), names, beside };
        match kind {
            Kind::Lines => walk.lines(&mut source.stream(index)?, sink)?,
            Kind::Json if is_list(source, index) => {
                walk.list(&mut Pieces::new(source.stream(index)?), sink)?;
            }
            Kind::Json => walk.lines(&mut source.stream(index)?, sink)?,
            Kind::Cells(delimiter) => {
                walk.cells(Table::new(source.stream(index)?), delimiter, sink)?;
            }
            Kind::Parquet => parquet::read(source.raw(index)?, &mut walk, sink)?,
            Kind::Arrow => arrow::read(source.raw(index)?, file, &mut walk, sink)?,
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Lines,
    Json,
    Cells(Option<u8>),
    Parquet,
    Arrow,
}

fn kind(file: &str) -> Option<Kind> {
    match file.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "jsonl" | "ndjson" => Some(Kind::Lines),
        "json" => Some(Kind::Json),
        "csv" => Some(Kind::Cells(None)),
        "tsv" | "tab" => Some(Kind::Cells(Some(b'\t'))),
        "parquet" => Some(Kind::Parquet),
        "arrow" | "arrows" | "feather" | "ipc" => Some(Kind::Arrow),
        _ => None,
    }
}

/// What a single file without a telling name is.
fn guess(source: &mut Source, index: usize) -> Kind {
    let head = source.head(index, 64).unwrap_or_default();
    match head.trim_start().as_bytes() {
        [b'P', b'A', b'R', b'1', ..] => Kind::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Kind::Arrow,
        [b'{' | b'[', ..] => Kind::Json,
        _ => Kind::Cells(None),
    }
}

/// A list, or an object over several lines; otherwise each line is a row.
fn is_list(source: &mut Source, index: usize) -> bool {
    let head = source.head(index, 4096).unwrap_or_default();
    let first = head.trim_start();
    first.starts_with('[') || first.lines().next().is_some_and(|line| line.trim_end() == "{")
}

/// What lies beside the tables of a data set and is none itself.
pub(super) fn is_beside(file: &str) -> bool {
    const BESIDE: [&str; 6] = [
        "dataset_info.json",
        "dataset_infos.json",
        "dataset_dict.json",
        "state.json",
        "settings.json",
        "package.json",
    ];
    let name = file.rsplit('/').next().unwrap_or(file);
    // What `datasets` computed once lies beside what it saved.
    let is_cached = name.starts_with("cache-") && name.ends_with(".arrow");
    is_cached || BESIDE.contains(&name) || file.split('/').any(|part| part.starts_with('.'))
}

/// The part of the data set by the name of a file: `data/train-00000-of-00002.parquet`, `test.csv`, `val/0.jsonl`.
fn subset(file: &str) -> String {
    let stem = file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or_default();
    let parts: Vec<&str> = stem.rsplitn(4, '-').collect();
    if let [last, "of", nth, name] = parts[..]
        && name != "data"
        && [last, nth]
            .iter()
            .all(|part| part.len() == 5 && part.bytes().all(|b| b.is_ascii_digit()))
    {
        return name.to_owned();
    }
    let words = file.split(|c: char| !c.is_ascii_alphanumeric());
    for word in words.map(str::to_ascii_lowercase) {
        match word.as_str() {
            "train" | "training" => return "train".into(),
            "validation" | "valid" | "val" | "dev" => return "validation".into(),
            "test" | "testing" => return "test".into(),
            _ => {}
        }
    }
    String::new()
}

/// Goes through one file.
pub(super) struct Walk<'a, 'b> {
    file: &'a str,
    subset: &'a str,
    nth: &'a mut u64,
    take: &'a mut Take<'b>,
    /// The picture that stands in the row at hand.
    pub content: Vec<u8>,
    /// The names of the classes by column, and whether numbers are written as text here.
    names: (&'a [features::Names], bool),
    /// The folder that the rows name files in, and what lies there.
    beside: Option<(String, HashSet<String>)>,
}

/// What `metadata.csv` or `metadata.jsonl` of a folder of pictures or sounds names lies beside it.
fn beside(source: &Source, file: &str) -> Option<(String, HashSet<String>)> {
    let (folder, name) = file.rsplit_once('/')?;
    if !name.starts_with("metadata.") {
        return None;
    }
    let folder = format!("{folder}/");
    let within = |name: &&String| name.starts_with(&folder);
    let files = source.names().iter().filter(within).cloned().collect();
    Some((folder, files))
}

impl Walk<'_, '_> {
    /// Takes one row, or refuses it by itself.
    pub fn row(
        &mut self,
        value: &Value,
        path: &str,
        number: u64,
        raw: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        *self.nth += 1;
        let named = features::named(self.names.0, self.names.1, value);
        let value = match &named {
            Ok(named) => named.as_ref().unwrap_or(value),
            Err(fault) => {
                sink.refuse(refusal(self.file, number, fault.clone(), raw));
                return Ok(());
            }
        };
        let row = Row { look: Look::new(value, path), file: self.file, nth: *self.nth };
        match (self.take)(&row, sink) {
            Ok(mut item) => {
                if item.subset.is_empty() {
                    item.subset = self.subset.into();
                }
                if let Some((folder, files)) = &self.beside {
                    let name = format!("{folder}{}", item.name);
                    if files.contains(&name) {
                        item.name = name;
                    }
                }
                if !self.content.is_empty() {
                    let unnamed = item.name == format!("row_{}", self.nth);
                    item.content = std::mem::take(&mut self.content);
                    pictured(&mut item, unnamed);
                }
                sink.item(item)?;
            }
            Err(fault) => sink.refuse(refusal(self.file, number, fault, raw)),
        }
        Ok(())
    }

    pub fn refuse(&self, number: u64, fault: Fault) -> Refusal {
        refusal(self.file, number, fault, b"")
    }

    fn lines(&mut self, input: &mut impl BufRead, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            number += 1;
            match read_line(input, &mut line, ROW_MAX_BYTES)? {
                Line::End => return Ok(()),
                Line::TooLong => {
                    let fault = Fault::new("", Code::TooLong, "the row is longer than 16 MiB");
                    sink.refuse(refusal(self.file, number, fault, &line));
                }
                Line::Whole if line.iter().all(u8::is_ascii_whitespace) => {}
                Line::Whole => match parse(self.file, number, &line) {
                    Ok(value) => self.row(&value, "", number, &line, sink)?,
                    Err(refused) => sink.refuse(refused),
                },
            }
        }
    }

    fn list<R: BufRead>(
        &mut self,
        pieces: &mut Pieces<R>,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let file = self.file;
        let stop = |error: PieceError| match error {
            PieceError::Fault(line, fault) => ReadError::from(refusal(file, line, fault, b"")),
            PieceError::Io(error) => error.into(),
        };
        let listed = pieces.peek().map_err(stop)? == Some(b'[');
        if listed {
            pieces.enter(b'[', "the file is no list").map_err(stop)?;
        }
        let (mut first, mut nth, mut raw) = (true, 0, Vec::new());
        while if listed {
            pieces.next(&mut first, b']').map_err(stop)?
        } else {
            pieces.peek().map_err(stop)?.is_some()
        } {
            let line = pieces.line;
            pieces.value(&mut raw).map_err(stop)?;
            if raw.is_empty() {
                let fault = Fault::new("", Code::NotJson, "a bracket or a comma stands alone");
                return Err(refusal(file, line, fault, b"").into());
            }
            match parse(file, line, &raw) {
                Ok(value) => self.row(&value, &format!("[{nth}]"), line, &raw, sink)?,
                Err(refused) => sink.refuse(refused),
            }
            nth += 1;
        }
        if pieces.peek().map_err(stop)?.is_some() {
            let fault = Fault::new("", Code::NotJson, "something follows the end of the list");
            return Err(refusal(file, pieces.line, fault, b"").into());
        }
        Ok(())
    }

    fn cells<R: std::io::Read>(
        &mut self,
        mut table: Table<R>,
        delimiter: Option<u8>,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let Some(header) = table.header(delimiter)? else {
            let message = "the first line must name the columns, and end with LF or CR LF";
            return Err(whole(self.file, Code::MissingField, message).into());
        };
        let bare = Bare::of(&header);
        let mut raw = Vec::new();
        let names = match bare {
            Some(bare) => {
                let names = bare.names();
                raw = header.join(&b',');
                self.cells_of(&names, Ok(bare.cells(header)), 1, &raw, sink)?;
                names
            }
            None => columns(header).map_err(|fault| self.refuse(1, fault))?,
        };
        let mut is_first = bare.is_none();
        while let Some((number, cells)) = table.next(&mut raw)? {
            if raw.trim_ascii().is_empty() {
                continue;
            }
            if std::mem::take(&mut is_first) {
                let text = |cell: &Vec<u8>| String::from_utf8_lossy(cell).trim().to_owned();
                let next: Vec<String> = cells.iter().flatten().map(text).collect();
                if let Some(said) = table::no_header(&names, &next) {
                    let message = format!("the table {said}");
                    return Err(whole(self.file, Code::MissingField, &message).into());
                }
            }
            let cells = match bare {
                Some(bare) => cells.map(|cells| bare.cells(cells)),
                None => cells,
            };
            self.cells_of(&names, cells, number, &raw, sink)?;
        }
        Ok(())
    }

    fn cells_of(
        &mut self,
        names: &[String],
        cells: Result<Cells, Fault>,
        number: u64,
        raw: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        match cells.and_then(|cells| object(names, cells)) {
            Ok(value) => self.row(&value, "", number, raw, sink),
            Err(fault) => {
                sink.refuse(refusal(self.file, number, fault, raw));
                Ok(())
            }
        }
    }
}

/// What the picture of a row says of its item: its size, and its kind where it has no name.
fn pictured(item: &mut Item, unnamed: bool) {
    let Ok(probe) = pictures::probe(&item.content, &pictures::Limits::default()) else { return };
    item.width = item.width.or(Some(probe.oriented_width));
    item.height = item.height.or(Some(probe.oriented_height));
    if unnamed {
        let (_, ending) = probe.format.media_type().split_once('/').unwrap_or_default();
        item.name = format!("{}.{}", item.name, ending.replace("jpeg", "jpg"));
        // The struct that was the picture, without anything else in it.
        item.metadata.retain(|_, value| value.as_object().is_none_or(|map| !map.is_empty()));
    }
}

fn columns(header: Cells) -> Result<Vec<String>, Fault> {
    if header.len() > COLUMNS_MAX {
        let message = format!("there are more than {COLUMNS_MAX} columns");
        return Err(Fault::new("", Code::TooManyCells, message));
    }
    let mut names: Vec<String> = Vec::new();
    for (nth, name) in header.into_iter().enumerate() {
        let name = String::from_utf8(name).map_err(|_| json::not_text())?;
        let name = match name.trim() {
            // The column of row numbers that data frames write has no name.
            "" => format!("column_{}", nth + 1),
            name => name.to_owned(),
        };
        if names.contains(&name) {
            let message = format!("the column “{name}” is named twice: rename one of them");
            return Err(Fault::new(&name, Code::DuplicateKey, message));
        }
        names.push(name);
    }
    Ok(names)
}

/// A row of cells by the names of their columns; what is empty is not there.
pub(super) fn object(names: &[String], cells: Cells) -> Result<Value, Fault> {
    if cells.len() > names.len() {
        let message = format!(
            "the row has {} cells, the header {}: put cells that hold the delimiter into quotes",
            cells.len(),
            names.len()
        );
        return Err(Fault::new("", Code::TooManyCells, message));
    }
    let mut row = Map::new();
    for (name, cell) in names.iter().zip(cells) {
        if !cell.is_empty() {
            let text = String::from_utf8(cell)
                .map_err(|_| Fault { field: name.clone(), ..json::not_text() })?;
            // What a table has no cells for stands in them as JSON, or as Python prints it.
            let nested = text.starts_with("[{") || text.starts_with("{\"");
            let printed = text.starts_with("[{'") || text.starts_with("{'");
            let value = match nested.then(|| json::parse(text.as_bytes()).ok()).flatten() {
                None if printed => literal::parse(&text),
                value => value,
            };
            row.insert(name.clone(), value.unwrap_or_else(|| text.into()));
        }
    }
    Ok(Value::Object(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_the_data_stands_in_the_name_of_the_file() {
        for (file, wanted) in [
            ("data/train-00000-of-00002.parquet", "train"),
            ("train_sft-00001-of-00002.parquet", "train_sft"),
            ("val/0000.jsonl", "validation"),
            ("a/test.csv", "test"),
            ("train/data-00000-of-00001.arrow", "train"),
            ("latest.csv", ""),
            ("in.jsonl", ""),
        ] {
            assert_eq!(subset(file), wanted, "{file}");
        }
    }
}

/// The columns of the last row that is no conversation, and of what kind each is: texts and numbers alone say no more
/// than that, so that a row like it need not be looked at again.
#[derive(Default)]
pub(super) struct Plain(Vec<(String, Discriminant<Value>)>);

impl Plain {
    pub fn recognise(&mut self, row: &Map<String, Value>) -> Option<Format> {
        let known = row.len() == self.0.len()
            && row
                .iter()
                .zip(&self.0)
                .all(|((key, value), (name, kind))| key == name && discriminant(value) == *kind);
        if known && !row.is_empty() {
            return None;
        }
        let format = talk_read::recognise(row);
        self.0.clear();
        if format.is_none() && !row.values().any(|value| value.is_array() || value.is_object()) {
            self.0.extend(row.iter().map(|(key, value)| (key.clone(), discriminant(value))));
        }
        format
    }
}
