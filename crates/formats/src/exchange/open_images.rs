//! Open Images: boxes, masks, relations, points and classes of whole pictures as CSV, coordinates as parts of the
//! picture's sides, classes by machine ids that `class-descriptions.csv` spells out. The pictures, or a list of their
//! sizes, must be there: without a size a part of it is no pixel. The rules:
//!
//! - **O1** A mask, and the ends of a relation, are the boxes that have their class and their coordinates, which all
//!   files give to six decimals. What no box is, is a mark by itself.
//! - **O2** Masks are PNGs of any size, found by their names; they are brought to the size of their picture as datumaro
//!   brings them, each pixel from where it lies.
//! - **O3** What people say is not in a picture is in `verified_absent` of its metadata.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter};

use serde_json::{Value, json};

use super::grouped::{Row, Rows, cells, number};
use super::outlet::{Made, Outlet};
use super::painted::Painted;
use super::panoptic::masks;
use super::yolo::is_picture;
use super::{
    Class, Item, Link, MARKS_MAX, Mark, Mask, Names, Place, ReadError, Shape, Sink, Source, Writer,
    lose_item, lose_mark, refusal, twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const BOX_COLUMNS: [&str; 13] = [
    "ImageID",
    "Source",
    "LabelName",
    "Confidence",
    "XMin",
    "XMax",
    "YMin",
    "YMax",
    "IsOccluded",
    "IsTruncated",
    "IsGroupOf",
    "IsDepiction",
    "IsInside",
];
/// The columns that say yes, no or nothing, and what they are called here.
const FLAGS: [(&str, &str); 4] = [
    ("IsOccluded", "occluded"),
    ("IsTruncated", "truncated"),
    ("IsDepiction", "depiction"),
    ("IsInside", "inside"),
];
/// What of an item's metadata the format has a place for (O3).
const ABSENT: &str = "verified_absent";

/// What the rows of a file are about, in the order in which they are taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Labels,
    Masks,
    Relations,
    Points,
}

impl Kind {
    fn of(line: &str) -> Option<Self> {
        let kinds = [
            ("ImageID,Source,LabelName,Confidence", Kind::Labels),
            ("MaskPath,ImageID,", Kind::Masks),
            ("ImageID,LabelName1,", Kind::Relations),
            ("ImageId,X,Y,Label", Kind::Points),
        ];
        kinds.iter().find(|(start, _)| line.starts_with(start)).map(|(_, kind)| *kind)
    }
}

/// Whether the first line is that of a file of Open Images.
pub(super) fn is_header(line: &str) -> bool {
    // What lies beside the labels begins a folder of them.
    Kind::of(line).is_some() || line.starts_with("ImageID,Subset,OriginalURL,")
}

struct Table {
    kind: Kind,
    columns: HashMap<String, usize>,
    subset: String,
}

impl Table {
    fn new(name: &str, header: &str) -> Option<Self> {
        let columns = header.trim().split(',').enumerate();
        let columns = columns.map(|(at, column)| (column.trim().to_owned(), at)).collect();
        let file = name.rsplit('/').next().unwrap_or(name);
        let parts = ["train", "validation", "val", "test"];
        let subset = parts.into_iter().find(|part| file.contains(part)).unwrap_or_default();
        Some(Self { kind: Kind::of(header)?, columns, subset: subset.into() })
    }

    fn number(&self, cells: &[String], field: &str) -> Result<f64, Fault> {
        number(cells, self.columns.get(field).copied().unwrap_or(usize::MAX), field)
    }

    fn maybe<'a>(&self, cells: &'a [String], field: &str) -> Option<&'a str> {
        let cell = self.columns.get(field).and_then(|at| cells.get(*at));
        cell.map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Yes or no, if it was looked at.
    fn flag(&self, cells: &[String], field: &str) -> Result<Option<bool>, Fault> {
        match self.maybe(cells, field) {
            None | Some("-1") => Ok(None),
            Some("0") => Ok(Some(false)),
            Some("1") => Ok(Some(true)),
            Some(other) => {
                let message =
                    format!("`{field}` is “{other:.40}”: give 1, 0, or -1 where nobody looked");
                Err(Fault::new(field, Code::UnknownValue, message))
            }
        }
    }

    fn text<'a>(&self, cells: &'a [String], field: &str) -> Result<&'a str, Fault> {
        let missing = || Fault::new(field, Code::MissingField, format!("`{field}` is missing"));
        self.maybe(cells, field).ok_or_else(missing)
    }

    /// Left, right, top and bottom as parts of the picture.
    fn sides(&self, cells: &[String], fields: [&str; 4]) -> Result<[f64; 4], Fault> {
        let mut sides = [0.0; 4];
        for (side, field) in sides.iter_mut().zip(fields) {
            *side = self.part(cells, field)?;
        }
        let [left, right, top, bottom] = sides;
        for (low, high, field) in [(left, right, fields[1]), (top, bottom, fields[3])] {
            if high <= low {
                let message = format!("`{field}` is {high}, which is not beyond {low}");
                return Err(Fault::new(field, Code::OutOfRange, message));
            }
        }
        Ok(sides)
    }

    fn part(&self, cells: &[String], field: &str) -> Result<f64, Fault> {
        let part = self.number(cells, field)?;
        if !(0.0..=1.0).contains(&part) {
            let message = format!("`{field}` is {part}: give a part of the picture, 0 to 1");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
        Ok(part)
    }
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let classes = classes(source, sink)?;
    let sizes = sizes(source)?;
    let pictures = pictures(source);
    let (mut rows, mut tables) = (Rows::default(), Vec::new());
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".csv") {
            continue;
        }
        let header = source.head(index, 4096).unwrap_or_default();
        let header = header.lines().next().unwrap_or_default().to_owned();
        let Some(table) = Table::new(&name, &header) else { continue };
        if table.columns.contains_key("XClick1X") {
            sink.lose("clicks_of_boxes", name.clone());
        }
        if table.kind == Kind::Labels {
            for column in table.columns.keys() {
                let click = column.starts_with("XClick") || column.starts_with("YClick");
                if !BOX_COLUMNS.contains(&&column[..]) && !click {
                    sink.lose("column_not_read", format!("{name}: {column}"));
                }
            }
        }
        let id = if table.kind == Kind::Points { "ImageId" } else { "ImageID" };
        rows.index(source, index, sink, &mut |line, row| {
            if line == 1 {
                return Ok(None);
            }
            table.text(&cells(row)?, id).map(|id| Some(id.to_owned()))
        })?;
        tables.push(table);
    }
    let files: Vec<String> = (0..tables.len()).map(|number| rows.file(number).into()).collect();
    let painted = tables.iter().any(|table| table.kind == Kind::Masks);
    let masks = if painted { by_name(source) } else { Vec::new() };
    rows.each(sink, &mut |id, mut rows, sink| {
        let picture = pictures.get(id).copied();
        let file = picture.map(|at| source.names()[at].rsplit('/').next().unwrap_or(id).to_owned());
        let here = picture.and_then(|at| source.size(at));
        let (name, size) = match file {
            Some(file) => (file, here),
            None => match source.elsewhere(id) {
                Some((name, size)) => (name, Some(size)),
                None => (format!("{id}.jpg"), None),
            },
        };
        let size = sizes.get(id).copied().or(size);
        let [width, height] = size.map_or([None; 2], |size| size.map(Some));
        let item = Item { name, id: Some(id.into()), width, height, ..Item::default() };
        let mut picture =
            Picture { item, size, classes: &classes, masks: &masks, boxes: HashMap::new() };
        rows.sort_by_key(|row| tables[row.file].kind);
        for Row { file, line, bytes } in rows {
            let table = &tables[file];
            picture.item.subset.clone_from(&table.subset);
            let text = String::from_utf8_lossy(&bytes);
            if picture.item.marks.len() >= MARKS_MAX {
                let message = "there are more than 50,000 objects in one picture";
                let fault = Fault::new("ImageID", Code::OutOfRange, message);
                sink.refuse(refusal(&files[file], line, fault, &bytes));
                break;
            }
            if let Err(fault) = picture.row(table, &text, source, sink)? {
                sink.refuse(refusal(&files[file], line, fault, &bytes));
            }
        }
        Ok(sink.item(picture.item)?)
    })
}

/// A class and the place of its box, in millionths of the picture's sides.
type Key = (String, [u32; 4]);

fn key(class: &str, sides: [f64; 4]) -> Key {
    (class.into(), sides.map(|side| (side * 1e6).round() as u32))
}

/// One picture, as the rows about it come in.
struct Picture<'a> {
    item: Item,
    size: Option<[u32; 2]>,
    classes: &'a HashMap<String, String>,
    /// The PNGs of the data set in the order of their names without folders.
    masks: &'a [usize],
    /// The marks of each box; those that have no mask yet are the last.
    boxes: HashMap<Key, Vec<usize>>,
}

impl Picture<'_> {
    fn row(
        &mut self,
        table: &Table,
        row: &str,
        source: &mut Source,
        sink: &mut dyn Sink,
    ) -> Result<Result<(), Fault>, ReadError> {
        let cells = match cells(row) {
            Ok(cells) => cells,
            Err(fault) => return Ok(Err(fault)),
        };
        match table.kind {
            Kind::Labels => Ok(self.label(table, &cells)),
            Kind::Masks => self.mask(table, &cells, source, sink),
            Kind::Relations => Ok(self.relation(table, &cells)),
            Kind::Points => Ok(self.point(table, &cells, sink)),
        }
    }

    fn class(&self, label: &str) -> String {
        self.classes.get(label).map_or(label, String::as_str).to_owned()
    }

    fn sides_px(&self) -> Result<[f64; 2], Fault> {
        let message = "the size of the picture is not known: put the picture, or `images.meta`, beside the labels";
        let missing = || Fault::new("ImageID", Code::MissingField, message);
        self.size.map(|size| size.map(f64::from)).ok_or_else(missing)
    }

    /// Adds a box, which masks and relations may mean later.
    fn push(&mut self, class: String, sides: [f64; 4]) -> Result<usize, Fault> {
        let [width, height] = self.sides_px()?;
        let [left, right, top, bottom] = sides;
        let (x, y) = (left * width, top * height);
        let shape = Shape::Box { x, y, width: right * width - x, height: bottom * height - y };
        let at = self.item.marks.len();
        self.boxes.entry(key(&class, sides)).or_default().push(at);
        self.item.marks.push(Mark::shape(class, shape));
        Ok(at)
    }

    fn label(&mut self, table: &Table, cells: &[String]) -> Result<(), Fault> {
        let class = self.class(table.text(cells, "LabelName")?);
        // Some tools leave it out where a person said it.
        let said = table.maybe(cells, "Confidence");
        let confidence = said.map_or(Ok(1.0), |_| table.number(cells, "Confidence"))?;
        let score = (confidence != 1.0).then_some(confidence);
        let model = table.maybe(cells, "Source").filter(|said| *said == "machine");
        let model = model.map(str::to_owned);
        if !table.columns.contains_key("XMin") {
            if confidence == 0.0 {
                let absent = self.item.metadata.entry(ABSENT).or_insert_with(|| json!([]));
                if let Value::Array(list) = absent {
                    list.push(class.into());
                }
            } else {
                self.item.marks.push(Mark { score, model, ..Mark::whole(class) });
            }
            return Ok(());
        }
        let sides = table.sides(cells, ["XMin", "XMax", "YMin", "YMax"])?;
        let at = self.push(class, sides)?;
        let mark = &mut self.item.marks[at];
        (mark.score, mark.model) = (score, model);
        for (field, key) in FLAGS {
            if let Some(flag) = table.flag(cells, field)? {
                mark.attributes.insert(key.into(), flag.into());
            }
        }
        mark.crowd = table.flag(cells, "IsGroupOf")?.unwrap_or_default();
        Ok(())
    }

    fn mask(
        &mut self,
        table: &Table,
        cells: &[String],
        source: &mut Source,
        sink: &mut dyn Sink,
    ) -> Result<Result<(), Fault>, ReadError> {
        const SIDES: [&str; 4] = ["BoxXMin", "BoxXMax", "BoxYMin", "BoxYMax"];
        let facts = || -> Result<_, Fault> {
            let path = table.text(cells, "MaskPath")?;
            let class = self.class(table.text(cells, "LabelName")?);
            let boxed = SIDES.iter().any(|side| table.maybe(cells, side).is_some());
            let sides = boxed.then(|| table.sides(cells, SIDES)).transpose()?;
            let likeness = table.maybe(cells, "PredictedIoU");
            let likeness = likeness.map(|_| table.number(cells, "PredictedIoU")).transpose()?;
            Ok((path, class, sides, likeness))
        };
        let (path, class, sides, likeness) = match facts() {
            Ok(facts) => facts,
            Err(fault) => return Ok(Err(fault)),
        };
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let found = self.masks.binary_search_by(|at| last(&source.names()[*at]).cmp(file));
        let mask = match found {
            Ok(found) => {
                let at = self.masks[found];
                let Some(painted) = Painted::read(source, at, sink)? else { return Ok(Ok(())) };
                match scaled(&painted, self.size.unwrap_or(painted.size)) {
                    Some(mask) => Some(mask),
                    None => {
                        let message = "`MaskPath` names a picture without a pixel of the thing, or for one of more than 200 megapixels";
                        return Ok(Err(Fault::new("MaskPath", Code::OutOfRange, message)));
                    }
                }
            }
            Err(_) => {
                sink.lose("picture_of_mask_not_there", format!("{}: {path}", self.item.name));
                None
            }
        };
        let free =
            |at: &usize| matches!(self.item.marks[*at].place, Place::Shape(Shape::Box { .. }));
        let known = sides.and_then(|sides| self.boxes.get(&key(&class, sides)));
        let known = known.and_then(|marks| marks.iter().copied().find(free));
        let at = match (known, sides, &mask) {
            (Some(at), ..) => at,
            (None, Some(sides), _) if self.size.is_some() => match self.push(class, sides) {
                Ok(at) => at,
                Err(fault) => return Ok(Err(fault)),
            },
            (None, _, Some(_)) => {
                self.item.marks.push(Mark { class, ..Mark::default() });
                self.item.marks.len() - 1
            }
            (None, _, None) => return Ok(Ok(())),
        };
        let mark = &mut self.item.marks[at];
        if let Some(mask) = mask {
            mark.place = Place::Shape(Shape::Mask(mask));
        }
        mark.id = table.maybe(cells, "BoxID").map(str::to_owned);
        if let Some(likeness) = likeness {
            mark.attributes.insert("predicted_iou".into(), likeness.into());
        }
        if let Some(clicks) = table.maybe(cells, "Clicks") {
            mark.attributes.insert("clicks".into(), clicks.into());
        }
        Ok(Ok(()))
    }

    fn relation(&mut self, table: &Table, cells: &[String]) -> Result<(), Fault> {
        let mut names = ["RelationLabel", "RelationshipLabel"].into_iter();
        let name = names.find(|name| table.columns.contains_key(*name));
        let relation = table.text(cells, name.unwrap_or("RelationLabel"))?.to_owned();
        let second = self.class(table.text(cells, "LabelName2")?);
        let first = self.class(table.text(cells, "LabelName1")?);
        let sides = table.sides(cells, ["XMin1", "XMax1", "YMin1", "YMax1"])?;
        // What a thing is, and not another thing: a bottle that is transparent.
        if relation == "is" {
            let at = self.end(first, sides)?;
            self.item.marks[at].attributes.insert(second, true.into());
            return Ok(());
        }
        let other = table.sides(cells, ["XMin2", "XMax2", "YMin2", "YMax2"])?;
        let [from, to] = [self.end(first, sides)?, self.end(second, other)?];
        let [from, to] = [from, to].map(|at| self.name(at));
        self.item.links.push(Link { from, to, class: relation, mutual: false });
        Ok(())
    }

    /// The mark that a relation means.
    fn end(&mut self, class: String, sides: [f64; 4]) -> Result<usize, Fault> {
        match self.boxes.get(&key(&class, sides)).and_then(|marks| marks.first()) {
            Some(at) => Ok(*at),
            None => self.push(class, sides),
        }
    }

    /// The id of a mark, which gets one where it has none: relations go by ids.
    fn name(&mut self, at: usize) -> String {
        self.item.marks[at].id.get_or_insert_with(|| format!("box-{}", at + 1)).clone()
    }

    fn point(&mut self, table: &Table, cells: &[String], sink: &mut dyn Sink) -> Result<(), Fault> {
        let label = table.text(cells, "Label")?;
        let class = match self.classes.get(label) {
            Some(class) => class,
            None => table.maybe(cells, "TextLabel").unwrap_or(label),
        };
        let [x, y] = [table.part(cells, "X")?, table.part(cells, "Y")?];
        let said = table.text(cells, "EstimatedYesNo")?;
        let lack = match said.to_ascii_lowercase().as_str() {
            "yes" => None,
            "no" => Some("point_that_is_not_of_the_class"),
            "unsure" => Some("point_that_nobody_is_sure_of"),
            _ => {
                let message = format!("`EstimatedYesNo` is “{said}”: give yes, no or unsure");
                return Err(Fault::new("EstimatedYesNo", Code::UnknownValue, message));
            }
        };
        if let Some(lack) = lack {
            sink.lose(lack, format!("{}: {class}", self.item.name));
            return Ok(());
        }
        let [width, height] = self.sides_px()?;
        let shape = Shape::Points { points: vec![[x * width, y * height]] };
        let mut mark = Mark::shape(class, shape);
        for (field, key) in
            [("YesVotes", "yes_votes"), ("NoVotes", "no_votes"), ("UnsureVotes", "unsure_votes")]
        {
            if table.maybe(cells, field).is_some() {
                let votes = table.number(cells, field)?;
                mark.attributes.insert(key.into(), (votes as i64).into());
            }
        }
        self.item.marks.push(mark);
        Ok(())
    }
}

/// The pixels of a mask in a picture of another size (O2); none where there are no pixels, or too many.
fn scaled(painted: &Painted, [width, height]: [u32; 2]) -> Option<Mask> {
    let along =
        |at: u32, from: u32, to: u32| (u64::from(at) * u64::from(from) / u64::from(to)) as u32;
    let inside = |x, y| {
        let (x, y) = (along(x, painted.size[0], width), along(y, painted.size[1], height));
        (painted.colours[painted.at(x, y)] != [0; 3]).into()
    };
    masks([width, height], inside)?.remove(&1)
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The PNGs in the order of their names without folders: there may be millions of them.
fn by_name(source: &Source) -> Vec<usize> {
    let names = source.names();
    let mut list: Vec<usize> = (0..names.len()).filter(|at| names[*at].ends_with(".png")).collect();
    list.sort_unstable_by_key(|at| last(&names[*at]));
    list
}

const LIST_MAX_BYTES: u64 = 64 << 20;

/// What the machine ids are called.
fn classes(source: &mut Source, sink: &mut dyn Sink) -> Result<HashMap<String, String>, ReadError> {
    let mut classes = HashMap::new();
    for index in 0..source.names().len() {
        if !source.names()[index].contains("class-descriptions") {
            continue;
        }
        let text = source.text(index, LIST_MAX_BYTES)?;
        for line in String::from_utf8_lossy(&text).lines() {
            let Ok(cells) = cells(line) else { continue };
            let [id, name, ..] = &cells[..] else { continue };
            if id == "LabelName" {
                continue;
            }
            if classes.insert(id.clone(), name.clone()).is_none() {
                sink.class(&Class { name: name.clone(), ..Class::default() })?;
            }
        }
    }
    Ok(classes)
}

/// The sizes that a list `images.meta` gives: name, height and width.
fn sizes(source: &mut Source) -> Result<HashMap<String, [u32; 2]>, ReadError> {
    let mut sizes = HashMap::new();
    for index in 0..source.names().len() {
        if !source.names()[index].ends_with("images.meta") {
            continue;
        }
        let text = source.text(index, LIST_MAX_BYTES)?;
        for line in String::from_utf8_lossy(&text).lines() {
            let mut words = line.rsplit(' ').map(|word| word.trim_matches(['"', '\'']));
            let mut side = || words.next()?.parse::<u32>().ok().filter(|side| *side > 0);
            if let (Some(width), Some(height)) = (side(), side()) {
                let name: Vec<&str> = words.collect();
                let name = name.into_iter().rev().collect::<Vec<_>>().join(" ");
                sizes.insert(name, [width, height]);
            }
        }
    }
    Ok(sizes)
}

fn pictures(source: &Source) -> HashMap<String, usize> {
    let names = source.names().iter().enumerate();
    let pictures = names.filter(|(_, name)| is_picture(name) && !name.contains("masks/"));
    let mut known = HashMap::new();
    for (at, name) in pictures {
        let stem = twin(name, "");
        let stem = stem.trim_end_matches('.');
        known.insert(stem.rsplit('/').next().unwrap_or(stem).to_owned(), at);
        // An id may have folders of its own, below that of the pictures and of their part.
        if let Some((_, below)) = stem.rsplit_once("images/") {
            known.insert(below.to_owned(), at);
            if let Some((_, id)) = below.split_once('/') {
                known.insert(id.to_owned(), at);
            }
        }
    }
    known
}

pub(super) struct OpenImagesFiles {
    out: Outlet,
    names: Names,
    /// The boxes and the classes of each subset.
    subsets: BTreeMap<String, [csv::Writer<BufWriter<Made>>; 2]>,
}

impl OpenImagesFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone(), names: Names::default(), subsets: BTreeMap::new() })
    }
}

/// The machine id of a class: its own where it has one.
fn machine_id(names: &mut Names, class: &str) -> String {
    if class.starts_with("/m/") || class.starts_with("/g/") {
        return class.into();
    }
    format!("/m/{}", names.index(class))
}

impl Writer for OpenImagesFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let absent = item.metadata.get(ABSENT).and_then(Value::as_array);
        let absent: Option<Vec<&str>> =
            absent.and_then(|list| list.iter().map(Value::as_str).collect());
        lose_item(item, if absent.is_some() { &[ABSENT] } else { &[] }, losses);
        let file = item.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let id = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned();
        if item.name != format!("{id}.jpg") {
            losses.add("file_name", || item.name.clone());
        }
        if item.id.as_ref().is_some_and(|given| *given != id) {
            losses.add("item_id", || item.name.clone());
        }
        let subset = match item.subset.as_str() {
            "val" | "valid" | "validation" => "validation",
            "test" => "test",
            "" | "train" => "train",
            _ => {
                losses.add("subset", || format!("{}: {}", item.name, item.subset));
                "train"
            }
        };
        if !self.subsets.contains_key(subset) {
            let open = |part: &str, columns: &[&str]| -> io::Result<_> {
                let name = format!("annotations/{subset}-annotations-{part}.csv");
                let file = BufWriter::new(self.out.create(&name)?);
                let mut csv = csv::Writer::from_writer(file);
                csv.write_record(columns)?;
                Ok(csv)
            };
            let tables =
                [open("bbox", &BOX_COLUMNS)?, open("human-imagelabels", &BOX_COLUMNS[..4])?];
            self.subsets.insert(subset.into(), tables);
        }
        if item.marks.is_empty() && absent.as_ref().is_none_or(Vec::is_empty) {
            losses.add("item_without_marks", || item.name.clone());
        }
        let Some([boxes, wholes]) = self.subsets.get_mut(subset) else { return Ok(()) };
        for class in absent.unwrap_or_default() {
            let class = machine_id(&mut self.names, class);
            wholes.write_record([id.as_str(), "verification", &class, "0"])?;
        }
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes", "score", "crowd"], losses);
            if mark.class.is_empty() {
                losses.add("no_class", place);
                continue;
            }
            let class = machine_id(&mut self.names, &mark.class);
            let confidence = mark.score.unwrap_or(1.0).to_string();
            let shape = match &mark.place {
                Place::Shape(shape) => shape,
                Place::Whole => {
                    for key in mark.attributes.keys() {
                        losses.add("attributes", || format!("{}: {key}", place()));
                    }
                    if mark.crowd {
                        losses.add("crowd", place);
                    }
                    wholes.write_record([id.as_str(), "verification", &class, &confidence])?;
                    continue;
                }
                Place::Span { .. }
                | Place::Words(_)
                | Place::Cuboid(_)
                | Place::Time { .. }
                | Place::Frames { .. } => {
                    losses.add("words", place);
                    continue;
                }
                Place::Talk(talk) => {
                    losses.add(talk.kind(), place);
                    continue;
                }
            };
            let (Some(width), Some(height)) = (item.width, item.height) else {
                losses.add("size_unknown", place);
                continue;
            };
            if !matches!(shape, Shape::Box { .. }) {
                losses.add("outline_as_box", place);
            }
            for (key, value) in &mark.attributes {
                let known = FLAGS.iter().any(|(_, flag)| flag == key) && value.is_boolean();
                if !known {
                    losses.add("attributes", || format!("{}: {key}", place()));
                }
            }
            let [x, y, wide, high] = shape.bounds();
            let beyond = x + wide > f64::from(width) || y + high > f64::from(height);
            if x < 0.0 || y < 0.0 || beyond {
                losses.add("cut_at_the_edge", place);
            }
            let part = |at: f64, side: u32| (at / f64::from(side)).clamp(0.0, 1.0).to_string();
            let flag = |key: &str| match mark.attributes.get(key) {
                Some(value) if *value == json!(true) => "1",
                Some(value) if *value == json!(false) => "0",
                _ => "-1",
            };
            boxes.write_record([
                id.as_str(),
                "xclick",
                &class,
                &confidence,
                &part(x, width),
                &part(x + wide, width),
                &part(y, height),
                &part(y + high, height),
                flag("occluded"),
                flag("truncated"),
                if mark.crowd { "1" } else { "0" },
                flag("depiction"),
                flag("inside"),
            ])?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        for [boxes, wholes] in self.subsets.values_mut() {
            boxes.flush()?;
            wholes.flush()?;
        }
        let names = self.out.create("annotations/class-descriptions.csv")?;
        let mut csv = csv::Writer::from_writer(BufWriter::new(names));
        for (at, class) in self.names.list.iter().enumerate() {
            csv.write_record([format!("/m/{at}"), class.name.clone()])?;
        }
        csv.flush()
    }
}
