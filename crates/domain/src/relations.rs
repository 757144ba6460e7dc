//! How the things of an answer stand to each other (rules O10 and A50–A53 of `docs/spec/answers.md`): relations from
//! one to another, and groups of several.

use crate::answers::Answer;
use crate::ontology::Ontology;
use crate::projects::Question;
use crate::{Problem, limits};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A kind of relation, as the ontology has it (O10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationKind {
    pub key: String,
    pub name: String,
    /// The classes that it may begin at, with their descendants; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// The classes that it may lead to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    #[serde(default, skip_serializing_if = "Direction::is_one_way")]
    pub direction: Direction,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What begins and what follows are told apart.
    #[default]
    OneWay,
    /// Either end may be called the beginning.
    BothWays,
}

impl Direction {
    fn is_one_way(&self) -> bool {
        *self == Direction::OneWay
    }
}

/// One thing of the answer stands so to another (A50).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The key of its kind.
    pub relation: String,
    /// The id of an object, or of a span where the project asks for spans.
    pub from: String,
    pub to: String,
}

/// The highest number that a group may have (A53).
pub const GROUP_MAX: u32 = 1_000_000;

impl RelationKind {
    /// Whether it may lead from a thing of the one class to a thing of the other.
    pub fn joins(&self, ontology: &Ontology, from: &str, to: &str) -> bool {
        let fits = |classes: &[String], class: &str| {
            classes.is_empty()
                || ontology.lineage(class).any(|key| classes.iter().any(|c| c == key))
        };
        let there = |a: &str, b: &str| fits(&self.from, a) && fits(&self.to, b);
        there(from, to) || (self.direction == Direction::BothWays && there(to, from))
    }
}

/// Judges the relations of an answer one after the other (A50–A52).
pub struct Judge<'a> {
    ontology: &'a Ontology,
    ends: &'static str,
    classes: HashMap<&'a str, &'a str>,
    seen: HashSet<Relation>,
}

/// Where in a relation something is wrong, its code, and a sentence.
pub type RelationFault = (&'static str, &'static str, String);

impl<'a> Judge<'a> {
    /// Relations lead between the objects of the answer, or its spans where the question asks for spans.
    pub fn new(ontology: &'a Ontology, answer: &'a Answer, question: &Question) -> Self {
        let (ends, classes) = if question.spans {
            ("spans", answer.spans.iter().map(|one| (&*one.id, &*one.class)).collect())
        } else {
            ("objects", answer.objects.iter().map(|one| (&*one.id, &*one.class)).collect())
        };
        Self { ontology, ends, classes, seen: HashSet::new() }
    }

    /// Everything that is wrong with the next one; nothing where it may be said.
    pub fn faults(&mut self, one: &Relation) -> Vec<RelationFault> {
        let Some(kind) = self.ontology.relation(&one.relation) else {
            let message = format!("there is no relation {}", one.relation);
            return vec![(".relation", "unknown_relation", message)];
        };
        let mut faults = Vec::new();
        let class = |id: &str| self.classes.get(id).copied();
        for (at, id) in [(".from", &one.from), (".to", &one.to)] {
            if class(id).is_none() {
                faults.push((
                    at,
                    "unknown_end",
                    format!("there is no {id} among the {}", self.ends),
                ));
            }
        }
        if one.from == one.to {
            faults.push(("", "to_itself", "a relation leads to something else".into()));
        } else if let (Some(from), Some(to)) = (class(&one.from), class(&one.to))
            && !kind.joins(self.ontology, from, to)
        {
            let message = format!("{} does not lead from {from} to {to}", kind.name);
            faults.push(("", "wrong_ends", message));
        }
        // Of one that goes both ways, the lesser end counts as the first.
        let mut sense = one.clone();
        if kind.direction == Direction::BothWays && sense.to < sense.from {
            std::mem::swap(&mut sense.from, &mut sense.to);
        }
        if !self.seen.insert(sense) {
            faults.push(("", "duplicate", "this relation stands twice".into()));
        }
        faults
    }
}

/// Adds what is wrong with the relations of an answer.
pub(crate) fn check(
    question: &Question,
    ontology: &Ontology,
    answer: &Answer,
    problems: &mut Vec<Problem>,
) {
    if answer.relations.len() > limits::OBJECTS_MAX {
        let message = "an answer has at most 50,000 relations";
        problems.push(Problem::new("relations", "too_many", message));
        return;
    }
    let mut judge = Judge::new(ontology, answer, question);
    for (i, one) in answer.relations.iter().enumerate() {
        for (at, code, message) in judge.faults(one) {
            problems.push(Problem::new(format!("relations[{i}]{at}"), code, message));
        }
    }
}

/// Adds what is wrong with the number of a group (A53).
pub(crate) fn check_group(group: Option<u32>, path: &str, problems: &mut Vec<Problem>) {
    if group.is_some_and(|group| !(1..=GROUP_MAX).contains(&group)) {
        let message = "a group is a number from 1 to 1,000,000";
        problems.push(Problem::new(format!("{path}.group"), "bad_group", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::{self, Bounds};
    use crate::projects::{Media, ShapeKind};
    use serde_json::{Value, json};

    fn ontology() -> Ontology {
        serde_json::from_value(json!({
            "classes": [
                { "key": "vehicle", "name": "Vehicle", "color": "#112233" },
                { "key": "car", "name": "Car", "color": "#112233", "parent": "vehicle" },
                { "key": "trailer", "name": "Trailer", "color": "#112233" },
            ],
            "relations": [
                { "key": "pulls", "name": "Pulls", "from": ["vehicle"], "to": ["trailer"] },
                { "key": "near", "name": "Near", "direction": "both_ways" },
            ],
        }))
        .unwrap()
    }

    fn problems(relations: Value) -> Vec<String> {
        let shape = json!({ "type": "box", "x": 0, "y": 0, "width": 9, "height": 9 });
        let answer = serde_json::from_value(json!({
            "objects": [
                { "id": "c", "class": "car", "shape": shape },
                { "id": "t", "class": "trailer", "shape": shape, "group": 4 },
                { "id": "u", "class": "trailer", "shape": shape, "group": 4 },
            ],
            "relations": relations,
        }))
        .unwrap();
        let question = Question {
            media: Media::Image,
            shapes: vec![ShapeKind::Box],
            choice: None,
            spans: false,
        };
        answers::check(&question, &ontology(), Bounds::picture(50.0, 50.0), &answer)
            .into_iter()
            .map(|p| format!("{} {}", p.path, p.code))
            .collect()
    }

    #[test]
    fn what_may_be_said_of_two_things() {
        let link = |relation: &str, from: &str, to: &str| json!({ "relation": relation, "from": from, "to": to });
        assert_eq!(problems(json!([link("pulls", "c", "t"), link("near", "t", "c")])), [""; 0]);
        let got = problems(json!([
            link("pulls", "t", "c"),
            link("hits", "c", "t"),
            link("near", "c", "x"),
            link("near", "c", "c"),
            link("near", "c", "t"),
            link("near", "t", "c"),
            link("pulls", "c", "t"),
            link("pulls", "c", "t"),
        ]));
        assert_eq!(
            got,
            [
                "relations[0] wrong_ends",
                "relations[1].relation unknown_relation",
                "relations[2].to unknown_end",
                "relations[3] to_itself",
                "relations[5] duplicate",
                "relations[7] duplicate",
            ]
        );
    }

    #[test]
    fn what_is_wrong_with_a_kind() {
        let mut ontology = ontology();
        assert_eq!(ontology.check(), []);
        let without = Ontology { relations: vec![], ..ontology.clone() };
        assert_eq!(ontology.dropped_keys(&without)[0].path, "relation:pulls");
        ontology.relations[0].to = vec!["moon".into()];
        ontology.relations[1].key = "pulls".into();
        let told: Vec<String> =
            ontology.check().iter().map(|p| format!("{} {}", p.path, p.code)).collect();
        assert_eq!(told, ["relations[0].to[0] unknown_class", "relations[1].key duplicate_key"]);
    }
}
