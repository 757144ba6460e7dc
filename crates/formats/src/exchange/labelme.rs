//! Labelme: one JSON for each picture, with polygons, rectangles, circles, lines, points and masks; and the XML of the
//! web tool that it was made after.

use std::io::{self, BufWriter, Cursor, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage, ImageFormat};
use serde_json::{Map, Value, json};

use super::look::{Look, parse};
use super::outlet::Outlet;
use super::panoptic::decode;
use super::superannotate::turned;
use super::{
    Class, Item, MARKS_MAX, Mark, Mask, Place, ReadError, Shape, Sink, Source, Writer, create_of,
    labelme_xml, lose_all_but_metadata, lose_mark, refusal, twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

/// A file holds its picture, too, where Labelme was left as it comes.
const FILE_MAX_BYTES: u64 = 256 << 20;
const MASK_PIXELS_MAX: u64 = 1 << 28;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if name.ends_with(".xml") {
            labelme_xml::read(source, index, sink)?;
        }
        if !name.ends_with(".json") {
            continue;
        }
        let raw = source.text(index, FILE_MAX_BYTES)?;
        let value = match parse(&name, 1, &raw) {
            Ok(value) => value,
            Err(refused) => {
                sink.refuse(refused);
                continue;
            }
        };
        match item(&Look::new(&value, ""), &name, sink) {
            Ok(item) => sink.item(item)?,
            Err(fault) => sink.refuse(refusal(&name, 1, fault, b"")),
        }
    }
    Ok(())
}

/// Whether a file whose root is <annotation> has what the web tool writes and Pascal VOC does not.
pub(super) fn is_xml(start: &str) -> bool {
    let theirs =
        ["<sourceAnnotation", "<imagesize>", "<ispartof", "<deleted>", "<username>", "<pt>"];
    theirs.iter().any(|theirs| start.contains(theirs)) && !start.contains("<bndbox>")
}

fn item(look: &Look, file: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let shapes = look.get("shapes")?;
    let path = look.get("imagePath")?.text()?.replace('\\', "/");
    // The path leads from the file to the picture, often by way of the folder above.
    let name = path.rsplit('/').next().unwrap_or(&path);
    let folder = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let side = |key| look.maybe(key).map(|side| side.side()).transpose();
    let mut item = Item {
        name: format!("{folder}{name}"),
        width: side("imageWidth")?,
        height: side("imageHeight")?,
        ..Item::default()
    };
    if let Some(flags) = look.maybe("flags") {
        for (flag, set) in flags.map()? {
            match set {
                Value::Bool(true) => item.marks.push(Mark::whole(flag.as_str())),
                Value::Bool(false) | Value::Null => {}
                said => drop(item.metadata.insert(flag.clone(), said.clone())),
            }
        }
    }
    item.metadata.extend(look.rest(&READ));
    item.metadata.retain(|_, said| *said != "" && *said != json!([]));
    for shape in shapes.list()? {
        if item.marks.len() >= MARKS_MAX {
            return Err(shape.range("is beyond the 50,000 objects that one picture may have"));
        }
        match mark(&shape, [item.width, item.height]) {
            Ok(mark) => item.marks.push(mark),
            Err(fault) => sink.refuse(refusal(file, 1, fault, b"")),
        }
    }
    if look.maybe("imageData").is_some() {
        sink.lose("picture_inside", item.name.clone());
    }
    Ok(item)
}

/// Of a picture; how shapes are coloured is for who draws them.
const READ: [&str; 9] = [
    "version",
    "flags",
    "shapes",
    "imagePath",
    "imageData",
    "imageHeight",
    "imageWidth",
    "lineColor",
    "fillColor",
];
const READ_OF_SHAPE: [&str; 12] = [
    "label",
    "points",
    "group_id",
    "shape_type",
    "flags",
    "description",
    "mask",
    "score",
    "difficult",
    "attributes",
    "line_color",
    "fill_color",
];

fn mark(look: &Look, size: [Option<u32>; 2]) -> Result<Mark, Fault> {
    let class = look.get("label")?.id()?;
    let kind = look.maybe("shape_type").map_or(Ok("polygon"), |kind| kind.text())?;
    let points = look.get("points")?;
    let corners = || -> Result<[f64; 4], Fault> {
        // Two corners; X-AnyLabeling writes all four.
        let [x, y, width, height] = Shape::Points { points: points.pairs(2)? }.bounds();
        if width == 0.0 || height == 0.0 {
            return Err(points.range("are corners without anything between them"));
        }
        Ok([x, y, width, height])
    };
    let shape = match kind {
        "polygon" => Shape::Polygon { points: points.pairs(3)? },
        "rotation" | "oriented_rectangle" => match points.pairs(3)?[..] {
            [a, b, c, d] => turned([a, b, c, d]),
            ref other => Shape::Polygon { points: other.to_vec() },
        },
        "rectangle" => {
            let [x, y, width, height] = corners()?;
            Shape::Box { x, y, width, height }
        }
        "circle" => {
            let pairs = points.pairs(2)?;
            let ([cx, cy], [x, y]) = (pairs[0], pairs[1]);
            let radius = (x - cx).hypot(y - cy);
            if radius == 0.0 {
                return Err(points.range("are a circle without a radius"));
            }
            Shape::Ellipse { cx, cy, rx: radius, ry: radius, degrees: 0.0 }
        }
        "line" | "linestrip" => Shape::Line { points: points.pairs(2)? },
        "point" | "points" => Shape::Points { points: points.pairs(1)? },
        "mask" => Shape::Mask(mask(&look.get("mask")?, &points, size)?),
        other => {
            let message = format!("`shape_type` is “{other}”, which Labelme does not have");
            return Err(Fault::new(&look.get("shape_type")?.path, Code::UnknownValue, message));
        }
    };
    let mut mark = Mark::shape(class, shape);
    mark.group = look.maybe("group_id").map(|group| group.whole()).transpose()?;
    if let Some(flags) = look.maybe("flags") {
        mark.attributes.extend(flags.map()?.clone());
    }
    // What X-AnyLabeling adds.
    mark.score = look.maybe("score").map(|score| score.number()).transpose()?;
    if let Some(said) = look.maybe("attributes") {
        mark.attributes.extend(said.map()?.clone());
    }
    if look.flag("difficult")? {
        mark.attributes.insert("difficult".into(), true.into());
    }
    let rest = look.rest(&READ_OF_SHAPE).into_iter();
    mark.attributes.extend(rest.filter(|(_, said)| *said != "" && *said != json!([])));
    if let Some(said) = look.maybe("description") {
        let said = said.text()?;
        if !said.is_empty() {
            mark.attributes.insert("description".into(), said.into());
        }
    }
    Ok(mark)
}

/// A mask is a small picture of its own, with its place in the large one.
fn mask(look: &Look, points: &Look, [width, height]: [Option<u32>; 2]) -> Result<Mask, Fault> {
    let (Some(width), Some(height)) = (width, height) else {
        return Err(look.range("needs `imageWidth` and `imageHeight` beside it"));
    };
    let bytes = STANDARD.decode(look.text()?).map_err(|_| look.range("is not base64"))?;
    let white = |pixels: DynamicImage| pixels.into_luma8();
    inset(look, bytes, points.pairs(1)?[0], [width, height], white)
}

/// A PNG as the mask of the picture in which it lies at `corner`: what `inside` leaves above 0.
pub(super) fn inset(
    look: &Look,
    png: Vec<u8>,
    corner: [f64; 2],
    [width, height]: [u32; 2],
    inside: fn(DynamicImage) -> GrayImage,
) -> Result<Mask, Fault> {
    if u64::from(width) * u64::from(height) > MASK_PIXELS_MAX {
        return Err(look.range("is in a picture of more than 268 megapixels"));
    }
    let small = decode(png).ok_or_else(|| look.range("is no PNG that can be read"))?;
    let [left, top] = corner.map(|at| at.round() as i64);
    let mut pixels = vec![0_u8; width as usize * height as usize];
    for (x, y, pixel) in inside(small).enumerate_pixels() {
        let (x, y) = (left.saturating_add(x.into()), top.saturating_add(y.into()));
        let is_there = (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y);
        if pixel.0[0] != 0 && is_there {
            pixels[y as usize * width as usize + x as usize] = 1;
        }
    }
    Ok(Mask::from_pixels(height, width, &pixels))
}

pub(super) struct LabelmeFiles {
    out: Outlet,
}

impl LabelmeFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone() })
    }
}

impl Writer for LabelmeFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_all_but_metadata(item, losses);
        if item.id.is_some() || !item.subset.is_empty() || item.frame.is_some() {
            losses.add("item_id", || item.name.clone());
        }
        let (mut flags, mut shapes) = (Map::new(), Vec::new());
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            let is_flag = mark.place == Place::Whole;
            let keeps: &[&str] = if is_flag { &[] } else { &["attributes", "group", "score"] };
            lose_mark(item, mark, keeps, losses);
            match &mark.place {
                Place::Whole => {
                    flags.insert(mark.class.clone(), true.into());
                }
                Place::Shape(shape) => write_shape(item, mark, shape, &mut shapes, losses),
                Place::Span { .. }
                | Place::Words(_)
                | Place::Cuboid(_)
                | Place::Time { .. }
                | Place::Frames { .. } => losses.add("words", place),
                Place::Talk(talk) => losses.add(talk.kind(), place),
            }
        }
        let file = twin(&item.name, "json");
        let Some(out) = create_of(item, &self.out, &file, losses)? else { return Ok(()) };
        if item.width.is_none() || item.height.is_none() {
            losses.add("size_unknown", || item.name.clone());
        }
        let picture = item.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let mut document = json!({
            "version": "5.5.0", "flags": flags, "shapes": shapes, "imagePath": picture, "imageData": null,
            "imageHeight": item.height, "imageWidth": item.width,
        });
        for (key, value) in &item.metadata {
            if READ.contains(&&key[..]) || is_empty(value) {
                losses.add("metadata", || format!("{}: {key}", item.name));
            } else {
                document[key] = value.clone();
            }
        }
        let mut out = BufWriter::new(out);
        serde_json::to_writer_pretty(&mut out, &document)?;
        out.flush()
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        Ok(())
    }
}

/// What is not there again when it is read.
fn is_empty(value: &Value) -> bool {
    value.is_null() || *value == "" || *value == json!([])
}

fn write_shape(
    item: &Item,
    mark: &Mark,
    shape: &Shape,
    shapes: &mut Vec<Value>,
    losses: &mut LossReport,
) {
    let place = || format!("{}: {}", item.name, mark.class);
    // Flags are yes or no. Labelme keeps other fields of a shape as they are.
    let (mut flags, mut others) = (Map::new(), Map::new());
    let mut description = "";
    for (key, value) in &mark.attributes {
        match value {
            Value::Bool(_) => drop(flags.insert(key.clone(), value.clone())),
            Value::String(text) if key == "description" => description = text,
            _ if READ_OF_SHAPE.contains(&&key[..]) || is_empty(value) => {
                losses.add("attributes", || format!("{}: {key}", place()));
            }
            _ => drop(others.insert(key.clone(), value.clone())),
        }
    }
    if let Some(score) = mark.score {
        others.insert("score".into(), score.into());
    }
    let mut push = |kind: &str, points: &[[f64; 2]], mask: Value| {
        let mut shape = json!({
            "label": mark.class, "points": points, "group_id": mark.group, "description": description,
            "shape_type": kind, "flags": flags, "mask": mask,
        });
        others.iter().for_each(|(key, value)| shape[key] = value.clone());
        shapes.push(shape);
    };
    match shape {
        Shape::Box { x, y, width, height } => {
            push("rectangle", &[[*x, *y], [x + width, y + height]], Value::Null);
        }
        Shape::Polygon { points } => push("polygon", points, Value::Null),
        Shape::Line { points } if points.len() == 2 => push("line", points, Value::Null),
        Shape::Line { points } => push("linestrip", points, Value::Null),
        Shape::Points { points } => {
            if points.len() > 1 {
                losses.add("points_together", place);
            }
            points.iter().for_each(|point| push("point", &[*point], Value::Null));
        }
        Shape::Ellipse { cx, cy, rx, ry, .. } if rx == ry => {
            push("circle", &[[*cx, *cy], [cx + rx, *cy]], Value::Null);
        }
        Shape::Ellipse { .. } => {
            losses.add("outline_as_polygon", place);
            push("polygon", &shape.outline(), Value::Null);
        }
        Shape::Turned { .. } | Shape::Solid { .. } => {
            losses.add("outline_as_polygon", place);
            push("polygon", &shape.corners(), Value::Null);
        }
        Shape::Parts { parts } => {
            losses.add("parts_apart", place);
            parts.iter().for_each(|part| push("polygon", part, Value::Null));
        }
        Shape::Keypoints { points, .. } => {
            losses.add("keypoints", place);
            let there = points.iter().filter(|point| point[2] != 0.0);
            there.for_each(|point| push("point", &[[point[0], point[1]]], Value::Null));
        }
        Shape::Mask(mask) => match picture_of(mask) {
            Some((corner, far, png)) => push("mask", &[corner, far], png.into()),
            None => losses.add("mask", place),
        },
    }
}

/// The corners of what of the mask is set, and that part as a PNG.
fn picture_of(mask: &Mask) -> Option<([f64; 2], [f64; 2], String)> {
    let pixels = mask.pixels(MASK_PIXELS_MAX)?;
    let width = mask.width as usize;
    let set = || pixels.iter().enumerate().filter(|(_, pixel)| **pixel != 0);
    let (xs, ys) = (|| set().map(|(at, _)| at % width), || set().map(|(at, _)| at / width));
    let ([left, right], [top, bottom]) = ([xs().min()?, xs().max()?], [ys().min()?, ys().max()?]);
    let small = GrayImage::from_fn((right - left + 1) as u32, (bottom - top + 1) as u32, |x, y| {
        let at = (top + y as usize) * width + left + x as usize;
        image::Luma([pixels[at] * 255])
    });
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(small).write_to(&mut png, ImageFormat::Png).ok()?;
    let corner = |x: usize, y: usize| [x as f64, y as f64];
    Some((corner(left, top), corner(right, bottom), STANDARD.encode(png.into_inner())))
}
