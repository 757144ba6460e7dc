//! What is wrong with one row of a file, and the file that gives the wrong rows back to their sender.

use std::io::Write;

/// Names what is wrong with a row. The names are stable: error files and interfaces repeat them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    NotText,
    TooLong,
    TooDeep,
    NotJson,
    NotXml,
    DuplicateKey,
    WrongType,
    MissingField,
    UnknownField,
    UnknownValue,
    OutOfRange,
    UnsafePath,
    UnsafeUrl,
    SeveralSources,
    GoldWithoutAnswer,
    UnclosedQuote,
    TooManyCells,
    WrongVersion,
    Unreadable,
}

impl Code {
    /// Returns the stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::NotText => "not_text",
            Code::TooLong => "too_long",
            Code::TooDeep => "too_deep",
            Code::NotJson => "not_json",
            Code::NotXml => "not_xml",
            Code::DuplicateKey => "duplicate_key",
            Code::WrongType => "wrong_type",
            Code::MissingField => "missing_field",
            Code::UnknownField => "unknown_field",
            Code::UnknownValue => "unknown_value",
            Code::OutOfRange => "out_of_range",
            Code::UnsafePath => "unsafe_path",
            Code::UnsafeUrl => "unsafe_url",
            Code::SeveralSources => "several_sources",
            Code::GoldWithoutAnswer => "gold_without_answer",
            Code::UnclosedQuote => "unclosed_quote",
            Code::TooManyCells => "too_many_cells",
            Code::WrongVersion => "wrong_version",
            Code::Unreadable => "unreadable",
        }
    }
}

/// Tells what is wrong with one row: where, its name, a sentence that says how to mend it, and the row itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {message}")]
pub struct RowError {
    /// The number of the line on which the row begins, from 1, as editors count.
    pub row: u64,
    /// The field that is wrong, empty where the whole row is.
    pub field: String,
    pub code: Code,
    pub message: String,
    /// The beginning of the row, as text.
    pub raw: String,
}

impl RowError {
    /// Returns the stable name of what is wrong.
    pub fn code(&self) -> &'static str {
        self.code.as_str()
    }
}

/// What is wrong, before the row that it is wrong with is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub field: String,
    pub code: Code,
    pub message: String,
}

impl Fault {
    pub(crate) fn new(field: &str, code: Code, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }

    pub(crate) fn at(self, row: u64, raw: &[u8]) -> RowError {
        /// Enough to recognise the row by; a row of 16 MiB is not repeated.
        const RAW_MAX_BYTES: usize = 2000;
        let raw = String::from_utf8_lossy(&raw[..raw.len().min(RAW_MAX_BYTES)]).into_owned();
        RowError { row, field: self.field, code: self.code, message: self.message, raw }
    }
}

/// Makes a cell harmless to spreadsheets, which run what looks like a formula (`=HYPERLINK(…)`).
pub fn guarded(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// A small table as CSV, safe to open in a spreadsheet.
pub fn csv_text(rows: &[Vec<String>]) -> std::io::Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        csv.write_record(row.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    csv.into_inner().map_err(|error| error.into_error())
}

/// Writes the rows that were refused as CSV: `row,field,code,message,raw`.
pub struct ErrorFile<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> ErrorFile<W> {
    /// Begins the file with its header.
    pub fn new(out: W) -> std::io::Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(["row", "field", "code", "message", "raw"])?;
        Ok(Self { csv })
    }

    /// Adds one refused row.
    pub fn push(&mut self, error: &RowError) -> std::io::Result<()> {
        self.write(error.row, [&error.field, error.code(), &error.message, &error.raw])
    }

    /// Adds one refused row as its cells: field, code, message and the row itself.
    pub fn write(
        &mut self,
        row: u64,
        [field, code, message, raw]: [&str; 4],
    ) -> std::io::Result<()> {
        let row = row.to_string();
        let cells = [&row, field, code, message, raw];
        self.csv.write_record(cells.map(guarded).iter().map(|cell| cell.as_bytes()))?;
        Ok(())
    }

    /// Writes what is still held back and returns the writer.
    pub fn finish(self) -> std::io::Result<W> {
        self.csv.into_inner().map_err(|error| error.into_error())
    }
}
