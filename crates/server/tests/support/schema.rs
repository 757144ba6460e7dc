//! What the description of the interface says of a body.

use serde_json::{Map, Value, json};

/// The least that a schema wants.
pub fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return sample(document, &document["components"]["schemas"][name]);
    }
    if let Some(first) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return sample(document, first.iter().find(|one| one["type"] != "null").unwrap());
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[0].clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("string") => json!("abcdefgh"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        _ => {
            let wanted = schema["required"].as_array().cloned().unwrap_or_default();
            let field = |name: &Value| {
                let name = name.as_str().unwrap();
                (name.to_string(), sample(document, &schema["properties"][name]))
            };
            Value::Object(wanted.iter().map(field).collect::<Map<_, _>>())
        }
    }
}

/// The fields that a schema knows.
pub fn names(document: &Value, schema: &Value, into: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return names(document, &document["components"]["schemas"][name], into);
    }
    into.extend(
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()),
    );
}
