//! A temporary file that is sealed: readers that need one see plain bytes, the disk does not.
//!
//! It is written from its beginning to its end and read anywhere. Each block is sealed under a key
//! that lives as long as the spool, with the block's number as the nonce; the file has no name, so that
//! nothing is left of it when the process ends.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};

const BLOCK_BYTES: u64 = 64 << 10;
const TAG_BYTES: u64 = 16;

pub(crate) struct Spool {
    file: File,
    key: LessSafeKey,
    /// The bytes behind the last whole block.
    tail: Vec<u8>,
    blocks: u64,
    position: u64,
    /// A block that was read, and its number.
    open: Option<(u64, Vec<u8>)>,
}

impl Spool {
    pub fn new() -> io::Result<Self> {
        let failed = |_| io::Error::other("no key for a temporary file");
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).map_err(failed)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).map_err(failed)?);
        let name = format!("fairmark-{}", crate::auth::new_secret());
        let path = std::env::temp_dir().join(name);
        let mut options = File::options();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(Self { file, key, tail: Vec::new(), blocks: 0, position: 0, open: None })
    }

    fn length(&self) -> u64 {
        self.blocks * BLOCK_BYTES + self.tail.len() as u64
    }

    fn nonce(block: u64) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[4..].copy_from_slice(&block.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }

    fn block(&mut self, number: u64) -> io::Result<&[u8]> {
        if number == self.blocks {
            return Ok(&self.tail);
        }
        if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
            let mut bytes = vec![0; (BLOCK_BYTES + TAG_BYTES) as usize];
            self.file.read_exact_at(&mut bytes, number * (BLOCK_BYTES + TAG_BYTES))?;
            let damaged =
                |_| io::Error::new(io::ErrorKind::InvalidData, "a temporary file was changed");
            self.key
                .open_in_place(Self::nonce(number), Aad::empty(), &mut bytes)
                .map_err(damaged)?;
            bytes.truncate(BLOCK_BYTES as usize);
            self.open = Some((number, bytes));
        }
        Ok(self.open.as_ref().map_or(&[][..], |(_, bytes)| bytes))
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BLOCK_BYTES as usize - self.tail.len();
        let taken = bytes.len().min(room);
        self.tail.extend_from_slice(&bytes[..taken]);
        if self.tail.len() as u64 == BLOCK_BYTES {
            let mut block = std::mem::take(&mut self.tail);
            let failed = |_| io::Error::other("a temporary file could not be sealed");
            self.key
                .seal_in_place_append_tag(Self::nonce(self.blocks), Aad::empty(), &mut block)
                .map_err(failed)?;
            self.file.write_all_at(&block, self.blocks * (BLOCK_BYTES + TAG_BYTES))?;
            self.blocks += 1;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Spool {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length() {
            return Ok(0);
        }
        let (number, at) = (self.position / BLOCK_BYTES, (self.position % BLOCK_BYTES) as usize);
        let block = &self.block(number)?[at..];
        let read = block.len().min(into.len());
        into[..read].copy_from_slice(&block[..read]);
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Spool {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back_from_anywhere() {
        let mut spool = Spool::new().unwrap();
        let bytes: Vec<u8> = (0..300_000u32).map(|number| (number * 7 / 3) as u8).collect();
        for piece in bytes.chunks(7_001) {
            spool.write_all(piece).unwrap();
        }
        for (from, length) in
            [(0, 10), (65_530, 20), (299_990, 10), (131_072, 65_536), (0, 300_000)]
        {
            spool.seek(SeekFrom::Start(from as u64)).unwrap();
            let mut read = vec![0; length];
            spool.read_exact(&mut read).unwrap();
            assert_eq!(read, bytes[from..from + length], "{from}");
        }
        let mut on_disk = vec![0; 100_000];
        spool.file.read_exact_at(&mut on_disk, 0).unwrap();
        assert!(!on_disk.windows(16).any(|part| part == &bytes[100..116]));
    }
}
