//! Open Images: boxes and classes of whole pictures as CSV, coordinates as parts of the picture's sides, classes
//! by machine ids that `class-descriptions.csv` spells out. The pictures, or a list of their sizes, must be
//! there: without a size a part of it is no pixel.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufWriter};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::grouped::{Row, Rows, cells, number};
use super::yolo::is_picture;
use super::{
    Class, Item, MARKS_MAX, Mark, Names, Place, ReadError, Shape, Sink, Source, Writer, create,
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

/// Whether the first line is that of a file of boxes or of classes.
pub(super) fn is_header(line: &str) -> bool {
    line.starts_with("ImageID,Source,LabelName,Confidence")
}

/// What a file that lies beside the boxes tells, and this reader does not take: by its first line.
pub(super) fn is_beside(line: &str) -> Option<&'static str> {
    let kinds = [
        ("MaskPath,ImageID,", "mask_file"),
        ("ImageID,LabelName1,", "relation"),
        ("ImageId,X,Y,Label", "point_label"),
    ];
    kinds.iter().find(|(start, _)| line.starts_with(start)).map(|(_, kind)| *kind)
}

struct Table {
    columns: HashMap<String, usize>,
    subset: String,
}

impl Table {
    fn new(name: &str, header: &str) -> Self {
        let columns = header.trim().split(',').enumerate();
        let columns = columns.map(|(at, column)| (column.trim().to_owned(), at)).collect();
        let file = name.rsplit('/').next().unwrap_or(name);
        let subset = ["train", "validation", "test"].into_iter().find(|part| file.contains(part));
        Self { columns, subset: subset.unwrap_or_default().into() }
    }

    fn number(&self, cells: &[String], field: &str) -> Result<f64, Fault> {
        number(cells, self.columns.get(field).copied().unwrap_or(usize::MAX), field)
    }

    fn text<'a>(&self, cells: &'a [String], field: &str) -> Result<&'a str, Fault> {
        let cell = self.columns.get(field).and_then(|at| cells.get(*at));
        let missing = || Fault::new(field, Code::MissingField, format!("`{field}` is missing"));
        cell.map(String::as_str).filter(|text| !text.is_empty()).ok_or_else(missing)
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
        if let Some(kind) = is_beside(&header) {
            rows_of(source, index, &mut || sink.lose(kind, name.clone()))?;
        }
        if !is_header(&header) {
            continue;
        }
        let table = Table::new(&name, &header);
        for column in table.columns.keys() {
            let click = column.starts_with("XClick") || column.starts_with("YClick");
            if !BOX_COLUMNS.contains(&&column[..]) && !click {
                sink.lose("column_not_read", format!("{name}: {column}"));
            }
        }
        rows.index(source, index, sink, &mut |line, row| {
            if line == 1 {
                return Ok(None);
            }
            table.text(&cells(row)?, "ImageID").map(|id| Some(id.to_owned()))
        })?;
        tables.push(table);
    }
    let files: Vec<String> = (0..tables.len()).map(|number| rows.file(number).into()).collect();
    rows.each(sink, &mut |id, rows, sink| {
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
        let mut item = Item { name, id: Some(id.into()), width, height, ..Item::default() };
        for Row { file, line, bytes } in rows {
            let table = &tables[file];
            item.subset.clone_from(&table.subset);
            match mark(&String::from_utf8_lossy(&bytes), table, size, &classes) {
                Ok(Some(_)) if item.marks.len() >= MARKS_MAX => {
                    let message = "there are more than 50,000 objects in one picture";
                    let fault = Fault::new("ImageID", Code::OutOfRange, message);
                    sink.refuse(refusal(&files[file], line, fault, &bytes));
                    break;
                }
                Ok(Some(mark)) => item.marks.push(mark),
                Ok(None) => sink.lose("verified_absent", String::from_utf8_lossy(&bytes).into()),
                Err(fault) => sink.refuse(refusal(&files[file], line, fault, &bytes)),
            }
        }
        Ok(sink.item(item)?)
    })
}

/// Tells each row of a file but the first.
fn rows_of(source: &mut Source, index: usize, tell: &mut dyn FnMut()) -> Result<(), ReadError> {
    for line in source.stream(index)?.split(b'\n').skip(1) {
        if !line?.trim_ascii().is_empty() {
            tell();
        }
    }
    Ok(())
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

/// What a row says; nothing where it says that a class is not there.
fn mark(
    row: &str,
    table: &Table,
    size: Option<[u32; 2]>,
    classes: &HashMap<String, String>,
) -> Result<Option<Mark>, Fault> {
    let cells = cells(row)?;
    let label = table.text(&cells, "LabelName")?;
    let class = classes.get(label).map_or(label, String::as_str);
    let confidence = table.number(&cells, "Confidence")?;
    let score = (confidence != 1.0).then_some(confidence);
    if !table.columns.contains_key("XMin") {
        let here = Mark { score, ..Mark::whole(class) };
        return Ok((confidence != 0.0).then_some(here));
    }
    let Some([width, height]) = size.map(|size| size.map(f64::from)) else {
        let message = "the size of the picture is not known: put the picture, or `images.meta`, beside the labels";
        return Err(Fault::new("ImageID", Code::MissingField, message));
    };
    let mut sides = [0.0; 4];
    for (side, field) in sides.iter_mut().zip(["XMin", "XMax", "YMin", "YMax"]) {
        *side = table.number(&cells, field)?;
        if !(0.0..=1.0).contains(side) {
            let message = format!("`{field}` is {side}: give a part of the picture, 0 to 1");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
    }
    let [left, right, top, bottom] = sides;
    for (low, high, field) in [(left, right, "XMax"), (top, bottom, "YMax")] {
        if high <= low {
            let message = format!("`{field}` is {high}, which is not beyond {low}");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
    }
    let (x, y) = (left * width, top * height);
    let shape = Shape::Box { x, y, width: right * width - x, height: bottom * height - y };
    let mut mark = Mark { score, ..Mark::shape(class, shape) };
    for (field, key) in FLAGS {
        let flag = table.columns.get(field).and_then(|at| cells.get(*at));
        match flag.map(String::as_str) {
            Some("1") => mark.attributes.insert(key.into(), true.into()),
            Some("0") => mark.attributes.insert(key.into(), false.into()),
            _ => None,
        };
    }
    let crowd = table.columns.get("IsGroupOf").and_then(|at| cells.get(*at));
    mark.crowd = crowd.is_some_and(|cell| cell == "1");
    Ok(Some(mark))
}

pub(super) struct OpenImagesFiles {
    out: PathBuf,
    names: Names,
    /// The boxes and the classes of each subset.
    subsets: BTreeMap<String, [csv::Writer<BufWriter<File>>; 2]>,
}

impl OpenImagesFiles {
    pub fn new(out: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(out)?;
        Ok(Self { out: out.into(), names: Names::default(), subsets: BTreeMap::new() })
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
        lose_item(item, losses);
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
                let file = BufWriter::new(create(&self.out, &name)?);
                let mut csv = csv::Writer::from_writer(file);
                csv.write_record(columns)?;
                Ok(csv)
            };
            let tables =
                [open("bbox", &BOX_COLUMNS)?, open("human-imagelabels", &BOX_COLUMNS[..4])?];
            self.subsets.insert(subset.into(), tables);
        }
        if item.marks.is_empty() {
            losses.add("item_without_marks", || item.name.clone());
        }
        let Some([boxes, wholes]) = self.subsets.get_mut(subset) else { return Ok(()) };
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
        let names = create(&self.out, "annotations/class-descriptions.csv")?;
        let mut csv = csv::Writer::from_writer(BufWriter::new(names));
        for (at, class) in self.names.list.iter().enumerate() {
            csv.write_record([format!("/m/{at}"), class.name.clone()])?;
        }
        csv.flush()
    }
}
