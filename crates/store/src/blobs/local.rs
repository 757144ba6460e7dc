//! Blobs in a folder: `organization/aa/bb…`, one file each.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use super::backend::{Fetched, Listed, blocking};
use super::spool::{Spool, SpoolParts, TEMPORARY, Temporary, create_folder, entries};
use super::{BlobAddress, Error, Result};

pub(super) struct Local {
    root: PathBuf,
}

impl Local {
    pub(super) fn open(root: PathBuf) -> Result<Self> {
        create_folder(&root)?;
        Ok(Self { root })
    }

    pub(super) fn fetch(&self, key: &str, offset: u64, length: u64) -> Result<Fetched> {
        let file = File::open(self.root.join(key)).map_err(Error::of_open)?;
        let total = file.metadata()?.len();
        let end = total.min(offset.saturating_add(length));
        let start = offset.min(end);
        let mut bytes = vec![0; (end - start) as usize];
        match file.read_exact_at(&mut bytes, start) {
            Ok(()) => Ok(Fetched { bytes: Bytes::from(bytes), total }),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(Error::Damaged { what: "it became shorter while it was read" })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn publish(&self, key: &str, spool: Spool) -> Result<()> {
        let path = self.root.join(key);
        let length = spool.length();
        if self.size(key)? == Some(length) {
            return Ok(());
        }
        let temporary = match spool.into_parts() {
            SpoolParts::File(temporary) => temporary,
            SpoolParts::Memory(bytes) => {
                let organization = key.split('/').next().unwrap_or_default();
                let mut file = Temporary::create(&self.root.join(organization).join(TEMPORARY))?;
                file.file.write_all(&bytes)?;
                file
            }
        };
        // The content is lasting before its name is, and the name before anybody is told.
        temporary.file.sync_all()?;
        let shard = path.parent().unwrap_or(&self.root);
        self.create_lasting_folder(shard)?;
        match fs::hard_link(&temporary.path, &path) {
            // The same content got here first and may be being read, so that one stays (B3).
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if self.size(key)? != Some(length) {
                    // What is there was cut short: this one mends it.
                    fs::rename(&temporary.path, &path)?;
                }
            }
            // Not every filesystem has links. A rename is as whole, and may at worst replace a blob
            // by itself, sealed anew.
            Err(_) => fs::rename(&temporary.path, &path)?,
            Ok(()) => {}
        }
        sync_folder(shard)
    }

    pub(super) fn size(&self, key: &str) -> Result<Option<u64>> {
        match fs::metadata(self.root.join(key)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn delete(&self, key: &str) -> Result<()> {
        let path = self.root.join(key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
            Ok(()) => sync_folder(path.parent().unwrap_or(&self.root)),
        }
    }

    /// One folder of 256 at a time, so that a listing takes the memory of one.
    pub(super) fn list(
        self: Arc<Self>,
        organization: &str,
        prefix: &str,
    ) -> BoxStream<'static, Result<Listed>> {
        let (organization, prefix) = (organization.to_owned(), prefix.to_owned());
        let shards = (0..=255u8)
            .map(|shard| format!("{shard:02x}"))
            .filter(|shard| shard.starts_with(&prefix) || prefix.starts_with(shard.as_str()))
            .collect::<Vec<_>>();
        stream::iter(shards)
            .then(move |shard| {
                let folder = self.root.join(&organization).join(&shard);
                let prefix = prefix.clone();
                blocking(move || list_shard(&folder, &shard, &prefix))
            })
            .map_ok(|listed| stream::iter(listed.into_iter().map(Ok)))
            .try_flatten()
            .boxed()
    }

    /// Makes a folder so that it survives a power failure: a folder is an entry of the one above.
    fn create_lasting_folder(&self, folder: &Path) -> Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        create_folder(folder)?;
        for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.root)) {
            sync_folder(above)?;
        }
        Ok(())
    }
}

fn list_shard(folder: &Path, shard: &str, prefix: &str) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for entry in entries(folder)? {
        let entry = entry?;
        let address =
            entry.file_name().to_str().and_then(|rest| BlobAddress::from_path(shard, rest));
        let Some(address) = address else { continue };
        if !address.to_string().starts_with(prefix) {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) => listed.push(Listed {
                address,
                sealed_length: metadata.len(),
                modified: metadata.modified()?,
            }),
            // Removed since the folder was read.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    listed.sort_unstable_by_key(|listed| listed.address);
    Ok(listed)
}

fn sync_folder(folder: &Path) -> Result<()> {
    Ok(File::open(folder)?.sync_all()?)
}
