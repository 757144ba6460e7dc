//! An organization's blobs, opened with its keys.

use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};

use super::backend::blocking;
use super::format::{CHUNK_BYTES, Opener, Sealed, Sealer, sealed_range};
use super::reader::BlobReader;
use super::{BlobAddress, Error, Result, SealedBlobs, Source};
use crate::keys::OrganizationKeys;

/// How many chunks are read at a time, and so how much of a blob is in memory.
pub(super) const BLOCK_CHUNKS: u64 = 16;
/// How much content is gathered before a thread is asked to seal it.
const BATCH_BYTES: usize = 512 * 1024;

/// The blobs of one organization, and the keys that open them: the only way to content (B1).
#[derive(Clone)]
pub struct OrganizationBlobs {
    sealed: SealedBlobs,
    keys: Arc<OrganizationKeys>,
}

/// What a blob is called, now that it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub address: BlobAddress,
    /// Of the content, not of its sealed form.
    pub length: u64,
}

/// Content on its way out.
pub struct Content {
    /// Of all the content, as `Content-Range` wants it.
    pub length: u64,
    /// What was asked for, as far as there is content.
    pub range: Range<u64>,
    /// The bytes of `range`. Each was checked before it is handed on.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

impl OrganizationBlobs {
    pub(super) fn new(sealed: SealedBlobs, keys: Arc<OrganizationKeys>) -> Self {
        Self { sealed, keys }
    }

    /// The same blobs as sealed bytes: to list, to copy, to remove.
    pub fn sealed(&self) -> &SealedBlobs {
        &self.sealed
    }

    pub(super) fn keys(&self) -> &OrganizationKeys {
        &self.keys
    }

    /// Stores content of at most `bytes_max` bytes as it streams in.
    pub async fn put<S, E>(&self, content: S, bytes_max: u64) -> Result<Stored>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Source>,
    {
        let mut content = pin!(content);
        let mut sealer = self.sealer()?;
        let mut batch = Vec::new();
        let (mut batched, mut length) = (0, 0);
        while let Some(bytes) = content.next().await {
            let bytes = bytes.map_err(|error| Error::Content(error.into()))?;
            length += bytes.len() as u64;
            if length > bytes_max {
                return Err(Error::TooLarge { limit: bytes_max });
            }
            batched += bytes.len();
            batch.push(bytes);
            if batched >= BATCH_BYTES {
                let full = std::mem::take(&mut batch);
                batched = 0;
                sealer = blocking(move || {
                    full.iter().try_for_each(|bytes| sealer.write(bytes))?;
                    Ok(sealer)
                })
                .await?;
            }
        }
        let sealed = blocking(move || {
            batch.iter().try_for_each(|bytes| sealer.write(bytes))?;
            sealer.finish()
        })
        .await?;
        self.publish(sealed).await
    }

    /// Stores content that is in memory already.
    pub async fn put_bytes(&self, content: Bytes) -> Result<Stored> {
        let mut sealer = self.sealer()?;
        let sealed = blocking(move || {
            sealer.write(&content)?;
            sealer.finish()
        })
        .await?;
        self.publish(sealed).await
    }

    /// Stores what a reader gives, up to `bytes_max` bytes. For threads that may wait: never call
    /// it from async code.
    pub fn put_from(&self, mut content: impl Read, bytes_max: u64) -> Result<Stored> {
        let mut sealer = self.sealer()?;
        let mut buffer = vec![0; CHUNK_BYTES as usize];
        let mut length = 0;
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::Content(error.into())),
            };
            length += read as u64;
            if length > bytes_max {
                return Err(Error::TooLarge { limit: bytes_max });
            }
            sealer.write(&buffer[..read])?;
        }
        let Sealed { address, length, spool } = sealer.finish()?;
        self.sealed.publish_blocking(&address, spool)?;
        Ok(Stored { address, length })
    }

    /// Reads some of a blob. A range that reaches beyond the content is cut to it.
    pub async fn get(&self, address: &BlobAddress, range: Range<u64>) -> Result<Content> {
        // The header comes with the content where the content begins near it: one request for all
        // that is small.
        let ahead = head_chunks(&range);
        let head = self.sealed.fetch(address, 0..sealed_range(&ahead).end).await?;
        let opener = Opener::new(&self.keys, address, &head.bytes, head.total)?;
        let length = opener.length();
        let end = range.end.min(length);
        let range = range.start.min(end)..end;

        let reading = Reading {
            sealed: self.sealed.clone(),
            address: *address,
            chunks: opener.chunks(&range),
            range: range.clone(),
            ahead: ahead.end.min(opener.chunks(&(0..length)).end),
            head: head.bytes,
            opener,
        };
        let stream = stream::try_unfold(reading, Reading::next).boxed();
        Ok(Content { length, range, stream })
    }

    /// Reads all of a blob, if it is no longer than `bytes_max`.
    pub async fn read_all(&self, address: &BlobAddress, bytes_max: u64) -> Result<Vec<u8>> {
        let mut content = self.get(address, 0..u64::MAX).await?;
        if content.length > bytes_max {
            return Err(Error::TooLarge { limit: bytes_max });
        }
        let mut bytes = Vec::with_capacity(content.length as usize);
        while let Some(more) = content.stream.try_next().await? {
            bytes.extend_from_slice(&more);
        }
        Ok(bytes)
    }

    /// Opens a blob for a thread that may wait: never call it, or read from it, in async code.
    pub fn open_read(&self, address: &BlobAddress) -> Result<BlobReader> {
        BlobReader::open(self.sealed.clone(), &self.keys, address)
    }

    /// Opens every chunk of a blob and hashes the content anew. Returns the content's length.
    pub async fn verify(&self, address: &BlobAddress) -> Result<u64> {
        let mut content = self.get(address, 0..u64::MAX).await?;
        let mut hasher = blake3::Hasher::new_keyed(&self.keys.address_key());
        while let Some(bytes) = content.stream.try_next().await? {
            hasher.update(&bytes);
        }
        if hasher.finalize() != *address.bytes() {
            return Err(Error::Damaged { what: "its content has another address" });
        }
        Ok(content.length)
    }

    pub(super) fn sealer(&self) -> Result<Sealer> {
        Sealer::new(&self.keys, self.sealed.spool())
    }

    pub(super) async fn publish(&self, sealed: Sealed) -> Result<Stored> {
        let Sealed { address, length, spool } = sealed;
        self.sealed.publish(&address, spool).await?;
        Ok(Stored { address, length })
    }
}

/// The chunks to ask for together with the header.
fn head_chunks(range: &Range<u64>) -> Range<u64> {
    let near = range.start < BLOCK_CHUNKS * CHUNK_BYTES && !range.is_empty();
    0..if near { range.end.div_ceil(CHUNK_BYTES).min(BLOCK_CHUNKS) } else { 0 }
}

/// A range that is being read, block by block.
struct Reading {
    sealed: SealedBlobs,
    address: BlobAddress,
    opener: Opener,
    /// The header, and the first `ahead` chunks.
    head: Bytes,
    ahead: u64,
    range: Range<u64>,
    /// What is still to be read.
    chunks: Range<u64>,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        if self.chunks.is_empty() {
            return Ok(None);
        }
        let start = self.chunks.start;
        let near = start < self.ahead;
        let block_end = if near { self.ahead } else { start + BLOCK_CHUNKS };
        let block = start..block_end.min(self.chunks.end);
        let mut lies = sealed_range(&block);
        let sealed = if near {
            lies.end = lies.end.min(self.head.len() as u64);
            self.head.slice(lies.start.min(lies.end) as usize..lies.end as usize)
        } else {
            self.head = Bytes::new();
            self.sealed.fetch(&self.address, lies).await?.bytes
        };
        let content = Bytes::from(self.opener.open(&block, &sealed)?);

        // The first and the last chunk may hold more than was asked for.
        let first = start * CHUNK_BYTES;
        let from = self.range.start.saturating_sub(first);
        let to = (self.range.end - first).min(content.len() as u64);
        self.chunks.start = block.end;
        Ok(Some((content.slice(from as usize..to as usize), self)))
    }
}
