//! Datumaro's JSON: a file for each subset, the classes first, each annotation with the number of its class.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

use serde_json::{Value, json};

use super::coco_mark::mask;
use super::look::{Look, parse};
use super::outlet::Outlet;
use super::pieces::{PieceError, Pieces, Stop};
use super::source::Scratch;
use super::space::{self, Cuboid, Frame};
use super::{
    Class, Item, MARKS_MAX, Mark, Names, Place, ReadError, Shape, Sink, Source, Writer,
    lose_all_but_metadata, lose_mark, refusal,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const SUBSETS_MAX: usize = 64;
/// The numbers of the kinds of media.
const PICTURES: u8 = 2;
const CLOUDS: u8 = 6;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".json") {
            continue;
        }
        let mut file = source.spool(index)?;
        let stem = name.rsplit('/').next().unwrap_or(&name).trim_end_matches(".json");
        let subset = if stem == "default" { "" } else { stem };
        let mut classes = Vec::new();
        // The classes may stand behind the items that need them.
        for wanted in ["categories", "items"] {
            file.rewind()?;
            let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, &mut file));
            walk(&name, subset, wanted, &mut pieces, &mut classes, sink)
                .map_err(|stop| stop.of(&name))?;
        }
    }
    Ok(())
}

fn walk<R: BufRead>(
    name: &str,
    subset: &str,
    wanted: &str,
    pieces: &mut Pieces<R>,
    classes: &mut Vec<String>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    pieces.enter(b'{', "the file is no JSON object: is this a Datumaro file?")?;
    let (mut first, mut raw, mut seen) = (true, Vec::new(), false);
    while let Some(key) = pieces.key(&mut first)? {
        if key != wanted {
            let known = ["dm_format_version", "media_type", "categories", "items"];
            if key == "infos" {
                pieces.value(&mut raw)?;
                if wanted == "items" && raw.trim_ascii() != b"{}" {
                    sink.lose("infos", name.to_owned());
                }
                continue;
            }
            pieces.skip()?;
            if wanted == "items" && !known.contains(&&key[..]) {
                sink.lose("field_not_read", format!("{name}: {key}"));
            }
            continue;
        }
        seen = true;
        if wanted == "categories" {
            let line = pieces.line;
            pieces.value(&mut raw)?;
            let read = parse(name, line, &raw).and_then(|value| {
                let look = Look::new(&value, "categories");
                labels(&look, sink).map_err(|fault| refusal(name, line, fault, &raw))
            });
            match read {
                Ok(found) => {
                    for class in found {
                        sink.class(&class)?;
                        classes.push(class.name);
                    }
                }
                Err(refused) => sink.refuse(refused),
            }
            continue;
        }
        pieces.enter(b'[', "`items` is no list")?;
        let (mut first, mut nth) = (true, 0);
        while pieces.next(&mut first, b']')? {
            let line = pieces.line;
            pieces.value(&mut raw)?;
            let path = format!("items[{nth}]");
            nth += 1;
            let value = match parse(name, line, &raw) {
                Ok(value) => value,
                Err(refused) => {
                    sink.refuse(refused);
                    continue;
                }
            };
            let mut faults = Vec::new();
            match item(&Look::new(&value, &path), classes, &mut faults, sink) {
                Ok(item) => sink.item(Item { subset: subset.into(), ..item })?,
                Err(fault) => faults.push(fault),
            }
            for fault in faults {
                sink.refuse(refusal(name, line, fault, &raw));
            }
        }
    }
    if !seen && wanted == "items" {
        let fault = Fault::new(
            "items",
            Code::MissingField,
            "there is no list `items`: is this a Datumaro file?",
        );
        return Err(PieceError::Fault(1, fault).into());
    }
    Ok(())
}

fn labels(look: &Look, sink: &mut dyn Sink) -> Result<Vec<Class>, Fault> {
    look.lose_rest(&["label", "mask", "points"], sink);
    if let Some(label) = look.maybe("label") {
        label.lose_rest(&["labels", "label_groups", "attributes"], sink);
    }
    let Some(list) = look.maybe("label").and_then(|label| label.maybe("labels")) else {
        return Ok(Vec::new());
    };
    let mut classes = Vec::new();
    for label in list.list()? {
        let parent = label.maybe("parent").map(|parent| parent.text()).transpose()?;
        // Which attributes a class may have is seen from those that there are.
        label.lose_rest(&["name", "parent", "attributes"], sink);
        classes.push(Class {
            name: label.get("name")?.text()?.into(),
            parent: parent.filter(|parent| !parent.is_empty()).map(str::to_owned),
            ..Class::default()
        });
    }
    let Some(points) = look.maybe("points").and_then(|points| points.maybe("items")) else {
        return Ok(classes);
    };
    for of in points.list()? {
        let at = usize::try_from(of.get("label_id")?.whole()?).ok();
        let Some(class) = at.and_then(|at| classes.get_mut(at)) else { continue };
        if let Some(names) = of.maybe("labels") {
            let names = names.list()?.map(|name| Ok(name.text()?.to_owned()));
            class.keypoints = names.collect::<Result<_, Fault>>()?;
        }
        of.lose_rest(&["label_id", "labels"], sink);
    }
    Ok(classes)
}

fn item(
    look: &Look,
    classes: &[String],
    faults: &mut Vec<Fault>,
    sink: &mut dyn Sink,
) -> Result<Item, Fault> {
    let id = look.get("id")?.text()?;
    let mut item = Item { name: id.into(), id: Some(id.into()), ..Item::default() };
    let media = ["image", "video_frame", "point_cloud"].iter().find_map(|key| look.maybe(key));
    if look.maybe("related_images").is_some_and(|list| list.value != &json!([])) {
        sink.lose("related_images", id.into());
    }
    if let Some(media) = &media {
        media.map()?;
        if let Some(path) = media.maybe("path").map(|path| path.text()).transpose()?
            && !path.is_empty()
        {
            item.name = path.into();
        }
        if let Some(size) = media.maybe("size") {
            let sides: Vec<u32> = size.list()?.map(|side| side.side()).collect::<Result<_, _>>()?;
            let [height, width] = sides[..] else {
                return Err(size.range("is not height and width"));
            };
            (item.width, item.height) = (Some(width), Some(height));
        }
    }
    if let Some(facts) = look.maybe("attr") {
        item.metadata = facts.map()?.clone();
    }
    if let Some(media) = &media {
        item.frame = media.maybe("frame_index").map(|frame| frame.offset()).transpose()?;
        item.metadata.extend(media.rest(&["path", "size", "frame_index"]));
    }
    item.metadata.extend(look.rest(&[
        "id",
        "attr",
        "image",
        "video_frame",
        "point_cloud",
        "media",
        "related_images",
        "annotations",
    ]));
    let Some(annotations) = look.maybe("annotations") else { return Ok(item) };
    for annotation in annotations.list()? {
        if item.marks.len() >= MARKS_MAX {
            return Err(annotations.range("has more than 50,000 annotations"));
        }
        match mark(&annotation, classes, &item.name, sink) {
            Ok(mark) => item.marks.extend(mark),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(item)
}

fn mark(
    look: &Look,
    classes: &[String],
    item: &str,
    sink: &mut dyn Sink,
) -> Result<Option<Mark>, Fault> {
    let kind = look.get("type")?.text()?;
    let class = match look.maybe("label_id") {
        None => String::new(),
        Some(id) => {
            let at = usize::try_from(id.whole()?).ok().and_then(|at| classes.get(at));
            let message = format!("`{}` is the number of no class", id.path);
            at.ok_or_else(|| Fault::new(&id.path, Code::UnknownValue, message))?.clone()
        }
    };
    let shape = match kind {
        "label" => None,
        "caption" => {
            let words = look.get("caption")?.text()?.to_owned();
            return Ok(Some(Mark { class, place: Place::Words(words), ..Mark::default() }));
        }
        "bbox" => {
            let list = look.get("bbox")?;
            let [x, y, width, height] = list.four()?;
            if width <= 0.0 || height <= 0.0 {
                return Err(list.range("has no width or no height above 0"));
            }
            Some(Shape::Box { x, y, width, height })
        }
        "polygon" => Some(Shape::Polygon { points: look.get("points")?.flat(3)? }),
        "polyline" => Some(Shape::Line { points: look.get("points")?.flat(2)? }),
        "points" => {
            let points = look.get("points")?.flat(1)?;
            match look.maybe("visibility") {
                None => Some(Shape::Points { points }),
                Some(seen) => {
                    let seen = seen.numbers()?;
                    let points = points.iter().enumerate();
                    let named = points
                        .map(|(at, [x, y])| [*x, *y, seen.get(at).copied().unwrap_or(2.0)])
                        .collect();
                    Some(Shape::Keypoints { points: named, around: None })
                }
            }
        }
        "mask" => Some(Shape::Mask(mask(&look.get("rle")?)?)),
        "ellipse" => {
            let list = look.get("points")?;
            let [left, top, right, bottom] = list.four()?;
            if right <= left || bottom <= top {
                return Err(list.range("has no width or no height above 0"));
            }
            let (rx, ry) = ((right - left) / 2.0, (bottom - top) / 2.0);
            Some(Shape::Ellipse { cx: left + rx, cy: top + ry, rx, ry, degrees: 0.0 })
        }
        "cuboid_2d" => {
            let list = look.get("points")?;
            let points = list.pairs(8)?;
            if points.len() > 8 {
                return Err(list.range("has more than eight corners"));
            }
            let mut corners = vec![[0.0; 2]; 8];
            ROUND.iter().zip(points).for_each(|(at, point)| corners[*at] = point);
            Some(Shape::Solid { corners })
        }
        "cuboid_3d" => None,
        other => {
            sink.lose("annotation_type", format!("{item}: {other}"));
            return Ok(None);
        }
    };
    let mut mark = Mark { class, ..Mark::default() };
    if let Some(shape) = shape {
        mark.place = Place::Shape(shape);
    } else if kind == "cuboid_3d" {
        mark.place = Place::Cuboid(cuboid(look)?);
    }
    mark.track = look.maybe("object_id").map(|track| track.whole()).transpose()?;
    mark.track = mark.track.filter(|track| *track >= 0);
    mark.id = look.maybe("id").map(|id| id.id()).transpose()?;
    let group = look.maybe("group").map(|group| group.whole()).transpose()?;
    mark.group = group.filter(|group| *group != 0);
    if let Some(attributes) = look.maybe("attributes") {
        mark.attributes = attributes.map()?.clone();
    }
    mark.attributes.extend(look.rest(&READ));
    if let Some(order) = look.maybe("z_order").map(|order| order.whole()).transpose()?
        && order != 0
    {
        mark.attributes.insert("z_order".into(), order.into());
    }
    Ok(Some(mark))
}

/// What an annotation has, whatever its type.
const READ: [&str; 15] = [
    "id",
    "type",
    "attributes",
    "group",
    "object_id",
    "label_id",
    "bbox",
    "points",
    "visibility",
    "rle",
    "caption",
    "position",
    "rotation",
    "scale",
    "z_order",
];

/// Angles are about the axes of the cloud, x first; the sides are those along x, y and z.
fn cuboid(look: &Look) -> Result<Cuboid, Fault> {
    let three = |key: &str| -> Result<[f64; 3], Fault> {
        let list = look.get(key)?;
        <[f64; 3]>::try_from(list.numbers()?).map_err(|_| list.range("has not three numbers"))
    };
    let cuboid = Cuboid {
        centre: three("position")?,
        size: three("scale")?,
        rotation: space::from_angles(three("rotation")?),
        frame: Frame::Lidar,
        around: None,
    };
    cuboid.check(&look.get("scale")?.path)
}

/// Where the corners of a box in perspective stand here: the top around from the front left, then the bottom
/// from the back left.
const ROUND: [usize; 8] = [0, 6, 4, 2, 7, 5, 3, 1];

pub(super) struct DatumaroFiles {
    out: Outlet,
    classes: Names,
    /// The items of each subset, which stand behind the classes, and those are known last.
    subsets: BTreeMap<String, BufWriter<Box<dyn Scratch>>>,
    clouds: bool,
}

impl DatumaroFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self {
            out: out.clone(),
            classes: Names::default(),
            subsets: BTreeMap::new(),
            clouds: false,
        })
    }
}

impl Writer for DatumaroFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_all_but_metadata(item, losses);
        let mut annotations = Vec::new();
        for (nth, mark) in item.marks.iter().enumerate() {
            lose_mark(item, mark, &["id", "attributes", "group", "track"], losses);
            let label = (!mark.class.is_empty()).then(|| self.classes.index(&mark.class));
            annotations.extend(annotation(item, nth, mark, label, losses));
        }
        let id = item
            .id
            .clone()
            .unwrap_or_else(|| super::twin(&item.name, "").trim_end_matches('.').into());
        let mut image = json!({ "path": item.name });
        if let (Some(width), Some(height)) = (item.width, item.height) {
            image["size"] = json!([height, width]);
        }
        let cloud = item.marks.iter().any(|mark| matches!(mark.place, Place::Cuboid(_)));
        let media = if cloud { "point_cloud" } else { "image" };
        self.clouds |= cloud;
        let entry =
            json!({ "id": id, "attr": item.metadata, "annotations": annotations, media: image });
        let plain =
            item.subset.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' });
        let mut subset: String = plain.collect();
        if subset.is_empty()
            || (self.subsets.len() >= SUBSETS_MAX && !self.subsets.contains_key(&subset))
        {
            subset = "default".into();
        }
        let comma = if self.subsets.contains_key(&subset) { ",\n" } else { "\n" };
        let spool = match self.subsets.entry(subset) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(BufWriter::new(self.out.scratch()?))
            }
        };
        write!(spool, "{comma}{entry}")
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        let Self { out, classes, subsets, clouds } = *self;
        let media = if clouds { CLOUDS } else { PICTURES };
        let labels: Vec<Value> = classes
            .list
            .iter()
            .map(|class| json!({ "name": class.name, "parent": class.parent.as_deref().unwrap_or(""), "attributes": [] }))
            .collect();
        let labels = json!({ "label": { "labels": labels, "attributes": [], "label_groups": [] } });
        for (subset, spool) in subsets {
            let mut file = BufWriter::new(out.create(&format!("annotations/{subset}.json"))?);
            write!(
                file,
                "{{\"dm_format_version\":\"1.0\",\"media_type\":{media},\"infos\":{{}},\"categories\":{labels},\"items\":["
            )?;
            let mut spool = spool.into_inner().map_err(|error| error.into_error())?;
            spool.rewind()?;
            io::copy(&mut spool, &mut file)?;
            file.write_all(b"\n]}\n")?;
            file.flush()?;
        }
        Ok(())
    }
}

fn annotation(
    item: &Item,
    nth: usize,
    mark: &Mark,
    label: Option<usize>,
    losses: &mut LossReport,
) -> Option<Value> {
    let place = || format!("{}: {}", item.name, mark.class);
    let flat = |points: &[[f64; 2]]| json!(points.as_flattened());
    let mut attributes = mark.attributes.clone();
    let order = attributes.remove("z_order").unwrap_or_else(|| 0.into());
    let facts = match &mark.place {
        Place::Whole => json!({ "type": "label" }),
        Place::Words(words) => json!({ "type": "caption", "caption": words }),
        Place::Span { .. } | Place::Time { .. } | Place::Frames { .. } => {
            losses.add("span", place);
            return None;
        }
        Place::Cuboid(cuboid) => json!({
            "type": "cuboid_3d", "position": cuboid.centre, "rotation": space::angles(cuboid.rotation),
            "scale": cuboid.size,
        }),
        Place::Talk(talk) => {
            losses.add(talk.kind(), place);
            return None;
        }
        Place::Shape(shape) => match shape {
            Shape::Solid { corners } => {
                json!({ "type": "cuboid_2d", "points": ROUND.map(|at| corners[at]) })
            }
            Shape::Box { .. } => json!({ "type": "bbox", "bbox": shape.bounds() }),
            Shape::Polygon { points } => json!({ "type": "polygon", "points": flat(points) }),
            Shape::Line { points } => json!({ "type": "polyline", "points": flat(points) }),
            Shape::Points { points } => json!({ "type": "points", "points": flat(points) }),
            Shape::Keypoints { points, around } => {
                if around.is_some() {
                    losses.add("box_around_keypoints", place);
                }
                let places: Vec<f64> = points.iter().flat_map(|[x, y, _]| [*x, *y]).collect();
                let seen: Vec<u8> = points.iter().map(|point| point[2] as u8).collect();
                json!({ "type": "points", "points": places, "visibility": seen })
            }
            Shape::Mask(mask) => json!({
                "type": "mask", "rle": { "counts": mask.counts, "size": [mask.height, mask.width] },
            }),
            Shape::Turned { .. } => {
                losses.add("turned_box_as_polygon", place);
                json!({ "type": "polygon", "points": flat(&shape.corners()) })
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees } => {
                if *degrees != 0.0 {
                    losses.add("turn_of_ellipse", place);
                }
                json!({ "type": "ellipse", "points": [cx - rx, cy - ry, cx + rx, cy + ry] })
            }
            Shape::Parts { .. } => {
                losses.add("polygon_of_several_parts", place);
                json!({ "type": "bbox", "bbox": shape.bounds() })
            }
        },
    };
    let mut annotation = facts;
    let id = mark.id.as_deref().and_then(|id| id.parse::<i64>().ok());
    if mark.id.is_some() && id.is_none() {
        losses.add("mark_id", place);
    }
    annotation["id"] = id.unwrap_or(nth as i64).into();
    annotation["attributes"] = Value::Object(attributes);
    annotation["group"] = mark.group.unwrap_or(0).into();
    if let Some(track) = mark.track {
        annotation["object_id"] = track.into();
    }
    if let Some(label) = label {
        annotation["label_id"] = label.into();
    }
    if matches!(mark.place, Place::Shape(_)) {
        annotation["z_order"] = order;
    }
    Some(annotation)
}
