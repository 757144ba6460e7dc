//! What Labelbox takes in and its library writes: a line for each object or answer, with the data row that it is about.
//! Lines about one data row are one item where they follow one another.

use serde_json::{Map, Value};

use super::items::each_row_of;
use super::labelbox::{Tracks, leave, put, shape};
use super::look::{Look, parse};
use super::tracks::Keyframe;
use super::{Item, Link, MARKS_MAX, Mark, Place, ReadError, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};

/// Whether a row is such a line.
pub(super) fn is_row(row: &Map<String, Value>) -> bool {
    let says = |key: &str| row.contains_key(key);
    row.get("dataRow").is_some_and(Value::is_object) && (says("name") || says("schemaId"))
}

pub(super) fn read(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let file = source.names()[index].clone();
    let (mut open, mut keyframes) = (None::<(Item, Tracks)>, 0);
    each_row_of(source, index, sink, &mut |file, row, raw, sink| {
        let refused = |fault: Fault| refusal(file, row, fault, raw);
        let value = match parse(file, row, raw) {
            Ok(value) => value,
            Err(refusal) => {
                sink.refuse(refusal);
                return Ok(());
            }
        };
        let look = Look::new(&value, "");
        let (name, id) = match about(&look, sink) {
            Ok(about) => about,
            Err(fault) => {
                sink.refuse(refused(fault));
                return Ok(());
            }
        };
        if open.as_ref().is_none_or(|(item, _)| item.name != name)
            && let Some((item, tracks)) =
                open.replace((Item { name, id, ..Item::default() }, Tracks::new()))
        {
            keyframes = 0;
            put(file, item, tracks, sink)?;
        }
        let Some((item, tracks)) = &mut open else { return Ok(()) };
        if look.maybe("segments").is_some() {
            if keyframes >= MARKS_MAX {
                let message = "there are more than 50,000 keyframes in one data row";
                sink.refuse(refused(Fault::new("segments", Code::OutOfRange, message)));
                return Ok(());
            }
            match track(&look, tracks.len() as i64, sink) {
                Ok(track) => {
                    keyframes += track.len();
                    tracks.push(track);
                }
                Err(fault) => sink.refuse(refused(fault)),
            }
            return Ok(());
        }
        if look.maybe("relationship").is_some() {
            match relation(&look, sink) {
                Ok(_) if item.links.len() >= MARKS_MAX => {
                    let message = "there are more than 50,000 relations in one data row";
                    sink.refuse(refused(Fault::new("relationship", Code::OutOfRange, message)));
                }
                Ok(link) => item.links.push(link),
                Err(fault) => sink.refuse(refused(fault)),
            }
            return Ok(());
        }
        match marks(&look, item, sink) {
            Ok(marks) => marks.into_iter().for_each(|mark| {
                add_mark(item, Ok(mark), file, (row, raw), sink);
            }),
            Err(fault) => sink.refuse(refused(fault)),
        }
        Ok(())
    })?;
    match open {
        Some((item, tracks)) => put(&file, item, tracks, sink),
        None => Ok(()),
    }
}

/// The name of the data row, and its id.
fn about(look: &Look, sink: &mut dyn Sink) -> Result<(String, Option<String>), Fault> {
    let row = look.get("dataRow")?;
    row.lose_rest(&["globalKey", "id"], sink);
    look.lose_rest(&READ, sink);
    let said = |key: &str| row.maybe(key).map(|said| said.id()).transpose();
    let (key, id) = (said("globalKey")?, said("id")?);
    let name = key.or_else(|| id.clone());
    let name = name.ok_or_else(|| row.range("has neither `globalKey` nor `id`"))?;
    Ok((name, id))
}

const READ: [&str; 17] = [
    "dataRow",
    "name",
    "schemaId",
    "uuid",
    "confidence",
    "classifications",
    "bbox",
    "polygon",
    "line",
    "point",
    "location",
    "answer",
    "segments",
    "frames",
    "mask",
    "customMetrics",
    "relationship",
];

fn marks(look: &Look, item: &Item, sink: &mut dyn Sink) -> Result<Vec<Mark>, Fault> {
    if look.maybe("answer").is_some() {
        let mut marks = Vec::new();
        answered(look, None, 0, &mut marks, sink)?;
        // Relations may lead to an answer; of several, to the first.
        if let Some(first) = marks.first_mut() {
            first.id = look.maybe("uuid").map(|id| id.id()).transpose()?;
        }
        // What is said of some frames of a video is said of each of them.
        let Some(runs) = look.maybe("frames") else { return Ok(marks) };
        let mut of_frames = Vec::new();
        for run in runs.list()? {
            run.lose_rest(&["start", "end"], sink);
            let frame = |key: &str| -> Result<u64, Fault> {
                let said = run.get(key)?;
                let frame = said.offset()?.checked_sub(1);
                frame.ok_or_else(|| said.range("is no number of a frame, from 1"))
            };
            let (start, end) = (frame("start")?, frame("end")?);
            if end < start {
                return Err(run.range("ends before it starts"));
            }
            if of_frames.len() + marks.len() > MARKS_MAX {
                return Err(runs.range("has more answers than an item may have"));
            }
            for mark in &marks {
                // Words have no place for their frames.
                let place = match &mark.place {
                    Place::Whole => Place::Frames { start, end },
                    other => {
                        sink.lose("frames_of_words", format!("{}: {}", item.name, run.path));
                        other.clone()
                    }
                };
                let id = mark.id.clone().filter(|_| of_frames.is_empty());
                of_frames.push(Mark { place, id, ..mark.clone() });
            }
        }
        return Ok(of_frames);
    }
    let class = called(look)?;
    let place = match (shape(look)?, look.maybe("location")) {
        (Some(shape), _) => Place::Shape(shape),
        // Both ends belong to it.
        (None, Some(place)) => {
            place.lose_rest(&["start", "end"], sink);
            let (start, last) = (place.get("start")?.offset()?, place.get("end")?.offset()?);
            if last < start {
                return Err(place.range("ends before it starts"));
            }
            Place::Span { start, end: last.saturating_add(1) }
        }
        (None, None) => {
            let kind = if look.maybe("mask").is_some() {
                "mask_elsewhere"
            } else {
                "object_of_another_kind"
            };
            sink.lose(kind, format!("{}: {class}", item.name));
            return Ok(Vec::new());
        }
    };
    let mut mark = Mark { class, place, score: sure(look)?, ..Mark::default() };
    mark.id = look.maybe("uuid").map(|id| id.id()).transpose()?;
    sides(look, sink);
    answers(look, &mut mark, sink)?;
    Ok(vec![mark])
}

fn sure(look: &Look) -> Result<Option<f64>, Fault> {
    look.maybe("confidence").map(|sure| sure.number()).transpose()
}

/// How deep questions may lie in the answers to others.
const DEPTH_MAX: usize = 16;

/// The answers to a question, and to those that an answer brings with it.
fn answered(
    look: &Look,
    above: Option<&str>,
    depth: usize,
    marks: &mut Vec<Mark>,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let question = match above {
        Some(above) => format!("{above}/{}", called(look)?),
        None => called(look)?,
    };
    let mut chosen = |one: &Look, marks: &mut Vec<Mark>| -> Result<(), Fault> {
        one.lose_rest(&ANSWERED, sink);
        let mark = Mark::whole(called(one)?);
        marks.push(Mark { question: Some(question.clone()), score: sure(one)?, ..mark });
        for asked in one.entries("classifications")? {
            if depth >= DEPTH_MAX || marks.len() > MARKS_MAX {
                return Err(asked.range("lies too deep, or is one of too many"));
            }
            asked.lose_rest(&["name", "schemaId", "answer"], sink);
            answered(&asked, Some(&question), depth + 1, marks, sink)?;
        }
        Ok(())
    };
    let said = look.get("answer")?;
    match said.value {
        Value::Array(_) => said.list()?.try_for_each(|one| chosen(&one, marks)),
        Value::Object(_) => chosen(&said, marks),
        _ => {
            let place = Place::Words(said.text()?.into());
            let question = Some(question);
            marks.push(Mark { place, question, score: sure(look)?, ..Mark::default() });
            Ok(())
        }
    }
}

/// How two objects of the data row stand to each other; they may stand below it.
fn relation(look: &Look, sink: &mut dyn Sink) -> Result<Link, Fault> {
    let said = look.get("relationship")?;
    said.lose_rest(&["source", "target", "type", "readonly"], sink);
    let end = |key: &str| said.get(key)?.id();
    Ok(Link {
        from: end("source")?,
        to: end("target")?,
        class: called(look)?,
        mutual: said.maybe("type").is_some_and(|kind| kind.value == "bidirectional"),
    })
}

/// Counts what a box says beside its sides.
fn sides(look: &Look, sink: &mut dyn Sink) {
    if let Some(sides) = look.maybe("bbox") {
        sides.lose_rest(&["top", "left", "height", "width"], sink);
    }
}

const ANSWERED: [&str; 4] = ["name", "schemaId", "confidence", "classifications"];

fn called(look: &Look) -> Result<String, Fault> {
    look.maybe("name").map_or_else(|| look.get("schemaId"), Ok)?.id()
}

/// What is asked of an object.
fn answers(look: &Look, mark: &mut Mark, sink: &mut dyn Sink) -> Result<(), Fault> {
    asked_of(look, "", 0, &mut mark.attributes, sink)
}

/// The questions below an object, or below an answer, whose question is `above`.
fn asked_of(
    look: &Look,
    above: &str,
    depth: usize,
    attributes: &mut Map<String, Value>,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    for asked in look.entries("classifications")? {
        if depth >= DEPTH_MAX {
            return Err(asked.range("lies too deep in other questions"));
        }
        asked.lose_rest(&["name", "schemaId", "answer"], sink);
        let name = format!("{above}{}", called(&asked)?);
        let below = format!("{name}/");
        let said = asked.get("answer")?;
        let value = match said.value {
            Value::Array(_) => {
                let mut names = Vec::new();
                for one in said.list()? {
                    one.lose_rest(&ANSWERED, sink);
                    names.push(Value::from(called(&one)?));
                    asked_of(&one, &below, depth + 1, attributes, sink)?;
                }
                names.into()
            }
            Value::Object(_) => {
                said.lose_rest(&ANSWERED, sink);
                asked_of(&said, &below, depth + 1, attributes, sink)?;
                called(&said)?.into()
            }
            other => other.clone(),
        };
        attributes.insert(name, value);
    }
    Ok(())
}

/// A thing through a video, whose frames count from 1: in each segment it is there from the first keyframe to the last.
fn track(look: &Look, number: i64, sink: &mut dyn Sink) -> Result<Vec<Keyframe>, Fault> {
    let class = called(look)?;
    let mut track: Vec<Keyframe> = Vec::new();
    for segment in look.get("segments")?.list()? {
        segment.lose_rest(&["keyframes"], sink);
        for keyframe in segment.get("keyframes")?.list()? {
            keyframe
                .lose_rest(&["frame", "bbox", "polygon", "line", "point", "classifications"], sink);
            sides(&keyframe, sink);
            let said = keyframe.get("frame")?;
            let frame = said.offset()?.checked_sub(1);
            let frame = frame.ok_or_else(|| said.range("is no number of a frame, from 1"))?;
            if track.last().is_some_and(|last| last.frame > frame) {
                return Err(said.range("is before the keyframe above it"));
            }
            let shape = shape(&keyframe)?;
            let shape = shape.ok_or_else(|| keyframe.range("has no shape that is read"))?;
            let mut mark = Mark::shape(&class[..], shape);
            mark.track = Some(number);
            answers(&keyframe, &mut mark, sink)?;
            track.push(Keyframe { frame, outside: false, mark });
        }
        if let Some(last) = track.last().map(|last| last.frame) {
            leave(&mut track, last);
        }
    }
    Ok(track)
}
