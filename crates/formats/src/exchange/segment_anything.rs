//! Segment Anything's own data: a file for each picture, with masks that have no class, and how sure the model was of each.

use super::coco_mark::mask;
use super::items::each_document;
use super::look::Look;
use super::{Item, Mark, ReadError, Shape, Sink, Source, add_mark};
use crate::row::Fault;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each_document(source, sink, is_one, &mut item)
}

pub(super) fn is_one(head: &str) -> bool {
    ["\"image\"", "\"annotations\"", "\"predicted_iou\"", "\"segmentation\""]
        .iter()
        .all(|key| head.contains(key))
}

fn item(look: &Look, file: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let about = look.get("image")?;
    let mut item = Item {
        name: about.get("file_name")?.text()?.into(),
        id: about.maybe("image_id").map(|id| id.id()).transpose()?,
        width: Some(about.get("width")?.side()?),
        height: Some(about.get("height")?.side()?),
        ..Item::default()
    };
    look.lose_rest(&["image", "annotations"], sink);
    about.lose_rest(&["file_name", "image_id", "width", "height"], sink);
    for annotation in look.get("annotations")?.list()? {
        if !add_mark(&mut item, mark(&annotation), file, (1, b""), sink) {
            break;
        }
    }
    Ok(item)
}

fn mark(look: &Look) -> Result<Mark, Fault> {
    let place = mask(&look.get("segmentation")?)?;
    Ok(Mark {
        id: look.maybe("id").map(|id| id.id()).transpose()?,
        score: look.maybe("predicted_iou").map(|score| score.number()).transpose()?,
        // Its area and the box around it are those of the mask.
        attributes: look.rest(&["id", "segmentation", "bbox", "area", "predicted_iou"]),
        ..Mark::shape("", Shape::Mask(place))
    })
}
