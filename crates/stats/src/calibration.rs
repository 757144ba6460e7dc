//! Calibration: of labels said to be 90 % sure, nine in ten should be right.
//!
//! What a model says of itself is biased, and by how much depends on the project. Gold shows it: points of what was claimed and whether it was
//! right. Three curves compete, and the one that loses least on held-out gold is used, so that what is good already is left
//! alone.
//!
//! - **As claimed**: the identity.
//! - **Platt**: *σ(a logit p + b)*, maximum posterior with *a ~ N(1, 1)*, *b ~ N(0, 2²)*, by Newton's method. J. Platt, *Probabilistic Outputs
//!   for Support Vector Machines*, 1999.
//! - **Isotonic**: the rising step function nearest to the outcomes, by pooling adjacent violators, and straight lines between the middles of its
//!   steps. B. Zadrozny and C. Elkan, *Transforming Classifier Scores into Accurate Multiclass Probability Estimates*, KDD 2002.
//!
//! Units: probabilities, loss in nats. Sorting is the dearest part.

use crate::random::Random;
use crate::special::{logistic, logit};

/// A prediction about something known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// What was claimed, 0 to 1.
    pub confidence: f64,
    pub right: bool,
    /// Points of one group are held out together: several predictions of one item are one piece of evidence.
    pub group: usize,
}

/// Predictions about fewer known items than this are "not yet calibrated".
pub const GOLD_MIN: usize = 30;

/// A curve has to be better than a simpler one by so many nats a point.
const GAIN_MIN: f64 = 2e-3;

/// From what is claimed to what is so.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    AsClaimed,
    Platt {
        slope: f64,
        shift: f64,
    },
    /// Corners, left to right.
    Isotonic(Vec<(f64, f64)>),
}

impl Curve {
    /// The calibrated confidence.
    ///
    /// ```
    /// let curve = stats::calibration::Curve::Platt { slope: 0.5, shift: 0.0 };
    /// assert!((curve.at(0.9) - 0.75).abs() < 1e-9);
    /// ```
    pub fn at(&self, confidence: f64) -> f64 {
        match self {
            Curve::AsClaimed => confidence,
            Curve::Platt { slope, shift } => logistic(slope * logit(confidence) + shift),
            Curve::Isotonic(corners) => between(corners, confidence),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Curve::AsClaimed => "as claimed",
            Curve::Platt { .. } => "Platt",
            Curve::Isotonic(_) => "isotonic",
        }
    }
}

/// A curve, and what each kind lost on held-out points.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    pub curve: Curve,
    /// Mean loss in nats: as claimed, Platt, isotonic.
    pub losses: [f64; 3],
    /// How many known items it rests on.
    pub gold: usize,
}

impl Calibration {
    /// Whether there is gold enough to show a confidence to people.
    pub fn is_trusted(&self) -> bool {
        self.gold >= GOLD_MIN
    }
}

/// Chooses and fits a curve by fivefold cross-validation over the groups.
///
/// ```
/// use stats::calibration::{Point, fit};
/// // Claims 99 %, and is right three times in four.
/// let points: Vec<Point> =
///     (0..200).map(|n| Point { confidence: 0.99, right: n % 4 != 0, group: n }).collect();
/// let calibration = fit(&points, 1);
/// assert!((calibration.curve.at(0.99) - 0.75).abs() < 0.03);
/// ```
pub fn fit(points: &[Point], seed: u64) -> Calibration {
    const FOLDS: usize = 5;
    let mut groups: Vec<usize> = points.iter().map(|point| point.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let gold = groups.len();
    if gold < 2 * FOLDS {
        return Calibration { curve: Curve::AsClaimed, losses: [f64::NAN; 3], gold };
    }
    Random::new(seed).shuffle(&mut groups);
    let mut fold_of: Vec<(usize, usize)> =
        groups.iter().enumerate().map(|(at, group)| (*group, at % FOLDS)).collect();
    fold_of.sort_unstable();
    let fold = |group: usize| {
        fold_of.binary_search_by_key(&group, |(of, _)| *of).map_or(0, |at| fold_of[at].1)
    };
    let mut losses = [0.0; 3];
    for held in 0..FOLDS {
        let (test, train): (Vec<Point>, Vec<Point>) =
            points.iter().partition(|point| fold(point.group) == held);
        for (loss, curve) in losses.iter_mut().zip(curves(&train)) {
            *loss += test.iter().map(|point| loss_of(&curve, point)).sum::<f64>();
        }
    }
    losses.iter_mut().for_each(|loss| *loss /= points.len() as f64);
    let mut best = 0;
    for at in 1..3 {
        if losses[at] + GAIN_MIN < losses[best] {
            best = at;
        }
    }
    let [claimed, platt, isotonic] = curves(points);
    let curve = [claimed, platt, isotonic].into_iter().nth(best).unwrap_or(Curve::AsClaimed);
    Calibration { curve, losses, gold }
}

fn curves(points: &[Point]) -> [Curve; 3] {
    [Curve::AsClaimed, platt(points), isotonic(points)]
}

fn loss_of(curve: &Curve, point: &Point) -> f64 {
    let p = curve.at(point.confidence).clamp(1e-4, 1.0 - 1e-4);
    if point.right { -p.ln() } else { -(1.0 - p).ln() }
}

/// Newton's method on the log posterior, which has one top.
fn platt(points: &[Point]) -> Curve {
    const SHIFT_VARIANCE: f64 = 4.0;
    let (mut slope, mut shift) = (1.0, 0.0);
    for _ in 0..50 {
        let mut gradient = [1.0 - slope, -shift / SHIFT_VARIANCE];
        let mut hessian = [1.0, 0.0, 1.0 / SHIFT_VARIANCE];
        for point in points {
            // A claim of certainty is no infinite number of reasons.
            let x = logit(point.confidence.clamp(1e-6, 1.0 - 1e-6));
            let p = logistic(slope * x + shift);
            let miss = f64::from(u8::from(point.right)) - p;
            gradient[0] += miss * x;
            gradient[1] += miss;
            let w = p * (1.0 - p);
            hessian[0] += w * x * x;
            hessian[1] += w * x;
            hessian[2] += w;
        }
        let determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
        let by_slope = (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant;
        let by_shift = (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant;
        slope += by_slope.clamp(-1.0, 1.0);
        shift += by_shift.clamp(-2.0, 2.0);
        if by_slope.abs() + by_shift.abs() < 1e-10 {
            break;
        }
    }
    Curve::Platt { slope, shift }
}

fn isotonic(points: &[Point]) -> Curve {
    let mut sorted: Vec<&Point> = points.iter().collect();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    // Steps: where from to, how many, how many right.
    let mut steps: Vec<(f64, f64, f64)> = Vec::new();
    for point in sorted {
        steps.push((point.confidence, 1.0, f64::from(u8::from(point.right))));
        while let [.., before, last] = &mut steps[..] {
            // The same claim has one share.
            if before.0 < last.0 && before.2 / before.1 < last.2 / last.1 {
                break;
            }
            // The middle of what was claimed, as the share is the middle of what was so.
            before.0 = (before.0 * before.1 + last.0 * last.1) / (before.1 + last.1);
            before.1 += last.1;
            before.2 += last.2;
            steps.pop();
        }
    }
    // Laplace's rule: a step of few is not certain.
    Curve::Isotonic(steps.iter().map(|(x, n, right)| (*x, (right + 1.0) / (n + 2.0))).fold(
        Vec::new(),
        |mut corners: Vec<(f64, f64)>, (x, y)| {
            let floor = corners.last().map_or(0.0, |last| last.1);
            corners.push((x, y.max(floor)));
            corners
        },
    ))
}

fn between(corners: &[(f64, f64)], x: f64) -> f64 {
    let after = corners.partition_point(|corner| corner.0 < x);
    match (after.checked_sub(1).and_then(|at| corners.get(at)), corners.get(after)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
        (Some(end), None) | (None, Some(end)) => end.1,
        (None, None) => x,
    }
}

/// Expected calibration error: how far claims are from shares, over ten bins of equal width, weighed by how many claims are in each.
///
/// M. Naeini, G. Cooper and M. Hauskrecht, *Obtaining Well Calibrated Probabilities Using Bayesian Binning*, AAAI 2015. A small sample
/// has some error by chance alone: about *√(p(1 − p)/n)* in a bin of *n*.
///
/// ```
/// // Four in five are right: 0.8 is an honest claim, 0.9 is a tenth too much.
/// let honest = (0..100).map(|n| (0.8, n % 5 != 0));
/// assert!(stats::calibration::expected_error(honest) < 1e-9);
/// let proud = (0..100).map(|n| (0.9, n % 5 != 0));
/// assert!((stats::calibration::expected_error(proud) - 0.1).abs() < 1e-9);
/// ```
pub fn expected_error(claims: impl IntoIterator<Item = (f64, bool)>) -> f64 {
    let mut gaps = [0.0_f64; 10];
    let mut count = 0.0;
    for (p, right) in claims {
        gaps[((p * 10.0) as usize).min(9)] += p - f64::from(u8::from(right));
        count += 1.0;
    }
    if count == 0.0 { 0.0 } else { gaps.iter().map(|gap| gap.abs()).sum::<f64>() / count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(seed: u64, count: usize, so: impl Fn(f64) -> f64) -> Vec<Point> {
        let mut random = Random::new(seed);
        (0..count)
            .map(|group| {
                let confidence = 0.5 + 0.5 * random.unit();
                Point { confidence, right: random.chance(so(confidence)), group }
            })
            .collect()
    }

    fn error_of(curve: &Curve, so: impl Fn(f64) -> f64) -> f64 {
        let at = (0..50).map(|n| 0.5 + f64::from(n) / 100.0);
        at.map(|p| (curve.at(p) - so(p)).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn what_is_good_already_is_left_alone_and_what_is_not_is_mended() {
        let honest = fit(&claims(1, 2_000, |p| p), 1);
        assert!(error_of(&honest.curve, |p| p) < 0.03, "{honest:?}");
        let proud = |p: f64| logistic(0.4 * logit(p));
        let mended = fit(&claims(2, 2_000, proud), 1);
        assert_eq!(mended.curve.name(), "Platt", "{mended:?}");
        assert!(error_of(&mended.curve, proud) < 0.05, "{mended:?}");
        let stepped = |p: f64| if p < 0.8 { 0.3 } else { 0.9 };
        let risen = fit(&claims(3, 2_000, stepped), 1);
        assert_eq!(risen.curve.name(), "isotonic", "{risen:?}");
        assert!((risen.curve.at(0.65) - 0.3).abs() < 0.08, "{risen:?}");
    }

    #[test]
    fn little_gold_is_not_trusted() {
        let few = fit(&claims(4, 29, |p| p), 1);
        assert!(!few.is_trusted());
        assert!(fit(&claims(4, 30, |p| p), 1).is_trusted());
        assert_eq!(fit(&claims(4, 5, |p| p), 1).curve, Curve::AsClaimed);
    }
}
