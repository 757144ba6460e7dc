//! The auditor: believes what people were told, and holds the stores to it.
//!
//! It reads replies and rows and decides nothing the way the engine does. Where a reply was never
//! heard it is in doubt, and says nothing until it hears of that slot again.

mod labels;

use crate::people::{Act, Message, Reply};
use crate::world::{MARKERS, World, plans};
use domain::projects::Slice;
use domain::queue::State;
use domain::workflow::{Stage, TaskState};
use domain::{ItemId, PersonId, ProjectId, SlotId, TaskId, Timestamp};
use server::Error;
use server::queue::Claim;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{SlotRow, TaskFilter, TaskRow};

/// What is believed of a slot.
#[derive(Clone, Debug)]
struct Belief {
    task: TaskId,
    stage: String,
    fence: i64,
    holder: Option<PersonId>,
    until: Timestamp,
    /// Something was done to it of which nobody heard the outcome.
    doubt: bool,
}

/// What the server said it has received.
#[derive(Clone, Debug, PartialEq)]
struct Acknowledged {
    slot: SlotId,
    person: PersonId,
    said: String,
    is_review: bool,
}

#[derive(Default)]
struct Book {
    slots: HashMap<SlotId, Belief>,
    answered: HashSet<(TaskId, PersonId)>,
    skipped: HashSet<(TaskId, PersonId)>,
    acknowledged: HashMap<String, Acknowledged>,
    /// Opened again by a manager: everybody may be given them anew.
    reopened: HashSet<TaskId>,
}

/// Where a run is, for the one who has to find out why it failed.
#[derive(Clone, Copy, Default)]
pub struct Place {
    pub seed: u64,
    pub step: u32,
    pub now: i64,
}

#[derive(Default)]
pub struct Auditor {
    books: [Book; 2],
    pub place: Place,
    /// What has happened so far, and how often: a run that gets nowhere proves nothing.
    pub seen: BTreeMap<String, u64>,
}

impl Auditor {
    pub fn note(&mut self, what: impl Into<String>) {
        *self.seen.entry(what.into()).or_default() += 1;
    }

    fn holds(&self, fine: bool, rule: &str, what: impl FnOnce() -> String) {
        let Place { seed, step, now } = self.place;
        assert!(fine, "{rule} is broken (seed {seed}, step {step}, at {now}): {}", what());
    }

    /// Slots that somebody has held, and under which fence.
    pub fn known_slots(&self, rival: usize) -> Vec<(SlotId, i64)> {
        let mut known: Vec<_> =
            self.books[rival].slots.iter().map(|(slot, belief)| (*slot, belief.fence)).collect();
        known.sort_unstable();
        known
    }

    /// Tasks that somebody has had in hand.
    pub fn known_tasks(&self, rival: usize) -> Vec<TaskId> {
        let mut known: Vec<_> =
            self.books[rival].slots.values().map(|belief| belief.task).collect();
        known.sort_unstable();
        known.dedup();
        known
    }

    /// Takes note of what the server said to a message; `unheard` when it died after the commit.
    pub fn hear(&mut self, message: &Message, result: &Result<Reply, Error>, unheard: bool) {
        let name = message.act.name();
        match result {
            Err(Error::Store(store::Error::Crashed)) => {
                self.note(if unheard {
                    "the process died before a reply"
                } else {
                    "the process died before a commit"
                });
                if let (true, Some(slot)) = (unheard, message.act.slot())
                    && let Some(belief) = self.books[message.rival].slots.get_mut(&slot)
                {
                    belief.doubt = true;
                }
                if unheard {
                    self.doubt_task(message.rival, &message.act);
                    self.doubt_run_out(message.rival);
                }
            }
            Err(error) => {
                let (status, code) = error.status_and_code();
                self.holds(!status.is_server_error(), "I5", || format!("{name} failed: {error:?}"));
                self.note(format!("{name}: {code}"));
            }
            Ok(reply) => self.hear_success(message, reply),
        }
    }

    /// A manager's hand is felt by everybody who has the task in theirs.
    fn doubt_task(&mut self, rival: usize, act: &Act) {
        let (Act::Cancel { task } | Act::Reopen { task }) = act else { return };
        let book = &mut self.books[rival];
        book.reopened.insert(*task);
        book.answered.retain(|(other, _)| other != task);
        book.skipped.retain(|(other, _)| other != task);
        book.slots
            .values_mut()
            .filter(|belief| belief.task == *task)
            .for_each(|belief| belief.doubt = true);
    }

    /// Whoever takes work may be given what has run out, their own too, and nobody heard of it.
    fn doubt_run_out(&mut self, rival: usize) {
        let now = self.place.now;
        let slots = self.books[rival].slots.values_mut();
        slots
            .filter(|belief| belief.holder.is_some() && belief.until.0 <= now)
            .for_each(|belief| belief.doubt = true);
    }

    fn hear_success(&mut self, message: &Message, reply: &Reply) {
        let (rival, person) = (message.rival, message.person);
        self.note(format!("{}: fine", message.act.name()));
        match (&message.act, reply) {
            (Act::Claim { project, .. }, Reply::Claims(claims)) => {
                if claims.is_empty() {
                    self.note("claim: nothing there");
                }
                for claim in claims {
                    self.holds(claim.project == project.to_string(), "I9", || format!("{claim:?}"));
                    self.hear_claim(rival, person, claim);
                }
            }
            (Act::Renew { slot, fence }, Reply::Renewed(until)) => {
                let belief = self.books[rival].slots.get(slot).cloned();
                if let Some(belief) = belief.filter(|belief| !belief.doubt) {
                    let fits = belief.fence == *fence && belief.holder == Some(person);
                    self.holds(fits, "I2", || {
                        format!("{slot} was renewed under {fence}: {belief:?}")
                    });
                }
                if let Some(belief) = self.books[rival].slots.get_mut(slot) {
                    belief.until = *until;
                }
            }
            (Act::Cancel { .. } | Act::Reopen { .. }, Reply::Done) => {
                self.doubt_task(rival, &message.act)
            }
            (Act::Release { slot, fence }, Reply::Done) => {
                self.hear_let_go(rival, person, *slot, *fence, false)
            }
            (Act::Skip { slot, request }, Reply::Done) => {
                self.hear_let_go(rival, person, *slot, request.fence, true)
            }
            (Act::Answer { slot, request }, Reply::Receipt(receipt)) => {
                let said = format!("{:?}", request.answer);
                self.hear_ended(
                    rival,
                    person,
                    *slot,
                    request.fence,
                    request.submission.as_str(),
                    said,
                    false,
                );
                for claim in &receipt.claims {
                    self.hear_claim(rival, person, claim);
                }
            }
            (Act::Review { slot, request }, Reply::Receipt(receipt)) => {
                self.note(format!("verdict: {}", request.verdict.as_str()));
                let said =
                    format!("{:?} {:?} {:?}", request.verdict, request.answer, request.clause);
                self.hear_ended(
                    rival,
                    person,
                    *slot,
                    request.fence,
                    request.submission.as_str(),
                    said,
                    true,
                );
                for claim in &receipt.claims {
                    self.hear_claim(rival, person, claim);
                }
            }
            (Act::Adjudicate { slot, request }, Reply::Receipt(receipt)) => {
                let said = format!("{:?}", request.answer);
                self.hear_ended(
                    rival,
                    person,
                    *slot,
                    request.fence,
                    request.submission.as_str(),
                    said,
                    false,
                );
                for claim in &receipt.claims {
                    self.hear_claim(rival, person, claim);
                }
            }
            _ => {}
        }
    }

    fn hear_claim(&mut self, rival: usize, person: PersonId, claim: &Claim) {
        let now = Timestamp(self.place.now);
        let text = serde_json::to_string(claim).unwrap_or_default();
        self.holds(!text.contains(MARKERS[1 - rival]), "I9", || {
            format!("a claim of {}: {text}", MARKERS[rival])
        });
        self.holds(text.contains(MARKERS[rival]), "I9", || {
            format!("a claim without its item: {text}")
        });
        let (Ok(slot), Ok(task)) = (claim.slot.parse::<SlotId>(), claim.task.parse::<TaskId>())
        else {
            return self.holds(false, "I9", || text);
        };
        if let Some(belief) = self.books[rival].slots.get(&slot).cloned() {
            let say = || {
                format!("{person} was given {slot} under {} at {}: {belief:?}", claim.fence, now.0)
            };
            self.holds(claim.fence >= belief.fence, "I2", say);
            self.holds(belief.task == task, "I2", say);
            if claim.fence == belief.fence {
                // The same lease, told once more.
                self.holds(belief.doubt || belief.holder == Some(person), "I2", say);
                self.note("claim: told once more");
            } else {
                let lives = belief.holder.is_some() && now < belief.until;
                self.holds(belief.doubt || !lives, "I2", say);
                self.note(if belief.holder.is_some() {
                    "claim: taken over"
                } else {
                    "claim: given again"
                });
            }
        }
        let book = &self.books[rival];
        if claim.stage == "label" {
            let told = book.slots.get(&slot).is_some_and(|belief| belief.fence == claim.fence);
            let done =
                book.answered.contains(&(task, person)) || book.skipped.contains(&(task, person));
            self.holds(told || !done, "I11", || {
                format!("{person} was given {task} again, as {slot}")
            });
            let other = book.slots.iter().find(|(id, belief)| {
                let same =
                    belief.task == task && belief.stage == "label" && belief.holder == Some(person);
                **id != slot && same && !belief.doubt
            });
            self.holds(other.is_none(), "I11", || {
                format!("{person} was given {slot} beside {other:?}")
            });
        }
        if claim.stage == "rework" {
            self.note("claim: rework");
        }
        // Rework is of the label stage, too.
        let stage = if claim.stage == "rework" { "label".to_string() } else { claim.stage.clone() };
        let belief = Belief {
            task,
            stage,
            fence: claim.fence,
            holder: Some(person),
            until: claim.until.0,
            doubt: false,
        };
        self.books[rival].slots.insert(slot, belief);
    }

    fn hear_let_go(
        &mut self,
        rival: usize,
        person: PersonId,
        slot: SlotId,
        fence: i64,
        skipped: bool,
    ) {
        let book = &mut self.books[rival];
        let Some(belief) = book.slots.get_mut(&slot) else { return };
        // Under an old fence, or once more: nothing has happened.
        if belief.doubt || belief.fence != fence || belief.holder != Some(person) {
            return;
        }
        belief.holder = None;
        if skipped && belief.stage == "label" {
            book.skipped.insert((belief.task, person));
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "each is a different thing, and a struct would only rename them"
    )]
    fn hear_ended(
        &mut self,
        rival: usize,
        person: PersonId,
        slot: SlotId,
        fence: i64,
        submission: &str,
        said: String,
        is_review: bool,
    ) {
        let new = Acknowledged { slot, person, said, is_review };
        if let Some(known) = self.books[rival].acknowledged.get(submission).cloned() {
            self.holds(known == new, "I3", || {
                format!("{submission} was accepted twice: {known:?} and {new:?}")
            });
            self.note("a repeat was known");
            return;
        }
        let now = self.place.now;
        if let Some(belief) = self.books[rival].slots.get(&slot).cloned() {
            let fits = belief.fence == fence && belief.holder == Some(person);
            self.holds(belief.doubt || fits, "I2", || {
                format!("{submission} was accepted under {fence}: {belief:?}")
            });
            if !belief.doubt && belief.until.0 <= now {
                self.note("a late answer was accepted");
            }
        }
        let book = &mut self.books[rival];
        book.acknowledged.insert(submission.into(), new);
        if let Some(belief) = book.slots.get_mut(&slot) {
            belief.holder = None;
            if belief.stage == "label" {
                book.answered.insert((belief.task, person));
            }
        }
    }

    /// Compares everything in a rival's store with what is believed of it.
    pub fn audit(&mut self, world: &World, rival: usize) {
        let store = world.store(rival);
        let read = store.read_now(|tx| tx.verify_events());
        self.holds(read.is_ok(), "I7", || format!("{read:?}"));
        let log = self.replay(world, rival);
        let mut brought = 0;
        for (number, project) in world.rivals[rival].projects.clone().into_iter().enumerate() {
            let tasks = self.read_tasks(world, rival, project);
            brought += tasks.len();
            for task in tasks.values() {
                self.audit_task(world, rival, number, task, &log);
                self.note_plan(number, task);
            }
            self.audit_counts(world, rival, project, tasks.values());
        }
        let imported = world.rivals[rival].items;
        self.holds(brought == imported, "I1", || {
            format!("{imported} items were brought in, {brought} tasks are there")
        });
        self.audit_acknowledged(world, rival, &log);
    }

    /// Where an adaptive plan has been.
    fn note_plan(&mut self, project: usize, task: &TaskRow) {
        let plan = &plans()[project];
        if !plan.is_adaptive() {
            return;
        }
        if task.overlap > plan.wanted_first() {
            self.note("a task was asked about once more");
        }
        if task.state == TaskState::Done && task.answers < plan.overlap {
            self.note("a task stopped early");
        }
    }

    fn read_tasks(
        &mut self,
        world: &World,
        rival: usize,
        project: ProjectId,
    ) -> BTreeMap<TaskId, TaskRow> {
        let (store, marker) = (world.store(rival), MARKERS[rival]);
        let mut tasks = BTreeMap::new();
        let mut after = 0;
        loop {
            let filter = TaskFilter { after, limit: 200, ..TaskFilter::default() };
            let page =
                store.read_now(move |tx| tx.list_tasks(project, &filter)).unwrap_or_default();
            let Some(last) = page.last() else { break };
            after = last.task.id.0;
            for row in page {
                self.holds(row.name.contains(marker), "I9", || {
                    format!("{} is in the store of {marker}", row.name)
                });
                self.note(format!("a task was {}", row.task.state.as_str()));
                tasks.insert(row.task.id, row.task);
            }
        }
        let items =
            store.read_now(move |tx| tx.items(project, ItemId(0), 10_000)).unwrap_or_default();
        self.holds(items.len() == tasks.len(), "I1", || {
            format!("{} items, {} tasks", items.len(), tasks.len())
        });
        tasks
    }

    fn audit_counts<'a>(
        &self,
        world: &World,
        rival: usize,
        project: ProjectId,
        tasks: impl Iterator<Item = &'a TaskRow>,
    ) {
        let store = world.store(rival);
        let told = store.read_now(move |tx| tx.counts(project)).unwrap_or_default();
        let mut own = store::Counts::default();
        for task in tasks {
            *own.of_mut(task.state) += 1;
            own.answers += task.answers;
            own.wanted += task.overlap;
        }
        self.holds(told == own, "I1", || format!("the counters say {told:?}, the tasks {own:?}"));
    }

    fn audit_task(
        &mut self,
        world: &World,
        rival: usize,
        project: usize,
        task: &TaskRow,
        log: &Log,
    ) {
        let store = world.store(rival);
        let id = task.id;
        let slots: Vec<SlotRow> = store.read_now(move |tx| tx.slots_of(id)).unwrap_or_default();
        let say = || format!("{task:?} with {slots:#?}");
        let of = |stage: Stage, fits: fn(&SlotRow) -> bool| {
            slots.iter().filter(|slot| slot.stage == stage && fits(slot)).count() as i64
        };
        let held = |slot: &SlotRow| matches!(slot.slot.state, State::Held { .. });
        let answered = |slot: &SlotRow| matches!(slot.slot.state, State::Answered { .. });
        let reserved =
            |slot: &SlotRow| slot.slot.state == State::Free && slot.slot.reserved_for.is_some();
        let open_slots = of(task.stage, held) + of(task.stage, reserved) + task.open;
        match (task.state, task.stage) {
            // Every answer that is wanted is given, in somebody's hands, or waits for somebody.
            (TaskState::Queued | TaskState::InProgress, Stage::Label) => {
                self.holds(task.answers + open_slots == task.overlap, "I1", say);
                let again = self.books[rival].reopened.contains(&id);
                self.holds(again || task.answers == of(Stage::Label, answered), "I1", say);
                let plan = &plans()[project];
                let most = match plan.slice(id) {
                    Slice::Fixed | Slice::Audit => plan.overlap,
                    Slice::Adaptive(adaptive) => adaptive.max,
                };
                let asked = plan.wanted_first()..=most;
                self.holds(asked.contains(&task.overlap), "I1", say);
            }
            (TaskState::InReview, Stage::Review | Stage::Adjudicate) => {
                self.holds(open_slots == 1 && task.answers == task.overlap, "I1", say);
            }
            (TaskState::Done, _) => {
                self.holds(task.open == 0, "I1", say);
                self.audit_label(world, rival, id);
            }
            (TaskState::Error, Stage::Label) | (TaskState::Canceled, _) => {
                self.holds(task.open == 0, "I1", say)
            }
            _ => self.holds(false, "I1", say),
        }
        let mut people = HashSet::new();
        for slot in slots.iter().filter(|slot| slot.stage == Stage::Label) {
            if let State::Held { by, .. } | State::Answered { by, .. } = slot.slot.state
                && !self.books[rival].reopened.contains(&id)
            {
                self.holds(people.insert(by), "I11", || {
                    format!("{by} has two slots of {id}: {slots:#?}")
                });
            }
        }
        self.audit_replayed(task, &slots, log);
    }

    fn audit_replayed(&self, task: &TaskRow, slots: &[SlotRow], log: &Log) {
        let begun = (TaskState::Queued.as_str().to_string(), "label".to_string(), task.overlap, 0);
        let replayed = log.tasks.get(&task.id.to_string()).unwrap_or(&begun);
        let real = (
            task.state.as_str().to_string(),
            task.stage.as_str().to_string(),
            task.open,
            task.answers,
        );
        self.holds(*replayed == real, "I8", || {
            format!("{}: the log says {replayed:?}, the row {real:?}", task.id)
        });
        for slot in slots {
            let (state, holder, until) = match &slot.slot.state {
                State::Free => ("free", None, None),
                State::Held { by, until } => ("held", Some(by.to_string()), Some(until.0)),
                State::Answered { by, .. } => ("answered", Some(by.to_string()), None),
                State::Closed => ("closed", None, None),
            };
            let reserved = slot.slot.reserved_for.map(|person| person.to_string());
            let real = (state.to_string(), slot.slot.fence, holder, until, reserved);
            let replayed = log.slots.get(&slot.id.to_string());
            self.holds(replayed == Some(&real), "I8", || {
                format!("{}: the log says {replayed:?}, the row {real:?}", slot.id)
            });
        }
    }

    fn audit_acknowledged(&self, world: &World, rival: usize, log: &Log) {
        let store = world.store(rival);
        for (submission, known) in &self.books[rival].acknowledged {
            let count = log.submissions.get(submission).copied().unwrap_or(0);
            self.holds(count == 1, "I5", || {
                format!("{submission} is {count} times in the log: {known:?}")
            });
            if known.is_review {
                continue;
            }
            let Ok(name) = submission.parse() else { continue };
            let row = store.read_now(move |tx| tx.answer_by_submission(&name)).ok().flatten();
            let fits = row.as_ref().is_some_and(|row| {
                row.slot == known.slot
                    && row.person == known.person
                    && format!("{:?}", row.answer) == known.said
            });
            self.holds(fits, "I5", || {
                format!("{submission} was acknowledged as {known:?}, and is {row:?}")
            });
        }
        let twice = log.submissions.iter().find(|(_, count)| **count > 1);
        self.holds(twice.is_none(), "I3", || format!("{twice:?} took effect more than once"));
    }

    /// The state of everything, out of the event log alone.
    fn replay(&self, world: &World, rival: usize) -> Log {
        let store = world.store(rival);
        let mut log = Log::default();
        let mut last = 0;
        loop {
            let page = store.read_now(move |tx| tx.events_after(last)).unwrap_or_default();
            let Some(end) = page.last() else { return log };
            self.holds(page[0].seq == last + 1, "I7", || {
                format!("after {last} comes {}", page[0].seq)
            });
            last = end.seq;
            for event in page {
                self.holds(!event.detail.contains(MARKERS[rival]), "I7", || {
                    format!("the log holds what the customer brought: {}", event.detail)
                });
                let detail: serde_json::Value =
                    serde_json::from_str(&event.detail).unwrap_or_default();
                let text = |name: &str| detail[name].as_str().map(str::to_string);
                let number = |name: &str| detail[name].as_i64();
                if event.kind == "slot.answered" {
                    let (amount, currency) = (
                        detail["pay"]["amount_minor"].as_i64(),
                        detail["pay"]["currency"].as_str(),
                    );
                    if let (Some(amount), Some(_)) = (amount, currency) {
                        *log.earned.entry(event.actor.clone()).or_default() += amount;
                        log.paid += 1;
                    }
                }
                if let Some(submission) = text("submission") {
                    *log.submissions.entry(submission).or_default() += 1;
                }
                let (Some(task), Some(state)) = (text("task"), text("task_state")) else {
                    continue;
                };
                let stage = text("stage").unwrap_or_default();
                let counts = (number("open").unwrap_or(-1), number("answers").unwrap_or(-1));
                log.tasks.insert(task, (state, stage, counts.0, counts.1));
                if let Some(state) = text("slot_state") {
                    let fence = number("fence").unwrap_or(-1);
                    log.slots.insert(
                        event.subject,
                        (state, fence, text("holder"), number("until"), text("reserved_for")),
                    );
                }
            }
        }
    }

    /// Once the relay has caught up: who has answered is paid, once for each answer and no more. The
    /// people of both rivals have the same numbers, so that each account holds what both owe.
    pub fn audit_money(&mut self, world: &World) {
        let mut owed: HashMap<String, i64> = HashMap::new();
        let mut paid = 0;
        for rival in 0..world.rivals.len() {
            let log = self.replay(world, rival);
            paid += log.paid;
            for (person, amount) in log.earned {
                *owed.entry(person).or_default() += amount;
            }
        }
        let control = world.stores.control();
        let transfers = control.read_now(|tx| tx.count_transfers());
        self.holds(transfers.as_ref().is_ok_and(|transfers| *transfers == paid), "I6", || {
            format!(
                "{paid} events are to take effect in the ledger, it has {transfers:?} transfers"
            )
        });
        let crooked = control.read_now(|tx| tx.audit_ledger());
        self.holds(crooked.as_ref().is_ok_and(|crooked| *crooked == (0, 0)), "I4", || {
            format!("transfers that do not balance, balances that are no sums: {crooked:?}")
        });
        for (person, owed) in owed {
            let account = format!("earnings:{person}");
            let balance = control.read_now(move |tx| tx.balances(&account)).unwrap_or_default();
            self.holds(balance == [("EUR".to_string(), owed)], "I3", || {
                format!("{person} is owed {owed}: {balance:?}")
            });
        }
        let read = control.read_now(|tx| tx.verify_events());
        self.holds(read.is_ok(), "I7", || format!("{read:?}"));
    }

    /// That ids of one rival mean something at the other too: without that, I9 is easily kept.
    pub fn audit_ids(&mut self) {
        let [ours, theirs] = &self.books;
        let slots = ours.slots.keys().filter(|slot| theirs.slots.contains_key(slot)).count();
        let of = |book: &Book| -> HashSet<TaskId> {
            book.slots.values().map(|belief| belief.task).collect()
        };
        let tasks = of(ours).intersection(&of(theirs)).count();
        for (what, count) in [("slot", slots), ("task", tasks)] {
            *self.seen.entry(format!("a {what} has the id of a rival's {what}")).or_default() +=
                count as u64;
        }
    }

    /// Once everybody has worked with care and nothing failed, no task is left lying about, but those
    /// that all who may judge, or label, have had in hand.
    pub fn audit_end(
        &mut self,
        world: &World,
        rival: usize,
        people: &[PersonId],
        judges: &[PersonId],
    ) {
        for (number, project) in world.rivals[rival].projects.clone().into_iter().enumerate() {
            for task in self.read_tasks(world, rival, project).into_values() {
                if matches!(task.state, TaskState::Done | TaskState::Error | TaskState::Canceled) {
                    continue;
                }
                let (id, store) = (task.id, world.store(rival));
                let (asked, what) = match task.state {
                    TaskState::InReview => (judges, "a task was passed by by all who may judge it"),
                    _ => (people, "a task was had by all who may label it"),
                };
                // Only a plan that asks for more answers as it goes can run out of people.
                let may_be_left =
                    task.state == TaskState::InReview || plans()[number].is_adaptive();
                self.holds(may_be_left, "I1", || format!("{task:?} is left"));
                let passed_by = asked.iter().all(|person| {
                    let person = *person;
                    store.read_now(move |tx| tx.has_touched(id, person)).unwrap_or_default()
                });
                self.holds(passed_by, "I1", || format!("{task:?} is left"));
                self.note(what);
            }
        }
    }
}

/// How a slot stands: state, fence, holder, until, reserved for.
type Standing = (String, i64, Option<String>, Option<i64>, Option<String>);

/// What the event log says.
#[derive(Default)]
struct Log {
    /// State, stage, open, answers.
    tasks: HashMap<String, (String, String, i64, i64)>,
    slots: HashMap<String, Standing>,
    submissions: HashMap<String, u64>,
    /// What each person is owed, and for how many answers.
    earned: HashMap<String, i64>,
    paid: i64,
}
