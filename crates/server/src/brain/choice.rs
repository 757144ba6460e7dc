//! What is known of people by what they chose: of one class, or of several.
//!
//! One class is a word of its answer, and so are attributes where nothing else is asked. Of several classes each is a question of its own, yes or no:
//! somebody may be good at telling rain, and bad at telling night.

use super::{Confusion, Numbered, said};
use crate::opinions::Part;
use domain::answers::Answer;
use domain::limits;
use stats::answers::{Answer as Said, Answers, Known, Shape};
use stats::dawid_skene::Pooling;
use stats::online::Online;
use stats::{auto, plan};
use std::collections::HashMap;

/// How answers are weighed, and why so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen {
    pub method: auto::Method,
    pub reason: String,
    /// How many answers that rests on.
    pub on: usize,
}

impl Chosen {
    /// Votes without their authors, where those are only counted.
    fn voices(&self, said: &[(Option<usize>, usize)]) -> Vec<(Option<usize>, usize)> {
        said.iter().map(|(who, label)| (who.filter(|_| self.weighs()), *label)).collect()
    }

    /// Whether people are weighed, or counted.
    pub fn weighs(&self) -> bool {
        self.method != auto::Method::Majority
    }
}

/// What is believed of one task.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// What it says, where no answer may say it.
    pub value: Option<Vec<String>>,
    pub claimed: f64,
    pub hope: f64,
    pub parts: Vec<Part>,
    pub contested: bool,
}

/// One class.
pub(super) struct Words {
    classes: HashMap<String, usize>,
    /// The last stands for what nobody has said so far.
    pub names: Vec<String>,
    pub online: Online,
    pub confusion: Confusion,
}

/// Several classes, each with a model of its own.
pub(super) struct Sets {
    pub names: Vec<String>,
    online: Vec<Online>,
    /// Of each class, how often it was and was not said where it holds, and where it does not.
    pub confusion: Confusion,
}

/// Numbers for names, in the order in which they come.
pub(super) fn number<T: std::hash::Hash + Eq>(numbers: &mut HashMap<T, usize>, name: T) -> usize {
    let next = numbers.len();
    *numbers.entry(name).or_insert(next)
}

impl Words {
    pub fn fit(
        read: &Numbered<'_>,
        names: &[String],
        before: Option<Chosen>,
    ) -> Option<(Self, Chosen)> {
        let mut classes = HashMap::new();
        names.iter().for_each(|name| _ = number(&mut classes, name.clone()));
        let known: Vec<Known> = read
            .known
            .iter()
            .map(|(item, known)| Known { item: *item, class: number(&mut classes, said(known)) })
            .collect();
        let rows: Vec<Said> = read
            .votes
            .iter()
            .map(|(item, who, answer)| Said {
                item: *item as u32,
                contributor: *who as u32,
                label: number(&mut classes, said(answer)) as u32,
            })
            .collect();
        // What nobody has said so far is said some day.
        let others = classes.len() + 1;
        let shape = Shape { items: read.items, contributors: read.people, classes: others };
        if others > limits::MODEL_CLASSES_MAX
            || shape.contributors * others * others > limits::MODEL_CELLS_MAX
        {
            return None;
        }
        let table = Answers::new(shape, &rows).ok()?;
        let chosen = choose(&table, &known, before);
        let online = Online::from_table(&table, &known, Pooling::default(), 3);
        let mut names = vec![String::new(); others];
        for (name, class) in &classes {
            names[*class] = name.clone();
        }
        let confusion = confuse(&table, &known, &online, others);
        Some((Words { classes, names, online, confusion }, chosen))
    }

    /// Takes one more answer; false where it says what nobody has said so far.
    pub fn learn(&mut self, item: usize, who: usize, answer: &Answer) -> bool {
        let class = self.classes.get(&said(answer)).copied();
        if let Some(class) = class {
            self.online.answer(item, who, class);
        }
        class.is_some()
    }

    /// What is believed, and which answer says it. Answers come with the numbers of their authors, where those are known.
    pub fn weigh(
        &self,
        chosen: &Chosen,
        item: Option<usize>,
        answers: &[(Option<usize>, &Answer)],
        is_reliable: impl Fn(usize) -> bool,
    ) -> (Found, usize) {
        let other = self.names.len() - 1;
        let said: Vec<(Option<usize>, usize)> = answers
            .iter()
            .map(|(who, answer)| (*who, self.classes.get(&said(answer)).copied().unwrap_or(other)))
            .collect();
        let belief = self.online.weighed(item, &chosen.voices(&said));
        // The most probable of the classes that somebody said.
        let (mut voice, mut claimed) = (0, f64::NEG_INFINITY);
        for (number, (_, label)) in said.iter().enumerate() {
            if belief[*label] > claimed {
                (voice, claimed) = (number, belief[*label]);
            }
        }
        let mut sides: HashMap<usize, usize> = HashMap::new();
        for (who, label) in &said {
            let reliable = who.is_some_and(&is_reliable);
            *sides.entry(*label).or_default() += usize::from(reliable);
        }
        let found = Found {
            value: None,
            claimed: claimed.max(0.0),
            hope: plan::hope(&belief, self.online.crowd_skill()),
            parts: Vec::new(),
            contested: is_split(sides.values().copied()),
        };
        (found, voice)
    }
}

/// Whether two and two stand against each other.
pub(super) fn is_split(sides: impl Iterator<Item = usize>) -> bool {
    sides.filter(|count| *count >= 2).count() >= 2
}

fn choose(table: &Answers, known: &[Known], before: Option<Chosen>) -> Chosen {
    let again = before.filter(|before| table.len() < 2 * before.on);
    again.unwrap_or_else(|| {
        let choice = auto::choose(table, known, 1);
        Chosen { method: choice.method, reason: choice.reason.to_string(), on: table.len() }
    })
}

fn confuse(table: &Answers, known: &[Known], online: &Online, classes: usize) -> Confusion {
    let mut counts = vec![0.0; classes * classes];
    for known in known {
        table.of_item(known.item).for_each(|(_, said)| counts[known.class * classes + said] += 1.0);
    }
    let by_gold = !known.is_empty();
    if !by_gold {
        for answer in table.iter() {
            let belief = online.belief(answer.item as usize);
            for (class, p) in belief.iter().enumerate() {
                counts[class * classes + answer.label as usize] += p;
            }
        }
    }
    Confusion { by_gold, counts }
}

const NO: usize = 0;
const YES: usize = 1;

impl Sets {
    pub fn fit(
        read: &Numbered<'_>,
        names: &[String],
        before: Option<Chosen>,
    ) -> Option<(Self, Chosen)> {
        let mut numbers = HashMap::new();
        names.iter().for_each(|name| _ = number(&mut numbers, name.clone()));
        for (_, _, answer) in &read.votes {
            answer.choices.iter().for_each(|name| _ = number(&mut numbers, name.clone()));
        }
        let classes = numbers.len();
        if classes > limits::MODEL_CLASSES_MAX
            || classes * read.votes.len() > limits::MODEL_ANSWERS_MAX
            || classes * read.people * 4 > limits::MODEL_CELLS_MAX
        {
            return None;
        }
        let mut names = vec![String::new(); classes];
        for (name, class) in &numbers {
            names[*class] = name.clone();
        }
        let rows = |class: usize| {
            read.votes.iter().map(move |(item, who, answer)| (*item, *who, answer, class))
        };
        let row =
            |(item, who, answer, class): (usize, usize, &&Answer, usize), stride: usize| Said {
                item: (item * stride + if stride > 1 { class } else { 0 }) as u32,
                contributor: who as u32,
                label: u32::from(answer.choices.contains(&names[class])),
            };
        let known = |class: usize, stride: usize| -> Vec<Known> {
            let of = |(item, known): &(usize, &Answer)| Known {
                item: item * stride + if stride > 1 { class } else { 0 },
                class: usize::from(known.choices.contains(&names[class])),
            };
            read.known.iter().map(of).collect()
        };
        // The choice is made on all classes together: of one alone there may be too little.
        let all: Vec<Said> = (0..classes).flat_map(rows).map(|of| row(of, classes)).collect();
        let shape = Shape { items: read.items * classes, contributors: read.people, classes: 2 };
        let table = Answers::new(shape, &all).ok()?;
        let all_known: Vec<Known> = (0..classes).flat_map(|class| known(class, classes)).collect();
        let chosen = choose(&table, &all_known, before);
        let mut online = Vec::with_capacity(classes);
        let mut counts = vec![0.0; classes * 4];
        for class in 0..classes {
            let rows: Vec<Said> = rows(class).map(|of| row(of, 1)).collect();
            let shape = Shape { items: read.items, contributors: read.people, classes: 2 };
            let table = Answers::new(shape, &rows).ok()?;
            let known = known(class, 1);
            let one = Online::from_table(&table, &known, Pooling::default(), 3);
            let found = confuse(&table, &known, &one, 2);
            counts[class * 4..class * 4 + 4].copy_from_slice(&found.counts);
            online.push(one);
        }
        let confusion = Confusion { by_gold: !read.known.is_empty(), counts };
        Some((Sets { names, online, confusion }, chosen))
    }

    pub fn learn(&mut self, item: usize, who: usize, answer: &Answer) -> bool {
        for (name, online) in self.names.iter().zip(&mut self.online) {
            online.answer(item, who, usize::from(answer.choices.contains(name)));
        }
        answer.choices.iter().all(|choice| self.names.contains(choice))
    }

    pub fn skill(&self, who: usize) -> f64 {
        let skills = self.online.iter().map(|online| online.skill(who));
        skills.sum::<f64>() / self.online.len().max(1) as f64
    }

    pub fn weigh(
        &self,
        chosen: &Chosen,
        item: Option<usize>,
        answers: &[(Option<usize>, &Answer)],
        is_reliable: impl Fn(usize) -> bool,
    ) -> Found {
        let mut found =
            Found { value: None, claimed: 1.0, hope: 0.0, parts: Vec::new(), contested: false };
        let mut beliefs = Vec::with_capacity(self.names.len());
        let mut hoped = 1.0;
        for (name, online) in self.names.iter().zip(&self.online) {
            let said: Vec<(Option<usize>, usize)> = answers
                .iter()
                .map(|(who, answer)| (*who, if answer.choices.contains(name) { YES } else { NO }))
                .collect();
            let belief = online.weighed(item, &chosen.voices(&said));
            hoped *= belief[NO].max(belief[YES]) + plan::hope(&belief, online.crowd_skill());
            let side = |side: usize| {
                let on = said
                    .iter()
                    .filter(|(who, label)| *label == side && who.is_some_and(&is_reliable));
                on.count()
            };
            found.contested |= is_split([side(NO), side(YES)].into_iter());
            beliefs.push(belief[YES]);
        }
        let mut holds: Vec<bool> = beliefs.iter().map(|p| *p >= 0.5).collect();
        if !holds.contains(&true) {
            // At least one is to be chosen: the most likely one.
            let best = (0..beliefs.len()).max_by(|a, b| beliefs[*a].total_cmp(&beliefs[*b]));
            best.into_iter().for_each(|best| holds[best] = true);
        }
        let mut value = Vec::new();
        for (class, name) in self.names.iter().enumerate() {
            let marks: Vec<(usize, String)> = answers
                .iter()
                .enumerate()
                .filter(|(_, (_, answer))| answer.choices.contains(name))
                .map(|(number, _)| (number, name.clone()))
                .collect();
            let p = beliefs[class];
            found.claimed *= if holds[class] { p } else { 1.0 - p };
            if holds[class] {
                value.push(name.clone());
                let id = name.clone();
                found.parts.push(Part { id, presence: p, confidence: p, claimed: None, marks });
            }
        }
        found.hope = (hoped - found.claimed).max(0.0);
        found.value = Some(value);
        found
    }
}
