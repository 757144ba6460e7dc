//! COCO, written as it comes: annotations wait in a temporary file until the images are through.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufWriter, Seek, Write};
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::outlet::{Made, Outlet};
use super::source::Scratch;
use super::{Class, Item, Mark, Names, Place, Shape, Writer, lose_all_but_metadata, lose_mark};
use crate::loss::LossReport;

/// How many ids are remembered to keep them apart; beyond, only ids above all others are kept.
const IDS_MAX: usize = 4_000_000;
const SUBSETS_MAX: usize = 64;

/// One document, or in a folder one for each subset. Captions have documents of their own: where there are
/// categories, other readers look for the category of each annotation.
pub(super) struct CocoFiles {
    out: Outlet,
    single: bool,
    kind: &'static str,
    classes: Names,
    ids: Vec<i64>,
    documents: BTreeMap<(&'static str, String), Document>,
}

const CAPTIONS: &str = "captions";

struct Document {
    out: BufWriter<Made>,
    spool: BufWriter<Box<dyn Scratch>>,
    images: Ids,
    annotations: Ids,
    /// What is written next, kept for its room.
    row: Vec<u8>,
}

/// Ids that were given. Each range lies above the one before it; what was free between two of them is in `between`.
#[derive(Default)]
struct Ids {
    ranges: Vec<RangeInclusive<i64>>,
    between: HashSet<i64>,
    count: u64,
    largest: i64,
    spare: i64,
}

/// Where ids begin that are given to what shares one: not right behind the largest so far, since in a file
/// that is out of order the next one has that.
const SPARE_FIRST: i64 = 2_000_000_000;

impl Ids {
    /// The id that is wished for, if it is a number that nobody has.
    fn take(&mut self, wish: Option<&str>) -> i64 {
        self.count += 1;
        let wish = wish.and_then(|wish| wish.parse::<i64>().ok()).filter(|wish| *wish >= 0);
        match wish {
            Some(wish) if wish > self.largest || self.is_free(wish) => {
                self.mark(wish);
                wish
            }
            None => {
                let next = self.largest + 1;
                self.mark(next);
                next
            }
            Some(_) => {
                self.spare += 1;
                SPARE_FIRST.max(self.largest + 1) + self.spare
            }
        }
    }

    fn is_free(&self, id: i64) -> bool {
        let above = self.ranges.partition_point(|range| *range.start() <= id);
        let within = above > 0 && *self.ranges[above - 1].end() >= id;
        !within && self.remembered() < IDS_MAX && !self.between.contains(&id)
    }

    fn remembered(&self) -> usize {
        self.ranges.len() + self.between.len()
    }

    fn mark(&mut self, id: i64) {
        let next_to = self.ranges.last().is_some_and(|last| *last.end() + 1 == id);
        if let Some(last) = self.ranges.last_mut().filter(|_| next_to) {
            *last = *last.start()..=id;
        } else if self.remembered() >= IDS_MAX {
        } else if id > self.largest || self.ranges.is_empty() {
            self.ranges.push(id..=id);
        } else {
            self.between.insert(id);
        }
        self.largest = self.largest.max(id);
    }
}

impl CocoFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let single = out.is_one("json");
        Ok(Self {
            out: out.clone(),
            single,
            kind: "instances",
            classes: Names::default(),
            ids: Vec::new(),
            documents: BTreeMap::new(),
        })
    }

    /// A folder with documents of this kind.
    pub fn named(out: &Outlet, kind: &'static str) -> Self {
        let (out, single) = (out.clone(), false);
        let (classes, ids, documents) = Default::default();
        Self { out, single, kind, classes, ids, documents }
    }

    pub fn category(&mut self, name: &str) -> i64 {
        let index = self.classes.index(name);
        self.number_classes();
        self.ids[index]
    }

    /// Gives each class its own number: the one it had, or the next that is free.
    fn number_classes(&mut self) {
        for index in self.ids.len()..self.classes.list.len() {
            let wish = self.classes.list[index].id.filter(|id| !self.ids.contains(id));
            let next = self.ids.iter().max().map_or(1, |last| last + 1).max(1);
            self.ids.push(wish.unwrap_or(next));
        }
    }

    /// The name of the document of a subset, in the folder.
    pub fn file_of(&self, subset: &str) -> String {
        Self::file(self.kind, subset)
    }

    fn file(kind: &str, subset: &str) -> String {
        let plain = subset.chars().map(|c| if c.is_alphanumeric() { c } else { '-' });
        let name: String = plain.collect();
        let name = if name.is_empty() { "default".into() } else { name };
        format!("annotations/{kind}_{name}.json")
    }

    fn document(
        &mut self,
        kind: &'static str,
        subset: &str,
        losses: &mut LossReport,
    ) -> io::Result<&mut Document> {
        let many = self.documents.len() >= SUBSETS_MAX
            && !self.documents.contains_key(&(kind, subset.to_owned()));
        let key = if self.single || many { "" } else { subset };
        if key != subset {
            losses.add("subset", || subset.into());
        }
        let key = (kind, key.to_owned());
        if !self.documents.contains_key(&key) {
            let file = if !self.single {
                self.out.create(&Self::file(kind, &key.1))?
            } else if kind == CAPTIONS {
                // Where it belongs is known when it is known whether there are objects, too.
                Made::Waiting(self.out.scratch()?)
            } else {
                self.out.single()?
            };
            let mut out = BufWriter::with_capacity(256 << 10, file);
            out.write_all(b"{\"info\":{\"description\":\"\"},\"licenses\":[],\"images\":[")?;
            let spool = BufWriter::with_capacity(256 << 10, self.out.scratch()?);
            let (images, annotations, row) = Default::default();
            self.documents.insert(key.clone(), Document { out, spool, images, annotations, row });
        }
        self.documents.get_mut(&key).ok_or_else(|| io::Error::other("the document is gone"))
    }

    /// Writes the item with one annotation that another format of COCO makes of it.
    pub fn annotated(
        &mut self,
        item: &Item,
        losses: &mut LossReport,
        annotation: impl FnOnce(i64) -> Value,
    ) -> io::Result<()> {
        lose_all_but_metadata(item, losses);
        let document = self.document(self.kind, &item.subset, losses)?;
        let image = document.image(item, losses)?;
        document.annotations.count += 1;
        let comma = if document.annotations.count > 1 { ",\n" } else { "\n" };
        write!(document.spool, "{comma}{}", annotation(image))
    }

    fn categories(&mut self) -> Value {
        self.number_classes();
        let categories = self.classes.list.iter().zip(&self.ids).map(|(class, id)| {
            let parent = class.parent.as_deref().unwrap_or_default();
            let mut category = json!({ "id": id, "name": class.name, "supercategory": parent });
            if !class.keypoints.is_empty() {
                category["keypoints"] = json!(class.keypoints);
                category["skeleton"] = json!(class.skeleton);
            }
            if self.kind == "panoptic" || class.thing.is_some() {
                category["isthing"] = u8::from(class.thing.unwrap_or(true)).into();
            }
            category
        });
        categories.collect()
    }
}

impl Writer for CocoFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.classes.add(class);
        self.number_classes();
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_all_but_metadata(item, losses);
        let mut categories = Vec::with_capacity(item.marks.len());
        for mark in &item.marks {
            let id = if mark.class.is_empty() { None } else { Some(self.category(&mark.class)) };
            categories.push(id);
        }
        let is_caption =
            |mark: &Mark| mark.class.is_empty() && matches!(mark.place, Place::Words(_));
        let captions = item.marks.iter().filter(|mark| is_caption(mark)).count();
        if captions > 0 {
            let document = self.document(CAPTIONS, &item.subset, losses)?;
            let image = document.image(item, losses)?;
            for mark in item.marks.iter().filter(|mark| is_caption(mark)) {
                document.mark(item, image, mark, None, losses)?;
            }
        }
        if captions > 0 && captions == item.marks.len() {
            return Ok(());
        }
        let document = self.document(self.kind, &item.subset, losses)?;
        let image = document.image(item, losses)?;
        for (mark, category) in item.marks.iter().zip(categories) {
            if !is_caption(mark) {
                document.mark(item, image, mark, category, losses)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        if self.documents.is_empty() {
            self.document(self.kind, "", losses)?;
        }
        let categories = self.categories();
        // Where there is one document alone, no reader takes its name for a part of the data set.
        if let [(_, subset)] = &self.documents.keys().collect::<Vec<_>>()[..]
            && !subset.is_empty()
        {
            losses.add("subset", || subset.clone());
        }
        let objects = self.documents.keys().any(|(kind, _)| *kind != CAPTIONS);
        let documents = std::mem::take(&mut self.documents);
        for ((kind, _), document) in documents {
            let captions = kind == CAPTIONS;
            let mut out = document.finish((!captions).then_some(&categories))?;
            if let Made::Waiting(out) = &mut out {
                out.rewind()?;
                let mut file =
                    if objects { self.out.beside("_captions.json")? } else { self.out.single()? };
                io::copy(out, &mut file)?;
            }
        }
        Ok(())
    }
}

/// The width and the height, where both are known.
pub(super) fn size_of(item: &Item) -> Option<[u32; 2]> {
    Some([item.width?, item.height?])
}

impl Document {
    /// Lists the image, and answers its id.
    fn image(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<i64> {
        let image = self.images.take(item.id.as_deref());
        if item.id.is_some() && item.id != Some(image.to_string()) {
            losses.add("item_id", || item.name.clone());
        }
        let size = size_of(item);
        if size.is_none() {
            losses.add("size_unknown", || item.name.clone());
        }
        let row = &mut self.row;
        row.clear();
        row.extend_from_slice(if self.images.count > 1 { b",\n{" } else { b"\n{" });
        row.extend_from_slice(b"\"id\":");
        write_number(row, image)?;
        row.extend_from_slice(b",\"file_name\":");
        serde_json::to_writer(&mut *row, &item.name)?;
        if let Some([width, height]) = size {
            row.extend_from_slice(b",\"width\":");
            write_number(row, width.into())?;
            row.extend_from_slice(b",\"height\":");
            write_number(row, height.into())?;
        }
        for (key, value) in &item.metadata {
            if ["id", "file_name", "width", "height"].contains(&&key[..]) {
                losses.add("metadata", || format!("{}: {key}", item.name));
                continue;
            }
            row.push(b',');
            serde_json::to_writer(&mut *row, key)?;
            row.push(b':');
            serde_json::to_writer(&mut *row, value)?;
        }
        row.push(b'}');
        self.out.write_all(row)?;
        Ok(image)
    }

    /// Puts the annotations behind the images.
    fn finish(self, categories: Option<&Value>) -> io::Result<Made> {
        let Self { mut out, spool, .. } = self;
        out.write_all(b"\n],\n")?;
        if let Some(categories) = categories {
            writeln!(out, "\"categories\":{categories},")?;
        }
        out.write_all(b"\"annotations\":[")?;
        let mut spool = spool.into_inner().map_err(|error| error.into_error())?;
        spool.rewind()?;
        io::copy(&mut spool, &mut out)?;
        out.write_all(b"\n]}\n")?;
        out.into_inner().map_err(|error| error.into_error())
    }

    fn mark(
        &mut self,
        item: &Item,
        image: i64,
        mark: &Mark,
        category: Option<i64>,
        losses: &mut LossReport,
    ) -> io::Result<()> {
        let place = || format!("{}: {}", item.name, mark.class);
        lose_mark(item, mark, &["id", "attributes", "score", "track", "crowd"], losses);
        let shape = match &mark.place {
            Place::Shape(shape @ (Shape::Line { .. } | Shape::Points { .. })) => {
                losses.add(shape.kind(), place);
                return Ok(());
            }
            Place::Shape(shape) => Some(shape),
            Place::Whole | Place::Words(_) => None,
            Place::Span { .. } | Place::Cuboid(_) | Place::Time { .. } | Place::Frames { .. } => {
                losses.add("span", place);
                return Ok(());
            }
            Place::Talk(talk) => {
                losses.add(talk.kind(), place);
                return Ok(());
            }
        };
        if category.is_none() && !matches!(mark.place, Place::Words(_)) {
            losses.add("no_class", place);
            return Ok(());
        }
        if mark.crowd && shape.is_none() {
            losses.add("crowd", place);
        }
        let id = self.annotations.take(mark.id.as_deref());
        if mark.id.is_some() && mark.id != Some(id.to_string()) {
            losses.add("mark_id", place);
        }
        let out = &mut self.row;
        out.clear();
        out.extend_from_slice(if self.annotations.count > 1 {
            b",\n{\"id\":"
        } else {
            b"\n{\"id\":"
        });
        write_number(out, id)?;
        out.extend_from_slice(b",\"image_id\":");
        write_number(out, image)?;
        if let Some(category) = category {
            out.extend_from_slice(b",\"category_id\":");
            write_number(out, category)?;
        }
        if let Place::Words(words) = &mark.place {
            write!(out, ",\"caption\":{}", Value::from(words.as_str()))?;
        }
        if let Some(shape) = shape {
            write_shape(out, shape, &place, losses)?;
            out.extend_from_slice(if mark.crowd { b",\"iscrowd\":1" } else { b",\"iscrowd\":0" });
        }
        if let Some(score) = mark.score {
            write!(out, ",\"score\":{score}")?;
        }
        if let Some(track) = mark.track {
            write!(out, ",\"track_id\":{track}")?;
        }
        if !mark.attributes.is_empty() {
            write!(out, ",\"attributes\":{}", Value::Object(mark.attributes.clone()))?;
        }
        out.push(b'}');
        self.spool.write_all(out)
    }
}

/// A whole number, without what formatting costs.
fn write_number(out: &mut Vec<u8>, number: i64) -> io::Result<()> {
    Ok(serde_json::to_writer(out, &number)?)
}

fn write_shape(
    out: &mut impl Write,
    shape: &Shape,
    place: &dyn Fn() -> String,
    losses: &mut LossReport,
) -> io::Result<()> {
    let [x, y, width, height] = shape.bounds();
    let area = shape.area();
    out.write_all(b",\"bbox\":[")?;
    write_numbers(out, &[x, y, width, height])?;
    out.write_all(b"],\"area\":")?;
    write_numbers(out, &[area])?;
    out.write_all(b",\"segmentation\":")?;
    match shape {
        Shape::Polygon { points } => write_parts(out, std::slice::from_ref(points)),
        Shape::Parts { parts } => write_parts(out, parts),
        Shape::Turned { .. } => {
            losses.add("turned_box_as_polygon", place);
            write_parts(out, &[shape.corners()])
        }
        Shape::Mask(mask) => {
            let counts = Value::from(mask.counts.as_str());
            write!(out, "{{\"size\":[{},{}],\"counts\":{counts}}}", mask.height, mask.width)
        }
        Shape::Ellipse { .. } => {
            losses.add("ellipse_as_box", place);
            out.write_all(b"[]")
        }
        Shape::Keypoints { points, .. } => {
            let present = points.iter().filter(|point| point[2] > 0.0).count();
            write!(out, "[],\"num_keypoints\":{present},\"keypoints\":[")?;
            for (index, [x, y, seen]) in points.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                write!(out, "{comma}{x},{y},{seen}")?;
            }
            out.write_all(b"]")
        }
        Shape::Box { .. } | Shape::Line { .. } | Shape::Points { .. } | Shape::Solid { .. } => {
            out.write_all(b"[]")
        }
    }
}

fn write_parts(out: &mut impl Write, parts: &[Vec<[f64; 2]>]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, part) in parts.iter().enumerate() {
        out.write_all(if index > 0 { b",[" } else { b"[" })?;
        write_numbers(out, part.as_flattened())?;
        out.write_all(b"]")?;
    }
    out.write_all(b"]")
}

/// Numbers with commas between them, whole ones without a point.
fn write_numbers(out: &mut impl Write, numbers: &[f64]) -> io::Result<()> {
    const WHOLE_MAX: f64 = 1e15;
    for (index, number) in numbers.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        if number.fract() == 0.0 && number.abs() < WHOLE_MAX {
            serde_json::to_writer(&mut *out, &(*number as i64))?;
        } else {
            serde_json::to_writer(&mut *out, number)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_given_once() {
        const A: i64 = SPARE_FIRST + 1;
        for (wishes, wanted) in [
            (&[None, None, None][..], &[1, 2, 3][..]),
            (&[Some(0), Some(1), None, Some(1)], &[0, 1, 2, A]),
            (&[Some(5), Some(5), None, Some(2), Some(2), Some(6)], &[5, A, 6, 2, A + 1, A + 2]),
            (&[Some(9), Some(4), Some(5), Some(10), Some(4)], &[9, 4, 5, 10, A]),
            (&[Some(-3), None], &[1, 2]),
        ] {
            let mut ids = Ids::default();
            let given =
                wishes.iter().map(|wish| ids.take(wish.map(|id| id.to_string()).as_deref()));
            assert_eq!(given.collect::<Vec<_>>(), wanted, "{wishes:?}");
        }
    }
}
