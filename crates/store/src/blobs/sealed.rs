//! An organization's blobs as sealed bytes: what backup, restore and removal need.

use std::ops::Range;
use std::pin::pin;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};

use super::backend::{Backend, Fetched, Listed, blocking};
use super::format::{HEADER_BYTES, Header};
use super::journal::Journal;
use super::spool::{Spool, TEMPORARY};
use super::{BlobAddress, Error, Result, Source, Staging};

/// How much is asked of a place at a time.
const BLOCK_BYTES: u64 = 1024 * 1024;

/// The blobs of one organization, none of which can be opened from here (B6).
#[derive(Clone)]
pub struct SealedBlobs {
    backend: Backend,
    staging: Staging,
    folder: String,
}

impl SealedBlobs {
    pub(super) fn new(backend: Backend, staging: Staging, folder: String) -> Self {
        Self { backend, staging, folder }
    }

    /// Whether the blob is there. That it also opens is for [`verify`] to say.
    ///
    /// [`verify`]: super::OrganizationBlobs::verify
    pub async fn exists(&self, address: &BlobAddress) -> Result<bool> {
        Ok(self.backend.size(&self.key(address)).await?.is_some())
    }

    /// Removes a blob. One that is not there is no error: it may be a repeat.
    ///
    /// Whoever calls this has seen to it that nothing refers to the blob *and that nobody is
    /// putting the same content again*: a `put` that finds the blob leaves it as it is.
    pub async fn delete(&self, address: &BlobAddress) -> Result<()> {
        self.backend.delete(&self.key(address)).await
    }

    /// The blobs whose addresses begin with `prefix`, in order of address.
    pub fn list(&self, prefix: &str) -> BoxStream<'static, Result<Listed>> {
        self.backend.list(&self.folder, prefix)
    }

    /// Reads a blob's sealed bytes as they are.
    pub async fn read_raw(
        &self,
        address: &BlobAddress,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let (backend, key) = (self.backend.clone(), self.key(address));
        let Fetched { bytes: first, total } = backend.fetch(&key, 0, BLOCK_BYTES).await?;
        let read = first.len() as u64;
        let rest =
            stream::try_unfold((backend, key, read), move |(backend, key, read)| async move {
                if read >= total {
                    return Ok(None);
                }
                let fetched = backend.fetch(&key, read, BLOCK_BYTES).await?;
                if fetched.bytes.is_empty() || fetched.total != total {
                    return Err(Error::Damaged { what: "it became another while it was read" });
                }
                let read = read + fetched.bytes.len() as u64;
                Ok(Some((fetched.bytes, (backend, key, read))))
            });
        Ok(stream::iter([Ok(first)]).chain(rest).boxed())
    }

    /// Stores sealed bytes as they are. They must look like a whole blob; that they open as this
    /// address shows when they are read.
    pub async fn put_raw<S, E>(&self, address: &BlobAddress, sealed: S) -> Result<()>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Source>,
    {
        let mut sealed = pin!(sealed);
        let mut spool = self.spool();
        while let Some(bytes) = sealed.next().await {
            let bytes = bytes.map_err(|error| Error::Content(error.into()))?;
            spool = blocking(move || {
                spool.append(&bytes)?;
                Ok(spool)
            })
            .await?;
        }
        Header::read(&spool.read(0, HEADER_BYTES as usize)?, spool.length())?;
        self.publish(address, spool).await
    }

    pub(super) fn spool(&self) -> Spool {
        Spool::new(match &self.staging {
            Staging::Folder(root) => Some(root.join(&self.folder).join(TEMPORARY)),
            Staging::Memory(_) => None,
        })
    }

    pub(super) fn journal(&self, id: &str) -> Journal {
        match &self.staging {
            Staging::Folder(root) => Journal::file(&root.join(&self.folder), id),
            Staging::Memory(journals) => Journal::memory(journals.clone(), &self.folder, id),
        }
    }

    pub(super) async fn publish(&self, address: &BlobAddress, spool: Spool) -> Result<()> {
        self.backend.publish(&self.key(address), spool).await
    }

    pub(super) fn publish_blocking(&self, address: &BlobAddress, spool: Spool) -> Result<()> {
        self.backend.publish_blocking(&self.key(address), spool)
    }

    pub(super) async fn fetch(&self, address: &BlobAddress, range: Range<u64>) -> Result<Fetched> {
        self.backend.fetch(&self.key(address), range.start, range.end - range.start).await
    }

    pub(super) fn fetch_blocking(
        &self,
        address: &BlobAddress,
        range: Range<u64>,
    ) -> Result<Fetched> {
        self.backend.fetch_blocking(&self.key(address), range.start, range.end - range.start)
    }

    fn key(&self, address: &BlobAddress) -> String {
        format!("{}/{}", self.folder, address.path())
    }
}
