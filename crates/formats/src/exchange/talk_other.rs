//! Conversations, compared and rated answers in the columns of well-known data sets: HelpSteer, UltraFeedback, Nectar, SHP,
//! WebGPT, SafeRLHF, summaries from feedback, pairs of Stack Exchange, OpenOrca, Dolly, GSM8K.

use serde_json::{Map, Value};

use super::look::Look;
use super::talk_read::{pair, rating, said};
use super::{Candidate, Format, Item, Mark, Sink, Talk, Turn};
use crate::row::{Code, Fault};

/// What a row was read by: these columns are taken.
pub(super) type Taken = &'static [&'static str];

/// HelpSteer's questions about an answer.
const ASKED: [&str; 5] = ["helpfulness", "correctness", "coherence", "complexity", "verbosity"];

/// Two answers beside each other, their columns, and the column that says which is better.
struct Pair {
    prompt: &'static str,
    answers: [&'static str; 2],
    winner: &'static str,
    /// Whether the first is better, where it can be said; nothing where both are alike.
    first: fn(f64) -> Option<bool>,
    /// Whether the number also says by how much.
    by: bool,
    taken: Taken,
}

const PAIRS: [Pair; 4] = [
    Pair {
        prompt: "prompt",
        answers: ["response_1", "response_2"],
        winner: "preference_strength",
        first: below,
        by: true,
        taken: &["prompt", "response_1", "response_2", "preference_strength"],
    },
    Pair {
        prompt: "context",
        answers: ["response1", "response2"],
        winner: "overall_preference",
        first: below,
        by: true,
        taken: &["context", "response1", "response2", "overall_preference"],
    },
    Pair {
        prompt: "history",
        answers: ["human_ref_A", "human_ref_B"],
        winner: "labels",
        first: |label| Some(label != 0.0),
        by: false,
        taken: &["history", "human_ref_A", "human_ref_B", "labels", "score_A", "score_B"],
    },
    Pair {
        prompt: "prompt",
        answers: ["response_0", "response_1"],
        winner: "better_response_id",
        first: |id| Some(id == 0.0),
        by: false,
        taken: &["prompt", "response_0", "response_1", "better_response_id"],
    },
];

fn below(strength: f64) -> Option<bool> {
    (strength != 0.0).then_some(strength < 0.0)
}

impl Pair {
    fn is_in(&self, row: &Map<String, Value>) -> bool {
        let has = |key: &str| row.get(key).is_some_and(|value| !value.is_null());
        self.answers.iter().all(|key| has(key)) && has(self.prompt) && has(self.winner)
    }
}

/// Tells the format by the columns of a row; none where it is of none of these.
pub(super) fn recognise(row: &Map<String, Value>) -> Option<Format> {
    let has = |key: &str| row.get(key).is_some_and(|value| !value.is_null());
    let text = |key: &str| row.get(key).is_some_and(Value::is_string);
    Some(match () {
        () if has("instruction") && rated(row).is_some() => Format::UltraFeedback,
        () if PAIRS.iter().any(|pair| pair.is_in(row)) => Format::TrlPreference,
        () if has("prompt") && ranked(row).is_some() => Format::TrlPreference,
        () if has("summaries") && has("choice") && has("info") => Format::TrlPreference,
        () if has("answer_0") && has("answer_1") && has("score_0") => Format::TrlPreference,
        () if text("question") && text("response_j") && text("response_k") => Format::TrlPreference,
        () if text("chosen") && text("rejected") && before(row).is_some() => Format::TrlPreference,
        () if turns(row) => Format::TrlSft,
        () if text("instruction") && text("response") => Format::Alpaca,
        () if answered(row).is_some() => Format::TrlCompletion,
        () => return None,
    })
}

/// Reads a row that is of one of these; none where it is not.
pub(super) fn item(
    look: &Look,
    item: &mut Item,
    sink: &mut dyn Sink,
) -> Result<Option<Taken>, Fault> {
    let Some(row) = look.value.as_object() else { return Ok(None) };
    let has = |key: &str| look.maybe(key).is_some();
    if has("instruction") && rated(row).is_some() {
        return ultrafeedback(look, item, sink).map(Some);
    }
    if let Some(two) = PAIRS.iter().find(|pair| pair.is_in(row)) {
        return two_answers(look, two, item).map(Some);
    }
    if has("prompt") && ranked(row).is_some() {
        return nectar(look, item).map(Some);
    }
    if has("summaries") && has("choice") && has("info") {
        return summaries(look, item).map(Some);
    }
    if has("answer_0") && has("answer_1") && has("score_0") {
        return webgpt(look, item).map(Some);
    }
    if has("response_j") && has("response_k") && has("question") {
        item.turns = vec![Turn::new("user", look.get("question")?.text()?)];
        let answer = |key| Ok(vec![Turn::new("assistant", look.get(key)?.text()?)]);
        pair(item, answer("response_j")?, answer("response_k")?);
        return Ok(Some(&["question", "response_j", "response_k"]));
    }
    if let Some(question) = before(row).filter(|_| has("chosen") && has("rejected")) {
        system(look, item)?;
        item.turns.push(Turn::new("user", look.get(question)?.text()?));
        let answer = |key| -> Result<Vec<Turn>, Fault> {
            let mut turns = said(&look.get(key)?)?;
            turns
                .iter_mut()
                .filter(|turn| turn.is_plain())
                .for_each(|turn| turn.role = "assistant".into());
            Ok(turns)
        };
        pair(item, answer("chosen")?, answer("rejected")?);
        return Ok(Some(&["system", "system_prompt", "question", "input", "chosen", "rejected"]));
    }
    if turns(row) {
        item.turns = said(&look.get("conversation")?)?;
        return Ok(Some(&["conversation"]));
    }
    if look.maybe("instruction").is_some_and(|text| text.value.is_string())
        && look.maybe("response").is_some_and(|text| text.value.is_string())
    {
        let mut asked = look.get("instruction")?.text()?.to_owned();
        system(look, item)?;
        if let Some(context) = look.maybe("context").map(|context| context.text()).transpose()?
            && !context.is_empty()
        {
            asked = format!("{asked}\n\n{context}");
            item.metadata.insert("input".into(), context.into());
        }
        item.turns.push(Turn::new("user", asked));
        item.turns.push(Turn::new("assistant", look.get("response")?.text()?));
        return Ok(Some(&["system", "system_prompt", "instruction", "context", "response"]));
    }
    if let Some((question, answer)) = answered(row) {
        system(look, item)?;
        item.turns.push(Turn::new("user", look.get(question)?.text()?));
        let turn = Turn::new("assistant", look.get(answer)?.text()?);
        item.candidates = vec![Candidate::new("completion", vec![turn])];
        return Ok(Some(&["system", "system_prompt", "question", "query", "answer", "response"]));
    }
    Ok(None)
}

/// What people said of an answer beside a prompt, in HelpSteer's columns.
pub(super) fn ratings(look: &Look, item: &mut Item) -> Result<(), Fault> {
    if look.maybe(ASKED[0]).is_none() || look.maybe(ASKED[1]).is_none() {
        return Ok(());
    }
    for question in ASKED {
        if let Some(number) = look.maybe(question) {
            item.marks.push(about("completion", question, rating(&number)?));
        }
    }
    Ok(())
}

/// The columns that [`ratings`] takes.
pub(super) const RATED: Taken =
    &["prompt", "response", "helpfulness", "correctness", "coherence", "complexity", "verbosity"];

fn about(candidate: &str, question: &str, value: f64) -> Mark {
    Mark {
        question: Some(question.into()),
        value: Some(value),
        ..Mark::talk("", Talk::Candidate(candidate.into()))
    }
}

fn system(look: &Look, item: &mut Item) -> Result<(), Fault> {
    let said = look.maybe("system").or_else(|| look.maybe("system_prompt"));
    if let Some(said) = said.map(|said| said.text()).transpose()?
        && !said.is_empty()
    {
        item.turns.push(Turn::new("system", said));
    }
    Ok(())
}

/// The question that stands before a chosen and a rejected answer.
fn before(row: &Map<String, Value>) -> Option<&'static str> {
    let text = |key: &&&str| row.get(**key).is_some_and(Value::is_string);
    let other = ["prompt", "instruction", "conversations", "messages"];
    let has = |key: &&str| row.get(*key).is_some_and(|value| !value.is_null());
    if other.iter().any(has) { None } else { ["question", "input"].iter().find(text).copied() }
}

/// A question and its answer in one text each, and nothing that would make it something else.
fn answered(row: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    const BESIDE: [&str; 8] =
        ["context", "choices", "options", "text", "label", "image", "chosen", "rejected"];
    if BESIDE.iter().any(|key| row.contains_key(*key)) {
        return None;
    }
    let text = |key: &str| row.get(key).is_some_and(Value::is_string);
    let pairs = [
        ("question", "answer"),
        ("question", "response"),
        ("query", "response"),
        ("query", "answer"),
    ];
    pairs.into_iter().find(|(question, answer)| text(question) && text(answer))
}

/// A conversation under a name of its own.
fn turns(row: &Map<String, Value>) -> bool {
    let first = row.get("conversation").and_then(Value::as_array).and_then(|turns| turns.first());
    first.is_some_and(|turn| turn.get("role").is_some() && turn.get("content").is_some())
        && !row.contains_key("messages")
}

/// Answers that are each rated, with the models that gave them.
fn rated(row: &Map<String, Value>) -> Option<&Vec<Value>> {
    let answers = row.get("completions")?.as_array()?;
    let is_one = |answer: &Value| answer.get("response").is_some_and(Value::is_string);
    (!answers.is_empty() && answers.iter().all(is_one)).then_some(answers)
}

fn ultrafeedback(look: &Look, item: &mut Item, sink: &mut dyn Sink) -> Result<Taken, Fault> {
    item.turns = vec![Turn::new("user", look.get("instruction")?.text()?)];
    let mut scores = Vec::new();
    for (nth, answer) in look.get("completions")?.list()?.enumerate() {
        let id = format!("answer_{}", nth + 1);
        let model = answer.maybe("model").map(|model| model.id()).transpose()?;
        let turn = Turn::new("assistant", answer.get("response")?.text()?);
        item.candidates.push(Candidate { id: id.clone(), model, turns: vec![turn] });
        for key in ["overall_score", "fine-grained_score"] {
            let Some(score) = answer.maybe(key) else { continue };
            let score = rating(&score)?;
            let mut mark = about(&id, key, score);
            if key == "overall_score" {
                scores.push((score, id.clone()));
                mark.attributes = answer.rest(&[
                    "model",
                    "response",
                    "overall_score",
                    "fine-grained_score",
                    "annotations",
                ]);
            }
            item.marks.push(mark);
        }
        let Some(questions) = answer.maybe("annotations") else { continue };
        for name in questions.map()?.keys() {
            let Some(opinion) = questions.maybe(name) else { continue };
            let number = opinion.maybe("Rating").and_then(|number| rating(&number).ok());
            let Some(number) = number else {
                match opinion.value {
                    Value::Object(_) => opinion.lose_rest(&[], sink),
                    _ => sink.lose("field_not_read", opinion.path.clone()),
                }
                continue;
            };
            let mut mark = about(&id, name, number);
            mark.attributes = opinion.rest(&["Rating"]);
            item.marks.push(mark);
        }
    }
    order(item, scores);
    Ok(&["instruction", "completions", "models"])
}

/// What has the higher score is better; what has the same is as good.
fn order(item: &mut Item, mut scores: Vec<(f64, String)>) {
    if scores.len() < 2 || scores.len() < item.candidates.len() {
        return;
    }
    scores.sort_by(|one, other| other.0.total_cmp(&one.0));
    let same = scores.chunk_by(|one, next| one.0 == next.0);
    let order = same.map(|same| same.iter().map(|(_, id)| id.clone()).collect()).collect();
    item.marks.push(Mark::ranking(order));
}

fn two_answers(look: &Look, two: &Pair, item: &mut Item) -> Result<Taken, Fault> {
    item.turns = said(&look.get(two.prompt)?)?;
    for key in two.answers {
        let turns = said(&look.get(key)?)?;
        item.candidates.push(Candidate::new(key, turns));
    }
    let number = rating(&look.get(two.winner)?)?;
    let [one, other] = two.answers.map(str::to_owned);
    let order = match (two.first)(number) {
        Some(true) => vec![vec![one], vec![other]],
        Some(false) => vec![vec![other], vec![one]],
        None => vec![vec![one, other]],
    };
    let mut mark = Mark::ranking(order);
    mark.value = (two.by && number != 0.0).then_some(number.abs());
    item.marks.push(mark);
    for (key, score) in two.answers.into_iter().zip(["score_A", "score_B"]) {
        if let Some(score) = look.maybe(score) {
            item.marks.push(about(key, "score", rating(&score)?));
        }
    }
    Ok(two.taken)
}

/// Several answers with their ranks.
fn ranked(row: &Map<String, Value>) -> Option<&Vec<Value>> {
    let answers = row.get("answers")?.as_array()?;
    let is_one = |answer: &Value| {
        answer.get("answer").is_some_and(Value::is_string) && answer.get("rank").is_some()
    };
    (!answers.is_empty() && answers.iter().all(is_one)).then_some(answers)
}

fn nectar(look: &Look, item: &mut Item) -> Result<Taken, Fault> {
    item.turns = said(&look.get("prompt")?)?;
    let mut scores = Vec::new();
    for (nth, answer) in look.get("answers")?.list()?.enumerate() {
        let id = format!("answer_{}", nth + 1);
        let model = answer.maybe("model").map(|model| model.id()).transpose()?;
        let turns = vec![Turn::plain(answer.get("answer")?.text()?)];
        item.candidates.push(Candidate { id: id.clone(), model, turns });
        // The first rank is the best.
        scores.push((-rating(&answer.get("rank")?)?, id));
    }
    order(item, scores);
    Ok(&["prompt", "answers"])
}

fn summaries(look: &Look, item: &mut Item) -> Result<Taken, Fault> {
    let info = look.get("info")?;
    let text = info.maybe("post").or_else(|| info.maybe("article"));
    let text = text.map_or_else(|| info.get("post"), Ok)?;
    item.turns = vec![Turn::plain(text.text()?)];
    for (nth, summary) in look.get("summaries")?.list()?.enumerate() {
        let model = summary.maybe("policy").map(|policy| policy.id()).transpose()?;
        let turns = vec![Turn::plain(summary.get("text")?.text()?)];
        item.candidates.push(Candidate { id: format!("summary_{}", nth + 1), model, turns });
    }
    let choice = look.get("choice")?;
    let best = usize::try_from(choice.offset()?).unwrap_or(usize::MAX);
    let ids = || item.candidates.iter().map(|candidate| candidate.id.clone()).enumerate();
    let (first, others): (Vec<_>, Vec<_>) = ids().partition(|(nth, _)| *nth == best);
    if first.is_empty() {
        let message = format!("`choice` is {best}: there are {} summaries", item.candidates.len());
        return Err(Fault::new(&choice.path, Code::OutOfRange, message));
    }
    let names = |some: Vec<(usize, String)>| some.into_iter().map(|(_, id)| id).collect();
    let mut mark = Mark::ranking(vec![names(first), names(others)]);
    mark.by = look.maybe("worker").map(|who| who.id()).transpose()?;
    item.marks.push(mark);
    item.metadata = info.rest(&["post", "article"]);
    Ok(&["info", "summaries", "choice", "worker"])
}

fn webgpt(look: &Look, item: &mut Item) -> Result<Taken, Fault> {
    let question = look.get("question")?;
    let question = question.maybe("full_text").unwrap_or(question);
    item.turns = vec![Turn::new("user", question.text()?)];
    let mut scores = Vec::new();
    for (key, score) in [("answer_0", "score_0"), ("answer_1", "score_1")] {
        let turn = Turn::new("assistant", look.get(key)?.text()?);
        item.candidates.push(Candidate::new(key, vec![turn]));
        let score = rating(&look.get(score)?)?;
        item.marks.push(about(key, "score", score));
        scores.push((score, key.to_owned()));
    }
    order(item, scores);
    Ok(&["question", "answer_0", "answer_1", "score_0", "score_1"])
}
