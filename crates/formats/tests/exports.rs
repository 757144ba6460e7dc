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

#[test]
fn pictures_of_supervisely_with_skeletons_and_turned_boxes() {
    let meta = json!({ "classes": [{ "title": "cat", "shape": "graph", "color": "#0F8A40", "geometry_config": {
        "nodes": { "a1": { "label": "nose", "loc": [1, 1] }, "b2": { "label": "tail", "loc": [5, 5] }, "c3": { "label": "ear", "loc": [0, 0] } },
        "edges": [{ "src": "a1", "dst": "b2" }] } }], "tags": [] });
    let about = json!({ "nnCreated": false, "nnUpdated": true, "description": "", "tags": [], "createdAt": "2024-01-02T03:04:05Z" });
    let object = |class: &str, kind: &str, more: Value| {
        let mut object = about.clone();
        let more = more.as_object().unwrap().clone();
        object.as_object_mut().unwrap().extend(more);
        object["classTitle"] = class.into();
        object["geometryType"] = kind.into();
        object
    };
    let names = ["face1-topleft", "face1-bottomleft", "face1-topright", "face1-bottomright"];
    let more = ["face2-topright", "face2-bottomright", "face2-topleft", "face2-bottomleft"];
    let corners: serde_json::Map<String, Value> = names
        .iter()
        .chain(&more)
        .enumerate()
        .map(|(at, name)| ((*name).to_owned(), json!({ "loc": [at, 2 * at] })))
        .collect();
    let annotation = json!({ "description": "at noon", "size": { "height": 50, "width": 100 }, "tags": [], "customBigData": {}, "objects": [
        object("cat", "graph", json!({ "nodes": { "a1": { "loc": [4, 3] }, "b2": { "loc": [12, 10], "disabled": true } } })),
        object("box", "oriented_bbox", json!({ "points": [[20, 10], [60, 30]], "angle": std::f64::consts::FRAC_PI_2 })),
        object("solid", "cuboid_2d", json!({ "nodes": corners })),
        object("car", "rectangle", json!({ "points": { "exterior": [[1, 2], [3, 4]], "interior": [] }, "description": "late" })),
    ] });
    let at = |at: f64| [at, 2.0 * at];
    let car =
        with(boxed("car", [1.0, 2.0, 2.0, 2.0]), "attributes", json!({ "description": "late" }));
    let items = json!([{ "name": "day/img/a.jpg", "width": 100, "height": 50, "marks": [
        shape("cat", json!({ "type": "keypoints", "points": [[4.0, 3.0, 2.0], [12.0, 10.0, 1.0], [0.0, 0.0, 0.0]] })),
        shape("box", json!({ "type": "turned", "cx": 40.0, "cy": 20.0, "width": 40.0, "height": 20.0, "degrees": 90.0 })),
        shape("solid", json!({ "type": "solid", "corners": (0..8).map(|nth| at(f64::from(nth))).collect::<Vec<_>>() })),
        car,
    ], "metadata": { "description": "at noon" } }]);
    let files =
        [("meta.json", &meta.to_string()[..]), ("day/ann/a.jpg.json", &annotation.to_string())];
    check(&files, &["day/img/a.jpg"], "supervisely", items, &[]);
    let (_, found) = read(&files, &[]);
    assert_eq!(found.classes[0].keypoints, ["nose", "tail", "ear"]);
    assert_eq!(found.classes[0].skeleton, [[1, 2]]);
}

/// What moves has a class and tags, and a place in each frame; clouds have theirs in space.
#[test]
fn videos_and_clouds_of_supervisely() {
    let figure = |x: u64| {
        json!({ "key": format!("f{x}"), "objectKey": "o1", "geometryType": "rectangle",
            "geometry": { "points": { "exterior": [[x, 2], [x + 10, 12]], "interior": [] } }, "nnCreated": false, "nnUpdated": false })
    };
    let frame = |at: u64| json!({ "index": at, "figures": [figure(at)] });
    let video = json!({ "size": { "height": 50, "width": 100 }, "description": "", "key": "v1", "framesCount": 9,
        "tags": [{ "name": "rain", "value": "much", "frameRange": [0, 2], "isFinished": true, "nonFinalValue": false, "key": "t1" }],
        "objects": [{ "key": "o1", "classTitle": "car", "tags": [{ "name": "lit", "frameRange": [1, 1] }, { "name": "no", "value": 7 }] }],
        "frames": [frame(0), frame(1), frame(2)] });
    let rain = json!({ "class": "rain", "place": { "frames": { "start": 0, "end": 2 } }, "attributes": { "value": "much" } });
    let seen = |at: u64, said: Value| {
        let car = with(boxed("car", [at as f64, 2.0, 10.0, 10.0]), "attributes", said);
        json!({ "name": format!("ds/video/a/frame_00000{at}"), "width": 100, "height": 50, "frame": at, "marks": [with(car, "track", 0.into())] })
    };
    let items = json!([
        { "name": "ds/video/a.mp4", "marks": [rain] },
        seen(0, json!({ "no": 7 })),
        seen(1, json!({ "lit": true, "no": 7 })),
        seen(2, json!({ "no": 7 })),
    ]);
    check(&[("ds/ann/a.mp4.json", &video.to_string())], &[], "supervisely", items, &[]);
    let place = json!({ "position": { "x": 1, "y": 2, "z": 3 }, "rotation": { "x": 0, "y": 0, "z": 0 }, "dimensions": { "x": 4, "y": 2, "z": 1.5 } });
    let figure =
        json!({ "key": "f", "objectKey": "o1", "geometryType": "cuboid_3d", "geometry": place });
    let objects = json!([{ "key": "o1", "classTitle": "car", "tags": [] }]);
    let cloud = json!({ "description": "", "key": "c", "tags": [], "objects": objects, "figures": [figure] });
    let car = json!({ "class": "car", "place": { "cuboid": { "centre": [1.0, 2.0, 3.0], "size": [4.0, 2.0, 1.5],
        "rotation": [1.0, 0.0, 0.0, 0.0], "frame": "lidar" } } });
    let items = json!([{ "name": "ds/pointcloud/a.pcd", "marks": [car] }]);
    check(&[("ds/ann/a.pcd.json", &cloud.to_string())], &[], "supervisely", items, &[]);
    let episode = json!({ "description": "", "key": "e", "tags": [], "objects": objects, "framesCount": 2,
        "frames": [{ "index": 1, "figures": [figure] }] });
    let files = [
        ("ds/annotation.json", &episode.to_string()[..]),
        ("ds/frame_pointcloud_map.json", r#"{"0":"a.pcd","1":"b.pcd"}"#),
    ];
    let items = json!([{ "name": "ds/pointcloud/a.pcd", "frame": 0 },
        { "name": "ds/pointcloud/b.pcd", "frame": 1, "marks": [with(car, "track", 0.into())] }]);
    check(&files, &[], "supervisely", items, &[]);
    let damaged = ("ds/frame_pointcloud_map.json", "{\"0\":\"a.pcd\",\n\"1\":7}");
    let (_, found) = read(&[files[0], damaged], &[]);
    let told: Vec<_> = found.refusals.iter().map(|one| (&one.file[..], one.error.row)).collect();
    assert_eq!(told, [("ds/frame_pointcloud_map.json", 2)]);
}

/// Ranges that lie over one another would make much out of little, and frames have numbers that can be held.
#[test]
fn what_moves_through_a_video_of_v7_has_a_bound() {
    let place = json!({ "bounding_box": { "x": 1, "y": 2, "w": 3, "h": 4 } });
    let frames: serde_json::Map<String, Value> =
        (0..300).map(|frame| (frame.to_string(), place.clone())).collect();
    let of = |frames: Value, ranges: Value| {
        let car = json!({ "id": "c", "name": "car", "frames": frames, "ranges": ranges });
        let file = json!({ "version": "2.0", "item": { "name": "a.mp4", "path": "/",
            "slots": [{ "type": "video", "slot_name": "0", "width": 9, "height": 9 }] }, "annotations": [car] });
        read(&[("a.json", &file.to_string())], &[]).1
    };
    let told = |found: &formats::exchange::Found| {
        found.refusals.iter().map(|one| one.error.message.clone()).collect::<Vec<_>>()
    };
    let found = of(frames.into(), vec![json!([0, 300]); 300].into());
    assert_eq!(told(&found), ["`annotations[0]` has more than 50,000 keyframes"]);
    let found = of(json!({ "18446744073709551615": place }), json!([]));
    let [message] = &told(&found)[..] else { panic!("{:?}", found.refusals) };
    assert!(message.ends_with("is no number of a frame"), "{message}");
}

/// What Roboflow says of the classes lies in a table or a list of its own, beside the pictures of each part.
#[test]
fn lists_of_roboflow_beside_the_pictures() {
    let told = ("README.roboflow.txt", "Cats - v1\n====\n");
    let classes = ("train/_classes.txt", "cat\ndog\n");
    let list = ("train/_annotations.txt", "a b.jpg 10,20,30,40,0 1,2,3,4,1\nb.jpg\n");
    let items = json!([
        { "name": "a b.jpg", "subset": "train", "width": 100, "height": 50,
            "marks": [boxed("cat", [10.0, 20.0, 20.0, 20.0]), boxed("dog", [1.0, 2.0, 2.0, 2.0])] },
        { "name": "b.jpg", "subset": "train" },
    ]);
    check(&[told, classes, list], &["train/a b.jpg"], "yolo", items, &[]);
    let (_, found) =
        read(&[classes, ("train/_annotations.txt", "a.jpg 1,2,3,4,7 5,5,5,9,0 1,2,3,4,1\n")], &[]);
    let refused: Vec<&str> = found.refusals.iter().map(|one| &one.error.field[..]).collect();
    assert_eq!((refused, found.items[0].marks.len()), (vec!["class", "box"], 1));
    let dog = boxed("dog", [40.0, 20.0, 20.0, 10.0]);
    for names in ["train/_darknet.labels", "darknet.labels"] {
        let items = json!([{ "name": "a.jpg", "subset": "train", "width": 100, "height": 50, "marks": [dog] }]);
        let files = [told, (names, "cat\ndog\n"), ("train/a.txt", "1 0.5 0.5 0.2 0.2\n")];
        check(&files, &["train/a.jpg"], "yolo", items, &[]);
    }
    let items = json!([{ "name": "cat/a.jpg", "subset": "train", "width": 100, "height": 50, "marks": [whole("cat")] }]);
    check(&[told], &["train/cat/a.jpg"], "yolo-classify", items, &[]);
    let voc = "<annotation><filename>a.jpg</filename><size><width>9</width><height>9</height></size></annotation>";
    let items = json!([{ "name": "a.jpg", "subset": "valid", "width": 9, "height": 9 }]);
    check(&[told, ("valid/a.xml", voc)], &[], "voc", items, &[]);
}

/// Pictures of classes, whose values or colours a table names.
#[test]
fn masks_of_roboflow_and_v7() {
    let folder = tempfile::tempdir().unwrap();
    let grey = |at: fn(u32) -> u8| {
        let pixels = image::GrayImage::from_fn(4, 2, |x, _| image::Luma([at(x)]));
        support::file(pixels, ImageFormat::Png)
    };
    let coloured = image::RgbImage::from_fn(4, 2, |x, _| {
        image::Rgb(if x < 2 { [255, 50, 50] } else { [0, 0, 0] })
    });
    let coloured = support::file(coloured, ImageFormat::Png);
    let roboflow = grey(|x| if x < 2 { 1 } else { 0 });
    let v7 = grey(|x| if x < 2 { 127 } else { 0 });
    let unknown = grey(|x| if x < 2 { 1 } else { 9 });
    type Row<'a> = (&'a str, &'a str, &'a str, &'a [u8], &'a str, usize);
    let rows: [Row; 4] = [
        (
            "train/_classes.csv",
            "Pixel Value, Class\n0, background\n1, cat\n",
            "train/a_mask.png",
            &roboflow,
            "a.jpg",
            0,
        ),
        (
            "class_mapping.csv",
            "class_name,class_color\n__background__,0\ncat,127\n",
            "masks/in/a.png",
            &v7,
            "in/a.jpg",
            0,
        ),
        (
            "class_mapping.csv",
            "class_name,class_color\n__background__,0 0 0\ncat,255 50 50\n",
            "masks/a.png",
            &coloured,
            "a.jpg",
            0,
        ),
        (
            "train/_classes.csv",
            "Pixel Value, Class\n0, background\n1, cat\n",
            "train/a_mask.png",
            &unknown,
            "a.jpg",
            1,
        ),
    ];
    for (nth, (table, text, mask, pixels, name, refused)) in rows.into_iter().enumerate() {
        let root = folder.path().join(nth.to_string());
        for (file, content) in [(table, text.as_bytes()), (mask, pixels)] {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), content).unwrap();
        }
        let format = recognise(&mut Source::open(&root).unwrap()).unwrap();
        let mut found = Found::default();
        format.read(&mut Source::open(&root).unwrap(), &mut found).unwrap();
        assert_eq!((format.as_str(), found.refusals.len()), ("camvid", refused), "{nth}");
        let [item] = &found.items[..] else { panic!("{nth}: {:?}", found.items) };
        assert_eq!((&item.name[..], item.width), (name, Some(4)), "{nth}");
        let [mark] = &item.marks[..] else { panic!("{nth}: {:?}", item.marks) };
        let formats::exchange::Place::Shape(shape) = &mark.place else { panic!("{nth}") };
        assert_eq!((&mark.class[..], shape.bounds()), ("cat", [0.0, 0.0, 2.0, 2.0]), "{nth}");
    }
}

/// Supervisely writes masks under names of their own, lists files, and leaves out what the picture is.
#[test]
fn voc_as_supervisely_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let mask = image::RgbImage::from_fn(4, 2, |x, _| {
        image::Rgb(match x {
            0 => [15, 87, 138],
            1 => [224, 224, 192],
            _ => [0, 0, 0],
        })
    });
    let mask = support::file(mask, ImageFormat::Png);
    let xml = "<annotation><filename>a</filename><size><width>4</width><height>2</height></size></annotation>";
    let things =
        image::RgbImage::from_fn(4, 2, |x, _| image::Rgb([if x == 0 { 77 } else { 0 }, 0, 0]));
    let things = support::file(things, ImageFormat::Png);
    let files: [(&str, &[u8]); 6] = [
        ("Annotations/a.xml", xml.as_bytes()),
        ("ImageSets/Main/val.txt", b"a.jpg\n"),
        ("JPEGImages/a.jpg", b""),
        // The one is in the place of the other there.
        ("SegmentationClass/a_class.png", &things),
        ("SegmentationObject/a_instance.png", &mask),
        ("colors.txt", b"neutral 224 224 192\nbig cat 15 87 138\n"),
    ];
    for (file, content) in files {
        let path = folder.path().join("VOCdevkit/VOC").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let mut found = Found::default();
    let format = recognise(&mut Source::open(folder.path()).unwrap()).unwrap();
    format.read(&mut Source::open(folder.path()).unwrap(), &mut found).unwrap();
    assert_eq!((format.as_str(), &found.refusals[..]), ("voc", &[][..]));
    let [item] = &found.items[..] else { panic!("{:?}", found.items) };
    assert_eq!((&item.name[..], &item.subset[..], item.marks.len()), ("a.jpg", "val", 1));
    assert_eq!(item.marks[0].class, "big cat");
}

#[test]
fn instances_of_superannotate() {
    let cat = with(
        with(
            with(boxed("cat", [1.0, 2.0, 30.0, 40.0]), "by", "a@b.c".into()),
            "attributes",
            json!({ "side": "left", "colour": ["red", "white"] }),
        ),
        "group",
        3.into(),
    );
    let turned = json!({ "type": "turned", "cx": 15.0, "cy": 20.0, "width": 20.0, "height": 10.0, "degrees": 90.0 });
    let hole = json!([
        [0.0, 0.0],
        [40.0, 0.0],
        [30.0, 5.0],
        [20.0, 5.0],
        [30.0, 10.0],
        [30.0, 5.0],
        [40.0, 0.0],
        [40.0, 30.0]
    ]);
    let solid = json!([
        [10.0, 10.0],
        [10.0, 30.0],
        [30.0, 10.0],
        [30.0, 30.0],
        [35.0, 5.0],
        [35.0, 25.0],
        [15.0, 5.0],
        [15.0, 25.0]
    ]);
    let items = json!([{ "name": "in/a.jpg", "width": 100, "height": 50, "marks": [
        whole("good"),
        cat,
        with(shape("box", turned), "score", 0.5.into()),
        shape("cat", json!({ "type": "polygon", "points": hole })),
        shape("lane", json!({ "type": "line", "points": [[1.0, 2.0], [3.0, 4.0]] })),
        shape("dot", json!({ "type": "points", "points": [[7.0, 8.0]] })),
        shape("hole", json!({ "type": "ellipse", "cx": 30.0, "cy": 20.0, "rx": 10.0, "ry": 5.0, "degrees": 15.0 })),
        shape("hand", json!({ "type": "keypoints", "points": [[1.0, 2.0, 2.0], [3.0, 4.0, 2.0]] })),
        shape("crate", json!({ "type": "solid", "corners": solid })),
        whole("day"),
    ], "metadata": { "weather": "rain" } }]);
    let files = [
        ("in/a.jpg.json", makers::SUPER_ANNOTATE),
        ("classes/classes.json", r##"[{"name":"cat","color":"#80a689","attribute_groups":[]}]"##),
    ];
    // Which points of a template are joined its class does not say.
    check(&files, &[], "superannotate", items, &["hole_cut_open", "skeleton"]);
    // Of before the names stood in each file.
    let old = r#"{"metadata":{"width":9,"height":9},"instances":[{"type":"point","classId":7,"x":1,"y":2,"attributes":[{"id":5,"groupId":4}]},{"type":"point","classId":8,"x":1,"y":2,"attributes":[]}]}"#;
    let classes = r#"[{"id":7,"name":"dot","attribute_groups":[{"id":4,"name":"size","attributes":[{"id":5,"name":"big"}]}]}]"#;
    let (format, found) =
        read(&[("a.jpg___objects.json", old), ("classes/classes.json", classes)], &[]);
    assert_eq!((format, &found.items[0].name[..]), ("superannotate", "a.jpg"));
    assert_eq!(found.items[0].marks[0].attributes["size"], "big");
    assert_eq!(found.refusals[0].error.field, "instances[1].classId");
}

/// Labelbox takes in a line for each object; those about one data row are one item.
#[test]
fn lines_that_labelbox_takes_in() {
    let asked = |class: &str| with(whole(class), "question", "weather".into());
    let cat = with(
        with(
            with(boxed("cat", [1.0, 2.0, 30.0, 40.0]), "id", "u1".into()),
            "attributes",
            json!({ "colour": "red", "sides": ["a", "b"] }),
        ),
        "score",
        0.5.into(),
    );
    let dog =
        shape("dog", json!({ "type": "polygon", "points": [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]] }));
    let car = |x: f64| with(boxed("car", [x, 2.0, 10.0, 10.0]), "track", 0.into());
    let between = with(car(3.0), "attributes", json!({ "keyframe": false }));
    let frame = |at: u64, car: Value| json!({ "name": format!("v/frame_00000{at}"), "frame": at, "marks": [car] });
    let items = json!([
        { "name": "a.jpg", "marks": [cat, with(dog, "id", "u2".into()), with(with(asked("sun"), "score", 0.75.into()), "id", "u3".into()),
            { "id": "u4", "place": { "words": "dark" }, "question": "note" }] },
        { "name": "r2", "id": "r2", "marks": [with(span(0, 3), "id", "u5".into())] },
        { "name": "v.mp4" },
        frame(0, car(1.0)),
        frame(1, between),
        frame(2, car(5.0)),
    ]);
    check(&[("import.ndjson", makers::LABELBOX_IMPORT)], &[], "labelbox", items, &[]);
}

/// A thing of a video is there in its ranges; between keyframes it moves, or stays where it was.
#[test]
fn videos_of_v7() {
    let place =
        |x: u64| json!({ "bounding_box": { "x": x, "y": 2, "w": 10, "h": 10 }, "keyframe": true });
    let car = json!({ "id": "c", "name": "car", "frames": { "0": place(1), "2": place(5) }, "ranges": [[0, 4]], "interpolated": true,
        "inference": { "confidence": 0.5, "model": { "id": "m", "name": "yolo", "type": "t" } } });
    let still = json!({ "id": "s", "name": "sign", "frames": { "2": place(7) }, "ranges": [[2, 4]], "interpolated": false });
    let rain = json!({ "id": "r", "name": "rain", "frames": { "0": { "tag": {}, "keyframe": true } }, "ranges": [[0, 3]] });
    let video = json!({ "version": "2.0", "item": { "name": "a.mp4", "path": "/", "slots": [
        { "type": "video", "slot_name": "0", "width": 100, "height": 50, "frame_count": 9, "frame_urls": ["x"] }] },
        "annotations": [car, still, rain] });
    let boxed_at = |class: &str, x: f64, track: u64| {
        with(boxed(class, [x, 2.0, 10.0, 10.0]), "track", track.into())
    };
    let car =
        |x: f64| with(with(boxed_at("car", x, 0), "score", 0.5.into()), "model", "yolo".into());
    let between = |mark: Value| with(mark, "attributes", json!({ "keyframe": false }));
    let frame = |at: u64, marks: Vec<Value>| json!({ "name": format!("a/frame_00000{at}"), "width": 100, "height": 50, "frame": at, "marks": marks });
    let items = json!([
        { "name": "a.mp4", "marks": [{ "class": "rain", "id": "r", "place": { "frames": { "start": 0, "end": 2 } } }] },
        frame(0, vec![car(1.0)]),
        frame(1, vec![between(car(3.0))]),
        frame(2, vec![car(5.0), boxed_at("sign", 7.0, 1)]),
        frame(3, vec![car(5.0), boxed_at("sign", 7.0, 1)]),
    ]);
    check(&[("a.json", &video.to_string())], &[], "darwin", items, &[]);
    let face = |x: u64| json!({ "x": x, "y": 2, "w": 10, "h": 20 });
    let solid = json!({ "version": "2.0", "item": { "name": "a.jpg", "slots": [] }, "annotations": [
        { "name": "crate", "cuboid": { "front": face(1), "back": face(5) } }] });
    let corners = json!([
        [1.0, 2.0],
        [1.0, 22.0],
        [11.0, 2.0],
        [11.0, 22.0],
        [15.0, 2.0],
        [15.0, 22.0],
        [5.0, 2.0],
        [5.0, 22.0]
    ]);
    let items = json!([{ "name": "a.jpg", "marks": [shape("crate", json!({ "type": "solid", "corners": corners }))] }]);
    check(&[("a.json", &solid.to_string())], &[], "darwin", items, &[]);
}
