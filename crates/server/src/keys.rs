//! API keys: how programs come in.
//!
//! 1. A key is `fmk_live_` or `fmk_test_` and 43 random characters. It is shown once; what is kept
//!    opens nothing.
//! 2. A key acts for itself, in one role below owner and in one mode; it never becomes a session.
//! 3. A revoked key is felt at the next request.

use crate::auth::{Can, Cx, ManageKeys, ShownOnce, hash_secret};
use crate::people::checked_name;
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Error, Result};
use axum::Json;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use domain::people::Mode;
use domain::{KeyId, Role, limits};
use serde::{Deserialize, Serialize};
use store::{KeyRow, NewKey};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_keys, post_key)).routes(routes!(delete_key))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyBody {
    pub id: String,
    pub name: String,
    pub mode: String,
    pub role: String,
    /// Only in the answer that made the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How the secret ends, to tell keys apart.
    pub hint: String,
    pub created_at: Time,
    pub used_at: Option<Time>,
}

impl From<KeyRow> for KeyBody {
    fn from(key: KeyRow) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            mode: key.mode.as_str().into(),
            role: key.role.as_str().into(),
            secret: None,
            hint: key.hint,
            created_at: key.created_at.into(),
            used_at: key.used_at.map(Time::from),
        }
    }
}

#[utoipa::path(get, path = "/api/keys", tag = "people", params(Paging), responses((status = 200, body = Page<KeyBody>)))]
async fn get_keys(
    cx: Can<ManageKeys>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<KeyBody>>> {
    let organization = cx.actor().organization;
    let keys = cx.stores().control().read(move |tx| tx.keys_of(organization)).await?;
    Ok(Json(paging.newest_first(keys, |key| key.id.0)?))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKeyRequest {
    name: String,
    #[schema(value_type = String)]
    mode: Mode,
    /// Any but owner.
    #[schema(value_type = String)]
    role: Role,
}

/// What an `Idempotency-Key` remembers of a key.
#[derive(Serialize, Deserialize)]
struct Made {
    body: KeyBody,
    shown: ShownOnce,
}

async fn make(cx: &Cx, request: NewKeyRequest) -> Result<KeyBody> {
    let name = checked_name("name", &request.name)?;
    let (mode, role) = (request.mode, request.role);
    if role == Role::Owner {
        return Err(Error::invalid(
            "role",
            "bad_role",
            "a key is a manager, reviewer, contributor or viewer",
        ));
    }
    if !cx.actor().role.may_grant(role) {
        return Err(Error::Forbidden);
    }
    let prefix = format!("fmk_{}_", mode.as_str());
    let inner = cx.clone();
    let kept_prefix = prefix.clone();
    let Made { mut body, shown } = cx
        .write_control(&request, move |tx| {
            let organization = inner.actor().organization;
            if tx.keys_of(organization)?.len() >= limits::KEYS_MAX {
                return Err(Error::refused(
                    "too_many_keys",
                    "revoke some of the keys that nothing uses",
                ));
            }
            let (shown, secret) = ShownOnce::new(&kept_prefix);
            let new = NewKey {
                organization,
                name: name.clone(),
                secret_hash: hash_secret(&secret),
                hint: secret[secret.len() - 4..].into(),
                mode,
                role,
                created_by: inner.person(),
            };
            let key = tx.insert_key(&new, inner.now)?;
            let detail =
                serde_json::json!({ "organization": organization, "mode": mode, "role": role });
            tx.record(inner.now, inner.person(), "key.made", key.id, detail);
            Ok(Made { body: key.into(), shown })
        })
        .await?;
    body.secret = shown.secret(&prefix);
    Ok(body)
}

#[utoipa::path(post, path = "/api/keys", tag = "people", request_body = NewKeyRequest, responses((status = 200, body = KeyBody)))]
async fn post_key(
    cx: Can<ManageKeys>,
    Body(request): Body<NewKeyRequest>,
) -> Result<Json<KeyBody>> {
    Ok(Json(make(&cx, request).await?))
}

#[utoipa::path(delete, path = "/api/keys/{key}", tag = "people", params(("key" = String, Path)), responses((status = 204)))]
async fn delete_key(cx: Can<ManageKeys>, Path(key): Path<String>) -> Result<StatusCode> {
    let key: KeyId = id(&key)?;
    let inner = (*cx).clone();
    cx.write_control(&(), move |tx| {
        let (organization, now) = (inner.actor().organization, inner.now);
        let row = tx
            .keys_of(organization)?
            .into_iter()
            .find(|row| row.id == key)
            .ok_or(Error::NotFound)?;
        tx.revoke_key(organization, key, now)?;
        crate::members::revoke_invitations_of(tx, organization, row.person, None, now)?;
        tx.record(
            now,
            inner.person(),
            "key.revoked",
            key,
            serde_json::json!({ "organization": organization }),
        );
        Ok(())
    })
    .await?;
    cx.app.forget_recent();
    Ok(StatusCode::NO_CONTENT)
}
