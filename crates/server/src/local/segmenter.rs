//! Segmenters of the SAM family, as two ONNX files.
//!
//! **Encoder**: one input `1 × 3 × S × S` (S as the file fixes it; otherwise four times the side of the decoder's
//! `mask_input`, or 1024), the picture scaled so that its longest side is S, at the top left, RGB less the mean and by the
//! deviation of ImageNet, the rest 0; one output, the embedding. Or one input `H × W × 3`, the scaled picture alone with its
//! values from 0 to 255, where the file does the rest itself (`samexporter --use-preprocess`).
//!
//! **Decoder**: the inputs `image_embeddings`, `point_coords` (`1 × P × 2`, in pixels of the encoder's input),
//! `point_labels` (`1 × P`: 1 inside, 0 outside, 2 and 3 the corners of a box, −1 none), `mask_input` (`1 × 1 × S/4 × S/4`),
//! `has_mask_input` (`1`), `orig_im_size` (`2`, height and width); of these `mask_input`, `has_mask_input` and
//! `orig_im_size` may be absent. The outputs `masks` (`1 × K × H × W`, above 0 inside) and `iou_predictions` (`1 × K`).
//! Masks of another size than the picture's are those of the encoder's input, and are scaled.

use super::Segmenter;
use super::onnx::{self, Onnx};
use domain::mask::Mask;
use formats::exchange::Prompt;
use formats::pictures::{self, Picture};
use rten_tensor::Tensor;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const SIDE_DEFAULT: usize = 1024;
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];
/// Readings of pictures that are kept, for whoever points again.
const READINGS_KEPT: usize = 8;

struct Sam {
    encoder: Onnx,
    input: String,
    takes_pixels: bool,
    side: usize,
    decoder: Onnx,
    takes: Vec<String>,
    readings: Mutex<Vec<(String, Tensor<f32>)>>,
}

pub(super) fn from_files(encoder: &Path, decoder: &Path) -> Result<impl Segmenter + use<>, String> {
    let encoder = Onnx::open(encoder)?;
    let decoder = Onnx::open(decoder)?;
    let input = encoder.inputs().into_iter().next().ok_or("the encoder has no input")?;
    let takes_pixels = encoder.input_shape(&input).is_some_and(|shape| shape.len() == 3);
    let quarter = decoder.input_shape("mask_input").and_then(|shape| *shape.last()?);
    let side = encoder.picture_size().map(|[height, _]| height);
    let side = side.or(quarter.map(|quarter| quarter * 4)).unwrap_or(SIDE_DEFAULT);
    let takes = decoder.inputs();
    for name in ["image_embeddings", "point_coords", "point_labels"] {
        if !takes.iter().any(|taken| taken == name) {
            return Err(format!("the decoder has no input `{name}`"));
        }
    }
    Ok(Sam { encoder, input, takes_pixels, side, decoder, takes, readings: Mutex::default() })
}

impl Sam {
    fn scale(&self, picture: &Picture) -> f64 {
        self.side as f64 / f64::from(picture.width().max(picture.height()))
    }

    fn read(&self, key: &str, picture: &Picture) -> Result<Tensor<f32>, String> {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reading)) = readings.iter().find(|(kept, _)| kept == key) {
            return Ok(reading.clone());
        }
        let (scale, side) = (self.scale(picture), self.side);
        let fit = |length: u32| ((f64::from(length) * scale).round() as usize).clamp(1, side);
        let (wide, high) = (fit(picture.width()), fit(picture.height()));
        let pixels = pictures::rgb(picture, wide as u32, high as u32)
            .map_err(|refusal| refusal.to_string())?;
        let taken = if self.takes_pixels {
            let values: Vec<f32> = pixels.iter().copied().map(f32::from).collect();
            Tensor::from_data(&[high, wide, 3], values)
        } else {
            onnx::picture(planes(&pixels, wide, side), [side, side])
        };
        let outputs = self.encoder.run(vec![(&self.input, taken)])?;
        let (_, reading) = outputs.into_iter().next().ok_or("the encoder has no output")?;
        if readings.len() >= READINGS_KEPT {
            readings.remove(0);
        }
        readings.push((key.into(), reading.clone()));
        Ok(reading)
    }
}

/// `3 × side × side` of a picture that is `wide` and lies at the top left.
fn planes(pixels: &[u8], wide: usize, side: usize) -> Vec<f32> {
    let mut planes = vec![0.0; 3 * side * side];
    for (channel, plane) in planes.chunks_exact_mut(side * side).enumerate() {
        for (y, row) in pixels.chunks_exact(wide * 3).enumerate() {
            for (x, pixel) in row.chunks_exact(3).enumerate() {
                plane[y * side + x] =
                    (f32::from(pixel[channel]) - MEAN[channel]) / DEVIATION[channel];
            }
        }
    }
    planes
}

/// Which of the masks, and its score. Of the four of Segment Anything the first is trained for three points and more, the
/// others for fewer, where it is open what is meant (`select_masks` of the published export).
fn best_of(scores: &[f32], points: usize) -> Option<(usize, f32)> {
    let is_trained_for = |at: usize| scores.len() != 4 || (at == 0) == (points > 2);
    let masks = scores.iter().copied().enumerate().filter(|(at, _)| is_trained_for(*at));
    masks.max_by(|a, b| a.1.total_cmp(&b.1))
}

impl Segmenter for Sam {
    fn segment(
        &self,
        key: &str,
        picture: &Picture,
        prompts: &[Prompt],
    ) -> Result<(Mask, f32), String> {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let scale = self.scale(picture);
        let reading = self.read(key, picture)?;
        let (mut places, mut labels) = (Vec::new(), Vec::new());
        let mut point = |[x, y]: [f64; 2], label: f32| {
            places.extend([(x * scale) as f32, (y * scale) as f32]);
            labels.push(label);
        };
        let mut has_box = false;
        for prompt in prompts {
            match prompt {
                Prompt::Point { at, inside } => point(*at, if *inside { 1.0 } else { 0.0 }),
                Prompt::Box([x, y, wide, high]) => {
                    has_box = true;
                    point([*x, *y], 2.0);
                    point([x + wide, y + high], 3.0);
                }
            }
        }
        if !has_box {
            // The decoder was trained with a point that says that there is no box.
            point([0.0, 0.0], -1.0);
        }
        let count = labels.len();
        let quarter = self.side / 4;
        let mut inputs = vec![
            ("image_embeddings", reading),
            ("point_coords", Tensor::from_data(&[1, count, 2], places)),
            ("point_labels", Tensor::from_data(&[1, count], labels)),
        ];
        for (name, tensor) in [
            (
                "mask_input",
                Tensor::from_data(&[1, 1, quarter, quarter], vec![0.0; quarter * quarter]),
            ),
            ("has_mask_input", Tensor::from_data(&[1], vec![0.0])),
            ("orig_im_size", Tensor::from_data(&[2], vec![height as f32, width as f32])),
        ] {
            if self.takes.iter().any(|taken| taken == name) {
                inputs.push((name, tensor));
            }
        }
        let outputs = self.decoder.run(inputs)?;
        let output =
            |name: &str| outputs.iter().find(|(given, _)| given == name).map(|(_, tensor)| tensor);
        let masks = output("masks").ok_or("the decoder has no output `masks`")?;
        let scores = output("iou_predictions").map(onnx::numbers).unwrap_or_else(|| vec![1.0]);
        let (best, score) = best_of(&scores, count).ok_or("the decoder gives no mask")?;
        let shape = onnx::shape(masks);
        let &[1, count, high, wide] = &shape[..] else {
            return Err(format!("the decoder's masks are {shape:?}, and 1 × K × H × W is wanted"));
        };
        if best >= count || high == 0 || wide == 0 {
            return Err("the decoder gives fewer masks than scores".into());
        }
        let all = onnx::numbers(masks);
        let mask = &all[best * high * wide..][..high * wide];
        // In pixels of the mask: those of the picture, or those of the encoder's input in a size of its own.
        let across = if (wide, high) == (width, height) {
            1.0
        } else {
            scale * wide as f64 / self.side as f64
        };
        let at =
            |pixel: usize, most: usize| (((pixel as f64 + 0.5) * across) as usize).min(most - 1);
        let inside = (0..height).flat_map(|y| {
            let row = at(y, high) * wide;
            (0..width).map(move |x| (row, x))
        });
        let inside: Vec<u8> =
            inside.map(|(row, x)| u8::from(mask[row + at(x, wide)] > 0.0)).collect();
        Ok((Mask::from_pixels(height as u32, width as u32, &inside), score.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    /// Segment Anything as its authors' package exports it, small and untrained (`bench/models/sam.py`): the masks that
    /// onnxruntime finds with the same files, to a thousandth of the picture.
    #[test]
    fn the_published_export_gives_the_masks_of_onnxruntime() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        let pixels = image::RgbImage::from_fn(128, 96, |x, y| {
            let blue = if (x / 16 + y / 16) % 2 == 1 { 200 } else { 0 };
            image::Rgb([(x * 2) as u8, (y * 3) as u8, blue])
        });
        let picture = Picture::from(pixels);
        let point = |x, y, inside| Prompt::Point { at: [x, y], inside };
        let both = vec![Prompt::Box([10.0, 10.0, 80.0, 60.0]), point(50.0, 40.0, false)];
        for encoder in ["sam_encoder.onnx", "sam_encoder_of_pixels.onnx"] {
            let sam = from_files(&data.join(encoder), &data.join("sam_decoder.onnx")).unwrap();
            for (name, prompts, area, score) in [
                ("a point", vec![point(40.0, 30.0, true)], 5446.0, 0.8192),
                ("a box and a point", both.clone(), 4720.0, 0.6985),
            ] {
                let (mask, told) = sam.segment("key", &picture, &prompts).unwrap();
                let off = (mask.area() - area).abs();
                assert!(off <= 12.0, "{encoder}, {name}: {} pixels", mask.area());
                assert!((told - score).abs() < 1e-3, "{encoder}, {name}: {told}");
            }
        }
    }
}
