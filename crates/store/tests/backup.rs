//! Backups: made while people work, put back into either engine, and useless without their keys.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/postgres.rs"]
mod postgres_server;

use bytes::Bytes;
use domain::people::Mode;
use domain::projects::{Media, Plan, State, templates};
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, Timestamp};
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Access, Backend, NewItem, Payload, ProjectRow, Stores, Versioned, backup, doctor};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ACME: OrganizationId = OrganizationId(7_000_000);
const CANARY: &str = "the canary sings at noon";

/// An installation in a folder, with its stores there or in a database.
struct Place {
    folder: TempDir,
    database: Option<String>,
}

impl Place {
    fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None }
    }

    fn postgres() -> Self {
        let prefix = postgres_server::prefix();
        Self { folder: tempfile::tempdir().unwrap(), database: Some(prefix) }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn backend(&self) -> Backend {
        match &self.database {
            None => Backend::Folder(self.path().into()),
            Some(prefix) => {
                Backend::Postgres { url: postgres_server::shared().into(), prefix: prefix.clone() }
            }
        }
    }

    fn blobs(&self) -> Blobs {
        Blobs::local(self.path().join("blobs")).unwrap()
    }

    fn open(&self) -> Stores {
        let root = RootKey::load_or_create(&self.path().join("root.key")).unwrap();
        Stores::open(self.backend(), root, self.blobs()).unwrap()
    }

    /// The root key of another place: the same installation goes on here.
    fn with_root_of(self, other: &Place) -> Self {
        std::fs::copy(other.path().join("root.key"), self.path().join("root.key")).unwrap();
        self
    }
}

fn access(stores: &Stores) -> Access {
    let actor =
        Actor { organization: ACME, person: PersonId(1), role: Role::Owner, mode: Mode::Live };
    stores.access_for_job(actor).unwrap()
}

fn item(number: usize, address: Option<String>) -> NewItem {
    let metadata = [("song".to_string(), CANARY.into()), ("number".into(), 1e300.into())];
    NewItem {
        external_id: format!("item {number} – “ü”\u{1}"),
        media: Media::Text,
        address,
        bytes: 5,
        width: None,
        height: None,
        frames: None,
        payload: Payload {
            name: format!("{number}"),
            text: Some(CANARY.into()),
            scene: None,
            pictures: vec![],
            metadata: metadata.into_iter().collect(),
        },
        priority: 5,
        overlap: 1,
        label: None,
        suggestion: None,
        gold: false,
        ontology_version: 1,
        instructions_version: 1,
    }
}

/// An organization with a project, two hundred items, and a blob for some of them.
fn fill(stores: &Stores) -> ProjectId {
    stores
        .control()
        .write_now(|tx| {
            tx.insert_organization(ACME, "Acme", NOW)?;
            tx.record(NOW, "test", "organization.created", ACME, serde_json::json!({}));
            Ok::<_, store::Error>(())
        })
        .unwrap();
    stores.create_organization(ACME, NOW).unwrap();
    let access = access(stores);
    let runtime = tokio::runtime::Handle::current();
    let mut addresses = Vec::new();
    for number in 0..5 {
        // One is longer than a piece of any reader.
        let content = format!("{CANARY} {number} ").repeat(1 + number * 30_000);
        let stored = runtime.block_on(access.blobs().put_bytes(Bytes::from(content))).unwrap();
        addresses.push(stored.address.to_string());
    }
    access
        .store()
        .write_now(move |tx| {
            let template =
                templates().into_iter().find(|one| one.template == "text_choice").unwrap();
            let project = ProjectRow {
                id: ProjectId(tx.new_id(NOW)),
                name: "Songs".into(),
                template: template.template.into(),
                question: template.question,
                plan: Plan::default(),
                state: State::Draft,
                mode: Mode::Live,
                version: 1,
                ontology_version: 1,
                instructions_version: 1,
                created_by: PersonId(1),
                created_at: NOW,
            };
            tx.insert_project(&project)?;
            let instructions = Versioned {
                version: 1,
                document: CANARY.to_string(),
                created_by: PersonId(1),
                created_at: NOW,
            };
            tx.insert_instructions(project.id, &instructions)?;
            let items: Vec<_> = (0..200).map(|at| item(at, addresses.get(at).cloned())).collect();
            tx.insert_items(project.id, &items, NOW)?;
            tx.record(NOW, "test", "project.created", project.id, serde_json::json!({}));
            Ok::<_, store::Error>(project.id)
        })
        .unwrap()
}

fn back_up(stores: &Stores) -> (Vec<u8>, backup::Manifest) {
    let mut file = Vec::new();
    let manifest = backup::create(stores, NOW, &mut file, &mut |_, _| {}).unwrap();
    (file, manifest)
}

fn put_back(file: &[u8], place: &Place, keys: Option<&str>) -> backup::Result<backup::Manifest> {
    let keys = keys.map(|text| backup::read_keys(text).unwrap());
    let mut file = Cursor::new(file);
    backup::restore(&mut file, &place.backend(), &place.blobs(), keys.as_ref(), &mut |_, _| {})
}

/// The parts that must be the same whatever the engine.
fn essence(manifest: &backup::Manifest) -> Vec<backup::StoreManifest> {
    let mut stores = manifest.stores.clone();
    for store in &mut stores {
        // Of the text, in which rows may stand in another order.
        store.blake3 = String::new();
    }
    stores
}

fn assert_healthy(stores: &Stores) {
    let report = doctor::examine(stores, u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(report.findings, [], "the doctor finds nothing");
    assert_eq!((report.stores, report.blobs, report.blobs_opened), (2, 5, 5));
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn on_runtime(run: impl FnOnce()) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    run();
}

#[test]
fn what_is_backed_up_while_people_work_comes_back_whole() {
    on_runtime(|| {
        let from = Place::sqlite();
        let stores = from.open();
        let project = fill(&stores);
        let done = AtomicBool::new(false);
        let (file, manifest) = std::thread::scope(|scope| {
            let (stores, done) = (&stores, &done);
            scope.spawn(move || {
                let access = access(stores);
                let mut number = 1_000;
                while !done.load(SeqCst) {
                    number += 1;
                    let write = access.store().write_now(move |tx| {
                        tx.insert_items(project, &[item(number, None)], NOW)?;
                        tx.record(NOW, "test", "item.added", project, serde_json::json!({}));
                        Ok::<_, store::Error>(())
                    });
                    write.unwrap();
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            let backup = back_up(stores);
            std::thread::sleep(std::time::Duration::from_millis(50));
            done.store(true, SeqCst);
            backup
        });
        let later = access(&stores).store().read_now(|tx| tx.event_head()).unwrap();
        let saved = &manifest.stores[1];
        assert!(saved.event_seq > 1, "people had begun to work: {saved:?}");
        assert!(saved.event_seq < later.seq, "and went on after");
        assert_eq!(
            saved.tables["item"],
            200 + saved.event_seq as u64 - 1,
            "one moment for all tables"
        );
        assert_eq!(saved.tables["item"], saved.tables["task"]);

        let keys = backup::write_keys(&stores).unwrap();
        let to = Place::sqlite().with_root_of(&from);
        assert_eq!(put_back(&file, &to, Some(&keys)).unwrap(), manifest);
        let restored = to.open();
        assert_healthy(&restored);
        let (_, again) = back_up(&restored);
        assert_eq!(essence(&again), essence(&manifest));
        let items =
            access(&restored).store().read_now(move |tx| tx.items(project, domain::ItemId(0), 200));
        let items = items.unwrap();
        assert!(items.iter().all(|item| item.payload.text.as_deref() == Some(CANARY)));
        assert_eq!(items[0].payload.metadata["number"], 1e300);
    });
}

#[test]
fn a_backup_goes_from_sqlite_to_postgresql_and_back() {
    on_runtime(|| {
        let first = Place::sqlite();
        let stores = first.open();
        fill(&stores);
        let keys = backup::write_keys(&stores).unwrap();
        let (file, manifest) = back_up(&stores);

        let second = Place::postgres().with_root_of(&first);
        put_back(&file, &second, Some(&keys)).unwrap();
        let on_postgres = second.open();
        assert_healthy(&on_postgres);
        let (file, again) = back_up(&on_postgres);
        assert_eq!(essence(&again), essence(&manifest));

        let third = Place::sqlite().with_root_of(&first);
        put_back(&file, &third, Some(&keys)).unwrap();
        let back = third.open();
        assert_healthy(&back);
        assert_eq!(essence(&back_up(&back).1), essence(&manifest));
        on_postgres.close();
    });
}

#[test]
fn events_that_had_no_number_yet_are_numbered_by_the_restore() {
    on_runtime(|| {
        let first = Place::postgres();
        let stores = first.open();
        let project = fill(&stores);
        // As another server leaves it that has committed, and whose sequencer has not come yet.
        let schema = format!(
            "{}organization_{}",
            first.database.as_deref().unwrap(),
            domain::encode(ACME.0)
        );
        let connect =
            || postgres::Client::connect(postgres_server::shared(), postgres::NoTls).unwrap();
        let (mut client, mut keeper) = (connect(), connect());
        client.batch_execute("begin").unwrap();
        for id in 0..50i64 {
            let insert = format!(
                "insert into {schema}.event (id, at_ms, actor, kind, subject, detail)
                 values ({}, 0, 'test', 'nothing.happened', '{project}', '{{}}')",
                (1i64 << 60) + id
            );
            client.batch_execute(&insert).unwrap();
        }
        // Our own sequencer may be about to come: it waits behind a lock that waits for this commit.
        let lock = format!("begin; lock table {schema}.event in exclusive mode");
        let keeping = std::thread::spawn(move || {
            keeper.batch_execute(&lock).unwrap();
            keeper
        });
        let waiting =
            "select count(*) from pg_locks where not granted and relation = $1::text::regclass";
        let event = format!("{schema}.event");
        while client.query_one(waiting, &[&event]).unwrap().get::<_, i64>(0) == 0 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        client.batch_execute("commit").unwrap();
        let keeper = keeping.join().unwrap();
        let (file, manifest) = back_up(&stores);
        drop(keeper);
        let events = manifest.stores[1].tables["event"] as i64;
        assert_eq!(events, 51);
        assert!(manifest.stores[1].event_seq <= 1);
        let second = Place::sqlite().with_root_of(&first);
        put_back(&file, &second, Some(&backup::write_keys(&stores).unwrap())).unwrap();
        let restored = second.open();
        assert_healthy(&restored);
        let head = self::access(&restored).store().read_now(|tx| tx.verify_events()).unwrap();
        assert_eq!(head.seq, events);
        stores.close();
    });
}

#[test]
fn a_destroyed_key_stays_destroyed_whatever_is_restored() {
    on_runtime(|| {
        let first = Place::sqlite();
        let stores = first.open();
        fill(&stores);
        let (file, _) = back_up(&stores);
        assert!(
            !contains(&file, CANARY.as_bytes()),
            "what a customer brought is sealed in a backup"
        );
        let wrapped: Vec<Vec<u8>> = wrapped_keys(&first);
        assert_eq!(wrapped.len(), 2);
        let written = |place: &Place, key: &[u8]| {
            files(place.path())
                .iter()
                .any(|path| contains(&std::fs::read(path).unwrap_or_default(), key))
        };
        assert!(wrapped.iter().all(|key| written(&first, key)));
        stores.destroy_organization_keys(ACME, NOW).unwrap();
        for key in &wrapped {
            assert!(!written(&first, key), "a wrapped key is in no file any more, nor in a log");
        }

        // The keyring of today, and the data of yesterday.
        let second = Place::sqlite().with_root_of(&first);
        put_back(&file, &second, Some(&backup::write_keys(&stores).unwrap())).unwrap();
        let restored = second.open();
        let actor =
            Actor { organization: ACME, person: PersonId(1), role: Role::Owner, mode: Mode::Live };
        assert!(matches!(restored.access_for_job(actor), Err(store::Error::KeyDestroyed)));
        for place in [&first, &second] {
            assert!(!written(place, CANARY.as_bytes()), "nothing of it can be read in any file");
        }
        assert_eq!(back_up(&restored).1.left_out.len(), 1);
    });
}

#[test]
fn a_keyring_of_before_does_not_bring_a_destroyed_key_back() {
    on_runtime(|| {
        let first = Place::sqlite();
        let stores = first.open();
        fill(&stores);
        let (file, _) = back_up(&stores);
        let old_keys = backup::write_keys(&stores).unwrap();
        stores.destroy_organization_keys(ACME, NOW).unwrap();
        drop(stores);
        let second = Place::sqlite().with_root_of(&first);
        std::fs::copy(first.path().join("keyring.db"), second.path().join("keyring.db")).unwrap();
        put_back(&file, &second, Some(&old_keys)).unwrap();
        assert!(second.open().key_is_destroyed(ACME).unwrap());
        assert!(wrapped_keys(&second).is_empty());
    });
}

fn wrapped_keys(place: &Place) -> Vec<Vec<u8>> {
    let conn = rusqlite::Connection::open(place.path().join("keyring.db")).unwrap();
    let mut rows = conn.prepare("select wrapped from organization_key").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_place_that_is_in_use_is_refused() {
    on_runtime(|| {
        for place in [Place::sqlite(), Place::postgres()] {
            let stores = place.open();
            fill(&stores);
            let (file, _) = back_up(&stores);
            let refused = put_back(&file, &place, None);
            assert!(matches!(refused, Err(backup::Error::NotEmpty { .. })), "{refused:?}");
            assert_healthy(&stores);
            stores.close();
        }
    });
}

#[test]
fn a_damaged_backup_leaves_nothing_behind() {
    on_runtime(|| {
        let first = Place::sqlite();
        let stores = first.open();
        fill(&stores);
        let (file, _) = back_up(&stores);
        let length = file.len();
        let mut damaged: Vec<Vec<u8>> =
            [0, 100, 511, 5_000, length / 2, length - 1_025].map(|cut| file[..cut].to_vec()).into();
        // Each a bit in another part: rows, a blob, the manifest.
        for at in [700, length / 3, length / 2, length - 3_000] {
            let mut bent = file.clone();
            bent[at] ^= 1;
            damaged.push(bent);
        }
        // A name in a row: still a row, and another one.
        let mut renamed = file.clone();
        let at = file.windows(4).position(|window| window == b"Acme").unwrap();
        renamed[at..at + 4].copy_from_slice(b"Acne");
        damaged.push(renamed);
        for (number, file) in damaged.iter().enumerate() {
            for place in [Place::sqlite(), Place::postgres()] {
                let outcome = put_back(file, &place, None);
                assert!(outcome.is_err(), "damage {number} was noticed");
                assert_eq!(
                    files(place.path()),
                    Vec::<std::path::PathBuf>::new(),
                    "damage {number}"
                );
                // The place is as empty as before, and takes the good one.
                if number == 0 {
                    put_back(&self::back_up(&stores).0, &place, None).unwrap();
                }
            }
        }
    });
}
