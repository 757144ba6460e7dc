//! What other tools write that is rarer: judged answers as pairs, lines through videos, LabelMe's first XML, tables
//! whose rows change on the way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use formats::LossReport;
use formats::exchange::{
    Format, Found, Item, Mark, Place, Report, Shape, Source, convert, recognise,
};
use serde_json::{Value, json};
use std::path::Path;

fn found(path: &Path, format: Format) -> Found {
    let mut found = Found::default();
    format.read(&mut Source::open(path).unwrap(), &mut found).unwrap();
    found
}

fn lost(losses: &LossReport) -> Vec<(&'static str, u64)> {
    losses.losses.iter().map(|(kind, loss)| (*kind, loss.count)).collect()
}

/// The rows that come of `rows`, and the report.
fn turned(rows: &[Value], from: Format, to: Format) -> (Vec<Value>, Report) {
    let folder = tempfile::tempdir().unwrap();
    let [input, out] = ["in.jsonl", "out.jsonl"].map(|name| folder.path().join(name));
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    std::fs::write(&input, text).unwrap();
    let report = convert(&input, from, &out, to, &mut |_, _| {}).unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), report)
}

fn judged(prompt: &str, completion: &str, label: bool) -> Value {
    json!({ "prompt": prompt, "completion": completion, "label": label })
}

#[test]
fn a_good_and_a_bad_answer_to_one_prompt_are_a_preference() {
    let rows = [
        judged("a", "good", true),
        judged("b", "alone", true),
        judged("a", "better", true),
        judged("a", "bad", false),
        judged("c", "alone, too", false),
        judged("a", "worse", false),
        judged("a", "one too many", false),
    ];
    let pair = |chosen: &str, rejected: &str| json!({ "prompt": "a", "chosen": chosen, "rejected": rejected });
    let (pairs, report) = turned(&rows, Format::TrlKto, Format::TrlPreference);
    assert_eq!(pairs, [pair("good", "bad"), pair("better", "worse")]);
    assert_eq!(lost(&report.losses), [("answer_without_its_opposite", 3)]);
    let alone = &report.losses.losses["answer_without_its_opposite"].examples;
    assert_eq!(alone[..], ["row_2", "row_5", "row_7"]);
    // Back again, each is judged by itself.
    let (back, report) = turned(&pairs, Format::TrlPreference, Format::TrlKto);
    assert_eq!(back[..2], [judged("a", "good", true), judged("a", "bad", false)]);
    assert_eq!(lost(&report.losses), [("pair", 2)]);
    // Messages are compared as they are, whatever else the row says.
    let said = |who: &str, what: &str| json!([{ "role": who, "content": what }]);
    let row = |what: &str, label: bool| {
        json!({
            "prompt": said("user", "Hi"), "completion": said("assistant", what), "label": label, "id": what, "note": what,
        })
    };
    let rows = [row("Ha", false), row("Ho", true)];
    let (pairs, report) = turned(&rows, Format::TrlKto, Format::TrlPreference);
    assert_eq!(
        pairs,
        [json!({
            "id": "Ho", "note": "Ho", "prompt": said("user", "Hi"),
            "chosen": said("assistant", "Ho"), "rejected": said("assistant", "Ha"),
        })]
    );
    assert_eq!(lost(&report.losses), [("item_id", 1), ("metadata", 1)]);
}

#[test]
fn an_answer_with_a_wrong_step_is_the_worse_one() {
    let row = |steps: &[&str], labels: &[bool]| json!({ "prompt": "2 + 3 × 4?", "completions": steps, "labels": labels });
    let rows = [
        row(&["2 + 3 = 5", "5 × 4 = 20"], &[false, true]),
        row(&["3 × 4 = 12", "2 + 12 = 14"], &[true, true]),
    ];
    let (pairs, report) = turned(&rows, Format::TrlStepwise, Format::TrlPreference);
    let (good, bad) = ("3 × 4 = 12\n2 + 12 = 14", "2 + 3 = 5\n5 × 4 = 20");
    assert_eq!(pairs, [json!({ "prompt": "2 + 3 × 4?", "chosen": good, "rejected": bad })]);
    assert_eq!(lost(&report.losses), [("judged_step", 4)]);
    let (judgements, _) = turned(&rows, Format::TrlStepwise, Format::TrlKto);
    assert_eq!(judgements, [judged("2 + 3 × 4?", bad, false), judged("2 + 3 × 4?", good, true)]);
    // The other way, an answer is one step.
    let (steps, report) = turned(&pairs, Format::TrlPreference, Format::TrlStepwise);
    assert_eq!(steps, [row(&[good], &[true]), row(&[bad], &[false])]);
    assert_eq!(lost(&report.losses), [("pair", 1)]);
    let (steps, report) = turned(&judgements, Format::TrlKto, Format::TrlStepwise);
    assert_eq!((steps.len(), lost(&report.losses)), (2, vec![]));
}

#[test]
fn a_line_through_a_video_is_followed_point_by_point() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.json");
    let at = |frame: u64, y: f64, enabled: bool| {
        json!({
            "frame": frame, "enabled": enabled, "time": 0.1,
            "vertices": [
                { "id": "a", "x": 10.0, "y": y }, { "id": "b", "prevPointId": "a", "x": 50.0, "y": y },
                { "id": "c", "prevPointId": "b", "x": 50.0, "y": 90.0, "isBezier": true },
            ],
        })
    };
    let region = |closed: bool| {
        json!({
            "id": "r", "type": "videovector", "from_name": "v", "to_name": "video", "original_width": 200,
            "original_height": 100,
            "value": { "framesCount": 9, "closed": closed, "labels": ["lane"], "sequence": [at(1, 10.0, true), at(3, 30.0, false)] },
        })
    };
    for closed in [true, false] {
        let task = json!([{ "data": { "video": "/data/a.mp4" }, "annotations": [{ "result": [region(closed)] }] }]);
        std::fs::write(&input, task.to_string()).unwrap();
        let read = found(&input, Format::LabelStudio);
        assert_eq!((read.refusals.len(), lost(&read.losses)), (0, vec![("curve", 2)]));
        let frames: Vec<_> = read.items[1..].iter().map(|item| item.frame.unwrap()).collect();
        assert_eq!(frames, [0, 1, 2], "it is gone after the third frame");
        let between = &read.items[2].marks[0];
        let wanted = vec![[20.0, 20.0], [100.0, 20.0], [100.0, 90.0]];
        let points = match &between.place {
            Place::Shape(Shape::Polygon { points }) if closed => points,
            Place::Shape(Shape::Line { points }) if !closed => points,
            other => panic!("{other:?}"),
        };
        assert_eq!((points, &between.class[..]), (&wanted, "lane"));
    }
    let mut wrong = region(true);
    wrong["value"]["sequence"][1]["vertices"] = json!([]);
    let task =
        json!([{ "data": { "video": "/data/a.mp4" }, "annotations": [{ "result": [wrong] }] }]);
    std::fs::write(&input, task.to_string()).unwrap();
    let read = found(&input, Format::LabelStudio);
    assert!(read.refusals[0].error.field.ends_with("sequence[1].vertices"), "{:?}", read.refusals);
}

#[test]
fn the_first_labelme_is_read_with_its_parts_and_masks() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["Annotations/a", "Masks/a"] {
        std::fs::create_dir_all(path(name)).unwrap();
    }
    let points = |points: &[[u32; 2]]| -> String {
        points.iter().map(|[x, y]| format!("<pt><x>{x}</x><y>{y}</y></pt>")).collect()
    };
    let object = |id: u32, name: &str, rest: &str| {
        format!(
            "<object><name>{name}</name><deleted>0</deleted><verified>1</verified><occluded>yes</occluded>\
         <attributes>red, doors=4</attributes><date>15-Nov-2019 14:38:51</date><id>{id}</id>{rest}</object>"
        )
    };
    let square = points(&[[10, 20], [30, 20], [30, 50], [10, 50]]);
    let xml = format!(
        "<annotation><filename>b.jpg</filename><folder>a</folder><source><sourceAnnotation>LabelMe Webtool</sourceAnnotation></source>\
         {}{}{}{}<imagesize><nrows>60</nrows><ncols>80</ncols></imagesize></annotation>",
        object(
            0,
            "car",
            &format!(
                "<parts><hasparts>1</hasparts><ispartof></ispartof></parts><polygon><username>ana</username>{square}</polygon>"
            )
        ),
        object(
            1,
            "wheel",
            &format!(
                "<type>bounding_box</type><parts><hasparts></hasparts><ispartof>0</ispartof></parts><polygon>{square}</polygon>"
            )
        ),
        object(2, "sky", "<segm><username>bo</username><mask>b_mask_2.png</mask></segm>"),
        object(3, "gone", "").replace("<deleted>0", "<deleted>1"),
    );
    std::fs::write(path("Annotations/a/b.xml"), &xml).unwrap();
    let mask =
        image::GrayImage::from_fn(80, 60, |x, y| image::Luma([u8::from(x < 8 && y < 6) * 255]));
    mask.save(path("Masks/a/b_mask_2.png")).unwrap();
    let format = recognise(&mut Source::open(folder.path()).unwrap());
    assert_eq!(format, Some(Format::Labelme));
    let read = found(folder.path(), Format::Labelme);
    assert_eq!(
        (read.refusals.len(), lost(&read.losses)),
        (0, vec![("date", 3), ("deleted_object", 1)])
    );
    let item = &read.items[0];
    assert_eq!((&item.name[..], item.width, item.height), ("a/b.jpg", Some(80), Some(60)));
    let [car, wheel, sky] = &item.marks[..] else { panic!("{:?}", item.marks) };
    assert!(matches!(&car.place, Place::Shape(Shape::Polygon { points }) if points.len() == 4));
    assert_eq!(
        car.attributes,
        *json!({ "red": true, "doors": "4", "occluded": true, "verified": true })
            .as_object()
            .unwrap()
    );
    assert_eq!((car.by.as_deref(), car.id.as_deref()), (Some("ana"), Some("0")));
    let wanted = Shape::Box { x: 10.0, y: 20.0, width: 20.0, height: 30.0 };
    assert_eq!(wheel.place, Place::Shape(wanted));
    let Place::Shape(Shape::Mask(mask)) = &sky.place else { panic!("{sky:?}") };
    assert_eq!(mask.pixels(1 << 20).unwrap().iter().filter(|set| **set != 0).count(), 48);
    assert_eq!((&item.links[0].from[..], &item.links[0].to[..]), ("1", "0"));
    // What is wrong is refused by itself, with its field.
    for (wrong, field) in [
        (xml.replace("<y>20</y>", "<y>NaN</y>"), "y"),
        (xml.replace("b_mask_2", "b_mask_9"), "mask"),
        (xml.replace("<ncols>80", "<ncols>-8"), "ncols"),
        (xml.replace("<filename>b.jpg</filename>", ""), ""),
        (xml[..xml.len() - 40].to_owned(), ""),
    ] {
        std::fs::write(path("Annotations/a/b.xml"), wrong).unwrap();
        let read = found(folder.path(), Format::Labelme);
        assert_eq!(read.refusals[0].error.field, field, "{:?}", read.refusals);
    }
}

/// The same but for whole numbers in a column of others.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// Rows of which later ones have what no earlier one had: all come back, in their order.
#[test]
fn a_table_whose_rows_change_on_the_way_is_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let row = |nth: u64| {
        let item = Item {
            name: format!("row_{}", nth + 1),
            id: Some(nth.to_string()),
            subset: if nth.is_multiple_of(7) { "test" } else { "train" }.into(),
            text: Some(format!("text {nth}")),
            marks: vec![Mark { class: format!("class {}", nth % 5), ..Mark::default() }],
            ..Item::default()
        };
        let metadata = match nth {
            0..5_000 => json!({ "a": nth, "none": null, "list": [] }),
            5_000..9_000 => json!({ "a": nth as f64 + 0.5, "b": { "c": nth } }),
            9_000..12_000 => {
                json!({ "a": "words", "b": { "c": nth, "d": [true, false] }, "list": [{ "e": 1 }] })
            }
            _ => json!({ "a": [nth], "b": { "c": 0.5 }, "new": u64::MAX }),
        };
        let mut metadata = metadata.as_object().unwrap().clone();
        metadata.retain(|_, value| !value.is_null());
        Item { metadata, ..item }
    };
    let items: Vec<Item> = (0..15_000).map(row).collect();
    for name in ["set", "one.parquet"] {
        let out = folder.path().join(name);
        let mut losses = LossReport::default();
        let mut writer = Format::Parquet.writer(&out).unwrap();
        items.iter().for_each(|item| writer.item(item, &mut losses).unwrap());
        writer.finish(&mut losses).unwrap();
        let kinds: Vec<_> = losses.losses.keys().copied().collect();
        assert_eq!(kinds, ["value_as_json"]);
        let read = found(&out, Format::Parquet);
        assert_eq!((read.refusals.len(), read.items.len()), (0, items.len()));
        let mut back = read.items;
        back.sort_by_key(|item| item.id.as_ref().unwrap().parse::<u64>().unwrap());
        for (item, back) in items.iter().zip(&back) {
            assert_eq!((&item.subset, &item.text), (&back.subset, &back.text), "{back:?}");
            assert_eq!(item.marks, back.marks);
            for (key, value) in &item.metadata {
                let empty = value.as_array().is_some_and(Vec::is_empty);
                let found = &back.metadata.get(key).cloned().unwrap_or_default();
                assert!(same(value, found) || empty, "{key}: {value} {found}");
            }
        }
        // Nothing is left of what was written before it was known.
        let files = match out.is_dir() {
            true => std::fs::read_dir(out.join("data")).unwrap().count(),
            false => std::fs::read_dir(folder.path()).unwrap().count() - 1,
        };
        assert_eq!(files, if out.is_dir() { 2 } else { 1 });
    }
}

/// A name that no file can have stops nothing but its own item.
#[test]
fn a_name_that_is_too_long_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let shape = Shape::Box { x: 1.0, y: 2.0, width: 3.0, height: 4.0 };
    let item = |name: String| Item {
        name,
        width: Some(64),
        height: Some(48),
        marks: vec![Mark {
            class: "cat".into(),
            place: Place::Shape(shape.clone()),
            ..Mark::default()
        }],
        ..Item::default()
    };
    let items =
        [item(format!("{}.jpg", "x".repeat(300))), item("a".into()), item("a/b.jpg".into())];
    for format in [Format::Yolo, Format::Voc, Format::Labelme, Format::Kitti] {
        let mut losses = LossReport::default();
        let mut writer = format.writer(&folder.path().join(format.as_str())).unwrap();
        items.iter().for_each(|item| writer.item(item, &mut losses).unwrap());
        writer.finish(&mut losses).unwrap();
        assert_eq!(losses.count("no_name_for_a_file"), 1, "{}: {losses:?}", format.as_str());
    }
}
