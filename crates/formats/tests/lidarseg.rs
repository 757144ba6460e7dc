//! Labelled drives go out as nuScenes: scenes of chained samples, annotations, and a byte a point.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use domain::cuboids::Points;
use formats::cuboids::{NuScenesTar, kitti};
use formats::exchange::{Format, Found, Source};
use formats::native::Record;
use formats::{Classes, LossReport, tar};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Cursor;

fn ontology() -> Value {
    let class = |key: &str| json!({ "key": key, "name": key, "color": "#1971c2", "parent": null });
    json!({ "classes": [class("road"), class("car")], "attributes": [] })
}

/// A drive of three moments; points of the first two have classes, a car drives along.
fn drive(external_id: &str) -> Record {
    let pose = |x: f64| json!({ "translation": [x, 0.0, 0.0], "rotation": [1.0, 0.0, 0.0, 0.0] });
    let clouds: Vec<Value> = (0..3)
        .map(|t| {
            json!({
                "path": format!("{external_id}/{t}.pcd.bin"), "time": f64::from(t) / 2.0, "pose": pose(f64::from(t)),
                "cameras": [{
                    "name": "CAM_FRONT", "path": format!("{external_id}/{t}.png"), "mount": pose(0.3), "width": 64, "height": 32,
                    "intrinsic": [[40.0, 0.0, 32.0], [0.0, 40.0, 16.0], [0.0, 0.0, 1.0]],
                    "distortion": { "model": "brown_conrady", "coefficients": [-0.3, 0.1, 0.0, 0.0] },
                }],
            })
        })
        .collect();
    let points = |id: &str, class: &str, cloud: u64, runs: &[u64]| {
        let Points { cloud, points, counts } = Points::from_runs(cloud, 10, runs);
        json!({ "id": id, "class": class, "shape": { "type": "points3d", "cloud": cloud, "points": points, "counts": counts } })
    };
    let key = |frame: u64, x: f64| json!({ "frame": frame, "centre": [x, 2.0, 0.8], "yaw": 0.1 });
    let car = json!({ "id": "c", "class": "car", "shape": {
        "type": "cuboid3d", "size": [4.0, 1.8, 1.5], "centre": [10.0, 2.0, 0.8], "yaw": 0.1, "path": [key(0, 10.0), key(2, 14.0)],
    } });
    let objects = json!([
        points("a", "road", 0, &[0, 4, 6]),
        points("b", "car", 0, &[5, 2, 3]),
        points("d", "road", 1, &[9, 1]),
        car,
    ]);
    serde_json::from_value(json!({
        "task": { "id": "tsk_1", "state": "done", "priority": 5 },
        "item": { "external_id": external_id, "media": "application/octet-stream", "scene": { "clouds": clouds } },
        "label": {
            "value": { "objects": objects }, "method": "single",
            "provenance": { "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 },
        },
    }))
    .unwrap()
}

fn files(archive: &[u8]) -> HashMap<String, Vec<u8>> {
    let entries = tar::entries(&mut Cursor::new(archive)).unwrap();
    let bytes = |from: u64, length: u64| archive[from as usize..(from + length) as usize].to_vec();
    entries.into_iter().map(|entry| (entry.name, bytes(entry.at, entry.length))).collect()
}

#[test]
fn drives_go_out_as_scenes_and_points_as_bytes() {
    let classes = Classes::read(&ontology()).unwrap();
    let scratch = || Ok(Cursor::new(Vec::new()));
    let mut writer = NuScenesTar::new(Vec::new(), scratch, &classes).unwrap();
    for name in ["tour-1", "tour-2"] {
        writer.push(&drive(name)).unwrap();
    }
    let (archive, losses) = writer.finish().unwrap();
    let losses: HashMap<_, _> =
        losses.losses.iter().map(|(kind, loss)| (*kind, loss.count)).collect();
    assert_eq!(losses, HashMap::from([("lens_distortion", 6), ("cloud_without_classes", 2)]));

    let files = files(&archive);
    let table = |name: &str| -> Vec<Value> {
        serde_json::from_slice(&files[&format!("v1.0-mini/{name}.json")]).unwrap()
    };
    let by_token = |name: &str| -> HashMap<String, Value> {
        let token = |row: &Value| row["token"].as_str().unwrap().to_owned();
        table(name).into_iter().map(|row| (token(&row), row)).collect()
    };
    // Each scene is a chain of its samples, forwards and back.
    let samples = by_token("sample");
    for scene in table("scene") {
        let (mut at, mut passed) = (scene["first_sample_token"].as_str().unwrap(), vec![]);
        while !at.is_empty() {
            assert_eq!(samples[at]["scene_token"], scene["token"]);
            assert_eq!(samples[at]["prev"].as_str(), Some(passed.last().copied().unwrap_or("")));
            passed.push(at);
            at = samples[at]["next"].as_str().unwrap();
        }
        assert_eq!((passed.len(), scene["nbr_samples"].as_u64()), (3, Some(3)));
        assert_eq!(scene["last_sample_token"].as_str(), passed.last().copied());
    }
    // A row of lidarseg has the token of its cloud, and its file a byte for each point.
    let data = by_token("sample_data");
    let mut said = HashMap::new();
    for row in table("lidarseg") {
        let cloud = &data[row["token"].as_str().unwrap()];
        assert_eq!(row["token"], row["sample_data_token"]);
        said.insert(
            cloud["filename"].as_str().unwrap().to_owned(),
            files[row["filename"].as_str().unwrap()].clone(),
        );
    }
    assert_eq!(said.len(), 4);
    assert_eq!(said["tour-1/0.pcd.bin"], [1, 1, 1, 1, 0, 2, 2, 0, 0, 0]);
    assert_eq!(said["tour-2/1.pcd.bin"], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    let in_folder = files.keys().filter(|name| name.starts_with("lidarseg/v1.0-mini/")).count();
    assert_eq!(in_folder, 4, "the development kit counts them");
    let category = |name: &str| {
        let found = table("category").into_iter().find(|row| row["name"] == name).unwrap();
        found["index"].as_i64()
    };
    assert_eq!(["noise", "road", "car"].map(category), [Some(0), Some(1), Some(2)]);
    assert_eq!(table("sample_annotation").len(), 6);
    assert_eq!(table("instance").len(), 2);

    // What reads nuScenes reads this: the car is where it was, half way, and each cloud has its file of classes.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nuscenes.tar");
    std::fs::write(&path, &archive).unwrap();
    let mut found = Found::default();
    Format::NuScenes.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    assert_eq!((found.items.len(), found.refusals.len()), (6, 0));
    let second = &found.items[1];
    assert_eq!((second.metadata["scene"].as_str(), second.frame), (Some("tour-1"), Some(1)));
    let formats::exchange::Place::Cuboid(cuboid) = &second.marks[0].place else { panic!() };
    assert!((cuboid.centre[0] - 12.0).abs() < 1e-9, "{cuboid:?}");
    assert!(second.sensor("lidar").unwrap().classes.is_some());
}

#[test]
fn a_lens_that_a_format_cannot_hold_is_counted() {
    let classes = Classes::read(&ontology()).unwrap();
    let mut losses = LossReport::default();
    assert!(!kitti(&drive("tour"), &classes, &mut losses).is_empty());
    assert_eq!(losses.losses["lens_distortion"].count, 3);
}
