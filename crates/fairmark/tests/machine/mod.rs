//! A machine with the real program on it: an installation with people and work, the server as a
//! process of its own, and browsers that speak to it.

#![allow(dead_code, reason = "each test includes all of it and uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../../../store/tests/support/postgres.rs"]
pub mod postgres;

use domain::people::Mode;
use domain::projects::{Media, Plan, State, templates};
use domain::workflow::TaskState;
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, SessionId, Timestamp};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{
    Access, AnswerRow, Backend, Counts, NewItem, NewSession, Payload, Person, PersonKind,
    ProjectRow, Stores, TaskFilter, Versioned,
};
use tempfile::TempDir;

const ORGANIZATION: OrganizationId = OrganizationId(7);
pub const PROJECT: ProjectId = ProjectId(1);

/// An installation that no server has opened yet, with people and work in it.
pub struct Installation {
    folder: TempDir,
    backend: Backend,
    /// Of the contributors.
    pub cookies: Vec<String>,
    /// Of who brings data in and takes labels out.
    pub owner: String,
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis() as i64)
}

impl Installation {
    pub fn sqlite(people: usize, tasks: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::Folder(folder.path().join("data"));
        Self::new(folder, backend, people, tasks)
    }

    pub fn postgres(url: &str, people: usize, tasks: usize) -> Self {
        let backend = Backend::Postgres { url: url.into(), prefix: postgres::prefix() };
        Self::new(tempfile::tempdir().unwrap(), backend, people, tasks)
    }

    fn new(folder: TempDir, backend: Backend, people: usize, tasks: usize) -> Self {
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        let mut new = Self { folder, backend, cookies: Vec::new(), owner: String::new() };
        let stores = new.open();
        stores
            .control()
            .write_now(|tx| {
                tx.insert_organization(ORGANIZATION, "Acme", now())?;
                tx.record(now(), "test", "organization.created", ORGANIZATION, json!({}));
                Ok::<_, store::Error>(())
            })
            .unwrap();
        stores.create_organization(ORGANIZATION, now()).unwrap();
        new.owner = new.add_person(&stores, PersonId(1), Role::Owner);
        for number in 0..people {
            let cookie = new.add_person(&stores, PersonId(100 + number as i64), Role::Contributor);
            new.cookies.push(cookie);
        }
        new.add_work(&stores, tasks);
        stores.close();
        new
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The stores, while no server has them.
    pub fn open(&self) -> Stores {
        let root = RootKey::load_or_create(&self.data().join("root.key")).unwrap();
        let blobs = Blobs::local(self.data().join("blobs")).unwrap();
        Stores::open(self.backend.clone(), root, blobs).unwrap()
    }

    fn access(stores: &Stores) -> Access {
        let actor = Actor {
            organization: ORGANIZATION,
            person: PersonId(1),
            role: Role::Owner,
            mode: Mode::Live,
        };
        stores.access_for_job(actor).unwrap()
    }

    fn add_person(&self, stores: &Stores, id: PersonId, role: Role) -> String {
        let token = server::auth::new_secret();
        let token_hash = server::auth::hash_secret(&token);
        stores
            .control()
            .write_now(move |tx| {
                let person = Person {
                    id,
                    kind: PersonKind::Human,
                    email: Some(format!("{id}@example.org")),
                    name: id.to_string(),
                    password_hash: None,
                    operator: false,
                    disabled: false,
                };
                tx.insert_person(&person, now())?;
                tx.set_membership(ORGANIZATION, id, role, now())?;
                let session = NewSession {
                    token_hash,
                    person: id,
                    organization: Some(ORGANIZATION),
                    device: "test".into(),
                    expires_at: now().plus_ms(3_600_000),
                };
                let _: SessionId = tx.insert_session(&session, now())?;
                tx.record(now(), "test", "person.added", id, json!({}));
                Ok::<_, store::Error>(())
            })
            .unwrap();
        token
    }

    fn add_work(&self, stores: &Stores, tasks: usize) {
        let store = Self::access(stores).store().clone();
        let template = templates().into_iter().find(|one| one.template == "text_choice").unwrap();
        store
            .write_now(move |tx| {
                let project = ProjectRow {
                    id: PROJECT,
                    name: "Moods".into(),
                    template: template.template.into(),
                    question: template.question.clone(),
                    plan: Plan::default(),
                    state: State::Published,
                    mode: Mode::Live,
                    version: 1,
                    ontology_version: 1,
                    instructions_version: 1,
                    created_by: PersonId(1),
                    created_at: now(),
                };
                tx.insert_project(&project)?;
                let (created_by, created_at) = (PersonId(1), now());
                let ontology = Versioned {
                    version: 1,
                    document: template.ontology.clone(),
                    created_by,
                    created_at,
                };
                tx.insert_ontology(PROJECT, &ontology)?;
                let words =
                    Versioned { version: 1, document: String::new(), created_by, created_at };
                tx.insert_instructions(PROJECT, &words)?;
                tx.record(now(), "test", "project.created", PROJECT, json!({}));
                Ok::<_, store::Error>(())
            })
            .unwrap();
        for first in (0..tasks).step_by(1_000) {
            let items: Vec<NewItem> = (first..tasks.min(first + 1_000)).map(item).collect();
            store
                .write_now(move |tx| {
                    let count = tx.insert_items(PROJECT, &items, now())?;
                    tx.record(now(), "test", "items.added", PROJECT, json!({ "count": count }));
                    Ok::<_, store::Error>(())
                })
                .unwrap();
        }
    }

    /// Everything that the tables say, once no server runs.
    pub fn look(&self) -> Found {
        let stores = self.open();
        let store = Self::access(&stores).store().clone();
        store.sequence();
        let patience = Instant::now() + Duration::from_secs(20);
        let found = loop {
            let found =
                store.read_now(read_all).unwrap_or_else(|error| panic!("{}", error.chain()));
            // The last events get their numbers a moment after they have committed.
            if found.answered_events == found.answers.len() as i64 || Instant::now() > patience {
                break found;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        stores.close();
        found
    }
}

fn item(number: usize) -> NewItem {
    NewItem {
        external_id: format!("item-{number}"),
        media: Media::Text,
        address: None,
        bytes: 20,
        width: None,
        height: None,
        frames: None,
        payload: Payload {
            name: format!("item {number}"),
            text: Some(format!("This is text number {number}.")),
            scene: None,
            pictures: vec![],
            metadata: serde_json::Map::new(),
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

/// What the tables hold.
pub struct Found {
    pub answers: Vec<AnswerRow>,
    pub done: usize,
    pub counted: Counts,
    pub recounted: Counts,
    pub events: i64,
    pub answered_events: i64,
}

fn read_all(tx: &mut store::Tx<'_>) -> Result<Found, store::Error> {
    let (mut answers, mut done, mut after) = (Vec::new(), 0, 0);
    loop {
        let filter = TaskFilter { after, limit: 1_000, ..TaskFilter::default() };
        let page = tx.list_tasks(PROJECT, &filter)?;
        let Some(last) = page.last() else { break };
        after = last.task.id.0;
        for row in page.iter().filter(|row| row.task.state != TaskState::Queued) {
            done += usize::from(row.task.state == TaskState::Done);
            answers.extend(tx.answers_of(row.task.id)?);
        }
    }
    let events = tx.verify_events()?.seq;
    let mut answered_events = 0;
    let mut last = 0;
    loop {
        let page = tx.events_after(last)?;
        let Some(end) = page.last() else { break };
        last = end.seq;
        answered_events += page.iter().filter(|event| event.kind == "slot.answered").count() as i64;
    }
    let (counted, recounted) = (tx.counts(PROJECT)?, tx.recount(PROJECT)?);
    Ok(Found { answers, done, counted, recounted, events, answered_events })
}

/// The program, running.
pub struct Server {
    process: Child,
    /// Where it listens at the moment: another port after each start.
    pub address: Arc<Mutex<String>>,
}

impl Server {
    pub fn start(installation: &Installation) -> Self {
        Self::start_with(installation, &[])
    }

    pub fn start_with(installation: &Installation, settings: &[(&str, &str)]) -> Self {
        let address = Arc::default();
        let process = spawn(installation, &address, settings);
        Self { process, address }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn start_again(&mut self, installation: &Installation) {
        self.process = spawn(installation, &self.address, &[]);
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(installation: &Installation, address: &Mutex<String>, settings: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairmark"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(installation.data());
    if let Backend::Postgres { url, prefix } = &installation.backend {
        command.args(["--database-url", url, "--database-prefix", prefix]);
    }
    command.envs(settings.iter().copied());
    command
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("listens on http://") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the server ended before it listened");
    }
    let (_, listens) = line.trim().split_once("http://").unwrap();
    *address.lock().unwrap() = listens.to_string();
    // Somebody must read on, or a server with much to say would wait for ever.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    process
}

/// One browser: a cookie, and a connection that is kept.
pub struct Browser {
    address: Arc<Mutex<String>>,
    cookie: String,
    connection: Option<(String, BufReader<TcpStream>)>,
}

impl Browser {
    pub fn new(server: &Server, cookie: &str) -> Self {
        Self { address: Arc::clone(&server.address), cookie: cookie.into(), connection: None }
    }

    /// The status and the body; an error where no whole reply came back.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> std::io::Result<(u16, Value)> {
        let json = "content-type: application/json\r\n";
        let mut reply = Vec::new();
        let status = self.exchange(method, path, json, body.to_string().as_bytes(), &mut reply)?;
        let reply = serde_json::from_slice(&reply).map_err(std::io::Error::other)?;
        Ok((status, reply))
    }

    /// Sends bytes under headers of the caller's, and writes the body of the reply into `into`.
    pub fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
        into: &mut impl Write,
    ) -> std::io::Result<u16> {
        let address = self.address.lock().unwrap().clone();
        let reply = self.try_exchange(&address, method, path, headers, body, into);
        if reply.is_err() {
            self.connection = None;
        }
        reply
    }

    fn try_exchange(
        &mut self,
        address: &str,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
        into: &mut impl Write,
    ) -> std::io::Result<u16> {
        if self.connection.as_ref().is_none_or(|(to, _)| to != address) {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            self.connection = Some((address.into(), BufReader::new(stream)));
        }
        let Some((_, stream)) = &mut self.connection else { unreachable!("it was made above") };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncookie: fairmark={}\r\nfairmark-request: 1\r\n\
             {headers}content-length: {}\r\n\r\n",
            self.cookie,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.get_mut().write_all(&request)?;
        read_reply(stream, into)
    }

    /// Sends until a whole reply comes back that is not about the server's own trouble.
    pub fn insist(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            match self.send(method, path, body) {
                Ok((status, reply)) if status < 500 => return (status, reply),
                Ok((503, _)) if Instant::now() < patience => {}
                Ok((status, reply)) => panic!("{method} {path}: {status} {reply}"),
                other => assert!(Instant::now() < patience, "{method} {path}: {other:?}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn read_reply(stream: &mut BufReader<TcpStream>, into: &mut impl Write) -> std::io::Result<u16> {
    let broken = |what: &str| std::io::Error::other(what.to_string());
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| broken("no status"))?;
    let mut length = None;
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(broken("the headers broke off"));
        }
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()
            }
            Some(_) => {}
            None => break,
        }
    }
    let length: u64 = length.ok_or_else(|| broken("no length"))?;
    let read = std::io::copy(&mut stream.take(length), into)?;
    if read == length { Ok(status) } else { Err(broken("the body broke off")) }
}

/// What one browser was told has lasted.
#[derive(Default)]
pub struct Told {
    pub submissions: Vec<String>,
    /// Replies that said, of an answer repeated after trouble, that it is not wanted: never of one
    /// that had been received.
    pub refused: usize,
}

/// Claims and answers until there is nothing left, or `stop` says so.
pub fn work(mut browser: Browser, number: usize, stop: &dyn Fn() -> bool) -> Told {
    let mut told = Told::default();
    let mut claims: Vec<Value> = Vec::new();
    let claim_path = format!("/api/projects/{PROJECT}/claims");
    let mut made = 0;
    while !stop() {
        let Some(claim) = claims.pop() else {
            let (status, reply) =
                browser.insist("POST", &claim_path, &json!({ "stage": "label", "count": 1 }));
            assert_eq!(status, 200, "{reply}");
            claims.extend(reply["claims"].as_array().cloned().unwrap_or_default());
            if claims.is_empty() {
                break;
            }
            continue;
        };
        made += 1;
        let submission = format!("sub_w{number:03}n{made:06}");
        let path = format!("/api/slots/{}/answer", claim["slot"].as_str().unwrap());
        let body = json!({
            "submission": submission, "fence": claim["fence"], "answer": { "choices": ["neutral"] },
            "active_ms": 900, "claim_next": 1, "holding": [claim["slot"]],
        });
        let (status, reply) = browser.insist("PUT", &path, &body);
        match status {
            200 => {
                assert_eq!(reply["submission"], json!(submission));
                told.submissions.push(submission);
                claims.extend(reply["claims"].as_array().cloned().unwrap_or_default());
            }
            _ => told.refused += 1,
        }
    }
    told
}

/// Lets everybody work; answers what each was told.
pub fn work_together(
    installation: &Installation,
    server: &Server,
    stop: impl Fn() -> bool + Clone + Send + 'static,
) -> Vec<Told> {
    start_work(installation, server, stop)
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect()
}

pub fn start_work(
    installation: &Installation,
    server: &Server,
    stop: impl Fn() -> bool + Clone + Send + 'static,
) -> Vec<std::thread::JoinHandle<Told>> {
    // A number is not used again: submissions are named by it, and several may work in turn.
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let cookies = installation.cookies.iter();
    cookies
        .map(|cookie| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let (browser, stop) = (Browser::new(server, cookie), stop.clone());
            std::thread::spawn(move || work(browser, number, &stop))
        })
        .collect()
}
