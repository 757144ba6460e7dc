//! What became of a suggestion: a model proposes, and a person keeps, changes or turns down each object by itself.
//!
//! - **G1** A suggestion is no answer: nothing of it is in one before a person has taken it.
//! - **G2** What was taken keeps the id under which it was suggested, so that an answer tells by itself what of it
//!   is the model's: the same under the same id was kept, another under the same id was changed, an id that is not
//!   there was turned down.
//! - **G3** Both the suggestion and the answer are kept as they were; this comparison is made of them whenever
//!   somebody asks, and cannot disagree with either.

use crate::answers::Answer;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Kept,
    Changed,
    Rejected,
}

/// What became of one object, span or choice that was suggested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its id; of a choice or an attribute of the whole item, its key.
    pub id: String,
    /// As it was suggested; none of an attribute.
    pub class: Option<String>,
    pub fate: Fate,
    /// What is not as it was suggested: `class`, `shape`, `attributes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
}

/// Says what became of everything that was suggested (G2), in the order in which it was.
pub fn outcomes(suggested: &Answer, given: &Answer) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let objects: HashMap<&str, _> =
        given.objects.iter().map(|one| (one.id.as_str(), one)).collect();
    for object in &suggested.objects {
        let changes = objects.get(object.id.as_str()).map(|now| {
            differences([
                ("class", now.class != object.class),
                ("shape", now.shape != object.shape),
                ("attributes", now.attributes != object.attributes),
            ])
        });
        outcomes.push(outcome(&object.id, Some(&object.class), changes));
    }
    let spans: HashMap<&str, _> = given.spans.iter().map(|one| (one.id.as_str(), one)).collect();
    for span in &suggested.spans {
        let changes = spans.get(span.id.as_str()).map(|now| {
            differences([
                ("class", now.class != span.class),
                ("shape", (now.start, now.end) != (span.start, span.end)),
                ("attributes", now.attributes != span.attributes),
            ])
        });
        outcomes.push(outcome(&span.id, Some(&span.class), changes));
    }
    let tracks: HashMap<&str, _> = given.tracks.iter().map(|one| (one.id.as_str(), one)).collect();
    for track in &suggested.tracks {
        let changes = tracks.get(track.id.as_str()).map(|now| {
            differences([
                ("class", now.class != track.class),
                ("shape", now.keyframes != track.keyframes),
                ("attributes", now.attributes != track.attributes),
            ])
        });
        outcomes.push(outcome(&track.id, Some(&track.class), changes));
    }
    for choice in &suggested.choices {
        let is_there = given.choices.contains(choice);
        outcomes.push(outcome(choice, Some(choice), is_there.then(Vec::new)));
    }
    for (key, value) in &suggested.attributes {
        let changes =
            given.attributes.get(key).map(|now| differences([("attributes", now != value)]));
        outcomes.push(outcome(key, None, changes));
    }
    outcomes
}

fn differences<const N: usize>(differs: [(&str, bool); N]) -> Vec<String> {
    differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what.into()).collect()
}

fn outcome(id: &str, class: Option<&String>, changes: Option<Vec<String>>) -> Outcome {
    let fate = match &changes {
        None => Fate::Rejected,
        Some(changes) if changes.is_empty() => Fate::Kept,
        Some(_) => Fate::Changed,
    };
    Outcome { id: id.into(), class: class.cloned(), fate, changed: changes.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(value: Value) -> Answer {
        serde_json::from_value(value).unwrap()
    }

    fn object(id: &str, class: &str, x: f64) -> Value {
        json!({ "id": id, "class": class, "shape": { "type": "box", "x": x, "y": 1, "width": 5, "height": 5 } })
    }

    fn track(id: &str, x: f64) -> Value {
        json!({ "id": id, "class": "car", "keyframes": [{ "frame": 0, "shape": object("", "", x)["shape"] }] })
    }

    #[test]
    fn each_object_has_its_own_fate() {
        let suggested = answer(json!({
            "objects": [object("a", "car", 1.0), object("b", "car", 2.0), object("c", "car", 3.0), object("d", "car", 4.0)],
            "spans": [{ "id": "s", "class": "car", "start": 1, "end": 4 }],
            "tracks": [track("t", 1.0), track("u", 1.0)],
            "choices": ["day", "rain"],
            "attributes": { "lanes": 2 },
        }));
        let given = answer(json!({
            "objects": [object("own", "car", 1.0), object("a", "car", 1.0), object("b", "truck", 2.0), object("c", "bus", 3.5)],
            "spans": [{ "id": "s", "class": "car", "start": 1, "end": 5 }],
            "tracks": [track("u", 2.0)],
            "choices": ["rain"],
            "attributes": { "lanes": 3 },
        }));
        let told: Vec<String> = outcomes(&suggested, &given)
            .into_iter()
            .map(|one| format!("{} {:?} {}", one.id, one.fate, one.changed.join("+")))
            .collect();
        assert_eq!(
            told,
            [
                "a Kept ",
                "b Changed class",
                "c Changed class+shape",
                "d Rejected ",
                "s Changed shape",
                "t Rejected ",
                "u Changed shape",
                "day Rejected ",
                "rain Kept ",
                "lanes Changed attributes",
            ]
        );
    }

    #[test]
    fn nothing_suggested_has_no_fate() {
        let given = answer(json!({ "objects": [object("a", "car", 1.0)] }));
        assert_eq!(outcomes(&Answer::default(), &given), []);
    }
}
