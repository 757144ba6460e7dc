//! The workforce: who they are, what they hold in their hands, what they do next.

use crate::dice::Dice;
use crate::world::{CHOICES, MARKERS};
use domain::answers::{Answer, Span};
use domain::projects::State;
use domain::workflow::{Stage, Verdict};
use domain::{PersonId, ProjectId, Role, SlotId, SubmissionId, TaskId, Timestamp};
use server::queue::{
    AnswerRequest, Claim, ClaimRequest, DraftRequest, Receipt, SkipReason, SkipRequest,
};
use server::review::{AdjudicationRequest, ReviewRequest};
use std::collections::BTreeMap;

/// Somebody, with habits.
pub struct Worker {
    pub rival: usize,
    pub id: PersonId,
    pub role: Role,
    /// How often they are right, in percent.
    pub care: u64,
    /// How often they wander off instead of finishing, in percent.
    pub wander: u64,
    pub hands: Vec<Hand>,
    made: u64,
}

/// A slot as its holder knows it.
#[derive(Clone, Debug)]
pub struct Hand {
    pub slot: SlotId,
    pub fence: i64,
    pub stage: String,
    pub submission: SubmissionId,
    pub choice: &'static str,
    /// Where spans are asked for, how far off theirs begins.
    pub span: Option<u64>,
}

#[derive(Clone, Debug)]
pub enum Act {
    Claim {
        project: ProjectId,
        request: ClaimRequest,
    },
    Renew {
        slot: SlotId,
        fence: i64,
    },
    Release {
        slot: SlotId,
        fence: i64,
    },
    Skip {
        slot: SlotId,
        request: SkipRequest,
    },
    Draft {
        slot: SlotId,
        request: DraftRequest,
    },
    Answer {
        slot: SlotId,
        request: AnswerRequest,
    },
    Review {
        slot: SlotId,
        request: ReviewRequest,
    },
    Adjudicate {
        slot: SlotId,
        request: AdjudicationRequest,
    },
    /// A manager turns a project on or off, takes a task out, opens it again, makes it urgent.
    Turn {
        project: ProjectId,
        to: State,
    },
    Cancel {
        task: TaskId,
    },
    Reopen {
        task: TaskId,
    },
    Hurry {
        task: TaskId,
        priority: i64,
    },
}

impl Act {
    pub fn name(&self) -> &'static str {
        match self {
            Act::Claim { .. } => "claim",
            Act::Renew { .. } => "renew",
            Act::Release { .. } => "release",
            Act::Skip { .. } => "skip",
            Act::Draft { .. } => "draft",
            Act::Answer { .. } => "answer",
            Act::Review { .. } => "review",
            Act::Adjudicate { .. } => "adjudicate",
            Act::Turn { .. } => "turn",
            Act::Cancel { .. } => "cancel",
            Act::Reopen { .. } => "reopen",
            Act::Hurry { .. } => "hurry",
        }
    }

    pub fn slot(&self) -> Option<SlotId> {
        match self {
            Act::Claim { .. }
            | Act::Turn { .. }
            | Act::Cancel { .. }
            | Act::Reopen { .. }
            | Act::Hurry { .. } => None,
            Act::Renew { slot, .. }
            | Act::Release { slot, .. }
            | Act::Skip { slot, .. }
            | Act::Draft { slot, .. }
            | Act::Answer { slot, .. }
            | Act::Review { slot, .. }
            | Act::Adjudicate { slot, .. } => Some(*slot),
        }
    }
}

/// A request on its way, which the network may deliver late, twice, or without the reply.
#[derive(Clone, Debug)]
pub struct Message {
    pub rival: usize,
    pub worker: usize,
    pub person: PersonId,
    pub role: Role,
    pub act: Act,
}

#[derive(Debug)]
pub enum Reply {
    Claims(Vec<Claim>),
    Renewed(Timestamp),
    Receipt(Receipt),
    Done,
}

pub fn workforce(dice: &mut Dice) -> Vec<Worker> {
    let mut workers = Vec::new();
    for rival in 0..MARKERS.len() {
        let roles = [(Role::Contributor, 6), (Role::Reviewer, 3), (Role::Manager, 1)];
        let people = roles.into_iter().flat_map(|(role, count)| std::iter::repeat_n(role, count));
        for (number, role) in people.enumerate() {
            workers.push(Worker {
                rival,
                // The same numbers for both rivals: nothing may follow from a number alone.
                id: PersonId(100 + number as i64),
                role,
                care: dice.between(55, 98) as u64,
                wander: dice.between(0, 25) as u64,
                hands: Vec::new(),
                made: 0,
            });
        }
    }
    workers
}

/// What is so of a task, by its id.
pub fn truth(task: &str) -> &'static str {
    CHOICES[task.bytes().map(usize::from).sum::<usize>() % CHOICES.len()]
}

impl Worker {
    /// Somebody who never wanders off.
    pub fn new(rival: usize, id: PersonId, role: Role, care: u64) -> Self {
        Self { rival, id, role, care, wander: 0, hands: Vec::new(), made: 0 }
    }

    fn new_submission(&mut self) -> SubmissionId {
        self.made += 1;
        // Equal for the same person of both rivals, too.
        let text = format!("sub_p{:04}n{:06}", self.id.0, self.made);
        text.parse().unwrap_or_else(|_| unreachable!("a submission's name is well made"))
    }

    /// What a claim has put into their hands.
    pub fn receive(&mut self, claims: &[Claim], dice: &mut Dice) {
        for claim in claims {
            let Ok(slot) = claim.slot.parse() else { continue };
            if let Some(hand) =
                self.hands.iter_mut().find(|hand| hand.slot == slot && hand.stage == claim.stage)
            {
                hand.fence = claim.fence;
                continue;
            }
            let right = truth(&claim.task);
            let choice =
                if dice.percent(self.care) { right } else { CHOICES[dice.below(CHOICES.len())] };
            let submission = self.new_submission();
            self.hands.retain(|hand| hand.slot != slot);
            self.hands.push(Hand {
                slot,
                fence: claim.fence,
                stage: claim.stage.clone(),
                submission,
                choice,
                span: claim
                    .item
                    .metadata
                    .get("spans")
                    .is_some_and(|asks| asks == true)
                    .then(|| dice.below(3) as u64),
            });
        }
    }

    pub fn let_go(&mut self, slot: SlotId) {
        self.hands.retain(|hand| hand.slot != slot);
    }

    /// What they do next.
    pub fn decide(
        &mut self,
        projects: &[ProjectId],
        others: &[(SlotId, i64)],
        tasks: &[TaskId],
        dice: &mut Dice,
    ) -> Act {
        if self.role == Role::Manager
            && dice.percent(40)
            && let Some(task) = dice.pick(tasks).copied()
        {
            return match dice.below(3) {
                0 => Act::Cancel { task },
                1 => Act::Reopen { task },
                _ => Act::Hurry { task, priority: dice.between(0, 10) },
            };
        }
        if self.role == Role::Manager && dice.percent(15) {
            let project = projects[dice.below(projects.len())];
            let to = if dice.percent(40) { State::Paused } else { State::Published };
            return Act::Turn { project, to };
        }
        // Now and then somebody tries what is not theirs.
        if dice.percent(3)
            && let Some((slot, fence)) = dice.pick(others).copied()
        {
            return self.handle(
                Hand {
                    slot,
                    fence,
                    stage: "label".into(),
                    submission: "sub_00burglar"
                        .parse()
                        .unwrap_or_else(|_| unreachable!("a well made name")),
                    choice: CHOICES[0],
                    span: None,
                },
                dice,
            );
        }
        let busy = self.hands.len() as u64;
        if busy == 0 || dice.percent(30_u64.saturating_sub(busy * 8)) {
            return self.claim(projects, dice);
        }
        let hand = self.hands[dice.below(self.hands.len())].clone();
        self.handle(hand, dice)
    }

    fn claim(&self, projects: &[ProjectId], dice: &mut Dice) -> Act {
        let project = projects[dice.below(projects.len())];
        let stage = match self.role {
            Role::Contributor if dice.percent(98) => Stage::Label,
            _ => Stage::ALL[dice.below(3)],
        };
        let count = if dice.percent(70) { 1 } else { 1 + dice.below(4) };
        let count = if dice.percent(1) { 99 } else { count };
        let holding =
            self.hands.iter().map(|hand| hand.slot).filter(|_| dice.percent(90)).collect();
        Act::Claim { project, request: ClaimRequest { stage, count, holding } }
    }

    fn handle(&mut self, hand: Hand, dice: &mut Dice) -> Act {
        let Hand { slot, fence, .. } = hand;
        match dice.below(100) {
            0..=7 => Act::Renew { slot, fence },
            8..=13 => Act::Release { slot, fence },
            14..=21 => {
                let reasons = [
                    SkipReason::Unclear,
                    SkipReason::Broken,
                    SkipReason::TooHard,
                    SkipReason::Other,
                ];
                let request = SkipRequest { fence, reason: reasons[dice.below(4)], text: None };
                Act::Skip { slot, request }
            }
            22..=27 => {
                let answer = serde_json::json!({ "note": MARKERS[self.rival] });
                let request =
                    DraftRequest { fence, answer, device: "desk".into(), seq: dice.between(1, 50) };
                Act::Draft { slot, request }
            }
            _ => self.finish(hand, dice),
        }
    }

    fn finish(&mut self, hand: Hand, dice: &mut Dice) -> Act {
        let Hand { slot, fence, submission, .. } = hand;
        // Sometimes another answer goes out under the same name.
        let choice = if dice.percent(3) { CHOICES[dice.below(3)] } else { hand.choice };
        let mut answer = answer(choice, self.rival, hand.span);
        if dice.percent(3) {
            answer.choices.push("nonsense".into());
        }
        let claim_next = if dice.percent(40) { 1 + dice.below(2) } else { 0 };
        let holding: Vec<SlotId> = self.hands.iter().map(|hand| hand.slot).collect();
        let active_ms = dice.between(500, 90_000);
        // Sometimes a verdict goes in by the door for answers.
        let stage = if dice.percent(2) { "label" } else { hand.stage.as_str() };
        match stage {
            "review" => {
                let verdict = match dice.below(10) {
                    0..=5 => Verdict::Accept,
                    6..=7 => Verdict::Fix,
                    _ => Verdict::Reject,
                };
                let complete = dice.percent(93);
                let clause = (verdict == Verdict::Reject && complete).then(|| "mood".to_string());
                let reason = (verdict == Verdict::Reject).then(|| "look again".to_string());
                let answer = (verdict == Verdict::Fix && complete).then_some(answer);
                let request = ReviewRequest {
                    submission,
                    fence,
                    verdict,
                    answer,
                    clause,
                    reason,
                    active_ms,
                    claim_next,
                    holding,
                };
                Act::Review { slot, request }
            }
            "adjudicate" => {
                let request = AdjudicationRequest {
                    submission,
                    fence,
                    answer,
                    chosen: None,
                    reason: None,
                    active_ms,
                    claim_next,
                    holding,
                };
                Act::Adjudicate { slot, request }
            }
            _ => {
                let request = AnswerRequest {
                    submission,
                    fence,
                    answer,
                    active_ms,
                    ontology_version: None,
                    instructions_version: None,
                    claim_next,
                    holding,
                };
                Act::Answer { slot, request }
            }
        }
    }
}

impl Worker {
    /// How they finish a task on a good day.
    pub fn finish_well(&self, hand: Hand) -> Act {
        let Hand { slot, fence, submission, choice, stage, span } = hand;
        let (claim_next, holding, active_ms) = (0, vec![], 1_000);
        match stage.as_str() {
            "review" => {
                let (verdict, answer, clause, reason) = (Verdict::Accept, None, None, None);
                let request = ReviewRequest {
                    submission,
                    fence,
                    verdict,
                    answer,
                    clause,
                    reason,
                    active_ms,
                    claim_next,
                    holding,
                };
                Act::Review { slot, request }
            }
            "adjudicate" => {
                let (chosen, reason, answer) = (None, None, answer(choice, self.rival, span));
                let request = AdjudicationRequest {
                    submission,
                    fence,
                    answer,
                    chosen,
                    reason,
                    active_ms,
                    claim_next,
                    holding,
                };
                Act::Adjudicate { slot, request }
            }
            _ => {
                let (ontology_version, instructions_version, answer) =
                    (None, None, answer(choice, self.rival, span));
                let request = AnswerRequest {
                    submission,
                    fence,
                    answer,
                    active_ms,
                    ontology_version,
                    instructions_version,
                    claim_next,
                    holding,
                };
                Act::Answer { slot, request }
            }
        }
    }
}

/// An answer of one class, or of one span of that class which begins so far off.
pub fn answer(choice: &str, rival: usize, span: Option<u64>) -> Answer {
    let note = Some(MARKERS[rival].into());
    let (id, class, attributes) = ("s".into(), choice.into(), BTreeMap::new());
    match span {
        None => Answer { choices: vec![choice.into()], note, ..Answer::default() },
        Some(start) => {
            let spans = vec![Span { id, class, start, end: 15, attributes, group: None }];
            Answer { spans, note, ..Answer::default() }
        }
    }
}
