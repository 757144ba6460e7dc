//! The values of Arrow's columns, row by row.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::Sink;
use super::arrow::{BODY_MAX_BYTES, Schema};
use super::flat::little;
use super::parquet::{class, is_json};
use crate::json;
use crate::pictures;
use crate::row::{Code, Fault};

/// What the values of a batch may come to, and how much more for each byte of it and of the lists that its places are in:
/// a list that names another, which names a third, makes much out of little.
const UNFOLDED_MAX: usize = 1 << 19;
const UNFOLDED_A_BYTE: usize = 512;
/// The same for each byte that was packed: a bit is a value, too.
const UNFOLDED_A_PACKED_BYTE: usize = 192;
/// What the texts of lists may come to besides, each row with the longest.
const TEXTS_MAX: usize = 1 << 30;
/// What a value comes to besides its text.
const VALUE_BYTES: usize = 16;

/// What tells where a text lies that does not stand in its row.
pub(super) const VIEW_BYTES: usize = 16;

/// The values that the places of a column stand for: a list, and what was added to it.
#[derive(Clone, Default)]
pub(super) struct Among {
    /// Each with the number of its first value.
    lists: Vec<(usize, Rc<Column>)>,
    rows: usize,
    bytes: usize,
}

impl Among {
    /// Whether there was room for more.
    pub fn add(&mut self, column: Column) -> bool {
        let (start, bytes) = (self.rows, column.bytes());
        self.rows += column.rows;
        self.bytes += bytes;
        self.lists.push((start, Rc::new(column)));
        self.lists.len() == 1 || self.bytes <= BODY_MAX_BYTES
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How long the longest of its texts is.
    fn longest(&self) -> usize {
        self.lists.iter().map(|(_, column)| column.longest()).max().unwrap_or_default()
    }

    pub fn find(&self, place: usize) -> Option<(&Column, usize)> {
        let at = self.lists.partition_point(|(start, _)| *start <= place);
        let (start, column) = self.lists.get(at.checked_sub(1)?)?;
        Some((column, place - start))
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
    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Null => 0,
            Values::Bool(data) | Values::Days(data) => data.len(),
            Values::Whole { data, .. }
            | Values::Float { data, .. }
            | Values::Fixed { data, .. }
            | Values::Decimal { data, .. }
            | Values::Time { data, .. }
            | Values::Clock { data, .. }
            | Values::Place { data, .. } => data.len(),
            Values::Text { ends, data, .. } | Values::Bytes { ends, data, .. } => {
                ends.len() + data.len()
            }
            Values::View { views, data, .. } => {
                views.len() + data.iter().map(Vec::len).sum::<usize>()
            }
            Values::List { ends, inner, .. } => ends.len() + inner.bytes(),
            Values::FixedList { inner, .. } => inner.bytes(),
            Values::Struct(fields) => fields.iter().map(|(_, column)| column.bytes()).sum(),
        };
        size_of::<Self>() + self.there.len() + values
    }
}

impl Column {
    /// How long the longest of its texts is.
    fn longest(&self) -> usize {
        let length = |from: Option<i64>, to: Option<i64>| Some(to? - from?);
        let longest = match &self.values {
            Values::Text { width, ends, .. } => {
                let end = |at| little(ends, at, *width);
                let ends = (*width..ends.len()).step_by(*width);
                ends.filter_map(|at| length(end(at - width), end(at))).max()
            }
            Values::View { views, .. } => {
                let places = (0..views.len()).step_by(VIEW_BYTES);
                places.filter_map(|at| little(views, at, 4)).max()
            }
            _ => None,
        };
        longest.and_then(|longest| usize::try_from(longest).ok()).unwrap_or_default()
    }

    /// What the texts of the lists that it has places in come to at most.
    fn texts(&self) -> usize {
        match &self.values {
            Values::Place { among, .. } => among.longest().saturating_mul(self.rows),
            Values::List { inner, .. } | Values::FixedList { inner, .. } => inner.texts(),
            Values::Struct(fields) => {
                fields.iter().fold(0, |sum, (_, column)| sum.saturating_add(column.texts()))
            }
            _ => 0,
        }
    }
}

/// What the values of a batch may come to.
pub(super) fn allowance(columns: &[Column], packed: usize, of_lists: usize) -> usize {
    let unpacked = columns.iter().map(Column::bytes).sum::<usize>().saturating_sub(packed);
    let texts = columns.iter().fold(0_usize, |sum, column| sum.saturating_add(column.texts()));
    (UNFOLDED_MAX + texts.min(TEXTS_MAX))
        .saturating_add(packed.saturating_add(of_lists).saturating_mul(UNFOLDED_A_BYTE))
        .saturating_add(unpacked.saturating_mul(UNFOLDED_A_PACKED_BYTE))
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
    Fixed { width: usize, data: Vec<u8> },
    View { views: Vec<u8>, data: Vec<Vec<u8>>, is_text: bool },
    Decimal { width: usize, scale: usize, data: Vec<u8> },
    Time { parts: i64, in_utc: bool, data: Vec<u8> },
    Days(Vec<u8>),
    Clock { parts: i64, bytes: usize, data: Vec<u8> },
    Place { bytes: usize, signed: bool, data: Vec<u8>, among: Rc<Among> },
}

fn bit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

fn between<'a>(ends: &[u8], width: usize, row: usize, data: &'a [u8]) -> Option<&'a [u8]> {
    let end = |nth: usize| usize::try_from(little(ends, nth * width, width)?).ok();
    data.get(end(row)?..end(row + 1)?)
}

/// A text or bytes of which up to twelve stand in the row itself, and others in one of the buffers behind it.
fn view<'a>(views: &'a [u8], row: usize, data: &'a [Vec<u8>]) -> Option<&'a [u8]> {
    let at = row * VIEW_BYTES;
    let number = |slot: usize| usize::try_from(little(views, at + 4 * slot, 4)?).ok();
    let length = number(0)?;
    if length <= VIEW_BYTES - 4 {
        return views.get(at + 4..at + 4 + length);
    }
    let start = number(3)?;
    data.get(number(2)?)?.get(start..start.checked_add(length)?)
}

/// A whole number of up to 32 bytes, as long as it fits into 16.
fn whole(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.last()? >> 7 == 1;
    let (low, high) = bytes.split_at(bytes.len().min(16));
    let mut word = if negative { [0xff; 16] } else { [0; 16] };
    word[..low.len()].copy_from_slice(low);
    let number = i128::from_le_bytes(word);
    let rest = if negative { 0xff } else { 0 };
    (high.iter().all(|byte| *byte == rest) && (number < 0) == negative).then_some(number)
}

/// A whole number with its last digits behind the point.
fn decimal(number: i128, scale: usize) -> String {
    let digits = format!("{:0width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

pub(super) fn object(
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

    fn within(&mut self, part: &str) -> Cell<'_> {
        let path = format!("{}{part}", self.path);
        Cell { left: self.left, content: self.content, sink: self.sink, path }
    }

    /// Takes off what a value comes to; nothing is left where that is too much.
    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        *self.left = self.left.saturating_sub(bytes);
        if *self.left == 0 { Err(self.torn()) } else { Ok(()) }
    }

    fn finite(&mut self, number: f64) -> Value {
        if !number.is_finite() {
            self.sink.lose("number_that_is_not_finite", self.path.clone());
        }
        Value::from(number)
    }

    fn text(&mut self, bytes: &[u8], feature: Option<&Value>) -> Result<Value, Fault> {
        self.spend(bytes.len())?;
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Fault { field: self.path.clone(), ..json::not_text() })?;
        let parsed = is_json(feature).then(|| json::parse(text.as_bytes()).ok()).flatten();
        Ok(parsed.unwrap_or_else(|| text.into()))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Value, Fault> {
        self.spend(bytes.len())?;
        let is_picture = pictures::probe(bytes, &pictures::Limits::default()).is_ok();
        let in_struct = self.path.ends_with(".bytes") && !bytes.is_empty();
        if self.content.is_empty() && (is_picture || in_struct) {
            *self.content = bytes.to_vec();
            return Ok(Value::Null);
        }
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) if !in_struct && !text.contains('\0') => text.into(),
            _ => {
                self.sink.lose("bytes", self.path.clone());
                Value::Null
            }
        })
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
                self.text(between(ends, *width, row, data).ok_or_else(|| self.torn())?, feature)?
            }
            Values::Bytes { width, ends, data } => {
                self.bytes(between(ends, *width, row, data).ok_or_else(|| self.torn())?)?
            }
            Values::Fixed { width, data } => {
                let bytes = data.get(row * width..(row + 1) * width);
                self.bytes(bytes.ok_or_else(|| self.torn())?)?
            }
            Values::View { views, data, is_text } => {
                let bytes = view(views, row, data).ok_or_else(|| self.torn())?;
                if *is_text { self.text(bytes, feature)? } else { self.bytes(bytes)? }
            }
            Values::Decimal { width, scale, data } => {
                let number = data.get(row * width..(row + 1) * width).and_then(whole);
                let long = || {
                    let message = format!("`{}` has more than 38 digits", self.path);
                    Fault::new(&self.path, Code::OutOfRange, message)
                };
                decimal(number.ok_or_else(long)?, *scale).into()
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
            Values::Time { parts, in_utc, data } => {
                let zone = if *in_utc { " +00:00" } else { "" };
                (printed(number(data, 8), *parts) + zone).into()
            }
            Values::Clock { parts, bytes, data } => {
                printed(number(data, *bytes), *parts).split(' ').next_back().into()
            }
            Values::Days(data) => {
                printed(number(data, 4).saturating_mul(86_400), 1).split(' ').next().into()
            }
            Values::Place { bytes, signed, data, among } => {
                let place = number(data, *bytes);
                let place = if *signed { place } else { unsigned(place, *bytes) };
                let place = usize::try_from(place).map_err(|_| self.torn())?;
                let (among, place) = among.find(place).ok_or_else(|| self.torn())?;
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
pub(super) fn printed(time: i64, parts: i64) -> String {
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
        for (bytes, scale, wanted) in [
            (&[125][..], 2, Some("1.25")),
            (&[0xfb, 0xff, 0xff, 0xff][..], 1, Some("-0.5")),
            (&[7; 1][..], 0, Some("7")),
            (&[[0xff; 32]].concat()[..], 3, Some("-0.001")),
            (&[[1; 32]].concat()[..], 3, None),
        ] {
            let printed = whole(bytes).map(|number| decimal(number, scale));
            assert_eq!(printed.as_deref(), wanted, "{bytes:?}");
        }
        assert_eq!(
            [0x3c00, 0xc000, 0x0001, 0x3555].map(half),
            [1.0, -2.0, 2_f64.powi(-24), 0.333_251_953_125]
        );
    }
}
