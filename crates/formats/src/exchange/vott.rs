//! VoTT: a file for each picture (`ID-asset.json`), or all of them in the export of a project.

use std::io::{BufRead, BufReader};

use super::items::each_document;
use super::look::{Look, parse};
use super::pieces::{Pieces, Stop};
use super::{Class, Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !is_export(&source.head(index, 64 << 10).unwrap_or_default()) {
            continue;
        }
        let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, source.spool(index)?));
        walk(&name, &mut pieces, sink).map_err(|stop| stop.of(&name))?;
        // The files of the pictures say the same again.
        return Ok(());
    }
    let mut one = |look: &Look, file: &str, sink: &mut dyn Sink| item(look, file, (1, b""), sink);
    each_document(source, sink, is_one, &mut one)
}

pub(super) fn is_one(head: &str) -> bool {
    head.contains("\"asset\"") && head.contains("\"regions\"")
}

/// The export of a project, or its file: a list of tags, and the pictures by their ids.
pub(super) fn is_export(head: &str) -> bool {
    head.contains("\"assets\"") && head.contains("\"tags\"") && !head.contains("\"_via")
}

fn walk<R: BufRead>(name: &str, pieces: &mut Pieces<R>, sink: &mut dyn Sink) -> Result<(), Stop> {
    pieces.enter(b'{', "the file is no JSON object: is this an export of VoTT?")?;
    let (mut first, mut raw) = (true, Vec::new());
    while let Some(key) = pieces.key(&mut first)? {
        match &key[..] {
            "tags" => {
                let line = pieces.line;
                pieces.value(&mut raw)?;
                let read = parse(name, line, &raw).and_then(|value| {
                    let look = Look::new(&value, "tags");
                    for tag in look.list().into_iter().flatten() {
                        tag.lose_rest(&["name", "color"], sink);
                    }
                    tags(&look).map_err(|fault| refusal(name, line, fault, &raw))
                });
                match read {
                    Ok(named) => named.iter().try_for_each(|class| sink.class(class))?,
                    Err(refused) => sink.refuse(refused),
                }
            }
            "assets" => {
                pieces.enter(b'{', "`assets` is no object")?;
                let mut first = true;
                while let Some(id) = pieces.key(&mut first)? {
                    let line = pieces.line;
                    pieces.value(&mut raw)?;
                    let read = parse(name, line, &raw).and_then(|value| {
                        let look = Look::new(&value, &format!("assets.{id}"));
                        item(&look, name, (line, &raw), sink)
                            .map_err(|fault| refusal(name, line, fault, &raw))
                    });
                    match read {
                        Ok(item) => sink.item(item)?,
                        Err(refused) => sink.refuse(refused),
                    }
                }
            }
            // How the project is kept is VoTT's own.
            other => {
                let known = ["name", "description", "securityToken", "videoSettings", "version"];
                let is_known = known.contains(&other)
                    || other.ends_with("Connection")
                    || matches!(other, "id" | "exportFormat" | "activeLearningSettings")
                    || matches!(other, "autoSave" | "lastVisitedAssetId" | "useSecurityToken");
                if !is_known {
                    sink.lose("field_not_read", format!("{name}: {other}"));
                }
                pieces.skip()?;
            }
        }
    }
    Ok(())
}

/// Of a picture; `path`, `format`, `state`, `type` and `predicted` are how VoTT finds and shows it.
const READ: [&str; 8] = ["id", "name", "path", "size", "format", "state", "type", "predicted"];

fn tags(look: &Look) -> Result<Vec<Class>, Fault> {
    let tag = |look: Look| Ok(Class { name: look.get("name")?.text()?.into(), ..Class::default() });
    look.list()?.map(tag).collect()
}

fn item(look: &Look, file: &str, at: (u64, &[u8]), sink: &mut dyn Sink) -> Result<Item, Fault> {
    let asset = look.get("asset")?;
    let mut item = Item {
        name: asset.get("name")?.text()?.into(),
        id: asset.maybe("id").map(|id| id.id()).transpose()?,
        metadata: asset.rest(&READ),
        ..Item::default()
    };
    if let Some(size) = asset.maybe("size") {
        item.width = Some(size.get("width")?.side()?);
        item.height = Some(size.get("height")?.side()?);
    }
    item.metadata.extend(look.rest(&["asset", "regions", "version"]));
    for region in look.get("regions")?.list()? {
        for mark in marks(&region)? {
            if !add_mark(&mut item, mark, file, at, sink) {
                return Ok(item);
            }
        }
    }
    Ok(item)
}

/// A region of several tags is as many objects.
fn marks(look: &Look) -> Result<Vec<Result<Mark, Fault>>, Fault> {
    let tags: Vec<Look> = look.get("tags")?.list()?.collect();
    if tags.is_empty() {
        return Ok(vec![Err(look.range("has no tag"))]);
    }
    Ok(tags.iter().map(|tag| mark(look, tag.text()?)).collect())
}

fn mark(look: &Look, class: &str) -> Result<Mark, Fault> {
    let points = |least: usize| -> Result<Vec<[f64; 2]>, Fault> {
        let given = look.get("points")?;
        let point = |look: Look| Ok([look.get("x")?.number()?, look.get("y")?.number()?]);
        let points: Vec<[f64; 2]> = given.list()?.map(point).collect::<Result<_, Fault>>()?;
        if points.len() < least {
            return Err(given.range(&format!("has fewer than {least} points")));
        }
        Ok(points)
    };
    let kind = look.get("type")?;
    let shape = match kind.text()? {
        "RECTANGLE" | "SQUARE" => {
            let at = look.get("boundingBox")?;
            let number = |key| at.get(key)?.number();
            let (width, height) = (number("width")?, number("height")?);
            if width <= 0.0 || height <= 0.0 {
                return Err(at.range("is a box without anything in it"));
            }
            Shape::Box { x: number("left")?, y: number("top")?, width, height }
        }
        "POLYGON" => Shape::Polygon { points: points(3)? },
        "POLYLINE" => Shape::Line { points: points(2)? },
        "POINT" => Shape::Points { points: points(1)? },
        other => {
            let message = format!("`type` is “{other}”, which VoTT does not have");
            return Err(Fault::new(&kind.path, Code::UnknownValue, message));
        }
    };
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    let attributes = look.rest(&["id", "type", "tags", "boundingBox", "points"]);
    Ok(Mark { id, attributes, ..Mark::shape(class, shape) })
}
