//! CoNLL-2011 and 2012, as OntoNotes is handed out: a word a line in a dozen columns and more, between
//! `#begin document` and `#end document`. Each part of a document is one item, its sentences one line each, for what is
//! said of one thing again and again goes through all of them. Names are spans; of the mentions of one thing each leads to
//! the one before it.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::{Item, Link, MARKS_MAX, Mark, Place, ReadError, Sink, refusal};
use crate::row::{Code, Fault};
use crate::text::{Line, read_line};

const LINE_MAX_BYTES: usize = 1 << 20;
const WORDS_MAX: usize = 200_000;
const BEGIN: &str = "#begin document";
/// What a mention is called that is no name, and how it leads to the one before.
const MENTION: &str = "mention";
const SAME: &str = "coreference";
/// Where the columns stand that are read, and those that are not.
const WORD: usize = 3;
const NAMES: usize = 10;
const OTHERS: [(usize, &str); 6] = [
    (4, "part of speech"),
    (5, "parse"),
    (6, "lemma"),
    (7, "frameset"),
    (8, "word sense"),
    (9, "speaker"),
];

/// Whether a file begins as one of these.
pub(super) fn is_first(start: &str) -> bool {
    start.starts_with(BEGIN)
}

#[derive(Default)]
struct Document {
    name: String,
    text: String,
    /// The length of the text so far, in code points.
    length: u64,
    words: usize,
    marks: Vec<Mark>,
    /// Names that have begun: their class, and where.
    names: Vec<(String, u64)>,
    /// Mentions that have begun, and those that are whole, by what they mention.
    begun: BTreeMap<String, Vec<u64>>,
    mentions: BTreeMap<String, Vec<[u64; 2]>>,
    lost: BTreeMap<&'static str, String>,
}

pub(super) fn read(
    name: &str,
    input: &mut impl BufRead,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let (mut line, mut row) = (Vec::new(), 0);
    let mut document: Option<Document> = None;
    let mut ended = true;
    loop {
        row += 1;
        let outcome = read_line(input, &mut line, LINE_MAX_BYTES)?;
        let text = std::str::from_utf8(&line);
        let read = match (outcome, text) {
            (Line::End, _) => break,
            (Line::TooLong, _) => {
                Err(Fault::new("word", Code::TooLong, "the line is longer than 1 MiB"))
            }
            (_, Err(_)) => Err(Fault::new("word", Code::NotText, "the line is not valid UTF-8")),
            (_, Ok(text)) => match (text.strip_prefix(BEGIN), &mut document) {
                (Some(head), _) => {
                    finish(document.replace(Document::new(head)), sink)?;
                    Ok(())
                }
                (None, None) if text.trim().is_empty() => Ok(()),
                (None, None) => {
                    let message = "the line stands outside of `#begin document`";
                    Err(Fault::new("word", Code::MissingField, message))
                }
                (None, Some(_)) if text.starts_with("#end document") => {
                    finish(document.take(), sink)?;
                    Ok(())
                }
                (None, Some(_)) if text.trim().is_empty() => {
                    ended = true;
                    Ok(())
                }
                (None, Some(document)) => document.word(text, std::mem::take(&mut ended)),
            },
        };
        if let Err(fault) = read {
            sink.refuse(refusal(name, row, fault, &line));
        }
    }
    finish(document, sink)
}

fn finish(document: Option<Document>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let Some(document) = document.filter(|document| document.words > 0) else { return Ok(()) };
    for (what, example) in &document.lost {
        sink.lose("column_not_read", format!("{}: {what}: {example}", document.name));
    }
    let unended = document.names.len() + document.begun.values().map(Vec::len).sum::<usize>();
    for _ in 0..unended {
        sink.lose("span_without_end", document.name.clone());
    }
    Ok(sink.item(document.item())?)
}

impl Document {
    /// `(bc/cctv/00/cctv_0000); part 000`.
    fn new(head: &str) -> Self {
        let (name, part) = head.trim().split_once(';').unwrap_or((head.trim(), ""));
        let name = name.trim().trim_matches(['(', ')']).trim_start_matches('/');
        let part = part.trim().trim_start_matches("part").trim();
        let name = if name.is_empty() { "document" } else { name };
        let name = if part.is_empty() { name.into() } else { format!("{name}_part_{part}") };
        Self { name, ..Self::default() }
    }

    fn word(&mut self, line: &str, is_first: bool) -> Result<(), Fault> {
        let cells: Vec<&str> = line.split_ascii_whitespace().collect();
        if cells.len() < NAMES + 2 {
            let message = format!(
                "the line has {} columns: CoNLL-2012 has 12 and more, the word fourth, the name eleventh, and last what it refers to",
                cells.len()
            );
            return Err(Fault::new("coreference", Code::MissingField, message));
        }
        if self.words >= WORDS_MAX || self.marks.len() >= MARKS_MAX {
            let message = "the document has more than 200,000 words or 50,000 names";
            return Err(Fault::new("word", Code::TooLong, message));
        }
        self.words += 1;
        if !self.text.is_empty() {
            self.text.push(if is_first { '\n' } else { ' ' });
            self.length += 1;
        }
        let start = self.length;
        self.text.push_str(cells[WORD]);
        self.length += cells[WORD].chars().count() as u64;
        self.name_of(cells[NAMES], start)?;
        self.refers(cells[cells.len() - 1], start)?;
        let arguments = cells[NAMES + 1..cells.len() - 1].iter().map(|cell| (*cell, "arguments"));
        let others = OTHERS.iter().map(|(at, what)| (cells[*at], *what));
        for (cell, what) in others.chain(arguments) {
            if !matches!(cell, "-" | "*" | "_") {
                self.lost.entry(what).or_insert_with(|| cell.chars().take(40).collect());
            }
        }
        Ok(())
    }

    /// `(PERSON*`, `*`, `*)` and `(PERSON)`.
    fn name_of(&mut self, cell: &str, start: u64) -> Result<(), Fault> {
        let mut rest = cell;
        while let Some(sign) = rest.chars().next() {
            rest = &rest[sign.len_utf8()..];
            match sign {
                '(' => {
                    let end = rest.find(['(', ')', '*']).unwrap_or(rest.len());
                    self.names.push((rest[..end].to_owned(), start));
                    rest = &rest[end..];
                }
                ')' => match self.names.pop() {
                    Some((class, from)) => self.marks.push(Mark::span(class, from, self.length)),
                    None => return Err(wrong("name", cell, "ends what has not begun")),
                },
                '*' | '-' => {}
                _ => return Err(wrong("name", cell, "is not like `(PERSON*`, `*` or `*)`")),
            }
        }
        Ok(())
    }

    /// `(12`, `12)`, `(12)`, and several with bars between.
    fn refers(&mut self, cell: &str, start: u64) -> Result<(), Fault> {
        if matches!(cell, "-" | "*" | "_") {
            return Ok(());
        }
        for part in cell.split('|') {
            let id = part.trim_matches(['(', ')']).to_owned();
            if part.starts_with('(') {
                self.begun.entry(id.clone()).or_default().push(start);
            }
            if part.ends_with(')') {
                let from = self.begun.get_mut(&id).and_then(Vec::pop);
                let from =
                    from.ok_or_else(|| wrong("coreference", cell, "ends what has not begun"))?;
                self.mentions.entry(id).or_default().push([from, self.length]);
            } else if !part.starts_with('(') {
                return Err(wrong("coreference", cell, "is not like `(12`, `12)` or `(12)`"));
            }
        }
        Ok(())
    }

    fn item(self) -> Item {
        let Self { name, text, mut marks, mentions, .. } = self;
        let mut links = Vec::new();
        let mut at: BTreeMap<[u64; 2], usize> = BTreeMap::new();
        for (nth, mark) in marks.iter().enumerate() {
            if let Place::Span { start, end } = mark.place {
                at.insert([start, end], nth);
            }
        }
        for places in mentions.into_values() {
            let mut before: Option<String> = None;
            for place @ [start, end] in places {
                let nth = *at.entry(place).or_insert_with(|| {
                    marks.push(Mark::span(MENTION, start, end));
                    marks.len() - 1
                });
                let id = marks[nth].id.get_or_insert_with(|| format!("m{}", nth + 1)).clone();
                if let Some(to) = before.replace(id.clone()) {
                    links.push(Link { from: id, to, class: SAME.into(), mutual: false });
                }
            }
        }
        Item { name, text: Some(text), marks, links, ..Item::default() }
    }
}

fn wrong(field: &str, cell: &str, what: &str) -> Fault {
    let shown: String = cell.chars().take(40).collect();
    Fault::new(field, Code::UnknownValue, format!("`{field}` is “{shown}”, which {what}"))
}
