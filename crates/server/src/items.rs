//! Items as their holders and readers see them.

use crate::wire::Time;
use crate::{App, Cx, Result};
use domain::TaskId;
use domain::projects::Media;
use serde::{Deserialize, Serialize};
use store::{ItemRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

/// An item on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ItemBody {
    pub id: String,
    pub project: String,
    pub external_id: String,
    pub name: String,
    /// `image` or `text`.
    pub media: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub bytes: i64,
    #[schema(value_type = Object)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
    pub task: String,
    pub created_at: Time,
    pub picture: Option<PictureBody>,
    pub text: Option<String>,
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

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LevelBody {
    pub level: i64,
    pub width: i64,
    pub height: i64,
}

/// Side of a tile; a picture longer than `FULL_SIDE_MAX` on a side is shown in tiles.
pub const TILE_SIDE: i64 = 512;
pub const FULL_SIDE_MAX: i64 = 4096;

/// An item with its text and metadata.
pub fn body(item: &ItemRow, task: TaskId) -> ItemBody {
    let size = item.width.zip(item.height).filter(|_| item.media == Media::Image);
    let at = format!("/api/items/{}", item.id);
    let picture = size.map(|(width, height)| PictureBody {
        levels: levels(width, height),
        tile_size: TILE_SIDE,
        full_url: (width.max(height) <= FULL_SIDE_MAX).then(|| format!("{at}/full")),
        preview_url: format!("{at}/preview"),
        thumb_url: format!("{at}/thumb"),
        tile_url: format!("{at}/tiles/{{level}}/{{col}}/{{row}}"),
    });
    ItemBody {
        id: item.id.to_string(),
        project: item.project.to_string(),
        external_id: item.external_id.clone(),
        name: item.payload.name.clone(),
        media: match item.media {
            Media::Image => "image".into(),
            Media::Text => "text".into(),
        },
        width: item.width,
        height: item.height,
        bytes: item.bytes,
        metadata: item.payload.metadata.clone(),
        task: task.to_string(),
        created_at: item.created_at.into(),
        picture,
        text: item.payload.text.clone(),
    }
}

fn levels(width: i64, height: i64) -> Vec<LevelBody> {
    let mut levels = vec![LevelBody { level: 0, width, height }];
    let (mut width, mut height) = (width, height);
    while width.max(height) > TILE_SIDE {
        (width, height) = ((width + 1) / 2, (height + 1) / 2);
        levels.push(LevelBody { level: levels.len() as i64, width, height });
    }
    levels
}

/// Whether the caller holds a lease on the item's task at the moment.
pub fn holds(tx: &mut Tx<'_>, cx: &Cx, item: domain::ItemId) -> Result<bool> {
    Ok(tx.holds_item(cx.person(), item)?)
}
