//! No reader passes over a field in silence: something that it does not know is added at each level of a document in each
//! format, and it is kept, counted or refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/dialects.rs"]
#[allow(dead_code, reason = "a part of them is used")]
mod dialects;
#[path = "support/documents.rs"]
mod documents;
#[path = "support/makers.rs"]
#[allow(dead_code, reason = "a part of them is used")]
mod makers;
#[path = "support/reading.rs"]
mod reading;
#[path = "support/tables.rs"]
#[allow(dead_code, reason = "a part of them is used")]
mod tables;

use std::collections::BTreeSet;

use formats::exchange::{Format, Found};
use reading::read;
use serde_json::{Value, json};

/// What nobody else says.
const NEW: &str = "never seen";

fn told(found: &Found) -> u64 {
    let losses: u64 = found.losses.losses.values().map(|loss| loss.count).sum();
    losses + found.refusals.len() as u64
}

fn is_kept(found: &Found) -> bool {
    json!([found.items, found.classes]).to_string().contains(NEW)
}

/// The places of a document that can have a field more, and the document with it.
fn with_more(
    value: &Value,
    path: &str,
    whole: &dyn Fn(Value) -> Value,
    out: &mut Vec<(String, Value)>,
) {
    match value {
        Value::Object(fields) => {
            let mut more = fields.clone();
            more.insert("novel".into(), NEW.into());
            out.push((path.to_owned(), whole(more.into())));
            for (key, inner) in fields {
                let place = |inner| {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), inner);
                    whole(fields.into())
                };
                with_more(inner, &format!("{path}.{key}"), &place, out);
            }
        }
        Value::Array(list) => {
            for (at, inner) in list.iter().enumerate() {
                let place = |inner| {
                    let mut list = list.clone();
                    list[at] = inner;
                    whole(list.into())
                };
                with_more(inner, &format!("{path}[{at}]"), &place, out);
            }
        }
        _ => {}
    }
}

/// The document with something more, in each of the ways that its kind has for it.
fn variants(name: &str, text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if text.trim_start().starts_with('<') {
        let opens =
            text.match_indices('<').filter(|(at, _)| !text[at + 1..].starts_with(['?', '!', '/']));
        for (at, _) in opens {
            let end = at + text[at..].find('>').unwrap();
            let name = text[at + 1..end].split([' ', '/']).next().unwrap();
            let named = at + 1 + name.len();
            let more = format!("{} novel=\"{NEW}\"{}", &text[..named], &text[named..]);
            found.push((format!("{name} with an attribute"), more));
            if !text[..end].ends_with('/') && text[end + 1..].trim_start().starts_with('<') {
                let (head, tail) = text.split_at(end + 1);
                found.push((
                    format!("{name} with an element"),
                    format!("{head}<novel>{NEW}</novel>{tail}"),
                ));
            }
        }
    } else if name.ends_with(".csv") || name.ends_with(".tsv") {
        let sign = if name.ends_with(".csv") { ',' } else { '\t' };
        let mut lines = text.lines();
        let head = format!("{}{sign}novel", lines.next().unwrap());
        let rows = lines.map(|line| format!("{line}{sign}{NEW}"));
        found.push((
            "column".into(),
            std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n"),
        ));
    } else if let Ok(value) = serde_json::from_str::<Value>(text) {
        let mut all = Vec::new();
        with_more(&value, "", &|value| value, &mut all);
        found.extend(all.into_iter().map(|(path, value)| (path, value.to_string())));
    } else if text.starts_with(['{', '[']) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let mut all = Vec::new();
            with_more(&serde_json::from_str(line).unwrap(), "", &|value| value, &mut all);
            for (path, value) in all {
                let mut lines = lines.clone();
                let value = value.to_string();
                lines[at] = &value;
                found.push((format!("{}: {path}", at + 1), lines.join("\n") + "\n"));
            }
        }
    }
    found
}

#[test]
fn what_no_reader_knows_is_kept_or_told() {
    // A place is nothing but its numbers, and some files say how a program looks, or have no attributes in their XML.
    let places = [
        "box2d",
        "poly2d",
        "segmentation",
        "coordinates",
        "rle",
        "points",
        "bitmap",
        "boundingBox",
        "bounding_box",
        "polygon",
        "line",
        "point",
        "mask",
        "size",
        "time",
        "frames",
        "_via_settings",
        "paths",
        "path",
        "additional_paths",
        "keypoint",
        "skeleton",
        "image_size",
        "tag",
    ];
    let is_place = |place: &str| {
        let last = place.rsplit('.').next().unwrap_or_default();
        places.contains(&last.split('[').next().unwrap_or_default())
    };
    let passes = |format, place: &str| match format {
        Format::Voc => place.ends_with("with an attribute"),
        Format::KittiRaw => !place.starts_with("item with an element"),
        // How a text falls into words, and what else might have been chosen.
        // Its row, or its mark, is refused as a whole: the size of the picture is told by the picture alone.
        Format::Vertex => place.starts_with("1: "),
        Format::FiftyOne => place.starts_with(".labels.a[0]"),
        // What the numbers of classes are called.
        Format::SageMaker => place.ends_with(".class-map"),
        Format::Prodigy => place.contains(".tokens[") || place.contains(".options["),
        Format::Spacy => place.ends_with(".cats"),
        Format::Cvat => place.starts_with("annotations with an a") || place.starts_with("version"),
        // What was deleted, or is drawn somewhere else, is left out as a whole.
        Format::Cityscapes => place == ".objects[2]",
        Format::Labelbox => place.ends_with(".objects[4]") || place.ends_with(".projects"),
        _ => false,
    };
    let all = documents::ALL.into_iter().chain(makers::ALL).chain(tables::ALL).chain(dialects::ALL);
    let mut silent = BTreeSet::new();
    for (format, name, text) in all {
        let before = told(&read(format, name, text));
        for (place, more) in variants(name, text) {
            if is_place(&place) || passes(format, &place) {
                continue;
            }
            let found = read(format, name, &more);
            if !is_kept(&found) && told(&found) <= before {
                silent.insert(format!("{} ({name}): {place}", format.as_str()));
            }
        }
    }
    let silent: Vec<String> = silent.into_iter().collect();
    assert!(
        silent.is_empty(),
        "{} are passed over in silence:\n{}",
        silent.len(),
        silent.join("\n")
    );
}
