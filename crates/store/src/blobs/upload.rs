//! An upload: content that a browser sends in parts, over as many connections as it takes.
//!
//! Its journal is a row of records, `length 4 | checksum 8 | sealed part`. The first record holds the
//! size that was announced. A part's label holds the place where the part begins, so that records
//! cannot be left out or exchanged. The checksum knows a torn record without any key: it is the seal
//! that knows a changed one.
//!
//! - **U1** What was acknowledged is on the disk, and stays after a crash.
//! - **U2** A part goes where the content ends. The same part again is a repeat; anything else is
//!   answered with the place to go on from.
//! - **U3** A part is sealed under a key of its own, so no byte waits in the clear (B2).
//! - **U4** A record that a crash has cut short was never acknowledged, and is written over.

use super::backend::blocking;
use super::format::Sealed;
use super::journal::{Journal, Log};
use super::{Error, OrganizationBlobs, Result, Stored};
use crate::keys::{Label, OrganizationKeys, SEALED_OVERHEAD};

/// The longest part, which is in memory twice while it is sealed.
pub const UPLOAD_PART_BYTES_MAX: u64 = 16 * 1024 * 1024;

const ID_LENGTH_MAX: usize = 64;
const RECORD_HEAD_BYTES: u64 = 4 + CHECKSUM_BYTES as u64;
const CHECKSUM_BYTES: usize = 8;
const HEAD: &str = "upload.head";
const PART: &str = "upload.part";

/// An upload that has begun and has not finished.
pub struct Upload {
    blobs: OrganizationBlobs,
    journal: Journal,
    id: String,
    size: u64,
    records: Records,
}

/// What is known of a journal's records, so that nobody reads them all for every part.
#[derive(Clone, Default)]
struct Records {
    parts: Vec<Part>,
    /// Where the next record goes.
    journal_end: u64,
    /// Where the next part goes.
    offset: u64,
}

#[derive(Clone, Copy)]
struct Part {
    offset: u64,
    at: u64,
}

impl OrganizationBlobs {
    /// Begins an upload of `size` bytes under an id that the caller chose. To begin it again is to
    /// go on with it.
    pub async fn begin_upload(&self, id: &str, size: u64) -> Result<Upload> {
        self.open_upload(id, Some(size)).await
    }

    /// Goes on with an upload, after a restart as well.
    pub async fn upload(&self, id: &str) -> Result<Upload> {
        self.open_upload(id, None).await
    }

    async fn open_upload(&self, id: &str, size: Option<u64>) -> Result<Upload> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || id.len() > ID_LENGTH_MAX || !id.bytes().all(plain) {
            return Err(Error::BadUploadId);
        }
        let (blobs, id, journal) = (self.clone(), id.to_owned(), self.sealed().journal(id));
        blocking(move || {
            if size.is_some() {
                journal.create()?;
            }
            let keys = blobs.keys();
            let (size, records) = journal.hold(|log| {
                let begun = read_head(log, keys, &id)?;
                let (begun, end) = match (begun, size) {
                    (Some((begun, _)), Some(size)) if begun != size => {
                        return Err(Error::UploadDiffers);
                    }
                    (Some(begun), _) => begun,
                    (None, Some(size)) => (size, write_head(log, keys, &id, size)?),
                    (None, None) => return Err(Error::NotFound),
                };
                let mut records = Records { journal_end: end, ..Records::default() };
                records.catch_up(log)?;
                Ok((begun, records))
            })?;
            Ok(Upload { blobs, journal, id, size, records })
        })
        .await
    }
}

impl Upload {
    /// The id that the caller chose.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How long the content will be.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How much of it is here: where the next part goes.
    pub fn offset(&self) -> u64 {
        self.records.offset
    }

    /// Adds a part, and returns where the next one goes once this one is lasting (U1, U2).
    pub async fn append(&mut self, offset: u64, part: bytes::Bytes) -> Result<u64> {
        if part.len() as u64 > UPLOAD_PART_BYTES_MAX {
            return Err(Error::TooLarge { limit: UPLOAD_PART_BYTES_MAX });
        }
        if offset.checked_add(part.len() as u64).is_none_or(|end| end > self.size) {
            return Err(Error::TooLarge { limit: self.size });
        }
        let (blobs, journal, id) = (self.blobs.clone(), self.journal.clone(), self.id.clone());
        // If this fails, or is given up halfway, the copy here still is true of the journal's start.
        let mut records = self.records.clone();
        self.records = blocking(move || {
            journal.hold(|log| {
                records.catch_up(log)?;
                records.append(log, blobs.keys(), &id, offset, &part)
            })?;
            Ok(records)
        })
        .await?;
        Ok(self.records.offset)
    }

    /// Makes the content a blob. If this fails, the upload is as it was.
    pub async fn finish(self) -> Result<Stored> {
        let Self { blobs, journal, id, size, mut records } = self;
        let (sealed, blobs, journal) = blocking(move || {
            let sealed = journal.hold(|log| {
                records.catch_up(log)?;
                if records.offset != size {
                    return Err(Error::WrongOffset { expected: records.offset });
                }
                seal_whole(log, &blobs, &id, &records)
            })?;
            Ok((sealed, blobs, journal))
        })
        .await?;
        let stored = blobs.publish(sealed).await?;
        blocking(move || journal.remove()).await?;
        Ok(stored)
    }

    /// Gives the upload up, and forgets what was sent.
    pub async fn abandon(self) -> Result<()> {
        blocking(move || self.journal.remove()).await
    }
}

impl Records {
    /// Learns of the records that others have added.
    fn catch_up(&mut self, log: &dyn Log) -> Result<()> {
        while let Some(record) = record_at(log, self.journal_end)? {
            let Some(length) = record.length.checked_sub(SEALED_OVERHEAD as u64) else { break };
            // A crash can leave the last record as long as it should be, but not what it should
            // be (U4). Those before it were lasting before it was begun.
            if record.end == log.length()? && read_record(log, self.journal_end)?.is_none() {
                break;
            }
            let part = Part { offset: self.offset, at: self.journal_end };
            self.push(part, length, record.end);
        }
        Ok(())
    }

    fn append(
        &mut self,
        log: &mut dyn Log,
        keys: &OrganizationKeys,
        id: &str,
        offset: u64,
        part: &[u8],
    ) -> Result<()> {
        if offset != self.offset {
            let earlier = self.parts.binary_search_by_key(&offset, |part| part.offset);
            return match earlier {
                Ok(index) if open_part(log, keys, id, self.parts[index])? == part => Ok(()),
                _ => Err(Error::WrongOffset { expected: self.offset }),
            };
        }
        if part.is_empty() {
            return Ok(());
        }
        let sealed = keys.seal(&Label::new(PART, id, offset as i64), part);
        let next = write_record(log, self.journal_end, &sealed)?;
        self.push(Part { offset, at: self.journal_end }, part.len() as u64, next);
        Ok(())
    }

    fn push(&mut self, part: Part, length: u64, journal_end: u64) {
        self.parts.push(part);
        self.offset = part.offset + length;
        self.journal_end = journal_end;
    }
}

/// Seals anew, as one blob, what waits in parts.
fn seal_whole(
    log: &dyn Log,
    blobs: &OrganizationBlobs,
    id: &str,
    records: &Records,
) -> Result<Sealed> {
    let mut sealer = blobs.sealer()?;
    for part in &records.parts {
        sealer.write(&open_part(log, blobs.keys(), id, *part)?)?;
    }
    sealer.finish()
}

fn open_part(log: &dyn Log, keys: &OrganizationKeys, id: &str, part: Part) -> Result<Vec<u8>> {
    let what = "a part of the upload does not open";
    let sealed = read_record(log, part.at)?.ok_or(Error::Damaged { what })?;
    let label = Label::new(PART, id, part.offset as i64);
    keys.open(&label, &sealed).map_err(|error| Error::of_key(error, what))
}

/// The announced size, and where the parts begin; nothing if the head was never written whole.
fn read_head(log: &dyn Log, keys: &OrganizationKeys, id: &str) -> Result<Option<(u64, u64)>> {
    let what = "the upload's head does not open";
    let (Some(record), Some(sealed)) = (record_at(log, 0)?, read_record(log, 0)?) else {
        return Ok(None);
    };
    let head = keys.open(&Label::new(HEAD, id, 0), &sealed);
    let head = head.map_err(|error| Error::of_key(error, what))?;
    let size = head.first_chunk().ok_or(Error::Damaged { what })?;
    Ok(Some((u64::from_be_bytes(*size), record.end)))
}

fn write_head(log: &mut dyn Log, keys: &OrganizationKeys, id: &str, size: u64) -> Result<u64> {
    write_record(log, 0, &keys.seal(&Label::new(HEAD, id, 0), &size.to_be_bytes()))
}

/// A record as its first bytes announce it.
struct Record {
    length: u64,
    checksum: [u8; CHECKSUM_BYTES],
    end: u64,
}

/// The record at `at`, if it can all be there.
fn record_at(log: &dyn Log, at: u64) -> Result<Option<Record>> {
    let Some(room) = log.length()?.checked_sub(at + RECORD_HEAD_BYTES) else { return Ok(None) };
    let (mut length, mut checksum) = ([0; 4], [0; CHECKSUM_BYTES]);
    log.read_exact_at(&mut length, at)?;
    log.read_exact_at(&mut checksum, at + 4)?;
    let length = u64::from(u32::from_be_bytes(length));
    let whole = length <= room && length <= UPLOAD_PART_BYTES_MAX + SEALED_OVERHEAD as u64;
    Ok(whole.then_some(Record { length, checksum, end: at + RECORD_HEAD_BYTES + length }))
}

/// The sealed bytes of the record at `at`, unless it is torn.
fn read_record(log: &dyn Log, at: u64) -> Result<Option<Vec<u8>>> {
    let Some(record) = record_at(log, at)? else { return Ok(None) };
    let mut sealed = vec![0; record.length as usize];
    log.read_exact_at(&mut sealed, at + RECORD_HEAD_BYTES)?;
    Ok((checksum(&sealed) == record.checksum).then_some(sealed))
}

/// Adds a record at `at`, over whatever torn one lies there, and returns where it ends.
fn write_record(log: &mut dyn Log, at: u64, sealed: &[u8]) -> Result<u64> {
    let mut record = Vec::with_capacity(RECORD_HEAD_BYTES as usize + sealed.len());
    record.extend_from_slice(&(sealed.len() as u32).to_be_bytes());
    record.extend_from_slice(&checksum(sealed));
    record.extend_from_slice(sealed);
    log.write_end(at, &record)?;
    Ok(at + record.len() as u64)
}

fn checksum(sealed: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut checksum = [0; CHECKSUM_BYTES];
    blake3::Hasher::new().update(sealed).finalize_xof().fill(&mut checksum);
    checksum
}
