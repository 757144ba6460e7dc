//! The same thing as different versions and tools write it: each is told by itself, and read as what it means. A row is
//! a file, the format that it must be taken for, what is found in it, and what is counted as lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/makers.rs"]
mod makers;

use formats::exchange::{Format, Found, Item, Mark, Place, Shape, Source, recognise};
use serde_json::{Value, json};
use std::path::Path;

fn found(path: &Path) -> (Format, Found) {
    let format = recognise(&mut Source::open(path).unwrap());
    let format = format.unwrap_or_else(|| panic!("{} is not recognised", path.display()));
    let mut found = Found::default();
    format.read(&mut Source::open(path).unwrap(), &mut found).unwrap();
    (format, found)
}

/// A mark in few words: class, kind, and where.
fn short(mark: &Mark) -> String {
    let place = match &mark.place {
        Place::Whole => "whole".into(),
        Place::Shape(Shape::Box { x, y, width, height }) => format!("box {x} {y} {width} {height}"),
        Place::Shape(Shape::Turned { cx, cy, degrees, .. }) => {
            format!("turned {cx} {cy} {:.3}", degrees)
        }
        Place::Shape(Shape::Polygon { points } | Shape::Line { points }) => {
            format!("{} of {}", mark.place.kind(), points.len())
        }
        Place::Shape(shape) => shape.kind().into(),
        Place::Span { start, end } => format!("span {start} {end}"),
        Place::Words(words) => format!("words {words}"),
        Place::Time { start, end, .. } => format!("time {start} {end}"),
        other => other.kind().into(),
    };
    let by = mark.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    format!("{} {place}{by}", mark.class)
}

fn shorts(items: &[Item]) -> Vec<String> {
    items.iter().flat_map(|item| &item.marks).map(short).collect()
}

type Row<'a> = (&'a str, Vec<u8>, &'a str, &'a [&'a str], &'a [&'a str]);

fn check(rows: Vec<Row>) {
    for (file, content, format, marks, lost) in rows {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::write(&path, content).unwrap();
        let (told, found) = found(&path);
        assert_eq!((told.as_str(), &found.refusals[..]), (format, &[][..]), "{file}");
        assert_eq!(shorts(&found.items), marks, "{file}");
        assert_eq!(found.losses.losses.keys().copied().collect::<Vec<_>>(), lost, "{file}");
    }
}

fn text(value: Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

#[test]
fn texts_and_pictures_of_doccano_and_prodigy() {
    let spans = json!([{ "start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PER" },
        { "start": 8, "end": 11, "token_start": 2, "token_end": 2, "label": "PER" }]);
    let relation = json!({ "head": 0, "child": 2, "head_span": spans[0], "child_span": spans[1], "label": "met" });
    let zoe = "Zoë met Ana";
    let two = ["PER span 0 3", "PER span 8 11"];
    check(vec![
        (
            "old.jsonl",
            text(json!({ "id": 1, "data": zoe, "label": [[0, 3, "PER"]] })),
            "doccano",
            &two[..1],
            &[],
        ),
        (
            "old.json1",
            text(json!({ "id": 1, "text": zoe, "labels": [[0, 3, "PER"]] })),
            "doccano",
            &two[..1],
            &[],
        ),
        (
            "list.json",
            text(json!([{ "id": 1, "text": zoe, "label": [[0, 3, "PER"], [8, 11, "PER"]] }])),
            "doccano",
            &two,
            &[],
        ),
        (
            "boxes.jsonl",
            text(
                json!({ "id": 1, "filename": "a.jpg", "bbox": [{ "id": 1, "x": 1, "y": 2, "width": 3, "height": 4, "label": "cat" }] }),
            ),
            "doccano",
            &["cat box 1 2 3 4"],
            &[],
        ),
        (
            "outlines.jsonl",
            text(
                json!({ "id": 1, "filename": "a.jpg", "segmentation": [{ "id": 1, "points": [1, 2, 3, 4, 5, 1], "label": "cat" }] }),
            ),
            "doccano",
            &["cat polygon of 3"],
            &[],
        ),
        (
            "image.jsonl",
            text(
                json!({ "image": "a.jpg", "width": 640, "height": 480, "_input_hash": 1, "answer": "accept", "spans": [
            { "label": "cat", "x": 10, "y": 20, "width": 30, "height": 40, "type": "rect", "points": [[10, 20], [10, 60], [40, 60], [40, 20]] },
            { "label": "dog", "type": "polygon", "points": [[1, 2], [3, 4], [5, 1]] }] }),
            ),
            "prodigy",
            &["cat box 10 20 30 40", "dog polygon of 3"],
            &[],
        ),
        (
            "audio.jsonl",
            text(
                json!({ "audio": "a.wav", "_input_hash": 1, "answer": "accept", "audio_spans": [{ "start": 1.5, "end": 2.5, "label": "SPK" }] }),
            ),
            "prodigy",
            &["SPK time 1.5 2.5"],
            &[],
        ),
        // What was turned down is not so.
        (
            "reject.jsonl",
            text(
                json!({ "text": zoe, "_input_hash": 1, "label": "POS", "spans": spans, "answer": "reject" }),
            ),
            "prodigy",
            &[],
            &["turned_down"],
        ),
        (
            "relations.jsonl",
            text(
                json!({ "text": zoe, "_input_hash": 1, "spans": spans, "relations": [relation], "answer": "accept" }),
            ),
            "prodigy",
            &two,
            &[],
        ),
        // A table with a text somewhere in it is none of them.
        (
            "answers.jsonl",
            text(
                json!({ "id": "1", "context": zoe, "answers": { "text": ["Zoë"], "answer_start": [0] } }),
            ),
            "jsonl",
            &[],
            &[],
        ),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relations.jsonl");
    let row = json!({ "text": zoe, "_input_hash": 1, "spans": spans, "relations": [relation], "answer": "accept" });
    std::fs::write(&path, text(row)).unwrap();
    let item = &found(&path).1.items[0];
    let ends = [&item.links[0].from, &item.links[0].to];
    assert_eq!(ends.map(Some), [item.marks[0].id.as_ref(), item.marks[1].id.as_ref()]);
}

#[test]
fn labelbox_of_both_versions_and_of_videos() {
    let bounding = json!({ "top": 2, "left": 1, "height": 40, "width": 30 });
    let row = |data: &str, media: Value, annotations: Value| {
        json!({
            "data_row": { "id": "c", "external_id": "v.mp4", "row_data": data }, "media_attributes": media,
            "projects": { "p": { "name": "P", "labels": [{ "id": "l", "label_details": { "created_by": "a@b.c" }, "annotations": annotations }] } },
        })
    };
    let entity = json!({ "objects": [{ "name": "PER", "annotation_kind": "TextEntity", "location": { "start": 0, "end": 2 } }] });
    let object = |left: u32| {
        let mut bounding = bounding.clone();
        bounding["left"] = left.into();
        json!({ "objects": { "f": { "feature_id": "f", "name": "cat", "bounding_box": bounding } }, "classifications": [] })
    };
    let video = json!({ "frames": { "1": object(1), "3": object(5), "9": object(0) }, "segments": { "f": [[1, 4], [9, 9]] } });
    let old = json!([{ "ID": "k", "DataRow ID": "d", "Labeled Data": "https://x/a.jpg", "External ID": "a.jpg", "Created By": "a@b.c", "Label": {
        "objects": [{ "featureId": "f", "title": "cat", "bbox": bounding }, { "title": "dog", "polygon": [{ "x": 1, "y": 2 }, { "x": 3, "y": 4 }, { "x": 5, "y": 1 }] }],
        "classifications": [{ "title": "scene", "answer": { "title": "day" } }, { "title": "note", "answer": "hi" }, { "title": "all", "answers": [{ "title": "x" }] }] } },
        { "ID": "m", "Labeled Data": "https://x/b.jpg", "Label": "Skip" }]);
    check(vec![
        (
            "text.ndjson",
            text(row("Zoë met Ana", json!({ "mime_type": "text/plain" }), entity)),
            "labelbox",
            &["PER span 0 3 by a@b.c"],
            &[],
        ),
        // It stays to the end of its segment, and is there again in the next.
        (
            "video.ndjson",
            text(row(
                "https://x/v.mp4",
                json!({ "width": 640, "height": 480, "mime_type": "video/mp4" }),
                video,
            )),
            "labelbox",
            &[
                "cat box 1 2 30 40 by a@b.c",
                "cat box 3 2 30 40 by a@b.c",
                "cat box 5 2 30 40 by a@b.c",
                "cat box 5 2 30 40 by a@b.c",
                "cat box 0 2 30 40 by a@b.c",
            ],
            &[],
        ),
        (
            "old.json",
            text(old),
            "labelbox",
            &[
                "cat box 1 2 30 40 by a@b.c",
                "dog polygon of 3 by a@b.c",
                "day whole by a@b.c",
                " words hi by a@b.c",
                "x whole by a@b.c",
            ],
            &["skipped_row"],
        ),
    ]);
}

#[test]
fn label_studio_short_and_old() {
    let value = json!({ "x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["cat"] });
    let mut flat = value.clone();
    for (key, side) in [("original_width", 200), ("original_height", 100)] {
        flat[key] = side.into();
    }
    let region = json!({ "id": "r", "type": "rectanglelabels", "from_name": "l", "to_name": "i", "original_width": 200, "original_height": 100, "value": value });
    let about = |mut row: Value| {
        row["annotator"] = 7.into();
        row["annotation_id"] = 1.into();
        json!([row])
    };
    check(vec![
        (
            "old.json",
            text(
                json!([{ "id": 1, "data": { "image": "/a.jpg" }, "completions": [{ "id": 1, "result": [region] }] }]),
            ),
            "label-studio",
            &["cat box 20 20 60 40"],
            &[],
        ),
        (
            "short.json",
            text(about(json!({ "id": 1, "image": "/a.jpg", "label": [flat] }))),
            "label-studio",
            &["cat box 20 20 60 40 by 7"],
            &[],
        ),
        (
            "spans.json",
            text(about(
                json!({ "id": 1, "text": "Zoë met Ana", "label": [{ "start": 0, "end": 3, "text": "Zoë", "labels": ["PER"] }],
            "topic": { "choices": ["a", "b"] } }),
            )),
            "label-studio",
            &["PER span 0 3 by 7", "a whole by 7", "b whole by 7"],
            &[],
        ),
        // An answer of one word stands as a field of the data would.
        (
            "choice.json",
            text(about(
                json!({ "id": 1, "text": "Zoë met Ana", "mood": "good", "score": [{ "rating": 4 }], "page": 3 }),
            )),
            "label-studio",
            &["good whole by 7", "score whole by 7"],
            &[],
        ),
        (
            "said.json",
            text(about(
                json!({ "id": 1, "audio": "/a.wav", "speaker": "Ana", "words": "hello world", "from": "https://x/y" }),
            )),
            "label-studio",
            &["Ana whole by 7", " words hello world by 7"],
            &[],
        ),
        (
            "moving.json",
            text(about(
                json!({ "id": 1, "video": "/v.mp4", "box": [{ "framesCount": 3, "labels": ["car"], "original_width": 200, "original_height": 100,
            "sequence": [{ "frame": 1, "enabled": true, "x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0 }, { "frame": 2, "enabled": false, "x": 10, "y": 20, "width": 30, "height": 40 }] }] }),
            )),
            "label-studio",
            &["car box 20 20 60 40 by 7", "car box 20 20 60 40 by 7"],
            &[],
        ),
    ]);
}

#[test]
fn via_as_a_table_and_in_version_3() {
    let csv = |hash: &str| {
        format!(
            "{hash}filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n\
        a.jpg,123,\"{{}}\",2,0,\"{{\"\"name\"\":\"\"rect\"\",\"\"x\"\":1,\"\"y\"\":2,\"\"width\"\":30,\"\"height\"\":40}}\",\"{{\"\"type\"\":\"\"cat\"\"}}\"\n\
        b.jpg,1,\"{{}}\",0,0,\"{{}}\",\"{{}}\"\n\
        a.jpg,123,\"{{}}\",2,1,\"{{\"\"name\"\":\"\"polygon\"\",\"\"all_points_x\"\":[1,2,3],\"\"all_points_y\"\":[1,5,3]}}\",\"{{\"\"type\"\":\"\"dog\"\"}}\"\n"
        )
    };
    let project = json!({
        "project": { "pname": "p", "vid_list": ["1", "2"] }, "config": {},
        "attribute": { "1": { "aname": "class", "options": { "0": "cat", "1": "dog" } }, "2": { "aname": "act", "options": { "0": "run" } } },
        "file": { "1": { "fid": "1", "fname": "a.jpg" }, "2": { "fid": "2", "fname": "b.mp4" } },
        "metadata": {
            "1_a": { "vid": "1", "flg": 0, "z": [], "xy": [2, 1, 2, 30, 40], "av": { "1": "0" } },
            "1_b": { "vid": "1", "flg": 0, "z": [], "xy": [7, 1, 1, 2, 5, 3, 3], "av": { "1": "1" } },
            "2_c": { "vid": "2", "flg": 0, "z": [1.5, 3.25], "xy": [], "av": { "2": "0" } },
            "2_d": { "vid": "2", "flg": 0, "z": [1.5], "xy": [2, 1, 2, 3, 4], "av": { "1": "0" } },
        },
        "view": { "1": { "fid_list": ["1"] }, "2": { "fid_list": ["2"] } },
    });
    let marks = ["cat box 1 2 30 40", "dog polygon of 3"];
    check(vec![
        ("v2.csv", csv("").into_bytes(), "via", &marks, &[]),
        ("v1.csv", csv("#").into_bytes(), "via", &marks, &[]),
        (
            "v3.json",
            text(project),
            "via",
            &[marks[0], marks[1], "run time 1.5 3.25"],
            &["moment_of_a_video"],
        ),
    ]);
}

#[test]
fn pascal_voc_in_other_letters_and_with_other_shapes() {
    let xml = |declared: &str, object: &str| {
        format!(
            "<?xml version=\"1.0\"{declared}?>\n<annotation><filename>a.jpg</filename><size><width>640</width><height>480</height><depth>3</depth></size>{object}</annotation>\n"
        )
    };
    let boxed = |more: &str| {
        format!(
            "<object><name>Käse</name>{more}<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>100</xmax><ymax>200</ymax></bndbox></object>"
        )
    };
    let one = ["Käse box 10 20 90 180"];
    let letters = |text: String| -> Vec<u8> { text.chars().map(|c| c as u8).collect() };
    let wide = |text: String| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let latin = xml(" encoding=\"ISO-8859-1\"", &boxed(""));
    let utf16 = xml(" encoding=\"UTF-16\"", &boxed(""));
    let corners =
        "<polygon><x1>10</x1><y1>20</y1><x2>100</x2><y2>20</y2><x3>100</x3><y3>200</y3></polygon>";
    let turned = "<object><type>robndbox</type><name>ship</name><robndbox><cx>100.0</cx><cy>90.0</cy><w>40.0</w><h>20.0</h><angle>0.5</angle></robndbox></object>";
    check(vec![
        ("latin.xml", letters(latin), "voc", &one, &[]),
        ("utf16.xml", wide(utf16), "voc", &one, &[]),
        ("outline.xml", xml("", &boxed(corners)).into_bytes(), "voc", &["Käse polygon of 3"], &[]),
        ("turned.xml", xml("", turned).into_bytes(), "voc", &["ship turned 100 90 28.648"], &[]),
        (
            "actions.xml",
            xml(
                "",
                &boxed("<actions><jumping>1</jumping></actions><point><x>3</x><y>4</y></point>"),
            )
            .into_bytes(),
            "voc",
            &one,
            &["point"],
        ),
    ]);
    // Letters that are not known are named, and not guessed.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    std::fs::write(&path, xml(" encoding=\"gb2312\"", &boxed(""))).unwrap();
    let refused = &found(&path).1.refusals[0];
    assert!(refused.error.message.contains("gb2312"), "{refused:?}");
}

#[test]
fn boxes_in_tables_and_in_lists() {
    let labelme = json!({ "version": "2.3.6", "imagePath": "a.jpg", "imageWidth": 640, "imageHeight": 480, "shapes": [
        { "label": "cat", "score": 0.5, "points": [[1, 2], [30, 2], [30, 40], [1, 40]], "shape_type": "rectangle", "difficult": true },
        { "label": "ship", "points": [[10, 10], [20, 12], [18, 20], [8, 18]], "shape_type": "rotation", "direction": 0.2 }] });
    let lvis = json!({ "images": [{ "id": "one", "coco_url": "http://x/val2017/7.jpg", "width": 640, "height": 480 }],
        "categories": [{ "id": "c", "name": "cat" }], "annotations": [{ "id": "q", "image_id": "one", "category_id": "c", "bbox": [1, 2, 3, 4] }] });
    check(vec![
        ("boxes.csv", b"filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,640,480,cat,1,2,31,42\na.jpg,640,480,dog,5,6,50,60\n".to_vec(), "csv",
            &["cat box 1 2 30 40", "dog box 5 6 45 54"], &[]),
        ("any.json", text(labelme), "labelme", &["cat box 1 2 29 38", "ship polygon of 4"], &[]),
        ("lvis.json", text(lvis), "coco", &["cat box 1 2 3 4"], &[]),
        ("det.txt", b"1,-1,10.5,20,30,40,0.9,-1,-1,-1\n".to_vec(), "mot", &["object box 10.5 20 30 40"], &[]),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("boxes.csv");
    std::fs::write(&path, "filename,class,xmin,ymin,xmax,ymax\na.jpg,cat,1,2,31,42\na.jpg,dog,5,6,5,60\na.jpg,dog,5,6,8,60\nb.jpg,cat,1,2,3,4\n").unwrap();
    let found = found(&path).1;
    let names: Vec<_> = found.items.iter().map(|item| (&item.name[..], item.marks.len())).collect();
    assert_eq!(names, [("a.jpg", 2), ("b.jpg", 1)]);
    assert_eq!((found.refusals[0].error.row, &found.refusals[0].error.field[..]), (3, "xmax"));
}

#[test]
fn what_lies_beside_the_labels_of_kitti_is_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("train/label_2")).unwrap();
    std::fs::write(folder.path().join("label_colors.txt"), "Car 0 0 142\n").unwrap();
    let row = "Car 0.0 0 -1 1.0 2.0 31.0 22.0 -1 -1 -1 -1 -1 -1 -1 1.0\n";
    std::fs::write(folder.path().join("train/label_2/1.txt"), row).unwrap();
    let (format, found) = found(folder.path());
    assert_eq!((format, found.items.len(), &found.refusals[..]), (Format::Kitti, 1, &[][..]));
    assert_eq!(shorts(&found.items), ["Car box 1 2 30 20"]);
}

/// Captions of the same pictures stand beside the objects, and before them in the order of names.
#[test]
fn objects_come_before_what_else_is_said_of_their_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let whole = |annotations: Value| {
        json!({ "images": [{ "id": 1, "file_name": "a.jpg", "width": 64, "height": 48 }], "annotations": annotations,
            "categories": [{ "id": 1, "name": "cat" }] })
    };
    let boxes = whole(json!([{ "id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4] }]));
    let words = whole(json!([{ "id": 2, "image_id": 1, "caption": "a cat" }]));
    let input = folder.path().join("annotations");
    std::fs::create_dir_all(&input).unwrap();
    std::fs::write(input.join("captions_val.json"), words.to_string()).unwrap();
    std::fs::write(input.join("instances_val.json"), boxes.to_string()).unwrap();
    let out = folder.path().join("yolo");
    let report =
        formats::exchange::convert(&input, Format::Coco, &out, Format::Yolo, &mut |_, _| {})
            .unwrap();
    assert_eq!((report.items, report.marks), (1, 2));
    assert_eq!(report.losses.losses.keys().collect::<Vec<_>>(), [&"id", &"item_id", &"words"]);
    let text = std::fs::read_to_string(out.join("labels/val/a.txt")).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn what_other_tools_write_is_told_and_read() {
    use makers::*;
    let bytes = |text: &str| text.as_bytes().to_vec();
    check(vec![
        (
            "in.json",
            bytes(CREATE_ML),
            "createml",
            &["cat box 1 2 30 40", "sky whole", "cat box 3 3 4 4"],
            &[],
        ),
        ("old.json", bytes(MMDET_OLD), "mmdetection", &["3 box 1 2 30 40", " box 5 6 2 3"], &[]),
        (
            "in.json",
            bytes(MMDET),
            "mmdetection",
            &["dog box 1 2 30 40", "cat polygon of 3", "cat mask", "cat whole"],
            &[],
        ),
        (
            "bonn_0_gtFine_polygons.json",
            bytes(CITYSCAPES),
            "cityscapes",
            &["road polygon of 3", "car polygon of 3"],
            &[],
        ),
        (
            "a.jpg.json",
            bytes(SUPERVISELY),
            "supervisely",
            &[
                "night whole",
                "cat box 1 0 2 2 by ann",
                "cat polygon of 8",
                "lane line of 2",
                "sky mask",
            ],
            &["hole_cut_open"],
        ),
        (
            "8f-asset.json",
            bytes(VOTT),
            "vott",
            &["cat box 1 2 30 40", "cat polygon of 3", "dog polygon of 3"],
            &[],
        ),
        ("export.json", bytes(VOTT_EXPORT), "vott", &["cat points"], &[]),
        (
            "in.json",
            bytes(BDD),
            "bdd",
            &["car box 1 2 30 40", "lane line of 25", "area polygon of 3"],
            &[],
        ),
        (
            "P0001.txt",
            bytes(DOTA),
            "dota",
            &["plane polygon of 4", "small-vehicle polygon of 4"],
            &[],
        ),
        (
            "wider_face_train_bbx_gt.txt",
            bytes(WIDER),
            "wider-face",
            &["face box 78 221 7 8", "face box 78 238 14 17"],
            &[],
        ),
        (
            "gt_img_1.txt",
            bytes(ICDAR),
            "icdar",
            &[
                "text polygon of 4",
                "text polygon of 4",
                "text box 38 43 882 172",
                "text box 158 128 253 53",
                "text box 1 2 2 2",
                "text polygon of 4",
            ],
            &[],
        ),
    ]);
    for (format, name, _) in ALL {
        assert!(!format.is_written(), "{name}");
    }
}

/// What stands beside the shapes, and what the pictures are called.
#[test]
fn what_other_tools_know_besides_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let found = found(&folder.path().join(name.split('/').next().unwrap())).1;
        assert_eq!(found.refusals, [], "{name}");
        found.items
    };
    let city = read("gtFine/val/bonn/bonn_0_gtFine_polygons.json", makers::CITYSCAPES);
    assert_eq!(city[0].name, "val/bonn/bonn_0_leftImg8bit.png");
    assert!(city[0].marks[1].crowd);
    let street = read("street/ds/ann/a.jpg.json", makers::SUPERVISELY);
    assert_eq!(
        (&street[0].name[..], &street[0].metadata["city"]),
        ("ds/img/a.jpg", &json!("Bonn"))
    );
    let attributes = json!({ "side": "left", "cut": true });
    assert_eq!(Value::from(street[0].marks[1].attributes.clone()), attributes);
    let Place::Shape(Shape::Mask(mask)) = &street[0].marks[4].place else { panic!() };
    assert_eq!((mask.area(), mask.bounds()), (1.0, [1.0, 1.0, 1.0, 1.0]));
    let frames = read("bdd.json", makers::BDD);
    assert_eq!(frames[0].metadata["weather"], "rainy");
    assert_eq!(frames[0].marks[0].attributes["occluded"], true);
    let seen = read("dota/P0001.txt", makers::DOTA);
    assert_eq!((&seen[0].name[..], &seen[0].metadata["gsd"]), ("P0001.png", &json!("0.146")));
    assert_eq!(seen[0].marks[1].attributes["difficult"], true);
    let faces = read("wider.txt", makers::WIDER);
    assert_eq!((faces.len(), &faces[1].marks[..]), (2, &[][..]));
    assert_eq!(
        Value::from(faces[0].marks[1].attributes.clone()),
        json!({ "occlusion": 2.0, "pose": 1.0 })
    );
}

/// Texts that say by their names alone what they are about.
#[test]
fn lists_about_pictures_are_told_by_their_names() {
    let read = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        found(folder.path())
    };
    let told = |found: &Found| found.refusals.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (format, texts) = read(&[
        ("train/a/gt_1.txt", makers::ICDAR),
        ("train/images/a/1.png", ""),
        ("train/gt_2.txt", "\n"),
        ("train/gt_3.txt", "1,2,3\n5,5,4,9,no\n1,2,3,nan\n"),
    ]);
    assert_eq!(format, Format::Icdar);
    let names: Vec<_> =
        texts.items.iter().map(|i| (&i.name[..], &i.subset[..], i.marks.len())).collect();
    assert_eq!(
        names,
        [("train/images/a/1.png", "train", 6), ("2.jpg", "train", 0), ("3.jpg", "train", 0)]
    );
    let said: Vec<Value> =
        texts.items[0].marks.iter().map(|mark| mark.attributes.clone().into()).collect();
    assert_eq!(
        said,
        [
            json!({ "text": "Genaxis, Theatre" }),
            json!({ "illegible": true }),
            json!({ "text": "Tiredness" }),
            json!({ "text": "Foot path" }),
            json!({ "text": "2015" }),
            json!({ "script": "Latin", "text": "Zoe" }),
        ]
    );
    let neither = "the row has neither four corners nor the four edges of a box";
    assert_eq!(
        told(&texts),
        [
            format!("train/gt_3.txt: row 1: `box`: {neither}"),
            "train/gt_3.txt: row 2: `right`: `right` is 4, which is not beyond 5".into(),
            format!("train/gt_3.txt: row 3: `box`: {neither}"),
        ]
    );
    let (format, words) =
        read(&[("test/gt.txt", "word_1.png, \"say \\\"PROPER\\\"\"\nword_2.png, \nword 3\n")]);
    assert_eq!(format, Format::Icdar);
    assert_eq!(shorts(&words.items), [" words say \"PROPER\""]);
    assert_eq!((words.items.len(), words.refusals.len()), (2, 1));
    let (format, sorted) = read(&[
        ("synsets.txt", "n01440764 tench\ncat\n\ndog\n"),
        ("train.txt", "a/1.jpg 0\n\"2 of them\".png 3 1\n3.jpg \n4.jpg 4\n5.jpg x\n6 1\n"),
        ("images/a/1.jpg", ""),
    ]);
    assert_eq!(format, Format::ImagenetTxt);
    assert_eq!(shorts(&sorted.items), ["n01440764 tench whole", "dog whole", "cat whole"]);
    let names: Vec<_> =
        sorted.items.iter().map(|item| (&item.name[..], &item.subset[..])).collect();
    assert_eq!(names, [("a/1.jpg", "train"), ("2 of them.png", "train"), ("3.jpg", "train")]);
    assert_eq!(
        told(&sorted),
        [
            "train.txt: row 4: `label`: `label` is 4: `synsets.txt` has 4 classes",
            "train.txt: row 5: `label`: `label` is “x”: give a number from 0",
            "train.txt: row 6: `picture`: the row does not begin with the name of a picture",
        ]
    );
}

#[test]
fn tables_of_boxes_need_no_header_where_their_tool_writes_none() {
    check(vec![
        (
            "retinanet.csv",
            b"a/b.jpg,1,2,30,40,cat\na/b.jpg,5,5,9,9,dog\nc.jpg,,,,,\n".to_vec(),
            "csv",
            &["cat box 1 2 29 38", "dog box 5 5 4 4"],
            &[],
        ),
        (
            "labels_my-project.csv",
            b"cat,1,2,30,40,a.jpg,640,480\ndog,5,5,9,9,a.jpg,640,480\ncat,0,0,1,1,b.jpg,10,10\n".to_vec(),
            "csv",
            &["cat box 1 2 30 40", "dog box 5 5 9 9", "cat box 0 0 1 1"],
            &[],
        ),
        (
            "2007_000027.xml",
            b"<annotation><filename>a.jpg</filename><source><database>The VOC2007 Database</database></source>\
              <size><width>9</width><height>9</height></size><object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin>\
              <xmax>5</xmax><ymax>7</ymax></bndbox></object></annotation>"
                .to_vec(),
            "voc",
            &["cat box 1 2 4 5"],
            &["counted_from_one"],
        ),
    ]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.csv");
    std::fs::write(&path, "cat,1,2,30,40,a.jpg,640,480\ncat,x,2,30,40,a.jpg,640,480\n").unwrap();
    let (_, found) = found(&path);
    let [item] = &found.items[..] else { panic!("{:?}", found.items) };
    assert_eq!((&item.name[..], item.width, item.height), ("a.jpg", Some(640), Some(480)));
    let told: Vec<_> = found.refusals.iter().map(|refusal| &refusal.error).collect();
    let [error] = told[..] else { panic!("{told:?}") };
    assert_eq!((error.row, &error.field[..]), (2, "xmin"));
}

/// As the tools wrote them, but for their length.
#[test]
fn rows_of_training_data() {
    let tags = "George N PER\nWashington N PER\nging V O\n\nKöln N LOC\nDas D O\n";
    let person = "Paul\tperson-politician\nging\tO\nin\tO\nRom\tlocation-GPE\n";
    check(vec![
        ("a.conll", tags.into(), "conll", &["PER span 0 17", "LOC span 0 4"], &["column_not_read"]),
        (
            "train.txt",
            person.into(),
            "conll",
            &["person-politician span 0 4", "location-GPE span 13 16"],
            &[],
        ),
        (
            "few-nerd.jsonl",
            text(
                json!({"tokens": ["Zoë", "Müller", "in", "Köln"], "ner_tags": ["art", "art", "O", "loc"]}),
            ),
            "jsonl",
            &["art span 0 10", "loc span 14 18"],
            &[],
        ),
        // `Dataset.to_json` of a set with several classes for each text, as a model is trained with.
        (
            "several.jsonl",
            text(json!({"text": "hé", "labels": [0.0, 1.0, 1.0]})),
            "jsonl",
            &["1 whole", "2 whole"],
            &[],
        ),
        (
            "metadata.jsonl",
            text(json!({"file_name": "a.png", "objects": [
                {"bbox": [1.5, 2, 3, 4], "category": "Käfer", "area": 12, "iscrowd": 1},
            ]})),
            "jsonl",
            &["Käfer box 1.5 2 3 4"],
            &["field_not_read"],
        ),
        (
            "boxes.jsonl",
            text(
                json!({"file_name": "a.png", "bbox": [[1, 2, 3, 4], [0, 0, 5, 5]], "category": ["ä", "b"]}),
            ),
            "jsonl",
            &["ä box 1 2 3 4", "b box 0 0 5 5"],
            &[],
        ),
        (
            "words.jsonl",
            text(json!({"id": 1, "words": ["Zoë", "in", "Köln"], "ner": ["B-PER", "O", "B-LOC"]})),
            "jsonl",
            &["PER span 0 3", "LOC span 7 11"],
            &[],
        ),
        // LLaMA-Factory's, and ms-swift's.
        (
            "kto.jsonl",
            text(json!({"messages": [
                {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"},
            ], "label": false})),
            "trl-kto",
            &["undesirable mark_of_a_candidate"],
            &[],
        ),
        (
            "alpaca.json",
            text(json!([{"instruction": "i", "input": "", "output": "o", "kto_tag": true}])),
            "alpaca",
            &["desirable mark_of_a_candidate"],
            &[],
        ),
        (
            "ranking.jsonl",
            text(json!({"messages": [{"role": "user", "content": "q"}],
                "chosen": {"role": "assistant", "content": "c"},
                "rejected": {"role": "assistant", "content": "r"}})),
            "trl-preference-implicit",
            &[" ranking"],
            &[],
        ),
        (
            "swift.jsonl",
            text(json!({"messages": [
                {"role": "user", "content": "q"}, {"role": "assistant", "content": "c"},
            ], "rejected_response": "r"})),
            "trl-preference",
            &[" ranking"],
            &[],
        ),
    ]);
}

#[test]
fn answers_beside_messages_are_apart_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    for row in [
        json!({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "c"}],
            "rejected_response": "r"}),
        json!({"messages": [{"role": "user", "content": "q"}],
            "chosen": {"role": "assistant", "content": "c"}, "rejected": {"role": "assistant", "content": "r"}}),
        json!({"conversations": [{"role": "human", "value": "q"}],
            "chosen": {"role": "gpt", "value": "c"}, "rejected": {"from": "chatgpt", "value": "r"}}),
    ] {
        std::fs::write(&path, row.to_string()).unwrap();
        let (_, found) = found(&path);
        assert_eq!(found.refusals, [], "{row}");
        let [item] = &found.items[..] else { panic!("{row}") };
        let said = |turns: &[formats::exchange::Turn]| -> Vec<(String, String)> {
            turns.iter().map(|turn| (turn.role.clone(), turn.text.clone().unwrap())).collect()
        };
        let pair = |role: &str, text: &str| vec![(role.to_owned(), text.to_owned())];
        assert_eq!(said(&item.turns), pair("user", "q"), "{row}");
        let answers: Vec<_> = item.candidates.iter().map(|one| said(&one.turns)).collect();
        assert_eq!(answers, [pair("assistant", "c"), pair("assistant", "r")], "{row}");
        assert!(item.metadata.is_empty(), "{row}");
    }
}

#[test]
fn spans_under_keys_and_options_with_numbers() {
    let doc = json!({"text": "Zoë mag Köln", "ents": [{"start": 0, "end": 3, "label": "PER"}],
        "cats": {"pos": 1.0, "neg": 0.0}, "tokens": [{"id": 0, "start": 0, "end": 3}],
        "spans": {"sc": [{"start": 8, "end": 12, "label": "LOC", "kb_id": ""}]}});
    let options = json!([{"id": 0, "text": "NEG"}, {"id": 1, "text": "PÖS"}]);
    check(vec![
        (
            "doc.json",
            text(doc.clone()),
            "spacy",
            &["LOC span 8 12", "PER span 0 3", "pos whole"],
            &[],
        ),
        (
            "choice.jsonl",
            text(
                json!({"text": "t", "options": options, "accept": [1], "answer": "accept", "_view_id": "choice"}),
            ),
            "prodigy",
            &["PÖS whole"],
            &[],
        ),
        (
            "sound.jsonl",
            text(
                json!({"audio": "a.mp3", "audio_spans": [{"start": 2.25, "end": 5.5, "label": "A", "id": "x", "color": "r"}],
                "answer": "accept"}),
            ),
            "prodigy",
            &["A time 2.25 5.5"],
            &[],
        ),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doc.json");
    std::fs::write(&path, doc.to_string()).unwrap();
    let (_, found) = found(&path);
    assert_eq!(Value::from(found.items[0].marks[0].attributes.clone()), json!({"spans_key": "sc"}));
}

/// Ultralytics and sahi name pictures where their names are no numbers; doccano tells what is said in a sound.
#[test]
fn results_name_their_pictures() {
    let result = |image: Value, file: Value| json!({"image_id": image, "file_name": file, "category_id": 1, "bbox": [1.5, 2, 3, 4], "score": 0.5});
    let rows = json!([
        result("bär".into(), "bär.jpg".into()),
        result("bär".into(), "bär.jpg".into()),
        result("x".into(), Value::Null),
        result(7.into(), "000007.jpg".into()),
        result(8.into(), Value::Null),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("predictions.json");
    std::fs::write(&path, rows.to_string()).unwrap();
    let (format, read) = found(&path);
    assert_eq!((format, &read.refusals[..], read.losses.losses.len()), (Format::Coco, &[][..], 0));
    let told: Vec<_> = read
        .items
        .iter()
        .map(|item| (&item.name[..], item.id.as_deref().unwrap(), item.marks.len()))
        .collect();
    assert_eq!(told, [("bär.jpg", "bär", 2), ("x", "x", 1), ("000007.jpg", "7", 1), ("8", "8", 1)]);
    check(vec![(
        "admin.jsonl",
        text(json!({"id": 1, "filename": "a.wav", "label": ["was gesagt wird"], "Comments": []})),
        "doccano",
        &[" words was gesagt wird"],
        &[],
    )]);
}
