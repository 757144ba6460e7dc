//! A JSON value together with where it stands, so that what is wrong with it can be said with its field.

use serde_json::{Map, Value};

use super::{Refusal, Shape, Sink, refusal};
use crate::json;
use crate::row::{Code, Fault};

#[derive(Clone)]
pub(super) struct Look<'a> {
    pub value: &'a Value,
    pub path: String,
}

impl<'a> Look<'a> {
    pub fn new(value: &'a Value, path: &str) -> Self {
        Self { value, path: path.into() }
    }

    fn wrong(&self, wanted: &str) -> Fault {
        let message = format!("`{}` is {}: give {wanted}", self.path, json::kind(self.value));
        Fault::new(&self.path, Code::WrongType, message)
    }

    pub fn range(&self, message: &str) -> Fault {
        Fault::new(&self.path, Code::OutOfRange, format!("`{}` {message}", self.path))
    }

    fn under(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }

    /// The field, if it is there and not null.
    pub fn maybe(&self, key: &str) -> Option<Look<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Look { value, path: self.under(key) })
    }

    pub fn get(&self, key: &str) -> Result<Look<'a>, Fault> {
        if !self.value.is_object() {
            return Err(self.wrong("an object"));
        }
        self.maybe(key).ok_or_else(|| {
            let path = self.under(key);
            let message = format!("`{path}` is missing: give it");
            Fault::new(&path, Code::MissingField, message)
        })
    }

    pub fn map(&self) -> Result<&'a Map<String, Value>, Fault> {
        self.value.as_object().ok_or_else(|| self.wrong("an object"))
    }

    /// The field, if it is there and not null, which must be an object.
    pub fn maybe_object(&self, key: &str) -> Result<Option<Look<'a>>, Fault> {
        let found = self.maybe(key);
        found.as_ref().map(Look::map).transpose()?;
        Ok(found)
    }

    /// What is there besides these fields.
    pub fn rest(&self, known: &[&str]) -> Map<String, Value> {
        let fields = self.value.as_object().into_iter().flatten();
        let rest = fields.filter(|(key, value)| !known.contains(&&key[..]) && !value.is_null());
        rest.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Counts what is there besides these fields, and not empty.
    pub fn lose_rest(&self, known: &[&str], sink: &mut dyn Sink) {
        for (key, value) in self.rest(known) {
            let is_empty = match &value {
                Value::String(text) => text.is_empty(),
                Value::Array(list) => list.is_empty(),
                Value::Object(map) => map.is_empty(),
                _ => false,
            };
            if !is_empty {
                sink.lose("field_not_read", self.under(&key));
            }
        }
    }

    pub fn list(&self) -> Result<impl Iterator<Item = Look<'a>> + use<'a>, Fault> {
        let values = self.value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let path = self.path.clone();
        Ok(values
            .iter()
            .enumerate()
            .map(move |(index, value)| Look { value, path: format!("{path}[{index}]") }))
    }

    /// The entries of the list in a field; none where there is no list.
    pub fn each(&self, key: &str) -> impl Iterator<Item = Look<'a>> + use<'a> {
        self.maybe(key).and_then(|list| list.list().ok()).into_iter().flatten()
    }

    /// The same, where what is no list is wrong.
    pub fn entries(&self, key: &str) -> Result<impl Iterator<Item = Look<'a>> + use<'a>, Fault> {
        Ok(self.maybe(key).map(|list| list.list()).transpose()?.into_iter().flatten())
    }

    pub fn text(&self) -> Result<&'a str, Fault> {
        self.value.as_str().ok_or_else(|| self.wrong("text"))
    }

    pub fn number(&self) -> Result<f64, Fault> {
        let number = self.value.as_f64().ok_or_else(|| self.wrong("a number"))?;
        if number.is_finite() { Ok(number) } else { Err(self.range("is not finite")) }
    }

    pub fn whole(&self) -> Result<i64, Fault> {
        let exact =
            |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
        if !self.value.is_number() {
            return Err(self.wrong("a whole number"));
        }
        let found = self.value.as_i64().or_else(|| self.value.as_f64().and_then(exact));
        found.ok_or_else(|| self.range("is not a whole number that can be held"))
    }

    /// The box of these numbers, which has something in it.
    pub fn boxed(&self, [x, y, width, height]: [f64; 4]) -> Result<Shape, Fault> {
        if width <= 0.0 || height <= 0.0 {
            return Err(self.range("is a box without anything in it"));
        }
        Ok(Shape::Box { x, y, width, height })
    }

    /// Yes or no, as other tools write it: no where the field is missing.
    pub fn flag(&self, key: &str) -> Result<bool, Fault> {
        let Some(flag) = self.maybe(key) else { return Ok(false) };
        match flag.value {
            Value::Bool(flag) => Ok(*flag),
            // Some converters write it as text.
            Value::String(text) if matches!(&text[..], "0" | "1" | "true" | "false") => {
                Ok(text == "1" || text == "true")
            }
            _ => match flag.whole()? {
                0 => Ok(false),
                1 => Ok(true),
                _ => Err(flag.range("is neither 0 nor 1")),
            },
        }
    }

    pub fn side(&self) -> Result<u32, Fault> {
        let whole = self.whole()?;
        let side = u32::try_from(whole).ok().filter(|side| *side > 0);
        side.ok_or_else(|| self.range("is no size in pixels: give a whole number above 0"))
    }

    pub fn offset(&self) -> Result<u64, Fault> {
        u64::try_from(self.whole()?).map_err(|_| self.range("is below 0"))
    }

    /// A number or a text, as an id.
    pub fn id(&self) -> Result<String, Fault> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(self.wrong("a number or text")),
        }
    }

    pub fn numbers(&self) -> Result<Vec<f64>, Fault> {
        self.list()?.map(|look| look.number()).collect()
    }

    pub fn four(&self) -> Result<[f64; 4], Fault> {
        let numbers = self.numbers()?;
        <[f64; 4]>::try_from(numbers).map_err(|_| self.range("has not four numbers"))
    }

    /// Points as a list of pairs.
    pub fn pairs(&self, least: usize) -> Result<Vec<[f64; 2]>, Fault> {
        let mut points = Vec::new();
        for look in self.list()? {
            let numbers = look.numbers()?;
            points.push(
                <[f64; 2]>::try_from(numbers)
                    .map_err(|_| look.range("is not a pair of numbers"))?,
            );
        }
        self.enough(points, least)
    }

    /// Points as one flat list.
    pub fn flat(&self, least: usize) -> Result<Vec<[f64; 2]>, Fault> {
        let numbers = self.numbers()?;
        let (points, rest) = numbers.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.range("has an odd number of coordinates"));
        }
        self.enough(points.to_vec(), least)
    }

    fn enough(&self, points: Vec<[f64; 2]>, least: usize) -> Result<Vec<[f64; 2]>, Fault> {
        if points.len() < least {
            return Err(self.range(&format!("has fewer than {least} points")));
        }
        Ok(points)
    }
}

/// Reads one value of a file, naming the field at which broken JSON breaks.
pub(super) fn parse(file: &str, row: u64, raw: &[u8]) -> Result<Value, Refusal> {
    value(raw).map_err(|fault| refusal(file, row, fault, raw))
}

/// The same, for a value whose place is not known yet.
pub(super) fn value(raw: &[u8]) -> Result<Value, Fault> {
    json::parse(raw).map_err(|mut fault| {
        if fault.field.is_empty()
            && let Some(key) = key_before(&String::from_utf8_lossy(raw), &fault.message)
        {
            fault.field = key;
        }
        fault
    })
}

/// The key before the place that a message of the parser names.
fn key_before(text: &str, message: &str) -> Option<String> {
    if let Some((_, rest)) = message.split_once('“') {
        return rest.split_once('”').map(|(key, _)| key.to_owned());
    }
    let (before, column) = message.rsplit_once(" column ")?;
    let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
    let column: usize = digits.parse().ok()?;
    let (_, line) = before.rsplit_once("line ")?;
    let line: usize = line.trim().parse().ok()?;
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let head = text.get(..(start + column).min(text.len()))?;
    let colon = head.rfind(':')?;
    let (_, key) = head[..colon].trim_end().strip_suffix('"')?.rsplit_once('"')?;
    Some(key.to_owned())
}
