//! What strangers send: each malformed input is refused under its own name.

mod support;

use formats::exchange::{Format, Found, ReadError, Source};
use formats::manifest::{CsvManifest, JsonlManifest};
use formats::native::NativeReader;
use formats::pictures::{Limits, decode, probe};
use image::ImageFormat;
use support::*;

#[test]
fn pictures() {
    let jpeg = file(gradient(32, 32), ImageFormat::Jpeg);
    let png = file(gradient(32, 32), ImageFormat::Png);
    let gif = file(gradient(32, 32), ImageFormat::Gif);
    let webp = file(gradient(32, 32), ImageFormat::WebP);
    let bmp = file(gradient(32, 32), ImageFormat::Bmp);
    let tiff = file(gradient(32, 32), ImageFormat::Tiff);
    let patched = |bytes: &[u8], at: usize, with: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    let table: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", vec![], "not_a_picture"),
        ("one byte", vec![0xff], "not_a_picture"),
        ("text", b"BMW makes cars, GIFs are pictures".to_vec(), "not_a_picture"),
        ("a web page", b"<html><body>".to_vec(), "not_a_picture"),
        ("a program", b"\x7fELF\x02\x01\x01".to_vec(), "not_a_picture"),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "unsupported_format"),
        (
            "SVG in disguise",
            b"\xef\xbb\xbf \n<?xml version='1.0'?><!-- x --><svg/>".to_vec(),
            "unsupported_format",
        ),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "unsupported_format"),
        ("AVIF", b"\0\0\0\x18ftypavif\0\0\0\0".to_vec(), "unsupported_format"),
        ("PDF", b"%PDF-1.7".to_vec(), "unsupported_format"),
        ("a PNG flood", png_claiming(60_000, 60_000), "too_many_pixels"),
        ("a PNG line", png_claiming(200_000, 1), "too_many_pixels"),
        ("the largest PNG", png_claiming(u32::MAX, u32::MAX), "too_many_pixels"),
        ("a PNG of no size", png_claiming(0, 10), "broken"),
        ("a PNG with its signature only", png[..8].to_vec(), "truncated"),
        ("a PNG header with colour type 5", patched(&png, 25, &[5]), "broken"),
        (
            "a PNG without pixels",
            [&png_claiming(9, 9)[..], &chunk(b"IEND", b"")].concat(),
            "broken",
        ),
        ("a PNG without its end", png[..png.len() - 12].to_vec(), "truncated"),
        (
            "a PNG chunk of 4 GiB",
            [&png_claiming(9, 9)[..], b"\xff\xff\xff\xffIDAT"].concat(),
            "truncated",
        ),
        ("a JPEG flood", patched(&jpeg, frame + 5, &[0xff, 0xdc, 0xff, 0xdc]), "too_many_pixels"),
        ("a JPEG of no height", patched(&jpeg, frame + 5, &[0, 0]), "broken"),
        ("a JPEG with its start only", vec![0xff, 0xd8, 0xff], "truncated"),
        ("a JPEG segment of length 1", vec![0xff, 0xd8, 0xff, 0xe0, 0, 1, 0, 0], "broken"),
        ("a JPEG without a frame", vec![0xff, 0xd8, 0xff, 0xd9], "broken"),
        ("a JPEG with bytes between", vec![0xff, 0xd8, 0xff, 0xe0, 0, 2, 7, 7], "broken"),
        ("half a JPEG", jpeg[..jpeg.len() / 2].to_vec(), "truncated"),
        ("an arithmetic JPEG", patched(&jpeg, frame + 1, &[0xc9]), "unsupported_format"),
        ("a 12-bit JPEG", patched(&jpeg, frame + 4, &[12]), "unsupported_format"),
        ("a GIF flood", patched(&gif, 6, &[0xdc, 0xff, 0xdc, 0xff]), "too_many_pixels"),
        ("a GIF whose screen is smaller than its frame", patched(&gif, 6, &[1, 0, 1, 0]), "broken"),
        ("a WebP whose canvas is smaller than its frame", webp_with_exif(&webp, 9, 9, 1), "broken"),
        ("a GIF of no size", patched(&gif, 6, &[0, 0]), "broken"),
        ("a GIF with its name only", gif[..6].to_vec(), "truncated"),
        ("a WebP with its name only", webp[..12].to_vec(), "truncated"),
        ("a WebP of something else", patched(&webp, 12, b"WAVE"), "broken"),
        (
            "a WebP flood",
            b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff".to_vec(),
            "too_many_pixels",
        ),
        ("a WebP cut short", webp[..webp.len() - 9].to_vec(), "truncated"),
        (
            "a BMP flood",
            patched(&bmp, 18, &[0xdc, 0xff, 0, 0, 0xdc, 0xff, 0, 0]),
            "too_many_pixels",
        ),
        ("a BMP of the lowest height", patched(&bmp, 22, &[0, 0, 0, 0x80]), "too_many_pixels"),
        ("a BMP of negative width", patched(&bmp, 18, &[0xff; 4]), "broken"),
        ("a TIFF whose directory is far away", patched(&tiff, 4, &[0xff; 4]), "truncated"),
        ("a TIFF with its mark only", tiff[..4].to_vec(), "truncated"),
    ];
    for (what, bytes, code) in table {
        let refusal = decode(&bytes, &Limits::default()).expect_err(what);
        assert_eq!(refusal.code(), code, "{what}: {refusal}");
    }
    let small = Limits { memory_max_bytes: 100, ..Limits::default() };
    assert_eq!(decode(&png, &small).unwrap_err().code(), "too_much_memory");
    // The header alone is enough to refuse a flood.
    assert_eq!(
        probe(&png_claiming(60_000, 60_000)[..33], &Limits::default()).unwrap_err().code(),
        "too_many_pixels"
    );
}

/// A few kilobytes that unpack to a thousand times as much: allowed by size, refused by a lower limit.
#[test]
fn a_compression_bomb_is_stopped_by_its_pixels() {
    let bomb = file(image::GrayImage::new(4000, 4000), ImageFormat::Png);
    assert!(bomb.len() * 50 < 4000 * 4000, "{}", bomb.len());
    let limits = Limits { pixels_max: 15_000_000, ..Limits::default() };
    assert_eq!(decode(&bomb, &limits).unwrap_err().code(), "too_many_pixels");
}

#[test]
fn manifest_rows() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let long = format!("{{\"path\":\"a\",\"text\":\"{}\"}}", "x".repeat(17 << 20));
    let table: Vec<(String, &str)> = [
        ("{", "not_json"),
        ("[]", "wrong_type"),
        ("null", "wrong_type"),
        ("NaN", "not_json"),
        ("{}", "missing_field"),
        (r#"{"path":"a"} x"#, "not_json"),
        (r#"{"path":"a","path":"b"}"#, "duplicate_key"),
        (r#"{"path":"a","metadata":{"k":1,"k":1}}"#, "duplicate_key"),
        (r#"{"path":7}"#, "wrong_type"),
        (r#"{"path":"a","url":"http://x"}"#, "several_sources"),
        (r#"{"path":"../../etc/passwd"}"#, "unsafe_path"),
        (r#"{"path":"a/../../b"}"#, "unsafe_path"),
        (r#"{"path":"C:\\a"}"#, "unsafe_path"),
        (r#"{"path":"..\\a"}"#, "unsafe_path"),
        (r#"{"path":"/etc/passwd"}"#, "unsafe_path"),
        (r#"{"path":"a\u0000b"}"#, "unsafe_path"),
        (r#"{"path":""}"#, "unsafe_path"),
        (r#"{"url":"file:///etc/passwd"}"#, "unsafe_url"),
        (r#"{"url":"javascript:alert(1)"}"#, "unsafe_url"),
        (r#"{"url":"http://"}"#, "unsafe_url"),
        (r#"{"url":"http://a b"}"#, "unsafe_url"),
        (r#"{"text":"no name"}"#, "missing_field"),
        (r#"{"path":"a","priority":10}"#, "out_of_range"),
        (r#"{"path":"a","priority":-1}"#, "out_of_range"),
        (r#"{"path":"a","priority":1.5}"#, "out_of_range"),
        (r#"{"path":"a","priority":"5"}"#, "wrong_type"),
        (r#"{"path":"a","priority":1e999}"#, "out_of_range"),
        (r#"{"path":"a","gold":"yes"}"#, "wrong_type"),
        (r#"{"path":"a","gold":true}"#, "gold_without_answer"),
        (r#"{"path":"a","answer":[]}"#, "wrong_type"),
        (r#"{"path":"a","answer":{"boxes":[]}}"#, "unknown_field"),
        (r#"{"path":"a","answer":{"objects":{}}}"#, "wrong_type"),
        (r#"{"path":"a","metdata":{}}"#, "unknown_field"),
        (r#"{"path":"a","metadata":[]}"#, "wrong_type"),
        (r#"{"path":"a","text":"\ud800"}"#, "not_json"),
        (r#"{"external_id":"a\nb","path":"a"}"#, "unknown_value"),
    ]
    .map(|(row, code)| (row.to_owned(), code))
    .into_iter()
    .chain([
        (deep, "too_deep"),
        (long, "too_long"),
        (format!("{{\"path\":\"{}\"}}", "x".repeat(5000)), "too_long"),
    ])
    .collect();
    for (row, code) in table {
        let what: String = row.chars().take(60).collect();
        let bytes = format!("{row}\n{{\"path\":\"next\"}}\n");
        let rows: Vec<_> = JsonlManifest::new(bytes.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(rows[0].as_ref().expect_err(&what).code(), code, "{what}");
        assert!(rows[1].is_ok(), "after {what}");
    }
}

#[test]
fn csv_headers_and_rows() {
    for (bytes, code) in [
        (&b""[..], "no_header"),
        (b"\n\n", "no_header"),
        (b"\"path", "no_header"),
        (b"\"a\"b,path", "no_header"),
        (b"name,size\n", "no_source_column"),
        (b"path,path\n", "duplicate_column"),
        (b"path,\xff\n", "header_not_text"),
        (&[b"path", &b","[..].repeat(2000)[..]].concat(), "too_many_columns"),
    ] {
        let error = CsvManifest::open(bytes).err().expect("an error");
        assert_eq!(error.code(), code, "{}", String::from_utf8_lossy(bytes));
    }
    for (row, code) in [
        (&b"a,b,c,d"[..], "too_many_cells"),
        (b"a.jpg,12,", "out_of_range"),
        (b"a.jpg,high,", "wrong_type"),
        (b"\xff.jpg,1,", "not_text"),
        (b"../a.jpg,1,", "unsafe_path"),
        (b",1,", "missing_field"),
        (b"\"a\"b,1,", "unclosed_quote"),
        (b"a.jpg,1,maybe", "unknown_value"),
    ] {
        let bytes = [b"path,priority,gold\n", row, b"\nnext.jpg,1,no\n"].concat();
        let rows: Vec<_> = CsvManifest::open(&bytes[..]).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows[0].as_ref().unwrap_err().code(), code, "{}", String::from_utf8_lossy(row));
        assert!(rows[1].is_ok());
    }
}

#[test]
fn native_files() {
    let head = r#"{"fairmark":1,"kind":"project","project":{"name":"n","question":"q","ontology":[],"instructions":[],"plan":null}}"#;
    for (bytes, code) in [
        ("".to_owned(), "not_native"),
        ("{}".into(), "not_native"),
        ("\u{1}".into(), "not_native"),
        (head.replace(":1,", ":2,"), "wrong_version"),
        (head.replace("\"project\",", "\"task\","), "not_native"),
        (head.replace("\"plan\":null", "\"plan\":null,\"x\":1"), "not_native"),
    ] {
        assert_eq!(NativeReader::open(bytes.as_bytes()).err().unwrap().code(), code, "{bytes}");
    }
    let task = r#"{"fairmark":1,"kind":"task","task":{"id":"t","state":"done","priority":5},"item":{"external_id":"e","media":"image/png"}}"#;
    for (row, code) in [
        ("x".to_owned(), "not_json"),
        ("7".into(), "wrong_type"),
        (task.replace(":1,", ":\"1\","), "wrong_version"),
        (task.replace("\"media\"", "\"medium\""), "unknown_field"),
        (task.replace(",\"media\":\"image/png\"", ""), "missing_field"),
        (task.replace(":5}", ":500}"), "wrong_type"),
        (task.replace(":5}", ":5,\"id\":\"u\"}"), "duplicate_key"),
        (task.replace("\"kind\":\"task\",", ""), "unknown_value"),
    ] {
        let bytes = format!("{head}\n{row}\n{task}\n");
        let rows: Vec<_> =
            NativeReader::open(bytes.as_bytes()).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows[0].as_ref().expect_err(&row).code(), code, "{row}");
        assert!(rows[1].is_ok(), "after {row}");
    }
}

#[test]
fn coco_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coco.json");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let mut found = Found::default();
        let read = Format::Coco.read(&mut Source::open(&file).unwrap(), &mut found);
        read.map(|()| found)
    };
    let huge = format!(r#"{{"images":[],"annotations":[{{"x":"{}"}}]}}"#, "x".repeat(17 << 20));
    for (text, code) in [
        ("", "not_json"),
        ("{", "not_json"),
        ("{}", "missing_field"),
        (r#"{"images":{}}"#, "wrong_type"),
        (r#"{"images":[],"images":[]}"#, "duplicate_key"),
        (r#"{"images":[]"#, "not_json"),
        (r#"{"images":[]} trailing"#, "not_json"),
        (&huge, "too_long"),
    ] {
        let what: String = text.chars().take(60).collect();
        match read(text) {
            Err(ReadError::Refused(refusal)) => assert_eq!(refusal.error.code(), code, "{what}"),
            other => panic!("{what}: {:?}", other.map(|found| found.items)),
        }
    }
    // Entries that make no sense are told; the others go on.
    let text = r#"{"annotations":[7,{"image_id":1,"category_id":1,"bbox":[1,2,3]},{"image_id":1,"category_id":9,"bbox":[1,2,3,4]},
        {"image_id":1,"category_id":1,"bbox":[1,2,-3,4]},{"image_id":1,"category_id":1,"bbox":[1,2,3,4]},{"image_id":5,"category_id":1,"bbox":[1,2,3,4]}],
        "images":[{"id":1,"file_name":"a"},{"id":1,"file_name":"b"},{"id":["x"]},{"id":2}],"categories":[{"id":1,"name":"car"},{"id":1,"name":"bus"},null]}"#;
    let found = read(text).unwrap();
    let told: Vec<&str> = found.refusals.iter().map(|refusal| refusal.error.code()).collect();
    let wanted = [
        "wrong_type",
        "duplicate_key",
        "wrong_type",
        "duplicate_key",
        "wrong_type",
        "unknown_value",
        "out_of_range",
        "unknown_value",
        "out_of_range",
        "missing_field",
    ];
    assert_eq!(told, wanted, "{:?}", found.refusals);
    assert_eq!(found.items.iter().map(|item| item.marks.len()).sum::<usize>(), 1);
}
