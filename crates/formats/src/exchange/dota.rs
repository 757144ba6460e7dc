//! DOTA: a text for each picture in `labelTxt/`, a line for each object: four corners, the class, and whether it is difficult. Two lines before them may name
//! the source of the picture and the size of its pixels on the ground.

use super::items::each_line_of;
use super::{Item, MARKS_MAX, Mark, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let head = source.head(index, 4096).unwrap_or_default();
        if !name.ends_with(".txt") || !is_one(&head) && !head.trim().is_empty() {
            continue;
        }
        let mut item = Item { name: picture(source, &name), ..Item::default() };
        each_line_of(source, index, sink, &mut |file, row, raw, sink| {
            let line = String::from_utf8_lossy(raw);
            match line.trim().split_once(':') {
                Some((key @ ("imagesource" | "gsd"), value)) => {
                    _ = item.metadata.insert(key.into(), value.trim().into());
                }
                _ => match mark(&line) {
                    Ok(_) if item.marks.len() >= MARKS_MAX => {
                        let message = "there are more than 50,000 objects in one picture";
                        let fault = Fault::new("", Code::OutOfRange, message);
                        sink.refuse(refusal(file, row, fault, raw));
                    }
                    Ok(mark) => item.marks.push(mark),
                    Err(fault) => sink.refuse(refusal(file, row, fault, raw)),
                },
            }
            Ok(())
        })?;
        sink.item(item)?;
    }
    Ok(())
}

pub(super) fn is_one(head: &str) -> bool {
    let mut lines = head.lines().filter(|line| !line.trim().is_empty());
    let first = lines.find(|line| !line.starts_with("imagesource:") && !line.starts_with("gsd:"));
    match first {
        Some(line) => {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            (9..=10).contains(&words.len())
                && words[..8].iter().all(|word| word.parse::<f64>().is_ok())
                && words[8].parse::<f64>().is_err()
        }
        None => head.starts_with("imagesource:"),
    }
}

/// The picture beside it, or in `images/` where the texts have a folder of their own.
fn picture(source: &Source, name: &str) -> String {
    let stem = name.trim_end_matches(".txt");
    let folder = |theirs: &str| stem.replacen(theirs, "images/", 1);
    for stem in
        [stem.to_owned(), folder("labelTxt/"), folder("labelTxt-v1.0/"), folder("labelTxt-v1.5/")]
    {
        for ending in ["png", "jpg", "tif", "bmp"] {
            let name = format!("{stem}.{ending}");
            if source.find(&name).is_some() {
                return name;
            }
        }
    }
    format!("{}.png", folder("labelTxt/"))
}

fn mark(line: &str) -> Result<Mark, Fault> {
    let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
    if words.len() == 9 {
        words.push("0");
    }
    let [corners @ .., class, difficult] = &words[..] else {
        return Err(Fault::new("", Code::MissingField, "eight coordinates and a class are wanted"));
    };
    let mut numbers = [0.0; 8];
    if corners.len() != numbers.len() {
        let message = format!("{} coordinates, and 8 are wanted before the class", corners.len());
        return Err(Fault::new("", Code::WrongType, message));
    }
    for (at, (number, word)) in numbers.iter_mut().zip(corners).enumerate() {
        *number = word.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
            let field = format!("{}{}", if at % 2 == 0 { "x" } else { "y" }, at / 2 + 1);
            Fault::new(&field, Code::WrongType, format!("`{field}` is {word}: give a number"))
        })?;
    }
    let (points, _) = numbers.as_chunks::<2>();
    let mut mark = Mark::shape(*class, Shape::Polygon { points: points.to_vec() });
    match *difficult {
        "0" => {}
        "1" | "2" => _ = mark.attributes.insert("difficult".into(), true.into()),
        other => {
            let message = format!("`difficult` is {other}: give 0 or 1");
            return Err(Fault::new("difficult", Code::UnknownValue, message));
        }
    }
    Ok(mark)
}
