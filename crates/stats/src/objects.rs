//! Objects: boxes, outlines and spans that several people marked in the same items, brought together.
//!
//! - **O1** Marks of different contributors that overlap by at least [`Options::overlap_min`] on the mean are one object; no two marks of one
//!   contributor are. Of two marks that might join an object the nearer one does, of equally near ones that of the same class.
//! - **O2** Whether there is anything is asked apart from what it is. Who looked at the item and marked nothing there says that there is nothing, which
//!   counts as much as how seldom they miss.
//! - **O3** A shape is made of all marks of its object, by how near each contributor's usually are.
//!
//! Model: Dawid and Skene's with the crowd as a prior ([`crate::dawid_skene`]), once for *there is something* (each contributor's misses and false alarms) and
//! once for the class; and normal errors of the shapes, in parts of the object's size, with a variance for each contributor. What nobody marked is
//! no object, so that misses are somewhat more frequent than found. Paper: S. Branson, G. Van Horn and P. Perona, *Lean Crowdsourcing: Combining Humans and Machines in
//! an Online System*, CVPR 2017; the shapes' means as R. Solovyev, W. Wang and T. Gabruseva, *Weighted Boxes Fusion*, 2021.
//!
//! Units: those of the shapes; probabilities. Matching is square in the marks of an item, all else linear.

mod scene;

pub use scene::{Scene, Witnesses};

use crate::agreement;
use crate::answers::{Answer, Answers, Shape as Table};
use crate::dawid_skene::{self, Model, Pooling};
use crate::masks::{Mask, weighted_staple};

/// What can be marked in an item.
pub trait Shape: Clone {
    /// Intersection over union, 0 to 1.
    fn overlap(&self, other: &Self) -> f64;

    /// What several mean together, each with its weight. There is at least one.
    fn fused(marks: &[(&Self, f64)]) -> Self;

    /// The square of how far one is from another, in parts of the size of a third.
    fn square(&self, from: &Self, size_of: &Self) -> f64;
}

/// A box: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect(pub [f64; 4]);

impl Rect {
    fn size(&self, axis: usize) -> f64 {
        (self.0[axis + 2] - self.0[axis]).max(0.0)
    }
}

impl Shape for Rect {
    fn overlap(&self, other: &Self) -> f64 {
        let common = |axis: usize| {
            (self.0[axis + 2].min(other.0[axis + 2]) - self.0[axis].max(other.0[axis])).max(0.0)
        };
        let both = common(0) * common(1);
        let either = self.size(0) * self.size(1) + other.size(0) * other.size(1) - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Each edge is the weighed mean.
    fn fused(marks: &[(&Self, f64)]) -> Self {
        let weight: f64 = marks.iter().map(|(_, weight)| weight).sum();
        Rect(std::array::from_fn(|edge| {
            marks.iter().map(|(mark, w)| w * mark.0[edge]).sum::<f64>() / weight
        }))
    }

    fn square(&self, from: &Self, size_of: &Self) -> f64 {
        let edge = |edge: usize| {
            ((self.0[edge] - from.0[edge]) / size_of.size(edge % 2).max(f64::MIN_POSITIVE)).powi(2)
        };
        (0..4).map(edge).sum::<f64>() / 4.0
    }
}

/// A part of a text, from its first place to just beyond its last: characters, or tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    fn len(&self) -> f64 {
        f64::from(self.end.saturating_sub(self.start))
    }
}

impl Shape for Span {
    fn overlap(&self, other: &Self) -> f64 {
        let both = f64::from(self.end.min(other.end).saturating_sub(self.start.max(other.start)));
        let either = self.len() + other.len() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Where half of the weight has begun, to where half of it has ended: spans that have a place in common then hold what half of
    /// the weight holds.
    fn fused(marks: &[(&Self, f64)]) -> Self {
        let middle = |of: fn(&Span) -> u32| {
            let mut ends: Vec<(u32, f64)> = marks.iter().map(|(span, w)| (of(span), *w)).collect();
            ends.sort_by_key(|(place, _)| *place);
            let half = marks.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
            let mut sum = 0.0;
            let found = ends.iter().find(|(_, weight)| {
                sum += weight;
                sum >= half * (1.0 - 1e-9)
            });
            found.map_or(0, |(place, _)| *place)
        };
        let start = middle(|span| span.start);
        Span { start, end: middle(|span| span.end).max(start) }
    }

    fn square(&self, from: &Self, size_of: &Self) -> f64 {
        let off = |a: u32, b: u32| (f64::from(a) - f64::from(b)).powi(2);
        (off(self.start, from.start) + off(self.end, from.end))
            / 2.0
            / size_of.len().max(1.0).powi(2)
    }
}

/// A polygon: corners in order, the last joined to the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline(pub Vec<[f64; 2]>);

impl Outline {
    fn bounds(&self) -> [f64; 4] {
        agreement::bounds(&self.0)
    }
}

impl Shape for Outline {
    fn overlap(&self, other: &Self) -> f64 {
        let (a, b) = (Rect(self.bounds()), Rect(other.bounds()));
        if a.overlap(&b) > 0.0 { agreement::iou(&self.0, &other.0) } else { 0.0 }
    }

    fn fused(marks: &[(&Self, f64)]) -> Self {
        marks[Outline::nearest(marks)].0.clone()
    }

    fn square(&self, from: &Self, _: &Self) -> f64 {
        (1.0 - self.overlap(from)).powi(2)
    }
}

impl Outline {
    /// Which of the drawn ones is nearest to what STAPLE makes of all of them: corners that a person set stay where they were set. STAPLE
    /// looks at a grid of 128 cells along the longer side. There is at least one.
    pub fn nearest(marks: &[(&Self, f64)]) -> usize {
        const CELLS: f64 = 128.0;
        let all =
            marks.iter().map(|(outline, _)| outline.bounds()).fold(
                [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
                |a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])],
            );
        let (wide, high) = (all[2] - all[0], all[3] - all[1]);
        let scale = CELLS / wide.max(high).max(f64::MIN_POSITIVE);
        let cells = |length: f64| (length * scale).ceil().clamp(1.0, CELLS) as u32;
        let masks: Vec<Mask> = marks
            .iter()
            .map(|(outline, _)| {
                let moved: Vec<[f64; 2]> = outline
                    .0
                    .iter()
                    .map(|[x, y]| [(x - all[0]) * scale, (y - all[1]) * scale])
                    .collect();
                Mask::of_outline(cells(wide), cells(high), &moved)
            })
            .collect();
        let weight: f64 = marks.iter().map(|(_, weight)| weight).sum();
        let weights: Vec<f64> =
            marks.iter().map(|(_, w)| w * marks.len() as f64 / weight).collect();
        let together = weighted_staple(&masks, &weights, &Default::default()).mask;
        let mut nearest = (-1.0, 0);
        for (number, mask) in masks.iter().enumerate() {
            let iou = mask.iou(&together);
            if iou > nearest.0 + 1e-12 {
                nearest = (iou, number);
            }
        }
        nearest.1
    }
}

impl Shape for Mask {
    fn overlap(&self, other: &Self) -> f64 {
        let is_same_picture = (self.width(), self.height()) == (other.width(), other.height());
        if is_same_picture { self.iou(other) } else { 0.0 }
    }

    /// What STAPLE makes of all of them, which are of one picture.
    fn fused(marks: &[(&Self, f64)]) -> Self {
        let masks: Vec<Mask> = marks.iter().map(|(mask, _)| (*mask).clone()).collect();
        let weight: f64 = marks.iter().map(|(_, weight)| weight).sum();
        let weights: Vec<f64> =
            marks.iter().map(|(_, w)| w * marks.len() as f64 / weight).collect();
        weighted_staple(&masks, &weights, &Default::default()).mask
    }

    fn square(&self, from: &Self, _: &Self) -> f64 {
        (1.0 - self.overlap(from)).powi(2)
    }
}

/// A mark that somebody made.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark<S> {
    pub contributor: u32,
    pub class: u32,
    pub shape: S,
}

/// An item: who looked at it, and what they marked. Who marked is taken to have looked.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<S> {
    pub contributors: Vec<u32>,
    pub marks: Vec<Mark<S>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Marks that overlap less are not of one object.
    pub overlap_min: f64,
    /// Objects that are there with less probability are left out.
    pub presence_min: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { overlap_min: agreement::IOU_MIN, presence_min: 0.5 }
    }
}

/// Something that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Object<S> {
    pub item: usize,
    pub class: usize,
    pub shape: S,
    /// How likely there is anything.
    pub presence: f64,
    /// How likely there is something, and of this class.
    pub confidence: f64,
    /// Which of the item's marks it is made of, in the order of the contributors.
    pub marks: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Fit<S> {
    /// Item after item, the surest first.
    pub objects: Vec<Object<S>>,
    /// Of each contributor: how likely they mark what is there, and how likely what is not.
    pub sights: Vec<(f64, f64)>,
    /// Of each contributor: the standard deviation of their shapes, in parts of an object's size.
    pub deviations: Vec<f64>,
}

/// Finds the objects of all items. Indices are below `contributors` and `classes`.
///
/// ```
/// use stats::objects::{Mark, Options, Rect, Seen, fit};
/// let mark = |contributor, x: f64| {
///     Mark { contributor, class: 0, shape: Rect([x, 0.0, x + 10.0, 10.0]) }
/// };
/// // Three looked: all marked one thing, and one of them something else besides.
/// let seen = Seen { contributors: vec![0, 1, 2], marks: vec![mark(0, 0.0), mark(1, 1.0), mark(2, 0.5), mark(2, 50.0)] };
/// let found = fit(&vec![seen; 20], 3, 1, &Options::default());
/// assert_eq!(found.objects.len(), 20);
/// assert!((found.objects[0].shape.0[0] - 0.5).abs() < 0.3 && found.objects[0].presence > 0.9);
/// ```
pub fn fit<S: Shape>(
    items: &[Seen<S>],
    contributors: usize,
    classes: usize,
    options: &Options,
) -> Fit<S> {
    let groups = groups_of(items, options);
    let there = present(items, &groups, contributors);
    let kinds = classed(items, &groups, contributors, classes).beliefs;
    let variances = variances(items, &groups, contributors);
    let sights = (0..contributors)
        .map(|contributor| {
            let row = there.crowd.row(contributor, SOMETHING as usize);
            (row[1], row[0])
        })
        .collect();
    let mut objects: Vec<Object<S>> = groups
        .into_iter()
        .enumerate()
        .map(|(number, group)| {
            let (class, sure) = kinds.best(number);
            let presence = there.beliefs.of(number)[1];
            let shape = shaped(&items[group.item], &group, &variances);
            let confidence = presence * sure;
            Object { item: group.item, class, shape, presence, confidence, marks: group.marks }
        })
        .filter(|object| object.presence >= options.presence_min)
        .collect();
    objects.sort_by(|a, b| {
        a.item.cmp(&b.item).then(b.confidence.total_cmp(&a.confidence)).then(a.marks.cmp(&b.marks))
    });
    Fit { objects, sights, deviations: variances.iter().map(|variance| variance.sqrt()).collect() }
}

fn groups_of<S: Shape>(items: &[Seen<S>], options: &Options) -> Vec<Group> {
    let mut groups = Vec::new();
    for (item, seen) in items.iter().enumerate() {
        let found = matched(&seen.marks, options.overlap_min);
        groups.extend(found.into_iter().map(|marks| Group { item, marks }));
    }
    groups
}

/// Marks of one object.
struct Group {
    item: usize,
    marks: Vec<usize>,
}

/// Joins marks, the nearest first, as long as the groups overlap on the mean and have no contributor in common (O1). Each group is in the order of
/// the contributors.
fn matched<S: Shape>(marks: &[Mark<S>], overlap_min: f64) -> Vec<Vec<usize>> {
    let n = marks.len();
    let mut overlaps = vec![0.0; n * n];
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    // By contributor and not by row, so that the order of the rows decides nothing.
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|mark| (marks[*mark].contributor, *mark));
    for (at, a) in order.iter().enumerate() {
        for b in &order[at + 1..] {
            if marks[*a].contributor != marks[*b].contributor {
                let overlap = marks[*a].shape.overlap(&marks[*b].shape);
                (overlaps[a * n + b], overlaps[b * n + a]) = (overlap, overlap);
                if overlap >= overlap_min {
                    pairs.push((overlap, *a, *b));
                }
            }
        }
    }
    let alike = |a: &usize, b: &usize| marks[*a].class == marks[*b].class;
    pairs.sort_by(|x, y| {
        y.0.total_cmp(&x.0).then_with(|| alike(&y.1, &y.2).cmp(&alike(&x.1, &x.2)))
    });
    let mut group_of: Vec<usize> = (0..n).collect();
    let mut groups: Vec<Vec<usize>> = (0..n).map(|mark| vec![mark]).collect();
    for (_, a, b) in pairs {
        let (one, other) = (group_of[a], group_of[b]);
        if one == other {
            continue;
        }
        let (mut sum, mut is_shared) = (0.0, false);
        for x in &groups[one] {
            for y in &groups[other] {
                sum += overlaps[x * n + y];
                is_shared |= marks[*x].contributor == marks[*y].contributor;
            }
        }
        if !is_shared && sum >= overlap_min * (groups[one].len() * groups[other].len()) as f64 {
            let moved = std::mem::take(&mut groups[other]);
            moved.iter().for_each(|mark| group_of[*mark] = one);
            groups[one].extend(moved);
        }
    }
    groups.retain(|group| !group.is_empty());
    for group in &mut groups {
        group.sort_by_key(|mark| marks[*mark].contributor);
    }
    // The first contributor's first, and so on.
    groups.sort_by_key(|group| (marks[group[0]].contributor, group[0]));
    groups
}

const NOTHING: u32 = 0;
const SOMETHING: u32 = 1;

/// Whether each group is something, and how each contributor tells.
fn present<S>(items: &[Seen<S>], groups: &[Group], contributors: usize) -> dawid_skene::Fit {
    let mut rows = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let say = |contributor: u32, label| Answer { item: number as u32, contributor, label };
        let seen = &items[group.item];
        let looked = seen.contributors.iter().copied();
        let looked = looked.chain(seen.marks.iter().map(|mark| mark.contributor));
        // Of several rows of one contributor the last counts (A2).
        rows.extend(looked.map(|contributor| say(contributor, NOTHING)));
        rows.extend(group.marks.iter().map(|mark| say(seen.marks[*mark].contributor, SOMETHING)));
    }
    let shape = Table { items: groups.len(), contributors, classes: 2 };
    // Missing and inventing are different faults: what the crowd does of one says nothing of the other.
    let model = Model::Pooled(Pooling { evenness: 0.2, ..Pooling::default() });
    estimated(shape, &rows, model)
}

fn classed<S>(
    items: &[Seen<S>],
    groups: &[Group],
    contributors: usize,
    classes: usize,
) -> dawid_skene::Fit {
    let mut rows = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        rows.extend(group.marks.iter().map(|mark| {
            let mark = &items[group.item].marks[*mark];
            Answer { item: number as u32, contributor: mark.contributor, label: mark.class }
        }));
    }
    let shape = Table { items: groups.len(), contributors, classes };
    estimated(shape, &rows, Model::Pooled(Pooling::default()))
}

fn estimated(shape: Table, rows: &[Answer], model: Model) -> dawid_skene::Fit {
    let answers = Answers::new(shape, rows).unwrap_or_else(|misfit| panic!("{misfit}"));
    let options = dawid_skene::Options { model, ..Default::default() };
    dawid_skene::fit(&answers, &options)
}

/// The variance of each contributor's shapes.
///
/// EM needs how far each mark is from the mean of its object, *d²_i = Σ_k w_k d²_ik / W − Σ_{k<l} w_k w_l d²_kl / W²*, which the distances of marks from each other
/// tell; and the mean's own variance, *1/W*. So no shape is made before the weights are known.
fn variances<S: Shape>(items: &[Seen<S>], groups: &[Group], contributors: usize) -> Vec<f64> {
    const ROUNDS_MAX: usize = 500;
    const STRENGTH: f64 = 1.0;
    let marks = |group: &Group| -> Vec<&Mark<S>> {
        group.marks.iter().map(|mark| &items[group.item].marks[*mark]).collect()
    };
    // Of groups of several: the contributors, and the squares of the distances.
    let tables: Vec<(Vec<usize>, Vec<f64>)> = groups
        .iter()
        .filter(|group| group.marks.len() > 1)
        .map(|group| {
            let marks = marks(group);
            let even: Vec<(&S, f64)> = marks.iter().map(|mark| (&mark.shape, 1.0)).collect();
            let size = S::fused(&even);
            let mut squares = vec![0.0; marks.len() * marks.len()];
            for (a, one) in marks.iter().enumerate() {
                for (b, other) in marks.iter().enumerate().skip(a + 1) {
                    let square = one.shape.square(&other.shape, &size);
                    squares[a * marks.len() + b] = square;
                    squares[b * marks.len() + a] = square;
                }
            }
            (marks.iter().map(|mark| mark.contributor as usize).collect(), squares)
        })
        .collect();
    let (sum, count) = tables.iter().fold((0.0, 0.0), |(sum, count), (of, squares)| {
        (sum + squares.iter().sum::<f64>(), count + (of.len() * (of.len() - 1)) as f64)
    });
    // Half of what two marks differ. Who never differs is still not trusted without end.
    let mean = sum / f64::max(count, 1.0) / 2.0;
    let least = (1e-6 * mean).max(1e-12);
    let mut variances = vec![mean.max(least); contributors];
    for _ in 0..ROUNDS_MAX {
        let (mut squares, mut counts) = (vec![0.0; contributors], vec![0.0; contributors]);
        for (of, table) in &tables {
            let n = of.len();
            let weights: Vec<f64> = of.iter().map(|j| 1.0 / variances[*j]).collect();
            let total: f64 = weights.iter().sum();
            let away =
                |a: usize| (0..n).map(|b| weights[b] * table[a * n + b]).sum::<f64>() / total;
            let away: Vec<f64> = (0..n).map(away).collect();
            let inner = weights.iter().zip(&away).map(|(w, d)| w * d).sum::<f64>() / total / 2.0;
            for (j, away) in of.iter().zip(&away) {
                squares[*j] += (away - inner).max(0.0) + 1.0 / total;
                counts[*j] += 1.0;
            }
        }
        let crowd = squares.iter().sum::<f64>() / counts.iter().sum::<f64>().max(1.0);
        let mut moved = 0.0_f64;
        for (variance, (square, count)) in variances.iter_mut().zip(squares.iter().zip(&counts)) {
            let now = ((square + STRENGTH * crowd) / (count + STRENGTH)).max(least);
            moved = moved.max((now / *variance - 1.0).abs());
            *variance = now;
        }
        if moved < 1e-4 {
            break;
        }
    }
    variances
}

fn shaped<S: Shape>(seen: &Seen<S>, group: &Group, variances: &[f64]) -> S {
    let marks: Vec<(&S, f64)> = group
        .marks
        .iter()
        .map(|mark| {
            let mark = &seen.marks[*mark];
            (&mark.shape, 1.0 / variances[mark.contributor as usize])
        })
        .collect();
    S::fused(&marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Things in a picture; people who miss some, see others that are not there, and draw more or less nearly.
    fn pictures(random: &mut Random, count: usize) -> (Vec<Vec<Mark<Rect>>>, Vec<Seen<Rect>>) {
        let people = [
            (0.95, 0.1, 0.02),
            (0.9, 0.1, 0.05),
            (0.85, 0.3, 0.1),
            (0.8, 1.5, 0.12),
            (0.9, 0.1, 0.1),
        ];
        let (mut truths, mut items) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let truth: Vec<Mark<Rect>> = (0..1 + random.below(3))
                .map(|place| {
                    let (x, y) =
                        (200.0 * place as f64 + 40.0 * random.unit(), 50.0 * random.unit());
                    let (w, h) = (40.0 + 60.0 * random.unit(), 40.0 + 60.0 * random.unit());
                    let class = random.below(3) as u32;
                    Mark { contributor: 0, class, shape: Rect([x, y, x + w, y + h]) }
                })
                .collect();
            let mut marks = Vec::new();
            for (contributor, (sight, alarms, deviation)) in (0..).zip(people) {
                for mark in &truth {
                    if random.chance(sight) {
                        let Rect(edges) = mark.shape;
                        let (w, h) = (edges[2] - edges[0], edges[3] - edges[1]);
                        let shape = Rect(std::array::from_fn(|edge| {
                            let size = if edge % 2 == 0 { w } else { h };
                            edges[edge] + size * deviation * random.normal()
                        }));
                        let class =
                            if random.chance(0.8) { mark.class } else { random.below(3) as u32 };
                        marks.push(Mark { contributor, class, shape });
                    }
                }
                if random.chance(alarms / 2.0) {
                    let (x, y) = (600.0 * random.unit(), 200.0 + 600.0 * random.unit());
                    let shape = Rect([x, y, x + 30.0, y + 30.0]);
                    marks.push(Mark { contributor, class: 0, shape });
                }
            }
            items.push(Seen { contributors: (0..5).collect(), marks });
            truths.push(truth);
        }
        (truths, items)
    }

    #[test]
    fn what_is_there_is_found_nearer_than_by_any_one_of_them() {
        let (truths, items) = pictures(&mut Random::new(8), 300);
        let found = fit(&items, 5, 3, &Options::default());
        let (mut hits, mut right, mut overlap) = (0, 0, 0.0);
        for object in &found.objects {
            let best = truths[object.item]
                .iter()
                .map(|truth| (object.shape.overlap(&truth.shape), truth.class))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((iou, class)) = best.filter(|(iou, _)| *iou > 0.5) {
                hits += 1;
                right += u32::from(class as usize == object.class);
                overlap += iou;
            }
        }
        let things: usize = truths.iter().map(Vec::len).sum();
        let recall = f64::from(hits) / things as f64;
        let precision = f64::from(hits) / found.objects.len() as f64;
        assert!(recall > 0.98 && precision > 0.98, "{recall} {precision}");
        assert!(f64::from(right) / f64::from(hits) > 0.93, "{right} of {hits}");
        let overlap = overlap / f64::from(hits);
        // Against a plain mean, and the steadiest of them alone.
        let (mut plain, mut alone) = (Vec::new(), Vec::new());
        for object in &found.objects {
            let marks: Vec<&Mark<Rect>> =
                object.marks.iter().map(|mark| &items[object.item].marks[*mark]).collect();
            let near = |shape: &Rect| {
                let of = truths[object.item].iter().map(|truth| shape.overlap(&truth.shape));
                of.fold(0.0, f64::max)
            };
            let shapes: Vec<(&Rect, f64)> = marks.iter().map(|mark| (&mark.shape, 1.0)).collect();
            plain.push(near(&Rect::fused(&shapes)));
            alone.extend(marks.iter().filter(|m| m.contributor == 0).map(|m| near(&m.shape)));
        }
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let (plain, alone) = (mean(&plain), mean(&alone));
        assert!(
            overlap > plain + 0.01 && overlap > alone,
            "{overlap} {plain} {alone} {:?}",
            found.deviations
        );
        assert!(found.sights[3].1 > 1.5 * found.sights[0].1, "{:?}", found.sights);
        assert!(found.deviations[0] < 0.5 * found.deviations[3], "{:?}", found.deviations);
    }

    #[test]
    fn spans_hold_what_half_of_the_weight_holds() {
        let spans = [(3, 9), (4, 9), (3, 12)].map(|(start, end)| Span { start, end });
        let weighed: Vec<(&Span, f64)> = spans.iter().map(|span| (span, 1.0)).collect();
        assert_eq!(Span::fused(&weighed), Span { start: 3, end: 9 });
        let heavy = [(&spans[0], 1.0), (&spans[1], 1.0), (&spans[2], 5.0)];
        assert_eq!(Span::fused(&heavy), spans[2]);
    }

    #[test]
    fn the_outline_nearest_to_all_of_them_is_taken() {
        let square = |x: f64, side: f64| {
            Outline(vec![[x, 0.0], [x + side, 0.0], [x + side, side], [x, side]])
        };
        let (a, b, c) = (square(0.0, 10.0), square(0.8, 10.0), square(1.6, 10.0));
        let marks = [(&c, 1.0), (&a, 1.0), (&b, 1.0)];
        assert_eq!(Outline::fused(&marks), b);
    }

    #[test]
    fn two_marks_of_one_contributor_stay_two() {
        let mark = |contributor, x: f64| Mark {
            contributor,
            class: 0,
            shape: Rect([x, 0.0, x + 10.0, 10.0]),
        };
        let marks = [mark(0, 0.0), mark(0, 2.0), mark(1, 1.6)];
        assert_eq!(matched(&marks, 0.5), [vec![0], vec![1, 2]]);
    }
}
