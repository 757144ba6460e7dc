//! Backup and restore: one file that holds an installation, whichever engine keeps it.
//!
//! - **R1** Each store is copied as it was at one moment; the control store first, then the
//!   organizations. So the control store never knows of more than the others, and the relays that
//!   go on after a restore repeat what they did, which changes nothing.
//! - **R2** Nobody waits for a backup: it reads on snapshots.
//! - **R3** Content stays sealed, in rows and in blobs. The keys are not in the file: a backup says
//!   nothing without its keyring, and a key that was destroyed stays destroyed.
//! - **R4** Rows are text (JSON), so what SQLite wrote PostgreSQL reads, and the other way round.
//! - **R5** A restore reads all of the file, and compares every hash, before it writes anything. It
//!   goes into an empty place and appears there whole or not at all.
//!
//! The file is a tar archive: `control/…`, `organization_…/…` in parts of some MiB, the blobs of an
//! organization after its rows, and at the end `manifest.json`.

mod archive;
mod keyring;
mod restore;
pub(crate) mod rows;

use crate::blobs;
use crate::engine::Tx;
use crate::stores::{Stores, organization_store_name};
use archive::ArchiveWriter;
use domain::Timestamp;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;

pub use keyring::{read_keys, write_keys};
pub use restore::{restore, verify};

/// The form of the file that this program writes.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
/// How much of a table is gathered before it goes into the file.
const PART_BYTES: usize = 4 << 20;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this file is no backup of Fairmark")]
    NotABackup,
    #[error("the backup is damaged: {what}")]
    Damaged { what: String },
    #[error("the backup was made by a newer version of Fairmark: {what}")]
    Newer { what: String },
    #[error("{place} is not empty, and a restore goes into an empty place")]
    NotEmpty { place: String },
    #[error("a store in memory cannot be backed up")]
    Memory,
    #[error("something became another while it was read; make the backup again")]
    Grew,
    #[error(transparent)]
    Store(#[from] crate::Error),
    #[error(transparent)]
    Blobs(#[from] blobs::Error),
    #[error("a file cannot be written or read")]
    Io(#[from] std::io::Error),
    #[error("a part of the backup does not read back")]
    Json(#[from] serde_json::Error),
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub fairmark_backup: u32,
    /// The version of the program that made it.
    pub made_by: String,
    pub at_ms: i64,
    /// The root key that the keyring of this data is wrapped under.
    pub root: String,
    pub stores: Vec<StoreManifest>,
    /// Organizations that were left out, because their keys were destroyed.
    pub left_out: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreManifest {
    pub name: String,
    /// The number of its last migration.
    pub migration: i64,
    /// How many rows each table has.
    pub tables: BTreeMap<String, u64>,
    /// The last numbered event, and the hash that the chain had reached with it.
    pub event_seq: i64,
    pub event_hash: String,
    /// BLAKE3 over the parts, each with its name and length before it.
    pub blake3: String,
    pub blobs: Option<BlobsManifest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobsManifest {
    pub count: u64,
    pub bytes: u64,
    pub blake3: String,
}

/// Told now and then how far it is: what is at work, and how many rows or blobs are done.
pub type Told<'t> = &'t mut dyn FnMut(&str, u64);

/// Adds up a section of the archive.
#[derive(Default)]
struct Tally {
    hasher: blake3::Hasher,
    count: u64,
    bytes: u64,
}

impl Tally {
    fn begin(&mut self, name: &str, length: u64) {
        self.count += 1;
        self.bytes += length;
        self.hasher.update(&(name.len() as u64).to_le_bytes());
        self.hasher.update(name.as_bytes());
        self.hasher.update(&length.to_le_bytes());
    }

    fn hex(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

/// Writes a backup of everything that can be read. To be called on a thread that may wait, inside
/// the runtime.
pub fn create(
    stores: &Stores,
    now: Timestamp,
    out: &mut dyn Write,
    told: Told<'_>,
) -> Result<Manifest> {
    let runtime = tokio::runtime::Handle::current();
    let mut archive = ArchiveWriter::new(out, now.0);
    let mut organizations = Vec::new();
    let control = stores.snapshot("control", &mut |tx| {
        organizations = tx.organizations()?;
        Ok(dump(tx, "control", &mut archive, told))
    })??;
    let mut manifest = Manifest {
        fairmark_backup: FORMAT,
        made_by: env!("CARGO_PKG_VERSION").into(),
        at_ms: now.0,
        root: stores.root().id().into(),
        stores: vec![control],
        left_out: Vec::new(),
    };
    for organization in organizations {
        let name = organization_store_name(organization.id);
        if stores.key_is_destroyed(organization.id)? {
            manifest.left_out.push(name);
            continue;
        }
        // Made here if the server was stopped between the two stores of a new organization.
        stores.organization(organization.id)?;
        let mut store =
            stores.snapshot(&name, &mut |tx| Ok(dump(tx, &name, &mut archive, told)))??;
        let sealed = stores.blobs().sealed(organization.id.0);
        store.blobs = Some(runtime.block_on(copy_blobs(&name, &sealed, &mut archive, told))?);
        manifest.stores.push(store);
    }
    let text = serde_json::to_vec_pretty(&manifest)?;
    archive.begin(MANIFEST, text.len() as u64)?;
    archive.write(&text)?;
    archive.finish()?;
    Ok(manifest)
}

/// Writes every table of a store, as one snapshot has it.
fn dump(
    tx: &mut Tx<'_>,
    store: &str,
    archive: &mut ArchiveWriter<'_>,
    told: Told<'_>,
) -> Result<StoreManifest> {
    let mut tally = Tally::default();
    let mut tables = BTreeMap::new();
    let mut parts = 0;
    for table in rows::tables(tx)? {
        let columns = rows::columns(tx, &table)?;
        let mut part = rows::Part::new(&table, &columns)?;
        let mut count = 0;
        let mut failure = None;
        let mut write = |part: &mut rows::Part| -> Result<()> {
            let bytes = part.take();
            parts += 1;
            let name = format!("{store}/{parts:06}-{table}.jsonl");
            archive.begin(&name, bytes.len() as u64)?;
            archive.write(&bytes)?;
            tally.begin(&name, bytes.len() as u64);
            tally.hasher.update(&bytes);
            Ok(())
        };
        tx.for_each(&rows::select(&table, &columns), &[], &mut |row| {
            part.push(row)?;
            count += 1;
            if part.bytes() < PART_BYTES {
                return Ok(());
            }
            told(&format!("{store}: {table}"), count);
            write(&mut part).map_err(|error| {
                failure = Some(error);
                crate::Error::Closed
            })
        })
        .map_err(|error| failure.take().unwrap_or(Error::Store(error)))?;
        write(&mut part)?;
        told(&format!("{store}: {table}"), count);
        tables.insert(table, count);
    }
    let head = tx.event_head()?;
    Ok(StoreManifest {
        name: store.into(),
        migration: rows::migration(tx)?,
        tables,
        event_seq: head.seq,
        event_hash: blake3::Hash::from_bytes(head.hash).to_hex().to_string(),
        blake3: tally.hex(),
        blobs: None,
    })
}

/// Copies the blobs of an organization as they are, sealed (B6).
async fn copy_blobs(
    store: &str,
    sealed: &blobs::SealedBlobs,
    archive: &mut ArchiveWriter<'_>,
    told: Told<'_>,
) -> Result<BlobsManifest> {
    let mut tally = Tally::default();
    let mut listed = sealed.list("");
    while let Some(blob) = listed.try_next().await? {
        let mut bytes = match sealed.read_raw(&blob.address).await {
            Ok(bytes) => bytes,
            // Removed since it was listed: no row of the snapshot can have needed it.
            Err(blobs::Error::NotFound) => continue,
            Err(error) => return Err(error.into()),
        };
        let name = blob_name(store, &blob.address);
        archive.begin(&name, blob.sealed_length)?;
        tally.begin(&name, blob.sealed_length);
        while let Some(piece) = bytes.try_next().await? {
            archive.write(&piece)?;
            tally.hasher.update(&piece);
        }
        told(&format!("{store}: blobs"), tally.count);
    }
    Ok(BlobsManifest { count: tally.count, bytes: tally.bytes, blake3: tally.hex() })
}

fn blob_name(store: &str, address: &blobs::BlobAddress) -> String {
    let address = address.to_string();
    format!("{store}/blobs/{}/{}", &address[..2], &address[2..])
}
