//! Each value that a reader reads, as another type than it should be: refused, counted, or kept as what it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/dialects.rs"]
mod dialects;
#[path = "support/documents.rs"]
mod documents;
#[path = "support/makers.rs"]
mod makers;
#[path = "support/reading.rs"]
mod reading;
#[path = "support/tables.rs"]
mod tables;

use std::collections::BTreeSet;

use formats::exchange::{Format, Found};
use reading::read;
use serde_json::{Value, json};

/// Whether more was refused or counted than before; what refuses a whole row counts nothing in it any more.
fn is_told(found: &Found, before: &Found) -> bool {
    let losses =
        |found: &Found| -> u64 { found.losses.losses.values().map(|loss| loss.count).sum() };
    let refused =
        |found: &Found| found.refusals.len() + found.losses.losses.contains_key("refused") as usize;
    let said = |found: &Found| format!("{:?}", found.refusals);
    let otherwise = refused(before) > 0 && said(found) != said(before);
    let counted = losses(found) >= losses(before) && found.losses != before.losses;
    refused(found) > refused(before) || otherwise || counted
}

fn said(found: &Found) -> String {
    json!([found.items, found.classes]).to_string()
}

type Each<'a> = dyn FnMut(&str, &'a Value, &dyn Fn(Value) -> Value) + 'a;

/// Each value of a document by its path, and the document with something else in its place.
fn values<'a>(value: &'a Value, path: &str, whole: &dyn Fn(Value) -> Value, each: &mut Each<'a>) {
    if !path.is_empty() {
        each(path, value, whole);
    }
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                let place = |inner| {
                    let mut fields = fields.clone();
                    fields.insert(key.clone(), inner);
                    whole(fields.into())
                };
                values(inner, &format!("{path}.{key}"), &place, each);
            }
        }
        Value::Array(list) => {
            for (at, inner) in list.iter().enumerate() {
                let place = |inner| {
                    let mut list = list.clone();
                    list[at] = inner;
                    whole(list.into())
                };
                values(inner, &format!("{path}[{at}]"), &place, each);
            }
        }
        _ => {}
    }
}

/// Another value of the same type, and values of others.
fn others(leaf: &Value) -> (Vec<Value>, Vec<Value>) {
    let list = json!(["zwölf"]);
    let map = json!({ "zwölf": 1 });
    match leaf {
        Value::Number(number) => {
            let near =
                number.as_i64().map_or(json!(number.as_f64().unwrap() / 2.0), |n| json!(n + 1));
            (vec![near], vec![json!("zwölf"), json!(true), list, map])
        }
        Value::String(text) => (
            vec![json!(format!("{text}a")), json!("zz")],
            vec![json!(-12.25), json!(true), list, map],
        ),
        Value::Bool(yes) => (vec![json!(!yes)], vec![json!("zwölf"), json!(-12.25), list, map]),
        Value::Array(_) => (vec![json!([])], vec![json!("zwölf"), json!(-12.25), json!(true), map]),
        Value::Object(_) => {
            (vec![json!({})], vec![json!("zwölf"), json!(-12.25), json!(true), list])
        }
        Value::Null => (vec![], vec![]),
    }
}

#[test]
fn a_value_of_another_type_is_refused_counted_or_kept() {
    let all = documents::ALL.into_iter().chain(makers::ALL).chain(tables::ALL).chain(dialects::ALL);
    let mut silent = BTreeSet::new();
    for (format, name, text) in all {
        let parts: Vec<(usize, Value)> = if let Ok(value) = serde_json::from_str::<Value>(text) {
            vec![(0, value)]
        } else if text.starts_with(['{', '[']) {
            text.lines()
                .zip(1..)
                .map(|(line, at)| (at, serde_json::from_str(line).unwrap()))
                .collect()
        } else {
            continue;
        };
        let lines: Vec<&str> = text.lines().collect();
        let whole = |at: usize, value: Value| match at {
            0 => value.to_string(),
            at => {
                let value = value.to_string();
                let mut lines = lines.clone();
                lines[at - 1] = &value;
                lines.join("\n") + "\n"
            }
        };
        for (at, value) in &parts {
            // The order of the fields may be that of what is found.
            let before = read(format, name, &whole(*at, value.clone()));
            values(value, "", &|value| value, &mut |path, leaf, place| {
                let (same, wrong) = others(leaf);
                let is_read = same.iter().any(|other| {
                    let found = read(format, name, &whole(*at, place(other.clone())));
                    said(&found) != said(&before) || is_told(&found, &before)
                });
                if !is_read {
                    return;
                }
                for other in wrong {
                    let found = read(format, name, &whole(*at, place(other.clone())));
                    let said = said(&found);
                    // How sure somebody is may be a plain yes.
                    if format == Format::Spacy && path.starts_with(".cats.") && other == json!(true)
                    {
                        continue;
                    }
                    let kept = ["zwölf", "-12.25"].iter().any(|word| said.contains(word))
                        || other == json!(true) && said.contains("true");
                    if !is_told(&found, &before) && !kept {
                        silent
                            .insert(format!("{} ({name}): {at}{path} = {other}", format.as_str()));
                    }
                }
            });
        }
    }
    assert!(silent.is_empty(), "{} are silent: {silent:#?}", silent.len());
}

/// The same of what is no JSON: each number of it, as what is none.
#[test]
fn a_word_instead_of_a_number_is_refused_counted_or_kept() {
    let all = documents::ALL.into_iter().chain(makers::ALL).chain(tables::ALL).chain(dialects::ALL);
    let ends = |c: char| c.is_whitespace() || ",;|<>=\"/?!:&()[]'".contains(c);
    let mut silent = BTreeSet::new();
    for (format, name, text) in all.filter(|(.., text)| !text.starts_with(['{', '['])) {
        let before = read(format, name, text);
        for word in text.split(ends).filter(|word| word.parse::<f64>().is_ok()) {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            let with = |word_now: &str| {
                let now = format!("{}{word_now}{}", &text[..at], &text[at + word.len()..]);
                read(format, name, &now)
            };
            let is_read = ["1", "2", "3.5", "0"].iter().any(|other| {
                let found = with(other);
                said(&found) != said(&before) || is_told(&found, &before)
            });
            if !is_read {
                continue;
            }
            for other in ["zwölf", "NaN", "inf", "1e999", "0x10", "--1"] {
                let found = with(other);
                if !is_told(&found, &before) && !said(&found).contains(other) {
                    silent
                        .insert(format!("{} ({name}): {word} at {at} = {other}", format.as_str()));
                }
            }
        }
    }
    assert!(silent.is_empty(), "{} are silent: {silent:#?}", silent.len());
}
