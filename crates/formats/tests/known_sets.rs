//! Data sets that many have, in columns of their own: what each of them says is found, and nothing of it is left in a
//! corner. A row is a file, the format that it is taken for, and the items.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/makers.rs"]
#[allow(dead_code, reason = "each test file uses a part")]
mod makers;

use formats::exchange::{Format, Found, Source, recognise};
use serde_json::{Value, json};

fn read(name: &str, content: &[u8]) -> (Format, Found) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    let format = recognise(&mut Source::open(folder.path()).unwrap());
    let format = format.unwrap_or_else(|| panic!("{name} is not recognised"));
    let mut found = Found::default();
    format.read(&mut Source::open(folder.path()).unwrap(), &mut found).unwrap();
    (format, found)
}

fn check(rows: Vec<(&str, String, &str, Value)>) {
    for (name, content, format, wanted) in rows {
        let (told, found) = read(name, content.as_bytes());
        assert_eq!((told.as_str(), &found.refusals[..]), (format, &[][..]), "{name}");
        let items = serde_json::to_value(&found.items).unwrap();
        assert_eq!(items, wanted, "{name}: {content}");
    }
}

fn turn(role: &str, text: &str) -> Value {
    if role.is_empty() { json!({ "text": text }) } else { json!({ "role": role, "text": text }) }
}

fn answer(id: &str, role: &str, text: &str) -> Value {
    json!({ "id": id, "turns": [turn(role, text)] })
}

fn ranking(order: Value) -> Value {
    json!({ "place": { "talk": { "ranking": { "order": order } } } })
}

fn rated(candidate: &str, question: &str, value: f64) -> Value {
    json!({ "place": { "talk": { "candidate": candidate } }, "question": question, "value": value })
}

#[test]
fn answers_that_were_compared() {
    let by = |mut mark: Value, value: f64| {
        mark["value"] = value.into();
        mark
    };
    let one = |row: Value| format!("{row}\n");
    let [u, a] = ["user", "assistant"];
    check(vec![
        (
            "helpsteer2.jsonl",
            one(
                json!({ "prompt": "Hi", "response_1": "Yo", "response_2": "No", "preference_strength": 2, "preference_statement": "s" }),
            ),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn("", "Hi")], "candidates": [answer("response_1", "", "Yo"), answer("response_2", "", "No")],
                "marks": [by(ranking(json!([["response_2"], ["response_1"]])), 2.0)], "metadata": { "preference_statement": "s" } }]),
        ),
        (
            "helpsteer3.jsonl",
            one(
                json!({ "context": [{ "role": "user", "content": "Hi" }], "response1": "Yo", "response2": "No", "overall_preference": 0 }),
            ),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn(u, "Hi")], "candidates": [answer("response1", "", "Yo"), answer("response2", "", "No")],
                "marks": [ranking(json!([["response1", "response2"]]))] }]),
        ),
        (
            "shp.csv",
            "history,human_ref_A,human_ref_B,labels,score_A,score_B\nQ?,one,two,0,2,10\n".into(),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn("", "Q?")], "candidates": [answer("human_ref_A", "", "one"), answer("human_ref_B", "", "two")],
                "marks": [ranking(json!([["human_ref_B"], ["human_ref_A"]])), rated("human_ref_A", "score", 2.0), rated("human_ref_B", "score", 10.0)] }]),
        ),
        (
            "safe.jsonl",
            one(
                json!({ "prompt": "Hi", "response_0": "Yo", "response_1": "No", "better_response_id": 1, "safer_response_id": 0 }),
            ),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn("", "Hi")], "candidates": [answer("response_0", "", "Yo"), answer("response_1", "", "No")],
                "marks": [ranking(json!([["response_1"], ["response_0"]]))], "metadata": { "safer_response_id": 0 } }]),
        ),
        (
            "stack.jsonl",
            one(json!({ "question": "Q?", "response_j": "good", "response_k": "bad" })),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn(u, "Q?")], "candidates": [answer("chosen", a, "good"), answer("rejected", a, "bad")],
                "marks": [ranking(json!([["chosen"], ["rejected"]]))] }]),
        ),
        // What was asked must not be left behind as metadata.
        (
            "orca.jsonl",
            one(json!({ "system": "S", "question": "Q?", "chosen": "good", "rejected": "bad" })),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn("system", "S"), turn(u, "Q?")], "candidates": [answer("chosen", a, "good"), answer("rejected", a, "bad")],
                "marks": [ranking(json!([["chosen"], ["rejected"]]))] }]),
        ),
        (
            "nectar.jsonl",
            one(
                json!({ "prompt": "Hi", "answers": [{ "answer": "No", "model": "m", "rank": 2.0 }, { "answer": "Yo", "model": "n", "rank": 1.0 }] }),
            ),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn("", "Hi")], "candidates": [{ "id": "answer_1", "model": "m", "turns": [turn("", "No")] },
                { "id": "answer_2", "model": "n", "turns": [turn("", "Yo")] }], "marks": [ranking(json!([["answer_2"], ["answer_1"]]))] }]),
        ),
        (
            "summaries.jsonl",
            one(
                json!({ "info": { "id": "p", "post": "Long." }, "summaries": [{ "text": "L", "policy": "sup" }, { "text": "Lo" }], "choice": 1, "worker": "w" }),
            ),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn("", "Long.")], "candidates": [{ "id": "summary_1", "model": "sup", "turns": [turn("", "L")] },
                answer("summary_2", "", "Lo")], "marks": [{ "place": { "talk": { "ranking": { "order": [["summary_2"], ["summary_1"]] } } }, "by": "w" }],
                "metadata": { "id": "p" } }]),
        ),
        (
            "webgpt.jsonl",
            one(
                json!({ "question": { "full_text": "Q?" }, "answer_0": "a", "answer_1": "b", "score_0": -0.5, "score_1": 0.5 }),
            ),
            "trl-preference",
            json!([{ "name": "row_1", "turns": [turn(u, "Q?")], "candidates": [answer("answer_0", a, "a"), answer("answer_1", a, "b")],
                "marks": [rated("answer_0", "score", -0.5), rated("answer_1", "score", 0.5), ranking(json!([["answer_1"], ["answer_0"]]))] }]),
        ),
    ]);
}

#[test]
fn answers_that_were_rated_or_stand_alone() {
    let one = |row: Value| format!("{row}\n");
    let [u, a] = ["user", "assistant"];
    let judged = ["helpfulness", "correctness", "coherence", "complexity", "verbosity"];
    let judged: Vec<Value> = judged
        .iter()
        .zip(0..)
        .map(|(asked, at)| rated("completion", asked, f64::from(at)))
        .collect();
    check(vec![
        (
            "helpsteer.jsonl",
            one(
                json!({ "prompt": "Hi", "response": "Yo", "helpfulness": 0, "correctness": 1, "coherence": 2, "complexity": 3, "verbosity": 4 }),
            ),
            "trl-completion",
            json!([{ "name": "row_1", "turns": [turn("", "Hi")], "candidates": [answer("completion", "", "Yo")], "marks": judged }]),
        ),
        (
            "ultra.jsonl",
            makers::ULTRA_FEEDBACK.into(),
            "ultrafeedback",
            json!([{ "name": "row_1", "turns": [turn(u, "Say hi")], "candidates": [{ "id": "answer_1", "model": "a", "turns": [turn(a, "hi")] },
                { "id": "answer_2", "model": "b", "turns": [turn(a, "no")] }], "metadata": { "source": "s" }, "marks": [
                { "place": { "talk": { "candidate": "answer_1" } }, "question": "overall_score", "value": 3.0, "attributes": { "critique": "short" } },
                { "place": { "talk": { "candidate": "answer_1" } }, "question": "helpfulness", "value": 5.0, "attributes": { "Rationale": "kind" } },
                rated("answer_2", "overall_score", 8.5), ranking(json!([["answer_2"], ["answer_1"]]))] }]),
        ),
        (
            "orca.jsonl",
            one(json!({ "system_prompt": "S", "question": "Q?", "response": "A" })),
            "trl-completion",
            json!([{ "name": "row_1", "turns": [turn("system", "S"), turn(u, "Q?")], "candidates": [answer("completion", a, "A")] }]),
        ),
        (
            "dolly.jsonl",
            one(
                json!({ "instruction": "Do", "context": "it", "response": "Done", "category": "open_qa" }),
            ),
            "alpaca",
            json!([{ "name": "row_1", "turns": [turn(u, "Do\n\nit"), turn(a, "Done")], "metadata": { "category": "open_qa", "input": "it" } }]),
        ),
        (
            "chats.jsonl",
            one(json!({ "conversation": [{ "role": "user", "content": "Hi" }], "model": "m" })),
            "trl-sft",
            json!([{ "name": "row_1", "turns": [turn(u, "Hi")], "metadata": { "model": "m" } }]),
        ),
    ]);
}

#[test]
fn a_tree_of_messages_is_an_item_for_each_that_a_person_wrote() {
    let rows = [
        json!({ "message_id": "m1", "parent_id": null, "text": "Hi", "role": "prompter", "lang": "en", "message_tree_id": "m1", "rank": null }),
        json!({ "message_id": "m3", "parent_id": "m1", "text": "No", "role": "assistant", "lang": "en", "message_tree_id": "m1", "rank": 1.0 }),
        json!({ "message_id": "m2", "parent_id": "m1", "text": "Yo", "role": "assistant", "lang": "en", "message_tree_id": "m1", "rank": 0.0,
            "labels": { "name": ["spam"], "value": [0.25], "count": [3] } }),
        json!({ "message_id": "m4", "parent_id": "m2", "text": "Why?", "role": "prompter", "lang": "en", "message_tree_id": "m1", "rank": null }),
        json!({ "message_id": "n1", "parent_id": "gone", "text": "And?", "role": "prompter", "lang": "en", "message_tree_id": "n1", "rank": null }),
    ];
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let (format, found) = read("flat.jsonl", lines.as_bytes());
    assert_eq!(format, Format::Oasst);
    assert_eq!(
        found.losses.losses.keys().copied().collect::<Vec<_>>(),
        ["message_without_its_parent"]
    );
    let [u, a] = ["user", "assistant"];
    let about = json!({ "lang": "en", "message_tree_id": "m1" });
    let wanted = json!([
        { "name": "message_m1", "id": "m1", "turns": [turn(u, "Hi")], "candidates": [answer("m3", a, "No"), answer("m2", a, "Yo")],
            "marks": [rated("m2", "spam", 0.25), ranking(json!([["m2"], ["m3"]]))], "metadata": about },
        { "name": "message_m4", "id": "m4", "turns": [turn(u, "Hi"), turn(a, "Yo"), turn(u, "Why?")], "metadata": about },
    ]);
    assert_eq!(serde_json::to_value(&found.items[..2]).unwrap(), wanted);
    // A row for the whole tree says the same, and what is said of the tree.
    let mut wanted = wanted;
    wanted[0]["metadata"]["tree_state"] = json!("ready");
    let (format, found) = read("trees.jsonl", makers::OASST.as_bytes());
    assert_eq!((format, serde_json::to_value(&found.items).unwrap()), (Format::Oasst, wanted));
}

#[test]
fn questions_that_a_piece_of_a_text_answers() {
    let item = |name: &str, question: &str, id: &str, marks: Value, more: Value| {
        let mut item = json!({ "name": name, "id": id, "text": "Zoë met Ana", "metadata": { "question": question, "title": "T" } });
        if marks != json!([]) {
            item["marks"] = marks;
        }
        item["metadata"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    let ana = json!([{ "class": "answer", "place": { "span": { "start": 8, "end": 11 } } }]);
    let row = json!({ "id": "q1", "title": "T", "context": "Zoë met Ana", "question": "Who?", "answers": { "text": ["Ana"], "answer_start": [8] } });
    check(vec![
        (
            "dev-v2.0.json",
            makers::SQUAD.into(),
            "squad",
            json!([item("question_q1", "Who?", "q1", ana.clone(), json!({ "is_impossible": false })),
                item("question_q2", "Where?", "q2", json!([]), json!({ "is_impossible": true }))]),
        ),
        ("rows.jsonl", format!("{row}\n"), "squad", json!([item("row_1", "Who?", "q1", ana.clone(), json!({}))])),
        // As a data frame writes it.
        (
            "rows.csv",
            "id,title,context,question,answers\nq1,T,Zoë met Ana,Who?,\"{'text': array(['Ana'], dtype=object), 'answer_start': array([8])}\"\n".into(),
            "csv",
            json!([item("row_1", "Who?", "q1", ana, json!({}))]),
        ),
    ]);
    let wrong = row.to_string().replace("[8]", "[7]");
    let (_, found) = read("rows.jsonl", wrong.as_bytes());
    assert_eq!(found.refusals[0].error.field, "answers.text[0]");
}

#[test]
fn tables_as_data_frames_and_other_tools_write_them() {
    let whole = |class: &str| json!({ "class": class, "place": "whole" });
    let found = |class: &str, place: [f64; 4]| {
        let [x, y, width, height] = place;
        json!({ "class": class, "place": { "shape": { "type": "box", "x": x, "y": y, "width": width, "height": height } } })
    };
    let words = |words: &str| json!({ "place": { "words": words } });
    check(vec![
        ("labels.csv", "text,labels\nhi,\"['a', 'b']\"\nho,[]\n".into(), "csv", json!([{ "name": "row_1", "text": "hi", "marks": [whole("a"), whole("b")] }, { "name": "row_2", "text": "ho" }])),
        ("tokens.csv", "tokens,ner_tags\n\"['Zoë' 'met']\",\"['B-PER' 'O']\"\n".into(), "csv", json!([{ "name": "row_1", "text": "Zoë met", "marks": [{ "class": "PER", "place": { "span": { "start": 0, "end": 3 } } }] }])),
        ("chats.csv", "messages\n\"[{'role': 'user', 'content': 'it\\'s'} {'role': 'assistant', 'content': None}]\"\n".replace("None", "'ok'"), "trl-sft", json!([{ "name": "row_1", "turns": [turn("user", "it's"), turn("assistant", "ok")] }])),
        // Roboflow's classes of pictures.
        ("train/_classes.csv", "filename, cat, dog\na.jpg, 1, 0\nb.jpg, 1, 1\nc.jpg, 0, 0\n".into(), "csv", json!([{ "name": "a.jpg", "subset": "train", "marks": [whole("cat")] }, { "name": "b.jpg", "subset": "train", "marks": [whole("cat"), whole("dog")] }, { "name": "c.jpg", "subset": "train" }])),
        ("wheat.csv", "image_id,width,height,bbox,label\na,100,50,\"[1.5, 2.0, 30.0, 20.0]\",ear\na,100,50,\"[5.0, 6.0, 3.0, 2.0]\",ear\n".into(), "csv", json!([{ "name": "a", "width": 100, "height": 50, "marks": [found("ear", [1.5, 2.0, 30.0, 20.0]), found("ear", [5.0, 6.0, 3.0, 2.0])] }])),
        ("metadata.jsonl", "{\"file_name\":\"a.png\",\"text\":\"a cat\"}\n".into(), "jsonl", json!([{ "name": "a.png", "text": "a cat" }])),
        ("captions.csv", "file_name,caption\na.png,a cat\n".into(), "csv", json!([{ "name": "a.png", "marks": [words("a cat")] }])),
        ("objects.jsonl", "{\"file_name\":\"a.png\",\"objects\":[{\"bbox\":[1,2,3,4],\"category\":\"cat\"}]}\n".into(), "jsonl", json!([{ "name": "a.png", "marks": [found("cat", [1.0, 2.0, 3.0, 4.0])] }])),
        ("numbers.jsonl", "{\"text\":\"hi\",\"labels\":[0,2]}\n".into(), "jsonl", json!([{ "name": "row_1", "text": "hi", "marks": [whole("0"), whole("2")] }])),
    ]);
    let (_, found) = read("tags.jsonl", b"{\"tokens\":[\"Ana\"],\"ner_tags\":[1]}\n");
    assert_eq!(found.losses.losses.keys().copied().collect::<Vec<_>>(), ["tag_without_a_name"]);
    let (_, found) = read("_classes.csv", b"filename,cat\na.jpg,2\n");
    assert_eq!(found.refusals[0].error.field, "cat");
}

#[test]
fn what_datasets_saved_in_arrow() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tables/saved");
    let format = recognise(&mut Source::open(&folder).unwrap());
    assert_eq!(format, Some(Format::Arrow));
    let mut found = Found::default();
    Format::Arrow.read(&mut Source::open(&folder).unwrap(), &mut found).unwrap();
    assert_eq!((&found.refusals[..], found.losses.losses.len()), (&[][..], 0));
    let first = |name: &str, subset: &str| {
        json!({ "name": name, "id": "a", "subset": subset, "text": "Zoë met", "marks": [
            { "class": "PER", "place": { "span": { "start": 0, "end": 3 } } }, { "class": "pos", "place": "whole", "score": 0.5 }],
            "metadata": { "on": "2024-02-29", "more": { "seen": true, "by": ["x"] } } })
    };
    // Of what is not labelled the class is −1; what is null is not there.
    let second = json!({ "name": "row_3", "id": "b", "subset": "train", "text": "", "metadata": { "more": { "seen": false, "by": [] } } });
    let wanted = json!([first("row_1", "test"), first("row_2", "train"), second]);
    assert_eq!(serde_json::to_value(&found.items).unwrap(), wanted);
}

/// Whatever stands in its bytes, the file is read or refused by its name, and nothing is read twice.
#[test]
fn arrow_that_is_damaged_is_refused() {
    let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tables");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.arrow");
    for (file, rows) in [
        ("saved/train/data-00000-of-00001.arrow", 2),
        ("frame-lz4.arrow", 3),
        ("frame-zstd.arrow", 3),
        ("polars.arrow", 3),
        ("deltas.arrow", 4),
    ] {
        let whole = std::fs::read(format!("{tables}/{file}")).unwrap();
        let mut refused = 0;
        let mut read = |bytes: &[u8]| {
            // What is written over is flushed to the disk at once by ext4; what is made anew is not.
            _ = std::fs::remove_file(&path);
            std::fs::write(&path, bytes).unwrap();
            let mut found = Found::default();
            match Format::Arrow.read(&mut Source::open(&path).unwrap(), &mut found) {
                Ok(()) => {
                    let read = found.items.len() + found.refusals.len();
                    assert!(read <= rows, "{file}: {read}");
                }
                Err(error) => {
                    assert!(error.to_string().contains("data.arrow: row "), "{error}");
                    refused += 1;
                }
            }
        };
        for at in (0..whole.len()).step_by(3) {
            for value in [1, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                read(&bytes);
            }
        }
        (0..whole.len()).step_by(7).for_each(|length| read(&whole[..length]));
        assert!(refused > 200, "{file}: {refused}");
    }
}

/// As pandas writes Feather unless it is told otherwise, and as it is told to: the same rows.
#[test]
fn packed_arrow_is_the_same_as_unpacked() {
    let read = |name: &str| {
        let file = format!("{}/tests/data/tables/{name}.arrow", env!("CARGO_MANIFEST_DIR"));
        let mut found = Found::default();
        Format::Arrow.read(&mut Source::open(file.as_ref()).unwrap(), &mut found).unwrap();
        assert_eq!(found.items.len(), 3, "{name}");
        found.items
    };
    assert_eq!(read("frame-lz4"), read("frame"));
    assert_eq!(read("frame-zstd"), read("frame"));
}

/// Polars keeps texts by where they lie, and tells only at the end of the file where its batches are.
#[test]
fn what_polars_wrote_in_arrow() {
    let wanted = json!([
        { "name": "row_1", "id": "a", "text": "Zoë met Ana in Łódź", "marks": [{ "class": "pos", "place": "whole" }], "metadata": {
            "cost": "1.50", "at": "01:02:03", "tags": ["a much longer word", "b"], "seen": "2024-02-29 12:30:00 +00:00" } },
        { "name": "row_2", "id": "b", "text": "x", "metadata": {
            "cost": "-0.05", "at": "01:02:03", "tags": [], "seen": "2024-02-29 12:30:00 +00:00" } },
        { "name": "row_3", "id": "c", "text": "", "marks": [{ "class": "neg", "place": "whole" }], "metadata": {
            "at": "01:02:03", "seen": "2024-02-29 12:30:00 +00:00" } },
    ]);
    for file in ["polars.arrow", "polars-zstd.arrow"] {
        let found = table(file, Format::Arrow);
        assert_eq!(serde_json::to_value(&found.items).unwrap(), wanted, "{file}");
    }
}

fn table(file: &str, format: Format) -> Found {
    let path = format!("{}/tests/data/tables/{file}", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(recognise(&mut Source::open(path.as_ref()).unwrap()), Some(format), "{file}");
    let mut found = Found::default();
    format.read(&mut Source::open(path.as_ref()).unwrap(), &mut found).unwrap();
    assert_eq!(found.refusals, [], "{file}");
    found
}

/// Arrow adds to the list of the classes from batch to batch.
#[test]
fn a_list_of_values_grows() {
    for file in ["deltas.arrow", "deltas.arrows"] {
        let found = table(file, Format::Arrow);
        let classes: Vec<&str> =
            found.items.iter().flat_map(|item| &item.marks).map(|mark| &mark.class[..]).collect();
        assert_eq!(classes, ["x", "y", "z", "x"], "{file}");
    }
}

/// The library gives up on a column of spans of time, with which DuckDB writes its intervals.
#[test]
fn a_column_that_cannot_be_read_is_counted_and_the_others_are_read() {
    let found = table("duckdb.parquet", Format::Parquet);
    let told = json!([{ "name": "row_1", "id": "a", "text": "Zoë", "marks": [{ "class": "pos", "place": "whole" }],
        "metadata": { "cost": "1.50", "here": "2024-02-29 12:30:00", "there": "2024-02-29 12:30:00.500000 +00:00",
            "fine": "2024-02-29 12:30:00.000000001", "clock": "01:02:03" } }]);
    assert_eq!(serde_json::to_value(&found.items).unwrap(), told);
    let lost: Vec<_> = found.losses.losses.iter().map(|(kind, loss)| (*kind, loss.count)).collect();
    assert_eq!(lost, [("column_not_read", 1)]);
}

/// Records that have not all the same fields: `datasets` keeps each as JSON, and says so of its column.
#[test]
fn records_that_datasets_keeps_as_json_are_records() {
    for (file, format) in [("records.parquet", Format::Parquet), ("records.arrow", Format::Arrow)] {
        let found = table(file, format);
        let turns = &found.items[0].turns;
        let roles: Vec<&str> = turns.iter().map(|turn| &turn.role[..]).collect();
        assert_eq!(roles, ["user", "assistant", "tool"], "{file}");
        assert_eq!(turns[0].text.as_deref(), Some("hä"), "{file}");
        assert_eq!(turns[1].more["tool_calls"][0]["function"]["arguments"]["c"], "Paris", "{file}");
    }
}
