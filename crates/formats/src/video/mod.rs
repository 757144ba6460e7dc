//! Videos: where each picture of a file lies and when it is shown, so that a frame can be had by its number.
//!
//! - **V1** The frames of a video are the pictures that a decoder hands out, counted from 0 in the order in which it does:
//!   that of their times. It is how ffmpeg, OpenCV and the training code that uses them count.
//! - **V2** Where frames lie is read from the file's own tables and never from a frame rate; a file whose tables do not
//!   say it, or which is shorter than they say, is refused with a reason.
//! - **V3** Nothing is decoded. A picture's bytes are not read, but for the first one of those that may not be shown.
//! - **V4** Memory holds the table, 24 bytes a picture, and never the file; there are [`SAMPLES_MAX`] pictures at most.

mod mp4;
mod table;
mod webm;

use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Pictures of one video: eighteen hours at thirty a second.
pub const SAMPLES_MAX: usize = 2_000_000;
/// What the decoder is told of the coding, at most.
const DESCRIPTION_MAX: u64 = 1 << 20;
/// The longest side that is taken.
const SIDE_MAX: u32 = 16_384;

/// A video that can be shown frame by frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    pub container: Container,
    /// As WebCodecs names it, such as `avc1.64001f`.
    pub codec: String,
    /// What the decoder is told first; empty where the codec needs nothing.
    pub description: Vec<u8>,
    /// As it is shown: turned.
    pub width: u32,
    pub height: u32,
    /// By how many degrees a decoded picture is turned clockwise: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Ticks in a second.
    pub timescale: u32,
    /// In the order in which they are decoded.
    pub samples: Vec<Sample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Mp4,
    WebM,
}

/// The bytes of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub offset: u64,
    pub bytes: u32,
    /// Ticks from the beginning of what is shown.
    pub time: i64,
    /// Whether decoding can begin here.
    pub key: bool,
    /// Whether it is ever seen: some are only there for others to be made from.
    pub shown: bool,
}

impl Container {
    pub fn media_type(self) -> &'static str {
        match self {
            Container::Mp4 => "video/mp4",
            Container::WebM => "video/webm",
        }
    }
}

impl Video {
    pub fn frames(&self) -> usize {
        self.samples.iter().filter(|sample| sample.shown).count()
    }

    /// The times of the frames in ticks, by their numbers (V1).
    pub fn times(&self) -> Vec<i64> {
        let mut times: Vec<i64> =
            self.samples.iter().filter(|sample| sample.shown).map(|sample| sample.time).collect();
        times.sort_unstable();
        times
    }

    /// Seconds between two frames, in the middle of all; 0 of fewer than two.
    pub fn frame_seconds(&self) -> f64 {
        let times = self.times();
        let mut gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        let middle = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
        middle as f64 / f64::from(self.timescale)
    }
}

/// Why a video is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("this is not a video: send an MP4, MOV or WebM file")]
    NotAVideo,
    #[error("there is no video in this file, only sound")]
    NoPictures,
    #[error("browsers do not show {name}: convert the video to H.264, VP9 or AV1")]
    UnsupportedCodec { name: String },
    #[error("the file ends before the video does: send it again")]
    Truncated,
    #[error("the video is damaged ({detail}): save it again with ffmpeg or a video editor")]
    Broken { detail: &'static str },
    #[error("the video is put together of several parts ({detail}): save it again as one")]
    Edited { detail: &'static str },
    #[error("the video has more than 2,000,000 frames: cut it into several")]
    TooManyFrames,
    #[error("the video is {width} × {height} pixels: at most 16,384 on a side are taken")]
    TooLarge { width: u32, height: u32 },
    #[error("reading the file failed")]
    Io(#[source] io::Error),
}

impl Refusal {
    /// Returns the stable name of the reason, which error files and interfaces repeat.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NotAVideo => "not_a_video",
            Refusal::NoPictures => "no_pictures",
            Refusal::UnsupportedCodec { .. } => "unsupported_codec",
            Refusal::Truncated => "truncated",
            Refusal::Broken { .. } => "broken",
            Refusal::Edited { .. } => "edited",
            Refusal::TooManyFrames => "too_many_frames",
            Refusal::TooLarge { .. } => "too_large",
            Refusal::Io(_) => "unreadable",
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Refusal::Truncated,
            _ => Refusal::Io(error),
        }
    }
}

const fn broken(detail: &'static str) -> Refusal {
    Refusal::Broken { detail }
}

/// Reads where the frames of a video lie. What comes back has one frame at least, and all of it lies inside the file.
pub fn probe(file: impl Read + Seek) -> Result<Video, Refusal> {
    let mut file = Bytes::new(file)?;
    let video = match file.array::<8>(0).unwrap_or_default() {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => webm::read(&mut file)?,
        [_, _, _, _, kind @ ..] if mp4::is_first(&kind) => mp4::read(&mut file)?,
        _ => return Err(Refusal::NotAVideo),
    };
    let Video { width, height, .. } = video;
    if width == 0 || height == 0 || video.timescale == 0 {
        return Err(broken("it has no size, or no clock"));
    }
    if width.max(height) > SIDE_MAX {
        return Err(Refusal::TooLarge { width, height });
    }
    if video.frames() == 0 {
        return Err(Refusal::NoPictures);
    }
    if video.samples.first().is_some_and(|first| !first.key) {
        return Err(broken("it does not begin with a whole picture"));
    }
    let end = |sample: &Sample| sample.offset.saturating_add(u64::from(sample.bytes));
    if video.samples.iter().any(|sample| end(sample) > file.length) {
        return Err(Refusal::Truncated);
    }
    Ok(video)
}

/// Reads numbers at places of a file, forward mostly.
struct Bytes<R> {
    file: BufReader<R>,
    length: u64,
    at: u64,
}

impl<R: Read + Seek> Bytes<R> {
    fn new(file: R) -> Result<Self, Refusal> {
        let mut file = BufReader::with_capacity(64 << 10, file);
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, length, at: 0 })
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        if at.checked_add(into.len() as u64).is_none_or(|end| end > self.length) {
            return Err(Refusal::Truncated);
        }
        // Near by, what has been read ahead is kept.
        let away = at as i64 - self.at as i64;
        if away != 0 {
            self.file.seek_relative(away)?;
        }
        self.file.read_exact(into)?;
        self.at = at + into.len() as u64;
        Ok(())
    }

    fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Refusal> {
        let mut bytes = [0; N];
        self.read(at, &mut bytes)?;
        Ok(bytes)
    }

    fn u32(&mut self, at: u64) -> Result<u32, Refusal> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    fn u64(&mut self, at: u64) -> Result<u64, Refusal> {
        Ok(u64::from_be_bytes(self.array(at)?))
    }

    fn vec(&mut self, at: u64, bytes: u64, bytes_max: u64) -> Result<Vec<u8>, Refusal> {
        if bytes > bytes_max {
            return Err(broken("what is said of its coding is too long"));
        }
        let mut content = vec![0; bytes as usize];
        self.read(at, &mut content)?;
        Ok(content)
    }
}

/// The name of H.264 with the profile and level that its configuration begins with.
fn avc_codec(configuration: &[u8]) -> Result<String, Refusal> {
    match configuration {
        [1, profile, compatible, level, ..] => {
            Ok(format!("avc1.{profile:02x}{compatible:02x}{level:02x}"))
        }
        _ => Err(broken("the configuration of its H.264")),
    }
}

/// The name of AV1 with what its configuration says.
fn av1_codec(configuration: &[u8]) -> Result<String, Refusal> {
    let [first, second, third, ..] = configuration else {
        return Err(broken("the configuration of its AV1"));
    };
    if *first != 0x81 {
        return Err(broken("the configuration of its AV1"));
    }
    let (profile, level) = (second >> 5, second & 31);
    let tier = if third & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match (third & 0x40 != 0, third & 0x20 != 0) {
        (true, true) => 12,
        (true, false) => 10,
        (false, _) => 8,
    };
    Ok(format!("av01.{profile}.{level:02}{tier}.{depth:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_are_named_as_browsers_name_them() {
        assert_eq!(avc_codec(&[1, 0x64, 0, 0x1f, 0xff]).unwrap(), "avc1.64001f");
        assert_eq!(av1_codec(&[0x81, 0x08, 0x0c, 0]).unwrap(), "av01.0.08M.08");
        assert_eq!(av1_codec(&[0x81, 0x2d, 0xcc, 0]).unwrap(), "av01.1.13H.10");
        assert_eq!(avc_codec(&[0, 1]).unwrap_err().code(), "broken");
    }

    #[test]
    fn what_is_no_video_is_refused() {
        for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"not a video at all", b"\x00\x00\x00\x08moo"]
        {
            assert_eq!(probe(io::Cursor::new(bytes)).unwrap_err().code(), "not_a_video");
        }
    }
}
