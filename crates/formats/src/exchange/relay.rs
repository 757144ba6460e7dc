//! The writer on a thread of its own, so that reading one item and writing another take no longer than the slower of
//! the two. Items go over in batches; a few wait at most, so that memory stays bounded.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

use super::{Class, Item, Shape, Writer};
use crate::loss::LossReport;

/// How many items, and about how many bytes of them, go over at once.
const BATCH_ITEMS: usize = 128;
const BATCH_BYTES: usize = 1 << 20;
/// How many batches may wait.
const WAITING: usize = 4;

enum Passed {
    Class(Class),
    Item(Box<Item>),
}

/// Passes on to a writer what is read.
pub(super) struct Relay {
    batch: Vec<Passed>,
    bytes: usize,
    send: Option<SyncSender<Vec<Passed>>>,
    thread: Option<JoinHandle<io::Result<LossReport>>>,
}

impl Relay {
    pub fn new(mut writer: Box<dyn Writer>) -> Self {
        let (send, take) = sync_channel::<Vec<Passed>>(WAITING);
        let thread = spawn(move || {
            let mut losses = LossReport::default();
            let mut whole = false;
            for batch in take {
                whole = batch.is_empty();
                for passed in batch {
                    match passed {
                        Passed::Class(class) => writer.class(&class)?,
                        Passed::Item(item) => writer.item(&item, &mut losses)?,
                    }
                }
            }
            // Where reading broke off, nothing is brought to its end.
            if whole {
                writer.finish(&mut losses)?;
            }
            Ok(losses)
        });
        Self { batch: Vec::new(), bytes: 0, send: Some(send), thread: Some(thread) }
    }

    pub fn class(&mut self, class: &Class) -> io::Result<()> {
        self.pass(Passed::Class(class.clone()), 64)
    }

    pub fn item(&mut self, item: Item) -> io::Result<()> {
        let bytes = weight(&item);
        self.pass(Passed::Item(Box::new(item)), bytes)
    }

    /// Waits until all is written; what could not be is added.
    pub fn finish(mut self, losses: &mut LossReport) -> io::Result<()> {
        self.hand_over()?;
        // An empty batch says that this was all.
        self.hand_over()?;
        losses.merge(self.end()?);
        Ok(())
    }

    fn pass(&mut self, passed: Passed, bytes: usize) -> io::Result<()> {
        self.batch.push(passed);
        self.bytes += bytes;
        let is_full = self.batch.len() >= BATCH_ITEMS || self.bytes >= BATCH_BYTES;
        if is_full { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> io::Result<()> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if self.send.as_ref().is_some_and(|send| send.send(batch).is_ok()) {
            return Ok(());
        }
        // Nobody takes any more: the thread knows what went wrong.
        self.end()?;
        Err(io::Error::other("nothing more can be written"))
    }

    fn end(&mut self) -> io::Result<LossReport> {
        self.send = None;
        let Some(thread) = self.thread.take() else { return Ok(LossReport::default()) };
        thread.join().map_err(|_| io::Error::other("writing broke off"))?
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // What is being written is left alone before anybody looks at it.
        let _ = self.end();
    }
}

/// About how many bytes an item holds.
fn weight(item: &Item) -> usize {
    let said = |turns: &[super::Turn]| -> usize {
        turns.iter().map(|turn| 64 + turn.text.as_ref().map_or(0, String::len)).sum()
    };
    let marks = item.marks.iter().map(|mark| {
        256 + match &mark.place {
            super::Place::Shape(Shape::Mask(mask)) => mask.counts.len(),
            super::Place::Shape(Shape::Polygon { points } | Shape::Line { points }) => {
                points.len() * 16
            }
            super::Place::Words(words) => words.len(),
            _ => 0,
        }
    });
    let metadata = item.metadata.iter().map(|(key, value)| key.len() + length(value));
    let candidates = item.candidates.iter().map(|candidate| said(&candidate.turns));
    let text = item.text.as_ref().map_or(0, String::len);
    text + said(&item.turns)
        + candidates.sum::<usize>()
        + marks.sum::<usize>()
        + metadata.sum::<usize>()
}

fn length(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    32 + match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(length).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + length(value)).sum(),
        _ => 0,
    }
}
