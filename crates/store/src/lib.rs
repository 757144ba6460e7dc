//! Memory: SQL, blobs, keys and the event log. The only crate that speaks SQL or storage.
//!
//! - A **store** is one organization's, or the control store, or the keyring. Two stores never
//!   share a transaction; what must cross is an event, relayed.
//! - A **command** is a synchronous closure over a [`Tx`]: read, decide, save, record. The store
//!   runs it, possibly more than once, and answers when it has lasted.
//! - Nothing here reads a clock: times arrive as parameters, so that a simulation can own them.
//! - No statement names an organization: a [`Tx`] is opened on one organization's store by an
//!   [`Access`], which only a verified session, a verified key or a named job can obtain.

pub mod backup;
pub mod blobs;
mod command;
pub mod doctor;
mod engine;
mod events;
pub mod keys;
mod migrations;
mod stores;

mod answers;
mod backends;
mod batch;
mod comments;
mod export;
mod items;
mod jobs;
mod kept;
mod ledger;
mod organizations;
mod people;
mod projects;
mod quality;
mod queue;
mod releases;
mod tasks;
mod uploads;
mod work;

pub use command::AsStoreError;
pub use engine::{FromColumn, Row, Tx, Value};
pub use events::{EVENTS_PER_PAGE, Event, Head};
pub use stores::{Access, Backend, Later, Organization, Store, Stores};

pub use answers::{AnswerRow, LabelRow, NewAnswer, NewLabel, NewReview, ReviewRow, SkipRow};
pub use backends::{BackendRow, PassWords, PromptRow, Suggestion};
pub use batch::Hint;
pub use comments::{CommentRow, Conversation, InboxRow};
pub use export::{ExportAnswer, ExportLabel, ExportPage, ExportRow, TASKS_PER_PAGE};
pub use items::{ItemRow, NewItem, NewRendition, Payload, SealedItem};
pub use jobs::{JobFault, JobProgress, JobRow, JobState, NewJob};
pub use kept::KeptRow;
pub use organizations::OrganizationRow;
pub use people::{
    Invitation, KeyRow, Member, NewInvitation, NewKey, NewSession, Person, PersonKind, Session,
    SessionRow,
};
pub use projects::{Counts, ProjectRow, Versioned};
pub use quality::{
    CalibrationRow, Claim, Consensus, ConsensusPart, ConsensusRow, ContestRow, Doubt, GoldRow,
    ScoreRow, Settled, Vote,
};
pub use queue::{CountDelta, Held, SlotRow, TaskRow, Touch};
pub use releases::{NewRelease, ReleaseFile, ReleaseRow};
pub use tasks::{TaskFilter, TaskListRow};
pub use uploads::{UploadProblem, UploadRow, UploadState, UploadWords};
pub use work::{DraftRow, Work};

use domain::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the row changed between reading and writing")]
    Conflict,
    #[error("a different {what} is already recorded under this name")]
    Exists { what: &'static str },
    #[error("a stored {what} does not read back: {value:?}")]
    Corrupt { what: &'static str, value: String },
    /// Never told to a caller: the command is run again by itself.
    #[error("this command cannot run together with others")]
    Unbatched,
    #[error("a command changed something and recorded nothing")]
    Silent,
    #[error("the keys of this organization are not here")]
    KeyMissing,
    #[error("the keys of this organization were destroyed, and its data with them")]
    KeyDestroyed,
    #[error("there is no such organization")]
    NoOrganization,
    #[error(
        "the {store} store was written by a newer version of Fairmark: it is at {found}, this one knows {known}"
    )]
    Newer { store: &'static str, found: i64, known: i64 },
    #[error("the store is closed")]
    Closed,
    #[error("the process ended before the reply")]
    Crashed,
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
    #[error("PostgreSQL failed")]
    Postgres(#[from] ::postgres::Error),
    #[error("a sealed text does not open")]
    Keys(#[from] keys::Error),
    #[error("the blobs failed")]
    Blobs(#[from] blobs::Error),
    #[error("a stored JSON text does not read back")]
    Json(#[from] serde_json::Error),
    #[error("the file system failed")]
    Io(#[source] std::io::Error),
    /// The database is not there, or the disk is full; told to another caller of the same group.
    #[error("{0}")]
    Away(String),
    /// The same failure, told to another caller of the same group.
    #[error("{0}")]
    Shared(String),
}

impl Error {
    /// Whether the same command may succeed if it is run again.
    pub fn is_conflict(&self) -> bool {
        match self {
            Error::Conflict | Error::Unbatched => true,
            Error::Postgres(error) => error.code().is_some_and(|code| {
                use ::postgres::error::SqlState;
                [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]
                    .contains(code)
            }),
            _ => false,
        }
    }

    /// Whether a unique constraint stood in the way.
    pub fn is_duplicate(&self) -> bool {
        match self {
            Error::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => matches!(
                error.extended_code,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                    | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ),
            Error::Postgres(error) => {
                error.code() == Some(&::postgres::error::SqlState::UNIQUE_VIOLATION)
            }
            _ => false,
        }
    }

    /// Whether the trouble is with the database as a whole, and may pass: it cannot be reached, it
    /// is starting or stopping, or its disk is full. Whether a command took effect is then unknown,
    /// and a repeat finds out.
    pub fn is_away(&self) -> bool {
        match self {
            Error::Away(_) => true,
            Error::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => {
                error.code == rusqlite::ErrorCode::DiskFull
            }
            Error::Postgres(error) => {
                use ::postgres::error::SqlState;
                let is_refusal = error.code().is_some_and(|code| {
                    [
                        SqlState::ADMIN_SHUTDOWN,
                        SqlState::CRASH_SHUTDOWN,
                        SqlState::CANNOT_CONNECT_NOW,
                        SqlState::TOO_MANY_CONNECTIONS,
                        SqlState::DISK_FULL,
                    ]
                    .contains(code)
                });
                let mut cause = std::error::Error::source(error);
                while let Some(error) = cause {
                    if error.is::<std::io::Error>() {
                        return true;
                    }
                    cause = error.source();
                }
                is_refusal || error.is_closed()
            }
            _ => false,
        }
    }

    /// The same failure for one more caller.
    pub(crate) fn again(&self) -> Error {
        match self {
            Error::Conflict => Error::Conflict,
            Error::Closed => Error::Closed,
            Error::Crashed => Error::Crashed,
            other if other.is_away() => Error::Away(other.chain()),
            other => Error::Shared(other.chain()),
        }
    }

    /// The failure and what caused it, in one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

/// Makes numbers that rise with time: 43 bits of milliseconds since 2024, then 20 that begin at
/// random in each millisecond and count up, so that two processes rarely meet (and a primary key
/// stops them when they do).
pub struct IdSource {
    last: AtomicI64,
    random: Box<dyn Fn() -> u32 + Send + Sync>,
}

/// 2024-01-01T00:00:00Z.
const ID_EPOCH_MS: i64 = 1_704_067_200_000;

impl IdSource {
    /// Numbers that no other process makes at the same time, as good as surely.
    pub fn random() -> Self {
        Self {
            last: AtomicI64::new(0),
            random: Box::new(|| {
                let mut bytes = [0; 4];
                keys::fill_random(&mut bytes);
                u32::from_le_bytes(bytes)
            }),
        }
    }

    /// The same numbers each time: for the simulation.
    pub fn counting() -> Self {
        Self { last: AtomicI64::new(0), random: Box::new(|| 0) }
    }

    pub fn next(&self, now: Timestamp) -> i64 {
        let millisecond = (now.0 - ID_EPOCH_MS).max(0) << 20;
        let mut next = 0;
        let mut fresh = None;
        let _ = self.last.fetch_update(Relaxed, Relaxed, |last| {
            next = if last >= millisecond {
                last + 1
            } else {
                // Drawn once per millisecond: within one, numbers count up.
                let random = || millisecond | i64::from((self.random)() & 0x7_ffff);
                *fresh.get_or_insert_with(random)
            };
            Some(next)
        });
        next
    }
}

/// What happens around a commit: somebody listens, and in the simulation somebody pulls the plug.
pub(crate) struct Commits {
    latest: tokio::sync::watch::Sender<i64>,
    faults: Option<Arc<dyn Faults>>,
}

/// Where a simulation may let the process die.
pub trait Faults: Send + Sync {
    /// Whether the process dies here, with the commit not made.
    fn dies_before_commit(&self) -> bool;
    /// Whether the process dies here, with the commit made and the reply not sent.
    fn dies_before_reply(&self) -> bool;
}

impl Commits {
    pub(crate) fn new(faults: Option<Arc<dyn Faults>>) -> Self {
        Self { latest: tokio::sync::watch::Sender::new(0), faults }
    }

    /// Makes what so many commands have written last; answers how long it took.
    pub(crate) fn make(
        &self,
        commands: usize,
        commit: impl FnOnce() -> Result<()>,
    ) -> Result<Duration> {
        self.point()?;
        let began = Instant::now();
        commit()?;
        let took = began.elapsed();
        metrics::counter!("fairmark_store_commits_total").increment(1);
        metrics::counter!("fairmark_store_commands_total").increment(commands as u64);
        metrics::histogram!("fairmark_store_commit_seconds").record(took);
        Ok(took)
    }

    fn point(&self) -> Result<()> {
        if self.faults.as_ref().is_some_and(|faults| faults.dies_before_commit()) {
            Err(Error::Crashed)
        } else {
            Ok(())
        }
    }

    pub(crate) fn reply(&self) -> Result<()> {
        if self.faults.as_ref().is_some_and(|faults| faults.dies_before_reply()) {
            Err(Error::Crashed)
        } else {
            Ok(())
        }
    }

    /// Tells those who wait that the log has grown.
    pub(crate) fn announce(&self, seq: i64) {
        self.latest.send_if_modified(|latest| {
            let grown = seq > *latest;
            if grown {
                *latest = seq;
            }
            grown
        });
    }

    pub(crate) fn watch(&self) -> tokio::sync::watch::Receiver<i64> {
        self.latest.subscribe()
    }
}
