//! The masks of Pascal VOC, in the two pictures that an item may have beside its XML: `SegmentationClass` says by colour
//! of which class a pixel is, `SegmentationObject` which thing it belongs to. The rules:
//!
//! - **M1** Colours are those of `labelmap.txt`; without it they are the twenty classes that VOC began with. A colour
//!   that stands for nothing is refused with its file. A picture in grey has the places of the classes in that list.
//! - **M2** A thing is of the class that most of its pixels have. What has a class and is no thing is one mask a class.
//! - **M3** A mask and a box of the same class that lie in one place are the same thing: one mark, with the mask as its
//!   shape and what the XML says of the box.
//! - **M4** What is void in either picture belongs to nothing.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::coco_write::size_of;
use super::outlet::Outlet;
use super::overlap::{Seen, closest};
use super::painted::{self, Colour, Painted, VOID, colour, number_of};
use super::panoptic::{masks, paint};
use super::source::whole;
use super::{
    Class, Item, Mark, Mask, Names, Place, ReadError, Shape, Sink, Source, add_mark, create_of,
    refusal, twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const CLASSES: &str = "SegmentationClass/";
const OBJECTS: &str = "SegmentationObject/";
const LABELS: &str = "labelmap.txt";
/// What Supervisely calls such a list.
const COLOURS: &str = "colors.txt";
const LINE: &str = "name:red,green,blue::";
const LABELS_MAX_BYTES: u64 = 4 << 20;
/// How many pairs of a thing and a class are counted in one picture.
const VOTES_MAX: usize = 1_000_000;
/// How many things have a colour that every reader knows.
const THINGS_MAX: u32 = 254;

/// What the classes were called before there were lists of them; the first is the background.
const FIRST: [&str; 21] = [
    "background",
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
];

/// The folder of the data set and the path in it, of a picture of classes or of things.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    let stem = name.strip_suffix(".png")?;
    [CLASSES, OBJECTS].into_iter().find_map(|folder| {
        let at = stem.find(folder).filter(|at| *at == 0 || stem[..*at].ends_with('/'))?;
        Some((&stem[..at], &stem[at + folder.len()..]))
    })
}

/// A stem without what Supervisely sets behind it.
pub(super) fn bare(stem: &str) -> Option<&str> {
    stem.strip_suffix("_class").or_else(|| stem.strip_suffix("_instance"))
}

/// Says whether a file is a picture of classes or of things, which is about the picture of the same name.
pub fn is_mask(name: &str) -> bool {
    split(name).is_some()
}

/// The classes of one folder, in the order of its list, with their colours.
pub(super) struct Labels {
    pub list: Vec<(String, Colour)>,
    /// The file of the list, and one of its lines.
    file: [&'static str; 2],
    given: bool,
}

impl Labels {
    /// What is meant where there is no list.
    pub fn known(list: Vec<(String, Colour)>, file: [&'static str; 2]) -> Self {
        Self { list, file, given: false }
    }

    fn first() -> Self {
        let list = FIRST.iter().zip(0..).map(|(name, number)| ((*name).into(), colour(number)));
        Self::known(list.collect(), [LABELS, LINE])
    }

    /// The rows of a list, of which some may have no colour.
    pub fn given(mut rows: Vec<(String, Option<Colour>)>, file: [&'static str; 2]) -> Self {
        if !rows.iter().any(|(name, colour)| name == FIRST[0] || *colour == Some([0; 3])) {
            rows.insert(0, (FIRST[0].into(), Some([0; 3])));
        }
        // Where no class has a colour, they have those of their places.
        let bare = rows.iter().all(|(_, colour)| colour.is_none_or(|colour| colour == [0; 3]));
        let list = rows.into_iter().zip(0..).filter_map(|((name, said), place)| {
            Some((name, if bare { colour(place) } else { said? }))
        });
        Self { list: list.collect(), file, given: true }
    }

    /// Tells the classes that a list has.
    pub fn tell(&self, sink: &mut dyn Sink) -> io::Result<()> {
        let mut classes = self.list.iter().filter(|(name, _)| !Self::is_nothing(name));
        classes
            .try_for_each(|(name, _)| sink.class(&Class { name: name.clone(), ..Class::default() }))
    }

    fn read(name: &str, text: &str, sink: &mut dyn Sink) -> Self {
        let mut rows: Vec<(String, Option<Colour>)> = Vec::new();
        for (line, row) in (1..).zip(text.lines()) {
            let row = row.trim();
            if row.is_empty() || row.starts_with('#') {
                continue;
            }
            let mut cells = row.split(':').map(str::trim);
            let class = cells.next().unwrap_or_default();
            let said = cells.next().unwrap_or_default();
            let parts: Vec<_> = said.split(',').map(|part| part.trim().parse::<u8>()).collect();
            let colour = match &parts[..] {
                _ if said.is_empty() => Some(None),
                [Ok(red), Ok(green), Ok(blue)] => Some(Some([*red, *green, *blue])),
                _ => None,
            };
            let wrong = match colour {
                None => Some((
                    "color",
                    format!("`color` is “{said}”: give red, green and blue, 0 to 255"),
                )),
                _ if class.is_empty() => Some(("name", "the class has no name".into())),
                _ if rows.iter().any(|(known, _)| known == class) => {
                    Some(("name", format!("the class “{class}” is listed twice")))
                }
                _ => None,
            };
            match wrong {
                Some((field, message)) => {
                    let fault = Fault::new(field, Code::OutOfRange, message);
                    sink.refuse(refusal(name, line, fault, row.as_bytes()));
                }
                None => rows.push((class.into(), colour.flatten())),
            }
        }
        Self::given(rows, [LABELS, LINE])
    }

    /// `name red green blue`, as Supervisely writes it; where nothing is decided is a class there.
    fn listed(text: &str) -> Self {
        let row = |line: &str| {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let (name, parts) = words.split_last_chunk::<3>()?;
            let mut said = [0; 3];
            for (part, word) in said.iter_mut().zip(parts) {
                *part = word.parse().ok()?;
            }
            (!name.is_empty() && number_of(said) != VOID).then(|| (name.join(" "), Some(said)))
        };
        Self::given(text.lines().filter_map(row).collect(), [COLOURS, "name red green blue"])
    }

    fn is_nothing(name: &str) -> bool {
        matches!(&name.to_ascii_lowercase()[..], "background" | "ignored" | "void" | "unlabelled")
    }

    /// Whether each colour of a picture stands for something.
    fn know(&self, painted: &Painted) -> bool {
        painted.colours.iter().all(|colour| self.meaning(painted, *colour).is_some())
    }

    /// What a colour of a picture stands for: a place in the list from 1, or 0 for nothing; none where it is unknown.
    fn meaning(&self, painted: &Painted, said: Colour) -> Option<u32> {
        let at = if painted.grey {
            Some(usize::from(said[0])).filter(|at| *at < self.list.len())
        } else {
            self.list.iter().position(|(_, colour)| *colour == said)
        };
        match at {
            Some(at) if Self::is_nothing(&self.list[at].0) => Some(0),
            Some(at) => Some(at as u32 + 1),
            None => (said == [0; 3] || is_void(painted, said)).then_some(0),
        }
    }
}

fn is_void(painted: &Painted, said: Colour) -> bool {
    if painted.grey { u32::from(said[0]) == VOID } else { number_of(said) == VOID }
}

/// The lists of classes that are there, by their folders.
pub(super) struct Masks {
    labels: HashMap<String, Labels>,
    first: Labels,
}

impl Masks {
    pub fn find(source: &mut Source, sink: &mut dyn Sink) -> Result<Self, ReadError> {
        let mut labels = HashMap::new();
        for index in 0..source.names().len() {
            let name = source.names()[index].clone();
            let Some(root) = name.strip_suffix(LABELS) else { continue };
            let text = source.text(index, LABELS_MAX_BYTES)?;
            let read = Labels::read(&name, &String::from_utf8_lossy(&text), sink);
            read.tell(sink)?;
            labels.insert(root.to_owned(), read);
        }
        for index in 0..source.names().len() {
            let name = source.names()[index].clone();
            let Some(root) = name.strip_suffix(COLOURS) else { continue };
            if labels.contains_key(root) || !(root.is_empty() || root.ends_with('/')) {
                continue;
            }
            let text = source.text(index, LABELS_MAX_BYTES)?;
            let read = Labels::listed(&String::from_utf8_lossy(&text));
            read.tell(sink)?;
            labels.insert(root.to_owned(), read);
        }
        Ok(Self { labels, first: Labels::first() })
    }

    /// Adds what the pictures of classes and of things say about an item; whether any of them could be read.
    pub fn join(
        &self,
        source: &mut Source,
        (root, stem): (&str, &str),
        item: &mut Item,
        sink: &mut dyn Sink,
    ) -> Result<bool, ReadError> {
        let files = [(CLASSES, "_class"), (OBJECTS, "_instance")].map(|(folder, end)| {
            let [plain, ended] = ["", end].map(|end| format!("{root}{folder}{stem}{end}.png"));
            if source.find(&plain).is_none() && source.find(&ended).is_some() {
                ended
            } else {
                plain
            }
        });
        let mut found = files.each_ref().map(|_| None);
        for (file, found) in files.iter().zip(&mut found) {
            let Some(at) = source.find(file) else { continue };
            let Some(painted) = Painted::read(source, at, sink)? else { continue };
            let given = size_of(item).unwrap_or(painted.size);
            if painted.size != given {
                let [width, height] = given;
                let message =
                    format!("the picture has not the size of its item, {width} × {height}");
                sink.refuse(whole(file, Code::OutOfRange, &message));
                continue;
            }
            [item.width, item.height] = painted.size.map(Some);
            *found = Some(painted);
        }
        let labels = self.labels.get(root).unwrap_or(&self.first);
        // Supervisely's library takes the one for the other.
        if let [Some(classes), Some(things)] = &found
            && !labels.know(classes)
            && labels.know(things)
        {
            found.swap(0, 1);
        }
        let [classes, things] = &found;
        let voids = [classes, things]
            .into_iter()
            .flatten()
            .any(|painted| painted.colours.iter().any(|colour| is_void(painted, *colour)));
        if voids {
            sink.lose("void", item.name.clone());
        }
        let Some(size) = classes.as_ref().or(things.as_ref()).map(|painted| painted.size) else {
            return Ok(false);
        };
        let meanings = classes.as_ref().map(|painted| labels.meanings(painted, &files[0], sink));
        let class = |x, y| match (classes, &meanings) {
            (Some(painted), Some(meanings)) => meanings[painted.at(x, y)],
            _ => 0,
        };
        let numbers = things.as_ref().map(|painted| {
            let number = |said: &Colour| match () {
                () if is_void(painted, *said) => 0,
                () if painted.grey => said[0].into(),
                () => number_of(*said),
            };
            painted.colours.iter().map(number).collect::<Vec<u32>>()
        });
        let thing = |x, y| match (things, &numbers) {
            (Some(painted), Some(numbers)) => numbers[painted.at(x, y)],
            _ => 0,
        };
        let mut votes: HashMap<(u32, u32), u64> = HashMap::new();
        for y in 0..size[1] {
            if votes.len() > VOTES_MAX {
                break;
            }
            for x in 0..size[0] {
                let (thing, class) = (thing(x, y), class(x, y));
                if thing != 0 && class != 0 {
                    *votes.entry((thing, class)).or_default() += 1;
                }
            }
        }
        let few = votes.len() <= VOTES_MAX;
        let mut wanted: BTreeMap<u32, (u64, u32)> = BTreeMap::new();
        for ((thing, class), count) in votes {
            let best = wanted.entry(thing).or_default();
            if best.0 > 0 {
                sink.lose("another_class_in_a_thing", format!("{}: {thing}", item.name));
            }
            *best = (*best).max((count, u32::MAX - class));
        }
        let of = |number: u32| labels.list[number as usize - 1].0.clone();
        let areas = masks(size, |x, y| if thing(x, y) == 0 { class(x, y) } else { 0 });
        let (true, Some(parted), Some(areas)) = (few, masks(size, thing), areas) else {
            let message = "the picture has more than 50,000 things";
            sink.refuse(whole(&files[1], Code::OutOfRange, message));
            return Ok(false);
        };
        let mut pieces = Vec::with_capacity(parted.len() + areas.len());
        for (thing, mask) in parted {
            let class = wanted.get(&thing).map(|(_, class)| of(u32::MAX - class));
            if class.is_none() && classes.is_some() {
                sink.lose("thing_without_class", format!("{}: {thing}", item.name));
            }
            pieces.push(Piece::new(class, mask, Part::Thing));
        }
        pieces.extend(
            areas.into_iter().map(|(class, mask)| Piece::new(Some(of(class)), mask, Part::Area)),
        );
        pair(item, pieces, &files[1], sink);
        Ok(true)
    }
}

impl Labels {
    /// What each colour of a picture stands for; those that stand for nothing known are refused, and mean nothing.
    pub fn meanings(&self, painted: &Painted, file: &str, sink: &mut dyn Sink) -> Vec<u32> {
        let mut unknown = Vec::new();
        let meaning = |said: &Colour| {
            self.meaning(painted, *said).unwrap_or_else(|| {
                unknown.push(*said);
                0
            })
        };
        let meanings = painted.colours.iter().map(meaning).collect();
        if let [[red, green, blue], more @ ..] = &unknown[..] {
            let more =
                if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            let [list, row] = self.file;
            let message = match (self.given, painted.grey) {
                (true, true) => {
                    format!(
                        "the picture has the value {red}{more}, and `{list}` has not so many classes"
                    )
                }
                (true, false) => {
                    format!(
                        "the picture has the colour {red},{green},{blue}{more}: add it to `{list}`"
                    )
                }
                (false, _) => format!(
                    "the picture has the colour {red},{green},{blue}{more}: add a `{list}` with a line `{row}` for each class"
                ),
            };
            let fault = Fault::new("color", Code::UnknownValue, message);
            sink.refuse(refusal(file, 1, fault, b""));
        }
        meanings
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// One thing by itself.
    Thing,
    /// All that is of a class and no thing.
    Area,
}

/// A mask that waits for its box.
struct Piece {
    class: Option<String>,
    mask: Mask,
    bounds: [f64; 4],
    part: Part,
}

impl Piece {
    fn new(class: Option<String>, mask: Mask, part: Part) -> Self {
        let bounds = mask.bounds();
        Self { class, mask, bounds, part }
    }
}

/// Gives each mask to the mark that the XML has of the same thing, and adds the others.
fn pair(item: &mut Item, pieces: Vec<Piece>, file: &str, sink: &mut dyn Sink) {
    let bounds = |mark: &Mark| match &mark.place {
        Place::Shape(shape) => shape.bounds(),
        _ => [0.0; 4],
    };
    let boxes: Vec<[f64; 4]> = item.marks.iter().map(bounds).collect();
    let known = item.marks.iter().zip(&boxes);
    let known: Vec<Seen> =
        known.map(|(mark, bounds)| Seen { class: Some(&mark.class), bounds: *bounds }).collect();
    let mut of_class: HashMap<&str, usize> = HashMap::new();
    item.marks.iter().for_each(|mark| *of_class.entry(&mark.class).or_default() += 1);
    let new = pieces.iter().map(|piece| {
        let class = piece.class.as_deref();
        // The area of two cats is not the mask of either.
        let joins =
            piece.part == Part::Thing || class.is_some_and(|class| of_class.get(class) == Some(&1));
        Seen { class, bounds: if joins { piece.bounds } else { [0.0; 4] } }
    });
    let given = closest(&new.collect::<Vec<_>>(), &known).unwrap_or_else(|| {
        sink.lose("masks_not_compared_with_boxes", item.name.clone());
        vec![None; pieces.len()]
    });
    for (Piece { class, mask, bounds, .. }, given) in pieces.into_iter().zip(given) {
        let Some(at) = given else {
            let mark = Mark::shape(class.unwrap_or_default(), Shape::Mask(mask));
            if !add_mark(item, Ok(mark), file, (1, b""), sink) {
                return;
            }
            continue;
        };
        let mark = &mut item.marks[at];
        match &mark.place {
            Place::Shape(Shape::Box { .. }) => {
                // Counted from 1, or from 0 with the last pixel, a box is a pixel away.
                let near = bounds.iter().zip(boxes[at]).all(|(a, b)| (a - b).abs() <= 1.0);
                if !near {
                    sink.lose("box_beside_outline", format!("{}: {}", item.name, mark.class));
                }
            }
            _ => sink.lose("outline_beside_mask", format!("{}: {}", item.name, mark.class)),
        }
        mark.place = Place::Shape(Shape::Mask(mask));
    }
}

/// Paints the outlines of each item, and lists the classes that their colours stand for.
#[derive(Default)]
pub(super) struct Painter {
    names: Names,
    painted: bool,
}

impl Painter {
    pub fn class(&mut self, class: &Class) {
        if is_listed(&class.name) {
            self.names.add(class);
        }
    }

    /// Writes the two pictures of an item, where it has outlines; whether it has, and which marks the pictures show.
    pub fn item(
        &mut self,
        out: &Outlet,
        item: &Item,
        losses: &mut LossReport,
    ) -> io::Result<Vec<bool>> {
        let mut shown = vec![false; item.marks.len()];
        let Some([width, height]) = size_of(item) else { return Ok(shown) };
        let mut colours = Vec::new();
        // The mark and the class of each thing, the first of which has the number 1.
        let mut things: Vec<(usize, u32)> = Vec::new();
        for (at, mark) in item.marks.iter().enumerate() {
            let place = || format!("{}: {}", item.name, mark.class);
            let shape = match &mark.place {
                Place::Shape(
                    shape @ (Shape::Mask(_)
                    | Shape::Polygon { .. }
                    | Shape::Parts { .. }
                    | Shape::Turned { .. }
                    | Shape::Ellipse { .. }),
                ) => shape,
                _ => continue,
            };
            if !is_listed(&mark.class) {
                continue;
            }
            let Some(mask) = shape.mask(height, width).filter(|mask| mask.area() > 0.0) else {
                continue;
            };
            if things.len() as u32 >= THINGS_MAX {
                losses.add("more_than_254_things", place);
                continue;
            }
            if colours.is_empty() {
                colours = vec![0_u32; width as usize * height as usize];
            }
            // The background is before the first class, and no class may have the colour of what is void.
            let class = self.names.index(&mark.class) as u32 + 1;
            things.push((at, if class < VOID { class } else { class + 1 }));
            if paint(&mask, things.len() as u32, &mut colours) {
                losses.add("covered_in_part", place);
            }
            if !matches!(shape, Shape::Mask(_)) {
                losses.add("outline_as_pixels", place);
            }
        }
        if things.is_empty() {
            return Ok(shown);
        }
        for number in &colours {
            if let Some((at, _)) = (*number as usize).checked_sub(1).map(|nth| things[nth]) {
                shown[at] = true;
            }
        }
        for (at, _) in things.iter().filter(|(at, _)| !shown[*at]) {
            losses.add("covered", || format!("{}: {}", item.name, item.marks[*at].class));
        }
        self.painted = true;
        let file = twin(&item.name, "png");
        let class = |number: u32| match (number as usize).checked_sub(1) {
            Some(nth) => colour(things[nth].1),
            None => colour(0),
        };
        if let Some(file) = create_of(item, out, &format!("{CLASSES}{file}"), losses)? {
            painted::write(file, [width, height], &colours, class)?;
        }
        if let Some(file) = create_of(item, out, &format!("{OBJECTS}{file}"), losses)? {
            painted::write(file, [width, height], &colours, colour)?;
        }
        Ok(shown)
    }

    /// Lists the colours, where any were used.
    pub fn finish(self, out: &Outlet) -> io::Result<()> {
        if !self.painted {
            return Ok(());
        }
        let mut file = out.create(LABELS)?;
        writeln!(file, "# label:color_rgb:parts:actions\n{}:0,0,0::", FIRST[0])?;
        for (class, number) in self.names.list.iter().zip(1..) {
            let [red, green, blue] = colour(if number < VOID { number } else { number + 1 });
            writeln!(file, "{}:{red},{green},{blue}::", class.name)?;
        }
        Ok(())
    }
}

/// Whether a class can stand in the list of colours.
fn is_listed(name: &str) -> bool {
    let plain = !name.contains([':', '\r', '\n']) && !name.starts_with('#') && name.trim() == name;
    plain && !name.is_empty() && !Labels::is_nothing(name)
}
