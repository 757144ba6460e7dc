//! Rows in batches: the loader that every import uses, and the door for a batch by hand.

use crate::auth::{Can, ManageProjects};
use crate::intake::{self, AnswersAs, Fault, Gate, Ready, Row, Source};
use crate::jobs::{JobCx, Pending};
use crate::projects::visible;
use crate::uploads;
use crate::wire::{id, read_json};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path};
use domain::answers::Answer;
use domain::workflow::{Method, TaskState};
use domain::{ItemId, ProjectId, UploadId, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use store::{CountDelta, ItemRow, JobFault, NewLabel, ProjectRow, SealedItem, Tx, UploadState};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(post_items))
        .layer(DefaultBodyLimit::max(limits::ANSWER_BYTES_MAX))
}

/// How far an import has come: what its checkpoint holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Place {
    /// The last row that was dealt with: its line, its number or its key.
    pub row: u64,
    #[serde(default)]
    pub key: Option<String>,
    /// Rows so far, good and bad.
    pub rows: i64,
    pub created: i64,
    pub repeated: i64,
    /// Items that were there and got an answer.
    pub answered: i64,
}

/// Takes rows, commits them in batches, and keeps the place (Q1).
pub(super) struct Loader<'a> {
    pub job: &'a mut JobCx,
    pub gate: Gate,
    pub place: Place,
    pub dry_run: bool,
    total: Option<i64>,
    items: Vec<(Ready, SealedItem)>,
    answers: Vec<(ItemRow, Answer, As)>,
    /// What else is known of items that are there.
    facts: Vec<(ItemId, Map<String, Value>)>,
    /// Of what is gathered, about.
    bytes: usize,
    pending: Option<Pending<News>>,
}

/// What becomes of an answer for an item that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    Label,
    Suggestion,
}

/// What a batch has come to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    pub created: i64,
    pub repeated: i64,
    pub answered: i64,
}

impl Place {
    fn add(&mut self, news: News) {
        self.created += news.created;
        self.repeated += news.repeated;
        self.answered += news.answered;
    }
}

/// Rows in one commit, and bytes of them.
const BATCH_ROWS: usize = 1_000;
const BATCH_BYTES: usize = 16 << 20;

impl<'a> Loader<'a> {
    pub fn begin(job: &'a mut JobCx, gate: Gate, dry_run: bool) -> Result<Self> {
        let place = job.checkpoint()?.unwrap_or_default();
        let (items, answers, facts) = (Vec::new(), Vec::new(), Vec::new());
        let (total, pending) = (None, None);
        Ok(Self { job, gate, place, dry_run, total, items, answers, facts, bytes: 0, pending })
    }

    pub fn expect(&mut self, total: i64) {
        self.total = Some(total);
    }

    pub fn cx(&self) -> &Cx {
        &self.job.cx
    }

    /// Whether an earlier worker has dealt with this row.
    pub fn is_behind(&self, row: u64) -> bool {
        row <= self.place.row
    }

    /// A row that was judged: an item to add, or what is wrong with it.
    pub fn take(&mut self, row: u64, raw: &str, judged: Result<Ready, Fault>) -> Result<()> {
        match judged {
            Ok(ready) => {
                let sealed = self.job.cx.access().seal_item(&ready.0, self.job.now())?;
                self.bytes += sealed.length();
                self.items.push((ready, sealed));
            }
            Err(fault) => self.job.bad(fault.at(row, raw)),
        }
        self.count(row)
    }

    /// An answer for an item that is there, as whoever asked for the import has it.
    pub fn answer(&mut self, row: u64, item: ItemRow, answer: Answer) -> Result<()> {
        let said = match self.gate.answers {
            AnswersAs::Labels => As::Label,
            AnswersAs::Suggestions => As::Suggestion,
        };
        self.answer_as(row, item, answer, said)
    }

    pub fn answer_as(&mut self, row: u64, item: ItemRow, answer: Answer, said: As) -> Result<()> {
        // About what it is in memory.
        self.bytes += answer.objects.len() * 200;
        self.answers.push((item, answer, said));
        self.count(row)
    }

    /// What else a row says of an item that is there; the row itself is counted by what comes after.
    pub fn describe(&mut self, item: ItemId, facts: Map<String, Value>) {
        self.bytes += facts.iter().map(|(key, _)| key.len() + 64).sum::<usize>();
        self.facts.push((item, facts));
    }

    /// A row that cannot be used.
    pub fn refuse(&mut self, row: u64, fault: JobFault) -> Result<()> {
        self.job.bad(fault);
        self.count(row)
    }

    /// A row that is there already, and brings nothing new.
    pub fn repeat(&mut self, row: u64) -> Result<()> {
        self.place.repeated += 1;
        self.count(row)
    }

    fn count(&mut self, row: u64) -> Result<()> {
        self.place.row = row;
        self.place.rows += 1;
        let gathered = self.items.len() + self.answers.len() + self.facts.len();
        let is_full = gathered >= BATCH_ROWS || self.bytes >= BATCH_BYTES;
        if is_full || self.job.is_due() { self.flush() } else { self.job.check() }
    }

    /// Commits what has gathered, together with the place; goes on before that has lasted, so that the
    /// next batch is judged and sealed in the meantime.
    pub fn flush(&mut self) -> Result<()> {
        self.settle()?;
        self.bytes = 0;
        let items = std::mem::take(&mut self.items);
        let answers = std::mem::take(&mut self.answers);
        let facts = std::mem::take(&mut self.facts);
        let (cx, project, dry_run) = (self.job.cx.clone(), self.gate.project.clone(), self.dry_run);
        let place = self.place.clone();
        (self.job.job.done, self.job.job.total) = (place.rows, self.total);
        self.pending = Some(self.job.begin_at(move |tx| {
            let news = if dry_run {
                try_batch(tx, &project, &items, answers.len())?
            } else {
                add_facts(tx, &cx, &facts)?;
                write_batch(tx, &cx, &project, &items, &answers)?
            };
            let mut place = place.clone();
            place.add(news);
            Ok((place, news))
        }));
        self.job.check()
    }

    /// Waits for the batch that is on its way.
    pub fn settle(&mut self) -> Result<()> {
        if let Some(pending) = self.pending.take() {
            self.place.add(self.job.settle(pending)?);
        }
        Ok(())
    }

    /// Commits the rest, and answers what the job has come to.
    pub fn finish(mut self) -> Result<Value> {
        self.flush()?;
        self.settle()?;
        let Place { created, repeated, answered, .. } = self.place;
        self.job.job.total = Some(self.place.rows);
        let mut result = json!({ "created": created, "repeated": repeated, "answered": answered, "bad": self.job.job.bad });
        if self.dry_run {
            result["dry_run"] = true.into();
        }
        Ok(result)
    }
}

/// Judges a batch and keeps nothing (Q4).
fn try_batch(
    tx: &mut Tx<'_>,
    project: &ProjectRow,
    items: &[(Ready, SealedItem)],
    answers: usize,
) -> Result<News> {
    let mut news = News { answered: answers as i64, ..News::default() };
    for ((item, _), _) in items {
        let there = tx.item_by_external_id(project.id, &item.external_id)?.is_some();
        *if there { &mut news.repeated } else { &mut news.created } += 1;
    }
    Ok(news)
}

fn write_batch(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    items: &[(Ready, SealedItem)],
    answers: &[(ItemRow, Answer, As)],
) -> Result<News> {
    let mut news = News::default();
    let mut delta = CountDelta::default();
    let now = (cx.app.now)();
    for ((item, renditions), sealed) in items {
        if let Some((id, _)) = tx.insert_sealed_item(project.id, item, sealed, now)? {
            tx.insert_renditions(id, renditions)?;
            delta.add(item);
            news.created += 1;
            continue;
        }
        news.repeated += 1;
        let given = item.label.as_ref().or(item.suggestion.as_ref()).filter(|_| !item.gold);
        if let Some(given) = given
            && let Some(row) = tx.item_by_external_id(project.id, &item.external_id)?
            && give_answer(tx, cx, project, &row, given, item.label.is_some())?
        {
            news.answered += 1;
        }
    }
    tx.add_counts(project.id, &delta)?;
    intake::record(tx, cx, project.id, news.created);
    for (item, answer, said) in answers {
        let given = give_answer(tx, cx, project, item, answer, *said == As::Label)?;
        *if given { &mut news.answered } else { &mut news.repeated } += 1;
    }
    Ok(news)
}

/// Adds to items what nobody has said of them yet: what is known already stays as it is.
fn add_facts(tx: &mut Tx<'_>, cx: &Cx, facts: &[(ItemId, Map<String, Value>)]) -> Result<()> {
    for (id, facts) in facts {
        let Some(item) = tx.item(*id)? else { continue };
        let mut payload = item.payload;
        let known = payload.metadata.len();
        for (key, value) in facts {
            payload.metadata.entry(key).or_insert_with(|| value.clone());
        }
        let added = payload.metadata.len() - known;
        let fits = intake::check_metadata(&payload.metadata).is_ok();
        if added > 0 && fits {
            tx.save_payload(*id, &payload)?;
            let detail = json!({ "item": id, "facts": added });
            tx.record((cx.app.now)(), cx.person(), "item.described", id, detail);
        }
    }
    Ok(())
}

/// Gives an item that is there an answer, unless somebody has begun to work on it, or it has one (Q3).
fn give_answer(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    item: &ItemRow,
    answer: &Answer,
    as_label: bool,
) -> Result<bool> {
    let Some(task) = tx.task_of_item(item.id)? else { return Ok(false) };
    let Some(mut task) = tx.hold_task(task)? else { return Ok(false) };
    let untouched = task.state == TaskState::Queued
        && task.answers == 0
        && task.open == task.overlap
        && !task.gold;
    if !untouched {
        return Ok(false);
    }
    let now = (cx.app.now)();
    if !as_label {
        let is_new = tx.save_suggestion(task.id, answer)?;
        if is_new {
            tx.record(now, cx.person(), "task.suggested", task.id, json!({}));
        }
        return Ok(is_new);
    }
    let label = NewLabel {
        fused: false,
        task: task.id,
        answer: None,
        body: &serde_json::to_vec(answer)?,
        confidence: None,
        calibrated: false,
        claimed: None,
        model: None,
        method: Method::Imported,
        ontology_version: project.ontology_version,
        instructions_version: project.instructions_version,
    };
    tx.save_label(&label, now)?;
    let before = task.version;
    (task.state, task.open, task.again) = (TaskState::Done, 0, false);
    task.version += 1;
    task.updated_at = now;
    tx.save_task(before, &task)?;
    tx.add_counts(project.id, &CountDelta::default().moved(TaskState::Queued, TaskState::Done))?;
    let detail = json!({ "task": task.id, "task_state": task.state, "stage": task.stage, "open": 0, "answers": 0 });
    tx.record(now, cx.person(), "task.labelled", task.id, detail);
    Ok(true)
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddItems {
    pub items: Vec<AddItem>,
    /// What the answers are: labels, unless told.
    #[serde(default)]
    pub answers: AnswersAs,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddItem {
    pub external_id: String,
    /// One of `text` and `upload`.
    #[serde(default)]
    pub text: Option<String>,
    /// A file that has come as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub upload: Option<UploadId>,
    #[serde(default)]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// 0 to 9, the most urgent last; 5 unless told.
    #[serde(default)]
    pub priority: Option<i64>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub answer: Option<Value>,
    /// A task with a known answer.
    #[serde(default)]
    pub gold: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Added {
    pub created: i64,
    /// External ids that were there already.
    pub repeated: i64,
    pub errors: Vec<AddError>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AddError {
    /// Its place in the list, from 1.
    pub row: i64,
    pub field: String,
    pub code: String,
    pub message: String,
}

/// Adds items, each judged by itself: the good ones go in.
pub async fn add(cx: &Cx, project: ProjectId, request: AddItems) -> Result<Added> {
    if request.items.len() > limits::ITEMS_PER_CALL_MAX {
        return Err(Error::invalid("items", "too_many", "at most 1,000 items in one call"));
    }
    let (inner, answers) = (cx.clone(), request.answers);
    let gate = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            Gate::open(tx, &inner, project, answers)
        })
        .await?;
    let mut good = Vec::new();
    let mut errors = Vec::new();
    for (item, row) in request.items.iter().zip(1..) {
        let judged = match source(cx, &gate, item).await? {
            Ok(source) => {
                let AddItem { external_id, metadata, priority, answer, gold, .. } = item.clone();
                gate.judge(Row { external_id, source, metadata, priority, answer, gold })
            }
            Err(fault) => Err(fault),
        };
        match judged {
            Ok(item) => good.push(item),
            Err(Fault { field, code, message }) => {
                errors.push(AddError { row, field, code: code.into_owned(), message });
            }
        }
    }
    let inner = cx.clone();
    cx.write(&request.clone(), move |tx| {
        let project = visible(tx, &inner, project)?;
        let added = intake::add(tx, &inner, &project, &good)?;
        let created = added.iter().flatten().count() as i64;
        let repeated = added.len() as i64 - created;
        Ok(Added { created, repeated, errors: errors.clone() })
    })
    .await
}

/// What an item is made of: its text, or the file of an upload.
async fn source(cx: &Cx, gate: &Gate, item: &AddItem) -> Result<Result<Source, Fault>> {
    let upload = match (&item.text, item.upload) {
        (Some(text), None) => return Ok(Ok(Source::Text(text.clone()))),
        (None, Some(upload)) => upload,
        (None, None) => {
            return Ok(Err(Fault::new(
                "text",
                "missing_field",
                "the item is empty: give `text` or `upload`",
            )));
        }
        (Some(_), Some(_)) => {
            return Ok(Err(Fault::new(
                "text",
                "several_sources",
                "give one of `text` and `upload`",
            )));
        }
    };
    let project = gate.project.id;
    let row =
        cx.read(move |tx| Ok(tx.upload(upload)?.filter(|row| row.project == project))).await?;
    let Some(row) = row else {
        return Ok(Err(Fault::new(
            "upload",
            "unknown_upload",
            "there is no such upload in this project",
        )));
    };
    if let (UploadState::Refused, Some(problem)) = (row.state, &row.words.problem) {
        let problem = problem.clone();
        return Ok(Err(Fault {
            field: "upload".into(),
            code: problem.code.into(),
            message: problem.message,
        }));
    }
    let address = match uploads::settle(cx, &row).await {
        Ok(address) => address,
        Err(Error::RefusedWith { message, .. }) => {
            return Ok(Err(Fault::new("upload", "upload_unfinished", message)));
        }
        Err(error) => return Err(error),
    };
    let looked =
        uploads::look(cx, gate.project.question.media, address, &row.words.name, row.bytes).await?;
    Ok(looked
        .map_err(|fault| Fault { field: "upload".into(), ..fault })
        .map(|settled| settled.source(row.words.name, row.bytes)))
}

#[utoipa::path(post, path = "/api/projects/{project}/items", tag = "data", params(("project" = String, Path)), request_body = AddItems, responses((status = 200, body = Added)))]
async fn post_items(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    uploads::Raw(body): uploads::Raw,
) -> Result<Json<Added>> {
    Ok(Json(add(&cx, id(&project)?, read_json(&body)?).await?))
}

/// Items of a project by the last parts of their external ids: other tools name files without folders, or
/// with one of them.
#[derive(Default)]
pub(super) struct ByName {
    items: Option<HashMap<u64, Option<domain::ItemId>>>,
}

impl ByName {
    /// The item that a file name means: of this external id, or the only one whose id ends in it.
    pub fn find(&mut self, cx: &Cx, project: ProjectId, name: &str) -> Result<Option<ItemRow>> {
        let exact = name.to_string();
        if let Some(item) =
            cx.store().read_now(move |tx| tx.item_by_external_id(project, &exact))?
        {
            return Ok(Some(item));
        }
        if self.items.is_none() {
            self.items = Some(read_names(cx, project)?);
        }
        for parts in [2, 1] {
            let Some(wanted) = last_parts(name, parts) else { continue };
            let found = self.items.as_ref().and_then(|items| *items.get(&key_of(wanted))?);
            let Some(id) = found else { continue };
            let item = cx.store().read_now(move |tx| tx.item(id))?;
            if let Some(item) = item
                && last_parts(&item.external_id, parts).is_some_and(|here| same(here, wanted))
            {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

/// The end of a path, with so many of its parts; none where it has fewer.
pub(super) fn last_parts(name: &str, parts: usize) -> Option<&str> {
    let mut ends = name.rmatch_indices(['/', '\\']).map(|(at, _)| at + 1);
    match ends.nth(parts - 1) {
        Some(at) => Some(&name[at..]),
        None => (name.split(['/', '\\']).count() == parts).then_some(name),
    }
}

fn same(one: &str, other: &str) -> bool {
    one == other || one.replace('\\', "/") == other.replace('\\', "/")
}

fn key_of(name: &str) -> u64 {
    let hash = blake3::hash(name.replace('\\', "/").as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn read_names(cx: &Cx, project: ProjectId) -> Result<HashMap<u64, Option<domain::ItemId>>> {
    let mut names = HashMap::new();
    let mut after = domain::TaskId(0);
    loop {
        let page = cx.store().read_now(move |tx| tx.external_ids(project, after, 10_000))?;
        let Some((last, ..)) = page.last() else { return Ok(names) };
        after = *last;
        for (_, id, external_id) in page {
            for name in [2, 1].iter().filter_map(|parts| last_parts(&external_id, *parts)) {
                // A name that several items share leads to none of them.
                names.entry(key_of(name)).and_modify(|found| *found = None).or_insert(Some(id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_paths() {
        for (name, two, one) in [
            ("a.jpg", None, Some("a.jpg")),
            ("train/a.jpg", Some("train/a.jpg"), Some("a.jpg")),
            ("images/train/a.jpg", Some("train/a.jpg"), Some("a.jpg")),
            ("images\\train\\a.jpg", Some("train\\a.jpg"), Some("a.jpg")),
            ("images/", Some("images/"), Some("")),
        ] {
            assert_eq!((last_parts(name, 2), last_parts(name, 1)), (two, one), "{name}");
        }
    }
}
