//! Labels of videos in the files of other tools: CVAT for video (XML 1.1), MOT Challenge, and COCO frame by frame.
//!
//! Frames count from 0 as in the answer, and from 1 in MOT. What a format has no place for is counted.

use std::io::{self, Write};

use domain::answers::{Answer, Shape, Track};
use serde_json::{Map, Value, json};

use crate::exchange::SOLID;
use crate::loss::LossReport;
use crate::ontology::Classes;
use crate::shape;

/// A video with its label.
pub struct Clip<'a> {
    /// The name of its file.
    pub name: &'a str,
    pub width: u32,
    pub height: u32,
    pub frames: u64,
    /// Frames a second; 0 where nobody knows.
    pub rate: f64,
    pub answer: &'a Answer,
}

impl Clip<'_> {
    /// The name without its ending.
    pub fn stem(&self) -> &str {
        let start = self.name.rfind(['/', '\\']).map_or(0, |at| at + 1);
        match self.name.rfind('.') {
            Some(at) if at > start => &self.name[..at],
            _ => self.name,
        }
    }
}

/// Writes labels of videos under the names of an ontology.
pub struct TrackLabels<'a> {
    classes: &'a Classes,
    ontology: &'a Value,
    pub losses: LossReport,
}

impl<'a> TrackLabels<'a> {
    pub fn new(ontology: &'a Value, classes: &'a Classes) -> Self {
        Self { classes, ontology, losses: LossReport::default() }
    }

    fn label(&self, key: &str) -> &str {
        self.classes.index(key).map_or("", |index| self.classes.label(index))
    }

    /// The names of the points of a skeleton, as they are written.
    fn points(&self, class: usize) -> Vec<String> {
        let points = self.ontology["classes"][class]["skeleton"]["points"].as_array();
        let names = points.into_iter().flatten().filter_map(|point| point["name"].as_str());
        names.map(escaped).collect()
    }

    fn attributes(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let of_objects = |attribute: &&Value| attribute["scope"] == "object";
        self.ontology["attributes"].as_array().into_iter().flatten().filter(of_objects)
    }

    fn lose_item(&mut self, clip: &Clip<'_>) {
        let Answer { choices, attributes, note, .. } = clip.answer;
        for key in attributes.keys() {
            self.losses.add("item_attribute", || format!("{}: {key}", clip.name));
        }
        for choice in choices {
            self.losses.add("choice", || format!("{}: {choice}", clip.name));
        }
        if note.as_ref().is_some_and(|note| !note.is_empty()) {
            self.losses.add("note", || clip.name.to_owned());
        }
    }

    /// One CVAT file: a shape for each keyframe, and one in the last frame of what stays until then.
    pub fn cvat(&mut self, clip: &Clip<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.lose_item(clip);
        let Clip { name, width, height, frames, answer, .. } = clip;
        writeln!(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>")?;
        writeln!(out, "  <version>1.1</version>\n  <meta>\n    <task>")?;
        writeln!(out, "      <name>{}</name>\n      <size>{frames}</size>", escaped(name))?;
        writeln!(out, "      <mode>interpolation</mode>\n      <labels>")?;
        for index in 0..self.classes.list().len() {
            let name = escaped(self.classes.label(index));
            let points = self.points(index);
            let kind = if points.is_empty() { "" } else { "<type>skeleton</type>" };
            write!(out, "        <label><name>{name}</name>{kind}<attributes>")?;
            for attribute in self.attributes() {
                let mutable = if attribute["per_frame"] == true { "True" } else { "False" };
                let name = escaped(attribute["name"].as_str().unwrap_or_default());
                let kind = match attribute["type"].as_str() {
                    Some("boolean") => "checkbox",
                    Some("select") => "select",
                    Some("number") => "number",
                    _ => "text",
                };
                let values = match kind {
                    "checkbox" => "true\nfalse".to_owned(),
                    "select" => {
                        let options = attribute["options"].as_array().into_iter().flatten();
                        let keys: Vec<&str> = options.filter_map(|o| o["key"].as_str()).collect();
                        keys.join("\n")
                    }
                    _ => String::new(),
                };
                write!(
                    out,
                    "<attribute><name>{name}</name><mutable>{mutable}</mutable><input_type>{kind}</input_type><default_value></default_value><values>{}</values></attribute>",
                    escaped(&values)
                )?;
            }
            writeln!(out, "</attributes></label>")?;
            for point in &points {
                writeln!(
                    out,
                    "        <label><name>{point}</name><type>points</type><attributes></attributes><parent>{name}</parent></label>"
                )?;
            }
        }
        writeln!(out, "      </labels>")?;
        writeln!(
            out,
            "      <original_size><width>{width}</width><height>{height}</height></original_size>"
        )?;
        writeln!(out, "    </task>\n  </meta>")?;
        for (id, track) in answer.tracks.iter().enumerate() {
            let label = escaped(self.label(&track.class));
            writeln!(out, "  <track id=\"{id}\" label=\"{label}\" source=\"manual\">")?;
            for keyframe in &track.keyframes {
                let flags = [true, keyframe.outside, keyframe.occluded];
                self.cvat_shape(clip, track, keyframe.frame, &keyframe.shape, flags, out)?;
            }
            if let Some(last) = track.keyframes.last()
                && !last.outside
                && last.frame + 1 < *frames
            {
                let flags = [false, false, last.occluded];
                self.cvat_shape(clip, track, frames - 1, &last.shape, flags, out)?;
            }
            writeln!(out, "  </track>")?;
        }
        writeln!(out, "</annotations>")
    }

    fn cvat_shape(
        &mut self,
        clip: &Clip<'_>,
        track: &Track,
        frame: u64,
        shape: &Shape,
        flags: [bool; 3],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let place = || format!("{}: {}: {frame}", clip.name, track.id);
        let (element, numbers) = match shape {
            Shape::Box { x, y, width, height } => ("box", corners(*x, *y, *width, *height)),
            Shape::Turned { cx, cy, width, height, degrees } => {
                let upright = corners(cx - width / 2.0, cy - height / 2.0, *width, *height);
                ("box", format!("{upright} rotation=\"{degrees}\""))
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees } => (
                "ellipse",
                format!(" cx=\"{cx}\" cy=\"{cy}\" rx=\"{rx}\" ry=\"{ry}\" rotation=\"{degrees}\""),
            ),
            Shape::Polygon { points, holes } if holes.is_empty() => ("polygon", list(points)),
            Shape::Line { points, curves } => {
                if !curves.is_empty() {
                    self.losses.add("curve_as_line", place);
                }
                ("polyline", list(&domain::curves::flatten(points, curves)))
            }
            Shape::Point { x, y } => ("points", list(&[[*x, *y]])),
            Shape::Keypoints { .. } => ("skeleton", String::new()),
            Shape::Solid { corners } => {
                let named = SOLID.iter().zip(corners);
                let numbers =
                    named.map(|(name, [x, y])| format!(" x{name}=\"{x}\" y{name}=\"{y}\""));
                ("cuboid", numbers.collect())
            }
            // An outline with holes is cut open.
            other => match shape::Shape::read(&json!(other)) {
                Some(shape::Shape::Polygon { points }) => {
                    self.losses.add("hole_cut_open", place);
                    ("polygon", list(&points))
                }
                _ => {
                    self.losses.add("shape", place);
                    return Ok(());
                }
            },
        };
        let [keyframe, outside, occluded] = flags.map(u8::from);
        write!(
            out,
            "    <{element} frame=\"{frame}\" keyframe=\"{keyframe}\" outside=\"{outside}\" occluded=\"{occluded}\"{numbers} z_order=\"0\">"
        )?;
        if let Shape::Keypoints { points } = shape {
            let index = self.classes.index(&track.class);
            let names = index.map(|index| self.points(index)).unwrap_or_default();
            for (name, [x, y, seen]) in names.iter().zip(points) {
                let [absent, hidden] = [*seen == 0.0, *seen == 1.0].map(u8::from);
                write!(
                    out,
                    "<points label=\"{name}\" keyframe=\"{keyframe}\" outside=\"{absent}\" occluded=\"{hidden}\" points=\"{x},{y}\"></points>"
                )?;
            }
        }
        let said = track.attributes_at(frame);
        for attribute in self.attributes() {
            let key = attribute["key"].as_str().unwrap_or_default();
            let Some(value) = said.get(key).filter(|value| !value.is_null()) else { continue };
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Array(several) => {
                    self.losses.add("several_values_as_text", || format!("{}: {key}", clip.name));
                    let several: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
                    several.join(",")
                }
                other => other.to_string(),
            };
            let name = escaped(attribute["name"].as_str().unwrap_or_default());
            write!(out, "<attribute name=\"{name}\">{}</attribute>", escaped(&text))?;
        }
        writeln!(out, "</{element}>")
    }

    /// The rows of MOT's `gt.txt`: a box for each frame in which the thing is seen.
    pub fn mot(&mut self, clip: &Clip<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.lose_item(clip);
        for track in &clip.answer.tracks {
            let said = |at: &Track| {
                let of_keyframes =
                    at.keyframes.iter().flat_map(|keyframe| keyframe.attributes.keys());
                at.attributes.keys().chain(of_keyframes).cloned().collect::<Vec<_>>()
            };
            for key in said(track) {
                self.losses.add("attribute", || format!("{}: {}: {key}", clip.name, track.id));
            }
        }
        for frame in 0..clip.frames {
            for (id, track) in clip.answer.tracks.iter().enumerate() {
                let Some(seen) = track.at(frame) else { continue };
                let place = || format!("{}: {}: {frame}", clip.name, track.id);
                let [left, top, right, bottom] = seen.shape.bounds();
                // A point, or what stands straight up, has no box around it.
                if right <= left || bottom <= top {
                    self.losses.add("without_box", place);
                    continue;
                }
                if let Some(loss) = shape::Shape::read(&json!(seen.shape))
                    .as_ref()
                    .and_then(shape::Shape::loss_as_box)
                {
                    self.losses.add(loss, place);
                }
                let class = self.classes.index(&track.class).map_or(0, |index| index + 1);
                // How much of it is seen nobody has said.
                let visibility = if seen.occluded { -1 } else { 1 };
                if seen.occluded {
                    self.losses.add("occluded", place);
                }
                writeln!(
                    out,
                    "{},{},{},{},{},{},1,{class},{visibility}",
                    frame + 1,
                    id + 1,
                    rounded(left),
                    rounded(top),
                    rounded(right - left),
                    rounded(bottom - top)
                )?;
            }
        }
        Ok(())
    }

    /// MOT's `labels.txt`: the classes by their numbers, from 1.
    pub fn mot_labels(&self) -> String {
        let names = (0..self.classes.list().len())
            .map(|index| self.classes.label(index).replace(['\r', '\n'], " ") + "\n");
        names.collect()
    }

    /// MOT's `seqinfo.ini`.
    pub fn mot_info(&self, clip: &Clip<'_>) -> String {
        let Clip { width, height, frames, rate, .. } = clip;
        let name = clip.stem().rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.replace(['\r', '\n'], " ");
        format!(
            "[Sequence]\nname={name}\nimDir=img1\nframeRate={}\nseqLength={frames}\nimWidth={width}\nimHeight={height}\nimExt=.jpg\n",
            rounded(*rate)
        )
    }

    /// Each frame in which something is seen, as a picture with objects: its name, and an answer for it.
    pub fn pictures(
        &mut self,
        clip: &Clip<'_>,
        mut take: impl FnMut(&str, &Value) -> io::Result<()>,
    ) -> io::Result<()> {
        self.lose_item(clip);
        for frame in 0..clip.frames {
            let objects: Vec<Value> = clip
                .answer
                .tracks
                .iter()
                .enumerate()
                .filter_map(|(number, track)| {
                    let seen = track.at(frame)?;
                    let mut attributes: Map<String, Value> =
                        track.attributes_at(frame).into_iter().collect();
                    attributes.insert("track_id".into(), (number + 1).into());
                    attributes.insert("keyframe".into(), seen.is_keyframe.into());
                    attributes.insert("occluded".into(), seen.occluded.into());
                    Some(json!({ "id": track.id, "class": track.class, "shape": seen.shape, "attributes": attributes }))
                })
                .collect();
            if !objects.is_empty() {
                let name = format!("{}/frame_{frame:06}.jpg", clip.stem());
                take(&name, &json!({ "objects": objects }))?;
            }
        }
        Ok(())
    }
}

fn corners(x: f64, y: f64, width: f64, height: f64) -> String {
    format!(" xtl=\"{x}\" ytl=\"{y}\" xbr=\"{}\" ybr=\"{}\"", x + width, y + height)
}

fn list(points: &[[f64; 2]]) -> String {
    let pairs: Vec<String> = points.iter().map(|[x, y]| format!("{x},{y}")).collect();
    format!(" points=\"{}\"", pairs.join(";"))
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn escaped(text: &str) -> String {
    let whole = |c: &char| matches!(c, '\t' | '\n' | '\r') || !c.is_control();
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(whole) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
