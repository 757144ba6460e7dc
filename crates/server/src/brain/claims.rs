//! Claims of labels that were made without a model.
//!
//! A label by agreement, or of a plan that asks everybody, has nothing claimed of it when it is made. Once a model is fitted, it says of each what it would have
//! claimed, so that all labels of a project are told by the same levels (`brain/told.rs`). The label stays what it is.

use super::Model;
use crate::opinions::Fused;
use crate::{App, Error, Result, gold};
use domain::answers::Answer;
use domain::{PersonId, ProjectId, TaskId};
use std::sync::{Arc, PoisonError, RwLock};
use store::{Access, AnswerRow, Claim, ConsensusRow, LabelRow, Tx};

/// Labels that one transaction looks at.
const PAGE: i64 = 500;

/// Claims what nobody claimed yet, page after page. Blocks: for threads of their own.
pub(super) fn claim(
    app: &App,
    access: &Access,
    project: ProjectId,
    model: &Arc<RwLock<Model>>,
) -> Result<()> {
    let mut after = TaskId(0);
    loop {
        let model = Arc::clone(model);
        let (last, claims) = access.store().read_now(move |tx| {
            let model = model.read().unwrap_or_else(PoisonError::into_inner);
            let tasks = tx.unclaimed(project, after, PAGE)?;
            let mut claims = Vec::new();
            for task in &tasks {
                claims.extend(
                    tx.label(*task)?.map(|label| of(tx, &model, &label)).transpose()?.flatten(),
                );
            }
            Ok::<_, Error>((tasks.last().copied(), claims))
        })?;
        let Some(last) = last else { return Ok(()) };
        after = last;
        if claims.is_empty() {
            continue;
        }
        let now = (app.now)();
        access.store().write_now(move |tx| {
            for (claim, consensus) in &claims {
                // Another label may have been made in between.
                if tx.claim(claim)? > 0
                    && let Some(consensus) = consensus
                {
                    tx.save_consensus(consensus)?;
                }
            }
            let detail = serde_json::json!({ "labels": claims.len() });
            tx.record(now, "brain", "quality.claimed", project, detail);
            Ok::<_, Error>(())
        })?;
    }
}

/// What a model claims of a label by the answers that it was made of, and of each part of what they say together. Of a label that it would not give, no more than
/// what is left to it.
fn of(
    tx: &mut Tx<'_>,
    model: &Model,
    label: &LabelRow,
) -> Result<Option<(Claim, Option<ConsensusRow>)>> {
    let standing = tx.standing_answers(label.task)?;
    let said: Vec<(PersonId, &Answer)> =
        standing.iter().map(|row| (row.person, &row.answer)).collect();
    let Some((weighed, own)) = model.label(label.task, &said) else { return Ok(None) };
    let (_, is_own) = gold::compare(model.asked(), &own, &label.value);
    let claimed = if is_own { weighed.claimed } else { 1.0 - weighed.claimed };
    let claim = Claim { task: label.task, at: label.at, claimed };
    if !label.fused {
        return Ok(Some((claim, None)));
    }
    let Some(consensus) = tx.consensus(label.task)? else { return Ok(None) };
    let told = weighed.fused.and_then(|fused| parts(consensus, &fused, &standing));
    Ok(told.map(|row| (claim, Some(ConsensusRow { claimed: Some(claimed), ..row }))))
}

/// The parts of a consensus with what is claimed of each; nothing where the model sees other things there.
fn parts(row: ConsensusRow, fused: &Fused, standing: &[AnswerRow]) -> Option<ConsensusRow> {
    let mut row = row;
    for part in &mut row.said.parts {
        let same = fused.parts.iter().find(|other| {
            let marks = other.marks.iter().map(|(number, own)| (standing[*number].id, own));
            other.id == part.id && marks.eq(part.marks.iter().map(|(id, own)| (*id, own)))
        });
        part.claimed = Some(same?.claimed.unwrap_or(same?.confidence));
    }
    Some(row)
}
