//! Labels and open tasks on their way out: read page by page, each page with a handful of statements.
//!
//! A page is a stretch of task ids of at most [`TASKS_PER_PAGE`] tasks and about [`BYTES_PER_PAGE`], so
//! that memory stays bounded whatever a project holds. Sealed texts are opened here and read by whoever
//! needs them.

use crate::answers::{Judgement, ReviewRow};
use crate::comments::{COMMENT, CommentRow, read as read_comment};
use crate::engine::{Row, Tx, params, sql};
use crate::keys::Label as Sealed;
use crate::{Consensus, Error, Payload, Result};
use domain::answers::Answer;
use domain::projects::Media;
use domain::workflow::{Method, Stage, TaskState};
use domain::{AnswerId, ItemId, PersonId, ProjectId, SlotId, TaskId, Timestamp, limits};
use std::collections::HashMap;

pub const TASKS_PER_PAGE: i64 = 1_000;
pub const BYTES_PER_PAGE: i64 = 16 << 20;

/// A task with all that was said of it, and its label where it has one.
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
    /// Of its video, if it is one.
    pub frames: Option<i64>,
    pub payload: Payload,
    pub state: TaskState,
    /// What is known of a gold task.
    pub known: Option<Answer>,
    pub label: Option<ExportLabel>,
    pub answers: Vec<ExportAnswer>,
    pub reviews: Vec<ReviewRow>,
    /// What was said about the answers, the oldest first.
    pub comments: Vec<CommentRow>,
}

#[derive(Clone, Debug)]
pub struct ExportLabel {
    pub answer: Option<AnswerId>,
    /// The answer document as JSON.
    pub value: Vec<u8>,
    pub confidence: Option<f64>,
    pub calibrated: bool,
    /// What a model claimed of it, before that was calibrated.
    pub claimed: Option<f64>,
    pub model: Option<String>,
    /// Of what answers it was made, where it is what they say together.
    pub consensus: Option<Consensus>,
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

/// Some tasks, in the order of their making.
#[derive(Clone, Debug, Default)]
pub struct ExportPage {
    pub rows: Vec<ExportRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<TaskId>,
}

struct SealedRow {
    row: ExportRow,
    item: Vec<u8>,
    label: Option<Vec<u8>>,
    consensus: Option<Vec<u8>>,
    is_gold: bool,
}

fn read_open_row(row: &Row<'_>) -> Result<SealedRow> {
    let (item, is_gold) = (row.get(10)?, row.get(11)?);
    let task = ExportRow { frames: row.get(12)?, ..read_task(row)? };
    Ok(SealedRow { row: task, item, label: None, consensus: None, is_gold })
}

fn read_row(row: &Row<'_>) -> Result<SealedRow> {
    let method: String = row.get(14)?;
    let label = ExportLabel {
        answer: row.get(12)?,
        value: Vec::new(),
        confidence: row.get(13)?,
        calibrated: row.get(18)?,
        claimed: row.get(23)?,
        model: row.get(19)?,
        consensus: None,
        method: method.parse().map_err(|()| Error::Corrupt { what: "method", value: method })?,
        ontology_version: row.get(15)?,
        instructions_version: row.get(16)?,
        at: row.get(17)?,
    };
    let task = ExportRow { label: Some(label), frames: row.get(21)?, ..read_task(row)? };
    let (item, label, is_gold) = (row.get(10)?, Some(row.get(11)?), row.get(20)?);
    Ok(SealedRow { row: task, item, label, consensus: row.get(22)?, is_gold })
}

fn read_task(row: &Row<'_>) -> Result<ExportRow> {
    let media = crate::items::read_media(row.get(4)?)?;
    let height: Option<i64> = row.get(8)?;
    Ok(ExportRow {
        task: row.get(0)?,
        item: row.get(1)?,
        priority: limits::PRIORITY_MAX - row.get::<i64>(2)?,
        external_id: row.get(3)?,
        media,
        address: row.get(5)?,
        bytes: row.get(6)?,
        // Of a text the column holds its length.
        width: row.get::<Option<i64>>(7)?.filter(|_| height.is_some()),
        height,
        frames: None,
        payload: Payload::default(),
        state: row.parse(9, "state")?,
        known: None,
        label: None,
        answers: Vec::new(),
        reviews: Vec::new(),
        comments: Vec::new(),
    })
}

/// How far a page goes.
#[derive(Default)]
struct Measure {
    tasks: i64,
    bytes: i64,
    last: Option<TaskId>,
    full: bool,
}

impl Measure {
    fn add(&mut self, row: &Row<'_>) -> Result<()> {
        self.tasks += 1;
        self.bytes += row.get::<i64>(1)? + row.get::<i64>(2)?;
        // One that is too large for any page has a page of its own.
        self.full = self.full || (self.bytes > BYTES_PER_PAGE && self.last.is_some());
        if !self.full {
            self.last = Some(row.get::<TaskId>(0)?);
        }
        Ok(())
    }

    fn end(&self) -> Option<(TaskId, Option<TaskId>)> {
        let more = self.full || self.tasks == TASKS_PER_PAGE;
        self.last.map(|last| (last, more.then_some(last)))
    }
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
                        l.instructions_version, l.at_ms, l.calibrated, l.model, t.gold, i.frames, c.sealed, l.claimed
                 from task t cross join item i cross join label l
                 left join consensus c on c.task_id = l.task_id and l.fused = 1
                 where i.id = t.item_id and l.task_id = t.id and t.project_id = $1 and t.state = 'done'
                   and t.id > $2 and t.id <= $3 and l.at_ms <= $4 order by t.id"
            ),
            params![project, after, last, snapshot],
            read_row,
        )?;
        let rows = self.open_rows(after, last, rows)?;
        Ok(ExportPage { rows, next })
    }

    /// The tasks of a project behind `after` that had no label at `snapshot`, with what was said of them
    /// so far.
    pub fn export_open_page(
        &mut self,
        project: ProjectId,
        after: TaskId,
        snapshot: Timestamp,
    ) -> Result<ExportPage> {
        let Some((last, next)) = self.measure_open_page(project, after, snapshot)? else {
            return Ok(ExportPage::default());
        };
        let rows = self.query(
            sql!(
                "select t.id, t.item_id, t.rank, i.external_id, i.media, i.address, i.bytes, i.width, i.height, t.state,
                        i.sealed, t.gold, i.frames
                 from task t cross join item i
                 where i.id = t.item_id and t.project_id = $1 and t.id > $2 and t.id <= $3 and t.created_at_ms <= $4
                   and (t.state <> 'done' or not exists (select 1 from label l where l.task_id = t.id and l.at_ms <= $4))
                 order by t.id"
            ),
            params![project, after, last, snapshot],
            read_open_row,
        )?;
        let rows = self.open_rows(after, last, rows)?;
        Ok(ExportPage { rows, next })
    }

    /// Opens what is sealed of rows, and adds what was said of their tasks.
    fn open_rows(
        &mut self,
        after: TaskId,
        last: TaskId,
        rows: Vec<SealedRow>,
    ) -> Result<Vec<ExportRow>> {
        let places: HashMap<TaskId, usize> =
            rows.iter().map(|sealed| sealed.row.task).zip(0..).collect();
        let mut opened = Vec::with_capacity(rows.len());
        for SealedRow { mut row, item, label, consensus, is_gold } in rows {
            row.payload = self.open("item", row.item.0, 0, &item)?;
            if let (Some(of_row), Some(sealed)) = (&mut row.label, label) {
                of_row.value = self.keys()?.open(&Sealed::new("label", row.task.0, 0), &sealed)?;
                let open = |sealed: Vec<u8>| self.open("consensus", row.task.0, 0, &sealed);
                of_row.consensus = consensus.map(open).transpose()?;
            }
            if is_gold {
                row.known = self.gold(row.task)?.map(|gold| gold.known);
            }
            opened.push(row);
        }
        self.add_answers(after, last, &places, &mut opened)?;
        self.add_reviews(after, last, &places, &mut opened)?;
        self.add_comments(after, last, &places, &mut opened)?;
        Ok(opened)
    }

    fn measure_open_page(
        &mut self,
        project: ProjectId,
        after: TaskId,
        snapshot: Timestamp,
    ) -> Result<Option<(TaskId, Option<TaskId>)>> {
        let mut page = Measure::default();
        self.for_each(
            sql!(
                "select t.id, cast(length(i.sealed) as bigint),
                        (select cast(coalesce(sum(length(a.sealed)), 0) as bigint) from answer a where a.task_id = t.id)
                 from task t cross join item i
                 where i.id = t.item_id and t.project_id = $1 and t.id > $2 and t.created_at_ms <= $3
                   and (t.state <> 'done' or not exists (select 1 from label l where l.task_id = t.id and l.at_ms <= $3))
                 order by t.id limit $4"
            ),
            params![project, after, snapshot, TASKS_PER_PAGE],
            &mut |row| page.add(row),
        )?;
        Ok(page.end())
    }

    /// The last task of the page behind `after`, and where the next one begins.
    fn measure_page(
        &mut self,
        project: ProjectId,
        after: TaskId,
    ) -> Result<Option<(TaskId, Option<TaskId>)>> {
        let mut page = Measure::default();
        self.for_each(
            sql!(
                "select t.id, cast(length(i.sealed) + length(l.sealed) as bigint),
                        (select cast(coalesce(sum(length(a.sealed)), 0) as bigint) from answer a where a.task_id = t.id)
                 from task t cross join item i cross join label l
                 where i.id = t.item_id and l.task_id = t.id and t.project_id = $1 and t.state = 'done' and t.id > $2
                 order by t.id limit $3"
            ),
            params![project, after, TASKS_PER_PAGE],
            &mut |row| page.add(row),
        )?;
        Ok(page.end())
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
                let words: Judgement = serde_json::from_slice(&words)?;
                rows[*place].reviews.push(ReviewRow {
                    id,
                    task,
                    answer: row.get(2)?,
                    reviewer: row.get(3)?,
                    verdict: row.parse(4, "verdict")?,
                    clause: row.get(5)?,
                    reason: words.reason,
                    proposal: words.proposal,
                    fixed: row.get(6)?,
                    at: row.get(7)?,
                });
                Ok(())
            },
        )
    }

    fn add_comments(
        &mut self,
        after: TaskId,
        last: TaskId,
        places: &HashMap<TaskId, usize>,
        rows: &mut [ExportRow],
    ) -> Result<()> {
        let sql = format!(
            "select {COMMENT} from comment where task_id > $1 and task_id <= $2 order by task_id, id"
        );
        for sealed in self.query(&sql, params![after, last], read_comment)? {
            let comment = self.open_comment(sealed)?;
            if let Some(place) = places.get(&comment.task) {
                rows[*place].comments.push(comment);
            }
        }
        Ok(())
    }
}
