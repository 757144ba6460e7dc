//! Chooses the estimator for a project on evidence, and says what it chose and why.
//!
//! No model wins everywhere: where the crowd shares its errors, a class is rare or there are few answers, Dawid–Skene can lose what its classes mean and end
//! points below a plain vote. Dawid–Skene with the crowd as a prior is the favourite, since of all it is the most seldom behind; the plain vote takes its place
//! wherever there is reason to doubt it:
//!
//! - **E1** Where no item has two answers, or the contributors have given too few ([`EFFORT_MIN`]), there is nothing to learn from.
//! - **E2** Begun from a plain vote and from the spectral start, it has to come to the same labels, but for one item in twenty. What hangs on the start is no
//!   finding.
//! - **E3** Tried on answers held out from it, of items with at least three, it has to find them more likely than one confusion matrix shared by everybody does,
//!   by two standard errors of the paired difference.
//! - **E4** Those answers, each weighed by how far its contributor agrees with others beyond chance, may not agree with it less than with the vote by two
//!   standard errors of the paired difference; where it overturns more than a fifth of the votes, they have to agree with it more by two. An
//!   answer is no truth, but it is anchored to what the class means.
//! - **E5** With at least [`GOLD_MIN`] known items, each predicted without its being known, nothing of this speaks against the favourite if it labels as many of
//!   them rightly as the vote; and every candidate may win over what was chosen so far: by labelling more of them rightly, by two standard errors of the paired
//!   difference.
//! - **E6** With each half of the items labelled by what the other half says of the contributors, no more items may come out otherwise than half of those
//!   whose vote it overturns. What hangs on which items happened to be seen is noise, and with few answers, few contributors or contributors of one skill it is most of
//!   what there is to learn.
//!
//! Linear in the answers: a few fits of each candidate, on at most twelve splits.

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

/// What may be chosen, simplest first: of equals the first is chosen. Those after the first two only by gold. Maximum likelihood alone is not among them: with
/// few answers of each contributor it learns noise.
pub const CANDIDATES: [Method; 5] =
    [Method::Majority, Method::Pooled, Method::Wawa, Method::Mace, Method::Glad];

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

/// Below this effort of the contributors, models know nobody (E1): answers of the contributor of an answer, on average.
pub const EFFORT_MIN: f64 = 20.0;

/// Known items below this number decide nothing.
pub const GOLD_MIN: usize = 30;

/// The share of items whose label may hang on where the favourite begins (E2), and the share of votes that it may overturn unasked (E4).
const UNSTABLE_MAX: f64 = 0.05;
const OVERTURNED_MAX: f64 = 0.2;

/// The share of what it overturns that may hang on which half of the items was seen (E6).
const NOISE_MAX: f64 = 0.5;

/// Standard errors that count as clear.
const CLEARLY: f64 = 2.0;

/// How a candidate did on what it had not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub method: Method,
    /// Share of known items labelled rightly (E5).
    pub gold: Option<f64>,
    /// Weighed share of held-out answers that agree (E4).
    pub agreement: Option<f64>,
    /// By how many standard errors of the paired difference that is more than the plain vote's.
    pub lead: Option<f64>,
    /// Mean log likelihood of a held-out answer, in nats (E3).
    pub log_likelihood: Option<f64>,
}

/// On what the choice rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// None labels the known items clearly better.
    Gold,
    /// Held-out answers have nothing against the favourite, or for the vote something against it.
    HeldOut,
    /// The favourite hangs on its start or on which items were seen, or overturns too many votes.
    Unstable,
    /// No item has two answers.
    NoOverlap,
    /// The contributors have given too few answers to be known.
    LittleEffort,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Reason::Gold => "none labels the gold clearly better",
            Reason::HeldOut => "held-out answers speak for it",
            Reason::Unstable => {
                "models come to other labels from another start or half of the items, or overturn too many votes"
            }
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
/// use stats::answers::{Answer, Answers, Known, Shape};
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
/// let answers = Answers::new(shape, &rows).unwrap();
/// // Who would be overruling whom here, answers alone do not say; gold does.
/// assert_eq!(choose(&answers, &[], 1).method, Method::Majority);
/// let known: Vec<Known> = (0..40).map(|item| Known { item, class: item % 2 }).collect();
/// let choice = choose(&answers, &known, 1);
/// assert_eq!((choice.method, choice.reason), (Method::Pooled, Reason::Gold));
/// ```
pub fn choose(answers: &Answers, known: &[Known], seed: u64) -> Choice {
    if let Some(reason) = too_little(answers) {
        let beliefs = fit(Method::Majority, answers, known).beliefs;
        return Choice { method: Method::Majority, reason, evidence: Vec::new(), beliefs };
    }
    let gold = known.len() >= GOLD_MIN;
    let tried = if gold { &CANDIDATES[..] } else { &CANDIDATES[..2] };
    let mut trials: Vec<Trial> = tried.iter().copied().map(Trial::new).collect();
    let mut random = Random::new(seed);
    for _ in 0..(60_000 / answers.len().max(1)).clamp(1, 12) {
        hold_out(answers, &mut trials, &mut random);
    }
    let pooled = fit(Method::Pooled, answers, &[]).beliefs;
    let (mut method, mut reason) = favourite(answers, &pooled, &trials);
    if gold {
        for trial in &mut trials {
            // Without telling it what is known: each a prediction.
            let beliefs = match trial.method {
                Method::Pooled => &pooled,
                other => &fit(other, answers, &[]).beliefs,
            };
            let is_right = |known: &Known| beliefs.best(known.item).0 == known.class;
            trial.gold = known.iter().map(is_right).collect();
        }
        // The vote is tried first, and the favourite after it.
        if trials[1].right() >= trials[0].right() {
            method = Method::Pooled;
        }
        (method, reason) = (by_gold(method, &trials), Reason::Gold);
    }
    Choice {
        method,
        reason,
        evidence: trials.iter().map(|trial| trial.evidence(&trials[0])).collect(),
        beliefs: fit(method, answers, known).beliefs,
    }
}

/// The favourite, or the vote where there is reason to doubt it (E2 to E4).
fn favourite(answers: &Answers, pooled: &Beliefs, trials: &[Trial]) -> (Method, Reason) {
    let vote = vote::majority(answers);
    let options =
        dawid_skene::Options { start: dawid_skene::Start::Spectral, ..Default::default() };
    let again = dawid_skene::fit(answers, &options).beliefs;
    let overturned = differing(answers, pooled, &vote);
    if differing(answers, pooled, &again) > UNSTABLE_MAX || is_noise(answers, pooled, overturned) {
        return (Method::Majority, Reason::Unstable);
    }
    let [voted, tried, ..] = trials else { return (Method::Majority, Reason::Unstable) };
    if tried.answers == 0.0 {
        // Two answers of each item, and none to spare.
        return match overturned > OVERTURNED_MAX {
            true => (Method::Majority, Reason::Unstable),
            false => (Method::Pooled, Reason::HeldOut),
        };
    }
    let gained = tried.likelihood - voted.likelihood;
    let learned = gained >= CLEARLY * tried.variance.sqrt();
    let least = if overturned > OVERTURNED_MAX { CLEARLY } else { -CLEARLY };
    let agreed = tried.agreed - voted.agreed >= least * tried.spread.sqrt();
    let method = if learned && agreed { Method::Pooled } else { Method::Majority };
    (method, Reason::HeldOut)
}

/// Whether what overturns votes is mostly which items happened to be seen (E6).
fn is_noise(answers: &Answers, pooled: &Beliefs, overturned: f64) -> bool {
    let crowds = [1, 0].map(|half| {
        let rows: Vec<Answer> =
            answers.iter().filter(|answer| answer.item as usize % 2 == half).collect();
        // Every row was in a table of this shape.
        let half = Answers::new(answers.shape, &rows).ok()?;
        Some(dawid_skene::fit(&half, &dawid_skene::Options::default()).crowd)
    });
    let mut told = pooled.clone();
    for item in 0..answers.shape.items {
        let Some(crowd) = &crowds[item % 2] else { return true };
        crowd.believe(answers.of_item(item), told.of_mut(item));
    }
    differing(answers, pooled, &told) > NOISE_MAX * overturned
}

/// Whether the answers give reason not to weigh their contributors, without trying them on each other (E1, E2, E6).
pub(crate) fn is_doubtful(answers: &Answers) -> bool {
    if too_little(answers).is_some() {
        return true;
    }
    let of = |start| {
        let options = dawid_skene::Options { start, ..Default::default() };
        dawid_skene::fit(answers, &options).beliefs
    };
    let pooled = of(dawid_skene::Start::Majority);
    let overturned = differing(answers, &pooled, &vote::majority(answers));
    differing(answers, &pooled, &of(dawid_skene::Start::Spectral)) > UNSTABLE_MAX
        || is_noise(answers, &pooled, overturned)
}

/// The share of the answered items that have another label.
fn differing(answers: &Answers, one: &Beliefs, other: &Beliefs) -> f64 {
    let answered = (0..answers.shape.items).filter(|item| answers.overlap(*item) > 0);
    let (all, differ) = answered.fold((0.0, 0.0), |(all, differ), item| {
        let differs = one.best(item).0 != other.best(item).0;
        (all + 1.0, differ + f64::from(u8::from(differs)))
    });
    differ / f64::max(all, 1.0)
}

/// What labels the gold clearly better than the favourite; of several the best, and of equals the one that held-out answers agree with most (E5).
fn by_gold(favourite: Method, trials: &[Trial]) -> Method {
    let Some(mut chosen) = trials.iter().find(|trial| trial.method == favourite) else {
        return favourite;
    };
    let gold = &chosen.gold;
    for trial in trials.iter().filter(|trial| clearly_behind(gold, &trial.gold)) {
        let better = (trial.right(), trial.agreement()) > (chosen.right(), chosen.agreement());
        if better {
            chosen = trial;
        }
    }
    chosen.method
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
    /// Of how much more likely the answers are than by the vote, were they independent.
    variance: f64,
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
            variance: 0.0,
            answers: 0.0,
        }
    }

    fn agreement(&self) -> f64 {
        if self.weight > 0.0 { self.agreed / self.weight } else { 0.0 }
    }

    fn right(&self) -> usize {
        self.gold.iter().filter(|right| **right).count()
    }

    fn evidence(&self, vote: &Trial) -> Evidence {
        Evidence {
            method: self.method,
            gold: (!self.gold.is_empty()).then(|| self.right() as f64 / self.gold.len() as f64),
            agreement: (self.weight > 0.0).then(|| self.agreement()),
            lead: (self.spread > 0.0).then(|| (self.agreed - vote.agreed) / self.spread.sqrt()),
            log_likelihood: (self.answers > 0.0).then(|| self.likelihood / self.answers),
        }
    }
}

/// Whether one has fewer right than another by two standard errors of the paired difference.
fn clearly_behind(one: &[bool], other: &[bool]) -> bool {
    let wins = one.iter().zip(other).filter(|(a, b)| **a && !**b).count() as f64;
    let losses = one.iter().zip(other).filter(|(a, b)| !**a && **b).count() as f64;
    losses - wins > CLEARLY * (losses + wins).sqrt()
}

/// Fits every candidate to three quarters of the answers of each item that has three, and tries it on the others.
fn hold_out(answers: &Answers, trials: &mut [Trial], random: &mut Random) {
    let (mut kept, mut held) = (Vec::with_capacity(answers.len()), Vec::new());
    for item in 0..answers.shape.items {
        let mut rows: Vec<(usize, usize)> = answers.of_item(item).collect();
        random.shuffle(&mut rows);
        let out = if rows.len() < 3 { 0 } else { (rows.len() / 4).max(1) };
        for (at, (contributor, label)) in rows.into_iter().enumerate() {
            let answer =
                Answer { item: item as u32, contributor: contributor as u32, label: label as u32 };
            if at < out { held.push(answer) } else { kept.push(answer) }
        }
    }
    if held.is_empty() {
        return;
    }
    // Every row was in a table of this shape.
    let Ok(kept) = Answers::new(answers.shape, &kept) else { return };
    let weights = peers(&kept);
    let voted = vote::majority(&kept).labels();
    // Of each answer by the vote, which is tried first.
    let mut plain: Vec<f64> = Vec::new();
    for trial in trials {
        let fitted = fit(trial.method, &kept, &[]);
        for (at, answer) in held.iter().enumerate() {
            let (item, contributor, label) =
                (answer.item as usize, answer.contributor as usize, answer.label as usize);
            let belief = fitted.beliefs.of(item);
            let likelihoods = fitted.crowd.row(contributor, label);
            let p: f64 = belief.iter().zip(likelihoods).map(|(p, q)| p * q).sum();
            let likelihood = p.max(1e-6).ln();
            match plain.get(at) {
                Some(plain) => trial.variance += (likelihood - plain).powi(2),
                None => plain.push(likelihood),
            }
            trial.likelihood += likelihood;
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

/// How much a contributor's answers agree with those of others beyond what they would if each were drawn from all answers, one where they agree
/// always and none below zero. Who says the same of everything, or anything at random, has next to nothing; and no candidate has a say in it.
fn peers(answers: &Answers) -> Vec<f64> {
    /// So many answers of others count for the crowd.
    const CROWD: f64 = 10.0;
    let classes = answers.shape.classes;
    let mut shares = vec![0.0; classes];
    answers.iter().for_each(|answer| shares[answer.label as usize] += 1.0 / answers.len() as f64);
    // Of each contributor: agreement beyond chance, and what it could have been.
    let mut sums = vec![(0.0, 0.0); answers.shape.contributors];
    for item in 0..answers.shape.items {
        let others = answers.overlap(item) as f64 - 1.0;
        if others < 1.0 {
            continue;
        }
        let mut votes = vec![0.0; classes];
        answers.of_item(item).for_each(|(_, label)| votes[label] += 1.0);
        for (contributor, label) in answers.of_item(item) {
            let of = &mut sums[contributor];
            of.0 += votes[label] - 1.0 - others * shares[label];
            of.1 += others * (1.0 - shares[label]);
        }
    }
    let all = sums.iter().fold((0.0, 0.0), |all, of| (all.0 + of.0, all.1 + of.1));
    if all.1 <= 0.0 || all.0 <= 0.0 {
        return vec![1.0; sums.len()];
    }
    let crowd = all.0 / all.1;
    sums.iter().map(|of| ((of.0 + CROWD * crowd) / (of.1 + CROWD)).max(0.0)).collect()
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
