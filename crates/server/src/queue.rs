//! The queue: claiming work, keeping it, giving it back, answering it.
//!
//! | Door | Command |
//! |---|---|
//! | `POST /api/projects/{project}/claims` | [`claim`]: take the next slots, if there are any |
//! | `PUT /api/slots/{slot}/answer` | [`answer`]: hand in the work |
//! | `POST /api/slots/{slot}/heartbeat`, `/release`, `/skip` | keep it, give it back, pass it by |
//! | `PUT /api/slots/{slot}/draft` | keep unfinished work on the server |
//!
//! Every command locks the task first and its slot after, so that two of them never wait for each
//! other.

mod once;

use crate::auth::{Can, Label};
use crate::gold;
use crate::items::{self, ItemBody};
use crate::projects::visible;
use crate::renditions;
use crate::wire::{Body, Time, id, read_json};
use crate::workflow::advance;
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path};
use domain::answers::{self, Answer, Bounds};
use domain::people::Permission;
use domain::projects::State as ProjectState;
use domain::queue::{Command, Decision, First, Refusal, Slot, State, decide};
use domain::workflow::{Stage, TaskState, is_stuck};
use domain::{AnswerId, ProjectId, SlotId, SubmissionId, TaskId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{
    AnswerRow, CountDelta, DraftRow, Hint, NewAnswer, ProjectRow, SlotRow, Suggestion, TaskRow,
    Touch, Tx,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    let large = OpenApiRouter::new()
        .routes(routes!(put_answer))
        .routes(routes!(put_draft))
        .layer(DefaultBodyLimit::max(limits::ANSWER_BYTES_MAX + 4096));
    OpenApiRouter::new()
        .routes(routes!(post_claims))
        .routes(routes!(get_queue))
        .routes(routes!(post_heartbeat))
        .routes(routes!(post_slot_release))
        .routes(routes!(post_skip))
        .merge(large)
}

/// A slot in the caller's hands, with all that is needed to work on it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    pub slot: String,
    pub task: String,
    pub project: String,
    /// `label`, `rework`, `review` or `adjudicate`.
    pub stage: String,
    pub fence: i64,
    pub until: Time,
    pub item: ItemBody,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub draft: Option<DraftBody>,
    /// What a model or the data suggests: taken, changed or turned down by whoever holds the slot (G1).
    #[schema(value_type = Option<Object>)]
    pub suggestion: Option<Answer>,
    /// Who suggests it, where a model does.
    pub suggested_by: Option<SuggestedBy>,
    /// What was there before: of a rework the verdict, of a review the answer, of an adjudication
    /// the answers.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
}

/// A model that suggests, and how sure it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SuggestedBy {
    pub model: String,
    /// 0 to 1, by the id of the object or the span.
    pub scores: BTreeMap<String, f64>,
}

fn suggested_by(suggestion: &Suggestion) -> Option<SuggestedBy> {
    let model = suggestion.model.clone()?;
    Some(SuggestedBy { model, scores: suggestion.scores.clone() })
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftBody {
    #[schema(value_type = Object)]
    pub answer: Value,
    pub device: String,
    pub seq: i64,
    pub saved_at: Time,
}

/// What the server has received, and made durable.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    pub submission: String,
    pub slot: String,
    pub task: String,
    pub received_at: Time,
    /// Always true: a receipt is sent when the answer is on the disk.
    pub durable: bool,
    /// Only for those who may see labels: to others it would give gold away (Q4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_state: Option<String>,
    /// The next slots, where they were asked for.
    pub claims: Vec<Claim>,
}

/// A slot that was taken, before it is dressed for its holder.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub slot: SlotRow,
    pub task: TaskRow,
}

/// How many slots wait for the caller, up to 1,000.
pub fn available(tx: &mut Tx<'_>, cx: &Cx, project: &ProjectRow) -> Result<i64> {
    let rework = tx.count_rework(cx.person(), project.id)?;
    Ok(rework + tx.count_open(project.id, Stage::Label)?)
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// `label` (own rework comes first), `review` or `adjudicate`.
    #[schema(value_type = String)]
    pub stage: Stage,
    #[serde(default = "one")]
    pub count: usize,
    /// Slots that the caller knows to hold: other slots in their hands are given first, so that a
    /// repeated call gives the same ones.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub holding: Vec<SlotId>,
}

fn one() -> usize {
    1
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Claims {
    pub claims: Vec<Claim>,
    /// How many more wait, up to 1,000.
    pub waiting: i64,
}

/// Gives the caller the next slots of a project, or none if there is no work.
pub async fn claim(cx: &Cx, project: ProjectId, request: ClaimRequest) -> Result<Claims> {
    if !(1..=limits::LEASES_MAX).contains(&request.count) {
        return Err(Error::invalid("count", "out_of_range", "1 to 10 slots at a time"));
    }
    if request.stage != Stage::Label && !cx.may(Permission::Review) {
        return Err(Error::Forbidden);
    }
    let inner = cx.clone();
    let hint = Hint {
        person: cx.person(),
        now: cx.now,
        slot: None,
        submission: None,
        project: Some(project),
        claims: Some((request.stage, request.count)),
    };
    let taken = if cx.is_named() {
        once::claim(cx, project, request).await?
    } else {
        let taking = move |tx: &mut Tx<'_>| {
            let project = visible(tx, &inner, project)?;
            take(tx, &inner, &project, &request)
        };
        cx.store().write_hot(hint, taking).await?
    };
    let inner = cx.clone();
    cx.read(move |tx| {
        let project = visible(tx, &inner, project)?;
        let claims = dress(tx, &inner, &project, &taken)?;
        Ok(Claims { claims, waiting: available(tx, &inner, &project)? })
    })
    .await
}

/// Takes up to `count` slots: rework first, what the caller holds already and did not know of, what
/// others let run out, then the next in the queue. What was taken is held, so a repeat is given the
/// same.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    request: &ClaimRequest,
) -> Result<Vec<Taken>> {
    let (person, now, stage) = (cx.person(), cx.now, request.stage);
    let mut taken = Vec::new();
    let leases = tx.leases_of(person, project.id, now)?;
    let mut room = limits::LEASES_MAX.saturating_sub(leases.len());
    let is_published = project.state == ProjectState::Published;
    let (reworks, others): (Vec<SlotRow>, Vec<SlotRow>) = leases
        .into_iter()
        .filter(|slot| slot.stage == stage && !request.holding.contains(&slot.id))
        .partition(|slot| slot.slot.reserved_for.is_some());
    give(tx, request, reworks, &mut taken)?;
    let wanted = room.min(request.count - taken.len());
    if is_published && stage == Stage::Label && wanted > 0 {
        let waiting = tx.rework_of(person, project.id, wanted as i64)?;
        room -= take_again(tx, cx, project, waiting, &mut taken)?;
    }
    give(tx, request, others, &mut taken)?;
    let wanted = room.min(request.count - taken.len());
    if !is_published || wanted == 0 {
        return Ok(taken);
    }
    let run_out = tx.expired_slots(project.id, stage, person, now, wanted as i64)?;
    let mut got = take_again(tx, cx, project, run_out, &mut taken)?;
    while got < wanted {
        if stage == Stage::Label
            && let Some(dealt) = gold::deal(tx, cx, project, got)?
        {
            taken.push(dealt);
            got += 1;
            continue;
        }
        let first = match stage {
            Stage::Label => cx.app.brains.first(cx, project, got),
            Stage::Review | Stage::Adjudicate => First::Doubtful,
        };
        let Some(task) = tx.next_task(project.id, stage, person, first)? else { break };
        taken.push(take_open(tx, cx, project, task)?);
        got += 1;
    }
    Ok(taken)
}

/// Hands out what the caller holds already, up to what they asked for.
fn give(
    tx: &mut Tx<'_>,
    request: &ClaimRequest,
    held: Vec<SlotRow>,
    taken: &mut Vec<Taken>,
) -> Result<()> {
    for slot in held.into_iter().take(request.count - taken.len()) {
        let task = tx.task(slot.task)?.ok_or(Error::NotFound)?;
        taken.push(Taken { slot, task });
    }
    Ok(())
}

/// Takes slots that were somebody's before: reserved for the caller, or run out. Answers how many.
fn take_again(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    slots: Vec<SlotRow>,
    taken: &mut Vec<Taken>,
) -> Result<usize> {
    let (person, before) = (cx.person(), taken.len());
    for slot in slots {
        let Some(task) = tx.hold_task(slot.task)? else { continue };
        // Two slots of one task may have run out: whoever takes the one does not take the other.
        let is_own = slot.slot.reserved_for == Some(person)
            || matches!(slot.slot.state, State::Held { by, .. } if by == person);
        if !is_own && tx.is_barred(task.id, person, slot.stage)? {
            continue;
        }
        let claim = Command::Claim { by: person };
        if let Ok(Decision::Become(next)) =
            decide(&slot.slot, &claim, cx.now, project.plan.lease_ms())
        {
            taken.push(take_slot(tx, cx, task, Some(slot), next)?);
        }
    }
    Ok(taken.len() - before)
}

/// Takes an open slot of a task that this transaction holds: one that came back, or the next new one.
fn take_open(tx: &mut Tx<'_>, cx: &Cx, project: &ProjectRow, mut task: TaskRow) -> Result<Taken> {
    let free = if task.again { tx.free_slot_of(task.id, task.stage)? } else { None };
    let empty = Slot { fence: 0, state: State::Free, reserved_for: None };
    let before = free.as_ref().map_or(&empty, |slot| &slot.slot);
    let claim = Command::Claim { by: cx.person() };
    let Decision::Become(next) = decide(before, &claim, cx.now, project.plan.lease_ms())? else {
        return Err(Error::Internal("a free slot changes when it is claimed".into()));
    };
    task.open -= 1;
    task.again = task.again && task.open > 0;
    take_slot(tx, cx, task, free, next)
}

/// Puts one given task into the caller's hands, out of turn; answers the slot and its fence. For
/// answers that were given elsewhere, whose task is therefore known (`docs/decisions/0007`). No door
/// leads here, and the rules of the queue hold: the project is published, the task has an open slot at
/// its label stage, the caller never had it in hand (I11) and holds fewer than ten.
pub async fn claim_exact(cx: &Cx, task: TaskId) -> Result<(SlotId, i64)> {
    let inner = cx.clone();
    cx.store()
        .write(move |tx| {
            let task = tx.hold_task(task)?.ok_or(Error::NotFound)?;
            let project = visible(tx, &inner, task.project)?;
            if project.state != ProjectState::Published
                || task.stage != Stage::Label
                || task.open == 0
            {
                return Err(Error::refused("nothing_open", "this task waits for no more answers"));
            }
            if tx.has_touched(task.id, inner.person())? {
                return Err(Error::refused("had_before", "a task is given to a person once"));
            }
            if tx.leases_of(inner.person(), project.id, inner.now)?.len() >= limits::LEASES_MAX {
                return Err(Error::refused(
                    "too_many_leases",
                    "a person holds at most 10 tasks at once",
                ));
            }
            let taken = take_open(tx, &inner, &project, task)?;
            Ok((taken.slot.id, taken.slot.slot.fence))
        })
        .await
}

/// Puts a slot into the caller's hands and writes it down; the next of the task's stage, unless one is given. `task` has been held by this transaction.
pub(crate) fn take_slot(
    tx: &mut Tx<'_>,
    cx: &Cx,
    mut task: TaskRow,
    slot: Option<SlotRow>,
    next: Slot,
) -> Result<Taken> {
    let now = cx.now;
    let from = task.state;
    // A look at gold leaves its task done.
    if task.stage == Stage::Label && !gold::is_look(&task) {
        task.state = TaskState::InProgress;
    }
    let before = task.version;
    task.version += 1;
    task.updated_at = now;
    tx.save_task(before, &task)?;
    let slot = match slot {
        Some(row) => {
            tx.save_slot(row.id, &row.slot, &next, now)?;
            SlotRow { slot: next, claimed_at: now, ..row }
        }
        None => {
            let id = SlotId(tx.new_id(now));
            tx.insert_slot(id, &task, &next, now)?
        }
    };
    tx.set_touch(task.id, cx.person(), slot.stage, Touch::Held, now)?;
    tx.add_counts(task.project, &CountDelta::default().moved(from, task.state))?;
    record(tx, cx, "slot.claimed", &slot, &task, json!({}));
    Ok(Taken { slot, task })
}

/// Records what became of a slot and its task: enough to tell, from the log alone, how both stand
/// (I8).
pub(crate) fn record(
    tx: &mut Tx<'_>,
    cx: &Cx,
    kind: &'static str,
    slot: &SlotRow,
    task: &TaskRow,
    more: Value,
) {
    let (state, holder, until) = match &slot.slot.state {
        State::Free => ("free", None, None),
        State::Held { by, until } => ("held", Some(*by), Some(until.0)),
        State::Answered { by, .. } => ("answered", Some(*by), None),
        State::Closed => ("closed", None, None),
    };
    let mut detail = json!({
        "task": task.id, "task_state": task.state, "stage": task.stage, "open": task.open, "answers": task.answers,
        "slot_stage": slot.stage, "slot_state": state, "fence": slot.slot.fence,
    });
    if let Value::Object(fields) = &mut detail {
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.into(), value);
            }
        };
        put("holder", holder.map(|holder| json!(holder)));
        put("until", until.map(|until| json!(until)));
        put("reserved_for", slot.slot.reserved_for.map(|person| json!(person)));
        if let Value::Object(more) = more {
            fields.extend(more);
        }
    }
    tx.record(cx.now, cx.person(), kind, slot.id, detail);
}

/// Adds to each slot what its holder needs: the item, a draft, what was there before.
pub(crate) fn dress(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    taken: &[Taken],
) -> Result<Vec<Claim>> {
    let mut claims = Vec::with_capacity(taken.len());
    for Taken { slot, task } in taken {
        let State::Held { until, .. } = slot.slot.state else { continue };
        let is_rework = slot.slot.reserved_for.is_some();
        let work = tx.work(slot.id, cx.person(), task.id)?.ok_or(Error::NotFound)?;
        let before = match slot.stage {
            Stage::Label if is_rework => crate::review::rework_before(tx, cx, slot)?,
            Stage::Label => None,
            Stage::Review => crate::review::review_before(tx, cx, project, task)?,
            Stage::Adjudicate => crate::review::adjudicate_before(tx, cx, project, task)?,
        };
        claims.push(Claim {
            slot: slot.id.to_string(),
            task: task.id.to_string(),
            project: project.id.to_string(),
            stage: if is_rework { "rework".into() } else { slot.stage.as_str().into() },
            fence: slot.slot.fence,
            until: until.into(),
            item: items::body(&work.item, task.id),
            ontology_version: project.ontology_version,
            instructions_version: project.instructions_version,
            draft: work.draft.map(draft_body),
            suggested_by: work.suggestion.as_ref().and_then(suggested_by),
            suggestion: work.suggestion.map(|suggestion| suggestion.answer),
            before,
        });
    }
    Ok(claims)
}

fn draft_body(draft: DraftRow) -> DraftBody {
    DraftBody {
        answer: draft.answer,
        device: draft.device,
        seq: draft.seq,
        saved_at: draft.saved_at.into(),
    }
}

#[utoipa::path(post, path = "/api/projects/{project}/claims", tag = "queue", params(("project" = String, Path)), request_body = ClaimRequest, responses((status = 200, body = Claims)))]
async fn post_claims(
    cx: Can<Label>,
    Path(project): Path<String>,
    Body(body): Body<ClaimRequest>,
) -> Result<Json<Claims>> {
    let claims = claim(&cx, id(&project)?, body).await?;
    renditions::cut_ahead(&cx, &claims.claims);
    Ok(Json(claims))
}

/// How much waits for the caller.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct QueueBody {
    pub label: i64,
    pub rework: i64,
    pub review: i64,
    pub adjudicate: i64,
}

#[utoipa::path(get, path = "/api/projects/{project}/queue", tag = "queue", params(("project" = String, Path)), responses((status = 200, body = QueueBody)))]
async fn get_queue(cx: Can<Label>, Path(project): Path<String>) -> Result<Json<QueueBody>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let reviews = inner.may(Permission::Review);
            let count = |tx: &mut Tx<'_>, stage| tx.count_open(project.id, stage);
            Ok(QueueBody {
                label: count(tx, Stage::Label)?,
                rework: tx.count_rework(inner.person(), project.id)?,
                review: if reviews { count(tx, Stage::Review)? } else { 0 },
                adjudicate: if reviews { count(tx, Stage::Adjudicate)? } else { 0 },
            })
        })
        .await?;
    Ok(Json(found))
}

/// A slot with its task and project, held by this transaction. What the caller never had in hand
/// does not exist for them.
pub(crate) struct InHand {
    pub slot: SlotRow,
    pub task: TaskRow,
    pub project: ProjectRow,
}

pub(crate) fn in_hand(tx: &mut Tx<'_>, cx: &Cx, slot: SlotId) -> Result<InHand> {
    let task = tx.hold_task_of(slot)?.ok_or(Error::NotFound)?;
    let slot = tx.slot(slot)?.ok_or(Error::NotFound)?;
    let project = tx.project(task.project)?.ok_or(Error::NotFound)?;
    if project.mode != cx.actor().mode {
        return Err(Error::NotFound);
    }
    let is_holder = match &slot.slot.state {
        State::Held { by, .. } | State::Answered { by, .. } => *by == cx.person(),
        State::Free | State::Closed => false,
    };
    // A task that was reopened has forgotten who had it in hand; the log has not.
    let person = cx.person();
    if !is_holder && !tx.has_touched(task.id, person)? && !tx.has_claimed(slot.id, person)? {
        return Err(Error::NotFound);
    }
    if slot.stage != Stage::Label && !cx.may(Permission::Review) {
        return Err(Error::Forbidden);
    }
    Ok(InHand { slot, task, project })
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fenced {
    pub fence: i64,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Renewed {
    pub until: Time,
}

/// Keeps a slot for another lease.
pub async fn renew(cx: &Cx, slot: SlotId, fence: i64) -> Result<Renewed> {
    let inner = cx.clone();
    cx.write(&fence, move |tx| {
        let InHand { mut slot, task, project } = in_hand(tx, &inner, slot)?;
        let command = Command::Renew { by: inner.person(), fence };
        let lease_ms = project.plan.lease_ms();
        let Decision::Become(next) = decide(&slot.slot, &command, inner.now, lease_ms)? else {
            return Err(Refusal::NotHeld.into());
        };
        tx.save_slot(slot.id, &slot.slot, &next, slot.claimed_at)?;
        slot.slot = next;
        record(tx, &inner, "slot.renewed", &slot, &task, json!({}));
        Ok(Renewed { until: inner.now.plus_ms(lease_ms).into() })
    })
    .await
}

#[utoipa::path(post, path = "/api/slots/{slot}/heartbeat", tag = "queue", params(("slot" = String, Path)), request_body = Fenced, responses((status = 200, body = Renewed)))]
async fn post_heartbeat(
    cx: Can<Label>,
    Path(slot): Path<String>,
    Body(body): Body<Fenced>,
) -> Result<Json<Renewed>> {
    Ok(Json(renew(&cx, id(&slot)?, body.fence).await?))
}

/// Gives a slot back as if it had never been taken. Repeats are fine.
pub async fn release(cx: &Cx, slot: SlotId, fence: i64) -> Result<()> {
    let inner = cx.clone();
    cx.write(&fence, move |tx| {
        let InHand { slot, task, project } = in_hand(tx, &inner, slot)?;
        let command = Command::Release { by: inner.person(), fence };
        match decide(&slot.slot, &command, inner.now, project.plan.lease_ms()) {
            Ok(Decision::Become(next)) => {
                tx.remove_touch(task.id, inner.person(), slot.stage)?;
                give_back(tx, &inner, "slot.released", slot, task, next, json!({}))
            }
            // Given back already, or gone to somebody else: there is nothing left to give back.
            Ok(Decision::Repeat) | Err(Refusal::NotHeld | Refusal::Superseded) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    })
    .await
}

/// Frees a slot for somebody else, unless it is reserved.
fn give_back(
    tx: &mut Tx<'_>,
    cx: &Cx,
    kind: &'static str,
    mut slot: SlotRow,
    mut task: TaskRow,
    next: Slot,
    more: Value,
) -> Result<()> {
    let (from, before) = (task.state, task.version);
    if gold::is_look(&task) {
        return gold::give_back(tx, cx, kind, slot, &task, more);
    }
    tx.save_slot(slot.id, &slot.slot, &next, slot.claimed_at)?;
    // A task that waits for a manager waits for nobody else (F6).
    if next.reserved_for.is_none() && task.state != TaskState::Error {
        task.open += 1;
        task.again = true;
    }
    slot.slot = next;
    if task.stage == Stage::Label && task.open >= task.overlap {
        task.state = TaskState::Queued;
    }
    let skips = if kind == "slot.skipped" { tx.count_skips(task.id)? } else { 0 };
    if task.stage == Stage::Label && is_stuck(skips) {
        (task.state, task.open, task.again) = (TaskState::Error, 0, false);
    }
    task.version += 1;
    task.updated_at = cx.now;
    tx.save_task(before, &task)?;
    tx.remove_draft(slot.id, cx.person())?;
    tx.add_counts(task.project, &CountDelta::default().moved(from, task.state))?;
    record(tx, cx, kind, &slot, &task, more);
    Ok(())
}

#[utoipa::path(post, path = "/api/slots/{slot}/release", tag = "queue", params(("slot" = String, Path)), request_body = Fenced, responses((status = 200)))]
async fn post_slot_release(
    cx: Can<Label>,
    Path(slot): Path<String>,
    Body(body): Body<Fenced>,
) -> Result<Json<Value>> {
    release(&cx, id(&slot)?, body.fence).await?;
    Ok(Json(json!({})))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkipRequest {
    pub fence: i64,
    /// `unclear`, `broken`, `not_allowed`, `too_hard` or `other`.
    pub reason: SkipReason,
    #[serde(default)]
    pub text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    Unclear,
    Broken,
    NotAllowed,
    TooHard,
    Other,
}

impl SkipReason {
    fn as_str(self) -> &'static str {
        match self {
            SkipReason::Unclear => "unclear",
            SkipReason::Broken => "broken",
            SkipReason::NotAllowed => "not_allowed",
            SkipReason::TooHard => "too_hard",
            SkipReason::Other => "other",
        }
    }
}

/// Passes a task by; it is never offered to the caller again. Costs them nothing.
pub async fn skip(cx: &Cx, slot: SlotId, request: SkipRequest) -> Result<()> {
    if request.text.as_ref().is_some_and(|text| text.chars().count() > limits::REASON_CHARS_MAX) {
        return Err(Error::invalid("text", "too_long", "a reason has at most 4,000 characters"));
    }
    let inner = cx.clone();
    cx.write(&request.clone(), move |tx| {
        let InHand { slot, task, project } = in_hand(tx, &inner, slot)?;
        let command = Command::Skip { by: inner.person(), fence: request.fence };
        let next = match decide(&slot.slot, &command, inner.now, project.plan.lease_ms()) {
            Ok(Decision::Become(next)) => next,
            Ok(Decision::Repeat) | Err(Refusal::NotHeld | Refusal::Superseded) => return Ok(()),
            Err(refusal) => return Err(refusal.into()),
        };
        let (person, now) = (inner.person(), inner.now);
        if slot.stage == Stage::Label {
            tx.insert_skip(
                task.id,
                person,
                slot.id,
                request.reason.as_str(),
                request.text.as_deref(),
                now,
            )?;
        }
        tx.set_touch(task.id, person, slot.stage, Touch::Skipped, now)?;
        let more = json!({ "reason": request.reason });
        give_back(tx, &inner, "slot.skipped", slot, task, next, more)
    })
    .await
}

#[utoipa::path(post, path = "/api/slots/{slot}/skip", tag = "queue", params(("slot" = String, Path)), request_body = SkipRequest, responses((status = 200)))]
async fn post_skip(
    cx: Can<Label>,
    Path(slot): Path<String>,
    Body(body): Body<SkipRequest>,
) -> Result<Json<Value>> {
    skip(&cx, id(&slot)?, body).await?;
    Ok(Json(json!({})))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    pub fence: i64,
    /// Unfinished, and therefore unchecked.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// Which browser this is, in its own words.
    pub device: String,
    /// Rises with every draft of this device: a late one does not overwrite a later one.
    pub seq: i64,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Saved {
    pub saved_at: Time,
}

/// Keeps unfinished work on the server.
pub async fn save_draft(cx: &Cx, slot: SlotId, request: DraftRequest) -> Result<Saved> {
    if request.device.is_empty() || request.device.len() > 100 {
        return Err(Error::invalid(
            "device",
            "bad_name",
            "a device has a name of 1 to 100 characters",
        ));
    }
    let inner = cx.clone();
    cx.store()
        .write(move |tx| {
            let InHand { slot, project, .. } = in_hand(tx, &inner, slot)?;
            // A draft needs the right to answer, and nothing more: it changes no state.
            let command = Command::Renew { by: inner.person(), fence: request.fence };
            decide(&slot.slot, &command, inner.now, project.plan.lease_ms())?;
            let draft = DraftRow {
                device: request.device.clone(),
                seq: request.seq,
                answer: request.answer.clone(),
                saved_at: inner.now,
            };
            tx.save_draft(slot.id, inner.person(), &draft)?;
            Ok(Saved { saved_at: inner.now.into() })
        })
        .await
}

#[utoipa::path(put, path = "/api/slots/{slot}/draft", tag = "queue", params(("slot" = String, Path)), request_body = DraftRequest, responses((status = 200, body = Saved)))]
async fn put_draft(cx: Can<Label>, Path(slot): Path<String>, body: Bytes) -> Result<Json<Saved>> {
    Ok(Json(save_draft(&cx, id(&slot)?, read_json(&body)?).await?))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// Chosen by the browser and kept by it until the server has replied: the key of a safe repeat.
    #[schema(value_type = String)]
    pub submission: SubmissionId,
    pub fence: i64,
    #[schema(value_type = Object)]
    pub answer: Answer,
    /// Time spent at work on it.
    #[serde(default)]
    pub active_ms: i64,
    /// The versions that the contributor had before them; the newest, unless told.
    #[serde(default)]
    pub ontology_version: Option<i64>,
    #[serde(default)]
    pub instructions_version: Option<i64>,
    /// How many slots to take next, 0 to 10.
    #[serde(default)]
    pub claim_next: usize,
    /// Slots that the caller knows to hold.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub holding: Vec<SlotId>,
}

/// What a command that ends a slot leaves behind.
pub(crate) struct Ended {
    pub slot: SlotId,
    pub task: TaskRow,
    pub received_at: Timestamp,
    /// What was taken next.
    pub next: Option<Next>,
    /// Of an answer that had not been there before: the project that hears of it.
    pub news: Option<ProjectRow>,
}

/// Slots that were taken along with the end of another.
pub(crate) enum Next {
    Taken(Box<ProjectRow>, Vec<Taken>),
    Dressed(Vec<Claim>),
}

impl Next {
    pub(crate) fn of(tx: &mut Tx<'_>, cx: &Cx, project: ProjectRow, taken: Vec<Taken>) -> Self {
        // Where the rows are at hand this is sooner done than left for a snapshot of its own. What
        // cannot be read is told once the answer has lasted.
        if (tx.is_at_hand() || taken.is_empty())
            && is_brief(&taken)
            && let Ok(claims) = dress(tx, cx, &project, &taken)
        {
            return Next::Dressed(claims);
        }
        Next::Taken(Box::new(project), taken)
    }
}

/// New work is one row; what was there before it may be many large ones.
fn is_brief(taken: &[Taken]) -> bool {
    taken
        .iter()
        .all(|taken| taken.slot.stage == Stage::Label && taken.slot.slot.reserved_for.is_none())
}

/// Records the answer to a slot, and takes the task further; both or neither, however often it is
/// sent.
pub async fn answer(cx: &Cx, slot: SlotId, request: AnswerRequest) -> Result<Receipt> {
    let submission = request.submission.to_string();
    let said = request.answer.clone();
    let inner = cx.clone();
    let hint = Hint {
        person: cx.person(),
        now: cx.now,
        slot: Some(slot),
        submission: Some(submission.clone()),
        project: None,
        claims: (request.claim_next > 0)
            .then_some((Stage::Label, request.claim_next.min(limits::LEASES_MAX))),
    };
    let ended = cx
        .store()
        .write_hot(hint, move |tx| {
            let (mut ended, project) = answer_in(tx, &inner, slot, &request)?;
            if request.claim_next > 0 {
                let count = request.claim_next.min(limits::LEASES_MAX);
                let next =
                    ClaimRequest { stage: Stage::Label, count, holding: request.holding.clone() };
                let taken = take(tx, &inner, &project, &next)?;
                ended.next = Some(Next::of(tx, &inner, project, taken));
            }
            Ok::<_, Error>(ended)
        })
        .await?;
    if let Some(project) = &ended.news {
        cx.app.brains.heard(cx, project, &ended.task, &said);
    }
    receipt(cx, submission, ended).await
}

pub(crate) async fn receipt(cx: &Cx, submission: String, ended: Ended) -> Result<Receipt> {
    let Ended { slot, task, received_at, next, news: _ } = ended;
    let claims = match next {
        None => Vec::new(),
        Some(Next::Dressed(claims)) => claims,
        Some(Next::Taken(project, taken)) => {
            // Paused meanwhile or not: what is in the caller's hands is theirs to see.
            let (inner, brief) = (cx.clone(), is_brief(&taken));
            let run = move |tx: &mut Tx<'_>| dress(tx, &inner, &project, &taken);
            if brief { cx.read_briefly(run).await? } else { cx.read(run).await? }
        }
    };
    Ok(Receipt {
        submission,
        slot: slot.to_string(),
        task: task.id.to_string(),
        received_at: received_at.into(),
        durable: true,
        task_state: cx.may(Permission::SeeLabels).then(|| task.state.as_str().into()),
        claims,
    })
}

/// An answer as it is kept, and the digest by which repeats are known.
pub(crate) fn seal_ready(answer: &Answer) -> Result<(Vec<u8>, String)> {
    let body = serde_json::to_vec(answer)?;
    if body.len() > limits::ANSWER_BYTES_MAX {
        return Err(Error::TooLarge { what: "an answer", limit: limits::ANSWER_BYTES_MAX as u64 });
    }
    let digest = blake3::hash(&body).to_hex()[..32].to_string();
    Ok((body, digest))
}

/// Refuses an answer that says what may not be said (A1–A18).
pub(crate) fn check_answer(
    tx: &mut Tx<'_>,
    cx: &Cx,
    hand: &InHand,
    ontology_version: i64,
    answer: &Answer,
) -> Result<()> {
    let InHand { task, project, .. } = hand;
    let ontology =
        cx.app.documents.ontology(tx, cx.actor().organization, project.id, ontology_version)?;
    let is_of_places = project.question.spans || !project.question.shapes.is_empty();
    let bounds = if is_of_places { tx.item_bounds(task.item)? } else { Bounds::default() };
    let problems = answers::check(&project.question, &ontology, bounds, answer);
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// The version that an answer is pinned to: the one it was given under, if that exists.
fn pinned(given: Option<i64>, newest: i64, path: &str) -> Result<i64> {
    match given {
        None => Ok(newest),
        Some(version) if (1..=newest).contains(&version) => Ok(version),
        Some(_) => Err(Error::invalid(path, "unknown_version", "there is no such version")),
    }
}

fn answer_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    slot: SlotId,
    request: &AnswerRequest,
) -> Result<(Ended, ProjectRow)> {
    let hand = in_hand(tx, cx, slot)?;
    if hand.slot.stage != Stage::Label {
        return Err(Error::refused("wrong_stage", "this slot wants a verdict, not an answer"));
    }
    let (body, digest) = seal_ready(&request.answer)?;
    let command = Command::Answer {
        by: cx.person(),
        fence: request.fence,
        submission: request.submission.clone(),
        digest: digest.clone(),
    };
    let decision = match decide(&hand.slot.slot, &command, cx.now, hand.project.plan.lease_ms()) {
        // Sent back for rework meanwhile: a repeat of what was sent back is still a repeat.
        Err(refusal) if !is_recorded(tx, cx, slot, &request.submission, &digest)? => {
            return Err(refusal.into());
        }
        Err(_) => Decision::Repeat,
        Ok(decision) => decision,
    };
    let Decision::Become(next) = decision else {
        let first = tx.answer_by_submission(&request.submission)?;
        let received_at = first.map_or(cx.now, |row| row.submitted_at);
        return Ok((
            Ended { slot, task: hand.task, received_at, next: None, news: None },
            hand.project,
        ));
    };
    let ontology_version =
        pinned(request.ontology_version, hand.project.ontology_version, "ontology_version")?;
    let instructions_version = pinned(
        request.instructions_version,
        hand.project.instructions_version,
        "instructions_version",
    )?;
    check_answer(tx, cx, &hand, ontology_version, &request.answer)?;
    let InHand { slot: mut row, mut task, project } = hand;
    let is_rework = row.slot.reserved_for.is_some();
    let new = NewAnswer {
        id: AnswerId(tx.new_id(cx.now)),
        submission: &request.submission,
        slot,
        task: task.id,
        project: project.id,
        person: cx.person(),
        stage: Stage::Label,
        body: &body,
        digest: &digest,
        active_ms: request.active_ms.clamp(0, limits::ACTIVE_MS_MAX),
        ontology_version,
        instructions_version,
    };
    let (answer_id, is_look) = (new.id, gold::is_look(&task));
    // Before the new one is among them: a batch knows what is on the disk.
    let mut standing = match task.answers + 1 >= task.overlap && task.overlap > 1 && !is_look {
        true => tx.standing_answers(task.id)?,
        false => vec![],
    };
    insert_once(tx, &new, cx.now)?;
    tx.save_slot(slot, &row.slot, &next, row.claimed_at)?;
    row.slot = next;
    tx.set_touch(task.id, cx.person(), Stage::Label, Touch::Answered, cx.now)?;
    tx.remove_draft(slot, cx.person())?;
    let (from, before, overlap) = (task.state, task.version, task.overlap);
    if task.gold {
        gold::score(tx, cx, &project, &new, &request.answer)?;
    }
    if !is_look {
        task.answers += 1;
        standing.push(row_of(&new, &request.answer, cx.now));
        standing.sort_by_key(|row| row.slot);
        advance(tx, cx, &project, &mut task, &standing)?;
        task.version += 1;
        task.updated_at = cx.now;
        tx.save_task(before, &task)?;
        let mut delta = CountDelta::default().moved(from, task.state).answers(1);
        delta.0.wanted = task.overlap - overlap;
        tx.add_counts(task.project, &delta)?;
    }
    let mut more = json!({ "answer": answer_id, "submission": request.submission });
    if task.overlap != overlap {
        more["overlap"] = json!(task.overlap);
    }
    // What an answer earns is settled by the event, and the control store hears of it by relay.
    if let (Some(pay), false, true) = (&project.plan.pay, is_rework, cx.is_paid()) {
        more["pay"] = json!(pay);
        more["project"] = json!(project.id);
    }
    record(tx, cx, "slot.answered", &row, &task, more);
    Ok((
        Ended { slot, task, received_at: cx.now, next: None, news: Some(project.clone()) },
        project,
    ))
}

/// Whether this very answer was recorded before, whatever has become of its slot.
fn is_recorded(
    tx: &mut Tx<'_>,
    cx: &Cx,
    slot: SlotId,
    submission: &SubmissionId,
    digest: &str,
) -> Result<bool> {
    let Some(row) = tx.answer_by_submission(submission)? else { return Ok(false) };
    let (_, recorded) = seal_ready(&row.answer)?;
    Ok((row.slot, row.person) == (slot, cx.person()) && recorded == digest)
}

/// A submission names one answer; the same name for another slot is refused.
pub(crate) fn insert_once(tx: &mut Tx<'_>, new: &NewAnswer<'_>, now: Timestamp) -> Result<()> {
    if tx.insert_answer(new, now)? { Ok(()) } else { Err(Refusal::AnswerDiffers.into()) }
}

/// A new answer as it will be read back.
fn row_of(new: &NewAnswer<'_>, answer: &Answer, now: Timestamp) -> AnswerRow {
    AnswerRow {
        id: new.id,
        submission: new.submission.to_string(),
        slot: new.slot,
        task: new.task,
        project: new.project,
        person: new.person,
        stage: new.stage,
        state: "standing".into(),
        answer: answer.clone(),
        active_ms: new.active_ms,
        ontology_version: new.ontology_version,
        instructions_version: new.instructions_version,
        submitted_at: now,
    }
}

#[utoipa::path(put, path = "/api/slots/{slot}/answer", tag = "queue", params(("slot" = String, Path)), request_body = AnswerRequest, responses((status = 200, body = Receipt)))]
async fn put_answer(
    cx: Can<Label>,
    Path(slot): Path<String>,
    body: Bytes,
) -> Result<Json<Receipt>> {
    let receipt = answer(&cx, id(&slot)?, read_json(&body)?).await?;
    renditions::cut_ahead(&cx, &receipt.claims);
    Ok(Json(receipt))
}
