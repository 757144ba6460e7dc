//! COCO files for detection and segmentation. The rules:
//!
//! - **C1** Pixels, the origin top left, as everywhere here: coordinates are copied, not converted.
//! - **C2** Categories stand in the order of the classes, ids from 1; `supercategory` is the name of the parent.
//! - **C3** A box has `segmentation: []`, a polygon `[[x1, y1, …]]`; `bbox` and `area` are computed from the
//!   shape; `iscrowd` is 0. Object attributes go into `attributes`, where most tools look.
//! - **C4** Ids of objects are not written; the order of the annotations of an image is the drawing order.
//! - **C5** What COCO cannot hold (attributes and choices of the whole item, relations, groups, bends of lines, notes) is counted as a loss.
//! - **C6** Read: a polygon with several parts becomes as many objects; masks (RLE) and crowds, keypoints and
//!   scores are not taken over, and are counted.
//! - **C7** Neither side keeps the annotations in memory: they go through a spool, a temporary file of the caller.

mod read;
mod write;

pub use read::{Category, CocoError, CocoFile, CocoImage, read};
pub use write::{CocoInfo, CocoItem, CocoWriter};
pub(crate) use write::{count_item_losses, count_relations};
