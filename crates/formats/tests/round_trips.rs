//! What is written reads back: exactly where the format can hold it, and counted where it cannot.

mod support;

use std::collections::BTreeMap;
use std::io::Cursor;

use formats::coco::{CocoInfo, CocoItem, CocoWriter};
use formats::exchange::{Format, Found, Mark, Place, Source};
use formats::native::*;
use formats::{Classes, LabelsCsv};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn ontology() -> Value {
    json!({
        "classes": [
            { "key": "vehicle", "name": "Vehicle" },
            { "key": "car", "name": "Car", "parent": "vehicle" },
            { "key": "bird-1", "name": "Bird" }, { "key": "bird-2", "name": "Bird" },
        ],
        "attributes": [{ "key": "weather", "scope": "item" }, { "key": "note", "scope": "object" }],
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_map() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(".{0,6}", any_value(), 0..4)
        .prop_map(|map| map.into_iter().collect())
}

prop_compose! {
    fn any_answer()(id in ".{0,8}", contributor in ".{0,8}", submitted_at: i64, version: u64,
        value in any_value(), superseded_by in prop::option::of(".{1,8}"), rejected: bool) -> Answer {
        Answer { id, contributor, submitted_at, ontology_version: version, instructions_version: version / 2, value, superseded_by, rejected }
    }
}

prop_compose! {
    fn any_review()(reviewer in ".{0,8}", verdict in ".{0,8}", clause in prop::option::of(".{0,8}"),
        reason in prop::option::of(".{0,8}"), proposal in any_something(), at: i64) -> Review {
        Review { reviewer, verdict, clause, reason, proposal, at }
    }
}

/// What is there is something: null reads back as nothing.
fn any_something() -> impl Strategy<Value = Option<Value>> {
    prop::option::of(any_value().prop_filter("something", |value| !value.is_null()))
}

prop_compose! {
    fn any_comment()(id in ".{0,8}", thread in ".{0,8}", answer in ".{0,8}", person in ".{0,8}", text in ".{0,8}",
        pin in any_something(), state in prop::option::of(".{0,8}"), at: i64) -> Comment {
        Comment { id, thread, answer, person, text, pin, state, at }
    }
}

prop_compose! {
    fn any_label()(value in any_value(), confidence in prop::option::of(0.0..=1.0f64), method in ".{0,8}",
        answers in prop::collection::vec(any_answer(), 0..3), reviews in prop::collection::vec(any_review(), 0..3),
        comments in prop::collection::vec(any_comment(), 0..3),
        ontology_version: u64, instructions_version: u64, calibrated: bool, model in prop::option::of(".{0,8}")) -> Label {
        let provenance = Provenance { answers, reviews, comments, ontology_version, instructions_version };
        let from = |id: &str| PartSource { answer: id.into(), id: method.clone() };
        let attributes = BTreeMap::from_iter(confidence.map(|share| (method.clone(), share)));
        let part = |confidence: f64| {
            Part { id: method.clone(), confidence, attributes: attributes.clone(), from: vec![from("sub_1"), from("sub_2")] }
        };
        let parts = confidence.map(part).into_iter().collect();
        Label { value, confidence, calibrated, model, method, attributes, parts, provenance }
    }
}

prop_compose! {
    fn any_so_far()(answers in prop::collection::vec(any_answer(), 0..3),
        reviews in prop::collection::vec(any_review(), 0..3),
        comments in prop::collection::vec(any_comment(), 0..3)) -> SoFar {
        SoFar { answers, reviews, comments }
    }
}

prop_compose! {
    fn any_record()(id in ".{0,8}", state in ".{0,8}", priority: u8, external_id in ".{0,20}", media in ".{0,8}",
        name in prop::option::of(".{0,8}"), width in prop::option::of(any::<u32>()), metadata in any_map(),
        text in prop::option::of("(?s).{0,30}"), label in prop::option::of(any_label()), so_far in prop::option::of(any_so_far()),
        known in prop::option::of(any_value().prop_filter("an answer is something", |value| !value.is_null()))) -> Record {
        let frames = width.map(u64::from);
        let item = Item { external_id, media, blake3: name.clone(), name, height: width, width, metadata, text, frames, scene: None, pictures: vec![] };
        Record { task: Task { id, state, priority }, item, label, so_far, known }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// N8: an export reads back exactly, to the last digit of every number.
    #[test]
    fn native(question in ".{0,30}", ontology in any_value(), records in prop::collection::vec(any_record(), 0..5)) {
        let version = Version { version: 3, value: ontology };
        let project = Project { name: "n".into(), question, plan: version.value.clone(), instructions: vec![version.clone()], ontology: vec![version] };
        let mut writer = NativeWriter::new(Vec::new(), &project).unwrap();
        for record in &records {
            writer.push(record).unwrap();
        }
        let bytes = writer.finish().unwrap();
        prop_assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), records.len() + 1);
        let reader = NativeReader::open(&bytes[..]).unwrap();
        prop_assert_eq!(reader.project(), &project);
        let read: Vec<_> = reader.map(|row| row.unwrap().unwrap()).collect();
        prop_assert_eq!(read, records);
    }

    /// C1, C3: shapes, classes, attributes and their order survive COCO.
    #[test]
    fn coco(shapes in prop::collection::vec(prop::collection::vec((any_shape(), any::<bool>()), 0..6), 0..6)) {
        let ontology = ontology();
        let classes = Classes::read(&ontology).unwrap();
        let keys = ["car", "bird-1", "bird-2"];
        let answers: Vec<Value> = shapes.iter().map(|shapes| {
            let objects: Vec<Value> = shapes.iter().enumerate().map(|(n, (shape, flag))| {
                let mut object = json!({ "id": format!("o{}", n + 1), "class": keys[n % 3], "shape": shape });
                if *flag {
                    object["attributes"] = json!({ "occluded": true, "n": n });
                }
                object
            }).collect();
            json!({ "objects": objects })
        }).collect();
        let mut writer = CocoWriter::new(Vec::new(), Cursor::new(Vec::new()), &classes, CocoInfo::default()).unwrap();
        for (n, answer) in answers.iter().enumerate() {
            writer.push(CocoItem { file_name: &format!("{n}.jpg"), width: 900, height: 900 }, answer).unwrap();
        }
        let (bytes, losses) = writer.finish().unwrap();
        prop_assert!(losses.is_empty());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("coco.json");
        std::fs::write(&file, bytes).unwrap();
        let mut found = Found::default();
        Format::Coco.read(&mut Source::open(&file).unwrap(), &mut found).unwrap();
        prop_assert!(found.losses.is_empty() && found.refusals.is_empty());
        let read: Vec<Value> = found.items.iter().map(|item| {
            json!({ "objects": item.marks.iter().enumerate().map(object).collect::<Vec<_>>() })
        }).collect();
        prop_assert_eq!(read, answers);
    }
}

/// A mark as the object of an answer.
fn object((n, mark): (usize, &Mark)) -> Value {
    let names = ["Car", "bird-1", "bird-2"];
    let keys = ["car", "bird-1", "bird-2"];
    let class = names.iter().position(|name| *name == mark.class).map(|at| keys[at]);
    let Place::Shape(shape) = &mark.place else { panic!("{mark:?}") };
    let mut object = json!({ "id": format!("o{}", n + 1), "class": class, "shape": shape });
    if !mark.attributes.is_empty() {
        object["attributes"] = Value::Object(mark.attributes.clone());
    }
    object
}

fn any_shape() -> impl Strategy<Value = Value> {
    let side = || 0.0..800.0f64;
    prop_oneof![
        (side(), side(), 1.0..99.0f64, 1.0..99.0f64).prop_map(
            |(x, y, w, h)| json!({ "type": "box", "x": x, "y": y, "width": w, "height": h })
        ),
        prop::collection::vec((side(), side()), 3..9)
            .prop_map(|points| json!({ "type": "polygon", "points": points })),
    ]
}

#[test]
fn coco_is_what_other_tools_expect() {
    let ontology = ontology();
    let classes = Classes::read(&ontology).unwrap();
    let info = CocoInfo { description: "d", version: "1", date_created: "2026-01-31" };
    let mut writer = CocoWriter::new(Vec::new(), Cursor::new(Vec::new()), &classes, info).unwrap();
    let answer = json!({
        "objects": [
            { "id": "a", "class": "car", "shape": { "type": "box", "x": 10.5, "y": 20, "width": 64, "height": 32.25 }, "attributes": { "occluded": true } },
            { "id": "b", "class": "vehicle", "shape": { "type": "polygon", "points": [[0, 0], [10, 0], [10, 10]] } },
            { "id": "c", "class": "gone", "shape": { "type": "polygon", "points": [[0, 0], [10, 0], [10, 10]] } },
        ],
        "attributes": { "weather": ["rain"] }, "note": "dark",
    });
    writer.push(CocoItem { file_name: "a.jpg", width: 640, height: 480 }, &answer).unwrap();
    let (bytes, losses) = writer.finish().unwrap();
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        file,
        json!({
            "info": { "description": "d", "version": "1", "date_created": "2026-01-31", "year": 2026, "contributor": "", "url": "" },
            "licenses": [],
            "categories": [
                { "id": 1, "name": "Vehicle", "supercategory": "" },
                { "id": 2, "name": "Car", "supercategory": "Vehicle" },
                // Two classes of one name are told apart by their keys.
                { "id": 3, "name": "bird-1", "supercategory": "" },
                { "id": 4, "name": "bird-2", "supercategory": "" },
            ],
            "images": [{ "id": 1, "file_name": "a.jpg", "width": 640, "height": 480 }],
            "annotations": [
                { "id": 1, "image_id": 1, "category_id": 2, "bbox": [10.5, 20.0, 64.0, 32.25], "area": 2064.0, "iscrowd": 0, "segmentation": [], "attributes": { "occluded": true } },
                { "id": 2, "image_id": 1, "category_id": 1, "bbox": [0.0, 0.0, 10.0, 10.0], "area": 50.0, "iscrowd": 0, "segmentation": [[0.0, 0.0, 10.0, 0.0, 10.0, 10.0]] },
            ],
        })
    );
    assert_eq!(
        serde_json::to_value(losses).unwrap()["losses"],
        json!({
            "item_attribute": { "count": 1, "examples": ["a.jpg: weather"] },
            "note": { "count": 1, "examples": ["a.jpg"] },
            "unknown_class": { "count": 1, "examples": ["a.jpg: c"] },
        })
    );
}

/// Every shape that an answer may hold, in one answer.
fn all_shapes() -> Value {
    let shapes = [
        json!({ "type": "box", "x": 10.5, "y": 20.0, "width": 64.0, "height": 32.25 }),
        json!({ "type": "turned", "cx": 10.0, "cy": 10.0, "width": 8.0, "height": 4.0, "degrees": 90.0 }),
        json!({ "type": "polygon", "points": [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]], "holes": [[[2.0, 2.0], [4.0, 2.0], [4.0, 4.0]]] }),
        json!({ "type": "line", "points": [[0.0, 0.0], [9.0, 5.25]] }),
        json!({ "type": "point", "x": 1.0, "y": 2.0 }),
        json!({ "type": "ellipse", "cx": 9.0, "cy": 9.0, "rx": 3.0, "ry": 2.0, "degrees": 0.0 }),
        json!({ "type": "keypoints", "points": [[1.0, 2.0, 2.0], [0.0, 0.0, 0.0], [5.0, 6.0, 1.0]] }),
        json!({ "type": "mask", "height": 2, "width": 3, "counts": "123" }),
    ];
    let objects: Vec<Value> = shapes
        .iter()
        .enumerate()
        .map(|(n, shape)| json!({ "id": format!("o{n}"), "class": "car", "shape": shape }))
        .collect();
    json!({ "objects": objects })
}

#[test]
fn every_shape_is_the_same_after_the_native_export() {
    let project = Project {
        name: "n".into(),
        question: "q".into(),
        plan: json!({}),
        instructions: vec![],
        ontology: vec![],
    };
    let record: Record = serde_json::from_value(json!({
        "task": { "id": "t", "state": "done", "priority": 5 },
        "item": { "external_id": "1", "media": "image/png" },
        "label": {
            "value": all_shapes(), "method": "only",
            "provenance": { "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 },
        },
    }))
    .unwrap();
    let mut writer = NativeWriter::new(Vec::new(), &project).unwrap();
    writer.push(&record).unwrap();
    let bytes = writer.finish().unwrap();
    let read = NativeReader::open(&bytes[..]).unwrap().next().unwrap().unwrap().unwrap();
    let answer: domain::answers::Answer =
        serde_json::from_value(read.label.unwrap().value).unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), all_shapes());
}

#[test]
fn coco_has_every_shape_and_tells_what_it_made_of_it() {
    let ontology = ontology();
    let classes = Classes::read(&ontology).unwrap();
    let info = CocoInfo { description: "d", version: "1", date_created: "2026-01-31" };
    let mut writer = CocoWriter::new(Vec::new(), Cursor::new(Vec::new()), &classes, info).unwrap();
    writer.push(CocoItem { file_name: "a", width: 3, height: 2 }, &all_shapes()).unwrap();
    let (bytes, losses) = writer.finish().unwrap();
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let of = |n: usize, key: &str| file["annotations"][n][key].clone();
    assert_eq!(of(1, "segmentation"), json!([[12.0, 6.0, 12.0, 14.0, 8.0, 14.0, 8.0, 6.0]]));
    assert_eq!(of(2, "area"), json!(79.0));
    assert_eq!(of(6, "keypoints"), json!([1.0, 2.0, 2.0, 0.0, 0.0, 0.0, 5.0, 6.0, 1.0]));
    assert_eq!((of(6, "num_keypoints"), of(6, "bbox")), (json!(2), json!([1.0, 2.0, 4.0, 4.0])));
    assert_eq!(of(7, "segmentation"), json!({ "size": [2, 3], "counts": "123" }));
    let kinds: Vec<&str> = losses.losses.keys().copied().collect();
    let told = ["ellipse_as_box", "hole_cut_open", "line_as_box", "points_as_box"];
    assert_eq!(kinds, [&told[..], &["turned_box_as_polygon"]].concat());
}

#[test]
fn labels_become_a_harmless_table() {
    let mut csv = LabelsCsv::new(Vec::new(), &ontology()).unwrap();
    let line = json!({
        "task": { "id": "t1", "state": "done", "priority": 5 },
        "item": { "external_id": "=cmd|' /C calc'!A0", "media": "text/plain", "text": "hi" },
        "label": { "value": { "choices": ["a", "b"], "attributes": { "weather": ["rain", "fog"] }, "note": "n" },
            "confidence": 0.5, "method": "majority",
            "provenance": { "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 } },
    });
    let mut told = line.clone();
    told["label"]["calibrated"] = json!(true);
    for line in [line, told] {
        csv.push(&serde_json::from_value(line).unwrap()).unwrap();
    }
    let (bytes, losses) = csv.finish().unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "task,external_id,state,label,confidence,method,calibrated,attribute.weather\n\
         t1,'=cmd|' /C calc'!A0,done,a;b,,majority,false,rain;fog\n\
         t1,'=cmd|' /C calc'!A0,done,a;b,0.5,majority,true,rain;fog\n"
    );
    assert_eq!(losses.count("note"), 2);
}
