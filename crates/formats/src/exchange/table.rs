//! Plain tables: a row an item, with columns that are known by their names (id, text, label, …); every other column
//! is metadata. Rows that are conversations have the columns that TRL gives them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::items::single;
use super::look::Look;
use super::row_marks::{boxes, columns_of_boxes, labels, listed, number, one_hot, span, words_of};
use super::rows::{Plain, Row, each};
use super::talk_write::{self, Kind, RowFile};
use super::{
    Class, Item, MARKS_MAX, Mark, Place, ReadError, Refusal, Shape, Sink, Source, Talk, Writer,
    argilla, conll, label_studio, label_studio_min, lose_mark, lose_talk, oasst, safe_name, squad,
    talk_read,
};
use crate::loss::LossReport;
use crate::row::Fault;

/// The names under which each column is known, the likeliest first.
const ID: &[&str] = &["id", "_id", "uid", "guid", "external_id", "case_id", "example_id"];
const FILE: &[&str] = &[
    "file_name",
    "filename",
    "image_path",
    "image",
    "path",
    "file",
    "audio",
    "audio_filepath",
    "image_url",
    "image_id",
    "imageid",
];
const SPLIT: &[&str] = &["split", "subset"];
const TEXT: &[&str] = &[
    "text",
    "sentence",
    "content",
    "body",
    "document",
    "review",
    "tweet",
    "comment",
    "utterance",
    "test_case",
    "query",
];
const LABEL: &[&str] = &[
    "label",
    "labels",
    "class",
    "category",
    "label_gold",
    "gold_label",
    "target",
    "intent",
    "sentiment",
];
const SCORE: &[&str] = &["score", "confidence", "probability"];
const TAGS: &[&str] = &["ner_tags", "ner", "tags", "labels", "label"];

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut trees = oasst::Trees::new(sink);
    let mut together = Together { sink: &mut trees, held: None };
    let mut plain = Plain::default();
    each(source, &mut together, &mut |row, sink| {
        let known = row.look.value.as_object().and_then(|columns| plain.recognise(columns));
        let is_record = |key: &str| row.look.maybe(key).is_none_or(|part| !part.value.is_string());
        if known == Some(super::Format::Oasst) {
            return oasst::message(row);
        }
        if known == Some(super::Format::Argilla) && is_record("fields") {
            return argilla::item(row, sink);
        }
        if known.is_some_and(|format| format != super::Format::Argilla) {
            let wanted = if known == Some(super::Format::TrlPrompt) { "prompt" } else { "text" };
            let mut item = talk_read::item(row, wanted, sink)?;
            if let Some(Value::String(split)) = item.metadata.remove("split") {
                item.subset = split;
            }
            return Ok(item);
        }
        // Label Studio's CSV has the columns of its short JSON.
        if let Some(task) = label_studio_min::whole(&row.look) {
            return label_studio::lone(&Look::new(&task, &row.look.path), row.nth, sink);
        }
        item(row, sink)
    })?;
    together.pass()?;
    Ok(trees.pass()?)
}

/// Rows that follow one another and say where things are in one picture are one item.
struct Together<'a> {
    sink: &'a mut dyn Sink,
    held: Option<Item>,
}

impl Together<'_> {
    fn pass(&mut self) -> io::Result<()> {
        self.held.take().map_or(Ok(()), |item| self.sink.item(item))
    }
}

impl Sink for Together<'_> {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.pass()?;
        self.sink.class(class)
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        let boxed = |item: &Item| {
            let is_box = |mark: &Mark| matches!(mark.place, Place::Shape(Shape::Box { .. }));
            item.id.is_none() && !item.marks.is_empty() && item.marks.iter().all(is_box)
        };
        let same = |held: &Item| {
            (&held.name, &held.subset, held.width, held.height)
                == (&item.name, &item.subset, item.width, item.height)
                && held.metadata == item.metadata
                && held.marks.len() < MARKS_MAX
        };
        if !boxed(&item) {
            self.pass()?;
            return self.sink.item(item);
        }
        match &mut self.held {
            Some(held) if same(held) => held.marks.extend(item.marks),
            _ => {
                self.pass()?;
                self.held = Some(item);
            }
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.sink.refuse(refusal);
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.sink.lose(kind, example);
    }
}

/// The columns of the edges of a box, as those who train detectors write them.
const EDGES: [[&str; 4]; 3] = [
    ["xmin", "ymin", "xmax", "ymax"],
    ["x_min", "y_min", "x_max", "y_max"],
    ["x1", "y1", "x2", "y2"],
];

/// The box of a row that has one, and the columns that tell it.
fn edges(look: &Look) -> Result<Option<(Shape, [&'static str; 4])>, Fault> {
    let Some(names) =
        EDGES.into_iter().find(|names| names.iter().all(|name| look.maybe(name).is_some()))
    else {
        return Ok(None);
    };
    let mut edges = [0.0; 4];
    for (edge, name) in edges.iter_mut().zip(names) {
        *edge = number(&look.get(name)?, |look| look.number())?;
    }
    let [x, y, right, bottom] = edges;
    if right <= x || bottom <= y {
        let message =
            format!("is not behind `{}`, or `{}` not below `{}`", names[0], names[3], names[1]);
        return Err(look.get(names[2])?.range(&message));
    }
    Ok(Some((Shape::Box { x, y, width: right - x, height: bottom - y }, names)))
}

/// The first of the names that the row has, whatever their case, and its value.
fn column<'a>(look: &Look<'a>, names: &[&str]) -> Option<(&'a String, Look<'a>)> {
    let row = look.value.as_object()?;
    // All of the names are small letters.
    let small = row.keys().all(|key| !key.bytes().any(|byte| byte.is_ascii_uppercase()));
    let other = |name: &str| row.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    names.iter().find_map(|name| {
        let found = row.get_key_value(*name);
        let (key, _) = found.or_else(|| if small { None } else { other(name) })?;
        Some((key, look.maybe(key)?))
    })
}

fn item(row: &Row, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let look = &row.look;
    let columns = look.map()?;
    if let Some(item) = squad::item(row, sink)? {
        return Ok(item);
    }
    let mut item = Item { name: format!("row_{}", row.nth), ..Item::default() };
    let mut taken: Vec<&str> = Vec::new();
    if let Some((key, id)) = column(look, ID) {
        item.id = Some(id.id()?);
        taken.push(key);
    }
    if let Some((key, file)) = column(look, FILE)
        && let Some(name) = file_name(&file, sink)
    {
        item.name = name;
        taken.push(key);
    }
    if let Some((key, split)) = column(look, SPLIT) {
        item.subset = split.text()?.into();
        taken.push(key);
    }
    for (key, side) in [("width", &mut item.width), ("height", &mut item.height)] {
        if let Some(look) = look.maybe(key) {
            *side = Some(number(&look, |look| look.side())?);
            taken.push(key);
        }
    }
    if one_hot(row, &taken, &mut item)? {
        return Ok(item);
    }
    let is_ner = TAGS[..2].iter().any(|name| look.maybe(name).is_some());
    let words = look.maybe("tokens").or_else(|| look.maybe("words").filter(|_| is_ner));
    let printed = [words, TAGS.iter().find_map(|name| look.maybe(name))];
    let printed = printed.map(|cell| Some((listed(cell.as_ref()?)?, cell?.path)));
    if let [Some((tokens, words)), Some((tags, name))] = &printed {
        let [tokens, tags] =
            [(tokens, words), (tags, name)].map(|(list, path)| Look::new(list, path));
        let is_text =
            |list: &Look| list.list().is_ok_and(|mut list| list.all(|one| one.value.is_string()));
        if is_text(&tokens) && is_text(&tags) {
            conll::tagged(&tokens, &tags, &mut item)?;
            taken.push(if words == "words" { "words" } else { "tokens" });
            taken.extend(TAGS.iter().filter(|known| **known == name));
        } else if is_text(&tokens) && !tags.list()?.any(|tag| tag.value.is_string()) {
            // Nothing beside the rows says what the numbers of the tags mean.
            sink.lose("tag_without_a_name", item.name.clone());
        }
    }
    if item.text.is_none()
        && let Some((key, text)) = column(look, TEXT)
    {
        item.text = Some(text.text()?.into());
        taken.push(key);
    }
    if let Some(spans) = look.maybe("spans") {
        for span in spans.list()? {
            self::span(&span, &mut item)?;
        }
        taken.push("spans");
    }
    if let Some(objects) = look.maybe("objects") {
        boxes(&objects, &mut item, sink)?;
        taken.push("objects");
    }
    taken.extend(columns_of_boxes(look, &mut item, sink)?);
    if let Some(place) = look.maybe("bbox").filter(|_| item.marks.is_empty())
        && let Some(list) = listed(&place)
        && let Ok([x, y, width, height]) = Look::new(&list, "bbox").four()
    {
        if width <= 0.0 || height <= 0.0 {
            return Err(place.range("has no area: give x, y, width and height"));
        }
        let mut mark = Mark::shape("", Shape::Box { x, y, width, height });
        if let Some((key, class)) = column(look, LABEL) {
            mark.class = class.id()?;
            taken.push(key);
        }
        item.marks.push(mark);
        taken.push("bbox");
    } else if let Some((shape, names)) = edges(look)? {
        let class = column(look, LABEL).map(|(key, class)| Ok((key, class.id()?))).transpose()?;
        let mut mark = Mark::shape("", shape);
        if let Some((key, class)) = class {
            mark.class = class;
            taken.push(key);
        }
        if let Some((key, score)) = column(look, SCORE) {
            mark.score = Some(number(&score, |look| look.number())?);
            taken.push(key);
        }
        item.marks.push(mark);
        taken.extend(names);
    }
    let is_seen = !item.name.starts_with("row_") || look.maybe("image").is_some();
    for key in ["words", "caption", "captions"] {
        if !taken.contains(&key)
            && let Some(words) = look.maybe(key).filter(|_| key == "words" || is_seen)
            && words_of(&words, &mut item)
        {
            taken.push(key);
        }
    }
    if let Some((key, label)) = column(look, LABEL)
        && !taken.contains(&&key[..])
    {
        labels(&label, &mut item, sink)?;
        taken.push(key);
        if let Some((key, score)) = column(look, SCORE)
            && let [.., mark] = &mut item.marks[..]
        {
            mark.score = Some(number(&score, |look| look.number())?);
            taken.push(key);
        }
    }
    for (key, value) in columns {
        if !taken.contains(&&key[..]) && !value.is_null() {
            item.metadata.insert(key.clone(), value.clone());
        }
    }
    Ok(item)
}

/// A picture is a path, or a struct of a path and its bytes.
fn file_name(look: &Look, sink: &mut dyn Sink) -> Option<String> {
    if let Some(name) = look.value.as_str() {
        return Some(name.to_owned());
    }
    let path = look.maybe("path")?;
    if look.maybe("bytes").is_some() {
        sink.lose("bytes_of_the_file", path.path.clone());
    }
    // What stands in the row lies nowhere: of where it once lay, the name is enough.
    let name = path.value.as_str()?;
    let is_apart = safe_name(name).is_err();
    Some(if is_apart { name.rsplit(['/', '\\']).next().unwrap_or(name) } else { name }.to_owned())
}

/// The row of an item.
pub(super) fn row(item: &Item, losses: &mut LossReport) -> Map<String, Value> {
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
    for (key, value) in &item.metadata {
        let mut lost = row.contains_key(key) || value.is_null() || is_taken(&row, key);
        if !lost {
            row.insert(key.clone(), value.clone());
            // A column that makes a conversation of the row.
            lost = talk_read::recognise(&row).is_some();
            if lost {
                row.remove(key);
            }
        }
        if lost {
            losses.add("metadata", || format!("{}: {key}", item.name));
        }
    }
    row
}

/// Whether a reader takes a column for something else than metadata, next to the columns that are there.
fn is_taken(row: &Map<String, Value>, key: &str) -> bool {
    let mut lists = vec![ID, FILE, SPLIT, TEXT, LABEL];
    if LABEL.iter().any(|name| row.contains_key(*name)) {
        lists.push(SCORE);
    }
    let first = lists.into_iter().any(|names| {
        let at = names.iter().position(|name| name.eq_ignore_ascii_case(key));
        at.is_some_and(|at| !names[..at].iter().any(|name| row.contains_key(*name)))
    });
    first || matches!(key, "width" | "height" | "spans" | "objects" | "words")
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
    out: BufWriter<File>,
    pub rows: u64,
}

impl Spool {
    pub fn new() -> io::Result<Self> {
        Ok(Self { out: BufWriter::with_capacity(256 << 10, tempfile::tempfile()?), rows: 0 })
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

pub(super) enum TableFile {
    Lines(RowFile),
    /// The columns in the order in which they are met, and the rows.
    Cells {
        out: File,
        delimiter: u8,
        columns: Vec<String>,
        spool: Spool,
    },
}

impl TableFile {
    pub fn lines(out: &Path) -> io::Result<Self> {
        Ok(TableFile::Lines(RowFile::new(out)?))
    }

    pub fn cells(out: &Path, delimiter: u8) -> io::Result<Self> {
        let (out, spool) = (single(out)?, Spool::new()?);
        Ok(TableFile::Cells { out, delimiter, columns: Vec::new(), spool })
    }
}

impl Writer for TableFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let mut row = row(item, losses);
        if !item.subset.is_empty() {
            if row.contains_key("split") {
                losses.add("subset", || format!("{}: {}", item.name, item.subset));
            } else {
                row.insert("split".into(), item.subset.as_str().into());
            }
        }
        match self {
            TableFile::Lines(rows) => rows.push(&row),
            TableFile::Cells { columns, spool, .. } => {
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
        let (out, delimiter, mut columns, spool) = match *self {
            TableFile::Lines(rows) => return rows.finish(),
            TableFile::Cells { out, delimiter, columns, spool } => (out, delimiter, columns, spool),
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

/// Says of the first line of a table that it is a row like the others, and none that names the columns.
pub(super) fn no_header(names: &[String], next: &[String]) -> Option<String> {
    const OF_TALK: &[&str] = &[
        "prompt",
        "response",
        "completion",
        "chosen",
        "rejected",
        "messages",
        "conversations",
        "instruction",
        "model_a",
        "data",
    ];
    const NAME_MAX_CHARS: usize = 60;
    let mut known =
        [ID, TEXT, LABEL, FILE, SPLIT, SCORE, OF_TALK, &["tokens"]].into_iter().flatten();
    if known.any(|known| names.iter().any(|name| known.eq_ignore_ascii_case(name))) {
        return None;
    }
    let data = |name: &&String| {
        name.parse::<f64>().is_ok()
            || name.chars().count() > NAME_MAX_CHARS
            || name.split_whitespace().count() > 2
            || name.ends_with(['.', '!', '?'])
    };
    // Of a class, the next row often is, too.
    let again = || names.iter().zip(next).find(|(name, cell)| name == cell && !name.is_empty());
    let seen = names.iter().find(data).or_else(|| Some(again()?.0))?;
    let seen: String = seen.chars().take(40).collect();
    Some(format!(
        "has no line that names its columns, for the first says “{seen}”: put one before it, such as `text,label`"
    ))
}

/// Whether one of these columns, or keys of a row, holds a label.
pub(crate) fn has_label(names: &[&str]) -> bool {
    const OF_LABEL_STUDIO: &str = "annotation_id";
    let is_label = |name: &&str| {
        *name == OF_LABEL_STUDIO || LABEL.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    names.iter().any(is_label)
}

/// Whether a row is about a file, by the names of its columns; and not about its text alone.
pub(super) fn names_a_file(row: &Map<String, Value>) -> bool {
    let classes = ["label", "labels"].iter().filter_map(|key| row.get(*key)?.as_array()?.first());
    FILE.iter().any(|name| row.contains_key(*name)) || classes.into_iter().any(Value::is_number)
}

/// Tells a table by the names of its columns.
pub(super) fn is_header(names: &[&str]) -> bool {
    let known = |known: &[&str]| {
        names.iter().any(|name| known.iter().any(|known| known.eq_ignore_ascii_case(name)))
    };
    names.len() > 1
        && [ID, TEXT, LABEL, FILE, &["tokens"]].into_iter().any(known)
        && names.iter().all(|name| name.parse::<f64>().is_err())
}
