//! Pictures of classes beside a table of what their values or colours stand for, as Roboflow exports them
//! (`_classes.csv`, and `a_mask.png` for `a.jpg`) and V7 (`class_mapping.csv`, and `masks/a.png`).

use std::collections::HashMap;

use super::painted::{Colour, Painted};
use super::panoptic::masks;
use super::source::whole;
use super::yolo::is_picture;
use super::{Class, Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal, twin};
use crate::cells::Table;
use crate::row::{Code, Fault};
use crate::text::Utf8;

const TABLE_MAX_BYTES: u64 = 4 << 20;

#[derive(Clone, Copy)]
enum Maker {
    Roboflow,
    V7,
}

/// Who made the table, by its name and first line.
fn maker(name: &str, head: &str) -> Option<Maker> {
    let first = head.trim_start_matches('\u{feff}').lines().next()?.to_ascii_lowercase();
    let cells: Vec<&str> = first.split(',').map(str::trim).collect();
    match (name.rsplit('/').next()?, &cells[..]) {
        ("_classes.csv", ["pixel value", "class"]) => Some(Maker::Roboflow),
        ("class_mapping.csv", ["class_name", "class_color"]) => Some(Maker::V7),
        _ => None,
    }
}

fn tables(source: &mut Source) -> Vec<(usize, Maker)> {
    let names = 0..source.names().len();
    let table = |index: usize| {
        let name = source.names()[index].clone();
        let is_table = name.ends_with("_classes.csv") || name.ends_with("class_mapping.csv");
        let head = is_table.then(|| source.head(index, 4096)).flatten()?;
        Some((index, maker(&name, &head)?))
    };
    names.filter_map(table).collect()
}

pub(super) fn are_there(source: &mut Source) -> bool {
    !tables(source).is_empty()
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for (index, maker) in tables(source) {
        let table = source.names()[index].clone();
        let root = table.rsplit_once('/').map_or(String::new(), |(root, _)| format!("{root}/"));
        let classes = classes(source, index, maker, sink)?;
        for (name, _) in classes.iter().filter(|(name, _)| !is_nothing(name)) {
            sink.class(&Class { name: name.clone(), ..Class::default() })?;
        }
        let subset = match maker {
            Maker::Roboflow => root.trim_end_matches('/').rsplit('/').next().unwrap_or_default(),
            Maker::V7 => "",
        };
        for index in 0..source.names().len() {
            let name = source.names()[index].clone();
            let Some(inner) = name.strip_prefix(&root) else { continue };
            let stem = match maker {
                Maker::Roboflow => inner.strip_suffix("_mask.png"),
                Maker::V7 => {
                    inner.strip_prefix("masks/").and_then(|inner| inner.strip_suffix(".png"))
                }
            };
            let Some(stem) = stem else { continue };
            let name = picture(source, &root, stem);
            let item = Item { name, subset: subset.into(), ..Item::default() };
            one(source, index, &table, &classes, item, sink)?;
        }
    }
    Ok(())
}

/// The picture that a mask is of, where it is there.
fn picture(source: &Source, root: &str, stem: &str) -> String {
    let here = |name: &&String| {
        let inner = name.strip_prefix(root).unwrap_or_default();
        let inner = inner.strip_prefix("images/").unwrap_or(inner);
        is_picture(inner) && twin(inner, "") == format!("{stem}.")
    };
    let found = source.names().iter().find(here);
    found.cloned().unwrap_or_else(|| format!("{stem}.jpg"))
}

fn is_nothing(name: &str) -> bool {
    matches!(&name.trim_matches('_').to_ascii_lowercase()[..], "background" | "void" | "unlabelled")
}

/// Each class with its colour, or its value as a grey.
fn classes(
    source: &mut Source,
    index: usize,
    maker: Maker,
    sink: &mut dyn Sink,
) -> Result<Vec<(String, Colour)>, ReadError> {
    let name = source.names()[index].clone();
    let text = source.text(index, TABLE_MAX_BYTES)?;
    let mut table = Table::new(Utf8::new(&text[..]));
    table.header(Some(b','))?;
    let (mut classes, mut raw): (Vec<(String, Colour)>, _) = (Vec::new(), Vec::new());
    while let Some((row, cells)) = table.next(&mut raw)? {
        let read = cells.and_then(|cells| {
            let cell = |at: usize| cells.get(at).map(|cell| String::from_utf8_lossy(cell));
            let [first, second] = [0, 1].map(|at| cell(at).unwrap_or_default().trim().to_owned());
            let (class, said) = match maker {
                Maker::Roboflow => (second, first),
                Maker::V7 => (first, second),
            };
            let parts: Vec<_> = said.split_ascii_whitespace().map(str::parse::<u8>).collect();
            let colour = match parts[..] {
                [Ok(value)] => [value; 3],
                [Ok(red), Ok(green), Ok(blue)] => [red, green, blue],
                _ => {
                    let message =
                        format!("“{said}” is neither a value nor red, green and blue, 0 to 255");
                    return Err(Fault::new("color", Code::OutOfRange, message));
                }
            };
            if class.is_empty()
                || classes.iter().any(|(known, of)| *known == class || *of == colour)
            {
                let message = "the class has no name, or it or its colour is listed twice";
                return Err(Fault::new("name", Code::OutOfRange, message));
            }
            Ok((class, colour))
        });
        match read {
            Ok(class) => classes.push(class),
            Err(fault) => sink.refuse(refusal(&name, row, fault, &raw)),
        }
    }
    Ok(classes)
}

fn one(
    source: &mut Source,
    index: usize,
    table: &str,
    classes: &[(String, Colour)],
    mut item: Item,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let Some(painted) = Painted::read(source, index, sink)? else { return Ok(()) };
    let known: HashMap<Colour, u32> =
        classes.iter().zip(1..).map(|((_, colour), number)| (*colour, number)).collect();
    let mut unknown = None;
    let meaning = |colour: &Colour| match known.get(colour) {
        Some(number) if is_nothing(&classes[*number as usize - 1].0) => 0,
        Some(number) => *number,
        None => {
            unknown = unknown.or((*colour != [0; 3]).then_some(*colour));
            0
        }
    };
    let meanings: Vec<u32> = painted.colours.iter().map(meaning).collect();
    if let Some([red, green, blue]) = unknown {
        let message = format!(
            "the picture has the colour {red},{green},{blue}, which `{table}` does not name"
        );
        sink.refuse(whole(&name, Code::UnknownValue, &message));
    }
    [item.width, item.height] = painted.size.map(Some);
    let Some(found) = masks(painted.size, |x, y| meanings[painted.at(x, y)]) else {
        sink.refuse(whole(&name, Code::OutOfRange, "the picture has more than 50,000 classes"));
        return Ok(());
    };
    for (class, mask) in found {
        let class = &classes[class as usize - 1].0;
        if !add_mark(&mut item, Ok(Mark::shape(class, Shape::Mask(mask))), &name, (1, b""), sink) {
            break;
        }
    }
    Ok(sink.item(item)?)
}
