//! WebM and Matroska: the blocks of the first video track.

use super::{
    Bytes, Container, DESCRIPTION_MAX, Refusal, SAMPLES_MAX, Sample, Video, av1_codec, avc_codec,
    broken,
};
use std::io::{Read, Seek};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMECODE_SCALE: u32 = 0x2a_d7b1;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_TYPE: u32 = 0x83;
const CODEC: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63a2;
const ENCODINGS: u32 = 0x6d80;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_TIME: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const REFERENCE: u32 = 0xfb;

const NANOSECONDS: u64 = 1_000_000_000;

/// What is said of a track.
#[derive(Clone, Default)]
struct Track {
    number: u64,
    is_video: bool,
    codec: String,
    private: Vec<u8>,
    encoded: bool,
    size: [u64; 2],
}

/// A block that waits until its group says whether it needs others.
struct Waiting {
    sample: Sample,
    end: u64,
}

/// The file is walked element by element: what holds others is entered, the rest is read or passed over. So elements whose
/// length nobody knew when they were begun need nothing of their own.
pub(super) fn read(file: &mut Bytes<impl Read + Seek>) -> Result<Video, Refusal> {
    let (mut scale, mut cluster) = (1_000_000_u64, 0_i64);
    let mut tracks: Vec<Track> = Vec::new();
    let mut chosen: Option<Track> = None;
    let mut samples: Vec<Sample> = Vec::new();
    let (mut group, mut group_end): (Option<Waiting>, u64) = (None, 0);
    let mut at = 0;
    while at < file.length {
        let Some((id, head, length)) = element(file, at)? else { break };
        let is_over = group.as_ref().is_some_and(|waiting| at >= waiting.end);
        if is_over || [CLUSTER, GROUP, SIMPLE_BLOCK].contains(&id) {
            samples.extend(group.take().map(|waiting| waiting.sample));
        }
        let start = at + head;
        at = match id {
            SEGMENT | INFO | TRACKS | TRACK | VIDEO | CLUSTER | GROUP => start,
            _ => start
                .checked_add(length.ok_or(broken("an element without a length"))?)
                .ok_or(Refusal::Truncated)?,
        };
        if id == GROUP {
            group_end = length.map_or(u64::MAX, |length| start.saturating_add(length));
        }
        let length = length.unwrap_or_default();
        if at > file.length {
            return Err(Refusal::Truncated);
        }
        match id {
            TIMECODE_SCALE => scale = number(file, start, length)?,
            TRACK => tracks.push(Track::default()),
            CLUSTER => {
                if chosen.is_none() {
                    chosen = Some(choose(&tracks)?);
                }
                cluster = 0;
            }
            CLUSTER_TIME => cluster = number(file, start, length)? as i64,
            SIMPLE_BLOCK | BLOCK => {
                let Some(track) = &chosen else { return Err(broken("pictures before its tracks")) };
                let Some(sample) = block(file, start, length, track, cluster)? else { continue };
                if samples.len() >= SAMPLES_MAX {
                    return Err(Refusal::TooManyFrames);
                }
                if id == SIMPLE_BLOCK {
                    samples.push(sample);
                } else {
                    // What follows in its group may say that it is made from others.
                    group =
                        Some(Waiting { sample: Sample { key: true, ..sample }, end: group_end });
                }
            }
            REFERENCE => {
                if let Some(Waiting { mut sample, .. }) = group.take() {
                    sample.key = false;
                    samples.push(sample);
                }
            }
            _ => {
                if let Some(track) = tracks.last_mut() {
                    about(file, id, start, length, track)?;
                }
            }
        }
    }
    samples.extend(group.map(|waiting| waiting.sample));
    let track = match chosen {
        Some(track) => track,
        None => choose(&tracks)?,
    };
    let (codec, description) = coding(file, &track, samples.first())?;
    let [width, height] = track.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let (timescale, step) = clock(scale)?;
    for sample in &mut samples {
        sample.time = sample.time.checked_mul(step).ok_or(broken("the time of a picture"))?;
    }
    let container = Container::WebM;
    Ok(Video { container, codec, description, width, height, rotation: 0, timescale, samples })
}

/// Ticks in a second, and how many of them a unit of the file is.
fn clock(scale: u64) -> Result<(u32, i64), Refusal> {
    if scale == 0 || scale > NANOSECONDS {
        return Err(broken("its clock"));
    }
    if NANOSECONDS.is_multiple_of(scale) {
        return Ok(((NANOSECONDS / scale) as u32, 1));
    }
    Ok((NANOSECONDS as u32, scale as i64))
}

/// The id of an element, the length of its head, and that of its content where that is known.
#[allow(clippy::type_complexity, reason = "read in one place")]
fn element(
    file: &mut Bytes<impl Read + Seek>,
    at: u64,
) -> Result<Option<(u32, u64, Option<u64>)>, Refusal> {
    let [first] = file.array::<1>(at)?;
    let id_bytes = u64::from(first.leading_zeros()) + 1;
    if id_bytes > 4 {
        // Zeros fill the end of some files.
        return if first == 0 { Ok(None) } else { Err(broken("an element without a name")) };
    }
    let mut id = 0;
    for i in 0..id_bytes {
        id = id << 8 | u32::from(file.array::<1>(at + i)?[0]);
    }
    let (length, length_bytes) = variable(file, at + id_bytes)?;
    Ok(Some((id, id_bytes + length_bytes, length)))
}

/// A number of one to eight bytes, nothing where all of it is ones; and how many bytes.
fn variable(file: &mut Bytes<impl Read + Seek>, at: u64) -> Result<(Option<u64>, u64), Refusal> {
    let [first] = file.array::<1>(at)?;
    let bytes = u64::from(first.leading_zeros()) + 1;
    if bytes > 8 {
        return Err(broken("the length of an element"));
    }
    let mut value = u64::from(first) & ((1 << (8 - bytes)) - 1);
    for i in 1..bytes {
        value = value << 8 | u64::from(file.array::<1>(at + i)?[0]);
    }
    let unknown = (1_u64 << (7 * bytes)) - 1;
    Ok(((value != unknown).then_some(value), bytes))
}

fn number(file: &mut Bytes<impl Read + Seek>, at: u64, length: u64) -> Result<u64, Refusal> {
    if length > 8 {
        return Err(broken("a number of more than eight bytes"));
    }
    let bytes = file.vec(at, length, 8)?;
    Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// Takes note of something that is said of a track.
fn about(
    file: &mut Bytes<impl Read + Seek>,
    id: u32,
    at: u64,
    length: u64,
    track: &mut Track,
) -> Result<(), Refusal> {
    match id {
        TRACK_NUMBER => track.number = number(file, at, length)?,
        TRACK_TYPE => track.is_video = number(file, at, length)? == 1,
        PIXEL_WIDTH => track.size[0] = number(file, at, length)?,
        PIXEL_HEIGHT => track.size[1] = number(file, at, length)?,
        CODEC => {
            let name = file.vec(at, length, 64)?;
            track.codec = String::from_utf8_lossy(&name).trim_end_matches('\0').into();
        }
        CODEC_PRIVATE => track.private = file.vec(at, length, DESCRIPTION_MAX)?,
        ENCODINGS => track.encoded = true,
        _ => {}
    }
    Ok(())
}

fn choose(tracks: &[Track]) -> Result<Track, Refusal> {
    let track = tracks.iter().find(|track| track.is_video).ok_or(Refusal::NoPictures)?;
    if track.encoded {
        return Err(Refusal::UnsupportedCodec { name: "packed or encrypted videos".into() });
    }
    Ok(track.clone())
}

/// The picture of a block, if it is of this track.
fn block(
    file: &mut Bytes<impl Read + Seek>,
    at: u64,
    length: u64,
    track: &Track,
    cluster: i64,
) -> Result<Option<Sample>, Refusal> {
    let (number, wide) = variable(file, at)?;
    if number != Some(track.number) {
        return Ok(None);
    }
    let [t1, t0, flags] = file.array(at + wide)?;
    if flags & 0x06 != 0 {
        return Err(broken("several pictures in one block"));
    }
    let head = wide + 3;
    let bytes = length.checked_sub(head).and_then(|bytes| u32::try_from(bytes).ok());
    let bytes = bytes.filter(|bytes| *bytes > 0).ok_or(broken("a block without a picture"))?;
    let offset = at + head;
    // VP8 keeps pictures that are never shown in blocks of their own, and says so in their first byte.
    let shown = track.codec != "V_VP8" || file.array::<1>(offset)?[0] & 0x10 != 0;
    let time = cluster.saturating_add(i64::from(i16::from_be_bytes([t1, t0])));
    Ok(Some(Sample { offset, bytes, time, key: flags & 0x80 != 0, shown }))
}

fn coding(
    file: &mut Bytes<impl Read + Seek>,
    track: &Track,
    first: Option<&Sample>,
) -> Result<(String, Vec<u8>), Refusal> {
    let first = first.ok_or(Refusal::NoPictures)?;
    Ok(match track.codec.as_str() {
        "V_VP8" => ("vp8".into(), Vec::new()),
        "V_VP9" => {
            // The profile is in the first bits of the first picture, the low one first.
            let [byte] = file.array::<1>(first.offset)?;
            let profile = (byte >> 5 & 1) | (byte >> 4 & 1) << 1;
            let depth = if profile < 2 { 8 } else { 10 };
            (format!("vp09.{profile:02}.51.{depth:02}"), Vec::new())
        }
        "V_AV1" => (av1_codec(&track.private)?, Vec::new()),
        "V_MPEG4/ISO/AVC" => (avc_codec(&track.private)?, track.private.clone()),
        name => {
            return Err(Refusal::UnsupportedCodec {
                name: format!("videos coded as “{name}”")
            });
        }
    })
}
