//! FiftyOne's `labels.json`: classes, and a label or a list of detections under the name of each picture without its
//! ending. Places are parts of the sides: the sizes stand in the pictures, which lie beside it in `data/`.

use std::collections::HashMap;
use std::io::{BufReader, Seek};

use serde_json::Value;

use super::look::{Look, parse};
use super::pieces::{PieceError, Pieces, Stop};
use super::yolo::is_picture;
use super::{Class, Item, Mark, ReadError, Shape, Sink, Source, add_mark};
use crate::row::{Code, Fault};

/// Whether a file begins as one of these; other tools keep `labels` as a list.
pub(super) fn is_one(head: &str) -> bool {
    let Some(at) = head.find("\"labels\"") else { return false };
    let behind = head[at + 8..].trim_start().strip_prefix(':').map(str::trim_start);
    head.starts_with('{')
        && head.contains("\"classes\"")
        && behind.is_some_and(|labels| labels.starts_with('{'))
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let is_json = name.ends_with(".json") || source.names().len() == 1;
        if !is_json || !is_one(source.head(index, 64 << 10).unwrap_or_default().trim_start()) {
            continue;
        }
        let folder = name.rfind('/').map_or("", |at| &name[..=at]);
        let stem = |path: &str| {
            let path = path.strip_prefix(folder).unwrap_or(path);
            let path = path.strip_prefix("data/").unwrap_or(path);
            path.rfind('.').map_or(path, |at| &path[..at]).to_owned()
        };
        let pictures = source.names().iter().enumerate().filter(|(_, path)| is_picture(path));
        let pictures: HashMap<String, usize> =
            pictures.map(|(at, path)| (stem(path), at)).collect();
        let mut file = source.spool(index)?;
        let mut classes = None;
        // The classes may stand behind the labels.
        for wanted in ["classes", "labels"] {
            file.rewind()?;
            let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, &mut file));
            let mut walk = || -> Result<(), Stop> {
                pieces.enter(b'{', "the file is no JSON object: is this a `labels.json`?")?;
                let (mut first, mut raw) = (true, Vec::new());
                while let Some(key) = pieces.key(&mut first)? {
                    if key != wanted {
                        // Told once.
                        if wanted == "labels" && key != "classes" {
                            sink.lose("field_not_read", format!("{name}: {key}"));
                        }
                        pieces.skip()?;
                    } else if wanted == "classes" {
                        let line = pieces.line;
                        pieces.value(&mut raw)?;
                        let named = serde_json::from_slice::<Option<Vec<String>>>(&raw);
                        classes = named.map_err(|_| {
                            let message =
                                "`classes` is no list of names: give the names of the classes";
                            PieceError::Fault(line, Fault::new("classes", Code::WrongType, message))
                        })?;
                        for name in classes.iter().flatten() {
                            sink.class(&Class { name: name.clone(), ..Class::default() })?;
                        }
                    } else {
                        labels(&name, &mut pieces, &classes, source, &pictures, sink)?;
                    }
                }
                Ok(())
            };
            walk().map_err(|stop| stop.of(&name))?;
        }
    }
    Ok(())
}

fn labels<R: std::io::BufRead>(
    file: &str,
    pieces: &mut Pieces<R>,
    classes: &Option<Vec<String>>,
    source: &mut Source,
    pictures: &HashMap<String, usize>,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    pieces.enter(b'{', "`labels` is no object")?;
    let (mut first, mut raw) = (true, Vec::new());
    while let Some(stem) = pieces.key(&mut first)? {
        let line = pieces.line;
        pieces.value(&mut raw)?;
        let value = match parse(file, line, &raw) {
            Ok(value) => value,
            Err(refused) => {
                sink.refuse(refused);
                continue;
            }
        };
        let (name, size) = match pictures.get(&stem) {
            Some(at) => (source.names()[*at].clone(), source.size(*at)),
            None => match source.elsewhere(&stem) {
                Some((name, size)) => (name, Some(size)),
                None => (format!("{stem}.jpg"), None),
            },
        };
        let [width, height] = size.map_or([None; 2], |size| size.map(Some));
        let mut item = Item { name, width, height, ..Item::default() };
        let look = Look::new(&value, &stem);
        let said: Vec<Look> = match look.value {
            Value::Null => Vec::new(),
            Value::Array(_) => look.list().into_iter().flatten().collect(),
            _ => vec![look],
        };
        for label in said {
            if !add_mark(&mut item, mark(&label, classes, size), file, (line, &raw), sink) {
                break;
            }
        }
        sink.item(item)?;
    }
    Ok(())
}

fn class(look: &Look, classes: &Option<Vec<String>>) -> Result<String, Fault> {
    let Some(classes) = classes.as_ref().filter(|_| look.value.is_number()) else {
        return look.id();
    };
    let name = usize::try_from(look.offset()?).ok().and_then(|at| classes.get(at));
    name.cloned().ok_or_else(|| {
        look.range(&format!("is the number of no class: there are {}", classes.len()))
    })
}

fn mark(look: &Look, classes: &Option<Vec<String>>, size: Option<[u32; 2]>) -> Result<Mark, Fault> {
    if !look.value.is_object() {
        return Ok(Mark::whole(class(look, classes)?));
    }
    let name = class(&look.get("label")?, classes)?;
    let mut mark = match look.maybe("bounding_box") {
        None => Mark::whole(name),
        Some(place) => {
            let Some([width, height]) = size.map(|size| size.map(f64::from)) else {
                let message =
                    "the size of the picture is not known: put the picture beside it, in `data/`";
                return Err(Fault::new(&place.path, Code::MissingField, message));
            };
            let [x, y, across, down] = place.four()?;
            if across <= 0.0 || down <= 0.0 {
                return Err(place.range("is a box without anything in it"));
            }
            let [x, y, across, down] = [x * width, y * height, across * width, down * height];
            Mark::shape(name, Shape::Box { x, y, width: across, height: down })
        }
    };
    mark.score = look.maybe("confidence").map(|score| score.number()).transpose()?;
    mark.attributes = look.rest(&["label", "bounding_box", "confidence", "attributes"]);
    if let Some(said) = look.maybe("attributes") {
        mark.attributes.extend(said.map()?.clone());
    }
    Ok(mark)
}
