//! The file of a backup: an ordinary tar archive (ustar), so that any machine can look into it
//! without us. Written and read from the start to the end, in pieces of bounded size.

use super::{Error, Result};
use std::io::{Read, Write};

const BLOCK: usize = 512;
const NAME_BYTES: usize = 100;

/// An archive that is being written.
pub(super) struct ArchiveWriter<'w> {
    out: &'w mut dyn Write,
    modified_s: i64,
    /// What the present entry still owes.
    left: u64,
    padding: usize,
}

impl<'w> ArchiveWriter<'w> {
    pub(super) fn new(out: &'w mut dyn Write, at_ms: i64) -> Self {
        Self { out, modified_s: at_ms / 1000, left: 0, padding: 0 }
    }

    /// Begins an entry of exactly `length` bytes.
    pub(super) fn begin(&mut self, name: &str, length: u64) -> Result<()> {
        self.finish_entry()?;
        self.out.write_all(&header(name, length, self.modified_s)?)?;
        self.left = length;
        self.padding = (BLOCK - (length % BLOCK as u64) as usize) % BLOCK;
        Ok(())
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(Error::Grew)?;
        Ok(self.out.write_all(bytes)?)
    }

    fn finish_entry(&mut self) -> Result<()> {
        if self.left != 0 {
            return Err(Error::Grew);
        }
        Ok(self.out.write_all(&[0; BLOCK][..std::mem::take(&mut self.padding)])?)
    }

    /// Two empty blocks end an archive.
    pub(super) fn finish(mut self) -> Result<()> {
        self.finish_entry()?;
        self.out.write_all(&[0; BLOCK * 2])?;
        Ok(self.out.flush()?)
    }
}

fn header(name: &str, length: u64, modified_s: i64) -> Result<[u8; BLOCK]> {
    if name.len() > NAME_BYTES {
        return Err(Error::Damaged { what: format!("the name {name} is too long") });
    }
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name.as_bytes());
    octal(&mut block[100..108], 0o600);
    octal(&mut block[108..116], 0);
    octal(&mut block[116..124], 0);
    if length < 1 << 33 {
        octal(&mut block[124..136], length);
    } else {
        // What eleven octal digits cannot say is written in base 256, marked by the first bit.
        block[124] = 0x80;
        block[128..136].copy_from_slice(&length.to_be_bytes());
    }
    octal(&mut block[136..148], modified_s.max(0) as u64);
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum = checksum(&block);
    octal(&mut block[148..155], sum);
    Ok(block)
}

fn octal(field: &mut [u8], number: u64) {
    let digits = field.len() - 1;
    let text = format!("{number:0digits$o}");
    field[..digits].copy_from_slice(text.as_bytes());
    field[digits] = 0;
}

/// Of a header whose own sum is counted as spaces.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    sum(&block[..148]) + 8 * u64::from(b' ') + sum(&block[156..])
}

/// An archive that is being read.
pub(super) struct ArchiveReader<'r> {
    from: &'r mut dyn Read,
    left: u64,
    padding: usize,
}

/// What comes next in an archive.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) length: u64,
}

impl<'r> ArchiveReader<'r> {
    pub(super) fn new(from: &'r mut dyn Read) -> Self {
        Self { from, left: 0, padding: 0 }
    }

    /// The next entry; what was not read of the one before is passed over.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>> {
        let mut buffer = vec![0; 64 * 1024];
        while self.read(&mut buffer)? > 0 {}
        let mut padding = [0; BLOCK];
        let rest = std::mem::take(&mut self.padding);
        self.from.read_exact(&mut padding[..rest]).map_err(cut_short)?;
        if padding != [0; BLOCK] {
            return Err(Error::Damaged { what: "something stands between two parts".into() });
        }
        let mut block = [0; BLOCK];
        self.from.read_exact(&mut block).map_err(cut_short)?;
        if block.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        let fine = &block[257..262] == b"ustar"
            && number(&block[148..155]) == Some(checksum(&block))
            && block[156] == b'0';
        let end = block[..NAME_BYTES].iter().position(|&byte| byte == 0).unwrap_or(NAME_BYTES);
        let name = std::str::from_utf8(&block[..end]).ok().filter(|_| fine);
        let length = match block[124] {
            0x80 => {
                let bytes: [u8; 8] = block[128..136].try_into().unwrap_or_default();
                Some(u64::from_be_bytes(bytes))
            }
            _ => number(&block[124..135]),
        };
        let (Some(name), Some(length)) = (name, length) else {
            return Err(Error::NotABackup);
        };
        self.left = length;
        self.padding = (BLOCK - (length % BLOCK as u64) as usize) % BLOCK;
        Ok(Some(Entry { name: name.into(), length }))
    }

    /// Some more of the present entry; nothing at its end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let wanted = self.left.min(buffer.len() as u64) as usize;
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.from.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(cut_short(std::io::ErrorKind::UnexpectedEof.into()));
        }
        self.left -= read as u64;
        Ok(read)
    }

    /// All of the present entry, if it is no longer than `bytes_max`.
    pub(super) fn read_all(&mut self, bytes_max: u64) -> Result<Vec<u8>> {
        if self.left > bytes_max {
            return Err(Error::Damaged { what: "a part is too long".into() });
        }
        let mut bytes = vec![0; self.left as usize];
        self.from.read_exact(&mut bytes).map_err(cut_short)?;
        self.left = 0;
        Ok(bytes)
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(text, 8).ok()
}

fn cut_short(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            Error::Damaged { what: "it ends before its end: the copy is not whole".into() }
        }
        _ => Error::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut file = Vec::new();
        let parts = [("a/empty", 0), ("a/one", 1), ("b/block", 512), ("b/more", 100_000)];
        let mut writer = ArchiveWriter::new(&mut file, 1_800_000_000_000);
        for (name, length) in parts {
            writer.begin(name, length).unwrap();
            writer.write(&vec![7; length as usize]).unwrap();
        }
        writer.finish().unwrap();

        let mut from = file.as_slice();
        let mut reader = ArchiveReader::new(&mut from);
        for (name, length) in parts {
            let entry = reader.next_entry().unwrap().unwrap();
            assert_eq!((entry.name.as_str(), entry.length), (name, length));
            if name != "b/block" {
                assert_eq!(reader.read_all(1 << 20).unwrap(), vec![7; length as usize]);
            }
        }
        assert!(reader.next_entry().unwrap().is_none());
        for cut in [0, 1, 511, 512, 600, file.len() - 1024, file.len() - 600] {
            let mut from = &file[..cut];
            let mut reader = ArchiveReader::new(&mut from);
            let end = loop {
                match reader.next_entry() {
                    Ok(Some(_)) => {}
                    end => break end,
                }
            };
            assert!(end.is_err() == (cut < file.len() - 512 * 2 + 512), "cut to {cut}");
        }
    }

    #[test]
    fn a_long_length_is_kept() {
        let block = header("x", 5 << 33, 0).unwrap();
        let mut from = block.as_slice();
        let entry = ArchiveReader::new(&mut from).next_entry().unwrap().unwrap();
        assert_eq!(entry.length, 5 << 33);
    }
}
