//! VIA's other files: the CSV that version 2 writes, and the project of version 3, which knows times, too.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::grouped::{Row, Rows, cells};
use super::look::{Look, parse};
use super::via::{class_of, mark};
use super::{Item, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, refusal};
use crate::row::{Code, Fault};

/// A project of version 3 is one object whose parts tell of one another.
const PROJECT_MAX_BYTES: u64 = 256 << 20;

/// Whether the first line is that of VIA's CSV; version 1 put a hash before it.
pub(super) fn is_header(line: &str) -> bool {
    let line = line.trim_start_matches(['\u{feff}', '#']);
    line.starts_with("filename,") && line.contains("region_shape_attributes")
}

pub(super) fn read_csv(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let (mut rows, mut columns) = (Rows::default(), HashMap::new());
    rows.index(source, index, sink, &mut |line, row| {
        let cells = cells(row.trim_start_matches('\u{feff}'))?;
        if line == 1 {
            let named = cells.iter().map(|cell| cell.trim_start_matches('#').to_owned());
            columns = named.zip(0..).collect();
            return Ok(None);
        }
        cell(&columns, &cells, "filename").map(|file| Some(file.to_owned()))
    })?;
    rows.each(sink, &mut |file, rows, sink| {
        let mut item = Item { name: file.into(), ..Item::default() };
        for Row { line, bytes, .. } in rows {
            let read = region(&String::from_utf8_lossy(&bytes), &columns, &mut item.metadata);
            match read {
                Ok(Some(_)) if item.marks.len() >= MARKS_MAX => {
                    let message = "there are more than 50,000 objects in one picture";
                    let fault = Fault::new("filename", Code::OutOfRange, message);
                    sink.refuse(refusal(&name, line, fault, &bytes));
                    break;
                }
                Ok(mark) => item.marks.extend(mark),
                Err(fault) => sink.refuse(refusal(&name, line, fault, &bytes)),
            }
        }
        Ok(sink.item(item)?)
    })
}

fn cell<'a>(
    columns: &HashMap<String, usize>,
    cells: &'a [String],
    column: &str,
) -> Result<&'a str, Fault> {
    let found = columns.get(column).and_then(|at| cells.get(*at)).map(String::as_str);
    found.ok_or_else(|| {
        Fault::new(column, Code::MissingField, format!("`{column}` is missing: give it"))
    })
}

/// The region of a row; none where the row only tells of its picture.
fn region(
    row: &str,
    columns: &HashMap<String, usize>,
    metadata: &mut Map<String, Value>,
) -> Result<Option<Mark>, Fault> {
    let cells = cells(row)?;
    let object = |column: &str| -> Result<Value, Fault> {
        let text = cell(columns, &cells, column)?;
        let text = if text.trim().is_empty() { "{}" } else { text };
        let value = super::look::value(text.as_bytes());
        value.map_err(|fault| Fault { field: column.into(), ..fault })
    };
    if let Value::Object(facts) = object("file_attributes")? {
        metadata.extend(facts);
    }
    let shape = object("region_shape_attributes")?;
    if shape.as_object().is_some_and(Map::is_empty) {
        return Ok(None);
    }
    let facts = object("region_attributes")?;
    let whole = json!({ "region_shape_attributes": shape, "region_attributes": facts });
    mark(&Look::new(&whole, ""), "region_shape_attributes").map(Some)
}

/// Whether this is a project of version 3, by the beginning of its file.
pub(super) fn is_project(head: &str) -> bool {
    head.contains("\"vid_list\"") && head.contains("\"project\"")
}

pub(super) fn read_project(
    source: &mut Source,
    index: usize,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let raw = source.text(index, PROJECT_MAX_BYTES)?;
    let value = parse(&name, 1, &raw)?;
    let look = Look::new(&value, "");
    let fail = |fault| ReadError::from(refusal(&name, 1, fault, b""));
    let (files, views) = (look.get("file").map_err(fail)?, look.get("view").map_err(fail)?);
    // What is said is said of a view, which shows one file or several side by side.
    let mut items: Vec<(String, Item)> = Vec::new();
    for view in views.map().map_err(fail)?.keys() {
        let shown = views.get(view).and_then(|view| {
            let list: Vec<_> = view.get("fid_list")?.list()?.collect();
            match &list[..] {
                [only] => Ok(Some(files.get(&only.id()?)?.get("fname")?.text()?.to_owned())),
                _ => Ok(None),
            }
        });
        match shown {
            Ok(Some(name)) => items.push((view.clone(), Item { name, ..Item::default() })),
            Ok(None) => sink.lose("view_of_several_files", view.clone()),
            Err(fault) => sink.refuse(refusal(&name, 1, fault, b"")),
        }
    }
    items.sort_by_key(|(view, _)| view.parse::<u64>().unwrap_or(u64::MAX));
    let by_view: HashMap<String, usize> =
        items.iter().enumerate().map(|(at, (view, _))| (view.clone(), at)).collect();
    let attributes = look.maybe("attribute");
    let metadata = look.get("metadata").map_err(fail)?;
    for key in metadata.map().map_err(fail)?.keys() {
        let read = metadata.get(key).and_then(|said| {
            let view = said.get("vid")?.id()?;
            let Some(at) = by_view.get(&view) else { return Ok(()) };
            let item = &mut items[*at].1;
            if item.marks.len() >= MARKS_MAX {
                return Err(said.range("is beyond the 50,000 objects that one item may have"));
            }
            said_of(&said, key, attributes.as_ref(), item, sink)
        });
        if let Err(fault) = read {
            sink.refuse(refusal(&name, 1, fault, b""));
        }
    }
    for (_, item) in items {
        sink.item(item)?;
    }
    Ok(())
}

fn said_of(
    said: &Look,
    key: &str,
    attributes: Option<&Look>,
    item: &mut Item,
    sink: &mut dyn Sink,
) -> Result<(), Fault> {
    let mut facts = answers(said, attributes)?;
    let (times, places) = (said.get("z")?.numbers()?, said.get("xy")?.numbers()?);
    let place = match (&times[..], &places[..]) {
        ([], []) => Place::Whole,
        ([], places) => Place::Shape(shape(&said.get("xy")?, places)?),
        ([start, end], []) if end >= start && *start >= 0.0 => {
            Place::Time { start: *start, end: *end, channel: None }
        }
        // A place at a moment: of which frame, only the video could tell.
        ([_], _) => {
            sink.lose("moment_of_a_video", format!("{}: {key}", item.name));
            return Ok(());
        }
        _ => return Err(said.get("z")?.range("is neither a moment nor a start and an end")),
    };
    let class = class_of(&mut facts);
    item.marks.push(Mark {
        id: Some(key.into()),
        class,
        place,
        attributes: facts,
        ..Mark::default()
    });
    Ok(())
}

/// What was answered, under the names of the questions; of what was chosen, the word.
fn answers(said: &Look, attributes: Option<&Look>) -> Result<Map<String, Value>, Fault> {
    let mut facts = Map::new();
    let Some(answers) = said.maybe("av") else { return Ok(facts) };
    for (id, answer) in answers.map()? {
        let asked = attributes.and_then(|attributes| attributes.maybe(id));
        let name = asked.as_ref().and_then(|asked| asked.maybe("aname"));
        let name = name.map_or(Ok(id.clone()), |name| name.id())?;
        let option = |key: &str| {
            let word = asked.as_ref()?.maybe("options")?.maybe(key)?;
            word.value.as_str().map(Value::from)
        };
        let value = match answer.as_str() {
            Some(text) if text.contains(',') => {
                let chosen: Option<Vec<Value>> =
                    text.split(',').map(|key| option(key.trim())).collect();
                chosen.map_or_else(|| answer.clone(), Value::from)
            }
            Some(text) => option(text).unwrap_or_else(|| answer.clone()),
            None => answer.clone(),
        };
        facts.insert(name, value);
    }
    Ok(facts)
}

/// A number for the kind, and the numbers of the shape.
fn shape(look: &Look, numbers: &[f64]) -> Result<Shape, Fault> {
    let wrong =
        || look.range("is no shape that VIA has: its kind, and as many numbers as that needs");
    let pairs = |least: usize| {
        let (points, rest) = numbers[1..].as_chunks::<2>();
        (points.len() >= least && rest.is_empty()).then(|| points.to_vec()).ok_or_else(wrong)
    };
    let above = |numbers: &[f64]| numbers.iter().all(|number| *number > 0.0);
    Ok(match *numbers {
        [1.0, x, y] => Shape::Points { points: vec![[x, y]] },
        [2.0 | 8.0, x, y, width, height] if above(&[width, height]) => {
            Shape::Box { x, y, width, height }
        }
        [3.0 | 9.0, cx, cy, r] if above(&[r]) => {
            Shape::Ellipse { cx, cy, rx: r, ry: r, degrees: 0.0 }
        }
        [4.0, cx, cy, rx, ry] if above(&[rx, ry]) => {
            Shape::Ellipse { cx, cy, rx, ry, degrees: 0.0 }
        }
        [5.0, ..] | [6.0, ..] => Shape::Line { points: pairs(2)? },
        [7.0, ..] => Shape::Polygon { points: pairs(3)? },
        _ => return Err(wrong()),
    })
}
