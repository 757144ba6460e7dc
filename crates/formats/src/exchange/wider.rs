//! WIDER FACE: one text, for each picture its name, the number of its faces, and a line for each: the box and six properties.

use super::items::each_line_of;
use super::yolo::is_picture;
use super::{Item, MARKS_MAX, Mark, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

const FACE: &str = "face";
const PROPERTIES: [&str; 6] =
    ["blur", "expression", "illumination", "invalid", "occlusion", "pose"];

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        if !is_one(&source.head(index, 4096).unwrap_or_default()) {
            continue;
        }
        let (mut item, mut left) = (None::<Item>, None::<u64>);
        each_line_of(source, index, sink, &mut |file, row, raw, sink| {
            let line = String::from_utf8_lossy(raw);
            let line = line.trim();
            let fault = if is_picture(line) {
                let next = Item { name: line.into(), ..Item::default() };
                let before = item.replace(next);
                before.map_or(Ok(()), |before| sink.item(before))?;
                left = None;
                None
            } else if let Some(item) = &mut item {
                match left {
                    None => match line.parse() {
                        Ok(count) => {
                            left = Some(count);
                            None
                        }
                        Err(_) => Some(Fault::new(
                            "count",
                            Code::WrongType,
                            format!("“{line}” is no number of faces"),
                        )),
                    },
                    // A picture without faces has a line of zeros all the same.
                    Some(0) if line.split_ascii_whitespace().all(|word| word == "0") => None,
                    Some(_) if item.marks.len() >= MARKS_MAX => {
                        let message = "there are more than 50,000 faces in one picture";
                        Some(Fault::new("", Code::OutOfRange, message))
                    }
                    Some(count) => {
                        left = Some(count.saturating_sub(1));
                        match face(line) {
                            Ok(mark) => {
                                item.marks.push(mark);
                                None
                            }
                            Err(fault) => Some(fault),
                        }
                    }
                }
            } else {
                Some(Fault::new("", Code::WrongType, "a face stands before its picture"))
            };
            if let Some(fault) = fault {
                sink.refuse(refusal(file, row, fault, raw));
            }
            Ok(())
        })?;
        item.map_or(Ok(()), |last| sink.item(last))?;
    }
    Ok(())
}

pub(super) fn is_one(head: &str) -> bool {
    let mut lines = head.lines().map(str::trim);
    let numbers =
        |line: &str| line.split_ascii_whitespace().all(|word| word.parse::<f64>().is_ok());
    let first = lines.next().is_some_and(is_picture);
    let second = lines.next().is_some_and(|line| line.parse::<u64>().is_ok());
    let third = lines.next().is_some_and(|line| {
        numbers(line) && matches!(line.split_ascii_whitespace().count(), 4 | 10)
    });
    first && second && third
}

fn face(line: &str) -> Result<Mark, Fault> {
    let numbers = line.split_ascii_whitespace().zip(0_usize..).map(|(word, at)| {
        word.parse::<f64>().map_err(|_| {
            let field = at.checked_sub(4).map_or("box", |at| PROPERTIES.get(at).unwrap_or(&""));
            Fault::new(field, Code::WrongType, format!("“{word}” is no number"))
        })
    });
    let numbers: Vec<f64> = numbers.collect::<Result<_, _>>()?;
    let [x, y, width, height, ref rest @ ..] = numbers[..] else {
        let message =
            format!("“{line}” is no face: four numbers of a box are wanted, and six properties");
        return Err(Fault::new("box", Code::WrongType, message));
    };
    if width <= 0.0 || height <= 0.0 || !numbers.iter().all(|number| number.is_finite()) {
        return Err(Fault::new("box", Code::OutOfRange, "the box has nothing in it"));
    }
    let mut mark = Mark::shape(FACE, Shape::Box { x, y, width, height });
    for (name, value) in PROPERTIES.iter().zip(rest).filter(|(_, value)| **value != 0.0) {
        mark.attributes.insert((*name).into(), (*value).into());
    }
    Ok(mark)
}
