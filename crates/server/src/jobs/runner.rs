//! The workers: they take jobs out of the stores, one each, and run them on threads of their own.
//!
//! - **W1** A job is found in its store, not in memory: whatever process has the store may run it, and
//!   a restart loses none.
//! - **W2** Whoever runs a job renews it; one whose worker died is taken over when its lease runs out.
//! - **W3** No organization has more than a few workers at once, so that none waits for another's import.

use super::{Handler, handler};
use crate::{App, Cx, Error, Result};
use domain::people::{Mode, Role};
use domain::{Actor, JobId, OrganizationId, PersonId, Timestamp, limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use store::{Access, JobFault, JobProgress, JobRow, JobState, Tx};

/// How often a job tells how far it has come.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// How often every organization is looked through for jobs that nobody told this process of.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How long, and how often, a hinted organization is looked at: its commit may still be on the way.
const HINT_WAIT: Duration = Duration::from_millis(50);
const HINT_TRIES: u32 = 40;
/// How often is swept up.
const SWEEP_UP_EVERY: Duration = Duration::from_secs(60 * 60);
/// How often the leases of running jobs are renewed.
const RENEW_EVERY: Duration = Duration::from_secs(10);

/// What the workers of this process share.
#[derive(Default)]
pub struct Board {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    /// Organizations that may have a job waiting, and how often they will be looked at.
    hints: HashMap<OrganizationId, u32>,
    running: HashMap<JobId, Running>,
    swept_at: Option<Instant>,
    stopping: bool,
}

/// A job in the hands of a worker of this process.
#[derive(Clone)]
struct Running {
    access: Access,
    attempt: i64,
    flags: Arc<Flags>,
}

/// What a running job is told from outside.
#[derive(Default)]
struct Flags {
    canceled: AtomicBool,
    /// The process is stopping, or another worker has the job.
    put_down: AtomicBool,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An organization may have a new job.
    pub(crate) fn hint(&self, organization: OrganizationId) {
        self.lock().hints.insert(organization, HINT_TRIES);
        self.bell.notify_all();
    }

    /// Somebody wants a job to stop; it hears of it at once if it runs here.
    pub(crate) fn cancel(&self, job: JobId) {
        if let Some(running) = self.lock().running.get(&job) {
            running.flags.canceled.store(true, Relaxed);
        }
    }

    /// Whether an organization has as many workers as it may have (W3).
    fn is_full(state: &State, organization: OrganizationId) -> bool {
        let count = state
            .running
            .values()
            .filter(|running| running.access.actor().organization == organization);
        count.count() >= limits::JOBS_PER_ORGANIZATION_MAX
    }

    fn is_stopping(&self) -> bool {
        self.lock().stopping
    }
}

/// The workers of a process. [`stop`](Self::stop) lets them put down what they have in hand.
pub struct Runner {
    app: App,
    threads: Vec<JoinHandle<()>>,
}

/// Begins the workers. To be called on a tokio runtime, which then serves what jobs do on networks.
pub fn start(app: &App) -> Runner {
    let runtime = tokio::runtime::Handle::current();
    app.jobs.lock().stopping = false;
    let spawn = |name: String, run: fn(&App)| {
        let (app, runtime) = (app.clone(), runtime.clone());
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            let _inside = runtime.enter();
            run(&app);
        });
        match thread {
            Ok(thread) => Some(thread),
            Err(error) => {
                tracing::error!(%error, "a worker for jobs could not begin");
                None
            }
        }
    };
    let mut threads: Vec<_> = (1..=limits::JOBS_RUNNING_MAX)
        .filter_map(|number| spawn(format!("job-{number}"), work))
        .collect();
    threads.extend(spawn("job-keeper".into(), keep));
    threads.extend(spawn("job-sweeper".into(), sweep_up));
    Runner { app: app.clone(), threads }
}

impl Runner {
    /// Lets running jobs put down their work where it can be taken up again, and waits for them. To be
    /// called on a thread that may wait.
    pub fn stop(self) {
        {
            let mut state = self.app.jobs.lock();
            state.stopping = true;
            for running in state.running.values() {
                running.flags.put_down.store(true, Relaxed);
            }
        }
        self.app.jobs.bell.notify_all();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker for jobs panicked");
            }
        }
    }
}

/// Runs every job of an organization that waits, one after another, on the caller's own thread: for
/// tests and the simulation. Answers how many there were.
pub fn run_pending(app: &App, organization: OrganizationId) -> Result<usize> {
    let mut count = 0;
    while let Some((access, job)) = claim(app, organization)? {
        run(app, access, job, &Arc::default());
        count += 1;
    }
    Ok(count)
}

/// What a worker does all day.
fn work(app: &App) {
    while !app.jobs.is_stopping() {
        let organizations = due(app);
        let mut worked = false;
        for organization in organizations {
            if Board::is_full(&app.jobs.lock(), organization) {
                continue;
            }
            match claim(app, organization) {
                Ok(Some((access, job))) => {
                    run_on_board(app, access, job);
                    worked = true;
                    // There may be more where this one came from.
                    app.jobs.hint(organization);
                    break;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(?error, %organization, "the jobs of an organization could not be read")
                }
            }
        }
        if !worked {
            wait(app);
        }
    }
}

/// The organizations to look at now: those with a hint, and now and then all.
fn due(app: &App) -> Vec<OrganizationId> {
    let sweep = {
        let mut state = app.jobs.lock();
        let due = state.swept_at.is_none_or(|at| at.elapsed() >= SWEEP_EVERY);
        if due {
            state.swept_at = Some(Instant::now());
        }
        due
    };
    let mut organizations: Vec<OrganizationId> = Vec::new();
    if sweep {
        match app.stores.control().read_now(|tx| tx.organizations()) {
            Ok(rows) => {
                organizations.extend(rows.iter().filter(|row| !row.closed).map(|row| row.id))
            }
            Err(error) => {
                tracing::warn!(error = error.chain(), "the organizations could not be read")
            }
        }
    }
    let mut state = app.jobs.lock();
    state.hints.retain(|organization, tries| {
        organizations.push(*organization);
        *tries -= 1;
        *tries > 0
    });
    organizations
}

fn wait(app: &App) {
    let state = app.jobs.lock();
    if state.stopping {
        return;
    }
    let patience = if state.hints.is_empty() { Duration::from_secs(1) } else { HINT_WAIT };
    // Being woken for nothing does no harm.
    drop(app.jobs.bell.wait_timeout(state, patience));
}

/// Takes the next job of an organization, with the right to act for whoever asked for it.
fn claim(app: &App, organization: OrganizationId) -> Result<Option<(Access, JobRow)>> {
    let now = (app.now)();
    let actor = Actor { organization, person: PersonId(0), role: Role::Manager, mode: Mode::Live };
    let access = app.stores.access_for_job(actor)?;
    if !access.store().read_now(move |tx| tx.has_waiting_job(now))? {
        return Ok(None);
    }
    let until = now.plus_ms(limits::JOB_LEASE_MS);
    let claimed = access.store().write_now(move |tx| {
        let Some(job) = tx.claim_job(now, until)? else { return Ok::<_, store::Error>(None) };
        let detail = json!({ "kind": job.kind, "project": job.project, "attempt": job.attempts });
        tx.record(now, job.created_by, "job.started", job.id, detail);
        let project = job.project.map(|project| tx.project(project)).transpose()?.flatten();
        Ok(Some((job, project.map_or(Mode::Live, |project| project.mode))))
    })?;
    let Some((job, mode)) = claimed else { return Ok(None) };
    let access = app.stores.access_for_job(Actor { person: job.created_by, mode, ..actor })?;
    Ok(Some((access, job)))
}

fn run_on_board(app: &App, access: Access, job: JobRow) {
    let flags: Arc<Flags> = Arc::default();
    let (id, running) = (
        job.id,
        Running { access: access.clone(), attempt: job.attempts, flags: Arc::clone(&flags) },
    );
    let stopping = {
        let mut state = app.jobs.lock();
        state.running.insert(id, running);
        state.stopping
    };
    flags.put_down.store(stopping, Relaxed);
    metrics::gauge!("fairmark_jobs_running").increment(1.0);
    run(app, access, job, &flags);
    metrics::gauge!("fairmark_jobs_running").decrement(1.0);
    app.jobs.lock().running.remove(&id);
}

/// Renews what runs here (W2), and hears whether somebody wants it to stop.
fn keep(app: &App) {
    let mut renewed_at = Instant::now();
    while !app.jobs.is_stopping() {
        wait(app);
        if renewed_at.elapsed() < RENEW_EVERY {
            continue;
        }
        renewed_at = Instant::now();
        let running: Vec<(JobId, Running)> =
            app.jobs.lock().running.iter().map(|(id, running)| (*id, running.clone())).collect();
        for (id, Running { access, attempt, flags }) in running {
            let until = (app.now)().plus_ms(limits::JOB_LEASE_MS);
            match access.store().write_now(move |tx| tx.renew_job(id, attempt, until)) {
                Ok(true) => flags.canceled.store(true, Relaxed),
                Ok(false) => {}
                Err(store::Error::Conflict) => flags.put_down.store(true, Relaxed),
                Err(error) => {
                    tracing::warn!(error = error.chain(), job = %id, "a job could not be renewed")
                }
            }
        }
    }
}

/// Sweeps up at once and then every hour.
fn sweep_up(app: &App) {
    let mut swept_at: Option<Instant> = None;
    while !app.jobs.is_stopping() {
        if swept_at.is_none_or(|at| at.elapsed() >= SWEEP_UP_EVERY) {
            swept_at = Some(Instant::now());
            super::sweep::sweep(app);
        }
        wait(app);
    }
}

/// What a job works with: its own context, what it was asked, and the ways to tell how it goes.
pub struct JobCx {
    pub cx: Cx,
    pub job: JobRow,
    input: Value,
    checkpoint: Option<Value>,
    faults: Vec<JobFault>,
    told_at: Instant,
    flags: Arc<Flags>,
}

impl JobCx {
    /// What the job was asked.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_value(self.input.clone())?)
    }

    /// Where an earlier worker left off; nothing on the first attempt.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        Ok(self.checkpoint.clone().map(serde_json::from_value).transpose()?)
    }

    /// The moment at which the next thing happens: a job runs longer than its context's `now`.
    pub fn now(&self) -> Timestamp {
        (self.cx.app.now)()
    }

    /// Runs what waits for a network.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => Ok(runtime.block_on(future)),
            Err(error) => Err(Error::Internal(error.to_string())),
        }
    }

    /// Whether somebody wants it to stop, or it must be put down for another worker to go on with.
    pub fn is_canceled(&self) -> bool {
        self.flags.canceled.load(Relaxed) || self.flags.put_down.load(Relaxed)
    }

    /// An error if the job is to stop; to be passed on with `?`, which ends the job as it should.
    pub fn check(&self) -> Result<()> {
        if self.is_canceled() {
            Err(Error::refused("canceled", "the job was canceled"))
        } else {
            Ok(())
        }
    }

    /// Counts a row that is refused; it is kept with the next progress.
    pub fn bad(&mut self, fault: JobFault) {
        self.job.bad += 1;
        self.faults.push(fault);
    }

    /// Tells how far the job has come, every now and then; an error if it is to stop.
    pub fn progress(&mut self, done: i64, total: Option<i64>) -> Result<()> {
        (self.job.done, self.job.total) = (done, total);
        if self.is_due() {
            self.write(|_| Ok(()))?;
        }
        self.check()
    }

    /// Forgets what the job was asked, where that holds a secret: to be called once it will not be begun
    /// again.
    pub fn forget_input(&self) -> Result<()> {
        if self.flags.put_down.load(Relaxed) {
            return Ok(());
        }
        let (id, attempt) = (self.job.id, self.job.attempts);
        Ok(self.cx.store().write_now(move |tx| tx.forget_job_input(id, attempt))?)
    }

    /// Whether it is time to tell how far the job has come.
    pub fn is_due(&self) -> bool {
        self.told_at.elapsed() >= TELL_EVERY
    }

    /// Runs a command, and saves with it how far the job has come: both or neither (J2). An error if
    /// another worker has the job by now.
    pub fn write<T: Send + 'static>(
        &mut self,
        mut run: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.commit(move |tx| Ok((None, run(tx)?)))
    }

    /// Like [`write`](Self::write), and also saves the place where to go on after a restart.
    pub fn write_at<P: Serialize, T: Send + 'static>(
        &mut self,
        mut run: impl FnMut(&mut Tx<'_>) -> Result<(P, T)> + Send + 'static,
    ) -> Result<T> {
        self.commit(move |tx| {
            let (place, value) = run(tx)?;
            Ok((Some(serde_json::to_value(&place)?), value))
        })
    }

    fn commit<T: Send + 'static>(
        &mut self,
        run: impl FnMut(&mut Tx<'_>) -> Result<(Option<Value>, T)> + Send + 'static,
    ) -> Result<T> {
        let pending = self.begin(run);
        self.settle(pending)
    }

    /// Like [`write_at`](Self::write_at), without waiting: the next batch is prepared while this one is
    /// written. To be settled before anything else is begun.
    pub fn begin_at<P: Serialize, T: Send + 'static>(
        &mut self,
        mut run: impl FnMut(&mut Tx<'_>) -> Result<(P, T)> + Send + 'static,
    ) -> Pending<T> {
        self.begin(move |tx| {
            let (place, value) = run(tx)?;
            Ok((Some(serde_json::to_value(&place)?), value))
        })
    }

    fn begin<T: Send + 'static>(
        &mut self,
        mut run: impl FnMut(&mut Tx<'_>) -> Result<(Option<Value>, T)> + Send + 'static,
    ) -> Pending<T> {
        let now = self.now();
        let (id, attempt, by) = (self.job.id, self.job.attempts, self.cx.person());
        let (done, total, bad) = (self.job.done, self.job.total, self.job.bad);
        let tell = self.is_due();
        if tell {
            self.told_at = Instant::now();
        }
        let faults = Arc::new(std::mem::take(&mut self.faults));
        let kept = Arc::clone(&faults);
        let until = now.plus_ms(limits::JOB_LEASE_MS);
        let written = self.cx.store().write_later(move |tx| {
            let (checkpoint, value) = run(tx)?;
            let progress =
                JobProgress { done, total, bad, faults: &faults, checkpoint: checkpoint.as_ref() };
            let canceled = tx.save_job(id, attempt, &progress, until)?;
            if tell {
                let detail = json!({ "done": done, "total": total, "bad": bad });
                tx.record(now, by, "job.progress", id, detail);
            }
            Ok::<_, Error>((value, canceled))
        });
        Pending { written, faults: kept }
    }

    /// Waits for what was begun.
    pub fn settle<T>(&mut self, pending: Pending<T>) -> Result<T> {
        match pending.written.wait() {
            Ok((value, canceled)) => {
                if canceled {
                    self.flags.canceled.store(true, Relaxed);
                }
                Ok(value)
            }
            Err(error) => {
                if matches!(error, Error::Store(store::Error::Conflict)) {
                    self.flags.put_down.store(true, Relaxed);
                }
                // What was not kept is kept with the next word.
                let mut faults = pending.faults.to_vec();
                faults.append(&mut self.faults);
                self.faults = faults;
                Err(error)
            }
        }
    }
}

/// A command of a job that is on its way.
pub struct Pending<T> {
    written: store::Later<(T, bool), Error>,
    faults: Arc<Vec<JobFault>>,
}

/// How a job ends.
struct Ending {
    state: JobState,
    message: Option<String>,
    result: Option<Value>,
}

fn run(app: &App, access: Access, job: JobRow, flags: &Arc<Flags>) {
    let (id, kind) = (job.id, job.kind.clone());
    let span = tracing::info_span!("job", %id, kind);
    let _inside = span.enter();
    if let Err(error) = run_to_end(app, access, job, flags) {
        // It stays in the store as it is, and is taken up again once its lease has run out (W2).
        tracing::warn!(?error, "a job was left where it was");
    }
}

fn run_to_end(app: &App, access: Access, job: JobRow, flags: &Arc<Flags>) -> Result<()> {
    let (id, attempt) = (job.id, job.attempts);
    let input = access.store().read_now(move |tx| tx.job_input(id))?;
    let (input, checkpoint) = input.ok_or(Error::NotFound)?;
    let cx = Cx::for_job(app, access, (app.now)());
    flags.canceled.fetch_or(job.cancel, Relaxed);
    let mut job = JobCx {
        cx,
        job,
        input,
        checkpoint,
        faults: Vec::new(),
        told_at: Instant::now(),
        flags: Arc::clone(flags),
    };
    let outcome = match handler(&job.job.kind) {
        _ if job.job.cancel => Err(Error::refused("canceled", "the job was canceled")),
        _ if attempt > limits::JOB_ATTEMPTS_MAX => Err(Error::refused(
            "gave_up",
            format!("the job was begun {attempt} times and never came to its end"),
        )),
        Some(handler) => call(handler, &mut job),
        None => Err(Error::refused(
            "unknown_kind",
            "this version of the program does not know this kind of job",
        )),
    };
    let ending = match outcome {
        Ok(result) => Ending { state: JobState::Done, message: None, result: Some(result) },
        Err(_) if flags.put_down.load(Relaxed) => {
            return Ok(job.cx.store().write_now(move |tx| tx.give_back_job(id, attempt))?);
        }
        Err(_) if flags.canceled.load(Relaxed) => {
            Ending { state: JobState::Canceled, message: None, result: None }
        }
        Err(Error::Store(error @ (store::Error::Crashed | store::Error::Closed))) => {
            return Err(error.into());
        }
        // Taken up again once its lease has run out, by whoever reaches the database then.
        Err(Error::Store(error)) if error.is_away() => return Err(error.into()),
        Err(error) => Ending { state: JobState::Failed, message: Some(told(&error)), result: None },
    };
    end(&mut job, ending)
}

fn call(handler: Handler, job: &mut JobCx) -> Result<Value> {
    // A panic is a bug in one kind of job, and no reason for the worker to end.
    catch_unwind(AssertUnwindSafe(|| handler(job)))
        .unwrap_or_else(|_| Err(Error::Internal("a job panicked".into())))
}

/// What a person is told of a failure; its cause goes to the log.
fn told(error: &Error) -> String {
    let (status, code) = error.status_and_code();
    if status.is_server_error() {
        tracing::error!(?error, code, "a job failed");
    }
    error.message()
}

fn end(job: &mut JobCx, ending: Ending) -> Result<()> {
    let (kind, state) = (job.job.kind.clone(), ending.state.as_str());
    metrics::counter!("fairmark_jobs_total", "kind" => kind, "state" => state).increment(1);
    let (id, attempt, by, now) = (job.job.id, job.job.attempts, job.cx.person(), job.now());
    let (done, total, bad) = (job.job.done, job.job.total, job.job.bad);
    let faults = std::mem::take(&mut job.faults);
    Ok(job.cx.store().write_now(move |tx| {
        let Ending { state, message, result } = &ending;
        let progress = JobProgress { done, total, bad, faults: &faults, checkpoint: None };
        tx.save_job(id, attempt, &progress, now)?;
        tx.finish_job(id, attempt, *state, message.as_deref(), result.as_ref(), now)?;
        tx.record(
            now,
            by,
            "job.finished",
            id,
            json!({ "state": state.as_str(), "done": done, "bad": bad }),
        );
        Ok::<_, store::Error>(())
    })?)
}
