//! KITTI raw: one XML for each drive, with a list of tracklets. Each is a box of one size with a pose for each frame
//! from its first on, seen from the scanner; the place is the middle of its bottom.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::kitti::camera;
use super::kitti_calibration::{self, Calibration, Style};
use super::kitti_space::tidy;
use super::outlet::{Made, Outlet};
use super::source::whole;
use super::space::{self, Cuboid, Frame, Pose};
use super::xml::{Broken, Elements, Node, escaped};
use super::{
    Class, Item, MARKS_MAX, Mark, Place, ReadError, Sink, Source, Writer, lose_item, lose_mark,
    refusal,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const FILE: &str = "tracklet_labels.xml";
const POSES_MAX: usize = 2_000_000;
/// What of a pose is kept beside its place, and how it says nothing.
const FACTS: [(&str, i64); 3] = [("state", 2), ("occlusion", -1), ("truncation", -1)];

pub(super) fn is_tracklets(name: &str) -> bool {
    name == FILE || name.ends_with(&format!("/{FILE}"))
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let alone = source.names().len() == 1;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if alone || is_tracklets(&name) {
            let folder =
                name.rsplit_once('/').map_or(String::new(), |(root, _)| format!("{root}/"));
            read_drive(source, index, &name, &folder, sink)?;
        }
    }
    Ok(())
}

fn read_drive(
    source: &mut Source,
    index: usize,
    name: &str,
    folder: &str,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut elements = Elements::new(source.stream(index)?).with_doctype("boost_serialization");
    let (mut frames, mut poses, mut seen) = (BTreeMap::<u64, Vec<Mark>>::new(), 0, false);
    loop {
        let node = match elements.next() {
            Ok(Some(node)) => node,
            Ok(None) => break,
            Err(Broken(line, fault)) => return Err(refusal(name, line, fault, b"").into()),
        };
        if node.name != "tracklets" {
            continue;
        }
        seen = true;
        for (track, item) in node.all("item").enumerate() {
            match tracklet(item, track as i64, name, sink) {
                Ok(found) => {
                    poses += found.len();
                    if poses > POSES_MAX {
                        let message = "the tracklets have more than 2,000,000 poses";
                        return Err(whole(name, Code::TooLong, message).into());
                    }
                    for (frame, mark) in found {
                        frames.entry(frame).or_default().push(mark);
                    }
                }
                Err(fault) => sink.refuse(refusal(name, item.line, fault, b"")),
            }
        }
    }
    if !seen {
        let message = "there is no <tracklets>: is this a file of KITTI's raw data?";
        return Err(whole(name, Code::NotXml, message).into());
    }
    let calibration = calibration(source, folder, sink)?;
    for (frame, mut marks) in frames {
        if marks.len() > MARKS_MAX {
            sink.refuse(whole(name, Code::OutOfRange, "a frame has more than 50,000 objects"));
            marks.truncate(MARKS_MAX);
        }
        let path = format!("{folder}velodyne_points/data/{frame:010}");
        let pcd = source.find(&format!("{path}.pcd")).is_some();
        let name = format!("{path}.{}", if pcd { "pcd" } else { "bin" });
        let sensors = calibration.as_ref().map(|calibration| {
            calibration.sensors(None, |sensor| match sensor {
                "velodyne" => name.clone(),
                camera => format!("{folder}{camera}/data/{frame:010}.png"),
            })
        });
        let sensors = sensors.unwrap_or_default();
        sink.item(Item { name, frame: Some(frame), marks, sensors, ..Item::default() })?;
    }
    Ok(())
}

/// The calibration of a drive lies beside it, with those of the same day.
fn calibration(
    source: &mut Source,
    folder: &str,
    sink: &mut dyn Sink,
) -> Result<Option<Calibration>, ReadError> {
    let day = folder
        .trim_end_matches('/')
        .rsplit_once('/')
        .map_or(String::new(), |(day, _)| format!("{day}/"));
    let files = ["calib_cam_to_cam.txt", "calib_velo_to_cam.txt"];
    let beside = |folder: &str| files.map(|file| format!("{folder}{file}"));
    let names = [beside(folder), beside(&day)]
        .into_iter()
        .find(|names| names.iter().any(|name| source.find(name).is_some()));
    match names {
        Some(names) => kitti_calibration::read(source, &names, Style::Raw, sink),
        None => Ok(None),
    }
}

fn tracklet(
    node: &Node,
    track: i64,
    file: &str,
    sink: &mut dyn Sink,
) -> Result<Vec<(u64, Mark)>, Fault> {
    let class = node.text_of("objectType");
    if class.is_empty() {
        let message = "`objectType` is missing: say what the object is";
        return Err(Fault::new("objectType", Code::MissingField, message));
    }
    let side = |field: &str| {
        let side = node.number_of(field)?;
        if side > 0.0 {
            return Ok(side);
        }
        let message = format!("`{field}` is {side}: a box has sides above 0");
        Err(Fault::new(field, Code::OutOfRange, message))
    };
    let size = [side("l")?, side("w")?, side("h")?];
    let of_thing = ["objectType", "h", "w", "l", "first_frame", "poses", "finished"];
    let of_pose = ["tx", "ty", "tz", "rx", "ry", "rz", "state", "occlusion", "truncation"];
    let poses = node.child("poses").into_iter().flat_map(|poses| poses.all("item"));
    let all = poses.map(|pose| (pose, &of_pose[..])).chain([(node, &of_thing[..])]);
    for (node, known) in all {
        // How much is covered, and where that was said by hand, is of the program that drew them.
        let own = |name: &str| name.starts_with("amt_") || name.ends_with("_kf");
        for child in &node.children {
            if !known.contains(&&child.name[..]) && !own(&child.name) {
                sink.lose("field_not_read", format!("{file}: {class}: {}", child.name));
            }
        }
    }
    let first = node.number_of("first_frame")?;
    if !(0.0..1e12).contains(&first) || first.fract() != 0.0 {
        let message = format!("`first_frame` is {first}: frames are whole numbers from 0");
        return Err(Fault::new("first_frame", Code::OutOfRange, message));
    }
    let mut marks = Vec::new();
    for (nth, pose) in
        node.child("poses").into_iter().flat_map(|poses| poses.all("item")).enumerate()
    {
        let read = (|| {
            let three = |fields: [&str; 3]| -> Result<[f64; 3], Fault> {
                let [a, b, c] = fields.map(|field| pose.number_of(field));
                Ok([a?, b?, c?])
            };
            let rotation = space::from_angles(three(["rx", "ry", "rz"])?);
            let bottom = Pose { translation: three(["tx", "ty", "tz"])?, rotation };
            let centre = bottom.place([0.0, 0.0, size[2] / 2.0]);
            let cuboid = Cuboid { centre, size, rotation, frame: Frame::Lidar, around: None };
            let place = Place::Cuboid(cuboid);
            let mut mark =
                Mark { class: class.into(), place, track: Some(track), ..Mark::default() };
            for (fact, unset) in FACTS {
                if pose.child(fact).is_some() {
                    let value = pose.number_of(fact)?;
                    if value != unset as f64 {
                        mark.attributes.insert(fact.into(), json!(value as i64));
                    }
                }
            }
            Ok(mark)
        })();
        match read {
            Ok(mark) => marks.push((first as u64 + nth as u64, mark)),
            Err(fault) => sink.refuse(refusal(file, pose.line, fault, b"")),
        }
    }
    Ok(marks)
}

/// A tracklet on its way: what is known of it, and a pose for each frame.
struct Track {
    class: String,
    size: [f64; 3],
    first: u64,
    poses: Vec<[f64; 9]>,
}

pub(super) struct TrackletFile {
    out: BufWriter<Made>,
    done: Vec<Track>,
    open: BTreeMap<i64, Track>,
    poses: usize,
    frames: u64,
    folder: Outlet,
    is_calibrated: bool,
}

impl TrackletFile {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(out.create(FILE)?),
            done: Vec::new(),
            open: BTreeMap::new(),
            poses: 0,
            frames: 0,
            folder: out.clone(),
            is_calibrated: false,
        })
    }
}

impl Writer for TrackletFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        if item.id.is_some() || !item.subset.is_empty() {
            losses.add("item_id", || item.name.clone());
        }
        if !self.is_calibrated && !item.sensors.is_empty() {
            self.is_calibrated = true;
            let texts =
                camera(item).and_then(|one| kitti_calibration::texts(item, one, Style::Raw));
            for (file, text) in texts.into_iter().flatten() {
                self.folder.create(&format!("{file}.txt"))?.write_all(text.as_bytes())?;
            }
        }
        kitti_calibration::lose_sensors(item, camera(item), losses);
        let frame = item.frame.unwrap_or(self.frames);
        self.frames += 1;
        let path = format!("velodyne_points/data/{frame:010}.");
        if super::twin(&item.name, "") != path {
            losses.add("file_name", || item.name.clone());
        }
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes", "track"], losses);
            if mark.class.is_empty() {
                losses.add("no_class", place);
            }
            let Place::Cuboid(cuboid) = &mark.place else {
                losses.add("not_in_space", place);
                continue;
            };
            if cuboid.around.is_some() {
                losses.add("box_around_cuboid", place);
            }
            let seen = match item.sensor("lidar") {
                _ if cuboid.frame == Frame::Lidar => Some(cuboid.clone()),
                Some(lidar) => item.seen_by(lidar, cuboid),
                None => None,
            };
            let Some(seen) = seen.filter(|_| self.poses < POSES_MAX) else {
                losses.add("cuboid", place);
                continue;
            };
            self.poses += 1;
            let bottom = Pose { translation: seen.centre, rotation: seen.rotation };
            let [tx, ty, tz] = bottom.place([0.0, 0.0, -seen.size[2] / 2.0]).map(tidy);
            let [rx, ry, rz] = space::angles(seen.rotation).map(tidy);
            let facts = FACTS.map(|(fact, unset)| {
                mark.attributes.get(fact).and_then(Value::as_f64).unwrap_or(unset as f64)
            });
            for key in mark.attributes.keys() {
                if FACTS.iter().all(|(fact, _)| fact != key) {
                    losses.add("attributes", || format!("{}: {key}", place()));
                }
            }
            let pose = [tx, ty, tz, rx, ry, rz, facts[0], facts[1], facts[2]];
            let new = || Track {
                class: mark.class.clone(),
                size: seen.size,
                first: frame,
                poses: vec![pose],
            };
            let Some(id) = mark.track else {
                self.done.push(new());
                continue;
            };
            match self.open.get_mut(&id) {
                Some(track)
                    if track.class == mark.class
                        && track.first + track.poses.len() as u64 == frame =>
                {
                    if track.size != seen.size {
                        losses.add("size_that_changes", place);
                    }
                    track.poses.push(pose);
                }
                before => {
                    if before.is_some() {
                        losses.add("track_interrupted", place);
                    }
                    self.done.extend(self.open.insert(id, new()));
                }
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.done.extend(std::mem::take(&mut self.open).into_values());
        let out = &mut self.out;
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?>")?;
        writeln!(out, "<!DOCTYPE boost_serialization>")?;
        writeln!(out, "<boost_serialization signature=\"serialization::archive\" version=\"9\">")?;
        writeln!(out, "<tracklets class_id=\"0\" tracking_level=\"0\" version=\"0\">")?;
        writeln!(out, "  <count>{}</count>\n  <item_version>1</item_version>", self.done.len())?;
        for track in &self.done {
            let [l, w, h] = track.size;
            writeln!(out, "  <item class_id=\"1\" tracking_level=\"0\" version=\"1\">")?;
            writeln!(out, "    <objectType>{}</objectType>", escaped(&track.class))?;
            writeln!(out, "    <h>{h}</h>\n    <w>{w}</w>\n    <l>{l}</l>")?;
            writeln!(out, "    <first_frame>{}</first_frame>", track.first)?;
            writeln!(out, "    <poses class_id=\"2\" tracking_level=\"0\" version=\"0\">")?;
            writeln!(
                out,
                "      <count>{}</count>\n      <item_version>2</item_version>",
                track.poses.len()
            )?;
            for [tx, ty, tz, rx, ry, rz, state, occlusion, truncation] in &track.poses {
                writeln!(out, "      <item class_id=\"3\" tracking_level=\"0\" version=\"2\">")?;
                write!(out, "        <tx>{tx}</tx><ty>{ty}</ty><tz>{tz}</tz>")?;
                writeln!(out, "<rx>{rx}</rx><ry>{ry}</ry><rz>{rz}</rz>")?;
                write!(out, "        <state>{state}</state><occlusion>{occlusion}</occlusion>")?;
                writeln!(
                    out,
                    "<occlusion_kf>0</occlusion_kf><truncation>{truncation}</truncation>"
                )?;
                write!(
                    out,
                    "        <amt_occlusion>-1</amt_occlusion><amt_occlusion_kf>-1</amt_occlusion_kf>"
                )?;
                write!(out, "<amt_border_l>-1</amt_border_l><amt_border_r>-1</amt_border_r>")?;
                writeln!(out, "<amt_border_kf>-1</amt_border_kf>\n      </item>")?;
            }
            writeln!(out, "    </poses>\n    <finished>1</finished>\n  </item>")?;
        }
        writeln!(out, "</tracklets>\n</boost_serialization>")?;
        out.flush()
    }
}
