//! KITTI object labels: a text file for each picture, fifteen columns, a sixteenth for a score. In the tracking set
//! there is a file for each sequence, and two columns more come first: frame and track.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::grouped::{Row, Rows};
use super::kitti_calibration::{self, Style};
use super::kitti_space::{alpha, columns, cuboid, tidy};
use super::mot::{self, Sequences};
use super::outlet::Outlet;
use super::yolo::is_picture;
use super::{
    Class, Item, Mark, Place, ReadError, Sensor, Shape, Sink, Source, Writer, add_mark, create_of,
    lose_item, lose_mark, twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const COLUMNS: [&str; 16] = [
    "type",
    "truncated",
    "occluded",
    "alpha",
    "left",
    "top",
    "right",
    "bottom",
    "height",
    "width",
    "length",
    "x",
    "y",
    "z",
    "rotation_y",
    "score",
];
/// What each of the columns for a box in space says where it says nothing.
const UNSET: [f64; 7] = [-1.0, -1.0, -1.0, -1000.0, -1000.0, -1000.0, -10.0];

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    // Where the labels have a folder of their own, what lies beside it tells something else.
    let sorted = source.names().iter().any(|name| name.contains("label_2/"));
    let flat = source.names().iter().any(|name| name.ends_with(".txt") && !name.contains('/'));
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let label = match (sorted, flat) {
            (true, _) => name.contains("label_2/"),
            (false, true) => !name.contains('/'),
            // Others call the folder as they like.
            (false, false) => !name.contains("calib"),
        };
        if !name.ends_with(".txt") || !label {
            continue;
        }
        let stem = twin(&name, "").trim_end_matches('.').replace("label_2/", "image_2/");
        let beside = ["data/", "images/"].map(|folder| stem.replace("labels/", folder));
        let stems = [&stem, &beside[0], &beside[1]];
        let found = ["png", "jpg", "jpeg"]
            .iter()
            .find_map(|e| stems.iter().find_map(|stem| source.find(&format!("{stem}.{e}"))));
        let picture = found.filter(|at| is_picture(&source.names()[*at]));
        let file = stem.rsplit('/').next().unwrap_or(&stem);
        let (picture, size) = match picture {
            Some(at) => {
                let ending = source.names()[at].rsplit('.').next().unwrap_or("png");
                (format!("{file}.{ending}"), source.size(at))
            }
            None => match source.elsewhere(file) {
                Some((name, size)) => (name, Some(size)),
                None => (format!("{file}.png"), None),
            },
        };
        let [width, height] = size.map_or([None; 2], |size| size.map(Some));
        let mut item = Item { name: picture, width, height, ..Item::default() };
        for (nth, line) in source.text(index, 16 << 20)?.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let words = text(line).map(|text| text.split_ascii_whitespace().collect::<Vec<_>>());
            let read = words.and_then(|words| mark(&words));
            if !add_mark(&mut item, read, &name, (nth as u64 + 1, line), sink) {
                break;
            }
        }
        let calibration = [format!("{}.txt", stem.replace("image_2/", "calib/"))];
        let found = kitti_calibration::read(source, &calibration, Style::Objects, sink)?;
        if let Some(found) = found.filter(|_| stem.contains("image_2/")) {
            // Whoever has the scan finds it, and the pictures beside it, by their names.
            let beside = |folder: &str, ending: &str| {
                format!("{}.{ending}", stem.replace("image_2/", &format!("{folder}/")))
            };
            let has_scan = source.find(&beside("velodyne", "bin")).is_some();
            let ending = item.name.rsplit('.').next().unwrap_or("png");
            item.sensors = found.sensors(size, |sensor| match sensor {
                "velodyne" if has_scan => beside(sensor, "bin"),
                "velodyne" => format!("velodyne/{file}.bin"),
                "image_2" if !has_scan => item.name.clone(),
                camera if has_scan => beside(camera, ending),
                other => format!("{other}/{file}.png"),
            });
        }
        sink.item(item)?;
    }
    Ok(())
}

/// Whether a file holds the objects of a sequence of the tracking set.
pub(super) fn is_tracks(name: &str) -> bool {
    name.contains("label_02/") && name.ends_with(".txt")
}

pub(super) fn read_tracks(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let alone = source.names().len() == 1;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !alone && !is_tracks(&name) {
            continue;
        }
        let stem = twin(&name, "").trim_end_matches('.').to_owned();
        let sequence = stem.rsplit('/').next().unwrap_or(&stem).to_owned();
        let mut rows = Rows::default();
        rows.index(source, index, sink, &mut |_, row| {
            let frame = row.split_ascii_whitespace().next().unwrap_or_default();
            Ok(Some(whole_number(frame, "frame", 0)?.to_string()))
        })?;
        let pictures = stem.replace("label_02/", "image_02/");
        let calibration = [format!("{}.txt", stem.replace("label_02/", "calib/"))];
        let calibration = match pictures == stem {
            true => None,
            false => kitti_calibration::read(source, &calibration, Style::Tracking, sink)?,
        };
        rows.each(sink, &mut |frame, rows, sink| {
            let number: u64 = frame.parse().unwrap_or_default();
            let picture = ["png", "jpg"]
                .iter()
                .find_map(|ending| source.find(&format!("{pictures}/{number:06}.{ending}")));
            let size = picture.and_then(|at| source.size(at));
            let ending =
                picture.map_or("png", |at| source.names()[at].rsplit('.').next().unwrap_or("png"));
            let mut item = Item {
                name: format!("{sequence}/{number:06}.{ending}"),
                frame: Some(number),
                width: size.map(|size| size[0]),
                height: size.map(|size| size[1]),
                ..Item::default()
            };
            if let Some(calibration) = &calibration {
                item.sensors = calibration.sensors(size, |sensor| match sensor {
                    "image_02" => item.name.clone(),
                    "velodyne" => format!("velodyne/{sequence}/{number:06}.bin"),
                    other => format!("{other}/{sequence}/{number:06}.png"),
                });
            }
            for Row { line, bytes, .. } in rows {
                let read = text(&bytes).and_then(|text| {
                    let words: Vec<&str> = text.split_ascii_whitespace().collect();
                    let track = words.get(1).copied().unwrap_or_default();
                    let track = whole_number(track, "track_id", -1)?;
                    Ok(Mark { track: Some(track).filter(|id| *id >= 0), ..mark(&words[2..])? })
                });
                if !add_mark(&mut item, read, &name, (line, &bytes), sink) {
                    break;
                }
            }
            Ok(sink.item(item)?)
        })?;
    }
    Ok(())
}

fn whole_number(word: &str, field: &str, least: i64) -> Result<i64, Fault> {
    let number = word.parse::<i64>().ok().filter(|number| *number >= least);
    number.ok_or_else(|| {
        let shown: String = word.chars().take(40).collect();
        let message = format!("`{field}` is “{shown}”: give a whole number from {least} on");
        Fault::new(field, Code::WrongType, message)
    })
}

fn text(line: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(line)
        .map_err(|_| Fault::new("type", Code::NotText, "the line is not valid UTF-8"))
}

fn mark(words: &[&str]) -> Result<Mark, Fault> {
    if !(15..=16).contains(&words.len()) {
        let field = COLUMNS.get(words.len()).copied().unwrap_or("score");
        let message =
            format!("the line has {} columns: KITTI has 15, or 16 with a score", words.len());
        return Err(Fault::new(field, Code::MissingField, message));
    }
    let mut numbers = [0.0; 15];
    for (index, word) in words[1..].iter().enumerate() {
        let field = COLUMNS[index + 1];
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        numbers[index] = number.ok_or_else(|| {
            let shown: String = word.chars().take(40).collect();
            Fault::new(field, Code::WrongType, format!("`{field}` is “{shown}”: give a number"))
        })?;
    }
    let [truncated, occluded, alpha, left, top, right, bottom, ref space @ ..] = numbers;
    for (low, high, field) in [(left, right, "right"), (top, bottom, "bottom")] {
        if high <= low {
            let message = format!("`{field}` is {high}, which is not beyond {low}");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
    }
    let [x, y, width, height] = [left, top, right - left, bottom - top];
    let [h, w, l, ..] = space[..7] else { unreachable!("there are eight") };
    let place = if [h, w, l].iter().all(|side| *side <= 0.0) {
        // Who labels pictures only writes -1 or 0 here.
        Place::Shape(Shape::Box { x, y, width, height })
    } else {
        if let Some(at) = [h, w, l].iter().position(|side| *side <= 0.0) {
            let field = COLUMNS[8 + at];
            let message = format!("`{field}` is {}: a box has sides above 0", space[at]);
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
        let columns = std::array::from_fn(|at| space[at]);
        Place::Cuboid(cuboid(columns, [x, y, width, height]))
    };
    let mut mark = Mark { class: words[0].into(), place, ..Mark::default() };
    let plain =
        [("truncated", truncated, -1.0), ("occluded", occluded, -1.0), ("alpha", alpha, -10.0)];
    for (key, value, unset) in plain {
        if value != unset {
            mark.attributes.insert(key.into(), json!(value));
        }
    }
    mark.score = (words.len() == 16 && numbers[14] != -1.0).then_some(numbers[14]);
    Ok(mark)
}

pub(super) struct KittiFiles {
    out: Outlet,
}

impl KittiFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("label_2")?;
        Ok(Self { out: out.clone() })
    }
}

impl Writer for KittiFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        for (file, text) in kitti_files(item, losses) {
            let Some(mut out) = create_of(item, &self.out, &file, losses)? else { return Ok(()) };
            out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        Ok(())
    }
}

/// The files of one item, by their names: what stands in its picture and, where the sensors say it, the calibration.
pub fn kitti_files(item: &Item, losses: &mut LossReport) -> Vec<(String, String)> {
    lose_item(item, &[], losses);
    if item.id.is_some() || !item.subset.is_empty() {
        losses.add("item_id", || item.name.clone());
    }
    let camera = camera(item);
    let own = kitti_calibration::labelled(item);
    kitti_calibration::lose_sensors(item, camera, losses);
    let mut text = String::new();
    for mark in &item.marks {
        lose_mark(item, mark, &["attributes", "score"], losses);
        line(&mut text, item, mark, camera, losses);
    }
    let name = twin(own.or(camera).map_or(&item.name, |camera| &camera.file), "txt");
    // The picture is found by its own name, which ends so.
    if item.name.strip_suffix(".png") != name.strip_suffix(".txt") || name.contains('/') {
        losses.add("file_name", || item.name.clone());
    }
    let texts = camera.and_then(|camera| kitti_calibration::texts(item, camera, Style::Objects));
    let texts = texts.into_iter().flatten();
    let labels = (format!("label_2/{name}"), text);
    std::iter::once(labels)
        .chain(texts.map(|(folder, text)| (format!("{folder}/{name}"), text)))
        .collect()
}

/// The camera that looks ahead, or else the first.
pub(super) fn camera(item: &Item) -> Option<&Sensor> {
    let ahead = item.sensors.iter().find(|sensor| sensor.name == "CAM_FRONT");
    ahead.or_else(|| item.sensor("camera"))
}

/// One object as fifteen columns, or sixteen with a score; nothing where KITTI has none like it.
fn line(
    text: &mut String,
    item: &Item,
    mark: &Mark,
    camera: Option<&Sensor>,
    losses: &mut LossReport,
) {
    let place = || format!("{}: {}", item.name, mark.class);
    let (around, space) = match &mark.place {
        Place::Shape(shape) => {
            if !matches!(shape, Shape::Box { .. }) {
                losses.add("outline_as_box", place);
            }
            (shape.bounds(), None)
        }
        Place::Cuboid(cuboid) => {
            let seen = match camera {
                _ if cuboid.frame == super::Frame::Camera => Some(cuboid.clone()),
                Some(camera) => item.seen_by(camera, cuboid),
                None => None,
            };
            let around = match (&seen, camera) {
                (Some(seen), Some(camera)) => seen.around.or_else(|| {
                    let shown = kitti_calibration::labelled(item).unwrap_or(camera);
                    shown.around(&item.seen_by(shown, cuboid)?)
                }),
                _ => cuboid.around,
            };
            let Some(around) = around else {
                let kind = if seen.is_some() { "out_of_the_picture" } else { "cuboid" };
                return losses.add(kind, place);
            };
            if seen.is_none() {
                losses.add("cuboid_as_box", place);
            }
            let space = seen.map(|seen| columns(&seen));
            if space.is_some_and(|(_, leans)| leans) {
                losses.add("roll_and_pitch", place);
            }
            (around, space.map(|(columns, _)| columns))
        }
        _ => return losses.add("class_of_the_whole", place),
    };
    if mark.class.is_empty() || mark.class.contains(char::is_whitespace) {
        losses.add("class_with_a_space", place);
    }
    const KNOWN: [&str; 3] = ["truncated", "occluded", "alpha"];
    for key in mark.attributes.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        losses.add("attributes", || format!("{}: {key}", place()));
    }
    let number = |key: &str, unset: f64| match mark.attributes.get(key) {
        Some(Value::Bool(yes)) => f64::from(u8::from(*yes)),
        Some(value) => value.as_f64().unwrap_or(unset),
        None => unset,
    };
    let [x, y, width, height] = around;
    let class = if mark.class.is_empty() { "object" } else { &mark.class };
    let class = class.replace(char::is_whitespace, "_");
    let angle = number("alpha", space.map_or(-10.0, alpha));
    let _ =
        write!(text, "{class} {} {} {angle}", number("truncated", -1.0), number("occluded", -1.0));
    let _ = write!(text, " {x} {y} {} {}", tidy(x + width), tidy(y + height));
    for value in space.unwrap_or(UNSET) {
        let _ = write!(text, " {value}");
    }
    if let Some(score) = mark.score {
        let _ = write!(text, " {score}");
    }
    text.push('\n');
}

/// The tracking set: a file for each sequence.
pub(super) struct TrackFiles {
    sequences: Sequences,
}

impl TrackFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        Ok(Self { sequences: Sequences::new(out, "label_02")? })
    }
}

impl Writer for TrackFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let out = self.sequences.out.clone();
        let Some(place) = self.sequences.place(item, losses)? else { return Ok(()) };
        let mot::Spot { rows, sequence, frame, is_first } = place;
        kitti_calibration::lose_sensors(item, camera(item), losses);
        if is_first {
            // One calibration for all of a sequence, whose cameras do not move on the vehicle.
            let texts = camera(item)
                .and_then(|camera| kitti_calibration::texts(item, camera, Style::Tracking));
            for (folder, text) in texts.into_iter().flatten() {
                out.create(&format!("{folder}/{sequence}.txt"))?.write_all(text.as_bytes())?;
            }
        }
        let file = item.name.rsplit(['/', '\\']).next().unwrap_or_default();
        if twin(file, "") != format!("{frame:06}.") {
            losses.add("file_name", || item.name.clone());
        }
        for mark in &item.marks {
            lose_mark(item, mark, &["attributes", "score", "track"], losses);
            let mut text = String::new();
            line(&mut text, item, mark, camera(item), losses);
            if !text.is_empty() {
                write!(rows, "{frame} {} {text}", mark.track.unwrap_or(-1))?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.sequences.finish()
    }
}
