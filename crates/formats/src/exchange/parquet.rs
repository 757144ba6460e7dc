//! Parquet, row group by row group, with the names of classes that Hugging Face's `datasets` keeps in its footer.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::errors::Result as Parquet;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::record::reader::TreeBuilder;
use parquet::record::{Field, Row};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type, TypePtr};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};

use super::ahead::{Hand, WORTH_BYTES, ahead};
use super::arrow_cells::printed;
use super::pages::Guarded;
use super::rows::Walk;
use super::source::Handle;
use super::{Class, Item, ReadError, Refusal, Sink, footer};
use crate::json;
use crate::pictures;
use crate::row::{Code, Fault};

/// How many values of each column are unpacked at a time, and about how many bytes: rows may hold pictures.
const BATCH: usize = 256;
const BATCH_BYTES: u64 = 16 << 20;
/// The column in which classes are listed.
const LABELS: [&str; 5] = ["label", "labels", "ner_tags", "tags", "objects"];
/// How deep lists and structs may lie in one another.
const DEPTH_MAX: usize = 64;

/// A file of which the library reads several places by turns.
#[derive(Clone)]
struct Shared {
    file: Arc<Mutex<Box<dyn Handle>>>,
    length: u64,
}

struct From {
    file: Arc<Mutex<Box<dyn Handle>>>,
    at: u64,
}

impl Read for From {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Parquet<Self::T> {
        Ok(BufReader::new(From { file: Arc::clone(&self.file), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Parquet<Bytes> {
        let mut bytes = Vec::with_capacity(length.min(CHUNK_BYTES));
        let from = From { file: Arc::clone(&self.file), at: start };
        from.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(bytes.into())
    }
}

/// How much memory is set aside before a chunk has shown that it is as long as it says.
const CHUNK_BYTES: usize = 1 << 20;

/// A file whose schema has been looked at.
struct Table {
    reader: SerializedFileReader<Shared>,
    file: Shared,
    schema: SchemaDescPtr,
    /// The columns that are not read.
    unread: Vec<String>,
    moments: Moments,
    /// What `datasets`, or we, said of the columns.
    features: Option<Value>,
}

type Columns = Vec<(String, Field)>;

impl Table {
    fn open(mut file: Box<dyn Handle>) -> io::Result<Result<Self, Fault>> {
        if !footer::is_shallow(&mut file)? {
            let message =
                "this is no Parquet that can be read: it is cut off, or its schema is too deep";
            return Ok(Err(Fault::new("", Code::Unreadable, message)));
        }
        let length = file.seek(SeekFrom::End(0))?;
        let file = Shared { file: Arc::new(Mutex::new(file)), length };
        let reader =
            guarded(|| SerializedFileReader::new(file.clone()).map_err(|error| error.to_string()));
        Ok(reader.and_then(|reader| {
            let (schema, unread) = readable(&reader)?;
            let moments = moments(&schema);
            let metadata = reader.metadata().file_metadata();
            let kept = |key: &str| {
                let pair = metadata.key_value_metadata()?.iter().find(|pair| pair.key == key)?;
                serde_json::from_str::<Value>(pair.value.as_ref()?).ok()
            };
            let said = kept("fairmark").or_else(|| kept("huggingface"));
            let features = said.and_then(|value| value.pointer("/info/features").cloned());
            Ok(Self { reader, file, schema, unread, moments, features })
        }))
    }

    /// Each row with its number, from 1. What cannot be unpacked is the last that is heard of.
    fn each<E>(
        &self,
        mut take: impl FnMut(u64, Result<Columns, Fault>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut number = 0;
        for group in 0..self.reader.num_row_groups() {
            let told = self.reader.metadata().row_group(group);
            let row = told.total_byte_size().max(1) as u64 / told.num_rows().max(1) as u64;
            let batch = usize::try_from(BATCH_BYTES / row.max(1)).unwrap_or(BATCH).clamp(1, BATCH);
            let opened = guarded(|| {
                let group = self.reader.get_row_group(group).map_err(|error| error.to_string())?;
                let group = Guarded::new(&self.file, group, batch)?;
                let tree = TreeBuilder::new().with_batch_size(group.batch);
                tree.as_iter(self.schema.clone(), &group).map_err(|error| error.to_string())
            });
            let mut rows = match opened {
                Ok(rows) => rows,
                Err(fault) => return take(number + 1, Err(fault)),
            };
            loop {
                let next = guarded(|| match rows.next() {
                    Some(Ok(row)) => Ok(Some(row)),
                    Some(Err(error)) => Err(error.to_string()),
                    None => Ok(None),
                });
                number += 1;
                match next {
                    Ok(Some(row)) => take(number, Ok(row.into_columns()))?,
                    Ok(None) => break number -= 1,
                    Err(fault) => return take(number, Err(fault)),
                }
            }
        }
        Ok(())
    }
}

pub(super) fn read(
    file: Box<dyn Handle>,
    walk: &mut Walk,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let table = Table::open(file)?.map_err(|fault| walk.refuse(1, fault))?;
    let features = table.features.as_ref();
    for name in LABELS {
        for class in classes(features.and_then(|features| features.get(name))) {
            sink.class(&Class { name: class.into(), ..Class::default() })?;
        }
    }
    table.unread.iter().for_each(|column| sink.lose("column_not_read", column.clone()));
    let unpack = |hand: &mut Hand<Unpacked>| {
        // Where nobody takes it any more, there is nothing more to say.
        let _ = table.each(|number, columns| {
            let (mut content, mut lost) = (Vec::new(), Lost::default());
            let is_last = columns.is_err();
            let value = columns.and_then(|columns| {
                object(columns, &table.moments, features, &mut content, &mut lost)
            });
            let bytes = content.len() + value.as_ref().map_or(0, weight);
            let row = Unpacked { number, value, content, lost, is_last };
            if hand(row, bytes) { Ok(()) } else { Err(()) }
        });
    };
    ahead(table.file.length >= WORTH_BYTES, unpack, |row| {
        for (kind, example) in row.lost.0 {
            sink.lose(kind, example);
        }
        walk.content = row.content;
        match row.value {
            Ok(value) => walk.row(&value, "", row.number, b"", sink)?,
            Err(fault) if row.is_last => return Err(walk.refuse(row.number, fault).into()),
            Err(fault) => sink.refuse(walk.refuse(row.number, fault)),
        }
        Ok(())
    })
}

/// A row as it comes out of the file.
struct Unpacked {
    number: u64,
    value: Result<Value, Fault>,
    /// The picture in it.
    content: Vec<u8>,
    lost: Lost,
    /// The file cannot be read any further.
    is_last: bool,
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(weight).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + weight(value)).sum(),
        _ => 0,
    };
    size_of::<Value>() + inner
}

/// Gives each row of a table to `take`, as an object, with its number from 1; or what is wrong with it, after which nothing may come. Classes that are
/// kept as numbers come by their names; bytes are no texts and come as nothing.
///
/// Errors: of reading the file, and those of `take`.
pub fn parquet_rows<E: std::convert::From<io::Error>>(
    file: impl Handle + 'static,
    mut take: impl FnMut(u64, Result<Value, String>) -> Result<(), E>,
) -> Result<(), E> {
    let table = match Table::open(Box::new(file))? {
        Ok(table) => table,
        Err(fault) => return take(1, Err(fault.message)),
    };
    table.each(|number, columns| {
        let row = columns.and_then(|columns| {
            object(
                columns,
                &table.moments,
                table.features.as_ref(),
                &mut Vec::new(),
                &mut Lost::default(),
            )
        });
        take(number, row.map_err(|fault| fault.message))
    })
}

/// What is lost on the way, which whoever asks for single columns does not hear of.
#[derive(Default)]
struct Lost(Vec<(&'static str, String)>);

impl Sink for Lost {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, _: Item) -> io::Result<()> {
        Ok(())
    }

    fn refuse(&mut self, _: Refusal) {}

    fn lose(&mut self, kind: &'static str, example: String) {
        self.0.push((kind, example));
    }
}

/// The schema without the columns of spans of time, which the library gives up on, and the names of these.
fn readable(reader: &SerializedFileReader<Shared>) -> Result<(SchemaDescPtr, Vec<String>), Fault> {
    fn spans(field: &Type) -> bool {
        match field.is_group() {
            true => field.get_fields().iter().any(|field| spans(field)),
            false => field.get_basic_info().converted_type() == ConvertedType::INTERVAL,
        }
    }
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let fields = schema.root_schema().get_fields().iter().cloned();
    let (unread, fields): (Vec<_>, Vec<_>) = fields.partition(|field| spans(field));
    if unread.is_empty() {
        return Ok((schema, Vec::new()));
    }
    let rest = guarded(|| {
        let root = Type::group_type_builder(schema.name()).with_fields(fields).build();
        root.map_err(|error| error.to_string())
    })?;
    let unread = unread.iter().map(|field| field.name().to_owned()).collect();
    Ok((Arc::new(SchemaDescriptor::new(Arc::new(rest))), unread))
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
pub(super) fn classes(feature: Option<&Value>) -> Vec<&str> {
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
    moments: &Moments,
    features: Option<&Value>,
    content: &mut Vec<u8>,
    sink: &mut dyn Sink,
) -> Result<Value, Fault> {
    let mut row = Map::new();
    for (name, mut field) in columns {
        if content.is_empty() {
            field = take_content(field, content);
        }
        let feature = features.and_then(|features| features.get(&name));
        let value = match moments.get(&name).and_then(|moment| moment.said(&field)) {
            Some(said) => said.into(),
            None => value(field, feature, &name, 0, sink)?,
        };
        row.insert(name, value);
    }
    Ok(Value::Object(row))
}

/// The columns of moments, and of times of the day, by their names: how many parts a second has, and whether they are
/// those of Greenwich. The library takes all for that, and billionths of a second for bare numbers.
type Moments = HashMap<String, Moment>;

#[derive(Clone, Copy)]
struct Moment {
    parts: i64,
    in_utc: bool,
    is_clock: bool,
}

fn moments(schema: &SchemaDescPtr) -> Moments {
    let parts = |unit| match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    let moment = |field: &TypePtr| {
        let about = field.get_basic_info();
        let moment = match about.logical_type_ref()? {
            LogicalType::Timestamp(said) => Moment {
                parts: parts(said.unit),
                in_utc: said.is_adjusted_to_u_t_c,
                is_clock: false,
            },
            LogicalType::Time(said) => {
                Moment { parts: parts(said.unit), in_utc: false, is_clock: true }
            }
            _ => return None,
        };
        (!field.is_group()).then(|| (field.name().to_owned(), moment))
    };
    schema.root_schema().get_fields().iter().filter_map(moment).collect()
}

impl Moment {
    fn said(self, field: &Field) -> Option<String> {
        let time = match *field {
            Field::TimestampMillis(time) if self.parts == 1_000 => time,
            Field::TimestampMicros(time) if self.parts == 1_000_000 => time,
            Field::Long(time) if self.parts == 1_000_000_000 => time,
            Field::TimeMillis(time) if self.parts == 1_000 => time.into(),
            Field::TimeMicros(time) if self.parts == 1_000_000 => time,
            _ => return None,
        };
        let said = printed(time, self.parts);
        match (self.is_clock, self.in_utc) {
            (true, _) => said.split(' ').next_back().map(str::to_owned),
            (false, true) => Some(said + " +00:00"),
            (false, false) => Some(said),
        }
    }
}

/// Takes out the bytes of a picture: a column of bytes, or a struct of `bytes` and `path`.
fn take_content(field: Field, content: &mut Vec<u8>) -> Field {
    let is_picture = |bytes: &[u8]| pictures::probe(bytes, &pictures::Limits::default()).is_ok();
    match field {
        Field::Bytes(bytes) if is_picture(bytes.data()) => {
            *content = bytes.data().to_vec();
            Field::Null
        }
        Field::Group(row) => {
            let mut fields = row.into_columns();
            for (name, field) in &mut fields {
                if name == "bytes"
                    && let Field::Bytes(bytes) = &field
                    && !bytes.data().is_empty()
                {
                    *content = bytes.data().to_vec();
                    *field = Field::Null;
                }
            }
            Field::Group(Row::new(fields))
        }
        other => other,
    }
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
            let parsed = is_json(feature).then(|| json::parse(text.as_bytes()).ok()).flatten();
            parsed.unwrap_or_else(|| text.into())
        }
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) if !path.ends_with("bytes") && !text.contains('\0') => text.into(),
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

/// Whether a text is a value in JSON: so `datasets` keeps records that have not all the same fields.
pub(super) fn is_json(feature: Option<&Value>) -> bool {
    let said = |key| feature.and_then(|feature| feature.get(key)).and_then(Value::as_str);
    said("dtype") == Some("json") || said("_type") == Some("Json")
}

/// A number, or the class that it stands for.
pub(super) fn class(number: i64, feature: Option<&Value>, path: &str) -> Result<Value, Fault> {
    let names = feature.and_then(|feature| feature.get("names")?.as_array());
    let Some(names) = names else { return Ok(number.into()) };
    // Of rows that are not labelled the class is −1.
    if number == -1 {
        return Ok(Value::Null);
    }
    let name = usize::try_from(number).ok().and_then(|at| names.get(at));
    match name {
        Some(Value::String(name)) => Ok(name.as_str().into()),
        // Argilla numbers what was not said like a class.
        Some(Value::Null) => Ok(Value::Null),
        _ => {
            let message = format!("`{path}` is {number}: there are {} classes", names.len());
            Err(Fault::new(path, Code::OutOfRange, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Argilla makes classes of its answers, of those that nobody gave, too.
    #[test]
    fn a_class_may_be_nothing() {
        let feature = json!({ "_type": "ClassLabel", "names": ["ä", null] });
        let named = |number| class(number, Some(&feature), "label.suggestion").ok();
        assert_eq!(
            [0, 1, -1, 2].map(named),
            [Some(json!("ä")), Some(Value::Null), Some(Value::Null), None]
        );
    }
}
