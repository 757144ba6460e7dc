//! Manifests: an item each row, as JSONL or CSV.

use super::Input;
use super::batch::Loader;
use crate::clouds::{self, Part, Work};
use crate::intake::{Fault, Gate, Picture, Ready, Row, Source};
use crate::jobs::JobCx;
use crate::uploads;
use crate::{Cx, Error, Result};
use domain::ProjectId;
use domain::cameras::{self, NewPicture};
use domain::projects::Media;
use domain::scenes::NewScene;
use formats::RowError;
use formats::manifest::{self, CsvManifest, JsonlManifest, ManifestError};
use serde_json::Value;
use std::io::{Cursor, Read};
use store::{ItemRow, JobFault};

type Rows = Box<dyn Iterator<Item = Result<Result<manifest::Row, RowError>, ManifestError>>>;

pub(super) fn run(job: &mut JobCx, gate: Gate, input: &Input) -> Result<Value> {
    let rows = open(input.open(&job.cx)?)?;
    let mut loader = Loader::begin(job, gate, input.dry_run)?;
    for row in rows {
        match row.map_err(refusal)? {
            Ok(row) if loader.is_behind(row.row) => {}
            Err(error) if loader.is_behind(error.row) => {}
            Err(error) => loader.refuse(error.row, fault_of(&error))?,
            Ok(row) => {
                let (number, raw) = (row.row, row.external_id.clone());
                match judge(&loader, row)? {
                    Judged::Item(item) => loader.take(number, &raw, Ok(*item))?,
                    Judged::Bad(fault) => loader.take(number, &raw, Err(fault))?,
                    Judged::There(item, answer) => match answer {
                        Some(answer) => loader.answer(number, *item, answer)?,
                        None => loader.repeat(number)?,
                    },
                }
            }
        }
    }
    loader.finish()
}

/// JSONL begins with a brace, whatever the file is called; CSV never does.
fn open(mut file: impl Read + 'static) -> Result<Rows> {
    let mut head = vec![0; 512];
    let mut length = 0;
    while length < head.len() {
        match file.read(&mut head[length..]).map_err(unreadable)? {
            0 => break,
            read => length += read,
        }
    }
    head.truncate(length);
    let is_mark = |byte: &u8| matches!(byte, 0xef | 0xbb | 0xbf | 0xff | 0xfe | 0);
    let first = head.iter().find(|byte| !is_mark(byte) && !byte.is_ascii_whitespace()).copied();
    let whole = Cursor::new(head).chain(file);
    if first == Some(b'{') {
        return Ok(Box::new(JsonlManifest::new(whole)));
    }
    Ok(Box::new(CsvManifest::open(whole).map_err(refusal)?))
}

fn unreadable(error: std::io::Error) -> Error {
    Error::Internal(format!("the file of an import could not be read: {error}"))
}

fn refusal(error: ManifestError) -> Error {
    match error {
        ManifestError::Io(error) => unreadable(error),
        error => Error::invalid("upload", error.code(), error.to_string()),
    }
}

pub(super) fn fault_of(error: &RowError) -> JobFault {
    JobFault {
        row: error.row,
        field: error.field.clone(),
        code: error.code().into(),
        message: error.message.clone(),
        raw: error.raw.clone(),
    }
}

enum Judged {
    Item(Box<Ready>),
    /// The item is there already; perhaps the row has an answer for it.
    There(Box<ItemRow>, Option<domain::answers::Answer>),
    Bad(Fault),
}

fn judge(loader: &Loader<'_>, row: manifest::Row) -> Result<Judged> {
    let gate = &loader.gate;
    let manifest::Row { external_id, source, metadata, priority, answer, gold, .. } = row;
    let project = gate.project.id;
    let found = match source {
        manifest::Source::Text(text) => Ok(Source::Text(text)),
        manifest::Source::Path(path) => match resolve(loader, project, &external_id, &path)? {
            Ok(Resolved::New(source)) => Ok(source),
            Ok(Resolved::There(item)) => {
                let answer = answer.map(|answer| gate.answer(answer, item.bounds())).transpose();
                return Ok(answer.map_or_else(Judged::Bad, |answer| Judged::There(item, answer)));
            }
            Err(fault) => Err(fault),
        },
        manifest::Source::Url(url) => super::sources::fetch(&*loader.job, gate, &url)?,
        manifest::Source::Scene(new) => match resolve_scene(loader, project, &external_id, &new)? {
            Ok(Resolved::New(source)) => Ok(source),
            Ok(Resolved::There(item)) => {
                let answer = answer.map(|answer| gate.answer(answer, item.bounds())).transpose();
                return Ok(answer.map_or_else(Judged::Bad, |answer| Judged::There(item, answer)));
            }
            Err(fault) => Err(fault),
        },
        manifest::Source::Pictures(new) => {
            match resolve_pictures(loader, project, &external_id, &new)? {
                Ok(Resolved::New(source)) => Ok(source),
                Ok(Resolved::There(item)) => {
                    let answer =
                        answer.map(|answer| gate.answer(answer, item.bounds())).transpose();
                    return Ok(
                        answer.map_or_else(Judged::Bad, |answer| Judged::There(item, answer))
                    );
                }
                Err(fault) => Err(fault),
            }
        }
    };
    let priority = priority.map(i64::from);
    let judged = found.and_then(|source| {
        gate.judge(Row { external_id, source, metadata, priority, answer, gold })
    });
    Ok(judged.map_or_else(Judged::Bad, |item| Judged::Item(Box::new(item))))
}

pub(super) enum Resolved {
    New(Source),
    There(Box<ItemRow>),
}

/// What a path means: a file that was sent to this project under that name.
pub(super) fn resolve(
    loader: &Loader<'_>,
    project: ProjectId,
    external_id: &str,
    path: &str,
) -> Result<Result<Resolved, Fault>> {
    let (id, name) = (external_id.to_string(), path.to_string());
    let cx: &Cx = loader.cx();
    let (there, source, upload) = cx.store().read_now(move |tx| {
        if let Some(there) = tx.item_by_external_id(project, &id)? {
            return Ok::<_, store::Error>((Some(there), None, None));
        }
        if let Some(source) = tx.item_by_external_id(project, &name)? {
            return Ok((None, Some(source), None));
        }
        Ok((None, None, tx.whole_upload(project, &name)?))
    })?;
    if let Some(there) = there {
        return Ok(Ok(Resolved::There(Box::new(there))));
    }
    if let Some(ItemRow { address, width, height, frames, bytes, payload, .. }) = source {
        let source = match (address, width.zip(height), payload.text) {
            // What is shown of it is made anew when somebody asks.
            _ if payload.scene.is_some() => {
                Source::Scene(payload.scene.unwrap_or_default(), vec![])
            }
            _ if !payload.pictures.is_empty() => {
                let picture = |one: cameras::Picture| {
                    let cameras::Picture { name, file, address, bytes, width, height } = one;
                    let (frames, renditions) = (None, vec![]);
                    let name_of = file;
                    (
                        name,
                        Picture {
                            name: name_of,
                            address,
                            bytes,
                            width,
                            height,
                            frames,
                            renditions,
                        },
                    )
                };
                Source::Pictures(payload.pictures.into_iter().map(picture).collect())
            }
            (Some(address), Some((width, height)), _) => {
                let (name, renditions) = (payload.name, vec![]);
                Source::Picture(Picture { name, address, bytes, width, height, frames, renditions })
            }
            (_, _, text) => Source::Text(text.unwrap_or_default()),
        };
        return Ok(Ok(Resolved::New(source)));
    }
    let Some(upload) = upload else {
        let message = format!("there is no file “{path}” in this project: upload it first");
        return Ok(Err(Fault::new("path", "file_missing", message)));
    };
    let media: Media = loader.gate.project.question.media;
    let bytes = upload.bytes;
    let looked = loader.job.block_on(async {
        let address = uploads::settle(cx, &upload).await?;
        uploads::look(cx, media, address, &upload.words.name, bytes).await
    })??;
    Ok(looked
        .map_err(|fault| Fault { field: "path".into(), ..fault })
        .map(|settled| Resolved::New(settled.source(upload.words.name, bytes))))
}

/// What a scene means: clouds and pictures that were sent to this project under their paths.
pub(super) fn resolve_scene(
    loader: &Loader<'_>,
    project: ProjectId,
    external_id: &str,
    new: &NewScene,
) -> Result<Result<Resolved, Fault>> {
    let cx: &Cx = loader.cx();
    let id = external_id.to_string();
    let there = cx.store().read_now(move |tx| tx.item_by_external_id(project, &id))?;
    if let Some(there) = there {
        return Ok(Ok(Resolved::There(Box::new(there))));
    }
    let mut part = |path: &str| sent_part(loader, project, path);
    let mut wait = |work: Work<'_>| loader.job.block_on(work)?;
    let made = clouds::assemble(cx, new, &mut part, &mut wait)?;
    Ok(made.map(|(scene, renditions)| Resolved::New(Source::Scene(scene, renditions))))
}

/// What several pictures of one moment mean: files that were sent to this project under their paths, or lie at an
/// address. Each is looked at as one that comes alone.
pub(super) fn resolve_pictures(
    loader: &Loader<'_>,
    project: ProjectId,
    external_id: &str,
    new: &[NewPicture],
) -> Result<Result<Resolved, Fault>> {
    let cx: &Cx = loader.cx();
    let id = external_id.to_string();
    let there = cx.store().read_now(move |tx| tx.item_by_external_id(project, &id))?;
    if let Some(there) = there {
        return Ok(Ok(Resolved::There(Box::new(there))));
    }
    let media = loader.gate.project.question.media;
    if media != Media::Image {
        let message = "only a project about pictures takes several of one moment";
        return Ok(Err(Fault::new("pictures", "wrong_media", message)));
    }
    let mut pictures = Vec::new();
    for (nth, one) in new.iter().enumerate() {
        let at = |field: &str| format!("pictures[{nth}].{field}");
        let looked = match (&one.path, &one.url) {
            (Some(path), _) => match sent_part(loader, project, path)? {
                Ok(Part { address, bytes }) => {
                    let looked = uploads::look(cx, media, address, path, bytes);
                    let looked = loader.job.block_on(looked)??;
                    looked.map(|settled| settled.source(path.clone(), bytes))
                }
                Err(fault) => Err(fault),
            },
            (None, url) => {
                let url = url.as_deref().unwrap_or_default();
                super::sources::fetch(&*loader.job, &loader.gate, url)?
            }
        };
        match looked {
            Ok(Source::Picture(mut picture)) => {
                if one.path.is_none() {
                    picture.name = format!("{external_id}/{}/{}", one.name, picture.name);
                }
                pictures.push((one.name.clone(), picture));
            }
            Ok(_) => {
                return Ok(Err(Fault::new(&at("path"), "not_a_picture", "this is no picture")));
            }
            Err(fault) => {
                let field = at(if one.path.is_some() { "path" } else { "url" });
                return Ok(Err(Fault { field, ..fault }));
            }
        }
    }
    Ok(Ok(Resolved::New(Source::Pictures(pictures))))
}

/// A file that was sent to this project under this path, whatever became of it.
pub(super) fn sent_part(
    loader: &Loader<'_>,
    project: ProjectId,
    path: &str,
) -> Result<Result<Part, Fault>> {
    let cx: &Cx = loader.cx();
    let name = path.to_string();
    let Some(upload) = cx.store().read_now(move |tx| tx.newest_upload(project, &name))? else {
        let message = format!("there is no file “{path}” in this project: upload it first");
        return Ok(Err(Fault::new("path", "file_missing", message)));
    };
    match loader.job.block_on(uploads::settle(cx, &upload))? {
        Ok(address) => Ok(Ok(Part { address, bytes: upload.bytes })),
        Err(Error::RefusedWith { .. }) => {
            let message = format!("the file “{path}” has not come as a whole: send it again");
            Ok(Err(Fault::new("path", "upload_unfinished", message)))
        }
        Err(error) => Err(error),
    }
}
