//! Which format a file, folder or archive is in, told from its names and its first bytes.

use std::path::Path;

use super::plain::{Keeps, Plain};
use super::spans::Dialect;
use super::yolo::is_picture;
use super::yolo_write::Lines;
use super::{ReadError, Sink, Source, Writer};
use super::{
    brat, coco, coco_results, coco_write, conll, cvat, cvat_json, cvat_json_write, cvat_write,
    datumaro, images, items, kitti, label_studio, label_studio_write, labelme, mot, mots, nuscenes,
    nuscenes_write, open_images, panoptic, spans, tracklets, via, voc, webdataset, yolo,
    yolo_write,
};

/// The formats that are known, under the names of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Coco,
    CocoPanoptic,
    CocoResults,
    Yolo,
    YoloSegment,
    YoloObb,
    YoloPose,
    YoloClassify,
    Darknet,
    Voc,
    Cvat,
    CvatJson,
    LabelStudio,
    Datumaro,
    Kitti,
    KittiTracking,
    KittiRaw,
    NuScenes,
    Labelme,
    Via,
    OpenImages,
    Mot,
    Mots,
    MotsPng,
    WebDataset,
    Images,
    Conll,
    Brat,
    Doccano,
    Prodigy,
    Spacy,
    Items,
}

const ALL: &[(Format, &str)] = &[
    (Format::Coco, "coco"),
    (Format::CocoPanoptic, "coco-panoptic"),
    (Format::CocoResults, "coco-results"),
    (Format::Yolo, "yolo"),
    (Format::YoloSegment, "yolo-segment"),
    (Format::YoloObb, "yolo-obb"),
    (Format::YoloPose, "yolo-pose"),
    (Format::YoloClassify, "yolo-classify"),
    (Format::Darknet, "darknet"),
    (Format::Voc, "voc"),
    (Format::Cvat, "cvat"),
    (Format::CvatJson, "cvat-json"),
    (Format::LabelStudio, "label-studio"),
    (Format::Datumaro, "datumaro"),
    (Format::Kitti, "kitti"),
    (Format::KittiTracking, "kitti-tracking"),
    (Format::KittiRaw, "kitti-raw"),
    (Format::NuScenes, "nuscenes"),
    (Format::Labelme, "labelme"),
    (Format::Via, "via"),
    (Format::OpenImages, "open-images"),
    (Format::Mot, "mot"),
    (Format::Mots, "mots"),
    (Format::MotsPng, "mots-png"),
    (Format::WebDataset, "webdataset"),
    (Format::Images, "images"),
    (Format::Conll, "conll"),
    (Format::Brat, "brat"),
    (Format::Doccano, "doccano"),
    (Format::Prodigy, "prodigy"),
    (Format::Spacy, "spacy"),
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
            Format::Coco | Format::CocoPanoptic | Format::CocoResults => coco::read(source, sink),
            Format::Yolo
            | Format::YoloSegment
            | Format::YoloObb
            | Format::YoloPose
            | Format::Darknet => yolo::read(source, sink),
            Format::YoloClassify => yolo::read_classify(source, sink),
            Format::Voc => voc::read(source, sink),
            Format::Cvat => cvat::read(source, sink),
            Format::CvatJson => cvat_json::read(source, sink),
            Format::LabelStudio => label_studio::read(source, sink),
            Format::Datumaro => datumaro::read(source, sink),
            Format::Kitti => kitti::read(source, sink),
            Format::KittiTracking => kitti::read_tracks(source, sink),
            Format::KittiRaw => tracklets::read(source, sink),
            Format::NuScenes => nuscenes::read(source, sink),
            Format::Labelme => labelme::read(source, sink),
            Format::Via => via::read(source, sink),
            Format::OpenImages => open_images::read(source, sink),
            Format::Mot => mot::read(source, sink),
            Format::Mots | Format::MotsPng => mots::read(source, sink),
            Format::WebDataset => webdataset::read(source, sink),
            Format::Images => images::read(source, sink),
            Format::Conll => conll::read(source, sink),
            Format::Brat => brat::read(source, sink),
            Format::Doccano | Format::Prodigy | Format::Spacy => spans::read(source, sink),
            Format::Items => items::read(source, sink),
        }
    }

    /// Begins to write at `out`, where nothing may be yet.
    pub fn writer(self, out: &Path) -> Result<Box<dyn Writer>, ReadError> {
        let yolo = |lines| yolo_write::YoloFiles::new(out, lines);
        let writer: Box<dyn Writer> = match self {
            Format::Coco => Box::new(coco_write::CocoFiles::new(out)?),
            Format::CocoPanoptic => Box::new(panoptic::PanopticFiles::new(out)?),
            Format::CocoResults => Box::new(coco_results::ResultFile::new(out)?),
            Format::Yolo => Box::new(yolo(Lines::Boxes)?),
            Format::YoloSegment => Box::new(yolo(Lines::Outlines)?),
            Format::YoloObb => Box::new(yolo(Lines::Turned)?),
            Format::YoloPose => Box::new(yolo(Lines::Poses)?),
            Format::Darknet => Box::new(yolo(Lines::Darknet)?),
            Format::Voc => Box::new(voc::VocFiles::new(out)?),
            Format::Cvat => Box::new(cvat_write::CvatFile::new(out)?),
            Format::CvatJson => Box::new(cvat_json_write::CvatJsonFiles::new(out)?),
            Format::LabelStudio => Box::new(label_studio_write::TaskFile::new(out)?),
            Format::Datumaro => Box::new(datumaro::DatumaroFiles::new(out)?),
            Format::Kitti => Box::new(kitti::KittiFiles::new(out)?),
            Format::KittiTracking => Box::new(kitti::TrackFiles::new(out)?),
            Format::KittiRaw => Box::new(tracklets::TrackletFile::new(out)?),
            Format::NuScenes => Box::new(nuscenes_write::NuScenesFiles::new(out)?),
            Format::Labelme => Box::new(labelme::LabelmeFiles::new(out)?),
            Format::Via => Box::new(via::ViaFile::new(out)?),
            Format::OpenImages => Box::new(open_images::OpenImagesFiles::new(out)?),
            Format::Mot => Box::new(mot::MotFiles::new(out)?),
            Format::Mots => Box::new(mots::RowFiles::new(out)?),
            Format::MotsPng => Box::new(mots::NumberFiles::new(out)?),
            Format::WebDataset => Box::new(webdataset::WebDatasetFiles::new(out)?),
            Format::Images => Box::new(images::ImageFiles::new(out)?),
            Format::Conll => Box::new(conll::TokenFile::new(out)?),
            Format::Brat => Box::new(brat::BratFiles::new(out)?),
            Format::Doccano => Box::new(spans::TextFile::new(out, Dialect::Doccano)?),
            Format::Prodigy => Box::new(spans::TextFile::new(out, Dialect::Prodigy)?),
            Format::Spacy => Box::new(spans::TextFile::new(out, Dialect::Spacy)?),
            Format::Items => Box::new(items::ItemFile::new(out)?),
            Format::YoloClassify => {
                let message = format!("{} is read, but not written", self.as_str());
                return Err(ReadError::NotThere(message));
            }
        };
        Ok(match self {
            Format::Items | Format::WebDataset => writer,
            _ => Box::new(Plain::new(writer, self.keeps())),
        })
    }

    /// What the format has besides pictures with shapes and texts with spans.
    fn keeps(self) -> Keeps {
        let none = Keeps::default();
        match self {
            Format::Datumaro | Format::CvatJson => {
                Keeps { cuboids: true, from_lidar: true, solids: true, ..none }
            }
            Format::Cvat => Keeps { solids: true, ..none },
            Format::Kitti | Format::KittiTracking | Format::KittiRaw | Format::NuScenes => {
                Keeps { cuboids: true, sensors: true, ..none }
            }
            Format::LabelStudio => Keeps { times: true, ..none },
            _ => none,
        }
    }
}

/// How many files of each ending are looked into.
const LOOKS_MAX: usize = 3;
const HEAD_BYTES: u64 = 64 << 10;

/// Tells the format by itself; none where nothing known is there.
pub fn recognise(source: &mut Source) -> Option<Format> {
    if source.names().iter().any(|name| webdataset::is_shard(name)) || is_own_samples(source) {
        return Some(Format::WebDataset);
    }
    let names = source.names();
    let ends = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    if ends("obj.data") || ends("obj.names") {
        return Some(Format::Darknet);
    }
    if names.iter().any(|name| name.contains("label_2/") && name.ends_with(".txt")) {
        return Some(Format::Kitti);
    }
    if names.iter().any(|name| nuscenes::is_table(name)) {
        return Some(Format::NuScenes);
    }
    if names.iter().any(|name| kitti::is_tracks(name)) {
        return Some(Format::KittiTracking);
    }
    if names.iter().any(|name| tracklets::is_tracklets(name)) {
        return Some(Format::KittiRaw);
    }
    if names.iter().any(|name| mots::is_mots(name)) {
        return Some(Format::Mots);
    }
    if let Some(at) = names.iter().position(|name| mot::is_boxes(name)) {
        let head = source.head(at, HEAD_BYTES).unwrap_or_default();
        let runs = head.lines().next().is_some_and(mots::is_row);
        return Some(if runs { Format::Mots } else { Format::Mot });
    }
    if ends(".ann") && ends(".txt") {
        return Some(Format::Brat);
    }
    let yaml = ends(".yaml") || ends(".yml") || ends("classes.txt");
    if yaml && names.iter().any(|name| name.contains("labels/") && name.ends_with(".txt")) {
        return Some(Format::Yolo);
    }
    for ending in [".json", ".xml", ".csv", ".jsonl", ".conll", ".iob", ".bio", ".txt", ""] {
        let found = (0..source.names().len()).filter(|at| source.names()[*at].ends_with(ending));
        let found: Vec<usize> = found.take(LOOKS_MAX).collect();
        for index in found {
            let Some(head) = source.head(index, HEAD_BYTES) else { continue };
            if let Some(format) = of_head(&head, &source.names()[index]) {
                return Some(format);
            }
        }
    }
    let names = source.names();
    if webdataset::is_samples(names) {
        return Some(Format::WebDataset);
    }
    let sorted = names.iter().all(|name| name.contains('/') && is_picture(name));
    match images::is_images(names) {
        true if sorted => Some(Format::YoloClassify),
        true => Some(Format::Images),
        false => None,
    }
}

/// Whether an archive has samples that are items: their JSON might be taken for that of another format.
fn is_own_samples(source: &mut Source) -> bool {
    if !source.is_tar() {
        return false;
    }
    let Some(at) = source.names().iter().position(|name| name.ends_with(".json")) else {
        return false;
    };
    let head = source.head(at, HEAD_BYTES).unwrap_or_default();
    webdataset::is_samples(source.names()) && head.contains("\"marks\":[")
}

fn of_head(head: &str, name: &str) -> Option<Format> {
    let start = head.trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| start.contains(&format!("\"{key}\""));
    if start.starts_with('<') {
        return match () {
            () if start.contains("<annotations") => Some(Format::Cvat),
            () if start.contains("<annotation") => Some(Format::Voc),
            () => None,
        };
    }
    if open_images::is_header(start) {
        return Some(Format::OpenImages);
    }
    if start.starts_with(['{', '[']) {
        let first = start.lines().next().unwrap_or_default();
        let lines = name.ends_with(".jsonl");
        return match () {
            () if first.starts_with("{\"class\":{") || first.starts_with("{\"item\":{") => {
                Some(Format::Items)
            }
            () if has("shapes") && has("imagePath") => Some(Format::Labelme),
            () if has("version") && has("tags") || has("shapes") && has("tracks") => {
                Some(Format::CvatJson)
            }
            () if has("_via_img_metadata") || has("shape_attributes") => Some(Format::Via),
            () if has("image_id") || has("images") && (has("file_name") || has("categories")) => {
                Some(Format::Coco)
            }
            () if has("items") && has("categories") || has("label_groups") => {
                Some(Format::Datumaro)
            }
            () if has("result") || has("predictions") || has("data") && start.starts_with('[') => {
                Some(Format::LabelStudio)
            }
            () if has("_input_hash") || has("spans") || has("answer") && has("text") => {
                Some(Format::Prodigy)
            }
            () if has("ents") || has("cats") => Some(Format::Spacy),
            () if lines && has("text") => Some(Format::Doccano),
            () => None,
        };
    }
    let rows = || start.lines().filter(|line| !line.trim().is_empty()).take(20);
    let tag = |line: &str| {
        let last = line.split_ascii_whitespace().next_back().unwrap_or_default();
        let tagged = ["B-", "I-", "E-", "S-"].iter().any(|prefix| last.starts_with(prefix));
        line.split_ascii_whitespace().count() >= 2 && (tagged || last == "O")
    };
    if start.starts_with("-DOCSTART-") || rows().count() > 1 && rows().all(tag) {
        return Some(Format::Conll);
    }
    if rows().count() > 0
        && rows().all(mots::is_row)
        && !rows().all(|row| row.split_ascii_whitespace().all(|word| word.parse::<f64>().is_ok()))
    {
        return Some(Format::Mots);
    }
    let columns = |line: &str| line.split_ascii_whitespace().count();
    let numbers =
        |line: &str| line.split_ascii_whitespace().skip(1).all(|word| word.parse::<f64>().is_ok());
    if rows().count() > 0 && rows().all(|line| (15..=16).contains(&columns(line)) && numbers(line))
    {
        let named = rows().all(|line| line.starts_with(|c: char| c.is_alphabetic()));
        return named.then_some(Format::Kitti);
    }
    let yolo = rows().count() > 0
        && rows().all(|line| {
            columns(line) >= 5 && numbers(line) && line.starts_with(|c: char| c.is_ascii_digit())
        });
    yolo.then_some(Format::Yolo)
}
