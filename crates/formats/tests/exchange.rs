//! The formats of other tools: what is written reads back, what is lost is told, what is wrong is named.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use formats::LossReport;
use formats::exchange::{
    Class, Format, Found, Item, Link, Mark, Mask, Place, ReadError, Shape, Source, convert,
    recognise,
};
use serde_json::json;
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Reads everything; what stops the reading is the last refusal.
fn found(path: &Path, format: Format) -> Found {
    let mut found = Found::default();
    let mut source = match Source::open(path) {
        Ok(source) => source,
        Err(error) => panic!("{error}"),
    };
    match format.read(&mut source, &mut found) {
        Ok(()) => {}
        Err(ReadError::Refused(refusal)) => found.refusals.push(refusal),
        Err(error) => panic!("{error}"),
    }
    found
}

fn written(out: &Path, format: Format, items: &[Item]) -> LossReport {
    let mut losses = LossReport::default();
    let mut writer = format.writer(out).unwrap();
    for item in items {
        writer.item(item, &mut losses).unwrap();
    }
    writer.finish(&mut losses).unwrap();
    losses
}

fn boxed(class: &str, [x, y, width, height]: [f64; 4]) -> Mark {
    let place = Place::Shape(Shape::Box { x, y, width, height });
    Mark { class: class.into(), place, ..Mark::default() }
}

fn shaped(class: &str, shape: Shape) -> Mark {
    Mark { class: class.into(), place: Place::Shape(shape), ..Mark::default() }
}

fn span(class: &str, start: u64, end: u64) -> Mark {
    Mark { class: class.into(), place: Place::Span { start, end }, ..Mark::default() }
}

fn picture(name: &str, marks: Vec<Mark>) -> Item {
    let (width, height) = (Some(640), Some(480));
    Item { name: name.into(), width, height, marks, ..Item::default() }
}

fn polygon() -> Shape {
    Shape::Polygon { points: vec![[1.5, 2.25], [30.0, 2.0], [30.0, 40.75]] }
}

/// A ring of 3 × 4 pixels in a picture of 640 × 480.
fn mask() -> Shape {
    let mut pixels = vec![0; 640 * 480];
    for (x, y) in
        [(10, 5), (11, 5), (12, 5), (10, 6), (12, 6), (10, 7), (12, 7), (10, 8), (11, 8), (12, 8)]
    {
        pixels[y * 640 + x] = 1;
    }
    Shape::Mask(Mask::from_pixels(480, 640, &pixels))
}

/// What each format holds entirely: nothing of it may be lost, and all of it comes back.
#[test]
fn what_a_format_can_hold_comes_back_the_same() {
    let text = Item {
        name: "row_1".into(),
        text: Some("Zoë 👩‍🚀 met Ana in Köln".into()),
        marks: vec![span("PER", 0, 3), span("LOC", 19, 23)],
        ..Item::default()
    };
    let keypoints = Shape::Keypoints {
        points: vec![[10.0, 20.0, 2.0], [0.0, 0.0, 0.0], [12.5, 30.0, 1.0]],
        around: Some([5.0, 10.0, 20.0, 40.0]),
    };
    let turned = Shape::Turned { cx: 100.0, cy: 80.0, width: 40.0, height: 20.0, degrees: 30.0 };
    let ellipse = Shape::Ellipse { cx: 50.0, cy: 60.0, rx: 20.0, ry: 10.0, degrees: 0.0 };
    let circle = Shape::Ellipse { cx: 50.0, cy: 60.0, rx: 20.0, ry: 20.0, degrees: 0.0 };
    let flagged = |mut mark: Mark| {
        mark.attributes.insert("occluded".into(), true.into());
        mark
    };
    let seen = |mut mark: Mark| {
        mark.attributes.insert("visibility".into(), 0.75.into());
        mark
    };
    let line = Shape::Line { points: vec![[1.0, 2.0], [3.0, 4.5]] };
    let points = Shape::Points { points: vec![[7.25, 8.0]] };
    let parts = Shape::Parts {
        parts: vec![
            vec![[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]],
            vec![[9.0, 9.0], [12.0, 9.0], [12.0, 12.0]],
        ],
    };
    let facts = |mut mark: Mark| {
        mark.attributes.insert("occluded".into(), true.into());
        mark.attributes.insert("colour".into(), "red & <blue>".into());
        mark
    };
    let id = |id: &str, mark: Mark| Mark { id: Some(id.into()), ..mark };
    let numbered = |item: Item, id: &str| Item { id: Some(id.into()), ..item };
    let table = vec![
        (
            Format::Coco,
            numbered(
                picture(
                    "a/b.jpg",
                    vec![
                        id("7", facts(boxed("cat", [1.5, 2.0, 30.25, 40.0]))),
                        id("9", shaped("dog", polygon())),
                        id("11", shaped("dog", parts)),
                        id("8", Mark { crowd: true, ..shaped("dog", mask()) }),
                        id("12", Mark { score: Some(0.25), ..shaped("cat", keypoints.clone()) }),
                    ],
                ),
                "40",
            ),
        ),
        (Format::Yolo, picture("a/b.jpg", vec![boxed("cat", [16.0, 24.0, 64.0, 48.0])])),
        (Format::Darknet, picture("b.jpg", vec![boxed("cat", [16.0, 24.0, 64.0, 48.0])])),
        (Format::YoloSegment, picture("b.jpg", vec![shaped("cat", polygon())])),
        (Format::YoloPose, picture("b.jpg", vec![shaped("cat", keypoints.clone())])),
        (Format::Voc, picture("b.jpg", vec![facts(boxed("cat", [1.0, 2.0, 30.0, 40.0]))])),
        (
            Format::Cvat,
            numbered(
                picture(
                    "b & c.jpg",
                    vec![
                        facts(boxed("cat", [1.5, 2.0, 30.25, 40.0])),
                        shaped("dog", polygon()),
                        shaped("dog", turned.clone()),
                        shaped("dog", ellipse.clone()),
                        shaped("dog", line.clone()),
                        shaped("dog", points.clone()),
                        shaped("dog", mask()),
                        Mark { class: "night".into(), ..Mark::default() },
                    ],
                ),
                "3",
            ),
        ),
        (
            Format::LabelStudio,
            numbered(
                picture(
                    "b.jpg",
                    vec![
                        id("r1", facts(boxed("cat", [16.0, 24.0, 64.0, 48.0]))),
                        id("r2", shaped("dog", polygon())),
                        id("r3", shaped("dog", turned.clone())),
                        id("r4", shaped("dog", ellipse.clone())),
                        id("r5", shaped("dog", line.clone())),
                        id("r6", shaped("dog", points.clone())),
                        id("r7", shaped("dog", mask())),
                        id(
                            "r8",
                            Mark {
                                model: Some("v2".into()),
                                score: Some(0.5),
                                ..boxed("cat", [32.0, 48.0, 64.0, 48.0])
                            },
                        ),
                    ],
                ),
                "5",
            ),
        ),
        (Format::Kitti, picture("000001.png", vec![kitti()])),
        (
            Format::Labelme,
            picture(
                "a/b.jpg",
                vec![
                    Mark { class: "night".into(), ..Mark::default() },
                    boxed("cat", [1.5, 2.0, 30.25, 40.0]),
                    Mark { group: Some(4), ..shaped("dog", polygon()) },
                    shaped("dog", line.clone()),
                    shaped("dog", points.clone()),
                    shaped("dog", circle.clone()),
                    flagged(shaped("dog", mask())),
                ],
            ),
        ),
        (
            Format::Via,
            picture(
                "b & c.jpg",
                vec![
                    facts(boxed("cat", [1.5, 2.0, 30.25, 40.0])),
                    shaped("dog", polygon()),
                    shaped("dog", ellipse.clone()),
                    shaped("dog", circle),
                    shaped("dog", line.clone()),
                    shaped("dog", points.clone()),
                ],
            ),
        ),
        (
            Format::OpenImages,
            Item {
                subset: "validation".into(),
                ..numbered(
                    picture(
                        "b.jpg",
                        vec![
                            flagged(boxed("cat", [16.0, 24.0, 64.0, 48.0])),
                            Mark { crowd: true, ..boxed("dog", [32.0, 48.0, 64.0, 48.0]) },
                            Mark { class: "night".into(), ..Mark::default() },
                        ],
                    ),
                    "b",
                )
            },
        ),
        (
            Format::Mot,
            Item {
                frame: Some(6),
                metadata: json!({ "frame_rate": 12.5 }).as_object().unwrap().clone(),
                ..picture(
                    "walk/img1/000007.jpg",
                    vec![
                        Mark { track: Some(3), ..boxed("cat", [1.5, 2.0, 30.25, 40.0]) },
                        Mark { score: Some(0.5), ..seen(boxed("dog", [5.0, 6.0, 7.0, 8.0])) },
                    ],
                )
            },
        ),
        (
            Format::Datumaro,
            numbered(
                picture(
                    "a/b.jpg",
                    vec![
                        id("1", facts(boxed("cat", [1.5, 2.0, 30.25, 40.0]))),
                        id("2", shaped("dog", polygon())),
                        id("3", Mark { group: Some(4), ..shaped("dog", mask()) }),
                        id("4", Mark { class: "night".into(), ..Mark::default() }),
                    ],
                ),
                "b",
            ),
        ),
        (Format::Spacy, text.clone()),
        (Format::Prodigy, text.clone()),
        (
            Format::Doccano,
            Item {
                name: "text_4".into(),
                id: Some("4".into()),
                marks: vec![id("1", span("PER", 0, 3)), id("2", span("LOC", 19, 23))],
                links: vec![Link {
                    from: "1".into(),
                    to: "2".into(),
                    class: "in".into(),
                    mutual: false,
                }],
                metadata: json!({ "source": "x" }).as_object().unwrap().clone(),
                ..text.clone()
            },
        ),
        (Format::Conll, Item { name: "sentence_0000001".into(), ..text.clone() }),
        (
            Format::Brat,
            Item {
                name: "a/b.txt".into(),
                text: Some("Zoë 👩‍🚀 met\nAna in Köln".into()),
                marks: vec![
                    id("T1", flagged(span("PER", 0, 3))),
                    id("T2", Mark { group: Some(1), ..span("LOC", 15, 17) }),
                    Mark { group: Some(1), ..span("LOC", 19, 23) },
                    id("T3", flagged(span("PER", 4, 7))),
                ],
                links: vec![Link {
                    from: "T1".into(),
                    to: "T2".into(),
                    class: "in".into(),
                    mutual: false,
                }],
                ..Item::default()
            },
        ),
        (Format::Items, text),
    ];
    for (format, item) in table {
        let folder = folder();
        let single = matches!(
            format,
            Format::Cvat
                | Format::LabelStudio
                | Format::Via
                | Format::Spacy
                | Format::Prodigy
                | Format::Doccano
                | Format::Conll
                | Format::Items
        );
        let ending = match format {
            Format::Cvat => "out.xml",
            Format::LabelStudio | Format::Via => "out.json",
            Format::Conll => "out.conll",
            _ if single => "out.jsonl",
            _ => "out",
        };
        let out = folder.path().join(ending);
        let losses = written(&out, format, std::slice::from_ref(&item));
        let mut lost: Vec<&str> = losses.losses.keys().copied().collect();
        // VIA has no place for the size of a picture.
        lost.retain(|kind| (format, *kind) != (Format::Via, "size"));
        assert_eq!(lost, [""; 0], "{}", format.as_str());
        if format == Format::OpenImages {
            std::fs::write(out.join("images.meta"), "b 480 640\n").unwrap();
        }
        let found = found(&out, format);
        assert_eq!(found.refusals, [], "{}", format.as_str());
        assert_eq!(found.losses, LossReport::default(), "{}", format.as_str());
        assert_eq!(found.items.len(), 1, "{}", format.as_str());
        let mut back = found.items[0].clone();
        if matches!(format, Format::Kitti | Format::Via) {
            // The size stands in the picture, and there is none here.
            (back.width, back.height) = (Some(640), Some(480));
        }
        close(&mut back, &item);
        assert_eq!(back, item, "{}", format.as_str());
        let told = recognise(&mut Source::open(&out).unwrap());
        let alike = |format| match format {
            Format::YoloSegment | Format::YoloPose | Format::YoloObb => Format::Yolo,
            other => other,
        };
        assert_eq!(told.map(Format::as_str), Some(alike(format).as_str()));
    }
}

fn kitti() -> Mark {
    let mut mark = boxed("Car", [10.0, 20.5, 30.0, 40.0]);
    mark.attributes =
        json!({ "truncated": 0.5, "occluded": 1.0, "alpha": -1.5 }).as_object().unwrap().clone();
    mark.score = Some(0.75);
    mark
}

/// Sets numbers that differ by less than a millionth of a pixel to what they should be.
fn close(back: &mut Item, item: &Item) {
    const TOLERANCE: f64 = 1e-6;
    for (mark, wanted) in back.marks.iter_mut().zip(&item.marks) {
        let (Place::Shape(found), Place::Shape(shape)) = (&mark.place, &wanted.place) else {
            continue;
        };
        let numbers = |shape: &Shape| -> Vec<f64> {
            fn walk(value: &serde_json::Value, out: &mut Vec<f64>) {
                match value {
                    serde_json::Value::Number(number) => out.extend(number.as_f64()),
                    serde_json::Value::Array(list) => {
                        list.iter().for_each(|value| walk(value, out))
                    }
                    serde_json::Value::Object(map) => {
                        map.values().for_each(|value| walk(value, out))
                    }
                    _ => {}
                }
            }
            let mut out = Vec::new();
            walk(&serde_json::to_value(shape).unwrap(), &mut out);
            out
        };
        let (a, b) = (numbers(found), numbers(shape));
        let near = a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| (a - b).abs() < TOLERANCE);
        if near && found.kind() == shape.kind() && found.kind() != "mask" {
            mark.place = wanted.place.clone();
        }
    }
}

#[test]
fn what_a_format_cannot_hold_is_counted_with_an_example() {
    let mut mark = boxed("cat", [1.25, 2.0, 30.0, 40.0]);
    mark.attributes.insert("colour".into(), "red".into());
    mark.score = Some(0.5);
    let whole = Mark { class: "night".into(), ..Mark::default() };
    let item = picture("a.jpg", vec![mark, shaped("dog", mask()), whole]);
    for (format, wanted) in [
        (Format::Yolo, vec!["attributes", "class_of_the_whole", "outline_as_box", "score"]),
        (Format::Voc, vec!["class_of_the_whole", "rounded_coordinates", "score"]),
        (Format::Conll, vec!["no_text"]),
        (Format::Cvat, vec!["score"]),
    ] {
        let folder = folder();
        let losses = written(&folder.path().join("out"), format, std::slice::from_ref(&item));
        assert_eq!(
            losses.losses.keys().copied().collect::<Vec<_>>(),
            wanted,
            "{}",
            format.as_str()
        );
        assert!(
            losses
                .losses
                .values()
                .all(|loss| loss.count == 1 && loss.examples[0].contains("a.jpg"))
        );
    }
}

#[test]
fn two_pictures_that_would_share_a_file_are_told_apart() {
    let folder = folder();
    let items = [picture("a.jpg", vec![]), picture("a.png", vec![])];
    let losses = written(&folder.path().join("out"), Format::Yolo, &items);
    assert_eq!(losses.count("name_taken"), 1);
}

#[test]
fn a_name_cannot_make_a_writer_write_elsewhere() {
    for (name, home) in [
        ("../a.jpg", Some("a")),
        ("/etc/a.jpg", Some("etc/a")),
        ("a/../../b.jpg", Some("b")),
        ("C:\\cats\\a.jpg", Some("cats/a")),
        ("a\\..\\..\\b.jpg", Some("b")),
        ("\\\\disk\\a.jpg", Some("disk/a")),
        ("..", None),
        ("/", None),
        ("a\u{0}.jpg", None),
        ("/a\u{0}.jpg", None),
    ] {
        let folder = folder();
        let input = folder.path().join("in.json");
        let coco = json!({ "images": [{ "id": 1, "file_name": name, "width": 9, "height": 9 }],
            "annotations": [], "categories": [] });
        std::fs::write(&input, coco.to_string()).unwrap();
        let out = folder.path().join("out");
        let report = convert(&input, Format::Coco, &out, Format::Yolo, &mut |_, _| {}).unwrap();
        let counted = report.losses.losses.get("name_that_leads_out").map_or(0, |loss| loss.count);
        let wanted = if home.is_some() { (1, 0, 1) } else { (0, 1, 0) };
        assert_eq!((report.items, report.refused, counted), wanted, "{name}");
        match home {
            Some(home) => assert!(out.join(format!("labels/{home}.txt")).exists(), "{name}"),
            None => assert_eq!(report.refusals[0].error.code(), "unsafe_path", "{name}"),
        }
    }
}

#[test]
fn categories_may_stand_anywhere_and_ids_stay() {
    let parts = [
        r#""annotations":[{"id":5,"image_id":70,"category_id":9,"bbox":[1,2,3,4]},{"id":4,"image_id":60,"category_id":3,"bbox":[5,6,7,8],"segmentation":[]}]"#,
        r#""categories":[{"id":9,"name":"cat"},{"id":3,"name":"dog","supercategory":"animal"}]"#,
        r#""images":[{"id":60,"file_name":"a.jpg","width":10,"height":20},{"id":70,"file_name":"b.jpg","width":10,"height":20}]"#,
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]] {
        let folder = folder();
        let input = folder.path().join("in.json");
        let text = order.map(|at| parts[at]).join(",\n");
        std::fs::write(&input, format!("\u{feff}{{{text}}}")).unwrap();
        let out = folder.path().join("out.json");
        convert(&input, Format::Coco, &out, Format::Coco, &mut |_, _| {}).unwrap();
        for path in [&input, &out] {
            let found = found(path, Format::Coco);
            assert_eq!(found.refusals, []);
            let mut ids: Vec<_> =
                found.classes.iter().map(|class| (class.id, &class.name[..])).collect();
            ids.sort();
            assert_eq!(ids, [(Some(3), "dog"), (Some(9), "cat")]);
            let told: Vec<_> = found
                .items
                .iter()
                .map(|item| {
                    (item.id.as_deref(), item.marks[0].id.as_deref(), &item.marks[0].class[..])
                })
                .collect();
            // Annotations may come first: then their images are met in that order.
            let mut told = told;
            told.sort();
            assert_eq!(told, [(Some("60"), Some("4"), "dog"), (Some("70"), Some("5"), "cat")]);
        }
    }
}

/// Compressed and plain runs of the same mask, as COCO's own tool writes them.
#[test]
fn masks_are_read_as_cocos_own_tool_reads_them() {
    // pycocotools: `encode` of a 3 × 4 picture whose middle two columns are set.
    let plain = Mask::from_runs(3, 4, &[3, 6, 3]);
    assert_eq!(plain.counts, "363");
    assert_eq!(plain.runs(), Some(vec![3, 6, 3]));
    let long = [0, 100_000, 5, 99_999, 7, 3];
    let mask = Mask::from_runs(1, 200_014, &long);
    assert_eq!(mask.runs(), Some(long.to_vec()));
    assert_eq!(Mask { counts: "36".into(), ..plain.clone() }.runs(), None);
    assert_eq!(Mask { counts: "363\u{1}".into(), ..plain }.runs(), None);
}

#[test]
fn archives_are_read_in_place_and_what_leads_out_is_refused() {
    let folder = folder();
    let input = folder.path().join("labels.tar");
    let file = |name: &str, kind: u8, content: &[u8]| {
        let mut head = vec![0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        head[156] = kind;
        head[257..262].copy_from_slice(b"ustar");
        head[148..156].fill(b' ');
        let sum: u64 = head.iter().map(|byte| u64::from(*byte)).sum();
        head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        head.extend_from_slice(content);
        head.resize(head.len().div_ceil(512) * 512, 0);
        head
    };
    let tar = [
        file("data.yaml", b'0', b"names: [cat]\n"),
        file("sizes.csv", b'0', b"subset,file,width,height\n,a.jpg,100,50\n"),
        file("labels/a.txt", b'0', b"\xef\xbb\xbf0 0.5 0.5 0.2 0.2\r\n"),
        file("labels/b.txt", b'2', b""),
        file("../labels/c.txt", b'0', b"0 0.5 0.5 0.2 0.2\n"),
        vec![0; 1024],
    ];
    std::fs::write(&input, tar.concat()).unwrap();
    let out = folder.path().join("out.jsonl");
    let report = convert(&input, Format::Yolo, &out, Format::Items, &mut |_, _| {}).unwrap();
    assert_eq!((report.items, report.marks, report.refused), (1, 1, 2));
    let codes: Vec<_> = report.refusals.iter().map(|refusal| refusal.error.code()).collect();
    assert_eq!(codes, ["unsafe_path"; 2]);
    let item = &found(&out, Format::Items).items[0];
    assert_eq!(item.marks, [boxed("cat", [40.0, 20.0, 20.0, 10.0])]);
}

#[test]
fn a_class_that_a_file_lists_is_written_even_if_nothing_has_it() {
    let folder = folder();
    let input = folder.path().join("in.jsonl");
    let class = |name: &str| json!({ "class": Class { name: name.into(), ..Class::default() } });
    let item = json!({ "item": picture("a.jpg", vec![boxed("b", [0.0, 0.0, 64.0, 48.0])]) });
    std::fs::write(&input, format!("{}\n{}\n{item}\n", class("a"), class("b"))).unwrap();
    let out = folder.path().join("out");
    convert(&input, Format::Items, &out, Format::Yolo, &mut |_, _| {}).unwrap();
    let yaml = std::fs::read_to_string(out.join("data.yaml")).unwrap();
    assert!(yaml.contains("names:\n  0: \"a\"\n  1: \"b\"\n"), "{yaml}");
    assert_eq!(std::fs::read_to_string(out.join("labels/a.txt")).unwrap(), "1 0.05 0.05 0.1 0.1\n");
}

/// Files that other tools wrote, with what is in them, as counted by other means. Two boxes of the blood cells
/// have no area, and three pictures of the YOLO folder are missing, so that their sizes are not known.
#[test]
fn files_of_other_tools_are_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !root.is_dir() {
        return eprintln!("skipped: {} is not here", root.display());
    }
    let assets = "formats/datumaro_assets/tests/assets";
    let studio = "formats/labelstudio/tests/custom/converter/data";
    let table: Vec<(String, Format, [u64; 3])> = vec![
        (format!("{assets}/coco_dataset/coco_instances"), Format::Coco, [2, 3, 0]),
        (format!("{assets}/coco_dataset/coco_captions"), Format::Coco, [2, 3, 0]),
        (format!("{assets}/coco_dataset/coco_person_keypoints"), Format::Coco, [2, 3, 0]),
        (format!("{assets}/coco_dataset/coco_roboflow"), Format::Coco, [2, 3, 0]),
        // Seven files about two pictures.
        (format!("{assets}/coco_dataset/coco"), Format::Coco, [2, 12, 0]),
        (format!("{assets}/camvid_dataset"), Format::CamVid, [4, 10, 0]),
        (format!("{assets}/icdar_dataset/text_localization"), Format::Icdar, [2, 3, 0]),
        (format!("{assets}/icdar_dataset/word_recognition"), Format::Icdar, [2, 2, 0]),
        (format!("{assets}/imagenet_txt_dataset/basic"), Format::ImagenetTxt, [4, 4, 0]),
        ("images/taco".into(), Format::Coco, [1500, 4784, 0]),
        (format!("{studio}/test_import_coco/coco_import_input.json"), Format::Coco, [2, 2, 0]),
        (format!("{assets}/yolo_dataset/strict"), Format::Darknet, [1, 2, 0]),
        (format!("{assets}/roboflow_dataset/yolo"), Format::Yolo, [3, 4, 0]),
        (format!("{studio}/test_import_yolo_data"), Format::Yolo, [4, 13, 3]),
        (format!("{assets}/voc_dataset/voc_dataset1"), Format::Voc, [1, 3, 0]),
        (format!("{assets}/voc_dataset/voc_dataset2"), Format::Voc, [5, 4, 0]),
        ("images/bccd".into(), Format::Voc, [364, 4886, 2]),
        (format!("{assets}/cvat_dataset/for_images/export_task"), Format::Cvat, [2, 4, 0]),
        (format!("{assets}/cvat_dataset/for_images/export_project"), Format::Cvat, [6, 12, 0]),
        // Four keyframes with the thing there, and what lies between them.
        (format!("{assets}/cvat_dataset/for_video"), Format::Cvat, [6, 9, 0]),
        (format!("{assets}/datumaro_dataset/legacy"), Format::Datumaro, [4, 7, 0]),
        (format!("{assets}/kitti_dataset/kitti_detection"), Format::Kitti, [2, 5, 0]),
        (format!("{assets}/kitti_dataset/kitti_3d"), Format::Kitti, [1, 3, 0]),
        // One of its pictures of segments has another size than its picture.
        (format!("{assets}/coco_dataset/coco_panoptic"), Format::Coco, [2, 2, 1]),
        // All of its tracklets have a size below 0.
        (format!("{assets}/kitti_dataset/kitti_raw"), Format::KittiRaw, [0, 0, 3]),
        (format!("{assets}/mots_dataset"), Format::Mots, [3, 5, 0]),
        (format!("{assets}/mot_dataset/mot_seq"), Format::Mot, [1, 1, 0]),
        (format!("{assets}/mot_dataset/mot_seq_with_seqinfo"), Format::Mot, [1, 1, 0]),
        (format!("{assets}/open_images_dataset/v6"), Format::OpenImages, [3, 5, 0]),
        (format!("{studio}/test_export_yolo/data.json"), Format::LabelStudio, [2, 6, 0]),
        (format!("{studio}/test_export_yolo/data_obb.json"), Format::LabelStudio, [3, 25, 0]),
        (format!("{studio}/test_export_yolo/data_keypoints.json"), Format::LabelStudio, [1, 4, 0]),
        (format!("{studio}/test_export_yolo/data_polygons.json"), Format::LabelStudio, [1, 1, 0]),
        (format!("{studio}/test_export_coco/data.json"), Format::LabelStudio, [1, 4, 0]),
        (
            "formats/doccano/tests/data/labeling/labeling_text_label.jsonl".into(),
            Format::Doccano,
            [2, 11, 0],
        ),
        ("formats/doccano/tests/data/labeling/labeling.jsonl".into(), Format::Doccano, [2, 16, 0]),
        (
            "formats/doccano/tests/data/classification/classification.jsonl".into(),
            Format::Doccano,
            [3, 3, 0],
        ),
        ("formats/doccano/tests/data/seq2seq/seq2seq.jsonl".into(), Format::Doccano, [3, 3, 0]),
        ("text/wnut17/emerging.dev.conll".into(), Format::Conll, [1009, 836, 0]),
        ("text/wnut17/wnut17train.conll".into(), Format::Conll, [3394, 1975, 0]),
    ];
    let mut wrong = Vec::new();
    for (path, format, wanted) in table {
        let path = root.join(&path);
        let told = recognise(&mut Source::open(&path).unwrap()).map(Format::as_str);
        let found = found(&path, format);
        let marks: usize = found.items.iter().map(|item| item.marks.len()).sum();
        let counts = [found.items.len() as u64, marks as u64, found.refusals.len() as u64];
        if counts != wanted || told != Some(format.as_str()) {
            wrong.push(format!(
                "{}: {counts:?} instead of {wanted:?}, {told:?} {:?} {:?}",
                path.display(),
                found.refusals.first(),
                found.losses.losses.keys().collect::<Vec<_>>(),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A release of ours with relations, groups, bends and a cuboid, as other tools take it.
#[test]
fn a_release_goes_out_with_its_relations() {
    let folder = folder();
    let release = folder.path().join("native.jsonl");
    let ontology = json!({
        "classes": [
            { "key": "person", "name": "Person", "color": "#112233" },
            { "key": "place", "name": "Place", "color": "#112233" },
        ],
        "attributes": [{ "key": "sort", "name": "Sort", "type": "select", "scope": "object",
            "options": [{ "key": "c", "name": "City" }] }],
        "relations": [
            { "key": "in", "name": "Lives in" },
            { "key": "near", "name": "near", "direction": "both_ways" },
        ],
    });
    let task = |item: serde_json::Value, value: serde_json::Value| {
        json!({ "fairmark": 1, "kind": "task", "task": { "id": "tsk_1", "state": "done", "priority": 5 }, "item": item,
            "label": { "value": value, "method": "single",
                "provenance": { "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 } } })
    };
    let project = json!({ "fairmark": 1, "kind": "project", "project": { "name": "P", "question": "{}",
        "ontology": [{ "version": 1, "value": ontology }], "instructions": [], "plan": {} } });
    let text = task(
        json!({ "external_id": "1", "media": "text/plain", "text": "Ada of London" }),
        json!({ "spans": [
            { "id": "a", "class": "person", "start": 0, "end": 3, "group": 2 },
            { "id": "b", "class": "place", "start": 7, "end": 13, "group": 2, "attributes": { "sort": "c" } },
        ], "relations": [
            { "relation": "in", "from": "a", "to": "b" },
            { "relation": "near", "from": "b", "to": "a" },
        ]}),
    );
    std::fs::write(&release, format!("{project}\n{text}\n")).unwrap();
    let convert = |from: &Path, to: Format| {
        let out = folder.path().join(to.as_str());
        let report =
            formats::exchange::convert(from, Format::Native, &out, to, &mut |_, _| {}).unwrap();
        assert_eq!((report.items, report.refused), (1, 0), "{:?}", report.refusals);
        (out, report.losses)
    };

    let (out, losses) = convert(&release, Format::Brat);
    let ann = std::fs::read_to_string(out.join("1.ann")).unwrap();
    assert_eq!(
        ann,
        "T1\tPerson 0 3\tAda\nT2\tPlace 7 13\tLondon\nA1\tSort T2 City\n\
         R1\tLives_in Arg1:T1 Arg2:T2\nR2\tnear Arg1:T2 Arg2:T1\n"
    );
    let lost: Vec<_> = losses.losses.keys().copied().collect();
    assert_eq!(lost, ["class_with_a_space", "direction", "group", "id"]);

    let (out, _) = convert(&release, Format::LabelStudio);
    let found = found(&out, Format::LabelStudio);
    let links: Vec<_> =
        found.items[0].links.iter().map(|l| (&*l.from, &*l.to, &*l.class, l.mutual)).collect();
    assert_eq!(links, [("a", "b", "Lives in", false), ("b", "a", "near", true)]);

    let (_, losses) = convert(&release, Format::Conll);
    assert_eq!((losses.count("relation"), losses.count("group")), (2, 2));

    let corners = [[10, 10], [10, 30], [30, 10], [30, 30], [40, 5], [40, 20], [25, 5], [25, 20]];
    let picture = task(
        json!({ "external_id": "a.jpg", "media": "image/jpeg", "width": 100, "height": 50 }),
        json!({ "objects": [
            { "id": "l", "class": "place", "group": 7, "shape": { "type": "line",
                "points": [[0, 0], [90, 0]], "curves": [[[0, 40], [90, 40]]] } },
            { "id": "s", "class": "person", "shape": { "type": "solid", "corners": corners } },
        ]}),
    );
    std::fs::write(&release, format!("{project}\n{picture}\n")).unwrap();
    let (out, losses) = convert(&release, Format::Cvat);
    assert_eq!(losses.count("curve_as_line"), 1);
    let back = self::found(&out, Format::Cvat);
    let marks = &back.items[0].marks;
    let Place::Shape(Shape::Line { points }) = &marks[0].place else { panic!("{marks:?}") };
    assert!(points.len() > 8 && points[points.len() / 2][1] > 29.0, "{points:?}");
    assert_eq!(marks[0].group, Some(7));
    let corners: Vec<[f64; 2]> =
        corners.iter().map(|[x, y]| [f64::from(*x), f64::from(*y)]).collect();
    assert_eq!(marks[1].place, Place::Shape(Shape::Solid { corners }));
}
