//! What contributors see of a picture: a thumbnail, a preview, and for large ones a pyramid of tiles.
//!
//! All are made from the pixels, so nothing of the file's metadata is in them (P6).

use std::io::Cursor;

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::{DynamicImage, GenericImageView};

use super::{Picture, Refusal};

/// The longest side of a thumbnail in lists.
pub const THUMBNAIL_SIDE: u32 = 320;
/// The longest side of the preview that the workbench shows first.
pub const PREVIEW_SIDE: u32 = 2048;
/// The side of a tile; those at the right and lower edges may be smaller.
pub const TILE_SIDE: u32 = 512;
/// A picture with a longer side than this is shown through tiles: browsers refuse larger canvases.
const SINGLE_SIDE_MAX: u32 = 4096;

const QUALITY: u8 = 88;

/// Says how a rendition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Jpeg,
    Png,
}

impl Encoding {
    /// Returns the type under which HTTP serves the rendition.
    pub fn media_type(self) -> &'static str {
        match self {
            Encoding::Jpeg => "image/jpeg",
            Encoding::Png => "image/png",
        }
    }
}

/// Holds a rendition as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    pub encoding: Encoding,
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Says whether a picture of this size is shown through tiles.
pub fn needs_tiles(width: u32, height: u32) -> bool {
    width.max(height) > SINGLE_SIDE_MAX
}

/// Makes a small copy for lists, with `side` pixels on its longest side at most.
pub fn thumbnail(picture: &Picture, side: u32) -> Result<Encoded, Refusal> {
    fit(picture, side, |picture| encode(picture, QUALITY))
}

/// Makes the copy that the workbench shows first, with at most [`PREVIEW_SIDE`] pixels on its longest side.
pub fn preview(picture: &Picture) -> Result<Encoded, Refusal> {
    thumbnail(picture, PREVIEW_SIDE)
}

/// Scales a picture to a size as a model wants it: red, green and blue, row by row from the top left corner, each pixel
/// the mean of those that it stands for.
pub fn rgb(picture: &Picture, width: u32, height: u32) -> Result<Vec<u8>, Refusal> {
    let mut image = DynamicImage::new(width.max(1), height.max(1), picture.image.color());
    let alg = ResizeAlg::Convolution(FilterType::Bilinear);
    Resizer::new()
        .resize(&picture.image, &mut image, &ResizeOptions::new().resize_alg(alg))
        .map_err(|error| Refusal::NotEncodable { detail: error.to_string() })?;
    Ok(image.into_rgb8().into_raw())
}

/// Scales a picture down, never up, and hands it on.
fn fit<T>(
    picture: &Picture,
    side: u32,
    then: impl FnOnce(&Picture) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let (width, height) = (picture.width(), picture.height());
    let longest = width.max(height);
    if longest <= side {
        return then(picture);
    }
    let scaled = |length: u32| {
        let length = u64::from(length) * u64::from(side.max(1)) + u64::from(longest) / 2;
        u32::try_from(length / u64::from(longest)).unwrap_or(side).max(1)
    };
    let mut image = DynamicImage::new(scaled(width), scaled(height), picture.image.color());
    // A coarse step to twice the wanted size, then a fine one: far quicker on 100 megapixels, and as sharp.
    let alg = ResizeAlg::SuperSampling(FilterType::Lanczos3, 2);
    Resizer::new()
        .resize(&picture.image, &mut image, &ResizeOptions::new().resize_alg(alg))
        .map_err(|error| Refusal::NotEncodable { detail: error.to_string() })?;
    then(&Picture { image, drawing: picture.drawing })
}

/// Writes a picture as JPEG, or as PNG where JPEG would lose alpha or blur a drawing.
pub(super) fn encode(picture: &Picture, quality: u8) -> Result<Encoded, Refusal> {
    let image = &picture.image;
    let lossless = picture.drawing || image.color().has_alpha();
    let mut bytes = Cursor::new(Vec::new());
    let (encoding, written) = if lossless {
        let encoder =
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, PngFilter::Adaptive);
        (Encoding::Png, image.write_with_encoder(encoder))
    } else {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        (Encoding::Jpeg, image.write_with_encoder(encoder))
    };
    written.map_err(|error| Refusal::NotEncodable { detail: error.to_string() })?;
    let (width, height) = image.dimensions();
    Ok(Encoded { encoding, width, height, bytes: bytes.into_inner() })
}

/// Holds one tile: its place in its level, and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// 0 is the full size; each further level has half the width and height, rounded up.
    pub level: u32,
    pub col: u32,
    pub row: u32,
    pub encoded: Encoded,
}

/// Cuts a picture into tiles of `side` pixels, level by level, until a level fits into one tile.
///
/// At most two levels besides the full size are in memory at once: a third of the picture.
pub fn tiles(picture: &Picture, side: u32) -> Tiles<'_> {
    Tiles { full: picture, reduced: None, side: side.max(1), level: 0, col: 0, row: 0, done: false }
}

/// Yields the tiles of a picture. See [`tiles`].
pub struct Tiles<'a> {
    full: &'a Picture,
    reduced: Option<Picture>,
    side: u32,
    level: u32,
    col: u32,
    row: u32,
    done: bool,
}

impl Iterator for Tiles<'_> {
    type Item = Result<Tile, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let level = self.reduced.as_ref().unwrap_or(self.full);
        let (width, height, side) = (level.width(), level.height(), self.side);
        let (x, y) = (self.col * side, self.row * side);
        let image = level.image.crop_imm(x, y, side.min(width - x), side.min(height - y));
        let tile = encode(&Picture { image, drawing: level.drawing }, QUALITY)
            .map(|encoded| Tile { level: self.level, col: self.col, row: self.row, encoded });

        self.col += 1;
        if self.col >= width.div_ceil(side) {
            (self.col, self.row) = (0, self.row + 1);
        }
        if self.row >= height.div_ceil(side) {
            (self.level, self.row) = (self.level + 1, 0);
            if width.max(height) <= side {
                self.done = true;
            } else {
                self.reduced = Some(halved(level));
            }
        }
        self.done |= tile.is_err();
        Some(tile)
    }
}

/// Makes a picture of half the size, each pixel the mean of four, without a buffer in between.
fn halved(picture: &Picture) -> Picture {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = picture.pixels();
    let half = match picture.channels() {
        1 => halve::<1>(pixels, width, height),
        2 => halve_alpha::<2>(pixels, width, height),
        3 => halve::<3>(pixels, width, height),
        _ => halve_alpha::<4>(pixels, width, height),
    };
    let (width, height) = (picture.width().div_ceil(2), picture.height().div_ceil(2));
    let image = match picture.channels() {
        1 => image::GrayImage::from_raw(width, height, half).map(DynamicImage::from),
        2 => image::GrayAlphaImage::from_raw(width, height, half).map(DynamicImage::from),
        3 => image::RgbImage::from_raw(width, height, half).map(DynamicImage::from),
        _ => image::RgbaImage::from_raw(width, height, half).map(DynamicImage::from),
    };
    Picture { image: image.unwrap_or_default(), drawing: picture.drawing }
}

fn halve<const N: usize>(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    halve_with::<N>(pixels, width, height, |quad| {
        std::array::from_fn(|channel| {
            let sum: u16 = quad.iter().map(|pixel| u16::from(pixel[channel])).sum();
            ((sum + 2) / 4) as u8
        })
    })
}

/// Weighs colours by their alpha, so that the unseen colour of clear pixels does not bleed in.
fn halve_alpha<const N: usize>(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    halve_with::<N>(pixels, width, height, |quad| {
        let alpha: u32 = quad.iter().map(|pixel| u32::from(pixel[N - 1])).sum();
        std::array::from_fn(|channel| {
            if channel == N - 1 {
                return ((alpha + 2) / 4) as u8;
            }
            let weighted = |pixel: &[u8; N]| u32::from(pixel[channel]) * u32::from(pixel[N - 1]);
            let sum: u32 = quad.iter().map(weighted).sum();
            (sum + alpha / 2).checked_div(alpha).unwrap_or(0) as u8
        })
    })
}

fn halve_with<const N: usize>(
    pixels: &[u8],
    width: usize,
    height: usize,
    mean: impl Fn([[u8; N]; 4]) -> [u8; N],
) -> Vec<u8> {
    let (rows, _) = pixels.as_chunks::<N>();
    let mut half = Vec::with_capacity(width.div_ceil(2) * height.div_ceil(2) * N);
    for y in (0..height).step_by(2) {
        // An odd last row or column stands for its missing neighbour too.
        let upper = &rows[y * width..][..width];
        let lower = &rows[(y + 1).min(height - 1) * width..][..width];
        let (upper_pairs, upper_rest) = upper.as_chunks::<2>();
        let (lower_pairs, lower_rest) = lower.as_chunks::<2>();
        for ([a, b], [c, d]) in upper_pairs.iter().zip(lower_pairs) {
            half.extend_from_slice(&mean([*a, *b, *c, *d]));
        }
        if let ([a], [c]) = (upper_rest, lower_rest) {
            half.extend_from_slice(&mean([*a, *a, *c, *c]));
        }
    }
    half
}
