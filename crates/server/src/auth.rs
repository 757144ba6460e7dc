//! Who is calling, and what they may do. Nothing else makes a [`Cx`].
//!
//! A permission is an extractor in the signature of a handler: `cx: Can<ManageProjects>` has
//! authenticated the caller, opened the store of their organization and checked their role before
//! the first line of the handler runs.

pub use crate::secrets::{ShownOnce, hash_secret, new_secret};
use crate::wire::Replayed;
use crate::{App, Error, Result};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::people::{Mode, Permission};
use domain::{Actor, PersonId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Mutex;
use store::{Access, KeyRow, Session, Store, Stores, Tx};

/// What one command may use: who acts, when, and the way into their store.
#[derive(Clone)]
pub struct Cx {
    access: Access,
    pub now: Timestamp,
    pub app: App,
    call: Call,
    /// Whether a model acts, which earns nothing.
    unpaid: bool,
}

impl Cx {
    /// For background jobs, the command line and the simulation, which have no request.
    pub fn for_job(app: &App, access: Access, now: Timestamp) -> Self {
        Self { access, now, app: app.clone(), call: Call::default(), unpaid: false }
    }

    /// For the answers of a model.
    pub(crate) fn for_model(app: &App, access: Access, now: Timestamp) -> Self {
        Self { unpaid: true, ..Self::for_job(app, access, now) }
    }

    pub(crate) fn is_paid(&self) -> bool {
        !self.unpaid
    }

    pub fn actor(&self) -> Actor {
        self.access.actor()
    }

    pub fn person(&self) -> PersonId {
        self.access.actor().person
    }

    pub fn access(&self) -> &Access {
        &self.access
    }

    pub fn store(&self) -> &Store {
        self.access.store()
    }

    pub fn stores(&self) -> &Stores {
        &self.app.stores
    }

    pub fn may(&self, permission: Permission) -> bool {
        let actor = self.actor();
        // Members, keys and the organization itself have no test mode: a test key leaves them alone.
        let in_mode = actor.mode == Mode::Live || !permission.is_of_people();
        in_mode && actor.role.may(permission)
    }

    /// Reads on one snapshot of the organization's store.
    pub async fn read<T, F>(&self, run: F) -> Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.store().read(run).await
    }

    /// Looks up a few rows by key.
    pub async fn read_briefly<T, F>(&self, run: F) -> Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.store().read_briefly(run).await
    }

    /// Runs a command in the organization's store, once per `Idempotency-Key` (H3): its answer is
    /// kept in the same transaction as its effect.
    pub async fn write<T, F>(&self, request: &impl Serialize, run: F) -> Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        self.call.write(self.store(), self.scope(), request, self.now, run).await
    }

    /// Like [`write`](Self::write), in the control store.
    pub async fn write_control<T, F>(&self, request: &impl Serialize, run: F) -> Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        self.call.write(self.app.stores.control(), self.scope(), request, self.now, run).await
    }

    /// Whether the call bears an `Idempotency-Key`.
    pub fn is_named(&self) -> bool {
        self.call.key.is_some()
    }

    /// Whose calls these are: keys of one caller mean nothing to another.
    fn scope(&self) -> String {
        format!("{}:{}", self.actor().organization, self.person())
    }
}

/// One call, known again by its `Idempotency-Key` (H3).
#[derive(Clone, Default)]
struct Call {
    key: Option<String>,
    route: String,
    replayed: Replayed,
}

impl Call {
    fn of(parts: &Parts) -> Result<Self> {
        Ok(Self {
            key: idempotency_key(parts)?,
            route: format!("{} {}", parts.method, parts.uri.path()),
            replayed: parts.extensions.get::<Replayed>().cloned().unwrap_or_default(),
        })
    }

    /// Runs a command once; a repeat of the call gets what the first was answered.
    async fn write<T, F>(
        &self,
        store: &Store,
        scope: String,
        request: &impl Serialize,
        now: Timestamp,
        mut run: F,
    ) -> Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        let Some(key) = self.key.clone() else { return store.write(run).await };
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.route.as_bytes());
        hasher.update(&serde_json::to_vec(request)?);
        let hash = hasher.finalize().to_hex().to_string();
        let replayed = self.replayed.clone();
        store
            .write(move |tx| {
                if let Some((recorded, answer)) = tx.idempotent(&scope, &key)? {
                    if recorded != hash {
                        let message = "this Idempotency-Key was already used for another request";
                        return Err(Error::refused("idempotency_key_reused", message));
                    }
                    replayed.note();
                    return Ok(serde_json::from_slice(&answer)?);
                }
                let answer = run(tx)?;
                tx.save_idempotent(&scope, &key, &hash, &serde_json::to_vec(&answer)?, now)?;
                Ok(answer)
            })
            .await
    }
}

/// Somebody signed in, wherever they work or if they work nowhere yet.
pub struct SignedIn {
    pub session: Session,
    pub token_hash: [u8; 32],
    pub now: Timestamp,
    pub app: App,
    call: Call,
}

impl SignedIn {
    /// Runs a command in the control store, once per `Idempotency-Key` (H3).
    pub async fn write<T, F>(&self, request: &impl Serialize, run: F) -> Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        let scope = format!("{}", self.session.person.id);
        self.call.write(self.app.stores.control(), scope, request, self.now, run).await
    }
}

/// A caller who has a permission in the organization where they work.
pub struct Can<P> {
    cx: Cx,
    permission: PhantomData<P>,
}

impl<P> Deref for Can<P> {
    type Target = Cx;
    fn deref(&self) -> &Cx {
        &self.cx
    }
}

pub trait Permit {
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident),*) => { $(
        #[derive(Clone, Copy)]
        pub struct $name;
        impl Permit for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )* };
}
permits!(
    SeeOwnWork,
    SeeProjects,
    SeeLabels,
    Label,
    Review,
    ManageProjects,
    ManageMembers,
    ManageKeys,
    ManageOrganization
);

impl<P: Permit> FromRequestParts<App> for Can<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let cx = Cx::from_request_parts(parts, app).await?;
        if !cx.may(P::PERMISSION) {
            return Err(Error::Forbidden);
        }
        Ok(Self { cx, permission: PhantomData })
    }
}

impl FromRequestParts<App> for Cx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let now = (app.now)();
        let access = match bearer(&parts.headers) {
            Some(secret) => {
                let key = verify_key(app, secret, now).await?;
                app.limits.check_key(key.id)?;
                app.stores.access_for_key(&key)?
            }
            None => {
                let (session, _) = session(parts, app, now).await?;
                app.stores.access_for_session(&session)?.ok_or(Error::Forbidden)?
            }
        };
        if let Some(wanted) = parts.headers.get("fairmark-organization")
            && wanted.to_str().ok() != Some(&access.actor().organization.to_string())
        {
            let message = "you are working in another organization now; reload this page";
            return Err(Error::refused("organization_changed", message));
        }
        Ok(Self { access, now, app: app.clone(), call: Call::of(parts)?, unpaid: false })
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let now = (app.now)();
        let (session, token_hash) = session(parts, app, now).await?;
        Ok(Self { session, token_hash, now, app: app.clone(), call: Call::of(parts)? })
    }
}

/// A caller who runs the installation. Operators read no organization's data.
pub struct Operator(pub SignedIn);

impl FromRequestParts<App> for Operator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if !signed_in.session.person.operator {
            return Err(Error::Forbidden);
        }
        Ok(Self(signed_in))
    }
}

/// Whether the caller of a stream that is still open may go on, looked up anew. Watching is no
/// activity: it keeps no session from running out.
pub async fn access_again(app: &App, headers: &HeaderMap) -> Result<Access> {
    let now = (app.now)();
    let control = app.stores.control();
    if let Some(secret) = bearer(headers) {
        let hash = hash_secret(secret);
        let key =
            control.read(move |tx| tx.verify_key(&hash)).await?.ok_or(Error::Unauthenticated)?;
        return Ok(app.stores.access_for_key(&key)?);
    }
    let token = cookie(headers, cookie_name(app.config.secure())).ok_or(Error::Unauthenticated)?;
    let hash = hash_secret(token);
    let session = control
        .read(move |tx| tx.verify_session(&hash, now))
        .await?
        .ok_or(Error::Unauthenticated)?;
    app.stores.access_for_session(&session)?.ok_or(Error::Forbidden)
}

fn idempotency_key(parts: &Parts) -> Result<Option<String>> {
    let Some(value) = parts.headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let fine = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fine {
        Ok(Some(text.into()))
    } else {
        Err(Error::bad("Idempotency-Key: 1 to 128 visible characters"))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// The name of the session cookie. Browsers keep `__Host-` cookies only over HTTPS, so plain-http
/// loopback has a plain name.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-fairmark" } else { "fairmark" }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

async fn session(parts: &Parts, app: &App, now: Timestamp) -> Result<(Session, [u8; 32])> {
    let token =
        cookie(&parts.headers, cookie_name(app.config.secure())).ok_or(Error::Unauthenticated)?;
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        check_same_site(app, &parts.headers)?;
    }
    let hash = *blake3::hash(token.as_bytes()).as_bytes();
    if let Some(session) = app.sessions.get(&hash, now) {
        return Ok((session, hash));
    }
    let session = app
        .stores
        .control()
        .read(move |tx| tx.verify_session(&hash, now))
        .await?
        .ok_or(Error::Unauthenticated)?;
    if now.0 - session.seen_at.0 > SEEN_EVERY_MS {
        let id = session.id;
        app.stores.control().write(move |tx| tx.touch_session(id, now)).await?;
    }
    app.sessions.put(hash, session.clone(), now);
    Ok((session, hash))
}

/// The session whose cookie a browser sends, if it is still good.
pub async fn known_session(
    app: &App,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Option<Session>> {
    let Some(token) = cookie(headers, cookie_name(app.config.secure())) else { return Ok(None) };
    let hash = hash_secret(token);
    Ok(app.stores.control().read(move |tx| tx.verify_session(&hash, now)).await?)
}

/// How often a session in use is written down as such.
const SEEN_EVERY_MS: i64 = 5 * 60 * 1000;

/// A cookie alone is not enough to change something (H6): the call must come from a page of ours.
fn check_same_site(app: &App, headers: &HeaderMap) -> Result<()> {
    if text(headers, "fairmark-request") != Some("1")
        || text(headers, "sec-fetch-site") == Some("none")
    {
        return Err(Error::CrossSite);
    }
    check_no_other_site(app, headers)
}

/// Refuses what a browser says comes from a page of somebody else: also before anybody has signed
/// in, so that no page can sign its visitors in as somebody of its choice.
pub fn check_no_other_site(app: &App, headers: &HeaderMap) -> Result<()> {
    let site =
        text(headers, "sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let origin = text(headers, "origin").is_none_or(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        origin == app.config.public_url.trim_end_matches('/')
            || (host.is_some() && host == text(headers, "host"))
    });
    if site && origin { Ok(()) } else { Err(Error::CrossSite) }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

async fn verify_key(app: &App, secret: &str, now: Timestamp) -> Result<KeyRow> {
    if !secret.starts_with("fmk_") {
        return Err(Error::Unauthenticated);
    }
    let hash = *blake3::hash(secret.as_bytes()).as_bytes();
    if let Some(key) = app.keys.get(&hash, now) {
        return Ok(key);
    }
    let key = app
        .stores
        .control()
        .read(move |tx| tx.verify_key(&hash))
        .await?
        .ok_or(Error::Unauthenticated)?;
    if key.used_at.is_none_or(|at| now.0 - at.0 > SEEN_EVERY_MS) {
        let id = key.id;
        app.stores.control().write(move |tx| tx.touch_key(id, now)).await?;
    }
    app.keys.put(hash, key.clone(), now);
    Ok(key)
}

/// What was verified a moment ago, so that a busy caller is not looked up on every request. A
/// change of rights is felt within a second, and at once in this process.
pub struct Recent<T>(Mutex<HashMap<[u8; 32], (T, Timestamp)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

const RECENT_MS: i64 = 1_000;
const RECENT_MAX: usize = 10_000;

impl<T: Clone> Recent<T> {
    fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<T> {
        let recent = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (value, at) = recent.get(hash)?;
        (now.0 - at.0 < RECENT_MS).then(|| value.clone())
    }

    fn put(&self, hash: [u8; 32], value: T, now: Timestamp) {
        let mut recent = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if recent.len() >= RECENT_MAX {
            recent.clear();
        }
        recent.insert(hash, (value, now));
    }

    /// Forgets everything: somebody's rights have changed.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

/// The address of the caller. Behind proxies, the last one that they did not write themselves.
pub fn caller_address(app: &App, headers: &HeaderMap) -> Option<std::net::IpAddr> {
    if app.config.proxies > 0 {
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .collect();
        return forwarded.get(forwarded.len().checked_sub(app.config.proxies)?)?.parse().ok();
    }
    headers.get(PEER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok())
}

/// Where the connection's own address is noted for the handlers; what a caller sends under this
/// name is overwritten.
pub const PEER: &str = "x-fairmark-peer";
