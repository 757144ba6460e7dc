//! Blobs in an S3-compatible bucket: `prefix/organization/aa/bb…`, one object each.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload,
};
use tokio::runtime::Handle;

use super::backend::{Fetched, Listed, blocking};
use super::spool::Spool;
use super::{BlobAddress, Error, Result};

/// What is longer goes up in parts.
const WHOLE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// S3 takes 10,000 parts at most; a part grows so that they suffice.
const PARTS_MAX: u64 = 9_000;
/// How many parts are on their way at once, each of them in memory.
const PARTS_AT_ONCE: usize = 3;

/// Where the bucket is, and who may use it.
#[derive(Clone)]
pub struct S3Config {
    /// `https://…`, or `http://…` on this machine. Without one it is Amazon's, of the region.
    pub endpoint: Option<String>,
    pub region: String,
    pub bucket: String,
    /// What every key begins with; may be empty.
    pub prefix: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    /// A folder of this machine where content waits, sealed, until it is whole.
    pub staging: PathBuf,
}

impl fmt::Debug for S3Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Config")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

pub(super) struct S3 {
    store: AmazonS3,
    prefix: String,
    runtime: Handle,
}

impl S3 {
    pub(super) fn open(config: S3Config) -> Result<Self> {
        // One provider for the whole process. If somebody has chosen already, that one is in use.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let runtime = Handle::try_current()
            .map_err(|_| Error::Configuration { what: "S3 needs a tokio runtime" })?;
        let mut builder = AmazonS3Builder::new()
            .with_region(config.region)
            .with_bucket_name(config.bucket)
            .with_access_key_id(config.access_key_id)
            .with_secret_access_key(config.secret_access_key);
        if let Some(endpoint) = config.endpoint {
            builder = builder.with_allow_http(may_be_plain(&endpoint)?).with_endpoint(endpoint);
        }
        let store = builder.build().map_err(s3_error)?;
        let prefix = config.prefix.trim_matches('/').to_owned();
        Ok(Self { store, prefix, runtime })
    }

    /// The runtime on which threads that may wait have their requests made.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(super) async fn fetch(&self, key: &str, offset: u64, length: u64) -> Result<Fetched> {
        let range = GetRange::Bounded(offset..offset.saturating_add(length));
        let options = GetOptions { range: Some(range), ..GetOptions::default() };
        let got = self.store.get_opts(&self.path(key), options).await.map_err(s3_error)?;
        let total = got.meta.size;
        Ok(Fetched { bytes: got.bytes().await.map_err(s3_error)?, total })
    }

    pub(super) async fn publish(&self, key: &str, spool: Spool) -> Result<()> {
        let length = spool.length();
        if self.size(key).await? == Some(length) {
            return Ok(());
        }
        let path = self.path(key);
        if length <= WHOLE_BYTES_MAX {
            let bytes = blocking(move || Ok(spool.read(0, length as usize)?)).await?;
            self.store.put(&path, PutPayload::from(bytes)).await.map_err(s3_error)?;
            return Ok(());
        }
        let mut upload = self.store.put_multipart(&path).await.map_err(s3_error)?;
        match put_parts(&mut upload, spool).await {
            Ok(()) => {
                // An object appears with this call, or not at all (B3).
                upload.complete().await.map_err(s3_error)?;
                Ok(())
            }
            Err(error) => {
                if let Err(error) = upload.abort().await {
                    // The bucket's rule for unfinished uploads gets it in the end.
                    tracing::warn!(%error, "an unfinished upload stays in the bucket");
                }
                Err(error)
            }
        }
    }

    pub(super) async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.store.head(&self.path(key)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(s3_error(error)),
        }
    }

    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(s3_error(error)),
        }
    }

    pub(super) fn list(
        self: Arc<Self>,
        organization: &str,
        prefix: &str,
    ) -> BoxStream<'static, Result<Listed>> {
        // S3's prefixes end where a folder does; the digits after the second are held against here.
        let folder = match prefix.get(..2) {
            Some(shard) => self.path(&format!("{organization}/{shard}")),
            None => self.path(organization),
        };
        let prefix = prefix.to_owned();
        self.store
            .list(Some(&folder))
            .map_err(s3_error)
            .try_filter_map(move |meta| {
                let listed = read_meta(&meta)
                    .filter(|listed| listed.address.to_string().starts_with(&prefix));
                async move { Ok(listed) }
            })
            .boxed()
    }

    fn path(&self, key: &str) -> Path {
        match self.prefix.as_str() {
            "" => Path::from(key),
            prefix => Path::from(format!("{prefix}/{key}")),
        }
    }
}

async fn put_parts(upload: &mut Box<dyn MultipartUpload>, spool: Spool) -> Result<()> {
    let length = spool.length();
    let part_bytes = WHOLE_BYTES_MAX.max(length.div_ceil(PARTS_MAX));
    let spool = Arc::new(spool);
    stream::iter((0..length).step_by(part_bytes as usize))
        .then(|offset| {
            let spool = spool.clone();
            blocking(move || Ok(spool.read(offset, part_bytes as usize)?))
        })
        .map_ok(|part| upload.put_part(PutPayload::from(Bytes::from(part))).map_err_into())
        .try_buffer_unordered(PARTS_AT_ONCE)
        .try_for_each(|()| async { Ok(()) })
        .await
}

/// Gives a part's future the error that everything else here has.
trait MapErrInto {
    fn map_err_into(self) -> impl Future<Output = Result<()>> + Send;
}

impl MapErrInto for object_store::UploadPart {
    async fn map_err_into(self) -> Result<()> {
        self.await.map_err(s3_error)
    }
}

fn read_meta(meta: &ObjectMeta) -> Option<Listed> {
    let mut path = meta.location.as_ref().rsplitn(3, '/');
    let (rest, shard) = (path.next()?, path.next()?);
    let address = BlobAddress::from_path(shard, rest)?;
    Some(Listed { address, sealed_length: meta.size, modified: meta.last_modified.into() })
}

/// Whether an endpoint is spoken to in the clear: on this machine only, or requests and their
/// signatures would be for everybody to see.
fn may_be_plain(endpoint: &str) -> Result<bool> {
    if endpoint.starts_with("https://") {
        return Ok(false);
    }
    let what = "the S3 endpoint is `https://…`, or `http://…` on this machine";
    let rest = endpoint.strip_prefix("http://").ok_or(Error::Configuration { what })?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before an `@` would read as the host.
    let authority = if authority.contains('@') { "" } else { authority };
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let loopback = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if loopback { Ok(true) } else { Err(Error::Configuration { what }) }
}

fn s3_error(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound,
        error => Error::Backend(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (endpoint, plain) in [
            ("https://s3.example.org", Some(false)),
            ("http://127.0.0.1:9000", Some(true)),
            ("http://[::1]:9000/", Some(true)),
            ("http://localhost", Some(true)),
            ("http://s3.example.org", None),
            ("http://localhost.example.org", None),
            ("http://localhost@example.org", None),
            ("http://127.0.0.1:x@example.org", None),
            ("ftp://localhost", None),
        ] {
            assert_eq!(may_be_plain(endpoint).ok(), plain, "{endpoint}");
        }
    }
}
