//! Arrow, as `save_to_disk` of Hugging Face's `datasets` writes it and data frames do (Feather): messages one behind the
//! other, each a FlatBuffer that says where in its body the columns lie. A batch of rows is held at a time.

use std::io::{self, BufReader, Read};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::arrow_batch::{Column, Dictionaries, Field, Schema, Values, between, bit, columns};
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
pub(super) const BODY_MAX_BYTES: usize = 256 << 20;
/// What a value comes to besides its text.
const VALUE_BYTES: usize = 16;
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
    let (mut first, mut number, mut of_dictionaries) = (true, 0_u64, 0_usize);
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
                let batch = columns(&[field], &batch, &body, &dictionaries)
                    .map_err(|fault| walk.refuse(number + 1, fault))?;
                of_dictionaries = of_dictionaries.saturating_add(batch.bytes);
                dictionaries
                    .extend(batch.columns.into_iter().next().map(|column| (id, Rc::new(column))));
            }
            (Some(3), Some(schema)) => {
                let fields: Vec<&Field> = schema.fields.iter().collect();
                let batch = columns(&fields, &header, &body, &dictionaries)
                    .map_err(|fault| walk.refuse(number + 1, fault))?;
                let mut left = batch.left(body.len(), of_dictionaries);
                for row in 0..batch.rows {
                    number += 1;
                    walk.content.clear();
                    let read =
                        object(schema, &batch.columns, row, &mut left, &mut walk.content, sink);
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

fn object(
    schema: &Schema,
    columns: &[Column],
    row: usize,
    left: &mut usize,
    content: &mut Vec<u8>,
    sink: &mut dyn Sink,
) -> Result<Value, Fault> {
    let mut object = Map::new();
    for (field, column) in schema.fields.iter().zip(columns) {
        let feature = schema.feature(&field.name);
        let mut cell = Cell { left, content, sink, path: field.name.clone() };
        let value = cell.value(column, row, feature)?;
        object.insert(field.name.clone(), value);
    }
    Ok(Value::Object(object))
}

/// Reads one value, and takes the bytes of the first picture out.
struct Cell<'a> {
    /// What all values may still come to.
    left: &'a mut usize,
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

    /// Takes off what a value comes to; nothing is left where that is too much.
    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        *self.left = self.left.saturating_sub(bytes);
        if *self.left == 0 { Err(self.torn()) } else { Ok(()) }
    }

    fn within(&mut self, part: &str) -> Cell<'_> {
        let path = format!("{}{part}", self.path);
        Cell { left: self.left, content: self.content, sink: self.sink, path }
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
        self.spend(VALUE_BYTES)?;
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
                self.spend(bytes.len())?;
                let text = std::str::from_utf8(bytes)
                    .map_err(|_| Fault { field: self.path.clone(), ..json::not_text() })?;
                let nested =
                    feature.and_then(|feature| feature.get("dtype")) == Some(&"json".into());
                let parsed = nested.then(|| json::parse(text.as_bytes()).ok()).flatten();
                parsed.unwrap_or_else(|| text.into())
            }
            Values::Bytes { width, ends, data } => {
                let bytes = between(ends, *width, row, data).ok_or_else(|| self.torn())?;
                self.spend(bytes.len())?;
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
