//! Answers that are judged one by one, and answers that are compared: the one made of the other.
//!
//! - **J1** A good and a bad answer to the same prompt become a pair, each answer in one pair only, the first that
//!   fit. What remains alone is counted: `answer_without_its_opposite`.
//! - **J2** Of a pair, each answer is judged by itself.
//! - **J3** An answer whose steps are judged is good where all of them are right; its steps become lines of one text.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use super::outlet::Outlet;
use super::source::Scratch;
use super::talk_write::mark_kind;
use super::{Candidate, Item, Mark, Place, Talk, Turn, lose_mark};
use crate::loss::LossReport;

/// Says which answers of an item are good and which are bad, each as an item of its own; none where nobody judged.
pub(super) fn one_by_one(item: &Item, losses: &mut LossReport) -> Vec<(Item, bool)> {
    let mut found = Vec::new();
    for candidate in &item.candidates {
        let judged = judgement(item, candidate);
        let Some(good) = judged.or_else(|| steps(item, candidate)) else { continue };
        let class = if good { "desirable" } else { "undesirable" };
        let mut candidate = candidate.clone();
        if judged.is_none() {
            candidate.turns = lines(candidate.turns);
        }
        let mark = Mark::talk(class, Talk::Candidate(candidate.id.clone()));
        let (candidates, marks) = (vec![candidate], vec![mark]);
        found.push((Item { candidates, marks, ..item.clone() }, good));
    }
    if found.is_empty() {
        return found;
    }
    for mark in &item.marks {
        match (&mark.place, &mark.class[..]) {
            (Place::Talk(Talk::Candidate(_)), "desirable" | "undesirable") => {
                lose_mark(item, mark, &[], losses);
            }
            (Place::Talk(Talk::Turn { of: Some(_), .. }), "correct" | "incorrect") => {
                losses.add("judged_step", || item.name.clone());
            }
            _ => losses.add(mark_kind(mark), || format!("{}: {}", item.name, mark.class)),
        }
    }
    found
}

/// What was said of an answer as a whole.
pub(super) fn judgement(item: &Item, candidate: &Candidate) -> Option<bool> {
    item.marks.iter().find_map(|mark| match (&mark.place, &mark.class[..]) {
        (Place::Talk(Talk::Candidate(of)), "desirable") if *of == candidate.id => Some(true),
        (Place::Talk(Talk::Candidate(of)), "undesirable") if *of == candidate.id => Some(false),
        _ => None,
    })
}

/// What was said of all steps of an answer (J3).
fn steps(item: &Item, candidate: &Candidate) -> Option<bool> {
    let mut said = vec![None; candidate.turns.len()];
    for mark in &item.marks {
        if let Place::Talk(Talk::Turn { of: Some(of), at }) = &mark.place
            && *of == candidate.id
            && matches!(&mark.class[..], "correct" | "incorrect")
            && let Some(said) = said.get_mut(*at as usize)
        {
            *said = Some(mark.class == "correct");
        }
    }
    let said = said.into_iter().collect::<Option<Vec<bool>>>().filter(|said| !said.is_empty())?;
    Some(said.iter().all(|right| *right))
}

/// Bare texts as lines of one.
fn lines(turns: Vec<Turn>) -> Vec<Turn> {
    if turns.len() < 2 || !turns.iter().all(Turn::is_plain) {
        return turns;
    }
    let texts: Vec<&str> = turns.iter().filter_map(|turn| turn.text.as_deref()).collect();
    vec![Turn::plain(texts.join("\n"))]
}

/// Judged answers that wait for their opposite: on the disk, and in memory only where.
pub(super) struct Pairs {
    out: BufWriter<Box<dyn Scratch>>,
    at: u64,
    waiting: HashMap<u64, Vec<Waiting>>,
}

#[derive(Clone, Copy)]
struct Waiting {
    at: u64,
    length: usize,
    good: bool,
}

impl Pairs {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let out = BufWriter::with_capacity(64 << 10, out.scratch()?);
        Ok(Self { out, at: 0, waiting: HashMap::new() })
    }

    /// Takes a judged answer; the pair that it makes with one that was waiting.
    pub fn put(
        &mut self,
        item: Item,
        good: bool,
        losses: &mut LossReport,
    ) -> io::Result<Option<Item>> {
        let prompt = item.said();
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(&prompt)?.hash(&mut hasher);
        let key = hasher.finish();
        let fitting = self.waiting.get(&key).cloned().unwrap_or_default();
        for (nth, found) in fitting.iter().enumerate().filter(|(_, found)| found.good != good) {
            let other = self.read(*found)?;
            // Two prompts may share a key.
            if other.said() == prompt {
                if let Some(waiting) = self.waiting.get_mut(&key) {
                    waiting.remove(nth);
                }
                let (better, worse) = if good { (item, other) } else { (other, item) };
                return Ok(Some(together(better, worse, losses)));
            }
        }
        let text = serde_json::to_vec(&item)?;
        self.out.write_all(&text)?;
        let waiting = Waiting { at: self.at, length: text.len(), good };
        self.at += text.len() as u64;
        self.waiting.entry(key).or_default().push(waiting);
        Ok(None)
    }

    fn read(&mut self, Waiting { at, length, .. }: Waiting) -> io::Result<Item> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(at))?;
        let mut text = vec![0; length];
        file.read_exact(&mut text)?;
        file.seek(SeekFrom::End(0))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Counts what is left alone.
    pub fn finish(mut self, losses: &mut LossReport) {
        let mut left: Vec<Waiting> =
            std::mem::take(&mut self.waiting).into_values().flatten().collect();
        left.sort_unstable_by_key(|waiting| waiting.at);
        for waiting in left {
            losses.add("answer_without_its_opposite", || {
                self.read(waiting).map_or_else(|_| String::new(), |item| item.name)
            });
        }
    }
}

/// A pair of two judged answers to one prompt.
fn together(better: Item, worse: Item, losses: &mut LossReport) -> Item {
    if worse.id.is_some() {
        losses.add("item_id", || worse.name.clone());
    }
    for (key, value) in &worse.metadata {
        if better.metadata.get(key) != Some(value) {
            losses.add("metadata", || format!("{}: {key}", worse.name));
        }
    }
    let answer = |item: Item, id: &str| {
        let candidate = item.candidates.into_iter().next();
        candidate.map(|candidate| Candidate { id: id.into(), ..candidate })
    };
    let mut pair = Item { marks: Vec::new(), candidates: Vec::new(), ..better.clone() };
    pair.candidates.extend(answer(better, "chosen"));
    pair.candidates.extend(answer(worse, "rejected"));
    pair.marks.push(Mark::ranking(vec![vec!["chosen".into()], vec!["rejected".into()]]));
    pair
}
