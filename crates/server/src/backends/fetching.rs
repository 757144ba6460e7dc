//! Fetching: a job that asks a model about every task that waits, a few at a time.
//!
//! - **J1** It keeps its place with what it saves: after a restart it goes on there, and begun anew it leaves out what this
//!   model has suggested for already.
//! - **J2** A call that fails is repeated task by task, so that one bad item spoils no other; three calls in a row that fail
//!   for every task end the job, with what the model said.
//! - **J3** What is wrong with one task is written down as a row of the error file, and the others go on.

use super::asking::{Asking, Unanswered};
use super::{asking, told_of, visible_backend};
use crate::intake::Fault;
use crate::jobs::JobCx;
use crate::models::{self, Prediction, Predictions};
use crate::projects::visible;
use crate::{Error, Result};
use domain::workflow::TaskState;
use domain::{BackendId, ItemId, ProjectId, TaskId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ItemRow, Suggestion};
use utoipa::ToSchema;

pub(crate) const KIND: &str = "predict";

/// What a model's answers become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FetchAs {
    /// A beginning for whoever labels the task.
    #[default]
    Suggestions,
    /// An answer of the model's own, which nobody is shown; under an adaptive plan.
    Opinions,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchRequest {
    #[serde(default, rename = "as")]
    pub as_: FetchAs,
    /// Tasks in one call, 1 to 100.
    #[serde(default = "batch_default")]
    pub batch: usize,
    /// Whether it is asked again about tasks for which it has suggested before.
    #[serde(default)]
    pub again: bool,
}

fn batch_default() -> usize {
    8
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Input {
    pub backend: BackendId,
    pub request: FetchRequest,
}

/// Where the job goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    after: i64,
    rows: i64,
    suggested: i64,
    /// Tasks of which the model says nothing.
    empty: i64,
    /// Tasks that somebody began meanwhile, or that this model has answered before.
    passed: i64,
}

/// Calls in a row that may fail for all of their tasks.
const FAILURES_MAX: u32 = 3;

pub(crate) fn run(job: &mut JobCx) -> Result<Value> {
    let Input { backend, request } = job.input()?;
    let project = job.job.project.ok_or(Error::NotFound)?;
    let cx = job.cx.clone();
    let asking = job.cx.store().read_now(move |tx| {
        let backend = visible_backend(tx, &cx, backend)?;
        asking(tx, &cx, &backend)
    })?;
    let told = job.block_on(asking.check())?;
    let cx = job.cx.clone();
    let (noted, now) = (told.clone(), job.now());
    job.write(move |tx| {
        let before = visible_backend(tx, &cx, backend)?;
        tx.save_backend(before.version, &told_of(&before, &noted, now))?;
        tx.record(now, cx.person(), "backend.checked", backend, json!({}));
        Ok(())
    })?;
    if let Err(Unanswered(why)) = told {
        return Err(Error::refused("not_reached", why));
    }
    let mut place: Place = job.checkpoint()?.unwrap_or_default();
    let total = match request.as_ {
        FetchAs::Opinions => None,
        FetchAs::Suggestions => {
            let (after, rows) = (TaskId(place.after), place.rows);
            let left = job
                .cx
                .store()
                .read_now(move |tx| tx.count_unsuggested(project, backend, request.again, after))?;
            Some(rows + left)
        }
    };
    let mut failures = 0;
    loop {
        job.progress(place.rows, total)?;
        let (after, limit, again) = (TaskId(place.after), request.batch as i64, request.again);
        let as_ = request.as_;
        let tasks = job.cx.store().read_now(move |tx| {
            let tasks = match as_ {
                FetchAs::Suggestions => tx.unsuggested(project, backend, again, after, limit)?,
                FetchAs::Opinions => tx.open_tasks(project, after, limit)?,
            };
            with_items(tx, tasks)
        })?;
        let Some((last, _)) = tasks.last() else { break };
        let last = last.0;
        let (said, all_failed) = ask(job, &asking, &tasks)?;
        failures = if all_failed { failures + 1 } else { 0 };
        if failures >= FAILURES_MAX
            && let Some(fault) = said.iter().find_map(|said| said.as_ref().err())
        {
            return Err(Error::refused("not_reached", fault.message.clone()));
        }
        let mut good = Vec::new();
        for ((task, item), said) in tasks.into_iter().zip(said) {
            place.rows += 1;
            match said {
                Ok(suggestion) => good.push((task, item, suggestion)),
                Err(fault) => job.bad(fault.at(place.rows as u64, &item.external_id)),
            }
        }
        place.after = last;
        place = match request.as_ {
            FetchAs::Suggestions => suggest(job, project, backend, good, place)?,
            FetchAs::Opinions => weigh(job, project, good, place)?,
        };
    }
    job.progress(place.rows, Some(place.rows))?;
    Ok(json!({
        "suggested": place.suggested, "empty": place.empty, "passed": place.passed, "bad": job.job.bad,
    }))
}

fn with_items(
    tx: &mut store::Tx<'_>,
    tasks: Vec<(TaskId, ItemId)>,
) -> Result<Vec<(TaskId, ItemRow)>> {
    let mut items = Vec::with_capacity(tasks.len());
    for (task, item) in tasks {
        items.push((task, tx.item(item)?.ok_or(Error::NotFound)?));
    }
    Ok(items)
}

/// Asks about some tasks (J2); also whether the model answered for none of them.
fn ask(
    job: &mut JobCx,
    asking: &Asking,
    tasks: &[(TaskId, ItemRow)],
) -> Result<(Vec<Result<Suggestion, Fault>>, bool)> {
    let items: Vec<ItemRow> = tasks.iter().map(|(_, item)| item.clone()).collect();
    if let Ok(said) = job.block_on(asking.ask(&items, None))?? {
        return Ok((said, false));
    }
    let (mut all, mut failed) = (Vec::with_capacity(items.len()), 0);
    for item in items {
        job.check()?;
        let said = match job.block_on(asking.ask(std::slice::from_ref(&item), None))?? {
            Ok(said) => said.into_iter().next(),
            Err(Unanswered(why)) => {
                failed += 1;
                Some(Err(Fault::new("task", "not_predicted", why)))
            }
        };
        let nothing = || Err(Fault::new("task", "not_predicted", "the model said nothing"));
        all.push(said.unwrap_or_else(nothing));
    }
    let all_failed = failed == all.len();
    Ok((all, all_failed))
}

/// Saves suggestions for tasks that nobody has begun meanwhile (P2), together with the place (J1).
fn suggest(
    job: &mut JobCx,
    project: ProjectId,
    backend: BackendId,
    good: Vec<(TaskId, ItemRow, Suggestion)>,
    place: Place,
) -> Result<Place> {
    let (cx, now) = (job.cx.clone(), job.now());
    job.write_at(move |tx| {
        let mut place = place.clone();
        let mut count = 0;
        visible(tx, &cx, project)?;
        for (task, _, suggestion) in &good {
            let Some(task) = tx.hold_task(*task)? else { continue };
            let untouched =
                task.state == TaskState::Queued && task.answers == 0 && task.open == task.overlap;
            // Gold looks like any other task, in this too (Q4).
            if !(untouched || task.gold) || !tx.suggest(task.id, backend, suggestion)? {
                place.passed += 1;
                continue;
            }
            count += 1;
            if suggestion.answer == domain::answers::Answer::default() {
                place.empty += 1;
            } else {
                place.suggested += 1;
            }
            let detail = json!({ "backend": backend });
            tx.record(now, cx.person(), "task.suggested", task.id, detail);
        }
        tracing::debug!(count, "suggestions were saved");
        Ok((place.clone(), place))
    })
}

/// Hands them in as the model's own answers (P1).
fn weigh(
    job: &mut JobCx,
    project: ProjectId,
    good: Vec<(TaskId, ItemRow, Suggestion)>,
    mut place: Place,
) -> Result<Place> {
    let mut by_model: Vec<(String, Vec<Prediction>)> = Vec::new();
    for (_, item, Suggestion { answer, model, .. }) in good {
        let model = model.unwrap_or_default();
        let prediction = Prediction { external_id: item.external_id, answer };
        match by_model.iter_mut().find(|(known, _)| *known == model) {
            Some((_, predictions)) => predictions.push(prediction),
            None => by_model.push((model, vec![prediction])),
        }
    }
    for (model, predictions) in by_model {
        let ids: Vec<String> = predictions.iter().map(|one| one.external_id.clone()).collect();
        let cx = job.cx.clone();
        let request = Predictions { model, predictions };
        let taken = job.block_on(async move { models::take(&cx, project, request).await })??;
        place.suggested += taken.taken;
        place.passed += taken.repeated;
        for error in taken.errors {
            // The task was full before it was this one's turn: nothing is wrong with it.
            if error.code == "nothing_open" {
                place.passed += 1;
                continue;
            }
            let id = ids.get((error.row - 1).max(0) as usize).cloned().unwrap_or_default();
            let fault =
                Fault { field: error.field, code: error.code.into(), message: error.message };
            job.bad(fault.at(place.rows as u64, &id));
        }
    }
    let saved = place.clone();
    job.write_at(move |_| Ok((saved.clone(), ())))?;
    Ok(place)
}
