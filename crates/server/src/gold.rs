//! Gold: tasks whose answer is known, dealt among the others, by which people are known (Q1–Q4).
//!
//! | Door | Command |
//! |---|---|
//! | `POST /api/projects/{project}/gold` | [`make`]: of a finished task, or by an expert's answer |
//! | `DELETE /api/tasks/{task}/gold` | no longer dealt |
//! | `GET /api/work/scores`, `PUT /api/answers/{answer}/contest` | what a contributor sees of it, and may say against it |
//! | `POST /api/answers/{answer}/decision` | [`decide`]: a contest is upheld or overturned |
//!
//! A look at gold is a slot of a finished task: it is claimed, kept, given back and answered like any other, and leaves the
//! task as it is. What a contributor is told of it is what they are told of any task.

use crate::auth::{Can, Label, ManageProjects, Review, SeeOwnWork};
use crate::brain::chance;
use crate::items;
use crate::opinions::Asked;
use crate::projects::visible;
use crate::queue::{Taken, record, take_slot};
use crate::tasks::NamedPerson;
use crate::wire::{Body, Page, Time, id};
use crate::{App, Cx, Error, Result, opinions};
use axum::Json;
use axum::extract::Path;
use domain::answers::{self, Answer};
use domain::quality::{Look, has_leaked, is_right};
use domain::queue::{Command, Decision, Slot, State, decide as decide_slot};
use domain::workflow::{Method, Stage, TaskState};
use domain::{AnswerId, ProjectId, TaskId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ContestRow, GoldRow, NewAnswer, NewLabel, ProjectRow, ScoreRow, SlotRow, TaskRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_gold, post_gold))
        .routes(routes!(delete_gold))
        .routes(routes!(get_contests))
        .routes(routes!(get_scores))
        .routes(routes!(put_contest))
        .routes(routes!(post_decision))
}

/// Whether what is asked of a task is a look, and not an opinion that it waits for.
pub(crate) fn is_look(task: &TaskRow) -> bool {
    task.gold && task.state == TaskState::Done
}

/// Gold instead of the next task, if it is the caller's turn (Q2). Where nothing else waits, no gold does.
pub(crate) fn deal(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    number: usize,
) -> Result<Option<Taken>> {
    let rate = cx.app.brains.gold_rate(cx, project.id);
    if rate == 0.0 || chance(cx, project.id, number) >= rate {
        return Ok(None);
    }
    if tx.count_open(project.id, Stage::Label)? == 0 {
        return Ok(None);
    }
    let Some(task) = tx.next_gold(project.id, cx.person())? else { return Ok(None) };
    let Some(task) = tx.hold_task(task)?.filter(is_look) else { return Ok(None) };
    // Its own stage may be a later one, where it came to its end.
    let task = TaskRow { stage: Stage::Label, ..task };
    let free = tx.free_slot_of(task.id, Stage::Label)?;
    let empty = Slot { fence: 0, state: State::Free, reserved_for: None };
    let before = free.as_ref().map_or(&empty, |slot| &slot.slot);
    let claim = Command::Claim { by: cx.person() };
    let Decision::Become(next) = decide_slot(before, &claim, cx.now, project.plan.lease_ms())?
    else {
        return Ok(None);
    };
    tx.look_at_gold(task.id)?;
    Ok(Some(take_slot(tx, cx, task, free, next)?))
}

/// Frees the slot of a look, and leaves the task as it is.
pub(crate) fn give_back(
    tx: &mut Tx<'_>,
    cx: &Cx,
    kind: &'static str,
    mut slot: SlotRow,
    task: &TaskRow,
    more: Value,
) -> Result<()> {
    let next = Slot { fence: slot.slot.fence, state: State::Free, reserved_for: None };
    tx.save_slot(slot.id, &slot.slot, &next, slot.claimed_at)?;
    slot.slot = next;
    tx.remove_draft(slot.id, cx.person())?;
    record(tx, cx, kind, &slot, task, more);
    Ok(())
}

/// How an answer compares with what is known, and whether it is right (Q1).
pub(crate) fn compare(asked: Asked<'_>, known: &Answer, answer: &Answer) -> (f64, bool) {
    let question = asked.question;
    let likeness = opinions::similarity(asked, known, answer).clamp(0.0, 1.0);
    let right = match question.choice {
        // Of a choice with spans, the choice is right as it is, and the spans as spans are.
        Some(_) => {
            opinions::choice_likeness(known, answer) == 1.0
                && known.attributes == answer.attributes
                && (!question.spans || is_right(opinions::span_likeness(asked, known, answer)))
        }
        None => is_right(likeness),
    };
    (likeness, right)
}

/// Compares a new answer with what is known, and looks whether people have begun to recognize the task (Q3).
pub(crate) fn score(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    new: &NewAnswer<'_>,
    answer: &Answer,
) -> Result<()> {
    let Some(gold) = tx.gold(new.task)? else { return Ok(()) };
    let (likeness, correct) = compare(Asked::by(project), &gold.known, answer);
    let score = ScoreRow {
        answer: new.id,
        task: new.task,
        project: project.id,
        person: new.person,
        correct,
        likeness,
        active_ms: new.active_ms,
        at: cx.now,
    };
    tx.save_score(&score)?;
    if gold.state == "live" {
        let looks: Vec<Look> = tx
            .scores_of(new.task)?
            .into_iter()
            .map(|score| Look { right: score.correct, active_ms: score.active_ms })
            .collect();
        if has_leaked(&looks) {
            tx.save_gold(&GoldRow { state: "leaked".into(), ..gold })?;
            tx.record(
                cx.now,
                cx.person(),
                "gold.leaked",
                new.task,
                json!({ "looks": looks.len() }),
            );
        }
    }
    Ok(())
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GoldBody {
    pub task: String,
    #[schema(value_type = Object)]
    pub known: Answer,
    /// `live`, `leaked` (people have begun to recognize it) or `retired`.
    pub state: String,
    /// Answers that were compared with it, and how many of them were right.
    pub scored: i64,
    pub right: i64,
    pub created_at: Time,
}

fn gold_body(tx: &mut Tx<'_>, gold: GoldRow) -> Result<GoldBody> {
    let scores = tx.scores_of(gold.task)?;
    Ok(GoldBody {
        task: gold.task.to_string(),
        known: gold.known,
        state: gold.state,
        scored: scores.len() as i64,
        right: scores.iter().filter(|score| score.correct).count() as i64,
        created_at: gold.created_at.into(),
    })
}

#[utoipa::path(get, path = "/api/projects/{project}/gold", tag = "quality", params(("project" = String, Path), crate::wire::Paging), responses((status = 200, body = Page<GoldBody>)))]
async fn get_gold(
    cx: Can<Review>,
    Path(project): Path<String>,
    axum::extract::Query(paging): axum::extract::Query<crate::wire::Paging>,
) -> Result<Json<Page<GoldBody>>> {
    let project = id(&project)?;
    let (after, limit) = (TaskId(paging.after()?), paging.limit()?);
    let inner = (*cx).clone();
    let page = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let golds = tx.golds(project.id, after, limit)?;
            let last = golds.last().map(|gold| gold.task.0);
            let items: Result<Vec<GoldBody>> =
                golds.into_iter().map(|gold| gold_body(tx, gold)).collect();
            Ok(Page::new(items?, limit, last))
        })
        .await?;
    Ok(Json(page))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGold {
    #[schema(value_type = String)]
    pub task: TaskId,
    /// What is known, by an expert; the label of the task, unless told.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub answer: Option<Answer>,
}

/// Makes a task gold. Repeats are fine.
pub async fn make(cx: &Cx, project: ProjectId, new: NewGold) -> Result<GoldBody> {
    let inner = cx.clone();
    let made = cx
        .write(&new.clone(), move |tx| {
            let project = visible(tx, &inner, project)?;
            let task = tx.hold_task(new.task)?.filter(|task| task.project == project.id);
            let mut task = task.ok_or(Error::NotFound)?;
            let label = tx.label(task.id)?;
            let by_expert = new.answer.is_some()
                || label.as_ref().is_some_and(|label| {
                    matches!(
                        label.method,
                        Method::Reviewed | Method::Fixed | Method::Adjudicated | Method::Imported
                    )
                });
            let known = match (&new.answer, label) {
                (Some(answer), _) => {
                    check(tx, &inner, &project, &task, answer)?;
                    answer.clone()
                }
                (None, Some(label)) => label.value,
                (None, None) => {
                    let message = "gold needs its known answer: finish the task, or give `answer`";
                    return Err(Error::refused("gold_without_answer", message));
                }
            };
            let before = tx.gold(task.id)?;
            let gold = GoldRow {
                task: task.id,
                project: project.id,
                version: before.as_ref().map_or(1, |gold| gold.version + 1),
                known,
                state: "live".into(),
                looks: before.as_ref().map_or(0, |gold| gold.looks),
                created_by: inner.person(),
                created_at: before.map_or(inner.now, |gold| gold.created_at),
            };
            tx.save_gold(&gold)?;
            let version = task.version;
            (task.gold, task.version, task.updated_at) = (true, version + 1, inner.now);
            tx.save_task(version, &task)?;
            // Answers from which a label was made are no evidence of whether it is right.
            if by_expert {
                score_again(tx, &project, &gold)?;
            }
            tx.record(
                inner.now,
                inner.person(),
                "gold.made",
                task.id,
                json!({ "task": task.id, "version": gold.version }),
            );
            gold_body(tx, gold)
        })
        .await?;
    cx.app.brains.gold_changed(cx, project);
    Ok(made)
}

fn check(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    task: &TaskRow,
    answer: &Answer,
) -> Result<()> {
    let organization = cx.actor().organization;
    let ontology =
        cx.app.documents.ontology(tx, organization, project.id, project.ontology_version)?;
    let bounds = tx.item_bounds(task.item)?;
    let problems = answers::check(&project.question, &ontology, bounds, answer);
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Compares every standing answer of a gold task with what is known now; answers what has changed.
fn score_again(tx: &mut Tx<'_>, project: &ProjectRow, gold: &GoldRow) -> Result<Vec<Value>> {
    let mut changed = Vec::new();
    for row in tx.standing_answers(gold.task)? {
        let (likeness, correct) = compare(Asked::by(project), &gold.known, &row.answer);
        let before = tx.score(row.id)?;
        if before.as_ref().is_none_or(|before| before.correct != correct) {
            let was = before.map(|before| before.correct);
            changed
                .push(json!({ "answer": row.id, "person": row.person, "was": was, "is": correct }));
        }
        tx.save_score(&ScoreRow {
            answer: row.id,
            task: gold.task,
            project: project.id,
            person: row.person,
            correct,
            likeness,
            active_ms: row.active_ms,
            at: row.submitted_at,
        })?;
    }
    Ok(changed)
}

#[utoipa::path(post, path = "/api/projects/{project}/gold", tag = "quality", params(("project" = String, Path)), request_body = NewGold, responses((status = 200, body = GoldBody)))]
async fn post_gold(
    cx: Can<Review>,
    Path(project): Path<String>,
    Body(body): Body<NewGold>,
) -> Result<Json<GoldBody>> {
    Ok(Json(make(&cx, id(&project)?, body).await?))
}

#[utoipa::path(delete, path = "/api/tasks/{task}/gold", tag = "quality", params(("task" = String, Path)), responses((status = 200, body = GoldBody)))]
async fn delete_gold(cx: Can<Review>, Path(task): Path<String>) -> Result<Json<GoldBody>> {
    let task: TaskId = id(&task)?;
    let inner = (*cx).clone();
    let (project, gold) = cx
        .write(&json!({}), move |tx| {
            let row = tx.hold_task(task)?.ok_or(Error::NotFound)?;
            visible(tx, &inner, row.project)?;
            let gold = tx.gold(task)?.ok_or(Error::NotFound)?;
            let retired = GoldRow { state: "retired".into(), ..gold.clone() };
            if gold != retired {
                tx.save_gold(&retired)?;
                tx.record(inner.now, inner.person(), "gold.retired", task, json!({ "task": task }));
            }
            Ok((row.project, gold_body(tx, retired)?))
        })
        .await?;
    cx.app.brains.gold_changed(&cx, project);
    Ok(Json(gold))
}

/// How one of the caller's answers compared with what was known.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnScoreBody {
    pub answer: String,
    pub project: String,
    pub project_name: String,
    /// What the item is called.
    pub name: String,
    pub correct: bool,
    /// 0 to 1.
    pub likeness: f64,
    #[schema(value_type = Object)]
    pub given: Answer,
    #[schema(value_type = Object)]
    pub known: Answer,
    pub at: Time,
    /// What became of the caller's word against it: `open`, `upheld` or `overturned`.
    pub contest: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnScores {
    /// The latest, the newest first; a day old at least (Q4).
    pub items: Vec<OwnScoreBody>,
    pub skills: Vec<OwnSkill>,
}

/// How often the caller was right, in one project.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnSkill {
    pub project: String,
    pub project_name: String,
    pub right: i64,
    pub scored: i64,
    /// Within this it lies, with 95 %, however often one looks.
    pub low: f64,
    pub high: f64,
}

const SCORES_SHOWN: i64 = 200;

/// How the caller did on gold, as far as it may be told.
pub async fn own(cx: &Cx) -> Result<OwnScores> {
    let inner = cx.clone();
    let told = Timestamp(cx.now.0 - limits::GOLD_TOLD_AFTER_MS);
    cx.read(move |tx| {
        let mut items = Vec::new();
        let mut skills: Vec<OwnSkill> = Vec::new();
        for score in tx.scores_by(inner.person(), told, SCORES_SHOWN)? {
            let project = tx.project(score.project)?.ok_or(Error::NotFound)?;
            if project.mode != inner.actor().mode {
                continue;
            }
            let (Some(answer), Some(gold)) = (tx.answer(score.answer)?, tx.gold(score.task)?)
            else {
                continue;
            };
            let task = tx.task(score.task)?.ok_or(Error::NotFound)?;
            let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
            let name = items::short_name(&item);
            let id = project.id.to_string();
            let at = skills.iter().position(|skill| skill.project == id).unwrap_or_else(|| {
                let project_name = project.name.clone();
                let none = OwnSkill {
                    project: id.clone(),
                    project_name,
                    right: 0,
                    scored: 0,
                    low: 0.0,
                    high: 1.0,
                };
                skills.push(none);
                skills.len() - 1
            });
            skills[at].scored += 1;
            skills[at].right += i64::from(score.correct);
            items.push(OwnScoreBody {
                answer: score.answer.to_string(),
                project: id,
                project_name: project.name,
                name,
                correct: score.correct,
                likeness: score.likeness,
                given: answer.answer,
                known: gold.known,
                at: score.at.into(),
                contest: tx.contest(score.answer)?.map(|contest| contest.state),
            });
        }
        for skill in &mut skills {
            let (right, wrong) = (skill.right as u64, (skill.scored - skill.right) as u64);
            let interval = stats::sequence::share(right, wrong, 0.05);
            (skill.low, skill.high) = (interval.low, interval.high);
        }
        Ok(OwnScores { items, skills })
    })
    .await
}

#[utoipa::path(get, path = "/api/work/scores", tag = "quality", responses((status = 200, body = OwnScores)))]
async fn get_scores(cx: Can<SeeOwnWork>) -> Result<Json<OwnScores>> {
    Ok(Json(own(&cx).await?))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contesting {
    /// Why the answer is right after all.
    pub reason: String,
}

/// Says something against a score of one's own; once.
pub async fn contest(cx: &Cx, answer: AnswerId, request: Contesting) -> Result<()> {
    let reason = request.reason.trim().to_string();
    if reason.is_empty() || reason.chars().count() > limits::REASON_CHARS_MAX {
        let message = "a reason has 1 to 4,000 characters";
        return Err(Error::invalid("reason", "reason_missing", message));
    }
    let inner = cx.clone();
    cx.write(&request, move |tx| {
        let row = tx.answer(answer)?.filter(|row| row.person == inner.person());
        let row = row.ok_or(Error::NotFound)?;
        let project = tx.project(row.project)?.ok_or(Error::NotFound)?;
        if project.mode != inner.actor().mode {
            return Err(Error::NotFound);
        }
        let told = row.submitted_at.0 <= inner.now.0 - limits::GOLD_TOLD_AFTER_MS;
        // Before it is told, an answer to gold is an answer like any other.
        let score = tx.score(answer)?.filter(|_| told).ok_or_else(|| {
            Error::refused("not_scored", "this answer was not compared with anything known")
        })?;
        if let Some(before) = tx.contest(answer)? {
            // Whoever was right once may say so again, if what is known was changed after.
            let is_news = before.state == "overturned" && !score.correct;
            match before.reason == reason {
                true if !is_news => return Ok(()),
                false if !is_news => {
                    let message = "this score was contested before";
                    return Err(Error::refused("contested_before", message));
                }
                _ => {}
            }
        }
        if score.correct {
            return Err(Error::refused("not_wrong", "this answer counts as right"));
        }
        tx.insert_contest(&ContestRow {
            answer,
            task: row.task,
            project: row.project,
            person: row.person,
            state: "open".into(),
            reason: reason.clone(),
            at: inner.now,
            decided_by: None,
            decided_at: None,
        })?;
        tx.record(inner.now, inner.person(), "gold.contested", answer, json!({ "task": row.task }));
        Ok(())
    })
    .await
}

#[utoipa::path(put, path = "/api/answers/{answer}/contest", tag = "quality", params(("answer" = String, Path)), request_body = Contesting, responses((status = 200)))]
async fn put_contest(
    cx: Can<Label>,
    Path(answer): Path<String>,
    Body(body): Body<Contesting>,
) -> Result<Json<Value>> {
    contest(&cx, id(&answer)?, body).await?;
    Ok(Json(json!({})))
}

/// A contributor's word against a score.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContestBody {
    pub answer: String,
    pub task: String,
    pub contributor: NamedPerson,
    #[schema(value_type = Object)]
    pub given: Answer,
    #[schema(value_type = Object)]
    pub known: Answer,
    pub reason: String,
    /// `open`, `upheld` (the score stands) or `overturned` (what was known is not so).
    pub state: String,
    pub at: Time,
}

const CONTESTS_SHOWN: i64 = 200;

#[utoipa::path(get, path = "/api/projects/{project}/contests", tag = "quality", params(("project" = String, Path)), responses((status = 200, body = Page<ContestBody>)))]
async fn get_contests(
    cx: Can<Review>,
    Path(project): Path<String>,
) -> Result<Json<Page<ContestBody>>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let rows = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let mut rows = Vec::new();
            for contest in tx.contests(project.id, CONTESTS_SHOWN)? {
                let answer = tx.answer(contest.answer)?.ok_or(Error::NotFound)?;
                let gold = tx.gold(contest.task)?.ok_or(Error::NotFound)?;
                rows.push((contest, answer.answer, gold.known));
            }
            Ok(rows)
        })
        .await?;
    let people = rows.iter().map(|(contest, ..)| contest.person).collect();
    let names = cx.app.names.find(cx.stores(), people).await?;
    let items = rows.into_iter().map(|(contest, given, known)| ContestBody {
        answer: contest.answer.to_string(),
        task: contest.task.to_string(),
        contributor: NamedPerson {
            person: contest.person.to_string(),
            name: names.get(&contest.person).cloned().unwrap_or_else(|| "somebody".into()),
        },
        given,
        known,
        reason: contest.reason,
        state: contest.state,
        at: contest.at.into(),
    });
    Ok(Json(Page { items: items.collect(), next_cursor: None }))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestDecision {
    /// `uphold`: the score stands. `overturn`: what was known is not so.
    pub verdict: ContestVerdict,
    /// Of an overturned one: what is known instead. Without it the gold and its scores are given up.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContestVerdict {
    Uphold,
    Overturn,
}

/// What a decision has changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContestDecided {
    /// Contests of the same task that this decided.
    pub contests: i64,
    /// Scores that are others now, or are no longer.
    pub scores_changed: i64,
}

/// Decides the open contests of the task of an answer; an overturned one recomputes every score of its task.
pub async fn decide(cx: &Cx, answer: AnswerId, request: ContestDecision) -> Result<ContestDecided> {
    let inner = cx.clone();
    let (project, decided) = cx
        .write(&request.clone(), move |tx| {
            let row = tx.answer(answer)?.ok_or(Error::NotFound)?;
            let task = tx.hold_task(row.task)?.ok_or(Error::NotFound)?;
            let project = visible(tx, &inner, row.project)?;
            let open = tx.contest(answer)?.is_some_and(|contest| contest.state == "open");
            if !open {
                return Err(Error::refused("not_contested", "nobody contests this score"));
            }
            let (state, changed) = match request.verdict {
                ContestVerdict::Uphold => ("upheld", vec![]),
                ContestVerdict::Overturn => {
                    ("overturned", overturn(tx, &inner, &project, &task, request.answer.as_ref())?)
                }
            };
            let contests = tx.decide_contests(task.id, state, inner.person(), inner.now)?;
            let kind = match request.verdict {
                ContestVerdict::Uphold => "gold.upheld",
                ContestVerdict::Overturn => "gold.overturned",
            };
            let scores_changed = changed.len() as i64;
            let detail = json!({ "task": task.id, "contests": contests, "scores": changed });
            tx.record(inner.now, inner.person(), kind, task.id, detail);
            Ok((row.project, ContestDecided { contests: contests as i64, scores_changed }))
        })
        .await?;
    cx.app.brains.gold_changed(cx, project);
    Ok(decided)
}

/// Puts right what was known, or gives it up; answers every score that this has changed.
fn overturn(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    task: &TaskRow,
    answer: Option<&Answer>,
) -> Result<Vec<Value>> {
    let gold = tx.gold(task.id)?.ok_or(Error::NotFound)?;
    let Some(answer) = answer else {
        let scores = tx.scores_of(task.id)?.into_iter();
        let gone = scores.map(|score| {
            json!({ "answer": score.answer, "person": score.person, "was": score.correct, "is": null })
        });
        let gone = gone.collect();
        tx.remove_scores(task.id)?;
        tx.save_gold(&GoldRow { state: "retired".into(), ..gold })?;
        return Ok(gone);
    };
    check(tx, cx, project, task, answer)?;
    // The label of a finished task was what is not so.
    if let Some(label) = tx.label(task.id)?.filter(|label| label.value == gold.known) {
        let body = serde_json::to_vec(answer)?;
        let right = NewLabel {
            task: task.id,
            answer: None,
            body: &body,
            confidence: None,
            calibrated: false,
            claimed: None,
            model: None,
            fused: false,
            method: Method::Adjudicated,
            ontology_version: project.ontology_version,
            instructions_version: label.instructions_version,
        };
        tx.save_label(&right, cx.now)?;
    }
    let right = GoldRow { known: answer.clone(), version: gold.version + 1, ..gold };
    tx.save_gold(&right)?;
    score_again(tx, project, &right)
}

#[utoipa::path(post, path = "/api/answers/{answer}/decision", tag = "quality", params(("answer" = String, Path)), request_body = ContestDecision, responses((status = 200, body = ContestDecided)))]
async fn post_decision(
    cx: Can<ManageProjects>,
    Path(answer): Path<String>,
    Body(body): Body<ContestDecision>,
) -> Result<Json<ContestDecided>> {
    Ok(Json(decide(&cx, id(&answer)?, body).await?))
}
