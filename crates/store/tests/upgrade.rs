//! A store that an older program filled, opened by this one: no row is lost on the way, and what was
//! sealed opens. On both engines.
//!
//! The older stores are made from the migrations themselves, up to each version in turn, and filled by
//! trying: rows of whatever the tables accept, among them one with each word that their checks name. So
//! a migration that is added is covered as it is, and one that forgets a column, a row or a state is red.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/postgres.rs"]
mod postgres_server;

use domain::answers::Answer;
use domain::people::Mode;
use domain::projects::{Plan, templates};
use domain::{
    Actor, AnswerId, ItemId, OrganizationId, PersonId, ProjectId, Role, TaskId, Timestamp,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use store::blobs::Blobs;
use store::keys::{Label, OrganizationKeys, RootKey, WrappedKey};
use store::{Access, Backend, Error, Payload, Stores, Versioned};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ORGANIZATION: OrganizationId = OrganizationId(7);
/// Rows of each table. More than any table's checks have words.
const ROWS: u64 = 24;
const TRIES_MAX: u32 = 20_000;

/// Tables whose rows a migration changes on purpose: kind, version of the migration, table, why.
const MEANT: &[(&str, usize, &str, &str)] = &[];

const KINDS: [&str; 3] = ["control", "keyring", "organization"];

/// The migrations of a kind of store, in their order.
fn migrations(kind: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// A store without the program around it.
enum Raw {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Client>),
}

impl Raw {
    fn run(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Raw::Sqlite(conn) => conn.execute_batch(sql).map_err(|error| error.to_string()),
            Raw::Postgres(conn) => conn.batch_execute(sql).map_err(|error| format!("{error:?}")),
        }
    }

    /// Rows of texts, in which a null is nothing.
    fn rows(&mut self, sql: &str) -> Vec<Vec<Option<String>>> {
        match self {
            Raw::Sqlite(conn) => {
                let mut statement = conn.prepare(sql).unwrap();
                let count = statement.column_count();
                let mut found = statement.query([]).unwrap();
                let mut rows = Vec::new();
                while let Some(row) = found.next().unwrap() {
                    rows.push((0..count).map(|at| row.get(at).unwrap()).collect());
                }
                rows
            }
            Raw::Postgres(conn) => {
                let found = conn.query(sql, &[]).unwrap();
                found.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
            }
        }
    }

    fn tables(&mut self) -> Vec<String> {
        let rows = match self {
            Raw::Sqlite(_) => self.rows("select name from sqlite_master where type = 'table'"),
            Raw::Postgres(_) => self.rows(
                "select cast(tablename as text) from pg_tables where schemaname = current_schema()",
            ),
        };
        rows.into_iter()
            .map(|row| row[0].clone().unwrap())
            .filter(|name| name != "migration")
            .collect()
    }

    fn columns(&mut self, table: &str) -> Vec<Column> {
        let rows = match self {
            Raw::Sqlite(_) => self.rows(&format!(
                "select name, lower(type), cast(1 - \"notnull\" as text) from pragma_table_info('{table}')"
            )),
            Raw::Postgres(_) => self.rows(&format!(
                "select cast(column_name as text), cast(data_type as text), case is_nullable when 'YES' then '1' else '0' end
                 from information_schema.columns where table_schema = current_schema() and table_name = '{table}'
                 order by ordinal_position"
            )),
        };
        let mut columns = Vec::new();
        for row in rows {
            let [name, kind, nullable] = row.try_into().unwrap();
            let kind: String = kind.unwrap();
            columns.push(Column {
                name: name.unwrap(),
                is_bytes: matches!(&kind[..], "blob" | "bytea"),
                is_double: kind.starts_with("double"),
                is_text: kind == "text",
                may_be_null: nullable.as_deref() == Some("1"),
            });
        }
        columns
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Raw::Sqlite(_) => format!("x'{hex}'"),
            Raw::Postgres(_) => format!("decode('{hex}', 'hex')"),
        }
    }

    /// All rows of a table, each with its columns by name, in an order of their own.
    fn content(&mut self, table: &str, columns: &[String]) -> Vec<Vec<Option<String>>> {
        let known = self.columns(table);
        let each: Vec<String> = columns
            .iter()
            .map(|name| {
                let is_bytes = known.iter().any(|column| column.name == *name && column.is_bytes);
                match (is_bytes, &self) {
                    (false, _) => format!("cast({name} as text)"),
                    (true, Raw::Sqlite(_)) => format!("lower(hex({name}))"),
                    (true, Raw::Postgres(_)) => format!("encode({name}, 'hex')"),
                }
            })
            .collect();
        let mut rows = self.rows(&format!("select {} from {table}", each.join(", ")));
        rows.sort();
        rows
    }
}

struct Column {
    name: String,
    is_bytes: bool,
    is_double: bool,
    is_text: bool,
    may_be_null: bool,
}

/// An installation of which one store is going to be older.
struct Place {
    backend: Backend,
    folder: TempDir,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { backend: Backend::Folder(folder.path().join("data")), folder }
    }

    fn postgres() -> Self {
        let url = postgres_server::shared().into();
        let backend = Backend::Postgres { url, prefix: postgres_server::prefix() };
        Self { backend, folder: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> RootKey {
        RootKey::load_or_create(&self.folder.path().join("root.key")).unwrap()
    }

    fn open(&self) -> Result<Stores, Error> {
        let blobs = Blobs::local(self.folder.path().join("blobs")).unwrap();
        Stores::open(self.backend.clone(), self.root(), blobs)
    }

    fn raw(&self, kind: &str) -> Raw {
        let organization = domain::encode(ORGANIZATION.0);
        match &self.backend {
            Backend::Folder(folder) => {
                let path = match kind {
                    "organization" => {
                        folder.join("organizations").join(organization).join("store.db")
                    }
                    kind => folder.join(format!("{kind}.db")),
                };
                Raw::Sqlite(rusqlite::Connection::open(path).unwrap())
            }
            Backend::Postgres { url, prefix } => {
                let mut conn = postgres::Client::connect(url, postgres::NoTls).unwrap();
                let name = match kind {
                    "organization" => format!("{prefix}organization_{organization}"),
                    kind => format!("{prefix}{kind}"),
                };
                conn.batch_execute(&format!("set search_path to {name}")).unwrap();
                Raw::Postgres(Box::new(conn))
            }
            Backend::Memory => unreachable!("nothing older is in memory"),
        }
    }

    /// Puts an empty store of an older version in the place of one.
    fn make_older(&self, kind: &str, version: usize) -> Raw {
        let stores = self.open().unwrap();
        stores.create_organization(ORGANIZATION, NOW).unwrap();
        stores.close();
        drop(stores);
        let mut raw = self.raw(kind);
        for table in raw.tables().into_iter().chain(["migration".into()]) {
            raw.run(&format!("drop table {table}")).unwrap();
        }
        let blob = if matches!(raw, Raw::Sqlite(_)) { "blob" } else { "bytea" };
        raw.run("create table migration (version bigint not null, constraint migration_pk primary key (version))").unwrap();
        for (text, number) in migrations(kind).iter().zip(1..=version) {
            raw.run(&text.replace("{blob}", blob)).unwrap();
            raw.run(&format!("insert into migration (version) values ({number})")).unwrap();
        }
        raw
    }
}

fn access(stores: &Stores) -> Result<Access, Error> {
    let actor = Actor {
        organization: ORGANIZATION,
        person: PersonId(1),
        role: Role::Owner,
        mode: Mode::Live,
    };
    stores.access_for_job(actor)
}

/// The same numbers each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The words that the checks of a table name, as the migrations so far have it.
fn words(table: &str, migrations: &[String]) -> Vec<String> {
    let text = migrations.concat();
    let begin = text.rfind(&format!("create table {table} (")).unwrap();
    let made = text[begin..].split("\n);").next().unwrap();
    let altered = text.lines().filter(|line| line.starts_with(&format!("alter table {table} ")));
    let mut words: Vec<String> = std::iter::once(made)
        .chain(altered)
        .flat_map(|text| text.split("check (").skip(1))
        .flat_map(|check| check.split('\'').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    words.sort();
    words.dedup();
    words
}

/// Rows with ids from 1 up, which are the same in every table, so that rows belong together.
fn fill(raw: &mut Raw, table: &str, words: &[String], dice: &mut Dice) {
    assert!((words.len() as u64) < ROWS, "{table} has many words: raise ROWS");
    let columns = raw.columns(table);
    let names: Vec<&str> = columns.iter().map(|column| &column.name[..]).collect();
    for n in 1..=ROWS {
        let wanted = words.get(n as usize - 1).map(|word| format!("'{word}'"));
        let mut refused = String::new();
        let is_in = (0..TRIES_MAX).any(|_| {
            let values: Vec<String> =
                columns.iter().map(|column| value(raw, table, column, n, words, dice)).collect();
            if wanted.as_ref().is_some_and(|word| !values.contains(word)) {
                return false;
            }
            let into = format!("insert into {table} ({})", names.join(", "));
            let done = raw.run(&format!("{into} values ({})", values.join(", ")));
            done.inspect_err(|error| refused.clone_from(error)).is_ok()
        });
        assert!(is_in, "{table}: no row {n} with {wanted:?} is accepted: {refused}");
    }
}

fn value(
    raw: &Raw,
    table: &str,
    column: &Column,
    n: u64,
    words: &[String],
    dice: &mut Dice,
) -> String {
    if column.may_be_null && dice.below(3) == 0 {
        return "null".into();
    }
    if column.is_bytes {
        return raw.bytes(&[n as u8; 32]);
    }
    if column.is_double {
        return ["0.25", "0.5", "1"][dice.below(3) as usize].into();
    }
    if column.is_text {
        return match dice.below(words.len() as u64 + 2) as usize {
            at if at < words.len() => format!("'{}'", words[at]),
            _ => format!("'{table} {} {n}'", column.name),
        };
    }
    if column.name == "id" || column.name.ends_with("_id") {
        return n.to_string();
    }
    [n, 0, 1][dice.below(3) as usize].to_string()
}

type Content = BTreeMap<String, (Vec<String>, Vec<Vec<Option<String>>>)>;

fn content(raw: &mut Raw) -> Content {
    let mut all = Content::new();
    for table in raw.tables() {
        let columns: Vec<String> =
            raw.columns(&table).into_iter().map(|column| column.name).collect();
        let rows = raw.content(&table, &columns);
        all.insert(table, (columns, rows));
    }
    all
}

fn no_row_is_lost(place: fn() -> Place) {
    for kind in KINDS {
        let newest = migrations(kind).len();
        for version in 1..=newest {
            let place = place();
            let mut raw = place.make_older(kind, version);
            let mut dice = Dice(version as u64);
            for table in raw.tables() {
                fill(&mut raw, &table, &words(&table, &migrations(kind)[..version]), &mut dice);
            }
            let before = content(&mut raw);
            assert!(!before.is_empty());
            drop(raw);

            let stores = place.open().unwrap();
            if kind == "organization" {
                access(&stores).unwrap_or_else(|error| panic!("{}", error.chain()));
            }
            stores.close();
            drop(stores);
            let mut raw = place.raw(kind);
            let reached = raw.rows("select cast(max(version) as text) from migration");
            assert_eq!(reached, [[Some(newest.to_string())]], "{kind} from {version}");
            same(kind, version, &before, &mut raw);
        }
    }
}

/// Every row of before is there, with every column that still is.
fn same(kind: &str, version: usize, before: &Content, raw: &mut Raw) {
    let tables = raw.tables();
    for (table, (columns, rows)) in before {
        if MEANT.iter().any(|(k, at, t, _)| *k == kind && *at > version && t == table) {
            continue;
        }
        assert!(tables.contains(table), "{kind} from {version}: {table} is gone");
        let now: Vec<String> = raw.columns(table).into_iter().map(|column| column.name).collect();
        let kept: Vec<usize> =
            (0..columns.len()).filter(|at| now.contains(&columns[*at])).collect();
        assert_eq!(kept.len(), columns.len(), "{kind} from {version}: {table} lost a column");
        let after = raw.content(table, columns);
        assert_eq!(&after, rows, "{kind} from {version}: {table} has other rows");
    }
}

/// What the first program sealed and wrote, read by this one.
fn what_was_sealed_opens(place: fn() -> Place) {
    let place = place();
    let mut raw = place.make_older("organization", 1);
    let keys = keys(&place);
    let template = templates().into_iter().find(|one| one.template == "text_choice").unwrap();
    let said = Answer { choices: vec!["yes".into()], ..Answer::default() };
    let payload = Payload {
        name: "one".into(),
        text: Some("hello".into()),
        scene: None,
        pictures: vec![],
        metadata: Default::default(),
    };
    let seal = |kind: &'static str, id: i64, version: i64, document: String| {
        raw.bytes(&keys.seal(&Label::new(kind, id, version), document.as_bytes()))
    };
    let ontology = seal("ontology", 1, 1, json(&template.ontology));
    let instructions = seal("instructions", 1, 1, json(&"# Look"));
    let item = seal("item", 2, 0, json(&payload));
    let answer = seal("answer", 5, 0, json(&said));
    let label = seal("label", 3, 0, json(&said));
    let gold = seal("gold", 3, 0, json(&said));
    let (question, plan) = (json(&template.question), json(&Plan::default()));
    raw.run(&format!(
        "insert into project (id, name, template, question, plan, state, mode, version, ontology_version, instructions_version, created_by, created_at_ms)
           values (1, 'Old', 'text_classification', '{question}', '{plan}', 'published', 'live', 1, 1, 1, 9, 5);
         insert into ontology (project_id, version, sealed, created_by, created_at_ms) values (1, 1, {ontology}, 9, 5);
         insert into instructions (project_id, version, sealed, created_by, created_at_ms) values (1, 1, {instructions}, 9, 5);
         insert into item (id, project_id, external_id, media, bytes, sealed, created_at_ms) values (2, 1, 'one', 'text', 5, {item}, 6);
         insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, gold, version, created_at_ms, updated_at_ms)
           values (3, 1, 2, 'done', 'label', 4, 1, 0, 0, 1, 1, 1, 6, 7);
         insert into answer (id, submission, slot_id, task_id, project_id, person_id, stage, state, sealed, digest, active_ms, ontology_version, instructions_version, submitted_at_ms)
           values (5, 'sub_00000000000000000001', 4, 3, 1, 8, 'label', 'standing', {answer}, 'digest', 900, 1, 1, 7);
         insert into label (task_id, answer_id, sealed, confidence, method, ontology_version, instructions_version, at_ms)
           values (3, 5, {label}, 0.75, 'single', 1, 1, 8);
         insert into gold (task_id, sealed) values (3, {gold})"
    ))
    .unwrap();
    drop(raw);

    let stores = place.open().unwrap();
    let access = access(&stores).unwrap_or_else(|error| panic!("{}", error.chain()));
    let wanted = (template, said);
    let read = access.store().read_now(move |tx| {
        let (template, said) = &wanted;
        let project = tx.project(ProjectId(1))?.unwrap();
        assert_eq!((&project.name[..], &project.question), ("Old", &template.question));
        assert_eq!(tx.ontology(ProjectId(1), 1)?.unwrap().document, template.ontology);
        assert_eq!(tx.instructions(ProjectId(1), 1)?.unwrap().document, "# Look");
        assert_eq!(tx.item(ItemId(2))?.unwrap().payload.text.as_deref(), Some("hello"));
        assert_eq!(&tx.answer(AnswerId(5))?.unwrap().answer, said);
        let label = tx.label(TaskId(3))?.unwrap();
        assert_eq!((&label.value, label.confidence, label.calibrated), (said, Some(0.75), false));
        let gold = tx.gold(TaskId(3))?.unwrap();
        assert_eq!((&gold.known, gold.project, &gold.state[..]), (said, ProjectId(1), "live"));
        Ok::<_, Error>(())
    });
    read.unwrap_or_else(|error| panic!("{}", error.chain()));
    let written = access.store().write_now(|tx| {
        let words = Versioned {
            version: 2,
            document: "# Now".to_owned(),
            created_by: PersonId(9),
            created_at: NOW,
        };
        tx.insert_instructions(ProjectId(1), &words)?;
        tx.record(NOW, "test", "test.written", "test", serde_json::json!({}));
        Ok::<_, Error>(())
    });
    written.unwrap_or_else(|error| panic!("{}", error.chain()));
    stores.close();
}

fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).unwrap()
}

fn keys(place: &Place) -> OrganizationKeys {
    let mut keyring = place.raw("keyring");
    let read = match keyring {
        Raw::Sqlite(_) => "lower(hex(wrapped))",
        Raw::Postgres(_) => "encode(wrapped, 'hex')",
    };
    let rows = keyring
        .rows(&format!("select cast(version as text), root_id, {read} from organization_key"));
    let wrapped: Vec<WrappedKey> = rows
        .into_iter()
        .map(|row| {
            let [version, root_id, hex] = row.try_into().unwrap();
            let hex: String = hex.unwrap();
            let bytes = (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            let version: Option<String> = version;
            WrappedKey {
                version: version.unwrap().parse().unwrap(),
                root_id: root_id.unwrap(),
                bytes: bytes.collect(),
            }
        })
        .collect();
    OrganizationKeys::unwrap(ORGANIZATION.0, &place.root(), &wrapped).unwrap()
}

fn what_is_newer_is_left_alone(place: fn() -> Place) {
    for kind in KINDS {
        let place = place();
        let newest = migrations(kind).len();
        let mut raw = place.make_older(kind, newest);
        raw.run(&format!("insert into migration (version) values ({})", newest + 1)).unwrap();
        drop(raw);
        let refused = match place.open() {
            Err(error) => error,
            Ok(stores) => {
                let refused = access(&stores).err();
                stores.close();
                refused.expect("a store from the future is not opened")
            }
        };
        assert!(matches!(refused, Error::Newer { .. }), "{kind}: {}", refused.chain());
    }
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $( #[test] fn $name() { super::$name(super::Place::sqlite) } )* }
        mod postgres_ { $( #[test] fn $name() { super::$name(super::Place::postgres) } )* }
    };
}

on_both!(no_row_is_lost, what_was_sealed_opens, what_is_newer_is_left_alone);
