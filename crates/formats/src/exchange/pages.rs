//! What the pages of a row group of Parquet say of themselves, looked up before the library that unpacks them believes
//! it: a few bytes may claim to be gigabytes, and a run of levels may make one list of them.
//!
//! Pages and their headers: `parquet.thrift`, `PageHeader`; runs of levels: “Run Length Encoding / Bit-Packing Hybrid”
//! of the format's `Encodings.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parquet::basic::{Encoding, Type as Physical};
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result as Parquet};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, RowGroupReader};
use parquet::record::reader::RowIter;
use parquet::schema::types::{ColumnDescriptor, Type};

use super::footer::{Thrift, zigzag};

/// About how many bytes the largest pages of all columns may have together, and how many more for each byte of the
/// row group: a page is unpacked as a whole.
const UNPACKED_MAX_BYTES: u64 = 256 << 20;
const UNPACKED_A_BYTE: u64 = 8;
/// How long the header of a page may be; it may tell the least and the greatest value.
const HEADER_MAX_BYTES: usize = 1 << 20;
/// How many values the lists of a row may have in a column, and those of all rows that are unpacked at a time; and about
/// how many these shall have, as data may be sorted by length, and the first rows be many times as long as others.
const ROW_VALUES_MAX: usize = 1 << 22;
const VALUES_MAX: usize = 1 << 23;
const VALUES: u64 = 1 << 18;
/// About how many bytes the texts of one list may have.
const TEXTS_MAX_BYTES: usize = 256 << 20;
/// How many bytes of texts that share their beginnings are unpacked at a time.
const SHARED_MAX_BYTES: u64 = 64 << 20;
/// `Encoding.DELTA_BYTE_ARRAY`.
const SHARED: i64 = 7;

/// What the header of a page says.
#[derive(Default)]
struct Header {
    unpacked: u64,
    packed: u64,
    /// How many values a dictionary has.
    listed: Option<u64>,
    /// Its texts say how much of the one before they begin with.
    shares: bool,
}

impl Header {
    /// The header, and how many bytes it has; none where it is none.
    fn read(bytes: &[u8]) -> Option<(Self, u64)> {
        let mut input = Thrift(bytes);
        let (mut id, mut header) = (0, Self::default());
        while let Some(kind) = input.field(&mut id)? {
            match (id, kind) {
                (2, 5) => header.unpacked = u64::try_from(zigzag(input.number()?)).ok()?,
                (3, 5) => header.packed = u64::try_from(zigzag(input.number()?)).ok()?,
                (5 | 7 | 8, 12) => {
                    // The encoding of a page of data; of a dictionary it is always the plain one.
                    let encoding = if id == 8 { 4 } else { 2 };
                    let (of, mut id) = (id, 0);
                    while let Some(kind) = input.field(&mut id)? {
                        match kind {
                            5 if id == 1 && of == 7 => {
                                header.listed = Some(u64::try_from(zigzag(input.number()?)).ok()?);
                            }
                            5 if id == encoding => {
                                header.shares |= zigzag(input.number()?) == SHARED;
                            }
                            kind => input.skip(kind, 1)?,
                        }
                    }
                }
                (_, kind) => input.skip(kind, 0)?,
            }
        }
        Some((header, (bytes.len() - input.0.len()) as u64))
    }
}

/// How many bytes the shortest value of a dictionary has.
fn shortest(column: &ColumnDescriptor) -> u64 {
    match column.physical_type() {
        Physical::BOOLEAN => 1,
        Physical::INT32 | Physical::FLOAT | Physical::BYTE_ARRAY => 4,
        Physical::INT64 | Physical::DOUBLE => 8,
        Physical::INT96 => 12,
        Physical::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.type_length()).unwrap_or(1).max(1),
    }
}

fn wrong<T>(message: &str) -> Result<T, String> {
    Err(message.into())
}

/// About how many bytes the pages of a column need at a time, and the longest page of texts that share their
/// beginnings.
fn needed(file: &impl ChunkReader, column: &ColumnChunkMetaData) -> Result<[u64; 2], String> {
    let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
    let [start, length] = [start, column.compressed_size()].map(|at| u64::try_from(at).ok());
    let (Some(mut at), Some(mut left)) = (start, length) else {
        return wrong("a column begins before the file");
    };
    let (mut dictionary, mut largest, mut shared) = (0_u64, 0_u64, 0);
    while left > 0 {
        let rest = file.len().saturating_sub(at).min(left);
        let mut read = None;
        // Headers are short, as a rule.
        for most in [1 << 10, HEADER_MAX_BYTES] {
            let most = usize::try_from(rest).unwrap_or(most).min(most);
            let bytes = file.get_bytes(at, most).map_err(|error| error.to_string())?;
            read = Header::read(&bytes);
            if read.is_some() || most as u64 == rest {
                break;
            }
        }
        let Some((header, head)) = read else {
            return wrong("the header of a page is damaged, or too long");
        };
        let size = header.unpacked.max(header.packed);
        match header.listed {
            Some(values) if values.saturating_mul(shortest(column.column_descr())) > size => {
                return wrong("a dictionary is shorter than it says");
            }
            Some(values) => {
                dictionary = dictionary.max(size.saturating_add(values.saturating_mul(32)));
            }
            None => largest = largest.max(size),
        }
        if header.shares {
            shared = shared.max(size);
        }
        let whole = head.saturating_add(header.packed);
        at = at.saturating_add(whole);
        left = left.saturating_sub(whole);
    }
    Ok([largest.saturating_add(dictionary), shared])
}

/// A row group whose pages are looked at before they are unpacked.
pub(super) struct Guarded<'a> {
    group: Box<dyn RowGroupReader + 'a>,
    /// How many rows are unpacked at a time.
    pub batch: usize,
    /// How many values in lists are unpacked at a time, in all columns.
    values: Arc<AtomicUsize>,
}

impl<'a> Guarded<'a> {
    /// Errors: pages that say what cannot be, or need more memory than there may be.
    pub fn new(
        file: &impl ChunkReader,
        group: Box<dyn RowGroupReader + 'a>,
        batch: usize,
    ) -> Result<Self, String> {
        let (mut all, mut shared) = (0_u64, 0);
        for column in group.metadata().columns() {
            let [needs, shares] = needed(file, column)?;
            all = all.saturating_add(needs);
            shared = shared.max(shares);
        }
        let told = group.metadata();
        let packed = u64::try_from(told.compressed_size()).unwrap_or_default().min(file.len());
        if all > packed.saturating_mul(UNPACKED_A_BYTE).saturating_add(UNPACKED_MAX_BYTES) {
            return wrong("its pages come to far more than the file has: write smaller pages");
        }
        let values = told
            .columns()
            .iter()
            .map(|column| u64::try_from(column.num_values()).unwrap_or_default());
        let a_row = values.sum::<u64>() / u64::try_from(told.num_rows()).unwrap_or_default().max(1);
        let few = [VALUES / a_row.max(1), SHARED_MAX_BYTES / u64::max(shared, 1)];
        let few = few.into_iter().min().and_then(|few| usize::try_from(few).ok());
        let batch = few.map_or(batch, |few| batch.min(few)).max(1);
        Ok(Self { group, batch, values: Arc::default() })
    }
}

impl RowGroupReader for Guarded<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.group.metadata()
    }

    fn num_columns(&self) -> usize {
        self.group.num_columns()
    }

    fn get_column_page_reader(&self, at: usize) -> Parquet<Box<dyn PageReader>> {
        let pages = self.group.get_column_page_reader(at)?;
        let column = self.metadata().schema_descr().column(at);
        if column.max_rep_level() == 0 {
            return Ok(pages);
        }
        Ok(Box::new(Pages {
            pages,
            bits: (16 - column.max_rep_level().leading_zeros()) as usize,
            is_text: column.physical_type() == Physical::BYTE_ARRAY,
            longest_text: 0,
            lists: Lists::new(self.batch),
            most: 0,
            all: Arc::clone(&self.values),
        }))
    }

    fn get_column_bloom_filter(&self, at: usize) -> Option<&Sbbf> {
        self.group.get_column_bloom_filter(at)
    }

    fn get_row_iter(&self, projection: Option<Type>) -> Parquet<RowIter<'_>> {
        self.group.get_row_iter(projection)
    }
}

/// The pages of a column of lists.
struct Pages {
    pages: Box<dyn PageReader>,
    /// How many bits a level of repetition has.
    bits: usize,
    is_text: bool,
    longest_text: usize,
    lists: Lists,
    /// What was added to `all` for this column.
    most: usize,
    all: Arc<AtomicUsize>,
}

impl Pages {
    fn look(&mut self, page: &Page) -> Parquet<()> {
        let too_much = |message: &str| Err(ParquetError::General(message.into()));
        let damaged = || ParquetError::General("levels of repetition are cut off".into());
        let (levels, values) = match page {
            Page::DictionaryPage { buf, .. } => {
                if self.is_text {
                    self.longest_text = longest(buf);
                }
                return Ok(());
            }
            Page::DataPage { rep_level_encoding: Encoding::RLE, buf, num_values, .. } => {
                let (length, rest) = buf.split_first_chunk().ok_or_else(damaged)?;
                let length = u32::from_le_bytes(*length) as usize;
                (rest.get(..length).ok_or_else(damaged)?, *num_values)
            }
            Page::DataPageV2 { buf, rep_levels_byte_len, num_values, .. } => {
                (buf.get(..*rep_levels_byte_len as usize).ok_or_else(damaged)?, *num_values)
            }
            // Each level has a bit of its own.
            Page::DataPage { .. } => return Ok(()),
        };
        self.lists.read(levels, self.bits, values as usize);
        let more = self.lists.most.saturating_sub(self.most);
        self.most += more;
        if self.lists.longest > ROW_VALUES_MAX {
            return too_much("a row has millions of values: split its lists");
        }
        if self.all.fetch_add(more, Ordering::Relaxed) + more > VALUES_MAX {
            return too_much(
                "rows beside one another have millions of values: write smaller row groups",
            );
        }
        if self.lists.longest.saturating_mul(self.longest_text) > TEXTS_MAX_BYTES {
            return too_much("a list of texts is too long: split it");
        }
        Ok(())
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Parquet<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.as_ref().map_or(Ok(()), |page| self.look(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Parquet<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Parquet<()> {
        self.pages.skip_next_page()
    }
}

impl Iterator for Pages {
    type Item = Parquet<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The longest text of a dictionary.
fn longest(mut dictionary: &[u8]) -> usize {
    let mut longest = 0;
    while let Some((length, rest)) = dictionary.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some(rest) = rest.get(length..) else { break };
        (longest, dictionary) = (longest.max(length), rest);
    }
    longest
}

/// How many values rows have, as levels of repetition tell it: a row begins with a level of 0.
struct Lists {
    /// How many rows are looked at together.
    batch: usize,
    rows: usize,
    values: usize,
    /// The values of the row at hand.
    at_hand: usize,
    longest: usize,
    /// The most values that so many rows have.
    most: usize,
}

impl Lists {
    fn new(batch: usize) -> Self {
        Self { batch, rows: 0, values: 0, at_hand: 0, longest: 0, most: 0 }
    }

    fn add(&mut self, level: u64, times: usize) {
        match (level, times) {
            // So many rows of one value; what there is to know of them, a batch tells.
            (0, times) => {
                let rows = self.rows + times;
                (self.rows, self.values) = match rows > self.batch {
                    true => (rows % self.batch.max(1), times.min(self.batch)),
                    false => (rows, self.values + times),
                };
                self.at_hand = 1;
            }
            (_, times) => {
                self.values = self.values.saturating_add(times);
                self.at_hand = self.at_hand.saturating_add(times);
            }
        }
        self.longest = self.longest.max(self.at_hand);
        self.most = self.most.max(self.values);
    }

    /// Levels of so many `bits` in runs of one level, and in groups of eight levels bit by bit.
    fn read(&mut self, levels: &[u8], bits: usize, values: usize) {
        let (mut input, mut left) = (Thrift(levels), values);
        while left > 0 {
            let Some(head) = input.number() else { return };
            let count = usize::try_from(head >> 1).unwrap_or(usize::MAX);
            if head & 1 == 0 {
                let Some((level, rest)) = input.0.split_at_checked(bits.div_ceil(8)) else {
                    return;
                };
                let level = level.iter().rev().fold(0, |level, byte| level << 8 | u64::from(*byte));
                let times = count.min(left);
                self.add(level, times);
                (input.0, left) = (rest, left - times);
                continue;
            }
            let length = count.saturating_mul(bits).min(input.0.len());
            let (packed, rest) = input.0.split_at(length);
            let times = (length * 8 / bits).min(left);
            for nth in 0..times {
                let bit = |at: usize| u64::from(packed[at / 8] >> (at % 8) & 1);
                let level = (0..bits).fold(0, |level, of| level | bit(nth * bits + of) << of);
                self.add(level, 1);
            }
            (input.0, left) = (rest, left - times);
            if times == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_long_as_their_levels_say() {
        // Runs: twice their length, and the level; groups of eight: twice their number and one, and the bits.
        let cases = [
            ("nothing", &[][..], 1, 10, [0, 0]),
            ("five rows of one", &[10, 0], 1, 5, [1, 2]),
            ("one of six", &[2, 0, 10, 1], 1, 6, [6, 6]),
            (
                "a run beyond the values",
                &[2, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 1],
                1,
                100,
                [100, 100],
            ),
            ("two of four by bits", &[3, 0b1110_1110], 1, 8, [4, 8]),
            ("rows of two, of which two are a batch", &[3, 0b1010_1010], 1, 8, [2, 4]),
            ("lists in lists by two bits", &[3, 0b1110_0100, 0b1111_1111], 2, 8, [8, 8]),
            ("cut off", &[5, 0b1111_1110], 1, 16, [8, 8]),
        ];
        for (what, levels, bits, values, wanted) in cases {
            let mut lists = Lists::new(2);
            lists.read(levels, bits, values);
            assert_eq!([lists.longest, lists.most], wanted, "{what}");
        }
    }

    #[test]
    fn the_longest_text_of_a_dictionary_is_found() {
        let texts = [&b"\x01\0\0\0a"[..], b"\x03\0\0\0abc", b"\x02\0\0\0ab"].concat();
        assert_eq!(longest(&texts), 3);
        assert_eq!(longest(&texts[..11]), 1);
        assert_eq!(longest(b""), 0);
    }

    #[test]
    fn a_header_tells_the_sizes_of_its_page() {
        // A dictionary of 7 values in 40 bytes, packed into 20; and a page of texts that share their beginnings.
        let dictionary = b"\x15\x04\x15\x50\x15\x28\x4c\x15\x0e\x15\0\0\0rest";
        let (header, length) = Header::read(dictionary).unwrap();
        assert_eq!((header.unpacked, header.packed, header.listed, length), (40, 20, Some(7), 13));
        let texts = b"\x15\0\x15\x50\x15\x28\x2c\x15\x0e\x15\x0e\x15\x06\x15\x06\0\0";
        let (header, _) = Header::read(texts).unwrap();
        assert!(header.shares && header.listed.is_none());
        assert!(Header::read(&texts[..9]).is_none());
    }
}
