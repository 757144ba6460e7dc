//! MOTS: the pixels of things through the frames of a video. A file for each sequence has a row for each thing in each
//! frame (`frame id class height width runs`), or a picture of numbers for each frame says whose each pixel is. A
//! number is a thousand times the class and the thing within it.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use image::{DynamicImage, ImageBuffer, Luma};

use super::coco_write::size_of;
use super::grouped::{Row, Rows};
use super::mot::{self, SEQUENCES_MAX, Sequences, sequence_of};
use super::outlet::Outlet;
use super::painted;
use super::panoptic::{decode, masks, paint};
use super::yolo::is_picture;
use super::{
    Class, Item, Mark, Mask, Place, ReadError, Shape, Sink, Source, Writer, add_mark, create_of,
    lose_item, lose_mark, refusal, twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

/// The classes that the numbers stand for where no `labels.txt` names them.
const CLASSES: [(u32, &str); 3] = [(1, "car"), (2, "pedestrian"), (10, "ignored")];
const EACH: u32 = 1000;
const PIXELS_MAX: u64 = 200_000_000;
const FILE_MAX_BYTES: u64 = 256 << 20;

/// Whether a file has the rows of a sequence.
fn is_rows(name: &str) -> bool {
    let file = format!("/{name}");
    let named = file.contains("/instances_txt/") && !file.ends_with("/labels.txt");
    (named && file.ends_with(".txt")) || file.ends_with("/gt/gt.txt")
}

fn is_numbers(name: &str) -> bool {
    format!("/{name}").contains("/instances/") && name.ends_with(".png")
}

pub(super) fn is_mots(name: &str) -> bool {
    is_numbers(name) || format!("/{name}").contains("/instances_txt/")
}

/// Whether a row is one of these, and not one of MOT, which has commas.
pub(super) fn is_row(row: &str) -> bool {
    let words: Vec<&str> = row.split_ascii_whitespace().collect();
    let [numbers @ .., _] = &words[..] else { return false };
    numbers.len() == 5 && numbers.iter().all(|word| word.parse::<u32>().is_ok())
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let alone = source.names().len() == 1;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if is_numbers(&name) {
            read_picture(source, index, &name, sink)?;
        } else if alone || is_rows(&name) {
            read_rows(source, index, &name, sink)?;
        }
    }
    Ok(())
}

/// The names of the classes: those of a file beside, or the three that are known.
struct Labels(Vec<String>);

impl Labels {
    fn find(source: &mut Source, folder: &str) -> Result<Self, ReadError> {
        let Some(index) = source.find(&format!("{folder}labels.txt")) else {
            return Ok(Self(Vec::new()));
        };
        let text = String::from_utf8_lossy(&source.text(index, 1 << 20)?).into_owned();
        let lines = text.lines().map(|line| line.trim().to_owned());
        Ok(Self(lines.filter(|line| !line.is_empty()).collect()))
    }

    fn name(&self, number: u32) -> String {
        let named = (number as usize).checked_sub(1).and_then(|at| self.0.get(at).cloned());
        let known = CLASSES.iter().find(|(known, _)| *known == number);
        named
            .or_else(|| known.map(|(_, name)| (*name).to_owned()))
            .unwrap_or_else(|| format!("class {number}"))
    }
}

fn read_rows(
    source: &mut Source,
    index: usize,
    name: &str,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let labels = Labels::find(source, &folder)?;
    // The challenge counts frames from 1, KITTI from 0.
    let challenge = format!("/{name}").ends_with("/gt/gt.txt");
    let (first, sequence) = if challenge {
        (1, format!("{}img1", folder.trim_end_matches("gt/")))
    } else {
        (0, twin(name, "").trim_end_matches('.').rsplit('/').next().unwrap_or(name).to_owned())
    };
    let mut rows = Rows::default();
    rows.index(source, index, sink, &mut |_, row| {
        let frame = row.split_ascii_whitespace().next().unwrap_or_default();
        let number = whole(frame, "frame")?;
        if number < first {
            let message = format!("`frame` is {number}: frames count from {first} here");
            return Err(Fault::new("frame", Code::OutOfRange, message));
        }
        Ok(Some(number.to_string()))
    })?;
    rows.each(sink, &mut |frame, rows, sink| {
        let frame: u64 = frame.parse().unwrap_or_default();
        let ending = if challenge { "jpg" } else { "png" };
        let mut item = Item {
            name: format!("{sequence}/{frame:06}.{ending}"),
            frame: Some(frame - u64::from(first)),
            ..Item::default()
        };
        for Row { line, bytes, .. } in rows {
            let read = row(&String::from_utf8_lossy(&bytes), &labels, &mut item);
            if !add_mark(&mut item, read, name, (line, &bytes), sink) {
                break;
            }
        }
        Ok(sink.item(item)?)
    })
}

fn whole(word: &str, field: &str) -> Result<u32, Fault> {
    word.parse().map_err(|_| {
        let shown: String = word.chars().take(40).collect();
        let message = format!("`{field}` is “{shown}”: give a whole number from 0 on");
        Fault::new(field, Code::WrongType, message)
    })
}

fn row(row: &str, labels: &Labels, item: &mut Item) -> Result<Mark, Fault> {
    const COLUMNS: [&str; 6] = ["frame", "id", "class", "height", "width", "runs"];
    let words: Vec<&str> = row.split_ascii_whitespace().collect();
    if words.len() != 6 {
        let field = COLUMNS.get(words.len()).copied().unwrap_or("runs");
        let message = format!("the row has {} columns: MOTS has 6", words.len());
        return Err(Fault::new(field, Code::MissingField, message));
    }
    let [id, class, height, width] = [1, 2, 3, 4].map(|at| whole(words[at], COLUMNS[at]));
    let (id, class, height, width) = (id?, class?, height?, width?);
    for (side, field) in [(height, "height"), (width, "width")] {
        if side == 0 {
            let message = format!("`{field}` is 0: give the size of the picture");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
    }
    let mask = Mask { height, width, counts: words[5].into() };
    if mask.runs().is_none() {
        let message = "`runs` does not fill the picture of this height and width";
        return Err(Fault::new("runs", Code::OutOfRange, message));
    }
    (item.width, item.height) = (Some(width), Some(height));
    Ok(Mark { track: Some(id.into()), ..Mark::shape(labels.name(class), Shape::Mask(mask)) })
}

fn read_picture(
    source: &mut Source,
    index: usize,
    name: &str,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let at = format!("/{name}").find("/instances/").unwrap_or_default();
    let (root, path) = (&name[..at], &name[at + "instances/".len()..]);
    let labels = Labels::find(source, &format!("{root}instances/"))?;
    let stem = twin(path, "");
    let pictures = ["images", "image_02"].map(|folder| format!("{root}{folder}/{stem}"));
    let found = pictures.iter().find_map(|stem| {
        let endings = ["jpg", "png", "jpeg"].iter();
        endings.map(|ending| format!("{stem}{ending}")).find(|name| source.find(name).is_some())
    });
    let ending = found
        .as_deref()
        .filter(|name| is_picture(name))
        .map_or("png", |name| name.rsplit('.').next().unwrap_or("png"));
    let refuse = |message: &str| refusal(name, 1, Fault::new("", Code::Unreadable, message), b"");
    let numbers = match decode(source.read(index, FILE_MAX_BYTES)?) {
        Some(DynamicImage::ImageLuma16(numbers)) => numbers,
        _ => {
            sink.refuse(refuse("this is no PNG of 16 bits a pixel: MOTS has its numbers in one"));
            return Ok(());
        }
    };
    let size = [numbers.width(), numbers.height()];
    let Some(masks) = masks(size, |x, y| numbers.get_pixel(x, y).0[0].into()) else {
        sink.refuse(refuse("the picture has too many pixels or things"));
        return Ok(());
    };
    let marks = masks.into_iter().map(|(number, mask)| Mark {
        track: Some(number.into()),
        ..Mark::shape(labels.name(number / EACH), Shape::Mask(mask))
    });
    sink.item(Item {
        name: format!("{stem}{ending}"),
        subset: root.trim_end_matches('/').rsplit('/').next().unwrap_or_default().into(),
        width: Some(size[0]),
        height: Some(size[1]),
        frame: stem.trim_end_matches('.').rsplit('/').next().and_then(|number| number.parse().ok()),
        marks: marks.collect(),
        ..Item::default()
    })?;
    Ok(())
}

/// Gives classes and things their numbers.
#[derive(Default)]
struct Numbers {
    classes: BTreeMap<u32, String>,
    things: HashMap<(String, String, Option<i64>), u32>,
    next: HashMap<(String, u32), u32>,
}

impl Numbers {
    fn class(&mut self, name: &str) -> u32 {
        if let Some((number, _)) = self.classes.iter().find(|(_, known)| *known == name) {
            return *number;
        }
        let known = CLASSES.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
        let free = |number: &u32| {
            !self.classes.contains_key(number) && CLASSES.iter().all(|(known, _)| known != number)
        };
        let number = known.or_else(|| (1..).find(free)).unwrap_or_default();
        self.classes.insert(number, name.into());
        number
    }

    /// The number of a thing in its sequence: the one it has, if that is of its class, or a new one.
    fn thing(&mut self, sequence: &str, mark: &Mark) -> (u32, Option<u32>) {
        let class = self.class(&mark.class);
        let own = mark.track.and_then(|track| u32::try_from(track).ok());
        if let Some(own) = own.filter(|own| own / EACH == class) {
            return (class, Some(own));
        }
        let key = (sequence.to_owned(), mark.class.clone(), mark.track);
        if let Some(number) = self.things.get(&key).filter(|_| mark.track.is_some()) {
            return (class, Some(*number));
        }
        let next = self.next.entry((sequence.into(), class)).or_insert(0);
        *next += 1;
        let number = (*next < EACH).then_some(class * EACH + *next);
        if let Some(number) = number {
            self.things.insert(key, number);
        }
        (class, number)
    }

    /// The names of all numbers up to the last, where any is beyond those that every reader knows.
    fn write(&self, out: &Outlet, file: &str) -> io::Result<()> {
        let own = |(number, name): (&u32, &String)| !CLASSES.contains(&(*number, name.as_str()));
        if !self.classes.iter().any(own) {
            return Ok(());
        }
        let mut labels = out.create(file)?;
        for number in 1..=self.classes.keys().max().copied().unwrap_or_default() {
            let known = CLASSES.iter().find(|(known, _)| *known == number);
            let name = self.classes.get(&number).map(String::as_str).or(known.map(|known| known.1));
            match name {
                Some(name) => writeln!(labels, "{}", name.replace(['\r', '\n'], " "))?,
                None => writeln!(labels, "class {number}")?,
            }
        }
        Ok(())
    }
}

/// The pixels of a mark, where it has any, and what of it is lost on the way.
fn pixels(item: &Item, mark: &Mark, losses: &mut LossReport) -> Option<Mask> {
    let place = || format!("{}: {}", item.name, mark.class);
    lose_mark(item, mark, &["track"], losses);
    let Place::Shape(shape) = &mark.place else {
        losses.add("class_of_the_whole", place);
        return None;
    };
    if mark.class.is_empty() {
        losses.add("no_class", place);
        return None;
    }
    let size = match shape {
        Shape::Mask(mask) => Some([mask.width, mask.height]),
        _ => size_of(item),
    };
    let Some([width, height]) = size else {
        losses.add("size_unknown", || item.name.clone());
        return None;
    };
    let mask = shape.mask(height, width);
    match (shape, &mask) {
        (_, None) => losses.add(shape.kind(), place),
        (Shape::Mask(_), _) => {}
        _ => losses.add("outline_as_pixels", place),
    }
    mask
}

/// A file of rows for each sequence.
pub(super) struct RowFiles {
    numbers: Numbers,
    sequences: Sequences,
}

impl RowFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let sequences = Sequences::new(out, "instances_txt")?;
        Ok(Self { numbers: Numbers::default(), sequences })
    }
}

impl Writer for RowFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let Some(place) = self.sequences.place(item, losses)? else { return Ok(()) };
        let mot::Spot { rows, sequence, frame, .. } = place;
        let file = item.name.rsplit(['/', '\\']).next().unwrap_or_default();
        if file != format!("{frame:06}.png") {
            losses.add("file_name", || item.name.clone());
        }
        for mark in &item.marks {
            let Some(mask) = pixels(item, mark, losses) else { continue };
            let (class, Some(number)) = self.numbers.thing(&sequence, mark) else {
                losses.add("more_than_999_things", || format!("{}: {}", item.name, mark.class));
                continue;
            };
            let Mask { height, width, counts } = mask;
            writeln!(rows, "{frame} {number} {class} {height} {width} {counts}")?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        self.numbers.write(&self.sequences.out, "instances_txt/labels.txt")?;
        self.sequences.finish()
    }
}

/// A picture of numbers for each frame.
pub(super) struct NumberFiles {
    out: Outlet,
    numbers: Numbers,
    subsets: Vec<String>,
}

impl NumberFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone(), numbers: Numbers::default(), subsets: Vec::new() })
    }
}

impl Writer for NumberFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        if item.id.is_some() {
            losses.add("item_id", || item.name.clone());
        }
        let size = size_of(item);
        let Some([width, height]) =
            size.filter(|[width, height]| u64::from(*width) * u64::from(*height) <= PIXELS_MAX)
        else {
            losses.add("size_unknown", || item.name.clone());
            return Ok(());
        };
        let sequence = sequence_of(&item.name);
        let mut numbers = vec![0_u32; width as usize * height as usize];
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            let Some(mask) = pixels(item, mark, losses) else { continue };
            if [mask.width, mask.height] != [width, height] {
                losses.add("mask_of_another_size", place);
                continue;
            }
            match self.numbers.thing(&sequence, mark) {
                (_, Some(number)) if number <= u16::MAX.into() => {
                    if paint(&mask, number, &mut numbers) {
                        losses.add("covered_in_part", place);
                    }
                }
                _ => losses.add("more_than_999_things", place),
            }
        }
        if !item.name.ends_with(".png") {
            losses.add("file_name", || item.name.clone());
        }
        let named = twin(item.name.rsplit(['/', '\\']).next().unwrap_or_default(), "");
        let counted = named.trim_end_matches('.').parse().ok();
        if item.frame.is_some() && item.frame != counted {
            losses.add("frame", || item.name.clone());
        }
        let plain =
            item.subset.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' });
        let subset: String = plain.collect();
        let root = if subset.is_empty() { String::new() } else { format!("{subset}/") };
        if !self.subsets.contains(&root) && self.subsets.len() < SEQUENCES_MAX {
            self.subsets.push(root.clone());
        }
        let path = format!("{root}instances/{}", twin(&item.name, "png"));
        let Some(file) = create_of(item, &self.out, &path, losses)? else { return Ok(()) };
        let numbers: Vec<u16> = numbers.into_iter().map(|number| number as u16).collect();
        let picture = ImageBuffer::<Luma<u16>, _>::from_raw(width, height, numbers);
        let picture = picture.ok_or_else(|| io::Error::other("a picture of no size"))?;
        let picture = DynamicImage::ImageLuma16(picture);
        painted::png(&picture, file)
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        let mut roots = self.subsets.iter();
        roots.try_for_each(|root| {
            self.numbers.write(&self.out, &format!("{root}instances/labels.txt"))
        })
    }
}
