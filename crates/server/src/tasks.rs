//! Tasks: found, looked into, and put right by a manager.
//!
//! - **T1** A canceled task takes nothing more: its slots that nobody has answered close, and whoever
//!   holds one is told so (L7). A done task is reopened first.
//! - **T2** A reopened task goes back to the label stage. While it lacked answers, it goes on with those
//!   that it has; otherwise it begins anew, and its answers are superseded, never deleted.
//! - **T3** A reopened task forgets its skips, and who has had it in hand: those who answered it may be
//!   given it again. Its label is removed; one that came with the data stays as an answer to begin with.
//! - **T4** A task whose place in the queue changes counts as one that came back, so that those who have
//!   gone past its new place find it.

use crate::auth::{Can, ManageProjects, SeeLabels};
use crate::brain;
use crate::items::{self, ItemBody};
use crate::opinions::attributes;
use crate::projects::visible;
use crate::queue;
use crate::review::{ConsensusBody, consensus_body};
use crate::wire::{Body, Page, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::{Path, Query};
use domain::answers::Answer;
use domain::projects::{Media, Slice};
use domain::queue::{Slot, State};
use domain::workflow::{Method, Stage, TaskState};
use domain::{PersonId, ProjectId, TaskId, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use store::{
    AnswerRow, ConsensusRow, CountDelta, Event, LabelRow, ReviewRow, SkipRow, SlotRow, TaskFilter,
    TaskRow, Tx,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_tasks))
        .routes(routes!(get_task, patch_task))
        .routes(routes!(post_task_cancel))
        .routes(routes!(post_reopen))
}

/// A task in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskListBody {
    pub id: String,
    pub item: String,
    pub external_id: String,
    pub name: String,
    pub state: String,
    pub stage: String,
    pub priority: i64,
    /// Standing answers of the label stage.
    pub answers: i64,
    pub overlap: i64,
    pub agreement: Option<f64>,
    pub updated_at: Time,
    pub thumb_url: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct TaskQuery {
    project: String,
    /// `queued`, `in_progress`, `in_review`, `done`, `canceled` or `error`.
    state: Option<String>,
    /// The beginning of an external id.
    q: Option<String>,
    /// Who has answered.
    person: Option<String>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many at most, 1 to 200.
    limit: Option<i64>,
}

/// A filter's value; an empty one asks for nothing.
fn wanted<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>> {
    let text = text.filter(|text| !text.is_empty());
    let read = |text: &str| {
        text.parse().map_err(|_| Error::bad(format!("{name}: there is no such {name}")))
    };
    text.map(read).transpose()
}

#[utoipa::path(get, path = "/api/tasks", tag = "tasks", params(TaskQuery), responses((status = 200, body = Page<TaskListBody>)))]
async fn get_tasks(
    cx: Can<SeeLabels>,
    Query(query): Query<TaskQuery>,
) -> Result<Json<Page<TaskListBody>>> {
    let project: ProjectId = id(&query.project)?;
    let paging = crate::wire::Paging { cursor: query.cursor, limit: query.limit };
    let filter = TaskFilter {
        state: wanted("state", query.state.as_deref())?,
        external_id: query.q.filter(|q| !q.is_empty()),
        person: wanted("person", query.person.as_deref())?,
        after: paging.after()?,
        limit: paging.limit()?,
    };
    let (inner, limit) = ((*cx).clone(), filter.limit);
    let rows = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            Ok(tx.list_tasks(project.id, &filter)?)
        })
        .await?;
    let last = rows.last().map(|row| row.task.id.0);
    let items = rows.into_iter().map(|row| TaskListBody {
        id: row.task.id.to_string(),
        item: row.task.item.to_string(),
        external_id: row.external_id,
        name: row.name,
        state: row.task.state.as_str().into(),
        stage: row.task.stage.as_str().into(),
        priority: row.task.priority,
        answers: row.task.answers,
        overlap: row.task.overlap,
        agreement: row.task.agreement,
        updated_at: row.task.updated_at.into(),
        thumb_url: (row.media == Media::Image)
            .then(|| format!("/api/items/{}/thumb", row.task.item)),
    });
    Ok(Json(Page::new(items.collect(), limit, last)))
}

/// A person as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedPerson {
    pub person: String,
    pub name: String,
}

/// Everything about one task: who did what, and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskBody {
    pub id: String,
    pub item: ItemBody,
    pub project: String,
    pub external_id: String,
    pub name: String,
    pub state: String,
    pub stage: String,
    pub priority: i64,
    pub overlap: i64,
    pub agreement: Option<f64>,
    pub updated_at: Time,
    pub thumb_url: Option<String>,
    pub slots: Vec<SlotBody>,
    pub answers: Vec<AnswerBody>,
    pub reviews: Vec<ReviewBody>,
    pub skips: Vec<SkipBody>,
    pub label: Option<LabelBody>,
    pub history: Vec<HistoryBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SlotBody {
    pub id: String,
    pub stage: String,
    pub ordinal: i64,
    /// `free`, `held`, `answered` or `closed`.
    pub state: String,
    /// Who holds it, has answered it, or is to do it again.
    pub holder: Option<NamedPerson>,
    pub until: Option<Time>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnswerBody {
    pub id: String,
    pub slot: String,
    pub stage: String,
    pub contributor: NamedPerson,
    #[schema(value_type = Object)]
    pub answer: Answer,
    pub submitted_at: Time,
    pub active_ms: i64,
    pub ontology_version: i64,
    pub instructions_version: i64,
    /// `standing`, `superseded` or `rejected`.
    pub state: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReviewBody {
    pub id: String,
    pub answer: String,
    pub reviewer: NamedPerson,
    pub verdict: String,
    pub clause: Option<String>,
    pub reason: Option<String>,
    pub at: Time,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SkipBody {
    pub person: String,
    pub name: String,
    pub reason: String,
    pub text: Option<String>,
    pub at: Time,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LabelBody {
    #[schema(value_type = Object)]
    pub value: Answer,
    /// How probable the label is; only where that was calibrated on gold.
    pub confidence: Option<f64>,
    /// False where there is not gold enough to know: "not yet calibrated".
    pub calibrated: bool,
    /// The model that weighed the answers, where one did.
    pub model: Option<String>,
    pub method: String,
    /// Of each attribute of the item, how many of the answers that choose the same say the same; where several answers made the label (A20).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, attributes::Votes>,
    /// What it was made of, where it is what several answers say together.
    pub consensus: Option<ConsensusBody>,
    pub at: Time,
}

/// One event, as the log has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HistoryBody {
    pub at: Time,
    pub actor: NamedPerson,
    pub kind: String,
    /// Of a reopened task: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is known of a task, before its people have names.
struct Found {
    task: TaskRow,
    item: ItemBody,
    slots: Vec<SlotRow>,
    answers: Vec<AnswerRow>,
    reviews: Vec<ReviewRow>,
    skips: Vec<SkipRow>,
    label: Option<LabelRow>,
    consensus: Option<ConsensusRow>,
    history: Vec<(Event, Option<String>)>,
}

/// Events of a task that are shown at most.
const HISTORY_MAX: usize = 500;

/// A task with all that belongs to it, if the caller may know of it.
pub async fn look(cx: &Cx, task: TaskId) -> Result<TaskBody> {
    let inner = cx.clone();
    let found = cx.read(move |tx| find(tx, &inner, task)).await?;
    let mut people: Vec<PersonId> =
        found.slots.iter().filter_map(|row| holder(&row.slot)).collect();
    people.extend(found.answers.iter().map(|row| row.person));
    people.extend(found.reviews.iter().map(|row| row.reviewer));
    people.extend(found.skips.iter().map(|row| row.person));
    people
        .extend(found.history.iter().filter_map(|(event, _)| event.actor.parse::<PersonId>().ok()));
    let names = cx.app.names.find(cx.stores(), people).await?;
    Ok(dress(found, &names))
}

fn find(tx: &mut Tx<'_>, cx: &Cx, task: TaskId) -> Result<Found> {
    let task = tx.task(task)?.ok_or(Error::NotFound)?;
    visible(tx, cx, task.project)?;
    let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
    let slots = tx.see_slots(task.id)?;
    let mut history = Vec::new();
    for subject in slots.iter().map(|slot| slot.id.to_string()).chain([task.id.to_string()]) {
        history.extend(tx.events_about(&subject, HISTORY_MAX as i64)?);
    }
    history.sort_by_key(|event| std::cmp::Reverse(event.id.0));
    history.truncate(HISTORY_MAX);
    history.reverse();
    let mut shown = Vec::with_capacity(history.len());
    for event in history {
        let reason = reason_of(tx, task.id, &event)?;
        shown.push((event, reason));
    }
    let told = brain::told(tx, task.project)?;
    let mut label = tx.label(task.id)?;
    label.iter_mut().for_each(|label| told.label(label));
    let mut consensus = match &label {
        Some(label) if label.fused => tx.consensus(task.id)?,
        _ => None,
    };
    consensus.iter_mut().for_each(|row| told.consensus(row));
    Ok(Found {
        item: items::body(&item, task.id),
        slots,
        answers: tx.answers_of(task.id)?,
        reviews: tx.reviews_of(task.id)?,
        skips: tx.skips_of(task.id)?,
        consensus,
        label,
        history: shown,
        task,
    })
}

fn reason_of(tx: &mut Tx<'_>, task: TaskId, event: &Event) -> Result<Option<String>> {
    if event.kind != "task.reopened" {
        return Ok(None);
    }
    let detail: Value = serde_json::from_str(&event.detail)?;
    let (Some(sealed), Some(version)) =
        (detail["reason_sealed"].as_str(), detail["version"].as_i64())
    else {
        return Ok(None);
    };
    Ok(Some(tx.open_reason(task, version, sealed)?))
}

fn holder(slot: &Slot) -> Option<PersonId> {
    match &slot.state {
        State::Held { by, .. } | State::Answered { by, .. } => Some(*by),
        State::Free | State::Closed => slot.reserved_for,
    }
}

fn dress(found: Found, names: &HashMap<PersonId, String>) -> TaskBody {
    let Found { task, item, slots, answers, reviews, skips, label, consensus, history } = found;
    let name = |person: &PersonId| names.get(person).cloned().unwrap_or_else(|| "somebody".into());
    let person = |person: PersonId| NamedPerson { person: person.to_string(), name: name(&person) };
    let label = label.map(|label| {
        let asked = matches!(label.method, Method::Agreement | Method::Adaptive);
        let sources = answers
            .iter()
            .filter(|row| asked && row.stage == Stage::Label && row.state == "standing");
        let sources: Vec<&Answer> = sources.map(|row| &row.answer).collect();
        LabelBody {
            confidence: label.confidence.filter(|_| label.calibrated),
            calibrated: label.calibrated,
            model: label.model,
            method: label.method.as_str().into(),
            attributes: attributes::of_item(&label.value, &sources),
            consensus: consensus
                .as_ref()
                .map(|row| consensus_body(row, Some(&label.value), &answers)),
            at: label.at.into(),
            value: label.value,
        }
    });
    let slots = slots.into_iter().map(|row| SlotBody {
        id: row.id.to_string(),
        stage: row.stage.as_str().into(),
        ordinal: row.ordinal,
        state: match &row.slot.state {
            State::Free => "free",
            State::Held { .. } => "held",
            State::Answered { .. } => "answered",
            State::Closed => "closed",
        }
        .into(),
        holder: holder(&row.slot).map(person),
        until: if let State::Held { until, .. } = row.slot.state {
            Some(until.into())
        } else {
            None
        },
    });
    let answers = answers.into_iter().map(|row| AnswerBody {
        id: row.id.to_string(),
        slot: row.slot.to_string(),
        stage: row.stage.as_str().into(),
        contributor: person(row.person),
        answer: row.answer,
        submitted_at: row.submitted_at.into(),
        active_ms: row.active_ms,
        ontology_version: row.ontology_version,
        instructions_version: row.instructions_version,
        state: row.state,
    });
    let reviews = reviews.into_iter().map(|row| ReviewBody {
        id: row.id.to_string(),
        answer: row.answer.to_string(),
        reviewer: person(row.reviewer),
        verdict: row.verdict.as_str().into(),
        clause: row.clause,
        reason: row.reason,
        at: row.at.into(),
    });
    let skips = skips.into_iter().map(|row| SkipBody {
        person: row.person.to_string(),
        name: name(&row.person),
        reason: row.reason,
        text: row.text,
        at: row.at.into(),
    });
    let history = history.into_iter().map(|(event, reason)| HistoryBody {
        at: event.at.into(),
        actor: match event.actor.parse() {
            Ok(id) => person(id),
            // Part of the program, which has a name instead of an id.
            Err(_) => NamedPerson { person: event.actor.clone(), name: event.actor },
        },
        kind: event.kind,
        reason,
    });
    TaskBody {
        id: task.id.to_string(),
        project: task.project.to_string(),
        external_id: item.external_id.clone(),
        name: item.name.clone(),
        thumb_url: item.picture.as_ref().map(|picture| picture.thumb_url.clone()),
        item,
        state: task.state.as_str().into(),
        stage: task.stage.as_str().into(),
        priority: task.priority,
        overlap: task.overlap,
        agreement: task.agreement,
        updated_at: task.updated_at.into(),
        slots: slots.collect(),
        answers: answers.collect(),
        reviews: reviews.collect(),
        skips: skips.collect(),
        label,
        history: history.collect(),
    }
}

#[utoipa::path(get, path = "/api/tasks/{task}", tag = "tasks", params(("task" = String, Path)), responses((status = 200, body = TaskBody)))]
async fn get_task(cx: Can<SeeLabels>, Path(task): Path<String>) -> Result<Json<TaskBody>> {
    Ok(Json(look(&cx, id(&task)?).await?))
}

/// Records what became of a task, in the words of [`queue::record`] (I8).
fn record(tx: &mut Tx<'_>, cx: &Cx, kind: &'static str, task: &TaskRow, more: Value) {
    let mut detail = json!({
        "task": task.id, "task_state": task.state, "stage": task.stage, "open": task.open, "answers": task.answers,
        "overlap": task.overlap, "priority": task.priority, "version": task.version,
    });
    if let (Value::Object(fields), Value::Object(more)) = (&mut detail, more) {
        fields.extend(more);
    }
    tx.record(cx.now, cx.person(), kind, task.id, detail);
}

/// A task held by this transaction, of a project that the caller may know of.
fn hold(tx: &mut Tx<'_>, cx: &Cx, task: TaskId) -> Result<TaskRow> {
    let task = tx.hold_task(task)?.ok_or(Error::NotFound)?;
    visible(tx, cx, task.project)?;
    Ok(task)
}

/// Writes a task over what it was, and counts it where it now stands.
fn save(tx: &mut Tx<'_>, cx: &Cx, before: &TaskRow, task: &mut TaskRow) -> Result<()> {
    task.version = before.version + 1;
    task.updated_at = cx.now;
    tx.save_task(before.version, task)?;
    let delta = CountDelta::default()
        .moved(before.state, task.state)
        .answers(task.answers - before.answers);
    Ok(tx.add_counts(task.project, &delta)?)
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskChange {
    /// 0 to 9, the most urgent last.
    #[serde(default)]
    pub priority: Option<i64>,
}

/// What a change of a task answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskChanged {
    pub id: String,
    pub state: String,
    pub stage: String,
    pub priority: i64,
}

impl From<&TaskRow> for TaskChanged {
    fn from(task: &TaskRow) -> Self {
        Self {
            id: task.id.to_string(),
            state: task.state.as_str().into(),
            stage: task.stage.as_str().into(),
            priority: task.priority,
        }
    }
}

/// Moves a task forward or back in the queue.
pub async fn change(cx: &Cx, task: TaskId, change: TaskChange) -> Result<TaskChanged> {
    if change.priority.is_some_and(|priority| !(0..=limits::PRIORITY_MAX).contains(&priority)) {
        return Err(Error::invalid("priority", "out_of_range", "a priority is 0 to 9"));
    }
    let inner = cx.clone();
    cx.write(&change.clone(), move |tx| {
        let before = hold(tx, &inner, task)?;
        let mut task = before.clone();
        if let Some(priority) = change.priority.filter(|priority| *priority != before.priority) {
            task.priority = priority;
            task.again = task.open > 0;
            save(tx, &inner, &before, &mut task)?;
            record(tx, &inner, "task.changed", &task, json!({}));
        }
        Ok(TaskChanged::from(&task))
    })
    .await
}

#[utoipa::path(patch, path = "/api/tasks/{task}", tag = "tasks", params(("task" = String, Path)), request_body = TaskChange, responses((status = 200, body = TaskChanged)))]
async fn patch_task(
    cx: Can<ManageProjects>,
    Path(task): Path<String>,
    Body(body): Body<TaskChange>,
) -> Result<Json<TaskChanged>> {
    Ok(Json(change(&cx, id(&task)?, body).await?))
}

/// Takes a task out of the queue for good, or until it is reopened (T1). Repeats are fine.
pub async fn cancel(cx: &Cx, task: TaskId) -> Result<TaskChanged> {
    let inner = cx.clone();
    cx.write(&json!({}), move |tx| {
        let before = hold(tx, &inner, task)?;
        match before.state {
            TaskState::Canceled => return Ok(TaskChanged::from(&before)),
            TaskState::Done => {
                return Err(Error::refused("already_done", "this task is done; reopen it first"));
            }
            TaskState::Queued | TaskState::InProgress | TaskState::InReview | TaskState::Error => {}
        }
        let mut task = before.clone();
        (task.state, task.open, task.again) = (TaskState::Canceled, 0, false);
        save(tx, &inner, &before, &mut task)?;
        for mut row in tx.slots_of(task.id)? {
            if matches!(row.slot.state, State::Answered { .. } | State::Closed) {
                continue;
            }
            let closed = Slot { fence: row.slot.fence, state: State::Closed, reserved_for: None };
            tx.save_slot(row.id, &row.slot, &closed, row.claimed_at)?;
            row.slot = closed;
            queue::record(tx, &inner, "slot.closed", &row, &task, json!({}));
        }
        record(tx, &inner, "task.canceled", &task, json!({}));
        Ok(TaskChanged::from(&task))
    })
    .await
}

#[utoipa::path(post, path = "/api/tasks/{task}/cancel", tag = "tasks", params(("task" = String, Path)), responses((status = 200, body = TaskChanged)))]
async fn post_task_cancel(
    cx: Can<ManageProjects>,
    Path(task): Path<String>,
) -> Result<Json<TaskChanged>> {
    Ok(Json(cancel(&cx, id(&task)?).await?))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reopening {
    /// Why: kept with the history of the task.
    pub reason: String,
}

/// Opens a task again that has come to an end (T2, T3).
pub async fn reopen(cx: &Cx, task: TaskId, request: Reopening) -> Result<TaskChanged> {
    let reason = request.reason.trim().to_string();
    if reason.is_empty() || reason.chars().count() > limits::REASON_CHARS_MAX {
        return Err(Error::invalid(
            "reason",
            "reason_missing",
            "a reason has 1 to 4,000 characters",
        ));
    }
    let inner = cx.clone();
    cx.write(&request, move |tx| {
        let before = hold(tx, &inner, task)?;
        let plan = tx.project(before.project)?.ok_or(Error::NotFound)?.plan;
        let (slice, first) = (plan.slice(task), plan.wanted_first());
        if !matches!(before.state, TaskState::Done | TaskState::Error | TaskState::Canceled) {
            return Err(Error::refused("still_open", "this task has not come to an end yet"));
        }
        let mut task = before.clone();
        let mut superseded = Vec::new();
        let mut wanted = 0;
        if task.answers >= task.overlap || task.state == TaskState::Done {
            superseded = tx.standing_ids(task.id)?;
            for answer in &superseded {
                tx.set_answer_state(*answer, "standing", "superseded")?;
            }
            (task.answers, task.agreement) = (0, None);
            // What an adaptive plan asked for beyond its fewest, it asks for anew.
            if let (Slice::Adaptive(_) | Slice::Audit, false) = (slice, task.gold) {
                wanted = first - task.overlap;
                task.overlap = first;
            }
        }
        if let Some(label) = tx.label(task.id)? {
            if label.method == Method::Imported {
                tx.keep_suggestion(task.id, &label.value)?;
            }
            tx.remove_label(task.id)?;
        }
        tx.remove_skips(task.id)?;
        tx.forget_touches(task.id)?;
        let taken = tx
            .slots_of(task.id)?
            .into_iter()
            .filter(|row| row.stage == Stage::Label)
            .filter(is_taken)
            .count();
        task.stage = Stage::Label;
        task.open = (task.overlap - task.answers - taken as i64).max(0);
        task.again = task.open > 0;
        task.state =
            if task.open == task.overlap { TaskState::Queued } else { TaskState::InProgress };
        save(tx, &inner, &before, &mut task)?;
        let mut delta = CountDelta::default();
        delta.0.wanted = wanted;
        tx.add_counts(task.project, &delta)?;
        let sealed = tx.seal_reason(task.id, task.version, &reason)?;
        let more = json!({ "superseded": superseded, "reason_sealed": sealed });
        record(tx, &inner, "task.reopened", &task, more);
        Ok(TaskChanged::from(&task))
    })
    .await
}

/// Whether a slot is in somebody's hands, or waits for one person alone.
fn is_taken(row: &SlotRow) -> bool {
    match row.slot.state {
        State::Held { .. } => true,
        State::Free => row.slot.reserved_for.is_some(),
        State::Answered { .. } | State::Closed => false,
    }
}

#[utoipa::path(post, path = "/api/tasks/{task}/reopen", tag = "tasks", params(("task" = String, Path)), request_body = Reopening, responses((status = 200, body = TaskChanged)))]
async fn post_reopen(
    cx: Can<ManageProjects>,
    Path(task): Path<String>,
    Body(body): Body<Reopening>,
) -> Result<Json<TaskChanged>> {
    Ok(Json(reopen(&cx, id(&task)?, body).await?))
}
