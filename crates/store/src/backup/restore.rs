//! From a backup back into an installation.

use super::archive::ArchiveReader;
use super::keyring::{KeyFile, merge};
use super::{
    BlobsManifest, Error, FORMAT, MANIFEST, Manifest, Result, StoreManifest, Tally, Told, rows,
};
use crate::blobs::{BlobAddress, Blobs};
use crate::engine::postgres::{PgConnection, PgPool};
use crate::engine::sqlite::{Shared, SqliteConnection};
use crate::engine::tx::Conn;
use crate::engine::{Tx, params};
use crate::events::{Head, chain};
use crate::migrations::{self, Kind};
use crate::stores::{Backend, create_private_folder, store_path};
use crate::{Commits, IdSource};
use bytes::Bytes;
use domain::{EventId, Timestamp};
use futures_util::stream;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

/// More than a manifest of many thousand organizations takes.
const MANIFEST_BYTES_MAX: u64 = 256 << 20;
/// A part, and the longest row that may have come on top.
const PART_BYTES_MAX: u64 = 512 << 20;
/// Where the stores of a folder grow until all of them are whole.
const UNFINISHED: &str = "restore.tmp";

trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

/// Reads a backup to its end and compares every hash; changes nothing (R5).
pub fn verify(file: &mut (impl Read + Seek), told: Told<'_>) -> Result<Manifest> {
    file.rewind()?;
    let mut from = std::io::BufReader::with_capacity(1 << 20, file);
    let mut archive = ArchiveReader::new(&mut from);
    let mut sections: HashMap<String, Tally> = HashMap::new();
    let mut manifest: Option<Manifest> = None;
    let mut buffer = vec![0; 1 << 18];
    let mut seen = 0;
    while let Some(entry) = archive.next_entry()? {
        if manifest.is_some() {
            return Err(Error::Damaged { what: "something follows its end".into() });
        }
        if entry.name == MANIFEST {
            manifest = Some(read_manifest(&archive.read_all(MANIFEST_BYTES_MAX)?)?);
            continue;
        }
        let tally = sections.entry(section(&entry.name).into()).or_default();
        tally.begin(&entry.name, entry.length);
        loop {
            match archive.read(&mut buffer)? {
                0 => break,
                read => tally.hasher.update(&buffer[..read]),
            };
        }
        seen += 1;
        if seen % 100 == 0 {
            told("checking", seen);
        }
    }
    told("checking", seen);
    let manifest = manifest.ok_or(Error::NotABackup)?;
    compare(&manifest, sections)?;
    Ok(manifest)
}

/// The store of a part, or the blobs of a store.
fn section(name: &str) -> &str {
    match name.find("/blobs/") {
        Some(at) => &name[..at + "/blobs".len()],
        None => name.split('/').next().unwrap_or_default(),
    }
}

fn read_manifest(text: &[u8]) -> Result<Manifest> {
    // The number alone first: a newer form may have other fields.
    let value: serde_json::Value = serde_json::from_slice(text)?;
    match value["fairmark_backup"].as_u64() {
        None => Err(Error::NotABackup),
        Some(form) if form > u64::from(FORMAT) => {
            Err(Error::Newer { what: format!("it has form {form}") })
        }
        Some(_) => Ok(serde_json::from_value(value)?),
    }
}

fn compare(manifest: &Manifest, mut sections: HashMap<String, Tally>) -> Result<()> {
    let damaged = |name: &str| Error::Damaged { what: format!("{name} is not as it was written") };
    for store in &manifest.stores {
        let kind = kind_of(&store.name)?;
        if store.migration > kind.newest() {
            let what = format!("{} has migration {}", store.name, store.migration);
            return Err(Error::Newer { what });
        }
        let tally = sections.remove(&store.name).unwrap_or_default();
        if tally.hex() != store.blake3 {
            return Err(damaged(&store.name));
        }
        if let Some(blobs) = &store.blobs {
            let name = format!("{}/blobs", store.name);
            let tally = sections.remove(&name).unwrap_or_default();
            let found =
                BlobsManifest { count: tally.count, bytes: tally.bytes, blake3: tally.hex() };
            if found != *blobs {
                return Err(damaged(&name));
            }
        }
    }
    match sections.into_keys().next() {
        Some(name) => Err(Error::Damaged { what: format!("{name} is not in its manifest") }),
        None => Ok(()),
    }
}

fn kind_of(store: &str) -> Result<Kind> {
    match store {
        "control" => Ok(Kind::Control),
        _ if organization_of(store).is_some() => Ok(Kind::Organization),
        _ => Err(Error::Damaged { what: format!("{store} is no store") }),
    }
}

fn organization_of(store: &str) -> Option<i64> {
    domain::decode(store.strip_prefix("organization_")?)
}

/// Puts a backup into an empty place: a folder, or a database. To be called on a thread that may
/// wait, inside the runtime.
pub fn restore(
    file: &mut (impl Read + Seek),
    backend: &Backend,
    blobs: &Blobs,
    keys: Option<&KeyFile>,
    told: Told<'_>,
) -> Result<Manifest> {
    match backend {
        Backend::Folder(folder) => refuse_used(folder)?,
        Backend::Postgres { url, prefix } => {
            let schema = format!("{prefix}control");
            let mut conn = PgPool::connect_to(url)?;
            if schema_exists(&mut conn, &schema)? {
                return Err(Error::NotEmpty {
                    place: format!("the schema {schema} of the database"),
                });
            }
        }
        Backend::Memory => return Err(Error::Memory),
    }
    let manifest = verify(file, told)?;
    file.rewind()?;
    match backend {
        Backend::Folder(folder) => {
            let mut place = Folder::begin(folder)?;
            load(file, &manifest, blobs, &mut place, told)?;
            place.finish(keys)?;
        }
        Backend::Postgres { url, prefix } => {
            let mut conn = PgPool::connect_to(url)?;
            conn.batch("begin")?;
            let mut place = Database { conn: &mut conn, prefix };
            let loaded = load(file, &manifest, blobs, &mut place, told)
                .and_then(|()| keys.map_or(Ok(()), |keys| place.merge_keys(keys)));
            conn.batch(if loaded.is_ok() { "commit" } else { "rollback" })?;
            loaded?;
        }
        Backend::Memory => return Err(Error::Memory),
    }
    Ok(manifest)
}

/// A folder whose control store is there is in use. What an earlier restore left is ours to remove.
fn refuse_used(folder: &Path) -> Result<()> {
    let unfinished = folder.join(UNFINISHED).exists();
    for name in ["control.db", "organizations"] {
        if folder.join(name).exists() && !(unfinished && name == "organizations") {
            return Err(Error::NotEmpty { place: folder.display().to_string() });
        }
    }
    Ok(())
}

fn schema_exists(conn: &mut PgConnection, schema: &str) -> Result<bool> {
    let mut found = false;
    conn.for_each("select 1 from pg_namespace where nspname = $1", params![schema], &mut |_| {
        found = true;
        Ok(())
    })?;
    Ok(found)
}

/// Where stores are made again.
trait Place {
    /// Makes the tables of a store as they were, and lets `fill` fill them.
    fn store(
        &mut self,
        store: &StoreManifest,
        fill: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>,
    ) -> Result<()>;
}

/// A folder of SQLite files, which grow apart and are then moved into their place.
struct Folder {
    folder: PathBuf,
    unfinished: PathBuf,
}

impl Folder {
    fn begin(folder: &Path) -> Result<Self> {
        create_private_folder(folder)?;
        let unfinished = folder.join(UNFINISHED);
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
            remove_if_there(&folder.join("organizations"))?;
        }
        create_private_folder(&unfinished)?;
        Ok(Self { folder: folder.into(), unfinished })
    }

    fn finish(self, keys: Option<&KeyFile>) -> Result<()> {
        if let Some(keys) = keys {
            let mut conn = SqliteConnection::open(&store_path(&self.folder, "keyring"))?;
            migrations::on_sqlite(&mut conn, Kind::Keyring)?;
            conn.batch("begin immediate")?;
            let merged = in_tx(Conn::Sqlite(&mut conn), &mut |tx| merge(tx, keys));
            conn.batch(if merged.is_ok() { "commit" } else { "rollback" })?;
            merged?;
        }
        let (from, to) = (self.unfinished.join("organizations"), self.folder.join("organizations"));
        if from.exists() {
            std::fs::rename(from, to)?;
        }
        // The control store last: with it the installation is there.
        std::fs::rename(self.unfinished.join("control.db"), self.folder.join("control.db"))?;
        std::fs::remove_dir_all(&self.unfinished)?;
        Ok(std::fs::File::open(&self.folder)?.sync_all()?)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // After a failure; after a success there is nothing left to remove.
        let _ = std::fs::remove_dir_all(&self.unfinished);
    }
}

fn remove_if_there(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

impl Place for Folder {
    fn store(
        &mut self,
        store: &StoreManifest,
        fill: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>,
    ) -> Result<()> {
        let path = store_path(&self.unfinished, &store.name);
        if let Some(parent) = path.parent() {
            create_private_folder(parent)?;
        }
        let mut conn = SqliteConnection::open(&path)?;
        migrations::on_sqlite_up_to(&mut conn, kind_of(&store.name)?, store.migration)?;
        conn.batch("begin immediate")?;
        let filled = in_tx(Conn::Sqlite(&mut conn), fill);
        conn.batch(if filled.is_ok() { "commit" } else { "rollback" })?;
        filled?;
        Ok(conn.batch("pragma wal_checkpoint(truncate)")?)
    }
}

/// A database, inside one transaction.
struct Database<'c> {
    conn: &'c mut PgConnection,
    prefix: &'c str,
}

impl Database<'_> {
    fn merge_keys(&mut self, keys: &KeyFile) -> Result<()> {
        let schema = format!("{}keyring", self.prefix);
        migrations::inside_transaction(self.conn, &schema, Kind::Keyring, i64::MAX)?;
        in_tx(Conn::Postgres(self.conn), &mut |tx| merge(tx, keys))
    }
}

impl Place for Database<'_> {
    fn store(
        &mut self,
        store: &StoreManifest,
        fill: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>,
    ) -> Result<()> {
        let schema = format!("{}{}", self.prefix, store.name);
        if schema_exists(self.conn, &schema)? {
            return Err(Error::NotEmpty { place: format!("the schema {schema} of the database") });
        }
        let kind = kind_of(&store.name)?;
        migrations::inside_transaction(self.conn, &schema, kind, store.migration)?;
        in_tx(Conn::Postgres(self.conn), fill)
    }
}

fn in_tx(conn: Conn<'_>, run: &mut dyn FnMut(&mut Tx<'_>) -> Result<()>) -> Result<()> {
    // Rows are put back as they were: no new ids, and nothing is opened.
    let shared = Shared { ids: IdSource::counting(), keys: None, commits: Commits::new(None) };
    run(&mut Tx::new(conn, &shared.ids, None, 0))
}

/// Reads the archive once more, now that it is known to be whole, and puts everything back.
fn load(
    file: &mut dyn Seekable,
    manifest: &Manifest,
    blobs: &Blobs,
    place: &mut dyn Place,
    told: Told<'_>,
) -> Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let mut from = std::io::BufReader::with_capacity(1 << 20, file);
    let mut archive = ArchiveReader::new(&mut from);
    let mut next = archive.next_entry()?;
    for store in &manifest.stores {
        place.store(store, &mut |tx| {
            let mut counts = BTreeMap::new();
            while next.as_ref().is_some_and(|entry| section(&entry.name) == store.name) {
                load_part(tx, &archive.read_all(PART_BYTES_MAX)?, &mut counts)?;
                told(&store.name, counts.values().sum());
                next = archive.next_entry()?;
            }
            if counts != store.tables {
                return Err(Error::Damaged { what: format!("rows of {} are missing", store.name) });
            }
            finish_events(tx, store)
        })?;
        let Some(organization) = organization_of(&store.name) else { continue };
        let sealed = blobs.sealed(organization);
        let wanted = format!("{}/blobs", store.name);
        let mut count = 0;
        while let Some(entry) = next.take_if(|entry| section(&entry.name) == wanted) {
            let address: BlobAddress = entry.name[wanted.len()..]
                .replace('/', "")
                .parse()
                .map_err(|_| Error::Damaged { what: format!("{} names no blob", entry.name) })?;
            // In pieces, so that a blob of any length passes through.
            let pieces = std::iter::from_fn(|| {
                let mut piece = vec![0; 1 << 18];
                match archive.read(&mut piece) {
                    Ok(0) => None,
                    Ok(read) => {
                        piece.truncate(read);
                        Some(Ok(Bytes::from(piece)))
                    }
                    Err(error) => Some(Err(error)),
                }
            });
            runtime.block_on(sealed.put_raw(&address, stream::iter(pieces)))?;
            count += 1;
            told(&wanted, count);
            next = archive.next_entry()?;
        }
    }
    Ok(())
}

fn load_part(tx: &mut Tx<'_>, part: &[u8], counts: &mut BTreeMap<String, u64>) -> Result<()> {
    let mut lines = part.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let Some(first) = lines.next() else { return Ok(()) };
    let head = rows::head(first)?;
    let insert = rows::insert(&head);
    let count = counts.entry(head.table.clone()).or_default();
    for line in lines {
        let cells = rows::cells(&head, line)?;
        let values: Vec<_> = cells.iter().map(rows::Cell::value).collect();
        tx.execute_quietly(&insert, &values)?;
        *count += 1;
    }
    Ok(())
}

/// Checks the chain against what the manifest says, and numbers the events that had committed but
/// not been numbered yet.
fn finish_events(tx: &mut Tx<'_>, store: &StoreManifest) -> Result<()> {
    let mut head = tx.verify_events()?;
    let hash = blake3::Hash::from_bytes(head.hash).to_hex().to_string();
    if (head.seq, hash.as_str()) != (store.event_seq, store.event_hash.as_str()) {
        let what = format!("the events of {} do not follow from one another", store.name);
        return Err(Error::Damaged { what });
    }
    let waiting = tx.query(
        "select id, at_ms, actor, kind, subject, detail from event where seq is null order by id",
        &[],
        |row| {
            let texts: [String; 4] = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
            Ok((row.get::<EventId>(0)?, row.get::<Timestamp>(1)?, texts))
        },
    )?;
    for (id, at, [actor, kind, subject, detail]) in waiting {
        let next: Head = chain(&head, id, at, &actor, &kind, &subject, &detail);
        tx.execute_quietly(
            "update event set seq = $2, hash = $3 where id = $1",
            params![id, next.seq, next.hash.as_slice()],
        )?;
        head = next;
    }
    Ok(())
}
