//! A whole server in the process, with a clock of its own, and people who use it.
//!
//! ```text
//! let world = World::new().await;                  // claimed, with one organization
//! let ann = world.user(Role::Manager).await;       // signed in there, with a real session
//! let (status, body) = ann.post("/api/projects", json!({ "name": "Cats", "template": "image_boxes" })).await;
//! ```
//!
//! The stores are SQLite files in a folder of the test's own. With `TEST_DATABASE_URL` they are in
//! PostgreSQL instead, under a prefix of the test's own.

#![allow(dead_code, reason = "each test file uses what it needs")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

pub mod schema;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use domain::people::Mode;
use domain::{Actor, OrganizationId, PersonId, Role, Timestamp};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use server::{App, Config};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Access, Backend, NewKey, Stores};
use tower::ServiceExt;

pub const PASSWORD: &str = "seven small green boats";
pub const MINUTE_MS: i64 = 60 * 1000;
pub const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// 2026-11-20T13:20:00Z.
const START_MS: i64 = 1_795_180_800_000;

pub struct World {
    pub app: App,
    /// The organization of [`user`](Self::user); of no use before the claim.
    pub organization: OrganizationId,
    /// What the server printed at its first start.
    pub claim_token: String,
    /// Who claimed the installation: operator, and owner of the organization.
    owner: Option<Caller>,
    router: axum::Router,
    clock: Arc<AtomicI64>,
    count: AtomicI64,
    folder: tempfile::TempDir,
}

impl World {
    /// An installation that was claimed, with one organization in it.
    pub async fn new() -> Self {
        Self::configured(|_| {}).await
    }

    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let mut world = Self::unclaimed(change).await;
        let (owner, body) = world.claim("Acme").await;
        world.organization = body["organization"]["id"].as_str().unwrap().parse().unwrap();
        world.owner = Some(Caller { organization: Some(world.organization), ..owner });
        world
    }

    /// An installation that nobody has claimed yet.
    pub async fn unclaimed(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let clock = Arc::new(AtomicI64::new(START_MS));
        let mut config = Config::loopback(7780);
        change(&mut config);
        let opened = tokio::task::spawn_blocking(move || {
            let key = RootKey::load_or_create(&root.join("root.key")).unwrap();
            let blobs = Blobs::local(root.join("blobs")).unwrap();
            let backend = match std::env::var("TEST_DATABASE_URL") {
                Ok(url) => Backend::Postgres { url, prefix: format!("t{}_", unique()) },
                Err(_) => Backend::Folder(root.join("data")),
            };
            let stores = Stores::open(backend, key, blobs).unwrap();
            let token =
                server::people::new_claim_token(&stores, Timestamp(START_MS)).unwrap().unwrap();
            (stores, token)
        });
        let (stores, claim_token) = opened.await.unwrap();
        let time = Arc::clone(&clock);
        let app = App::new(stores, config, move || Timestamp(time.load(SeqCst)));
        let router = server::router(app.clone());
        let (organization, count) = (OrganizationId(0), AtomicI64::new(0));
        Self { app, organization, claim_token, owner: None, router, clock, count, folder }
    }

    /// Claims the installation, as the one who has read the token.
    pub async fn claim(&self, organization: &str) -> (Caller, Value) {
        let claim = json!({
            "token": self.claim_token, "email": "owner@example.org", "name": "Olga Owner",
            "password": PASSWORD, "organization": organization,
        });
        let reply = self.nobody().send(Method::POST, "/api/setup/claim", claim.to_string()).await;
        assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.json());
        let body = reply.json();
        (self.signed_in(&reply), body)
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(SeqCst))
    }

    pub fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, SeqCst);
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Caller {
        Caller {
            router: self.router.clone(),
            person: None,
            organization: None,
            headers: HeaderMap::new(),
        }
    }

    pub fn owner(&self) -> Caller {
        self.owner.clone().unwrap()
    }

    /// A new member of the organization, signed in.
    pub async fn user(&self, role: Role) -> Caller {
        self.user_of(self.organization, role).await
    }

    /// A new member of an organization, signed in.
    pub async fn user_of(&self, organization: OrganizationId, role: Role) -> Caller {
        let person = self.person(role.as_str(), None, false).await;
        let now = self.now();
        let joined = self.app.stores.control().write(move |tx| {
            tx.set_membership(organization, person, role, now)?;
            tx.record(now, "test", "member.joined", person, json!({}));
            Ok::<_, store::Error>(())
        });
        joined.await.unwrap();
        self.sign_in(person, Some(organization)).await
    }

    /// Signed in, and a member of nothing.
    pub async fn stranger(&self) -> Caller {
        let person = self.person("stranger", None, false).await;
        self.sign_in(person, None).await
    }

    /// Runs the installation, and is a member of nothing.
    pub async fn operator(&self) -> Caller {
        let person = self.person("operator", None, true).await;
        self.sign_in(person, None).await
    }

    /// Adds a human; without a password nobody can log in as them.
    pub async fn person(&self, name: &str, password: Option<&str>, operator: bool) -> PersonId {
        let number = self.count.fetch_add(1, SeqCst);
        let (email, name) = (format!("{name}{number}@example.org"), format!("{name} {number}"));
        let hash = password.map(|password| server::people::hash_password_now(password).unwrap());
        let now = self.now();
        let added = self.app.stores.control().write(move |tx| {
            let id = PersonId(tx.new_id(now));
            tx.insert_person(
                &server::people::new_person(&email, &name, hash.clone(), operator, id),
                now,
            )?;
            tx.record(now, "test", "person.added", id, json!({}));
            Ok::<_, store::Error>(id)
        });
        added.await.unwrap()
    }

    /// Another organization, with nobody in it yet.
    pub async fn organization(&self, name: &str) -> OrganizationId {
        let (name, now) = (name.to_string(), self.now());
        let added = self.app.stores.control().write(move |tx| {
            let id = OrganizationId(tx.new_id(now));
            tx.insert_organization(id, &name, now)?;
            tx.record(now, "test", "organization.added", id, json!({}));
            Ok::<_, store::Error>(id)
        });
        let id = added.await.unwrap();
        server::people::create_store(&self.app, id, now).await.unwrap();
        id
    }

    /// Opens a session for a person.
    pub async fn sign_in(&self, person: PersonId, organization: Option<OrganizationId>) -> Caller {
        let opened = server::people::open_session(
            &self.app,
            person,
            organization,
            "test".into(),
            self.now(),
        );
        let (token, _) = opened.await.unwrap();
        let name = server::auth::cookie_name(self.app.config.secure());
        let caller = Caller { person: Some(person), organization, ..self.nobody() };
        caller.with("cookie", &format!("{name}={token}")).with("fairmark-request", "1")
    }

    /// Whoever an answer's cookie signs in.
    pub fn signed_in(&self, reply: &Reply) -> Caller {
        let cookie = reply.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        let person = reply.json()["person"]["id"].as_str().and_then(|text| text.parse().ok());
        let caller = Caller { person, ..self.nobody() };
        caller.with("cookie", cookie).with("fairmark-request", "1")
    }

    /// An API key of the organization.
    pub async fn key(&self, role: Role, mode: Mode) -> Caller {
        self.key_of(self.organization, role, mode).await
    }

    pub async fn key_of(&self, organization: OrganizationId, role: Role, mode: Mode) -> Caller {
        let secret = format!("fmk_{}_{}", mode.as_str(), server::auth::new_secret());
        let (secret_hash, now) = (server::auth::hash_secret(&secret), self.now());
        let added = self.app.stores.control().write(move |tx| {
            let new = NewKey {
                organization,
                name: format!("{} key", role.as_str()),
                secret_hash,
                hint: "test".into(),
                mode,
                role,
                created_by: PersonId(1),
            };
            let key = tx.insert_key(&new, now)?;
            tx.record(now, "test", "key.added", key.id, json!({}));
            Ok::<_, store::Error>(key)
        });
        let person = Some(added.await.unwrap().person);
        let caller = Caller { person, organization: Some(organization), ..self.nobody() };
        caller.with("authorization", &format!("Bearer {secret}"))
    }

    /// The way past the doors, into the store of an organization: to look at what was kept.
    pub async fn access(&self, organization: OrganizationId) -> Access {
        let stores = self.app.stores.clone();
        let actor =
            Actor { organization, person: PersonId(1), role: Role::Owner, mode: Mode::Live };
        tokio::task::spawn_blocking(move || stores.access_for_job(actor).unwrap()).await.unwrap()
    }

    /// How many events of a kind the control store has.
    pub async fn count_control_events(&self, kind: &'static str) -> i64 {
        self.app.stores.control().read(move |tx| tx.count_events(kind)).await.unwrap()
    }
}

/// Every file below a folder.
pub fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A number that no other test has.
fn unique() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    (since.as_nanos() as u64) ^ (u64::from(std::process::id()) << 40)
}

/// Somebody with a way to the server.
#[derive(Clone)]
pub struct Caller {
    router: axum::Router,
    pub person: Option<PersonId>,
    pub organization: Option<OrganizationId>,
    pub headers: HeaderMap,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON; as a string, if it is something else; null, if it is empty.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        let text = || Value::String(String::from_utf8_lossy(&self.body).into_owned());
        serde_json::from_slice(&self.body).unwrap_or_else(|_| text())
    }
}

impl Caller {
    /// The same caller, who sends one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// The same caller, who leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Reply {
        let mut request = Request::builder().method(method).uri(path).body(body.into()).unwrap();
        request.headers_mut().extend(self.headers.clone());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// How a call is answered, for answers that do not end.
    pub async fn status(&self, method: Method, path: &str) -> StatusCode {
        let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        request.headers_mut().extend(self.headers.clone());
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let reply = self.send(method, path, body).await;
        (reply.status, reply.json())
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::DELETE, path, None).await
    }
}

/// The stable code of an error.
pub fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or("none")
}
