//! What a plan makes of tasks whose number of answers it did not choose.
//!
//! An adaptive plan gives the hard tasks many answers and the easy ones few, so nothing that is counted over its own
//! tasks tells what a fixed number would have made of them. Two kinds of task tell: the audited, which are drawn by their id (F8), and gold.
//! Each is replayed: its answers are taken in the order in which they came, until the plan would have had enough.

use super::Model;
use crate::{gold, opinions};
use domain::answers::Answer;
use domain::projects::{Plan, Quality, Slice};
use domain::workflow::{Next, after_label};
use domain::{PersonId, TaskId};

/// What contributors said of one item, in the order in which they came.
pub(super) type Came<'a> = Vec<(PersonId, &'a Answer)>;

/// Where a plan would have stopped, and what it would have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Whether what the plan would have said is right, where that is known. Nothing here was told of it.
    pub right: Option<bool>,
    /// The same of what the fixed number says, where nobody is weighed.
    pub vote_right: Option<bool>,
    /// Whether the two say the same.
    pub same: bool,
    /// After how many answers the plan would have said it.
    pub answers: usize,
    /// Whether there are as many answers as the fixed number, of which the vote was made.
    pub is_full: bool,
    /// Whether the plan would have asked for more answers than there are.
    pub asks_more: bool,
    /// Whether it would have called for an expert.
    pub escalates: bool,
    /// Whether the task was drawn, and not chosen.
    pub audited: bool,
}

/// Audited tasks that are replayed, the latest: marks take longer to be brought together than words.
pub(super) fn most_audited(model: &Model) -> usize {
    if model.marks_things() { 500 } else { 10_000 }
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
    task: TaskId,
    known: Option<&Answer>,
    came: &Came<'_>,
) -> Replayed {
    let came = &came[..came.len().min(most_of(plan))];
    let given: Vec<&Answer> = came.iter().map(|(_, answer)| *answer).collect();
    let asked = model.asked();
    let fixed = &given[..given.len().min(plan.overlap as usize)];
    let vote = opinions::fused(asked.question, fixed)
        .map_or_else(|| fixed[opinions::of(asked, fixed).voice].clone(), |fused| fused.value);
    let mut label = given[0].clone();
    let mut found = Replayed {
        right: None,
        vote_right: None,
        same: false,
        answers: given.len(),
        is_full: given.len() >= plan.overlap as usize,
        asks_more: false,
        escalates: false,
        audited: false,
    };
    for count in 1..=given.len() {
        let Some((weighed, said)) = model.label(task, &came[..count]) else { continue };
        label = said;
        let Quality::Adaptive(adaptive) = plan.quality else { continue };
        let opinion = opinions::of(asked, &given[..count]);
        let wanted = adaptive.min.max(count as i64);
        let slice = Slice::Adaptive(adaptive);
        match after_label(plan, slice, wanted, &opinion, Some(&weighed.belief)) {
            Next::Wait | Next::More => found.asks_more = count == given.len(),
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
    let right = |said: &Answer| known.map(|known| gold::compare(asked, known, said).1);
    Replayed {
        right: right(&label),
        vote_right: right(&vote),
        same: gold::compare(asked, &vote, &label).1,
        ..found
    }
}
