//! Pascal VOC as items: the XML itself is read and written by [`crate::voc`], masks by [`voc_masks`].

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::outlet::{Made, Outlet};
use super::source::whole;
use super::voc_masks::{Masks, Painter, bare, split};
use super::yolo::is_picture;
use super::{
    Class, Item, Mark, Place, ReadError, Shape, Sink, Source, Writer, create_of, lose_item,
    lose_mark, refusal, twin,
};
use crate::loss::LossReport;
use crate::ontology::Classes;
use crate::row::{Code, Fault};
use crate::text::as_declared;
use crate::voc::{self, FILE_MAX_BYTES, VocError};

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let subsets = subsets(source)?;
    let masks = Masks::find(source, sink)?;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".xml") {
            continue;
        }
        let xml = match as_declared(source.text(index, FILE_MAX_BYTES as u64)?) {
            Ok(xml) => xml,
            Err(letters) => {
                let message = format!("the file says that it is in {letters}: save it as UTF-8");
                sink.refuse(whole(&name, Code::NotText, &message));
                continue;
            }
        };
        let picture = match voc::read(&xml) {
            Ok(picture) => picture,
            Err(error) => {
                let field = if let VocError::BadSize { field } = error { field } else { "" };
                let code = match error {
                    VocError::NotText => Code::NotText,
                    VocError::TooLong | VocError::TooManyObjects => Code::TooLong,
                    VocError::TooDeep => Code::TooDeep,
                    VocError::BadSize { .. } => Code::WrongType,
                    _ => Code::NotXml,
                };
                sink.refuse(refusal(&name, 1, Fault::new(field, code, error.to_string()), b""));
                continue;
            }
        };
        for (object, field) in &picture.broken {
            let field = format!("object[{object}].{field}");
            let message = format!(
                "`{field}` is missing or makes no sense: give a name and a box with xmin < xmax and ymin < ymax"
            );
            sink.refuse(refusal(&name, 1, Fault::new(&field, Code::OutOfRange, message), b""));
        }
        for (kind, loss) in &picture.losses.losses {
            if *kind != "broken_object" {
                // Of many, a few are told as examples, and all are counted.
                for nth in 0..loss.count as usize {
                    let example = loss.examples.get(nth).or(loss.examples.last());
                    let example = example.map(String::as_str).unwrap_or_default();
                    sink.lose(kind, format!("{name}: {example}"));
                }
            }
        }
        if picture.width == Some(0) || picture.height == Some(0) {
            sink.refuse(whole(
                &name,
                Code::OutOfRange,
                "`size` is 0: give width and height in pixels",
            ));
            continue;
        }
        let marks = picture.objects.into_iter().map(|object| {
            let voc::VocObject { name, shape, attributes } = object;
            Mark { attributes, ..Mark::shape(name, shape) }
        });
        let marks = marks.collect();
        let (width, height) = (picture.width, picture.height);
        let (root, stem) = name.rsplit_once("Annotations/").unwrap_or(("", &name));
        let stem = stem.trim_end_matches(".xml");
        let file = match picture.file_name {
            file if file.is_empty() => twin(&name, "jpg"),
            // Supervisely leaves out what the picture is.
            file if !is_picture(&file) => pictured(source, root, &file).unwrap_or(file),
            file => file,
        };
        let subset = subsets.get(stem).cloned().unwrap_or_else(|| subset_of_folder(&name));
        let mut item = Item { name: file, subset, width, height, marks, ..Item::default() };
        masks.join(source, (root, stem), &mut item, sink)?;
        sink.item(item)?;
    }
    read_masks(source, &masks, &subsets, sink)
}

/// The name of the picture of this stem, where it is there.
fn pictured(source: &Source, root: &str, stem: &str) -> Option<String> {
    let endings = ["jpg", "jpeg", "png", "bmp", "webp", "tif", "JPG", "JPEG"];
    let mut names = endings.into_iter().map(|ending| format!("{stem}.{ending}"));
    names.find(|name| source.find(&format!("{root}JPEGImages/{name}")).is_some())
}

/// The pictures that have masks and no XML.
fn read_masks(
    source: &mut Source,
    masks: &Masks,
    subsets: &HashMap<String, String>,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let Some((root, stem)) = split(&name) else { continue };
        // Told with its XML, or with the picture of its classes, which comes first.
        let first = format!("{root}SegmentationClass/{stem}.png");
        let is_told = |stem| source.find(&format!("{root}Annotations/{stem}.xml")).is_some();
        let told = is_told(stem) || bare(stem).is_some_and(is_told);
        if told || first != name && source.find(&first).is_some() {
            continue;
        }
        let mut item = Item {
            name: pictured(source, root, stem).unwrap_or_else(|| format!("{stem}.jpg")),
            subset: subsets.get(stem).cloned().unwrap_or_default(),
            ..Item::default()
        };
        if masks.join(source, (root, stem), &mut item, sink)? {
            sink.item(item)?;
        }
    }
    Ok(())
}

/// The folder that says to which part of the data set a file belongs (`train/a.xml`), as Roboflow has them.
fn subset_of_folder(name: &str) -> String {
    let mut folders = name.rsplit('/').skip(1);
    let is_subset =
        |part: &&str| matches!(*part, "train" | "valid" | "val" | "validation" | "test");
    folders.find(is_subset).unwrap_or_default().to_owned()
}

/// The subset of each picture that a list in `ImageSets` names, `Main` before `Segmentation`; the lists of single
/// classes, with their second column, say nothing of subsets.
fn subsets(source: &mut Source) -> Result<HashMap<String, String>, ReadError> {
    const LIST_MAX_BYTES: u64 = 64 << 20;
    let mut subsets = HashMap::new();
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        let lists = ["Main", "Segmentation"].map(|list| format!("ImageSets/{list}/"));
        let Some((_, file)) = lists.iter().find_map(|list| name.rsplit_once(list)) else {
            continue;
        };
        let subset = file.trim_end_matches(".txt");
        if subset == "default" || subset == "trainval" || subset.contains('/') {
            continue;
        }
        let text = source.text(index, LIST_MAX_BYTES)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !line.contains(char::is_whitespace) {
                // Supervisely lists the files, others only their stems.
                let stem = if is_picture(line) { line.rsplit_once('.') } else { None };
                let stem = stem.map_or(line, |(stem, _)| stem);
                subsets.entry(stem.to_owned()).or_insert_with(|| subset.to_owned());
            }
        }
    }
    Ok(subsets)
}

pub(super) struct VocFiles {
    out: Outlet,
    /// The lists of pictures, one for each subset: many readers find the pictures by them only.
    lists: BTreeMap<String, BufWriter<Made>>,
    painter: Painter,
}

const SUBSETS_MAX: usize = 64;

impl VocFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone(), lists: BTreeMap::new(), painter: Painter::default() })
    }
}

impl VocFiles {
    fn list(&mut self, folder: &str, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let plain =
            item.subset.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' });
        let mut subset: String = plain.collect();
        let known = self.lists.contains_key(&format!("{folder}/{subset}"));
        if subset.is_empty() || (self.lists.len() >= SUBSETS_MAX && !known) {
            if !subset.is_empty() {
                losses.add("subset", || format!("{}: {}", item.name, item.subset));
            }
            subset = "default".into();
        }
        let list = format!("{folder}/{subset}");
        if !self.lists.contains_key(&list) {
            let file = self.out.create(&format!("ImageSets/{list}.txt"))?;
            self.lists.insert(list.clone(), BufWriter::new(file));
        }
        let name = twin(&item.name, "");
        match self.lists.get_mut(&list) {
            Some(list) => writeln!(list, "{}", name.trim_end_matches('.')),
            None => Ok(()),
        }
    }
}

impl Writer for VocFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.painter.class(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let file = format!("Annotations/{}", twin(&item.name, "xml"));
        let Some(out) = create_of(item, &self.out, &file, losses)? else { return Ok(()) };
        lose_item(item, &[], losses);
        if item.id.is_some() {
            losses.add("item_id", || item.name.clone());
        }
        let shown = self.painter.item(&self.out, item, losses)?;
        let mut objects = Vec::new();
        for (mark, shown) in item.marks.iter().zip(&shown) {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes"], losses);
            let shape = match &mark.place {
                Place::Shape(shape) if !mark.class.is_empty() => shape,
                Place::Shape(_) => {
                    losses.add("no_class", place);
                    continue;
                }
                Place::Whole => {
                    losses.add("class_of_the_whole", place);
                    continue;
                }
                Place::Words(_)
                | Place::Span { .. }
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
            if !matches!(shape, Shape::Box { .. }) && !shown {
                losses.add("outline_as_box", place);
            }
            let [x, y, width, height] = shape.bounds();
            let shape = Shape::Box { x, y, width, height };
            objects.push(json!({
                "id": mark.class, "class": mark.class, "shape": shape.write(),
                "attributes": mark.attributes,
            }));
        }
        let mut names: Vec<&str> = item.marks.iter().map(|mark| mark.class.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let classes: Vec<Value> = names.iter().map(|name| json!({ "key": name })).collect();
        let classes = Classes::read(&json!({ "classes": classes })).map_err(io::Error::other)?;
        let size = match (item.width, item.height) {
            (Some(width), Some(height)) => [width, height],
            _ => {
                losses.add("size_unknown", || item.name.clone());
                [0, 0]
            }
        };
        self.list("Main", item, losses)?;
        let segmented = shown.contains(&true);
        if segmented {
            self.list("Segmentation", item, losses)?;
        }
        let mut out = BufWriter::new(out);
        let answer = json!({ "objects": objects });
        let about = voc::About { file_name: &item.name, size, segmented };
        voc::write(&mut out, about, &answer, &classes, losses)?;
        out.flush()
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.lists.values_mut().try_for_each(BufWriter::flush)?;
        self.painter.finish(&self.out)
    }
}
