//! Passages of a text (rules A16–A18 of `docs/spec/answers.md`).

use crate::Problem;
use crate::ontology::{Attribute, Ontology};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A passage of some class. Passages may nest, overlap and cross lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub id: String,
    pub class: String,
    /// Code points of the text before it.
    pub start: u64,
    /// The same, of what follows it: the last of its own is the one before.
    pub end: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Things of the same number belong together (A53).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
}

impl Span {
    /// What it covers, in the manner of a shape: as long as it has code points, and one high.
    pub fn outline(&self) -> Vec<[f64; 2]> {
        let (start, end) = (self.start as f64, self.end as f64);
        vec![[start, 0.0], [end, 0.0], [end, 1.0], [start, 1.0]]
    }

    /// Adds what is wrong with it, in a text of so many code points where that is known.
    pub(crate) fn check(&self, text: Option<u64>, path: &str, problems: &mut Vec<Problem>) {
        if self.start >= self.end {
            let message = "a span has at least one character: its end comes after its start";
            problems.push(Problem::new(path, "empty", message));
        } else if let Some(length) = text.filter(|length| self.end > *length) {
            let message = format!("outside the text of {length} characters");
            problems.push(Problem::new(format!("{path}.end"), "outside", message));
        }
    }
}

/// The ids of a list, and what may be said of its things: the same for objects and spans.
pub(crate) struct Things<'a> {
    ontology: &'a Ontology,
    seen: HashSet<&'a str>,
}

impl<'a> Things<'a> {
    pub(crate) fn new(ontology: &'a Ontology) -> Self {
        Self { ontology, seen: HashSet::new() }
    }

    /// Adds what is wrong with the id and the class of one of them (A2).
    pub(crate) fn check(
        &mut self,
        id: &'a str,
        class: &str,
        path: &str,
        problems: &mut Vec<Problem>,
    ) {
        let id_is_fine = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !id_is_fine {
            let message = "an id has 1 to 64 characters A-Z, a-z, 0-9, _ and -";
            problems.push(Problem::new(format!("{path}.id"), "bad_id", message));
        }
        if !self.seen.insert(id) {
            problems.push(Problem::new(format!("{path}.id"), "duplicate", "this id stands twice"));
        }
        if self.ontology.class(class).is_none() {
            let message = format!("there is no class {class}");
            problems.push(Problem::new(format!("{path}.class"), "unknown_class", message));
        }
    }

    /// The attributes that things of this class have (O4).
    pub(crate) fn asked(&self, class: &str) -> Vec<&'a Attribute> {
        let ontology = self.ontology;
        ontology.attributes.iter().filter(|one| ontology.applies(one, class)).collect()
    }
}

/// Adds, of spans that say the same as one before them, each (A17).
pub(crate) fn check_repeats(spans: &[Span], problems: &mut Vec<Problem>) {
    let mut seen: HashMap<(&str, u64, u64), usize> = HashMap::new();
    for (i, span) in spans.iter().enumerate() {
        if let Some(first) = seen.insert((&span.class, span.start, span.end), i) {
            let message = format!("the same passage is marked as the same class by spans[{first}]");
            problems.push(Problem::new(format!("spans[{i}]"), "duplicate", message));
        }
    }
}
