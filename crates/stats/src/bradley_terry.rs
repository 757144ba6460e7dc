//! Bradley–Terry: who is better, by votes between two.
//!
//! Model: the left of a vote wins with probability *σ(θ_left − θ_right + z·β)*, where *θ* are strengths and *z* what else may sway a vote
//! (which side, how long an answer is); a tie is half a win for each. Maximum likelihood by Newton's method, with the strengths' mean at zero. Ties
//! make the curvature of the likelihood too wide, and votes of one person are not independent: so the intervals come from the
//! sandwich *H⁻¹ (Σ_g s_g s_gᵀ) H⁻¹ G/(G − 1)* over clusters *g* of votes, or from drawing clusters again.
//!
//! Papers: R. Bradley and M. Terry, *Rank Analysis of Incomplete Block Designs*, 1952; K.-Y. Liang and S. Zeger, 1986, for the
//! sandwich; W.-L. Chiang et al., *Chatbot Arena*, ICML 2024; M. Mogstad et al., *Inference for Ranks*, 2024, for rank sets; T. Broderick, R. Giordano and R. Meager, *An Automatic
//! Finite-Sample Robustness Metric*, 2020, and J. Huang et al., 2025, for votes whose dropping turns a rank.
//!
//! Units: strengths are logits; 400/ln 10 Elo points each. Without covariates votes are counted once, and a round costs the
//! pairs that met and a third of the contestants cubed.

use crate::interval::{Interval, expanded, percentile};
use crate::linear::Matrix;
use crate::parallel;
use crate::random::Random;
use crate::special::{logistic, normal_quantile, student_quantile};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    Left,
    Right,
    Tie,
}

/// One vote between two different contestants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    pub left: u32,
    pub right: u32,
    pub winner: Winner,
    /// Votes of one cluster are not independent: those of one person.
    pub cluster: u32,
}

impl Vote {
    /// What the left one got.
    fn score(&self) -> f64 {
        match self.winner {
            Winner::Left => 1.0,
            Winner::Right => 0.0,
            Winner::Tie => 0.5,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Votes<'a> {
    pub contestants: usize,
    pub votes: &'a [Vote],
    /// How many covariates each vote has.
    pub covariates: usize,
    /// Vote after vote.
    pub values: &'a [f64],
}

#[derive(Clone, Debug)]
pub struct Ranking {
    pub strengths: Vec<f64>,
    pub intervals: Vec<Interval>,
    /// The best and the worst rank that each may have, from 1: those that are certainly better are above.
    pub ranks: Vec<(usize, usize)>,
    /// Of each covariate.
    pub effects: Vec<(f64, Interval)>,
    pub clusters: usize,
    pub rounds: usize,
    bread: Matrix,
}

impl Ranking {
    /// The contestants, strongest first.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.strengths.len()).collect();
        order.sort_by(|a, b| self.strengths[*b].total_cmp(&self.strengths[*a]));
        order
    }

    /// How likely one wins against another.
    pub fn chance(&self, one: usize, other: usize) -> f64 {
        logistic(self.strengths[one] - self.strengths[other])
    }
}

/// Whoever never lost would be infinitely strong; this much doubt keeps them within reach.
const RIDGE: f64 = 1e-6;

/// Ranks, with intervals that hold with probability `level` each, and rank sets that hold for each contestant against all others
/// together (Bonferroni).
///
/// ```
/// use stats::bradley_terry::{Vote, Votes, Winner, rank};
/// let won = |left, right, cluster| Vote { left, right, winner: Winner::Left, cluster };
/// let votes: Vec<Vote> = (0..90)
///     .map(|n| if n % 3 == 0 { won(1, 0, n) } else { won(0, 1, n) })
///     .collect();
/// let votes = Votes { contestants: 2, votes: &votes, covariates: 0, values: &[] };
/// let ranking = rank(&votes, 0.95);
/// assert!((ranking.strengths[0] - ranking.strengths[1] - 2_f64.ln()).abs() < 1e-6);
/// assert_eq!(ranking.ranks, [(1, 1), (2, 2)]);
/// ```
pub fn rank(votes: &Votes<'_>, level: f64) -> Ranking {
    let size = votes.contestants + votes.covariates;
    let cells = count(votes);
    let mut at = vec![0.0; size];
    let rounds = match votes.covariates {
        0 => climb(&mut at, |at| cells_curve(&cells, votes.contestants, at)),
        _ => climb(&mut at, |at| votes_curve(votes, at)),
    };
    let (_, curve) = match votes.covariates {
        0 => cells_curve(&cells, votes.contestants, &at),
        _ => votes_curve(votes, &at),
    };
    let bread = curve.factor().inverse();
    let (meat, clusters) = meat(votes, &at);
    let covariance = sandwich(&bread, &meat);
    // Of few clusters the meat is uncertain itself.
    let z = student_quantile(0.5 + level / 2.0, f64::max(clusters as f64 - 1.0, 5.0));
    let interval = |place: usize| {
        let radius = z * covariance.at(place, place).max(0.0).sqrt();
        Interval { low: at[place] - radius, high: at[place] + radius }
    };
    Ranking {
        intervals: (0..votes.contestants).map(interval).collect(),
        ranks: rank_sets(&at[..votes.contestants], &covariance, level),
        effects: (votes.contestants..size).map(|place| (at[place], interval(place))).collect(),
        strengths: at[..votes.contestants].to_vec(),
        clusters,
        rounds,
        bread,
    }
}

/// A pair that met: the lower index, the higher, and what the lower got and lost.
type Cell = (u32, u32, f64, f64);

fn count(votes: &Votes<'_>) -> Vec<Cell> {
    let n = votes.contestants;
    let mut won = vec![0.0; n * n];
    for vote in votes.votes {
        let (left, right) = (vote.left as usize, vote.right as usize);
        won[left * n + right] += vote.score();
        won[right * n + left] += 1.0 - vote.score();
    }
    cells_of(&won, n)
}

fn cells_of(won: &[f64], n: usize) -> Vec<Cell> {
    let mut cells = Vec::new();
    for i in 0..n {
        for j in i + 1..n {
            let (wins, losses) = (won[i * n + j], won[j * n + i]);
            if wins + losses > 0.0 {
                cells.push((i as u32, j as u32, wins, losses));
            }
        }
    }
    cells
}

/// Newton's method up a log likelihood with one top; returns the rounds it took.
fn climb(at: &mut [f64], curve: impl Fn(&[f64]) -> (Vec<f64>, Matrix)) -> usize {
    for round in 1..=100 {
        let (mut step, bend) = curve(at);
        bend.factor().solve(&mut step);
        let longest = step.iter().fold(0.0, |most: f64, by| most.max(by.abs()));
        // Far from the top the parabola points beyond it.
        let scale = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        at.iter_mut().zip(&step).for_each(|(x, by)| *x += scale * by);
        if longest < 1e-10 {
            return round;
        }
    }
    100
}

/// The slope, and the curvature with the direction fixed in which nothing changes.
fn cells_curve(cells: &[Cell], n: usize, at: &[f64]) -> (Vec<f64>, Matrix) {
    let (mut slope, mut bend) = prior(n, n, at);
    for (i, j, wins, losses) in cells {
        let (i, j) = (*i as usize, *j as usize);
        let p = logistic(at[i] - at[j]);
        let (met, gain) = (wins + losses, wins - (wins + losses) * p);
        slope[i] += gain;
        slope[j] -= gain;
        let weight = met * p * (1.0 - p);
        bend.add(i, i, weight);
        bend.add(j, j, weight);
        bend.add(i, j, -weight);
        bend.add(j, i, -weight);
    }
    (slope, bend)
}

fn prior(contestants: usize, size: usize, at: &[f64]) -> (Vec<f64>, Matrix) {
    let slope = at.iter().map(|x| -RIDGE * x).collect();
    let mut bend = Matrix::zero(size);
    for i in 0..size {
        bend.add(i, i, RIDGE);
    }
    for i in 0..contestants {
        for j in 0..contestants {
            bend.add(i, j, 1.0 / contestants as f64);
        }
    }
    (slope, bend)
}

fn votes_curve(votes: &Votes<'_>, at: &[f64]) -> (Vec<f64>, Matrix) {
    let n = votes.contestants;
    let (mut slope, mut bend) = prior(n, n + votes.covariates, at);
    let mut row = Vec::new();
    for (number, vote) in votes.votes.iter().enumerate() {
        design(votes, number, vote, &mut row);
        let p = logistic(row.iter().map(|(place, x)| at[*place] * x).sum());
        let (gain, weight) = (vote.score() - p, p * (1.0 - p));
        for (a, x) in &row {
            slope[*a] += gain * x;
            for (b, y) in &row {
                bend.add(*a, *b, weight * x * y);
            }
        }
    }
    (slope, bend)
}

/// What a vote is made of: places, and how much of each.
fn design(votes: &Votes<'_>, number: usize, vote: &Vote, row: &mut Vec<(usize, f64)>) {
    row.clear();
    row.extend([(vote.left as usize, 1.0), (vote.right as usize, -1.0)]);
    let values = &votes.values[number * votes.covariates..(number + 1) * votes.covariates];
    row.extend(values.iter().enumerate().map(|(place, x)| (votes.contestants + place, *x)));
}

/// The votes of each cluster, and where each begins.
fn by_cluster(votes: &[Vote]) -> (Vec<u32>, Vec<usize>) {
    let clusters = votes.iter().map(|vote| vote.cluster as usize + 1).max().unwrap_or(0);
    let mut starts = vec![0; clusters + 1];
    votes.iter().for_each(|vote| starts[vote.cluster as usize + 1] += 1);
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut next = starts.clone();
    let mut order = vec![0; votes.len()];
    for (number, vote) in votes.iter().enumerate() {
        order[next[vote.cluster as usize]] = number as u32;
        next[vote.cluster as usize] += 1;
    }
    (order, starts)
}

/// The squares of the clusters' scores, and how many clusters there are.
fn meat(votes: &Votes<'_>, at: &[f64]) -> (Matrix, usize) {
    let size = at.len();
    let mut meat = Matrix::zero(size);
    let (order, starts) = by_cluster(votes.votes);
    let (mut score, mut touched, mut row) = (vec![0.0; size], Vec::new(), Vec::new());
    let mut clusters = 0;
    for range in starts.windows(2).filter(|range| range[1] > range[0]) {
        clusters += 1;
        for number in &order[range[0]..range[1]] {
            let vote = &votes.votes[*number as usize];
            design(votes, *number as usize, vote, &mut row);
            let p = logistic(row.iter().map(|(place, x)| at[*place] * x).sum());
            for (place, x) in &row {
                if score[*place] == 0.0 {
                    touched.push(*place);
                }
                score[*place] += (vote.score() - p) * x;
            }
        }
        // A score that came back to zero on the way may be there twice.
        touched.sort_unstable();
        touched.dedup();
        for a in &touched {
            for b in &touched {
                meat.cells[a * size + b] += score[*a] * score[*b];
            }
        }
        touched.drain(..).for_each(|place| score[place] = 0.0);
    }
    if clusters > 1 {
        let few = clusters as f64 / (clusters as f64 - 1.0);
        meat.cells.iter_mut().for_each(|cell| *cell *= few);
    }
    (meat, clusters)
}

fn sandwich(bread: &Matrix, meat: &Matrix) -> Matrix {
    product(&product(bread, meat), bread)
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = a.size;
    let mut result = Matrix::zero(n);
    for (row, cells) in result.cells.chunks_mut(n.max(1)).enumerate() {
        for k in 0..n {
            let x = a.at(row, k);
            for (cell, y) in cells.iter_mut().zip(&b.cells[k * n..(k + 1) * n]) {
                *cell += x * y;
            }
        }
    }
    result
}

fn rank_sets(strengths: &[f64], covariance: &Matrix, level: f64) -> Vec<(usize, usize)> {
    let n = strengths.len();
    let z = normal_quantile(1.0 - (1.0 - level) / (2.0 * (n.max(2) - 1) as f64));
    let beats = |i: usize, j: usize| {
        let variance = covariance.at(i, i) + covariance.at(j, j) - 2.0 * covariance.at(i, j);
        strengths[i] - strengths[j] > z * variance.max(0.0).sqrt()
    };
    (0..n)
        .map(|i| {
            let above = (0..n).filter(|j| beats(*j, i)).count();
            let below = (0..n).filter(|j| beats(i, *j)).count();
            (1 + above, n - below)
        })
        .collect()
}

/// Intervals of the strengths by drawing again: clusters where votes come in any, and votes otherwise, as Poisson counts of each pair's
/// outcomes, which needs no more time for more votes. Covariates are not taken into account.
///
/// ```
/// use stats::bradley_terry::{Vote, Votes, Winner, bootstrap};
/// let vote = |n| Vote {
///     left: 0,
///     right: 1,
///     winner: if n % 3 == 0 { Winner::Right } else { Winner::Left },
///     cluster: n,
/// };
/// let votes: Vec<Vote> = (0..300).map(vote).collect();
/// let votes = Votes { contestants: 2, votes: &votes, covariates: 0, values: &[] };
/// let intervals = bootstrap(&votes, 100, 0.95, 1);
/// assert!(intervals[0].contains(0.5 * 2_f64.ln()) && intervals[0].low > 0.0);
/// ```
pub fn bootstrap(votes: &Votes<'_>, rounds: usize, level: f64, seed: u64) -> Vec<Interval> {
    let n = votes.contestants;
    let draw = Draw::new(votes);
    let level = expanded(level, draw.units());
    let mut start = vec![0.0; n];
    let cells = count(votes);
    climb(&mut start, |at| cells_curve(&cells, n, at));
    let mut drawn = vec![0.0; rounds * n];
    let jobs = drawn.chunks_mut(n.max(1)).enumerate();
    parallel::each(usize::MAX, jobs, |(round, at)| {
        // Each round has a seed of its own, so that it is the same on any thread.
        let mut random = Random::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(round as u64));
        let cells = draw.again(votes, &mut random);
        at.copy_from_slice(&start);
        climb_roughly(at, &cells);
    });
    (0..n)
        .map(|contestant| {
            let values = (0..rounds).map(|round| drawn[round * n + contestant]).collect();
            percentile(values, level)
        })
        .collect()
}

/// From near the top two steps are enough: each squares the distance.
fn climb_roughly(at: &mut [f64], cells: &[Cell]) {
    for _ in 0..3 {
        let (mut step, bend) = cells_curve(cells, at.len(), at);
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
    Votes(Vec<(u32, u32, [u32; 3])>),
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
        let n = votes.contestants;
        let mut counts = vec![[0u32; 3]; n * n];
        for vote in votes.votes {
            let (left, right) = (vote.left as usize, vote.right as usize);
            let (i, j, swapped) = (left.min(right), left.max(right), left > right);
            let place = match (vote.winner, swapped) {
                (Winner::Tie, _) => 1,
                (Winner::Left, false) | (Winner::Right, true) => 0,
                (Winner::Right, false) | (Winner::Left, true) => 2,
            };
            counts[i * n + j][place] += 1;
        }
        let met = counts.iter().enumerate().filter(|(_, counts)| counts.iter().any(|n| *n > 0));
        let cells = met.map(|(at, counts)| ((at / n) as u32, (at % n) as u32, *counts));
        Draw::Votes(cells.collect())
    }

    /// How many there are to draw from.
    fn units(&self) -> usize {
        match self {
            Draw::Votes(cells) => {
                cells.iter().flat_map(|(.., counts)| counts).sum::<u32>() as usize
            }
            Draw::Clusters { starts, .. } => starts.len() - 1,
        }
    }

    fn again(&self, votes: &Votes<'_>, random: &mut Random) -> Vec<Cell> {
        match self {
            Draw::Votes(cells) => cells
                .iter()
                .map(|(i, j, counts)| {
                    let [wins, ties, losses] = counts.map(|count| poisson(count, random));
                    (*i, *j, wins + 0.5 * ties, losses + 0.5 * ties)
                })
                .filter(|(_, _, wins, losses)| wins + losses > 0.0)
                .collect(),
            Draw::Clusters { order, starts } => {
                let n = votes.contestants;
                let mut won = vec![0.0; n * n];
                for _ in 0..starts.len() - 1 {
                    let cluster = random.below(starts.len() - 1);
                    for number in &order[starts[cluster]..starts[cluster + 1]] {
                        let vote = &votes.votes[*number as usize];
                        let (left, right) = (vote.left as usize, vote.right as usize);
                        won[left * n + right] += vote.score();
                        won[right * n + left] += 1.0 - vote.score();
                    }
                }
                cells_of(&won, n)
            }
        }
    }
}

/// A Poisson count of this mean: by inversion where it is small, and rounded from the normal with its skew corrected (Cornish and Fisher 1938)
/// where it is not.
fn poisson(mean: u32, random: &mut Random) -> f64 {
    let mean = f64::from(mean);
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

/// How few votes carry a rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragility {
    /// Who is ahead, and of whom.
    pub pair: (usize, usize),
    /// Votes without which they change places.
    pub votes: Vec<usize>,
    pub share: f64,
}

/// The votes that keep one contestant ahead of the next, as few as can be found: those of most influence on the difference of their strengths, more and more until the
/// ranking without them, fitted anew, has the two the other way round. None if a tenth of the votes is not enough.
///
/// ```
/// use stats::bradley_terry::{Vote, Votes, Winner, fragility, rank};
/// let vote = |winner, cluster| Vote { left: 0, right: 1, winner, cluster };
/// // 51 against 49: two votes fewer make it 49 all, three turn it round.
/// let votes: Vec<Vote> = (0..100)
///     .map(|n| vote(if n < 51 { Winner::Left } else { Winner::Right }, n))
///     .collect();
/// let votes = Votes { contestants: 2, votes: &votes, covariates: 0, values: &[] };
/// let fragility = fragility(&votes, &rank(&votes, 0.95), 0).unwrap();
/// assert_eq!((fragility.pair, fragility.votes.len()), ((0, 1), 3));
/// ```
pub fn fragility(votes: &Votes<'_>, ranking: &Ranking, place: usize) -> Option<Fragility> {
    let order = ranking.order();
    let (ahead, behind) = (*order.get(place)?, *order.get(place + 1)?);
    let size = ranking.bread.size;
    let pull: Vec<f64> =
        (0..size).map(|k| ranking.bread.at(ahead, k) - ranking.bread.at(behind, k)).collect();
    let mut at = ranking.strengths.clone();
    at.extend(ranking.effects.iter().map(|(effect, _)| *effect));
    let mut row = Vec::new();
    let mut influence: Vec<(f64, usize)> = votes
        .votes
        .iter()
        .enumerate()
        .map(|(number, vote)| {
            design(votes, number, vote, &mut row);
            let p = logistic(row.iter().map(|(k, x)| at[*k] * x).sum());
            (row.iter().map(|(k, x)| pull[*k] * x).sum::<f64>() * (vote.score() - p), number)
        })
        .collect();
    influence.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let gap = at[ahead] - at[behind];
    let mut sum = 0.0;
    let needed = influence.iter().position(|(by, _)| {
        sum += by;
        sum > gap
    })?;
    let most = votes.votes.len().div_ceil(10);
    // The influence is a slope; the turn itself may take a few more, or fewer.
    let turns = |count: usize| {
        let mut dropped = vec![false; votes.votes.len()];
        influence[..count].iter().for_each(|(_, number)| dropped[*number] = true);
        let strengths = without(votes, &dropped);
        strengths[ahead] < strengths[behind]
    };
    let mut count = (needed + 1).min(most);
    while count > 1 && turns(count - 1) {
        count -= (count / 20).max(1);
    }
    while !turns(count) {
        if count >= most {
            return None;
        }
        count = (count + (count / 20).max(1)).min(most);
    }
    let dropped: Vec<usize> = influence[..count].iter().map(|(_, number)| *number).collect();
    let share = count as f64 / votes.votes.len() as f64;
    Some(Fragility { pair: (ahead, behind), votes: dropped, share })
}

fn without(votes: &Votes<'_>, dropped: &[bool]) -> Vec<f64> {
    let kept = (0..votes.votes.len()).filter(|number| !dropped[*number]);
    let (mut rest, mut values) = (Vec::new(), Vec::new());
    for number in kept {
        rest.push(votes.votes[number]);
        values.extend_from_slice(
            &votes.values[number * votes.covariates..(number + 1) * votes.covariates],
        );
    }
    let rest = Votes { votes: &rest, values: &values, ..*votes };
    let mut at = vec![0.0; votes.contestants + votes.covariates];
    if votes.covariates == 0 {
        let cells = count(&rest);
        climb(&mut at, |at| cells_curve(&cells, votes.contestants, at));
    } else {
        climb(&mut at, |at| votes_curve(&rest, at));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Votes of people who lean to one side each.
    fn simulated(random: &mut Random, strengths: &[f64], people: u32, each: u32) -> Vec<Vote> {
        let mut votes = Vec::new();
        for cluster in 0..people {
            let taste: Vec<f64> = strengths.iter().map(|s| s + 0.7 * random.normal()).collect();
            for _ in 0..each {
                let left = random.below(strengths.len());
                let right = (left + 1 + random.below(strengths.len() - 1)) % strengths.len();
                let p = logistic(taste[left] - taste[right]);
                let winner = match random.unit() {
                    x if x < 0.8 * p => Winner::Left,
                    x if x < 0.8 => Winner::Right,
                    _ => Winner::Tie,
                };
                votes.push(Vote { left: left as u32, right: right as u32, winner, cluster });
            }
        }
        votes
    }

    #[test]
    fn cluster_robust_intervals_hold_where_those_of_single_votes_do_not() {
        let mut random = Random::new(11);
        let strengths = [0.6, 0.2, -0.2, -0.6];
        // What the mixture of tastes comes to, from one large crowd.
        let many = simulated(&mut Random::new(12), &strengths, 20_000, 20);
        let votes = |votes: &'_ [Vote]| -> Ranking {
            rank(&Votes { contestants: 4, votes, covariates: 0, values: &[] }, 0.95)
        };
        let truth = votes(&many).strengths;
        let (mut robust, mut naive) = (0, 0);
        for _ in 0..500 {
            let sample = simulated(&mut random, &strengths, 100, 20);
            let alone: Vec<Vote> =
                sample.iter().zip(0..).map(|(vote, n)| Vote { cluster: n, ..*vote }).collect();
            robust += u32::from(votes(&sample).intervals[0].contains(truth[0]));
            naive += u32::from(votes(&alone).intervals[0].contains(truth[0]));
        }
        assert!((465..=488).contains(&robust), "{robust} of 500");
        assert!(naive < 440, "{naive} of 500");
    }

    #[test]
    fn bootstrapped_intervals_are_those_of_the_sandwich() {
        let mut random = Random::new(13);
        let votes = simulated(&mut random, &[0.5, 0.0, -0.5], 150, 10);
        let clustered = Votes { contestants: 3, votes: &votes, covariates: 0, values: &[] };
        let alone: Vec<Vote> =
            votes.iter().zip(0..).map(|(vote, n)| Vote { cluster: n, ..*vote }).collect();
        let single = Votes { votes: &alone, ..clustered };
        for votes in [clustered, single] {
            let sandwich = rank(&votes, 0.95).intervals;
            let drawn = bootstrap(&votes, 1_000, 0.95, 1);
            for (a, b) in sandwich.iter().zip(&drawn) {
                assert!((a.width() / b.width() - 1.0).abs() < 0.15, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn what_sways_votes_is_told_apart_from_strength() {
        let mut random = Random::new(14);
        let (mut votes, mut values) = (Vec::new(), Vec::new());
        for cluster in 0..6_000 {
            let left = random.below(3);
            let right = (left + 1 + random.below(2)) % 3;
            // The last is weak, and long; length wins votes.
            let length = |who: usize| if who == 2 { 1.0 } else { random_free(who) };
            let z = length(left) - length(right) + random.normal();
            let strength = [0.5, 0.0, -0.5];
            let p = logistic(strength[left] - strength[right] + 0.8 * z);
            let winner = if random.chance(p) { Winner::Left } else { Winner::Right };
            votes.push(Vote { left: left as u32, right: right as u32, winner, cluster });
            values.push(z);
        }
        let with = Votes { contestants: 3, votes: &votes, covariates: 1, values: &values };
        let ranking = rank(&with, 0.95);
        assert!(ranking.effects[0].1.contains(0.8), "{:?}", ranking.effects);
        assert!(ranking.intervals[2].contains(-0.5), "{:?}", ranking.intervals);
        let without = rank(&Votes { covariates: 0, values: &[], ..with }, 0.95);
        assert!(!without.intervals[2].contains(-0.5), "{:?}", without.intervals);
    }

    fn random_free(who: usize) -> f64 {
        0.1 * who as f64
    }

    #[test]
    fn one_who_never_lost_is_far_ahead_and_nothing_breaks() {
        let won = |left, right, cluster| Vote { left, right, winner: Winner::Left, cluster };
        let votes: Vec<Vote> = (0..20).map(|n| won(0, 1, n)).collect();
        let votes = Votes { contestants: 3, votes: &votes, covariates: 0, values: &[] };
        let ranking = rank(&votes, 0.95);
        assert!(ranking.strengths.iter().all(|s| s.is_finite()));
        assert_eq!(ranking.order()[0], 0);
        assert!(ranking.strengths[0] > 3.0);
    }
}
