//! What is known of people by what they marked: how much they see, how much they see that is not there, how near they draw.

use super::choice::{Found, is_split, number};
use super::{Confusion, Numbered};
use crate::opinions::marks::{Drawn, Table, fused, table};
use domain::answers::Answer;
use domain::limits;
use stats::objects::{Options, Scene, Seen, Shape, Witnesses};
use std::collections::HashMap;

pub(super) struct Marks {
    classes: HashMap<String, usize>,
    /// The last is nothing: what was missed, or was not there.
    pub names: Vec<String>,
    witnesses: Witnesses,
    pub confusion: Confusion,
}

/// Tasks of two or more answers below which nothing is known of anybody.
const ITEMS_MIN: usize = 20;

impl Marks {
    pub fn fit(read: &Numbered<'_>, names: &[String]) -> Option<Self> {
        let mut classes = HashMap::new();
        names.iter().for_each(|name| _ = number(&mut classes, name.clone()));
        let mut by_item: Vec<Vec<(u32, &Answer)>> = vec![Vec::new(); read.items];
        let mut marks = 0;
        // The latest, so far as memory goes.
        for (item, who, answer) in read.votes.iter().rev() {
            marks += answer.objects.len() + answer.spans.len();
            if marks > limits::MODEL_MARKS_MAX {
                break;
            }
            let of_objects = answer.objects.iter().map(|object| &object.class);
            for class in of_objects.chain(answer.spans.iter().map(|span| &span.class)) {
                number(&mut classes, class.clone());
            }
            by_item[*item].push((*who as u32, answer));
        }
        let count = classes.len();
        if count >= limits::MODEL_CLASSES_MAX
            || read.people * count * count > limits::MODEL_CELLS_MAX
            || by_item.iter().filter(|answers| answers.len() > 1).count() < ITEMS_MIN
        {
            return None;
        }
        let tables: Vec<(usize, Seen<Drawn>)> = (0..)
            .zip(&by_item)
            .filter(|(_, answers)| !answers.is_empty())
            .filter_map(|(item, answers)| Some((item, table(&classes, answers)?.seen)))
            .collect();
        let (items, seen): (Vec<usize>, Vec<Seen<Drawn>>) = tables.into_iter().unzip();
        let options = Options::default();
        let witnesses = Witnesses::learned(&seen, read.people, count, &options);
        let mut names = vec![String::new(); count + 1];
        for (name, class) in &classes {
            names[*class] = name.clone();
        }
        let mut found = Marks { classes, names, witnesses, confusion: Confusion::default() };
        found.confusion = found.confuse(read, &items, &seen);
        Some(found)
    }

    pub fn skill(&self, who: usize) -> f64 {
        self.witnesses.skill(who)
    }

    pub fn crowd_skill(&self) -> f64 {
        self.witnesses.crowd_skill()
    }

    /// Whether every class of an answer has a number here.
    pub fn knows(&self, answer: &Answer) -> bool {
        let objects = answer.objects.iter().map(|object| &object.class);
        let mut all = objects.chain(answer.spans.iter().map(|span| &span.class));
        all.all(|class| self.classes.contains_key(class))
    }

    /// Nothing where there are too many marks, or one of a class that is not known.
    pub fn weigh(
        &self,
        answers: &[(Option<usize>, &Answer)],
        is_reliable: impl Fn(usize) -> bool,
    ) -> Option<(Found, Answer)> {
        let numbered: Vec<(u32, &Answer)> = answers
            .iter()
            .enumerate()
            .map(|(at, (who, answer))| {
                (who.map_or(STRANGERS + at as u32, |who| who as u32), *answer)
            })
            .collect();
        let table = table(&self.classes, &numbered)?;
        let scene = self.witnesses.scene(&table.seen, &Options::default());
        let given: Vec<&Answer> = answers.iter().map(|(_, answer)| *answer).collect();
        let said = fused(&given, &table, &scene);
        let found = Found {
            value: None,
            claimed: scene.confidence,
            hope: scene.hope,
            contested: contested(&table, &scene, is_reliable),
            parts: said.parts,
        };
        Some((found, said.value))
    }

    /// Row after row what is so, column after column what was marked: by what is known, where anything is, otherwise by what is believed.
    fn confuse(&self, read: &Numbered<'_>, items: &[usize], seen: &[Seen<Drawn>]) -> Confusion {
        let nothing = self.names.len() - 1;
        let all = self.names.len();
        let mut counts = vec![0.0; all * all];
        let known: HashMap<usize, &Answer> = read.known.iter().copied().collect();
        let by_gold = !known.is_empty();
        let options = Options::default();
        for (item, seen) in items.iter().zip(seen) {
            if by_gold {
                let truth =
                    known.get(item).and_then(|known| table(&self.classes, &[(STRANGERS, *known)]));
                if let Some(truth) = truth {
                    against(&truth.seen, seen, all, &mut counts);
                }
                continue;
            }
            for place in self.witnesses.scene(seen, &options).places {
                let missed = seen.contributors.len().saturating_sub(place.marks.len());
                counts[place.class * all + nothing] += place.presence * missed as f64;
                for mark in &place.marks {
                    let said = seen.marks[*mark].class as usize;
                    counts[place.class * all + said] += place.presence;
                    counts[nothing * all + said] += 1.0 - place.presence;
                }
            }
        }
        Confusion { by_gold, counts }
    }
}

/// The number of the first of those who are not known.
const STRANGERS: u32 = 1 << 30;

/// Whether two who are reliable marked what two who are reliable did not, or called another class.
fn contested(table: &Table, scene: &Scene<Drawn>, is_reliable: impl Fn(usize) -> bool) -> bool {
    let reliable = |who: u32| usize::from(who < STRANGERS && is_reliable(who as usize));
    scene.places.iter().any(|place| {
        let mut sides: HashMap<u32, usize> = HashMap::new();
        for mark in &place.marks {
            let mark = &table.seen.marks[*mark];
            *sides.entry(mark.class).or_default() += reliable(mark.contributor);
        }
        let marked = |who: u32| place.marks.iter().any(|m| table.seen.marks[*m].contributor == who);
        let others = table.seen.contributors.iter().filter(|who| !marked(**who));
        let missed = others.map(|who| reliable(*who)).sum::<usize>();
        is_split(sides.into_values().chain([missed]))
    })
}

/// Counts what each who looked at a known item called each of its things, and what they marked besides.
fn against(truth: &Seen<Drawn>, seen: &Seen<Drawn>, all: usize, counts: &mut [f64]) {
    let nothing = all - 1;
    for who in &seen.contributors {
        let mut own: Vec<(usize, &Drawn)> = seen
            .marks
            .iter()
            .filter(|mark| mark.contributor == *who)
            .map(|mark| (mark.class as usize, &mark.shape))
            .collect();
        for thing in &truth.marks {
            let nearest = own
                .iter()
                .enumerate()
                .map(|(at, (_, shape))| (at, thing.shape.overlap(shape)))
                .filter(|(_, overlap)| *overlap >= Options::default().overlap_min)
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let said = nearest.map_or(nothing, |(at, _)| own.swap_remove(at).0);
            counts[thing.class as usize * all + said] += 1.0;
        }
        own.iter().for_each(|(said, _)| counts[nothing * all + said] += 1.0);
    }
}
