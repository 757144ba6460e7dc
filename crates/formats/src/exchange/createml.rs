//! Create ML: a list of pictures, each with its objects as a class and a box about its centre, or with classes alone.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::items::each_row_of;
use super::look::{Look, parse};
use super::{Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::Fault;

/// What the picture is called, in the order of preference: all are seen.
const NAMES: [&str; 3] = ["image", "imagefilename", "filename"];
const SAID: [&str; 2] = ["annotations", "annotation"];

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let there: HashSet<String> = source.names().iter().cloned().collect();
    for index in 0..source.names().len() {
        if !source.names()[index].ends_with(".json") && source.names().len() > 1 {
            continue;
        }
        each_row_of(source, index, sink, &mut |file, row, raw, sink| {
            match parse(file, row, raw) {
                Ok(value) => match item(&Look::new(&value, ""), file, (row, raw), sink) {
                    Ok(mut item) => {
                        // A list in the folder of its pictures names them from there.
                        if let Some((folder, _)) = file.rsplit_once('/') {
                            let name = format!("{folder}/{}", item.name);
                            if there.contains(&name) {
                                item.name = name;
                            }
                        }
                        sink.item(item)?;
                    }
                    Err(fault) => sink.refuse(refusal(file, row, fault, raw)),
                },
                Err(refused) => sink.refuse(refused),
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Whether a row is one of these: a picture with a list of things that are labelled.
pub(super) fn is_row(row: &Map<String, Value>) -> bool {
    let said = SAID.iter().find_map(|key| row.get(*key)?.as_array());
    let is_labelled =
        |said: &Vec<Value>| said.iter().all(|said| said.get("label").is_some_and(Value::is_string));
    NAMES.iter().any(|name| row.contains_key(*name)) && said.is_some_and(is_labelled)
}

fn item(look: &Look, file: &str, at: (u64, &[u8]), sink: &mut dyn Sink) -> Result<Item, Fault> {
    let named = NAMES.iter().find_map(|name| look.maybe(name));
    let name = named.map_or_else(|| look.get("image"), Ok)?.text()?.replace('\\', "/");
    let metadata = look.rest(&[&NAMES[..], &SAID[..]].concat());
    let mut item = Item { name, metadata, ..Item::default() };
    let said = SAID.iter().find_map(|key| look.maybe(key));
    let said = said.map_or_else(|| look.get("annotations"), Ok)?;
    for said in said.list()? {
        if !add_mark(&mut item, mark(&said), file, at, sink) {
            break;
        }
    }
    Ok(item)
}

fn mark(look: &Look) -> Result<Mark, Fault> {
    let class = look.get("label")?.id()?;
    let attributes = look.rest(&["label", "coordinates", "confidence"]);
    let score = look.maybe("confidence").map(|score| score.number()).transpose()?;
    let Some(at) = look.maybe("coordinates") else {
        return Ok(Mark { score, attributes, ..Mark::whole(class) });
    };
    let number = |key| at.get(key)?.number();
    let (x, y, width, height) = (number("x")?, number("y")?, number("width")?, number("height")?);
    if width <= 0.0 || height <= 0.0 {
        return Err(at.range("is a box without anything in it"));
    }
    let shape = Shape::Box { x: x - width / 2.0, y: y - height / 2.0, width, height };
    Ok(Mark { score, attributes, ..Mark::shape(class, shape) })
}
