//! What people see of a picture: made once, from bytes that nobody trusts, by few hands at a time.
//!
//! - **R1** Pictures are decoded on threads of their own, two at a time, and a very large one alone: a
//!   hundred megapixels cost memory for a moment, not the server.
//! - **R2** Thumbnail, preview and full copy are made together, from one decoding; tiles all at once
//!   when the first of them is asked for, or ahead of that, one picture at a time, when somebody takes
//!   the task into their hands: most screens never wait for them.
//! - **R3** Everything is stored sealed, under its content, and can be made again at any time.

use crate::items::PictureBody;
use crate::queue::Claim;
use crate::{App, Cx, Error, Result};
use bytes::Bytes;
use domain::projects::Media;
use domain::{ItemId, OrganizationId, limits};
use formats::pictures::{self, Encoded, Limits, Picture, Probe, Refusal, TILE_SIDE, Tile};
use formats::video::{self, Video};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use store::blobs::{BlobAddress, OrganizationBlobs};
use store::{ItemRow, NewRendition};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Whoever makes the pictures of an item, and those who wait for them.
type Making = Weak<tokio::sync::Mutex<()>>;

/// Where pictures are made, and who waits for which.
pub struct Studio {
    permits: Arc<Semaphore>,
    /// The one hand that cuts tiles ahead of the first request.
    ahead: Semaphore,
    /// Clouds that are read side by side.
    clouds: Arc<Semaphore>,
    making: Mutex<HashMap<(OrganizationId, ItemId), Making>>,
}

impl Default for Studio {
    fn default() -> Self {
        let permits = Arc::new(Semaphore::new(limits::DECODERS_MAX as usize));
        let clouds = Arc::new(Semaphore::new(limits::CLOUDS_AT_ONCE));
        Self { permits, ahead: Semaphore::new(1), clouds, making: Mutex::default() }
    }
}

impl Studio {
    /// Waits for a hand that is free; for all of them, where the picture needs much memory (R1).
    async fn hand(&self, probe: &Probe) -> Result<OwnedSemaphorePermit> {
        let count =
            if probe.memory_bytes > limits::DECODER_BYTES_MAX { limits::DECODERS_MAX } else { 1 };
        let permit = Arc::clone(&self.permits).acquire_many_owned(count).await;
        permit.map_err(|error| Error::Internal(error.to_string()))
    }

    /// Waits for a hand that is free to read a cloud.
    pub(crate) async fn cloud_hand(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.clouds).acquire_owned().await;
        permit.map_err(|error| Error::Internal(error.to_string()))
    }

    /// The lock of one item: whoever holds it makes its renditions, the others find them made.
    pub(crate) fn lock_of(
        &self,
        organization: OrganizationId,
        item: ItemId,
    ) -> Arc<tokio::sync::Mutex<()>> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        making.retain(|_, lock| lock.strong_count() > 0);
        let slot = making.entry((organization, item)).or_default();
        slot.upgrade().unwrap_or_else(|| {
            let lock = Arc::default();
            *slot = Arc::downgrade(&lock);
            lock
        })
    }
}

/// A picture that was looked at and found good, and what was made of it.
#[derive(Clone, Debug)]
pub struct Developed {
    /// As it is shown.
    pub width: u32,
    pub height: u32,
    /// Of a video.
    pub frames: Option<i64>,
    pub renditions: Vec<NewRendition>,
}

/// Looks at a picture and makes what is shown of it (R2). The inner error says why it is refused.
pub async fn develop(
    app: &App,
    blobs: &OrganizationBlobs,
    bytes: Bytes,
) -> Result<Result<Developed, Refusal>> {
    let picture_limits = Limits::default();
    let probe = match pictures::probe(&bytes, &picture_limits) {
        Ok(probe) => probe,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let hand = app.studio.hand(&probe).await?;
    let made = on_own_thread(move || {
        let made = make(&bytes, &probe, &picture_limits);
        drop(hand);
        Ok(made)
    })
    .await?;
    let made = match made {
        Ok(made) => made,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut renditions = Vec::with_capacity(made.len());
    for (kind, mime, bytes) in made {
        let stored = blobs.put_bytes(bytes.into()).await?;
        renditions.push(NewRendition {
            kind: kind.into(),
            address: stored.address.to_string(),
            mime,
        });
    }
    let (width, height) = (probe.oriented_width, probe.oriented_height);
    Ok(Ok(Developed { width, height, frames: None, renditions }))
}

/// The renditions of a video: where its frames lie, and the same under gzip.
pub(crate) const FRAMES: &str = "frames";
pub(crate) const FRAMES_PACKED: &str = "frames/gzip";

/// Looks at a video and writes down where its frames lie. The inner error says why it is refused.
pub(crate) async fn index(
    blobs: &OrganizationBlobs,
    address: BlobAddress,
) -> Result<Result<Developed, video::Refusal>> {
    let blobs = blobs.clone();
    on_own_thread(move || {
        let found = match video::probe(blobs.open_read(&address)?) {
            Ok(found) => found,
            // The disk, or what was sealed: no fault of the file's.
            Err(video::Refusal::Io(error)) => return Err(Error::Internal(error.to_string())),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (width, height, frames) = (found.width, found.height, Some(found.frames() as i64));
        let packed = found.to_packed_table().map_err(|error| Error::Internal(error.to_string()))?;
        let mut renditions = Vec::new();
        for (kind, table) in [(FRAMES, found.to_table()), (FRAMES_PACKED, packed)] {
            let address = blobs.put_from(&table[..], u64::MAX)?.address.to_string();
            let (kind, mime) = (kind.into(), Video::TABLE_MEDIA_TYPE);
            renditions.push(NewRendition { kind, address, mime });
        }
        Ok(Ok(Developed { width, height, frames, renditions }))
    })
    .await
}

/// The pixels of an item's picture, for a model to look at. The inner error says why there are none.
pub(crate) async fn pixels(cx: &Cx, item: &ItemRow) -> Result<Result<Picture, Refusal>> {
    let Some(Ok(address)) = item.address.as_deref().map(str::parse::<BlobAddress>) else {
        return Err(Error::Internal(format!("{} has no picture", item.id)));
    };
    let bytes = cx.access().blobs().read_all(&address, limits::PICTURE_FILE_BYTES_MAX).await?;
    let picture_limits = Limits::default();
    let probe = match pictures::probe(&bytes, &picture_limits) {
        Ok(probe) => probe,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let hand = cx.app.studio.hand(&probe).await?;
    on_own_thread(move || {
        let picture = pictures::decode(&bytes, &picture_limits);
        drop(hand);
        Ok(picture)
    })
    .await
}

type Made = Vec<(&'static str, &'static str, Vec<u8>)>;

fn make(bytes: &[u8], probe: &Probe, picture_limits: &Limits) -> Result<Made, Refusal> {
    let picture = pictures::decode(bytes, picture_limits)?;
    let encoded = |kind, encoded: Encoded| (kind, encoded.encoding.media_type(), encoded.bytes);
    let mut made = vec![
        encoded("thumb", pictures::thumbnail(&picture, pictures::THUMBNAIL_SIDE)?),
        encoded("preview", pictures::preview(&picture)?),
    ];
    drop(picture);
    if !pictures::needs_tiles(probe.width, probe.height) {
        let full = pictures::strip_metadata(bytes, picture_limits)?;
        made.push(("full", full.media_type, full.bytes));
    }
    Ok(made)
}

/// Begins to cut the pictures that somebody is about to see in tiles (R2).
pub(crate) fn cut_ahead(cx: &Cx, claims: &[Claim]) {
    for claim in claims {
        let Ok(id) = claim.item.id.parse::<ItemId>() else { continue };
        let in_tiles = |picture: &PictureBody| picture.full_url.is_none();
        let mut kinds = Vec::new();
        if claim.item.cameras.is_empty() && claim.item.picture.as_ref().is_some_and(in_tiles) {
            kinds.push("tile/0/0/0".to_owned());
        }
        for (nth, camera) in claim.item.cameras.iter().enumerate() {
            if in_tiles(&camera.picture) {
                kinds.push(format!("picture/{nth}/tile/0/0/0"));
            }
        }
        if kinds.is_empty() {
            continue;
        }
        let cx = cx.clone();
        tokio::spawn(async move {
            let Ok(_turn) = cx.app.studio.ahead.acquire().await else { return };
            let made = match cx.read(move |tx| Ok(tx.item(id)?)).await {
                Ok(Some(item)) => {
                    let mut made = Ok(());
                    for kind in kinds {
                        made = made.and(find(&cx, &item, &kind).await.map(drop));
                    }
                    made
                }
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = made {
                tracing::warn!(%error, item = %id, "tiles were not cut ahead");
            }
        });
    }
}

/// Where a rendition of an item is, made now if it was not before; nothing if the item has no such
/// rendition. Whether the caller may see it was asked before.
pub async fn find(cx: &Cx, item: &ItemRow, kind: &str) -> Result<Option<(BlobAddress, String)>> {
    let Some((mut size, mut address)) =
        item.width.zip(item.height).map(|s| (s, item.address.as_deref()))
    else {
        return Ok(None);
    };
    // Those of the first of several pictures are those of the item.
    let mut prefix = String::new();
    let mut kind = kind;
    if let Some((nth, rest)) = kind.strip_prefix("picture/").and_then(|rest| rest.split_once('/')) {
        let nth: usize = nth.parse().unwrap_or(usize::MAX);
        let Some(picture) = item.payload.pictures.get(nth) else { return Ok(None) };
        (size, address, kind) =
            ((picture.width, picture.height), Some(picture.address.as_str()), rest);
        if nth > 0 {
            prefix = format!("picture/{nth}/");
        }
    }
    let is_there = match item.media {
        Media::Image => exists(size, kind),
        Media::Video => [FRAMES, FRAMES_PACKED].contains(&kind),
        Media::Text | Media::Cloud => false,
    };
    if !is_there {
        return Ok(None);
    }
    let full = format!("{prefix}{kind}");
    if let Some(found) = look_up(cx, item.id, &full).await? {
        return Ok(Some(found));
    }
    let lock = cx.app.studio.lock_of(cx.actor().organization, item.id);
    let _making = lock.lock().await;
    if let Some(found) = look_up(cx, item.id, &full).await? {
        return Ok(Some(found));
    }
    let address: BlobAddress = match address.map(str::parse) {
        Some(Ok(address)) => address,
        _ => return Err(Error::Internal(format!("{} has a size and no picture", item.id))),
    };
    let blobs = cx.access().blobs();
    let unfit = |refusal: &dyn std::fmt::Display| {
        Error::Internal(format!("a file that was taken is refused: {refusal}"))
    };
    let mut renditions = if item.media == Media::Video {
        index(blobs, address).await?.map_err(|refusal| unfit(&refusal))?.renditions
    } else {
        let bytes: Bytes = blobs.read_all(&address, limits::PICTURE_FILE_BYTES_MAX).await?.into();
        if kind.starts_with("tile/") {
            cut(&cx.app, blobs, bytes).await?.map_err(|refusal| unfit(&refusal))?
        } else {
            let developed = develop(&cx.app, blobs, bytes).await?;
            developed.map_err(|refusal| unfit(&refusal))?.renditions
        }
    };
    for made in &mut renditions {
        made.kind.insert_str(0, &prefix);
    }
    let id = item.id;
    cx.store().write(move |tx| tx.insert_renditions(id, &renditions)).await?;
    look_up(cx, item.id, &full).await
}

/// Whether a picture of this size has such a rendition.
fn exists((width, height): (i64, i64), kind: &str) -> bool {
    match kind {
        "thumb" | "preview" => true,
        "full" => width.max(height) <= crate::items::FULL_SIDE_MAX,
        tile => {
            let parts: Option<Vec<i64>> = tile
                .strip_prefix("tile/")
                .map(|rest| rest.split('/').filter_map(|part| part.parse().ok()).collect());
            let Some([level, col, row]) = parts.as_deref() else { return false };
            let levels = crate::items::levels(width, height);
            let side = crate::items::TILE_SIDE;
            levels.iter().find(|found| found.level == *level).is_some_and(|level| {
                let count = |length: i64| (length + side - 1) / side;
                (0..count(level.width)).contains(col) && (0..count(level.height)).contains(row)
            })
        }
    }
}

pub(crate) async fn look_up(
    cx: &Cx,
    item: ItemId,
    kind: &str,
) -> Result<Option<(BlobAddress, String)>> {
    let kind = kind.to_string();
    let found = cx.read(move |tx| Ok(tx.rendition(item, &kind)?)).await?;
    let Some((address, mime)) = found else { return Ok(None) };
    let address = address
        .parse()
        .map_err(|_| Error::Internal("an address that does not read back".into()))?;
    Ok(Some((address, mime)))
}

/// Cuts a picture into all its tiles, each stored before the next is made.
async fn cut(
    app: &App,
    blobs: &OrganizationBlobs,
    bytes: Bytes,
) -> Result<Result<Vec<NewRendition>, Refusal>> {
    let picture_limits = Limits::default();
    let probe = match pictures::probe(&bytes, &picture_limits) {
        Ok(probe) => probe,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let hand = app.studio.hand(&probe).await?;
    let blobs = blobs.clone();
    on_own_thread(move || {
        let _hand = hand;
        let picture = match pictures::decode(&bytes, &picture_limits) {
            Ok(picture) => picture,
            Err(refusal) => return Ok(Err(refusal)),
        };
        drop(bytes);
        let mut renditions = Vec::new();
        for tile in pictures::tiles(&picture, TILE_SIDE) {
            let Tile { level, col, row, encoded } = match tile {
                Ok(tile) => tile,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let stored = blobs.put_from(&encoded.bytes[..], u64::MAX)?;
            renditions.push(NewRendition {
                kind: format!("tile/{level}/{col}/{row}"),
                address: stored.address.to_string(),
                mime: encoded.encoding.media_type(),
            });
        }
        Ok(Ok(renditions))
    })
    .await
}

/// Runs what is hard work, or waits, where it holds nobody else up.
pub(crate) async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::Internal(error.to_string())))
}
