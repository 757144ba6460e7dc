//! Dawid–Skene answer by answer: what is believed of an item the moment somebody has answered it.
//!
//! Model: that of [`crate::dawid_skene`] with the pooled prior. Formula: collapsed variational Bayes of order zero. With *n_jcl* the expected number
//! of items of class *c* that *j* called *l*, always **without the item at hand**,
//!
//! *p_ic ∝ (n_c + 1/K) Π_j (n_jcl + s π_cl) / (n_jc + s)*,
//!
//! where *π* is the crowd's matrix and *s* its strength: of a few ([`STRENGTHS`]) the one under which the answers of each item are the most likely by what all
//! others say, found along with each sweep. Where contributors do not differ, or too little is known of them to tell, the crowd speaks for them, and a vote
//! comes out. Leaving the item out means that no item vouches for its own
//! contributors, and that the belief about a known item is a real prediction of it: what calibration needs.
//!
//! Paper: A. Asuncion, M. Welling, P. Smyth and Y. W. Teh, *On Smoothing and Inference for Topic Models*, UAI 2009 (CVB0). One answer costs the
//! item's answers times the classes plus the classes squared, however large the table is; [`Online::sweep`] passes over
//! everything once, and a few of those end where a batch fit would.

use crate::answers::{Answers, Known, best};
use crate::dawid_skene::{Pooling, finish_pool, normalize_logs};

/// What the strength of the crowd may be, in answers: not so much that nobody is taken for themselves. What is believed of items is less spread than what they are,
/// so that contributors seem more alike than they are where little is known.
const STRENGTHS: [f64; 4] = [10.0, 20.0, 40.0, 80.0];

/// Another strength is taken where it makes the answers likelier by more than this, in nats.
const STRENGTH_GAIN: f64 = 2.0;

/// So many items are enough to tell one strength from another.
const STRENGTH_ITEMS: usize = 4_096;

/// ```
/// use stats::online::Online;
/// let mut online = Online::new(2, Default::default());
/// // The first contributor is right about eight items that are known, the second is wrong.
/// for item in 0..8 {
///     online.know(item, item % 2);
///     online.answer(item, 0, item % 2);
///     online.answer(item, 1, 1 - item % 2);
/// }
/// online.answer(8, 0, 1);
/// let belief = online.answer(8, 1, 0);
/// assert!(belief[1] > 0.7, "{belief:?}");
/// ```
#[derive(Clone, Debug)]
pub struct Online {
    classes: usize,
    pooling: Pooling,
    /// How much the crowd counts for: at least as much as the pooling says.
    strength: f64,
    /// Contributor after contributor, label after label, class after class.
    counts: Vec<f64>,
    /// Contributor after contributor, class after class: the counts of all labels.
    met: Vec<f64>,
    /// The counts of all contributors.
    pool_counts: Vec<f64>,
    /// The crowd's matrix, and whether it is that of the counts.
    pool: Vec<f64>,
    frequencies: Vec<f64>,
    said: Vec<Vec<(u32, u16)>>,
    beliefs: Vec<f64>,
    known: Vec<Option<u16>>,
}

impl Online {
    pub fn new(classes: usize, pooling: Pooling) -> Self {
        Self {
            classes,
            pooling,
            strength: pooling.crowd,
            counts: Vec::new(),
            met: Vec::new(),
            pool_counts: vec![0.0; classes * classes],
            pool: vec![0.0; classes * classes],
            frequencies: vec![0.0; classes],
            said: Vec::new(),
            beliefs: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Takes over a table, with a few sweeps so that everything has heard of everything.
    pub fn from_table(answers: &Answers, known: &[Known], pooling: Pooling, sweeps: usize) -> Self {
        let mut online = Self::new(answers.shape.classes, pooling);
        online.reach(answers.shape.items, answers.shape.contributors);
        for known in known {
            online.know(known.item, known.class);
        }
        let start = crate::vote::majority(answers);
        for item in 0..answers.shape.items {
            // A known item has been counted already.
            online.weigh(item, -1.0);
            let said = answers.of_item(item).map(|(j, label)| (j as u32, label as u16));
            online.said[item] = said.collect();
            let width = item * online.classes;
            online.beliefs[width..width + online.classes].copy_from_slice(start.of(item));
            online.weigh(item, 1.0);
        }
        for _ in 0..sweeps {
            online.sweep();
        }
        online
    }

    pub fn items(&self) -> usize {
        self.said.len()
    }

    /// How many items and how many answers everything that is counted comes to.
    pub fn weight(&self) -> (f64, f64) {
        (self.frequencies.iter().sum(), self.pool_counts.iter().sum())
    }

    /// The contributors and labels of an item's answers, in the order in which they came.
    pub fn said(&self, item: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.said[item]
            .iter()
            .map(|(contributor, label)| (*contributor as usize, usize::from(*label)))
    }

    /// How many answers an item has.
    pub fn overlap(&self, item: usize) -> usize {
        self.said.get(item).map_or(0, Vec::len)
    }

    /// What is believed of an item, from what others say of its contributors; of a known item too.
    pub fn belief(&self, item: usize) -> &[f64] {
        &self.beliefs[item * self.classes..(item + 1) * self.classes]
    }

    /// The most probable class of an item, and how probable it is.
    pub fn best(&self, item: usize) -> (usize, f64) {
        best(self.belief(item))
    }

    /// How likely a contributor is right about an item drawn as the items were.
    pub fn skill(&self, contributor: usize) -> f64 {
        let items: f64 = self.frequencies.iter().sum::<f64>() + 1.0;
        let pool = self.crowd();
        let own = contributor < self.met.len() / self.classes;
        (0..self.classes)
            .map(|class| {
                let frequency = (self.frequencies[class] + 1.0 / self.classes as f64) / items;
                let at = class * self.classes + class;
                let (count, met) = if own {
                    let width = self.classes * self.classes;
                    (
                        self.counts[contributor * width + at],
                        self.met[contributor * self.classes + class],
                    )
                } else {
                    (0.0, 0.0)
                };
                let strength = self.strength;
                frequency * (count + strength * pool[at]) / (met + strength)
            })
            .sum()
    }

    /// How likely somebody of the crowd is right about an item drawn as the items were.
    pub fn crowd_skill(&self) -> f64 {
        self.skill(usize::MAX)
    }

    /// What would have been said of an item after each of its answers, in the order in which they came: the class and how
    /// probable it was. Nothing of the item's own truth or later answers goes into it.
    pub fn predictions(&mut self, item: usize) -> Vec<(usize, f64)> {
        if item >= self.items() || self.said[item].is_empty() {
            return Vec::new();
        }
        self.weigh(item, -1.0);
        self.pool = self.crowd();
        let believed = self.belief(item).to_vec();
        let count = self.said[item].len();
        let said = (1..=count)
            .map(|first| {
                self.believe(item, first);
                self.best(item)
            })
            .collect();
        self.beliefs[item * self.classes..(item + 1) * self.classes].copy_from_slice(&believed);
        self.weigh(item, 1.0);
        said
    }

    /// What is believed of answers that need not be in the table, by people who are known or not: the class's probabilities,
    /// without a change. Where they are an item of the table, `item` is what is left out.
    pub fn weighed(&self, item: Option<usize>, said: &[(Option<usize>, usize)]) -> Vec<f64> {
        let (classes, strength) = (self.classes, self.strength);
        let item = item.filter(|item| *item < self.items() && !self.said[*item].is_empty());
        let share = |class: usize| match item {
            None => 0.0,
            Some(item) => match self.known[item] {
                Some(known) => f64::from(u8::from(usize::from(known) == class)),
                None => self.beliefs[item * classes + class],
            },
        };
        let own = |contributor: usize| {
            let said = item.map_or(&[][..], |item| &self.said[item]);
            said.iter()
                .find(|(who, _)| *who as usize == contributor)
                .map(|(_, label)| usize::from(*label))
        };
        let pool = self.crowd();
        let even = 1.0 / classes as f64;
        let mut row: Vec<f64> = (0..classes)
            .map(|class| ((self.frequencies[class] - share(class)).max(0.0) + even).ln())
            .collect();
        for (contributor, label) in said {
            let known =
                contributor.filter(|contributor| (contributor + 1) * classes <= self.met.len());
            for (class, p) in row.iter_mut().enumerate() {
                let (mut count, mut met) = (0.0, 0.0);
                if let Some(contributor) = known {
                    count = self.counts[(contributor * classes + label) * classes + class];
                    met = self.met[contributor * classes + class];
                    if let Some(before) = own(contributor) {
                        met -= share(class);
                        count -= if before == *label { share(class) } else { 0.0 };
                    }
                }
                let prior = strength * pool[label * classes + class];
                *p += ((count.max(0.0) + prior) / (met.max(0.0) + strength)).ln();
            }
        }
        normalize_logs(&mut row);
        row
    }

    /// Tells what an item is. Its answers teach about their contributors from now on.
    pub fn know(&mut self, item: usize, class: usize) {
        self.reach(item + 1, 0);
        self.weigh(item, -1.0);
        self.known[item] = Some(class as u16);
        self.weigh(item, 1.0);
    }

    /// Takes an answer; a second one of the same contributor replaces the first (A2). Returns what is believed now.
    pub fn answer(&mut self, item: usize, contributor: usize, label: usize) -> &[f64] {
        self.reach(item + 1, contributor + 1);
        self.weigh(item, -1.0);
        let said = &mut self.said[item];
        match said.iter_mut().find(|(who, _)| *who as usize == contributor) {
            Some(before) => before.1 = label as u16,
            None => said.push((contributor as u32, label as u16)),
        }
        self.pool = self.crowd();
        self.believe(item, usize::MAX);
        self.weigh(item, 1.0);
        self.belief(item)
    }

    /// Believes each item anew, once, and learns how much the crowd counts for.
    pub fn sweep(&mut self) {
        self.pool = self.crowd();
        let stride = self.items().div_ceil(STRENGTH_ITEMS).max(1);
        let least = self.pooling.crowd;
        let others = STRENGTHS.into_iter().filter(|strength| *strength > least);
        let mut tried: Vec<(f64, f64)> =
            std::iter::once(least).chain(others).map(|strength| (strength, 0.0)).collect();
        for item in 0..self.items() {
            if self.said[item].is_empty() {
                continue;
            }
            self.weigh(item, -1.0);
            if item % stride == 0 {
                for (strength, likelihood) in &mut tried {
                    *likelihood += self.likelihood(item, *strength);
                }
            }
            self.believe(item, usize::MAX);
            self.weigh(item, 1.0);
        }
        let now = tried.iter().find(|(strength, _)| *strength == self.strength);
        let mut most = now.map_or(f64::NEG_INFINITY, |(_, found)| found + STRENGTH_GAIN);
        for (strength, likelihood) in tried {
            if likelihood > most {
                (self.strength, most) = (strength, likelihood);
            }
        }
    }

    /// How likely the answers of an item are, in nats, by everything but itself, which has been taken away; of a known item, given what it is.
    fn likelihood(&self, item: usize, strength: f64) -> f64 {
        let even = 1.0 / self.classes as f64;
        let items: f64 = self.frequencies.iter().map(|count| count.max(0.0) + even).sum();
        let prior = |class: usize| match self.known[item] {
            Some(known) if usize::from(known) == class => 0.0,
            Some(_) => f64::NEG_INFINITY,
            None => ((self.frequencies[class].max(0.0) + even) / items).ln(),
        };
        let mut row: Vec<f64> = (0..self.classes).map(prior).collect();
        self.hear(item, usize::MAX, strength, &mut row);
        normalize_logs(&mut row)
    }

    fn crowd(&self) -> Vec<f64> {
        let mut pool = self.pool_counts.clone();
        finish_pool(&mut pool, self.classes, &self.pooling);
        pool
    }

    fn reach(&mut self, items: usize, contributors: usize) {
        let (classes, even) = (self.classes, 1.0 / self.classes as f64);
        if items > self.said.len() {
            self.said.resize(items, Vec::new());
            self.known.resize(items, None);
            self.beliefs.resize(items * classes, even);
        }
        if contributors * classes > self.met.len() {
            self.counts.resize(contributors * classes * classes, 0.0);
            self.met.resize(contributors * classes, 0.0);
        }
    }

    /// Adds what an item says of its contributors, or takes it away. An item without answers says nothing, unless it is known.
    fn weigh(&mut self, item: usize, sign: f64) {
        let classes = self.classes;
        if self.said[item].is_empty() && self.known[item].is_none() {
            return;
        }
        for class in 0..classes {
            let p = match self.known[item] {
                Some(known) => f64::from(u8::from(usize::from(known) == class)),
                None => self.beliefs[item * classes + class],
            };
            if p == 0.0 {
                continue;
            }
            self.frequencies[class] += sign * p;
            for (contributor, label) in &self.said[item] {
                let (contributor, label) = (*contributor as usize, usize::from(*label));
                self.met[contributor * classes + class] += sign * p;
                self.counts[(contributor * classes + label) * classes + class] += sign * p;
                self.pool_counts[label * classes + class] += sign * p;
            }
        }
    }

    /// Believes an item, by its first answers, from everything but itself, which has been taken away.
    fn believe(&mut self, item: usize, first: usize) {
        let (classes, even) = (self.classes, 1.0 / self.classes as f64);
        let prior = |count: &f64| (count.max(0.0) + even).ln();
        let mut row: Vec<f64> = self.frequencies.iter().map(prior).collect();
        self.hear(item, first, self.strength, &mut row);
        normalize_logs(&mut row);
        self.beliefs[item * classes..(item + 1) * classes].copy_from_slice(&row);
    }

    /// Adds to the log of each class how likely the first answers of an item are for it.
    fn hear(&self, item: usize, first: usize, strength: f64, row: &mut [f64]) {
        let classes = self.classes;
        for (contributor, label) in self.said[item].iter().take(first) {
            let (contributor, label) = (*contributor as usize, usize::from(*label));
            let from = (contributor * classes + label) * classes;
            let pool = &self.pool[label * classes..(label + 1) * classes];
            for class in 0..classes {
                // Taking away what was added leaves a rest of rounding.
                let count = self.counts[from + class].max(0.0);
                let met = self.met[contributor * classes + class].max(0.0);
                row[class] += ((count + strength * pool[class]) / (met + strength)).ln();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Six answers of each of four hundred items by sixty people, each right as often as they are.
    fn heard(skill: impl Fn(usize) -> f64) -> Online {
        let mut random = Random::new(5);
        let mut online = Online::new(2, Pooling::default());
        for item in 0..400 {
            let mut who: Vec<usize> = (0..60).collect();
            random.shuffle(&mut who);
            for contributor in who.into_iter().take(6) {
                let is_right = random.chance(skill(contributor));
                online.answer(item, contributor, if is_right { item % 2 } else { 1 - item % 2 });
            }
        }
        (0..6).for_each(|_| online.sweep());
        online
    }

    #[test]
    fn those_who_are_alike_are_taken_for_the_crowd_and_others_for_themselves() {
        let alike = heard(|_| 0.65);
        assert!(alike.strength >= 40.0, "{}", alike.strength);
        let unlike = heard(|who| if who % 3 == 0 { 0.97 } else { 0.55 });
        assert!(unlike.strength <= 10.0, "{}", unlike.strength);
        assert!(unlike.skill(0) > unlike.skill(1) + 0.2);
    }

    #[test]
    fn what_is_weighed_is_what_would_be_believed() {
        let mut online = Online::new(3, Pooling::default());
        for item in 0..30 {
            for contributor in 0..4 {
                let label = if contributor == 3 { (item + 1) % 3 } else { item % 3 };
                online.answer(item, contributor, label);
            }
        }
        online.know(4, 1);
        // The last of those who are known says one more than it is; of the others the crowd vouches.
        let said = [(Some(0), 2), (Some(3), 0), (Some(9), 2), (None, 0)];
        let weighed = online.weighed(None, &said);
        assert!(
            weighed[2] > 0.8 && (weighed.iter().sum::<f64>() - 1.0).abs() < 1e-9,
            "{weighed:?}"
        );
        for item in [4, 7] {
            // The pool alone has seen the item, where the table's own belief leaves it out of that too.
            let said: Vec<_> =
                (0..4).map(|j| (Some(j), if j == 3 { (item + 1) % 3 } else { item % 3 })).collect();
            let weighed = online.weighed(Some(item), &said);
            let (_, last) = online.predictions(item).pop().unwrap();
            assert!((weighed[item % 3] - last).abs() < 0.01, "{weighed:?} {last}");
        }
    }
}
