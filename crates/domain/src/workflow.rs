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
//! - **F7** Under an adaptive plan a task asks for its fewest answers first, and then for one more at a time:
//!   until its label is as sure as the target, until the most are in, or until another is not worth its
//!   price. What reliable people contest goes to an adjudicator at once: more of the same would settle
//!   nothing. What ends below the target is judged as under F2.
//! - **F8** Of an adaptive plan, the tasks of the audit slice take a fixed number of answers (F1).
//! - **F9** What answers say together may be what none of them says: of marks, the objects that they share; of several classes, those that most
//!   likely hold. That is then what a reviewer sees and what the label is, and it says of which answers it was made. What a reviewer or an
//!   adjudicator has said stands as they said it: it is brought together with nothing.

use crate::limits;
use crate::projects::{Adaptive, Plan, Review, Slice};
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
    /// The answers, weighed by how reliable those are who gave them.
    Adaptive,
    Reviewed,
    Fixed,
    Adjudicated,
    Imported,
}

impl Method {
    pub const ALL: [Method; 7] = [
        Method::Single,
        Method::Agreement,
        Method::Adaptive,
        Method::Reviewed,
        Method::Fixed,
        Method::Adjudicated,
        Method::Imported,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Method::Single => "single",
            Method::Agreement => "agreement",
            Method::Adaptive => "adaptive",
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

/// What is believed of a task from its answers and what is known of those who gave them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Which of the answers says what is believed, or comes nearest to it (F9).
    pub voice: usize,
    /// How probable it is, 0 to 1, or of marks how much of it is expected to be so; calibrated, where there is gold enough.
    pub confidence: f64,
    /// How much another answer is expected to add to the confidence.
    pub hope: f64,
    /// Whether people who are known to be reliable stand on both sides.
    pub contested: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Answers that were asked for are still to come (F1).
    Wait,
    /// One more is asked for (F7, F8).
    More,
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

/// Decides where a task goes after an answer at the label stage. `overlap` is how many it has asked for.
pub fn after_label(
    plan: &Plan,
    slice: Slice,
    overlap: i64,
    opinion: &Opinion,
    belief: Option<&Belief>,
) -> Next {
    if opinion.answers < overlap {
        return Next::Wait;
    }
    match (slice, belief) {
        (Slice::Adaptive(adaptive), Some(belief)) => {
            match enough(&adaptive, opinion.answers, belief) {
                Enough::No => return Next::More,
                Enough::Contested => return Next::Adjudicate,
                Enough::Sure => return settle(plan, belief.voice, Method::Adaptive),
                Enough::Doubtful => {}
            }
        }
        (Slice::Adaptive(adaptive), None) if opinion.answers < adaptive.max => return Next::More,
        (Slice::Audit, _) if opinion.answers < plan.overlap => return Next::More,
        (Slice::Adaptive(_) | Slice::Audit | Slice::Fixed, _) => {}
    }
    let one_voice =
        opinion.answers == 1 || (!opinion.tie && opinion.agreement >= plan.agreement_min);
    match (one_voice, belief, opinion.answers) {
        (false, ..) => Next::Adjudicate,
        (true, Some(belief), _) => settle(plan, belief.voice, Method::Adaptive),
        (true, None, 1) => settle(plan, opinion.voice, Method::Single),
        (true, None, _) => settle(plan, opinion.voice, Method::Agreement),
    }
}

/// A voice that speaks for all goes to a reviewer, or is the label (F3).
fn settle(plan: &Plan, voice: usize, method: Method) -> Next {
    match plan.review {
        Review::All => Next::Review { voice },
        Review::None => Next::Resolve { voice, method },
    }
}

enum Enough {
    No,
    Sure,
    Contested,
    Doubtful,
}

/// Whether another answer is asked for (F7).
fn enough(plan: &Adaptive, answers: i64, belief: &Belief) -> Enough {
    if answers < plan.min {
        return Enough::No;
    }
    if belief.confidence >= plan.target {
        return Enough::Sure;
    }
    if belief.contested {
        return Enough::Contested;
    }
    if answers >= plan.max || belief.hope < plan.price { Enough::Doubtful } else { Enough::No }
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
                after_label(&plan(review_plan, min), Slice::Fixed, overlap, &opinion, None),
                want,
                "{min} {overlap} {opinion:?}"
            );
        }
    }

    #[test]
    fn the_way_of_an_adaptive_task() {
        use Method::{Adaptive as Weighed, Agreement};
        let adaptive = Adaptive { target: 0.9, min: 2, max: 5, price: 0.0, audit_share: 0.1 };
        let dear = Adaptive { price: 0.05, ..adaptive };
        let plan = Plan { overlap: 4, ..Plan::default() };
        let reviewed = Plan { review: Review::All, ..plan.clone() };
        let resolve = |voice, method| Next::Resolve { voice, method };
        // Of the second answer, with so much confidence and hope.
        let belief = |confidence, hope| Belief { voice: 1, confidence, hope, contested: false };
        let split = Belief { contested: true, ..belief(0.6, 0.01) };
        let (auditing, of) = (Slice::Audit, Slice::Adaptive);
        for (plan, slice, overlap, answers, agreement, belief, want) in [
            (&plan, of(adaptive), 2, 1, 1.0, Some(belief(0.99, 0.1)), Next::Wait),
            (&plan, of(adaptive), 2, 2, 1.0, Some(belief(0.95, 0.1)), resolve(1, Weighed)),
            (
                &reviewed,
                of(adaptive),
                2,
                2,
                1.0,
                Some(belief(0.95, 0.1)),
                Next::Review { voice: 1 },
            ),
            (&plan, of(adaptive), 2, 2, 1.0, Some(belief(0.89, 0.1)), Next::More),
            // Three had been asked for before the plan changed: fewer are never taken back.
            (&plan, of(adaptive), 3, 2, 1.0, Some(belief(0.95, 0.1)), Next::Wait),
            (&plan, of(dear), 2, 2, 1.0, Some(belief(0.8, 0.04)), resolve(1, Weighed)),
            (&plan, of(dear), 2, 2, 0.4, Some(belief(0.8, 0.04)), Next::Adjudicate),
            (&plan, of(adaptive), 4, 4, 0.5, Some(split), Next::Adjudicate),
            (&plan, of(adaptive), 5, 5, 0.8, Some(belief(0.7, 0.1)), resolve(1, Weighed)),
            (&plan, of(adaptive), 5, 5, 0.4, Some(belief(0.7, 0.1)), Next::Adjudicate),
            // Nothing is believed yet: all that may be asked are.
            (&plan, of(adaptive), 2, 2, 1.0, None, Next::More),
            (&plan, of(adaptive), 5, 5, 0.8, None, resolve(0, Agreement)),
            (&plan, auditing, 2, 2, 1.0, Some(belief(0.99, 0.0)), Next::More),
            (&plan, auditing, 4, 4, 1.0, Some(belief(0.99, 0.0)), resolve(1, Weighed)),
        ] {
            let opinion = Opinion { answers, agreement, tie: false, voice: 0 };
            let got = after_label(plan, slice, overlap, &opinion, belief.as_ref());
            assert_eq!(got, want, "{slice:?} {overlap} {opinion:?} {belief:?}");
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
