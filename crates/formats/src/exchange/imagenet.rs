//! ImageNet as lists: `train.txt` has a picture and the numbers of its classes in each line, `synsets.txt` the names of
//! the classes by their lines from 0. The pictures lie in `images/`.

use super::items::each_line_of;
use super::yolo::is_picture;
use super::{Class, Item, Mark, ReadError, Sink, Source, refusal};
use crate::row::{Code, Fault};

const CLASSES: &str = "synsets.txt";
const CLASSES_MAX_BYTES: u64 = 64 << 20;

pub(super) fn is_classes(name: &str) -> bool {
    name.rsplit('/').next() == Some(CLASSES)
}

/// The picture of a line, and what stands behind it. A name with spaces stands in quotes, without its ending.
fn split(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    let (picture, rest) = match line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((stem, rest)) => {
            let (ending, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            (format!("{stem}{ending}"), rest)
        }
        None => {
            let (picture, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            (picture.into(), rest)
        }
    };
    is_picture(&picture).then_some((picture, rest))
}

pub(super) fn is_list(head: &str) -> bool {
    let first = head.lines().find(|line| !line.trim().is_empty()).and_then(split);
    first.is_some_and(|(_, rest)| {
        rest.split_ascii_whitespace().all(|word| word.parse::<u32>().is_ok())
    })
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !is_classes(&name) {
            continue;
        }
        let text = source.text(index, CLASSES_MAX_BYTES)?;
        let text = String::from_utf8_lossy(&text);
        let classes: Vec<String> = text.trim_end().lines().map(|line| line.trim().into()).collect();
        for name in &classes {
            sink.class(&Class { name: name.clone(), ..Class::default() })?;
        }
        lists.push((name[..name.len() - CLASSES.len()].to_owned(), classes));
    }
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let (root, file) = name.split_at(name.rfind('/').map_or(0, |at| at + 1));
        if !file.ends_with(".txt") || is_classes(&name) {
            continue;
        }
        let Some((_, classes)) = lists.iter().find(|(folder, _)| folder == root) else { continue };
        if !is_list(&source.head(index, 4096).unwrap_or_default()) {
            continue;
        }
        let subset = file.trim_end_matches(".txt");
        each_line_of(source, index, sink, &mut |file, row, raw, sink| {
            match item(&String::from_utf8_lossy(raw), classes) {
                Ok(item) => sink.item(Item { subset: subset.into(), ..item })?,
                Err(fault) => sink.refuse(refusal(file, row, fault, raw)),
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn item(line: &str, classes: &[String]) -> Result<Item, Fault> {
    let Some((name, rest)) = split(line) else {
        let message = "the row does not begin with the name of a picture";
        return Err(Fault::new("picture", Code::WrongType, message));
    };
    let marks = rest.split_ascii_whitespace().map(|word| {
        let class = word.parse::<usize>().map_err(|_| {
            Fault::new(
                "label",
                Code::WrongType,
                format!("`label` is “{word}”: give a number from 0"),
            )
        })?;
        let message = || format!("`label` is {class}: `{CLASSES}` has {} classes", classes.len());
        let name = classes.get(class);
        let name = name.ok_or_else(|| Fault::new("label", Code::UnknownValue, message()))?;
        Ok(Mark::whole(name))
    });
    let marks = marks.collect::<Result<_, _>>()?;
    Ok(Item { name, marks, ..Item::default() })
}
