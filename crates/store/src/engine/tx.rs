//! An open transaction on one store.

use super::postgres::PgConnection;
use super::sqlite::SqliteConnection;
use super::{Row, Value};
use crate::batch::Batch;
use crate::keys::OrganizationKeys;
use crate::projects::Counts;
use crate::{Error, IdSource, Result};
use domain::{EventId, ProjectId, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Something that happened, on its way into the event log.
pub(crate) struct NewEvent {
    pub(crate) id: EventId,
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) kind: &'static str,
    pub(crate) subject: String,
    pub(crate) detail: String,
}

/// An open transaction on one store: of one organization, or the control store. It cannot see
/// another.
///
/// What a command changes lasts only together with the record of what happened: a transaction that
/// has changed something and recorded nothing is undone with [`Error::Silent`].
pub struct Tx<'c> {
    pub(crate) conn: Conn<'c>,
    pub(crate) ids: &'c IdSource,
    pub(crate) keys: Option<&'c Arc<OrganizationKeys>>,
    /// Which shard of the counters this connection writes.
    pub(crate) shard: i64,
    pub(crate) changed: bool,
    /// Whether anything at all was written, news or not.
    pub(crate) written: bool,
    pub(crate) events: Vec<NewEvent>,
    /// What was counted and is saved by one statement for all commands that share a commit, where they
    /// do: every one of them changes the same row.
    pub(crate) counts: Option<BTreeMap<ProjectId, Counts>>,
    /// Where the hot commands of PostgreSQL read and write while they are run together.
    pub(crate) batch: Option<Box<Batch>>,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(
        conn: Conn<'c>,
        ids: &'c IdSource,
        keys: Option<&'c Arc<OrganizationKeys>>,
        shard: i64,
    ) -> Self {
        Self {
            conn,
            ids,
            keys,
            shard,
            changed: false,
            written: false,
            events: Vec::new(),
            counts: None,
            batch: None,
        }
    }

    /// A new number for a thing made at `now`.
    pub fn new_id(&self, now: Timestamp) -> i64 {
        self.ids.next(now)
    }

    /// Records what happened. `detail` holds plain facts, never what a customer brought.
    pub fn record(
        &mut self,
        now: Timestamp,
        actor: impl std::fmt::Display,
        kind: &'static str,
        subject: impl std::fmt::Display,
        detail: serde_json::Value,
    ) {
        let id = EventId(self.ids.next(now));
        let (actor, subject, detail) = (actor.to_string(), subject.to_string(), detail.to_string());
        self.events.push(NewEvent { id, at: now, actor, kind, subject, detail });
    }

    /// Runs a statement that changes something; answers how many rows it touched.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        self.changed = true;
        self.execute_quietly(sql, params)
    }

    /// The batch that this command runs in, on its way to be written.
    pub(crate) fn batch_mut(&mut self) -> Option<&mut Batch> {
        if self.batch.is_some() {
            self.changed = true;
        }
        self.batch.as_deref_mut()
    }

    /// Like `execute`, for what is no news to anybody: drafts, cursors, when a session was last seen.
    pub(crate) fn execute_quietly(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        // What a batch does not know of could not be undone for one command alone.
        if self.batch.is_some() {
            return Err(Error::Unbatched);
        }
        self.written = true;
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute(sql, params),
            Conn::Postgres(conn) => conn.execute(sql, params),
        }
    }

    /// Runs a statement that must touch exactly one row; anything else is a conflict.
    pub(crate) fn execute_one(&mut self, sql: &str, params: &[Value<'_>]) -> Result<()> {
        if self.execute(sql, params)? == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// Hands each row to `each`, one at a time, and holds none of them.
    pub(crate) fn for_each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.for_each(sql, params, each),
            Conn::Postgres(conn) => conn.for_each(sql, params, each),
        }
    }

    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.for_each(sql, params, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    pub(crate) fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.for_each(sql, params, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether a look-up by key costs microseconds, and no round trip to a server.
    pub fn is_at_hand(&self) -> bool {
        self.batch.is_some() || matches!(self.conn, Conn::Sqlite(_))
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// The keys of the organization whose store this is.
    pub(crate) fn keys(&self) -> Result<&'c OrganizationKeys> {
        self.keys.map(Arc::as_ref).ok_or(Error::KeyMissing)
    }
}

impl Tx<'_> {
    /// Seals a document of the organization, as what it is and nothing else.
    pub(crate) fn seal<T: serde::Serialize>(
        &self,
        kind: &'static str,
        id: i64,
        version: i64,
        document: &T,
    ) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(document)?;
        Ok(self.keys()?.seal(&crate::keys::Label::new(kind, id, version), &text))
    }

    /// Opens what [`seal`](Self::seal) made of the same kind, id and version.
    pub(crate) fn open<T: serde::de::DeserializeOwned>(
        &self,
        kind: &'static str,
        id: i64,
        version: i64,
        sealed: &[u8],
    ) -> Result<T> {
        let text = self.keys()?.open(&crate::keys::Label::new(kind, id, version), sealed)?;
        Ok(serde_json::from_slice(&text)?)
    }
}
