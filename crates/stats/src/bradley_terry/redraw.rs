//! Intervals by drawing votes again.

use super::{Cell, Votes, add, by_cluster, cells_curve, cells_of, count, fitted};
use crate::interval::{Interval, expanded, percentile};
use crate::parallel;
use crate::random::Random;

/// Intervals of the strengths by drawing again: clusters where votes come in any, and votes otherwise, as Poisson counts of each pair's
/// outcomes, which needs no more time for more votes. Covariates are not taken into account.
///
/// ```
/// use stats::bradley_terry::{Ties, Vote, Votes, Winner, bootstrap};
/// let vote = |n| Vote {
///     left: 0,
///     right: 1,
///     winner: if n % 3 == 0 { Winner::Right } else { Winner::Left },
///     cluster: n,
/// };
/// let votes: Vec<Vote> = (0..300).map(vote).collect();
/// let votes = Votes { contestants: 2, votes: &votes, covariates: 0, values: &[], ties: Ties::Half };
/// let intervals = bootstrap(&votes, 100, 0.95, 1);
/// assert!(intervals[0].contains(0.5 * 2_f64.ln()) && intervals[0].low > 0.0);
/// ```
pub fn bootstrap(votes: &Votes<'_>, rounds: usize, level: f64, seed: u64) -> Vec<Interval> {
    let n = votes.contestants;
    let draw = Draw::new(votes);
    let level = expanded(level, draw.units());
    let plain = Votes { covariates: 0, values: &[], ..*votes };
    let (start, _) = fitted(&plain);
    let size = start.len();
    let mut drawn = vec![0.0; rounds * size];
    let jobs = drawn.chunks_mut(size.max(1)).enumerate();
    parallel::each(usize::MAX, jobs, |(round, at)| {
        // Each round has a seed of its own, so that it is the same on any thread.
        let mut random = Random::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(round as u64));
        let cells = draw.again(votes, &mut random);
        at.copy_from_slice(&start);
        climb_roughly(&plain, at, &cells);
    });
    (0..n)
        .map(|contestant| {
            let values = (0..rounds).map(|round| drawn[round * size + contestant]).collect();
            percentile(values, level)
        })
        .collect()
}

/// From near the top two steps are enough: each squares the distance.
fn climb_roughly(votes: &Votes<'_>, at: &mut [f64], cells: &[Cell]) {
    for _ in 0..3 {
        let (mut step, bend) = cells_curve(votes, cells, at);
        bend.factor().solve(&mut step);
        let longest = step.iter().fold(0.0, |most: f64, by| most.max(by.abs()));
        let scale = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        at.iter_mut().zip(&step).for_each(|(x, by)| *x += scale * by);
        if longest < 1e-3 {
            return;
        }
    }
}

/// How votes are drawn again.
enum Draw {
    /// Of each pair that met: wins, ties, losses.
    Votes(Vec<Cell>),
    Clusters {
        order: Vec<u32>,
        starts: Vec<usize>,
    },
}

impl Draw {
    fn new(votes: &Votes<'_>) -> Self {
        let (order, starts) = by_cluster(votes.votes);
        if starts.windows(2).any(|range| range[1] - range[0] > 1) {
            return Draw::Clusters { order, starts };
        }
        Draw::Votes(count(votes))
    }

    /// How many there are to draw from.
    fn units(&self) -> usize {
        match self {
            Draw::Votes(cells) => {
                cells.iter().flat_map(|(.., counts)| counts).sum::<f64>() as usize
            }
            Draw::Clusters { starts, .. } => starts.len() - 1,
        }
    }

    fn again(&self, votes: &Votes<'_>, random: &mut Random) -> Vec<Cell> {
        match self {
            Draw::Votes(cells) => cells
                .iter()
                .map(|(i, j, counts)| (*i, *j, counts.map(|count| poisson(count, random))))
                .filter(|(.., counts)| counts.iter().any(|count| *count > 0.0))
                .collect(),
            Draw::Clusters { order, starts } => {
                let n = votes.contestants;
                let mut counts = vec![[0.0; 3]; n * n];
                for _ in 0..starts.len() - 1 {
                    let cluster = random.below(starts.len() - 1);
                    for number in &order[starts[cluster]..starts[cluster + 1]] {
                        add(&mut counts, n, &votes.votes[*number as usize]);
                    }
                }
                cells_of(&counts, n)
            }
        }
    }
}

/// A Poisson count of this mean: by inversion where it is small, and rounded from the normal with its skew corrected (Cornish and Fisher 1938)
/// where it is not.
fn poisson(mean: f64, random: &mut Random) -> f64 {
    if mean > 30.0 {
        let z = random.normal();
        return (mean + mean.sqrt() * z + (z * z - 1.0) / 6.0).round().max(0.0);
    }
    let (mut left, mut term, mut n) = (random.unit(), (-mean).exp(), 0.0);
    while left > term && n < 200.0 {
        left -= term;
        n += 1.0;
        term *= mean / n;
    }
    n
}
