//! Rows of text files, brought together by what they are about. Of each row a few bytes are kept, and the row
//! is read again.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use super::source::Handle;
use super::window::Window;
use super::{ReadError, Sink, Source, refusal};
use crate::row::{Code, Fault};

/// The longest row that is taken.
const ROW_MAX_BYTES: usize = 1 << 16;
/// The most rows of one group: more than any item may have objects.
const GROUP_MAX: usize = 100_000;

/// A row on its way to whoever asked for its group.
pub(super) struct Row {
    /// The file, in the order in which they were indexed.
    pub file: usize,
    pub line: u64,
    pub bytes: Vec<u8>,
}

struct Place {
    group: u32,
    file: u16,
    length: u16,
    line: u32,
    at: u64,
}

#[derive(Default)]
pub(super) struct Rows {
    files: Vec<(String, Box<dyn Handle>, Window)>,
    places: Vec<Place>,
    groups: Vec<String>,
    known: HashMap<String, u32>,
}

type GroupOf<'a> = dyn FnMut(u64, &str) -> Result<Option<String>, Fault> + 'a;
type Each<'a> = dyn FnMut(&str, Vec<Row>, &mut dyn Sink) -> Result<(), ReadError> + 'a;

impl Rows {
    /// Reads a file of the source once; `group_of` names the group of a line, or passes over it.
    pub fn index(
        &mut self,
        source: &mut Source,
        index: usize,
        sink: &mut dyn Sink,
        group_of: &mut GroupOf,
    ) -> Result<(), ReadError> {
        let name = source.names()[index].clone();
        let number = self.files.len() as u16;
        self.files.push((name.clone(), source.spool(index)?, Window::new()));
        let Self { files, places, groups, known } = self;
        let (_, file, _) = &mut files[usize::from(number)];
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let (mut bytes, mut at, mut line) = (Vec::new(), 0_u64, 0_u32);
        loop {
            bytes.clear();
            let length = reader.read_until(b'\n', &mut bytes)?;
            if length == 0 {
                return Ok(());
            }
            line += 1;
            let start = at;
            at += length as u64;
            let trimmed = bytes.trim_ascii_end();
            if trimmed.is_empty() {
                continue;
            }
            let group = match std::str::from_utf8(trimmed) {
                _ if trimmed.len() > ROW_MAX_BYTES - 1 => {
                    Err(Fault::new("", Code::TooLong, "the row is longer than 64 KiB"))
                }
                Err(_) => Err(Fault::new("", Code::NotText, "the row is not valid UTF-8")),
                Ok(text) => group_of(line.into(), text),
            };
            match group {
                Ok(None) => {}
                Ok(Some(group)) => {
                    let next = groups.len() as u32;
                    let group = *known.entry(group).or_insert_with_key(|group| {
                        groups.push(group.clone());
                        next
                    });
                    let length = trimmed.len() as u16;
                    places.push(Place { group, file: number, length, line, at: start });
                }
                Err(fault) => sink.refuse(refusal(&name, line.into(), fault, trimmed)),
            }
        }
    }

    pub fn file(&self, number: usize) -> &str {
        &self.files[number].0
    }

    /// Hands over group by group, those that are numbers in their order, then the others by name.
    pub fn each(mut self, sink: &mut dyn Sink, each: &mut Each) -> Result<(), ReadError> {
        let mut order: Vec<u32> = (0..self.groups.len() as u32).collect();
        order.sort_unstable_by_key(|group| {
            let name = &self.groups[*group as usize];
            (name.parse::<u64>().map_err(|_| name.clone()), *group)
        });
        let mut rank = vec![0_u32; order.len()];
        for (place, group) in order.iter().enumerate() {
            rank[*group as usize] = place as u32;
        }
        self.places.sort_unstable_by_key(|p| (rank[p.group as usize], p.file, p.at));
        for places in self.places.chunk_by(|a, b| a.group == b.group) {
            let mut rows = Vec::with_capacity(places.len().min(GROUP_MAX));
            for place in places.iter().take(GROUP_MAX) {
                let (_, file, window) = &mut self.files[usize::from(place.file)];
                let bytes = window.read(file, place.at, place.length.into())?.to_vec();
                rows.push(Row { file: place.file.into(), line: place.line.into(), bytes });
            }
            if let Some(beyond) = places.get(GROUP_MAX) {
                let message = "there are more than 100,000 rows about one item";
                let fault = Fault::new("", Code::OutOfRange, message);
                let (name, ..) = &self.files[usize::from(beyond.file)];
                sink.refuse(refusal(name, beyond.line.into(), fault, b""));
            }
            each(&self.groups[places[0].group as usize], rows, sink)?;
        }
        Ok(())
    }
}

/// The cells of one row of CSV, without the spaces around them.
pub(super) fn cells(row: &str) -> Result<Vec<String>, Fault> {
    let wrong = || Fault::new("", Code::UnclosedQuote, "the row is no CSV: close its quotes");
    let cells = crate::cells::one_row(row.as_bytes(), b',').ok_or_else(wrong)?;
    Ok(cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect())
}

/// A cell as a finite number.
pub(super) fn number(cells: &[String], at: usize, field: &str) -> Result<f64, Fault> {
    let Some(cell) = cells.get(at) else {
        let message = format!("`{field}` is missing: the row has {} columns", cells.len());
        return Err(Fault::new(field, Code::MissingField, message));
    };
    let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| {
        let shown: String = cell.chars().take(40).collect();
        Fault::new(field, Code::WrongType, format!("`{field}` is “{shown}”: give a number"))
    })
}
