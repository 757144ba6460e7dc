//! What lies elsewhere: files under web addresses, and objects in a bucket.
//!
//! - **E1** Nothing inside a private network is asked for, unless the operator allows its host by name.
//! - **E2** Nobody is followed elsewhere: a redirection is an error.
//! - **E3** What comes is bounded in size and time, and is looked at like a file that a person sends.

use super::Input;
use super::batch::Loader;
use crate::config::Config;
use crate::intake::{Fault, Gate, Picture, Row, Source};
use crate::jobs::JobCx;
use crate::uploads::{self, Content};
use crate::{Cx, Error, Result};
use domain::limits;
use domain::projects::Media;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use reqwest::Url;
use serde_json::Value;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

/// How long a file may take to come, and how many are on their way at once.
const FETCH_TIMEOUT: Duration = Duration::from_secs(300);
const OBJECTS_AT_ONCE: usize = 4;

/// Refuses a bucket that cannot be meant, before there is a job.
pub(super) fn check_bucket(config: &Config, bucket: &super::Bucket) -> Result<()> {
    if bucket.bucket.is_empty() {
        return Err(Error::invalid("s3.bucket", "missing_field", "name the bucket"));
    }
    if bucket.endpoint.is_empty() {
        if bucket.region.is_empty() {
            return Err(Error::invalid(
                "s3.region",
                "missing_field",
                "name the region, or the endpoint",
            ));
        }
        return Ok(());
    }
    let wrong = |message: &str| Error::invalid("s3.endpoint", "unsafe_url", message);
    let url = Url::parse(&bucket.endpoint).map_err(|_| wrong("the endpoint is no web address"))?;
    let allowed = is_allowed(config, &url);
    match url.scheme() {
        "https" => {}
        "http" if allowed => {}
        _ => return Err(wrong("the endpoint begins with https://")),
    }
    match url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok()) {
        Some(address) if !allowed && !is_public(address) => {
            Err(private("s3.endpoint").into_error())
        }
        _ => Ok(()),
    }
}

fn private(field: &str) -> Fault {
    let message = "this host is inside a private network: the operator can allow it by name";
    Fault::new(field, "private_host", message)
}

fn is_allowed(config: &Config, url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        config.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    })
}

/// Whether an address belongs to the open internet (E1).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || shared)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                let first = v6.segments()[0];
                let local = first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
                !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || local)
            }
        },
    }
}

/// Looks up where a host is, and refuses it if any of its addresses is private (E1). On threads that may
/// wait.
fn check_addresses(config: &Config, url: &Url, field: &str) -> Result<(), Fault> {
    if is_allowed(config, url) {
        return Ok(());
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    let unknown = |_| Fault::new(field, "unknown_host", format!("there is no host {host}"));
    let mut addresses = (host, port).to_socket_addrs().map_err(unknown)?;
    if addresses.all(|address| is_public(address.ip())) { Ok(()) } else { Err(private(field)) }
}

/// The file under a web address, if the operator allows its host by name.
pub(super) fn fetch(job: &JobCx, gate: &Gate, url: &str) -> Result<Result<Source, Fault>> {
    let config = &job.cx.app.config;
    let Ok(parsed) = Url::parse(url) else {
        return Ok(Err(Fault::new("url", "unsafe_url", "this is no web address")));
    };
    if !is_allowed(config, &parsed) {
        let message =
            "files are taken from a web address only where the operator allows its host by name";
        return Ok(Err(Fault::new("url", "urls_need_permission", message)));
    }
    let name = parsed.path().rsplit('/').next().unwrap_or_default().to_string();
    let (cx, media) = (job.cx.clone(), gate.project.question.media);
    job.block_on(async {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(FETCH_TIMEOUT)
            .build()
            .map_err(|error| Error::Internal(error.to_string()))?;
        let failed = |error: reqwest::Error| {
            Fault::new(
                "url",
                "not_fetched",
                format!("the file could not be fetched: {}", error.without_url()),
            )
        };
        let reply = match client.get(parsed).send().await {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(failed(error))),
        };
        if reply.status() != reqwest::StatusCode::OK {
            let message = format!("the host answered {} instead of the file", reply.status());
            return Ok(Err(Fault::new("url", "not_fetched", message)));
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
    let looked = uploads::look(cx, media, stored.address, bytes).await?;
    Ok(looked
        .map_err(|fault| Fault { field: field.into(), ..fault })
        .map(|settled| settled.source(name, bytes)))
}

impl uploads::Settled {
    /// What an item is made of.
    pub(crate) fn source(self, name: String, bytes: i64) -> Source {
        match self.content {
            Content::Text(text) => Source::Text(text),
            Content::Picture(developed) => Source::Picture(Picture {
                name,
                address: self.address,
                bytes,
                width: developed.width.into(),
                height: developed.height.into(),
                renditions: developed.renditions,
            }),
        }
    }
}

fn open(config: &Config, bucket: &super::Bucket) -> Result<AmazonS3> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let region = if bucket.region.is_empty() { "us-east-1" } else { &bucket.region };
    let mut builder = AmazonS3Builder::new()
        .with_region(region)
        .with_bucket_name(&bucket.bucket)
        .with_access_key_id(&bucket.access_key_id)
        .with_secret_access_key(&bucket.secret_access_key)
        .with_skip_signature(bucket.access_key_id.is_empty());
    if !bucket.endpoint.is_empty() {
        let url =
            Url::parse(&bucket.endpoint).map_err(|error| Error::Internal(error.to_string()))?;
        check_addresses(config, &url, "s3.endpoint").map_err(Fault::into_error)?;
        builder = builder.with_allow_http(url.scheme() == "http").with_endpoint(&bucket.endpoint);
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
    let store = Arc::new(open(&job.cx.app.config, bucket)?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_known() {
        let private = [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.9.9",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "::",
        ];
        for text in private {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "100.128.0.1"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_bucket_is_judged_before_there_is_a_job() {
        let bucket = |endpoint: &str| super::super::Bucket {
            bucket: "data".into(),
            prefix: String::new(),
            endpoint: endpoint.into(),
            region: "eu-central-1".into(),
            access_key_id: String::new(),
            secret_access_key: String::new(),
        };
        let mut config = Config::loopback(1);
        assert!(check_bucket(&config, &bucket("")).is_ok());
        assert!(check_bucket(&config, &bucket("https://storage.example.org")).is_ok());
        for endpoint in [
            "http://storage.example.org",
            "https://169.254.169.254",
            "file:///etc",
            "https://[::1]:9000",
            "words",
        ] {
            assert!(check_bucket(&config, &bucket(endpoint)).is_err(), "{endpoint}");
        }
        config.allowed_hosts = vec!["127.0.0.1".into()];
        assert!(check_bucket(&config, &bucket("http://127.0.0.1:9000")).is_ok());
    }
}
