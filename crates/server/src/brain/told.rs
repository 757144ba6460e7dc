//! What is told of how sure labels are.
//!
//! A label keeps what its model claimed of it. What that is worth is known by the gold of its project, more of which comes later: so the levels are kept beside the
//! labels, as of when the model was last fitted, and each claim is read by them. Labels that were made before there was gold are told like any other.

use super::Model;
use crate::Result;
use domain::ProjectId;
use serde::{Deserialize, Serialize};
use stats::calibration::{Calibration, Curve, GOLD_MIN};
use store::{CalibrationRow, ConsensusRow, Doubt, ExportLabel, LabelRow, Tx};

/// The levels of a project's labels, and of the objects, spans and classes in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    labels: Option<Curve>,
    parts: Option<Curve>,
}

#[derive(Serialize, Deserialize)]
struct Levels {
    labels: Option<Vec<(f64, f64)>>,
    parts: Option<Vec<(f64, f64)>>,
}

/// Where each level begins and how sure it is; nothing where there is not gold enough.
fn levels(calibration: &Calibration, told: &Curve) -> Option<Vec<(f64, f64)>> {
    match told {
        Curve::Levels(levels) if calibration.is_trusted() => Some(levels.clone()),
        _ => None,
    }
}

/// What is to be kept of a model's calibration.
pub(super) fn row(model: &Model) -> Result<CalibrationRow> {
    let levels = Levels {
        labels: levels(&model.calibration, &model.told),
        parts: levels(&model.parts, &model.parts_told),
    };
    Ok(CalibrationRow {
        gold: model.calibration.gold as i64,
        levels: serde_json::to_string(&levels)?,
    })
}

/// How sure the labels of a project are by now.
pub fn told(tx: &mut Tx<'_>, project: ProjectId) -> Result<Told> {
    let Some(row) = tx.calibration(project)?.filter(|row| row.gold >= GOLD_MIN as i64) else {
        return Ok(Told::default());
    };
    let kept: Levels = serde_json::from_str(&row.levels)?;
    Ok(Told { labels: kept.labels.map(Curve::Levels), parts: kept.parts.map(Curve::Levels) })
}

/// What was claimed, by levels; where nothing was, what was told when the label was made.
fn sure(
    levels: Option<&Curve>,
    claimed: Option<f64>,
    before: (Option<f64>, bool),
) -> (Option<f64>, bool) {
    match (claimed, levels) {
        (Some(claimed), Some(levels)) => (Some(levels.at(claimed)), true),
        (Some(claimed), None) => (Some(claimed), false),
        (None, _) => before,
    }
}

impl Told {
    pub fn label(&self, row: &mut LabelRow) {
        let before = (row.confidence, row.calibrated);
        (row.confidence, row.calibrated) = sure(self.labels.as_ref(), row.claimed, before);
    }

    pub fn doubt(&self, row: &mut Doubt) {
        let before = (row.confidence, row.calibrated);
        (row.confidence, row.calibrated) = sure(self.labels.as_ref(), row.claimed, before);
    }

    pub fn consensus(&self, row: &mut ConsensusRow) {
        let before = (row.confidence, row.calibrated);
        (row.confidence, row.calibrated) = sure(self.labels.as_ref(), row.claimed, before);
        for part in &mut row.said.parts {
            let before = (Some(part.confidence), row.calibrated);
            let (confidence, _) = sure(self.parts.as_ref(), part.claimed, before);
            part.confidence = confidence.unwrap_or(part.confidence);
        }
    }

    pub fn exported(&self, label: &mut ExportLabel) {
        let before = (label.confidence, label.calibrated);
        (label.confidence, label.calibrated) = sure(self.labels.as_ref(), label.claimed, before);
        for part in label.consensus.iter_mut().flat_map(|said| &mut said.parts) {
            let (confidence, _) =
                sure(self.parts.as_ref(), part.claimed, (Some(part.confidence), label.calibrated));
            part.confidence = confidence.unwrap_or(part.confidence);
        }
    }
}
