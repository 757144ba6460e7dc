//! The columns of Arrow: what the schema says of them, and the batches in which their values lie, packed or not. What is
//! said to be there is there: a batch is held as it is, and comes to no more than a number of times its bytes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;
use std::rc::Rc;

use serde_json::Value;

use super::arrow::BODY_MAX_BYTES;
use super::flat::{Flat, little};
use crate::row::{Code, Fault};

/// How deep columns may lie in one another, and how many there may be.
const DEPTH_MAX: usize = 32;
const FIELDS_MAX: usize = 10_000;
/// How many rows a batch may have, which cost nothing where a column is of nothing.
const ROWS_MAX: usize = 1 << 24;
/// How many rows of nothing the columns of a batch may have together, and how many more for each of its bytes.
const NOTHING_MAX: usize = 1 << 16;
const NOTHING_A_BYTE: usize = 64;
/// How many rows a packed batch may have, and how many more for each of its bytes: what is packed costs nothing, either.
const PACKED_ROWS_MAX: usize = 1 << 18;
const PACKED_ROWS_A_BYTE: usize = 64;
/// What the values of a batch may come to, and how much more for each byte of it and of the dictionaries: one that names
/// another, which names a third, makes much out of little.
const UNFOLDED_MAX: usize = 1 << 19;
const UNFOLDED_A_BYTE: usize = 512;
/// The same for each byte that was packed: a bit is a value, too.
const UNFOLDED_A_PACKED_BYTE: usize = 192;
/// What the texts of dictionaries may come to besides, each row with the longest.
const TEXTS_MAX: usize = 1 << 30;

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

pub(super) struct Field {
    pub name: String,
    kind: Kind,
    children: Vec<Field>,
    /// The list that the numbers of the column are places in, and the width of these.
    dictionary: Option<(i64, usize, bool)>,
}

pub(super) struct Schema {
    pub fields: Vec<Field>,
    /// What `datasets` said of the columns.
    pub features: Option<Value>,
}

impl Schema {
    pub fn new(table: &Flat) -> Result<Self, Fault> {
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

    pub fn feature(&self, name: &str) -> Option<&Value> {
        self.features.as_ref()?.get(name)
    }

    pub fn dictionary(&self, id: i64) -> Option<&Field> {
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

pub(super) type Dictionaries = HashMap<i64, Rc<Column>>;

/// A batch, unpacked.
pub(super) struct Batch {
    pub columns: Vec<Column>,
    pub rows: usize,
    pub bytes: usize,
    /// What the texts of dictionaries come to at most.
    texts: usize,
}

impl Batch {
    /// What its values may come to.
    pub fn left(&self, packed: usize, of_dictionaries: usize) -> usize {
        let unpacked = self.bytes.saturating_sub(packed);
        let bytes = packed.saturating_add(of_dictionaries);
        (UNFOLDED_MAX + self.texts.min(TEXTS_MAX))
            .saturating_add(bytes.saturating_mul(UNFOLDED_A_BYTE))
            .saturating_add(unpacked.saturating_mul(UNFOLDED_A_PACKED_BYTE))
    }
}

/// The values of a column in one batch.
pub(super) struct Column {
    pub rows: usize,
    /// A bit for each value that is there; empty where all are.
    pub there: Vec<u8>,
    pub values: Values,
}

impl Column {
    /// How long the longest of its texts is.
    fn longest(&self) -> usize {
        let Values::Text { width, ends, .. } = &self.values else { return 0 };
        let end = |at| little(ends, at, *width).unwrap_or_default();
        let lengths = (*width..ends.len()).step_by(*width).map(|at| end(at) - end(at - width));
        usize::try_from(lengths.max().unwrap_or_default()).unwrap_or_default()
    }
}

pub(super) enum Values {
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
    texts: usize,
}

pub(super) fn columns(
    fields: &[&Field],
    batch: &Flat,
    body: &[u8],
    dictionaries: &Dictionaries,
) -> Result<Batch, Fault> {
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
    let texts = 0;
    let mut parts =
        Parts { batch, body, nodes, buffers, dictionaries, bytes_left, nothing_left, texts };
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
    Ok(Batch { columns, rows, bytes: body.len(), texts: parts.texts })
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
                self.texts = self.texts.saturating_add(among.longest().saturating_mul(rows));
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

pub(super) fn bit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

pub(super) fn between<'a>(
    ends: &[u8],
    width: usize,
    row: usize,
    data: &'a [u8],
) -> Option<&'a [u8]> {
    let end = |nth: usize| usize::try_from(little(ends, nth * width, width)?).ok();
    data.get(end(row)?..end(row + 1)?)
}
