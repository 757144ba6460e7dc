//! Bradley–Terry: who is better, by votes between two.
//!
//! Model: the left of a vote wins with probability *σ(d)*, *d = θ_left − θ_right + z·β*, where *θ* are strengths and *z* what else may sway a vote
//! (which side, how long an answer is). A tie is half a win for each, or, with [`Ties::Davidson`], an outcome of its own: left, right and tie are as *e^(d/2) : e^(−d/2) :
//! ν*, so that *d* is still the log odds of a win against a loss. Maximum likelihood by Newton's method, with the strengths' mean at zero. Half wins
//! make the curvature of the likelihood too wide, and votes of one person are not independent: so the intervals come from the
//! sandwich *H⁻¹ (Σ_g s_g s_gᵀ) H⁻¹ G/(G − 1)* over clusters *g* of votes, or from drawing clusters again.
//!
//! Papers: R. Bradley and M. Terry, *Rank Analysis of Incomplete Block Designs*, 1952; R. Davidson, *On Extending the Bradley–Terry Model to Accommodate Ties*, 1970; K.-Y. Liang and S. Zeger, 1986, for the
//! sandwich; W.-L. Chiang et al., *Chatbot Arena*, ICML 2024; M. Mogstad et al., *Inference for Ranks*, 2024, for rank sets; T. Broderick, R. Giordano and R. Meager, *An Automatic
//! Finite-Sample Robustness Metric*, 2020, and J. Huang et al., 2025, for votes whose dropping turns a rank.
//!
//! Units: strengths are logits; 400/ln 10 Elo points each. Without covariates votes are counted once, and a round costs the
//! pairs that met and a third of the contestants cubed.

mod drop;
mod redraw;

pub use drop::{Fragility, fragility};
pub use redraw::bootstrap;

use crate::interval::Interval;
use crate::linear::Matrix;
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
    /// One of the left's wins, ties and losses.
    fn outcome(&self) -> [f64; 3] {
        match self.winner {
            Winner::Left => [1.0, 0.0, 0.0],
            Winner::Tie => [0.0, 1.0, 0.0],
            Winner::Right => [0.0, 0.0, 1.0],
        }
    }
}

/// What a tie is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// Half a win for each: what leaderboards do.
    #[default]
    Half,
    /// An outcome with a probability of its own, the greater the nearer two are.
    Davidson,
}

#[derive(Clone, Copy, Debug)]
pub struct Votes<'a> {
    pub contestants: usize,
    pub votes: &'a [Vote],
    /// How many covariates each vote has.
    pub covariates: usize,
    /// Vote after vote.
    pub values: &'a [f64],
    pub ties: Ties,
}

impl Votes<'_> {
    /// How many parameters there are: strengths, covariates, and *ln ν* where ties have one.
    fn size(&self) -> usize {
        self.contestants + self.covariates + usize::from(self.ties == Ties::Davidson)
    }

    /// The place of *ln ν*.
    fn tie(&self) -> Option<usize> {
        (self.ties == Ties::Davidson).then(|| self.contestants + self.covariates)
    }
}

#[derive(Clone, Debug)]
pub struct Ranking {
    pub strengths: Vec<f64>,
    pub intervals: Vec<Interval>,
    /// The best and the worst rank that each may have, from 1: those that are certainly better are above.
    pub ranks: Vec<(usize, usize)>,
    /// Of each covariate.
    pub effects: Vec<(f64, Interval)>,
    /// How likely a tie is between two of the same strength, *ν / (2 + ν)*, where ties have a probability of their own.
    pub ties: Option<(f64, Interval)>,
    pub clusters: usize,
    pub rounds: usize,
    /// All parameters.
    at: Vec<f64>,
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
/// use stats::bradley_terry::{Ties, Vote, Votes, Winner, rank};
/// let won = |left, right, cluster| Vote { left, right, winner: Winner::Left, cluster };
/// let votes: Vec<Vote> = (0..90)
///     .map(|n| if n % 3 == 0 { won(1, 0, n) } else { won(0, 1, n) })
///     .collect();
/// let votes = Votes { contestants: 2, votes: &votes, covariates: 0, values: &[], ties: Ties::Half };
/// let ranking = rank(&votes, 0.95);
/// assert!((ranking.strengths[0] - ranking.strengths[1] - 2_f64.ln()).abs() < 1e-6);
/// assert_eq!(ranking.ranks, [(1, 1), (2, 2)]);
/// ```
pub fn rank(votes: &Votes<'_>, level: f64) -> Ranking {
    let (at, rounds) = fitted(votes);
    let (_, curve) = match votes.covariates {
        0 => cells_curve(votes, &count(votes), &at),
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
    let (n, with) = (votes.contestants, votes.contestants + votes.covariates);
    let tied = |log: f64| log.exp() / (2.0 + log.exp());
    Ranking {
        intervals: (0..n).map(interval).collect(),
        ranks: rank_sets(&at[..n], &covariance, level),
        effects: (n..with).map(|place| (at[place], interval(place))).collect(),
        ties: votes.tie().map(|place| {
            let Interval { low, high } = interval(place);
            (tied(at[place]), Interval { low: tied(low), high: tied(high) })
        }),
        strengths: at[..n].to_vec(),
        clusters,
        rounds,
        at,
        bread,
    }
}

/// The likeliest parameters, and the rounds that they took.
fn fitted(votes: &Votes<'_>) -> (Vec<f64>, usize) {
    let mut at = vec![0.0; votes.size()];
    let rounds = if votes.covariates == 0 {
        let cells = count(votes);
        climb(&mut at, |at| cells_curve(votes, &cells, at))
    } else {
        climb(&mut at, |at| votes_curve(votes, at))
    };
    (at, rounds)
}

/// A pair that met: the lower index, the higher, and the lower one's wins, ties and losses.
type Cell = (u32, u32, [f64; 3]);

fn count(votes: &Votes<'_>) -> Vec<Cell> {
    let n = votes.contestants;
    let mut counts = vec![[0.0; 3]; n * n];
    for vote in votes.votes {
        add(&mut counts, n, vote);
    }
    cells_of(&counts, n)
}

fn add(counts: &mut [[f64; 3]], n: usize, vote: &Vote) {
    let (left, right) = (vote.left as usize, vote.right as usize);
    let mut outcome = vote.outcome();
    if left > right {
        outcome.reverse();
    }
    let cell = &mut counts[left.min(right) * n + left.max(right)];
    cell.iter_mut().zip(outcome).for_each(|(sum, count)| *sum += count);
}

fn cells_of(counts: &[[f64; 3]], n: usize) -> Vec<Cell> {
    let met = counts.iter().enumerate().filter(|(_, counts)| counts.iter().any(|n| *n > 0.0));
    met.map(|(at, counts)| ((at / n) as u32, (at % n) as u32, *counts)).collect()
}

/// What outcomes say at a difference: the slopes by it and by *ln ν*, and the curvature by both.
struct Pull {
    by_difference: f64,
    by_tie: f64,
    /// Difference twice, difference and tie, tie twice.
    bend: [f64; 3],
}

/// Of wins, ties and losses of the one whose strength is greater by the difference. `tie` is *ln ν*, or none where a tie is half a win.
fn pull(difference: f64, tie: Option<f64>, [wins, ties, losses]: [f64; 3]) -> Pull {
    let met = wins + ties + losses;
    let Some(tie) = tie else {
        let p = logistic(difference);
        let by_difference = wins + 0.5 * ties - met * p;
        return Pull { by_difference, by_tie: 0.0, bend: [met * p * (1.0 - p), 0.0, 0.0] };
    };
    let top = (0.5 * difference.abs()).max(tie);
    let [win, drawn, loss] = [0.5 * difference, tie, -0.5 * difference].map(|x| (x - top).exp());
    let [win, drawn, loss] = [win, drawn, loss].map(|x| x / (win + drawn + loss));
    let lean = 0.5 * (win - loss);
    Pull {
        by_difference: 0.5 * (wins - losses) - met * lean,
        by_tie: ties - met * drawn,
        bend: [
            met * (0.25 * (win + loss) - lean * lean),
            -met * lean * drawn,
            met * drawn * (1.0 - drawn),
        ],
    }
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
fn cells_curve(votes: &Votes<'_>, cells: &[Cell], at: &[f64]) -> (Vec<f64>, Matrix) {
    let (mut slope, mut bend) = prior(votes.contestants, at);
    let place = votes.tie();
    let tie = place.map(|place| at[place]);
    for (i, j, counts) in cells {
        let (i, j) = (*i as usize, *j as usize);
        let pull = pull(at[i] - at[j], tie, *counts);
        slope[i] += pull.by_difference;
        slope[j] -= pull.by_difference;
        let [weight, cross, own] = pull.bend;
        bend.add(i, i, weight);
        bend.add(j, j, weight);
        bend.add(i, j, -weight);
        bend.add(j, i, -weight);
        if let Some(place) = place {
            slope[place] += pull.by_tie;
            bend.add(place, place, own);
            for (k, by) in [(i, cross), (j, -cross)] {
                bend.add(place, k, by);
                bend.add(k, place, by);
            }
        }
    }
    (slope, bend)
}

fn prior(contestants: usize, at: &[f64]) -> (Vec<f64>, Matrix) {
    let size = at.len();
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
    let (mut slope, mut bend) = prior(votes.contestants, at);
    let mut row = Vec::new();
    for (number, vote) in votes.votes.iter().enumerate() {
        let pull = drawn(votes, number, vote, at, &mut row);
        let [weight, cross, own] = pull.bend;
        for (a, x) in &row {
            slope[*a] += pull.by_difference * x;
            for (b, y) in &row {
                bend.add(*a, *b, weight * x * y);
            }
        }
        if let Some(place) = votes.tie() {
            slope[place] += pull.by_tie;
            bend.add(place, place, own);
            for (a, x) in &row {
                bend.add(*a, place, cross * x);
                bend.add(place, *a, cross * x);
            }
        }
    }
    (slope, bend)
}

/// What one vote says, whose design goes into `row`.
fn drawn(
    votes: &Votes<'_>,
    number: usize,
    vote: &Vote,
    at: &[f64],
    row: &mut Vec<(usize, f64)>,
) -> Pull {
    design(votes, number, vote, row);
    let difference = row.iter().map(|(place, x)| at[*place] * x).sum();
    pull(difference, votes.tie().map(|place| at[place]), vote.outcome())
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
            let pull = drawn(votes, *number as usize, vote, at, &mut row);
            let tie = votes.tie().map(|place| (place, pull.by_tie));
            let scores = row.iter().map(|(place, x)| (*place, pull.by_difference * x)).chain(tie);
            for (place, by) in scores {
                if score[place] == 0.0 {
                    touched.push(place);
                }
                score[place] += by;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

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
            rank(
                &Votes { contestants: 4, votes, covariates: 0, values: &[], ties: Ties::Half },
                0.95,
            )
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
        let clustered =
            Votes { contestants: 3, votes: &votes, covariates: 0, values: &[], ties: Ties::Half };
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
        let with = Votes {
            contestants: 3,
            votes: &votes,
            covariates: 1,
            values: &values,
            ties: Ties::Half,
        };
        let ranking = rank(&with, 0.95);
        assert!(ranking.effects[0].1.contains(0.8), "{:?}", ranking.effects);
        assert!(ranking.intervals[2].contains(-0.5), "{:?}", ranking.intervals);
        let without = rank(&Votes { covariates: 0, values: &[], ..with }, 0.95);
        assert!(!without.intervals[2].contains(-0.5), "{:?}", without.intervals);
    }

    /// Equals tie by a third: as Davidson's model has it, from which the votes are drawn.
    #[test]
    fn ties_have_a_probability_of_their_own() {
        let strengths = [0.8_f64, 0.0, -0.8];
        let drawn = |random: &mut Random| -> Vec<Vote> {
            (0..600)
                .map(|n| {
                    let left = random.below(3);
                    let right = (left + 1 + random.below(2)) % 3;
                    let half = 0.5 * (strengths[left] - strengths[right]);
                    let [win, tie, loss] = [half.exp(), 1.0, (-half).exp()];
                    let winner = match random.unit() * (win + tie + loss) {
                        x if x < win => Winner::Left,
                        x if x < win + tie => Winner::Tie,
                        _ => Winner::Right,
                    };
                    Vote { left: left as u32, right: right as u32, winner, cluster: n }
                })
                .collect()
        };
        let mut random = Random::new(15);
        let (mut strength, mut ties, mut apart) = (0, 0, 0.0);
        for _ in 0..500 {
            let votes = drawn(&mut random);
            let votes = Votes {
                contestants: 3,
                votes: &votes,
                covariates: 0,
                values: &[],
                ties: Ties::Davidson,
            };
            let ranking = rank(&votes, 0.95);
            strength += u32::from(ranking.intervals[0].contains(0.8));
            ties += u32::from(ranking.ties.is_some_and(|(_, of)| of.contains(1.0 / 3.0)));
            // With a covariate that is nothing the same comes out of the other way to reckon.
            let nothing = vec![0.0; votes.votes.len()];
            let slowly = rank(&Votes { covariates: 1, values: &nothing, ..votes }, 0.95);
            apart = f64::max(apart, (slowly.strengths[0] - ranking.strengths[0]).abs());
        }
        assert!(
            (465..=485).contains(&strength) && (465..=485).contains(&ties),
            "{strength} {ties} of 500"
        );
        assert!(apart < 1e-6, "{apart}");
        let votes = drawn(&mut Random::new(16));
        let with = |ties| Votes { contestants: 3, votes: &votes, covariates: 0, values: &[], ties };
        // Half a win pulls two together.
        let [half, own] = [Ties::Half, Ties::Davidson].map(|ties| rank(&with(ties), 0.95));
        assert!(half.strengths[0] < 0.85 * own.strengths[0] && half.ties.is_none());
        let again = bootstrap(&with(Ties::Davidson), 400, 0.95, 1);
        assert!((again[0].width() / own.intervals[0].width() - 1.0).abs() < 0.15, "{again:?}");
    }

    fn random_free(who: usize) -> f64 {
        0.1 * who as f64
    }

    #[test]
    fn one_who_never_lost_is_far_ahead_and_nothing_breaks() {
        let won = |left, right, cluster| Vote { left, right, winner: Winner::Left, cluster };
        let votes: Vec<Vote> = (0..20).map(|n| won(0, 1, n)).collect();
        let votes =
            Votes { contestants: 3, votes: &votes, covariates: 0, values: &[], ties: Ties::Half };
        let ranking = rank(&votes, 0.95);
        assert!(ranking.strengths.iter().all(|s| s.is_finite()));
        assert_eq!(ranking.order()[0], 0);
        assert!(ranking.strengths[0] > 3.0);
    }
}
