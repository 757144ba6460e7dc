//! What a format could not hold: nothing is left out in silence.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many examples of each kind of loss are kept.
const EXAMPLES_MAX: usize = 5;

/// Counts what could not be carried over, by kind, with a few examples of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LossReport {
    pub losses: BTreeMap<&'static str, Loss>,
}

/// Tells how often one kind of thing was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Loss {
    pub count: u64,
    /// Up to five places where it happened.
    pub examples: Vec<String>,
}

impl LossReport {
    /// Says whether everything was carried over.
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// Returns how often `kind` was lost.
    pub fn count(&self, kind: &str) -> u64 {
        self.losses.get(kind).map_or(0, |loss| loss.count)
    }

    pub fn add(&mut self, kind: &'static str, example: impl FnOnce() -> String) {
        let loss = self.losses.entry(kind).or_default();
        loss.count += 1;
        if loss.examples.len() < EXAMPLES_MAX {
            loss.examples.push(example().chars().take(200).collect());
        }
    }

    /// Adds what was lost elsewhere on the way.
    pub fn merge(&mut self, other: LossReport) {
        for (kind, Loss { count, examples }) in other.losses {
            let loss = self.losses.entry(kind).or_default();
            loss.count += count;
            let room = EXAMPLES_MAX.saturating_sub(loss.examples.len());
            loss.examples.extend(examples.into_iter().take(room));
        }
    }
}
