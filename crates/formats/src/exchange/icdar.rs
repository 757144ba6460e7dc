//! ICDAR: texts in pictures. `gt_NAME.txt` has a line for each, four corners or the edges of a box and what is written
//! there; `gt.txt` has the one word that each picture shows.

use std::collections::HashMap;

use super::items::each_line_of;
use super::yolo::is_picture;
use super::{Item, Mark, Place, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};

/// The class of everything that is written somewhere.
const CLASS: &str = "text";
/// What cannot be read is written so.
const ILLEGIBLE: &str = "###";
/// What texts of several scripts have before what they say.
const SCRIPTS: [&str; 10] = [
    "Arabic", "Latin", "Chinese", "Japanese", "Korean", "Bangla", "Hindi", "Symbols", "Mixed",
    "None",
];

/// The name of the picture, without its ending, that a file is about.
fn picture_of(name: &str) -> Option<(&str, &str)> {
    let (folder, file) = name.split_at(name.rfind('/').map_or(0, |at| at + 1));
    Some((folder, file.strip_prefix("gt_")?.strip_suffix(".txt")?))
}

fn is_words(name: &str) -> bool {
    name.rsplit('/').next() == Some("gt.txt")
}

/// Whether a file of this name and with this beginning is one of them.
pub(super) fn is_one(name: &str, head: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}');
    let Some(first) = head.lines().find(|line| !line.trim().is_empty()) else { return false };
    match picture_of(name) {
        Some(_) => text(first).is_ok(),
        None => is_words(name) && word(first).is_ok(),
    }
}

pub(super) fn is_name(name: &str) -> bool {
    picture_of(name).is_some() || is_words(name)
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let pictures = pictures(source);
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let subset = name.split('/').next().filter(|part| {
            matches!(*part, "train" | "val" | "validation" | "test") && name.contains('/')
        });
        let subset = subset.unwrap_or_default();
        if is_words(&name) {
            each_line_of(source, index, sink, &mut |file, row, raw, sink| {
                match word(&String::from_utf8_lossy(raw)) {
                    Ok((name, mark)) => {
                        let marks = mark.into_iter().collect();
                        sink.item(Item { name, subset: subset.into(), marks, ..Item::default() })?;
                    }
                    Err(fault) => sink.refuse(refusal(file, row, fault, raw)),
                }
                Ok(())
            })?;
        } else if let Some((folder, stem)) = picture_of(&name) {
            let found =
                beside(source, folder, stem).or_else(|| pictures.get(stem).copied().flatten());
            let size = found.and_then(|at| source.size(at));
            let [width, height] = size.map_or([None; 2], |size| size.map(Some));
            let name = match found {
                Some(at) => source.names()[at].clone(),
                None => format!("{stem}.jpg"),
            };
            let subset = subset.to_owned();
            let mut item = Item { name, subset, width, height, ..Item::default() };
            each_line_of(source, index, sink, &mut |file, row, raw, sink| {
                let line = String::from_utf8_lossy(raw);
                add_mark(&mut item, text(&line), file, (row, raw), sink);
                Ok(())
            })?;
            sink.item(item)?;
        }
    }
    Ok(())
}

/// The pictures by their names without folders and endings; none where several share one.
fn pictures(source: &Source) -> HashMap<String, Option<usize>> {
    let mut known: HashMap<String, Option<usize>> = HashMap::new();
    for (at, name) in source.names().iter().enumerate().filter(|(_, name)| is_picture(name)) {
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        known.entry(stem.into()).and_modify(|at| *at = None).or_insert(Some(at));
    }
    known
}

/// The picture in `images/`, which may stand in for any of the folders of the file.
fn beside(source: &Source, folder: &str, stem: &str) -> Option<usize> {
    let ends = folder.match_indices('/').map(|(at, _)| at + 1);
    let mut places: Vec<String> = [0]
        .into_iter()
        .chain(ends)
        .map(|at| format!("{}images/{}", &folder[..at], &folder[at..]))
        .collect();
    places.push(folder.into());
    places.iter().find_map(|place| {
        ["png", "jpg", "jpeg", "bmp"]
            .iter()
            .find_map(|end| source.find(&format!("{place}{stem}.{end}")))
    })
}

fn text(line: &str) -> Result<Mark, Fault> {
    let line = line.trim();
    let by_commas = line.split('"').next().unwrap_or(line).contains(',');
    let divide = |rest: &str| match by_commas {
        true => rest
            .split_once(',')
            .map_or((rest.len(), rest.len()), |(cell, _)| (cell.len(), cell.len() + 1)),
        false => {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (end, rest.len() - rest[end..].trim_start().len())
        }
    };
    let (mut numbers, mut rest) = (Vec::new(), line);
    while numbers.len() < 8 && !rest.is_empty() {
        let (end, next) = divide(rest);
        match rest[..end].trim().parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => break,
        }
        rest = &rest[next..];
    }
    // What is written may be a number, too: fewer than eight are a box, and what stands behind it.
    if (5..8).contains(&numbers.len()) {
        numbers.truncate(4);
        rest = line;
        for _ in 0..4 {
            rest = &rest[divide(rest).1..];
        }
    }
    let shape = match numbers[..] {
        [left, top, right, bottom] => {
            for (low, high, field) in [(left, right, "right"), (top, bottom, "bottom")] {
                if high <= low {
                    let message = format!("`{field}` is {high}, which is not beyond {low}");
                    return Err(Fault::new(field, Code::OutOfRange, message));
                }
            }
            Shape::Box { x: left, y: top, width: right - left, height: bottom - top }
        }
        [_, _, _, _, _, _, _, _] => Shape::Polygon { points: numbers.as_chunks::<2>().0.to_vec() },
        _ => {
            let message = "the row has neither four corners nor the four edges of a box";
            return Err(Fault::new("box", Code::WrongType, message));
        }
    };
    let mut mark = Mark::shape(CLASS, shape);
    let mut said = rest.trim();
    if let Some((script, words)) =
        said.split_once(',').filter(|(script, _)| SCRIPTS.contains(script))
    {
        mark.attributes.insert("script".into(), script.into());
        said = words.trim();
    }
    match said.strip_prefix('"').and_then(|said| said.strip_suffix('"')).unwrap_or(said) {
        "" => None,
        ILLEGIBLE => mark.attributes.insert("illegible".into(), true.into()),
        said => mark.attributes.insert("text".into(), said.into()),
    };
    Ok(mark)
}

fn word(line: &str) -> Result<(String, Option<Mark>), Fault> {
    let line = line.trim().trim_start_matches('\u{feff}');
    let (picture, said) = line.split_once(',').unwrap_or((line, ""));
    if !is_picture(picture) {
        let message = "the row does not begin with the name of a picture";
        return Err(Fault::new("picture", Code::WrongType, message));
    }
    let said = said.trim();
    let said = said.strip_prefix('"').and_then(|said| said.strip_suffix('"')).unwrap_or(said);
    let said = said.replace("\\\"", "\"").replace("\\\\", "\\");
    let mark = Mark { place: Place::Words(said.clone()), ..Mark::default() };
    Ok((picture.into(), (!said.is_empty()).then_some(mark)))
}
