//! Chooses the estimator for a project on evidence, and says what it chose and why.
//!
//! No model wins everywhere: where the crowd shares its errors, or a class is rare, Dawid–Skene can lose what its classes mean
//! and end points below a plain vote. So each candidate is fitted to a part of the answers and tried on what it has not seen:
//!
//! - **E1** With at least [`GOLD_MIN`] known items: the share of them that it labels rightly, each predicted without its being known.
//!   Candidates within one standard error of the best (of the paired difference) go on to E2.
//! - **E2** The share of held-out answers that say what it says of their item, each weighed by how far its contributor is beyond
//!   chance. An answer is no truth, but it is anchored to what the class means, and its errors are the same for each candidate. The
//!   best wins, but none wins over the plain vote by less than a standard error of the paired difference.
//! - **E3** A model that finds held-out answers less likely than one confusion matrix shared by everybody is out: it has
//!   learned noise.
//! - **E4** Where no item has two answers, or the contributors have given too few ([`EFFORT_MIN`]), there is nothing to learn from, and a
//!   vote is all that there is.
//!
//! Linear in the answers: a few fits of each candidate, on at most four splits.

use crate::answers::{Answer, Answers, Beliefs, Known};
use crate::calibration::{self, Calibration, Point};
use crate::dawid_skene::{self, Crowd, Model, Pooling, crowd_of};
use crate::random::Random;
use crate::{glad, mace, vote};

/// An estimator of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Majority,
    Wawa,
    ZeroBasedSkill,
    /// Dawid and Skene's of 1979.
    DawidSkene,
    OneCoin,
    /// Dawid–Skene with the crowd as a prior.
    Pooled,
    Glad,
    Mace,
}

/// What may be chosen, simplest first: of equals the first is chosen. Maximum likelihood alone is not among them: with few answers of
/// each contributor it learns noise.
pub const CANDIDATES: [Method; 5] =
    [Method::Majority, Method::Wawa, Method::Pooled, Method::Mace, Method::Glad];

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Majority => "majority",
            Method::Wawa => "wawa",
            Method::ZeroBasedSkill => "zbs",
            Method::DawidSkene => "ds",
            Method::OneCoin => "onecoin",
            Method::Pooled => "pooled",
            Method::Glad => "glad",
            Method::Mace => "mace",
        }
    }
}

/// Below this effort of the contributors, models know nobody (E4): answers of the contributor of an answer, on average.
pub const EFFORT_MIN: f64 = 10.0;

/// Known items below this number decide nothing.
pub const GOLD_MIN: usize = 30;

/// How a candidate did on what it had not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub method: Method,
    /// Share of known items labelled rightly (E1).
    pub gold: Option<f64>,
    /// Weighed share of held-out answers that agree (E2).
    pub agreement: Option<f64>,
    /// Mean log likelihood of a held-out answer, in nats (E3).
    pub log_likelihood: Option<f64>,
}

/// On what the choice rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// None labels the known items better, and held-out answers agree with it most of those.
    Gold,
    /// Held-out answers agree with it most.
    HeldOut,
    /// No item has two answers.
    NoOverlap,
    /// The contributors have given too few answers to be known.
    LittleEffort,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Reason::Gold => "none labels the gold better, and held-out answers agree with it most",
            Reason::HeldOut => "held-out answers agree with it most",
            Reason::NoOverlap => "no item has two answers, so there is nothing to weigh",
            Reason::LittleEffort => "the contributors have given too few answers to be known",
        })
    }
}

#[derive(Clone, Debug)]
pub struct Choice {
    pub method: Method,
    pub reason: Reason,
    pub evidence: Vec<Evidence>,
    pub beliefs: Beliefs,
}

/// Tries the candidates, chooses one, and fits it to everything.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// use stats::auto::{Method, Reason, choose};
/// // Two who see and three who always say "1": a vote is always wrong about zeros.
/// let rows: Vec<Answer> = (0..300)
///     .map(|n| (n / 5, n % 5))
///     .map(|(item, contributor)| Answer {
///         item,
///         contributor,
///         label: if contributor < 2 { item % 2 } else { 1 },
///     })
///     .collect();
/// let shape = Shape { items: 60, contributors: 5, classes: 2 };
/// let choice = choose(&Answers::new(shape, &rows).unwrap(), &[], 1);
/// assert_ne!(choice.method, Method::Majority);
/// assert_eq!(choice.reason, Reason::HeldOut);
/// ```
pub fn choose(answers: &Answers, known: &[Known], seed: u64) -> Choice {
    if let Some(reason) = too_little(answers) {
        let beliefs = fit(Method::Majority, answers, known).beliefs;
        return Choice { method: Method::Majority, reason, evidence: Vec::new(), beliefs };
    }
    let mut random = Random::new(seed);
    let mut trials = CANDIDATES.map(Trial::new);
    let splits = if answers.len() > 50_000 { 1 } else { 4 };
    for _ in 0..splits {
        hold_out(answers, &mut trials, &mut random);
    }
    let gold = known.len() >= GOLD_MIN;
    if gold {
        for trial in &mut trials {
            // Without telling it what is known: each a prediction.
            let fitted = fit(trial.method, answers, &[]);
            trial.gold = known
                .iter()
                .map(|known| fitted.beliefs.best(known.item).0 == known.class)
                .collect();
        }
    }
    let method = decide(&trials);
    Choice {
        method,
        reason: if gold { Reason::Gold } else { Reason::HeldOut },
        evidence: trials.iter().map(Trial::evidence).collect(),
        beliefs: fit(method, answers, known).beliefs,
    }
}

fn too_little(answers: &Answers) -> Option<Reason> {
    if (0..answers.shape.items).all(|item| answers.overlap(item) < 2) {
        return Some(Reason::NoOverlap);
    }
    let efforts = (0..answers.shape.contributors).map(|j| (answers.effort(j) as f64).powi(2));
    (efforts.sum::<f64>() / (answers.len() as f64) < EFFORT_MIN).then_some(Reason::LittleEffort)
}

struct Trial {
    method: Method,
    gold: Vec<bool>,
    agreed: f64,
    weight: f64,
    /// Variance of how much more of the weight agreed than did with the vote, were the answers independent.
    spread: f64,
    likelihood: f64,
    answers: f64,
}

impl Trial {
    fn new(method: Method) -> Self {
        Self {
            method,
            gold: Vec::new(),
            agreed: 0.0,
            weight: 0.0,
            spread: 0.0,
            likelihood: 0.0,
            answers: 0.0,
        }
    }

    fn agreement(&self) -> f64 {
        if self.weight > 0.0 { self.agreed / self.weight } else { 0.0 }
    }

    fn right(&self) -> usize {
        self.gold.iter().filter(|right| **right).count()
    }

    fn evidence(&self) -> Evidence {
        Evidence {
            method: self.method,
            gold: (!self.gold.is_empty()).then(|| self.right() as f64 / self.gold.len() as f64),
            agreement: (self.weight > 0.0).then(|| self.agreement()),
            log_likelihood: (self.answers > 0.0).then(|| self.likelihood / self.answers),
        }
    }
}

fn decide(trials: &[Trial]) -> Method {
    let shared = trials[0].likelihood;
    let best_gold = trials.iter().map(Trial::right).max().unwrap_or(0);
    let leader = trials.iter().find(|trial| trial.right() == best_gold);
    let vote = &trials[0];
    let mut chosen = vote;
    let mut agreement = f64::NEG_INFINITY;
    for trial in trials {
        let learned = trial.likelihood >= shared;
        let behind = leader.is_some_and(|leader| clearly_behind(&trial.gold, &leader.gold));
        let lead = trial.agreed - vote.agreed;
        // Gold has a say of its own.
        let clear = !trial.gold.is_empty() || lead >= trial.spread.sqrt();
        if learned && !behind && clear && trial.agreement() > agreement {
            (chosen, agreement) = (trial, trial.agreement());
        }
    }
    chosen.method
}

/// Whether one has fewer right than another by more than a standard error of the paired difference.
fn clearly_behind(one: &[bool], other: &[bool]) -> bool {
    let wins = one.iter().zip(other).filter(|(a, b)| **a && !**b).count() as f64;
    let losses = one.iter().zip(other).filter(|(a, b)| !**a && **b).count() as f64;
    losses - wins > (losses + wins).sqrt()
}

/// Fits every candidate to three quarters of each item's answers, and tries it on the others.
fn hold_out(answers: &Answers, trials: &mut [Trial], random: &mut Random) {
    let (mut kept, mut held) = (Vec::with_capacity(answers.len()), Vec::new());
    for item in 0..answers.shape.items {
        let mut rows: Vec<(usize, usize)> = answers.of_item(item).collect();
        random.shuffle(&mut rows);
        let out = if rows.len() < 2 { 0 } else { (rows.len() / 4).max(1) };
        for (at, (contributor, label)) in rows.into_iter().enumerate() {
            let answer =
                Answer { item: item as u32, contributor: contributor as u32, label: label as u32 };
            if at < out { held.push(answer) } else { kept.push(answer) }
        }
    }
    // Every row was in a table of this shape.
    let Ok(kept) = Answers::new(answers.shape, &kept) else { return };
    let pooled = fit(Method::Pooled, &kept, &[]);
    let chance = 1.0 / answers.shape.classes as f64;
    let weights: Vec<f64> = (0..answers.shape.contributors)
        .map(|contributor| (pooled.crowd.skill(contributor) - chance).max(0.0))
        .collect();
    let voted = vote::majority(&kept).labels();
    for trial in trials {
        let fitted = match trial.method {
            Method::Pooled => &pooled,
            other => &fit(other, &kept, &[]),
        };
        for answer in &held {
            let (item, contributor, label) =
                (answer.item as usize, answer.contributor as usize, answer.label as usize);
            let belief = fitted.beliefs.of(item);
            let likelihoods = fitted.crowd.row(contributor, label);
            let p: f64 = belief.iter().zip(likelihoods).map(|(p, q)| p * q).sum();
            trial.likelihood += p.max(1e-6).ln();
            trial.answers += 1.0;
            trial.weight += weights[contributor];
            let agrees = fitted.beliefs.best(item).0 == label;
            if agrees {
                trial.agreed += weights[contributor];
            }
            if agrees != (voted[item] == label) {
                trial.spread += weights[contributor].powi(2);
            }
        }
    }
}

struct Fitted {
    beliefs: Beliefs,
    /// What its labels say of the contributors.
    crowd: Crowd,
}

/// What a method makes of the answers. Known items keep their class, and teach the models of Dawid and Skene's family.
///
/// ```
/// use stats::answers::{Answer, Answers, Known, Shape};
/// use stats::auto::{Method, labelled};
/// let shape = Shape { items: 2, contributors: 1, classes: 2 };
/// let rows = [0, 1].map(|item| Answer { item, contributor: 0, label: 0 });
/// let answers = Answers::new(shape, &rows).unwrap();
/// let beliefs = labelled(Method::Majority, &answers, &[Known { item: 1, class: 1 }]);
/// assert_eq!(beliefs.labels(), [0, 1]);
/// ```
pub fn labelled(method: Method, answers: &Answers, known: &[Known]) -> Beliefs {
    fit(method, answers, known).beliefs
}

/// How sure a method's labels really are, by what it says of known items without knowing them.
pub fn calibrate(method: Method, answers: &Answers, known: &[Known], seed: u64) -> Calibration {
    calibrate_beliefs(&fit(method, answers, &[]).beliefs, answers, known, seed)
}

/// The same of beliefs that were found without the known items.
pub fn calibrate_beliefs(
    beliefs: &Beliefs,
    answers: &Answers,
    known: &[Known],
    seed: u64,
) -> Calibration {
    let points = known.iter().enumerate().filter(|(_, known)| answers.overlap(known.item) > 0);
    let points: Vec<Point> = points
        .map(|(group, known)| {
            let (class, confidence) = beliefs.best(known.item);
            Point { confidence, right: class == known.class, group }
        })
        .collect();
    calibration::fit(&points, seed)
}

fn fit(method: Method, answers: &Answers, known: &[Known]) -> Fitted {
    let pooled = Model::Pooled(Pooling::default());
    let (mut beliefs, model) = match method {
        // One matrix for everybody.
        Method::Majority => {
            let shared = Model::Pooled(Pooling { crowd: 1e9, ..Pooling::default() });
            (vote::majority(answers), shared)
        }
        Method::Wawa => (vote::wawa(answers).beliefs, pooled),
        Method::ZeroBasedSkill => (vote::zero_based_skill(answers).beliefs, pooled),
        Method::Glad => (glad::fit(answers, &glad::Options::default()).beliefs, pooled),
        Method::Mace => (mace::fit(answers, &mace::Options::default()).beliefs, pooled),
        Method::DawidSkene => return em(answers, known, Model::Full),
        Method::OneCoin => return em(answers, known, Model::OneCoin),
        Method::Pooled => return em(answers, known, pooled),
    };
    let crowd = crowd_of(answers, &beliefs, model);
    for known in known {
        let row = beliefs.of_mut(known.item);
        row.fill(0.0);
        row[known.class] = 1.0;
    }
    Fitted { beliefs, crowd }
}

fn em(answers: &Answers, known: &[Known], model: Model) -> Fitted {
    let options = dawid_skene::Options { model, known, ..Default::default() };
    let found = dawid_skene::fit(answers, &options);
    Fitted { beliefs: found.beliefs, crowd: found.crowd }
}
