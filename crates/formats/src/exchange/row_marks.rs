//! What single columns of a row say of its item: classes, spans, boxes, words; in cells of CSV as JSON, or as Python
//! prints it.

use serde_json::{Map, Value, json};

use super::look::Look;
use super::rows::Row;
use super::{Item, MARKS_MAX, Mark, Place, Shape, Sink, literal};
use crate::row::{Code, Fault};

/// A number, or the cell of CSV that holds one.
pub(super) fn number<T>(look: &Look, read: impl Fn(&Look) -> Result<T, Fault>) -> Result<T, Fault> {
    let parsed =
        look.value.as_str().and_then(|text| text.trim().parse::<serde_json::Number>().ok());
    match parsed {
        Some(number) => read(&Look { value: &number.into(), path: look.path.clone() }),
        None => read(look),
    }
}

/// A list, or the cell of CSV that holds one as JSON or as Python prints it.
pub(super) fn listed(look: &Look) -> Option<Value> {
    match look.value {
        Value::Array(_) => Some(look.value.clone()),
        Value::String(cell) if cell.starts_with('[') => {
            let parsed = serde_json::from_str(cell).ok().or_else(|| literal::parse(cell));
            parsed.filter(Value::is_array)
        }
        _ => None,
    }
}

/// The classes of a picture as Roboflow writes them: a column for each, with a 1 where the picture has it.
pub(super) fn one_hot(row: &Row, taken: &[&str], item: &mut Item) -> Result<bool, Fault> {
    if !row.file.ends_with("_classes.csv") || taken.is_empty() {
        return Ok(false);
    }
    for (key, value) in row.look.map()? {
        if taken.contains(&&key[..]) {
            continue;
        }
        match value.as_str().map(str::trim) {
            Some("1") => item.marks.push(Mark::whole(key.as_str())),
            Some("0") | None => {}
            Some(other) => {
                let message =
                    format!("`{key}` is “{other}”: give 1 where the picture is of the class, or 0");
                return Err(Fault::new(key, Code::UnknownValue, message));
            }
        }
    }
    Ok(true)
}

/// What is said about the item in words, once or several times.
pub(super) fn words_of(look: &Look, item: &mut Item) -> bool {
    let list = listed(look).unwrap_or_else(|| Value::Array(vec![look.value.clone()]));
    let said: Option<Vec<&str>> =
        list.as_array().into_iter().flatten().map(Value::as_str).collect();
    let Some(said) = said.filter(|said| said.len() <= MARKS_MAX) else { return false };
    let mark = |words: &str| Mark { place: Place::Words(words.into()), ..Mark::default() };
    item.marks.extend(said.into_iter().map(mark));
    true
}

pub(super) fn labels(label: &Look, item: &mut Item, sink: &mut dyn Sink) -> Result<(), Fault> {
    let printed = if label.value.is_string() { listed(label) } else { None };
    if let Some(list) = printed {
        return labels(&Look { value: &list, path: label.path.clone() }, item, sink);
    }
    match label.value {
        // Where the answer is a picture, too, it is one of masks.
        Value::Object(map) if map.contains_key("bytes") || map.contains_key("path") => {
            sink.lose("picture_as_label", item.name.clone());
        }
        Value::Array(list) if list.len() > MARKS_MAX => {
            return Err(label.range("has more labels than an item may have"));
        }
        // A place for each class, as models are trained for several; the number of a place is its class.
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_f64) => {
            for (place, part) in label.list()?.enumerate() {
                match part.number()? {
                    0.0 => {}
                    1.0 => item.marks.push(Mark::whole(place.to_string())),
                    _ => sink.lose("class_in_part", part.path.clone()),
                }
            }
        }
        Value::Array(_) => {
            for label in label.list()? {
                item.marks.push(Mark::whole(label.id()?));
            }
        }
        Value::Bool(yes) => item.marks.push(Mark::whole(yes.to_string())),
        Value::String(text) if text.is_empty() => {}
        _ => item.marks.push(Mark::whole(label.id()?)),
    }
    Ok(())
}

pub(super) fn span(look: &Look, item: &mut Item) -> Result<(), Fault> {
    let length = item.text.as_ref().map_or(0, |text| text.chars().count() as u64);
    let (start, end) = (look.get("start")?.offset()?, look.get("end")?.offset()?);
    if end <= start || end > length {
        let message = format!("does not lie behind {start} and within the {length} characters");
        return Err(look.get("end")?.range(&message));
    }
    let class = look.maybe("label").map(|label| label.id()).transpose()?;
    let mut mark = Mark::span(class.unwrap_or_default(), start, end);
    mark.id = look.maybe("id").map(|id| id.id()).transpose()?;
    mark.attributes = look.rest(&["start", "end", "label", "id", "text"]);
    item.marks.push(mark);
    Ok(())
}

/// Boxes and their classes in columns of the row itself, a list in each; returns those columns.
pub(super) fn columns_of_boxes(
    look: &Look,
    item: &mut Item,
    sink: &mut dyn Sink,
) -> Result<Vec<&'static str>, Fault> {
    let places = look.maybe("bbox").as_ref().and_then(listed);
    let Some(places) = places.filter(|places| places.get(0).is_some_and(Value::is_array)) else {
        return Ok(Vec::new());
    };
    let length = places.as_array().map_or(0, Vec::len);
    let same = |key: &str| {
        let list = look.maybe(key).as_ref().and_then(listed)?;
        list.as_array().is_some_and(|list| list.len() == length).then_some(list)
    };
    let classes = ["category", "categories", "label", "labels"];
    let classes = classes.into_iter().find_map(|key| Some((key, same(key)?)));
    let crowds = same("iscrowd").map(|list| ("iscrowd", list));
    let columns: Vec<_> = [Some(("bbox", places)), classes, crowds].into_iter().flatten().collect();
    let taken = columns.iter().map(|(key, _)| *key).collect();
    let lists: Map<String, Value> =
        columns.into_iter().map(|(key, list)| (key.to_owned(), list)).collect();
    boxes(&Look::new(&lists.into(), &look.path), item, sink)?;
    Ok(taken)
}

/// Boxes as lists of equal length, `bbox`, `category`, perhaps `id` and `iscrowd`; or as a list of records with these.
pub(super) fn boxes(look: &Look, item: &mut Item, sink: &mut dyn Sink) -> Result<(), Fault> {
    const READ: [&str; 7] = ["bbox", "category", "categories", "label", "labels", "id", "iscrowd"];
    if look.value.is_array() {
        for object in look.list()? {
            let one = |key: &&str| Some((key.to_string(), json!([object.maybe(key)?.value])));
            let one: Map<String, Value> = READ.iter().filter_map(one).collect();
            boxes(&Look { value: &one.into(), path: object.path.clone() }, item, sink)?;
            object.lose_rest(&READ, sink);
        }
        return Ok(());
    }
    look.lose_rest(&READ, sink);
    let places: Vec<Look> = look.get("bbox")?.list()?.collect();
    let named = ["category", "categories", "label", "labels"].into_iter();
    let named = named.filter_map(|key| look.maybe(key)).next();
    let named = named.as_ref().map(|list| list.list()).transpose()?;
    let has_names = named.is_some();
    let categories: Vec<Look> = named.into_iter().flatten().collect();
    let ids = look.maybe("id").map(|list| list.list()).transpose()?;
    let ids: Vec<Look> = ids.into_iter().flatten().collect();
    let crowds = look.maybe("iscrowd").map(|list| list.list()).transpose()?;
    let crowds: Vec<Look> = crowds.into_iter().flatten().collect();
    if places.len() > MARKS_MAX || has_names && categories.len() != places.len() {
        return Err(look.get("bbox")?.range("is not as long as `category`, or too long"));
    }
    for (nth, place) in places.iter().enumerate() {
        let [x, y, width, height] = place.four()?;
        if width <= 0.0 || height <= 0.0 {
            return Err(place.range("has no area: give x, y, width and height"));
        }
        let class = categories.get(nth).map(|class| class.id()).transpose()?;
        let mut mark = Mark::shape(class.unwrap_or_default(), Shape::Box { x, y, width, height });
        mark.id = ids.get(nth).map(|id| id.id()).transpose()?;
        mark.crowd = match crowds.get(nth).map(|crowd| crowd.value) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(crowd)) => *crowd,
            Some(Value::Number(number)) if number.as_f64() == Some(0.0) => false,
            Some(Value::Number(number)) if number.as_f64() == Some(1.0) => true,
            Some(_) => return Err(crowds[nth].range("is neither 0 nor 1")),
        };
        item.marks.push(mark);
    }
    Ok(())
}
