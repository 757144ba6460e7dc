//! The stores of an installation, and the only ways into them.

use crate::blobs::{Blobs, OrganizationBlobs};
use crate::command::{AsStoreError, Command};
use crate::engine::postgres::{PgPool, Snapshot};
use crate::engine::sqlite::{Shared, SqliteConnection, SqliteStore, lock};
use crate::engine::tx::Conn;
use crate::engine::{params, sql};
use crate::keys::{OrganizationKeys, RootKey, WrappedKey};
use crate::migrations::{self, Kind};
use crate::{Commits, Error, Faults, IdSource, Result, Tx};
use domain::{Actor, OrganizationId, Timestamp};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use tracing::Instrument;

/// Where the stores of an installation live.
#[derive(Clone, Debug)]
pub enum Backend {
    /// A folder of SQLite files: the embedded default.
    Folder(PathBuf),
    /// A schema for each store in one PostgreSQL database. `prefix` keeps installations apart that
    /// share a database.
    Postgres { url: String, prefix: String },
    /// In memory, on the caller's own thread: for the simulation.
    Memory,
}

/// One store. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<StoreInner>);

struct StoreInner {
    kind: Kind,
    shared: Arc<Shared>,
    engine: StoreEngine,
}

#[allow(clippy::large_enum_variant, reason = "one for each store, behind an Arc")]
enum StoreEngine {
    Sqlite(SqliteStore),
    Postgres { pool: Arc<PgPool>, schema: String },
}

enum Doing {
    Read,
    Write,
}

impl Store {
    /// Runs a command and answers once what it changed lasts. The closure may be run again after a
    /// conflict.
    pub async fn write<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        let span = self.span(Doing::Write);
        self.submit(run).instrument(span).await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    /// Begins a command and goes on: for a thread that prepares the next one in the meantime.
    pub fn write_later<T, E, F>(&self, run: F) -> Later<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        Later { span: self.span(Doing::Write), answer: self.submit(run) }
    }

    /// Like [`write`](Self::write), for threads of their own: jobs, the command line, the simulation.
    pub fn write_now<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        self.write_later(run).wait()
    }

    /// Like [`write`](Self::write), for the commands that many people send at once. PostgreSQL runs a
    /// handful of them in one transaction, on rows read together; SQLite shares commits anyway.
    pub async fn write_hot<T, E, F>(&self, hint: crate::Hint, run: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        let StoreEngine::Postgres { pool, schema } = &self.0.engine else {
            return self.write(run).await;
        };
        let (job, answer) = Command::new(run);
        pool.write_hot(schema, &self.0.shared, hint, job);
        answer
            .instrument(self.span(Doing::Write))
            .await
            .unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    fn submit<T, E, F>(&self, run: F) -> oneshot::Receiver<Result<T, E>>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        let (job, answer) = Command::new(run);
        match &self.0.engine {
            StoreEngine::Sqlite(store) => store.submit(job),
            StoreEngine::Postgres { pool, schema } => pool.write(schema, &self.0.shared, job),
        }
        answer
    }

    /// Runs a command that only reads, on one snapshot.
    pub async fn read<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        let (job, answer) = Command::new(run);
        match &self.0.engine {
            StoreEngine::Sqlite(_) => {
                let store = self.clone();
                tokio::task::spawn_blocking(move || {
                    if let StoreEngine::Sqlite(sqlite) = &store.0.engine {
                        sqlite.read(job);
                    }
                });
            }
            StoreEngine::Postgres { pool, schema } => {
                pool.read(schema, &self.0.shared, job, Snapshot::One)
            }
        }
        answer
            .instrument(self.span(Doing::Read))
            .await
            .unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    /// Like [`read`](Self::read), for a few look-ups by key that need not be of the same moment. On
    /// SQLite they are done sooner than another thread would wake up, so the caller's own does them.
    pub async fn read_briefly<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        let (job, answer) = Command::new(run);
        match &self.0.engine {
            StoreEngine::Sqlite(sqlite) => sqlite.read(job),
            StoreEngine::Postgres { pool, schema } => {
                pool.read(schema, &self.0.shared, job, Snapshot::EachItsOwn);
            }
        }
        answer
            .instrument(self.span(Doing::Read))
            .await
            .unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    /// Like [`read`](Self::read), for threads of their own.
    pub fn read_now<T, E, F>(&self, run: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + AsStoreError + Send + 'static,
    {
        let _inside = self.span(Doing::Read).entered();
        let (job, answer) = Command::new(run);
        match &self.0.engine {
            StoreEngine::Sqlite(sqlite) => sqlite.read(job),
            StoreEngine::Postgres { pool, schema } => {
                pool.read(schema, &self.0.shared, job, Snapshot::One)
            }
        }
        answer.blocking_recv().unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    /// What a trace shows of one command, from its call to its answer.
    fn span(&self, doing: Doing) -> tracing::Span {
        let engine = match &self.0.engine {
            StoreEngine::Sqlite(_) => "sqlite",
            StoreEngine::Postgres { .. } => "postgresql",
        };
        let store = self.0.kind.as_str();
        match doing {
            Doing::Read => tracing::debug_span!("store.read", engine, store),
            Doing::Write => tracing::debug_span!("store.write", engine, store),
        }
    }

    pub(crate) fn ids_and_keys(&self) -> (&IdSource, Option<&OrganizationKeys>) {
        (&self.0.shared.ids, self.0.shared.keys.as_deref())
    }

    /// The number of the latest event, as it grows.
    pub fn watch(&self) -> tokio::sync::watch::Receiver<i64> {
        self.0.shared.commits.watch()
    }

    /// Numbers the events that other processes have committed. On SQLite there are none.
    pub fn sequence(&self) {
        if let StoreEngine::Postgres { pool, schema } = &self.0.engine {
            pool.sequence(schema, &self.0.shared);
        }
    }
}

/// The answer of a command that was begun with [`Store::write_later`].
pub struct Later<T, E> {
    answer: oneshot::Receiver<Result<T, E>>,
    span: tracing::Span,
}

impl<T, E: From<Error>> Later<T, E> {
    /// Waits until the command has come to its end. On threads that may wait.
    pub fn wait(self) -> Result<T, E> {
        let _inside = self.span.entered();
        self.answer.blocking_recv().unwrap_or_else(|_| Err(Error::Closed.into()))
    }
}

/// One organization's fence from the inside: its store, its keys, its blobs.
pub struct Organization {
    pub id: OrganizationId,
    store: Store,
    blobs: OrganizationBlobs,
}

/// The right to act inside one organization. Only a verified session, a verified key or a named
/// job obtains one; there is no other way to a store of an organization.
#[derive(Clone)]
pub struct Access {
    actor: Actor,
    organization: Arc<Organization>,
}

impl Access {
    pub(crate) fn new(actor: Actor, organization: Arc<Organization>) -> Self {
        assert_eq!(
            actor.organization, organization.id,
            "an actor enters the store of his own organization"
        );
        Self { actor, organization }
    }

    pub fn actor(&self) -> Actor {
        self.actor
    }

    pub fn store(&self) -> &Store {
        &self.organization.store
    }

    pub fn blobs(&self) -> &OrganizationBlobs {
        &self.organization.blobs
    }
}

/// The stores of an installation.
#[derive(Clone)]
pub struct Stores(Arc<Inner>);

struct Inner {
    backend: Backend,
    pool: Option<Arc<PgPool>>,
    root: RootKey,
    blobs: Blobs,
    faults: Option<Arc<dyn Faults>>,
    control: Store,
    keyring: Store,
    organizations: Mutex<HashMap<OrganizationId, Arc<Organization>>>,
}

impl Stores {
    /// Opens the installation, and brings its control store and keyring up to date.
    pub fn open(backend: Backend, root: RootKey, blobs: Blobs) -> Result<Self> {
        Self::open_with_faults(backend, root, blobs, None)
    }

    /// Like [`open`](Self::open), with somebody who may pull the plug: for the simulation.
    pub fn open_with_faults(
        backend: Backend,
        root: RootKey,
        blobs: Blobs,
        faults: Option<Arc<dyn Faults>>,
    ) -> Result<Self> {
        let pool = match &backend {
            Backend::Postgres { url, .. } => Some(PgPool::open(url)?),
            Backend::Folder(folder) => {
                create_private_folder(folder)?;
                None
            }
            Backend::Memory => None,
        };
        let open = |kind, name: &str| {
            open_store(&backend, pool.as_ref(), kind, name, None, faults.clone())
        };
        let control = open(Kind::Control, "control")?;
        let keyring = open(Kind::Keyring, "keyring")?;
        let organizations = Mutex::default();
        Ok(Self(Arc::new(Inner {
            backend,
            pool,
            root,
            blobs,
            faults,
            control,
            keyring,
            organizations,
        })))
    }

    /// The control store. It holds nothing that a customer brought.
    pub fn control(&self) -> &Store {
        &self.0.control
    }

    pub(crate) fn keyring(&self) -> &Store {
        &self.0.keyring
    }

    pub(crate) fn root(&self) -> &RootKey {
        &self.0.root
    }

    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    pub fn backend(&self) -> &Backend {
        &self.0.backend
    }

    /// Makes the keys and the store of a new organization, which the control store already knows.
    /// Safe to repeat.
    pub fn create_organization(&self, id: OrganizationId, now: Timestamp) -> Result<()> {
        let keys = OrganizationKeys::generate(id.0);
        let wrapped = keys.wrap(self.root());
        self.keyring().write_now(move |tx| {
            if tx.wrapped_keys(id)?.is_empty() {
                tx.insert_wrapped_keys(id, &wrapped, now)?;
                tx.record_key_event(id, now);
            }
            Ok::<_, Error>(())
        })?;
        self.organization(id).map(|_| ())
    }

    /// The right of a named part of the program to act inside an organization: background jobs, the
    /// command line on the machine itself, the simulation.
    pub fn access_for_job(&self, actor: Actor) -> Result<Access> {
        Ok(Access::new(actor, self.organization(actor.organization)?))
    }

    /// Destroys the keys of an organization. What was sealed under them, here and in every backup,
    /// can never be read again.
    pub fn destroy_organization_keys(&self, id: OrganizationId, now: Timestamp) -> Result<()> {
        self.keyring().write_now(move |tx| {
            tx.delete_wrapped_keys(id, now)?;
            tx.record_key_event(id, now);
            Ok::<_, Error>(())
        })?;
        self.scrub_keyring()?;
        lock(&self.0.organizations).remove(&id);
        Ok(())
    }

    /// Gives an organization a new key version; what is sealed from now on uses it.
    pub fn rotate_organization_key(&self, id: OrganizationId, now: Timestamp) -> Result<u32> {
        let keys = self.load_keys(id)?.rotate();
        let wrapped = keys.wrap(self.root());
        let version = keys.current_version();
        self.keyring().write_now(move |tx| {
            tx.insert_wrapped_keys(id, &wrapped, now)?;
            tx.record_key_event(id, now);
            Ok::<_, Error>(())
        })?;
        // The next to enter opens the store anew, with the new keyring.
        lock(&self.0.organizations).remove(&id);
        Ok(version)
    }

    /// Wraps every organization's keys under another root key. Nothing else is touched.
    pub fn rewrap(&self, to: &RootKey, now: Timestamp) -> Result<usize> {
        let organizations = self.keyring().read_now(|tx| tx.organizations_with_keys())?;
        let mut rewrapped = Vec::new();
        for id in &organizations {
            let id = *id;
            let wrapped = self.keyring().read_now(move |tx| tx.wrapped_keys(id))?;
            rewrapped.push((id, OrganizationKeys::rewrap(id.0, self.root(), to, &wrapped)?));
        }
        let count = rewrapped.len();
        self.keyring().write_now(move |tx| {
            for (id, wrapped) in &rewrapped {
                tx.replace_wrapped_keys(*id, wrapped, now)?;
            }
            Ok::<_, Error>(())
        })?;
        self.scrub_keyring()?;
        Ok(count)
    }

    fn load_keys(&self, id: OrganizationId) -> Result<OrganizationKeys> {
        let (wrapped, destroyed) = self
            .keyring()
            .read_now(move |tx| Ok::<_, Error>((tx.wrapped_keys(id)?, tx.is_key_destroyed(id)?)))?;
        if destroyed {
            return Err(Error::KeyDestroyed);
        }
        if wrapped.is_empty() {
            return Err(Error::KeyMissing);
        }
        Ok(OrganizationKeys::unwrap(id.0, self.root(), &wrapped)?)
    }

    pub(crate) fn organization(&self, id: OrganizationId) -> Result<Arc<Organization>> {
        if let Some(organization) = lock(&self.0.organizations).get(&id) {
            return Ok(Arc::clone(organization));
        }
        if tokio::runtime::Handle::try_current().is_err() {
            return self.open_organization(id);
        }
        // Handlers come here too, on threads of the runtime, which may not wait for a store. It is
        // once for each organization and process, and takes milliseconds.
        std::thread::scope(|scope| scope.spawn(|| self.open_organization(id)).join())
            .unwrap_or_else(|_| Err(Error::Shared("opening a store panicked".into())))
    }

    fn open_organization(&self, id: OrganizationId) -> Result<Arc<Organization>> {
        // Held while the store opens: two writers for one file would be one too many.
        let mut organizations = lock(&self.0.organizations);
        if let Some(organization) = organizations.get(&id) {
            return Ok(Arc::clone(organization));
        }
        let keys = Arc::new(self.load_keys(id)?);
        let store = open_store(
            &self.0.backend,
            self.0.pool.as_ref(),
            Kind::Organization,
            &organization_store_name(id),
            Some(Arc::clone(&keys)),
            self.0.faults.clone(),
        )?;
        let blobs = self.0.blobs.organization(keys);
        let organization = Arc::new(Organization { id, store, blobs });
        organizations.insert(id, Arc::clone(&organization));
        Ok(organization)
    }

    /// Removes the traces of deleted keys from the engine's files. SQLite has overwritten them where
    /// they were ([`Tx::overwrite_deleted`]), but its log still has the pages of before; PostgreSQL
    /// keeps deleted rows until the table is written anew.
    fn scrub_keyring(&self) -> Result<()> {
        match (&self.0.backend, &self.0.pool) {
            (Backend::Folder(folder), _) => {
                let path = store_path(folder, "keyring");
                SqliteStore::with_connection(Some(&path), None, |conn| {
                    conn.batch("pragma wal_checkpoint(truncate)")
                })
            }
            (Backend::Postgres { prefix, .. }, Some(pool)) => {
                let mut conn = pool.connect()?;
                conn.enter(&format!("{prefix}keyring"))?;
                conn.batch("vacuum full organization_key")
            }
            (Backend::Postgres { .. } | Backend::Memory, _) => Ok(()),
        }
    }

    /// Whether an organization's keys were destroyed, and its data with them.
    pub fn key_is_destroyed(&self, id: OrganizationId) -> Result<bool> {
        self.keyring().read_now(move |tx| tx.is_key_destroyed(id))
    }

    /// Reads a store as it is at one moment, on a connection of its own and without any key: for
    /// backups (B6), which may take hours and hold nobody up.
    pub(crate) fn snapshot<T>(
        &self,
        name: &str,
        run: &mut dyn FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let ids = IdSource::counting();
        match (&self.0.backend, &self.0.pool) {
            (Backend::Folder(folder), _) => {
                let mut conn = SqliteConnection::open_to_read(&store_path(folder, name))?;
                conn.batch("begin")?;
                run(&mut Tx::new(Conn::Sqlite(&mut conn), &ids, None, 0))
            }
            (Backend::Postgres { prefix, .. }, Some(pool)) => {
                let mut conn = pool.connect()?;
                conn.enter(&format!("{prefix}{name}"))?;
                conn.batch("begin isolation level repeatable read read only")?;
                run(&mut Tx::new(Conn::Postgres(&mut conn), &ids, None, 0))
            }
            (Backend::Postgres { .. } | Backend::Memory, _) => Err(Error::Closed),
        }
    }

    /// Lets the threads of a PostgreSQL pool end once their work is done.
    pub fn close(&self) {
        if let Some(pool) = &self.0.pool {
            pool.close();
        }
    }
}

/// The name of an organization's file or schema.
pub(crate) fn organization_store_name(id: OrganizationId) -> String {
    format!("organization_{}", domain::encode(id.0))
}

fn open_store(
    backend: &Backend,
    pool: Option<&Arc<PgPool>>,
    kind: Kind,
    name: &str,
    keys: Option<Arc<OrganizationKeys>>,
    faults: Option<Arc<dyn Faults>>,
) -> Result<Store> {
    let ids = match backend {
        Backend::Memory => IdSource::counting(),
        Backend::Folder(_) | Backend::Postgres { .. } => IdSource::random(),
    };
    // Keys are made before anybody's work depends on them; the plug is pulled elsewhere.
    let faults = faults.filter(|_| kind != Kind::Keyring);
    let shared = Arc::new(Shared { ids, keys, commits: Commits::new(faults) });
    let engine = match (backend, pool) {
        (Backend::Folder(folder), _) => {
            let path = store_path(folder, name);
            if let Some(parent) = path.parent() {
                create_private_folder(parent)?;
            }
            SqliteStore::with_connection(Some(&path), None, |conn| {
                migrations::on_sqlite(conn, kind)
            })?;
            StoreEngine::Sqlite(SqliteStore::open(&path, Arc::clone(&shared))?)
        }
        (Backend::Postgres { prefix, .. }, Some(pool)) => {
            let schema = format!("{prefix}{name}");
            migrations::on_postgres(&mut pool.connect()?, &schema, kind)?;
            StoreEngine::Postgres { pool: Arc::clone(pool), schema }
        }
        (Backend::Memory, _) => {
            let store = SqliteStore::in_memory(Arc::clone(&shared))?;
            SqliteStore::with_connection(None, Some(&store), |conn| {
                migrations::on_sqlite(conn, kind)
            })?;
            StoreEngine::Sqlite(store)
        }
        (Backend::Postgres { .. }, None) => return Err(Error::Closed),
    };
    Ok(Store(Arc::new(StoreInner { kind, shared, engine })))
}

pub(crate) fn store_path(folder: &Path, name: &str) -> PathBuf {
    match name.strip_prefix("organization_") {
        Some(id) => folder.join("organizations").join(id).join("store.db"),
        None => folder.join(format!("{name}.db")),
    }
}

/// A folder that only its owner may enter.
pub(crate) fn create_private_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::Io)
}

impl Tx<'_> {
    fn record_key_event(&mut self, _: OrganizationId, _: Timestamp) {
        // The keyring has no event log: it is not part of a backup, and its rows say all there is.
        self.changed = false;
    }

    fn wrapped_keys(&mut self, id: OrganizationId) -> Result<Vec<WrappedKey>> {
        self.query(
            sql!("select version, root_id, wrapped from organization_key where organization_id = $1 order by version"),
            params![id],
            |row| {
                let version: i64 = row.get(0)?;
                let version = u32::try_from(version)
                    .map_err(|_| Error::Corrupt { what: "key version", value: version.to_string() })?;
                Ok(WrappedKey { version, root_id: row.get(1)?, bytes: row.get(2)? })
            },
        )
    }

    fn organizations_with_keys(&mut self) -> Result<Vec<OrganizationId>> {
        self.query(
            sql!("select distinct organization_id from organization_key order by 1"),
            &[],
            |row| row.get(0),
        )
    }

    /// Adds the versions that are not there yet.
    fn insert_wrapped_keys(
        &mut self,
        id: OrganizationId,
        keys: &[WrappedKey],
        now: Timestamp,
    ) -> Result<()> {
        for key in keys {
            self.execute(
                sql!(
                    "insert into organization_key (organization_id, version, root_id, wrapped, created_at_ms)
                     values ($1, $2, $3, $4, $5) on conflict (organization_id, version) do nothing"
                ),
                params![id, i64::from(key.version), &key.root_id, &key.bytes, now],
            )?;
        }
        Ok(())
    }

    fn replace_wrapped_keys(
        &mut self,
        id: OrganizationId,
        keys: &[WrappedKey],
        now: Timestamp,
    ) -> Result<()> {
        self.overwrite_deleted()?;
        self.execute(sql!("delete from organization_key where organization_id = $1"), params![id])?;
        self.insert_wrapped_keys(id, keys, now)?;
        self.changed = false;
        Ok(())
    }

    /// From here on SQLite overwrites what it deletes with zeros.
    fn overwrite_deleted(&mut self) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.batch("pragma secure_delete = on"),
            Conn::Postgres(_) => Ok(()),
        }
    }

    fn delete_wrapped_keys(&mut self, id: OrganizationId, now: Timestamp) -> Result<()> {
        self.overwrite_deleted()?;
        self.execute(sql!("delete from organization_key where organization_id = $1"), params![id])?;
        self.execute(
            sql!("insert into destroyed_key (organization_id, at_ms) values ($1, $2) on conflict (organization_id) do nothing"),
            params![id, now],
        )?;
        Ok(())
    }

    fn is_key_destroyed(&mut self, id: OrganizationId) -> Result<bool> {
        let found = self.query_one(
            sql!("select cast(1 as bigint) from destroyed_key where organization_id = $1"),
            params![id],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.is_some())
    }
}
