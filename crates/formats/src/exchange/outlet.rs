//! Where what is written goes: a folder, one file, or one archive. A writer names its files and writes them side by
//! side; an archive takes each when it is whole, and until then it waits in memory, or, where it is long, in a temporary
//! file.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::source::{NewScratch, Scratch, plain_scratch};
use super::{Class, Item, Writer};
use crate::loss::LossReport;
use crate::zip::ZipWriter;
use flate2::Crc;

/// Bytes of a file that wait in memory for the archive.
const HELD_BYTES: usize = 1 << 20;
/// The longest name of a file or a folder that systems take.
const NAME_MAX_BYTES: usize = 255;

/// Where a writer's files go.
#[derive(Clone)]
pub struct Outlet {
    place: Place,
    scratch: NewScratch,
}

#[derive(Clone)]
enum Place {
    /// A folder, or the one file of this name.
    Path(PathBuf),
    Archive(Arc<Mutex<Archive>>),
    /// The one file, until it is begun.
    Stream(Arc<Mutex<Option<Box<dyn Write + Send>>>>),
}

struct Archive {
    zip: Option<ZipWriter<Box<dyn Write + Send>>>,
    /// Files and folders so far, told apart by what their names hash to.
    files: HashSet<u64>,
    folders: HashSet<u64>,
    state: RandomState,
    /// What went wrong where nobody could be told.
    failed: Option<io::Error>,
}

impl Outlet {
    /// A place on the disk, where nothing may be yet: an archive where the name ends in `.zip`, and else a folder or a
    /// file, as the format is.
    pub fn at(path: &Path) -> io::Result<Self> {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
            let out = BufWriter::with_capacity(256 << 10, file_at(path)?);
            return Ok(Self::archive(Box::new(out), plain_scratch));
        }
        Ok(Self { place: Place::Path(path.into()), scratch: plain_scratch })
    }

    /// A ZIP. What must wait for its turn waits in files that `scratch` makes.
    pub fn archive(out: Box<dyn Write + Send>, scratch: NewScratch) -> Self {
        let archive = Archive {
            zip: Some(ZipWriter::new(out)),
            files: HashSet::new(),
            folders: HashSet::new(),
            state: RandomState::new(),
            failed: None,
        };
        Self { place: Place::Archive(Arc::new(Mutex::new(archive))), scratch }
    }

    /// The one file of a format that is one.
    pub fn stream(out: Box<dyn Write + Send>, scratch: NewScratch) -> Self {
        Self { place: Place::Stream(Arc::new(Mutex::new(Some(out)))), scratch }
    }

    /// Whether the format is written as the one file that has this ending, where it may be several, too.
    pub(super) fn is_one(&self, ending: &str) -> bool {
        match &self.place {
            Place::Path(path) => path.extension().is_some_and(|found| found == ending),
            Place::Archive(_) => false,
            Place::Stream(_) => true,
        }
    }

    /// Whether it is a path that ends so.
    pub(super) fn ends(&self, ending: &str) -> bool {
        self.path()
            .is_some_and(|path| path.as_os_str().as_encoded_bytes().ends_with(ending.as_bytes()))
    }

    /// The path, where it is one on the disk.
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Path(path) => Some(path),
            Place::Archive(_) | Place::Stream(_) => None,
        }
    }

    /// Makes the folder, so that it is there if nothing is written into it.
    pub(super) fn folder(&self, name: &str) -> io::Result<()> {
        self.path().map_or(Ok(()), |path| std::fs::create_dir_all(path.join(name)))
    }

    /// Makes the file `name`, with its folders. Two items that would share it are told apart by the error
    /// `AlreadyExists`.
    pub(super) fn create(&self, name: &str) -> io::Result<Made> {
        // Of a name that is too long, the beginning tells which.
        let named = |error: io::Error| {
            let kind = error.kind();
            io::Error::new(kind, format!("{}: {error}", &name[..name.floor_char_boundary(100)]))
        };
        match &self.place {
            Place::Path(folder) => file_at(&folder.join(name)).map(Made::File).map_err(named),
            Place::Archive(archive) => {
                locked(archive).take(name).map_err(named)?;
                Ok(Made::Entry(Entry {
                    archive: archive.clone(),
                    scratch: self.scratch,
                    name: name.into(),
                    held: Vec::new(),
                    long: None,
                    crc: Crc::new(),
                    bytes: 0,
                }))
            }
            Place::Stream(_) => {
                Err(io::Error::new(ErrorKind::InvalidInput, "the format has several files"))
            }
        }
    }

    /// Makes the one file that a format is.
    pub(super) fn single(&self) -> io::Result<Made> {
        match &self.place {
            Place::Path(path) => file_at(path).map(Made::File),
            Place::Archive(_) => Err(io::Error::new(
                ErrorKind::InvalidInput,
                "the format is one file, and needs no archive: give its name another ending",
            )),
            Place::Stream(stream) => {
                let out = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                out.map(Made::Stream).ok_or_else(|| ErrorKind::AlreadyExists.into())
            }
        }
    }

    /// Makes a second file beside the one that the format is: its name, and what it ends in.
    pub(super) fn beside(&self, ending: &str) -> io::Result<Made> {
        let path = self.path().ok_or(ErrorKind::AlreadyExists)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        file_at(&path.with_file_name(format!("{stem}{ending}"))).map(Made::File)
    }

    /// A temporary file of which nothing is left.
    pub(super) fn scratch(&self) -> io::Result<Box<dyn Scratch>> {
        (self.scratch)()
    }

    /// The writer that ends the archive, too, when it is finished.
    pub(super) fn closing(&self, writer: Box<dyn Writer>) -> Box<dyn Writer> {
        match &self.place {
            Place::Archive(archive) => Box::new(Closing { writer, archive: archive.clone() }),
            Place::Path(_) | Place::Stream(_) => writer,
        }
    }
}

/// Makes the file, with the folders that it lies in.
pub(super) fn file_at(path: &Path) -> io::Result<File> {
    match File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            File::create_new(path)
        }
        made => made,
    }
}

fn locked(archive: &Mutex<Archive>) -> MutexGuard<'_, Archive> {
    archive.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Archive {
    /// Takes a name, as a folder would.
    fn take(&mut self, name: &str) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if name.split('/').any(|part| matches!(part, "" | "." | "..") || part.contains('\0')) {
            return Err(ErrorKind::InvalidInput.into());
        }
        if name.split('/').any(|part| part.len() > NAME_MAX_BYTES) {
            return Err(ErrorKind::InvalidFilename.into());
        }
        let hash = self.state.hash_one(name);
        if self.files.contains(&hash) || self.folders.contains(&hash) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let above = |at: usize| self.state.hash_one(&name[..at]);
        let folders: Vec<u64> = name.match_indices('/').map(|(at, _)| above(at)).collect();
        if folders.iter().any(|folder| self.files.contains(folder)) {
            return Err(ErrorKind::NotADirectory.into());
        }
        self.folders.extend(folders);
        self.files.insert(hash);
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        match (self.failed.take(), self.zip.take()) {
            (Some(error), _) => Err(error),
            (None, Some(zip)) => zip.finish(),
            (None, None) => Ok(()),
        }
    }
}

/// A file that is being written.
pub(super) enum Made {
    File(File),
    Entry(Entry),
    Stream(Box<dyn Write + Send>),
    /// It waits until it is known where it goes.
    Waiting(Box<dyn Scratch>),
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Made::File(file) => file.write(bytes),
            Made::Entry(entry) => entry.write(bytes),
            Made::Stream(stream) => stream.write(bytes),
            Made::Waiting(scratch) => scratch.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Made::File(file) => file.flush(),
            Made::Entry(_) => Ok(()),
            Made::Stream(stream) => stream.flush(),
            Made::Waiting(scratch) => scratch.flush(),
        }
    }
}

/// A file that goes into the archive when it is dropped.
pub(super) struct Entry {
    archive: Arc<Mutex<Archive>>,
    scratch: NewScratch,
    name: String,
    held: Vec<u8>,
    /// The whole file, where it is too long to be held.
    long: Option<Box<dyn Scratch>>,
    crc: Crc,
    bytes: u64,
}

impl Entry {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.len() + bytes.len() > HELD_BYTES {
            let long = match &mut self.long {
                Some(long) => long,
                None => self.long.insert((self.scratch)()?),
            };
            long.write_all(&self.held)?;
            self.held.clear();
        }
        self.held.extend_from_slice(bytes);
        self.crc.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn add(&mut self, archive: &mut Archive) -> io::Result<()> {
        let Some(zip) = &mut archive.zip else {
            return Err(io::Error::other("a file was open when its archive ended"));
        };
        match &mut self.long {
            None => zip.add(&self.name, self.crc.sum(), self.bytes, &mut &self.held[..]),
            Some(long) => {
                long.write_all(&self.held)?;
                long.rewind()?;
                zip.add(&self.name, self.crc.sum(), self.bytes, long)
            }
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let archive = self.archive.clone();
        let mut archive = locked(&archive);
        if archive.failed.is_none()
            && let Err(error) = self.add(&mut archive)
        {
            archive.failed = Some(error);
        }
    }
}

struct Closing {
    writer: Box<dyn Writer>,
    archive: Arc<Mutex<Archive>>,
}

impl Writer for Closing {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.writer.class(class)
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        self.writer.item(item, losses)
    }

    fn wants_files(&self) -> bool {
        self.writer.wants_files()
    }

    fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.writer.file(name, content)
    }

    fn finish(self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        self.writer.finish(losses)?;
        locked(&self.archive).finish()
    }
}
