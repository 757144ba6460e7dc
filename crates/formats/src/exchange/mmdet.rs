//! MMDetection: the list of its “middle format” (version 2), and the `data_list` of version 3 with its classes in `metainfo`.

use std::io::{BufRead, BufReader, Seek};

use serde_json::{Map, Value};

use super::coco_mark::mask;
use super::items::each_row_of;
use super::look::{Look, parse};
use super::pieces::{Pieces, Stop};
use super::{Class, Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".json") && source.names().len() > 1 {
            continue;
        }
        if source.head(index, 64).unwrap_or_default().trim_start().starts_with('[') {
            each_row_of(source, index, sink, &mut |file, row, raw, sink| {
                take(
                    file,
                    (row, raw),
                    "",
                    &mut |look, sink| old(look, file, (row, raw), sink),
                    sink,
                )
            })?;
            continue;
        }
        let mut file = source.spool(index)?;
        let mut classes = Vec::new();
        // The classes may stand behind the pictures.
        for wanted in ["metainfo", "data_list"] {
            file.rewind()?;
            let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, &mut file));
            walk(&name, wanted, &mut pieces, &mut classes, sink).map_err(|stop| stop.of(&name))?;
        }
    }
    Ok(())
}

/// Whether a row is one of version 2.
pub(super) fn is_row(row: &Map<String, Value>) -> bool {
    row.contains_key("filename") && row.get("ann").is_some_and(|ann| ann.get("bboxes").is_some())
}

type Take<'a> = dyn FnMut(&Look, &mut dyn Sink) -> Result<Item, Fault> + 'a;

fn take(
    file: &str,
    (row, raw): (u64, &[u8]),
    path: &str,
    item: &mut Take,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    match parse(file, row, raw) {
        Ok(value) => match item(&Look::new(&value, path), sink) {
            Ok(item) => sink.item(item)?,
            Err(fault) => sink.refuse(refusal(file, row, fault, raw)),
        },
        Err(refused) => sink.refuse(refused),
    }
    Ok(())
}

fn walk<R: BufRead>(
    name: &str,
    wanted: &str,
    pieces: &mut Pieces<R>,
    classes: &mut Vec<String>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    pieces.enter(b'{', "the file is no JSON object: is this a file of MMDetection?")?;
    let (mut first, mut raw) = (true, Vec::new());
    while let Some(key) = pieces.key(&mut first)? {
        if key != wanted {
            pieces.skip()?;
            if wanted == "data_list" && key != "metainfo" {
                sink.lose("field_not_read", format!("{name}: {key}"));
            }
            continue;
        }
        if wanted == "metainfo" {
            let line = pieces.line;
            pieces.value(&mut raw)?;
            let named = parse(name, line, &raw).and_then(|value| {
                let look = Look::new(&value, "metainfo");
                look.lose_rest(&["classes", "CLASSES", "palette", "PALETTE"], sink);
                names(&look).map_err(|fault| refusal(name, line, fault, &raw))
            });
            match named {
                Ok(named) => *classes = named,
                Err(refused) => sink.refuse(refused),
            }
            for name in &*classes {
                sink.class(&Class { name: name.clone(), ..Class::default() })?;
            }
            continue;
        }
        pieces.enter(b'[', "`data_list` is no list")?;
        let (mut first, mut nth) = (true, 0);
        while pieces.next(&mut first, b']')? {
            let line = pieces.line;
            pieces.value(&mut raw)?;
            let path = format!("data_list[{nth}]");
            nth += 1;
            let mut item =
                |look: &Look, sink: &mut dyn Sink| new(look, classes, name, (line, &raw), sink);
            take(name, (line, &raw), &path, &mut item, sink)?;
        }
    }
    Ok(())
}

fn names(look: &Look) -> Result<Vec<String>, Fault> {
    look.map()?;
    let listed = ["classes", "CLASSES"].iter().find_map(|key| look.maybe(key));
    let Some(listed) = listed else { return Ok(Vec::new()) };
    listed.list()?.map(|name| Ok(name.text()?.to_owned())).collect()
}

fn named(classes: &[String], look: &Look) -> Result<String, Fault> {
    let number = look.offset()?;
    if classes.is_empty() {
        return Ok(number.to_string());
    }
    classes.get(number as usize).cloned().ok_or_else(|| {
        let message = format!(
            "`{}` is {number}, and `metainfo.classes` names {} classes",
            look.path,
            classes.len()
        );
        Fault::new(&look.path, Code::UnknownValue, message)
    })
}

fn begin(look: &Look, name: &str) -> Result<Item, Fault> {
    let side = |key| look.maybe(key).map(|side| side.side()).transpose();
    let name = look.get(name)?.text()?.replace('\\', "/");
    Ok(Item { name, width: side("width")?, height: side("height")?, ..Item::default() })
}

/// Two corners.
fn corners(look: &Look) -> Result<Shape, Fault> {
    let [left, top, right, bottom] = look.four()?;
    if right <= left || bottom <= top {
        return Err(look.range("are no corners of a box: give left, top, right, bottom"));
    }
    Ok(Shape::Box { x: left, y: top, width: right - left, height: bottom - top })
}

fn old(look: &Look, file: &str, at: (u64, &[u8]), sink: &mut dyn Sink) -> Result<Item, Fault> {
    let mut item = begin(look, "filename")?;
    item.metadata = look.rest(&["filename", "width", "height", "ann"]);
    let ann = look.get("ann")?;
    ann.map()?;
    for (boxes, labels, crowd) in
        [("bboxes", "labels", false), ("bboxes_ignore", "labels_ignore", true)]
    {
        let Some(boxes) = ann.maybe(boxes) else { continue };
        let labels: Vec<Look> = match ann.maybe(labels) {
            Some(labels) => labels.list()?.collect(),
            None => Vec::new(),
        };
        for (number, look) in boxes.list()?.enumerate() {
            let mark = corners(&look).and_then(|shape| {
                let class = match labels.get(number) {
                    Some(label) => named(&[], label)?,
                    None if crowd => String::new(),
                    None => return Err(look.range("has no entry in `labels`")),
                };
                Ok(Mark { crowd, ..Mark::shape(class, shape) })
            });
            if !add_mark(&mut item, mark, file, at, sink) {
                return Ok(item);
            }
        }
    }
    for key in ann.rest(&["bboxes", "labels", "bboxes_ignore", "labels_ignore"]).keys() {
        sink.lose("field_not_read", format!("{}: {key}", item.name));
    }
    Ok(item)
}

fn new(
    look: &Look,
    classes: &[String],
    file: &str,
    at: (u64, &[u8]),
    sink: &mut dyn Sink,
) -> Result<Item, Fault> {
    let mut item = begin(look, "img_path")?;
    item.id = look.maybe("img_id").map(|id| id.id()).transpose()?;
    let read = ["img_path", "img_id", "width", "height", "gt_label", "instances"];
    item.metadata = look.rest(&read);
    if let Some(label) = look.maybe("gt_label") {
        // Of a classification, a number or several.
        let labels: Vec<Look> = match label.value {
            Value::Array(_) => label.list()?.collect(),
            _ => vec![label],
        };
        for label in labels {
            item.marks.push(Mark::whole(named(classes, &label)?));
        }
    }
    let Some(instances) = look.maybe("instances") else { return Ok(item) };
    for look in instances.list()? {
        if !add_mark(&mut item, instance(&look, classes), file, at, sink) {
            break;
        }
    }
    Ok(item)
}

fn instance(look: &Look, classes: &[String]) -> Result<Mark, Fault> {
    let class = named(classes, &look.get("bbox_label")?)?;
    let crowd = look.flag("ignore_flag")?;
    let bounds = look.get("bbox")?;
    let shape = match look.maybe("mask") {
        Some(said) if said.value.is_object() => Shape::Mask(mask(&said)?),
        Some(said) => {
            let mut parts = Vec::new();
            for part in said.list()? {
                parts.push(part.flat(3)?);
            }
            match parts.len() {
                0 => corners(&bounds)?,
                1 => Shape::Polygon { points: parts.swap_remove(0) },
                _ => Shape::Parts { parts },
            }
        }
        None => corners(&bounds)?,
    };
    let attributes = look.rest(&["bbox", "bbox_label", "ignore_flag", "mask"]);
    Ok(Mark { crowd, attributes, ..Mark::shape(class, shape) })
}
