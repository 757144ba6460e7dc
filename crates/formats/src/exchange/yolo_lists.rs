//! One list for all pictures, as the YOLO of Keras and of PyTorch (version 4) read it: a picture, and for each of its boxes
//! `xmin,ymin,xmax,ymax,class`. The classes stand in `_classes.txt` beside it.

use super::items::each_line_in;
use super::yolo::is_picture;
use super::{Class, Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};

const CLASSES_MAX_BYTES: u64 = 16 << 20;

/// Whether a text is such a list: each of its first lines is a picture, and at least one has a box.
pub(super) fn is_one(head: &str) -> bool {
    let is_cut = !head.ends_with('\n');
    let mut lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).collect();
    // The last line of a head may end anywhere.
    if is_cut && lines.len() > 1 {
        lines.pop();
    }
    let rows: Vec<Option<usize>> = lines.iter().take(20).map(|line| boxes(line)).collect();
    rows.iter().all(Option::is_some) && rows.iter().flatten().any(|boxes| *boxes > 0)
}

/// How many boxes a line has behind its picture.
fn boxes(line: &str) -> Option<usize> {
    let (picture, rest) = parted(line)?;
    let is_box = |word: &str| {
        let cells: Vec<&str> = word.split(',').collect();
        cells.len() == 5 && cells.iter().all(|cell| cell.parse::<f64>().is_ok())
    };
    let words = rest.split_ascii_whitespace();
    (is_picture(picture) && words.clone().all(is_box)).then(|| words.count())
}

/// The picture, whose name may have spaces, and what follows it.
fn parted(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let ends = line.match_indices(char::is_whitespace).map(|(at, _)| at).chain([line.len()]);
    ends.map(|at| line.split_at(at)).find(|(picture, _)| is_picture(picture))
}

pub(super) fn read(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let root = name.rsplit_once('/').map_or(String::new(), |(root, _)| format!("{root}/"));
    let mut classes: Vec<String> = Vec::new();
    let beside = ["_classes.txt", "classes.txt"].map(|file| format!("{root}{file}"));
    if let Some(at) = beside.iter().find_map(|file| source.find(file)) {
        let text = source.text(at, CLASSES_MAX_BYTES)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        classes
            .extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    for class in &classes {
        sink.class(&Class { name: class.clone(), ..Class::default() })?;
    }
    let subset = root.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let mut input = source.stream(index)?;
    each_line_in(&name, &mut input, sink, &mut |file, row, raw, sink| {
        let text = String::from_utf8_lossy(raw);
        let Some((picture, rest)) = parted(&text) else {
            let fault = Fault::new("", Code::WrongType, "the row begins with no picture");
            sink.refuse(refusal(file, row, fault, raw));
            return Ok(());
        };
        let here = source.find(&format!("{root}{picture}"));
        let [width, height] = match here.and_then(|at| source.size(at)) {
            Some(size) => size.map(Some),
            None => [None; 2],
        };
        let (name, subset) = (picture.into(), subset.into());
        let mut item = Item { name, subset, width, height, ..Item::default() };
        for word in rest.split_ascii_whitespace() {
            if !add_mark(&mut item, mark(word, &classes), file, (row, word.as_bytes()), sink) {
                break;
            }
        }
        Ok(sink.item(item)?)
    })
}

fn mark(word: &str, classes: &[String]) -> Result<Mark, Fault> {
    let wrong = |field: &str, message: &str| Fault::new(field, Code::OutOfRange, message);
    let cells: Vec<&str> = word.split(',').collect();
    let [corners @ .., class] = &cells[..] else {
        return Err(wrong("box", "the box has no numbers"));
    };
    let corners: Vec<f64> = corners.iter().filter_map(|cell| cell.parse().ok()).collect();
    let Ok([left, top, right, bottom]) = <[f64; 4]>::try_from(corners) else {
        return Err(wrong(
            "box",
            "the box is not xmin, ymin, xmax, ymax and the number of a class",
        ));
    };
    if ![left, top, right, bottom].iter().all(|side| side.is_finite())
        || right <= left
        || bottom <= top
    {
        return Err(wrong("box", "the box has nothing in it"));
    }
    let number =
        class.parse::<usize>().map_err(|_| wrong("class", "the class is no whole number"))?;
    let class = match classes.get(number) {
        Some(class) => class.clone(),
        None if classes.is_empty() => number.to_string(),
        None => {
            let message = format!("the class is {number}: there are {} classes", classes.len());
            return Err(wrong("class", &message));
        }
    };
    let (width, height) = (right - left, bottom - top);
    Ok(Mark::shape(class, Shape::Box { x: left, y: top, width, height }))
}
