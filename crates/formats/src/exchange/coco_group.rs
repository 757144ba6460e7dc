//! Files of COCO that tell of the same images, which are read side by side, image by image.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::coco::{self, Image, Index};
use super::coco_join::{Told, join};
use super::look::{Look, parse};
use super::manifests::in_pixels;
use super::source::{Handle, whole};
use super::window::{Batch, Window};
use super::{Item, MARKS_MAX, ReadError, Sink, Source, coco_mark, panoptic, refusal};
use crate::row::{Code, Fault};

/// How much of the annotations of the next images is held at once: much where they lie scattered, so that the file is read
/// forwards all the same, and little where they follow one another.
const BATCH_MAX_BYTES: usize = 24 << 20;
const BATCH_BYTES: usize = 512 << 10;

impl Index {
    /// Gives the images the numbers that they have in all files of their group; those that are new get the next ones.
    fn number(&mut self, pictures: &mut HashMap<u64, u32>, count: &mut u32) {
        let mut taken = HashSet::new();
        self.keys.resize(self.images.len(), 0);
        let numbers: Vec<u32> = self
            .keys
            .iter()
            .map(|key| {
                let known = (*key != 0).then(|| pictures.get(key)).flatten().copied();
                let number = known.filter(|number| taken.insert(*number)).unwrap_or_else(|| {
                    *count += 1;
                    *count - 1
                });
                if *key != 0 {
                    pictures.entry(*key).or_insert(number);
                    taken.insert(number);
                }
                number
            })
            .collect();
        let images = std::mem::take(&mut self.images);
        self.images.resize_with(*count as usize, Image::default);
        for (image, number) in images.into_iter().zip(&numbers) {
            self.images[*number as usize] = image;
        }
        for entry in &mut self.entries {
            entry.image = numbers[entry.image as usize];
        }
        self.entries.sort_unstable_by_key(|entry| (entry.image, entry.at));
        self.keys = Vec::new();
    }
}

/// One of the files of a group, as it is read.
pub(super) struct Part {
    name: String,
    file: Box<dyn Handle>,
    index: Index,
    window: Window,
    images: Window,
    /// The next annotation, and those at hand.
    next: usize,
    stop: usize,
    batch: Batch,
}

impl Part {
    pub fn new(name: String, file: Box<dyn Handle>, index: Index) -> Self {
        let (window, images, batch) = (Window::new(), Window::new(), Batch::default());
        Self { name, file, index, window, images, next: 0, stop: 0, batch }
    }

    /// The image of this number, with what the file says of it.
    fn item(&mut self, number: usize, sink: &mut dyn Sink) -> Result<Option<Item>, ReadError> {
        let Some(image) = self.index.images.get(number).filter(|image| image.length > 0) else {
            return Ok(None);
        };
        if self.index.results && image.line == 0 {
            let id = (image.at as i64).to_string();
            return Ok(Some(Item { name: id.clone(), id: Some(id), ..Item::default() }));
        }
        let raw = self.images.read(&mut *self.file, image.at, image.length as usize)?;
        if self.index.results {
            return Ok(image_of_result(&self.name, image.line.into(), raw, sink));
        }
        Ok(coco::image(&self.name, image.line.into(), raw, sink))
    }

    /// The annotations of an image, `from` counted from the first of the batch.
    fn marks(
        &self,
        range: Range<usize>,
        source: &mut Source,
        item: &Item,
        sink: &mut dyn Sink,
    ) -> Vec<Told> {
        let Self { index, name, .. } = self;
        let mut told: Vec<Told> = Vec::with_capacity(range.len());
        for at in range {
            let entry = &index.entries[at];
            if told.len() >= MARKS_MAX {
                sink.refuse(whole(name, Code::OutOfRange, TOO_MANY));
                break;
            }
            let raw = self.batch.raw(at - self.next, entry);
            let read = if index.panoptic {
                panoptic::marks(source, name, &index.names, entry.nth, raw, item, sink).map(
                    |marks| {
                        let path = format!("annotations[{}]", entry.nth);
                        let segment = |mark| Told { mark, outline: false, path: path.clone() };
                        told.extend(marks.into_iter().map(segment));
                    },
                )
            } else {
                coco_mark::mark(&index.names, index.results, entry.nth, raw, &item.name, sink)
                    .map(|read| told.push(read))
            };
            if let Err(fault) = read {
                sink.refuse(refusal(name, entry.line.into(), fault, raw));
            }
        }
        told
    }
}

/// The image that a result is about: by its name, which some write beside each, or by its id.
fn image_of_result(name: &str, line: u64, raw: &[u8], sink: &mut dyn Sink) -> Option<Item> {
    let read = parse(name, line, raw).and_then(|value| {
        let look = Look::new(&value, "annotations[]");
        let read = || {
            let id = look.get("image_id")?.id()?;
            let name = look.maybe("file_name").map(|name| name.text()).transpose()?;
            let name = name.filter(|name| !name.is_empty()).unwrap_or(&id).to_owned();
            Ok(Item { name, id: Some(id), ..Item::default() })
        };
        read().map_err(|fault: Fault| refusal(name, line, fault, raw))
    });
    read.map_err(|refused| sink.refuse(refused)).ok()
}

const TOO_MANY: &str = "the image has more than 50,000 annotations";

/// The files that tell of the same images, which are read side by side, image by image.
pub(super) struct Group {
    parts: Vec<Part>,
    count: usize,
}

impl Group {
    pub fn new(mut parts: Vec<Part>) -> Self {
        if let [part] = &parts[..] {
            let count = part.index.images.len();
            return Self { parts, count };
        }
        let (mut pictures, mut count) = (HashMap::new(), 0);
        for part in &mut parts {
            part.index.number(&mut pictures, &mut count);
        }
        Self { parts, count: count as usize }
    }

    pub fn read(
        mut self,
        source: &mut Source,
        subset: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let mut slot = 0;
        while slot < self.count {
            let (mut end, mut bytes, mut most) = (slot, 0, BATCH_BYTES);
            while end < self.count && bytes < most {
                for part in &mut self.parts {
                    let Part { index, stop, next, .. } = part;
                    while let Some(entry) =
                        index.entries.get(*stop).filter(|entry| entry.image as usize == end)
                    {
                        if *stop > *next && index.entries[*stop - 1].at > entry.at {
                            most = BATCH_MAX_BYTES;
                        }
                        bytes += entry.length as usize;
                        *stop += 1;
                    }
                }
                end += 1;
            }
            for part in &mut self.parts {
                let Part { index, next, stop, window, file, batch, .. } = part;
                batch.load(&index.entries[*next..*stop], window, &mut **file)?;
            }
            let mut places: Vec<usize> = self.parts.iter().map(|part| part.next).collect();
            for number in slot..end {
                self.image(number, &mut places, source, subset, sink)?;
            }
            for part in &mut self.parts {
                part.next = part.stop;
            }
            slot = end;
        }
        Ok(())
    }

    /// Hands over one image with what all files say of it.
    fn image(
        &mut self,
        number: usize,
        places: &mut [usize],
        source: &mut Source,
        subset: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let mut whole_item: Option<Item> = None;
        for (part, place) in self.parts.iter_mut().zip(places) {
            let from = *place;
            let entries = &part.index.entries[..part.stop];
            while entries.get(*place).is_some_and(|entry| entry.image as usize == number) {
                *place += 1;
            }
            let Some(mut item) = part.item(number, sink)? else { continue };
            item.subset = subset.into();
            let told = part.marks(from..*place, source, &item, sink);
            // Only what has the same name is the same image, whatever their names are hashed to.
            match &mut whole_item {
                Some(known) if known.name != item.name => {
                    join(&mut item, told, false, sink);
                    sink.item(in_pixels(item))?;
                    continue;
                }
                Some(_) => {}
                None => whole_item = Some(item),
            }
            if let Some(known) = &mut whole_item
                && !join(known, told, part.index.panoptic, sink)
            {
                sink.refuse(whole(&part.name, Code::OutOfRange, TOO_MANY));
            }
        }
        match whole_item {
            Some(item) => Ok(sink.item(in_pixels(item))?),
            None => Ok(()),
        }
    }
}
