//! Rows and cells of CSV and its relatives, from whatever spreadsheet wrote them.
//!
//! The splitting is our own, for two things that the usual reader does not do: a quote that is never closed
//! must not swallow the rest of the file, neither as memory nor as rows.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::row::{Code, Fault};
use crate::text::{Line, ROW_MAX_BYTES, Utf8, read_line};

pub(crate) const COLUMNS_MAX: usize = 1024;

/// The cells of one row, as bytes.
pub(crate) type Cells = Vec<Vec<u8>>;

/// Reads a table row by row.
pub(crate) struct Table<R> {
    lines: Lines<R>,
    delimiter: u8,
}

impl<R: Read> Table<R> {
    pub fn new(input: Utf8<R>) -> Self {
        let lines = Lines { input, row: 0, again: VecDeque::new() };
        Self { lines, delimiter: b',' }
    }

    /// Reads the first line that is not empty, and tells the delimiter by it where none is given; none where
    /// there is no such line, or it is no header.
    pub fn header(&mut self, delimiter: Option<u8>) -> io::Result<Option<Cells>> {
        let mut first = Vec::new();
        let mut delimiter = delimiter;
        loop {
            match self.lines.next(&mut first)? {
                Line::End | Line::TooLong => return Ok(None),
                Line::Whole if first.trim_ascii().is_empty() => {}
                // A file of an old Macintosh, with CR alone, would be a header without rows.
                Line::Whole if first.contains(&b'\r') => return Ok(None),
                // A spreadsheet is told so what stands between the cells.
                Line::Whole if matches!(first[..], [b's', b'e', b'p', b'=', _]) => {
                    delimiter = delimiter.or(first.last().copied());
                }
                Line::Whole => break,
            }
        }
        self.delimiter = delimiter.unwrap_or_else(|| sniff(&first));
        Ok(one_row(&first, self.delimiter))
    }

    /// What stands between two cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Reads the next row's cells, the line where it begins, and its bytes.
    pub fn next(&mut self, raw: &mut Vec<u8>) -> io::Result<Option<(u64, Result<Cells, Fault>)>> {
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
}

/// The cells of a row that ends with its line; none where a quote is not closed, or text follows a closing quote.
pub(crate) fn one_row(line: &[u8], delimiter: u8) -> Option<Cells> {
    let mut splitter = Splitter::new(delimiter);
    (splitter.feed(line) == Fed::Whole).then_some(splitter.cells)
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
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
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
