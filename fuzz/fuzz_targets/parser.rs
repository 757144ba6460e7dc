//! Any bytes for one parser, which `FAIRMARK_FUZZ` names: it must answer, and what it takes must be writable and
//! readable again. `scripts/fuzz` runs it for each parser in turn.

#![no_main]

#[path = "../../crates/formats/tests/support/changes.rs"]
mod changes;
#[path = "../../crates/formats/tests/support/dialects.rs"]
mod dialects;
#[path = "../../crates/formats/tests/support/dice.rs"]
mod dice;
#[path = "../../crates/formats/tests/support/documents.rs"]
mod documents;
#[path = "../../crates/formats/tests/support/makers.rs"]
mod makers;
#[path = "../../crates/formats/tests/support/tables.rs"]
mod tables;

use std::io::{self, Cursor, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use formats::LossReport;
use formats::clouds::{Cloud, Kind};
use formats::exchange::{
    Class, Format, Found, Item, Mark, ReadError, Refusal, Sink, Source, Survey, recognise,
};
use formats::manifest::{CsvManifest, JsonlManifest};
use formats::native::NativeReader;
use formats::pictures;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// What reads the bytes.
enum Parser {
    /// A format of labels, under the name of its file.
    Labels(Format, &'static str),
    /// ZIP, TAR and gzip, and which format is recognised in them.
    Archive,
    /// The header of a picture, and what is taken out of one that is kept as it came.
    Picture,
    /// A picture from its bytes to what contributors see.
    Decode,
    Video,
    Cloud(Kind),
    ManifestCsv,
    ManifestJsonl,
    Native,
}

struct Setup {
    parser: Parser,
    folder: PathBuf,
    /// What is read is written, too, now and then.
    writes: bool,
    /// What the code of the parser looks for.
    words: Vec<String>,
}

static SETUP: OnceLock<Setup> = OnceLock::new();

/// Parsers of what no document is made of, most of them pictures that say something, and its file.
const PICTURES: [(&str, Format, &str); 7] = [
    ("camvid-colours", Format::CamVid, "label_colors.txt"),
    ("panoptic-png", Format::CocoPanoptic, "panoptic/a.png"),
    ("voc-png", Format::Voc, "SegmentationClass/a.png"),
    ("camvid-png", Format::CamVid, "train_L/a_L.png"),
    ("mots-png", Format::MotsPng, "instances/0000/000000.png"),
    ("images", Format::Images, "a.png"),
    ("yolo-classify", Format::YoloClassify, "train/cat/a.png"),
];

fn documents() -> impl Iterator<Item = (Format, &'static str, &'static str)> {
    documents::ALL.into_iter().chain(dialects::ALL).chain(makers::ALL).chain(tables::ALL)
}

/// Files that have to lie beside that of a parser.
fn beside(format: Format, name: &str) -> Vec<(&'static str, &'static [u8])> {
    let fixed = if name == "panoptic/a.png" {
        &[("panoptic.json", documents::PANOPTIC.as_bytes())][..]
    } else {
        &[]
    };
    [documents::beside(format), fixed].concat()
}

fn setup() -> Setup {
    let name = std::env::var("FAIRMARK_FUZZ").expect("FAIRMARK_FUZZ names a parser");
    let parser = match &name[..] {
        "archive" => Parser::Archive,
        "picture" => Parser::Picture,
        "picture-decode" => Parser::Decode,
        "video" => Parser::Video,
        "pcd" => Parser::Cloud(Kind::Pcd),
        "bin" => Parser::Cloud(Kind::NuScenes),
        "las" => Parser::Cloud(Kind::Las),
        "laz" => Parser::Cloud(Kind::Laz),
        "manifest-csv" => Parser::ManifestCsv,
        "manifest-jsonl" => Parser::ManifestJsonl,
        "native" => Parser::Native,
        "parquet" => Parser::Labels(Format::Parquet, "in.parquet"),
        "arrow" => Parser::Labels(Format::Arrow, "in.arrow"),
        name => match PICTURES.iter().find(|(known, ..)| *known == name) {
            Some((_, format, file)) => Parser::Labels(*format, file),
            None => {
                let format = Format::find(name).expect("a format by its name");
                let known = documents().find(|(of, ..)| *of == format);
                Parser::Labels(format, known.expect("a document of it").1)
            }
        },
    };
    let folder = std::env::var("FAIRMARK_FUZZ_FOLDER").expect("a folder to read from");
    let folder = PathBuf::from(folder);
    if let Parser::Labels(format, name) = parser {
        let input = folder.join("in");
        let parent = input.join(name).parent().expect("a file lies in a folder").to_owned();
        std::fs::create_dir_all(parent).expect("a folder to read from");
        for (other, content) in beside(format, name) {
            std::fs::write(input.join(other), content).expect("a file to read");
        }
    }
    // A library that panics on damaged files is expected to, and caught where it is called; what nobody catches still
    // ends the fuzzer.
    std::panic::set_hook(Box::new(|_| {}));
    seed(&parser, &folder);
    let writes = std::env::var_os("FAIRMARK_FUZZ_READING").is_none();
    let dictionary = std::env::var("FAIRMARK_FUZZ_WORDS").ok();
    let dictionary = dictionary.and_then(|path| std::fs::read_to_string(path).ok());
    Setup { parser, folder, writes, words: changes::words(&dictionary.unwrap_or_default()) }
}

/// Puts the documents of the tests beside what is there to begin with.
fn seed(parser: &Parser, folder: &Path) {
    let Ok(corpus) = std::env::var("FAIRMARK_FUZZ_CORPUS") else { return };
    let corpus = Path::new(&corpus);
    std::fs::create_dir_all(corpus).expect("a folder for the corpus");
    let Parser::Labels(format, file) = parser else { return };
    for (nth, (of, name, text)) in documents().enumerate() {
        if of == *format && file.ends_with(name) {
            std::fs::write(corpus.join(format!("document-{nth}")), text).expect("a seed");
        }
        // What is no text is made of one.
        let (to, file) = match (*format, of) {
            (Format::Parquet, Format::Jsonl | Format::TrlPreference) => {
                (Format::Parquet, "made.parquet")
            }
            (Format::MotsPng, Format::Mots) => (Format::MotsPng, "made/instances/0000/000000.png"),
            (Format::CocoPanoptic, Format::Coco) if file.ends_with(".png") => {
                (Format::CocoPanoptic, "made/annotations/panoptic_default/a.png")
            }
            _ => continue,
        };
        let from = folder.join(name);
        std::fs::write(&from, text).expect("a seed");
        let made = folder.join(file.split('/').next().expect("a name"));
        formats::exchange::convert(&from, of, &made, to, &mut |_, _| {}).expect("a seed");
        std::fs::copy(folder.join(file), corpus.join(format!("document-{nth}"))).expect("a seed");
        let _ = std::fs::remove_file(&made);
        let _ = std::fs::remove_dir_all(&made);
    }
}

/// Keeps what is found, but not more than can be held: readers hand on item by item.
#[derive(Default)]
struct Kept {
    found: Found,
    bytes: usize,
}

impl Kept {
    const BYTES_MAX: usize = 64 << 20;
}

impl Sink for Kept {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.found.class(class)
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        let metadata = item.metadata.values().map(|value| value.to_string().len());
        self.bytes += item.text.as_ref().map_or(0, String::len)
            + metadata.sum::<usize>()
            + item.marks.len() * size_of::<Mark>()
            + size_of::<Item>();
        if self.bytes > Self::BYTES_MAX {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        self.found.item(item)
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.found.refuse(refusal);
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.found.lose(kind, example);
    }
}

fn read(format: Format, path: &Path) -> Found {
    let mut kept = Kept::default();
    let Ok(mut source) = Source::open(path) else { return kept.found };
    match format.read(&mut source, &mut kept) {
        Ok(()) | Err(ReadError::Refused(_) | ReadError::Source(_) | ReadError::NotThere(_)) => {}
        Err(ReadError::Io(error)) => assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error}"),
    }
    kept.found
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
            assert!(
                matches!(kind, ErrorKind::InvalidFilename | ErrorKind::InvalidInput),
                "{error}"
            );
        }
    }
    match writer.finish(&mut losses) {
        // The alarm by which the fuzzer counts its seconds, in the middle of a copy.
        Err(error) if error.kind() == ErrorKind::Interrupted => {}
        done => done.expect("the end is written"),
    }
}

fn labels(setup: &Setup, format: Format, name: &str, data: &[u8]) {
    let input = setup.folder.join("in");
    let path = input.join(name);
    std::fs::write(&path, data).expect("a file to read");
    // Some are known by the folder that they lie in.
    let alone = beside(format, name).is_empty() && !name.contains('/');
    let open = if alone { &path } else { &input };
    let found = read(format, open);
    // Each tenth input is written, too.
    let sum = data.iter().fold(7_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
    if found.items.is_empty() || !setup.writes || !sum.is_multiple_of(10) {
        return;
    }
    if let Ok(mut source) = Source::open(open) {
        let _ = format.read(&mut source, &mut Survey::default());
    }
    let out = setup.folder.join("out");
    // Every format has a parser of its own here, and with it its writer.
    for to in [format, Format::Items] {
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
                recognise(&mut source);
                // What the files say is for their own parsers.
                source.refuse_unsafe(&mut Kept::default());
                for index in 0..source.names().len().min(100) {
                    let _ = source.read(index, 1 << 20);
                    let _ = source.raw(index);
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
            Parser::Decode => {
                let limits = pictures::Limits {
                    pixels_max: 1 << 20,
                    memory_max_bytes: 256 << 20,
                    ..Default::default()
                };
                if let Ok(picture) = pictures::decode(data, &limits) {
                    pictures::thumbnail(&picture, 64).expect("a thumbnail");
                }
            }
            Parser::Native => {
                if let Ok(records) = NativeReader::open(data) {
                    records.for_each(drop);
                }
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

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let setup = SETUP.get_or_init(setup);
    let mut dice = dice::Dice(u64::from(seed) << 16 | 0x5eed);
    // A quarter of them byte by byte, and what is no text.
    let text = match dice.roll(4) {
        0 => None,
        _ => changes::changed(&data[..size], &setup.words, &mut dice),
    };
    match text {
        Some(text) => {
            let size = text.len().min(max_size);
            data[..size].copy_from_slice(&text[..size]);
            size
        }
        None => fuzzer_mutate(data, size, max_size),
    }
});
