//! What one annotation of COCO says: its class, its shape, and what tools add to it.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::coco::numbered;
use super::coco_join::{Told, is_near};
use super::look::Look;
use super::{Mark, Mask, Place, Shape, Sink};
use crate::row::{Code, Fault};

/// What nearly every annotation is; whatever is not, or is wrong, is looked at more closely.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    id: i64,
    #[serde(rename = "image_id")]
    _image: IgnoredAny,
    category_id: i64,
    bbox: [f64; 4],
    #[serde(rename = "area", default)]
    _area: Option<f64>,
    #[serde(default)]
    iscrowd: u8,
    #[serde(default)]
    segmentation: Vec<Vec<f64>>,
}

pub(super) fn mark(
    names: &HashMap<i64, String>,
    results: bool,
    nth: u32,
    raw: &[u8],
    item: &str,
    sink: &mut dyn Sink,
) -> Result<Told, Fault> {
    if let Ok(plain) = serde_json::from_slice::<Plain>(raw)
        && let Some(class) = names.get(&plain.category_id)
        && let Some(shape) = plain_shape(&plain)
    {
        let id = Some(plain.id.to_string());
        let mark = Mark { id, crowd: plain.iscrowd != 0, ..Mark::shape(class.clone(), shape) };
        return Ok(Told { mark, outline: false, path: String::new() });
    }
    let path = format!("annotations[{nth}]");
    let value = super::look::value(raw).map_err(|mut fault| {
        fault.field = format!("{path}.{}", fault.field).trim_end_matches('.').into();
        fault
    })?;
    let (mark, outline) = closer(names, results, &Look::new(&value, &path), item, sink)?;
    Ok(Told { mark, outline, path })
}

fn plain_shape(plain: &Plain) -> Option<Shape> {
    let [x, y, width, height] = plain.bbox;
    if !(width > 0.0 && height > 0.0) || plain.iscrowd > 1 {
        return None;
    }
    let upright = Shape::Box { x, y, width, height };
    match &plain.segmentation[..] {
        [] => Some(upright),
        [part] => {
            let (points, rest) = part.as_chunks::<2>();
            let shape = Shape::Polygon { points: points.to_vec() };
            (points.len() >= 3 && rest.is_empty() && is_near(shape.bounds(), plain.bbox))
                .then_some(shape)
        }
        _ => None,
    }
}

fn closer(
    names: &HashMap<i64, String>,
    results: bool,
    look: &Look,
    item: &str,
    sink: &mut dyn Sink,
) -> Result<(Mark, bool), Fault> {
    let mut mark = Mark {
        id: look.maybe("id").map(|id| id.id()).transpose()?,
        score: look.maybe("score").map(|score| score.number()).transpose()?,
        crowd: look.flag("iscrowd")?,
        track: look.maybe("track_id").map(|track| track.whole()).transpose()?,
        ..Mark::default()
    };
    let caption = look.maybe("caption");
    if let Some(caption) = &caption {
        mark.place = Place::Words(caption.text()?.into());
    }
    let category = match look.maybe("category_id") {
        None if caption.is_some() => None,
        _ => Some(look.get("category_id")?),
    };
    if let Some(category) = category {
        let id = numbered(&category)?;
        match names.get(&id) {
            Some(name) => mark.class = name.clone(),
            // A list of results has no names but those that stand where the number should, or beside it (SAHI).
            None if results => {
                let name = category.value.as_str().filter(|name| name.parse::<i64>().is_err());
                let beside = look.maybe("category_name").map(|name| name.text()).transpose()?;
                let name = name.or(beside).filter(|name| !name.is_empty());
                mark.class = name.map_or_else(|| format!("category_{id}"), str::to_owned);
            }
            None if caption.is_some() => {}
            None => {
                let path = &category.path;
                let message =
                    format!("`{path}` is {}, which `categories` does not have", category.value);
                return Err(Fault::new(path, Code::UnknownValue, message));
            }
        }
    }
    // COCO Annotator calls them `metadata`.
    for key in ["metadata", "attributes"] {
        if let Some(attributes) =
            look.maybe(key).filter(|said| key != "metadata" || said.value.is_object())
        {
            mark.attributes.extend(attributes.map()?.clone());
        }
    }
    if look.flag("ignore")? {
        mark.attributes.insert("ignore".into(), true.into());
    }
    let mut outline = false;
    if caption.is_none()
        && let Some((shape, beside)) = shape(look, item, sink)?
    {
        // COCO Annotator says so of an outline that was drawn as a box.
        let boxed = look.maybe("isbbox").is_some_and(|boxed| boxed.value == true);
        mark.place = Place::Shape(match shape {
            Shape::Polygon { points } if boxed && is_upright(&points) => {
                let [x, y, width, height] = Shape::Points { points }.bounds();
                Shape::Box { x, y, width, height }
            }
            shape => shape,
        });
        outline = beside;
    }
    const KNOWN: &[&str] = &[
        "id",
        "image_id",
        "category_id",
        "bbox",
        "area",
        "iscrowd",
        "segmentation",
        "keypoints",
        "num_keypoints",
        "attributes",
        "score",
        "caption",
        "track_id",
        "ignore",
    ];
    for (key, value) in look.map()? {
        let is_said = match &key[..] {
            "file_name" => results,
            "category_name" => *value == mark.class,
            "metadata" => value.is_object(),
            // Of other shapes it is nothing that is not seen.
            "isbbox" => value.is_boolean(),
            _ => false,
        };
        let is_known = is_said || KNOWN.contains(&key.as_str());
        if !is_known && !value.is_null() && value != "" {
            sink.lose("field_not_read", format!("{item}: {}.{key}", look.path));
        }
    }
    Ok((mark, outline))
}

/// Whether an outline is that of a box: four corners, each straight beside or below the one before.
fn is_upright(points: &[[f64; 2]]) -> bool {
    let [a, b, c, d] = points else { return false };
    let [flat, steep] = [0, 1].map(|axis| a[axis] == b[axis] && c[axis] == d[axis]);
    let [flat_too, steep_too] = [0, 1].map(|axis| b[axis] == c[axis] && d[axis] == a[axis]);
    a != c && b != d && (flat && steep_too || steep && flat_too)
}

/// The shape of an annotation, and whether it has an outline besides.
fn shape(look: &Look, item: &str, sink: &mut dyn Sink) -> Result<Option<(Shape, bool)>, Fault> {
    let upright = match look.maybe("bbox") {
        // An empty list means that there is none.
        Some(list) if list.value.as_array().is_some_and(Vec::is_empty) => None,
        Some(list) => {
            let four = list.four()?;
            for (side, at) in [(four[2], 2), (four[3], 3)] {
                if side <= 0.0 {
                    let path = format!("{}[{at}]", list.path);
                    let message =
                        format!("`{path}` is {side}: a box has a width and a height above 0");
                    return Err(Fault::new(&path, Code::OutOfRange, message));
                }
            }
            Some(four)
        }
        None => None,
    };
    let outline =
        look.maybe("segmentation").map(|found| segmentation(&found)).transpose()?.flatten();
    let keypoints = match look.maybe("keypoints") {
        Some(list) if list.value.as_array().is_none_or(|list| !list.is_empty()) => Some(list),
        _ => None,
    };
    if let Some(list) = keypoints {
        let numbers = list.numbers()?;
        let (points, rest) = numbers.as_chunks::<3>();
        if !rest.is_empty() {
            return Err(list.range("is no list of x, y and visibility by turns"));
        }
        if points.iter().any(|point| ![0.0, 1.0, 2.0].contains(&point[2])) {
            return Err(list.range("has a visibility that is not 0, 1 or 2"));
        }
        let shape = Shape::Keypoints { points: points.to_vec(), around: upright };
        return Ok(Some((shape, outline.is_some())));
    }
    if let (Some(outline), Some(upright)) = (&outline, upright)
        && !is_near(outline.bounds(), upright)
    {
        sink.lose("box_beside_outline", format!("{item}: {}", look.path));
    }
    let upright = upright.map(|[x, y, width, height]| Shape::Box { x, y, width, height });
    Ok(outline.or(upright).map(|shape| (shape, false)))
}

fn segmentation(look: &Look) -> Result<Option<Shape>, Fault> {
    if look.value.is_object() {
        return mask(look).map(|mask| Some(Shape::Mask(mask)));
    }
    let mut parts = Vec::new();
    for part in look.list()? {
        if part.value.is_number() {
            return Ok(Some(Shape::Polygon { points: look.flat(3)? }));
        }
        parts.push(part.flat(3)?);
    }
    let single = parts.len() == 1;
    Ok(match parts.pop() {
        None => None,
        Some(points) if single => Some(Shape::Polygon { points }),
        Some(last) => {
            parts.push(last);
            Some(Shape::Parts { parts })
        }
    })
}

/// A mask: `{"size": [height, width], "counts": text or list}`.
pub(super) fn mask(look: &Look) -> Result<Mask, Fault> {
    let size = look.get("size")?;
    let sides: Vec<u32> = size.list()?.map(|side| side.side()).collect::<Result<_, _>>()?;
    let [height, width] = sides[..] else { return Err(size.range("is not height and width")) };
    let counts = look.get("counts")?;
    let mask = match counts.value {
        Value::String(text) => Mask { height, width, counts: text.clone() },
        _ => {
            let runs: Vec<u64> =
                counts.list()?.map(|run| run.offset()).collect::<Result<_, _>>()?;
            Mask::from_runs(height, width, &runs)
        }
    };
    if mask.runs().is_none() {
        return Err(counts.range("does not fill the `size` of the mask"));
    }
    Ok(mask)
}
