//! PCD 0.7, as the Point Cloud Library writes it: a header in text, then the points as text, as they lie in memory, or
//! field by field in one packed block (LZF).

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Cursor, Read, Seek, Write};

use super::{
    CloudError, Input, Kind, POINTS_MAX, Point, PointWriter, Points, header, lose, record,
};
use crate::loss::LossReport;

const HEADER_MAX_BYTES: u64 = 64 << 10;
const FIELDS_MAX: usize = 256;
/// The longest point: more than any scanner writes.
const RECORD_MAX_BYTES: u64 = 64 << 10;
/// A packed block is held as a whole, packed and unpacked.
const BLOCK_MAX_BYTES: u64 = 2 << 30;
const LINE_MAX_BYTES: u64 = 1 << 20;

#[derive(Clone, Debug)]
struct Field {
    name: String,
    size: usize,
    kind: u8,
    count: usize,
    /// Where it begins in the record of a point.
    at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Data {
    Text,
    Plain,
    /// Field by field: all x, then all y.
    Packed,
}

pub(super) struct Reader {
    input: Box<dyn BufRead>,
    fields: Vec<Field>,
    /// Which field says what: x, y, z, intensity, ring, colour, class, time.
    roles: [Option<usize>; 8],
    data: Data,
    /// All of a packed block.
    block: Vec<u8>,
    raw: Vec<u8>,
    count: u64,
    at: u64,
}

const ROLES: [&[&str]; 8] = [
    &["x"],
    &["y"],
    &["z"],
    &["intensity", "i", "reflectance"],
    &["ring", "channel"],
    &["rgb", "rgba"],
    &["label", "class", "classification"],
    &["time", "timestamp", "t"],
];

impl Reader {
    pub fn open(input: impl Input + 'static, length: u64) -> Result<(Self, u64), CloudError> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        let (mut lines, mut used) = (Vec::new(), 0);
        loop {
            let mut line = Vec::new();
            used += (&mut input).take(HEADER_MAX_BYTES).read_until(b'\n', &mut line)? as u64;
            if line.is_empty() || used > HEADER_MAX_BYTES {
                return header("there is no line DATA in the first 64 KiB: is this a PCD file?");
            }
            let Ok(text) = String::from_utf8(line) else {
                return header("it is not text: is this a PCD file?");
            };
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (key, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            lines.push((key.to_ascii_uppercase(), value.trim().to_owned()));
            if key.eq_ignore_ascii_case("DATA") {
                break;
            }
        }
        let fields = fields(&lines)?;
        let size = fields.last().map_or(0, |field| field.at + field.size * field.count) as u64;
        if size == 0 || size > RECORD_MAX_BYTES {
            return header(format!("a point has {size} bytes: give FIELDS, SIZE, TYPE and COUNT"));
        }
        let count = count(&lines)?;
        if count > POINTS_MAX {
            return Err(CloudError::TooManyPoints);
        }
        let data = match value(&lines, "DATA") {
            Some("ascii") => Data::Text,
            Some("binary") => Data::Plain,
            Some("binary_compressed") => Data::Packed,
            _ => return header("DATA is none of ascii, binary and binary_compressed"),
        };
        let left = length - used;
        // In text a point has at least a digit and a blank for each number.
        let least = if data == Data::Text { 2 } else { size };
        if data != Data::Packed && count.saturating_mul(least) > left + 1 {
            return Err(CloudError::CutOff(left / least + 1));
        }
        let mut block = Vec::new();
        if data == Data::Packed {
            block = unpacked(&mut input, left, count * size)?;
        }
        let roles =
            ROLES.map(|names| fields.iter().position(|field| names.contains(&field.name.as_str())));
        for (axis, role) in ["x", "y", "z"].iter().zip(roles) {
            if role.is_none() {
                return header(format!("FIELDS has no {axis}: a point has a place"));
            }
        }
        let (input, raw) = (Box::new(input), vec![0; size as usize]);
        Ok((Self { input, fields, roles, data, block, raw, count, at: 0 }, count))
    }

    fn text(&mut self) -> Result<Vec<f64>, CloudError> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut self.input).take(LINE_MAX_BYTES).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Err(CloudError::CutOff(self.at));
            }
            if !line.trim_ascii().is_empty() {
                break;
            }
        }
        let wrong = |message: String| CloudError::Point(self.at, message);
        let text = std::str::from_utf8(&line).map_err(|_| wrong("it is not text".into()))?;
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let needed: usize = self.fields.iter().map(|field| field.count).sum();
        if words.len() != needed {
            let message =
                format!("it has {} numbers, where FIELDS and COUNT say {needed}", words.len());
            return Err(wrong(message));
        }
        let (mut numbers, mut at) = (Vec::new(), 0);
        for field in &self.fields {
            let word = words[at];
            at += field.count;
            let number = word.parse::<f64>().map_err(|_| {
                let shown: String = word.chars().take(40).collect();
                wrong(format!("`{}` is “{shown}”: give a number", field.name))
            })?;
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// The first number of each field, from the bytes of a point.
    fn numbers(&self) -> Vec<f64> {
        self.fields.iter().map(|field| number(field, &self.raw[field.at..])).collect()
    }
}

fn value<'a>(lines: &'a [(String, String)], key: &str) -> Option<&'a str> {
    lines.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
}

fn fields(lines: &[(String, String)]) -> Result<Vec<Field>, CloudError> {
    let words = |key: &str| -> Vec<&str> {
        value(lines, key).unwrap_or_default().split_ascii_whitespace().collect()
    };
    let (names, sizes, kinds, mut counts) =
        (words("FIELDS"), words("SIZE"), words("TYPE"), words("COUNT"));
    if counts.is_empty() {
        counts = vec!["1"; names.len()];
    }
    if names.is_empty() || names.len() > FIELDS_MAX {
        return header("FIELDS names no fields, or more than 256");
    }
    if [sizes.len(), kinds.len(), counts.len()] != [names.len(); 3] {
        return header("FIELDS, SIZE, TYPE and COUNT have not the same number of entries");
    }
    let (mut fields, mut at) = (Vec::new(), 0);
    for (nth, name) in names.iter().enumerate() {
        let kind = kinds[nth].bytes().next().unwrap_or_default();
        let size: usize = sizes[nth].parse().unwrap_or_default();
        let fits = match kind {
            b'F' => matches!(size, 4 | 8),
            b'I' | b'U' => matches!(size, 1 | 2 | 4 | 8),
            _ => false,
        };
        if !fits || kinds[nth].len() != 1 {
            let (kind, size) = (kinds[nth], sizes[nth]);
            return header(format!(
                "the field {name} is of TYPE {kind} and SIZE {size}, which is none"
            ));
        }
        let count: usize = match counts[nth].parse() {
            Ok(count) if (1..=RECORD_MAX_BYTES as usize).contains(&count) => count,
            _ => return header(format!("the field {name} has the COUNT {}", counts[nth])),
        };
        fields.push(Field { name: name.to_ascii_lowercase(), size, kind, count, at });
        at += size * count;
        if at as u64 > RECORD_MAX_BYTES {
            return header("a point has more than 64 KiB");
        }
    }
    Ok(fields)
}

fn count(lines: &[(String, String)]) -> Result<u64, CloudError> {
    let number = |key: &str| -> Result<Option<u64>, CloudError> {
        let Some(text) = value(lines, key) else { return Ok(None) };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => header(format!("{key} is “{text}”: give a whole number")),
        }
    };
    let (width, height, points) = (number("WIDTH")?, number("HEIGHT")?, number("POINTS")?);
    let size = width.map(|width| width.checked_mul(height.unwrap_or(1)));
    match (size, points) {
        (Some(Some(size)), Some(points)) if size != points => {
            header(format!("POINTS is {points}, where WIDTH and HEIGHT make {size}"))
        }
        (_, Some(points)) => Ok(points),
        (Some(Some(size)), None) => Ok(size),
        _ => header("there is neither POINTS nor WIDTH and HEIGHT"),
    }
}

fn number(field: &Field, raw: &[u8]) -> f64 {
    use super::bytes;
    match (field.kind, field.size) {
        (b'F', 4) => f64::from(f32::from_le_bytes(bytes(raw, 0))),
        (b'F', _) => f64::from_le_bytes(bytes(raw, 0)),
        (b'I', 1) => f64::from(i8::from_le_bytes(bytes(raw, 0))),
        (b'I', 2) => f64::from(i16::from_le_bytes(bytes(raw, 0))),
        (b'I', 4) => f64::from(i32::from_le_bytes(bytes(raw, 0))),
        (b'I', _) => i64::from_le_bytes(bytes(raw, 0)) as f64,
        (_, 1) => f64::from(u8::from_le_bytes(bytes(raw, 0))),
        (_, 2) => f64::from(u16::from_le_bytes(bytes(raw, 0))),
        (_, 4) => f64::from(u32::from_le_bytes(bytes(raw, 0))),
        _ => u64::from_le_bytes(bytes(raw, 0)) as f64,
    }
}

impl Points for Reader {
    fn unread(&self) -> Vec<String> {
        // What is called so fills up.
        let fields = self.fields.iter().enumerate().filter(|(_, field)| field.name != "_");
        let others = fields.filter(|(at, _)| !self.roles.contains(&Some(*at)));
        others.map(|(_, field)| field.name.clone()).collect()
    }

    fn next(&mut self) -> Result<Option<Point>, CloudError> {
        if self.at == self.count {
            return Ok(None);
        }
        self.at += 1;
        let numbers = match self.data {
            Data::Text => self.text()?,
            Data::Plain => {
                record(&mut self.input, &mut self.raw, self.at)?;
                self.numbers()
            }
            Data::Packed => {
                for field in &self.fields {
                    let length = field.size * field.count;
                    let from = field.at * self.count as usize + length * (self.at as usize - 1);
                    self.raw[field.at..field.at + length]
                        .copy_from_slice(&self.block[from..from + length]);
                }
                self.numbers()
            }
        };
        let said = |role: usize| self.roles[role].map(|at| numbers[at]);
        let [x, y, z] = [0, 1, 2].map(|role| said(role).unwrap_or(f64::NAN));
        let whole = |number: Option<f64>, most: f64| number.filter(|n| (0.0..=most).contains(n));
        let colour = self.roles[5].map(|at| {
            // Three bytes in the place of a number, as whatever type the file calls it.
            let field = &self.fields[at];
            let bits = match field.kind {
                b'F' => (numbers[at] as f32).to_bits(),
                _ => numbers[at] as u32,
            };
            [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]
        });
        Ok(Some(Point {
            position: [x, y, z],
            intensity: said(3).filter(|number| number.is_finite()),
            ring: whole(said(4), u16::MAX.into()).map(|ring| ring as u16),
            colour,
            class: whole(said(6), u8::MAX.into()).map(|class| class as u8),
            time: said(7).filter(|number| number.is_finite()),
        }))
    }
}

/// Reads a packed block: the two lengths, and what they announce.
fn unpacked(input: &mut impl Read, left: u64, wanted: u64) -> Result<Vec<u8>, CloudError> {
    let mut lengths = [0; 8];
    record(input, &mut lengths, 1)?;
    let packed = u64::from(u32::from_le_bytes(super::bytes(&lengths, 0)));
    let plain = u64::from(u32::from_le_bytes(super::bytes(&lengths, 4)));
    if plain != wanted {
        return header(format!(
            "the packed block has {plain} bytes, where the points need {wanted}"
        ));
    }
    if plain > BLOCK_MAX_BYTES || packed > left {
        return header("the packed block is longer than the file, or than 2 GiB");
    }
    // A byte of this packing makes 132 bytes at most.
    if plain > packed.saturating_mul(132) {
        return header("the packed block cannot unpack to what it announces");
    }
    let mut bytes = vec![0; packed as usize];
    record(input, &mut bytes, 1)?;
    let found = lzf(&bytes, plain as usize);
    found.ok_or_else(|| CloudError::Header("the packed block is damaged".into()))
}

/// LZF: a byte below 32 announces as many plain bytes and one; any other one a length and a distance back.
fn lzf(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(length);
    let mut at = 0;
    while at < packed.len() {
        let control = usize::from(packed[at]);
        at += 1;
        if control < 32 {
            out.extend_from_slice(packed.get(at..at + control + 1)?);
            at += control + 1;
        } else {
            let mut run = control >> 5;
            if run == 7 {
                run += usize::from(*packed.get(at)?);
                at += 1;
            }
            let back = ((control & 0x1f) << 8 | usize::from(*packed.get(at)?)) + 1;
            at += 1;
            let from = out.len().checked_sub(back)?;
            for step in 0..run + 2 {
                out.push(out[from + step]);
            }
        }
        if out.len() > length {
            return None;
        }
    }
    (out.len() == length).then_some(out)
}

/// Writes PCD: the points wait in a temporary file, since the header has their number and their fields.
pub(super) struct Writer<W: Write> {
    out: BufWriter<W>,
    spool: BufWriter<File>,
    kind: Kind,
    count: u64,
    /// Whether any point has an intensity, a beam, a colour, a class, a time.
    has: [bool; 5],
}

/// A point in the spool: eight numbers and which of them are there.
const SPOOLED: usize = 8 * 8 + 1;

impl<W: Write> Writer<W> {
    pub fn new(out: BufWriter<W>, kind: Kind) -> io::Result<Self> {
        let spool = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
        Ok(Self { out, spool, kind, count: 0, has: [false; 5] })
    }
}

impl<W: Write> PointWriter for Writer<W> {
    fn point(&mut self, point: &Point, losses: &mut LossReport) -> io::Result<()> {
        self.count += 1;
        lose(point, &["intensity", "ring", "colour", "class", "time"], self.count, losses);
        let colour = point.colour.map(|[r, g, b]| f64::from(u32::from_be_bytes([0, r, g, b])));
        let facts = [
            point.intensity,
            point.ring.map(f64::from),
            colour,
            point.class.map(f64::from),
            point.time,
        ];
        for (has, fact) in self.has.iter_mut().zip(facts) {
            *has |= fact.is_some();
        }
        let there = facts.iter().enumerate().map(|(at, fact)| u8::from(fact.is_some()) << at).sum();
        self.spool.write_all(&[there])?;
        let facts = facts.map(Option::unwrap_or_default);
        let mut numbers = point.position.iter().chain(&facts);
        numbers.try_for_each(|number| self.spool.write_all(&number.to_le_bytes()))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let Self { mut out, spool, kind, count, has } = *self;
        // A place is written in full: grids of the earth have seven digits before the point.
        let all: [(&str, usize, char); 8] = [
            ("x", 8, 'F'),
            ("y", 8, 'F'),
            ("z", 8, 'F'),
            ("intensity", 4, 'F'),
            ("ring", 2, 'U'),
            ("rgb", 4, 'U'),
            ("label", 1, 'U'),
            ("time", 8, 'F'),
        ];
        let kept: Vec<usize> = (0..8).filter(|at| *at < 3 || has[at - 3]).collect();
        let join = |each: &dyn Fn(usize) -> String| {
            kept.iter().map(|at| each(*at)).collect::<Vec<_>>().join(" ")
        };
        writeln!(out, "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7")?;
        writeln!(out, "FIELDS {}", join(&|at| all[at].0.into()))?;
        writeln!(out, "SIZE {}", join(&|at| all[at].1.to_string()))?;
        writeln!(out, "TYPE {}", join(&|at| all[at].2.to_string()))?;
        writeln!(out, "COUNT {}", join(&|_| "1".into()))?;
        writeln!(out, "WIDTH {count}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {count}")?;
        writeln!(out, "DATA {}", if kind == Kind::PcdText { "ascii" } else { "binary" })?;
        let mut spool = spool.into_inner().map_err(|error| error.into_error())?;
        spool.rewind()?;
        let mut spool = BufReader::with_capacity(1 << 18, spool);
        let mut raw = [0; SPOOLED];
        for _ in 0..count {
            spool.read_exact(&mut raw)?;
            let number = |at: usize| f64::from_le_bytes(super::bytes(&raw, 1 + at * 8));
            let mut line = Cursor::new([0; 64]);
            for (nth, at) in kept.iter().enumerate() {
                // What a point does not say, where others do: no number for a measure, 0 for a class.
                let absent = *at >= 3 && raw[0] >> (at - 3) & 1 == 0;
                let (_, size, kind_of) = all[*at];
                let value = if absent && kind_of == 'F' { f64::NAN } else { number(*at) };
                if kind == Kind::PcdText {
                    let blank = if nth > 0 { " " } else { "" };
                    write!(out, "{blank}{value}")?;
                    continue;
                }
                match (kind_of, size) {
                    ('F', 4) => line.write_all(&(value as f32).to_le_bytes())?,
                    ('F', _) => line.write_all(&value.to_le_bytes())?,
                    (_, 1) => line.write_all(&[value as u8])?,
                    (_, 2) => line.write_all(&(value as u16).to_le_bytes())?,
                    _ => line.write_all(&(value as u32).to_le_bytes())?,
                }
            }
            if kind == Kind::PcdText {
                out.write_all(b"\n")?;
            } else {
                out.write_all(&line.get_ref()[..line.position() as usize])?;
            }
        }
        out.flush()
    }
}
