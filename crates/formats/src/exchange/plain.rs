//! Stands before a writer whose format knows pictures and texts only: what else a mark may be is made a part of
//! them where that is possible, and counted.

use std::borrow::Cow;
use std::io;

use super::{Class, Cuboid, Frame, Item, Mark, Place, Shape, Writer};
use crate::loss::LossReport;

/// Names what a format has besides shapes in pictures and spans of texts.
#[derive(Clone, Copy, Default)]
pub(super) struct Keeps {
    pub cuboids: bool,
    /// Boxes in space are counted from the scanner, whatever they were counted from before, and have none around them.
    pub from_lidar: bool,
    pub solids: bool,
    pub times: bool,
    pub sensors: bool,
    /// What sensors saw between the moments, and the classes of single points.
    pub sweeps: bool,
    /// Which frame of its video an item is.
    pub frames: bool,
    /// The part of the data set that an item belongs to.
    pub subsets: bool,
    /// An item of which nothing was said.
    pub empty: bool,
    /// Classes stand in lines of text, which neither break nor begin or end with a space.
    pub in_lines: bool,
    /// The part of the data set is the name of a folder or a file.
    pub in_folders: bool,
    /// Every shape becomes the box around it, which none is around a point.
    pub boxes_alone: bool,
}

/// Why no reader takes a mark; a length of text that is not known bounds nothing.
fn lack(mark: &Mark, length: Option<u64>, boxes_alone: bool) -> Option<&'static str> {
    match &mark.place {
        Place::Shape(shape) if shape.is_nothing() || boxes_alone && is_flat(shape) => {
            Some("shape_of_no_size")
        }
        Place::Span { start, end } if end <= start => Some("empty_span"),
        Place::Span { end, .. } if length.is_some_and(|length| *end > length) => {
            Some("outside_the_text")
        }
        _ => None,
    }
}

/// Whether the box around the shape has no room.
fn is_flat(shape: &Shape) -> bool {
    let [.., width, height] = shape.bounds();
    width <= 0.0 || height <= 0.0
}

/// How many code points the text of an item has, where that matters.
fn length(item: &Item) -> Option<u64> {
    let has_spans = item.marks.iter().any(|mark| matches!(mark.place, Place::Span { .. }));
    let text = item.text.as_ref().filter(|_| has_spans)?;
    Some(text.chars().count() as u64)
}

pub(super) struct Plain {
    writer: Box<dyn Writer>,
    keeps: Keeps,
}

impl Plain {
    pub fn new(writer: Box<dyn Writer>, keeps: Keeps) -> Self {
        Self { writer, keeps }
    }

    /// The mark as the writer can take it; none where it cannot.
    fn plain<'a>(
        &self,
        item: &Item,
        mark: &'a Mark,
        length: Option<u64>,
        losses: &mut LossReport,
    ) -> Option<Cow<'a, Mark>> {
        let place = || format!("{}: {}", item.name, mark.class);
        if let Some(lack) = lack(mark, length, self.keeps.boxes_alone) {
            losses.add(lack, place);
            return None;
        }
        let boxed = |[x, y, width, height]: [f64; 4]| {
            let place = Place::Shape(Shape::Box { x, y, width, height });
            Some(Cow::Owned(Mark { place, ..mark.clone() }))
        };
        match &mark.place {
            Place::Cuboid(cuboid) if !self.keeps.cuboids => match cuboid.around {
                Some(around) => {
                    losses.add("cuboid_as_box", place);
                    boxed(around)
                }
                None => {
                    losses.add("cuboid", place);
                    None
                }
            },
            Place::Cuboid(cuboid) if self.keeps.from_lidar => {
                if cuboid.around.is_some() {
                    losses.add("box_around_cuboid", place);
                }
                let seen = item.sensor("lidar").and_then(|lidar| item.seen_by(lidar, cuboid));
                if seen.is_none() && cuboid.frame != Frame::Lidar {
                    losses.add("frame_of_cuboid", place);
                }
                let place =
                    Place::Cuboid(Cuboid { around: None, ..seen.unwrap_or(cuboid.clone()) });
                Some(Cow::Owned(Mark { place, ..mark.clone() }))
            }
            Place::Shape(shape @ Shape::Solid { .. }) if !self.keeps.solids => {
                losses.add("cuboid_as_box", place);
                boxed(shape.bounds())
            }
            Place::Time { .. } | Place::Frames { .. } if !self.keeps.times => {
                losses.add("time", place);
                None
            }
            _ => Some(Cow::Borrowed(mark)),
        }
    }

    fn is_plain(&self, item: &Item, length: Option<u64>) -> bool {
        let marks = item.marks.iter().all(|mark| match &mark.place {
            _ if lack(mark, length, self.keeps.boxes_alone).is_some() => false,
            Place::Cuboid(_) => self.keeps.cuboids && !self.keeps.from_lidar,
            Place::Shape(Shape::Solid { .. }) => self.keeps.solids,
            Place::Time { .. } | Place::Frames { .. } => self.keeps.times,
            Place::Whole
            | Place::Shape(_)
            | Place::Span { .. }
            | Place::Words(_)
            | Place::Talk(_) => true,
        });
        let classed = item.sensors.iter().any(|sensor| sensor.classes.is_some());
        let bent = item.sensors.iter().any(|sensor| sensor.distortion.is_some());
        marks
            && !bent
            && (self.keeps.sensors || item.sensors.is_empty())
            && (self.keeps.sweeps || item.sweeps.is_empty() && !classed)
    }
}

impl Writer for Plain {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.writer.class(class)
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        if !self.keeps.frames && item.frame.is_some() {
            losses.add("frame", || item.name.clone());
        }
        if !self.keeps.subsets && !item.subset.is_empty() {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if self.keeps.in_folders && !item.subset.chars().all(plain) {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        if item.text.as_deref() == Some("") {
            losses.add("empty_text", || item.name.clone());
        }
        if self.keeps.in_lines {
            let broken = |class: &str| class.trim() != class || class.contains(char::is_control);
            for mark in item.marks.iter().filter(|mark| broken(&mark.class)) {
                losses.add("name_of_the_class", || format!("{}: {}", item.name, mark.class));
            }
        }
        if !self.keeps.empty && item.marks.is_empty() {
            losses.add("item_without_marks", || item.name.clone());
        }
        let length = length(item);
        if self.is_plain(item, length) {
            return self.writer.item(item, losses);
        }
        let marks = item.marks.iter().filter_map(|mark| self.plain(item, mark, length, losses));
        let marks: Vec<Mark> = marks.map(Cow::into_owned).collect();
        let mut plain = Item { marks: Vec::new(), ..item.clone() };
        plain.marks = marks;
        if !self.keeps.sensors && !plain.sensors.is_empty() {
            losses.add("sensors", || item.name.clone());
            plain.sensors.clear();
        }
        // Of the formats with cameras none has lenses.
        plain.lose_lenses(losses);
        plain.sensors.iter_mut().for_each(|sensor| sensor.distortion = None);
        if !self.keeps.sweeps {
            for sweep in plain.sweeps.drain(..) {
                losses.add("sweep", || sweep.file);
            }
            let classes = plain.sensors.iter_mut().filter_map(|sensor| sensor.classes.take());
            classes.for_each(|file| losses.add("classes_of_points", || file));
        }
        self.writer.item(&plain, losses)
    }

    fn wants_files(&self) -> bool {
        self.writer.wants_files()
    }

    fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.writer.file(name, content)
    }

    fn finish(self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        self.writer.finish(losses)
    }
}
