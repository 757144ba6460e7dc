//! VGG Image Annotator, versions 1 and 2: a project, or its annotations alone, as one JSON object with an entry for
//! each picture; its other files are read beside it. VIA has no classes of its own: the class is the attribute of a region that is called so.

use std::io::{self, BufRead, BufReader, BufWriter, Write};

use serde_json::{Map, Value, json};

use super::look::{Look, parse};
use super::outlet::{Made, Outlet};
use super::pieces::{Pieces, Stop};
use super::{
    Class, Item, MARKS_MAX, Mark, Names, Place, ReadError, Shape, Sink, Source, Writer,
    lose_all_but_metadata, lose_mark, refusal, via_other,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

/// What the attribute with the class is called, in this order.
const CLASS_KEYS: [&str; 7] =
    ["class", "label", "name", "type", "object", "category", "class_name"];
const ENTRIES: &str = "_via_img_metadata";

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let head = source.head(index, 4096).unwrap_or_default();
        if name.ends_with(".csv") && via_other::is_header(&head) {
            via_other::read_csv(source, index, sink)?;
        } else if name.ends_with(".json") && via_other::is_project(&head) {
            via_other::read_project(source, index, sink)?;
            continue;
        }
        if !name.ends_with(".json") {
            continue;
        }
        let file = source.spool(index)?;
        let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, file));
        walk(&name, &mut pieces, sink).map_err(|stop| stop.of(&name))?;
    }
    Ok(())
}

fn walk<R: BufRead>(name: &str, pieces: &mut Pieces<R>, sink: &mut dyn Sink) -> Result<(), Stop> {
    pieces.enter(b'{', "the file is no JSON object: is this a VIA file?")?;
    let mut first = true;
    while let Some(key) = pieces.key(&mut first)? {
        if key == ENTRIES {
            pieces.enter(b'{', "`_via_img_metadata` is no object")?;
            let mut first = true;
            while let Some(key) = pieces.key(&mut first)? {
                entry(name, &key, pieces, sink)?;
            }
        } else if key.starts_with("_via_") {
            pieces.skip()?;
        } else {
            entry(name, &key, pieces, sink)?;
        }
    }
    Ok(())
}

fn entry<R: BufRead>(
    name: &str,
    key: &str,
    pieces: &mut Pieces<R>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let (line, mut raw) = (pieces.line, Vec::new());
    pieces.value(&mut raw)?;
    let value = match parse(name, line, &raw) {
        Ok(value) => value,
        Err(refused) => {
            sink.refuse(refused);
            return Ok(());
        }
    };
    let mut faults = Vec::new();
    match item(&Look::new(&value, ""), &mut faults) {
        Ok(item) => sink.item(item)?,
        Err(mut fault) => {
            if fault.field.is_empty() {
                fault.field = key.into();
            }
            faults.push(fault);
        }
    }
    for fault in faults {
        sink.refuse(refusal(name, line, fault, &raw));
    }
    Ok(())
}

fn item(look: &Look, faults: &mut Vec<Fault>) -> Result<Item, Fault> {
    let mut item = Item { name: look.get("filename")?.text()?.into(), ..Item::default() };
    if let Some(facts) = look.maybe("file_attributes") {
        item.metadata.extend(facts.map()?.clone());
    }
    // How large the file is, and where it lay, is no matter of its labels.
    item.metadata.extend(look.rest(&[
        "filename",
        "size",
        "regions",
        "file_attributes",
        "fileref",
        "base64_img_data",
    ]));
    let regions = look.get("regions")?;
    // Version 1 numbered the regions in an object.
    let regions: Vec<Look> = match regions.value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| Look { value, path: format!("regions.{key}") }).collect()
        }
        _ => regions.list()?.collect(),
    };
    for region in regions {
        if item.marks.len() >= MARKS_MAX {
            return Err(region.range("is beyond the 50,000 objects that one picture may have"));
        }
        match mark(&region, "shape_attributes") {
            Ok(mark) => item.marks.push(mark),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(item)
}

pub(super) fn mark(look: &Look, key: &str) -> Result<Mark, Fault> {
    let shape = look.get(key)?;
    let number = |key: &str| shape.get(key)?.number();
    let above = |key: &str| {
        let found = shape.get(key)?;
        let number = found.number()?;
        if number > 0.0 { Ok(number) } else { Err(found.range("is not above 0")) }
    };
    let points = |least: usize| -> Result<Vec<[f64; 2]>, Fault> {
        let (xs, ys) = (shape.get("all_points_x")?, shape.get("all_points_y")?);
        let (x, y) = (xs.numbers()?, ys.numbers()?);
        if x.len() != y.len() {
            return Err(ys.range(&format!("has {} numbers, but x has {}", y.len(), x.len())));
        }
        if x.len() < least {
            return Err(xs.range(&format!("has fewer than {least} points")));
        }
        Ok(x.into_iter().zip(y).map(|(x, y)| [x, y]).collect())
    };
    let kind = shape.get("name")?;
    let found = match kind.text()? {
        "rect" => Shape::Box {
            x: number("x")?,
            y: number("y")?,
            width: above("width")?,
            height: above("height")?,
        },
        "polygon" => Shape::Polygon { points: points(3)? },
        "polyline" => Shape::Line { points: points(2)? },
        "point" => Shape::Points { points: vec![[number("cx")?, number("cy")?]] },
        "circle" => {
            let radius = above("r")?;
            let (cx, cy) = (number("cx")?, number("cy")?);
            Shape::Ellipse { cx, cy, rx: radius, ry: radius, degrees: 0.0 }
        }
        "ellipse" => Shape::Ellipse {
            cx: number("cx")?,
            cy: number("cy")?,
            rx: above("rx")?,
            ry: above("ry")?,
            degrees: shape.maybe("theta").map_or(Ok(0.0), |turn| turn.number())?.to_degrees(),
        },
        other => {
            let message = format!("`{}` is “{other}”, which VIA does not have", kind.path);
            return Err(Fault::new(&kind.path, Code::UnknownValue, message));
        }
    };
    let mut facts = match look.maybe("region_attributes") {
        Some(facts) => facts.map()?.clone(),
        None => Map::new(),
    };
    let class = class_of(&mut facts);
    facts.extend(look.rest(&[key, "region_attributes", "xy", "mid", "vid", "flg", "z", "av"]));
    facts.extend(shape.rest(&[
        "name",
        "x",
        "y",
        "width",
        "height",
        "all_points_x",
        "all_points_y",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "theta",
    ]));
    Ok(Mark { attributes: facts, ..Mark::shape(class, found) })
}

/// Takes the class out of what is said of a region: the attribute that is called so, or else the first that is a text.
pub(super) fn class_of(facts: &mut Map<String, Value>) -> String {
    let is_text = |key: &&String| facts[key.as_str()].is_string();
    let named = CLASS_KEYS.iter().find_map(|wanted| {
        facts.keys().filter(is_text).find(|key| key.eq_ignore_ascii_case(wanted)).cloned()
    });
    let class = named.or_else(|| facts.keys().find(is_text).cloned());
    let class = class.and_then(|key| facts.remove(&key)?.as_str().map(str::to_owned));
    class.unwrap_or_default()
}

pub(super) struct ViaFile {
    out: BufWriter<Made>,
    names: Names,
    first: bool,
}

impl ViaFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let mut out = BufWriter::new(out.single()?);
        write!(out, "{{\"{ENTRIES}\":{{")?;
        Ok(Self { out, names: Names::default(), first: true })
    }
}

impl Writer for ViaFile {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_all_but_metadata(item, losses);
        if item.id.is_some() || !item.subset.is_empty() || item.frame.is_some() {
            losses.add("item_id", || item.name.clone());
        }
        if item.width.is_some() {
            losses.add("size", || item.name.clone());
        }
        let mut regions = Vec::new();
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes"], losses);
            let Place::Shape(shape) = &mark.place else {
                losses.add("class_of_the_whole", place);
                continue;
            };
            if !mark.class.is_empty() {
                self.names.index(&mark.class);
            }
            let mut facts = mark.attributes.clone();
            if facts.remove("class").is_some() {
                losses.add("attributes", || format!("{}: class", place()));
            }
            if !mark.class.is_empty() {
                facts.insert("class".into(), mark.class.as_str().into());
            }
            for shape in shapes(shape, losses, &place) {
                regions.push(json!({ "shape_attributes": shape, "region_attributes": facts }));
            }
        }
        let comma = if std::mem::take(&mut self.first) { "" } else { "," };
        // VIA knows its pictures by name and bytes; -1 is its own word for bytes that are not known.
        let key = Value::from(format!("{}-1", item.name));
        let entry = json!({ "filename": item.name, "size": -1, "regions": regions, "file_attributes": item.metadata });
        write!(self.out, "{comma}\n{key}:{entry}")
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        let options: Map<String, Value> =
            self.names.list.iter().map(|class| (class.name.clone(), "".into())).collect();
        let attributes = json!({
            "region": { "class": { "type": "dropdown", "description": "", "options": options, "default_options": {} } },
            "file": {},
        });
        let settings = json!({ "project": { "name": "fairmark" } });
        writeln!(
            self.out,
            "}},\n\"_via_attributes\":{attributes},\n\"_via_settings\":{settings},\n\"_via_data_format_version\":\"2.0.10\"}}"
        )?;
        self.out.flush()
    }
}

/// A shape as VIA has it: several where it is cut into parts.
fn shapes(shape: &Shape, losses: &mut LossReport, place: &dyn Fn() -> String) -> Vec<Value> {
    let listed = |name: &str, points: &[[f64; 2]]| {
        let of = |axis: usize| points.iter().map(|point| point[axis]).collect::<Vec<f64>>();
        json!({ "name": name, "all_points_x": of(0), "all_points_y": of(1) })
    };
    match shape {
        Shape::Box { x, y, width, height } => {
            vec![json!({ "name": "rect", "x": x, "y": y, "width": width, "height": height })]
        }
        Shape::Polygon { points } => vec![listed("polygon", points)],
        Shape::Line { points } => vec![listed("polyline", points)],
        Shape::Points { points } => {
            if points.len() > 1 {
                losses.add("points_together", place);
            }
            let point = |[cx, cy]: &[f64; 2]| json!({ "name": "point", "cx": cx, "cy": cy });
            points.iter().map(point).collect()
        }
        Shape::Ellipse { cx, cy, rx, ry, degrees } => {
            if rx == ry && *degrees == 0.0 {
                return vec![json!({ "name": "circle", "cx": cx, "cy": cy, "r": rx })];
            }
            let theta = degrees.to_radians();
            vec![
                json!({ "name": "ellipse", "cx": cx, "cy": cy, "rx": rx, "ry": ry, "theta": theta }),
            ]
        }
        Shape::Turned { .. } => {
            losses.add("outline_as_polygon", place);
            vec![listed("polygon", &shape.corners())]
        }
        Shape::Parts { parts } => {
            losses.add("parts_apart", place);
            parts.iter().map(|part| listed("polygon", part)).collect()
        }
        Shape::Keypoints { points, .. } => {
            losses.add("keypoints", place);
            let there = points.iter().filter(|point| point[2] != 0.0);
            there.map(|[cx, cy, _]| json!({ "name": "point", "cx": cx, "cy": cy })).collect()
        }
        Shape::Mask(_) | Shape::Solid { .. } => {
            losses.add(shape.kind(), place);
            Vec::new()
        }
    }
}
