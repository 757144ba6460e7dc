//! Darwin, the JSON of V7: a file for each picture, in version 2 with its slots, in version 1 with one `image`.

use serde_json::Value;

use super::items::each_look;
use super::labelbox::{Tracks, put};
use super::look::Look;
use super::tracks::Keyframe;
use super::{Item, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};
use crate::shape::cut_open;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each_look(source, sink, is_one, &mut |look, file, sink| {
        let mut tracks = Tracks::new();
        match item(look, file, &mut tracks, sink) {
            Ok(item) => put(file, item, tracks, sink),
            Err(fault) => {
                sink.refuse(refusal(file, 1, fault, b""));
                Ok(())
            }
        }
    })
}

pub(super) fn is_one(head: &str) -> bool {
    let has = |key: &str| head.contains(&format!("\"{key}\""));
    has("annotations") && (has("item") && has("slots") || has("image") && has("original_filename"))
}

/// What a kind of annotation is called, where it is a place or says something of the whole.
const KINDS: [&str; 8] =
    ["polygon", "bounding_box", "tag", "keypoint", "line", "ellipse", "skeleton", "cuboid"];
/// What is taken over beside it.
const READ: [&str; 8] =
    ["id", "name", "annotators", "attributes", "instance_id", "text", "properties", "inference"];

fn item(look: &Look, file: &str, tracks: &mut Tracks, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let mut item = Item::default();
    let (about, size) = match look.maybe("item") {
        Some(about) => {
            let slots: Vec<Look> = about.get("slots")?.list()?.collect();
            if slots.len() > 1 {
                sink.lose("slot", format!("{file}: {}", slots.len()));
            }
            slots.iter().try_for_each(|slot| slot.map().map(drop))?;
            (about, slots.into_iter().next())
        }
        None => (look.get("image")?, look.maybe("image")),
    };
    let name = about.maybe("name").or_else(|| about.maybe("original_filename"));
    let name = name.map_or_else(|| about.get("filename"), Ok)?.text()?;
    let folder = about.maybe("path").map(|path| path.text()).transpose()?.unwrap_or_default();
    let folder = folder.trim_matches('/');
    item.name = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    if let Some(size) = &size {
        item.width = size.maybe("width").map(|side| side.side()).transpose()?;
        item.height = size.maybe("height").map(|side| side.side()).transpose()?;
    }
    look.lose_rest(&["version", "schema_ref", "item", "image", "annotations"], sink);
    about.lose_rest(
        &[
            "name",
            "original_filename",
            "filename",
            "path",
            "slots",
            "width",
            "height",
            "source_info",
            "layout",
        ],
        sink,
    );
    if let Some(slot) = size.filter(|_| look.maybe("item").is_some()) {
        // Where the files lie is the service's own.
        let places =
            ["thumbnail_url", "source_files", "frame_urls", "frame_manifest", "streamable"];
        let about = ["type", "slot_name", "width", "height", "frame_count"];
        slot.lose_rest(&[&places[..], &about].concat(), sink);
    }
    let annotations = look.get("annotations")?;
    for annotation in annotations.list()? {
        if annotation.maybe("frames").is_some() {
            match video(&annotation, &mut item, tracks.len() as i64, sink) {
                Ok(track) => tracks.extend(track),
                Err(fault) => sink.refuse(refusal(file, 1, fault, b"")),
            }
            continue;
        }
        match mark(&annotation, &item.name, sink) {
            Ok(None) => sink.lose("region", format!("{}: {}", item.name, annotation.path)),
            Ok(Some(mark)) => {
                if !add_mark(&mut item, Ok(mark), file, (1, b""), sink) {
                    break;
                }
            }
            Err(fault) => drop(add_mark(&mut item, Err(fault), file, (1, b""), sink)),
        }
    }
    Ok(item)
}

/// A thing through a video, which is there in its ranges, whose ends are not included; what holds of the whole becomes marks
/// of the item.
fn video(
    look: &Look,
    item: &mut Item,
    number: i64,
    sink: &mut dyn Sink,
) -> Result<Option<Vec<Keyframe>>, Fault> {
    const OF_VIDEO: [&str; 7] = [
        "frames",
        "ranges",
        "segments",
        "interpolated",
        "interpolate_algorithm",
        "only_keyframes",
        "hidden_areas",
    ];
    look.lose_rest(&[&OF_VIDEO[..], &READ, &["slot_names"]].concat(), sink);
    let frames = look.get("frames")?;
    let mut keyframes = Vec::new();
    for key in frames.map()?.keys() {
        let said = frames.get(key)?;
        let frame = key.parse::<u32>().map_err(|_| said.range("is no number of a frame"))?;
        // A keyframe has its place, and what the whole has.
        let mut one = said.map()?.clone();
        one.remove("keyframe");
        for (key, value) in look.map()? {
            if READ.contains(&&key[..]) && !one.contains_key(key) {
                one.insert(key.clone(), value.clone());
            }
        }
        let one = Value::Object(one);
        match mark(&Look::new(&one, &said.path), &item.name, sink)? {
            Some(mark) => keyframes.push((u64::from(frame), mark)),
            None => sink.lose("region", format!("{}: {}", item.name, said.path)),
        }
    }
    keyframes.sort_by_key(|(frame, _)| *frame);
    let Some([first, last]) = keyframes.first().zip(keyframes.last()).map(|(a, b)| [a.0, b.0])
    else {
        return Ok(None);
    };
    let mut ranges = Vec::new();
    let said = look.maybe("ranges").or_else(|| look.maybe("segments"));
    for range in said.map(|said| said.list()).transpose()?.into_iter().flatten() {
        let ends = range.list()?.map(|end| end.offset()).collect::<Result<Vec<_>, _>>()?;
        match ends[..] {
            [start] => ranges.push([start, last.saturating_add(1).max(start + 1)]),
            [start, end] if start < end && end <= u64::from(u32::MAX) => ranges.push([start, end]),
            _ => return Err(range.range("is not the first frame and the one after the last")),
        }
    }
    if ranges.is_empty() {
        ranges.push([first, last + 1]);
    }
    if matches!(keyframes[0].1.place, Place::Whole) {
        for [start, end] in ranges {
            let place = Place::Frames { start, end: end - 1 };
            item.marks.push(Mark { place, ..keyframes[0].1.clone() });
        }
        return Ok(None);
    }
    let moves = look.flag("interpolated")?;
    let mut track = Vec::new();
    for [start, end] in ranges {
        let within = keyframes.iter().filter(|(frame, _)| (start..end).contains(frame));
        let within: Vec<&(u64, Mark)> = within.collect();
        // Ranges may lie over one another.
        if track.len() + 3 * within.len() > MARKS_MAX {
            return Err(look.range("has more than 50,000 keyframes"));
        }
        for (nth, (frame, mark)) in within.iter().copied().enumerate() {
            let mark = Mark { id: None, track: mark.track.or(Some(number)), ..mark.clone() };
            let next = within.get(nth + 1).map_or(end, |(next, _)| *next);
            let stays = !moves || nth + 1 == within.len();
            track.push(Keyframe { frame: *frame, outside: false, mark: mark.clone() });
            if stays && next > frame + 1 {
                track.push(Keyframe { frame: next - 1, outside: false, mark: mark.clone() });
            }
            if nth + 1 == within.len() {
                track.push(Keyframe { frame: end, outside: true, mark });
            }
        }
    }
    Ok(Some(track))
}

fn mark(look: &Look, item: &str, sink: &mut dyn Sink) -> Result<Option<Mark>, Fault> {
    let class = look.get("name")?.text()?;
    // An outline has the box around it besides.
    let Some((kind, place)) = KINDS.iter().find_map(|kind| Some((*kind, look.maybe(kind)?))) else {
        return Ok(None);
    };
    let number = |look: &Look, key: &str| look.get(key)?.number();
    let shape = match kind {
        "tag" => None,
        "polygon" => {
            let mut parts = Vec::new();
            match place.maybe("paths") {
                Some(paths) => paths.list()?.try_for_each(|path| {
                    parts.push(points(&path, 3)?);
                    Ok(())
                })?,
                None => parts.push(points(&place.get("path")?, 3)?),
            }
            if let Some(more) = place.maybe("additional_paths") {
                for path in more.list()? {
                    parts.push(points(&path, 3)?);
                }
            }
            Some(outline(parts, &place, item, sink)?)
        }
        "bounding_box" => {
            let [width, height] = [number(&place, "w")?, number(&place, "h")?];
            if width <= 0.0 || height <= 0.0 {
                return Err(place.range("is a box without anything in it"));
            }
            let [x, y] = [number(&place, "x")?, number(&place, "y")?];
            Some(Shape::Box { x, y, width, height })
        }
        "keypoint" => {
            Some(Shape::Points { points: vec![[number(&place, "x")?, number(&place, "y")?]] })
        }
        "line" => Some(Shape::Line { points: points(&place.get("path")?, 2)? }),
        "ellipse" => {
            let (centre, radius) = (place.get("center")?, place.get("radius")?);
            let angle = place.maybe("angle").map(|angle| angle.number()).transpose()?;
            Some(Shape::Ellipse {
                cx: number(&centre, "x")?,
                cy: number(&centre, "y")?,
                rx: number(&radius, "x")?,
                ry: number(&radius, "y")?,
                degrees: angle.unwrap_or_default(),
            })
        }
        "skeleton" => {
            let mut points = Vec::new();
            for node in place.get("nodes")?.list()? {
                let seen = if node.flag("occluded")? { 1.0 } else { 2.0 };
                points.push([number(&node, "x")?, number(&node, "y")?, seen]);
                node.lose_rest(&["x", "y", "occluded"], sink);
            }
            Some(Shape::Keypoints { points, around: None })
        }
        "cuboid" => {
            let mut face = |key: &str| -> Result<[[f64; 2]; 4], Fault> {
                let face = place.get(key)?;
                face.lose_rest(&["x", "y", "w", "h"], sink);
                let [x, y] = [number(&face, "x")?, number(&face, "y")?];
                let [right, bottom] = [x + number(&face, "w")?, y + number(&face, "h")?];
                Ok([[x, y], [x, bottom], [right, y], [right, bottom]])
            };
            let [[a, b, c, d], [e, f, g, h]] = [face("front")?, face("back")?];
            Some(Shape::Solid { corners: vec![a, b, c, d, g, h, e, f] })
        }
        _ => return Ok(None),
    };
    let mut mark = match shape {
        Some(shape) => Mark::shape(class, shape),
        None => Mark::whole(class),
    };
    mark.id = look.maybe("id").map(|id| id.id()).transpose()?;
    if let Some(number) = look.maybe("instance_id") {
        number.lose_rest(&["value"], sink);
        let number = number.maybe("value").unwrap_or(number);
        mark.track = Some(number.whole()?);
    }
    for key in look.maybe("attributes").map(|said| said.list()).transpose()?.into_iter().flatten() {
        mark.attributes.insert(key.text()?.into(), true.into());
    }
    if let Some(text) = look.maybe("text") {
        let said = text.maybe("text").unwrap_or(text);
        mark.attributes.insert("text".into(), said.value.clone());
    }
    if let Some(found) = look.maybe("inference") {
        found.lose_rest(&["confidence", "model"], sink);
        mark.score = found.maybe("confidence").map(|sure| sure.number()).transpose()?;
        let model = found.maybe("model").and_then(|model| model.maybe("name"));
        mark.model = model.map(|name| name.id()).transpose()?;
    }
    for said in look.maybe("properties").map(|said| said.list()).transpose()?.into_iter().flatten()
    {
        let value = said.maybe("value").map_or(Value::Null, |value| value.value.clone());
        mark.attributes.insert(said.get("name")?.text()?.into(), value);
    }
    let people = look.maybe("annotators").map(|people| people.list()).transpose()?;
    let people: Vec<Look> = people.into_iter().flatten().collect();
    for person in &people {
        person.map()?;
        person.lose_rest(&["email"], sink);
    }
    let first = people.first();
    if people.len() > 1 {
        sink.lose("annotator", format!("{item}: {}", people.len()));
    }
    let email = first.and_then(|person| person.maybe("email"));
    mark.by = email.map(|email| Ok(email.text()?.to_owned())).transpose()?;
    // One slot is the picture itself.
    let slots = look.maybe("slot_names").map(|slots| slots.list()).transpose()?;
    if slots.is_some_and(|slots| slots.count() > 1) {
        sink.lose("slot", item.into());
    }
    look.lose_rest(&[&KINDS[..], &READ[..], &["slot_names"]].concat(), sink);
    Ok(Some(mark))
}

fn points(look: &Look, least: usize) -> Result<Vec<[f64; 2]>, Fault> {
    let mut points = Vec::new();
    for point in look.list()? {
        points.push([point.get("x")?.number()?, point.get("y")?.number()?]);
    }
    if points.len() < least {
        let message = format!("`{}` has fewer than {least} points", look.path);
        return Err(Fault::new(&look.path, Code::OutOfRange, message));
    }
    Ok(points)
}

/// Of several outlines, those that lie within the first are holes in it, as V7 fills them; others are parts.
fn outline(
    mut parts: Vec<Vec<[f64; 2]>>,
    look: &Look,
    item: &str,
    sink: &mut dyn Sink,
) -> Result<Shape, Fault> {
    if parts.is_empty() {
        return Err(look.range("has no outline"));
    }
    let first = parts.remove(0);
    if parts.is_empty() {
        return Ok(Shape::Polygon { points: first });
    }
    let (holes, others): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| part.iter().all(|point| within(*point, &first)));
    if holes.is_empty() {
        let parts = [vec![first], others].concat();
        return Ok(Shape::Parts { parts });
    }
    sink.lose("hole_cut_open", item.into());
    let points = cut_open(first, holes);
    if others.is_empty() {
        return Ok(Shape::Polygon { points });
    }
    Ok(Shape::Parts { parts: [vec![points], others].concat() })
}

fn within([x, y]: [f64; 2], outline: &[[f64; 2]]) -> bool {
    let mut inside = false;
    for (at, [ax, ay]) in outline.iter().enumerate() {
        let [bx, by] = outline[(at + 1) % outline.len()];
        if (*ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
            inside = !inside;
        }
    }
    inside
}
