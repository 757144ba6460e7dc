//! Tasks as they are looked at and put right: found, read without holding them, opened again.

use crate::Result;
use crate::engine::{Row, Tx, params, sql};
use crate::queue::{SLOT, SlotRow, TaskRow, read_slot, read_task};
use domain::answers::Answer;
use domain::projects::Media;
use domain::workflow::TaskState;
use domain::{AnswerId, PersonId, ProjectId, SlotId, TaskId, Timestamp};

/// What to look for among a project's tasks.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    pub state: Option<TaskState>,
    /// The beginning of an external id.
    pub external_id: Option<String>,
    /// Who has answered.
    pub person: Option<PersonId>,
    pub after: i64,
    pub limit: i64,
}

/// A task in a list.
#[derive(Clone, Debug)]
pub struct TaskListRow {
    pub task: TaskRow,
    pub external_id: String,
    pub media: Media,
    pub name: String,
}

const LISTED: &str = "t.id, t.project_id, t.item_id, t.state, t.stage, t.rank, t.overlap, t.open, t.again, t.answers,
    t.agreement, t.gold, t.version, t.created_at_ms, t.updated_at_ms, i.external_id, i.media, i.sealed";

impl Tx<'_> {
    /// The tasks of a project that a filter lets through: in the order of their making, or of their
    /// external ids where those are looked for.
    pub fn list_tasks(
        &mut self,
        project: ProjectId,
        filter: &TaskFilter,
    ) -> Result<Vec<TaskListRow>> {
        // Each filter has a statement of its own, so that each has its index; `cross join` says which
        // table leads.
        let read = |row: &Row<'_>| {
            let media: String = row.get(16)?;
            let media = crate::items::read_media(media)?;
            Ok((read_task(row)?, row.get::<String>(15)?, media, row.get::<Vec<u8>>(17)?))
        };
        let TaskFilter { after, limit, .. } = *filter;
        let state = filter.state.map_or("", TaskState::as_str);
        let prefix = filter.external_id.as_deref().unwrap_or_default();
        // Every text that begins with the prefix lies between it and its successor.
        let end = format!("{prefix}\u{10ffff}");
        let rows = match (filter.person, prefix, filter.state) {
            (Some(person), ..) => {
                let sql = format!(
                    "select {LISTED} from (select distinct task_id from answer where person_id = $4 and task_id > $2) a
                     cross join task t cross join item i
                     where t.id = a.task_id and i.id = t.item_id and t.project_id = $1 and ($5 = '' or t.state = $5)
                       and ($6 = '' or (i.external_id >= $6 and i.external_id <= $7)) order by t.id limit $3"
                );
                self.query(&sql, params![project, after, limit, person, state, prefix, &end], read)?
            }
            (None, "", None) => {
                let sql = format!(
                    "select {LISTED} from task t cross join item i
                     where i.id = t.item_id and t.project_id = $1 and t.id > $2 order by t.id limit $3"
                );
                self.query(&sql, params![project, after, limit], read)?
            }
            (None, "", Some(_)) => {
                let sql = format!(
                    "select {LISTED} from task t cross join item i
                     where i.id = t.item_id and t.project_id = $1 and t.state = $4 and t.id > $2 order by t.id limit $3"
                );
                self.query(&sql, params![project, after, limit, state], read)?
            }
            (None, ..) => {
                // One lower bound alone, so that the index begins where the page does.
                let last = self.external_id_of(TaskId(after))?;
                let (from, bound) = last.as_deref().map_or((prefix, ">="), |last| (last, ">"));
                let sql = format!(
                    "select {LISTED} from item i cross join task t
                     where t.item_id = i.id and i.project_id = $1 and i.external_id {bound} $4 and i.external_id <= $5
                       and ($3 = '' or t.state = $3) order by i.external_id limit $2"
                );
                self.query(&sql, params![project, limit, state, from, &end], read)?
            }
        };
        rows.into_iter()
            .map(|(task, external_id, media, sealed)| {
                let payload: crate::Payload = self.open("item", task.item.0, 0, &sealed)?;
                Ok(TaskListRow { task, external_id, media, name: payload.name })
            })
            .collect()
    }

    /// Where a page that goes by external ids begins, from the last task of the one before.
    fn external_id_of(&mut self, task: TaskId) -> Result<Option<String>> {
        self.query_one(
            sql!(
                "select i.external_id from task t join item i on i.id = t.item_id where t.id = $1"
            ),
            params![task],
            |row| row.get(0),
        )
    }

    /// The slots of a task as they are, held by nobody: for those who only look.
    pub fn see_slots(&mut self, task: TaskId) -> Result<Vec<SlotRow>> {
        let sql = format!("select {SLOT} from slot where task_id = $1 order by id");
        self.query(&sql, params![task], read_slot)
    }

    /// The answers of a task that stand, at whatever stage.
    pub fn standing_ids(&mut self, task: TaskId) -> Result<Vec<AnswerId>> {
        self.query(
            sql!("select id from answer where task_id = $1 and state = 'standing' order by id"),
            params![task],
            |row| row.get(0),
        )
    }

    /// Forgets who has had a task in hand, which begins anew; but not those who have it in hand now or
    /// whose answer stands.
    pub fn forget_touches(&mut self, task: TaskId) -> Result<()> {
        self.execute(
            sql!(
                "delete from touch where task_id = $1 and not exists (
                   select 1 from slot s where s.task_id = $1
                     and ((s.state = 'held' and s.holder = touch.person_id)
                          or (s.state = 'free' and s.reserved_for = touch.person_id)))
                   and not exists (
                   select 1 from answer a where a.task_id = $1 and a.person_id = touch.person_id
                     and a.stage = 'label' and a.state = 'standing')"
            ),
            params![task],
        )?;
        Ok(())
    }

    /// Whether a person has ever claimed a slot, as the log tells.
    pub fn has_claimed(&mut self, slot: SlotId, person: PersonId) -> Result<bool> {
        let found = self.query_one(
            sql!(
                "select cast(1 as bigint) from event where subject = $1 and kind = 'slot.claimed' and actor = $2 limit 1"
            ),
            params![&slot.to_string(), &person.to_string()],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// Keeps an answer to begin with, unless there is one already.
    pub fn keep_suggestion(&mut self, task: TaskId, answer: &Answer) -> Result<()> {
        let sealed = self.seal("suggestion", task.0, 0, answer)?;
        self.execute(
            sql!("insert into suggestion (task_id, sealed) values ($1, $2) on conflict (task_id) do nothing"),
            params![task, &sealed],
        )?;
        Ok(())
    }

    /// A sentence for the event log, which is not sealed itself.
    pub fn seal_reason(&self, task: TaskId, version: i64, reason: &str) -> Result<String> {
        self.seal_text("reason", task.0, version, &reason)
    }

    pub fn open_reason(&self, task: TaskId, version: i64, sealed: &str) -> Result<String> {
        self.open_text("reason", task.0, version, sealed)
    }

    /// Answers given in a project from `from` until before `until`, by hour (milliseconds since 1970
    /// divided by 3,600,000).
    pub fn answers_per_hour(
        &mut self,
        project: ProjectId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(i64, i64)>> {
        self.query(
            sql!(
                "select submitted_at_ms / 3600000, count(*) from answer
                 where project_id = $1 and submitted_at_ms >= $2 and submitted_at_ms < $3
                 group by submitted_at_ms / 3600000 order by 1"
            ),
            params![project, from, until],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// How many answers a project has had since `since`, and when the first of them came.
    pub fn answers_since(
        &mut self,
        project: ProjectId,
        since: Timestamp,
    ) -> Result<(i64, Option<Timestamp>)> {
        let row = self.query_one(
            sql!("select count(*), min(submitted_at_ms) from answer where project_id = $1 and submitted_at_ms >= $2"),
            params![project, since],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(row.unwrap_or_default())
    }

    /// Who answered in a project from `from` until before `until`: how many, and when last.
    pub fn answers_per_person(
        &mut self,
        project: ProjectId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(PersonId, i64, Timestamp)>> {
        self.query(
            sql!(
                "select person_id, count(*), max(submitted_at_ms) from answer
                 where project_id = $1 and submitted_at_ms >= $2 and submitted_at_ms < $3 group by person_id"
            ),
            params![project, from, until],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// The latest answers of a project that stand at the label stage, the newest first.
    pub fn latest_answers(
        &mut self,
        project: ProjectId,
        limit: i64,
    ) -> Result<Vec<(TaskId, Answer)>> {
        let rows = self.query(
            sql!(
                "select id, task_id, sealed from answer
                 where project_id = $1 and stage = 'label' and state = 'standing' order by submitted_at_ms desc limit $2"
            ),
            params![project, limit],
            |row| Ok((row.get::<AnswerId>(0)?, row.get(1)?, row.get::<Vec<u8>>(2)?)),
        )?;
        rows.into_iter()
            .map(|(id, task, sealed)| Ok((task, self.open("answer", id.0, 0, &sealed)?)))
            .collect()
    }
}
