//! One item at a time: what is in it, by the marks of the few who looked at it and by what many other items tell of them.
//!
//! - **O4** Witnesses are learned from many items at once, and then weigh one item as often as a mark comes in: in the marks of that item alone.
//! - **O5** Whoever is not known counts as somebody of the crowd. Of a crowd that is not known either, those who marked outweigh as many who did not.
//! - **O6** How sure a scene is, is how much of what will be said of it is expected to be so: the expected F1 of the objects that are kept, what nobody marked
//!   included.
//!
//! Model: as in [`super::fit`]. Formula: with *p_k* the presence of object *k* and *c_k* that of its class besides, and *m = λ Π_j (1 − h_j)* what all who looked
//! are expected to have missed of the *λ* objects of an item, *2 Σ_kept c_k / (#kept + Σ p_k + m)*; where nothing is kept, *Π (1 − p_k) e^(−m)*. Paper: S. Branson,
//! G. Van Horn and P. Perona, *Lean Crowdsourcing*, CVPR 2017 (the risk of an item, and when to stop).

use super::{Object, Options, Seen, Shape, classed, groups_of, present, variances};
use crate::plan;

/// What is known of the people who mark objects.
#[derive(Clone, Debug)]
pub struct Witnesses {
    classes: usize,
    /// Of each contributor: how likely they mark what is there, and how likely what is not.
    sights: Vec<(f64, f64)>,
    crowd_sight: (f64, f64),
    variances: Vec<f64>,
    crowd_variance: f64,
    /// Contributor after contributor, label after label, class after class; the crowd is the last contributor.
    kinds: Vec<f64>,
    frequencies: Vec<f64>,
    /// The share of marked places where there is something.
    presence: f64,
    /// Objects in an item.
    per_item: f64,
    /// Items that each contributor looked at.
    efforts: Vec<u32>,
}

/// What is in one item.
#[derive(Clone, Debug)]
pub struct Scene<S> {
    /// Every place that somebody marked, what is hardly there included, in the order of the first who marked each.
    pub places: Vec<Object<S>>,
    /// How sure what is kept of them is (O6).
    pub confidence: f64,
    /// How much another contributor is expected to add to that.
    pub hope: f64,
}

/// Of people of whom nothing is known: marks what is there, marks what is not, says the class that it is.
const SIGHT: (f64, f64) = (0.85, 0.15);
const CLASS_RIGHT: f64 = 0.8;
const PRESENCE: f64 = 0.7;

impl Witnesses {
    /// A crowd of which nothing is known (O5).
    pub fn unknown(classes: usize) -> Self {
        let others = (1.0 - CLASS_RIGHT) / (classes.max(2) - 1) as f64;
        let row = |at| if at / classes == at % classes { CLASS_RIGHT } else { others };
        Self {
            classes,
            sights: Vec::new(),
            crowd_sight: SIGHT,
            variances: Vec::new(),
            crowd_variance: 1.0,
            kinds: (0..classes * classes).map(row).collect(),
            frequencies: vec![1.0 / classes.max(1) as f64; classes],
            presence: PRESENCE,
            per_item: 1.0,
            efforts: Vec::new(),
        }
    }

    /// Learns them from items that several looked at (O4). Indices are below `contributors` and `classes`.
    pub fn learned<S: Shape>(
        items: &[Seen<S>],
        contributors: usize,
        classes: usize,
        options: &Options,
    ) -> Self {
        let groups = groups_of(items, options);
        if groups.is_empty() || classes == 0 {
            return Self::unknown(classes);
        }
        let there = present(items, &groups, contributors);
        let kinds = classed(items, &groups, contributors, classes);
        let mut efforts = vec![0; contributors];
        for seen in items {
            lookers(seen).into_iter().for_each(|who| efforts[who as usize] += 1);
        }
        let all = efforts.iter().map(|effort| f64::from(*effort)).sum::<f64>().max(1.0);
        let mean = |of: &dyn Fn(usize) -> f64| {
            (0..contributors).map(|who| f64::from(efforts[who]) * of(who)).sum::<f64>() / all
        };
        let sights: Vec<(f64, f64)> = (0..contributors)
            .map(|who| {
                let row = there.crowd.row(who, 1);
                (row[1], row[0])
            })
            .collect();
        let variances = variances(items, &groups, contributors);
        let mut matrix = kinds.crowd.confusions.clone();
        let cells = classes * classes;
        matrix
            .extend((0..cells).map(|cell| mean(&|who| kinds.crowd.confusions[who * cells + cell])));
        let found: f64 = (0..groups.len()).map(|number| there.beliefs.of(number)[1]).sum();
        Self {
            classes,
            crowd_sight: (mean(&|who| sights[who].0), mean(&|who| sights[who].1)),
            crowd_variance: mean(&|who| variances[who]),
            sights,
            variances,
            kinds: matrix,
            frequencies: kinds.crowd.frequencies,
            presence: found / groups.len() as f64,
            per_item: found / items.len() as f64,
            efforts,
        }
    }

    /// How likely a contributor marks what is there, and how likely what is not.
    pub fn sight(&self, contributor: usize) -> (f64, f64) {
        self.sights.get(contributor).copied().unwrap_or(self.crowd_sight)
    }

    /// How likely a contributor is right about whether something is in a place, be it or not.
    pub fn skill(&self, contributor: usize) -> f64 {
        let (hit, alarm) = self.sight(contributor);
        f64::midpoint(hit, 1.0 - alarm)
    }

    pub fn crowd_skill(&self) -> f64 {
        self.skill(usize::MAX)
    }

    /// How many items a contributor looked at.
    pub fn effort(&self, contributor: usize) -> u32 {
        self.efforts.get(contributor).copied().unwrap_or(0)
    }

    fn variance(&self, contributor: u32) -> f64 {
        self.variances.get(contributor as usize).copied().unwrap_or(self.crowd_variance)
    }

    /// How likely a contributor gives a class, for each class that it may be.
    fn said(&self, contributor: u32, class: u32) -> &[f64] {
        let cells = self.classes * self.classes;
        let who = (contributor as usize).min(self.kinds.len() / cells - 1);
        let from = who * cells + class as usize * self.classes;
        &self.kinds[from..from + self.classes]
    }

    /// What is in one item. Contributors beyond those who were learned are not known; classes are below `classes`.
    ///
    /// ```
    /// use stats::objects::{Mark, Options, Rect, Seen, Witnesses};
    /// let mark = |contributor, x: f64| Mark { contributor, class: 0, shape: Rect([x, 0.0, x + 10.0, 10.0]) };
    /// let seen = Seen { contributors: vec![0, 1, 2], marks: vec![mark(0, 0.0), mark(1, 1.0), mark(2, 50.0)] };
    /// let scene = Witnesses::unknown(1).scene(&seen, &Options::default());
    /// assert!(scene.places[0].presence > 0.9 && scene.places[1].presence < 0.5);
    /// assert_eq!(scene.places[0].shape, Rect([0.5, 0.0, 10.5, 10.0]));
    /// ```
    pub fn scene<S: Shape>(&self, seen: &Seen<S>, options: &Options) -> Scene<S> {
        let who = lookers(seen);
        let places: Vec<Object<S>> = groups_of(std::slice::from_ref(seen), options)
            .into_iter()
            .map(|group| self.place(seen, &who, group.marks))
            .collect();
        let missed = who.iter().map(|who| 1.0 - self.sight(*who as usize).0).product::<f64>()
            * self.per_item;
        let kept: Vec<&Object<S>> =
            places.iter().filter(|place| place.presence >= options.presence_min).collect();
        let there = places.iter().map(|place| place.presence).sum::<f64>() + missed;
        let total = kept.len() as f64 + there;
        let (hit, alarm) = self.crowd_sight;
        let skill = f64::midpoint(hit, 1.0 - alarm);
        let gain = |place: &Object<S>| plan::hope(&[1.0 - place.presence, place.presence], skill);
        let gains = places.iter().map(gain).sum::<f64>() + missed * hit;
        let confidence = if kept.is_empty() {
            places.iter().map(|place| 1.0 - place.presence).product::<f64>() * (-missed).exp()
        } else {
            2.0 * kept.iter().map(|place| place.confidence).sum::<f64>() / total
        };
        let hope = if kept.is_empty() { gains } else { 2.0 * gains / total };
        let confidence = confidence.clamp(0.0, 1.0);
        Scene { places, confidence, hope: hope.min(1.0 - confidence) }
    }

    fn place<S: Shape>(&self, seen: &Seen<S>, who: &[u32], marks: Vec<usize>) -> Object<S> {
        let mut odds = (self.presence / (1.0 - self.presence).max(1e-9)).max(1e-9).ln();
        for looker in who {
            let (hit, alarm) = self.sight(*looker as usize);
            let [hit, alarm] = [hit, alarm].map(|p| p.clamp(1e-3, 1.0 - 1e-3));
            let marked = marks.iter().any(|mark| seen.marks[*mark].contributor == *looker);
            odds += if marked { (hit / alarm).ln() } else { ((1.0 - hit) / (1.0 - alarm)).ln() };
        }
        let presence = crate::special::logistic(odds);
        let mut classes: Vec<f64> = self.frequencies.iter().map(|p| p.max(1e-9).ln()).collect();
        for mark in &marks {
            let mark = &seen.marks[*mark];
            let row = self.said(mark.contributor, mark.class);
            classes.iter_mut().zip(row).for_each(|(p, said)| *p += said.max(1e-9).ln());
        }
        crate::dawid_skene::normalize_logs(&mut classes);
        // The most probable of those that somebody said.
        let mut best = (0, f64::NEG_INFINITY);
        for mark in &marks {
            let class = seen.marks[*mark].class as usize;
            if classes[class] > best.1 {
                best = (class, classes[class]);
            }
        }
        let (class, sure) = best;
        let shapes: Vec<(&S, f64)> = marks
            .iter()
            .map(|mark| {
                let mark = &seen.marks[*mark];
                (&mark.shape, 1.0 / self.variance(mark.contributor).max(1e-12))
            })
            .collect();
        let shape = S::fused(&shapes);
        Object { item: 0, class, shape, presence, confidence: presence * sure, marks }
    }
}

/// Who looked at an item, each once. Who marked is taken to have looked.
fn lookers<S>(seen: &Seen<S>) -> Vec<u32> {
    let marked = seen.marks.iter().map(|mark| mark.contributor);
    let mut all: Vec<u32> = seen.contributors.iter().copied().chain(marked).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::super::{Mark, Rect};
    use super::*;
    use crate::random::Random;

    /// Items of one to three things; contributors with their share of hits and of inventions for each item.
    fn items(
        random: &mut Random,
        count: usize,
        people: &[(f64, f64)],
    ) -> Vec<(Vec<Rect>, Seen<Rect>)> {
        let thing = |random: &mut Random, place: usize| {
            let x = 100.0 * place as f64 + 20.0 * random.unit();
            Rect([x, 0.0, x + 50.0, 50.0])
        };
        (0..count)
            .map(|_| {
                let truth: Vec<Rect> =
                    (0..1 + random.below(3)).map(|place| thing(random, place)).collect();
                let mut marks = Vec::new();
                for (contributor, (hit, alarm)) in (0..).zip(people) {
                    for Rect(edges) in &truth {
                        if random.chance(*hit) {
                            let shape = Rect(edges.map(|edge| edge + 2.0 * random.normal()));
                            marks.push(Mark { contributor, class: 0, shape });
                        }
                    }
                    if random.chance(*alarm) {
                        let place = 5 + random.below(20);
                        let shape = thing(random, place);
                        marks.push(Mark { contributor, class: 0, shape });
                    }
                }
                let contributors = (0..people.len() as u32).collect();
                (truth, Seen { contributors, marks })
            })
            .collect()
    }

    fn f1(truth: &[Rect], said: &[&Rect]) -> f64 {
        let hits =
            said.iter().filter(|said| truth.iter().any(|is| is.overlap(said) >= 0.5)).count();
        if truth.is_empty() && said.is_empty() {
            return 1.0;
        }
        2.0 * hits as f64 / (truth.len() + said.len()) as f64
    }

    #[test]
    fn a_scene_is_as_sure_as_it_is_right_and_surer_with_each_who_looks() {
        let people = [(0.95, 0.05), (0.9, 0.1), (0.8, 0.2), (0.7, 0.6), (0.9, 0.1)];
        let mut random = Random::new(4);
        let before: Vec<Seen<Rect>> =
            items(&mut random, 300, &people).into_iter().map(|(_, seen)| seen).collect();
        let options = Options::default();
        let known = Witnesses::learned(&before, people.len(), 1, &options);
        assert!(known.skill(0) > known.skill(3) + 0.1, "{:?}", known.sights);
        let mut last = 0.0;
        for lookers in 1..=5_u32 {
            let (mut claimed, mut right) = (0.0, 0.0);
            for (truth, seen) in items(&mut random, 400, &people) {
                let marks = seen.marks.into_iter().filter(|m| m.contributor < lookers).collect();
                let scene =
                    known.scene(&Seen { contributors: (0..lookers).collect(), marks }, &options);
                let kept = scene.places.iter().filter(|p| p.presence >= options.presence_min);
                let kept: Vec<&Rect> = kept.map(|place| &place.shape).collect();
                claimed += scene.confidence / 400.0;
                right += f1(&truth, &kept) / 400.0;
            }
            assert!((claimed - right).abs() < 0.05, "{lookers}: {claimed} claimed, {right} so");
            assert!(claimed > last - 0.02, "{lookers}: {claimed} after {last}");
            last = claimed;
        }
    }

    #[test]
    fn who_is_not_known_counts_as_the_crowd_and_marks_outweigh_as_many_who_saw_nothing() {
        let mark = |contributor| Mark { contributor, class: 1, shape: Rect([0.0, 0.0, 9.0, 9.0]) };
        let presence = |of: u32, all: u32| {
            let seen =
                Seen { contributors: (0..all).collect(), marks: (0..of).map(mark).collect() };
            Witnesses::unknown(3).scene(&seen, &Options::default()).places[0].clone()
        };
        for (of, all, is_kept) in
            [(1, 1, true), (1, 2, true), (1, 3, false), (2, 4, true), (2, 5, false)]
        {
            let place = presence(of, all);
            assert_eq!(place.presence >= 0.5, is_kept, "{of} of {all}: {}", place.presence);
            assert_eq!(place.class, 1);
        }
    }

    #[test]
    fn an_empty_item_is_the_surer_empty_the_more_looked() {
        let people = [(0.9, 0.1); 4];
        let before: Vec<Seen<Rect>> =
            items(&mut Random::new(2), 100, &people).into_iter().map(|(_, seen)| seen).collect();
        let known = Witnesses::learned(&before, 4, 1, &Options::default());
        let empty = |all: u32| {
            let seen: Seen<Rect> = Seen { contributors: (0..all).collect(), marks: vec![] };
            known.scene(&seen, &Options::default())
        };
        assert!(empty(1).confidence < empty(2).confidence && empty(2).confidence > 0.9);
        assert!(empty(1).hope > empty(2).hope);
    }
}
