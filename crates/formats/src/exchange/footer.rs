//! The depth of a Parquet schema, looked up in the footer before anything else is: the library that reads it goes
//! down by recursion, and a schema of a few hundred kilobytes would take it beyond the end of the stack.
//!
//! The footer is Thrift in its compact encoding (`parquet.thrift`, `FileMetaData`): field 2 lists the elements of
//! the schema, depth first, each with the number of its children in field 5.

use std::io::{self, Read, SeekFrom};

use super::source::Handle;

/// The longest footer that is read.
const FOOTER_MAX_BYTES: u64 = 256 << 20;
/// How many groups of a schema may lie in one another.
const LEVELS_MAX: usize = 100;
/// How deep structs of Thrift lie in one another, as far as any version of the format goes.
const NESTED_MAX: usize = 16;

/// Says whether the schema may be read; false, too, where there is no footer that can be understood.
pub(super) fn is_shallow(file: &mut dyn Handle) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut tail = [0; 8];
    if length < 12 {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(length - 8))?;
    file.read_exact(&mut tail)?;
    let [a, b, c, d, magic @ ..] = tail;
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    if &magic != b"PAR1" || footer > (length - 8).min(FOOTER_MAX_BYTES) {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(length - 8 - footer))?;
    let mut bytes = Vec::new();
    Read::take(file, footer).read_to_end(&mut bytes)?;
    Ok(levels(&bytes).is_some_and(|levels| levels <= LEVELS_MAX))
}

/// How many levels the schema of a footer has.
fn levels(footer: &[u8]) -> Option<usize> {
    let mut input = Thrift(footer);
    let mut id = 0;
    while let Some(kind) = input.field(&mut id)? {
        if id != 2 {
            input.skip(kind, 0)?;
            continue;
        }
        let (count, _) = input.list()?;
        // How many children are still to come at each level.
        let (mut open, mut most): (Vec<u64>, usize) = (Vec::new(), 0);
        for _ in 0..count {
            let children = input.children()?;
            if let Some(last) = open.last_mut() {
                *last = last.checked_sub(1)?;
            }
            if children > 0 {
                open.push(children);
                most = most.max(open.len());
            }
            if most > LEVELS_MAX {
                return Some(most);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
        }
        return Some(most);
    }
    None
}

pub(super) struct Thrift<'a>(pub &'a [u8]);

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Begins the next field of a struct; none at its end.
    pub fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        let step = i64::from(head >> 4);
        *id = if step == 0 { zigzag(self.number()?) } else { *id + step };
        Some(Some(head & 0x0f))
    }

    /// The length of a list, and the kind of its elements.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
        Some((count, head & 0x0f))
    }

    /// The number of children of the schema element that follows.
    fn children(&mut self) -> Option<u64> {
        let (mut id, mut children) = (0, 0);
        while let Some(kind) = self.field(&mut id)? {
            if id == 5 && kind == 5 {
                children = u64::try_from(zigzag(self.number()?)).ok()?;
            } else {
                self.skip(kind, 0)?;
            }
        }
        Some(children)
    }

    pub fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > NESTED_MAX {
            return None;
        }
        let pass = |input: &mut Self, bytes: u64| {
            input.0 = input.0.get(usize::try_from(bytes).ok()?..)?;
            Some(())
        };
        match kind {
            1 | 2 => Some(()),
            3 => pass(self, 1),
            4..=6 => self.number().map(drop),
            7 => pass(self, 8),
            8 => {
                let bytes = self.number()?;
                pass(self, bytes)
            }
            9 | 10 => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip(element(kind), depth + 1))
            }
            11 => {
                let count = self.number()?;
                let kinds = if count > 0 { self.byte()? } else { 0 };
                (0..count).try_for_each(|_| {
                    self.skip(element(kinds >> 4), depth + 1)?;
                    self.skip(element(kinds & 0x0f), depth + 1)
                })
            }
            12 => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, depth + 1)?;
                }
                Some(())
            }
            _ => None,
        }
    }
}

/// A boolean has a byte of its own in a list or a map.
fn element(kind: u8) -> u8 {
    if matches!(kind, 1 | 2) { 3 } else { kind }
}

pub(super) fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A file with so many groups in one another, a column in the last, and no rows.
    fn nested(groups: usize) -> Vec<u8> {
        let mut count = Vec::new();
        let mut rest = groups + 2;
        while rest >= 0x80 {
            count.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        count.push(rest as u8);
        let root = b"\x48\x01a\x15\x02\x00".to_vec();
        let group = b"\x35\x02\x18\x01a\x15\x02\x00".repeat(groups);
        let column = b"\x15\x02\x25\x02\x18\x01a\x00".to_vec();
        let schema = [root, group, column].concat();
        let footer = [b"\x15\x02\x19\xfc", &count[..], &schema, b"\x16\x00\x19\x0c\x00"].concat();
        [b"PAR1", &footer[..], &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
    }

    #[test]
    fn a_schema_that_would_end_the_stack_is_not_read() {
        for (groups, shallow) in
            [(0, true), (40, true), (99, true), (100, false), (1_000_000, false)]
        {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&nested(groups)).unwrap();
            assert_eq!(is_shallow(&mut file).unwrap(), shallow, "{groups}");
        }
    }
}
