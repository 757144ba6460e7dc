//! Argilla's records: fields that are shown, questions that people answered (responses) or models proposed an
//! answer to (suggestions). Read as the SDK exports them and as the server's own interface gives them.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Map, Value, json};

use super::label_studio::is_media;
use super::look::Look;
use super::outlet::Outlet;
use super::rows::{Row, each};
use super::talk_read::rating;
use super::talk_write::RowFile;
use super::{
    Candidate, Class, Item, MARKS_MAX, Mark, Place, ReadError, Sink, Source, Talk, Turn, Writer,
    argilla_other, lose_mark,
};
use crate::loss::LossReport;
use crate::row::Fault;

/// The longest answer that is taken for the name of a class where nothing says what was asked.
const CLASS_MAX_BYTES: usize = 64;
/// The SDK takes no answer without a person; this one is nobody.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
/// The field under which the name of the field with the text is kept, where it is not `text`.
const TEXT_FIELD: &str = "text_field";

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each(source, sink, &mut item)
}

/// A record of any version, or a row that was one.
pub(super) fn item(row: &Row, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let fields = row.look.map()?;
    if !fields.contains_key("fields") && argilla_other::is_first(fields) {
        return argilla_other::first(row, sink);
    }
    if !fields.contains_key("fields") && argilla_other::is_flat(fields) {
        let whole = argilla_other::whole(&row.look)?;
        let look = Look::new(&whole, &row.look.path);
        return record(&Row { look, file: row.file, nth: row.nth }, sink);
    }
    record(row, sink)
}

fn record(row: &Row, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let look = &row.look;
    let fields = look.get("fields")?;
    let mut item = Item { name: format!("row_{}", row.nth), ..Item::default() };
    item.id =
        look.maybe("id").or_else(|| look.maybe("external_id")).map(|id| id.id()).transpose()?;
    if let Some(metadata) = look.maybe("metadata") {
        item.metadata = metadata.map()?.clone();
    }
    if let Some(status) = look.maybe("status") {
        item.metadata.insert("status".into(), status.text()?.into());
    }
    let mut fields = fields.map()?.clone();
    take_text(&mut fields, &mut item);
    take_chat(&mut fields, &mut item);
    let mut answers = Vec::new();
    if let Some(suggestions) = look.maybe("suggestions") {
        suggested(&suggestions, &mut answers, sink)?;
    }
    if let Some(responses) = look.maybe("responses") {
        responded(&responses, &mut answers, sink)?;
    }
    // When it was changed, and what the server calls it, is the server's own.
    look.lose_rest(
        &[
            "id",
            "external_id",
            "fields",
            "metadata",
            "status",
            "suggestions",
            "responses",
            "vectors",
            "_server_id",
            "inserted_at",
            "updated_at",
            "dataset_id",
        ],
        sink,
    );
    for (group, (value, like)) in answers.into_iter().enumerate() {
        mark(&value, &like, group as i64, &mut fields, &mut item, sink)?;
        if item.marks.len() > MARKS_MAX {
            return Err(look.range("has more answers than an item may have"));
        }
    }
    if !fields.is_empty() {
        item.metadata.insert("fields".into(), Value::Object(fields));
    }
    for key in ["vectors", "_server_id"] {
        let there = look
            .maybe(key)
            .is_some_and(|value| value.value.as_object().is_none_or(|vectors| !vectors.is_empty()));
        if there {
            sink.lose(if key == "vectors" { "vector" } else { "server_id" }, item.name.clone());
        }
    }
    Ok(item)
}

/// The field with the text: the one of that name, or the only one that is text.
pub(super) fn take_text(fields: &mut Map<String, Value>, item: &mut Item) {
    let texts: Vec<&String> =
        fields.iter().filter(|(_, value)| value.is_string()).map(|(key, _)| key).collect();
    let name = match &texts[..] {
        _ if fields.get("text").is_some_and(Value::is_string) => "text".to_owned(),
        [only] => (*only).clone(),
        _ => return,
    };
    if let Some(Value::String(text)) = fields.remove(&name) {
        item.text = Some(text);
        if name != "text" {
            item.metadata.insert(TEXT_FIELD.into(), name.into());
        }
    }
}

fn take_chat(fields: &mut Map<String, Value>, item: &mut Item) {
    let turns = fields.get("chat").and_then(Value::as_array).and_then(|list| {
        let turn = |message: &Value| {
            let [role, content] = ["role", "content"].map(|key| message.get(key)?.as_str());
            let plain = message.as_object()?.len() == 2;
            plain.then_some(Turn::new(role?, content?))
        };
        list.iter().map(turn).collect::<Option<Vec<Turn>>>()
    });
    if let Some(turns) = turns.filter(|turns| !turns.is_empty()) {
        fields.remove("chat");
        item.turns = turns;
    }
}

type Answers<'a> = Vec<(Look<'a>, Mark)>;

fn suggested<'a>(
    suggestions: &Look<'a>,
    answers: &mut Answers<'a>,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let mut push = |suggestion: &Look<'a>, question: String| {
        let text = |key: &str| {
            let found = suggestion.maybe(key);
            found.map(|found| found.text().map(str::to_owned)).transpose()
        };
        let mut like = Mark { question: Some(question), ..Mark::default() };
        // Whatever suggests is no person.
        like.model = Some(text("agent")?.unwrap_or_default());
        like.score = match suggestion.maybe("score") {
            // One for each of several values has no place.
            Some(score) if score.value.is_array() => {
                sink.lose("score", score.path.clone());
                None
            }
            // A cell of CSV holds one as text.
            Some(score) => Some(rating(&score)?),
            None => None,
        };
        answers.push((suggestion.get("value")?, like));
        suggestion.lose_rest(&READ_OF_ANSWER, sink);
        Ok(())
    };
    if suggestions.value.is_array() {
        for suggestion in suggestions.list()? {
            push(&suggestion, suggestion.get("question_name")?.text()?.to_owned())?;
        }
        return Ok(());
    }
    for question in suggestions.map()?.keys() {
        if let Some(suggestion) = suggestions.maybe(question) {
            push(&suggestion, question.clone())?;
        }
    }
    Ok(())
}

/// What an answer has, whoever gave it, and what the server notes of it.
const READ_OF_ANSWER: [&str; 14] = [
    "value",
    "values",
    "agent",
    "score",
    "type",
    "question_name",
    "question_id",
    "user_id",
    "status",
    "id",
    "record",
    "record_id",
    "inserted_at",
    "updated_at",
];

fn responded<'a>(
    responses: &Look<'a>,
    answers: &mut Answers<'a>,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let by = |look: &Look| -> Result<Mark, Fault> {
        look.map()?;
        let by = look.maybe("user_id").map(|user| user.id()).transpose()?;
        let by = by.filter(|by| by != NOBODY);
        let mut like = Mark { by, ..Mark::default() };
        if let Some(status) = look.maybe("status")
            && status.text()? != "submitted"
        {
            like.attributes.insert("status".into(), status.value.clone());
        }
        Ok(like)
    };
    if responses.value.is_array() {
        for response in responses.list()? {
            let like = by(&response)?;
            response.lose_rest(&READ_OF_ANSWER, sink);
            let Some(values) = response.maybe("values") else { continue };
            for question in values.map()?.keys() {
                values.get(question)?.lose_rest(&READ_OF_ANSWER, sink);
                let value = values.get(question)?.get("value")?;
                answers.push((value, Mark { question: Some(question.clone()), ..like.clone() }));
            }
        }
        return Ok(());
    }
    for question in responses.map()?.keys() {
        let Some(list) = responses.maybe(question) else { continue };
        for response in list.list()? {
            let like = Mark { question: Some(question.clone()), ..by(&response)? };
            response.lose_rest(&READ_OF_ANSWER, sink);
            answers.push((response.get("value")?, like));
        }
    }
    Ok(())
}

/// One answer as marks: a class, a rating, words, several classes, spans or a ranking.
fn mark(
    value: &Look,
    like: &Mark,
    group: i64,
    fields: &mut Map<String, Value>,
    item: &mut Item,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let mut push = |mark: Mark| item.marks.push(mark);
    match value.value {
        Value::String(text) if text.len() <= CLASS_MAX_BYTES && !text.contains('\n') => {
            push(Mark { class: text.clone(), ..like.clone() });
        }
        Value::String(text) => push(Mark { place: Place::Words(text.clone()), ..like.clone() }),
        Value::Number(_) => push(Mark { value: Some(value.number()?), ..like.clone() }),
        Value::Array(list) if list.is_empty() => sink.lose("empty_answer", item.name.clone()),
        Value::Array(list) if list.iter().all(|entry| entry.get("rank").is_some()) => {
            let mut levels: BTreeMap<i64, Vec<String>> = BTreeMap::new();
            for entry in value.list()? {
                let id = entry.get("value")?.text()?.to_owned();
                if item.candidate(&id).is_none() {
                    // What is ranked is often a field of the same name.
                    let turns = match fields.remove(&id) {
                        Some(Value::String(text)) => vec![Turn::plain(text)],
                        Some(other) => {
                            fields.insert(id.clone(), other);
                            Vec::new()
                        }
                        None => Vec::new(),
                    };
                    item.candidates.push(Candidate::new(&id, turns));
                }
                levels.entry(entry.get("rank")?.whole()?).or_default().push(id);
                entry.lose_rest(&["value", "rank"], sink);
            }
            let order = levels.into_values().collect();
            let place = Place::Talk(Talk::Ranking { order, all_bad: false });
            item.marks.push(Mark { place, ..like.clone() });
        }
        Value::Array(_) => {
            for entry in value.list()? {
                let mut mark = Mark { group: Some(group), ..like.clone() };
                if entry.value.is_string() {
                    mark.class = entry.text()?.into();
                } else {
                    mark.class = entry.get("label")?.id()?;
                    let (start, end) = (entry.get("start")?, entry.get("end")?);
                    let place = Place::Span { start: start.offset()?, end: end.offset()? };
                    let Some(text) = &item.text else {
                        sink.lose("span_of_another_field", item.name.clone());
                        continue;
                    };
                    let length = text.chars().count() as u64;
                    if end.offset()? <= start.offset()? || end.offset()? > length {
                        return Err(end.range("does not lie behind `start` and within the text"));
                    }
                    mark.place = place;
                    mark.score = match entry.maybe("score") {
                        Some(score) => Some(score.number()?),
                        None => mark.score,
                    };
                }
                if entry.value.is_object() {
                    entry.lose_rest(&["label", "start", "end", "score", "text"], sink);
                }
                item.marks.push(mark);
            }
        }
        _ => return Err(value.range("is no answer: give text, a number or a list")),
    }
    Ok(())
}

pub(super) struct RecordFile {
    rows: RowFile,
}

impl RecordFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self { rows: RowFile::new(out)? })
    }
}

/// Which marks are one answer: the question, who or what gave it, and its group.
type Key<'a> = (String, Option<&'a str>, Option<&'a str>, Option<i64>, bool);

impl Writer for RecordFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        if !item.subset.is_empty() {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        for link in &item.links {
            losses.add("relation", || format!("{}: {}", item.name, link.class));
        }
        let mut metadata = item.metadata.clone();
        let fields = fields(item, &mut metadata, losses);
        let status = metadata.remove("status");
        let mut answers: Vec<(Key, Vec<&Mark>)> = Vec::new();
        for mark in &item.marks {
            let key = key(item, mark, losses);
            let Some(key) = key else { continue };
            let listed = mark.group.is_some() || matches!(mark.place, Place::Span { .. });
            match answers.iter_mut().find(|(known, _)| listed && *known == key) {
                Some((_, marks)) => marks.push(mark),
                None => answers.push((key, vec![mark])),
            }
        }
        let (mut suggestions, mut responses) = (Map::new(), Map::new());
        for ((question, model, by, ..), marks) in answers {
            let mut entry = json!({ "value": value(&marks) });
            if let Some(model) = model {
                if suggestions.contains_key(&question) {
                    losses.add("suggestion", || format!("{}: {question}", item.name));
                    continue;
                }
                entry["agent"] = Some(model).filter(|model| !model.is_empty()).into();
                entry["score"] = marks[0].score.into();
                suggestions.insert(question, entry);
            } else {
                entry["user_id"] = by.unwrap_or(NOBODY).into();
                if let Some(status) = marks[0].attributes.get("status") {
                    entry["status"] = status.clone();
                }
                let list = responses.entry(question).or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.push(entry);
                }
            }
        }
        let mut row = Map::new();
        if let Some(id) = &item.id {
            row.insert("id".into(), id.as_str().into());
        }
        if let Some(status) = status {
            row.insert("status".into(), status);
        }
        for (key, part) in [
            ("fields", fields),
            ("metadata", metadata),
            ("suggestions", suggestions),
            ("responses", responses),
        ] {
            row.insert(key.into(), Value::Object(part));
        }
        self.rows.push(&row)
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.rows.finish()
    }
}

fn fields(
    item: &Item,
    metadata: &mut Map<String, Value>,
    losses: &mut LossReport,
) -> Map<String, Value> {
    let mut fields = match metadata.remove("fields") {
        Some(Value::Object(fields)) => fields,
        Some(other) => Map::from_iter([("fields".to_owned(), other)]),
        None => Map::new(),
    };
    let name = metadata.remove(TEXT_FIELD);
    if let Some(text) = &item.text {
        let name = name.as_ref().and_then(Value::as_str).unwrap_or("text");
        fields.insert(name.into(), text.as_str().into());
    }
    let mut messages = |turns: &[Turn]| {
        if turns.iter().any(|turn| !turn.more.is_empty()) {
            losses.add("message_fields", || item.name.clone());
        }
        turns.iter().map(|turn| json!({ "role": turn.role, "content": turn.text })).collect()
    };
    match &item.turns[..] {
        [] => {}
        [turn] if turn.is_plain() => {
            fields.insert("prompt".into(), turn.text.clone().into());
        }
        turns => drop(fields.insert("chat".into(), messages(turns))),
    }
    for candidate in &item.candidates {
        let answer: Value = match &candidate.turns[..] {
            [] => continue,
            [turn] if turn.more.is_empty() => turn.text.clone().into(),
            turns => messages(turns),
        };
        fields.insert(candidate.id.clone(), answer);
    }
    for candidate in &item.candidates {
        if candidate.model.is_some() {
            losses.add("model", || format!("{}: {}", item.name, candidate.id));
        }
        if matches!(&candidate.turns[..], [turn] if !turn.role.is_empty()) {
            losses.add("role", || format!("{}: {}", item.name, candidate.id));
        }
    }
    if !fields.is_empty() && is_media(&item.name) {
        losses.add("file_name", || item.name.clone());
    }
    if fields.is_empty() {
        fields.insert("name".into(), item.name.as_str().into());
    }
    fields
}

fn key<'a>(item: &Item, mark: &'a Mark, losses: &mut LossReport) -> Option<Key<'a>> {
    let place = || format!("{}: {}", item.name, mark.class);
    let mut keeps = vec!["question", "by", "model", "group"];
    if mark.model.is_some() {
        keeps.push("score");
    }
    if mark.attributes.keys().all(|key| key == "status") {
        keeps.push("attributes");
    }
    let question = match &mark.place {
        Place::Shape(_)
        | Place::Cuboid(_)
        | Place::Time { .. }
        | Place::Frames { .. }
        | Place::Talk(Talk::Turn { .. }) => {
            losses.add(mark.place.kind(), place);
            return None;
        }
        Place::Whole if mark.class.is_empty() && mark.value.is_none() => {
            losses.add("no_class", place);
            return None;
        }
        Place::Span { .. } if item.text.is_none() && item.turns.is_empty() => {
            losses.add("span", place);
            return None;
        }
        Place::Whole if mark.class.is_empty() => "rating".to_owned(),
        Place::Whole => "label".to_owned(),
        Place::Words(_) => {
            losses.add("words_as_class", place);
            "words".to_owned()
        }
        Place::Span { .. } => "spans".to_owned(),
        Place::Talk(Talk::Ranking { all_bad, .. }) => {
            if *all_bad {
                losses.add("both_bad", place);
            }
            "ranking".to_owned()
        }
        // A question about one of the fields is told from the others by its name alone.
        Place::Talk(Talk::Candidate(id)) => {
            losses.add("mark_of_a_candidate", place);
            format!("{}_{id}", if mark.class.is_empty() { "rating" } else { "label" })
        }
    };
    if mark.class.is_empty() {
        keeps.push("rating");
    }
    lose_mark(item, mark, &keeps, losses);
    let question = mark.question.clone().unwrap_or(question);
    let spans = matches!(mark.place, Place::Span { .. });
    Some((question, mark.model.as_deref(), mark.by.as_deref(), mark.group, spans))
}

fn value(marks: &[&Mark]) -> Value {
    let first = marks[0];
    match &first.place {
        Place::Words(words) => words.as_str().into(),
        Place::Talk(Talk::Ranking { order, .. }) => {
            let level = |(at, level): (usize, &Vec<String>)| {
                level.iter().map(move |id| json!({ "value": id, "rank": at + 1 })).collect()
            };
            let levels: Vec<Vec<Value>> = order.iter().enumerate().map(level).collect();
            levels.concat().into()
        }
        Place::Span { .. } => {
            let span = |mark: &&Mark| match mark.place {
                Place::Span { start, end } => {
                    json!({ "start": start, "end": end, "label": mark.class })
                }
                _ => Value::Null,
            };
            marks.iter().map(span).collect()
        }
        _ if first.group.is_some() && !first.class.is_empty() => {
            marks.iter().map(|mark| mark.class.as_str()).collect()
        }
        _ if first.class.is_empty() => first.value.map_or(Value::Null, number),
        _ => first.class.as_str().into(),
    }
}

/// A whole number as one: ratings are.
fn number(value: f64) -> Value {
    let whole = value.fract() == 0.0 && value.abs() < 9e15;
    if whole { (value as i64).into() } else { value.into() }
}
