//! Blobs in memory, for simulations.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::stream::{self, Stream};

use super::backend::{Fetched, Listed};
use super::spool::Spool;
use super::{BlobAddress, Error, Result};

#[derive(Default)]
pub(super) struct Memory {
    blobs: Mutex<BTreeMap<String, Bytes>>,
}

impl Memory {
    pub(super) fn fetch(&self, key: &str, offset: u64, length: u64) -> Result<Fetched> {
        let blob = self.blobs().get(key).cloned().ok_or(Error::NotFound)?;
        let total = blob.len() as u64;
        let end = total.min(offset.saturating_add(length));
        let bytes = blob.slice(offset.min(end) as usize..end as usize);
        Ok(Fetched { bytes, total })
    }

    pub(super) fn publish(&self, key: &str, spool: Spool) -> Result<()> {
        let length = spool.length();
        let bytes = Bytes::from(spool.read(0, length as usize)?);
        let mut blobs = self.blobs();
        if blobs.get(key).is_none_or(|blob| blob.len() as u64 != length) {
            blobs.insert(key.to_owned(), bytes);
        }
        Ok(())
    }

    pub(super) fn size(&self, key: &str) -> Result<Option<u64>> {
        Ok(self.blobs().get(key).map(|blob| blob.len() as u64))
    }

    pub(super) fn delete(&self, key: &str) -> Result<()> {
        self.blobs().remove(key);
        Ok(())
    }

    pub(super) fn list(
        &self,
        organization: &str,
        prefix: &str,
    ) -> impl Stream<Item = Result<Listed>> + Send + use<> {
        let organization = format!("{organization}/");
        let listed: Vec<_> = self
            .blobs()
            .range(organization.clone()..)
            .map_while(|(key, blob)| Some((key.strip_prefix(&organization)?, blob)))
            .filter_map(|(path, blob)| {
                let (shard, rest) = path.split_once('/')?;
                let address = BlobAddress::from_path(shard, rest)?;
                let sealed_length = blob.len() as u64;
                address.to_string().starts_with(prefix).then_some(Ok(Listed {
                    address,
                    sealed_length,
                    modified: SystemTime::UNIX_EPOCH,
                }))
            })
            .collect();
        stream::iter(listed)
    }

    /// The map is whole after every statement, so a thread that panicked has not spoiled it.
    fn blobs(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
