//! Kappa: agreement beyond chance where the same number of people judged every unit.
//!
//! *κ = (P_o − P_e) / (1 − P_e)*: observed agreement against what each one's habits would bring by chance. Alpha
//! ([`crate::alpha`]) does the same with any number of people and codings missing; kappa is what papers report. Linear in the
//! codings.

use crate::interval::{Bootstrap, Interval, bootstrap};
use std::collections::HashMap;
use std::hash::Hash;

/// Two people who judged the same units, each with habits of their own. None where there is nothing to tell apart.
///
/// Paper: J. Cohen, *A Coefficient of Agreement for Nominal Scales*, 1960.
///
/// ```
/// let pairs = [("a", "a"), ("a", "a"), ("b", "b"), ("a", "b")];
/// // P_o = 3/4, P_e = (3·2 + 1·2) / 16.
/// assert!((stats::kappa::cohen(&pairs).unwrap() - 0.5).abs() < 1e-12);
/// ```
pub fn cohen<L: Eq + Hash>(pairs: &[(L, L)]) -> Option<f64> {
    cohen_times(pairs, &vec![1; pairs.len()])
}

/// With an interval, by drawing units again.
pub fn cohen_interval<L: Eq + Hash>(pairs: &[(L, L)], options: &Bootstrap) -> Option<Interval> {
    bootstrap(pairs.len(), options, |times| cohen_times(pairs, times))
}

fn cohen_times<L: Eq + Hash>(pairs: &[(L, L)], times: &[u32]) -> Option<f64> {
    let mut habits: HashMap<&L, [f64; 2]> = HashMap::new();
    let (mut alike, mut count) = (0.0, 0.0);
    for ((a, b), times) in pairs.iter().zip(times) {
        let times = f64::from(*times);
        habits.entry(a).or_default()[0] += times;
        habits.entry(b).or_default()[1] += times;
        alike += if a == b { times } else { 0.0 };
        count += times;
    }
    let chance: f64 = habits.values().map(|[a, b]| a * b).sum::<f64>() / (count * count);
    (count > 0.0 && chance < 1.0).then(|| (alike / count - chance) / (1.0 - chance))
}

/// Any number of people, the same for each unit, who need not be the same people: chance is what all of them say together. Units
/// with fewer than two codings are passed over; where their numbers differ each unit's agreement counts alike.
///
/// Paper: J. Fleiss, *Measuring Nominal Scale Agreement Among Many Raters*, 1971.
///
/// ```
/// let units = [vec!["a", "a", "a"], vec!["b", "b", "a"], vec!["b", "b", "b"]];
/// assert!((stats::kappa::fleiss(&units).unwrap() - 0.55).abs() < 1e-12);
/// ```
pub fn fleiss<L: Eq + Hash>(units: &[Vec<L>]) -> Option<f64> {
    fleiss_times(&counted(units), &vec![1; units.len()])
}

/// With an interval, by drawing units again.
pub fn fleiss_interval<L: Eq + Hash>(units: &[Vec<L>], options: &Bootstrap) -> Option<Interval> {
    let counts = counted(units);
    bootstrap(units.len(), options, |times| fleiss_times(&counts, times))
}

/// Of each unit how many codings of which class.
fn counted<L: Eq + Hash>(units: &[Vec<L>]) -> Vec<Vec<(usize, f64)>> {
    let mut classes: HashMap<&L, usize> = HashMap::new();
    let mut counts = Vec::with_capacity(units.len());
    for unit in units {
        let mut count: Vec<(usize, f64)> = Vec::new();
        for label in unit {
            let next = classes.len();
            let class = *classes.entry(label).or_insert(next);
            match count.iter_mut().find(|(of, _)| *of == class) {
                Some(found) => found.1 += 1.0,
                None => count.push((class, 1.0)),
            }
        }
        counts.push(count);
    }
    counts
}

fn fleiss_times(units: &[Vec<(usize, f64)>], times: &[u32]) -> Option<f64> {
    let mut totals: Vec<f64> = Vec::new();
    let (mut alike, mut drawn) = (0.0, 0.0);
    for (unit, times) in units.iter().zip(times) {
        let (times, people) = (f64::from(*times), unit.iter().map(|(_, n)| n).sum::<f64>());
        if people < 2.0 {
            continue;
        }
        let pairs: f64 = unit.iter().map(|(_, n)| n * (n - 1.0)).sum();
        alike += times * pairs / (people * (people - 1.0));
        drawn += times;
        for (class, n) in unit {
            totals.resize(totals.len().max(class + 1), 0.0);
            totals[*class] += times * n;
        }
    }
    let all: f64 = totals.iter().sum();
    let chance: f64 = totals.iter().map(|n| (n / all).powi(2)).sum();
    (drawn > 0.0 && chance < 1.0).then(|| (alike / drawn - chance) / (1.0 - chance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Fleiss' table of 1971 as Wikipedia prints it: κ = 0.210.
    #[test]
    fn the_known_example() {
        let table = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        let unit = |row: &[usize; 5]| -> Vec<usize> {
            (0..5).flat_map(|class| std::iter::repeat_n(class, row[class])).collect()
        };
        let units: Vec<Vec<usize>> = table.iter().map(unit).collect();
        assert!(fleiss(&units).is_some_and(|kappa| (kappa - 0.210).abs() < 5e-4));
        assert_eq!(fleiss(&[vec![1, 1], vec![1, 1]]), None);
        assert_eq!(cohen(&[(1, 1), (1, 1)]), None);
    }

    #[test]
    fn intervals_hold_about_as_often_as_they_say() {
        // Each says the truth with 0.85 and guesses otherwise: agreement 0.7225 + 0.2775/2, chance one half.
        let kappa = 0.85 * 0.85;
        let mut random = Random::new(8);
        let options = Bootstrap { rounds: 200, ..Bootstrap::default() };
        let held = (0..400).filter(|_| {
            let pairs: Vec<(bool, bool)> = (0..150)
                .map(|_| {
                    let truth = random.chance(0.5);
                    let mut say = || if random.chance(0.85) { truth } else { random.chance(0.5) };
                    (say(), say())
                })
                .collect();
            cohen_interval(&pairs, &options).is_some_and(|interval| interval.contains(kappa))
        });
        let held = held.count();
        assert!((364..=390).contains(&held), "{held} of 400");
    }
}
