//! The plan of a project: whether an item has answers enough, and what a plan would have cost on answers that are there.
//!
//! - **P1** A fixed plan wants so many answers of every item.
//! - **P2** An adaptive plan wants at least `min`; then no more once the calibrated confidence has reached the target.
//! - **P3** Beyond `min` it asks for one more only while that is worth its price: the confidence that another answer is expected to bring is
//!   more than the price of an answer, in wrong labels avoided.
//! - **P4** What ends below the target is doubtful, and goes to review.
//!
//! Pure: it is told what is believed and says what should happen. Papers: I. Abraham, O. Alonso, V. Kandylas, R. Patel, S. Shelford and A. Slivkins,
//! *How Many Workers to Ask?*, SIGIR 2016; S. Branson, G. Van Horn and P. Perona, *Lean Crowdsourcing*, CVPR 2017.

use crate::answers::{Answer, Answers, Known, Shape};
use crate::auto;
use crate::calibration::{Calibration, Curve, Point, expected_error, fit};
use crate::dawid_skene::Pooling;
use crate::online::Online;
use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plan {
    Fixed { overlap: usize },
    Adaptive(Adaptive),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adaptive {
    /// How sure a label has to be, 0 to 1.
    pub target: f64,
    pub min: usize,
    pub max: usize,
    /// What an answer costs, in units of what a wrong label costs; zero where only the target counts.
    pub price: f64,
}

/// What is known of an item when the plan is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub answers: usize,
    /// Calibrated.
    pub confidence: f64,
    /// How much another answer is expected to add to the confidence.
    pub hope: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The label stands.
    Enough,
    Another,
    /// No more answers, and not sure: somebody should look.
    Doubtful,
}

/// What should happen to an item next.
///
/// ```
/// use stats::plan::{Adaptive, Decision, Plan, Standing, decide};
/// let plan = Plan::Adaptive(Adaptive { target: 0.9, min: 2, max: 7, price: 0.0 });
/// let standing = |answers, confidence| Standing { answers, confidence, hope: 0.1 };
/// assert_eq!(decide(&plan, &standing(1, 0.95)), Decision::Another);
/// assert_eq!(decide(&plan, &standing(2, 0.95)), Decision::Enough);
/// assert_eq!(decide(&plan, &standing(6, 0.80)), Decision::Another);
/// assert_eq!(decide(&plan, &standing(7, 0.80)), Decision::Doubtful);
/// ```
pub fn decide(plan: &Plan, standing: &Standing) -> Decision {
    match plan {
        Plan::Fixed { overlap } if standing.answers < *overlap => Decision::Another,
        Plan::Fixed { .. } => Decision::Enough,
        Plan::Adaptive(adaptive) if standing.answers < adaptive.min.max(1) => Decision::Another,
        Plan::Adaptive(adaptive) if standing.confidence >= adaptive.target => Decision::Enough,
        Plan::Adaptive(adaptive) if standing.answers >= adaptive.max => Decision::Doubtful,
        Plan::Adaptive(adaptive) if standing.hope < adaptive.price => Decision::Doubtful,
        Plan::Adaptive(_) => Decision::Another,
    }
}

/// How much the confidence is expected to grow by the answer of somebody who is right with probability `skill`, and wrong in all ways alike.
///
/// ```
/// // A coin that is right nine times in ten settles an even question, and hardly touches a settled one.
/// assert!((stats::plan::hope(&[0.5, 0.5], 0.9) - 0.4).abs() < 1e-9);
/// assert!(stats::plan::hope(&[0.99, 0.01], 0.9) < 1e-9);
/// ```
pub fn hope(belief: &[f64], skill: f64) -> f64 {
    let wrong = (1.0 - skill) / (belief.len().max(2) - 1) as f64;
    let now = belief.iter().copied().fold(0.0, f64::max);
    let then: f64 = (0..belief.len())
        .map(|label| {
            let joint = belief.iter().enumerate();
            let joint = joint.map(|(class, p)| p * if class == label { skill } else { wrong });
            joint.fold(0.0, f64::max)
        })
        .sum();
    (then - now).max(0.0)
}

/// What a plan came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub items: usize,
    pub answers: usize,
    pub doubtful: usize,
    /// Of the items whose truth was kept back; none where there is none.
    pub accuracy: Option<f64>,
    /// What was claimed of the same items on average, calibrated.
    pub claimed: f64,
    /// Of the claims about the same items.
    pub calibration_error: Option<f64>,
    pub calibration: Calibration,
}

impl Outcome {
    pub fn answers_per_item(&self) -> f64 {
        self.answers as f64 / self.items.max(1) as f64
    }
}

/// How past answers are played again.
#[derive(Clone, Copy, Debug)]
pub struct Replay {
    pub plan: Plan,
    /// How many items of known truth the plan may learn from; the others measure it.
    pub gold: usize,
    pub seed: u64,
}

/// Plays past answers again as if they arrived under the plan: all open items get one answer each, of somebody who answered
/// them, in random order; the plan decides; and so on. Thresholds and calibration come from the gold alone, which is
/// predicted without its truth.
///
/// A fixed plan takes the plain vote, with ties decided at random: what most people do. So does an adaptive one in the end, where [`auto`] finds reason not to weigh
/// contributors (E1, E2, E6).
///
/// Each pass costs the answers so far times the classes; there are as many passes as the most answers of an item.
pub fn replay(answers: &Answers, truth: &[Known], replay: &Replay) -> Outcome {
    let mut random = Random::new(replay.seed);
    let mut queues: Vec<Vec<(usize, usize)>> = (0..answers.shape.items)
        .map(|item| {
            let mut queue: Vec<(usize, usize)> = answers.of_item(item).collect();
            random.shuffle(&mut queue);
            queue
        })
        .collect();
    let mut truth: Vec<Known> =
        truth.iter().filter(|known| answers.overlap(known.item) > 0).copied().collect();
    random.shuffle(&mut truth);
    let (gold, kept_back) = truth.split_at(replay.gold.min(truth.len()));
    match replay.plan {
        Plan::Fixed { overlap } => fixed(answers, &queues, kept_back, overlap, &mut random),
        Plan::Adaptive(_) => adaptive(answers, &mut queues, gold, kept_back, replay, &mut random),
    }
}

fn fixed(
    answers: &Answers,
    queues: &[Vec<(usize, usize)>],
    truth: &[Known],
    overlap: usize,
    random: &mut Random,
) -> Outcome {
    let classes = answers.shape.classes;
    let mut voices = vec![(0usize, 0.0f64); queues.len()];
    let (mut items, mut used) = (0, 0);
    for (item, queue) in queues.iter().enumerate().filter(|(_, queue)| !queue.is_empty()) {
        let taken = &queue[..overlap.min(queue.len())];
        items += 1;
        used += taken.len();
        let mut votes = vec![0usize; classes];
        taken.iter().for_each(|(_, label)| votes[*label] += 1);
        let most = votes.iter().copied().max().unwrap_or(0);
        let first: Vec<usize> = (0..classes).filter(|class| votes[*class] == most).collect();
        voices[item] = (first[random.below(first.len())], most as f64 / taken.len() as f64);
    }
    let calibration = Calibration { curve: Curve::AsClaimed, losses: [f64::NAN; 4], gold: 0 };
    outcome(items, used, 0, truth, |item| voices[item], calibration)
}

fn outcome(
    items: usize,
    answers: usize,
    doubtful: usize,
    truth: &[Known],
    voice: impl Fn(usize) -> (usize, f64),
    calibration: Calibration,
) -> Outcome {
    let claims: Vec<(f64, bool)> = truth
        .iter()
        .map(|known| {
            let (class, confidence) = voice(known.item);
            (confidence, class == known.class)
        })
        .collect();
    let count = claims.len().max(1) as f64;
    let right = claims.iter().filter(|(_, right)| *right).count() as f64;
    Outcome {
        items,
        answers,
        doubtful,
        accuracy: (!claims.is_empty()).then_some(right / count),
        claimed: claims.iter().map(|(p, _)| p).sum::<f64>() / count,
        calibration_error: (!claims.is_empty()).then(|| expected_error(claims)),
        calibration,
    }
}

fn adaptive(
    answers: &Answers,
    queues: &mut [Vec<(usize, usize)>],
    gold: &[Known],
    kept_back: &[Known],
    replay: &Replay,
    random: &mut Random,
) -> Outcome {
    let mut online = Online::new(answers.shape.classes, Pooling::default());
    for known in gold {
        online.know(known.item, known.class);
    }
    let mut open: Vec<usize> = (0..queues.len()).filter(|item| !queues[*item].is_empty()).collect();
    let items = open.len();
    let (mut used, mut doubtful) = (0, 0);
    let mut calibration = fit(&[], replay.seed);
    while !open.is_empty() {
        random.shuffle(&mut open);
        for &item in &open {
            // Open items have answers left.
            let Some((contributor, label)) = queues[item].pop() else { continue };
            online.answer(item, contributor, label);
            used += 1;
        }
        for _ in 0..SWEEPS {
            online.sweep();
        }
        calibration = calibrate(&mut online, gold, replay.seed);
        let skill = online.crowd_skill();
        open.retain(|&item| {
            let (_, claimed) = online.best(item);
            let standing = Standing {
                answers: online.overlap(item),
                confidence: calibration.curve.at(claimed),
                hope: hope(online.belief(item), skill),
            };
            let decision = decide(&replay.plan, &standing);
            let more = decision == Decision::Another && !queues[item].is_empty();
            if !more && decision != Decision::Enough {
                doubtful += 1;
            }
            more
        });
    }
    let answered = (0..queues.len()).filter(|item| answers.overlap(*item) > 0);
    let told = calibration.levels(answered.map(|item| online.best(item).1));
    let votes = voted(&mut online, gold, answers.shape);
    let voice = |item: usize| {
        let (class, claimed) = online.best(item);
        match &votes {
            Some(votes) => (votes[item], told.at(online.belief(item)[votes[item]])),
            None => (class, told.at(claimed)),
        }
    };
    outcome(items, used, doubtful, kept_back, voice, calibration)
}

/// The plain votes of the answers that came, of equals what is believed most. Nothing where there is no reason to doubt what is believed, or where that labels
/// more of the gold rightly.
fn voted(online: &mut Online, gold: &[Known], shape: Shape) -> Option<Vec<usize>> {
    let said =
        |item: usize| online.said(item).map(move |(contributor, label)| (item, contributor, label));
    let rows = (0..online.items()).flat_map(said).map(|(item, contributor, label)| Answer {
        item: item as u32,
        contributor: contributor as u32,
        label: label as u32,
    });
    let answers = Answers::new(shape, &rows.collect::<Vec<_>>()).ok()?;
    if !auto::is_doubtful(&answers) {
        return None;
    }
    let mut by_belief = 0;
    for known in gold {
        let said = online.predictions(known.item);
        by_belief += usize::from(said.last().is_some_and(|(class, _)| *class == known.class));
    }
    let vote = |item: usize| {
        let mut votes = online.belief(item).to_vec();
        answers.of_item(item).for_each(|(_, label)| votes[label] += 2.0);
        crate::answers::best(&votes).0
    };
    let by_vote = gold.iter().filter(|known| vote(known.item) == known.class).count();
    let items = 0..shape.items;
    (by_vote >= by_belief)
        .then(|| items.map(|item| if item < online.items() { vote(item) } else { 0 }).collect())
}

/// After each pass, so that all have heard of the new answers.
const SWEEPS: usize = 3;

/// A curve from the gold: what would have been said of each known item after each of its answers.
pub fn calibrate(online: &mut Online, gold: &[Known], seed: u64) -> Calibration {
    let mut points = Vec::new();
    for (group, known) in gold.iter().enumerate() {
        for (class, confidence) in online.predictions(known.item) {
            points.push(Point { confidence, right: class == known.class, group });
        }
    }
    fit(&points, seed)
}
