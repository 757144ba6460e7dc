//! Dawid and Skene: each contributor has a confusion matrix, and the matrices and the items' classes explain each other.
//!
//! Model: item *i* has class *z_i*, drawn with the probabilities *ρ*; contributor *j* answers *l* to an item of class *c* with probability
//! *π_jcl*, independently of all else. EM alternates
//!
//! - the items: *p_ic ∝ ρ_c Π_j π_jc,y_ij*,
//! - the contributors: *π_jcl ∝ Σ_i p_ic [y_ij = l] + prior*, and *ρ_c = mean of p_ic*.
//!
//! What is known of *π* beforehand makes the three [`Model`]s. Papers: A. P. Dawid and A. M. Skene, *Maximum Likelihood Estimation of Observer
//! Error-Rates Using the EM Algorithm*, Applied Statistics 28 (1979); Y. Zhang, X. Chen, D. Zhou and M. I. Jordan, *Spectral Methods Meet EM*,
//! JMLR 17 (2016), for one coin and the spectral start; A. Gelman et al., *Bayesian Data Analysis* (2013), chapter 5, for
//! the pooled prior.
//!
//! Units: probabilities; likelihoods in nats. Each round is linear in the answers times the classes; memory is the table, one
//! probability for each item and class, and two for each contributor and pair of classes.

use crate::answers::{Answers, Beliefs, Known};
use crate::parallel;
use crate::special::exp_below;
use crate::vote;

/// What is assumed of the contributors' errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// Any error is as likely as the answers make it: maximum likelihood, as in 1979. Needs many answers of each contributor.
    Full,
    /// One number for each contributor: the probability of being right, with all errors equally likely.
    OneCoin,
    /// Each contributor is drawn from a crowd, whose confusion matrix is estimated along: a Dirichlet prior around it. Who
    /// has answered little is taken for one of the crowd; who has answered much is taken for themselves.
    Pooled(Pooling),
}

/// How strongly a contributor is taken for one of the crowd.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooling {
    /// How many answers to items of one class the crowd counts for.
    pub crowd: f64,
    /// How many answers the assumption counts for that the crowd is right more often than not.
    pub trust: f64,
    /// How far the crowd is taken to err in all classes alike, 0 to 1: keeps the meaning of a rare class.
    pub evenness: f64,
}

impl Default for Pooling {
    fn default() -> Self {
        Self { crowd: 5.0, trust: 8.0, evenness: 0.6 }
    }
}

/// Where EM begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The shares of a plain vote.
    Majority,
    /// A vote weighed by the leading eigenvector of how contributors agree with each other ([`spectral`]).
    Spectral,
}

#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    pub model: Model,
    pub start: Start,
    /// Items whose class is known; they keep it and teach about the contributors.
    pub known: &'a [Known],
    pub rounds_max: usize,
    /// Ends when a round gains less likelihood than this for each answer, in nats.
    pub gain_min: f64,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            model: Model::Pooled(Pooling::default()),
            start: Start::Majority,
            known: &[],
            rounds_max: 200,
            gain_min: 1e-6,
        }
    }
}

/// What EM found.
#[derive(Clone, Debug)]
pub struct Fit {
    pub beliefs: Beliefs,
    pub crowd: Crowd,
    pub rounds: usize,
    /// Of the answers, in nats; with the prior's where the model has one.
    pub log_likelihood: f64,
}

/// The confusion matrices of the contributors, and how frequent the classes are.
#[derive(Clone, Debug, PartialEq)]
pub struct Crowd {
    pub classes: usize,
    /// How frequent each class is.
    pub frequencies: Vec<f64>,
    /// Contributor after contributor, label after label, class after class: how likely the label is for the class.
    pub confusions: Vec<f64>,
}

impl Crowd {
    /// How likely a contributor gives a label, for each class that the item may be of.
    pub fn row(&self, contributor: usize, label: usize) -> &[f64] {
        let from = (contributor * self.classes + label) * self.classes;
        &self.confusions[from..from + self.classes]
    }

    /// What answers of these contributors say of an item: how probable each class is.
    pub(crate) fn believe(&self, said: impl Iterator<Item = (usize, usize)>, row: &mut [f64]) {
        for (p, frequency) in row.iter_mut().zip(&self.frequencies) {
            *p = frequency.max(LEAST).ln();
        }
        for (contributor, label) in said {
            let likely = self.row(contributor, label);
            row.iter_mut().zip(likely).for_each(|(p, likely)| *p += likely.max(LEAST).ln());
        }
        normalize_logs(row);
    }

    /// How likely a contributor is right about an item drawn as the items were.
    pub fn skill(&self, contributor: usize) -> f64 {
        (0..self.classes).map(|c| self.frequencies[c] * self.row(contributor, c)[c]).sum()
    }
}

/// The smallest probability: an answer that nobody expected is unlikely, not impossible.
const LEAST: f64 = 1e-10;

/// Fits the model by EM.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// use stats::dawid_skene::{Options, fit};
/// // Two who see, and two who say "1" whatever they are shown.
/// let mut rows = Vec::new();
/// for item in 0..40 {
///     for contributor in 0..4 {
///         let label = if contributor < 2 { item % 2 } else { 1 };
///         rows.push(Answer { item, contributor, label });
///     }
/// }
/// let shape = Shape { items: 40, contributors: 4, classes: 2 };
/// let found = fit(&Answers::new(shape, &rows).unwrap(), &Options::default());
/// assert!((0..40).all(|item| found.beliefs.best(item).0 == item % 2));
/// assert!(found.crowd.skill(0) > 0.9 && found.crowd.skill(2) < 0.6);
/// ```
pub fn fit(answers: &Answers, options: &Options<'_>) -> Fit {
    let beliefs = match options.start {
        Start::Majority => vote::majority(answers),
        Start::Spectral => spectral(answers),
    };
    fit_from(answers, beliefs, options)
}

/// Fits the model by EM from what is believed already.
pub fn fit_from(answers: &Answers, mut beliefs: Beliefs, options: &Options<'_>) -> Fit {
    let mut known = vec![None; answers.shape.items];
    for of in options.known {
        known[of.item] = Some(of.class);
        settle(beliefs.of_mut(of.item), of.class);
    }
    let mut crowd = crowd_of(answers, &beliefs, options.model);
    let mut rounds = 0;
    let mut before = f64::NEG_INFINITY;
    let mut log_likelihood = before;
    while rounds < options.rounds_max {
        rounds += 1;
        let passed = pass(answers, &crowd, &known, &mut beliefs);
        log_likelihood = passed.log_likelihood;
        crowd = finish(passed.counts, passed.frequencies, options.model);
        if log_likelihood - before < options.gain_min * answers.len() as f64 {
            break;
        }
        before = log_likelihood;
    }
    Fit { beliefs, crowd, rounds, log_likelihood }
}

fn settle(row: &mut [f64], class: usize) {
    row.fill(0.0);
    row[class] = 1.0;
}

/// What one pass over the items comes to.
struct Passed {
    /// Contributor after contributor, label after label, class after class.
    counts: Vec<f64>,
    /// Of each class, the sum of the beliefs of items that somebody answered.
    frequencies: Vec<f64>,
    log_likelihood: f64,
}

/// A pass is shared out among as many parts, whatever the processors, so that the sums are the same on all of them.
const PARTS_MAX: usize = 16;
/// Counts of all parts together: beyond it there are fewer parts.
const PART_CELLS_MAX: usize = 1 << 23;

/// Believes each item, given the crowd, and counts at once what that says of its contributors.
fn pass(
    answers: &Answers,
    crowd: &Crowd,
    known: &[Option<usize>],
    beliefs: &mut Beliefs,
) -> Passed {
    let floored = |p: &[f64]| p.iter().map(|p| p.max(LEAST)).collect::<Vec<f64>>();
    let (likely, prior) = (floored(&crowd.confusions), floored(&crowd.frequencies));
    let is_long = (0..answers.shape.items).any(|item| answers.overlap(item) > FACTORS_MAX);
    let logs = if is_long { likely.iter().map(|p| p.ln()).collect() } else { Vec::new() };
    let items = items_of_a_part(answers);
    let rows = beliefs.p.chunks_mut((items * crowd.classes).max(1));
    in_parts(answers, rows, |from, rows, passed| {
        let part = Part { answers, from, likely: &likely, logs: &logs, prior: &prior, known };
        // The same text with the number of classes known beforehand is several times as fast.
        match crowd.classes {
            2 => part.pass::<2>(rows, passed),
            3 => part.pass::<3>(rows, passed),
            4 => part.pass::<4>(rows, passed),
            5 => part.pass::<5>(rows, passed),
            _ => part.pass::<0>(rows, passed),
        }
    })
}

fn items_of_a_part(answers: &Answers) -> usize {
    let cells = answers.shape.contributors * answers.shape.classes.pow(2);
    let parts = (PART_CELLS_MAX / cells.max(1)).clamp(1, PARTS_MAX);
    answers.shape.items.div_ceil(parts).max(parallel::BLOCK)
}

/// Gives the rows of each part to `work`, with the number of its first item, and adds up what the parts come to.
fn in_parts<R: Send>(
    answers: &Answers,
    rows: impl Iterator<Item = R> + Send,
    work: impl Fn(usize, R, &mut Passed) + Sync,
) -> Passed {
    let classes = answers.shape.classes;
    let empty = || Passed {
        counts: vec![0.0; answers.shape.contributors * classes * classes],
        frequencies: vec![0.0; classes],
        log_likelihood: 0.0,
    };
    let items = items_of_a_part(answers);
    let mut passed: Vec<Passed> =
        (0..answers.shape.items.div_ceil(items).max(1)).map(|_| empty()).collect();
    let jobs = rows.zip(&mut passed).enumerate();
    parallel::each(answers.len(), jobs, |(part, (rows, passed))| work(part * items, rows, passed));
    let mut passed = passed.into_iter();
    let mut sum = passed.next().unwrap_or_else(empty);
    for other in passed {
        sum.log_likelihood += other.log_likelihood;
        sum.counts.iter_mut().zip(other.counts).for_each(|(a, b)| *a += b);
        sum.frequencies.iter_mut().zip(other.frequencies).for_each(|(a, b)| *a += b);
    }
    sum
}

/// So many probabilities that are not below [`LEAST`] may be multiplied before the product is too small for a number. An item of more
/// answers is reckoned in logs, which takes several times as long.
const FACTORS_MAX: usize = 24;

/// Some of the items, in a pass.
struct Part<'a> {
    answers: &'a Answers,
    /// The first item.
    from: usize,
    likely: &'a [f64],
    /// Of `likely`; empty if no item needs them.
    logs: &'a [f64],
    prior: &'a [f64],
    known: &'a [Option<usize>],
}

impl Part<'_> {
    /// `K` is the number of classes, or zero where it is any.
    fn pass<const K: usize>(&self, rows: &mut [f64], passed: &mut Passed) {
        let classes = if K == 0 { self.prior.len() } else { K };
        let prior = &self.prior[..classes];
        let mut likelihood = Product::default();
        for (at, row) in rows.chunks_exact_mut(classes).enumerate() {
            let item = self.from + at;
            row.copy_from_slice(prior);
            if self.answers.overlap(item) > FACTORS_MAX {
                row.iter_mut().for_each(|p| *p = p.ln());
                for (contributor, label) in self.answers.of_item(item) {
                    let from = (contributor * classes + label) * classes;
                    let logs = &self.logs[from..from + classes];
                    row.iter_mut().zip(logs).for_each(|(p, log)| *p += log);
                }
                likelihood.log += normalize_logs(row);
            } else {
                self.multiply::<K>(item, row);
                let sum: f64 = row.iter().sum();
                likelihood.multiply(sum);
                row.iter_mut().for_each(|p| *p /= sum);
            }
            if let Some(class) = self.known[item] {
                settle(row, class);
            }
            tally::<K>(self.answers, item, row, passed);
        }
        passed.log_likelihood += likelihood.ln();
    }

    #[inline]
    fn multiply<const K: usize>(&self, item: usize, row: &mut [f64]) {
        let classes = row.len();
        // In registers: as far as the compiler knows a row of memory may change with each answer.
        if let Some(row) = row.first_chunk_mut::<K>().filter(|_| K > 0) {
            let mut product = *row;
            for (contributor, label) in self.answers.of_item(item) {
                let likely = &self.likely[(contributor * K + label) * K..][..K];
                product.iter_mut().zip(likely).for_each(|(p, likely)| *p *= likely);
            }
            *row = product;
            return;
        }
        for (contributor, label) in self.answers.of_item(item) {
            let likely = &self.likely[(contributor * classes + label) * classes..][..classes];
            row.iter_mut().zip(likely).for_each(|(p, likely)| *p *= likely);
        }
    }
}

/// What an item's belief says of those who answered it. `K` is the number of classes, or zero where it is any.
#[inline]
fn tally<const K: usize>(answers: &Answers, item: usize, row: &[f64], passed: &mut Passed) {
    if answers.overlap(item) == 0 {
        return;
    }
    let classes = row.len();
    passed.frequencies[..classes].iter_mut().zip(row).for_each(|(sum, p)| *sum += p);
    if let Some(row) = row.first_chunk::<K>().filter(|_| K > 0) {
        let row = *row;
        for (contributor, label) in answers.of_item(item) {
            let counts = &mut passed.counts[(contributor * K + label) * K..][..K];
            counts.iter_mut().zip(row).for_each(|(count, p)| *count += p);
        }
        return;
    }
    for (contributor, label) in answers.of_item(item) {
        let counts = &mut passed.counts[(contributor * classes + label) * classes..][..classes];
        counts.iter_mut().zip(row).for_each(|(count, p)| *count += p);
    }
}

/// The log of a product, with few logs taken.
struct Product {
    log: f64,
    factor: f64,
}

impl Default for Product {
    fn default() -> Self {
        Self { log: 0.0, factor: 1.0 }
    }
}

impl Product {
    /// By what is between 1e-260 and 1.
    #[inline]
    fn multiply(&mut self, by: f64) {
        const SMALL: f64 = 1e-40;
        if by < SMALL {
            self.log += by.ln();
            return;
        }
        self.factor *= by;
        if self.factor < SMALL {
            self.log += self.factor.ln();
            self.factor = 1.0;
        }
    }

    fn ln(&self) -> f64 {
        self.log + self.factor.ln()
    }
}

/// Turns logs of weights into probabilities, and returns the log of the weights' sum.
#[inline]
pub(crate) fn normalize_logs(row: &mut [f64]) -> f64 {
    let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for p in row.iter_mut() {
        *p = exp_below(*p - top);
        sum += *p;
    }
    row.iter_mut().for_each(|p| *p /= sum);
    top + sum.ln()
}

/// What the contributors are like, given the items.
pub fn crowd_of(answers: &Answers, beliefs: &Beliefs, model: Model) -> Crowd {
    let classes = answers.shape.classes;
    let rows = beliefs.p.chunks((items_of_a_part(answers) * classes).max(1));
    let passed = in_parts(answers, rows, |from, rows, passed| {
        for (item, row) in (from..).zip(rows.chunks_exact(classes)) {
            match classes {
                2 => tally::<2>(answers, item, row, passed),
                4 => tally::<4>(answers, item, row, passed),
                _ => tally::<0>(answers, item, row, passed),
            }
        }
    });
    finish(passed.counts, passed.frequencies, model)
}

/// Counts into what the contributors are like, and sums into frequencies.
fn finish(mut confusions: Vec<f64>, mut frequencies: Vec<f64>, model: Model) -> Crowd {
    let classes = frequencies.len();
    let width = (classes * classes).max(1);
    match model {
        Model::Full => confusions.chunks_mut(width).for_each(|c| likeliest(c, classes)),
        Model::OneCoin => confusions.chunks_mut(width).for_each(|c| one_coin(c, classes)),
        Model::Pooled(pooling) => {
            let pool = pool(&confusions, classes, &pooling);
            confusions.chunks_mut(width).for_each(|c| pooled(c, &pool, pooling.crowd));
        }
    }
    let items: f64 = frequencies.iter().sum();
    for frequency in &mut frequencies {
        *frequency = if items > 0.0 { *frequency / items } else { 1.0 / classes as f64 };
    }
    Crowd { classes, frequencies, confusions }
}

/// Counts into probabilities. For a class that the contributor has not met, every label that they use is as likely as
/// every other.
fn likeliest(counts: &mut [f64], classes: usize) {
    let used: Vec<bool> = counts.chunks(classes).map(|row| row.iter().any(|n| *n > 0.0)).collect();
    for class in 0..classes {
        let rows = (0..classes).filter(|label| used[*label]).map(|label| label * classes + class);
        let sum: f64 = rows.clone().map(|at| counts[at].max(LEAST)).sum();
        for at in rows {
            counts[at] = counts[at].max(LEAST) / sum;
        }
    }
}

fn one_coin(counts: &mut [f64], classes: usize) {
    let said: f64 = counts.iter().sum();
    let right: f64 = (0..classes).map(|class| counts[class * classes + class]).sum();
    let skill = if said > 0.0 { right / said } else { 1.0 / classes as f64 };
    let wrong = (1.0 - skill) / (classes.max(2) - 1) as f64;
    for (at, p) in counts.iter_mut().enumerate() {
        let of = if at / classes == at % classes { skill } else { wrong };
        *p = of.clamp(LEAST, 1.0 - LEAST);
    }
}

/// The confusion matrix of the crowd as a whole. Without answers it is right with probability `1/2 + 1/(2K)`, and all errors
/// are equally likely.
pub(crate) fn pool(counts: &[f64], classes: usize, pooling: &Pooling) -> Vec<f64> {
    let width = classes * classes;
    let mut pool = vec![0.0; width];
    for contributor in counts.chunks(width.max(1)) {
        for (sum, n) in pool.iter_mut().zip(contributor) {
            *sum += n;
        }
    }
    finish_pool(&mut pool, classes, pooling);
    pool
}

/// Counts of the whole crowd into its confusion matrix: between what they say of each class and one coin for all classes.
pub(crate) fn finish_pool(pool: &mut [f64], classes: usize, pooling: &Pooling) {
    let evenly = |skill: f64| (1.0 - skill) / (classes.max(2) - 1) as f64;
    let right = 0.5 + 0.5 / classes as f64;
    let said: f64 = pool.iter().sum();
    let diagonal: f64 = (0..classes).map(|class| pool[class * classes + class]).sum();
    let coin = (diagonal + pooling.trust * right) / (said + pooling.trust);
    for class in 0..classes {
        let mut sum = 0.0;
        for label in 0..classes {
            let at = label * classes + class;
            pool[at] += pooling.trust * if label == class { coin } else { evenly(coin) };
            sum += pool[at];
        }
        for label in 0..classes {
            let at = label * classes + class;
            let of_coin = if label == class { coin } else { evenly(coin) };
            pool[at] = (1.0 - pooling.evenness) * pool[at] / sum + pooling.evenness * of_coin;
        }
    }
}

/// The mean of a contributor's posterior: their counts and the crowd's.
fn pooled(counts: &mut [f64], pool: &[f64], strength: f64) {
    let classes = pool.len().isqrt();
    for class in 0..classes {
        let met: f64 = (0..classes).map(|label| counts[label * classes + class]).sum();
        for label in 0..classes {
            let at = label * classes + class;
            counts[at] = (counts[at] + strength * pool[at]) / (met + strength);
        }
    }
}

/// A vote weighed by the leading eigenvector of how contributors agree beyond chance: a start for EM that does not begin from
/// a majority of bad contributors.
///
/// Model: one coin. Formula: with each answer as the vector of its class less the mean answer, *x ← A Aᵀ x* without the
/// diagonal, where *A* is contributors by items; a contributor's weight is *x_j / √n_j*, not below zero. Papers: D. Karger, S. Oh and D. Shah,
/// *Iterative Learning for Reliable Crowdsourcing Systems*, NIPS 2011; A. Ghosh, S. Kale and P. McAfee, *Who Moderates the
/// Moderators?*, EC 2011. Twenty rounds, each linear in the answers times the classes.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let say = |item, contributor, label| Answer { item, contributor, label };
/// // The third is alone with what they say: two agree on a class more often than chance would have it.
/// let rows: Vec<Answer> = (0..30)
///     .flat_map(|i| [say(i, 0, i % 2), say(i, 1, i % 2), say(i, 2, (i / 2) % 2)])
///     .collect();
/// let shape = Shape { items: 30, contributors: 3, classes: 2 };
/// let start = stats::dawid_skene::spectral(&Answers::new(shape, &rows).unwrap());
/// assert!((0..30).all(|item| start.best(item).0 == item % 2));
/// ```
pub fn spectral(answers: &Answers) -> Beliefs {
    const ROUNDS: usize = 20;
    let classes = answers.shape.classes;
    let contributors = answers.shape.contributors;
    let mut mean = vec![0.0; classes];
    for answer in answers.iter() {
        mean[answer.label as usize] += 1.0 / answers.len() as f64;
    }
    let squares: f64 = mean.iter().map(|p| p * p).sum();
    // |e_l − m|² and ⟨e_l − m, s⟩ need no vectors of their own.
    let scale: Vec<f64> =
        (0..contributors).map(|j| 1.0 / (answers.effort(j).max(1) as f64).sqrt()).collect();
    let mut weights: Vec<f64> = scale.iter().map(|s| 1.0 / s).collect();
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; contributors];
        for item in 0..answers.shape.items {
            let mut sums = vec![0.0; classes];
            let mut total = 0.0;
            for (j, label) in answers.of_item(item) {
                sums[label] += weights[j] * scale[j];
                total += weights[j] * scale[j];
            }
            // s = Σ x_j (e_l − m), and its product with the mean.
            for (sum, m) in sums.iter_mut().zip(&mean) {
                *sum -= total * m;
            }
            let with_mean: f64 = sums.iter().zip(&mean).map(|(s, m)| s * m).sum();
            for (j, label) in answers.of_item(item) {
                let own = weights[j] * scale[j] * (1.0 - 2.0 * mean[label] + squares);
                next[j] += scale[j] * (sums[label] - with_mean - own);
            }
        }
        let norm = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        let before = weights.iter().map(|x| x * x).sum::<f64>().sqrt();
        // Nobody agrees with anybody: what is left is rounding.
        if norm < 1e-9 * before {
            return vote::majority(answers);
        }
        // Half a step, so that a vector which swings from side to side comes to rest.
        for (weight, next) in weights.iter_mut().zip(next) {
            *weight = 0.5 * *weight / before + 0.5 * next / norm;
        }
    }
    // Rounded to parts of the largest that add up without rounding: otherwise the order in which contributors
    // are counted would decide what hangs in the balance.
    const PARTS: f64 = (1_u64 << 30) as f64;
    let weights: Vec<f64> = weights.iter().zip(&scale).map(|(w, s)| (w * s).max(0.0)).collect();
    let most = weights.iter().fold(0.0_f64, |most, weight| most.max(*weight));
    if most == 0.0 {
        return vote::majority(answers);
    }
    vote::weighted(answers, |j| (weights[j] / most * PARTS).round() / PARTS)
}
