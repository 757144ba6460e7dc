//! A model of one project's people and tasks: of what they choose, of what they mark, or of both.

use super::choice::{Chosen, Found, Sets, Words, number};
use super::marks::Marks;
use super::{Reading, audit};
use crate::opinions::{Asked, Fused, Part};
use crate::{gold, opinions};
use domain::answers::Answer;
use domain::projects::{ChoiceMode, CuboidLikeness, Question, Slice, draw};
use domain::workflow::Belief;
use domain::{PersonId, TaskId};
use stats::calibration::{Calibration, Curve, Point, fit};
use std::collections::{BTreeMap, HashMap};

pub struct Model {
    question: Question,
    cuboids: CuboidLikeness,
    items: HashMap<TaskId, usize>,
    pub people: HashMap<PersonId, usize>,
    pub effort: Vec<u32>,
    choice: Option<(Choice, Chosen)>,
    marks: Option<Marks>,
    pub calibration: Calibration,
    /// What is told of a claim: the curve in levels.
    pub(super) told: Curve,
    /// Of single objects, spans and classes.
    pub(super) parts: Calibration,
    pub(super) parts_told: Curve,
    /// What is claimed of each gold task with all its answers, and whether it is right.
    known: Vec<(f64, bool)>,
    replayed: Vec<audit::Replayed>,
    /// Answers that it was fitted to, and that came since.
    pub fitted: usize,
    since: usize,
}

enum Choice {
    Words(Box<Words>),
    Sets(Sets),
}

/// Answers as numbers, in the order in which they came.
pub(super) struct Numbered<'a> {
    pub items: usize,
    pub people: usize,
    pub votes: Vec<(usize, usize, &'a Answer)>,
    pub known: Vec<(usize, &'a Answer)>,
}

/// How often what is of one class was called another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confusion {
    pub by_gold: bool,
    /// Class after class that is so, class after class that was said.
    pub counts: Vec<f64>,
}

/// What is believed of a task, and how far that can be relied on.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    pub belief: Belief,
    /// What is claimed of the label, and what is told of that (B3).
    pub claimed: f64,
    pub told: f64,
    pub calibrated: bool,
    pub model: &'static str,
    /// What is believed, where that may be what no answer says (F9).
    pub fused: Option<Fused>,
}

/// Skill from which two people on either side make a task contested, and answers by which it is known.
const RELIABLE: f64 = 0.8;
const RELIABLE_EFFORT: u32 = 20;
const REFIT_LEAST: usize = 50;
/// About so many tasks tell how claims are spread.
const TOLD_TASKS: usize = 2_000;

impl Reading {
    /// Fits a model; `before` is how the last one weighed.
    pub(super) fn fit(self, before: Option<Chosen>) -> Option<Model> {
        let (mut items, mut people) = (HashMap::new(), HashMap::new());
        let mut effort: Vec<u32> = Vec::new();
        let mut votes = Vec::with_capacity(self.votes.len());
        // What is replayed, with its answers as they came.
        let mut came: BTreeMap<TaskId, audit::Came<'_>> = BTreeMap::new();
        for (task, person, answer) in &self.votes {
            let who = number(&mut people, *person);
            if effort.len() <= who {
                effort.push(0);
            }
            effort[who] += 1;
            votes.push((number(&mut items, *task), who, answer));
            if self.known.contains_key(task) || self.plan.slice(*task) == Slice::Audit {
                came.entry(*task).or_default().push((*person, answer));
            }
        }
        let known = self.known.iter();
        let known = known.filter_map(|(task, known)| Some((*items.get(task)?, known))).collect();
        let read = Numbered { items: items.len(), people: people.len(), votes, known };
        let question = self.question.clone();
        let asks_for_marks = opinions::asks_for_regions(&question);
        let choice = match question.choice {
            Some(ChoiceMode::Multi) => {
                let (sets, chosen) = Sets::fit(&read, &self.names, before)?;
                Some((Choice::Sets(sets), chosen))
            }
            Some(ChoiceMode::Single) => {
                let (words, chosen) = Words::fit(&read, &self.names, before)?;
                Some((Choice::Words(Box::new(words)), chosen))
            }
            None if asks_for_marks => None,
            None => {
                let (words, chosen) = Words::fit(&read, &[], before)?;
                Some((Choice::Words(Box::new(words)), chosen))
            }
        };
        let marks = match asks_for_marks {
            true => Some(Marks::fit(&read, &self.names)?),
            false => None,
        };
        let mut model = Model {
            question,
            cuboids: self.plan.cuboids,
            fitted: read.votes.len(),
            items,
            people,
            effort,
            choice,
            marks,
            calibration: fit(&[], 1),
            told: Curve::AsClaimed,
            parts: fit(&[], 1),
            parts_told: Curve::AsClaimed,
            known: Vec::new(),
            replayed: Vec::new(),
            since: 0,
        };
        model.calibrate(&self, &came);
        model.tell(&self);
        let mut audited = 0;
        for (task, came) in came.iter().rev() {
            let is_audited = self.plan.slice(*task) == Slice::Audit;
            audited += usize::from(is_audited);
            let known = self.known.get(task);
            if known.is_some() || audited <= audit::most_audited(&model) {
                let found = audit::replay(&model, &self.plan, *task, known, came);
                model.replayed.push(audit::Replayed { audited: is_audited, ..found });
            }
        }
        Some(model)
    }
}

impl Model {
    pub(super) fn chosen(&self) -> Option<Chosen> {
        self.choice.as_ref().map(|(_, chosen)| chosen.clone())
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { question: &self.question, cuboids: self.cuboids }
    }

    pub(super) fn marks_things(&self) -> bool {
        self.marks.is_some()
    }

    /// What weighs the answers, as labels name it.
    pub fn name(&self) -> &'static str {
        match (&self.choice, &self.marks) {
            (_, Some(_)) => "objects",
            (Some((_, chosen)), None) if chosen.weighs() => "dawid_skene",
            _ => "vote",
        }
    }

    /// The same for people, and why it was chosen.
    pub fn described(&self) -> (String, String) {
        let choice = self.choice.as_ref().map(|(choice, chosen)| {
            let each = if matches!(choice, Choice::Sets(_)) { ", class by class" } else { "" };
            let method = match chosen.weighs() {
                true => format!("Dawid–Skene, answer by answer{each}"),
                false => format!("a plain vote{each}"),
            };
            let reason =
                format!("of the estimators tried, {}: {}", chosen.method.name(), chosen.reason);
            (method, reason)
        });
        let marks = self.marks.as_ref().map(|_| {
            let method =
                "objects brought together by how much each person sees, invents and strays";
            let reason = "marks agree by degrees, and are matched before they are weighed";
            (method.to_string(), reason.to_string())
        });
        match (choice, marks) {
            (Some((a, because)), Some((b, besides))) => {
                (format!("{a}; {b}"), format!("{because}; {besides}"))
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => (String::new(), String::new()),
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.since >= (self.fitted / 10).max(REFIT_LEAST)
    }

    /// Audited tasks and gold, as the plan would have had them.
    pub fn replayed(&self) -> &[audit::Replayed] {
        &self.replayed
    }

    /// How likely a person is right, by all that is known; whoever is not known as the crowd is.
    pub fn skill(&self, who: usize) -> f64 {
        let choice = self.choice.as_ref().map(|(choice, _)| match choice {
            Choice::Words(words) => words.online.skill(who),
            Choice::Sets(sets) => sets.skill(who),
        });
        let marks = self.marks.as_ref().map(|marks| marks.skill(who));
        match (choice, marks) {
            (Some(a), Some(b)) => f64::midpoint(a, b),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => 0.0,
        }
    }

    pub fn crowd_skill(&self) -> f64 {
        match &self.marks {
            Some(marks) if self.choice.is_none() => marks.crowd_skill(),
            _ => self.skill(usize::MAX),
        }
    }

    /// How often each class was said of each, with the names of the rows and of the columns. Of known items by what is known, where there are any, otherwise by
    /// what is believed.
    pub fn confusion(&self) -> Option<(Vec<String>, Confusion)> {
        if let Some(marks) = &self.marks {
            let mut names = marks.names.clone();
            if let Some(last) = names.last_mut() {
                *last = "(nothing)".into();
            }
            return Some((names, marks.confusion.clone()));
        }
        match self.choice.as_ref()? {
            (Choice::Words(words), _) => {
                let (all, shown) = (words.names.len(), words.names.len() - 1);
                let names = words.names[..shown].to_vec();
                let rows = (0..shown).flat_map(|class| {
                    words.confusion.counts[class * all..class * all + shown].iter().copied()
                });
                let counts = rows.collect();
                Some((names, Confusion { by_gold: words.confusion.by_gold, counts }))
            }
            (Choice::Sets(_), _) => None,
        }
    }

    /// Of several classes: how often each was said where it holds, and where it does not.
    pub fn rates(&self) -> Option<(&[String], &Confusion)> {
        match self.choice.as_ref()? {
            (Choice::Sets(sets), _) => Some((&sets.names, &sets.confusion)),
            (Choice::Words(_), _) => None,
        }
    }

    pub(super) fn learn(&mut self, task: TaskId, person: PersonId, answer: &Answer) {
        let item = number(&mut self.items, task);
        let who = number(&mut self.people, person);
        if self.effort.len() <= who {
            self.effort.push(0);
        }
        self.effort[who] += 1;
        self.since += 1;
        let is_news = match &mut self.choice {
            Some((Choice::Words(words), _)) => !words.learn(item, who, answer),
            Some((Choice::Sets(sets), _)) => !sets.learn(item, who, answer),
            None => false,
        };
        if is_news || self.marks.as_ref().is_some_and(|marks| !marks.knows(answer)) {
            self.since = self.fitted.max(REFIT_LEAST);
        }
    }

    fn is_reliable(&self, who: usize) -> bool {
        self.effort.get(who).is_some_and(|effort| *effort >= RELIABLE_EFFORT)
            && self.skill(who) >= RELIABLE
    }

    /// What is believed of a task by these answers of it; nothing where they are more than can be weighed, or say what is not known yet.
    pub fn weigh(&self, task: TaskId, answers: &[(PersonId, &Answer)]) -> Option<Weighed> {
        let (weighed, _) = self.claim(task, answers)?;
        let trusted = self.calibration.is_trusted();
        let claimed = weighed.belief.confidence;
        let confidence = if trusted { self.calibration.curve.at(claimed) } else { claimed };
        let belief = Belief { confidence: confidence.clamp(0.0, 1.0), ..weighed.belief };
        let fused = weighed.fused.map(|fused| {
            let told = |part: Part| {
                let trusted = self.parts.is_trusted();
                let claimed = part.confidence;
                let confidence = if trusted { self.parts_told.at(claimed) } else { claimed };
                Part { confidence: confidence.clamp(0.0, 1.0), claimed: Some(claimed), ..part }
            };
            Fused { parts: fused.parts.into_iter().map(told).collect(), ..fused }
        });
        let told = if trusted { self.told.at(claimed) } else { claimed };
        Some(Weighed { belief, told: told.clamp(0.0, 1.0), fused, calibrated: trusted, ..weighed })
    }

    /// The same before anything is calibrated, and what the label would be.
    fn claim(&self, task: TaskId, answers: &[(PersonId, &Answer)]) -> Option<(Weighed, Answer)> {
        if answers.is_empty() {
            return None;
        }
        let item = self.items.get(&task).copied();
        let is_reliable = |who: usize| self.is_reliable(who);
        let given: Vec<&Answer> = answers.iter().map(|(_, answer)| *answer).collect();
        let said: Vec<(Option<usize>, &Answer)> = answers
            .iter()
            .map(|(person, answer)| (self.people.get(person).copied(), *answer))
            .collect();
        let choice = match &self.choice {
            None => None,
            Some((Choice::Words(words), chosen)) => {
                let (found, voice) = words.weigh(chosen, item, &said, is_reliable);
                Some((found, given[voice].choices.clone(), Some(voice)))
            }
            Some((Choice::Sets(sets), chosen)) => {
                let found = sets.weigh(chosen, item, &said, is_reliable);
                let value = found.value.clone().unwrap_or_default();
                Some((found, value, None))
            }
        };
        let marks = match &self.marks {
            None => None,
            Some(marks) => Some(marks.weigh(&said, is_reliable)?),
        };
        let (found, value, voice) = match (choice, marks) {
            (Some((found, _, Some(voice))), None) => (found, None, Some(voice)),
            (Some((found, choices, None)), None) => {
                let voice = opinions::choosing(&given, &choices);
                let own = &given[voice].choices;
                let is_own = own.len() == choices.len() && own.iter().all(|c| choices.contains(c));
                let choices = if is_own { own.clone() } else { choices };
                let value = Answer { choices, ..given[voice].clone() };
                (found, Some(value), Some(voice))
            }
            (None, Some((found, value))) => (found, Some(value), None),
            (Some((chosen, choices, _)), Some((marked, value))) => {
                (both(chosen, marked), Some(Answer { choices, ..value }), None)
            }
            (None, None) => return None,
        };
        let voice = match (voice, &value) {
            (Some(voice), _) => voice,
            (None, Some(value)) => opinions::nearest(self.asked(), &given, value),
            (None, None) => 0,
        };
        let label = value.clone().unwrap_or_else(|| given[voice].clone());
        // One answer is its own consensus.
        let fused =
            value.filter(|_| given.len() > 1).map(|value| Fused { value, parts: found.parts });
        let belief = Belief {
            voice,
            confidence: found.claimed,
            hope: found.hope,
            contested: found.contested,
        };
        let claimed = belief.confidence.clamp(0.0, 1.0);
        let (told, model) = (claimed, self.name());
        let weighed = Weighed { belief, claimed, told, fused, calibrated: false, model };
        Some((weighed, label))
    }

    /// What would have been said of a task, and the number of the answer that comes nearest.
    pub(super) fn label(
        &self,
        task: TaskId,
        answers: &[(PersonId, &Answer)],
    ) -> Option<(Weighed, Answer)> {
        let (_, label) = self.claim(task, answers)?;
        Some((self.weigh(task, answers)?, label))
    }

    /// Each gold item as it would have been believed after each of its answers, against what is known (B3); and each of its parts.
    fn calibrate(&mut self, read: &Reading, came: &BTreeMap<TaskId, audit::Came<'_>>) {
        let (mut points, mut parts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let most = audit::most_of(&read.plan);
        for (group, (task, known)) in read.known.iter().enumerate() {
            let Some(came) = came.get(task) else { continue };
            for count in 1..=came.len().min(most) {
                let Some((weighed, label)) = self.claim(*task, &came[..count]) else { continue };
                let (_, right) = gold::compare(self.asked(), known, &label);
                points.push(Point { confidence: weighed.belief.confidence, right, group });
                if count == came.len().min(most) {
                    ends.push((weighed.claimed, right));
                }
                for part in weighed.fused.iter().flat_map(|fused| &fused.parts) {
                    let right = opinions::has_part(self.asked(), known, &label, &part.id);
                    parts.push(Point { confidence: part.confidence, right, group });
                }
            }
        }
        (self.calibration, self.parts) = (fit(&points, 1), fit(&parts, 1));
        self.known = ends;
    }

    /// The levels of what is told, by what is claimed of the tasks as they stand; of many, of some that are drawn.
    fn tell(&mut self, read: &Reading) {
        let share = TOLD_TASKS as f64 / self.items.len().max(1) as f64;
        let mut tasks: HashMap<TaskId, audit::Came<'_>> = HashMap::new();
        for (task, person, answer) in &read.votes {
            if draw(task.0) < share {
                tasks.entry(*task).or_default().push((*person, answer));
            }
        }
        let most = audit::most_of(&read.plan);
        let (mut claims, mut parts) = (Vec::new(), Vec::new());
        for (task, came) in tasks {
            let Some((weighed, _)) = self.claim(task, &came[..came.len().min(most)]) else {
                continue;
            };
            claims.push(weighed.claimed);
            let of_parts = weighed.fused.iter().flat_map(|fused| &fused.parts);
            parts.extend(of_parts.map(|part| part.confidence));
        }
        self.told = self.calibration.levels(claims);
        self.parts_told = self.parts.levels(parts);
    }

    /// Each level of what is told: from which claim on, how sure it is, and which of the gold tasks in it are right. Nothing before there is gold enough.
    pub fn levels(&self) -> Vec<(f64, f64, Vec<bool>)> {
        let Curve::Levels(levels) = &self.told else { return Vec::new() };
        if !self.calibration.is_trusted() {
            return Vec::new();
        }
        let mut found: Vec<(f64, f64, Vec<bool>)> =
            levels.iter().map(|(from, sure)| (*from, *sure, Vec::new())).collect();
        for (claimed, right) in &self.known {
            let at = levels.partition_point(|(from, _)| from <= claimed).max(1) - 1;
            found[at].2.push(*right);
        }
        found
    }
}

/// A choice and marks: both are to be right.
fn both(choice: Found, marks: Found) -> Found {
    let claimed = choice.claimed * marks.claimed;
    let hoped = (choice.claimed + choice.hope).min(1.0) * (marks.claimed + marks.hope).min(1.0);
    Found {
        value: None,
        claimed,
        hope: (hoped - claimed).max(0.0),
        contested: choice.contested || marks.contested,
        parts: choice.parts.into_iter().chain(marks.parts).collect(),
    }
}
