//! The way of a task: label, then perhaps adjudicate or review, then done.
//!
//! - **F1** A task waits at the label stage until it has as many standing answers as its overlap.
//! - **F2** Answers that agree at least as much as the plan asks, without a tie, speak with one
//!   voice; otherwise an adjudicator decides.
//! - **F3** A plan with review sends that voice to a reviewer; without, it is the label.
//! - **F4** A reviewer accepts, fixes (the fixed answer is the label) or rejects with a clause and a
//!   reason; a rejected answer goes back to its contributor, and the task to the label stage.
//! - **F5** An adjudicator's answer is the label.
//! - **F6** A task that three different people have skipped waits for a manager.

use crate::limits;
use crate::projects::{Plan, Review};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Label,
    Review,
    Adjudicate,
}

impl Stage {
    pub const ALL: [Stage; 3] = [Stage::Label, Stage::Review, Stage::Adjudicate];

    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Label => "label",
            Stage::Review => "review",
            Stage::Adjudicate => "adjudicate",
        }
    }
}

impl std::str::FromStr for Stage {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Stage::ALL.into_iter().find(|stage| stage.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Queued,
    InProgress,
    InReview,
    Done,
    Canceled,
    Error,
}

impl TaskState {
    pub const ALL: [TaskState; 6] = [
        TaskState::Queued,
        TaskState::InProgress,
        TaskState::InReview,
        TaskState::Done,
        TaskState::Canceled,
        TaskState::Error,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Queued => "queued",
            TaskState::InProgress => "in_progress",
            TaskState::InReview => "in_review",
            TaskState::Done => "done",
            TaskState::Canceled => "canceled",
            TaskState::Error => "error",
        }
    }
}

impl std::str::FromStr for TaskState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        TaskState::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

/// What the standing answers of a task say together. Measured by `stats`, judged here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opinion {
    pub answers: i64,
    /// 0 to 1.
    pub agreement: f64,
    /// Whether another answer speaks for as many.
    pub tie: bool,
    /// Which of the answers speaks for all.
    pub voice: usize,
}

/// How a label came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Single,
    Agreement,
    Reviewed,
    Fixed,
    Adjudicated,
    Imported,
}

impl Method {
    pub const ALL: [Method; 6] = [
        Method::Single,
        Method::Agreement,
        Method::Reviewed,
        Method::Fixed,
        Method::Adjudicated,
        Method::Imported,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Method::Single => "single",
            Method::Agreement => "agreement",
            Method::Reviewed => "reviewed",
            Method::Fixed => "fixed",
            Method::Adjudicated => "adjudicated",
            Method::Imported => "imported",
        }
    }
}

impl std::str::FromStr for Method {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Method::ALL.into_iter().find(|method| method.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// More answers are needed (F1).
    Wait,
    /// A reviewer looks at this answer (F3).
    Review {
        voice: usize,
    },
    Adjudicate,
    Resolve {
        voice: usize,
        method: Method,
    },
}

/// Decides where a task goes after an answer at the label stage.
pub fn after_label(plan: &Plan, overlap: i64, opinion: &Opinion) -> Next {
    if opinion.answers < overlap {
        return Next::Wait;
    }
    let one_voice = overlap == 1 || (!opinion.tie && opinion.agreement >= plan.agreement_min);
    if !one_voice {
        return Next::Adjudicate;
    }
    let voice = opinion.voice;
    match plan.review {
        Review::All => Next::Review { voice },
        Review::None if overlap == 1 => Next::Resolve { voice, method: Method::Single },
        Review::None => Next::Resolve { voice, method: Method::Agreement },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Accept,
    Fix,
    Reject,
}

impl Verdict {
    pub const ALL: [Verdict; 3] = [Verdict::Accept, Verdict::Fix, Verdict::Reject];

    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Accept => "accept",
            Verdict::Fix => "fix",
            Verdict::Reject => "reject",
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerdictRefusal {
    #[error("a rejection names the clause of the instructions that the answer breaks")]
    ClauseMissing,
    #[error("the instructions have no such clause")]
    UnknownClause,
    #[error("a rejection gives a reason that the contributor can act on")]
    ReasonMissing,
    #[error("a reason has at most 4,000 characters")]
    ReasonTooLong,
    #[error("a fix brings the fixed answer")]
    AnswerMissing,
    #[error("only a fix brings an answer")]
    AnswerNotWanted,
}

/// Decides whether a verdict is complete (F4). `clauses` are those of the instructions in force;
/// where there are none, a reason alone must do.
pub fn check_verdict(
    verdict: Verdict,
    answer_given: bool,
    clause: Option<&str>,
    reason: Option<&str>,
    clauses: &[String],
) -> Result<(), VerdictRefusal> {
    match (verdict, answer_given) {
        (Verdict::Fix, false) => return Err(VerdictRefusal::AnswerMissing),
        (Verdict::Accept | Verdict::Reject, true) => return Err(VerdictRefusal::AnswerNotWanted),
        _ => {}
    }
    if reason.is_some_and(|reason| reason.chars().count() > limits::REASON_CHARS_MAX) {
        return Err(VerdictRefusal::ReasonTooLong);
    }
    if verdict == Verdict::Reject {
        match clause {
            None if !clauses.is_empty() => return Err(VerdictRefusal::ClauseMissing),
            Some(clause) if !clauses.iter().any(|known| known == clause) => {
                return Err(VerdictRefusal::UnknownClause);
            }
            _ => {}
        }
        if reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(VerdictRefusal::ReasonMissing);
        }
    }
    Ok(())
}

/// Whether a task that so many different people have skipped waits for a manager (F6).
pub fn is_stuck(skips: i64) -> bool {
    skips >= limits::SKIPS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_after_an_answer() {
        let plan = |review, agreement_min| Plan { review, agreement_min, ..Plan::default() };
        let opinion = |answers, agreement, tie| Opinion { answers, agreement, tie, voice: 0 };
        use Method::{Agreement, Single};
        let resolve = |method| Next::Resolve { voice: 0, method };
        let review = Next::Review { voice: 0 };
        for (review_plan, min, overlap, opinion, want) in [
            (Review::None, 0.5, 1, opinion(1, 1.0, false), resolve(Single)),
            (Review::All, 0.5, 1, opinion(1, 1.0, false), review),
            (Review::None, 0.5, 3, opinion(2, 1.0, false), Next::Wait),
            (Review::None, 0.5, 3, opinion(3, 0.66, false), resolve(Agreement)),
            (Review::None, 0.7, 3, opinion(3, 0.66, false), Next::Adjudicate),
            (Review::None, 0.5, 2, opinion(2, 0.5, true), Next::Adjudicate),
            (Review::All, 0.5, 3, opinion(3, 1.0, false), review),
            (Review::All, 0.5, 3, opinion(3, 0.3, false), Next::Adjudicate),
        ] {
            assert_eq!(
                after_label(&plan(review_plan, min), overlap, &opinion),
                want,
                "{min} {overlap} {opinion:?}"
            );
        }
    }

    #[test]
    fn a_verdict_is_complete_or_refused() {
        use Verdict::*;
        use VerdictRefusal::*;
        let clauses = vec!["boxes".to_string()];
        for (verdict, answer, clause, reason, want) in [
            (Accept, false, None, None, Ok(())),
            (Accept, true, None, None, Err(AnswerNotWanted)),
            (Fix, true, None, None, Ok(())),
            (Fix, false, None, None, Err(AnswerMissing)),
            (Reject, false, Some("boxes"), Some("too loose"), Ok(())),
            (Reject, false, None, Some("too loose"), Err(ClauseMissing)),
            (Reject, false, Some("moon"), Some("too loose"), Err(UnknownClause)),
            (Reject, false, Some("boxes"), Some("  "), Err(ReasonMissing)),
            (Reject, false, Some("boxes"), None, Err(ReasonMissing)),
        ] {
            assert_eq!(
                check_verdict(verdict, answer, clause, reason, &clauses),
                want,
                "{verdict:?} {clause:?}"
            );
        }
        assert_eq!(check_verdict(Reject, false, None, Some("blurred"), &[]), Ok(()));
    }
}
