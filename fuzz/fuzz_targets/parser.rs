//! Any bytes for one parser, which `FAIRMARK_FUZZ` names: it must answer, and what it takes must be writable and
//! readable again. `scripts/fuzz` runs it for each parser in turn.

#![no_main]

#[path = "../../crates/formats/tests/support/documents.rs"]
mod documents;
#[path = "../../crates/formats/tests/support/tables.rs"]
mod tables;

use std::io::{Cursor, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use formats::LossReport;
use formats::clouds::{Cloud, Kind};
use formats::exchange::{Format, Found, ReadError, Source, recognise};
use formats::manifest::{CsvManifest, JsonlManifest};
use formats::pictures;
use libfuzzer_sys::fuzz_target;

/// What reads the bytes.
enum Parser {
    /// A format of labels, under the name of its file.
    Labels(Format, &'static str),
    /// ZIP, TAR, gzip, and whatever is recognised in them.
    Archive,
    Picture,
    Video,
    Cloud(Kind),
    ManifestCsv,
    ManifestJsonl,
}

struct Setup {
    parser: Parser,
    folder: PathBuf,
}

static SETUP: OnceLock<Setup> = OnceLock::new();

fn documents() -> impl Iterator<Item = (Format, &'static str, &'static str)> {
    documents::ALL.into_iter().chain(tables::ALL)
}

fn setup() -> Setup {
    let name = std::env::var("FAIRMARK_FUZZ").expect("FAIRMARK_FUZZ names a parser");
    let parser = match &name[..] {
        "archive" => Parser::Archive,
        "picture" => Parser::Picture,
        "video" => Parser::Video,
        "pcd" => Parser::Cloud(Kind::Pcd),
        "bin" => Parser::Cloud(Kind::NuScenes),
        "las" => Parser::Cloud(Kind::Las),
        "laz" => Parser::Cloud(Kind::Laz),
        "manifest-csv" => Parser::ManifestCsv,
        "manifest-jsonl" => Parser::ManifestJsonl,
        "parquet" => Parser::Labels(Format::Parquet, "in.parquet"),
        name => {
            let format = Format::find(name).expect("a format by its name");
            let known = documents().find(|(of, ..)| *of == format).expect("a document of it");
            Parser::Labels(format, known.1)
        }
    };
    let folder = std::env::var("FAIRMARK_FUZZ_FOLDER").expect("a folder to read from");
    let folder = PathBuf::from(folder);
    if let Parser::Labels(format, name) = parser {
        let input = folder.join("in");
        let parent = input.join(name).parent().expect("a file lies in a folder").to_owned();
        std::fs::create_dir_all(parent).expect("a folder to read from");
        for (other, content) in documents::beside(format) {
            std::fs::write(input.join(other), content).expect("a file to read");
        }
    }
    // A library that panics on damaged files is expected to, and caught where it is called.
    if name == "parquet" || name == "laz" {
        std::panic::set_hook(Box::new(|_| {}));
    }
    seed(&parser, &folder);
    Setup { parser, folder }
}

/// Puts the documents of the tests beside what is there to begin with.
fn seed(parser: &Parser, folder: &Path) {
    let Ok(corpus) = std::env::var("FAIRMARK_FUZZ_CORPUS") else { return };
    let corpus = Path::new(&corpus);
    std::fs::create_dir_all(corpus).expect("a folder for the corpus");
    let Parser::Labels(format, _) = parser else { return };
    for (nth, (of, name, text)) in documents().enumerate() {
        if of == *format {
            std::fs::write(corpus.join(format!("document-{nth}")), text).expect("a seed");
        }
        if *format == Format::Parquet && matches!(of, Format::Jsonl | Format::TrlPreference) {
            let (from, to) = (folder.join(name), corpus.join(format!("document-{nth}.parquet")));
            std::fs::write(&from, text).expect("a seed");
            let _ = std::fs::remove_file(&to);
            formats::exchange::convert(&from, of, &to, Format::Parquet, &mut |_, _| {})
                .expect("a seed");
        }
    }
}

fn read(format: Format, path: &Path) -> Found {
    let mut found = Found::default();
    let Ok(mut source) = Source::open(path) else { return found };
    match format.read(&mut source, &mut found) {
        Ok(()) | Err(ReadError::Refused(_) | ReadError::Source(_) | ReadError::NotThere(_)) => {}
        Err(ReadError::Io(error)) => panic!("{error}"),
    }
    found
}

fn write(found: &Found, out: &Path, to: Format) {
    let mut losses = LossReport::default();
    let mut writer = to.writer(out).expect("a place to write to");
    for class in &found.classes {
        writer.class(class).expect("a class is written");
    }
    for item in &found.items {
        // What `convert` refuses before any writer sees it.
        let name = &item.name;
        if name.is_empty() || name.contains("..") || name.starts_with(['/', '\\']) {
            continue;
        }
        if let Err(error) = writer.item(item, &mut losses) {
            let kind = error.kind();
            assert!(matches!(kind, ErrorKind::InvalidFilename | ErrorKind::InvalidInput), "{error}");
        }
    }
    writer.finish(&mut losses).expect("the end is written");
}

fn labels(setup: &Setup, format: Format, name: &str, data: &[u8]) {
    let input = setup.folder.join("in");
    let path = input.join(name);
    std::fs::write(&path, data).expect("a file to read");
    let open = if documents::beside(format).is_empty() { &path } else { &input };
    let found = read(format, open);
    // Each tenth input is written, too, in a format that it chooses itself.
    let sum = data.iter().fold(7_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
    if found.items.is_empty() || !sum.is_multiple_of(10) {
        return;
    }
    let writers: Vec<Format> = Format::all().filter(|format| format.is_written()).collect();
    let out = setup.folder.join("out");
    for to in [format, writers[sum / 10 % writers.len()]] {
        if to.is_written() {
            write(&found, &out, to);
            read(to, &out);
            let _ = std::fs::remove_file(&out);
            let _ = std::fs::remove_dir_all(&out);
        }
    }
}

fuzz_target!(
    init: {
        SETUP.get_or_init(setup);
    },
    |data: &[u8]| {
        let setup = SETUP.get_or_init(setup);
        match setup.parser {
            Parser::Labels(format, name) => labels(setup, format, name, data),
            Parser::Archive => {
                let path = setup.folder.join("in");
                std::fs::write(&path, data).expect("a file to read");
                let Ok(mut source) = Source::open(&path) else { return };
                if let Some(format) = recognise(&mut source) {
                    read(format, &path);
                }
            }
            Parser::Video => {
                if let Ok(video) = formats::video::probe(Cursor::new(data)) {
                    assert_eq!(formats::video::Video::from_table(&video.to_table()), Some(video));
                }
            }
            Parser::Picture => {
                let limits = pictures::Limits { pixels_max: 1 << 22, ..Default::default() };
                let _ = pictures::probe(data, &limits);
                let _ = pictures::strip_metadata(data, &limits);
            }
            Parser::Cloud(kind) => {
                if let Ok(cloud) = Cloud::open(Cursor::new(data.to_vec()), kind) {
                    cloud.take(1 << 16).take_while(Result::is_ok).for_each(drop);
                }
            }
            Parser::ManifestCsv => {
                if let Ok(manifest) = CsvManifest::open(data) {
                    manifest.for_each(drop);
                }
            }
            Parser::ManifestJsonl => JsonlManifest::new(data).for_each(drop),
        }
    }
);
