//! MOT Challenge: for each sequence a file of comma-separated boxes, one row for each box in each frame
//! (`frame, id, left, top, width, height, confidence, class, visibility`), with `seqinfo.ini` beside it.
//! Frames count from 1 there and from 0 here; coordinates are taken as they stand.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::grouped::{Row, Rows, cells, number};
use super::outlet::{Made, Outlet};
use super::tracks::{Keyframe, Track};
use super::{
    Class, Item, Mark, Names, Place, ReadError, Shape, Sink, Source, Writer, add_mark, lose_item,
    lose_mark,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

/// What the classes of the challenge are called, where no `labels.txt` names them.
const CLASSES: [&str; 13] = [
    "pedestrian",
    "person on vehicle",
    "car",
    "bicycle",
    "motorbike",
    "non motorized vehicle",
    "static person",
    "distractor",
    "occluder",
    "occluder on the ground",
    "occluder full",
    "reflection",
    "crowd",
];

/// Under which name an item keeps how many frames of its sequence make a second.
const RATE: &str = "frame_rate";

/// Whether a file holds the boxes of a sequence.
pub(super) fn is_boxes(name: &str) -> bool {
    let file = format!("/{name}");
    file.ends_with("/gt/gt.txt") || file.ends_with("/det/det.txt")
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let alone = source.names().len() == 1;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !alone && !is_boxes(&name) {
            continue;
        }
        let found = if alone { [false; 2] } else { [name.contains("gt/"), name.contains("det/")] };
        let root = name.rsplitn(3, '/').nth(2).map_or(String::new(), |root| format!("{root}/"));
        let about = Sequence::find(source, &root)?;
        for class in &about.classes {
            sink.class(&Class { name: class.clone(), ..Class::default() })?;
        }
        let mut rows = Rows::default();
        rows.index(source, index, sink, &mut |_, row| {
            let cells = cells(row)?;
            let frame = number(&cells, 0, "frame")?;
            if frame < 1.0 || frame.fract() != 0.0 || frame > 1e9 {
                let message = format!("`frame` is {frame}: frames are whole numbers from 1");
                return Err(Fault::new("frame", Code::OutOfRange, message));
            }
            Ok(Some(format!("{frame}")))
        })?;
        let mut followed: BTreeMap<i64, Vec<Keyframe>> = BTreeMap::new();
        rows.each(sink, &mut |frame, rows, sink| {
            let frame: u64 = frame.parse().unwrap_or(1);
            let mut item = Item {
                name: format!("{root}{}/{frame:06}{}", about.folder, about.ending),
                width: about.size[0],
                height: about.size[1],
                frame: Some(frame - 1),
                ..Item::default()
            };
            if let Some(rate) = about.rate {
                item.metadata.insert(RATE.into(), json!(rate));
            }
            for Row { line, bytes, .. } in rows {
                let read = mark(&String::from_utf8_lossy(&bytes), &about, found[1]);
                if !add_mark(&mut item, read, &name, (line, &bytes), sink) {
                    break;
                }
            }
            if !sink.follows() {
                return Ok(sink.item(item)?);
            }
            for mark in item.marks {
                // What nobody has followed is a thing of its own in each frame.
                let id = mark.track.unwrap_or(-1 - followed.len() as i64);
                followed.entry(id).or_default().push(Keyframe {
                    frame: frame - 1,
                    outside: false,
                    mark,
                });
            }
            Ok(())
        })?;
        if sink.follows() && !followed.is_empty() {
            let tracks = followed.into_values().map(Track::of_frames).collect();
            // A file by itself is called as its sequence.
            let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
            let name = if alone { stem } else { root.trim_end_matches('/') }.to_owned();
            let [width, height] = about.size;
            sink.item(Item {
                id: Some(name.clone()),
                name,
                width,
                height,
                tracks,
                ..Item::default()
            })?;
        }
    }
    Ok(())
}

/// What the files beside the boxes say of a sequence.
struct Sequence {
    classes: Vec<String>,
    folder: String,
    ending: String,
    size: [Option<u32>; 2],
    /// Frames in a second.
    rate: Option<f64>,
}

impl Sequence {
    fn find(source: &mut Source, root: &str) -> Result<Self, ReadError> {
        const MAX_BYTES: u64 = 1 << 20;
        let mut text = |name: &str| -> Result<Option<String>, ReadError> {
            let Some(index) = source.find(&format!("{root}{name}")) else { return Ok(None) };
            Ok(Some(String::from_utf8_lossy(&source.text(index, MAX_BYTES)?).into_owned()))
        };
        let classes = text("gt/labels.txt")?.map(|text| {
            text.lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect()
        });
        let mut found = Self {
            classes: classes.unwrap_or_default(),
            folder: "img1".into(),
            ending: ".jpg".into(),
            size: [None; 2],
            rate: None,
        };
        for line in text("seqinfo.ini")?.unwrap_or_default().lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            let side = || value.trim().parse().ok().filter(|side| *side > 0);
            match key.trim().to_ascii_lowercase().as_str() {
                "imdir" => found.folder = value.trim().into(),
                "imext" => found.ending = value.trim().into(),
                "imwidth" => found.size[0] = side(),
                "imheight" => found.size[1] = side(),
                "framerate" => found.rate = value.trim().parse().ok().filter(|rate| *rate > 0.0),
                _ => {}
            }
        }
        Ok(found)
    }

    fn class(&self, number: f64) -> String {
        let at = (number >= 1.0).then(|| number as usize - 1);
        let named = |names: &[String]| at.and_then(|at| names.get(at).cloned());
        if !self.classes.is_empty() {
            return named(&self.classes).unwrap_or_else(|| format!("class {number}"));
        }
        let known = at.and_then(|at| CLASSES.get(at));
        known.map_or_else(|| format!("class {number}"), |name| (*name).to_owned())
    }
}

fn mark(row: &str, about: &Sequence, detected: bool) -> Result<Mark, Fault> {
    let cells = cells(row)?;
    let id = number(&cells, 1, "id")?;
    let [x, y, width, height] = [
        number(&cells, 2, "left")?,
        number(&cells, 3, "top")?,
        number(&cells, 4, "width")?,
        number(&cells, 5, "height")?,
    ];
    for (side, field) in [(width, "width"), (height, "height")] {
        if side <= 0.0 {
            let message = format!("`{field}` is {side}: give a number above 0");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
    }
    let optional = |at, field| cells.get(at).map(|_| number(&cells, at, field)).transpose();
    let confidence = optional(6, "confidence")?.unwrap_or(1.0);
    let class = optional(7, "class")?.filter(|class| *class >= 1.0);
    let visibility = optional(8, "visibility")?.filter(|seen| (0.0..=1.0).contains(seen));
    let name = class.map_or_else(|| "object".into(), |class| about.class(class));
    let mut mark = Mark::shape(name, Shape::Box { x, y, width, height });
    mark.track = (id >= 0.0).then_some(id as i64);
    if detected || (confidence != 1.0 && confidence != 0.0) {
        mark.score = Some(confidence);
    } else if confidence == 0.0 {
        // The truth has rows that are not to be counted, and says so in the place of the confidence.
        mark.attributes.insert("ignored".into(), true.into());
    }
    if let Some(visibility) = visibility.filter(|_| class.is_some() && !detected) {
        mark.attributes.insert("visibility".into(), json!(visibility));
    }
    Ok(mark)
}

pub(super) struct MotFiles {
    out: Outlet,
    names: Names,
    sequences: BTreeMap<String, Open>,
}

struct Open {
    rows: BufWriter<Made>,
    frames: u64,
    last: u64,
    size: [u32; 2],
    rate: f64,
    ending: String,
}

pub(super) const SEQUENCES_MAX: usize = 256;

impl MotFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone(), names: Names::default(), sequences: BTreeMap::new() })
    }
}

/// The sequence that a picture belongs to: the folder above `img1`, or its own.
pub(super) fn sequence_of(name: &str) -> String {
    let path = name.split_once("://").map_or(name, |(_, rest)| rest).replace('\\', "/");
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    if folders.last() == Some(&"img1") {
        folders.pop();
    }
    folders.last().map_or_else(|| "sequence".into(), |folder| (*folder).to_owned())
}

/// A file of rows for each sequence, in one folder.
pub(super) struct Sequences {
    pub out: Outlet,
    folder: &'static str,
    files: BTreeMap<String, (BufWriter<Made>, u64)>,
}

/// Where the rows of a frame go.
pub(super) struct Spot<'a> {
    pub rows: &'a mut BufWriter<Made>,
    pub sequence: String,
    pub frame: u64,
    /// Nothing was written of the sequence before.
    pub is_first: bool,
}

impl Sequences {
    pub fn new(out: &Outlet, folder: &'static str) -> io::Result<Self> {
        out.folder(folder)?;
        Ok(Self { out: out.clone(), folder, files: BTreeMap::new() })
    }

    /// The place of an item; none where it has none. What only its sequence and the number of its frame are
    /// known by there is counted.
    pub fn place(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<Option<Spot<'_>>> {
        lose_item(item, &[], losses);
        if item.id.is_some() || !item.subset.is_empty() {
            losses.add("item_id", || item.name.clone());
        }
        let sequence = sequence_of(&item.name);
        let is_first = !self.files.contains_key(&sequence);
        if is_first {
            if self.files.len() >= SEQUENCES_MAX {
                losses.add("sequence", || item.name.clone());
                return Ok(None);
            }
            let file = self.out.create(&format!("{}/{sequence}.txt", self.folder))?;
            self.files.insert(sequence.clone(), (BufWriter::new(file), 0));
        }
        let Some((rows, frames)) = self.files.get_mut(&sequence) else { return Ok(None) };
        let frame = item.frame.unwrap_or(*frames);
        *frames += 1;
        Ok(Some(Spot { rows, sequence, frame, is_first }))
    }

    pub fn finish(self) -> io::Result<()> {
        self.files.into_values().try_for_each(|(mut rows, _)| rows.flush())
    }
}

impl Writer for MotFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let rate = item.metadata.get(RATE).and_then(Value::as_f64);
        lose_item(item, if rate.is_some() { &[RATE] } else { &[] }, losses);
        if item.id.is_some() || !item.subset.is_empty() {
            losses.add("item_id", || item.name.clone());
        }
        let name = sequence_of(&item.name);
        if !self.sequences.contains_key(&name) {
            if self.sequences.len() >= SEQUENCES_MAX {
                losses.add("sequence", || item.name.clone());
                return Ok(());
            }
            let rows = BufWriter::new(self.out.create(&format!("{name}/gt/gt.txt"))?);
            let open =
                Open { rows, frames: 0, last: 0, size: [0; 2], rate: 0.0, ending: ".jpg".into() };
            self.sequences.insert(name.clone(), open);
        }
        let Some(open) = self.sequences.get_mut(&name) else { return Ok(()) };
        let frame = item.frame.map_or(open.frames, |frame| frame) + 1;
        open.frames += 1;
        open.rate = rate.unwrap_or(open.rate);
        open.last = open.last.max(frame);
        match (item.width, item.height) {
            (Some(width), Some(height)) => open.size = [width, height],
            _ => losses.add("size_unknown", || item.name.clone()),
        }
        let expected = format!("{frame:06}");
        let file = item.name.rsplit(['/', '\\']).next().unwrap_or_default();
        match file.rsplit_once('.') {
            Some((stem, ending)) if stem == expected => open.ending = format!(".{ending}"),
            // The pictures of a sequence are found by the numbers of their frames alone.
            _ => losses.add("file_name", || item.name.clone()),
        }
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes", "score", "track"], losses);
            let Place::Shape(shape) = &mark.place else {
                losses.add("class_of_the_whole", place);
                continue;
            };
            if !matches!(shape, Shape::Box { .. }) {
                losses.add("outline_as_box", place);
            }
            for key in mark.attributes.keys() {
                if !matches!(key.as_str(), "visibility" | "ignored") {
                    losses.add("attributes", || format!("{}: {key}", place()));
                }
            }
            let [x, y, width, height] = shape.bounds();
            let ignored = mark.attributes.get("ignored") == Some(&Value::Bool(true));
            let confidence = mark.score.unwrap_or(if ignored { 0.0 } else { 1.0 });
            let class = self.names.index(&mark.class) + 1;
            let track = mark.track.unwrap_or(-1);
            write!(open.rows, "{frame},{track},{x},{y},{width},{height},{confidence},{class}")?;
            match mark.attributes.get("visibility").and_then(Value::as_f64) {
                Some(visibility) => writeln!(open.rows, ",{visibility}")?,
                None => writeln!(open.rows, ",-1")?,
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        for (name, open) in &mut self.sequences {
            open.rows.flush()?;
            let mut labels = self.out.create(&format!("{name}/gt/labels.txt"))?;
            for class in &self.names.list {
                writeln!(labels, "{}", class.name.replace(['\r', '\n'], " "))?;
            }
            let [width, height] = open.size;
            let mut about = self.out.create(&format!("{name}/seqinfo.ini"))?;
            write!(
                about,
                "[Sequence]\nname={name}\nimDir=img1\nframeRate={}\nseqLength={}\nimWidth={width}\nimHeight={height}\nimExt={}\n",
                open.rate, open.last, open.ending
            )?;
        }
        Ok(())
    }
}
