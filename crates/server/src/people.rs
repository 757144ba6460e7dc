//! People and the doors they come through: the first claim, sessions.
//!
//! | Door | Does |
//! |---|---|
//! | `POST /api/setup/claim` | the holder of the one-time token becomes operator and first owner |
//! | `POST /api/session` | logs in |
//! | `PATCH /api/session` | goes to work in another organization |

use crate::auth::{SignedIn, cookie_name, hash_secret, new_secret};
use crate::wire::{Body, Time};
use crate::{App, Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::people::{check_password, normal_email};
use domain::{OrganizationId, PersonId, Role, Timestamp, limits};
use serde::{Deserialize, Serialize};
use store::{NewSession, Person, PersonKind, Session, Stores};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_setup)).routes(routes!(post_claim)).routes(routes!(
        post_session,
        get_session,
        patch_session,
        delete_session
    ))
}

/// The state of the installation, as anybody may know it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Setup {
    pub claimed: bool,
    pub sign_up_open: bool,
    pub version: String,
}

/// Who is signed in, and where they work.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SessionBody {
    pub person: PersonBody,
    pub organization: Option<OrganizationBody>,
    pub role: Option<String>,
    pub organizations: Vec<MembershipBody>,
    pub expires_at: Time,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct PersonBody {
    pub id: String,
    pub email: String,
    pub name: String,
    pub operator: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct OrganizationBody {
    pub id: String,
    pub name: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct MembershipBody {
    pub id: String,
    pub name: String,
    pub role: String,
}

/// The setting that keeps the hash of the claim token until somebody has used it.
const CLAIM: &str = "claim_token";
const CLAIMED: &str = "claimed";

/// Makes the one-time token of an installation that nobody has claimed; nothing if somebody has.
/// A new token replaces the one before.
pub fn new_claim_token(stores: &Stores, now: Timestamp) -> Result<Option<String>> {
    let token = new_secret();
    let hash = blake3::hash(token.as_bytes()).to_hex().to_string();
    let fresh = stores.control().write_now(move |tx| {
        if tx.setting(CLAIMED)?.is_some() {
            return Ok::<_, Error>(false);
        }
        tx.set_setting(CLAIM, &hash)?;
        tx.record(now, "system", "installation.claimable", "installation", serde_json::json!({}));
        Ok(true)
    })?;
    Ok(fresh.then_some(token))
}

/// Adds a human with a login. The password must have been checked.
pub fn new_person(
    email: &str,
    name: &str,
    password_hash: Option<String>,
    operator: bool,
    id: PersonId,
) -> Person {
    let (email, name) = (Some(email.to_string()), name.to_string());
    Person { id, kind: PersonKind::Human, email, name, password_hash, operator, disabled: false }
}

/// Hashes a password with Argon2id: 19 MiB, two passes (OWASP's second choice, RFC 9106). Takes tens
/// of milliseconds, on a thread of its own.
pub async fn hash_password(password: String) -> Result<String> {
    let _turn = turn().await?;
    let hashed = tokio::task::spawn_blocking(move || hash_password_now(&password)).await;
    hashed.map_err(|error| Error::Internal(error.to_string()))?
}

/// Hashing takes memory as well as time: so many at once, and the others wait.
async fn turn() -> Result<tokio::sync::SemaphorePermit<'static>> {
    static TURNS: tokio::sync::Semaphore =
        tokio::sync::Semaphore::const_new(limits::HASHES_AT_ONCE);
    TURNS.acquire().await.map_err(|error| Error::Internal(error.to_string()))
}

pub fn hash_password_now(password: &str) -> Result<String> {
    let hash = argon()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::Internal(error.to_string()))?;
    Ok(hash.to_string())
}

fn argon() -> Argon2<'static> {
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, Params::default())
}

/// Whether a password fits a hash. Without a hash, as much time is spent on a made-up one, so that
/// the answer does not tell whether the account exists.
pub async fn verify_password(password: String, hash: Option<String>) -> Result<bool> {
    let _turn = turn().await?;
    let verified = tokio::task::spawn_blocking(move || {
        static NOBODY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => NOBODY
                .get_or_init(|| hash_password_now("nobody has this password").unwrap_or_default())
                .clone(),
        };
        let fits = PasswordHash::new(&hash)
            .is_ok_and(|hash| argon().verify_password(password.as_bytes(), &hash).is_ok());
        known && fits
    });
    verified.await.map_err(|error| Error::Internal(error.to_string()))
}

#[utoipa::path(get, path = "/api/setup", tag = "people", security(()), responses((status = 200, body = Setup)))]
async fn get_setup(State(app): State<App>) -> Result<Json<Setup>> {
    let claimed =
        app.stores.control().read(|tx| Ok::<_, Error>(tx.setting(CLAIMED)?.is_some())).await?;
    let version = env!("CARGO_PKG_VERSION").to_string();
    Ok(Json(Setup { claimed, sign_up_open: app.config.sign_up_open, version }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InstallationClaim {
    /// Printed by the first start of the server, once.
    token: String,
    email: String,
    name: String,
    password: String,
    /// The name of the first organization.
    organization: String,
}

/// A name as people write them: trimmed, 1 to 200 characters, none of them a control character.
pub fn checked_name(path: &str, name: &str) -> Result<String> {
    let name = name.trim();
    let count = name.chars().count();
    if count == 0 || count > limits::NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid(path, "bad_name", "a name has 1 to 200 characters"));
    }
    Ok(name.into())
}

pub fn checked_email(email: &str) -> Result<String> {
    let message = "this is not an email address; one looks like ann@example.org";
    normal_email(email).ok_or_else(|| Error::invalid("email", "bad_email", message))
}

#[utoipa::path(post, path = "/api/setup/claim", tag = "people", security(()), request_body = InstallationClaim, responses((status = 200, body = SessionBody)))]
async fn post_claim(
    State(app): State<App>,
    headers: HeaderMap,
    Body(claim): Body<InstallationClaim>,
) -> Result<Response> {
    app.limits.check_login("claim", None)?;
    let (email, name) = (checked_email(&claim.email)?, checked_name("name", &claim.name)?);
    let organization_name = checked_name("organization", &claim.organization)?;
    check_password(&claim.password, &email)?;
    let hash = hash_password(claim.password).await?;
    let token_hash = blake3::hash(claim.token.trim().as_bytes()).to_hex().to_string();
    let now = (app.now)();
    let (person, organization) = app
        .stores
        .control()
        .write(move |tx| {
            if tx.setting(CLAIMED)?.is_some() {
                return Err(Error::refused(
                    "already_claimed",
                    "this installation was already claimed",
                ));
            }
            if tx.setting(CLAIM)?.as_deref() != Some(&token_hash) {
                return Err(Error::invalid(
                    "token",
                    "wrong_token",
                    "this is not the token that the server printed",
                ));
            }
            let person = PersonId(tx.new_id(now));
            let organization = OrganizationId(tx.new_id(now));
            tx.insert_person(&new_person(&email, &name, Some(hash.clone()), true, person), now)?;
            tx.insert_organization(organization, &organization_name, now)?;
            tx.set_membership(organization, person, Role::Owner, now)?;
            tx.remove_setting(CLAIM)?;
            tx.set_setting(CLAIMED, &now.0.to_string())?;
            tx.record(now, person, "installation.claimed", organization, serde_json::json!({}));
            Ok((person, organization))
        })
        .await?;
    create_store(&app, organization, now).await?;
    log_in(&app, person, Some(organization), &headers, now).await
}

/// Makes the store and the keys of an organization that the control store knows. Safe to repeat.
pub async fn create_store(app: &App, organization: OrganizationId, now: Timestamp) -> Result<()> {
    let stores = app.stores.clone();
    let created =
        tokio::task::spawn_blocking(move || stores.create_organization(organization, now)).await;
    created.map_err(|error| Error::Internal(error.to_string()))??;
    Ok(())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    password: String,
}

#[utoipa::path(post, path = "/api/session", tag = "people", security(()), request_body = Login, responses((status = 200, body = SessionBody)))]
async fn post_session(
    State(app): State<App>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response> {
    let email = normal_email(&login.email).unwrap_or_default();
    app.limits.check_login(&email, crate::auth::caller_address(&app, &headers))?;
    let person = app.stores.control().read(move |tx| tx.person_by_email(&email)).await?;
    let hash = person
        .as_ref()
        .filter(|person| !person.disabled)
        .and_then(|person| person.password_hash.clone());
    if !verify_password(login.password, hash).await? {
        return Err(Error::WrongLogin);
    }
    let person = person.ok_or(Error::WrongLogin)?.id;
    let now = (app.now)();
    let memberships = app.stores.control().read(move |tx| tx.memberships(person)).await?;
    log_in(&app, person, memberships.first().map(|first| first.organization), &headers, now).await
}

/// Opens a session and answers it with its cookie. A session that the same browser had before
/// ends: nobody goes on under a cookie from before the login.
pub async fn log_in(
    app: &App,
    person: PersonId,
    organization: Option<OrganizationId>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Response> {
    if let Some(before) = crate::auth::known_session(app, headers, now).await? {
        end_session(app, &before, now).await?;
    }
    let (token, session) = open_session(app, person, organization, device(headers), now).await?;
    let body = session_body(app, &session).await?;
    let mut response = Json(body).into_response();
    let life_s = limits::SESSION_LIFE_MS / 1000;
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(app, &token, life_s)?);
    Ok(response)
}

/// Opens a session for somebody whose identity is certain; answers its secret.
pub async fn open_session(
    app: &App,
    person: PersonId,
    organization: Option<OrganizationId>,
    device: String,
    now: Timestamp,
) -> Result<(String, Session)> {
    let token = new_secret();
    let token_hash = hash_secret(&token);
    let expires_at = now.plus_ms(limits::SESSION_LIFE_MS);
    let session = app
        .stores
        .control()
        .write(move |tx| {
            let new =
                NewSession { token_hash, person, organization, device: device.clone(), expires_at };
            let id = tx.insert_session(&new, now)?;
            tx.record(now, person, "session.opened", id, serde_json::json!({}));
            tx.verify_session(&token_hash, now)?.ok_or(Error::Unauthenticated)
        })
        .await?;
    Ok((token, session))
}

fn set_cookie(app: &App, token: &str, life_s: i64) -> Result<HeaderValue> {
    let name = cookie_name(app.config.secure());
    let secure = if app.config.secure() { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life_s}{secure}");
    HeaderValue::from_str(&text).map_err(|error| Error::Internal(error.to_string()))
}

/// What a browser says of itself, shortened: enough to tell one's own sessions apart.
fn device(headers: &HeaderMap) -> String {
    let agent =
        headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("unknown");
    agent.chars().filter(|c| !c.is_control()).take(200).collect()
}

pub async fn session_body(app: &App, session: &Session) -> Result<SessionBody> {
    let person = session.person.id;
    let memberships = app.stores.control().read(move |tx| tx.memberships(person)).await?;
    let here = memberships.iter().find(|member| Some(member.organization) == session.organization);
    Ok(SessionBody {
        person: PersonBody {
            id: person.to_string(),
            email: session.person.email.clone().unwrap_or_default(),
            name: session.person.name.clone(),
            operator: session.person.operator,
        },
        organization: here.map(|member| OrganizationBody {
            id: member.organization.to_string(),
            name: member.organization_name.clone(),
        }),
        role: here.map(|member| member.role.as_str().to_string()),
        organizations: memberships
            .iter()
            .map(|member| MembershipBody {
                id: member.organization.to_string(),
                name: member.organization_name.clone(),
                role: member.role.as_str().to_string(),
            })
            .collect(),
        expires_at: session.expires_at.into(),
    })
}

#[utoipa::path(get, path = "/api/session", tag = "people", security(("session" = [])), responses((status = 200, body = SessionBody)))]
async fn get_session(signed_in: SignedIn) -> Result<Json<SessionBody>> {
    Ok(Json(session_body(&signed_in.app, &signed_in.session).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveSession {
    /// Where to go to work.
    #[schema(value_type = String)]
    organization: OrganizationId,
}

#[utoipa::path(patch, path = "/api/session", tag = "people", security(("session" = [])), request_body = MoveSession, responses((status = 200, body = SessionBody)))]
async fn patch_session(
    signed_in: SignedIn,
    Body(to): Body<MoveSession>,
) -> Result<Json<SessionBody>> {
    let SignedIn { session, token_hash, now, app, .. } = signed_in;
    let (id, person) = (session.id, session.person.id);
    let session = app
        .stores
        .control()
        .write(move |tx| {
            tx.membership(to.organization, person)?.ok_or(Error::NotFound)?;
            tx.move_session(id, Some(to.organization))?;
            tx.record(
                now,
                person,
                "session.moved",
                id,
                serde_json::json!({ "organization": to.organization }),
            );
            tx.verify_session(&token_hash, now)?.ok_or(Error::Unauthenticated)
        })
        .await?;
    app.forget_recent();
    Ok(Json(session_body(&app, &session).await?))
}

#[utoipa::path(delete, path = "/api/session", tag = "people", security(("session" = [])), responses((status = 204)))]
async fn delete_session(signed_in: SignedIn) -> Result<Response> {
    let SignedIn { session, now, app, .. } = signed_in;
    end_session(&app, &session, now).await?;
    let mut response = axum::http::StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(&app, "", 0)?);
    response
        .headers_mut()
        .insert("clear-site-data", HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

async fn end_session(app: &App, session: &Session, now: Timestamp) -> Result<()> {
    let (id, person) = (session.id, session.person.id);
    app.stores
        .control()
        .write(move |tx| {
            tx.end_session(person, id)?;
            tx.record(now, person, "session.ended", id, serde_json::json!({}));
            Ok::<_, Error>(())
        })
        .await?;
    app.forget_recent();
    Ok(())
}
