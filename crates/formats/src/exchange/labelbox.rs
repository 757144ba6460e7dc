//! Labelbox's exports: version 2, a line for each data row, with what was said of it in each project; and the list of
//! version 1. A video becomes an item for each frame that has something.

use std::collections::BTreeMap;

use serde_json::Value;

use super::head::first_row;
use super::items::each_row_of;
use super::labelbox_import;
use super::look::{Look, parse};
use super::tracks::{Frames, Keyframe};
use super::{Item, Link, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, refusal, twin};
use crate::row::Fault;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = &source.names()[index];
        let lines = [".ndjson", ".jsonl", ".json"].iter().any(|ending| name.ends_with(ending));
        if !lines && source.names().len() > 1 {
            continue;
        }
        let first = source.head(index, 64 << 10).and_then(|head| first_row(head.trim_start()));
        if first.is_some_and(|row| labelbox_import::is_row(&row)) {
            labelbox_import::read(source, index, sink)?;
            continue;
        }
        each_row_of(source, index, sink, &mut |file, row, raw, sink| {
            let read = parse(file, row, raw).and_then(|value| {
                let look = Look::new(&value, "");
                let read = match look.maybe("data_row") {
                    None if look.maybe("Labeled Data").is_some() => {
                        old(&look, sink).map(|item| (item, Vec::new()))
                    }
                    _ => item(&look, sink),
                };
                read.map_err(|fault| refusal(file, row, fault, raw))
            });
            let (item, tracks) = match read {
                Ok(read) => read,
                Err(refused) => {
                    sink.refuse(refused);
                    return Ok(());
                }
            };
            put(file, item, tracks, sink)
        })?;
    }
    Ok(())
}

/// Hands over an item, and where things are followed through it, an item for each frame.
pub(super) fn put(
    file: &str,
    mut item: Item,
    tracks: Tracks,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    if tracks.is_empty() {
        return Ok(sink.item(item)?);
    }
    let (width, height) = (item.width.take(), item.height.take());
    let folder = twin(&item.name, "").trim_end_matches('.').to_owned();
    sink.item(item)?;
    let mut frames = Frames::default();
    tracks.into_iter().try_for_each(|track| frames.track(file, track))?;
    let item = |frame| Item {
        name: format!("{folder}/frame_{frame:06}"),
        frame: Some(frame),
        width,
        height,
        ..Item::default()
    };
    Ok(frames.each(sink, item)?)
}

pub(super) type Tracks = Vec<Vec<Keyframe>>;

fn item(look: &Look, sink: &mut dyn Sink) -> Result<(Item, Tracks), Fault> {
    let row = look.get("data_row")?;
    let named = |key: &str| row.maybe(key).map(|name| name.id()).transpose();
    let id = named("id")?;
    let content = named("row_data")?.unwrap_or_default();
    let given = match named("external_id")? {
        Some(name) => Some(name),
        None => named("global_key")?,
    };
    let mut item = Item { id: id.clone(), ..Item::default() };
    let media = look.maybe_object("media_attributes")?;
    let kind = media.as_ref().and_then(|media| media.maybe("asset_type"));
    let mime = media.as_ref().and_then(|media| media.maybe("mime_type"));
    let is_text = kind.is_some_and(|kind| kind.value == "text")
        || mime
            .is_some_and(|mime| mime.value.as_str().is_some_and(|mime| mime.starts_with("text/")));
    if let Some(media) = &media {
        item.metadata = media.rest(&["asset_type", "mime_type", "width", "height"]);
        let side = |key| media.maybe(key).map(|side| side.side()).transpose();
        (item.width, item.height) = (side("width")?, side("height")?);
    }
    let plain = !content.contains("://") && is_text;
    item.text = plain.then(|| content.clone());
    let address = content.split(['?', '#']).next().unwrap_or_default().to_owned();
    item.name = given
        .or((!plain && !address.is_empty()).then_some(address))
        .or(id)
        .ok_or_else(|| row.range("has neither `external_id`, `global_key` nor `id`"))?;
    if let Some(fields) = look.maybe("metadata_fields") {
        for field in fields.list()? {
            if let (Some(name), Some(value)) = (field.maybe("schema_name"), field.maybe("value")) {
                item.metadata.insert(name.text()?.into(), value.value.clone());
            }
        }
    }
    // What a label has besides is in the same export; what the project was and who did what when is not taken.
    look.lose_rest(
        &[
            "data_row",
            "media_attributes",
            "metadata_fields",
            "projects",
            "embeddings",
            "project_id",
        ],
        sink,
    );
    row.lose_rest(
        &["id", "external_id", "global_key", "row_data", "details", "dataset_id", "dataset_name"],
        sink,
    );
    let mut tracks = Tracks::new();
    let Some(projects) = look.maybe("projects") else { return Ok((item, tracks)) };
    let mut group = 0;
    for key in projects.map()?.keys() {
        let of_project = ["name", "project_details", "project_tags", "labels"];
        projects.get(key)?.lose_rest(&of_project, sink);
        for label in projects.get(key)?.get("labels")?.list()? {
            let of_label = ["id", "version", "label_kind", "annotations", "label_details"];
            label.lose_rest(&[&of_label[..], &["performance_details"]].concat(), sink);
            let annotations = label.get("annotations")?;
            annotations.map()?;
            let (before, moving) = (item.marks.len(), tracks.len());
            said(&annotations, &mut item, sink)?;
            if let Some(frames) = annotations.maybe("frames") {
                video(&frames, annotations.maybe("segments"), &item, &mut tracks, sink)?;
            }
            let by = label.maybe("label_details").and_then(|details| details.maybe("created_by"));
            let by = by.map(|by| by.id()).transpose()?;
            let marks = item.marks[before..].iter_mut();
            let moved = tracks[moving..].iter_mut().flatten().map(|keyframe| &mut keyframe.mark);
            for mark in marks.chain(moved) {
                mark.by.clone_from(&by);
                // What a second person said of the same row is told apart by its group.
                mark.group = Some(group).filter(|group| *group > 0);
            }
            group += 1;
        }
    }
    Ok((item, tracks))
}

/// Things through the frames of a video, which count from 1: each is there from the beginning of a segment to its end.
fn video(
    frames: &Look,
    segments: Option<Look>,
    item: &Item,
    tracks: &mut Tracks,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let mut things: BTreeMap<String, Vec<Keyframe>> = BTreeMap::new();
    for key in frames.map()?.keys() {
        let frame = frames.get(key)?;
        let number = key.parse::<u64>().ok().and_then(|number| number.checked_sub(1));
        let number = number.ok_or_else(|| frame.range("is no number of a frame, from 1"))?;
        if frame.maybe("classifications").is_some_and(|asked| asked.value.get(0).is_some()) {
            sink.lose("classification_of_a_frame", format!("{}: {key}", item.name));
        }
        let Some(objects) = frame.maybe("objects") else { continue };
        for id in objects.map()?.keys() {
            let object = objects.get(id)?;
            let Some(mut mark) = object_of(&object, item, sink)? else { continue };
            mark.id = None;
            things.entry(id.clone()).or_default().push(Keyframe {
                frame: number,
                outside: false,
                mark,
            });
        }
    }
    for (id, mut keyframes) in things {
        keyframes.sort_by_key(|keyframe| keyframe.frame);
        let mut ends = Vec::new();
        if let Some(spans) = segments.as_ref().and_then(|segments| segments.maybe(&id)) {
            for span in spans.list()? {
                let [from, to] = <[f64; 2]>::try_from(span.numbers()?)
                    .map_err(|_| span.range("is not the first and the last frame"))?;
                if !(1.0..1e9).contains(&from) || !(from..1e9).contains(&to) {
                    return Err(span.range("does not count frames from 1"));
                }
                ends.push([from as u64 - 1, to as u64 - 1]);
            }
        }
        let track = tracks.len() as i64;
        let mut whole: Vec<Keyframe> = Vec::new();
        for mut keyframe in keyframes {
            keyframe.mark.track = Some(track);
            let last = whole.last().map(|last: &Keyframe| last.frame);
            let end = last.and_then(|last| {
                let within = ends.iter().find(|[from, to]| (*from..=*to).contains(&last))?;
                (keyframe.frame > within[1]).then_some(within[1])
            });
            if let Some(end) = end {
                leave(&mut whole, end);
            }
            whole.push(keyframe);
        }
        if let Some(last) = whole.last().map(|last| last.frame)
            && let Some([_, to]) = ends.iter().find(|[from, to]| (*from..=*to).contains(&last))
        {
            leave(&mut whole, *to);
        }
        tracks.push(whole);
    }
    Ok(())
}

/// Lets the last of the keyframes stay until a frame, and no longer.
pub(super) fn leave(track: &mut Vec<Keyframe>, end: u64) {
    let Some(Keyframe { frame, mark, .. }) = track.last() else { return };
    let (frame, mark) = (*frame, mark.clone());
    if frame < end {
        track.push(Keyframe { frame: end, outside: false, mark: mark.clone() });
    }
    track.push(Keyframe { frame: end + 1, outside: true, mark });
}

/// A row of the first version: what it calls everything has capital letters.
fn old(look: &Look, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let text = |key: &str| look.maybe(key).map(|found| found.id()).transpose();
    let address = look.get("Labeled Data")?.text()?.to_owned();
    let name = text("External ID")?.filter(|name| !name.is_empty()).unwrap_or(address);
    let mut item = Item { name, id: text("DataRow ID")?.or(text("ID")?), ..Item::default() };
    let label = look.get("Label")?;
    // A row that was skipped has a word in place of its label.
    if !label.value.is_object() {
        sink.lose("skipped_row", item.name.clone());
        return Ok(item);
    }
    said(&label, &mut item, sink)?;
    let by = text("Created By")?;
    item.marks.iter_mut().for_each(|mark| mark.by.clone_from(&by));
    Ok(item)
}

/// What an object is called: in the first version, its title.
fn called<'a>(look: &Look<'a>) -> Result<&'a str, Fault> {
    match look.maybe("title").filter(|_| look.maybe("name").is_none()) {
        Some(title) => title.text(),
        None => look.get("name")?.text(),
    }
}

/// What is said of an object, if it has a place that is known here.
fn object_of(object: &Look, item: &Item, sink: &mut dyn Sink) -> Result<Option<Mark>, Fault> {
    let class = called(object)?;
    let place = match (shape(object)?, span(object, item)?) {
        (Some(shape), _) => Place::Shape(shape),
        (None, Some(span)) => span,
        (None, None) => {
            sink.lose(kind_of(object), format!("{}: {class}", item.name));
            return Ok(None);
        }
    };
    let mut mark = Mark { class: class.into(), place, ..Mark::default() };
    mark.attributes = object.rest(&READ);
    unread(object, sink);
    let id = object.maybe("feature_id").or_else(|| object.maybe("featureId"));
    mark.id = id.map(|id| id.id()).transpose()?;
    if let Some(asked) = object.maybe("classifications") {
        for one in asked.list()? {
            let (name, value) = answer(&one)?;
            mark.attributes.insert(name, value);
        }
    }
    Ok(Some(mark))
}

/// Counts what is not read of the questions about an object or an item, and of the answers to them.
fn unread(look: &Look, sink: &mut dyn Sink) {
    for one in look.each("classifications") {
        let ids = ["feature_id", "featureId", "feature_schema_id", "schemaId", "name", "title"];
        let words = ["value", "answer", "answers", "content", "annotation_kind", "scope"];
        let ways = ["radio_answer", "checklist_answers", "text_answer", "position"];
        let known = [&ids[..], &words, &ways].concat();
        one.lose_rest(&known, sink);
        for way in ways.iter().filter_map(|way| one.maybe(way)) {
            match way.value {
                Value::Array(_) => {
                    let answers = way.list().into_iter().flatten();
                    answers.for_each(|answer| answer.lose_rest(&known, sink));
                }
                _ => way.lose_rest(&known, sink),
            }
        }
    }
}

/// What an object has; how it is drawn, and what the schema calls it, is the project's own.
const READ: [&str; 22] = [
    "feature_id",
    "featureId",
    "feature_schema_id",
    "schemaId",
    "name",
    "title",
    "value",
    "color",
    "annotation_kind",
    "bounding_box",
    "bbox",
    "polygon",
    "line",
    "point",
    "mask",
    "composite_mask",
    "location",
    "data",
    "classifications",
    "instanceURI",
    "keyframe",
    "relationships",
];

/// A part of a text, both of whose ends belong to it.
fn span(object: &Look, item: &Item) -> Result<Option<Place>, Fault> {
    let place = object.maybe("location");
    let place = place.or_else(|| object.maybe("data").and_then(|data| data.maybe("location")));
    let (Some(text), Some(place)) = (&item.text, place) else { return Ok(None) };
    let (start, last) = (place.get("start")?.offset()?, place.get("end")?);
    let end = last.offset()?.saturating_add(1);
    if end <= start || end > text.chars().count() as u64 {
        return Err(last.range("does not lie behind `start` and within the text"));
    }
    Ok(Some(Place::Span { start, end }))
}

fn said(annotations: &Look, item: &mut Item, sink: &mut dyn Sink) -> Result<(), Fault> {
    if let Some(objects) = annotations.maybe("objects") {
        for object in objects.list()? {
            if item.marks.len() >= MARKS_MAX {
                return Err(object.range("is beyond the 50,000 objects that one item may have"));
            }
            let mark = object_of(&object, item, sink)?;
            item.marks.extend(mark);
        }
    }
    if let Some(asked) = annotations.maybe("classifications") {
        for one in asked.list()? {
            let (name, value) = answer(&one)?;
            match value {
                // What was chosen for the whole is its class.
                Value::String(class)
                    if one.maybe("text_answer").is_none()
                        && one.maybe("answer").is_none_or(|answer| answer.value.is_object()) =>
                {
                    item.marks.push(Mark { question: Some(name), ..Mark::whole(class) });
                }
                Value::Array(classes) => {
                    let named = classes.iter().filter_map(Value::as_str);
                    let mark = |class| Mark { question: Some(name.clone()), ..Mark::whole(class) };
                    item.marks.extend(named.map(mark));
                }
                Value::String(words) => {
                    let (place, question) = (Place::Words(words), Some(name));
                    item.marks.push(Mark { place, question, ..Mark::default() });
                }
                _ => sink.lose("classification", format!("{}: {name}", item.name)),
            }
        }
    }
    let known = ["objects", "classifications", "relationships", "frames", "segments"];
    annotations.lose_rest(&[&known[..], &["key_frame_feature_map"]].concat(), sink);
    unread(annotations, sink);
    for relation in annotations.entries("relationships")? {
        match related(&relation, sink)? {
            Some(link) if item.links.len() < MARKS_MAX => item.links.push(link),
            _ => sink.lose("relation", item.name.clone()),
        }
    }
    Ok(())
}

/// How two objects stand to each other, by the ids of both.
fn related(relation: &Look, sink: &mut dyn Sink) -> Result<Option<Link>, Fault> {
    const KINDS: [&str; 2] = ["unidirectional_relationship", "bidirectional_relationship"];
    let Some((kind, ends)) =
        KINDS.iter().find_map(|kind| Some((*kind, relation.maybe_object(kind).ok()??)))
    else {
        return Ok(None);
    };
    let (Some(from), Some(to)) = (ends.maybe("source"), ends.maybe("target")) else {
        return Ok(None);
    };
    relation.lose_rest(&["feature_id", "feature_schema_id", "name", "value", kind], sink);
    ends.lose_rest(&["source", "target", "readonly"], sink);
    Ok(Some(Link {
        from: from.id()?,
        to: to.id()?,
        class: called(relation)?.into(),
        mutual: kind == KINDS[1],
    }))
}

pub(super) fn shape(object: &Look) -> Result<Option<Shape>, Fault> {
    if let Some(found) = object.maybe("bounding_box").or_else(|| object.maybe("bbox")) {
        let number = |key: &str| found.get(key)?.number();
        let (x, y) = (number("left")?, number("top")?);
        let (width, height) = (number("width")?, number("height")?);
        return found.boxed([x, y, width, height]).map(Some);
    }
    let points = |key: &str, least: usize| -> Result<Option<Vec<[f64; 2]>>, Fault> {
        let Some(list) = object.maybe(key) else { return Ok(None) };
        let mut points = Vec::new();
        for point in list.list()? {
            points.push([point.get("x")?.number()?, point.get("y")?.number()?]);
        }
        if points.len() < least {
            return Err(list.range(&format!("has fewer than {least} points")));
        }
        Ok(Some(points))
    };
    if let Some(mut points) = points("polygon", 3)? {
        // The first point stands again at the end.
        if points.len() > 3 && points.first() == points.last() {
            points.pop();
        }
        return Ok(Some(Shape::Polygon { points }));
    }
    if let Some(points) = points("line", 2)? {
        return Ok(Some(Shape::Line { points }));
    }
    if let Some(point) = object.maybe("point") {
        let points = vec![[point.get("x")?.number()?, point.get("y")?.number()?]];
        return Ok(Some(Shape::Points { points }));
    }
    Ok(None)
}

/// What an object is that no shape stands for: its mask lies at an address, or it is no shape at all.
fn kind_of(object: &Look) -> &'static str {
    match () {
        () if object.maybe("mask").is_some() || object.maybe("composite_mask").is_some() => {
            "mask_elsewhere"
        }
        () if object.maybe("location").is_some() => "span",
        () => "object_of_another_kind",
    }
}

/// The name of a question and what was answered: the names of what was chosen, or words.
fn answer(asked: &Look) -> Result<(String, Value), Fault> {
    let name = called(asked)?.to_owned();
    // In the first version: an object with a title, several of them, or words.
    if let Some(chosen) = asked.maybe("answer") {
        return Ok((
            name,
            if chosen.value.is_object() { called(&chosen)? } else { chosen.text()? }.into(),
        ));
    }
    if let Some(chosen) = asked.maybe("answers") {
        let names = chosen.list()?.map(|one| called(&one).map(Value::from));
        return Ok((name, names.collect::<Result<Vec<_>, _>>()?.into()));
    }
    if let Some(chosen) = asked.maybe("radio_answer") {
        return Ok((name, chosen.get("name")?.text()?.into()));
    }
    if let Some(chosen) = asked.maybe("checklist_answers") {
        let mut names = Vec::new();
        for one in chosen.list()? {
            names.push(Value::from(one.get("name")?.text()?));
        }
        return Ok((name, names.into()));
    }
    if let Some(text) = asked.maybe("text_answer") {
        return Ok((name, text.get("content")?.text()?.into()));
    }
    Ok((name, Value::Null))
}
