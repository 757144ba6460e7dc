//! Labels of other tools, in and out: every reader gives the same [`Item`], every writer takes it. The rules:
//!
//! - **X1** A reader hands over item by item and never holds the file. Where a format lists its objects apart
//!   from its pictures, an index of a few bytes for each object is kept, and the object read again.
//! - **X2** What is wrong is refused by itself, as a [`Refusal`]: file, row, field, code, and how to mend it.
//!   The rest of the file is taken.
//! - **X3** What a format has no place for is counted, in reading and in writing, with examples.
//! - **X4** Pixels as `docs/spec/answers.md` has them (A1); text offsets count code points.
//! - **X5** Ids that a file gives are kept, and written where the other format has a place for them.
//! - **X6** No writer can be made to write elsewhere: a name that leads out of the data set is made one within it, and
//!   counted; where nothing of it is left, it is refused.

mod ahead;
mod argilla;
mod argilla_other;
mod arrow;
mod arrow_cells;
mod bare;
mod bdd;
mod brat;
mod brush;
mod camvid;
mod cityscapes;
mod class_masks;
mod coco;
mod coco_group;
mod coco_join;
mod coco_mark;
mod coco_results;
mod coco_write;
mod columns;
mod conll;
mod conllu;
mod createml;
mod cvat;
mod cvat_json;
mod cvat_json_write;
mod cvat_write;
mod darwin;
mod datumaro;
mod dota;
mod features;
mod fiftyone;
mod fit;
mod flat;
mod footer;
mod grouped;
mod head;
mod hint;
mod icdar;
mod imagenet;
mod images;
mod items;
mod judged;
mod kitti;
mod kitti_calibration;
mod kitti_space;
mod label_studio;
mod label_studio_backend;
mod label_studio_fields;
mod label_studio_min;
mod label_studio_write;
mod labelbox;
mod labelbox_import;
mod labelme;
mod labelme_xml;
mod literal;
mod look;
mod manifests;
mod mmdet;
mod mot;
mod mots;
mod names;
mod native;
mod nuscenes;
mod nuscenes_write;
mod oasst;
mod ontonotes;
mod open_images;
mod outlet;
mod overlap;
mod pages;
mod painted;
mod panoptic;
mod paragraphs;
mod parquet;
mod parquet_write;
mod paths;
mod pieces;
mod plain;
mod recognise;
mod relay;
mod row_marks;
mod rows;
mod segment_anything;
mod source;
mod space;
mod spacy_old;
mod spans;
mod squad;
mod superannotate;
mod supervisely;
mod survey;
mod table;
mod table_write;
mod talk;
mod talk_other;
mod talk_read;
mod talk_write;
mod tracklets;
mod tracks;
mod via;
mod via_other;
mod voc;
mod voc_masks;
mod vott;
mod webdataset;
mod wider;
mod window;
mod xml;
mod yolo;
mod yolo_lists;
mod yolo_write;

use std::collections::HashMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::loss::LossReport;
use crate::row::{Code, Fault, RowError};
pub use crate::shape::{Mask, Shape};
pub(crate) use cvat::SOLID;
pub use fit::{Fit, Whose, apart, metadata};
pub use hint::hint;
pub use items::write_item;
pub use kitti::kitti_files;
pub use label_studio_backend::{Prompt, annotation, context, label_config, prediction};
use names::Names;
pub(crate) use nuscenes_write::{nuscenes_classes, nuscenes_tables};
pub use outlet::Outlet;
pub use parquet::parquet_rows;
use paths::{create_of, safe_name, twin};
pub use recognise::{Format, mistaken, recognise};
use relay::Relay;
pub use source::{Handle, Known, NewScratch, Scratch, Source, SourceError};
pub use space::{Cuboid, Frame, Pose, Sensor};
pub use survey::{AttributeSeen, ClassSeen, Survey};
pub(crate) use table::has_label;
use talk::lose_talk;
pub use talk::{Candidate, Talk, Turn};
pub use tracks::{Keyframe, Track};
pub use voc_masks::is_mask;

/// What one item may have, as an answer.
const MARKS_MAX: usize = 50_000;

/// Says what something is called, in the words of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub name: String,
    /// The number that the file gives the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The names of its keypoints, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keypoints: Vec<String>,
    /// Which keypoints are joined, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skeleton: Vec<[u32; 2]>,
    /// Whether its objects can be counted; sky and grass cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thing: Option<bool>,
}

/// Holds one picture, frame or text with everything that was said about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The name of its file from the folder of the data set, or its id where it is no file.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `train`, `val`, …; empty where the file does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subset: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The number of the frame in its video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What was said so far, where the item is a conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Turn>,
    /// How it may go on: the answers that are compared or judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Of a video as a whole, handed over where it is wanted so: the things that are followed through it.
    #[serde(skip)]
    pub tracks: Vec<Track>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What saw the item, where it is a moment that several sensors saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensors: Vec<Sensor>,
    /// What the sensors saw since the moment before, which nobody labelled; the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sweeps: Vec<Sensor>,
    /// What else the file knows about the item.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// The picture itself, where it stands in the row and not in a file of its own; empty otherwise.
    #[serde(skip)]
    pub content: Vec<u8>,
}

/// Holds one thing that was said about an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name of the class; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
    pub place: Place,
    /// The question that it answers, where the file asks several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Who said it, by the id that the file gives the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How it was rated, on the file's own scale; of a ranking, by how much the first is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
    /// How sure a model was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The version of the model that said it; none where a person did, or the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Marks of the same group belong together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<i64>,
    /// The same thing in other frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<i64>,
    /// The mark stands for many things that nobody told apart.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub crowd: bool,
}

/// Says what of the item a mark is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    #[default]
    Whole,
    Shape(Shape),
    /// Code points of the text, the last one not included.
    Span {
        start: u64,
        end: u64,
    },
    /// The whole item, in words: a caption, a translation, a transcript.
    Words(String),
    Cuboid(Cuboid),
    /// Seconds of a sound or of a series of numbers.
    Time {
        start: f64,
        end: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<u32>,
    },
    /// Frames of a video, from 0, the last one included.
    Frames {
        start: u64,
        end: u64,
    },
    /// Something of a conversation, or of the answers to it.
    Talk(Talk),
}

impl Place {
    /// Returns the name that loss reports and surveys call it by.
    pub fn kind(&self) -> &'static str {
        match self {
            Place::Whole => "whole",
            Place::Shape(shape) => shape.kind(),
            Place::Span { .. } => "span",
            Place::Words(_) => "words",
            Place::Cuboid(_) => "cuboid",
            Place::Time { .. } => "time",
            Place::Frames { .. } => "frames",
            Place::Talk(talk) => talk.kind(),
        }
    }
}

impl Mark {
    fn shape(class: impl Into<String>, shape: Shape) -> Self {
        Self { class: class.into(), place: Place::Shape(shape), ..Self::default() }
    }

    fn whole(class: impl Into<String>) -> Self {
        Self { class: class.into(), ..Self::default() }
    }

    fn span(class: impl Into<String>, start: u64, end: u64) -> Self {
        Self { class: class.into(), place: Place::Span { start, end }, ..Self::default() }
    }
}

/// Says how two marks of an item stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub class: String,
    /// Either end may be called the first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mutual: bool,
}

/// Tells what one file has that cannot be taken, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: row {}: {}{}", .error.row, in_field(.error), .error.message)]
pub struct Refusal {
    pub file: String,
    pub error: RowError,
}

fn in_field(error: &RowError) -> String {
    if error.field.is_empty() { String::new() } else { format!("`{}`: ", error.field) }
}

/// Says why reading had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{0}")]
    NotThere(String),
    #[error("reading or writing failed")]
    Io(#[from] io::Error),
}

/// Takes what a reader finds.
pub trait Sink {
    /// Hears of a class before any item has it; readers call it where the file lists its classes.
    fn class(&mut self, class: &Class) -> io::Result<()>;
    fn item(&mut self, item: Item) -> io::Result<()>;
    /// Says whether videos are wanted as a whole with their tracks, and not frame by frame.
    fn follows(&self) -> bool {
        false
    }
    fn refuse(&mut self, refusal: Refusal);
    /// Hears of what the reader does not take over.
    fn lose(&mut self, kind: &'static str, example: String);
}

/// Writes items in one format.
pub trait Writer: Send {
    fn class(&mut self, class: &Class) -> io::Result<()>;
    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()>;
    /// Says whether the format holds the files of its items, too.
    fn wants_files(&self) -> bool {
        false
    }
    /// Takes the file of the item that was written last.
    fn file(&mut self, _name: &str, _content: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn finish(self: Box<Self>, losses: &mut LossReport) -> io::Result<()>;
}

/// Says what came of a conversion.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub items: u64,
    pub marks: u64,
    pub refused: u64,
    pub losses: LossReport,
    #[serde(skip)]
    pub refusals: Vec<Refusal>,
}

/// How many refusals a report repeats; all are counted and told as they come.
const REFUSALS_MAX: usize = 1000;

/// Reads `input` as `from` and writes it to `out` as `to`; `told` hears of each refusal and, now and
/// then, of how far it is.
pub fn convert(
    input: &Path,
    from: Format,
    out: &Path,
    to: Format,
    told: &mut dyn FnMut(&Report, Option<&Refusal>),
) -> Result<Report, ReadError> {
    let mut source = Source::open(input)?;
    let writer = to.writer(out)?;
    let mut beside = writer.wants_files().then(|| Beside::open(input)).transpose()?;
    let files = beside.as_mut().map(|beside| beside as &mut dyn Files);
    let report = hand_over(&mut source, from, writer, files, told)?;
    if report.items + report.refused == 0
        && let Some(message) = mistaken(&mut source, from)
    {
        return Err(ReadError::NotThere(message));
    }
    Ok(report)
}

/// Reads `source` as `from` and gives everything to `writer`, with the files of the items where it wants them and there
/// are some.
pub fn hand_over(
    source: &mut Source,
    from: Format,
    writer: Box<dyn Writer>,
    files: Option<&mut dyn Files>,
    told: &mut dyn FnMut(&Report, Option<&Refusal>),
) -> Result<Report, ReadError> {
    let end = match files {
        Some(files) => End::Here(writer, files),
        None => End::Beside(Relay::new(writer)),
    };
    let mut bridge = Bridge { end, report: Report::default(), told };
    source.refuse_unsafe(&mut bridge);
    from.read(source, &mut bridge)?;
    let Bridge { end, mut report, .. } = bridge;
    match end {
        End::Here(writer, _) => writer.finish(&mut report.losses)?,
        End::Beside(relay) => relay.finish(&mut report.losses)?,
    }
    Ok(report)
}

/// Has the files of items, for formats that hold them, too.
pub trait Files {
    /// The file of an item, which its reader called `name`; none where it has none.
    fn file(&mut self, item: &Item, name: &str) -> Option<Result<Vec<u8>, SourceError>>;
}

/// The files of the items, beside the reader that goes through their labels.
struct Beside {
    source: Source,
    /// Each file by its own name without its folders; none where several share it.
    by_name: HashMap<String, Option<usize>>,
}

impl Beside {
    /// The longest file that is handed on.
    const FILE_MAX_BYTES: u64 = 1 << 30;

    fn open(input: &Path) -> Result<Self, SourceError> {
        let source = Source::open(input)?;
        let mut by_name: HashMap<String, Option<usize>> = HashMap::new();
        let files = source.names().iter().enumerate();
        for (at, path) in files.filter(|(_, path)| !is_mask(path)) {
            let name = path.rsplit('/').next().unwrap_or(path);
            by_name.entry(name.into()).and_modify(|at| *at = None).or_insert(Some(at));
        }
        Ok(Self { source, by_name })
    }

    /// The file of this name from the folder of the data set, or from a folder in it that only one file can mean.
    fn find(&self, Item { name, subset, .. }: &Item) -> Option<usize> {
        let sorted = |folder: &str| format!("{folder}{subset}/");
        let within = format!("{subset}/images/");
        let plain = ["", "images/", "data/"].map(str::to_owned);
        let folders = [&plain[..], &[sorted(""), sorted("images/"), within]].concat();
        let mut found =
            folders.iter().filter_map(|folder| self.source.find(&format!("{folder}{name}")));
        found.next().or_else(|| {
            let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
            let at = self.by_name.get(last).copied().flatten()?;
            self.source.names()[at].ends_with(&format!("/{name}")).then_some(at)
        })
    }
}

impl Files for Beside {
    fn file(&mut self, item: &Item, _: &str) -> Option<Result<Vec<u8>, SourceError>> {
        let at = self.find(item)?;
        Some(self.source.read(at, Self::FILE_MAX_BYTES))
    }
}

/// Who writes: whoever wants the files of the items, too, waits for each.
enum End<'a> {
    Here(Box<dyn Writer>, &'a mut dyn Files),
    Beside(Relay),
}

struct Bridge<'a> {
    end: End<'a>,
    report: Report,
    told: &'a mut dyn FnMut(&Report, Option<&Refusal>),
}

impl Sink for Bridge<'_> {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        match &mut self.end {
            End::Here(writer, _) => writer.class(class),
            End::Beside(relay) => relay.class(class),
        }
    }

    fn item(&mut self, mut item: Item) -> io::Result<()> {
        /// How many items pass between two words about progress.
        const BREATH: u64 = 512;
        let abroad = item.come_home();
        if let Some(name) = &abroad {
            self.report.losses.add("name_that_leads_out", || name.clone());
        }
        if let Err(fault) = safe_name(&item.name) {
            // A name with the end of a line in it is told in one.
            let name = item.name.replace(char::is_control, "\u{fffd}");
            self.refuse(refusal(&name, self.report.items + 1, fault, b""));
            return Ok(());
        }
        self.report.items += 1;
        self.report.marks += item.marks.len() as u64;
        if self.report.items.is_multiple_of(BREATH) {
            (self.told)(&self.report, None);
        }
        let (writer, files) = match &mut self.end {
            End::Here(writer, files) => (writer, files),
            End::Beside(relay) => {
                if !std::mem::take(&mut item.content).is_empty() {
                    self.report.losses.add("bytes_of_the_file", || item.name.clone());
                }
                return relay.item(item);
            }
        };
        writer.item(&item, &mut self.report.losses)?;
        if !item.content.is_empty() {
            return writer.file(&item.name, &item.content);
        }
        match files.file(&item, abroad.as_deref().unwrap_or(&item.name)) {
            Some(Ok(content)) => return writer.file(&item.name, &content),
            Some(Err(error)) => self.report.losses.add("file_not_read", || error.to_string()),
            None => self.report.losses.add("file_not_there", || item.name.clone()),
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.report.refused += 1;
        (self.told)(&self.report, Some(&refusal));
        if self.report.refusals.len() < REFUSALS_MAX {
            self.report.refusals.push(refusal);
        }
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.report.losses.add(kind, || example);
    }
}

/// Keeps everything that a reader finds, for wizards and tests that look at a small file.
#[derive(Debug, Default)]
pub struct Found {
    pub classes: Vec<Class>,
    pub items: Vec<Item>,
    pub refusals: Vec<Refusal>,
    pub losses: LossReport,
}

impl Sink for Found {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.push(class.clone());
        Ok(())
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        self.items.push(item);
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.losses.add(kind, || example);
    }
}

fn refusal(file: &str, row: u64, fault: Fault, raw: &[u8]) -> Refusal {
    Refusal { file: file.into(), error: fault.at(row, raw) }
}

/// Adds what was read to its item, or refuses the row; answers whether the item may have more.
#[inline]
fn add_mark(
    item: &mut Item,
    read: Result<Mark, Fault>,
    file: &str,
    (row, raw): (u64, &[u8]),
    sink: &mut dyn Sink,
) -> bool {
    let is_full = item.marks.len() >= MARKS_MAX;
    match read {
        Ok(_) if is_full => {
            let message = "there are more than 50,000 objects in one picture or frame";
            sink.refuse(refusal(file, row, Fault::new("", Code::OutOfRange, message), raw));
        }
        Ok(mark) => item.marks.push(mark),
        Err(fault) => sink.refuse(refusal(file, row, fault, raw)),
    }
    !is_full
}

/// Counts what of an item a format for objects in pictures has no place for, but for the metadata that `keeps` names.
fn lose_item(item: &Item, keeps: &[&str], losses: &mut LossReport) {
    lose_all_but_metadata(item, losses);
    for key in item.metadata.keys().filter(|key| !keeps.contains(&&key[..])) {
        losses.add("metadata", || format!("{}: {key}", item.name));
    }
}

/// The same, for a format that has a place for metadata.
fn lose_all_but_metadata(item: &Item, losses: &mut LossReport) {
    for link in &item.links {
        losses.add("relation", || format!("{}: {} to {}", item.name, link.from, link.to));
    }
    if item.text.is_some() {
        losses.add("text", || item.name.clone());
    }
    lose_talk(item, losses);
}

/// The text of an item, for a format of texts; an item without one is counted.
fn text_of<'a>(item: &'a Item, losses: &mut LossReport) -> Option<&'a str> {
    lose_talk(item, losses);
    if item.text.is_none() {
        losses.add("no_text", || item.name.clone());
    }
    item.text.as_deref()
}

/// Counts what of a mark a format has no place for, but for what `keeps` names.
fn lose_mark(item: &Item, mark: &Mark, keeps: &[&str], losses: &mut LossReport) {
    let place = || {
        let id = mark.id.as_deref().unwrap_or("");
        format!("{}: {} {id}", item.name, mark.class)
    };
    let facts: [(&'static str, bool); 10] = [
        ("id", mark.id.is_some()),
        ("attributes", !mark.attributes.is_empty()),
        ("score", mark.score.is_some()),
        ("model", mark.model.is_some()),
        ("group", mark.group.is_some()),
        ("track", mark.track.is_some()),
        ("crowd", mark.crowd),
        ("question", mark.question.is_some()),
        ("by", mark.by.is_some()),
        ("rating", mark.value.is_some()),
    ];
    for (fact, there) in facts {
        if there && !keeps.contains(&fact) {
            losses.add(fact, place);
        }
    }
}
