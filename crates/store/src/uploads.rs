//! Uploads on disk: what is known of a file on its way in. Its bytes are among the blobs.

use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use domain::{ItemId, PersonId, ProjectId, Timestamp, UploadId};
use serde::{Deserialize, Serialize};

/// `open → done`, or `refused`, from where it may be begun anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadState {
    Open,
    Done,
    Refused,
}

impl UploadState {
    pub fn as_str(self) -> &'static str {
        match self {
            UploadState::Open => "open",
            UploadState::Done => "done",
            UploadState::Refused => "refused",
        }
    }
}

impl std::str::FromStr for UploadState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [UploadState::Open, UploadState::Done, UploadState::Refused];
        all.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct UploadRow {
    pub id: UploadId,
    pub project: ProjectId,
    pub external_id: String,
    pub bytes: i64,
    pub state: UploadState,
    pub words: UploadWords,
    /// The item that came of it; none of a file that an import reads.
    pub item: Option<ItemId>,
    /// Where its bytes are among the blobs, once all have come.
    pub address: Option<String>,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

/// What of an upload is sealed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UploadWords {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<UploadProblem>,
}

/// Why a file was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadProblem {
    pub code: String,
    pub message: String,
}

const UPLOAD: &str = "id, project_id, external_id, bytes, state, sealed, item_id, address, created_by, created_at_ms";

fn read_upload(row: &Row<'_>) -> Result<(UploadRow, Vec<u8>)> {
    let upload = UploadRow {
        id: row.get(0)?,
        project: row.get(1)?,
        external_id: row.get(2)?,
        bytes: row.get(3)?,
        state: row.parse(4, "upload state")?,
        words: UploadWords::default(),
        item: row.get(6)?,
        address: row.get(7)?,
        created_by: row.get(8)?,
        created_at: row.get(9)?,
    };
    Ok((upload, row.get(5)?))
}

impl Tx<'_> {
    fn open_upload(&self, (mut upload, sealed): (UploadRow, Vec<u8>)) -> Result<UploadRow> {
        upload.words = self.open("upload", upload.id.0, 0, &sealed)?;
        Ok(upload)
    }

    /// Adds an upload; a conflict if the same file has begun at the same moment.
    pub fn insert_upload(&mut self, upload: &UploadRow) -> Result<()> {
        let sealed = self.seal("upload", upload.id.0, 0, &upload.words)?;
        let added = self.execute(
            sql!(
                "insert into upload (id, project_id, external_id, bytes, received, state, sealed, item_id, address, problem,
                                     created_by, created_at_ms, updated_at_ms)
                 values ($1, $2, $3, $4, 0, $5, $6, $7, $8, null, $9, $10, $10)
                 on conflict (project_id, external_id, bytes) do nothing"
            ),
            params![
                upload.id,
                upload.project,
                &upload.external_id,
                upload.bytes,
                upload.state.as_str(),
                &sealed,
                upload.item,
                upload.address.as_deref(),
                upload.created_by,
                upload.created_at,
            ],
        )?;
        if added == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    pub fn upload(&mut self, id: UploadId) -> Result<Option<UploadRow>> {
        let sql = format!("select {UPLOAD} from upload where id = $1");
        let row = self.query_one(&sql, params![id], read_upload)?;
        row.map(|row| self.open_upload(row)).transpose()
    }

    /// The upload of a file, if it has begun.
    pub fn upload_of(
        &mut self,
        project: ProjectId,
        external_id: &str,
        bytes: i64,
    ) -> Result<Option<UploadRow>> {
        let sql = format!(
            "select {UPLOAD} from upload where project_id = $1 and external_id = $2 and bytes = $3"
        );
        let row = self.query_one(&sql, params![project, external_id, bytes], read_upload)?;
        row.map(|row| self.open_upload(row)).transpose()
    }

    /// The latest upload under an external id whose bytes are all here.
    pub fn whole_upload(
        &mut self,
        project: ProjectId,
        external_id: &str,
    ) -> Result<Option<UploadRow>> {
        let sql = format!(
            "select {UPLOAD} from upload
             where project_id = $1 and external_id = $2 and address is not null order by id desc limit 1"
        );
        let row = self.query_one(&sql, params![project, external_id], read_upload)?;
        row.map(|row| self.open_upload(row)).transpose()
    }

    /// The newest upload of this name, whether it has come as a whole or not.
    pub fn newest_upload(
        &mut self,
        project: ProjectId,
        external_id: &str,
    ) -> Result<Option<UploadRow>> {
        let sql = format!(
            "select {UPLOAD} from upload
             where project_id = $1 and external_id = $2 order by id desc limit 1"
        );
        let row = self.query_one(&sql, params![project, external_id], read_upload)?;
        row.map(|row| self.open_upload(row)).transpose()
    }

    /// Writes what has become of an upload; a conflict if it is no longer in the state `before`.
    pub fn save_upload(
        &mut self,
        before: UploadState,
        after: &UploadRow,
        now: Timestamp,
    ) -> Result<()> {
        let sealed = self.seal("upload", after.id.0, 0, &after.words)?;
        let received = if after.address.is_some() { after.bytes } else { 0 };
        let problem = after.words.problem.as_ref().map(|problem| problem.code.as_str());
        self.execute_one(
            sql!(
                "update upload set state = $3, sealed = $4, item_id = $5, address = $6, problem = $7, received = $8,
                                   updated_at_ms = $9
                 where id = $1 and state = $2"
            ),
            params![
                after.id,
                before.as_str(),
                after.state.as_str(),
                &sealed,
                after.item,
                after.address.as_deref(),
                problem,
                received,
                now,
            ],
        )
    }
}
