//! Releases on disk: what was exported, when, by whom, and where its files are.

use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{JobId, PersonId, ProjectId, ReleaseId, Timestamp};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseRow {
    pub id: ReleaseId,
    pub project: ProjectId,
    /// Counts the releases of the project, from 1.
    pub number: i64,
    pub name: String,
    pub formats: Vec<String>,
    /// Whether its files are there; until then, its job tells how it stands.
    pub made: bool,
    pub job: JobId,
    /// Labelled tasks in it.
    pub tasks: i64,
    pub event_seq: i64,
    /// What the formats could not hold, as JSON.
    pub loss: Value,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewRelease<'a> {
    pub id: ReleaseId,
    pub project: ProjectId,
    pub number: i64,
    pub name: &'a str,
    pub formats: &'a [&'a str],
    pub job: JobId,
    pub created_by: PersonId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseFile {
    pub name: String,
    /// Where it is among the blobs.
    pub address: String,
    pub bytes: i64,
    /// Of the content, in hexadecimal.
    pub sha256: String,
}

const RELEASE: &str = "id, project_id, number, name, formats, state, job_id, tasks, event_seq, loss, created_by, created_at_ms";

fn read_release(row: &Row<'_>) -> Result<(ReleaseRow, Option<String>)> {
    let release = ReleaseRow {
        id: row.get(0)?,
        project: row.get(1)?,
        number: row.get(2)?,
        name: row.get(3)?,
        formats: row.get::<String>(4)?.split(',').map(str::to_owned).collect(),
        made: row.get::<String>(5)? == "done",
        job: row.get(6)?,
        tasks: row.get(7)?,
        event_seq: row.get(8)?,
        loss: Value::Null,
        created_by: row.get(10)?,
        created_at: row.get(11)?,
    };
    Ok((release, row.get(9)?))
}

fn read_file(row: &Row<'_>) -> Result<ReleaseFile> {
    Ok(ReleaseFile {
        name: row.get(0)?,
        address: row.get(1)?,
        bytes: row.get(2)?,
        sha256: row.get(3)?,
    })
}

impl Tx<'_> {
    /// The number of a project's next release; two at once meet in the unique constraint.
    pub fn next_release_number(&mut self, project: ProjectId) -> Result<i64> {
        let number = self.query_one(
            sql!("select coalesce(max(number), 0) + 1 from release where project_id = $1"),
            params![project],
            |row| row.get(0),
        )?;
        Ok(number.unwrap_or(1))
    }

    pub fn insert_release(&mut self, release: &NewRelease<'_>, now: Timestamp) -> Result<()> {
        self.execute(
            sql!(
                "insert into release (id, project_id, number, name, formats, state, job_id, tasks, event_seq, loss,
                                      created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5, 'making', $6, 0, 0, null, $7, $8)"
            ),
            params![
                release.id,
                release.project,
                release.number,
                release.name,
                &release.formats.join(","),
                release.job,
                release.created_by,
                now,
            ],
        )?;
        Ok(())
    }

    fn open_release(
        &self,
        (mut release, sealed): (ReleaseRow, Option<String>),
    ) -> Result<ReleaseRow> {
        if let Some(sealed) = sealed {
            // Its examples are the customer's words, so they are sealed like theirs.
            release.loss = self.open_text("release.loss", release.id.0, 0, &sealed)?;
        }
        Ok(release)
    }

    pub fn release(&mut self, id: ReleaseId) -> Result<Option<ReleaseRow>> {
        let sql = format!("select {RELEASE} from release where id = $1");
        let row = self.query_one(&sql, params![id], read_release)?;
        row.map(|row| self.open_release(row)).transpose()
    }

    /// The releases of a project, from the newest on; `before` is where the page begins.
    pub fn releases(
        &mut self,
        project: ProjectId,
        before: ReleaseId,
        limit: i64,
    ) -> Result<Vec<ReleaseRow>> {
        let sql = format!(
            "select {RELEASE} from release where project_id = $1 and id < $2 order by id desc limit $3"
        );
        let rows = self.query(&sql, params![project, before, limit], read_release)?;
        rows.into_iter().map(|row| self.open_release(row)).collect()
    }

    /// Says what has become of a release, and where its files are. What is made already stays as it is.
    pub fn finish_release(
        &mut self,
        id: ReleaseId,
        tasks: i64,
        event_seq: i64,
        loss: &Value,
        files: &[ReleaseFile],
    ) -> Result<bool> {
        let sealed = self.seal_text("release.loss", id.0, 0, loss)?;
        let changed = self.execute(
            sql!(
                "update release set state = 'done', tasks = $2, event_seq = $3, loss = $4
                 where id = $1 and state <> 'done'"
            ),
            params![id, tasks, event_seq, &sealed],
        )?;
        if changed == 0 {
            return Ok(false);
        }
        for file in files {
            self.execute(
                sql!(
                    "insert into release_file (release_id, name, address, bytes, sha256) values ($1, $2, $3, $4, $5)"
                ),
                params![id, &file.name, &file.address, file.bytes, &file.sha256],
            )?;
        }
        Ok(true)
    }

    pub fn release_files(&mut self, id: ReleaseId) -> Result<Vec<ReleaseFile>> {
        self.query(
            sql!("select name, address, bytes, sha256 from release_file where release_id = $1 order by name"),
            params![id],
            read_file,
        )
    }

    pub fn release_file(&mut self, id: ReleaseId, name: &str) -> Result<Option<ReleaseFile>> {
        self.query_one(
            sql!("select name, address, bytes, sha256 from release_file where release_id = $1 and name = $2"),
            params![id, name],
            read_file,
        )
    }
}

impl Tx<'_> {
    /// Seals a document for a text column.
    pub(crate) fn seal_text<T: serde::Serialize>(
        &self,
        kind: &'static str,
        id: i64,
        version: i64,
        document: &T,
    ) -> Result<String> {
        Ok(STANDARD.encode(self.seal(kind, id, version, document)?))
    }

    pub(crate) fn open_text<T: serde::de::DeserializeOwned>(
        &self,
        kind: &'static str,
        id: i64,
        version: i64,
        sealed: &str,
    ) -> Result<T> {
        let corrupt = |_| Error::Corrupt { what: "sealed text", value: sealed.into() };
        self.open(kind, id, version, &STANDARD.decode(sealed).map_err(corrupt)?)
    }
}
