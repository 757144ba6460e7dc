//! Shapes as numbers, read with suspicion. An answer knows boxes and polygons; other tools know more.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The shape of one object, in pixels, the origin at the top left corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    Box {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    },
    /// A box that is turned clockwise about its centre.
    Turned {
        cx: f64,
        cy: f64,
        width: f64,
        height: f64,
        degrees: f64,
    },
    Polygon {
        points: Vec<[f64; 2]>,
    },
    /// One object that other things cut into several polygons.
    Parts {
        parts: Vec<Vec<[f64; 2]>>,
    },
    Line {
        points: Vec<[f64; 2]>,
    },
    Points {
        points: Vec<[f64; 2]>,
    },
    /// Named points in the order of their class: x, y, and 0 absent, 1 hidden, 2 visible. Where the
    /// object has a box besides, it is x, y, width, height.
    Keypoints {
        points: Vec<[f64; 3]>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        around: Option<[f64; 4]>,
    },
    Ellipse {
        cx: f64,
        cy: f64,
        rx: f64,
        ry: f64,
        degrees: f64,
    },
    Mask(Mask),
    /// A box that is seen in perspective: top and bottom of its edges front left, front right, back right, back left.
    Solid {
        corners: Vec<[f64; 2]>,
    },
}

/// A mask as COCO has it: runs of zeros and ones by turns, column by column, in its compressed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    pub height: u32,
    pub width: u32,
    /// The text, byte for byte as it came.
    pub counts: String,
}

impl Shape {
    pub(crate) fn read(shape: &Value) -> Option<Self> {
        let number = |key: &str| shape[key].as_f64();
        match shape["type"].as_str()? {
            "box" => Some(Shape::Box {
                x: number("x")?,
                y: number("y")?,
                width: number("width")?,
                height: number("height")?,
            }),
            "polygon" => {
                let points = shape["points"].as_array()?.iter().map(|point| {
                    let [x, y] = &point.as_array()?[..] else { return None };
                    Some([x.as_f64()?, y.as_f64()?])
                });
                let points: Vec<_> = points.collect::<Option<_>>()?;
                (points.len() >= 3).then_some(Shape::Polygon { points })
            }
            _ => None,
        }
    }

    pub(crate) fn write(&self) -> Value {
        match self {
            Shape::Box { x, y, width, height } => {
                json!({ "type": "box", "x": x, "y": y, "width": width, "height": height })
            }
            Shape::Polygon { points } => json!({ "type": "polygon", "points": points }),
            other => json!(other),
        }
    }

    /// Returns the upright box around the shape: x, y, width, height.
    pub fn bounds(&self) -> [f64; 4] {
        match self {
            Shape::Box { x, y, width, height } => [*x, *y, *width, *height],
            Shape::Turned { .. } => around(&self.corners()),
            Shape::Polygon { points }
            | Shape::Line { points }
            | Shape::Points { points }
            | Shape::Solid { corners: points } => around(points),
            Shape::Parts { parts } => around(parts.iter().flatten()),
            Shape::Keypoints { around: Some(given), .. } => *given,
            Shape::Keypoints { points, around: None } => {
                let present = points.iter().filter(|point| point[2] > 0.0);
                around(&present.map(|point| [point[0], point[1]]).collect::<Vec<_>>())
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees } => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let half_width = (rx * cos).hypot(ry * sin);
                let half_height = (rx * sin).hypot(ry * cos);
                [cx - half_width, cy - half_height, 2.0 * half_width, 2.0 * half_height]
            }
            Shape::Mask(mask) => mask.bounds(),
        }
    }

    /// Returns the corners of a box, clockwise from the one that was top left before it was turned.
    pub fn corners(&self) -> Vec<[f64; 2]> {
        match self {
            Shape::Turned { cx, cy, width, height, degrees } => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let (w, h) = (width / 2.0, height / 2.0);
                [[-w, -h], [w, -h], [w, h], [-w, h]]
                    .map(|[x, y]| [cx + x * cos - y * sin, cy + x * sin + y * cos])
                    .to_vec()
            }
            _ => {
                let [x, y, width, height] = self.bounds();
                vec![[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
            }
        }
    }

    pub fn area(&self) -> f64 {
        match self {
            Shape::Box { width, height, .. } | Shape::Turned { width, height, .. } => {
                width * height
            }
            Shape::Polygon { points } => polygon_area(points),
            Shape::Parts { parts } => parts.iter().map(|part| polygon_area(part)).sum(),
            Shape::Line { .. } | Shape::Points { .. } => 0.0,
            Shape::Keypoints { .. } | Shape::Solid { .. } => {
                let [_, _, width, height] = self.bounds();
                width * height
            }
            Shape::Ellipse { rx, ry, .. } => std::f64::consts::PI * rx * ry,
            Shape::Mask(mask) => mask.area(),
        }
    }

    /// Returns the name that loss reports and interfaces call this shape by.
    pub fn kind(&self) -> &'static str {
        match self {
            Shape::Box { .. } => "box",
            Shape::Turned { .. } => "turned_box",
            Shape::Polygon { .. } => "polygon",
            Shape::Parts { .. } => "polygon_of_several_parts",
            Shape::Line { .. } => "line",
            Shape::Points { .. } => "points",
            Shape::Keypoints { .. } => "keypoints",
            Shape::Ellipse { .. } => "ellipse",
            Shape::Mask(_) => "mask",
            Shape::Solid { .. } => "cuboid_in_picture",
        }
    }
}

fn polygon_area(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    let twice: f64 = points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
    twice.abs() / 2.0
}

fn around<'a>(points: impl IntoIterator<Item = &'a [f64; 2]>) -> [f64; 4] {
    let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let [left, top, right, bottom] = points.into_iter().fold(start, |around, [x, y]| {
        let [left, top, right, bottom] = around;
        [left.min(*x), top.min(*y), right.max(*x), bottom.max(*y)]
    });
    if left > right { [0.0; 4] } else { [left, top, right - left, bottom - top] }
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

    fn area(&self) -> f64 {
        self.runs().map_or(0, |runs| runs.iter().skip(1).step_by(2).sum::<u64>()) as f64
    }

    fn bounds(&self) -> [f64; 4] {
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
}
