//! FlatBuffers, as far as Arrow needs them.

/// A table of a FlatBuffer: its fields by their numbers, each looked for within the bytes.
#[derive(Clone, Copy)]
pub(super) struct Flat<'a> {
    pub bytes: &'a [u8],
    at: usize,
}

/// A number of so many bytes, the least first; what is narrower than the word keeps its sign.
pub(super) fn little(bytes: &[u8], at: usize, width: usize) -> Option<i64> {
    let mut word = [0; 8];
    word[..width].copy_from_slice(bytes.get(at..at.checked_add(width)?)?);
    let number = i64::from_le_bytes(word);
    let spare = 64 - 8 * width as u32;
    Some(number << spare >> spare)
}

impl<'a> Flat<'a> {
    pub fn root(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { bytes, at: usize::try_from(little(bytes, 0, 4)?).ok()? })
    }

    fn place(&self, slot: usize) -> Option<usize> {
        let back = little(self.bytes, self.at, 4)?;
        let shape = usize::try_from(i64::try_from(self.at).ok()? - back).ok()?;
        let length = little(self.bytes, shape, 2)? as u16;
        let entry = 4 + 2 * slot;
        if entry + 2 > usize::from(length) {
            return None;
        }
        let offset = little(self.bytes, shape + entry, 2)? as u16;
        (offset > 0).then_some(self.at + usize::from(offset))
    }

    pub fn number(&self, slot: usize, width: usize) -> Option<i64> {
        little(self.bytes, self.place(slot)?, width)
    }

    fn follow(&self, at: usize) -> Option<usize> {
        at.checked_add(little(self.bytes, at, 4)? as u32 as usize)
    }

    pub fn table(&self, slot: usize) -> Option<Self> {
        Some(Self { bytes: self.bytes, at: self.follow(self.place(slot)?)? })
    }

    /// Where the entries of a list begin, and how many there are.
    pub fn list(&self, slot: usize) -> Option<(usize, usize)> {
        let at = self.follow(self.place(slot)?)?;
        let length = little(self.bytes, at, 4)? as u32 as usize;
        (length <= self.bytes.len()).then_some((at + 4, length))
    }

    pub fn tables(&self, slot: usize) -> Vec<Self> {
        let Some((start, length)) = self.list(slot) else { return Vec::new() };
        let entry = |nth| Some(Self { bytes: self.bytes, at: self.follow(start + 4 * nth)? });
        (0..length).map_while(entry).collect()
    }

    pub fn text(&self, slot: usize) -> Option<String> {
        let (start, length) = self.list(slot)?;
        let bytes = self.bytes.get(start..start.checked_add(length)?)?;
        Some(std::str::from_utf8(bytes).ok()?.to_owned())
    }
}
