//! COCO files for detection and segmentation, as a release writes them; they are read by [`crate::exchange`]. The rules:
//!
//! - **C1** Pixels, the origin top left, as everywhere here: coordinates are copied, not converted.
//! - **C2** Categories stand in the order of the classes, ids from 1; `supercategory` is the name of the parent.
//! - **C3** A box has `segmentation: []`, a polygon `[[x1, y1, …]]`; `bbox` and `area` are computed from the
//!   shape; `iscrowd` is 0. Object attributes go into `attributes`, where most tools look.
//! - **C4** Ids of objects are not written; the order of the annotations of an image is the drawing order.
//! - **C5** What COCO cannot hold (attributes and choices of the whole item, relations, groups, bends of lines, notes) is counted as a loss.
//! - **C6** Images go straight to the file, annotations into a spool, a temporary file of the caller, which is
//!   appended at the end.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use crate::loss::LossReport;
use crate::ontology::Classes;
use crate::shape::Shape;

/// Describes the data set in the head of the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct CocoInfo<'a> {
    pub description: &'a str,
    pub version: &'a str,
    /// The day of the export, as `2026-01-31`.
    pub date_created: &'a str,
}

/// Names one picture.
#[derive(Clone, Copy, Debug)]
pub struct CocoItem<'a> {
    pub file_name: &'a str,
    pub width: u32,
    pub height: u32,
}

/// Writes a COCO file image by image.
pub struct CocoWriter<'a, W: Write, S: Write> {
    out: BufWriter<W>,
    spool: BufWriter<S>,
    classes: &'a Classes,
    images: u64,
    annotations: u64,
    losses: LossReport,
}

impl<'a, W: Write, S: Read + Write + Seek> CocoWriter<'a, W, S> {
    /// Begins the file. `spool` is an empty temporary file; what is in it afterwards is of no use.
    pub fn new(out: W, spool: S, classes: &'a Classes, info: CocoInfo) -> io::Result<Self> {
        let (mut out, spool) = (BufWriter::new(out), BufWriter::new(spool));
        let CocoInfo { description, version, date_created } = info;
        let year = date_created.get(..4).and_then(|year| year.parse::<u32>().ok());
        let info = json!({
            "description": description, "version": version, "date_created": date_created,
            "year": year, "contributor": "", "url": "",
        });
        let categories: Vec<Value> = (0..classes.list().len())
            .map(|index| {
                let parent = classes.list()[index].parent.as_deref();
                let parent = parent.and_then(|key| classes.index(key));
                let parent = parent.map_or("", |parent| classes.label(parent));
                json!({ "id": index + 1, "name": classes.label(index), "supercategory": parent })
            })
            .collect();
        write!(out, "{{\"info\":{info},\"licenses\":[],\"categories\":")?;
        serde_json::to_writer(&mut out, &categories)?;
        out.write_all(b",\"images\":[")?;
        Ok(Self { out, spool, classes, images: 0, annotations: 0, losses: LossReport::default() })
    }

    /// Adds a picture with its label, an answer document.
    pub fn push(&mut self, item: CocoItem, answer: &Value) -> io::Result<()> {
        let CocoItem { file_name, width, height } = item;
        self.images += 1;
        let separator = if self.images > 1 { ",\n" } else { "\n" };
        let image =
            json!({ "id": self.images, "file_name": file_name, "width": width, "height": height });
        write!(self.out, "{separator}{image}")?;

        count_item_losses(&mut self.losses, file_name, answer);
        for object in answer["objects"].as_array().into_iter().flatten() {
            self.object(file_name, object)?;
        }
        Ok(())
    }

    fn object(&mut self, file_name: &str, object: &Value) -> io::Result<()> {
        let place = || format!("{file_name}: {}", object["id"].as_str().unwrap_or("?"));
        let Some(class) = object["class"].as_str().and_then(|key| self.classes.index(key)) else {
            self.losses.add("unknown_class", place);
            return Ok(());
        };
        let Some(shape) = Shape::read(&object["shape"]) else {
            self.losses.add("unknown_shape", place);
            return Ok(());
        };
        let segmentation = match &shape {
            Shape::Polygon { points } => json!([points.concat()]),
            Shape::Turned { .. } => {
                self.losses.add("turned_box_as_polygon", place);
                json!([shape.corners().concat()])
            }
            Shape::Mask(mask) => {
                json!({ "size": [mask.height, mask.width], "counts": mask.counts })
            }
            Shape::Keypoints { .. } => json!([]),
            other => {
                if let Some(loss) = other.loss_as_box() {
                    self.losses.add(loss, place);
                }
                json!([])
            }
        };
        if object["shape"]["curves"].is_array() {
            self.losses.add("curve_as_line", place);
        }
        if object["shape"]["holes"].as_array().is_some_and(|holes| !holes.is_empty()) {
            self.losses.add("hole_cut_open", place);
        }
        self.annotations += 1;
        let separator = if self.annotations > 1 { ",\n" } else { "\n" };
        let mut annotation = json!({
            "id": self.annotations, "image_id": self.images, "category_id": class + 1,
            "bbox": shape.bounds(), "area": shape.area(), "iscrowd": 0, "segmentation": segmentation,
        });
        if let Shape::Keypoints { points, .. } = &shape {
            let present = points.iter().filter(|point| point[2] > 0.0).count();
            annotation["num_keypoints"] = present.into();
            annotation["keypoints"] = json!(points.concat());
        }
        if let Some(attributes) = object["attributes"].as_object().filter(|map| !map.is_empty()) {
            annotation["attributes"] = Value::Object(attributes.clone());
        }
        write!(self.spool, "{separator}{annotation}")
    }

    /// Appends the annotations, ends the file, and tells what it could not hold.
    pub fn finish(mut self) -> io::Result<(W, LossReport)> {
        self.out.write_all(b"\n],\"annotations\":[")?;
        let mut spool = self.spool.into_inner().map_err(|error| error.into_error())?;
        spool.seek(SeekFrom::Start(0))?;
        io::copy(&mut spool, &mut self.out)?;
        self.out.write_all(b"\n]}\n")?;
        let out = self.out.into_inner().map_err(|error| error.into_error())?;
        Ok((out, self.losses))
    }
}

/// Counts the relations and groups of an answer, for formats that have no place for them.
pub(crate) fn count_relations(losses: &mut LossReport, name: &str, answer: &Value) {
    for one in answer["relations"].as_array().into_iter().flatten() {
        losses.add("relation", || format!("{name}: {} to {}", one["from"], one["to"]));
    }
    for list in ["objects", "spans"] {
        for one in answer[list].as_array().into_iter().flatten() {
            if !one["group"].is_null() {
                losses.add("group", || format!("{name}: {}", one["id"]));
            }
        }
    }
}

/// Counts what formats for objects in pictures have no place for (C5).
pub(crate) fn count_item_losses(losses: &mut LossReport, name: &str, answer: &Value) {
    for key in answer["attributes"].as_object().into_iter().flat_map(|map| map.keys()) {
        losses.add("item_attribute", || format!("{name}: {key}"));
    }
    for choice in answer["choices"].as_array().into_iter().flatten() {
        losses.add("choice", || format!("{name}: {choice}"));
    }
    count_relations(losses, name, answer);
    if answer["note"].as_str().is_some_and(|note| !note.is_empty()) {
        losses.add("note", || name.to_owned());
    }
}
