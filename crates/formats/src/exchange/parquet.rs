//! Parquet, row group by row group, with the names of classes that Hugging Face's `datasets` keeps in its footer.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::TreeBuilder;
use serde_json::{Map, Value};

use super::rows::Walk;
use super::{Class, ReadError, Sink, footer};
use crate::json;
use crate::row::{Code, Fault};

/// How many values of each column are unpacked at a time.
const BATCH: usize = 256;
/// The column in which classes are listed.
const LABELS: [&str; 5] = ["label", "labels", "ner_tags", "tags", "objects"];
/// How deep lists and structs may lie in one another.
const DEPTH_MAX: usize = 64;

pub(super) fn read(mut file: File, walk: &mut Walk, sink: &mut dyn Sink) -> Result<(), ReadError> {
    if !footer::is_shallow(&mut file)? {
        let message =
            "this is no Parquet that can be read: it is cut off, or its schema is too deep";
        return Err(walk.refuse(1, Fault::new("", Code::Unreadable, message)).into());
    }
    let reader = guarded(|| SerializedFileReader::new(file).map_err(|error| error.to_string()));
    let reader = reader.map_err(|fault| walk.refuse(1, fault))?;
    let metadata = reader.metadata().file_metadata();
    let kept = |key: &str| {
        let pair = metadata.key_value_metadata()?.iter().find(|pair| pair.key == key)?;
        serde_json::from_str::<Value>(pair.value.as_ref()?).ok()
    };
    let features = kept("fairmark").or_else(|| kept("huggingface"));
    let features = features.as_ref().and_then(|value| value.pointer("/info/features"));
    for name in LABELS {
        for class in classes(features.and_then(|features| features.get(name))) {
            sink.class(&Class { name: class.into(), ..Class::default() })?;
        }
    }
    let schema = metadata.schema_descr_ptr();
    let mut number = 0;
    for group in 0..reader.num_row_groups() {
        let opened = guarded(|| {
            let group = reader.get_row_group(group).map_err(|error| error.to_string())?;
            let tree = TreeBuilder::new().with_batch_size(BATCH);
            tree.as_iter(schema.clone(), &*group).map_err(|error| error.to_string())
        });
        let mut rows = opened.map_err(|fault| walk.refuse(number + 1, fault))?;
        loop {
            let next = guarded(|| match rows.next() {
                Some(Ok(row)) => Ok(Some(row)),
                Some(Err(error)) => Err(error.to_string()),
                None => Ok(None),
            });
            let Some(row) = next.map_err(|fault| walk.refuse(number + 1, fault))? else { break };
            number += 1;
            match object(row.into_columns(), features, sink) {
                Ok(value) => walk.row(&value, "", number, b"", sink)?,
                Err(fault) => sink.refuse(walk.refuse(number, fault)),
            }
        }
    }
    Ok(())
}

/// The library is others' work on others' bytes: a panic in it is a damaged file, not an outage.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, Fault> {
    let done = catch_unwind(AssertUnwindSafe(work));
    let done = done.unwrap_or_else(|_| Err("its parts do not fit together".into()));
    done.map_err(|message| {
        let message: String = message.chars().take(200).collect();
        Fault::new("", Code::Unreadable, format!("this is no Parquet that can be read: {message}"))
    })
}

/// The names of the classes of a feature, wherever in it they stand.
fn classes(feature: Option<&Value>) -> Vec<&str> {
    let Some(feature) = feature else { return Vec::new() };
    if let Some(names) = feature.get("names").and_then(Value::as_array) {
        return names.iter().filter_map(Value::as_str).collect();
    }
    let inner = match feature {
        Value::Array(list) => list.first(),
        _ => ["feature", "category"].iter().find_map(|key| feature.get(key)),
    };
    if inner.is_some() { classes(inner) } else { Vec::new() }
}

fn object(
    columns: Vec<(String, Field)>,
    features: Option<&Value>,
    sink: &mut dyn Sink,
) -> Result<Value, Fault> {
    let mut row = Map::new();
    for (name, field) in columns {
        let feature = features.and_then(|features| features.get(&name));
        let value = value(field, feature, &name, 0, sink)?;
        row.insert(name, value);
    }
    Ok(Value::Object(row))
}

fn value(
    field: Field,
    feature: Option<&Value>,
    path: &str,
    depth: usize,
    sink: &mut dyn Sink,
) -> Result<Value, Fault> {
    if depth > DEPTH_MAX {
        let message = format!("`{path}` lies more than {DEPTH_MAX} levels deep: flatten it");
        return Err(Fault::new(path, Code::TooDeep, message));
    }
    let mut finite = |number: f64| {
        if !number.is_finite() {
            sink.lose("number_that_is_not_finite", path.into());
        }
        Value::from(number)
    };
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(value) => value.into(),
        Field::Byte(value) => class(value.into(), feature, path)?,
        Field::Short(value) => class(value.into(), feature, path)?,
        Field::Int(value) => class(value.into(), feature, path)?,
        Field::Long(value) => class(value, feature, path)?,
        Field::UByte(value) => class(value.into(), feature, path)?,
        Field::UShort(value) => class(value.into(), feature, path)?,
        Field::UInt(value) => class(value.into(), feature, path)?,
        Field::ULong(value) => value.into(),
        Field::Float16(value) => finite(f32::from(value).into()),
        // The shortest decimal that means the same single float, not the digits behind it.
        Field::Float(value) => finite(value.to_string().parse().unwrap_or(f64::from(value))),
        Field::Double(value) => finite(value),
        Field::Str(text) => {
            let nested = feature.and_then(|feature| feature.get("dtype")) == Some(&"json".into());
            let parsed = nested.then(|| json::parse(text.as_bytes()).ok()).flatten();
            parsed.unwrap_or_else(|| text.into())
        }
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) if !path.ends_with("bytes") => text.into(),
            _ => {
                sink.lose("bytes", path.into());
                Value::Null
            }
        },
        Field::Group(row) => {
            let mut object = Map::new();
            for (name, field) in row.into_columns() {
                let inner = feature.and_then(|feature| {
                    // The older way to say “a list of these” is said of the struct.
                    feature.get(&name).or_else(|| feature.get("feature")?.get(&name))
                });
                let value = value(field, inner, &format!("{path}.{name}"), depth + 1, sink)?;
                // A struct has all its fields in each row; what is not there is null.
                if !value.is_null() {
                    object.insert(name, value);
                }
            }
            Value::Object(object)
        }
        Field::ListInternal(list) => {
            let inner = feature.and_then(|feature| match feature {
                Value::Array(list) => list.first(),
                Value::Object(_) => feature.get("feature").or(Some(feature)),
                _ => None,
            });
            let mut values = Vec::with_capacity(list.len());
            for (nth, element) in list.elements().iter().enumerate() {
                let path = format!("{path}[{nth}]");
                values.push(value(element.clone(), inner, &path, depth + 1, sink)?);
            }
            values.into()
        }
        Field::MapInternal(map) => {
            let mut object = Map::new();
            for (key, element) in map.entries() {
                let key = match key {
                    Field::Str(key) => key.clone(),
                    other => other.to_string(),
                };
                let path = format!("{path}.{key}");
                object.insert(key, value(element.clone(), None, &path, depth + 1, sink)?);
            }
            Value::Object(object)
        }
        // Dates and times as they are printed; the library gives up on those that no calendar has.
        other => guarded(|| Ok(other.to_string()))
            .map_err(|fault| Fault { field: path.into(), code: Code::OutOfRange, ..fault })?
            .into(),
    })
}

/// A number, or the class that it stands for.
fn class(number: i64, feature: Option<&Value>, path: &str) -> Result<Value, Fault> {
    let names = feature.and_then(|feature| feature.get("names")?.as_array());
    let Some(names) = names else { return Ok(number.into()) };
    // Of rows that are not labelled the class is −1.
    if number == -1 {
        return Ok(Value::Null);
    }
    let name = usize::try_from(number).ok().and_then(|at| names.get(at)).and_then(Value::as_str);
    match name {
        Some(name) => Ok(name.into()),
        None => {
            let message = format!("`{path}` is {number}: there are {} classes", names.len());
            Err(Fault::new(path, Code::OutOfRange, message))
        }
    }
}
