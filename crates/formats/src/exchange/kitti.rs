//! KITTI object labels: a text file for each picture, fifteen columns, a sixteenth for a score. The columns for
//! three dimensions are kept as attributes, and written back.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::source::whole;
use super::yolo::is_picture;
use super::{
    Class, Item, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, Writer, create, lose_item,
    lose_mark, refusal, twin,
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
/// What each of the columns for three dimensions says where it says nothing.
const UNSET: [f64; 7] = [-1.0, -1.0, -1.0, -1000.0, -1000.0, -1000.0, -10.0];

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let label = name.contains("label_2/") || !name.contains('/');
        if !name.ends_with(".txt") || !label {
            continue;
        }
        let stem = twin(&name, "").trim_end_matches('.').replace("label_2/", "image_2/");
        let found = ["png", "jpg", "jpeg"].iter().find_map(|e| source.find(&format!("{stem}.{e}")));
        let picture = found.filter(|at| is_picture(&source.names()[*at]));
        let [width, height] = match picture.and_then(|at| source.size(at)) {
            Some(size) => size.map(Some),
            None => [None; 2],
        };
        let file = stem.rsplit('/').next().unwrap_or(&stem);
        let ending =
            picture.map_or("png", |at| source.names()[at].rsplit('.').next().unwrap_or("png"));
        let mut item = Item { name: format!("{file}.{ending}"), width, height, ..Item::default() };
        for (nth, line) in source.text(index, 16 << 20)?.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match mark(line) {
                Ok(_) if item.marks.len() >= MARKS_MAX => {
                    sink.refuse(whole(
                        &name,
                        Code::OutOfRange,
                        "there are more than 50,000 objects",
                    ));
                    break;
                }
                Ok(mark) => item.marks.push(mark),
                Err(fault) => sink.refuse(refusal(&name, nth as u64 + 1, fault, line)),
            }
        }
        sink.item(item)?;
    }
    Ok(())
}

fn mark(line: &[u8]) -> Result<Mark, Fault> {
    let text = std::str::from_utf8(line)
        .map_err(|_| Fault::new("type", Code::NotText, "the line is not valid UTF-8"))?;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
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
    let [truncated, occluded, alpha, left, top, right, bottom, ref three @ ..] = numbers;
    for (low, high, field) in [(left, right, "right"), (top, bottom, "bottom")] {
        if high <= low {
            let message = format!("`{field}` is {high}, which is not beyond {low}");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
    }
    let shape = Shape::Box { x: left, y: top, width: right - left, height: bottom - top };
    let mut mark = Mark::shape(words[0], shape);
    let plain =
        [("truncated", truncated, -1.0), ("occluded", occluded, -1.0), ("alpha", alpha, -10.0)];
    for (key, value, unset) in plain {
        if value != unset {
            mark.attributes.insert(key.into(), json!(value));
        }
    }
    if three[..7] != UNSET && three[..7].iter().any(|number| *number != -1.0) {
        mark.attributes.insert("dimensions".into(), json!(three[..3]));
        mark.attributes.insert("location".into(), json!(three[3..6]));
        mark.attributes.insert("rotation_y".into(), json!(three[6]));
    }
    mark.score = (words.len() == 16 && numbers[14] != -1.0).then_some(numbers[14]);
    Ok(mark)
}

pub(super) struct KittiFiles {
    out: PathBuf,
}

impl KittiFiles {
    pub fn new(out: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(out.join("label_2"))?;
        Ok(Self { out: out.into() })
    }
}

impl Writer for KittiFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, losses);
        if item.id.is_some() || !item.subset.is_empty() {
            losses.add("item_id", || item.name.clone());
        }
        let mut text = String::new();
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes", "score"], losses);
            let Place::Shape(shape) = &mark.place else {
                losses.add("class_of_the_whole", place);
                continue;
            };
            if mark.class.is_empty() || mark.class.contains(char::is_whitespace) {
                losses.add("class_with_a_space", place);
            }
            if !matches!(shape, Shape::Box { .. }) {
                losses.add("outline_as_box", place);
            }
            let class = mark.class.replace(char::is_whitespace, "_");
            line(&mut text, &class, shape, mark, losses, &place);
        }
        let file = format!("label_2/{}", twin(&item.name, "txt"));
        match create(&self.out, &file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                losses.add("name_taken", || format!("{}: {file}", item.name));
                Ok(())
            }
            out => out?.write_all(text.as_bytes()),
        }
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        Ok(())
    }
}

fn line(
    text: &mut String,
    class: &str,
    shape: &Shape,
    mark: &Mark,
    losses: &mut LossReport,
    place: &dyn Fn() -> String,
) {
    const KNOWN: [&str; 6] =
        ["truncated", "occluded", "alpha", "dimensions", "location", "rotation_y"];
    for key in mark.attributes.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        losses.add("attributes", || format!("{}: {key}", place()));
    }
    let number = |key: &str, unset: f64| match mark.attributes.get(key) {
        Some(Value::Bool(yes)) => f64::from(u8::from(*yes)),
        Some(value) => value.as_f64().unwrap_or(unset),
        None => unset,
    };
    let three = |key: &str, unset: f64| -> [f64; 3] {
        let list = mark.attributes.get(key).and_then(Value::as_array);
        std::array::from_fn(|at| list.and_then(|list| list.get(at)?.as_f64()).unwrap_or(unset))
    };
    let [x, y, width, height] = shape.bounds();
    let _ = write!(text, "{class} {}", number("truncated", -1.0));
    let _ = write!(text, " {} {}", number("occluded", -1.0), number("alpha", -10.0));
    let _ = write!(text, " {x} {y} {} {}", x + width, y + height);
    for value in three("dimensions", -1.0).into_iter().chain(three("location", -1000.0)) {
        let _ = write!(text, " {value}");
    }
    let _ = write!(text, " {}", number("rotation_y", -10.0));
    if let Some(score) = mark.score {
        let _ = write!(text, " {score}");
    }
    text.push('\n');
}
