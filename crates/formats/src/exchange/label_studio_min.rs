//! Label Studio's short export (JSON_MIN, and the same as CSV): an object for each annotation, its regions under the names
//! of their controls. An answer of one word stands there like a field of the data, and is told from one by its looks.

use serde_json::{Map, Value, json};

use super::label_studio::is_media;
use super::look::Look;

/// What only this export has beside the data.
const ABOUT: [&str; 7] =
    ["id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"];

/// The task as the long export has it; none where this is none of the short one.
pub(super) fn whole(look: &Look) -> Option<Value> {
    let row = look.value.as_object()?;
    if !row.contains_key("annotation_id") || row.contains_key("annotations") {
        return None;
    }
    let fields = || row.iter().filter(|(key, _)| !ABOUT.contains(&&key[..]));
    let is_heard = fields().any(|(_, value)| value.as_str().is_some_and(is_media));
    // Something must be there that was answered about.
    let alone = fields().filter(|(_, value)| value.is_string()).count() < 2;
    let (mut data, mut result) = (Map::new(), Vec::new());
    for (key, value) in fields() {
        let regions = match value {
            Value::Array(list) => list.iter().map(|value| region(key, value)).collect(),
            Value::Object(_) => region(key, value).map(|region| vec![region]),
            Value::String(said) if key != "text" && (is_heard || !alone) => {
                answer(key, said, is_heard).map(|region| vec![region])
            }
            _ => None,
        };
        match regions {
            Some(regions) => result.extend::<Vec<Value>>(regions),
            None => drop(data.insert(key.clone(), value.clone())),
        }
    }
    let mut task = json!({
        "data": data,
        "annotations": [{ "result": result, "completed_by": row.get("annotator"), "lead_time": row.get("lead_time") }],
    });
    task["id"] = row.get("id")?.clone();
    Some(task)
}

/// How long a choice may be.
const CHOICE_MAX_CHARS: usize = 60;

/// One word, which is a choice; about a picture or a sound several words are a description.
fn answer(control: &str, said: &str, is_heard: bool) -> Option<Value> {
    let is_address = is_media(said) || said.contains("://") || said.contains('\n');
    let is_number = said.trim().is_empty() || said.trim().parse::<f64>().is_ok();
    let is_short = said.chars().count() <= CHOICE_MAX_CHARS;
    let (kind, value) = match () {
        () if is_address || is_number => return None,
        () if is_heard && said.contains(' ') => ("textarea", json!({ "text": [said] })),
        () if is_short => ("choices", json!({ "choices": [said] })),
        () => return None,
    };
    Some(json!({ "type": kind, "from_name": control, "to_name": "data", "value": value }))
}

/// A region by what it holds: its labels stand under the name of its kind.
fn region(control: &str, value: &Value) -> Option<Value> {
    let mut value = value.as_object()?.clone();
    let asked = ["number", "rating", "datetime", "pairwise"];
    if let Some(kind) = asked.iter().find(|kind| value.contains_key(**kind)) {
        return Some(
            json!({ "type": kind, "from_name": control, "to_name": "data", "value": value }),
        );
    }
    if value.get("selected").is_some_and(Value::is_string) {
        return Some(
            json!({ "type": "pairwise", "from_name": control, "to_name": "data", "value": value }),
        );
    }
    let labelled =
        |key: &&String| key.ends_with("labels") || matches!(&key[..], "choices" | "taxonomy");
    let kind = match value.contains_key("sequence") {
        true => "videorectangle".to_owned(),
        false => value.keys().find(labelled)?.clone(),
    };
    let mut region = json!({ "type": kind, "from_name": control, "to_name": "data" });
    for side in ["original_width", "original_height", "image_rotation", "id"] {
        if let Some(said) = value.remove(side) {
            region[side] = said;
        }
    }
    region["value"] = Value::Object(value);
    Some(region)
}
