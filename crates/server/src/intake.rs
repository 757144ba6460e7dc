//! What every way in has in common: how a row is judged, and how items come to be.
//!
//! - **K1** An external id names an item in its project for ever. What comes again under it is a repeat
//!   and changes nothing, so that any call and any import can be sent again.
//! - **K2** A bad row is told with its field, a stable code and a sentence; the others go in.
//! - **K3** An answer that comes with an item is judged like one that a person hands in (A1–A43). It is
//!   the item's label, or a suggestion to begin with, or of a gold task the known answer.

use crate::clouds;
use crate::uploads::{Content, Settled};
use crate::{Cx, Error, Result};
use domain::answers::{self, Answer, Bounds};
use domain::cameras;
use domain::ontology::Ontology;
use domain::projects::Media;
use domain::scenes::Scene;
use domain::{ItemId, Problem, ProjectId, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use store::{CountDelta, JobFault, NewItem, NewRendition, Payload, ProjectRow, Tx};
use utoipa::ToSchema;

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub field: String,
    pub code: Cow<'static, str>,
    pub message: String,
}

impl Fault {
    pub fn new(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }

    pub fn into_error(self) -> Error {
        Error::invalid(&self.field, &self.code, self.message)
    }

    /// As a job writes it down.
    pub fn at(self, row: u64, raw: &str) -> JobFault {
        let Self { field, code, message } = self;
        JobFault { row, field, code: code.into_owned(), message, raw: raw.into() }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self { field: problem.path, code: problem.code.into(), message: problem.message }
    }
}

/// What an answer that comes with an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswersAs {
    /// The item's label: its task is done.
    #[default]
    Labels,
    /// A beginning for whoever labels it.
    Suggestions,
}

pub fn check_external_id(external_id: &str) -> Result<(), Fault> {
    let field = "external_id";
    if external_id.is_empty() {
        return Err(Fault::new(
            field,
            "missing_field",
            "an item needs a name of its own: give `external_id`",
        ));
    }
    if external_id.len() > limits::EXTERNAL_ID_BYTES_MAX {
        return Err(Fault::new(field, "too_long", "`external_id` has at most 1,024 bytes"));
    }
    if external_id.contains(char::is_control) {
        let message = "`external_id` holds a line break or another control character";
        return Err(Fault::new(field, "unknown_value", message));
    }
    Ok(())
}

/// A name for people: cut where it is too long, without what cannot be shown.
pub fn checked_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(limits::NAME_CHARS_MAX).collect()
}

pub fn check_text(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("text", "empty_text", "there is no text to label"));
    }
    // Counting is needed only where the bytes could be too many.
    if text.len() > limits::TEXT_CHARS_MAX && text.chars().count() > limits::TEXT_CHARS_MAX {
        return Err(Fault::new("text", "too_long", "a text has at most 2,000,000 characters"));
    }
    Ok(())
}

pub fn check_metadata(metadata: &Map<String, Value>) -> Result<(), Fault> {
    // The text of a map is at least as long as its parts, so small ones are not written out.
    if !metadata.is_empty()
        && serde_json::to_vec(metadata).map_or(true, |text| text.len() > limits::METADATA_BYTES_MAX)
    {
        return Err(Fault::new(
            "metadata",
            "too_long",
            "`metadata` has at most 65,536 bytes of JSON",
        ));
    }
    Ok(())
}

/// An item on its way in, as its sender describes it.
#[derive(Clone, Debug)]
pub struct Row {
    pub external_id: String,
    pub source: Source,
    pub metadata: Map<String, Value>,
    pub priority: Option<i64>,
    pub answer: Option<Value>,
    pub gold: bool,
}

#[derive(Clone, Debug)]
pub enum Source {
    Text(String),
    Picture(Picture),
    Scene(Scene, Vec<NewRendition>),
    /// Several pictures of one moment: each with the name of its camera.
    Pictures(Vec<(String, Picture)>),
}

/// A picture or a video that was found good.
#[derive(Clone, Debug)]
pub struct Picture {
    pub name: String,
    pub address: String,
    pub bytes: i64,
    pub width: i64,
    pub height: i64,
    /// Of a video.
    pub frames: Option<i64>,
    /// What was made of it already; the rest is made when somebody asks.
    pub renditions: Vec<NewRendition>,
}

/// An item that may go in, and what was made of its picture.
pub type Ready = (NewItem, Vec<NewRendition>);

/// What rows are judged by: the project as it is now.
#[derive(Clone)]
pub struct Gate {
    pub project: ProjectRow,
    pub ontology: Arc<Ontology>,
    pub answers: AnswersAs,
}

impl Gate {
    pub fn open(tx: &mut Tx<'_>, cx: &Cx, project: ProjectRow, answers: AnswersAs) -> Result<Self> {
        let version = project.ontology_version;
        let ontology =
            cx.app.documents.ontology(tx, cx.actor().organization, project.id, version)?;
        Ok(Self { project, ontology, answers })
    }

    /// Judges a row (K2), and makes an item of it.
    pub fn judge(&self, row: Row) -> Result<Ready, Fault> {
        check_external_id(&row.external_id)?;
        check_metadata(&row.metadata)?;
        let priority = row.priority.unwrap_or(PRIORITY_DEFAULT);
        if !(0..=limits::PRIORITY_MAX).contains(&priority) {
            return Err(Fault::new(
                "priority",
                "out_of_range",
                "`priority` is a whole number from 0 to 9",
            ));
        }
        let asked = self.project.question.media;
        let (mut scene, mut pictures) = (None, vec![]);
        let (size, frames, address, bytes, name, text, renditions) = match row.source {
            Source::Text(text) => {
                if asked != Media::Text {
                    return Err(wrong_media("text", "texts", asked));
                }
                check_text(&text)?;
                (None, None, None, text.len() as i64, row.external_id.clone(), Some(text), vec![])
            }
            Source::Picture(picture) => {
                let (wanted, sent) = match picture.frames {
                    None => (Media::Image, "pictures"),
                    Some(_) => (Media::Video, "videos"),
                };
                if asked != wanted {
                    return Err(wrong_media("path", sent, asked));
                }
                let Picture { name, address, bytes, width, height, frames, renditions } = picture;
                (Some((width, height)), frames, Some(address), bytes, name, None, renditions)
            }
            Source::Pictures(found) => {
                if asked != Media::Image {
                    return Err(wrong_media("pictures", "pictures", asked));
                }
                let renditions = named_renditions(&found);
                pictures = found.into_iter().map(|(camera, one)| kept(camera, one)).collect();
                let first = pictures.first();
                let size = first.map(|one: &cameras::Picture| (one.width, one.height));
                let address = first.map(|one| one.address.clone());
                let bytes = pictures.iter().map(|one| one.bytes).sum();
                let name = checked_name(&row.external_id);
                (size, None, address, bytes, name, None, renditions)
            }
            Source::Scene(made, renditions) => {
                if asked != Media::Cloud {
                    return Err(wrong_media("path", "clouds of points", asked));
                }
                let bytes = made.clouds.iter().map(|cloud| cloud.bytes).sum();
                scene = Some(made);
                let name = checked_name(row.external_id.rsplit('/').next().unwrap_or_default());
                (None, None, None, bytes, name, None, renditions)
            }
        };
        let bounds = match &scene {
            Some(scene) => scene.bounds(),
            None if !pictures.is_empty() => cameras::bounds(&pictures),
            None => bounds(size, frames, text.as_deref()),
        };
        let answer = row.answer.map(|answer| self.answer(answer, bounds)).transpose()?;
        if row.gold && answer.is_none() {
            let message = "a gold task needs its known answer: give `answer`";
            return Err(Fault::new("gold", "gold_without_answer", message));
        }
        let (label, suggestion) = match self.answers {
            AnswersAs::Suggestions if !row.gold => (None, answer),
            AnswersAs::Labels | AnswersAs::Suggestions => (answer, None),
        };
        let item = NewItem {
            external_id: row.external_id,
            media: self.project.question.media,
            address,
            bytes,
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            frames,
            payload: Payload { name, text, scene, pictures, metadata: row.metadata },
            priority,
            overlap: self.project.plan.wanted_first(),
            label,
            suggestion,
            gold: row.gold,
            ontology_version: self.project.ontology_version,
            instructions_version: self.project.instructions_version,
        };
        Ok((item, renditions))
    }

    /// Judges an answer (K3).
    pub fn answer(&self, answer: Value, bounds: Bounds) -> Result<Answer, Fault> {
        let answer: Answer = serde_json::from_value(answer).map_err(|error| {
            Fault::new("answer", "wrong_type", format!("the answer does not read: {error}"))
        })?;
        match answers::check(&self.project.question, &self.ontology, bounds, &answer)
            .into_iter()
            .next()
        {
            None => Ok(answer),
            Some(problem) => {
                let path = format!("answer.{}", problem.path);
                Err(Fault { field: path, ..Fault::from(problem) })
            }
        }
    }
}

/// A picture of a camera as it is kept.
fn kept(camera: String, picture: Picture) -> cameras::Picture {
    let Picture { name: file, address, bytes, width, height, .. } = picture;
    cameras::Picture { name: camera, file, address, bytes, width, height }
}

/// What was made of several pictures; of the first it is what is shown of the item in lists.
fn named_renditions(pictures: &[(String, Picture)]) -> Vec<NewRendition> {
    let each = |(nth, (_, picture)): (usize, &(String, Picture))| {
        let named = |made: &NewRendition| match nth {
            0 => made.clone(),
            nth => NewRendition { kind: format!("picture/{nth}/{}", made.kind), ..made.clone() },
        };
        picture.renditions.iter().map(named).collect::<Vec<_>>()
    };
    pictures.iter().enumerate().flat_map(each).collect()
}

/// What an answer may reach on an item that is on its way in.
pub(crate) fn bounds(size: Option<(i64, i64)>, frames: Option<i64>, text: Option<&str>) -> Bounds {
    match (size, text) {
        (Some((width, height)), _) if frames.is_some() => {
            Bounds::video(width as f64, height as f64, frames.unwrap_or_default() as u64)
        }
        (Some((width, height)), _) => Bounds::picture(width as f64, height as f64),
        (None, Some(text)) => Bounds::text(text),
        (None, None) => Bounds::default(),
    }
}

fn wrong_media(field: &str, sent: &str, asked: Media) -> Fault {
    let asked = match asked {
        Media::Image => "pictures",
        Media::Text => "texts",
        Media::Cloud => "clouds of points",
        Media::Video => "videos",
    };
    Fault::new(field, "wrong_media", format!("this project asks about {asked}, not {sent}"))
}

/// The priority of a task that came without one.
const PRIORITY_DEFAULT: i64 = 5;

/// An item without anything but its file.
pub(crate) fn new_item(
    project: &ProjectRow,
    external_id: &str,
    settled: &Settled,
    bytes: i64,
    mut payload: Payload,
) -> NewItem {
    let (address, size, frames) = match &settled.content {
        Content::Picture(developed) => (
            Some(settled.address.clone()),
            Some((i64::from(developed.width), i64::from(developed.height))),
            developed.frames,
        ),
        Content::Text(text) => {
            payload.text = Some(text.clone());
            (None, None, None)
        }
        Content::Cloud(tiled) => {
            let file = payload.name.clone();
            payload.scene = Some(clouds::of_one(tiled, file, settled.address.clone(), bytes).0);
            (None, None, None)
        }
    };
    NewItem {
        external_id: external_id.into(),
        media: project.question.media,
        address,
        bytes,
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        frames,
        payload,
        priority: PRIORITY_DEFAULT,
        overlap: project.plan.wanted_first(),
        label: None,
        suggestion: None,
        gold: false,
        ontology_version: project.ontology_version,
        instructions_version: project.instructions_version,
    }
}

/// Adds items with their tasks, counts them and records it. Of each the new id, or nothing where its
/// external id was there already (K1).
pub(crate) fn add(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    items: &[Ready],
) -> Result<Vec<Option<ItemId>>> {
    let mut delta = CountDelta::default();
    let mut added = Vec::with_capacity(items.len());
    for (item, renditions) in items {
        let made = tx.insert_item(project.id, item, (cx.app.now)())?;
        if let Some((id, _)) = made {
            tx.insert_renditions(id, renditions)?;
            delta.add(item);
        }
        added.push(made.map(|(id, _)| id));
    }
    tx.add_counts(project.id, &delta)?;
    record(tx, cx, project.id, added.iter().flatten().count() as i64);
    Ok(added)
}

/// Records that items came, if any did.
pub(crate) fn record(tx: &mut Tx<'_>, cx: &Cx, project: ProjectId, created: i64) {
    if created > 0 {
        tx.record((cx.app.now)(), cx.person(), "items.added", project, json!({ "count": created }));
    }
}
