//! The queue on disk. SQL narrows and saves; `domain::queue` and `domain::workflow` decide.
//!
//! Finding the next task stays fast however long the queue is and however much of it a person has
//! gone through: tasks that wait are in one partial index in the order of the queue, and a cursor
//! per person marks how far they have come. A slot that comes back (given back, skipped, sent for
//! another opinion) would lie behind those cursors, so its task moves to a second part of the same
//! index (`again`), which is short and is looked through first.

use crate::engine::{Row, Tx, params, sql};
use crate::items::{BOUNDS, read_sealed_bounds};
use crate::projects::Counts;
use crate::{Error, Result};
use domain::answers::Bounds;
use domain::queue::{First, Slot, State};
use domain::workflow::{Stage, TaskState};
use domain::{ItemId, PersonId, ProjectId, SlotId, TaskId, Timestamp, limits};

#[derive(Clone, Debug, PartialEq)]
pub struct TaskRow {
    pub id: TaskId,
    pub project: ProjectId,
    pub item: ItemId,
    pub state: TaskState,
    pub stage: Stage,
    pub priority: i64,
    pub overlap: i64,
    /// Slots of the present stage that wait for somebody.
    pub open: i64,
    pub again: bool,
    /// Standing answers of the label stage.
    pub answers: i64,
    pub agreement: Option<f64>,
    pub gold: bool,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SlotRow {
    pub id: SlotId,
    pub task: TaskId,
    pub project: ProjectId,
    pub stage: Stage,
    pub ordinal: i64,
    pub slot: Slot,
    pub claimed_at: Timestamp,
}

/// Who holds what at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub slot: SlotId,
    pub task: TaskId,
    pub stage: Stage,
    pub person: PersonId,
    pub until: Timestamp,
    pub since: Timestamp,
}

/// What a person has done with a task (I11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    Held,
    Answered,
    Skipped,
}

impl Touch {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Touch::Held, Touch::Answered, Touch::Skipped]
            .into_iter()
            .find(|touch| touch.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Touch::Held => "held",
            Touch::Answered => "answered",
            Touch::Skipped => "skipped",
        }
    }
}

/// What a command does to the counters of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountDelta(pub Counts);

impl CountDelta {
    /// A task goes from one state to another.
    pub fn moved(mut self, from: TaskState, to: TaskState) -> Self {
        *self.0.of_mut(from) -= 1;
        *self.0.of_mut(to) += 1;
        self
    }

    pub fn answers(mut self, more: i64) -> Self {
        self.0.answers += more;
        self
    }
}

pub(crate) const TASK: &str =
    "id, project_id, item_id, state, stage, rank, overlap, open, again, answers, agreement,
    gold, version, created_at_ms, updated_at_ms";

pub(crate) fn read_task(row: &Row<'_>) -> Result<TaskRow> {
    let (state, stage): (String, String) = (row.get(3)?, row.get(4)?);
    Ok(TaskRow {
        id: row.get(0)?,
        project: row.get(1)?,
        item: row.get(2)?,
        state: state.parse().map_err(|()| Error::Corrupt { what: "task state", value: state })?,
        stage: stage.parse().map_err(|()| Error::Corrupt { what: "stage", value: stage })?,
        priority: limits::PRIORITY_MAX - row.get::<i64>(5)?,
        overlap: row.get(6)?,
        open: row.get(7)?,
        again: row.get(8)?,
        answers: row.get(9)?,
        agreement: row.get(10)?,
        gold: row.get(11)?,
        version: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
    })
}

pub(crate) const SLOT: &str = "id, task_id, project_id, stage, ordinal, fence, state, holder, until_ms, reserved_for, submission, digest, claimed_at_ms";

pub(crate) fn read_slot(row: &Row<'_>) -> Result<SlotRow> {
    let stage: String = row.get(3)?;
    let state: String = row.get(6)?;
    let missing = |what| Error::Corrupt { what, value: "null".into() };
    let state = match state.as_str() {
        "free" => State::Free,
        "closed" => State::Closed,
        "held" => State::Held {
            by: row.get::<Option<PersonId>>(7)?.ok_or_else(|| missing("holder"))?,
            until: row.get::<Option<Timestamp>>(8)?.ok_or_else(|| missing("lease"))?,
        },
        "answered" => State::Answered {
            by: row.get::<Option<PersonId>>(7)?.ok_or_else(|| missing("holder"))?,
            submission: row.parse(10, "submission")?,
            digest: row.get(11)?,
        },
        _ => return Err(Error::Corrupt { what: "slot state", value: state }),
    };
    Ok(SlotRow {
        id: row.get(0)?,
        task: row.get(1)?,
        project: row.get(2)?,
        stage: stage.parse().map_err(|()| Error::Corrupt { what: "stage", value: stage })?,
        ordinal: row.get(4)?,
        slot: Slot { fence: row.get(5)?, state, reserved_for: row.get(9)? },
        claimed_at: row.get(12)?,
    })
}

/// The columns of a slot's state, as they are written.
pub(crate) struct SlotColumns<'a> {
    pub(crate) state: &'static str,
    pub(crate) holder: Option<PersonId>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) submission: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
}

pub(crate) fn slot_columns(slot: &Slot) -> SlotColumns<'_> {
    let empty =
        SlotColumns { state: "free", holder: None, until: None, submission: None, digest: None };
    match &slot.state {
        State::Free => empty,
        State::Closed => SlotColumns { state: "closed", ..empty },
        State::Held { by, until } => {
            SlotColumns { state: "held", holder: Some(*by), until: Some(*until), ..empty }
        }
        State::Answered { by, submission, digest } => SlotColumns {
            state: "answered",
            holder: Some(*by),
            submission: Some(submission.as_str()),
            digest: Some(digest),
            ..empty
        },
    }
}

impl Tx<'_> {
    /// One task, held until this transaction ends.
    pub fn hold_task(&mut self, id: TaskId) -> Result<Option<TaskRow>> {
        if let Some(batch) = &self.batch {
            return batch.task(id).map(Some);
        }
        let sql = format!("select {TASK} from task where id = $1 {{hold}}");
        self.query_one(&sql, params![id], read_task)
    }

    /// The task that a slot belongs to, held until this transaction ends.
    pub fn hold_task_of(&mut self, slot: SlotId) -> Result<Option<TaskRow>> {
        if let Some(batch) = &self.batch {
            return batch.slot(slot).and_then(|slot| batch.task(slot.task)).map(Some);
        }
        let sql = format!(
            "select {TASK} from task where id = (select task_id from slot where id = $1) {{hold}}"
        );
        self.query_one(&sql, params![slot], read_task)
    }

    pub fn task(&mut self, id: TaskId) -> Result<Option<TaskRow>> {
        if let Some(batch) = &self.batch {
            return batch.task(id).map(Some);
        }
        let sql = format!("select {TASK} from task where id = $1");
        self.query_one(&sql, params![id], read_task)
    }

    /// Writes `after` over the version `before`, and is a conflict if that has passed.
    pub fn save_task(&mut self, before: i64, after: &TaskRow) -> Result<()> {
        if let Some(batch) = self.batch_mut() {
            return batch.save_task(before, after);
        }
        self.execute_one(
            sql!(
                "update task set state = $3, stage = $4, rank = $5, overlap = $6, open = $7, again = $8, answers = $9,
                                 agreement = $10, version = $11, updated_at_ms = $12, gold = $13
                 where id = $1 and version = $2"
            ),
            params![
                after.id,
                before,
                after.state.as_str(),
                after.stage.as_str(),
                limits::PRIORITY_MAX - after.priority,
                after.overlap,
                after.open,
                after.again,
                after.answers,
                after.agreement,
                after.version,
                after.updated_at,
                after.gold,
            ],
        )
    }

    /// One slot, held until this transaction ends.
    pub fn hold_slot(&mut self, id: SlotId) -> Result<Option<SlotRow>> {
        let sql = format!("select {SLOT} from slot where id = $1 {{hold}}");
        self.query_one(&sql, params![id], read_slot)
    }

    pub fn slot(&mut self, id: SlotId) -> Result<Option<SlotRow>> {
        if let Some(batch) = &self.batch {
            return batch.slot(id).map(Some);
        }
        let sql = format!("select {SLOT} from slot where id = $1");
        self.query_one(&sql, params![id], read_slot)
    }

    pub fn slots_of(&mut self, task: TaskId) -> Result<Vec<SlotRow>> {
        let sql = format!("select {SLOT} from slot where task_id = $1 order by id {{hold}}");
        self.query(&sql, params![task], read_slot)
    }

    /// Adds the next slot of a stage, already held by its first claimant.
    pub fn insert_slot(
        &mut self,
        id: SlotId,
        task: &TaskRow,
        slot: &Slot,
        now: Timestamp,
    ) -> Result<SlotRow> {
        if let Some(batch) = self.batch_mut() {
            return Ok(batch.insert_slot(id, task, slot, now));
        }
        let columns = slot_columns(slot);
        // One statement that reads and writes the same table would have SQLite keep what it read in a
        // table of its own, which costs more than all the rest of it.
        let last = self.query_one(
            sql!("select max(ordinal) from slot where task_id = $1 and stage = $2"),
            params![task.id, task.stage.as_str()],
            |row| row.get::<Option<i64>>(0),
        )?;
        let ordinal = last.flatten().unwrap_or(0) + 1;
        self.execute(
            sql!(
                "insert into slot (id, task_id, project_id, stage, ordinal, fence, state, holder, until_ms, reserved_for, claimed_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            ),
            params![
                id,
                task.id,
                task.project,
                task.stage.as_str(),
                ordinal,
                slot.fence,
                columns.state,
                columns.holder,
                columns.until,
                slot.reserved_for,
                now,
            ],
        )?;
        let (slot, stage) = (slot.clone(), task.stage);
        Ok(SlotRow {
            id,
            task: task.id,
            project: task.project,
            stage,
            ordinal,
            slot,
            claimed_at: now,
        })
    }

    /// Writes `after` over `before`, and is a conflict if the slot is no longer `before`.
    pub fn save_slot(
        &mut self,
        id: SlotId,
        before: &Slot,
        after: &Slot,
        claimed_at: Timestamp,
    ) -> Result<()> {
        if let Some(batch) = self.batch_mut() {
            return batch.save_slot(id, before, after, claimed_at);
        }
        let columns = slot_columns(after);
        self.execute_one(
            sql!(
                "update slot set fence = $3, state = $4, holder = $5, until_ms = $6, reserved_for = $7, submission = $8,
                                 digest = $9, claimed_at_ms = $10
                 where id = $1 and fence = $2 and state = $11"
            ),
            params![
                id,
                before.fence,
                after.fence,
                columns.state,
                columns.holder,
                columns.until,
                after.reserved_for,
                columns.submission,
                columns.digest,
                claimed_at,
                slot_columns(before).state,
            ],
        )
    }

    /// What a person holds in a project at `now`.
    pub fn leases_of(
        &mut self,
        person: PersonId,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<Vec<SlotRow>> {
        if let Some(batch) = &self.batch {
            return batch.leases_of(person, project, now);
        }
        let sql = format!(
            "select {SLOT} from slot where holder = $1 and project_id = $2 and state = 'held' and until_ms > $3 {{hold}}"
        );
        let mut leases = self.query(&sql, params![person, project, now], read_slot)?;
        leases.sort_unstable_by_key(|slot| slot.id);
        Ok(leases)
    }

    /// Answers of a person that were sent back and wait for them.
    pub fn rework_of(
        &mut self,
        person: PersonId,
        project: ProjectId,
        limit: i64,
    ) -> Result<Vec<SlotRow>> {
        if let Some(batch) = &self.batch {
            return batch.rework_of(person, project, limit);
        }
        let sql = format!(
            "select {SLOT} from slot where reserved_for = $1 and project_id = $2 and state = 'free'
             order by id limit $3 {{hold}}"
        );
        self.query(&sql, params![person, project, limit], read_slot)
    }

    /// How many answers of a person wait for them, up to 1,000.
    pub fn count_rework(&mut self, person: PersonId, project: ProjectId) -> Result<i64> {
        let count = self.query_one(
            sql!(
                "select count(*) from (select 1 from slot where reserved_for = $1 and project_id = $2 and state = 'free'
                                       limit 1000) w"
            ),
            params![person, project],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Slots whose lease has run out at `now` and that `person` may take over.
    pub fn expired_slots(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<SlotRow>> {
        if let Some(batch) = &self.batch {
            return batch.expired_slots(project, stage, person, now, limit);
        }
        // Its last holder may take it up again; anybody else must not have had the task in hand.
        let sql = format!(
            "select {SLOT} from slot s
             where project_id = $1 and stage = $2 and state = 'held' and until_ms <= $3
               and (reserved_for is null or reserved_for = $4)
               and (holder = $4 or not exists (select 1 from touch t where t.task_id = s.task_id and t.person_id = $4
                 and not ($2 = 'review' and t.stage = 'review' and t.kind = 'answered')))
             order by until_ms limit $5 {{hold_or_skip}}"
        );
        self.query(&sql, params![project, stage.as_str(), now, person, limit], read_slot)
    }

    /// A slot of a task that came back and belongs to nobody.
    pub fn free_slot_of(&mut self, task: TaskId, stage: Stage) -> Result<Option<SlotRow>> {
        if let Some(batch) = &self.batch {
            return batch.free_slot_of(task, stage);
        }
        let sql = format!(
            "select {SLOT} from slot where task_id = $1 and stage = $2 and state = 'free' and reserved_for is null
             order by id limit 1 {{hold}}"
        );
        self.query_one(&sql, params![task, stage.as_str()], read_slot)
    }

    /// The task that a person gets next at a stage, held until this transaction ends: of one part of the queue
    /// if there is one, and otherwise of the other.
    pub fn next_task(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
        first: First,
    ) -> Result<Option<TaskRow>> {
        loop {
            let Some(task) = self.find_task(project, stage, person, first)? else {
                return Ok(None);
            };
            // The same person may have taken it by another connection, while this one waited for it.
            if !self.is_postgres() || !self.is_barred(task.id, person, stage)? {
                return Ok(Some(task));
            }
        }
    }

    fn find_task(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
        first: First,
    ) -> Result<Option<TaskRow>> {
        if let Some(batch) = self.batch_mut() {
            return batch.next_task(project, stage, person, first).map(Some);
        }
        let found = match first {
            First::Doubtful => self.find_again(project, stage, person)?,
            First::Fresh => self.find_fresh(project, stage, person)?,
        };
        match (found, first) {
            (Some(task), _) => Ok(Some(task)),
            (None, First::Doubtful) => self.find_fresh(project, stage, person),
            (None, First::Fresh) => self.find_again(project, stage, person),
        }
    }

    fn find_again(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
    ) -> Result<Option<TaskRow>> {
        let again = format!(
            "select {TASK} from task t
             where project_id = $1 and stage = $2 and again = 1 and open > 0
               and not exists (select 1 from touch h where h.task_id = t.id and h.person_id = $3
                 and not ($2 = 'review' and h.stage = 'review' and h.kind = 'answered'))
             order by rank, id limit 1 {{hold_or_skip}}"
        );
        self.query_one(&again, params![project, stage.as_str(), person], read_task)
    }

    fn find_fresh(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
    ) -> Result<Option<TaskRow>> {
        let fresh = format!(
            "select {TASK} from task t
             where project_id = $1 and stage = $2 and again = 0 and rank = $3 and open > 0
               and id > coalesce((select c.task_id from cursor c
                                  where c.person_id = $4 and c.project_id = $1 and c.stage = $2 and c.rank = $3), 0)
               and not exists (select 1 from touch h where h.task_id = t.id and h.person_id = $4
                 and not ($2 = 'review' and h.stage = 'review' and h.kind = 'answered'))
             order by id limit 1 {{hold_or_skip}}"
        );
        let mut rank = -1;
        while let Some(next) = self.next_rank(project, stage, rank)? {
            rank = next;
            let found =
                self.query_one(&fresh, params![project, stage.as_str(), rank, person], read_task)?;
            if let Some(task) = found {
                self.move_cursor(person, &task)?;
                return Ok(Some(task));
            }
        }
        if self.is_postgres() {
            // Rows that another transaction held were passed over, and the cursor with them.
            return self.next_task_behind(project, stage, person);
        }
        Ok(None)
    }

    fn next_rank(&mut self, project: ProjectId, stage: Stage, after: i64) -> Result<Option<i64>> {
        self.query_one(
            sql!(
                "select rank from task where project_id = $1 and stage = $2 and again = 0 and rank > $3 and open > 0
                 order by rank limit 1"
            ),
            params![project, stage.as_str(), after],
            |row| row.get(0),
        )
    }

    fn next_task_behind(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
    ) -> Result<Option<TaskRow>> {
        let behind = format!(
            "select {TASK} from task t
             where project_id = $1 and stage = $2 and again = 0 and open > 0
               and not exists (select 1 from touch h where h.task_id = t.id and h.person_id = $3
                 and not ($2 = 'review' and h.stage = 'review' and h.kind = 'answered'))
             order by rank, id limit 1 {{hold_or_skip}}"
        );
        self.query_one(&behind, params![project, stage.as_str(), person], read_task)
    }

    fn move_cursor(&mut self, person: PersonId, task: &TaskRow) -> Result<()> {
        self.execute_quietly(
            sql!(
                "insert into cursor (person_id, project_id, stage, rank, task_id) values ($1, $2, $3, $4, $5)
                 on conflict (person_id, project_id, stage, rank) do update set task_id = excluded.task_id"
            ),
            params![
                person,
                task.project,
                task.stage.as_str(),
                limits::PRIORITY_MAX - task.priority,
                task.id,
            ],
        )?;
        Ok(())
    }

    /// How many slots of a stage wait in a project: an upper bound for any one person.
    pub fn count_open(&mut self, project: ProjectId, stage: Stage) -> Result<i64> {
        // Counted up to a bound: past it, "many" is all that a person needs to know.
        let count = self.query_one(
            sql!(
                "select count(*) from (select 1 from task where project_id = $1 and stage = $2 and open > 0 limit 1000) w"
            ),
            params![project, stage.as_str()],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    pub fn set_touch(
        &mut self,
        task: TaskId,
        person: PersonId,
        stage: Stage,
        touch: Touch,
        now: Timestamp,
    ) -> Result<()> {
        if let Some(batch) = self.batch_mut() {
            batch.set_touch(task, person, stage, touch, now);
            return Ok(());
        }
        self.execute(
            sql!(
                "insert into touch (task_id, person_id, stage, kind, at_ms) values ($1, $2, $3, $4, $5)
                 on conflict (task_id, person_id, stage) do update set kind = excluded.kind, at_ms = excluded.at_ms"
            ),
            params![task, person, stage.as_str(), touch.as_str(), now],
        )?;
        Ok(())
    }

    /// Forgets that a person held a task, which they gave back unanswered.
    pub fn remove_touch(&mut self, task: TaskId, person: PersonId, stage: Stage) -> Result<()> {
        self.execute(
            sql!("delete from touch where task_id = $1 and person_id = $2 and stage = $3 and kind = 'held'"),
            params![task, person, stage.as_str()],
        )?;
        Ok(())
    }

    /// Whether a person may not be given a task at a stage, having had it in hand (I11). Who has
    /// judged a task may judge it again once it has come back from rework.
    pub fn is_barred(&mut self, task: TaskId, person: PersonId, stage: Stage) -> Result<bool> {
        if let Some(batch) = &self.batch {
            return Ok(batch.is_barred(task, person, stage));
        }
        let found = self.query_one(
            sql!(
                "select cast(1 as bigint) from touch
                 where task_id = $1 and person_id = $2
                   and not ($3 = 'review' and stage = 'review' and kind = 'answered') limit 1"
            ),
            params![task, person, stage.as_str()],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// Adds to the counters of a project, in this connection's shard.
    pub fn add_counts(&mut self, project: ProjectId, delta: &CountDelta) -> Result<()> {
        if let Some(batch) = self.batch_mut() {
            batch.add_counts(project, delta);
            return Ok(());
        }
        if let Some(counts) = &mut self.counts {
            self.changed = true;
            counts.entry(project).or_default().add(&delta.0);
            return Ok(());
        }
        self.save_counts(project, &delta.0)
    }

    /// Saves what was counted and is not saved yet.
    pub(crate) fn flush_counts(&mut self) -> Result<()> {
        for (project, counts) in self.counts.as_mut().map(std::mem::take).unwrap_or_default() {
            self.save_counts(project, &counts)?;
        }
        Ok(())
    }

    fn save_counts(&mut self, project: ProjectId, delta: &Counts) -> Result<()> {
        if *delta == Counts::default() {
            return Ok(());
        }
        self.execute(
            sql!(
                "insert into project_count (project_id, shard, queued, in_progress, in_review, done, canceled, error, answers, wanted)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                 on conflict (project_id, shard) do update set
                   queued = project_count.queued + excluded.queued,
                   in_progress = project_count.in_progress + excluded.in_progress,
                   in_review = project_count.in_review + excluded.in_review,
                   done = project_count.done + excluded.done,
                   canceled = project_count.canceled + excluded.canceled,
                   error = project_count.error + excluded.error,
                   answers = project_count.answers + excluded.answers,
                   wanted = project_count.wanted + excluded.wanted"
            ),
            params![
                project,
                self.shard,
                delta.queued,
                delta.in_progress,
                delta.in_review,
                delta.done,
                delta.canceled,
                delta.error,
                delta.answers,
                delta.wanted,
            ],
        )?;
        Ok(())
    }

    /// The counters as the tasks themselves have them: what [`counts`](Self::counts) must equal.
    pub fn recount(&mut self, project: ProjectId) -> Result<Counts> {
        let mut counts = Counts::default();
        self.for_each(
            sql!(
                "select state, count(*), cast(coalesce(sum(answers), 0) as bigint), cast(coalesce(sum(overlap), 0) as bigint)
                 from task where project_id = $1 group by state"
            ),
            params![project],
            &mut |row| {
                let state: String = row.get(0)?;
                let state: TaskState =
                    state.parse().map_err(|()| Error::Corrupt { what: "task state", value: state })?;
                *counts.of_mut(state) += row.get::<i64>(1)?;
                counts.answers += row.get::<i64>(2)?;
                counts.wanted += row.get::<i64>(3)?;
                Ok(())
            },
        )?;
        Ok(counts)
    }

    /// Who holds what in a project at `now`.
    pub fn held(&mut self, project: ProjectId, now: Timestamp) -> Result<Vec<Held>> {
        self.query(
            sql!(
                "select id, task_id, stage, holder, until_ms, claimed_at_ms from slot
                 where project_id = $1 and state = 'held' and until_ms > $2 order by claimed_at_ms limit 1000"
            ),
            params![project, now],
            |row| {
                let stage: String = row.get(2)?;
                Ok(Held {
                    slot: row.get(0)?,
                    task: row.get(1)?,
                    stage: stage.parse().map_err(|()| Error::Corrupt { what: "stage", value: stage })?,
                    person: row.get(3)?,
                    until: row.get(4)?,
                    since: row.get(5)?,
                })
            },
        )
    }

    /// Whether a person holds a lease on the task of an item, or has it to rework.
    pub fn holds_item(&mut self, person: PersonId, item: ItemId) -> Result<bool> {
        let found = self.query_one(
            sql!(
                "select cast(1 as bigint) from task t join slot s on s.task_id = t.id
                 where t.item_id = $1 and ((s.state = 'held' and s.holder = $2) or (s.state = 'free' and s.reserved_for = $2))
                 limit 1"
            ),
            params![item, person],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// Whether a person has ever had a task in hand.
    pub fn has_touched(&mut self, task: TaskId, person: PersonId) -> Result<bool> {
        if let Some(batch) = &self.batch {
            return Ok(batch.has_touched(task, person));
        }
        let found = self.query_one(
            sql!(
                "select cast(1 as bigint) from touch where task_id = $1 and person_id = $2 limit 1"
            ),
            params![task, person],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// What answers about an item have to lie within: the size of its picture, or the length of its text.
    pub fn item_bounds(&mut self, item: ItemId) -> Result<Bounds> {
        if let Some(batch) = &self.batch {
            return batch.item_bounds(item);
        }
        let sql = format!("select {BOUNDS} from item where id = $1");
        let found = self.query_one(&sql, params![item], read_sealed_bounds)?;
        found.map_or_else(|| Ok(Bounds::default()), |found| self.open_bounds(found))
    }
}
