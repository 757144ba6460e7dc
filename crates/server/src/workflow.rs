//! Where a task goes from its answers: what they say together, what is believed of them, and the label.

use crate::brain::Weighed;
use crate::{Cx, Error, Result, opinions};
use domain::AnswerId;
use domain::answers::Answer;
use domain::projects::Slice;
use domain::workflow::{Method, Next, Stage, TaskState, after_label};
use store::{AnswerRow, NewLabel, ProjectRow, TaskRow, Tx};

/// Takes a task to where its answers lead (F1–F3, F7, F8).
pub(crate) fn advance(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: &ProjectRow,
    task: &mut TaskRow,
    standing: &[AnswerRow],
) -> Result<()> {
    if task.answers < task.overlap {
        // One that waits for a manager goes on waiting: its other slots are open to nobody (F6).
        if task.state != TaskState::Error {
            task.state = TaskState::InProgress;
        }
        return Ok(());
    }
    let given: Vec<&Answer> = standing.iter().map(|row| &row.answer).collect();
    let opinion = opinions::of(&project.question, &given);
    task.agreement = (standing.len() > 1).then_some(opinion.agreement);
    let slice = project.plan.slice(task.id);
    let weighed = match slice {
        Slice::Fixed => None,
        Slice::Adaptive(_) | Slice::Audit => cx.app.brains.weigh(cx, project.id, standing),
    };
    let belief = weighed.as_ref().map(|weighed| &weighed.belief);
    match after_label(&project.plan, slice, task.overlap, &opinion, belief) {
        Next::Wait => task.state = TaskState::InProgress,
        Next::More => {
            // It lies behind the cursors of those who went past it.
            (task.state, task.again) = (TaskState::InProgress, true);
            task.overlap += 1;
            task.open += 1;
        }
        Next::Review { .. } => await_stage(task, Stage::Review),
        Next::Adjudicate => await_stage(task, Stage::Adjudicate),
        Next::Resolve { voice, method } => {
            let row = standing
                .get(voice)
                .ok_or_else(|| Error::Internal("a voice without an answer".into()))?;
            let sure = match weighed {
                Some(weighed) => weighed.into(),
                None => Sure::agreed(task.agreement),
            };
            let body = serde_json::to_vec(&row.answer)?;
            resolve(tx, cx, task, row.into(), &body, sure, method)?;
        }
    }
    Ok(())
}

/// Opens the one slot of a later stage. Tasks come there in any order, so they always count as
/// having come back.
fn await_stage(task: &mut TaskRow, stage: Stage) {
    task.state = TaskState::InReview;
    task.stage = stage;
    task.open = 1;
    task.again = true;
}

/// Where a label comes from.
pub(crate) struct Source {
    pub answer: AnswerId,
    pub ontology_version: i64,
    pub instructions_version: i64,
}

impl From<&AnswerRow> for Source {
    fn from(row: &AnswerRow) -> Self {
        Self {
            answer: row.id,
            ontology_version: row.ontology_version,
            instructions_version: row.instructions_version,
        }
    }
}

/// How sure a label is, and by what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sure {
    confidence: Option<f64>,
    calibrated: bool,
    model: Option<&'static str>,
}

impl Sure {
    /// By agreement alone, which is no probability.
    pub(crate) fn agreed(agreement: Option<f64>) -> Self {
        Self { confidence: agreement, calibrated: false, model: None }
    }
}

impl From<Weighed> for Sure {
    fn from(weighed: Weighed) -> Self {
        let Weighed { belief, calibrated, model } = weighed;
        Self { confidence: Some(belief.confidence), calibrated, model: Some(model) }
    }
}

/// Gives a task its label.
pub(crate) fn resolve(
    tx: &mut Tx<'_>,
    cx: &Cx,
    task: &mut TaskRow,
    source: Source,
    body: &[u8],
    sure: Sure,
    method: Method,
) -> Result<()> {
    let label = NewLabel {
        task: task.id,
        answer: Some(source.answer),
        body,
        confidence: sure.confidence,
        calibrated: sure.calibrated,
        model: sure.model,
        method,
        ontology_version: source.ontology_version,
        instructions_version: source.instructions_version,
    };
    tx.save_label(&label, cx.now)?;
    (task.state, task.open, task.again) = (TaskState::Done, 0, false);
    Ok(())
}
