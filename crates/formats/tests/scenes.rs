//! Pictures of segments, things in space and things that move: what is written reads back, and what one format says
//! another one says in its own way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use formats::LossReport;
use formats::exchange::{
    Class, Cuboid, Format, Found, Frame, Item, Mark, Mask, Place, Pose, ReadError, Sensor, Shape,
    Source, convert, recognise,
};
use serde_json::json;
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

fn written(out: &Path, format: Format, classes: &[Class], items: &[Item]) -> Vec<&'static str> {
    let mut losses = LossReport::default();
    let mut writer = format.writer(out).unwrap();
    for class in classes {
        writer.class(class).unwrap();
    }
    for item in items {
        writer.item(item, &mut losses).unwrap();
    }
    writer.finish(&mut losses).unwrap();
    losses.losses.keys().copied().collect()
}

fn shaped(class: &str, shape: Shape) -> Mark {
    Mark { class: class.into(), place: Place::Shape(shape), ..Mark::default() }
}

fn boxed(class: &str, [x, y, width, height]: [f64; 4]) -> Mark {
    shaped(class, Shape::Box { x, y, width, height })
}

fn id(id: &str, mark: Mark) -> Mark {
    Mark { id: Some(id.into()), ..mark }
}

fn frame(name: &str, number: u64, marks: Vec<Mark>) -> Item {
    Item { name: name.into(), frame: Some(number), marks, ..Item::default() }
}

/// A mask of 12 × 10 pixels with these set.
fn mask(pixels: &[[usize; 2]]) -> Shape {
    let mut all = vec![0; 120];
    pixels.iter().for_each(|[x, y]| all[y * 12 + x] = 1);
    Shape::Mask(Mask::from_pixels(10, 12, &all))
}

fn cuboid(frame: Frame, around: Option<[f64; 4]>) -> Cuboid {
    let half: f64 = 0.2;
    Cuboid {
        centre: [12.5, -3.0, 0.75],
        size: [4.5, 1.75, 1.5],
        rotation: [half.cos(), 0.0, 0.0, half.sin()],
        frame,
        around,
    }
}

/// Lets numbers that differ in their last digits be the same.
fn near(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-6
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| near(value, other)))
        }
        (a, b) => a == b,
    }
}

fn comes_back(out: &str, format: Format, told: Format, classes: &[Class], items: &[Item]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(out);
    assert_eq!(written(&out, format, classes, items), [""; 0], "{}", format.as_str());
    let found = found(&out, format);
    assert_eq!(found.refusals, [], "{}", format.as_str());
    assert_eq!(found.losses, LossReport::default(), "{}", format.as_str());
    let (back, sent) = (json!(found.items), json!(items));
    assert!(near(&back, &sent), "{}:\n{back:#}\nis not\n{sent:#}", format.as_str());
    let named = recognise(&mut Source::open(&out).unwrap()).map(Format::as_str);
    assert_eq!(named, Some(told.as_str()));
}

#[test]
fn what_a_format_can_hold_comes_back_the_same() {
    let sized = |item: Item| Item { width: Some(12), height: Some(10), ..item };
    let class = |name: &str, thing| Class {
        name: name.into(),
        id: Some(4),
        thing: Some(thing),
        ..Class::default()
    };
    let segments = vec![
        id("9", shaped("sky", mask(&[[0, 0], [1, 0], [2, 0], [0, 1]]))),
        id("70000", Mark { crowd: true, ..shaped("sky", mask(&[[5, 5], [5, 6], [6, 5]])) }),
    ];
    let item =
        Item { id: Some("3".into()), subset: "val".into(), marks: segments, ..Item::default() };
    let item = sized(Item { name: "a/b.jpg".into(), ..item });
    let mut plain = item.clone();
    plain.subset.clear();
    comes_back("out", Format::CocoPanoptic, Format::Coco, &[class("sky", false)], &[plain]);
    let scored = |score, mark: Mark| Mark { score: Some(score), ..mark };
    let result = Item { name: "7".into(), id: Some("7".into()), ..Item::default() };
    let marks = vec![
        scored(0.5, boxed("category_3", [1.5, 2.0, 30.25, 4.0])),
        scored(0.25, shaped("category_9", mask(&[[0, 0], [1, 0]]))),
        scored(
            0.75,
            shaped("category_3", Shape::Keypoints { points: vec![[1.0, 2.0, 2.0]], around: None }),
        ),
    ];
    let result = Item { marks, ..result };
    comes_back("out.json", Format::CocoResults, Format::Coco, &[], &[result]);
    let words = |words: &str| Mark { place: Place::Words(words.into()), ..Mark::default() };
    let captioned = Item {
        name: "a.jpg".into(),
        id: Some("1".into()),
        marks: vec![id("1", words("a cat")), id("2", words("“two” words"))],
        ..Item::default()
    };
    comes_back("out.json", Format::Coco, Format::Coco, &[], &[sized(captioned)]);
    let seen = |track, mut mark: Mark| {
        mark.attributes = json!({ "truncated": 0.0, "occluded": 1.0, "alpha": -1.5 })
            .as_object()
            .unwrap()
            .clone();
        Mark { track: Some(track), ..mark }
    };
    let upright = Cuboid {
        rotation: [0.5_f64.sqrt(), 0.5_f64.sqrt(), 0.0, 0.0],
        ..cuboid(Frame::Camera, Some([10.0, 20.0, 30.5, 40.0]))
    };
    let upright = Mark { class: "Car".into(), place: Place::Cuboid(upright), ..Mark::default() };
    comes_back(
        "out",
        Format::KittiTracking,
        Format::KittiTracking,
        &[],
        &[
            frame("0004/000002.png", 2, vec![seen(7, upright.clone())]),
            frame("0004/000005.png", 5, vec![seen(7, upright), boxed("Van", [1.0, 2.0, 3.0, 4.5])]),
        ],
    );
    let lidar = Place::Cuboid(cuboid(Frame::Lidar, None));
    let lidar = Mark { class: "Car".into(), place: lidar, track: Some(0), ..Mark::default() };
    let mut hidden = lidar.clone();
    hidden.attributes.insert("occlusion".into(), 2.into());
    comes_back(
        "out",
        Format::KittiRaw,
        Format::KittiRaw,
        &[],
        &[
            frame("velodyne_points/data/0000000003.bin", 3, vec![lidar.clone()]),
            frame("velodyne_points/data/0000000004.bin", 4, vec![hidden]),
        ],
    );
    let tracked = |track, mark: Mark| Mark { track: Some(track), ..mark };
    let walk = |at: usize| {
        vec![
            tracked(2001, shaped("pedestrian", mask(&[[at, 1], [at, 2]]))),
            tracked(3007, shaped("dog", mask(&[[at, 4], [at + 1, 4]]))),
        ]
    };
    let frames =
        [sized(frame("0002/000004.png", 4, walk(3))), sized(frame("0002/000005.png", 5, walk(4)))];
    comes_back("out", Format::Mots, Format::Mots, &[], &frames);
    comes_back("out", Format::MotsPng, Format::Mots, &[], &frames);
    let solid = Shape::Solid { corners: (0..8).map(|at| [f64::from(at), 2.5]).collect() };
    let cloud = Item {
        name: "a.pcd".into(),
        id: Some("a".into()),
        marks: vec![id("1", lidar), id("2", shaped("dog", solid.clone()))],
        ..Item::default()
    };
    comes_back("out", Format::Datumaro, Format::Datumaro, &[], &[cloud]);
    let person = Class {
        name: "person".into(),
        keypoints: vec!["nose".into(), "ear".into()],
        ..Class::default()
    };
    let points = vec![[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]];
    let skeleton = shaped("person", Shape::Keypoints { points, around: None });
    let drawn = Item { name: "a.jpg".into(), id: Some("0".into()), ..Item::default() };
    let drawn = Item { marks: vec![skeleton, shaped("dog", solid)], ..drawn };
    comes_back(
        "out.xml",
        Format::Cvat,
        Format::Cvat,
        std::slice::from_ref(&person),
        &[sized(drawn.clone())],
    );
    let ellipse = Shape::Ellipse { cx: 5.0, cy: 6.0, rx: 2.0, ry: 1.5, degrees: 20.0 };
    let turned = Shape::Turned { cx: 5.0, cy: 4.0, width: 6.0, height: 2.0, degrees: 30.0 };
    let mut marks = drawn.marks.clone();
    marks.extend([
        Mark { class: "night".into(), ..Mark::default() },
        id("8", Mark { group: Some(3), ..shaped("dog", ellipse) }),
        shaped("dog", turned),
        shaped("dog", mask(&[[3, 3], [4, 3], [4, 5]])),
        shaped("dog", Shape::Line { points: vec![[1.0, 2.0], [3.0, 4.5]] }),
    ]);
    let mut hidden = boxed("dog", [1.0, 2.0, 3.0, 4.5]);
    hidden.attributes =
        json!({ "occluded": true, "z_order": 2, "kind": "pug" }).as_object().unwrap().clone();
    marks.push(hidden);
    // Where shapes and tags are lists of their own, the tags come first.
    marks.rotate_left(2);
    let painted = Item { id: None, marks, ..drawn };
    comes_back("out", Format::CvatJson, Format::CvatJson, &[person], &[sized(painted)]);
    let car = Cuboid { rotation: [0.8, 0.36, 0.48, 0.0], ..cuboid(Frame::Lidar, None) };
    let car = Mark { class: "car".into(), place: Place::Cuboid(car), ..Mark::default() };
    let cloud = Item { name: "a.pcd".into(), marks: vec![car], ..Item::default() };
    let out = tempfile::tempdir().unwrap();
    let losses =
        written(&out.path().join("x"), Format::CvatJson, &[], std::slice::from_ref(&cloud));
    assert_eq!(losses, ["size_unknown"]);
    let back = found(&out.path().join("x"), Format::CvatJson);
    assert!(near(&json!(back.items), &json!([cloud])), "{:?}", back.items);
}

/// The number of a thing, and the box around it.
type Seen = (i64, [f64; 4]);

/// A thing is at two keyframes, and leaves; another one stays to the last frame.
#[test]
fn a_video_is_followed_between_its_keyframes() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.xml");
    let cvat = r#"<annotations><version>1.1</version><meta><task><original_size><width>100</width><height>50</height>
        </original_size></task></meta>
        <track id="7" label="dog"><attribute name="kind">pug</attribute>
        <box frame="2" outside="0" keyframe="1" xtl="0" ytl="0" xbr="10" ybr="10"><attribute name="runs">true</attribute></box>
        <box frame="4" outside="0" keyframe="1" xtl="10" ytl="4" xbr="24" ybr="14"><attribute name="runs">false</attribute></box>
        <box frame="5" outside="1" keyframe="1" xtl="10" ytl="4" xbr="24" ybr="14"></box>
        <box frame="7" outside="0" keyframe="1" xtl="1" ytl="1" xbr="2" ybr="2"></box></track>
        <track id="8" label="cat">
        <box frame="3" outside="0" xtl="0" ytl="0" xbr="10" ybr="10" rotation="350"></box>
        <box frame="5" outside="0" xtl="0" ytl="0" xbr="10" ybr="10" rotation="10"></box></track></annotations>"#;
    std::fs::write(&input, cvat).unwrap();
    let first = found(&input, Format::Cvat);
    assert_eq!(first.refusals, []);
    let told = |found: &Found| -> Vec<(u64, Vec<Seen>)> {
        let marks = |item: &Item| {
            let mark = |mark: &Mark| {
                let Place::Shape(shape) = &mark.place else { panic!("{mark:?}") };
                (mark.track.unwrap(), shape.bounds().map(|side| (side * 1e6).round() / 1e6))
            };
            item.marks.iter().map(mark).collect()
        };
        found.items.iter().map(|item| (item.frame.unwrap(), marks(item))).collect()
    };
    let round = 10.0 * 10_f64.to_radians().cos() + 10.0 * 10_f64.to_radians().sin();
    let edge = ((5.0 - round / 2.0) * 1e6).round() / 1e6;
    let round = (round * 1e6).round() / 1e6;
    let turned = [edge, edge, round, round];
    let wanted = vec![
        (2, vec![(7, [0.0, 0.0, 10.0, 10.0])]),
        (3, vec![(7, [5.0, 2.0, 12.0, 10.0]), (8, turned)]),
        (4, vec![(7, [10.0, 4.0, 14.0, 10.0]), (8, [0.0, 0.0, 10.0, 10.0])]),
        (5, vec![(8, turned)]),
        (7, vec![(7, [1.0, 1.0, 1.0, 1.0])]),
    ];
    assert_eq!(told(&first), wanted);
    let between = &first.items[1].marks[0];
    let facts = json!({ "kind": "pug", "runs": true, "keyframe": false });
    assert_eq!(json!(between.attributes), facts);
    // Written and read again it is the same, and so is the frame in which nothing is left.
    let out = folder.path().join("out.xml");
    assert_eq!(written(&out, Format::Cvat, &first.classes, &first.items), [""; 0]);
    let second = found(&out, Format::Cvat);
    assert_eq!(told(&second), wanted);
    assert_eq!(second.items, first.items);
    // So it is by way of CVAT's own JSON, in which only the keyframes stand.
    let out = folder.path().join("out");
    assert_eq!(written(&out, Format::CvatJson, &first.classes, &first.items), [""; 0]);
    let third = found(&out, Format::CvatJson);
    assert_eq!((told(&third), third.refusals.len()), (wanted, 0));
    assert_eq!(third.items, first.items);
    let text = std::fs::read_to_string(out.join("annotations.json")).unwrap();
    assert_eq!(text.matches("\"type\":\"rectangle\"").count(), 7);
}

#[test]
fn segments_are_painted_one_over_the_other_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let square = |x: f64, side: f64| {
        let points = vec![[x, 0.0], [x + side, 0.0], [x + side, side], [x, side]];
        Shape::Polygon { points }
    };
    let marks = vec![
        shaped("a", square(0.0, 4.0)),
        shaped("b", square(2.0, 4.0)),
        shaped("hidden", mask(&[[3, 3]])),
        shaped("c", square(2.0, 4.0)),
        shaped("d", Shape::Points { points: vec![[1.0, 1.0]] }),
    ];
    let item = Item { width: Some(12), height: Some(10), marks, ..frame("x.png", 0, vec![]) };
    let out = folder.path().join("out");
    let item = Item { marks: item.marks.clone(), ..item };
    let losses = written(&out, Format::CocoPanoptic, &[], &[item]);
    assert_eq!(losses, ["covered", "covered_in_part", "frame", "outline_as_pixels", "points"]);
    let found = found(&out, Format::Coco);
    let told: Vec<_> = found.items[0]
        .marks
        .iter()
        .map(|mark| {
            let Place::Shape(shape) = &mark.place else { panic!("{mark:?}") };
            (mark.class.as_str(), shape.area(), shape.bounds())
        })
        .collect();
    // The third has all that the second had.
    assert_eq!(told, [("a", 8.0, [0.0, 0.0, 2.0, 4.0]), ("c", 16.0, [2.0, 0.0, 4.0, 4.0])]);
}

#[test]
fn samples_of_a_web_dataset_have_their_files_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, content) in [("in/images/a.b.png", &b"first"[..]), ("in/images/c/d.png", b"second")]
    {
        std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        std::fs::write(at(name), content).unwrap();
    }
    let words = Mark { place: Place::Words("a cat".into()), ..Mark::default() };
    let night = Mark { class: "night".into(), ..Mark::default() };
    let item = |name: &str, marks| Item { name: name.into(), marks, ..Item::default() };
    let items = vec![
        item("a.b.png", vec![boxed("cat", [1.0, 2.0, 3.0, 4.5]), words]),
        item("a.b.jpg", vec![night]),
        item("c/d.png", vec![]),
    ];
    let rows: String = items.iter().map(|item| format!("{}\n", json!({ "item": item }))).collect();
    std::fs::write(at("in/items.jsonl"), rows).unwrap();
    let out = at("out.tar");
    let report =
        convert(&at("in"), Format::Items, &out, Format::WebDataset, &mut |_, _| {}).unwrap();
    assert_eq!(report.losses.losses.keys().copied().collect::<Vec<_>>(), ["file_not_there"]);
    let mut source = Source::open(&out).unwrap();
    let names =
        ["a_b-2.cls", "a_b-2.json", "a_b.json", "a_b.png", "a_b.txt", "c/d.json", "c/d.png"];
    assert_eq!(source.names(), names);
    assert_eq!(source.read(3, 100).unwrap(), b"first");
    assert_eq!(source.read(6, 100).unwrap(), b"second");
    let mut back = found(&out, Format::WebDataset);
    back.items.sort_by(|a, b| b.name.cmp(&a.name));
    let mut sent = items.clone();
    sent.sort_by(|a, b| b.name.cmp(&a.name));
    assert_eq!((back.items, back.refusals.len()), (sent, 0));
    assert_eq!(recognise(&mut source), Some(Format::WebDataset));
    // A folder of shards is one data set.
    let shards = at("shards");
    convert(&out, Format::WebDataset, &shards, Format::WebDataset, &mut |_, _| {}).unwrap();
    assert_eq!(found(&shards, Format::WebDataset).items.len(), 3);
    assert_eq!(recognise(&mut Source::open(&shards).unwrap()), Some(Format::WebDataset));
    // Somebody else's samples have their class as a number, and whatever they like in their JSON.
    for (name, content) in [
        ("x/1.jpg", ""),
        ("x/1.cls", "7\n"),
        ("x/1.txt", "a dog\n"),
        ("x/1.json", "{\"url\":\"u\"}"),
        ("x/1.npy", ""),
    ] {
        std::fs::create_dir_all(at("x")).unwrap();
        std::fs::write(at(name), content).unwrap();
    }
    let theirs = found(&at("x"), Format::WebDataset);
    assert_eq!(theirs.losses.count("file_of_another_kind"), 1);
    let [item] = &theirs.items[..] else { panic!("{:?}", theirs.items) };
    let said: Vec<_> =
        item.marks.iter().map(|mark| (&mark.class[..], mark.place.clone())).collect();
    assert_eq!(said, [("class_7", Place::Whole), ("", Place::Words("a dog".into()))]);
    assert_eq!((&item.name[..], json!(item.metadata)), ("1.jpg", json!({ "url": "u" })));
}

#[test]
fn label_studio_says_what_is_when_in_sounds_and_videos() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.json");
    let pixels = {
        let mut png = std::io::Cursor::new(Vec::new());
        let picture = image::RgbaImage::from_fn(4, 3, |x, y| {
            image::Rgba([255, 255, 255, if x == 1 && y < 2 { 255 } else { 0 }])
        });
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, png.into_inner())
    };
    let region = |id: &str, kind: &str, value: serde_json::Value| json!({ "id": id, "type": kind, "from_name": kind, "original_width": 100, "original_height": 50, "value": value });
    let at = |frame: u64, enabled: bool, x: f64| json!({ "frame": frame, "enabled": enabled, "x": x, "y": 0, "width": 10, "height": 20, "rotation": 0, "time": 0 });
    let results = [
        region(
            "a",
            "labels",
            json!({ "start": 0.5, "end": 2.5, "channel": 1, "labels": ["speech"] }),
        ),
        region(
            "b",
            "timelinelabels",
            json!({ "ranges": [{ "start": 2, "end": 7 }], "timelinelabels": ["rain"] }),
        ),
        region(
            "c",
            "videorectangle",
            json!({
                "framesCount": 9, "labels": ["car"],
                "sequence": [at(1, true, 0.0), at(3, false, 20.0), at(7, true, 50.0)],
            }),
        ),
        region("d", "rating", json!({ "rating": 4 })),
        region("e", "pairwise", json!({ "selected": "left" })),
        region("f", "ranker", json!({ "ranker": { "best": ["x"] } })),
        region("a", "textarea", json!({ "text": ["hello"] })),
    ];
    let mut small = region(
        "g",
        "bitmasklabels",
        json!({
            "imageDataURL": format!("data:image/png;base64,{pixels}"), "bitmasklabels": ["cat"],
        }),
    );
    (small["original_width"], small["original_height"]) = (4.into(), 3.into());
    let ocr = region(
        "h",
        "ocrlabels",
        json!({ "x": 10, "y": 20, "width": 30, "height": 40, "ocrtext": "EXIT", "ocrlabels": ["sign"] }),
    );
    let tasks = json!([
        { "id": 1, "data": { "video": "v.mp4" }, "annotations": [{ "result": results }] },
        { "id": 2, "data": { "image": "a.png" }, "annotations": [{ "result": [small] }] },
        { "id": 3, "data": { "image": "b.png" }, "annotations": [{ "result": [ocr] }] },
        { "id": 4, "data": { "article": "one two" }, "annotations": [{ "result": [
            region("s", "labels", json!({ "start": 0, "end": 3, "text": "one", "labels": ["N"] })) ] }] },
    ]);
    std::fs::write(&input, tasks.to_string()).unwrap();
    let found = found(&input, Format::LabelStudio);
    assert_eq!(found.refusals, []);
    assert_eq!(found.losses.losses.keys().copied().collect::<Vec<_>>(), ["name_of_text"]);
    let said: Vec<_> = found.items[0]
        .marks
        .iter()
        .map(|mark| (&mark.class[..], mark.place.clone(), json!(mark.attributes)))
        .collect();
    let time = Place::Time { start: 0.5, end: 2.5, channel: Some(1) };
    assert_eq!(
        said,
        [
            ("speech", time, json!({ "textarea": "hello" })),
            ("rain", Place::Frames { start: 1, end: 6 }, json!({})),
            ("rating", Place::Whole, json!({ "rating": 4 })),
            ("left", Place::Whole, json!({})),
            ("ranker", Place::Whole, json!({ "ranker": { "best": ["x"] } })),
        ]
    );
    let boxes: Vec<_> = found.items[1..]
        .iter()
        .take_while(|item| item.frame.is_some())
        .map(|item| {
            let Place::Shape(shape) = &item.marks[0].place else { panic!("{item:?}") };
            (item.name.as_str(), item.frame.unwrap(), shape.bounds()[0])
        })
        .collect();
    assert_eq!(
        boxes,
        [
            ("v/frame_000000", 0, 0.0),
            ("v/frame_000001", 1, 10.0),
            ("v/frame_000002", 2, 20.0),
            ("v/frame_000006", 6, 50.0),
            ("v/frame_000007", 7, 50.0),
            ("v/frame_000008", 8, 50.0),
        ]
    );
    let [cat, sign, text] = &found.items[7..] else { panic!("{:?}", found.items) };
    let Place::Shape(shape) = &cat.marks[0].place else { panic!("{cat:?}") };
    assert_eq!((shape.area(), shape.bounds()), (2.0, [1.0, 0.0, 1.0, 2.0]));
    assert_eq!(sign.marks[0].attributes["ocrtext"], "EXIT");
    let place = Place::Span { start: 0, end: 3 };
    assert_eq!((text.text.as_deref(), &text.marks[0].place), (Some("one two"), &place));
    // Times are written as they were.
    let sound = Item { metadata: serde_json::Map::new(), ..found.items[0].clone() };
    let sound = Item { marks: sound.marks[..2].to_vec(), ..sound };
    let out = folder.path().join("out.json");
    let losses = written(&out, Format::LabelStudio, &[], std::slice::from_ref(&sound));
    assert_eq!(losses, [""; 0]);
    let back = self::found(&out, Format::LabelStudio);
    let places = |item: &Item| item.marks.iter().map(|mark| mark.place.clone()).collect::<Vec<_>>();
    assert_eq!(places(&back.items[0]), places(&sound));
}

#[test]
fn pictures_are_sorted_into_the_folders_of_their_classes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("in/images")).unwrap();
    let png = support::file(support::gradient(5, 4), image::ImageFormat::Png);
    let night = |name: &str| Item {
        name: name.into(),
        marks: vec![Mark { class: "night / rain".into(), ..Mark::default() }],
        ..Item::default()
    };
    let plain = Item { name: "c.png".into(), marks: vec![], ..Item::default() };
    let items = [night("a.png"), Item { subset: "train".into(), ..night("b.png") }, plain];
    let rows: String = items.iter().map(|item| format!("{}\n", json!({ "item": item }))).collect();
    std::fs::write(at("in/items.jsonl"), rows).unwrap();
    for name in ["a.png", "b.png", "c.png"] {
        std::fs::write(at("in/images").join(name), &png).unwrap();
    }
    for out in ["out.zip", "out"] {
        let report =
            convert(&at("in"), Format::Items, &at(out), Format::Images, &mut |_, _| {}).unwrap();
        assert_eq!(report.losses.losses.keys().copied().collect::<Vec<_>>(), ["file_name"]);
        let mut source = Source::open(&at(out)).unwrap();
        assert_eq!(source.names(), ["c.png", "night - rain/a.png", "train/night - rain/b.png"]);
        assert_eq!(source.read(2, 1000).unwrap(), png);
        assert_eq!(recognise(&mut source), Some(Format::Images));
        let back = found(&at(out), Format::Images);
        assert_eq!(
            (back.items.len(), back.items[0].width, back.items[0].height),
            (3, Some(5), Some(4))
        );
        let sorted = found(&at(out), Format::YoloClassify);
        let classes: Vec<_> =
            sorted.items.iter().map(|item| (&item.subset[..], &item.marks[0].class[..])).collect();
        assert_eq!(classes, [("", "night - rain"), ("train", "night - rain")]);
        assert_eq!(sorted.refusals.len(), 1);
    }
}

/// Objects and captions in one file: each has its own, since other readers look for a category in either.
#[test]
fn captions_beside_objects_have_a_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let words = Mark { place: Place::Words("a cat".into()), ..Mark::default() };
    let item = Item {
        name: "a.png".into(),
        width: Some(12),
        height: Some(10),
        marks: vec![boxed("cat", [1.0, 2.0, 3.0, 4.5]), words],
        ..Item::default()
    };
    let out = folder.path().join("x.json");
    assert_eq!(written(&out, Format::Coco, &[], std::slice::from_ref(&item)), [""; 0]);
    let [objects, captions] = [&out, &folder.path().join("x_captions.json")].map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    });
    assert_eq!(objects["annotations"][0]["category_id"], 1);
    assert_eq!(objects["annotations"].as_array().unwrap().len(), 1);
    assert_eq!(captions["annotations"][0]["caption"], "a cat");
    assert_eq!((captions.get("categories"), &captions["images"][0]["id"]), (None, &json!(1)));
    let out = folder.path().join("folder");
    written(&out, Format::Coco, &[], &[item]);
    let names = Source::open(&out).unwrap();
    assert_eq!(
        names.names(),
        ["annotations/captions_default.json", "annotations/instances_default.json"]
    );
}

/// A street: the vehicle stands off the middle of the world and looks north; one car is before the camera, one behind.
fn street() -> Vec<Item> {
    let sensor = |name: &str, modality: &str, file: &str, mount: Pose| Sensor {
        name: name.into(),
        modality: modality.into(),
        file: file.into(),
        timestamp: 1_500_000,
        mount,
        vehicle: Pose {
            translation: [100.0, 200.0, 0.0],
            rotation: [0.5_f64.sqrt(), 0.0, 0.0, 0.5_f64.sqrt()],
        },
        ..Sensor::default()
    };
    let mount = |z: f64, rotation: [f64; 4]| Pose { translation: [1.0, 0.0, z], rotation };
    let mut camera = sensor(
        "CAM_FRONT",
        "camera",
        "samples/CAM_FRONT/a.jpg",
        mount(1.5, [0.5, -0.5, 0.5, -0.5]),
    );
    camera.intrinsic = Some([[100.0, 0.0, 80.0], [0.0, 100.0, 60.0], [0.0, 0.0, 1.0]]);
    (camera.width, camera.height) = (Some(160), Some(120));
    let lidar = sensor(
        "LIDAR_TOP",
        "lidar",
        "samples/LIDAR_TOP/a.pcd.bin",
        mount(2.0, [1.0, 0.0, 0.0, 0.0]),
    );
    let car = |token: &str, track, y: f64| {
        let cuboid = Cuboid {
            centre: [100.0, y, 1.0],
            rotation: [0.5_f64.sqrt(), 0.0, 0.0, 0.5_f64.sqrt()],
            ..cuboid(Frame::World, None)
        };
        let place = Place::Cuboid(cuboid);
        let mut mark =
            Mark { class: "car".into(), place, track: Some(track), ..id(token, Mark::default()) };
        mark.attributes = json!({ "vehicle": "moving", "visibility": "v80-100", "num_lidar_pts": 12, "num_radar_pts": 0 })
            .as_object()
            .unwrap()
            .clone();
        mark
    };
    let item = |token: &str, frame: u64, marks| Item {
        name: "samples/LIDAR_TOP/a.pcd.bin".into(),
        id: Some(token.into()),
        frame: Some(frame),
        sensors: vec![camera.clone(), lidar.clone()],
        metadata: json!({ "scene": "street", "timestamp": 1_500_000 + 500_000 * frame })
            .as_object()
            .unwrap()
            .clone(),
        marks,
        ..Item::default()
    };
    vec![
        item("first", 0, vec![car("a", 0, 211.0), car("b", 1, 150.0)]),
        item("second", 1, vec![car("c", 0, 212.0)]),
    ]
}

#[test]
fn a_moment_of_several_sensors_comes_back_and_is_seen_by_the_camera() {
    let items = street();
    comes_back("out", Format::NuScenes, Format::NuScenes, &[], &items);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("kitti");
    let losses = written(&out, Format::Kitti, &[], &items[..1]);
    let lost = [
        "attributes",
        "file_name",
        "frame",
        "id",
        "item_id",
        "metadata",
        "name_of_sensor",
        "out_of_the_picture",
        "place_of_the_vehicle",
        "time_of_sensor",
        "track",
    ];
    assert_eq!(losses, lost);
    // The car is ten metres before the camera and half a metre lower; its back is 2.25 metres nearer.
    let text = std::fs::read_to_string(out.join("label_2/samples/CAM_FRONT/a.txt")).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let numbers: Vec<f64> = words[1..].iter().map(|word| word.parse().unwrap()).collect();
    let back = 100.0 / 7.75;
    let wanted = [
        -1.0,
        -1.0,
        -std::f64::consts::FRAC_PI_2,
        80.0 - 0.875 * back,
        60.0 - 0.25 * back,
        80.0 + 0.875 * back,
        60.0 + 1.25 * back,
        1.5,
        1.75,
        4.5,
        0.0,
        1.25,
        10.0,
        -std::f64::consts::FRAC_PI_2,
    ];
    assert_eq!((words[0], numbers.len()), ("car", 14));
    for (found, wanted) in numbers.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-6, "{text}");
    }
    let calibration = std::fs::read_to_string(out.join("calib/samples/CAM_FRONT/a.txt")).unwrap();
    let row = calibration.lines().find(|line| line.starts_with("Tr_velo_to_cam")).unwrap();
    let numbers: Vec<f64> = row.split(' ').skip(1).map(|word| word.parse().unwrap()).collect();
    // The scanner's left is the camera's −x, its up −y, its ahead z; it hangs half a metre higher.
    let wanted = [0.0, -1.0, 0.0, 0.0, 0.0, 0.0, -1.0, -0.5, 1.0, 0.0, 0.0, 0.0];
    assert!(numbers.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9), "{row}");
    // Tracklets are counted from the scanner.
    let raw = folder.path().join("raw");
    written(&raw, Format::KittiRaw, &[], &items);
    let found = found(&raw, Format::KittiRaw);
    let Place::Cuboid(cuboid) = &found.items[0].marks[0].place else { panic!("no box") };
    assert!(near(&json!(cuboid.centre), &json!([10.0, 0.0, -1.0])), "{cuboid:?}");
}

/// What stands in space is a box where the file says which, and nothing otherwise; either way it is counted.
#[test]
fn formats_for_pictures_count_what_stands_in_space() {
    let folder = tempfile::tempdir().unwrap();
    let solid = |around| Mark {
        class: "Car".into(),
        place: Place::Cuboid(cuboid(Frame::Camera, around)),
        ..Mark::default()
    };
    let marks = vec![solid(Some([1.0, 2.0, 3.0, 4.0])), solid(None)];
    let item =
        Item { name: "a.png".into(), width: Some(12), height: Some(10), marks, ..Item::default() };
    for format in Format::all().filter(|format| format.is_written()) {
        let out = folder.path().join(format.as_str());
        let losses = written(&out, format, &[], std::slice::from_ref(&item));
        let holds = matches!(format, Format::Items | Format::WebDataset);
        let counted = [
            "cuboid_as_box",
            "cuboid",
            "frame_of_cuboid",
            "poses_unknown",
            "out_of_the_picture",
            "no_text",
        ]
        .iter()
        .any(|kind| losses.contains(kind));
        assert_eq!(counted, !holds, "{}: {losses:?}", format.as_str());
    }
}
