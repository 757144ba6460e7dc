//! What several people said of one item, and what is said in ways of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use formats::LossReport;
use formats::exchange::{Format, Found, Item, Mark, Place, Shape, Source, convert};
use serde_json::{Value, json};
use std::path::Path;

fn found(path: &Path, format: Format) -> Found {
    let mut found = Found::default();
    format.read(&mut Source::open(path).unwrap(), &mut found).unwrap();
    found
}

fn lost(losses: &LossReport) -> Vec<&'static str> {
    losses.losses.keys().copied().collect()
}

fn tasks(folder: &Path, tasks: Value) -> Found {
    let input = folder.join("in.json");
    std::fs::write(&input, tasks.to_string()).unwrap();
    found(&input, Format::LabelStudio)
}

fn written(out: &Path, format: Format, items: &[Item]) -> LossReport {
    let mut losses = LossReport::default();
    let mut writer = format.writer(out).unwrap();
    items.iter().for_each(|item| writer.item(item, &mut losses).unwrap());
    writer.finish(&mut losses).unwrap();
    losses
}

#[test]
fn the_answers_of_a_task_stay_apart_and_say_whose_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let answer = |by: Value, class: &str| {
        json!({ "completed_by": by, "lead_time": 7.5, "result": [
            { "id": class, "type": "choices", "from_name": "c", "to_name": "t", "value": { "choices": [class] } },
        ] })
    };
    let annotations = [
        answer(json!(3), "cat"),
        answer(json!({ "id": 4, "email": "a@b.c" }), "dog"),
        answer(json!(3), "cow"),
    ];
    let read = tasks(
        folder.path(),
        json!([{ "id": 1, "data": { "text": "one two" }, "annotations": annotations }]),
    );
    assert_eq!((read.refusals.len(), lost(&read.losses)), (0, vec!["lead_time"]));
    let said = |items: &[Item]| -> Vec<(String, Option<String>)> {
        items[0].marks.iter().map(|mark| (mark.class.clone(), mark.by.clone())).collect()
    };
    let wanted = [("cat", "3"), ("dog", "a@b.c"), ("cow", "3")];
    let wanted = wanted.map(|(class, by)| (class.to_owned(), Some(by.to_owned())));
    assert_eq!(said(&read.items), wanted);

    let out = folder.path().join("out.json");
    assert_eq!(lost(&written(&out, Format::LabelStudio, &read.items)), [""; 0]);
    let rows: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let people: Vec<&Value> =
        rows[0]["annotations"].as_array().unwrap().iter().map(|one| &one["completed_by"]).collect();
    assert_eq!(json!(people), json!([3, { "email": "a@b.c" }, 3]));
    assert_eq!(found(&out, Format::LabelStudio).items, read.items);

    // Argilla's records say whose each answer is, too.
    let records = folder.path().join("records.json");
    std::fs::write(
        &records,
        json!([{ "fields": { "text": "one two" }, "responses": { "c": [
        { "value": "cat", "user_id": "3" }, { "value": ["x", "y"], "user_id": "4" } ] } }])
        .to_string(),
    )
    .unwrap();
    let report = convert(
        &records,
        Format::Argilla,
        &folder.path().join("tasks.json"),
        Format::LabelStudio,
        &mut |_, _| {},
    );
    assert_eq!(report.unwrap().losses.count("by"), 0);
    let back = found(&folder.path().join("tasks.json"), Format::LabelStudio);
    let by: Vec<_> = back.items[0]
        .marks
        .iter()
        .map(|mark| (&mark.class[..], mark.by.as_deref(), mark.group))
        .collect();
    assert_eq!(
        by,
        [("cat", Some("3"), None), ("x", Some("4"), Some(1)), ("y", Some("4"), Some(1))]
    );
}

#[test]
fn dialogues_markup_and_messages_are_texts_with_spans() {
    let folder = tempfile::tempdir().unwrap();
    let dialogue =
        json!([{ "author": "A", "text": "Good day" }, { "author": "B", "text": "Bye 👍 then" }]);
    let turn = |start: &str, from: u64, end: &str, to: u64, text: &str| {
        json!({ "id": "p", "type": "paragraphlabels", "value": {
            "start": start, "startOffset": from, "end": end, "endOffset": to, "text": text, "paragraphlabels": ["N"] } })
    };
    let html = |text: &str, start: u64, end: u64| {
        json!({ "id": "h", "type": "hypertextlabels", "value": { "start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]",
            "startOffset": 0, "endOffset": 3, "text": text, "globalOffsets": { "start": start, "end": end }, "hypertextlabels": ["N"] } })
    };
    let vector = |closed: bool| {
        let vertices: Vec<Value> =
            [[10, 20], [30, 20], [30, 60]].iter().map(|[x, y]| json!({ "x": x, "y": y })).collect();
        json!({ "id": "v", "type": "vectorlabels", "original_width": 100, "original_height": 50,
            "value": { "closed": closed, "vertices": vertices, "vectorlabels": ["N"] } })
    };
    let message = |role: &str, content: &str| json!({ "id": role, "type": "chatmessage", "value": { "chatmessage": { "role": role, "content": content, "createdAt": 1 } } });
    let read = tasks(
        folder.path(),
        json!([
            { "data": { "talk": dialogue }, "annotations": [{ "result": [turn("0", 5, "0", 8, "day"), turn("1", 4, "1", 5, "👍"), turn("0", 5, "1", 3, "day\nBye")] }] },
            { "data": { "text": "<p>one <b>two</b> &amp; three</p>" }, "annotations": [{ "result": [html("two", 4, 7), html("wrong", 4, 7)] }] },
            { "data": { "image": "a.png" }, "annotations": [{ "result": [vector(true), vector(false)] }] },
            { "data": { "chat": [] }, "annotations": [{ "result": [message("user", "Hi"), message("assistant", "Ho")] }] },
        ]),
    );
    assert_eq!(read.refusals, []);
    assert_eq!(lost(&read.losses), ["region"]);
    let part = |item: &Item, mark: &Mark| -> String {
        let Place::Span { start, end } = mark.place else { panic!("{mark:?}") };
        let text = item.text.as_ref().unwrap();
        text.chars().skip(start as usize).take((end - start) as usize).collect()
    };
    let said = |nth: usize| -> Vec<String> {
        read.items[nth].marks.iter().map(|mark| part(&read.items[nth], mark)).collect()
    };
    assert_eq!(said(0), ["day", "👍", "day\nBye"]);
    assert_eq!(said(1), ["two"]);
    assert_eq!(read.items[1].text.as_deref(), Some("one two & three"));
    assert_eq!(read.items[1].metadata["html"], "<p>one <b>two</b> &amp; three</p>");
    let shapes: Vec<bool> = read.items[2]
        .marks
        .iter()
        .map(|mark| matches!(mark.place, Place::Shape(Shape::Polygon { .. })))
        .collect();
    assert_eq!(shapes, [true, false]);
    let turns: Vec<_> = read.items[3]
        .turns
        .iter()
        .map(|turn| (&turn.role[..], turn.text.as_deref().unwrap()))
        .collect();
    assert_eq!(turns, [("user", "Hi"), ("assistant", "Ho")]);
    for (turn, field) in [
        (turn("7", 0, "0", 3, ""), "value.start"),
        (turn("0", 99, "0", 3, ""), "value.startOffset"),
        (turn("0", 3, "0", 2, ""), "value.endOffset"),
    ] {
        let wrong = tasks(
            folder.path(),
            json!([{ "data": { "talk": dialogue }, "annotations": [{ "result": [turn] }] }]),
        );
        assert!(wrong.refusals[0].error.field.ends_with(field), "{:?}", wrong.refusals);
    }
}

#[test]
fn a_preference_is_two_judgements_where_answers_are_judged_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.jsonl");
    std::fs::write(&input, r#"{"prompt":"The sky is","chosen":" blue.","rejected":" green.","margin":2}
{"prompt":[{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"Ho"}],"rejected":[{"role":"assistant","content":"Ha"}]}
"#).unwrap();
    let out = folder.path().join("out.jsonl");
    let report =
        convert(&input, Format::TrlPreference, &out, Format::TrlKto, &mut |_, _| {}).unwrap();
    assert_eq!(lost(&report.losses), ["pair", "rating"]);
    let rows = std::fs::read_to_string(&out).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0], json!({ "prompt": "The sky is", "completion": " blue.", "label": true }));
    assert_eq!(rows[1], json!({ "prompt": "The sky is", "completion": " green.", "label": false }));
    assert_eq!(rows[3]["completion"], json!([{ "role": "assistant", "content": "Ha" }]));
    assert_eq!((rows.len(), &rows[2]["label"]), (4, &json!(true)));
}

#[test]
fn pictures_that_stand_in_the_rows_of_parquet_become_files() {
    let folder = tempfile::tempdir().unwrap();
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tables/pictures.parquet");
    let read = found(&input, Format::Parquet);
    assert_eq!((read.refusals.len(), lost(&read.losses)), (0, vec![]));
    let seen: Vec<_> = read
        .items
        .iter()
        .map(|item| {
            (
                &item.name[..],
                item.width,
                item.height,
                item.content.is_empty(),
                &item.marks[0].class[..],
            )
        })
        .collect();
    assert_eq!(
        seen[1..],
        [("row_2.png", Some(6), Some(4), false, "cat"), ("row_3", None, None, true, "dog")]
    );
    assert!(seen[0].0.ends_with("red.png") && !seen[0].3, "{seen:?}");
    assert_eq!(read.items[1].metadata, serde_json::Map::new());
    let out = folder.path().join("classes");
    let report =
        convert(&input, Format::Parquet, &out, Format::YoloClassify, &mut |_, _| {}).unwrap();
    assert_eq!(report.losses.count("file_not_there"), 1);
    let sorted = found(&out, Format::YoloClassify);
    let seen: Vec<_> = sorted
        .items
        .iter()
        .map(|item| (&item.name[..], &item.subset[..], item.width, &item.marks[0].class[..]))
        .collect();
    assert_eq!(seen[0], ("cat/row_2.png", "train", Some(6), "cat"));
    assert_eq!((seen.len(), seen[1].3), (2, "dog"));
    // Who writes no files counts what was in the rows.
    let report =
        convert(&input, Format::Parquet, &folder.path().join("coco"), Format::Coco, &mut |_, _| {})
            .unwrap();
    assert_eq!(report.losses.count("bytes_of_the_file"), 2);
}

#[test]
fn a_picture_without_a_class_is_in_no_folder_of_a_class() {
    let folder = tempfile::tempdir().unwrap();
    let item = |name: &str, marks| Item { name: name.into(), marks, ..Item::default() };
    let cat = Mark { class: "cat".into(), ..Mark::default() };
    let losses = written(
        &folder.path().join("out"),
        Format::YoloClassify,
        &[item("a.png", vec![cat]), item("b.png", vec![])],
    );
    assert_eq!(lost(&losses), ["no_class"]);
}
