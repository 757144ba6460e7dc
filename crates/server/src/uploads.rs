//! Uploads: files that come in pieces, over as many connections as it takes, and become items.
//!
//! | Door | Command |
//! |---|---|
//! | `POST /api/projects/{project}/uploads` | [`begin`]: or go on with what has begun |
//! | `PATCH /api/uploads/{upload}` | the next piece, at its offset |
//! | `POST /api/uploads/{upload}/finish` | [`finish`]: looks at the file and makes the item, or says why not |
//!
//! - **P1** A file is known by its project, its external id and its length: the same again is the same
//!   upload, on whatever machine and day, and goes on where it was.
//! - **P2** A piece goes where the bytes so far end. The same piece again is a repeat; anything else is
//!   refused with the right offset.
//! - **P3** A file is looked at before it is taken: what is no picture or video, is cut short or would not fit into
//!   memory is refused with a reason, which also goes onto the project's list of errors.
//! - **P4** Item, task, counts and event are one commit; before it there is nothing to see.

use crate::auth::{Can, ManageProjects};
use crate::clouds::{self, Tiled};
use crate::intake::{self, Fault};
use crate::projects::visible;
use crate::renditions::{self, Developed};
use crate::wire::{Body, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request};
use axum::http::{HeaderMap, StatusCode};
use domain::projects::Media;
use domain::{ProjectId, UploadId, limits};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::blobs::BlobAddress;
use store::{
    JobFault, Payload, ProjectRow, Tx, UploadProblem, UploadRow, UploadState, UploadWords,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    let pieces = OpenApiRouter::new()
        .routes(routes!(patch_upload))
        .layer(DefaultBodyLimit::max(limits::CHUNK_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(post_upload)).routes(routes!(post_finish)).merge(pieces)
}

/// The kind of the job that holds the project's list of refused files; it is always done.
const REFUSED_FILES: &str = "uploads";

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UploadBody {
    pub id: String,
    /// Where the next piece goes.
    pub offset: i64,
    /// `open`, `done` or `refused`.
    pub state: String,
    pub item: Option<String>,
    pub problem: Option<ProblemBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProblemBody {
    pub code: String,
    pub message: String,
}

fn body(upload: &UploadRow, offset: i64) -> UploadBody {
    let problem = upload.words.problem.clone();
    UploadBody {
        id: upload.id.to_string(),
        offset,
        state: upload.state.as_str().into(),
        item: upload.item.map(|item| item.to_string()),
        problem: problem.map(|UploadProblem { code, message }| ProblemBody { code, message }),
    }
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// What the file is called where it comes from: unique in the project, at most 1,024 bytes.
    pub external_id: String,
    /// Its name for people; the last part of the external id, unless told.
    #[serde(default)]
    pub name: Option<String>,
    pub bytes: i64,
    /// Not used: two files of one name and length are one file.
    #[serde(default)]
    pub last_modified: Option<i64>,
}

/// Begins an upload, or finds the one that has begun (P1).
pub async fn begin(cx: &Cx, project: ProjectId, new: NewUpload) -> Result<UploadBody> {
    intake::check_external_id(&new.external_id).map_err(Fault::into_error)?;
    if !(0..=limits::ITEM_BYTES_MAX).contains(&new.bytes) {
        let message = "a file has at most 4 GiB: cut it into several";
        return Err(Error::invalid("bytes", "out_of_range", message));
    }
    let last = new.external_id.rsplit('/').next().unwrap_or_default();
    let name = intake::checked_name(new.name.as_deref().unwrap_or(last));
    let inner = cx.clone();
    let upload: UploadId = cx
        .write(&new.clone(), move |tx| {
            visible(tx, &inner, project)?;
            let item = tx.item_by_external_id(project, &new.external_id)?;
            let found = tx.upload_of(project, &new.external_id, new.bytes)?;
            let before = found.as_ref().map(|upload| upload.state);
            let mut upload = found.unwrap_or_else(|| UploadRow {
                id: UploadId(tx.new_id(inner.now)),
                project,
                external_id: new.external_id.clone(),
                bytes: new.bytes,
                state: UploadState::Open,
                words: UploadWords { name: name.clone(), problem: None },
                item: None,
                address: None,
                created_by: inner.person(),
                created_at: inner.now,
            });
            match item {
                Some(item) => (upload.state, upload.item) = (UploadState::Done, Some(item.id)),
                // Refused before, and sent again: it may have been mended.
                None if upload.state == UploadState::Refused => {
                    (upload.state, upload.address) = (UploadState::Open, None);
                    upload.words.problem = None;
                }
                None => {}
            }
            match before {
                None => tx.insert_upload(&upload)?,
                Some(before) if before == upload.state => return Ok(upload.id),
                Some(before) => tx.save_upload(before, &upload, inner.now)?,
            }
            let detail = json!({ "project": project, "bytes": upload.bytes, "state": upload.state.as_str() });
            tx.record(inner.now, inner.person(), "upload.begun", upload.id, detail);
            Ok(upload.id)
        })
        .await?;
    // How far it has come is looked at anew, for a repeat too.
    let inner = cx.clone();
    let (upload, _) = cx.read(move |tx| visible_upload(tx, &inner, upload)).await?;
    let offset = offset(cx, &upload).await?;
    Ok(body(&upload, offset))
}

/// How much of an upload is here.
async fn offset(cx: &Cx, upload: &UploadRow) -> Result<i64> {
    if upload.state != UploadState::Open || upload.address.is_some() {
        return Ok(upload.bytes);
    }
    let waiting =
        cx.access().blobs().begin_upload(&upload.id.to_string(), upload.bytes as u64).await?;
    Ok(waiting.offset() as i64)
}

#[utoipa::path(post, path = "/api/projects/{project}/uploads", tag = "data", params(("project" = String, Path)), request_body = NewUpload, responses((status = 200, body = UploadBody)))]
async fn post_upload(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(new): Body<NewUpload>,
) -> Result<Json<UploadBody>> {
    Ok(Json(begin(&cx, id(&project)?, new).await?))
}

/// The upload, if the caller may know of it.
fn visible_upload(tx: &mut Tx<'_>, cx: &Cx, id: UploadId) -> Result<(UploadRow, ProjectRow)> {
    let upload = tx.upload(id)?.ok_or(Error::NotFound)?;
    let project = visible(tx, cx, upload.project)?;
    Ok((upload, project))
}

/// Adds a piece (P2). Answered once it is on the disk.
pub async fn append(cx: &Cx, upload: UploadId, at: i64, piece: Bytes) -> Result<UploadBody> {
    let inner = cx.clone();
    let (upload, _) = cx.read(move |tx| visible_upload(tx, &inner, upload)).await?;
    if upload.state != UploadState::Open || upload.address.is_some() {
        let end = at.checked_add(piece.len() as i64);
        // The reply to the last piece was lost, and the file is finished by now.
        let fine = end.is_some_and(|end| (0..=upload.bytes).contains(&end));
        return if fine {
            Ok(body(&upload, upload.bytes))
        } else {
            Err(wrong_offset(upload.bytes))
        };
    }
    let blobs = cx.access().blobs();
    let mut waiting = blobs.begin_upload(&upload.id.to_string(), upload.bytes as u64).await?;
    let at = u64::try_from(at).map_err(|_| wrong_offset(waiting.offset() as i64))?;
    match waiting.append(at, piece).await {
        Ok(offset) => Ok(body(&upload, offset as i64)),
        Err(store::blobs::Error::WrongOffset { expected }) => Err(wrong_offset(expected as i64)),
        Err(error) => Err(error.into()),
    }
}

fn wrong_offset(offset: i64) -> Error {
    Error::RefusedWith {
        code: "wrong_offset",
        message: format!("the next piece begins at byte {offset}"),
        details: json!({ "offset": offset }),
    }
}

#[utoipa::path(patch, path = "/api/uploads/{upload}", tag = "data", params(("upload" = String, Path), ("Upload-Offset" = i64, Header)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = UploadBody), (status = 409, description = "`wrong_offset`, with the right one in `details.offset`")))]
async fn patch_upload(
    cx: Can<ManageProjects>,
    Path(upload): Path<String>,
    headers: HeaderMap,
    Raw(piece): Raw,
) -> Result<Json<UploadBody>> {
    let at =
        headers.get("upload-offset").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    let at = at.ok_or_else(|| Error::bad("Upload-Offset: the byte at which this piece begins"))?;
    Ok(Json(append(&cx, id(&upload)?, at, piece).await?))
}

/// A body of bytes, refused like every other error.
pub(crate) struct Raw(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| {
            if axum::response::IntoResponse::into_response(rejection).status()
                == StatusCode::PAYLOAD_TOO_LARGE
            {
                Error::TooLarge {
                    what: "a body of this call",
                    limit: limits::CHUNK_BYTES_MAX as u64,
                }
            } else {
                Error::bad("the body broke off")
            }
        })
    }
}

/// A file that is here as a whole, and what is in it.
pub(crate) struct Settled {
    pub address: String,
    pub content: Content,
}

pub(crate) enum Content {
    Picture(Developed),
    Text(String),
    Cloud(Tiled),
}

/// Makes the bytes of an upload a blob, if they are all here: what imports read, and what becomes of
/// every file. Safe to repeat.
pub(crate) async fn settle(cx: &Cx, upload: &UploadRow) -> Result<BlobAddress> {
    if let Some(address) = &upload.address {
        return address
            .parse()
            .map_err(|_| Error::Internal("an address that does not read back".into()));
    }
    let blobs = cx.access().blobs();
    let waiting = blobs.begin_upload(&upload.id.to_string(), upload.bytes as u64).await?;
    let stored = match waiting.finish().await {
        Ok(stored) => stored,
        Err(store::blobs::Error::WrongOffset { expected }) => {
            return Err(wrong_offset(expected as i64));
        }
        Err(error) => return Err(error.into()),
    };
    let (id, address, now) = (upload.id, stored.address.to_string(), cx.now);
    let by = cx.person();
    cx.store()
        .write(move |tx| {
            let mut upload = tx.upload(id)?.ok_or(Error::NotFound)?;
            if upload.address.is_none() {
                upload.address = Some(address.clone());
                let state = upload.state;
                tx.save_upload(state, &upload, now)?;
                tx.record(now, by, "upload.received", id, json!({ "bytes": upload.bytes }));
            }
            Ok::<_, Error>(())
        })
        .await?;
    Ok(stored.address)
}

/// Looks at a file (P3): a picture, a video, a text or a cloud, as the project asks; the kind of a cloud is told by its name.
pub(crate) async fn look(
    cx: &Cx,
    media: Media,
    address: BlobAddress,
    name: &str,
    bytes: i64,
) -> Result<Result<Settled, Fault>> {
    let blobs = cx.access().blobs();
    let content = match media {
        Media::Image => {
            if bytes as u64 > limits::PICTURE_FILE_BYTES_MAX {
                let message = "the file is longer than 512 MiB: no picture that can be shown is";
                return Ok(Err(Fault::new("file", "too_large", message)));
            }
            let file = blobs.read_all(&address, limits::PICTURE_FILE_BYTES_MAX).await?;
            match renditions::develop(&cx.app, blobs, file.into()).await? {
                Ok(developed) => Content::Picture(developed),
                Err(refusal) => {
                    return Ok(Err(Fault::new("file", refusal.code(), refusal.to_string())));
                }
            }
        }
        // Of any length: only where its frames lie is read.
        Media::Video => match renditions::index(blobs, address).await? {
            Ok(developed) => Content::Picture(developed),
            Err(refusal) => {
                return Ok(Err(Fault::new("file", refusal.code(), refusal.to_string())));
            }
        },
        Media::Text => {
            if bytes as u64 > limits::TEXT_CHARS_MAX as u64 * 4 {
                return Ok(Err(Fault::new(
                    "file",
                    "too_long",
                    "a text has at most 2,000,000 characters",
                )));
            }
            let file = blobs.read_all(&address, limits::TEXT_CHARS_MAX as u64 * 4).await?;
            let Ok(text) = String::from_utf8(file) else {
                return Ok(Err(Fault::new(
                    "file",
                    "not_text",
                    "the file is not UTF-8 text: save it as UTF-8",
                )));
            };
            let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
            match intake::check_text(&text) {
                Ok(()) => Content::Text(text),
                Err(fault) => return Ok(Err(Fault { field: "file".into(), ..fault })),
            }
        }
        Media::Cloud => match clouds::tile(&cx.app, blobs, address, name).await? {
            Ok(tiled) => Content::Cloud(tiled),
            Err(fault) => return Ok(Err(fault)),
        },
    };
    Ok(Ok(Settled { address: address.to_string(), content }))
}

/// Makes an item of a file that has come as a whole, or says why not.
pub async fn finish(cx: &Cx, upload: UploadId) -> Result<UploadBody> {
    let inner = cx.clone();
    let (upload, project) = cx.read(move |tx| visible_upload(tx, &inner, upload)).await?;
    match upload.state {
        UploadState::Done => return Ok(body(&upload, upload.bytes)),
        UploadState::Refused => return Err(refusal(&upload)),
        UploadState::Open => {}
    }
    let address = settle(cx, &upload).await?;
    let name = &upload.words.name;
    let looked = look(cx, project.question.media, address, name, upload.bytes).await?;
    let inner = cx.clone();
    let id = upload.id;
    let upload = cx
        .store()
        .write(move |tx| {
            let (upload, project) = visible_upload(tx, &inner, id)?;
            if upload.state != UploadState::Open {
                return Ok(upload);
            }
            match &looked {
                Ok(settled) => take(tx, &inner, &project, upload, settled),
                Err(fault) => refuse(tx, &inner, upload, fault),
            }
        })
        .await?;
    match upload.state {
        UploadState::Refused => Err(refusal(&upload)),
        UploadState::Open | UploadState::Done => Ok(body(&upload, upload.bytes)),
    }
}

/// Item, renditions, task, counts and event (P4).
fn take(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    mut upload: UploadRow,
    settled: &Settled,
) -> Result<UploadRow> {
    let payload = Payload { name: upload.words.name.clone(), ..Payload::default() };
    let new = intake::new_item(project, &upload.external_id, settled, upload.bytes, payload);
    let item = match intake::add(tx, cx, project, &[(new, settled.renditions())])?.first() {
        Some(Some(item)) => *item,
        _ => tx.item_by_external_id(project.id, &upload.external_id)?.ok_or(Error::NotFound)?.id,
    };
    (upload.state, upload.item) = (UploadState::Done, Some(item));
    upload.address = Some(settled.address.clone());
    tx.save_upload(UploadState::Open, &upload, cx.now)?;
    tx.record(cx.now, cx.person(), "upload.done", upload.id, json!({ "item": item }));
    Ok(upload)
}

fn refuse(tx: &mut Tx<'_>, cx: &Cx, mut upload: UploadRow, fault: &Fault) -> Result<UploadRow> {
    let Fault { field, code, message } = fault;
    upload.state = UploadState::Refused;
    upload.words.problem = Some(UploadProblem { code: code.to_string(), message: message.clone() });
    tx.save_upload(UploadState::Open, &upload, cx.now)?;
    let row = JobFault {
        row: 1,
        field: field.clone(),
        code: code.to_string(),
        message: message.clone(),
        raw: upload.external_id.clone(),
    };
    let job = tx.add_fault(upload.project, REFUSED_FILES, cx.person(), &row, cx.now)?;
    let detail = json!({ "project": upload.project, "code": code, "job": job });
    tx.record(cx.now, cx.person(), "upload.refused", upload.id, detail);
    Ok(upload)
}

fn refusal(upload: &UploadRow) -> Error {
    let problem = upload.words.problem.clone();
    let UploadProblem { code, message } = problem.unwrap_or(UploadProblem {
        code: "refused".into(),
        message: "this file was refused".into(),
    });
    Error::invalid("file", &code, message)
}

impl Settled {
    pub(crate) fn renditions(&self) -> Vec<store::NewRendition> {
        match &self.content {
            Content::Picture(developed) => developed.renditions.clone(),
            Content::Text(_) => vec![],
            Content::Cloud(tiled) => {
                clouds::of_one(tiled, String::new(), self.address.clone(), 0).1
            }
        }
    }
}

#[utoipa::path(post, path = "/api/uploads/{upload}/finish", tag = "data", params(("upload" = String, Path)), responses((status = 200, body = UploadBody), (status = 422, description = "the file is refused, with the reason under `problems`")))]
async fn post_finish(
    cx: Can<ManageProjects>,
    Path(upload): Path<String>,
) -> Result<Json<UploadBody>> {
    Ok(Json(finish(&cx, id(&upload)?).await?))
}
