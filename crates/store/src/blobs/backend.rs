//! The places where sealed bytes can be kept, behind one set of verbs.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};

use super::local::Local;
use super::memory::Memory;
use super::s3::S3;
use super::spool::Spool;
use super::{BlobAddress, Error, Result};

/// A place for sealed bytes. Keys are `organization/aa/bb…`.
#[derive(Clone)]
pub(super) enum Backend {
    Local(Arc<Local>),
    Memory(Arc<Memory>),
    S3(Arc<S3>),
}

/// Some sealed bytes, and how many there are of them altogether.
pub(super) struct Fetched {
    pub(super) bytes: Bytes,
    pub(super) total: u64,
}

/// A blob as its place knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub address: BlobAddress,
    pub sealed_length: u64,
    /// When it was written. Blobs in memory do not know.
    pub modified: SystemTime,
}

impl Backend {
    /// Reads `length` sealed bytes from `offset`, or what there is of them.
    pub(super) async fn fetch(&self, key: &str, offset: u64, length: u64) -> Result<Fetched> {
        match self {
            Backend::Local(local) => {
                let (local, key) = (local.clone(), key.to_owned());
                blocking(move || local.fetch(&key, offset, length)).await
            }
            Backend::Memory(memory) => memory.fetch(key, offset, length),
            Backend::S3(s3) => s3.fetch(key, offset, length).await,
        }
    }

    /// Like [`fetch`](Self::fetch), on a thread that may wait.
    pub(super) fn fetch_blocking(&self, key: &str, offset: u64, length: u64) -> Result<Fetched> {
        match self {
            Backend::Local(local) => local.fetch(key, offset, length),
            Backend::Memory(memory) => memory.fetch(key, offset, length),
            Backend::S3(s3) => s3.runtime().block_on(s3.fetch(key, offset, length)),
        }
    }

    /// Makes the spool's bytes the blob `key`. If it is there, and as long, it is left as it is.
    pub(super) async fn publish(&self, key: &str, spool: Spool) -> Result<()> {
        match self {
            Backend::Local(local) => {
                let (local, key) = (local.clone(), key.to_owned());
                blocking(move || local.publish(&key, spool)).await
            }
            Backend::Memory(memory) => memory.publish(key, spool),
            Backend::S3(s3) => s3.publish(key, spool).await,
        }
    }

    /// Like [`publish`](Self::publish), on a thread that may wait.
    pub(super) fn publish_blocking(&self, key: &str, spool: Spool) -> Result<()> {
        match self {
            Backend::Local(local) => local.publish(key, spool),
            Backend::Memory(memory) => memory.publish(key, spool),
            Backend::S3(s3) => s3.runtime().block_on(s3.publish(key, spool)),
        }
    }

    /// How long the sealed blob is, if it is there.
    pub(super) async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self {
            Backend::Local(local) => {
                let (local, key) = (local.clone(), key.to_owned());
                blocking(move || local.size(&key)).await
            }
            Backend::Memory(memory) => memory.size(key),
            Backend::S3(s3) => s3.size(key).await,
        }
    }

    /// Removes a blob. One that is not there is no error: it may be a repeat.
    pub(super) async fn delete(&self, key: &str) -> Result<()> {
        match self {
            Backend::Local(local) => {
                let (local, key) = (local.clone(), key.to_owned());
                blocking(move || local.delete(&key)).await
            }
            Backend::Memory(memory) => memory.delete(key),
            Backend::S3(s3) => s3.delete(key).await,
        }
    }

    /// The blobs of an organization whose addresses begin with `prefix`, in order of address.
    pub(super) fn list(
        &self,
        organization: &str,
        prefix: &str,
    ) -> BoxStream<'static, Result<Listed>> {
        match self {
            Backend::Local(local) => local.clone().list(organization, prefix),
            Backend::Memory(memory) => memory.list(organization, prefix).boxed(),
            Backend::S3(s3) => s3.clone().list(organization, prefix),
        }
    }
}

/// Runs `work` where waiting for a disk holds nobody else up.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down.
            Err(error) => Err(Error::Backend(error.into())),
        },
    }
}
