//! Pascal VOC: one XML file for each picture, with boxes. The rules:
//!
//! - **V1** The original VOC counts pixels from 1 and includes the last one; nearly all tools since read and write
//!   the numbers as edges, counted from 0, and so does this. A file that names the original is counted.
//! - **V2** `truncated`, `difficult` and `occluded` become boolean attributes where they are 1, `pose` a text
//!   attribute where it says something. `<attributes>` with `<name>` and `<value>` are read and written.
//! - **V3** No document type and no entities but the five of XML: nothing in a file can refer to anything.
//! - **V4** An object without a name or with a box of no area, as real files have them, is passed over and counted;
//!   the others of its file are taken.
//! - **V5** Coordinates are written as whole pixels, since many readers take no others; what was rounded, and
//!   what only had its box written, is counted as a loss.
//! - **V6** `<polygon>`, as Roboflow has it, and `<robndbox>`, as roLabelImg has it, are the shape of their object.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_xml::Reader;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use serde_json::{Map, Value};

use crate::coco::count_item_losses;
use crate::loss::LossReport;
use crate::ontology::Classes;
use crate::shape::Shape;

/// The longest file that is read: thousands of objects are a few megabytes.
pub(crate) const FILE_MAX_BYTES: usize = 16 << 20;
const OBJECTS_MAX: usize = 50_000;
const DEPTH_MAX: usize = 16;

/// Says why a file is not taken as Pascal VOC.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VocError {
    #[error("the file is not valid UTF-8: save it as UTF-8")]
    NotText,
    #[error("the file is longer than 16 MiB")]
    TooLong,
    #[error("the XML is not well formed: {0}")]
    NotXml(String),
    #[error("the XML has a document type, which is not taken: remove the <!DOCTYPE> line")]
    DocumentType,
    #[error("the XML uses the entity &{0};, which is not taken: write the text itself")]
    Entity(String),
    #[error("the XML is nested more than 16 levels deep")]
    TooDeep,
    #[error("the first element is not <annotation>: is this a Pascal VOC file?")]
    NotVoc,
    #[error("the file has more than 50,000 objects")]
    TooManyObjects,
    #[error("<{field}> is not a whole number of pixels")]
    BadSize { field: &'static str },
}

/// Holds one annotated picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VocPicture {
    pub file_name: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub objects: Vec<VocObject>,
    /// What was passed over: broken objects, parts of objects (`<part>`), single points.
    pub losses: LossReport,
    /// Each broken object by its number in the file, from 1, with the element that is missing or wrong.
    pub broken: Vec<(usize, &'static str)>,
}

/// Holds one object: a box with its edges counted from 0, or what other tools write besides (V6).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VocObject {
    /// The class, as the file names it.
    pub name: String,
    pub shape: Shape,
    pub attributes: Map<String, Value>,
}

/// An object as its elements come in.
#[derive(Default)]
struct Draft {
    name: String,
    edges: [Option<f64>; 4],
    attributes: Map<String, Value>,
    attribute: (String, String),
    /// The corners of the outline by their numbers, as they come in.
    corners: BTreeMap<u32, [Option<f64>; 2]>,
    /// Middle, sides, and radians clockwise.
    turned: [Option<f64>; 5],
}

const EDGES: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];
const TURNED: [&str; 5] = ["cx", "cy", "w", "h", "angle"];

/// Reads one file.
pub(crate) fn read(xml: &[u8]) -> Result<VocPicture, VocError> {
    if xml.len() > FILE_MAX_BYTES {
        return Err(VocError::TooLong);
    }
    let xml = std::str::from_utf8(xml).map_err(|_| VocError::NotText)?;
    let mut reader = Reader::from_str(xml.strip_prefix('\u{feff}').unwrap_or(xml));
    let mut state = State::new();
    loop {
        let event = reader.read_event().map_err(|error| VocError::NotXml(error.to_string()))?;
        match event {
            Event::Start(element) => state.open(element.name().0)?,
            Event::Empty(element) => {
                state.open(element.name().0)?;
                state.close()?;
            }
            Event::End(_) => state.close()?,
            Event::Text(text) => state.text.push_str(&text.into_inner()),
            Event::CData(text) => state.text.push_str(&text.into_inner()),
            Event::GeneralRef(name) => {
                let name = name.into_inner();
                let resolved = quick_xml::escape::unescape(&format!("&{name};"))
                    .map_err(|_| VocError::Entity(name.chars().take(40).collect()))?
                    .into_owned();
                state.text.push_str(&resolved);
            }
            Event::DocType(_) => return Err(VocError::DocumentType),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if !state.path.is_empty() {
        return Err(VocError::NotXml("the file ends before </annotation>".into()));
    }
    if !state.begun { Err(VocError::NotVoc) } else { Ok(state.picture) }
}

struct State {
    path: Vec<String>,
    text: String,
    begun: bool,
    draft: Option<Draft>,
    /// How many objects there were, with those that make no sense.
    seen: usize,
    picture: VocPicture,
}

impl State {
    fn new() -> Self {
        let picture = VocPicture {
            file_name: String::new(),
            width: None,
            height: None,
            objects: Vec::new(),
            losses: LossReport::default(),
            broken: Vec::new(),
        };
        Self { path: Vec::new(), text: String::new(), begun: false, draft: None, seen: 0, picture }
    }

    fn open(&mut self, name: &str) -> Result<(), VocError> {
        if self.path.is_empty() {
            if name != "annotation" || self.begun {
                return Err(VocError::NotVoc);
            }
            self.begun = true;
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(VocError::TooDeep);
        }
        self.path.push(name.to_owned());
        self.text.clear();
        if self.path[1..] == ["object"] {
            if self.seen >= OBJECTS_MAX {
                return Err(VocError::TooManyObjects);
            }
            self.draft = Some(Draft::default());
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), VocError> {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        let path: Vec<&str> = self.path.iter().skip(1).map(String::as_str).collect();
        let side = |field| {
            let side = text.parse::<u32>().ok().or_else(|| {
                text.parse::<f64>()
                    .ok()
                    .filter(|side| *side >= 0.0 && *side < 4e9)
                    .map(|s| s as u32)
            });
            side.map(Some).ok_or(VocError::BadSize { field })
        };
        match path[..] {
            ["filename"] => self.picture.file_name = text.to_owned(),
            ["size", "width"] => self.picture.width = side("width")?,
            ["size", "height"] => self.picture.height = side("height")?,
            ["object"] => {
                if let Some(draft) = self.draft.take() {
                    self.seen += 1;
                    match draft.finish() {
                        Ok(object) => self.picture.objects.push(object),
                        Err(field) => {
                            let Self { picture, seen, .. } = self;
                            picture.broken.push((*seen, field));
                            picture
                                .losses
                                .add("broken_object", || format!("object {seen}: <{field}>"));
                        }
                    }
                }
            }
            ["object", ref rest @ ..] => {
                if let Some(draft) = &mut self.draft {
                    draft.take(rest, text, &mut self.picture.losses);
                }
            }
            ["source", "database"] if text.starts_with("The VOC") => {
                self.picture.losses.add("counted_from_one", || text.to_owned());
            }
            // Where the picture lay and where it came from is no matter of its labels.
            ["folder" | "path" | "segmented" | "size" | "source" | "owner"] | [] => {}
            ["size", "depth"] | ["source" | "owner", ..] => {}
            [field, ..] if !text.is_empty() => {
                self.picture.losses.add("field_not_read", || format!("{field}: {text}"));
            }
            _ => {}
        }
        self.path.pop();
        Ok(())
    }
}

impl Draft {
    fn take(&mut self, path: &[&str], text: &str, losses: &mut LossReport) {
        match path {
            ["name"] => self.name = text.to_owned(),
            ["bndbox", edge] => match EDGES.iter().position(|name| name == edge) {
                Some(index) => self.edges[index] = number(text),
                None => losses.add("field_not_read", || format!("{}: {edge}", self.name)),
            },
            [flag @ ("truncated" | "difficult" | "occluded")] if matches!(text, "1" | "true") => {
                self.attributes.insert((*flag).to_owned(), true.into());
            }
            ["pose"] if !text.is_empty() && !text.eq_ignore_ascii_case("unspecified") => {
                self.attributes.insert("pose".into(), text.into());
            }
            ["attributes", "attribute", "name"] => self.attribute.0 = text.to_owned(),
            ["attributes", "attribute", "value"] => self.attribute.1 = text.to_owned(),
            ["attributes", "attribute"] => {
                let (name, value) = std::mem::take(&mut self.attribute);
                let value = match value.as_str() {
                    "true" => true.into(),
                    "false" => false.into(),
                    _ => Value::from(value),
                };
                self.attributes.insert(name, value);
            }
            ["polygon", corner] => {
                let axis = usize::from(corner.starts_with('y'));
                if let Some(nth) = corner.strip_prefix(['x', 'y'])
                    && let Ok(nth) = nth.parse()
                    && self.corners.len() < OBJECTS_MAX
                {
                    self.corners.entry(nth).or_default()[axis] = number(text);
                }
            }
            ["robndbox", fact] => {
                if let Some(index) = TURNED.iter().position(|name| name == fact) {
                    self.turned[index] = number(text);
                }
            }
            ["actions", action] if matches!(text, "1" | "true") => {
                self.attributes.insert((*action).to_owned(), true.into());
            }
            ["part"] => losses.add("part", || self.name.clone()),
            ["point"] => losses.add("point", || self.name.clone()),
            ["truncated" | "difficult" | "occluded"] if matches!(text, "0" | "false") => {}
            // What some tools number for themselves, and the parts of what is counted as a whole.
            ["id" | "type" | "pose" | "part" | "point" | "actions", ..] => {}
            [field, ..] if !text.is_empty() => {
                losses.add("field_not_read", || format!("{}: {field}: {text}", self.name));
            }
            _ => {}
        }
    }

    /// Makes the object, or names the element that is missing or makes no sense.
    fn finish(self) -> Result<VocObject, &'static str> {
        if self.name.is_empty() {
            return Err("name");
        }
        let Self { name, attributes, .. } = self;
        if let [Some(cx), Some(cy), Some(width), Some(height), angle] = self.turned {
            if width <= 0.0 || height <= 0.0 {
                return Err("robndbox");
            }
            let degrees = angle.unwrap_or_default().to_degrees();
            let shape = Shape::Turned { cx, cy, width, height, degrees };
            return Ok(VocObject { name, shape, attributes });
        }
        if !self.corners.is_empty() {
            let corners = self.corners.into_values().map(|corner| match corner {
                [Some(x), Some(y)] => Ok([x, y]),
                _ => Err("polygon"),
            });
            let points = corners.collect::<Result<Vec<_>, _>>()?;
            let shape = Shape::Polygon { points };
            let [_, _, width, height] = shape.bounds();
            if width <= 0.0 || height <= 0.0 {
                return Err("polygon");
            }
            return Ok(VocObject { name, shape, attributes });
        }
        let [Some(left), Some(top), Some(right), Some(bottom)] = self.edges else {
            return Err("bndbox");
        };
        let (width, height) = (right - left, bottom - top);
        // Written so that a difference that is not a number is refused too.
        if !(width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite()) {
            return Err("bndbox");
        }
        let shape = Shape::Box { x: left, y: top, width, height };
        Ok(VocObject { name, shape, attributes })
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Says of a picture what its label does not.
pub(crate) struct About<'a> {
    pub file_name: &'a str,
    /// Width and height; 0 where they are not known.
    pub size: [u32; 2],
    /// Whether there are pictures of classes and things beside it.
    pub segmented: bool,
}

/// Writes one picture with its label, an answer document, and counts what VOC cannot hold.
pub(crate) fn write(
    out: impl Write,
    About { file_name, size: [width, height], segmented }: About,
    answer: &Value,
    classes: &Classes,
    losses: &mut LossReport,
) -> io::Result<()> {
    let mut xml = Xml { out: quick_xml::Writer::new_with_indent(out, b' ', 2) };
    xml.open("annotation")?;
    xml.leaf("folder", "")?;
    xml.leaf("filename", file_name)?;
    xml.open("size")?;
    xml.leaf("width", &width.to_string())?;
    xml.leaf("height", &height.to_string())?;
    xml.leaf("depth", "3")?;
    xml.close("size")?;
    xml.leaf("segmented", if segmented { "1" } else { "0" })?;

    count_item_losses(losses, file_name, answer);
    for object in answer["objects"].as_array().into_iter().flatten() {
        let place = || format!("{file_name}: {}", object["id"].as_str().unwrap_or("?"));
        let Some(class) = object["class"].as_str().and_then(|key| classes.index(key)) else {
            losses.add("unknown_class", place);
            continue;
        };
        let Some(shape) = Shape::read(&object["shape"]) else {
            losses.add("unknown_shape", place);
            continue;
        };
        if let Some(loss) = shape.loss_as_box() {
            losses.add(loss, place);
        }
        let [x, y, wide, high] = shape.bounds();
        let edges = [x, y, x + wide, y + high];
        let rounded = edges.map(f64::round);
        if edges != rounded {
            losses.add("rounded_coordinates", place);
        }
        write_object(&mut xml, classes.label(class), rounded, object, losses, &place)?;
    }
    xml.close("annotation")?;
    xml.out.get_mut().write_all(b"\n")
}

fn write_object<W: Write>(
    xml: &mut Xml<W>,
    name: &str,
    edges: [f64; 4],
    object: &Value,
    losses: &mut LossReport,
    place: &dyn Fn() -> String,
) -> io::Result<()> {
    let empty = Map::new();
    let attributes = object["attributes"].as_object().unwrap_or(&empty);
    let flag = |key: &str| if attributes.get(key) == Some(&Value::Bool(true)) { "1" } else { "0" };
    xml.open("object")?;
    xml.leaf("name", name)?;
    xml.leaf("pose", attributes.get("pose").and_then(Value::as_str).unwrap_or("Unspecified"))?;
    for key in ["truncated", "difficult", "occluded"] {
        xml.leaf(key, flag(key))?;
    }
    xml.open("bndbox")?;
    for (edge, value) in EDGES.into_iter().zip(edges) {
        xml.leaf(edge, &format!("{value}"))?;
    }
    xml.close("bndbox")?;
    let native = |key: &str, value: &Value| match key {
        "pose" => value.is_string(),
        "truncated" | "difficult" | "occluded" => value.is_boolean(),
        _ => false,
    };
    let others: Vec<_> = attributes.iter().filter(|(key, value)| !native(key, value)).collect();
    if !others.is_empty() {
        xml.open("attributes")?;
        for (key, value) in others {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) => value.to_string(),
                // XML has only text: a reader cannot know that it was a number or a list.
                _ => {
                    losses.add("attribute_as_text", || format!("{}: {key}", place()));
                    value.to_string()
                }
            };
            xml.open("attribute")?;
            xml.leaf("name", key)?;
            xml.leaf("value", &text)?;
            xml.close("attribute")?;
        }
        xml.close("attributes")?;
    }
    xml.close("object")
}

struct Xml<W: Write> {
    out: quick_xml::Writer<W>,
}

impl<W: Write> Xml<W> {
    fn open(&mut self, name: &str) -> io::Result<()> {
        self.out.write_event(Event::Start(BytesStart::new(name)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.out.write_event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        // XML 1.0 has no way at all to hold most control characters.
        let text: String =
            text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        self.open(name)?;
        self.out.write_event(Event::Text(BytesText::new(&text)))?;
        self.close(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_blood_cells_survive_voc() {
        let files = [
            &include_bytes!("../tests/data/BloodImage_00000.xml")[..],
            include_bytes!("../tests/data/BloodImage_00001.xml"),
            include_bytes!("../tests/data/BloodImage_00117.xml"),
        ];
        let classes = json!({ "classes": [{ "key": "rbc", "name": "RBC" }, { "key": "wbc", "name": "WBC" }, { "key": "platelets", "name": "Platelets" }] });
        let classes = Classes::read(&classes).unwrap();
        for xml in files {
            let picture = read(xml).unwrap();
            assert_eq!((picture.width, picture.height), (Some(640), Some(480)));
            assert!(picture.objects.len() > 5);
            let mut losses = LossReport::default();
            let objects = picture.objects.iter().map(|object| {
                let VocObject { name, shape, attributes } = object;
                json!({ "class": name.to_lowercase(), "shape": shape.write(), "attributes": attributes })
            });
            let answer = json!({ "objects": objects.collect::<Vec<_>>() });
            let mut written = Vec::new();
            let about = About { file_name: &picture.file_name, size: [640, 480], segmented: false };
            write(&mut written, about, &answer, &classes, &mut losses).unwrap();
            assert_eq!(read(&written).unwrap(), picture);
            assert!(losses.is_empty(), "{losses:?}");
        }
    }

    #[test]
    fn voc_counts_what_it_bends() {
        let classes =
            Classes::read(&json!({ "classes": [{ "key": "car", "name": "Car" }] })).unwrap();
        let answer = json!({ "objects": [
            { "id": "a", "class": "car", "shape": { "type": "polygon", "points": [[0, 0], [10.4, 0], [10, 10]] },
              "attributes": { "truncated": true, "n": 3, "colour": "<red & \"blue\">" } },
        ], "note": "x" });
        let mut losses = LossReport::default();
        let mut xml = Vec::new();
        let about = About { file_name: "a&b.jpg", size: [20, 20], segmented: false };
        write(&mut xml, about, &answer, &classes, &mut losses).unwrap();
        let picture = read(&xml).unwrap();
        assert_eq!(
            (picture.file_name.as_str(), picture.objects[0].shape.bounds()[2]),
            ("a&b.jpg", 10.0)
        );
        assert_eq!(
            Value::Object(picture.objects[0].attributes.clone()),
            json!({ "truncated": true, "n": "3", "colour": "<red & \"blue\">" })
        );
        let kinds: Vec<_> = losses.losses.keys().copied().collect();
        assert_eq!(kinds, ["attribute_as_text", "note", "polygon_as_box", "rounded_coordinates"]);
    }

    #[test]
    fn what_is_no_voc_is_refused_and_what_is_broken_costs_itself_only() {
        let object = |inner: &str| format!("<annotation><object>{inner}</object></annotation>");
        let bomb = "<!DOCTYPE a [<!ENTITY b \"&c;&c;\">]><annotation/>";
        for (xml, words) in [
            (String::new(), "not <annotation>"),
            ("just text".into(), "not <annotation>"),
            ("<html></html>".into(), "not <annotation>"),
            ("<annotation>".into(), "not well formed"),
            ("<annotation></x>".into(), "not well formed"),
            ("<annotation/><annotation/>".into(), "not <annotation>"),
            (bomb.into(), "document type"),
            (object("<name>&xxe;</name>"), "entity"),
            ("<annotation>".to_owned() + &"<a>".repeat(100), "16 levels"),
            (
                "<annotation><size><width>many</width></size></annotation>".into(),
                "whole number of pixels",
            ),
            (
                "<annotation><size><width>-4</width></size></annotation>".into(),
                "whole number of pixels",
            ),
        ] {
            let error = read(xml.as_bytes()).expect_err(&xml);
            assert!(error.to_string().contains(words), "{xml}: {error}");
        }
        assert_eq!(read(b"\xff"), Err(VocError::NotText));
        assert_eq!(read(&vec![b' '; 17 << 20]), Err(VocError::TooLong));

        // V4: an object that makes no sense costs itself only.
        let good = "<object><name>a</name><bndbox><xmin>1</xmin><ymin>0</ymin><xmax>9</xmax><ymax>1</ymax></bndbox></object>";
        for (edges, name) in [
            (["NaN", "0", "1", "1"], "a"),
            (["9", "0", "1", "1"], "a"),
            (["1", "0", "1", "1"], "a"),
            (["-1e308", "0", "1e308", "1"], "a"),
            (["", "0", "1", "1"], "a"),
            (["0", "0", "1", "1"], ""),
        ] {
            let [left, top, right, bottom] = edges;
            let xml = format!(
                "<annotation><object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>{good}</annotation>"
            );
            let picture = read(xml.as_bytes()).unwrap();
            assert_eq!(
                (picture.objects.len(), picture.losses.count("broken_object")),
                (1, 1),
                "{xml}"
            );
        }
    }
}
