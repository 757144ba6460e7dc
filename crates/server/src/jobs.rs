//! Jobs: work that outlives a request, seen and canceled by those who asked for it.
//!
//! | Door | Command |
//! |---|---|
//! | `GET /api/jobs`, `GET /api/jobs/{job}` | how far it has come |
//! | `POST /api/jobs/{job}/cancel` | [`cancel`]: asks it to stop |
//! | `GET /api/jobs/{job}/errors` | the rows that it refused, as CSV |
//!
//! A command puts a job into the queue of its own store with [`enqueue`], in the transaction of
//! whatever else it does; the workers that [`start`] begins find it there, or on the next start of
//! the process. A new kind of job is a function from a [`JobCx`] to its result, and a line in
//! [`handler`].

mod runner;
mod sweep;

pub use runner::{Board, JobCx, Pending, Runner, run_pending, start};

use crate::auth::{Can, ManageProjects, SeeLabels};
use crate::backends;
use crate::imports;
use crate::projects::visible;
use crate::wire::{Page, Paging, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::people::Mode;
use domain::{JobId, ProjectId};
use formats::ErrorFile;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{JobFault, JobRow, NewJob, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_jobs))
        .routes(routes!(get_job))
        .routes(routes!(post_job_cancel))
        .routes(routes!(get_errors))
}

/// What a kind of job does: it tells how far it has come, and ends with a result.
pub type Handler = fn(&mut JobCx) -> Result<Value>;

/// Every kind of job.
fn handler(kind: &str) -> Option<Handler> {
    match kind {
        imports::KIND => Some(imports::run),
        backends::FETCH_KIND => Some(backends::run_fetch),
        backends::TRAIN_KIND => Some(backends::run_training),
        "release" => Some(crate::releases::make),
        _ => None,
    }
}

/// A job on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JobBody {
    pub id: String,
    pub project: Option<String>,
    pub kind: String,
    /// `queued`, `running`, `done`, `failed` or `canceled`.
    pub state: String,
    pub done: i64,
    /// Not known before it was counted.
    pub total: Option<i64>,
    /// Rows that were refused: `GET /api/jobs/{job}/errors`.
    pub bad: i64,
    pub message: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
}

pub fn body(job: &JobRow) -> JobBody {
    JobBody {
        id: job.id.to_string(),
        project: job.project.map(|project| project.to_string()),
        kind: job.kind.clone(),
        state: job.state.as_str().into(),
        done: job.done,
        total: job.total,
        bad: job.bad,
        message: job.message.clone(),
        result: job.result.clone(),
        created_at: job.created_at.into(),
        started_at: job.started_at.map(Time),
        finished_at: job.finished_at.map(Time),
    }
}

/// Puts a job into the queue, together with whatever else the transaction does.
pub fn enqueue(
    tx: &mut Tx<'_>,
    cx: &Cx,
    kind: &'static str,
    project: Option<ProjectId>,
    input: &impl Serialize,
) -> Result<JobRow> {
    let new =
        NewJob { project, kind, input: serde_json::to_value(input)?, created_by: cx.person() };
    let job = tx.insert_job(&new, cx.now)?;
    tx.record(cx.now, cx.person(), "job.queued", job, json!({ "kind": kind, "project": project }));
    // The workers look again until the commit has come through.
    cx.app.jobs.hint(cx.actor().organization);
    tx.job(job)?.ok_or(Error::NotFound)
}

/// The job, if the caller may know of it: a job shares the walls of its project.
fn visible_job(tx: &mut Tx<'_>, cx: &Cx, id: JobId) -> Result<JobRow> {
    let job = tx.job(id)?.ok_or(Error::NotFound)?;
    match job.project {
        Some(project) => visible(tx, cx, project).map(|_| job),
        None if cx.actor().mode == Mode::Live => Ok(job),
        None => Err(Error::NotFound),
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// Of this project only.
    project: Option<String>,
}

#[utoipa::path(get, path = "/api/jobs", tag = "data", params(JobsQuery, Paging), responses((status = 200, body = Page<JobBody>)))]
async fn get_jobs(
    cx: Can<SeeLabels>,
    Query(query): Query<JobsQuery>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<JobBody>>> {
    let project = query.project.as_deref().map(id::<ProjectId>).transpose()?;
    let (before, limit) = (JobId(paging.before()?), paging.limit()?);
    let inner = (*cx).clone();
    let page = cx
        .read(move |tx| {
            if let Some(project) = project {
                visible(tx, &inner, project)?;
            }
            let rows = tx.jobs(project, before, limit)?;
            let last = rows.last().map(|job| job.id.0);
            let full = rows.len() as i64 >= limit;
            let mut items = Vec::with_capacity(rows.len());
            for job in rows {
                match visible_job(tx, &inner, job.id) {
                    Ok(job) => items.push(body(&job)),
                    Err(Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Page { items, next_cursor: last.filter(|_| full).map(domain::encode) })
        })
        .await?;
    Ok(Json(page))
}

#[utoipa::path(get, path = "/api/jobs/{job}", tag = "data", params(("job" = String, Path)), responses((status = 200, body = JobBody)))]
async fn get_job(cx: Can<SeeLabels>, Path(job): Path<String>) -> Result<Json<JobBody>> {
    let job = id(&job)?;
    let inner = (*cx).clone();
    let job = cx.read(move |tx| visible_job(tx, &inner, job)).await?;
    Ok(Json(body(&job)))
}

/// Asks a job to stop. What it has finished stays; one that is over already stays as it is.
pub async fn cancel(cx: &Cx, job: JobId) -> Result<JobBody> {
    let inner = cx.clone();
    cx.write(&job, move |tx| {
        visible_job(tx, &inner, job)?;
        if tx.cancel_job(job, inner.now)? {
            tx.record(inner.now, inner.person(), "job.canceled", job, json!({}));
        }
        Ok(body(&visible_job(tx, &inner, job)?))
    })
    .await
}

#[utoipa::path(post, path = "/api/jobs/{job}/cancel", tag = "data", params(("job" = String, Path)), responses((status = 200, body = JobBody)))]
async fn post_job_cancel(
    cx: Can<ManageProjects>,
    Path(job): Path<String>,
) -> Result<Json<JobBody>> {
    let job: JobId = id(&job)?;
    let canceled = cancel(&cx, job).await?;
    cx.app.jobs.cancel(job);
    Ok(Json(canceled))
}

/// Refused rows that are read at a time while the error file streams.
const FAULTS_PER_PAGE: i64 = 1_000;

#[utoipa::path(get, path = "/api/jobs/{job}/errors", tag = "data", params(("job" = String, Path)), responses((status = 200, content_type = "text/csv", body = String)))]
async fn get_errors(cx: Can<ManageProjects>, Path(job): Path<String>) -> Result<Response> {
    let job = id(&job)?;
    let inner = (*cx).clone();
    let row = cx.read(move |tx| visible_job(tx, &inner, job)).await?;
    let inner = (*cx).clone();
    // The header of the file is the first piece; then a piece for each page of rows.
    let pieces = futures_util::stream::try_unfold(Some(None), move |after: Option<Option<i64>>| {
        let inner = inner.clone();
        async move {
            let Some(after) = after else { return Ok::<_, Error>(None) };
            let from = after.unwrap_or(0);
            let page = inner.read(move |tx| Ok(tx.job_faults(job, from, FAULTS_PER_PAGE)?)).await?;
            let next = page
                .last()
                .filter(|_| page.len() as i64 == FAULTS_PER_PAGE)
                .map(|(number, _)| Some(*number));
            let faults: Vec<JobFault> = page.into_iter().map(|(_, fault)| fault).collect();
            Ok(Some((error_rows(&faults, after.is_none())?, next)))
        }
    });
    let name = format!("attachment; filename=\"{}-errors.csv\"", row.id);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let pieces = futures_util::TryStreamExt::map_err(pieces, |error: Error| {
        std::io::Error::other(format!("{error:?}"))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn error_rows(faults: &[JobFault], with_header: bool) -> Result<Bytes> {
    let broken = |error: std::io::Error| Error::Internal(error.to_string());
    let mut file = ErrorFile::new(Vec::new()).map_err(broken)?;
    for fault in faults {
        let JobFault { row, field, code, message, raw } = fault;
        file.write(*row, [field, code, message, raw]).map_err(broken)?;
    }
    let bytes = file.finish().map_err(broken)?;
    let begin = if with_header {
        0
    } else {
        bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)
    };
    Ok(Bytes::from(bytes).slice(begin..))
}
