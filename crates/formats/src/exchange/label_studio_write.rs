//! Writes Label Studio's task JSON, one task at a time.

use std::io::{self, BufWriter, Write};

use serde_json::{Map, Value, json};

use super::brush::pack;
use super::label_studio::{is_media, kind_of_file, object};
use super::outlet::{Made, Outlet};
use super::{Class, Item, Mark, Place, Shape, Writer, lose_mark, lose_talk};
use crate::loss::LossReport;

const PIXELS_MAX: u64 = 200_000_000;

pub(super) struct TaskFile {
    out: BufWriter<Made>,
    tasks: u64,
}

impl TaskFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let mut out = BufWriter::new(out.single()?);
        out.write_all(b"[")?;
        Ok(Self { out, tasks: 0 })
    }
}

impl Writer for TaskFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        if !item.subset.is_empty() {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        lose_talk(item, losses);
        let mut data = item.metadata.clone();
        let sources = sources(item);
        for key in ["id", "text", "annotations", "completions", "predictions"] {
            if (key != "text" || item.text.is_none()) && data.remove(key).is_some() {
                losses.add("metadata", || format!("{}: {key}", item.name));
            }
        }
        for source in &sources {
            let said = if *source == "text" { item.text.as_deref() } else { Some(&*item.name) };
            if data.insert((*source).into(), said.into()).is_some() {
                losses.add("metadata", || format!("{}: {source}", item.name));
            }
        }
        let mut annotations: Vec<(Answer, Vec<Value>)> = Vec::new();
        let mut predictions: Vec<(&str, Vec<Value>)> = Vec::new();
        for (nth, mark) in item.marks.iter().enumerate() {
            let named = mark.by.as_deref().is_none_or(|by| completed_by(by).is_some());
            let keeps = ["id", "attributes", "score", "model", "group", "by"];
            lose_mark(item, mark, &keeps[..if named { 6 } else { 5 }], losses);
            if mark.place == Place::Whole && mark.class.is_empty() && mark.value.is_none() {
                losses.add("no_class", || item.name.clone());
            }
            let write = |list: &mut Vec<Value>, losses: &mut LossReport| {
                if !joins(list, mark) {
                    let again = is_repeat(list, mark);
                    if again {
                        losses.add("id", || format!("{}: {}", item.name, mark.class));
                    }
                    let new = Mark { id: None, ..mark.clone() };
                    let mark = if again { &new } else { mark };
                    list.extend(results(item, sources[0], nth, mark, losses));
                }
            };
            if let Some(model) = &mark.model {
                let at = predictions.iter().position(|(known, _)| *known == model);
                let at = at.unwrap_or_else(|| {
                    predictions.push((model, Vec::new()));
                    predictions.len() - 1
                });
                write(&mut predictions[at].1, losses);
            } else {
                // Where questions are asked, a group is one answer to one of them, and not all that a person said.
                let group = mark.group.filter(|_| mark.question.is_none());
                let answer = (group, mark.by.as_deref());
                let at = annotations.iter().position(|(known, _)| *known == answer);
                let at = at.unwrap_or_else(|| {
                    annotations.push((answer, Vec::new()));
                    annotations.len() - 1
                });
                write(&mut annotations[at].1, losses);
            }
        }
        let links = item.links.iter().map(|link| {
            let labels: Vec<&str> = Some(link.class.as_str()).filter(|c| !c.is_empty()).into_iter().collect();
            let way = if link.mutual { "bi" } else { "right" };
            json!({ "type": "relation", "from_id": link.from, "to_id": link.to, "direction": way, "labels": labels })
        });
        if !item.links.is_empty() && annotations.is_empty() {
            annotations.push(((None, None), Vec::new()));
        }
        if let Some((_, first)) = annotations.first_mut() {
            first.extend(links);
        }
        let annotations: Vec<Value> = annotations
            .into_iter()
            .map(|((_, by), result)| {
                let mut annotation =
                    json!({ "result": result, "was_cancelled": false, "ground_truth": false });
                if let Some(by) = by.and_then(completed_by) {
                    annotation["completed_by"] = by;
                }
                annotation
            })
            .collect();
        let predictions: Vec<Value> = predictions
            .into_iter()
            .map(|(model, result)| json!({ "model_version": model, "result": result }))
            .collect();
        let mut task =
            json!({ "data": data, "annotations": annotations, "predictions": predictions });
        match item.id.as_deref().map(str::parse::<u64>) {
            Some(Ok(id)) => task["id"] = id.into(),
            Some(Err(_)) => losses.add("item_id", || item.name.clone()),
            None => {}
        }
        let comma = if self.tasks > 0 { ",\n" } else { "\n" };
        self.tasks += 1;
        write!(self.out, "{comma}{task}")
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}

/// Whether what is said of the whole would be taken for something said of another region, whose id it has.
fn is_repeat(list: &[Value], mark: &Mark) -> bool {
    let said = matches!(mark.place, Place::Whole | Place::Words(_));
    said && mark.id.as_deref().is_some_and(|id| list.iter().any(|region| region["id"] == id))
}

/// Adds a class to the choices of the same region, where there are any.
fn joins(list: &mut [Value], mark: &Mark) -> bool {
    let Some(id) = mark.id.as_deref().filter(|_| mark.place == Place::Whole) else { return false };
    let same = |region: &&mut Value| region["id"] == id && region["type"] == "choices";
    let region = list.iter_mut().find(same);
    let choices = region.and_then(|region| region["value"]["choices"].as_array_mut());
    match choices {
        Some(choices) if !mark.class.is_empty() => {
            choices.push(mark.class.as_str().into());
            true
        }
        _ => false,
    }
}

/// What tells the answers of a task apart: their group, and who gave them.
type Answer<'a> = (Option<i64>, Option<&'a str>);

/// Who answered, as Label Studio knows people: by number or by address.
fn completed_by(by: &str) -> Option<Value> {
    match by.parse::<u64>() {
        Ok(number) => Some(number.into()),
        Err(_) => by.contains('@').then(|| json!({ "email": by })),
    }
}

/// The names under which a task has what it is about: its text, and its file, as a picture, a video or a sound, or as all
/// of them where something is said of each. There is one at least.
fn sources(item: &Item) -> Vec<&'static str> {
    let text = item.text.as_ref().map(|_| "text");
    let mut found: Vec<_> = text.into_iter().collect();
    let files = ["image", "video", "audio"].into_iter();
    found.extend(files.filter(|file| item.marks.iter().any(|mark| about(mark) == Some(*file))));
    let is_file = found.is_empty() || item.width.is_some() || is_media(&item.name);
    if found.last().is_none_or(|last| *last == "text") && is_file {
        found.push(kind_of_file(&item.name));
    }
    found
}

/// Which of them a mark is about; none where it is about the task as a whole.
fn about(mark: &Mark) -> Option<&'static str> {
    match mark.place {
        Place::Span { .. } => Some("text"),
        Place::Shape(_) | Place::Cuboid(_) => Some("image"),
        Place::Frames { .. } => Some("video"),
        Place::Time { .. } => Some("audio"),
        Place::Whole | Place::Words(_) | Place::Talk(_) => None,
    }
}

/// The regions of a mark; `whole` is what it is about where that is the task as a whole.
pub(super) fn results(
    item: &Item,
    whole: &str,
    nth: usize,
    mark: &Mark,
    losses: &mut LossReport,
) -> Vec<Value> {
    let place = || format!("{}: {}", item.name, mark.class);
    let size = item.width.zip(item.height);
    let id = mark.id.clone().unwrap_or_else(|| format!("r{}", nth + 1));
    let labels = json!(if mark.class.is_empty() { vec![] } else { vec![&mark.class] });
    let region = |kind: &str, from: &str, mut value: Map<String, Value>| {
        if !mark.class.is_empty() {
            value.insert(kind.into(), labels.clone());
        }
        let to = about(mark).unwrap_or(whole);
        let mut region = json!({
            "id": id, "type": kind, "from_name": from, "to_name": to, "origin": "manual",
            "value": value,
        });
        if let Some((width, height)) = size.filter(|_| to == "image") {
            region["original_width"] = width.into();
            region["original_height"] = height.into();
            region["image_rotation"] = 0.into();
        }
        if let Some(score) = mark.score {
            region["score"] = score.into();
        }
        if !mark.attributes.is_empty() {
            region["meta"] = Value::Object(mark.attributes.clone());
        }
        region
    };
    match &mark.place {
        Place::Cuboid(_) => Vec::new(),
        Place::Time { start, end, channel } => {
            let mut value = object([("start", json!(start)), ("end", json!(end))]);
            if let Some(channel) = channel {
                value.insert("channel".into(), json!(channel));
            }
            vec![region("labels", "label", value)]
        }
        Place::Frames { start, end } => {
            let ranges = json!([{ "start": start + 1, "end": end + 1 }]);
            vec![region("timelinelabels", "label", object([("ranges", ranges)]))]
        }
        Place::Whole => vec![region("choices", "choice", Map::new())],
        Place::Talk(talk) => {
            losses.add(talk.kind(), place);
            Vec::new()
        }
        Place::Words(words) => {
            vec![region("textarea", "words", object([("text", json!([words]))]))]
        }
        Place::Span { start, end } => {
            let text = item.text.as_deref().unwrap_or_default();
            let part: String =
                text.chars().skip(*start as usize).take((end - start) as usize).collect();
            let value =
                object([("start", json!(start)), ("end", json!(end)), ("text", part.into())]);
            vec![region("labels", "label", value)]
        }
        Place::Shape(shape) => {
            let Some((width, height)) = size else {
                losses.add("size_unknown", place);
                return Vec::new();
            };
            shapes(shape, [width, height].map(f64::from), losses, &place)
                .into_iter()
                .map(|(kind, value)| region(kind, "label", value))
                .collect()
        }
    }
}

fn shapes(
    shape: &Shape,
    [width, height]: [f64; 2],
    losses: &mut LossReport,
    place: &dyn Fn() -> String,
) -> Vec<(&'static str, Map<String, Value>)> {
    let (across, down) = (|x: f64| x / width * 100.0, |y: f64| y / height * 100.0);
    let pairs = |points: &[[f64; 2]]| {
        json!(points.iter().map(|[x, y]| [across(*x), down(*y)]).collect::<Vec<_>>())
    };
    let upright = |[x, y, w, h]: [f64; 4], degrees: f64| {
        object([
            ("x", across(x).into()),
            ("y", down(y).into()),
            ("width", across(w).into()),
            ("height", down(h).into()),
            ("rotation", degrees.into()),
        ])
    };
    match shape {
        Shape::Box { .. } | Shape::Solid { .. } => {
            vec![("rectanglelabels", upright(shape.bounds(), 0.0))]
        }
        Shape::Turned { width, height, degrees, .. } => {
            let [x, y] = shape.corners()[0];
            vec![("rectanglelabels", upright([x, y, *width, *height], *degrees))]
        }
        Shape::Polygon { points } => {
            vec![("polygonlabels", object([("points", pairs(points)), ("closed", true.into())]))]
        }
        Shape::Line { points } => {
            vec![("polygonlabels", object([("points", pairs(points)), ("closed", false.into())]))]
        }
        Shape::Parts { parts } => {
            losses.add("polygon_of_several_parts", place);
            parts
                .iter()
                .map(|part| {
                    ("polygonlabels", object([("points", pairs(part)), ("closed", true.into())]))
                })
                .collect()
        }
        Shape::Points { points } => {
            if points.len() > 1 {
                losses.add("points_apart", place);
            }
            points.iter().map(|point| point_at(*point, width, height)).collect()
        }
        Shape::Keypoints { points, around } => {
            losses.add("keypoints_apart", place);
            let present = points.iter().filter(|point| point[2] > 0.0);
            let mut found: Vec<_> =
                present.map(|[x, y, _]| point_at([*x, *y], width, height)).collect();
            found.extend(around.map(|around| ("rectanglelabels", upright(around, 0.0))));
            found
        }
        Shape::Ellipse { cx, cy, rx, ry, degrees } => {
            let value = object([
                ("x", across(*cx).into()),
                ("y", down(*cy).into()),
                ("radiusX", across(*rx).into()),
                ("radiusY", down(*ry).into()),
                ("rotation", (*degrees).into()),
            ]);
            vec![("ellipselabels", value)]
        }
        Shape::Mask(mask) => match mask.pixels(PIXELS_MAX) {
            Some(pixels) => {
                let value = object([("format", "rle".into()), ("rle", pack(&pixels).into())]);
                vec![("brushlabels", value)]
            }
            None => {
                losses.add("mask", place);
                Vec::new()
            }
        },
    }
}

fn point_at([x, y]: [f64; 2], width: f64, height: f64) -> (&'static str, Map<String, Value>) {
    let value = object([
        ("x", (x / width * 100.0).into()),
        ("y", (y / height * 100.0).into()),
        ("width", 0.5.into()),
    ]);
    ("keypointlabels", value)
}
