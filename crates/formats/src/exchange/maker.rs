//! Many small files, made on a thread of their own: it takes the system longer to make one than it takes us to say what
//! stands in it. One thread and no more, as a folder lets only one file be made in it at a time.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

use super::create;
use crate::loss::LossReport;

/// How many files, and how many bytes of them, go over at once.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: usize = 1 << 20;
/// How many batches may wait.
const WAITING: usize = 4;

/// One file: its name below the folder, whose it is, and what stands in it.
struct Made {
    name: String,
    whose: String,
    content: Vec<u8>,
}

/// Makes files behind the back of a writer.
pub(super) struct Maker {
    batch: Vec<Made>,
    bytes: usize,
    send: Option<SyncSender<Vec<Made>>>,
    thread: Option<JoinHandle<io::Result<LossReport>>>,
}

impl Maker {
    pub fn new(out: &Path) -> Self {
        let (send, take) = sync_channel::<Vec<Made>>(WAITING);
        let out: PathBuf = out.into();
        let thread = spawn(move || {
            let mut losses = LossReport::default();
            for made in take.into_iter().flatten() {
                make(&out, made, &mut losses)?;
            }
            Ok(losses)
        });
        Self { batch: Vec::new(), bytes: 0, send: Some(send), thread: Some(thread) }
    }

    /// Makes a file, sooner or later; of two with one name the first is made, and the other counted.
    pub fn put(&mut self, name: String, whose: &str, content: &[u8]) -> io::Result<()> {
        self.bytes += content.len();
        self.batch.push(Made { name, whose: whose.into(), content: content.into() });
        if self.batch.len() < BATCH_FILES && self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.hand_over()
    }

    /// Waits until all files are made, and adds what was counted.
    pub fn finish(mut self, losses: &mut LossReport) -> io::Result<()> {
        self.hand_over()?;
        losses.merge(self.end()?);
        Ok(())
    }

    fn hand_over(&mut self) -> io::Result<()> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        let sent = self.send.as_ref().map(|send| send.send(batch));
        if matches!(sent, Some(Ok(()))) {
            return Ok(());
        }
        // Nobody takes any more: what went wrong is known to the thread.
        self.end()?;
        Err(io::Error::other("no more files can be made"))
    }

    fn end(&mut self) -> io::Result<LossReport> {
        self.send = None;
        let Some(thread) = self.thread.take() else { return Ok(LossReport::default()) };
        thread.join().map_err(|_| io::Error::other("making files broke off"))?
    }
}

fn make(out: &Path, made: Made, losses: &mut LossReport) -> io::Result<()> {
    let Made { name, whose, content } = made;
    let error = match create(out, &name) {
        Ok(mut file) => return file.write_all(&content),
        Err(error) => error,
    };
    let kind = match error.kind() {
        ErrorKind::AlreadyExists => "name_taken",
        ErrorKind::InvalidFilename | ErrorKind::InvalidInput | ErrorKind::NotADirectory => {
            "no_name_for_a_file"
        }
        _ => return Err(error),
    };
    losses.add(kind, || format!("{whose}: {name}"));
    Ok(())
}
