//! Calibration: of labels said to be 90 % sure, nine in ten should be right.
//!
//! What a model says of itself is biased, and by how much depends on the project. Gold shows it: points of what was claimed and whether it was
//! right. Four curves compete on gold that is held out from them, and what is used is their mean, weighed by how little each loses: on a hundred
//! gold the best one is seldom known for certain, and a mean loses less than a choice. What is good already is left alone.
//!
//! - **As claimed**: the identity.
//! - **Platt**: *σ(a logit p + b)*, maximum posterior with *a ~ N(1, 1)*, *b ~ N(0, 2²)*, by Newton's method. J. Platt, *Probabilistic Outputs
//!   for Support Vector Machines*, 1999.
//! - **By rank**: *σ(a (F(p) − ½) + b)*, where *F(p)* is the share of gold that was claimed with less; *a ~ N(4, 2²)*, *b ~ N(0, 3²)*. How sure a model is in
//!   numbers says little where it takes shared errors for agreement; which item it is surer of still does.
//! - **Isotonic**: the rising step function nearest to the outcomes, by pooling adjacent violators, and straight lines between the middles of its
//!   steps. B. Zadrozny and C. Elkan, *Transforming Classifier Scores into Accurate Multiclass Probability Estimates*, KDD 2002.
//!
//! Weights: *w_k ∝ exp(−L_k / T)*, where *L_k* is the loss of all gold held out; Y. Yao et al., *Using Stacking to Average Bayesian Predictive
//! Distributions*, 2018 (pseudo-BMA), tempered, since a loss on little gold is itself uncertain by some nats.
//!
//! What is told to people is told in **levels** ([`Calibration::levels`]): one for each fifty gold, at least two. A curve through a hundred outcomes is off
//! by several points at any one place, and less on the mean of a level: A. Kumar, P. Liang and T. Ma, *Verified Uncertainty Calibration*, NeurIPS 2019
//! (the scaling–binning calibrator). A plan, which only asks what is surer, goes by the curve.
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

/// The temperature *T* of the weights, in nats.
const TEMPERATURE: f64 = 3.0;

/// From what is claimed to what is so.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    AsClaimed,
    Platt {
        slope: f64,
        shift: f64,
    },
    ByRank {
        /// Claims, and the share of gold that was claimed with less, less a half; left to right.
        ranks: Vec<(f64, f64)>,
        slope: f64,
        shift: f64,
    },
    /// Corners, left to right.
    Isotonic(Vec<(f64, f64)>),
    /// Where each level begins, and its confidence; left to right. The first has no beginning.
    Levels(Vec<(f64, f64)>),
    /// The mean of several, each with its weight; the weights sum to one.
    Mean(Vec<(f64, Curve)>),
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
            Curve::ByRank { ranks, slope, shift } => {
                logistic(slope * between(ranks, confidence) + shift)
            }
            Curve::Isotonic(corners) => between(corners, confidence),
            Curve::Levels(levels) => {
                let level = levels.partition_point(|(from, _)| *from <= confidence).max(1) - 1;
                levels.get(level).map_or(confidence, |(_, sure)| *sure)
            }
            Curve::Mean(parts) => parts.iter().map(|(w, curve)| w * curve.at(confidence)).sum(),
        }
    }

    /// Of a mean, the name of what weighs most in it.
    pub fn name(&self) -> &'static str {
        match self {
            Curve::AsClaimed => "as claimed",
            Curve::Platt { .. } => "Platt",
            Curve::ByRank { .. } => "by rank",
            Curve::Isotonic(_) => "isotonic",
            Curve::Levels(_) => "in levels",
            Curve::Mean(parts) => {
                let heaviest = parts.iter().max_by(|a, b| a.0.total_cmp(&b.0));
                heaviest.map_or("as claimed", |(_, curve)| curve.name())
            }
        }
    }
}

/// A curve, and what each kind lost on held-out points.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    pub curve: Curve,
    /// Mean loss in nats: as claimed, Platt, by rank, isotonic.
    pub losses: [f64; 4],
    /// How many known items it rests on.
    pub gold: usize,
}

impl Calibration {
    /// Whether there is gold enough to show a confidence to people.
    pub fn is_trusted(&self) -> bool {
        self.gold >= GOLD_MIN
    }

    /// The curve in no more levels than the gold can tell apart, given what is claimed of all items: neighbours whose mean loses the least of what the curve
    /// tells apart (in nats), each of so many items that about ten gold fall into it. Without gold it is the curve.
    ///
    /// ```
    /// use stats::calibration::{Point, fit};
    /// let right = |n: usize| if n % 2 == 0 { n % 5 != 0 } else { n % 3 == 0 };
    /// let claim = |n: usize| if n % 2 == 0 { 0.99 } else { 0.9 };
    /// let points: Vec<Point> =
    ///     (0..100).map(|n| Point { confidence: claim(n), right: right(n), group: n }).collect();
    /// let told = fit(&points, 1).levels((0..1_000).map(claim));
    /// assert!((told.at(0.99) - 0.8).abs() < 0.05 && (told.at(0.9) - 0.34).abs() < 0.05);
    /// assert_eq!(told.at(0.97), told.at(0.9), "a level begins where it was claimed");
    /// ```
    pub fn levels(&self, claims: impl IntoIterator<Item = f64>) -> Curve {
        let mut claims: Vec<f64> = claims.into_iter().collect();
        if self.gold == 0 || claims.is_empty() {
            return self.curve.clone();
        }
        claims.sort_by(f64::total_cmp);
        let steps = steps(&claims, &self.curve);
        let least = claims.len() as f64 * (GOLD_OF_A_LEVEL_MIN / self.gold as f64).min(0.4);
        let most = (self.gold / GOLD_OF_A_LEVEL).max(2);
        Curve::Levels(parted(&steps, most, least))
    }
}

/// There is a level for so many gold, and none has fewer than about so many.
const GOLD_OF_A_LEVEL: usize = 50;
const GOLD_OF_A_LEVEL_MIN: f64 = 10.0;

/// Some items of neighbouring claims.
struct Step {
    from: f64,
    count: f64,
    /// Of the calibrated confidences.
    sum: f64,
}

/// At most [`STEPS_MAX`] or a few more; the same claim is in one step.
fn steps(sorted: &[f64], curve: &Curve) -> Vec<Step> {
    const STEPS_MAX: usize = 200;
    let size = sorted.len().div_ceil(STEPS_MAX) as f64;
    let mut steps: Vec<Step> = Vec::new();
    for same in sorted.chunk_by(|a, b| a == b) {
        let count = same.len() as f64;
        let sum = curve.at(same[0]) * count;
        match steps.last_mut() {
            Some(last) if last.count + count <= size => {
                last.count += count;
                last.sum += sum;
            }
            _ => steps.push(Step { from: same[0], count, sum }),
        }
    }
    steps
}

/// The steps in at most so many levels of at least so many items, with the least entropy within them, by dynamic programming.
fn parted(steps: &[Step], most: usize, least: f64) -> Vec<(f64, f64)> {
    let mut ends = vec![(0.0, 0.0)];
    for step in steps {
        let (count, sum) = ends[ends.len() - 1];
        ends.push((count + step.count, sum + step.sum));
    }
    let mean = |a: usize, b: usize| {
        let (count, sum) = (ends[b].0 - ends[a].0, ends[b].1 - ends[a].1);
        (count, sum / count)
    };
    let entropy = |a: usize, b: usize| {
        let (count, p) = mean(a, b);
        let p = p.clamp(1e-9, 1.0 - 1e-9);
        if count < least {
            f64::INFINITY
        } else {
            -count * (p * p.ln() + (1.0 - p) * (1.0 - p).ln())
        }
    };
    let size = steps.len();
    // Of the first steps, in so many levels: the least entropy, and where the last level begins.
    let mut best: Vec<Vec<(f64, usize)>> = vec![
        (0..=size).map(|end| (if end == 0 { f64::INFINITY } else { entropy(0, end) }, 0)).collect(),
    ];
    for _ in 1..most.min(size) {
        let before = &best[best.len() - 1];
        let next = (0..=size).map(|end| {
            let parts = (1..end).map(|begin| (before[begin].0 + entropy(begin, end), begin));
            parts.fold((f64::INFINITY, 0), |a, b| if b.0 < a.0 { b } else { a })
        });
        let next = next.collect();
        best.push(next);
    }
    let fewer = |best: &Vec<(f64, usize)>| best[size].0.is_finite();
    // Where one claim is nearly everybody's, there is one level.
    let Some(levels) = best.iter().rposition(fewer) else { return vec![(0.0, mean(0, size).1)] };
    let (mut end, mut found) = (size, Vec::new());
    for level in (0..=levels).rev() {
        let begin = best[level][end].1;
        found.push((steps[begin].from, mean(begin, end).1));
        end = begin;
    }
    found.reverse();
    found
}

/// Fits the curves and weighs them by fivefold cross-validation over the groups, several times where there is little gold.
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
        return Calibration { curve: Curve::AsClaimed, losses: [f64::NAN; 4], gold };
    }
    let splits = (800 / points.len()).clamp(1, 8);
    let mut random = Random::new(seed);
    let mut losses = [0.0; 4];
    for _ in 0..splits {
        random.shuffle(&mut groups);
        let mut fold_of: Vec<(usize, usize)> =
            groups.iter().enumerate().map(|(at, group)| (*group, at % FOLDS)).collect();
        fold_of.sort_unstable();
        let fold = |group: usize| {
            fold_of.binary_search_by_key(&group, |(of, _)| *of).map_or(0, |at| fold_of[at].1)
        };
        for held in 0..FOLDS {
            let (test, train): (Vec<Point>, Vec<Point>) =
                points.iter().partition(|point| fold(point.group) == held);
            for (loss, curve) in losses.iter_mut().zip(curves(&train)) {
                *loss += test.iter().map(|point| loss_of(&curve, point)).sum::<f64>();
            }
        }
    }
    losses.iter_mut().for_each(|loss| *loss /= (points.len() * splits) as f64);
    Calibration { curve: mean(curves(points), &losses, gold), losses, gold }
}

/// The mean of the curves by what they lose; those of hardly any weight are left out.
fn mean(curves: [Curve; 4], losses: &[f64; 4], gold: usize) -> Curve {
    const WEIGHT_MIN: f64 = 0.02;
    let least = losses.iter().fold(f64::INFINITY, |least, loss| loss.min(least));
    let weights = losses.map(|loss| (-(loss - least) * gold as f64 / TEMPERATURE).exp());
    let sum: f64 = weights.iter().sum();
    let mut parts: Vec<(f64, Curve)> = weights.into_iter().zip(curves).collect();
    parts.retain(|(weight, _)| *weight >= WEIGHT_MIN * sum);
    let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
    parts.iter_mut().for_each(|(weight, _)| *weight /= sum);
    if parts.len() > 1 { Curve::Mean(parts) } else { parts.remove(0).1 }
}

fn curves(points: &[Point]) -> [Curve; 4] {
    [Curve::AsClaimed, platt(points), by_rank(points), isotonic(points)]
}

fn loss_of(curve: &Curve, point: &Point) -> f64 {
    let p = curve.at(point.confidence).clamp(1e-4, 1.0 - 1e-4);
    if point.right { -p.ln() } else { -(1.0 - p).ln() }
}

fn platt(points: &[Point]) -> Curve {
    // A claim of certainty is no infinite number of reasons.
    let by = |point: &Point| logit(point.confidence.clamp(1e-6, 1.0 - 1e-6));
    let (slope, shift) =
        line(points, by, &Prior { slope: 1.0, variance: 1.0, shift_variance: 4.0 });
    Curve::Platt { slope, shift }
}

fn by_rank(points: &[Point]) -> Curve {
    let mut claims: Vec<f64> = points.iter().map(|point| point.confidence).collect();
    claims.sort_by(f64::total_cmp);
    let (mut ranks, mut below) = (Vec::new(), 0.0);
    for same in claims.chunk_by(|a, b| a == b) {
        let middle = below + same.len() as f64 / 2.0;
        ranks.push((same[0], middle / claims.len() as f64 - 0.5));
        below += same.len() as f64;
    }
    let by = |point: &Point| between(&ranks, point.confidence);
    let (slope, shift) =
        line(points, by, &Prior { slope: 4.0, variance: 4.0, shift_variance: 9.0 });
    // Who is surer is not the more often wrong.
    Curve::ByRank { slope: slope.max(0.0), shift, ranks }
}

/// What is expected of a line before any gold was seen.
struct Prior {
    slope: f64,
    variance: f64,
    shift_variance: f64,
}

/// Newton's method on the log posterior of a logistic regression, which has one top: the slope and the shift.
fn line(points: &[Point], by: impl Fn(&Point) -> f64, prior: &Prior) -> (f64, f64) {
    let points: Vec<(f64, f64)> =
        points.iter().map(|point| (by(point), f64::from(u8::from(point.right)))).collect();
    let (mut slope, mut shift) = (prior.slope, 0.0);
    for _ in 0..50 {
        let mut gradient = [(prior.slope - slope) / prior.variance, -shift / prior.shift_variance];
        let mut hessian = [1.0 / prior.variance, 0.0, 1.0 / prior.shift_variance];
        for (x, right) in &points {
            let p = logistic(slope * x + shift);
            let miss = right - p;
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
    (slope, shift)
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

/// The square of the calibration error without what chance alone adds to it, which may come out below zero: over fifteen bins of as many claims each,
/// the squared gap of a bin's mean claim and its share, less the variance *ȳ(1 − ȳ)/(n − 1)* of the share.
///
/// Its mean over samples is that of the bins' true errors, however small the samples; so average it first and take the root then. A. Kumar, P. Liang and
/// T. Ma, *Verified Uncertainty Calibration*, NeurIPS 2019, section 5.
///
/// ```
/// // Half of a hundred right where one half was claimed: less than chance alone would leave.
/// let honest = stats::calibration::debiased_square((0..100).map(|n| (0.5, n % 2 == 0)));
/// assert!(honest < 0.0);
/// let proud = stats::calibration::debiased_square((0..100).map(|n| (0.8, n % 2 == 0)));
/// assert!((proud - 0.09).abs() < 0.05);
/// ```
pub fn debiased_square(claims: impl IntoIterator<Item = (f64, bool)>) -> f64 {
    const BINS: usize = 15;
    let mut claims: Vec<(f64, bool)> = claims.into_iter().collect();
    claims.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = claims.len().div_ceil(BINS).max(2);
    let bins = claims.chunks(size).filter(|bin| bin.len() > 1);
    let (mut sum, mut count) = (0.0, 0.0);
    for bin in bins {
        let n = bin.len() as f64;
        let claimed = bin.iter().map(|(p, _)| p).sum::<f64>() / n;
        let share = bin.iter().filter(|(_, right)| *right).count() as f64 / n;
        sum += n * ((claimed - share).powi(2) - share * (1.0 - share) / (n - 1.0));
        count += n;
    }
    if count == 0.0 { 0.0 } else { sum / count }
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
        assert!(error_of(&mended.curve, proud) < 0.15, "{mended:?}");
        let stepped = |p: f64| if p < 0.8 { 0.3 } else { 0.9 };
        let risen = fit(&claims(3, 2_000, stepped), 1);
        assert_eq!(risen.curve.name(), "isotonic", "{risen:?}");
        assert!((risen.curve.at(0.65) - 0.3).abs() < 0.08, "{risen:?}");
    }

    /// Claims near one by a model that takes shared errors for agreement, on a hundred gold as often as that takes to see it: on the mean the curve loses
    /// less than what any one kind chosen for all draws would.
    #[test]
    fn the_mean_of_curves_loses_less_than_a_choice() {
        let so = |p: f64| 0.35 + 0.6 * ((1.0 - p).ln() / -14.0).min(1.0);
        let claims = |seed: u64, count: usize| -> Vec<Point> {
            let mut random = Random::new(seed);
            (0..count)
                .map(|group| {
                    let confidence = 1.0 - (-14.0 * random.unit()).exp();
                    Point { confidence, right: random.chance(so(confidence)), group }
                })
                .collect()
        };
        let test = claims(1, 4_000);
        let mean_loss = |curve: &Curve| {
            test.iter().map(|point| loss_of(curve, point)).sum::<f64>() / test.len() as f64
        };
        let (mut used, mut each) = (0.0, [0.0; 4]);
        for seed in 2..42 {
            let gold = claims(seed, 100);
            used += mean_loss(&fit(&gold, seed).curve);
            each.iter_mut().zip(curves(&gold)).for_each(|(sum, curve)| *sum += mean_loss(&curve));
        }
        let best = each.iter().fold(f64::INFINITY, |best, loss| best.min(*loss));
        assert!(used < best + 0.002 * 40.0, "{used} {each:?}");
        assert!(used < 0.9 * each[0], "{used} {each:?}");
    }

    #[test]
    fn levels_are_as_many_as_gold_can_tell_apart() {
        let so = |p: f64| 2.0 * (p - 0.5);
        let all = claims(1, 1_000, so);
        let told = |gold: usize| {
            let levels = fit(&claims(5, gold, so), 1).levels(all.iter().map(|of| of.confidence));
            let Curve::Levels(levels) = levels else { panic!("{levels:?}") };
            levels
        };
        assert_eq!([30, 100, 149, 150, 1_000].map(|gold| told(gold).len()), [2, 2, 2, 3, 20]);
        let levels = told(1_000);
        assert!(levels.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
        assert!(error_of(&Curve::Levels(levels), so) < 0.12);
        assert_eq!(fit(&[], 1).levels([0.9]), Curve::AsClaimed, "nothing is known");
        // One in twelve is doubted, less than gold enough for a level of its own.
        let alike = fit(&claims(5, 100, so), 1)
            .levels((0..120).map(|n| if n % 12 == 0 { 0.6 } else { 1.0 }));
        assert_eq!(alike.at(0.6), alike.at(1.0));
    }

    /// What a hundred gold leave wrong on items that are no gold is less in levels than along the curve, which is what they are for.
    #[test]
    fn levels_are_nearer_to_what_is_so() {
        let so = |p: f64| logistic(0.5 * logit(p));
        let (mut along, mut told) = (0.0, 0.0);
        for seed in 0..60 {
            let found = fit(&claims(seed, 100, so), seed);
            let all = claims(seed + 1_000, 500, so);
            let levels = found.levels(all.iter().map(|of| of.confidence));
            let error = |curve: &Curve| {
                expected_error(all.iter().map(|of| (curve.at(of.confidence), of.right)))
            };
            along += error(&found.curve) / 60.0;
            told += error(&levels) / 60.0;
        }
        assert!(told < 0.85 * along, "{told} {along}");
    }

    #[test]
    fn what_chance_adds_is_taken_off() {
        let mean = |by: f64| {
            (0..100)
                .map(|seed| {
                    let all = claims(seed, 200, |p| p - by);
                    debiased_square(all.iter().map(|of| (of.confidence, of.right))) / 100.0
                })
                .sum::<f64>()
        };
        assert!(mean(0.0).abs() < 0.001, "{}", mean(0.0));
        assert!((mean(0.2) - 0.04).abs() < 0.004, "{}", mean(0.2));
    }

    #[test]
    fn little_gold_is_not_trusted() {
        let few = fit(&claims(4, 29, |p| p), 1);
        assert!(!few.is_trusted());
        assert!(fit(&claims(4, 30, |p| p), 1).is_trusted());
        assert_eq!(fit(&claims(4, 5, |p| p), 1).curve, Curve::AsClaimed);
    }
}
