//! Entries of a large file read again, mostly one behind the other.

use std::io::{self, Read, SeekFrom};

use super::source::Handle;

/// Where an annotation lies.
pub(super) struct Entry {
    pub image: u32,
    pub length: u32,
    pub at: u64,
    pub line: u32,
    pub nth: u32,
}

/// The annotations of some images, which lie scattered in the file: they are fetched in the order of the
/// file, so that it is read forwards.
#[derive(Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    places: Vec<usize>,
    order: Vec<usize>,
}

impl Batch {
    pub fn load(
        &mut self,
        entries: &[Entry],
        window: &mut Window,
        file: &mut dyn Handle,
    ) -> io::Result<()> {
        self.bytes.clear();
        self.places.clear();
        self.places.resize(entries.len(), 0);
        self.order.clear();
        self.order.extend(0..entries.len());
        self.order.sort_unstable_by_key(|index| entries[*index].at);
        for index in &self.order {
            let entry = &entries[*index];
            self.places[*index] = self.bytes.len();
            self.bytes.extend_from_slice(window.read(file, entry.at, entry.length as usize)?);
        }
        Ok(())
    }

    pub fn raw(&self, index: usize, entry: &Entry) -> &[u8] {
        let at = self.places[index];
        &self.bytes[at..at + entry.length as usize]
    }
}

/// A piece of a file, held because the next one asked for mostly lies right behind.
pub(super) struct Window {
    at: u64,
    bytes: Vec<u8>,
    /// How much is read at once: more where the last pieces lay close to each other.
    ahead: usize,
}

impl Window {
    const AHEAD_MAX: usize = 256 << 10;

    pub fn new() -> Self {
        Self { at: 0, bytes: Vec::new(), ahead: 4 << 10 }
    }

    /// Reads from `file`, always the same one.
    pub fn read(&mut self, file: &mut dyn Handle, at: u64, length: usize) -> io::Result<&[u8]> {
        let held = at.checked_sub(self.at).and_then(|from| usize::try_from(from).ok());
        if let Some(from) = held.filter(|from| from + length <= self.bytes.len()) {
            return Ok(&self.bytes[from..from + length]);
        }
        let near = at.checked_sub(self.at).is_some_and(|gap| gap < 4 * Self::AHEAD_MAX as u64);
        self.ahead = if near { (self.ahead * 2).min(Self::AHEAD_MAX) } else { 4 << 10 };
        file.seek(SeekFrom::Start(at))?;
        self.bytes.clear();
        let wanted = length.max(self.ahead) as u64;
        Read::take(file, wanted).read_to_end(&mut self.bytes)?;
        self.at = at;
        if self.bytes.len() < length {
            return Err(io::Error::other("the file became shorter while it was read"));
        }
        Ok(&self.bytes[..length])
    }
}
