//! Labelbox's export (version 2): a line for each data row, with what was said of it in each project.

use serde_json::Value;

use super::items::each_line_of;
use super::look::{Look, parse};
use super::{Item, MARKS_MAX, Mark, Place, ReadError, Shape, Sink, Source, refusal};
use crate::row::Fault;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = &source.names()[index];
        let lines = [".ndjson", ".jsonl", ".json"].iter().any(|ending| name.ends_with(ending));
        if !lines && source.names().len() > 1 {
            continue;
        }
        each_line_of(source, index, sink, &mut |file, row, raw, sink| {
            let read = parse(file, row, raw).and_then(|value| {
                item(&Look::new(&value, ""), sink).map_err(|fault| refusal(file, row, fault, raw))
            });
            match read {
                Ok(item) => sink.item(item)?,
                Err(refused) => sink.refuse(refused),
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn item(look: &Look, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let row = look.get("data_row")?;
    let named = |key: &str| row.maybe(key).map(|name| name.id()).transpose();
    let id = named("id")?;
    let content = named("row_data")?.unwrap_or_default();
    let given = match named("external_id")? {
        Some(name) => Some(name),
        None => named("global_key")?,
    };
    let mut item = Item { id: id.clone(), ..Item::default() };
    let media = look.maybe("media_attributes");
    let kind = media.as_ref().and_then(|media| media.maybe("asset_type"));
    let is_text = kind.is_some_and(|kind| kind.value == "text");
    if let Some(media) = &media {
        let side = |key| media.maybe(key).map(|side| side.side()).transpose();
        (item.width, item.height) = (side("width")?, side("height")?);
    }
    let plain = !content.contains("://") && is_text;
    item.text = plain.then(|| content.clone());
    let address = content.split(['?', '#']).next().unwrap_or_default().to_owned();
    item.name = given
        .or((!plain && !address.is_empty()).then_some(address))
        .or(id)
        .ok_or_else(|| row.range("has neither `external_id`, `global_key` nor `id`"))?;
    if let Some(fields) = look.maybe("metadata_fields") {
        for field in fields.list()? {
            if let (Some(name), Some(value)) = (field.maybe("schema_name"), field.maybe("value")) {
                item.metadata.insert(name.text()?.into(), value.value.clone());
            }
        }
    }
    let Some(projects) = look.maybe("projects") else { return Ok(item) };
    let mut group = 0;
    for key in projects.map()?.keys() {
        for label in projects.get(key)?.get("labels")?.list()? {
            let annotations = label.get("annotations")?;
            let before = item.marks.len();
            said(&annotations, &mut item, sink)?;
            // What a second person said of the same row is told apart by its group.
            if group > 0 {
                item.marks[before..].iter_mut().for_each(|mark| mark.group = Some(group));
            }
            group += 1;
        }
    }
    Ok(item)
}

fn said(annotations: &Look, item: &mut Item, sink: &mut dyn Sink) -> Result<(), Fault> {
    if let Some(objects) = annotations.maybe("objects") {
        for object in objects.list()? {
            if item.marks.len() >= MARKS_MAX {
                return Err(object.range("is beyond the 50,000 objects that one item may have"));
            }
            let class = object.get("name")?.text()?;
            let Some(shape) = shape(&object)? else {
                sink.lose(kind_of(&object), format!("{}: {class}", item.name));
                continue;
            };
            let mut mark = Mark::shape(class, shape);
            mark.id = object.maybe("feature_id").map(|id| id.id()).transpose()?;
            if let Some(asked) = object.maybe("classifications") {
                for one in asked.list()? {
                    let (name, value) = answer(&one)?;
                    mark.attributes.insert(name, value);
                }
            }
            item.marks.push(mark);
        }
    }
    if let Some(asked) = annotations.maybe("classifications") {
        for one in asked.list()? {
            let (name, value) = answer(&one)?;
            match value {
                // What was chosen for the whole is its class, as the question has no place of its own.
                Value::String(class) if one.maybe("text_answer").is_none() => {
                    item.marks.push(Mark::whole(class));
                }
                Value::Array(classes) => {
                    let named = classes.iter().filter_map(Value::as_str);
                    item.marks.extend(named.map(Mark::whole));
                }
                Value::String(words) => {
                    item.marks.push(Mark { place: Place::Words(words), ..Mark::default() });
                }
                _ => sink.lose("classification", format!("{}: {name}", item.name)),
            }
        }
    }
    let relations = annotations.maybe("relationships");
    if relations.is_some_and(|one| one.value.as_array().is_some_and(|list| !list.is_empty())) {
        sink.lose("relation", item.name.clone());
    }
    Ok(())
}

fn shape(object: &Look) -> Result<Option<Shape>, Fault> {
    if let Some(found) = object.maybe("bounding_box") {
        let number = |key: &str| found.get(key)?.number();
        let (x, y) = (number("left")?, number("top")?);
        let (width, height) = (number("width")?, number("height")?);
        return Ok(Some(Shape::Box { x, y, width, height }));
    }
    let points = |key: &str, least: usize| -> Result<Option<Vec<[f64; 2]>>, Fault> {
        let Some(list) = object.maybe(key) else { return Ok(None) };
        let mut points = Vec::new();
        for point in list.list()? {
            points.push([point.get("x")?.number()?, point.get("y")?.number()?]);
        }
        if points.len() < least {
            return Err(list.range(&format!("has fewer than {least} points")));
        }
        Ok(Some(points))
    };
    if let Some(mut points) = points("polygon", 3)? {
        // The first point stands again at the end.
        if points.len() > 3 && points.first() == points.last() {
            points.pop();
        }
        return Ok(Some(Shape::Polygon { points }));
    }
    if let Some(points) = points("line", 2)? {
        return Ok(Some(Shape::Line { points }));
    }
    if let Some(point) = object.maybe("point") {
        let points = vec![[point.get("x")?.number()?, point.get("y")?.number()?]];
        return Ok(Some(Shape::Points { points }));
    }
    Ok(None)
}

/// What an object is that no shape stands for: its mask lies at an address, or it is no shape at all.
fn kind_of(object: &Look) -> &'static str {
    match () {
        () if object.maybe("mask").is_some() || object.maybe("composite_mask").is_some() => {
            "mask_elsewhere"
        }
        () if object.maybe("location").is_some() => "span",
        () => "object_of_another_kind",
    }
}

/// The name of a question and what was answered: the names of what was chosen, or words.
fn answer(asked: &Look) -> Result<(String, Value), Fault> {
    let name = asked.get("name")?.text()?.to_owned();
    if let Some(chosen) = asked.maybe("radio_answer") {
        return Ok((name, chosen.get("name")?.text()?.into()));
    }
    if let Some(chosen) = asked.maybe("checklist_answers") {
        let mut names = Vec::new();
        for one in chosen.list()? {
            names.push(Value::from(one.get("name")?.text()?));
        }
        return Ok((name, names.into()));
    }
    if let Some(text) = asked.maybe("text_answer") {
        return Ok((name, text.get("content")?.text()?.into()));
    }
    Ok((name, Value::Null))
}
