//! Writes YOLO. Coordinates are written to ten places, which is less than a millionth of a pixel.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};

use serde_json::Value;

use super::outlet::{Made, Outlet};
use super::yolo::{SIZES, check};
use super::{
    Class, Item, Mark, Names, Place, Shape, Writer, create_of, lose_item, lose_mark, twin,
};
use crate::loss::LossReport;

/// What a line holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    Boxes,
    Outlines,
    Turned,
    Poses,
    /// Boxes, in the folders of Darknet.
    Darknet,
}

pub(super) struct YoloFiles {
    out: Outlet,
    lines: Lines,
    classes: Names,
    sizes: csv::Writer<Made>,
    subsets: BTreeSet<String>,
    pictures: Option<BufWriter<Made>>,
    keypoints: Option<usize>,
    line: String,
}

impl YoloFiles {
    pub fn new(out: &Outlet, lines: Lines) -> io::Result<Self> {
        let mut sizes = csv::Writer::from_writer(out.create(SIZES)?);
        sizes.write_record(["subset", "file", "width", "height"])?;
        let pictures = match lines {
            Lines::Darknet => Some(BufWriter::new(out.create("train.txt")?)),
            _ => None,
        };
        Ok(Self {
            out: out.clone(),
            lines,
            classes: Names::default(),
            sizes,
            subsets: BTreeSet::new(),
            pictures,
            keypoints: None,
            line: String::new(),
        })
    }

    fn mark(
        &mut self,
        item: &Item,
        [width, height]: [f64; 2],
        mark: &Mark,
        losses: &mut LossReport,
    ) {
        let place = || format!("{}: {}", item.name, mark.class);
        lose_mark(item, mark, &[], losses);
        let shape = match &mark.place {
            Place::Shape(shape) => shape,
            Place::Whole => return losses.add("class_of_the_whole", place),
            Place::Span { .. } => return losses.add("span", place),
            Place::Words(_) | Place::Cuboid(_) | Place::Time { .. } | Place::Frames { .. } => {
                return losses.add("words", place);
            }
            Place::Talk(talk) => return losses.add(talk.kind(), place),
        };
        if mark.class.is_empty() {
            return losses.add("no_class", place);
        }
        if let Shape::Line { .. } | Shape::Points { .. } = shape {
            return losses.add(shape.kind(), place);
        }
        let cut;
        let shape = match within(shape, [width, height]) {
            Within::Whole => shape,
            Within::Part(part) => {
                losses.add("cut_at_the_edge", place);
                cut = part;
                &cut
            }
            Within::Not => return losses.add("outside_the_picture", place),
        };
        let class = self.classes.index(&mark.class);
        let mut text = std::mem::take(&mut self.line);
        let put = |text: &mut String, numbers: &mut dyn Iterator<Item = f64>| {
            use std::fmt::Write;
            let _ = write!(text, "{class}");
            for number in numbers {
                let _ = write!(text, " {}", short(number));
            }
            text.push('\n');
        };
        let scaled = |points: &[[f64; 2]]| {
            points.iter().flat_map(|[x, y]| [x / width, y / height]).collect::<Vec<_>>()
        };
        let upright = |shape: &Shape| {
            let [x, y, w, h] = shape.bounds();
            [(x + w / 2.0) / width, (y + h / 2.0) / height, w / width, h / height]
        };
        match (self.lines, shape) {
            (Lines::Outlines, Shape::Polygon { points }) => {
                put(&mut text, &mut scaled(points).into_iter());
            }
            (Lines::Outlines, Shape::Parts { parts }) => {
                losses.add("polygon_of_several_parts", place);
                for part in parts {
                    put(&mut text, &mut scaled(part).into_iter());
                }
            }
            (Lines::Outlines | Lines::Turned, Shape::Box { .. } | Shape::Turned { .. }) => {
                put(&mut text, &mut scaled(&shape.corners()).into_iter());
            }
            (Lines::Turned, Shape::Polygon { points }) if points.len() == 4 => {
                put(&mut text, &mut scaled(points).into_iter());
            }
            (Lines::Outlines | Lines::Turned, _) => {
                losses.add("outline_as_box", place);
                put(&mut text, &mut scaled(&shape.corners()).into_iter());
            }
            (Lines::Poses, Shape::Keypoints { points, .. })
                if *self.keypoints.get_or_insert(points.len()) == points.len() =>
            {
                let points = points.iter().flat_map(|[x, y, seen]| [x / width, y / height, *seen]);
                put(&mut text, &mut upright(shape).into_iter().chain(points));
            }
            // A pose has as many numbers as `kpt_shape` says; nothing else may stand beside it.
            (Lines::Poses, _) => losses.add("no_pose", place),
            (Lines::Boxes | Lines::Darknet, Shape::Box { .. }) => {
                put(&mut text, &mut upright(shape).into_iter());
            }
            (Lines::Boxes | Lines::Darknet, _) => {
                losses.add("outline_as_box", place);
                put(&mut text, &mut upright(shape).into_iter());
            }
        }
        self.line = text;
    }
}

/// What of a part of the data set a folder is called.
fn folder_of(subset: &str) -> String {
    subset.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

/// How much of a shape a reader takes.
enum Within {
    Whole,
    Part(Shape),
    Not,
}

/// Readers want the middle and the sides of a box, and each point of a pose, to be parts of the picture.
fn within(shape: &Shape, [width, height]: [f64; 2]) -> Within {
    let is_part = |[x, y]: [f64; 2]| check(&[x / width, y / height], 0).is_ok();
    let clamped = |[x, y]: [f64; 2]| [x.clamp(0.0, width), y.clamp(0.0, height)];
    let [x, y, wide, high] = shape.bounds();
    let fits = is_part([x + wide / 2.0, y + high / 2.0]) && is_part([wide, high]);
    let cut = |points: &[[f64; 2]]| points.iter().copied().map(clamped).collect::<Vec<_>>();
    let part = match shape {
        Shape::Keypoints { points, .. }
            if fits && points.iter().all(|[x, y, _]| is_part([*x, *y])) =>
        {
            return Within::Whole;
        }
        _ if fits && !matches!(shape, Shape::Keypoints { .. }) => return Within::Whole,
        Shape::Polygon { points } => Shape::Polygon { points: cut(points) },
        Shape::Parts { parts } => {
            Shape::Parts { parts: parts.iter().map(|part| cut(part)).collect() }
        }
        Shape::Turned { .. } => Shape::Polygon { points: cut(&shape.corners()) },
        _ => {
            let [[left, top], [right, bottom]] = [[x, y], [x + wide, y + high]].map(clamped);
            let (wide, high) = (right - left, bottom - top);
            match shape {
                Shape::Keypoints { points, .. } => {
                    let seen = |[x, y, seen]: &[f64; 3]| {
                        let [x, y] = clamped([*x, *y]);
                        [x, y, *seen]
                    };
                    let points = points.iter().map(seen).collect();
                    Shape::Keypoints { points, around: Some([left, top, wide, high]) }
                }
                _ => Shape::Box { x: left, y: top, width: wide, height: high },
            }
        }
    };
    let [.., wide, high] = part.bounds();
    if wide > 0.0 && high > 0.0 { Within::Part(part) } else { Within::Not }
}

/// Ten places, without the zeros at the end.
fn short(number: f64) -> f64 {
    const PLACES: f64 = 1e10;
    (number * PLACES).round() / PLACES
}

impl Writer for YoloFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        if item.id.is_some() {
            losses.add("item_id", || item.name.clone());
        }
        self.line.clear();
        if let (Some(width), Some(height)) = (item.width, item.height) {
            for mark in &item.marks {
                self.mark(item, [width.into(), height.into()], mark, losses);
            }
            let sides = [width, height].map(|side| side.to_string());
            self.sizes.write_record([
                &folder_of(&item.subset),
                &item.name,
                &sides[0],
                &sides[1],
            ])?;
        } else if !item.marks.is_empty() {
            losses.add("size_unknown", || item.name.clone());
        }
        let subset = folder_of(&item.subset);
        let folder = match self.lines {
            Lines::Darknet if subset.is_empty() || subset == "train" => "obj_train_data".into(),
            Lines::Darknet => format!("obj_{subset}_data"),
            _ if subset.is_empty() => "labels".into(),
            _ => format!("labels/{subset}"),
        };
        let file = format!("{folder}/{}", twin(&item.name, "txt"));
        let Some(mut out) = create_of(item, &self.out, &file, losses)? else { return Ok(()) };
        out.write_all(self.line.as_bytes())?;
        if let Some(pictures) = &mut self.pictures {
            writeln!(pictures, "data/{folder}/{}", item.name)?;
        }
        self.subsets.insert(subset);
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.sizes.flush()?;
        let names = self.classes.list.iter().map(|class| class.name.as_str());
        if let Some(mut pictures) = self.pictures.take() {
            pictures.flush()?;
            let mut list = String::new();
            for name in names {
                list.push_str(&name.replace(['\n', '\r'], " "));
                list.push('\n');
            }
            self.out.create("obj.names")?.write_all(list.as_bytes())?;
            let data = format!(
                "classes = {}\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n",
                self.classes.list.len()
            );
            return self.out.create("obj.data")?.write_all(data.as_bytes());
        }
        let mut yaml = BufWriter::new(self.out.create("data.yaml")?);
        writeln!(yaml, "path: .")?;
        let first = self.subsets.first().cloned().unwrap_or_default();
        let place = |subset: &str| {
            if subset.is_empty() { "images".into() } else { format!("images/{subset}") }
        };
        let train = self.subsets.iter().find(|name| name.starts_with("train")).unwrap_or(&first);
        let val = self.subsets.iter().find(|name| name.starts_with("val")).unwrap_or(train);
        writeln!(yaml, "train: {}\nval: {}", place(train), place(val))?;
        if let Some(test) = self.subsets.iter().find(|name| name.starts_with("test")) {
            writeln!(yaml, "test: {}", place(test))?;
        }
        if let Some(count) = self.keypoints {
            writeln!(yaml, "kpt_shape: [{count}, 3]")?;
        }
        writeln!(yaml, "nc: {}\nnames:", self.classes.list.len())?;
        for (index, name) in names.enumerate() {
            // JSON's quotation marks are YAML's, too.
            writeln!(yaml, "  {index}: {}", Value::from(name))?;
        }
        yaml.flush()
    }
}
