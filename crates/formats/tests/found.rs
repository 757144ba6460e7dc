//! Data sets as they are found: in archives that other systems packed, under endings that they do not have.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use formats::exchange::{Format, Found, Source, SourceError, hint, recognise};
use formats::tar::TarWriter;
use formats::zip::ZipWriter;
use image::ImageFormat;
use std::path::Path;

type Files<'a> = Vec<(&'a str, Vec<u8>)>;

fn data_set() -> Files<'static> {
    let picture = support::file(support::gradient(60, 40), ImageFormat::Png);
    vec![
        ("data.yaml", b"names: [cat, dog]\ntrain: images/train\n".to_vec()),
        ("images/train/a.png", picture),
        ("labels/train/a.txt", b"0 0.5 0.5 0.2 0.2\n".to_vec()),
    ]
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut zip = ZipWriter::new(&mut bytes);
    files.iter().for_each(|(name, content)| zip.append(name, content).unwrap());
    zip.finish().unwrap();
    bytes
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = TarWriter::new(Vec::new());
    for (name, content) in files {
        tar.add(name, content.len() as u64, &mut &content[..]).unwrap();
    }
    tar.finish().unwrap()
}

fn named(files: &Files, name: impl Fn(&str) -> String) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|(one, content)| (name(one), content.clone())).collect()
}

/// What is found in a file with these bytes, whose format nobody tells.
fn found(folder: &Path, name: &str, bytes: &[u8]) -> (Format, Found) {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    let format = recognise(&mut Source::open(&path).unwrap()).unwrap_or_else(|| panic!("{name}"));
    let mut found = Found::default();
    format.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    (format, found)
}

#[test]
fn an_archive_is_the_same_however_it_was_packed() {
    let folder = tempfile::tempdir().unwrap();
    let files = data_set();
    let mac = || {
        let mut all = named(&files, |name| format!("My set/{name}"));
        for (name, _) in &files {
            let (above, file) = name.rsplit_once('/').unwrap_or(("", name));
            all.push((format!("__MACOSX/My set/{above}/._{file}"), b"\0\x05\x16\x07".to_vec()));
        }
        all.push(("My set/.DS_Store".into(), b"\0\0\0\x01Bud1".to_vec()));
        all
    };
    let plain = named(&files, str::to_owned);
    let within = |inner: &str, bytes: Vec<u8>| zip(&[(inner.to_owned(), bytes)]);
    for (name, bytes) in [
        ("plain.zip", zip(&plain)),
        ("top.zip", zip(&named(&files, |name| format!("My set/{name}")))),
        ("mac.zip", zip(&mac())),
        ("windows.zip", zip(&named(&files, |name| name.replace('/', "\\")))),
        ("nested.zip", within("data.zip", zip(&plain))),
        ("nested-tar.zip", within("set.tar", tar(&plain))),
        ("plain.tar", tar(&plain)),
        ("mac.tar", tar(&mac())),
        ("zip-as.tar", zip(&plain)),
        ("no-ending", zip(&plain)),
    ] {
        let (format, found) = found(folder.path(), name, &bytes);
        assert_eq!(
            (format, found.refusals.len()),
            (Format::Yolo, 0),
            "{name}: {:?}",
            found.refusals
        );
        let told: Vec<_> = found
            .items
            .iter()
            .map(|item| (&item.name[..], &item.subset[..], item.width, item.marks.len()))
            .collect();
        assert_eq!(told, [("a.png", "train", Some(60), 1)], "{name}");
    }
    // A workbook is an archive, too, and says so nowhere but within.
    let sheet = ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"];
    let sheet = sheet.map(|name| (name.to_owned(), b"<x/>".to_vec()));
    let path = folder.path().join("labels.xlsx");
    std::fs::write(&path, zip(&sheet)).unwrap();
    let mut source = Source::open(&path).unwrap();
    assert_eq!(recognise(&mut source), None);
    assert!(hint(&mut source).unwrap().contains("workbook"));
    for (name, magic, tool) in [
        ("a.tar.bz2", &b"BZh91AY"[..], "bzip2"),
        ("a.tar.xz", b"\xfd7zXZ\0\0", "xz"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        ("a.rar", b"Rar!\x1a\x07\0", "RAR"),
        ("a.zst", b"\x28\xb5\x2f\xfd\0", "zstd"),
    ] {
        std::fs::write(folder.path().join(name), magic).unwrap();
        match Source::open(&folder.path().join(name)) {
            Err(SourceError::Packed { tool: told, .. }) => assert_eq!(told, tool),
            other => panic!("{name}: {:?}", other.map(|source| source.names().to_vec())),
        }
    }
}

#[test]
fn the_first_bytes_say_what_a_wrong_ending_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let coco = r#"{"images":[{"id":1,"file_name":"a.png","width":60,"height":40}],
"categories":[{"id":1,"name":"dög"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4]}]}"#;
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(coco.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (name, bytes) in [
        ("a.json", coco.as_bytes().to_vec()),
        ("bom.json", ["\u{feff}", coco].concat().into_bytes()),
        ("crlf.json", coco.replace('\n', "\r\n").into_bytes()),
        ("wide.json", wide.clone()),
        ("wide.txt", wide),
        ("a.txt", coco.as_bytes().to_vec()),
        ("a.xml", coco.as_bytes().to_vec()),
        ("no-ending", coco.as_bytes().to_vec()),
    ] {
        let (format, found) = found(folder.path(), name, &bytes);
        assert_eq!((format, found.items.len()), (Format::Coco, 1), "{name}");
        assert_eq!(found.items[0].marks[0].class, "dög", "{name}");
    }
    // Without a row, and with no word about it, it would be lost.
    let path = folder.path().join("mac.csv");
    std::fs::write(&path, "id,text,label\r1,one,a\r2,two,b\r").unwrap();
    let read = Format::Csv.read(&mut Source::open(&path).unwrap(), &mut Found::default());
    assert!(read.unwrap_err().to_string().contains("CR LF"));
    let parquet = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tables/pictures.parquet"),
    )
    .unwrap();
    for name in ["a.csv", "a.bin", "plain"] {
        let (format, found) = found(folder.path(), name, &parquet);
        assert_eq!((format, found.items.len()), (Format::Parquet, 3), "{name}");
    }
    let voc = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/BloodImage_00000.xml"),
    );
    let (format, found) = found(folder.path(), "voc.txt", &voc.unwrap());
    assert_eq!((format, found.items.len()), (Format::Voc, 1));
}

/// As datumaro writes it: ids with folders and spaces, names between quotation marks of one stroke.
#[test]
fn open_images_finds_its_pictures_and_their_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    let row = |id: &str| format!("{id},,cat,1,0.1,0.5,0.2,0.4,-1,-1,-1,-1,-1\n");
    let header = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n";
    // As globox writes it, without a word of how sure anybody was.
    let unsaid = row("far").replace("cat,1,", "cat,,");
    let boxes = [header, &row("sub/im g1"), &row("sub/im g2"), &unsaid].concat();
    write("annotations/train-annotations-bbox.csv", boxes.as_bytes());
    write("annotations/images.meta", b"# <image name> <height> <width>\n'sub/im g2' 40 60\n");
    let picture = support::file(support::gradient(60, 40), ImageFormat::Png);
    write("images/train/sub/im g1.png", &picture);
    write("images/train/far.png", &picture);
    let mut found = Found::default();
    let mut source = Source::open(folder.path()).unwrap();
    assert_eq!(recognise(&mut source), Some(Format::OpenImages));
    Format::OpenImages.read(&mut source, &mut found).unwrap();
    let sizes: Vec<_> = found.items.iter().map(|item| (item.width, item.marks.len())).collect();
    assert_eq!((sizes, found.refusals.len()), (vec![(Some(60), 1); 3], 0), "{:?}", found.refusals);
    assert!(found.items.iter().flat_map(|item| &item.marks).all(|mark| mark.score.is_none()));
}

#[test]
fn every_format_has_a_name_on_the_screen() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/src/features/data/found.ts");
    let names = std::fs::read_to_string(path).unwrap();
    let is_named = |format: &Format| {
        let name = format.as_str();
        names.contains(&format!(" {name}: '")) || names.contains(&format!("'{name}': '"))
    };
    let nameless: Vec<_> = Format::all().filter(|format| !is_named(format)).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}
