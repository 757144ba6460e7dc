//! Krippendorff's alpha: how far several coders agree beyond chance, with any number of coders for
//! each unit and any number of codings missing.
//!
//! Model: *n* codings that can be paired (units with at least two), *n_c* of them of category *c*.
//! Within unit *u*, which has *m_u* codings, *n_uc* of them of category *c*, each coding is paired with
//! each other one, and the unit's pairs weigh as much as its codings do:
//!
//! - observed agreement *A_o = (1/n) · Σ_u Σ_c n_uc (n_uc − 1) / (m_u − 1)*,
//! - expected agreement *A_e = Σ_c n_c (n_c − 1) / (n (n − 1))*, of codings dealt out at random,
//! - *α = (A_o − A_e) / (1 − A_e)*.
//!
//! One is perfect agreement, zero is chance, and below zero the coders disagree more than chance would.
//! Where all codings are of one category there is nothing to tell apart, and alpha is not defined.
//!
//! With codings that can be nearer or farther, disagreement is a mean distance instead: *α = 1 − D_o / D_e*, where *D_o* is the mean
//! within units and *D_e* among all codings that can be paired. [`spread`] takes any distance; [`ordinal`] and [`interval()`] are the usual ones.
//!
//! Paper: K. Krippendorff, *Computing Krippendorff's Alpha-Reliability*, 2011, University of
//! Pennsylvania.

use crate::interval::{Bootstrap, Interval, bootstrap};
use crate::random::Random;
use std::collections::HashMap;
use std::hash::Hash;

/// What the codings of many units come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alpha {
    /// None where it is not defined: no pairs, or one category alone.
    pub value: Option<f64>,
    /// Pairs of codings of the same unit.
    pub pairs: u64,
}

/// Alpha for categories that are equal or not (the nominal metric). Each unit brings its codings, in any
/// order; units with fewer than two are passed over.
///
/// ```
/// // Two coders look at four units and differ about the last one.
/// let alpha = stats::alpha::nominal([["a", "a"], ["b", "b"], ["a", "a"], ["a", "b"]]);
/// assert_eq!(alpha.pairs, 4);
/// // n = 8, n_a = 5, n_b = 3: A_o = 6/8, A_e = (5·4 + 3·2) / (8·7).
/// assert!((alpha.value.unwrap() - (6.0 / 8.0 - 26.0 / 56.0) / (30.0 / 56.0)).abs() < 1e-12);
/// ```
pub fn nominal<U, L>(units: impl IntoIterator<Item = U>) -> Alpha
where
    U: IntoIterator<Item = L>,
    L: Eq + Hash,
{
    let mut totals: HashMap<L, u64> = HashMap::new();
    let mut within: HashMap<L, u64> = HashMap::new();
    let (mut codings, mut pairs, mut agreeing) = (0u64, 0u64, 0.0f64);
    for unit in units {
        within.clear();
        let mut count = 0u64;
        for label in unit {
            count += 1;
            *within.entry(label).or_default() += 1;
        }
        if count < 2 {
            continue;
        }
        codings += count;
        pairs += count * (count - 1) / 2;
        let alike: u64 = within.values().map(|n| n * (n - 1)).sum();
        agreeing += alike as f64 / (count - 1) as f64;
        for (label, n) in within.drain() {
            *totals.entry(label).or_default() += n;
        }
    }
    if totals.len() < 2 {
        return Alpha { value: None, pairs };
    }
    let n = codings as f64;
    let observed = agreeing / n;
    let expected =
        totals.values().map(|&c| c as f64 * (c as f64 - 1.0)).sum::<f64>() / (n * (n - 1.0));
    Alpha { value: Some((observed - expected) / (1.0 - expected)), pairs }
}

/// Alpha for ranks: the distance of two is how many codings lie between them, and half of their own.
///
/// Linear in the codings, and square in how many different ranks there are.
///
/// ```
/// let stars = [vec![1, 1], vec![2, 3], vec![3, 3], vec![1, 2], vec![3, 3]];
/// let alpha = stats::alpha::ordinal(&stars).value.unwrap();
/// assert!(alpha > stats::alpha::nominal(&stars).value.unwrap());
/// ```
pub fn ordinal<L: Ord + Clone>(units: &[Vec<L>]) -> Alpha {
    let mut ranks: Vec<&L> = pairable(units).flatten().collect();
    ranks.sort();
    // Of each rank, how many codings are below and how many are its own.
    let mut places: Vec<(&L, f64)> = Vec::new();
    let mut below = 0.0;
    for same in ranks.chunk_by(|a, b| a == b) {
        places.push((same[0], below + same.len() as f64 / 2.0));
        below += same.len() as f64;
    }
    let place = |rank: &L| {
        places.binary_search_by(|(of, _)| (*of).cmp(rank)).map_or(0.0, |at| places[at].1)
    };
    let placed: Vec<Vec<f64>> = units.iter().map(|unit| unit.iter().map(place).collect()).collect();
    interval(&placed)
}

/// Alpha for measures: the distance of two is the square of their difference.
///
/// Linear in the codings.
///
/// ```
/// let metres = [vec![1.0, 1.1], vec![2.0, 2.1], vec![3.0, 2.9]];
/// assert!(stats::alpha::interval(&metres).value.unwrap() > 0.98);
/// ```
pub fn interval(units: &[Vec<f64>]) -> Alpha {
    let (mut within, mut pairs) = (0.0, 0);
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for unit in pairable(units) {
        let n = unit.len() as f64;
        let middle = unit.iter().sum::<f64>() / n;
        // The mean square difference of pairs is twice the variance; each coding weighs one.
        within += 2.0 * n / (n - 1.0) * unit.iter().map(|x| (x - middle).powi(2)).sum::<f64>();
        pairs += unit.len() as u64 * (unit.len() as u64 - 1) / 2;
        for x in unit {
            count += 1.0;
            let step = x - mean;
            mean += step / count;
            squares += step * (x - mean);
        }
    }
    let among = 2.0 * squares / (count - 1.0);
    let value = (pairs > 0 && among > 0.0).then(|| 1.0 - within / count / among);
    Alpha { value, pairs }
}

/// More pairs of all codings than this are drawn, not counted.
const PAIRS_MAX: usize = 1_000_000;

/// Alpha for anything with a distance, which is zero for the same and symmetric: one less the IoU of boxes, one less the F1 of spans.
///
/// What is expected by chance is the mean over all pairs of codings, or over a million that are drawn from a seed where there are
/// more. Square in the codings of a unit.
///
/// ```
/// use stats::agreement::jaccard;
/// let tags = [vec![vec!["cat"], vec!["cat", "wet"]], vec![vec!["dog"], vec!["dog"]]];
/// let alpha = stats::alpha::spread(&tags, 1, |a, b| 1.0 - jaccard(a, b)).value.unwrap();
/// assert!(alpha > 0.5 && alpha < 1.0);
/// ```
pub fn spread<L>(units: &[Vec<L>], seed: u64, distance: impl Fn(&L, &L) -> f64) -> Alpha {
    let (mut within, mut pairs) = (0.0, 0);
    let all: Vec<&L> = pairable(units).flatten().collect();
    for unit in pairable(units) {
        let mut sum = 0.0;
        for (at, a) in unit.iter().enumerate() {
            sum += unit[at + 1..].iter().map(|b| distance(a, b)).sum::<f64>();
        }
        within += 2.0 * sum / (unit.len() - 1) as f64;
        pairs += unit.len() as u64 * (unit.len() as u64 - 1) / 2;
    }
    let count = all.len();
    let among = if count * count.saturating_sub(1) / 2 <= PAIRS_MAX {
        let sums = all.iter().enumerate();
        let sum: f64 =
            sums.map(|(at, a)| all[at + 1..].iter().map(|b| distance(a, b)).sum::<f64>()).sum();
        2.0 * sum / (count as f64 * (count as f64 - 1.0))
    } else {
        let mut random = Random::new(seed);
        let mut sum = 0.0;
        for _ in 0..PAIRS_MAX {
            let a = random.below(count);
            // Anyone but the first.
            let b = (a + 1 + random.below(count - 1)) % count;
            sum += distance(all[a], all[b]);
        }
        sum / PAIRS_MAX as f64
    };
    let value = (pairs > 0 && among > 0.0).then(|| 1.0 - within / count as f64 / among);
    Alpha { value, pairs }
}

fn pairable<L>(units: &[Vec<L>]) -> impl Iterator<Item = &Vec<L>> {
    units.iter().filter(|unit| unit.len() > 1)
}

/// An interval for any alpha, by drawing units again.
///
/// ```
/// use stats::alpha::{bootstrapped, interval};
/// let units: Vec<Vec<f64>> = (0..60).map(|n| vec![f64::from(n), f64::from(n + n % 7)]).collect();
/// let found = bootstrapped(&units, &Default::default(), |drawn| interval(drawn)).unwrap();
/// assert!(found.contains(interval(&units).value.unwrap()));
/// ```
pub fn bootstrapped<L: Clone>(
    units: &[Vec<L>],
    options: &Bootstrap,
    alpha: impl Fn(&[Vec<L>]) -> Alpha,
) -> Option<Interval> {
    let mut drawn = Vec::with_capacity(units.len());
    bootstrap(units.len(), options, |times| {
        drawn.clear();
        for (unit, times) in units.iter().zip(times) {
            drawn.extend(std::iter::repeat_n(unit, *times as usize).cloned());
        }
        alpha(&drawn).value
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_scale() {
        let perfect = nominal([["a", "a"], ["b", "b"]]);
        assert_eq!(perfect, Alpha { value: Some(1.0), pairs: 2 });
        assert!(nominal([["a", "b"], ["b", "a"]]).value.is_some_and(|alpha| alpha < 0.0));
    }

    #[test]
    fn where_alpha_is_not_defined() {
        assert_eq!(nominal(Vec::<Vec<&str>>::new()), Alpha { value: None, pairs: 0 });
        assert_eq!(nominal([["a"], ["b"]]), Alpha { value: None, pairs: 0 });
        assert_eq!(nominal([["a", "a"], ["a", "a"]]), Alpha { value: None, pairs: 2 });
    }

    /// Krippendorff's own example (2011), as `evalica` keeps it; the figures are his.
    #[test]
    fn the_known_example_in_each_metric() {
        let coders = [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ];
        let units: Vec<Vec<i32>> = (0..12)
            .map(|unit| coders.iter().map(|coder| coder[unit]).filter(|code| *code > 0).collect())
            .collect();
        let near = |alpha: Alpha, want: f64| {
            assert!(alpha.value.is_some_and(|got| (got - want).abs() < 1e-6), "{alpha:?}, {want}");
        };
        near(nominal(&units), 0.743_421);
        near(spread(&units, 1, |a, b| f64::from(u8::from(a != b))), 0.743_421);
        near(ordinal(&units), 0.815_388);
        let measures: Vec<Vec<f64>> =
            units.iter().map(|unit| unit.iter().map(|code| f64::from(*code)).collect()).collect();
        near(interval(&measures), 0.849_107);
        near(spread(&measures, 1, |a, b| (a - b).powi(2)), 0.849_107);
    }
}
