//! What several files of COCO say of one picture, brought together: an annotation that two files have is one mark.

use std::collections::{HashMap, HashSet};

use super::overlap::{Seen, closest};
use super::{Item, MARKS_MAX, Mark, Place, Shape, Sink};

/// A mark as one file tells it.
pub(super) struct Told {
    pub mark: Mark,
    /// The annotation has an outline besides, for which its mark has no place.
    pub outline: bool,
    /// Where it stands in its file.
    pub path: String,
}

impl Told {
    fn lose_outline(&self, item: &str, sink: &mut dyn Sink) {
        sink.lose("segmentation_beside_keypoints", format!("{item}: {}", self.path));
    }
}

/// Adds what one more file says of the picture. Objects are the same where they have the same id, or where one is the
/// keypoints in the box of the other; segments of a panoptic picture where they lie where an object of their class does.
/// Answers whether all of it had room.
pub(super) fn join(item: &mut Item, more: Vec<Told>, panoptic: bool, sink: &mut dyn Sink) -> bool {
    let before = item.marks.len();
    let given = match () {
        () if before == 0 => vec![None; more.len()],
        () if panoptic => segments(item, &more),
        () => objects(item, &more),
    };
    for (told, given) in more.into_iter().zip(given) {
        match given {
            Some(at) => unify(item, at, told, sink),
            None if item.marks.len() >= MARKS_MAX => return false,
            None => {
                if told.outline {
                    told.lose_outline(&item.name, sink);
                }
                item.marks.push(told.mark);
            }
        }
    }
    true
}

fn seen(mark: &Mark) -> Seen<'_> {
    let bounds = match &mark.place {
        Place::Shape(shape) => shape.bounds(),
        _ => [0.0; 4],
    };
    Seen { class: Some(&mark.class), bounds }
}

fn segments(item: &Item, more: &[Told]) -> Vec<Option<usize>> {
    let known: Vec<Seen> = item.marks.iter().map(seen).collect();
    let new: Vec<Seen> = more.iter().map(|told| seen(&told.mark)).collect();
    closest(&new, &known).unwrap_or_else(|| vec![None; more.len()])
}

/// Whether two boxes are the same but for rounding.
pub(super) fn is_near(a: [f64; 4], b: [f64; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1.0)
}

fn has_points(mark: &Mark) -> bool {
    matches!(&mark.place, Place::Shape(Shape::Keypoints { .. }))
}

fn objects(item: &Item, more: &[Told]) -> Vec<Option<usize>> {
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_corner: HashMap<(&str, [i64; 2]), Vec<usize>> = HashMap::new();
    let corner = |bounds: [f64; 4]| [bounds[0].floor() as i64, bounds[1].floor() as i64];
    for (at, mark) in item.marks.iter().enumerate() {
        if !matches!(mark.place, Place::Shape(_)) {
            continue;
        }
        if let Some(id) = &mark.id {
            by_id.entry(id).or_default().push(at);
        }
        by_corner.entry((&mark.class, corner(seen(mark).bounds))).or_default().push(at);
    }
    let mut taken = HashSet::new();
    let mut given = Vec::with_capacity(more.len());
    for Told { mark, .. } in more {
        let Place::Shape(_) = &mark.place else {
            given.push(None);
            continue;
        };
        let bounds = seen(mark).bounds;
        let same = |at: &&usize| {
            let known = &item.marks[**at];
            known.class == mark.class && is_near(seen(known).bounds, bounds) && !taken.contains(*at)
        };
        let mut found = mark.id.as_deref().and_then(|id| by_id.get(id)?.iter().find(same)).copied();
        if found.is_none() && has_points(mark) {
            // A box that is a pixel away may begin in a pixel beside.
            let [left, top] = corner(bounds);
            let near = (-1..=1).flat_map(|x| (-1..=1).map(move |y| [left + x, top + y]));
            let known = near.filter_map(|corner| by_corner.get(&(&mark.class[..], corner)));
            found = known.flatten().filter(|at| !has_points(&item.marks[**at])).find(same).copied();
        }
        taken.extend(found);
        given.push(found);
    }
    given
}

/// Makes one mark of two: keypoints that are there come before outlines, and outlines before boxes.
fn unify(item: &mut Item, at: usize, told: Told, sink: &mut dyn Sink) {
    let Item { name, marks, .. } = item;
    let known = &mut marks[at];
    let bare = |place: &Place| matches!(place, Place::Shape(Shape::Box { .. }));
    let there = |point: &[f64; 3]| point[2] > 0.0;
    match &told.mark.place {
        Place::Shape(Shape::Keypoints { points, .. })
            if !has_points(known) && points.iter().any(there) =>
        {
            if told.outline || !bare(&known.place) {
                told.lose_outline(name, sink);
            }
            known.place = told.mark.place;
        }
        // Points that are all absent say nothing.
        Place::Shape(Shape::Keypoints { .. }) => {}
        place if bare(&known.place) => known.place = place.clone(),
        place if !bare(place) && *place != known.place => {
            sink.lose("segment_beside_outline", format!("{name}: {}", told.path));
        }
        _ => {}
    }
    for (key, value) in told.mark.attributes {
        known.attributes.entry(key).or_insert(value);
    }
    known.score = known.score.or(told.mark.score);
    known.track = known.track.or(told.mark.track);
    known.crowd |= told.mark.crowd;
}
