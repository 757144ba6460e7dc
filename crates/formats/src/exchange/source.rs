//! Where labels are read from: a file, a folder, or an archive, which is read in place.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{Refusal, Sink, refusal, safe_name};
use crate::pictures::{self, Limits};
use crate::row::{Code, Fault};
use crate::tar::{self, TarError};
use crate::text::{MARK_BYTES, Utf8, is_marked};
use crate::zip::{Archive, ZipError};

/// What one file of an archive may unpack to, and a packed archive altogether.
const UNPACKED_MAX_BYTES: u64 = 64 << 30;
const FILES_MAX: usize = 2_000_000;
const DEPTH_MAX: usize = 32;
/// As much of a picture as its header may take.
const HEAD_BYTES: u64 = 256 << 10;

/// Says why a file, folder or archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{name} cannot be read: {error}")]
    Io { name: String, error: io::Error },
    #[error("{name}: {error}")]
    Zip { name: String, error: ZipError },
    #[error("{name}: {error}")]
    Tar { name: String, error: TarError },
    #[error("{name} is longer than {limit} bytes: split it")]
    TooLong { name: String, limit: u64 },
    #[error("{0} has more than 2,000,000 files, or folders more than 32 deep")]
    TooMany(String),
    #[error("{name} is packed by {tool}, which is not read: pack it as ZIP, TAR or TAR with gzip")]
    Packed { name: String, tool: &'static str },
}

/// An open file in which a reader may go to and fro.
pub trait Handle: Read + Seek + Send {}

impl<T: Read + Seek + Send> Handle for T {}

/// A temporary file: written from its beginning to its end, and then read anywhere.
pub trait Scratch: Handle + Write {}

impl<T: Handle + Write> Scratch for T {}

/// Makes a temporary file of which nothing is left when it is dropped.
pub type NewScratch = fn() -> io::Result<Box<dyn Scratch>>;

pub(super) fn plain_scratch() -> io::Result<Box<dyn Scratch>> {
    Ok(Box::new(tempfile::tempfile()?))
}

/// A file, folder or archive with the names of the files in it, sorted.
pub struct Source {
    names: Vec<String>,
    links: Vec<String>,
    place: Place,
    scratch: NewScratch,
    known: Option<Box<Known>>,
}

/// Finds a picture that lies elsewhere by its name without an ending: its whole name, and its size.
pub type Known = dyn FnMut(&str) -> Option<(String, [u32; 2])> + Send;

enum Place {
    Folder(PathBuf),
    /// One file, opened as often as it is read.
    One(Box<dyn Fn() -> io::Result<Box<dyn Handle>> + Send>),
    Zip(Box<Archive<Box<dyn Handle>>>, Vec<usize>),
    Tar(Box<dyn Handle>, Vec<(u64, u64)>),
}

impl Source {
    /// Opens what is at `path`, and lists it.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let shown = path.display().to_string();
        let io = |error| SourceError::Io { name: shown.clone(), error };
        if path.is_dir() {
            let (mut names, mut links) = (Vec::new(), Vec::new());
            list(path, "", 0, &mut names, &mut links).map_err(io)?;
            if names.len() > FILES_MAX {
                return Err(SourceError::TooMany(shown));
            }
            names.sort_unstable();
            let place = Place::Folder(path.into());
            return Ok(Self { names, links, place, scratch: plain_scratch, known: None });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = path.to_path_buf();
        Self::over(&name, move || Ok(Box::new(File::open(&path)?)), plain_scratch)
    }

    /// Opens a file or an archive that is not on the disk, or not as plain bytes: `open` gives it from its
    /// beginning, as often as it is asked, and what has to be unpacked goes into a `scratch`.
    pub fn over(
        name: &str,
        open: impl Fn() -> io::Result<Box<dyn Handle>> + Send + 'static,
        scratch: NewScratch,
    ) -> Result<Self, SourceError> {
        let io = |error| SourceError::Io { name: name.into(), error };
        let mut file = open().map_err(io)?;
        let head = head_of(&mut file).map_err(io)?;
        let packed = match Self::unpacked(name, file, &head, scratch)? {
            Some(packed) => packed,
            None => (vec![with_ending(name, &head)], Vec::new(), Place::One(Box::new(open))),
        };
        let (names, links, place) = packed;
        let mut source = Self { names, links, place, scratch, known: None };
        // An archive in which there is an archive and nothing else is that one.
        let packs =
            |name: &str| [".zip", ".tar", ".tgz", ".gz"].iter().any(|end| name.ends_with(end));
        if let ([inner], Place::Zip(..)) = (&source.names[..], &source.place)
            && packs(inner)
        {
            let inner = inner.clone();
            let mut file = source.raw(0)?;
            let head = head_of(&mut file).map_err(io)?;
            if let Some(packed) = Self::unpacked(&inner, file, &head, scratch)? {
                (source.names, source.links, source.place) = packed;
            }
        }
        Ok(source)
    }

    /// What is in an archive; none where it is none.
    fn unpacked(
        name: &str,
        file: Box<dyn Handle>,
        head: &[u8],
        scratch: NewScratch,
    ) -> Result<Option<Packed>, SourceError> {
        const OTHERS: [(&[u8], &str); 5] = [
            (b"BZh", "bzip2"),
            (b"\xfd7zXZ\0", "xz"),
            (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
            (b"Rar!\x1a\x07", "RAR"),
            (b"\x28\xb5\x2f\xfd", "zstd"),
        ];
        if let Some((_, tool)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(SourceError::Packed { name: name.into(), tool });
        }
        Ok(if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            let zip = |error| SourceError::Zip { name: name.into(), error };
            Some(Self::zip(Archive::open(file).map_err(zip)?))
        } else if head.starts_with(b"\x1f\x8b") {
            Some(Self::gzip(name, file, scratch)?)
        } else if tar::begins(head) {
            let tar = |error| SourceError::Tar { name: name.into(), error };
            Some(Self::tar(file).map_err(tar)?)
        } else {
            None
        })
    }

    fn zip(archive: Archive<Box<dyn Handle>>) -> Packed {
        let mut files: Vec<(String, usize)> = Vec::new();
        let mut links = Vec::new();
        for (index, entry) in archive.entries().iter().enumerate() {
            let name = entry.name.replace('\\', "/");
            let file = if entry.link {
                links.push(name);
                continue;
            } else if is_beside(&name) {
                continue;
            } else {
                (name, index)
            };
            files.push(file);
        }
        files.sort_unstable();
        let (names, at) = files.into_iter().unzip();
        (names, links, Place::Zip(Box::new(archive), at))
    }

    fn tar(mut file: Box<dyn Handle>) -> Result<Packed, TarError> {
        let mut files = Vec::new();
        let mut links = Vec::new();
        for entry in tar::entries(&mut file)? {
            let name = entry.name.strip_prefix("./").unwrap_or(&entry.name).to_owned();
            if entry.link {
                links.push(name);
            } else if !is_beside(&name) {
                files.push((name, (entry.at, entry.length)));
            }
        }
        files.sort_unstable();
        let (names, at) = files.into_iter().unzip();
        Ok((names, links, Place::Tar(file, at)))
    }

    /// What is packed as a whole is unpacked into a temporary file, up to a limit.
    fn gzip(name: &str, file: Box<dyn Handle>, scratch: NewScratch) -> Result<Packed, SourceError> {
        let io = |error| SourceError::Io { name: name.into(), error };
        let mut spool = scratch().map_err(io)?;
        let unpacked = MultiGzDecoder::new(BufReader::new(file));
        let copied =
            io::copy(&mut unpacked.take(UNPACKED_MAX_BYTES + 1), &mut spool).map_err(io)?;
        if copied > UNPACKED_MAX_BYTES {
            return Err(SourceError::TooLong { name: name.into(), limit: UNPACKED_MAX_BYTES });
        }
        spool.rewind().map_err(io)?;
        let head = head_of(&mut spool).map_err(io)?;
        if tar::begins(&head) {
            let tar = |error| SourceError::Tar { name: name.into(), error };
            return Self::tar(spool).map_err(tar);
        }
        let inside = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Ok((vec![inside.to_owned()], Vec::new(), Place::Tar(spool, vec![(0, copied)])))
    }

    /// Opens an archive that lies in this source.
    pub(super) fn archive(&mut self, index: usize) -> Result<Self, SourceError> {
        let file = self.raw(index)?;
        let name = self.names[index].clone();
        let packed = Self::tar(file).map_err(|error| SourceError::Tar { name, error })?;
        let (names, links, place) = packed;
        Ok(Self { names, links, place, scratch: self.scratch, known: None })
    }

    /// Says whether this is a TAR archive.
    pub(super) fn is_tar(&self) -> bool {
        matches!(&self.place, Place::Tar(..)) && self.names.len() > 1
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Lets readers ask for pictures that lie elsewhere, where the size of a picture is what a format leaves
    /// to the picture itself.
    pub fn knowing(mut self, known: Box<Known>) -> Self {
        self.known = Some(known);
        self
    }

    /// The name and size of a picture that lies elsewhere, by its name without an ending.
    pub(super) fn elsewhere(&mut self, stem: &str) -> Option<(String, [u32; 2])> {
        self.known.as_mut()?(stem)
    }

    /// The place of the file `name`, if it is there.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.binary_search_by(|found| found.as_str().cmp(name)).ok()
    }

    /// Refuses links, and names that lead out of the archive; neither is ever opened.
    pub fn refuse_unsafe(&mut self, sink: &mut dyn Sink) {
        for name in std::mem::take(&mut self.links) {
            let message = match self.place {
                Place::Folder(_) => {
                    "this is a link that leads to no file: put the file itself there"
                }
                _ => "this is a link: pack the file itself",
            };
            sink.refuse(refusal(&name, 0, Fault::new("", Code::UnsafePath, message), b""));
        }
        let at = match &mut self.place {
            Place::Folder(_) | Place::One(_) => return,
            Place::Zip(_, at) => Err(at),
            Place::Tar(_, at) => Ok(at),
        };
        let lacks = self.names.iter().enumerate().map(|(at, name)| {
            let again = at > 0 && self.names[at - 1] == *name;
            let leads_out = "the name leads out of the archive: pack it with plain names";
            let is_there = "the archive has another file of this name, which is read";
            safe_name(name).is_err().then_some(leads_out).or(again.then_some(is_there))
        });
        let lacks: Vec<Option<&str>> = lacks.collect();
        let wrong: Vec<bool> = lacks.iter().map(Option::is_some).collect();
        for (name, lack) in self.names.iter().zip(lacks) {
            if let Some(message) = lack {
                sink.refuse(refusal(name, 0, Fault::new("", Code::UnsafePath, message), b""));
            }
        }
        let mut keep = wrong.iter().map(|wrong| !wrong);
        self.names.retain(|_| keep.next().unwrap_or(true));
        let mut keep = wrong.iter().map(|wrong| !wrong);
        match at {
            Ok(at) => at.retain(|_| keep.next().unwrap_or(true)),
            Err(at) => at.retain(|_| keep.next().unwrap_or(true)),
        }
    }

    fn error(&self, index: usize, error: io::Error) -> SourceError {
        SourceError::Io { name: self.names[index].clone(), error }
    }

    /// Reads a file of at most `limit` bytes.
    pub fn read(&mut self, index: usize, limit: u64) -> Result<Vec<u8>, SourceError> {
        let name = &self.names[index];
        let too_long = || SourceError::TooLong { name: name.clone(), limit };
        let mut bytes = Vec::new();
        match &mut self.place {
            Place::Zip(archive, at) => {
                return archive.read(at[index], limit as usize).map_err(|error| match error {
                    ZipError::TooLong { .. } => too_long(),
                    error => SourceError::Zip { name: name.clone(), error },
                });
            }
            Place::Folder(folder) => {
                let read = File::open(folder.join(name))
                    .and_then(|file| read_up_to(file, limit, &mut bytes));
                read.map_err(|error| self.error(index, error))?;
            }
            Place::One(open) => {
                let read = open().and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
                read.map_err(|error| self.error(index, error))?;
            }
            Place::Tar(file, at) => {
                let (at, length) = at[index];
                let read = file
                    .seek(SeekFrom::Start(at))
                    .and_then(|_| file.take(length.min(limit + 1)).read_to_end(&mut bytes));
                read.map_err(|error| self.error(index, error))?;
            }
        }
        if bytes.len() as u64 > limit { Err(too_long()) } else { Ok(bytes) }
    }

    /// Opens a file in which a reader may go to and fro, as UTF-8 from its first byte on. What lies in an
    /// archive, or is in another encoding, is unpacked into a temporary file.
    pub(super) fn spool(&mut self, index: usize) -> Result<Box<dyn Handle>, SourceError> {
        let file = self.raw(index)?;
        self.as_utf8(file).map_err(|error| self.error(index, error))
    }

    /// Opens a file as it is, in which a reader may go to and fro.
    pub fn raw(&mut self, index: usize) -> Result<Box<dyn Handle>, SourceError> {
        let name = self.names[index].clone();
        let io = |error| SourceError::Io { name: name.clone(), error };
        match &mut self.place {
            Place::Folder(folder) => Ok(Box::new(File::open(folder.join(&name)).map_err(io)?)),
            Place::One(open) => open().map_err(io),
            Place::Zip(archive, at) => {
                let mut spool = (self.scratch)().map_err(io)?;
                archive
                    .copy(at[index], UNPACKED_MAX_BYTES as usize, &mut spool)
                    .map_err(|error| SourceError::Zip { name: name.clone(), error })?;
                spool.rewind().map_err(io)?;
                Ok(spool)
            }
            Place::Tar(file, at) => {
                let (at, length) = at[index];
                let mut spool = (self.scratch)().map_err(io)?;
                file.seek(SeekFrom::Start(at)).map_err(io)?;
                io::copy(&mut file.take(length), &mut spool).map_err(io)?;
                spool.rewind().map_err(io)?;
                Ok(spool)
            }
        }
    }

    fn as_utf8(&self, mut file: Box<dyn Handle>) -> io::Result<Box<dyn Handle>> {
        let mut head = Vec::new();
        (&mut file).take(MARK_BYTES).read_to_end(&mut head)?;
        file.rewind()?;
        if !is_marked(&head) {
            return Ok(file);
        }
        let mut spool = (self.scratch)()?;
        io::copy(&mut Utf8::new(file), &mut spool)?;
        spool.flush()?;
        spool.rewind()?;
        Ok(spool)
    }

    /// Opens a file to be read once, as UTF-8 without a byte order mark.
    pub(super) fn stream(&mut self, index: usize) -> Result<Utf8<Box<dyn Read>>, SourceError> {
        let file = self.raw(index)?;
        Ok(Utf8::new(file as Box<dyn Read>))
    }

    /// Reads a small text file, without its byte order mark.
    pub(super) fn text(&mut self, index: usize, limit: u64) -> Result<Vec<u8>, SourceError> {
        let bytes = self.read(index, limit)?;
        // Nearly every file is as it should be.
        if !is_marked(&bytes) {
            return Ok(bytes);
        }
        let mut text = Vec::new();
        let read = Utf8::new(Cursor::new(bytes)).read_to_end(&mut text);
        read.map_err(|error| self.error(index, error))?;
        Ok(text)
    }

    /// The beginning of a file as text, whatever of it can be read.
    pub(super) fn head(&mut self, index: usize, limit: u64) -> Option<String> {
        let mut head = Vec::new();
        match &mut self.place {
            Place::Folder(folder) => {
                let file = File::open(folder.join(&self.names[index])).ok()?;
                file.take(limit).read_to_end(&mut head).ok()?;
            }
            Place::One(open) => {
                open().ok()?.take(limit).read_to_end(&mut head).ok()?;
            }
            Place::Tar(file, at) => {
                let (at, length) = at[index];
                file.seek(SeekFrom::Start(at)).ok()?;
                file.take(length.min(limit)).read_to_end(&mut head).ok()?;
            }
            Place::Zip(archive, at) => head = archive.head(at[index], limit).ok()?,
        }
        let mut text = Vec::new();
        Utf8::new(Cursor::new(head)).take(limit).read_to_end(&mut text).ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// The size of a picture as it is shown, if it is there and is one.
    pub fn size(&mut self, index: usize) -> Option<[u32; 2]> {
        let head = match &mut self.place {
            Place::Folder(folder) => {
                let mut head = Vec::new();
                let file = File::open(folder.join(&self.names[index])).ok()?;
                file.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
                head
            }
            _ => self.read(index, 256 << 20).ok()?,
        };
        let probe = pictures::probe(&head, &Limits::default()).ok()?;
        Some([probe.oriented_width, probe.oriented_height])
    }
}

/// The names, the links, and where they are.
type Packed = (Vec<String>, Vec<String>, Place);

/// The first bytes, from which an archive is known; the file is left at its beginning.
fn head_of<T: Handle>(file: &mut T) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.by_ref().take(512).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head)
}

/// What systems put beside the files of their users: no part of any data set.
fn is_beside(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/")
        || name.contains("/__MACOSX/")
        || file.starts_with("._")
        || matches!(file, "__MACOSX" | ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// Readers know their files by their endings; a file without one, or with one that it cannot have, gets that of what it
/// begins with.
fn with_ending(name: &str, head: &[u8]) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    let ending = last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let has = |endings: &[&str]| ending.as_deref().is_some_and(|one| endings.contains(&one));
    match head.iter().find(|byte| byte.is_ascii_graphic()) {
        _ if head.starts_with(b"PAR1") && !has(&["parquet"]) => format!("{name}.parquet"),
        Some(b'{') if has(&["txt", "xml", "csv", "tsv"]) => format!("{name}.json"),
        Some(b'<') if has(&["txt", "json", "csv"]) => format!("{name}.xml"),
        _ if ending.is_some() => name.into(),
        Some(b'{' | b'[') => format!("{name}.json"),
        Some(b'<') => format!("{name}.xml"),
        _ => format!("{name}.txt"),
    }
}

/// Reads a file up to one byte beyond the limit. Of many small ones each call of the system counts: what fits into a
/// page or two is not asked for its length before.
fn read_up_to(mut file: File, limit: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut first = [0; 8 << 10];
    let mut length = 0;
    while length < first.len() {
        match file.read(&mut first[length..]) {
            Ok(0) => {
                bytes.extend_from_slice(&first[..length]);
                return Ok(length);
            }
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let whole = file.metadata()?.len();
    // At its length at once, and one byte more to see that it ends there.
    bytes.reserve_exact(whole.min(limit) as usize + 1);
    bytes.extend_from_slice(&first);
    file.take((limit + 1).saturating_sub(length as u64)).read_to_end(bytes)
}

fn list(
    root: &Path,
    under: &str,
    depth: usize,
    names: &mut Vec<String>,
    links: &mut Vec<String>,
) -> io::Result<()> {
    if depth > DEPTH_MAX || names.len() > FILES_MAX {
        return Ok(());
    }
    for entry in std::fs::read_dir(root.join(under))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = if under.is_empty() { name } else { format!("{under}/{name}") };
        let kind = entry.file_type()?;
        if is_beside(&name) {
            continue;
        }
        if kind.is_dir() {
            list(root, &name, depth + 1, names, links)?;
        } else if kind.is_file() || root.join(&name).is_file() {
            names.push(name);
        } else {
            links.push(name);
        }
    }
    Ok(())
}

/// Refuses a file as a whole.
pub(super) fn whole(file: &str, code: Code, message: &str) -> Refusal {
    refusal(file, 1, Fault::new("", code, message), b"")
}
