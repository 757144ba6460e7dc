//! COCO panoptic: for each picture a PNG whose colour names the segment (R + 256 G + 65536 B), and a JSON that says
//! what each segment is. `coco` reads the JSON; here are the pictures.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, ImageFormat, ImageReader, Limits, RgbImage};
use serde_json::json;

use super::coco_write::{CocoFiles, size_of};
use super::look::Look;
use super::outlet::Outlet;
use super::painted;
use super::{
    Class, Item, MARKS_MAX, Mark, Mask, Place, Shape, Sink, Source, Writer, create_of, lose_mark,
    twin,
};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const SIDE_MAX: u32 = 32_768;
pub(super) const PIXELS_MAX: u64 = 200_000_000;
pub(super) const FILE_MAX_BYTES: u64 = 256 << 20;
/// The largest number that three bytes of colour hold.
const ID_MAX: u32 = 0xff_ffff;

/// Reads a picture of numbers, with the limits that keep it from filling the memory.
pub(super) fn decode(bytes: Vec<u8>) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    reader.limits(limits);
    // The decoder is others' work on others' bytes: where it panics, the picture is damaged.
    catch_unwind(AssertUnwindSafe(|| reader.decode().ok())).ok().flatten()
}

/// The mask of each number that a picture has, but for 0; `number` tells that of a pixel by column and row.
pub(super) fn masks(
    [width, height]: [u32; 2],
    number: impl Fn(u32, u32) -> u32,
) -> Option<BTreeMap<u32, Mask>> {
    #[derive(Default)]
    struct Runs {
        list: Vec<u64>,
        end: u64,
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return None;
    }
    let mut found: HashMap<u32, Runs> = HashMap::new();
    let (mut last, mut start, mut at) = (0, 0_u64, 0_u64);
    let mut close = |number: u32, start: u64, end: u64| {
        if number != 0 && end > start {
            let runs = found.entry(number).or_default();
            runs.list.extend([start - runs.end, end - start]);
            runs.end = end;
        }
        found.len() <= MARKS_MAX
    };
    for x in 0..width {
        for y in 0..height {
            let here = number(x, y);
            if here != last {
                if !close(last, start, at) {
                    return None;
                }
                (last, start) = (here, at);
            }
            at += 1;
        }
    }
    close(last, start, at);
    let masks = found.into_iter().map(|(number, mut runs)| {
        // No run of nothing at the end, as COCO's own tool writes masks.
        if at > runs.end {
            runs.list.push(at - runs.end);
        }
        (number, Mask::from_runs(height, width, &runs.list))
    });
    Some(masks.collect())
}

/// What one annotation of a panoptic file says, with the picture that belongs to it.
pub(super) fn marks(
    source: &mut Source,
    file: &str,
    names: &HashMap<i64, String>,
    nth: u32,
    raw: &[u8],
    item: &Item,
    sink: &mut dyn Sink,
) -> Result<Vec<Mark>, Fault> {
    let path = format!("annotations[{nth}]");
    let value = super::look::value(raw).map_err(|fault| Fault { field: path.clone(), ..fault })?;
    let look = Look::new(&value, &path);
    let picture = look.get("file_name")?;
    let mut masks = match find(source, file, picture.text()?) {
        None => {
            sink.lose(
                "picture_of_segments_not_there",
                format!("{}: {}", item.name, picture.text()?),
            );
            None
        }
        Some(at) => {
            let bytes =
                source.read(at, FILE_MAX_BYTES).map_err(|_| picture.range("is too long"))?;
            let shown = decode(bytes).ok_or_else(|| picture.range("is no PNG that can be read"))?;
            let shown = shown.into_rgb8();
            if [item.width, item.height] != [Some(shown.width()), Some(shown.height())] {
                return Err(picture.range("has not the size of its picture"));
            }
            let id = |x, y| {
                let [r, g, b] = shown.get_pixel(x, y).0.map(u32::from);
                r | g << 8 | b << 16
            };
            let found = self::masks([shown.width(), shown.height()], id);
            Some(found.ok_or_else(|| picture.range("has too many pixels or segments"))?)
        }
    };
    let mut marks = Vec::new();
    for segment in look.get("segments_info")?.list()? {
        let id = segment.get("id")?;
        let number = id.whole()?;
        let category = segment.get("category_id")?;
        let name = names.get(&category.whole()?).ok_or_else(|| {
            let message = format!("`{}` is not in `categories`", category.path);
            Fault::new(&category.path, Code::UnknownValue, message)
        })?;
        let shape = match &mut masks {
            Some(masks) => {
                let found = u32::try_from(number).ok().and_then(|number| masks.remove(&number));
                let message = format!("`{}` is {number}, a colour that the picture lacks", id.path);
                Shape::Mask(found.ok_or_else(|| Fault::new(&id.path, Code::UnknownValue, message))?)
            }
            None => {
                let place = segment.get("bbox")?;
                place.boxed(place.four()?)?
            }
        };
        let crowd = segment.flag("iscrowd")?;
        let id = Some(number.to_string());
        let attributes = segment.rest(&["id", "category_id", "area", "bbox", "iscrowd"]);
        marks.push(Mark { id, crowd, attributes, ..Mark::shape(name.clone(), shape) });
    }
    look.lose_rest(&["image_id", "file_name", "segments_info", "id"], sink);
    for id in masks.unwrap_or_default().keys() {
        sink.lose("segment_without_info", format!("{}: {id}", item.name));
    }
    Ok(marks)
}

/// The picture of the segments: in the folder that is named as the JSON, beside the JSON, or wherever there is one of
/// that name.
fn find(source: &Source, file: &str, name: &str) -> Option<usize> {
    let folder = file.rfind('/').map_or("", |at| &file[..=at]);
    let beside = [format!("{}/{name}", file.trim_end_matches(".json")), format!("{folder}{name}")];
    beside.iter().find_map(|name| source.find(name)).or_else(|| {
        let ending = format!("/{name}");
        let is_it = |found: &String| found.ends_with(&ending) && found.contains("panoptic");
        source.names().iter().position(is_it)
    })
}

/// A folder as COCO has it: the JSON of each subset, and beside it the folder of its pictures.
pub(super) struct PanopticFiles {
    out: Outlet,
    document: CocoFiles,
}

impl PanopticFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        Ok(Self { out: out.clone(), document: CocoFiles::named(out, "panoptic") })
    }
}

impl Writer for PanopticFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.document.class(class)
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        let Some([width, height]) = size_of(item)
            .filter(|[width, height]| u64::from(*width) * u64::from(*height) <= PIXELS_MAX)
        else {
            losses.add("size_unknown", || item.name.clone());
            return Ok(());
        };
        let mut colours = vec![0_u32; width as usize * height as usize];
        let mut segments: BTreeMap<u32, (&Mark, [u32; 5])> = BTreeMap::new();
        let wished: HashSet<u32> = item.marks.iter().filter_map(wish).collect();
        let mut spare = (1..=ID_MAX).filter(|id| !wished.contains(id));
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["id", "crowd"], losses);
            let shape = match &mark.place {
                Place::Shape(shape) if !mark.class.is_empty() => shape,
                Place::Shape(_) => {
                    losses.add("no_class", place);
                    continue;
                }
                _ => {
                    losses.add("class_of_the_whole", place);
                    continue;
                }
            };
            let Some(mask) = shape.mask(height, width) else {
                losses.add(shape.kind(), place);
                continue;
            };
            if !matches!(shape, Shape::Mask(_)) {
                losses.add("outline_as_pixels", place);
            }
            let wished = wish(mark).filter(|id| !segments.contains_key(id));
            if mark.id.is_some() && wished.is_none() {
                losses.add("mark_id", place);
            }
            let Some(id) = wished.or_else(|| spare.next()) else { continue };
            segments.insert(id, (mark, [0, u32::MAX, u32::MAX, 0, 0]));
            if paint(&mask, id, &mut colours) {
                losses.add("covered_in_part", place);
            }
        }
        for (at, id) in colours.iter().enumerate().filter(|(_, id)| **id != 0) {
            let (x, y) = (at as u32 % width, at as u32 / width);
            if let Some((_, [area, left, top, right, bottom])) = segments.get_mut(id) {
                *area += 1;
                (*left, *top) = ((*left).min(x), (*top).min(y));
                (*right, *bottom) = ((*right).max(x), (*bottom).max(y));
            }
        }
        let mut infos = Vec::new();
        for (id, (mark, [area, left, top, right, bottom])) in segments {
            if area == 0 {
                losses.add("covered", || format!("{}: {}", item.name, mark.class));
                continue;
            }
            infos.push(json!({
                "id": id, "category_id": self.document.category(&mark.class), "area": area,
                "bbox": [left, top, right - left + 1, bottom - top + 1], "iscrowd": u8::from(mark.crowd),
            }));
        }
        let name = twin(&item.name, "png");
        let folder = self.document.file_of(&item.subset);
        let path = format!("{}/{name}", folder.trim_end_matches(".json"));
        let Some(file) = create_of(item, &self.out, &path, losses)? else { return Ok(()) };
        let bytes = colours.iter().flat_map(|id| [*id as u8, (id >> 8) as u8, (id >> 16) as u8]);
        let picture = RgbImage::from_raw(width, height, bytes.collect());
        let picture = picture.ok_or_else(|| io::Error::other("a picture of no size"))?;
        let picture = DynamicImage::ImageRgb8(picture);
        painted::png(&picture, file)?;
        self.document.annotated(
            item,
            losses,
            |image| json!({ "image_id": image, "file_name": name, "segments_info": infos }),
        )
    }

    fn finish(self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        Box::new(self.document).finish(losses)
    }
}

/// The number that a mark has, where a colour can hold it.
fn wish(mark: &Mark) -> Option<u32> {
    mark.id.as_deref()?.parse().ok().filter(|id| (1..=ID_MAX).contains(id))
}

/// Colours the pixels of a mask; whether others had some of them.
pub(super) fn paint(mask: &Mask, id: u32, colours: &mut [u32]) -> bool {
    let (height, width) = (u64::from(mask.height), u64::from(mask.width));
    let (mut at, mut covers) = (0, false);
    for (nth, run) in mask.runs().unwrap_or_default().into_iter().enumerate() {
        if nth % 2 == 1 {
            for pixel in at..at + run {
                let colour = &mut colours[(pixel % height * width + pixel / height) as usize];
                covers |= *colour != 0;
                *colour = id;
            }
        }
        at += run;
    }
    covers
}
