//! Manifests: lists of items to label, as JSONL or CSV, read row by row. The rules:
//!
//! - **M1** A row names one source: `path` (of a file sent along), `url` (`http` or `https`), `text`, or, in JSONL,
//!   `scene` (clouds of points with their cameras, all of them files sent along) or `pictures` (of one moment, each with
//!   the `name` of its camera and a `path` or a `url`).
//! - **M2** `external_id` is the sender's own name for the item, at most 512 bytes. Without one, the path or
//!   the URL is the name; a row with `text` needs one.
//! - **M3** A path is relative and never leaves its folder, on any operating system.
//! - **M4** `metadata` is an object. In CSV, each column `metadata.x`, and each column that is not known,
//!   becomes one text `x` in it; an empty cell is no value.
//! - **M5** `priority` is a whole number 0–9. `gold` (a task with a known answer) needs an `answer`.
//! - **M6** A row that is wrong is told with its line number and what to mend; the others go on.
//! - **M7** Files are UTF-8, or UTF-16 with a byte order mark. A row holds at most 16 MiB.
//! - **M8** In JSON no key is given twice and no key is unknown: a misspelt `metdata` is not ignored.
//! - **M9** A row, or a header, that has a label (`label`, `class`, …) beside its source and nothing that only a manifest
//!   has (`answer`, `gold`, `priority`, `metadata`) is labels of another tool, not a manifest.

mod csv;
mod jsonl;

pub use self::csv::CsvManifest;
pub use jsonl::JsonlManifest;

use domain::cameras::{self, NewPicture};
use domain::scenes::NewScene;
use serde_json::{Map, Value};

use crate::cells::Table;
use crate::exchange::has_label;
use crate::json::kind;
use crate::row::{Code, Fault};
use crate::text::Utf8;

const EXTERNAL_ID_MAX_BYTES: usize = 512;
const PATH_MAX_BYTES: usize = 4096;
const URL_MAX_BYTES: usize = 8192;
const METADATA_MAX_KEYS: usize = 1000;

/// Says whether a file that begins like this is a manifest (M9).
pub fn is_manifest(head: &str) -> bool {
    const SOURCES: [&str; 5] = ["path", "url", "text", "scene", "pictures"];
    const OURS: [&str; 4] = ["answer", "gold", "priority", "metadata"];
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let is_object = head.starts_with('{');
    let names: Vec<String> = if is_object {
        // The first row may be the one that is wrong.
        let rows = head.lines().take(20).map(serde_json::from_str::<Map<String, Value>>);
        match rows.flatten().next() {
            Some(row) => row.into_iter().map(|(key, _)| key).collect(),
            // Longer than the head.
            None => {
                let known = SOURCES.iter().chain(&OURS).chain(&["external_id"]);
                let told = known.filter(|key| head.contains(&format!("\"{key}\":")));
                told.map(|key| (*key).to_owned()).collect()
            }
        }
    } else {
        let header = Table::new(Utf8::new(head.as_bytes())).header(None).ok().flatten();
        let cells = header.unwrap_or_default();
        cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
    };
    let named = |name: &str| names.iter().any(|one| one == name);
    let is_ours =
        OURS.into_iter().any(named) || names.iter().any(|name| name.starts_with("metadata."));
    let names_item = SOURCES.into_iter().any(|source| match source {
        // Many files have texts. In a table, one without a name is told row by row.
        "text" => named(source) && (named("external_id") || !is_object && names.len() > 1),
        source => named(source),
    });
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names_item && (is_ours || !has_label(&names))
}

/// Holds one item to label, as its sender describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line on which the row begins, from 1.
    pub row: u64,
    pub external_id: String,
    pub source: Source,
    pub metadata: Map<String, Value>,
    pub priority: Option<u8>,
    /// A label that exists already; whether it fits the project's ontology is not known here.
    pub answer: Option<Value>,
    pub gold: bool,
}

/// Says where the item itself is.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    Path(String),
    Url(String),
    Text(String),
    Scene(Box<NewScene>),
    /// Of one moment, side by side.
    Pictures(Vec<NewPicture>),
}

/// Says why a manifest cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("the first line must name the columns, for example `external_id,path`")]
    NoHeader,
    #[error("the header is not valid UTF-8: save the file as UTF-8")]
    HeaderNotText,
    #[error("the column “{0}” is named twice: rename one of them")]
    DuplicateColumn(String),
    #[error("there is no column `path`, `url` or `text`: name one in the first line")]
    NoSource,
    #[error("there are more than {0} columns")]
    TooManyColumns(usize),
    #[error("the manifest could not be read")]
    Io(#[from] std::io::Error),
}

impl ManifestError {
    /// Returns the stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            ManifestError::NoHeader => "no_header",
            ManifestError::HeaderNotText => "header_not_text",
            ManifestError::DuplicateColumn(_) => "duplicate_column",
            ManifestError::NoSource => "no_source_column",
            ManifestError::TooManyColumns(_) => "too_many_columns",
            ManifestError::Io(_) => "unreadable",
        }
    }
}

/// A row as its fields, before they are judged together.
#[derive(Default)]
struct Draft {
    external_id: Option<String>,
    path: Option<String>,
    url: Option<String>,
    text: Option<String>,
    scene: Option<NewScene>,
    pictures: Option<Vec<NewPicture>>,
    metadata: Map<String, Value>,
    priority: Option<u8>,
    answer: Option<Value>,
    gold: bool,
    /// The first of the columns that may name the item, where its cell is empty.
    empty: Option<&'static str>,
}

impl Draft {
    fn finish(self, row: u64) -> Result<Row, Fault> {
        let source = match (self.path, self.url, self.text, self.scene, self.pictures) {
            (Some(path), None, None, None, None) => Source::Path(checked_path(path)?),
            (None, Some(url), None, None, None) => Source::Url(checked_url(url)?),
            (None, None, Some(text), None, None) => Source::Text(text),
            (None, None, None, Some(scene), None) => Source::Scene(Box::new(checked_scene(scene)?)),
            (None, None, None, None, Some(pictures)) => {
                Source::Pictures(checked_pictures(pictures)?)
            }
            (None, None, None, None, None) => {
                let message = match self.empty {
                    Some(name) => format!("the row names no item: `{name}` is empty"),
                    None => {
                        "the row names no item: give `path`, `url`, `text`, `scene` or `pictures`"
                            .into()
                    }
                };
                return Err(Fault::new(self.empty.unwrap_or("path"), Code::MissingField, message));
            }
            _ => {
                let message = "the row names several items: give one of `path`, `url`, `text`, `scene` and `pictures`";
                return Err(Fault::new("path", Code::SeveralSources, message));
            }
        };
        let external_id = match (self.external_id.filter(|id| !id.is_empty()), &source) {
            (Some(id), _) => id,
            (None, Source::Path(name) | Source::Url(name))
                if name.len() <= EXTERNAL_ID_MAX_BYTES =>
            {
                name.clone()
            }
            _ => {
                let message = "the row needs a name of its own: give `external_id`";
                return Err(Fault::new("external_id", Code::MissingField, message));
            }
        };
        if external_id.len() > EXTERNAL_ID_MAX_BYTES {
            let message = format!("`external_id` is longer than {EXTERNAL_ID_MAX_BYTES} bytes");
            return Err(Fault::new("external_id", Code::TooLong, message));
        }
        if external_id.contains(char::is_control) {
            let message = "`external_id` holds a line break or another control character";
            return Err(Fault::new("external_id", Code::UnknownValue, message));
        }
        if self.metadata.len() > METADATA_MAX_KEYS {
            let message = format!("`metadata` has more than {METADATA_MAX_KEYS} keys");
            return Err(Fault::new("metadata", Code::TooLong, message));
        }
        if self.gold && self.answer.is_none() {
            let message = "a gold task needs its known answer: give `answer`";
            return Err(Fault::new("gold", Code::GoldWithoutAnswer, message));
        }
        let Self { metadata, priority, answer, gold, .. } = self;
        Ok(Row { row, external_id, source, metadata, priority, answer, gold })
    }
}

/// Refuses a path that might lead out of the folder that it is relative to (M3).
fn checked_path(path: String) -> Result<String, Fault> {
    if path.len() > PATH_MAX_BYTES {
        let message = format!("`path` is longer than {PATH_MAX_BYTES} bytes");
        return Err(Fault::new("path", Code::TooLong, message));
    }
    let absolute = path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':');
    let climbs = path.split(['/', '\\']).any(|part| part == "..");
    if path.is_empty() || absolute || climbs || path.contains(char::is_control) {
        let message =
            "`path` must be relative, without `..`: give it from the folder of the manifest";
        return Err(Fault::new("path", Code::UnsafePath, message));
    }
    Ok(path)
}

/// Refuses a scene that cannot be meant, and paths of its files that lead elsewhere.
fn checked_scene(mut scene: NewScene) -> Result<NewScene, Fault> {
    scene
        .check()
        .map_err(|problem| Fault::new(&problem.path, Code::OutOfRange, problem.message))?;
    for cloud in &mut scene.clouds {
        cloud.path = checked_path(std::mem::take(&mut cloud.path))?;
        for camera in &mut cloud.cameras {
            camera.path = checked_path(std::mem::take(&mut camera.path))?;
        }
    }
    Ok(scene)
}

/// Refuses pictures that cannot be meant, and places of them that lead elsewhere.
fn checked_pictures(pictures: Vec<NewPicture>) -> Result<Vec<NewPicture>, Fault> {
    cameras::check(&pictures)
        .map_err(|problem| Fault::new(&problem.path, Code::OutOfRange, problem.message))?;
    let checked = |mut picture: NewPicture| {
        picture.path = picture.path.map(checked_path).transpose()?;
        picture.url = picture.url.map(checked_url).transpose()?;
        Ok(picture)
    };
    pictures.into_iter().map(checked).collect()
}

/// Refuses what is no web address. Where it leads is judged by the client that fetches it.
fn checked_url(url: String) -> Result<String, Fault> {
    if url.len() > URL_MAX_BYTES {
        let message = format!("`url` is longer than {URL_MAX_BYTES} bytes");
        return Err(Fault::new("url", Code::TooLong, message));
    }
    let scheme = url.split_once("://").filter(|(_, rest)| !rest.is_empty());
    let web = scheme.is_some_and(|(name, _)| {
        name.eq_ignore_ascii_case("http") || name.eq_ignore_ascii_case("https")
    });
    if !web || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        let message = "`url` must begin with http:// or https:// and hold no blanks";
        return Err(Fault::new("url", Code::UnsafeUrl, message));
    }
    Ok(url)
}

fn wrong_type(field: &str, wanted: &str, value: &Value) -> Fault {
    let message = format!("`{field}` must be {wanted}, not {}", kind(value));
    Fault::new(field, Code::WrongType, message)
}

fn priority(value: &Value) -> Result<u8, Fault> {
    let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
    number.filter(|number| *number <= 9).ok_or_else(|| {
        if value.is_number() {
            Fault::new(
                "priority",
                Code::OutOfRange,
                "`priority` must be a whole number from 0 to 9",
            )
        } else {
            wrong_type("priority", "a whole number from 0 to 9", value)
        }
    })
}

fn answer(value: Value) -> Result<Value, Fault> {
    let Value::Object(object) = &value else {
        return Err(wrong_type("answer", "an object", &value));
    };
    for (key, part) in object {
        let fits = match key.as_str() {
            "objects" | "spans" | "choices" => part.is_array(),
            "attributes" => part.is_object(),
            "note" => part.is_string(),
            _ => {
                let message = format!(
                    "`answer` has an unknown key “{key}”: it holds `objects`, `spans`, `choices`, `attributes` and `note`"
                );
                return Err(Fault::new("answer", Code::UnknownField, message));
            }
        };
        if !fits {
            let message = format!("`answer.{key}` may not be {}", kind(part));
            return Err(Fault::new("answer", Code::WrongType, message));
        }
    }
    Ok(value)
}
