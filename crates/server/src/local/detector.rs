//! Detectors.
//!
//! The built-in one is NanoDet: BGR, less the mean and by the deviation of ImageNet, centred on 416 × 416 (its picture
//! scaled, never stretched, the rest black). For each of the strides 8, 16 and 32 it gives the likelihood of each class for each
//! cell, and for each of four sides a distribution over 0 to 10 strides whose mean is the distance of that side (Li
//! and others, "Generalized Focal Loss", 2020).
//!
//! An operator's own is what YOLOv8 and its successors export: one input `1 × 3 × H × W`, RGB from 0 to 1, the rest of the
//! centred picture grey (114); one output `1 × (4 + C) × N`: centre, width and height in input pixels, then the
//! likelihood of each class; the other order, `1 × N × (4 + C)`, is recognised by the number of classes. The names of
//! the C classes lie beside the file, `MODEL.names` beside `MODEL.onnx`, one a line.

use super::onnx::{self, Onnx};
use super::{Detector, Found, without_repeats};
use formats::pictures::{self, Picture};
use std::path::Path;

/// By how much two of one class may overlap.
const OVERLAP_MAX: f64 = 0.5;

const BUILT_IN: &[u8] = include_bytes!("../../models/nanodet.onnx");
const SIDE: usize = 416;
const STRIDES: [usize; 3] = [8, 16, 32];
const BINS: usize = 11;
const MEAN: [f32; 3] = [103.53, 116.28, 123.675];
const DEVIATION: [f32; 3] = [57.375, 57.12, 58.395];

/// Where the picture lies in what a model is given.
struct Letterbox {
    scale: f64,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Letterbox {
    /// The picture centred on `height × width`, and each of its values and of the rest as `value` makes of channel and byte.
    fn new(
        picture: &Picture,
        [height, width]: [usize; 2],
        rest: u8,
        value: impl Fn(usize, u8) -> f32,
    ) -> Result<(Self, Vec<f32>), String> {
        let (w, h) = (f64::from(picture.width()), f64::from(picture.height()));
        let scale = (width as f64 / w).min(height as f64 / h);
        let fit = |side: f64, most: usize| ((side * scale).round() as usize).clamp(1, most);
        let (wide, high) = (fit(w, width), fit(h, height));
        let (left, top) = ((width - wide) / 2, (height - high) / 2);
        let pixels = pictures::rgb(picture, wide as u32, high as u32)
            .map_err(|refusal| refusal.to_string())?;
        let mut planes = Vec::with_capacity(3 * width * height);
        for channel in 0..3 {
            planes.resize((channel + 1) * width * height, value(channel, rest));
            let plane = &mut planes[channel * width * height..];
            for (y, row) in pixels.chunks_exact(wide * 3).enumerate() {
                for (x, pixel) in row.chunks_exact(3).enumerate() {
                    plane[(top + y) * width + left + x] = value(channel, pixel[channel]);
                }
            }
        }
        let place = Self { scale, left: left as f64, top: top as f64, width: w, height: h };
        Ok((place, planes))
    }

    /// Sides in input pixels as left, top, width and height in the picture; none where nothing of it is inside.
    fn bounds(&self, [left, top, right, bottom]: [f64; 4]) -> Option<[f64; 4]> {
        let x = |x: f64| ((x - self.left) / self.scale).clamp(0.0, self.width);
        let y = |y: f64| ((y - self.top) / self.scale).clamp(0.0, self.height);
        let (left, top, right, bottom) = (x(left), y(top), x(right), y(bottom));
        let is_there = right - left >= 1.0 && bottom - top >= 1.0;
        is_there.then_some([left, top, right - left, bottom - top])
    }
}

struct NanoDet {
    model: Onnx,
    input: String,
    classes: Vec<String>,
}

pub(super) fn built_in() -> Result<impl Detector, String> {
    let model = Onnx::embedded(BUILT_IN)?;
    let input = model.inputs().into_iter().next().ok_or("the model has no input")?;
    Ok(NanoDet { model, input, classes: super::built_in_classes() })
}

impl Detector for NanoDet {
    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn detect(&self, picture: &Picture, at_least: f32) -> Result<Vec<Found>, String> {
        // The channels of a pixel are red, green, blue; the planes of the model blue, green, red.
        let size = [SIDE, SIDE];
        let normal = |channel: usize, byte: u8| {
            (f32::from(byte) - MEAN[2 - channel]) / DEVIATION[2 - channel]
        };
        // Black stands for itself before it is made normal.
        let (place, mut planes) = Letterbox::new(picture, size, 0, normal)?;
        let plane = SIDE * SIDE;
        let (red, blue) = planes.split_at_mut(2 * plane);
        red[..plane].swap_with_slice(blue);
        let outputs = self.model.run(vec![(&self.input, onnx::picture(planes, size))])?;
        let count = self.classes.len();
        let find = |cells: usize, width: usize| {
            let is_it = |tensor: &&(String, _)| onnx::shape(&tensor.1)[1..] == [cells, width];
            let found = outputs.iter().find(is_it).map(|(_, tensor)| onnx::numbers(tensor));
            found.ok_or("the model does not answer as it should")
        };
        let mut found = Vec::new();
        for stride in STRIDES {
            let across = SIDE / stride;
            let scores = find(across * across, count)?;
            let sides = find(across * across, 4 * BINS)?;
            for (cell, likely) in scores.chunks_exact(count).enumerate() {
                if !likely.iter().any(|score| *score >= at_least) {
                    continue;
                }
                let far: Vec<f64> = sides[cell * 4 * BINS..][..4 * BINS]
                    .chunks_exact(BINS)
                    .map(|bins| mean_of(bins) * stride as f64)
                    .collect();
                let centre = |at: usize| (at as f64 + 0.5) * stride as f64;
                let (x, y) = (centre(cell % across), centre(cell / across));
                let sides = [x - far[0], y - far[1], x + far[2], y + far[3]];
                let Some(bounds) = place.bounds(sides) else { continue };
                for (class, score) in likely.iter().copied().enumerate() {
                    if score >= at_least {
                        found.push(Found { class, score, bounds });
                    }
                }
            }
        }
        Ok(without_repeats(found, OVERLAP_MAX))
    }
}

/// The mean of a distribution that is given by its logits over 0, 1, 2, …
fn mean_of(logits: &[f32]) -> f64 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights = logits.iter().map(|logit| f64::from(logit - highest).exp());
    let (sum, weighted) = weights.enumerate().fold((0.0, 0.0), |(sum, weighted), (at, weight)| {
        (sum + weight, weighted + at as f64 * weight)
    });
    weighted / sum
}

struct Rows {
    model: Onnx,
    input: String,
    size: [usize; 2],
    classes: Vec<String>,
}

/// The side of the picture where the file does not fix it.
const SIDE_DEFAULT: usize = 640;
const GREY: u8 = 114;

pub(super) fn from_files(file: &Path, names: &Path) -> Result<impl Detector + use<>, String> {
    let classes = std::fs::read_to_string(names).map_err(|error| {
        format!("{}: {error}: the names of the classes, one a line", names.display())
    })?;
    let classes = super::names(&classes);
    if classes.is_empty() {
        return Err(format!("{} names no class", names.display()));
    }
    let model = Onnx::open(file)?;
    let input = model.inputs().into_iter().next().ok_or("the model has no input")?;
    let size = model.picture_size().unwrap_or([SIDE_DEFAULT, SIDE_DEFAULT]);
    Ok(Rows { model, input, size, classes })
}

impl Detector for Rows {
    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn detect(&self, picture: &Picture, at_least: f32) -> Result<Vec<Found>, String> {
        let value = |_, byte: u8| f32::from(byte) / 255.0;
        let (place, planes) = Letterbox::new(picture, self.size, GREY, value)?;
        let outputs = self.model.run(vec![(&self.input, onnx::picture(planes, self.size))])?;
        let width = 4 + self.classes.len();
        let (tensor, shape) = outputs
            .first()
            .map(|(_, tensor)| (onnx::numbers(tensor), onnx::shape(tensor)))
            .ok_or("the model has no output")?;
        let (count, is_by_column) = match shape[..] {
            [1, rows, count] if rows == width => (count, true),
            [1, count, columns] if columns == width => (count, false),
            _ => {
                return Err(format!(
                    "the model answers {shape:?}, and 1 × {width} × N is wanted: 4 sides and {} classes",
                    self.classes.len()
                ));
            }
        };
        let at = |row: usize, column: usize| {
            tensor[if is_by_column { column * count + row } else { row * width + column }]
        };
        let mut found = Vec::new();
        for row in 0..count {
            let [x, y, w, h] = [0, 1, 2, 3].map(|column| f64::from(at(row, column)));
            let sides = [x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0];
            let likely = (0..self.classes.len()).map(|class| (class, at(row, 4 + class)));
            let best = likely.max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((class, score)) = best.filter(|(_, score)| *score >= at_least)
                && let Some(bounds) = place.bounds(sides)
            {
                found.push(Found { class, score, bounds });
            }
        }
        Ok(without_repeats(found, OVERLAP_MAX))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    /// What onnxruntime finds in the same picture, decoded the same way: `bench/models/peers.py`.
    #[test]
    fn the_cars_of_a_highway() {
        let bytes = include_bytes!("../../../../demo/street/images/test4.jpg");
        let picture = pictures::decode(bytes, &pictures::Limits::default()).unwrap();
        let detector = built_in().unwrap();
        let found = detector.detect(&picture, 0.35).unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| (detector.classes()[one.class].as_str(), (one.score * 100.0).round()))
            .collect();
        assert_eq!(told, [("car", 73.0), ("car", 73.0)], "{found:?}");
    }

    #[test]
    fn a_distribution_has_a_mean() {
        assert_eq!(mean_of(&[0.0; 11]), 5.0);
        assert!((mean_of(&[0.0, 0.0, 90.0, 0.0]) - 2.0).abs() < 1e-9);
    }
}
