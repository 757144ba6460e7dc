//! CVAT's own JSON, as its interface and its backups have it: tags, shapes and tracks by frame. What the frames and
//! labels are called stands in other files beside it, where there are any.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::BufRead;

use serde_json::Value;

use super::cvat::{cropped, value};
use super::items::each_line_of;
use super::look::{Look, parse};
use super::pieces::{PieceError, Pieces, Stop};
use super::space::{self, Cuboid, Frame};
use super::tracks::{Frames, Keyframe, between};
use super::{Class, Item, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

const ABOUT_MAX_BYTES: u64 = 64 << 20;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let alone = source.names().len() == 1;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !alone && !format!("/{name}").ends_with("/annotations.json") {
            continue;
        }
        let root = name.rsplit_once('/').map_or(String::new(), |(root, _)| format!("{root}/"));
        let about = About::find(source, &root, sink)?;
        for class in about.labels.iter().map(|label| &label.class) {
            sink.class(class)?;
        }
        let mut frames = Frames::default();
        let mut pieces = Pieces::new(source.stream(index)?);
        jobs(&name, &mut pieces, &about, &mut frames, sink).map_err(|stop| stop.of(&name))?;
        (0..about.frames.len() as u64).for_each(|frame| frames.there_is(frame));
        frames.each(sink, |frame| about.item(frame))?;
    }
    Ok(())
}

struct Label {
    id: Option<i64>,
    class: Class,
    /// The numbers of its attributes and of the points of its skeleton.
    attributes: HashMap<i64, String>,
    points: HashMap<i64, String>,
}

/// What the files beside the annotations say.
#[derive(Default)]
struct About {
    labels: Vec<Label>,
    /// The name and the size of each frame, where they are pictures of their own.
    frames: Vec<Option<(String, [Option<u32>; 2])>>,
    /// The size of all frames of a video.
    size: [Option<u32>; 2],
}

impl About {
    fn find(source: &mut Source, root: &str, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let mut about = Self::default();
        let above = root.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
        let above = if above.is_empty() { String::new() } else { format!("{above}/") };
        let files = [("task.json", root), ("labels.json", root), ("project.json", &above)];
        for (file, folder) in files {
            let name = format!("{folder}{file}");
            let Some(index) = source.find(&name) else { continue };
            if !about.labels.is_empty() {
                break;
            }
            let raw = source.text(index, ABOUT_MAX_BYTES)?;
            let read = parse(&name, 1, &raw).and_then(|value| {
                labels(&Look::new(&value, "")).map_err(|fault| refusal(&name, 1, fault, b""))
            });
            match read {
                Ok(labels) => about.labels = labels,
                Err(refused) => sink.refuse(refused),
            }
        }
        for file in ["data/manifest.jsonl", "manifest.jsonl"] {
            if let Some(index) = source.find(&format!("{root}{file}")) {
                about.manifest(source, index, sink)?;
                break;
            }
        }
        Ok(about)
    }

    /// A row for each picture, in the order of the frames, behind two that say what they are.
    fn manifest(
        &mut self,
        source: &mut Source,
        index: usize,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        each_line_of(source, index, sink, &mut |file, row, raw, sink| {
            let read = parse(file, row, raw).and_then(|value| {
                let look = Look::new(&value, "");
                let read = (|| {
                    if let Some(facts) = look.maybe("properties") {
                        if let Some(size) = facts.maybe("resolution") {
                            let sides: Vec<u32> =
                                size.list()?.map(|side| side.side()).collect::<Result<_, _>>()?;
                            if let [width, height] = sides[..] {
                                self.size = [Some(width), Some(height)];
                            }
                        }
                    } else if let Some(name) = look.maybe("name") {
                        let side = |key| look.maybe(key).map(|side| side.side()).transpose();
                        let ending = look.maybe("extension").map(|ending| ending.text());
                        let name = format!("{}{}", name.text()?, ending.transpose()?.unwrap_or(""));
                        self.frames.push(Some((name, [side("width")?, side("height")?])));
                    }
                    Ok(())
                })();
                read.map_err(|fault| refusal(file, row, fault, raw))
            });
            if let Err(refused) = read {
                // The frames behind it keep their numbers.
                self.frames.push(None);
                sink.refuse(refused);
            }
            Ok(())
        })
    }

    fn item(&self, frame: u64) -> Item {
        let named = usize::try_from(frame).ok().and_then(|at| self.frames.get(at)?.clone());
        if let Some((name, [width, height])) = named {
            return Item { name, width, height, ..Item::default() };
        }
        let [width, height] = self.size;
        let name = format!("frame_{frame:06}");
        Item { name, width, height, frame: Some(frame), ..Item::default() }
    }

    fn size(&self, frame: u64) -> [Option<u32>; 2] {
        let item = self.item(frame);
        [item.width, item.height]
    }

    fn label(&self, look: &Look, sink: &mut dyn Sink) -> Result<(String, Option<&Label>), Fault> {
        if let Some(name) = look.maybe("label") {
            let name = name.text()?;
            let found = self.labels.iter().find(|label| label.class.name == name);
            return Ok((name.into(), found));
        }
        let id = look.get("label_id")?.whole()?;
        let found = self.labels.iter().find(|label| label.id == Some(id));
        if found.is_none() {
            sink.lose("name_of_label", format!("{}: {id}", look.path));
        }
        Ok((found.map_or_else(|| format!("label_{id}"), |label| label.class.name.clone()), found))
    }
}

fn labels(look: &Look) -> Result<Vec<Label>, Fault> {
    let list = match look.value {
        Value::Array(_) => look.clone(),
        _ => match look.maybe("labels").or_else(|| look.maybe("results")) {
            Some(list) if list.value.is_array() => list,
            _ => return Ok(Vec::new()),
        },
    };
    let mut labels = Vec::new();
    for label in list.list()? {
        let numbered = |key: &str| -> Result<Vec<(Option<i64>, String)>, Fault> {
            let Some(list) = label.maybe(key) else { return Ok(Vec::new()) };
            list.list()?
                .map(|one| {
                    let id = one.maybe("id").map(|id| id.whole()).transpose()?;
                    Ok((id, one.get("name")?.text()?.to_owned()))
                })
                .collect()
        };
        let points = numbered("sublabels")?;
        let known = |list: &[(Option<i64>, String)]| {
            list.iter().filter_map(|(id, name)| Some(((*id)?, name.clone()))).collect()
        };
        let class = Class {
            name: label.get("name")?.text()?.into(),
            keypoints: points.iter().map(|(_, name)| name.clone()).collect(),
            ..Class::default()
        };
        labels.push(Label {
            id: label.maybe("id").map(|id| id.whole()).transpose()?,
            class,
            attributes: known(&numbered("attributes")?),
            points: known(&points),
        });
    }
    Ok(labels)
}

/// The annotations of one job, or in a backup of each of them in a list.
fn jobs<R: BufRead>(
    name: &str,
    pieces: &mut Pieces<R>,
    about: &About,
    frames: &mut Frames,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    if pieces.peek()? != Some(b'[') {
        job(name, "", pieces, about, frames, sink)?;
    } else {
        pieces.enter(b'[', "a list was expected")?;
        let (mut first, mut nth) = (true, 0);
        while pieces.next(&mut first, b']')? {
            job(name, &format!("[{nth}]."), pieces, about, frames, sink)?;
            nth += 1;
        }
    }
    if pieces.peek()?.is_some() {
        let fault = Fault::new("", Code::NotJson, "something follows the end of the annotations");
        return Err(PieceError::Fault(pieces.line, fault).into());
    }
    Ok(())
}

fn job<R: BufRead>(
    name: &str,
    path: &str,
    pieces: &mut Pieces<R>,
    about: &About,
    frames: &mut Frames,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    pieces.enter(b'{', "there is no JSON object: is this CVAT's JSON?")?;
    let (mut first, mut raw, mut tracks, mut seen) = (true, Vec::new(), 0_i64, false);
    while let Some(key) = pieces.key(&mut first)? {
        if !matches!(key.as_str(), "tags" | "shapes" | "tracks") {
            pieces.skip()?;
            if key != "version" {
                sink.lose("field_not_read", format!("{name}: {path}{key}"));
            }
            continue;
        }
        seen = true;
        pieces.enter(b'[', &format!("`{key}` is no list"))?;
        let (mut first, mut nth) = (true, 0);
        while pieces.next(&mut first, b']')? {
            let line = pieces.line;
            pieces.value(&mut raw)?;
            let place = format!("{path}{key}[{nth}]");
            nth += 1;
            let value = match parse(name, line, &raw) {
                Ok(value) => value,
                Err(refused) => {
                    sink.refuse(refused);
                    continue;
                }
            };
            let look = Look::new(&value, &place);
            if key == "tracks" {
                tracks += 1;
                match track(&look, tracks - 1, about, sink) {
                    Ok(keyframes) => frames.track(name, keyframes)?,
                    Err(fault) => sink.refuse(refusal(name, line, fault, &raw)),
                }
                continue;
            }
            let read = look.get("frame").and_then(|frame| frame.offset());
            let read =
                read.and_then(|frame| Ok((frame, mark(&look, key == "tags", frame, about, sink)?)));
            match read {
                Ok((frame, mark)) => frames.mark(name, frame, mark)?,
                Err(fault) => sink.refuse(refusal(name, line, fault, &raw)),
            }
        }
    }
    if !seen {
        let message = "there are no `shapes`, `tracks` or `tags`: is this CVAT's JSON?";
        let fault = Fault::new("shapes", Code::MissingField, message);
        return Err(PieceError::Fault(pieces.line, fault).into());
    }
    Ok(())
}

/// A tag or a shape.
fn mark(
    look: &Look,
    tag: bool,
    frame: u64,
    about: &About,
    sink: &mut dyn Sink,
) -> Result<Mark, Fault> {
    let (class, label) = about.label(look, sink)?;
    let id = look.maybe("id").map(|id| id.id()).transpose()?;
    let mut mark = Mark { id, class, ..Mark::default() };
    facts(look, label, &mut mark)?;
    unread(look, sink);
    if look.maybe("source").is_some_and(|source| source.value != "manual") {
        sink.lose("origin", look.path.clone());
    }
    if !tag {
        mark.place = place(look, label, about.size(frame), sink)?;
    }
    Ok(mark)
}

/// Counts what is not read of the attributes of a tag, a shape or a track, and of the points of its skeleton.
fn unread(look: &Look, sink: &mut dyn Sink) {
    for attribute in look.each("attributes") {
        attribute.lose_rest(&["id", "spec_id", "name", "value"], sink);
    }
    for element in look.each("elements") {
        element.lose_rest(&READ, sink);
        let shapes = element.each("shapes").inspect(|shape| shape.lose_rest(&READ, sink));
        let told: Vec<Look> =
            shapes.chain([element]).flat_map(|one| one.each("attributes")).collect();
        told.iter().for_each(|one| sink.lose("attribute_of_a_point", one.path.clone()));
    }
}

/// What a tag, a shape or a track has.
const READ: [&str; 17] = [
    "id",
    "clientID",
    "type",
    "frame",
    "label",
    "label_id",
    "group",
    "source",
    "occluded",
    "outside",
    "keyframe",
    "z_order",
    "rotation",
    "points",
    "attributes",
    "elements",
    "shapes",
];

/// What is said of a tag, a shape or a track besides its place.
fn facts(look: &Look, label: Option<&Label>, mark: &mut Mark) -> Result<(), Fault> {
    let group = look.maybe("group").map(|group| group.whole()).transpose()?;
    mark.group = group.filter(|group| *group != 0).or(mark.group);
    if look.flag("occluded")? {
        mark.attributes.insert("occluded".into(), true.into());
    }
    let order = look.maybe("z_order").map(|order| order.whole()).transpose()?.unwrap_or(0);
    if order != 0 {
        mark.attributes.insert("z_order".into(), order.into());
    }
    mark.attributes.extend(look.rest(&READ));
    let Some(attributes) = look.maybe("attributes") else { return Ok(()) };
    for attribute in attributes.list()? {
        let name = match attribute.maybe("name") {
            Some(name) => name.text()?.to_owned(),
            None => {
                let id = attribute.get("spec_id")?.whole()?;
                let known = label.and_then(|label| label.attributes.get(&id).cloned());
                known.unwrap_or_else(|| format!("attribute_{id}"))
            }
        };
        let said = attribute.get("value")?;
        let said = said.value.as_str().map_or_else(|| said.value.clone(), value);
        mark.attributes.insert(name, said);
    }
    Ok(())
}

fn place(
    look: &Look,
    label: Option<&Label>,
    size: [Option<u32>; 2],
    sink: &mut dyn Sink,
) -> Result<Place, Fault> {
    let kind = look.get("type")?;
    let points = || look.get("points");
    let exactly = |count: usize| -> Result<Vec<f64>, Fault> {
        let list = points()?;
        let numbers = list.numbers()?;
        if numbers.len() == count {
            return Ok(numbers);
        }
        Err(list.range(&format!("has not {count} numbers")))
    };
    let degrees = look.maybe("rotation").map(|turn| turn.number()).transpose()?.unwrap_or(0.0);
    let shape = match kind.text()? {
        "rectangle" => {
            let [x, y, right, bottom] = exactly(4)?[..] else { return Err(points()?.range("")) };
            let (width, height) = (right - x, bottom - y);
            if width <= 0.0 || height <= 0.0 {
                return Err(points()?.range("has no width or no height above 0"));
            }
            if degrees == 0.0 {
                Shape::Box { x, y, width, height }
            } else {
                let (cx, cy) = (x + width / 2.0, y + height / 2.0);
                Shape::Turned { cx, cy, width, height, degrees }
            }
        }
        "ellipse" => {
            let [cx, cy, right, top] = exactly(4)?[..] else { return Err(points()?.range("")) };
            let (rx, ry) = (right - cx, cy - top);
            if rx <= 0.0 || ry <= 0.0 {
                return Err(points()?.range("has no radius above 0"));
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees }
        }
        "polygon" => Shape::Polygon { points: points()?.flat(3)? },
        "polyline" => Shape::Line { points: points()?.flat(2)? },
        "points" => Shape::Points { points: points()?.flat(1)? },
        "cuboid" => {
            let numbers = exactly(16)?;
            // A box in space has nine numbers; the rest is empty.
            if numbers[9..].iter().all(|number| *number == 0.0) {
                let three = |at: usize| [numbers[at], numbers[at + 1], numbers[at + 2]];
                let rotation = space::from_own_angles(three(3));
                let (centre, size) = (three(0), three(6));
                let cuboid = Cuboid { centre, size, rotation, frame: Frame::Lidar, around: None };
                return Ok(Place::Cuboid(cuboid.check(&points()?.path)?));
            }
            Shape::Solid { corners: points()?.flat(8)? }
        }
        "mask" => mask(&points()?, size, sink)?,
        "skeleton" => skeleton(look, label, sink)?,
        other => {
            let message = format!("`{}` is “{other}”, which is no shape of CVAT's", kind.path);
            return Err(Fault::new(&kind.path, Code::UnknownValue, message));
        }
    };
    Ok(Place::Shape(shape))
}

/// Runs, zeros first, row by row in a part of the picture, and its corners, both of them in it.
fn mask(
    look: &Look,
    [width, height]: [Option<u32>; 2],
    sink: &mut dyn Sink,
) -> Result<Shape, Fault> {
    let numbers = look.list()?.map(|number| number.offset()).collect::<Result<Vec<_>, _>>()?;
    let Some((runs, [left, top, right, bottom])) = numbers.split_last_chunk::<4>() else {
        return Err(look.range("has no corners behind its runs"));
    };
    let side = |from: u64, to: u64| {
        let side = to.checked_sub(from).and_then(|side| u32::try_from(side + 1).ok());
        side.ok_or_else(|| look.range("ends with corners that are none"))
    };
    let part = [u32::try_from(*left).unwrap_or(u32::MAX), u32::try_from(*top).unwrap_or(u32::MAX)];
    let part = [part[0], part[1], side(*left, *right)?, side(*top, *bottom)?];
    let size = match width.zip(height) {
        Some((width, height)) => [width, height],
        None => {
            sink.lose("size_of_mask", look.path.clone());
            [part[0].saturating_add(part[2]), part[1].saturating_add(part[3])]
        }
    };
    Ok(Shape::Mask(cropped(size, part, runs).map_err(|message| look.range(message))?))
}

fn point(look: &Look) -> Result<[f64; 3], Fault> {
    let list = look.get("points")?;
    let [[x, y]] = list.flat(1)?[..] else { return Err(list.range("is more than one point")) };
    let seen = match (look.flag("outside")?, look.flag("occluded")?) {
        (true, _) => 0.0,
        (_, true) => 1.0,
        _ => 2.0,
    };
    Ok([x, y, seen])
}

/// The places of the points of a skeleton by their order in its label, or as they come where that is not known.
fn ordered(
    elements: Vec<(Look, [f64; 3])>,
    label: Option<&Label>,
    sink: &mut dyn Sink,
) -> Result<Shape, Fault> {
    let order = label.map_or(&[][..], |label| &label.class.keypoints);
    let mut points = vec![[0.0; 3]; order.len()];
    for (element, place) in elements {
        let name = match element.maybe("label") {
            Some(name) => Some(name.text()?.to_owned()),
            None => {
                let id = element.get("label_id")?.whole()?;
                label.and_then(|label| label.points.get(&id).cloned())
            }
        };
        match name.and_then(|name| order.iter().position(|known| *known == name)) {
            Some(at) => points[at] = place,
            None if order.is_empty() => points.push(place),
            None => sink.lose("name_of_label", element.path.clone()),
        }
    }
    Ok(Shape::Keypoints { points, around: None })
}

fn skeleton(look: &Look, label: Option<&Label>, sink: &mut dyn Sink) -> Result<Shape, Fault> {
    let elements = look.get("elements")?.list()?.map(|element| {
        let place = point(&element)?;
        Ok((element, place))
    });
    ordered(elements.collect::<Result<_, Fault>>()?, label, sink)
}

fn track(
    look: &Look,
    nth: i64,
    about: &About,
    sink: &mut dyn Sink,
) -> Result<Vec<Keyframe>, Fault> {
    let (class, label) = about.label(look, sink)?;
    let id = look.maybe("id").map(|id| id.whole()).transpose()?.unwrap_or(nth);
    let mut common = Mark { class, track: Some(id), ..Mark::default() };
    facts(look, label, &mut common)?;
    unread(look, sink);
    let shapes = look.get("shapes")?;
    let mut keyframes = Vec::new();
    let skeletons = elements(look)?;
    for shape in shapes.list()? {
        if keyframes.len() >= MARKS_MAX {
            return Err(shapes.range("has more than 50,000 keyframes"));
        }
        let frame = shape.get("frame")?.offset()?;
        let mut mark = common.clone();
        facts(&shape, label, &mut mark)?;
        if shape.get("type")?.text()? != "skeleton" {
            mark.place = place(&shape, label, about.size(frame), sink)?;
        } else if skeletons.is_empty() {
            return Err(shape.range("is a skeleton, and the track has no `elements`"));
        }
        keyframes.push(Keyframe { frame, outside: shape.flag("outside")?, mark });
    }
    if skeletons.is_empty() {
        return Ok(keyframes);
    }
    // Each point of a skeleton moves by itself: it is a keyframe of the whole where any of them is one.
    let frames: BTreeSet<u64> = skeletons
        .iter()
        .flat_map(|(_, places)| places.keys().copied())
        .chain(keyframes.iter().map(|keyframe| keyframe.frame))
        .collect();
    let mut joined = Vec::new();
    for frame in frames {
        let there = skeletons
            .iter()
            .filter_map(|(element, places)| Some((element.clone(), at(places, frame)?)));
        let shape = ordered(there.collect(), label, sink)?;
        let last = keyframes.iter().rev().find(|keyframe| keyframe.frame <= frame);
        let mark = last.map_or_else(|| common.clone(), |keyframe| keyframe.mark.clone());
        let outside = last.is_some_and(|keyframe| keyframe.outside);
        joined.push(Keyframe { frame, outside, mark: Mark { place: Place::Shape(shape), ..mark } });
    }
    Ok(joined)
}

type Places<'a> = Vec<(Look<'a>, BTreeMap<u64, [f64; 3]>)>;

/// The tracks of the points of a skeleton.
fn elements<'a>(look: &Look<'a>) -> Result<Places<'a>, Fault> {
    let Some(elements) = look.maybe("elements") else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for element in elements.list()? {
        let mut places = BTreeMap::new();
        for shape in element.get("shapes")?.list()? {
            places.insert(shape.get("frame")?.offset()?, point(&shape)?);
        }
        found.push((element, places));
    }
    Ok(found)
}

/// Where a point is in a frame: at its keyframe, or on the way between two.
fn at(places: &BTreeMap<u64, [f64; 3]>, frame: u64) -> Option<[f64; 3]> {
    let (before, from) = places.range(..=frame).next_back()?;
    let Some((after, to)) = places.range(frame..).next().filter(|(after, _)| *after > before)
    else {
        return Some(*from);
    };
    let part = (frame - before) as f64 / (after - before) as f64;
    let one =
        |place: &[f64; 3]| Place::Shape(Shape::Keypoints { points: vec![*place], around: None });
    match between(&one(from), &one(to), part) {
        Place::Shape(Shape::Keypoints { points, .. }) => points.first().copied(),
        _ => Some(*from),
    }
}
