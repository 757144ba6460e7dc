//! Lists of labelled files as the clouds keep them, a line of JSON each: Amazon's SageMaker Ground Truth and Rekognition
//! (`source-ref` and a label attribute with its metadata), Google's Vertex AI and AutoML, Azure Machine Learning.
//! Google and Azure give places as parts of the sides: the size stands in the row, or in the picture beside it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::look::{Look, parse};
use super::yolo::is_picture;
use super::{Item, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};
use crate::text::{Line, ROW_MAX_BYTES, read_line};

/// Where the pictures of the data set are that lie beside the list.
struct Pictures<'a> {
    source: &'a mut Source,
    /// Each by its own name without its folders; none where several share it.
    by_name: HashMap<String, Option<usize>>,
}

impl Pictures<'_> {
    /// The name of a file from the folder of the data set, where it is there, and its size, where that is known.
    fn find(&mut self, address: &str) -> (String, Option<[u32; 2]>) {
        let last = address.split(['?', '#']).next().unwrap_or_default().rsplit('/').next();
        let last = last.unwrap_or(address);
        match self.by_name.get(last).copied().flatten() {
            Some(at) => (self.source.names()[at].clone(), self.source.size(at)),
            None => {
                let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
                let known = self.source.elsewhere(stem);
                (address.into(), known.map(|(_, size)| size))
            }
        }
    }
}

type Take = fn(&Look, &mut Pictures, &mut dyn Sink) -> Result<Item, Fault>;

pub(super) fn sagemaker(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each(source, sink, is_sagemaker, augmented)
}

pub(super) fn vertex(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each(source, sink, is_vertex, of_vertex)
}

pub(super) fn azure(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    each(source, sink, is_azure, of_azure)
}

fn each(
    source: &mut Source,
    sink: &mut dyn Sink,
    is_one: fn(&Map<String, Value>) -> bool,
    take: Take,
) -> Result<(), ReadError> {
    let mut by_name: HashMap<String, Option<usize>> = HashMap::new();
    for (at, path) in source.names().iter().enumerate().filter(|(_, path)| is_picture(path)) {
        let name = path.rsplit('/').next().unwrap_or(path);
        by_name.entry(name.into()).and_modify(|at| *at = None).or_insert(Some(at));
    }
    let several = source.names().len() > 1;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let listed = matches!(ending, "manifest" | "jsonl" | "ndjson" | "json");
        if several && !listed {
            continue;
        }
        let mut input = source.stream(index)?;
        let mut pictures = Pictures { source, by_name: std::mem::take(&mut by_name) };
        let (mut line, mut row, mut others) = (Vec::new(), 0, 0);
        loop {
            row += 1;
            match read_line(&mut input, &mut line, ROW_MAX_BYTES)? {
                Line::End => break,
                Line::TooLong => {
                    let fault = Fault::new("", Code::TooLong, "the row is longer than 16 MiB");
                    sink.refuse(refusal(&name, row, fault, &line));
                }
                Line::Whole if line.iter().all(u8::is_ascii_whitespace) => {}
                Line::Whole => match parse(&name, row, &line) {
                    // Another list of the same folder, of which nothing is meant here.
                    Ok(value) if several && !value.as_object().is_some_and(is_one) => {
                        others += 1;
                        if others == 1 {
                            sink.lose("file_not_read", name.clone());
                        }
                    }
                    Ok(value) => match take(&Look::new(&value, ""), &mut pictures, sink) {
                        Ok(mut item) => {
                            // A text has no name of its own.
                            if item.name.is_empty() {
                                item.name = format!("row_{row}");
                            }
                            sink.item(item)?;
                        }
                        Err(fault) => sink.refuse(refusal(&name, row, fault, &line)),
                    },
                    Err(refused) => sink.refuse(refused),
                },
            }
        }
        by_name = pictures.by_name;
    }
    Ok(())
}

/// Adds a mark, while there is room.
fn add(item: &mut Item, look: &Look, mark: Mark) -> Result<(), Fault> {
    if item.marks.len() >= MARKS_MAX {
        return Err(look.range("is beyond the 50,000 marks that one item may have"));
    }
    item.marks.push(mark);
    Ok(())
}

fn span(item: &Item, look: &Look, class: &str, [start, end]: [&Look; 2]) -> Result<Mark, Fault> {
    let length = item.text.as_ref().map_or(0, |text| text.chars().count() as u64);
    let (start, end) = (start.offset()?, end.offset()?);
    if end <= start || end > length {
        let message = format!("does not lie within the {length} characters of the text");
        return Err(look.range(&message));
    }
    Ok(Mark::span(class, start, end))
}

/// Whether a row has something that was labelled, and a label attribute with its metadata.
pub(super) fn is_sagemaker(row: &Map<String, Value>) -> bool {
    (row.contains_key("source-ref") || row.contains_key("source"))
        && row.keys().any(|key| key.ends_with("-metadata") && row[key].is_object())
}

fn augmented(look: &Look, pictures: &mut Pictures, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let row = look.map()?;
    let mut item = Item::default();
    if let Some(address) = look.maybe("source-ref") {
        let (name, size) = pictures.find(address.text()?);
        item.name = name;
        [item.width, item.height] = size.map_or([None; 2], |size| size.map(Some));
    } else {
        let text = look.get("source")?.text()?;
        item.text = Some(text.into());
    }
    item.id = look.maybe("id").map(|id| id.id()).transpose()?;
    let said: Vec<&String> =
        row.keys().filter(|key| row.contains_key(&format!("{key}-metadata"))).collect();
    for key in &said {
        let (Some(value), Some(about)) = (look.maybe(key), look.maybe(&format!("{key}-metadata")))
        else {
            continue;
        };
        let from = item.marks.len();
        attribute(&value, &about, &mut item, sink)?;
        if said.len() > 1 {
            item.marks[from..].iter_mut().for_each(|mark| mark.question = Some((*key).clone()));
        }
    }
    for (key, value) in row {
        let known = key == "source" || key == "source-ref" || key == "id";
        let read = key.strip_suffix("-metadata").is_some_and(|key| row.contains_key(key));
        if !known && !read && !said.contains(&key) && !value.is_null() {
            item.metadata.insert(key.clone(), value.clone());
        }
    }
    Ok(item)
}

/// What one job said.
fn attribute(
    value: &Look,
    about: &Look,
    item: &mut Item,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let classes = about.maybe("class-map");
    let class = |number: &Look| -> Result<String, Fault> {
        let id = number.id()?;
        let name = classes.as_ref().and_then(|classes| classes.maybe(&id));
        name.map_or_else(
            || {
                let message = format!("the class {id} has no name in `class-map`");
                Err(Fault::new(&number.path, Code::UnknownValue, message))
            },
            |name| Ok(name.text()?.to_owned()),
        )
    };
    // How sure a crowd is of itself is another thing than how sure a model is.
    let by_human = about.maybe("human-annotated").map(|by| by.text()).transpose()?;
    let by_model = by_human == Some("no");
    let sure = |mark: &mut Mark, confidence: Option<Look>| -> Result<(), Fault> {
        match confidence.map(|confidence| confidence.number()).transpose()? {
            Some(score) if by_model => mark.score = Some(score),
            Some(score) => drop(mark.attributes.insert("confidence".into(), score.into())),
            None => {}
        }
        Ok(())
    };
    const ABOUT: [&str; 10] = [
        "class-map",
        "class-name",
        "confidence",
        "confidence-map",
        "objects",
        "human-annotated",
        "type",
        "job-name",
        "creation-date",
        "internal-color-map",
    ];
    about.lose_rest(&ABOUT, sink);
    let annotations = value.maybe("annotations");
    if annotations.is_some() {
        value.lose_rest(&["annotations", "image_size"], sink);
    }
    if let Some(entities) = annotations.as_ref().and_then(|said| said.maybe("entities")) {
        if let Some(said) = &annotations {
            said.lose_rest(&["entities"], sink);
        }
        for entity in entities.list()? {
            entity.lose_rest(&["label", "startOffset", "endOffset"], sink);
            let class = entity.get("label")?.text()?;
            let places = [&entity.get("startOffset")?, &entity.get("endOffset")?];
            let mark = span(item, &entity, class, places)?;
            add(item, &entity, mark)?;
        }
    } else if let Some(annotations) = annotations {
        let sizes = value.maybe("image_size").map(|sizes| sizes.list()).transpose()?;
        if let Some(size) = sizes.into_iter().flatten().next() {
            item.width = Some(size.get("width")?.side()?);
            item.height = Some(size.get("height")?.side()?);
        }
        let objects = about.maybe("objects").map(|objects| objects.list()).transpose()?;
        let objects: Vec<Look> = objects.into_iter().flatten().collect();
        for object in &objects {
            object.map()?;
            object.lose_rest(&["confidence"], sink);
        }
        for (nth, object) in annotations.list()?.enumerate() {
            let shape = match object.maybe("vertices") {
                Some(vertices) => Shape::Polygon { points: points(&vertices, [1.0; 2])? },
                None => {
                    let number = |key| object.get(key)?.number();
                    let place =
                        [number("left")?, number("top")?, number("width")?, number("height")?];
                    object.boxed(place)?
                }
            };
            let mut mark = Mark::shape(class(&object.get("class_id")?)?, shape);
            sure(&mut mark, objects.get(nth).and_then(|object| object.maybe("confidence")))?;
            mark.attributes
                .extend(object.rest(&["class_id", "left", "top", "width", "height", "vertices"]));
            add(item, &object, mark)?;
        }
    } else if value.value.is_array() {
        for number in value.list()? {
            let mut mark = Mark::whole(class(&number)?);
            let sures = about.maybe("confidence-map");
            sure(&mut mark, sures.and_then(|sures| sures.maybe(&number.id().ok()?)))?;
            add(item, &number, mark)?;
        }
    } else if let Some(name) = about.maybe("class-name") {
        let mut mark = Mark::whole(name.text()?);
        sure(&mut mark, about.maybe("confidence"))?;
        add(item, value, mark)?;
    } else if about.maybe("internal-color-map").is_some() {
        sink.lose("mask_file", item.name.clone());
    } else {
        item.metadata.insert(value.path.clone(), value.value.clone());
        sink.lose("field_not_read", format!("{}: {}", item.name, value.path));
    }
    Ok(())
}

/// Corners as records of `x` and `y`.
fn points(look: &Look, [width, height]: [f64; 2]) -> Result<Vec<[f64; 2]>, Fault> {
    let mut points = Vec::new();
    for point in look.list()? {
        points.push([point.get("x")?.number()? * width, point.get("y")?.number()? * height]);
    }
    if points.len() < 2 { Err(look.range("has too few points")) } else { Ok(points) }
}

/// The sides of the picture as numbers; what is said in parts of them cannot be read without.
fn sides(item: &Item, look: &Look) -> Result<[f64; 2], Fault> {
    match (item.width, item.height) {
        (Some(width), Some(height)) => Ok([f64::from(width), f64::from(height)]),
        _ => {
            let message = "the size of the picture is not known: put the picture beside the list";
            Err(Fault::new(&look.path, Code::MissingField, message))
        }
    }
}

const VERTEX: [&str; 9] = [
    "boundingBoxAnnotations",
    "classificationAnnotation",
    "classificationAnnotations",
    "textSegmentAnnotations",
    "sentimentAnnotation",
    "polygonAnnotations",
    "polylineAnnotations",
    "timeSegmentAnnotations",
    "segmentationAnnotation",
];
/// What is taken over of an annotation, beside its place.
const NAMED: [&str; 2] = ["displayName", "annotationResourceLabels"];
const PLACES: [&str; 9] = [
    "startOffset",
    "endOffset",
    "startTime",
    "endTime",
    "xMin",
    "yMin",
    "xMax",
    "yMax",
    "vertexes",
];
const USE: &str = "aiplatform.googleapis.com/ml_use";

pub(super) fn is_vertex(row: &Map<String, Value>) -> bool {
    let has = |key: &str| row.contains_key(key);
    let item = ["imageGcsUri", "textContent", "textGcsUri", "videoGcsUri"].into_iter().any(has);
    item && (VERTEX.into_iter().any(has) || has("dataItemResourceLabels"))
        || has("text_snippet") && has("annotations")
}

fn of_vertex(look: &Look, pictures: &mut Pictures, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let mut item = Item::default();
    let address =
        ["imageGcsUri", "videoGcsUri", "textGcsUri"].iter().find_map(|key| look.maybe(key));
    if let Some(address) = &address {
        let (name, size) = pictures.find(address.text()?);
        item.name = name;
        [item.width, item.height] = size.map_or([None; 2], |size| size.map(Some));
    }
    let snippet = look.maybe("text_snippet").and_then(|snippet| snippet.maybe("content"));
    if let Some(snippet) = look.maybe("text_snippet") {
        snippet.lose_rest(&["content", "mime_type"], sink);
    }
    if let Some(text) = look.maybe("textContent").or(snippet) {
        item.text = Some(text.text()?.into());
    }
    let mut labels =
        look.maybe("dataItemResourceLabels").map_or_else(Map::new, |said| said.rest(&[USE]));
    item.metadata.append(&mut labels);
    let part = look.maybe("dataItemResourceLabels").and_then(|said| said.maybe(USE));
    if let Some(part) = part.map(|part| part.text()).transpose()? {
        item.subset = if part == "training" { "train" } else { part }.into();
    }
    let named = |look: &Look| Ok::<String, Fault>(look.get("displayName")?.text()?.to_owned());
    let facts = |mark: Mark, look: &Look| {
        let said = look.maybe_object("annotationResourceLabels")?;
        Ok(Mark { attributes: said.map_or_else(Map::new, |said| said.rest(&[USE])), ..mark })
    };
    for key in VERTEX {
        let Some(said) = look.maybe(key) else { continue };
        match key {
            "classificationAnnotation" => {
                said.lose_rest(&NAMED, sink);
                let mark = facts(Mark::whole(named(&said)?), &said)?;
                add(&mut item, &said, mark)?;
                continue;
            }
            "sentimentAnnotation" => {
                let value = Some(said.get("sentiment")?.number()?);
                let mark = Mark { value, question: Some("sentiment".into()), ..Mark::default() };
                add(&mut item, &said, Mark { attributes: said.rest(&["sentiment"]), ..mark })?;
                continue;
            }
            "segmentationAnnotation" => {
                sink.lose("mask_file", item.name.clone());
                continue;
            }
            _ => {}
        }
        for one in said.list()? {
            one.lose_rest(&[&NAMED[..], &PLACES[..]].concat(), sink);
            let class = named(&one)?;
            let mark = match key {
                "classificationAnnotations" => Mark::whole(class),
                "textSegmentAnnotations" => {
                    span(&item, &one, &class, [&one.get("startOffset")?, &one.get("endOffset")?])?
                }
                "timeSegmentAnnotations" => {
                    let second = |key| -> Result<f64, Fault> {
                        let said = one.get(key)?;
                        let number = said.text()?.trim_end_matches('s').parse::<f64>().ok();
                        number
                            .filter(|number| *number >= 0.0 && number.is_finite())
                            .ok_or_else(|| said.range("is no time such as 1.5s"))
                    };
                    let place = Place::Time {
                        start: second("startTime")?,
                        end: second("endTime")?,
                        channel: None,
                    };
                    Mark { class, place, ..Mark::default() }
                }
                "boundingBoxAnnotations" => {
                    let [width, height] = sides(&item, &one)?;
                    let number = |key| one.get(key)?.number();
                    let [x, y] = [number("xMin")? * width, number("yMin")? * height];
                    let place = [x, y, number("xMax")? * width - x, number("yMax")? * height - y];
                    Mark::shape(class, one.boxed(place)?)
                }
                _ => {
                    let points = points(&one.get("vertexes")?, sides(&item, &one)?)?;
                    let is_line = key == "polylineAnnotations";
                    Mark::shape(
                        class,
                        if is_line { Shape::Line { points } } else { Shape::Polygon { points } },
                    )
                }
            };
            let mark = facts(mark, &one)?;
            add(&mut item, &one, mark)?;
        }
    }
    // AutoML's own, before Vertex.
    if let Some(said) = look.maybe("annotations").filter(|_| look.maybe("text_snippet").is_some()) {
        for one in said.list()? {
            one.lose_rest(&["display_name", "text_extraction", "classification"], sink);
            let class = one.get("display_name")?.text()?;
            let mark = match one.maybe("text_extraction") {
                Some(place) => {
                    place.lose_rest(&["text_segment"], sink);
                    let place = place.get("text_segment")?;
                    place.lose_rest(&["start_offset", "end_offset"], sink);
                    let start = place.maybe("start_offset");
                    let zero = Value::from(0);
                    let start = start.unwrap_or_else(|| Look::new(&zero, "start_offset"));
                    span(&item, &one, class, [&start, &place.get("end_offset")?])?
                }
                None => Mark::whole(class),
            };
            add(&mut item, &one, mark)?;
        }
    }
    let mut known = vec![
        "imageGcsUri",
        "videoGcsUri",
        "textGcsUri",
        "textContent",
        "text_snippet",
        "annotations",
        "dataItemResourceLabels",
        "mimeType",
    ];
    known.extend(VERTEX);
    for (key, _) in look.rest(&known) {
        sink.lose("field_not_read", format!("{}: {key}", item.name));
    }
    Ok(item)
}

pub(super) fn is_azure(row: &Map<String, Value>) -> bool {
    let address = row.get("image_url").and_then(Value::as_str).unwrap_or_default();
    let theirs = ["azureml://", "AmlDatastore://"].iter().any(|scheme| address.starts_with(scheme));
    row.contains_key("label")
        && (theirs || row.contains_key("image_details") && !address.is_empty())
}

fn of_azure(look: &Look, pictures: &mut Pictures, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let (name, size) = pictures.find(look.get("image_url")?.text()?);
    let mut item = Item {
        name: name.replacen("azureml://", "", 1).replacen("AmlDatastore://", "", 1),
        ..Item::default()
    };
    let [mut width, mut height] = size.map_or([None; 2], |size| size.map(Some));
    if let Some(details) = look.maybe("image_details") {
        details.lose_rest(&["width", "height", "format"], sink);
        for (key, side) in [("width", &mut width), ("height", &mut height)] {
            let said = details.maybe(key).map(|said| said.id()).transpose()?;
            let pixels =
                said.and_then(|said| said.trim_end_matches("px").trim().parse::<f64>().ok());
            let pixels =
                pixels.filter(|pixels| pixels.fract() == 0.0 && *pixels > 0.0 && *pixels < 1e9);
            *side = side.or(pixels.map(|pixels| pixels as u32));
        }
    }
    (item.width, item.height) = (width, height);
    item.metadata = look.rest(&["image_url", "image_details", "label", "label_confidence"]);
    let label = look.get("label")?;
    if !label.value.is_array() {
        item.marks.push(Mark::whole(label.id()?));
        return Ok(item);
    }
    for one in label.list()? {
        if !one.value.is_object() {
            add(&mut item, &one, Mark::whole(one.id()?))?;
            continue;
        }
        let class = one.get("label")?.id()?;
        let [across, down] = sides(&item, &one)?;
        let mut mark = match one.maybe("polygon") {
            Some(parts) => {
                let mut outlines = Vec::new();
                for part in parts.list()? {
                    let points = part.flat(3)?;
                    outlines.push(points.iter().map(|[x, y]| [x * across, y * down]).collect());
                }
                let shape = match outlines.len() {
                    0 => return Err(parts.range("has no outline")),
                    1 => Shape::Polygon { points: outlines.remove(0) },
                    _ => Shape::Parts { parts: outlines },
                };
                Mark::shape(class, shape)
            }
            None => {
                let number = |key| one.get(key)?.number();
                let [x, y] = [number("topX")? * across, number("topY")? * down];
                let place = [x, y, number("bottomX")? * across - x, number("bottomY")? * down - y];
                Mark::shape(class, one.boxed(place)?)
            }
        };
        mark.crowd = one.flag("isCrowd")?;
        let known = ["label", "polygon", "bbox", "topX", "topY", "bottomX", "bottomY", "isCrowd"];
        for (key, _) in one.rest(&known) {
            sink.lose("field_not_read", format!("{}: {key}", item.name));
        }
        add(&mut item, &one, mark)?;
    }
    Ok(item)
}

/// Azure Machine Learning writes places as parts of the sides.
pub(super) fn in_pixels(mut item: Item) -> Item {
    let address = item.metadata.get("coco_url").and_then(Value::as_str).unwrap_or_default();
    let theirs = ["AmlDatastore://", "azureml://"].iter().any(|scheme| address.starts_with(scheme));
    let (Some(width), Some(height)) = (item.width, item.height) else { return item };
    let [across, down] = [f64::from(width), f64::from(height)];
    let mut points: Vec<&mut [f64; 2]> = Vec::new();
    for mark in item.marks.iter_mut().filter(|_| theirs) {
        match &mut mark.place {
            Place::Shape(Shape::Box { x, y, width, height })
                if *x + *width <= 1.0 && *y + *height <= 1.0 =>
            {
                (*x, *y, *width, *height) =
                    (*x * across, *y * down, *width * across, *height * down);
            }
            Place::Shape(Shape::Polygon { points: outline }) => points.extend(outline),
            Place::Shape(Shape::Parts { parts }) => points.extend(parts.iter_mut().flatten()),
            _ => {}
        }
    }
    if points.iter().all(|[x, y]| *x <= 1.0 && *y <= 1.0) {
        points.into_iter().for_each(|[x, y]| (*x, *y) = (*x * across, *y * down));
    }
    item
}
