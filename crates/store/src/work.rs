//! What the holder of a slot works on: its item, what came with it, and a draft of the answer.

use crate::backends::{Suggestion, read_suggestion};
use crate::batch::SealedWork;
use crate::engine::{Tx, params, sql};
use crate::items::{ItemRow, read_item};
use crate::{Error, Result};
use domain::{PersonId, SlotId, TaskId, Timestamp};

#[derive(Clone, Debug, PartialEq)]
pub struct DraftRow {
    pub device: String,
    pub seq: i64,
    pub answer: serde_json::Value,
    pub saved_at: Timestamp,
}

/// An item in the hands of whoever works on it.
#[derive(Clone, Debug)]
pub struct Work {
    pub item: ItemRow,
    pub draft: Option<DraftRow>,
    /// What a model or the data suggests, to be taken, changed or turned down.
    pub suggestion: Option<Suggestion>,
}

impl Tx<'_> {
    /// Keeps a draft, unless a later one of the same device is already there. No news to anybody.
    pub fn save_draft(&mut self, slot: SlotId, person: PersonId, draft: &DraftRow) -> Result<bool> {
        let sealed = self.seal("draft", slot.0, person.0, &draft.answer)?;
        let saved = self.execute_quietly(
            sql!(
                "insert into draft (slot_id, person_id, device, seq, sealed, saved_at_ms) values ($1, $2, $3, $4, $5, $6)
                 on conflict (slot_id, person_id) do update set
                   device = excluded.device, seq = excluded.seq, sealed = excluded.sealed, saved_at_ms = excluded.saved_at_ms
                 where draft.device <> excluded.device or draft.seq < excluded.seq"
            ),
            params![slot, person, &draft.device, draft.seq, &sealed, draft.saved_at],
        )?;
        Ok(saved == 1)
    }

    /// What the holder of a slot works on, in one statement.
    pub fn work(&mut self, slot: SlotId, person: PersonId, task: TaskId) -> Result<Option<Work>> {
        if let Some(batch) = &self.batch {
            let SealedWork { item, suggestion } = batch.work(slot, task)?;
            let suggestion =
                suggestion.map(|sealed| self.open_suggestion(task, sealed)).transpose()?;
            return Ok(Some(Work { item: self.open_item(item)?, draft: None, suggestion }));
        }
        let row = self.query_one(
            sql!(
                "select i.id, i.project_id, i.external_id, i.media, i.address, i.bytes, i.width, i.height, i.sealed,
                        i.created_at_ms, i.frames, d.device, d.seq, d.sealed, d.saved_at_ms, s.sealed, s.model, s.scores
                 from task t
                 join item i on i.id = t.item_id
                 left join draft d on d.slot_id = $2 and d.person_id = $3
                 left join suggestion s on s.task_id = t.id
                 where t.id = $1"
            ),
            params![task, slot, person],
            |row| {
                let device: Option<String> = row.get(11)?;
                let draft = device
                    .map(|device| {
                        Ok::<_, Error>((device, row.get(12)?, row.get::<Vec<u8>>(13)?, row.get(14)?))
                    })
                    .transpose()?;
                let suggestion = read_suggestion(row, 15)?;
                Ok((read_item(row)?, draft, suggestion))
            },
        )?;
        let Some((item, draft, suggestion)) = row else { return Ok(None) };
        let draft = draft.map(|(device, seq, sealed, saved_at)| {
            let answer = self.open("draft", slot.0, person.0, &sealed)?;
            Ok::<_, Error>(DraftRow { device, seq, answer, saved_at })
        });
        let suggestion = suggestion.map(|sealed| self.open_suggestion(task, sealed)).transpose()?;
        Ok(Some(Work { item: self.open_item(item)?, draft: draft.transpose()?, suggestion }))
    }

    pub fn remove_draft(&mut self, slot: SlotId, person: PersonId) -> Result<()> {
        if let Some(batch) = self.batch_mut() {
            batch.remove_draft(slot, person);
            return Ok(());
        }
        self.execute_quietly(
            sql!("delete from draft where slot_id = $1 and person_id = $2"),
            params![slot, person],
        )?;
        Ok(())
    }
}
