//! The files of a release that are written as other tools write them: what `formats::exchange` makes of the labels.
//!
//! Labels wait in a sealed temporary file and are read again for each format, so that nothing of them lies open on a disk
//! and memory holds a few of them, however many there are.

use super::pipe::PipeWriter;
use crate::imports::spool::Spool;
use crate::{Error, Result};
use formats::LossReport;
use formats::exchange::{self, Files, Handle, Item, Outlet, Scratch, Source, SourceError};
use formats::native::{self, NativeWriter, Record};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::blobs::{BlobAddress, OrganizationBlobs};

/// The longest file that is put into another.
const FILE_MAX_BYTES: u64 = 1 << 30;

fn scratch() -> io::Result<Box<dyn Scratch>> {
    Ok(Box::new(Spool::new()?))
}

/// Labels on their way to other tools' formats.
pub struct Waiting {
    out: NativeWriter<BufWriter<Spool>>,
    pictures: Pictures,
}

impl Waiting {
    pub fn new(header: &native::Project) -> io::Result<Self> {
        let out = NativeWriter::new(BufWriter::with_capacity(64 << 10, Spool::new()?), header)?;
        Ok(Self { out, pictures: Pictures::default() })
    }

    /// Adds a task that has a label: what other tools take of it.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let Record { task, item, label: Some(label), .. } = record else { return Ok(()) };
        let provenance = native::Provenance {
            answers: Vec::new(),
            reviews: Vec::new(),
            comments: Vec::new(),
            ..label.provenance.clone()
        };
        let label = native::Label { parts: Vec::new(), provenance, ..label.clone() };
        let (task, item, label) = (task.clone(), item.clone(), Some(label));
        self.out.push(&Record { task, item, label, so_far: None, known: None })
    }

    /// Tells where the picture lies of the item with this external id, or of the camera with this file.
    pub fn picture(&mut self, id: &str, address: BlobAddress) {
        let key = self.pictures.state.hash_one(id);
        self.pictures.known.insert(key, address);
    }

    pub fn finish(self) -> io::Result<Labels> {
        let spool = self.out.finish()?.into_inner().map_err(|error| error.into_error())?;
        Ok(Labels { spool: Arc::new(Mutex::new(spool)), pictures: self.pictures })
    }
}

/// Where pictures lie, by what their ids hash to: several may share a name.
#[derive(Default)]
struct Pictures {
    known: HashMap<u64, BlobAddress>,
    state: RandomState,
}

/// Labels that are read again for each format.
pub struct Labels {
    spool: Arc<Mutex<Spool>>,
    pictures: Pictures,
}

impl Labels {
    /// Writes all of them into `out`, as one file or packed as several; `told` hears now and then how many items are through, and says whether to go on.
    ///
    /// Answers what the format could not hold, and nothing where it was told to stop.
    pub fn write(
        &self,
        format: exchange::Format,
        packed: bool,
        out: Box<dyn Write + Send>,
        blobs: Option<&OrganizationBlobs>,
        told: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<LossReport>> {
        let outlet = match packed {
            true => Outlet::archive(out, scratch),
            false => Outlet::stream(out, scratch),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let (spool, stopped) = (self.spool.clone(), stop.clone());
        let open = move || {
            let (spool, stopped) = (spool.clone(), stopped.clone());
            Ok(Box::new(Again { spool, at: 0, stopped }) as Box<dyn Handle>)
        };
        let broken = |error: &dyn std::fmt::Display| {
            Error::Internal(format!(
                "a release could not be written as {}: {error}",
                format.as_str()
            ))
        };
        let mut source =
            Source::over("native.jsonl", open, scratch).map_err(|error| broken(&error))?;
        let writer = format.writer_into(&outlet).map_err(|error| broken(&error))?;
        let mut stored = blobs.map(|blobs| Stored { blobs, pictures: &self.pictures });
        let files = stored.as_mut().filter(|_| writer.wants_files());
        let mut hear = |report: &exchange::Report, _: Option<&exchange::Refusal>| {
            if !told(report.items) {
                stop.store(true, Ordering::Relaxed);
            }
        };
        let files = files.map(|files| files as &mut dyn Files);
        let read =
            exchange::hand_over(&mut source, exchange::Format::Native, writer, files, &mut hear);
        match read {
            _ if stop.load(Ordering::Relaxed) => Ok(None),
            Ok(mut report) => {
                // Of many, only the first are there to be told.
                let mut told = report.refusals.iter().map(ToString::to_string);
                for _ in 0..report.refused {
                    report.losses.add("task_not_taken", || told.next().unwrap_or_default());
                }
                Ok(Some(report.losses))
            }
            Err(error) => Err(broken(&error)),
        }
    }
}

/// The labels from their beginning, beside others who read them.
struct Again {
    spool: Arc<Mutex<Spool>>,
    at: u64,
    stopped: Arc<AtomicBool>,
}

impl Read for Again {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        spool.seek(SeekFrom::Start(self.at))?;
        let read = spool.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Again {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut spool = self.spool.lock().unwrap_or_else(PoisonError::into_inner);
        self.at = match to {
            SeekFrom::End(_) => spool.seek(to)?,
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => {
                self.at.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?
            }
        };
        Ok(self.at)
    }
}

/// The pictures of items, as they are stored.
struct Stored<'a> {
    blobs: &'a OrganizationBlobs,
    pictures: &'a Pictures,
}

impl Files for Stored<'_> {
    fn file(&mut self, item: &Item, name: &str) -> Option<Result<Vec<u8>, SourceError>> {
        let id = item.id.as_deref().unwrap_or(name);
        let address = self.pictures.known.get(&self.pictures.state.hash_one(id))?;
        let failed = |error| SourceError::Io { name: item.name.clone(), error };
        let read = || -> io::Result<Vec<u8>> {
            let mut blob = self.blobs.open_read(address).map_err(io::Error::other)?;
            if blob.length() > FILE_MAX_BYTES {
                return Err(io::Error::other("the file has more than 1 GiB"));
            }
            let mut bytes = Vec::with_capacity(blob.length() as usize);
            blob.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        Some(read().map_err(failed))
    }
}

/// A pipe that is handed to a writer and ended by whoever knows that all of it is there.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Option<PipeWriter>>>);

impl Shared {
    pub fn new(pipe: PipeWriter) -> Self {
        Self(Arc::new(Mutex::new(Some(pipe))))
    }

    pub fn finish(&self) -> io::Result<()> {
        let pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        pipe.map_or(Ok(()), PipeWriter::finish)
    }

    /// Leaves it unfinished, so that what was written is not kept.
    pub fn abandon(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(pipe) => pipe.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn labels(tasks: usize) -> Labels {
        let ontology = json!({ "classes": [{ "key": "car", "name": "Car", "color": "#112233" }], "attributes": [] });
        let header = serde_json::from_value(json!({
            "name": "P", "question": "{}", "ontology": [{ "version": 1, "value": ontology }],
            "instructions": [], "plan": {},
        }));
        let mut waiting = Waiting::new(&header.unwrap()).unwrap();
        for number in 0..tasks {
            let record = serde_json::from_value(json!({
                "task": { "id": "tsk_1", "state": "done", "priority": 5 },
                "item": { "external_id": format!("{number}.jpg"), "media": "image/jpeg", "width": 64, "height": 48 },
                "label": { "value": { "choices": ["car"] }, "method": "single", "provenance": {
                    "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 } },
            }));
            waiting.push(&record.unwrap()).unwrap();
        }
        waiting.finish().unwrap()
    }

    #[test]
    fn who_is_told_to_stop_in_the_middle_stops() {
        // Enough that the reader has not read all of them when it is first asked.
        let labels = labels(4_000);
        for (format, packed) in [(exchange::Format::Voc, true), (exchange::Format::Jsonl, false)] {
            let mut asked = 0;
            let mut told = |items| {
                asked += 1;
                assert!(items < 4_000);
                false
            };
            let said = labels.write(format, packed, Box::new(io::sink()), None, &mut told).unwrap();
            assert!(said.is_none() && asked > 0, "{}: {asked}", format.as_str());
            let said = labels.write(format, packed, Box::new(io::sink()), None, &mut |_| true);
            assert!(said.unwrap().is_some());
        }
    }
}
