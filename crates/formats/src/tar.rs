//! TAR archives, read in place and written. The rules:
//!
//! - **T1** The headers are walked once; the content stays in the file until it is asked for.
//! - **T2** Ordinary files only: links and devices are named, and never followed.
//! - **T3** Long names, as GNU and POSIX write them, are read; a header whose sum is wrong ends the reading.
//! - **T4** What is written is POSIX ustar, with pax headers for long names; no name leads out of the folder.

use std::io::{self, Read, Seek, SeekFrom, Write};

const BLOCK: u64 = 512;
const ENTRIES_MAX: usize = 1_000_000;
/// The longest name, and the longest record that holds one.
const NAME_MAX_BYTES: u64 = 64 << 10;

/// Says why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TarError {
    #[error("this is not a TAR archive, or it ends too early: pack and send it again")]
    NotTar,
    #[error("the archive has more than 1,000,000 files: pack them into several")]
    TooManyFiles,
    #[error("the archive could not be read")]
    Io(#[from] io::Error),
}

/// Names one file of an archive, and where its content lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// The entry is a link or a device (T2).
    pub link: bool,
    pub at: u64,
    pub length: u64,
}

/// Reads the list of files.
pub fn entries(input: &mut (impl Read + Seek)) -> Result<Vec<Entry>, TarError> {
    let end = input.seek(SeekFrom::End(0))?;
    let (mut entries, mut at, mut long) = (Vec::new(), 0, None);
    loop {
        if at + BLOCK > end {
            // Some tools leave out the two empty blocks at the end.
            return if at == end && at > 0 { Ok(entries) } else { Err(TarError::NotTar) };
        }
        input.seek(SeekFrom::Start(at))?;
        let mut head = [0; BLOCK as usize];
        input.read_exact(&mut head)?;
        if head.iter().all(|byte| *byte == 0) {
            return if at > 0 { Ok(entries) } else { Err(TarError::NotTar) };
        }
        if !sum_is_right(&head) {
            return Err(TarError::NotTar);
        }
        let length = number(&head[124..136]).ok_or(TarError::NotTar)?;
        let content = at + BLOCK;
        let after =
            length.div_ceil(BLOCK).checked_mul(BLOCK).and_then(|all| all.checked_add(content));
        at = after.filter(|_| content + length <= end).ok_or(TarError::NotTar)?;
        match head[156] {
            kind @ (b'L' | b'x') => {
                if length > NAME_MAX_BYTES {
                    return Err(TarError::NotTar);
                }
                let mut record = vec![0; length as usize];
                input.seek(SeekFrom::Start(content))?;
                input.read_exact(&mut record)?;
                let name = if kind == b'L' { Some(text(&record)) } else { pax_path(&record) };
                long = name.or(long);
            }
            b'g' | b'K' => {}
            kind => {
                let name = long.take().unwrap_or_else(|| name(&head));
                if kind != b'5' && !name.ends_with('/') {
                    if entries.len() >= ENTRIES_MAX {
                        return Err(TarError::TooManyFiles);
                    }
                    let link = !matches!(kind, b'0' | 0 | b'7');
                    entries.push(Entry { name, link, at: content, length });
                }
            }
        }
    }
}

/// Whether a file begins as an archive: what is older than POSIX says so by its sum alone.
pub fn begins(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar") || head.first_chunk().is_some_and(sum_is_right)
}

fn sum_is_right(head: &[u8; BLOCK as usize]) -> bool {
    let sum = |part: &[u8]| part.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    let counted = sum(&head[..148]) + 8 * u64::from(b' ') + sum(&head[156..]);
    number(&head[148..156]) == Some(counted)
}

/// Octal digits, or for what is too large for them, the bytes themselves.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let bytes = field.last_chunk::<8>()?;
        return Some(u64::from_be_bytes(*bytes));
    }
    let text = text(field);
    let digits = text.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn name(head: &[u8]) -> String {
    let (short, prefix) = (text(&head[..100]), text(&head[345..500]));
    let posix = head[257..262] == *b"ustar";
    if posix && !prefix.is_empty() { format!("{prefix}/{short}") } else { short }
}

/// The record `path` of an extended header: lines of `length key=value`.
fn pax_path(record: &[u8]) -> Option<String> {
    let mut rest = record;
    let mut found = None;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let line = rest.get(space + 1..length.checked_sub(1)?)?;
        if let Some(path) = line.strip_prefix(b"path=") {
            found = Some(String::from_utf8_lossy(path).into_owned());
        }
        rest = rest.get(length..)?;
    }
    found
}

/// Writes an archive, file by file, as every system can unpack it.
pub struct TarWriter<W> {
    out: W,
    written: u64,
}

impl<W: Write> TarWriter<W> {
    /// Begins an archive.
    pub fn new(out: W) -> Self {
        Self { out, written: 0 }
    }

    /// Adds a file under a name that stays inside the folder where somebody unpacks it (T4); `content` must give
    /// exactly `length` bytes.
    pub fn add(&mut self, name: &str, length: u64, content: &mut impl Read) -> io::Result<()> {
        self.put(name, length, |out| io::copy(&mut content.take(length), out))
    }

    /// Adds a file that `write` writes; it returns how many bytes those were, and they are exactly `length`.
    pub fn put(
        &mut self,
        name: &str,
        length: u64,
        write: impl FnOnce(&mut W) -> io::Result<u64>,
    ) -> io::Result<()> {
        let name = inside(name);
        if name.len() > NAME_BYTES || !name.is_ascii() {
            let long = pax("path", &name);
            self.head("pax", b'x', long.len() as u64)?;
            self.out.write_all(long.as_bytes())?;
            self.pad(long.len() as u64)?;
        }
        self.head(&name, b'0', length)?;
        if write(&mut self.out)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.pad(length)
    }

    /// Returns how many bytes the archive has so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Ends the archive: two empty blocks.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&[0; 2 * BLOCK as usize])?;
        Ok(self.out)
    }

    fn head(&mut self, name: &str, kind: u8, length: u64) -> io::Result<()> {
        let mut head = [0; BLOCK as usize];
        let plain = name.bytes().map(|byte| if byte.is_ascii() { byte } else { b'_' });
        for (to, byte) in head[..NAME_BYTES].iter_mut().zip(plain) {
            *to = byte;
        }
        let mut put =
            |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(100, "0000644");
        put(108, "0000000");
        put(116, "0000000");
        put(136, "00000000000");
        put(148, "        ");
        put(257, "ustar\x0000");
        if length < OCTAL_MAX {
            put(124, &format!("{length:011o}"));
        } else {
            // More than eleven digits hold is a number of 64 bits, with a mark before it.
            head[128..136].copy_from_slice(&length.to_be_bytes());
            head[124] = 0x80;
        }
        head[156] = kind;
        let sum: u64 = head.iter().map(|byte| u64::from(*byte)).sum();
        head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        self.written += BLOCK + length.next_multiple_of(BLOCK);
        self.out.write_all(&head)
    }

    fn pad(&mut self, length: u64) -> io::Result<()> {
        let padding = length.next_multiple_of(BLOCK) - length;
        self.out.write_all(&[0; BLOCK as usize][..padding as usize])
    }
}

/// How long a name may be that stands in the old header.
const NAME_BYTES: usize = 100;
/// The least length that its eleven digits cannot say.
const OCTAL_MAX: u64 = 1 << 33;

/// A name that stays inside the folder where somebody unpacks it.
fn inside(name: &str) -> String {
    let parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<String> =
        parts.map(|part| part.replace(|c: char| c.is_control() || c == ':', "_")).collect();
    if parts.is_empty() { "unnamed".into() } else { parts.join("/") }
}

/// A line of a pax header, which begins with its own length.
fn pax(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn block(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut head = vec![0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        head[156] = kind;
        head[257..262].copy_from_slice(b"ustar");
        head[148..156].fill(b' ');
        let sum: u64 = head.iter().map(|byte| u64::from(*byte)).sum();
        head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        head.extend_from_slice(content);
        head.resize(head.len().div_ceil(512) * 512, 0);
        head
    }

    #[test]
    fn what_is_written_is_found() {
        let long = "x/".repeat(90) + "end.txt";
        let mut tar = TarWriter::new(Vec::new());
        for (name, content) in [("a.txt", &b"hello"[..]), (&long, b""), ("b", &[7; 512])] {
            tar.add(name, content.len() as u64, &mut &content[..]).unwrap();
        }
        let written = tar.written();
        let file = tar.finish().unwrap();
        assert_eq!(written + 2 * BLOCK, file.len() as u64);
        let found = entries(&mut Cursor::new(&file)).unwrap();
        let told: Vec<_> = found.iter().map(|entry| (&entry.name[..], entry.length)).collect();
        assert_eq!(told, [("a.txt", 5), (&long[..], 0), ("b", 512)]);
        assert_eq!(&file[found[0].at as usize..][..5], b"hello");
    }

    #[test]
    fn files_are_found_and_links_are_told() {
        let long = "x/".repeat(90) + "end.txt";
        let file = [
            block("a.txt", b'0', b"hello"),
            block("out", b'2', b""),
            block("folder/", b'5', b""),
            block("long", b'L', long.as_bytes()),
            block("cut", b'0', b"more"),
            block("pax", b'x', b"21 path=other/way.md\n"),
            block("cut", b'0', b""),
            vec![0; 1024],
        ]
        .concat();
        let found = entries(&mut Cursor::new(&file)).unwrap();
        let told: Vec<_> = found.iter().map(|entry| (entry.name.as_str(), entry.link)).collect();
        assert_eq!(
            told,
            [("a.txt", false), ("out", true), (long.as_str(), false), ("other/way.md", false)]
        );
        assert_eq!(&file[found[0].at as usize..][..5], b"hello");
        for cut in 0..file.len() - 1024 {
            let whole = [512 + 512, 512 * 3, 512 * 4, 512 * 6, 512 * 8, 512 * 10, 512 * 11];
            if !whole.contains(&cut) {
                assert!(entries(&mut Cursor::new(&file[..cut])).is_err(), "{cut}");
            }
        }
    }

    #[test]
    fn names_stay_inside() {
        assert_eq!(inside("../../etc/passwd"), "etc/passwd");
        assert_eq!(inside("/a//b/./c\n.jpg"), "a/b/c_.jpg");
        assert_eq!(inside(".."), "unnamed");
    }

    #[test]
    fn a_pax_line_knows_its_length() {
        for length in [1, 85, 88, 89, 90, 91, 985, 990] {
            let line = pax("path", &"x".repeat(length));
            let (told, _) = line.split_once(' ').unwrap_or_default();
            assert_eq!(told.parse(), Ok(line.len()));
        }
    }
}
