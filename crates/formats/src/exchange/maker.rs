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
    send: SyncSender<Vec<Made>>,
    thread: JoinHandle<io::Result<LossReport>>,
}

impl Maker {
    pub fn new(out: &Path) -> Self {
        let (send, take) = sync_channel::<Vec<Made>>(WAITING);
        let out: PathBuf = out.into();
        let thread = spawn(move || {
            let mut losses = LossReport::default();
            for Made { name, whose, content } in take.into_iter().flatten() {
                let kind = match create(&out, &name) {
                    Ok(mut file) => {
                        file.write_all(&content)?;
                        continue;
                    }
                    Err(error) => match error.kind() {
                        ErrorKind::AlreadyExists => "name_taken",
                        ErrorKind::InvalidFilename
                        | ErrorKind::InvalidInput
                        | ErrorKind::NotADirectory => "no_name_for_a_file",
                        _ => return Err(error),
                    },
                };
                losses.add(kind, || format!("{whose}: {name}"));
            }
            Ok(losses)
        });
        Self { batch: Vec::new(), bytes: 0, send, thread }
    }

    /// Makes a file, sooner or later; of two with one name the first is made, and the other counted.
    ///
    /// Errors: whatever is wrong with the place of the files is told by [`finish`](Self::finish), where this says only
    /// that nothing more can be made.
    pub fn put(&mut self, name: String, whose: &str, content: &[u8]) -> io::Result<()> {
        self.bytes += content.len();
        self.batch.push(Made { name, whose: whose.into(), content: content.into() });
        if self.batch.len() < BATCH_FILES && self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.send.send(batch).map_err(|_| io::Error::other("no more files can be made"))
    }

    /// Waits until all files are made, and adds what was counted.
    pub fn finish(self, losses: &mut LossReport) -> io::Result<()> {
        let Self { batch, send, thread, .. } = self;
        let sent = send.send(batch);
        drop(send);
        let made = thread.join().map_err(|_| io::Error::other("making files broke off"))??;
        losses.merge(made);
        sent.map_err(|_| io::Error::other("no more files can be made"))
    }
}
