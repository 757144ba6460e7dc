//! SQLite: one writer thread for a store, which lets many commands share one durable commit, and
//! readers on connections of their own that never wait for it.

use super::tx::{Conn, NewEvent};
use super::{Dialects, Engine, Job, Ran, Row, Tx, Value, sql};
use crate::events::{Head, chain};
use crate::keys::OrganizationKeys;
use crate::projects::Counts;
use crate::{Commits, Error, IdSource, Result};
use domain::{ProjectId, limits};
use rusqlite::config::DbConfig;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) struct SqliteConnection {
    pub(crate) conn: rusqlite::Connection,
    dialects: Dialects,
}

impl SqliteConnection {
    fn new(conn: rusqlite::Connection) -> Result<Self> {
        conn.set_prepared_statement_cache_capacity(512);
        // Without this promise a statement that compares the column of a partial index with a parameter is
        // planned anew each time it runs, in case this value fits the index: most of a claim's time.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.busy_timeout(std::time::Duration::from_secs(30))?;
        Ok(Self { conn, dialects: Dialects::new(Engine::Sqlite) })
    }

    pub(crate) fn open(path: &Path) -> Result<Self> {
        let conn = rusqlite::Connection::open(path)?;
        // A page size other than the default must be chosen before the first table exists.
        conn.execute_batch(
            "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full;
             pragma foreign_keys = off; pragma temp_store = memory; pragma cache_size = -8192;
             pragma wal_autocheckpoint = 4000; pragma mmap_size = 268435456;",
        )?;
        Self::new(conn)
    }

    pub(crate) fn in_memory() -> Result<Self> {
        Self::new(rusqlite::Connection::open_in_memory()?)
    }

    pub(crate) fn open_to_read(path: &Path) -> Result<Self> {
        let conn = rusqlite::Connection::open(path)?;
        conn.execute_batch(
            "pragma query_only = on; pragma temp_store = memory; pragma cache_size = -16384; pragma mmap_size = 268435456;",
        )?;
        Self::new(conn)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let text = self.dialects.get(sql);
        let mut statement = self.conn.prepare_cached(&text)?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    pub(crate) fn for_each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let text = self.dialects.get(sql);
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(self.conn.execute_batch(&Engine::Sqlite.dialect(sql))?)
    }
}

/// What the connections of one store share.
pub(crate) struct Shared {
    pub(crate) ids: IdSource,
    pub(crate) keys: Option<Arc<OrganizationKeys>>,
    pub(crate) commits: Commits,
}

pub(crate) struct SqliteStore {
    path: Option<PathBuf>,
    shared: Arc<Shared>,
    writer: Writer,
    readers: Mutex<Vec<SqliteConnection>>,
}

enum Writer {
    Thread(Sender<Box<dyn Job>>),
    /// The caller's own thread, one command at a time: for stores in memory, which the simulation
    /// runs without any other thread.
    Inline(Mutex<SqliteConnection>),
}

impl SqliteStore {
    pub(crate) fn open(path: &Path, shared: Arc<Shared>) -> Result<Self> {
        let conn = SqliteConnection::open(path)?;
        let (sender, receiver) = channel();
        let writer_shared = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_in_groups(conn, &receiver, &writer_shared))
            .map_err(Error::Io)?;
        let writer = Writer::Thread(sender);
        Ok(Self { path: Some(path.into()), shared, writer, readers: Mutex::default() })
    }

    pub(crate) fn in_memory(shared: Arc<Shared>) -> Result<Self> {
        let writer = Writer::Inline(Mutex::new(SqliteConnection::in_memory()?));
        Ok(Self { path: None, shared, writer, readers: Mutex::default() })
    }

    /// Runs statements outside any command: for migrations, before anybody else is there.
    pub(crate) fn with_connection<T>(
        path: Option<&Path>,
        inline: Option<&Self>,
        run: impl FnOnce(&mut SqliteConnection) -> Result<T>,
    ) -> Result<T> {
        match (path, inline) {
            (Some(path), _) => run(&mut SqliteConnection::open(path)?),
            (None, Some(Self { writer: Writer::Inline(conn), .. })) => run(&mut lock(conn)),
            (None, _) => Err(Error::Closed),
        }
    }

    pub(crate) fn submit(&self, job: Box<dyn Job>) {
        match &self.writer {
            Writer::Thread(sender) => {
                if let Err(refused) = sender.send(job) {
                    refused.0.finish(Err(Error::Closed));
                }
            }
            Writer::Inline(conn) => {
                commit_group(&mut lock(conn), job, &mut |_| None, &self.shared);
            }
        }
    }

    /// Runs a command that only reads, on a snapshot of its own.
    pub(crate) fn read(&self, mut job: Box<dyn Job>) {
        let Some(path) = &self.path else {
            let Writer::Inline(conn) = &self.writer else { return job.finish(Err(Error::Closed)) };
            let outcome = read_on(&mut lock(conn), &mut job, &self.shared);
            return job.finish(outcome);
        };
        let idle = lock(&self.readers).pop();
        let conn = idle.map_or_else(|| SqliteConnection::open_to_read(path), Ok);
        let mut conn = match conn {
            Ok(conn) => conn,
            Err(error) => return job.finish(Err(error)),
        };
        let outcome = read_on(&mut conn, &mut job, &self.shared);
        let fine = outcome.is_ok();
        if fine {
            let mut readers = lock(&self.readers);
            if readers.len() < READERS_KEPT {
                readers.push(conn);
            }
        }
        job.finish(outcome);
    }
}

/// Idle reading connections that a store keeps.
const READERS_KEPT: usize = 4;

fn read_on(conn: &mut SqliteConnection, job: &mut Box<dyn Job>, shared: &Shared) -> Result<()> {
    conn.conn.execute_batch("begin")?;
    let mut tx = Tx::new(Conn::Sqlite(conn), &shared.ids, shared.keys.as_ref(), 0);
    let _ = job.run(&mut tx);
    conn.conn.execute_batch("rollback")?;
    Ok(())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic while a lock is held is a bug, but not a reason for every later caller to panic too.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write_in_groups(mut conn: SqliteConnection, receiver: &Receiver<Box<dyn Job>>, shared: &Shared) {
    let (mut crowd, mut commit_took) = (1, Duration::ZERO);
    while let Ok(first) = receiver.recv() {
        let mut until = None;
        let mut more = |gathered: usize| {
            receiver.try_recv().ok().or_else(|| {
                // Those of the last groups are on their way back. To wait a moment for them makes fewer
                // and larger commits; who comes alone waits for nobody.
                if gathered >= crowd {
                    return None;
                }
                let wait = (commit_took / 2).min(LINGER_MAX);
                let until = *until.get_or_insert_with(|| Instant::now() + wait);
                receiver.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
            })
        };
        let count;
        (count, commit_took) = commit_group(&mut conn, first, &mut more, shared);
        crowd = count.max(crowd * 7 / 8);
    }
}

/// The longest that a group waits for more.
const LINGER_MAX: Duration = Duration::from_millis(2);

/// A group of commands on its way to one commit.
#[derive(Default)]
struct Group {
    kept: Vec<Box<dyn Job>>,
    events: Vec<NewEvent>,
    counts: BTreeMap<ProjectId, Counts>,
}

/// Runs commands one after another and makes them last with one commit; answers how many there were
/// and how long the commit took.
fn commit_group(
    conn: &mut SqliteConnection,
    first: Box<dyn Job>,
    more: &mut dyn FnMut(usize) -> Option<Box<dyn Job>>,
    shared: &Shared,
) -> (usize, Duration) {
    if let Err(error) = conn.execute("begin immediate", &[]) {
        first.finish(Err(error));
        return (1, Duration::ZERO);
    }
    let mut group = Group::default();
    let mut next = Some(first);
    while let Some(mut job) = next {
        let ran = run_bare(conn, &mut job, shared, &mut group);
        group.kept.push(job);
        if !ran {
            group = match run_in_savepoints(conn, group.kept, shared) {
                Ok(group) => group,
                Err((jobs, error)) => {
                    fail_all(jobs, &error);
                    return (1, Duration::ZERO);
                }
            };
        }
        let count = group.kept.len();
        next = if count < limits::GROUP_MAX { more(count) } else { None };
    }
    let count = group.kept.len();
    let mut tx = Tx::new(Conn::Sqlite(conn), &shared.ids, shared.keys.as_ref(), 0);
    tx.counts = Some(group.counts);
    let counted = tx.flush_counts();
    let committed = counted.and_then(|()| write_events(conn, &group.events)).and_then(|seq| {
        let commit = || conn.execute("commit", &[]).map(drop);
        Ok((seq, shared.commits.make(count, commit)?))
    });
    match committed {
        Ok((seq, took)) => {
            for job in group.kept {
                job.finish(shared.commits.reply());
            }
            if let Some(seq) = seq {
                shared.commits.announce(seq);
            }
            (count, took)
        }
        Err(error) => {
            // Nothing of the group lasted; each caller is told, and may repeat.
            let _ = conn.conn.execute_batch("rollback");
            fail_all(group.kept, &error);
            (count, Duration::ZERO)
        }
    }
}

/// Runs a command as a part of its group, without a savepoint: those copy every page that is
/// touched, and hardly a command is undone after it has written something. Answers whether all is
/// fine; otherwise the group holds what must be undone.
fn run_bare(
    conn: &mut SqliteConnection,
    job: &mut Box<dyn Job>,
    shared: &Shared,
    group: &mut Group,
) -> bool {
    let mut tx = Tx::new(Conn::Sqlite(conn), &shared.ids, shared.keys.as_ref(), 0);
    tx.counts = Some(group.counts.clone());
    let ran = job.run(&mut tx);
    let fine = match ran {
        Ran::Keep => !tx.changed || !tx.events.is_empty(),
        // A refusal may rest on what this group has written: it is told once that has lasted.
        Ran::Undo => !tx.written && !tx.changed,
        Ran::Again => false,
    };
    if matches!(ran, Ran::Keep) {
        group.events.append(&mut tx.events);
        group.counts = tx.counts.unwrap_or_default();
    }
    fine
}

/// Begins a group anew, with each command in a savepoint, so that one can be undone without the
/// others.
fn run_in_savepoints(
    conn: &mut SqliteConnection,
    jobs: Vec<Box<dyn Job>>,
    shared: &Shared,
) -> std::result::Result<Group, (Vec<Box<dyn Job>>, Error)> {
    // A full disk has ended the transaction already.
    let _ = conn.conn.execute_batch("rollback");
    if let Err(error) = conn.execute("begin immediate", &[]) {
        return Err((jobs, error));
    }
    let mut group = Group::default();
    for mut job in jobs {
        match run_in_savepoint(conn, &mut job, shared) {
            Ok(Some(mut news)) => {
                group.events.append(&mut news);
                group.kept.push(job);
            }
            Ok(None) => group.kept.push(job),
            Err(error) => job.finish(Err(error)),
        }
    }
    Ok(group)
}

/// The events of a kept command, or nothing if it was undone.
fn run_in_savepoint(
    conn: &mut SqliteConnection,
    job: &mut Box<dyn Job>,
    shared: &Shared,
) -> Result<Option<Vec<NewEvent>>> {
    conn.execute("savepoint command", &[])?;
    let mut tx = Tx::new(Conn::Sqlite(conn), &shared.ids, shared.keys.as_ref(), 0);
    let ran = job.run(&mut tx);
    let (changed, events) = (tx.changed, std::mem::take(&mut tx.events));
    let silent = changed && events.is_empty();
    match ran {
        Ran::Keep if !silent => {
            conn.execute("release command", &[])?;
            Ok(Some(events))
        }
        Ran::Keep | Ran::Undo | Ran::Again => {
            conn.execute("rollback to command", &[])?;
            conn.execute("release command", &[])?;
            match ran {
                Ran::Keep => Err(Error::Silent),
                Ran::Undo => Ok(None),
                // With one writer there is nobody to wait for: a conflict is the caller's to hear of.
                Ran::Again => Err(Error::Conflict),
            }
        }
    }
}

/// Numbers and chains the events of a group: with one writer, the order of writing is the order of
/// committing.
fn write_events(conn: &mut SqliteConnection, events: &[NewEvent]) -> Result<Option<i64>> {
    if events.is_empty() {
        return Ok(None);
    }
    let mut head = Head::start();
    conn.for_each(Head::SQL, &[], &mut |row| {
        head = Head::read(row)?;
        Ok(())
    })?;
    for event in events {
        head = chain(
            &head,
            event.id,
            event.at,
            &event.actor,
            event.kind,
            &event.subject,
            &event.detail,
        );
        conn.execute(
            sql!(
                "insert into event (id, seq, at_ms, actor, kind, subject, detail, hash)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            &[
                event.id.into(),
                head.seq.into(),
                event.at.into(),
                event.actor.as_str().into(),
                event.kind.into(),
                event.subject.as_str().into(),
                event.detail.as_str().into(),
                head.hash.as_slice().into(),
            ],
        )?;
    }
    Ok(Some(head.seq))
}

fn fail_all(jobs: Vec<Box<dyn Job>>, error: &Error) {
    for job in jobs {
        job.finish(Err(error.again()));
    }
}
