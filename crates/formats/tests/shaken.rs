//! A document of each format with bytes changed, cut and doubled: every reader answers, and what it takes every
//! writer can write. `FAIRMARK_SHAKE_S` gives each format more seconds than a test has; a case that failed is kept in
//! `data/shaken` and read again in each run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/changes.rs"]
mod changes;
#[path = "support/dialects.rs"]
mod dialects;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/documents.rs"]
mod documents;
#[path = "support/makers.rs"]
mod makers;
#[path = "support/tables.rs"]
mod tables;

use changes::changed;
use dice::Dice;
use formats::LossReport;
use formats::clouds::{Cloud, Kind};
use formats::exchange::{Format, Found, ReadError, Source, recognise};
use formats::manifest::{CsvManifest, JsonlManifest};
use formats::pictures;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

/// Each format with the name of its file and a document.
fn known() -> impl Iterator<Item = (Format, &'static str, &'static str)> {
    documents::ALL.into_iter().chain(dialects::ALL).chain(makers::ALL).chain(tables::ALL)
}

fn budget() -> Duration {
    let seconds = std::env::var("FAIRMARK_SHAKE_S").ok().and_then(|text| text.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or(0.6))
}

/// What the documents name, in any format.
fn names() -> Vec<String> {
    let quoted = known().flat_map(|(.., text)| text.split('"').skip(1).step_by(2));
    let is_name = |text: &&str| !text.is_empty() && text.len() < 25 && !text.contains('\\');
    let names: BTreeSet<&str> = quoted.filter(is_name).collect();
    names.into_iter().map(str::to_owned).collect()
}

fn mutate(bytes: &[u8], names: &[String], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.roll(3) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.roll(bytes.len());
        match dice.roll(12) {
            0 => bytes[at] = dice.roll(256) as u8,
            1 => bytes[at] ^= 1 << dice.roll(8),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..(at + 1 + dice.roll(12)).min(bytes.len()))),
            4 => {
                let piece = bytes[at..(at + 1 + dice.roll(60)).min(bytes.len())].to_vec();
                let place = dice.roll(bytes.len());
                bytes.splice(place..place, piece);
            }
            5 => drop(bytes.splice(at..at, "\u{feff}".bytes())),
            _ => bytes = changed(&bytes, names, dice).unwrap_or(bytes),
        }
    }
    bytes
}

/// Reads a document; answers whether something was taken, and whether something was refused.
fn pass(folder: &Path, format: Format, name: &str, bytes: &[u8]) -> (bool, bool) {
    let input = folder.join("in");
    let path = input.join(name);
    std::fs::write(&path, bytes).unwrap();
    let open = if documents::beside(format).is_empty() { &path } else { &input };
    let mut found = Found::default();
    let stopped = match format.read(&mut Source::open(open).unwrap(), &mut found) {
        Ok(()) => false,
        Err(ReadError::Refused(_) | ReadError::Source(_)) => true,
        Err(error) => panic!("{error}"),
    };
    (!found.items.is_empty(), stopped || !found.refusals.is_empty())
}

fn write_in_every_format(folder: &Path, format: Format, name: &str) {
    let input = folder.join("in");
    let path = input.join(name);
    let open = if documents::beside(format).is_empty() { path } else { input };
    for to in Format::all().filter(|format| format.is_written()) {
        let out = folder.join("out");
        let mut losses = LossReport::default();
        let mut found = Found::default();
        let _ = format.read(&mut Source::open(&open).unwrap(), &mut found);
        let mut writer = to.writer(&out).unwrap();
        for class in &found.classes {
            writer.class(class).unwrap();
        }
        for item in &found.items {
            // What `convert` refuses before any writer sees it.
            if item.name.is_empty()
                || item.name.contains("..")
                || item.name.starts_with(['/', '\\'])
            {
                continue;
            }
            if let Err(error) = writer.item(item, &mut losses) {
                let kind = error.kind();
                // A name may be too long, or no name at all, for the file system.
                let fine = matches!(
                    kind,
                    std::io::ErrorKind::InvalidFilename | std::io::ErrorKind::InvalidInput
                );
                assert!(fine, "{} to {}: {error}", format.as_str(), to.as_str());
            }
        }
        writer.finish(&mut losses).unwrap();
        let _ = std::fs::remove_dir_all(&out);
        let _ = std::fs::remove_file(&out);
    }
}

fn prepared(format: Format, name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    std::fs::create_dir_all(input.join(name).parent().unwrap()).unwrap();
    for (other, content) in documents::beside(format) {
        std::fs::write(input.join(other), content).unwrap();
    }
    folder
}

#[test]
fn every_reader_answers_and_every_writer_writes() {
    let names = names();
    for (format, name, text) in known() {
        let folder = prepared(format, name);
        let (mut dice, start) = (Dice(0x5eed ^ format.as_str().len() as u64), Instant::now());
        let (mut taken, mut refused) = (0, 0);
        for round in 0_u64.. {
            if round >= 150 && start.elapsed() > budget() {
                break;
            }
            let bytes = mutate(text.as_bytes(), &names, &mut dice);
            let kept = std::env::temp_dir().join(format!("shaken-{}", format.as_str()));
            // Where this one ends the process, it lies there to be kept.
            std::fs::write(&kept, &bytes).unwrap();
            let (some, wrong) = pass(folder.path(), format, name, &bytes);
            taken += u64::from(some);
            refused += u64::from(wrong);
            if round.is_multiple_of(32) {
                write_in_every_format(folder.path(), format, name);
            }
            let _ = std::fs::remove_file(&kept);
        }
        // One that sees only one of both sees nothing.
        assert!(taken > 0 && refused > 0, "{}: {taken} taken, {refused} refused", format.as_str());
    }
}

/// Pictures that say something, under the names that they have for `scripts/fuzz`.
const PICTURES: [(&str, Format, &str); 4] = [
    ("panoptic-png", Format::CocoPanoptic, "panoptic/a.png"),
    ("voc-png", Format::Voc, "SegmentationClass/a.png"),
    ("camvid-png", Format::CamVid, "train_L/a_L.png"),
    ("mots-png", Format::MotsPng, "instances/0000/000000.png"),
];

/// What ended a parser, which the name of the file begins with.
fn read_again(stem: &str, bytes: &[u8]) {
    if let Some((_, format, file)) = PICTURES.iter().find(|(name, ..)| stem.starts_with(name)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        std::fs::write(folder.path().join("panoptic.json"), documents::PANOPTIC).unwrap();
        let _ = format.read(&mut Source::open(folder.path()).unwrap(), &mut Found::default());
        return;
    }
    // The longest name that fits: one may be the beginning of another.
    let document = known()
        .map(|(format, name, _)| (format, name))
        .chain([(Format::Parquet, "in.parquet"), (Format::Arrow, "in.arrow")])
        .filter(|(format, _)| stem.starts_with(format.as_str()))
        .max_by_key(|(format, _)| format.as_str().len());
    if let Some((format, name)) = document {
        let folder = prepared(format, name);
        pass(folder.path(), format, name, bytes);
        return write_in_every_format(folder.path(), format, name);
    }
    match stem.split('-').next() {
        Some("archive") => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("in");
            std::fs::write(&path, bytes).unwrap();
            if let Ok(mut source) = Source::open(&path)
                && let Some(format) = recognise(&mut source)
            {
                let _ = format.read(&mut source, &mut Found::default());
            }
        }
        Some("picture") => {
            let limits = pictures::Limits::default();
            let _ = pictures::probe(bytes, &limits);
            let _ = pictures::strip_metadata(bytes, &limits);
            if let Ok(picture) = pictures::decode(bytes, &limits) {
                pictures::preview(&picture).unwrap();
                pictures::thumbnail(&picture, 64).unwrap();
            }
        }
        Some("pcd" | "bin" | "las" | "laz") => {
            for kind in [Kind::Pcd, Kind::Kitti, Kind::NuScenes, Kind::Las] {
                if let Ok(cloud) = Cloud::open(Cursor::new(bytes.to_vec()), kind) {
                    cloud.take(1 << 16).take_while(Result::is_ok).for_each(drop);
                }
            }
        }
        Some("manifest") => {
            JsonlManifest::new(bytes).for_each(drop);
            if let Ok(manifest) = CsvManifest::open(bytes) {
                manifest.for_each(drop);
            }
        }
        _ => panic!("{stem} names no parser"),
    }
}

#[test]
fn what_once_failed_is_read() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/shaken");
    let mut seen = 0;
    for entry in std::fs::read_dir(&kept).into_iter().flatten() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        read_again(&stem, &std::fs::read(&path).unwrap());
        seen += 1;
    }
    assert!(seen > 0 || !kept.exists());
}
