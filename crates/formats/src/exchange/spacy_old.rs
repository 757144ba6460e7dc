//! What spaCy was trained with before its own binary: pairs of a text and what is said of it, in a list, in lines, or as the
//! `annotations` of a page that made them; and version 2's documents of paragraphs, sentences and tokens.

use std::io::BufRead;

use serde_json::{Map, Value, json};

use super::items::each_line_of;
use super::look::{Look, parse};
use super::pieces::{Pieces, Stop};
use super::spans::item;
use super::{ReadError, Sink, Source, refusal};
use crate::row::{Code, Fault};

/// Whether a file begins as one of these.
pub(super) fn is_one(head: &str) -> bool {
    let start = head.trim_start();
    let within = start.strip_prefix('[').map(str::trim_start).unwrap_or_default();
    let pairs = start.starts_with("[\"") || within.starts_with('[');
    let page = start.starts_with('{')
        && start.contains("\"classes\"")
        && start.contains("\"annotations\"");
    let documents = within.starts_with('{')
        && ["\"paragraphs\"", "\"sentences\"", "\"tokens\""].iter().all(|key| start.contains(key));
    documents
        || (pairs || page) && start.contains("{\"entities\"")
        || (pairs || page) && start.replace(char::is_whitespace, "").contains("{\"entities\":[")
}

pub(super) fn read(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let head = source.head(index, 4096).unwrap_or_default();
    let start = head.trim_start();
    let mut nth = 0;
    let mut take =
        |file: &str, line: u64, raw: &[u8], sink: &mut dyn Sink| -> Result<(), ReadError> {
            let value = match parse(file, line, raw) {
                Ok(Value::Null) => return Ok(()),
                Ok(value) => value,
                Err(refused) => {
                    sink.refuse(refused);
                    return Ok(());
                }
            };
            let rows = match &value {
                Value::Object(row) if row.contains_key("paragraphs") => paragraphs(&value),
                // A line of today among the pairs.
                Value::Object(_) => Ok(vec![value]),
                _ => pair(&value).map(|row| vec![row]),
            };
            let rows = match rows {
                Ok(rows) => rows,
                Err(fault) => {
                    sink.refuse(refusal(file, line, fault, raw));
                    return Ok(());
                }
            };
            for row in rows {
                nth += 1;
                match item(&Look::new(&row, ""), nth, sink) {
                    Ok(item) => sink.item(item)?,
                    Err(fault) => sink.refuse(refusal(file, line, fault, raw)),
                }
            }
            Ok(())
        };
    // A pair a line.
    if start.starts_with("[\"") {
        return each_line_of(source, index, sink, &mut take);
    }
    let name = source.names()[index].clone();
    let mut pieces = Pieces::new(source.stream(index)?);
    let mut walk = || -> Result<(), Stop> {
        if pieces.peek()? == Some(b'[') {
            return list(&name, &mut pieces, sink, &mut take);
        }
        pieces.enter(b'{', "the file is neither a list nor an object")?;
        let mut first = true;
        while let Some(key) = pieces.key(&mut first)? {
            match &key[..] {
                "annotations" => list(&name, &mut pieces, sink, &mut take)?,
                _ => pieces.skip()?,
            }
        }
        Ok(())
    };
    walk().map_err(|stop| stop.of(&name))
}

type Take<'a> = dyn FnMut(&str, u64, &[u8], &mut dyn Sink) -> Result<(), ReadError> + 'a;

fn list<R: BufRead>(
    name: &str,
    pieces: &mut Pieces<R>,
    sink: &mut dyn Sink,
    take: &mut Take,
) -> Result<(), Stop> {
    pieces.enter(b'[', "the file is no list")?;
    let (mut first, mut raw) = (true, Vec::new());
    while pieces.next(&mut first, b']')? {
        let line = pieces.line;
        pieces.value(&mut raw)?;
        take(name, line, &raw, sink)?;
    }
    Ok(())
}

/// A text and its entities, as a line of today has them.
fn pair(value: &Value) -> Result<Value, Fault> {
    let look = Look::new(value, "");
    let parts: Vec<Look> = look.list()?.collect();
    let [text, said] = &parts[..] else {
        let message = "is not a text and what is said of it";
        return Err(Fault::new("", Code::WrongType, message));
    };
    let mut row = said.rest(&["entities"]);
    row.insert("text".into(), text.text()?.into());
    let mut spans = Vec::new();
    if let Some(entities) = said.maybe("entities") {
        for entity in entities.list()? {
            let parts: Vec<Look> = entity.list()?.collect();
            let [start, end, label, ..] = &parts[..] else {
                return Err(entity.range("is not a start, an end and a label"));
            };
            spans.push(
                json!({ "start": start.offset()?, "end": end.offset()?, "label": label.text()? }),
            );
        }
    }
    row.insert("ents".into(), spans.into());
    Ok(row.into())
}

/// The paragraphs of a document, each as a line of today has it.
fn paragraphs(value: &Value) -> Result<Vec<Value>, Fault> {
    let look = Look::new(value, "");
    let mut rows = Vec::new();
    for paragraph in look.get("paragraphs")?.list()? {
        rows.push(self::paragraph(&paragraph)?);
    }
    Ok(rows)
}

fn paragraph(look: &Look) -> Result<Value, Fault> {
    let raw = look.maybe("raw").map(|raw| raw.text()).transpose()?;
    let mut text = raw.unwrap_or_default().to_owned();
    // Bytes and code points of the text that are behind the tokens so far.
    let (mut at, mut behind) = (0, 0_usize);
    let mut spans: Vec<Value> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for sentence in look.get("sentences")?.list()? {
        for token in sentence.get("tokens")?.list()? {
            let word = token.get("orth")?.text()?;
            if raw.is_none() {
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(word);
            }
            let found = text[at..].find(word);
            let found =
                found.ok_or_else(|| token.range("does not stand in `raw` where its turn is"))?;
            let start = behind + text[at..at + found].chars().count();
            let end = start + word.chars().count();
            (at, behind) = (at + found + word.len(), end);
            let tag = token.maybe("ner").map(|tag| tag.text()).transpose()?.unwrap_or("O");
            let (sign, label) = tag.split_once('-').unwrap_or((tag, ""));
            if !matches!(sign, "B" | "I" | "L" | "U" | "O" | "" | "-")
                || matches!(sign, "B" | "I" | "L" | "U") && label.is_empty()
            {
                return Err(token
                    .get("ner")?
                    .range("is none of B-, I-, L-, U- with a label, and O"));
            }
            if matches!(sign, "B" | "U") || open.as_ref().is_none_or(|(_, known)| known != label) {
                open = (!label.is_empty()).then(|| (start, label.to_owned()));
            }
            if let Some((start, label)) = &open {
                let span = json!({ "start": start, "end": end, "label": label });
                match spans.last_mut() {
                    Some(last) if last["start"] == span["start"] => *last = span,
                    _ => spans.push(span),
                }
            }
            if matches!(sign, "L" | "U") {
                open = None;
            }
        }
    }
    let mut row = Map::new();
    if let Some(cats) = look.maybe("cats").filter(|cats| cats.value.is_array()) {
        let mut said = Map::new();
        for cat in cats.list()? {
            said.insert(cat.get("label")?.text()?.into(), cat.get("value")?.value.clone());
        }
        row.insert("cats".into(), said.into());
    }
    row.insert("text".into(), text.into());
    row.insert("ents".into(), spans.into());
    Ok(row.into())
}
