//! What is believed of a project's tasks, and known of its people: in memory, of one process.
//!
//! Nothing here is needed for a task to find its way: what is lost is fitted again from the store, and until then
//! tasks ask for as many answers as their plan allows.
//!
//! - **B1** A model is fitted in the background to every standing answer, and again once they are a tenth more. Of choices it is by the estimator that
//!   [`stats::auto`] chooses, and takes answers one by one in between; of marks it is what [`stats::objects::Witnesses`] learn.
//! - **B2** A task is believed by its own answers, as the store has them, and by what the *other* tasks say of those
//!   who gave them. The command that asks changes nothing, and may ask again.
//! - **B3** A confidence is calibrated on gold, each predicted without its being known, and says whether it is. A plan goes by the curve; what is told of a label
//!   is in levels, by the gold that there is when it is read (`brain/told.rs`). What was labelled without a model gets its claim from the next (`brain/claims.rs`).
//! - **B4** What a plan is worth is measured where it had no say: audited tasks and gold are replayed as if it had (`brain/audit.rs`).
//! - **B5** Memory is bounded: so many projects, answers, classes and cells (`limits`). Beyond that a project has no model.

mod audit;
mod choice;
mod claims;
mod marks;
mod model;
mod told;

pub use audit::Replayed;
pub use model::{Confusion, Model, Weighed};
pub use told::{Told, told};

use model::Numbered;

use crate::{App, Cx, Error, Result};
use domain::answers::Answer;
use domain::projects::{Plan, Question, draw};
use domain::queue::{self, First, Standing};
use domain::{AnswerId, OrganizationId, PersonId, ProjectId, TaskId, limits, quality};
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
    /// Of a project that has no model: answers of which none could be made, and those that came since.
    tried: usize,
    since: usize,
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

/// What an answer says as one word: its choice, or its attributes where it has none.
pub fn said(answer: &Answer) -> String {
    if answer.choices.is_empty() {
        return serde_json::to_string(&answer.attributes).unwrap_or_default();
    }
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
        let said: Vec<(PersonId, &Answer)> =
            standing.iter().map(|row| (row.person, &row.answer)).collect();
        model.weigh(standing.first()?.task, &said)
    }

    /// An answer has lasted: learns from it, or asks for a model.
    pub fn heard(&self, cx: &Cx, project: &ProjectRow, task: &TaskRow, answer: &Answer) {
        let mut all = self.lock();
        let kept = entry(&mut all, cx, project.id);
        // Where everybody is asked anyway, a model is for telling how sure labels are.
        let has_gold = kept.people.as_ref().is_some_and(|people| people.has_live_gold);
        let is_for_use = project.plan.is_adaptive() || has_gold;
        if task.gold {
            kept.wanted = kept.wanted.max(Some(Wanted::People));
        }
        let Some(model) = kept.model.clone() else {
            kept.since += 1;
            if is_for_use && kept.since >= kept.tried / 10 {
                kept.wanted = kept.wanted.max(Some(Wanted::Model));
            }
            return;
        };
        let mut model = model.write().unwrap_or_else(PoisonError::into_inner);
        model.learn(task.id, cx.person(), answer);
        if is_for_use && model.is_due() {
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
        let crowd = model.crowd_skill();
        let standing = Standing {
            skill: known.map_or(crowd, |who| model.skill(*who)),
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
    let new = || Kept {
        access: cx.access().clone(),
        model: None,
        people: None,
        wanted: None,
        tried: 0,
        since: 0,
    };
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
        model.chosen()
    });
    let before = before.flatten();
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
    // Where there are too many answers, nothing was read.
    let tried = read.as_ref().map_or(limits::MODEL_ANSWERS_MAX, |read| read.votes.len());
    let model = read.and_then(|read| read.fit(before));
    if let Some(model) = &model {
        keep(app, access, project, told::row(model)?)?;
    }
    let model = model.map(|model| Arc::new(RwLock::new(model)));
    if let Some(model) = &model {
        claims::claim(app, access, project, model)?;
    }
    if let Some(kept) = app.brains.lock().get_mut(&key) {
        if wanted == Wanted::Model && model.is_none() {
            (kept.tried, kept.since) = (tried, 0);
        }
        kept.people = Some(Arc::new(people));
        kept.model = model.or(kept.model.take());
    }
    Ok(())
}

/// Keeps how sure labels are by now, where that is another than before.
fn keep(app: &App, access: &Access, project: ProjectId, row: store::CalibrationRow) -> Result<()> {
    let now = (app.now)();
    access.store().write_now(move |tx| {
        if tx.calibration(project)?.as_ref() != Some(&row) {
            tx.save_calibration(project, &row, now)?;
            let detail = serde_json::json!({ "gold": row.gold });
            tx.record(now, "brain", "quality.calibrated", project, detail);
        }
        Ok::<_, Error>(())
    })
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
    question: Question,
    /// The classes, in the order of the ontology.
    names: Vec<String>,
    votes: Vec<(TaskId, PersonId, Answer)>,
    known: BTreeMap<TaskId, Answer>,
}

fn read(tx: &mut Tx<'_>, project: &ProjectRow, golds: Vec<GoldRow>) -> Result<Option<Reading>> {
    let ontology = tx.ontology(project.id, project.ontology_version)?.ok_or(Error::NotFound)?;
    let names = ontology.document.classes.into_iter().map(|class| class.key).collect();
    let mut votes = Vec::new();
    let mut after = AnswerId(0);
    loop {
        let page = tx.votes(project.id, after, 5_000)?;
        let Some(last) = page.last() else { break };
        after = last.answer;
        votes.extend(page.into_iter().map(|Vote { task, person, said, .. }| (task, person, said)));
        if votes.len() > limits::MODEL_ANSWERS_MAX {
            return Ok(None);
        }
    }
    // What people have begun to recognize says nothing about them.
    let known = golds.into_iter().filter(|gold| gold.state != "leaked");
    let known = known.map(|gold| (gold.task, gold.known)).collect();
    let (plan, question) = (project.plan.clone(), project.question.clone());
    Ok(Some(Reading { plan, question, names, votes, known }))
}
