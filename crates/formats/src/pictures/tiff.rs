//! The first directory of a TIFF file (classic or big): size and orientation.

use super::{Bytes, Refusal};

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const ORIENTATION: u16 = 274;

/// A directory with more entries than this is no picture of ours; tag numbers are 16 bits anyway.
const ENTRIES_MAX: u64 = 4096;

pub(super) struct Directory {
    pub width: u32,
    pub height: u32,
    pub orientation: u8,
}

pub(super) fn directory(bytes: &[u8]) -> Result<Directory, Refusal> {
    let file = Reader { bytes: Bytes(bytes), little: bytes.first() == Some(&b'I') };
    let big = file.u16(2)? == 43;
    let (mut at, count, entry_len) = if big {
        let at = file.offset(8, 8)?;
        (at.saturating_add(8), file.uint(at, 8)?, 20)
    } else {
        let at = file.offset(4, 4)?;
        (at.saturating_add(2), u64::from(file.u16(at)?), 12)
    };
    if count > ENTRIES_MAX {
        return Err(Refusal::broken("a TIFF directory of impossible length"));
    }

    let (mut width, mut height, mut orientation) = (None, None, 1);
    for _ in 0..count {
        let tag = file.u16(at)?;
        if matches!(tag, WIDTH | HEIGHT | ORIENTATION) {
            let value = file.value(at, if big { 12 } else { 8 })?;
            match tag {
                WIDTH => width = Some(value),
                HEIGHT => height = Some(value),
                _ => orientation = u8::try_from(value).unwrap_or(1),
            }
        }
        at = at.saturating_add(entry_len);
    }
    match (width, height) {
        (Some(width), Some(height)) => Ok(Directory { width, height, orientation }),
        _ => Err(Refusal::broken("a TIFF directory without width or height")),
    }
}

struct Reader<'a> {
    bytes: Bytes<'a>,
    little: bool,
}

impl Reader<'_> {
    fn u16(&self, at: usize) -> Result<u16, Refusal> {
        if self.little { self.bytes.u16_le(at) } else { self.bytes.u16_be(at) }
    }

    fn uint(&self, at: usize, len: usize) -> Result<u64, Refusal> {
        let mut bytes = self.bytes.get(at, len)?.to_vec();
        if self.little {
            bytes.reverse();
        }
        Ok(bytes.iter().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
    }

    fn offset(&self, at: usize, len: usize) -> Result<usize, Refusal> {
        usize::try_from(self.uint(at, len)?).map_err(|_| Refusal::Truncated)
    }

    /// Reads the one whole number of the entry at `at`, whose value lies `offset` bytes further on.
    fn value(&self, at: usize, offset: usize) -> Result<u32, Refusal> {
        let len = match self.u16(at.saturating_add(2))? {
            1 => 1,
            3 => 2,
            4 => 4,
            16 => 8,
            _ => return Err(Refusal::broken("a TIFF size that is not a whole number")),
        };
        let value = self.uint(at.saturating_add(offset), len)?;
        u32::try_from(value).map_err(|_| Refusal::broken("a TIFF size beyond 32 bits"))
    }
}
