//! The hot commands on PostgreSQL, many in one transaction.
//!
//! Statement by statement, a claim and an answer cost PostgreSQL a dozen round trips and a commit
//! each. Here the rows that a handful of commands need are read in a few set-based statements, the
//! commands run one after another on what was read, exactly as they run on a store, and what they
//! wrote is saved in a few set-based statements and one commit.
//!
//! The commands do not know. A [`Tx`] with a batch answers their reads from it and keeps their
//! writes in it; a command that is refused leaves no trace, and one that asks for something that a
//! batch does not have ([`Error::Unbatched`]) is run again alone, in the simple form.

use crate::answers::{NewAnswer, NewLabel};
use crate::backends::read_suggestion;
use crate::engine::{Tx, Value, params, sql};
use crate::items::{BOUNDS, ItemRow, read_item, read_sealed_bounds};
use crate::projects::{Counts, ProjectRow};
use crate::queue::{
    CountDelta, SLOT, SlotRow, TASK, TaskRow, Touch, read_slot, read_task, slot_columns,
};
use crate::{Error, Result};
use domain::answers::Bounds;
use domain::queue::{First, Slot, State};
use domain::workflow::Stage;
use domain::{ItemId, PersonId, ProjectId, SlotId, TaskId, Timestamp, limits};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a hot command will ask for.
#[derive(Clone, Debug)]
pub struct Hint {
    pub person: PersonId,
    pub now: Timestamp,
    /// The slot that it ends.
    pub slot: Option<SlotId>,
    pub submission: Option<String>,
    /// What it takes next: of this project, or of the one that its slot belongs to.
    pub project: Option<ProjectId>,
    pub claims: Option<(Stage, usize)>,
}

/// Tasks read beyond those asked for, so that a person who has had some of them still finds one.
const SLACK: i64 = 16;

/// The most bytes of an item, or of its suggestion, that a batch reads in case it is handed out.
const WORK_BYTES_MAX: i64 = 1 << 16;

/// An item as it is kept, and an answer to begin with.
#[derive(Clone)]
pub(crate) struct SealedWork {
    pub(crate) item: (ItemRow, Vec<u8>),
    pub(crate) suggestion: Option<crate::backends::SealedSuggestion>,
}

/// The rows that a batch of commands works on.
pub(crate) struct Batch {
    read: Rows,
    /// What the commands so far have written, and what the present one has.
    written: Rows,
    pending: Rows,
    /// Tasks that may be given out, in the order of the queue.
    candidates: Vec<TaskId>,
    leases: Vec<SlotId>,
    rework: Vec<SlotId>,
    expired: Vec<SlotId>,
    free: Vec<SlotId>,
    projects: HashMap<ProjectId, ProjectRow>,
    bounds: HashMap<ItemId, Bounds>,
    works: HashMap<TaskId, SealedWork>,
    submissions: HashSet<String>,
    cursors: HashMap<(PersonId, ProjectId, Stage, i64), TaskId>,
}

#[derive(Default)]
struct Rows {
    tasks: HashMap<TaskId, TaskRow>,
    slots: HashMap<SlotId, SlotRow>,
    new_slots: HashSet<SlotId>,
    ordinals: HashMap<(TaskId, Stage), i64>,
    touches: BTreeMap<(TaskId, PersonId, Stage), (Touch, Timestamp)>,
    cursors: BTreeMap<(PersonId, ProjectId, Stage, i64), TaskId>,
    answers: Vec<OwnedAnswer>,
    labels: BTreeMap<TaskId, OwnedLabel>,
    drafts: BTreeSet<(SlotId, PersonId)>,
    counts: BTreeMap<ProjectId, Counts>,
}

struct OwnedAnswer {
    id: i64,
    submission: String,
    slot: SlotId,
    task: TaskId,
    project: ProjectId,
    person: PersonId,
    stage: Stage,
    sealed: Vec<u8>,
    digest: String,
    active_ms: i64,
    ontology_version: i64,
    instructions_version: i64,
    at: Timestamp,
}

struct OwnedLabel {
    answer: Option<i64>,
    sealed: Vec<u8>,
    confidence: Option<f64>,
    calibrated: bool,
    claimed: Option<f64>,
    model: Option<String>,
    method: &'static str,
    ontology_version: i64,
    instructions_version: i64,
    at: Timestamp,
}

impl Rows {
    fn absorb(&mut self, other: Rows) {
        self.tasks.extend(other.tasks);
        self.slots.extend(other.slots);
        self.new_slots.extend(other.new_slots);
        self.ordinals.extend(other.ordinals);
        self.touches.extend(other.touches);
        self.cursors.extend(other.cursors);
        self.answers.extend(other.answers);
        self.labels.extend(other.labels);
        self.drafts.extend(other.drafts);
        for (project, counts) in other.counts {
            self.counts.entry(project).or_default().add(&counts);
        }
    }
}

impl Batch {
    /// Reads what the commands will ask for, and holds what they may change.
    pub(crate) fn load(tx: &mut Tx<'_>, hints: &[Hint]) -> Result<Self> {
        let mut batch = Self {
            read: Rows::default(),
            written: Rows::default(),
            pending: Rows::default(),
            candidates: Vec::new(),
            leases: Vec::new(),
            rework: Vec::new(),
            expired: Vec::new(),
            free: Vec::new(),
            projects: HashMap::new(),
            bounds: HashMap::new(),
            works: HashMap::new(),
            submissions: HashSet::new(),
            cursors: HashMap::new(),
        };
        batch.load_slots_in_hand(tx, hints)?;
        batch.load_queue(tx, hints)?;
        batch.load_touches(tx, hints)?;
        Ok(batch)
    }

    fn load_slots_in_hand(&mut self, tx: &mut Tx<'_>, hints: &[Hint]) -> Result<()> {
        let slots: Vec<i64> =
            hints.iter().filter_map(|hint| hint.slot).map(|slot| slot.0).collect();
        if slots.is_empty() {
            return Ok(());
        }
        let tasks = format!(
            "select {TASK} from task where id in (select task_id from slot where id = any($1)) order by id for update"
        );
        for task in tx.query(&tasks, &[Value::Ints(&slots)], read_task)? {
            self.read.tasks.insert(task.id, task);
        }
        let sql = format!("select {SLOT} from slot where id = any($1)");
        for slot in tx.query(&sql, &[Value::Ints(&slots)], read_slot)? {
            self.read.slots.insert(slot.id, slot);
        }
        let items: Vec<i64> = self.read.tasks.values().map(|task| task.item.0).collect();
        let sql = format!("select {BOUNDS} from item where id = any($1)");
        for found in tx.query(&sql, &[Value::Ints(&items)], read_sealed_bounds)? {
            self.bounds.insert(found.0, tx.open_bounds(found)?);
        }
        let submissions: Vec<&str> =
            hints.iter().filter_map(|hint| hint.submission.as_deref()).collect();
        let known = tx.query(
            "select submission from answer where submission = any($1)",
            &[Value::Texts(&submissions)],
            |row| row.get::<String>(0),
        )?;
        self.submissions.extend(known);
        Ok(())
    }

    /// How many slots are wanted of each queue, and by whom.
    fn wanted(&self, hints: &[Hint]) -> BTreeMap<(ProjectId, Stage), (i64, Timestamp)> {
        let mut wanted: BTreeMap<(ProjectId, Stage), (i64, Timestamp)> = BTreeMap::new();
        for hint in hints {
            let own =
                hint.slot.and_then(|slot| self.read.slots.get(&slot)).map(|slot| slot.project);
            let (Some(project), Some((stage, count))) = (hint.project.or(own), hint.claims) else {
                continue;
            };
            let entry = wanted.entry((project, stage)).or_insert((0, hint.now));
            entry.0 += count as i64;
        }
        wanted
    }

    fn load_queue(&mut self, tx: &mut Tx<'_>, hints: &[Hint]) -> Result<()> {
        let people: Vec<i64> =
            hints.iter().filter(|hint| hint.claims.is_some()).map(|hint| hint.person.0).collect();
        if people.is_empty() {
            return Ok(());
        }
        let wanted = self.wanted(hints);
        let leases = format!("select {SLOT} from slot where holder = any($1) and state = 'held'");
        for slot in tx.query(&leases, &[Value::Ints(&people)], read_slot)? {
            self.leases.push(slot.id);
            self.read.slots.entry(slot.id).or_insert(slot);
        }
        let rework = format!(
            "select {SLOT} from slot where reserved_for = any($1) and state = 'free' order by id limit 200"
        );
        for slot in tx.query(&rework, &[Value::Ints(&people)], read_slot)? {
            self.rework.push(slot.id);
            self.read.slots.entry(slot.id).or_insert(slot);
        }
        for ((project, stage), (count, now)) in wanted {
            self.load_one_queue(tx, project, stage, count, now, &people)?;
        }
        // The tasks of slots that may be taken over must be held like all others.
        let behind: Vec<i64> = self
            .rework
            .iter()
            .chain(&self.expired)
            .map(|slot| self.read.slots[slot].task.0)
            .collect();
        if !behind.is_empty() {
            let sql = format!(
                "select {TASK} from task where id = any($1) order by id for update skip locked"
            );
            for task in tx.query(&sql, &[Value::Ints(&behind)], read_task)? {
                self.read.tasks.entry(task.id).or_insert(task);
            }
            // Read once more now that their tasks are held: a lease may have been renewed meanwhile.
            let slots: Vec<i64> = self.rework.iter().chain(&self.expired).map(|id| id.0).collect();
            let sql = format!("select {SLOT} from slot where id = any($1)");
            for slot in tx.query(&sql, &[Value::Ints(&slots)], read_slot)? {
                self.read.slots.insert(slot.id, slot);
            }
        }
        let again: Vec<i64> =
            self.candidates.iter().filter(|id| self.read.tasks[id].again).map(|id| id.0).collect();
        if !again.is_empty() {
            let sql = format!(
                "select {SLOT} from slot where task_id = any($1) and state = 'free' and reserved_for is null order by id"
            );
            for slot in tx.query(&sql, &[Value::Ints(&again)], read_slot)? {
                self.free.push(slot.id);
                self.read.slots.entry(slot.id).or_insert(slot);
            }
        }
        let candidates: Vec<i64> = self.candidates.iter().map(|id| id.0).collect();
        let ordinals = tx.query(
            "select task_id, stage, max(ordinal) from slot where task_id = any($1) group by task_id, stage",
            &[Value::Ints(&candidates)],
            |row| Ok((row.get(0)?, row.get::<String>(1)?, row.get::<i64>(2)?)),
        )?;
        for (task, stage, ordinal) in ordinals {
            let stage =
                stage.parse().map_err(|()| Error::Corrupt { what: "stage", value: stage })?;
            self.read.ordinals.insert((task, stage), ordinal);
        }
        let works = tx.query(
            "select i.id, i.project_id, i.external_id, i.media, i.address, i.bytes, i.width, i.height, i.sealed,
                    i.created_at_ms, i.frames, t.id, s.sealed, s.model, s.scores
             from task t join item i on i.id = t.item_id left join suggestion s on s.task_id = t.id
             where t.id = any($1) and octet_length(i.sealed) <= cast($2 as bigint)
               and coalesce(octet_length(s.sealed), 0) <= cast($2 as bigint)",
            &[Value::Ints(&candidates), WORK_BYTES_MAX.into()],
            |row| Ok((row.get(11)?, SealedWork { item: read_item(row)?, suggestion: read_suggestion(row, 12)? })),
        )?;
        self.works.extend(works);
        Ok(())
    }

    fn load_one_queue(
        &mut self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        stage: Stage,
        count: i64,
        now: Timestamp,
        people: &[i64],
    ) -> Result<()> {
        let expired = format!(
            "select {SLOT} from slot where project_id = $1 and stage = $2 and state = 'held' and until_ms <= $3
             order by until_ms limit $4"
        );
        for slot in tx.query(&expired, params![project, stage.as_str(), now, count], read_slot)? {
            self.expired.push(slot.id);
            self.read.slots.entry(slot.id).or_insert(slot);
        }
        let again = format!(
            "select {TASK} from task where project_id = $1 and stage = $2 and again = 1 and open > 0
             order by rank, id limit $3 for update skip locked"
        );
        let limit = count + SLACK;
        self.add_candidates(tx.query(
            &again,
            params![project, stage.as_str(), limit],
            read_task,
        )?);
        let cursors = tx.query(
            "select person_id, rank, task_id from cursor where person_id = any($1) and project_id = $2 and stage = $3",
            &[Value::Ints(people), project.into(), stage.as_str().into()],
            |row| Ok((row.get::<PersonId>(0)?, row.get::<i64>(1)?, row.get::<TaskId>(2)?)),
        )?;
        for (person, rank, task) in cursors {
            self.cursors.insert((person, project, stage, rank), task);
        }
        let rank = tx.query_one(
            sql!(
                "select rank from task where project_id = $1 and stage = $2 and again = 0 and open > 0
                 order by rank limit 1"
            ),
            params![project, stage.as_str()],
            |row| row.get::<i64>(0),
        )?;
        let Some(rank) = rank else { return Ok(()) };
        // From where the one who has come least far stands.
        let least = people.iter().map(|person| {
            self.cursors.get(&(PersonId(*person), project, stage, rank)).map_or(0, |task| task.0)
        });
        let least = least.min().unwrap_or(0);
        let fresh = format!(
            "select {TASK} from task where project_id = $1 and stage = $2 and again = 0 and rank = $3 and open > 0
               and id > $4 order by id limit $5 for update skip locked"
        );
        self.add_candidates(tx.query(
            &fresh,
            params![project, stage.as_str(), rank, least, limit],
            read_task,
        )?);
        Ok(())
    }

    fn add_candidates(&mut self, tasks: Vec<TaskRow>) {
        for task in tasks {
            self.candidates.push(task.id);
            self.read.tasks.entry(task.id).or_insert(task);
        }
    }

    fn load_touches(&mut self, tx: &mut Tx<'_>, hints: &[Hint]) -> Result<()> {
        let tasks: Vec<i64> = self.read.tasks.keys().map(|id| id.0).collect();
        let people: Vec<i64> = hints.iter().map(|hint| hint.person.0).collect();
        let touches = tx.query(
            "select task_id, person_id, stage, kind, at_ms from touch where task_id = any($1) and person_id = any($2)",
            &[Value::Ints(&tasks), Value::Ints(&people)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<String>(2)?, row.get::<String>(3)?, row.get(4)?)),
        )?;
        for (task, person, stage, kind, at) in touches {
            let stage: Stage =
                stage.parse().map_err(|()| Error::Corrupt { what: "stage", value: stage })?;
            let kind = Touch::parse(&kind).ok_or(Error::Corrupt { what: "touch", value: kind })?;
            self.read.touches.insert((task, person, stage), (kind, at));
        }
        Ok(())
    }

    /// Keeps what the present command wrote.
    pub(crate) fn keep(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.written.absorb(pending);
    }

    /// Forgets what the present command wrote.
    pub(crate) fn undo(&mut self) {
        self.pending = Rows::default();
    }

    pub(crate) fn task(&self, id: TaskId) -> Result<TaskRow> {
        let found = self.pending.tasks.get(&id).or_else(|| self.written.tasks.get(&id));
        found.or_else(|| self.read.tasks.get(&id)).cloned().ok_or(Error::Unbatched)
    }

    pub(crate) fn slot(&self, id: SlotId) -> Result<SlotRow> {
        let found = self.pending.slots.get(&id).or_else(|| self.written.slots.get(&id));
        found.or_else(|| self.read.slots.get(&id)).cloned().ok_or(Error::Unbatched)
    }

    /// What a slot that this batch has made is about. One that was there before may have a draft.
    pub(crate) fn work(&self, slot: SlotId, task: TaskId) -> Result<SealedWork> {
        let is_new =
            self.pending.new_slots.contains(&slot) || self.written.new_slots.contains(&slot);
        let work = self.works.get(&task).filter(|_| is_new);
        work.cloned().ok_or(Error::Unbatched)
    }

    pub(crate) fn save_task(&mut self, before: i64, after: &TaskRow) -> Result<()> {
        if self.task(after.id)?.version != before {
            return Err(Error::Conflict);
        }
        self.pending.tasks.insert(after.id, after.clone());
        Ok(())
    }

    pub(crate) fn save_slot(
        &mut self,
        id: SlotId,
        before: &Slot,
        after: &Slot,
        claimed_at: Timestamp,
    ) -> Result<()> {
        let row = self.slot(id)?;
        if row.slot != *before {
            return Err(Error::Conflict);
        }
        self.pending.slots.insert(id, SlotRow { slot: after.clone(), claimed_at, ..row });
        Ok(())
    }

    pub(crate) fn insert_slot(
        &mut self,
        id: SlotId,
        task: &TaskRow,
        slot: &Slot,
        now: Timestamp,
    ) -> SlotRow {
        let key = (task.id, task.stage);
        let last = self.pending.ordinals.get(&key).or_else(|| self.written.ordinals.get(&key));
        let ordinal = last.or_else(|| self.read.ordinals.get(&key)).map_or(1, |last| last + 1);
        let row = SlotRow {
            id,
            task: task.id,
            project: task.project,
            stage: task.stage,
            ordinal,
            slot: slot.clone(),
            claimed_at: now,
        };
        self.pending.ordinals.insert(key, ordinal);
        self.pending.slots.insert(id, row.clone());
        self.pending.new_slots.insert(id);
        row
    }

    pub(crate) fn leases_of(
        &self,
        person: PersonId,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<Vec<SlotRow>> {
        let new = self.written.new_slots.iter().chain(&self.pending.new_slots);
        let mut ids: Vec<SlotId> = self
            .leases
            .iter()
            .chain(&self.rework)
            .chain(&self.expired)
            .chain(&self.free)
            .chain(new)
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut leases = Vec::new();
        for id in ids {
            let slot = self.slot(id)?;
            let is_held =
                matches!(slot.slot.state, State::Held { by, until } if by == person && now < until);
            if is_held && slot.project == project {
                leases.push(slot);
            }
        }
        Ok(leases)
    }

    pub(crate) fn rework_of(
        &self,
        person: PersonId,
        project: ProjectId,
        limit: i64,
    ) -> Result<Vec<SlotRow>> {
        self.pick(&self.rework, limit, |slot| {
            slot.project == project
                && slot.slot.state == State::Free
                && slot.slot.reserved_for == Some(person)
        })
    }

    pub(crate) fn expired_slots(
        &self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<SlotRow>> {
        self.pick(&self.expired, limit, |slot| {
            let State::Held { by, until } = slot.slot.state else { return false };
            let fits = slot.project == project && slot.stage == stage && until <= now;
            let reserved = slot.slot.reserved_for.is_none_or(|owner| owner == person);
            // A task that somebody else holds at this moment was not read, and is passed over.
            let here = self.read.tasks.contains_key(&slot.task);
            fits && reserved && here && (by == person || !self.is_barred(slot.task, person, stage))
        })
    }

    fn pick(
        &self,
        from: &[SlotId],
        limit: i64,
        fits: impl Fn(&SlotRow) -> bool,
    ) -> Result<Vec<SlotRow>> {
        let mut picked = Vec::new();
        for id in from {
            if picked.len() as i64 >= limit {
                break;
            }
            let slot = self.slot(*id)?;
            if fits(&slot) {
                picked.push(slot);
            }
        }
        Ok(picked)
    }

    pub(crate) fn free_slot_of(&self, task: TaskId, stage: Stage) -> Result<Option<SlotRow>> {
        let found = self.pick(&self.free, 1, |slot| {
            slot.task == task
                && slot.stage == stage
                && slot.slot.state == State::Free
                && slot.slot.reserved_for.is_none()
        })?;
        Ok(found.into_iter().next())
    }

    pub(crate) fn has_touched(&self, task: TaskId, person: PersonId) -> bool {
        Stage::ALL.iter().any(|stage| {
            let key = (task, person, *stage);
            self.pending.touches.contains_key(&key)
                || self.written.touches.contains_key(&key)
                || self.read.touches.contains_key(&key)
        })
    }

    /// Like [`Tx::is_barred`], on what was read and written.
    pub(crate) fn is_barred(&self, task: TaskId, person: PersonId, stage: Stage) -> bool {
        Stage::ALL.iter().any(|had| {
            let key = (task, person, *had);
            let touch = self.pending.touches.get(&key).or_else(|| self.written.touches.get(&key));
            let may_again = |touch: Touch| {
                (stage, *had, touch) == (Stage::Review, Stage::Review, Touch::Answered)
            };
            touch
                .or_else(|| self.read.touches.get(&key))
                .is_some_and(|(touch, _)| !may_again(*touch))
        })
    }

    pub(crate) fn set_touch(
        &mut self,
        task: TaskId,
        person: PersonId,
        stage: Stage,
        touch: Touch,
        now: Timestamp,
    ) {
        self.pending.touches.insert((task, person, stage), (touch, now));
    }

    /// The next task of those that were read. None of them may do for a person who has had them all:
    /// they are served alone.
    pub(crate) fn next_task(
        &mut self,
        project: ProjectId,
        stage: Stage,
        person: PersonId,
        first: First,
    ) -> Result<TaskRow> {
        let parts = match first {
            First::Doubtful => [true, false],
            First::Fresh => [false, true],
        };
        for again in parts {
            for id in &self.candidates {
                let task = self.task(*id)?;
                let fits = (task.project, task.stage, task.again) == (project, stage, again);
                if !fits || task.open == 0 || self.is_barred(*id, person, stage) {
                    continue;
                }
                if !task.again {
                    let key = (person, project, stage, limits::PRIORITY_MAX - task.priority);
                    self.pending.cursors.insert(key, *id);
                }
                return Ok(task);
            }
        }
        Err(Error::Unbatched)
    }

    pub(crate) fn project(&self, id: ProjectId) -> Option<ProjectRow> {
        self.projects.get(&id).cloned()
    }

    pub(crate) fn remember_project(&mut self, project: &ProjectRow) {
        self.projects.insert(project.id, project.clone());
    }

    pub(crate) fn item_bounds(&self, item: ItemId) -> Result<Bounds> {
        self.bounds.get(&item).cloned().ok_or(Error::Unbatched)
    }

    pub(crate) fn is_known_submission(&self, submission: &str) -> bool {
        self.submissions.contains(submission)
            || self.written.answers.iter().any(|answer| answer.submission == submission)
    }

    /// Whether a command of this batch has answered the task.
    pub(crate) fn has_new_answer(&self, task: TaskId) -> bool {
        self.written.answers.iter().chain(&self.pending.answers).any(|answer| answer.task == task)
    }

    pub(crate) fn insert_answer(
        &mut self,
        answer: &NewAnswer<'_>,
        sealed: Vec<u8>,
        now: Timestamp,
    ) -> bool {
        if self.is_known_submission(answer.submission.as_str()) {
            return false;
        }
        self.pending.answers.push(OwnedAnswer {
            id: answer.id.0,
            submission: answer.submission.to_string(),
            slot: answer.slot,
            task: answer.task,
            project: answer.project,
            person: answer.person,
            stage: answer.stage,
            sealed,
            digest: answer.digest.to_string(),
            active_ms: answer.active_ms,
            ontology_version: answer.ontology_version,
            instructions_version: answer.instructions_version,
            at: now,
        });
        true
    }

    pub(crate) fn save_label(&mut self, label: &NewLabel<'_>, sealed: Vec<u8>, now: Timestamp) {
        let owned = OwnedLabel {
            answer: label.answer.map(|answer| answer.0),
            sealed,
            confidence: label.confidence,
            calibrated: label.calibrated,
            claimed: label.claimed,
            model: label.model.map(Into::into),
            method: label.method.as_str(),
            ontology_version: label.ontology_version,
            instructions_version: label.instructions_version,
            at: now,
        };
        self.pending.labels.insert(label.task, owned);
    }

    pub(crate) fn remove_draft(&mut self, slot: SlotId, person: PersonId) {
        self.pending.drafts.insert((slot, person));
    }

    pub(crate) fn add_counts(&mut self, project: ProjectId, delta: &CountDelta) {
        self.pending.counts.entry(project).or_default().add(&delta.0);
    }

    /// Saves what the commands wrote.
    pub(crate) fn flush(mut self, tx: &mut Tx<'_>) -> Result<()> {
        let written = std::mem::take(&mut self.written);
        flush_tasks(tx, &self.read, &written)?;
        flush_slots(tx, &self.read, &written)?;
        flush_touches(tx, &written)?;
        flush_answers(tx, &written)?;
        flush_labels(tx, &written)?;
        for (project, counts) in &written.counts {
            tx.add_counts(*project, &CountDelta(*counts))?;
        }
        Ok(())
    }
}

/// In the order of their ids, so that two batches never wait for each other.
fn sorted<K: Ord + Copy, V>(rows: &HashMap<K, V>) -> Vec<(K, &V)> {
    let mut rows: Vec<(K, &V)> = rows.iter().map(|(key, value)| (*key, value)).collect();
    rows.sort_unstable_by_key(|(key, _)| *key);
    rows
}

fn flush_tasks(tx: &mut Tx<'_>, read: &Rows, written: &Rows) -> Result<()> {
    let rows = sorted(&written.tasks);
    if rows.is_empty() {
        return Ok(());
    }
    let column =
        |of: fn(&TaskRow) -> i64| -> Vec<i64> { rows.iter().map(|(_, task)| of(task)).collect() };
    let ids = column(|task| task.id.0);
    let before: Vec<i64> = rows
        .iter()
        .map(|(id, task)| read.tasks.get(id).map_or(task.version, |t| t.version))
        .collect();
    let states: Vec<&str> = rows.iter().map(|(_, task)| task.state.as_str()).collect();
    let stages: Vec<&str> = rows.iter().map(|(_, task)| task.stage.as_str()).collect();
    let agreements: Vec<Option<f64>> = rows.iter().map(|(_, task)| task.agreement).collect();
    let (open, again) = (column(|task| task.open), column(|task| i64::from(task.again)));
    let (answers, versions) = (column(|task| task.answers), column(|task| task.version));
    let updated = column(|task| task.updated_at.0);
    let overlaps = column(|task| task.overlap);
    let saved = tx.execute(
        "update task set state = n.state, stage = n.stage, open = n.open, again = n.again, answers = n.answers,
                         agreement = n.agreement, version = n.version, updated_at_ms = n.updated,
                         overlap = n.overlap
         from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::double precision[], $9::bigint[], $10::bigint[], $11::bigint[])
              as n(id, before, state, stage, open, again, answers, agreement, version, updated, overlap)
         where task.id = n.id and task.version = n.before",
        &[
            Value::Ints(&ids),
            Value::Ints(&before),
            Value::Texts(&states),
            Value::Texts(&stages),
            Value::Ints(&open),
            Value::Ints(&again),
            Value::Ints(&answers),
            Value::OptionalReals(&agreements),
            Value::Ints(&versions),
            Value::Ints(&updated),
            Value::Ints(&overlaps),
        ],
    )?;
    if saved == rows.len() as u64 { Ok(()) } else { Err(Error::Conflict) }
}

fn flush_slots(tx: &mut Tx<'_>, read: &Rows, written: &Rows) -> Result<()> {
    let all = sorted(&written.slots);
    for new in [true, false] {
        let rows: Vec<&SlotRow> = all
            .iter()
            .filter(|(id, _)| written.new_slots.contains(id) == new)
            .map(|(_, slot)| *slot)
            .collect();
        if rows.is_empty() {
            continue;
        }
        let columns: Vec<_> = rows.iter().map(|row| slot_columns(&row.slot)).collect();
        let ids: Vec<i64> = rows.iter().map(|row| row.id.0).collect();
        let fences: Vec<i64> = rows.iter().map(|row| row.slot.fence).collect();
        let states: Vec<&str> = columns.iter().map(|column| column.state).collect();
        let holders: Vec<Option<i64>> =
            columns.iter().map(|column| column.holder.map(|person| person.0)).collect();
        let untils: Vec<Option<i64>> =
            columns.iter().map(|column| column.until.map(|until| until.0)).collect();
        let reserved: Vec<Option<i64>> =
            rows.iter().map(|row| row.slot.reserved_for.map(|person| person.0)).collect();
        let submissions: Vec<Option<&str>> =
            columns.iter().map(|column| column.submission).collect();
        let digests: Vec<Option<&str>> = columns.iter().map(|column| column.digest).collect();
        let claimed: Vec<i64> = rows.iter().map(|row| row.claimed_at.0).collect();
        let shared = [
            Value::Ints(&ids),
            Value::Ints(&fences),
            Value::Texts(&states),
            Value::OptionalInts(&holders),
            Value::OptionalInts(&untils),
            Value::OptionalInts(&reserved),
            Value::OptionalTexts(&submissions),
            Value::OptionalTexts(&digests),
            Value::Ints(&claimed),
        ];
        if new {
            let tasks: Vec<i64> = rows.iter().map(|row| row.task.0).collect();
            let projects: Vec<i64> = rows.iter().map(|row| row.project.0).collect();
            let stages: Vec<&str> = rows.iter().map(|row| row.stage.as_str()).collect();
            let ordinals: Vec<i64> = rows.iter().map(|row| row.ordinal).collect();
            let mut values = shared.to_vec();
            values.extend([
                Value::Ints(&tasks),
                Value::Ints(&projects),
                Value::Texts(&stages),
                Value::Ints(&ordinals),
            ]);
            tx.execute(
                "insert into slot (id, fence, state, holder, until_ms, reserved_for, submission, digest, claimed_at_ms,
                                   task_id, project_id, stage, ordinal)
                 select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
                                      $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[])",
                &values,
            )?;
        } else {
            let before: Vec<i64> = rows.iter().map(|row| read.slots[&row.id].slot.fence).collect();
            let states_before: Vec<&str> =
                rows.iter().map(|row| slot_columns(&read.slots[&row.id].slot).state).collect();
            let mut values = shared.to_vec();
            values.extend([Value::Ints(&before), Value::Texts(&states_before)]);
            let saved = tx.execute(
                "update slot set fence = n.fence, state = n.state, holder = n.holder, until_ms = n.until,
                                 reserved_for = n.reserved, submission = n.submission, digest = n.digest, claimed_at_ms = n.claimed
                 from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
                             $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::text[])
                      as n(id, fence, state, holder, until, reserved, submission, digest, claimed, fence_before, state_before)
                 where slot.id = n.id and slot.fence = n.fence_before and slot.state = n.state_before",
                &values,
            )?;
            if saved != rows.len() as u64 {
                return Err(Error::Conflict);
            }
        }
    }
    Ok(())
}

fn flush_touches(tx: &mut Tx<'_>, written: &Rows) -> Result<()> {
    if !written.touches.is_empty() {
        let tasks: Vec<i64> = written.touches.keys().map(|(task, _, _)| task.0).collect();
        let people: Vec<i64> = written.touches.keys().map(|(_, person, _)| person.0).collect();
        let stages: Vec<&str> =
            written.touches.keys().map(|(_, _, stage)| stage.as_str()).collect();
        let kinds: Vec<&str> = written.touches.values().map(|(kind, _)| kind.as_str()).collect();
        let times: Vec<i64> = written.touches.values().map(|(_, at)| at.0).collect();
        tx.execute(
            "insert into touch (task_id, person_id, stage, kind, at_ms)
             select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
             on conflict (task_id, person_id, stage) do update set kind = excluded.kind, at_ms = excluded.at_ms",
            &[
                Value::Ints(&tasks),
                Value::Ints(&people),
                Value::Texts(&stages),
                Value::Texts(&kinds),
                Value::Ints(&times),
            ],
        )?;
    }
    if !written.cursors.is_empty() {
        let people: Vec<i64> = written.cursors.keys().map(|key| key.0.0).collect();
        let projects: Vec<i64> = written.cursors.keys().map(|key| key.1.0).collect();
        let stages: Vec<&str> = written.cursors.keys().map(|key| key.2.as_str()).collect();
        let ranks: Vec<i64> = written.cursors.keys().map(|key| key.3).collect();
        let tasks: Vec<i64> = written.cursors.values().map(|task| task.0).collect();
        tx.execute_quietly(
            "insert into cursor (person_id, project_id, stage, rank, task_id)
             select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])
             on conflict (person_id, project_id, stage, rank) do update set task_id = excluded.task_id",
            &[
                Value::Ints(&people),
                Value::Ints(&projects),
                Value::Texts(&stages),
                Value::Ints(&ranks),
                Value::Ints(&tasks),
            ],
        )?;
    }
    if !written.drafts.is_empty() {
        let slots: Vec<i64> = written.drafts.iter().map(|(slot, _)| slot.0).collect();
        let people: Vec<i64> = written.drafts.iter().map(|(_, person)| person.0).collect();
        tx.execute_quietly(
            "delete from draft using unnest($1::bigint[], $2::bigint[]) as n(slot, person)
             where slot_id = n.slot and person_id = n.person",
            &[Value::Ints(&slots), Value::Ints(&people)],
        )?;
    }
    Ok(())
}

fn flush_answers(tx: &mut Tx<'_>, written: &Rows) -> Result<()> {
    let rows = &written.answers;
    if rows.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&OwnedAnswer) -> i64| -> Vec<i64> { rows.iter().map(of).collect() };
    let (ids, slots, tasks) = (column(|a| a.id), column(|a| a.slot.0), column(|a| a.task.0));
    let (projects, people, active) =
        (column(|a| a.project.0), column(|a| a.person.0), column(|a| a.active_ms));
    let (ontologies, instructions) =
        (column(|a| a.ontology_version), column(|a| a.instructions_version));
    let times = column(|a| a.at.0);
    let submissions: Vec<&str> = rows.iter().map(|answer| answer.submission.as_str()).collect();
    let stages: Vec<&str> = rows.iter().map(|answer| answer.stage.as_str()).collect();
    let digests: Vec<&str> = rows.iter().map(|answer| answer.digest.as_str()).collect();
    let sealed: Vec<&[u8]> = rows.iter().map(|answer| answer.sealed.as_slice()).collect();
    tx.execute(
        "insert into answer (id, submission, slot_id, task_id, project_id, person_id, stage, state, sealed, digest,
                             active_ms, ontology_version, instructions_version, submitted_at_ms)
         select n.id, n.submission, n.slot, n.task, n.project, n.person, n.stage, 'standing', n.sealed, n.digest,
                n.active, n.ontology, n.instructions, n.at
         from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                     $8::bytea[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
              as n(id, submission, slot, task, project, person, stage, sealed, digest, active, ontology, instructions, at)",
        &[
            Value::Ints(&ids),
            Value::Texts(&submissions),
            Value::Ints(&slots),
            Value::Ints(&tasks),
            Value::Ints(&projects),
            Value::Ints(&people),
            Value::Texts(&stages),
            Value::Blobs(&sealed),
            Value::Texts(&digests),
            Value::Ints(&active),
            Value::Ints(&ontologies),
            Value::Ints(&instructions),
            Value::Ints(&times),
        ],
    )?;
    Ok(())
}

fn flush_labels(tx: &mut Tx<'_>, written: &Rows) -> Result<()> {
    let rows = &written.labels;
    if rows.is_empty() {
        return Ok(());
    }
    let tasks: Vec<i64> = rows.keys().map(|task| task.0).collect();
    let answers: Vec<Option<i64>> = rows.values().map(|label| label.answer).collect();
    let sealed: Vec<&[u8]> = rows.values().map(|label| label.sealed.as_slice()).collect();
    let confidences: Vec<Option<f64>> = rows.values().map(|label| label.confidence).collect();
    let methods: Vec<&str> = rows.values().map(|label| label.method).collect();
    let ontologies: Vec<i64> = rows.values().map(|label| label.ontology_version).collect();
    let instructions: Vec<i64> = rows.values().map(|label| label.instructions_version).collect();
    let times: Vec<i64> = rows.values().map(|label| label.at.0).collect();
    let calibrated: Vec<i64> = rows.values().map(|label| i64::from(label.calibrated)).collect();
    let models: Vec<Option<&str>> = rows.values().map(|label| label.model.as_deref()).collect();
    let claimed: Vec<Option<f64>> = rows.values().map(|label| label.claimed).collect();
    tx.execute(
        "insert into label (task_id, answer_id, sealed, confidence, method, ontology_version, instructions_version, at_ms,
                            calibrated, model, claimed)
         select * from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::double precision[], $5::text[], $6::bigint[],
                              $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::double precision[])
         on conflict (task_id) do update set
           answer_id = excluded.answer_id, sealed = excluded.sealed, confidence = excluded.confidence,
           calibrated = excluded.calibrated, model = excluded.model, method = excluded.method, ontology_version = excluded.ontology_version,
           instructions_version = excluded.instructions_version, at_ms = excluded.at_ms, fused = 0,
           claimed = excluded.claimed",
        &[
            Value::Ints(&tasks),
            Value::OptionalInts(&answers),
            Value::Blobs(&sealed),
            Value::OptionalReals(&confidences),
            Value::Texts(&methods),
            Value::Ints(&ontologies),
            Value::Ints(&instructions),
            Value::Ints(&times),
            Value::Ints(&calibrated),
            Value::OptionalTexts(&models),
            Value::OptionalReals(&claimed),
        ],
    )?;
    Ok(())
}
