#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
use domain::people::Mode;
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, Timestamp};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Backend, Stores};

#[test]
fn opens_and_writes() {
    let dir = tempfile::tempdir().unwrap();
    let root = RootKey::load_or_create(&dir.path().join("root.key")).unwrap();
    let blobs = Blobs::local(dir.path().join("blobs")).unwrap();
    let stores = Stores::open(Backend::Folder(dir.path().join("data")), root, blobs).unwrap();
    let now = Timestamp(1_800_000_000_000);
    let organization = OrganizationId(7);
    stores.create_organization(organization, now).unwrap();
    let actor = Actor { organization, person: PersonId(1), role: Role::Owner, mode: Mode::Live };
    let access = stores.access_for_job(actor).unwrap();
    let found = access.store().read_now(|tx| tx.project(ProjectId(1))).unwrap();
    assert_eq!(found, None);
}
