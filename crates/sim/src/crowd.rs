//! A crowd of known accuracy under the adaptive plan: what it makes of a project, watched by the auditor.
//!
//! Nothing comes late here and nobody wanders off; what is tried is the plan. Some tasks are gold, the model is fitted now and
//! then as the background would, and twice the process dies and forgets it.

use crate::auditor::{Auditor, Place};
use crate::dice::Dice;
use crate::people::{Act, Message, Reply, Worker, truth};
use crate::world::{MINUTE_MS, World, asks_for_spans, plans};
use domain::projects::{Plan, Slice};
use domain::workflow::{Method, Stage, TaskState};
use domain::{PersonId, Role};
use server::queue::ClaimRequest;
use std::collections::BTreeMap;
use store::{TaskFilter, TaskRow};

/// What became of the tasks that are not gold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Labels that answers made, without an expert, and those of them that are right.
    pub labels: i64,
    pub right: i64,
    /// Tasks that an expert decided.
    pub escalated: i64,
    /// How many tasks the plan gave so many answers.
    pub spread: BTreeMap<i64, i64>,
    /// The same of the audited.
    pub audited: BTreeMap<i64, i64>,
    /// Confidences that were shown, and how many of those labels are right.
    pub claimed: f64,
    pub shown: i64,
    pub held: i64,
}

/// Has `tasks` tasks of a project labelled by people of these accuracies (percent of answers that are no guess).
///
/// # Panics
/// When a rule is broken: the message names the rule, the seed and the step.
pub fn run(seed: u64, project: usize, tasks: usize, gold: usize, care: &[u64]) -> Outcome {
    let rival = 0;
    let mut world = World::new();
    let mut dice = Dice::new(seed);
    let mut auditor = Auditor::default();
    world.bring(rival, project, tasks);
    let rows = rows(&world, rival, project);
    for row in &rows[..gold] {
        world.make_gold(rival, project, row.id);
    }
    let expert = Worker::new(rival, PersonId(100), Role::Reviewer, 98);
    let crowd = care.iter().enumerate().map(|(number, care)| {
        Worker::new(rival, PersonId(101 + number as i64), Role::Contributor, *care)
    });
    let mut workers: Vec<Worker> = std::iter::once(expert).chain(crowd).collect();
    let (mut answers, mut idle) = (0, 0);
    while idle < workers.len() {
        auditor.place = Place { seed, step: answers, now: world.now().0 };
        // Everybody in turn, so that who is idle for a round is idle for good.
        let number = idle + dice.below(workers.len() - idle);
        let given =
            work(&mut world, project, &mut auditor, &mut workers[number], number, &mut dice);
        workers.swap(number, idle);
        idle = if given == 0 { idle + 1 } else { 0 };
        let before = answers;
        answers += given;
        if answers / 120 > before / 120 {
            world.learn(rival, project);
        }
        if answers / 500 > before / 500 {
            auditor.audit(&world, rival);
        }
        if [300, 900].iter().any(|at| (before..answers).contains(at)) {
            world.restart();
        }
        world.pass_ms(dice.between(1, MINUTE_MS));
    }
    auditor.audit(&world, rival);
    outcome(&world, rival, project, gold)
}

/// Takes what there is and answers it; answers how much that was.
fn work(
    world: &mut World,
    project: usize,
    auditor: &mut Auditor,
    worker: &mut Worker,
    number: usize,
    dice: &mut Dice,
) -> u32 {
    let mut given = 0;
    let project = world.rivals[worker.rival].projects[project];
    let stages: &[Stage] = match worker.role {
        Role::Contributor => &[Stage::Label],
        _ => &[Stage::Review, Stage::Adjudicate],
    };
    for stage in stages {
        let mut ask = |worker: &Worker, act: Act| {
            let Worker { rival, id: person, role, .. } = *worker;
            let message = Message { rival, worker: number, person, role, act };
            let result = world.deliver(&message);
            auditor.hear(&message, &result, false);
            result.unwrap_or_else(|error| panic!("seed {}: {error:?}", auditor.place.seed))
        };
        let request = ClaimRequest { stage: *stage, count: 1 + dice.below(2), holding: vec![] };
        let Reply::Claims(claims) = ask(worker, Act::Claim { project, request }) else { continue };
        worker.receive(&claims, dice);
        for hand in std::mem::take(&mut worker.hands) {
            let act = worker.finish_well(hand);
            ask(worker, act);
            given += 1;
        }
    }
    given
}

fn rows(world: &World, rival: usize, project: usize) -> Vec<TaskRow> {
    let (id, mut found, mut after) = (world.rivals[rival].projects[project], Vec::new(), 0);
    loop {
        let filter = TaskFilter { after, limit: 200, ..TaskFilter::default() };
        let page = world.store(rival).read_now(move |tx| tx.list_tasks(id, &filter));
        let page = page.expect("tasks can be listed");
        let Some(last) = page.last() else { return found };
        after = last.task.id.0;
        found.extend(page.into_iter().map(|row| row.task));
    }
}

fn outcome(world: &World, rival: usize, project: usize, gold: usize) -> Outcome {
    let plan: &Plan = &plans()[project];
    let mut outcome = Outcome::default();
    for row in &rows(world, rival, project)[gold..] {
        assert_eq!(row.state, TaskState::Done, "{row:?} is left");
        let id = row.id;
        let label = world.store(rival).read_now(move |tx| tx.label(id)).ok().flatten();
        let label = label.expect("a finished task has a label");
        let truth = truth(&row.id.to_string());
        let is_right = match asks_for_spans(project) {
            true => matches!(&label.value.spans[..], [span] if span.class == truth),
            false => label.value.choices == [truth],
        };
        let spread = match plan.slice(row.id) {
            Slice::Audit => &mut outcome.audited,
            Slice::Adaptive(_) | Slice::Fixed => &mut outcome.spread,
        };
        *spread.entry(row.answers).or_default() += 1;
        if label.method == Method::Adjudicated {
            outcome.escalated += 1;
            continue;
        }
        outcome.labels += 1;
        outcome.right += i64::from(is_right);
        if let Some(confidence) = label.confidence.filter(|_| label.calibrated) {
            outcome.claimed += confidence;
            outcome.shown += 1;
            outcome.held += i64::from(is_right);
        }
    }
    outcome
}
