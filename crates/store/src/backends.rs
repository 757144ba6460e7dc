//! Models that suggest: how they are reached, what they suggested, and to whom.

use crate::engine::{Row, Tx, params, sql};
use crate::{Access, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::answers::Answer;
use domain::{
    BackendId, ItemId, OrganizationId, PersonId, ProjectId, PromptId, SlotId, TaskId, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A model that a project asks.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendRow {
    pub id: BackendId,
    pub project: ProjectId,
    pub name: String,
    /// `label_studio` or `local`.
    pub kind: String,
    /// How it is reached and what its classes become, with whatever lets us in: sealed.
    pub setup: Value,
    /// `unknown`, `up` or `down`.
    pub state: String,
    pub model_version: Option<String>,
    /// Why it is down.
    pub problem: Option<String>,
    pub checked_at: Option<Timestamp>,
    pub version: i64,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

/// What a model suggested: an answer, and how sure it was of each object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    pub answer: Answer,
    /// The model with its version; none where the suggestion came with the data.
    pub model: Option<String>,
    /// 0 to 1, by the id of the object or the span.
    pub scores: BTreeMap<String, f64>,
}

/// A suggestion that somebody asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptRow {
    pub id: PromptId,
    pub task: TaskId,
    pub slot: SlotId,
    pub person: PersonId,
    pub backend: BackendId,
    pub suggestion: Suggestion,
    pub at: Timestamp,
}

const BACKEND: &str = "id, project_id, name, kind, state, model_version, problem, checked_at_ms, version, created_by, created_at_ms, sealed";

fn read_backend(row: &Row<'_>) -> Result<(BackendRow, Vec<u8>)> {
    let backend = BackendRow {
        id: row.get(0)?,
        project: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        setup: Value::Null,
        state: row.get(4)?,
        model_version: row.get(5)?,
        problem: row.get(6)?,
        checked_at: row.get(7)?,
        version: row.get(8)?,
        created_by: row.get(9)?,
        created_at: row.get(10)?,
    };
    Ok((backend, row.get(11)?))
}

/// A suggestion as it is kept: its answer, its model, its scores.
pub(crate) type SealedSuggestion = (Vec<u8>, Option<String>, Option<Vec<u8>>);

/// The three columns from `first` on; none where there is no suggestion.
pub(crate) fn read_suggestion(row: &Row<'_>, first: usize) -> Result<Option<SealedSuggestion>> {
    let answer: Option<Vec<u8>> = row.get(first)?;
    answer.map(|answer| Ok((answer, row.get(first + 1)?, row.get(first + 2)?))).transpose()
}

impl Tx<'_> {
    fn open_backend(&self, (mut backend, sealed): (BackendRow, Vec<u8>)) -> Result<BackendRow> {
        backend.setup = self.open("backend", backend.id.0, backend.version, &sealed)?;
        Ok(backend)
    }

    pub fn backends_of(&mut self, project: ProjectId) -> Result<Vec<BackendRow>> {
        let sql = format!("select {BACKEND} from backend where project_id = $1 order by id");
        let rows = self.query(&sql, params![project], read_backend)?;
        rows.into_iter().map(|row| self.open_backend(row)).collect()
    }

    pub fn backend(&mut self, id: BackendId) -> Result<Option<BackendRow>> {
        let sql = format!("select {BACKEND} from backend where id = $1");
        let row = self.query_one(&sql, params![id], read_backend)?;
        row.map(|row| self.open_backend(row)).transpose()
    }

    pub fn insert_backend(&mut self, backend: &BackendRow) -> Result<()> {
        let sealed = self.seal("backend", backend.id.0, backend.version, &backend.setup)?;
        let added = self.execute(
            sql!(
                "insert into backend (id, project_id, name, kind, sealed, state, model_version, problem, checked_at_ms,
                                      version, created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (project_id, name) do nothing"
            ),
            params![
                backend.id,
                backend.project,
                &backend.name,
                &backend.kind,
                &sealed,
                &backend.state,
                backend.model_version.as_deref(),
                backend.problem.as_deref(),
                backend.checked_at,
                backend.version,
                backend.created_by,
                backend.created_at,
            ],
        )?;
        if added == 1 { Ok(()) } else { Err(Error::Exists { what: "model" }) }
    }

    /// Saves what was changed since version `before`.
    pub fn save_backend(&mut self, before: i64, backend: &BackendRow) -> Result<()> {
        let sealed = self.seal("backend", backend.id.0, backend.version, &backend.setup)?;
        self.execute_one(
            sql!(
                "update backend set name = $3, sealed = $4, state = $5, model_version = $6, problem = $7,
                                    checked_at_ms = $8, version = $9
                 where id = $1 and version = $2"
            ),
            params![
                backend.id,
                before,
                &backend.name,
                &sealed,
                &backend.state,
                backend.model_version.as_deref(),
                backend.problem.as_deref(),
                backend.checked_at,
                backend.version,
            ],
        )
    }

    pub fn remove_backend(&mut self, id: BackendId) -> Result<()> {
        self.execute_one(sql!("delete from backend where id = $1"), params![id])
    }

    /// Tasks behind `after` that nobody has begun and for which `backend` has suggested nothing, in order;
    /// with `again` also those for which it has. Gold is among them, whatever its state: without suggestions it would be
    /// told from the others. What came with the data is never suggested over.
    pub fn unsuggested(
        &mut self,
        project: ProjectId,
        backend: BackendId,
        again: bool,
        after: TaskId,
        limit: i64,
    ) -> Result<Vec<(TaskId, ItemId)>> {
        self.query(
            sql!(
                "select t.id, t.item_id from task t left join suggestion s on s.task_id = t.id
                 where t.project_id = $1 and t.id > $2 and (t.gold = 1 or (t.state = 'queued' and t.answers = 0 and t.open = t.overlap))
                   and (s.task_id is null or (s.model is not null and (s.backend_id <> $3 or cast($4 as bigint) = 1)))
                 order by t.id limit $5"
            ),
            params![project, after, backend, i64::from(again), limit],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// How many there are of these.
    pub fn count_unsuggested(
        &mut self,
        project: ProjectId,
        backend: BackendId,
        again: bool,
        after: TaskId,
    ) -> Result<i64> {
        let count = self.query_one(
            sql!(
                "select count(*) from task t left join suggestion s on s.task_id = t.id
                 where t.project_id = $1 and t.id > $2 and (t.gold = 1 or (t.state = 'queued' and t.answers = 0 and t.open = t.overlap))
                   and (s.task_id is null or (s.model is not null and (s.backend_id <> $3 or cast($4 as bigint) = 1)))"
            ),
            params![project, after, backend, i64::from(again)],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Tasks behind `after` that take answers at the label stage, in order.
    pub fn open_tasks(
        &mut self,
        project: ProjectId,
        after: TaskId,
        limit: i64,
    ) -> Result<Vec<(TaskId, ItemId)>> {
        self.query(
            sql!(
                "select id, item_id from task where project_id = $1 and id > $2 and stage = 'label' and open > 0
                 order by id limit $3"
            ),
            params![project, after, limit],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Puts a model's suggestion in place of another model's; one that came with the data stays. Answers
    /// whether it was taken.
    pub fn suggest(
        &mut self,
        task: TaskId,
        backend: BackendId,
        suggestion: &Suggestion,
    ) -> Result<bool> {
        let sealed = self.seal("suggestion", task.0, 0, &suggestion.answer)?;
        let scores = self.seal("scores", task.0, 0, &suggestion.scores)?;
        let taken = self.execute_quietly(
            sql!(
                "insert into suggestion (task_id, sealed, backend_id, model, scores) values ($1, $2, $3, $4, $5)
                 on conflict (task_id) do update set
                   sealed = excluded.sealed, backend_id = excluded.backend_id, model = excluded.model, scores = excluded.scores
                 where suggestion.model is not null"
            ),
            params![task, &sealed, backend, suggestion.model.as_deref(), &scores],
        )?;
        self.changed |= taken == 1;
        Ok(taken == 1)
    }

    pub fn suggestion(&mut self, task: TaskId) -> Result<Option<Suggestion>> {
        let row = self.query_one(
            sql!("select sealed, model, scores from suggestion where task_id = $1"),
            params![task],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        row.map(|row| self.open_suggestion(task, row)).transpose()
    }

    pub(crate) fn open_suggestion(
        &self,
        task: TaskId,
        (sealed, model, scores): SealedSuggestion,
    ) -> Result<Suggestion> {
        let answer = self.open("suggestion", task.0, 0, &sealed)?;
        let scores = scores.map(|sealed| self.open("scores", task.0, 0, &sealed)).transpose()?;
        Ok(Suggestion { answer, model, scores: scores.unwrap_or_default() })
    }

    pub fn insert_prompted(&mut self, prompt: &PromptRow) -> Result<()> {
        let sealed = self.seal("prompted", prompt.id.0, 0, &prompt.suggestion)?;
        self.execute(
            sql!(
                "insert into prompted (id, task_id, slot_id, person_id, backend_id, model, sealed, at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            params![
                prompt.id,
                prompt.task,
                prompt.slot,
                prompt.person,
                prompt.backend,
                prompt.suggestion.model.as_deref().unwrap_or_default(),
                &sealed,
                prompt.at,
            ],
        )?;
        Ok(())
    }

    /// What was suggested to those who asked about a task, the oldest first.
    pub fn prompted_of(&mut self, task: TaskId) -> Result<Vec<PromptRow>> {
        let rows = self.query(
            sql!(
                "select id, task_id, slot_id, person_id, backend_id, at_ms, sealed from prompted where task_id = $1 order by id"
            ),
            params![task],
            |row| {
                let prompt = PromptRow {
                    id: row.get(0)?,
                    task: row.get(1)?,
                    slot: row.get(2)?,
                    person: row.get(3)?,
                    backend: row.get(4)?,
                    suggestion: Suggestion::default(),
                    at: row.get(5)?,
                };
                Ok((prompt, row.get::<Vec<u8>>(6)?))
            },
        )?;
        rows.into_iter()
            .map(|(prompt, sealed)| {
                let suggestion = self.open("prompted", prompt.id.0, 0, &sealed)?;
                Ok(PromptRow { suggestion, ..prompt })
            })
            .collect()
    }

    /// How many prompts a slot has had.
    pub fn count_prompts(&mut self, slot: SlotId) -> Result<i64> {
        let count = self.query_one(
            sql!("select count(*) from prompted where slot_id = $1"),
            params![slot],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// The latest tasks of a project that a model suggested something for and that have answers.
    pub fn suggested_and_answered(
        &mut self,
        project: ProjectId,
        limit: i64,
    ) -> Result<Vec<TaskId>> {
        self.query(
            sql!(
                "select t.id from task t where t.project_id = $1 and t.answers > 0
                   and (exists (select 1 from suggestion s where s.task_id = t.id and s.model is not null)
                        or exists (select 1 from prompted p where p.task_id = t.id))
                 order by t.id desc limit $2"
            ),
            params![project, limit],
            |row| row.get(0),
        )
    }
}

/// What lets a model look at one picture for a while, without letting it in: `organization.item.until.proof`, where the
/// proof is sealed under the organization's key for this item and moment.
impl Access {
    pub fn seal_pass(&self, item: ItemId, until: Timestamp) -> Result<String> {
        let (_, keys) = self.store().ids_and_keys();
        let keys = keys.ok_or(Error::KeyMissing)?;
        let proof = keys.seal(&crate::keys::Label::new("pass", item.0, until.0), b"");
        let organization = self.actor().organization;
        Ok(format!("{organization}.{item}.{}.{}", until.0, URL_SAFE_NO_PAD.encode(proof)))
    }
}

/// What a pass says, before it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassWords {
    pub organization: OrganizationId,
    pub item: ItemId,
    pub until: Timestamp,
}

impl PassWords {
    pub fn read(pass: &str) -> Option<Self> {
        let mut parts = pass.split('.');
        let organization = parts.next()?.parse().ok()?;
        let item = parts.next()?.parse().ok()?;
        let until = Timestamp(parts.next()?.parse().ok()?);
        Some(Self { organization, item, until })
    }

    /// Whether the proof is ours: made for this item of this organization, and this moment.
    pub fn is_proven(&self, access: &Access, pass: &str) -> bool {
        let Some(keys) = access.store().ids_and_keys().1 else { return false };
        let proof = pass.split('.').nth(3).and_then(|proof| URL_SAFE_NO_PAD.decode(proof).ok());
        let label = crate::keys::Label::new("pass", self.item.0, self.until.0);
        access.actor().organization == self.organization
            && proof.is_some_and(|proof| keys.open(&label, &proof).is_ok())
    }
}
