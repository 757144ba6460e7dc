//! What the clouds and the tools of companies hand out, as their descriptions have it: a row is the files, the format that they are taken for, the items,
//! and what is counted as lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/makers.rs"]
#[allow(dead_code, reason = "each test file uses a part")]
mod makers;
mod support;

use formats::exchange::{Found, Source, recognise};
use image::ImageFormat;
use serde_json::{Value, json};

/// Reads what is there, with pictures of 100 × 50 pixels under these names.
fn read(files: &[(&str, &str)], pictures: &[&str]) -> (&'static str, Found) {
    let folder = tempfile::tempdir().unwrap();
    let picture = support::file(support::gradient(100, 50), ImageFormat::Png);
    let pictures = pictures.iter().map(|name| (*name, &picture[..]));
    let files = files.iter().map(|(name, content)| (*name, content.as_bytes()));
    for (name, content) in files.chain(pictures) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
    }
    let format = recognise(&mut Source::open(folder.path()).unwrap()).unwrap();
    let mut found = Found::default();
    format.read(&mut Source::open(folder.path()).unwrap(), &mut found).unwrap();
    (format.as_str(), found)
}

fn check(files: &[(&str, &str)], pictures: &[&str], format: &str, items: Value, lost: &[&str]) {
    let (told, found) = read(files, pictures);
    assert_eq!((told, &found.refusals[..]), (format, &[][..]));
    assert_eq!(serde_json::to_value(&found.items).unwrap(), items);
    assert_eq!(found.losses.losses.keys().copied().collect::<Vec<_>>(), lost);
}

fn shape(class: &str, shape: Value) -> Value {
    json!({ "class": class, "place": { "shape": shape } })
}

fn boxed(class: &str, [x, y, width, height]: [f64; 4]) -> Value {
    shape(class, json!({ "type": "box", "x": x, "y": y, "width": width, "height": height }))
}

fn whole(class: &str) -> Value {
    json!({ "class": class, "place": "whole" })
}

fn span(start: u64, end: u64) -> Value {
    json!({ "class": "PER", "place": { "span": { "start": start, "end": end } } })
}

fn with(mut mark: Value, key: &str, value: Value) -> Value {
    mark[key] = value;
    mark
}

#[test]
fn manifests_of_sagemaker_and_rekognition() {
    let sure = json!({ "confidence": 0.5 });
    let items = json!([
        { "name": "img/a.jpg", "width": 100, "height": 50, "marks": [with(boxed("dog", [1.0, 2.0, 30.0, 20.0]), "score", 0.75.into())] },
        { "name": "img/a.jpg", "width": 100, "height": 50, "marks": [with(with(whole("cat"), "question", "kind".into()), "attributes", sure),
            with(whole("x"), "question", "tags".into()), with(whole("y"), "question", "tags".into())] },
        { "name": "row_3", "text": "Zoë met Ana", "marks": [span(8, 11)] },
    ]);
    check(&[("output.manifest", makers::SAGE_MAKER)], &["img/a.jpg"], "sagemaker", items, &[]);
    let masks = r#"{"source-ref":"s3://b/a.jpg","seg-ref":"s3://b/a.png","seg-ref-metadata":{"internal-color-map":{"0":{"class-name":"BACKGROUND"}}}}"#;
    check(
        &[("output.manifest", masks)],
        &[],
        "sagemaker",
        json!([{ "name": "s3://b/a.jpg" }]),
        &["mask_file"],
    );
    let (_, found) = read(
        &[("output.manifest", &makers::SAGE_MAKER.replace("\"1\":\"dog\"", "\"7\":\"dog\""))],
        &[],
    );
    assert_eq!(
        (found.items.len(), &found.refusals[0].error.field[..]),
        (2, "box.annotations[0].class_id")
    );
}

#[test]
fn lists_of_vertex_and_automl() {
    let items = json!([
        { "name": "b/a.jpg", "subset": "train", "width": 100, "height": 50, "marks": [boxed("cat", [10.0, 10.0, 30.0, 20.0])], "metadata": { "city": "Bonn" } },
        { "name": "gs://b/b.jpg", "marks": [with(whole("cat"), "attributes", json!({ "by": "ann" }))] },
        { "name": "row_3", "text": "Zoë met Ana", "marks": [span(8, 11)] },
        { "name": "row_4", "text": "good", "marks": [{ "place": "whole", "question": "sentiment", "value": 2.0, "attributes": { "sentimentMax": 4 } }] },
        { "name": "row_5", "text": "Zoë met Ana", "marks": [span(0, 3)] },
    ]);
    check(&[("in.jsonl", makers::VERTEX)], &["b/a.jpg"], "vertex", items, &[]);
    // Without the picture nobody knows where a tenth of its side is.
    let (_, found) = read(&[("in.jsonl", makers::VERTEX)], &[]);
    assert_eq!(
        (found.items.len(), &found.refusals[0].error.field[..]),
        (4, "boundingBoxAnnotations[0]")
    );
}

#[test]
fn lists_of_azure() {
    let dog = shape(
        "dog",
        json!({ "type": "polygon", "points": [[10.0, 10.0], [30.0, 10.0], [30.0, 20.0]] }),
    );
    let items = json!([
        { "name": "data/a.jpg", "width": 100, "height": 50, "marks": [with(boxed("cat", [10.0, 10.0, 30.0, 20.0]), "crowd", true.into()), dog] },
        { "name": "data/b.jpg", "marks": [whole("cat")] },
    ]);
    check(&[("in.jsonl", makers::AZURE)], &[], "azure-ml", items, &[]);
}

#[test]
fn files_of_v7_in_both_versions() {
    let id = |mark, id: &str| with(mark, "id", id.into());
    let cat = with(
        with(
            with(boxed("cat", [1.0, 2.0, 30.0, 20.0]), "by", "a@b.c".into()),
            "attributes",
            json!({ "big": true }),
        ),
        "track",
        5.into(),
    );
    let parts =
        json!([[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]], [[20.0, 0.0], [29.0, 0.0], [29.0, 9.0]]]);
    let items = json!([{ "name": "street/a.jpg", "width": 100, "height": 50, "marks": [
        id(cat, "1"),
        id(shape("dog", json!({ "type": "parts", "parts": parts })), "2"),
        id(whole("day"), "3"),
        id(shape("eye", json!({ "type": "points", "points": [[1.0, 2.0]] })), "4"),
        id(shape("lane", json!({ "type": "line", "points": [[1.0, 2.0], [3.0, 4.0]] })), "5"),
        id(shape("hand", json!({ "type": "keypoints", "points": [[1.0, 2.0, 2.0], [3.0, 4.0, 1.0]] })), "6"),
    ] }]);
    check(&[("a.json", makers::DARWIN)], &[], "darwin", items, &["field_not_read"]);
    let (format, found) = read(&[("a.json", makers::DARWIN_OLD)], &[]);
    assert_eq!((format, &found.items[0].name[..]), ("darwin", "a.jpg"));
    assert_eq!(
        found.losses.losses.keys().copied().collect::<Vec<_>>(),
        ["field_not_read", "hole_cut_open"]
    );
}

#[test]
fn labels_of_fiftyone() {
    let dog = with(
        with(boxed("dog", [10.0, 10.0, 30.0, 20.0]), "score", 0.75.into()),
        "attributes",
        json!({ "late": true }),
    );
    let items = json!([
        { "name": "data/a.png", "width": 100, "height": 50, "marks": [dog] },
        { "name": "data/b.png", "width": 100, "height": 50 },
        { "name": "c.jpg", "marks": [whole("cat")] },
    ]);
    check(
        &[("labels.json", makers::FIFTY_ONE)],
        &["data/a.png", "data/b.png"],
        "fiftyone",
        items,
        &[],
    );
    let (_, found) = read(&[("labels.json", makers::FIFTY_ONE)], &[]);
    assert_eq!(found.refusals[0].error.field, "a[0].bounding_box");
}

#[test]
fn kitti_and_darknet_as_fiftyone_writes_them() {
    let labels = "cat 0 0 0 10 10 40 30 0 0 0 0 0 0 0\ndog 0 0 0 50 25 70 35 0 0 0 0 0 0 0 0.9\n";
    let (format, found) = read(&[("labels/a.txt", labels)], &["data/a.png"]);
    assert_eq!(
        (format, &found.items[0].name[..], found.items[0].width),
        ("kitti", "a.png", Some(100))
    );
    assert_eq!((found.items.len(), found.items[0].marks.len()), (1, 2));
    // The list of the pictures is none of their labels.
    let files = [
        ("obj.names", "cat\n"),
        ("images.txt", "data/a.png\n"),
        ("data/a.txt", "0 0.25 0.4 0.3 0.4\n"),
    ];
    let (format, found) = read(&files, &["data/a.png"]);
    assert_eq!((format, &found.refusals[..], found.items.len()), ("darknet", &[][..], 1));
    assert_eq!(
        serde_json::to_value(&found.items[0].marks).unwrap(),
        json!([boxed("cat", [10.0, 10.0, 30.0, 20.0])])
    );
}

#[test]
fn what_spacy_was_trained_with() {
    let pair = |line: &str| {
        format!("[\"Zoë met Ana\",{{\"entities\":[[0,3,\"PER\"],[8,11,\"PER\"]]}}]{line}")
    };
    let item = |name: &str| json!({ "name": name, "text": "Zoë met Ana", "marks": [span(0, 3), span(8, 11)] });
    let list = format!("[\n {},\n {}]", pair(""), pair(""));
    let page = format!("{{\"classes\":[\"PER\"],\"annotations\":[{},null]}}", pair(""));
    let token = |orth: &str, ner: &str| json!({ "orth": orth, "ner": ner });
    let tokens = json!([token("Zoë", "U-PER"), token("met", "O"), token("Ana", "U-PER")]);
    let long = json!([token("New", "B-LOC"), token("York", "L-LOC"), token(".", "-")]);
    let document = json!([{ "id": 0, "paragraphs": [
        { "raw": "Zoë met Ana", "sentences": [{ "tokens": tokens }], "cats": [{ "label": "good", "value": 1.0 }] },
        { "sentences": [{ "tokens": long }] }] }]);
    let good = with(item("row_1"), "marks", json!([span(0, 3), span(8, 11), whole("good")]));
    let york = json!({ "name": "row_2", "text": "New York .", "marks": [{ "class": "LOC", "place": { "span": { "start": 0, "end": 8 } } }] });
    check(&[("train.json", &list)], &[], "spacy", json!([item("row_1"), item("row_2")]), &[]);
    check(&[("train.jsonl", &pair("\n"))], &[], "spacy", json!([item("row_1")]), &[]);
    check(&[("page.json", &page)], &[], "spacy", json!([item("row_1")]), &[]);
    check(&[("old.json", &document.to_string())], &[], "spacy", json!([good, york]), &[]);
}

#[test]
fn masks_of_segment_anything_and_coco_of_azure() {
    let mask = json!({ "id": "1", "place": { "shape": { "type": "mask", "height": 3, "width": 4, "counts": "363" } }, "score": 0.75,
        "attributes": { "stability_score": 0.5, "point_coords": [[1, 1]] } });
    check(
        &[("a.json", makers::SEGMENT_ANYTHING)],
        &[],
        "segment-anything",
        json!([{ "name": "a.jpg", "id": "7", "width": 4, "height": 3, "marks": [mask] }]),
        &[],
    );
    let coco = |address: &str| {
        json!({ "images": [{ "id": 1, "width": 100.0, "height": 50.0, "file_name": "a.jpg", "coco_url": address }],
        "annotations": [{ "id": 1, "image_id": 1, "category_id": 1, "bbox": [0.1, 0.2, 0.3, 0.4] },
            { "id": 2, "image_id": 1, "category_id": 1, "segmentation": [[0.1, 0.2, 0.3, 0.2, 0.3, 0.4]] }], "categories": [{ "id": 1, "name": "cat" }] }).to_string()
    };
    let (_, found) = read(&[("a.json", &coco("AmlDatastore://x/a.jpg"))], &[]);
    let outline = shape(
        "cat",
        json!({ "type": "polygon", "points": [[10.0, 10.0], [30.0, 10.0], [30.0, 20.0]] }),
    );
    let wanted = json!([
        with(boxed("cat", [10.0, 10.0, 30.0, 20.0]), "id", "1".into()),
        with(outline, "id", "2".into())
    ]);
    assert_eq!(serde_json::to_value(&found.items[0].marks).unwrap(), wanted);
    // Of anybody else, a tenth of a pixel is what it says.
    let (_, found) = read(&[("a.json", &coco("https://x/a.jpg"))], &[]);
    assert_eq!(
        serde_json::to_value(&found.items[0].marks).unwrap()[0],
        with(boxed("cat", [0.1, 0.2, 0.3, 0.4]), "id", "1".into())
    );
}
