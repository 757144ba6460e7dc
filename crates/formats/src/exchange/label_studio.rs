//! Label Studio's task JSON: regions in percent of the picture, a box turned about its own corner.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::brush::unpack;
use super::label_studio_fields::{OF_ANSWER, OF_KEYFRAME, OF_REGION, OF_TASK, OF_VALUE};
use super::look::{Look, parse};
use super::panoptic::decode;
use super::paragraphs;
use super::pieces::{PieceError, Pieces, Stop};
use super::tracks::{Frames, Keyframe};
use super::{
    Item, Link, MARKS_MAX, Mark, Mask, Place, ReadError, Shape, Sink, Source, Turn,
    label_studio_min, refusal,
};
use crate::row::{Code, Fault};

const PIXELS_MAX: u64 = 200_000_000;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".json") && source.names().len() > 1 {
            continue;
        }
        let mut pieces = Pieces::new(source.stream(index)?);
        tasks(&name, &mut pieces, sink).map_err(|stop| stop.of(&name))?;
    }
    Ok(())
}

fn tasks<R: std::io::BufRead>(
    name: &str,
    pieces: &mut Pieces<R>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let mut raw = Vec::new();
    let single = pieces.peek()? == Some(b'{');
    if !single {
        pieces.enter(b'[', "the file is no list of tasks: is this a Label Studio file?")?;
    }
    let (mut first, mut nth) = (true, 0);
    while single && nth == 0 || !single && pieces.next(&mut first, b']')? {
        let line = pieces.line;
        pieces.value(&mut raw)?;
        let read = parse(name, line, &raw).and_then(|value| {
            let look = Look::new(&value, &format!("[{nth}]"));
            task(&look, nth, sink).map_err(|fault| refusal(name, line, fault, &raw))
        });
        match read {
            Ok((item, tracks)) => hand_over(name, item, tracks, sink)?,
            Err(refused) => sink.refuse(refused),
        }
        nth += 1;
    }
    if pieces.peek()?.is_some() {
        let fault = Fault::new("", Code::NotJson, "something follows the end of the list");
        return Err(PieceError::Fault(pieces.line, fault).into());
    }
    Ok(())
}

/// Hands over a task; the frames of a video in which something moves are items of their own.
fn hand_over(
    file: &str,
    mut item: Item,
    tracks: Vec<Vec<Keyframe>>,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    if tracks.is_empty() {
        return Ok(sink.item(item)?);
    }
    let (width, height) = (item.width.take(), item.height.take());
    let folder = super::twin(&item.name, "").trim_end_matches('.').to_owned();
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

/// A task that is a row of a table, which has no place for what moves.
pub(super) fn lone(look: &Look, nth: u64, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let (item, tracks) = task(look, nth.saturating_sub(1), sink)?;
    for _ in &tracks {
        sink.lose("track", item.name.clone());
    }
    Ok(item)
}

fn task(look: &Look, nth: u64, sink: &mut dyn Sink) -> Result<(Item, Vec<Vec<Keyframe>>), Fault> {
    look.map()?;
    if let Some(whole) = label_studio_min::whole(look) {
        return task(&Look::new(&whole, &look.path), nth, sink);
    }
    // A task without `data` is its own data.
    let data = look.maybe("data").unwrap_or_else(|| look.clone());
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    let mut item = Item { id, ..Item::default() };
    item.name = format!("task_{}", item.id.clone().unwrap_or_else(|| (nth + 1).to_string()));
    for (key, value) in data.map()? {
        match value.as_str() {
            Some(text) if key == "text" => item.text = Some(text.into()),
            Some(path) if item.name.starts_with("task_") && is_media(path) => {
                item.name = path.trim_start_matches('/').to_owned();
            }
            // Its pictures and its sound may be of one file.
            Some(path) if path.trim_start_matches('/') == item.name => {}
            _ if matches!(key.as_str(), "annotations" | "completions" | "predictions" | "id") => {}
            _ => {
                item.metadata.insert(key.clone(), value.clone());
            }
        }
    }
    if item.text.is_none() && item.name.starts_with("task_") {
        // A project may call its text whatever it likes.
        let texts = item.metadata.iter().filter(|(_, value)| {
            value.as_str().is_some_and(|text| text.contains(char::is_whitespace))
        });
        if let [key] = &texts.map(|(key, _)| key.clone()).collect::<Vec<_>>()[..]
            && let Some(Value::String(text)) = item.metadata.remove(key)
        {
            sink.lose("name_of_text", format!("{}: {key}", item.name));
            item.text = Some(text);
        }
    }
    let mut tracks = Vec::new();
    if look
        .maybe("drafts")
        .is_some_and(|drafts| drafts.value.as_array().is_some_and(|d| !d.is_empty()))
    {
        sink.lose("draft", item.name.clone());
    }
    if look.maybe("data").is_some() {
        if let Some(meta) = look.maybe("meta").filter(|meta| *meta.value != json!({})) {
            item.metadata.insert("meta".into(), meta.value.clone());
        }
        look.lose_rest(&OF_TASK, sink);
    }
    if look.maybe("comment_count").is_some_and(|count| *count.value != 0) {
        sink.lose("comment", item.name.clone());
    }
    // Once they were called completions.
    if let Some(annotations) = look.maybe("annotations").or_else(|| look.maybe("completions")) {
        let mut group = 0;
        for annotation in annotations.list()? {
            annotation.map()?;
            if annotation.maybe("was_cancelled").is_some_and(|was| was.value == true) {
                sink.lose("cancelled_annotation", item.name.clone());
                continue;
            }
            for (fact, unsaid) in [("lead_time", Value::Null), ("ground_truth", false.into())] {
                if annotation.maybe(fact).is_some_and(|said| *said.value != unsaid) {
                    sink.lose(fact, item.name.clone());
                }
            }
            annotation.lose_rest(&OF_ANSWER, sink);
            let Some(result) = annotation.maybe("result") else { continue };
            let by = annotation.maybe("completed_by").map(|by| person(&by)).transpose()?;
            let (before, moving) = (item.marks.len(), tracks.len());
            regions(&result, &mut item, &mut tracks, None, sink)?;
            let marks = item.marks[before..].iter_mut();
            let moved = tracks[moving..].iter_mut().flatten().map(|keyframe| &mut keyframe.mark);
            for mark in marks.chain(moved) {
                mark.by.clone_from(&by);
                // Two answers to one task are told apart by their group, whoever gave them.
                mark.group = Some(group).filter(|group| *group > 0);
            }
            group += 1;
        }
    }
    if let Some(predictions) = look.maybe("predictions") {
        for prediction in predictions.list()? {
            if !prediction.value.is_object() {
                continue;
            }
            let model = prediction.maybe("model_version").map(|model| model.id()).transpose()?;
            let score = prediction.maybe("score").map(|score| score.number()).transpose()?;
            prediction.lose_rest(&OF_ANSWER, sink);
            if let Some(result) = prediction.maybe("result") {
                let model = (model.unwrap_or_else(|| "unknown".into()), score);
                regions(&result, &mut item, &mut tracks, Some(model), sink)?;
            }
        }
    }
    Ok((item, tracks))
}

/// Who answered: a number, or an object with an address and a number.
fn person(by: &Look) -> Result<String, Fault> {
    let known = ["email", "id"].iter().find_map(|key| by.maybe(key));
    known.as_ref().unwrap_or(by).id()
}

const VIDEO: &[&str] = &["mp4", "webm", "mov", "mkv", "avi"];
const SOUND: &[&str] = &["wav", "mp3", "flac", "ogg", "m4a", "opus"];

/// Under which name a task has a file of which nothing says what it is.
pub(super) fn kind_of_file(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match &ending[..] {
        ending if VIDEO.contains(&ending) => "video",
        ending if SOUND.contains(&ending) => "audio",
        _ => "image",
    }
}

pub(super) fn is_media(path: &str) -> bool {
    let plain = path.split(['?', '#']).next().unwrap_or_default();
    let ending = plain.rsplit_once('.').map_or("", |(_, ending)| ending);
    let known = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif"];
    let known = known.iter().chain(VIDEO).chain(SOUND);
    known.into_iter().any(|known| ending.eq_ignore_ascii_case(known))
        || (!path.contains(char::is_whitespace)
            && (path.contains("://") || path.starts_with("/data/")))
}

pub(super) fn regions(
    result: &Look,
    item: &mut Item,
    tracks: &mut Vec<Vec<Keyframe>>,
    model: Option<(String, Option<f64>)>,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    // What is said about a region besides its shape repeats its id.
    let mut by_id: HashMap<String, usize> = HashMap::new();
    for region in result.list()? {
        let kind = region.get("type")?.text()?;
        region.lose_rest(&OF_REGION, sink);
        if kind == "relation" {
            let class = region
                .maybe("labels")
                .and_then(|labels| Some(labels.value.get(0)?.as_str()?.to_owned()));
            let way =
                region.maybe("direction").and_then(|way| way.value.as_str()).unwrap_or("right");
            let (from, to) = (region.get("from_id")?.id()?, region.get("to_id")?.id()?);
            let (from, to) = if way == "left" { (to, from) } else { (from, to) };
            item.links.push(Link {
                from,
                to,
                class: class.unwrap_or_default(),
                mutual: way == "bi",
            });
            continue;
        }
        if item.marks.len() >= MARKS_MAX {
            return Err(result.range("has more than 50,000 regions"));
        }
        let id = region.maybe("id").map(|id| id.id()).transpose()?;
        // Where a region came from, unless by hand.
        if region.maybe("origin").is_some_and(|origin| origin.value != "manual") {
            sink.lose("origin", item.name.clone());
        }
        let value = region.get("value")?;
        value.lose_rest(&[&OF_VALUE[..], &[kind]].concat(), sink);
        for (key, of) in [("sequence", &OF_KEYFRAME[..]), ("ranges", &["start", "end", "enabled"])]
        {
            for one in value.each(key) {
                one.lose_rest(of, sink);
            }
        }
        if region.maybe("image_rotation").is_some_and(|turn| *turn.value != 0) {
            sink.lose("image_rotation", item.name.clone());
        }
        match &kind.to_ascii_lowercase()[..] {
            "chatmessage" => {
                let message = value.get("chatmessage")?;
                let role = message.get("role")?.text()?;
                item.turns.push(Turn::new(role, message.get("content")?.text()?));
                continue;
            }
            "paragraphlabels" | "paragraphs" => paragraphs::as_text(item),
            "hypertextlabels" | "hypertext" => paragraphs::without_markup(item),
            _ => {}
        }
        let known = id.as_ref().and_then(|id| by_id.get(id)).copied();
        let size = sides(&region, item)?;
        if region.maybe("item_index").is_some() {
            sink.lose("item_index", item.name.clone());
        }
        if ["videorectangle", "videovector"].iter().any(|moves| kind.eq_ignore_ascii_case(moves)) {
            let track = tracks.len() as i64;
            let mark = Mark {
                class: labels(kind, &value)?.first().cloned().unwrap_or_default(),
                track: Some(track),
                model: model.as_ref().map(|(version, _)| version.clone()),
                ..Mark::default()
            };
            match size {
                Some(size) => {
                    let track = moving(&value, size, &mark, &mut || {
                        sink.lose("curve", item.name.clone());
                    });
                    tracks.push(track?);
                }
                // Percent of a picture whose size nobody says.
                None => sink.lose("size_of_video", format!("{}: {}", item.name, region.path)),
            }
            continue;
        }
        if kind.eq_ignore_ascii_case("timelinelabels") {
            let class = labels(kind, &value)?.first().cloned().unwrap_or_default();
            for range in value.get("ranges")?.list()? {
                let place =
                    Place::Frames { start: frame(&range, "start")?, end: frame(&range, "end")? };
                item.marks.push(Mark {
                    id: id.clone(),
                    class: class.clone(),
                    place,
                    model: model.as_ref().map(|(version, _)| version.clone()),
                    score: model.as_ref().and_then(|(_, score)| *score),
                    ..Mark::default()
                });
            }
            continue;
        }
        // Spans and times look the same; whose they are is told by what they are about.
        let heard = region
            .maybe("to_name")
            .and_then(|name| name.value.as_str())
            .is_some_and(|name| name.to_ascii_lowercase().contains("audio"));
        let Some(place) = place(kind, &value, size, heard, item, sink)? else { continue };
        let labels = labels(kind, &value)?;
        let from = region.maybe("from_name").map(|name| name.id()).transpose()?.unwrap_or_default();
        let measured = matches!(kind, "number" | "rating" | "datetime" | "ranker");
        if let (Some(at), Place::Whole | Place::Words(_)) = (known, &place) {
            let said = match place {
                Place::Words(words) => words.into(),
                _ if measured => value.get(kind)?.value.clone(),
                _ => joined(&labels),
            };
            item.marks[at].attributes.insert(from, said);
            continue;
        }
        if measured {
            // What is asked has the name of its control, and what is said is no class.
            let mut mark = Mark { id: id.clone(), class: from, ..Mark::default() };
            mark.attributes.insert(kind.into(), value.get(kind)?.value.clone());
            mark.model = model.as_ref().map(|(version, _)| version.clone());
            item.marks.push(mark);
            continue;
        }
        let score = region.maybe("score").map(|score| score.number()).transpose()?;
        let mut mark = Mark { id: id.clone(), place, score, ..Mark::default() };
        if let Some((version, whole)) = &model {
            mark.model = Some(version.clone());
            mark.score = mark.score.or(*whole);
        }
        if let (Some(parent), Some(id)) = (region.maybe("parentID"), &id) {
            item.links.push(Link {
                from: id.clone(),
                to: parent.id()?,
                class: "parent".into(),
                mutual: false,
            });
        }
        if let Some(meta) = region.maybe("meta") {
            mark.attributes = meta.map()?.clone();
        }
        for fact in ["ocrtext", "pageIndex"] {
            if let Some(said) = value.maybe(fact) {
                mark.attributes.insert(fact.into(), said.value.clone());
            }
        }
        if let (Place::Shape(_) | Place::Span { .. } | Place::Time { .. }, Some(at)) =
            (&mark.place, known)
            && item.marks[at].class.is_empty()
        {
            // The same region again, this time with its label.
            item.marks[at].class = labels.first().cloned().unwrap_or_default();
            continue;
        }
        if known.is_some() && labels.is_empty() {
            continue;
        }
        if mark.place == Place::Whole {
            for label in labels {
                item.marks.push(Mark { class: label, ..mark.clone() });
            }
        } else {
            mark.class = labels.first().cloned().unwrap_or_default();
            for label in labels.iter().skip(1) {
                sink.lose("further_label", format!("{}: {label}", item.name));
            }
            item.marks.push(mark);
        }
        if let Some(id) = id
            && !item.marks.is_empty()
        {
            by_id.insert(id, item.marks.len() - 1);
        }
    }
    Ok(())
}

fn joined(labels: &[String]) -> Value {
    match labels {
        [one] => one.as_str().into(),
        several => several.to_vec().into(),
    }
}

/// The size of the picture that the region was drawn on.
fn sides(region: &Look, item: &mut Item) -> Result<Option<[f64; 2]>, Fault> {
    let side = |key| region.maybe(key).map(|side| side.side()).transpose();
    let (width, height) = (side("original_width")?, side("original_height")?);
    item.width = item.width.or(width);
    item.height = item.height.or(height);
    Ok(width.zip(height).map(|(width, height)| [width.into(), height.into()]))
}

fn labels(kind: &str, value: &Look) -> Result<Vec<String>, Fault> {
    // `labels` and `choices` are lists; some files name a single one without the brackets.
    let found = ["labels", "selected"].iter().find_map(|key| value.maybe(key));
    let Some(found) = value.maybe(kind).or(found) else {
        return Ok(Vec::new());
    };
    if kind == "taxonomy" {
        let mut paths = Vec::new();
        for path in found.list()? {
            let parts: Vec<_> = path.list()?.map(|part| part.text()).collect::<Result<_, _>>()?;
            paths.push(parts.join("/"));
        }
        return Ok(paths);
    }
    match found.value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(_) => found.list()?.map(|label| label.id()).collect(),
        other => Ok(vec![other.to_string()]),
    }
}

fn place(
    kind: &str,
    value: &Look,
    size: Option<[f64; 2]>,
    heard: bool,
    item: &Item,
    sink: &mut dyn Sink,
) -> Result<Option<Place>, Fault> {
    let size = || {
        size.ok_or_else(|| {
            let message =
                "`original_width` and `original_height` are missing: give the picture's size";
            Fault::new("original_width", Code::MissingField, message)
        })
    };
    let percent = |key: &str| -> Result<f64, Fault> { value.get(key)?.number() };
    let shape = match kind {
        "rectanglelabels" | "rectangle" | "ocrlabels" => turned(value, size()?)?,
        "ellipselabels" | "ellipse" => {
            let [wide, high] = size()?.map(|side| side / 100.0);
            Shape::Ellipse {
                cx: percent("x")? * wide,
                cy: percent("y")? * high,
                rx: above(&value.get("radiusX")?)? * wide,
                ry: above(&value.get("radiusY")?)? * high,
                degrees: value.maybe("rotation").map_or(Ok(0.0), |turn| turn.number())?,
            }
        }
        "polygonlabels" | "polygon" => {
            let [wide, high] = size()?.map(|side| side / 100.0);
            let open = value.maybe("closed").is_some_and(|closed| closed.value == false);
            let points = value.get("points")?.pairs(if open { 2 } else { 3 })?;
            let points = points.into_iter().map(|[x, y]| [x * wide, y * high]).collect();
            if open { Shape::Line { points } } else { Shape::Polygon { points } }
        }
        "vectorlabels" | "vector" => {
            let closed = value.maybe("closed").is_some_and(|closed| closed.value == true);
            vector(value, closed, size()?, &mut || sink.lose("curve", item.name.clone()))?
        }
        "keypointlabels" | "keypoint" => {
            let [wide, high] = size()?.map(|side| side / 100.0);
            Shape::Points { points: vec![[percent("x")? * wide, percent("y")? * high]] }
        }
        "brushlabels" | "brush" => {
            let [width, height] = size()?.map(|side| side as u32);
            Shape::Mask(brush(&value.get("rle")?, width, height)?)
        }
        "bitmasklabels" | "bitmask" => {
            let size = size()?.map(|side| side as u32);
            Shape::Mask(bitmask(&value.get("imageDataURL")?, size)?)
        }
        "labels" | "timeserieslabels"
            if value.maybe("channel").is_some()
                || (item.text.is_none() || heard) && value.maybe("text").is_none() =>
        {
            let (start, end) = (value.get("start")?, value.get("end")?);
            if !start.value.is_number() {
                sink.lose("region", format!("{}: {kind} by date", item.name));
                return Ok(None);
            }
            let channel = value.maybe("channel").map(|channel| channel.offset()).transpose()?;
            let channel = channel.and_then(|channel| u32::try_from(channel).ok());
            let (start, last) = (start.number()?, end.number()?);
            if start < 0.0 || last < start {
                return Err(end.range("does not lie behind `start`"));
            }
            return Ok(Some(Place::Time { start, end: last, channel }));
        }
        "labels" if value.maybe("start").is_some_and(|s| s.value.is_number()) => {
            if item.text.is_none() {
                sink.lose("region", format!("{}: {kind} without its text", item.name));
                return Ok(None);
            }
            let (start, end) = (value.get("start")?.offset()?, value.get("end")?);
            let length = item.text.as_ref().map_or(0, |text| text.chars().count() as u64);
            if end.offset()? <= start || end.offset()? > length {
                return Err(end.range("does not lie behind `start` and within the text"));
            }
            return Ok(Some(Place::Span { start, end: end.offset()? }));
        }
        "paragraphlabels" | "paragraphs" => return paragraphs::span(value, item, sink).map(Some),
        "hypertextlabels" | "hypertext" => {
            let found = paragraphs::marked(value, item)?;
            if found.is_none() {
                sink.lose("region", format!("{}: {kind} whose place is not found", item.name));
            }
            return Ok(found);
        }
        "choices" | "taxonomy" | "number" | "rating" | "datetime" | "pairwise" | "ranker" => {
            return Ok(Some(Place::Whole));
        }
        "textarea" => {
            let words = value.get("text")?;
            return Ok(Some(Place::Words(match words.value {
                Value::String(text) => text.clone(),
                _ => {
                    words.list()?.map(|line| line.text()).collect::<Result<Vec<_>, _>>()?.join("\n")
                }
            })));
        }
        other => {
            sink.lose("region", format!("{}: {other}", item.name));
            return Ok(None);
        }
    };
    Ok(Some(Place::Shape(shape)))
}

/// Frames count from 1 there and from 0 here.
fn frame(look: &Look, key: &str) -> Result<u64, Fault> {
    let frame = look.get(key)?;
    let number = frame.offset()?;
    number.checked_sub(1).ok_or_else(|| frame.range("is 0: frames count from 1"))
}

/// Points that are joined, laid out straight; each bend is told.
fn vector(
    value: &Look,
    closed: bool,
    size: [f64; 2],
    bent: &mut dyn FnMut(),
) -> Result<Shape, Fault> {
    let [wide, high] = size.map(|side| side / 100.0);
    let vertices = value.get("vertices")?;
    let mut points = Vec::new();
    for vertex in vertices.list()? {
        let [x, y] = [vertex.get("x")?.number()?, vertex.get("y")?.number()?];
        points.push([x * wide, y * high]);
        if vertex.maybe("isBezier").is_some_and(|bezier| bezier.value == true) {
            bent();
        }
    }
    match (closed, points.len()) {
        (_, 0) => Err(vertices.range("has no points")),
        (_, 1) => Ok(Shape::Points { points }),
        (true, 3..) => Ok(Shape::Polygon { points }),
        _ => Ok(Shape::Line { points }),
    }
}

/// A box or a line through a video. One that is not enabled is there once more, and then no longer; the last one that
/// is stays to the end.
fn moving(
    value: &Look,
    size: [f64; 2],
    mark: &Mark,
    bent: &mut dyn FnMut(),
) -> Result<Vec<Keyframe>, Fault> {
    let mut keyframes: Vec<Keyframe> = Vec::new();
    let mut goes_on = false;
    // Whether a line ends where it began is said of each keyframe, or of all at once.
    let is_closed = |look: &Look| look.maybe("closed").map(|closed| closed.value == true);
    for place in value.get("sequence")?.list()? {
        let frame = frame(&place, "frame")?;
        let shape = match place.maybe("vertices") {
            Some(_) => {
                let closed = is_closed(&place).or_else(|| is_closed(value)).unwrap_or_default();
                vector(&place, closed, size, bent)?
            }
            None => turned(&place, size)?,
        };
        let mark = Mark { place: Place::Shape(shape), ..mark.clone() };
        goes_on = place.maybe("enabled").is_none() || place.flag("enabled")?;
        // It is there again in the very frame in which it would be gone.
        keyframes.pop_if(|last| last.outside && last.frame == frame);
        keyframes.push(Keyframe { frame, outside: false, mark: mark.clone() });
        if !goes_on {
            keyframes.push(Keyframe { frame: frame + 1, outside: true, mark });
        }
    }
    let count = value.maybe("framesCount").map(|count| count.number()).transpose()?;
    let end = count.filter(|count| (1.0..1e9).contains(count)).map(|count| count as u64 - 1);
    if let (Some(end), Some(last)) = (end, keyframes.last())
        && goes_on
        && end > last.frame
    {
        let mark = last.mark.clone();
        keyframes.push(Keyframe { frame: end, outside: false, mark });
    }
    Ok(keyframes)
}

/// A picture as large as the one it is about, as a data URL: what of it is neither clear nor black belongs to the mask.
fn bitmask(look: &Look, [width, height]: [u32; 2]) -> Result<Mask, Fault> {
    let coded = look.text()?.rsplit_once(',').map_or(look.text()?, |(_, coded)| coded);
    let bytes = STANDARD.decode(coded).map_err(|_| look.range("is not base64"))?;
    let picture = decode(bytes).ok_or_else(|| look.range("is no PNG that can be read"))?;
    if [picture.width(), picture.height()] != [width, height] {
        return Err(look.range("has not the size of its picture"));
    }
    let pixels = picture.into_rgba8();
    let set = pixels.pixels().map(|pixel| u8::from(pixel.0[3] > 0 && pixel.0[..3] != [0; 3]));
    Ok(Mask::from_pixels(height, width, &set.collect::<Vec<_>>()))
}

fn above(look: &Look) -> Result<f64, Fault> {
    let number = look.number()?;
    if number > 0.0 { Ok(number) } else { Err(look.range("is not above 0")) }
}

fn turned(value: &Look, size: [f64; 2]) -> Result<Shape, Fault> {
    let [wide, high] = size.map(|side| side / 100.0);
    let [x, y] = [value.get("x")?.number()? * wide, value.get("y")?.number()? * high];
    let width = above(&value.get("width")?)? * wide;
    let height = above(&value.get("height")?)? * high;
    let degrees = value.maybe("rotation").map_or(Ok(0.0), |turn| turn.number())?;
    if degrees == 0.0 {
        return Ok(Shape::Box { x, y, width, height });
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (width / 2.0, height / 2.0);
    let (cx, cy) = (x + w * cos - h * sin, y + w * sin + h * cos);
    Ok(Shape::Turned { cx, cy, width, height, degrees })
}

/// Label Studio's own run lengths: bits, of which the alpha channel is the mask.
fn brush(look: &Look, width: u32, height: u32) -> Result<Mask, Fault> {
    let mut bytes = Vec::new();
    for byte in look.list()? {
        let whole = byte.whole()?;
        bytes.push(u8::try_from(whole).map_err(|_| byte.range("is no byte"))?);
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS_MAX {
        return Err(look.range("belongs to a picture that is too large"));
    }
    let alpha = unpack(&bytes, pixels as usize);
    let alpha = alpha.ok_or_else(|| look.range("does not unpack to the size of the picture"))?;
    Ok(Mask::from_pixels(height, width, &alpha))
}

/// The fields of a value map, for the writer.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
