//! A person's own doors: where they are signed in, their password, and how they sign up.

use crate::auth::{SignedIn, caller_address};
use crate::people::{checked_email, checked_name, hash_password, new_person, verify_password};
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Error, Result};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use domain::people::check_password;
use domain::{PersonId, SessionId};
use serde::{Deserialize, Serialize};
use store::SessionRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_sessions))
        .routes(routes!(delete_one_session))
        .routes(routes!(put_password))
        .routes(routes!(post_sign_up))
}

#[derive(Serialize, ToSchema)]
struct SessionRowBody {
    id: String,
    created_at: Time,
    seen_at: Time,
    /// What the browser said of itself.
    device: String,
    /// Whether this is the session that asks.
    current: bool,
}

impl From<SessionRow> for SessionRowBody {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id.to_string(),
            created_at: row.created_at.into(),
            seen_at: row.seen_at.into(),
            device: row.device,
            current: false,
        }
    }
}

#[utoipa::path(get, path = "/api/sessions", tag = "people", security(("session" = [])), params(Paging), responses((status = 200, body = Page<SessionRowBody>)))]
async fn get_sessions(
    signed_in: SignedIn,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SessionRowBody>>> {
    let SignedIn { session, now, app, .. } = signed_in;
    let person = session.person.id;
    let rows = app.stores.control().read(move |tx| tx.sessions(person, now)).await?;
    let mut page: Page<SessionRowBody> = paging.newest_first(rows, |row| row.id.0)?;
    let current = session.id.to_string();
    page.items.iter_mut().for_each(|row| row.current = row.id == current);
    Ok(Json(page))
}

#[utoipa::path(delete, path = "/api/sessions/{session}", tag = "people", security(("session" = [])), params(("session" = String, Path)), responses((status = 204)))]
async fn delete_one_session(
    signed_in: SignedIn,
    Path(session): Path<String>,
) -> Result<StatusCode> {
    let (session, person, now): (SessionId, _, _) =
        (id(&session)?, signed_in.session.person.id, signed_in.now);
    signed_in
        .write(&(), move |tx| {
            if !tx.end_session(person, session)? {
                return Err(Error::NotFound);
            }
            tx.record(now, person, "session.ended", session, serde_json::json!({}));
            Ok(())
        })
        .await?;
    signed_in.app.forget_recent();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    current: String,
    new: String,
}

/// Changes the caller's own password and ends the other sessions. A repeat whose first answer was
/// lost finds the new password in place and is content: no recorded answer is needed, and no hash
/// of a password is kept with one.
#[utoipa::path(put, path = "/api/password", tag = "people", security(("session" = [])), request_body = PasswordChange, responses((status = 204)))]
async fn put_password(
    signed_in: SignedIn,
    headers: HeaderMap,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode> {
    let SignedIn { session, now, app, .. } = signed_in;
    let person = session.person.id;
    let email = session.person.email.clone().unwrap_or_default();
    app.limits.check_login(&email, caller_address(&app, &headers))?;
    check_password(&change.new, &email).map_err(|refusal| Error::from(refusal).at("new"))?;
    // Not what the session remembers: it may be a moment old.
    let kept = app.stores.control().read(move |tx| tx.person(person)).await?;
    let hash = kept.and_then(|person| person.password_hash);
    if !verify_password(change.current, hash.clone()).await? {
        if verify_password(change.new, hash).await? {
            return Ok(StatusCode::NO_CONTENT);
        }
        return Err(Error::invalid(
            "current",
            "wrong_password",
            "this is not your present password",
        ));
    }
    let hash = hash_password(change.new).await?;
    let session = session.id;
    app.stores
        .control()
        .write(move |tx| {
            tx.set_password(person, &hash)?;
            let ended = tx.end_other_sessions(person, session)?;
            tx.record(
                now,
                person,
                "password.changed",
                person,
                serde_json::json!({ "sessions_ended": ended }),
            );
            Ok::<_, Error>(())
        })
        .await?;
    app.forget_recent();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    email: String,
    name: String,
    password: String,
}

/// Makes an account that is a member of nothing. An address that has one already is answered the
/// same, as late, so that nobody learns who has an account; and nothing is changed.
#[utoipa::path(post, path = "/api/sign-up", tag = "people", security(()), request_body = SignUp, responses((status = 204)))]
async fn post_sign_up(
    State(app): State<App>,
    headers: HeaderMap,
    Body(new): Body<SignUp>,
) -> Result<StatusCode> {
    if !app.config.sign_up_open {
        return Err(Error::refused(
            "sign_up_closed",
            "accounts are made by invitation on this installation",
        ));
    }
    let (email, name) = (checked_email(&new.email)?, checked_name("name", &new.name)?);
    app.limits.check_login(&email, caller_address(&app, &headers))?;
    check_password(&new.password, &email)?;
    let (hash, now) = (hash_password(new.password).await?, (app.now)());
    app.stores
        .control()
        .write(move |tx| {
            if tx.person_by_email(&email)?.is_some() {
                return Ok(());
            }
            let person = PersonId(tx.new_id(now));
            tx.insert_person(&new_person(&email, &name, Some(hash.clone()), false, person), now)?;
            tx.record(now, person, "person.signed_up", person, serde_json::json!({}));
            Ok::<_, Error>(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
