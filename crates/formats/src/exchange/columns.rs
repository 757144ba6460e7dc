//! JSON in columns: the type that all values of a column have, and each value taken apart into its leaves with
//! the levels that tell which parts of it are there (Melnik et al., Dremel, 2010).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::schema::types::Type as Schema;
use serde_json::{Value, json};

use super::Names;

/// How deep a value may lie and how many fields a struct may have before it is kept as JSON.
const DEPTH_MAX: usize = 12;
const FIELDS_MAX: usize = 200;
/// What a text costs besides its letters.
const TEXT_BYTES: usize = 16;

/// The type of a column; every value may be missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Bool,
    Int,
    Double,
    Text,
    /// One of the classes, by its number.
    Class,
    /// What has no type in common, as JSON.
    Json,
    /// The elements have no type yet where all lists were empty.
    List(Option<Box<Type>>),
    Struct(BTreeMap<String, Option<Type>>),
}

impl Type {
    /// The type of one value; none of null.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Type::Bool,
            Value::Number(number) if number.is_i64() => Type::Int,
            Value::Number(number) if number.is_u64() => Type::Json,
            Value::Number(_) => Type::Double,
            Value::String(_) => Type::Text,
            Value::Array(list) => {
                let mut inner = None;
                for value in list {
                    Type::widen(&mut inner, value);
                }
                Type::List(inner.map(Box::new))
            }
            // A struct without fields cannot be told from none.
            Value::Object(map) if map.is_empty() || map.contains_key("_type") => Type::Json,
            Value::Object(map) => Type::Struct(
                map.iter().map(|(key, value)| (key.clone(), Type::of(value))).collect(),
            ),
        })
    }

    /// Makes room for one more value; whether there was none.
    pub fn widen(known: &mut Option<Type>, value: &Value) -> bool {
        let Some(kind) = known else {
            *known = Type::of(value);
            return known.is_some();
        };
        match (&mut *kind, value) {
            (_, Value::Null)
            | (Type::Json, _)
            | (Type::Text, Value::String(_))
            | (Type::Bool, Value::Bool(_)) => return false,
            (Type::Int, Value::Number(number)) if number.is_i64() => return false,
            (Type::Int, Value::Number(number)) if number.is_f64() => *kind = Type::Double,
            // Beyond 2^53 a double is another number.
            (Type::Double, Value::Number(number)) if number.as_f64().is_some_and(exact) => {
                return false;
            }
            (Type::List(inner), Value::Array(list)) => {
                let mut found = inner.take().map(|inner| *inner);
                let mut widened = false;
                list.iter().for_each(|value| widened |= Type::widen(&mut found, value));
                *inner = found.map(Box::new);
                return widened;
            }
            (Type::Struct(fields), Value::Object(map))
                if !map.is_empty() && !map.contains_key("_type") =>
            {
                let mut widened = false;
                for (key, value) in map {
                    widened |= match fields.get_mut(key) {
                        Some(field) => Type::widen(field, value),
                        None => {
                            fields.insert(key.clone(), Type::of(value));
                            true
                        }
                    };
                }
                if fields.len() <= FIELDS_MAX {
                    return widened;
                }
                *kind = Type::Json;
            }
            _ => *kind = Type::Json,
        }
        true
    }

    /// Makes classes of the texts at this place, if there are only texts.
    pub fn classify(&mut self, path: &[&str]) {
        match (&mut *self, path) {
            (Type::Text, []) => *self = Type::Class,
            (Type::List(Some(inner)), _) => inner.classify(path),
            (Type::Struct(fields), [key, rest @ ..]) => {
                if let Some(Some(field)) = fields.get_mut(*key) {
                    field.classify(rest);
                }
            }
            _ => {}
        }
    }

    /// Keeps as JSON what lies too deep.
    pub fn limit(&mut self) {
        self.limit_below(0);
    }

    fn limit_below(&mut self, depth: usize) {
        match self {
            Type::List(_) | Type::Struct(_) if depth >= DEPTH_MAX => *self = Type::Json,
            Type::List(Some(inner)) => inner.limit_below(depth + 1),
            Type::Struct(fields) => {
                fields.values_mut().flatten().for_each(|field| field.limit_below(depth + 1));
            }
            _ => {}
        }
    }

    pub fn has_json(&self) -> bool {
        match self {
            Type::Json => true,
            Type::List(inner) => inner.as_ref().is_some_and(|inner| inner.has_json()),
            Type::Struct(fields) => fields.values().flatten().any(Type::has_json),
            _ => false,
        }
    }

    pub fn schema(&self, name: &str) -> Result<Schema, ParquetError> {
        let primitive = |physical, logical| {
            Schema::primitive_type_builder(name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .build()
        };
        let group = |fields: Vec<Arc<Schema>>, logical| {
            Schema::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .with_fields(fields)
                .build()
        };
        match self {
            Type::Bool => primitive(Physical::BOOLEAN, None),
            Type::Int | Type::Class => primitive(Physical::INT64, None),
            Type::Double => primitive(Physical::DOUBLE, None),
            Type::Text | Type::Json => primitive(Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Type::List(inner) => {
                let element = inner.as_deref().unwrap_or(&Type::Text).schema("element")?;
                let list = Schema::group_type_builder("list")
                    .with_repetition(Repetition::REPEATED)
                    .with_fields(vec![Arc::new(element)])
                    .build()?;
                group(vec![Arc::new(list)], Some(LogicalType::List))
            }
            Type::Struct(fields) => {
                let fields = fields.iter().map(|(name, field)| {
                    Ok(Arc::new(field.as_ref().unwrap_or(&Type::Text).schema(name)?))
                });
                group(fields.collect::<Result<_, ParquetError>>()?, None)
            }
        }
    }

    /// The feature, as `datasets` keeps it in the footer; what is JSON has the name that is given for it.
    pub fn feature(&self, names: &[&str], json: &str) -> Value {
        let value = |dtype: &str| json!({ "dtype": dtype, "_type": "Value" });
        match self {
            Type::Bool => value("bool"),
            Type::Int => value("int64"),
            Type::Double => value("float64"),
            Type::Text => value("string"),
            Type::Json => value(json),
            Type::Class => json!({ "names": names, "_type": "ClassLabel" }),
            Type::List(inner) => {
                json!([inner.as_deref().unwrap_or(&Type::Text).feature(names, json)])
            }
            Type::Struct(fields) => {
                let feature = |(name, field): (&String, &Option<Type>)| {
                    (name.clone(), field.as_ref().unwrap_or(&Type::Text).feature(names, json))
                };
                Value::Object(fields.iter().map(feature).collect())
            }
        }
    }

    /// The same as the card of a data set has it, below the name of the column.
    pub fn yaml(&self, names: &[&str], indent: usize, out: &mut String) {
        let space = " ".repeat(indent);
        let simple = |kind: &Type| match kind {
            Type::Bool => Some("bool"),
            Type::Int => Some("int64"),
            Type::Double => Some("float64"),
            Type::Text | Type::Json => Some("string"),
            Type::Class | Type::List(_) | Type::Struct(_) => None,
        };
        let fields_of = |fields: &BTreeMap<String, Option<Type>>, out: &mut String| {
            for (name, field) in fields {
                let _ = writeln!(out, "{space}- name: {}", Value::from(name.as_str()));
                field.as_ref().unwrap_or(&Type::Text).yaml(names, indent + 2, out);
            }
        };
        match self {
            Type::Class => {
                let _ = writeln!(out, "{space}dtype:\n{space}  class_label:\n{space}    names:");
                for (at, name) in names.iter().enumerate() {
                    let _ = writeln!(out, "{space}      '{at}': {}", Value::from(*name));
                }
            }
            Type::List(inner) => {
                let inner = inner.as_deref().unwrap_or(&Type::Text);
                match (simple(inner), inner) {
                    (Some(dtype), _) => {
                        let _ = writeln!(out, "{space}list: {dtype}");
                    }
                    (None, Type::Struct(fields)) => {
                        let _ = writeln!(out, "{space}list:");
                        fields_of(fields, out);
                    }
                    (None, inner) => {
                        let _ = writeln!(out, "{space}list:");
                        inner.yaml(names, indent + 2, out);
                    }
                }
            }
            Type::Struct(fields) => {
                let _ = writeln!(out, "{space}struct:");
                fields_of(fields, out);
            }
            other => {
                let _ = writeln!(out, "{space}dtype: {}", simple(other).unwrap_or("string"));
            }
        }
    }
}

fn exact(number: f64) -> bool {
    number.fract() != 0.0 || number.abs() <= (1_u64 << 53) as f64
}

/// One column of the file: its values, and for each the levels at which it is defined and repeated.
#[derive(Clone)]
pub(super) struct Leaf {
    values: Values,
    defined: Vec<i16>,
    repeated: Vec<i16>,
}

#[derive(Clone)]
enum Values {
    Bool(Vec<bool>),
    Int(Vec<i64>),
    Double(Vec<f64>),
    /// All texts, one behind the other, and where each ends.
    Text(Vec<u8>, Vec<usize>),
}

impl Leaf {
    fn missing(&mut self, defined: i16, repeated: i16) {
        self.defined.push(defined);
        self.repeated.push(repeated);
    }

    /// Hands the values over, and is empty.
    pub fn write(&mut self, column: &mut ColumnWriter) -> Result<(), ParquetError> {
        let levels = (Some(&self.defined[..]), Some(&self.repeated[..]));
        match (&mut self.values, column) {
            (Values::Bool(values), ColumnWriter::BoolColumnWriter(column)) => {
                column.write_batch(values, levels.0, levels.1)?;
            }
            (Values::Int(values), ColumnWriter::Int64ColumnWriter(column)) => {
                column.write_batch(values, levels.0, levels.1)?;
            }
            (Values::Double(values), ColumnWriter::DoubleColumnWriter(column)) => {
                column.write_batch(values, levels.0, levels.1)?;
            }
            (Values::Text(texts, ends), ColumnWriter::ByteArrayColumnWriter(column)) => {
                let whole = column.get_descriptor().max_def_level();
                let (mut at, mut first, mut start) = (0, 0, 0);
                while at < self.defined.len() {
                    // Some rows at a time: what is copied is small, and its place is used again.
                    let (mut to, mut last) = (at, first);
                    let is_first = |to: usize| self.repeated[to] == 0;
                    while to < self.defined.len()
                        && (to == at
                            || !is_first(to)
                            || ends_before(ends, last) - start < PIECE_BYTES)
                    {
                        last += usize::from(self.defined[to] == whole);
                        to += 1;
                    }
                    let end = ends_before(ends, last);
                    let piece = Bytes::copy_from_slice(&texts[start..end]);
                    let starts = [start].into_iter().chain(ends[first..last].iter().copied());
                    let cut = |(from, to): (usize, &usize)| {
                        ByteArray::from(piece.slice(from - start..*to - start))
                    };
                    let values: Vec<ByteArray> = starts.zip(&ends[first..last]).map(cut).collect();
                    let (defined, repeated) = (&self.defined[at..to], &self.repeated[at..to]);
                    column.write_batch(&values, Some(defined), Some(repeated))?;
                    (at, first, start) = (to, last, end);
                }
            }
            _ => return Err(ParquetError::General("a column of another type".into())),
        }
        self.defined.clear();
        self.repeated.clear();
        match &mut self.values {
            Values::Bool(values) => values.clear(),
            Values::Int(values) => values.clear(),
            Values::Double(values) => values.clear(),
            Values::Text(texts, ends) => {
                texts.clear();
                ends.clear();
            }
        }
        Ok(())
    }
}

/// How much text is handed over at once.
const PIECE_BYTES: usize = 1 << 20;

/// Where the texts before the `nth` end.
fn ends_before(ends: &[usize], nth: usize) -> usize {
    nth.checked_sub(1).map_or(0, |before| ends[before])
}

/// Takes values of one type apart.
pub(super) enum Node {
    Leaf { at: usize, kind: Type },
    List { element: Box<Node>, level: i16, leaves: Range<usize> },
    Struct { fields: Vec<(String, Node)>, leaves: Range<usize> },
}

impl Node {
    pub fn new(kind: &Type, level: i16, leaves: &mut Vec<Leaf>) -> Self {
        let start = leaves.len();
        match kind {
            Type::List(inner) => {
                let inner = inner.as_deref().unwrap_or(&Type::Text);
                let element = Box::new(Node::new(inner, level + 1, leaves));
                Node::List { element, level: level + 1, leaves: start..leaves.len() }
            }
            Type::Struct(fields) => {
                let mut nodes = Vec::new();
                for (name, field) in fields {
                    let field = field.as_ref().unwrap_or(&Type::Text);
                    nodes.push((name.clone(), Node::new(field, level, leaves)));
                }
                Node::Struct { fields: nodes, leaves: start..leaves.len() }
            }
            _ => {
                let values = match kind {
                    Type::Bool => Values::Bool(Vec::new()),
                    Type::Int | Type::Class => Values::Int(Vec::new()),
                    Type::Double => Values::Double(Vec::new()),
                    _ => Values::Text(Vec::new(), Vec::new()),
                };
                leaves.push(Leaf { values, defined: Vec::new(), repeated: Vec::new() });
                Node::Leaf { at: start, kind: kind.clone() }
            }
        }
    }

    /// Adds one value, whose surroundings are defined and repeated up to these levels; about how many bytes it has.
    /// The classes may have become more since, but none has another number.
    pub fn put(
        &self,
        value: Option<&Value>,
        (defined, repeated): (i16, i16),
        names: &Names,
        out: &mut [Leaf],
    ) -> usize {
        let value = value.filter(|value| !value.is_null());
        match (self, value) {
            (Node::Leaf { at, .. }, None) => {
                out[*at].missing(defined, repeated);
                1
            }
            (Node::Leaf { at, kind }, Some(value)) => {
                let leaf = &mut out[*at];
                let bytes = match (&mut leaf.values, value) {
                    (Values::Bool(values), Value::Bool(value)) => {
                        values.push(*value);
                        1
                    }
                    (Values::Int(values), Value::String(class)) => {
                        values.push(names.at.get(class).map_or(-1, |at| *at as i64));
                        8
                    }
                    (Values::Int(values), value) => {
                        values.push(value.as_i64().unwrap_or_default());
                        8
                    }
                    (Values::Double(values), value) => {
                        values.push(value.as_f64().unwrap_or(f64::NAN));
                        8
                    }
                    (Values::Text(texts, ends), Value::String(value)) if *kind == Type::Text => {
                        texts.extend_from_slice(value.as_bytes());
                        ends.push(texts.len());
                        value.len() + TEXT_BYTES
                    }
                    (Values::Text(texts, ends), value) => {
                        let before = texts.len();
                        // Writing to memory does not fail.
                        let _ = serde_json::to_writer(&mut *texts, value);
                        ends.push(texts.len());
                        texts.len() - before + TEXT_BYTES
                    }
                    (Values::Bool(values), _) => {
                        values.push(false);
                        1
                    }
                };
                leaf.missing(defined + 1, repeated);
                bytes
            }
            (Node::List { element, level, leaves }, Some(Value::Array(list))) => {
                if list.is_empty() {
                    out[leaves.clone()]
                        .iter_mut()
                        .for_each(|leaf| leaf.missing(defined + 1, repeated));
                    return leaves.len();
                }
                let mut bytes = 0;
                for (nth, value) in list.iter().enumerate() {
                    let repeated = if nth == 0 { repeated } else { *level };
                    bytes += element.put(Some(value), (defined + 2, repeated), names, out);
                }
                bytes
            }
            (Node::Struct { fields, .. }, Some(Value::Object(map))) => {
                let put = |(name, node): &(String, Node)| {
                    node.put(map.get(name), (defined + 1, repeated), names, out)
                };
                fields.iter().map(put).sum()
            }
            (Node::List { leaves, .. } | Node::Struct { leaves, .. }, _) => {
                out[leaves.clone()].iter_mut().for_each(|leaf| leaf.missing(defined, repeated));
                leaves.len()
            }
        }
    }
}
