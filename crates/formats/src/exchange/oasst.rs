//! OpenAssistant's trees of messages: a row for each message with its parent, or a row for each tree. An item is what
//! a person wrote, with all that was said before; the replies are its candidates, ranked as the people ranked them.

use std::collections::HashMap;
use std::io;

use serde_json::{Map, Value, json};

use super::look::Look;
use super::rows::Row;
use super::{Candidate, Class, Item, Mark, Refusal, Sink, Talk, Turn};
use crate::row::Fault;

/// What one tree may have.
const MESSAGES_MAX: usize = 100_000;
/// How many messages may follow one another.
const DEPTH_MAX: usize = 1_000;

/// Whether a row is a message, or a whole tree.
pub(super) fn is_row(row: &Map<String, Value>) -> bool {
    let text = |key: &str| row.get(key).is_some_and(Value::is_string);
    text("message_tree_id")
        && (text("message_id") && text("role")
            || row.get("prompt").is_some_and(|prompt| prompt.get("role").is_some()))
}

/// The row as it is kept until its tree is whole: a turn with everything else that is said of it.
pub(super) fn message(row: &Row) -> Result<Item, Fault> {
    let look = &row.look;
    let mut item = Item { name: format!("row_{}", row.nth), ..Item::default() };
    let said = look.maybe("prompt").filter(|prompt| prompt.value.is_object());
    let message = said.as_ref().unwrap_or(look);
    message.get("message_id")?.text()?;
    message.get("role")?.text()?;
    message.get("text")?.text()?;
    if let Some(tree) = said {
        check(tree)?;
    } else {
        check_one(look)?;
    }
    item.metadata = look.map()?.clone();
    Ok(item)
}

/// What a message says of itself, each of its own type where it is there.
fn check_one(look: &Look) -> Result<(), Fault> {
    for key in ["message_id", "parent_id", "role", "text"] {
        look.maybe(key).map(|said| said.text()).transpose()?;
    }
    if let Some(rank) = look.maybe("rank")
        && whole(rank.value).is_none()
    {
        rank.number()?;
    }
    let Some(labels) = look.maybe_object("labels")? else { return Ok(()) };
    let lists = ["name", "value"].map(|key| labels.maybe(key).filter(|said| said.value.is_array()));
    if let [Some(names), Some(values)] = lists {
        names.list()?.try_for_each(|name| name.text().map(drop))?;
        return values.list()?.try_for_each(|value| value.number().map(drop));
    }
    // One that is no record is counted.
    Ok(())
}

/// The same of all messages of a tree, however deep they lie.
fn check(tree: Look) -> Result<(), Fault> {
    let mut open = vec![tree];
    while let Some(message) = open.pop() {
        message.map()?;
        check_one(&message)?;
        if let Some(replies) = message.maybe("replies") {
            open.extend(replies.list()?);
        }
    }
    Ok(())
}

/// Holds the messages of one tree, which follow one another in the file, and hands over what they are.
pub(super) struct Trees<'a> {
    pub sink: &'a mut dyn Sink,
    held: Vec<Map<String, Value>>,
    /// What the items of the tree at hand have in common.
    subset: String,
}

impl<'a> Trees<'a> {
    pub fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, held: Vec::new(), subset: String::new() }
    }

    /// Hands over the tree that is held.
    pub fn pass(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return Ok(());
        }
        let text = |message: &Map<String, Value>, key: &str| {
            message.get(key).and_then(Value::as_str).map(str::to_owned)
        };
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut replies: HashMap<usize, Vec<usize>> = HashMap::new();
        for (nth, message) in held.iter().enumerate() {
            at.extend(text(message, "message_id").map(|id| (id, nth)));
        }
        let parent = |message: &Map<String, Value>| at.get(&text(message, "parent_id")?).copied();
        for (nth, message) in held.iter().enumerate() {
            match parent(message) {
                Some(above) if above != nth => replies.entry(above).or_default().push(nth),
                _ if text(message, "parent_id").is_some() => {
                    let id = text(message, "message_id").unwrap_or_default();
                    self.sink.lose("message_without_its_parent", id);
                }
                _ => {}
            }
        }
        for (nth, message) in held.iter().enumerate() {
            if message["role"] == "assistant" {
                continue;
            }
            // What was said before, from the last to the first.
            let mut way = vec![nth];
            while let Some(above) = way.last().and_then(|last| parent(&held[*last])) {
                if way.len() >= DEPTH_MAX {
                    break;
                }
                way.push(above);
            }
            way.reverse();
            let answers = replies.get(&nth).map_or(&[][..], |replies| &replies[..]);
            let item = item(&held, &way, answers, self.sink);
            self.sink.item(Item { subset: self.subset.clone(), ..item })?;
        }
        Ok(())
    }

    fn hold(&mut self, message: Map<String, Value>) {
        match self.held.len() < MESSAGES_MAX {
            true => self.held.push(message),
            false => self.sink.lose("message_beyond_100000", message["message_id"].to_string()),
        }
    }

    /// Takes a tree apart that is one row.
    fn nested(&mut self, mut row: Map<String, Value>) {
        let tree = row.get("message_tree_id").cloned().unwrap_or_default();
        let mut first = row.remove("prompt").unwrap_or_default();
        if let Value::Object(first) = &mut first {
            // What is said of the whole tree stands with what begins it.
            for (key, value) in row {
                first.entry(key).or_insert(value);
            }
        }
        let mut open = vec![(first, Value::Null)];
        while let Some((message, parent)) = open.pop() {
            let Value::Object(mut message) = message else { continue };
            let id = message.get("message_id").cloned().unwrap_or_default();
            if let Some(Value::Array(replies)) = message.remove("replies") {
                open.extend(replies.into_iter().rev().map(|reply| (reply, id.clone())));
            }
            let is_whole = ["message_id", "role", "text"]
                .iter()
                .all(|key| message.get(*key).is_some_and(Value::is_string));
            if !is_whole {
                self.sink.lose("message_without_its_text", id.to_string());
                continue;
            }
            message.insert("parent_id".into(), parent);
            message.insert("message_tree_id".into(), tree.clone());
            self.hold(message);
        }
    }
}

impl Sink for Trees<'_> {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.sink.class(class)
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        if item.name.starts_with("row_") && item.turns.is_empty() && is_row(&item.metadata) {
            let tree = |message: &Map<String, Value>| message["message_tree_id"].clone();
            if self.held.first().is_some_and(|held| tree(held) != tree(&item.metadata)) {
                self.pass()?;
            }
            self.subset = item.subset;
            if item.metadata.contains_key("prompt") {
                self.nested(item.metadata);
            } else {
                self.hold(item.metadata);
            }
            return Ok(());
        }
        self.pass()?;
        self.sink.item(item)
    }

    fn follows(&self) -> bool {
        self.sink.follows()
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.sink.refuse(refusal);
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.sink.lose(kind, example);
    }
}

/// What is taken over of a message.
const READ: [&str; 8] =
    ["message_id", "parent_id", "message_tree_id", "role", "text", "rank", "labels", "replies"];

fn item(
    held: &[Map<String, Value>],
    way: &[usize],
    answers: &[usize],
    sink: &mut dyn Sink,
) -> Item {
    let id = |at: usize| held[at]["message_id"].as_str().unwrap_or_default().to_owned();
    let turn = |at: &usize| {
        let role = if held[*at]["role"] == "assistant" { "assistant" } else { "user" };
        Turn::new(role, held[*at]["text"].as_str().unwrap_or_default())
    };
    let Some(last) = way.last() else { return Item::default() };
    let mut item =
        Item { name: format!("message_{}", id(*last)), id: Some(id(*last)), ..Item::default() };
    item.turns = way.iter().map(turn).collect();
    let rest =
        held[*last].iter().filter(|(key, value)| !READ.contains(&&key[..]) && !value.is_null());
    item.metadata = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    item.metadata.insert("message_tree_id".into(), json!(held[*last]["message_tree_id"]));
    let asked = Talk::Turn { of: None, at: item.turns.len() as u64 - 1 };
    item.marks.extend(rated(&held[*last], &asked, sink));
    let mut ranks: Vec<(i64, String)> = Vec::new();
    for answer in answers {
        let candidate = Candidate::new(&id(*answer), vec![turn(answer)]);
        let place = Talk::Candidate(candidate.id.clone());
        item.marks.extend(rated(&held[*answer], &place, sink));
        if let Some(rank) = held[*answer].get("rank").and_then(whole) {
            ranks.push((rank, candidate.id.clone()));
        }
        for key in held[*answer].keys().filter(|key| !READ.contains(&&key[..])) {
            if held[*last].get(key) != held[*answer].get(key) && !held[*answer][key].is_null() {
                sink.lose("field_not_read", format!("{}: {key}", candidate.id));
            }
        }
        item.candidates.push(candidate);
    }
    ranks.sort();
    if ranks.len() > 1 {
        let order = ranks.chunk_by(|one, next| one.0 == next.0);
        let order = order.map(|same| same.iter().map(|(_, id)| id.clone()).collect());
        item.marks.push(Mark::ranking(order.collect()));
    }
    item
}

/// A rank in a data frame may have become a number with a point.
fn whole(value: &Value) -> Option<i64> {
    let said = value.as_str().and_then(|text| text.trim().parse::<f64>().ok());
    let number = value.as_f64().or(said)?;
    (number.fract() == 0.0 && number.abs() < 1e9).then_some(number as i64)
}

/// What people said of a message: `{"name": [], "value": []}`, or a record for each name.
fn rated(message: &Map<String, Value>, place: &Talk, sink: &mut dyn Sink) -> Vec<Mark> {
    let Some(labels) = message.get("labels") else { return Vec::new() };
    let id = message["message_id"].as_str().unwrap_or_default();
    let lists = ["name", "value"].map(|key| labels.get(key).and_then(Value::as_array));
    let pairs: Vec<(String, f64)> = match lists {
        [Some(names), Some(values)] => names
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value.as_f64()?)))
            .collect(),
        _ => {
            let mut pairs = Vec::new();
            for (name, said) in labels.as_object().into_iter().flatten() {
                match said.get("value").and_then(Value::as_f64) {
                    Some(value) => pairs.push((name.clone(), value)),
                    None => sink.lose("field_not_read", format!("{id}: {name}")),
                }
                // How many people said so, and what else there is.
                for key in said.as_object().into_iter().flatten().map(|(key, _)| key) {
                    if key != "value" {
                        sink.lose("field_not_read", format!("{id}: {name}.{key}"));
                    }
                }
            }
            pairs
        }
    };
    let mark = |(name, value)| Mark {
        question: Some(name),
        value: Some(value),
        ..Mark::talk("", place.clone())
    };
    pairs.into_iter().map(mark).collect()
}
