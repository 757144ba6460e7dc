//! What the header of a picture says, in constant memory (P1, P2).

use super::{Bytes, Format, Limits, Refusal, jpeg, tiff};

/// EXIF blocks longer than this are not looked into; a JPEG segment cannot hold more than 64 KiB.
const EXIF_MAX_BYTES: usize = 1 << 20;

/// Tells what the header of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub format: Format,
    /// The size as it is stored.
    pub width: u32,
    pub height: u32,
    /// The size as it is shown (P4): this is the one that answers speak of.
    pub oriented_width: u32,
    pub oriented_height: u32,
    /// The EXIF orientation, 1–8; 1 where none is given or it makes no sense.
    pub orientation: u8,
    /// Whether the file goes on after its first frame, which is the only one that is shown.
    pub animated: bool,
    /// Whether the colours come from a palette, as in drawings and screenshots.
    pub palette: bool,
    /// About how many bytes of memory decoding takes at its peak, the file itself left out.
    pub memory_bytes: u64,
}

/// What a format's own header reader has found.
struct Header {
    width: u32,
    height: u32,
    orientation: u8,
    animated: bool,
    palette: bool,
    /// Bytes for each pixel at the peak of decoding.
    pixel_bytes: u64,
}

impl Header {
    fn new(width: u32, height: u32) -> Self {
        Self { width, height, orientation: 1, animated: false, palette: false, pixel_bytes: 8 }
    }
}

/// Reads the header of a picture and refuses what is not one, or is too large.
///
/// `bytes` may be the beginning of the file only: [`Refusal::Truncated`] then says that the header goes on
/// behind it. Whether the pixels are whole is known only after [`decode`](super::decode).
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Probe, Refusal> {
    let format = format_of(bytes)?;
    let header = match format {
        Format::Jpeg => jpeg(bytes),
        Format::Png => png(bytes),
        Format::WebP => webp(bytes),
        Format::Gif => gif(bytes),
        Format::Bmp => bmp(bytes),
        Format::Tiff => tiff::directory(bytes).map(|found| Header {
            orientation: found.orientation,
            pixel_bytes: 16,
            ..Header::new(found.width, found.height)
        }),
    }?;

    let Header { width, height, animated, palette, .. } = header;
    if width == 0 || height == 0 {
        return Err(Refusal::broken("no width or no height"));
    }
    let Limits { pixels_max, side_max, .. } = *limits;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > pixels_max || width.max(height) > side_max {
        return Err(Refusal::TooManyPixels { width, height, pixels_max, side_max });
    }

    let orientation = if matches!(header.orientation, 1..=8) { header.orientation } else { 1 };
    let (oriented_width, oriented_height) =
        if orientation >= 5 { (height, width) } else { (width, height) };
    let memory_bytes = pixels * header.pixel_bytes;
    Ok(Probe {
        format,
        width,
        height,
        oriented_width,
        oriented_height,
        orientation,
        animated,
        palette,
        memory_bytes,
    })
}

/// Decides the format from the first bytes (P1).
fn format_of(bytes: &[u8]) -> Result<Format, Refusal> {
    let named = |name| Err(Refusal::UnsupportedFormat { name });
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Format::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Format::Gif),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Ok(Format::Tiff),
        // Two letters are not much: the length of the header behind them must be one that exists.
        [b'B', b'M', ..]
            if matches!(Bytes(bytes).u32_le(14), Ok(12 | 40 | 52 | 56 | 64 | 108 | 124)) =>
        {
            Ok(Format::Bmp)
        }
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand {
            [b'a', b'v', b'i', b'f' | b's', ..] => named("AVIF"),
            [b'h', b'e', ..] | [b'm', b'i', b'f', b'1', ..] => named("HEIC"),
            _ => Err(Refusal::NotAPicture),
        },
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => named("JPEG XL"),
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => named("JPEG 2000"),
        [b'8', b'B', b'P', b'S', ..] => named("Photoshop"),
        [b'%', b'P', b'D', b'F', ..] => named("PDF"),
        [0, 0, 1, 0, ..] => named("icon"),
        _ if is_svg(bytes) => named("SVG"),
        _ => Err(Refusal::NotAPicture),
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    text.starts_with(b"<") && memchr::memmem::find(text, b"<svg").is_some()
}

fn jpeg(bytes: &[u8]) -> Result<Header, Refusal> {
    let mut orientation = 1;
    for part in jpeg::Parts::new(bytes) {
        let jpeg::Part::Segment { marker, payload, .. } = part? else { break };
        match marker {
            jpeg::APP1 => {
                if let Some(exif) = payload.strip_prefix(b"Exif\0\0") {
                    orientation = exif_orientation(exif);
                }
            }
            // Baseline, extended and progressive; the progressive decoder keeps all coefficients.
            0xc0..=0xc2 => {
                let payload = Bytes(payload);
                if payload.u8(0)? != 8 {
                    return Err(Refusal::UnsupportedFormat { name: "12-bit JPEG" });
                }
                let (height, width) = (payload.u16_be(1)?, payload.u16_be(3)?);
                let pixel_bytes = if marker == 0xc2 { 12 } else { 6 };
                let header = Header::new(u32::from(width), u32::from(height));
                return Ok(Header { orientation, pixel_bytes, ..header });
            }
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(Refusal::UnsupportedFormat { name: "lossless or arithmetic JPEG" });
            }
            jpeg::SOS => break,
            _ => {}
        }
    }
    Err(Refusal::broken("a JPEG file without a frame"))
}

/// Reads the orientation out of an EXIF block. A block that makes no sense turns nothing.
fn exif_orientation(block: &[u8]) -> u8 {
    let block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    if block.len() > EXIF_MAX_BYTES {
        return 1;
    }
    let Ok(exif) = exif::Reader::new().read_raw(block.to_vec()) else { return 1 };
    exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        .and_then(|value| u8::try_from(value).ok())
        .unwrap_or(1)
}

fn png(bytes: &[u8]) -> Result<Header, Refusal> {
    let file = Bytes(bytes);
    if file.get(12, 4)? != b"IHDR" {
        return Err(Refusal::broken("a PNG file that does not begin with its header"));
    }
    let (depth, colour) = (file.u8(24)?, file.u8(25)?);
    let channels = match (colour, depth) {
        (0, 1 | 2 | 4 | 8 | 16) => 1,
        (2, 8 | 16) | (3, 1 | 2 | 4 | 8) => 3,
        (4, 8 | 16) => 2,
        (6, 8 | 16) => 4,
        _ => return Err(Refusal::broken("a PNG header with an impossible colour type")),
    };
    let mut header = Header::new(file.u32_be(16)?, file.u32_be(20)?);
    header.palette = colour == 3;
    // Turning and the step from sixteen bits to eight each hold two copies.
    header.pixel_bytes = (channels + 1) * 2 * if depth == 16 { 2 } else { 1 };
    for (name, payload) in PngChunks::new(bytes).map_while(Result::ok).map(|c| (c.name, c.payload))
    {
        match name {
            b"eXIf" => header.orientation = exif_orientation(payload),
            b"acTL" => header.animated = true,
            _ => {}
        }
    }
    Ok(header)
}

/// One chunk of a PNG file; `whole` holds its length, name, payload and checksum.
pub(super) struct PngChunk<'a> {
    pub name: &'a [u8; 4],
    pub payload: &'a [u8],
    pub whole: &'a [u8],
}

/// Walks through the chunks of a PNG file up to and with `IEND`.
pub(super) struct PngChunks<'a> {
    bytes: &'a [u8],
    at: usize,
    done: bool,
}

impl<'a> PngChunks<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 8, done: false }
    }

    fn chunk(&mut self) -> Result<PngChunk<'a>, Refusal> {
        let bytes = Bytes(self.bytes);
        let len = usize::try_from(bytes.u32_be(self.at)?).map_err(|_| Refusal::Truncated)?;
        let whole = bytes.get(self.at, len.checked_add(12).ok_or(Refusal::Truncated)?)?;
        self.at += whole.len();
        let name = whole[4..8].try_into().map_err(|_| Refusal::Truncated)?;
        Ok(PngChunk { name, payload: &whole[8..8 + len], whole })
    }
}

impl<'a> Iterator for PngChunks<'a> {
    type Item = Result<PngChunk<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let chunk = self.chunk();
        self.done = !matches!(&chunk, Ok(chunk) if chunk.name != b"IEND");
        Some(chunk)
    }
}

fn webp(bytes: &[u8]) -> Result<Header, Refusal> {
    let file = Bytes(bytes);
    let name = file.array::<4>(12)?;
    let mut header = match &name {
        b"VP8X" => {
            let mut header = Header::new(file.u24_le(24)? + 1, file.u24_le(27)? + 1);
            header.animated = file.u8(20)? & 0x02 != 0;
            header
        }
        _ => {
            let (width, height) = webp_frame(&name, file, 12)?
                .ok_or_else(|| Refusal::broken("a WebP file that does not begin with a frame"))?;
            Header::new(width, height)
        }
    };
    header.pixel_bytes = 12;
    for (name, whole) in WebpChunks::new(bytes).map_while(Result::ok) {
        if name == b"EXIF" {
            header.orientation = exif_orientation(whole.get(8..).unwrap_or_default());
        }
        // A small canvas must not smuggle a large frame past the limits.
        if let Ok(Some(size)) = webp_frame(name, Bytes(whole), 0)
            && size != (header.width, header.height)
        {
            return Err(Refusal::broken("a WebP frame of another size than its canvas"));
        }
    }
    Ok(header)
}

/// Reads the size of the frame whose chunk begins at `at`, if it is the chunk of one.
fn webp_frame(name: &[u8; 4], file: Bytes, at: usize) -> Result<Option<(u32, u32)>, Refusal> {
    let start = || Refusal::broken("a WebP frame without its start");
    match name {
        b"VP8 " => {
            if file.get(at + 11, 3)? != [0x9d, 0x01, 0x2a] {
                return Err(start());
            }
            let (width, height) = (file.u16_le(at + 14)?, file.u16_le(at + 16)?);
            Ok(Some((u32::from(width & 0x3fff), u32::from(height & 0x3fff))))
        }
        b"VP8L" => {
            if file.u8(at + 8)? != 0x2f {
                return Err(start());
            }
            let bits = file.u32_le(at + 9)?;
            Ok(Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)))
        }
        _ => Ok(None),
    }
}

/// Walks through the chunks of a WebP file: each with its name, and its bytes with name, length and padding.
pub(super) struct WebpChunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> WebpChunks<'a> {
    /// What lies behind the length that the file claims does not belong to the picture.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let claimed = Bytes(bytes).u32_le(4).map_or(0, |len| len as usize).saturating_add(8);
        Self { bytes: &bytes[..bytes.len().min(claimed)], at: 12 }
    }
}

impl<'a> Iterator for WebpChunks<'a> {
    type Item = Result<(&'a [u8; 4], &'a [u8]), Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let bytes = Bytes(self.bytes);
        let chunk = bytes.u32_le(self.at + 4).and_then(|len| {
            let len = (len as usize).checked_add(8).ok_or(Refusal::Truncated)?;
            let whole = bytes.get(self.at, len)?;
            // Chunks begin at even places; some writers leave the last byte of padding out.
            let padded = bytes.get(self.at, len + len % 2).unwrap_or(whole);
            let name = whole[..4].try_into().map_err(|_| Refusal::Truncated)?;
            self.at += padded.len();
            Ok((name, padded))
        });
        if chunk.is_err() {
            self.at = self.bytes.len();
        }
        Some(chunk)
    }
}

fn gif(bytes: &[u8]) -> Result<Header, Refusal> {
    let file = Bytes(bytes);
    let mut header = Header::new(u32::from(file.u16_le(6)?), u32::from(file.u16_le(8)?));
    header.palette = true;
    header.animated = match gif_frames(bytes) {
        Ok(frames) => frames > 1,
        // The beginning of a file says nothing about its second frame.
        Err(Refusal::Truncated) => false,
        Err(refusal) => return Err(refusal),
    };
    Ok(header)
}

/// Counts the frames of a GIF file, up to two.
fn gif_frames(bytes: &[u8]) -> Result<u32, Refusal> {
    let file = Bytes(bytes);
    let palette = |flags: u8| if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + palette(file.u8(10)?);
    let mut frames = 0;
    while frames < 2 {
        match file.u8(at)? {
            0x2c => {
                frames += 1;
                // A small screen must not smuggle a large frame past the limits.
                let outside = |place, len, screen| {
                    let end = u32::from(file.u16_le(place)?) + u32::from(file.u16_le(len)?);
                    Ok(end > u32::from(file.u16_le(screen)?))
                };
                if outside(at + 1, at + 5, 6)? || outside(at + 3, at + 7, 8)? {
                    return Err(Refusal::broken("a GIF frame that reaches out of its screen"));
                }
                at += 11 + palette(file.u8(at + 9)?);
            }
            0x21 => at += 2,
            _ => break,
        }
        loop {
            let len = usize::from(file.u8(at)?);
            at += len + 1;
            if len == 0 {
                break;
            }
        }
        // A file that is cut after its only frame still has that frame.
        if at >= bytes.len() {
            break;
        }
    }
    Ok(frames)
}

fn bmp(bytes: &[u8]) -> Result<Header, Refusal> {
    let file = Bytes(bytes);
    let (width, height, bits) = if file.u32_le(14)? == 12 {
        (u32::from(file.u16_le(18)?), u32::from(file.u16_le(20)?), file.u16_le(24)?)
    } else {
        // A negative height says that the first row is the top one.
        let (width, height) = (file.u32_le(18)? as i32, file.u32_le(22)? as i32);
        if width < 0 {
            return Err(Refusal::broken("a BMP file with a negative width"));
        }
        (width.unsigned_abs(), height.unsigned_abs(), file.u16_le(28)?)
    };
    Ok(Header { palette: bits <= 8, ..Header::new(width, height) })
}

/// Refuses a file that ends before its picture does, as far as the parts of the file tell (P3).
///
/// The JPEG decoder paints what is missing grey and calls it a success, so this must be known before.
pub(super) fn refuse_truncated(bytes: &[u8], format: Format) -> Result<(), Refusal> {
    match format {
        Format::Jpeg => {
            let mut scans = 0;
            for part in jpeg::Parts::new(bytes) {
                scans += u32::from(matches!(part?, jpeg::Part::Scan(_)));
            }
            if scans == 0 { Err(Refusal::broken("a JPEG file without pixels")) } else { Ok(()) }
        }
        Format::Png => PngChunks::new(bytes).try_for_each(|chunk| chunk.map(drop)),
        Format::WebP => {
            let claimed = Bytes(bytes).u32_le(4)? as usize;
            // An odd last chunk may lack its padding.
            if claimed > bytes.len().saturating_sub(7) {
                return Err(Refusal::Truncated);
            }
            WebpChunks::new(bytes).try_for_each(|chunk| chunk.map(drop))
        }
        // These decoders fail by themselves when bytes are missing.
        Format::Gif | Format::Bmp | Format::Tiff => Ok(()),
    }
}
