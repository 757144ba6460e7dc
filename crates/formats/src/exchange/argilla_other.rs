//! Argilla's other records: those of its first version (`inputs`, `prediction`, `annotation`), and the rows that both
//! versions hand to Hugging Face's `datasets`, where each question has columns of its own.

use serde_json::{Map, Value, json};

use super::argilla::take_text;
use super::look::Look;
use super::row_marks::listed;
use super::rows::Row;
use super::{Item, MARKS_MAX, Mark, Place, Sink};
use crate::json;
use crate::row::Fault;

/// What the record of a text with one or several classes has, and that of a text with words for an answer does not.
const OF_CLASSES: [&str; 3] = ["inputs", "multi_label", "explanation"];

/// Whether a row is a record of the first version.
pub(super) fn is_first(row: &Map<String, Value>) -> bool {
    let there = |key: &str| row.contains_key(key);
    let shown = row.get("text").is_some_and(Value::is_string)
        || row.get("inputs").is_some_and(Value::is_object);
    let proposed = match row.get("prediction") {
        None | Some(Value::Null) => true,
        Some(Value::Array(list)) => list.iter().all(|entry| !entry.is_number()),
        Some(_) => false,
    };
    let said = matches!(
        row.get("annotation"),
        None | Some(Value::Null | Value::String(_) | Value::Array(_))
    );
    let theirs = there("prediction") && there("annotation")
        || ["prediction_agent", "annotation_agent", "multi_label", "event_timestamp"]
            .into_iter()
            .any(there)
        || ["inputs", "metadata"].iter().any(|key| row.get(*key).is_some_and(Value::is_object));
    shown && (there("prediction") || there("annotation")) && proposed && said && theirs
}

/// A record of the first version.
pub(super) fn first(row: &Row, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let look = &row.look;
    let mut item = Item { name: format!("row_{}", row.nth), ..Item::default() };
    item.id = look.maybe("id").map(|id| id.id()).transpose()?;
    item.metadata = metadata(look)?;
    for key in ["status", "event_timestamp"] {
        if let Some(value) = look.maybe(key) {
            item.metadata.insert(key.into(), value.value.clone());
        }
    }
    let mut fields = look.maybe("inputs").map(|inputs| inputs.map().cloned()).transpose()?;
    let fields = fields.get_or_insert_default();
    fields.retain(|_, value| !value.is_null());
    if let Some(text) = look.maybe("text") {
        fields.insert("text".into(), text.text()?.into());
    }
    take_text(fields, &mut item);
    if !fields.is_empty() {
        item.metadata.insert("fields".into(), std::mem::take(fields).into());
    }
    let agent = |key: &str| look.maybe(key).map(|agent| agent.id()).transpose();
    // Whatever predicts is no person, also where it has no name.
    let model = Some(agent("prediction_agent")?.unwrap_or_default());
    let by = agent("annotation_agent")?;
    let task = Task::of(look);
    if let Some(prediction) = look.maybe("prediction") {
        let like = Mark { model, group: Some(0), ..Mark::default() };
        task.proposed(&prediction, &like, &mut item, sink)?;
    }
    if let Some(annotation) = look.maybe("annotation") {
        let mut like = Mark { by, group: Some(1), ..Mark::default() };
        if look.maybe("status").is_some_and(|status| status.value == "Discarded") {
            like.attributes.insert("status".into(), "discarded".into());
        }
        task.said(&annotation, &like, &mut item)?;
    }
    if item.marks.len() > MARKS_MAX {
        return Err(look.range("has more answers than an item may have"));
    }
    for (key, kind) in [
        ("vectors", "vector"),
        ("explanation", "explanation"),
        ("metrics", "metrics"),
        ("search_keywords", "search_keywords"),
    ] {
        let full = |value: &Value| match value {
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => map.values().any(|value| !value.is_null()),
            _ => true,
        };
        if look.maybe(key).is_some_and(|value| full(value.value)) {
            sink.lose(kind, item.name.clone());
        }
    }
    Ok(item)
}

#[derive(Clone, Copy, PartialEq)]
enum Task {
    Class,
    Classes,
    Spans,
    Words,
}

impl Task {
    fn of(look: &Look) -> Self {
        let classes = OF_CLASSES.iter().any(|key| look.value.get(*key).is_some());
        match () {
            () if look.maybe("tokens").is_some() => Task::Spans,
            () if look.maybe("multi_label").is_some_and(|several| several.value == true) => {
                Task::Classes
            }
            () if classes => Task::Class,
            () if look.maybe("annotation").is_some_and(|said| said.value.is_array()) => {
                Task::Classes
            }
            () => Task::Words,
        }
    }

    /// Predictions are pairs, or have their parts by name.
    fn proposed(
        self,
        list: &Look,
        like: &Mark,
        item: &mut Item,
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        let mut found = Vec::new();
        for entry in list.list()? {
            if self == Task::Spans {
                item.marks.push(span(&entry, like, item)?);
                continue;
            }
            let key = if self == Task::Words { "text" } else { "label" };
            let (value, score) = match entry.value {
                Value::Array(_) => {
                    let mut parts = entry.list()?;
                    let value = parts.next().ok_or_else(|| entry.range("says nothing"))?;
                    (value, parts.next())
                }
                Value::Object(_) => (entry.get(key)?, entry.maybe("score")),
                _ => (entry.clone(), None),
            };
            let score = score.filter(|score| !score.value.is_null());
            let score = score.map(|score| score.number()).transpose()?;
            found.push((value, score));
        }
        // Of classes of which one is right, and of words, the likeliest is meant; of several, those that are likely.
        let sure = |score: Option<f64>| score.unwrap_or(1.0);
        let best = found.iter().map(|(_, score)| sure(*score)).fold(f64::MIN, f64::max);
        let mut taken = false;
        for (value, score) in found {
            let wanted = match self {
                Task::Classes => sure(score) >= 0.5,
                _ => !taken && sure(score) >= best,
            };
            if wanted {
                taken = true;
                item.marks.push(self.mark(&value, &Mark { score, ..like.clone() })?);
            } else {
                sink.lose("less_likely", format!("{}: {}", item.name, value.path));
            }
        }
        Ok(())
    }

    fn said(self, value: &Look, like: &Mark, item: &mut Item) -> Result<(), Fault> {
        if !value.value.is_array() {
            item.marks.push(self.mark(value, like)?);
            return Ok(());
        }
        for entry in value.list()? {
            let mark = match self {
                Task::Spans => span(&entry, like, item)?,
                _ => self.mark(&entry, like)?,
            };
            item.marks.push(mark);
        }
        Ok(())
    }

    fn mark(self, value: &Look, like: &Mark) -> Result<Mark, Fault> {
        let group = like.group.filter(|_| self == Task::Classes);
        let mark = Mark { group, ..like.clone() };
        Ok(match self {
            Task::Words => Mark { place: Place::Words(value.text()?.into()), ..mark },
            _ => Mark { class: value.id()?, ..mark },
        })
    }
}

fn span(entry: &Look, like: &Mark, item: &Item) -> Result<Mark, Fault> {
    let (class, start, end, score) = if entry.value.is_array() {
        let parts: Vec<Look> = entry.list()?.collect();
        let [class, start, end, ..] = &parts[..] else {
            return Err(entry.range("is not label, start and end"));
        };
        (class.clone(), start.clone(), end.clone(), parts.get(3).cloned())
    } else {
        (entry.get("label")?, entry.get("start")?, entry.get("end")?, entry.maybe("score"))
    };
    let length = item.text.as_ref().map_or(0, |text| text.chars().count() as u64);
    let (from, to) = (start.offset()?, end.offset()?);
    if to <= from || to > length {
        return Err(end.range("does not lie behind the start and within the text"));
    }
    let score = score.filter(|score| !score.value.is_null());
    Ok(Mark {
        class: class.id()?,
        place: Place::Span { start: from, end: to },
        score: score.map(|score| score.number()).transpose()?,
        ..like.clone()
    })
}

/// What is known of the record, which a table holds as JSON in a text.
fn metadata(look: &Look) -> Result<Map<String, Value>, Fault> {
    let Some(metadata) = look.maybe("metadata") else { return Ok(Map::new()) };
    let mut map = match metadata.value.as_str().map(str::trim) {
        Some("") => Map::new(),
        Some(text) => match json::parse(text.as_bytes()) {
            Ok(Value::Object(map)) => map,
            _ => return Err(metadata.range("is no object in JSON")),
        },
        None => metadata.map()?.clone(),
    };
    map.retain(|_, value| !value.is_null());
    Ok(map)
}

/// Whether a row has a question in columns of its own.
pub(super) fn is_flat(row: &Map<String, Value>) -> bool {
    row.keys().any(|key| question(key, row).is_some())
}

/// The question that a column asks or answers by its name.
fn question<'a>(key: &'a str, row: &Map<String, Value>) -> Option<&'a str> {
    let second = [".responses", ".suggestion"].into_iter().find_map(|end| key.strip_suffix(end));
    let first = || {
        key.strip_suffix("-suggestion")
            .filter(|name| row.contains_key(&format!("{name}-suggestion-metadata")))
    };
    second.or_else(first).filter(|name| !name.is_empty())
}

/// The record as the server's own interface has it.
pub(super) fn whole(look: &Look) -> Result<Value, Fault> {
    let row = look.map()?;
    let (mut suggestions, mut responses) = (Map::new(), Map::new());
    let mut taken: Vec<String> =
        ["id", "external_id", "status", "_server_id", "metadata", "vectors"]
            .map(String::from)
            .into();
    let mut names: Vec<&str> = row.keys().filter_map(|key| question(key, row)).collect();
    names.dedup();
    // Where answers stand in the cells of CSV, their lists are printed.
    let in_cells = names
        .iter()
        .any(|name| row.get(&format!("{name}.responses")).is_some_and(Value::is_string));
    let opened: Map<String, Value>;
    let row = if in_cells {
        let cell = |value: &Value| listed(&Look::new(value, "")).unwrap_or_else(|| value.clone());
        let said = |key: &str| [".responses", ".suggestion"].iter().any(|part| key.contains(part));
        let cells = row.iter().map(|(key, value)| match said(key) {
            true => (key.clone(), cell(value)),
            false => (key.clone(), value.clone()),
        });
        opened = cells.collect();
        &opened
    } else {
        row
    };
    for name in names {
        let key = |end: &str| format!("{name}{end}");
        let of = |end: &str| row.get(&key(end)).filter(|value| !value.is_null());
        let about = of("-suggestion-metadata");
        let fact = |fact: &str| {
            let older = || about.and_then(|about| about.get(fact));
            of(&format!(".suggestion.{fact}")).or_else(older)
        };
        if let Some(value) = of(".suggestion").or_else(|| of("-suggestion")) {
            let entry =
                json!({ "value": apart(value), "agent": fact("agent"), "score": fact("score") });
            suggestions.insert(name.into(), entry);
        }
        let listed = |end: &str| of(end).and_then(Value::as_array);
        let said: Vec<Value> = match (listed(".responses"), of("")) {
            (Some(values), _) => {
                let at = |end: &str, nth: usize| listed(end).and_then(|list| list.get(nth));
                let entry = |(nth, value)| {
                    let (by, status) = (at(".responses.users", nth), at(".responses.status", nth));
                    json!({ "value": apart(value), "user_id": by, "status": status })
                };
                values.iter().enumerate().map(entry).collect()
            }
            (None, Some(column)) if about.is_some() || of("-suggestion").is_some() => {
                match apart(column) {
                    Value::Array(list) => list.into_iter().map(open).collect(),
                    _ => return Err(look.get(name)?.range("is no list of answers")),
                }
            }
            (None, _) => Vec::new(),
        };
        // Who was asked and did not answer said nothing.
        let said: Vec<Value> = said.into_iter().filter(|said| !said["value"].is_null()).collect();
        if !said.is_empty() {
            responses.insert(name.into(), said.into());
        }
        taken.extend(
            [
                "",
                "-suggestion",
                "-suggestion-metadata",
                ".responses",
                ".responses.users",
                ".responses.status",
                ".suggestion",
                ".suggestion.agent",
                ".suggestion.score",
            ]
            .map(key),
        );
    }
    let mut metadata = metadata(look)?;
    let mut fields = Map::new();
    for (key, value) in row.iter().filter(|(key, value)| !taken.contains(key) && !value.is_null()) {
        let shown = value.is_string() || value.is_array();
        let map = if shown { &mut fields } else { &mut metadata };
        map.insert(key.clone(), value.clone());
    }
    let mut record = json!({
        "fields": fields,
        "metadata": metadata,
        "suggestions": suggestions,
        "responses": responses,
    });
    for key in ["id", "external_id", "status", "_server_id", "vectors"] {
        record[key] = row.get(key).cloned().unwrap_or_default();
    }
    Ok(record)
}

fn open(mut answer: Value) -> Value {
    if let Some(value) = answer.get_mut("value") {
        *value = apart(value);
    }
    answer
}

/// `datasets` keeps a list of objects as an object of lists.
fn apart(value: &Value) -> Value {
    let columns: Option<Vec<(&String, &Vec<Value>)>> = value
        .as_object()
        .and_then(|map| map.iter().map(|(key, list)| Some((key, list.as_array()?))).collect());
    let Some(columns) = columns else { return value.clone() };
    let rows = columns.iter().map(|(_, list)| list.len()).max().unwrap_or_default();
    let row = |nth: usize| {
        let cells =
            columns.iter().filter_map(|(key, list)| Some(((*key).clone(), list.get(nth)?.clone())));
        Value::Object(cells.collect())
    };
    (0..rows).map(row).collect()
}
