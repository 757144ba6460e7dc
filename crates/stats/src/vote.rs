//! Votes: plain, weighted, and weighted by how often each contributor sides with the outcome.
//!
//! A vote has no model of errors. It cannot be misled by one either, and is what every other estimator must beat.

use crate::answers::{Answers, Beliefs};
use crate::parallel;

/// The share of each class among the answers of each item; even where there are none.
///
/// Linear in the answers.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let say = |item, contributor, label| Answer { item, contributor, label };
/// let shape = Shape { items: 1, contributors: 3, classes: 2 };
/// let answers = Answers::new(shape, &[say(0, 0, 1), say(0, 1, 1), say(0, 2, 0)]).unwrap();
/// assert_eq!(stats::vote::majority(&answers).best(0), (1, 2.0 / 3.0));
/// ```
pub fn majority(answers: &Answers) -> Beliefs {
    weighted(answers, |_| 1.0)
}

/// The weight of each class among the answers of each item; even where no answer weighs anything.
///
/// `weight` gives each contributor's, not below zero. Linear in the answers.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let say = |item, contributor, label| Answer { item, contributor, label };
/// let shape = Shape { items: 1, contributors: 3, classes: 2 };
/// let answers = Answers::new(shape, &[say(0, 0, 1), say(0, 1, 1), say(0, 2, 0)]).unwrap();
/// let weights = [0.1, 0.1, 0.8];
/// assert_eq!(stats::vote::weighted(&answers, |contributor| weights[contributor]).best(0), (0, 0.8));
/// ```
pub fn weighted(answers: &Answers, weight: impl Fn(usize) -> f64 + Sync) -> Beliefs {
    let classes = answers.shape.classes;
    let mut beliefs = Beliefs::even(&answers.shape);
    let blocks = beliefs.p.chunks_mut(parallel::BLOCK * classes.max(1)).enumerate();
    parallel::each(answers.len(), blocks, |(block, rows)| {
        for (at, row) in rows.chunks_mut(classes).enumerate() {
            let item = block * parallel::BLOCK + at;
            let cast: f64 = answers.of_item(item).map(|(contributor, _)| weight(contributor)).sum();
            if cast > 0.0 {
                row.fill(0.0);
                for (contributor, label) in answers.of_item(item) {
                    row[label] += weight(contributor);
                }
                row.iter_mut().for_each(|p| *p /= cast);
            }
        }
    });
    beliefs
}

/// A vote with weights, and the weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    pub beliefs: Beliefs,
    /// What each contributor's answers weigh: about the share of them that agree with the outcome.
    pub weights: Vec<f64>,
}

/// How often each contributor says what came out; zero for one who said nothing.
fn sided(answers: &Answers, labels: &[usize]) -> Vec<f64> {
    (0..answers.shape.contributors)
        .map(|contributor| {
            let said = answers.of_contributor(contributor);
            let with = said.clone().filter(|(item, label)| labels[*item] == *label).count();
            if said.len() == 0 { 0.0 } else { with as f64 / said.len() as f64 }
        })
        .collect()
}

/// Wawa, the worker's agreement with the aggregate: a plain vote, then a vote weighed by how often each contributor sided
/// with the plain one.
///
/// Model: none. Formula: *w_j = (1/n_j) Σ_i [y_ij = MV_i]*, then *p_ic ∝ Σ_j w_j [y_ij = c]*. Origin: Appen, Toloka; in crowd-kit as
/// `Wawa`. Units: weights are shares, 0 to 1. Linear in the answers.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let say = |item, contributor, label| Answer { item, contributor, label };
/// let shape = Shape { items: 2, contributors: 3, classes: 2 };
/// let rows = [say(0, 0, 1), say(0, 1, 1), say(0, 2, 0), say(1, 0, 0), say(1, 1, 0), say(1, 2, 0)];
/// let wawa = stats::vote::wawa(&Answers::new(shape, &rows).unwrap());
/// assert_eq!(wawa.weights, [1.0, 1.0, 0.5]);
/// assert_eq!(wawa.beliefs.best(0), (1, 2.0 / 2.5));
/// ```
pub fn wawa(answers: &Answers) -> Weighed {
    let weights = sided(answers, &majority(answers).labels());
    Weighed { beliefs: weighted(answers, |contributor| weights[contributor]), weights }
}

/// ZBS, zero-based skill: weights that move step by step to how often each contributor sides with the vote which those weights
/// decide.
///
/// Model: none. Formula: *w_j ← w_j + η (a_j(w) − w_j)*, where *a_j(w)* is the share of *j*'s answers that agree with the vote
/// weighed by *w*; all begin at *1/K + 10⁻⁵*, and *η* is halved every 20 steps, 100 steps in all. Origin: Toloka; in
/// crowd-kit as `ZeroBasedSkill`. Units: weights are shares, 0 to 1. Linear in the answers for each step; ends early where
/// nothing moves any more.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let say = |item, contributor, label| Answer { item, contributor, label };
/// let shape = Shape { items: 2, contributors: 3, classes: 2 };
/// let rows = [say(0, 0, 1), say(0, 1, 1), say(0, 2, 0), say(1, 0, 0), say(1, 1, 0), say(1, 2, 0)];
/// let zbs = stats::vote::zero_based_skill(&Answers::new(shape, &rows).unwrap());
/// assert!((zbs.weights[2] - 0.5).abs() < 1e-9 && zbs.beliefs.labels() == [1, 0]);
/// ```
pub fn zero_based_skill(answers: &Answers) -> Weighed {
    const STEPS: usize = 100;
    let start = 1.0 / answers.shape.classes.max(1) as f64 + 1e-5;
    let mut weights = vec![start; answers.shape.contributors];
    let mut rate = 1.0;
    for step in 1..=STEPS {
        if step % 20 == 0 {
            rate *= 0.5;
        }
        let labels = weighted(answers, |contributor| weights[contributor]).labels();
        let mut moved = 0.0_f64;
        for (weight, sided) in weights.iter_mut().zip(sided(answers, &labels)) {
            let by = rate * (sided - *weight);
            *weight += by;
            moved = moved.max(by.abs());
        }
        if moved == 0.0 {
            break;
        }
    }
    Weighed { beliefs: weighted(answers, |contributor| weights[contributor]), weights }
}
