//! What a format writes is the same wherever it goes: in a folder, in an archive, or as the one file of a stream.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use formats::LossReport;
use formats::exchange::{
    Candidate, Class, Cuboid, Format, Frame, Item, Mark, Outlet, Place, Scratch, Sensor, Shape,
    Talk, Turn, Writer,
};
use formats::zip::Archive;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static WAITED: AtomicUsize = AtomicUsize::new(0);

fn scratch() -> io::Result<Box<dyn Scratch>> {
    WAITED.fetch_add(1, Ordering::Relaxed);
    Ok(Box::new(tempfile::tempfile()?))
}

fn items() -> Vec<Item> {
    let boxed = |class: &str, x| Mark {
        class: class.into(),
        track: Some(1),
        place: Place::Shape(Shape::Box { x, y: 4.0, width: 30.0, height: 20.0 }),
        ..Mark::default()
    };
    let outline =
        Place::Shape(Shape::Polygon { points: vec![[1.0, 1.0], [50.0, 2.0], [9.0, 40.0]] });
    let whole = Mark { class: "cat".into(), ..Mark::default() };
    let picture = |name: &str, frame| Item {
        name: name.into(),
        frame: Some(frame),
        width: Some(160),
        height: Some(120),
        marks: vec![
            boxed("cat", 2.0),
            boxed("größe", 70.0),
            Mark { class: "cat".into(), place: outline.clone(), ..Mark::default() },
            whole.clone(),
        ],
        ..Item::default()
    };
    let span =
        Mark { class: "town".into(), place: Place::Span { start: 0, end: 5 }, ..Mark::default() };
    let turn = |role: &str, text: &str| Turn {
        role: role.into(),
        text: Some(text.into()),
        ..Turn::default()
    };
    let answer = |text: &str, model: &str| Candidate {
        turns: vec![turn("assistant", text)],
        id: model.into(),
        model: Some(model.into()),
    };
    let ranked = Mark {
        place: Place::Talk(Talk::Ranking {
            order: vec![vec!["m1".into()], vec!["m2".into()]],
            all_bad: false,
        }),
        ..Mark::default()
    };
    let cuboid = Cuboid {
        centre: [12.0, 3.0, 1.0],
        size: [4.0, 2.0, 1.5],
        rotation: [1.0, 0.0, 0.0, 0.0],
        frame: Frame::Lidar,
        around: None,
    };
    vec![
        picture("street/a.jpg", 0),
        picture("street/b.jpg", 1),
        Item {
            name: "t1".into(),
            text: Some("Paris is large.\nAnd old.".into()),
            marks: vec![span],
            ..Item::default()
        },
        Item {
            name: "c1".into(),
            turns: vec![turn("user", "How?")],
            candidates: vec![answer("So.", "m1"), answer("Not so.", "m2")],
            marks: vec![ranked],
            ..Item::default()
        },
        Item {
            name: "drive/0001.bin".into(),
            frame: Some(2),
            sensors: vec![Sensor {
                name: "lidar".into(),
                file: "drive/0001.bin".into(),
                ..Sensor::default()
            }],
            marks: vec![Mark {
                class: "car".into(),
                track: Some(7),
                place: Place::Cuboid(cuboid),
                ..Mark::default()
            }],
            ..Item::default()
        },
    ]
}

fn write(mut writer: Box<dyn Writer>) -> LossReport {
    let mut losses = LossReport::default();
    writer.class(&Class { name: "cat".into(), ..Class::default() }).unwrap();
    for item in items() {
        writer.item(&item, &mut losses).unwrap();
        if writer.wants_files() {
            writer.file(&item.name, b"the bytes of a file").unwrap();
        }
    }
    writer.finish(&mut losses).unwrap();
    losses
}

fn files(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().into_string().unwrap());
        match entry.path().is_dir() {
            true => files(folder, &format!("{name}/"), found),
            false => drop(found.insert(name, std::fs::read(entry.path()).unwrap())),
        }
    }
}

fn unpacked(zip: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = Archive::open(Cursor::new(zip)).unwrap();
    let names: Vec<String> = archive.entries().iter().map(|entry| entry.name.clone()).collect();
    let read = |(at, name)| (name, archive.read(at, 1 << 30).unwrap());
    names.into_iter().enumerate().map(read).collect()
}

#[test]
fn each_format_is_the_same_in_a_folder_in_an_archive_and_as_a_stream() {
    let [mut archives, mut streams] = [0, 0];
    for format in Format::all().filter(|format| format.is_written()) {
        let place = tempfile::tempdir().unwrap();
        let zip = Shared::default();
        let outlet = Outlet::archive(Box::new(zip.clone()), scratch);
        let archived = format.writer_into(&outlet);
        let either = matches!(format, Format::Coco | Format::Parquet | Format::WebDataset);
        let is_one = either || archived.is_err();
        if let Ok(writer) = archived {
            let losses = write(writer);
            let folder = place.path().join("folder");
            assert_eq!(write(format.writer(&folder).unwrap()), losses, "{}", format.as_str());
            let mut there = BTreeMap::new();
            files(&folder, "", &mut there);
            assert!(!there.is_empty(), "{}", format.as_str());
            let packed = unpacked(std::mem::take(&mut zip.0.lock().unwrap()));
            assert_eq!(packed, there, "{}", format.as_str());
            let named = place.path().join("out.ZIP");
            write(format.writer(&named).unwrap());
            assert_eq!(unpacked(std::fs::read(&named).unwrap()), there, "{}", format.as_str());
            archives += 1;
        }
        let stream = Shared::default();
        let outlet = Outlet::stream(Box::new(stream.clone()), scratch);
        if is_one {
            let losses = write(format.writer_into(&outlet).unwrap());
            let ending = match format {
                Format::Coco => "json",
                Format::WebDataset => "tar",
                format => format.as_str(),
            };
            let file = place.path().join(format!("file.{ending}"));
            assert_eq!(write(format.writer(&file).unwrap()), losses, "{}", format.as_str());
            let streamed = std::mem::take(&mut *stream.0.lock().unwrap());
            assert_eq!(streamed, std::fs::read(&file).unwrap(), "{}", format.as_str());
            streams += 1;
        }
    }
    assert_eq!([archives, streams], [24, 30]);
}

#[test]
fn what_is_long_waits_on_the_disk_until_it_is_whole() {
    let zip = Shared::default();
    let before = WAITED.load(Ordering::Relaxed);
    let outlet = Outlet::archive(Box::new(zip.clone()), scratch);
    let mut writer = Format::Yolo.writer_into(&outlet).unwrap();
    let mut losses = LossReport::default();
    for nth in 0..40_000 {
        let item =
            Item { name: format!("{}{nth}.jpg", "long/".repeat(8)), ..items().swap_remove(0) };
        writer.item(&item, &mut losses).unwrap();
    }
    writer.finish(&mut losses).unwrap();
    // The sizes of all pictures are one file.
    assert!(WAITED.load(Ordering::Relaxed) > before);
    let files = unpacked(std::mem::take(&mut zip.0.lock().unwrap()));
    assert_eq!(files.len(), 40_000 + 2);
    assert!(
        files.values().any(|file| file.len() > 1 << 20
            && file.iter().filter(|byte| **byte == b'\n').count() > 40_000)
    );
}

#[test]
fn an_archive_takes_no_name_that_a_folder_would_not() {
    let zip = Shared::default();
    let outlet = Outlet::archive(Box::new(zip.clone()), scratch);
    let mut writer = Format::Labelme.writer_into(&outlet).unwrap();
    let mut losses = LossReport::default();
    let long = "n".repeat(300);
    for name in ["a/b.jpg", "a/b.png", "a/b.json/c.jpg", "../d.jpg", &long] {
        let item = Item { name: name.into(), ..items().swap_remove(0) };
        writer.item(&item, &mut losses).unwrap();
    }
    writer.finish(&mut losses).unwrap();
    let names: Vec<String> =
        unpacked(std::mem::take(&mut zip.0.lock().unwrap())).into_keys().collect();
    assert_eq!(names, ["a/b.json"]);
    assert_eq!([losses.count("name_taken"), losses.count("no_name_for_a_file")], [1, 3]);
}

#[test]
fn a_picture_that_no_file_can_be_called_after_is_counted() {
    let place = tempfile::tempdir().unwrap();
    for file in ["folder", "packed.zip"] {
        let mut writer = Format::Images.writer(&place.path().join(file)).unwrap();
        let mut losses = LossReport::default();
        for name in ["a.jpg", "a.jpg/b.jpg", &"n".repeat(300), "c.jpg"] {
            let item = Item { name: name.into(), ..Item::default() };
            writer.item(&item, &mut losses).unwrap();
            writer.file(name, b"a picture").unwrap();
        }
        writer.finish(&mut losses).unwrap();
        assert_eq!(losses.count("no_name_for_a_file"), 2, "{file}");
    }
    let packed = unpacked(std::fs::read(place.path().join("packed.zip")).unwrap());
    assert!(packed.into_keys().eq(["a.jpg", "c.jpg"]));
}

/// What a whole part of a data set is called cannot be left out: it is told which name is at fault.
#[test]
fn a_name_that_no_file_can_have_is_told() {
    let place = tempfile::tempdir().unwrap();
    for out in ["folder", "packed.zip"] {
        let mut writer = Format::Coco.writer(&place.path().join(out)).unwrap();
        let mut losses = LossReport::default();
        let item = Item { subset: "s".repeat(300), ..items().swap_remove(0) };
        let said = writer.item(&item, &mut losses).and_then(|()| writer.finish(&mut losses));
        let error = said.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidFilename);
        assert!(error.to_string().contains("instances_sss"), "{error}");
    }
}

#[test]
fn what_goes_wrong_in_an_archive_is_told() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let whole = Shared::default();
    write(Format::Voc.writer_into(&Outlet::archive(Box::new(whole.clone()), scratch)).unwrap());
    let bytes = whole.0.lock().unwrap().len();
    for room in [0, 10, 100, bytes / 2, bytes - 1] {
        let outlet = Outlet::archive(Box::new(Full(room)), scratch);
        let mut writer = Format::Voc.writer_into(&outlet).unwrap();
        let mut losses = LossReport::default();
        let said = items().iter().try_for_each(|item| writer.item(item, &mut losses));
        let said = said.and_then(|()| writer.finish(&mut losses));
        assert_eq!(said.unwrap_err().kind(), io::ErrorKind::StorageFull, "{room}");
    }
}
