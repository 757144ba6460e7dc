//! What Labelbox takes in and its library writes: a line for each object or answer, with the data row that it is about.
//! Lines about one data row are one item where they follow one another.

use serde_json::{Map, Value};

use super::items::each_row_of;
use super::labelbox::{Tracks, leave, put, shape};
use super::look::{Look, parse};
use super::tracks::Keyframe;
use super::{Item, MARKS_MAX, Mark, Place, ReadError, Sink, Source, add_mark, refusal};
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

const READ: [&str; 16] = [
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
];

fn marks(look: &Look, item: &Item, sink: &mut dyn Sink) -> Result<Vec<Mark>, Fault> {
    let sure = |look: &Look| look.maybe("confidence").map(|sure| sure.number()).transpose();
    if let Some(said) = look.maybe("answer") {
        let mut chosen = |one: &Look| -> Result<Mark, Fault> {
            one.lose_rest(&ANSWERED, sink);
            let mut mark = Mark::whole(called(one)?);
            mark.question = Some(called(look)?);
            mark.score = sure(one)?;
            Ok(mark)
        };
        return match said.value {
            Value::Array(_) => said.list()?.map(|one| chosen(&one)).collect(),
            Value::Object(_) => Ok(vec![chosen(&said)?]),
            _ => {
                let place = Place::Words(said.text()?.into());
                let question = Some(called(look)?);
                Ok(vec![Mark { place, question, score: sure(look)?, ..Mark::default() }])
            }
        };
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

/// Counts what a box says beside its sides.
fn sides(look: &Look, sink: &mut dyn Sink) {
    if let Some(sides) = look.maybe("bbox") {
        sides.lose_rest(&["top", "left", "height", "width"], sink);
    }
}

const ANSWERED: [&str; 3] = ["name", "schemaId", "confidence"];

fn called(look: &Look) -> Result<String, Fault> {
    look.maybe("name").map_or_else(|| look.get("schemaId"), Ok)?.id()
}

/// What is asked of an object.
fn answers(look: &Look, mark: &mut Mark, sink: &mut dyn Sink) -> Result<(), Fault> {
    for asked in look.entries("classifications")? {
        asked.lose_rest(&["name", "schemaId", "answer"], sink);
        let said = asked.get("answer")?;
        let value = match said.value {
            Value::Array(_) => {
                said.list()?.for_each(|one| one.lose_rest(&ANSWERED, sink));
                let names = said.list()?.map(|one| called(&one).map(Value::from));
                names.collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(_) => {
                said.lose_rest(&ANSWERED, sink);
                called(&said)?.into()
            }
            other => other.clone(),
        };
        mark.attributes.insert(called(&asked)?, value);
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
