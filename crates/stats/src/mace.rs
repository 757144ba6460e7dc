//! MACE: on each item a contributor either knows the class or answers from habit.
//!
//! Model: contributor *j* spams with probability *s_j*, and then gives label *l* with probability *θ_jl* whatever the item;
//! otherwise they give the item's class; classes are equally frequent. Variational EM with *Beta(1/2, 1/2)* on *s_j* and *Dirichlet(10)*
//! on *θ_j*: *p_ic ∝ Π_j (s_j θ_jy + (1 − s_j)[y = c])*, and the expected counts of spam and of knowing, *n*, become weights
//! *exp ψ(n + prior) / exp ψ(Σ (n + prior))*.
//!
//! Paper: D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, *Learning Whom to Trust with MACE*, NAACL 2013. The start is even instead of
//! drawn: the answers break the symmetry. Products are sums of logs, so that an item may have any number of answers. Each
//! round is linear in the answers.

use crate::answers::{Answers, Beliefs};
use crate::dawid_skene::normalize_logs;
use crate::parallel;
use crate::special::digamma;

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub rounds_max: usize,
    /// Ends when a round gains less likelihood than this for each answer, in nats; the bound itself may sink for a while, so
    /// zero means all rounds.
    pub gain_min: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds_max: 50, gain_min: 1e-6 }
    }
}

#[derive(Clone, Debug)]
pub struct Fit {
    pub beliefs: Beliefs,
    /// How often each contributor spams.
    pub spamming: Vec<f64>,
    /// What each contributor says then: contributor after contributor, label after label.
    pub habits: Vec<f64>,
    pub rounds: usize,
    pub log_likelihood: f64,
}

/// Fits the model by variational EM.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let rows: Vec<Answer> = (0..90)
///     .map(|n| (n / 3, n % 3))
///     // The third contributor answers "0" to everything.
///     .map(|(item, contributor)| {
///         let label = if contributor < 2 { item % 3 } else { 0 };
///         Answer { item, contributor, label }
///     })
///     .collect();
/// let shape = Shape { items: 30, contributors: 3, classes: 3 };
/// let found = stats::mace::fit(&Answers::new(shape, &rows).unwrap(), &Default::default());
/// assert!((0..30).all(|item| found.beliefs.best(item).0 == item % 3));
/// assert!(found.spamming[2] > 0.8 && found.spamming[0] < 0.1);
/// ```
pub fn fit(answers: &Answers, options: &Options) -> Fit {
    let classes = answers.shape.classes;
    let contributors = answers.shape.contributors;
    let mut found = Fit {
        beliefs: Beliefs::even(&answers.shape),
        spamming: vec![0.5; contributors],
        habits: vec![1.0 / classes as f64; contributors * classes],
        rounds: 0,
        log_likelihood: f64::NEG_INFINITY,
    };
    let mut knowing = vec![0.5; contributors];
    found.log_likelihood =
        expect(answers, &mut found.beliefs, &found.spamming, &knowing, &found.habits);
    while found.rounds < options.rounds_max {
        found.rounds += 1;
        maximize(answers, &mut found, &mut knowing);
        let before = found.log_likelihood;
        found.log_likelihood =
            expect(answers, &mut found.beliefs, &found.spamming, &knowing, &found.habits);
        let gain = (found.log_likelihood - before).abs();
        if gain < options.gain_min * answers.len() as f64 {
            break;
        }
    }
    // The variational weights sum to less than one; people read a share.
    for (spam, know) in found.spamming.iter_mut().zip(&knowing) {
        *spam /= *spam + know;
    }
    found
}

fn expect(
    answers: &Answers,
    beliefs: &mut Beliefs,
    spamming: &[f64],
    knowing: &[f64],
    habits: &[f64],
) -> f64 {
    let classes = answers.shape.classes;
    let mut sums = vec![0.0; answers.shape.items.div_ceil(parallel::BLOCK)];
    let blocks = beliefs.p.chunks_mut(parallel::BLOCK * classes.max(1)).zip(&mut sums);
    parallel::each(answers.len(), blocks.enumerate(), |(block, (rows, sum))| {
        for (at, row) in rows.chunks_mut(classes).enumerate() {
            // As if everybody spammed, and for the label given the chance that they knew.
            let mut spam = 0.0;
            row.fill(0.0);
            for (contributor, label) in answers.of_item(block * parallel::BLOCK + at) {
                let habit = spamming[contributor] * habits[contributor * classes + label];
                let base = habit.max(f64::MIN_POSITIVE).ln();
                spam += base;
                row[label] += (habit + knowing[contributor]).ln() - base;
            }
            *sum += spam + normalize_logs(row) - (classes as f64).ln();
        }
    });
    sums.iter().sum()
}

fn maximize(answers: &Answers, found: &mut Fit, knowing: &mut [f64]) {
    const SPAM_PRIOR: f64 = 0.5;
    const HABIT_PRIOR: f64 = 10.0;
    let classes = answers.shape.classes;
    let Fit { beliefs, spamming, habits, .. } = found;
    let jobs = spamming.iter_mut().zip(knowing).zip(habits.chunks_mut(classes.max(1)));
    parallel::each(answers.len(), jobs.enumerate(), |(contributor, ((spam, know), habit))| {
        let mut counts = vec![0.0; classes];
        let mut knew = 0.0;
        for (item, label) in answers.of_contributor(contributor) {
            let by_habit = *spam * habit[label];
            let p = beliefs.of(item)[label];
            let known = p * *know / (by_habit + *know);
            knew += known;
            counts[label] += 1.0 - known;
        }
        let spammed: f64 = counts.iter().sum();
        let all = digamma(spammed + knew + 2.0 * SPAM_PRIOR);
        *spam = (digamma(spammed + SPAM_PRIOR) - all).exp();
        *know = (digamma(knew + SPAM_PRIOR) - all).exp();
        let all = digamma(spammed + classes as f64 * HABIT_PRIOR);
        for (habit, count) in habit.iter_mut().zip(counts) {
            *habit = (digamma(count + HABIT_PRIOR) - all).exp();
        }
    });
}
