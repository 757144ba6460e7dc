//! Clouds of points on their way to a screen: made into a tree of tiles when they come in, and handed out in parts.
//!
//! | Door | What |
//! |---|---|
//! | `GET /api/items/{item}/clouds/{cloud}` | what the tree of a cloud is made of |
//! | `GET /api/items/{item}/clouds/{cloud}/points` | its points, the coarse ones first, in parts if wanted |
//! | `GET /api/items/{item}/clouds/{cloud}/cameras/{camera}` | what a camera saw at the same moment |
//!
//! - **C1** An item of clouds is one cloud, or up to 500 along a drive; each may have up to 32 cameras.
//! - **C4** A cloud is read whole before its item comes to be: what is broken or cut short is refused with a reason, and
//!   what a screen shows is made in the same turn, by few hands at a time.
//! - **C5** What is made is sealed, lies under its content, and can be made again at any time.

use crate::auth::{Can, SeeProjects};
use crate::imports::spool::Spool;
use crate::intake::Fault;
use crate::items::{send_picture, visible_item};
use crate::ranges::{self, File};
use crate::renditions::{self, on_own_thread};
use crate::wire::id;
use crate::{App, Cx, Error, Result};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::limits;
use domain::scenes::{Camera, Cloud, Distortion, NewScene, Pose, Scene};
use formats::clouds::{self, CloudError, Kind};
use formats::exchange::Scratch;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, BufWriter, Write};
use store::blobs::{BlobAddress, OrganizationBlobs};
use store::{ItemRow, NewRendition};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_cloud))
        .routes(routes!(get_points))
        .routes(routes!(get_camera))
}

/// An item of clouds on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SceneBody {
    /// One for each moment, in the order of time.
    pub clouds: Vec<CloudBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CloudBody {
    pub file: String,
    /// Points of the file.
    pub points: u64,
    pub index_url: String,
    pub points_url: String,
    /// What takes a place of the file to the world: `translation` in metres, `rotation` w, x, y, z.
    #[schema(value_type = Object)]
    pub pose: Pose,
    /// Seconds, as the sender counts them.
    pub time: Option<f64>,
    pub cameras: Vec<CameraBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CameraBody {
    pub name: String,
    pub url: String,
    pub width: i64,
    pub height: i64,
    /// What takes a place before the camera to pixels, row by row.
    pub intrinsic: [[f64; 3]; 3],
    /// How its lens bends straight lines: `model` and `coefficients` (C13).
    #[schema(value_type = Option<Object>)]
    pub distortion: Option<Distortion>,
    /// What takes a place before the camera (x right, y down, z ahead) to the world.
    #[schema(value_type = Object)]
    pub pose: Pose,
}

pub(crate) fn body(item: &ItemRow) -> Option<SceneBody> {
    let scene = item.payload.scene.as_ref()?;
    let clouds = scene.clouds.iter().enumerate().map(|(i, cloud)| {
        let at = format!("/api/items/{}/clouds/{i}", item.id);
        let cameras = cloud.cameras.iter().enumerate().map(|(j, camera)| CameraBody {
            name: camera.name.clone(),
            url: format!("{at}/cameras/{j}"),
            width: camera.width,
            height: camera.height,
            intrinsic: camera.intrinsic,
            distortion: camera.distortion.clone(),
            pose: camera.pose,
        });
        CloudBody {
            file: cloud.file.clone(),
            points: cloud.points,
            pose: cloud.pose,
            time: cloud.time,
            cameras: cameras.collect(),
            points_url: format!("{at}/points"),
            index_url: at,
        }
    });
    Some(SceneBody { clouds: clouds.collect() })
}

/// A cloud that was read and found good.
pub(crate) struct Tiled {
    pub points: u64,
    index: BlobAddress,
    tiles: BlobAddress,
}

impl Tiled {
    /// What a screen asks for, of the cloud that is `at` this place of its item.
    fn renditions(&self, at: usize) -> [NewRendition; 2] {
        let made = |kind, address: BlobAddress, mime| NewRendition {
            kind,
            address: address.to_string(),
            mime,
        };
        [
            made(format!("cloud/{at}"), self.index, "application/json"),
            made(format!("cloud/{at}/points"), self.tiles, "application/octet-stream"),
        ]
    }
}

/// Reads a cloud and makes its tiles (C4). The inner error says why it is refused.
pub(crate) async fn tile(
    app: &App,
    blobs: &OrganizationBlobs,
    address: BlobAddress,
    name: &str,
) -> Result<Result<Tiled, Fault>> {
    let Some(kind) = Kind::of(name) else {
        let message = "the name of a cloud ends in .pcd, .bin, .pcd.bin, .las or .laz";
        return Ok(Err(Fault::new("file", "not_a_cloud", message)));
    };
    let hand = app.studio.cloud_hand().await?;
    let blobs = blobs.clone();
    on_own_thread(move || {
        let _hand = hand;
        make(&blobs, &address, kind)
    })
    .await
}

fn make(
    blobs: &OrganizationBlobs,
    address: &BlobAddress,
    kind: Kind,
) -> Result<Result<Tiled, Fault>> {
    let broken = |error: io::Error| Error::Internal(format!("a cloud could not be made: {error}"));
    let mut open = || {
        let file = blobs.open_read(address).map_err(io::Error::other)?;
        clouds::Cloud::open(BufReader::with_capacity(1 << 18, file), kind)
    };
    let mut scratch: Box<dyn Scratch> = Box::new(Spool::new().map_err(broken)?);
    let mut out = BufWriter::with_capacity(1 << 18, Spool::new().map_err(broken)?);
    let made =
        clouds::tiles(&mut open, limits::CLOUD_POINTS_MAX, &mut *scratch, &mut out, &mut || Ok(()));
    let index = match made {
        Ok(index) => index,
        Err(CloudError::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
            return Err(broken(error));
        }
        Err(error) => return Ok(Err(Fault::new("file", error.code(), error.to_string()))),
    };
    out.flush().map_err(broken)?;
    let tiles = out.into_inner().map_err(|error| broken(error.into_error()))?;
    let tiles = blobs.put_from(tiles, u64::MAX)?.address;
    let told = serde_json::to_vec(&index)?;
    let index_at = blobs.put_from(&told[..], u64::MAX)?.address;
    Ok(Ok(Tiled { points: index.points, index: index_at, tiles }))
}

/// One file of a scene, wherever it comes from.
pub(crate) struct Part {
    pub address: BlobAddress,
    pub bytes: i64,
}

/// Makes an item of one cloud.
pub(crate) fn of_one(
    tiled: &Tiled,
    file: String,
    address: String,
    bytes: i64,
) -> (Scene, Vec<NewRendition>) {
    let cloud = Cloud {
        file,
        address,
        bytes,
        points: tiled.points,
        pose: Pose::default(),
        time: None,
        cameras: vec![],
    };
    (Scene { clouds: vec![cloud] }, tiled.renditions(0).into())
}

/// What an item of clouds is made of, and what is shown of it.
pub(crate) type Made = (Scene, Vec<NewRendition>);

/// Puts together the clouds and cameras of an item. `part` finds a file; `wait` waits for what is made.
pub(crate) fn assemble(
    cx: &Cx,
    new: &NewScene,
    part: &mut dyn FnMut(&str) -> Result<Result<Part, Fault>>,
    wait: &mut dyn FnMut(Work<'_>) -> Result<()>,
) -> Result<Result<Made, Fault>> {
    let (mut scene, mut renditions) = (Scene::default(), Vec::new());
    for (i, cloud) in new.clouds.iter().enumerate() {
        let under = |field: String| {
            move |fault: Fault| Fault { field: format!("scene.clouds[{i}]{field}"), ..fault }
        };
        let found = match part(&cloud.path)? {
            Ok(found) => found,
            Err(fault) => return Ok(Err(under(".path".into())(fault))),
        };
        let mut tiled = None;
        let blobs = cx.access().blobs();
        wait(Box::pin(async {
            tiled = Some(tile(&cx.app, blobs, found.address, &cloud.path).await?);
            Ok(())
        }))?;
        let tiled = match tiled {
            Some(Ok(tiled)) => tiled,
            Some(Err(fault)) => return Ok(Err(under(".path".into())(fault))),
            None => return Err(Error::Internal("a cloud was not waited for".into())),
        };
        renditions.extend(tiled.renditions(i));
        let pose = cloud.in_world();
        let mut cameras = Vec::new();
        for (j, camera) in cloud.cameras.iter().enumerate() {
            let field = || under(format!(".cameras[{j}].path"));
            let found = match part(&camera.path)? {
                Ok(found) => found,
                Err(fault) => return Ok(Err(field()(fault))),
            };
            let mut developed = None;
            wait(Box::pin(async {
                let bytes = blobs.read_all(&found.address, limits::PICTURE_FILE_BYTES_MAX).await?;
                developed = Some(renditions::develop(&cx.app, blobs, bytes.into()).await?);
                Ok(())
            }))?;
            let developed = match developed {
                Some(Ok(developed)) => developed,
                Some(Err(refusal)) => {
                    let fault = Fault::new("path", refusal.code(), refusal.to_string());
                    return Ok(Err(field()(fault)));
                }
                None => return Err(Error::Internal("a picture was not waited for".into())),
            };
            renditions.extend(shown(developed.renditions, &format!("camera/{i}/{j}")));
            cameras.push(Camera {
                name: camera.name.clone(),
                file: camera.path.clone(),
                address: found.address.to_string(),
                width: developed.width.into(),
                height: developed.height.into(),
                intrinsic: camera.intrinsic,
                distortion: camera.distortion.clone().filter(|lens| !lens.is_none()),
                pose: camera.in_world(&pose),
            });
        }
        scene.clouds.push(Cloud {
            file: cloud.path.clone(),
            address: found.address.to_string(),
            bytes: found.bytes,
            points: tiled.points,
            pose,
            time: cloud.time,
            cameras,
        });
    }
    Ok(Ok((scene, renditions)))
}

/// Something to wait for.
pub(crate) type Work<'a> =
    std::pin::Pin<Box<dyn std::future::Future<Output = Result<()>> + Send + 'a>>;

/// Of what was made of a picture, what a screen shows: all of it, or the preview of one that is very large.
fn shown(made: Vec<NewRendition>, kind: &str) -> Option<NewRendition> {
    let wanted =
        ["full", "preview"].iter().find_map(|wanted| made.iter().find(|one| one.kind == *wanted));
    wanted.map(|one| NewRendition { kind: kind.into(), ..one.clone() })
}

/// Where a part of an item of clouds is, made now if it was not before (C5); nothing where there is none.
async fn find(cx: &Cx, item: &ItemRow, kind: &str) -> Result<Option<(BlobAddress, String)>> {
    if let Some(found) = renditions::look_up(cx, item.id, kind).await? {
        return Ok(Some(found));
    }
    let mut parts = kind.split('/');
    let what = parts.next().unwrap_or_default();
    let numbers: Vec<usize> = parts.filter_map(|part| part.parse().ok()).collect();
    let scene = item.payload.scene.as_ref();
    let at = numbers.first().copied().unwrap_or(usize::MAX);
    let Some(cloud) = scene.and_then(|scene| scene.clouds.get(at)) else { return Ok(None) };
    let camera = numbers.get(1).and_then(|at| cloud.cameras.get(*at));
    let address = match (what, camera) {
        ("cloud", None) => &cloud.address,
        ("camera", Some(camera)) => &camera.address,
        _ => return Ok(None),
    };
    let address: BlobAddress = address
        .parse()
        .map_err(|_| Error::Internal(format!("{} has a file without an address", item.id)))?;
    let lock = cx.app.studio.lock_of(cx.actor().organization, item.id);
    let _making = lock.lock().await;
    if let Some(found) = renditions::look_up(cx, item.id, kind).await? {
        return Ok(Some(found));
    }
    let blobs = cx.access().blobs();
    let made: Vec<NewRendition> = if what == "cloud" {
        let tiled = tile(&cx.app, blobs, address, &cloud.file).await?;
        let unfit = |fault: Fault| {
            Error::Internal(format!("a cloud that was taken is refused: {}", fault.message))
        };
        tiled.map_err(unfit)?.renditions(at).into()
    } else {
        let bytes = blobs.read_all(&address, limits::PICTURE_FILE_BYTES_MAX).await?;
        let developed = renditions::develop(&cx.app, blobs, bytes.into()).await?;
        let unfit =
            |refusal| Error::Internal(format!("a picture that was taken is refused: {refusal}"));
        shown(developed.map_err(unfit)?.renditions, kind).into_iter().collect()
    };
    let id = item.id;
    cx.store().write(move |tx| tx.insert_renditions(id, &made)).await?;
    renditions::look_up(cx, item.id, kind).await
}

async fn found(cx: &Cx, item: &str, kind: &str) -> Result<(BlobAddress, String)> {
    let item = id(item)?;
    let inner = cx.clone();
    let (item, _) = cx.read(move |tx| visible_item(tx, &inner, item)).await?;
    find(cx, &item, kind).await?.ok_or(Error::NotFound)
}

fn number(text: &str) -> Result<u32> {
    text.parse().map_err(|_| Error::NotFound)
}

#[utoipa::path(get, path = "/api/items/{item}/clouds/{cloud}", tag = "data", params(("item" = String, Path), ("cloud" = u32, Path)), responses((status = 200, content_type = "application/json", body = Object), (status = 304)))]
async fn get_cloud(
    cx: Can<SeeProjects>,
    Path((item, cloud)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let (address, mime) = found(&cx, &item, &format!("cloud/{}", number(&cloud)?)).await?;
    send_picture(cx.access().blobs(), &address, &mime, &headers).await
}

#[utoipa::path(get, path = "/api/items/{item}/clouds/{cloud}/points", tag = "data", params(("item" = String, Path), ("cloud" = u32, Path)), responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206), (status = 304), (status = 416)))]
async fn get_points(
    cx: Can<SeeProjects>,
    Path((item, cloud)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let (address, mime) = found(&cx, &item, &format!("cloud/{}/points", number(&cloud)?)).await?;
    let blobs = cx.access().blobs();
    let sent = File {
        address: &address,
        bytes: blobs.get(&address, 0..0).await?.length,
        tag: &address.to_string(),
        media_type: &mime,
        cache: "private, max-age=86400, immutable",
    };
    ranges::send(blobs, sent, &headers, &[]).await
}

#[utoipa::path(get, path = "/api/items/{item}/clouds/{cloud}/cameras/{camera}", tag = "data", params(("item" = String, Path), ("cloud" = u32, Path), ("camera" = u32, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_camera(
    cx: Can<SeeProjects>,
    Path((item, cloud, camera)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let kind = format!("camera/{}/{}", number(&cloud)?, number(&camera)?);
    let (address, mime) = found(&cx, &item, &kind).await?;
    send_picture(cx.access().blobs(), &address, &mime, &headers).await
}
