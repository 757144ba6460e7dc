//! One thing through the frames of a video: said at keyframes, and in between by the way from one to the next.

use std::collections::BTreeMap;
use std::io;

use super::source::whole;
use super::{Item, Mark, Place, ReadError, Shape, Sink};
use crate::row::Code;

/// The most marks in frames that are held.
const MARKS_MAX: usize = 2_000_000;
/// The most frames between two keyframes.
const GAP_MAX: u64 = 1_000_000;

/// What a track says of one frame.
pub(super) struct Keyframe {
    pub frame: u64,
    /// The thing has left the picture.
    pub outside: bool,
    pub mark: Mark,
}

/// Marks by frame, until the tracks of a video are through.
#[derive(Default)]
pub(super) struct Frames {
    frames: BTreeMap<u64, Vec<Mark>>,
    held: usize,
}

impl Frames {
    /// Takes a track, and fills in what lies between its keyframes.
    pub fn track(&mut self, file: &str, mut keyframes: Vec<Keyframe>) -> Result<(), ReadError> {
        keyframes.sort_by_key(|keyframe| keyframe.frame);
        let mut keyframes = keyframes.into_iter().peekable();
        while let Some(Keyframe { frame, outside, mark }) = keyframes.next() {
            if outside {
                continue;
            }
            self.held += 1;
            self.frames.entry(frame).or_default().push(mark.clone());
            let Some(next) = keyframes.peek() else { break };
            let gap = next.frame - frame;
            self.held += gap.saturating_sub(1) as usize;
            if self.held > MARKS_MAX || gap > GAP_MAX {
                let message = "the tracks have more than 2,000,000 shapes in all their frames";
                return Err(whole(file, Code::TooLong, message).into());
            }
            for step in 1..gap {
                let part = step as f64 / gap as f64;
                let place = between(&mark.place, &next.mark.place, part);
                let mut mark = Mark { place, id: None, ..mark.clone() };
                mark.attributes.insert("keyframe".into(), false.into());
                self.frames.entry(frame + step).or_default().push(mark);
            }
        }
        Ok(())
    }

    /// Takes a mark of one frame.
    pub fn mark(&mut self, file: &str, frame: u64, mark: Mark) -> Result<(), ReadError> {
        self.held += 1;
        if self.held > MARKS_MAX {
            let message = "there are more than 2,000,000 shapes";
            return Err(whole(file, Code::TooLong, message).into());
        }
        self.frames.entry(frame).or_default().push(mark);
        Ok(())
    }

    /// Lets there be a frame, whether anything is in it or not.
    pub fn there_is(&mut self, frame: u64) {
        self.frames.entry(frame).or_default();
    }

    /// Hands over the frames in their order; `item` makes each from its number.
    pub fn each(self, sink: &mut dyn Sink, item: impl Fn(u64) -> Item) -> io::Result<()> {
        for (frame, marks) in self.frames {
            sink.item(Item { marks, ..item(frame) })?;
        }
        Ok(())
    }
}

/// The place on the way from one keyframe to the next; what cannot be followed point by point stays where it was.
pub(super) fn between(from: &Place, to: &Place, part: f64) -> Place {
    let on = |a: f64, b: f64| a + (b - a) * part;
    let points = |a: &[[f64; 2]], b: &[[f64; 2]]| -> Option<Vec<[f64; 2]>> {
        let moved = a.iter().zip(b).map(|(a, b)| [on(a[0], b[0]), on(a[1], b[1])]);
        (a.len() == b.len()).then(|| moved.collect())
    };
    // The shorter way around.
    let turn = |a: f64, b: f64| a + ((b - a + 180.0).rem_euclid(360.0) - 180.0) * part;
    let (Place::Shape(a), Place::Shape(b)) = (from, to) else { return from.clone() };
    let moved = match (a, b) {
        (Shape::Box { .. }, Shape::Box { .. }) => {
            let ([x, y, width, height], end) = (a.bounds(), b.bounds());
            Some(Shape::Box {
                x: on(x, end[0]),
                y: on(y, end[1]),
                width: on(width, end[2]),
                height: on(height, end[3]),
            })
        }
        (Shape::Box { .. } | Shape::Turned { .. }, Shape::Box { .. } | Shape::Turned { .. }) => {
            let ([a, b, c, d, e], end) = (centred(a), centred(b));
            Some(Shape::Turned {
                cx: on(a, end[0]),
                cy: on(b, end[1]),
                width: on(c, end[2]),
                height: on(d, end[3]),
                degrees: turn(e, end[4]),
            })
        }
        (Shape::Ellipse { .. }, Shape::Ellipse { .. }) => {
            let ([a, b, c, d, e], end) = (centred(a), centred(b));
            Some(Shape::Ellipse {
                cx: on(a, end[0]),
                cy: on(b, end[1]),
                rx: on(c, end[2]),
                ry: on(d, end[3]),
                degrees: turn(e, end[4]),
            })
        }
        (Shape::Polygon { points: a }, Shape::Polygon { points: b }) => {
            points(a, b).map(|points| Shape::Polygon { points })
        }
        (Shape::Line { points: a }, Shape::Line { points: b }) => {
            points(a, b).map(|points| Shape::Line { points })
        }
        (Shape::Points { points: a }, Shape::Points { points: b }) => {
            points(a, b).map(|points| Shape::Points { points })
        }
        (Shape::Solid { corners: a }, Shape::Solid { corners: b }) => {
            points(a, b).map(|corners| Shape::Solid { corners })
        }
        (Shape::Keypoints { points: a, .. }, Shape::Keypoints { points: b, .. })
            if a.len() == b.len() =>
        {
            let moved = a.iter().zip(b).map(|(a, b)| match [a[2], b[2]] {
                [0.0, _] | [_, 0.0] => *a,
                _ => [on(a[0], b[0]), on(a[1], b[1]), a[2]],
            });
            Some(Shape::Keypoints { points: moved.collect(), around: None })
        }
        _ => None,
    };
    Place::Shape(moved.unwrap_or_else(|| a.clone()))
}

/// Middle, two sides or radii, and degrees.
fn centred(shape: &Shape) -> [f64; 5] {
    match *shape {
        Shape::Turned { cx, cy, width, height, degrees } => [cx, cy, width, height, degrees],
        Shape::Ellipse { cx, cy, rx, ry, degrees } => [cx, cy, rx, ry, degrees],
        _ => {
            let [x, y, width, height] = shape.bounds();
            [x + width / 2.0, y + height / 2.0, width, height, 0.0]
        }
    }
}
