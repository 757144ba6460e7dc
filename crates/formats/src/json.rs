//! JSON read with suspicion: a key that is given twice is an error, not a matter of taste.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::row::{Code, Fault};

/// A value in which no object has a key twice.
pub(crate) struct Strict(pub Value);

const DUPLICATE: &str = "the key is given twice: ";

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if values.contains_key(&key) {
                return Err(duplicate(&key));
            }
            let Strict(value) = map.next_value()?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}

pub(crate) fn duplicate<E: de::Error>(key: &str) -> E {
    let key: String = key.chars().take(100).collect();
    E::custom(format_args!("{DUPLICATE}“{key}”"))
}

/// Reads one whole document and names what is wrong with it.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    // `from_slice` on a `str` skips nothing but is told apart here: text first, JSON second.
    let text = std::str::from_utf8(bytes).map_err(|_| not_text())?;
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| fault(&error))
}

pub(crate) fn not_text() -> Fault {
    Fault::new("", Code::NotText, "the row is not valid UTF-8: save the file as UTF-8")
}

pub(crate) fn fault(error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    if message.starts_with(DUPLICATE) {
        return Fault::new("", Code::DuplicateKey, format!("{message}: leave one of them out"));
    }
    if message.starts_with("recursion limit") {
        let message = "the JSON is nested more than 120 levels deep: flatten it";
        return Fault::new("", Code::TooDeep, message);
    }
    if message.starts_with("number out of range") {
        let message = format!("a number is too large to be held ({message})");
        return Fault::new("", Code::OutOfRange, message);
    }
    if error.is_io() {
        return Fault::new("", Code::Unreadable, format!("reading failed: {message}"));
    }
    Fault::new("", Code::NotJson, format!("the row is not JSON: {message}"))
}

/// Returns the name of a value's type, for messages.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
