//! Pictures in instructions.
//!
//! | Door | Command |
//! |---|---|
//! | `POST /api/projects/{project}/pictures` | takes a picture, without its metadata |
//! | `GET /api/pictures/{address}` | shows it to every member |

use crate::auth::{Can, ManageProjects, SeeProjects};
use crate::items::send_picture;
use crate::projects::visible;
use crate::renditions;
use crate::uploads::Raw;
use crate::wire::id;
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{ProjectId, limits};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::blobs::BlobAddress;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    let taking = OpenApiRouter::new()
        .routes(routes!(post_picture))
        .layer(DefaultBodyLimit::max(limits::PICTURE_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(get_picture)).merge(taking)
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PictureAt {
    pub address: String,
    /// What to write into the Markdown: `![what it shows](url)`.
    pub url: String,
    pub width: i64,
    pub height: i64,
}

/// Takes a picture for the instructions of a project. The same again is the same picture.
pub async fn take(cx: &Cx, project: ProjectId, bytes: Bytes) -> Result<PictureAt> {
    let inner = cx.clone();
    cx.read(move |tx| visible(tx, &inner, project).map(|_| ())).await?;
    let blobs = cx.access().blobs();
    let developed = renditions::develop(&cx.app, blobs, bytes).await?;
    let developed =
        developed.map_err(|refusal| Error::invalid("file", refusal.code(), refusal.to_string()))?;
    // As large as it came, unless that is too large to be shown whole.
    let shown = developed.renditions.iter().find(|made| made.kind == "full");
    let shown = shown.or_else(|| developed.renditions.iter().find(|made| made.kind == "preview"));
    let shown =
        shown.cloned().ok_or_else(|| Error::Internal("a picture without a preview".into()))?;
    let taken = PictureAt {
        url: format!("/api/pictures/{}", shown.address),
        address: shown.address.clone(),
        width: developed.width.into(),
        height: developed.height.into(),
    };
    let inner = cx.clone();
    cx.write(&(project, taken.address.clone()), move |tx| {
        visible(tx, &inner, project)?;
        let size = (taken.width, taken.height);
        if tx.insert_picture(project, &taken.address, shown.mime, size, inner.now)? {
            tx.record(inner.now, inner.person(), "picture.added", project, json!({}));
        }
        Ok(taken.clone())
    })
    .await
}

#[utoipa::path(post, path = "/api/projects/{project}/pictures", tag = "projects", params(("project" = String, Path)), request_body(content = Vec<u8>, content_type = "image/*"), responses((status = 200, body = PictureAt)))]
async fn post_picture(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Raw(bytes): Raw,
) -> Result<Json<PictureAt>> {
    Ok(Json(take(&cx, id(&project)?, bytes).await?))
}

#[utoipa::path(get, path = "/api/pictures/{address}", tag = "projects", params(("address" = String, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_picture(
    cx: Can<SeeProjects>,
    Path(address): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let address: BlobAddress = id(&address)?;
    let text = address.to_string();
    let mode = cx.actor().mode;
    let mime = cx.read(move |tx| Ok(tx.picture(mode, &text)?)).await?.ok_or(Error::NotFound)?;
    send_picture(cx.access().blobs(), &address, &mime, &headers).await
}
