//! JSON cut into pieces: a file is walked by its brackets, and only one piece of it is held at a time.

use std::io::{self, BufRead};

use super::{ReadError, refusal};
use crate::row::{Code, Fault};

/// The longest piece that is held: one object of a list.
pub(super) const PIECE_MAX_BYTES: usize = 16 << 20;

pub(super) struct Pieces<R> {
    input: R,
    /// The bytes before the place at hand.
    pub at: u64,
    /// The line of the place at hand, from 1.
    pub line: u64,
}

#[derive(Debug)]
pub(super) enum PieceError {
    Fault(u64, Fault),
    Io(io::Error),
}

impl From<io::Error> for PieceError {
    fn from(error: io::Error) -> Self {
        PieceError::Io(error)
    }
}

/// Why a walk through a file ends before its end: the file is wrong, or whoever takes its pieces cannot go on.
pub(super) enum Stop {
    Piece(PieceError),
    Read(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Stop::Read(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Read(error.into())
    }
}

impl From<PieceError> for Stop {
    fn from(error: PieceError) -> Self {
        Stop::Piece(error)
    }
}

impl Stop {
    /// The error of whoever reads the file of this name.
    pub fn of(self, file: &str) -> ReadError {
        match self {
            Stop::Piece(PieceError::Fault(line, fault)) => refusal(file, line, fault, b"").into(),
            Stop::Piece(PieceError::Io(error)) => error.into(),
            Stop::Read(error) => error,
        }
    }
}

type Result<T> = std::result::Result<T, PieceError>;

impl<R: BufRead> Pieces<R> {
    pub fn new(input: R) -> Self {
        Self { input, at: 0, line: 1 }
    }

    fn fault<T>(&self, message: &str) -> Result<T> {
        Err(PieceError::Fault(self.line, Fault::new("", Code::NotJson, message)))
    }

    fn advance(&mut self, bytes: usize) {
        self.input.consume(bytes);
        self.at += bytes as u64;
    }

    /// The next byte that is no white space, left where it is.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                return Ok(None);
            }
            let blank = available.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let lines = available[..blank].iter().filter(|byte| **byte == b'\n').count();
            let found = available.get(blank).copied();
            self.line += lines as u64;
            self.advance(blank);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Enters a list or an object.
    pub fn enter(&mut self, bracket: u8, wanted: &str) -> Result<()> {
        match self.peek()? {
            Some(found) if found == bracket => {
                self.advance(1);
                Ok(())
            }
            None => self.fault("the file ends too early: it may have been cut off"),
            _ => self.fault(wanted),
        }
    }

    /// Goes to the next element or key; false at the end of the list or object.
    pub fn next(&mut self, first: &mut bool, end: u8) -> Result<bool> {
        let was_first = std::mem::replace(first, false);
        match self.peek()? {
            None => self.fault("the file ends too early: it may have been cut off"),
            Some(found) if found == end => {
                self.advance(1);
                Ok(false)
            }
            Some(b',') if !was_first => {
                self.advance(1);
                match self.peek()? {
                    Some(found) if found == end => self.fault("a comma stands before the end"),
                    None => self.fault("the file ends too early: it may have been cut off"),
                    _ => Ok(true),
                }
            }
            _ if was_first => Ok(true),
            _ => self.fault("a comma is missing between two entries"),
        }
    }

    /// The next key of an object, with its colon; none at its end.
    pub fn key(&mut self, first: &mut bool) -> Result<Option<String>> {
        if !self.next(first, b'}')? {
            return Ok(None);
        }
        let mut raw = Vec::new();
        if self.peek()? != Some(b'"') {
            return self.fault("a key is missing: keys stand between quotation marks");
        }
        self.value(&mut raw)?;
        let Ok(key) = serde_json::from_slice(&raw) else {
            return self.fault("a key is not valid text");
        };
        if self.peek()? != Some(b':') {
            return self.fault("a colon is missing after a key");
        }
        self.advance(1);
        Ok(Some(key))
    }

    /// Reads one value as it stands.
    pub fn value(&mut self, out: &mut Vec<u8>) -> Result<()> {
        out.clear();
        let line = self.line;
        self.walk(Some(out))?;
        if out.len() > PIECE_MAX_BYTES {
            let message = "one entry is longer than 16 MiB: split it";
            return Err(PieceError::Fault(line, Fault::new("", Code::TooLong, message)));
        }
        Ok(())
    }

    /// Passes over one value, however long.
    pub fn skip(&mut self) -> Result<()> {
        self.walk(None)
    }

    fn walk(&mut self, mut out: Option<&mut Vec<u8>>) -> Result<()> {
        let mut cut = Cut::default();
        if self.peek()?.is_none() {
            return self.fault("the file ends too early: it may have been cut off");
        }
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                return if cut.is_scalar() {
                    Ok(())
                } else {
                    self.fault("the file ends too early: it may have been cut off")
                };
            }
            let (used, done) = cut.take(available);
            let part = &available[..used];
            self.line += memchr::memchr_iter(b'\n', part).count() as u64;
            if let Some(out) = &mut out {
                let room = (PIECE_MAX_BYTES + 1).saturating_sub(out.len());
                out.extend_from_slice(&part[..part.len().min(room)]);
            }
            self.advance(used);
            if done {
                return Ok(());
            }
        }
    }
}

/// Where one value ends.
#[derive(Default)]
struct Cut {
    depth: u64,
    text: bool,
    escaped: bool,
    scalar: bool,
}

impl Cut {
    fn is_scalar(&self) -> bool {
        self.scalar && !self.text
    }

    /// How much of `bytes` belongs to the value, and whether it ends there.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while at < bytes.len() {
            if self.text {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else {
                    return (bytes.len(), false);
                };
                at += found + 1;
                if bytes[at - 1] == b'\\' {
                    self.escaped = true;
                    continue;
                }
                self.text = false;
                if self.depth == 0 {
                    return (at, true);
                }
                continue;
            }
            match bytes[at] {
                b'"' => self.text = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    if self.depth == 0 {
                        return (at, true);
                    }
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (at + 1, true);
                    }
                }
                b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => return (at, true),
                _ if self.depth == 0 => self.scalar = true,
                _ => {}
            }
            at += 1;
        }
        (at, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn a_list_is_cut_wherever_the_buffer_ends() {
        let text = "[{\"a\":\"]}\\\"\"}, 12 ,\n[1,[2]],\"x\",null]";
        for capacity in 1..40 {
            let mut pieces = Pieces::new(BufReader::with_capacity(capacity, text.as_bytes()));
            pieces.enter(b'[', "a list").unwrap();
            let (mut first, mut found, mut raw) = (true, Vec::new(), Vec::new());
            while pieces.next(&mut first, b']').unwrap() {
                pieces.value(&mut raw).unwrap();
                found.push(String::from_utf8(raw.clone()).unwrap());
            }
            assert_eq!(found, ["{\"a\":\"]}\\\"\"}", "12", "[1,[2]]", "\"x\"", "null"]);
            assert_eq!(pieces.line, 2);
        }
    }
}
