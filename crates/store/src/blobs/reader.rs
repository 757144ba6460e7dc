//! A blob as a reader that seeks, for libraries that want one.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use super::format::{CHUNK_BYTES, HEADER_BYTES, Opener, sealed_range};
use super::organization::BLOCK_CHUNKS;
use super::{BlobAddress, Error, Result, SealedBlobs};
use crate::keys::OrganizationKeys;

/// Reads a blob from any place in it, holding one block of it in memory. It waits for disks and
/// networks, so it belongs on threads that may.
pub struct BlobReader {
    sealed: SealedBlobs,
    address: BlobAddress,
    opener: Opener,
    position: u64,
    /// Opened content, and the first chunk of it.
    block: Vec<u8>,
    block_start: u64,
}

impl BlobReader {
    pub(super) fn open(
        sealed: SealedBlobs,
        keys: &OrganizationKeys,
        address: &BlobAddress,
    ) -> Result<Self> {
        let head = sealed.fetch_blocking(address, 0..HEADER_BYTES)?;
        let opener = Opener::new(keys, address, &head.bytes, head.total)?;
        let (address, block) = (*address, Vec::new());
        Ok(Self { sealed, address, opener, position: 0, block, block_start: 0 })
    }

    /// How long the content is.
    pub fn length(&self) -> u64 {
        self.opener.length()
    }

    /// Sees to it that the block holds the byte at the position.
    fn load(&mut self) -> Result<()> {
        let held = self.block_start..self.block_start + self.block.len() as u64;
        if held.contains(&self.position) {
            return Ok(());
        }
        let first = self.position / CHUNK_BYTES;
        // One who jumps about wants a chunk; one who reads on wants more.
        let chunks = if self.position == held.end { BLOCK_CHUNKS } else { 1 };
        let all = self.opener.chunks(&(0..self.opener.length()));
        let wanted = first..(first + chunks).min(all.end);
        let fetched = self.sealed.fetch_blocking(&self.address, sealed_range(&wanted))?;
        self.block = self.opener.open(&wanted, &fetched.bytes)?;
        self.block_start = first * CHUNK_BYTES;
        Ok(())
    }
}

impl Read for BlobReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() || self.position >= self.opener.length() {
            return Ok(0);
        }
        self.load().map_err(io_error)?;
        let held = &self.block[(self.position - self.block_start) as usize..];
        let read = held.len().min(into.len());
        into[..read].copy_from_slice(&held[..read]);
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.opener.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

fn io_error(error: Error) -> io::Error {
    let kind = match error {
        Error::NotFound => ErrorKind::NotFound,
        Error::Damaged { .. } => ErrorKind::InvalidData,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
