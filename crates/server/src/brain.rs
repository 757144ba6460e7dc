//! What is believed of a project's tasks, and known of its people: in memory, of one process.
//!
//! Nothing here is needed for a task to find its way: what is lost is fitted again from the store, and until then
//! tasks ask for as many answers as their plan allows.
//!
//! - **B1** A model is fitted in the background to every standing answer, by the estimator that [`stats::auto`] chooses, and takes
//!   answers one by one until it is fitted again: once they are a tenth more.
//! - **B2** A task is believed by its own answers, as the store has them, and by what the *other* tasks say of those
//!   who gave them. The command that asks changes nothing, and may ask again.
//! - **B3** A confidence is calibrated on gold, each predicted without its being known, and says whether it is.
//! - **B4** What a plan is worth is measured where it had no say: audited tasks and gold are replayed as if it had (`brain/audit.rs`).
//! - **B5** Memory is bounded: so many projects, answers, classes and cells (`limits`). Beyond that a project has no model.

mod audit;

pub use audit::Replayed;

use crate::{App, Cx, Error, Result};
use domain::answers::Answer;
use domain::projects::{ChoiceMode, Plan, Slice, draw};
use domain::queue::{self, First, Standing};
use domain::workflow::Belief;
use domain::{AnswerId, OrganizationId, PersonId, ProjectId, TaskId, limits, quality};
use stats::answers::{Answer as Said, Answers, Known, Shape};
use stats::calibration::{Calibration, Point, fit};
use stats::dawid_skene::Pooling;
use stats::online::Online;
use stats::{auto, plan};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use store::{Access, AnswerRow, GoldRow, ProjectRow, TaskRow, Tx, Vote};

/// The models of all projects that were asked for lately.
#[derive(Default)]
pub struct Brains(Mutex<HashMap<Key, Kept>>);

type Key = (OrganizationId, ProjectId);

struct Kept {
    access: Access,
    model: Option<Arc<RwLock<Model>>>,
    people: Option<Arc<People>>,
    /// Whether it is to be fitted (again), and whether with a model.
    wanted: Option<Wanted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Gold and scores alone.
    People,
    Model,
}

/// How the people of a project did on gold.
#[derive(Clone, Debug, Default)]
pub struct People {
    pub has_live_gold: bool,
    /// Right, and in all.
    pub scores: HashMap<PersonId, (i64, i64)>,
}

/// A model of one project's people and tasks.
pub struct Model {
    classes: HashMap<String, usize>,
    pub names: Vec<String>,
    items: HashMap<TaskId, usize>,
    pub people: HashMap<PersonId, usize>,
    pub effort: Vec<u32>,
    pub online: Online,
    /// What was chosen, and why.
    pub method: auto::Method,
    pub reason: String,
    pub calibration: Calibration,
    replayed: Vec<Replayed>,
    confusion: Confusion,
    /// Answers that it was fitted to, that came since, and that the method was chosen on.
    pub fitted: usize,
    since: usize,
    chosen_on: usize,
}

/// How often what is of one class was called another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confusion {
    pub by_gold: bool,
    /// Class after class that is so, class after class that was said.
    pub counts: Vec<f64>,
}

/// What is believed of a task, and how far that can be relied on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighed {
    pub belief: Belief,
    pub calibrated: bool,
    pub model: &'static str,
}

/// Skill from which two people on either side make a task contested, and answers by which it is known.
const RELIABLE: f64 = 0.8;
const RELIABLE_EFFORT: u32 = 20;
const REFIT_LEAST: usize = 50;

/// What a choice answer says, as one word.
pub fn said(answer: &Answer) -> String {
    let mut choices = answer.choices.clone();
    choices.sort_unstable();
    choices.join("\u{1f}")
}

impl Brains {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is believed of a task; nothing where there is no model (yet).
    pub fn weigh(&self, cx: &Cx, project: ProjectId, standing: &[AnswerRow]) -> Option<Weighed> {
        let key = (cx.actor().organization, project);
        let model = self.lock().get(&key)?.model.clone()?;
        let model = model.read().unwrap_or_else(PoisonError::into_inner);
        let said: Vec<(PersonId, String)> =
            standing.iter().map(|row| (row.person, said(&row.answer))).collect();
        model.weigh(standing.first()?.task, &said)
    }

    /// An answer has lasted: learns from it, or asks for a model.
    pub fn heard(&self, cx: &Cx, project: &ProjectRow, task: &TaskRow, answer: &Answer) {
        let is_adaptive = project.plan.is_adaptive();
        let mut all = self.lock();
        let kept = entry(&mut all, cx, project.id);
        if task.gold {
            kept.wanted = kept.wanted.max(Some(Wanted::People));
        }
        let Some(model) = kept.model.clone() else {
            if is_adaptive {
                kept.wanted = kept.wanted.max(Some(Wanted::Model));
            }
            return;
        };
        let mut model = model.write().unwrap_or_else(PoisonError::into_inner);
        model.learn(task.id, cx.person(), &said(answer));
        if is_adaptive && model.is_due() {
            kept.wanted = Some(Wanted::Model);
        }
    }

    /// The share of gold among the next tasks of the caller, where there is any; learned in the background.
    pub fn gold_rate(&self, cx: &Cx, project: ProjectId) -> f64 {
        let mut all = self.lock();
        let kept = entry(&mut all, cx, project);
        let Some(people) = kept.people.clone() else {
            kept.wanted = kept.wanted.max(Some(Wanted::People));
            return 0.0;
        };
        drop(all);
        if !people.has_live_gold {
            return 0.0;
        }
        let (right, all) = people.scores.get(&cx.person()).copied().unwrap_or_default();
        let known = stats::sequence::share(right as u64, (all - right) as u64, 0.05);
        quality::gold_rate(all, known.width() / 2.0)
    }

    /// Which part of the queue the caller is given first: what leaves a doubt is for those who are known to be able.
    pub fn first(&self, cx: &Cx, project: &ProjectRow, number: usize) -> First {
        if !project.plan.is_adaptive() {
            return First::Doubtful;
        }
        let Some(model) = self.model(cx.actor().organization, project.id) else {
            return First::Doubtful;
        };
        let model = model.read().unwrap_or_else(PoisonError::into_inner);
        let known = model.people.get(&cx.person());
        let crowd = model.online.crowd_skill();
        let standing = Standing {
            skill: known.map_or(crowd, |who| model.online.skill(*who)),
            crowd,
            answers: known.map_or(0, |who| model.effort[*who].into()),
        };
        // Not the draws that gold is dealt by.
        queue::first(&standing, chance(cx, project.id, limits::LEASES_MAX + number))
    }

    /// Gold or a score has changed: what was known of it is to be read again.
    pub fn gold_changed(&self, cx: &Cx, project: ProjectId) {
        let mut all = self.lock();
        let kept = entry(&mut all, cx, project);
        let wanted = if kept.model.is_some() { Wanted::Model } else { Wanted::People };
        kept.wanted = kept.wanted.max(Some(wanted));
    }

    pub fn model(
        &self,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Option<Arc<RwLock<Model>>> {
        self.lock().get(&(organization, project))?.model.clone()
    }

    fn take_wanted(&self) -> Vec<(Key, Access, Wanted)> {
        let mut all = self.lock();
        let wanted = all
            .iter_mut()
            .filter_map(|(key, kept)| Some((*key, kept.access.clone(), kept.wanted.take()?)));
        wanted.collect()
    }
}

fn entry<'a>(all: &'a mut HashMap<Key, Kept>, cx: &Cx, project: ProjectId) -> &'a mut Kept {
    let key = (cx.actor().organization, project);
    if all.len() >= limits::MODELS_MAX && !all.contains_key(&key) {
        all.clear();
    }
    let new = || Kept { access: cx.access().clone(), model: None, people: None, wanted: None };
    all.entry(key).or_insert_with(new)
}

/// A number from 0 to 1 for one chance of one person: the same when a command is run again.
pub fn chance(cx: &Cx, project: ProjectId, number: usize) -> f64 {
    let seed = cx.person().0.rotate_left(21) ^ project.0.rotate_left(42) ^ cx.now.0;
    draw(seed.wrapping_add(number as i64))
}

/// Reads a project's answers and gold, and fits what is wanted (B1). Blocks: for threads of their own.
pub fn learn(app: &App, access: &Access, project: ProjectId, wanted: Wanted) -> Result<()> {
    let key = (access.actor().organization, project);
    let before = app.brains.model(key.0, key.1);
    let before = before.map(|model| {
        let model = model.read().unwrap_or_else(PoisonError::into_inner);
        (model.method, model.reason.clone(), model.chosen_on)
    });
    let (people, read) = access.store().read_now(move |tx| {
        let row = tx.project(project)?.ok_or(Error::NotFound)?;
        let golds = tx.golds(project, TaskId(0), limits::GOLD_MAX)?;
        let mut people = People {
            has_live_gold: golds.iter().any(|gold| gold.state == "live"),
            ..People::default()
        };
        for score in tx.scores(project, limits::MODEL_ANSWERS_MAX as i64)? {
            let (right, all) = people.scores.entry(score.person).or_default();
            *right += i64::from(score.correct);
            *all += 1;
        }
        let read = match wanted {
            Wanted::Model => read(tx, &row, golds)?,
            Wanted::People => None,
        };
        Ok::<_, Error>((people, read))
    })?;
    let model = read.and_then(|read| read.fit(before)).map(|model| Arc::new(RwLock::new(model)));
    if let Some(kept) = app.brains.lock().get_mut(&key) {
        kept.people = Some(Arc::new(people));
        kept.model = model.or(kept.model.take());
    }
    Ok(())
}

/// Works on whatever is wanted, until it is aborted.
pub fn start(app: App) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            for (key, access, wanted) in app.brains.take_wanted() {
                let inner = app.clone();
                let run = move || learn(&inner, &access, key.1, wanted);
                match tokio::task::spawn_blocking(run).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(?error, project = %key.1, "no model could be fitted");
                    }
                    Err(error) => tracing::error!(%error, "fitting a model panicked"),
                }
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    })
}

/// Fits a model now if there is none, for a page that shows it.
pub async fn look(cx: &Cx, project: ProjectId) -> Result<Option<Arc<RwLock<Model>>>> {
    entry(&mut cx.app.brains.lock(), cx, project);
    let (app, access) = (cx.app.clone(), cx.access().clone());
    let organization = cx.actor().organization;
    if let Some(model) = app.brains.model(organization, project) {
        let due = model.read().unwrap_or_else(PoisonError::into_inner).is_due();
        if !due {
            return Ok(Some(model));
        }
    }
    let run = move || {
        learn(&app, &access, project, Wanted::Model)?;
        Ok(app.brains.model(organization, project))
    };
    tokio::task::spawn_blocking(run).await.map_err(|error| Error::Internal(error.to_string()))?
}

/// Everything that a model is fitted to.
struct Reading {
    plan: Plan,
    names: Vec<String>,
    votes: Vec<(TaskId, PersonId, String)>,
    known: Vec<(TaskId, String)>,
}

fn read(tx: &mut Tx<'_>, project: &ProjectRow, golds: Vec<GoldRow>) -> Result<Option<Reading>> {
    let Some(mode) = project.question.choice else { return Ok(None) };
    let ontology = tx.ontology(project.id, project.ontology_version)?.ok_or(Error::NotFound)?;
    let names = match mode {
        ChoiceMode::Single => {
            ontology.document.classes.into_iter().map(|class| class.key).collect()
        }
        ChoiceMode::Multi => vec![],
    };
    let mut votes = Vec::new();
    let mut after = AnswerId(0);
    loop {
        let page = tx.votes(project.id, after, 5_000)?;
        let Some(last) = page.last() else { break };
        after = last.answer;
        votes.extend(
            page.into_iter()
                .map(|Vote { task, person, said: answer, .. }| (task, person, said(&answer))),
        );
        if votes.len() > limits::MODEL_ANSWERS_MAX {
            return Ok(None);
        }
    }
    // What people have begun to recognize says nothing about them.
    let known = golds.into_iter().filter(|gold| gold.state != "leaked");
    let known = known.map(|gold| (gold.task, said(&gold.known))).collect();
    Ok(Some(Reading { plan: project.plan.clone(), names, votes, known }))
}

/// Numbers for names, in the order in which they come.
fn number<T: std::hash::Hash + Eq>(numbers: &mut HashMap<T, usize>, name: T) -> usize {
    let next = numbers.len();
    *numbers.entry(name).or_insert(next)
}

impl Reading {
    fn fit(self, before: Option<(auto::Method, String, usize)>) -> Option<Model> {
        let (mut classes, mut items, mut people) = (HashMap::new(), HashMap::new(), HashMap::new());
        for name in self.names {
            number(&mut classes, name);
        }
        let mut rows = Vec::with_capacity(self.votes.len());
        let mut effort = Vec::new();
        let gold: HashMap<TaskId, usize> = self
            .known
            .iter()
            .map(|(task, class)| (*task, number(&mut classes, class.clone())))
            .collect();
        // What is replayed, with its answers as they came: the table has them in another order.
        let mut came: BTreeMap<TaskId, audit::Came> = BTreeMap::new();
        for (task, person, class) in self.votes {
            let contributor = number(&mut people, person);
            if effort.len() <= contributor {
                effort.push(0);
            }
            effort[contributor] += 1;
            let label = number(&mut classes, class);
            rows.push(Said {
                item: number(&mut items, task) as u32,
                contributor: contributor as u32,
                label: label as u32,
            });
            if gold.contains_key(&task) || self.plan.slice(task) == Slice::Audit {
                came.entry(task).or_default().push((contributor, label));
            }
        }
        let known: Vec<Known> = self
            .known
            .iter()
            .filter_map(|(task, _)| Some(Known { item: *items.get(task)?, class: gold[task] }))
            .collect();
        // What nobody has said so far is said some day.
        let others = classes.len() + 1;
        let shape = Shape { items: items.len(), contributors: people.len(), classes: others };
        if others > limits::MODEL_CLASSES_MAX
            || shape.contributors * others * others > limits::MODEL_CELLS_MAX
        {
            return None;
        }
        let table = Answers::new(shape, &rows).ok()?;
        let again = before.filter(|(.., on)| rows.len() < 2 * on);
        let (method, reason, chosen_on) = again.unwrap_or_else(|| {
            let choice = auto::choose(&table, &known, 1);
            (choice.method, choice.reason.to_string(), rows.len())
        });
        let online = Online::from_table(&table, &known, Pooling::default(), 3);
        let mut names = vec![String::new(); others];
        for (name, class) in &classes {
            names[*class] = name.clone();
        }
        let mut model = Model {
            classes,
            names,
            items,
            people,
            effort,
            online,
            method,
            reason,
            calibration: fit(&[], 1),
            replayed: Vec::new(),
            confusion: Confusion::default(),
            fitted: rows.len(),
            since: 0,
            chosen_on,
        };
        let most = audit::most_of(&self.plan);
        let tried = came.iter().filter_map(|(task, came)| {
            let came = &came[..came.len().min(most)];
            Some((model.items[task], *gold.get(task)?, came))
        });
        model.calibration = model.calibrate(tried);
        model.confusion = model.confuse(&table, &known);
        let mut audited = 0;
        for (task, came) in came.iter().rev() {
            let is_audited = self.plan.slice(*task) == Slice::Audit;
            audited += usize::from(is_audited);
            let known = gold.get(task).copied();
            if known.is_some() || audited <= audit::AUDITED_MAX {
                let found = audit::replay(&model, &self.plan, model.items[task], known, came);
                model.replayed.push(Replayed { audited: is_audited, ..found });
            }
        }
        Some(model)
    }
}

impl Model {
    /// Whether it weighs people, or counts them.
    pub fn weighs(&self) -> bool {
        self.method != auto::Method::Majority
    }

    pub fn name(&self) -> &'static str {
        if self.weighs() { "dawid_skene" } else { "vote" }
    }

    fn is_due(&self) -> bool {
        self.since >= (self.fitted / 10).max(REFIT_LEAST)
    }

    /// Audited tasks and gold, as the plan would have had them.
    pub fn replayed(&self) -> &[Replayed] {
        &self.replayed
    }

    /// How often each class was said of each: of known items by what is known, where there are any, otherwise by what is
    /// believed. By what is so, then by what was said.
    pub fn confusion(&self) -> &Confusion {
        &self.confusion
    }

    /// Each gold item as it would have been believed after each of its answers, against what is known (B3).
    fn calibrate<'a>(
        &self,
        tried: impl Iterator<Item = (usize, usize, &'a [(usize, usize)])>,
    ) -> Calibration {
        let mut points = Vec::new();
        for (group, (item, known, came)) in tried.enumerate() {
            let said = self.voices(came);
            for count in 1..=said.len() {
                let belief = self.online.weighed(Some(item), &said[..count]);
                let (class, confidence) = best_of(&belief, &said[..count]);
                points.push(Point { confidence, right: class == known, group });
            }
        }
        fit(&points, 1)
    }

    /// Answers as they are weighed: without their authors, where people are counted.
    fn voices(&self, came: &[(usize, usize)]) -> Vec<(Option<usize>, usize)> {
        let weighs = self.weighs();
        came.iter().map(|(who, label)| (weighs.then_some(*who), *label)).collect()
    }

    fn confuse(&self, table: &Answers, known: &[Known]) -> Confusion {
        let classes = self.names.len();
        let mut counts = vec![0.0; classes * classes];
        for known in known {
            table
                .of_item(known.item)
                .for_each(|(_, said)| counts[known.class * classes + said] += 1.0);
        }
        let by_gold = !known.is_empty();
        if !by_gold {
            for answer in table.iter() {
                let belief = self.online.belief(answer.item as usize);
                for (class, p) in belief.iter().enumerate() {
                    counts[class * classes + answer.label as usize] += p;
                }
            }
        }
        Confusion { by_gold, counts }
    }

    fn learn(&mut self, task: TaskId, person: PersonId, class: &str) {
        let Some(class) = self.classes.get(class).copied() else {
            self.since = self.fitted.max(REFIT_LEAST);
            return;
        };
        let item = number(&mut self.items, task);
        let contributor = number(&mut self.people, person);
        if self.effort.len() <= contributor {
            self.effort.push(0);
        }
        self.effort[contributor] += 1;
        self.online.answer(item, contributor, class);
        self.since += 1;
    }

    fn weigh(&self, task: TaskId, standing: &[(PersonId, String)]) -> Option<Weighed> {
        let other = self.names.len() - 1;
        let said: Vec<(Option<usize>, usize)> = standing
            .iter()
            .map(|(person, class)| {
                let contributor = self.people.get(person).copied().filter(|_| self.weighs());
                (contributor, self.classes.get(class).copied().unwrap_or(other))
            })
            .collect();
        let belief = self.believe(self.items.get(&task).copied(), &said)?;
        let calibrated = self.calibration.is_trusted();
        Some(Weighed { belief, calibrated, model: self.name() })
    }

    fn believe(&self, item: Option<usize>, said: &[(Option<usize>, usize)]) -> Option<Belief> {
        let belief = self.online.weighed(item, said);
        let (class, claimed) = best_of(&belief, said);
        let trusted = self.calibration.is_trusted();
        let confidence = if trusted { self.calibration.curve.at(claimed) } else { claimed };
        Some(Belief {
            voice: said.iter().position(|(_, label)| *label == class)?,
            confidence: confidence.clamp(0.0, 1.0),
            hope: plan::hope(&belief, self.online.crowd_skill()),
            contested: self.is_contested(said),
        })
    }

    /// Whether two and two who are known to be reliable stand against each other.
    fn is_contested(&self, said: &[(Option<usize>, usize)]) -> bool {
        let mut sides: HashMap<usize, usize> = HashMap::new();
        for (contributor, label) in said {
            let reliable = contributor.is_some_and(|contributor| {
                self.effort.get(contributor).is_some_and(|effort| *effort >= RELIABLE_EFFORT)
                    && self.online.skill(contributor) >= RELIABLE
            });
            *sides.entry(*label).or_default() += usize::from(reliable);
        }
        sides.values().filter(|count| **count >= 2).count() >= 2
    }
}

/// The most probable of the classes that somebody said.
fn best_of(belief: &[f64], said: &[(Option<usize>, usize)]) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for (_, label) in said {
        if belief[*label] > best.1 {
            best = (*label, belief[*label]);
        }
    }
    best
}
