//! How sure the attributes of a label are: how many of those who marked the same thing, or chose the same, say the same of it.
//!
//! A vote among so few is no probability, and is told as what it is: so many of so many. It is counted when it is looked at, from the answers that a label names.

use crate::Result;
use domain::AnswerId;
use domain::answers::Answer;
use domain::workflow::{Method, Stage};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Consensus, ExportLabel, ExportRow};
use utoipa::ToSchema;

/// How many of the answers say what the label says of an attribute (A20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Votes {
    pub same: i64,
    pub all: i64,
}

impl Votes {
    pub fn share(self) -> f64 {
        self.same as f64 / self.all.max(1) as f64
    }
}

/// By key; of one source nothing, since it agrees with itself.
pub type ByKey = BTreeMap<String, Votes>;

fn votes(said: &BTreeMap<String, Value>, sources: &[&BTreeMap<String, Value>]) -> ByKey {
    if sources.len() < 2 {
        return ByKey::new();
    }
    let all = sources.len() as i64;
    let same = |key: &String, value: &Value| {
        sources.iter().filter(|source| source.get(key) == Some(value)).count() as i64
    };
    said.iter().map(|(key, value)| (key.clone(), Votes { same: same(key, value), all })).collect()
}

/// Of the item as a whole: among the answers that choose what the label chooses.
pub fn of_item(label: &Answer, sources: &[&Answer]) -> ByKey {
    let chosen = |answer: &Answer| {
        let mut choices = answer.choices.clone();
        choices.sort_unstable();
        choices
    };
    let own = chosen(label);
    let alike = sources.iter().filter(|source| chosen(source) == own);
    votes(&label.attributes, &alike.map(|source| &source.attributes).collect::<Vec<_>>())
}

/// Of each object and span, by its id: among the answers that have it and call it the same.
pub fn of_parts<'a>(
    label: &Answer,
    said: &Consensus,
    answer: impl Fn(AnswerId) -> Option<&'a Answer>,
) -> BTreeMap<String, ByKey> {
    let mut found = BTreeMap::new();
    for part in &said.parts {
        let Some((class, attributes)) = thing(label, &part.id) else { continue };
        let sources = part.marks.iter().filter_map(|(id, own)| thing(answer(*id)?, own));
        let alike = sources.filter(|(called, _)| *called == class);
        let votes = votes(attributes, &alike.map(|(_, attributes)| attributes).collect::<Vec<_>>());
        if !votes.is_empty() {
            found.insert(part.id.clone(), votes);
        }
    }
    found
}

/// The class and the attributes of an object or a span.
fn thing<'a>(answer: &'a Answer, id: &str) -> Option<(&'a str, &'a BTreeMap<String, Value>)> {
    let object = answer.objects.iter().find(|object| object.id == id);
    let object = object.map(|object| (object.class.as_str(), &object.attributes));
    object.or_else(|| {
        let span = answer.spans.iter().find(|span| span.id == id)?;
        Some((span.class.as_str(), &span.attributes))
    })
}

/// The share of the answers that say the same, of each attribute.
pub fn shares(votes: ByKey) -> BTreeMap<String, f64> {
    votes.into_iter().map(|(key, votes)| (key, votes.share())).collect()
}

/// How sure the attributes of a label are: of the item, and of each of its parts.
pub fn of_export(row: &ExportRow, label: &ExportLabel) -> Result<(ByKey, BTreeMap<String, ByKey>)> {
    let value: Answer = serde_json::from_slice(&label.value)?;
    let is_said = !value.attributes.is_empty()
        || value.objects.iter().any(|object| !object.attributes.is_empty())
        || value.spans.iter().any(|span| !span.attributes.is_empty());
    if !is_said || !matches!(label.method, Method::Agreement | Method::Adaptive) {
        return Ok(Default::default());
    }
    let mut answers: BTreeMap<AnswerId, Answer> = BTreeMap::new();
    for answer in row.answers.iter().filter(|answer| answer.stage == Stage::Label) {
        answers.insert(answer.id, serde_json::from_slice(&answer.value)?);
    }
    let standing = row.answers.iter().filter(|answer| answer.state == "standing");
    let sources: Vec<&Answer> = standing.filter_map(|answer| answers.get(&answer.id)).collect();
    let parts = label.consensus.as_ref();
    let parts = parts.map(|said| of_parts(&value, said, |id| answers.get(&id)));
    Ok((of_item(&value, &sources), parts.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use store::ConsensusPart;

    fn boxed(id: &str, class: &str, attributes: Value) -> Answer {
        let shape = json!({ "type": "box", "x": 0, "y": 0, "width": 9, "height": 9 });
        let object = json!({ "id": id, "class": class, "shape": shape, "attributes": attributes });
        serde_json::from_value(json!({ "objects": [object] })).unwrap()
    }

    #[test]
    fn those_who_marked_the_same_and_call_it_the_same_have_a_vote() {
        let label = boxed("c1", "car", json!({ "hidden": true, "colour": "red" }));
        let answers = [
            boxed("a", "car", json!({ "hidden": true, "colour": "red" })),
            boxed("b", "car", json!({ "hidden": true })),
            boxed("c", "bus", json!({ "hidden": false })),
        ];
        let marks = (1..=3).zip(["a", "b", "c"]).map(|(id, own)| (AnswerId(id), own.to_string()));
        let part = ConsensusPart {
            id: "c1".into(),
            presence: 1.0,
            confidence: 1.0,
            claimed: None,
            marks: marks.collect(),
        };
        let said = Consensus { value: None, answers: vec![], parts: vec![part] };
        let of = |id: AnswerId| answers.get(id.0 as usize - 1);
        let found = &of_parts(&label, &said, of)["c1"];
        assert_eq!(found["hidden"], Votes { same: 2, all: 2 }, "a bus is another thing");
        assert_eq!(found["colour"], Votes { same: 1, all: 2 });
        let alone = of_parts(&label, &said, |id| of(id).filter(|_| id.0 == 1));
        assert!(alone.is_empty(), "one agrees with itself: {alone:?}");
    }

    #[test]
    fn of_the_item_those_who_choose_the_same_have_a_vote() {
        let answer = |choice: &str, sure: bool| -> Answer {
            let answer = json!({ "choices": [choice], "attributes": { "sure": sure } });
            serde_json::from_value(answer).unwrap()
        };
        let answers = [answer("rain", true), answer("rain", false), answer("sun", true)];
        let sources: Vec<&Answer> = answers.iter().collect();
        let found = of_item(&answers[0], &sources);
        assert_eq!(found["sure"], Votes { same: 1, all: 2 });
        assert!((found["sure"].share() - 0.5).abs() < 1e-12);
    }
}
