//! Cityscapes: a file for each picture, `CITY_NUMBER_FRAME_gtFine_polygons.json`, with the outlines of everything in it, the farthest first.

use super::items::each_document;
use super::look::Look;
use super::{Item, Mark, ReadError, Shape, Sink, Source, add_mark};
use crate::row::Fault;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each_document(source, sink, is_one, &mut item)
}

pub(super) fn is_one(head: &str) -> bool {
    ["\"imgHeight\"", "\"imgWidth\"", "\"objects\""].iter().all(|key| head.contains(key))
}

fn item(look: &Look, file: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let side = |key| look.get(key)?.side();
    let mut item = Item {
        name: picture(file),
        width: Some(side("imgWidth")?),
        height: Some(side("imgHeight")?),
        ..Item::default()
    };
    item.metadata = look.rest(&["imgWidth", "imgHeight", "objects"]);
    for object in look.get("objects")?.list()? {
        if object.flag("deleted")? {
            continue;
        }
        if !add_mark(&mut item, mark(&object), file, (1, b""), sink) {
            break;
        }
    }
    Ok(item)
}

/// `gtFine/val/bonn/bonn_0_gtFine_polygons.json` is about `leftImg8bit/val/bonn/bonn_0_leftImg8bit.png`.
fn picture(file: &str) -> String {
    for kind in ["gtFine", "gtCoarse"] {
        if let Some(stem) = file.strip_suffix(&format!("_{kind}_polygons.json")) {
            let folder = stem.replacen(&format!("{kind}/"), "leftImg8bit/", 1);
            return format!("{folder}_leftImg8bit.png");
        }
    }
    file.trim_end_matches(".json").trim_end_matches("_polygons").to_owned() + ".png"
}

fn mark(look: &Look) -> Result<Mark, Fault> {
    let said = look.get("label")?.text()?;
    // Many that nobody told apart: `cargroup`.
    let (class, crowd) = match said.strip_suffix("group") {
        Some(class) if !class.is_empty() => (class, true),
        _ => (said, false),
    };
    let points = look.get("polygon")?.pairs(3)?;
    let attributes = look.rest(&["label", "polygon", "deleted"]);
    Ok(Mark { crowd, attributes, ..Mark::shape(class, Shape::Polygon { points }) })
}
