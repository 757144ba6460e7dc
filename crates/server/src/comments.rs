//! Comments on answers: what reviewers and contributors say to each other (C1–C6, `domain/src/comments.rs`).
//!
//! | Door | Command |
//! |---|---|
//! | `GET /api/answers/{answer}/comments` | the threads of an answer, and of those it came from |
//! | `PUT /api/answers/{answer}/comments/{submission}` | [`write`]: begin a thread, or go on with one |
//! | `PUT /api/comments/{comment}/state` | [`turn`]: open, done, resolved |
//! | `PUT /api/answers/{answer}/read` | [`read`]: what the caller has read |
//! | `GET /api/inbox`, `GET /api/inbox/live` | what the caller has not read yet, and the threads of one answer, as they change |

use crate::auth::{Can, Label, SeeOwnWork};
use crate::live::{self, Teller, Watch};
use crate::projects::visible;
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use domain::comments::{Pin, Side, ThreadState, check, fits, turn as decide};
use domain::people::Permission;
use domain::{AnswerId, CommentId, PersonId, SubmissionId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use store::{AnswerRow, CommentRow, Conversation, InboxRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_comments))
        .routes(routes!(put_comment))
        .routes(routes!(put_thread_state))
        .routes(routes!(put_read))
        .routes(routes!(get_inbox))
        .routes(routes!(get_inbox_live))
}

/// A thread: what was said of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ThreadBody {
    pub id: String,
    /// The answer that it was begun on.
    pub answer: String,
    /// `open`, `done` (says its contributor) or `resolved`.
    #[schema(value_type = String)]
    pub state: ThreadState,
    /// Who began it: `contributor` or `reviewer`.
    #[schema(value_type = String)]
    pub began: Side,
    /// What it is about: `{object?, region?: {x, y, width, height}, passage?: [start, end], frame?, camera?}`.
    #[schema(value_type = Object)]
    pub pin: Pin,
    /// The oldest first.
    pub comments: Vec<CommentBody>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommentBody {
    pub id: String,
    /// `contributor` or `reviewer`.
    #[schema(value_type = String)]
    pub side: Side,
    /// Whether the caller wrote it.
    pub own: bool,
    /// Who wrote it; only for those who may see labels (C5).
    pub name: Option<String>,
    pub text: String,
    pub at: Time,
}

/// How much of a conversation somebody sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All of it, with the names.
    Names,
    /// All of it, as a contributor: without names.
    Sides,
    /// What they said themselves, and nothing else yet (C6).
    Own,
}

impl Sight {
    /// What the contributor of an answer sees, who may not see labels.
    pub(crate) fn of_contributor(tx: &mut Tx<'_>, cx: &Cx, answer: &AnswerRow) -> Result<Self> {
        if cx.may(Permission::SeeLabels) {
            return Ok(Sight::Names);
        }
        Ok(if told_at(tx, answer)? <= cx.now { Sight::Sides } else { Sight::Own })
    }
}

/// From when on the contributor of an answer is told what others say of it (C6).
fn told_at(tx: &mut Tx<'_>, answer: &AnswerRow) -> Result<Timestamp> {
    let gold = tx.gold(answer.task)?;
    // What was given before the task became gold was an answer like any other, and is talked of like one.
    Ok(match gold.filter(|gold| gold.created_at <= answer.submitted_at) {
        Some(_) => answer.submitted_at.plus_ms(limits::GOLD_TOLD_AFTER_MS),
        None => answer.submitted_at,
    })
}

pub(crate) fn conversation(answer: &AnswerRow) -> Conversation {
    Conversation { slot: answer.slot, contributor: answer.person }
}

fn side_of(person: PersonId, conversation: Conversation) -> Side {
    if person == conversation.contributor { Side::Contributor } else { Side::Reviewer }
}

/// The threads of a conversation as the caller sees them.
pub(crate) fn threads(
    tx: &mut Tx<'_>,
    cx: &Cx,
    conversation: Conversation,
    sight: Sight,
) -> Result<Vec<ThreadBody>> {
    let rows = tx.comments_of(conversation)?;
    let people: Vec<PersonId> =
        rows.iter().map(|row| row.person).collect::<BTreeSet<_>>().into_iter().collect();
    let names = match sight {
        Sight::Names => cx.app.names.many(cx.stores(), &people)?,
        Sight::Sides | Sight::Own => HashMap::new(),
    };
    let mut threads: Vec<ThreadBody> = Vec::new();
    let mut places: HashMap<CommentId, usize> = HashMap::new();
    for row in rows {
        let own = row.person == cx.person();
        if sight == Sight::Own && !own {
            continue;
        }
        let side = side_of(row.person, conversation);
        let comment = CommentBody {
            id: row.id.to_string(),
            side,
            own,
            name: names.get(&row.person).cloned(),
            text: row.text,
            at: row.at.into(),
        };
        if let Some(state) = row.state {
            // Who must not hear yet does not hear what became of it, either.
            let is_heard = sight != Sight::Own || row.changed_by.is_none_or(|by| by == cx.person());
            places.insert(row.id, threads.len());
            threads.push(ThreadBody {
                id: row.id.to_string(),
                answer: row.answer.to_string(),
                state: if is_heard { state } else { ThreadState::Open },
                began: side,
                pin: row.pin,
                comments: vec![comment],
            });
        } else if let Some(place) = places.get(&row.thread) {
            threads[*place].comments.push(comment);
        }
    }
    Ok(threads)
}

/// How many comments the contributor of an answer sees.
pub(crate) fn of_contributor(tx: &mut Tx<'_>, cx: &Cx, answer: &AnswerRow) -> Result<i64> {
    let (_, count, _) = tx.measure_conversation(conversation(answer))?;
    if count == 0 {
        return Ok(0);
    }
    let sight = Sight::of_contributor(tx, cx, answer)?;
    let seen = threads(tx, cx, conversation(answer), sight)?;
    Ok(seen.iter().map(|thread| thread.comments.len() as i64).sum())
}

/// An answer that the caller may know of, and how much of what is said about it they see.
fn known(tx: &mut Tx<'_>, cx: &Cx, answer: AnswerId) -> Result<(AnswerRow, Sight)> {
    let answer = tx.answer(answer)?.ok_or(Error::NotFound)?;
    if cx.may(Permission::SeeLabels) {
        visible(tx, cx, answer.project)?;
        return Ok((answer, Sight::Names));
    }
    let project = tx.project(answer.project)?.ok_or(Error::NotFound)?;
    if answer.person != cx.person() || project.mode != cx.actor().mode {
        return Err(Error::NotFound);
    }
    let sight = Sight::of_contributor(tx, cx, &answer)?;
    Ok((answer, sight))
}

#[utoipa::path(get, path = "/api/answers/{answer}/comments", tag = "comments", params(("answer" = String, Path), Paging), responses((status = 200, body = Page<ThreadBody>)))]
async fn get_comments(
    cx: Can<SeeOwnWork>,
    Path(answer): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ThreadBody>>> {
    let (answer, after, limit) = (id(&answer)?, CommentId(paging.after()?), paging.limit()?);
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let (answer, sight) = known(tx, &inner, answer)?;
            threads(tx, &inner, conversation(&answer), sight)
        })
        .await?;
    let behind = |thread: &ThreadBody| thread.id.parse::<CommentId>().is_ok_and(|id| id > after);
    let page: Vec<ThreadBody> = found.into_iter().filter(behind).take(limit as usize).collect();
    let last = page.last().and_then(|thread| thread.id.parse::<CommentId>().ok());
    Ok(Json(Page::new(page, limit, last.map(|id| id.0))))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    pub text: String,
    /// The thread to go on with; without it, one begins.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub thread: Option<CommentId>,
    /// Of a comment that begins a thread: what it is about.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub pin: Option<Pin>,
}

/// Says something about an answer; under one submission, once. Answers the thread as it is now.
pub async fn write(
    cx: &Cx,
    answer: AnswerId,
    submission: SubmissionId,
    request: Writing,
) -> Result<ThreadBody> {
    let inner = cx.clone();
    cx.store()
        .write(move |tx| {
            let (answer, sight) = known(tx, &inner, answer)?;
            let conversation = conversation(&answer);
            let side = side_of(inner.person(), conversation);
            if side == Side::Reviewer && !inner.may(Permission::Review) {
                return Err(Error::Forbidden);
            }
            // One task's conversations are written one after another, so that their limits hold.
            tx.hold_task(answer.task)?.ok_or(Error::NotFound)?;
            let thread = match write_in(tx, &inner, &answer, &submission, &request)? {
                Some(row) => row.thread,
                None => tx.comment_by_submission(&submission)?.ok_or(Error::NotFound)?.thread,
            };
            one(tx, &inner, conversation, sight, thread)
        })
        .await
}

fn one(
    tx: &mut Tx<'_>,
    cx: &Cx,
    conversation: Conversation,
    sight: Sight,
    thread: CommentId,
) -> Result<ThreadBody> {
    let wanted = thread.to_string();
    let found = threads(tx, cx, conversation, sight)?.into_iter().find(|one| one.id == wanted);
    found.ok_or(Error::NotFound)
}

/// Adds a comment; nothing where this was said before.
fn write_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    answer: &AnswerRow,
    submission: &SubmissionId,
    request: &Writing,
) -> Result<Option<CommentRow>> {
    let words = serde_json::to_vec(&json!({ "answer": answer.id, "said": request }))?;
    let digest = blake3::hash(&words).to_hex()[..32].to_string();
    if let Some(before) = tx.comment_by_submission(submission)? {
        if before.person == cx.person() && before.digest == digest {
            return Ok(None);
        }
        let message = "another comment was sent under this submission";
        return Err(Error::refused("comment_differs", message));
    }
    let conversation = conversation(answer);
    let pin = request.pin.clone().unwrap_or_default();
    let (count, comments, _) = tx.measure_conversation(conversation)?;
    fits(count, comments, request.thread.is_none())?;
    if let Some(thread) = request.thread {
        if request.pin.is_some() {
            let message = "the comment that begins a thread is pinned, and no other";
            return Err(Error::invalid("pin", "pin_not_wanted", message));
        }
        let begun = tx.comment(thread)?.filter(CommentRow::begins);
        let begun = begun.filter(|begun| begun.conversation == conversation);
        begun.ok_or_else(|| {
            Error::invalid("thread", "unknown_thread", "there is no such thread about this answer")
        })?;
    }
    let task = tx.task(answer.task)?.ok_or(Error::NotFound)?;
    let problems = check(&request.text, &pin, &answer.answer, tx.item_bounds(task.item)?);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let new = CommentId(tx.new_id(cx.now));
    let row = CommentRow {
        id: new,
        submission: submission.to_string(),
        thread: request.thread.unwrap_or(new),
        answer: answer.id,
        conversation,
        task: answer.task,
        project: answer.project,
        person: cx.person(),
        state: request.thread.is_none().then_some(ThreadState::Open),
        text: request.text.clone(),
        pin,
        digest,
        at: cx.now,
        changed_by: None,
        changed_at: None,
    };
    tx.insert_comment(&row)?;
    announce(tx, cx, answer, &row)?;
    let side = side_of(cx.person(), conversation);
    let detail =
        json!({ "answer": answer.id, "task": answer.task, "thread": row.thread, "side": side });
    tx.record(cx.now, cx.person(), "comment.written", row.id, detail);
    Ok(Some(row))
}

/// Puts a comment before everybody else who has a part in the conversation.
fn announce(tx: &mut Tx<'_>, cx: &Cx, answer: &AnswerRow, row: &CommentRow) -> Result<()> {
    let mut people: BTreeSet<PersonId> =
        tx.comments_of(row.conversation)?.iter().map(|comment| comment.person).collect();
    people.extend(tx.reviewers_of(answer.id)?);
    people.insert(answer.person);
    people.remove(&cx.person());
    let told = told_at(tx, answer)?;
    for person in people {
        tx.add_to_inbox(&InboxRow {
            person,
            conversation: row.conversation,
            answer: answer.id,
            task: answer.task,
            project: answer.project,
            comment: row.id,
            unread: 1,
            told_at: if person == answer.person { told } else { cx.now },
        })?;
    }
    Ok(())
}

#[utoipa::path(put, path = "/api/answers/{answer}/comments/{submission}", tag = "comments", params(("answer" = String, Path), ("submission" = String, Path)), request_body = Writing, responses((status = 200, body = ThreadBody)))]
async fn put_comment(
    cx: Can<Label>,
    Path((answer, submission)): Path<(String, String)>,
    Body(body): Body<Writing>,
) -> Result<Json<ThreadBody>> {
    let submission = submission
        .parse()
        .map_err(|_| Error::bad("submission: sub_ and 8 to 40 characters a-z 0-9 are wanted"))?;
    Ok(Json(write(&cx, id(&answer)?, submission, body).await?))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Turning {
    /// `open`, `done` or `resolved`.
    #[schema(value_type = String)]
    pub state: ThreadState,
}

/// Turns a thread to a state (C3); where it is in it already, nothing happens.
pub async fn turn(cx: &Cx, thread: CommentId, state: ThreadState) -> Result<ThreadBody> {
    let inner = cx.clone();
    cx.store()
        .write(move |tx| {
            let begun = tx.comment(thread)?.filter(CommentRow::begins).ok_or(Error::NotFound)?;
            let (_, sight) = known(tx, &inner, begun.answer)?;
            let conversation = begun.conversation;
            let side = side_of(inner.person(), conversation);
            let (person, began) = (inner.person(), side_of(begun.person, conversation));
            if side == Side::Reviewer && !inner.may(Permission::Review) {
                return Err(Error::Forbidden);
            }
            // What the caller does not see is not there for them (C6).
            one(tx, &inner, conversation, sight, thread)?;
            let before = begun.state.ok_or(Error::NotFound)?;
            decide(before, state, side, began)?;
            if before != state {
                tx.turn_thread(thread, before, state, person, inner.now)?;
                let kind = match state {
                    ThreadState::Open => "thread.opened",
                    ThreadState::Done => "thread.done",
                    ThreadState::Resolved => "thread.resolved",
                };
                let detail = json!({ "answer": begun.answer, "task": begun.task, "side": side });
                tx.record(inner.now, person, kind, thread, detail);
            }
            one(tx, &inner, conversation, sight, thread)
        })
        .await
}

#[utoipa::path(put, path = "/api/comments/{comment}/state", tag = "comments", params(("comment" = String, Path)), request_body = Turning, responses((status = 200, body = ThreadBody)))]
async fn put_thread_state(
    cx: Can<Label>,
    Path(comment): Path<String>,
    Body(body): Body<Turning>,
) -> Result<Json<ThreadBody>> {
    Ok(Json(turn(&cx, id(&comment)?, body.state).await?))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The last comment that was read.
    #[schema(value_type = String)]
    pub through: CommentId,
}

/// Notes up to where the caller has read what is said about an answer.
pub async fn read(cx: &Cx, answer: AnswerId, through: CommentId) -> Result<()> {
    let inner = cx.clone();
    cx.store()
        .write(move |tx| {
            let (answer, _) = known(tx, &inner, answer)?;
            Ok(tx.read_through(inner.person(), conversation(&answer), through)?)
        })
        .await
}

#[utoipa::path(put, path = "/api/answers/{answer}/read", tag = "comments", params(("answer" = String, Path)), request_body = Reading, responses((status = 200)))]
async fn put_read(
    cx: Can<SeeOwnWork>,
    Path(answer): Path<String>,
    Body(body): Body<Reading>,
) -> Result<Json<Value>> {
    read(&cx, id(&answer)?, body.through).await?;
    Ok(Json(json!({})))
}

/// What the caller has not read yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InboxBody {
    /// Comments in all the conversations below.
    pub unread: i64,
    /// The latest first, 100 at most.
    pub items: Vec<InboxItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InboxItem {
    /// The answer that was last spoken of.
    pub answer: String,
    pub task: String,
    pub project: String,
    pub project_name: String,
    /// Of the item.
    pub name: String,
    /// Whether the answer is the caller's.
    pub own: bool,
    pub unread: i64,
}

fn inbox(tx: &mut Tx<'_>, cx: &Cx) -> Result<InboxBody> {
    let mut items = Vec::new();
    for row in tx.inbox(cx.person(), cx.now, limits::INBOX_MAX)? {
        let Some(project) = tx.project(row.project)? else { continue };
        let own = row.conversation.contributor == cx.person();
        // Who has another role by now is not told what they may no longer see.
        if project.mode != cx.actor().mode || !(own || cx.may(Permission::SeeLabels)) {
            continue;
        }
        let task = tx.task(row.task)?.ok_or(Error::NotFound)?;
        let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
        let name = item.payload.name;
        items.push(InboxItem {
            answer: row.answer.to_string(),
            task: row.task.to_string(),
            project: row.project.to_string(),
            project_name: project.name,
            name: if name.is_empty() { item.external_id } else { name },
            own,
            unread: row.unread,
        });
    }
    Ok(InboxBody { unread: items.iter().map(|item| item.unread).sum(), items })
}

#[utoipa::path(get, path = "/api/inbox", tag = "comments", responses((status = 200, body = InboxBody)))]
async fn get_inbox(cx: Can<SeeOwnWork>) -> Result<Json<InboxBody>> {
    let inner = (*cx).clone();
    Ok(Json(cx.read(move |tx| inbox(tx, &inner)).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct InboxQuery {
    /// An answer whose threads are told besides.
    answer: Option<String>,
}

#[utoipa::path(get, path = "/api/inbox/live", tag = "comments", params(InboxQuery), responses((status = 200, description = "Server-sent events `inbox` and, of one answer, `comments`", content_type = "text/event-stream", body = InboxBody)))]
async fn get_inbox_live(
    cx: Can<SeeOwnWork>,
    headers: HeaderMap,
    Query(query): Query<InboxQuery>,
) -> Result<impl IntoResponse> {
    let answer: Option<AnswerId> = query.answer.as_deref().map(id).transpose()?;
    if let Some(answer) = answer {
        let inner = (*cx).clone();
        cx.read(move |tx| known(tx, &inner, answer).map(|_| ())).await?;
    }
    live::open(&cx, headers, Talk { answer, heard: None, inbox: None })
}

/// What somebody has not read yet, and the threads of the answer before them.
struct Talk {
    answer: Option<AnswerId>,
    /// The state of the conversation, and of what is seen of it, when it was told.
    heard: Option<(i64, bool)>,
    inbox: Option<InboxBody>,
}

/// What there is to tell now.
struct News {
    inbox: InboxBody,
    heard: Option<(i64, bool)>,
    threads: Option<Vec<ThreadBody>>,
    seq: i64,
}

impl Watch for Talk {
    const PERMISSION: Permission = Permission::SeeOwnWork;

    async fn tell(&mut self, to: &Teller) -> Result<bool> {
        let now = (to.cx.app.now)();
        let (mut inner, answer, heard) = (to.cx.clone(), self.answer, self.heard);
        inner.now = now;
        let read = move |tx: &mut Tx<'_>| {
            let mut news = News {
                inbox: inbox(tx, &inner)?,
                heard: None,
                threads: None,
                seq: tx.event_head()?.seq,
            };
            if let Some(answer) = answer {
                let (answer, sight) = known(tx, &inner, answer)?;
                let conversation = conversation(&answer);
                let (_, _, version) = tx.measure_conversation(conversation)?;
                news.heard = Some((version, sight == Sight::Own));
                if news.heard != heard {
                    news.threads = Some(threads(tx, &inner, conversation, sight)?);
                }
            }
            Ok::<_, Error>(news)
        };
        let news = to.cx.read(read).await?;
        if self.inbox.as_ref() != Some(&news.inbox) {
            if !to.send("inbox", news.seq, &news.inbox).await? {
                return Ok(false);
            }
            self.inbox = Some(news.inbox);
        }
        self.heard = news.heard;
        match news.threads {
            Some(threads) => to.send("comments", news.seq, &json!({ "items": threads })).await,
            None => Ok(true),
        }
    }
}
