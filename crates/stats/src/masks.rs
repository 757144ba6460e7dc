//! Masks: parts of a picture, as run lengths, and the part that several people mean together.
//!
//! A mask is never unpacked. Where all who marked agree on a stretch of pixels, the stretch is one step; and stretches that
//! the same people marked are one pattern, so that a fusion costs the runs, and then a few steps for each pattern, whatever the
//! size of the picture.

use std::collections::HashMap;

/// A part of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    /// Pixels outside, then inside, and so on, row after row. None is zero but the first.
    runs: Vec<u32>,
}

/// Runs that do not fill the picture exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfilled {
    pub pixels: u64,
    pub in_runs: u64,
}

impl std::fmt::Display for Unfilled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the runs have {} pixels, the picture has {}", self.in_runs, self.pixels)
    }
}

impl std::error::Error for Unfilled {}

impl Mask {
    /// Of run lengths, outside first, row after row.
    ///
    /// ```
    /// use stats::masks::Mask;
    /// let mask = Mask::new(4, 2, &[1, 2, 2, 2, 1]).unwrap();
    /// assert_eq!(mask.area(), 4);
    /// assert!(Mask::new(4, 2, &[1, 2]).is_err());
    /// ```
    pub fn new(width: u32, height: u32, runs: &[u32]) -> Result<Self, Unfilled> {
        let pixels = u64::from(width) * u64::from(height);
        let in_runs = runs.iter().map(|run| u64::from(*run)).sum();
        if in_runs != pixels {
            return Err(Unfilled { pixels, in_runs });
        }
        let mut writer = Writer::new(width, height);
        runs.iter().enumerate().for_each(|(at, run)| writer.push(at % 2 == 1, *run));
        Ok(writer.finish())
    }

    /// Of pixels, row after row.
    pub fn of_pixels(width: u32, height: u32, mut is_inside: impl FnMut(u32, u32) -> bool) -> Self {
        let mut writer = Writer::new(width, height);
        for y in 0..height {
            (0..width).for_each(|x| writer.push(is_inside(x, y), 1));
        }
        writer.finish()
    }

    /// The pixels whose middles are inside an outline (even-odd where it crosses itself). A pixel is one unit wide.
    ///
    /// ```
    /// let square = [[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]];
    /// assert_eq!(stats::masks::Mask::of_outline(4, 4, &square).runs(), [5, 2, 2, 2, 5]);
    /// ```
    pub fn of_outline(width: u32, height: u32, outline: &[[f64; 2]]) -> Self {
        let mut writer = Writer::new(width, height);
        for y in 0..height {
            let ends = crate::agreement::spans(outline, f64::from(y) + 0.5);
            let mut from = 0;
            for span in ends.chunks_exact(2) {
                // Pixel x is inside where its middle, x + 1/2, is.
                let place = |x: f64| (x - 0.5).ceil().clamp(0.0, f64::from(width)) as u32;
                let (enter, leave) = (place(span[0]), place(span[1]));
                writer.push(false, enter - from);
                writer.push(true, leave - enter);
                from = leave;
            }
            writer.push(false, width - from);
        }
        writer.finish()
    }

    pub fn runs(&self) -> &[u32] {
        &self.runs
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    /// How many pixels are inside.
    pub fn area(&self) -> u64 {
        self.runs.iter().skip(1).step_by(2).map(|run| u64::from(*run)).sum()
    }

    /// Intersection over union with a mask of the same picture; of two empty ones 1. Linear in the runs.
    ///
    /// ```
    /// use stats::masks::Mask;
    /// let (a, b) = (Mask::new(4, 1, &[0, 2, 2]).unwrap(), Mask::new(4, 1, &[1, 2, 1]).unwrap());
    /// assert_eq!(a.iou(&b), 1.0 / 3.0);
    /// ```
    pub fn iou(&self, other: &Mask) -> f64 {
        let (mut both, mut either) = (0u64, 0u64);
        stretches(&[self, other], |marks, pixels| {
            both += if marks[0] == 3 { u64::from(pixels) } else { 0 };
            either += if marks[0] > 0 { u64::from(pixels) } else { 0 };
        });
        if either == 0 { 1.0 } else { both as f64 / either as f64 }
    }

    /// The smallest box of pixels around it: left, top, right and bottom, the last two just beyond.
    fn bounds(&self) -> Option<[u32; 4]> {
        let width = u64::from(self.width.max(1));
        let mut bounds: Option<[u64; 4]> = None;
        let mut at = 0u64;
        for (number, run) in self.runs.iter().enumerate() {
            let end = at + u64::from(*run);
            if number % 2 == 1 {
                let (top, bottom) = (at / width, (end - 1) / width + 1);
                // A run over the end of a row is at both sides of the picture.
                let (left, right) = match bottom - top {
                    1 => (at % width, (end - 1) % width + 1),
                    _ => (0, width),
                };
                let [l, t, r, b] = bounds.unwrap_or([left, top, right, bottom]);
                bounds = Some([l.min(left), t.min(top), r.max(right), b.max(bottom)]);
            }
            at = end;
        }
        bounds.map(|bounds| bounds.map(|edge| edge as u32))
    }
}

struct Writer {
    mask: Mask,
}

impl Writer {
    fn new(width: u32, height: u32) -> Self {
        Self { mask: Mask { width, height, runs: vec![0] } }
    }

    fn push(&mut self, is_inside: bool, pixels: u32) {
        let runs = &mut self.mask.runs;
        let goes_on = runs.len().is_multiple_of(2) == is_inside;
        match runs.last_mut() {
            _ if pixels == 0 => {}
            Some(last) if goes_on => *last += pixels,
            _ => runs.push(pixels),
        }
    }

    fn finish(self) -> Mask {
        self.mask
    }
}

/// Goes through stretches of pixels in which nothing changes: who marked them, as bits, and how many there are.
fn stretches(masks: &[&Mask], mut take: impl FnMut(&[u64], u32)) {
    let mut marks = vec![0u64; masks.len().div_ceil(64)];
    // Of each mask: the number of its run, and what is left of it.
    let mut heads: Vec<(usize, u32)> =
        masks.iter().map(|mask| (0, mask.runs.first().copied().unwrap_or(0))).collect();
    loop {
        let mut step = u32::MAX;
        for (number, (mask, head)) in masks.iter().zip(&mut heads).enumerate() {
            while head.1 == 0 {
                head.0 += 1;
                let Some(run) = mask.runs.get(head.0) else { return };
                head.1 = *run;
                marks[number / 64] ^= 1 << (number % 64);
            }
            step = step.min(head.1);
        }
        if masks.is_empty() {
            return;
        }
        take(&marks, step);
        heads.iter_mut().for_each(|head| head.1 -= step);
    }
}

/// The pixels that at least half of the weight is for. All masks are of one picture. Linear in the runs times the masks.
///
/// Model: none; in crowd-kit as `SegmentationMajorityVote`.
///
/// ```
/// use stats::masks::{Mask, vote};
/// let masks = [&[0, 2, 2][..], &[1, 2, 1], &[1, 3]].map(|runs| Mask::new(4, 1, runs).unwrap());
/// assert_eq!(vote(&masks, &[1.0; 3]).runs(), [1, 2, 1]);
/// ```
pub fn vote(masks: &[Mask], weights: &[f64]) -> Mask {
    let half = weights.iter().sum::<f64>() / 2.0;
    let masks: Vec<&Mask> = masks.iter().collect();
    let Some(first) = masks.first() else { return Writer::new(0, 0).finish() };
    let mut writer = Writer::new(first.width, first.height);
    stretches(&masks, |marks, pixels| {
        let given = weights.iter().enumerate().filter(|(number, _)| is_marked(marks, *number));
        writer.push(given.map(|(_, weight)| weight).sum::<f64>() >= half, pixels);
    });
    writer.finish()
}

fn is_marked(marks: &[u64], number: usize) -> bool {
    marks[number / 64] >> (number % 64) & 1 == 1
}

/// What several masks come to.
#[derive(Clone, Debug)]
pub struct Fused {
    /// Pixels that are rather inside than not.
    pub mask: Mask,
    /// How far the truth is expected to overlap with it: the expected intersection over the expected union.
    pub iou_expected: f64,
    /// Of each mask: how likely a pixel inside is marked (sensitivity), and how likely one outside is not (specificity).
    pub performances: Vec<(f64, f64)>,
    pub rounds: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub rounds_max: usize,
    /// Ends when no sensitivity and no specificity moves by more.
    pub move_min: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds_max: 200, move_min: 1e-7 }
    }
}

/// STAPLE: the masks of several people, each with a sensitivity and a specificity that the masks themselves tell.
///
/// Model: each pixel is inside with probability *g*, the share of marked pixels of all masks; mask *j* marks a pixel inside with probability *p_j*
/// and one outside with *1 − q_j*, independently. EM: *w_i ∝ g Π_j p_j^d_ij (1 − p_j)^(1 − d_ij)*, then *p_j = Σ w_i d_ij / Σ w_i* and
/// *q_j = Σ (1 − w_i)(1 − d_ij) / Σ (1 − w_i)*. Pixels are those of the smallest box that holds all masks: with the
/// whole of a large picture everybody's specificity is one, and nothing is learned. Paper: S. Warfield, K. Zou and W. Wells, *Simultaneous Truth and
/// Performance Level Estimation (STAPLE)*, IEEE Transactions on Medical Imaging 23 (2004).
///
/// Units: probabilities. Linear in the runs times the masks, and in each round in the patterns of who marked, of which
/// there are at most as many as stretches.
///
/// ```
/// use stats::masks::{Mask, staple};
/// let square = |left: u32, side: u32| {
///     Mask::of_pixels(20, 20, |x, y| (left..left + side).contains(&x) && (4..4 + side).contains(&y))
/// };
/// // Two who are nearly right, and one who marks twice as much.
/// let fused = staple(&[square(4, 10), square(5, 10), square(0, 15)], &Default::default());
/// assert!(fused.mask.iou(&square(4, 10)) > 0.85 && fused.performances[2].1 < 0.8);
/// ```
pub fn staple(masks: &[Mask], options: &Options) -> Fused {
    weighted_staple(masks, &vec![1.0; masks.len()], options)
}

/// The same, where a mask of weight *w* counts as *w* masks that are alike.
pub(crate) fn weighted_staple(masks: &[Mask], weights: &[f64], options: &Options) -> Fused {
    let all: Vec<&Mask> = masks.iter().collect();
    let patterns = patterns(&all);
    let total: f64 = patterns.iter().map(|(_, pixels)| pixels).sum();
    let weight: f64 = weights.iter().sum();
    // Begins with the shares of a vote.
    let mut inside: Vec<f64> = patterns
        .iter()
        .map(|(marks, _)| {
            let given = weights.iter().enumerate().filter(|(number, _)| is_marked(marks, *number));
            given.map(|(_, weight)| weight).sum::<f64>() / weight
        })
        .collect();
    let prior = inside.iter().zip(&patterns).map(|(w, (_, n))| w * n).sum::<f64>() / total;
    let mut performances = vec![(1.0, 1.0); masks.len()];
    let mut rounds = 0;
    while rounds < options.rounds_max && total > 0.0 {
        rounds += 1;
        let moved = perform(&patterns, &inside, &mut performances);
        for ((marks, _), inside) in patterns.iter().zip(&mut inside) {
            let (mut for_it, mut against) = (prior.ln(), (1.0 - prior).ln());
            for (number, (p, q)) in performances.iter().enumerate() {
                let marked = is_marked(marks, number);
                for_it += weights[number] * floored(if marked { *p } else { 1.0 - p }).ln();
                against += weights[number] * floored(if marked { 1.0 - q } else { *q }).ln();
            }
            *inside = crate::special::logistic(for_it - against);
        }
        if moved < options.move_min {
            break;
        }
    }
    let of: HashMap<&[u64], f64> =
        patterns.iter().zip(&inside).map(|((marks, _), w)| (&marks[..], *w)).collect();
    let first = masks.first().map_or((0, 0), |mask| (mask.width, mask.height));
    let mut writer = Writer::new(first.0, first.1);
    // A pattern that nobody marked is nowhere else than outside.
    stretches(&all, |marks, pixels| {
        let is_any = marks.iter().any(|bits| *bits > 0);
        writer.push(is_any && of.get(marks).is_some_and(|w| *w > 0.5), pixels);
    });
    let mask = writer.finish();
    let (mut both, mut either) = (0.0, 0.0);
    for ((_, pixels), w) in patterns.iter().zip(&inside) {
        both += if *w > 0.5 { pixels * w } else { 0.0 };
        either += if *w > 0.5 { *pixels } else { pixels * w };
    }
    let iou_expected = if either > 0.0 { both / either } else { 1.0 };
    Fused { mask, iou_expected, performances, rounds }
}

fn floored(p: f64) -> f64 {
    p.max(1e-300)
}

/// Who marked, as bits, and how many pixels are so, within the box around all masks; in the order of the bits.
fn patterns(masks: &[&Mask]) -> Vec<(Vec<u64>, f64)> {
    let mut counts: HashMap<Vec<u64>, u64> = HashMap::new();
    stretches(masks, |marks, pixels| match counts.get_mut(marks) {
        Some(count) => *count += u64::from(pixels),
        None => {
            counts.insert(marks.to_vec(), u64::from(pixels));
        }
    });
    let bounds = masks
        .iter()
        .filter_map(|mask| mask.bounds())
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let [left, top, right, bottom] = bounds.unwrap_or_default();
    let boxed = u64::from(right - left) * u64::from(bottom - top);
    let nobody = vec![0; masks.len().div_ceil(64)];
    let marked: u64 = counts.iter().filter(|(marks, _)| **marks != nobody).map(|(_, n)| n).sum();
    counts.remove(&nobody);
    if boxed > marked {
        counts.insert(nobody, boxed - marked);
    }
    let mut patterns: Vec<(Vec<u64>, f64)> =
        counts.into_iter().map(|(marks, pixels)| (marks, pixels as f64)).collect();
    patterns.sort_by(|a, b| a.0.cmp(&b.0));
    patterns
}

/// What each mask's sensitivity and specificity are, given the pixels; returns the longest move.
fn perform(patterns: &[(Vec<u64>, f64)], inside: &[f64], performances: &mut [(f64, f64)]) -> f64 {
    let (mut all_in, mut all_out) = (0.0, 0.0);
    for ((_, pixels), w) in patterns.iter().zip(inside) {
        all_in += pixels * w;
        all_out += pixels * (1.0 - w);
    }
    let mut moved = 0.0_f64;
    for (number, performance) in performances.iter_mut().enumerate() {
        let (mut hit, mut spared) = (0.0, 0.0);
        for ((marks, pixels), w) in patterns.iter().zip(inside) {
            if is_marked(marks, number) { hit += pixels * w } else { spared += pixels * (1.0 - w) }
        }
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 1.0 };
        let now = (share(hit, all_in), share(spared, all_out));
        moved = moved.max((now.0 - performance.0).abs()).max((now.1 - performance.1).abs());
        *performance = now;
    }
    moved
}
