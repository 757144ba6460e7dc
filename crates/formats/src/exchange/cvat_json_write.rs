//! Writes CVAT's own JSON as its backups have it: annotations, labels, and what the frames are called.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Seek, Write};

use serde_json::{Map, Value, json};

use super::cvat_write::runs_of;
use super::outlet::{Made, Outlet};
use super::source::Scratch;
use super::{Class, Item, Mark, Names, Place, Shape, Writer, lose_item, lose_mark, space};
use crate::loss::LossReport;

pub(super) struct CvatJsonFiles {
    out: Outlet,
    names: Names,
    tags: Spool,
    shapes: Spool,
    tracks: BTreeMap<i64, Track>,
    manifest: BufWriter<Made>,
    items: u64,
    /// The frames have numbers, and no names: they are those of a video.
    video: bool,
    size: Option<[u32; 2]>,
    last: u64,
}

/// A list on its way.
struct Spool {
    out: BufWriter<Box<dyn Scratch>>,
    count: u64,
}

impl Spool {
    fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self { out: BufWriter::new(out.scratch()?), count: 0 })
    }

    fn push(&mut self, entry: &Value) -> io::Result<()> {
        let comma = if self.count > 0 { ",\n" } else { "\n" };
        self.count += 1;
        write!(self.out, "{comma}{entry}")
    }

    fn finish(self, out: &mut impl Write) -> io::Result<()> {
        let mut file = self.out.into_inner().map_err(|error| error.into_error())?;
        file.rewind()?;
        io::copy(&mut file, out).map(drop)
    }
}

struct Track {
    class: String,
    group: Option<i64>,
    shapes: Vec<Value>,
    /// The last shape, where it lies between keyframes.
    between: Option<Value>,
    frame: u64,
    seen: u64,
    gone: bool,
}

impl CvatJsonFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let manifest = BufWriter::new(out.create("data/manifest.jsonl")?);
        Ok(Self {
            out: out.clone(),
            names: Names::default(),
            tags: Spool::new(out)?,
            shapes: Spool::new(out)?,
            tracks: BTreeMap::new(),
            manifest,
            items: 0,
            video: false,
            size: None,
            last: 0,
        })
    }

    fn frame(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<u64> {
        self.items += 1;
        if self.items == 1 {
            self.video = item.frame.is_some();
            if !self.video {
                writeln!(
                    self.manifest,
                    "{}\n{}",
                    json!({ "version": "1.1" }),
                    json!({ "type": "images" })
                )?;
            }
        }
        let size = item.width.zip(item.height).map(|(width, height)| [width, height]);
        if size.is_none() {
            losses.add("size_unknown", || item.name.clone());
        }
        if self.video {
            let frame = item.frame.unwrap_or(self.items - 1);
            self.size = self.size.or(size);
            self.last = self.last.max(frame);
            if item.name != format!("frame_{frame:06}") {
                losses.add("file_name", || item.name.clone());
            }
            if item.marks.is_empty() {
                losses.add("frame_without_marks", || item.name.clone());
            }
            return Ok(frame);
        }
        if item.frame.is_some() {
            losses.add("frame", || item.name.clone());
        }
        let file = item.name.rfind('/').map_or(0, |at| at + 1);
        let dot = item.name[file..].rfind('.').map_or(item.name.len(), |dot| file + dot);
        let (name, extension) = item.name.split_at(dot);
        let mut row = json!({ "name": name, "extension": extension });
        if let Some([width, height]) = size {
            (row["width"], row["height"]) = (width.into(), height.into());
        }
        writeln!(self.manifest, "{row}")?;
        Ok(self.items - 1)
    }

    /// Lets the tracks end that have nothing in this item any more.
    fn left(&mut self) {
        for track in self.tracks.values_mut().filter(|track| !track.gone) {
            if track.seen == self.items {
                continue;
            }
            track.shapes.extend(track.between.take());
            if let Some(last) = track.shapes.last() {
                let mut last = last.clone();
                (last["frame"], last["outside"]) = ((track.frame + 1).into(), true.into());
                track.shapes.push(last);
                track.gone = true;
            }
        }
    }
}

impl Writer for CvatJsonFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        if item.id.is_some() || !item.subset.is_empty() {
            losses.add("item_id", || item.name.clone());
        }
        let frame = self.frame(item, losses)?;
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["id", "attributes", "group", "track"], losses);
            if mark.class.is_empty() {
                losses.add("no_class", place);
                continue;
            }
            self.names.index(&mark.class);
            let mut entry = json!({ "frame": frame, "label": mark.class, "source": "manual" });
            entry["group"] = mark.group.unwrap_or(0).into();
            facts(item, mark, &mut entry, losses);
            match mark.id.as_deref().map(str::parse::<u64>) {
                Some(Ok(id)) if mark.track.is_none() => entry["id"] = id.into(),
                Some(_) => losses.add("mark_id", place),
                None => {}
            }
            let points_of = self.names.points(&mark.class).to_vec();
            let shapes = match &mark.place {
                Place::Whole => {
                    if mark.track.is_some() {
                        losses.add("track", place);
                    }
                    self.tags.push(&entry)?;
                    continue;
                }
                Place::Shape(Shape::Parts { parts }) => {
                    losses.add("polygon_of_several_parts", place);
                    let part = |part: &Vec<[f64; 2]>| Shape::Polygon { points: part.clone() };
                    parts.iter().filter_map(|one| shape(&part(one), &points_of)).collect()
                }
                Place::Shape(one) => {
                    if let Shape::Keypoints { around: Some(_), .. } = one {
                        losses.add("box_around_keypoints", place);
                    }
                    if let Shape::Keypoints { points, .. } = one
                        && !points_of.is_empty()
                        && points.len() != points_of.len()
                    {
                        losses.add("keypoints_of_another_number", place);
                    }
                    Vec::from_iter(shape(one, &points_of))
                }
                Place::Cuboid(cuboid) => vec![in_space(cuboid)],
                _ => {
                    losses.add("words", place);
                    continue;
                }
            };
            for one in shapes {
                let mut entry = entry.clone();
                if let (Some(entry), Value::Object(one)) = (entry.as_object_mut(), one) {
                    entry.extend(one);
                }
                match mark.track.filter(|_| self.video) {
                    None => {
                        if mark.track.is_some() {
                            losses.add("track", place);
                        }
                        self.shapes.push(&entry)?;
                    }
                    Some(id) => {
                        let (class, group) = (mark.class.clone(), mark.group);
                        let (shapes, seen) = (Vec::new(), self.items);
                        let (between, gone) = (None, false);
                        let new = Track { class, group, shapes, between, frame, seen, gone };
                        let track = self.tracks.entry(id).or_insert(new);
                        if track.class != mark.class {
                            losses.add("class_that_changes", place);
                        }
                        // What lies between two keyframes is found again from them.
                        let between = mark.attributes.get("keyframe") == Some(&false.into());
                        if !between || track.gone || track.shapes.is_empty() {
                            track.shapes.push(entry);
                            track.between = None;
                        } else {
                            track.between = Some(entry);
                        }
                        (track.frame, track.seen, track.gone) = (frame, self.items, false);
                    }
                }
            }
        }
        self.left();
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        if self.video {
            let mut facts = json!({ "name": "video", "length": self.last + 1 });
            if let Some(size) = self.size {
                facts["resolution"] = json!(size);
            }
            for row in [
                json!({ "version": "1.1" }),
                json!({ "type": "video" }),
                json!({ "properties": facts }),
            ] {
                writeln!(self.manifest, "{row}")?;
            }
        }
        self.manifest.flush()?;
        let labels: Vec<Value> = self
            .names
            .list
            .iter()
            .map(|class| {
                let points = class.keypoints.iter();
                let points: Vec<Value> = points
                    .map(|name| json!({ "name": name, "type": "points", "attributes": [] }))
                    .collect();
                let kind = if points.is_empty() { "any" } else { "skeleton" };
                json!({ "name": class.name, "type": kind, "attributes": [], "sublabels": points })
            })
            .collect();
        let task = json!({ "name": "fairmark", "version": "1.0", "labels": labels });
        self.out.create("task.json")?.write_all(task.to_string().as_bytes())?;
        let mut out = BufWriter::new(self.out.create("annotations.json")?);
        write!(out, "[{{\"version\":0,\"tags\":[")?;
        self.tags.finish(&mut out)?;
        write!(out, "],\n\"shapes\":[")?;
        self.shapes.finish(&mut out)?;
        write!(out, "],\n\"tracks\":[")?;
        for (nth, (id, mut track)) in self.tracks.into_iter().enumerate() {
            track.shapes.extend(track.between.take());
            let comma = if nth > 0 { ",\n" } else { "\n" };
            write!(out, "{comma}{}", track_of(id, track))?;
        }
        out.write_all(b"]}]\n")?;
        out.flush()
    }
}

/// A track; the points of a skeleton have tracks of their own in it.
fn track_of(id: i64, track: Track) -> Value {
    let mut elements: BTreeMap<usize, (Value, Vec<Value>)> = BTreeMap::new();
    let mut shapes = Vec::new();
    for mut shape in track.shapes {
        let frame = shape["frame"].clone();
        let outside = shape["outside"].clone();
        if let Some(facts) = shape.as_object_mut() {
            for key in ["label", "group", "source"] {
                facts.remove(key);
            }
            if let Some(Value::Array(points)) = facts.remove("elements") {
                facts.insert("points".into(), json!([]));
                for (at, mut point) in points.into_iter().enumerate() {
                    let label = point["label"].take();
                    if let Some(point) = point.as_object_mut() {
                        point.remove("label");
                    }
                    point["frame"] = frame.clone();
                    if outside == true {
                        point["outside"] = true.into();
                    }
                    elements.entry(at).or_insert_with(|| (label, Vec::new())).1.push(point);
                }
            }
        }
        shapes.push(shape);
    }
    let first = shapes.first().map_or(Value::from(0), |shape| shape["frame"].clone());
    let mut entry = json!({
        "id": id, "label": track.class, "frame": first, "group": track.group.unwrap_or(0), "source": "manual",
        "attributes": [], "shapes": shapes,
    });
    if !elements.is_empty() {
        let elements = elements.into_values().map(|(label, shapes)| {
            json!({ "label": label, "frame": first, "group": 0, "source": "manual", "attributes": [], "shapes": shapes })
        });
        entry["elements"] = elements.collect();
    }
    entry
}

fn facts(item: &Item, mark: &Mark, entry: &mut Value, losses: &mut LossReport) {
    let mut attributes = Vec::new();
    (entry["occluded"], entry["outside"], entry["z_order"]) =
        (false.into(), false.into(), 0.into());
    for (key, said) in &mark.attributes {
        match (key.as_str(), said) {
            ("occluded", Value::Bool(_)) | ("z_order", Value::Number(_)) => {
                entry[key] = said.clone();
            }
            ("keyframe", Value::Bool(_)) if mark.track.is_some() => {}
            (_, Value::String(text)) => attributes.push(json!({ "name": key, "value": text })),
            (_, said) => {
                if !said.is_boolean() {
                    losses.add("attribute_as_text", || format!("{}: {key}", item.name));
                }
                attributes.push(json!({ "name": key, "value": said.to_string() }));
            }
        }
    }
    entry["attributes"] = attributes.into();
}

fn in_space(cuboid: &space::Cuboid) -> Value {
    let mut points = [0.0; 16];
    points[..3].copy_from_slice(&cuboid.centre);
    points[3..6].copy_from_slice(&space::own_angles(cuboid.rotation));
    points[6..9].copy_from_slice(&cuboid.size);
    json!({ "type": "cuboid", "points": points, "rotation": 0 })
}

/// The fields of a shape; none where CVAT has none like it.
fn shape(shape: &Shape, points_of: &[String]) -> Option<Value> {
    let one = |kind: &str, points: Value, degrees: f64| {
        Some(json!({ "type": kind, "points": points, "rotation": degrees }))
    };
    match shape {
        Shape::Box { x, y, width, height } => {
            one("rectangle", json!([x, y, x + width, y + height]), 0.0)
        }
        Shape::Turned { cx, cy, width, height, degrees } => {
            let (w, h) = (width / 2.0, height / 2.0);
            one("rectangle", json!([cx - w, cy - h, cx + w, cy + h]), *degrees)
        }
        Shape::Ellipse { cx, cy, rx, ry, degrees } => {
            one("ellipse", json!([cx, cy, cx + rx, cy - ry]), *degrees)
        }
        Shape::Polygon { points } => one("polygon", json!(points.as_flattened()), 0.0),
        Shape::Line { points } => one("polyline", json!(points.as_flattened()), 0.0),
        Shape::Points { points } => one("points", json!(points.as_flattened()), 0.0),
        Shape::Solid { corners } => one("cuboid", json!(corners.as_flattened()), 0.0),
        Shape::Mask(mask) => {
            let (mut numbers, [left, top, width, height]) = runs_of(mask)?;
            if width == 0 {
                return None;
            }
            let corners = [left, top, left + width - 1, top + height - 1];
            numbers.extend(corners.map(|corner| corner as u64));
            one("mask", json!(numbers), 0.0)
        }
        Shape::Keypoints { points, .. } => {
            let elements = points.iter().enumerate().map(|(at, [x, y, seen])| {
                let label = points_of.get(at).cloned().unwrap_or_else(|| (at + 1).to_string());
                let mut facts = Map::new();
                facts.insert("label".into(), label.into());
                facts.insert("type".into(), "points".into());
                facts.insert("points".into(), json!([x, y]));
                facts.insert("outside".into(), (*seen == 0.0).into());
                facts.insert("occluded".into(), (*seen == 1.0).into());
                facts.insert("attributes".into(), json!([]));
                Value::Object(facts)
            });
            let elements: Vec<Value> = elements.collect();
            Some(json!({ "type": "skeleton", "points": [], "rotation": 0, "elements": elements }))
        }
        Shape::Parts { .. } => None,
    }
}
