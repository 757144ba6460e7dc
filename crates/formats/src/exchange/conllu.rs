//! CoNLL-U: a sentence as ten columns a word, with ranges of words, empty nodes and comments. What is read and
//! written again is the same to the byte, but for the ends of lines.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufWriter, Write};

use serde_json::Value;

use super::outlet::{Made, Outlet};
use super::{
    Class, Item, Link, Mark, Place, ReadError, Sink, Source, Writer, lose_mark, refusal, text_of,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};
use crate::text::{Line, read_line};

const LINE_MAX_BYTES: usize = 1 << 20;
const TOKENS_MAX: usize = 50_000;
const COLUMNS: [&str; 10] =
    ["ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"];
/// The columns that are kept as they stand, under these names.
const KEPT: [(usize, &str); 5] =
    [(2, "lemma"), (4, "xpos"), (5, "feats"), (8, "deps"), (9, "misc")];
/// Where the comments of a sentence are kept.
const COMMENTS: &str = "comments";

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let several = source.names().len() > 1;
    let mut sentences = 0;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if several && !name.ends_with(".conllu") {
            continue;
        }
        let mut input = source.stream(index)?;
        let (mut line, mut row) = (Vec::new(), 0);
        let mut sentence = Sentence::default();
        loop {
            row += 1;
            let outcome = read_line(&mut input, &mut line, LINE_MAX_BYTES)?;
            if outcome == Line::End || (outcome == Line::Whole && line.trim_ascii().is_empty()) {
                let sentence = std::mem::take(&mut sentence);
                if !sentence.is_empty() {
                    sentences += 1;
                    let first = sentence.row;
                    match sentence.item(sentences) {
                        Ok(item) => sink.item(item)?,
                        Err((row, fault)) => {
                            sink.refuse(refusal(&name, row.max(first), fault, b""));
                        }
                    }
                }
                if outcome == Line::End {
                    break;
                }
                continue;
            }
            let read = if outcome == Line::TooLong {
                Err(Fault::new("FORM", Code::TooLong, "the line is longer than 1 MiB"))
            } else {
                sentence.line(&line, row)
            };
            if let Err(fault) = read {
                sink.refuse(refusal(&name, row, fault, &line));
                // Without one of its words a sentence is another sentence.
                sentence.broken = true;
            }
        }
    }
    Ok(())
}

/// Tells the format by its first line that is no comment.
pub(super) fn is_first(head: &str) -> bool {
    let first = head.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
    first.is_some_and(|line| {
        let id = line.split('\t').next().unwrap_or_default();
        line.split('\t').count() == COLUMNS.len() && ["1", "0.1"].iter().any(|n| id.starts_with(n))
    })
}

#[derive(Default)]
struct Sentence {
    /// Where it begins.
    row: u64,
    comments: Vec<String>,
    tokens: Vec<(u64, Vec<String>)>,
    /// The number of the last word.
    words: u64,
    /// The last word of the range that is open.
    range: u64,
    broken: bool,
}

impl Sentence {
    fn is_empty(&self) -> bool {
        self.broken || (self.tokens.is_empty() && self.comments.is_empty())
    }

    fn line(&mut self, line: &[u8], row: u64) -> Result<(), Fault> {
        let text = std::str::from_utf8(line)
            .map_err(|_| Fault::new("FORM", Code::NotText, "the line is not valid UTF-8"))?;
        if self.row == 0 {
            self.row = row;
        }
        if text.starts_with('#') && self.tokens.is_empty() {
            self.comments.push(text.into());
            return Ok(());
        }
        let cells: Vec<String> = text.split('\t').map(str::to_owned).collect();
        if let Some(missing) = COLUMNS.get(cells.len()) {
            let message =
                format!("the line has {} of ten columns: `{missing}` is missing", cells.len());
            return Err(Fault::new(missing, Code::MissingField, message));
        }
        if cells.len() > COLUMNS.len() {
            let message = format!("the line has {} columns, not ten", cells.len());
            return Err(Fault::new("MISC", Code::TooManyCells, message));
        }
        if let Some(at) = cells.iter().position(String::is_empty) {
            let message = format!("`{}` is empty: give `_` where there is nothing", COLUMNS[at]);
            return Err(Fault::new(COLUMNS[at], Code::MissingField, message));
        }
        if self.tokens.len() >= TOKENS_MAX {
            let message = "the sentence has more than 50,000 words: are the blank lines missing?";
            return Err(Fault::new("ID", Code::TooLong, message));
        }
        self.number(&cells[0])?;
        self.tokens.push((row, cells));
        Ok(())
    }

    /// Words are counted from 1; a range stands before its words, an empty node behind the word it follows.
    fn number(&mut self, id: &str) -> Result<(), Fault> {
        let wrong = |wanted: String| {
            let shown: String = id.chars().take(40).collect();
            let message = format!("`ID` is “{shown}”: {wanted}");
            Err(Fault::new("ID", Code::OutOfRange, message))
        };
        let number = |text: &str| text.parse::<u64>().ok().filter(|n| n.to_string() == text);
        let next = self.words + 1;
        if let Some((first, last)) = id.split_once('-') {
            let right = number(first) == Some(next)
                && next > self.range
                && number(last).is_some_and(|last| last > self.words + 1 && last < next + 1000);
            if !right {
                return wrong(format!("a range begins with the next word, {next}, and ends later"));
            }
            self.range = number(last).unwrap_or(next);
        } else if let Some((word, nth)) = id.split_once('.') {
            if number(word) != Some(self.words) || number(nth).is_none_or(|nth| nth == 0) {
                return wrong(format!("an empty node here is {}.1, .2, …", self.words));
            }
        } else if number(id) == Some(next) {
            self.words = next;
        } else {
            return wrong(format!("the next word is {next}"));
        }
        Ok(())
    }

    fn item(self, nth: u64) -> Result<Item, (u64, Fault)> {
        let mut item = Item { name: format!("sentence_{nth:07}"), ..Item::default() };
        let given = self.comments.iter().find_map(|line| line.strip_prefix("# text = "));
        let sent_id = self.comments.iter().find_map(|line| line.strip_prefix("# sent_id = "));
        item.id = sent_id.map(|id| id.trim().to_owned());
        let ids: HashMap<&str, ()> =
            self.tokens.iter().map(|(_, cells)| (&cells[0][..], ())).collect();
        let joined = self.joined();
        let text = given.map_or(joined, str::to_owned);
        let mut walk = Walk { text: &text, bytes: 0, chars: 0, inside: None };
        for (row, cells) in &self.tokens {
            let mut mark = walk.token(cells);
            let head = head(cells, &ids).map_err(|fault| (*row, fault))?;
            match head {
                Head::None => {}
                Head::Root => {
                    mark.attributes.insert("head".into(), 0.into());
                    if cells[7] != "_" {
                        mark.attributes.insert("deprel".into(), cells[7].as_str().into());
                    }
                }
                Head::Word(from) => item.links.push(Link {
                    from,
                    to: cells[0].clone(),
                    class: if cells[7] == "_" { String::new() } else { cells[7].clone() },
                    mutual: false,
                }),
            }
            item.marks.push(mark);
        }
        item.text = Some(text);
        item.metadata.insert(COMMENTS.into(), self.comments.into());
        Ok(item)
    }

    /// The words with the spaces between them, where no comment gives the text.
    fn joined(&self) -> String {
        let mut text = String::new();
        let mut last = 0;
        for (_, cells) in &self.tokens {
            let id = &cells[0];
            if id.contains('.') || id.parse::<u64>().is_ok_and(|id| id <= last) {
                continue;
            }
            if let Some((_, end)) = id.split_once('-') {
                last = end.parse().unwrap_or(0);
            }
            text.push_str(&cells[1]);
            if !cells[9].split('|').any(|fact| fact == "SpaceAfter=No") {
                text.push(' ');
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

enum Head {
    None,
    Root,
    Word(String),
}

fn head(cells: &[String], ids: &HashMap<&str, ()>) -> Result<Head, Fault> {
    match &cells[6][..] {
        "_" if cells[7] == "_" => Ok(Head::None),
        "0" => Ok(Head::Root),
        head if ids.contains_key(head) && !head.contains('-') => Ok(Head::Word(head.into())),
        other => {
            let shown: String = other.chars().take(40).collect();
            let message = format!("`HEAD` is “{shown}”: give the number of a word of the sentence");
            Err(Fault::new("HEAD", Code::OutOfRange, message))
        }
    }
}

/// Finds the words in the text.
struct Walk<'a> {
    text: &'a str,
    bytes: usize,
    chars: u64,
    /// The last word of a range, and where the range stands.
    inside: Option<(u64, Option<(u64, u64)>)>,
}

impl Walk<'_> {
    fn token(&mut self, cells: &[String]) -> Mark {
        let id = &cells[0];
        let class = if cells[3] == "_" { "" } else { &cells[3] };
        let within = self.inside.filter(|(last, _)| id.parse::<u64>().is_ok_and(|id| id <= *last));
        let (place, shown) = match within {
            Some((_, place)) => (place, false),
            None if id.contains('.') => (None, false),
            None => (self.find(&cells[1]), true),
        };
        if let Some((_, last)) = id.split_once('-') {
            self.inside = Some((last.parse().unwrap_or(0), place));
        }
        let mut mark = match place {
            Some((start, end)) => Mark::span(class, start, end),
            None => Mark::whole(class),
        };
        mark.id = Some(id.clone());
        if !shown || place.is_none() {
            mark.attributes.insert("form".into(), cells[1].as_str().into());
        }
        for (at, name) in KEPT {
            if cells[at] != "_" {
                mark.attributes.insert(name.into(), cells[at].as_str().into());
            }
        }
        mark
    }

    /// The next place of a form, which nothing but white space may precede.
    fn find(&mut self, form: &str) -> Option<(u64, u64)> {
        let rest = &self.text[self.bytes..];
        let space = rest.len() - rest.trim_start().len();
        let skipped = rest[..space].chars().count() as u64;
        if !rest[space..].starts_with(form) {
            return None;
        }
        let start = self.chars + skipped;
        self.bytes += space + form.len();
        self.chars = start + form.chars().count() as u64;
        Some((start, self.chars))
    }
}

pub(super) struct TreeFile {
    out: BufWriter<Made>,
}

impl TreeFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self { out: BufWriter::new(out.single()?) })
    }
}

impl Writer for TreeFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let Some(text) = text_of(item, losses) else { return Ok(()) };
        if text.contains(['\n', '\r']) {
            losses.add("line_breaks", || item.name.clone());
        }
        let id = item.id.as_ref().map(|id| line(&format!("# sent_id = {id}")));
        let said = line(&format!("# text = {text}"));
        let comments = match item.metadata.get(COMMENTS).and_then(Value::as_array) {
            Some(comments) => {
                // What the item says is right, wherever it was changed since.
                let comments = comments.iter().filter_map(Value::as_str).map(|comment| {
                    let now = match &id {
                        _ if comment.starts_with("# text = ") => said.clone(),
                        Some(id) if comment.starts_with("# sent_id = ") => id.clone(),
                        _ => line(comment),
                    };
                    if now != comment {
                        losses.add("metadata", || format!("{}: {comment}", item.name));
                    }
                    now
                });
                comments.collect()
            }
            None => id.into_iter().chain([said]).collect::<Vec<_>>(),
        };
        for key in item.metadata.keys().filter(|key| *key != COMMENTS) {
            losses.add("metadata", || format!("{}: {key}", item.name));
        }
        for comment in comments.iter().filter(|comment| comment.starts_with('#')) {
            writeln!(self.out, "{comment}")?;
        }
        let mut numbers = Sentence::default();
        let follows = |mark: &Mark| numbers.number(mark.id.as_deref().unwrap_or_default()).is_ok();
        if item.marks.iter().all(is_token)
            && item.marks.iter().all(follows)
            && !item.marks.is_empty()
        {
            self.tokens(item, text, losses)?;
        } else {
            self.words(item, text, losses)?;
        }
        self.out.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.out.flush()
    }
}

/// A mark that came from a line of such a file has its number, and nothing that such a line has no place for.
fn is_token(mark: &Mark) -> bool {
    let number = |id: &str| {
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte))
    };
    mark.id.as_deref().is_some_and(number)
        && matches!(mark.place, Place::Span { .. } | Place::Whole)
        && (mark.attributes.contains_key("form") || matches!(mark.place, Place::Span { .. }))
}

/// One line stays one.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn cell(text: &str) -> String {
    match line(text).replace('\t', " ") {
        empty if empty.is_empty() => "_".into(),
        text => text,
    }
}

impl TreeFile {
    fn tokens(&mut self, item: &Item, text: &str, losses: &mut LossReport) -> io::Result<()> {
        let chars: Vec<char> = text.chars().collect();
        let heads: HashMap<&str, &Link> =
            item.links.iter().map(|link| (&link.to[..], link)).collect();
        if heads.len() < item.links.len() {
            losses.add("relation", || format!("{}: a word with two heads", item.name));
        }
        let ids: HashSet<&str> = item.marks.iter().filter_map(|mark| mark.id.as_deref()).collect();
        for link in item.links.iter() {
            if ![&link.from, &link.to].into_iter().all(|id| ids.contains(&id[..])) {
                losses.add("relation", || format!("{}: {} to {}", item.name, link.from, link.to));
            }
        }
        let mut walk = Walk { text, bytes: 0, chars: 0, inside: None };
        for mark in &item.marks {
            lose_mark(item, mark, &["id", "attributes"], losses);
            let id = mark.id.as_deref().unwrap_or_default();
            let fact = |name: &str| match mark.attributes.get(name) {
                Some(Value::String(text)) => cell(text),
                Some(Value::Null) | None => "_".into(),
                Some(other) => cell(&other.to_string()),
            };
            let known = |name: &String| {
                KEPT.iter().any(|(_, kept)| kept == name)
                    || ["form", "head", "deprel"].contains(&&name[..])
            };
            for name in mark.attributes.keys().filter(|name| !known(name)) {
                losses.add("attributes", || format!("{}: {name}", item.name));
            }
            let form = match (mark.attributes.get("form"), &mark.place) {
                (None, Place::Span { start, end }) => {
                    let part = chars.get(*start as usize..*end as usize).unwrap_or_default();
                    cell(&part.iter().collect::<String>())
                }
                _ => fact("form"),
            };
            let (head, relation) = match heads.get(id) {
                Some(link) => (cell(&link.from), cell(&link.class)),
                None => (fact("head"), fact("deprel")),
            };
            let (lemma, class) = (fact("lemma"), cell(&mark.class));
            let (xpos, feats, deps, misc) =
                (fact("xpos"), fact("feats"), fact("deps"), fact("misc"));
            let id = id.to_owned();
            let cells = [id, form, lemma, class, xpos, feats, head, relation, deps, misc];
            if walk.token(&cells).place != mark.place {
                losses.add("place_of_a_word", || format!("{}: {}", item.name, cells[1]));
            }
            writeln!(self.out, "{}", cells.join("\t"))?;
        }
        Ok(())
    }

    /// The words of a text that nobody split, and nothing about them.
    fn words(&mut self, item: &Item, text: &str, losses: &mut LossReport) -> io::Result<()> {
        for mark in &item.marks {
            losses.add(super::talk_write::mark_kind(mark), || {
                format!("{}: {}", item.name, mark.class)
            });
        }
        for link in &item.links {
            losses.add("relation", || format!("{}: {}", item.name, link.class));
        }
        for (nth, word) in text.split_whitespace().enumerate() {
            writeln!(self.out, "{}\t{word}\t_\t_\t_\t_\t_\t_\t_\t_", nth + 1)?;
        }
        Ok(())
    }
}
