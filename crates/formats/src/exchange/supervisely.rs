//! Supervisely: a file for each picture in `ann/`, called as the picture is with `.json` behind it; the classes in `meta.json`.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use image::{GrayImage, Luma};
use serde_json::Value;

use super::items::each_document;
use super::look::{Look, parse};
use super::{Class, Item, Mark, Mask, ReadError, Shape, Sink, Source, add_mark, labelme, refusal};
use crate::row::{Code, Fault};
use crate::shape::cut_open;

const META_MAX_BYTES: u64 = 16 << 20;
const MASK_MAX_BYTES: u64 = 64 << 20;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let meta = source.names().iter().position(|name| name.rsplit('/').next() == Some("meta.json"));
    if let Some(index) = meta {
        let name = source.names()[index].clone();
        let raw = source.text(index, META_MAX_BYTES)?;
        let read = parse(&name, 1, &raw).and_then(|value| {
            classes(&Look::new(&value, "")).map_err(|fault| refusal(&name, 1, fault, b""))
        });
        match read {
            Ok(named) => named.iter().try_for_each(|class| sink.class(class))?,
            Err(refused) => sink.refuse(refused),
        }
    }
    each_document(source, sink, is_one, &mut item)
}

pub(super) fn is_one(head: &str) -> bool {
    ["\"size\"", "\"objects\"", "\"tags\""].iter().all(|key| head.contains(key))
        && !head.contains("\"imgHeight\"")
}

/// Of an object; the number of its class says nothing that its name does not.
const READ: [&str; 8] =
    ["id", "classId", "classTitle", "geometryType", "labelerLogin", "tags", "points", "bitmap"];

fn classes(look: &Look) -> Result<Vec<Class>, Fault> {
    let named = look.get("classes")?;
    let class =
        |look: Look| Ok(Class { name: look.get("title")?.text()?.into(), ..Class::default() });
    named.list()?.map(class).collect()
}

fn item(look: &Look, file: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let size = look.get("size")?;
    let side = |key| size.get(key)?.side();
    let mut item = Item {
        name: file.trim_end_matches(".json").replacen("ann/", "img/", 1),
        width: Some(side("width")?),
        height: Some(side("height")?),
        ..Item::default()
    };
    item.metadata = look.rest(&["size", "tags", "objects"]);
    item.metadata.retain(|_, value| *value != "");
    for tag in look.get("tags")?.list()? {
        tag.lose_rest(&READ_OF_TAG, sink);
        let (name, value) = tagged(&tag)?;
        match value {
            Value::Null => item.marks.push(Mark::whole(name)),
            value => _ = item.metadata.insert(name, value),
        }
    }
    let sides = [side("width")?, side("height")?];
    for object in look.get("objects")?.list()? {
        for key in object.rest(&READ).keys() {
            sink.lose("field_not_read", format!("{}: {key}", item.name));
        }
        for tag in object.each("tags") {
            tag.lose_rest(&READ_OF_TAG, sink);
        }
        let inside = object.maybe("points").and_then(|points| points.maybe("interior"));
        if inside.is_some_and(|inside| inside.value.as_array().is_some_and(|all| !all.is_empty())) {
            sink.lose("hole_cut_open", item.name.clone());
        }
        if !add_mark(&mut item, mark(&object, sides), file, (1, b""), sink) {
            break;
        }
    }
    Ok(item)
}

/// Who set a tag when, and by what number, is the server's own.
const READ_OF_TAG: [&str; 8] =
    ["name", "value", "id", "tagId", "labelerLogin", "createdAt", "updatedAt", "type"];

fn tagged(look: &Look) -> Result<(String, Value), Fault> {
    let name = look.get("name")?.text()?.to_owned();
    Ok((name, look.maybe("value").map_or(Value::Null, |value| value.value.clone())))
}

fn mark(look: &Look, sides: [u32; 2]) -> Result<Mark, Fault> {
    let class = look.get("classTitle")?.text()?;
    let kind = look.get("geometryType")?;
    let outside = |least| look.get("points")?.get("exterior")?.pairs(least);
    let shape = match kind.text()? {
        "rectangle" => {
            let points = outside(2)?;
            look.boxed(Shape::Points { points }.bounds())?
        }
        "polygon" => {
            let mut holes = Vec::new();
            if let Some(inside) = look.get("points")?.maybe("interior") {
                for hole in inside.list()? {
                    holes.push(hole.pairs(3)?);
                }
            }
            Shape::Polygon { points: cut_open(outside(3)?, holes) }
        }
        "line" | "polyline" => Shape::Line { points: outside(2)? },
        "point" => Shape::Points { points: outside(1)? },
        "bitmap" => Shape::Mask(mask(&look.get("bitmap")?, sides)?),
        other => {
            let message = format!(
                "`geometryType` is “{other}”, which is not read: give rectangle, polygon, line, point or bitmap"
            );
            return Err(Fault::new(&kind.path, Code::UnknownValue, message));
        }
    };
    let mut mark = Mark::shape(class, shape);
    mark.id = look.maybe("id").map(|id| id.id()).transpose()?;
    mark.by = look.maybe("labelerLogin").map(|by| by.id()).transpose()?;
    if let Some(tags) = look.maybe("tags") {
        for tag in tags.list()? {
            let (name, value) = tagged(&tag)?;
            let value = if value.is_null() { true.into() } else { value };
            mark.attributes.insert(name, value);
        }
    }
    Ok(mark)
}

/// A small picture of its own, zipped, with its place in the large one.
fn mask(look: &Look, sides: [u32; 2]) -> Result<Mask, Fault> {
    let data = look.get("data")?;
    let zipped = STANDARD.decode(data.text()?).map_err(|_| data.range("is not base64"))?;
    let mut bytes = Vec::new();
    ZlibDecoder::new(&zipped[..])
        .take(MASK_MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|_| data.range("is not zipped with zlib"))?;
    let origin = look.get("origin")?;
    let corner = <[f64; 2]>::try_from(origin.numbers()?)
        .map_err(|_| origin.range("is not a pair of numbers"))?;
    labelme::inset(&data, bytes, corner, sides, |pixels| {
        let pixels = pixels.into_rgba8();
        GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
            let [r, g, b, opaque] = pixels.get_pixel(x, y).0;
            Luma([if opaque == 0 { 0 } else { r.max(g).max(b) }])
        })
    })
}
