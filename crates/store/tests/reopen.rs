//! What a process finds that starts where another has ended.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use domain::people::Mode;
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, Timestamp};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Backend, Stores};

fn open(folder: &std::path::Path) -> Stores {
    let root = RootKey::load_or_create(&folder.join("root.key")).unwrap();
    let blobs = Blobs::local(folder.join("blobs")).unwrap();
    Stores::open(Backend::Folder(folder.into()), root, blobs).unwrap()
}

/// The first request after a start enters an organization that this process has not opened yet, on
/// a thread that may not wait.
#[tokio::test]
async fn a_handler_may_be_the_first_to_enter_an_organization() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let id = OrganizationId(7);
    let made = tokio::task::spawn_blocking(move || {
        open(&path).create_organization(id, Timestamp(1_800_000_000_000)).unwrap();
    });
    made.await.unwrap();

    let stores = open(folder.path());
    let actor =
        Actor { organization: id, person: PersonId(1), role: Role::Owner, mode: Mode::Live };
    let access = stores.access_for_job(actor).unwrap();
    let found = access.store().read(|tx| tx.project(ProjectId(1))).await.unwrap();
    assert_eq!(found, None);
}
