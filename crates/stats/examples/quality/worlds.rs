//! Crowds that are made up, and cuts of real ones: what must hold of any crowd is tried on many, those that are hard on a model among them.

use super::{ANYWHERE, GOLD, Point, Set, TARGETS, adaptive, crossing, known_right};
use serde_json::{Value, json};
use stats::answers::{Answer, Answers, Known, Shape};
use stats::auto::{self, Method};
use stats::plan::{Plan, Replay, replay};
use stats::random::Random;

/// A made-up crowd and its items.
struct World {
    name: &'static str,
    items: usize,
    contributors: usize,
    classes: usize,
    overlap: usize,
    /// How often contributors are right, from and to.
    skills: (f64, f64),
    /// The share of contributors who say anything, and of those who are right one time in ten.
    spam: f64,
    foes: f64,
    /// The share of items about which skill is only half of what it is beyond chance, and of those of which most see the same wrong class.
    hard: f64,
    shared: f64,
    /// How frequent the first class is; the others are alike.
    first: f64,
    /// Whether a few contributors give most of the answers.
    tail: bool,
}

const WORLD: World = World {
    name: "",
    items: 400,
    contributors: 60,
    classes: 2,
    overlap: 10,
    skills: (0.6, 0.95),
    spam: 0.0,
    foes: 0.0,
    hard: 0.0,
    shared: 0.0,
    first: 0.0,
    tail: false,
};

const WORLDS: [World; 24] = [
    World { name: "plain", ..WORLD },
    World { name: "low", skills: (0.5, 0.65), ..WORLD },
    World { name: "low-10", skills: (0.55, 0.6), contributors: 20, ..WORLD },
    World { name: "low-4", skills: (0.3, 0.5), classes: 4, ..WORLD },
    World { name: "equal", skills: (0.75, 0.75), ..WORLD },
    World { name: "equal-65", skills: (0.65, 0.65), ..WORLD },
    World { name: "equal-4", skills: (0.65, 0.65), classes: 4, ..WORLD },
    World { name: "equal-90", skills: (0.9, 0.9), ..WORLD },
    World { name: "few", contributors: 6, overlap: 6, ..WORLD },
    World { name: "few-3", contributors: 3, overlap: 3, ..WORLD },
    World {
        name: "few-equal",
        contributors: 5,
        overlap: 5,
        skills: (0.7, 0.7),
        classes: 3,
        ..WORLD
    },
    World { name: "few-low", contributors: 7, overlap: 7, skills: (0.5, 0.7), ..WORLD },
    World { name: "many", contributors: 400, skills: (0.5, 0.95), ..WORLD },
    World { name: "many-4", contributors: 400, skills: (0.4, 0.9), classes: 4, ..WORLD },
    World { name: "mixed-4", skills: (0.3, 0.95), classes: 4, ..WORLD },
    World { name: "spam-3", skills: (0.7, 0.9), classes: 3, spam: 0.3, ..WORLD },
    World { name: "foes", skills: (0.7, 0.9), foes: 0.1, ..WORLD },
    World { name: "hard", skills: (0.85, 0.95), hard: 0.5, ..WORLD },
    World { name: "shared", skills: (0.75, 0.95), shared: 0.15, ..WORLD },
    World { name: "shared-4", skills: (0.6, 0.9), classes: 4, shared: 0.2, ..WORLD },
    World { name: "rare", skills: (0.75, 0.95), first: 0.92, ..WORLD },
    World { name: "six", skills: (0.4, 0.9), classes: 6, ..WORLD },
    World { name: "tail", tail: true, ..WORLD },
    World { name: "small", items: 120, contributors: 25, overlap: 7, ..WORLD },
];

impl World {
    fn set(&self, seed: u64) -> Set {
        let mut random = Random::new(seed.wrapping_mul(7919) + 13);
        let of = |share: f64| (share * self.contributors as f64).round() as usize;
        let (spam, foes) = (of(self.spam), of(self.foes));
        let skills: Vec<f64> = (0..self.contributors)
            .map(|who| match who {
                _ if who < spam => 1.0 / self.classes as f64,
                _ if who < spam + foes => 0.1,
                _ => self.skills.0 + (self.skills.1 - self.skills.0) * random.unit(),
            })
            .collect();
        let (mut rows, mut truth) = (Vec::new(), Vec::new());
        for item in 0..self.items {
            let class = match self.first {
                first if first > 0.0 && random.chance(first) => 0,
                first if first > 0.0 => 1 + random.below(self.classes - 1),
                _ => random.below(self.classes),
            };
            truth.push(Known { item, class });
            let (is_hard, is_shared) = (random.chance(self.hard), random.chance(self.shared));
            let lure = (class + 1 + random.below(self.classes - 1)) % self.classes;
            let mut who: Vec<usize> = (0..self.contributors).collect();
            random.shuffle(&mut who);
            if self.tail {
                who.sort_by_cached_key(|who| {
                    (random.unit().ln() * (*who + 1) as f64 * -1e6) as u64
                });
            }
            for who in who.into_iter().take(self.overlap) {
                let even = 1.0 / self.classes as f64;
                let mut skill = skills[who];
                if is_hard {
                    skill = even + (skill - even) / 2.0;
                }
                let label = match random.chance(skill) {
                    true if is_shared && random.chance(0.6) => lure,
                    true => class,
                    false => (class + 1 + random.below(self.classes - 1)) % self.classes,
                };
                rows.push(Answer {
                    item: item as u32,
                    contributor: who as u32,
                    label: label as u32,
                });
            }
        }
        let shape =
            Shape { items: self.items, contributors: self.contributors, classes: self.classes };
        Set { name: self.name.into(), answers: Answers::new(shape, &rows).unwrap(), truth }
    }
}

/// At most so many answers of each item, of so many of its items and of so many of its contributors, drawn.
fn cut(set: &Set, items: usize, contributors: usize, overlap: usize, seed: u64) -> Set {
    let mut random = Random::new(seed);
    let drawn = |count: usize, most: usize, random: &mut Random| {
        let mut order: Vec<usize> = (0..count).collect();
        random.shuffle(&mut order);
        order.truncate(most);
        let mut is = vec![false; count];
        order.into_iter().for_each(|one| is[one] = true);
        is
    };
    let items = drawn(set.answers.shape.items, items, &mut random);
    let contributors = drawn(set.answers.shape.contributors, contributors, &mut random);
    let mut rows = Vec::new();
    for item in (0..set.answers.shape.items).filter(|item| items[*item]) {
        let mut own: Vec<(usize, usize)> =
            set.answers.of_item(item).filter(|(who, _)| contributors[*who]).collect();
        random.shuffle(&mut own);
        rows.extend(own.into_iter().take(overlap).map(|(who, label)| Answer {
            item: item as u32,
            contributor: who as u32,
            label: label as u32,
        }));
    }
    let answers = Answers::new(set.answers.shape, &rows).unwrap();
    let truth = set.truth.iter().filter(|known| answers.overlap(known.item) > 0).copied().collect();
    Set { name: set.name.clone(), answers, truth }
}

/// Each world in so many instances: what an adaptive plan needs at the accuracy of a plain vote, and how far `auto` is from one on all answers and on three of each
/// item; and the same of cuts of the sets.
pub fn measure(instances: u64, sets: &[Set], broken: &mut Vec<String>) -> Value {
    println!(
        "\nMade-up crowds, {instances} of each: labels at the accuracy of a plain vote of k, a share of k; points of auto above a plain vote\n{:12}{:>4}{:>9}{:>8}{:>8}{:>12}{:>8}",
        "", "k", "vote, %", "share", "worst", "auto, mean", "worst"
    );
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for world in &WORLDS {
        let made: Vec<Set> = (0..instances).map(|seed| world.set(seed)).collect();
        let fewer = made.iter().map(|set| cut(set, usize::MAX, usize::MAX, 3, 5));
        let gains: Vec<f64> = made.iter().map(gain).chain(fewer.map(|set| gain(&set))).collect();
        all.extend(gains.iter().copied());
        // Where there are hardly more answers than votes nothing can be saved.
        for k in [3, 5].into_iter().filter(|k| 3 * k <= 2 * world.overlap) {
            let found: Vec<(f64, f64)> = made.iter().map(|set| needs(set, k)).collect();
            let mean =
                |of: fn(&(f64, f64)) -> f64| found.iter().map(of).sum::<f64>() / found.len() as f64;
            let (vote, share) = (mean(|of| of.0), mean(|of| of.1));
            let worst = found.iter().map(|of| of.1).fold(0.0, f64::max);
            let (auto, least) = spread(&gains);
            println!(
                "{:12}{k:4}{:9.2}{share:8.2}{worst:8.2}{auto:12.2}{least:8.2}",
                world.name,
                100.0 * vote
            );
            if share > ANYWHERE {
                broken.push(format!("{} at {k} votes needs {share:.2} of them", world.name));
            }
            rows.push(json!({
                "world": world.name, "votes": k, "vote_accuracy": vote, "share": share, "worst": worst,
                "auto": auto, "auto_worst": least,
            }));
        }
    }
    for (items, contributors, overlap) in
        [(150, 9_999, 3), (300, 9_999, 5), (9_999, 15, 9), (9_999, 6, 9)]
    {
        let cuts = sets.iter().flat_map(|set| {
            (0..instances).map(move |seed| cut(set, items, contributors, overlap, seed))
        });
        let gains: Vec<f64> =
            cuts.filter(|set| set.truth.len() > 60).map(|set| gain(&set)).collect();
        let (auto, least) = spread(&gains);
        println!(
            "cuts of {items} items, {contributors} contributors, {overlap} answers: auto {auto:+.2}, worst {least:+.2}"
        );
        all.extend(gains);
    }
    let below = all.iter().filter(|gain| **gain < -1.0).count();
    println!("auto is more than a point below a plain vote on {below} of {} crowds", all.len());
    if below * 100 > all.len() * BELOW_PERCENT {
        broken.push(format!("auto is below a plain vote on {below} of {}", all.len()));
    }
    json!({ "worlds": rows, "below": below, "crowds": all.len() })
}

/// Of a few hundred items, one in fifty is a point by chance alone.
const BELOW_PERCENT: usize = 2;

fn spread(gains: &[f64]) -> (f64, f64) {
    let least = gains.iter().copied().fold(f64::INFINITY, f64::min);
    (gains.iter().sum::<f64>() / gains.len().max(1) as f64, least)
}

/// Points of accuracy by which `auto` is above a plain vote.
fn gain(set: &Set) -> f64 {
    let vote = auto::labelled(Method::Majority, &set.answers, &[]);
    let chosen = auto::choose(&set.answers, &[], 1).beliefs;
    known_right(&chosen, set) - known_right(&vote, set)
}

/// The accuracy of a plain vote of `k`, and what an adaptive plan needs for it, as a share of `k`; all answers where it never gets there.
fn needs(set: &Set, k: usize) -> (f64, f64) {
    const TIMES: u64 = 60;
    let gold = GOLD.min(set.truth.len() / 2);
    let plan = Plan::Fixed { overlap: k };
    let vote = (0..TIMES)
        .map(|seed| {
            replay(&set.answers, &set.truth, &Replay { plan, gold, seed }).accuracy.unwrap()
        })
        .sum::<f64>()
        / TIMES as f64;
    let curve: Vec<Point> =
        TARGETS.iter().map(|target| adaptive(&set.answers, &set.truth, *target, gold)).collect();
    let most = set.answers.len() as f64 / set.answers.shape.items as f64;
    let labels = crossing(&curve, vote, |point| point.accuracy).map_or(most, |point| point.labels);
    (vote, labels / k as f64)
}
