//! Plain tables: a row an item, with columns that are known by their names (id, text, label, …); every other column
//! is metadata. Rows that are conversations have the columns that TRL gives them.

use std::io;

use serde_json::{Map, Value};

use super::look::Look;
use super::row_marks::{boxes, columns_of_boxes, labels, listed, number, one_hot, span, words_of};
use super::rows::{Plain, Row, each};
use super::{
    Class, Item, MARKS_MAX, Mark, Place, ReadError, Refusal, Shape, Sink, Source, argilla, conll,
    label_studio, label_studio_min, oasst, safe_name, squad, talk_read,
};
use crate::row::Fault;

/// The names under which each column is known, the likeliest first.
pub(super) const ID: &[&str] =
    &["id", "_id", "uid", "guid", "external_id", "case_id", "example_id"];
pub(super) const FILE: &[&str] = &[
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
pub(super) const SPLIT: &[&str] = &["split", "subset"];
pub(super) const TEXT: &[&str] = &[
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
pub(super) const LABEL: &[&str] = &[
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
pub(super) const SCORE: &[&str] = &["score", "confidence", "probability"];
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
            let is_one = |mark: &Mark| {
                matches!(mark.place, Place::Shape(Shape::Box { .. } | Shape::Points { .. }))
            };
            item.id.is_none() && !item.marks.is_empty() && item.marks.iter().all(is_one)
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
    } else if let Some(place) = look.maybe("point").filter(|_| taken.contains(&"width"))
        && (place.value.is_array()
            || place.value.as_str().is_some_and(|cell| cell.starts_with('[')))
    {
        let list = listed(&place).unwrap_or_default();
        let numbers = Look::new(&list, "point").numbers().unwrap_or_default();
        let [x, y] = numbers[..] else { return Err(place.range("is not x and y")) };
        let mut mark = Mark::shape("", Shape::Points { points: vec![[x, y]] });
        if let Some((key, class)) = column(look, LABEL) {
            mark.class = class.id()?;
            taken.push(key);
        }
        item.marks.push(mark);
        taken.push("point");
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
