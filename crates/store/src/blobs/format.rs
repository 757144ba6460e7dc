//! The sealed form of a blob.
//!
//! ```text
//! header   magic 4 | format 1 | key version 4 | salt 16 | length 8 | tag 16
//! chunks   64 KiB of ciphertext | tag 16, and the last one shorter; no chunk for no content
//! ```
//!
//! One data key seals the header and every chunk. Its nonces are counted: `what 1 | 0 3 | index 8`,
//! where `what` tells header, chunk and last chunk apart. So chunks cannot be left out, added or
//! exchanged. The header's tag covers the header, the organization and the address. The address is
//! known only when the content has ended, which is why the chunks do not name it themselves: their
//! key is the header's key, the salt makes that key this blob's own, and the header alone says
//! which address it belongs to.

use std::ops::Range;

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};

use super::spool::Spool;
use super::{BlobAddress, Error, Result};
use crate::keys::{OrganizationKeys, SALT_BYTES, TAG_BYTES, fill_random};

/// How much content is sealed at a time: what a reader of one byte has to open.
pub const CHUNK_BYTES: u64 = 64 * 1024;

const MAGIC: [u8; 4] = *b"fmkb";
const FORMAT: u8 = 1;
const OPEN_HEADER_BYTES: usize = 4 + 1 + 4 + SALT_BYTES + 8;
pub(super) const HEADER_BYTES: u64 = (OPEN_HEADER_BYTES + TAG_BYTES) as u64;
const SEALED_CHUNK_BYTES: u64 = CHUNK_BYTES + TAG_BYTES as u64;

/// What a nonce is used for.
#[derive(Clone, Copy)]
enum Part {
    Header,
    Chunk { index: u64 },
    LastChunk { index: u64 },
}

impl Part {
    fn nonce(self) -> Nonce {
        let (what, index) = match self {
            Part::Header => (0, 0),
            Part::Chunk { index } => (1, index),
            Part::LastChunk { index } => (2, index),
        };
        let mut nonce = [0; 12];
        nonce[0] = what;
        nonce[4..].copy_from_slice(&index.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }
}

/// How many chunks hold `length` bytes.
pub(super) fn chunk_count(length: u64) -> u64 {
    length.div_ceil(CHUNK_BYTES)
}

/// How long `length` bytes are when sealed; `None` for a length that no blob has.
pub(super) fn sealed_length(length: u64) -> Option<u64> {
    let tags = chunk_count(length).checked_mul(TAG_BYTES as u64)?;
    length.checked_add(tags)?.checked_add(HEADER_BYTES)
}

/// Where some chunks lie in the sealed blob.
pub(super) fn sealed_range(chunks: &Range<u64>) -> Range<u64> {
    let at = |chunk: u64| HEADER_BYTES + chunk * SEALED_CHUNK_BYTES;
    at(chunks.start)..at(chunks.end)
}

/// The header, as far as it can be read without a key.
pub(super) struct Header {
    key_version: u32,
    salt: [u8; SALT_BYTES],
    pub(super) length: u64,
}

impl Header {
    /// Reads a header and holds it against the size of the whole sealed blob.
    pub(super) fn read(sealed: &[u8], total: u64) -> Result<Self> {
        let damaged = Error::Damaged { what: "its header is not one" };
        let Some(header) = sealed.get(..OPEN_HEADER_BYTES) else { return Err(damaged) };
        if header[..4] != MAGIC || header[4] != FORMAT {
            return Err(damaged);
        }
        let mut header = Self {
            key_version: u32::from_be_bytes([header[5], header[6], header[7], header[8]]),
            salt: [0; SALT_BYTES],
            length: header[25..33].iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        header.salt.copy_from_slice(&sealed[9..25]);
        match sealed_length(header.length) {
            Some(length) if length == total => Ok(header),
            _ => Err(Error::Damaged { what: "it is not as long as its header says" }),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES as usize);
        bytes.extend_from_slice(&MAGIC);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.key_version.to_be_bytes());
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.length.to_be_bytes());
        bytes
    }
}

/// What the header's tag covers. Every part is of fixed length, so nothing can be read two ways.
fn header_aad(open_header: &[u8], organization: i64, address: &BlobAddress) -> Vec<u8> {
    [open_header, &organization.to_be_bytes(), address.bytes()].concat()
}

/// Seals content as it comes, hashes it on the way, and names it in the end.
pub(super) struct Sealer {
    organization: i64,
    cipher: LessSafeKey,
    header: Header,
    hasher: blake3::Hasher,
    /// Less than a chunk, or one whole chunk that may turn out to be the last.
    pending: Vec<u8>,
    index: u64,
    spool: Spool,
}

/// A sealed blob that is not yet where blobs are.
pub(super) struct Sealed {
    pub(super) address: BlobAddress,
    pub(super) length: u64,
    pub(super) spool: Spool,
}

impl Sealer {
    pub(super) fn new(keys: &OrganizationKeys, mut spool: Spool) -> Result<Self> {
        let mut salt = [0; SALT_BYTES];
        fill_random(&mut salt);
        let key_version = keys.current_version();
        let cipher = keys
            .blob_cipher(key_version, &salt)
            .map_err(|_| Error::KeyMissing { version: key_version })?;
        // Room for the header, which is written last.
        spool.append(&[0; HEADER_BYTES as usize])?;
        Ok(Self {
            organization: keys.organization(),
            cipher,
            header: Header { key_version, salt, length: 0 },
            hasher: blake3::Hasher::new_keyed(&keys.address_key()),
            pending: Vec::with_capacity(SEALED_CHUNK_BYTES as usize),
            index: 0,
            spool,
        })
    }

    pub(super) fn write(&mut self, mut content: &[u8]) -> Result<()> {
        self.hasher.update(content);
        self.header.length += content.len() as u64;
        while !content.is_empty() {
            if self.pending.len() == CHUNK_BYTES as usize {
                // More is coming, so this chunk is not the last.
                self.seal_pending(Part::Chunk { index: self.index })?;
            }
            let room = CHUNK_BYTES as usize - self.pending.len();
            let (now, later) = content.split_at(room.min(content.len()));
            self.pending.extend_from_slice(now);
            content = later;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Sealed> {
        if !self.pending.is_empty() {
            self.seal_pending(Part::LastChunk { index: self.index })?;
        }
        let address = BlobAddress::new(*self.hasher.finalize().as_bytes());
        let mut header = self.header.write();
        let aad = Aad::from(header_aad(&header, self.organization, &address));
        let tag = self
            .cipher
            .seal_in_place_separate_tag(Part::Header.nonce(), aad, &mut [])
            .map_err(|error| Error::Backend(error.into()))?;
        header.extend_from_slice(tag.as_ref());
        self.spool.overwrite_start(&header)?;
        Ok(Sealed { address, length: self.header.length, spool: self.spool })
    }

    fn seal_pending(&mut self, part: Part) -> Result<()> {
        let aad = Aad::from(self.organization.to_be_bytes());
        self.cipher
            .seal_in_place_append_tag(part.nonce(), aad, &mut self.pending)
            .map_err(|error| Error::Backend(error.into()))?;
        self.spool.append(&self.pending)?;
        self.pending.clear();
        self.index += 1;
        Ok(())
    }
}

/// Opens the chunks of one blob, in any order.
pub(super) struct Opener {
    organization: i64,
    cipher: LessSafeKey,
    length: u64,
}

impl Opener {
    /// Opens the header, and with it the claim that this blob is `address` of this organization.
    pub(super) fn new(
        keys: &OrganizationKeys,
        address: &BlobAddress,
        sealed: &[u8],
        total: u64,
    ) -> Result<Self> {
        let header = Header::read(sealed, total)?;
        let what = "its header does not open";
        let (open_header, rest) = sealed.split_at(OPEN_HEADER_BYTES);
        let tag = rest.get(..TAG_BYTES).ok_or(Error::Damaged { what })?;
        let organization = keys.organization();
        let cipher = keys
            .blob_cipher(header.key_version, &header.salt)
            .map_err(|error| Error::of_key(error, what))?;
        let aad = Aad::from(header_aad(open_header, organization, address));
        cipher
            .open_separate_gather(Part::Header.nonce(), aad, &[], tag, &mut [])
            .map_err(|_| Error::Damaged { what })?;
        Ok(Self { organization, cipher, length: header.length })
    }

    /// How long the content is.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The chunks that hold these bytes.
    pub(super) fn chunks(&self, range: &Range<u64>) -> Range<u64> {
        if range.is_empty() {
            return 0..0;
        }
        range.start / CHUNK_BYTES..chunk_count(range.end)
    }

    /// Opens neighbouring chunks, of which `sealed` is all there is.
    pub(super) fn open(&self, chunks: &Range<u64>, sealed: &[u8]) -> Result<Vec<u8>> {
        let what = "a chunk of it does not open";
        let last = chunk_count(self.length) - 1;
        let mut content = vec![0; sealed.len().saturating_sub(sealed_tags(chunks))];
        let mut room = content.as_mut_slice();
        let mut pieces = sealed.chunks(SEALED_CHUNK_BYTES as usize);
        for index in chunks.clone() {
            let piece = pieces.next().ok_or(Error::Damaged { what: "a chunk of it is missing" })?;
            let (ciphertext, tag) =
                piece.split_last_chunk::<TAG_BYTES>().ok_or(Error::Damaged { what })?;
            let (now, later) =
                room.split_at_mut_checked(ciphertext.len()).ok_or(Error::Damaged { what })?;
            let part =
                if index == last { Part::LastChunk { index } } else { Part::Chunk { index } };
            let aad = Aad::from(self.organization.to_be_bytes());
            self.cipher
                .open_separate_gather(part.nonce(), aad, ciphertext, tag, now)
                .map_err(|_| Error::Damaged { what })?;
            room = later;
        }
        Ok(content)
    }
}

fn sealed_tags(chunks: &Range<u64>) -> usize {
    (chunks.end - chunks.start) as usize * TAG_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_no_blob_has_are_refused() {
        assert_eq!(sealed_length(0), Some(HEADER_BYTES));
        assert_eq!(sealed_length(1), Some(HEADER_BYTES + 1 + 16));
        assert_eq!(sealed_length(CHUNK_BYTES + 1), Some(HEADER_BYTES + CHUNK_BYTES + 1 + 32));
        assert_eq!(sealed_length(u64::MAX), None);
    }
}
