//! COCO, read in two passes: the first notes where each annotation lies and which image it is about, the
//! second reads the images in their order, each with its annotations.

use std::collections::{HashMap, hash_map};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader};

use serde::Deserialize;

use super::coco_group::{Group, Part};
use super::look::{Look, parse};
use super::pieces::{PieceError, Pieces, Stop};
use super::source::Handle;
use super::window::Entry;
use super::{Class, Item, ReadError, Sink, Source, refusal};
use crate::row::{Code, Fault};

const CATEGORIES_MAX: usize = 10_000;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut files: Vec<usize> =
        (0..source.names().len()).filter(|at| source.names()[*at].ends_with(".json")).collect();
    let several = files.len() > 1;
    files.sort_by_key(|at| rank(&source.names()[*at]));
    // Files of one folder and subset that are of different kinds tell of the same pictures.
    let mut groups: Vec<((String, String), Vec<usize>)> = Vec::new();
    for index in files {
        let name = &source.names()[index];
        let (folder, _) = name.rsplit_once('/').unwrap_or(("", name));
        let subset = if several { subset_of(name) } else { String::new() };
        let key = (folder.to_owned(), subset);
        let other =
            |group: &[usize]| group.iter().all(|at| rank(&source.names()[*at]) != rank(name));
        match groups.iter_mut().find(|(known, group)| *known == key && other(group)) {
            Some((_, group)) => group.push(index),
            None => groups.push((key, vec![index])),
        }
    }
    for ((_, subset), group) in groups {
        let mut parts = Vec::new();
        let shared = group.len() > 1;
        for index in group {
            let name = source.names()[index].clone();
            let mut file = source.spool(index)?;
            match Index::build(&name, &mut file, shared, sink) {
                // Of a list of results only numbers are known: it is read by itself.
                Ok(index) if index.results => {
                    Group::new(vec![Part::new(name, file, index)]).read(source, &subset, sink)?
                }
                Ok(index) => parts.push(Part::new(name, file, index)),
                Err(ReadError::Refused(refusal)) if several => sink.refuse(refusal),
                Err(error) => return Err(error),
            }
        }
        if !parts.is_empty() {
            Group::new(parts).read(source, &subset, sink)?;
        }
    }
    Ok(())
}

/// Of several files about the same pictures, that with the objects comes first: the others add to what it says.
fn rank(name: &str) -> usize {
    const LATER: [&str; 6] =
        ["person_keypoints", "panoptic", "stuff", "labels", "captions", "image_info"];
    let file = name.rsplit('/').next().unwrap_or(name);
    LATER.iter().position(|kind| file.starts_with(kind)).map_or(0, |at| at + 1)
}

/// `annotations/instances_train2017.json` is of the subset `train2017`, `train/_annotations.coco.json` of `train`, and
/// `day/annotations/coco_instances.json` of `day`: what is in a file is no part of the data.
fn subset_of(name: &str) -> String {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let stem = file.trim_end_matches(".json");
    const KINDS: [&str; 6] =
        ["instances", "keypoints", "captions", "panoptic", "annotations", "coco"];
    match stem.rsplit_once('_') {
        Some((kind, subset)) if !kind.is_empty() && !KINDS.contains(&subset) => subset.into(),
        _ => {
            let mut folders = folder.rsplit('/');
            folders.find(|folder| *folder != "annotations").unwrap_or_default().into()
        }
    }
}

#[derive(Default)]
pub(super) struct Image {
    /// Where the image itself is described: place, length, line. Length 0 where it is not.
    pub at: u64,
    pub length: u32,
    pub line: u32,
}

pub(super) struct Index {
    pub images: Vec<Image>,
    /// What the name of each image is hashed to, where other files may tell of the same ones.
    pub keys: Vec<u64>,
    pub entries: Vec<Entry>,
    /// The name of each category.
    pub names: HashMap<i64, String>,
    /// The file is a list of results: images are known by number only.
    pub results: bool,
    /// The segments of each image are in a picture of their own.
    pub panoptic: bool,
    /// Other files may tell of the same images.
    shared: bool,
}

#[derive(Deserialize)]
struct About {
    image_id: i64,
}

impl Index {
    fn build(
        name: &str,
        file: &mut dyn Handle,
        shared: bool,
        sink: &mut dyn Sink,
    ) -> Result<Self, ReadError> {
        let mut pieces = Pieces::new(BufReader::with_capacity(1 << 20, file));
        let mut index = Self {
            images: Vec::new(),
            keys: Vec::new(),
            entries: Vec::new(),
            names: HashMap::new(),
            results: false,
            panoptic: false,
            shared,
        };
        let mut by_id = HashMap::new();
        index.scan(name, &mut pieces, &mut by_id, sink).map_err(|stop| stop.of(name))?;
        if !index.results {
            let Self { images, entries, .. } = &mut index;
            entries.retain(|entry| {
                let there = images[entry.image as usize].length > 0;
                if !there {
                    let field = format!("annotations[{}].image_id", entry.nth);
                    let message = format!("`{field}` names an image that the file does not have");
                    let fault = Fault::new(&field, Code::UnknownValue, message);
                    sink.refuse(refusal(name, entry.line.into(), fault, b""));
                }
                there
            });
        }
        index.entries.sort_unstable_by_key(|entry| (entry.image, entry.at));
        Ok(index)
    }

    fn scan<R: io::BufRead>(
        &mut self,
        name: &str,
        pieces: &mut Pieces<R>,
        by_id: &mut HashMap<i64, u32>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        if pieces.peek()? == Some(b'[') {
            self.results = true;
            self.annotations(name, pieces, by_id, sink)?;
            return Ok(());
        }
        pieces.enter(b'{', "the file is no JSON object: is this a COCO file?")?;
        let (mut first, mut seen) = (true, [false; 3]);
        while let Some(key) = pieces.key(&mut first)? {
            let list = match key.as_str() {
                "images" => 0,
                "annotations" => 1,
                "categories" => 2,
                _ => {
                    pieces.skip()?;
                    // Who made it and under which licences is no matter of its labels.
                    if key != "info" && key != "licenses" {
                        sink.lose("field_not_read", format!("{name}: {key}"));
                    }
                    continue;
                }
            };
            if std::mem::replace(&mut seen[list], true) {
                let message = format!("the key “{key}” is given twice: leave one of them out");
                let fault = Fault::new(&key, Code::DuplicateKey, message);
                return Err(PieceError::Fault(pieces.line, fault).into());
            }
            match list {
                0 => self.list_images(name, pieces, by_id, sink)?,
                1 => self.annotations(name, pieces, by_id, sink)?,
                _ => self.categories(name, pieces, sink)?,
            }
        }
        if !seen[0] {
            let message = "there is no list `images`: is this a COCO file?";
            let fault = Fault::new("images", Code::MissingField, message);
            return Err(PieceError::Fault(1, fault).into());
        }
        if pieces.peek()?.is_some() {
            let fault = Fault::new("", Code::NotJson, "something follows the end of the object");
            return Err(PieceError::Fault(pieces.line, fault).into());
        }
        Ok(())
    }

    fn slot(&mut self, by_id: &mut HashMap<i64, u32>, id: i64) -> u32 {
        *by_id.entry(id).or_insert_with(|| {
            self.images.push(Image::default());
            (self.images.len() - 1) as u32
        })
    }

    fn list_images<R: io::BufRead>(
        &mut self,
        name: &str,
        pieces: &mut Pieces<R>,
        by_id: &mut HashMap<i64, u32>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        #[derive(Deserialize)]
        struct Named {
            id: i64,
        }
        let (mut raw, mut nth) = (Vec::new(), 0);
        each(name, "images", pieces, &mut raw, sink, &mut |raw, at, line, sink| {
            let path = format!("images[{nth}]");
            nth += 1;
            let id = match serde_json::from_slice::<Named>(raw) {
                Ok(named) => named.id,
                Err(_) => match slow_whole(name, line, raw, &path, "id") {
                    Ok(id) => id,
                    Err(refused) => return sink.refuse(refused),
                },
            };
            let slot = self.slot(by_id, id) as usize;
            if self.images[slot].length > 0 {
                let field = format!("{path}.id");
                let message = format!("another image has the `id` {id}: give each its own");
                let fault = Fault::new(&field, Code::DuplicateKey, message);
                return sink.refuse(refusal(name, line, fault, raw));
            }
            self.images[slot] = Image { at, length: raw.len() as u32, line: line as u32 };
            if self.shared {
                self.keys.resize(self.images.len(), 0);
                self.keys[slot] = name_key(raw);
            }
        })
    }

    fn annotations<R: io::BufRead>(
        &mut self,
        name: &str,
        pieces: &mut Pieces<R>,
        by_id: &mut HashMap<i64, u32>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let (mut raw, mut nth) = (Vec::new(), 0_u32);
        each(name, "annotations", pieces, &mut raw, sink, &mut |raw, at, line, sink| {
            let here = nth;
            nth += 1;
            self.panoptic |= here == 0 && memchr::memmem::find(raw, b"\"segments_info\"").is_some();
            let id = match serde_json::from_slice::<About>(raw) {
                Ok(about) => about.image_id,
                Err(_) => {
                    let path = format!("annotations[{here}]");
                    match slow_whole(name, line, raw, &path, "image_id") {
                        Ok(id) => id,
                        Err(refused) => return sink.refuse(refused),
                    }
                }
            };
            let image = self.slot(by_id, id);
            let length = raw.len() as u32;
            if self.results && self.images[image as usize].length == 0 {
                let is_named = id < 0 || memchr::memmem::find(raw, b"\"file_name\"").is_some();
                self.images[image as usize] = match is_named {
                    true => Image { at, length, line: (line as u32).max(1) },
                    false => Image { at: id as u64, length: 1, line: 0 },
                };
            }
            self.entries.push(Entry { image, length, at, line: line as u32, nth: here });
        })
    }

    fn categories<R: io::BufRead>(
        &mut self,
        name: &str,
        pieces: &mut Pieces<R>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stop> {
        let (mut raw, mut nth, mut failed) = (Vec::new(), 0, None);
        each(name, "categories", pieces, &mut raw, sink, &mut |raw, _, line, sink| {
            let path = format!("categories[{nth}]");
            nth += 1;
            let value = match parse(name, line, raw) {
                Ok(value) => value,
                Err(refused) => return sink.refuse(refused),
            };
            let look = Look::new(&value, &path);
            let known =
                ["id", "name", "supercategory", "keypoints", "skeleton", "isthing", "color"];
            look.lose_rest(&known, sink);
            let class = category(&look).and_then(|class| {
                let id = numbered(&look.get("id")?)?;
                if self.names.len() >= CATEGORIES_MAX {
                    let message = "there are more than 10,000 categories";
                    return Err(Fault::new(&path, Code::OutOfRange, message));
                }
                match self.names.entry(id) {
                    hash_map::Entry::Vacant(place) => place.insert(class.name.clone()),
                    // What is refused names nothing.
                    hash_map::Entry::Occupied(_) => {
                        let message =
                            format!("another category has the `id` {id}: give each its own");
                        return Err(Fault::new(&format!("{path}.id"), Code::DuplicateKey, message));
                    }
                };
                Ok(class)
            });
            match class {
                Ok(class) => failed = failed.take().or(sink.class(&class).err()),
                Err(fault) => sink.refuse(refusal(name, line, fault, raw)),
            }
        })?;
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// What the name of an image is hashed to; 0 where it has none.
fn name_key(raw: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Named {
        file_name: Option<String>,
        coco_url: Option<String>,
    }
    let Ok(Named { file_name, coco_url }) = serde_json::from_slice(raw) else { return 0 };
    let Some(name) = file_name.or(coco_url) else { return 0 };
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish() | 1
}

type Take<'a> = dyn FnMut(&[u8], u64, u64, &mut dyn Sink) + 'a;

fn each<R: io::BufRead>(
    name: &str,
    key: &str,
    pieces: &mut Pieces<R>,
    raw: &mut Vec<u8>,
    sink: &mut dyn Sink,
    take: &mut Take,
) -> Result<(), Stop> {
    if pieces.peek()? != Some(b'[') {
        let message = format!("`{key}` is no list: is this a COCO file?");
        let fault = Fault::new(key, Code::WrongType, message);
        return Err(ReadError::from(refusal(name, pieces.line, fault, b"")).into());
    }
    pieces.enter(b'[', "a list was expected")?;
    let mut first = true;
    while pieces.next(&mut first, b']')? {
        let (at, line) = (pieces.at, pieces.line);
        pieces.value(raw)?;
        take(raw, at, line, sink);
    }
    Ok(())
}

/// The whole number `key` of an object that serde did not take, or what is wrong with the object.
fn slow_whole(
    name: &str,
    line: u64,
    raw: &[u8],
    path: &str,
    key: &str,
) -> Result<i64, super::Refusal> {
    let value = parse(name, line, raw).map_err(|mut refused| {
        let field = &mut refused.error.field;
        *field = if field.is_empty() { path.into() } else { format!("{path}.{field}") };
        refused
    })?;
    let look = Look::new(&value, path);
    let whole = look.get(key).and_then(|id| numbered(&id));
    whole.map_err(|fault| refusal(name, line, fault, raw))
}

/// An id as a number. Where it is a text that is none, a number stands for it that no file gives by itself.
pub(super) fn numbered(id: &Look) -> Result<i64, Fault> {
    let Some(text) = id.value.as_str().filter(|text| !text.is_empty()) else { return id.whole() };
    Ok(text.parse().unwrap_or_else(|_| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        (hasher.finish() | 1 << 63) as i64
    }))
}

fn category(look: &Look) -> Result<Class, Fault> {
    let keypoints = match look.maybe("keypoints") {
        Some(list) => {
            list.list()?.map(|name| Ok(name.text()?.to_owned())).collect::<Result<_, _>>()
        }
        None => Ok(Vec::new()),
    }?;
    let mut skeleton = Vec::new();
    if let Some(list) = look.maybe("skeleton") {
        for pair in list.list()? {
            let ends: Vec<_> = pair.list()?.map(|end| end.offset()).collect::<Result<_, _>>()?;
            match ends[..] {
                [from, to] if from < 10_000 && to < 10_000 => {
                    skeleton.push([from as u32, to as u32]);
                }
                _ => return Err(pair.range("is not a pair of keypoints")),
            }
        }
    }
    let name = look.get("name")?;
    if name.text()?.is_empty() {
        return Err(name.range("is empty: give the category a name"));
    }
    let parent = look.maybe("supercategory").map(|parent| parent.text()).transpose()?;
    Ok(Class {
        name: name.text()?.into(),
        id: look
            .get("id")?
            .value
            .as_i64()
            .or(numbered(&look.get("id")?).ok().filter(|id| *id >= 0)),
        parent: parent.filter(|parent| !parent.is_empty()).map(str::to_owned),
        keypoints,
        skeleton,
        thing: look.maybe("isthing").map(|_| look.flag("isthing")).transpose()?,
    })
}

pub(super) fn image(name: &str, line: u64, raw: &[u8], sink: &mut dyn Sink) -> Option<Item> {
    let read = parse(name, line, raw).and_then(|value| {
        image_of(&Look::new(&value, "images[]")).map_err(|fault| refusal(name, line, fault, raw))
    });
    match read {
        Ok(item) => Some(item),
        Err(refused) => {
            sink.refuse(refused);
            None
        }
    }
}

fn image_of(look: &Look) -> Result<Item, Fault> {
    let name = match (look.maybe("file_name"), look.maybe("coco_url")) {
        // LVIS names its pictures by where they are kept: their folder and their name.
        (None, Some(address)) => {
            let parts: Vec<&str> = address.text()?.rsplitn(3, '/').take(2).collect();
            parts.iter().rev().copied().collect::<Vec<_>>().join("/")
        }
        _ => look.get("file_name")?.text()?.into(),
    };
    if name.is_empty() {
        return Err(look.get("file_name")?.range("is empty: give the name of the picture"));
    }
    let side = |key| look.maybe(key).map(|side| side.side()).transpose();
    let mut metadata = look.rest(&["id", "file_name", "width", "height"]);
    // What COCO says of each picture, whether there is anything to say or not.
    let usual = ["license", "flickr_url", "coco_url", "date_captured"];
    metadata.retain(|key, said| !usual.contains(&&key[..]) || *said != "" && *said != 0);
    Ok(Item {
        name,
        id: Some(match look.get("id")? {
            id if id.value.is_string() => id.id()?,
            id => id.whole()?.to_string(),
        }),
        width: side("width")?,
        height: side("height")?,
        metadata,
        ..Item::default()
    })
}
