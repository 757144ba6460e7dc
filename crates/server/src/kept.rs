//! What people keep for themselves: saved views, and how they look at their work (K1–K3).
//!
//! | Door | Command |
//! |---|---|
//! | `GET /api/kept` | everything that the caller keeps in this organization |
//! | `PUT /api/kept/{entry}` | [`keep`]: keeps a value under an entry |
//! | `DELETE /api/kept/{entry}` | [`forget`]: keeps nothing under it any more |
//!
//! - **K1** Each person has entries of their own, and nobody sees those of another. A value is JSON that the server does
//!   not look into; it is sealed.
//! - **K2** An entry is one thing, as one view: two devices that change different things do not meet. Of the same entry the last to
//!   arrive counts, and the same again changes nothing.
//! - **K3** It is no part of anybody's work: no event tells of it, and no release holds it.

use crate::wire::Body;
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use domain::limits;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::KeptRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_kept)).routes(routes!(put_kept, delete_kept))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeptBody {
    pub entries: Vec<EntryBody>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EntryBody {
    pub entry: String,
    #[schema(value_type = Object)]
    pub value: Value,
    /// Rises with each change.
    pub version: i64,
}

impl From<KeptRow> for EntryBody {
    fn from(KeptRow { entry, value, version, .. }: KeptRow) -> Self {
        Self { entry, value, version }
    }
}

#[utoipa::path(get, path = "/api/kept", tag = "people", responses((status = 200, body = KeptBody)))]
async fn get_kept(cx: Cx) -> Result<Json<KeptBody>> {
    let person = cx.person();
    let rows = cx.read(move |tx| Ok(tx.kept(person)?)).await?;
    Ok(Json(KeptBody { entries: rows.into_iter().map(EntryBody::from).collect() }))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    /// At most 16 KiB of JSON.
    #[schema(value_type = Object)]
    pub value: Value,
}

fn checked(entry: &str) -> Result<()> {
    let is_sound = (1..=64).contains(&entry.len())
        && entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if is_sound {
        return Ok(());
    }
    let message = "an entry is 1 to 64 characters of A–Z a–z 0–9 _ - .";
    Err(Error::invalid("entry", "bad_key", message))
}

/// Keeps a value under an entry (K2).
pub async fn keep(cx: &Cx, entry: String, value: Value) -> Result<EntryBody> {
    checked(&entry)?;
    if value.to_string().len() > limits::KEPT_BYTES_MAX {
        return Err(Error::invalid("value", "too_long", "a value has at most 16 KiB of JSON"));
    }
    let (person, now) = (cx.person(), cx.now);
    cx.store()
        .write(move |tx| {
            match tx.kept_entry(person, &entry)? {
                Some(same) if same.value == value => return Ok(same.into()),
                Some(_) => {}
                None if tx.count_kept(person)? >= limits::KEPT_MAX => {
                    let message = "you keep 500 entries: remove some of your views";
                    return Err(Error::refused("too_many_kept", message));
                }
                None => {}
            }
            Ok(tx.keep(person, &entry, &value, now)?.into())
        })
        .await
}

#[utoipa::path(put, path = "/api/kept/{entry}", tag = "people", params(("entry" = String, Path)), request_body = Keeping, responses((status = 200, body = EntryBody)))]
async fn put_kept(
    cx: Cx,
    Path(entry): Path<String>,
    Body(body): Body<Keeping>,
) -> Result<Json<EntryBody>> {
    Ok(Json(keep(&cx, entry, body.value).await?))
}

/// Keeps nothing under an entry any more; nor was there, perhaps.
pub async fn forget(cx: &Cx, entry: String) -> Result<()> {
    checked(&entry)?;
    let person = cx.person();
    cx.store().write(move |tx| Ok::<_, Error>(tx.drop_kept(person, &entry)?)).await
}

#[utoipa::path(delete, path = "/api/kept/{entry}", tag = "people", params(("entry" = String, Path)), responses((status = 200)))]
async fn delete_kept(cx: Cx, Path(entry): Path<String>) -> Result<Json<Value>> {
    forget(&cx, entry).await?;
    Ok(Json(json!({})))
}
