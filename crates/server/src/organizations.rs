//! Organizations: made by the operator, named and ended by their owners.
//!
//! 1. The operator makes an organization and says who owns it: by invitation, or himself.
//! 2. To destroy one takes an owner, two steps, and its name typed in both. Its keys go, and with
//!    them everything that was sealed under them, here and in every backup.

use crate::auth::{Can, ManageOrganization, Operator, ShownOnce, SignedIn, hash_secret};
use crate::invitations::{self, InvitationBody, Made};
use crate::people::{OrganizationBody, checked_email, checked_name, create_store};
use crate::wire::{Body, Page, Paging, Time};
use crate::{App, Error, Result};
use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use domain::{OrganizationId, Role, Timestamp, limits};
use serde::{Deserialize, Serialize};
use store::OrganizationRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_organizations, post_organization))
        .routes(routes!(patch_organization, delete_organization))
        .routes(routes!(post_destruction))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct OrganizationRowBody {
    pub id: String,
    pub name: String,
    pub created_at: Time,
    pub state: String,
    /// Only in the answer that made the organization, if somebody was invited to own it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationBody>,
}

impl From<OrganizationRow> for OrganizationRowBody {
    fn from(row: OrganizationRow) -> Self {
        let state = if row.closed { "closed" } else { "active" };
        let (id, created_at) = (row.id.to_string(), row.created_at.into());
        Self { id, name: row.name, created_at, state: state.into(), invitation: None }
    }
}

#[utoipa::path(get, path = "/api/organizations", tag = "people", security(("session" = [])), params(Paging), responses((status = 200, body = Page<OrganizationRowBody>)))]
async fn get_organizations(
    Operator(signed_in): Operator,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<OrganizationRowBody>>> {
    let (after, limit) = (OrganizationId(paging.after()?), paging.limit()?);
    let control = signed_in.app.stores.control();
    let rows = control.read(move |tx| tx.organizations_after(after, limit)).await?;
    let last = rows.last().map(|row| row.id.0);
    Ok(Json(Page::new(rows.into_iter().map(OrganizationRowBody::from).collect(), limit, last)))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    name: String,
    /// The email of its first owner, who is invited. Without it, the caller is.
    #[serde(default)]
    owner: Option<String>,
}

#[utoipa::path(post, path = "/api/organizations", tag = "people", security(("session" = [])), request_body = NewOrganization, responses((status = 200, body = OrganizationRowBody)))]
async fn post_organization(
    Operator(signed_in): Operator,
    Body(new): Body<NewOrganization>,
) -> Result<Json<OrganizationRowBody>> {
    let name = checked_name("name", &new.name)?;
    let owner =
        new.owner.as_deref().map(checked_email).transpose().map_err(|error| error.at("owner"))?;
    let (person, now) = (signed_in.session.person.id, signed_in.now);
    let (mut body, made): (OrganizationRowBody, Option<Made>) = signed_in
        .write(&new, move |tx| {
            if tx.organization_by_name(&name)?.is_some() {
                return Err(name_taken(&name));
            }
            let id = OrganizationId(tx.new_id(now));
            tx.insert_organization(id, &name, now)?;
            tx.record(now, person, "organization.made", id, serde_json::json!({}));
            let made = match &owner {
                Some(email) => {
                    Some(invitations::invite(tx, (id, &name), (email, Role::Owner), person, now)?)
                }
                None => {
                    tx.set_membership(id, person, Role::Owner, now)?;
                    None
                }
            };
            Ok((
                OrganizationRow { id, name: name.clone(), closed: false, created_at: now }.into(),
                made,
            ))
        })
        .await?;
    let app = &signed_in.app;
    let id = body.id.parse().map_err(|_| Error::Internal("an id does not read back".into()))?;
    create_store(app, id, now).await?;
    app.forget_recent();
    if let Some(made) = made {
        body.invitation = Some(invitations::show(&app.config.public_url, &app.mailer, made).await);
    }
    Ok(Json(body))
}

fn name_taken(name: &str) -> Error {
    Error::refused("name_taken", format!("there is already an organization called {name}"))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

#[utoipa::path(patch, path = "/api/organization", tag = "people", request_body = Rename, responses((status = 200, body = OrganizationBody)))]
async fn patch_organization(
    cx: Can<ManageOrganization>,
    Body(to): Body<Rename>,
) -> Result<Json<OrganizationBody>> {
    let name = checked_name("name", &to.name)?;
    let (actor, now) = (cx.actor(), cx.now);
    let body = cx
        .write_control(&to, move |tx| {
            let id = actor.organization;
            if tx.organization_by_name(&name)?.is_some_and(|other| other.id != id) {
                return Err(name_taken(&name));
            }
            tx.rename_organization(id, &name)?;
            tx.record(now, actor.person, "organization.renamed", id, serde_json::json!({}));
            Ok(OrganizationBody { id: id.to_string(), name: name.clone() })
        })
        .await?;
    Ok(Json(body))
}

/// What the first step of a destruction leaves for the second.
#[derive(Serialize, Deserialize)]
struct Intent {
    by: domain::PersonId,
    confirmation_hash: [u8; 32],
    expires_at: i64,
}

fn intent_name(organization: OrganizationId) -> String {
    format!("destruction:{organization}")
}

#[derive(Serialize, ToSchema)]
struct Destruction {
    /// To be sent with the second step.
    confirmation: String,
    expires_at: Time,
}

fn not_confirmed() -> Error {
    Error::refused("not_confirmed", "the confirmation has run out; begin again")
}

fn check_typed(typed: &str, name: &str) -> Result<()> {
    if typed.trim() == name {
        return Ok(());
    }
    Err(Error::invalid(
        "name",
        "name_differs",
        "type the name of the organization, exactly as it is",
    ))
}

/// The first step: says what shall be destroyed, and gets a confirmation that is good for ten
/// minutes. Nothing is destroyed yet.
#[utoipa::path(post, path = "/api/organization/destruction", tag = "people", request_body = Rename, responses((status = 200, body = Destruction)))]
async fn post_destruction(
    cx: Can<ManageOrganization>,
    Body(typed): Body<Rename>,
) -> Result<Json<Destruction>> {
    let (actor, now) = (cx.actor(), cx.now);
    let (shown, expires_at): (ShownOnce, Time) = cx
        .write_control(&typed.clone(), move |tx| {
            let id = actor.organization;
            let organization = tx.organization_by_id(id)?.ok_or(Error::NotFound)?;
            check_typed(&typed.name, &organization.name)?;
            let (shown, confirmation) = ShownOnce::new("");
            let expires_at = now.plus_ms(limits::DESTRUCTION_LIFE_MS);
            let intent = Intent {
                by: actor.person,
                confirmation_hash: hash_secret(&confirmation),
                expires_at: expires_at.0,
            };
            tx.set_setting(&intent_name(id), &serde_json::to_string(&intent)?)?;
            tx.record(
                now,
                actor.person,
                "organization.destruction_asked",
                id,
                serde_json::json!({}),
            );
            Ok((shown, expires_at.into()))
        })
        .await?;
    let confirmation = shown.secret("").ok_or_else(not_confirmed)?;
    Ok(Json(Destruction { confirmation, expires_at }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Destroy {
    name: String,
    confirmation: String,
}

/// The second step: the keys go, then the doors close. If the process ends in between, the same
/// call goes on; so it asks the control store who owns, and not the store that may be gone.
#[utoipa::path(delete, path = "/api/organization", tag = "people", security(("session" = [])), request_body = Destroy, responses((status = 204)))]
async fn delete_organization(
    signed_in: SignedIn,
    Body(typed): Body<Destroy>,
) -> Result<StatusCode> {
    let SignedIn { session, now, app, .. } = signed_in;
    let (Some(id), Some(Role::Owner)) = (session.organization, session.role) else {
        return Err(Error::Forbidden);
    };
    let person = session.person.id;
    let confirmation_hash = hash_secret(&typed.confirmation);
    app.stores
        .control()
        .write(move |tx| {
            let organization = tx.organization_by_id(id)?.ok_or(Error::NotFound)?;
            check_typed(&typed.name, &organization.name)?;
            let intent = tx
                .setting(&intent_name(id))?
                .map(|text| serde_json::from_str::<Intent>(&text))
                .transpose()?;
            let fits = intent.is_some_and(|intent| {
                intent.by == person
                    && intent.confirmation_hash == confirmation_hash
                    && intent.expires_at > now.0
            });
            if !fits {
                return Err(not_confirmed());
            }
            tx.record(now, person, "organization.destruction_begun", id, serde_json::json!({}));
            Ok(())
        })
        .await?;
    let stores = app.stores.clone();
    let destroyed =
        tokio::task::spawn_blocking(move || stores.destroy_organization_keys(id, now)).await;
    destroyed.map_err(|error| Error::Internal(error.to_string()))??;
    close(&app, id, person, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes the doors of an organization and frees its name.
async fn close(
    app: &App,
    id: OrganizationId,
    person: domain::PersonId,
    now: Timestamp,
) -> Result<()> {
    app.stores
        .control()
        .write(move |tx| {
            tx.close_organization(id)?;
            tx.rename_organization(id, &id.to_string())?;
            tx.remove_setting(&intent_name(id))?;
            tx.record(now, person, "organization.destroyed", id, serde_json::json!({}));
            Ok::<_, Error>(())
        })
        .await?;
    app.forget_recent();
    Ok(())
}
