//! Releases: the labels of a project as files, with the account of how each came about.
//!
//! | Door | Command |
//! |---|---|
//! | `POST /api/projects/{project}/releases` | [`create`]: asks for one, which a job makes |
//! | `GET /api/projects/{project}/releases/preview` | [`preview`]: what formats would lose |
//! | `GET /api/projects/{project}/releases/formats` | what fits the project |
//! | `GET /api/releases/{release}/files/{name}` | its files, in parts if wanted |
//!
//! - **R1** A release holds the tasks that were done when it was asked for: those whose label was there
//!   at that moment (`snapshot_at`) and still is when its page is read, in the order of their making. A
//!   task that was reopened or labelled anew meanwhile is left out, and counted as `left_out`.
//! - **R2** The same labels make the same bytes: nothing in the files of labels depends on when, by whom
//!   or how often a release was made. Only `manifest.json` tells that.
//! - **R3** A release is never changed. Its manifest names every file with its size and SHA-256, and the
//!   number and hash of the last event, by which it can be checked against the log.
//! - **R4** What a format cannot hold is counted, with examples, before and after.
//! - **R5** The files of labels name people by id alone (N7); their names are in the manifest.

mod exchange;
mod files;
mod format;
mod make;
mod pipe;
mod record;

pub use format::Format;
pub use make::make;

use self::exchange::Waiting;
use crate::auth::{Can, ManageProjects, SeeLabels};
use crate::jobs::{self, JobBody};
use crate::people::checked_name;
use crate::projects::visible;
use crate::tasks::NamedPerson;
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::{Path, Query};
use domain::projects::Media;
use domain::{PersonId, ProjectId, ReleaseId, TaskId};
use formats::{Classes, LossReport};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Cursor};
use store::{JobRow, NewRelease, ProjectRow, ReleaseFile, ReleaseRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_releases, post_release))
        .routes(routes!(get_preview))
        .routes(routes!(get_formats))
        .routes(routes!(get_release))
        .routes(routes!(files::get_file))
}

/// What a job is asked to make.
#[derive(Serialize, Deserialize)]
struct Input {
    release: ReleaseId,
    with_pictures: bool,
    #[serde(default)]
    with_open: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReleaseBody {
    pub id: String,
    pub project: String,
    /// Counts the releases of the project, from 1.
    pub number: i64,
    pub name: String,
    pub formats: Vec<Format>,
    /// That of its job: `queued`, `running`, `done`, `failed` or `canceled`.
    pub state: String,
    pub job: JobBody,
    /// Labelled tasks in it.
    pub tasks: i64,
    pub created_at: Time,
    pub created_by: NamedPerson,
    pub files: Vec<FileBody>,
    pub loss: Vec<LossBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FileBody {
    pub name: String,
    pub bytes: i64,
    pub sha256: String,
    pub url: String,
}

/// Something that a format could not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LossBody {
    pub format: Format,
    /// `item_attribute`, `choice`, `note`, `object`, …
    pub what: String,
    pub count: u64,
    /// Up to five places.
    pub examples: Vec<String>,
}

impl LossBody {
    fn all(format: Format, report: LossReport) -> impl Iterator<Item = Self> {
        report.losses.into_iter().map(move |(what, loss)| Self {
            format,
            what: what.into(),
            count: loss.count,
            examples: loss.examples,
        })
    }
}

/// What a picture is called in files that other tools read: its path, where its external id is one.
fn picture_name<'a>(external_id: &'a str, name: Option<&'a str>) -> &'a str {
    let is_path =
        |text: &str| text.rsplit_once('.').is_some_and(|(_, end)| (1..=5).contains(&end.len()));
    match name {
        Some(name) if !is_path(external_id) => name,
        _ => external_id,
    }
}

/// A release with what belongs to it, before its author has a name.
struct Found {
    row: ReleaseRow,
    job: JobRow,
    files: Vec<ReleaseFile>,
}

fn find(tx: &mut Tx<'_>, row: ReleaseRow) -> Result<Found> {
    let job = tx.job(row.job)?.ok_or(Error::NotFound)?;
    let files = if row.made { tx.release_files(row.id)? } else { Vec::new() };
    Ok(Found { row, job, files })
}

/// The release, if the caller may know of its project.
fn visible_release(tx: &mut Tx<'_>, cx: &Cx, release: ReleaseId) -> Result<ReleaseRow> {
    let release = tx.release(release)?.ok_or(Error::NotFound)?;
    visible(tx, cx, release.project)?;
    Ok(release)
}

fn dress(found: Found, names: &HashMap<PersonId, String>) -> Result<ReleaseBody> {
    let Found { row, job, files } = found;
    let name = names.get(&row.created_by).cloned().unwrap_or_else(|| "somebody".into());
    let files = files.into_iter().map(|file| FileBody {
        url: format!("/api/releases/{}/files/{}", row.id, file.name),
        name: file.name,
        bytes: file.bytes,
        sha256: file.sha256,
    });
    Ok(ReleaseBody {
        id: row.id.to_string(),
        project: row.project.to_string(),
        number: row.number,
        name: row.name,
        formats: row.formats.iter().filter_map(|name| Format::named(name)).collect(),
        state: if row.made { "done".into() } else { job.state.as_str().into() },
        job: jobs::body(&job),
        tasks: row.tasks,
        created_at: row.created_at.into(),
        created_by: NamedPerson { person: row.created_by.to_string(), name },
        files: files.collect(),
        loss: if row.loss.is_null() { Vec::new() } else { serde_json::from_value(row.loss)? },
    })
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReleaseBody {
    /// `Release` and its number, unless told.
    #[serde(default)]
    pub name: Option<String>,
    pub formats: Vec<Format>,
    /// Adds the pictures themselves, as `pictures.tar`.
    #[serde(default)]
    pub with_pictures: bool,
    /// Adds to the native file the tasks that have no label yet, with what was said of them so far, and
    /// what is known of gold: brought into an empty project, it gives the same state.
    #[serde(default)]
    pub with_open: bool,
}

/// Each format once, and only those that fit what the project asks.
fn checked_formats(project: &ProjectRow, wanted: &[Format]) -> Result<Vec<Format>> {
    if wanted.is_empty() {
        return Err(Error::invalid("formats", "nothing_asked", "choose one format at least"));
    }
    for format in wanted {
        if let Some(why) = format.misfit(&project.question) {
            let message = format!("{}: {why}", format.as_str());
            return Err(Error::invalid("formats", "does_not_fit", message));
        }
    }
    Ok(Format::all().filter(|format| wanted.contains(format)).collect())
}

fn fits(project: &ProjectRow, format: Format) -> bool {
    format.misfit(&project.question).is_none()
}

/// Asks for a release of the labels that are there now.
pub async fn create(cx: &Cx, project: ProjectId, new: NewReleaseBody) -> Result<ReleaseBody> {
    let name = new.name.as_deref().filter(|name| !name.trim().is_empty());
    let name = name.map(|name| checked_name("name", name)).transpose()?;
    let names = cx.app.names.find(cx.stores(), vec![cx.person()]).await?;
    let inner = cx.clone();
    cx.write(&new.clone(), move |tx| {
        let project = visible(tx, &inner, project)?;
        let formats = checked_formats(&project, &new.formats)?;
        let formats: Vec<&str> = formats.into_iter().map(Format::as_str).collect();
        let id = ReleaseId(tx.new_id(inner.now));
        let input =
            Input { release: id, with_pictures: new.with_pictures, with_open: new.with_open };
        let job = jobs::enqueue(tx, &inner, "release", Some(project.id), &input)?;
        let number = tx.next_release_number(project.id)?;
        let name = name.clone().unwrap_or_else(|| format!("Release {number}"));
        let release = NewRelease {
            id,
            project: project.id,
            number,
            name: &name,
            formats: &formats,
            job: job.id,
            created_by: inner.person(),
        };
        tx.insert_release(&release, inner.now)?;
        let detail = json!({ "project": project.id, "number": number, "formats": formats });
        tx.record(inner.now, inner.person(), "release.asked", id, detail);
        let row = tx.release(id)?.ok_or(Error::NotFound)?;
        dress(find(tx, row)?, &names)
    })
    .await
}

#[utoipa::path(post, path = "/api/projects/{project}/releases", tag = "releases", params(("project" = String, Path)), request_body = NewReleaseBody, responses((status = 200, body = ReleaseBody)))]
async fn post_release(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(body): Body<NewReleaseBody>,
) -> Result<Json<ReleaseBody>> {
    Ok(Json(create(&cx, id(&project)?, body).await?))
}

#[utoipa::path(get, path = "/api/projects/{project}/releases", tag = "releases", params(("project" = String, Path), Paging), responses((status = 200, body = Page<ReleaseBody>)))]
async fn get_releases(
    cx: Can<SeeLabels>,
    Path(project): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ReleaseBody>>> {
    let project = id(&project)?;
    // The newest come first, so a page goes on before the last of the page before.
    let before = ReleaseId(if paging.cursor.is_some() { paging.after()? } else { i64::MAX });
    let limit = paging.limit()?;
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let rows = tx.releases(project.id, before, limit)?;
            rows.into_iter().map(|row| find(tx, row)).collect::<Result<Vec<Found>>>()
        })
        .await?;
    let last = found.last().map(|found| found.row.id.0);
    let people = found.iter().map(|found| found.row.created_by).collect();
    let names = cx.app.names.find(cx.stores(), people).await?;
    let items: Result<Vec<ReleaseBody>> =
        found.into_iter().map(|found| dress(found, &names)).collect();
    Ok(Json(Page::new(items?, limit, last)))
}

#[utoipa::path(get, path = "/api/releases/{release}", tag = "releases", params(("release" = String, Path)), responses((status = 200, body = ReleaseBody)))]
async fn get_release(cx: Can<SeeLabels>, Path(release): Path<String>) -> Result<Json<ReleaseBody>> {
    let release = id(&release)?;
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let row = visible_release(tx, &inner, release)?;
            find(tx, row)
        })
        .await?;
    let names = cx.app.names.find(cx.stores(), vec![found.row.created_by]).await?;
    Ok(Json(dress(found, &names)?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PreviewQuery {
    /// Names of formats, with commas between; each of our own that fits, unless told.
    #[serde(default)]
    formats: String,
}

/// What a release would lose, as far as it was looked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviewBody {
    /// Labelled tasks that a release made now would hold.
    pub tasks: i64,
    /// How many of them were looked at for this preview: the first ones.
    pub looked_at: i64,
    pub loss: Vec<LossBody>,
}

/// Tasks that a preview looks at, and videos, each of which is many pictures elsewhere.
const PREVIEW_TASKS_MAX: usize = 2_000;
const PREVIEW_VIDEOS_MAX: usize = 50;

/// Writes the first labelled tasks to nowhere, and tells what the formats could not hold (R4).
pub async fn preview(cx: &Cx, project: ProjectId, wanted: Vec<Format>) -> Result<PreviewBody> {
    let (inner, now) = (cx.clone(), (cx.app.now)());
    let (mut body, others) = cx
        .read(move |tx| {
            let found = visible(tx, &inner, project)?;
            let formats = if wanted.is_empty() {
                Format::ALL.into_iter().filter(|format| fits(&found, *format)).collect()
            } else {
                checked_formats(&found, &wanted)?
            };
            let plan = make::plan(tx, project, now)?;
            let classes = Classes::read(&plan.ontology)
                .map_err(|error| Error::Internal(error.to_string()))?;
            let (mut writers, mut others) = (Vec::new(), Vec::new());
            for format in formats {
                if let Format::Exchange(other) = format {
                    others.push((format, other));
                    continue;
                }
                let spool = || Ok(Cursor::new(Vec::new()));
                writers
                    .push((format, make::Writer::new(format, &plan, &classes, io::sink(), spool)?));
            }
            let mut waiting = (!others.is_empty())
                .then(|| Waiting::new(&plan.header))
                .transpose()
                .map_err(make::broken)?;
            let most = match found.question.media {
                Media::Video if waiting.is_some() => PREVIEW_VIDEOS_MAX,
                _ => PREVIEW_TASKS_MAX,
            };
            let (mut after, mut looked_at) = (Some(TaskId(0)), 0);
            while let Some(from) = after.filter(|_| looked_at < most) {
                let page = tx.export_page(project, from, now)?;
                for row in page.rows.iter().take(most - looked_at) {
                    let record = make::record(row, make::Extent::Labels)?;
                    for (_, writer) in &mut writers {
                        writer.push(&record, 0.0)?;
                    }
                    if let Some(waiting) = &mut waiting {
                        waiting.push(&record).map_err(make::broken)?;
                    }
                    looked_at += 1;
                }
                after = page.next;
            }
            let mut loss = Vec::new();
            for (format, writer) in writers {
                loss.extend(LossBody::all(format, writer.finish()?.1));
            }
            let labels = waiting.map(Waiting::finish).transpose().map_err(make::broken)?;
            let body = PreviewBody { tasks: plan.tasks, looked_at: looked_at as i64, loss };
            Ok((body, labels.map(|labels| (labels, others))))
        })
        .await?;
    let Some((labels, others)) = others else { return Ok(body) };
    let look = move || -> Result<Vec<LossBody>> {
        let mut loss = Vec::new();
        for (format, other) in others {
            let sink = Box::new(io::sink());
            let said = labels.write(other, format.is_packed(), sink, None, &mut |_| true)?;
            loss.extend(LossBody::all(format, said.unwrap_or_default()));
        }
        Ok(loss)
    };
    let found = tokio::task::spawn_blocking(look).await;
    body.loss.extend(found.map_err(|error| Error::Internal(error.to_string()))??);
    Ok(body)
}

#[utoipa::path(get, path = "/api/projects/{project}/releases/preview", tag = "releases", params(("project" = String, Path), PreviewQuery), responses((status = 200, body = PreviewBody)))]
async fn get_preview(
    cx: Can<SeeLabels>,
    Path(project): Path<String>,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<PreviewBody>> {
    let names = query.formats.split(',').map(str::trim).filter(|name| !name.is_empty());
    let read = |name| {
        Format::named(name)
            .ok_or_else(|| Error::bad(format!("formats: no format of releases is called `{name}`")))
    };
    let formats: Vec<Format> = names.map(read).collect::<Result<_>>()?;
    Ok(Json(preview(&cx, id(&project)?, formats).await?))
}

/// A format that can hold what the project asks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FormatBody {
    pub format: Format,
    /// What its file is called in a release.
    pub file: String,
}

#[utoipa::path(get, path = "/api/projects/{project}/releases/formats", tag = "releases", params(("project" = String, Path)), responses((status = 200, body = Page<FormatBody>)))]
async fn get_formats(
    cx: Can<SeeLabels>,
    Path(project): Path<String>,
) -> Result<Json<Page<FormatBody>>> {
    let (project, inner) = (id(&project)?, (*cx).clone());
    let project = cx.read(move |tx| visible(tx, &inner, project)).await?;
    let fitting = Format::all().filter(|format| fits(&project, *format));
    let body = |format: Format| FormatBody { format, file: format.file().into() };
    Ok(Json(Page { items: fitting.map(body).collect(), next_cursor: None }))
}
