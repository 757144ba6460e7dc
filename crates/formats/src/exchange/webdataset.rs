//! WebDataset: TAR archives in which the files of one sample stand together and share a key, which ends at the first
//! dot: `0001.jpg`, `0001.json`, `0001.cls`, `0001.txt`. Where a picture and what is said of it share more than that
//! (`a.1.jpg`, `a.1.cls`), they are a sample of their own.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};

use serde_json::Value;

use super::look::{Look, parse};
use super::outlet::{Made, Outlet};
use super::rows::Row;
use super::yolo::is_picture;
use super::{
    Class, Format, Item, Mark, Names, Place, ReadError, Sink, Source, Writer, refusal, talk_read,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};
use crate::tar::TarWriter;

const PART_MAX_BYTES: u64 = 16 << 20;
/// Where a shard ends and the next one begins.
const SHARD_BYTES: u64 = 1 << 30;

/// The key of a file and what follows its dot.
fn split(name: &str) -> Option<(&str, &str)> {
    let file = name.rfind('/').map_or(0, |at| at + 1);
    let dot = file + name[file..].find('.')?;
    (dot > file).then(|| (&name[..dot], &name[dot + 1..]))
}

/// The key of a file whose name has dots before its ending.
fn split_late(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(key, _)| !key.is_empty() && !key.ends_with('/'))
}

/// Whether the files of an archive are those of samples: a picture or a text with something of the same key.
pub(super) fn is_samples(names: &[String]) -> bool {
    let says = |ending: &str| matches!(ending, "json" | "cls" | "txt");
    names.windows(2).any(|pair| {
        let picture = is_picture(&pair[0]) || is_picture(&pair[1]);
        let early = match (split(&pair[0]), split(&pair[1])) {
            (Some((a, first)), Some((b, second))) => {
                a == b && (says(first) || says(second)) && (picture || says(first) && says(second))
            }
            _ => false,
        };
        early || is_own(&pair[0], &pair[1])
    })
}

/// Whether one of two files is a picture and the other says something of it, by all of their names.
fn is_own(one: &str, other: &str) -> bool {
    let (Some((a, first)), Some((b, second))) = (split_late(one), split_late(other)) else {
        return false;
    };
    let says = |ending: &str| matches!(ending, "json" | "cls" | "txt");
    a == b && (is_picture(one) && says(second) || is_picture(other) && says(first))
}

pub(super) fn is_shard(name: &str) -> bool {
    name.ends_with(".tar")
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let shards: Vec<usize> =
        (0..source.names().len()).filter(|at| is_shard(&source.names()[*at])).collect();
    if shards.is_empty() {
        return read_shard(source, sink);
    }
    for index in shards {
        let mut shard = source.archive(index)?;
        shard.refuse_unsafe(sink);
        read_shard(&mut shard, sink)?;
    }
    Ok(())
}

fn read_shard(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut at = 0;
    while at < source.names().len() {
        let Some((key, _)) = split(&source.names()[at]) else {
            sink.lose("file_of_no_sample", source.names()[at].clone());
            at += 1;
            continue;
        };
        let key = key.to_owned();
        let start = at;
        while source.names().get(at).and_then(|name| split(name)).is_some_and(|(k, _)| k == key) {
            at += 1;
        }
        let names = &source.names()[start..at];
        let long = |name: &String| split_late(name).is_some_and(|(long, _)| long != key);
        let apart = names.windows(2).any(|pair| long(&pair[0]) && is_own(&pair[0], &pair[1]));
        if !apart {
            if let Some(item) = sample(source, &key, start..at, sink)? {
                sink.item(item)?;
            }
            continue;
        }
        let keys = |name: &String| split_late(name).map(|(key, _)| key.to_owned());
        let runs: Vec<(Option<String>, usize)> = names
            .chunk_by(|a, b| keys(a) == keys(b))
            .map(|run| (keys(&run[0]), run.len()))
            .collect();
        let mut from = start;
        for (key, length) in runs {
            let files = from..from + length;
            from += length;
            if let Some(item) = sample(source, &key.unwrap_or_default(), files, sink)? {
                sink.item(item)?;
            }
        }
    }
    Ok(())
}

fn sample(
    source: &mut Source,
    key: &str,
    files: std::ops::Range<usize>,
    sink: &mut dyn Sink,
) -> Result<Option<Item>, ReadError> {
    let mut item = Item::default();
    let (mut own, mut words, mut class) = (false, None, None);
    let mut pictured = false;
    for at in files {
        let name = source.names()[at].clone();
        let ending = name.get(key.len() + 1..).unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "json" | "jsn" => match facts(source, at, &name, sink)? {
                Ok(Facts::Item(found)) => {
                    let (width, height) = (item.width, item.height);
                    item = *found;
                    item.width = item.width.or(width);
                    item.height = item.height.or(height);
                    own = true;
                }
                Ok(Facts::Talk(found)) => {
                    item.id = found.id;
                    item.turns = found.turns;
                    item.candidates = found.candidates;
                    item.marks.extend(found.marks);
                    item.metadata.extend(found.metadata);
                }
                Ok(Facts::Other(found)) => item.metadata.extend(found),
                Err(refused) => sink.refuse(refused),
            },
            "txt" | "text" | "transcript" if words.is_none() => {
                words = text(source, at, &name, sink)?;
            }
            "cls" | "class" if class.is_none() => class = text(source, at, &name, sink)?,
            _ if is_picture(&name) && !pictured => {
                pictured = true;
                if !own {
                    item.name = name;
                }
                if item.width.is_none()
                    && let Some([width, height]) = source.size(at)
                {
                    (item.width, item.height) = (Some(width), Some(height));
                }
            }
            _ => sink.lose("file_of_another_kind", name),
        }
    }
    if own {
        return Ok(Some(item));
    }
    if let Some(class) = class.map(|class| class.trim().to_owned()) {
        // A class is a number here, whose name nothing says, or the name itself.
        let number = class.parse::<u64>().map(|number| format!("class_{number}"));
        item.marks.push(Mark::whole(number.unwrap_or(class)));
    }
    match words {
        Some(words) if item.name.is_empty() => item.text = Some(words),
        Some(words) => {
            item.marks
                .push(Mark { place: Place::Words(words.trim_end().into()), ..Mark::default() });
        }
        None => {}
    }
    if item.name.is_empty() {
        if item == Item::default() {
            return Ok(None);
        }
        item.name = key.into();
    }
    Ok(Some(item))
}

enum Facts {
    /// What this writer wrote, as `items` has it.
    Item(Box<Item>),
    /// A conversation about the picture.
    Talk(Box<Item>),
    Other(serde_json::Map<String, Value>),
}

fn facts(
    source: &mut Source,
    at: usize,
    name: &str,
    sink: &mut dyn Sink,
) -> Result<Result<Facts, super::Refusal>, ReadError> {
    let raw = source.text(at, PART_MAX_BYTES)?;
    Ok(parse(name, 1, &raw).and_then(|value| {
        if value.get("name").is_some() && value.get("marks").is_some() {
            return match serde_json::from_value::<Item>(value) {
                Ok(item) => Ok(Facts::Item(Box::new(item))),
                Err(error) => {
                    let message = format!("this is no item: {error}");
                    let fault = Fault::new("marks", Code::WrongType, message);
                    Err(refusal(name, 1, fault, &raw))
                }
            };
        }
        let talk = value.as_object().and_then(talk_read::recognise);
        if matches!(talk, Some(Format::TrlSft | Format::Sharegpt)) {
            let row = Row { look: Look::new(&value, ""), file: name, nth: 1 };
            let talk = talk_read::item(&row, "messages", sink);
            return talk
                .map(|item| Facts::Talk(Box::new(item)))
                .map_err(|fault| refusal(name, 1, fault, &raw));
        }
        match value {
            Value::Object(facts) => Ok(Facts::Other(facts)),
            value => Ok(Facts::Other([("json".to_owned(), value)].into_iter().collect())),
        }
    }))
}

fn text(
    source: &mut Source,
    at: usize,
    name: &str,
    sink: &mut dyn Sink,
) -> Result<Option<String>, ReadError> {
    let raw = source.text(at, PART_MAX_BYTES)?;
    match String::from_utf8(raw) {
        Ok(text) => Ok(Some(text)),
        Err(_) => {
            let fault = Fault::new("", Code::NotText, "the file is not valid UTF-8");
            sink.refuse(refusal(name, 1, fault, b""));
            Ok(None)
        }
    }
}

/// One archive, or a folder of shards.
pub(super) struct WebDatasetFiles {
    out: Outlet,
    single: bool,
    shard: Option<TarWriter<BufWriter<Made>>>,
    shards: u64,
    names: Names,
    /// The keys so far, told apart by what they hash to.
    keys: HashSet<u64>,
    state: RandomState,
    /// The key of the sample at hand.
    key: String,
    losses: LossReport,
}

impl WebDatasetFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let single_file = out.is_one("tar");
        let shard = single_file.then(|| out.single()).transpose()?;
        let shard = shard.map(|file| TarWriter::new(BufWriter::new(file)));
        Ok(Self {
            out: out.clone(),
            single: single_file,
            shard,
            shards: 0,
            names: Names::default(),
            keys: HashSet::new(),
            state: RandomState::new(),
            key: String::new(),
            losses: LossReport::default(),
        })
    }

    fn put(&mut self, ending: &str, content: &[u8]) -> io::Result<()> {
        if let Some(shard) = &mut self.shard {
            let name = format!("{}.{ending}", self.key);
            shard.add(&name, content.len() as u64, &mut &content[..])?;
        }
        Ok(())
    }

    /// Gives the sample its own key, without a dot in its last part.
    fn begin(&mut self, item: &Item) -> io::Result<()> {
        let is_full = |shard: &TarWriter<_>| !self.single && shard.written() > SHARD_BYTES;
        if self.shard.as_ref().is_none_or(is_full) {
            self.close()?;
            let shard = self.out.create(&format!("shard-{:06}.tar", self.shards))?;
            self.shard = Some(TarWriter::new(BufWriter::with_capacity(1 << 18, shard)));
            self.shards += 1;
        }
        let path = item.name.split_once("://").map_or(&*item.name, |(_, rest)| rest);
        let path = path.replace('\\', "/");
        let file = path.rfind('/').map_or(0, |at| at + 1);
        let dot =
            path[file..].rfind('.').filter(|dot| *dot > 0).map_or(path.len(), |dot| file + dot);
        let stem = path[file..dot].replace('.', "_");
        let base = format!("{}{}", &path[..file], if stem.is_empty() { "sample" } else { &stem });
        let mut key = base.clone();
        for nth in 2.. {
            if self.keys.insert(self.state.hash_one(&key)) {
                break;
            }
            key = format!("{base}-{nth}");
        }
        self.key = key;
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        match self.shard.take() {
            Some(shard) => shard.finish()?.flush(),
            None => Ok(()),
        }
    }
}

impl Writer for WebDatasetFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, _: &mut LossReport) -> io::Result<()> {
        self.begin(item)?;
        let mut facts = serde_json::to_value(item)?;
        // It is by these two that the reader knows its own.
        if facts.get("marks").is_none() {
            facts["marks"] = Value::Array(Vec::new());
        }
        self.put("json", facts.to_string().as_bytes())?;
        if let [Mark { place: Place::Whole, class, .. }] = &item.marks[..] {
            let number = self.names.index(class);
            self.put("cls", number.to_string().as_bytes())?;
        }
        let words = item.marks.iter().find_map(|mark| match &mark.place {
            Place::Words(words) => Some(words),
            _ => None,
        });
        match item.text.as_ref().or(words) {
            Some(words) => self.put("txt", words.as_bytes()),
            None => Ok(()),
        }
    }

    fn wants_files(&self) -> bool {
        true
    }

    fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let ending = file.rsplit_once('.').map_or("bin", |(_, ending)| ending).to_ascii_lowercase();
        // What has the ending of a part of the sample itself would take its place.
        if matches!(ending.as_str(), "json" | "cls" | "txt") {
            self.losses.add("bytes_of_the_file", || name.into());
            Ok(())
        } else {
            self.put(&ending, content)
        }
    }

    fn finish(mut self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        losses.merge(std::mem::take(&mut self.losses));
        if self.shard.is_none() {
            self.begin(&Item { name: "none".into(), ..Item::default() })?;
        }
        self.close()
    }
}
