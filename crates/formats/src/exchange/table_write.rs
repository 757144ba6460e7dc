//! Writes plain tables: JSON lines at once, CSV and TSV when the columns of all rows are known.

use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

use serde_json::{Map, Value, json};

use super::outlet::{Made, Outlet};
use super::rows::Plain;
use super::source::Scratch;
use super::table::{FILE, ID, LABEL, SCORE, SPLIT, TEXT};
use super::talk_write::{self, Kind, RowFile};
use super::{Class, Item, Place, Shape, Talk, Writer, lose_mark, lose_talk};
use crate::loss::LossReport;

/// The row of an item.
pub(super) fn row(item: &Item, plain: &mut Plain, losses: &mut LossReport) -> Map<String, Value> {
    if item.frame.is_some() {
        losses.add("frame", || item.name.clone());
    }
    if !item.turns.is_empty() || !item.candidates.is_empty() {
        let kind = kind(item);
        if let Some(row) = talk_write::row(item, kind, losses) {
            return row;
        }
        lose_talk(item, losses);
    }
    let mut row = Map::new();
    if let Some(id) = &item.id {
        row.insert("id".into(), id.as_str().into());
    }
    if item.text.is_none() || item.name.contains('.') {
        row.insert("file_name".into(), item.name.as_str().into());
    }
    if let Some(text) = &item.text {
        row.insert("text".into(), text.as_str().into());
    }
    for (key, side) in [("width", item.width), ("height", item.height)] {
        if let Some(side) = side {
            row.insert(key.into(), side.into());
        }
    }
    let (mut labels, mut spans, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    let (mut places, mut categories, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for mark in &item.marks {
        let place = || format!("{}: {}", item.name, mark.class);
        let mut keeps: &[&str] = &[];
        match &mark.place {
            Place::Whole if mark.class.is_empty() => {
                losses.add("no_class", place);
                continue;
            }
            Place::Whole => {
                labels.push(Value::from(mark.class.as_str()));
                scores.push(mark.score);
                keeps = &["score"];
            }
            Place::Span { .. } if item.text.is_none() => {
                losses.add("span", place);
                continue;
            }
            Place::Span { start, end } => {
                let mut span = json!({ "start": start, "end": end, "label": mark.class });
                if let Some(id) = &mark.id {
                    span["id"] = id.as_str().into();
                }
                spans.push(span);
                keeps = &["id"];
            }
            Place::Shape(Shape::Box { x, y, width, height }) => {
                places.push(json!([x, y, width, height]));
                categories.push(Value::from(mark.class.as_str()));
                ids.push(mark.id.as_deref().map(Value::from));
                keeps = &["id"];
            }
            Place::Words(words) if !row.contains_key("words") && mark.class.is_empty() => {
                row.insert("words".into(), words.as_str().into());
            }
            _ => {
                losses.add(talk_write::mark_kind(mark), place);
                continue;
            }
        }
        lose_mark(item, mark, keeps, losses);
    }
    match (&labels[..], &scores[..]) {
        ([], _) => {}
        ([label], scores) => {
            row.insert("label".into(), label.clone());
            if let [Some(score)] = scores {
                row.insert("score".into(), (*score).into());
            }
        }
        (_, scores) => {
            for _ in scores.iter().flatten() {
                losses.add("score", || item.name.clone());
            }
            row.insert("labels".into(), labels.into());
        }
    }
    if !spans.is_empty() {
        row.insert("spans".into(), spans.into());
    }
    if !places.is_empty() {
        let mut objects = json!({ "bbox": places, "category": categories });
        match ids.iter().cloned().collect::<Option<Vec<Value>>>() {
            Some(ids) => objects["id"] = ids.into(),
            None if ids.iter().any(Option::is_some) => {
                losses.add("id", || item.name.clone());
            }
            None => {}
        }
        row.insert("objects".into(), objects);
    }
    for link in &item.links {
        losses.add("relation", || format!("{}: {}", item.name, link.class));
    }
    add_metadata(item, &mut row, plain, losses);
    row
}

/// The metadata of an item as columns of its own, but for those that a reader takes for something else.
fn add_metadata(
    item: &Item,
    row: &mut Map<String, Value>,
    plain: &mut Plain,
    losses: &mut LossReport,
) {
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for (key, value) in &item.metadata {
        if row.contains_key(key) || value.is_null() || is_taken(row, key) {
            lost.push(key);
        } else {
            row.insert(key.clone(), value.clone());
            kept.push(key);
        }
    }
    // Where a column makes a conversation of the row, it is looked for.
    if !kept.is_empty() && plain.recognise(row).is_some() {
        row.retain(|key, _| !kept.contains(&key));
        for key in kept {
            row.insert(key.clone(), item.metadata[key].clone());
            if plain.recognise(row).is_some() {
                row.remove(key);
                lost.push(key);
            }
        }
    }
    for key in lost {
        losses.add("metadata", || format!("{}: {key}", item.name));
    }
}

/// Whether a reader takes a column for something else than metadata, next to the columns that are there.
fn is_taken(row: &Map<String, Value>, key: &str) -> bool {
    let is_first = |names: &[&str]| {
        let at = names.iter().position(|name| name.eq_ignore_ascii_case(key));
        at.is_some_and(|at| !names[..at].iter().any(|name| row.contains_key(*name)))
    };
    [ID, FILE, SPLIT, TEXT, LABEL].into_iter().any(is_first)
        || is_first(SCORE) && LABEL.iter().any(|name| row.contains_key(*name))
        || matches!(key, "width" | "height" | "spans" | "objects" | "words")
}

/// What kind of conversation an item is.
fn kind(item: &Item) -> Kind {
    let has = |pick: &dyn Fn(&Talk) -> bool| {
        item.marks.iter().any(|mark| matches!(&mark.place, Place::Talk(talk) if pick(talk)))
    };
    let two = item.candidates.len() == 2;
    let ranked = has(&|talk| matches!(talk, Talk::Ranking { .. }));
    match () {
        () if two && ranked && item.candidates.iter().all(|one| one.model.is_some()) => Kind::Arena,
        () if ranked => Kind::Preference,
        () if has(&|talk| matches!(talk, Talk::Turn { of: Some(_), .. })) => Kind::Stepwise,
        () if has(&|talk| matches!(talk, Talk::Candidate(_))) => Kind::Unpaired,
        () => Kind::Sft,
    }
}

/// Rows on the disk, until the columns of all of them are known.
pub(super) struct Spool {
    out: BufWriter<Box<dyn Scratch>>,
    pub rows: u64,
}

impl Spool {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self { out: BufWriter::with_capacity(256 << 10, out.scratch()?), rows: 0 })
    }

    pub fn push(&mut self, row: &Map<String, Value>) -> io::Result<()> {
        self.rows += 1;
        serde_json::to_writer(&mut self.out, row)?;
        self.out.write_all(b"\n")
    }

    pub fn each(
        self,
        take: &mut dyn FnMut(Map<String, Value>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut file = self.out.into_inner().map_err(|error| error.into_error())?;
        file.rewind()?;
        let mut input = BufReader::with_capacity(256 << 10, file);
        let mut line = Vec::new();
        loop {
            line.clear();
            if input.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            take(serde_json::from_slice(&line)?)?;
        }
    }
}

pub(super) struct TableFile {
    plain: Plain,
    out: Out,
}

enum Out {
    Lines(RowFile),
    /// The columns in the order in which they are met, and the rows.
    Cells {
        out: Made,
        delimiter: u8,
        columns: Vec<String>,
        spool: Spool,
    },
}

impl TableFile {
    pub fn lines(out: &Outlet) -> io::Result<Self> {
        Ok(Self { plain: Plain::default(), out: Out::Lines(RowFile::new(out)?) })
    }

    pub fn cells(out: &Outlet, delimiter: u8) -> io::Result<Self> {
        let (out, spool) = (out.single()?, Spool::new(out)?);
        let out = Out::Cells { out, delimiter, columns: Vec::new(), spool };
        Ok(Self { plain: Plain::default(), out })
    }
}

impl Writer for TableFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let mut row = row(item, &mut self.plain, losses);
        if !item.subset.is_empty() {
            if row.contains_key("split") {
                losses.add("subset", || format!("{}: {}", item.name, item.subset));
            } else {
                row.insert("split".into(), item.subset.as_str().into());
            }
        }
        match &mut self.out {
            Out::Lines(rows) => rows.push(&row),
            Out::Cells { columns, spool, .. } => {
                for key in row.keys() {
                    if !columns.contains(key) {
                        if columns.len() >= crate::cells::COLUMNS_MAX {
                            losses.add("column", || format!("{}: {key}", item.name));
                            continue;
                        }
                        columns.push(key.clone());
                    }
                }
                for (key, value) in &row {
                    let place = || format!("{}: {key}", item.name);
                    match value {
                        Value::String(text) if text.is_empty() => losses.add("empty_cell", place),
                        Value::String(text) if text.contains("\r\n") => {
                            losses.add("carriage_return", place);
                        }
                        Value::Number(_) if SCORE.contains(&&key[..]) => {}
                        Value::Number(_) if matches!(&key[..], "width" | "height" | "id") => {}
                        Value::Number(_) | Value::Bool(_) => losses.add("value_as_text", place),
                        Value::Array(_) if key == "labels" => {}
                        Value::Array(_) | Value::Object(_) if !is_nested(value) => {
                            losses.add("value_as_text", place);
                        }
                        _ => {}
                    }
                }
                spool.push(&row)
            }
        }
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        let (out, delimiter, mut columns, spool) = match self.out {
            Out::Lines(rows) => return rows.finish(),
            Out::Cells { out, delimiter, columns, spool } => (out, delimiter, columns, spool),
        };
        columns.sort_by_key(|name| rank(name));
        let mut csv = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .from_writer(BufWriter::with_capacity(256 << 10, out));
        if !columns.is_empty() {
            csv.write_record(&columns)?;
        }
        spool.each(&mut |row| {
            let cells = columns.iter().map(|name| match row.get(name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            });
            Ok(csv.write_record(cells)?)
        })?;
        csv.flush()
    }
}

/// What is told from text by its first two characters, when a cell is read.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.first().is_some_and(Value::is_object),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// Where a column stands: what people look at first comes first.
pub(super) fn rank(name: &str) -> usize {
    const FIRST: [&str; 12] = [
        "id",
        "split",
        "file_name",
        "text",
        "prompt",
        "messages",
        "chosen",
        "rejected",
        "completion",
        "label",
        "labels",
        "score",
    ];
    FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len())
}
