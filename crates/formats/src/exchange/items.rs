//! The items themselves as JSONL, one a line: nothing that any reader finds is lost in it.

use std::io::{self, BufRead, BufWriter, Write};

use serde::{Deserialize, Serialize};

use super::look::{Look, parse};
use super::outlet::{Made, Outlet};
use super::pieces::{PieceError, Pieces, Stop};
use super::{Class, Item, Mark, Place, ReadError, Shape, Sink, Source, Writer, refusal};
use crate::loss::LossReport;
use crate::row::{Code, Fault};
use crate::text::{Line, ROW_MAX_BYTES, read_line};

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Row<'a> {
    Class(&'a Class),
    Item(&'a Item),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Taken {
    Class(Class),
    Item(Box<Item>),
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each_line(source, sink, ".jsonl", &mut |file, row, raw, sink| {
        let value = match parse(file, row, raw) {
            Ok(value) => value,
            Err(refused) => {
                sink.refuse(refused);
                return Ok(());
            }
        };
        let look = Look::new(&value, "");
        let kind = if look.maybe("class").is_some() { "class" } else { "item" };
        if let Err(fault) = look.get(kind).and_then(|look| look.get("name")?.text().map(drop)) {
            sink.refuse(refusal(file, row, fault, raw));
            return Ok(());
        }
        match serde_json::from_value::<Taken>(value.clone()) {
            Ok(Taken::Class(class)) => sink.class(&class)?,
            Ok(Taken::Item(item)) => match item.marks.iter().position(is_turned_inside_out) {
                Some(nth) => {
                    let field = format!("item.marks[{nth}].place");
                    let message = format!("`{field}` has a side below 0");
                    let fault = Fault::new(&field, Code::OutOfRange, message);
                    sink.refuse(refusal(file, row, fault, raw));
                }
                None => sink.item(*item)?,
            },
            Err(error) => {
                let message = format!("the row is no item: {error}");
                sink.refuse(refusal(file, row, Fault::new(kind, Code::WrongType, message), raw));
            }
        }
        Ok(())
    })
}

/// What has no size is kept as it came.
fn is_turned_inside_out(mark: &Mark) -> bool {
    let sides = match &mark.place {
        Place::Shape(Shape::Box { width, height, .. } | Shape::Turned { width, height, .. }) => {
            [*width, *height]
        }
        Place::Shape(Shape::Ellipse { rx, ry, .. }) => [*rx, *ry],
        _ => return false,
    };
    sides.iter().any(|side| *side < 0.0)
}

type TakeLine<'a> = dyn FnMut(&str, u64, &[u8], &mut dyn Sink) -> Result<(), ReadError> + 'a;

/// Hands over each line that is not empty, of each file with this ending.
pub(super) fn each_line(
    source: &mut Source,
    sink: &mut dyn Sink,
    ending: &str,
    take: &mut TakeLine,
) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        if source.names()[index].ends_with(ending) || source.names().len() == 1 {
            each_line_of(source, index, sink, take)?;
        }
    }
    Ok(())
}

/// Hands over each row of one file: of a list of objects, or of lines.
pub(super) fn each_row_of(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
    take: &mut TakeLine,
) -> Result<(), ReadError> {
    let head = source.head(index, 4096).unwrap_or_default();
    let listed = head.trim_start().strip_prefix('[').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.starts_with('{') || rest.starts_with(']')
    });
    if !listed {
        return each_line_of(source, index, sink, take);
    }
    let name = source.names()[index].clone();
    let mut pieces = Pieces::new(source.stream(index)?);
    let mut walk = || -> Result<(), Stop> {
        pieces.enter(b'[', "the file is no list")?;
        let (mut first, mut raw) = (true, Vec::new());
        while pieces.next(&mut first, b']')? {
            let line = pieces.line;
            pieces.value(&mut raw)?;
            take(&name, line, &raw, sink)?;
        }
        if pieces.peek()?.is_some() {
            let fault = Fault::new("", Code::NotJson, "something follows the end of the list");
            return Err(PieceError::Fault(pieces.line, fault).into());
        }
        Ok(())
    };
    walk().map_err(|stop| stop.of(&name))
}

/// What a file of one picture may have.
const DOCUMENT_MAX_BYTES: u64 = 256 << 20;

type TakeDocument<'a> = dyn FnMut(&Look, &str, &mut dyn Sink) -> Result<Item, Fault> + 'a;

/// Hands over each JSON file that is an object and that `is_one` takes for one by its first bytes: formats with a file for each picture.
pub(super) fn each_document(
    source: &mut Source,
    sink: &mut dyn Sink,
    is_one: fn(&str) -> bool,
    take: &mut TakeDocument,
) -> Result<(), ReadError> {
    each_look(source, sink, is_one, &mut |look, file, sink| match take(look, file, sink) {
        Ok(item) => Ok(sink.item(item)?),
        Err(fault) => {
            sink.refuse(refusal(file, 1, fault, b""));
            Ok(())
        }
    })
}

type TakeLook<'a> = dyn FnMut(&Look, &str, &mut dyn Sink) -> Result<(), ReadError> + 'a;

/// The same, for what may be more than one item.
pub(super) fn each_look(
    source: &mut Source,
    sink: &mut dyn Sink,
    is_one: fn(&str) -> bool,
    take: &mut TakeLook,
) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let is_json = name.ends_with(".json") || source.names().len() == 1;
        if !is_json || !is_one(&source.head(index, 64 << 10).unwrap_or_default()) {
            continue;
        }
        let raw = source.text(index, DOCUMENT_MAX_BYTES)?;
        match parse(&name, 1, &raw) {
            Ok(value) => take(&Look::new(&value, ""), &name, sink)?,
            Err(refused) => sink.refuse(refused),
        }
    }
    Ok(())
}

/// The same of one file of lines.
pub(super) fn each_line_of(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
    take: &mut TakeLine,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let mut input = source.stream(index)?;
    each_line_in(&name, &mut input, sink, take)
}

/// The same of a file that is open, so that whoever takes the lines may look at others.
pub(super) fn each_line_in(
    name: &str,
    input: &mut impl BufRead,
    sink: &mut dyn Sink,
    take: &mut TakeLine,
) -> Result<(), ReadError> {
    let (mut line, mut row) = (Vec::new(), 0);
    loop {
        row += 1;
        match read_line(input, &mut line, ROW_MAX_BYTES)? {
            Line::End => return Ok(()),
            Line::TooLong => {
                let fault = Fault::new("", Code::TooLong, "the row is longer than 16 MiB");
                sink.refuse(refusal(name, row, fault, &line));
            }
            Line::Whole if line.iter().all(u8::is_ascii_whitespace) => {}
            Line::Whole => take(name, row, &line, sink)?,
        }
    }
}

pub(super) struct ItemFile {
    out: BufWriter<Made>,
}

impl ItemFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self { out: BufWriter::with_capacity(256 << 10, out.single()?) })
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, row)?;
        self.out.write_all(b"\n")
    }
}

/// Writes an item as a line of such a file.
pub fn write_item(out: &mut impl Write, item: &Item) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Row::Item(item))?;
    out.write_all(b"\n")
}

impl Writer for ItemFile {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.row(&Row::Class(class))
    }

    fn item(&mut self, item: &Item, _: &mut LossReport) -> io::Result<()> {
        self.row(&Row::Item(item))
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.out.flush()
    }
}
