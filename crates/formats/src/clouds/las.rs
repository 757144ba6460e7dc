//! LAS 1.0 to 1.4, and LAZ, which is LAS with its points packed. Places are whole numbers on a grid that the header
//! gives; what stands in the header is checked before anything is believed of it.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use laz::laszip::{LazItem, LazItemRecordBuilder};
use laz::{LasZipCompressor, LasZipDecompressor, LazVlr};

use super::{
    CloudError, Input, POINTS_MAX, Point, PointWriter, Points, bytes, header, lose, record,
};
use crate::loss::LossReport;

const HEADER_MAX_BYTES: usize = 375;
const VLRS_MAX: u32 = 100_000;
/// The most chunks of a packed cloud: one has fifty thousand points as a rule.
const CHUNKS_MAX: u64 = 4_000_000;
/// How long the record of each format is at least.
const LENGTHS: [u16; 11] = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

struct Head {
    format: u8,
    packed: bool,
    length: u16,
    count: u64,
    points_at: u64,
    scale: [f64; 3],
    offset: [f64; 3],
    vlrs: u32,
    header: u64,
}

fn head(input: &mut impl Input, length: u64) -> Result<Head, CloudError> {
    let mut raw = Vec::new();
    input.take(HEADER_MAX_BYTES as u64).read_to_end(&mut raw)?;
    if raw.len() < 227 || raw[..4] != *b"LASF" {
        return header("it does not begin with LASF, or ends too early: is this a LAS file?");
    }
    let [major, minor] = [raw[24], raw[25]];
    if major != 1 || minor > 4 {
        return header(format!("the version is {major}.{minor}: 1.0 to 1.4 are read"));
    }
    let size = u64::from(u16::from_le_bytes(bytes(&raw, 94)));
    let least = if minor == 4 { 375 } else { 227 };
    if size < least || size > length || (raw.len() as u64) < least {
        return header(format!("the header has {size} bytes: version 1.{minor} has {least}"));
    }
    let format = raw[104];
    let legacy = u32::from_le_bytes(bytes(&raw, 107)).into();
    let full = u64::from_le_bytes(bytes(&raw, 247));
    let head = Head {
        format: format & 0x3f,
        packed: format & 0xc0 != 0,
        length: u16::from_le_bytes(bytes(&raw, 105)),
        count: if minor == 4 && full > 0 { full } else { legacy },
        points_at: u32::from_le_bytes(bytes(&raw, 96)).into(),
        scale: [131, 139, 147].map(|at| f64::from_le_bytes(bytes(&raw, at))),
        offset: [155, 163, 171].map(|at| f64::from_le_bytes(bytes(&raw, at))),
        vlrs: u32::from_le_bytes(bytes(&raw, 100)),
        header: size,
    };
    let Some(shortest) = LENGTHS.get(usize::from(head.format)) else {
        return header(format!("the points are of format {}: 0 to 10 are read", head.format));
    };
    if head.length < *shortest {
        return header(format!(
            "a point has {} bytes, where its format has {shortest}",
            head.length
        ));
    }
    if head.points_at < size || head.points_at > length {
        return header("the points begin before the end of the header, or behind that of the file");
    }
    let grid = head.scale.iter().chain(&head.offset);
    if grid.clone().any(|number| !number.is_finite()) || head.scale.contains(&0.0) {
        return header("the grid of the places has a scale of 0, or one that is no number");
    }
    if head.count > POINTS_MAX {
        return Err(CloudError::TooManyPoints);
    }
    let room = length - head.points_at;
    let least = u64::from(head.length);
    if !head.packed && head.count.saturating_mul(least) > room {
        return Err(CloudError::CutOff(room / least + 1));
    }
    Ok(head)
}

pub(super) fn open(
    mut input: impl Input + 'static,
    length: u64,
) -> Result<(Box<dyn Points>, u64), CloudError> {
    let head = head(&mut input, length)?;
    let (count, size) = (head.count, usize::from(head.length));
    let raw = vec![0; size];
    if head.packed {
        let vlr = packing(&mut input, &head)?;
        let layers = layers(&vlr)?;
        let shortest = LENGTHS[usize::from(head.format)];
        let wanted = default_for(head.format, head.length - shortest)?;
        let parts = |items: &[LazItem]| -> Vec<_> {
            items.iter().map(|item| (item.item_type(), item.size())).collect()
        };
        // The unpacker believes in what it is told, down to its unchecked reads.
        if parts(vlr.items()) != parts(&wanted) {
            return header("the points are packed in other parts than their format has");
        }
        check_chunks(&mut input, &head, length)?;
        input.seek(SeekFrom::Start(head.points_at))?;
        let chunk = if vlr.uses_variable_size_chunks() { None } else { Some(vlr.chunk_size()) };
        let input = BufReader::with_capacity(1 << 16, input);
        let made = guarded(|| LasZipDecompressor::new(input, vlr).map_err(io::Error::other));
        let packed = made.map_err(|error| CloudError::Header(format!("the packing: {error}")))?;
        let points =
            Packed { head, packed, raw, at: 0, layers, chunk, left: 0, length, others: [false; 5] };
        return Ok((Box::new(points), count));
    }
    input.seek(SeekFrom::Start(head.points_at))?;
    let input = BufReader::with_capacity(1 << 16, input);
    Ok((Box::new(Plain { head, input, raw, at: 0, others: [false; 5] }), count))
}

/// The parts of a point, by the number of its format and how many bytes stand behind it.
fn default_for(format: u8, extra: u16) -> Result<Vec<LazItem>, CloudError> {
    LazItemRecordBuilder::default_for_point_format_id(format, extra)
        .map_err(|error| CloudError::Header(format!("the packing: {error}")))
}

/// What says how the points are packed: a record behind the header.
fn packing(input: &mut impl Input, head: &Head) -> Result<LazVlr, CloudError> {
    let mut at = head.header;
    if head.vlrs > VLRS_MAX {
        return header("it announces more than 100,000 records");
    }
    for _ in 0..head.vlrs {
        let mut raw = [0; 54];
        input.seek(SeekFrom::Start(at))?;
        input.read_exact(&mut raw).map_err(|_| CloudError::CutOff(1))?;
        let length = u16::from_le_bytes(bytes(&raw, 20));
        at += 54 + u64::from(length);
        if at > head.points_at {
            return header("its records reach into the points");
        }
        let number = u16::from_le_bytes(bytes(&raw, 18));
        if number == LazVlr::RECORD_ID && raw[2..].starts_with(LazVlr::USER_ID.as_bytes()) {
            let mut content = vec![0; length.into()];
            input.read_exact(&mut content).map_err(|_| CloudError::CutOff(1))?;
            let read = guarded(|| LazVlr::from_buffer(&content).map_err(io::Error::other));
            return read.map_err(|error| CloudError::Header(format!("the packing: {error}")));
        }
    }
    header("the points are packed, and nothing says how")
}

/// How many layers a chunk has, whose lengths stand before them; none where points are packed one by one.
fn layers(vlr: &LazVlr) -> Result<Option<u64>, CloudError> {
    use laz::laszip::LazItemType::*;
    let mut layers = 0;
    for item in vlr.items() {
        layers += match item.item_type() {
            Point14 => 9,
            RGB14 | WavePacket14 => 1,
            RGBNIR14 => 2,
            Byte14(count) if count > 0 => u64::from(count),
            Byte14(_) | Byte(0) => return header("points are packed with fields of no length"),
            Byte(_) | Point10 | GpsTime | RGB12 | WavePacket13 => 0,
        };
    }
    Ok(Some(layers).filter(|layers| *layers > 0))
}

/// The table of the chunks is announced by a number, for which memory is taken.
fn check_chunks(input: &mut impl Input, head: &Head, length: u64) -> Result<(), CloudError> {
    let mut eight = [0; 8];
    for from in [SeekFrom::Start(head.points_at), SeekFrom::End(-8)] {
        input.seek(from)?;
        input.read_exact(&mut eight).map_err(|_| CloudError::CutOff(1))?;
        let at = i64::from_le_bytes(eight);
        let Ok(at) = u64::try_from(at) else { continue };
        if at <= head.points_at {
            continue;
        }
        if at.saturating_add(8) > length {
            return header("the table of the chunks is not in the file");
        }
        input.seek(SeekFrom::Start(at))?;
        input.read_exact(&mut eight).map_err(|_| CloudError::CutOff(1))?;
        let count = u64::from(u32::from_le_bytes(bytes(&eight, 4)));
        if count > CHUNKS_MAX || count > head.count.saturating_add(1) {
            return header(format!("the table announces {count} chunks of {} points", head.count));
        }
        return Ok(());
    }
    Ok(())
}

/// Runs the unpacker, which takes what it reads for granted: where it stumbles, the file is wrong.
fn guarded<T>(run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(io::Error::other("the packed points are damaged")))
}

struct Plain<R> {
    head: Head,
    input: BufReader<R>,
    raw: Vec<u8>,
    at: u64,
    others: Others,
}

impl<R: Input> Points for Plain<R> {
    fn unread(&self) -> Vec<String> {
        self.head.unread(self.others)
    }

    fn next(&mut self) -> Result<Option<Point>, CloudError> {
        if self.at == self.head.count {
            return Ok(None);
        }
        self.at += 1;
        record(&mut self.input, &mut self.raw, self.at)?;
        self.head.look(&self.raw, &mut self.others);
        Ok(Some(self.head.point(&self.raw)))
    }
}

struct Packed<R: Input + 'static> {
    head: Head,
    packed: LasZipDecompressor<'static, BufReader<R>>,
    raw: Vec<u8>,
    at: u64,
    layers: Option<u64>,
    /// How many points each chunk has, where all have the same.
    chunk: Option<u32>,
    /// How many points of the chunk at hand are left.
    left: u64,
    length: u64,
    others: Others,
}

impl<R: Input + 'static> Packed<R> {
    /// Looks at the lengths of the layers of the next chunk, for which memory is taken.
    fn check_layers(&mut self, layers: u64) -> Result<(), CloudError> {
        let input = self.packed.get_mut();
        let at = input.stream_position()?;
        input.seek(SeekFrom::Start(at + u64::from(self.head.length)))?;
        let mut four = [0; 4];
        let mut number = || -> Result<u64, CloudError> {
            record(input, &mut four, self.at)?;
            Ok(u32::from_le_bytes(four).into())
        };
        let points = number()?;
        let mut total = 0;
        for _ in 0..layers {
            total += number()?;
        }
        let input = self.packed.get_mut();
        let left = self.length.saturating_sub(input.stream_position()?);
        if total > left {
            return Err(CloudError::CutOff(self.at));
        }
        input.seek(SeekFrom::Start(at))?;
        self.left = self.chunk.map_or(points, u64::from).max(1);
        Ok(())
    }
}

impl<R: Input + 'static> Points for Packed<R> {
    fn unread(&self) -> Vec<String> {
        self.head.unread(self.others)
    }

    fn next(&mut self) -> Result<Option<Point>, CloudError> {
        if self.at == self.head.count {
            return Ok(None);
        }
        self.at += 1;
        if let Some(layers) = self.layers {
            if self.left == 0 {
                self.check_layers(layers)?;
            }
            self.left -= 1;
        }
        let (packed, raw) = (&mut self.packed, &mut self.raw);
        guarded(|| packed.decompress_one(raw)).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => CloudError::CutOff(self.at),
            _ => CloudError::Point(self.at, error.to_string()),
        })?;
        self.head.look(&self.raw, &mut self.others);
        Ok(Some(self.head.point(&self.raw)))
    }
}

/// Which of the fields that are not read say something: in the order of [`FIELDS`].
type Others = [bool; 5];

const FIELDS: [&str; 5] = ["returns", "flags", "scan angle", "user data", "point source"];

impl Head {
    fn look(&self, raw: &[u8], others: &mut Others) {
        let says = match self.format {
            // One return of one is as good as none.
            0..=5 => [
                !matches!(raw[14] & 0x3f, 0 | 0x09),
                raw[14] & 0xc0 != 0 || raw[15] & 0xe0 != 0,
                raw[16] != 0,
                raw[17] != 0,
                raw[18..20] != [0; 2],
            ],
            _ => [
                !matches!(raw[14], 0 | 0x11),
                raw[15] != 0,
                raw[18..20] != [0; 2],
                raw[17] != 0,
                raw[20..22] != [0; 2],
            ],
        };
        others.iter_mut().zip(says).for_each(|(known, says)| *known |= says);
    }

    fn unread(&self, others: Others) -> Vec<String> {
        let said = FIELDS.into_iter().zip(others).filter_map(|(field, says)| says.then_some(field));
        let formats = [
            ("waveform", matches!(self.format, 4 | 5 | 9 | 10)),
            ("near infrared", matches!(self.format, 8 | 10)),
            ("extra bytes", self.length > LENGTHS[usize::from(self.format)]),
        ];
        let more = formats.into_iter().filter_map(|(field, there)| there.then_some(field));
        said.chain(more).map(str::to_owned).collect()
    }

    fn point(&self, raw: &[u8]) -> Point {
        let place = |axis: usize| {
            let grid = f64::from(i32::from_le_bytes(bytes(raw, axis * 4)));
            grid * self.scale[axis] + self.offset[axis]
        };
        let (class, time, colour) = match self.format {
            0 => (raw[15] & 0x1f, None, None),
            1 | 4 => (raw[15] & 0x1f, Some(20), None),
            2 => (raw[15] & 0x1f, None, Some(20)),
            3 | 5 => (raw[15] & 0x1f, Some(20), Some(28)),
            7 | 8 | 10 => (raw[16], Some(22), Some(30)),
            _ => (raw[16], Some(22), None),
        };
        Point {
            position: [place(0), place(1), place(2)],
            intensity: Some(u16::from_le_bytes(bytes(raw, 12)).into()),
            ring: None,
            // Colours have sixteen bits here, of which the upper ones are those that screens show.
            colour: colour.map(|at| [0, 2, 4].map(|part| raw[at + part + 1])),
            class: Some(class),
            time: time.map(|at| f64::from_le_bytes(bytes(raw, at))).filter(|time| time.is_finite()),
        }
    }
}

/// Writes LAS 1.2, format 3: a grid of a millimetre around the first point, and what a point does not say as 0. LAZ is
/// the same with its points packed, and a record behind the header that says how.
pub(super) struct Writer<W: Write + Seek + Send + Sync + 'static> {
    out: Out<W>,
    offset: Option<[f64; 3]>,
    low: [f64; 3],
    high: [f64; 3],
    count: u64,
}

enum Out<W: Write + Seek + Send + Sync + 'static> {
    Plain(BufWriter<W>),
    Packed(Box<LasZipCompressor<'static, BufWriter<W>>>),
}

const SCALE: f64 = 0.001;
const FORMAT: u8 = 3;
const RECORD: u16 = LENGTHS[FORMAT as usize];
const HEADER: usize = 227;

impl<W: Write + Seek + Send + Sync + 'static> Writer<W> {
    pub fn plain(mut out: BufWriter<W>) -> io::Result<Self> {
        out.write_all(&[0; HEADER])?;
        Ok(Self::over(Out::Plain(out)))
    }

    pub fn packed(mut out: BufWriter<W>) -> io::Result<Self> {
        out.write_all(&[0; HEADER])?;
        let items = LazItemRecordBuilder::default_for_point_format_id(FORMAT, 0);
        let vlr = LazVlr::from_laz_items(items.map_err(io::Error::other)?);
        let mut content = Vec::new();
        vlr.write_to(&mut content)?;
        let mut head = [0; 54];
        head[2..2 + LazVlr::USER_ID.len()].copy_from_slice(LazVlr::USER_ID.as_bytes());
        head[18..20].copy_from_slice(&LazVlr::RECORD_ID.to_le_bytes());
        head[20..22].copy_from_slice(&(content.len() as u16).to_le_bytes());
        out.write_all(&head)?;
        out.write_all(&content)?;
        let packed = LasZipCompressor::new(out, vlr).map_err(io::Error::other)?;
        Ok(Self::over(Out::Packed(Box::new(packed))))
    }

    fn over(out: Out<W>) -> Self {
        let (low, high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        Self { out, offset: None, low, high, count: 0 }
    }
}

impl<W: Write + Seek + Send + Sync + 'static> PointWriter for Writer<W> {
    fn point(&mut self, point: &Point, losses: &mut LossReport) -> io::Result<()> {
        let number = self.count + 1;
        lose(point, &["intensity", "colour", "class", "time"], number, losses);
        let offset = *self.offset.get_or_insert_with(|| point.position.map(f64::round));
        let grid: [f64; 3] =
            std::array::from_fn(|at| ((point.position[at] - offset[at]) / SCALE).round());
        if self.count >= u32::MAX.into() || grid.iter().any(|at| at.abs() > i32::MAX.into()) {
            losses.add("point_beyond_the_grid", || format!("point {number}"));
            return Ok(());
        }
        self.count = number;
        let mut raw = [0; RECORD as usize];
        for (at, step) in grid.iter().enumerate() {
            raw[at * 4..at * 4 + 4].copy_from_slice(&(*step as i32).to_le_bytes());
            let place = step * SCALE + offset[at];
            (self.low[at], self.high[at]) = (self.low[at].min(place), self.high[at].max(place));
            if (place - point.position[at]).abs() > SCALE {
                losses.add("place_to_the_millimetre", || format!("point {number}"));
            }
        }
        let intensity = point.intensity.unwrap_or_default();
        if intensity.fract() != 0.0 || !(0.0..=f64::from(u16::MAX)).contains(&intensity) {
            losses.add("intensity_as_whole_number", || format!("point {number}"));
        }
        raw[12..14].copy_from_slice(&(intensity.round().clamp(0.0, 65535.0) as u16).to_le_bytes());
        raw[14] = 0b0000_1001; // the first return of one
        let class = point.class.unwrap_or_default();
        if class > 0x1f {
            losses.add("class_above_31", || format!("point {number}"));
        }
        raw[15] = class & 0x1f;
        raw[20..28].copy_from_slice(&point.time.unwrap_or_default().to_le_bytes());
        for (at, part) in point.colour.unwrap_or_default().into_iter().enumerate() {
            raw[28 + at * 2..30 + at * 2].copy_from_slice(&(u16::from(part) * 257).to_le_bytes());
        }
        match &mut self.out {
            Out::Plain(out) => out.write_all(&raw),
            Out::Packed(packed) => packed.compress_one(&raw),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let mut raw = [0; HEADER];
        raw[..4].copy_from_slice(b"LASF");
        (raw[24], raw[25]) = (1, 2);
        let program = b"fairmark";
        raw[26..26 + program.len()].copy_from_slice(program);
        raw[58..58 + program.len()].copy_from_slice(program);
        let mut put = |at: usize, part: &[u8]| raw[at..at + part.len()].copy_from_slice(part);
        put(94, &(HEADER as u16).to_le_bytes());
        match &self.out {
            Out::Plain(_) => {
                put(96, &(HEADER as u32).to_le_bytes());
                put(104, &[FORMAT]);
            }
            Out::Packed(packed) => {
                let record = 54 + 34 + 6 * packed.vlr().items().len();
                put(96, &((HEADER + record) as u32).to_le_bytes());
                put(100, &1_u32.to_le_bytes());
                // The upper bit says that the points are packed.
                put(104, &[FORMAT | 0x80]);
            }
        }
        put(105, &RECORD.to_le_bytes());
        let count = (self.count as u32).to_le_bytes();
        put(107, &count);
        put(111, &count);
        let offset = self.offset.unwrap_or_default();
        let (low, high) =
            if self.count == 0 { ([0.0; 3], [0.0; 3]) } else { (self.low, self.high) };
        for axis in 0..3 {
            put(131 + axis * 8, &SCALE.to_le_bytes());
            put(155 + axis * 8, &offset[axis].to_le_bytes());
            put(179 + axis * 16, &high[axis].to_le_bytes());
            put(187 + axis * 16, &low[axis].to_le_bytes());
        }
        let out = match &mut self.out {
            Out::Plain(out) => out,
            Out::Packed(packed) => {
                packed.done()?;
                packed.get_mut()
            }
        };
        out.rewind()?;
        out.write_all(&raw)?;
        out.flush()
    }
}
