//! Imports: many items, or answers to items that are there, out of one file or one bucket.
//!
//! | Door | Command |
//! |---|---|
//! | `POST /api/projects/{project}/imports` | [`begin`]: a job that reads the file |
//! | `POST /api/projects/{project}/items` | [`add`]: up to 1,000 items at once |
//!
//! - **Q1** An import reads row by row, keeps one batch in memory and commits batch by batch, each with
//!   the place that it has come to: after a restart it goes on there.
//! - **Q2** It can be repeated, whole or in part: what is there already counts as repeated (K1).
//! - **Q3** An answer for an item that is there becomes its label, or its suggestion, as long as nobody
//!   has begun to work on it; later, people's answers are worth more.
//! - **Q4** A try (`dry_run`) judges every row and keeps nothing.

mod batch;
mod dataset;
mod found;
mod manifest;
mod names;
mod native;
mod people;
mod sources;
pub(crate) mod spool;

use crate::auth::{Can, ManageProjects};
use crate::intake::{AnswersAs, Gate};
use crate::jobs::{self, JobBody, JobCx};
use crate::projects::visible;
use crate::uploads;
use crate::wire::{Body, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use domain::{ProjectId, UploadId};
use formats::exchange::Format;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Read;
use store::blobs::{BlobAddress, BlobReader};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use batch::{AddError, AddItems, Added, add};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(post_import)).merge(batch::router())
}

/// The kind of these jobs.
pub const KIND: &str = "import";

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Whichever of the next three it is, told by its first bytes.
    Auto,
    /// JSONL or CSV, an item each row.
    Manifest,
    /// A release of ours, in the native format.
    Native,
    /// Labels of another tool, in any format that `fairmark convert` reads, with their pictures in the same
    /// archive or here already.
    Dataset,
    /// Every object under a prefix of a bucket.
    S3,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    pub source: Source,
    /// The file, sent as an upload; it need not be finished.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub upload: Option<UploadId>,
    #[serde(default)]
    pub s3: Option<Bucket>,
    /// Judge every row, and keep nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What the answers in the file are.
    #[serde(default)]
    pub answers: AnswersAs,
    /// The format of a data set, where it is not to be recognised: a name of `fairmark convert`.
    #[serde(default)]
    pub format: Option<String>,
    /// What classes of a data set become: the key of a class of the project, or null where they are left
    /// out. The others are found by name.
    #[serde(default)]
    pub classes: BTreeMap<String, Option<String>>,
    /// Whether classes and attributes that the project lacks become part of its ontology.
    #[serde(default)]
    pub extend: bool,
}

/// A bucket, and who may read it. Kept sealed, until the job is over.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub bucket: String,
    #[serde(default)]
    pub prefix: String,
    /// Amazon's of the region, unless told.
    #[serde(default)]
    pub endpoint: String,
    #[serde(default)]
    pub region: String,
    #[serde(default)]
    pub access_key_id: String,
    #[serde(default)]
    pub secret_access_key: String,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// What the job is asked; sealed in its row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    source: Source,
    address: Option<String>,
    s3: Option<Bucket>,
    dry_run: bool,
    answers: AnswersAs,
    #[serde(default)]
    name: String,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    classes: BTreeMap<String, Option<String>>,
    #[serde(default)]
    extend: bool,
}

/// Begins an import.
pub async fn begin(cx: &Cx, project: ProjectId, request: ImportRequest) -> Result<JobBody> {
    if let Some(format) = &request.format
        && Format::find(format).is_none()
    {
        let known: Vec<&str> = Format::all().map(Format::as_str).collect();
        let message = format!("there is no format “{format}”: give one of {}", known.join(", "));
        return Err(Error::invalid("format", "unknown_value", message));
    }
    let file = match (request.source, request.upload, &request.s3) {
        (Source::S3, None, Some(bucket)) => {
            sources::check_bucket(&cx.app, bucket)?;
            None
        }
        (Source::S3, _, _) => {
            return Err(Error::invalid("s3", "missing_field", "name the bucket under `s3`"));
        }
        (_, Some(upload), None) => Some(whole_file(cx, project, upload).await?),
        _ => {
            return Err(Error::invalid(
                "upload",
                "missing_field",
                "send the file as an upload and name it here",
            ));
        }
    };
    let (address, name) = file.unzip();
    let input = Input {
        source: request.source,
        address: address.map(|address: BlobAddress| address.to_string()),
        s3: request.s3.clone(),
        dry_run: request.dry_run,
        answers: request.answers,
        name: name.unwrap_or_default(),
        format: request.format.clone(),
        classes: request.classes.clone(),
        extend: request.extend,
    };
    let inner = cx.clone();
    cx.write(&request, move |tx| {
        visible(tx, &inner, project)?;
        let job = jobs::enqueue(tx, &inner, KIND, Some(project), &input)?;
        Ok(jobs::body(&job))
    })
    .await
}

/// The bytes of an upload, if they are all here, and its name.
async fn whole_file(
    cx: &Cx,
    project: ProjectId,
    upload: UploadId,
) -> Result<(BlobAddress, String)> {
    let inner = cx.clone();
    let upload = cx
        .read(move |tx| {
            visible(tx, &inner, project)?;
            let upload = tx.upload(upload)?.filter(|upload| upload.project == project);
            upload.ok_or_else(|| {
                Error::invalid(
                    "upload",
                    "unknown_upload",
                    "there is no such upload in this project",
                )
            })
        })
        .await?;
    Ok((uploads::settle(cx, &upload).await?, upload.words.name))
}

#[utoipa::path(post, path = "/api/projects/{project}/imports", tag = "data", params(("project" = String, Path)), request_body = ImportRequest, responses((status = 200, body = JobBody)))]
async fn post_import(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(request): Body<ImportRequest>,
) -> Result<Json<JobBody>> {
    Ok(Json(begin(&cx, id(&project)?, request).await?))
}

/// The job itself.
pub(crate) fn run(job: &mut JobCx) -> Result<Value> {
    let input: Input = job.input()?;
    let project = job.job.project.ok_or(Error::NotFound)?;
    let (inner, answers) = (job.cx.clone(), input.answers);
    let gate = job.cx.store().read_now(move |tx| {
        let project = visible(tx, &inner, project)?;
        Gate::open(tx, &inner, project, answers)
    })?;
    let source = match input.source {
        Source::Auto => recognised(&input, &job.cx)?,
        told => told,
    };
    match source {
        Source::Auto | Source::Dataset => {
            let format = input.format.as_deref().and_then(Format::find);
            dataset::run(job, gate, &input, format)
        }
        Source::Manifest => manifest::run(job, gate, &input),
        Source::Native => native::run(job, gate, &input),
        Source::S3 => {
            let outcome = sources::run(job, gate, &input);
            // Done or failed, it is over: the keys of the bucket are not needed any more.
            job.forget_input()?;
            outcome
        }
    }
}

/// What a file is: a release of ours says so in its first line, a manifest names its items.
fn recognised(input: &Input, cx: &Cx) -> Result<Source> {
    const HEAD_BYTES: u64 = 64 << 10;
    if input.format.is_some() {
        return Ok(Source::Dataset);
    }
    let mut head = Vec::new();
    let read = formats::as_utf8(input.open(cx)?).take(HEAD_BYTES).read_to_end(&mut head);
    read.map_err(|error| Error::Internal(format!("the file of an import: {error}")))?;
    let head = String::from_utf8_lossy(&head);
    let first = head.trim_start().lines().next().unwrap_or_default();
    let first = serde_json::from_str::<Map<String, Value>>(first);
    if first.is_ok_and(|object| object.contains_key("fairmark")) {
        return Ok(Source::Native);
    }
    Ok(if formats::manifest::is_manifest(&head) { Source::Manifest } else { Source::Dataset })
}

impl Input {
    /// Opens the file, as often as it is needed.
    fn open(&self, cx: &Cx) -> Result<BlobReader> {
        let address = self.address.as_deref().map(str::parse::<BlobAddress>);
        let Some(Ok(address)) = address else {
            return Err(Error::Internal("an import without its file".into()));
        };
        Ok(cx.access().blobs().open_read(&address)?)
    }
}
