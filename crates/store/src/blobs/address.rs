//! The name of a blob.

use std::fmt::{self, Write};
use std::str::FromStr;

/// The keyed hash of a blob's content: 64 hex digits that mean nothing outside the organization.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobAddress([u8; 32]);

/// A text that names no blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a blob's address is 64 hex digits, in lower case")]
pub struct BadAddress;

impl BlobAddress {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `aa/bb…`: two digits spread the blobs over 256 folders.
    pub(super) fn path(&self) -> String {
        let text = self.to_string();
        format!("{}/{}", &text[..2], &text[2..])
    }

    /// Reads back what [`path`](Self::path) wrote.
    pub(super) fn from_path(shard: &str, rest: &str) -> Option<Self> {
        (shard.len() == 2).then(|| format!("{shard}{rest}").parse().ok()).flatten()
    }
}

impl fmt::Display for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            write!(text, "{byte:02x}")?;
        }
        f.pad(&text)
    }
}

impl fmt::Debug for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlobAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        // One spelling only: two spellings would be two files.
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(BadAddress),
        };
        let text: &[u8; 64] = text.as_bytes().try_into().map_err(|_| BadAddress)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}
