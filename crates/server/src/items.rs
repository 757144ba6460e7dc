//! Items as their holders and readers see them.
//!
//! | Door | What |
//! |---|---|
//! | `GET /api/projects/{project}/items` | a list, for those who see labels |
//! | `GET /api/items/{item}`, `/thumb`, `/preview`, `/full`, `/tiles/…` | one item and its picture |
//! | `GET /api/items/{item}/cameras/{camera}/…` | the same of each of several pictures of one moment, from 0 |
//! | `GET /api/items/{item}/video`, `/frames` | a video, in parts, and where its frames lie |
//!
//! - **D1** An item is seen by those who see labels, and by whoever holds its task at the moment. To
//!   everybody else it is not there.
//! - **D2** What is sent of a picture is made here, without metadata; the file as it came stays inside. A video is sent as
//!   it came, since browsers decode it, and only in the parts that are asked for.

use crate::auth::{Can, SeeLabels, SeeProjects};
use crate::clouds::{self, SceneBody};
use crate::projects::visible;
use crate::ranges::{self, File};
use crate::renditions;
use crate::wire::{Page, Paging, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::people::Permission;
use domain::projects::Media;
use domain::{ItemId, TaskId, limits};
use formats::video::Container;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use store::blobs::{BlobAddress, OrganizationBlobs};
use store::{ItemRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_items))
        .routes(routes!(get_item))
        .routes(routes!(get_thumb))
        .routes(routes!(get_item_preview))
        .routes(routes!(get_full))
        .routes(routes!(get_tile))
        .routes(routes!(get_camera_thumb))
        .routes(routes!(get_camera_preview))
        .routes(routes!(get_camera_full))
        .routes(routes!(get_camera_tile))
        .routes(routes!(get_video))
        .routes(routes!(get_frames))
}

/// An item on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ItemBody {
    pub id: String,
    pub project: String,
    pub external_id: String,
    pub name: String,
    /// `image`, `video`, `text` or `cloud`.
    pub media: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub bytes: i64,
    #[schema(value_type = Object)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
    pub task: String,
    pub created_at: Time,
    /// Of several pictures of one moment the first, as are width and height.
    pub picture: Option<PictureBody>,
    /// Several pictures of one moment, side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cameras: Vec<CameraPicture>,
    pub video: Option<VideoBody>,
    pub text: Option<String>,
    /// Its clouds and cameras, where it is of clouds; not in lists.
    pub scene: Option<SceneBody>,
}

/// Where the parts of a picture are. Level 0 is the full size; each next is half of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PictureBody {
    pub levels: Vec<LevelBody>,
    pub tile_size: i64,
    /// Only where the picture is small enough to be shown whole.
    pub full_url: Option<String>,
    pub preview_url: String,
    pub thumb_url: String,
    /// With `{level}`, `{col}` and `{row}` to be filled in.
    pub tile_url: String,
}

/// One of several pictures of one moment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CameraPicture {
    /// What the objects of an answer call it.
    pub name: String,
    pub width: i64,
    pub height: i64,
    pub picture: PictureBody,
}

/// Where a video is, and the table of its frames (`docs/spec/frames.md`).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VideoBody {
    pub frames: i64,
    pub video_url: String,
    pub frames_url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LevelBody {
    pub level: i64,
    pub width: i64,
    pub height: i64,
}

/// Side of a tile; a picture longer than `FULL_SIDE_MAX` on a side is shown in tiles.
pub const TILE_SIDE: i64 = 512;
pub const FULL_SIDE_MAX: i64 = 4096;

/// How an item is told from others in a list: by the beginning of its text, or its name, or its external id.
pub(crate) fn short_name(item: &ItemRow) -> String {
    let text = item.payload.text.as_deref().unwrap_or(&item.payload.name);
    let name = if text.is_empty() { item.external_id.as_str() } else { text };
    name.chars().take(120).collect()
}

/// An item with its text and metadata.
pub fn body(item: &ItemRow, task: TaskId) -> ItemBody {
    let size = item.width.zip(item.height).filter(|_| item.media == Media::Image);
    let at = format!("/api/items/{}", item.id);
    let picture = size.map(|(width, height)| picture_at(&at, width, height));
    let cameras = item.payload.pictures.iter().enumerate().map(|(nth, one)| CameraPicture {
        name: one.name.clone(),
        width: one.width,
        height: one.height,
        picture: picture_at(&format!("{at}/cameras/{nth}"), one.width, one.height),
    });
    let video = item.frames.map(|frames| VideoBody {
        frames,
        video_url: format!("{at}/video"),
        frames_url: format!("{at}/frames"),
    });
    ItemBody {
        id: item.id.to_string(),
        project: item.project.to_string(),
        external_id: item.external_id.clone(),
        name: item.payload.name.clone(),
        media: match item.media {
            Media::Image => "image".into(),
            Media::Text => "text".into(),
            Media::Cloud => "cloud".into(),
            Media::Video => "video".into(),
        },
        width: item.width,
        height: item.height,
        bytes: item.bytes,
        metadata: item.payload.metadata.clone(),
        task: task.to_string(),
        created_at: item.created_at.into(),
        picture,
        cameras: cameras.collect(),
        video,
        text: item.payload.text.clone(),
        scene: clouds::body(item),
    }
}

fn picture_at(at: &str, width: i64, height: i64) -> PictureBody {
    PictureBody {
        levels: levels(width, height),
        tile_size: TILE_SIDE,
        full_url: (width.max(height) <= FULL_SIDE_MAX).then(|| format!("{at}/full")),
        preview_url: format!("{at}/preview"),
        thumb_url: format!("{at}/thumb"),
        tile_url: format!("{at}/tiles/{{level}}/{{col}}/{{row}}"),
    }
}

pub(crate) fn levels(width: i64, height: i64) -> Vec<LevelBody> {
    let mut levels = vec![LevelBody { level: 0, width, height }];
    let (mut width, mut height) = (width, height);
    while width.max(height) > TILE_SIDE {
        (width, height) = ((width + 1) / 2, (height + 1) / 2);
        levels.push(LevelBody { level: levels.len() as i64, width, height });
    }
    levels
}

/// The item, if the caller may know of it (D1).
pub(crate) fn visible_item(tx: &mut Tx<'_>, cx: &Cx, id: ItemId) -> Result<(ItemRow, TaskId)> {
    let item = tx.item(id)?.ok_or(Error::NotFound)?;
    let project = tx.project(item.project)?.ok_or(Error::NotFound)?;
    let in_sight = cx.may(Permission::SeeLabels) || tx.holds_item(cx.person(), id)?;
    if project.mode != cx.actor().mode || !in_sight {
        return Err(Error::NotFound);
    }
    let task = tx.task_of_item(id)?.ok_or(Error::NotFound)?;
    Ok((item, task))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ItemsQuery {
    /// The beginning of the external id.
    q: Option<String>,
}

/// Characters of a text that a list shows.
const LISTED_CHARS: usize = 1_000;

#[utoipa::path(get, path = "/api/projects/{project}/items", tag = "data", params(("project" = String, Path), ItemsQuery, Paging), responses((status = 200, body = Page<ItemBody>)))]
async fn get_items(
    cx: Can<SeeLabels>,
    Path(project): Path<String>,
    Query(query): Query<ItemsQuery>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ItemBody>>> {
    let project = id(&project)?;
    let (after, limit) = (TaskId(paging.after()?), paging.limit()?);
    let inner = (*cx).clone();
    let rows = cx
        .read(move |tx| {
            visible(tx, &inner, project)?;
            Ok(tx.list_items(project, query.q.as_deref(), after, limit)?)
        })
        .await?;
    let last = rows.last().map(|(_, task)| task.0);
    let items = rows.into_iter().map(|(mut item, task)| {
        if let Some(text) = &mut item.payload.text
            && let Some((end, _)) = text.char_indices().nth(LISTED_CHARS)
        {
            text.truncate(end);
        }
        item.payload.scene = None;
        body(&item, task)
    });
    Ok(Json(Page::new(items.collect(), limit, last)))
}

#[utoipa::path(get, path = "/api/items/{item}", tag = "data", params(("item" = String, Path)), responses((status = 200, body = ItemBody)))]
async fn get_item(cx: Can<SeeProjects>, Path(item): Path<String>) -> Result<Json<ItemBody>> {
    let item = id(&item)?;
    let inner = (*cx).clone();
    let (item, task) = cx.read(move |tx| visible_item(tx, &inner, item)).await?;
    Ok(Json(body(&item, task)))
}

#[utoipa::path(get, path = "/api/items/{item}/thumb", tag = "data", params(("item" = String, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_thumb(
    cx: Can<SeeProjects>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, "thumb", &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/preview", tag = "data", params(("item" = String, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_item_preview(
    cx: Can<SeeProjects>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, "preview", &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/full", tag = "data", params(("item" = String, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_full(
    cx: Can<SeeProjects>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, "full", &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/tiles/{level}/{col}/{row}", tag = "data", params(("item" = String, Path), ("level" = u32, Path), ("col" = u32, Path), ("row" = u32, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_tile(
    cx: Can<SeeProjects>,
    Path((item, level, col, row)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, &tile(&level, &col, &row)?, &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/cameras/{camera}/thumb", tag = "data", params(("item" = String, Path), ("camera" = u32, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_camera_thumb(
    cx: Can<SeeProjects>,
    Path((item, camera)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, &of_camera(&camera, "thumb")?, &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/cameras/{camera}/preview", tag = "data", params(("item" = String, Path), ("camera" = u32, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_camera_preview(
    cx: Can<SeeProjects>,
    Path((item, camera)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, &of_camera(&camera, "preview")?, &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/cameras/{camera}/full", tag = "data", params(("item" = String, Path), ("camera" = u32, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_camera_full(
    cx: Can<SeeProjects>,
    Path((item, camera)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, &of_camera(&camera, "full")?, &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/cameras/{camera}/tiles/{level}/{col}/{row}", tag = "data", params(("item" = String, Path), ("camera" = u32, Path), ("level" = u32, Path), ("col" = u32, Path), ("row" = u32, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_camera_tile(
    cx: Can<SeeProjects>,
    Path((item, camera, level, col, row)): Path<(String, String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    rendition(&cx, &item, &of_camera(&camera, &tile(&level, &col, &row)?)?, &headers).await
}

/// The rendition of the picture of a camera.
fn of_camera(camera: &str, kind: &str) -> Result<String> {
    let camera: u32 = camera.parse().map_err(|_| Error::NotFound)?;
    Ok(format!("picture/{camera}/{kind}"))
}

fn tile(level: &str, col: &str, row: &str) -> Result<String> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| Error::NotFound);
    Ok(format!("tile/{}/{}/{}", number(level)?, number(col)?, number(row)?))
}

/// How long a browser keeps what never changes under its address.
const KEPT: &str = "private, max-age=86400, immutable";

#[utoipa::path(get, path = "/api/items/{item}/video", tag = "data", params(("item" = String, Path)), responses((status = 200, content_type = "video/*", body = Vec<u8>), (status = 206), (status = 304), (status = 416)))]
async fn get_video(
    cx: Can<SeeProjects>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let item = id(&item)?;
    let inner = (*cx).clone();
    let (item, _) = cx.read(move |tx| visible_item(tx, &inner, item)).await?;
    let address = item.address.as_deref().filter(|_| item.media == Media::Video);
    let address = ranges::address(address.ok_or(Error::NotFound)?)?;
    let tag = address.to_string();
    let blobs = cx.access().blobs();
    let first = blobs.get(&address, 0..4).await?.stream.try_next().await?.unwrap_or_default();
    // Matroska begins with the mark of EBML, and nothing else that was taken does.
    let container =
        if first[..] == [0x1a, 0x45, 0xdf, 0xa3] { Container::WebM } else { Container::Mp4 };
    let file = File {
        address: &address,
        bytes: item.bytes as u64,
        tag: &tag,
        media_type: container.media_type(),
        cache: KEPT,
    };
    ranges::send(blobs, file, &headers, &[(header::CONTENT_SECURITY_POLICY, BY_ITSELF)]).await
}

#[utoipa::path(get, path = "/api/items/{item}/frames", tag = "data", params(("item" = String, Path)), responses((status = 200, content_type = "application/vnd.fairmark.frames", body = Vec<u8>), (status = 304)))]
async fn get_frames(
    cx: Can<SeeProjects>,
    Path(item): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let packs = headers.get_all(header::ACCEPT_ENCODING).iter().any(|value| {
        value.to_str().is_ok_and(|ways| ways.split(',').any(|way| way.trim() == "gzip"))
    });
    let kind = if packs { renditions::FRAMES_PACKED } else { renditions::FRAMES };
    let mut response = rendition(&cx, &item, kind, &headers).await?;
    let put = response.headers_mut();
    put.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packs {
        put.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

async fn rendition(cx: &Cx, item: &str, kind: &str, headers: &HeaderMap) -> Result<Response> {
    let item = id(item)?;
    let inner = cx.clone();
    let (item, _) = cx.read(move |tx| visible_item(tx, &inner, item)).await?;
    let (address, mime) = renditions::find(cx, &item, kind).await?.ok_or(Error::NotFound)?;
    send_picture(cx.access().blobs(), &address, &mime, headers).await
}

/// Opened by itself, a file is a picture or a video and nothing else.
const BY_ITSELF: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// Sends a picture of ours. It never changes under its address, so a browser asks once.
pub(crate) async fn send_picture(
    blobs: &OrganizationBlobs,
    address: &BlobAddress,
    mime: &str,
    headers: &HeaderMap,
) -> Result<Response> {
    let etag = format!("\"{address}\"");
    let known =
        headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known
        .flat_map(|text| text.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content = blobs.get(address, 0..limits::PICTURE_FILE_BYTES_MAX).await?;
        let length = HeaderValue::from(content.length);
        let mut response = Body::from_stream(content.stream).into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
        response
    };
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    put(header::ETAG, &etag);
    put(header::CONTENT_TYPE, mime);
    put(header::CACHE_CONTROL, KEPT);
    put(header::CONTENT_SECURITY_POLICY, BY_ITSELF);
    Ok(response)
}
