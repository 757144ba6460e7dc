//! ZIP archives, as people pack folders of small files. The rules:
//!
//! - **Z1** The list at the end of the archive says what is in it; it is read first and is bounded.
//! - **Z2** An entry is read whole, up to a limit that its reader sets, however much it claims or grows to:
//!   an archive of a few kilobytes that unpacks to gigabytes costs the limit.
//! - **Z3** Nothing is ever written to a path that an archive names; the names are names only.
//! - **Z4** Stored and deflated entries are read; encrypted ones, and other methods, are told.
//! - **Z5** A link is told from a file; what it points to is never looked at.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;

const ENTRIES_MAX: u64 = 1_000_000;
const DIRECTORY_MAX_BYTES: u64 = 256 << 20;
const NAME_MAX_BYTES: usize = 4096;

/// Says why an archive, or one entry of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    #[error("this is not a ZIP archive, or it ends too early: pack and send it again")]
    NotZip,
    #[error("the archive has more than 1,000,000 files: pack them into several")]
    TooManyFiles,
    #[error("the file is encrypted: pack it without a password")]
    Encrypted,
    #[error("the file is packed in an unusual way: pack it as an ordinary ZIP")]
    UnknownMethod,
    #[error("the file is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("the file does not unpack to what it was: pack it again")]
    Damaged,
    #[error("the archive could not be read")]
    Io(#[from] io::Error),
}

impl ZipError {
    /// Returns the stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            ZipError::NotZip => "not_zip",
            ZipError::TooManyFiles => "too_many_files",
            ZipError::Encrypted => "encrypted",
            ZipError::UnknownMethod => "unknown_method",
            ZipError::TooLong { .. } => "too_long",
            ZipError::Damaged => "damaged",
            ZipError::Io(_) => "unreadable",
        }
    }
}

/// Names one file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// The entry is a symbolic link (Z5).
    pub link: bool,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    at: u64,
}

/// Reads the files of an archive, in any order.
pub struct Archive<R> {
    input: R,
    entries: Vec<Entry>,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the list of files (Z1); folders are left out of it.
    pub fn open(mut input: R) -> Result<Self, ZipError> {
        let (count, at) = directory(&mut input)?;
        if count > ENTRIES_MAX {
            return Err(ZipError::TooManyFiles);
        }
        input.seek(SeekFrom::Start(at))?;
        let mut list = io::BufReader::new((&mut input).take(DIRECTORY_MAX_BYTES));
        let mut entries = Vec::new();
        for _ in 0..count {
            let entry = entry(&mut list)?;
            if !entry.name.ends_with('/') {
                entries.push(entry);
            }
        }
        Ok(Self { input, entries })
    }

    /// Returns the files, in the order of the list.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Unpacks one file, if it is no longer than `limit` (Z2).
    pub fn read(&mut self, index: usize, limit: usize) -> Result<Vec<u8>, ZipError> {
        let mut bytes = Vec::new();
        self.copy(index, limit, &mut bytes)?;
        Ok(bytes)
    }

    /// Unpacks one file into `out`, if it is no longer than `limit` (Z2); the memory it takes is bounded
    /// whatever the limit is.
    pub fn copy(
        &mut self,
        index: usize,
        limit: usize,
        out: &mut impl io::Write,
    ) -> Result<(), ZipError> {
        let (mut unpacked, wanted) = self.unpacked(index)?;
        let (mut crc, mut total) = (Crc::new(), 0);
        let mut chunk = vec![0; 64 << 10];
        loop {
            let read = match unpacked.read(&mut chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(|_| ZipError::Damaged)?,
            };
            if read == 0 {
                break;
            }
            total += read;
            if total > limit {
                return Err(ZipError::TooLong { limit });
            }
            crc.update(&chunk[..read]);
            out.write_all(&chunk[..read])?;
        }
        if crc.sum() != wanted { Err(ZipError::Damaged) } else { Ok(()) }
    }

    /// Unpacks the beginning of one file, however long it is; nothing says whether it is damaged.
    pub fn head(&mut self, index: usize, limit: u64) -> Result<Vec<u8>, ZipError> {
        let mut bytes = Vec::new();
        let (unpacked, _) = self.unpacked(index)?;
        unpacked.take(limit).read_to_end(&mut bytes).map_err(|_| ZipError::Damaged)?;
        Ok(bytes)
    }

    /// What is in one file, and the sum of it.
    fn unpacked(&mut self, index: usize) -> Result<(Box<dyn Read + '_>, u32), ZipError> {
        let entry = self.entries.get(index).ok_or(ZipError::NotZip)?;
        if entry.flags & 1 != 0 {
            return Err(ZipError::Encrypted);
        }
        self.input.seek(SeekFrom::Start(entry.at))?;
        let mut head = [0; 30];
        self.input.read_exact(&mut head).map_err(ended)?;
        if head[..4] != *b"PK\x03\x04" {
            return Err(ZipError::NotZip);
        }
        let skip = i64::from(u16_at(&head, 26)) + i64::from(u16_at(&head, 28));
        self.input.seek(SeekFrom::Current(skip))?;
        let packed = (&mut self.input).take(entry.packed);
        let unpacked: Box<dyn Read> = match entry.method {
            0 => Box::new(packed),
            8 => Box::new(DeflateDecoder::new(packed)),
            _ => return Err(ZipError::UnknownMethod),
        };
        Ok((unpacked, entry.crc))
    }
}

fn ended(error: io::Error) -> ZipError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        ZipError::NotZip
    } else {
        ZipError::Io(error)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|part| part.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|part| part.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// How many entries the list has, and where it is: from the record at the end, behind which there may be
/// a comment, or from the one before it where the numbers are too large for that.
fn directory<R: Read + Seek>(input: &mut R) -> Result<(u64, u64), ZipError> {
    const END_BYTES: usize = 22;
    let length = input.seek(SeekFrom::End(0))?;
    let tail_length = length.min(END_BYTES as u64 + 65_535 + 20);
    input.seek(SeekFrom::Start(length - tail_length))?;
    let mut tail = Vec::new();
    input.take(tail_length).read_to_end(&mut tail)?;
    let last = tail.len().checked_sub(END_BYTES).ok_or(ZipError::NotZip)?;
    let end = (0..=last).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06"));
    let end = end.ok_or(ZipError::NotZip)?;
    let (count, at) = (u16_at(&tail, end + 10), u32_at(&tail, end + 16));
    if count != u16::MAX && at != u32::MAX {
        return Ok((count.into(), at.into()));
    }
    let locator = end.checked_sub(20).filter(|at| tail[*at..].starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else { return Ok((count.into(), at.into())) };
    input.seek(SeekFrom::Start(u64_at(&tail, locator + 8)))?;
    let mut record = [0; 56];
    input.read_exact(&mut record).map_err(ended)?;
    if record[..4] != *b"PK\x06\x06" {
        return Err(ZipError::NotZip);
    }
    Ok((u64_at(&record, 32), u64_at(&record, 48)))
}

fn entry(list: &mut impl Read) -> Result<Entry, ZipError> {
    let mut head = [0; 46];
    list.read_exact(&mut head).map_err(ended)?;
    if head[..4] != *b"PK\x01\x02" {
        return Err(ZipError::NotZip);
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(&head, at)));
    let mut rest = vec![0; name + extra + comment];
    list.read_exact(&mut rest).map_err(ended)?;
    let [mut packed, mut at] = [20, 42].map(|at| u64::from(u32_at(&head, at)));
    // What four bytes cannot say stands in a field of its own, in this order.
    if let Some(mut large) = large(rest.get(name..name + extra).unwrap_or_default()) {
        let unpacked = &mut u64::from(u32_at(&head, 24));
        for number in [unpacked, &mut packed, &mut at] {
            if *number == u64::from(u32::MAX) && large.len() >= 8 {
                *number = u64_at(large, 0);
                large = &large[8..];
            }
        }
    }
    rest.truncate(name.min(NAME_MAX_BYTES));
    Ok(Entry {
        name: String::from_utf8_lossy(&rest).into_owned(),
        link: u32_at(&head, 38) >> 16 & 0o170_000 == 0o120_000,
        flags: u16_at(&head, 8),
        method: u16_at(&head, 10),
        crc: u32_at(&head, 16),
        packed,
        at,
    })
}

/// The field of an entry that has its large numbers.
fn large(mut extra: &[u8]) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (kind, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        if kind == 1 {
            return extra.get(4..4 + length);
        }
        extra = extra.get(4 + length..)?;
    }
    None
}

/// Writes an archive, file by file, each as it is: pictures are packed already.
pub struct ZipWriter<W> {
    out: W,
    at: u64,
    list: Vec<u8>,
    count: u64,
}

impl<W: io::Write> ZipWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out, at: 0, list: Vec::new(), count: 0 }
    }

    /// Appends a file that is held.
    pub fn append(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(content);
        self.add(name, crc.sum(), content.len() as u64, &mut &content[..])
    }

    /// Appends a file of which the sum and the length are known. One of 4 GiB or more is refused: its numbers would
    /// need another form.
    pub fn add(
        &mut self,
        name: &str,
        crc: u32,
        bytes: u64,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        let Some(short) = u32::try_from(bytes).ok().filter(|bytes| *bytes < u32::MAX) else {
            return Err(io::Error::other(format!(
                "{name} would have 4 GiB or more, which an archive does not take: write a folder"
            )));
        };
        let length = u16::try_from(name.len()).map_err(io::Error::other)?.to_le_bytes();
        let sums = [crc, short, short].map(u32::to_le_bytes).concat();
        // Names are UTF-8; the first of January 1980 is when nobody says when.
        let middle =
            |version| [&[version, 0, 0, 8, 0, 0, 0, 0, 0x21, 0][..], &sums, &length].concat();
        self.out.write_all(b"PK\x03\x04")?;
        self.out.write_all(&middle(20))?;
        self.out.write_all(&[0, 0])?;
        self.out.write_all(name.as_bytes())?;
        if io::copy(&mut content.take(bytes), &mut self.out)? != bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // Where it lies further behind than four bytes can say, eight do.
        let near = u32::try_from(self.at).ok().filter(|at| *at < u32::MAX);
        let version = if near.is_some() { 20 } else { 45 };
        self.list.extend_from_slice(&[b'P', b'K', 1, 2, version, 0]);
        self.list.extend_from_slice(&middle(version));
        self.list.extend_from_slice(&[if near.is_some() { 0 } else { 12 }, 0]);
        self.list.extend_from_slice(&[0; 10]);
        self.list.extend_from_slice(&near.unwrap_or(u32::MAX).to_le_bytes());
        self.list.extend_from_slice(name.as_bytes());
        if near.is_none() {
            self.list.extend_from_slice(&[1, 0, 8, 0]);
            self.list.extend_from_slice(&self.at.to_le_bytes());
        }
        self.at += 30 + name.len() as u64 + bytes;
        self.count += 1;
        Ok(())
    }

    /// Writes the list of files, which ends the archive.
    pub fn finish(mut self) -> io::Result<()> {
        let (length, at) = (self.list.len() as u64, self.at);
        self.out.write_all(&self.list)?;
        if self.count >= u16::MAX.into() || at + length > u32::MAX.into() {
            // More files than the record at the end can count are counted in one before it.
            self.out.write_all(b"PK\x06\x06")?;
            self.out.write_all(&44_u64.to_le_bytes())?;
            self.out.write_all(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
            for number in [self.count, self.count, length, at] {
                self.out.write_all(&number.to_le_bytes())?;
            }
            self.out.write_all(b"PK\x06\x07\0\0\0\0")?;
            self.out.write_all(&(at + length).to_le_bytes())?;
            self.out.write_all(&[1, 0, 0, 0])?;
        }
        let count = u16::try_from(self.count).unwrap_or(u16::MAX);
        let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        self.out.write_all(b"PK\x05\x06\0\0\0\0")?;
        self.out.write_all(&[count, count].map(u16::to_le_bytes).concat())?;
        self.out.write_all(&[short(length), short(at)].map(u32::to_le_bytes).concat())?;
        self.out.write_all(&[0, 0])?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::{Cursor, Write};

    /// An archive with one file in it.
    fn zip(name: &str, content: &[u8], crc: Option<u32>) -> Vec<u8> {
        let mut deflater = DeflateEncoder::new(Vec::new(), Compression::best());
        deflater.write_all(content).unwrap();
        let packed = deflater.finish().unwrap();
        let mut sum = Crc::new();
        sum.update(content);
        let crc = crc.unwrap_or(sum.sum()).to_le_bytes();
        let sizes = [packed.len() as u32, content.len() as u32].map(u32::to_le_bytes).concat();
        let lengths = [name.len() as u16, 0].map(u16::to_le_bytes).concat();
        let middle = [&[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..], &crc, &sizes, &lengths].concat();
        let mut file = [b"PK\x03\x04", &middle[..], name.as_bytes(), &packed].concat();
        let list = file.len() as u32;
        let entry = [b"PK\x01\x02\x14\0", &middle[..], &[0; 14], name.as_bytes()].concat();
        file.extend_from_slice(&entry);
        file.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        file.extend_from_slice(&(entry.len() as u32).to_le_bytes());
        file.extend_from_slice(&list.to_le_bytes());
        file.extend_from_slice(&[0, 0]);
        file
    }

    #[test]
    fn a_file_unpacks_to_what_it_was() {
        let mut archive =
            Archive::open(Cursor::new(zip("a/b.xml", b"<annotation/>", None))).unwrap();
        assert_eq!(archive.entries()[0].name, "a/b.xml");
        assert_eq!(archive.read(0, 100).unwrap(), b"<annotation/>");
    }

    #[test]
    fn what_is_written_is_read() {
        for count in [0, 2, 70_000] {
            let mut file = Vec::new();
            let mut writer = ZipWriter::new(&mut file);
            for at in 0..count {
                writer.append(&format!("ä/{at}.txt"), format!("file {at}").as_bytes()).unwrap();
            }
            writer.finish().unwrap();
            let mut archive = Archive::open(Cursor::new(file)).unwrap();
            assert_eq!(archive.entries().len(), count);
            if let Some(last) = count.checked_sub(1) {
                assert_eq!(archive.entries()[last].name, format!("ä/{last}.txt"));
                assert_eq!(archive.read(last, 100).unwrap(), format!("file {last}").as_bytes());
            }
        }
    }

    #[test]
    fn what_lies_behind_four_gibibytes_is_found() {
        let mut file = tempfile::tempfile().unwrap();
        let mut writer = ZipWriter::new(&mut file);
        // A hole, which takes no room on the disk.
        writer.at = (4 << 30) - 40;
        writer.out.seek(SeekFrom::Start(writer.at)).unwrap();
        for name in ["before", "behind", "far behind"] {
            writer.append(name, name.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let mut archive = Archive::open(file).unwrap();
        for (at, name) in ["before", "behind", "far behind"].into_iter().enumerate() {
            assert_eq!(archive.entries()[at].name, name);
            assert_eq!(archive.read(at, 100).unwrap(), name.as_bytes());
        }
        let refused = ZipWriter::new(Vec::new()).add("large", 0, 4 << 30, &mut io::empty());
        assert!(refused.unwrap_err().to_string().contains("large would have 4 GiB"));
    }

    #[test]
    fn what_would_hurt_is_told() {
        let bomb = zip("bomb", &vec![0; 10_000_000], None);
        assert!(bomb.len() < 20_000);
        let mut archive = Archive::open(Cursor::new(bomb)).unwrap();
        assert!(matches!(archive.read(0, 1_000), Err(ZipError::TooLong { limit: 1_000 })));
        // What it begins with can be looked at, however long it is.
        assert_eq!(archive.head(0, 1_000).unwrap(), [0; 1_000]);
        let mut archive = Archive::open(Cursor::new(zip("x", b"abc", Some(7)))).unwrap();
        assert!(matches!(archive.read(0, 100), Err(ZipError::Damaged)));
        let whole = zip("x", b"abc", None);
        for cut in 0..whole.len() {
            let opened = Archive::open(Cursor::new(&whole[..cut]));
            assert!(opened.and_then(|mut archive| archive.read(0, 100)).is_err(), "{cut}");
        }
        assert!(matches!(Archive::open(Cursor::new(b"words")), Err(ZipError::NotZip)));
    }
}
