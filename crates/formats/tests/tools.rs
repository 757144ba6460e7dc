//! Files as other tools' own writers leave them, but for their length: what they say beside the plain case is read as
//! what it means.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use formats::exchange::{Format, Found, Item, Mark, Place, Shape, Source, Turn, recognise};
use formats::tar::TarWriter;
use serde_json::{Value, json};

fn found(name: &str, content: &[u8]) -> (Format, Found) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let format = recognise(&mut Source::open(&path).unwrap());
    let format = format.unwrap_or_else(|| panic!("{name} is not recognised"));
    let mut found = Found::default();
    format.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    (format, found)
}

/// What is found in a file of a format that nothing of which is refused, with what is counted as lost.
fn taken(name: &str, content: &Value, format: &str) -> (Vec<Item>, Vec<&'static str>) {
    let text = match content.as_str() {
        Some(text) => text.to_owned(),
        None => format!("{content}\n"),
    };
    let (told, found) = found(name, text.as_bytes());
    assert_eq!((told.as_str(), &found.refusals[..]), (format, &[][..]), "{content}");
    let lost = found.losses.losses.keys().copied().collect();
    (found.items, lost)
}

/// What comes back of an item, and what the writer counts.
fn written(format: Format, name: &str, item: &Item) -> (Item, Vec<&'static str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut losses = formats::LossReport::default();
    let mut writer = format.writer(&path).unwrap();
    writer.item(item, &mut losses).unwrap();
    writer.finish(&mut losses).unwrap();
    let mut found = Found::default();
    format.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    assert_eq!(found.refusals, []);
    (found.items.remove(0), losses.losses.keys().copied().collect())
}

fn said(turns: &[Turn]) -> Vec<String> {
    let words = |turn: &Turn| match &turn.text {
        Some(text) => text.clone(),
        None => Value::from(turn.more.clone()).to_string(),
    };
    turns.iter().map(|turn| format!("{}: {}", turn.role, words(turn))).collect()
}

#[test]
fn rows_that_other_trainers_take() {
    for (row, format, turns, answers) in [
        (
            json!({"systemInstruction": {"role": "system", "parts": [{"text": "kurz"}]}, "contents": [
                {"role": "user", "parts": [{"text": "Hä?"}]}, {"role": "model", "parts": [{"text": "Nö"}]},
            ]}),
            "trl-sft",
            &["system: kurz", "user: Hä?", "assistant: Nö"][..],
            &[][..],
        ),
        (
            json!({"contents": [{"parts": [{"text": "q"}, {"fileData": {"fileUri": "a.png"}}]}],
            "completions": [
                {"score": 0.0, "completion": {"role": "model", "parts": [{"text": "b"}]}},
                {"score": 1.0, "completion": {"role": "model", "parts": [{"text": "a"}]}},
            ]}),
            "trl-preference",
            &[
                r#"user: {"content":[{"text":"q","type":"text"},{"fileData":{"fileUri":"a.png"},"type":"fileData"}]}"#,
            ],
            &["assistant: b", "assistant: a"],
        ),
        (
            json!({"segments": [{"label": false, "text": "<s>q\n"}, {"label": true, "text": "a</s>"}]}),
            "trl-sft",
            &["user: <s>q\n", "assistant: a</s>"],
            &[],
        ),
        (
            json!([{"conversation": [{"system": "S", "input": "q", "output": "a"}, {"input": "r", "output": "b"}]}]),
            "trl-sft",
            &["system: S", "user: q", "assistant: a", "user: r", "assistant: b"],
            &[],
        ),
        (
            json!([{"conversation": [{"input": "", "output": "nur Text"}]}]),
            "trl-sft",
            &["assistant: nur Text"],
            &[],
        ),
        (
            json!({"id": "7", "input": "q", "output": "42"}),
            "trl-sft",
            &["user: q", "assistant: 42"],
            &[],
        ),
        (
            json!({"schemaVersion": "bedrock-conversation-2024", "system": [{"text": "S"}], "messages": [
                {"role": "user", "content": [{"text": "q"}]}, {"role": "assistant", "content": [{"text": "a"}]}]}),
            "trl-sft",
            &["system: S", "user: q", "assistant: a"],
            &[],
        ),
        (
            json!({"system": "S", "messages": [{"role": "User", "content": "q"}, {"role": "Chatbot", "content": "a"}]}),
            "trl-sft",
            &["system: S", "user: q", "assistant: a"],
            &[],
        ),
        (
            json!({"system": "S", "messages": [{"role": "user", "content": "q"}],
                "chosen": {"role": "assistant", "content": "a"}, "rejected": {"role": "assistant", "content": "b"}}),
            "trl-preference-implicit",
            &["system: S", "user: q"],
            &["assistant: a", "assistant: b"],
        ),
        (
            json!({"context_messages": [{"role": "user", "content": "q"}], "chosen": "a", "rejected": "b"}),
            "trl-preference-implicit",
            &["user: q"],
            &[": a", ": b"],
        ),
        (
            json!({"conversation": [{"human": "q", "assistant": "a"}, {"human": "r", "assistant": "b"}]}),
            "trl-sft",
            &["user: q", "assistant: a", "user: r", "assistant: b"],
            &[],
        ),
        (json!({"text_input": "q", "output": "a"}), "trl-sft", &["user: q", "assistant: a"], &[]),
        ("input,output\nq,a\n".into(), "trl-sft", &["user: q", "assistant: a"], &[]),
        (
            json!({"instruction": "q", "generation": "a", "model_name": "m"}),
            "trl-completion",
            &["user: q"],
            &["assistant: a"],
        ),
        (
            json!({"instruction": "q", "generations": ["a", "b", null], "ratings": [1, 5.0, null],
                "rationales": ["x", "y", null], "generation_models": ["m", "n", "o"]}),
            "ultrafeedback",
            &["user: q"],
            &["assistant: a", "assistant: b", ""],
        ),
    ] {
        let (items, lost) = taken(if row.is_string() { "a.csv" } else { "a.json" }, &row, format);
        let [item] = &items[..] else { panic!("{row}") };
        assert_eq!(
            (said(&item.turns), lost),
            (turns.iter().map(|one| (*one).to_owned()).collect(), vec![]),
            "{row}"
        );
        let of: Vec<String> = item.candidates.iter().map(|one| said(&one.turns).concat()).collect();
        assert_eq!(of, answers, "{row}");
        let metadata: Vec<&String> =
            item.metadata.keys().filter(|key| *key != "schemaVersion").collect();
        assert!(metadata.is_empty(), "{row}");
    }
}

/// What is wrong in such a row is told by its field.
#[test]
fn rows_of_other_trainers_that_are_wrong_are_refused_by_their_field() {
    let gemini = |parts: Value| json!({"contents": [{"role": "user", "parts": parts}]});
    for (good, bad, field) in [
        (gemini(json!([{"text": "q"}])), gemini(json!([{"text": 3}])), "contents[0].parts[0].text"),
        (gemini(json!([{"text": "q"}])), gemini(json!([{}])), "contents[0].parts[0]"),
        (gemini(json!([{"text": "q"}])), gemini(json!([])), "contents[0].parts"),
        (
            json!({"conversation": [{"input": "q", "output": "a"}]}),
            json!({"conversation": [{"input": "q", "output": "a"}, {"input": "q"}]}),
            "conversation[1].output",
        ),
        (
            json!({"segments": [{"label": true, "text": "a"}]}),
            json!({"segments": [{"label": true, "text": "a"}, {"label": "ja", "text": "b"}]}),
            "segments[1].label",
        ),
        (
            json!({"instruction": "q", "generations": ["a"], "ratings": [1]}),
            json!({"instruction": "q", "generations": ["a", "b"], "ratings": [1]}),
            "ratings",
        ),
        (
            json!({"instruction": "q", "generations": ["a"], "ratings": [1]}),
            json!({"instruction": "q", "generations": ["a"], "ratings": ["viel"]}),
            "ratings[0]",
        ),
    ] {
        let (_, found) = found("a.jsonl", format!("{good}\n{bad}\n").as_bytes());
        let [refused] = &found.refusals[..] else { panic!("{bad}: {:?}", found.refusals) };
        assert_eq!((refused.error.row, &refused.error.field[..]), (2, field), "{bad}");
        assert_eq!(found.items.len(), 1, "{bad}");
    }
}

/// What is not talk is not taken for it.
#[test]
fn what_goes_in_and_comes_out_is_not_always_said() {
    for (name, content) in [
        ("a.csv", "input,output\n1.5,2\n"),
        ("a.jsonl", r#"{"input": 3, "output": 4}"#),
        ("a.jsonl", r#"{"contents": "a", "segments": [{"start": 0, "end": 1, "text": "a"}]}"#),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        assert_eq!(recognise(&mut Source::open(&path).unwrap()), None, "{content}");
    }
    let classed = json!({"input": "q", "output": "a", "label": "x"});
    assert_eq!(
        taken("a.jsonl", &classed, "jsonl").0[0].marks,
        [Mark { class: "x".into(), ..Mark::default() }]
    );
}

#[test]
fn two_answers_of_gemini_and_of_distilabel_are_ranked() {
    let gemini = json!({"contents": [{"role": "user", "parts": [{"text": "q"}]}], "completions": [
        {"score": 0, "completion": {"parts": [{"text": "b"}]}}, {"score": 1, "completion": {"parts": [{"text": "a"}]}}]});
    let rated = json!({"instruction": "q", "generations": ["b", "a"], "ratings": [1, 5], "rationales": ["x", "y"]});
    for (row, format) in [(gemini, "trl-preference"), (rated, "ultrafeedback")] {
        let (items, _) = taken("a.jsonl", &row, format);
        let order = items[0].marks.iter().find_map(|mark| match &mark.place {
            Place::Talk(formats::exchange::Talk::Ranking { order, .. }) => Some(order.concat()),
            _ => None,
        });
        assert_eq!(order, Some(vec!["answer_2".into(), "answer_1".into()]), "{row}");
    }
}

#[test]
fn make_sense_writes_points_and_classes_without_a_header() {
    let points = "auge,12,34,bär.jpg,640,480\nnase,5,6,bär.jpg,640,480\nauge,1,2,b.jpg,10,10\n";
    let (items, lost) = taken("labels.csv", &points.into(), "csv");
    let marks = |item: &Item| -> Vec<String> {
        let point = |mark: &Mark| match &mark.place {
            Place::Shape(Shape::Points { points }) => format!("{} {points:?}", mark.class),
            other => format!("{} {}", mark.class, other.kind()),
        };
        item.marks.iter().map(point).collect()
    };
    assert_eq!(
        (items.len(), &items[0].name[..], items[0].width, lost),
        (2, "bär.jpg", Some(640), vec![])
    );
    assert_eq!(marks(&items[0]), ["auge [[12.0, 34.0]]", "nase [[5.0, 6.0]]"]);
    assert_eq!(marks(&items[1]), ["auge [[1.0, 2.0]]"]);
    let (items, _) =
        taken("labels.csv", &"b.jpg,\"[große Katze,hund]\"\na.jpg,\"[hund]\"\n".into(), "csv");
    assert_eq!(marks(&items[0]), ["große Katze whole", "hund whole"]);
    assert_eq!((marks(&items[1]), items[1].metadata.len()), (vec!["hund whole".to_owned()], 0));
    let (_, wrong) = found("labels.csv", b"auge,1,2,b.jpg,10,10\nauge,1,x,b.jpg,10,10\n");
    assert_eq!((wrong.refusals.len(), &wrong.refusals[0].error.field[..]), (1, "point"));
}

/// COCO Annotator, imantics, SAHI and globox.
#[test]
fn coco_with_what_its_tools_add() {
    let coco = json!({
        "images": [{"id": 1, "file_name": "a.jpg", "width": 33, "height": 17}],
        "categories": [{"id": 0, "name": "a b"}, {"id": 0, "name": "c"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 0, "bbox": [0, 0, 33, 17], "isbbox": true, "ignore": 0,
                "segmentation": [[0, 0, 33, 0, 33, 17, 0, 17]], "metadata": {"wo": "ü"}, "category_name": "a b"},
            {"id": 2, "image_id": 1, "category_id": 0, "bbox": [0, 0, 33, 17], "isbbox": true, "ignore": 1,
                "segmentation": [[0, 0, 33, 0, 33, 17, 1, 17]], "metadata": {}},
        ],
    });
    let (_, found) = found("a.json", coco.to_string().as_bytes());
    assert_eq!(found.losses.losses.len(), 0, "{:?}", found.losses);
    // The second category is refused and names nothing.
    assert_eq!((found.refusals.len(), &found.refusals[0].error.field[..]), (1, "categories[1].id"));
    let [one, other] = &found.items[0].marks[..] else { panic!() };
    assert_eq!((&one.class[..], &other.class[..]), ("a b", "a b"));
    let whole = Shape::Box { x: 0.0, y: 0.0, width: 33.0, height: 17.0 };
    assert_eq!(one.place, Place::Shape(whole));
    assert_eq!(Value::from(one.attributes.clone()), json!({"wo": "ü"}));
    assert_eq!(
        (other.place.kind(), Value::from(other.attributes.clone())),
        ("polygon", json!({"ignore": true}))
    );
    let results = json!([{"image_id": 1, "category_id": 0, "category_name": "zwei Wörter", "bbox": [1, 2, 3, 4], "score": 0.5}]);
    let (items, lost) = taken("result.json", &results, "coco");
    assert_eq!((&items[0].marks[0].class[..], lost), ("zwei Wörter", vec![]));
}

#[test]
fn turned_rectangles_of_labelme_are_boxes() {
    let shape = |kind: &str, points: Value| json!({"label": kind, "points": points, "shape_type": kind, "flags": {}, "group_id": null, "description": ""});
    let file = json!({"version": "6.3.1", "flags": {}, "imagePath": "a.png", "imageData": null, "imageHeight": 20, "imageWidth": 20,
    "shapes": [
        shape("oriented_rectangle", json!([[5, 5], [10, 10], [8, 12], [3, 7]])),
        shape("oriented_rectangle", json!([[5, 5], [10, 10], [8, 13], [3, 7]])),
    ]});
    let (items, _) = taken("a.json", &file, "labelme");
    let Place::Shape(Shape::Turned { cx, cy, degrees, .. }) = items[0].marks[0].place else {
        panic!()
    };
    assert_eq!((cx, cy, degrees.round()), (6.5, 8.5, 45.0));
    assert_eq!(items[0].marks[1].place.kind(), "polygon");
}

/// Labelme keeps what it does not know of a shape or a picture, and so do we.
#[test]
fn what_labelme_keeps_of_a_shape_comes_back() {
    let mark = Mark {
        class: "a".into(),
        place: Place::Shape(Shape::Box { x: 1.0, y: 2.0, width: 3.0, height: 4.0 }),
        attributes: [("wie".to_owned(), json!("gut")), ("label".to_owned(), json!("x"))]
            .into_iter()
            .collect(),
        score: Some(0.5),
        ..Mark::default()
    };
    let metadata =
        [("wo".to_owned(), json!({"a": 1})), ("shapes".to_owned(), json!(7))].into_iter().collect();
    let item = Item {
        name: "a.png".into(),
        width: Some(9),
        height: Some(9),
        marks: vec![mark],
        metadata,
        ..Item::default()
    };
    let (back, lost) = written(Format::Labelme, "out", &item);
    assert_eq!(lost, ["attributes", "metadata"]);
    let [mark] = &back.marks[..] else { panic!() };
    assert_eq!(
        (Value::from(mark.attributes.clone()), mark.score),
        (json!({"wie": "gut"}), Some(0.5))
    );
    assert_eq!(Value::from(back.metadata), json!({"wo": {"a": 1}}));
}

/// pycocotools' `loadRes` looks at the first result, and needs of the others what that one has.
#[test]
fn results_of_boxes_and_masks_have_what_the_first_has() {
    let mark = |shape| Mark {
        class: "a".into(),
        place: Place::Shape(shape),
        score: Some(0.5),
        ..Mark::default()
    };
    let upright = mark(Shape::Box { x: 1.0, y: 2.0, width: 3.0, height: 4.0 });
    let outline =
        mark(Shape::Polygon { points: vec![[1.0, 1.0], [5.0, 1.0], [5.0, 5.0], [1.0, 5.0]] });
    for (marks, key) in
        [(vec![upright.clone(), outline.clone()], "bbox"), (vec![outline, upright], "segmentation")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let item = Item {
            name: "1".into(),
            id: Some("1".into()),
            width: Some(9),
            height: Some(9),
            marks,
            ..Item::default()
        };
        let mut losses = formats::LossReport::default();
        let mut writer = Format::CocoResults.writer(&path).unwrap();
        writer.item(&item, &mut losses).unwrap();
        writer.finish(&mut losses).unwrap();
        let list: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert!(list.len() == 2 && list.iter().all(|one| one.get(key).is_some()), "{list:?}");
    }
}

/// What `labelbox` writes with `NDJsonConverter`.
#[test]
fn labelbox_questions_in_questions_frames_and_relations() {
    let row = json!({"globalKey": "v"});
    let lines = [
        json!({"dataRow": row, "name": "r", "uuid": "u", "answer": {"name": "eins", "classifications": [
            {"name": "drin", "answer": [{"name": "a"}, {"name": "b"}]}]}}),
        json!({"dataRow": row, "name": "licht", "uuid": "u0", "frames": [{"start": 2, "end": 4}, {"start": 6, "end": 6}], "answer": {"name": "hell"}}),
        json!({"dataRow": row, "name": "in", "uuid": "x",
            "relationship": {"source": "u1", "target": "u2", "type": "unidirectional"}}),
        json!({"dataRow": row, "name": "per", "uuid": "u1", "location": {"start": 0, "end": 2}, "classifications": [
            {"name": "wie", "answer": {"name": "gut", "classifications": [{"name": "sehr", "answer": "ja"}]}}]}),
        json!({"dataRow": row, "name": "ort", "uuid": "u2", "classifications": [], "location": {"start": 4, "end": 4}}),
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let (items, lost) = taken("a.ndjson", &lines.into(), "labelbox");
    let [item] = &items[..] else { panic!() };
    let marks: Vec<_> = item
        .marks
        .iter()
        .map(|mark| {
            (mark.question.as_deref().unwrap_or_default(), &mark.class[..], mark.place.clone())
        })
        .collect();
    assert_eq!(lost, Vec::<&str>::new());
    assert_eq!(
        marks,
        [
            ("r", "eins", Place::Whole),
            ("r/drin", "a", Place::Whole),
            ("r/drin", "b", Place::Whole),
            ("licht", "hell", Place::Frames { start: 1, end: 3 }),
            ("licht", "hell", Place::Frames { start: 5, end: 5 }),
            ("", "per", Place::Span { start: 0, end: 3 }),
            ("", "ort", Place::Span { start: 4, end: 5 }),
        ]
    );
    assert_eq!(
        Value::from(item.marks[5].attributes.clone()),
        json!({"wie": "gut", "wie/sehr": "ja"})
    );
    let ids: Vec<_> =
        item.marks.iter().map(|mark| mark.id.as_deref().unwrap_or_default()).collect();
    assert_eq!(ids, ["u", "", "", "u0", "", "u1", "u2"]);
    let [link] = &item.links[..] else { panic!() };
    assert_eq!(
        (&link.from[..], &link.to[..], &link.class[..], link.mutual),
        ("u1", "u2", "in", false)
    );
}

/// The export of Labelbox names each object in its relations.
#[test]
fn questions_and_relations_of_labelbox_keep_their_names() {
    let object = |id: &str| json!({"feature_id": id, "name": "a", "point": {"x": 1, "y": 2}});
    let relation = |kind: &str| json!({"feature_id": "r", "name": "in", kind: {"source": "f1", "target": "f2", "readonly": false}});
    let label = json!({"annotations": {
        "objects": [object("f1"), object("f2")],
        "classifications": [{"name": "wetter", "radio_answer": {"name": "heiter"}}],
        "relationships": [relation("unidirectional_relationship"), {"name": "of another kind"}],
    }});
    let row = json!({"data_row": {"id": "r1", "external_id": "a.jpg"}, "projects": {"p": {"labels": [label]}}});
    let (items, lost) = taken("a.ndjson", &row, "labelbox");
    let [.., asked] = &items[0].marks[..] else { panic!() };
    assert_eq!((asked.question.as_deref(), &asked.class[..]), (Some("wetter"), "heiter"));
    let [link] = &items[0].links[..] else { panic!() };
    assert_eq!(
        (&link.from[..], &link.to[..], &link.class[..], link.mutual),
        ("f1", "f2", "in", false)
    );
    assert_eq!(lost, ["relation"]);
}

/// Argilla's `records.to_datasets()`, written with `to_csv`: NumPy prints what is in the cells.
#[test]
fn argilla_in_cells_of_csv() {
    let rows = "id,status,text,label.responses,label.responses.users,label.responses.status,ml.responses,ml.responses.users,\
        ml.suggestion,ml.suggestion.score,ml.suggestion.agent,tx.suggestion,tx.suggestion.score\n\
        r1,pending,Zoë,\"['b & c' 'a']\",\"['u1'\n 'u2']\",\"['submitted' 'draft']\",\"[array(['x', 'y'], dtype=object)]\",['u1'],\
        ['x'],[0.5],m1,wörter,0.25\n";
    let (items, lost) = taken("a.csv", &rows.into(), "argilla");
    let marks: Vec<_> = items[0]
        .marks
        .iter()
        .map(|mark| (&mark.class[..], mark.by.as_deref().unwrap_or_default(), mark.score))
        .collect();
    assert_eq!(
        marks,
        [
            ("x", "", None),
            ("wörter", "", Some(0.25)),
            ("b & c", "u1", None),
            ("a", "u2", None),
            ("x", "u1", None),
            ("y", "u1", None),
        ]
    );
    assert_eq!(lost, ["score"]);
}

/// Keys with dots, as names of pictures have them, and the other endings of texts.
#[test]
fn samples_of_webdataset_whose_names_have_dots() {
    let (mut bytes, texts) =
        (Vec::new(), ["dir/a.1.txt", "dir/a.1.cls", "dir/a.2.cls", "b.text", "b.cls"]);
    let mut tar = TarWriter::new(&mut bytes);
    for name in
        ["dir/a.1.jpg", texts[0], texts[1], "dir/a.2.jpg", texts[2], "b.jpg", texts[3], texts[4]]
    {
        let content: &[u8] = if name.ends_with("jpg") { b"" } else { b"7" };
        tar.add(name, content.len() as u64, &mut &content[..]).unwrap();
    }
    tar.finish().unwrap();
    let (format, found) = found("a.tar", &bytes);
    assert_eq!(
        (format, &found.refusals[..], found.losses.losses.len()),
        (Format::WebDataset, &[][..], 0)
    );
    let said: Vec<_> = found.items.iter().map(|item| (&item.name[..], item.marks.len())).collect();
    assert_eq!(said, [("b.jpg", 2), ("dir/a.1.jpg", 2), ("dir/a.2.jpg", 1)]);
}

/// A picture and the conversation about it, as LLaVA's data are packed.
#[test]
fn samples_of_webdataset_may_be_talk() {
    let talk = json!({"id": "7", "conversations": [
        {"from": "human", "value": "<image>\nwas?"}, {"from": "gpt", "value": "ein Bär"}], "source": "x"});
    let (talk, text) = (talk.to_string(), json!({"text": "ein Bär", "label": "tier"}).to_string());
    let pack = |json: &str| {
        let mut tar = TarWriter::new(Vec::new());
        for (name, content) in [("a/1.jpg", ""), ("a/1.json", json)] {
            tar.add(name, content.len() as u64, &mut content.as_bytes()).unwrap();
        }
        tar.finish().unwrap()
    };
    let (format, read) = found("a.tar", &pack(&talk));
    assert_eq!((format, &read.refusals[..]), (Format::WebDataset, &[][..]));
    let [item] = &read.items[..] else { panic!() };
    assert_eq!((&item.name[..], item.id.as_deref()), ("a/1.jpg", Some("7")));
    assert_eq!(said(&item.turns), ["user: <image>\nwas?", "assistant: ein Bär"]);
    assert_eq!(Value::from(item.metadata.clone()), json!({"source": "x"}));
    let (format, read) = found("a.tar", &pack(&text));
    assert_eq!((format, &read.items[0].name[..]), (Format::WebDataset, "a/1.jpg"));
    assert_eq!(read.items[0].metadata["label"], "tier");
}
