//! From bytes to pixels: judged first (P1–P3), turned upright (P4), eight bits a channel (P5).

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use image::{DynamicImage, ImageError, ImageReader, RgbImage, RgbaImage};

use super::{Limits, Probe, Refusal, probe};

/// Holds the pixels of a picture as it is shown: grey or RGB, with or without alpha, eight bits a channel.
#[derive(Clone, Debug)]
pub struct Picture {
    pub(super) image: DynamicImage,
    /// Whether JPEG would hurt it: a drawing with a palette.
    pub(super) drawing: bool,
}

impl Picture {
    /// Returns the width as it is shown.
    pub fn width(&self) -> u32 {
        self.image.width()
    }

    /// Returns the height as it is shown.
    pub fn height(&self) -> u32 {
        self.image.height()
    }

    /// Returns the pixels, row by row from the top left corner.
    pub fn pixels(&self) -> &[u8] {
        self.image.as_bytes()
    }

    /// Returns how many bytes a pixel has: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    pub fn channels(&self) -> usize {
        usize::from(self.image.color().channel_count())
    }

    /// Returns the red, green, blue and alpha of one pixel, or nothing outside of the picture.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        use image::GenericImageView;
        self.image.in_bounds(x, y).then(|| self.image.get_pixel(x, y).0)
    }
}

impl From<RgbImage> for Picture {
    fn from(image: RgbImage) -> Self {
        Self { image: DynamicImage::ImageRgb8(image), drawing: false }
    }
}

impl From<RgbaImage> for Picture {
    fn from(image: RgbaImage) -> Self {
        Self { image: without_idle_alpha(DynamicImage::ImageRgba8(image)), drawing: false }
    }
}

/// Decodes a picture, upright and with eight bits a channel.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, Refusal> {
    let probe = probe(bytes, limits)?;
    super::probe::refuse_truncated(bytes, probe.format)?;

    // The decoders are others' work on others' bytes: a panic in one of them is a damaged picture, not an outage.
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_pixels(bytes, &probe, limits)));
    let mut image = decoded.map_err(|_| Refusal::broken("the decoder gave up"))??;
    if (image.width(), image.height()) != (probe.width, probe.height) {
        return Err(Refusal::broken("the pixels are not as many as the header says"));
    }

    image = without_idle_alpha(eight_bits(image));
    if let Some(orientation) = Orientation::from_exif(probe.orientation) {
        image.apply_orientation(orientation);
    }
    Ok(Picture { image, drawing: probe.palette })
}

fn decode_pixels(bytes: &[u8], probe: &Probe, limits: &Limits) -> Result<DynamicImage, Refusal> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), probe.format.decoder());
    let mut allowed = image::Limits::default();
    allowed.max_image_width = Some(limits.side_max);
    allowed.max_image_height = Some(limits.side_max);
    // What the header justifies, at 64 bits a channel, and some room for tables: a tiny picture with a huge
    // frame or tile in it gets no more memory than a tiny picture.
    let justified = u64::from(probe.width) * u64::from(probe.height) * 32 + (64 << 20);
    allowed.max_alloc = Some(limits.memory_max_bytes.min(justified));
    reader.limits(allowed);
    reader.decode().map_err(refusal)
}

fn refusal(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::TooMuchMemory,
        ImageError::Unsupported(_) => Refusal::UnsupportedFormat { name: "Unusually coded" },
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Refusal::Truncated
        }
        error => {
            let mut detail = error.to_string();
            if detail.to_ascii_lowercase().contains("unexpected end of file")
                || detail.contains("UnexpectedEof")
                || detail.contains("unexpected EOF")
            {
                return Refusal::Truncated;
            }
            if let Some((end, _)) = detail.char_indices().nth(200) {
                detail.truncate(end);
            }
            Refusal::Broken { detail }
        }
    }
}

fn eight_bits(image: DynamicImage) -> DynamicImage {
    match image {
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => image,
        DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(image.into_luma8()),
        DynamicImage::ImageLumaA16(_) => DynamicImage::ImageLumaA8(image.into_luma_alpha8()),
        _ if image.color().has_alpha() => DynamicImage::ImageRgba8(image.into_rgba8()),
        _ => DynamicImage::ImageRgb8(image.into_rgb8()),
    }
}

/// Takes away an alpha channel that hides nothing, as screenshots have it, in place.
fn without_idle_alpha(image: DynamicImage) -> DynamicImage {
    match image {
        DynamicImage::ImageRgba8(image) if image.pixels().all(|pixel| pixel.0[3] == 255) => {
            let (width, height) = image.dimensions();
            let pixels = pack::<4, 3>(image.into_raw());
            RgbImage::from_raw(width, height, pixels).unwrap_or_default().into()
        }
        DynamicImage::ImageLumaA8(image) if image.pixels().all(|pixel| pixel.0[1] == 255) => {
            let (width, height) = image.dimensions();
            let pixels = pack::<2, 1>(image.into_raw());
            image::GrayImage::from_raw(width, height, pixels).unwrap_or_default().into()
        }
        image => image,
    }
}

/// Keeps the first `TO` of every `FROM` bytes.
fn pack<const FROM: usize, const TO: usize>(mut bytes: Vec<u8>) -> Vec<u8> {
    let pixels = bytes.len() / FROM;
    for at in 0..pixels {
        bytes.copy_within(at * FROM..at * FROM + TO, at * TO);
    }
    bytes.truncate(pixels * TO);
    bytes.shrink_to_fit();
    bytes
}
