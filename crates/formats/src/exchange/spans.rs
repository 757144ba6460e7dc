//! Text with spans and classes, and pictures and sounds with what is in them, as JSONL or as a list: doccano, Prodigy
//! and spaCy, told apart by their fields.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufWriter, Write};

use serde_json::{Map, Value, json};

use super::items::each_row_of;
use super::look::{Look, parse};
use super::outlet::{Made, Outlet};
use super::rows::{Row, each};
use super::{
    Class, Item, Link, Mark, Place, ReadError, Shape, Sink, Source, Writer, lose_mark, refusal,
    spacy_old, text_of,
};
use crate::loss::LossReport;
use crate::row::Fault;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let ends = |end: &str| source.names().iter().any(|name| name.ends_with(end));
    if ends(".csv") && ![".jsonl", ".json", ".json1", ".ndjson"].into_iter().any(ends) {
        return each(source, sink, &mut |row, _| joined(row));
    }
    for index in 0..source.names().len() {
        let name = &source.names()[index];
        let rows = [".jsonl", ".json", ".json1", ".ndjson"].iter().any(|end| name.ends_with(end));
        if !rows && source.names().len() > 1 {
            continue;
        }
        if spacy_old::is_one(&source.head(index, 64 << 10).unwrap_or_default()) {
            spacy_old::read(source, index, sink)?;
            continue;
        }
        let mut nth = 0;
        each_row_of(source, index, sink, &mut |file, line, raw, sink| {
            nth += 1;
            let read = parse(file, line, raw).and_then(|value| {
                let item = item(&Look::new(&value, ""), nth, sink);
                item.map_err(|fault| refusal(file, line, fault, raw))
            });
            match read {
                Ok(item) => sink.item(item)?,
                Err(refused) => sink.refuse(refused),
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Whether a row has what doccano writes and a plain table does not: spans by their offsets, or places in a picture.
pub(super) fn is_doccano(row: &Map<String, Value>) -> bool {
    let text = |key: &&str| row.get(*key).is_some_and(Value::is_string);
    let first = |key: &&str| row.get(*key)?.as_array()?.first();
    let span = |value: &Value| value.is_array() || value.get("start_offset").is_some();
    let spans = ["label", "labels", "entities"].iter().filter_map(first).any(span);
    let places = ["bbox", "segmentation"].iter().filter_map(first).any(Value::is_object);
    let sound = row.get("filename").and_then(Value::as_str).is_some_and(is_sound);
    ["text", "data"].iter().any(text) && spans
        || text(&"filename") && places
        || sound && row.contains_key("Comments")
}

fn is_sound(name: &str) -> bool {
    let small = name.to_ascii_lowercase();
    [".wav", ".mp3", ".flac", ".ogg", ".m4a", ".opus"].iter().any(|end| small.ends_with(end))
}

/// What stands between the classes of a text in a cell that doccano wrote.
const JOINT: char = '#';

/// Whether a table is one of doccano's: by its columns, or by a cell of several classes of which each also stands alone.
pub(super) fn is_joined(columns: &[&str], rows: &[Vec<String>]) -> bool {
    let at = |name: &str| columns.iter().position(|column| *column == name);
    let Some(label) = at("label") else { return false };
    if at("id").is_some() && at("data").is_some() && at("text").is_none() {
        return true;
    }
    if !matches!(columns, ["text", "label"] | ["id", "text", "label"]) {
        return false;
    }
    let cells: Vec<&str> =
        rows.iter().filter_map(|row| row.get(label)).map(|cell| &cell[..]).collect();
    let alone: HashSet<&str> = cells.iter().copied().filter(|cell| !cell.contains(JOINT)).collect();
    let mut several = cells.iter().filter(|cell| cell.contains(JOINT)).peekable();
    several.peek().is_some()
        && several.all(|cell| cell.split(JOINT).all(|class| alone.contains(class)))
}

/// A row of the table that doccano writes for classes.
fn joined(row: &Row) -> Result<Item, Fault> {
    let look = &row.look;
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    let name = id.as_ref().map_or_else(|| format!("row_{}", row.nth), |id| format!("text_{id}"));
    let text = look.maybe("text").or_else(|| look.maybe("data"));
    let text = text.map_or_else(|| look.get("text"), Ok)?.text()?;
    let mut item = Item { name, id, text: Some(text.into()), ..Item::default() };
    if let Some(label) = look.maybe("label") {
        let classes = label.text()?.split(JOINT).filter(|class| !class.is_empty());
        item.marks.extend(classes.map(Mark::whole));
    }
    for (key, value) in look.map()? {
        if !["id", "text", "data", "label"].contains(&&key[..]) {
            item.metadata.insert(key.clone(), value.clone());
        }
    }
    Ok(item)
}

pub(super) fn item(look: &Look, row: u64, sink: &mut dyn Sink) -> Result<Item, Fault> {
    // spaCy's training rows are pairs: the text, and what is in it.
    if let Some([text, facts]) = look.value.as_array().map(Vec::as_slice) {
        let text = Look::new(text, "[0]").text()?;
        let mut item =
            Item { name: format!("row_{row}"), text: Some(text.into()), ..Item::default() };
        let facts = Look::new(facts, "[1]");
        facts.map()?;
        if let Some(entities) = facts.maybe("entities") {
            triples(&entities, &mut item)?;
        }
        if let Some(cats) = facts.maybe("cats") {
            chosen(&cats, &mut item)?;
        }
        facts.lose_rest(&["entities", "cats"], sink);
        return Ok(item);
    }
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    // doccano once wrote `data` where it now writes `text`.
    let text = look.maybe("text").or_else(|| look.maybe("data"));
    let media = || MEDIA.iter().find_map(|key| look.maybe(key));
    let (mut item, is_media) = match (text, media()) {
        (None, Some(file)) => (pictured(look, &file, row, sink)?, true),
        (text, _) => {
            let text = match text {
                Some(text) => text.text()?,
                None => look.get("text")?.text()?,
            };
            let name = id.as_ref().map_or_else(|| format!("row_{row}"), |id| format!("text_{id}"));
            (Item { name, text: Some(text.into()), ..Item::default() }, false)
        }
    };
    item.id = id;
    for key in LISTS {
        let Some(list) = look.maybe(key) else { continue };
        if !is_media && matches!(key, "bbox" | "segmentation" | "audio_spans") {
            continue;
        }
        match (key, list.value) {
            ("audio_spans", _) => {
                for span in list.list()? {
                    item.marks.push(time(&span)?);
                }
            }
            ("cats", Value::Object(_)) => chosen(&list, &mut item)?,
            // spaCy keeps several lists of spans, each under its key.
            ("spans", Value::Object(lists)) => {
                for key in lists.keys() {
                    let first = item.marks.len();
                    marks(&list.get(key)?, &mut item)?;
                    for mark in &mut item.marks[first..] {
                        mark.attributes.retain(|_, value| value != "");
                        mark.attributes.insert("spans_key".into(), key.as_str().into());
                    }
                }
            }
            // doccano has nothing else to say of a sound than its words.
            ("label", Value::Array(_)) if is_media && is_sound(&item.name) => {
                for words in list.list()? {
                    let place = Place::Words(words.text()?.into());
                    item.marks.push(Mark { place, ..Mark::default() });
                }
            }
            ("accept", Value::Array(_)) => accepted(&list, look, &mut item)?,
            // Prodigy names the one label that a row is about.
            ("label", Value::String(class)) => item.marks.push(Mark::whole(class.as_str())),
            _ => marks(&list, &mut item)?,
        }
    }
    if let Some(relations) = look.maybe("relations") {
        for relation in relations.list()? {
            let class = ["type", "label"].iter().find_map(|key| relation.maybe(key));
            let class = class.map(|class| class.id()).transpose()?;
            let (from, to) = match (relation.maybe("head_span"), relation.maybe("child_span")) {
                (Some(head), Some(child)) => {
                    match (end_of(&head, &mut item)?, end_of(&child, &mut item)?) {
                        (Some(from), Some(to)) => (from, to),
                        _ => {
                            sink.lose("relation_between_words", item.name.clone());
                            continue;
                        }
                    }
                }
                _ => (relation.get("from_id")?.id()?, relation.get("to_id")?.id()?),
            };
            item.links.push(Link { from, to, class: class.unwrap_or_default(), mutual: false });
            relation.lose_rest(
                &[
                    "id",
                    "type",
                    "label",
                    "from_id",
                    "to_id",
                    "head",
                    "child",
                    "head_span",
                    "child_span",
                    "color",
                ],
                sink,
            );
        }
    }
    if let Some(answer) = look.maybe("answer")
        && answer.text()? != "accept"
    {
        item.metadata.insert("answer".into(), answer.value.clone());
        // What was turned down, or left open, is not so.
        for mark in item.marks.drain(..) {
            sink.lose("turned_down", format!("{}: {}", item.name, mark.class));
        }
        for link in item.links.drain(..) {
            sink.lose("turned_down", format!("{}: {}", item.name, link.class));
        }
    }
    if let Some(meta) = look.maybe("meta") {
        item.metadata.extend(meta.map()?.clone());
    }
    for (key, value) in look.map()? {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let is_place = is_media
            && (MEDIA.contains(&&key[..])
                || matches!(
                    &key[..],
                    "bbox" | "segmentation" | "audio_spans" | "width" | "height"
                ));
        if !TAKEN.contains(&key.as_str()) && !is_place && !empty {
            item.metadata.insert(key.clone(), value.clone());
        }
    }
    Ok(item)
}

/// The fields that say what they say to everybody.
const TAKEN: &[&str] = &[
    "id",
    "text",
    "data",
    "label",
    "labels",
    "entities",
    "spans",
    "ents",
    "annotations",
    "cats",
    "accept",
    "relations",
    "answer",
    "meta",
    "tokens",
    "options",
];
/// Under which keys a picture, a sound or a video is named.
const MEDIA: [&str; 4] = ["image", "audio", "video", "filename"];
/// Under which keys stands what was said.
const LISTS: [&str; 11] = [
    "label",
    "labels",
    "entities",
    "spans",
    "ents",
    "annotations",
    "cats",
    "accept",
    "bbox",
    "segmentation",
    "audio_spans",
];

/// An item that is a file: by its path, unless the row holds the file itself.
fn pictured(look: &Look, file: &Look, row: u64, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let mut name = file.text()?.to_owned();
    if name.starts_with("data:") {
        let path = look.maybe("path").map(|path| path.text().map(str::to_owned)).transpose()?;
        name = path.unwrap_or_else(|| format!("row_{row}"));
        sink.lose("picture_inside", name.clone());
    }
    let side = |key| look.maybe(key).map(|side| side.side()).transpose();
    let (width, height) = (side("width")?, side("height")?);
    let name = name.trim_start_matches('/').to_owned();
    Ok(Item { name, width, height, ..Item::default() })
}

/// Seconds of a sound.
fn time(look: &Look) -> Result<Mark, Fault> {
    let (start, end) = (look.get("start")?.number()?, look.get("end")?);
    let last = end.number()?;
    if start < 0.0 || last < start {
        return Err(end.range("does not lie behind `start`"));
    }
    let class = look.maybe("label").map(|label| label.id()).transpose()?.unwrap_or_default();
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    let place = Place::Time { start, end: last, channel: None };
    Ok(Mark { id, class, place, ..Mark::default() })
}

/// A place in a picture: four numbers, or points as pairs or one behind the other.
fn shape(entry: &Look) -> Result<Option<Shape>, Fault> {
    if entry.maybe("width").is_some() && entry.maybe("x").is_some() {
        let number = |key: &str| entry.get(key)?.number();
        let (width, height) = (number("width")?, number("height")?);
        if width <= 0.0 || height <= 0.0 {
            return Err(entry.get("width")?.range("is not above 0, or `height` is not"));
        }
        return Ok(Some(Shape::Box { x: number("x")?, y: number("y")?, width, height }));
    }
    let Some(points) = entry.maybe("points") else { return Ok(None) };
    let flat = points.value.get(0).is_some_and(Value::is_number);
    let points = if flat { points.flat(3)? } else { points.pairs(3)? };
    Ok(Some(Shape::Polygon { points }))
}

/// The id of the span that a relation of Prodigy begins or ends with, as it tells it once more; none where no span is
/// there.
fn end_of(span: &Look, item: &mut Item) -> Result<Option<String>, Fault> {
    let place =
        Place::Span { start: span.get("start")?.offset()?, end: span.get("end")?.offset()? };
    let found = item.marks.iter_mut().enumerate().find(|(_, mark)| mark.place == place);
    Ok(found.map(|(nth, mark)| mark.id.get_or_insert_with(|| format!("T{}", nth + 1)).clone()))
}

/// The options that were chosen. One that has a number is called by its words.
fn accepted(list: &Look, row: &Look, item: &mut Item) -> Result<(), Fault> {
    let options = row.maybe("options").map(|options| options.list()).transpose()?;
    let mut known = HashMap::new();
    for option in options.into_iter().flatten() {
        let id = option.get("id")?;
        known.entry((id.value.is_number(), id.id()?)).or_insert(option);
    }
    for chosen in list.list()? {
        if chosen.value.is_object() {
            return marks(list, item);
        }
        let id = chosen.id()?;
        let option = known.get(&(chosen.value.is_number(), id.clone()));
        if option.is_none() && !known.is_empty() {
            return Err(chosen.range("is the id of none of the options"));
        }
        let words = option.and_then(|option| option.maybe("text"));
        let words = words.map(|words| words.text()).transpose()?.unwrap_or_default();
        let mut mark = Mark::whole(id.as_str());
        match chosen.value {
            Value::Number(_) if !words.is_empty() => mark.class = words.into(),
            _ if !words.is_empty() && words != id => {
                mark.attributes.insert("text".into(), words.into());
            }
            _ => {}
        }
        item.marks.push(mark);
    }
    Ok(())
}

fn marks(list: &Look, item: &mut Item) -> Result<(), Fault> {
    for entry in list.list()? {
        match entry.value {
            Value::String(class) => item.marks.push(Mark::whole(class.as_str())),
            Value::Array(_) => triple(&entry, item)?,
            _ => {
                let place = |keys: [&str; 2]| keys.iter().find_map(|key| entry.maybe(key));
                let start = place(["start", "start_offset"]);
                let class = entry.maybe("label").map(|label| label.id()).transpose()?;
                if item.text.is_none()
                    && let Some(shape) = shape(&entry)?
                {
                    let id = entry.maybe("id").map(|id| id.id()).transpose()?;
                    let attributes = entry.rest(&READ);
                    let mark = Mark::shape(class.unwrap_or_default(), shape);
                    item.marks.push(Mark { id, attributes, ..mark });
                    continue;
                }
                let Some(start) = start else {
                    match (class, entry.maybe("text")) {
                        (Some(class), _) => item.marks.push(Mark::whole(class)),
                        (None, Some(text)) => item.marks.push(Mark {
                            place: Place::Words(text.text()?.into()),
                            ..Mark::default()
                        }),
                        (None, None) => {
                            return Err(entry
                                .get("label")
                                .map(drop)
                                .err()
                                .unwrap_or_else(|| entry.range("says nothing")));
                        }
                    }
                    continue;
                };
                let end = match place(["end", "end_offset"]) {
                    Some(end) => end,
                    None => entry.get("end")?,
                };
                let mut mark = span(&start, &end, class.unwrap_or_default(), item)?;
                mark.id = entry.maybe("id").map(|id| id.id()).transpose()?;
                mark.attributes = entry.rest(&READ);
                item.marks.push(mark);
            }
        }
    }
    Ok(())
}

/// What a span or a place in a picture has; how it is drawn, and which words it is made of, follows from the rest.
const READ: [&str; 18] = [
    "id",
    "label",
    "start",
    "end",
    "start_offset",
    "end_offset",
    "token_start",
    "token_end",
    "text",
    "color",
    "x",
    "y",
    "width",
    "height",
    "points",
    "center",
    "type",
    "input_hash",
];

/// The classes of which a text more likely is than not.
fn chosen(classes: &Look, item: &mut Item) -> Result<(), Fault> {
    for class in classes.map()?.keys() {
        let Some(sure) = classes.maybe(class) else { continue };
        let sure = sure.value.as_bool().map_or_else(|| Ok(sure.number()? >= 0.5), Ok)?;
        if sure {
            item.marks.push(Mark::whole(class.as_str()));
        }
    }
    Ok(())
}

fn triples(list: &Look, item: &mut Item) -> Result<(), Fault> {
    list.list()?.try_for_each(|entry| triple(&entry, item))
}

fn triple(entry: &Look, item: &mut Item) -> Result<(), Fault> {
    let parts: Vec<Look> = entry.list()?.collect();
    let [start, end, class, ..] = &parts[..] else {
        return Err(entry.range("is not start, end and label"));
    };
    let mark = span(start, end, class.id()?, item)?;
    item.marks.push(mark);
    Ok(())
}

fn span(start: &Look, end: &Look, class: String, item: &Item) -> Result<Mark, Fault> {
    let length = item.text.as_ref().map_or(0, |text| text.chars().count() as u64);
    let (from, to) = (start.offset()?, end.offset()?);
    if to <= from || to > length {
        let message = format!(
            "is {to}, which does not lie behind {from} and within the {length} characters of the text"
        );
        return Err(end.range(&message));
    }
    Ok(Mark::span(class, from, to))
}

/// Whose fields are written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dialect {
    Doccano,
    Prodigy,
    Spacy,
}

pub(super) struct TextFile {
    out: BufWriter<Made>,
    dialect: Dialect,
}

impl TextFile {
    pub fn new(out: &Outlet, dialect: Dialect) -> io::Result<Self> {
        Ok(Self { out: BufWriter::new(out.single()?), dialect })
    }
}

impl Writer for TextFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let Some(text) = text_of(item, losses) else { return Ok(()) };
        let (mut spans, mut classes, mut words) = (Vec::new(), Vec::new(), Vec::new());
        let keeps: &[&str] = if item.links.is_empty() { &[] } else { &["id"] };
        for mark in &item.marks {
            lose_mark(item, mark, keeps, losses);
            match &mark.place {
                Place::Span { start, end } => spans.push((*start, *end, mark)),
                Place::Whole => classes.push(mark.class.as_str()),
                Place::Words(said) => words.push(said.as_str()),
                Place::Shape(shape) => losses.add(shape.kind(), || item.name.clone()),
                Place::Cuboid(_) | Place::Time { .. } | Place::Frames { .. } => {
                    losses.add("time", || item.name.clone());
                }
                Place::Talk(talk) => losses.add(talk.kind(), || item.name.clone()),
            }
        }
        let named = |(start, end, mark): &(u64, u64, &Mark)| json!({ "start": start, "end": end, "label": mark.class });
        for link in item.links.iter().filter(|link| link.mutual) {
            losses.add("direction", || format!("{}: {}", item.name, link.class));
        }
        let mut row = json!({ "text": text });
        match self.dialect {
            Dialect::Doccano => {
                if let Some(id) = &item.id {
                    row["id"] = id.parse::<i64>().map_or_else(|_| json!(id), |id| json!(id));
                }
                if !item.links.is_empty() {
                    let number =
                        |id: &str| id.parse::<i64>().map_or_else(|_| json!(id), |id| json!(id));
                    let entity = |(start, end, mark): &(u64, u64, &Mark)| {
                        let id = mark.id.as_deref().map(number);
                        json!({ "id": id, "label": mark.class, "start_offset": start, "end_offset": end })
                    };
                    row["entities"] = spans.iter().map(entity).collect();
                    let relation = item.links.iter().enumerate().map(|(at, link)| {
                        json!({ "id": at + 1, "from_id": number(&link.from), "to_id": number(&link.to), "type": link.class })
                    });
                    row["relations"] = relation.collect();
                    for class in classes.drain(..) {
                        losses.add("class_of_the_whole", || format!("{}: {class}", item.name));
                    }
                } else if !spans.is_empty() {
                    let triple =
                        |(start, end, mark): &(u64, u64, &Mark)| json!([start, end, mark.class]);
                    row["label"] = spans.iter().map(triple).collect();
                    for class in classes.drain(..) {
                        losses.add("class_of_the_whole", || format!("{}: {class}", item.name));
                    }
                } else {
                    row["label"] = json!(if classes.is_empty() { &words } else { &classes });
                    if classes.is_empty() {
                        words.clear();
                    }
                }
                for (key, value) in &item.metadata {
                    if row.get(key).is_some() || TAKEN.contains(&&key[..]) {
                        losses.add("metadata", || format!("{}: {key}", item.name));
                    } else {
                        row[key] = value.clone();
                    }
                }
            }
            Dialect::Prodigy => {
                row["spans"] = spans.iter().map(named).collect();
                row["answer"] = "accept".into();
                row["meta"] = Value::Object(item.metadata.clone());
                if !classes.is_empty() {
                    row["accept"] = json!(classes);
                }
            }
            Dialect::Spacy => {
                row["ents"] = spans.iter().map(named).collect();
                row["cats"] =
                    classes.iter().map(|class| ((*class).to_owned(), json!(1.0))).collect();
                for key in item.metadata.keys() {
                    losses.add("metadata", || format!("{}: {key}", item.name));
                }
            }
        }
        if self.dialect != Dialect::Doccano {
            for link in &item.links {
                losses.add("relation", || format!("{}: {}", item.name, link.class));
            }
            if item.id.is_some() {
                losses.add("item_id", || item.name.clone());
            }
        }
        for _ in words {
            losses.add("words", || item.name.clone());
        }
        writeln!(self.out, "{row}")
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.out.flush()
    }
}
