//! CoNLL-2003 and its many relatives: a token a line, its tag in the last column, a blank line between
//! sentences. Tags are IOB1, IOB2 or BIOES; what a tag means is the same in each where they meet. Where none has a
//! letter before its class, neighbours of one class are one thing.

use std::io::{self, BufWriter, Write};

use super::head::HEAD_BYTES;
use super::look::Look;
use super::ontonotes;
use super::outlet::{Made, Outlet};
use super::{
    Class, Item, Mark, Place, ReadError, Sink, Source, Writer, lose_mark, refusal, text_of,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};
use crate::text::{Line, read_line};

const LINE_MAX_BYTES: usize = 1 << 20;
const TOKENS_MAX: usize = 100_000;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    const ENDINGS: [&str; 6] = [".conll", "_conll", ".iob", ".iob2", ".bio", ".conllx"];
    let is_named = |name: &str| ENDINGS.iter().any(|ending| name.ends_with(ending));
    // Where none is named so, all are (`eng.train`, `esp.testa`).
    let several = source.names().len() > 1 && source.names().iter().any(|name| is_named(name));
    let mut sentences = 0;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if several && !is_named(&name) {
            continue;
        }
        if ontonotes::is_first(&source.head(index, 64).unwrap_or_default()) {
            ontonotes::read(&name, &mut source.stream(index)?, sink)?;
            continue;
        }
        let tags = Tags::of_head(&source.head(index, HEAD_BYTES).unwrap_or_default());
        let mut input = source.stream(index)?;
        let (mut line, mut row, mut columns) = (Vec::new(), 0, 0);
        let mut sentence = Sentence { tags, ..Sentence::default() };
        loop {
            row += 1;
            let outcome = read_line(&mut input, &mut line, LINE_MAX_BYTES)?;
            let blank = line.iter().all(u8::is_ascii_whitespace);
            let start = line.starts_with(b"-DOCSTART-");
            if outcome == Line::End || (outcome == Line::Whole && (blank || start)) {
                let next = Sentence { tags, ..Sentence::default() };
                let sentence = std::mem::replace(&mut sentence, next);
                let others = sentence.others;
                if let Some(mut item) = sentence.item() {
                    sentences += 1;
                    item.name = format!("sentence_{sentences:07}");
                    if others {
                        sink.lose("column_not_read", item.name.clone());
                    }
                    sink.item(item)?;
                }
                if outcome == Line::End {
                    break;
                }
                continue;
            }
            if sentence.comment(&line, columns) {
                continue;
            }
            let read = if outcome == Line::TooLong {
                Err(Fault::new("token", Code::TooLong, "the line is longer than 1 MiB"))
            } else {
                sentence.token(&line, &mut columns)
            };
            if let Err(fault) = read {
                sink.refuse(refusal(&name, row, fault, &line));
            }
        }
    }
    Ok(())
}

/// Whether the tags of a file say where a thing begins.
#[derive(Clone, Copy, Default, PartialEq)]
enum Tags {
    #[default]
    Lettered,
    Bare,
}

impl Tags {
    /// Classes alone, among them what is of none: a column in which nothing is outside is of another kind.
    fn of<'a>(tags: impl Iterator<Item = &'a str>) -> Self {
        let (mut outside, mut bare) = (false, false);
        for tag in tags {
            match split(tag) {
                Ok(("O", _)) => outside = true,
                Ok(_) => return Tags::Lettered,
                Err(_) if !tag.starts_with(char::is_alphabetic) => return Tags::Lettered,
                Err(_) => bare = true,
            }
        }
        if outside && bare { Tags::Bare } else { Tags::Lettered }
    }

    fn of_head(head: &str) -> Self {
        // The last line of a head may end anywhere.
        let is_cut = head.len() as u64 >= HEAD_BYTES / 4;
        let head = head.rfind('\n').filter(|_| is_cut).map_or(head, |end| &head[..end]);
        let rows =
            head.lines().filter(|line| !line.starts_with("-DOCSTART-") && !line.starts_with("# "));
        Self::of(rows.filter_map(|line| line.split_ascii_whitespace().next_back()))
    }
}

/// Whether a text is words with such tags, two to four columns in each line.
pub(super) fn is_bare(head: &str) -> bool {
    let rows = || head.lines().filter(|line| !line.trim().is_empty()).take(20);
    let columns = |line: &str| line.split_ascii_whitespace().count();
    let of_first = rows().next().map_or(0, columns);
    let is_word = |line: &str| {
        let tag = line.split_ascii_whitespace().next_back().unwrap_or_default();
        tag.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
    };
    (2..=4).contains(&of_first)
        && rows().count() > 2
        && rows().all(|line| columns(line) == of_first && is_word(line))
        && Tags::of_head(head) == Tags::Bare
}

#[derive(Default)]
struct Sentence {
    tags: Tags,
    text: String,
    /// The length of the text so far, in code points.
    length: u64,
    tokens: usize,
    marks: Vec<Mark>,
    open: bool,
    /// Whether something stands between the tokens and their tags.
    others: bool,
    comments: Vec<String>,
}

impl Sentence {
    /// Takes a line before the first token that tells something of all of them (`# id 12`).
    fn comment(&mut self, line: &[u8], columns: usize) -> bool {
        let Ok(text) = std::str::from_utf8(line) else { return false };
        let last = text.split_ascii_whitespace().next_back().unwrap_or_default();
        let is_token = columns > 0 && text.split_ascii_whitespace().count() == columns;
        let is_tag = split(last).is_ok();
        if self.tokens > 0 || !text.starts_with("# ") || is_tag && (columns == 0 || is_token) {
            return false;
        }
        self.comments.push(text.trim_end().into());
        true
    }

    fn token(&mut self, line: &[u8], columns: &mut usize) -> Result<(), Fault> {
        let text = std::str::from_utf8(line)
            .map_err(|_| Fault::new("token", Code::NotText, "the line is not valid UTF-8"))?;
        let cells: Vec<&str> = if text.contains('\t') {
            text.trim_end().split('\t').collect()
        } else {
            text.split_ascii_whitespace().collect()
        };
        let [token, ref others @ .., tag] = cells[..] else {
            let message = "the line has no tag: give a token and, last, its tag";
            return Err(Fault::new("tag", Code::MissingField, message));
        };
        if *columns != 0 && *columns != cells.len() {
            let message =
                format!("the line has {} columns, the others have {columns}", cells.len());
            return Err(Fault::new("tag", Code::TooManyCells, message));
        }
        self.push(token, tag)?;
        self.others |= others.iter().any(|cell| !matches!(*cell, "" | "-" | "_" | "-X-" | "O"));
        *columns = cells.len();
        Ok(())
    }

    fn push(&mut self, token: &str, tag: &str) -> Result<(), Fault> {
        if self.tokens >= TOKENS_MAX {
            let message = "the sentence has more than 100,000 tokens: are the blank lines missing?";
            return Err(Fault::new("token", Code::TooLong, message));
        }
        let (prefix, class) = match split(tag) {
            Err(_) if self.tags == Tags::Bare => ("I", tag),
            parts => parts?,
        };
        self.tokens += 1;
        if !self.text.is_empty() {
            self.text.push(' ');
            self.length += 1;
        }
        let start = self.length;
        self.text.push_str(token);
        self.length += token.chars().count() as u64;
        let end = self.length;
        let continues = self.open
            && matches!(prefix, "I" | "E" | "L" | "M")
            && self.marks.last().is_some_and(|mark| mark.class == class);
        match self.marks.last_mut() {
            _ if prefix == "O" => {}
            Some(Mark { place: Place::Span { end: last, .. }, .. }) if continues => *last = end,
            _ => self.marks.push(Mark::span(class, start, end)),
        }
        self.open = matches!(prefix, "B" | "I" | "M");
        Ok(())
    }

    fn item(self) -> Option<Item> {
        let Self { text, marks, comments, .. } = self;
        let mut item = Item { text: Some(text.clone()), marks, ..Item::default() };
        if !comments.is_empty() {
            item.metadata.insert("comments".into(), comments.into());
        }
        (!text.is_empty()).then_some(item)
    }
}

/// Words and their tags in two lists, as tables have them.
pub(super) fn tagged(tokens: &Look, tags: &Look, item: &mut Item) -> Result<(), Fault> {
    let (words, named): (Vec<Look>, Vec<Look>) = (tokens.list()?.collect(), tags.list()?.collect());
    if words.len() != named.len() {
        let message = format!("has {} entries, and there are {} tokens", named.len(), words.len());
        return Err(tags.range(&message));
    }
    let texts: Vec<&str> = named.iter().map(Look::text).collect::<Result<_, _>>()?;
    let tags_of = Tags::of(texts.iter().copied());
    let mut sentence = Sentence { tags: tags_of, ..Sentence::default() };
    for (word, tag) in words.iter().zip(&named) {
        let pushed = sentence.push(word.text()?, tag.text()?);
        pushed.map_err(|fault| Fault { field: tag.path.clone(), ..fault })?;
    }
    item.text = Some(sentence.text);
    item.marks.append(&mut sentence.marks);
    Ok(())
}

/// A tag as its first letter and its class.
fn split(tag: &str) -> Result<(&str, &str), Fault> {
    match tag.split_once('-') {
        Some((prefix, class))
            if !class.is_empty() && matches!(prefix, "B" | "I" | "E" | "S" | "L" | "U" | "M") =>
        {
            Ok((prefix, class))
        }
        _ if tag == "O" || tag == "_" => Ok(("O", "")),
        _ => Err(wrong(tag)),
    }
}

fn wrong(tag: &str) -> Fault {
    let shown: String = tag.chars().take(40).collect();
    let message = format!("`tag` is “{shown}”: give O, or B-, I-, E- or S- and a class");
    Fault::new("tag", Code::UnknownValue, message)
}

pub(super) struct TokenFile {
    out: BufWriter<Made>,
}

impl TokenFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let mut out = BufWriter::new(out.single()?);
        out.write_all(b"-DOCSTART- -X- O O\n\n")?;
        Ok(Self { out })
    }
}

impl Writer for TokenFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let Some(text) = text_of(item, losses) else { return Ok(()) };
        for link in &item.links {
            losses.add("relation", || format!("{}: {}", item.name, link.class));
        }
        if item.id.is_some() || !item.metadata.is_empty() {
            losses.add("metadata", || item.name.clone());
        }
        if text.contains(['\n', '\r']) {
            losses.add("line_breaks", || item.name.clone());
        } else if text.starts_with(' ')
            || text.ends_with(' ')
            || text.contains("  ")
            || text.contains('\t')
        {
            losses.add("spaces", || item.name.clone());
        }
        let mut spans: Vec<(u64, u64, &str)> = Vec::new();
        for mark in &item.marks {
            lose_mark(item, mark, &[], losses);
            match mark.place {
                Place::Span { .. } if mark.class.is_empty() => {
                    losses.add("no_class", || item.name.clone());
                }
                Place::Span { start, end } => spans.push((start, end, &mark.class)),
                _ => losses.add("class_of_the_whole", || format!("{}: {}", item.name, mark.class)),
            }
        }
        spans.sort_unstable();
        let mut last_end = 0;
        spans.retain(|(start, end, class)| {
            let apart = *start >= last_end;
            if apart {
                last_end = *end;
            } else {
                losses.add("overlapping_span", || format!("{}: {class}", item.name));
            }
            apart
        });
        let mut begun = vec![false; spans.len()];
        let mut at = 0;
        for (start, end, token) in tokens(text) {
            while spans.get(at).is_some_and(|(_, last, _)| *last <= start) {
                at += 1;
            }
            let tag = match spans.get(at) {
                Some((first, last, class)) if *first < end => {
                    if (*first > start) || (*last < end) {
                        losses.add("span_within_a_token", || format!("{}: {class}", item.name));
                    }
                    let prefix = if std::mem::replace(&mut begun[at], true) { "I" } else { "B" };
                    if class.contains(char::is_whitespace) {
                        losses.add("class_with_a_space", || format!("{}: {class}", item.name));
                    }
                    format!("{prefix}-{}", class.replace(char::is_whitespace, "_"))
                }
                _ => "O".into(),
            };
            writeln!(self.out, "{token} -X- _ {tag}")?;
        }
        self.out.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.out.flush()
    }
}

/// The words between white space, with their first and last code point.
fn tokens(text: &str) -> impl Iterator<Item = (u64, u64, &str)> {
    let mut position = 0_u64;
    text.split(char::is_whitespace).filter_map(move |token| {
        let start = position;
        let length = token.chars().count() as u64;
        position += length + 1;
        (length > 0).then_some((start, start + length, token))
    })
}
