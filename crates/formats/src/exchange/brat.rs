//! brat: beside each text a file of stand-off lines, spans as `T`, relations as `R`, attributes as `A`, events as `E`.
//! Offsets count code points. A span of several pieces becomes marks of one group.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde_json::Value;

use super::outlet::Outlet;
use super::{
    Class, Item, Link, MARKS_MAX, Mark, Place, ReadError, Sink, Source, Writer, create_of,
    lose_mark, refusal, text_of, twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const FILE_MAX_BYTES: u64 = 64 << 20;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".ann") {
            continue;
        }
        let stem = name.trim_end_matches(".ann").to_owned();
        let Some(text) = source.find(&format!("{stem}.txt")) else {
            let message = format!("there is no {stem}.txt beside it: put the text there");
            sink.refuse(refusal(&name, 1, Fault::new("", Code::MissingField, message), b""));
            continue;
        };
        let bytes = source.text(text, FILE_MAX_BYTES)?;
        let Ok(text) = String::from_utf8(bytes) else {
            let fault = Fault::new("", Code::NotText, "the text is not valid UTF-8");
            sink.refuse(refusal(&format!("{stem}.txt"), 1, fault, b""));
            continue;
        };
        let Ok(lines) = String::from_utf8(source.text(index, FILE_MAX_BYTES)?) else {
            let fault = Fault::new("", Code::NotText, "the file is not valid UTF-8");
            sink.refuse(refusal(&name, 1, fault, b""));
            continue;
        };
        let mut item = Item { name: format!("{stem}.txt"), text: Some(text), ..Item::default() };
        let triggers = lines.lines().filter_map(|line| {
            let mut columns = line.split('\t');
            let id = columns.next().filter(|id| id.starts_with('E'))?;
            let (_, trigger) = columns.next()?.split(' ').next()?.split_once(':')?;
            Some((id.to_owned(), trigger.to_owned()))
        });
        let triggers = triggers.collect();
        let mut reading =
            Reading { places: HashMap::new(), triggers, told: HashSet::new(), groups: 0 };
        // What is said about a span may stand before it.
        for first in [true, false] {
            for (nth, line) in lines.lines().enumerate() {
                let line = line.trim_end();
                if line.is_empty() || line.starts_with('T') != first {
                    continue;
                }
                if let Err(fault) = reading.line(line, &mut item, sink) {
                    sink.refuse(refusal(&name, nth as u64 + 1, fault, line.as_bytes()));
                }
            }
        }
        sink.item(item)?;
    }
    Ok(())
}

struct Reading {
    places: HashMap<String, usize>,
    /// The span that each event is told by.
    triggers: HashMap<String, String>,
    /// The spans that tell of one already.
    told: HashSet<String>,
    groups: i64,
}

impl Reading {
    fn line(&mut self, line: &str, item: &mut Item, sink: &mut dyn Sink) -> Result<(), Fault> {
        let mut columns = line.split('\t');
        let id = columns.next().unwrap_or_default();
        let facts = columns.next().unwrap_or_default();
        match id.chars().next() {
            Some('T') => self.span(id, facts, item),
            Some('R') => self.relation(facts, item),
            Some('A' | 'M') => self.attribute(facts, item),
            Some('#') => {
                let said = columns.next().unwrap_or_default();
                match facts
                    .split_once(' ')
                    .and_then(|(_, about)| self.places.get(self.span_of(about)))
                {
                    Some(at) => {
                        item.marks[*at].attributes.insert("note".into(), said.into());
                    }
                    None => sink.lose("note", format!("{}: {line}", item.name)),
                }
                Ok(())
            }
            Some('E') => self.event(line, facts, item, sink),
            Some('N') => {
                sink.lose("normalization", format!("{}: {line}", item.name));
                Ok(())
            }
            Some('*') => {
                sink.lose("equivalence", format!("{}: {line}", item.name));
                Ok(())
            }
            _ => {
                let message = "the line begins with none of T, R, A, M, E, N, * and #";
                Err(Fault::new("id", Code::UnknownValue, message))
            }
        }
    }

    fn span(&mut self, id: &str, facts: &str, item: &mut Item) -> Result<(), Fault> {
        let wrong = |message: String| Fault::new("span", Code::OutOfRange, message);
        let Some((class, places)) = facts.split_once(' ') else {
            let message =
                "the line is not an id, a class with its offsets, and the text, with tabs between";
            return Err(Fault::new("span", Code::MissingField, message));
        };
        if self.places.contains_key(id) {
            return Err(Fault::new("id", Code::DuplicateKey, format!("{id} stands twice")));
        }
        let length = item.text.as_ref().map_or(0, |text| text.chars().count() as u64);
        let mut pieces = Vec::new();
        for piece in places.split(';') {
            let ends =
                piece.trim().split_once(' ').map(|(start, end)| (start.parse(), end.parse()));
            let Some((Ok(start), Ok(end))) = ends else {
                return Err(wrong(format!("“{piece}” is not where a span starts and ends")));
            };
            let (start, end): (u64, u64) = (start, end);
            if end <= start || end > length {
                return Err(wrong(format!(
                    "the span ends at {end}, which does not lie behind {start} and within the {length} characters of the text"
                )));
            }
            pieces.push((start, end));
        }
        if item.marks.len() + pieces.len() > MARKS_MAX {
            return Err(wrong("there are more than 50,000 spans in one text".into()));
        }
        let group = (pieces.len() > 1).then(|| {
            self.groups += 1;
            self.groups
        });
        self.places.insert(id.into(), item.marks.len());
        for (nth, (start, end)) in pieces.into_iter().enumerate() {
            let id = (nth == 0).then(|| id.to_owned());
            item.marks.push(Mark { id, group, ..Mark::span(class, start, end) });
        }
        Ok(())
    }

    /// The span itself, or the one that an event is told by.
    fn span_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.triggers.get(id).map_or(id, |trigger| &trigger[..])
    }

    /// An event is its trigger, and what takes part in it are relations from there; of a second event that the same
    /// span tells, nothing says any more that it was another.
    fn event(
        &mut self,
        line: &str,
        facts: &str,
        item: &mut Item,
        sink: &mut dyn Sink,
    ) -> Result<(), Fault> {
        let mut words = facts.split(' ').filter(|word| !word.is_empty());
        let Some((_, trigger)) = words.next().and_then(|word| word.split_once(':')) else {
            let message =
                "an event has a class with its span, and what takes part, as in `Buy:T1 Who:T2`";
            return Err(Fault::new("event", Code::MissingField, message));
        };
        self.known(trigger, "event")?;
        for word in words {
            let Some((role, part)) = word.split_once(':') else {
                let message = format!("“{word}” is no part of an event, as `Who:T2` is");
                return Err(Fault::new("event", Code::UnknownValue, message));
            };
            self.known(part, role)?;
            let to = self.span_of(part).to_owned();
            item.links.push(Link { from: trigger.into(), to, class: role.into(), mutual: false });
        }
        if !self.told.insert(trigger.into()) {
            sink.lose("event", format!("{}: {line}", item.name));
        }
        Ok(())
    }

    fn known(&self, id: &str, field: &str) -> Result<usize, Fault> {
        let place = self.places.get(self.span_of(id)).copied();
        let message = || format!("{id} is no span of this text");
        place.ok_or_else(|| Fault::new(field, Code::UnknownValue, message()))
    }

    fn relation(&self, facts: &str, item: &mut Item) -> Result<(), Fault> {
        let mut words = facts.split(' ').filter(|word| !word.is_empty());
        let class = words.next().unwrap_or_default().to_owned();
        let ends: Vec<&str> = words.filter_map(|word| Some(word.split_once(':')?.1)).collect();
        let [from, to] = ends[..] else {
            let message = "a relation has a class and two ends, as in `Owns Arg1:T1 Arg2:T2`";
            return Err(Fault::new("relation", Code::MissingField, message));
        };
        self.known(from, "Arg1")?;
        self.known(to, "Arg2")?;
        let (from, to) = (self.span_of(from).to_owned(), self.span_of(to).to_owned());
        item.links.push(Link { from, to, class, mutual: false });
        Ok(())
    }

    fn attribute(&self, facts: &str, item: &mut Item) -> Result<(), Fault> {
        let mut words = facts.splitn(3, ' ');
        let (Some(name), Some(about)) = (words.next(), words.next()) else {
            let message = "an attribute has a name and says of what, as in `Negation T1`";
            return Err(Fault::new("attribute", Code::MissingField, message));
        };
        let at = self.known(about, "attribute")?;
        let value = words.next().map_or(Value::Bool(true), Value::from);
        item.marks[at].attributes.insert(name.into(), value);
        Ok(())
    }
}

pub(super) struct BratFiles {
    out: Outlet,
}

impl BratFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone() })
    }
}

/// A name without what separates the words of a line.
fn word(name: &str, losses: &mut LossReport, place: &dyn Fn() -> String) -> String {
    if name.is_empty() || name.contains(char::is_whitespace) {
        losses.add("class_with_a_space", place);
    }
    let name = name.replace(char::is_whitespace, "_");
    if name.is_empty() { "_".into() } else { name }
}

impl Writer for BratFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let Some(text) = text_of(item, losses) else { return Ok(()) };
        for key in item.metadata.keys() {
            losses.add("metadata", || format!("{}: {key}", item.name));
        }
        let file = twin(&item.name, "txt");
        let Some(mut out) = create_of(item, &self.out, &file, losses)? else { return Ok(()) };
        out.write_all(text.as_bytes())?;
        if item.id.is_some() || !item.subset.is_empty() {
            losses.add("item_id", || item.name.clone());
        }
        let mut lines = String::new();
        let mut ids: HashMap<&str, String> = HashMap::new();
        let (mut spans, mut attributes) = (0, 0);
        let mut at = 0;
        while at < item.marks.len() {
            let mark = &item.marks[at];
            at += 1;
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["id", "attributes", "group"], losses);
            let Place::Span { start, end } = mark.place else {
                losses.add("class_of_the_whole", place);
                continue;
            };
            let mut pieces = vec![(start, end)];
            // The pieces of one span stand behind each other, the first of them with the id.
            while let Some(next) = item.marks.get(at)
                && let Place::Span { start, end } = next.place
                && next.group.is_some()
                && (next.group, &next.class, &next.id) == (mark.group, &mark.class, &None)
            {
                pieces.push((start, end));
                at += 1;
            }
            if mark.group.is_some() && pieces.len() == 1 {
                losses.add("group", place);
            }
            spans += 1;
            let id = format!("T{spans}");
            if let Some(given) = &mark.id {
                if *given != id {
                    losses.add("id", place);
                }
                ids.insert(given, id.clone());
            }
            let offsets: Vec<String> =
                pieces.iter().map(|(start, end)| format!("{start} {end}")).collect();
            let words: Vec<String> = pieces
                .iter()
                .map(|(start, end)| {
                    let piece = text.chars().skip(*start as usize).take((end - start) as usize);
                    piece.map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect()
                })
                .collect();
            let class = word(&mark.class, losses, &place);
            let _ = writeln!(lines, "{id}\t{class} {}\t{}", offsets.join(";"), words.join(" "));
            for (key, value) in &mark.attributes {
                let value = match value {
                    Value::Bool(true) => String::new(),
                    Value::String(text) if key == "note" => {
                        attributes += 1;
                        if text.contains(['\r', '\n', '\t']) {
                            losses.add("line_breaks", place);
                        }
                        let text = text.replace(['\r', '\n', '\t'], " ");
                        let _ = writeln!(lines, "#{attributes}\tAnnotatorNotes {id}\t{text}");
                        continue;
                    }
                    Value::String(text) if !text.contains(char::is_whitespace) => {
                        format!(" {text}")
                    }
                    _ => {
                        losses.add("attributes", || format!("{}: {key}", place()));
                        continue;
                    }
                };
                attributes += 1;
                let key = word(key, losses, &place);
                let _ = writeln!(lines, "A{attributes}\t{key} {id}{value}");
            }
        }
        for (nth, link) in item.links.iter().enumerate() {
            let place = || format!("{}: {}", item.name, link.class);
            let (Some(from), Some(to)) = (ids.get(&*link.from), ids.get(&*link.to)) else {
                losses.add("relation", place);
                continue;
            };
            if link.mutual {
                losses.add("direction", place);
            }
            let class = word(&link.class, losses, &place);
            let _ = writeln!(lines, "R{}\t{class} Arg1:{from} Arg2:{to}", nth + 1);
        }
        self.out.create(&twin(&item.name, "ann"))?.write_all(lines.as_bytes())
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        Ok(())
    }
}
