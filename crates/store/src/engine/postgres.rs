//! PostgreSQL: a few threads, each with a connection of its own, that run commands side by side.
//!
//! A store is a schema. A connection is pointed at one schema before a command begins and cannot
//! name another, since no statement is qualified.

use super::sqlite::{Shared, lock};
use super::tx::{Conn, NewEvent};
use super::{Dialects, Engine, Job, Ran, Row, Tx, Value, sql};
use crate::batch::{Batch, Hint};
use crate::{Error, Result};
use domain::limits;
use postgres::fallible_iterator::FallibleIterator;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};

/// Statements of one dialect, each prepared once.
struct Prepared {
    dialects: Dialects,
    statements: HashMap<String, postgres::Statement>,
}

impl Prepared {
    fn new(engine: Engine) -> Self {
        Self { dialects: Dialects::new(engine), statements: HashMap::new() }
    }
}

pub(crate) struct PgConnection {
    client: postgres::Client,
    writing: Prepared,
    reading: Prepared,
    /// Whether the present transaction only reads.
    reads_only: bool,
    schema: String,
}

impl PgConnection {
    fn connect(config: &postgres::Config) -> Result<Self> {
        let client = match config.get_ssl_mode() {
            postgres::config::SslMode::Disable => config.connect(postgres::NoTls)?,
            _ => config.connect(tls()?)?,
        };
        let (writing, reading) =
            (Prepared::new(Engine::Postgres), Prepared::new(Engine::PostgresReading));
        Ok(Self { client, writing, reading, reads_only: false, schema: String::new() })
    }

    fn prepared(&mut self, sql: &str) -> Result<postgres::Statement> {
        let known = if self.reads_only { &mut self.reading } else { &mut self.writing };
        if let Some(statement) = known.statements.get(sql) {
            return Ok(statement.clone());
        }
        let text = known.dialects.get(sql);
        let statement = self.client.prepare(&text)?;
        known.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn postgres::types::ToSql + Sync)> = as_sql(params).collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    pub(crate) fn for_each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let statement = self.prepared(sql)?;
        let mut rows = self.client.query_raw(&statement, as_sql(params))?;
        while let Some(row) = rows.next()? {
            each(&Row::Postgres(&row))?;
        }
        Ok(())
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.client.batch_execute(&Engine::Postgres.dialect(sql))?)
    }

    pub(crate) fn enter(&mut self, schema: &str) -> Result<()> {
        if self.schema != schema {
            self.client.batch_execute(&format!("set search_path to {schema}"))?;
            self.schema = schema.into();
            // A statement knows the tables of the schema that it was prepared in.
            self.writing.statements.clear();
            self.reading.statements.clear();
        }
        Ok(())
    }
}

fn as_sql<'a>(
    params: &'a [Value<'a>],
) -> impl ExactSizeIterator<Item = &'a (dyn postgres::types::ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn postgres::types::ToSql + Sync))
}

fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    for cert in rustls_native_certs::load_native_certs().certs {
        // A certificate that this machine trusts but that we cannot read is simply not trusted.
        let _ = roots.add(cert);
    }
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Io(std::io::Error::other(error)))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

/// A command and the store that it is for.
struct Work {
    schema: String,
    shared: Arc<Shared>,
    kind: Kind,
}

enum Kind {
    Write(Box<dyn Job>),
    Read(Box<dyn Job>, Snapshot),
    /// Number the events that others have committed.
    Sequence,
    /// Run the hot commands that wait for this store, together.
    Hot,
}

/// Whether the statements of a command that reads must see the same moment. Without, two round trips
/// are saved: most of a look-up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Snapshot {
    One,
    EachItsOwn,
}

/// The hot commands that wait for one store.
#[derive(Default)]
struct HotQueue {
    waiting: VecDeque<(Hint, Box<dyn Job>)>,
    /// Turns that are queued or running.
    turns: usize,
}

/// Commands that one turn runs together, turns that one store may have at a time, and how many commands
/// must wait for a second one to be worth its statements. With few turns, those that arrive meanwhile
/// gather for the next.
const TOGETHER_MAX: usize = 64;
const TURNS_MAX: usize = 2;
const SECOND_TURN_MIN: usize = 16;

impl HotQueue {
    /// Whether there is enough to do for a turn, beside so many others.
    fn deserves_a_turn(&self, others: usize) -> bool {
        match others {
            0 => !self.waiting.is_empty(),
            _ => others < TURNS_MAX && self.waiting.len() >= SECOND_TURN_MIN,
        }
    }
}

/// The connections of one installation to its PostgreSQL server.
pub(crate) struct PgPool {
    config: postgres::Config,
    queue: Mutex<VecDeque<Work>>,
    hot: Mutex<HashMap<String, HotQueue>>,
    /// Stores whose events are being numbered, and whether there have been more since.
    numbering: Mutex<HashMap<String, bool>>,
    /// Off only to measure what running together is worth.
    together: bool,
    arrived: Condvar,
    closed: std::sync::atomic::AtomicBool,
}

thread_local! {
    static IN_POOL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    static NESTED: std::cell::RefCell<Option<PgConnection>> = const { std::cell::RefCell::new(None) };
}

/// Numbering events costs a transaction of its own: those of a moment are numbered together.
const SEQUENCE_GATHER: std::time::Duration = std::time::Duration::from_millis(20);
/// Connections that one server process keeps.
const CONNECTIONS: i64 = 6;

impl PgPool {
    pub(crate) fn open(url: &str) -> Result<Arc<Self>> {
        let config: postgres::Config = url.parse()?;
        let pool = Arc::new(Self {
            config,
            queue: Mutex::default(),
            hot: Mutex::default(),
            numbering: Mutex::default(),
            together: std::env::var_os("FAIRMARK_POSTGRES_ALONE").is_none(),
            arrived: Condvar::new(),
            closed: std::sync::atomic::AtomicBool::new(false),
        });
        for shard in 0..CONNECTIONS {
            let pool = Arc::clone(&pool);
            std::thread::Builder::new()
                .name(format!("postgres-{shard}"))
                .spawn(move || pool.serve(shard))
                .map_err(Error::Io)?;
        }
        Ok(pool)
    }

    /// A connection without any pool: for a restore, which has no installation yet.
    pub(crate) fn connect_to(url: &str) -> Result<PgConnection> {
        PgConnection::connect(&url.parse()?)
    }

    /// A connection outside the pool: for migrations and backups.
    pub(crate) fn connect(&self) -> Result<PgConnection> {
        PgConnection::connect(&self.config)
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, std::sync::atomic::Ordering::Release);
        self.arrived.notify_all();
    }

    pub(crate) fn write(&self, schema: &str, shared: &Arc<Shared>, job: Box<dyn Job>) {
        self.push(schema, shared, Kind::Write(job));
    }

    pub(crate) fn write_hot(
        &self,
        schema: &str,
        shared: &Arc<Shared>,
        hint: Hint,
        job: Box<dyn Job>,
    ) {
        if !self.together {
            return self.write(schema, shared, job);
        }
        let mut hot = lock(&self.hot);
        let queue = hot.entry(schema.into()).or_default();
        queue.waiting.push_back((hint, job));
        if queue.deserves_a_turn(queue.turns) {
            queue.turns += 1;
            drop(hot);
            self.push(schema, shared, Kind::Hot);
        }
    }

    /// The commands of one turn; with none left, the turn is over.
    fn take_hot(&self, schema: &str) -> Vec<(Hint, Box<dyn Job>)> {
        let mut hot = lock(&self.hot);
        let Some(queue) = hot.get_mut(schema) else { return Vec::new() };
        if !queue.deserves_a_turn(queue.turns - 1) {
            queue.turns -= 1;
            return Vec::new();
        }
        let count = queue.waiting.len().min(TOGETHER_MAX);
        queue.waiting.drain(..count).collect()
    }

    pub(crate) fn read(
        &self,
        schema: &str,
        shared: &Arc<Shared>,
        mut job: Box<dyn Job>,
        snapshot: Snapshot,
    ) {
        // A command of one store may look something up in another. It runs on a thread of the pool,
        // which must not wait for the pool: it reads at once, on a second connection of its own.
        if IN_POOL.get() {
            let outcome = NESTED.with_borrow_mut(|nested| {
                let usable = nested.take().filter(|conn| !conn.client.is_closed());
                let conn =
                    nested.insert(usable.map_or_else(|| PgConnection::connect(&self.config), Ok)?);
                conn.enter(schema)?;
                read(conn, &mut job, shared, snapshot)
            });
            return job.finish(outcome);
        }
        self.push(schema, shared, Kind::Read(job, snapshot));
    }

    /// Asks for the events of a store to be numbered; whoever is at it goes on with them.
    pub(crate) fn sequence(&self, schema: &str, shared: &Arc<Shared>) {
        let mut numbering = lock(&self.numbering);
        if let Some(more) = numbering.get_mut(schema) {
            *more = true;
            return;
        }
        numbering.insert(schema.into(), false);
        drop(numbering);
        self.push(schema, shared, Kind::Sequence);
    }

    fn end_sequence(&self, schema: &str, shared: &Arc<Shared>, again: bool) {
        let more = lock(&self.numbering).remove(schema).unwrap_or(false);
        if more || again {
            self.sequence(schema, shared);
        }
    }

    fn push(&self, schema: &str, shared: &Arc<Shared>, kind: Kind) {
        lock(&self.queue).push_back(Work {
            schema: schema.into(),
            shared: Arc::clone(shared),
            kind,
        });
        self.arrived.notify_one();
    }

    fn serve(&self, shard: i64) {
        IN_POOL.set(true);
        let mut conn: Option<PgConnection> = None;
        loop {
            let work = {
                let mut queue = lock(&self.queue);
                loop {
                    if let Some(work) = queue.pop_front() {
                        break work;
                    }
                    if self.closed.load(std::sync::atomic::Ordering::Acquire) {
                        return;
                    }
                    queue =
                        self.arrived.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
                }
            };
            let usable = conn.take().filter(|conn| !conn.client.is_closed());
            let opened = usable.map_or_else(|| PgConnection::connect(&self.config), Ok);
            match opened {
                Ok(mut open) => {
                    self.run(&mut open, work, shard);
                    conn = Some(open);
                }
                Err(error) => match work.kind {
                    Kind::Write(job) | Kind::Read(job, _) => job.finish(Err(error)),
                    Kind::Sequence => self.end_sequence(&work.schema, &work.shared, false),
                    Kind::Hot => {
                        let jobs = self.take_hot(&work.schema);
                        let goes_on = !jobs.is_empty();
                        jobs.into_iter().for_each(|(_, job)| job.finish(Err(error.again())));
                        // A turn that found nothing is over, and must not end twice.
                        if goes_on {
                            self.push(&work.schema, &work.shared, Kind::Hot);
                        }
                    }
                },
            }
        }
    }

    fn run(&self, conn: &mut PgConnection, work: Work, shard: i64) {
        let Work { schema, shared, kind } = work;
        let entered = conn.enter(&schema);
        match kind {
            Kind::Write(mut job) => {
                let outcome = entered.and_then(|()| write(conn, &mut job, &shared, shard));
                let lasted = outcome.is_ok();
                job.finish(outcome.and_then(|()| shared.commits.reply()));
                if lasted {
                    self.sequence(&schema, &shared);
                }
            }
            Kind::Read(mut job, snapshot) => {
                let outcome = entered.and_then(|()| read(conn, &mut job, &shared, snapshot));
                job.finish(outcome);
            }
            Kind::Hot => {
                let jobs = self.take_hot(&schema);
                if jobs.is_empty() {
                    return;
                }
                match entered {
                    Ok(()) => write_together(conn, jobs, &shared, shard),
                    Err(error) => {
                        jobs.into_iter().for_each(|(_, job)| job.finish(Err(error.again())))
                    }
                }
                self.push(&schema, &shared, Kind::Hot);
                self.sequence(&schema, &shared);
            }
            Kind::Sequence => {
                std::thread::sleep(SEQUENCE_GATHER);
                let numbered = entered.and_then(|()| sequence(conn, &shared));
                let again = match numbered {
                    Ok(more) => more,
                    // Another sequencer was faster, and may not have seen what this one saw.
                    Err(error) if error.is_duplicate() || error.is_conflict() => true,
                    Err(error) => {
                        tracing::warn!(error = %error.chain(), "events stay unnumbered until the next commit");
                        false
                    }
                };
                self.end_sequence(&schema, &shared, again);
            }
        }
    }
}

fn write(
    conn: &mut PgConnection,
    job: &mut Box<dyn Job>,
    shared: &Shared,
    shard: i64,
) -> Result<()> {
    for attempt in 0.. {
        conn.client.batch_execute("begin")?;
        let mut tx = Tx::new(Conn::Postgres(conn), &shared.ids, shared.keys.as_ref(), shard);
        let ran = job.run(&mut tx);
        let (changed, events) = (tx.changed, std::mem::take(&mut tx.events));
        let outcome = match ran {
            Ran::Keep if changed && events.is_empty() => Err(Error::Silent),
            Ran::Keep => insert_events(conn, &events).and_then(|()| commit(conn, shared, 1)),
            Ran::Undo => {
                conn.client.batch_execute("rollback")?;
                return Ok(());
            }
            Ran::Again => Err(Error::Conflict),
        };
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) => {
                let _ = conn.client.batch_execute("rollback");
                if !error.is_conflict() || attempt >= limits::RETRIES_MAX {
                    return Err(error);
                }
                std::thread::sleep(std::time::Duration::from_millis(1 << attempt.min(5)));
            }
        }
    }
    unreachable!("the loop above ends by returning")
}

/// Runs hot commands in one transaction, and those that cannot share one by themselves.
fn write_together(
    conn: &mut PgConnection,
    jobs: Vec<(Hint, Box<dyn Job>)>,
    shared: &Shared,
    shard: i64,
) {
    let (hints, mut jobs): (Vec<Hint>, Vec<Box<dyn Job>>) = jobs.into_iter().unzip();
    let mut alone = Vec::new();
    if jobs.len() == 1 {
        alone = jobs;
    } else {
        match run_together(conn, &hints, &mut jobs, &mut alone, shared, shard) {
            Ok(()) => jobs.into_iter().for_each(|job| job.finish(shared.commits.reply())),
            Err(error) => {
                let _ = conn.client.batch_execute("rollback");
                if error.is_conflict() || error.is_duplicate() {
                    alone.append(&mut jobs);
                } else {
                    jobs.into_iter().for_each(|job| job.finish(Err(error.again())));
                }
            }
        }
    }
    for mut job in alone {
        let outcome = write(conn, &mut job, shared, shard);
        job.finish(outcome.and_then(|()| shared.commits.reply()));
    }
}

/// Leaves in `jobs` those whose effect has committed, and moves to `alone` those that must be run
/// by themselves.
fn run_together(
    conn: &mut PgConnection,
    hints: &[Hint],
    jobs: &mut Vec<Box<dyn Job>>,
    alone: &mut Vec<Box<dyn Job>>,
    shared: &Shared,
    shard: i64,
) -> Result<()> {
    conn.client.batch_execute("begin")?;
    let mut tx = Tx::new(Conn::Postgres(conn), &shared.ids, shared.keys.as_ref(), shard);
    tx.batch = Some(Box::new(Batch::load(&mut tx, hints)?));
    let mut events = Vec::new();
    for mut job in std::mem::take(jobs) {
        tx.changed = false;
        let ran = job.run(&mut tx);
        let mut news = std::mem::take(&mut tx.events);
        let Some(batch) = tx.batch.as_mut() else { return Err(Error::Closed) };
        match ran {
            Ran::Keep if tx.changed && news.is_empty() => {
                batch.undo();
                job.finish(Err(Error::Silent));
            }
            Ran::Keep => {
                batch.keep();
                events.append(&mut news);
                jobs.push(job);
            }
            Ran::Undo => {
                // A refusal may rest on what others of the batch wrote: it is told once that has lasted.
                batch.undo();
                jobs.push(job);
            }
            Ran::Again => {
                batch.undo();
                alone.push(job);
            }
        }
    }
    if let Some(batch) = tx.batch.take() {
        batch.flush(&mut tx)?;
    }
    insert_events(conn, &events)?;
    commit(conn, shared, jobs.len())
}

fn commit(conn: &mut PgConnection, shared: &Shared, commands: usize) -> Result<()> {
    shared.commits.make(commands, || Ok(conn.client.batch_execute("commit")?))?;
    Ok(())
}

fn read(
    conn: &mut PgConnection,
    job: &mut Box<dyn Job>,
    shared: &Shared,
    snapshot: Snapshot,
) -> Result<()> {
    if snapshot == Snapshot::One {
        conn.client.batch_execute("begin isolation level repeatable read read only")?;
    }
    conn.reads_only = true;
    let mut tx = Tx::new(Conn::Postgres(conn), &shared.ids, shared.keys.as_ref(), 0);
    let _ = job.run(&mut tx);
    conn.reads_only = false;
    if snapshot == Snapshot::One {
        conn.client.batch_execute("rollback")?;
    }
    Ok(())
}

/// Whether there may be more to number.
fn sequence(conn: &mut PgConnection, shared: &Shared) -> Result<bool> {
    conn.client.batch_execute("begin")?;
    let mut tx = Tx::new(Conn::Postgres(conn), &shared.ids, shared.keys.as_ref(), 0);
    let numbered = tx.number_events();
    let seq = match numbered {
        Ok(seq) => {
            conn.client.batch_execute("commit")?;
            seq
        }
        Err(error) => {
            conn.client.batch_execute("rollback")?;
            return Err(error);
        }
    };
    if let Some(seq) = seq {
        shared.commits.announce(seq);
    }
    Ok(seq.is_some())
}

fn insert_events(conn: &mut PgConnection, events: &[NewEvent]) -> Result<()> {
    if let [event] = events {
        conn.execute(
            sql!("insert into event (id, at_ms, actor, kind, subject, detail) values ($1, $2, $3, $4, $5, $6)"),
            &[
                event.id.into(),
                event.at.into(),
                event.actor.as_str().into(),
                event.kind.into(),
                event.subject.as_str().into(),
                event.detail.as_str().into(),
            ],
        )?;
        return Ok(());
    }
    if events.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = events.iter().map(|event| event.id.0).collect();
    let times: Vec<i64> = events.iter().map(|event| event.at.0).collect();
    let actors: Vec<&str> = events.iter().map(|event| event.actor.as_str()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
    let subjects: Vec<&str> = events.iter().map(|event| event.subject.as_str()).collect();
    let details: Vec<&str> = events.iter().map(|event| event.detail.as_str()).collect();
    conn.execute(
        "insert into event (id, at_ms, actor, kind, subject, detail)
         select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])",
        &[
            Value::Ints(&ids),
            Value::Ints(&times),
            Value::Texts(&actors),
            Value::Texts(&kinds),
            Value::Texts(&subjects),
            Value::Texts(&details),
        ],
    )?;
    Ok(())
}
