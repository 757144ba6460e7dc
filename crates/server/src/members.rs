//! Members: who belongs to an organization, and as what.
//!
//! 1. Nobody grants what he does not hold, nor takes it from somebody who holds more.
//! 2. The last owner stays, and stays owner.
//! 3. A change is felt at the next request: sessions follow the membership, and invitations that
//!    somebody may no longer give are revoked with his right to give them.

use crate::auth::{Can, Cx, ManageMembers};
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Error, Result};
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use domain::{OrganizationId, PersonId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Member, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_members)).routes(routes!(patch_member, delete_member))
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct MemberBody {
    pub person: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub joined_at: Time,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            person: member.person.to_string(),
            email: member.email.unwrap_or_default(),
            name: member.name,
            role: member.role.as_str().into(),
            joined_at: member.joined_at.into(),
        }
    }
}

#[utoipa::path(get, path = "/api/members", tag = "people", params(Paging), responses((status = 200, body = Page<MemberBody>)))]
async fn get_members(
    cx: Can<ManageMembers>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MemberBody>>> {
    let (after, limit) = (PersonId(paging.after()?), paging.limit()?);
    let organization = cx.actor().organization;
    let members =
        cx.stores().control().read(move |tx| tx.members(organization, after, limit)).await?;
    let last = members.last().map(|member| member.person.0);
    Ok(Json(Page::new(members.into_iter().map(MemberBody::from).collect(), limit, last)))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleChange {
    #[schema(value_type = String)]
    role: Role,
}

/// The role of a member whom the caller may change; the others exist, but are above him.
fn held(tx: &mut Tx<'_>, cx: &Cx, person: PersonId) -> Result<Role> {
    let actor = cx.actor();
    let role = tx.membership(actor.organization, person)?.ok_or(Error::NotFound)?;
    if actor.role.may_grant(role) { Ok(role) } else { Err(Error::Forbidden) }
}

fn check_an_owner_stays(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    leaving: PersonId,
) -> Result<()> {
    if tx.owners(organization)?.iter().any(|owner| *owner != leaving) {
        return Ok(());
    }
    Err(Error::refused(
        "last_owner",
        "an organization keeps an owner; make somebody else one first",
    ))
}

/// Revokes the invitations of somebody who may not give them any longer.
pub(crate) fn revoke_invitations_of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    role: Option<Role>,
    now: Timestamp,
) -> Result<()> {
    for invitation in tx.invitations(organization)? {
        let may = role.is_some_and(|role| role.may_grant(invitation.role));
        if invitation.invited_by == person && !may {
            tx.revoke_invitation(organization, invitation.id, now)?;
        }
    }
    Ok(())
}

/// Gives a member another role.
pub async fn change_role(cx: &Cx, person: PersonId, role: Role) -> Result<MemberBody> {
    if !cx.actor().role.may_grant(role) {
        return Err(Error::Forbidden);
    }
    let inner = cx.clone();
    let changed = cx
        .write_control(&role, move |tx| {
            let (organization, now) = (inner.actor().organization, inner.now);
            let before = held(tx, &inner, person)?;
            if before == Role::Owner && role != Role::Owner {
                check_an_owner_stays(tx, organization, person)?;
            }
            tx.set_membership(organization, person, role, now)?;
            revoke_invitations_of(tx, organization, person, Some(role), now)?;
            let detail =
                serde_json::json!({ "organization": organization, "from": before, "to": role });
            tx.record(now, inner.person(), "member.changed", person, detail);
            let member = tx.members(organization, PersonId(person.0 - 1), 1)?.into_iter().next();
            Ok(member.ok_or(Error::NotFound)?.into())
        })
        .await?;
    cx.app.forget_recent();
    Ok(changed)
}

#[utoipa::path(patch, path = "/api/members/{person}", tag = "people", params(("person" = String, Path)), request_body = RoleChange, responses((status = 200, body = MemberBody)))]
async fn patch_member(
    cx: Can<ManageMembers>,
    Path(person): Path<String>,
    Body(change): Body<RoleChange>,
) -> Result<Json<MemberBody>> {
    Ok(Json(change_role(&cx, id(&person)?, change.role).await?))
}

/// Ends a membership, and with it every session's right to be here.
pub async fn remove(cx: &Cx, person: PersonId) -> Result<()> {
    let inner = cx.clone();
    cx.write_control(&(), move |tx| {
        let (organization, now) = (inner.actor().organization, inner.now);
        if held(tx, &inner, person)? == Role::Owner {
            check_an_owner_stays(tx, organization, person)?;
        }
        tx.remove_membership(organization, person)?;
        revoke_invitations_of(tx, organization, person, None, now)?;
        let detail = serde_json::json!({ "organization": organization });
        tx.record(now, inner.person(), "member.removed", person, detail);
        Ok(())
    })
    .await?;
    cx.app.forget_recent();
    Ok(())
}

#[utoipa::path(delete, path = "/api/members/{person}", tag = "people", params(("person" = String, Path)), responses((status = 204)))]
async fn delete_member(cx: Can<ManageMembers>, Path(person): Path<String>) -> Result<StatusCode> {
    remove(&cx, id(&person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
