//! Texts, tables and preferences: what is written reads back, what is lost is told, what is wrong is named.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/tables.rs"]
mod documents;

use formats::LossReport;
use formats::exchange::{
    Candidate, Format, Found, Item, Mark, Place, ReadError, Source, Talk, Turn, convert, recognise,
};
use serde_json::{Value, json};
use std::path::Path;

fn found(path: &Path, format: Format) -> Found {
    let mut found = Found::default();
    match format.read(&mut Source::open(path).unwrap(), &mut found) {
        Ok(()) => {}
        Err(ReadError::Refused(refusal)) => found.refusals.push(refusal),
        Err(error) => panic!("{error}"),
    }
    found
}

fn read(format: Format, name: &str, text: &[u8]) -> Found {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    found(&path, format)
}

fn written(out: &Path, format: Format, found: &Found) -> LossReport {
    let mut losses = LossReport::default();
    let mut writer = format.writer(out).unwrap();
    for class in &found.classes {
        writer.class(class).unwrap();
    }
    for item in &found.items {
        writer.item(item, &mut losses).unwrap();
    }
    writer.finish(&mut losses).unwrap();
    losses
}

fn lost(losses: &LossReport) -> Vec<&'static str> {
    losses.losses.keys().copied().collect()
}

/// Each document, read, written and read again: the items are the same, and nothing is lost on the way.
#[test]
fn each_format_holds_what_it_had() {
    for (format, name, text) in documents::ALL {
        let what = format.as_str();
        let first = read(format, name, text.as_bytes());
        assert_eq!(first.refusals, [], "{what}");
        assert!(!first.items.is_empty(), "{what}");
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join(name);
        let losses = written(&out, format, &first);
        assert_eq!(lost(&losses), [""; 0], "{what}");
        let again = found(&out, format);
        assert_eq!(again.items, first.items, "{what}");
        assert_eq!(again.losses, LossReport::default(), "{what}");
        let told = recognise(&mut Source::open(&out).unwrap()).map(Format::as_str);
        assert_eq!(told, Some(what));
    }
}

/// The same through Parquet, as a data set of several parts and as one file.
#[test]
fn parquet_holds_every_table() {
    for (format, name, text) in documents::ALL {
        let by_rows = matches!(format, Format::Conllu | Format::Argilla);
        if by_rows {
            continue;
        }
        let what = format.as_str();
        let mut first = read(format, name, text.as_bytes());
        for single in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join(if single { "out.parquet" } else { "out" });
            for (nth, item) in first.items.iter_mut().enumerate() {
                item.subset = if nth == 0 { "train".into() } else { "validation".into() };
                // A bare text is no conversation in a table.
                if item.candidates.is_empty()
                    && let [Turn { role, text: Some(text), .. }] = &item.turns[..]
                    && role.is_empty()
                    && matches!(format, Format::TrlSft | Format::TrlPrompt)
                {
                    (item.text, item.turns) = (Some(text.clone()), vec![]);
                }
            }
            // Some documents have texts and lists in one column; they come back all the same.
            let mut lost = lost(&written(&out, Format::Parquet, &first));
            lost.retain(|kind| *kind != "value_as_json");
            assert_eq!(lost, [""; 0], "{what}");
            let again = found(&out, Format::Parquet);
            assert_eq!(again.refusals, [], "{what}");
            assert_eq!(again.items, first.items, "{what}");
            let told = recognise(&mut Source::open(&out).unwrap());
            assert_eq!(told, Some(Format::Parquet), "{what}");
        }
    }
}

/// Long enough to be read ahead, and for a column to go over in pieces, of texts that are there, empty or not there, alone
/// and in lists.
#[test]
fn a_long_table_is_the_same_through_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let [rows, table, back] =
        ["in.jsonl", "out.parquet", "back.jsonl"].map(|name| folder.path().join(name));
    let long = "Zürich 🏔 ".repeat(40);
    let row = |nth: u64| {
        let mut row = json!({ "id": nth.to_string(), "text": format!("{nth} {long}") });
        if !nth.is_multiple_of(3) {
            row["note"] = long.chars().take(nth as usize % 7).collect::<String>().into();
        }
        if !nth.is_multiple_of(5) {
            row["parts"] = (0..nth % 5).map(|part| format!("{nth} {part} {long}")).collect();
        }
        row
    };
    let mut text = String::new();
    for nth in 0..6_000 {
        text += &format!("{}\n", row(nth));
    }
    std::fs::write(&rows, text.replacen("\"id\":\"4000\"", "\"id\":4000x", 1)).unwrap();
    let done = convert(&rows, Format::Jsonl, &table, Format::Parquet, &mut |_, _| {}).unwrap();
    assert_eq!((done.items, done.refused), (5_999, 1));
    let done = convert(&table, Format::Parquet, &back, Format::Jsonl, &mut |_, _| {}).unwrap();
    assert_eq!((done.items, done.refused), (5_999, 0));
    let back = std::fs::read_to_string(&back).unwrap();
    let back = back.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let wanted = (0..6_000).filter(|nth| *nth != 4_000).map(row);
    for (nth, (found, wanted)) in back.zip(wanted).enumerate() {
        assert_eq!(found, wanted, "row {nth}");
    }
}

fn turn(role: &str, text: &str) -> Turn {
    Turn { role: role.into(), text: Some(text.into()), ..Turn::default() }
}

/// One preference through all formats that have a place for it.
#[test]
fn a_preference_is_the_same_in_every_dialect() {
    let candidate = |id: &str, text: &str| Candidate {
        id: id.into(),
        turns: vec![turn("assistant", text)],
        ..Candidate::default()
    };
    let order = vec![vec!["chosen".to_owned()], vec!["rejected".to_owned()]];
    let place = Place::Talk(Talk::Ranking { order, all_bad: false });
    let item = Item {
        name: "row_1".into(),
        turns: vec![turn("user", "Hi 👩‍🚀"), turn("assistant", "Yes?"), turn("user", "How?")],
        candidates: vec![candidate("chosen", "So."), candidate("rejected", "Not.\n\nAt all.")],
        marks: vec![Mark { place, ..Mark::default() }],
        ..Item::default()
    };
    let only = Found { items: vec![item], ..Found::default() };
    for format in [
        Format::TrlPreference,
        Format::TrlPreferenceImplicit,
        Format::OpenaiDpo,
        Format::Sharegpt,
        Format::Hh,
        Format::Jsonl,
        Format::Csv,
        Format::Parquet,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join(match format {
            Format::Csv => "out.csv",
            Format::Parquet => "out.parquet",
            _ => "out.jsonl",
        });
        let losses = written(&out, format, &only);
        assert_eq!(lost(&losses), [""; 0], "{}", format.as_str());
        assert_eq!(found(&out, format).items, only.items, "{}", format.as_str());
    }
    // Where only the answer to learn has a place, the other one is counted.
    for format in [Format::TrlSft, Format::TrlCompletion, Format::OpenaiSft, Format::Alpaca] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.jsonl");
        let losses = written(&out, format, &only);
        assert_eq!(lost(&losses), ["candidate", "ranking"], "{}", format.as_str());
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains("So.") && !text.contains("Not."), "{}: {text}", format.as_str());
    }
    for (format, wanted) in
        [(Format::TrlStepwise, "pair"), (Format::Conll, "no_text"), (Format::Doccano, "no_text")]
    {
        let folder = tempfile::tempdir().unwrap();
        let losses = written(&folder.path().join("out.jsonl"), format, &only);
        assert_eq!(losses.count(wanted), 1, "{}: {losses:?}", format.as_str());
    }
}

/// What the rows of other tools look like, and what they mean.
#[test]
fn rows_mean_what_their_tools_say() {
    let item = |format, row: Value| {
        let found = read(format, "in.jsonl", format!("{row}\n").as_bytes());
        assert_eq!(found.refusals, []);
        found.items.into_iter().next().unwrap()
    };
    // The space between prompt and answers belongs to the answers, as TRL takes them apart.
    let found = item(
        Format::TrlPreferenceImplicit,
        json!({ "chosen": "The sky is blue.", "rejected": "The sky is green." }),
    );
    assert_eq!(found.turns, [turn("", "The sky is")]);
    assert_eq!(found.candidates[0].turns, [turn("", " blue.")]);
    // A prompt that both answers repeat is said once.
    let both = |answer: &str| json!([{ "role": "user", "content": "Q" }, { "role": "assistant", "content": answer }]);
    let found = item(
        Format::TrlPreference,
        json!({ "prompt": "Q", "chosen": both("A"), "rejected": both("B") }),
    );
    assert_eq!(found.turns, [turn("user", "Q")]);
    assert_eq!(found.candidates[1].turns, [turn("assistant", "B")]);
    // Two answers that are one: an answer remains of each.
    let found =
        item(Format::TrlPreferenceImplicit, json!({ "chosen": both("A"), "rejected": both("A") }));
    assert_eq!((found.turns.len(), found.candidates[0].turns.len()), (1, 1));
    let found = item(
        Format::Arena,
        json!({ "model_a": "m", "model_b": "n", "winner": "tie (bothbad)", "prompt": "Q",
            "response_a": "A", "response_b": "B" }),
    );
    let order = vec![vec!["a".to_owned(), "b".to_owned()]];
    assert_eq!(found.marks[0].place, Place::Talk(Talk::Ranking { order, all_bad: true }));
    assert_eq!(found.candidates[1].model.as_deref(), Some("n"));
}

#[test]
fn tables_are_read_as_they_are_found() {
    let plain = "id,text,label\r\n1,\"Zoë\r\nsaid \"\"hi\"\"\",pos\r\n2,b,neg\r\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(plain.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [b"\xef\xbb\xbf", plain.as_bytes()].concat();
    for bytes in [plain.as_bytes().to_vec(), utf16, marked, plain.replace(',', ";").into_bytes()] {
        let found = read(Format::Csv, "in.csv", &bytes);
        assert_eq!(found.refusals, []);
        let texts: Vec<_> = found.items.iter().map(|item| item.text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["Zoë\nsaid \"hi\"", "b"]);
        assert_eq!(found.items[0].id.as_deref(), Some("1"));
        assert_eq!(found.items[1].marks[0].class, "neg");
    }
}

/// Rows over several lines, one behind the other; a bracket that closes nothing ends the reading.
#[test]
fn rows_may_follow_one_another_without_a_list() {
    let row = "{\n\"prompt\": \"Q\"\n}\n";
    let found = read(Format::TrlPrompt, "in.json", row.repeat(2).as_bytes());
    assert_eq!((found.items.len(), found.refusals.len()), (2, 0));
    let found = read(Format::TrlPrompt, "in.json", format!("{row}]{row}").as_bytes());
    assert_eq!((found.items.len(), found.refusals.len()), (1, 1));
    assert_eq!((found.refusals[0].error.code(), found.refusals[0].error.row), ("not_json", 4));
}

#[test]
fn what_a_table_bends_is_counted() {
    let mut found = read(Format::Jsonl, "in.jsonl", documents::JSONL.as_bytes());
    found.items[0].metadata.insert("n".into(), 7.into());
    found.items[0].text = Some("a cat\r\n".into());
    let folder = tempfile::tempdir().unwrap();
    let losses = written(&folder.path().join("out.csv"), Format::Csv, &found);
    assert_eq!(lost(&losses), ["carriage_return", "value_as_text"]);
    // A column whose rows have nothing in common is kept as JSON in Parquet, and that is told.
    found.items[1].metadata.insert("n".into(), "seven".into());
    let losses = written(&folder.path().join("out.parquet"), Format::Parquet, &found);
    assert_eq!(losses.losses["value_as_json"].examples, ["n", "origin"]);
}

#[test]
fn classes_of_parquet_have_their_names() {
    let mut first = read(Format::Csv, "in.csv", documents::CSV.as_bytes());
    for name in ["none", "animals", "plants"] {
        first.classes.push(formats::exchange::Class { name: name.into(), ..Default::default() });
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    written(&out, Format::Parquet, &first);
    let again = found(&out, Format::Parquet);
    let names: Vec<_> = again.classes.iter().map(|class| &class.name[..]).collect();
    assert_eq!(names, ["none", "animals", "plants"]);
    assert_eq!(again.items[0].marks[0].class, "animals");
    let card = std::fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        card.contains("      class_label:\n        names:\n          '0': \"none\"\n"),
        "{card}"
    );
}

/// A treebank comes back to the byte.
#[test]
fn a_treebank_comes_back_to_the_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let real = root.join("text/ud_persian_seraji/fa_seraji-ud-test.conllu");
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small.conllu");
    std::fs::write(&small, documents::CONLLU).unwrap();
    for path in [small, real] {
        if !path.is_file() {
            eprintln!("skipped: {} is not here", path.display());
            continue;
        }
        let out = folder.path().join("out.conllu");
        let report = convert(&path, Format::Conllu, &out, Format::Conllu, &mut |_, _| {}).unwrap();
        assert_eq!((report.refused, lost(&report.losses)), (0, vec![]));
        assert!(std::fs::read(&path).unwrap() == std::fs::read(&out).unwrap());
        let item = &found(&path, Format::Conllu).items[0];
        let text: Vec<char> = item.text.as_ref().unwrap().chars().collect();
        for mark in &item.marks {
            if let Place::Span { start, end } = mark.place {
                assert!(!text[start as usize..end as usize].contains(&' '), "{mark:?}");
            }
        }
        std::fs::remove_file(&out).unwrap();
    }
}

#[test]
fn real_tables_are_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !root.is_dir() {
        return eprintln!("skipped: {} is not here", root.display());
    }
    for (path, format, wanted) in [
        ("text/hatecheck/test_suite_cases.csv", Format::Csv, [3728, 3728, 0]),
        ("text/banking77/banking_data/test.csv", Format::Csv, [3080, 3080, 0]),
        ("text/ud_persian_seraji/fa_seraji-ud-test.conllu", Format::Conllu, [600, 16122, 0]),
    ] {
        let path = root.join(path);
        let told = recognise(&mut Source::open(&path).unwrap());
        assert_eq!(told, Some(format), "{}", path.display());
        let found = found(&path, format);
        let marks: usize = found.items.iter().map(|item| item.marks.len()).sum();
        let counts = [found.items.len(), marks, found.refusals.len()];
        assert_eq!(counts, wanted, "{}", path.display());
        assert!(found.items.iter().all(|item| item.text.is_some()));
    }
}

/// What is exchanged for what, and the field that must be named; an empty one where no field is.
type Change = (&'static str, &'static str, &'static str);

const CHANGES: &[(Format, &[Change])] = &[
    (
        Format::TrlSft,
        &[
            (r#"{"messages":["#, r#"{"massages":["#, "messages"),
            (r#"{"messages":["#, r#"{"messages":7,"x":["#, "messages"),
            (r#""role":"system","#, "", "messages[0].role"),
            (r#""role":"system""#, r#""role":"""#, "messages[0].role"),
            (r#""role":"system""#, r#""role":7"#, "messages[0].role"),
            (r#""content":"Be brief.""#, r#""content":7"#, "messages[0].content"),
            (r#","content":"Be brief.""#, "", "messages[0].content"),
            (r#"{"type":"text","#, "{", "messages[4].content[0].type"),
            (r#"[{"type":"text","text":"cat?"}]"#, r#"["cat?"]"#, "messages[4].content[0]"),
            (r#""content":"7""#, r#""content":"7","content":"8""#, "content"),
            (r#"{"prompt":"The sky is","#, "{", "prompt"),
            (r#""text":"All of it.""#, r#""text":9"#, "text"),
        ],
    ),
    (
        Format::TrlCompletion,
        &[
            (r#""completion":" blue.""#, r#""completions":" blue.""#, "labels"),
            (r#""completion":" blue.""#, r#""completion":[]"#, "completion"),
            (r#""completion":" blue.""#, r#""completion":true"#, "completion"),
            (r#","completion":[{"role":"assistant","content":"dog"}]"#, "", "completion"),
        ],
    ),
    (
        Format::TrlPrompt,
        &[
            (r#""prompt":"The cat is""#, r#""promt":"The cat is""#, "prompt"),
            (r#""prompt":"The cat is""#, r#""prompt":{}"#, "prompt.role"),
            (r#""prompt":"The cat is""#, r#""prompt":NaN"#, "prompt"),
        ],
    ),
    (
        Format::TrlPreference,
        &[
            (r#""chosen":" blue.","#, "", "chosen"),
            (r#""rejected":" green.","#, "", "rejected"),
            (r#""rejected":" green.""#, r#""rejected":7"#, "rejected"),
            (r#""score_chosen":0.9"#, r#""score_chosen":"high""#, "score_chosen"),
            (r#""score_rejected":-1"#, r#""score_rejected":1e999"#, "score_rejected"),
            (r#""margin":1.5"#, r#""margin":[1.5]"#, "margin"),
            (r#""id":7"#, r#""id":{}"#, "id"),
            (r#"{"role":"assistant","content":"Ho"}"#, r#""Ho""#, "chosen[0]"),
            (r#"{"role":"assistant","content":"Ho"}"#, r#"{"content":"Ho"}"#, "chosen[0].role"),
        ],
    ),
    (
        Format::TrlPreferenceImplicit,
        &[
            (r#""chosen":"The cat is blue.","#, "", "chosen"),
            (r#","rejected":"The cat is green.""#, r#","rejected":null"#, "rejected"),
            (r#""content":"Ha""#, r#""content":7"#, "rejected[1].content"),
        ],
    ),
    (
        Format::TrlKto,
        &[
            (r#""label":true"#, r#""label":"yes""#, "label"),
            (r#""label":true"#, r#""label":2"#, "label"),
            (r#""prompt":"The cat is","#, "", "prompt"),
        ],
    ),
    (
        Format::TrlStepwise,
        &[
            ("[true,false]", "[true]", "labels"),
            ("[true,false]", r#"[true,"no"]"#, "labels[1]"),
            (r#","labels":[true,false]"#, "", "labels"),
            (r#""So 9.11.""#, "9.11", "completions[1]"),
        ],
    ),
    (
        Format::OpenaiDpo,
        &[
            (r#""input":"#, r#""in":"#, "input"),
            (r#""messages":"#, r#""message":"#, "input.messages"),
            (r#""preferred_output":["#, r#""preferred_out":["#, "preferred_output"),
            (
                r#""role":"assistant","content":"Ha""#,
                r#""content":"Ha""#,
                "non_preferred_output[0].role",
            ),
        ],
    ),
    (
        Format::Sharegpt,
        &[
            (r#"{"from":"human","value":"cat"}"#, r#"{"from":"human"}"#, "conversations[0].value"),
            (r#"{"from":"human","value":"cat"}"#, r#"{"value":"cat"}"#, "conversations[0].role"),
            (r#""system":"Be brief.""#, r#""system":[]"#, "[0].system"),
            (r#""value":"dog""#, r#""value":["dog"]"#, "[0].conversations[1].value[0]"),
            (r#","rejected":{"from":"gpt","value":"Ha"}"#, "", "[1].rejected"),
            (r#""chosen":{"from":"gpt","value":"Ho"}"#, r#""chosen":7"#, "[1].chosen"),
        ],
    ),
    (
        Format::Alpaca,
        &[
            (r#""instruction":"Name it.","#, "", "instruction"),
            (r#""output":"Tom""#, r#""output":7"#, "[0].output"),
            (r#","output":"La""#, "", "[1].output"),
            (r#""input":"cat""#, r#""input":["cat"]"#, "[0].input"),
            (r#"[["Hi","Ho"]]"#, r#"[["Hi"]]"#, "[0].history[0]"),
            (r#"[["Hi","Ho"]]"#, r#"[["Hi",7]]"#, "[0].history[0][1]"),
        ],
    ),
    (Format::Hh, &[(r#""chosen":"\n\nHuman: cat"#, r#""x":"\n\nHuman: cat"#, "chosen")]),
    (
        Format::Arena,
        &[
            (r#""winner":"model_a""#, r#""winner":"model_c""#, "winner"),
            (r#""winner":"model_a""#, r#""winner":1"#, "winner"),
            (r#""winner":"model_a","#, "", "winner"),
            (r#""model_b":"m2","winner":"model_a""#, r#""winner":"model_a""#, "model_b"),
            (r#""judge":"u1""#, r#""judge":[]"#, "judge"),
            (
                r#"{"role":"assistant","content":"Ho"}"#,
                r#"{"role":"assistant"}"#,
                "conversation_a[1].content",
            ),
        ],
    ),
    (
        Format::Argilla,
        &[
            (r#""fields":{"text""#, r#""field":{"text""#, "[0].fields"),
            (r#""fields":{"text":"a cat sat","more":"x"}"#, r#""fields":7"#, "[0].fields"),
            (r#""value":"cat","score":0.75"#, r#""score":0.75"#, "[0].suggestions.animal.value"),
            (r#""score":0.75"#, r#""score":"high""#, "[0].suggestions.animal.score"),
            (r#""agent":"m""#, r#""agent":7"#, "[0].suggestions.animal.agent"),
            (r#""value":"dog""#, r#""value":{"x":1}"#, "[0].responses.animal[1].value"),
            (r#""status":"draft""#, r#""status":7"#, "[0].responses.animal[1].status"),
            (r#""user_id":"u2""#, r#""user_id":[]"#, "[0].responses.animal[1].user_id"),
            (r#""end":5"#, r#""end":99"#, "value[0].end"),
            (r#""end":5"#, r#""end":2"#, "value[0].end"),
            (r#""start":2,"#, "", "value[0].start"),
            (r#""label":"ANIMAL""#, r#""lab":"ANIMAL""#, "value[0].label"),
            (r#""rank":2"#, r#""rank":1.5"#, "[1].suggestions[0].value[1].rank"),
            (r#""question_name":"best","#, "", "[1].suggestions[0].question_name"),
            (r#""metadata":{"k":1}"#, r#""metadata":[1]"#, "[0].metadata"),
            (r#""responses":{"#, r#""responses":7,"x":{"#, "[0].responses"),
            (r#"}]}]"#, r#"}]}"#, ""),
        ],
    ),
    (
        Format::Conllu,
        &[
            ("1\tvamos", "2\tvamos", "ID"),
            ("1\tvamos", "one\tvamos", "ID"),
            ("1-2\t", "2-1\t", "ID"),
            ("1-2\t", "1-1\t", "ID"),
            ("3-4\t", "4-5\t", "ID"),
            ("2.1\t", "3.1\t", "ID"),
            ("6\t.\t", "7\t.\t", "ID"),
            ("\tcat\tNOUN\t_\t_\t1\t", "\tcat\tNOUN\t_\t_\t9\t", "HEAD"),
            ("\tcat\tNOUN\t_\t_\t1\t", "\tcat\tNOUN\t_\t_\tx\t", "HEAD"),
            ("\tcat\tNOUN\t_\t_\t1\t", "\tcat\tNOUN\t_\t_\t3-4\t", "HEAD"),
            ("\tADP\t_\t_", "\tADP\t_", "MISC"),
            ("5\tcat\tcat", "5\t\tcat", "FORM"),
            ("\tSpaceAfter=No", "\tSpaceAfter=No\tx", "MISC"),
            ("6\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_", "6 . . PUNCT _ _ 1 punct _ _", "FORM"),
        ],
    ),
    (
        Format::Csv,
        &[
            ("ID,Sentence,Label", "ID,Sentence,ID", "ID"),
            ("\"a cat, and", "\"a cat, \"and", ""),
            ("8,nothing,none,,", "8,nothing,none,,,,", ""),
            (",0.5,", ",high,", "score"),
            (",0.5,", ",nan,", "score"),
            ("dog\"\"\",animals", "dog\"\",animals", ""),
        ],
    ),
    (
        Format::Jsonl,
        &[
            (r#""text":"a cat""#, r#""text":7"#, "text"),
            (r#""id":"7""#, r#""id":[]"#, "id"),
            (r#""label":"animals""#, r#""label":{}"#, "label"),
            (r#""score":0.5"#, r#""score":"high""#, "score"),
            (r#""end":5"#, r#""end":6"#, "spans[0].end"),
            (r#""start":2"#, r#""start":-2"#, "spans[0].start"),
            (r#""start":2,"#, "", "spans[0].start"),
            (r#""width":100"#, r#""width":0"#, "width"),
            (r#""height":50"#, r#""height":"tall""#, "height"),
            ("[1,2,30,40]", "[1,2,30]", "objects.bbox[0]"),
            ("[1,2,30,40]", "[1,2,-30,40]", "objects.bbox[0]"),
            ("[1,2,30,40]", r#"[1,2,"x",40]"#, "objects.bbox[0][2]"),
            (r#""category":["cat"]"#, r#""category":[]"#, "objects.bbox"),
            (r#""category":["cat"]"#, r#""category":["cat","dog"]"#, "objects.bbox"),
            (r#"["a","b"]"#, r#"["a",{}]"#, "labels[1]"),
            (r#"["B-PER","O"]"#, r#"["B-PER"]"#, "ner_tags"),
            (r#"["B-PER","O"]"#, r#"["B-PER","o"]"#, "ner_tags[1]"),
            (r#""text":"a cat""#, r#""text":"a cat","text":"b""#, "text"),
        ],
    ),
    (Format::Tsv, &[("id\ttext", "text\ttext", "text"), ("7\ta cat", "7\ta cat\tx\ty", "")]),
];

#[test]
fn what_is_wrong_is_told_with_file_row_and_field() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for (format, changes) in CHANGES {
        let (_, name, text) = documents::ALL.into_iter().find(|(of, ..)| of == format).unwrap();
        let told = |text: &[u8]| read(*format, name, text).refusals;
        for (from, to, field) in *changes {
            assert!(text.contains(from), "{}: {from}", format.as_str());
            let told = told(text.replacen(from, to, 1).as_bytes());
            cases += 1;
            let named = told.iter().any(|refusal| {
                let error = &refusal.error;
                refusal.file == *name
                    && error.row >= 1
                    && (field.is_empty() || error.field.ends_with(field))
                    && !error.message.is_empty()
            });
            if !named {
                wrong.push(format!("{}: {from} → {to}: not {field} but {told:?}", format.as_str()));
            }
        }
        let mut bytes = text.as_bytes().to_vec();
        bytes[text.find("cat").unwrap()] = 0xff;
        cases += 1;
        if told(&bytes).is_empty() {
            wrong.push(format!("{}: a byte that is no text", format.as_str()));
        }
    }
    assert_eq!(CHANGES.len(), documents::ALL.len());
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A file of Parquet that is cut, or damaged anywhere, is refused or read, and never ends the program.
/// What a few bytes of levels would make of one row is told before it is unpacked.
#[test]
fn a_list_of_millions_of_the_same_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let [rows, table, back] =
        ["in.jsonl", "out.parquet", "back.jsonl"].map(|name| folder.path().join(name));
    // The last are sorted by their length, and in one row group.
    let cases = [
        ("1", 1, 1_000_000, 0, true),
        ("1", 1, 5_000_000, 0, false),
        ("true", 260, 17_000, 5_000, true),
    ];
    for (value, long, many, short, is_taken) in cases {
        let list = format!("{value},").repeat(many - 1);
        let long = format!("{{\"id\": \"a\", \"parts\": [{list}{value}]}}\n").repeat(long);
        let wanted = long.lines().count() as u64 + short;
        std::fs::write(
            &rows,
            long + &"{\"id\": \"b\", \"parts\": [true]}\n".repeat(short as usize),
        )
        .unwrap();
        let _ = std::fs::remove_file(&table);
        convert(&rows, Format::Jsonl, &table, Format::Parquet, &mut |_, _| {}).unwrap();
        assert!(std::fs::metadata(&table).unwrap().len() < 100_000);
        let _ = std::fs::remove_file(&back);
        let done = convert(&table, Format::Parquet, &back, Format::Jsonl, &mut |_, _| {});
        match done {
            Ok(done) => assert!(is_taken && done.items == wanted, "{many}"),
            Err(error) => {
                let said = error.to_string();
                assert!(!is_taken && said.contains("split its lists"), "{many}: {said}");
            }
        }
    }
}

#[test]
fn parquet_that_is_damaged_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.parquet");
    let mut first = read(Format::Jsonl, "in.jsonl", documents::JSONL.as_bytes());
    written(&out, Format::Parquet, &first);
    let whole = std::fs::read(&out).unwrap();
    for cut in (0..whole.len()).step_by(97) {
        let found = read(Format::Parquet, "in.parquet", &whole[..cut]);
        assert!(found.items.is_empty() && found.refusals.len() == 1, "{cut}");
        assert_eq!(found.refusals[0].error.code(), "unreadable");
        assert_eq!((&found.refusals[0].file[..], found.refusals[0].error.row), ("in.parquet", 1));
    }
    let mut dice = 0x5eed_u64;
    let mut refused = 0;
    for _ in 0..400 {
        let mut bytes = whole.clone();
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let at = dice as usize % bytes.len();
        bytes[at] ^= 1 << (dice >> 61);
        refused += usize::from(!read(Format::Parquet, "in.parquet", &bytes).refusals.is_empty());
    }
    assert!(refused > 20, "{refused}");
    // The number of a class that there is not.
    first.items.truncate(1);
    first.classes.clear();
    std::fs::remove_file(&out).unwrap();
    written(&out, Format::Parquet, &first);
    let mut none = std::fs::read(&out).unwrap();
    let (names, nobody) = (b"\"names\":[\"animals\"]", b"\"names\":[         ]");
    let mut changed = 0;
    for at in 0..none.len() - names.len() {
        if none[at..].starts_with(names) {
            none[at..at + names.len()].copy_from_slice(nobody);
            changed += 1;
        }
    }
    assert_eq!(changed, 2);
    let found = read(Format::Parquet, "in.parquet", &none);
    assert_eq!(found.refusals[0].error.field, "label");
    assert_eq!(found.refusals[0].error.code(), "out_of_range");
}
