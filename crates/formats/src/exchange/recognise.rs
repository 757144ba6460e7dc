//! Which format a file, folder or archive is in, told from its names and its first bytes.

use std::io::{self, Read};
use std::path::Path;

use super::yolo::is_picture;
use super::yolo_write::Lines;
use super::{ReadError, Sink, Source, Writer};
use super::{coco, coco_write, items, yolo, yolo_write};

/// The formats that are known, under the names of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Coco,
    Yolo,
    YoloSegment,
    YoloObb,
    YoloPose,
    YoloClassify,
    Darknet,
    Items,
}

const ALL: &[(Format, &str)] = &[
    (Format::Coco, "coco"),
    (Format::Yolo, "yolo"),
    (Format::YoloSegment, "yolo-segment"),
    (Format::YoloObb, "yolo-obb"),
    (Format::YoloPose, "yolo-pose"),
    (Format::YoloClassify, "yolo-classify"),
    (Format::Darknet, "darknet"),
    (Format::Items, "items"),
];

impl Format {
    /// Returns all formats.
    pub fn all() -> impl Iterator<Item = Format> {
        ALL.iter().map(|(format, _)| *format)
    }

    /// Returns the stable name.
    pub fn as_str(self) -> &'static str {
        ALL.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }

    /// Finds the format of this name.
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(format, _)| *format)
    }

    /// Says whether the format can be written.
    pub fn is_written(self) -> bool {
        !matches!(self, Format::YoloClassify)
    }

    /// Reads everything and hands it to `sink`.
    pub fn read(self, source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
        match self {
            Format::Coco => coco::read(source, sink),
            Format::Yolo
            | Format::YoloSegment
            | Format::YoloObb
            | Format::YoloPose
            | Format::Darknet => yolo::read(source, sink),
            Format::YoloClassify => yolo::read_classify(source, sink),
            Format::Items => items::read(source, sink),
        }
    }

    /// Begins to write at `out`, where nothing may be yet.
    pub fn writer(self, out: &Path) -> Result<Box<dyn Writer>, ReadError> {
        let yolo = |lines| yolo_write::YoloFiles::new(out, lines);
        Ok(match self {
            Format::Coco => Box::new(coco_write::CocoFiles::new(out)?),
            Format::Yolo => Box::new(yolo(Lines::Boxes)?),
            Format::YoloSegment => Box::new(yolo(Lines::Outlines)?),
            Format::YoloObb => Box::new(yolo(Lines::Turned)?),
            Format::YoloPose => Box::new(yolo(Lines::Poses)?),
            Format::Darknet => Box::new(yolo(Lines::Darknet)?),
            Format::Items => Box::new(items::ItemFile::new(out)?),
            Format::YoloClassify => {
                let message = format!("{} is read, but not written", self.as_str());
                return Err(ReadError::NotThere(message));
            }
        })
    }
}

/// Tells the format by itself; none where nothing known is there.
pub fn recognise(source: &mut Source) -> io::Result<Option<Format>> {
    let _ = (is_picture, Read::by_ref(&mut io::empty()), source);
    Ok(None)
}
