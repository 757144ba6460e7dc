//! Review, rework and adjudication: how an answer is judged, and by whom.
//!
//! | Door | Command |
//! |---|---|
//! | `PUT /api/slots/{slot}/review` | [`review`]: accept, fix, or reject with clause and reason |
//! | `PUT /api/slots/{slot}/adjudication` | [`adjudicate`]: decide between answers that disagree |

use crate::auth::{Can, Review};
use crate::brain;
use crate::comments::{self, Sight};
use crate::opinions::{self, Asked, attributes};
use crate::projects::clauses;
use crate::queue::{
    ClaimRequest, Ended, InHand, Next, Receipt, check_answer, in_hand, insert_once, receipt,
    record, seal_ready, take,
};
use crate::wire::{Time, id, read_json};
use crate::workflow::{Source, Sure, resolve};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path};
use domain::answers::Answer;
use domain::queue::{Command, Decision, Slot, State, decide};
use domain::workflow::{Method, Stage, TaskState, Verdict, check_verdict};
use domain::{AnswerId, PersonId, SlotId, SubmissionId, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{
    AnswerRow, ConsensusPart, ConsensusRow, CountDelta, NewAnswer, NewReview, ProjectRow, SlotRow,
    TaskRow, Touch, Tx,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(put_review))
        .routes(routes!(put_adjudication))
        .layer(DefaultBodyLimit::max(limits::ANSWER_BYTES_MAX + 4096))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    #[schema(value_type = String)]
    pub submission: SubmissionId,
    pub fence: i64,
    /// `accept`, `fix` or `reject`.
    #[schema(value_type = String)]
    pub verdict: Verdict,
    /// The answer as it should be: of a fix it becomes the label, of a rejection it shows the contributor
    /// what to change.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub answer: Option<Answer>,
    /// Of a rejection: the clause of the instructions that the answer breaks.
    #[serde(default)]
    pub clause: Option<String>,
    /// Of a rejection: what to do better.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub active_ms: i64,
    #[serde(default)]
    pub claim_next: usize,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub holding: Vec<SlotId>,
}

/// What a task's answers said together when it came here; nothing where other answers stand by now.
fn consensus(
    tx: &mut Tx<'_>,
    task: &TaskRow,
    standing: &[AnswerRow],
) -> Result<Option<ConsensusRow>> {
    let told = brain::told(tx, task.project)?;
    let mut row = tx.consensus(task.id)?;
    row.iter_mut().for_each(|row| told.consensus(row));
    Ok(row.filter(|row| row.said.answers.iter().eq(standing.iter().map(|row| &row.id))))
}

/// The answer that stands for a task before its reviewer, and what it stands for, where that is more than itself.
fn candidate(
    tx: &mut Tx<'_>,
    project: &ProjectRow,
    task: &TaskRow,
) -> Result<(AnswerRow, Option<ConsensusRow>)> {
    let mut standing = tx.standing_answers(task.id)?;
    let consensus = consensus(tx, task, &standing)?;
    let voice = match &consensus {
        Some(row) => standing.iter().position(|answer| answer.id == row.nearest),
        None => {
            let given: Vec<&Answer> = standing.iter().map(|row| &row.answer).collect();
            Some(opinions::of(Asked::by(project), &given).voice)
        }
    };
    match voice.filter(|voice| *voice < standing.len()) {
        Some(voice) => Ok((standing.swap_remove(voice), consensus)),
        None => Err(Error::Internal("a task in review has no standing answer".into())),
    }
}

/// Judges an answer; however often it is sent, once.
pub async fn review(cx: &Cx, slot: SlotId, request: ReviewRequest) -> Result<Receipt> {
    let submission = request.submission.to_string();
    let inner = cx.clone();
    let ended = cx
        .store()
        .write(move |tx| {
            let mut ended = review_in(tx, &inner, slot, &request)?;
            ended.next = take_next(
                tx,
                &inner,
                &ended.task,
                Stage::Review,
                request.claim_next,
                &request.holding,
            )?;
            Ok::<_, Error>(ended)
        })
        .await?;
    receipt(cx, submission, ended).await
}

fn take_next(
    tx: &mut Tx<'_>,
    cx: &Cx,
    task: &TaskRow,
    stage: Stage,
    count: usize,
    holding: &[SlotId],
) -> Result<Option<Next>> {
    if count == 0 {
        return Ok(None);
    }
    let project = tx.project(task.project)?.ok_or(Error::NotFound)?;
    let next =
        ClaimRequest { stage, count: count.min(limits::LEASES_MAX), holding: holding.to_vec() };
    let taken = take(tx, cx, &project, &next)?;
    Ok(Some(Next::of(tx, cx, project, taken)))
}

fn review_in(tx: &mut Tx<'_>, cx: &Cx, slot: SlotId, request: &ReviewRequest) -> Result<Ended> {
    let hand = in_hand(tx, cx, slot)?;
    if hand.slot.stage != Stage::Review {
        return Err(Error::refused("wrong_stage", "this slot wants no verdict"));
    }
    let digest = digest_of(&json!({
        "verdict": request.verdict, "answer": request.answer, "clause": request.clause, "reason": request.reason,
    }))?;
    let Some(next) = end(&hand, cx, request.fence, &request.submission, digest)? else {
        return Ok(Ended { slot, task: hand.task, received_at: cx.now, next: None, news: None });
    };
    let instructions = tx
        .instructions(hand.project.id, hand.project.instructions_version)?
        .ok_or(Error::NotFound)?;
    let known: Vec<String> =
        clauses(&instructions.document).into_iter().map(|clause| clause.id).collect();
    let (clause, reason) = (request.clause.as_deref(), request.reason.as_deref());
    check_verdict(request.verdict, request.answer.is_some(), clause, reason, &known)?;
    if let Some(answer) = &request.answer {
        check_answer(tx, cx, &hand, hand.project.ontology_version, answer)?;
    }
    let (judged, consensus) = candidate(tx, &hand.project, &hand.task)?;
    let InHand { slot: mut row, mut task, project } = hand;
    let (from, before) = (task.state, task.version);
    tx.save_slot(slot, &row.slot, &next, row.claimed_at)?;
    row.slot = next;
    tx.set_touch(task.id, cx.person(), Stage::Review, Touch::Answered, cx.now)?;
    tx.remove_draft(slot, cx.person())?;
    let sure = Sure::agreed(task.agreement);
    let mut fixed = None;
    let mut lost = 0;
    match (&request.answer, request.verdict) {
        (Some(answer), Verdict::Fix) => {
            let id = insert_own(
                tx,
                cx,
                &project,
                &task,
                &row,
                &request.submission,
                answer,
                request.active_ms,
            )?;
            tx.set_answer_state(judged.id, "standing", "superseded")?;
            fixed = Some(id);
            let (body, _) = seal_ready(answer)?;
            resolve(tx, cx, &mut task, source(&project, id), &body, sure, Method::Fixed)?;
        }
        (_, Verdict::Reject) => {
            tx.set_answer_state(judged.id, "standing", "rejected")?;
            send_back(tx, cx, &mut task, judged.slot)?;
            lost = 1;
        }
        _ => {
            // Of several answers, what they say together was before the reviewer (F9).
            let together = consensus.and_then(|row| row.said.value);
            let body = serde_json::to_vec(together.as_ref().unwrap_or(&judged.answer))?;
            let own = Source::from(&judged);
            let source = if together.is_some() { Source { answer: None, ..own } } else { own };
            resolve(tx, cx, &mut task, source, &body, sure, Method::Reviewed)?;
        }
    }
    tx.insert_review(
        &NewReview {
            submission: &request.submission,
            slot,
            task: task.id,
            answer: judged.id,
            reviewer: cx.person(),
            verdict: request.verdict,
            clause,
            reason,
            proposal: request.answer.as_ref().filter(|_| request.verdict == Verdict::Reject),
            fixed,
            active_ms: request.active_ms.clamp(0, limits::ACTIVE_MS_MAX),
        },
        cx.now,
    )?;
    task.version += 1;
    task.updated_at = cx.now;
    tx.save_task(before, &task)?;
    tx.add_counts(task.project, &CountDelta::default().moved(from, task.state).answers(-lost))?;
    let more = json!({ "answer": judged.id, "verdict": request.verdict, "submission": request.submission });
    record(tx, cx, "slot.reviewed", &row, &task, more);
    Ok(Ended { slot, task, received_at: cx.now, next: None, news: None })
}

/// Gives an answered slot back to its author, and the task to the label stage (F4).
fn send_back(tx: &mut Tx<'_>, cx: &Cx, task: &mut TaskRow, slot: SlotId) -> Result<()> {
    let mut row =
        tx.slot(slot)?.ok_or_else(|| Error::Internal("an answer without a slot".into()))?;
    let State::Answered { by, .. } = &row.slot.state else {
        return Err(Error::Internal("a rejected answer's slot is not answered".into()));
    };
    let next = Slot { fence: row.slot.fence, state: State::Free, reserved_for: Some(*by) };
    tx.save_slot(slot, &row.slot, &next, row.claimed_at)?;
    row.slot = next;
    task.answers -= 1;
    (task.state, task.stage, task.open, task.again) =
        (TaskState::InProgress, Stage::Label, 0, false);
    record(tx, cx, "slot.sent_back", &row, task, json!({}));
    Ok(())
}

/// What the slot becomes, or nothing if this was said before.
fn end(
    hand: &InHand,
    cx: &Cx,
    fence: i64,
    submission: &SubmissionId,
    digest: String,
) -> Result<Option<Slot>> {
    let command =
        Command::Answer { by: cx.person(), fence, submission: submission.clone(), digest };
    match decide(&hand.slot.slot, &command, cx.now, hand.project.plan.lease_ms())? {
        Decision::Become(next) => Ok(Some(next)),
        Decision::Repeat => Ok(None),
    }
}

fn digest_of(value: &Value) -> Result<String> {
    Ok(blake3::hash(&serde_json::to_vec(value)?).to_hex()[..32].to_string())
}

fn source(project: &ProjectRow, answer: AnswerId) -> Source {
    Source {
        answer: Some(answer),
        ontology_version: project.ontology_version,
        instructions_version: project.instructions_version,
    }
}

/// Adds the answer of a reviewer or adjudicator.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a different thing, and a struct would only rename them"
)]
fn insert_own(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    task: &TaskRow,
    slot: &SlotRow,
    submission: &SubmissionId,
    answer: &Answer,
    active_ms: i64,
) -> Result<AnswerId> {
    let (body, digest) = seal_ready(answer)?;
    let new = NewAnswer {
        id: AnswerId(tx.new_id(cx.now)),
        submission,
        slot: slot.id,
        task: task.id,
        project: project.id,
        person: cx.person(),
        stage: slot.stage,
        body: &body,
        digest: &digest,
        active_ms: active_ms.clamp(0, limits::ACTIVE_MS_MAX),
        ontology_version: project.ontology_version,
        instructions_version: project.instructions_version,
    };
    let id = new.id;
    insert_once(tx, &new, cx.now)?;
    Ok(id)
}

#[utoipa::path(put, path = "/api/slots/{slot}/review", tag = "queue", params(("slot" = String, Path)), request_body = ReviewRequest, responses((status = 200, body = Receipt)))]
async fn put_review(
    cx: Can<Review>,
    Path(slot): Path<String>,
    body: Bytes,
) -> Result<Json<Receipt>> {
    Ok(Json(review(&cx, id(&slot)?, read_json(&body)?).await?))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjudicationRequest {
    #[schema(value_type = String)]
    pub submission: SubmissionId,
    pub fence: i64,
    #[schema(value_type = Object)]
    pub answer: Answer,
    /// The answer that this one began with.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub chosen: Option<AnswerId>,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub active_ms: i64,
    #[serde(default)]
    pub claim_next: usize,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub holding: Vec<SlotId>,
}

/// Decides between answers that disagree; however often it is sent, once (F5).
pub async fn adjudicate(cx: &Cx, slot: SlotId, request: AdjudicationRequest) -> Result<Receipt> {
    let submission = request.submission.to_string();
    let inner = cx.clone();
    let ended = cx
        .store()
        .write(move |tx| {
            let mut ended = adjudicate_in(tx, &inner, slot, &request)?;
            let holding = &request.holding;
            ended.next =
                take_next(tx, &inner, &ended.task, Stage::Adjudicate, request.claim_next, holding)?;
            Ok::<_, Error>(ended)
        })
        .await?;
    receipt(cx, submission, ended).await
}

fn adjudicate_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    slot: SlotId,
    request: &AdjudicationRequest,
) -> Result<Ended> {
    let hand = in_hand(tx, cx, slot)?;
    if hand.slot.stage != Stage::Adjudicate {
        return Err(Error::refused("wrong_stage", "this slot wants no adjudication"));
    }
    let reason = request.reason.as_deref();
    let digest = digest_of(
        &json!({ "answer": request.answer, "chosen": request.chosen, "reason": reason }),
    )?;
    let Some(next) = end(&hand, cx, request.fence, &request.submission, digest)? else {
        return Ok(Ended { slot, task: hand.task, received_at: cx.now, next: None, news: None });
    };
    check_answer(tx, cx, &hand, hand.project.ontology_version, &request.answer)?;
    if let Some(chosen) = request.chosen {
        let known = tx.standing_answers(hand.task.id)?.iter().any(|row| row.id == chosen);
        if !known {
            return Err(Error::invalid("chosen", "unknown_answer", "this task has no such answer"));
        }
    }
    let InHand { slot: mut row, mut task, project } = hand;
    let (from, before) = (task.state, task.version);
    tx.save_slot(slot, &row.slot, &next, row.claimed_at)?;
    row.slot = next;
    tx.set_touch(task.id, cx.person(), Stage::Adjudicate, Touch::Answered, cx.now)?;
    tx.remove_draft(slot, cx.person())?;
    let id = insert_own(
        tx,
        cx,
        &project,
        &task,
        &row,
        &request.submission,
        &request.answer,
        request.active_ms,
    )?;
    let (body, _) = seal_ready(&request.answer)?;
    let sure = Sure::agreed(task.agreement);
    resolve(tx, cx, &mut task, source(&project, id), &body, sure, Method::Adjudicated)?;
    task.version += 1;
    task.updated_at = cx.now;
    tx.save_task(before, &task)?;
    tx.add_counts(task.project, &CountDelta::default().moved(from, task.state))?;
    let more = json!({ "answer": id, "chosen": request.chosen, "submission": request.submission });
    record(tx, cx, "slot.adjudicated", &row, &task, more);
    Ok(Ended { slot, task, received_at: cx.now, next: None, news: None })
}

#[utoipa::path(put, path = "/api/slots/{slot}/adjudication", tag = "queue", params(("slot" = String, Path)), request_body = AdjudicationRequest, responses((status = 200, body = Receipt)))]
async fn put_adjudication(
    cx: Can<Review>,
    Path(slot): Path<String>,
    body: Bytes,
) -> Result<Json<Receipt>> {
    Ok(Json(adjudicate(&cx, id(&slot)?, read_json(&body)?).await?))
}

/// What a contributor who gets an answer back needs to see.
pub(crate) fn rework_before(tx: &mut Tx<'_>, cx: &Cx, slot: &SlotRow) -> Result<Option<Value>> {
    let answers = tx.answers_of(slot.task)?;
    let Some(own) = answers.iter().rev().find(|row| row.slot == slot.id && row.state == "rejected")
    else {
        return Ok(None);
    };
    let reviews = tx.reviews_of(slot.task)?;
    let Some(verdict) = reviews.iter().rev().find(|review| review.answer == own.id) else {
        return Ok(None);
    };
    let instructions = tx.instructions(own.project, own.instructions_version)?;
    let titles = instructions.map(|found| clauses(&found.document)).unwrap_or_default();
    let title =
        titles.iter().find(|clause| Some(&clause.id) == verdict.clause.as_ref()).map(|c| &c.title);
    let conversation = comments::conversation(own);
    let sight = Sight::of_contributor(tx, cx, own)?;
    let threads = comments::threads(tx, cx, conversation, sight)?;
    // Who judged is not the contributor's to know; that it was a person, with a reason, is.
    Ok(Some(json!({
        "id": own.id, "answer": own.answer, "comments": threads,
        "verdict": {
            "reviewer": "reviewer", "clause": verdict.clause, "clause_title": title, "reason": verdict.reason,
            "at": Time(verdict.at), "fixed_answer": verdict.proposal,
        },
    })))
}

/// What several answers say together, as an object or span after the other (F9).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConsensusBody {
    /// What they say; nothing where one of them says it.
    #[schema(value_type = Option<Object>)]
    pub value: Option<Answer>,
    /// All that it was made of.
    pub answers: Vec<String>,
    pub parts: Vec<PartBody>,
    /// How sure it is; only where that was calibrated on gold.
    pub confidence: Option<f64>,
    pub calibrated: bool,
    /// What weighed the answers, where anything did.
    pub model: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PartBody {
    /// The id of the object or span in the value, or the key of the class.
    pub id: String,
    /// The answers that have it.
    pub answers: Vec<String>,
    /// How sure it is; only where that was calibrated on gold.
    pub confidence: Option<f64>,
    /// Of each attribute, how many of the answers that have it and call it the same say the same (A20).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, attributes::Votes>,
}

/// `value` is what is said of it; `answers` holds, among others, all that it was made of.
pub(crate) fn consensus_body(
    row: &ConsensusRow,
    value: Option<&Answer>,
    answers: &[AnswerRow],
) -> ConsensusBody {
    let of = |id: AnswerId| answers.iter().find(|row| row.id == id).map(|row| &row.answer);
    let mut votes =
        value.map(|value| attributes::of_parts(value, &row.said, of)).unwrap_or_default();
    let shown = |confidence: f64| Some(confidence).filter(|_| row.calibrated);
    let mut part = |part: &ConsensusPart| PartBody {
        id: part.id.clone(),
        attributes: votes.remove(&part.id).unwrap_or_default(),
        answers: part.marks.iter().map(|(answer, _)| answer.to_string()).collect(),
        confidence: shown(part.confidence),
    };
    ConsensusBody {
        value: row.said.value.clone(),
        answers: row.said.answers.iter().map(ToString::to_string).collect(),
        parts: row.said.parts.iter().map(&mut part).collect(),
        confidence: row.confidence.and_then(shown),
        calibrated: row.calibrated,
        model: row.model.clone(),
    }
}

/// The answer that a reviewer is to judge.
pub(crate) fn review_before(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    task: &TaskRow,
) -> Result<Option<Value>> {
    let (judged, consensus) = candidate(tx, project, task)?;
    let name = name_of(cx, judged.person)?;
    let said = consensus.as_ref().and_then(|row| row.said.value.as_ref());
    let threads = comments::threads(tx, cx, comments::conversation(&judged), Sight::Names)?;
    let answers = tx.answers_of(task.id)?;
    let sent_back = answers.iter().rev().find(|row| {
        row.slot == judged.slot && row.person == judged.person && row.state == "rejected"
    });
    let mut others = Vec::new();
    for row in answers
        .iter()
        .filter(|row| row.stage == Stage::Label && row.state == "standing" && row.id != judged.id)
    {
        others.push(json!({
            "id": row.id, "answer": row.answer, "submitted_at": Time(row.submitted_at),
            "contributor": { "person": row.person, "name": name_of(cx, row.person)? },
        }));
    }
    Ok(Some(json!({
        "id": judged.id, "answer": said.unwrap_or(&judged.answer),
        "contributor": { "person": judged.person, "name": name },
        "submitted_at": Time(judged.submitted_at), "agreement": task.agreement, "comments": threads,
        "consensus": consensus.as_ref().map(|row| consensus_body(row, said, &answers)),
        "sent_back": sent_back.map(|row| &row.answer), "answers": others,
    })))
}

/// The answers between which an adjudicator is to decide.
pub(crate) fn adjudicate_before(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    task: &TaskRow,
) -> Result<Option<Value>> {
    let standing = tx.standing_answers(task.id)?;
    let mut answers = Vec::new();
    for row in &standing {
        let threads = comments::threads(tx, cx, comments::conversation(row), Sight::Names)?;
        answers.push(json!({
            "comments": threads,
            "id": row.id, "answer": row.answer, "submitted_at": Time(row.submitted_at),
            "contributor": { "person": row.person, "name": name_of(cx, row.person)? },
        }));
    }
    let mut pairs = Vec::new();
    for (i, a) in standing.iter().enumerate() {
        for b in &standing[i + 1..] {
            let agreement = opinions::similarity(Asked::by(project), &a.answer, &b.answer);
            pairs.push(json!({ "a": a.id, "b": b.id, "agreement": agreement }));
        }
    }
    let consensus = consensus(tx, task, &standing)?;
    Ok(Some(json!({
        "answers": answers, "agreement": task.agreement, "pairs": pairs,
        "consensus": consensus
            .as_ref()
            .filter(|row| row.said.value.is_some())
            .map(|row| consensus_body(row, row.said.value.as_ref(), &standing)),
    })))
}

/// A person's name, which the control store knows.
fn name_of(cx: &Cx, person: PersonId) -> Result<String> {
    cx.app.names.one(cx.stores(), person)
}
