//! Arrow, as `save_to_disk` of Hugging Face's `datasets` writes it and data frames do (Feather): messages one behind the
//! other, each a FlatBuffer that says where in its body the columns lie. A batch of rows is held at a time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::rc::Rc;

use serde_json::Value;

use super::arrow_cells::{Among, Column, VIEW_BYTES, Values, allowance, object};
use super::flat::{Flat, little};
use super::rows::Walk;
use super::source::{Handle, whole};
use super::{ReadError, Sink};
use crate::row::{Code, Fault};

/// What the description of a batch, and a batch, may be long.
const HEAD_MAX_BYTES: usize = 16 << 20;
pub(super) const BODY_MAX_BYTES: usize = 256 << 20;
/// How deep columns may lie in one another, and how many there may be.
const DEPTH_MAX: usize = 32;
const FIELDS_MAX: usize = 10_000;
/// How many digits behind the point the widest decimal has.
const DIGITS_MAX: usize = 76;
/// How many rows a batch may have, which cost nothing where a column is of nothing.
const ROWS_MAX: usize = 1 << 24;
/// How many rows of nothing the columns of a batch may have together, and how many more for each of its bytes.
const NOTHING_MAX: usize = 1 << 16;
const NOTHING_A_BYTE: usize = 64;
/// How many rows a packed batch may have, and how many more for each of its bytes: what is packed costs nothing, either.
const PACKED_ROWS_MAX: usize = 1 << 18;
const PACKED_ROWS_A_BYTE: usize = 64;
/// How many bytes the texts of a column may have together that are told by where they lie, and how many more for each
/// byte of the batch: several may lie in one place.
const VIEWED_MAX: usize = 1 << 20;
const VIEWED_A_BYTE: usize = 64;
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
    let begin = |schema: Result<Schema, Fault>, walk: &mut Walk, sink: &mut dyn Sink| {
        let schema = schema.map_err(|fault| walk.refuse(1, fault))?;
        for field in &schema.fields {
            for name in super::parquet::classes(schema.feature(&field.name)) {
                sink.class(&super::Class { name: name.into(), ..super::Class::default() })?;
            }
        }
        Ok::<_, ReadError>(schema)
    };
    let mut table: Option<Schema> = None;
    let mut places = None;
    if let Some((foot, end)) = foot(&mut input)? {
        let foot = Flat::root(&foot).ok_or_else(cut)?;
        table = Some(begin(Schema::new(&foot.table(1).ok_or_else(cut)?), walk, sink)?);
        let [lists, batches] = [2, 3].map(|slot| blocks(&foot, slot, end));
        places = Some([lists.ok_or_else(cut)?, batches.ok_or_else(cut)?].concat().into_iter());
    }
    let mut dictionaries = Dictionaries::new();
    let (mut first, mut number) = (places.is_none(), 0_u64);
    loop {
        if let Some(places) = &mut places {
            let Some(place) = places.next() else { break };
            input.seek(SeekFrom::Start(place))?;
        }
        let Some(length) = next_length(&mut input, first).map_err(|_| cut())? else {
            // A file says beforehand how much there is.
            if places.is_some() {
                return Err(cut());
            }
            break;
        };
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
                table = Some(begin(Schema::new(&header), walk, sink)?);
            }
            (Some(2), Some(schema)) => {
                let id = header.number(0, 8).unwrap_or(0);
                let batch = header.table(1).ok_or_else(cut)?;
                let field = schema.dictionary(id).ok_or_else(cut)?;
                let (columns, _) = columns(&[field], &batch, &body, &dictionaries)
                    .map_err(|fault| walk.refuse(number + 1, fault))?;
                let Some(column) = columns.into_iter().next() else { continue };
                let among = dictionaries.entry(id).or_default();
                // What is added to a list is said in a batch of its own.
                if header.number(2, 1) != Some(1) {
                    *among = Rc::default();
                }
                if !Rc::make_mut(among).add(column) {
                    return Err(wrong(
                        "a list of values is longer than 256 MiB: write the table with `to_parquet`",
                    ));
                }
            }
            (Some(3), Some(schema)) => {
                let fields: Vec<&Field> = schema.fields.iter().collect();
                let (columns, rows) = columns(&fields, &header, &body, &dictionaries)
                    .map_err(|fault| walk.refuse(number + 1, fault))?;
                let lists = dictionaries.values().map(|among| among.bytes());
                let mut left = allowance(&columns, body.len(), lists.sum());
                for row in 0..rows {
                    number += 1;
                    walk.content.clear();
                    let read = object(schema, &columns, row, &mut left, &mut walk.content, sink);
                    if left == 0 {
                        let message = "the rows of a batch come to hundreds of times its bytes: write the table with `to_parquet`";
                        let fault = Fault::new("", Code::TooLong, message);
                        return Err(walk.refuse(number, fault).into());
                    }
                    match read {
                        Ok(value) => walk.row(&value, "", number, b"", sink)?,
                        // Where the parts of one row do not fit together, those of the others do not, either.
                        Err(fault) if fault.code == Code::Unreadable => {
                            return Err(walk.refuse(number, fault).into());
                        }
                        Err(fault) => sink.refuse(walk.refuse(number, fault)),
                    }
                }
            }
            _ => return Err(cut()),
        }
    }
    if table.is_none() { Err(cut()) } else { Ok(()) }
}

/// What stands at the end of a file and says where its parts lie, and where it begins; none of a stream, and of a file that is cut off.
fn foot(input: &mut (impl Read + Seek)) -> io::Result<Option<(Vec<u8>, u64)>> {
    const LAST_BYTES: u64 = 10;
    let mut magic = [0; FILE_MAGIC.len()];
    let is_file = input.read_exact(&mut magic).is_ok() && magic == FILE_MAGIC;
    let length = input.seek(SeekFrom::End(0))?;
    let mut foot = None;
    if let Some(end) = length.checked_sub(LAST_BYTES).filter(|_| is_file) {
        let mut last = [0; LAST_BYTES as usize];
        input.seek(SeekFrom::Start(end))?;
        input.read_exact(&mut last)?;
        let size = little(&last, 0, 4).and_then(|size| u64::try_from(size).ok());
        let start = size.and_then(|size| end.checked_sub(size));
        if let (Some(start), Some(size)) = (start, size)
            && last[4..] == FILE_MAGIC[..6]
            && size > 0
        {
            input.seek(SeekFrom::Start(start))?;
            foot = exactly(input, size as usize, HEAD_MAX_BYTES)?.map(|foot| (foot, start));
        }
    }
    input.seek(SeekFrom::Start(0))?;
    Ok(foot)
}

/// Where the messages of a file lie that its foot lists; none where one lies in another, or
/// beyond the end.
fn blocks(foot: &Flat, slot: usize, end: u64) -> Option<Vec<u64>> {
    const BLOCK_BYTES: usize = 24;
    let (start, count) = foot.list(slot).unwrap_or_default();
    let mut places = Vec::new();
    let mut free = 0;
    for at in (start..).step_by(BLOCK_BYTES).take(count) {
        let place = little(foot.bytes, at, 8)?;
        let [head, body] = [little(foot.bytes, at + 8, 4)?, little(foot.bytes, at + 16, 8)?];
        if place < free || head < 0 || body < 0 {
            return None;
        }
        free = place.checked_add(head)?.checked_add(body)?;
        if u64::try_from(free).ok()? > end {
            return None;
        }
        places.push(u64::try_from(place).ok()?);
    }
    Some(places)
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
    /// As many bytes in each row.
    Fixed {
        width: usize,
    },
    View {
        is_text: bool,
    },
    Decimal {
        width: usize,
        scale: usize,
    },
    /// Times since 1970, so many to a second; days; or times of a day.
    Time {
        parts: i64,
        in_utc: bool,
    },
    Days,
    Clock {
        parts: i64,
        bytes: usize,
    },
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

    pub fn feature(&self, name: &str) -> Option<&Value> {
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
        let parts = |unit: i64| [1, 1_000, 1_000_000, 1_000_000_000][unit.clamp(0, 3) as usize];
        let unknown = || {
            let message = format!(
                "`{name}` is of a kind that is not read: write the table with `to_parquet`, which is read as `parquet`"
            );
            Fault::new(&name, Code::UnknownValue, message)
        };
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
            8 => Kind::Time { parts: 1_000, in_utc: false },
            10 => Kind::Time {
                parts: parts(said(0, 2).unwrap_or(0)),
                in_utc: about.is_some_and(|about| about.text(1).is_some()),
            },
            9 => Kind::Clock {
                parts: parts(said(0, 2).unwrap_or(1)),
                bytes: if said(1, 4) == Some(64) { 8 } else { 4 },
            },
            // How long something took, in its own parts of a second.
            18 => Kind::Whole { bytes: 8, signed: true },
            7 => Kind::Decimal {
                width: match said(2, 4) {
                    Some(32) => 4,
                    Some(64) => 8,
                    Some(256) => 32,
                    _ => 16,
                },
                scale: usize::try_from(said(1, 4).unwrap_or(0))
                    .ok()
                    .filter(|scale| *scale <= DIGITS_MAX)
                    .ok_or_else(unknown)?,
            },
            15 => Kind::Fixed { width: usize::try_from(said(0, 4).unwrap_or(0)).unwrap_or(0) },
            23 => Kind::View { is_text: false },
            24 => Kind::View { is_text: true },
            12 | 17 => Kind::List { ends: 4 },
            21 => Kind::List { ends: 8 },
            13 => Kind::Struct,
            16 => Kind::FixedList { length: usize::try_from(said(0, 4).unwrap_or(0)).unwrap_or(0) },
            _ => return Err(unknown()),
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

type Dictionaries = HashMap<i64, Rc<Among>>;

/// What a batch says of its columns, in their order, and how far it has been read.
struct Parts<'a> {
    batch: &'a Flat<'a>,
    body: &'a [u8],
    nodes: (usize, usize),
    buffers: std::vec::IntoIter<Range<usize>>,
    /// Of how many buffers the next column of views has been told.
    views: usize,
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
    let mut parts =
        Parts { batch, body, nodes, buffers, views: 0, dictionaries, bytes_left, nothing_left };
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

    /// Where the texts of a column lie, each by its length, its beginning and its place.
    fn views(&mut self, rows: usize) -> Option<Vec<u8>> {
        let views = self.data(rows, VIEW_BYTES)?;
        let mut left = VIEWED_MAX + self.body.len().saturating_mul(VIEWED_A_BYTE);
        for at in (0..views.len()).step_by(VIEW_BYTES) {
            left = left.checked_sub(usize::try_from(little(&views, at, 4)?).ok()?)?;
        }
        Some(views)
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
            (_, Kind::Fixed { width }) => {
                Values::Fixed { width: *width, data: self.data(rows, *width)? }
            }
            (_, Kind::View { is_text }) => {
                let views = self.views(rows)?;
                let (start, count) = self.batch.list(4)?;
                let of_these = little(self.batch.bytes, start + 8 * self.views, 8)?;
                let buffers = usize::try_from(of_these).ok().filter(|_| self.views < count)?;
                self.views += 1;
                let data: Option<Vec<Vec<u8>>> =
                    (0..buffers).map(|_| self.buffer().map(<[u8]>::to_vec)).collect();
                Values::View { views, data: data?, is_text: *is_text }
            }
            (_, Kind::Decimal { width, scale }) => {
                Values::Decimal { width: *width, scale: *scale, data: self.data(rows, *width)? }
            }
            (_, Kind::Time { parts, in_utc }) => {
                Values::Time { parts: *parts, in_utc: *in_utc, data: self.data(rows, 8)? }
            }
            (_, Kind::Clock { parts, bytes }) => {
                Values::Clock { parts: *parts, bytes: *bytes, data: self.data(rows, *bytes)? }
            }
            (_, Kind::Days) => Values::Days(self.data(rows, 4)?),
        };
        Some(Column { rows, there, values })
    }
}
