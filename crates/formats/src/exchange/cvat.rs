//! CVAT for images and for video, XML 1.1. Images come one by one; tracks are followed from keyframe to keyframe and
//! sorted by frame, for which they are held.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::source::whole;
use super::tracks::{Frames, Keyframe, Track};
use super::xml::{Broken, Elements, Node};
use super::{Class, Item, MARKS_MAX, Mark, Mask, Place, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

/// What CVAT calls the corners of a box in perspective, in their order: top and bottom of the edges front left,
/// front right, back right and back left, whatever the names say.
pub(crate) const SOLID: [&str; 8] = ["tl1", "bl1", "tr1", "br1", "tl2", "bl2", "tr2", "br2"];

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if name.ends_with(".xml") || source.names().len() == 1 {
            read_file(source, index, &name, sink)?;
        }
    }
    Ok(())
}

fn read_file(
    source: &mut Source,
    index: usize,
    name: &str,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut elements = Elements::new(source.stream(index)?);
    let mut video = Video::default();
    loop {
        let node = match elements.next() {
            Ok(Some(node)) => node,
            Ok(None) => break,
            Err(Broken(line, fault)) => return Err(refusal(name, line, fault, b"").into()),
        };
        if elements.root.as_ref().is_none_or(|root| root.name != "annotations") {
            let message = "the first element is not <annotations>: is this a CVAT file?";
            return Err(whole(name, Code::NotXml, message).into());
        }
        match node.name.as_str() {
            "meta" => {
                video.labels = labels(&node);
                for class in &video.labels.classes {
                    sink.class(class)?;
                }
                video.about(&node);
            }
            "image" => image(name, &node, &video.labels, sink)?,
            "track" => video.track(name, &node, sink)?,
            "version" => {}
            other => sink.lose("field_not_read", format!("{name}: {other}")),
        }
    }
    if elements.root.is_none_or(|root| root.name != "annotations") {
        let message = "the first element is not <annotations>: is this a CVAT file?";
        return Err(whole(name, Code::NotXml, message).into());
    }
    video.finish(name, sink)
}

/// The labels of a file: those that stand for themselves, and the points of skeletons, which belong to one.
#[derive(Default)]
struct Labels {
    classes: Vec<Class>,
}

impl Labels {
    /// The names of the points of a skeleton, in the order of the file.
    fn points(&self, label: &str) -> &[String] {
        let class = self.classes.iter().find(|class| class.name == label);
        class.map_or(&[], |class| &class.keypoints)
    }
}

fn parts(meta: &Node) -> impl Iterator<Item = &Node> {
    ["task", "project", "job"].iter().filter_map(|part| meta.child(part))
}

fn labels(meta: &Node) -> Labels {
    let mut classes: Vec<Class> = Vec::new();
    let all =
        || parts(meta).flat_map(|part| part.child("labels")).flat_map(|labels| labels.all("label"));
    for label in all().filter(|label| label.text_of("parent").is_empty()) {
        let name = label.text_of("name").to_owned();
        if !name.is_empty() {
            classes.push(Class { name, ..Class::default() });
        }
    }
    for label in all().filter(|label| !label.text_of("parent").is_empty()) {
        let parent = classes.iter_mut().find(|class| class.name == label.text_of("parent"));
        if let Some(parent) = parent {
            parent.keypoints.push(label.text_of("name").into());
        }
    }
    Labels { classes }
}

fn image(file: &str, node: &Node, labels: &Labels, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let head = || -> Result<Item, Fault> {
        let name = node.need("name")?;
        Ok(Item {
            name: name.into(),
            id: node.attribute("id").map(str::to_owned),
            subset: node.attribute("subset").unwrap_or_default().into(),
            width: node.side("width")?,
            height: node.side("height")?,
            ..Item::default()
        })
    };
    let mut item = match head() {
        Ok(item) => item,
        Err(fault) => {
            sink.refuse(refusal(file, node.line, fault, b""));
            return Ok(());
        }
    };
    // Which task of a project it is of, is CVAT's own numbering.
    for (key, said) in &node.attributes {
        if !["id", "name", "width", "height", "subset", "task_id"].contains(&&key[..]) {
            item.metadata.insert(key.clone(), said.as_str().into());
        }
    }
    for child in &node.children {
        unread(child, &item.name, sink);
        if item.marks.len() >= MARKS_MAX {
            sink.refuse(whole(file, Code::OutOfRange, "an image has more than 50,000 shapes"));
            break;
        }
        match mark(child, [item.width, item.height], labels) {
            Ok(mark) => item.marks.push(mark),
            Err(fault) => sink.refuse(refusal(file, child.line, fault, b"")),
        }
    }
    sink.item(item)?;
    Ok(())
}

/// Counts the elements of a shape that are not read, and where it came from, unless by hand.
fn unread(shape: &Node, item: &str, sink: &mut dyn Sink) {
    let known = |child: &&Node| child.name == "attribute" || shape.name == "skeleton";
    for child in shape.children.iter().filter(|child| !known(child)) {
        sink.lose("field_not_read", format!("{item}: {}", child.name));
    }
    for attribute in shape.all("points").flat_map(|point| point.all("attribute")) {
        let name = attribute.attribute("name").unwrap_or_default();
        sink.lose("attribute_of_a_point", format!("{item}: {name}"));
    }
    if shape.attribute("source").is_some_and(|source| source != "manual") {
        sink.lose("origin", format!("{item}: {}", shape.name));
    }
}

/// What a shape has, whichever it is, besides the corners of a cuboid.
const READ: &[&str] = &[
    "label", "source", "frame", "keyframe", "outside", "occluded", "z_order", "group_id", "xtl",
    "ytl", "xbr", "ybr", "points", "rotation", "cx", "cy", "rx", "ry", "rle", "left", "top",
    "width", "height",
];

fn mark(node: &Node, size: [Option<u32>; 2], labels: &Labels) -> Result<Mark, Fault> {
    let place = match node.name.as_str() {
        "tag" => Place::Whole,
        "box" => Place::Shape(upright(node)?),
        "polygon" => Place::Shape(Shape::Polygon { points: node.points("points", 3)? }),
        "polyline" => Place::Shape(Shape::Line { points: node.points("points", 2)? }),
        "points" => Place::Shape(Shape::Points { points: node.points("points", 1)? }),
        "ellipse" => {
            let [cx, cy] = [node.number("cx")?, node.number("cy")?];
            let [rx, ry] = [node.number("rx")?, node.number("ry")?];
            positive("rx", rx)?;
            positive("ry", ry)?;
            Place::Shape(Shape::Ellipse { cx, cy, rx, ry, degrees: rotation(node)? })
        }
        "mask" => Place::Shape(Shape::Mask(mask(node, size)?)),
        "skeleton" => Place::Shape(skeleton(node, labels)?),
        "cuboid" => {
            let corner = |name: &str| -> Result<[f64; 2], Fault> {
                Ok([node.number(&format!("x{name}"))?, node.number(&format!("y{name}"))?])
            };
            let corners = SOLID.into_iter().map(corner).collect::<Result<_, _>>()?;
            Place::Shape(Shape::Solid { corners })
        }
        other => {
            let message = format!("<{other}> is no shape that is known");
            return Err(Fault::new(other, Code::UnknownValue, message));
        }
    };
    let mut mark = Mark { class: node.need("label")?.into(), place, ..Mark::default() };
    if let Some(group) = node.attribute("group_id") {
        let group: i64 = node.whole("group_id").map(|_| group.parse().unwrap_or_default())?;
        mark.group = Some(group).filter(|group| *group != 0);
    }
    for (key, said) in &node.attributes {
        let corner = node.name == "cuboid" && key.starts_with(['x', 'y']);
        if !corner && !READ.contains(&&key[..]) {
            mark.attributes.insert(key.clone(), value(said));
        }
    }
    for attribute in node.all("attribute") {
        mark.attributes.insert(attribute.need("name")?.into(), value(attribute.text.trim()));
    }
    for key in ["occluded", "outside"] {
        match node.attribute(key) {
            None | Some("0") => {}
            Some("1") => {
                mark.attributes.insert(key.into(), true.into());
            }
            Some(_) => {
                let message = format!("`{key}` is neither 0 nor 1");
                return Err(Fault::new(key, Code::OutOfRange, message));
            }
        }
    }
    if node.attribute("z_order").is_some() {
        let order = node.whole("z_order")?;
        if order != 0 {
            mark.attributes.insert("z_order".into(), order.into());
        }
    }
    Ok(mark)
}

/// CVAT has text only; yes and no are told from it, numbers are not.
pub(super) fn value(text: &str) -> Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        text => text.into(),
    }
}

fn positive(field: &str, number: f64) -> Result<(), Fault> {
    if number > 0.0 {
        return Ok(());
    }
    let message = format!("`{field}` is {number}: a shape has a size above 0");
    Err(Fault::new(field, Code::OutOfRange, message))
}

fn rotation(node: &Node) -> Result<f64, Fault> {
    if node.attribute("rotation").is_some() { node.number("rotation") } else { Ok(0.0) }
}

fn upright(node: &Node) -> Result<Shape, Fault> {
    let [x, y] = [node.number("xtl")?, node.number("ytl")?];
    // So that a width that was added up comes out as it went in.
    let side = |from: f64, to: f64| ((to - from) * 1e6).round() / 1e6;
    let [width, height] = [side(x, node.number("xbr")?), side(y, node.number("ybr")?)];
    positive("xbr", width)?;
    positive("ybr", height)?;
    let degrees = rotation(node)?;
    if degrees == 0.0 {
        return Ok(Shape::Box { x, y, width, height });
    }
    let (cx, cy) = (x + width / 2.0, y + height / 2.0);
    Ok(Shape::Turned { cx, cy, width, height, degrees })
}

/// Runs, zeros first, row by row inside the crop.
fn mask(node: &Node, size: [Option<u32>; 2]) -> Result<Mask, Fault> {
    let side = |name| node.side(name).and_then(|side| side.ok_or_else(|| missing(name)));
    let (crop_width, crop_height) = (side("width")?, side("height")?);
    let corner = |name| -> Result<u32, Fault> {
        let whole = node.whole(name)?;
        let message = format!("`{name}` is {whole}: give a place in the picture");
        u32::try_from(whole).map_err(|_| Fault::new(name, Code::OutOfRange, message))
    };
    let (left, top) = (corner("left")?, corner("top")?);
    let [Some(width), Some(height)] = size else { return Err(missing("width of the image")) };
    let mut runs = Vec::new();
    for run in node.need("rle")?.split(',') {
        let shown: String = run.trim().chars().take(40).collect();
        runs.push(run.trim().parse().map_err(|_| {
            let message = format!("`rle` has “{shown}”: give whole numbers with commas between");
            Fault::new("rle", Code::WrongType, message)
        })?);
    }
    cropped([width, height], [left, top, crop_width, crop_height], &runs)
        .map_err(|message| Fault::new("rle", Code::OutOfRange, format!("`rle` {message}")))
}

/// A mask of a picture from the runs in a part of it: left, top, width and height.
pub(super) fn cropped(
    [width, height]: [u32; 2],
    [left, top, crop_width, crop_height]: [u32; 4],
    runs: &[u64],
) -> Result<Mask, &'static str> {
    const PIXELS_MAX: u64 = 200_000_000;
    let fits = left.checked_add(crop_width).is_some_and(|right| right <= width)
        && top.checked_add(crop_height).is_some_and(|bottom| bottom <= height);
    if !fits || u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err("does not lie in the picture, or the picture is too large");
    }
    let mut pixels = vec![0_u8; width as usize * height as usize];
    let (mut at, mut inside) = (0_u64, false);
    let end = u64::from(crop_width) * u64::from(crop_height);
    for run in runs {
        let next = at.checked_add(*run).filter(|next| *next <= end);
        let next = next.ok_or("goes beyond its part of the picture")?;
        if inside {
            for pixel in at..next {
                let (x, y) = (pixel % u64::from(crop_width), pixel / u64::from(crop_width));
                let at = (y + u64::from(top)) * u64::from(width) + x + u64::from(left);
                pixels[at as usize] = 1;
            }
        }
        (at, inside) = (next, !inside);
    }
    if at != end {
        return Err("does not fill its part of the picture");
    }
    Ok(Mask::from_pixels(height, width, &pixels))
}

fn missing(field: &str) -> Fault {
    Fault::new(field, Code::MissingField, format!("`{field}` is missing: give it"))
}

/// Its points in the order of the skeleton, or where the file does not say it, of their labels, which is the only
/// one that all of its skeletons share.
fn skeleton(node: &Node, labels: &Labels) -> Result<Shape, Fault> {
    let order = labels.points(node.attribute("label").unwrap_or_default());
    let mut named = BTreeMap::new();
    for (at, _) in order.iter().enumerate() {
        named.insert((at as u64, ""), [0.0; 3]);
    }
    for point in node.all("points") {
        let [[x, y]] = point.points("points", 1)?[..] else {
            let message = "a point of a skeleton has one place";
            return Err(Fault::new("points", Code::OutOfRange, message));
        };
        let seen = match (point.attribute("outside"), point.attribute("occluded")) {
            (Some("1"), _) => 0.0,
            (_, Some("1")) => 1.0,
            _ => 2.0,
        };
        let label = point.need("label")?;
        let key = match order.iter().position(|name| name == label) {
            Some(at) => (at as u64, ""),
            None if order.is_empty() => (label.parse().unwrap_or(u64::MAX), label),
            None => {
                let message =
                    format!("`label` is {label}, a point that the skeleton does not have");
                return Err(Fault::new("label", Code::UnknownValue, message));
            }
        };
        named.insert(key, [x, y, seen]);
    }
    Ok(Shape::Keypoints { points: named.into_values().collect(), around: None })
}

/// A video: a task of its own, or one of a project, in which each counts its frames anew.
#[derive(Default)]
struct Task {
    id: String,
    name: String,
    subset: String,
    size: [Option<u32>; 2],
    tracks: Vec<Track>,
    is_used: bool,
}

impl Task {
    fn about(&mut self, part: &Node) {
        if let Some(size) = part.child("original_size") {
            let side = |field| size.text_of(field).parse::<u32>().ok().filter(|side| *side > 0);
            self.size = [side("width"), side("height")];
        }
        // Some say which file it was made of, besides what the task is called.
        for name in ["source", "name"] {
            if self.name.is_empty() {
                self.name = part.text_of(name).into();
            }
        }
    }
}

/// How many frames a task may count; those of the next begin behind them.
const FRAMES_MAX: u64 = 1 << 40;
/// How many tasks a file may name.
const TASKS_MAX: usize = 1 << 20;

#[derive(Default)]
struct Video {
    labels: Labels,
    /// What a file says without naming a task is of the first.
    tasks: Vec<Task>,
    /// Where the first task of each id stands.
    places: HashMap<String, usize>,
    frames: Frames,
}

impl Video {
    fn add(&mut self, task: Task) -> usize {
        let place = self.tasks.len();
        self.places.entry(task.id.clone()).or_insert(place);
        self.tasks.push(task);
        place
    }

    fn about(&mut self, meta: &Node) {
        let mut first = Task::default();
        parts(meta).for_each(|part| first.about(part));
        self.add(first);
        let tasks = meta.child("project").and_then(|project| project.child("tasks"));
        for node in tasks.into_iter().flat_map(|tasks| tasks.all("task")) {
            let (id, subset) = (node.text_of("id").into(), node.text_of("subset").into());
            let mut task = Task { id, subset, ..Task::default() };
            task.about(node);
            self.add(task);
        }
    }

    /// The place of the task that a track is of.
    fn task_of(&mut self, track: &Node) -> usize {
        let id = track.attribute("task_id").unwrap_or_default();
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let size = self.tasks.first().map_or([None; 2], |task| task.size);
        let subset = track.attribute("subset").unwrap_or_default().into();
        self.add(Task { id: id.into(), subset, size, ..Task::default() })
    }

    fn track(&mut self, file: &str, track: &Node, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let id = match track.whole("id") {
            Ok(id) => id,
            Err(fault) => {
                sink.refuse(refusal(file, track.line, fault, b""));
                return Ok(());
            }
        };
        let at = self.task_of(track);
        if at >= TASKS_MAX {
            let fault =
                Fault::new("task_id", Code::OutOfRange, "there are more than a million tasks");
            sink.refuse(refusal(file, track.line, fault, b""));
            return Ok(());
        }
        self.tasks[at].is_used = true;
        let (size, first) = (self.tasks[at].size, at as u64 * FRAMES_MAX);
        let mut keyframes = Vec::new();
        for (key, said) in &track.attributes {
            if !["id", "label", "source", "group_id", "task_id", "subset"].contains(&&key[..]) {
                sink.lose("field_not_read", format!("{file}: track {id}: {key} {said}"));
            }
        }
        for shape in track.children.iter().filter(|child| child.name != "attribute") {
            unread(shape, file, sink);
            let mut shape = shape.clone();
            for of_all in ["label", "group_id"] {
                if let Some(said) = track.attribute(of_all) {
                    shape.attributes.insert(of_all.into(), said.into());
                }
            }
            // What never changes may be said once, of the whole track.
            shape.children.extend(track.all("attribute").cloned());
            let read = shape.whole("frame").and_then(|frame| {
                let wrong =
                    || Fault::new("frame", Code::OutOfRange, "`frame` is below 0, or too large");
                let frame = u64::try_from(frame).ok().filter(|frame| *frame < FRAMES_MAX);
                let frame = first + frame.ok_or_else(wrong)?;
                Ok((frame, mark(&shape, size, &self.labels)?))
            });
            match read {
                Ok((frame, mut mark)) => {
                    mark.track = Some(id);
                    if shape.attribute("keyframe") == Some("0") {
                        mark.attributes.insert("keyframe".into(), false.into());
                    }
                    let outside = mark.attributes.remove("outside").is_some();
                    keyframes.push(Keyframe { frame, outside, mark });
                }
                Err(fault) => sink.refuse(refusal(file, shape.line, fault, b"")),
            }
        }
        if sink.follows() {
            // What is between keyframes is found anew.
            keyframes.retain(|one: &Keyframe| !one.mark.attributes.contains_key("keyframe"));
            keyframes.iter_mut().for_each(|keyframe| keyframe.frame -= first);
            keyframes.sort_by_key(|keyframe| keyframe.frame);
            if !keyframes.is_empty() {
                self.tasks[at].tracks.push(Track { keyframes });
            }
            return Ok(());
        }
        self.frames.track(file, keyframes)
    }

    fn finish(self, file: &str, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let Self { tasks, frames, .. } = self;
        let is_several = tasks.iter().filter(|task| task.is_used).count() > 1;
        if tasks.iter().any(|task| !task.tracks.is_empty()) {
            let stem = file.strip_suffix(".xml").unwrap_or(file);
            for task in tasks.into_iter().filter(|task| !task.tracks.is_empty()) {
                let Task { id, name, subset, size: [width, height], tracks, .. } = task;
                let id = if is_several { format!("{stem}/{id}") } else { stem.to_owned() };
                let id = Some(id);
                sink.item(Item { name, id, subset, width, height, tracks, ..Item::default() })?;
            }
            return Ok(());
        }
        let item = |frame| {
            let (task, frame) = (&tasks[(frame / FRAMES_MAX) as usize], frame % FRAMES_MAX);
            let name = match (is_several, &task.name[..]) {
                (false, _) => format!("frame_{frame:06}"),
                (true, "") => format!("{}/frame_{frame:06}", task.id),
                (true, name) => format!("{name}/frame_{frame:06}"),
            };
            let ([width, height], subset) = (task.size, task.subset.clone());
            Item { name, frame: Some(frame), subset, width, height, ..Item::default() }
        };
        Ok(frames.each(sink, item)?)
    }
}
