//! LabelMe as its first web tool wrote it (MIT, 2008): one XML for each picture, with polygons that people clicked,
//! parts of parts, and masks in pictures of their own.

use serde_json::{Map, Value};

use super::panoptic::decode;
use super::source::whole;
use super::xml::{Broken, Elements, Node};
use super::{Item, Link, MARKS_MAX, Mark, Mask, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

const MASK_MAX_BYTES: u64 = 64 << 20;

pub(super) fn read(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut elements = Elements::new(source.stream(index)?);
    let (mut file_name, mut sides, mut objects) = (String::new(), [None; 2], Vec::new());
    loop {
        match elements.next() {
            Ok(Some(node)) => match &node.name[..] {
                "filename" => node.text.trim().clone_into(&mut file_name),
                "imagesize" => match (side(&node, "ncols"), side(&node, "nrows")) {
                    (Ok(width), Ok(height)) => sides = [width, height],
                    (Err(fault), _) | (_, Err(fault)) => {
                        sink.refuse(refusal(&name, node.line, fault, b""));
                    }
                },
                "object" => objects.push(node),
                _ => {}
            },
            Ok(None) => break,
            Err(Broken(line, fault)) => {
                sink.refuse(refusal(&name, line, fault, b""));
                return Ok(());
            }
        }
    }
    if elements.root.is_none_or(|root| root.name != "annotation") {
        let message = "the first element is not <annotation>: is this a file of LabelMe?";
        sink.refuse(whole(&name, Code::NotXml, message));
        return Ok(());
    }
    if file_name.is_empty() {
        sink.refuse(whole(&name, Code::MissingField, "`filename` is missing: name the picture"));
        return Ok(());
    }
    // The folders of the labels are those of the pictures.
    let inside = folder.strip_prefix("Annotations").unwrap_or(folder).trim_matches('/');
    let path = if inside.is_empty() { file_name } else { format!("{inside}/{file_name}") };
    let [width, height] = sides;
    let mut item = Item { name: path, width, height, ..Item::default() };
    for object in &objects {
        if item.marks.len() >= MARKS_MAX {
            let message = "there are more than 50,000 objects in one picture";
            sink.refuse(whole(&name, Code::OutOfRange, message));
            break;
        }
        if object.text_of("deleted") == "1" {
            sink.lose("deleted_object", format!("{name}: {}", object.text_of("name")));
            continue;
        }
        let masks = folder.replacen("Annotations", "Masks", 1);
        let read = mark(object, &mut |file| {
            let places = [format!("{masks}/{file}"), format!("{folder}/{file}")];
            let at = places.iter().find_map(|place| source.find(place.trim_start_matches('/')))?;
            decode(source.read(at, MASK_MAX_BYTES).ok()?)
        });
        match read {
            Ok(mark) => {
                parts(object, &mut item);
                item.marks.push(mark);
            }
            Err(fault) => sink.refuse(refusal(&name, object.line, fault, b"")),
        }
        for (fact, said) in [("date", object.text_of("date")), ("scribble", scribble(object))] {
            if !said.is_empty() {
                sink.lose(fact, format!("{name}: {said}"));
            }
        }
    }
    item.links.dedup();
    Ok(sink.item(item)?)
}

fn scribble(object: &Node) -> &str {
    let strokes = object.child("segm").and_then(|segm| segm.child("scribbles"));
    strokes.map_or("", |strokes| strokes.text_of("scribble_name"))
}

fn side(size: &Node, field: &str) -> Result<Option<u32>, Fault> {
    match size.text_of(field) {
        // The tool wrote a size only where it had seen the picture.
        "" | "0" => Ok(None),
        text => size.parse_side(field, text).map(Some),
    }
}

type MaskOf<'a> = dyn FnMut(&str) -> Option<image::DynamicImage> + 'a;

fn mark(object: &Node, mask_of: &mut MaskOf) -> Result<Mark, Fault> {
    let (polygon, segm) = (object.child("polygon"), object.child("segm"));
    let shape = match (polygon, segm) {
        (Some(polygon), _) => outline(object, polygon)?,
        (None, Some(segm)) => {
            let file = segm.text_of("mask");
            let picture = mask_of(file).ok_or_else(|| {
                let file: String = file.chars().take(100).collect();
                let message = format!("the mask “{file}” is not there, or is no PNG: add it");
                Fault::new("mask", Code::Unreadable, message)
            })?;
            let pixels = picture.into_luma8();
            let (width, height) = pixels.dimensions();
            let set: Vec<u8> = pixels.pixels().map(|pixel| u8::from(pixel.0[0] > 0)).collect();
            Shape::Mask(Mask::from_pixels(height, width, &set))
        }
        (None, None) => {
            let message = "the object has neither <polygon> nor <segm>: it is nowhere";
            return Err(Fault::new("polygon", Code::MissingField, message));
        }
    };
    let mut mark = Mark::shape(object.text_of("name"), shape);
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    mark.id = text(object.text_of("id"));
    mark.by = polygon.or(segm).and_then(|drawn| text(drawn.text_of("username")));
    mark.attributes = attributes(object.text_of("attributes"));
    for fact in ["occluded", "verified"] {
        if matches!(object.text_of(fact), "yes" | "1") {
            mark.attributes.insert(fact.into(), true.into());
        }
    }
    Ok(mark)
}

fn outline(object: &Node, polygon: &Node) -> Result<Shape, Fault> {
    let mut points = Vec::new();
    for point in polygon.all("pt") {
        points.push([point.number_of("x")?, point.number_of("y")?]);
    }
    let enclosed = || {
        let points = points.clone();
        let [x, y, width, height] = Shape::Polygon { points }.bounds();
        (width > 0.0 && height > 0.0).then_some(Shape::Box { x, y, width, height })
    };
    let boxed = object.text_of("type") == "bounding_box";
    match points.len() {
        0 => {
            let message = "the polygon has no points";
            Err(Fault::new("polygon", Code::MissingField, message))
        }
        // One click names a thing by a point, two draw a line.
        1 => Ok(Shape::Points { points }),
        2 => Ok(Shape::Line { points }),
        _ => Ok(enclosed().filter(|_| boxed).unwrap_or(Shape::Polygon { points })),
    }
}

/// What people typed: words between commas, some of them with a value behind `=`.
fn attributes(text: &str) -> Map<String, Value> {
    let mut said = Map::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.split_once('=') {
            Some((name, value)) => said.insert(name.trim().into(), value.trim().into()),
            None => said.insert(word.into(), true.into()),
        };
    }
    said
}

/// Each part says of what it is one.
fn parts(object: &Node, item: &mut Item) {
    let id = object.text_of("id");
    let Some(parts) = object.child("parts") else { return };
    let whole = parts.text_of("ispartof");
    if !whole.is_empty() && !id.is_empty() {
        let (from, to) = (id.to_owned(), whole.to_owned());
        item.links.push(Link { from, to, class: "part_of".into(), mutual: false });
    }
}
