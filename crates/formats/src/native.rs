//! Fairmark's own export: JSONL with everything that is known about each task.
//!
//! `docs/spec/native-jsonl.md` numbers the rules (N1–N9). What is written reads back exactly.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use domain::cameras::{self, NewPicture};
use domain::scenes::NewScene;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json;
use crate::row::{Code, Fault, RowError};
use crate::text::{Line, Utf8, read_line};

/// The version of the format that is written, and the only one that is read (N2).
pub const VERSION: u64 = 1;

/// The longest line that is read: an answer may hold 16 MiB, and a task several answers.
const LINE_MAX_BYTES: usize = 256 << 20;

/// Describes the project, in the first line of the file (N3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    pub name: String,
    pub question: String,
    /// Every published version of the ontology, in order.
    pub ontology: Vec<Version<Value>>,
    /// Every published version of the instructions, in order.
    pub instructions: Vec<Version<Value>>,
    /// How tasks are answered and reviewed, as the project has it.
    pub plan: Value,
}

/// Holds one numbered version of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version<T> {
    pub version: u64,
    pub value: T,
}

/// Holds one task with its item and, once it has one, its label (N4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub task: Task,
    pub item: Item,
    #[serde(default)]
    pub label: Option<Label>,
    /// What was said of a task that has no label yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub so_far: Option<SoFar>,
    /// The known answer of a gold task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Value>,
}

impl Record {
    /// The task as formats without cameras have it: of several pictures of one moment each is an item of its own, by the
    /// name of its file, and its label is what is said of that camera (A64).
    pub fn by_camera(self) -> Vec<Self> {
        if self.item.pictures.is_empty() {
            return vec![self];
        }
        // What is no answer is told by whoever reads it.
        let label = self.label.as_ref();
        let said = label
            .map(|label| serde_json::from_value::<domain::answers::Answer>(label.value.clone()));
        let pictures = self.item.pictures.clone();
        let each = |picture: NewPicture| {
            let mut record = self.clone();
            if let (Some(label), Some(Ok(said))) = (&mut record.label, &said) {
                label.value = serde_json::json!(cameras::seen_by(said, &picture.name));
            }
            let NewPicture { name, path, url, width, height } = picture;
            let file = path.or(url).unwrap_or_else(|| format!("{}/{name}", self.item.external_id));
            let item = Item {
                name: None,
                external_id: file,
                width,
                height,
                pictures: vec![],
                ..record.item
            };
            Self { item, ..record }
        };
        pictures.into_iter().map(each).collect()
    }
}

/// Holds the answers and reviews that have not led to a label yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoFar {
    pub answers: Vec<Answer>,
    pub reviews: Vec<Review>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
}

/// Holds where a task stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: String,
    pub state: String,
    pub priority: u8,
}

/// Describes what was labelled (N5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub external_id: String,
    /// The media type of the file, or `text/plain`.
    pub media: String,
    /// The file's name as it was sent, if it is a file.
    #[serde(default)]
    pub name: Option<String>,
    /// The BLAKE3 hash of the file, in hexadecimal.
    #[serde(default)]
    pub blake3: Option<String>,
    #[serde(default)]
    pub width: Option<u32>,
    #[serde(default)]
    pub height: Option<u32>,
    /// Frames, if it is a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    #[serde(default)]
    pub metadata: Map<String, Value>,
    #[serde(default)]
    pub text: Option<String>,
    /// Its clouds and cameras by their paths, where it is of clouds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<NewScene>,
    /// Its pictures by their paths, where it is several of one moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<NewPicture>,
}

/// Holds what the task resolves to, and how that came about (N6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The answer document.
    pub value: Value,
    #[serde(default)]
    pub confidence: Option<f64>,
    /// Whether the confidence was calibrated on gold; one that was not is no probability to rely on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calibrated: bool,
    /// The model that weighed the answers, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    pub method: String,
    /// Of each attribute of the item, the share of the answers that choose the same which say the same; where several answers made the label (N6).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, f64>,
    /// Where the label is what several answers say together: each object, span or class of it, and where that comes from (N6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    pub provenance: Provenance,
}

/// Holds one object, span or class of a label that several answers make together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The id that it has in the value, or the key of the class.
    pub id: String,
    /// How likely it is there, and of this class; as calibrated as the label is.
    pub confidence: f64,
    /// The answers that have it, each with the id that it has there.
    pub from: Vec<PartSource>,
    /// Of each of its attributes, the share of those that call it the same which say the same (N6).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, f64>,
}

/// Names the object, span or class of one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSource {
    pub answer: String,
    pub id: String,
}

/// Tells where a label comes from: each answer and each review behind it (N7).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    pub answers: Vec<Answer>,
    pub reviews: Vec<Review>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    pub ontology_version: u64,
    pub instructions_version: u64,
}

/// Holds one contributor's answer as it was handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub id: String,
    pub contributor: String,
    /// Milliseconds since 1970, UTC.
    pub submitted_at: i64,
    pub ontology_version: u64,
    pub instructions_version: u64,
    pub value: Value,
    /// The answer that replaced this one, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
    /// Whether a reviewer sent it back, and nothing has replaced it yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
}

/// Holds one reviewer's judgement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    pub reviewer: String,
    pub verdict: String,
    /// The clause of the instructions that the review rests on.
    #[serde(default)]
    pub clause: Option<String>,
    #[serde(default)]
    pub reason: Option<String>,
    /// The answer as the reviewer would have had it, where they sent one back and showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Value>,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

/// Holds one thing that was said about an answer (N10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    pub id: String,
    /// The comment that began the thread: its own id where it begins one.
    pub thread: String,
    pub answer: String,
    pub person: String,
    pub text: String,
    /// What the thread is about, where this begins one that is pinned to something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Value>,
    /// Of the thread, where this begins one: `open`, `done` or `resolved`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LineOut<'a> {
    Project { project: &'a Project },
    Task(&'a Record),
}

#[derive(Serialize)]
struct Versioned<'a> {
    fairmark: u64,
    #[serde(flatten)]
    line: LineOut<'a>,
}

/// Writes an export line by line.
pub struct NativeWriter<W: Write> {
    out: W,
}

impl<W: Write> NativeWriter<W> {
    /// Begins the file with the project.
    pub fn new(out: W, project: &Project) -> io::Result<Self> {
        let mut writer = Self { out };
        writer.line(LineOut::Project { project })?;
        Ok(writer)
    }

    /// Adds one task.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        self.line(LineOut::Task(record))
    }

    fn line(&mut self, line: LineOut) -> io::Result<()> {
        // One write for each line: the serializer itself makes hundreds.
        let mut bytes = serde_json::to_vec(&Versioned { fairmark: VERSION, line })?;
        bytes.push(b'\n');
        self.out.write_all(&bytes)
    }

    /// Writes what is still held back and returns the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Says why a file cannot be read as an export at all.
#[derive(Debug, thiserror::Error)]
pub enum NativeError {
    #[error("the first line is not that of a Fairmark export: {0}")]
    NotNative(#[source] RowError),
    #[error("the export could not be read")]
    Io(#[from] io::Error),
}

impl NativeError {
    /// Returns the stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            NativeError::NotNative(error) if error.code == Code::WrongVersion => "wrong_version",
            NativeError::NotNative(_) => "not_native",
            NativeError::Io(_) => "unreadable",
        }
    }
}

/// Reads an export line by line; a wrong line does not stop the others (N9).
pub struct NativeReader<R> {
    input: Utf8<R>,
    line: Vec<u8>,
    row: u64,
    project: Project,
    done: bool,
}

impl<R: Read> NativeReader<R> {
    /// Reads the first line.
    pub fn open(input: R) -> Result<Self, NativeError> {
        let mut input = Utf8::new(input);
        let mut line = Vec::new();
        let read = match read_line(&mut input, &mut line, LINE_MAX_BYTES)? {
            Line::Whole => read_project(&line),
            Line::TooLong => Err(too_long()),
            Line::End => Err(Fault::new("", Code::MissingField, "the file is empty")),
        };
        let project = read.map_err(|fault| NativeError::NotNative(fault.at(1, &line)))?;
        Ok(Self { input, line, row: 1, project, done: false })
    }

    /// Returns the project, from the first line.
    pub fn project(&self) -> &Project {
        &self.project
    }
}

impl<R: Read> Iterator for NativeReader<R> {
    /// The outer error ends the reading, the inner one is about one line.
    type Item = Result<Result<Record, RowError>, NativeError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            self.row += 1;
            let read = match read_line(&mut self.input, &mut self.line, LINE_MAX_BYTES) {
                Ok(Line::End) => break,
                Ok(Line::Whole) if self.line.trim_ascii().is_empty() => continue,
                Ok(Line::Whole) => body(&self.line, "task").and_then(typed),
                Ok(Line::TooLong) => Err(too_long()),
                Err(error) => {
                    self.done = true;
                    return Some(Err(error.into()));
                }
            };
            return Some(Ok(read.map_err(|fault| fault.at(self.row, &self.line))));
        }
        self.done = true;
        None
    }
}

fn too_long() -> Fault {
    Fault::new("", Code::TooLong, "the line is longer than 256 MiB: no export has such lines")
}

fn read_project(line: &[u8]) -> Result<Project, Fault> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Header {
        project: Project,
    }
    typed(body(line, "project")?).map(|header: Header| header.project)
}

/// Reads a line, checks its version and kind, and returns what else is in it.
fn body(line: &[u8], wanted: &str) -> Result<Map<String, Value>, Fault> {
    let Value::Object(mut object) = json::parse(line)? else {
        return Err(Fault::new("", Code::WrongType, "the line must be a JSON object"));
    };
    match object.remove("fairmark") {
        Some(version) if version.as_u64() == Some(VERSION) => {}
        Some(_) => {
            let message = "another version of Fairmark wrote this: only version 1 is read";
            return Err(Fault::new("fairmark", Code::WrongVersion, message));
        }
        None => {
            let message = "`fairmark` is missing: is this a Fairmark export?";
            return Err(Fault::new("fairmark", Code::MissingField, message));
        }
    }
    match object.remove("kind") {
        Some(kind) if kind == wanted => Ok(object),
        _ => {
            let message = format!("`kind` must be “{wanted}” in this line");
            Err(Fault::new("kind", Code::UnknownValue, message))
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(object: Map<String, Value>) -> Result<T, Fault> {
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        let message = error.to_string();
        let code = if message.starts_with("missing field") {
            Code::MissingField
        } else if message.starts_with("unknown field") {
            Code::UnknownField
        } else {
            Code::WrongType
        };
        let field = message.split('`').nth(1).unwrap_or_default().to_owned();
        Fault { field, code, message: format!("the line does not fit the format: {message}") }
    })
}
