//! Parquet as Hugging Face's `datasets` lays it out: `data/train-00000-of-00001.parquet`, one set of files for each
//! part of the data, and a card that tells the columns and the classes. Under a name that ends in `.parquet` it is
//! the one file alone.
//!
//! The columns are those that any row has. The first rows wait on the disk and show which these are; what follows
//! goes straight into row groups. Where a later row has more, or other, than its columns have room for, another
//! file is begun, and in the end all are written again in the columns that hold everything.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use serde_json::{Map, Value};

use super::columns::{Leaf, Node, Type};
use super::outlet::{Outlet, file_at};
use super::parquet::parquet_rows;
use super::rows::Plain;
use super::table_write::{self, Spool};
use super::{Class, Handle, Item, Names, Scratch, Writer};
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
/// How many rows show the columns.
const FIRST_ROWS: u64 = 2_000;
/// How often rows may turn out otherwise before all that follow wait for the end.
const SURPRISES_MAX: u32 = 4;
/// The columns whose texts are classes, where all of them are texts.
const CLASSED: [&[&str]; 3] = [&["label"], &["labels"], &["objects", "category"]];

pub(super) struct DataFolder {
    out: Outlet,
    /// The name ends in `.parquet`.
    single: bool,
    parts: BTreeMap<String, Part>,
    columns: Columns,
    classes: Names,
    /// The columns as they are known so far; none where the last row had something new.
    table: Option<Arc<Table>>,
    /// How many files were begun, so that each has a name of its own.
    begun: usize,
    plain: Plain,
}

type Columns = BTreeMap<String, Option<Type>>;

/// One part of the data.
#[derive(Default)]
struct Part {
    rows: u64,
    /// Files that are full, and whose columns may have been overtaken; all without their footers.
    full: Vec<TableFile>,
    open: Option<TableFile>,
    /// Rows whose columns are not known yet.
    waiting: Option<Spool>,
    surprises: u32,
}

impl DataFolder {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let single = out.is_one("parquet");
        match out.path() {
            Some(path) if single => drop(file_at(path)?),
            _ => out.folder("")?,
        }
        Ok(Self {
            out: out.clone(),
            single,
            parts: BTreeMap::new(),
            columns: BTreeMap::new(),
            classes: Names::default(),
            table: None,
            begun: 0,
            plain: Plain::default(),
        })
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

    /// Hears of a class; more of them than may be make all of them texts.
    fn classed(&mut self, class: &str) {
        let before = self.classes.list.len();
        self.classes.index(class);
        if before == CLASSES_MAX && self.classes.list.len() > before {
            self.table = None;
        }
    }

    /// The columns with the types that they have in a file, the first ones first.
    fn planned(&self) -> Vec<(String, Type)> {
        let mut columns: Vec<(String, Type)> = Vec::new();
        for (name, found) in &self.columns {
            let mut found = found.clone().unwrap_or(Type::Text);
            if self.classes.list.len() <= CLASSES_MAX {
                for path in CLASSED.iter().filter(|path| path[0] == name) {
                    found.classify(&path[1..]);
                }
            }
            found.limit();
            columns.push((name.clone(), found));
        }
        columns.sort_by_key(|(name, _)| table_write::rank(name));
        if columns.is_empty() {
            columns.push(("text".into(), Type::Text));
        }
        columns
    }

    fn table(&mut self) -> io::Result<Arc<Table>> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        let table = Arc::new(Table::new(self.planned()).map_err(broken)?);
        Ok(self.table.insert(table).clone())
    }

    /// Begins a file in the columns that are known now.
    fn begin(&mut self, part: &str) -> io::Result<TableFile> {
        let table = self.table()?;
        self.begun += 1;
        let Some(path) = self.out.path() else {
            return TableFile::new(table, Kept::Waiting(self.out.scratch()?));
        };
        let nth = self.begun;
        let path = match self.single {
            true => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                path.with_file_name(format!("{name}.{nth}"))
            }
            false => path.join(format!("data/{part}-{nth:05}-of-00000.parquet")),
        };
        TableFile::new(table, Kept::Named(file_at(&path)?, path))
    }

    fn push(&mut self, name: String, row: &Map<String, Value>) -> io::Result<()> {
        for (key, value) in row {
            let widened = match self.columns.get_mut(key) {
                Some(known) => Type::widen(known, value),
                None => {
                    self.columns.insert(key.clone(), Type::of(value));
                    true
                }
            };
            if widened {
                self.table = None;
            }
        }
        let mut part = self.parts.remove(&name).unwrap_or_default();
        part.rows += 1;
        let pushed = self.push_to(&name, &mut part, row);
        self.parts.insert(name, part);
        pushed
    }

    fn push_to(&mut self, name: &str, part: &mut Part, row: &Map<String, Value>) -> io::Result<()> {
        if let Some(file) = &mut part.open {
            if self.table.as_ref().is_some_and(|table| Arc::ptr_eq(table, &file.table)) {
                file.push(row, &self.classes).map_err(broken)?;
                if file.is_full() && !self.single {
                    part.full.extend(part.open.take());
                    part.open = Some(self.begin(name)?);
                }
                return Ok(());
            }
            part.full.extend(part.open.take());
            part.surprises += 1;
        }
        let waiting = match &mut part.waiting {
            Some(waiting) => waiting,
            None => part.waiting.insert(Spool::new(&self.out)?),
        };
        waiting.push(row)?;
        if waiting.rows >= FIRST_ROWS && part.surprises <= SURPRISES_MAX {
            let mut file = self.begin(name)?;
            self.drain(part.waiting.take(), &mut file)?;
            part.open = Some(file);
        }
        Ok(())
    }

    fn drain(&self, waiting: Option<Spool>, file: &mut TableFile) -> io::Result<()> {
        let Some(waiting) = waiting else { return Ok(()) };
        waiting.each(&mut |row| file.push(&row, &self.classes).map_err(broken))
    }

    /// The files of a part, all in the same columns.
    fn files(&mut self, name: &str, mut part: Part) -> io::Result<Vec<TableFile>> {
        let table = self.table()?;
        part.full.extend(part.open.take());
        let old = match part.full.iter().all(|file| Arc::ptr_eq(&file.table, &table)) {
            true => Vec::new(),
            false => std::mem::take(&mut part.full),
        };
        let mut file = match part.full.pop() {
            Some(file) => file,
            None => self.begin(name)?,
        };
        for overtaken in old {
            let (kept, _) = overtaken.finish(&self.classes)?;
            let (again, path) = kept.again()?;
            parquet_rows(again, |_, row| {
                let row = row.map_err(io::Error::other)?;
                if file.is_full() && !self.single {
                    let next = self.begin(name)?;
                    part.full.push(std::mem::replace(&mut file, next));
                }
                let row = row.as_object().ok_or_else(|| io::Error::other("a row is no object"))?;
                file.push(row, &self.classes).map_err(broken)
            })?;
            path.map_or(Ok(()), std::fs::remove_file)?;
        }
        let Some(waiting) = part.waiting.take() else {
            part.full.push(file);
            return Ok(part.full);
        };
        waiting.each(&mut |row| {
            if file.is_full() && !self.single {
                let next = self.begin(name)?;
                part.full.push(std::mem::replace(&mut file, next));
            }
            file.push(&row, &self.classes).map_err(broken)
        })?;
        part.full.push(file);
        Ok(part.full)
    }
}

impl Writer for DataFolder {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let mut row = table_write::row(item, &mut self.plain, losses);
        let mut part = String::from("train");
        if !self.single {
            part = self.part(item, losses);
        } else if !item.subset.is_empty() {
            row.insert("split".into(), item.subset.as_str().into());
        }
        for path in CLASSED {
            let found = path[1..].iter().try_fold(row.get(path[0]), |at, key| Some(at?.get(key)));
            match found.flatten() {
                Some(Value::String(class)) => self.classed(class),
                Some(Value::Array(list)) => {
                    list.iter().filter_map(Value::as_str).for_each(|class| self.classed(class));
                }
                _ => {}
            }
        }
        self.push(part, &row)
    }

    fn finish(mut self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        let columns = self.planned();
        for (name, _) in columns.iter().filter(|(_, found)| found.has_json()) {
            losses.add("value_as_json", || name.clone());
        }
        let mut parts = std::mem::take(&mut self.parts);
        if self.single && parts.is_empty() {
            parts.insert("train".into(), Part::default());
        }
        let mut told = Vec::new();
        for (name, part) in parts {
            let mut written = Written { rows: part.rows, name, size: 0, packed: 0 };
            let files = self.files(&written.name, part)?;
            let of = files.len();
            for (nth, file) in files.into_iter().enumerate() {
                let (kept, [size, packed]) = file.finish(&self.classes)?;
                (written.size, written.packed) = (written.size + size, written.packed + packed);
                let name = format!("data/{}-{nth:05}-of-{of:05}.parquet", written.name);
                kept.bring(&self.out, (!self.single).then_some(&name))?;
            }
            told.push(written);
        }
        if self.single {
            return Ok(());
        }
        let names = self.classes.list.iter().map(|class| &class.name[..]).collect::<Vec<_>>();
        let card = card(&columns, &names, &told);
        self.out.create("README.md")?.write_all(card.as_bytes())
    }
}

/// One part of the data as it was written.
struct Written {
    name: String,
    rows: u64,
    /// The bytes of the values, and of the files.
    size: usize,
    packed: usize,
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

/// The columns of a file.
struct Table {
    columns: Vec<(String, Type)>,
    nodes: Vec<(String, Node)>,
    leaves: Vec<Leaf>,
}

impl Table {
    fn new(columns: Vec<(String, Type)>) -> Result<Self, ParquetError> {
        let (mut nodes, mut leaves) = (Vec::new(), Vec::new());
        for (name, found) in &columns {
            nodes.push((name.clone(), Node::new(found, 0, &mut leaves)));
        }
        Ok(Self { columns, nodes, leaves })
    }

    fn schema(&self) -> Result<parquet::schema::types::Type, ParquetError> {
        let fields = self.columns.iter().map(|(name, found)| found.schema(name).map(Arc::new));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        parquet::schema::types::Type::group_type_builder("schema").with_fields(fields).build()
    }
}

struct TableFile {
    table: Arc<Table>,
    out: SerializedFileWriter<Kept>,
    /// The values of the row group that is being put together.
    leaves: Vec<Leaf>,
    held: usize,
    rows: usize,
    size: usize,
}

impl TableFile {
    fn new(table: Arc<Table>, out: Kept) -> io::Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("fairmark".into())
            .build();
        let schema = Arc::new(table.schema().map_err(broken)?);
        let out = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(broken)?;
        let leaves = table.leaves.clone();
        Ok(Self { table, out, leaves, held: 0, rows: 0, size: 0 })
    }

    fn is_full(&self) -> bool {
        self.out.bytes_written() > FILE_BYTES
    }

    fn push(&mut self, row: &Map<String, Value>, classes: &Names) -> Result<(), ParquetError> {
        for (name, node) in &self.table.nodes {
            self.held += node.put(row.get(name), (0, 0), classes, &mut self.leaves);
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

    /// Ends the file with the names of the classes; how many bytes its values have, and itself.
    fn finish(mut self, classes: &Names) -> io::Result<(Kept, [usize; 2])> {
        self.flush().map_err(broken)?;
        let names: Vec<&str> = classes.list.iter().map(|class| &class.name[..]).collect();
        // Ours tells, too, which texts are JSON.
        for (key, json) in [("huggingface", "string"), ("fairmark", "json")] {
            let feature =
                |(name, kind): &(String, Type)| (name.clone(), kind.feature(&names, json));
            let features: Map<String, Value> = self.table.columns.iter().map(feature).collect();
            let info = serde_json::json!({ "info": { "features": features } });
            self.out.append_key_value_metadata(KeyValue::new(key.to_owned(), info.to_string()));
        }
        let mut kept = self.out.into_inner().map_err(broken)?;
        let packed = kept.length()?;
        Ok((kept, [self.size, packed as usize]))
    }
}

/// Where a file is until all are whole: under a name on the disk, or in a temporary file.
enum Kept {
    Named(File, PathBuf),
    Waiting(Box<dyn Scratch>),
}

impl Kept {
    fn length(&mut self) -> io::Result<u64> {
        match self {
            Kept::Named(file, _) => Ok(file.metadata()?.len()),
            Kept::Waiting(scratch) => scratch.seek(io::SeekFrom::End(0)),
        }
    }

    /// Opens it to be read; its path, where it has one.
    fn again(self) -> io::Result<(Box<dyn Handle>, Option<PathBuf>)> {
        match self {
            Kept::Named(_, path) => Ok((Box::new(File::open(&path)?), Some(path))),
            Kept::Waiting(mut scratch) => {
                scratch.rewind()?;
                Ok((scratch, None))
            }
        }
    }

    /// Brings it to its place: the file of this name, or the one file that the format is.
    fn bring(self, out: &Outlet, name: Option<&str>) -> io::Result<()> {
        match self {
            Kept::Named(_, path) => {
                let place = out.path().map(|out| name.map_or(out.into(), |name| out.join(name)));
                place.map_or(Ok(()), |place| std::fs::rename(path, place))
            }
            Kept::Waiting(mut scratch) => {
                scratch.rewind()?;
                let mut file = name.map_or_else(|| out.single(), |name| out.create(name))?;
                io::copy(&mut scratch, &mut file)?;
                file.flush()
            }
        }
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Kept::Named(file, _) => file.write(bytes),
            Kept::Waiting(scratch) => scratch.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Kept::Named(file, _) => file.flush(),
            Kept::Waiting(scratch) => scratch.flush(),
        }
    }
}

/// The card of the data set, whose head `datasets` reads.
fn card(columns: &[(String, Type)], names: &[&str], parts: &[Written]) -> String {
    let mut text = String::from("---\ndataset_info:\n  features:\n");
    for (name, found) in columns {
        let _ = writeln!(text, "  - name: {}", Value::from(name.as_str()));
        found.yaml(names, 4, &mut text);
    }
    text.push_str("  splits:\n");
    for Written { name, rows, size, .. } in parts {
        let _ = writeln!(text, "  - name: {name}\n    num_bytes: {size}\n    num_examples: {rows}");
    }
    let total = |pick: fn(&Written) -> usize| parts.iter().map(pick).sum::<usize>();
    let (packed, size) = (total(|part| part.packed), total(|part| part.size));
    let _ = writeln!(text, "  download_size: {packed}\n  dataset_size: {size}");
    text.push_str("configs:\n- config_name: default\n  data_files:\n");
    for Written { name, .. } in parts {
        let _ = writeln!(text, "  - split: {name}\n    path: data/{name}-*");
    }
    text.push_str("---\n\n# Labels\n\n| part | rows |\n|---|---|\n");
    for Written { name, rows, .. } in parts {
        let _ = writeln!(text, "| {name} | {rows} |");
    }
    text
}
