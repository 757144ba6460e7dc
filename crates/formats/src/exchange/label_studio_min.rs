//! Label Studio's short export (JSON_MIN): an object for each annotation, its regions under the names of their controls.

use serde_json::{Map, Value, json};

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
    let (mut data, mut result) = (Map::new(), Vec::new());
    for (key, value) in row.iter().filter(|(key, _)| !ABOUT.contains(&&key[..])) {
        let regions = match value {
            Value::Array(list) => list.iter().map(|value| region(key, value)).collect(),
            Value::Object(_) => region(key, value).map(|region| vec![region]),
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

/// A region by what it holds: its labels stand under the name of its kind.
fn region(control: &str, value: &Value) -> Option<Value> {
    let mut value = value.as_object()?.clone();
    let labelled =
        |key: &&String| key.ends_with("labels") || matches!(&key[..], "choices" | "taxonomy");
    let kind = value.keys().find(labelled)?.clone();
    let mut region = json!({ "type": kind, "from_name": control, "to_name": "data" });
    for side in ["original_width", "original_height", "image_rotation", "id"] {
        if let Some(said) = value.remove(side) {
            region[side] = said;
        }
    }
    region["value"] = Value::Object(value);
    Some(region)
}
