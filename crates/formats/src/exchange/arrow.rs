//! Arrow, as `save_to_disk` of Hugging Face's `datasets` writes it and data frames do (Feather): messages one behind the
//! other, each a FlatBuffer that says where in its body the columns lie. A batch of rows is held at a time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::flat::{Flat, little};
use super::parquet::class;
use super::rows::Walk;
use super::source::{Handle, whole};
use super::{ReadError, Sink};
use crate::json;
use crate::pictures;
use crate::row::{Code, Fault};

/// What the description of a batch, and a batch, may be long.
const HEAD_MAX_BYTES: usize = 16 << 20;
const BODY_MAX_BYTES: usize = 256 << 20;
/// How deep columns may lie in one another, and how many there may be.
const DEPTH_MAX: usize = 32;
const FIELDS_MAX: usize = 10_000;
/// How many rows a batch may have, which cost nothing where a column is of nothing.
const ROWS_MAX: usize = 1 << 24;
/// How many rows of nothing the columns of a batch may have together, and how many more for each of its bytes.
const NOTHING_MAX: usize = 1 << 16;
const NOTHING_A_BYTE: usize = 64;
/// How many rows a packed batch may have, and how many more for each of its bytes: what is packed costs nothing, either.
const PACKED_ROWS_MAX: usize = 1 << 20;
const PACKED_ROWS_A_BYTE: usize = 64;
const FILE_MAGIC: &[u8] = b"ARROW1\0\0";

/// Whether a file begins as Arrow: as a stream, or as a file with a foot.
pub(super) fn is_one(file: &mut dyn Handle) -> bool {
    let mut head = [0; 8];
    file.read_exact(&mut head).is_ok()
        && (head == FILE_MAGIC || head[..4] == [0xff; 4] && head[4..] != [0; 4])
}

pub(super) fn read(
    file: Box<dyn Handle>,
    name: &str,
    walk: &mut Walk,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut input = BufReader::with_capacity(1 << 18, file);
    let wrong = |message: &str| ReadError::from(whole(name, Code::Unreadable, message));
    let cut = || {
        wrong("this is no Arrow that can be read: its parts do not fit together, or it is cut off")
    };
    let mut table: Option<Schema> = None;
    let mut dictionaries = Dictionaries::new();
    let (mut first, mut number) = (true, 0_u64);
    while let Some(length) = next_length(&mut input, first).map_err(|_| cut())? {
        first = false;
        let head = exactly(&mut input, length, HEAD_MAX_BYTES)?.ok_or_else(cut)?;
        let message = Flat::root(&head).ok_or_else(cut)?;
        let body = message.number(3, 8).unwrap_or(0);
        let body = usize::try_from(body).ok().filter(|length| *length <= BODY_MAX_BYTES);
        let body = body.ok_or_else(|| {
            wrong("a batch of rows is longer than 256 MiB: load it with `load_from_disk` and write it with `to_parquet`")
        })?;
        let body = exactly(&mut input, body, BODY_MAX_BYTES)?.ok_or_else(cut)?;
        let header = message.table(2).ok_or_else(cut)?;
        match (message.number(1, 1), &table) {
            (Some(1), None) => {
                let schema = Schema::new(&header).map_err(|fault| walk.refuse(1, fault))?;
                schema.fields.iter().try_for_each(|field| {
                    super::parquet::classes(schema.feature(&field.name)).into_iter().try_for_each(
                        |name| {
                            sink.class(&super::Class {
                                name: name.into(),
                                ..super::Class::default()
                            })
                        },
                    )
                })?;
                table = Some(schema);
            }
            (Some(2), Some(schema)) => {
                let id = header.number(0, 8).unwrap_or(0);
                let batch = header.table(1).ok_or_else(cut)?;
                let field = schema.dictionary(id).ok_or_else(cut)?;
                let (columns, _) = columns(&[field], &batch, &body, &dictionaries)
                    .map_err(|fault| walk.refuse(number + 1, fault))?;
                dictionaries.extend(columns.into_iter().next().map(|column| (id, Rc::new(column))));
            }
            (Some(3), Some(schema)) => {
                let fields: Vec<&Field> = schema.fields.iter().collect();
                let (columns, rows) = columns(&fields, &header, &body, &dictionaries)
                    .map_err(|fault| walk.refuse(number + 1, fault))?;
                for row in 0..rows {
                    number += 1;
                    walk.content.clear();
                    match object(schema, &columns, row, &mut walk.content, sink) {
                        Ok(value) => walk.row(&value, "", number, b"", sink)?,
                        Err(fault) => sink.refuse(walk.refuse(number, fault)),
                    }
                }
            }
            _ => return Err(cut()),
        }
    }
    if table.is_none() { Err(cut()) } else { Ok(()) }
}

/// The length of the next description; none at the end.
fn next_length(input: &mut impl Read, first: bool) -> io::Result<Option<usize>> {
    let mut word = [0; 4];
    match input.read_exact(&mut word) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !first => return Ok(None),
        read => read?,
    }
    if first && word == FILE_MAGIC[..4] {
        input.read_exact(&mut word)?;
        input.read_exact(&mut word)?;
    }
    // The oldest streams begin with the length at once.
    if word == [0xff; 4] {
        input.read_exact(&mut word)?;
    }
    let length =
        usize::try_from(i32::from_le_bytes(word)).map_err(|_| io::ErrorKind::InvalidData)?;
    Ok((length > 0).then_some(length))
}

fn exactly(input: &mut impl Read, length: usize, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if length > most {
        return Ok(None);
    }
    input.take(length as u64).read_to_end(&mut bytes)?;
    Ok((bytes.len() == length).then_some(bytes))
}

enum Kind {
    Null,
    Bool,
    Whole {
        bytes: usize,
        signed: bool,
    },
    Float {
        bytes: usize,
    },
    /// Texts and bytes, whose ends are of this width.
    Text {
        ends: usize,
    },
    Bytes {
        ends: usize,
    },
    List {
        ends: usize,
    },
    FixedList {
        length: usize,
    },
    Struct,
    /// Times since 1970, so many to a second; or days.
    Time {
        parts: i64,
    },
    Days,
}

struct Field {
    name: String,
    kind: Kind,
    children: Vec<Field>,
    /// The list that the numbers of the column are places in, and the width of these.
    dictionary: Option<(i64, usize, bool)>,
}

struct Schema {
    fields: Vec<Field>,
    /// What `datasets` said of the columns.
    features: Option<Value>,
}

impl Schema {
    fn new(table: &Flat) -> Result<Self, Fault> {
        let mut left = FIELDS_MAX;
        let fields = table.tables(1);
        let fields: Vec<Field> =
            fields.iter().map(|field| Field::new(field, 0, &mut left)).collect::<Result<_, _>>()?;
        let has = |name: &str| fields.iter().any(|field| field.name == name);
        if has("media") && has("annotations") && has("attributes") {
            let message = "this is Datumaro's own Arrow, whose labels are packed: export the data set from it as `datumaro`";
            return Err(Fault::new("annotations", Code::Unreadable, message));
        }
        let said = table.tables(2);
        let said = said.iter().find(|pair| pair.text(0).as_deref() == Some("huggingface"));
        let said = said.and_then(|pair| serde_json::from_str::<Value>(&pair.text(1)?).ok());
        let features = said.and_then(|value| value.pointer("/info/features").cloned());
        Ok(Self { fields, features })
    }

    fn feature(&self, name: &str) -> Option<&Value> {
        self.features.as_ref()?.get(name)
    }

    fn dictionary(&self, id: i64) -> Option<&Field> {
        fn find(fields: &[Field], id: i64) -> Option<&Field> {
            fields.iter().find_map(|field| {
                let is_it = field.dictionary.is_some_and(|(known, ..)| known == id);
                if is_it { Some(field) } else { find(&field.children, id) }
            })
        }
        find(&self.fields, id)
    }
}

impl Field {
    fn new(table: &Flat, depth: usize, left: &mut usize) -> Result<Self, Fault> {
        let name = table.text(0).unwrap_or_default();
        if depth > DEPTH_MAX || *left == 0 {
            let message =
                format!("`{name}` lies too deep, or there are too many columns: flatten it");
            return Err(Fault::new(&name, Code::TooDeep, message));
        }
        *left -= 1;
        let kind = table.number(2, 1).unwrap_or(0);
        let about = table.table(3);
        let said = |slot, width| about.and_then(|about| about.number(slot, width));
        let kind = match kind {
            1 => Kind::Null,
            2 => Kind::Whole {
                bytes: match said(0, 4) {
                    Some(8) => 1,
                    Some(16) => 2,
                    Some(32) => 4,
                    _ => 8,
                },
                signed: said(1, 1) == Some(1),
            },
            3 => Kind::Float { bytes: [2, 4, 8][said(0, 2).unwrap_or(0).clamp(0, 2) as usize] },
            4 => Kind::Bytes { ends: 4 },
            19 => Kind::Bytes { ends: 8 },
            5 => Kind::Text { ends: 4 },
            20 => Kind::Text { ends: 8 },
            6 => Kind::Bool,
            8 if said(0, 2).unwrap_or(1) == 0 => Kind::Days,
            8 => Kind::Time { parts: 1_000 },
            10 => Kind::Time {
                parts: [1, 1_000, 1_000_000, 1_000_000_000]
                    [said(0, 2).unwrap_or(0).clamp(0, 3) as usize],
            },
            12 | 17 => Kind::List { ends: 4 },
            21 => Kind::List { ends: 8 },
            13 => Kind::Struct,
            16 => Kind::FixedList { length: usize::try_from(said(0, 4).unwrap_or(0)).unwrap_or(0) },
            _ => {
                let message = format!(
                    "`{name}` is of a kind that is not read: write the table with `to_parquet`, which is read as `parquet`"
                );
                return Err(Fault::new(&name, Code::UnknownValue, message));
            }
        };
        let children = table.tables(5);
        let children: Vec<Field> = children
            .iter()
            .map(|child| Field::new(child, depth + 1, left))
            .collect::<Result<_, _>>()?;
        let dictionary = table.table(4).map(|dictionary| {
            let whole = dictionary.table(1);
            let bits = whole.and_then(|whole| whole.number(0, 4)).unwrap_or(32);
            let signed = whole.and_then(|whole| whole.number(1, 1)) != Some(0);
            (dictionary.number(0, 8).unwrap_or(0), (bits.clamp(8, 64) / 8) as usize, signed)
        });
        Ok(Self { name, kind, children, dictionary })
    }
}

type Dictionaries = HashMap<i64, Rc<Column>>;

/// The values of a column in one batch.
struct Column {
    rows: usize,
    /// A bit for each value that is there; empty where all are.
    there: Vec<u8>,
    values: Values,
}

enum Values {
    Null,
    Bool(Vec<u8>),
    Whole { bytes: usize, signed: bool, data: Vec<u8> },
    Float { bytes: usize, data: Vec<u8> },
    Text { width: usize, ends: Vec<u8>, data: Vec<u8> },
    Bytes { width: usize, ends: Vec<u8>, data: Vec<u8> },
    List { width: usize, ends: Vec<u8>, inner: Box<Column> },
    FixedList { length: usize, inner: Box<Column> },
    Struct(Vec<(String, Column)>),
    Time { parts: i64, data: Vec<u8> },
    Days(Vec<u8>),
    Place { bytes: usize, signed: bool, data: Vec<u8>, among: Rc<Column> },
}

/// What a batch says of its columns, in their order, and how far it has been read.
struct Parts<'a> {
    batch: &'a Flat<'a>,
    body: &'a [u8],
    nodes: (usize, usize),
    buffers: std::vec::IntoIter<Range<usize>>,
    dictionaries: &'a Dictionaries,
    bytes_left: usize,
    nothing_left: usize,
}

fn columns(
    fields: &[&Field],
    batch: &Flat,
    body: &[u8],
    dictionaries: &Dictionaries,
) -> Result<(Vec<Column>, usize), Fault> {
    let torn = || {
        Fault::new(
            "",
            Code::Unreadable,
            "this is no Arrow that can be read: its parts do not fit together",
        )
    };
    let rows = usize::try_from(batch.number(0, 8).unwrap_or(0)).map_err(|_| torn())?;
    if rows > ROWS_MAX || fields.is_empty() {
        return Err(torn());
    }
    let (nodes, buffers) = (batch.list(1).ok_or_else(torn)?, buffers(batch).ok_or_else(torn)?);
    let (body, buffers) = match batch.table(3) {
        None => (Cow::Borrowed(body), buffers),
        Some(_) if rows > PACKED_ROWS_MAX + body.len().saturating_mul(PACKED_ROWS_A_BYTE) => {
            return Err(torn());
        }
        Some(packing) => {
            let (body, buffers) = unpacked(packing.number(0, 1), body, &buffers)?;
            (Cow::Owned(body), buffers)
        }
    };
    let (body, buffers) = (&body[..], buffers.into_iter());
    let nothing_left = NOTHING_MAX + body.len().saturating_mul(NOTHING_A_BYTE);
    let bytes_left = body.len();
    let mut parts = Parts { batch, body, nodes, buffers, dictionaries, bytes_left, nothing_left };
    // A dictionary is kept as what it holds, and not as places in itself.
    let of_dictionary = fields.len() == 1 && fields[0].dictionary.is_some();
    let whole =
        |parts: &mut Parts, field: &Field| parts.column(field, of_dictionary && fields.len() == 1);
    let columns: Option<Vec<Column>> =
        fields.iter().map(|field| whole(&mut parts, field)).collect();
    let columns = columns.ok_or_else(torn)?;
    if !of_dictionary && columns.iter().any(|column| column.rows != rows) {
        return Err(torn());
    }
    Ok((columns, rows))
}

/// Where the buffers of a batch lie in its body.
fn buffers(batch: &Flat) -> Option<Vec<Range<usize>>> {
    let (start, count) = batch.list(2).unwrap_or((0, 0));
    let one = |nth: usize| {
        let number = |at| usize::try_from(little(batch.bytes, at, 8)?).ok();
        let at = start + 16 * nth;
        let from = number(at)?;
        Some(from..from.checked_add(number(at + 8)?)?)
    };
    (0..count).map(one).collect()
}

/// The buffers of a packed batch one behind the other, and where each lies then. Each has its length before it; where
/// that is -1, it is not packed.
fn unpacked(
    codec: Option<i64>,
    body: &[u8],
    buffers: &[Range<usize>],
) -> Result<(Vec<u8>, Vec<Range<usize>>), Fault> {
    const LENGTH_BYTES: usize = 8;
    let wrong = |message: &str| Fault::new("", Code::Unreadable, message);
    let damaged =
        || wrong("a batch is packed, and does not unpack to the length that it announces");
    let (mut whole, mut places) = (Vec::new(), Vec::new());
    let mut left = body.len();
    for place in buffers {
        let from = whole.len();
        left = left.checked_sub(place.len()).ok_or_else(damaged)?;
        let packed = body.get(place.clone()).ok_or_else(damaged)?;
        if let Some((length, packed)) = packed.split_first_chunk::<LENGTH_BYTES>() {
            let length = i64::from_le_bytes(*length);
            let most = BODY_MAX_BYTES - from;
            match usize::try_from(length) {
                Err(_) if length == -1 && packed.len() <= most => whole.extend_from_slice(packed),
                Ok(length) if length <= most => {
                    // One byte more than announced is one too many.
                    let most = length as u64 + 1;
                    let read = match codec {
                        None | Some(0) => lz4_flex::frame::FrameDecoder::new(packed)
                            .take(most)
                            .read_to_end(&mut whole),
                        Some(1) => zstd::stream::read::Decoder::with_buffer(packed)
                            .and_then(|packed| packed.take(most).read_to_end(&mut whole)),
                        Some(_) => {
                            return Err(wrong(
                                "the batches are packed in a way that is not known: write the table with `to_parquet`",
                            ));
                        }
                    };
                    if !read.is_ok_and(|read| read == length) {
                        return Err(damaged());
                    }
                }
                Err(_) => return Err(damaged()),
                Ok(_) => {
                    return Err(wrong(
                        "a batch of rows is longer than 256 MiB: write the table with `to_parquet`",
                    ));
                }
            }
        } else if !packed.is_empty() {
            return Err(damaged());
        }
        places.push(from..whole.len());
    }
    Ok((whole, places))
}

impl Parts<'_> {
    fn rows(&mut self) -> Option<usize> {
        let (start, left) = self.nodes;
        self.nodes = (start + 16, left.checked_sub(1)?);
        let rows = usize::try_from(little(self.batch.bytes, start, 8)?).ok()?;
        // The smallest value is a bit.
        (rows <= self.body.len().saturating_mul(8).saturating_add(64)).then_some(rows)
    }

    fn buffer(&mut self) -> Option<&[u8]> {
        let place = self.buffers.next()?;
        // Columns that shared their bytes would make much out of little.
        self.bytes_left = self.bytes_left.checked_sub(place.len())?;
        self.body.get(place)
    }

    /// The first bytes of a buffer, as many as the values need.
    fn data(&mut self, rows: usize, width: usize) -> Option<Vec<u8>> {
        Some(self.buffer()?.get(..rows.checked_mul(width)?)?.to_vec())
    }

    fn ends(&mut self, rows: usize, width: usize) -> Option<Vec<u8>> {
        let bytes = self.buffer()?;
        // Of no rows nothing need be said.
        if rows == 0 {
            return Some(vec![0; width]);
        }
        let ends = bytes.get(..rows.checked_add(1)?.checked_mul(width)?)?;
        // Each begins where the one before it ends, so that no value is read twice.
        let mut last = 0;
        for at in (0..ends.len()).step_by(width) {
            let end = little(ends, at, width)?;
            if end < last {
                return None;
            }
            last = end;
        }
        Some(ends.to_vec())
    }

    fn column(&mut self, field: &Field, of_dictionary: bool) -> Option<Column> {
        let rows = self.rows()?;
        if matches!(field.kind, Kind::Null | Kind::Struct | Kind::FixedList { .. }) {
            self.nothing_left = self.nothing_left.checked_sub(rows)?;
        }
        if matches!(field.kind, Kind::Null) {
            return Some(Column { rows, there: Vec::new(), values: Values::Null });
        }
        let there = self.buffer()?.to_vec();
        if !there.is_empty() && there.len() < rows.div_ceil(8) {
            return None;
        }
        let values = match (&field.dictionary, &field.kind) {
            (Some((id, bytes, signed)), _) if !of_dictionary => {
                let data = self.data(rows, *bytes)?;
                let among = Rc::clone(self.dictionaries.get(id)?);
                Values::Place { bytes: *bytes, signed: *signed, data, among }
            }
            (_, Kind::Null) => return None,
            (_, Kind::Bool) => Values::Bool(self.data(rows.div_ceil(8), 1)?),
            (_, Kind::Whole { bytes, signed }) => {
                Values::Whole { bytes: *bytes, signed: *signed, data: self.data(rows, *bytes)? }
            }
            (_, Kind::Float { bytes }) => {
                Values::Float { bytes: *bytes, data: self.data(rows, *bytes)? }
            }
            (_, Kind::Text { ends: width }) => Values::Text {
                width: *width,
                ends: self.ends(rows, *width)?,
                data: self.buffer()?.to_vec(),
            },
            (_, Kind::Bytes { ends: width }) => Values::Bytes {
                width: *width,
                ends: self.ends(rows, *width)?,
                data: self.buffer()?.to_vec(),
            },
            (_, Kind::List { ends: width }) => {
                let ends = self.ends(rows, *width)?;
                let inner = Box::new(self.column(field.children.first()?, false)?);
                Values::List { width: *width, ends, inner }
            }
            (_, Kind::FixedList { length }) => {
                let inner = Box::new(self.column(field.children.first()?, false)?);
                Values::FixedList { length: *length, inner }
            }
            (_, Kind::Struct) => {
                let inner = field.children.iter();
                let inner =
                    inner.map(|child| Some((child.name.clone(), self.column(child, false)?)));
                let inner: Vec<(String, Column)> = inner.collect::<Option<_>>()?;
                if inner.iter().any(|(_, column)| column.rows < rows) {
                    return None;
                }
                Values::Struct(inner)
            }
            (_, Kind::Time { parts }) => Values::Time { parts: *parts, data: self.data(rows, 8)? },
            (_, Kind::Days) => Values::Days(self.data(rows, 4)?),
        };
        Some(Column { rows, there, values })
    }
}

fn bit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

fn between<'a>(ends: &[u8], width: usize, row: usize, data: &'a [u8]) -> Option<&'a [u8]> {
    let end = |nth: usize| usize::try_from(little(ends, nth * width, width)?).ok();
    data.get(end(row)?..end(row + 1)?)
}

fn object(
    schema: &Schema,
    columns: &[Column],
    row: usize,
    content: &mut Vec<u8>,
    sink: &mut dyn Sink,
) -> Result<Value, Fault> {
    let mut object = Map::new();
    for (field, column) in schema.fields.iter().zip(columns) {
        let feature = schema.feature(&field.name);
        let mut cell = Cell { content, sink, path: field.name.clone() };
        let value = cell.value(column, row, feature)?;
        object.insert(field.name.clone(), value);
    }
    Ok(Value::Object(object))
}

/// Reads one value, and takes the bytes of the first picture out.
struct Cell<'a> {
    content: &'a mut Vec<u8>,
    sink: &'a mut dyn Sink,
    path: String,
}

impl Cell<'_> {
    fn torn(&self) -> Fault {
        Fault::new(
            &self.path,
            Code::Unreadable,
            format!("`{}` lies outside of its batch", self.path),
        )
    }

    fn within(&mut self, part: &str) -> Cell<'_> {
        Cell { content: self.content, sink: self.sink, path: format!("{}{part}", self.path) }
    }

    fn finite(&mut self, number: f64) -> Value {
        if !number.is_finite() {
            self.sink.lose("number_that_is_not_finite", self.path.clone());
        }
        Value::from(number)
    }

    fn value(
        &mut self,
        column: &Column,
        row: usize,
        feature: Option<&Value>,
    ) -> Result<Value, Fault> {
        if row >= column.rows {
            return Err(self.torn());
        }
        if !column.there.is_empty() && !bit(&column.there, row) {
            return Ok(Value::Null);
        }
        let number =
            |data: &[u8], bytes: usize| little(data, row * bytes, bytes).unwrap_or_default();
        let unsigned = |number: i64, bytes: usize| {
            if bytes == 8 { number } else { number & ((1 << (8 * bytes)) - 1) }
        };
        Ok(match &column.values {
            Values::Null => Value::Null,
            Values::Bool(bits) => bit(bits, row).into(),
            Values::Whole { bytes: 8, signed: false, data } => (number(data, 8) as u64).into(),
            Values::Whole { bytes, signed, data } => {
                let number = number(data, *bytes);
                class(if *signed { number } else { unsigned(number, *bytes) }, feature, &self.path)?
            }
            Values::Float { bytes: 8, data } => self.finite(f64::from_bits(number(data, 8) as u64)),
            Values::Float { bytes: 4, data } => {
                let single = f32::from_bits(number(data, 4) as u32);
                // The shortest decimal that means the same single float, not the digits behind it.
                self.finite(single.to_string().parse().unwrap_or(f64::from(single)))
            }
            Values::Float { data, .. } => self.finite(half(number(data, 2) as u16)),
            Values::Text { width, ends, data } => {
                let bytes = between(ends, *width, row, data).ok_or_else(|| self.torn())?;
                let text = std::str::from_utf8(bytes)
                    .map_err(|_| Fault { field: self.path.clone(), ..json::not_text() })?;
                let nested =
                    feature.and_then(|feature| feature.get("dtype")) == Some(&"json".into());
                let parsed = nested.then(|| json::parse(text.as_bytes()).ok()).flatten();
                parsed.unwrap_or_else(|| text.into())
            }
            Values::Bytes { width, ends, data } => {
                let bytes = between(ends, *width, row, data).ok_or_else(|| self.torn())?;
                let is_picture = pictures::probe(bytes, &pictures::Limits::default()).is_ok();
                let in_struct = self.path.ends_with(".bytes") && !bytes.is_empty();
                if self.content.is_empty() && (is_picture || in_struct) {
                    *self.content = bytes.to_vec();
                    return Ok(Value::Null);
                }
                match std::str::from_utf8(bytes) {
                    Ok(text) if !in_struct => text.into(),
                    _ => {
                        self.sink.lose("bytes", self.path.clone());
                        Value::Null
                    }
                }
            }
            Values::List { width, ends, inner } => {
                let end = |nth: usize| usize::try_from(little(ends, nth * width, *width)?).ok();
                let (Some(start), Some(end)) = (end(row), end(row + 1)) else {
                    return Err(self.torn());
                };
                if end < start || end > inner.rows {
                    return Err(self.torn());
                }
                self.list(inner, start..end, feature)?
            }
            Values::FixedList { length, inner } => {
                let start = row.saturating_mul(*length);
                if start.saturating_add(*length) > inner.rows {
                    return Err(self.torn());
                }
                self.list(inner, start..start + length, feature)?
            }
            Values::Struct(fields) => {
                let mut object = Map::new();
                for (name, column) in fields {
                    let inner = feature.and_then(|feature| {
                        feature.get(name).or_else(|| feature.get("feature")?.get(name))
                    });
                    let value = self.within(&format!(".{name}")).value(column, row, inner)?;
                    // A struct has all its fields in each row; what is not there is null.
                    if !value.is_null() {
                        object.insert(name.clone(), value);
                    }
                }
                Value::Object(object)
            }
            Values::Time { parts, data } => printed(number(data, 8), *parts).into(),
            Values::Days(data) => {
                printed(number(data, 4).saturating_mul(86_400), 1).split(' ').next().into()
            }
            Values::Place { bytes, signed, data, among } => {
                let place = number(data, *bytes);
                let place = if *signed { place } else { unsigned(place, *bytes) };
                let place = usize::try_from(place).map_err(|_| self.torn())?;
                self.value(among, place, feature)?
            }
        })
    }

    fn list(
        &mut self,
        inner: &Column,
        rows: std::ops::Range<usize>,
        feature: Option<&Value>,
    ) -> Result<Value, Fault> {
        let feature = feature.and_then(|feature| match feature {
            Value::Array(list) => list.first(),
            Value::Object(_) => feature.get("feature").or(Some(feature)),
            _ => None,
        });
        let from = rows.start;
        let value = |row| self.within(&format!("[{}]", row - from)).value(inner, row, feature);
        Ok(Value::Array(rows.map(value).collect::<Result<_, _>>()?))
    }
}

/// A number of half the length.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, part) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    sign * match exponent {
        0 => part * 2_f64.powi(-14),
        31 if part == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + part) * 2_f64.powi(exponent - 15),
    }
}

/// A moment as it is written: `2024-02-29 12:30:00`, with parts of a second where there are some.
fn printed(time: i64, parts: i64) -> String {
    let (seconds, rest) = (time.div_euclid(parts), time.rem_euclid(parts));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The calendar in cycles of 400 years that begin in March.
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + i64::from(month <= 2);
    let day = format!("{year:04}-{month:02}-{date:02}");
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let whole = format!("{day} {hour:02}:{minute:02}:{:02}", second % 60);
    let digits = parts.ilog10() as usize;
    if rest == 0 { whole } else { format!("{whole}.{rest:0digits$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_short_numbers_are_as_they_are_written_elsewhere() {
        for (time, parts, wanted) in [
            (0, 1, "1970-01-01 00:00:00"),
            (951_827_400_250, 1_000, "2000-02-29 12:30:00.250"),
            (-1, 1_000_000, "1969-12-31 23:59:59.999999"),
            (4_107_542_400, 1, "2100-03-01 00:00:00"),
        ] {
            assert_eq!(printed(time, parts), wanted);
        }
        assert_eq!(
            [0x3c00, 0xc000, 0x0001, 0x3555].map(half),
            [1.0, -2.0, 2_f64.powi(-24), 0.333_251_953_125]
        );
    }
}
