//! Pictures: what a file of bytes is, whether it may be opened, and what contributors see of it.
//!
//! A picture comes from anybody, so it is judged by its header before a decoder sees it, and what is shown
//! is made by this crate, never the file as it came. The rules:
//!
//! - **P1** The first bytes decide the format, never the name. JPEG, PNG, WebP, GIF (its first frame), BMP
//!   and TIFF are pictures here; SVG is a program and is refused.
//! - **P2** Width and height are read from the header and compared with [`Limits`] before anything that
//!   grows with them is allocated: thirty bytes that claim 60,000 × 60,000 pixels cost thirty bytes.
//! - **P3** A file that ends too early is refused. Half a street scene, with the rest in grey, would be labelled.
//! - **P4** Width and height that other parts speak of are those of the picture as it is shown: the EXIF
//!   orientation is applied (rule A1 of the answers).
//! - **P5** Everything is shown with eight bits a channel; sixteen are scaled down in a line.
//! - **P6** No rendition carries metadata: no place, no serial number, no name.

mod decode;
mod jpeg;
mod probe;
mod renditions;
mod strip;
mod tiff;

pub use decode::{Picture, decode};
pub use probe::{Probe, probe};
pub use renditions::{
    Encoded, Encoding, PREVIEW_SIDE, THUMBNAIL_SIDE, TILE_SIDE, Tile, Tiles, needs_tiles, preview,
    rgb, thumbnail, tiles,
};
pub use strip::{Stripped, strip_metadata};

/// How large a picture may be, and how much memory a decoder may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub pixels_max: u64,
    pub side_max: u32,
    pub memory_max_bytes: u64,
}

impl Default for Limits {
    /// 200 megapixels, 65,500 pixels on a side (a little under what JPEG can say), and the memory that the
    /// most expensive picture of that size needs.
    fn default() -> Self {
        Self { pixels_max: 200_000_000, side_max: 65_500, memory_max_bytes: 2 << 30 }
    }
}

/// Names a format that this crate opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
    Tiff,
}

impl Format {
    /// Returns the type under which HTTP serves the file.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::WebP => "image/webp",
            Format::Gif => "image/gif",
            Format::Bmp => "image/bmp",
            Format::Tiff => "image/tiff",
        }
    }

    fn decoder(self) -> image::ImageFormat {
        match self {
            Format::Jpeg => image::ImageFormat::Jpeg,
            Format::Png => image::ImageFormat::Png,
            Format::WebP => image::ImageFormat::WebP,
            Format::Gif => image::ImageFormat::Gif,
            Format::Bmp => image::ImageFormat::Bmp,
            Format::Tiff => image::ImageFormat::Tiff,
        }
    }
}

/// Says why a file is not taken as a picture. Each is a sentence that the person who sent it can act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this is not a picture: send a JPEG, PNG, WebP, GIF, BMP or TIFF file")]
    NotAPicture,
    #[error(
        "{name} pictures are not supported: convert the file to JPEG, PNG, WebP, GIF, BMP or TIFF"
    )]
    UnsupportedFormat { name: &'static str },
    #[error(
        "the picture has {width} × {height} pixels: at most {pixels_max} pixels and {side_max} on a side are taken"
    )]
    TooManyPixels { width: u32, height: u32, pixels_max: u64, side_max: u32 },
    #[error("decoding the picture needs more memory than is allowed: save it with fewer pixels")]
    TooMuchMemory,
    #[error("the file ends before the picture does: send it again")]
    Truncated,
    #[error("the picture is damaged ({detail}): save it again in an image editor")]
    Broken { detail: String },
    #[error("a rendition could not be written ({detail}): report this picture as a bug")]
    NotEncodable { detail: String },
}

impl Refusal {
    /// Returns the stable name of the reason, which error files and interfaces repeat.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotAPicture => "not_a_picture",
            Refusal::UnsupportedFormat { .. } => "unsupported_format",
            Refusal::TooManyPixels { .. } => "too_many_pixels",
            Refusal::TooMuchMemory => "too_much_memory",
            Refusal::Truncated => "truncated",
            Refusal::Broken { .. } => "broken",
            Refusal::NotEncodable { .. } => "not_encodable",
        }
    }

    fn broken(detail: impl Into<String>) -> Self {
        Refusal::Broken { detail: detail.into() }
    }
}

/// Reads numbers at places that may lie outside of the bytes.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn get(self, at: usize, len: usize) -> Result<&'a [u8], Refusal> {
        at.checked_add(len).and_then(|end| self.0.get(at..end)).ok_or(Refusal::Truncated)
    }

    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], Refusal> {
        self.get(at, N)?.try_into().map_err(|_| Refusal::Truncated)
    }

    fn u8(self, at: usize) -> Result<u8, Refusal> {
        Ok(self.array::<1>(at)?[0])
    }

    fn u16_le(self, at: usize) -> Result<u16, Refusal> {
        Ok(u16::from_le_bytes(self.array(at)?))
    }

    fn u16_be(self, at: usize) -> Result<u16, Refusal> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    fn u24_le(self, at: usize) -> Result<u32, Refusal> {
        let [a, b, c] = self.array(at)?;
        Ok(u32::from_le_bytes([a, b, c, 0]))
    }

    fn u32_le(self, at: usize) -> Result<u32, Refusal> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }

    fn u32_be(self, at: usize) -> Result<u32, Refusal> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }
}
