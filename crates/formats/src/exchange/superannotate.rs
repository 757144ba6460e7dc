//! SuperAnnotate: a file for each picture with its `metadata` and `instances`; older files name classes and attributes by
//! numbers, which `classes/classes.json` says.

use std::collections::HashMap;

use serde_json::Value;

use super::items::each_document;
use super::look::{Look, parse};
use super::{Class, Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};
use crate::shape::cut_open;

const CLASSES_MAX_BYTES: u64 = 16 << 20;

pub(super) fn is_one(head: &str) -> bool {
    let has = |key: &str| head.contains(&format!("\"{key}\""));
    head.trim_start().starts_with('{')
        && has("metadata")
        && has("instances")
        && (has("className") || has("classId") || has("comments"))
}

/// The names of classes, and of attributes with those of their groups, by their numbers.
#[derive(Default)]
struct Names {
    classes: HashMap<i64, String>,
    attributes: HashMap<(i64, i64), (String, String)>,
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut names = Names::default();
    let last = |name: &str| name.rsplit('/').next() == Some("classes.json");
    if let Some(index) = source.names().iter().position(|name| last(name)) {
        let name = source.names()[index].clone();
        let raw = source.text(index, CLASSES_MAX_BYTES)?;
        let read = parse(&name, 1, &raw).and_then(|value| {
            let read = classes(&Look::new(&value, ""), &mut names);
            read.map_err(|fault| refusal(&name, 1, fault, b""))
        });
        match read {
            Ok(classes) => classes.iter().try_for_each(|class| sink.class(class))?,
            Err(refused) => sink.refuse(refused),
        }
    }
    each_document(source, sink, is_one, &mut |look, file, sink| item(look, file, &names, sink))
}

fn classes(look: &Look, names: &mut Names) -> Result<Vec<Class>, Fault> {
    let mut classes = Vec::new();
    for class in look.list()? {
        let name = class.get("name")?.text()?;
        if let Some(id) = class.maybe("id") {
            names.classes.insert(id.whole()?, name.into());
        }
        classes.push(Class { name: name.into(), ..Class::default() });
        for group in class.entries("attribute_groups")? {
            let called = group.get("name")?.text()?;
            for attribute in group.entries("attributes")? {
                if let (Some(of), Some(id)) = (group.maybe("id"), attribute.maybe("id")) {
                    let said = (called.to_owned(), attribute.get("name")?.text()?.to_owned());
                    names.attributes.insert((of.whole()?, id.whole()?), said);
                }
            }
        }
    }
    Ok(classes)
}

fn item(look: &Look, file: &str, names: &Names, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let about = look.get("metadata")?;
    let (root, stem) = file.rsplit_once('/').map_or(("", file), |(root, stem)| (root, stem));
    let stem = stem.strip_suffix(".json").unwrap_or(stem);
    let stem = stem.strip_suffix("___objects").unwrap_or(stem);
    let name = about.maybe("name").map_or(Ok(stem), |name| name.text())?;
    let side = |key| about.maybe(key).map(|side| side.side()).transpose();
    let mut item = Item {
        name: if root.is_empty() { name.into() } else { format!("{root}/{name}") },
        width: side("width")?,
        height: side("height")?,
        ..Item::default()
    };
    // Where the work on the picture stands is the project's own.
    const NOTED: [&str; 17] = [
        "name",
        "width",
        "height",
        "status",
        "pinned",
        "isPredicted",
        "projectId",
        "folderId",
        "id",
        "annotatorEmail",
        "qaEmail",
        "lastAction",
        "createdAt",
        "updatedAt",
        "url",
        "annotator_email",
        "qa_email",
    ];
    item.metadata = about.rest(&NOTED);
    item.metadata.retain(|_, value| !value.is_null());
    look.lose_rest(&["metadata", "instances", "tags"], sink);
    for tag in look.entries("tags")? {
        item.marks.push(Mark::whole(tag.text()?));
    }
    for instance in look.get("instances")?.list()? {
        if instance.maybe("meta").is_some() {
            sink.lose("object_of_a_video", format!("{}: {}", item.name, instance.path));
            continue;
        }
        if instance.maybe("parts").is_some() {
            sink.lose("mask_file", format!("{}: {}", item.name, instance.path));
            continue;
        }
        let read = mark(&instance, &item.name, names, sink);
        if !add_mark(&mut item, read, file, (1, b""), sink) {
            break;
        }
    }
    Ok(item)
}

/// What an instance has; what the tool notes of who made it when, and how it is shown, is its own.
const READ: [&str; 33] = [
    "type",
    "className",
    "classId",
    "points",
    "exclude",
    "attributes",
    "probability",
    "groupId",
    "trackingId",
    "createdBy",
    "pointLabels",
    "x",
    "y",
    "cx",
    "cy",
    "rx",
    "ry",
    "angle",
    "connections",
    "creationType",
    "createdAt",
    "updatedAt",
    "updatedBy",
    "locked",
    "visible",
    "error",
    "templateId",
    "templateName",
    "id",
    "start",
    "end",
    "isPredicted",
    "interpolated",
];

fn mark(look: &Look, item: &str, names: &Names, sink: &mut dyn Sink) -> Result<Mark, Fault> {
    let class = match (look.maybe("className"), look.maybe("classId")) {
        (Some(name), _) => name.text()?.to_owned(),
        (None, Some(id)) => {
            let known = names.classes.get(&id.whole()?).cloned();
            known.ok_or_else(|| id.range("is a number that `classes.json` does not name"))?
        }
        (None, None) => look.get("className")?.text()?.to_owned(),
    };
    let kind = look.get("type")?;
    let points = || look.get("points");
    let mut mark = match kind.text()? {
        "tag" => Mark::whole(class),
        "entity" => {
            let [start, end] = [look.get("start")?.offset()?, look.get("end")?.offset()?];
            if end <= start {
                return Err(look.get("end")?.range("does not lie behind `start`"));
            }
            Mark::span(class, start, end)
        }
        "bbox" => {
            let [x, y, right, bottom] = four(&points()?, ["x1", "y1", "x2", "y2"])?;
            let (width, height) = (right - x, bottom - y);
            Mark::shape(class, Shape::Box { x, y, width, height })
        }
        "rbbox" => {
            let corners = points()?;
            let corner = |nth: usize| -> Result<[f64; 2], Fault> {
                Ok([
                    corners.get(&format!("x{nth}"))?.number()?,
                    corners.get(&format!("y{nth}"))?.number()?,
                ])
            };
            Mark::shape(class, turned([corner(1)?, corner(2)?, corner(3)?, corner(4)?]))
        }
        "polygon" => {
            let holes = look.maybe("exclude").map(|holes| holes.list()).transpose()?;
            let holes: Vec<_> =
                holes.into_iter().flatten().map(|hole| hole.flat(3)).collect::<Result<_, _>>()?;
            if !holes.is_empty() {
                sink.lose("hole_cut_open", item.into());
            }
            Mark::shape(class, Shape::Polygon { points: cut_open(points()?.flat(3)?, holes) })
        }
        "polyline" => Mark::shape(class, Shape::Line { points: points()?.flat(2)? }),
        "point" => {
            let points = vec![[look.get("x")?.number()?, look.get("y")?.number()?]];
            Mark::shape(class, Shape::Points { points })
        }
        "ellipse" => {
            let number = |key: &str| look.get(key)?.number();
            Mark::shape(
                class,
                Shape::Ellipse {
                    cx: number("cx")?,
                    cy: number("cy")?,
                    rx: number("rx")?,
                    ry: number("ry")?,
                    degrees: look.maybe("angle").map_or(Ok(0.0), |angle| angle.number())?,
                },
            )
        }
        "template" => {
            let mut seen = Vec::new();
            for point in points()?.list()? {
                seen.push([point.get("x")?.number()?, point.get("y")?.number()?, 2.0]);
            }
            if seen.is_empty() {
                return Err(points()?.range("has no point"));
            }
            let joined = look.entries("connections")?;
            let joined = joined.map(|one| one.lose_rest(&["id", "from", "to"], sink)).count();
            if joined > 0 {
                sink.lose("skeleton", format!("{item}: {class}"));
            }
            Mark::shape(class, Shape::Keypoints { points: seen, around: None })
        }
        "cuboid" => {
            let corners = points()?;
            let mut corner = |key: &str| {
                let corner = corners.get(key)?;
                corner.lose_rest(&["x", "y"], sink);
                four(&corner, ["x", "y", "x", "y"])
            };
            let [f1, f2, r1, r2] = [corner("f1")?, corner("f2")?, corner("r1")?, corner("r2")?];
            let upright = |a: [f64; 4], b: [f64; 4]| {
                let ([left, top, ..], [right, bottom, ..]) = (a, b);
                [[left, top], [left, bottom], [right, top], [right, bottom]]
            };
            let [a, b, c, d] = upright(f1, f2);
            let [e, f, g, h] = upright(r1, r2);
            Mark::shape(class, Shape::Solid { corners: vec![a, b, c, d, g, h, e, f] })
        }
        other => {
            let message = format!("`type` is “{other}”, which SuperAnnotate does not have");
            return Err(Fault::new(&kind.path, Code::UnknownValue, message));
        }
    };
    attributes(look, names, &mut mark, sink)?;
    mark.group = look.maybe("groupId").map(|group| group.whole()).transpose()?.filter(|of| *of > 0);
    // People's are certain; what a model found is out of a hundred.
    let sure = look.maybe("probability").map(|sure| sure.number()).transpose()?;
    mark.score = sure.filter(|sure| *sure < 100.0).map(|sure| sure / 100.0);
    let by = look.maybe_object("createdBy")?;
    by.iter().for_each(|by| by.lose_rest(&["email", "role", "id"], sink));
    let by = by.and_then(|by| by.maybe("email"));
    mark.by = by.map(|by| Ok(by.text()?.to_owned())).transpose()?;
    let labelled = look.maybe("pointLabels").and_then(|labels| labels.value.as_object());
    if let Some(labels) = labelled.filter(|labels| !labels.is_empty()) {
        mark.attributes.insert("pointLabels".into(), labels.clone().into());
    }
    if let Some(track) = look.maybe("trackingId").filter(|track| !track.value.is_null()) {
        mark.attributes.insert("trackingId".into(), track.value.clone());
    }
    look.lose_rest(&READ, sink);
    Ok(mark)
}

fn four(look: &Look, keys: [&str; 4]) -> Result<[f64; 4], Fault> {
    let mut numbers = [0.0; 4];
    for (number, key) in numbers.iter_mut().zip(keys) {
        *number = look.get(key)?.number()?;
    }
    Ok(numbers)
}

/// A box by its corners, one after the other.
pub(super) fn turned([a, b, c, d]: [[f64; 2]; 4]) -> Shape {
    let long = |[x, y]: [f64; 2], [u, v]: [f64; 2]| (u - x).hypot(v - y);
    let (width, height) = (long(a, b), long(b, c));
    let square = (long(a, c) - long(b, d)).abs() <= 0.01 * width.max(height)
        && (long(a, b) - long(d, c)).abs() <= 0.01 * width.max(height);
    if !square {
        return Shape::Polygon { points: vec![a, b, c, d] };
    }
    Shape::Turned {
        cx: (a[0] + c[0]) / 2.0,
        cy: (a[1] + c[1]) / 2.0,
        width,
        height,
        degrees: (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees(),
    }
}

/// An answer in each group of attributes, or several.
fn attributes(
    look: &Look,
    names: &Names,
    mark: &mut Mark,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    for said in look.maybe("attributes").map(|said| said.list()).transpose()?.into_iter().flatten()
    {
        said.lose_rest(&["groupName", "name", "groupId", "id"], sink);
        let (group, name) = match (said.maybe("groupName"), said.maybe("name")) {
            (Some(group), Some(name)) => (group.text()?.to_owned(), name.value.clone()),
            _ => {
                let ids = (said.get("groupId")?.whole()?, said.get("id")?.whole()?);
                let known = names.attributes.get(&ids).cloned();
                let (group, name) = known
                    .ok_or_else(|| said.range("is a number that `classes.json` does not name"))?;
                (group, name.into())
            }
        };
        match mark.attributes.get_mut(&group) {
            None => _ = mark.attributes.insert(group, name),
            Some(Value::Array(list)) => list.push(name),
            Some(one) => *one = vec![one.take(), name].into(),
        }
    }
    Ok(())
}
