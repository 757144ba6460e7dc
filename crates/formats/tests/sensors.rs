//! What sensors saw, and where they stand to each other, comes in and goes out again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use formats::LossReport;
use formats::exchange::{
    Class, Cuboid, Format, Found, Frame, Item, Mark, Place, Pose, Sensor, Source, convert,
};
use std::path::Path;

fn found(path: &Path, format: Format) -> Found {
    let mut found = Found::default();
    format.read(&mut Source::open(path).unwrap(), &mut found).unwrap();
    found
}

fn written(out: &Path, format: Format, found: &Found) -> Vec<&'static str> {
    let mut losses = LossReport::default();
    let mut writer = format.writer(out).unwrap();
    found.classes.iter().for_each(|class| writer.class(class).unwrap());
    found.items.iter().for_each(|item| writer.item(item, &mut losses).unwrap());
    writer.finish(&mut losses).unwrap();
    losses.losses.keys().copied().collect()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The numbers of a key of a calibration.
fn numbers(text: &str, key: &str) -> Vec<f64> {
    let line =
        text.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {text}"));
    line.split_whitespace().skip(1).map(|word| word.parse().unwrap()).collect()
}

fn near(a: &[f64], b: &[f64], slack: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < slack)
}

/// The calibration of the first picture of KITTI's training set.
const CALIBRATION: &str = "P0: 7.070493000000e+02 0.000000000000e+00 6.040814000000e+02 0.000000000000e+00 0.000000000000e+00 7.070493000000e+02 1.805066000000e+02 0.000000000000e+00 0.000000000000e+00 0.000000000000e+00 1.000000000000e+00 0.000000000000e+00
P1: 7.070493000000e+02 0.000000000000e+00 6.040814000000e+02 -3.797842000000e+02 0.000000000000e+00 7.070493000000e+02 1.805066000000e+02 0.000000000000e+00 0.000000000000e+00 0.000000000000e+00 1.000000000000e+00 0.000000000000e+00
P2: 7.070493000000e+02 0.000000000000e+00 6.040814000000e+02 4.575831000000e+01 0.000000000000e+00 7.070493000000e+02 1.805066000000e+02 -3.454157000000e-01 0.000000000000e+00 0.000000000000e+00 1.000000000000e+00 4.981016000000e-03
P3: 7.070493000000e+02 0.000000000000e+00 6.040814000000e+02 -3.341081000000e+02 0.000000000000e+00 7.070493000000e+02 1.805066000000e+02 2.330660000000e+00 0.000000000000e+00 0.000000000000e+00 1.000000000000e+00 3.201153000000e-03
R0_rect: 9.999128000000e-01 1.009263000000e-02 -8.511932000000e-03 -1.012729000000e-02 9.999406000000e-01 -4.037671000000e-03 8.470675000000e-03 4.123522000000e-03 9.999556000000e-01
Tr_velo_to_cam: 6.927964000000e-03 -9.999722000000e-01 -2.757829000000e-03 -2.457729000000e-02 -1.162982000000e-03 2.749836000000e-03 -9.999955000000e-01 -6.127237000000e-02 9.999753000000e-01 6.931141000000e-03 -1.143899000000e-03 -3.321029000000e-01
Tr_imu_to_velo: 9.999976000000e-01 7.553071000000e-04 -2.035826000000e-03 -8.086759000000e-01 -7.854027000000e-04 9.998898000000e-01 -1.482298000000e-02 3.195559000000e-01 2.024406000000e-03 1.482454000000e-02 9.998881000000e-01 -7.997231000000e-01
";

/// What takes a place before the scanner to a pixel, by the numbers of a file.
fn pixel(text: &str, camera: &str, [x, y, z]: [f64; 3]) -> [f64; 2] {
    let apply = |numbers: &[f64], columns: usize, point: [f64; 4]| -> Vec<f64> {
        let rows = numbers.chunks(columns);
        rows.map(|row| row.iter().zip(point).map(|(a, b)| a * b).sum()).collect()
    };
    let moved = apply(&numbers(text, "Tr_velo_to_cam:"), 4, [x, y, z, 1.0]);
    let straight = apply(&numbers(text, "R0_rect:"), 3, [moved[0], moved[1], moved[2], 0.0]);
    let seen = apply(&numbers(text, camera), 4, [straight[0], straight[1], straight[2], 1.0]);
    [seen[0] / seen[2], seen[1] / seen[2]]
}

#[test]
fn a_calibration_of_kitti_is_read_and_says_the_same_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write(&input, "calib/000000.txt", CALIBRATION);
    write(&input, "label_2/000000.txt", "Car 0 1 -1.5 10 20 30 40 1.5 1.75 4 1 2 30 0.25\n");
    let read = found(&input, Format::Kitti);
    assert_eq!(read.refusals, []);
    assert_eq!(read.losses.losses.keys().copied().collect::<Vec<_>>(), ["place_of_the_imu"]);
    let sensors = &read.items[0].sensors;
    let named: Vec<_> = sensors.iter().map(|sensor| (&sensor.name[..], &sensor.file[..])).collect();
    assert_eq!(
        named[2..],
        [
            ("image_2", "000000.png"),
            ("image_3", "image_3/000000.png"),
            ("velodyne", "velodyne/000000.bin"),
        ]
    );
    // The second camera stands six centimetres to the left of the first one.
    let beside = sensors[0].pose().inverse().after(&sensors[2].pose()).translation;
    assert!(near(&beside, &[-0.0605, 0.001_76, -0.004_98], 1e-3), "{beside:?}");

    let out = folder.path().join("out");
    assert_eq!(written(&out, Format::Kitti, &read), [""; 0]);
    let label = std::fs::read_to_string(out.join("label_2/000000.txt")).unwrap();
    assert_eq!(label, "Car 0 1 -1.5 10 20 30 40 1.5 1.75 4 1 2 30 0.25\n");
    let text = std::fs::read_to_string(out.join("calib/000000.txt")).unwrap();
    for camera in ["P0:", "P1:", "P2:", "P3:"] {
        assert!(near(&numbers(&text, camera), &numbers(CALIBRATION, camera), 1e-6), "{text}");
        for place in [[8.0, 1.5, -0.5], [30.0, -4.0, 0.25]] {
            let [a, b] = [CALIBRATION, &text].map(|text| pixel(text, camera, place));
            assert!(near(&a, &b, 0.01), "{camera} {a:?} {b:?}");
        }
    }

    // Before the scanner the car stands where the file's own numbers put it.
    let nuscenes = folder.path().join("nuscenes");
    assert_eq!(written(&nuscenes, Format::NuScenes, &read), ["attributes", "box_around_cuboid"]);
    let moved = found(&nuscenes, Format::NuScenes);
    let Place::Cuboid(cuboid) = &moved.items[0].marks[0].place else { panic!("no box") };
    let middle = pixel(CALIBRATION, "P0:", cuboid.centre);
    let wanted = [707.0493 / 30.0 + 604.0814, 707.0493 * 1.25 / 30.0 + 180.5066];
    assert!(near(&middle, &wanted, 0.01), "{middle:?} {wanted:?}");
}

#[test]
fn sequences_and_drives_have_their_calibrations_too() {
    let folder = tempfile::tempdir().unwrap();
    let tracks = folder.path().join("tracks");
    let other = CALIBRATION
        .replace("R0_rect:", "R_rect")
        .replace("Tr_velo_to_cam:", "Tr_velo_cam")
        .replace("Tr_imu_to_velo:", "Tr_imu_velo");
    write(&tracks, "calib/0000.txt", &other);
    write(&tracks, "label_02/0000.txt", "0 7 Car 0 1 -1.5 10 20 30 40 1.5 1.75 4 1 2 30 0.25\n");
    let read = found(&tracks, Format::KittiTracking);
    assert_eq!((read.items[0].sensors.len(), read.refusals.len()), (5, 0));
    // As a drive, whose boxes stand before the scanner, and back as pictures.
    let raw = folder.path().join("raw");
    assert_eq!(
        written(&raw, Format::KittiRaw, &read),
        ["attributes", "box_around_cuboid", "file_name"]
    );
    let drive = found(&raw, Format::KittiRaw);
    assert_eq!(drive.items[0].sensors.len(), 5);
    assert_eq!(drive.items[0].sensors[4].file, "velodyne_points/data/0000000000.bin");
    let again = folder.path().join("again");
    written(&again, Format::KittiTracking, &drive);
    let text = std::fs::read_to_string(again.join("calib/velodyne_points-data.txt"))
        .or_else(|_| std::fs::read_to_string(again.join("calib/data.txt")))
        .unwrap();
    for (mine, theirs) in [("P2:", "P2:"), ("Tr_velo_cam", "Tr_velo_cam")] {
        let slack = if mine == "P2:" { 1e-6 } else { 2.0 };
        assert!(near(&numbers(&text, mine), &numbers(&other, theirs), slack), "{text}");
    }
    let Place::Cuboid(cuboid) = &drive.items[0].marks[0].place else { panic!("no box") };
    assert!((cuboid.centre[0] - 30.0).abs() < 1.0, "{cuboid:?}");
    // A day's calibration lies above its drives.
    let day = folder.path().join("day");
    for name in ["calib_cam_to_cam.txt", "calib_velo_to_cam.txt"] {
        write(&day, name, &std::fs::read_to_string(raw.join(name)).unwrap());
    }
    let tracklets = std::fs::read_to_string(raw.join("tracklet_labels.xml")).unwrap();
    write(&day, "drive_0001_sync/tracklet_labels.xml", &tracklets);
    let found = found(&day, Format::KittiRaw);
    assert_eq!(found.items[0].sensors[2].file, "drive_0001_sync/image_02/data/0000000000.png");
}

#[test]
fn a_calibration_that_is_wrong_is_refused_by_itself() {
    for (from, to, field) in [
        ("P2: 7.070493000000e+02", "P2: many", "P2"),
        ("P2: 7.070493000000e+02", "P2:", "P2"),
        ("P2: 7.070493000000e+02", "P2: 0", "P2"),
        ("Tr_velo_to_cam: 6.927964000000e-03", "Tr_velo_to_cam: 5", "Tr_velo_to_cam"),
        ("9.999128000000e-01", "nan", "R0_rect"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "calib/0.txt", &CALIBRATION.replacen(from, to, 1));
        write(
            folder.path(),
            "label_2/0.txt",
            "Car 0 1 -1.5 10 20 30 40 -1 -1 -1 -1000 -1000 -1000 -10\n",
        );
        let found = found(folder.path(), Format::Kitti);
        assert_eq!((found.items.len(), found.refusals.len()), (1, 1), "{to}");
        let refusal = &found.refusals[0];
        assert_eq!((&refusal.file[..], &refusal.error.field[..]), ("calib/0.txt", field), "{to}");
    }
}

#[test]
fn what_was_seen_between_the_moments_and_the_classes_of_points_come_back() {
    let sensor = |file: &str, timestamp, classes: Option<&str>| Sensor {
        name: "LIDAR_TOP".into(),
        modality: "lidar".into(),
        file: file.into(),
        timestamp,
        mount: Pose { translation: [1.0, 0.0, 2.0], ..Pose::default() },
        vehicle: Pose { translation: [timestamp as f64, 0.0, 0.0], ..Pose::default() },
        classes: classes.map(str::to_owned),
        ..Sensor::default()
    };
    let cuboid = Cuboid {
        centre: [1.0, 2.0, 3.0],
        size: [4.0, 2.0, 1.5],
        rotation: Pose::default().rotation,
        frame: Frame::World,
        around: None,
    };
    let mark = Mark {
        id: Some("b".into()),
        class: "car".into(),
        track: Some(0),
        place: Place::Cuboid(cuboid),
        attributes:
            serde_json::json!({ "num_lidar_pts": 3, "num_radar_pts": 0, "visibility": "v80-100" })
                .as_object()
                .unwrap()
                .clone(),
        ..Mark::default()
    };
    let item = |token: &str, frame: u64, at: i64, marks| Item {
        name: format!("samples/LIDAR_TOP/{at}.pcd.bin"),
        id: Some(token.into()),
        frame: Some(frame),
        sensors: vec![sensor(
            &format!("samples/LIDAR_TOP/{at}.pcd.bin"),
            at,
            Some("lidarseg/v1.0-mini/a.bin"),
        )],
        sweeps: vec![
            sensor(&format!("sweeps/LIDAR_TOP/{}.pcd.bin", at - 2), at - 2, None),
            sensor(&format!("sweeps/LIDAR_TOP/{}.pcd.bin", at - 1), at - 1, None),
            sensor(&format!("sweeps/LIDAR_TOP/{}.pcd.bin", at + 1), at + 1, None),
        ],
        metadata: serde_json::json!({ "scene": "street", "timestamp": at })
            .as_object()
            .unwrap()
            .clone(),
        marks,
        ..Item::default()
    };
    let class = Class { name: "car".into(), id: Some(17), ..Class::default() };
    let items = vec![item("first", 0, 10, vec![mark]), item("second", 1, 20, vec![])];
    let all = Found { classes: vec![class.clone()], items: items.clone(), ..Found::default() };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert_eq!(written(&out, Format::NuScenes, &all), [""; 0]);
    let back = found(&out, Format::NuScenes);
    assert_eq!((back.refusals.len(), back.losses.losses.len()), (0, 0), "{:?}", back.losses);
    assert_eq!(back.items, items);
    assert_eq!(back.classes, [class]);
    // Each sensor's files are one chain in time.
    let rows: Vec<serde_json::Value> = serde_json::from_str(
        &std::fs::read_to_string(out.join("v1.0-mini/sample_data.json")).unwrap(),
    )
    .unwrap();
    let mut at = rows.iter().find(|row| row["prev"] == "").unwrap();
    let mut seen = vec![at["timestamp"].as_i64().unwrap()];
    while let Some(next) = rows.iter().find(|row| row["token"] == at["next"]) {
        seen.push(next["timestamp"].as_i64().unwrap());
        at = next;
    }
    assert_eq!(seen, [8, 9, 10, 11, 18, 19, 20, 21]);
    // How much is seen has the number that the data set gives it.
    let boxes = std::fs::read_to_string(out.join("v1.0-mini/sample_annotation.json")).unwrap();
    assert!(boxes.contains("\"visibility_token\":\"4\""), "{boxes}");
    // Whoever has no place for them counts them.
    let report = convert(
        &out,
        Format::NuScenes,
        &folder.path().join("kitti"),
        Format::KittiRaw,
        &mut |_, _| {},
    )
    .unwrap();
    assert_eq!((report.losses.count("sweep"), report.losses.count("classes_of_points")), (6, 2));
}
