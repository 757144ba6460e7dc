//! GLAD: items differ in how hard they are, and contributors in how able.
//!
//! Model: contributor *j* of ability *α_j* is right about item *i* of ease *β_i = exp(b_i)* with probability *σ(α_j β_i)*, and
//! otherwise gives each other label with the same probability; classes are equally frequent; *α_j* and *b_i* are *N(1, 1)* beforehand.
//! EM: the items' classes given the abilities, then, one after the other, one Newton step for each *α_j* and one scoring
//! step for each *b_i* on the expected log posterior *Σ p_i,y ln σ(α_j β_i) + (1 − p_i,y) ln(1 − σ(α_j β_i)) − (α_j − 1)²/2 − (b_i − 1)²/2*.
//!
//! Paper: J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma and J. Movellan, *Whose Vote Should Count More*, NIPS 2009. crowd-kit maximizes the
//! same by conjugate gradients; the steps here end at the same place, each linear in the answers, and every item and every
//! contributor on its own, so that all processors work.

use crate::answers::{Answers, Beliefs};
use crate::dawid_skene::normalize_logs;
use crate::parallel;
use crate::special::{logistic, softplus};

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub rounds_max: usize,
    /// Ends when no ability and no ease moves by more than this.
    pub move_min: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds_max: 100, move_min: 1e-3 }
    }
}

#[derive(Clone, Debug)]
pub struct Fit {
    pub beliefs: Beliefs,
    /// Of each contributor: zero guesses, below zero misleads.
    pub abilities: Vec<f64>,
    /// Of each item, as its logarithm.
    pub eases: Vec<f64>,
    pub rounds: usize,
}

/// Fits the model by EM.
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
/// let found = stats::glad::fit(&Answers::new(shape, &rows).unwrap(), &Default::default());
/// assert!((0..30).all(|item| found.beliefs.best(item).0 == item % 3));
/// assert!(found.abilities[0] > found.abilities[2]);
/// ```
pub fn fit(answers: &Answers, options: &Options) -> Fit {
    let mut beliefs = Beliefs::even(&answers.shape);
    let mut abilities = vec![1.0; answers.shape.contributors];
    let mut eases = vec![1.0; answers.shape.items];
    let mut rounds = 0;
    while rounds < options.rounds_max {
        rounds += 1;
        expect(answers, &abilities, &eases, &mut beliefs);
        let moved = move_abilities(answers, &beliefs, &mut abilities, &eases)
            .max(move_eases(answers, &beliefs, &abilities, &mut eases));
        if moved < options.move_min {
            break;
        }
    }
    expect(answers, &abilities, &eases, &mut beliefs);
    Fit { beliefs, abilities, eases, rounds }
}

fn expect(answers: &Answers, abilities: &[f64], eases: &[f64], beliefs: &mut Beliefs) {
    let classes = answers.shape.classes;
    let others = (classes.max(2) - 1) as f64;
    let blocks = beliefs.p.chunks_mut(parallel::BLOCK * classes.max(1)).enumerate();
    parallel::each(answers.len(), blocks, |(block, rows)| {
        for (at, row) in rows.chunks_mut(classes).enumerate() {
            let item = block * parallel::BLOCK + at;
            let ease = eases[item].exp();
            row.fill(0.0);
            for (contributor, label) in answers.of_item(item) {
                // ln σ(x) − ln((1 − σ(x)) / (K − 1)) = x + ln(K − 1); what all classes have in common cancels.
                row[label] += abilities[contributor] * ease + others.ln();
            }
            normalize_logs(row);
        }
    });
}

/// One safeguarded Newton step for each; returns the largest.
fn move_abilities(
    answers: &Answers,
    beliefs: &Beliefs,
    abilities: &mut [f64],
    eases: &[f64],
) -> f64 {
    let mut moves = vec![0.0; abilities.len()];
    let jobs = abilities.iter_mut().zip(&mut moves).enumerate();
    parallel::each(answers.len(), jobs, |(contributor, (ability, moved))| {
        let (mut slope, mut bend) = (1.0 - *ability, 1.0);
        for (item, label) in answers.of_contributor(contributor) {
            let ease = eases[item].exp();
            let right = logistic(*ability * ease);
            slope += (beliefs.of(item)[label] - right) * ease;
            bend += right * (1.0 - right) * ease * ease;
        }
        // Where the curve is almost flat the parabola leads far away.
        *moved = (slope / bend).clamp(-1.0, 1.0);
        *ability += *moved;
    });
    moves.iter().fold(0.0, |most: f64, moved| most.max(moved.abs()))
}

/// One scoring step for each, halved until it does not lose; returns the largest.
fn move_eases(answers: &Answers, beliefs: &Beliefs, abilities: &[f64], eases: &mut [f64]) -> f64 {
    let mut moves = vec![0.0; eases.len()];
    let blocks = eases.chunks_mut(parallel::BLOCK).zip(moves.chunks_mut(parallel::BLOCK));
    parallel::each(answers.len(), blocks.enumerate(), |(block, (eases, moves))| {
        for (at, (ease, moved)) in eases.iter_mut().zip(moves).enumerate() {
            let item = block * parallel::BLOCK + at;
            *moved = move_ease(answers, item, beliefs.of(item), abilities, ease);
        }
    });
    moves.iter().fold(0.0, |most: f64, moved| most.max(moved.abs()))
}

fn move_ease(
    answers: &Answers,
    item: usize,
    belief: &[f64],
    abilities: &[f64],
    ease: &mut f64,
) -> f64 {
    // The gain of a step in closed form: one pass for the slope, one for each trial.
    let value = |b: f64| {
        let scale = b.exp();
        answers.of_item(item).fold(-0.5 * (b - 1.0).powi(2), |sum, (contributor, label)| {
            let x = abilities[contributor] * scale;
            sum + belief[label] * x - softplus(x)
        })
    };
    let scale = ease.exp();
    let (mut slope, mut bend) = (1.0 - *ease, 1.0);
    for (contributor, label) in answers.of_item(item) {
        let x = abilities[contributor] * scale;
        let right = logistic(x);
        slope += (belief[label] - right) * x;
        bend += right * (1.0 - right) * x * x;
    }
    let mut step = (slope / bend).clamp(-1.0, 1.0);
    if step.abs() < 1e-9 {
        *ease += step;
        return step;
    }
    let before = value(*ease);
    for _ in 0..8 {
        if value(*ease + step) >= before {
            *ease += step;
            return step;
        }
        step *= 0.5;
    }
    0.0
}
