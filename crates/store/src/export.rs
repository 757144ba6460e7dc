//! Labels on their way out: read page by page, each page with a handful of statements.
//!
//! A page is a stretch of task ids of at most [`TASKS_PER_PAGE`] tasks and about [`BYTES_PER_PAGE`], so
//! that memory stays bounded whatever a project holds. Sealed texts are opened here and read by whoever
//! needs them.

use crate::answers::{ReviewRow, Words};
use crate::engine::{Row, Tx, params, sql};
use crate::keys::Label as Sealed;
use crate::{Error, Payload, Result};
use domain::projects::Media;
use domain::workflow::{Method, Stage};
use domain::{AnswerId, ItemId, PersonId, ProjectId, SlotId, TaskId, Timestamp, limits};
use std::collections::HashMap;

pub const TASKS_PER_PAGE: i64 = 1_000;
pub const BYTES_PER_PAGE: i64 = 16 << 20;

/// A labelled task with all that led to its label.
#[derive(Clone, Debug)]
pub struct ExportRow {
    pub task: TaskId,
    pub item: ItemId,
    pub priority: i64,
    pub external_id: String,
    pub media: Media,
    /// Where its picture is among the blobs.
    pub address: Option<String>,
    pub bytes: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub payload: Payload,
    pub label: ExportLabel,
    pub answers: Vec<ExportAnswer>,
    pub reviews: Vec<ReviewRow>,
}

#[derive(Clone, Debug)]
pub struct ExportLabel {
    pub answer: Option<AnswerId>,
    /// The answer document as JSON.
    pub value: Vec<u8>,
    pub confidence: Option<f64>,
    pub calibrated: bool,
    pub model: Option<String>,
    pub method: Method,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct ExportAnswer {
    pub id: AnswerId,
    pub slot: SlotId,
    pub person: PersonId,
    pub stage: Stage,
    /// `standing`, `superseded` or `rejected`.
    pub state: String,
    /// The answer document as JSON.
    pub value: Vec<u8>,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub submitted_at: Timestamp,
}

/// Some labelled tasks, in the order of their making.
#[derive(Clone, Debug, Default)]
pub struct ExportPage {
    pub rows: Vec<ExportRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<TaskId>,
}

struct SealedRow {
    row: ExportRow,
    item: Vec<u8>,
    label: Vec<u8>,
}

fn read_row(row: &Row<'_>) -> Result<SealedRow> {
    let method: String = row.get(14)?;
    let label = ExportLabel {
        answer: row.get(12)?,
        value: Vec::new(),
        confidence: row.get(13)?,
        calibrated: row.get(18)?,
        model: row.get(19)?,
        method: method.parse().map_err(|()| Error::Corrupt { what: "method", value: method })?,
        ontology_version: row.get(15)?,
        instructions_version: row.get(16)?,
        at: row.get(17)?,
    };
    let row_read = ExportRow {
        task: row.get(0)?,
        item: row.get(1)?,
        priority: limits::PRIORITY_MAX - row.get::<i64>(2)?,
        external_id: row.get(3)?,
        media: crate::items::read_media(row.get(4)?)?,
        address: row.get(5)?,
        bytes: row.get(6)?,
        width: row.get(7)?,
        height: row.get(8)?,
        payload: Payload::default(),
        label,
        answers: Vec::new(),
        reviews: Vec::new(),
    };
    Ok(SealedRow { row: row_read, item: row.get(10)?, label: row.get(11)? })
}

impl Tx<'_> {
    /// How many tasks of a project have a label that was there at `snapshot`, and when the last of
    /// those came.
    pub fn count_labels(
        &mut self,
        project: ProjectId,
        snapshot: Timestamp,
    ) -> Result<(i64, Option<Timestamp>)> {
        let row = self.query_one(
            sql!(
                "select count(*), max(l.at_ms) from task t cross join label l
                 where l.task_id = t.id and t.project_id = $1 and t.state = 'done' and l.at_ms <= $2"
            ),
            params![project, snapshot],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(row.unwrap_or_default())
    }

    /// The labelled tasks of a project behind `after`, as far as their labels were there at `snapshot`.
    pub fn export_page(
        &mut self,
        project: ProjectId,
        after: TaskId,
        snapshot: Timestamp,
    ) -> Result<ExportPage> {
        let Some((last, next)) = self.measure_page(project, after)? else {
            return Ok(ExportPage::default());
        };
        let rows = self.query(
            sql!(
                "select t.id, t.item_id, t.rank, i.external_id, i.media, i.address, i.bytes, i.width, i.height, t.state,
                        i.sealed, l.sealed, l.answer_id, l.confidence, l.method, l.ontology_version,
                        l.instructions_version, l.at_ms, l.calibrated, l.model
                 from task t cross join item i cross join label l
                 where i.id = t.item_id and l.task_id = t.id and t.project_id = $1 and t.state = 'done'
                   and t.id > $2 and t.id <= $3 and l.at_ms <= $4 order by t.id"
            ),
            params![project, after, last, snapshot],
            read_row,
        )?;
        let places: HashMap<TaskId, usize> =
            rows.iter().map(|sealed| sealed.row.task).zip(0..).collect();
        let mut opened = Vec::with_capacity(rows.len());
        for SealedRow { mut row, item, label } in rows {
            row.payload = self.open("item", row.item.0, 0, &item)?;
            row.label.value = self.keys()?.open(&Sealed::new("label", row.task.0, 0), &label)?;
            opened.push(row);
        }
        self.add_answers(after, last, &places, &mut opened)?;
        self.add_reviews(after, last, &places, &mut opened)?;
        Ok(ExportPage { rows: opened, next })
    }

    /// The last task of the page behind `after`, and where the next one begins.
    fn measure_page(
        &mut self,
        project: ProjectId,
        after: TaskId,
    ) -> Result<Option<(TaskId, Option<TaskId>)>> {
        let (mut tasks, mut bytes, mut last, mut full) = (0, 0, None, false);
        self.for_each(
            sql!(
                "select t.id, cast(length(i.sealed) + length(l.sealed) as bigint),
                        (select cast(coalesce(sum(length(a.sealed)), 0) as bigint) from answer a where a.task_id = t.id)
                 from task t cross join item i cross join label l
                 where i.id = t.item_id and l.task_id = t.id and t.project_id = $1 and t.state = 'done' and t.id > $2
                 order by t.id limit $3"
            ),
            params![project, after, TASKS_PER_PAGE],
            &mut |row| {
                tasks += 1;
                bytes += row.get::<i64>(1)? + row.get::<i64>(2)?;
                // One that is too large for any page has a page of its own.
                full = full || (bytes > BYTES_PER_PAGE && last.is_some());
                if !full {
                    last = Some(row.get::<TaskId>(0)?);
                }
                Ok(())
            },
        )?;
        let more = full || tasks == TASKS_PER_PAGE;
        Ok(last.map(|last| (last, more.then_some(last))))
    }

    // By the stretch alone: with the project in the statement, its index would be walked for each page.
    fn add_answers(
        &mut self,
        after: TaskId,
        last: TaskId,
        places: &HashMap<TaskId, usize>,
        rows: &mut [ExportRow],
    ) -> Result<()> {
        let keys = self.keys()?;
        self.for_each(
            sql!(
                "select id, task_id, slot_id, person_id, stage, state, ontology_version, instructions_version,
                        submitted_at_ms, sealed
                 from answer where task_id > $1 and task_id <= $2 order by task_id, id"
            ),
            params![after, last],
            &mut |row| {
                let Some(place) = places.get(&row.get(1)?) else { return Ok(()) };
                let id: AnswerId = row.get(0)?;
                let sealed: Vec<u8> = row.get(9)?;
                rows[*place].answers.push(ExportAnswer {
                    id,
                    slot: row.get(2)?,
                    person: row.get(3)?,
                    stage: row.parse(4, "stage")?,
                    state: row.get(5)?,
                    value: keys.open(&Sealed::new("answer", id.0, 0), &sealed)?,
                    ontology_version: row.get(6)?,
                    instructions_version: row.get(7)?,
                    submitted_at: row.get(8)?,
                });
                Ok(())
            },
        )
    }

    fn add_reviews(
        &mut self,
        after: TaskId,
        last: TaskId,
        places: &HashMap<TaskId, usize>,
        rows: &mut [ExportRow],
    ) -> Result<()> {
        let keys = self.keys()?;
        self.for_each(
            sql!(
                "select id, task_id, answer_id, reviewer_id, verdict, clause, fixed_id, at_ms, sealed from review
                 where task_id > $1 and task_id <= $2 order by task_id, id"
            ),
            params![after, last],
            &mut |row| {
                let (task, id): (TaskId, domain::ReviewId) = (row.get(1)?, row.get(0)?);
                let Some(place) = places.get(&task) else { return Ok(()) };
                let sealed: Vec<u8> = row.get(8)?;
                let words = keys.open(&Sealed::new("review", id.0, 0), &sealed)?;
                let words: Words = serde_json::from_slice(&words)?;
                rows[*place].reviews.push(ReviewRow {
                    id,
                    task,
                    answer: row.get(2)?,
                    reviewer: row.get(3)?,
                    verdict: row.parse(4, "verdict")?,
                    clause: row.get(5)?,
                    reason: words.reason,
                    fixed: row.get(6)?,
                    at: row.get(7)?,
                });
                Ok(())
            },
        )
    }
}
