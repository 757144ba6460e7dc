//! Invitations: a link that makes its holder a member, once, for seven days.
//!
//! 1. The link is shown to the inviter once, and mailed where mail is configured; what is kept
//!    opens nothing.
//! 2. Nobody invites to a role that he may not grant.
//! 3. A new link to the same address replaces the one before.
//! 4. Somebody who is known here gives the present password; somebody new chooses one.
//! 5. The secret travels behind `#` in the link: no server's log and no other site sees it.

use crate::auth::{Can, Cx, ManageMembers, ShownOnce, caller_address, hash_secret};
use crate::mail::{self, Mailer};
use crate::people::{
    OrganizationBody, SessionBody, checked_email, checked_name, hash_password, log_in,
    verify_password,
};
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Error, Result};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::people::check_password;
use domain::{InvitationId, OrganizationId, PersonId, Role, Timestamp, limits};
use serde::{Deserialize, Serialize};
use store::{Invitation, NewInvitation, Stores, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_invitations, post_invitation))
        .routes(routes!(delete_invitation))
        .routes(routes!(post_open))
        .routes(routes!(post_accept))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationBody {
    pub id: String,
    pub email: String,
    pub role: String,
    /// Only in the answer that made the invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed: Option<bool>,
    pub expires_at: Time,
}

impl From<Invitation> for InvitationBody {
    fn from(row: Invitation) -> Self {
        Self {
            id: row.id.to_string(),
            email: row.email,
            role: row.role.as_str().into(),
            link: None,
            mailed: None,
            expires_at: row.expires_at.into(),
        }
    }
}

/// What an `Idempotency-Key` remembers of an invitation.
#[derive(Serialize, Deserialize)]
pub(crate) struct Made {
    body: InvitationBody,
    organization: String,
    shown: ShownOnce,
}

/// Writes an invitation down. The caller has checked that it may be given.
pub(crate) fn invite(
    tx: &mut Tx<'_>,
    organization: (OrganizationId, &str),
    (email, role): (&str, Role),
    invited_by: PersonId,
    now: Timestamp,
) -> Result<Made> {
    let (organization, organization_name) = organization;
    let pending = tx.invitations(organization)?;
    if pending.len() >= limits::INVITATIONS_MAX {
        return Err(Error::refused(
            "too_many_invitations",
            "revoke some of the invitations that nobody has used",
        ));
    }
    for before in pending.iter().filter(|before| before.email == email) {
        tx.revoke_invitation(organization, before.id, now)?;
    }
    let (shown, secret) = ShownOnce::new("");
    let expires_at = now.plus_ms(limits::INVITATION_LIFE_MS);
    let token_hash = hash_secret(&secret);
    let new = NewInvitation {
        organization,
        email: email.into(),
        role,
        token_hash,
        invited_by,
        expires_at,
    };
    let id = tx.insert_invitation(&new, now)?;
    let detail = serde_json::json!({ "organization": organization, "role": role });
    tx.record(now, invited_by, "invitation.made", id, detail);
    let body = InvitationBody {
        id: id.to_string(),
        email: email.into(),
        role: role.as_str().into(),
        link: None,
        mailed: None,
        expires_at: expires_at.into(),
    };
    Ok(Made { body, organization: organization_name.into(), shown })
}

/// An invitation by the operator, who is at the machine and nobody's colleague.
pub async fn invite_as_operator(
    stores: &Stores,
    (organization, name): (OrganizationId, &str),
    (email, role): (&str, Role),
    (public_url, mailer): (&str, &Mailer),
    now: Timestamp,
) -> Result<InvitationBody> {
    let (email, organization_name) = (checked_email(email)?, name.to_string());
    let made = stores
        .control()
        .write(move |tx| {
            check_no_member(tx, organization, &email)?;
            let organization = (organization, organization_name.as_str());
            invite(tx, organization, (&email, role), PersonId(0), now)
        })
        .await?;
    Ok(show(public_url, mailer, made).await)
}

fn check_no_member(tx: &mut Tx<'_>, organization: OrganizationId, email: &str) -> Result<()> {
    match tx.person_by_email(email)? {
        Some(person) if tx.membership(organization, person.id)?.is_some() => {
            Err(Error::refused("already_member", "this person is a member already"))
        }
        _ => Ok(()),
    }
}

/// Shows the link to the inviter, and sends it where mail is configured.
pub(crate) async fn show(public_url: &str, mailer: &Mailer, made: Made) -> InvitationBody {
    let Made { mut body, organization, shown } = made;
    let Some(secret) = shown.secret("") else {
        body.mailed = Some(false);
        return body;
    };
    let link = format!("{}/invitation#token={secret}", public_url.trim_end_matches('/'));
    let letter = mail::invitation(&organization, &body.role, &link, body.expires_at);
    body.mailed = Some(mailer.send(&body.email, letter).await);
    body.link = Some(link);
    body
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationRequest {
    email: String,
    #[schema(value_type = String)]
    role: Role,
}

async fn make(cx: &Cx, request: InvitationRequest) -> Result<InvitationBody> {
    let (email, role) = (checked_email(&request.email)?, request.role);
    if !cx.actor().role.may_grant(role) {
        return Err(Error::Forbidden);
    }
    let organization = cx.actor().organization;
    cx.app.limits.check_invitation(organization)?;
    let inner = cx.clone();
    let made = cx
        .write_control(&request, move |tx| {
            let name = tx.organization_by_id(organization)?.ok_or(Error::NotFound)?.name;
            check_no_member(tx, organization, &email)?;
            invite(tx, (organization, &name), (&email, role), inner.person(), inner.now)
        })
        .await?;
    Ok(show(&cx.app.config.public_url, &cx.app.mailer, made).await)
}

#[utoipa::path(post, path = "/api/invitations", tag = "people", request_body = InvitationRequest, responses((status = 200, body = InvitationBody)))]
async fn post_invitation(
    cx: Can<ManageMembers>,
    Body(request): Body<InvitationRequest>,
) -> Result<Json<InvitationBody>> {
    Ok(Json(make(&cx, request).await?))
}

/// The invitations that nobody has used or revoked; those that have run out are among them.
#[utoipa::path(get, path = "/api/invitations", tag = "people", params(Paging), responses((status = 200, body = Page<InvitationBody>)))]
async fn get_invitations(
    cx: Can<ManageMembers>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<InvitationBody>>> {
    let organization = cx.actor().organization;
    let rows = cx.stores().control().read(move |tx| tx.invitations(organization)).await?;
    Ok(Json(paging.newest_first(rows, |row| row.id.0)?))
}

#[utoipa::path(delete, path = "/api/invitations/{invitation}", tag = "people", params(("invitation" = String, Path)), responses((status = 204)))]
async fn delete_invitation(
    cx: Can<ManageMembers>,
    Path(invitation): Path<String>,
) -> Result<StatusCode> {
    let invitation: InvitationId = id(&invitation)?;
    let inner = (*cx).clone();
    cx.write_control(&(), move |tx| {
        let organization = inner.actor().organization;
        if !tx.revoke_invitation(organization, invitation, inner.now)? {
            return Err(Error::NotFound);
        }
        let detail = serde_json::json!({ "organization": organization });
        tx.record(inner.now, inner.person(), "invitation.revoked", invitation, detail);
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The invitation of a link, if it can still be used.
fn usable(tx: &mut Tx<'_>, token_hash: &[u8; 32], now: Timestamp) -> Result<Invitation> {
    let invitation = tx.invitation_by_token(token_hash)?.ok_or(Error::NotFound)?;
    if invitation.accepted {
        return ended("invitation_used", "this invitation was used already; sign in");
    }
    if invitation.revoked {
        return ended("invitation_revoked", "this invitation was revoked; ask for a new one");
    }
    if invitation.expires_at <= now {
        return ended("invitation_expired", "this invitation has run out; ask for a new one");
    }
    Ok(invitation)
}

fn ended<T>(code: &'static str, message: &str) -> Result<T> {
    Err(Error::Gone { code, message: message.into() })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenInvitation {
    token: String,
}

#[derive(Serialize, ToSchema)]
struct OpenedInvitation {
    organization: OrganizationBody,
    email: String,
    role: String,
    /// Whether this address has an account here, whose password is then asked for.
    known: bool,
}

#[utoipa::path(post, path = "/api/invitations/open", tag = "people", security(()), request_body = OpenInvitation, responses((status = 200, body = OpenedInvitation)))]
async fn post_open(
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<OpenInvitation>,
) -> Result<Json<OpenedInvitation>> {
    let (token_hash, now) = (hash_secret(request.token.trim()), (app.now)());
    app.limits.check_token(&token_hash, caller_address(&app, &headers))?;
    let (invitation, known) = app
        .stores
        .control()
        .read(move |tx| {
            let invitation = usable(tx, &token_hash, now)?;
            let known = tx.person_by_email(&invitation.email)?.is_some();
            Ok::<_, Error>((invitation, known))
        })
        .await?;
    let organization = OrganizationBody {
        id: invitation.organization.to_string(),
        name: invitation.organization_name,
    };
    let role = invitation.role.as_str().to_string();
    Ok(Json(OpenedInvitation { organization, email: invitation.email, role, known }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptInvitation {
    token: String,
    /// Wanted of somebody new.
    #[serde(default)]
    name: Option<String>,
    /// The present one of somebody known; the chosen one of somebody new.
    password: String,
}

#[utoipa::path(post, path = "/api/invitations/accept", tag = "people", security(()), request_body = AcceptInvitation, responses((status = 200, body = SessionBody)))]
async fn post_accept(
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<AcceptInvitation>,
) -> Result<Response> {
    let (token_hash, now) = (hash_secret(request.token.trim()), (app.now)());
    app.limits.check_token(&token_hash, caller_address(&app, &headers))?;
    let (invitation, known) = app
        .stores
        .control()
        .read(move |tx| {
            let invitation = usable(tx, &token_hash, now)?;
            let known = tx.person_by_email(&invitation.email)?;
            Ok::<_, Error>((invitation, known))
        })
        .await?;
    let email = invitation.email.clone();
    let newcomer = match &known {
        Some(person) => {
            app.limits.check_login(&email, None)?;
            let hash = person.password_hash.clone().filter(|_| !person.disabled);
            if !verify_password(request.password, hash).await? {
                return Err(Error::WrongLogin);
            }
            None
        }
        None => {
            let name = checked_name("name", request.name.as_deref().unwrap_or_default())?;
            check_password(&request.password, &email)?;
            Some((name, hash_password(request.password).await?))
        }
    };
    let known = known.map(|person| person.id);
    let (person, organization) = app
        .stores
        .control()
        .write(move |tx| {
            // Looked at again: somebody may have been faster.
            let invitation = usable(tx, &token_hash, now)?;
            let organization = invitation.organization;
            let person = match (known, &newcomer) {
                (Some(person), _) => person,
                (None, Some((name, hash))) => {
                    let id = PersonId(tx.new_id(now));
                    let person =
                        crate::people::new_person(&email, name, Some(hash.clone()), false, id);
                    tx.insert_person(&person, now)?;
                    id
                }
                (None, None) => return Err(Error::WrongLogin),
            };
            if tx.membership(organization, person)?.is_some() {
                return Err(Error::refused("already_member", "you are a member already; sign in"));
            }
            tx.accept_invitation(invitation.id, now)?;
            tx.set_membership(organization, person, invitation.role, now)?;
            let detail =
                serde_json::json!({ "organization": organization, "role": invitation.role });
            tx.record(now, person, "invitation.accepted", invitation.id, detail);
            Ok((person, organization))
        })
        .await?;
    app.forget_recent();
    log_in(&app, person, Some(organization), &headers, now).await
}
