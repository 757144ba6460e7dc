//! BDD100K and Scalabel: a list of frames, by itself or as `frames`, each with its labels as boxes and lines.

use std::io::{BufRead, BufReader};

use serde_json::{Map, Value};

use super::look::{Look, parse};
use super::pieces::{Pieces, Stop};
use super::{Item, MARKS_MAX, Mark, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".json") && source.names().len() > 1 {
            continue;
        }
        let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, source.spool(index)?));
        file(&name, &mut pieces, sink).map_err(|stop| stop.of(&name))?;
    }
    Ok(())
}

/// Whether a row is a frame, in which somebody labelled something.
pub(super) fn is_row(row: &Map<String, Value>) -> bool {
    let labels = row.get("labels").and_then(Value::as_array);
    let first = labels.and_then(|labels| labels.first());
    row.contains_key("name")
        && first.is_some_and(|label| {
            label.get("category").is_some()
                && ["box2d", "poly2d", "box3d", "rle"].iter().any(|key| label.get(key).is_some())
        })
}

fn file<R: BufRead>(name: &str, pieces: &mut Pieces<R>, sink: &mut dyn Sink) -> Result<(), Stop> {
    if pieces.peek()? == Some(b'[') {
        return frames(name, pieces, sink);
    }
    pieces.enter(b'{', "the file is neither a list nor an object: is this a file of BDD100K?")?;
    let mut first = true;
    while let Some(key) = pieces.key(&mut first)? {
        match &key[..] {
            "frames" => frames(name, pieces, sink)?,
            _ => pieces.skip()?,
        }
    }
    Ok(())
}

fn frames<R: BufRead>(name: &str, pieces: &mut Pieces<R>, sink: &mut dyn Sink) -> Result<(), Stop> {
    pieces.enter(b'[', "`frames` is no list")?;
    let (mut first, mut raw) = (true, Vec::new());
    while pieces.next(&mut first, b']')? {
        let line = pieces.line;
        pieces.value(&mut raw)?;
        let mut faults = Vec::new();
        let read = parse(name, line, &raw).and_then(|value| {
            item(&Look::new(&value, ""), &mut faults, sink)
                .map_err(|fault| refusal(name, line, fault, &raw))
        });
        match read {
            Ok(item) => sink.item(item)?,
            Err(refused) => sink.refuse(refused),
        }
        faults.into_iter().for_each(|fault| sink.refuse(refusal(name, line, fault, &raw)));
    }
    Ok(())
}

fn item(look: &Look, faults: &mut Vec<Fault>, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let name = look.get("name")?.text()?;
    let folder = look.maybe("videoName").map(|folder| folder.text()).transpose()?;
    let mut item = Item {
        name: folder.map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}")),
        frame: look.maybe("frameIndex").map(|frame| frame.offset()).transpose()?,
        ..Item::default()
    };
    const READ: [&str; 6] = ["name", "videoName", "frameIndex", "size", "attributes", "labels"];
    item.metadata = look.rest(&READ);
    if let Some(size) = look.maybe("size") {
        item.width = Some(size.get("width")?.side()?);
        item.height = Some(size.get("height")?.side()?);
    }
    if let Some(facts) = look.maybe("attributes") {
        item.metadata.extend(facts.map()?.clone());
    }
    let Some(labels) = look.maybe("labels") else { return Ok(item) };
    for label in labels.list()? {
        if item.marks.len() >= MARKS_MAX {
            return Err(label.range("is beyond the 50,000 objects that one picture may have"));
        }
        match marks(&label) {
            Ok(marks) if marks.is_empty() => sink.lose("cuboid_of_camera", item.name.clone()),
            Ok(marks) => item.marks.extend(marks),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(item)
}

fn marks(look: &Look) -> Result<Vec<Mark>, Fault> {
    let class = look.get("category")?.text()?;
    let mut shapes = Vec::new();
    if let Some(at) = look.maybe("box2d") {
        let number = |key| at.get(key)?.number();
        let (left, top) = (number("x1")?, number("y1")?);
        let (width, height) = (number("x2")? - left, number("y2")? - top);
        if width <= 0.0 || height <= 0.0 {
            return Err(at.range("is a box without anything in it"));
        }
        shapes.push(Shape::Box { x: left, y: top, width, height });
    }
    if let Some(outlines) = look.maybe("poly2d") {
        // The first release wrote one outline, and its points as a list.
        let several: Vec<Look> = outlines.list()?.collect();
        let is_one = several.first().is_some_and(|first| first.value.is_array());
        for outline in if is_one { vec![outlines] } else { several } {
            shapes.push(line(&outline)?);
        }
    }
    if shapes.is_empty() && look.maybe("box3d").is_none() {
        let message = "there is neither `box2d` nor `poly2d`";
        return Err(Fault::new(&look.path, Code::MissingField, message));
    }
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    let score = look.maybe("score").map(|score| score.number()).transpose()?;
    let read = ["id", "category", "box2d", "poly2d", "box3d", "score", "crowd", "attributes"];
    let mut attributes = look.rest(&read);
    if let Some(said) = look.maybe("attributes") {
        attributes.extend(said.map()?.clone());
    }
    let crowd = look.flag("crowd")? || attributes.get("crowd") == Some(&Value::Bool(true));
    let mark = |shape| Mark {
        id: id.clone(),
        score,
        crowd,
        attributes: attributes.clone(),
        ..Mark::shape(class, shape)
    };
    Ok(shapes.into_iter().map(mark).collect())
}

/// Points, of which some only bend the line: cubic, as `types` says with a `C`.
fn line(look: &Look) -> Result<Shape, Fault> {
    let (points, types, closed) = match look.value {
        Value::Array(_) => {
            // x, y and the kind of each point.
            let (mut points, mut types) = (Vec::new(), String::new());
            for point in look.list()? {
                let parts: Vec<Look> = point.list()?.collect();
                let [x, y, rest @ ..] = &parts[..] else {
                    return Err(point.range("is no point"));
                };
                points.push([x.number()?, y.number()?]);
                types.push_str(rest.first().map_or(Ok("L"), |kind| kind.text())?);
            }
            (points, types, false)
        }
        _ => {
            let points = look.get("vertices")?.pairs(2)?;
            let types = look.maybe("types").map_or(Ok(""), |types| types.text())?.to_owned();
            (points, types, look.flag("closed")?)
        }
    };
    if points.len() < 2 || closed && points.len() < 3 {
        return Err(look.range("has too few points"));
    }
    let points = straight(&points, types.as_bytes());
    Ok(if closed { Shape::Polygon { points } } else { Shape::Line { points } })
}

/// Steps of which a bend is made: on lanes of a picture of 1,280 pixels they lie closer than a quarter of a pixel.
const STEPS: u32 = 24;

fn straight(points: &[[f64; 2]], types: &[u8]) -> Vec<[f64; 2]> {
    let mut laid: Vec<[f64; 2]> = Vec::new();
    let mut at = 0;
    while at < points.len() {
        let bends = |number: usize| types.get(number) == Some(&b'C');
        let curve = points.get(at..at + 3).filter(|_| bends(at) && bends(at + 1));
        match (curve, laid.last().copied()) {
            (Some([b, c, d]), Some(a)) => {
                laid.extend((1..=STEPS).map(|step| {
                    let t = f64::from(step) / f64::from(STEPS);
                    let u = 1.0 - t;
                    let of = |k: usize| {
                        u * u * u * a[k]
                            + 3.0 * u * u * t * b[k]
                            + 3.0 * u * t * t * c[k]
                            + t * t * t * d[k]
                    };
                    [of(0), of(1)]
                }));
                at += 3;
            }
            _ => {
                laid.push(points[at]);
                at += 1;
            }
        }
    }
    laid
}
