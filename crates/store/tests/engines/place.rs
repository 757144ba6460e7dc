//! A fresh installation on one of the engines.

use crate::postgres_server;
use domain::people::Mode;
use domain::{Actor, OrganizationId, PersonId, Role, Timestamp};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Access, Backend, Error, Store, Stores, Tx};
use tempfile::TempDir;

pub const NOW: Timestamp = Timestamp(1_800_000_000_000);
pub const ORGANIZATION: OrganizationId = OrganizationId(7);
pub const RIVAL: OrganizationId = OrganizationId(8);

pub struct Place {
    pub stores: Stores,
    pub backend: Backend,
    folder: TempDir,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::Folder(folder.path().join("data"));
        Self::on(backend, folder)
    }

    pub fn postgres() -> Self {
        let backend = Backend::Postgres {
            url: postgres_server::shared().into(),
            prefix: postgres_server::prefix(),
        };
        Self::on(backend, tempfile::tempdir().unwrap())
    }

    fn on(backend: Backend, folder: TempDir) -> Self {
        let stores = open(&backend, &folder);
        for organization in [ORGANIZATION, RIVAL] {
            stores.create_organization(organization, NOW).unwrap();
        }
        Self { stores, backend, folder }
    }

    /// The same installation, opened once more beside the first.
    pub fn again(&self) -> Stores {
        open(&self.backend, &self.folder)
    }

    pub fn control(&self) -> &Store {
        self.stores.control()
    }

    pub fn access(&self, organization: OrganizationId) -> Access {
        let actor =
            Actor { organization, person: PersonId(1), role: Role::Owner, mode: Mode::Live };
        self.stores.access_for_job(actor).unwrap()
    }

    pub fn store(&self) -> Store {
        self.access(ORGANIZATION).store().clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stores.close();
    }
}

fn open(backend: &Backend, folder: &TempDir) -> Stores {
    let root = RootKey::load_or_create(&folder.path().join("root.key")).unwrap();
    let blobs = Blobs::local(folder.path().join("blobs")).unwrap();
    Stores::open(backend.clone(), root, blobs).unwrap()
}

/// Runs a command that must succeed.
pub fn write<T: Send + 'static>(
    store: &Store,
    mut run: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    store
        .write_now(move |tx| {
            let value = run(tx)?;
            tx.record(NOW, "test", "test.written", "test", serde_json::json!({}));
            Ok::<_, Error>(value)
        })
        .unwrap_or_else(|error| panic!("{}", error.chain()))
}

/// Reads what must be readable.
pub fn read<T: Send + 'static>(
    store: &Store,
    run: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    store.read_now(run).unwrap_or_else(|error| panic!("{}", error.chain()))
}
