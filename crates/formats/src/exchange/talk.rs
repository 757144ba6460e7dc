//! What is said, and which of several answers is better: the part of an [`Item`] that is a conversation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Item, Mark, Place};
use crate::loss::LossReport;

/// Holds one message of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// `system`, `user`, `assistant`, `tool`, …; empty where the text is nobody's message, as a bare prompt is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// What is said; none where the message only calls tools, or is made of parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The other fields of the message: `name`, `tool_calls`, `tool_call_id`, the parts of its `content`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub more: Map<String, Value>,
}

/// Holds one of the answers that are compared or judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    pub id: String,
    /// The model that gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    pub turns: Vec<Turn>,
}

/// Says what of a conversation a mark is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Talk {
    /// One turn, counted from 0: of the candidate `of`, or of what was said before any.
    Turn { of: Option<String>, at: u64 },
    /// One candidate, by its id.
    Candidate(String),
    /// Candidates from the best to the worst; those that share a list are as good as one another.
    Ranking {
        order: Vec<Vec<String>>,
        /// Nobody is good enough, whatever the order.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        all_bad: bool,
    },
}

impl Talk {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Talk::Turn { .. } => "mark_of_a_turn",
            Talk::Candidate(_) => "mark_of_a_candidate",
            Talk::Ranking { .. } => "ranking",
        }
    }
}

impl Turn {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    pub(super) fn new(role: &str, text: impl Into<String>) -> Self {
        Self { role: role.into(), ..Self::plain(text) }
    }

    pub(super) fn is_plain(&self) -> bool {
        self.role.is_empty() && self.more.is_empty()
    }
}

impl Candidate {
    pub(super) fn new(id: &str, turns: Vec<Turn>) -> Self {
        Self { id: id.into(), turns, ..Self::default() }
    }
}

impl Mark {
    pub(super) fn talk(class: impl Into<String>, talk: Talk) -> Self {
        Self { class: class.into(), place: Place::Talk(talk), ..Self::default() }
    }

    pub(super) fn ranking(order: Vec<Vec<String>>) -> Self {
        Self::talk("", Talk::Ranking { order, all_bad: false })
    }
}

impl Item {
    pub(super) fn candidate(&self, id: &str) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.id == id)
    }

    /// What was said before any candidate; a text that is no conversation is a bare prompt.
    pub(super) fn said(&self) -> Vec<Turn> {
        match &self.text {
            Some(text) if self.turns.is_empty() => vec![Turn::plain(text.as_str())],
            _ => self.turns.clone(),
        }
    }
}

/// Counts what of a conversation a format for other things has no place for.
pub(super) fn lose_talk(item: &Item, losses: &mut LossReport) {
    if !item.turns.is_empty() {
        losses.add("conversation", || item.name.clone());
    }
    for candidate in &item.candidates {
        losses.add("candidate", || format!("{}: {}", item.name, candidate.id));
    }
}

/// How many turns two conversations begin with in common.
pub(super) fn shared(a: &[Turn], b: &[Turn]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
