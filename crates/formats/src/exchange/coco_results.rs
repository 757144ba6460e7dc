//! COCO results: what a model found, as one flat list. Images and categories are numbers there, and nothing else.
//! pycocotools looks at the first of the list, and expects of each other what that one has: a box, or a mask.

use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::outlet::{Made, Outlet};
use super::{Class, Item, Mark, Names, Place, Shape, Writer, lose_item, lose_mark};
use crate::loss::LossReport;

pub(super) struct ResultFile {
    out: BufWriter<Made>,
    names: Names,
    count: u64,
    /// What the first of them has, and each of the others needs.
    first: Option<&'static str>,
}

impl ResultFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(256 << 10, out.single()?);
        out.write_all(b"[")?;
        Ok(Self { out, names: Names::default(), count: 0, first: None })
    }

    /// The number of a class: its own, the one in a name that stands for a number, or its place in the list.
    fn category(&mut self, name: &str) -> i64 {
        let at = self.names.index(name);
        let number = name.strip_prefix("category_").and_then(|number| number.parse().ok());
        self.names.list[at].id.or(number).unwrap_or(at as i64 + 1)
    }

    /// Gives a result what the first of the list has.
    fn like_the_first(
        &mut self,
        mut result: Value,
        item: &Item,
        mark: &Mark,
        losses: &mut LossReport,
    ) -> Value {
        let has = |key: &str| result.get(key).is_some();
        let has_first = ["bbox", "segmentation"].into_iter().find(|key| has(key));
        let first = *self.first.get_or_insert(has_first.unwrap_or_default());
        let Place::Shape(shape) = &mark.place else { return result };
        let [x, y, width, height] = shape.bounds();
        match first {
            "bbox" if !has("bbox") && width > 0.0 && height > 0.0 => {
                result["bbox"] = json!([x, y, width, height]);
            }
            "segmentation" if !has("segmentation") && !has("keypoints") => {
                let size = item.height.zip(item.width);
                let around = Shape::Box { x, y, width, height };
                let mask = size.and_then(|(height, width)| around.mask(height, width));
                let kind = if mask.is_some() { "outline_as_pixels" } else { "box_among_masks" };
                losses.add(kind, || format!("{}: {}", item.name, mark.class));
                if let Some(mask) = mask {
                    result["segmentation"] =
                        json!({ "size": [mask.height, mask.width], "counts": mask.counts });
                }
            }
            _ => {}
        }
        result
    }

    fn result(
        &mut self,
        image: &Value,
        item: &Item,
        mark: &Mark,
        losses: &mut LossReport,
    ) -> Option<Value> {
        let place = || format!("{}: {}", item.name, mark.class);
        lose_mark(item, mark, &["score"], losses);
        if mark.score.is_none() {
            losses.add("no_score", place);
        }
        let mut result = json!({ "image_id": image, "score": mark.score.unwrap_or(1.0) });
        if let Place::Words(words) = &mark.place {
            result["caption"] = words.as_str().into();
            return Some(result);
        }
        let Place::Shape(shape) = &mark.place else {
            losses.add("class_of_the_whole", place);
            return None;
        };
        if mark.class.is_empty() {
            losses.add("no_class", place);
            return None;
        }
        result["category_id"] = self.category(&mark.class).into();
        match shape {
            Shape::Box { .. } => result["bbox"] = json!(shape.bounds()),
            Shape::Keypoints { points, around } => {
                result["keypoints"] = json!(points.as_flattened());
                if let Some(around) = around {
                    result["bbox"] = json!(around);
                }
            }
            Shape::Line { .. } | Shape::Points { .. } | Shape::Solid { .. } => {
                losses.add(shape.kind(), place);
                return None;
            }
            _ => {
                // The tool that scores results takes masks only.
                let size = match shape {
                    Shape::Mask(mask) => Some((mask.height, mask.width)),
                    _ => item.height.zip(item.width),
                };
                let mask = size.and_then(|(height, width)| shape.mask(height, width));
                let Some(mask) = mask else {
                    losses.add("outline_as_box", place);
                    result["bbox"] = json!(shape.bounds());
                    return Some(result);
                };
                if !matches!(shape, Shape::Mask(_)) {
                    losses.add("outline_as_pixels", place);
                }
                result["segmentation"] =
                    json!({ "size": [mask.height, mask.width], "counts": mask.counts });
            }
        }
        Some(result)
    }
}

impl Writer for ResultFile {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        let number = item.id.as_deref().and_then(|id| id.parse::<i64>().ok());
        let Some(number) = number else {
            losses.add("no_number", || item.name.clone());
            return Ok(());
        };
        // A name that only repeats the number is the one that reading results gives.
        if item.name != number.to_string() {
            losses.add("file_name", || item.name.clone());
        }
        if item.marks.is_empty() {
            losses.add("item_without_marks", || item.name.clone());
        }
        for mark in &item.marks {
            if !mark.class.is_empty() && !mark.class.starts_with("category_") {
                losses.add("class_name", || format!("{}: {}", item.name, mark.class));
            }
            if let Some(result) = self.result(&number.into(), item, mark, losses) {
                let result = self.like_the_first(result, item, mark, losses);
                let comma = if self.count > 0 { ",\n" } else { "\n" };
                self.count += 1;
                write!(self.out, "{comma}{result}")?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}
