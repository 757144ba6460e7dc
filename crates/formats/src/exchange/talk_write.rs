//! Conversations and preferences as the files of TRL, OpenAI, ShareGPT, Alpaca, helpful-and-harmless dialogues and
//! arenas: one object a line, or one list where the file is named `.json`.

use std::io::{self, BufWriter, Write};

use serde_json::{Map, Value, json};

use super::judged::{Pairs, judgement, one_by_one};
use super::label_studio::is_media;
use super::outlet::{Made, Outlet};
use super::talk_read::{ASSISTANT, HUMAN, recognise};
use super::{Candidate, Class, Item, Mark, Place, Talk, Turn, Writer, lose_mark};
use crate::loss::LossReport;

/// Whose fields are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Sft,
    Completion,
    Prompt,
    Preference,
    Implicit,
    Unpaired,
    Stepwise,
    OpenaiSft,
    OpenaiDpo,
    Sharegpt,
    Alpaca,
    Hh,
    Arena,
}

/// One object a line, or a list of them.
pub(super) struct RowFile {
    out: BufWriter<Made>,
    list: bool,
    rows: u64,
}

impl RowFile {
    pub fn new(path: &Outlet) -> io::Result<Self> {
        let list = path.ends(".json");
        let out = BufWriter::with_capacity(256 << 10, path.single()?);
        Ok(Self { out, list, rows: 0 })
    }

    pub fn push(&mut self, row: &Map<String, Value>) -> io::Result<()> {
        if self.list {
            self.out.write_all(if self.rows == 0 { b"[\n" } else { b",\n" })?;
        }
        self.rows += 1;
        serde_json::to_writer(&mut self.out, row)?;
        if self.list { Ok(()) } else { self.out.write_all(b"\n") }
    }

    pub fn finish(mut self) -> io::Result<()> {
        if self.list {
            self.out.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}

pub(super) struct TalkFile {
    rows: RowFile,
    out: Outlet,
    kind: Kind,
    /// Judged answers, where pairs are written.
    pairs: Option<Pairs>,
}

impl TalkFile {
    pub fn new(out: &Outlet, kind: Kind) -> io::Result<Self> {
        Ok(Self { rows: RowFile::new(out)?, out: out.clone(), kind, pairs: None })
    }
}

impl Writer for TalkFile {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        if !item.subset.is_empty() {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        let is_ranked = Draft::new(item).ranked().is_some();
        let rows = match self.kind {
            Kind::Unpaired | Kind::Stepwise if is_ranked => match apart(item, losses) {
                Some(judged) => judged.to_vec(),
                None => vec![item.clone()],
            },
            Kind::Unpaired if is_judged_by_steps(item) => {
                one_by_one(item, losses).into_iter().map(|(item, _)| item).collect()
            }
            Kind::Preference | Kind::Implicit | Kind::Hh | Kind::OpenaiDpo if !is_ranked => {
                let judged = one_by_one(item, losses);
                if judged.is_empty() {
                    vec![item.clone()]
                } else {
                    let pairs = match &mut self.pairs {
                        Some(pairs) => pairs,
                        None => self.pairs.insert(Pairs::new(&self.out)?),
                    };
                    let mut made = Vec::new();
                    for (item, good) in judged {
                        made.extend(pairs.put(item, good, losses)?);
                    }
                    made
                }
            }
            _ => return row(item, self.kind, losses).map_or(Ok(()), |row| self.rows.push(&row)),
        };
        for item in rows {
            if let Some(row) = row(&item, self.kind, losses) {
                self.rows.push(&row)?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        if let Some(pairs) = self.pairs {
            pairs.finish(losses);
        }
        self.rows.finish()
    }
}

fn is_judged_by_steps(item: &Item) -> bool {
    let step = |mark: &Mark| matches!(mark.place, Place::Talk(Talk::Turn { of: Some(_), .. }));
    let whole = item.candidates.iter().any(|candidate| judgement(item, candidate).is_some());
    !whole && item.marks.iter().any(step)
}

/// The row of an item; none where it has not what the kind is about, which is counted.
pub(super) fn row(item: &Item, kind: Kind, losses: &mut LossReport) -> Option<Map<String, Value>> {
    let mut draft = Draft::new(item);
    match draft.fill(kind) {
        Ok(()) => {
            draft.rest(kind, losses);
            Some(draft.row)
        }
        Err(lack) => {
            losses.add(lack, || item.name.clone());
            None
        }
    }
}

/// The better and the worse answer of a pair, each as an item that is judged by itself; none where the item is judged
/// already, or nothing tells its answers apart.
fn apart(item: &Item, losses: &mut LossReport) -> Option<[Item; 2]> {
    let is_judged = |mark: &Mark| matches!(&mark.class[..], "desirable" | "undesirable");
    if item.marks.iter().any(is_judged) {
        return None;
    }
    let mut draft = Draft::new(item);
    let (best, worst) = draft.ranked()?;
    losses.add("pair", || item.name.clone());
    let kept = draft.marks.first().map(|(nth, _)| *nth);
    for (nth, mark) in item.marks.iter().enumerate() {
        match kept == Some(nth) {
            true => lose_mark(item, mark, &[], losses),
            false => losses.add(mark_kind(mark), || format!("{}: {}", item.name, mark.class)),
        }
    }
    for candidate in item.candidates.iter().filter(|one| one.id != best.id && one.id != worst.id) {
        losses.add("candidate", || format!("{}: {}", item.name, candidate.id));
    }
    let judged = |candidate: &Candidate, class: &str| Item {
        candidates: vec![candidate.clone()],
        marks: vec![Mark::talk(class, Talk::Candidate(candidate.id.clone()))],
        ..item.clone()
    };
    Some([judged(best, "desirable"), judged(worst, "undesirable")])
}

/// One row in the making, with what of the item has found its place in it.
struct Draft<'a> {
    item: &'a Item,
    row: Map<String, Value>,
    candidates: Vec<&'a str>,
    /// Marks by their number, each with the facts that are kept.
    marks: Vec<(usize, &'static [&'static str])>,
    lost: Vec<&'static str>,
}

/// The name of what an item has not, without which it is no row.
type Lack = &'static str;

impl<'a> Draft<'a> {
    fn new(item: &'a Item) -> Self {
        let (row, candidates, marks, lost) = (Map::new(), Vec::new(), Vec::new(), Vec::new());
        Self { item, row, candidates, marks, lost }
    }

    fn fill(&mut self, kind: Kind) -> Result<(), Lack> {
        let prompt = self.item.said();
        if prompt.is_empty() && !matches!(kind, Kind::Arena | Kind::Implicit | Kind::Hh) {
            return Err("no_conversation");
        }
        match kind {
            Kind::Sft => self.sft(prompt),
            Kind::OpenaiSft => {
                let mut turns = as_messages(prompt, "user");
                turns.extend(as_messages(self.answer().unwrap_or_default(), "assistant"));
                self.put("messages", turns.iter().map(message).collect());
            }
            Kind::Completion => {
                let (prompt, answer) = self.asked_and_answered(prompt).ok_or("no_answer")?;
                self.both(prompt, ("completion", answer));
            }
            Kind::Prompt => {
                let mut prompt = prompt;
                if prompt.len() > 1 && prompt.last().is_some_and(|turn| turn.role == "assistant") {
                    prompt.pop();
                    self.lost.push("answer");
                }
                self.put("prompt", said(&prompt));
            }
            Kind::Preference => {
                let (best, worst) = self.pair()?;
                let plain = is_plain(&prompt) && is_plain(best) && is_plain(worst);
                let value = |turns: &[Turn], role| match plain {
                    true => said(turns),
                    false => said(&as_messages(turns.to_vec(), role)),
                };
                self.put("prompt", value(&prompt, "user"));
                self.put("chosen", value(best, "assistant"));
                self.put("rejected", value(worst, "assistant"));
                self.scores();
            }
            Kind::Implicit => {
                let (best, worst) = self.pair()?;
                for (key, turns) in [("chosen", best), ("rejected", worst)] {
                    let whole = if is_plain(&prompt) && is_plain(turns) {
                        Value::from(texts(&prompt) + &texts(turns))
                    } else {
                        let answer = as_messages(turns.to_vec(), "assistant");
                        said(&[as_messages(prompt.clone(), "user"), answer].concat())
                    };
                    self.put(key, whole);
                }
                self.scores();
            }
            Kind::Hh => {
                let (best, worst) = self.pair()?;
                for (key, turns) in [("chosen", best), ("rejected", worst)] {
                    let answer = as_messages(turns.to_vec(), "assistant");
                    let whole = [as_messages(prompt.clone(), "user"), answer].concat();
                    let text = self.dialogue(&whole);
                    self.put(key, text.into());
                }
            }
            Kind::OpenaiDpo => {
                let (best, worst) = self.pair()?;
                let list = |turns: Vec<Turn>| turns.iter().map(message).collect::<Value>();
                let messages = list(as_messages(prompt, "user"));
                self.put("input", json!({ "messages": messages }));
                self.put("preferred_output", list(as_messages(best.to_vec(), "assistant")));
                self.put("non_preferred_output", list(as_messages(worst.to_vec(), "assistant")));
            }
            Kind::Unpaired => self.unpaired(prompt)?,
            Kind::Stepwise => self.stepwise(&prompt)?,
            Kind::Sharegpt => self.sharegpt(prompt)?,
            Kind::Alpaca => self.alpaca(prompt)?,
            Kind::Arena => self.arena(&prompt)?,
        }
        Ok(())
    }

    fn put(&mut self, key: &str, value: Value) {
        self.row.insert(key.into(), value);
    }

    fn find<T>(&self, pick: impl Fn(&'a Mark) -> Option<T>) -> Option<(usize, T)> {
        self.item.marks.iter().enumerate().find_map(|(nth, mark)| Some((nth, pick(mark)?)))
    }

    fn take(&mut self, candidate: &'a Candidate) -> &'a [Turn] {
        self.candidates.push(&candidate.id);
        if candidate.model.is_some() {
            self.lost.push("model");
        }
        &candidate.turns
    }

    /// The best and the worst candidate of the first ranking that tells them apart.
    fn ranked(&mut self) -> Option<(&'a Candidate, &'a Candidate)> {
        let item = self.item;
        let (nth, (order, best, worst)) = self.find(|mark| match &mark.place {
            Place::Talk(Talk::Ranking { order, .. }) if order.len() > 1 => {
                let best = item.candidate(order.first()?.first()?)?;
                let worst = item.candidate(order.last()?.first()?)?;
                Some((order, best, worst))
            }
            _ => None,
        })?;
        if order.len() > 2 || order.iter().any(|level| level.len() > 1) {
            self.lost.push("ranking_of_several");
        }
        self.marks.push((nth, &["rating"]));
        Some((best, worst))
    }

    fn pair(&mut self) -> Result<(&'a [Turn], &'a [Turn]), Lack> {
        let (best, worst) = self.ranked().ok_or("no_preference")?;
        Ok((self.take(best), self.take(worst)))
    }

    /// The ratings of the pair, and by how much the first is better, in columns of their own.
    fn scores(&mut self) {
        let kept = self.marks.clone();
        for (nth, _) in kept {
            if let Some(margin) = self.item.marks[nth].value {
                self.put("margin", margin.into());
            }
        }
        for (key, id) in ["score_chosen", "score_rejected"].into_iter().zip(self.candidates.clone())
        {
            let found = self.find(|mark| match &mark.place {
                Place::Talk(Talk::Candidate(of)) if of == id && mark.class.is_empty() => mark.value,
                _ => None,
            });
            if let Some((nth, score)) = found {
                self.marks.push((nth, &["rating"]));
                self.put(key, score.into());
            }
        }
    }

    /// The answer to learn: the best candidate, the only one, or what was said about a text.
    fn answer(&mut self) -> Option<Vec<Turn>> {
        if let Some((best, _)) = self.ranked() {
            // The other one is not told, and with it the preference.
            self.marks.pop();
            return Some(self.take(best).to_vec());
        }
        if let [only] = &self.item.candidates[..] {
            return Some(self.take(only).to_vec());
        }
        let (nth, words) = self.find(|mark| match &mark.place {
            Place::Words(words) if mark.class.is_empty() => Some(words),
            _ => None,
        })?;
        self.marks.push((nth, &[]));
        Some(vec![Turn::plain(words.as_str())])
    }

    fn asked_and_answered(&mut self, mut prompt: Vec<Turn>) -> Option<(Vec<Turn>, Vec<Turn>)> {
        if let Some(answer) = self.answer() {
            return Some((prompt, answer));
        }
        let last = prompt.pop_if(|turn| turn.role == "assistant")?;
        (!prompt.is_empty()).then(|| (prompt, vec![last]))
    }

    fn both(&mut self, prompt: Vec<Turn>, (key, answer): (&str, Vec<Turn>)) {
        if is_plain(&prompt) && is_plain(&answer) {
            self.put("prompt", said(&prompt));
            self.put(key, said(&answer));
        } else {
            self.put("prompt", said(&as_messages(prompt, "user")));
            self.put(key, said(&as_messages(answer, "assistant")));
        }
    }

    fn sft(&mut self, prompt: Vec<Turn>) {
        match self.answer() {
            Some(answer) => self.both(prompt, ("completion", answer)),
            None if is_plain(&prompt) => self.put("text", texts(&prompt).into()),
            None => self.put("messages", prompt.iter().map(message).collect()),
        }
    }

    fn unpaired(&mut self, prompt: Vec<Turn>) -> Result<(), Lack> {
        let item = self.item;
        let judged = self.find(|mark| match (&mark.place, &mark.class[..]) {
            (Place::Talk(Talk::Candidate(id)), "desirable" | "undesirable") => {
                Some((item.candidate(id)?, mark.class == "desirable"))
            }
            _ => None,
        });
        let (nth, (candidate, desirable)) = judged.ok_or("no_judgement")?;
        self.marks.push((nth, &[]));
        let answer = self.take(candidate).to_vec();
        self.both(prompt, ("completion", answer));
        self.put("label", desirable.into());
        Ok(())
    }

    fn stepwise(&mut self, prompt: &[Turn]) -> Result<(), Lack> {
        let [steps] = &self.item.candidates[..] else { return Err("no_steps") };
        let mut labels = vec![None; steps.turns.len()];
        for (nth, mark) in self.item.marks.iter().enumerate() {
            if let Place::Talk(Talk::Turn { of: Some(of), at }) = &mark.place
                && *of == steps.id
                && matches!(&mark.class[..], "correct" | "incorrect")
                && let Some(label @ None) = labels.get_mut(*at as usize)
            {
                self.marks.push((nth, &[]));
                *label = Some(mark.class == "correct");
            }
        }
        let labels: Option<Vec<bool>> = labels.into_iter().collect();
        let Some(labels) = labels.filter(|labels| !labels.is_empty()) else {
            return self.one_step(prompt, steps);
        };
        let turns = self.take(steps);
        self.lose_roles(turns);
        self.lose_roles(prompt);
        self.put("prompt", texts(prompt).into());
        self.put("completions", turns.iter().map(|turn| turn.text.clone()).collect());
        self.put("labels", labels.into());
        Ok(())
    }

    /// An answer that is judged as a whole is one step.
    fn one_step(&mut self, prompt: &[Turn], answer: &'a Candidate) -> Result<(), Lack> {
        let (nth, right) = self
            .find(|mark| match &mark.place {
                Place::Talk(Talk::Candidate(of)) if *of == answer.id => match &mark.class[..] {
                    "desirable" => Some(true),
                    "undesirable" => Some(false),
                    _ => None,
                },
                _ => None,
            })
            .ok_or("no_judgement")?;
        self.marks.push((nth, &[]));
        let turns = self.take(answer);
        self.lose_roles(turns);
        self.lose_roles(prompt);
        self.put("prompt", texts(prompt).into());
        self.put("completions", json!([texts(turns)]));
        self.put("labels", json!([right]));
        Ok(())
    }

    /// Where only the text is written.
    fn lose_roles(&mut self, turns: &[Turn]) {
        if turns.iter().any(|turn| !turn.is_plain()) {
            self.lost.push("role");
        }
    }

    fn sharegpt(&mut self, prompt: Vec<Turn>) -> Result<(), Lack> {
        let mut prompt = as_messages(prompt, "user");
        if let Ok((best, worst)) = self.pair() {
            for (key, turns) in [("chosen", best), ("rejected", worst)] {
                let [turn] = &as_messages(turns.to_vec(), "assistant")[..] else {
                    return Err("answer_of_several_turns");
                };
                self.put(key, foreign(turn));
            }
        } else {
            prompt.extend(as_messages(self.answer().unwrap_or_default(), "assistant"));
        }
        self.put("conversations", prompt.iter().map(foreign).collect());
        Ok(())
    }

    fn alpaca(&mut self, prompt: Vec<Turn>) -> Result<(), Lack> {
        let (mut prompt, answer) = self.asked_and_answered(prompt).ok_or("no_answer")?;
        prompt = as_messages(prompt, "user");
        let last = prompt.pop().filter(|turn| turn.role == "user").ok_or("no_question")?;
        if prompt.first().is_some_and(|turn| turn.role == "system") {
            let system = prompt.remove(0);
            self.put("system", system.text.into());
        }
        let mut history = Vec::new();
        for pair in prompt.chunks(2) {
            let [asked, answered] = pair else { return Err("turns_that_do_not_alternate") };
            if (&asked.role[..], &answered.role[..]) != ("user", "assistant") {
                return Err("turns_that_do_not_alternate");
            }
            history.push(json!([asked.text, answered.text]));
        }
        if !history.is_empty() {
            self.put("history", history.into());
        }
        if prompt.iter().chain([&last]).chain(&answer).any(|turn| !turn.more.is_empty()) {
            self.lost.push("message_fields");
        }
        let asked = last.text.unwrap_or_default();
        let input = self.item.metadata.get("input").and_then(Value::as_str).unwrap_or_default();
        let apart = asked.strip_suffix(input).and_then(|asked| asked.strip_suffix("\n\n"));
        let (asked, input) = match apart {
            Some(instruction) if !input.is_empty() => (instruction, input),
            _ => (&asked[..], ""),
        };
        if answer.len() > 1 {
            self.lost.push("role");
        }
        self.put("instruction", asked.into());
        self.put("input", input.into());
        self.put("output", texts(&answer).into());
        Ok(())
    }

    fn dialogue(&mut self, turns: &[Turn]) -> String {
        let mut whole = String::new();
        for turn in turns {
            let mark = match &turn.role[..] {
                "user" => HUMAN,
                "assistant" => ASSISTANT,
                _ => {
                    self.lost.push("role");
                    HUMAN
                }
            };
            let text = turn.text.as_deref().unwrap_or_default();
            if !turn.more.is_empty() {
                self.lost.push("message_fields");
            }
            if text.contains(HUMAN) || text.contains(ASSISTANT) {
                self.lost.push("text_that_looks_like_a_turn");
            }
            whole += mark;
            whole += " ";
            whole += text;
        }
        whole
    }

    fn arena(&mut self, prompt: &[Turn]) -> Result<(), Lack> {
        let [a, b] = &self.item.candidates[..] else { return Err("no_pair") };
        let vote = self.find(|mark| match &mark.place {
            Place::Talk(Talk::Ranking { order, all_bad }) => {
                let first: Vec<&str> = order.first()?.iter().map(|id| &id[..]).collect();
                match (&first[..], order.len(), all_bad) {
                    ([_, _], 1, true) => Some("both_bad"),
                    ([_, _], 1, false) => Some("tie"),
                    ([id], 2, false) if *id == a.id => Some("model_a"),
                    ([id], 2, false) if *id == b.id => Some("model_b"),
                    _ => None,
                }
            }
            _ => None,
        });
        let (nth, winner) = vote.ok_or("no_preference")?;
        self.marks.push((nth, &["by"]));
        self.put("winner", winner.into());
        if let Some(by) = &self.item.marks[nth].by {
            self.put("judge", by.as_str().into());
        }
        for (candidate, model, conversation) in
            [(a, "model_a", "conversation_a"), (b, "model_b", "conversation_b")]
        {
            self.candidates.push(&candidate.id);
            self.put(model, candidate.model.as_deref().unwrap_or(&candidate.id).into());
            let answer = as_messages(candidate.turns.clone(), "assistant");
            let whole = [as_messages(prompt.to_vec(), "user"), answer].concat();
            if !whole.is_empty() {
                self.put(conversation, said(&whole));
            }
        }
        Ok(())
    }

    /// Adds the columns that the item brought along, and counts what has no place in the row.
    fn rest(&mut self, kind: Kind, losses: &mut LossReport) {
        let item = self.item;
        let id = item.id.as_ref().map(|id| {
            let number = id.parse::<i64>().ok().filter(|number| number.to_string() == *id);
            ("id".to_owned(), number.map_or_else(|| json!(id), |number| json!(number)))
        });
        if is_media(&item.name) {
            losses.add("file_name", || item.name.clone());
        }
        let known = recognise(&self.row);
        let metadata = item.metadata.iter().map(|(key, value)| (key.clone(), value.clone()));
        let metadata = metadata.filter(|(key, _)| {
            let is_id = key == "id";
            if is_id {
                losses.add("metadata", || format!("{}: {key}", item.name));
            }
            !is_id
        });
        let metadata: Vec<_> = metadata.collect();
        for (key, value) in metadata.into_iter().chain(id) {
            let api = matches!(&key[..], "tools" | "parallel_tool_calls");
            let strict = matches!(kind, Kind::OpenaiSft | Kind::OpenaiDpo | Kind::Hh);
            let written = self.row.get(&key) == Some(&value);
            match kind {
                _ if written => {}
                Kind::OpenaiDpo if api => self.row["input"][key] = value,
                Kind::OpenaiSft if api => self.put(&key, value),
                // Messages come before whatever else a row has.
                Kind::Sharegpt | Kind::Alpaca | Kind::Arena
                    if key == "messages" || kind == Kind::Arena && key == "prompt" =>
                {
                    losses.add("metadata", || format!("{}: {key}", item.name));
                }
                _ if strict || self.row.contains_key(&key) => {
                    losses.add("metadata", || format!("{}: {key}", item.name));
                }
                _ => {
                    self.put(&key, value);
                    // A column that makes another kind of row of it.
                    if known.is_some() && recognise(&self.row) != known {
                        self.row.remove(&key);
                        losses.add("metadata", || format!("{}: {key}", item.name));
                    }
                }
            }
        }
        if item.text.is_some() && !item.turns.is_empty() {
            losses.add("text", || item.name.clone());
        }
        for link in &item.links {
            losses.add("relation", || format!("{}: {}", item.name, link.class));
        }
        for candidate in &item.candidates {
            if !self.candidates.contains(&&candidate.id[..]) {
                losses.add("candidate", || format!("{}: {}", item.name, candidate.id));
            }
        }
        for (nth, mark) in item.marks.iter().enumerate() {
            match self.marks.iter().find(|(kept, _)| *kept == nth) {
                Some((_, keeps)) => {
                    let rating = matches!(kind, Kind::Preference | Kind::Implicit);
                    let keeps: Vec<&str> =
                        keeps.iter().copied().filter(|fact| rating || *fact != "rating").collect();
                    lose_mark(item, mark, &keeps, losses);
                    let ranks = matches!(mark.place, Place::Talk(Talk::Ranking { .. }));
                    if ranks && !mark.class.is_empty() {
                        losses
                            .add("class_of_a_ranking", || format!("{}: {}", item.name, mark.class));
                    }
                    if matches!(mark.place, Place::Words(_)) {
                        losses.add("words_as_answer", || item.name.clone());
                    }
                }
                None => losses.add(mark_kind(mark), || format!("{}: {}", item.name, mark.class)),
            }
        }
        for lost in &self.lost {
            losses.add(lost, || item.name.clone());
        }
    }
}

fn is_plain(turns: &[Turn]) -> bool {
    turns.len() <= 1 && turns.iter().all(Turn::is_plain)
}

fn texts(turns: &[Turn]) -> String {
    turns.iter().filter_map(|turn| turn.text.as_deref()).collect()
}

/// A bare text as the message of `role`.
fn as_messages(mut turns: Vec<Turn>, role: &str) -> Vec<Turn> {
    for turn in turns.iter_mut().filter(|turn| turn.role.is_empty()) {
        turn.role = role.into();
    }
    turns
}

/// A bare text as such, everything else as a list of messages.
fn said(turns: &[Turn]) -> Value {
    if is_plain(turns) { texts(turns).into() } else { turns.iter().map(message).collect() }
}

fn message(turn: &Turn) -> Value {
    let mut message = turn.more.clone();
    message.insert("role".into(), turn.role.as_str().into());
    message.entry("content").or_insert_with(|| turn.text.clone().into());
    Value::Object(message)
}

/// The same in the words of ShareGPT.
fn foreign(turn: &Turn) -> Value {
    let mut message = turn.more.clone();
    let who = match &turn.role[..] {
        "user" => "human",
        "assistant" => "gpt",
        "tool" => "observation",
        role => role,
    };
    message.insert("from".into(), who.into());
    let said = message.remove("content").unwrap_or_else(|| turn.text.clone().into());
    message.insert("value".into(), said);
    Value::Object(message)
}

pub(super) fn mark_kind(mark: &Mark) -> &'static str {
    match &mark.place {
        Place::Whole => "class_of_the_whole",
        other => other.kind(),
    }
}
