//! Bytes that should be text: byte order marks, UTF-16, and lines of bounded length.

use std::io::{self, BufRead, BufReader, Read};

/// The longest row of a manifest or release that is read.
pub const ROW_MAX_BYTES: usize = 16 << 20;

/// Reads a file as UTF-8, whatever its byte order mark says it is, without the mark.
///
/// Half a surrogate pair becomes a byte that no UTF-8 holds, so that the row it is in is refused and no other.
pub(crate) struct Utf8<R> {
    inner: BufReader<R>,
    encoding: Encoding,
    high: Option<u16>,
    out: Vec<u8>,
    at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Unknown,
    Utf8,
    Utf16Le,
    Utf16Be,
}

const NOT_UTF8: u8 = 0xff;
/// As much as tells the encoding.
pub(crate) const MARK_BYTES: u64 = 4;

fn is_letter(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

/// Whether a file that begins so is not UTF-8 as it stands. UTF-16 without a mark is known by its first two letters.
pub(crate) fn is_marked(head: &[u8]) -> bool {
    match *head {
        [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] => is_letter(a) && is_letter(b),
        _ => false,
    }
}

/// Returns a file as UTF-8 without a byte order mark, whatever its mark says it is in.
pub fn as_utf8<R: Read>(file: R) -> impl Read {
    Utf8::new(file)
}

/// Returns the text of an XML file as UTF-8: what has no byte order mark says itself in which letters it is written.
/// Of these, the ones of western Europe are known; the name of any other is the error.
pub(crate) fn as_declared(xml: Vec<u8>) -> Result<Vec<u8>, String> {
    const HEAD_BYTES: usize = 200;
    let head = String::from_utf8_lossy(&xml[..xml.len().min(HEAD_BYTES)]).into_owned();
    let head = head.trim_start_matches('\u{feff}').split("?>").next().unwrap_or_default();
    let said = head.strip_prefix("<?xml").and_then(|head| head.split_once("encoding"));
    let said = said.map(|(_, rest)| rest.trim_start_matches([' ', '=', '"', '\'']));
    let said = said.and_then(|rest| rest.split(['"', '\'']).next()).unwrap_or_default();
    match said.to_ascii_lowercase().as_str() {
        // Of these, a byte order mark has been heeded already.
        "" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "utf-16" | "utf-16le" | "utf-16be" => {
            Ok(xml)
        }
        "iso-8859-1" | "latin1" | "latin-1" | "windows-1252" | "cp1252" | "iso-8859-15" => {
            let text: String = xml.iter().map(|byte| western(*byte)).collect();
            Ok(text.into_bytes())
        }
        _ if xml.is_ascii() => Ok(xml),
        _ => Err(said.chars().take(40).collect()),
    }
}

/// A letter of Windows-1252, which is Latin-1 with letters where that has none.
fn western(byte: u8) -> char {
    const BETWEEN: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..0xa0 => BETWEEN.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::from(byte)),
        _ => char::from(byte),
    }
}

impl<R: Read> Utf8<R> {
    pub(crate) fn new(inner: R) -> Self {
        let inner = BufReader::with_capacity(64 << 10, inner);
        Self { inner, encoding: Encoding::Unknown, high: None, out: Vec::new(), at: 0 }
    }

    fn sniff(&mut self) -> io::Result<()> {
        let mut head = Vec::new();
        (&mut self.inner).take(MARK_BYTES).read_to_end(&mut head)?;
        let (encoding, rest) = match head[..] {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, &head[3..]),
            [0xff, 0xfe, ..] => (Encoding::Utf16Le, &head[2..]),
            [0xfe, 0xff, ..] => (Encoding::Utf16Be, &head[2..]),
            [a, 0, b, 0] if is_letter(a) && is_letter(b) => (Encoding::Utf16Le, &head[..]),
            [0, a, 0, b] if is_letter(a) && is_letter(b) => (Encoding::Utf16Be, &head[..]),
            _ => (Encoding::Utf8, &head[..]),
        };
        self.encoding = encoding;
        if encoding == Encoding::Utf8 {
            self.out.extend_from_slice(rest);
        } else if !rest.is_empty() {
            self.read_units(rest)?;
        }
        Ok(())
    }

    /// Translates a few thousand units of UTF-16; `first` are bytes that were read ahead.
    fn read_units(&mut self, first: &[u8]) -> io::Result<()> {
        let mut bytes = first.to_vec();
        (&mut self.inner).take(8192 - bytes.len() as u64).read_to_end(&mut bytes)?;
        let end = bytes.len() < 8192;
        let (pairs, rest) = bytes.as_chunks::<2>();
        for pair in pairs {
            let unit = match self.encoding {
                Encoding::Utf16Be => u16::from_be_bytes(*pair),
                _ => u16::from_le_bytes(*pair),
            };
            self.push_unit(unit);
        }
        if end && (!rest.is_empty() || self.high.take().is_some()) {
            self.out.push(NOT_UTF8);
        }
        Ok(())
    }

    fn push_unit(&mut self, unit: u16) {
        let units = self.high.take().into_iter().chain([unit]);
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(char) => {
                    self.out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Err(error) => {
                    let half = error.unpaired_surrogate();
                    // The first half of a pair waits for the second, if it is the last unit so far.
                    if half == unit && matches!(half, 0xd800..=0xdbff) && self.high.is_none() {
                        self.high = Some(half);
                    } else {
                        self.out.push(NOT_UTF8);
                    }
                }
            }
        }
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let len = available.len().min(buf.len());
        buf[..len].copy_from_slice(&available[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl<R: Read> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.out.len() {
            self.out.clear();
            self.at = 0;
            match self.encoding {
                Encoding::Unknown => self.sniff()?,
                Encoding::Utf8 => {}
                Encoding::Utf16Le | Encoding::Utf16Be => self.read_units(&[])?,
            }
        }
        if self.out.is_empty() && self.encoding == Encoding::Utf8 {
            return self.inner.fill_buf();
        }
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, len: usize) {
        if self.out.is_empty() {
            self.inner.consume(len);
        } else {
            self.at += len;
        }
    }
}

/// What reading a line has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The line is in the buffer, without its end.
    Whole,
    /// The line is longer than allowed; its beginning is in the buffer, the rest was skipped.
    TooLong,
    End,
}

/// Reads a line of at most `limit` bytes and skips what is beyond.
pub(crate) fn read_line(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
    limit: usize,
) -> io::Result<Line> {
    line.clear();
    let (mut any, mut outcome) = (false, Line::Whole);
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() {
            break;
        }
        any = true;
        let newline = memchr::memchr(b'\n', available);
        let part = &available[..newline.unwrap_or(available.len())];
        let room = limit - line.len();
        if part.len() > room {
            outcome = Line::TooLong;
        }
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(newline.is_some());
        input.consume(used);
        if newline.is_some() {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(if any { outcome } else { Line::End })
}
