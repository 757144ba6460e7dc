//! Migrations only go forward. Each is one file, applied whole or not at all, and numbered.

use crate::Result;
use crate::engine::postgres::PgConnection;
use crate::engine::sqlite::SqliteConnection;
use crate::engine::{Row, params, sql};

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
    for (migration, version) in kind.migrations().iter().zip(1i64..).skip(applied as usize) {
        if version > last {
            break;
        }
        conn.batch(migration)?;
        conn.execute(APPLY, params![version])?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "../tests/support/postgres.rs"]
#[allow(clippy::unwrap_used, reason = "shared with tests, which stop where they cannot go on")]
mod postgres;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use crate::engine::Value;

    const SEALED: &[u8] = b"sealed";

    /// A finished gold task with its answer, as the first migration knew them.
    const FILLED: [&str; 6] = [
        "insert into project (id, name, template, question, plan, state, mode, version, ontology_version,
                              instructions_version, created_by, created_at_ms)
         values (1, 'Old', 'text_classification', '{}', '{}', 'published', 'live', 1, 1, 1, 7, 5)",
        "insert into item (id, project_id, external_id, media, bytes, sealed, created_at_ms)
         values (2, 1, 'a', 'text', 3, $1, 5)",
        "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version,
                           created_at_ms, updated_at_ms)
         values (3, 1, 2, 'done', 'label', 4, 1, 0, 0, 1, 1, 3, 5, 9)",
        "insert into answer (id, submission, slot_id, task_id, project_id, person_id, stage, state, sealed, digest,
                             active_ms, ontology_version, instructions_version, submitted_at_ms)
         values (4, 'sub_a', 6, 3, 1, 8, 'label', 'standing', $1, 'd', 9, 1, 1, 9)",
        "insert into label (task_id, answer_id, sealed, confidence, method, ontology_version, instructions_version, at_ms)
         values (3, 4, $1, 0.5, 'single', 1, 1, 9)",
        "insert into gold (task_id, sealed) values (3, $1)",
    ];

    /// What of it must be there whichever the version: the label with its confidence, the gold of its project.
    const KEPT: [(&str, [i64; 3]); 2] = [
        (
            "select task_id, answer_id, cast(confidence * 10 as bigint) from label where method = 'single' and sealed = $1",
            [3, 4, 5],
        ),
        (
            "select g.task_id, t.project_id, a.person_id from gold g join task t on t.id = g.task_id
             join answer a on a.task_id = t.id where g.sealed = $1 and a.sealed = $1",
            [3, 1, 8],
        ),
    ];

    /// Runs a statement and answers its rows of three numbers; one that answers nothing is to change a row.
    type Run<'a> = dyn FnMut(&str) -> Vec<[i64; 3]> + 'a;

    fn params(sql: &str) -> &'static [Value<'static>] {
        const ONE: &[Value<'static>] = &[Value::Blob(SEALED)];
        if sql.contains("$1") { ONE } else { &[] }
    }

    fn fill(run: &mut Run) {
        for statement in FILLED {
            assert!(run(statement).is_empty());
        }
    }

    fn look(run: &mut Run, version: i64) {
        for (statement, wanted) in KEPT {
            assert_eq!(run(statement), [wanted], "at version {version}: {statement}");
        }
    }

    fn three(row: &Row<'_>) -> Result<[i64; 3]> {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?])
    }

    #[test]
    fn a_filled_store_of_sqlite_comes_through_every_migration() {
        let mut conn = SqliteConnection::in_memory().unwrap();
        on_sqlite_up_to(&mut conn, Kind::Organization, 1).unwrap();
        for version in 1..=Kind::Organization.newest() {
            on_sqlite_up_to(&mut conn, Kind::Organization, version).unwrap();
            let mut run = |sql: &str| {
                let mut rows = Vec::new();
                if sql.starts_with("insert") {
                    assert_eq!(conn.execute(sql, params(sql)).unwrap(), 1);
                } else {
                    let each = &mut |row: &Row<'_>| Ok(rows.push(three(row)?));
                    conn.for_each(sql, params(sql), each).unwrap();
                }
                rows
            };
            if version == 1 {
                fill(&mut run);
            }
            look(&mut run, version);
        }
    }

    #[test]
    fn a_filled_store_of_postgresql_comes_through_every_migration() {
        let mut conn = crate::engine::postgres::PgPool::connect_to(postgres::shared()).unwrap();
        let schema = format!("{}_upgrade", postgres::prefix());
        for version in 1..=Kind::Organization.newest() {
            conn.batch("begin").unwrap();
            inside_transaction(&mut conn, &schema, Kind::Organization, version).unwrap();
            conn.batch("commit").unwrap();
            let mut run = |sql: &str| {
                let mut rows = Vec::new();
                if sql.starts_with("insert") {
                    assert_eq!(conn.execute(sql, params(sql)).unwrap(), 1);
                } else {
                    let each = &mut |row: &Row<'_>| Ok(rows.push(three(row)?));
                    conn.for_each(sql, params(sql), each).unwrap();
                }
                rows
            };
            if version == 1 {
                fill(&mut run);
            }
            look(&mut run, version);
        }
        conn.batch(&format!("drop schema {schema} cascade")).unwrap();
    }
}
