//! Migrations only go forward. Each is one file, applied whole or not at all, and numbered. A store
//! that has seen one which this program does not know is left alone.

use crate::engine::postgres::PgConnection;
use crate::engine::sqlite::SqliteConnection;
use crate::engine::{Row, params, sql};
use crate::{Error, Result};

/// What a store is for, which decides its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Control,
    Keyring,
    Organization,
}

const CONTROL: &[&str] = &[
    include_str!("../migrations/control/0001_spine.sql"),
    include_str!("../migrations/control/0002_models.sql"),
];
const KEYRING: &[&str] = &[include_str!("../migrations/keyring/0001_spine.sql")];
const ORGANIZATION: &[&str] = &[
    include_str!("../migrations/organization/0001_spine.sql"),
    include_str!("../migrations/organization/0002_history.sql"),
    include_str!("../migrations/organization/0003_quality.sql"),
    include_str!("../migrations/organization/0004_consensus.sql"),
    include_str!("../migrations/organization/0005_video.sql"),
    include_str!("../migrations/organization/0006_backends.sql"),
    include_str!("../migrations/organization/0007_comments.sql"),
    include_str!("../migrations/organization/0008_cameras.sql"),
    include_str!("../migrations/organization/0010_told.sql"),
    include_str!("../migrations/organization/0011_kept.sql"),
];

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Control => "control",
            Kind::Keyring => "keyring",
            Kind::Organization => "organization",
        }
    }

    /// The number of the newest migration that this program knows.
    pub(crate) fn newest(self) -> i64 {
        self.migrations().len() as i64
    }

    fn knows(self, applied: i64) -> Result<()> {
        if applied <= self.newest() {
            return Ok(());
        }
        Err(Error::Newer { store: self.as_str(), found: applied, known: self.newest() })
    }

    fn migrations(self) -> &'static [&'static str] {
        match self {
            Kind::Control => CONTROL,
            Kind::Keyring => KEYRING,
            Kind::Organization => ORGANIZATION,
        }
    }
}

const TABLE: &str = "create table if not exists migration (version bigint not null, constraint migration_pk primary key (version))";
const APPLIED: &str = sql!("select coalesce(max(version), 0) from migration");
const APPLY: &str = sql!("insert into migration (version) values ($1)");

pub(crate) fn on_sqlite(conn: &mut SqliteConnection, kind: Kind) -> Result<()> {
    on_sqlite_up_to(conn, kind, i64::MAX)
}

/// Stops at a version: a restore makes the tables as they were, and the next start brings them up
/// to date.
pub(crate) fn on_sqlite_up_to(conn: &mut SqliteConnection, kind: Kind, last: i64) -> Result<()> {
    conn.batch("begin immediate")?;
    let run = (|| {
        conn.batch(TABLE)?;
        let mut applied = 0;
        conn.for_each(APPLIED, &[], &mut |row: &Row<'_>| {
            applied = row.get(0)?;
            Ok(())
        })?;
        kind.knows(applied)?;
        for (migration, version) in kind.migrations().iter().zip(1i64..).skip(applied as usize) {
            if version > last {
                break;
            }
            conn.batch(migration)?;
            conn.execute(APPLY, params![version])?;
        }
        Ok(())
    })();
    conn.batch(if run.is_ok() { "commit" } else { "rollback" })?;
    run
}

pub(crate) fn on_postgres(conn: &mut PgConnection, schema: &str, kind: Kind) -> Result<()> {
    // Two servers may start at once: the first to create the schema's lock row migrates, the other waits.
    conn.batch("begin; select pg_advisory_xact_lock(7234115)")?;
    let run = inside_transaction(conn, schema, kind, i64::MAX);
    conn.batch(if run.is_ok() { "commit" } else { "rollback" })?;
    run
}

/// In a transaction that somebody else has begun and will end.
pub(crate) fn inside_transaction(
    conn: &mut PgConnection,
    schema: &str,
    kind: Kind,
    last: i64,
) -> Result<()> {
    conn.batch(&format!("create schema if not exists {schema}"))?;
    conn.enter(schema)?;
    conn.batch(TABLE)?;
    let mut applied = 0;
    conn.for_each(APPLIED, &[], &mut |row: &Row<'_>| {
        applied = row.get(0)?;
        Ok(())
    })?;
    kind.knows(applied)?;
    for (migration, version) in kind.migrations().iter().zip(1i64..).skip(applied as usize) {
        if version > last {
            break;
        }
        conn.batch(migration)?;
        conn.execute(APPLY, params![version])?;
    }
    Ok(())
}
