//! Where an upload waits for its next part: bytes that are only ever added at the end.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::spool::create_folder;
use super::{Error, Result};

/// The folder of journals, inside an organization's folder.
pub(super) const UPLOADS: &str = "uploads";

/// The journals of uploads into memory, by organization and id.
#[derive(Default)]
pub(super) struct Journals(Mutex<BTreeMap<String, Arc<Mutex<Vec<u8>>>>>);

/// One upload's journal, which may not exist yet.
#[derive(Clone)]
pub(super) enum Journal {
    File { folder: PathBuf, path: PathBuf },
    Memory { journals: Arc<Journals>, key: String },
}

/// What can be done with a journal while nobody else has it.
pub(super) trait Log {
    fn length(&self) -> io::Result<u64>;
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()>;
    /// Cuts the log off at `at`, adds `bytes` there, and returns when they are lasting.
    fn write_end(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
}

impl Journal {
    pub(super) fn file(organization: &Path, id: &str) -> Self {
        let folder = organization.join(UPLOADS);
        let path = folder.join(format!("{id}.upload"));
        Journal::File { folder, path }
    }

    pub(super) fn memory(journals: Arc<Journals>, organization: &str, id: &str) -> Self {
        Journal::Memory { journals, key: format!("{organization}/{id}") }
    }

    /// Sees to it that there is a journal, if only an empty one.
    pub(super) fn create(&self) -> Result<()> {
        match self {
            Journal::File { folder, path } => {
                create_folder(folder)?;
                OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
                Ok(File::open(folder)?.sync_all()?)
            }
            Journal::Memory { journals, key } => {
                let mut journals = journals.0.lock().unwrap_or_else(PoisonError::into_inner);
                journals.entry(key.clone()).or_default();
                Ok(())
            }
        }
    }

    /// Works on the journal while everybody else, in any process, waits.
    pub(super) fn hold<T>(&self, work: impl FnOnce(&mut dyn Log) -> Result<T>) -> Result<T> {
        match self {
            Journal::File { path, .. } => {
                let open = OpenOptions::new().read(true).write(true).open(path);
                let mut file = open.map_err(Error::of_open)?;
                // Goes with the file's handle.
                file.lock()?;
                if file.metadata()?.nlink() == 0 {
                    // It was finished while we waited.
                    return Err(Error::NotFound);
                }
                work(&mut file)
            }
            Journal::Memory { journals, key } => {
                let journals = journals.0.lock().unwrap_or_else(PoisonError::into_inner);
                let journal = journals.get(key).cloned().ok_or(Error::NotFound)?;
                drop(journals);
                let mut log = journal.lock().unwrap_or_else(PoisonError::into_inner);
                work(&mut *log)
            }
        }
    }

    pub(super) fn remove(&self) -> Result<()> {
        match self {
            Journal::File { path, .. } => match fs::remove_file(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => Ok(removed?),
            },
            Journal::Memory { journals, key } => {
                journals.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
                Ok(())
            }
        }
    }
}

impl Log for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, into, at)
    }

    fn write_end(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.set_len(at)?;
        self.write_all_at(bytes, at)?;
        self.sync_data()
    }
}

impl Log for Vec<u8> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        let end = at + into.len() as u64;
        let bytes = self.get(at as usize..end as usize).ok_or(io::ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(bytes);
        Ok(())
    }

    fn write_end(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.truncate(at as usize);
        self.extend_from_slice(bytes);
        Ok(())
    }
}
