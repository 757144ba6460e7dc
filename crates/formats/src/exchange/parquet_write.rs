//! Parquet as Hugging Face's `datasets` lays it out: `data/train-00000-of-00001.parquet`, one set of files for each
//! part of the data, and a card that tells the columns and the classes. Under a name that ends in `.parquet` it is
//! the one file alone.
//!
//! The columns are those that any row has, so the rows wait on the disk until all of them are known; then one row
//! group at a time is put together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use serde_json::{Map, Value};

use super::columns::{Leaf, Node, Type};
use super::items::single;
use super::table::{self, Spool};
use super::{Class, Item, Names, Writer, create};
use crate::loss::LossReport;

/// About how much of the rows' text is held at a time.
const GROUP_BYTES: usize = 32 << 20;
const GROUP_ROWS: usize = 100_000;
/// Where another file is begun, as `datasets` does it.
const FILE_BYTES: usize = 500 << 20;
/// How many parts a data set may have.
const PARTS_MAX: usize = 64;
/// What is no set of classes any more, but texts.
const CLASSES_MAX: usize = 10_000;
/// The columns whose texts are classes, where all of them are texts.
const CLASSED: [&[&str]; 3] = [&["label"], &["labels"], &["objects", "category"]];

pub(super) struct DataFolder {
    out: PathBuf,
    /// The file, where it is only one.
    single: Option<File>,
    parts: BTreeMap<String, Spool>,
    columns: BTreeMap<String, Option<Type>>,
    classes: Names,
}

impl DataFolder {
    pub fn new(out: &Path) -> io::Result<Self> {
        let one = out.extension().is_some_and(|ending| ending == "parquet");
        let single = one.then(|| single(out)).transpose()?;
        if single.is_none() {
            std::fs::create_dir_all(out)?;
        }
        let (parts, columns) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { out: out.into(), single, parts, columns, classes: Names::default() })
    }

    /// The part of the data that an item goes to, under a name that `datasets` takes.
    fn part(&self, item: &Item, losses: &mut LossReport) -> String {
        let clean = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let name: String = item.subset.chars().map(clean).collect();
        let known = self.parts.contains_key(&name);
        if item.subset.is_empty() {
            return "train".into();
        }
        if name != item.subset || (!known && self.parts.len() >= PARTS_MAX) {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        if known || self.parts.len() < PARTS_MAX { name } else { "train".into() }
    }

    fn spool(&mut self, part: String, row: &Map<String, Value>) -> io::Result<()> {
        for (key, value) in row {
            match self.columns.get_mut(key) {
                Some(known) => Type::widen(known, value),
                None => drop(self.columns.insert(key.clone(), Type::of(value))),
            }
        }
        let found = self.parts.get_mut(&part);
        let spool = match found {
            Some(spool) => spool,
            None => self.parts.entry(part).or_insert(Spool::new()?),
        };
        spool.push(row)
    }
}

impl Writer for DataFolder {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let mut row = table::row(item, losses);
        let mut part = String::from("train");
        if self.single.is_none() {
            part = self.part(item, losses);
        } else if !item.subset.is_empty() {
            row.insert("split".into(), item.subset.as_str().into());
        }
        for path in CLASSED {
            let found = path[1..].iter().try_fold(row.get(path[0]), |at, key| Some(at?.get(key)));
            match found.flatten() {
                Some(Value::String(class)) => drop(self.classes.index(class)),
                Some(Value::Array(list)) => {
                    list.iter().filter_map(Value::as_str).for_each(|class| {
                        self.classes.index(class);
                    });
                }
                _ => {}
            }
        }
        self.spool(part, &row)
    }

    fn finish(mut self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        let mut columns: Vec<(String, Type)> = std::mem::take(&mut self.columns)
            .into_iter()
            .map(|(name, found)| (name, found.unwrap_or(Type::Text)))
            .collect();
        columns.sort_by_key(|(name, _)| table::rank(name));
        let names: Vec<&str> = self.classes.list.iter().map(|class| &class.name[..]).collect();
        for (name, found) in &mut columns {
            if names.len() <= CLASSES_MAX {
                for path in CLASSED.iter().filter(|path| path[0] == name) {
                    found.classify(&path[1..]);
                }
            }
            found.limit();
            if found.has_json() {
                losses.add("value_as_json", || name.clone());
            }
        }
        if columns.is_empty() {
            columns.push(("text".into(), Type::Text));
        }
        let table = Table::new(&columns, &names).map_err(broken)?;
        if let Some(file) = self.single.take() {
            let mut file = table.file(file).map_err(broken)?;
            for spool in std::mem::take(&mut self.parts).into_values() {
                spool.each(&mut |row| file.push(&row).map_err(broken))?;
            }
            file.finish().map_err(broken)?;
            return Ok(());
        }
        let mut parts = Vec::new();
        for (name, spool) in std::mem::take(&mut self.parts) {
            parts.push(self.part_files(&table, name, spool)?);
        }
        let card = card(&columns, &names, &parts);
        create(&self.out, "README.md")?.write_all(card.as_bytes())
    }
}

/// One part of the data as it was written.
struct Part {
    name: String,
    rows: u64,
    /// The bytes of the values, and of the files.
    size: usize,
    packed: usize,
}

impl DataFolder {
    fn part_files(&self, table: &Table, name: String, spool: Spool) -> io::Result<Part> {
        let mut part = Part { rows: spool.rows, name, size: 0, packed: 0 };
        let file_name =
            |nth: usize, of: usize| format!("data/{}-{nth:05}-of-{of:05}.parquet", part.name);
        // How many files there will be is known with the last one.
        let begin = |nth: usize| table.file(create(&self.out, &file_name(nth, 0))?).map_err(broken);
        let (mut file, mut files) = (begin(0)?, 1);
        let (mut size, mut packed) = (0, 0);
        spool.each(&mut |row| {
            if file.out.bytes_written() > FILE_BYTES {
                let full = std::mem::replace(&mut file, begin(files)?);
                let [values, bytes] = full.finish().map_err(broken)?;
                (size, packed, files) = (size + values, packed + bytes, files + 1);
            }
            file.push(&row).map_err(broken)
        })?;
        let [values, bytes] = file.finish().map_err(broken)?;
        for nth in 0..files {
            let [from, to] = [0, files].map(|of| self.out.join(file_name(nth, of)));
            std::fs::rename(from, to)?;
        }
        (part.size, part.packed) = (size + values, packed + bytes);
        Ok(part)
    }
}

fn broken(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

/// The columns of all files of a data set.
struct Table {
    schema: parquet::schema::types::TypePtr,
    properties: Arc<WriterProperties>,
    columns: Vec<(String, Node)>,
    leaves: Vec<Leaf>,
}

impl Table {
    fn new(columns: &[(String, Type)], names: &[&str]) -> Result<Self, ParquetError> {
        let mut fields = Vec::new();
        let (mut nodes, mut leaves) = (Vec::new(), Vec::new());
        for (name, found) in columns {
            fields.push(Arc::new(found.schema(name)?));
            nodes.push((name.clone(), Node::new(found, names, 0, &mut leaves)));
        }
        let schema = parquet::schema::types::Type::group_type_builder("schema")
            .with_fields(fields)
            .build()?;
        // Ours tells, too, which texts are JSON.
        let pair = |key: &str, json: &str| {
            let feature = |(name, kind): &(String, Type)| (name.clone(), kind.feature(names, json));
            let features: Map<String, Value> = columns.iter().map(feature).collect();
            let info = serde_json::json!({ "info": { "features": features } });
            KeyValue::new(key.to_owned(), info.to_string())
        };
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("fairmark".into())
            .set_key_value_metadata(Some(vec![
                pair("huggingface", "string"),
                pair("fairmark", "json"),
            ]))
            .build();
        Ok(Self {
            schema: Arc::new(schema),
            properties: Arc::new(properties),
            columns: nodes,
            leaves,
        })
    }

    fn file(&self, out: File) -> Result<TableFile<'_>, ParquetError> {
        let out = SerializedFileWriter::new(out, self.schema.clone(), self.properties.clone())?;
        Ok(TableFile { out, table: self, leaves: self.leaves.clone(), held: 0, rows: 0, size: 0 })
    }
}

struct TableFile<'a> {
    out: SerializedFileWriter<File>,
    table: &'a Table,
    /// The values of the row group that is being put together.
    leaves: Vec<Leaf>,
    held: usize,
    rows: usize,
    size: usize,
}

impl TableFile<'_> {
    fn push(&mut self, row: &Map<String, Value>) -> Result<(), ParquetError> {
        for (name, node) in &self.table.columns {
            self.held += node.put(row.get(name), 0, 0, &mut self.leaves);
        }
        self.rows += 1;
        if self.held >= GROUP_BYTES || self.rows >= GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.out.next_row_group()?;
        for leaf in &mut self.leaves {
            let Some(mut column) = group.next_column()? else { break };
            leaf.write(column.untyped())?;
            column.close()?;
        }
        group.close()?;
        self.size += self.held;
        (self.held, self.rows) = (0, 0);
        Ok(())
    }

    /// Ends the file; how many bytes its values have, and itself.
    fn finish(mut self) -> Result<[usize; 2], ParquetError> {
        self.flush()?;
        self.out.finish()?;
        Ok([self.size, self.out.bytes_written()])
    }
}

/// The card of the data set, whose head `datasets` reads.
fn card(columns: &[(String, Type)], names: &[&str], parts: &[Part]) -> String {
    let mut text = String::from("---\ndataset_info:\n  features:\n");
    for (name, found) in columns {
        let _ = writeln!(text, "  - name: {}", Value::from(name.as_str()));
        found.yaml(names, 4, &mut text);
    }
    text.push_str("  splits:\n");
    for Part { name, rows, size, .. } in parts {
        let _ = writeln!(text, "  - name: {name}\n    num_bytes: {size}\n    num_examples: {rows}");
    }
    let total = |pick: fn(&Part) -> usize| parts.iter().map(pick).sum::<usize>();
    let (packed, size) = (total(|part| part.packed), total(|part| part.size));
    let _ = writeln!(text, "  download_size: {packed}\n  dataset_size: {size}");
    text.push_str("configs:\n- config_name: default\n  data_files:\n");
    for Part { name, .. } in parts {
        let _ = writeln!(text, "  - split: {name}\n    path: data/{name}-*");
    }
    text.push_str("---\n\n# Labels\n\n| part | rows |\n|---|---|\n");
    for Part { name, rows, .. } in parts {
        let _ = writeln!(text, "| {name} | {rows} |");
    }
    text
}
