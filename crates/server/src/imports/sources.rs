//! What lies elsewhere: files under web addresses, and objects in a bucket.
//!
//! - **E1** Whatever is asked for goes through the one guarded way out ([`crate::outbound`]): nothing inside
//!   a private network, nobody followed elsewhere.
//! - **E2** Files come from a web address only where the operator allows its host by name.
//! - **E3** What comes is bounded in size and time, and is looked at like a file that a person sends.

use super::Input;
use super::batch::Loader;
use crate::clouds;
use crate::config::Config;
use crate::intake::{Fault, Gate, Picture, Row, Source};
use crate::jobs::JobCx;
use crate::uploads::{self, Content};
use crate::{App, Cx, Error, Result};
use domain::limits;
use domain::projects::Media;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt};
use reqwest::Url;
use serde_json::Value;
use std::sync::Arc;

/// How many objects are on their way at once.
const OBJECTS_AT_ONCE: usize = 4;

/// Refuses a bucket that cannot be meant, before there is a job.
pub(super) fn check_bucket(app: &App, bucket: &super::Bucket) -> Result<()> {
    if bucket.bucket.is_empty() {
        return Err(Error::invalid("s3.bucket", "missing_field", "name the bucket"));
    }
    if bucket.endpoint.is_empty() {
        if bucket.region.is_empty() {
            let message = "name the region, or the endpoint";
            return Err(Error::invalid("s3.region", "missing_field", message));
        }
        return Ok(());
    }
    let wrong = |message: String| Error::invalid("s3.endpoint", "unsafe_url", message);
    let url = app.outbound.check(&bucket.endpoint).map_err(|refusal| wrong(refusal.to_string()))?;
    if url.scheme() == "https" || is_allowed(&app.config, &url) {
        Ok(())
    } else {
        Err(wrong("the endpoint begins with https://".into()))
    }
}

/// Whether the operator allows a host by name.
fn is_allowed(config: &Config, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    config.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}

/// The file under a web address, if the operator allows its host by name.
pub(super) fn fetch(job: &JobCx, gate: &Gate, url: &str) -> Result<Result<Source, Fault>> {
    let app = &job.cx.app;
    let parsed = match app.outbound.check(url) {
        Ok(parsed) => parsed,
        Err(refusal) => return Ok(Err(Fault::new("url", "unsafe_url", refusal.to_string()))),
    };
    if !is_allowed(&app.config, &parsed) {
        let message =
            "files are taken from a web address only where the operator allows its host by name";
        return Ok(Err(Fault::new("url", "urls_need_permission", message)));
    }
    let name = parsed.path().rsplit('/').next().unwrap_or_default().to_string();
    let (cx, media) = (job.cx.clone(), gate.project.question.media);
    let client = app.outbound.client()?;
    job.block_on(async {
        let failed = |why: String| {
            Fault::new("url", "not_fetched", format!("the file could not be fetched: {why}"))
        };
        let reply = match client.get(parsed).send().await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(failed(error.without_url().to_string()))),
        };
        if reply.status() != reqwest::StatusCode::OK {
            return Ok(Err(failed(format!("the host answered {}", reply.status()))));
        }
        store_and_look(&cx, media, name, "url", reply.bytes_stream()).await
    })?
}

/// Stores what streams in, and looks at it (E3).
async fn store_and_look<E: Into<store::blobs::Source>>(
    cx: &Cx,
    media: Media,
    name: String,
    field: &'static str,
    content: impl futures_util::Stream<Item = Result<bytes::Bytes, E>>,
) -> Result<Result<Source, Fault>> {
    let stored = match cx.access().blobs().put(content, limits::PICTURE_FILE_BYTES_MAX).await {
        Ok(stored) => stored,
        Err(store::blobs::Error::TooLarge { .. }) => {
            return Ok(Err(Fault::new(field, "too_large", "the file is longer than 512 MiB")));
        }
        Err(store::blobs::Error::Content(error)) => {
            return Ok(Err(Fault::new(
                field,
                "not_fetched",
                format!("the file broke off: {error}"),
            )));
        }
        Err(error) => return Err(error.into()),
    };
    let bytes = stored.length as i64;
    let looked = uploads::look(cx, media, stored.address, &name, bytes).await?;
    Ok(looked
        .map_err(|fault| Fault { field: field.into(), ..fault })
        .map(|settled| settled.source(name, bytes)))
}

impl uploads::Settled {
    /// What an item is made of.
    pub(crate) fn source(self, name: String, bytes: i64) -> Source {
        match self.content {
            Content::Text(text) => Source::Text(text),
            Content::Cloud(tiled) => {
                let (scene, renditions) = clouds::of_one(&tiled, name, self.address, bytes);
                Source::Scene(scene, renditions)
            }
            Content::Picture(developed) => Source::Picture(Picture {
                name,
                address: self.address,
                bytes,
                width: developed.width.into(),
                height: developed.height.into(),
                frames: developed.frames,
                renditions: developed.renditions,
            }),
        }
    }
}

/// The guarded client, as the storage wants it.
#[derive(Debug)]
struct Guarded(reqwest::Client);

impl HttpConnector for Guarded {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

fn open(app: &App, bucket: &super::Bucket) -> Result<AmazonS3> {
    check_bucket(app, bucket)?;
    let region = if bucket.region.is_empty() { "us-east-1" } else { &bucket.region };
    let mut builder = AmazonS3Builder::new()
        .with_http_connector(Guarded(app.outbound.client()?))
        .with_region(region)
        .with_bucket_name(&bucket.bucket)
        .with_access_key_id(&bucket.access_key_id)
        .with_secret_access_key(&bucket.secret_access_key)
        .with_skip_signature(bucket.access_key_id.is_empty());
    if !bucket.endpoint.is_empty() {
        let is_plain = bucket.endpoint.starts_with("http://");
        builder = builder.with_allow_http(is_plain).with_endpoint(&bucket.endpoint);
    }
    builder.build().map_err(|error| bucket_error(&error))
}

/// What the storage says of itself, which names neither key nor secret.
fn bucket_error(error: &object_store::Error) -> Error {
    let message = match error {
        object_store::Error::NotFound { .. } => "there is no such bucket".to_string(),
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => {
            "these keys may not read this bucket".to_string()
        }
        error => {
            tracing::warn!(%error, "a bucket could not be read");
            "the bucket could not be read: look at the endpoint, the region and the name"
                .to_string()
        }
    };
    Error::invalid("s3", "bucket_unreadable", message)
}

/// An object, and what became of it.
enum Object {
    There,
    Judged(Box<Result<Source, Fault>>),
}

pub(super) fn run(job: &mut JobCx, gate: Gate, input: &Input) -> Result<Value> {
    let bucket =
        input.s3.as_ref().ok_or_else(|| Error::Internal("an import without its bucket".into()))?;
    let store = Arc::new(open(&job.cx.app, bucket)?);
    let begins = bucket.prefix.trim_start_matches('/').to_string();
    let dry_run = input.dry_run;
    let mut loader = Loader::begin(job, gate, dry_run)?;
    let (cx, project, media) =
        (loader.cx().clone(), loader.gate.project.id, loader.gate.project.question.media);
    // A prefix is the beginning of a name: `2026/street` means `2026/street/1.jpg` and `2026/street-2.jpg`.
    let folder = begins.rsplit_once('/').map(|(folder, _)| Path::from(folder));
    let listed = match &loader.place.key {
        Some(key) => store.list_with_offset(folder.as_ref(), &Path::from(key.as_str())),
        None => store.list(folder.as_ref()),
    };
    let reading = Arc::clone(&store);
    let mut objects = listed
        .try_filter(move |meta| {
            std::future::ready(meta.location.as_ref().starts_with(&begins) && meta.size > 0)
        })
        .map(|meta| {
            let (cx, store) = (cx.clone(), Arc::clone(&reading));
            async move {
                let meta = meta.map_err(|error| bucket_error(&error))?;
                let object = read(&cx, &store, project, media, &meta).await?;
                Ok::<_, Error>((meta.location.to_string(), object))
            }
        })
        .buffered(OBJECTS_AT_ONCE)
        .boxed();
    let mut row = loader.place.row;
    while let Some(next) = loader.job.block_on(objects.next())? {
        let (key, object) = next?;
        row += 1;
        loader.place.key = Some(key.clone());
        match object {
            Object::There => loader.repeat(row)?,
            Object::Judged(source) => {
                let judged = source.and_then(|source| {
                    let (metadata, external_id) = (serde_json::Map::new(), key.clone());
                    let row = Row {
                        external_id,
                        source,
                        metadata,
                        priority: None,
                        answer: None,
                        gold: false,
                    };
                    loader.gate.judge(row)
                });
                loader.take(row, &key, judged)?;
            }
        }
    }
    drop(objects);
    loader.finish()
}

async fn read(
    cx: &Cx,
    store: &AmazonS3,
    project: domain::ProjectId,
    media: Media,
    meta: &ObjectMeta,
) -> Result<Object> {
    let key = meta.location.to_string();
    let name = key.rsplit('/').next().unwrap_or_default().to_string();
    let there = cx.read(move |tx| Ok(tx.item_by_external_id(project, &key)?.is_some())).await?;
    if there {
        return Ok(Object::There);
    }
    let source = match store.get(&meta.location).await {
        Ok(content) => store_and_look(cx, media, name, "file", content.into_stream()).await?,
        Err(object_store::Error::NotFound { .. }) => {
            Err(Fault::new("file", "file_missing", "the object was removed in the meantime"))
        }
        Err(error) => return Err(bucket_error(&error)),
    };
    Ok(Object::Judged(Box::new(source)))
}
