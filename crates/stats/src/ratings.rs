//! Numbers: ratings and measures of several people, each with a habit and a steadiness of their own.

use crate::interval::Interval;
use crate::special::normal_quantile;

/// One number that somebody gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rating {
    pub item: u32,
    pub contributor: u32,
    /// Finite.
    pub value: f64,
}

/// What a contributor's numbers are like, in the unit of the ratings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rater {
    /// How much more they give than others do.
    pub bias: f64,
    /// The standard deviation about that, outliers apart.
    pub deviation: f64,
}

#[derive(Clone, Debug)]
pub struct Fit {
    /// Of each item, in the unit of the ratings. Where nobody rated it, the mean of all.
    pub values: Vec<f64>,
    /// How far each may be off.
    pub deviations: Vec<f64>,
    pub raters: Vec<Rater>,
    pub rounds: usize,
}

impl Fit {
    /// Where an item's value is, with probability `level`.
    pub fn interval(&self, item: usize, level: f64) -> Interval {
        let radius = normal_quantile(0.5 + level / 2.0) * self.deviations[item];
        Interval { low: self.values[item] - radius, high: self.values[item] + radius }
    }
}

/// Degrees of freedom of the errors: now and then somebody is far off.
const FREEDOM: f64 = 4.0;
/// How many ratings the crowd counts for in what a contributor is like.
const STRENGTH: f64 = 4.0;

/// The value of each item, by what each contributor's numbers are like.
///
/// Model: *y_ij = x_i + b_j + s_j t*, with *t* of Student's distribution of four degrees of freedom, *x_i ~ N(m, v)*, *b_j ~ N(0, B²)* and *s_j²* drawn towards the crowd's. EM:
/// a rating weighs *w_ij = 5 / (4 + ((y_ij − x_i − b_j)² + V_i)/s_j²)*, an item is the mean of *y_ij − b_j* weighed by *w_ij / s_j²*, with *m* weighed by *1/v*, and *V_i* its variance;
/// *b_j*, *s_j*, *m*, *v* and *B* follow. Biases are differences: what all have in common nobody can see. A rating that is far from the others loses its weight, as a robust mean has it.
/// Papers: V. Raykar et al., *Learning from Crowds*, JMLR 11 (2010), section 5; K. Lange, R. Little and J. Taylor, *Robust Statistical Modeling Using the t Distribution*, JASA 84 (1989).
///
/// Units: those of the ratings. Each round is linear in the ratings.
///
/// ```
/// use stats::ratings::{Rating, fit};
/// // Of twenty items the first two are right to a tenth, the third gives two points too many, the fourth rates at random.
/// let said = |item: usize| {
///     let (value, tenth) = ((item % 5) as f64, (item % 3) as f64 / 10.0);
///     [value, value + tenth, value + 2.0 - tenth, (item * 7 % 11 % 5) as f64]
/// };
/// let ratings: Vec<Rating> = (0..80)
///     .map(|n| (n / 4, n % 4))
///     .map(|(i, j)| Rating { item: i as u32, contributor: j as u32, value: said(i)[j] })
///     .collect();
/// let found = fit(20, 4, &ratings);
/// assert!(found.raters[2].bias - found.raters[0].bias > 1.5);
/// assert!(found.raters[3].deviation > 2.0 * found.raters[0].deviation);
/// assert!((found.values[1] - found.values[0] - 1.0).abs() < 0.2);
/// ```
pub fn fit(items: usize, contributors: usize, ratings: &[Rating]) -> Fit {
    const ROUNDS_MAX: usize = 500;
    let ratings = standing(ratings);
    let mut state = State::new(items, contributors, &ratings);
    let mut rounds = 0;
    while rounds < ROUNDS_MAX {
        rounds += 1;
        if state.round(&ratings) < 1e-8 {
            break;
        }
    }
    let raters = (0..contributors)
        .map(|j| Rater { bias: state.biases[j], deviation: state.variances[j].sqrt() })
        .collect();
    let deviations = state.deviations(&ratings);
    Fit { values: state.values, deviations, raters, rounds }
}

/// The last rating of each contributor of each item (A2 of [`crate::answers`]), in an order that does not hang on that of the rows, since sums are
/// rounded.
fn standing(ratings: &[Rating]) -> Vec<Rating> {
    let mut sorted = ratings.to_vec();
    sorted.sort_by_key(|rating| (rating.item, rating.contributor));
    let same = sorted.chunk_by(|a, b| (a.item, a.contributor) == (b.item, b.contributor));
    same.filter_map(|same| same.last().copied()).collect()
}

struct State {
    values: Vec<f64>,
    /// Of each item, the variance of its value.
    spreads: Vec<f64>,
    biases: Vec<f64>,
    /// Of each contributor, the variance of their errors.
    variances: Vec<f64>,
    mean: f64,
    variance: f64,
    bias_variance: f64,
    /// What variances are not below: a part of all ratings' variance.
    floor: f64,
}

impl State {
    fn new(items: usize, contributors: usize, ratings: &[Rating]) -> Self {
        let count = f64::max(ratings.len() as f64, 1.0);
        let mean = ratings.iter().map(|rating| rating.value).sum::<f64>() / count;
        let all = ratings.iter().map(|rating| (rating.value - mean).powi(2)).sum::<f64>() / count;
        let floor = (1e-6 * all).max(1e-12);
        let half = (all / 2.0).max(floor);
        Self {
            values: medians(items, ratings, mean),
            spreads: vec![half; items],
            biases: vec![0.0; contributors],
            variances: vec![half; contributors],
            mean,
            variance: half,
            bias_variance: half / 4.0,
            floor,
        }
    }

    /// How far each value may be off: by its ratings' errors, by what is not known of their contributors' biases, and by what all biases have in
    /// common.
    fn deviations(&self, ratings: &[Rating]) -> Vec<f64> {
        // What a rating tells where now and then one is far off, against one of the normal distribution.
        const TOLD: f64 = (FREEDOM + 1.0) / (FREEDOM + 3.0);
        let weights = self.weights(ratings);
        let mut told = vec![1.0 / self.variance; self.values.len()];
        let mut biases_told = vec![1.0 / self.bias_variance; self.biases.len()];
        for (rating, weight) in ratings.iter().zip(&weights) {
            let (i, j) = (rating.item as usize, rating.contributor as usize);
            told[i] += TOLD * weight / self.variances[j];
            biases_told[j] += TOLD * weight / self.variances[j];
        }
        let common = self.bias_variance / f64::max(self.biases.len() as f64, 1.0);
        let mut variances: Vec<f64> = told.iter().map(|told| 1.0 / told + common).collect();
        for (rating, weight) in ratings.iter().zip(&weights) {
            let (i, j) = (rating.item as usize, rating.contributor as usize);
            let share = TOLD * weight / self.variances[j] / told[i];
            variances[i] += share * share / biases_told[j];
        }
        variances.iter().map(|variance| variance.sqrt()).collect()
    }

    fn weights(&self, ratings: &[Rating]) -> Vec<f64> {
        let weight = |rating: &Rating| {
            let (i, j) = (rating.item as usize, rating.contributor as usize);
            let off = rating.value - self.values[i] - self.biases[j];
            (FREEDOM + 1.0) / (FREEDOM + (off * off + self.spreads[i]) / self.variances[j])
        };
        ratings.iter().map(weight).collect()
    }

    /// Returns the longest move of a value, in parts of how far values lie apart.
    fn round(&mut self, ratings: &[Rating]) -> f64 {
        let weights = self.weights(ratings);
        self.rate_contributors(ratings, &weights);
        self.rate_items(ratings, &weights)
    }

    fn rate_contributors(&mut self, ratings: &[Rating], weights: &[f64]) {
        let contributors = self.biases.len();
        let (mut sums, mut precisions) = (vec![0.0; contributors], vec![0.0; contributors]);
        for (rating, weight) in ratings.iter().zip(weights) {
            let (i, j) = (rating.item as usize, rating.contributor as usize);
            sums[j] += weight / self.variances[j] * (rating.value - self.values[i]);
            precisions[j] += weight / self.variances[j];
        }
        let mut bias_squares = 0.0;
        for j in 0..contributors {
            let precision = precisions[j] + 1.0 / self.bias_variance;
            self.biases[j] = sums[j] / precision;
            bias_squares += self.biases[j].powi(2) + 1.0 / precision;
        }
        self.bias_variance = (bias_squares / f64::max(contributors as f64, 1.0)).max(self.floor);
        let (mut squares, mut counts) = (vec![0.0; contributors], vec![0.0; contributors]);
        for (rating, weight) in ratings.iter().zip(weights) {
            let (i, j) = (rating.item as usize, rating.contributor as usize);
            let off = rating.value - self.values[i] - self.biases[j];
            squares[j] += weight * (off * off + self.spreads[i]);
            counts[j] += 1.0;
        }
        let crowd = squares.iter().sum::<f64>() / f64::max(ratings.len() as f64, 1.0);
        for j in 0..contributors {
            let variance = (squares[j] + STRENGTH * crowd) / (counts[j] + STRENGTH);
            self.variances[j] = variance.max(self.floor);
        }
    }

    fn rate_items(&mut self, ratings: &[Rating], weights: &[f64]) -> f64 {
        let items = self.values.len();
        let mut precisions = vec![1.0 / self.variance; items];
        let mut sums = vec![self.mean / self.variance; items];
        let mut is_rated = vec![false; items];
        for (rating, weight) in ratings.iter().zip(weights) {
            let (i, j) = (rating.item as usize, rating.contributor as usize);
            precisions[i] += weight / self.variances[j];
            sums[i] += weight / self.variances[j] * (rating.value - self.biases[j]);
            is_rated[i] = true;
        }
        let mut moved = 0.0_f64;
        for i in 0..items {
            let value = sums[i] / precisions[i];
            moved = moved.max((value - self.values[i]).abs());
            (self.values[i], self.spreads[i]) = (value, 1.0 / precisions[i]);
        }
        let rated = || (0..items).filter(|i| is_rated[*i]);
        let count = f64::max(rated().count() as f64, 1.0);
        self.mean = rated().map(|i| self.values[i]).sum::<f64>() / count;
        let squares = |i: usize| (self.values[i] - self.mean).powi(2) + self.spreads[i];
        self.variance = (rated().map(squares).sum::<f64>() / count).max(self.floor);
        moved / self.variance.sqrt()
    }
}

fn medians(items: usize, ratings: &[Rating], mean: f64) -> Vec<f64> {
    let mut values = vec![mean; items];
    for same in ratings.chunk_by(|a, b| a.item == b.item) {
        let mut of: Vec<f64> = same.iter().map(|rating| rating.value).collect();
        of.sort_by(f64::total_cmp);
        values[same[0].item as usize] = 0.5 * (of[(of.len() - 1) / 2] + of[of.len() / 2]);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    struct Made {
        values: Vec<f64>,
        ratings: Vec<Rating>,
    }

    /// Contributors of many habits; one rating in twenty is a slip.
    fn made(random: &mut Random, items: usize, contributors: usize, each: usize) -> Made {
        let values: Vec<f64> = (0..items).map(|_| 5.0 + 2.0 * random.normal()).collect();
        let raters: Vec<(f64, f64)> =
            (0..contributors).map(|_| (random.normal(), 0.2 + 1.5 * random.unit())).collect();
        let mut ratings = Vec::new();
        let mut who: Vec<usize> = (0..contributors).collect();
        for (item, value) in values.iter().enumerate() {
            random.shuffle(&mut who);
            for contributor in &who[..each] {
                let (bias, deviation) = raters[*contributor];
                let slip = if random.chance(0.05) { 10.0 * (random.unit() - 0.5) } else { 0.0 };
                let value = value + bias + deviation * random.normal() + slip;
                ratings.push(Rating { item: item as u32, contributor: *contributor as u32, value });
            }
        }
        Made { values, ratings }
    }

    #[test]
    fn it_is_nearer_to_the_truth_than_a_mean_and_knows_how_near() {
        let mut random = Random::new(6);
        let (mut model, mut plain, mut held, mut all) = (0.0, 0.0, 0, 0);
        for _ in 0..20 {
            let made = made(&mut random, 150, 20, 5);
            let found = fit(150, 20, &made.ratings);
            for (item, value) in made.values.iter().enumerate() {
                let of = made.ratings.iter().filter(|rating| rating.item as usize == item);
                let mean = of.map(|rating| rating.value).sum::<f64>() / 5.0;
                model += (found.values[item] - value).powi(2);
                plain += (mean - value).powi(2);
                held += u32::from(found.interval(item, 0.95).contains(*value));
                all += 1;
            }
        }
        assert!(model < 0.45 * plain, "{model} {plain}");
        let coverage = f64::from(held) / f64::from(all);
        assert!((0.93..=0.97).contains(&coverage), "{coverage}");
    }

    #[test]
    fn all_the_same_and_nothing_at_all() {
        let same: Vec<Rating> =
            (0..12).map(|n| Rating { item: n / 3, contributor: n % 3, value: 4.0 }).collect();
        let found = fit(5, 3, &same);
        assert!(found.values.iter().all(|value| (value - 4.0).abs() < 1e-9), "{:?}", found.values);
        assert_eq!(fit(2, 1, &[]).values, [0.0, 0.0]);
    }
}
