//! A JPEG file cut into its parts, without decoding any.

use super::{Bytes, Refusal};

pub(super) const SOS: u8 = 0xda;
pub(super) const EOI: u8 = 0xd9;
pub(super) const APP0: u8 = 0xe0;
pub(super) const APP1: u8 = 0xe1;
pub(super) const APP2: u8 = 0xe2;
pub(super) const APP14: u8 = 0xee;
pub(super) const APP15: u8 = 0xef;
pub(super) const COM: u8 = 0xfe;

pub(super) enum Part<'a> {
    /// A marker with its payload; `whole` holds the marker, the length and the payload.
    Segment { marker: u8, payload: &'a [u8], whole: &'a [u8] },
    /// The coded pixels between a scan's header and the next segment.
    Scan(&'a [u8]),
    /// The end of the picture. What follows in the file belongs to something else.
    End,
}

/// Walks through the parts of a JPEG file; an error or the end is the last of them.
pub(super) struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
    in_scan: bool,
    done: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2, in_scan: false, done: false }
    }

    fn part(&mut self) -> Result<Part<'a>, Refusal> {
        if std::mem::take(&mut self.in_scan) {
            return self.scan();
        }
        let bytes = Bytes(self.bytes);
        if bytes.u8(self.at)? != 0xff {
            return Err(Refusal::broken("bytes between the segments of a JPEG file"));
        }
        // Any number of 0xff bytes may fill the space before a marker.
        while bytes.u8(self.at + 1)? == 0xff {
            self.at += 1;
        }
        let marker = bytes.u8(self.at + 1)?;
        if marker == EOI {
            return Ok(Part::End);
        }
        if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8) {
            return Err(Refusal::broken("a JPEG marker where none may be"));
        }
        let len = usize::from(bytes.u16_be(self.at + 2)?);
        if len < 2 {
            return Err(Refusal::broken("a JPEG segment shorter than its own length"));
        }
        let whole = bytes.get(self.at, len + 2)?;
        self.at += whole.len();
        self.in_scan = marker == SOS;
        Ok(Part::Segment { marker, payload: &whole[4..], whole })
    }

    fn scan(&mut self) -> Result<Part<'a>, Refusal> {
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += memchr::memchr(0xff, rest).ok_or(Refusal::Truncated)?;
            // A stuffed zero, a restart marker and a fill byte belong to the scan.
            match Bytes(self.bytes).u8(self.at + 1)? {
                0x00 | 0xd0..=0xd7 => self.at += 2,
                0xff => self.at += 1,
                _ => return Ok(Part::Scan(&self.bytes[start..self.at])),
            }
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<Part<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let part = self.part();
        self.done = matches!(part, Err(_) | Ok(Part::End));
        Some(part)
    }
}
