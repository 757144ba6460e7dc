//! One thing through the frames of a video: said at keyframes, and in between by the way from one to the next.

use std::collections::BTreeMap;
use std::io;

use domain::answers::{self, Answer};
use serde_json::Value;

use super::source::whole;
use super::{Fit, Item, Mark, Place, ReadError, Shape, Sink};
use crate::loss::LossReport;
use crate::row::Code;

impl Fit<'_> {
    /// Returns the things that are followed through a video of this size and so many frames; none where none fits.
    pub fn tracks(
        &self,
        item: &Item,
        size: Option<[f64; 2]>,
        frames: Option<u64>,
        losses: &mut LossReport,
    ) -> Option<Answer> {
        let mut answer = Answer::default();
        for track in &item.tracks {
            let mut made: Option<answers::Track> = None;
            for Keyframe { frame, outside, mark } in &track.keyframes {
                // Where it is gone when the video is over, nothing needs to be said.
                if *outside && frames.is_some_and(|frames| *frame >= frames) {
                    continue;
                }
                let place = || format!("{}: {}: frame {frame}", item.name, mark.class);
                let mut mark = mark.clone();
                let occluded = mark.attributes.remove(OCCLUDED).is_some_and(|said| said == true);
                mark.track = None;
                // Judged as a thing on a picture is.
                let mut one = Answer::default();
                self.mark(item, &mark, size, &mut one, losses);
                let mut found = one.objects.into_iter();
                let Some(object) = found.next() else { continue };
                if found.next().is_some() {
                    losses.add("more_than_one_shape_in_a_frame", place);
                }
                let is_other =
                    |track: &answers::Track| track.keyframes[0].shape.kind() != object.shape.kind();
                if made.as_ref().is_some_and(is_other) || (made.is_none() && *outside) {
                    losses.add("another_shape_in_a_track", place);
                    continue;
                }
                let number = answer.tracks.len() + 1;
                let track = made.get_or_insert_with(|| answers::Track {
                    id: format!("t{number}"),
                    class: object.class.clone(),
                    keyframes: Vec::new(),
                    attributes: BTreeMap::new(),
                });
                let said = self.said(track, object.attributes, &place, losses);
                track.keyframes.push(answers::Keyframe {
                    frame: *frame,
                    shape: object.shape,
                    outside: *outside,
                    occluded,
                    attributes: said,
                });
            }
            answer.tracks.extend(made);
        }
        (!answer.tracks.is_empty()).then_some(answer)
    }

    /// What a keyframe says anew of what may change; the rest holds for the whole track (A33).
    fn said(
        &self,
        track: &mut answers::Track,
        given: BTreeMap<String, Value>,
        place: &dyn Fn() -> String,
        losses: &mut LossReport,
    ) -> BTreeMap<String, Value> {
        let is_first = track.keyframes.is_empty();
        let may_change =
            |key: &str| self.ontology.attributes.iter().any(|one| one.key == key && one.per_frame);
        let (changing, fixed): (BTreeMap<_, _>, BTreeMap<_, _>) =
            given.into_iter().partition(|(key, _)| may_change(key));
        if is_first {
            track.attributes = fixed;
        } else if fixed.iter().any(|(key, value)| track.attributes.get(key) != Some(value)) {
            losses.add("attribute_that_changes", place);
        }
        let before = track.attributes_at(u64::MAX);
        changing.into_iter().filter(|(key, value)| before.get(key) != Some(value)).collect()
    }
}

/// Under which name a mark says that something stands before the thing.
pub(super) const OCCLUDED: &str = "occluded";
/// The most marks in frames that are held.
const MARKS_MAX: usize = 2_000_000;
/// The most frames between two keyframes.
const GAP_MAX: u64 = 1_000_000;

/// One thing through the frames of a video.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// By their frames; between two it goes straight.
    pub keyframes: Vec<Keyframe>,
}

/// How far, in pixels, a side of a box may lie beside the straight way between two keyframes: files round.
const BESIDE: f64 = 0.05;

impl Track {
    /// A track of what is seen frame by frame, in their order: of boxes as few keyframes as say it, and where there is a
    /// gap, nothing is seen.
    pub(super) fn of_frames(frames: Vec<Keyframe>) -> Self {
        let mut keyframes: Vec<Keyframe> = Vec::new();
        let mut run: Vec<Keyframe> = Vec::new();
        for next in frames {
            match run.last() {
                // Said twice, the first counts.
                Some(last) if last.frame == next.frame => continue,
                Some(last) if last.frame + 1 != next.frame => end(&mut run, &mut keyframes),
                _ => {}
            }
            run.push(next);
        }
        end(&mut run, &mut keyframes);
        Self { keyframes }
    }
}

/// Ends a stretch in which the thing is seen: from the frame after its last on it is not.
fn end(run: &mut Vec<Keyframe>, keyframes: &mut Vec<Keyframe>) {
    let Some(last) = run.last() else { return };
    let gone = Keyframe { frame: last.frame + 1, outside: true, mark: last.mark.clone() };
    keyframes.extend(thinned(std::mem::take(run)));
    keyframes.push(gone);
}

/// The fewest of these that lead past all of them, found from the first on: a way is taken as far as there is one straight
/// enough for all that it passes (O'Rourke, "An on-line algorithm for fitting straight lines between data ranges", 1981).
fn thinned(frames: Vec<Keyframe>) -> Vec<Keyframe> {
    const OPEN: Slopes = [[f64::NEG_INFINITY, f64::INFINITY]; 4];
    let mut frames = frames.into_iter();
    let Some(mut last) = frames.next() else { return Vec::new() };
    let (mut kept, mut slopes) = (vec![last.clone()], OPEN);
    for next in frames {
        let from = &kept[kept.len() - 1];
        if !passes(from, &next, &mut slopes) && last.frame > from.frame {
            // Begun anew where it was straight for the last time.
            slopes = OPEN;
            passes(&last, &next, &mut slopes);
            kept.push(last);
        }
        last = next;
    }
    if last.frame > kept[kept.len() - 1].frame {
        kept.push(last);
    }
    kept
}

/// Between which slopes the way leads past every frame so far: of x, y, width and height.
type Slopes = [[f64; 2]; 4];

/// Whether the way from one frame to another is straight enough; narrows the slopes by it.
fn passes(from: &Keyframe, to: &Keyframe, slopes: &mut Slopes) -> bool {
    let sides = |one: &Keyframe| match &one.mark.place {
        Place::Shape(shape @ Shape::Box { .. }) => Some(shape.bounds()),
        _ => None,
    };
    let (Some(a), Some(b)) = (sides(from), sides(to)) else { return false };
    if from.mark.attributes != to.mark.attributes {
        return false;
    }
    let long = (to.frame - from.frame) as f64;
    let mut fits = true;
    for (axis, [low, high]) in slopes.iter_mut().enumerate() {
        let (slope, room) = ((b[axis] - a[axis]) / long, BESIDE / long);
        fits &= (*low..=*high).contains(&slope);
        (*low, *high) = (low.max(slope - room), high.min(slope + room));
    }
    fits
}

/// What a track says of one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyframe {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(frames: &[(u64, f64)]) -> String {
        let keyframes = frames.iter().map(|(frame, x)| {
            let shape = Shape::Box { x: *x, y: 1.0, width: 10.0, height: 10.0 };
            Keyframe { frame: *frame, outside: false, mark: Mark::shape("car", shape) }
        });
        let track = Track::of_frames(keyframes.collect());
        let written = track
            .keyframes
            .iter()
            .map(|one| format!("{}{}", one.frame, if one.outside { "-" } else { "" }));
        written.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_seen_frame_by_frame_is_said_at_few_keyframes() {
        let straight: Vec<(u64, f64)> = (0..20_000).map(|at| (at, at as f64 * 0.3)).collect();
        assert_eq!(seen(&straight), "0 19999 20000-");
        // Rounded to hundredths, as files are.
        let rounded = straight.iter().map(|(at, x)| (*at, (x / 3.0 * 100.0).round() / 100.0));
        assert_eq!(seen(&rounded.collect::<Vec<_>>()), "0 19999 20000-");
        let bent: Vec<(u64, f64)> =
            (0..10).map(|at| (at, if at < 5 { at as f64 } else { 4.0 })).collect();
        assert_eq!(seen(&bent), "0 4 9 10-");
        assert_eq!(seen(&[(3, 0.0), (3, 9.0), (4, 1.0), (7, 4.0)]), "3 4 5- 7 8-");
        assert_eq!(seen(&[(0, 0.0), (1, 5.0), (2, 0.0)]), "0 1 2 3-");
        assert_eq!(seen(&[]), "");
    }
}
