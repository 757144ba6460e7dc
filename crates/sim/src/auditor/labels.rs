//! What the auditor asks of the label of a finished task.

use super::Auditor;
use crate::world::{MARKERS, World};
use domain::workflow::{Method, Stage};
use domain::{AnswerId, TaskId};
use server::Error;
use store::LabelRow;

impl Auditor {
    /// A finished task has a label, of its own organization or of answers that are (I1, I9).
    pub(super) fn audit_label(&mut self, world: &World, rival: usize, id: TaskId) {
        let label = world.store(rival).read_now(move |tx| tx.label(id)).ok().flatten();
        let Some(label) = label else {
            return self.holds(false, "I1", || format!("{id} is done and has no label"));
        };
        if label.fused {
            return self.audit_consensus(world, rival, &label);
        }
        let note = label.value.note.unwrap_or_default();
        self.holds(note == MARKERS[rival], "I9", || format!("the label of {id} says {note}"));
    }

    /// What several answers say together is kept with the label, and was made of nothing but answers of the task (F9).
    fn audit_consensus(&mut self, world: &World, rival: usize, label: &LabelRow) {
        let (id, store) = (label.task, world.store(rival));
        let read =
            store.read_now(move |tx| Ok::<_, Error>((tx.consensus(id)?, tx.answers_of(id)?)));
        let Ok((Some(consensus), answers)) = read else {
            return self.holds(false, "F9", || format!("{label:?} was made of nothing"));
        };
        let said = &consensus.said;
        let own = |of: &AnswerId| {
            answers.iter().any(|answer| answer.id == *of && answer.stage == Stage::Label)
        };
        let is_whole = said.value.as_ref() == Some(&label.value)
            && label.answer.is_none()
            && matches!(label.method, Method::Agreement | Method::Adaptive | Method::Reviewed)
            && said.answers.len() > 1
            && said.answers.iter().all(own)
            && said.parts.iter().flat_map(|part| &part.marks).all(|(answer, _)| own(answer));
        self.holds(is_whole, "F9", || format!("{label:?} is not {consensus:?}"));
        self.note("a label was made of several answers");
    }
}
