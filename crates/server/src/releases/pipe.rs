//! From those who write a file to those who store it: pieces in between, hashed on their way.

use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use store::ReleaseFile;
use store::blobs::OrganizationBlobs;

/// Bytes that travel at a time, and how many such pieces may wait.
const PIECE_BYTES: usize = 256 << 10;
const PIECES_WAITING: usize = 4;

enum Piece {
    Bytes(Vec<u8>),
    /// The file is whole. Without this word, it is not.
    End,
}

pub fn pipe() -> (PipeWriter, PipeReader) {
    let (sender, receiver) = sync_channel(PIECES_WAITING);
    let writer = PipeWriter { sender, piece: Vec::with_capacity(PIECE_BYTES) };
    let reader =
        PipeReader { receiver, piece: Vec::new(), at: 0, done: false, hash: Sha256::new() };
    (writer, reader)
}

/// Where a file is written. Dropped before its end, it makes the reader fail.
pub struct PipeWriter {
    sender: SyncSender<Piece>,
    piece: Vec<u8>,
}

impl PipeWriter {
    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.sender.send(Piece::Bytes(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Says that the file is whole.
    pub fn finish(mut self) -> io::Result<()> {
        self.send()?;
        self.sender.send(Piece::End).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct PipeReader {
    receiver: Receiver<Piece>,
    piece: Vec<u8>,
    at: usize,
    done: bool,
    hash: Sha256,
}

impl Read for PipeReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && !self.done {
            match self.receiver.recv() {
                Ok(Piece::Bytes(piece)) => {
                    self.hash.update(&piece);
                    (self.piece, self.at) = (piece, 0);
                }
                Ok(Piece::End) => self.done = true,
                Err(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::BrokenPipe,
                        "the file was not finished",
                    ));
                }
            }
        }
        let held = &self.piece[self.at..];
        let read = held.len().min(into.len());
        into[..read].copy_from_slice(&held[..read]);
        self.at += read;
        Ok(read)
    }
}

impl PipeReader {
    /// Stores the file under a name, and answers what a release says of it. Blocks.
    pub fn store(
        mut self,
        name: &str,
        blobs: &OrganizationBlobs,
    ) -> store::blobs::Result<ReleaseFile> {
        let stored = blobs.put_from(&mut self, domain::limits::RELEASE_FILE_BYTES_MAX)?;
        Ok(ReleaseFile {
            name: name.into(),
            address: stored.address.to_string(),
            bytes: stored.length as i64,
            sha256: self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}
