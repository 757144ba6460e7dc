//! Jobs on disk: long work in the background, claimed like leases.
//!
//! - **J1** A job is claimed until a moment, under a number that rises with each claim (`attempts`). Who
//!   has it renews in time; who comes after that moment takes it over, and the earlier one is refused.
//! - **J2** How far it has come (`checkpoint`, counts, refused rows) is saved with the work itself, in one
//!   transaction, so that it is neither lost nor done twice.
//! - **J3** What it was asked, where it stands and the rows that it refused are sealed: they hold the
//!   customer's words.

use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use domain::{JobId, PersonId, ProjectId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `queued → running → done`, or `failed`, or `canceled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Canceled,
}

impl JobState {
    pub const ALL: [JobState; 5] =
        [JobState::Queued, JobState::Running, JobState::Done, JobState::Failed, JobState::Canceled];

    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Canceled => "canceled",
        }
    }

    pub fn is_over(self) -> bool {
        match self {
            JobState::Queued | JobState::Running => false,
            JobState::Done | JobState::Failed | JobState::Canceled => true,
        }
    }
}

impl std::str::FromStr for JobState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        JobState::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    pub id: JobId,
    pub project: Option<ProjectId>,
    pub kind: String,
    pub state: JobState,
    pub done: i64,
    pub total: Option<i64>,
    pub bad: i64,
    /// Why it failed, in a sentence.
    pub message: Option<String>,
    pub result: Option<Value>,
    /// Somebody wants it to stop.
    pub cancel: bool,
    pub attempts: i64,
    pub created_by: PersonId,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct NewJob {
    pub project: Option<ProjectId>,
    pub kind: &'static str,
    /// What it is asked to do; sealed.
    pub input: Value,
    pub created_by: PersonId,
}

/// One row that a job refused: its number in the file, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFault {
    pub row: u64,
    #[serde(default)]
    pub field: String,
    pub code: String,
    pub message: String,
    #[serde(default)]
    pub raw: String,
}

/// How far a job has come.
#[derive(Clone, Debug, Default)]
pub struct JobProgress<'a> {
    pub done: i64,
    pub total: Option<i64>,
    pub bad: i64,
    /// Rows refused since the last time.
    pub faults: &'a [JobFault],
    /// Where to go on after a restart; nothing leaves the last one standing.
    pub checkpoint: Option<&'a Value>,
}

const JOB: &str =
    "id, project_id, kind, state, done, total, bad, message, result, cancel, attempts, created_by,
    created_at_ms, started_at_ms, finished_at_ms";

fn read_job(row: &Row<'_>) -> Result<JobRow> {
    let state: String = row.get(3)?;
    let result: Option<String> = row.get(8)?;
    Ok(JobRow {
        id: row.get(0)?,
        project: row.get(1)?,
        kind: row.get(2)?,
        state: state.parse().map_err(|()| Error::Corrupt { what: "job state", value: state })?,
        done: row.get(4)?,
        total: row.get(5)?,
        bad: row.get(6)?,
        message: row.get(7)?,
        result: result.map(|text| serde_json::from_str(&text)).transpose()?,
        cancel: row.get(9)?,
        attempts: row.get(10)?,
        created_by: row.get(11)?,
        created_at: row.get(12)?,
        started_at: row.get(13)?,
        finished_at: row.get(14)?,
    })
}

impl Tx<'_> {
    /// Puts a job into the queue.
    pub fn insert_job(&mut self, job: &NewJob, now: Timestamp) -> Result<JobId> {
        self.insert_job_in(job, JobState::Queued, now)
    }

    fn insert_job_in(&mut self, job: &NewJob, state: JobState, now: Timestamp) -> Result<JobId> {
        let id = JobId(self.new_id(now));
        let sealed = self.seal("job", id.0, 0, &job.input)?;
        self.execute(
            sql!(
                "insert into job (id, project_id, kind, state, done, total, bad, message, sealed, checkpoint, result, cancel,
                                  lease_until_ms, attempts, created_by, created_at_ms, started_at_ms, finished_at_ms)
                 values ($1, $2, $3, $4, 0, null, 0, null, $5, null, null, 0, null, 0, $6, $7, null, null)"
            ),
            params![id, job.project, job.kind, state.as_str(), &sealed, job.created_by, now],
        )?;
        Ok(id)
    }

    pub fn job(&mut self, id: JobId) -> Result<Option<JobRow>> {
        let sql = format!("select {JOB} from job where id = $1");
        let job = self.query_one(&sql, params![id], read_job)?;
        job.map(|job| self.open_job(job)).transpose()
    }

    /// Opens the result of a job, which names what a customer brought. Results of older versions lie open.
    fn open_job(&self, mut job: JobRow) -> Result<JobRow> {
        if let Some(sealed) = job.result.as_ref().and_then(|result| result["sealed"].as_str()) {
            job.result = Some(self.open_text("job.result", job.id.0, 0, sealed)?);
        }
        Ok(job)
    }

    /// The jobs of a project, or of all, from the newest on; `before` is where the page begins.
    pub fn jobs(
        &mut self,
        project: Option<ProjectId>,
        before: JobId,
        limit: i64,
    ) -> Result<Vec<JobRow>> {
        let jobs = match project {
            Some(project) => {
                let sql = format!(
                    "select {JOB} from job where project_id = $1 and id < $2 order by id desc limit $3"
                );
                self.query(&sql, params![project, before, limit], read_job)?
            }
            None => {
                let sql = format!("select {JOB} from job where id < $1 order by id desc limit $2");
                self.query(&sql, params![before, limit], read_job)?
            }
        };
        jobs.into_iter().map(|job| self.open_job(job)).collect()
    }

    /// Whether a job waits for a worker at `now`: one that was never begun, or whose worker died (J1).
    pub fn has_waiting_job(&mut self, now: Timestamp) -> Result<bool> {
        let found = self.query_one(
            sql!(
                "select cast(1 as bigint) from job where state in ('queued', 'running') and (lease_until_ms is null or lease_until_ms <= $1)
                 limit 1"
            ),
            params![now],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// Whether any job waits or runs.
    pub fn has_unfinished_job(&mut self) -> Result<bool> {
        let found = self.query_one(
            sql!("select cast(1 as bigint) from job where state in ('queued', 'running') limit 1"),
            &[],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }

    /// Takes the oldest job that waits, until `until`.
    pub fn claim_job(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<JobRow>> {
        let sql = format!(
            "select {JOB} from job
             where state in ('queued', 'running') and (lease_until_ms is null or lease_until_ms <= $1)
             order by id limit 1 {{hold_or_skip}}"
        );
        let Some(mut job) = self.query_one(&sql, params![now], read_job)? else { return Ok(None) };
        self.execute_one(
            sql!(
                "update job set state = 'running', lease_until_ms = $3, attempts = attempts + 1,
                                started_at_ms = coalesce(started_at_ms, $4)
                 where id = $1 and attempts = $2"
            ),
            params![job.id, job.attempts, until, now],
        )?;
        job.state = JobState::Running;
        job.attempts += 1;
        job.started_at = job.started_at.or(Some(now));
        Ok(Some(job))
    }

    /// What a job was asked, and where it stands.
    pub fn job_input(&mut self, id: JobId) -> Result<Option<(Value, Option<Value>)>> {
        let row = self.query_one(
            sql!("select sealed, checkpoint from job where id = $1"),
            params![id],
            |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<Option<Vec<u8>>>(1)?)),
        )?;
        row.map(|(input, checkpoint)| {
            let checkpoint = checkpoint
                .map(|sealed| self.open("job.checkpoint", id.0, 0, &sealed))
                .transpose()?;
            Ok((self.open("job", id.0, 0, &input)?, checkpoint))
        })
        .transpose()
    }

    /// Takes away what a job was asked: it holds a secret that is no longer needed.
    pub fn forget_job_input(&mut self, id: JobId, attempt: i64) -> Result<()> {
        let sealed = self.seal("job", id.0, 0, &Value::Null)?;
        self.execute_quietly(
            sql!(
                "update job set sealed = $3 where id = $1 and attempts = $2 and state = 'running'"
            ),
            params![id, attempt, &sealed],
        )?;
        Ok(())
    }

    /// Keeps a job for its worker until `until`; answers whether somebody wants it to stop. A conflict
    /// if another worker has it by now. No news to anybody.
    pub fn renew_job(&mut self, id: JobId, attempt: i64, until: Timestamp) -> Result<bool> {
        let renewed = self.execute_quietly(
            sql!("update job set lease_until_ms = $3 where id = $1 and attempts = $2 and state = 'running'"),
            params![id, attempt, until],
        )?;
        if renewed != 1 {
            return Err(Error::Conflict);
        }
        let canceled =
            self.query_one(sql!("select cancel from job where id = $1"), params![id], |row| {
                row.get::<bool>(0)
            })?;
        Ok(canceled.unwrap_or(true))
    }

    /// Saves how far a job has come (J2); answers whether somebody wants it to stop. A conflict if
    /// another worker has it by now. No news in itself: what the work has changed is.
    pub fn save_job(
        &mut self,
        id: JobId,
        attempt: i64,
        progress: &JobProgress<'_>,
        until: Timestamp,
    ) -> Result<bool> {
        let checkpoint = progress
            .checkpoint
            .map(|checkpoint| self.seal("job.checkpoint", id.0, 0, checkpoint))
            .transpose()?;
        let saved = self.execute_quietly(
            sql!(
                "update job set done = $3, total = $4, bad = $5, lease_until_ms = $6, checkpoint = coalesce($7, checkpoint)
                 where id = $1 and attempts = $2 and state = 'running'"
            ),
            params![id, attempt, progress.done, progress.total, progress.bad, until, checkpoint.as_ref()],
        )?;
        if saved != 1 {
            return Err(Error::Conflict);
        }
        self.insert_faults(id, progress.bad - progress.faults.len() as i64, progress.faults)?;
        let canceled =
            self.query_one(sql!("select cancel from job where id = $1"), params![id], |row| {
                row.get::<bool>(0)
            })?;
        Ok(canceled.unwrap_or(true))
    }

    /// Adds refused rows behind the `before` that are there, as long as there is room for more.
    fn insert_faults(&mut self, id: JobId, before: i64, faults: &[JobFault]) -> Result<()> {
        for (fault, number) in faults.iter().zip(before + 1..=limits::JOB_ERRORS_MAX) {
            let sealed = self.seal("job.error", id.0, number, fault)?;
            self.execute_quietly(
                sql!(
                    "insert into job_error (job_id, number, sealed) values ($1, $2, $3)
                     on conflict (job_id, number) do update set sealed = excluded.sealed"
                ),
                params![id, number, &sealed],
            )?;
        }
        Ok(())
    }

    /// Ends a job; a conflict if another worker has it by now.
    pub fn finish_job(
        &mut self,
        id: JobId,
        attempt: i64,
        state: JobState,
        message: Option<&str>,
        result: Option<&Value>,
        now: Timestamp,
    ) -> Result<()> {
        let seal = |result| self.seal_text("job.result", id.0, 0, result);
        let sealed = result.map(seal).transpose()?;
        let result = sealed.map(|sealed| json!({ "sealed": sealed }).to_string());
        self.execute_one(
            sql!(
                "update job set state = $3, message = $4, result = $5, finished_at_ms = $6, lease_until_ms = null
                 where id = $1 and attempts = $2 and state = 'running'"
            ),
            params![id, attempt, state.as_str(), message, result.as_ref(), now],
        )
    }

    /// Gives a job back unfinished, for whoever comes next: its worker is stopping.
    pub fn give_back_job(&mut self, id: JobId, attempt: i64) -> Result<()> {
        self.execute_quietly(
            sql!(
                "update job set state = 'queued', lease_until_ms = null
                 where id = $1 and attempts = $2 and state = 'running'"
            ),
            params![id, attempt],
        )?;
        Ok(())
    }

    /// Asks a job to stop. One that nobody has begun ends here; answers whether anything changed.
    pub fn cancel_job(&mut self, id: JobId, now: Timestamp) -> Result<bool> {
        let ended = self.execute_quietly(
            sql!("update job set state = 'canceled', cancel = 1, finished_at_ms = $2 where id = $1 and state = 'queued'"),
            params![id, now],
        )?;
        let asked = self.execute_quietly(
            sql!("update job set cancel = 1 where id = $1 and state = 'running' and cancel = 0"),
            params![id],
        )?;
        self.changed |= ended + asked > 0;
        Ok(ended + asked > 0)
    }

    /// Refused rows of a job behind number `after`, with their numbers.
    pub fn job_faults(
        &mut self,
        id: JobId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, JobFault)>> {
        let rows = self.query(
            sql!("select number, sealed from job_error where job_id = $1 and number > $2 order by number limit $3"),
            params![id, after, limit],
            |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)),
        )?;
        rows.into_iter()
            .map(|(number, sealed)| Ok((number, self.open("job.error", id.0, number, &sealed)?)))
            .collect()
    }

    /// Writes a refusal that belongs to no running job onto the project's own list: a job of the kind
    /// `kind` that is always done.
    pub fn add_fault(
        &mut self,
        project: ProjectId,
        kind: &'static str,
        by: PersonId,
        fault: &JobFault,
        now: Timestamp,
    ) -> Result<JobId> {
        let found = self.query_one(
            sql!("select id, bad from job where project_id = $1 and kind = $2 order by id limit 1 {hold}"),
            params![project, kind],
            |row| Ok((row.get::<JobId>(0)?, row.get::<i64>(1)?)),
        )?;
        let (id, bad) = match found {
            Some(found) => found,
            None => {
                let new =
                    NewJob { project: Some(project), kind, input: Value::Null, created_by: by };
                (self.insert_job_in(&new, JobState::Done, now)?, 0)
            }
        };
        self.execute(
            sql!(
                "update job set bad = $2, started_at_ms = coalesce(started_at_ms, $3), finished_at_ms = $3 where id = $1"
            ),
            params![id, bad + 1, now],
        )?;
        self.insert_faults(id, bad, std::slice::from_ref(fault))?;
        Ok(id)
    }
}
