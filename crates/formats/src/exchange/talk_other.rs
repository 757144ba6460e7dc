//! Conversations, compared and rated answers in the columns of well-known data sets: HelpSteer, UltraFeedback, Nectar, SHP,
//! WebGPT, SafeRLHF, summaries from feedback, pairs of Stack Exchange, OpenOrca, Dolly, GSM8K; and in the rows that other
//! trainers take: Gemini's tuning, axolotl's segments, XTuner, distilabel.

use serde_json::{Map, Value, json};

use super::look::Look;
use super::talk_read::{TURNS_MAX, pair, rating, said, yes};
use super::{Candidate, Format, Item, Mark, Sink, Talk, Turn, table};
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
        () if is_gemini(row) && has("completions") => Format::TrlPreference,
        () if is_gemini(row) || is_segments(row) || is_rounds(row) => Format::TrlSft,
        () if text("instruction") && generations(row) => Format::UltraFeedback,
        () if text("instruction") && text("generation") => Format::TrlCompletion,
        () if PAIRS.iter().any(|pair| pair.is_in(row)) => Format::TrlPreference,
        () if has("prompt") && ranked(row).is_some() => Format::TrlPreference,
        () if has("summaries") && has("choice") && has("info") => Format::TrlPreference,
        () if has("answer_0") && has("answer_1") && has("score_0") => Format::TrlPreference,
        () if text("question") && text("response_j") && text("response_k") => Format::TrlPreference,
        () if text("chosen") && text("rejected") && before(row).is_some() => Format::TrlPreference,
        () if turns(row) => Format::TrlSft,
        () if text("instruction") && text("response") => Format::Alpaca,
        () if answered(row).is_some() => Format::TrlCompletion,
        () if in_and_out(row).is_some() => Format::TrlSft,
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
    if is_gemini(row) {
        return gemini(look, item).map(Some);
    }
    if is_segments(row) {
        return segments(&look.get("segments")?, item).map(Some);
    }
    if is_rounds(row) {
        return rounds(&look.get("conversation")?, item).map(Some);
    }
    let asked = look.maybe("instruction").is_some_and(|text| text.value.is_string());
    if asked && generations(row) {
        return distilabel(look, item).map(Some);
    }
    if asked && look.maybe("generation").is_some_and(|text| text.value.is_string()) {
        system(look, item)?;
        item.turns.push(Turn::new("user", look.get("instruction")?.text()?));
        let turns = vec![Turn::new("assistant", look.get("generation")?.text()?)];
        let model = look.maybe("model_name").map(|model| model.id()).transpose()?;
        item.candidates = vec![Candidate { id: "completion".into(), model, turns }];
        return Ok(Some(&["system", "system_prompt", "instruction", "generation", "model_name"]));
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

/// What goes in and what comes out, in one text each, and nothing by which a table is known. Google's older tunings name
/// both otherwise.
pub(super) fn in_and_out(row: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    const BESIDE: [&str; 8] = [
        "instruction",
        "prompt",
        "messages",
        "conversations",
        "question",
        "context",
        "chosen",
        "rejected",
    ];
    let text = |key: &str| row.get(key).is_some_and(Value::is_string);
    let pairs = [("input", "output"), ("text_input", "output"), ("input_text", "output_text")];
    let found = pairs.into_iter().find(|(asked, answered)| text(asked) && text(answered))?;
    // The id of a row says nothing about what is in it.
    let names: Vec<&str> =
        row.keys().map(|key| &key[..]).filter(|key| !table::ID.contains(key)).collect();
    let other = table::is_header(&names) || BESIDE.iter().any(|key| row.contains_key(*key));
    (!other).then_some(found)
}

/// Reads a row that is of these alone; none where it is not.
pub(super) fn asked_and_answered(look: &Look, item: &mut Item) -> Result<Option<Taken>, Fault> {
    let Some((asked, answered)) = look.value.as_object().and_then(in_and_out) else {
        return Ok(None);
    };
    system(look, item)?;
    item.turns.push(Turn::new("user", look.get(asked)?.text()?));
    item.turns.push(Turn::new("assistant", look.get(answered)?.text()?));
    Ok(Some(match asked {
        "input" => &["system", "system_prompt", "input", "output"],
        "text_input" => &["system", "system_prompt", "text_input", "output"],
        _ => &["system", "system_prompt", "input_text", "output_text"],
    }))
}

fn first_of<'a>(row: &'a Map<String, Value>, key: &str) -> Option<&'a Map<String, Value>> {
    row.get(key)?.as_array()?.first()?.as_object()
}

fn is_gemini(row: &Map<String, Value>) -> bool {
    first_of(row, "contents").and_then(|turn| turn.get("parts")).is_some_and(Value::is_array)
}

/// What Gemini is tuned with: `contents` with their parts, what it is told beforehand, and perhaps two answers with their
/// scores.
fn gemini(look: &Look, item: &mut Item) -> Result<Taken, Fault> {
    for key in ["systemInstruction", "system_instruction"] {
        match look.maybe(key) {
            Some(told) if told.value.is_string() => {
                item.turns.push(Turn::new("system", told.text()?));
            }
            Some(told) => {
                let turn = content(&told)?;
                item.turns.push(Turn { role: "system".into(), ..turn });
            }
            None => {}
        }
    }
    for turn in look.get("contents")?.list()? {
        item.turns.push(content(&turn)?);
    }
    if item.turns.len() > TURNS_MAX {
        return Err(look.get("contents")?.range(&format!("has more than {TURNS_MAX} messages")));
    }
    let mut scores = Vec::new();
    for (nth, answer) in look.entries("completions")?.enumerate() {
        let id = format!("answer_{}", nth + 1);
        let said = answer.get("completion")?;
        let turn = match said.value {
            Value::String(text) => Turn::new("assistant", text.as_str()),
            _ => Turn { role: "assistant".into(), ..content(&said)? },
        };
        item.candidates.push(Candidate::new(&id, vec![turn]));
        if let Some(score) = answer.maybe("score") {
            let score = rating(&score)?;
            item.marks.push(about(&id, "score", score));
            scores.push((score, id));
        }
    }
    order(item, scores);
    Ok(&["systemInstruction", "system_instruction", "contents", "completions"])
}

/// A message in parts. One text is what is said; other parts are kept as the parts of its content.
fn content(look: &Look) -> Result<Turn, Fault> {
    let role = match look.maybe("role").map(|role| role.text()).transpose()? {
        None | Some("") => "user",
        Some("model") => "assistant",
        Some("function") => "tool",
        Some(role) => role,
    };
    let mut turn =
        Turn { role: role.into(), more: look.rest(&["role", "parts"]), ..Turn::default() };
    parts(&look.get("parts")?, &mut turn)?;
    Ok(turn)
}

/// What is said in parts that tell by their keys what they are: one text, or the parts of a content.
pub(super) fn parts(list: &Look, turn: &mut Turn) -> Result<(), Fault> {
    let mut parts = Vec::new();
    for part in list.list()? {
        let mut facts = part.map()?.clone();
        let kind = facts.keys().find(|key| !["thought", "thoughtSignature"].contains(&&key[..]));
        let kind = kind.ok_or_else(|| part.range("is empty: give a text"))?.clone();
        if kind == "text" {
            part.get("text")?.text()?;
        }
        facts.entry("type").or_insert_with(|| kind.into());
        parts.push(Value::Object(facts));
    }
    match &parts[..] {
        [] => return Err(list.range("is empty: give a part")),
        [Value::Object(only)] if only.len() == 2 && only["type"] == "text" => {
            turn.text = only["text"].as_str().map(str::to_owned);
        }
        _ => {
            turn.more.insert("content".into(), json!(parts));
        }
    }
    Ok(())
}

fn is_segments(row: &Map<String, Value>) -> bool {
    first_of(row, "segments").is_some_and(|first| {
        first.get("label").is_some_and(Value::is_boolean)
            && first.get("text").is_some_and(Value::is_string)
    })
}

/// A text in axolotl's segments: what is learnt is what the model says, the rest is what it is given.
fn segments(list: &Look, item: &mut Item) -> Result<Taken, Fault> {
    for segment in list.list()? {
        if item.turns.len() >= TURNS_MAX {
            return Err(list.range(&format!("has more than {TURNS_MAX} segments")));
        }
        let role = if yes(&segment.get("label")?)? { "assistant" } else { "user" };
        let turn = Turn::new(role, segment.get("text")?.text()?);
        item.turns.push(Turn { more: segment.rest(&["label", "text"]), ..turn });
    }
    Ok(&["segments"])
}

/// What XTuner and MOSS call what goes in and what comes out.
const ROUNDS: [[&str; 2]; 2] = [["input", "output"], ["human", "assistant"]];

fn is_rounds(row: &Map<String, Value>) -> bool {
    first_of(row, "conversation").is_some_and(|first| {
        ROUNDS.iter().any(|names| names.iter().all(|name| first.contains_key(*name)))
            && !first.contains_key("role")
    }) && !row.contains_key("messages")
}

/// Rounds of what goes in and what comes out; a text by itself has nothing that goes in.
fn rounds(list: &Look, item: &mut Item) -> Result<Taken, Fault> {
    for round in list.list()? {
        if item.turns.len() >= TURNS_MAX {
            return Err(list.range(&format!("has more than {TURNS_MAX} messages")));
        }
        let other = round.maybe(ROUNDS[1][1]).is_some();
        let [asked, answered] = ROUNDS[usize::from(other)];
        for (key, role) in [("system", "system"), (asked, "user")] {
            let said = round.maybe(key).map(|said| said.text()).transpose()?;
            if let Some(said) = said.filter(|said| !said.is_empty()) {
                item.turns.push(Turn::new(role, said));
            }
        }
        let turn = Turn::new("assistant", round.get(answered)?.text()?);
        item.turns.push(Turn { more: round.rest(&["system", asked, answered]), ..turn });
    }
    Ok(&["conversation"])
}

/// Whether several answers are rated, in lists beside one another.
fn generations(row: &Map<String, Value>) -> bool {
    let list = |key: &str| row.get(key).and_then(Value::as_array);
    list("generations").is_some_and(|answers| !answers.is_empty()) && list("ratings").is_some()
}

/// distilabel's answers with what a judge said of each; one that could not be judged has no rating.
fn distilabel(look: &Look, item: &mut Item) -> Result<Taken, Fault> {
    system(look, item)?;
    item.turns.push(Turn::new("user", look.get("instruction")?.text()?));
    let listed = |key: &str| -> Result<Vec<Look>, Fault> { Ok(look.entries(key)?.collect()) };
    let (ratings, reasons) = (listed("ratings")?, listed("rationales")?);
    let answers = listed("generations")?;
    if ratings.len() != answers.len() {
        let message = format!(
            "has {} ratings for {} generations: give one each",
            ratings.len(),
            answers.len()
        );
        return Err(look.get("ratings")?.range(&message));
    }
    let models = match listed("generation_models")? {
        models if models.is_empty() => listed("model_names")?,
        models => models,
    };
    let mut scores = Vec::new();
    for (nth, answer) in answers.into_iter().enumerate() {
        let id = format!("answer_{}", nth + 1);
        let named = models.get(nth).filter(|model| !model.value.is_null());
        let model = named.map(|model| model.id()).transpose()?;
        let turns = match answer.value {
            Value::Null => Vec::new(),
            _ => vec![Turn::new("assistant", answer.text()?)],
        };
        item.candidates.push(Candidate { id: id.clone(), model, turns });
        if ratings[nth].value.is_null() {
            continue;
        }
        let score = rating(&ratings[nth])?;
        let mut mark = about(&id, "rating", score);
        if let Some(reason) = reasons.get(nth).filter(|reason| !reason.value.is_null()) {
            mark.attributes.insert("rationale".into(), reason.value.clone());
        }
        item.marks.push(mark);
        scores.push((score, id));
    }
    order(item, scores);
    Ok(&[
        "system",
        "system_prompt",
        "instruction",
        "generations",
        "ratings",
        "rationales",
        "generation_models",
        "model_names",
    ])
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
