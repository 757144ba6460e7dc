//! Conversations and preferences, told apart by their fields: TRL (messages, prompt and completion, preference with
//! or without a prompt, unpaired, stepwise, prompt alone), OpenAI's fine-tuning files, ShareGPT, Alpaca, dialogues
//! with `\n\nHuman:`, and votes of an arena. The tables may be JSON lines, a JSON list, CSV or Parquet.

use serde_json::{Map, Value};

use super::look::Look;
use super::rows::{Row, each};
use super::talk::shared;
use super::{
    Candidate, Item, Mark, ReadError, Sink, Source, Talk, Turn, argilla_other, oasst, talk_other,
};
use crate::json;
use crate::row::{Code, Fault};

/// What of a conversation one row may have.
pub(super) const TURNS_MAX: usize = 10_000;

/// Reads rows of any of these kinds; where a row is of none, `wanted` is what it is told to lack.
pub(super) fn read(
    source: &mut Source,
    sink: &mut dyn Sink,
    wanted: &'static str,
) -> Result<(), ReadError> {
    each(source, sink, &mut |row, sink| item(row, wanted, sink))
}

pub(super) fn item(row: &Row, wanted: &str, sink: &mut dyn Sink) -> Result<Item, Fault> {
    let look = &row.look;
    look.map()?;
    let mut item = Item { name: format!("row_{}", row.nth), ..Item::default() };
    let has = |key: &str| look.maybe(key).is_some();
    let taken: &[&str] = if let Some(taken) = talk_other::item(look, &mut item, sink)? {
        taken
    } else if has("chosen") || has("rejected") {
        if has("conversations") {
            sharegpt(look, &mut item)?
        } else if has("instruction") && !has("prompt") {
            alpaca_preference(look, &mut item)?
        } else if has("messages") && !has("prompt") && is_one_message(&look.get("chosen")?) {
            item.turns = said(&look.get("messages")?)?;
            let told = told_apart(look, &mut item)?;
            let good = said(&look.get("chosen")?)?;
            pair(&mut item, good, said(&look.get("rejected")?)?);
            if told {
                &["system", "messages", "chosen", "rejected"]
            } else {
                &["messages", "chosen", "rejected"]
            }
        } else {
            preference(look, &mut item)?
        }
    } else if has("completions") {
        stepwise(look, &mut item)?
    } else if has("completion") || has("prompt") && has("response") {
        completion(look, &mut item)?
    } else if has("preferred_output") || has("non_preferred_output") {
        openai_preference(look, &mut item)?
    } else if has("messages") {
        messages(look, &mut item)?
    } else if has("conversations") {
        sharegpt(look, &mut item)?
    } else if has("conversation_a") || has("response_a") || has("winner") || has("model_a") {
        if has("winner") || !has(VOTES[0]) {
            vote(look, &mut item)?
        } else {
            vote_in_columns(look, &mut item)?
        }
    } else if has("instruction") {
        alpaca(look, &mut item)?
    } else if has("prompt") && wanted == "prompt" {
        item.turns = said(&look.get("prompt")?)?;
        &["prompt"]
    } else if matches!(wanted, "messages" | "text")
        && let Some(taken) = talk_other::asked_and_answered(look, &mut item)?
    {
        // Of a row of Alpaca it would be the half.
        taken
    } else if has("text") && wanted == "messages" {
        item.turns = said(&look.get("text")?)?;
        &["text"]
    } else {
        return Err(look.get(wanted).err().unwrap_or_else(|| look.range("says nothing")));
    };
    item.id = look.maybe("id").map(|id| id.id()).transpose()?;
    for (key, value) in look.map()? {
        if key != "id" && !taken.contains(&key.as_str()) && !value.is_null() {
            item.metadata.insert(key.clone(), value.clone());
        }
    }
    Ok(item)
}

fn is_one_message(look: &Look) -> bool {
    look.value.is_object() || look.value.as_array().is_some_and(|list| list.len() == 1)
}

/// A text, a message, or a list of messages.
pub(super) fn said(look: &Look) -> Result<Vec<Turn>, Fault> {
    match look.value {
        Value::String(text) => Ok(vec![Turn::plain(text.as_str())]),
        Value::Object(_) => Ok(vec![message(look, Parts::Typed)?]),
        Value::Array(list) if list.is_empty() => Err(look.range("is empty: give a message")),
        Value::Array(list) if list.len() > TURNS_MAX => {
            Err(look.range(&format!("has more than {TURNS_MAX} messages")))
        }
        Value::Array(list) => {
            // Bedrock has parts in each of its messages; elsewhere one that does not say its type is wrong.
            let in_parts = |message: &Value| {
                let parts = message.get("content").and_then(Value::as_array);
                parts.is_some_and(|parts| !parts.is_empty() && parts.iter().all(is_bedrock))
            };
            let parts = if list.iter().all(in_parts) { Parts::Bare } else { Parts::Typed };
            look.list()?.map(|look| message(&look, parts)).collect()
        }
        _ => {
            look.text()?;
            Ok(Vec::new())
        }
    }
}

/// Whether a part says what it is by its only key, as Bedrock's do.
fn is_bedrock(part: &Value) -> bool {
    const KINDS: [&str; 6] = ["text", "image", "document", "video", "toolUse", "toolResult"];
    part.as_object()
        .is_some_and(|part| part.len() == 1 && part.keys().all(|key| KINDS.contains(&&key[..])))
}

/// How the parts of a content say what they are: by their `type`, or by their only key.
#[derive(Clone, Copy, PartialEq)]
enum Parts {
    Typed,
    Bare,
}

fn message(look: &Look, parts: Parts) -> Result<Turn, Fault> {
    let foreign = look.maybe("from").filter(|_| look.maybe("role").is_none());
    let has = |key: &str| look.maybe(key).is_some();
    // Some have the one's name for who it was, and the other's for what was said.
    let what = match foreign {
        Some(_) if has("value") || !has("content") => "value",
        None if has("value") && !has("content") => "value",
        _ => "content",
    };
    let is_foreign = foreign.is_some() || what == "value";
    let who = foreign.map_or_else(|| look.get("role"), Ok)?;
    let role = match who.text()? {
        "" => return Err(who.range("is empty: give user, assistant, system or tool")),
        "human" if is_foreign => "user",
        "gpt" | "chatgpt" | "bing" | "bard" if is_foreign => "assistant",
        "observation" if is_foreign => "tool",
        // As Cohere calls them.
        "System" => "system",
        "User" => "user",
        "Chatbot" => "assistant",
        role => role,
    };
    let mut turn = Turn { role: role.into(), ..Turn::default() };
    for (key, value) in look.map()? {
        if !matches!(key.as_str(), "role" | "from" | "content" | "value") && !value.is_null() {
            turn.more.insert(key.clone(), value.clone());
        }
    }
    match look.maybe(what) {
        Some(content) if content.value.is_array() => {
            if parts == Parts::Bare {
                talk_other::parts(&content, &mut turn)?;
                return Ok(turn);
            }
            for part in content.list()? {
                part.map()?;
                part.get("type")?.text()?;
            }
            turn.more.insert("content".into(), content.value.clone());
        }
        Some(content) => turn.text = Some(content.text()?.into()),
        // A message that only calls tools, or refuses, has no content.
        None if turn.more.is_empty() => {
            look.get(what)?;
        }
        None => {}
    }
    Ok(turn)
}

pub(super) fn yes(look: &Look) -> Result<bool, Fault> {
    match look.value {
        Value::Bool(yes) => Ok(*yes),
        Value::Number(number) if number.as_i64() == Some(1) => Ok(true),
        Value::Number(number) if number.as_i64() == Some(0) => Ok(false),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => {
            let message = format!("`{}` must be true or false", look.path);
            Err(Fault::new(&look.path, Code::WrongType, message))
        }
    }
}

/// A number, or the cell of CSV that holds one.
pub(super) fn rating(look: &Look) -> Result<f64, Fault> {
    match look.value.as_str().and_then(|text| text.trim().parse::<f64>().ok()) {
        Some(number) if number.is_finite() => Ok(number),
        Some(_) => Err(look.range("is not finite")),
        None => look.number(),
    }
}

pub(super) fn pair(item: &mut Item, chosen: Vec<Turn>, rejected: Vec<Turn>) {
    item.candidates = vec![Candidate::new("chosen", chosen), Candidate::new("rejected", rejected)];
    item.marks.push(Mark::ranking(vec![vec!["chosen".into()], vec!["rejected".into()]]));
}

fn preference(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    let (chosen, rejected) = (look.get("chosen")?, look.get("rejected")?);
    let (mut good, mut bad) = (said(&chosen)?, said(&rejected)?);
    for turns in [&mut good, &mut bad] {
        if let [Turn { role, text: Some(text), .. }] = &turns[..]
            && role.is_empty()
            && text.starts_with(HUMAN)
        {
            *turns = dialogue(text);
        }
    }
    // OpenRLHF has a name of its own for it.
    let before = look.maybe("prompt").or_else(|| look.maybe("context_messages"));
    let prompt = before.map(|prompt| said(&prompt)).transpose()?;
    let common = if let ([good], [bad]) = (&mut good[..], &mut bad[..])
        && good.is_plain()
        && bad.is_plain()
    {
        if prompt.is_none() { split(good, bad).into_iter().collect() } else { Vec::new() }
    } else {
        // Whatever is the same in both was said before; an answer remains of each.
        let most = good.len().min(bad.len()) - 1;
        let common = shared(&good, &bad).min(most);
        bad.drain(..common);
        good.drain(..common).collect()
    };
    item.turns = match prompt {
        // Some files repeat the prompt at the beginning of both.
        Some(prompt) if common.is_empty() || repeats(&prompt, &common) => {
            if common.is_empty() {
                prompt
            } else {
                common
            }
        }
        Some(mut prompt) => {
            prompt.extend(common);
            prompt
        }
        None => common,
    };
    pair(item, good, bad);
    for (key, id) in [("score_chosen", "chosen"), ("score_rejected", "rejected")] {
        if let Some(score) = look.maybe(key) {
            let mark = Mark::talk("", Talk::Candidate(id.into()));
            item.marks.push(Mark { value: Some(rating(&score)?), ..mark });
        }
    }
    if let Some(margin) = look.maybe("margin") {
        item.marks[0].value = Some(rating(&margin)?);
    }
    // Beside a prompt, the context is another column.
    Ok(match look.maybe("prompt") {
        Some(_) => &["prompt", "chosen", "rejected", "score_chosen", "score_rejected", "margin"],
        None => {
            &["context_messages", "chosen", "rejected", "score_chosen", "score_rejected", "margin"]
        }
    })
}

fn repeats(prompt: &[Turn], common: &[Turn]) -> bool {
    let last = common.last();
    prompt == common
        || matches!(prompt, [turn] if turn.is_plain() && last.is_some_and(|last| last.text == turn.text))
}

/// What two texts begin with is their prompt; the space behind it belongs to the answers.
fn split(good: &mut Turn, bad: &mut Turn) -> Option<Turn> {
    let (Some(a), Some(b)) = (&mut good.text, &mut bad.text) else { return None };
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    let mut length: usize = same.map(|(a, _)| a.len_utf8()).sum();
    if a[..length].ends_with(' ') {
        length -= 1;
    }
    let prompt = a[..length].to_owned();
    a.drain(..length);
    b.drain(..length);
    (length > 0).then(|| Turn::plain(prompt))
}

fn completion(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    item.turns = said(&look.get("prompt")?)?;
    let answer = look.maybe("completion").or_else(|| look.maybe("response"));
    let answer = answer.map_or_else(|| look.get("completion"), Ok)?;
    item.candidates = vec![Candidate::new("completion", said(&answer)?)];
    if let Some(label) = look.maybe("label") {
        let class = if yes(&label)? { "desirable" } else { "undesirable" };
        item.marks.push(Mark::talk(class, Talk::Candidate("completion".into())));
    }
    talk_other::ratings(look, item)?;
    if !item.marks.is_empty() && look.maybe("completion").is_none() && look.maybe("label").is_none()
    {
        return Ok(talk_other::RATED);
    }
    // Where both are there, the response is another column.
    Ok(match look.maybe("completion") {
        Some(_) => &["prompt", "completion", "label"],
        None => &["prompt", "response", "label"],
    })
}

fn stepwise(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    item.turns = said(&look.get("prompt")?)?;
    let (steps, labels) = (look.get("completions")?, look.get("labels")?);
    let mut turns = Vec::new();
    for step in steps.list()? {
        turns.push(Turn::plain(step.text()?));
    }
    let labels: Vec<Look> = labels.list()?.collect();
    if labels.len() != turns.len() || turns.len() > TURNS_MAX {
        let message =
            format!("has {} labels for {} completions: give one each", labels.len(), turns.len());
        return Err(look.get("labels")?.range(&message));
    }
    item.candidates = vec![Candidate::new("steps", turns)];
    for (at, label) in labels.iter().enumerate() {
        let class = if yes(label)? { "correct" } else { "incorrect" };
        let place = Talk::Turn { of: Some("steps".into()), at: at as u64 };
        item.marks.push(Mark::talk(class, place));
    }
    Ok(&["prompt", "completions", "labels"])
}

fn openai_preference(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    let input = look.get("input")?;
    item.turns = said(&input.get("messages")?)?;
    let good = said(&look.get("preferred_output")?)?;
    pair(item, good, said(&look.get("non_preferred_output")?)?);
    for (key, value) in input.map()? {
        if key != "messages" && !value.is_null() {
            item.metadata.insert(key.clone(), value.clone());
        }
    }
    Ok(&["input", "preferred_output", "non_preferred_output"])
}

/// What is told beforehand, where it stands beside the messages and not among them: a text, or Bedrock's parts.
fn told_apart(look: &Look, item: &mut Item) -> Result<bool, Fault> {
    let Some(told) = look.maybe("system") else { return Ok(false) };
    if item.turns.first().is_some_and(|turn| turn.role == "system") {
        return Ok(false);
    }
    let mut turn = Turn { role: "system".into(), ..Turn::default() };
    match told.value {
        Value::String(text) if text.is_empty() => return Ok(true),
        Value::String(text) => turn.text = Some(text.clone()),
        Value::Array(parts) if !parts.is_empty() && parts.iter().all(is_bedrock) => {
            talk_other::parts(&told, &mut turn)?;
        }
        _ => return Ok(false),
    }
    item.turns.insert(0, turn);
    Ok(true)
}

/// Messages, of which the last may be judged, or have a worse one beside it.
fn messages(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    item.turns = said(&look.get("messages")?)?;
    // What was taken of it is no longer metadata.
    let told = told_apart(look, item)?;
    let taken = |all: &'static [&'static str]| if told { all } else { &all[1..] };
    if item.turns.last().is_none_or(|turn| turn.role != "assistant") {
        return Ok(taken(&["system", "messages"]));
    }
    if let Some(worse) = look.maybe("rejected_response") {
        let worse = match worse.value {
            Value::String(text) => vec![Turn::new("assistant", text.as_str())],
            _ => said(&worse)?,
        };
        let answer = item.turns.pop().into_iter().collect();
        pair(item, answer, worse);
        return Ok(taken(&["system", "messages", "rejected_response"]));
    }
    if let Some(wanted) = look.maybe("label").filter(|label| label.value.is_boolean()) {
        judged(&wanted, item)?;
        return Ok(taken(&["system", "messages", "label"]));
    }
    Ok(taken(&["system", "messages"]))
}

/// Says whether the last of the turns is wanted.
fn judged(wanted: &Look, item: &mut Item) -> Result<(), Fault> {
    let class = if yes(wanted)? { "desirable" } else { "undesirable" };
    if let Some(answer) = item.turns.pop() {
        item.candidates = vec![Candidate::new("completion", vec![answer])];
        item.marks.push(Mark::talk(class, Talk::Candidate("completion".into())));
    }
    Ok(())
}

fn sharegpt(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    if let Some(system) = look.maybe("system") {
        item.turns.push(Turn::new("system", system.text()?));
    }
    item.turns.extend(said(&look.get("conversations")?)?);
    // LLaMA-Factory says so whether the last answer is wanted.
    if let Some(wanted) = look.maybe("kto_tag") {
        judged(&wanted, item)?;
    }
    if look.maybe("chosen").is_some() || look.maybe("rejected").is_some() {
        let good = said(&look.get("chosen")?)?;
        pair(item, good, said(&look.get("rejected")?)?);
    }
    Ok(&["system", "conversations", "chosen", "rejected", "kto_tag"])
}

fn alpaca(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    asked(look, item)?;
    item.turns.push(Turn::new("assistant", look.get("output")?.text()?));
    if let Some(wanted) = look.maybe("kto_tag") {
        judged(&wanted, item)?;
    }
    Ok(&["system", "history", "instruction", "input", "output", "kto_tag"])
}

/// Two answers to one instruction, of which the first is better.
fn alpaca_preference(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    asked(look, item)?;
    let answer = |key: &str| Ok(vec![Turn::new("assistant", look.get(key)?.text()?)]);
    let good = answer("chosen")?;
    pair(item, good, answer("rejected")?);
    Ok(&["system", "history", "instruction", "input", "chosen", "rejected"])
}

/// The input, if there is one, is a paragraph behind the instruction; that it was apart is kept.
fn asked(look: &Look, item: &mut Item) -> Result<(), Fault> {
    if let Some(system) = look.maybe("system") {
        item.turns.push(Turn::new("system", system.text()?));
    }
    if let Some(history) = look.maybe("history") {
        for pair in history.list()? {
            let both: Vec<Look> = pair.list()?.collect();
            let [asked, answered] = &both[..] else {
                return Err(pair.range("is not a question and an answer"));
            };
            item.turns.push(Turn::new("user", asked.text()?));
            item.turns.push(Turn::new("assistant", answered.text()?));
        }
    }
    let mut asked = look.get("instruction")?.text()?.to_owned();
    if let Some(input) = look.maybe("input")
        && !input.text()?.is_empty()
    {
        asked = format!("{asked}\n\n{}", input.text()?);
        item.metadata.insert("input".into(), input.value.clone());
    }
    item.turns.push(Turn::new("user", asked));
    Ok(())
}

pub(super) const HUMAN: &str = "\n\nHuman:";
pub(super) const ASSISTANT: &str = "\n\nAssistant:";

/// A dialogue in one text, as the helpful-and-harmless data has it.
fn dialogue(text: &str) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (role, after) = match (rest.strip_prefix(HUMAN), rest.strip_prefix(ASSISTANT)) {
            (Some(after), _) => ("user", after),
            (None, Some(after)) => ("assistant", after),
            (None, None) => break,
        };
        let next = [HUMAN, ASSISTANT].iter().filter_map(|mark| after.find(mark)).min();
        let (words, behind) = after.split_at(next.unwrap_or(after.len()));
        turns.push(Turn::new(role, words.strip_prefix(' ').unwrap_or(words)));
        rest = behind;
    }
    turns
}

/// A vote of an arena: two models, what each said, and which of them won.
fn vote(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    let mut both = Vec::new();
    for (id, conversation, response, model) in [
        ("a", "conversation_a", "response_a", "model_a"),
        ("b", "conversation_b", "response_b", "model_b"),
    ] {
        let turns = match look.maybe(conversation).or_else(|| look.maybe(response)) {
            Some(turns) => said(&turns)?,
            None => Vec::new(),
        };
        let model = Some(look.get(model)?.text()?.to_owned());
        both.push(Candidate { id: id.into(), model, turns });
    }
    if let Some(prompt) = look.maybe("prompt") {
        item.turns = said(&prompt)?;
    } else if let [a, b] = &mut both[..] {
        let common = shared(&a.turns, &b.turns);
        b.turns.drain(..common);
        item.turns = a.turns.drain(..common).collect();
    }
    item.candidates = both;
    let winner = look.get("winner")?;
    let (a, b) = ("a".to_owned(), "b".to_owned());
    let (order, all_bad) = match winner.text()? {
        "model_a" => (vec![vec![a], vec![b]], false),
        "model_b" => (vec![vec![b], vec![a]], false),
        "tie" => (vec![vec![a, b]], false),
        "both_bad" | "tie (bothbad)" | "bothbad" => (vec![vec![a, b]], true),
        other => {
            let other: String = other.chars().take(40).collect();
            let message = format!("`winner` is “{other}”: give model_a, model_b, tie or both_bad");
            return Err(Fault::new(&winner.path, Code::UnknownValue, message));
        }
    };
    let mut mark = Mark::talk("", Talk::Ranking { order, all_bad });
    mark.by = look.maybe("judge").map(|judge| judge.id()).transpose()?;
    item.marks.push(mark);
    Ok(&[
        "conversation_a",
        "conversation_b",
        "response_a",
        "response_b",
        "model_a",
        "model_b",
        "prompt",
        "winner",
        "judge",
    ])
}

/// Where Kaggle's arena says who won: a 1 in one of these.
const VOTES: [&str; 3] = ["winner_model_a", "winner_model_b", "winner_tie"];

/// A vote as Kaggle's arena has it: what was asked and answered are lists in JSON.
fn vote_in_columns(look: &Look, item: &mut Item) -> Result<&'static [&'static str], Fault> {
    let prompts = listed(&look.get("prompt")?)?;
    for (id, response, model) in [("a", "response_a", "model_a"), ("b", "response_b", "model_b")] {
        let response = look.get(response)?;
        let answers = listed(&response)?;
        if answers.len() != prompts.len() {
            let message = format!("has {} answers to {} prompts", answers.len(), prompts.len());
            return Err(response.range(&message));
        }
        let mut turns = Vec::new();
        for (prompt, answer) in prompts.iter().zip(answers) {
            turns.push(Turn::new("user", prompt.as_str()));
            turns.push(Turn::new("assistant", answer));
        }
        // The first prompt is what both go on from.
        item.turns = turns.drain(..1).collect();
        let model = Some(look.get(model)?.text()?.to_owned());
        item.candidates.push(Candidate { id: id.into(), model, turns });
    }
    let mut votes = [false; 3];
    for (vote, key) in votes.iter_mut().zip(VOTES) {
        let cell = look.maybe(key).map(|cell| rating(&cell)).transpose()?;
        *vote = cell == Some(1.0);
    }
    let (a, b) = ("a".to_owned(), "b".to_owned());
    let order = match votes {
        [true, false, false] => vec![vec![a], vec![b]],
        [false, true, false] => vec![vec![b], vec![a]],
        [false, false, true] => vec![vec![a, b]],
        _ => {
            let message = format!("exactly one of {} must be 1", VOTES.join(", "));
            return Err(Fault::new(VOTES[0], Code::UnknownValue, message));
        }
    };
    item.marks.push(Mark::ranking(order));
    Ok(&[
        "prompt",
        "response_a",
        "response_b",
        "model_a",
        "model_b",
        "winner_model_a",
        "winner_model_b",
        "winner_tie",
    ])
}

/// Texts in a list, which a cell holds as JSON; an answer that never came is empty.
fn listed(look: &Look) -> Result<Vec<String>, Fault> {
    let parsed;
    let list = match look.value.as_str() {
        Some(cell) => {
            parsed = json::parse(cell.as_bytes())
                .map_err(|_| look.range("is no list of texts in JSON"))?;
            Look::new(&parsed, &look.path)
        }
        None => look.clone(),
    };
    let texts: Vec<String> = list
        .list()?
        .map(|text| if text.value.is_null() { Ok(String::new()) } else { Ok(text.text()?.into()) })
        .collect::<Result<_, Fault>>()?;
    match texts.len() {
        0 => Err(look.range("is empty: give a text")),
        1..=TURNS_MAX => Ok(texts),
        _ => Err(look.range(&format!("has more than {TURNS_MAX} texts"))),
    }
}

/// Tells the format of a row by its fields.
pub(super) fn recognise(row: &Map<String, Value>) -> Option<super::Format> {
    use super::Format;
    let has = |key: &str| row.get(key).is_some_and(|value| !value.is_null());
    let starts = |key: &str, with: &str| {
        row.get(key).and_then(Value::as_str).is_some_and(|text| text.starts_with(with))
    };
    Some(match () {
        () if has("fields") && (has("responses") || has("suggestions")) => Format::Argilla,
        () if argilla_other::is_first(row) || argilla_other::is_flat(row) => Format::Argilla,
        () if oasst::is_row(row) => Format::Oasst,
        () if let Some(format) = talk_other::recognise(row) => format,
        () if has("model_a") && (has("winner") || has(VOTES[0])) => Format::Arena,
        () if has("preferred_output") => Format::OpenaiDpo,
        () if has("conversations") => Format::Sharegpt,
        () if has("instruction") && has("output") => Format::Alpaca,
        () if starts("chosen", HUMAN) && has("rejected") => Format::Hh,
        () if has("chosen") && has("rejected") => match has("prompt") {
            true => Format::TrlPreference,
            false => Format::TrlPreferenceImplicit,
        },
        () if has("prompt") && has("completions") => Format::TrlStepwise,
        () if has("prompt") && has("completion") => match has("label") {
            true => Format::TrlKto,
            false => Format::TrlCompletion,
        },
        () if has("messages") && has("rejected_response") => Format::TrlPreference,
        () if has("messages") && row.get("label").is_some_and(Value::is_boolean) => Format::TrlKto,
        () if has("messages") => Format::TrlSft,
        () if has("prompt") && row["prompt"].is_object() => return None,
        () if has("prompt") && has("response") => Format::TrlCompletion,
        // Answers that are not known by their column must not be left out.
        () if has("prompt")
            && !["text", "label", "answers", "answer", "responses", "response_a", "output"]
                .into_iter()
                .any(has) =>
        {
            Format::TrlPrompt
        }
        () => return None,
    })
}
