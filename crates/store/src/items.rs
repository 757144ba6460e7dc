//! Items and their tasks on disk.

use crate::engine::{Row, Tx, params, sql};
use crate::keys::{Label, OrganizationKeys};
use crate::queue::CountDelta;
use crate::{Access, Error, IdSource, Result};
use domain::answers::{Answer, Bounds};
use domain::cameras::{self, Picture};
use domain::projects::Media;
use domain::scenes::Scene;
use domain::workflow::TaskState;
use domain::{ItemId, ProjectId, TaskId, Timestamp, limits};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq)]
pub struct ItemRow {
    pub id: ItemId,
    pub project: ProjectId,
    pub external_id: String,
    pub media: Media,
    /// Where its picture is among the blobs.
    pub address: Option<String>,
    pub bytes: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// Code points of its text, if it is one.
    pub chars: Option<i64>,
    /// How many clouds it has, if it is of clouds, and the points of the largest of them.
    pub clouds: Option<i64>,
    pub points: Option<i64>,
    /// Frames of its video, if it is one.
    pub frames: Option<i64>,
    pub payload: Payload,
    pub created_at: Timestamp,
}

impl ItemRow {
    /// What an answer may reach.
    pub fn bounds(&self) -> Bounds {
        if !self.payload.pictures.is_empty() {
            return cameras::bounds(&self.payload.pictures);
        }
        read_bounds(
            self.media,
            self.width.or(self.chars).or(self.clouds),
            self.height.or(self.points),
            self.frames,
        )
    }
}

/// What an answer may reach, from the columns: of a text `width` holds its code points, of
/// clouds their number, and `height` the points of the largest.
pub(crate) fn read_bounds(
    media: Media,
    width: Option<i64>,
    height: Option<i64>,
    frames: Option<i64>,
) -> Bounds {
    let side = |side: Option<i64>| side.unwrap_or_default() as f64;
    match media {
        Media::Image => Bounds::picture(side(width), side(height)),
        Media::Video => Bounds::video(side(width), side(height), frames.unwrap_or_default() as u64),
        Media::Text => {
            let text = width.and_then(|chars| u64::try_from(chars).ok());
            Bounds { text, ..Bounds::default() }
        }
        Media::Cloud => {
            let count = |side: Option<i64>| side.and_then(|side| u64::try_from(side).ok());
            Bounds { clouds: count(width), points: count(height), ..Bounds::default() }
        }
    }
}

/// The columns that say what an answer may reach. What the pictures of a rig are is sealed, and read only of one.
pub(crate) const BOUNDS: &str =
    "id, media, width, height, frames, case when cameras is null then null else sealed end";

/// What an answer about an item may reach, and the sealed payload where its pictures say it.
pub(crate) type SealedBounds = (ItemId, Bounds, Option<Vec<u8>>);

pub(crate) fn read_sealed_bounds(row: &Row<'_>) -> Result<SealedBounds> {
    let bounds = read_bounds(read_media(row.get(1)?)?, row.get(2)?, row.get(3)?, row.get(4)?);
    Ok((row.get(0)?, bounds, row.get(5)?))
}

/// What the customer wrote about an item: sealed at rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its clouds and cameras, and where they are among the blobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<Scene>,
    /// Its pictures, where it is several of one moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// An item on its way in, with what is already known of it.
#[derive(Clone, Debug)]
pub struct NewItem {
    pub external_id: String,
    pub media: Media,
    pub address: Option<String>,
    pub bytes: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// Frames of its video, if it is one.
    pub frames: Option<i64>,
    pub payload: Payload,
    pub priority: i64,
    pub overlap: i64,
    /// A finished label that came with the item: its task is done. Of a gold task the known answer:
    /// the task waits like any other, and nobody is shown it.
    pub label: Option<Answer>,
    /// An answer to begin with: its task waits like any other.
    pub suggestion: Option<Answer>,
    pub gold: bool,
    pub ontology_version: i64,
    pub instructions_version: i64,
}

impl NewItem {
    fn is_done(&self) -> bool {
        self.label.is_some() && !self.gold
    }
}

/// What of a new item is sealed, and the id that it is sealed under. Made outside of any transaction, so
/// that the one writer of a store has less to do. Its task has no id yet: those rise in the order of
/// their commits, since contributors go through them in that order and do not look back.
#[derive(Clone, Debug)]
pub struct SealedItem {
    id: ItemId,
    payload: Vec<u8>,
}

impl SealedItem {
    fn new(
        ids: &IdSource,
        keys: &OrganizationKeys,
        item: &NewItem,
        now: Timestamp,
    ) -> Result<Self> {
        let id = ItemId(ids.next(now));
        let payload = keys.seal(&Label::new("item", id.0, 0), &serde_json::to_vec(&item.payload)?);
        Ok(Self { id, payload })
    }

    /// Bytes of what is sealed.
    pub fn length(&self) -> usize {
        self.payload.len()
    }
}

impl Access {
    /// Seals an item on the caller's own thread, for
    /// [`insert_sealed_item`](Tx::insert_sealed_item).
    pub fn seal_item(&self, item: &NewItem, now: Timestamp) -> Result<SealedItem> {
        let (ids, keys) = self.store().ids_and_keys();
        SealedItem::new(ids, keys.ok_or(Error::KeyMissing)?, item, now)
    }
}

impl CountDelta {
    /// A task comes to be.
    pub fn add(&mut self, item: &NewItem) {
        let state = if item.is_done() { TaskState::Done } else { TaskState::Queued };
        *self.0.of_mut(state) += 1;
        self.0.wanted += item.overlap;
    }
}

/// What was made of an item's picture or video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRendition {
    /// `thumb`, `preview`, `full`, or `tile/{level}/{col}/{row}`; of clouds `cloud/{n}`, `cloud/{n}/points` and
    /// `camera/{n}/{camera}`; of a video `frames`, the table of its frames; of the second of several pictures and the
    /// further ones `picture/{n}/` and what it is.
    pub kind: String,
    pub address: String,
    pub mime: &'static str,
}

fn media_text(media: Media) -> &'static str {
    match media {
        Media::Image => "image",
        Media::Text => "text",
        Media::Cloud => "cloud",
        Media::Video => "video",
    }
}

pub(crate) fn read_media(text: String) -> Result<Media> {
    match text.as_str() {
        "image" => Ok(Media::Image),
        "text" => Ok(Media::Text),
        "cloud" => Ok(Media::Cloud),
        "video" => Ok(Media::Video),
        _ => Err(Error::Corrupt { what: "media", value: text }),
    }
}

const ITEM: &str = "id, project_id, external_id, media, address, bytes, width, height, sealed, created_at_ms, frames";

pub(crate) fn read_item(row: &Row<'_>) -> Result<(ItemRow, Vec<u8>)> {
    let media = read_media(row.get(3)?)?;
    let (width, height): (Option<i64>, Option<i64>) = (row.get(6)?, row.get(7)?);
    let of = |wanted: Media| width.filter(|_| media == wanted);
    let item = ItemRow {
        id: row.get(0)?,
        project: row.get(1)?,
        external_id: row.get(2)?,
        media,
        address: row.get(4)?,
        bytes: row.get(5)?,
        width: width.filter(|_| matches!(media, Media::Image | Media::Video)),
        height: height.filter(|_| media != Media::Cloud),
        chars: of(Media::Text),
        clouds: of(Media::Cloud),
        points: height.filter(|_| media == Media::Cloud),
        frames: row.get(10)?,
        payload: Payload::default(),
        created_at: row.get(9)?,
    };
    Ok((item, row.get(8)?))
}

impl Tx<'_> {
    /// Adds an item and its task. An external id that is already there is left as it is, and answers
    /// nothing.
    pub fn insert_item(
        &mut self,
        project: ProjectId,
        item: &NewItem,
        now: Timestamp,
    ) -> Result<Option<(ItemId, TaskId)>> {
        let sealed = SealedItem::new(self.ids, self.keys()?, item, now)?;
        self.insert_sealed_item(project, item, &sealed, now)
    }

    /// Like [`insert_item`](Self::insert_item), with what was sealed before.
    pub fn insert_sealed_item(
        &mut self,
        project: ProjectId,
        item: &NewItem,
        sealed: &SealedItem,
        now: Timestamp,
    ) -> Result<Option<(ItemId, TaskId)>> {
        let SealedItem { id, payload } = sealed;
        let chars = item.payload.text.as_ref().map(|text| text.chars().count() as i64);
        let scene = item.payload.scene.as_ref().map(Scene::bounds);
        let of_scene = |count: Option<u64>| count.and_then(|count| i64::try_from(count).ok());
        let clouds = scene.as_ref().and_then(|bounds| of_scene(bounds.clouds));
        let points = scene.as_ref().and_then(|bounds| of_scene(bounds.points));
        let cameras = Some(item.payload.pictures.len() as i64).filter(|count| *count > 0);
        let added = self.execute_quietly(
            sql!(
                "insert into item (id, project_id, external_id, media, address, bytes, width, height, sealed, created_at_ms, frames, cameras)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (project_id, external_id) do nothing"
            ),
            params![
                *id,
                project,
                &item.external_id,
                media_text(item.media),
                item.address.as_deref(),
                item.bytes,
                item.width.or(chars).or(clouds),
                item.height.or(points),
                payload,
                now,
                item.frames,
                cameras,
            ],
        )?;
        if added == 0 {
            return Ok(None);
        }
        let task = TaskId(self.new_id(now));
        let (state, open) =
            if item.is_done() { (TaskState::Done, 0) } else { (TaskState::Queued, item.overlap) };
        self.execute(
            sql!(
                "insert into task (id, project_id, item_id, state, stage, rank, overlap, open, again, answers, agreement,
                                   gold, version, created_at_ms, updated_at_ms)
                 values ($1, $2, $3, $4, 'label', $5, $6, $7, 0, 0, null, $8, 1, $9, $9)"
            ),
            params![
                task,
                project,
                *id,
                state.as_str(),
                limits::PRIORITY_MAX - item.priority,
                item.overlap,
                open,
                item.gold,
                now,
            ],
        )?;
        match &item.label {
            Some(known) if item.gold => {
                let sealed = self.seal("gold", task.0, 0, known)?;
                self.execute(
                    sql!(
                        "insert into gold (task_id, project_id, sealed, version, state, looks, created_by, created_at_ms)
                         select $1, id, $3, 0, 'live', 0, created_by, $4 from project where id = $2"
                    ),
                    params![task, project, &sealed, now],
                )?;
            }
            Some(label) => {
                let sealed = self.seal("label", task.0, 0, label)?;
                self.execute(
                    sql!(
                        "insert into label (task_id, answer_id, sealed, confidence, calibrated, method, ontology_version,
                                            instructions_version, at_ms)
                         values ($1, null, $2, null, 0, 'imported', $3, $4, $5)"
                    ),
                    params![task, &sealed, item.ontology_version, item.instructions_version, now],
                )?;
            }
            None => {}
        }
        if let Some(suggestion) = &item.suggestion {
            let sealed = self.seal("suggestion", task.0, 0, suggestion)?;
            self.execute(
                sql!("insert into suggestion (task_id, sealed) values ($1, $2)"),
                params![task, &sealed],
            )?;
        }
        Ok(Some((*id, task)))
    }

    /// Adds many items and their tasks at once, and counts them; answers how many were new.
    pub fn insert_items(
        &mut self,
        project: ProjectId,
        items: &[NewItem],
        now: Timestamp,
    ) -> Result<i64> {
        let mut delta = CountDelta::default();
        let mut created = 0;
        for item in items {
            if self.insert_item(project, item, now)?.is_some() {
                created += 1;
                delta.add(item);
            }
        }
        self.add_counts(project, &delta)?;
        Ok(created)
    }

    pub(crate) fn open_item(&self, (mut item, sealed): (ItemRow, Vec<u8>)) -> Result<ItemRow> {
        item.payload = self.open("item", item.id.0, 0, &sealed)?;
        Ok(item)
    }

    /// What an answer may reach, of a rig on each of its pictures.
    pub(crate) fn open_bounds(&mut self, (id, bounds, sealed): SealedBounds) -> Result<Bounds> {
        let Some(sealed) = sealed else { return Ok(bounds) };
        let payload: Payload = self.open("item", id.0, 0, &sealed)?;
        Ok(cameras::bounds(&payload.pictures))
    }

    pub fn item(&mut self, id: ItemId) -> Result<Option<ItemRow>> {
        let sql = format!("select {ITEM} from item where id = $1");
        let row = self.query_one(&sql, params![id], read_item)?;
        row.map(|row| self.open_item(row)).transpose()
    }

    pub fn item_by_external_id(
        &mut self,
        project: ProjectId,
        external_id: &str,
    ) -> Result<Option<ItemRow>> {
        let sql = format!("select {ITEM} from item where project_id = $1 and external_id = $2");
        let row = self.query_one(&sql, params![project, external_id], read_item)?;
        row.map(|row| self.open_item(row)).transpose()
    }

    /// The items of a project after `after`, in the order of their making.
    pub fn items(&mut self, project: ProjectId, after: ItemId, limit: i64) -> Result<Vec<ItemRow>> {
        let sql = format!(
            "select {ITEM} from item where project_id = $1 and id > $2 order by id limit $3"
        );
        let rows = self.query(&sql, params![project, after, limit], read_item)?;
        rows.into_iter().map(|row| self.open_item(row)).collect()
    }

    /// Items with their tasks, of those whose external id begins with `prefix`, in the order of their
    /// making.
    pub fn list_items(
        &mut self,
        project: ProjectId,
        prefix: Option<&str>,
        after: TaskId,
        limit: i64,
    ) -> Result<Vec<(ItemRow, TaskId)>> {
        const COLUMNS: &str = "i.id, i.project_id, i.external_id, i.media, i.address, i.bytes, i.width, i.height, i.sealed,
            i.created_at_ms, i.frames, t.id";
        let read = |row: &Row<'_>| Ok((read_item(row)?, row.get::<TaskId>(11)?));
        let rows = match prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => {
                let end = format!("{prefix}\u{10ffff}");
                let sql = format!(
                    "select {COLUMNS} from item i join task t on t.item_id = i.id
                     where i.project_id = $1 and i.external_id >= $2 and i.external_id <= $3 and t.id > $4
                     order by t.id limit $5"
                );
                self.query(&sql, params![project, prefix, &end, after, limit], read)?
            }
            None => {
                let sql = format!(
                    "select {COLUMNS} from task t join item i on i.id = t.item_id
                     where t.project_id = $1 and t.id > $2 order by t.id limit $3"
                );
                self.query(&sql, params![project, after, limit], read)?
            }
        };
        rows.into_iter().map(|(row, task)| Ok((self.open_item(row)?, task))).collect()
    }

    /// External ids of a project's items after `after`, in the order of their making.
    pub fn external_ids(
        &mut self,
        project: ProjectId,
        after: TaskId,
        limit: i64,
    ) -> Result<Vec<(TaskId, ItemId, String)>> {
        self.query(
            sql!(
                "select t.id, i.id, i.external_id from task t join item i on i.id = t.item_id
                 where t.project_id = $1 and t.id > $2 order by t.id limit $3"
            ),
            params![project, after, limit],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// Writes down what the customer says of an item, over what was said before.
    pub fn save_payload(&mut self, item: ItemId, payload: &Payload) -> Result<()> {
        let sealed = self.seal("item", item.0, 0, payload)?;
        self.execute(sql!("update item set sealed = $2 where id = $1"), params![item, &sealed])?;
        Ok(())
    }

    /// Adds an answer to begin with, unless the task has one; answers whether it is new.
    pub fn save_suggestion(&mut self, task: TaskId, answer: &Answer) -> Result<bool> {
        let sealed = self.seal("suggestion", task.0, 0, answer)?;
        let added = self.execute_quietly(
            sql!("insert into suggestion (task_id, sealed) values ($1, $2) on conflict (task_id) do nothing"),
            params![task, &sealed],
        )?;
        self.changed |= added == 1;
        Ok(added == 1)
    }

    pub fn task_of_item(&mut self, item: ItemId) -> Result<Option<TaskId>> {
        self.query_one(sql!("select id from task where item_id = $1"), params![item], |row| {
            row.get(0)
        })
    }

    /// Writes down where renditions of an item are among the blobs: `(kind, address, media type)`. No
    /// news to anybody: they can be made again at any time.
    pub fn insert_renditions(&mut self, item: ItemId, renditions: &[NewRendition]) -> Result<()> {
        for NewRendition { kind, address, mime } in renditions {
            self.execute_quietly(
                sql!(
                    "insert into rendition (item_id, kind, address, mime) values ($1, $2, $3, $4)
                     on conflict (item_id, kind) do update set address = excluded.address, mime = excluded.mime"
                ),
                params![item, kind, address, *mime],
            )?;
        }
        Ok(())
    }

    /// Where a rendition is among the blobs, and what it is.
    pub fn rendition(&mut self, item: ItemId, kind: &str) -> Result<Option<(String, String)>> {
        self.query_one(
            sql!("select address, mime from rendition where item_id = $1 and kind = $2"),
            params![item, kind],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}
