//! Where a task goes from its answers: what they say together, what is believed of them, and the label.

use crate::brain::Weighed;
use crate::opinions::{Asked, Fused, Part};
use crate::{Cx, Error, Result, opinions};
use domain::AnswerId;
use domain::answers::Answer;
use domain::projects::Slice;
use domain::workflow::{Method, Next, Stage, TaskState, after_label};
use store::{AnswerRow, Consensus, ConsensusPart, ConsensusRow, NewLabel, ProjectRow, TaskRow, Tx};

/// Takes a task to where its answers lead (F1–F3, F7–F9).
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
    let opinion = opinions::of(Asked::by(project), &given);
    task.agreement = (standing.len() > 1).then_some(opinion.agreement);
    let slice = project.plan.slice(task.id);
    let weighed = match slice {
        Slice::Fixed => None,
        Slice::Adaptive(_) | Slice::Audit => cx.app.brains.weigh(cx, project.id, standing),
    };
    let next = {
        let belief = weighed.as_ref().map(|weighed| &weighed.belief);
        after_label(&project.plan, slice, task.overlap, &opinion, belief)
    };
    if let Next::Review { .. } | Next::Adjudicate | Next::Resolve { .. } = next {
        let fused = match &weighed {
            Some(weighed) => weighed.fused.clone(),
            None => opinions::fused(&project.question, &given),
        };
        let voice = match (&next, &fused) {
            (Next::Review { voice } | Next::Resolve { voice, .. }, _) => *voice,
            (_, Some(fused)) => opinions::nearest(Asked::by(project), &given, &fused.value),
            (_, None) => weighed.as_ref().map_or(opinion.voice, |weighed| weighed.belief.voice),
        };
        let row = consensus(cx, task, standing, voice, fused, weighed.as_ref());
        // What is only counted is counted again; what was weighed may be weighed otherwise by the time somebody looks.
        let is_seen_later = weighed.is_some() && !matches!(next, Next::Resolve { .. });
        if row.said.value.is_some() || is_seen_later {
            tx.save_consensus(&row)?;
        }
        if let (Next::Resolve { method, .. }, Some(value)) = (&next, &row.said.value) {
            let body = serde_json::to_vec(value)?;
            let newest = |of: fn(&AnswerRow) -> i64| standing.iter().map(of).max().unwrap_or(1);
            let source = Source {
                answer: None,
                ontology_version: newest(|row| row.ontology_version),
                instructions_version: newest(|row| row.instructions_version),
            };
            let sure = weighed.map_or_else(|| Sure::agreed(task.agreement), Sure::from);
            return resolve(tx, cx, task, source, &body, sure, *method);
        }
    }
    match next {
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

/// What standing answers say together, with the answers by their ids. Where one answer says it, it has no value of its own.
fn consensus(
    cx: &Cx,
    task: &TaskRow,
    standing: &[AnswerRow],
    voice: usize,
    fused: Option<Fused>,
    weighed: Option<&Weighed>,
) -> ConsensusRow {
    let id = |number: usize| standing.get(number).map_or(AnswerId(0), |row| row.id);
    let part = |part: Part| ConsensusPart {
        id: part.id,
        presence: part.presence,
        confidence: part.confidence,
        claimed: part.claimed,
        marks: part.marks.into_iter().map(|(number, own)| (id(number), own)).collect(),
    };
    let (value, parts) = match fused {
        Some(fused) => {
            // Marks are made of all of them even where they are the same.
            let is_choice = fused.value.objects.is_empty() && fused.value.spans.is_empty();
            let said = standing.get(voice).is_some_and(|row| row.answer == fused.value);
            let said = said && is_choice;
            let parts = fused.parts.into_iter().map(part).collect();
            ((!said).then_some(fused.value), parts)
        }
        None => (None, vec![]),
    };
    ConsensusRow {
        task: task.id,
        nearest: id(voice),
        said: Consensus { value, answers: standing.iter().map(|row| row.id).collect(), parts },
        confidence: weighed.map(|weighed| weighed.told),
        claimed: weighed.map(|weighed| weighed.claimed),
        calibrated: weighed.is_some_and(|weighed| weighed.calibrated),
        model: weighed.map(|weighed| weighed.model.to_string()),
        at: cx.now,
    }
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
    /// The answer that it is; none where it is what several say together (F9).
    pub answer: Option<AnswerId>,
    pub ontology_version: i64,
    pub instructions_version: i64,
}

impl From<&AnswerRow> for Source {
    fn from(row: &AnswerRow) -> Self {
        Self {
            answer: Some(row.id),
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
    claimed: Option<f64>,
    model: Option<&'static str>,
}

impl Sure {
    /// By agreement alone, which is no probability.
    pub(crate) fn agreed(agreement: Option<f64>) -> Self {
        Self { confidence: agreement, calibrated: false, claimed: None, model: None }
    }
}

impl From<Weighed> for Sure {
    fn from(weighed: Weighed) -> Self {
        let Weighed { claimed, told, calibrated, model, .. } = weighed;
        Self { confidence: Some(told), calibrated, claimed: Some(claimed), model: Some(model) }
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
        answer: source.answer,
        fused: source.answer.is_none(),
        body,
        confidence: sure.confidence,
        calibrated: sure.calibrated,
        claimed: sure.claimed,
        model: sure.model,
        method,
        ontology_version: source.ontology_version,
        instructions_version: source.instructions_version,
    };
    tx.save_label(&label, cx.now)?;
    (task.state, task.open, task.again) = (TaskState::Done, 0, false);
    Ok(())
}
