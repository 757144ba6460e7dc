//! Sealed bytes on their way to where blobs are: in memory while they are few, then in a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::keys::fill_random;

/// The folder of spools, inside an organization's folder.
pub(super) const TEMPORARY: &str = "tmp";
/// What is shorter waits in memory, so that small blobs touch the disk once.
const MEMORY_BYTES_MAX: usize = 1024 * 1024;

/// Sealed bytes, written once from the start to the end, save for the header.
pub(super) struct Spool {
    /// Where a file may be made. Without a folder everything stays in memory.
    folder: Option<PathBuf>,
    memory: Vec<u8>,
    file: Option<Temporary>,
    length: u64,
}

impl Spool {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, memory: Vec::new(), file: None, length: 0 }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        if let Some(file) = &mut self.file {
            return file.file.write_all(bytes);
        }
        self.memory.extend_from_slice(bytes);
        match &self.folder {
            Some(folder) if self.memory.len() > MEMORY_BYTES_MAX => {
                let mut file = Temporary::create(folder)?;
                file.file.write_all(&self.memory)?;
                self.memory = Vec::new();
                self.file = Some(file);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn overwrite_start(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &self.file {
            Some(file) => file.file.write_all_at(bytes, 0),
            None => {
                self.memory[..bytes.len()].copy_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Reads some of what was written.
    pub(super) fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = self.length.min(offset.saturating_add(length as u64));
        let start = offset.min(end);
        match &self.file {
            Some(file) => {
                let mut bytes = vec![0; (end - start) as usize];
                file.file.read_exact_at(&mut bytes, start)?;
                Ok(bytes)
            }
            None => Ok(self.memory[start as usize..end as usize].to_vec()),
        }
    }

    /// All of it, if it never left memory.
    pub(super) fn into_parts(self) -> SpoolParts {
        match self.file {
            Some(file) => SpoolParts::File(file),
            None => SpoolParts::Memory(self.memory),
        }
    }
}

/// Where the bytes of a finished spool are.
pub(super) enum SpoolParts {
    Memory(Vec<u8>),
    File(Temporary),
}

/// A file that goes away with its handle. If the process dies first, [`sweep`] finds it.
pub(super) struct Temporary {
    pub(super) file: File,
    pub(super) path: PathBuf,
}

impl Temporary {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        create_folder(folder)?;
        let mut name = [0; 16];
        fill_random(&mut name);
        let path = folder.join(format!("{:032x}.part", u128::from_be_bytes(name)));
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { file, path })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // That it is already gone, or cannot go now, harms nobody: it is sealed, and swept later.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes a folder that is the owner's alone, and the folders above it.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Removes the files of every organization's folder `inside` that were last touched before `before`.
pub(super) fn sweep(root: &Path, inside: &str, before: SystemTime) -> super::Result<u64> {
    let mut removed = 0;
    for organization in entries(root)? {
        for entry in entries(&organization?.path().join(inside))? {
            let entry = entry?;
            match entry.metadata().and_then(|metadata| metadata.modified()) {
                Ok(touched) if touched < before => {}
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                // Too young, or its owner has just finished with it.
                _ => continue,
            }
            match fs::remove_file(entry.path()) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(removed)
}

/// The entries of a folder; none if there is no such folder.
pub(super) fn entries(
    folder: &Path,
) -> io::Result<Box<dyn Iterator<Item = io::Result<fs::DirEntry>>>> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Box::new(entries)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Box::new(std::iter::empty()))
        }
        Err(error) => Err(error),
    }
}
