//! Masks: which pixels of a picture belong to an object, as runs.

use serde::{Deserialize, Serialize};

/// A mask as COCO has it: runs of zeros and ones by turns, column by column, in its compressed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    pub height: u32,
    pub width: u32,
    /// The text, byte for byte as it came.
    pub counts: String,
}

impl Mask {
    /// Writes runs, zeros first, as COCO's compressed text: five bits a character, differences from the
    /// run two before.
    pub fn from_runs(height: u32, width: u32, runs: &[u64]) -> Self {
        let mut counts = String::new();
        for (index, run) in runs.iter().enumerate() {
            let mut left = *run as i64;
            if index > 2 {
                left -= runs[index - 2] as i64;
            }
            loop {
                let mut five = (left & 0x1f) as u8;
                left >>= 5;
                let more = if five & 0x10 != 0 { left != -1 } else { left != 0 };
                if more {
                    five |= 0x20;
                }
                counts.push(char::from(five + 48));
                if !more {
                    break;
                }
            }
        }
        Self { height, width, counts }
    }

    /// Reads the runs; none where the text is not what it says, or the runs do not fill the picture.
    pub fn runs(&self) -> Option<Vec<u64>> {
        let mut runs: Vec<i64> = Vec::new();
        let mut bytes = self.counts.bytes();
        while let Some(mut byte) = bytes.next() {
            let (mut run, mut shift) = (0_i64, 0);
            loop {
                let five = byte.checked_sub(48).filter(|five| *five < 64)?;
                run |= i64::from(five & 0x1f) << shift;
                shift += 5;
                if five & 0x20 == 0 {
                    if five & 0x10 != 0 {
                        run |= -1 << shift;
                    }
                    break;
                }
                if shift > 50 {
                    return None;
                }
                byte = bytes.next()?;
            }
            if runs.len() > 2 {
                run = run.checked_add(runs[runs.len() - 2])?;
            }
            if !(0..=i64::from(u32::MAX) * 2).contains(&run) {
                return None;
            }
            runs.push(run);
        }
        let total: i64 = runs.iter().try_fold(0_i64, |sum, run| sum.checked_add(*run))?;
        (total == i64::from(self.height) * i64::from(self.width))
            .then(|| runs.into_iter().map(|run| run as u64).collect())
    }

    /// Pixels.
    pub fn area(&self) -> f64 {
        self.runs().map_or(0, |runs| runs.iter().skip(1).step_by(2).sum::<u64>()) as f64
    }

    /// Returns the upright box around the mask: x, y, width, height; all zero where it has no pixel.
    pub fn bounds(&self) -> [f64; 4] {
        let height = u64::from(self.height.max(1));
        let (mut at, mut found) = (0, None::<[u64; 4]>);
        for (index, run) in self.runs().unwrap_or_default().into_iter().enumerate() {
            let end = at + run;
            if index % 2 == 1 && run > 0 {
                let (first, last) = (at / height, (end - 1) / height);
                // A run that goes on into another column touches the bottom of the one and the top of the other.
                let (top, bottom) =
                    if first == last { (at % height, (end - 1) % height) } else { (0, height - 1) };
                let [left, high, right, low] = found.unwrap_or([first, top, last, bottom]);
                found = Some([left.min(first), high.min(top), right.max(last), low.max(bottom)]);
            }
            at = end;
        }
        found.map_or([0.0; 4], |[left, top, right, bottom]| {
            [left, top, right - left + 1, bottom - top + 1].map(|side| side as f64)
        })
    }

    /// Returns boxes (left, top, right, bottom) that cover the mask: exactly where it is at most `columns` wide,
    /// and else by the runs of the middle column of each of so many strips.
    pub fn strips(&self, columns: u64) -> Vec<[f64; 4]> {
        let [left, _, width, _] = self.bounds().map(|side| side as u64);
        let (height, count) = (u64::from(self.height), columns.min(width));
        let runs = self.runs().unwrap_or_default();
        let mut strips = Vec::new();
        let (mut index, mut at) = (0, 0);
        for strip in 0..count {
            let (from, to) = (left + strip * width / count, left + (strip + 1) * width / count);
            let (first, last) = ((from + to) / 2 * height, ((from + to) / 2 + 1) * height);
            // Strips come in the order of the runs, which are walked once.
            while let Some(run) = runs.get(index) {
                let end = at + run;
                let (top, bottom) = (at.max(first), end.min(last));
                if index % 2 == 1 && top < bottom {
                    let [top, bottom] = [top - first, bottom - first];
                    strips.push([from, top, to, bottom].map(|side| side as f64));
                }
                if end > last {
                    break;
                }
                (index, at) = (index + 1, end);
            }
        }
        strips
    }

    /// Returns one byte for each pixel, row by row, 1 where the mask is; none where it is broken or larger
    /// than `pixels_max`.
    pub fn pixels(&self, pixels_max: u64) -> Option<Vec<u8>> {
        let (height, width) = (u64::from(self.height), u64::from(self.width));
        if height.checked_mul(width)? > pixels_max {
            return None;
        }
        let mut pixels = vec![0; (height * width) as usize];
        let mut at = 0;
        for (index, run) in self.runs()?.into_iter().enumerate() {
            if index % 2 == 1 {
                for pixel in at..at + run {
                    pixels[(pixel % height * width + pixel / height) as usize] = 1;
                }
            }
            at += run;
        }
        Some(pixels)
    }

    /// Makes a mask of pixels, row by row; anything but 0 belongs to it.
    pub fn from_pixels(height: u32, width: u32, pixels: &[u8]) -> Self {
        let (mut runs, mut inside) = (vec![0_u64], false);
        for x in 0..width as usize {
            for y in 0..height as usize {
                let here = pixels.get(y * width as usize + x).is_some_and(|pixel| *pixel != 0);
                if here != inside {
                    runs.push(0);
                    inside = here;
                }
                if let Some(last) = runs.last_mut() {
                    *last += 1;
                }
            }
        }
        Self::from_runs(height, width, &runs)
    }

    /// Returns the outline of the largest part of the mask, along the edges of its pixels, without its holes, and
    /// without what lies within `tolerance` pixels of a straight line; empty where it has no pixel.
    pub fn outline(&self, tolerance: f64, pixels_max: u64) -> Vec<[f64; 2]> {
        let Some(pixels) = self.pixels(pixels_max) else { return Vec::new() };
        let (width, height) = (self.width as usize, self.height as usize);
        let mut part = vec![0_u32; pixels.len()];
        let (mut parts, mut largest, mut stack) = (0, (0, 0, 0), Vec::new());
        for first in 0..pixels.len() {
            if pixels[first] == 0 || part[first] != 0 {
                continue;
            }
            parts += 1;
            part[first] = parts;
            stack.push(first);
            let mut size = 0;
            while let Some(at) = stack.pop() {
                size += 1;
                let (x, y) = (at % width, at / width);
                let beside = [
                    (x > 0).then(|| at - 1),
                    (x + 1 < width).then_some(at + 1),
                    (y > 0).then(|| at - width),
                    (y + 1 < height).then_some(at + width),
                ];
                for next in beside.into_iter().flatten() {
                    if pixels[next] != 0 && part[next] == 0 {
                        part[next] = parts;
                        stack.push(next);
                    }
                }
            }
            if size > largest.0 {
                largest = (size, parts, first);
            }
        }
        let (size, wanted, first) = largest;
        if size == 0 {
            return Vec::new();
        }
        let inside = |x: i64, y: i64| {
            let within = (0..width as i64).contains(&x) && (0..height as i64).contains(&y);
            within && part[y as usize * width + x as usize] == wanted
        };
        simplified(&walked([(first % width) as i64, (first / width) as i64], inside), tolerance)
    }
}

/// Walks around a part with its pixels on the right, from the upper left corner of its first pixel, and keeps the
/// corners.
fn walked(start: [i64; 2], inside: impl Fn(i64, i64) -> bool) -> Vec<[f64; 2]> {
    let mut corners = Vec::new();
    let (mut at, mut way) = (start, [1, 0]);
    loop {
        let [x, y] = at;
        // The two pixels ahead, to the left and to the right of the way.
        let (left, right) = match way {
            [1, 0] => ([x, y - 1], [x, y]),
            [0, 1] => ([x, y], [x - 1, y]),
            [-1, 0] => ([x - 1, y], [x - 1, y - 1]),
            _ => ([x - 1, y - 1], [x, y - 1]),
        };
        let next = if inside(left[0], left[1]) {
            [way[1], -way[0]]
        } else if inside(right[0], right[1]) {
            way
        } else {
            [-way[1], way[0]]
        };
        if next != way {
            corners.push([x as f64, y as f64]);
        }
        way = next;
        at = [x + way[0], y + way[1]];
        if at == start {
            // Back where it began, having come up the left side of the first pixel.
            if way == [0, -1] {
                break;
            }
        }
    }
    if corners.first() != Some(&[start[0] as f64, start[1] as f64]) {
        corners.insert(0, [start[0] as f64, start[1] as f64]);
    }
    corners
}

/// Douglas and Peucker, "Algorithms for the reduction of the number of points" (1973), on a ring that is cut at its
/// first point and the one farthest from it.
fn simplified(ring: &[[f64; 2]], tolerance: f64) -> Vec<[f64; 2]> {
    let Some(first) = ring.first() else { return Vec::new() };
    let far = |point: &[f64; 2]| (point[0] - first[0]).hypot(point[1] - first[1]);
    let farthest =
        (0..ring.len()).max_by(|a, b| far(&ring[*a]).total_cmp(&far(&ring[*b]))).unwrap_or(0);
    let mut keep = vec![false; ring.len() + 1];
    let point = |at: usize| ring[at % ring.len()];
    (keep[0], keep[farthest]) = (true, true);
    let mut pieces = vec![(0, farthest), (farthest, ring.len())];
    while let Some((from, to)) = pieces.pop() {
        let ([ax, ay], [bx, by]) = (point(from), point(to));
        let length = (bx - ax).hypot(by - ay);
        let off = |at: usize| {
            let [x, y] = point(at);
            if length == 0.0 {
                (x - ax).hypot(y - ay)
            } else {
                ((bx - ax) * (y - ay) - (by - ay) * (x - ax)).abs() / length
            }
        };
        let most = (from + 1..to).max_by(|a, b| off(*a).total_cmp(&off(*b)));
        if let Some(most) = most.filter(|most| off(*most) > tolerance) {
            keep[most] = true;
            pieces.extend([(from, most), (most, to)]);
        }
    }
    (0..ring.len()).filter(|at| keep[*at]).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outline_is_of_the_largest_part() {
        let rows = ["#..........", "......####.", ".#....#..#.", "......####.", "........##."];
        let pixels: Vec<u8> = rows.concat().bytes().map(|byte| u8::from(byte == b'#')).collect();
        let mask = Mask::from_pixels(5, 11, &pixels);
        let outline = [[6, 1], [10, 1], [10, 5], [8, 5], [8, 4], [6, 4]];
        assert_eq!(mask.outline(0.0, 1_000), outline.map(|point| point.map(f64::from)));
        let rough = mask.outline(2.0, 1_000);
        assert!(rough.len() < 6 && rough.contains(&[6.0, 1.0]), "{rough:?}");
        assert_eq!(Mask::from_pixels(2, 2, &[0; 4]).outline(0.0, 1_000), [[0.0; 2]; 0]);
        let one = Mask::from_pixels(3, 3, &[0, 0, 0, 0, 1, 0, 0, 0, 0]).outline(0.0, 1_000);
        assert_eq!(one, [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]]);
    }

    /// A picture in letters, `#` in the mask.
    fn drawn(rows: &[&str]) -> Mask {
        let pixels: Vec<u8> = rows.concat().bytes().map(|b| u8::from(b == b'#')).collect();
        Mask::from_pixels(rows.len() as u32, rows[0].len() as u32, &pixels)
    }

    #[test]
    fn strips_cover_the_mask_and_nothing_else() {
        let ring = drawn(&[".....", ".###.", ".#.#.", ".###."]);
        let strips = ring.strips(64);
        let area: f64 = strips.iter().map(|[l, t, r, b]| (r - l) * (b - t)).sum();
        assert_eq!((area, ring.area()), (8.0, 8.0));
        assert_eq!(ring.bounds(), [1.0, 1.0, 3.0, 3.0]);
        assert_eq!(strips[1..3], [[2.0, 1.0, 3.0, 2.0], [2.0, 3.0, 3.0, 4.0]]);
    }

    #[test]
    fn a_run_over_several_columns_is_cut_at_their_ends() {
        let full = drawn(&["##", "##", "##"]);
        assert_eq!(full.runs(), Some(vec![0, 6]));
        assert_eq!(full.strips(64), [[0.0, 0.0, 1.0, 3.0], [1.0, 0.0, 2.0, 3.0]]);
        assert_eq!(full.strips(1), [[0.0, 0.0, 2.0, 3.0]]);
    }
}
