//! The table of frames as it is kept and sent: a few bytes a picture.
//!
//! `fmf1`, the length of a JSON header and the header, the length of the decoder's description and that, then for
//! each picture in the order of decoding: `bytes << 2 | shown << 1 | key`; its time less that of the one before; its
//! offset less the end of the one before. All numbers are LEB128, the last two of each picture zigzag.

use super::{Container, SAMPLES_MAX, Sample, Video};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

const MAGIC: &[u8; 4] = b"fmf1";
/// The media type of a table.
pub const MEDIA_TYPE: &str = "application/vnd.fairmark.frames";

#[derive(Serialize, Deserialize)]
struct Header {
    media_type: String,
    codec: String,
    width: u32,
    height: u32,
    rotation: u16,
    timescale: u32,
    samples: usize,
    frames: usize,
}

impl Video {
    /// The media type of a table.
    pub const TABLE_MEDIA_TYPE: &'static str = MEDIA_TYPE;

    /// Writes the table that [`Video::from_table`] reads, and the workbench.
    pub fn to_table(&self) -> Vec<u8> {
        let header = Header {
            media_type: self.container.media_type().into(),
            codec: self.codec.clone(),
            width: self.width,
            height: self.height,
            rotation: self.rotation,
            timescale: self.timescale,
            samples: self.samples.len(),
            frames: self.frames(),
        };
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let mut out = MAGIC.to_vec();
        for part in [&header[..], &self.description] {
            put(&mut out, part.len() as u64);
            out.extend_from_slice(part);
        }
        let (mut time, mut end) = (0, 0);
        for sample in &self.samples {
            let flags = u64::from(sample.shown) << 1 | u64::from(sample.key);
            put(&mut out, u64::from(sample.bytes) << 2 | flags);
            put(&mut out, zigzag(sample.time.wrapping_sub(time)));
            put(&mut out, zigzag((sample.offset as i64).wrapping_sub(end)));
            time = sample.time;
            end = (sample.offset + u64::from(sample.bytes)) as i64;
        }
        out
    }

    /// The same under gzip, as it goes over a network: that is a fifth to a half of it.
    pub fn to_packed_table(&self) -> io::Result<Vec<u8>> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&self.to_table())?;
        packed.finish()
    }

    /// Reads a table back; nothing where it is none.
    pub fn from_table(table: &[u8]) -> Option<Self> {
        let mut rest = table.strip_prefix(MAGIC)?;
        let mut part = || {
            let bytes = usize::try_from(take(&mut rest)?).ok()?;
            let (part, after) = rest.split_at_checked(bytes)?;
            rest = after;
            Some(part)
        };
        let header: Header = serde_json::from_slice(part()?).ok()?;
        let description = part()?.to_vec();
        let mut samples = Vec::new();
        let (mut time, mut end) = (0_i64, 0_i64);
        for _ in 0..header.samples.min(SAMPLES_MAX) {
            let packed = take(&mut rest)?;
            let bytes = u32::try_from(packed >> 2).ok()?;
            time = time.wrapping_add(unzigzag(take(&mut rest)?));
            let offset = u64::try_from(end.wrapping_add(unzigzag(take(&mut rest)?))).ok()?;
            end = i64::try_from(offset.checked_add(u64::from(bytes))?).ok()?;
            let (shown, key) = (packed & 2 != 0, packed & 1 != 0);
            samples.push(Sample { offset, bytes, time, key, shown });
        }
        let Header { codec, width, height, rotation, timescale, .. } = header;
        let container = [Container::Mp4, Container::WebM]
            .into_iter()
            .find(|container| container.media_type() == header.media_type)?;
        Some(Self { container, codec, description, width, height, rotation, timescale, samples })
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_table_is_read_back_as_it_was_written() {
        let sample = |offset, bytes, time, key, shown| Sample { offset, bytes, time, key, shown };
        let video = Video {
            container: Container::WebM,
            codec: "vp8".into(),
            description: vec![1, 2, 3],
            width: 640,
            height: 360,
            rotation: 90,
            timescale: 1000,
            samples: vec![
                sample(4_000_000_000, 70_000, 0, true, true),
                sample(48, 1, 80, false, false),
                sample(49, 0, -40, false, true),
            ],
        };
        let table = video.to_table();
        assert_eq!(Video::from_table(&table), Some(video));
        for end in 0..table.len() {
            assert_eq!(Video::from_table(&table[..end]), None);
        }
    }

    #[test]
    fn a_table_of_two_hours_is_small() {
        let samples = (0..216_000).map(|i| Sample {
            offset: 48 + i * 2_000,
            bytes: 2_000,
            time: i as i64 * 512,
            key: i % 250 == 0,
            shown: true,
        });
        let video = Video {
            container: Container::Mp4,
            codec: "avc1.64001f".into(),
            description: vec![0; 48],
            width: 1280,
            height: 720,
            rotation: 0,
            timescale: 15_360,
            samples: samples.collect(),
        };
        let (table, packed) = (video.to_table(), video.to_packed_table().unwrap());
        assert!(table.len() < 216_000 * 6, "{}", table.len());
        assert!(packed.len() < table.len() / 2, "{}", packed.len());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, table);
    }
}
