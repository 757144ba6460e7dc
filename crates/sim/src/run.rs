//! One run: some hundred steps of two workforces, under one seed.

use crate::auditor::{Auditor, Place};
use crate::dice::Dice;
use crate::people::{Act, Message, Reply, Worker, workforce};
use crate::world::{ADAPTIVE, ADAPTIVE_SPANS, MINUTE_MS, Pull, World, plans};
use domain::projects::State;
use domain::workflow::Stage;
use domain::{PersonId, Role};
use server::Error;
use server::queue::ClaimRequest;
use std::collections::BTreeMap;

/// A message that arrives later, and whether its sender still listens.
struct Later {
    at: i64,
    message: Message,
}

struct Run {
    world: World,
    auditor: Auditor,
    workers: Vec<Worker>,
    dice: Dice,
    later: Vec<Later>,
}

/// Runs `steps` steps and answers what has been seen on the way.
///
/// # Panics
/// When a rule is broken: the message names the rule, the seed and the step.
pub fn run(seed: u64, steps: u32) -> BTreeMap<String, u64> {
    let mut dice = Dice::new(seed);
    let workers = workforce(&mut dice);
    let mut auditor = Auditor::default();
    auditor.place.seed = seed;
    let mut run = Run { world: World::new(), auditor, workers, dice, later: Vec::new() };
    run.bring(4);
    for step in 0..steps {
        run.auditor.place = Place { seed, step, now: run.world.now().0 };
        run.step();
        if step % 97 == 96 {
            run.bring(1);
        }
        if step % 150 == 149 {
            run.audit();
        }
    }
    run.finish();
    run.auditor.seen
}

impl Run {
    /// Both rivals bring the same, so that their ids stay equal.
    fn bring(&mut self, count: usize) {
        for project in 0..plans().len() {
            for rival in 0..self.world.rivals.len() {
                self.world.bring(rival, project, count);
            }
        }
    }

    fn audit(&mut self) {
        for rival in 0..self.world.rivals.len() {
            self.auditor.audit(&self.world, rival);
        }
    }

    fn step(&mut self) {
        // Often no time passes at all: then both rivals make their ids in the same millisecond.
        match self.dice.below(100) {
            0..=59 => {}
            60..=92 => self.world.pass_ms(self.dice.between(1, 90_000)),
            93..=98 => self.world.pass_ms(self.dice.between(2, 15) * MINUTE_MS),
            _ => self.world.pass_ms(self.dice.between(1, 9) * 60 * MINUTE_MS),
        }
        self.deliver_what_is_due();
        if self.dice.percent(5) {
            self.carry();
        }
        if self.dice.percent(3) {
            let rival = self.dice.below(self.world.rivals.len());
            self.world.learn(rival, ADAPTIVE);
            self.world.learn(rival, ADAPTIVE_SPANS);
            self.auditor.note("a model was fitted");
        }
        let number = self.dice.below(self.workers.len());
        let worker = &mut self.workers[number];
        if self.dice.percent(worker.wander) && self.dice.percent(10) {
            // The laptop is closed, with everything in it.
            worker.hands.clear();
            return;
        }
        let projects = self.world.rivals[worker.rival].projects.clone();
        let others = self.auditor.known_slots(self.dice.below(2));
        let tasks = self.auditor.known_tasks(worker.rival);
        let act = worker.decide(&projects, &others, &tasks, &mut self.dice);
        let message = Message {
            rival: worker.rival,
            worker: number,
            person: worker.id,
            role: worker.role,
            act,
        };
        if self.dice.percent(4) {
            self.auditor.note("a message came late");
            return self.send_later(message);
        }
        if self.dice.percent(10) {
            self.auditor.note("a message came twice");
            self.send_later(message.clone());
        }
        let result = self.deliver(&message);
        if self.dice.percent(5) {
            return self.auditor.note("a reply was lost");
        }
        self.listen(number, &message, result);
    }

    fn send_later(&mut self, message: Message) {
        let delay = if self.dice.percent(60) {
            self.dice.between(1, 60_000)
        } else {
            self.dice.between(1, 300) * MINUTE_MS
        };
        self.later.push(Later { at: self.world.now().0 + delay, message });
    }

    fn deliver_what_is_due(&mut self) {
        let now = self.world.now().0;
        let (due, later) =
            std::mem::take(&mut self.later).into_iter().partition(|later| later.at <= now);
        self.later = later;
        for Later { message, .. } in due {
            // Nobody listens any more.
            let _ = self.deliver(&message);
        }
    }

    /// The relay runs, and may die at it like anything else.
    fn carry(&mut self) {
        let rival = self.dice.below(self.world.rivals.len());
        self.pull_the_plug();
        let carried = self.world.carry(rival);
        self.world.plug.arm(Pull::Never);
        match carried {
            Ok(_) => self.auditor.note("the relay carried"),
            Err(Error::Store(store::Error::Crashed)) => {
                self.auditor.note("the relay died");
                self.world.restart();
            }
            Err(error) => panic!("seed {}: the relay fails: {error:?}", self.auditor.place.seed),
        }
    }

    fn pull_the_plug(&mut self) -> Pull {
        let pull = match self.dice.below(100) {
            0..=1 => Pull::BeforeCommit,
            2..=3 => Pull::BeforeReply,
            _ => Pull::Never,
        };
        self.world.plug.arm(pull);
        pull
    }

    fn deliver(&mut self, message: &Message) -> Result<Reply, Error> {
        self.auditor.place.now = self.world.now().0;
        let pull = self.pull_the_plug();
        let result = self.world.deliver(message);
        self.world.plug.arm(Pull::Never);
        self.auditor.hear(message, &result, pull == Pull::BeforeReply);
        if matches!(result, Err(Error::Store(store::Error::Crashed))) {
            self.world.restart();
        }
        result
    }

    fn listen(&mut self, number: usize, message: &Message, result: Result<Reply, Error>) {
        let worker = &mut self.workers[number];
        match (result, message.act.slot()) {
            (Ok(Reply::Claims(claims)), _) => worker.receive(&claims, &mut self.dice),
            (Ok(Reply::Receipt(receipt)), Some(slot)) => {
                worker.let_go(slot);
                worker.receive(&receipt.claims, &mut self.dice);
            }
            (Ok(Reply::Done), Some(slot)) if !matches!(message.act, Act::Draft { .. }) => {
                worker.let_go(slot)
            }
            (Err(error), Some(slot)) => {
                let gone = [
                    "superseded",
                    "not_held",
                    "already_answered",
                    "answer_differs",
                    "closed",
                    "not_found",
                    "forbidden",
                ];
                if gone.contains(&error.status_and_code().1) {
                    worker.let_go(slot);
                }
            }
            _ => {}
        }
    }

    /// Everything late arrives; then everybody works with care, and nothing fails any more.
    fn finish(&mut self) {
        self.world.pass_ms(24 * 60 * MINUTE_MS);
        self.deliver_what_is_due();
        self.audit();
        self.world.pass_ms(24 * 60 * MINUTE_MS);
        for rival in 0..self.world.rivals.len() {
            let manager = self
                .workers
                .iter()
                .position(|worker| worker.rival == rival && worker.role == Role::Manager);
            for project in self.world.rivals[rival].projects.clone() {
                let act = Act::Turn { project, to: State::Published };
                // It may be on already.
                let _ = self.ask(manager.unwrap_or_default(), act);
            }
        }
        for round in 0..60 {
            let mut moved = false;
            for number in 0..self.workers.len() {
                moved |= self.work_with_care(number);
            }
            if !moved {
                self.auditor.note("the queue ran dry");
                break;
            }
            assert!(round < 59, "seed {}: the work does not end", self.auditor.place.seed);
            self.world.pass_ms(MINUTE_MS);
        }
        for rival in 0..self.world.rivals.len() {
            while self.world.carry(rival).is_ok_and(|carried| carried > 0) {}
        }
        self.audit();
        self.auditor.audit_money(&self.world);
        self.auditor.audit_ids();
        // The people of both rivals have the same numbers.
        let people: Vec<&Worker> = self.workers.iter().filter(|worker| worker.rival == 0).collect();
        let judges = people.iter().filter(|worker| worker.role != Role::Contributor);
        let judges: Vec<PersonId> = judges.map(|worker| worker.id).collect();
        let people: Vec<PersonId> = people.iter().map(|worker| worker.id).collect();
        for rival in 0..self.world.rivals.len() {
            self.auditor.audit_end(&self.world, rival, &people, &judges);
        }
    }

    fn ask(&mut self, number: usize, act: Act) -> Result<Reply, Error> {
        let worker = &self.workers[number];
        let message = Message {
            rival: worker.rival,
            worker: number,
            person: worker.id,
            role: worker.role,
            act,
        };
        self.auditor.place.now = self.world.now().0;
        let result = self.world.deliver(&message);
        self.auditor.hear(&message, &result, false);
        result
    }

    /// Takes what there is and finishes it; answers whether there was anything.
    fn work_with_care(&mut self, number: usize) -> bool {
        let mut moved = false;
        let (rival, role) = (self.workers[number].rival, self.workers[number].role);
        for project in self.world.rivals[rival].projects.clone() {
            for stage in Stage::ALL {
                if stage != Stage::Label && role == Role::Contributor {
                    continue;
                }
                let request = ClaimRequest { stage, count: 3, holding: vec![] };
                let Ok(Reply::Claims(claims)) = self.ask(number, Act::Claim { project, request })
                else {
                    continue;
                };
                let worker = &mut self.workers[number];
                worker.hands.clear();
                worker.receive(&claims, &mut self.dice);
                for hand in worker.hands.clone() {
                    moved = true;
                    let act = self.workers[number].finish_well(hand);
                    let result = self.ask(number, act);
                    assert!(result.is_ok(), "seed {}: {result:?}", self.auditor.place.seed);
                }
            }
        }
        moved
    }
}
