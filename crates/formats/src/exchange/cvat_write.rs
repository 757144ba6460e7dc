//! Writes CVAT for images, XML 1.1; items with frames become tracks of a video.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Seek, Write};

use serde_json::Value;

use super::cvat::SOLID;
use super::outlet::{Made, Outlet};
use super::source::Scratch;
use super::xml::escaped;
use super::{Class, Item, Mark, Names, Place, Shape, Writer, lose_item, lose_mark};
use crate::loss::LossReport;

const PIXELS_MAX: u64 = 200_000_000;

pub(super) struct CvatFile {
    out: BufWriter<Made>,
    /// The images, which stand behind the labels, and those are known last.
    spool: BufWriter<Box<dyn Scratch>>,
    classes: Names,
    images: u64,
    tracks: BTreeMap<i64, Track>,
    size: [Option<u32>; 2],
}

/// A track on its way: its shapes so far, and the last one, which says where it left when it does.
struct Track {
    label: String,
    shapes: String,
    last: Mark,
    frame: u64,
    /// The count of images when it was seen last.
    seen: u64,
    gone: bool,
}

impl CvatFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(out.single()?),
            spool: BufWriter::new(out.scratch()?),
            classes: Names::default(),
            images: 0,
            tracks: BTreeMap::new(),
            size: [None; 2],
        })
    }
}

impl CvatFile {
    /// Lets the tracks end that have nothing in this item any more: in the frame after their last.
    fn left(&mut self, item: &Item) {
        for track in self.tracks.values_mut() {
            if item.frame.is_some() && track.seen != self.images && !track.gone {
                track.gone = true;
                let mut mark = track.last.clone();
                mark.attributes.insert("outside".into(), true.into());
                mark.attributes.remove("keyframe");
                let frame = format!(" frame=\"{}\"", track.frame + 1);
                let points_of = self.classes.points(&mark.class);
                let text = shape(item, &mark, &frame, points_of, &mut LossReport::default());
                track.shapes.push_str(&text.unwrap_or_default());
            }
        }
    }
}

impl Writer for CvatFile {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        self.size = [item.width.or(self.size[0]), item.height.or(self.size[1])];
        let id = item.id.as_deref().and_then(|id| id.parse::<u64>().ok()).or(item.frame);
        let id = id.unwrap_or(self.images);
        if item.id.as_ref().is_some_and(|given| *given != id.to_string()) {
            losses.add("item_id", || item.name.clone());
        }
        self.images += 1;
        let name = escaped(&item.name);
        let (mut head, mut body) = (format!("  <image id=\"{id}\" name=\"{name}\""), String::new());
        if !item.subset.is_empty() {
            head += &format!(" subset=\"{}\"", escaped(&item.subset));
        }
        if let (Some(width), Some(height)) = (item.width, item.height) {
            head += &format!(" width=\"{width}\" height=\"{height}\"");
        } else {
            losses.add("size_unknown", || item.name.clone());
        }
        let mut tracked = 0;
        for mark in &item.marks {
            lose_mark(item, mark, &["attributes", "group", "track"], losses);
            // Some readers fall over a label without a name; a shape without one is no label.
            if !mark.class.is_empty() {
                self.classes.index(&mark.class);
            }
            let points_of = self.classes.points(&mark.class).to_vec();
            match (mark.track, item.frame) {
                (Some(track), Some(at)) => {
                    tracked += 1;
                    let frame = format!(" frame=\"{at}\"");
                    let text = shape(item, mark, &frame, &points_of, losses).unwrap_or_default();
                    let track = self.tracks.entry(track).or_insert_with(|| Track {
                        label: mark.class.clone(),
                        shapes: String::new(),
                        last: mark.clone(),
                        frame: at,
                        seen: 0,
                        gone: false,
                    });
                    if track.label != mark.class {
                        losses
                            .add("class_that_changes", || format!("{}: {}", item.name, mark.class));
                    }
                    track.shapes.push_str(&text);
                    (track.last, track.frame) = (mark.clone(), at);
                    (track.seen, track.gone) = (self.images, false);
                }
                (Some(_), None) => {
                    losses.add("track", || item.name.clone());
                    body += &shape(item, mark, "", &points_of, losses).unwrap_or_default();
                }
                _ => body += &shape(item, mark, "", &points_of, losses).unwrap_or_default(),
            }
        }
        self.left(item);
        if item.frame.is_some() && !body.is_empty() {
            // What no track has stands on a picture, and the frame is one of those.
            losses.add("frame", || item.name.clone());
        }
        if !self.tracks.is_empty() && (item.id.is_some() || !item.subset.is_empty()) {
            losses.add("item_id", || item.name.clone());
        }
        if item.frame.is_some() && body.is_empty() {
            // A video has no names for its frames, and none where nothing is.
            if tracked == 0 {
                losses.add("frame_without_marks", || item.name.clone());
            }
            if tracked > 0 && item.frame.is_some_and(|at| item.name != format!("frame_{at:06}")) {
                losses.add("file_name", || item.name.clone());
            }
            return Ok(());
        }
        write!(self.spool, "{head}>\n{body}  </image>\n")
    }

    fn finish(mut self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        let mode = if self.tracks.is_empty() { "annotation" } else { "interpolation" };
        let out = &mut self.out;
        writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>")?;
        writeln!(out, "  <version>1.1</version>\n  <meta>\n    <task>")?;
        writeln!(
            out,
            "      <size>{}</size>\n      <mode>{mode}</mode>\n      <labels>",
            self.images
        )?;
        for class in &self.classes.list {
            let name = escaped(&class.name);
            let kind = if class.keypoints.is_empty() { "" } else { "<type>skeleton</type>" };
            writeln!(
                out,
                "        <label><name>{name}</name>{kind}<attributes></attributes></label>"
            )?;
            for point in &class.keypoints {
                let point = escaped(point);
                writeln!(
                    out,
                    "        <label><name>{point}</name><type>points</type><attributes></attributes><parent>{name}</parent></label>"
                )?;
            }
            if class.parent.is_some() {
                losses.add("parent_class", || class.name.clone());
            }
        }
        writeln!(out, "      </labels>")?;
        if let ([Some(width), Some(height)], false) = (self.size, self.tracks.is_empty()) {
            writeln!(
                out,
                "      <original_size><width>{width}</width><height>{height}</height></original_size>"
            )?;
        }
        writeln!(out, "    </task>\n  </meta>")?;
        let mut spool = self.spool.into_inner().map_err(|error| error.into_error())?;
        spool.rewind()?;
        io::copy(&mut spool, out)?;
        for (id, Track { label, shapes, last, .. }) in &self.tracks {
            let label = escaped(label);
            let group =
                last.group.map(|group| format!(" group_id=\"{group}\"")).unwrap_or_default();
            write!(
                out,
                "  <track id=\"{id}\" label=\"{label}\" source=\"manual\"{group}>\n{shapes}  </track>\n"
            )?;
        }
        writeln!(out, "</annotations>")?;
        out.flush()
    }
}

fn points(points: &[[f64; 2]]) -> String {
    let pairs = points.iter().map(|[x, y]| format!("{x},{y}"));
    pairs.collect::<Vec<_>>().join(";")
}

/// One shape, or nothing where CVAT has none like it.
fn shape(
    item: &Item,
    mark: &Mark,
    frame: &str,
    points_of: &[String],
    losses: &mut LossReport,
) -> Option<String> {
    let place = || format!("{}: {}", item.name, mark.class);
    let mut inner = String::new();
    let (element, numbers) = match &mark.place {
        Place::Whole => ("tag", String::new()),
        Place::Span { .. } => {
            losses.add("span", place);
            return None;
        }
        Place::Words(_) | Place::Cuboid(_) | Place::Time { .. } | Place::Frames { .. } => {
            losses.add("words", place);
            return None;
        }
        Place::Talk(talk) => {
            losses.add(talk.kind(), place);
            return None;
        }
        Place::Shape(shape) => match shape {
            Shape::Box { x, y, width, height } => ("box", corners([*x, *y, *width, *height])),
            Shape::Turned { cx, cy, width, height, degrees } => {
                let upright = [cx - width / 2.0, cy - height / 2.0, *width, *height];
                ("box", format!("{} rotation=\"{degrees}\"", corners(upright)))
            }
            Shape::Polygon { points: list } => ("polygon", format!(" points=\"{}\"", points(list))),
            Shape::Line { points: list } => ("polyline", format!(" points=\"{}\"", points(list))),
            Shape::Points { points: list } => ("points", format!(" points=\"{}\"", points(list))),
            Shape::Ellipse { cx, cy, rx, ry, degrees } => (
                "ellipse",
                format!(" cx=\"{cx}\" cy=\"{cy}\" rx=\"{rx}\" ry=\"{ry}\" rotation=\"{degrees}\""),
            ),
            Shape::Keypoints { points: list, around } => {
                if around.is_some() {
                    losses.add("box_around_keypoints", place);
                }
                if !points_of.is_empty() && points_of.len() != list.len() {
                    losses.add("keypoints_of_another_number", place);
                }
                for (index, [x, y, seen]) in list.iter().enumerate() {
                    let (outside, occluded) = (u8::from(*seen == 0.0), u8::from(*seen == 1.0));
                    let label = points_of.get(index).map(|name| escaped(name));
                    inner += &format!(
                        "      <points label=\"{}\" outside=\"{outside}\" occluded=\"{occluded}\" points=\"{x},{y}\"></points>\n",
                        label.unwrap_or_else(|| (index + 1).to_string())
                    );
                }
                ("skeleton", String::new())
            }
            Shape::Mask(mask) => ("mask", crop(mask)?),
            Shape::Solid { corners } => ("cuboid", solid(corners)),
            Shape::Parts { parts } => {
                losses.add("polygon_of_several_parts", place);
                let each = parts.iter().filter_map(|part| {
                    let part = Shape::Polygon { points: part.clone() };
                    let one = Mark { place: Place::Shape(part), ..mark.clone() };
                    self::shape(item, &one, frame, points_of, losses)
                });
                return Some(each.collect());
            }
        },
    };
    let mut facts = String::new();
    for (key, value) in &mark.attributes {
        match (key.as_str(), value) {
            ("occluded" | "outside", Value::Bool(yes)) => {
                facts += &format!(" {key}=\"{}\"", u8::from(*yes));
            }
            ("keyframe", Value::Bool(yes)) if !frame.is_empty() => {
                facts += &format!(" keyframe=\"{}\"", u8::from(*yes));
            }
            ("z_order", Value::Number(order)) => facts += &format!(" z_order=\"{order}\""),
            (key, value) => {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Bool(_) => value.to_string(),
                    _ => {
                        losses.add("attribute_as_text", || format!("{}: {key}", place()));
                        value.to_string()
                    }
                };
                inner += &format!(
                    "      <attribute name=\"{}\">{}</attribute>\n",
                    escaped(key),
                    escaped(&text)
                );
            }
        }
    }
    // What every reader of CVAT looks for stands in the file even where it says nothing.
    for (key, standard) in [("occluded", "0"), ("outside", "0"), ("keyframe", "1")] {
        let needed = (key == "occluded" && element != "tag") || !frame.is_empty();
        if needed && !facts.contains(&format!(" {key}=")) {
            facts += &format!(" {key}=\"{standard}\"");
        }
    }
    if let Some(group) = mark.group {
        facts += &format!(" group_id=\"{group}\"");
    }
    let label = escaped(&mark.class);
    Some(format!(
        "    <{element} label=\"{label}\" source=\"manual\"{frame}{numbers}{facts}>\n{inner}    </{element}>\n"
    ))
}

fn corners([x, y, width, height]: [f64; 4]) -> String {
    format!(" xtl=\"{x}\" ytl=\"{y}\" xbr=\"{}\" ybr=\"{}\"", x + width, y + height)
}

fn solid(corners: &[[f64; 2]]) -> String {
    let named = SOLID.iter().zip(corners);
    named.map(|(name, [x, y])| format!(" x{name}=\"{x}\" y{name}=\"{y}\"")).collect()
}

/// The runs of a mask in its own part of the picture, row by row, zeros first; the part is left, top, width, height.
pub(super) fn runs_of(mask: &super::Mask) -> Option<(Vec<u64>, [usize; 4])> {
    let pixels = mask.pixels(PIXELS_MAX)?;
    let [left, top, width, height] = Shape::Mask(mask.clone()).bounds().map(|side| side as usize);
    let (mut runs, mut inside) = (vec![0_u64], false);
    for y in top..top + height {
        for x in left..left + width {
            let here = pixels[y * mask.width as usize + x] != 0;
            if here != inside {
                runs.push(0);
                inside = here;
            }
            *runs.last_mut()? += 1;
        }
    }
    Some((runs, [left, top, width, height]))
}

fn crop(mask: &super::Mask) -> Option<String> {
    let (runs, [left, top, width, height]) = runs_of(mask)?;
    let runs: Vec<String> = runs.iter().map(u64::to_string).collect();
    Some(format!(
        " rle=\"{}\" left=\"{left}\" top=\"{top}\" width=\"{width}\" height=\"{height}\"",
        runs.join(", ")
    ))
}
