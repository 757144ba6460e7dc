//! Supervisely: a file for each picture, video or cloud in `ann/`, called as that is with `.json` behind it; the classes in
//! `meta.json`. Clouds that follow one another have one `annotation.json`, and their names in `frame_pointcloud_map.json`.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use image::{GrayImage, Luma};
use serde_json::Value;

use super::items::each_look;
use super::look::{Look, parse};
use super::space::{self, Cuboid, Frame};
use super::tracks::{Frames, Keyframe, Track};
use super::{
    Class, Item, Mark, Mask, Place, ReadError, Shape, Sink, Source, add_mark, labelme, refusal,
    twin,
};
use crate::row::{Code, Fault};
use crate::shape::cut_open;

const META_MAX_BYTES: u64 = 16 << 20;
const MASK_MAX_BYTES: u64 = 64 << 20;

/// The names that each class gives its keypoints in the files, in their order.
type Nodes = HashMap<String, Vec<String>>;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let named = |name: &str, file: &str| name.rsplit('/').next() == Some(file);
    let mut nodes = Nodes::new();
    if let Some(index) = source.names().iter().position(|name| named(name, "meta.json")) {
        let name = source.names()[index].clone();
        let raw = source.text(index, META_MAX_BYTES)?;
        let read = parse(&name, 1, &raw).and_then(|value| {
            let read = classes(&Look::new(&value, ""), &mut nodes);
            read.map_err(|fault| refusal(&name, 1, fault, b""))
        });
        match read {
            Ok(named) => named.iter().try_for_each(|class| sink.class(class))?,
            Err(refused) => sink.refuse(refused),
        }
    }
    let clouds = clouds(source, sink)?;
    each_look(source, sink, is_one, &mut |look, file, sink| {
        let read = match look.maybe("frames") {
            None => still(look, file, &nodes, sink).map(|item| (item, None)),
            Some(_) => moving(look, file, &nodes, sink).map(|(item, marks)| (item, Some(marks))),
        };
        match read {
            Ok((item, None)) => Ok(sink.item(item)?),
            Ok((item, Some(marks))) => {
                let root = &file[..file.rfind('/').map_or(0, |at| at + 1)];
                frames(file, item, marks, clouds.get(root).unwrap_or(&BTreeMap::new()), sink)
            }
            Err(fault) => {
                sink.refuse(refusal(file, 1, fault, b""));
                Ok(())
            }
        }
    })
}

/// Which clouds the frames of the episode in each folder are, by their numbers.
fn clouds(
    source: &mut Source,
    sink: &mut dyn Sink,
) -> Result<HashMap<String, BTreeMap<u64, String>>, ReadError> {
    let mut found = HashMap::new();
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let Some(root) = name.strip_suffix("frame_pointcloud_map.json") else { continue };
        let raw = source.text(index, META_MAX_BYTES)?;
        match serde_json::from_slice::<BTreeMap<u64, String>>(&raw) {
            Ok(said) => {
                let said = said.into_iter();
                let said = said.map(|(at, file)| (at, format!("{root}pointcloud/{file}")));
                found.insert(root.to_owned(), said.collect());
            }
            Err(error) => {
                let message = format!("the file does not name a cloud for each number: {error}");
                let line = error.line() as u64;
                let fault = Fault::new("", Code::WrongType, message);
                sink.refuse(refusal(&name, line, fault, b""));
            }
        }
    }
    Ok(found)
}

/// Hands over what is said of a video or an episode as a whole, and its frames or what moves in it.
fn frames(
    file: &str,
    mut item: Item,
    marks: Vec<(u64, Mark)>,
    clouds: &BTreeMap<u64, String>,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    if sink.follows() && clouds.is_empty() {
        let mut followed: BTreeMap<Option<i64>, Vec<Keyframe>> = BTreeMap::new();
        for (frame, mark) in marks {
            let keyframe = Keyframe { frame, outside: false, mark };
            followed.entry(keyframe.mark.track).or_default().push(keyframe);
        }
        for mut keyframes in followed.into_values() {
            keyframes.sort_by_key(|keyframe| keyframe.frame);
            item.tracks.push(Track::of_frames(keyframes));
        }
        return Ok(sink.item(item)?);
    }
    let folder = twin(&item.name, "").trim_end_matches('.').to_owned();
    let (width, height) = (item.width.take(), item.height.take());
    if !item.marks.is_empty() || !item.metadata.is_empty() {
        sink.item(item)?;
    }
    let mut frames = Frames::default();
    clouds.keys().for_each(|frame| frames.there_is(*frame));
    marks.into_iter().try_for_each(|(frame, mark)| frames.mark(file, frame, mark))?;
    Ok(frames.each(sink, |frame| Item {
        name: clouds.get(&frame).cloned().unwrap_or_else(|| format!("{folder}/frame_{frame:06}")),
        frame: Some(frame),
        width,
        height,
        ..Item::default()
    })?)
}

pub(super) fn is_one(head: &str) -> bool {
    let has = |key: &str| head.contains(&format!("\"{key}\""));
    let moves = has("framesCount") || has("figures") && (has("objectKey") || has("objectId"));
    has("objects") && has("tags") && (has("size") || moves) && !has("imgHeight")
}

/// Of an object; the number of its class says nothing that its name does not.
const READ: [&str; 16] = [
    "id",
    "classId",
    "classTitle",
    "geometryType",
    "labelerLogin",
    "tags",
    "points",
    "bitmap",
    "nodes",
    "angle",
    "description",
    "shape",
    "key",
    "objectKey",
    "objectId",
    "geometry",
];
/// What the tool notes for itself: when, with which of its models, and where in its own lists.
const NOTED: [&str; 9] = [
    "nnCreated",
    "nnUpdated",
    "createdAt",
    "updatedAt",
    "entityId",
    "imageId",
    "priority",
    "faces",
    "figureId",
];

fn classes(look: &Look, nodes: &mut Nodes) -> Result<Vec<Class>, Fault> {
    let mut classes = Vec::new();
    for class in look.get("classes")?.list()? {
        let mut named = Class { name: class.get("title")?.text()?.into(), ..Class::default() };
        let config = class.maybe("geometry_config").or_else(|| class.maybe("geometryConfig"));
        if let Some(config) = config
            && let Some(points) = config.maybe("nodes")
        {
            let keys: Vec<String> = points.map()?.keys().cloned().collect();
            for key in &keys {
                let label = points.get(key)?.maybe("label").and_then(|label| label.value.as_str());
                named.keypoints.push(label.unwrap_or(key).into());
            }
            for edge in config.entries("edges")? {
                let end = |side| {
                    let end = edge.maybe(side)?.value.as_str()?;
                    u32::try_from(keys.iter().position(|key| key == end)? + 1).ok()
                };
                named.skeleton.extend(end("src").zip(end("dst")).map(|(from, to)| [from, to]));
            }
            nodes.insert(named.name.clone(), keys);
        }
        classes.push(named);
    }
    Ok(classes)
}

/// What the file is about: `ds/ann/a.jpg.json` is about `ds/img/a.jpg`.
fn about(file: &str, folder: &str) -> String {
    let stem = file.trim_end_matches(".json");
    let (root, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    match root.strip_suffix("ann") {
        Some(root) if root.is_empty() || root.ends_with('/') => format!("{root}{folder}/{name}"),
        _ => stem.to_owned(),
    }
}

fn begun(look: &Look, folder: &str, file: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let mut item = Item { name: about(file, folder), ..Item::default() };
    if let Some(size) = look.maybe("size") {
        item.width = Some(size.get("width")?.side()?);
        item.height = Some(size.get("height")?.side()?);
    }
    item.metadata =
        look.rest(&["size", "tags", "objects", "figures", "frames", "framesCount", "key"]);
    let says = |value: &Value| *value != "" && value.as_object().is_none_or(|map| !map.is_empty());
    item.metadata.retain(|_, value| says(value));
    for tag in look.get("tags")?.list()? {
        tag.lose_rest(&READ_OF_TAG, sink);
        let (name, value) = tagged(&tag)?;
        match (value, range(&tag)?) {
            (value, Some([start, end])) => {
                let mut mark = Mark::whole(name);
                mark.place = Place::Frames { start, end };
                if !value.is_null() {
                    mark.attributes.insert("value".into(), value);
                }
                item.marks.push(mark);
            }
            (Value::Null, None) => item.marks.push(Mark::whole(name)),
            (value, None) => _ = item.metadata.insert(name, value),
        }
    }
    Ok(item)
}

/// A picture, or a cloud by itself.
fn still(look: &Look, file: &str, nodes: &Nodes, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let Some(figures) = look.maybe("figures") else {
        let mut item = begun(look, "img", file, sink)?;
        for object in look.get("objects")?.list()? {
            count(&object, &item, sink);
            let read = object.get("classTitle").and_then(|class| {
                let mut mark = mark(&object, &object, class.text()?, &item, nodes, sink)?;
                mark.id = object.maybe("id").map(|id| id.id()).transpose()?;
                mark.by = object.maybe("labelerLogin").map(|by| by.id()).transpose()?;
                tags(&object, &mut mark, None)?;
                Ok(mark)
            });
            if !add_mark(&mut item, read, file, (1, b""), sink) {
                break;
            }
        }
        return Ok(item);
    };
    let mut item = begun(look, "pointcloud", file, sink)?;
    let things = things(look, &item, sink)?;
    for figure in figures.list()? {
        let read = followed(&figure, &things, &item, None, nodes, sink);
        if !add_mark(&mut item, read, file, (1, b""), sink) {
            break;
        }
    }
    Ok(item)
}

/// A video, or clouds that follow one another: the whole, and what is in its frames.
fn moving(
    look: &Look,
    file: &str,
    nodes: &Nodes,
    sink: &mut dyn Sink,
) -> Result<(Item, Vec<(u64, Mark)>), Fault> {
    let folder = if look.maybe("size").is_some() { "video" } else { "pointcloud" };
    let item = begun(look, folder, file, sink)?;
    let things = things(look, &item, sink)?;
    let mut marks = Vec::new();
    for frame in look.get("frames")?.list()? {
        frame.lose_rest(&["index", "figures"], sink);
        let number = frame.get("index")?.offset()?;
        for figure in frame.get("figures")?.list()? {
            match followed(&figure, &things, &item, Some(number), nodes, sink) {
                Ok(mark) => marks.push((number, mark)),
                Err(fault) => sink.refuse(refusal(file, 1, fault, b"")),
            }
        }
    }
    Ok((item, marks))
}

/// What is seen of a thing: a thing has its class and tags, and in each frame a place.
struct Thing<'a> {
    number: i64,
    look: Look<'a>,
}

fn things<'a>(
    look: &Look<'a>,
    item: &Item,
    sink: &mut dyn Sink,
) -> Result<HashMap<String, Thing<'a>>, Fault> {
    let mut things = HashMap::new();
    for (number, thing) in look.get("objects")?.list()?.enumerate() {
        count(&thing, item, sink);
        for key in ["key", "id"].iter().filter_map(|key| thing.maybe(key)) {
            let look = Look::new(thing.value, &thing.path);
            things.insert(key.id()?, Thing { number: number as i64, look });
        }
    }
    Ok(things)
}

fn followed(
    figure: &Look,
    things: &HashMap<String, Thing>,
    item: &Item,
    frame: Option<u64>,
    nodes: &Nodes,
    sink: &mut dyn Sink,
) -> Result<Mark, Fault> {
    count(figure, item, sink);
    let key = figure.maybe("objectKey").map_or_else(|| figure.get("objectId"), Ok)?;
    let thing = things.get(&key.id()?);
    let thing = thing.ok_or_else(|| key.range("is no object of the file"))?;
    let class = thing.look.get("classTitle")?.text()?;
    let place = figure.get("geometry")?;
    let mut mark = mark(figure, &place, class, item, nodes, sink)?;
    let by = figure.maybe("labelerLogin").or_else(|| thing.look.maybe("labelerLogin"));
    mark.by = by.map(|by| by.id()).transpose()?;
    mark.track = frame.map(|_| thing.number);
    mark.id = match frame {
        // In a cloud of its own a thing is seen once.
        None => figure.maybe("id").map(|id| id.id()).transpose()?,
        Some(_) => None,
    };
    tags(&thing.look, &mut mark, frame)?;
    tags(figure, &mut mark, frame)?;
    Ok(mark)
}

/// Counts what is not read of an object and its tags.
fn count(object: &Look, item: &Item, sink: &mut dyn Sink) {
    let says = |value: &Value| match value {
        Value::Object(map) => !map.is_empty(),
        Value::Null => false,
        _ => true,
    };
    for (key, value) in object.rest(&[&READ[..], &NOTED].concat()) {
        if says(&value) {
            sink.lose("field_not_read", format!("{}: {key}", item.name));
        }
    }
    for tag in object.each("tags") {
        tag.lose_rest(&READ_OF_TAG, sink);
    }
}

/// Who set a tag when, and by what number, is the server's own.
const READ_OF_TAG: [&str; 14] = [
    "name",
    "value",
    "id",
    "tagId",
    "labelerLogin",
    "createdAt",
    "updatedAt",
    "type",
    "key",
    "frameRange",
    "isFinished",
    "nonFinalValue",
    "objectId",
    "figureId",
];

fn tagged(look: &Look) -> Result<(String, Value), Fault> {
    let name = look.get("name")?.text()?.to_owned();
    Ok((name, look.maybe("value").map_or(Value::Null, |value| value.value.clone())))
}

/// In which frames a tag holds, the last included; none where it holds in all.
fn range(look: &Look) -> Result<Option<[u64; 2]>, Fault> {
    let Some(range) = look.maybe("frameRange").filter(|range| !range.value.is_null()) else {
        return Ok(None);
    };
    let ends = range.list()?.map(|end| end.offset()).collect::<Result<Vec<_>, _>>()?;
    match <[u64; 2]>::try_from(ends) {
        Ok([start, end]) if start <= end => Ok(Some([start, end])),
        _ => Err(range.range("is not the first and the last frame")),
    }
}

/// What is said of an object, in this frame where it is one of a video.
fn tags(look: &Look, mark: &mut Mark, frame: Option<u64>) -> Result<(), Fault> {
    if let Some(said) = look.maybe("description").map(|said| said.text()).transpose()?
        && !said.is_empty()
    {
        mark.attributes.insert("description".into(), said.into());
    }
    let Some(list) = look.maybe("tags") else { return Ok(()) };
    for tag in list.list()? {
        let (name, value) = tagged(&tag)?;
        let holds = match (range(&tag)?, frame) {
            (Some([start, end]), Some(frame)) => (start..=end).contains(&frame),
            _ => true,
        };
        if holds {
            mark.attributes.insert(name, if value.is_null() { true.into() } else { value });
        }
    }
    Ok(())
}

fn mark(
    figure: &Look,
    look: &Look,
    class: &str,
    item: &Item,
    nodes: &Nodes,
    sink: &mut dyn Sink,
) -> Result<Mark, Fault> {
    let kind = figure.get("geometryType")?;
    let outside = |least| look.get("points")?.get("exterior")?.pairs(least);
    let holes = |look: &Look| -> Result<Vec<Vec<[f64; 2]>>, Fault> {
        let inside = look.maybe("interior").map(|inside| inside.list()).transpose()?;
        inside.into_iter().flatten().map(|hole| hole.pairs(3)).collect()
    };
    let boxed = |points: Vec<[f64; 2]>| Shape::Points { points }.bounds();
    let shape = match kind.text()? {
        "rectangle" => look.boxed(boxed(outside(2)?))?,
        // Turned about its middle, in radians; the corners are those that it had before.
        "oriented_bbox" => {
            let points = look.get("points")?;
            let corners = points.maybe("exterior").unwrap_or(points).pairs(2)?;
            let [x, y, width, height] = boxed(corners);
            let turn = look.maybe("angle").map(|angle| angle.number()).transpose()?;
            Shape::Turned {
                cx: x + width / 2.0,
                cy: y + height / 2.0,
                width,
                height,
                degrees: turn.unwrap_or_default().to_degrees(),
            }
        }
        "polygon" => {
            let inside = holes(&look.get("points")?)?;
            if !inside.is_empty() {
                sink.lose("hole_cut_open", item.name.clone());
            }
            Shape::Polygon { points: cut_open(outside(3)?, inside) }
        }
        "line" | "polyline" => Shape::Line { points: outside(2)? },
        "point" => Shape::Points { points: outside(1)? },
        "bitmap" | "alpha_mask" => {
            let [Some(width), Some(height)] = [item.width, item.height] else {
                return Err(kind.range("is of pixels, and the size of the picture is not said"));
            };
            if kind.value == "alpha_mask" {
                sink.lose("opacity", item.name.clone());
            }
            Shape::Mask(mask(&look.get("bitmap")?, [width, height])?)
        }
        "graph" => joints(look, nodes.get(class))?,
        "cuboid_2d" => solid(look)?,
        "cuboid_3d" => {
            let mark = Mark { class: class.into(), ..Mark::default() };
            return Ok(Mark { place: Place::Cuboid(cuboid(look)?), ..mark });
        }
        other => {
            let message = format!(
                "`geometryType` is “{other}”, which is not read: give rectangle, oriented_bbox, polygon, line, point, \
                 bitmap, graph, cuboid_2d or cuboid_3d"
            );
            return Err(Fault::new(&kind.path, Code::UnknownValue, message));
        }
    };
    Ok(Mark::shape(class, shape))
}

/// The joints of a skeleton in the order of its class; what is switched off is not seen, what is not there is nowhere.
fn joints(look: &Look, order: Option<&Vec<String>>) -> Result<Shape, Fault> {
    let nodes = look.get("nodes")?;
    let all: Vec<String> = nodes.map()?.keys().cloned().collect();
    let order = order.filter(|order| all.iter().all(|key| order.contains(key))).unwrap_or(&all);
    let mut points = Vec::new();
    for key in order {
        points.push(match nodes.maybe(key) {
            Some(node) => {
                let [x, y] = corner(&node)?;
                [x, y, if node.flag("disabled")? { 1.0 } else { 2.0 }]
            }
            None => [0.0; 3],
        });
    }
    if points.is_empty() {
        return Err(nodes.range("has no joint"));
    }
    Ok(Shape::Keypoints { points, around: None })
}

fn corner(node: &Look) -> Result<[f64; 2], Fault> {
    let place = node.get("loc")?;
    <[f64; 2]>::try_from(place.numbers()?).map_err(|_| place.range("is not a pair of numbers"))
}

fn solid(look: &Look) -> Result<Shape, Fault> {
    const ROUND: [&str; 8] = [
        "face1-topleft",
        "face1-bottomleft",
        "face1-topright",
        "face1-bottomright",
        "face2-topright",
        "face2-bottomright",
        "face2-topleft",
        "face2-bottomleft",
    ];
    let nodes = look.get("nodes")?;
    let corners = ROUND.iter().map(|key| corner(&nodes.get(key)?)).collect::<Result<_, _>>()?;
    Ok(Shape::Solid { corners })
}

fn cuboid(look: &Look) -> Result<Cuboid, Fault> {
    let three = |key: &str| -> Result<[f64; 3], Fault> {
        let said = look.get(key)?;
        Ok([said.get("x")?.number()?, said.get("y")?.number()?, said.get("z")?.number()?])
    };
    let cuboid = Cuboid {
        centre: three("position")?,
        size: three("dimensions")?,
        rotation: space::from_angles(three("rotation")?),
        frame: Frame::Lidar,
        around: None,
    };
    cuboid.check(&look.get("dimensions")?.path)
}

/// A small picture of its own, zipped, with its place in the large one.
fn mask(look: &Look, sides: [u32; 2]) -> Result<Mask, Fault> {
    let data = look.get("data")?;
    let zipped = STANDARD.decode(data.text()?).map_err(|_| data.range("is not base64"))?;
    let mut bytes = Vec::new();
    ZlibDecoder::new(&zipped[..])
        .take(MASK_MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|_| data.range("is not zipped with zlib"))?;
    let origin = look.get("origin")?;
    let corner = <[f64; 2]>::try_from(origin.numbers()?)
        .map_err(|_| origin.range("is not a pair of numbers"))?;
    labelme::inset(&data, bytes, corner, sides, |pixels| {
        let pixels = pixels.into_rgba8();
        GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
            let [r, g, b, opaque] = pixels.get_pixel(x, y).0;
            Luma([if opaque == 0 { 0 } else { r.max(g).max(b) }])
        })
    })
}
