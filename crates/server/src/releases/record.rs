//! A task with its label, its provenance and its comments, as releases and copies of projects write it.

use crate::Result;
use crate::opinions::attributes;
use domain::cameras::Picture;
use domain::comments::Pin;
use domain::projects::Media;
use domain::scenes::Scene;
use domain::workflow::TaskState;
use formats::native::{self, Record};
use serde_json::json;
use store::{CommentRow, ConsensusPart, ExportAnswer, ExportRow};

/// What of a project is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Labels,
    /// Open tasks too, and what is known of gold.
    Everything,
}

/// A task as it is written (N4–N7).
pub fn record(row: &ExportRow, extent: Extent) -> Result<Record> {
    // Each of several pictures has a size of its own.
    let has_cameras = !row.payload.pictures.is_empty();
    let size = |size: Option<i64>| size.and_then(|size| u32::try_from(size).ok());
    let answers: Result<Vec<native::Answer>> = row
        .answers
        .iter()
        .map(|answer| {
            Ok(native::Answer {
                id: answer.id.to_string(),
                contributor: answer.person.to_string(),
                submitted_at: answer.submitted_at.0,
                ontology_version: answer.ontology_version as u64,
                instructions_version: answer.instructions_version as u64,
                value: serde_json::from_slice(&answer.value)?,
                superseded_by: successor(row, answer),
                rejected: answer.state == "rejected" && successor(row, answer).is_none(),
            })
        })
        .collect();
    let reviews = row.reviews.iter().map(|review| native::Review {
        reviewer: review.reviewer.to_string(),
        verdict: review.verdict.as_str().into(),
        clause: review.clause.clone(),
        reason: review.reason.clone(),
        proposal: review.proposal.as_ref().and_then(|answer| serde_json::to_value(answer).ok()),
        at: review.at.0,
    });
    let (answers, reviews) = (answers?, reviews.collect());
    let comments = row.comments.iter().map(comment).collect();
    let (label, so_far) = match &row.label {
        Some(label) => {
            let provenance = native::Provenance {
                answers,
                reviews,
                comments,
                ontology_version: label.ontology_version as u64,
                instructions_version: label.instructions_version as u64,
            };
            let (of_item, mut of_parts) = attributes::of_export(row, label)?;
            let parts = label.consensus.iter().flat_map(|said| &said.parts);
            let parts = parts.map(|each| part(each, of_parts.remove(&each.id))).collect();
            let label = native::Label {
                value: serde_json::from_slice(&label.value)?,
                confidence: label.confidence,
                calibrated: label.calibrated,
                model: label.model.clone(),
                method: label.method.as_str().into(),
                attributes: attributes::shares(of_item),
                parts,
                provenance,
            };
            (Some(label), None)
        }
        None if answers.is_empty() => (None, None),
        None => (None, Some(native::SoFar { answers, reviews, comments })),
    };
    Ok(Record {
        task: native::Task {
            id: row.task.to_string(),
            // One that was labelled after the moment of the release is open in it.
            state: match (row.state, &row.label) {
                (TaskState::Done, None) => TaskState::InProgress,
                (state, _) => state,
            }
            .as_str()
            .into(),
            priority: row.priority as u8,
        },
        item: native::Item {
            external_id: row.external_id.clone(),
            media: media_type(row).into(),
            name: Some(row.payload.name.clone()).filter(|name| !name.is_empty()),
            blake3: None,
            width: size(row.width.filter(|_| !has_cameras)),
            height: size(row.height.filter(|_| !has_cameras)),
            frames: row.frames.and_then(|frames| u64::try_from(frames).ok()),
            metadata: row.payload.metadata.clone(),
            text: row.payload.text.clone(),
            scene: row.payload.scene.as_ref().map(Scene::described),
            pictures: row.payload.pictures.iter().map(Picture::described).collect(),
        },
        label,
        so_far,
        known: match extent {
            Extent::Labels => None,
            Extent::Everything => row.known.as_ref().map(serde_json::to_value).transpose()?,
        },
    })
}

fn comment(row: &CommentRow) -> native::Comment {
    native::Comment {
        id: row.id.to_string(),
        thread: row.thread.to_string(),
        answer: row.answer.to_string(),
        person: row.person.to_string(),
        text: row.text.clone(),
        pin: (row.pin != Pin::default()).then(|| json!(row.pin)),
        state: row.state.map(|state| state.as_str().into()),
        at: row.at.0,
    }
}

/// What replaced an answer: a reviewer's fix, or the next answer of the same slot.
fn successor(row: &ExportRow, answer: &ExportAnswer) -> Option<String> {
    if answer.state == "standing" {
        return None;
    }
    let fix = row
        .reviews
        .iter()
        .find(|review| review.answer == answer.id)
        .and_then(|review| review.fixed);
    let next =
        || row.answers.iter().find(|other| other.slot == answer.slot && other.id > answer.id);
    fix.or_else(|| next().map(|other| other.id)).map(|id| id.to_string())
}

/// The media type, as far as the file's name tells.
fn media_type(row: &ExportRow) -> &'static str {
    match row.media {
        Media::Text => return "text/plain",
        Media::Cloud => return "application/octet-stream",
        Media::Image | Media::Video => {}
    }
    let name = if row.payload.name.is_empty() { &row.external_id } else { &row.payload.name };
    match name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        Some("bmp") => "image/bmp",
        Some("tif" | "tiff") => "image/tiff",
        Some("mp4" | "m4v") => "video/mp4",
        Some("mov") => "video/quicktime",
        Some("webm") => "video/webm",
        Some("mkv") => "video/x-matroska",
        _ => "application/octet-stream",
    }
}

fn part(part: &ConsensusPart, votes: Option<attributes::ByKey>) -> native::Part {
    let from = part.marks.iter();
    let from =
        from.map(|(answer, id)| native::PartSource { answer: answer.to_string(), id: id.clone() });
    let attributes = attributes::shares(votes.unwrap_or_default());
    native::Part {
        id: part.id.clone(),
        confidence: part.confidence,
        from: from.collect(),
        attributes,
    }
}
