//! The names of classes that Hugging Face's `datasets` keeps beside its files: in `dataset_infos.json`,
//! `dataset_info.json`, or in the card (`README.md`, its lines between `---`). The rows have their numbers.

use serde_json::{Map, Value};

use super::Source;
use crate::row::{Code, Fault};

const INFO_MAX_BYTES: u64 = 16 << 20;

/// A column and the names of its classes, in the order of their numbers.
pub(super) type Names = (String, Vec<String>);

/// Returns the columns of which all configurations say the same.
pub(super) fn class_names(source: &mut Source) -> Vec<Names> {
    let mut said: Vec<Names> = Vec::new();
    for index in 0..source.names().len() {
        let name = &source.names()[index];
        let file = name.rsplit('/').next().unwrap_or(name);
        let card = file == "README.md";
        if !card && file != "dataset_infos.json" && file != "dataset_info.json" {
            continue;
        }
        let Ok(bytes) = source.text(index, INFO_MAX_BYTES) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        if card { of_card(&text, &mut said) } else { of_json(&text, &mut said) }
    }
    let same = |(column, names): &Names| said.iter().all(|(c, n)| c != column || n == names);
    let mut kept: Vec<Names> = said.iter().filter(|named| same(named)).cloned().collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

fn of_json(text: &str, said: &mut Vec<Names>) {
    let Ok(Value::Object(info)) = serde_json::from_str(text) else { return };
    let configurations = info.values().filter_map(|info| info.get("features"));
    for features in info.get("features").into_iter().chain(configurations) {
        for (column, feature) in features.as_object().into_iter().flatten() {
            let inner = feature.get("feature").or_else(|| feature.get(0)).unwrap_or(feature);
            let Some(names) = inner.get("names").and_then(Value::as_array) else { continue };
            let names = names.iter().map(|name| name.as_str().unwrap_or_default().to_owned());
            said.push((column.clone(), names.collect()));
        }
    }
}

/// The card lists the columns below `features`, and the names of classes by their numbers.
fn of_card(text: &str, said: &mut Vec<Names>) {
    let Some(head) = text.trim_start_matches('\u{feff}').strip_prefix("---") else { return };
    let (mut columns_at, mut column, mut names) = (None, None, None::<Vec<String>>);
    let lines = head.lines().take_while(|line| *line != "---");
    for line in lines.chain([""]) {
        let at = line.len() - line.trim_start().len();
        let words = line.trim();
        if let Some(known) = &mut names {
            let pair = words.split_once(':').map(|(key, name)| (plain(key), plain(name)));
            match pair {
                Some((key, name)) if key.parse() == Ok(known.len()) => {
                    known.push(name.to_owned());
                    continue;
                }
                _ => said.extend(column.clone().zip(names.take())),
            }
        }
        if words == "features:" {
            (columns_at, column) = (None, None);
        } else if let Some(name) = words.strip_prefix("- name:") {
            if *columns_at.get_or_insert(at) == at {
                column = Some(plain(name).to_owned());
            }
        } else if words == "names:" {
            names = Some(Vec::new());
        }
    }
}

/// A word of YAML without its quotes.
fn plain(word: &str) -> &str {
    let word = word.trim();
    let quoted = |quote| word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote));
    quoted('\'').or_else(|| quoted('"')).unwrap_or(word)
}

/// The row with names in the place of numbers; none where it has none.
pub(super) fn named(
    names: &[Names],
    in_cells: bool,
    value: &Value,
) -> Result<Option<Value>, Fault> {
    let Value::Object(row) = value else { return Ok(None) };
    if !names.iter().any(|(column, _)| row.contains_key(column)) {
        return Ok(None);
    }
    let mut row: Map<String, Value> = row.clone();
    for (column, names) in names {
        match row.get_mut(column) {
            Some(Value::Array(list)) => {
                list.iter_mut().try_for_each(|value| name(column, names, false, value))?;
            }
            Some(value) => name(column, names, in_cells, value)?,
            None => {}
        }
    }
    Ok(Some(Value::Object(row)))
}

fn name(column: &str, names: &[String], in_cells: bool, value: &mut Value) -> Result<(), Fault> {
    let written = value.as_str().filter(|_| in_cells).and_then(|text| text.trim().parse().ok());
    let Some(number) = value.as_i64().or(written) else { return Ok(()) };
    *value = match usize::try_from(number).ok().and_then(|at| names.get(at)) {
        Some(name) => name.as_str().into(),
        // Of rows that are not labelled the class is −1.
        None if number == -1 => Value::Null,
        None => {
            let message = format!("`{column}` is {number}: there are {} classes", names.len());
            return Err(Fault::new(column, Code::OutOfRange, message));
        }
    };
    Ok(())
}
