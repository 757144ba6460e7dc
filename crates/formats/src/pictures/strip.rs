//! A full-size copy without metadata (P6), the pixels untouched where that is possible.

use super::jpeg::{APP0, APP1, APP2, APP14, APP15, COM, EOI, Part, Parts};
use super::probe::{PngChunks, WebpChunks};
use super::{Encoding, Format, Limits, Refusal, decode, probe, renditions};

const QUALITY: u8 = 92;

/// Holds a picture without metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripped {
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    /// Whether the pixels are exactly those of the original.
    pub lossless: bool,
}

/// Takes everything out of a picture that is not needed to show it: EXIF, XMP, IPTC, comments, embedded
/// thumbnails, and whatever is hidden behind its end. Colour profiles stay.
///
/// JPEG, PNG and WebP files keep their coded pixels. A picture that must be turned, and the formats that not
/// every browser shows, are decoded and written anew.
pub fn strip_metadata(bytes: &[u8], limits: &Limits) -> Result<Stripped, Refusal> {
    let probe = probe(bytes, limits)?;
    let stripped = match probe.format {
        _ if probe.orientation != 1 => None,
        Format::Jpeg => Some(jpeg(bytes)?),
        Format::Png => Some(png(bytes)?),
        Format::WebP => Some(webp(bytes)?),
        Format::Gif | Format::Bmp | Format::Tiff => None,
    };
    if let Some(bytes) = stripped {
        return Ok(Stripped { media_type: probe.format.media_type(), bytes, lossless: true });
    }
    let written = renditions::encode(&decode(bytes, limits)?, QUALITY)?;
    let lossless = written.encoding == Encoding::Png;
    Ok(Stripped { media_type: written.encoding.media_type(), bytes: written.bytes, lossless })
}

fn jpeg(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(&[0xff, 0xd8]);
    for part in Parts::new(bytes) {
        match part? {
            Part::Segment { marker: APP0, payload, .. } => {
                // The JFIF header may hold a small copy of the picture, perhaps from before it was cropped.
                if let Some(header) = payload.get(..12).filter(|head| head.starts_with(b"JFIF\0")) {
                    kept.extend_from_slice(&[0xff, APP0, 0, 16]);
                    kept.extend_from_slice(header);
                    kept.extend_from_slice(&[0, 0]);
                }
            }
            Part::Segment { marker: APP2, payload, whole } => {
                if payload.starts_with(b"ICC_PROFILE\0") {
                    kept.extend_from_slice(whole);
                }
            }
            // Without the Adobe marker a decoder cannot know what the channels are.
            Part::Segment { marker: APP14, payload, whole } => {
                if payload.starts_with(b"Adobe") {
                    kept.extend_from_slice(whole);
                }
            }
            Part::Segment { marker: APP1..=APP15 | COM, .. } => {}
            Part::Segment { whole, .. } => kept.extend_from_slice(whole),
            Part::Scan(coded) => kept.extend_from_slice(coded),
            Part::End => kept.extend_from_slice(&[0xff, EOI]),
        }
    }
    Ok(kept)
}

fn png(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(&bytes[..8]);
    for chunk in PngChunks::new(bytes) {
        let chunk = chunk?;
        // A list of what stays, not of what goes: new kinds of metadata are invented, new kinds of pixels are not.
        if matches!(
            chunk.name,
            b"IHDR"
                | b"PLTE"
                | b"IDAT"
                | b"IEND"
                | b"tRNS"
                | b"gAMA"
                | b"cHRM"
                | b"sRGB"
                | b"iCCP"
                | b"sBIT"
                | b"bKGD"
                | b"pHYs"
                | b"cICP"
        ) {
            kept.extend_from_slice(chunk.whole);
        }
    }
    Ok(kept)
}

fn webp(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    const HAS_EXIF_OR_XMP: u8 = 0x0c;
    super::probe::refuse_truncated(bytes, Format::WebP)?;
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(b"RIFF\0\0\0\0WEBP");
    for chunk in WebpChunks::new(bytes) {
        let (name, whole) = chunk?;
        if !matches!(name, b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ICCP" | b"ANIM" | b"ANMF") {
            continue;
        }
        let start = kept.len();
        kept.extend_from_slice(whole);
        if whole.len() % 2 == 1 {
            kept.push(0);
        }
        if let (b"VP8X", Some(flags)) = (name, kept.get_mut(start + 8)) {
            *flags &= !HAS_EXIF_OR_XMP;
        }
    }
    let len = u32::try_from(kept.len() - 8).map_err(|_| Refusal::broken("a WebP file too long"))?;
    kept[4..8].copy_from_slice(&len.to_le_bytes());
    Ok(kept)
}
