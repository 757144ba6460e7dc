//! What a plan makes of tasks whose number of answers it did not choose.
//!
//! An adaptive plan gives the hard tasks many answers and the easy ones few, so nothing that is counted over its own
//! tasks tells what a fixed number would have made of them. Two kinds of task tell: the audited, which are drawn by their id (F8), and gold.
//! Each is replayed: its answers are taken in the order in which they came, until the plan would have had enough.

use super::Model;
use domain::projects::{Plan, Quality, Slice};
use domain::workflow::{Next, Opinion, after_label};
use stats::agreement::plurality;

/// Audited tasks that are replayed, the latest.
pub(super) const AUDITED_MAX: usize = 10_000;

/// What contributors said of one item, in the order in which they came.
pub(super) type Came = Vec<(usize, usize)>;

/// Where a plan would have stopped, and what it would have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The class that it is, where that is known. Nothing here was told of it.
    pub known: Option<usize>,
    /// What the plan would have said, after how many answers.
    pub label: usize,
    pub answers: usize,
    /// What a plain vote of the fixed number says.
    pub vote: usize,
    /// Whether there are as many answers as the fixed number, of which the vote was made.
    pub is_full: bool,
    /// Whether the plan would have asked for more answers than there are.
    pub asks_more: bool,
    /// Whether it would have called for an expert.
    pub escalates: bool,
    /// Whether the task was drawn, and not chosen.
    pub audited: bool,
}

/// The most answers that a plan takes for one task.
pub(super) fn most_of(plan: &Plan) -> usize {
    let most = match plan.quality {
        Quality::Fixed => plan.overlap,
        Quality::Adaptive(adaptive) => adaptive.max.max(plan.overlap),
    };
    most as usize
}

/// Replays one item. `came` is not empty.
pub(super) fn replay(
    model: &Model,
    plan: &Plan,
    item: usize,
    known: Option<usize>,
    came: &[(usize, usize)],
) -> Replayed {
    let came = &came[..came.len().min(most_of(plan))];
    let said = model.voices(came);
    let labels: Vec<usize> = came.iter().map(|(_, label)| *label).collect();
    let fixed = labels.len().min(plan.overlap as usize);
    let mut found = Replayed {
        known,
        label: labels[0],
        answers: labels.len(),
        vote: labels[plurality(&labels[..fixed]).index],
        is_full: labels.len() >= plan.overlap as usize,
        asks_more: false,
        escalates: false,
        audited: false,
    };
    for count in 1..=labels.len() {
        let Some(belief) = model.believe(Some(item), &said[..count]) else { continue };
        found.label = labels[belief.voice];
        let Quality::Adaptive(adaptive) = plan.quality else { continue };
        let voice = plurality(&labels[..count]);
        let opinion = Opinion {
            answers: count as i64,
            agreement: voice.agreement,
            tie: voice.tie,
            voice: voice.index,
        };
        let asked = adaptive.min.max(count as i64);
        match after_label(plan, Slice::Adaptive(adaptive), asked, &opinion, Some(&belief)) {
            Next::Wait | Next::More => found.asks_more = count == labels.len(),
            Next::Adjudicate => {
                (found.answers, found.escalates) = (count, true);
                break;
            }
            Next::Review { .. } | Next::Resolve { .. } => {
                found.answers = count;
                break;
            }
        }
    }
    found
}
