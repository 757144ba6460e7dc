//! What an adaptive plan is worth against a fixed number of answers, where it had no say (F8).

use super::{LEVEL, ShareBody, mean};
use crate::brain::Replayed;
use serde::{Deserialize, Serialize};
use stats::interval::{Bootstrap, bootstrap};
use utoipa::ToSchema;

/// A figure and between what it lies (95 %).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureBody {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// The same tasks labelled twice: by the plan, and by a plain vote of the fixed number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditBody {
    /// Audited tasks that have all their answers, each counted as often as the plan would have stopped at its label.
    pub same: ShareBody,
    /// Answers for one audited task, had the plan decided.
    pub answers: Option<FigureBody>,
    /// Audited tasks of which it would have wanted more answers than the fixed number, or an expert.
    pub asks_more: i64,
    pub escalates: i64,
    /// Audited tasks that are gold: right by the plan, and by the vote.
    pub plan: ShareBody,
    pub fixed: ShareBody,
    /// Right by the plan on any task: from gold, helped by whether plan and vote agree on the audited
    /// (prediction-powered; holds at one look, and if that gold is like the other tasks).
    pub estimated: Option<FigureBody>,
    /// How many gold tasks alone would have told as much.
    pub gold_worth: Option<f64>,
    /// Answers for each right label, on that gold.
    pub per_correct_plan: Option<f64>,
    pub per_correct_fixed: Option<f64>,
    /// The share of them that the plan saves, by resampling that gold.
    pub saved: Option<FigureBody>,
}

/// Of the audited alone: any other task that has as many answers as the fixed number may have them because it is hard. Nothing where none
/// has them yet.
pub(super) fn of(replayed: &[Replayed], overlap: i64) -> Option<AuditBody> {
    let audited: Vec<&Replayed> =
        replayed.iter().filter(|task| task.audited && task.is_full).collect();
    let gold: Vec<&Replayed> =
        audited.iter().copied().filter(|task| task.right.is_some()).collect();
    if audited.is_empty() {
        return None;
    }
    let count = |of: fn(&Replayed) -> bool| audited.iter().filter(|task| of(task)).count();
    let right = |of: fn(&Replayed) -> Option<bool>| {
        ShareBody::of(gold.iter().filter(|task| of(task) == Some(true)).count(), gold.len())
    };
    let (by_plan, by_vote) = (right(|task| task.right), right(|task| task.vote_right));
    let estimate = estimate(&audited, &gold);
    let once = vec![1; gold.len()];
    let costs = costs(&gold, overlap, &once);
    let saving = |times: &[u32]| {
        let (plan, fixed) = self::costs(&gold, overlap, times)?;
        Some(1.0 - plan / fixed)
    };
    let saved = costs.filter(|_| gold.len() >= stats::calibration::GOLD_MIN).and_then(|(p, f)| {
        let interval = bootstrap(gold.len(), &Bootstrap::default(), saving)?;
        Some(FigureBody { value: 1.0 - p / f, low: interval.low, high: interval.high })
    });
    Some(AuditBody {
        same: ShareBody::of(count(|task| task.same), audited.len()),
        answers: mean_answers(&audited, overlap),
        asks_more: count(|task| task.asks_more) as i64,
        escalates: count(|task| task.escalates) as i64,
        plan: by_plan,
        fixed: by_vote,
        estimated: estimate.map(|(figure, _)| figure),
        gold_worth: estimate.map(|(_, worth)| worth),
        per_correct_plan: costs.map(|(plan, _)| plan),
        per_correct_fixed: costs.map(|(_, fixed)| fixed),
        saved,
    })
}

fn mean_answers(audited: &[&Replayed], overlap: i64) -> Option<FigureBody> {
    let most = audited.iter().map(|task| task.answers).max()?.max(overlap as usize);
    mean(audited.iter().map(|task| task.answers as f64), most as f64)
}

/// Answers for each right label, by the plan and by the fixed number, each item counted so many times.
fn costs(gold: &[&Replayed], overlap: i64, times: &[u32]) -> Option<(f64, f64)> {
    let (mut taken, mut all, mut plan, mut fixed) = (0.0, 0.0, 0.0, 0.0);
    for (task, times) in gold.iter().zip(times) {
        let times = f64::from(*times);
        taken += times * task.answers as f64;
        all += times * overlap as f64;
        plan += times * f64::from(u8::from(task.right == Some(true)));
        fixed += times * f64::from(u8::from(task.vote_right == Some(true)));
    }
    (plan > 0.0 && fixed > 0.0).then(|| (taken / plan, all / fixed))
}

/// How often the plan is right, and how many gold tasks alone would have told as much. Where gold is too little, or all of it was
/// right, a normal interval would claim too much.
fn estimate(audited: &[&Replayed], gold: &[&Replayed]) -> Option<(FigureBody, f64)> {
    let share = |is: bool| f64::from(u8::from(is));
    let labelled: Vec<(f64, f64)> =
        gold.iter().map(|task| (share(task.right == Some(true)), share(task.same))).collect();
    let misses = labelled.iter().filter(|(right, _)| *right == 0.0).count();
    if labelled.len() < stats::calibration::GOLD_MIN || misses == 0 || misses == labelled.len() {
        return None;
    }
    let others = audited.iter().filter(|task| task.right.is_none());
    let predicted: Vec<f64> = others.map(|task| share(task.same)).collect();
    let found = stats::ppi::mean(&labelled, &predicted, 1.0 - LEVEL)?;
    let [value, low, high] =
        [found.mean, found.interval.low, found.interval.high].map(|value| value.clamp(0.0, 1.0));
    Some((FigureBody { value, low, high }, found.labels_worth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(known: Option<usize>, label: usize, answers: usize, vote: usize) -> Replayed {
        Replayed {
            right: known.map(|known| known == label),
            vote_right: known.map(|known| known == vote),
            same: label == vote,
            answers,
            is_full: true,
            asks_more: false,
            escalates: false,
            audited: true,
        }
    }

    #[test]
    fn costs_are_paired_and_estimates_wait_for_gold_enough() {
        assert!(of(&[Replayed { is_full: false, ..task(Some(0), 0, 2, 0) }], 5).is_none());
        let chosen = Replayed { audited: false, ..task(Some(0), 0, 8, 0) };
        assert!(of(&[chosen], 5).is_none(), "its answers are many because it is hard");
        // Of forty known: the plan takes two answers and errs four times, the vote five and eight times.
        let gold = (0..40).map(|n| task(Some(0), usize::from(n < 4), 2, usize::from(n < 8)));
        let audited = (0..200).map(|n| task(None, 0, if n < 100 { 2 } else { 4 }, n % 2));
        let all: Vec<Replayed> = gold.chain(audited).collect();
        let found = of(&all, 5).unwrap();
        assert_eq!((found.same.right, found.same.all), (136, 240));
        let answers = found.answers.unwrap();
        assert!((answers.value - 680.0 / 240.0).abs() < 1e-9);
        assert!(
            answers.low > 2.0 && answers.low < answers.value && answers.high > answers.value,
            "{answers:?}"
        );
        assert_eq!((found.plan.right, found.fixed.right), (36, 32));
        let [plan, fixed] = [found.per_correct_plan, found.per_correct_fixed].map(Option::unwrap);
        assert!((plan - 80.0 / 36.0).abs() < 1e-9 && (fixed - 200.0 / 32.0).abs() < 1e-9);
        let saved = found.saved.unwrap();
        assert!(saved.low < saved.value && saved.value < saved.high && saved.low > 0.5);
        let estimated = found.estimated.unwrap();
        assert!(estimated.low < 0.9 && estimated.high > 0.9, "{estimated:?}");

        let few = of(&all[..20], 5).unwrap();
        assert_eq!((few.estimated, few.saved), (None, None), "twenty are too few");
        let sure: Vec<Replayed> = (0..60).map(|_| task(Some(1), 1, 2, 1)).collect();
        assert_eq!(of(&sure, 5).unwrap().estimated, None, "sixty right are no certainty");
    }
}
