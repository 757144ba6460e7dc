//! Clouds that other tools wrote are read point by point, come back the same, and hurt nobody when they are broken.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use formats::clouds::{Cloud, CloudError, Kind, Point, convert};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use support::dice::Dice;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/clouds").join(name)
}

fn points(bytes: Vec<u8>, kind: Kind) -> Result<Vec<Point>, CloudError> {
    Cloud::open(Cursor::new(bytes), kind)?.collect()
}

fn read(name: &str) -> Vec<Point> {
    points(fs::read(file(name)).unwrap(), Kind::of(name).unwrap()).unwrap()
}

#[test]
fn what_other_tools_wrote_is_read_as_they_meant_it() {
    for (name, timed, coloured) in [
        ("format0.las", false, false),
        ("format3.laz", true, true),
        ("format6.laz", true, false),
        ("format7.laz", true, true),
    ] {
        let found = read(name);
        assert_eq!(found.len(), 300, "{name}");
        for (at, point) in found.iter().enumerate() {
            let t = at as f64;
            let wanted = [500_000.0 + t * 0.25, 4_000_000.0 - t * 0.5, 100.0 + t.sin() * 3.0];
            let near = point.position.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 0.000_51);
            assert!(near, "{name} {at}: {point:?}");
            assert_eq!(point.intensity, Some(t * 7.0), "{name}");
            assert_eq!(point.class, Some((at % 20) as u8), "{name}");
            assert_eq!(point.time, timed.then_some(t * 0.125), "{name}");
            let colour = [(at % 256) as u8, (255 - at % 256) as u8, 7];
            assert_eq!(point.colour, coloured.then_some(colour), "{name}");
        }
    }
    for name in ["packed.pcd", "plain.pcd"] {
        let found = read(name);
        assert_eq!(found.len(), 300, "{name}");
        for (at, point) in found.iter().enumerate() {
            let t = at as f64;
            assert_eq!(point.position, [t * 0.5, t * -0.25, (at % 7) as f64], "{name}");
            assert_eq!((point.intensity, point.ring), (Some(t * 3.0), Some((at % 32) as u16)));
        }
    }
}

#[test]
fn every_kind_that_is_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("packed.pcd", Kind::Pcd, "a.pcd", vec![]),
        ("packed.pcd", Kind::PcdText, "b.pcd", vec![]),
        ("packed.pcd", Kind::NuScenes, "c.pcd.bin", vec![]),
        ("packed.pcd", Kind::Kitti, "d.bin", vec!["ring"]),
        ("packed.pcd", Kind::Las, "e.las", vec!["ring"]),
        ("packed.pcd", Kind::Laz, "e.laz", vec!["ring"]),
        ("format7.laz", Kind::Las, "f.las", vec![]),
        ("format7.laz", Kind::Laz, "f.laz", vec![]),
        ("format7.laz", Kind::Pcd, "g.pcd", vec![]),
        ("format7.laz", Kind::PcdText, "h.pcd", vec![]),
        ("format7.laz", Kind::Kitti, "i.bin", vec!["class", "colour", "time"]),
    ];
    for (from, kind, to, wanted) in table {
        let out = folder.path().join(to);
        let report = convert(&file(from), Kind::of(from).unwrap(), &out, kind).unwrap();
        assert_eq!((report.points, report.skipped), (300, 0), "{to}");
        let lost: Vec<&str> = report.losses.losses.keys().copied().collect();
        assert_eq!(lost, wanted, "{to}");
        let back = points(fs::read(&out).unwrap(), kind).unwrap();
        assert_eq!(back.len(), 300, "{to}");
        for (mut back, sent) in back.into_iter().zip(read(from)) {
            let slack = if kind == Kind::Kitti { 0.3 } else { 0.000_6 };
            let near = back.position.iter().zip(sent.position).all(|(a, b)| (a - b).abs() < slack);
            assert!(near, "{to}: {back:?} {sent:?}");
            back.position = sent.position;
            let mut kept = sent;
            if lost.contains(&"ring") {
                kept.ring = None;
            }
            if kind == Kind::Kitti {
                kept = Point {
                    position: kept.position,
                    intensity: kept.intensity,
                    ..Point::default()
                };
            }
            if from == "packed.pcd" && matches!(kind, Kind::Las | Kind::Laz) {
                // What a point of LAS must have.
                (back.class, back.time, back.colour) = (None, None, None);
            }
            assert_eq!(back, kept, "{to}");
        }
    }
}

/// What a point has besides is told: a field of PCD that has another name, and what only LAS has.
#[test]
fn what_of_a_point_is_not_read_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (pcd, las) = (folder.path().join("in.pcd"), folder.path().join("in.las"));
    let text = "VERSION 0.7\nFIELDS x y z normal_x _\nSIZE 4 4 4 4 1\nTYPE F F F F U\nCOUNT 1 1 1 1 4\nWIDTH 1\nHEIGHT 1\nPOINTS 1\nDATA ascii\n1 2 3 0.5 0 0 0 0\n";
    fs::write(&pcd, text).unwrap();
    let report = convert(&pcd, Kind::Pcd, &las, Kind::Las).unwrap();
    assert_eq!(report.losses.losses["field_not_read"].examples, ["normal_x"]);
    // The last return of two, at an angle of 7 degrees; the length of a point stands at 105, its beginning at 96.
    let mut bytes = fs::read(&las).unwrap();
    let at = u32::from_le_bytes(bytes[96..100].try_into().unwrap()) as usize;
    let plain = convert(&las, Kind::Las, &folder.path().join("a.pcd"), Kind::Pcd).unwrap();
    assert!(plain.losses.losses.is_empty());
    (bytes[at + 14], bytes[at + 16]) = (0x12, 7);
    let length = u16::from_le_bytes(bytes[105..107].try_into().unwrap()) + 2;
    bytes[105..107].copy_from_slice(&length.to_le_bytes());
    bytes.extend([0; 2]);
    fs::write(&las, bytes).unwrap();
    let report = convert(&las, Kind::Las, &folder.path().join("b.pcd"), Kind::Pcd).unwrap();
    let told = &report.losses.losses["field_not_read"];
    assert_eq!(told.examples, ["returns", "scan angle", "extra bytes"]);
}

#[test]
fn a_packed_cloud_may_be_empty_or_have_several_chunks() {
    let folder = tempfile::tempdir().unwrap();
    for count in [0_u32, 1, 50_000, 120_001] {
        let numbers =
            (0..count).flat_map(|nth| [nth as f32 / 8.0, -(nth as f32), 2.0, (nth % 9) as f32]);
        let (from, to) = (folder.path().join("in.bin"), folder.path().join("out.laz"));
        fs::write(&from, numbers.flat_map(f32::to_le_bytes).collect::<Vec<u8>>()).unwrap();
        convert(&from, Kind::Kitti, &to, Kind::Laz).unwrap();
        let back = points(fs::read(&to).unwrap(), Kind::Laz).unwrap();
        assert_eq!(back.len(), count as usize);
        for (nth, point) in back.iter().enumerate() {
            assert!((point.position[0] - nth as f64 / 8.0).abs() < 0.000_6, "{count}: {nth}");
            assert_eq!(point.intensity, Some((nth % 9) as f64));
        }
        fs::remove_file(to).unwrap();
    }
}

fn pcd(header: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let lines = [
        ("FIELDS", "x y z"),
        ("SIZE", "4 4 4"),
        ("TYPE", "F F F"),
        ("COUNT", "1 1 1"),
        ("WIDTH", "2"),
        ("HEIGHT", "1"),
        ("POINTS", "2"),
        ("DATA", "ascii"),
    ];
    let mut text = String::from("# .PCD v0.7\nVERSION 0.7\n");
    for (key, value) in lines {
        let value =
            header.iter().find(|(known, _)| *known == key).map_or(value, |(_, value)| value);
        text += &format!("{key} {value}\n");
    }
    [text.as_bytes(), body].concat()
}

/// What the header says instead, the points, the code and words of what is told.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [u8], &'a str, &'a str);

#[test]
fn what_is_wrong_is_told_with_its_point_and_costs_no_memory() {
    let body = b"1 2 3\nnan 5 6\n";
    let mut cloud = Cloud::open(Cursor::new(pcd(&[], body)), Kind::Pcd).unwrap();
    assert_eq!(cloud.announced(), 2);
    let found: Vec<Point> = (&mut cloud).collect::<Result<_, _>>().unwrap();
    assert_eq!((found.len(), cloud.skipped()), (1, 1));
    let huge = &99_999_999_999_u64.to_string()[..];
    let table: [Case; 17] = [
        (&[("FIELDS", "x y")], body, "cloud_header", "same number"),
        (&[("FIELDS", "a b c")], body, "cloud_header", "no x"),
        (&[("SIZE", "4 4 3")], body, "cloud_header", "SIZE 3"),
        (&[("SIZE", "4 4 two")], body, "cloud_header", "SIZE two"),
        (&[("TYPE", "F F X")], body, "cloud_header", "TYPE X"),
        (&[("COUNT", "1 1 0")], body, "cloud_header", "COUNT 0"),
        (&[("COUNT", "1 1 99999999999")], body, "cloud_header", "COUNT"),
        (&[("POINTS", "3")], body, "cloud_header", "WIDTH and HEIGHT make 2"),
        (&[("POINTS", "-2")], body, "cloud_header", "POINTS"),
        (&[("WIDTH", huge), ("POINTS", huge)], body, "too_many_points", ""),
        (&[("WIDTH", "999999999"), ("POINTS", "999999999")], body, "cloud_cut_off", ""),
        (&[("DATA", "morse")], body, "cloud_header", "DATA"),
        (&[], b"1 2 3\n4 5\n", "cloud_point", "point 2: it has 2 numbers"),
        (&[], b"1 2 3\n4 5 x\n", "cloud_point", "point 2: `z` is “x”"),
        (&[], b"1 2 3 \n", "cloud_cut_off", "point 2"),
        (&[("DATA", "binary")], &[0; 23], "cloud_cut_off", "point 2"),
        (
            &[("DATA", "binary_compressed")],
            &[1, 0, 0, 0, 24, 0, 0, 0, 9],
            "cloud_header",
            "damaged",
        ),
    ];
    for (header, body, code, words) in table {
        let error = points(pcd(header, body), Kind::Pcd).unwrap_err();
        assert_eq!(error.code(), code, "{header:?}: {error}");
        assert!(error.to_string().contains(words), "{header:?}: {error}");
    }
    let bomb = [&8_u32.to_le_bytes()[..], &2_000_000_000_u32.to_le_bytes(), &[0; 8]].concat();
    let header = [
        ("WIDTH", "166666667"),
        ("POINTS", "166666667"),
        ("DATA", "binary_compressed"),
        ("SIZE", "4 4 4"),
    ];
    assert_eq!(points(pcd(&header, &bomb), Kind::Pcd).unwrap_err().code(), "cloud_header");
    assert_eq!(points(vec![0; 17], Kind::Kitti).unwrap_err().code(), "cloud_header");
    let five = [1.0_f32, 2.0, 3.0, 4.0, 0.5].map(f32::to_le_bytes).concat();
    assert_eq!(points(five, Kind::NuScenes).unwrap_err().code(), "cloud_point");
    let las = fs::read(file("format0.las")).unwrap();
    let table: [(usize, &[u8], &str); 9] = [
        (0, b"LAZF", "cloud_header"),
        (24, &[2], "cloud_header"),
        (94, &[9, 0], "cloud_header"),
        (96, &u32::MAX.to_le_bytes(), "cloud_header"),
        (104, &[11], "cloud_header"),
        (105, &[19, 0], "cloud_header"),
        (107, &u32::MAX.to_le_bytes(), "too_many_points"),
        (107, &301_u32.to_le_bytes(), "cloud_cut_off"),
        (131, &f64::NAN.to_le_bytes(), "cloud_header"),
    ];
    for (at, change, code) in table {
        let mut broken = las.clone();
        broken[at..at + change.len()].copy_from_slice(change);
        let error = points(broken, Kind::Las).unwrap_err();
        assert_eq!(error.code(), code, "{at}: {error}");
    }
    for cut in (0..las.len()).step_by(97) {
        assert!(points(las[..cut].to_vec(), Kind::Las).is_err(), "{cut}");
    }
}

/// Bytes changed and cut anywhere: a reader answers, whatever it answers.
#[test]
fn nothing_that_is_broken_hurts() {
    let mut dice = Dice(0xc10d);
    // The unpacker of LAZ stumbles where it is lied to; what it says of that is not for the reader of this test.
    let said = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut outcomes = [0, 0];
    for name in
        ["format0.las", "format3.laz", "format6.laz", "format7.laz", "packed.pcd", "plain.pcd"]
    {
        let (whole, kind) = (fs::read(file(name)).unwrap(), Kind::of(name).unwrap());
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..=dice.roll(4) {
                // Most of what matters stands in the first bytes.
                let near = if dice.roll(2) == 0 { bytes.len().min(600) } else { bytes.len() };
                let at = dice.roll(near);
                match dice.roll(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => bytes[at] = 0xff,
                    2 => bytes[at] = dice.roll(256) as u8,
                    _ => bytes[at] ^= 1 << dice.roll(8),
                }
            }
            let read = points(bytes, kind).is_ok_and(|points| points.len() <= 1 << 20);
            outcomes[usize::from(read)] += 1;
        }
    }
    std::panic::set_hook(said);
    assert!(outcomes.iter().all(|count| *count > 100), "{outcomes:?}");
}
