//! The rules of the engine: plain types and pure decisions.
//!
//! Nothing here reads a clock, draws a random number, or touches a disk or a socket. What a rule
//! needs to know, it is told; what must happen, it returns.

pub mod answers;
mod between;
pub mod cameras;
pub mod comments;
pub mod cuboids;
pub mod curves;
pub mod ids;
pub mod ledger;
pub mod limits;
pub mod mask;
pub mod ontology;
pub mod people;
pub mod projects;
pub mod quality;
pub mod queue;
pub mod relations;
pub mod scenes;
pub mod shapes;
mod skeletons;
pub mod spans;
pub mod suggestions;
mod templates;
pub mod tracks;
pub mod workflow;

pub use ids::*;
pub use people::{Actor, Role};

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn plus_ms(self, duration_ms: i64) -> Self {
        Self(self.0.saturating_add(duration_ms))
    }
}

/// One thing that is wrong with what was sent, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where, in the sender's own words: `objects[3].shape.points[2]`.
    pub path: String,
    /// A code that a program may rely on.
    pub code: String,
    /// A sentence that tells a person how to mend it.
    pub message: String,
}

impl Problem {
    pub fn new(path: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code: code.into(), message: message.into() }
    }
}
