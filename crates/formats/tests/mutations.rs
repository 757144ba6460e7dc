//! Real files with bytes changed, cut and doubled: every reader answers, none panics.
//!
//! The numbers are the same in each run; the time is bounded, so a slow machine sees fewer of them.

mod support;

use std::time::{Duration, Instant};

use formats::exchange::{Format, Found, Source};
use formats::manifest::{CsvManifest, JsonlManifest};
use formats::native::NativeReader;
use formats::pictures::{Limits, decode, probe, strip_metadata};
use image::ImageFormat;
use support::dice::Dice;
use support::*;

const BUDGET: Duration = Duration::from_millis(1500);
const ROUNDS_MIN: usize = 300;

fn mutate(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.roll(4) {
        if bytes.is_empty() {
            return bytes;
        }
        // Headers are where the interesting bytes are.
        let reach = if dice.roll(2) == 0 { bytes.len().min(64) } else { bytes.len() };
        let at = dice.roll(reach);
        match dice.roll(6) {
            0 => bytes[at] = dice.roll(256) as u8,
            1 => bytes[at] ^= 1 << dice.roll(8),
            2 => bytes[at] = [0, 0xff, 0x7f, 0x80, b'"', b'{'][dice.roll(6)],
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..(at + 1 + dice.roll(8)).min(bytes.len()))),
            _ => {
                let piece = bytes[at..(at + 1 + dice.roll(32)).min(bytes.len())].to_vec();
                let place = dice.roll(bytes.len());
                bytes.splice(place..place, piece);
            }
        }
    }
    bytes
}

/// Counts how often mutated files were taken and refused; a fuzzer that sees only one of both sees nothing.
fn shake(seeds: &[Vec<u8>], mut taken: impl FnMut(&[u8]) -> bool) {
    let (mut dice, start) = (Dice(0x5eed_f00d_cafe), Instant::now());
    let mut outcomes = [0u32; 2];
    for round in 0..20_000 {
        let bytes = mutate(&seeds[round % seeds.len()], &mut dice);
        outcomes[usize::from(taken(&bytes))] += 1;
        if round >= ROUNDS_MIN && start.elapsed() > BUDGET {
            break;
        }
    }
    assert!(outcomes[0] > 10 && outcomes[1] > 10, "{outcomes:?}");
}

#[test]
fn pictures() {
    let jpeg = include_bytes!("data/blood.jpg");
    let seeds = [
        jpeg_with_exif(&file(gradient(24, 24), ImageFormat::Jpeg), 6),
        with_chunk(&file(gradient(24, 24), ImageFormat::Png), b"eXIf", &exif(3)),
        webp_with_exif(&file(gradient(24, 24), ImageFormat::WebP), 24, 24, 5),
        file(gradient(24, 24), ImageFormat::Gif),
        file(gradient(24, 24), ImageFormat::Bmp),
        file(gradient(24, 24), ImageFormat::Tiff),
        jpeg.to_vec(),
    ];
    // A low limit, as changed headers like to claim much.
    let limits = Limits { pixels_max: 1_000_000, ..Limits::default() };
    shake(&seeds, |bytes| {
        let probed = probe(bytes, &limits);
        let _ = strip_metadata(bytes, &limits);
        match decode(bytes, &limits) {
            Ok(picture) => {
                let probed = probed.expect("what decodes was probed");
                let size = (probed.oriented_width, probed.oriented_height);
                assert_eq!((picture.width(), picture.height()), size);
                true
            }
            Err(refusal) => refusal.code().is_empty(),
        }
    });
}

#[test]
fn manifests() {
    let jsonl = br#"{"external_id":"a","path":"a/b.jpg","metadata":{"k":[1,{"z":null}]},"priority":9,"gold":true,"answer":{"choices":["cat"]}}
{"url":"https://example.org/x.png"}
"#;
    let mut csv = b"\xef\xbb\xbfexternal_id;path;priority;answer;gold;city\r\n".to_vec();
    csv.extend_from_slice(
        "1;a.jpg;7;\"{\"\"choices\"\":[\"\"x\"\"]}\";yes;\"Köln\nam Rhein\"\r\n2;b.jpg;;;;\r\n"
            .as_bytes(),
    );
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(jsonl.iter().flat_map(|byte| [*byte, 0])).collect();
    let seeds = [jsonl.to_vec(), csv, utf16];
    shake(&seeds, |bytes| {
        let rows = JsonlManifest::new(bytes).filter(|row| matches!(row, Ok(Ok(_)))).count();
        let cells = CsvManifest::open(bytes)
            .map(|rows| rows.filter(|row| matches!(row, Ok(Ok(_)))).count());
        rows + cells.unwrap_or(0) > 0
    });
}

#[test]
fn labels() {
    let seeds = [
        include_bytes!("data/BloodImage_00001.xml").to_vec(),
        br#"{"images":[{"id":8,"file_name":"b","width":5,"height":6}],"annotations":[{"id":1,"image_id":8,"category_id":3,"segmentation":[[0,0,9,0,9,9]],"bbox":[0,0,29,29]}],"categories":[{"id":3,"name":"Car"}]}"#.to_vec(),
        br#"{"fairmark":1,"kind":"project","project":{"name":"n","question":"q","ontology":[{"version":1,"value":{}}],"instructions":[],"plan":null}}
{"fairmark":1,"kind":"task","task":{"id":"t","state":"done","priority":5},"item":{"external_id":"e","media":"image/png"},"label":null}
"#.to_vec(),
    ];
    let folder = tempfile::tempdir().expect("a folder to read from");
    let file = folder.path().join("in");
    shake(&seeds, |bytes| {
        std::fs::write(&file, bytes).expect("a file to read");
        let read = |format: Format| {
            let mut found = Found::default();
            let mut source = Source::open(&file).ok()?;
            format.read(&mut source, &mut found).ok().filter(|()| !found.items.is_empty())
        };
        let (boxes, coco) = (read(Format::Voc), read(Format::Coco));
        let native = NativeReader::open(bytes).map(|rows| rows.filter(Result::is_ok).count());
        boxes.is_some() || coco.is_some() || native.is_ok()
    });
}
