//! Reads COCO in one pass, whatever the order of its keys.
//!
//! Each image and annotation goes into a spool as it comes, annotations chained backwards by image; then the
//! images are read from there, each with its chain. In memory are a few dozen bytes for each image.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use crate::json::{self as strict, Budget, Budgeted, Strict};
use crate::loss::LossReport;
use crate::ontology::Classes;
use crate::row::{Code, Fault, RowError};
use crate::shape::Shape;

const ENTRY_MAX_BYTES: u64 = 16 << 20;
const CATEGORIES_MAX: usize = 10_000;
/// What one image may have: as many objects as an answer holds.
const ANNOTATIONS_MAX: usize = 50_000;

/// Says why a COCO file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum CocoError {
    #[error("the file is not readable as COCO: {message}")]
    NotCoco { code: Code, message: String },
    #[error("the file or its spool could not be read or written")]
    Io(#[from] io::Error),
}

impl CocoError {
    /// Returns the stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            CocoError::NotCoco { code, .. } => code.as_str(),
            CocoError::Io(_) => "unreadable",
        }
    }
}

/// A category as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    pub id: i64,
    pub name: String,
    pub supercategory: Option<String>,
}

/// Holds one image with the answer that its annotations make.
#[derive(Clone, Debug, PartialEq)]
pub struct CocoImage {
    pub id: i64,
    pub file_name: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// An answer document; its classes are keys of the ontology that it was read with.
    pub answer: Value,
}

/// Reads a whole file into the spool. `spool` is an empty temporary file.
pub fn read<R: Read, S: Read + Write + Seek>(input: R, spool: S) -> Result<CocoFile<S>, CocoError> {
    let budget = Budget::new(u64::MAX);
    let input = Budgeted { inner: input, budget: budget.clone() };
    // The buffer is small next to the budget, which counts what is read into it.
    let input = BufReader::with_capacity(16 << 10, input);
    let mut sink = Sink {
        file: CocoFile {
            spool,
            end: 0,
            images: Vec::new(),
            by_id: HashMap::new(),
            categories: Vec::new(),
            errors: Vec::new(),
            errors_total: 0,
            losses: LossReport::default(),
        },
        budget,
        io: None,
        seen: [false; 3],
    };
    let mut json = serde_json::Deserializer::from_reader(input);
    let outcome = json.deserialize_map(&mut sink).and_then(|()| json.end());
    if let Some(error) = sink.io {
        return Err(error.into());
    }
    outcome.map_err(|error| {
        if error.is_io() && !error.to_string().contains("one entry is longer") {
            return CocoError::Io(error.into());
        }
        let Fault { code, message, .. } = strict::fault(&error);
        let code = if code == Code::Unreadable { Code::TooLong } else { code };
        let code = if error.is_data() && code == Code::NotJson { Code::WrongType } else { code };
        CocoError::NotCoco { code, message }
    })?;
    let file = sink.file;
    if !sink.seen[0] {
        let message = "there is no list `images`: is this a COCO file?".into();
        return Err(CocoError::NotCoco { code: Code::MissingField, message });
    }
    Ok(file)
}

/// A COCO file that was read into its spool.
pub struct CocoFile<S> {
    spool: S,
    end: u64,
    images: Vec<Entry>,
    by_id: HashMap<i64, usize>,
    categories: Vec<Category>,
    errors: Vec<RowError>,
    errors_total: u64,
    losses: LossReport,
}

/// An image: where its own entry is in the spool, and where its last annotation so far is.
struct Entry {
    id: i64,
    image: Option<u64>,
    last: Option<u64>,
}

impl<S: Read + Write + Seek> CocoFile<S> {
    /// Returns the categories, from which an ontology can be proposed.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Returns the entries that make no sense, the first thousand of them; rows count within their list, from 1.
    pub fn errors(&self) -> &[RowError] {
        &self.errors
    }

    /// Returns how many entries make no sense.
    pub fn errors_total(&self) -> u64 {
        self.errors_total
    }

    /// Returns what was not taken over so far; complete once every image was read.
    pub fn losses(&self) -> &LossReport {
        &self.losses
    }

    /// Reads the images in their order and hands each to `take`, with classes found by key or by name.
    pub fn for_each<E: From<io::Error>>(
        &mut self,
        classes: &Classes,
        mut take: impl FnMut(CocoImage) -> Result<(), E>,
    ) -> Result<(), E> {
        let labels: HashMap<i64, Option<String>> = self
            .categories
            .iter()
            .map(|category| {
                (category.id, classes.find(&category.name).map(|class| class.key.clone()))
            })
            .collect();
        for index in 0..self.images.len() {
            let Entry { id, image, last } = self.images[index];
            let Some(at) = image else {
                self.losses.add("annotation_of_no_image", || format!("image_id {id}"));
                continue;
            };
            let image = self.fetch(at)?.1;
            let mut annotations = Vec::new();
            let mut next = last;
            while let Some(at) = next {
                let (before, annotation) = self.fetch(at)?;
                if annotations.len() < ANNOTATIONS_MAX {
                    annotations.push(annotation);
                } else {
                    self.losses.add("too_many_annotations", || format!("image_id {id}"));
                }
                next = before;
            }
            annotations.reverse();
            let mut objects = Vec::new();
            for annotation in &annotations {
                objects_of(annotation, &labels, &mut self.losses, &mut objects);
            }
            let side = |key: &str| image[key].as_u64().and_then(|side| u32::try_from(side).ok());
            take(CocoImage {
                id,
                file_name: image["file_name"].as_str().unwrap_or_default().to_owned(),
                width: side("width"),
                height: side("height"),
                answer: json!({ "objects": objects }),
            })?;
        }
        Ok(())
    }

    fn entry(&mut self, id: i64) -> &mut Entry {
        let index = *self.by_id.entry(id).or_insert_with(|| {
            self.images.push(Entry { id, image: None, last: None });
            self.images.len() - 1
        });
        &mut self.images[index]
    }

    /// Appends an entry to the spool: where the one before it in its chain is, its length, its text.
    fn store(&mut self, before: Option<u64>, value: &Value) -> io::Result<u64> {
        let text = value.to_string();
        let at = self.end;
        let mut entry = Vec::with_capacity(16 + text.len());
        entry.extend_from_slice(&before.unwrap_or(u64::MAX).to_le_bytes());
        entry.extend_from_slice(&(text.len() as u64).to_le_bytes());
        entry.extend_from_slice(text.as_bytes());
        self.spool.write_all(&entry)?;
        self.end += entry.len() as u64;
        Ok(at)
    }

    fn fetch(&mut self, at: u64) -> io::Result<(Option<u64>, Value)> {
        self.spool.seek(SeekFrom::Start(at))?;
        let mut number = [0; 8];
        self.spool.read_exact(&mut number)?;
        let before = u64::from_le_bytes(number);
        self.spool.read_exact(&mut number)?;
        let mut text = Vec::new();
        (&mut self.spool).take(u64::from_le_bytes(number)).read_to_end(&mut text)?;
        Ok((Some(before).filter(|at| *at != u64::MAX), serde_json::from_slice(&text)?))
    }

    fn refuse(&mut self, row: u64, field: &str, code: Code, message: &str, value: &Value) {
        const ERRORS_MAX: usize = 1000;
        self.errors_total += 1;
        if self.errors.len() < ERRORS_MAX {
            let raw = value.to_string();
            self.errors.push(Fault::new(field, code, message).at(row, raw.as_bytes()));
        }
    }

    fn image(&mut self, row: u64, mut value: Value) -> io::Result<()> {
        let field = "images";
        let Some(id) = value["id"].as_i64() else {
            self.refuse(
                row,
                field,
                Code::MissingField,
                "an image needs a whole number `id`",
                &value,
            );
            return Ok(());
        };
        if value["file_name"].as_str().is_none_or(str::is_empty) {
            self.refuse(row, field, Code::MissingField, "an image needs a `file_name`", &value);
            return Ok(());
        }
        if self.entry(id).image.is_some() {
            self.refuse(row, field, Code::DuplicateKey, "another image has this `id`", &value);
            return Ok(());
        }
        if let Some(object) = value.as_object_mut() {
            object.retain(|key, _| matches!(key.as_str(), "file_name" | "width" | "height"));
        }
        let at = self.store(None, &value)?;
        self.entry(id).image = Some(at);
        Ok(())
    }

    fn annotation(&mut self, row: u64, value: Value) -> io::Result<()> {
        let field = "annotations";
        let (Some(image), Some(_)) = (value["image_id"].as_i64(), value["category_id"].as_i64())
        else {
            let message = "an annotation needs whole numbers `image_id` and `category_id`";
            self.refuse(row, field, Code::MissingField, message, &value);
            return Ok(());
        };
        let before = self.entry(image).last;
        let at = self.store(before, &value)?;
        self.entry(image).last = Some(at);
        Ok(())
    }

    fn category(&mut self, row: u64, value: Value) {
        let (Some(id), Some(name)) = (value["id"].as_i64(), value["name"].as_str()) else {
            let message = "a category needs a whole number `id` and a `name`";
            self.refuse(row, "categories", Code::MissingField, message, &value);
            return;
        };
        if self.categories.len() >= CATEGORIES_MAX || self.categories.iter().any(|c| c.id == id) {
            let message = "another category has this `id`, or there are more than 10,000";
            self.refuse(row, "categories", Code::DuplicateKey, message, &value);
            return;
        }
        let supercategory = value["supercategory"].as_str().filter(|name| !name.is_empty());
        let supercategory = supercategory.map(str::to_owned);
        self.categories.push(Category { id, name: name.to_owned(), supercategory });
    }
}

/// Turns one annotation into objects: none, one, or one for each part of its polygon (C6).
fn objects_of(
    annotation: &Value,
    labels: &HashMap<i64, Option<String>>,
    losses: &mut LossReport,
    objects: &mut Vec<Value>,
) {
    let place = || format!("annotation {} of image {}", annotation["id"], annotation["image_id"]);
    let category = annotation["category_id"].as_i64().unwrap_or_default();
    let Some(Some(class)) = labels.get(&category) else {
        losses.add("unknown_category", || format!("{}: category {category}", place()));
        return;
    };
    if annotation["iscrowd"].as_i64() == Some(1) {
        losses.add("crowd", place);
        return;
    }
    for (key, kind) in [("keypoints", "keypoints"), ("score", "score")] {
        if !annotation[key].is_null() {
            losses.add(kind, place);
        }
    }

    let mut shapes = Vec::new();
    match &annotation["segmentation"] {
        Value::Object(_) => losses.add("mask", place),
        Value::Array(parts) => {
            for part in parts {
                match polygon(part) {
                    Some(shape) => shapes.push(shape),
                    None => losses.add("broken_polygon", place),
                }
            }
        }
        _ => {}
    }
    if shapes.len() > 1 {
        losses.add("polygon_of_several_parts", place);
    }
    if shapes.is_empty() {
        let Some(shape) = bbox(&annotation["bbox"]) else {
            losses.add("no_shape", place);
            return;
        };
        shapes.push(shape);
    }
    let attributes = annotation["attributes"].as_object().filter(|map| !map.is_empty());
    for shape in shapes {
        let mut object = Map::new();
        object.insert("id".into(), format!("o{}", objects.len() + 1).into());
        object.insert("class".into(), class.as_str().into());
        object.insert("shape".into(), shape.write());
        if let Some(attributes) = attributes {
            object.insert("attributes".into(), Value::Object(attributes.clone()));
        }
        objects.push(Value::Object(object));
    }
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

fn polygon(part: &Value) -> Option<Shape> {
    let numbers = numbers(part)?;
    let (points, rest) = numbers.as_chunks::<2>();
    (points.len() >= 3 && rest.is_empty()).then(|| Shape::Polygon { points: points.to_vec() })
}

fn bbox(value: &Value) -> Option<Shape> {
    let [x, y, width, height] = numbers(value)?.try_into().ok()?;
    (width > 0.0 && height > 0.0).then_some(Shape::Box { x, y, width, height })
}

/// Takes the parts of the file as the parser meets them.
struct Sink<S> {
    file: CocoFile<S>,
    budget: Budget,
    /// An error of the spool, which the parser could only pass on as text.
    io: Option<io::Error>,
    seen: [bool; 3],
}

#[derive(Clone, Copy)]
enum List {
    Images,
    Annotations,
    Categories,
}

impl<'de, S: Read + Write + Seek> Visitor<'de> for &mut Sink<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a COCO object with `images`, `annotations` and `categories`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        loop {
            self.budget.set(ENTRY_MAX_BYTES);
            let Some(key) = map.next_key::<String>()? else { return Ok(()) };
            let list = match key.as_str() {
                "images" => List::Images,
                "annotations" => List::Annotations,
                "categories" => List::Categories,
                _ => {
                    // What is passed over takes no memory, however long it is.
                    self.budget.set(u64::MAX);
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if std::mem::replace(&mut self.seen[list as usize], true) {
                return Err(strict::duplicate(&key));
            }
            map.next_value_seed(Entries { sink: &mut *self, list })?;
        }
    }
}

struct Entries<'a, S> {
    sink: &'a mut Sink<S>,
    list: List,
}

impl<'de, S: Read + Write + Seek> DeserializeSeed<'de> for Entries<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: Read + Write + Seek> Visitor<'de> for Entries<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let sink = self.sink;
        let mut row = 0;
        loop {
            sink.budget.set(ENTRY_MAX_BYTES);
            let Some(Strict(value)) = seq.next_element()? else { return Ok(()) };
            row += 1;
            let stored = match self.list {
                List::Images => sink.file.image(row, value),
                List::Annotations => sink.file.annotation(row, value),
                List::Categories => {
                    sink.file.category(row, value);
                    Ok(())
                }
            };
            if let Err(error) = stored {
                let message = error.to_string();
                sink.io = Some(error);
                return Err(serde::de::Error::custom(message));
            }
        }
    }
}
