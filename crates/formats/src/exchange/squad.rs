//! SQuAD: questions that a piece of a text answers. The file nests them, `data`, `paragraphs`, `qas`; Hugging Face's rows
//! have a question each. Either way an item is a question: its text the paragraph, its spans the answers.

use std::io::{BufRead, BufReader};

use serde_json::{Map, Value};

use super::look::{Look, parse};
use super::pieces::{Pieces, Stop};
use super::rows::{Row, each};
use super::{Item, MARKS_MAX, Mark, ReadError, Sink, Source, refusal};
use crate::row::{Code, Fault};

/// What the spans are called.
const CLASS: &str = "answer";

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let nests = |source: &mut Source, index: usize| {
        source.names()[index].ends_with(".json")
            && is_nested(&source.head(index, 64 << 10).unwrap_or_default())
    };
    let nested: Vec<usize> = (0..source.names().len()).filter(|at| nests(source, *at)).collect();
    if nested.is_empty() {
        return each(source, sink, &mut |row, sink| {
            let found = item(row, sink)?;
            found.ok_or_else(|| {
                row.look.get("answers").err().unwrap_or_else(|| row.look.range("has no answers"))
            })
        });
    }
    for index in nested {
        let name = source.names()[index].clone();
        let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, source.spool(index)?));
        file(&name, &mut pieces, sink).map_err(|stop| stop.of(&name))?;
    }
    Ok(())
}

/// Whether a file begins as one that nests its questions.
pub(super) fn is_nested(head: &str) -> bool {
    ["\"paragraphs\"", "\"context\"", "\"qas\""].iter().all(|key| head.contains(key))
}

/// Whether a row is a question with its paragraph and its answers.
pub(super) fn is_row(row: &Map<String, Value>) -> bool {
    let text = |key: &str| row.get(key).is_some_and(Value::is_string);
    let answers = row.get("answers");
    text("context")
        && text("question")
        && answers.is_some_and(|answers| answers.get("answer_start").is_some())
}

fn file<R: BufRead>(name: &str, pieces: &mut Pieces<R>, sink: &mut dyn Sink) -> Result<(), Stop> {
    pieces.enter(b'{', "the file is no JSON object: is this a file of SQuAD?")?;
    let mut first = true;
    while let Some(key) = pieces.key(&mut first)? {
        if key != "data" {
            if key != "version" {
                sink.lose("field_not_read", format!("{name}: {key}"));
            }
            pieces.skip()?;
            continue;
        }
        pieces.enter(b'[', "`data` is no list")?;
        let mut first = true;
        while pieces.next(&mut first, b']')? {
            article(name, pieces, sink)?;
        }
    }
    Ok(())
}

fn article<R: BufRead>(
    name: &str,
    pieces: &mut Pieces<R>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    pieces.enter(b'{', "an article is no object")?;
    let (mut first, mut raw, mut title) = (true, Vec::new(), None);
    while let Some(key) = pieces.key(&mut first)? {
        match &key[..] {
            "title" => {
                let line = pieces.line;
                pieces.value(&mut raw)?;
                let read = parse(name, line, &raw).and_then(|value| {
                    let said = Some(Look::new(&value, "title")).filter(|_| !value.is_null());
                    let read = said.map(|said| Ok(said.text()?.to_owned())).transpose();
                    read.map_err(|fault| refusal(name, line, fault, &raw))
                });
                match read {
                    Ok(said) => title = said,
                    Err(refused) => sink.refuse(refused),
                }
            }
            "paragraphs" => {
                pieces.enter(b'[', "`paragraphs` is no list")?;
                let mut first = true;
                while pieces.next(&mut first, b']')? {
                    let line = pieces.line;
                    pieces.value(&mut raw)?;
                    match parse(name, line, &raw) {
                        Ok(value) => {
                            let found = paragraph(&Look::new(&value, ""), title.as_ref(), sink);
                            for one in found {
                                match one {
                                    Ok(item) => sink.item(item)?,
                                    Err(fault) => sink.refuse(refusal(name, line, fault, &raw)),
                                }
                            }
                        }
                        Err(refused) => sink.refuse(refused),
                    }
                }
            }
            _ => {
                sink.lose("field_not_read", format!("{name}: {key}"));
                pieces.skip()?;
            }
        }
    }
    Ok(())
}

fn paragraph(look: &Look, title: Option<&String>, sink: &mut dyn Sink) -> Vec<Result<Item, Fault>> {
    let both = look.get("context").and_then(|text| Ok((text.text()?, look.get("qas")?.list()?)));
    let (text, questions) = match both {
        Ok(both) => both,
        Err(fault) => return vec![Err(fault)],
    };
    look.lose_rest(&["context", "qas"], sink);
    let titled = |mut item: Item| {
        if let Some(title) = title {
            item.metadata.insert("title".into(), title.as_str().into());
        }
        item
    };
    questions.map(|question| asked(&question, text, sink).map(titled)).collect()
}

fn asked(look: &Look, text: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let id = look.get("id")?.id()?;
    let metadata = look.rest(&["id", "answers"]);
    let name = format!("question_{id}");
    let mut item =
        Item { name, id: Some(id), text: Some(text.into()), metadata, ..Item::default() };
    look.get("question")?.text()?;
    if let Some(answers) = look.maybe("answers") {
        for answer in answers.list()? {
            span(&answer.get("text")?, &answer.get("answer_start")?, &mut item)?;
            answer.lose_rest(&["text", "answer_start"], sink);
        }
    }
    Ok(item)
}

/// The question of a row; none where the row asks nothing.
pub(super) fn item(row: &Row, sink: &mut dyn Sink) -> Result<Option<Item>, Fault> {
    let look = &row.look;
    if !look.value.as_object().is_some_and(is_row) {
        return Ok(None);
    }
    let mut item = Item { name: format!("row_{}", row.nth), ..Item::default() };
    item.id = look.maybe("id").map(|id| id.id()).transpose()?;
    item.text = Some(look.get("context")?.text()?.into());
    item.metadata = look.rest(&["id", "context", "answers"]);
    let answers = look.get("answers")?;
    let (texts, starts) = (answers.get("text")?, answers.get("answer_start")?);
    let (texts, starts): (Vec<Look>, Vec<Look>) =
        (texts.list()?.collect(), starts.list()?.collect());
    if texts.len() != starts.len() {
        let message = format!("has {} entries, and there are {} texts", starts.len(), texts.len());
        return Err(answers.get("answer_start")?.range(&message));
    }
    for (text, start) in texts.iter().zip(&starts) {
        span(text, start, &mut item)?;
    }
    for (key, _) in answers.rest(&["text", "answer_start"]) {
        sink.lose("field_not_read", format!("{}: {key}", item.name));
    }
    Ok(Some(item))
}

/// Several people gave the same answer: each is kept, as the file has it.
fn span(text: &Look, start: &Look, item: &mut Item) -> Result<(), Fault> {
    let (words, from) = (text.text()?, start.offset()?);
    let whole = item.text.as_deref().unwrap_or_default();
    let at =
        whole.char_indices().map(|(at, _)| at).nth(usize::try_from(from).unwrap_or(usize::MAX));
    if !at.is_some_and(|at| whole[at..].starts_with(words)) || words.is_empty() {
        let message =
            format!("`{}` does not stand at {from} of the text, counted in code points", text.path);
        return Err(Fault::new(&text.path, Code::OutOfRange, message));
    }
    if item.marks.len() >= MARKS_MAX {
        return Err(text.range("is beyond the 50,000 answers that one question may have"));
    }
    item.marks.push(Mark::span(CLASS, from, from + words.chars().count() as u64));
    Ok(())
}
