//! Releases of videos and drives go out to other tools: frame by frame, and moment by moment.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::PathBuf;

use formats::exchange::{Format, Found, Place, Report, Shape, Source, convert};
use serde_json::{Value, json};

struct Release {
    folder: tempfile::TempDir,
}

impl Release {
    fn of(items: &[Value], value: &Value) -> Self {
        let ontology = json!({
            "classes": [
                { "key": "car", "name": "Car", "color": "#112233" },
                { "key": "dog", "name": "Dog", "color": "#112233" },
            ],
            "attributes": [{ "key": "way", "name": "Heading", "type": "select", "scope": "object",
                "per_frame": true, "options": [{ "key": "l", "name": "left" }, { "key": "r", "name": "right" }] }],
        });
        let project = json!({ "fairmark": 1, "kind": "project", "project": { "name": "P", "question": "{}",
            "ontology": [{ "version": 1, "value": ontology }], "instructions": [], "plan": {} } });
        let mut text = format!("{project}\n");
        for item in items {
            let task = json!({ "fairmark": 1, "kind": "task", "task": { "id": "tsk_1", "state": "done", "priority": 5 },
                "item": item, "label": { "value": value, "method": "single",
                    "provenance": { "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 } } });
            text += &format!("{task}\n");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("native.jsonl"), text).unwrap();
        Self { folder }
    }

    fn go(&self, to: Format, name: &str) -> (PathBuf, Report) {
        let out = self.folder.path().join(name);
        let from = self.folder.path().join("native.jsonl");
        let report = convert(&from, Format::Native, &out, to, &mut |_, _| {}).unwrap();
        assert_eq!(report.refused, 0, "{:?}", report.refusals);
        (out, report)
    }
}

fn read(path: &std::path::Path, format: Format) -> Found {
    let mut found = Found::default();
    format.read(&mut Source::open(path).unwrap(), &mut found).unwrap();
    assert!(found.refusals.is_empty(), "{:?}", found.refusals);
    found
}

#[test]
fn what_is_followed_through_a_video_goes_out_frame_by_frame() {
    let shape = |x: f64| json!({ "type": "box", "x": x, "y": 10, "width": 20, "height": 10 });
    let key = |frame: u64, x: f64| json!({ "frame": frame, "shape": shape(x) });
    let release = Release::of(
        &[
            json!({ "external_id": "drive/a.mp4", "media": "video/mp4", "width": 100, "height": 50, "frames": 8,
            "metadata": { "town": "Graz" } }),
        ],
        &json!({ "tracks": [
            { "id": "t1", "class": "car", "keyframes": [
                { "frame": 0, "shape": shape(0.0), "attributes": { "way": "l" } },
                { "frame": 4, "shape": shape(8.0), "occluded": true, "attributes": { "way": "r" } },
                { "frame": 6, "shape": shape(8.0), "outside": true },
            ] },
            { "id": "t2", "class": "dog", "keyframes": [key(2, 50.0), { "frame": 4, "shape": shape(50.0), "outside": true }] },
        ], "attributes": { "weather": "wet" }, "choices": ["car"], "note": "late" }),
    );

    let (out, report) = release.go(Format::Cvat, "cvat.xml");
    assert_eq!((report.items, report.marks), (6, 8));
    let lost = |report: &Report, kind: &str| report.losses.count(kind);
    assert_eq!(
        ["note", "metadata", "of_the_whole_video"].map(|kind| lost(&report, kind)),
        [1, 1, 1]
    );
    let back = read(&out, Format::Cvat);
    let of_car: Vec<(u64, f64, String, bool)> = back
        .items
        .iter()
        .flat_map(|item| item.marks.iter().map(move |mark| (item.frame.unwrap(), mark)))
        .filter(|(_, mark)| mark.class == "Car")
        .map(|(frame, mark)| {
            let Place::Shape(Shape::Box { x, .. }) = mark.place else { panic!("{mark:?}") };
            let heading = mark.attributes["Heading"].as_str().unwrap().to_owned();
            (frame, x, heading, mark.attributes.contains_key("occluded"))
        })
        .collect();
    let said = |frame: u64, heading: &str| {
        (frame, 2.0 * frame.min(4) as f64, heading.to_owned(), frame >= 4)
    };
    assert_eq!(
        of_car,
        [
            said(0, "left"),
            said(1, "left"),
            said(2, "left"),
            said(3, "left"),
            said(4, "right"),
            said(5, "right")
        ]
    );
    assert_eq!(
        back.items.iter().flat_map(|item| &item.marks).filter(|mark| mark.class == "Dog").count(),
        2
    );

    let (out, _) = release.go(Format::Mot, "mot");
    let rows = std::fs::read_to_string(out.join("a/gt/gt.txt")).unwrap();
    assert_eq!(rows.lines().count(), 8);
    assert!(rows.starts_with("1,1,0,10,20,10,"), "{rows}");

    let (out, report) = release.go(Format::Yolo, "yolo.zip");
    assert_eq!(report.items, 6);
    let names = Source::open(&out).unwrap().names().join("\n");
    for frame in 0..6 {
        assert!(names.contains(&format!("labels/drive/a/frame_00000{frame}.txt")), "{names}");
    }
    assert!(lost(&report, "track") > 0, "{:?}", report.losses);
}

#[test]
fn a_drive_goes_out_moment_by_moment() {
    let clouds = ["a/0.bin", "a/1.bin"].map(|path| json!({ "path": path }));
    let path =
        [0, 1].map(|frame| json!({ "frame": frame, "centre": [10.0, 2.0, 0.8], "yaw": 0.1 }));
    let cuboid = json!({ "type": "cuboid3d", "size": [4.0, 1.8, 1.5], "centre": [10.0, 2.0, 0.8],
        "yaw": 0.1, "path": path });
    let release = Release::of(
        &[
            json!({ "external_id": "a", "media": "application/octet-stream", "scene": { "clouds": clouds } }),
        ],
        &json!({ "objects": [{ "id": "o1", "class": "car", "shape": cuboid }], "note": "late" }),
    );
    for (format, name) in [(Format::Items, "items.jsonl"), (Format::Datumaro, "datumaro.zip")] {
        let (out, report) = release.go(format, name);
        assert_eq!((report.items, report.marks, report.losses.count("note")), (2, 2, 1));
        let back = read(&out, format);
        let marks: Vec<_> = back.items.iter().flat_map(|item| &item.marks).collect();
        assert_eq!(marks.len(), 2, "{}", format.as_str());
        assert!(
            marks.iter().all(|mark| mark.class == "Car" && matches!(mark.place, Place::Cuboid(_)))
        );
    }
}

#[test]
fn videos_of_the_same_name_stay_apart() {
    let shape = json!({ "type": "box", "x": 1, "y": 10, "width": 20, "height": 10 });
    let video = |name: &str| json!({ "external_id": name, "media": "video/mp4", "width": 100, "height": 50, "frames": 3 });
    let release = Release::of(
        &["a/x.mp4", "b/x.mp4", "b-x.mp4", "b/x.webm"].map(video),
        &json!({ "tracks": [{ "id": "t1", "class": "car", "keyframes": [{ "frame": 0, "shape": shape }] }] }),
    );
    let (out, report) = release.go(Format::Mot, "mot");
    assert_eq!(report.items, 12);
    assert!(report.losses.count("file_name") >= 2);
    let names = Source::open(&out).unwrap().names().join(" ");
    for folder in ["x", "b-x", "b-x-2", "b-x-3"] {
        let rows = std::fs::read_to_string(out.join(folder).join("gt/gt.txt"));
        assert_eq!(rows.unwrap_or_else(|_| panic!("{names}")).lines().count(), 3, "{folder}");
    }
}

#[test]
fn what_has_no_box_around_it_is_counted_and_not_written() {
    let point = json!({ "type": "point", "x": 5, "y": 6 });
    let flat = json!({ "type": "line", "points": [[1, 2], [30, 2]] });
    let shape = json!({ "type": "box", "x": 1, "y": 2, "width": 8, "height": 9 });
    let object = |id: &str, shape: &Value| json!({ "id": id, "class": "car", "shape": shape });
    let release = Release::of(
        &[json!({ "external_id": "a.jpg", "media": "image/jpeg", "width": 100, "height": 50 })],
        &json!({ "objects": [object("a", &point), object("b", &flat), object("c", &shape)] }),
    );
    for format in [Format::Voc, Format::Mot] {
        let (out, report) = release.go(format, format.as_str());
        assert_eq!(report.losses.count("shape_of_no_size"), 2, "{}", format.as_str());
        assert_eq!(read(&out, format).items[0].marks.len(), 1, "{}", format.as_str());
    }
}

#[test]
fn a_video_with_a_name_that_no_folder_can_have_goes_out_under_another() {
    let shape = json!({ "type": "box", "x": 1, "y": 10, "width": 20, "height": 10 });
    let long = format!("{}.mp4", "ü".repeat(150));
    let video = |id: &str| json!({ "external_id": id, "media": "video/mp4", "width": 100, "height": 50, "frames": 2 });
    let release = Release::of(
        &[video(&long), video("a/..."), video("b.mp4")],
        &json!({ "tracks": [{ "id": "t", "class": "car", "keyframes": [{ "frame": 0, "shape": shape }] }] }),
    );
    for (format, name) in
        [(Format::KittiTracking, "kitti.zip"), (Format::Mots, "mots"), (Format::Yolo, "yolo")]
    {
        let (_, report) = release.go(format, name);
        assert!(report.losses.count("file_name") >= 2, "{name}: {:?}", report.losses);
        assert_eq!(report.losses.count("no_name_for_a_file"), 0, "{name}");
    }
}
