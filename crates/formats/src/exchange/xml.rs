//! XML read element by element: no document type, no entities but the five, a bounded depth.

use std::collections::BTreeMap;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::row::{Code, Fault};

const DEPTH_MAX: usize = 64;
/// The longest element that is held as a whole.
const NODE_MAX_BYTES: usize = 64 << 20;

/// One element with all that is in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Node>,
    pub line: u64,
}

impl Node {
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of a child, trimmed; empty where there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn wrong(&self, field: &str, text: &str, wanted: &str) -> Fault {
        let shown: String = text.chars().take(40).collect();
        let message = format!("`{field}` is “{shown}”: give {wanted}");
        Fault::new(field, Code::WrongType, message)
    }

    fn missing(&self, field: &str) -> Fault {
        let message = format!("`{field}` is missing in <{}>: give it", self.name);
        Fault::new(field, Code::MissingField, message)
    }

    pub fn need(&self, name: &str) -> Result<&str, Fault> {
        self.attribute(name).ok_or_else(|| self.missing(name))
    }

    /// An attribute as a finite number.
    pub fn number(&self, name: &str) -> Result<f64, Fault> {
        self.parse_number(name, self.need(name)?)
    }

    /// The text of a child as a finite number.
    pub fn number_of(&self, name: &str) -> Result<f64, Fault> {
        let child = self.child(name).ok_or_else(|| self.missing(name))?;
        self.parse_number(name, child.text.trim())
    }

    fn parse_number(&self, field: &str, text: &str) -> Result<f64, Fault> {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.wrong(field, text, "a number"))
    }

    pub fn whole(&self, name: &str) -> Result<i64, Fault> {
        let text = self.need(name)?;
        text.parse().map_err(|_| self.wrong(name, text, "a whole number"))
    }

    /// A size in pixels, from an attribute.
    pub fn side(&self, name: &str) -> Result<Option<u32>, Fault> {
        self.attribute(name).map(|text| self.parse_side(name, text)).transpose()
    }

    pub fn parse_side(&self, field: &str, text: &str) -> Result<u32, Fault> {
        let number = self.parse_number(field, text)?;
        if (1.0..4e9).contains(&number) && number.fract() == 0.0 {
            return Ok(number as u32);
        }
        let message = format!("`{field}` is {number}: give a whole number of pixels above 0");
        Err(Fault::new(field, Code::OutOfRange, message))
    }

    /// Points as `x,y;x,y`.
    pub fn points(&self, name: &str, least: usize) -> Result<Vec<[f64; 2]>, Fault> {
        let text = self.need(name)?;
        let mut points = Vec::new();
        for pair in text.split(';').filter(|pair| !pair.trim().is_empty()) {
            let (x, y) = pair.split_once(',').ok_or_else(|| self.wrong(name, pair, "x,y"))?;
            points.push([self.parse_number(name, x.trim())?, self.parse_number(name, y.trim())?]);
        }
        if points.len() < least {
            let message = format!("`{name}` has fewer than {least} points");
            return Err(Fault::new(name, Code::OutOfRange, message));
        }
        Ok(points)
    }
}

/// Why an XML file is not read on, and at which line.
#[derive(Debug)]
pub(super) struct Broken(pub u64, pub Fault);

/// Walks a file. The elements below the root are handed over one by one, whole, and then forgotten.
pub(super) struct Elements<R: BufRead> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    lines: Lines,
    pub root: Option<Node>,
    done: bool,
    doctype: &'static str,
}

/// Counts lines as the bytes go by.
#[derive(Default)]
struct Lines {
    line: u64,
}

impl<R: BufRead> Elements<R> {
    pub fn new(input: R) -> Self {
        let reader = Reader::from_reader(input);
        let lines = Lines { line: 1 };
        Self { reader, buffer: Vec::new(), lines, root: None, done: false, doctype: "" }
    }

    /// Takes a document type of this name, if nothing else stands in it.
    pub fn with_doctype(self, doctype: &'static str) -> Self {
        Self { doctype, ..self }
    }

    fn broken<T>(&self, code: Code, message: impl Into<String>) -> Result<T, Broken> {
        Err(Broken(self.lines.line, Fault::new("", code, message)))
    }

    /// The next element below the root; none at the end.
    pub fn next(&mut self) -> Result<Option<Node>, Broken> {
        let mut stack: Vec<Node> = Vec::new();
        let mut held = 0;
        loop {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event.into_owned(),
                Err(error) => {
                    return self
                        .broken(Code::NotXml, format!("the XML is not well formed: {error}"));
                }
            };
            let here = self.lines.line;
            let bytes = &self.buffer[..];
            self.lines.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
            held += bytes.len();
            if held > NODE_MAX_BYTES {
                return self.broken(Code::TooLong, "one element is longer than 64 MiB: split it");
            }
            let closed = match event {
                Event::Start(start) => {
                    let node = self.node(&start, here)?;
                    if self.root.is_none() {
                        self.root = Some(node);
                        continue;
                    }
                    if self.done || stack.len() >= DEPTH_MAX {
                        return self
                            .broken(Code::TooDeep, "the XML is nested more than 64 levels deep");
                    }
                    stack.push(node);
                    continue;
                }
                Event::Empty(start) => {
                    let node = self.node(&start, here)?;
                    if self.root.is_none() {
                        self.root = Some(node);
                        self.done = true;
                        return Ok(None);
                    }
                    node
                }
                Event::End(_) => match stack.pop() {
                    Some(node) => node,
                    None => {
                        self.done = true;
                        return Ok(None);
                    }
                },
                Event::Eof if self.root.is_some() && (self.done && stack.is_empty()) => {
                    return Ok(None);
                }
                Event::Eof => {
                    return self
                        .broken(Code::NotXml, "the file ends too early: it may have been cut off");
                }
                Event::DocType(name) if !self.doctype.is_empty() && name.trim() == self.doctype => {
                    continue;
                }
                Event::DocType(_) => {
                    return self.broken(Code::NotXml, "the XML has a document type, which is not taken: remove the <!DOCTYPE> line");
                }
                event => {
                    self.text(event, stack.last_mut())?;
                    continue;
                }
            };
            match stack.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => return Ok(Some(closed)),
            }
        }
    }

    fn text(&self, event: Event, node: Option<&mut Node>) -> Result<(), Broken> {
        let Some(node) = node else { return Ok(()) };
        match event {
            Event::Text(text) => node.text.push_str(&text.into_inner()),
            Event::CData(text) => node.text.push_str(&text.into_inner()),
            Event::GeneralRef(name) => {
                let name = name.into_inner();
                match quick_xml::escape::unescape(&format!("&{name};")) {
                    Ok(text) => node.text.push_str(&text),
                    Err(_) => {
                        let name: String = name.chars().take(40).collect();
                        let message = format!(
                            "the XML uses the entity &{name};, which is not taken: write the text itself"
                        );
                        return self.broken(Code::NotXml, message);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn node(&self, start: &BytesStart, line: u64) -> Result<Node, Broken> {
        let name = start.name().0.to_owned();
        let mut node = Node { name: name.to_string(), line, ..Node::default() };
        for attribute in start.attributes() {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => {
                    let message =
                        format!("an attribute of <{}> is not well formed: {error}", node.name);
                    return self.broken(Code::NotXml, message);
                }
            };
            let key = attribute.key.0.to_owned();
            let value = match quick_xml::escape::unescape(&attribute.value) {
                Ok(value) => value.into_owned(),
                Err(error) => {
                    let message = format!("`{key}` of <{}> is not well formed: {error}", node.name);
                    return Err(Broken(line, Fault::new(&key, Code::NotXml, message)));
                }
            };
            node.attributes.insert(key.to_string(), value);
        }
        Ok(node)
    }
}

/// Text as XML 1.0 can hold it, for a writer.
pub(super) fn escaped(text: &str) -> String {
    let plain: String =
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    quick_xml::escape::escape(&plain).into_owned().replace('\n', "&#10;")
}
