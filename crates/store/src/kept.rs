//! What people keep for themselves. It is no news to anybody else, and so no event.

use crate::Result;
use crate::engine::{Row, Tx, params, sql};
use domain::{PersonId, Timestamp};
use serde_json::Value;

/// One thing that a person keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRow {
    pub entry: String,
    pub value: Value,
    /// Rises with each change.
    pub version: i64,
    pub at: Timestamp,
}

type Sealed = (i64, KeptRow, Vec<u8>);

fn read(row: &Row<'_>) -> Result<Sealed> {
    let kept =
        KeptRow { entry: row.get(1)?, value: Value::Null, version: row.get(2)?, at: row.get(3)? };
    Ok((row.get(0)?, kept, row.get(4)?))
}

impl Tx<'_> {
    fn open_kept(&self, (id, mut kept, sealed): Sealed) -> Result<KeptRow> {
        kept.value = self.open("kept", id, kept.version, &sealed)?;
        Ok(kept)
    }

    /// Everything that a person keeps, by the names of the entries.
    pub fn kept(&mut self, person: PersonId) -> Result<Vec<KeptRow>> {
        let rows = self.query(
            sql!(
                "select id, entry, version, at_ms, sealed from kept where person_id = $1 order by entry"
            ),
            params![person],
            read,
        )?;
        rows.into_iter().map(|row| self.open_kept(row)).collect()
    }

    /// How many entries a person has.
    pub fn count_kept(&mut self, person: PersonId) -> Result<i64> {
        let count = self.query_one(
            sql!("select count(*) from kept where person_id = $1"),
            params![person],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or_default())
    }

    pub fn kept_entry(&mut self, person: PersonId, entry: &str) -> Result<Option<KeptRow>> {
        let row = self.query_one(
            sql!(
                "select id, entry, version, at_ms, sealed from kept where person_id = $1 and entry = $2"
            ),
            params![person, entry],
            read,
        )?;
        row.map(|row| self.open_kept(row)).transpose()
    }

    /// Keeps a value under an entry; what was kept there before is replaced.
    pub fn keep(
        &mut self,
        person: PersonId,
        entry: &str,
        value: &Value,
        now: Timestamp,
    ) -> Result<KeptRow> {
        let before = self.query_one(
            sql!("select id, version from kept where person_id = $1 and entry = $2"),
            params![person, entry],
            |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
        )?;
        let (id, version) = before.unwrap_or_else(|| (self.new_id(now), -1));
        let sealed = self.seal("kept", id, version + 1, value)?;
        self.execute_quietly(
            sql!(
                "insert into kept (id, person_id, entry, sealed, version, at_ms) values ($1, $2, $3, $4, $5, $6)
                 on conflict (person_id, entry) do update set
                   sealed = excluded.sealed, version = excluded.version, at_ms = excluded.at_ms"
            ),
            params![id, person, entry, &sealed, version + 1, now],
        )?;
        Ok(KeptRow { entry: entry.into(), value: value.clone(), version: version + 1, at: now })
    }

    /// Keeps nothing under an entry any more.
    pub fn drop_kept(&mut self, person: PersonId, entry: &str) -> Result<()> {
        self.execute_quietly(
            sql!("delete from kept where person_id = $1 and entry = $2"),
            params![person, entry],
        )?;
        Ok(())
    }
}
