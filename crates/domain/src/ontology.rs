//! What may be said of an item: classes and attributes (rules O1–O8 of `docs/spec/answers.md`).

use crate::{Problem, limits};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ontology {
    #[serde(default)]
    pub classes: Vec<Class>,
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Names the class for ever; answers hold this and nothing else (O1).
    pub key: String,
    pub name: String,
    pub color: String,
    #[serde(default)]
    pub hotkey: Option<String>,
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its own, or else that of the nearest ancestor that has one (O7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skeleton: Option<Skeleton>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// The named points of an object, and which of them are joined (O7).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skeleton {
    pub points: Vec<Keypoint>,
    /// Pairs of places in `points`, from 0.
    #[serde(default)]
    pub edges: Vec<[usize; 2]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keypoint {
    pub key: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    pub key: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    pub scope: Scope,
    /// Which classes it applies to, with their descendants; none means all (O4).
    #[serde(default)]
    pub classes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    #[serde(default)]
    pub required: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Of an object in a video: whether it may be another at each keyframe (O8).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_frame: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub key: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Boolean,
    Select,
    Multi,
    Text,
    Number,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Object,
    Item,
}

impl Ontology {
    pub fn class(&self, key: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.key == key)
    }

    /// Whether `attribute` is asked of objects of `class` (O4).
    pub fn applies(&self, attribute: &Attribute, class: &str) -> bool {
        if attribute.scope != Scope::Object {
            return false;
        }
        attribute.classes.is_empty()
            || self.lineage(class).any(|key| attribute.classes.iter().any(|wanted| wanted == key))
    }

    /// The skeleton that objects of `class` have (O7).
    pub fn skeleton(&self, class: &str) -> Option<&Skeleton> {
        self.lineage(class).find_map(|key| self.class(key)?.skeleton.as_ref())
    }

    /// The class and its ancestors, the nearest first.
    fn lineage<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a str> {
        let parent = |key: &&'a str| self.class(key).and_then(|class| class.parent.as_deref());
        // The parents of a checked ontology have no circle; the bound is for one that was not.
        std::iter::successors(Some(class), parent).take(self.classes.len() + 1)
    }

    /// Everything that is wrong with the ontology, at once.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.classes.len() > limits::CLASSES_MAX {
            problems.push(Problem::new(
                "classes",
                "too_many",
                "an ontology has at most 2,000 classes",
            ));
        }
        if self.attributes.len() > limits::ATTRIBUTES_MAX {
            problems.push(Problem::new(
                "attributes",
                "too_many",
                "an ontology has at most 200 attributes",
            ));
        }
        if !problems.is_empty() {
            return problems;
        }
        self.check_classes(&mut problems);
        for (i, attribute) in self.attributes.iter().enumerate() {
            self.check_attribute(&format!("attributes[{i}]"), attribute, &mut problems);
        }
        check_unique(self.attributes.iter().map(|a| a.key.as_str()), "attributes", &mut problems);
        problems
    }

    fn check_classes(&self, problems: &mut Vec<Problem>) {
        check_unique(self.classes.iter().map(|c| c.key.as_str()), "classes", problems);
        let mut parents: HashMap<&str, Option<&str>> = HashMap::new();
        for class in &self.classes {
            // Of a key that stands twice, the first counts; that it does is told above.
            parents.entry(class.key.as_str()).or_insert(class.parent.as_deref());
        }
        let mut hotkeys: HashMap<&str, &str> = HashMap::new();
        for (i, class) in self.classes.iter().enumerate() {
            let path = format!("classes[{i}]");
            check_key(&path, &class.key, problems);
            check_name(&path, &class.name, problems);
            if !is_color(&class.color) {
                let message = "a colour is written #rrggbb, for instance #1971c2";
                problems.push(Problem::new(format!("{path}.color"), "bad_color", message));
            }
            if let Some(hotkey) = class.hotkey.as_deref() {
                let fine = hotkey.len() == 1
                    && hotkey.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
                if !fine {
                    let message = "a hotkey is one character 0-9 or a-z";
                    problems.push(Problem::new(format!("{path}.hotkey"), "bad_hotkey", message));
                } else if !class.retired
                    && let Some(other) = hotkeys.insert(hotkey, &class.name)
                {
                    let message = format!("the key {hotkey} already belongs to {other}");
                    problems.push(Problem::new(format!("{path}.hotkey"), "hotkey_taken", message));
                }
            }
            if let Some(skeleton) = &class.skeleton {
                check_skeleton(&format!("{path}.skeleton"), skeleton, problems);
            }
            if let Some(parent) = class.parent.as_deref() {
                if !parents.contains_key(parent) {
                    let message = format!("there is no class {parent}");
                    problems.push(Problem::new(format!("{path}.parent"), "unknown_class", message));
                } else if is_circle(&class.key, &parents) {
                    let message = "a class cannot be its own ancestor";
                    problems.push(Problem::new(format!("{path}.parent"), "circle", message));
                }
            }
        }
    }

    fn check_attribute(&self, path: &str, attribute: &Attribute, problems: &mut Vec<Problem>) {
        check_key(path, &attribute.key, problems);
        check_name(path, &attribute.name, problems);
        for (j, class) in attribute.classes.iter().enumerate() {
            if self.class(class).is_none() {
                let message = format!("there is no class {class}");
                problems.push(Problem::new(
                    format!("{path}.classes[{j}]"),
                    "unknown_class",
                    message,
                ));
            }
        }
        if attribute.per_frame && attribute.scope == Scope::Item {
            let message = "only what is said of objects may change from frame to frame";
            problems.push(Problem::new(format!("{path}.per_frame"), "not_of_objects", message));
        }
        let has_options = matches!(attribute.kind, Kind::Select | Kind::Multi);
        if has_options && attribute.options.iter().all(|option| option.retired) {
            let message = "a list of options needs at least one option";
            problems.push(Problem::new(format!("{path}.options"), "no_options", message));
        }
        if !has_options && !attribute.options.is_empty() {
            let message = "only the types select and multi have options";
            problems.push(Problem::new(format!("{path}.options"), "no_options_here", message));
        }
        if attribute.options.len() > limits::OPTIONS_MAX {
            problems.push(Problem::new(
                format!("{path}.options"),
                "too_many",
                "at most 1,000 options",
            ));
        }
        check_unique(
            attribute.options.iter().map(|o| o.key.as_str()),
            &format!("{path}.options"),
            problems,
        );
        for (j, option) in attribute.options.iter().enumerate() {
            check_key(&format!("{path}.options[{j}]"), &option.key, problems);
            check_name(&format!("{path}.options[{j}]"), &option.name, problems);
        }
        if let (Some(min), Some(max)) = (attribute.min, attribute.max)
            && min > max
        {
            problems.push(Problem::new(format!("{path}.min"), "min_above_max", "min is above max"));
        }
        if let Some(default) = &attribute.default
            && let Err(problem) =
                crate::answers::check_value(attribute, default, &format!("{path}.default"))
        {
            problems.push(problem);
        }
    }

    /// Keys that `next` no longer has, by path; an answer may still hold them (O6).
    pub fn dropped_keys(&self, next: &Ontology) -> Vec<Problem> {
        let gone = |what: &str, key: &str| {
            let message =
                format!("the {what} {key} may be in use: retire it instead of removing it");
            Problem::new(format!("{what}:{key}"), "key_in_use", message)
        };
        let mut problems = Vec::new();
        for class in &self.classes {
            if next.class(&class.key).is_none() {
                problems.push(gone("class", &class.key));
                continue;
            }
            let keys = |skeleton: &Skeleton| -> Vec<String> {
                skeleton.points.iter().map(|point| point.key.clone()).collect()
            };
            let before = self.skeleton(&class.key).map(keys);
            if before.is_some() && before != next.skeleton(&class.key).map(keys) {
                let message = format!(
                    "the points of the skeleton of {} are in use and stay as they are",
                    class.key
                );
                let path = format!("class:{}", class.key);
                problems.push(Problem::new(path, "skeleton_changed", message));
            }
        }
        for attribute in &self.attributes {
            let Some(after) = next.attributes.iter().find(|a| a.key == attribute.key) else {
                problems.push(gone("attribute", &attribute.key));
                continue;
            };
            if after.kind != attribute.kind {
                let message =
                    format!("the attribute {} keeps its type; make a new one", attribute.key);
                problems.push(Problem::new(
                    format!("attribute:{}", attribute.key),
                    "type_changed",
                    message,
                ));
            }
            for option in &attribute.options {
                if !after.options.iter().any(|o| o.key == option.key) {
                    problems.push(gone("option", &format!("{}.{}", attribute.key, option.key)));
                }
            }
        }
        problems
    }
}

fn check_skeleton(path: &str, skeleton: &Skeleton, problems: &mut Vec<Problem>) {
    let count = skeleton.points.len();
    if !(1..=limits::SKELETON_POINTS_MAX).contains(&count) {
        let message = "a skeleton has 1 to 200 points";
        problems.push(Problem::new(format!("{path}.points"), "point_count", message));
    }
    for (i, point) in skeleton.points.iter().enumerate() {
        check_key(&format!("{path}.points[{i}]"), &point.key, problems);
        check_name(&format!("{path}.points[{i}]"), &point.name, problems);
    }
    let keys = skeleton.points.iter().map(|point| point.key.as_str());
    check_unique(keys, &format!("{path}.points"), problems);
    for (i, [from, to]) in skeleton.edges.iter().enumerate() {
        if from == to || *from >= count || *to >= count {
            let message = "an edge joins two of the points, by their places from 0";
            problems.push(Problem::new(format!("{path}.edges[{i}]"), "bad_edge", message));
        }
    }
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_circle(start: &str, parents: &HashMap<&str, Option<&str>>) -> bool {
    let mut seen = HashSet::new();
    let mut here = start;
    while let Some(Some(parent)) = parents.get(here) {
        if *parent == start || !seen.insert(*parent) {
            return true;
        }
        here = parent;
    }
    false
}

/// Whether a text may be a key (O1).
pub fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

fn check_key(path: &str, key: &str, problems: &mut Vec<Problem>) {
    if !is_key(key) {
        let message = "a key has 1 to 64 characters a-z, 0-9, _ and -";
        problems.push(Problem::new(format!("{path}.key"), "bad_key", message));
    }
}

fn check_name(path: &str, name: &str, problems: &mut Vec<Problem>) {
    let count = name.chars().count();
    if name.trim().is_empty() || count > limits::NAME_CHARS_MAX {
        let message = "a name has 1 to 200 characters";
        problems.push(Problem::new(format!("{path}.name"), "bad_name", message));
    }
}

fn check_unique<'a>(keys: impl Iterator<Item = &'a str>, path: &str, problems: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    for (i, key) in keys.enumerate() {
        if !seen.insert(key) {
            let message = format!("the key {key} stands twice");
            problems.push(Problem::new(format!("{path}[{i}].key"), "duplicate_key", message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(value: serde_json::Value) -> Vec<String> {
        let ontology: Ontology = serde_json::from_value(value).unwrap();
        ontology.check().into_iter().map(|p| format!("{} {}", p.path, p.code)).collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let got = problems(json!({
            "classes": [
                { "key": "Car", "name": "", "color": "red", "hotkey": "F1", "parent": "nobody" },
                { "key": "a", "name": "A", "color": "#112233", "hotkey": "1", "parent": "b" },
                { "key": "b", "name": "B", "color": "#112233", "hotkey": "1", "parent": "a" },
                { "key": "b", "name": "B", "color": "#112233" },
            ],
            "attributes": [
                { "key": "x", "name": "X", "type": "select", "scope": "object", "classes": ["zzz"] },
                { "key": "y", "name": "Y", "type": "number", "scope": "item", "min": 3, "max": 2, "default": "no" },
                { "key": "y", "name": "Y", "type": "boolean", "scope": "item", "options": [{ "key": "q", "name": "Q" }] },
            ],
        }));
        for want in [
            "classes[0].key bad_key",
            "classes[0].name bad_name",
            "classes[0].color bad_color",
            "classes[0].hotkey bad_hotkey",
            "classes[0].parent unknown_class",
            "classes[1].parent circle",
            "classes[2].hotkey hotkey_taken",
            "classes[3].key duplicate_key",
            "attributes[0].options no_options",
            "attributes[0].classes[0] unknown_class",
            "attributes[1].min min_above_max",
            "attributes[1].default wrong_type",
            "attributes[2].key duplicate_key",
            "attributes[2].options no_options_here",
        ] {
            assert!(got.iter().any(|p| p == want), "{want} is missing of {got:#?}");
        }
    }

    #[test]
    fn an_attribute_applies_to_descendants() {
        let ontology: Ontology = serde_json::from_value(json!({
            "classes": [
                { "key": "vehicle", "name": "Vehicle", "color": "#112233" },
                { "key": "car", "name": "Car", "color": "#112233", "parent": "vehicle" },
                { "key": "tree", "name": "Tree", "color": "#112233" },
            ],
            "attributes": [{ "key": "lit", "name": "Lit", "type": "boolean", "scope": "object", "classes": ["vehicle"] }],
        })).unwrap();
        assert!(ontology.check().is_empty());
        let lit = &ontology.attributes[0];
        assert!(ontology.applies(lit, "vehicle") && ontology.applies(lit, "car"));
        assert!(!ontology.applies(lit, "tree"));
    }

    #[test]
    fn a_key_in_use_may_be_renamed_but_not_removed() {
        let ontology = |value| -> Ontology { serde_json::from_value(value).unwrap() };
        let before =
            ontology(json!({ "classes": [{ "key": "car", "name": "Car", "color": "#112233" }] }));
        let renamed = ontology(
            json!({ "classes": [{ "key": "car", "name": "Motor car", "color": "#112233" }] }),
        );
        assert!(before.dropped_keys(&renamed).is_empty());
        assert_eq!(before.dropped_keys(&Ontology::default())[0].code, "key_in_use");
    }
}
