//! Outlines as masks, pixel for pixel as COCO's own tool makes them (`rleFrPoly`): the boundary is walked five
//! times finer than the pixels, and a pixel belongs to the outline by its centre.

use crate::shape::{Mask, Shape};

const SCALE: f64 = 5.0;
/// The longest way along all boundaries, in fifths of a pixel.
const STEPS_MAX: u64 = 200_000_000;
const PIXELS_MAX: u64 = 200_000_000;

impl Shape {
    /// Returns the pixels that the shape covers in a picture of this size; none for what covers none, as lines
    /// and points, and where the picture or the outline is too large.
    pub fn mask(&self, height: u32, width: u32) -> Option<Mask> {
        match self {
            Shape::Mask(mask) => {
                (mask.height == height && mask.width == width).then(|| mask.clone())
            }
            Shape::Polygon { points } => of_polygons(height, width, &[points]),
            Shape::Parts { parts } => of_polygons(height, width, &parts.iter().collect::<Vec<_>>()),
            Shape::Box { .. } | Shape::Turned { .. } => {
                of_polygons(height, width, &[&self.corners()])
            }
            Shape::Ellipse { .. } => of_polygons(height, width, &[&self.outline()]),
            Shape::Line { .. }
            | Shape::Points { .. }
            | Shape::Keypoints { .. }
            | Shape::Solid { .. } => None,
        }
    }

    /// Returns the outline of an ellipse as sixty-four points, of anything else as its corners.
    pub fn outline(&self) -> Vec<[f64; 2]> {
        let Shape::Ellipse { cx, cy, rx, ry, degrees } = self else { return self.corners() };
        let (sin, cos) = degrees.to_radians().sin_cos();
        let points = (0..64).map(|at| {
            let (s, c) = (f64::from(at) * std::f64::consts::TAU / 64.0).sin_cos();
            let (x, y) = (rx * c, ry * s);
            [cx + x * cos - y * sin, cy + x * sin + y * cos]
        });
        points.collect()
    }
}

/// Makes the union of polygons a mask; none where the picture has more than 200 megapixels or a polygon leads
/// too far out of it.
fn of_polygons(height: u32, width: u32, parts: &[&Vec<[f64; 2]>]) -> Option<Mask> {
    if u64::from(height) * u64::from(width) > PIXELS_MAX {
        return None;
    }
    let mut crossings = parts.iter().map(|part| crossings(height, width, part));
    if let [_] = parts {
        let runs = runs(crossings.next()??, u64::from(height) * u64::from(width));
        return Some(Mask::from_runs(height, width, &runs));
    }
    let mut pixels = vec![0_u8; height as usize * width as usize];
    for crossings in crossings {
        let total = pixels.len() as u64;
        let (mut at, mut inside) = (0, false);
        for run in runs(crossings?, total) {
            if inside {
                pixels[at..at + run as usize].fill(1);
            }
            (at, inside) = (at + run as usize, !inside);
        }
    }
    Some(of_columns(height, width, &pixels))
}

/// Makes a mask of pixels that lie column by column.
fn of_columns(height: u32, width: u32, pixels: &[u8]) -> Mask {
    let (mut runs, mut inside) = (vec![0_u64], 0);
    for pixel in pixels {
        if *pixel != inside {
            runs.push(0);
            inside = *pixel;
        }
        if let Some(last) = runs.last_mut() {
            *last += 1;
        }
    }
    Mask::from_runs(height, width, &runs)
}

/// Where the boundary goes in or out, counted column by column.
fn crossings(height: u32, width: u32, part: &[[f64; 2]]) -> Option<Vec<u64>> {
    let fine = |at: f64| -> Option<i64> {
        let fine = SCALE * at + 0.5;
        (fine.abs() < 1e9).then_some(fine as i64)
    };
    let mut corners = Vec::with_capacity(part.len() + 1);
    for [x, y] in part {
        corners.push([fine(*x)?, fine(*y)?]);
    }
    corners.push(*corners.first()?);
    let (h, w) = (f64::from(height), f64::from(width));
    let (mut found, mut before, mut steps) = (Vec::new(), None::<[i64; 2]>, 0);
    for pair in corners.windows(2) {
        let ([mut xs, mut ys], [mut xe, mut ye]) = (pair[0], pair[1]);
        let (dx, dy) = ((xe - xs).abs(), (ye - ys).abs());
        let flat = dx >= dy;
        let flip = if flat { xs > xe } else { ys > ye };
        if flip {
            (xs, xe, ys, ye) = (xe, xs, ye, ys);
        }
        let slope = if flat { (ye - ys) as f64 / dx as f64 } else { (xe - xs) as f64 / dy as f64 };
        let length = dx.max(dy);
        steps += length as u64;
        if steps > STEPS_MAX {
            return None;
        }
        for step in 0..=length {
            let t = if flip { length - step } else { step };
            let along = |start: i64| (start as f64 + slope * t as f64 + 0.5) as i64;
            let [u, v] = match (flat, length) {
                (_, 0) => [xs, ys],
                (true, _) => [t + xs, along(ys)],
                (false, _) => [along(xs), t + ys],
            };
            if let Some([last_u, last_v]) = before
                && u != last_u
            {
                let x = ((if u < last_u { u } else { u - 1 }) as f64 + 0.5) / SCALE - 0.5;
                if x.fract() == 0.0 && x >= 0.0 && x <= w - 1.0 {
                    let y = (v.min(last_v) as f64 + 0.5) / SCALE - 0.5;
                    let y = y.clamp(0.0, h).ceil();
                    found.push(x as u64 * u64::from(height) + y as u64);
                }
            }
            before = Some([u, v]);
        }
    }
    Some(found)
}

/// Runs, zeros first, between crossings; two at one place cancel out.
fn runs(mut crossings: Vec<u64>, total: u64) -> Vec<u64> {
    crossings.push(total);
    crossings.sort_unstable();
    let mut last = 0;
    let steps: Vec<u64> =
        crossings.iter().map(|at| at - std::mem::replace(&mut last, *at)).collect();
    let mut runs = vec![steps[0]];
    let mut at = 1;
    while at < steps.len() {
        if steps[at] > 0 {
            runs.push(steps[at]);
            at += 1;
        } else {
            at += 1;
            if let (Some(run), Some(step)) = (runs.last_mut(), steps.get(at)) {
                *run += step;
                at += 1;
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `pycocotools.mask.frPyObjects` makes of the same outlines.
    #[test]
    fn outlines_are_filled_as_cocos_own_tool_fills_them() {
        let table: [(&[[f64; 2]], &str); 6] = [
            (
                &[[1.5, 2.25], [30.0, 2.0], [30.0, 40.75]],
                "R31_12N1O1O2N1O1O2N1O2N1O1O2N1O1O2N1O1O2N1O2N1O1O2N1O1O2N1mb1",
            ),
            (&[[-5.0, -5.0], [70.0, -3.0], [66.0, 60.0], [-2.0, 50.0]], "0PP3"),
            (&[[10.0, 10.0], [20.5, 10.2], [20.3, 10.9]], "jf01_1000000000VP2"),
            (&[[0.0, 0.0], [64.0, 0.0], [64.0, 48.0], [0.0, 48.0]], "0PP3"),
            (
                &[[5.0, 5.0], [40.0, 40.0], [5.0, 40.0], [40.0, 5.0]],
                "g81=0c01]O0a01_O0?1A0=1C0;1E091G071I051K031M011O0O110M130K150I170G190E1;b00]OE1;NG19NI17NK15NM13NO11N11ON31MN51KN71IN91GN;1EN=1CN?1ANa01_ONc01?OiR1",
            ),
            (
                &[
                    [13.66, 26.39],
                    [22.9, 29.61],
                    [40.8, 0.54],
                    [-2.08, 42.22],
                    [15.15, 9.65],
                    [66.7, 22.39],
                    [55.55, 22.72],
                    [41.73, 5.13],
                    [41.44, 43.87],
                ],
                "V12\\11O1O1O1O1O1O1O1O100O1O1O1O100ROBl0=UOCk0<WODh0;YOEh09YOHf07\\OIc06^OJb05_OLa02@O?0@2`0M_O6`0I@8j03N2FB^O`0a0A]Ob0a0@]Ob0a07OWO@e0>[OCe0<ZOGf07ZOJg04XONh01WO1j0MVO5j0800GOHc001N1O1O101N1O1O10a1O_N101N000001O0000001OZO",
            ),
        ];
        for (points, counts) in table {
            let mask = of_polygons(48, 64, &[&points.to_vec()]).unwrap();
            assert_eq!(mask.counts, counts);
        }
    }
}
