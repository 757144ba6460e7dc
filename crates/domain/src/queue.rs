//! The lease: one contributor's time-limited right to a slot.
//!
//! A task with an overlap of three wants three answers at its label stage; each is given in a
//! slot, and each slot is answered once. The rules:
//!
//! - **L1** A slot that is free, or whose lease has run out, may be claimed.
//! - **L2** Only the holder may renew, release, skip or answer, and only under the latest fence.
//! - **L3** Every claim raises the fence, so the late answer of a former holder is refused.
//! - **L4** A lease that has run out but that nobody else has claimed may still be answered:
//!   no work is lost for want of a heartbeat.
//! - **L5** An answered slot does not change. The same submission again is a repeat, not an error;
//!   the same submission with another answer is refused.
//! - **L6** A slot sent back for rework belongs to its contributor until they answer it again or
//!   skip it; nobody else may claim it.
//! - **L7** A closed slot (its task is canceled or resolved) takes nothing more.
//!
//! Where several tasks could be handed out, an adaptive plan cares who gets which. Tasks that came back, because their answers leave a
//! doubt or somebody gave them up, are the doubtful ones; the others are fresh.
//!
//! - **R1** Who is known to be right about as often as the crowd, or more often, gets doubtful tasks first.
//! - **R2** Who is not known yet gets them first in a fifth of their claims ([`limits::DOUBTFUL_FLOOR`]), or nobody would ever become
//!   known by them. So does who is known and right less often: skill is an estimate, and people learn.
//! - **R3** Otherwise fresh tasks come first. Nobody goes without: what does not come first comes second.

use crate::{PersonId, SubmissionId, Timestamp, limits};

/// Which part of the queue is looked through first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    Doubtful,
    Fresh,
}

/// What a project knows of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// How likely they are right, and somebody of the crowd, 0 to 1.
    pub skill: f64,
    pub crowd: f64,
    /// Answers by which that is known.
    pub answers: i64,
}

/// Decides what somebody is looked out first (R1–R3). `draw` is between 0 and 1, drawn anew for each claim.
pub fn first(standing: &Standing, draw: f64) -> First {
    let is_known = standing.answers >= limits::NEWCOMER_ANSWERS;
    let is_able = standing.skill >= standing.crowd - limits::SKILL_SLACK;
    if (is_known && is_able) || draw < limits::DOUBTFUL_FLOOR {
        First::Doubtful
    } else {
        First::Fresh
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Rises by one with every claim and never falls (L3).
    pub fence: i64,
    pub state: State,
    /// The one person who may claim it: the author of an answer sent back (L6).
    pub reserved_for: Option<PersonId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Free,
    Held { by: PersonId, until: Timestamp },
    Answered { by: PersonId, submission: SubmissionId, digest: String },
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Claim {
        by: PersonId,
    },
    Renew {
        by: PersonId,
        fence: i64,
    },
    Release {
        by: PersonId,
        fence: i64,
    },
    Skip {
        by: PersonId,
        fence: i64,
    },
    /// `digest` stands for the answer: two answers are the same if their digests are.
    Answer {
        by: PersonId,
        fence: i64,
        submission: SubmissionId,
        digest: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Replace the slot with this one.
    Become(Slot),
    /// The command has already had its effect; nothing is to be done.
    Repeat,
}

/// Why a command may not have its effect. Each is a sentence that a contributor can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("another contributor is working on this task")]
    HeldByAnother,
    #[error("this task has since been given to someone else; your work is still on this device")]
    Superseded,
    #[error("you no longer hold this task")]
    NotHeld,
    #[error("this task has already been answered")]
    AlreadyAnswered,
    #[error("a different answer was already recorded under this submission")]
    AnswerDiffers,
    #[error("this task was closed and needs no more answers")]
    Closed,
}

/// Decides what `command` does to `slot` at the moment `now`.
pub fn decide(
    slot: &Slot,
    command: &Command,
    now: Timestamp,
    lease_ms: i64,
) -> Result<Decision, Refusal> {
    let until = now.plus_ms(lease_ms);

    // Repeats come first: a repeat must not meet a rule that its first attempt has changed (L5).
    if let State::Answered { by: author, submission: done, digest: recorded } = &slot.state {
        return match command {
            Command::Answer { by, submission, digest, .. }
                if (by, submission) == (author, done) =>
            {
                if digest == recorded {
                    Ok(Decision::Repeat)
                } else {
                    Err(Refusal::AnswerDiffers)
                }
            }
            _ => Err(Refusal::AlreadyAnswered),
        };
    }
    if slot.state == State::Closed {
        return Err(Refusal::Closed);
    }

    if let Command::Claim { by } = *command {
        if slot.reserved_for.is_some_and(|person| person != by) {
            return Err(Refusal::HeldByAnother);
        }
        return match slot.state {
            State::Held { by: holder, until } if now < until => {
                if holder == by {
                    Ok(Decision::Repeat)
                } else {
                    Err(Refusal::HeldByAnother)
                }
            }
            _ => Ok(Decision::Become(Slot {
                fence: slot.fence + 1,
                state: State::Held { by, until },
                reserved_for: slot.reserved_for,
            })),
        };
    }

    // From here on the caller must be the holder, under the latest fence (L2); that the lease has
    // run out is, by itself, no reason to refuse (L4).
    let State::Held { by: holder, .. } = slot.state else { return Err(Refusal::NotHeld) };
    let holds = |by: &PersonId, fence: &i64| (*by, *fence) == (holder, slot.fence);
    let (state, reserved_for) = match command.clone() {
        Command::Renew { by, fence } if holds(&by, &fence) => {
            (State::Held { by, until }, slot.reserved_for)
        }
        Command::Release { by, fence } if holds(&by, &fence) => (State::Free, slot.reserved_for),
        Command::Skip { by, fence } if holds(&by, &fence) => (State::Free, None),
        Command::Answer { by, fence, submission, digest } if holds(&by, &fence) => {
            (State::Answered { by, submission, digest }, None)
        }
        _ => return Err(Refusal::Superseded),
    };
    Ok(Decision::Become(Slot { fence: slot.fence, state, reserved_for }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE_MS: i64 = 10 * 60 * 1000;

    /// Runs a table of `slot | command at time | outcome`. Times are in minutes; a lease lasts ten.
    #[track_caller]
    fn check(table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let [before, command, want] = line.split('|').collect::<Vec<_>>()[..] else {
                panic!("three columns wanted: {line}")
            };
            let (command, minute) = command.split_once(" at ").unwrap();
            let now = minutes(minute.trim());
            let got = match decide(&slot(before), &parse_command(command), now, LEASE_MS) {
                Ok(Decision::Become(slot)) => Ok(Some(slot)),
                Ok(Decision::Repeat) => Ok(None),
                Err(refusal) => Err(format!("{refusal:?}")),
            };
            let want = match want.trim() {
                "repeat" => Ok(None),
                want => match want.strip_prefix("refused ") {
                    Some(refusal) => Err(refusal.to_string()),
                    None => Ok(Some(slot(want))),
                },
            };
            assert_eq!(got, want, "in the line: {line}");
        }
    }

    fn slot(text: &str) -> Slot {
        let (text, reserved_for) = match text.split_once(" for ") {
            Some((text, name)) => (text, Some(who(name.trim()))),
            None => (text, None),
        };
        let (state, fence) = text.split_once('#').unwrap();
        let state = match state.split_whitespace().collect::<Vec<_>>()[..] {
            ["free"] => State::Free,
            ["closed"] => State::Closed,
            ["held", by, "until", minute] => State::Held { by: who(by), until: minutes(minute) },
            ["answered", by, submission, digest] => {
                State::Answered { by: who(by), submission: sub(submission), digest: digest.into() }
            }
            _ => panic!("not a slot: {text}"),
        };
        Slot { fence: fence.trim().parse().unwrap(), state, reserved_for }
    }

    fn parse_command(text: &str) -> Command {
        let fence = |text: &str| text.trim_start_matches('#').parse().unwrap();
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            [by, "claims"] => Command::Claim { by: who(by) },
            [by, "renews", f] => Command::Renew { by: who(by), fence: fence(f) },
            [by, "releases", f] => Command::Release { by: who(by), fence: fence(f) },
            [by, "skips", f] => Command::Skip { by: who(by), fence: fence(f) },
            [by, "answers", f, submission, digest] => Command::Answer {
                by: who(by),
                fence: fence(f),
                submission: sub(submission),
                digest: digest.into(),
            },
            _ => panic!("not a command: {text}"),
        }
    }

    fn sub(text: &str) -> SubmissionId {
        format!("sub_0000000{text}").parse().unwrap()
    }

    fn who(name: &str) -> PersonId {
        PersonId(name.bytes().next().unwrap().into())
    }

    fn minutes(text: &str) -> Timestamp {
        Timestamp(text.parse::<i64>().unwrap() * 60 * 1000)
    }

    #[test]
    fn claiming() {
        check(
            "free               #0 | ann claims at 5  | held ann until 15 #1
             held ann until 15  #1 | ann claims at 7  | repeat
             held ann until 15  #1 | ann claims at 16 | held ann until 26 #2
             held ann until 15  #1 | bob claims at 14 | refused HeldByAnother
             held ann until 15  #1 | bob claims at 15 | held bob until 25 #2
             answered ann 1 cat #1 | bob claims at 99 | refused AlreadyAnswered
             closed             #3 | bob claims at 99 | refused Closed",
        );
    }

    #[test]
    fn keeping_and_giving_back() {
        check(
            "held ann until 15  #1 | ann renews   #1 at 9 | held ann until 19 #1
             held bob until 25  #2 | ann renews   #1 at 9 | refused Superseded
             held ann until 25  #2 | ann renews   #1 at 9 | refused Superseded
             held ann until 15  #1 | ann releases #1 at 9 | free #1
             held ann until 15  #1 | bob releases #1 at 9 | refused Superseded
             held ann until 15  #1 | ann skips    #1 at 9 | free #1
             held ann until 15  #1 | ann skips    #0 at 9 | refused Superseded
             free               #1 | ann renews   #1 at 9 | refused NotHeld
             closed             #1 | ann renews   #1 at 9 | refused Closed",
        );
    }

    #[test]
    fn answering() {
        check(
            "held ann until 15  #1 | ann answers #1 1 cat at 9  | answered ann 1 cat #1
             held ann until 15  #1 | ann answers #1 1 cat at 99 | answered ann 1 cat #1
             held bob until 25  #2 | ann answers #1 1 cat at 16 | refused Superseded
             answered ann 1 cat #1 | ann answers #1 1 cat at 99 | repeat
             answered ann 1 cat #1 | ann answers #1 1 dog at 99 | refused AnswerDiffers
             answered ann 1 cat #1 | ann answers #1 2 cat at 99 | refused AlreadyAnswered
             answered ann 1 cat #1 | bob answers #1 1 cat at 99 | refused AlreadyAnswered
             closed             #1 | ann answers #1 1 cat at 9  | refused Closed",
        );
    }

    #[test]
    fn rework_belongs_to_its_author() {
        check(
            "free #1 for ann              | bob claims at 5         | refused HeldByAnother
             free #1 for ann              | ann claims at 5         | held ann until 15 #2 for ann
             held ann until 15 #2 for ann | bob claims at 16        | refused HeldByAnother
             held ann until 15 #2 for ann | ann releases #2 at 9    | free #2 for ann
             held ann until 15 #2 for ann | ann skips #2 at 9       | free #2
             held ann until 15 #2 for ann | ann answers #2 1 x at 9 | answered ann 1 x #2",
        );
    }

    #[test]
    fn doubtful_tasks_go_to_the_able_and_a_fifth_of_them_to_newcomers() {
        use First::{Doubtful, Fresh};
        for (skill, answers, draw, want) in [
            // Known, and as able as the crowd or nearly.
            (0.95, 20, 0.9, Doubtful),
            (0.8, 20, 0.9, Doubtful),
            (0.79, 500, 0.9, Doubtful),
            // Known, and less able; the floor is theirs, too.
            (0.7, 500, 0.9, Fresh),
            (0.7, 500, 0.1, Doubtful),
            // Not known yet, whatever the estimate says.
            (0.95, 19, 0.9, Fresh),
            (0.95, 0, 0.2, Fresh),
            (0.95, 0, 0.19, Doubtful),
        ] {
            let standing = Standing { skill, crowd: 0.8, answers };
            assert_eq!(first(&standing, draw), want, "{skill} {answers} {draw}");
        }
        let draws = (0..1_000).map(|n| f64::from(n) / 1_000.0);
        let newcomer = Standing { skill: 0.8, crowd: 0.8, answers: 0 };
        let floor = draws.filter(|draw| first(&newcomer, *draw) == Doubtful).count();
        assert_eq!(floor, 200);
    }
}
