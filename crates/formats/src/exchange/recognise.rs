//! Which format a file, folder or archive is in, told from its names and its first bytes.

use std::path::Path;

use serde_json::{Map, Value};

use super::plain::{Keeps, Plain};
use super::spans::Dialect;
use super::talk_write::Kind;
use super::yolo::is_picture;
use super::yolo_write::Lines;
use super::{ReadError, Sink, Source, Writer};
use super::{
    argilla, arrow, bdd, brat, cityscapes, coco, coco_results, coco_write, conll, conllu, createml,
    cvat, cvat_json, cvat_json_write, cvat_write, darwin, datumaro, dota, fiftyone, hint, images,
    items, kitti, label_studio, label_studio_write, labelbox, labelme, manifests, mmdet, mot, mots,
    native, nuscenes, nuscenes_write, open_images, panoptic, parquet_write, rows, segment_anything,
    spacy_old, spans, squad, supervisely, table, talk_read, talk_write, tracklets, via, via_other,
    voc, vott, webdataset, wider, yolo, yolo_write,
};
use crate::cells::Table;
use crate::text::Utf8;

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
    Labelbox,
    Datumaro,
    Kitti,
    KittiTracking,
    KittiRaw,
    NuScenes,
    Labelme,
    Via,
    OpenImages,
    CreateMl,
    MmDetection,
    Cityscapes,
    Supervisely,
    Vott,
    Bdd,
    Dota,
    Wider,
    Darwin,
    FiftyOne,
    SegmentAnything,
    SageMaker,
    Vertex,
    AzureMl,
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
    TrlSft,
    TrlCompletion,
    TrlPrompt,
    TrlPreference,
    TrlPreferenceImplicit,
    TrlKto,
    TrlStepwise,
    OpenaiSft,
    OpenaiDpo,
    Sharegpt,
    Alpaca,
    Hh,
    Arena,
    UltraFeedback,
    Oasst,
    Squad,
    Argilla,
    Conllu,
    Csv,
    Tsv,
    Jsonl,
    Parquet,
    Arrow,
    Items,
    Native,
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
    (Format::Labelbox, "labelbox"),
    (Format::Datumaro, "datumaro"),
    (Format::Kitti, "kitti"),
    (Format::KittiTracking, "kitti-tracking"),
    (Format::KittiRaw, "kitti-raw"),
    (Format::NuScenes, "nuscenes"),
    (Format::Labelme, "labelme"),
    (Format::Via, "via"),
    (Format::OpenImages, "open-images"),
    (Format::CreateMl, "createml"),
    (Format::MmDetection, "mmdetection"),
    (Format::Cityscapes, "cityscapes"),
    (Format::Supervisely, "supervisely"),
    (Format::Vott, "vott"),
    (Format::Bdd, "bdd"),
    (Format::Dota, "dota"),
    (Format::Wider, "wider-face"),
    (Format::Darwin, "darwin"),
    (Format::FiftyOne, "fiftyone"),
    (Format::SegmentAnything, "segment-anything"),
    (Format::SageMaker, "sagemaker"),
    (Format::Vertex, "vertex"),
    (Format::AzureMl, "azure-ml"),
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
    (Format::TrlSft, "trl-sft"),
    (Format::TrlCompletion, "trl-completion"),
    (Format::TrlPrompt, "trl-prompt"),
    (Format::TrlPreference, "trl-preference"),
    (Format::TrlPreferenceImplicit, "trl-preference-implicit"),
    (Format::TrlKto, "trl-kto"),
    (Format::TrlStepwise, "trl-stepwise"),
    (Format::OpenaiSft, "openai-sft"),
    (Format::OpenaiDpo, "openai-dpo"),
    (Format::Sharegpt, "sharegpt"),
    (Format::Alpaca, "alpaca"),
    (Format::Hh, "hh"),
    (Format::Arena, "arena"),
    (Format::UltraFeedback, "ultrafeedback"),
    (Format::Oasst, "oasst"),
    (Format::Squad, "squad"),
    (Format::Argilla, "argilla"),
    (Format::Conllu, "conllu"),
    (Format::Csv, "csv"),
    (Format::Tsv, "tsv"),
    (Format::Jsonl, "jsonl"),
    (Format::Parquet, "parquet"),
    (Format::Arrow, "arrow"),
    (Format::Items, "items"),
    (Format::Native, "native"),
];

/// What is read and not written.
const ONLY_READ: [Format; 20] = [
    Format::SegmentAnything,
    Format::Arrow,
    Format::Darwin,
    Format::FiftyOne,
    Format::SageMaker,
    Format::Vertex,
    Format::AzureMl,
    Format::UltraFeedback,
    Format::Oasst,
    Format::Squad,
    Format::Labelbox,
    Format::Native,
    Format::CreateMl,
    Format::MmDetection,
    Format::Cityscapes,
    Format::Supervisely,
    Format::Vott,
    Format::Bdd,
    Format::Dota,
    Format::Wider,
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
        !ONLY_READ.contains(&self)
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
            Format::Labelbox => labelbox::read(source, sink),
            Format::Datumaro => datumaro::read(source, sink),
            Format::Kitti => kitti::read(source, sink),
            Format::KittiTracking => kitti::read_tracks(source, sink),
            Format::KittiRaw => tracklets::read(source, sink),
            Format::NuScenes => nuscenes::read(source, sink),
            Format::Labelme => labelme::read(source, sink),
            Format::Via => via::read(source, sink),
            Format::OpenImages => open_images::read(source, sink),
            Format::CreateMl => createml::read(source, sink),
            Format::MmDetection => mmdet::read(source, sink),
            Format::Cityscapes => cityscapes::read(source, sink),
            Format::Supervisely => supervisely::read(source, sink),
            Format::Vott => vott::read(source, sink),
            Format::Bdd => bdd::read(source, sink),
            Format::Dota => dota::read(source, sink),
            Format::Wider => wider::read(source, sink),
            Format::Darwin => darwin::read(source, sink),
            Format::FiftyOne => fiftyone::read(source, sink),
            Format::SegmentAnything => segment_anything::read(source, sink),
            Format::SageMaker => manifests::sagemaker(source, sink),
            Format::Vertex => manifests::vertex(source, sink),
            Format::AzureMl => manifests::azure(source, sink),
            Format::Mot => mot::read(source, sink),
            Format::Mots | Format::MotsPng => mots::read(source, sink),
            Format::WebDataset => webdataset::read(source, sink),
            Format::Images => images::read(source, sink),
            Format::Conll => conll::read(source, sink),
            Format::Brat => brat::read(source, sink),
            Format::Doccano | Format::Prodigy | Format::Spacy => spans::read(source, sink),
            Format::TrlSft => talk_read::read(source, sink, "messages"),
            Format::TrlCompletion => talk_read::read(source, sink, "completion"),
            Format::TrlPrompt => talk_read::read(source, sink, "prompt"),
            Format::TrlPreference => talk_read::read(source, sink, "chosen"),
            Format::TrlPreferenceImplicit => talk_read::read(source, sink, "chosen"),
            Format::TrlKto => talk_read::read(source, sink, "completion"),
            Format::TrlStepwise => talk_read::read(source, sink, "completions"),
            Format::OpenaiSft => talk_read::read(source, sink, "messages"),
            Format::OpenaiDpo => talk_read::read(source, sink, "preferred_output"),
            Format::Sharegpt => talk_read::read(source, sink, "conversations"),
            Format::Alpaca => talk_read::read(source, sink, "instruction"),
            Format::Hh => talk_read::read(source, sink, "chosen"),
            Format::Arena => talk_read::read(source, sink, "model_a"),
            Format::Squad => squad::read(source, sink),
            Format::Argilla => argilla::read(source, sink),
            Format::Conllu => conllu::read(source, sink),
            Format::UltraFeedback => talk_read::read(source, sink, "completions"),
            Format::Oasst
            | Format::Csv
            | Format::Tsv
            | Format::Jsonl
            | Format::Parquet
            | Format::Arrow => table::read(source, sink),
            Format::Items => items::read(source, sink),
            Format::Native => native::read(source, sink),
        }
    }

    /// Begins to write at `out`, where nothing may be yet.
    pub fn writer(self, out: &Path) -> Result<Box<dyn Writer>, ReadError> {
        let yolo = |lines| yolo_write::YoloFiles::new(out, lines);
        let talk = |kind| talk_write::TalkFile::new(out, kind);
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
            Format::YoloClassify => Box::new(images::ImageFiles::sorted(out)?),
            Format::Conll => Box::new(conll::TokenFile::new(out)?),
            Format::Brat => Box::new(brat::BratFiles::new(out)?),
            Format::Doccano => Box::new(spans::TextFile::new(out, Dialect::Doccano)?),
            Format::Prodigy => Box::new(spans::TextFile::new(out, Dialect::Prodigy)?),
            Format::Spacy => Box::new(spans::TextFile::new(out, Dialect::Spacy)?),
            Format::TrlSft => Box::new(talk(Kind::Sft)?),
            Format::TrlCompletion => Box::new(talk(Kind::Completion)?),
            Format::TrlPrompt => Box::new(talk(Kind::Prompt)?),
            Format::TrlPreference => Box::new(talk(Kind::Preference)?),
            Format::TrlPreferenceImplicit => Box::new(talk(Kind::Implicit)?),
            Format::TrlKto => Box::new(talk(Kind::Unpaired)?),
            Format::TrlStepwise => Box::new(talk(Kind::Stepwise)?),
            Format::OpenaiSft => Box::new(talk(Kind::OpenaiSft)?),
            Format::OpenaiDpo => Box::new(talk(Kind::OpenaiDpo)?),
            Format::Sharegpt => Box::new(talk(Kind::Sharegpt)?),
            Format::Alpaca => Box::new(talk(Kind::Alpaca)?),
            Format::Hh => Box::new(talk(Kind::Hh)?),
            Format::Arena => Box::new(talk(Kind::Arena)?),
            Format::Argilla => Box::new(argilla::RecordFile::new(out)?),
            Format::Conllu => Box::new(conllu::TreeFile::new(out)?),
            Format::Csv => Box::new(table::TableFile::cells(out, b',')?),
            Format::Tsv => Box::new(table::TableFile::cells(out, b'\t')?),
            Format::Jsonl => Box::new(table::TableFile::lines(out)?),
            Format::Parquet => Box::new(parquet_write::DataFolder::new(out)?),
            Format::Items => Box::new(items::ItemFile::new(out)?),
            // What is written has its own line above; `tests/lost.rs` goes through all of it.
            _ => {
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
        use Format::*;
        let by_themselves = matches!(self, Labelme | Via | Images | YoloClassify);
        let tables = matches!(self, Csv | Tsv | Jsonl | Parquet);
        let moving = matches!(
            self,
            Cvat | CvatJson | KittiTracking | KittiRaw | NuScenes | Mot | Mots | MotsPng
        );
        let none = Keeps {
            frames: by_themselves || tables || moving,
            subsets: !matches!(self, CocoResults | Conll | Conllu | Doccano | Prodigy | Spacy),
            // Where a row is an object, what has none has no row.
            empty: !matches!(self, KittiTracking | KittiRaw | Mot | Mots),
            ..Keeps::default()
        };
        match self {
            Format::Datumaro | Format::CvatJson => {
                Keeps { cuboids: true, from_lidar: true, solids: true, ..none }
            }
            Format::Cvat => Keeps { solids: true, ..none },
            Format::Kitti | Format::KittiTracking | Format::KittiRaw => {
                Keeps { cuboids: true, sensors: true, ..none }
            }
            Format::NuScenes => Keeps { cuboids: true, sensors: true, sweeps: true, ..none },
            Format::LabelStudio => Keeps { times: true, ..none },
            _ => none,
        }
    }
}

/// How many files of each ending are looked into.
const LOOKS_MAX: usize = 3;
pub(super) const HEAD_BYTES: u64 = 64 << 10;

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
    let tables = |name: &String| {
        (name.ends_with(".arrow") || name.ends_with(".feather")) && !rows::is_beside(name)
    };
    if let Some(at) = names.iter().position(tables)
        && source.raw(at).is_ok_and(|mut file| arrow::is_one(&mut file))
    {
        return Some(Format::Arrow);
    }
    let names = source.names();
    let ends = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    if ends(".ann") && ends(".txt") {
        return Some(Format::Brat);
    }
    let yaml = ends(".yaml") || ends(".yml") || ends("classes.txt");
    if yaml && names.iter().any(|name| name.contains("labels/") && name.ends_with(".txt")) {
        return Some(Format::Yolo);
    }
    const ENDINGS: [&str; 14] = [
        ".manifest",
        ".json",
        ".xml",
        ".csv",
        ".tsv",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".conllu",
        ".conll",
        ".iob",
        ".bio",
        ".txt",
        "",
    ];
    for ending in ENDINGS {
        let fits = |name: &str| name.ends_with(ending) && !rows::is_beside(name);
        let found = (0..source.names().len()).filter(|at| fits(&source.names()[*at]));
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
    // Where masks lie among the pictures, their folders are no classes.
    let masks = |name: &String| name.split('/').any(|folder| folder == "ground_truth");
    if names.iter().any(masks) {
        return None;
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
            () if start.contains("<annotation") && labelme::is_xml(start) => Some(Format::Labelme),
            () if start.contains("<annotation") => Some(Format::Voc),
            () => None,
        };
    }
    if open_images::is_header(start) || open_images::is_beside(start).is_some() {
        return Some(Format::OpenImages);
    }
    if start.starts_with("PAR1") {
        return Some(Format::Parquet);
    }
    if conllu::is_first(start) {
        return Some(Format::Conllu);
    }
    if name.ends_with(".csv") && via_other::is_header(start) {
        return Some(Format::Via);
    }
    if name.ends_with(".csv") || name.ends_with(".tsv") {
        return of_table(start);
    }
    if start.starts_with(['{', '[']) {
        let first = start.lines().next().unwrap_or_default();
        let second = start.lines().nth(1).unwrap_or_default();
        let lines = name.ends_with(".jsonl")
            || name.ends_with(".ndjson")
            || first.trim_end().ends_with('}') && second.starts_with('{');
        let row = first_row(start);
        let talk = row.as_ref().and_then(talk_read::recognise);
        let labelled = row.as_ref().is_some_and(|row| {
            let classed = row.get("label").is_some_and(|label| !label.is_array());
            let theirs = row.contains_key("answer") || row.contains_key("_input_hash");
            row.contains_key("text") && classed && !theirs
        });
        // A row that is longer than the head is not seen whole.
        let has_text = row.as_ref().map_or_else(|| has("text"), |row| row.contains_key("text"));
        return match () {
            () if spacy_old::is_one(start) => Some(Format::Spacy),
            () if first.starts_with("{\"fairmark\":") => Some(Format::Native),
            () if first.starts_with("{\"class\":{") || first.starts_with("{\"item\":{") => {
                Some(Format::Items)
            }
            () if squad::is_nested(start) || row.as_ref().is_some_and(squad::is_row) => {
                Some(Format::Squad)
            }
            () if darwin::is_one(start) => Some(Format::Darwin),
            () if fiftyone::is_one(start) => Some(Format::FiftyOne),
            () if row.as_ref().is_some_and(manifests::is_sagemaker) => Some(Format::SageMaker),
            () if row.as_ref().is_some_and(manifests::is_vertex) => Some(Format::Vertex),
            () if row.as_ref().is_some_and(manifests::is_azure) => Some(Format::AzureMl),
            () if has("data_row") && has("projects") => Some(Format::Labelbox),
            () if has("Labeled Data") && has("Label") => Some(Format::Labelbox),
            () if hint::is_known_for(row.as_ref(), start).is_some() => None,
            () if segment_anything::is_one(start) => Some(Format::SegmentAnything),
            () if has("annotation_id") && has("annotator") => Some(Format::LabelStudio),
            () if talk.is_some() => talk,
            () if has("shapes") && has("imagePath") => Some(Format::Labelme),
            () if has("shapes") && (has("tags") || has("tracks")) => Some(Format::CvatJson),
            () if has("_via_img_metadata") || has("shape_attributes") || has("vid_list") => {
                Some(Format::Via)
            }
            () if has("image_id") || has("images") && (has("file_name") || has("categories")) => {
                Some(Format::Coco)
            }
            () if has("items") && has("categories") || has("label_groups") => {
                Some(Format::Datumaro)
            }
            () if row.as_ref().is_some_and(mmdet::is_row)
                || has("data_list") && has("metainfo") =>
            {
                Some(Format::MmDetection)
            }
            () if row.as_ref().is_some_and(bdd::is_row) || has("frames") && has("box2d") => {
                Some(Format::Bdd)
            }
            () if row.as_ref().is_some_and(createml::is_row) => Some(Format::CreateMl),
            () if cityscapes::is_one(start) => Some(Format::Cityscapes),
            () if vott::is_one(start) || vott::is_export(start) => Some(Format::Vott),
            () if supervisely::is_one(start) => Some(Format::Supervisely),
            () if has("result")
                || has("completions") && has("data")
                || has("predictions")
                || has("data") && start.starts_with('[') =>
            {
                Some(Format::LabelStudio)
            }
            () if row.as_ref().is_some_and(spans::is_doccano) => Some(Format::Doccano),
            () if labelled => Some(Format::Jsonl),
            () if has("_input_hash") || has("spans") || has("answer") && has_text => {
                Some(Format::Prodigy)
            }
            () if has("ents") || has("cats") => Some(Format::Spacy),
            // A text about a file is a row of a table; doccano's would leave the file out.
            () if lines && has_text && !row.as_ref().is_some_and(table::names_a_file) => {
                Some(Format::Doccano)
            }
            () => {
                let names = |row: &Map<String, Value>| {
                    table::is_header(&row.keys().map(|key| &key[..]).collect::<Vec<_>>())
                };
                (lines || start.starts_with('['))
                    .then_some(Format::Jsonl)
                    .filter(|_| row.is_some_and(|row| names(&row)))
            }
        };
    }
    let rows = || start.lines().filter(|line| !line.trim().is_empty()).take(20);
    let tag = |line: &str| {
        let last = line.split_ascii_whitespace().next_back().unwrap_or_default();
        let tagged =
            ["B-", "I-", "E-", "S-", "L-", "U-"].iter().any(|prefix| last.starts_with(prefix));
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
    let boxes = |line: &str| {
        let cells = line.split(',').map(|cell| cell.trim().parse::<f64>());
        let numbers: Vec<_> = cells.map_while(Result::ok).collect();
        (7..=10).contains(&numbers.len()) && line.split(',').count() == numbers.len()
    };
    if name.ends_with(".txt") && rows().count() > 0 && rows().all(boxes) {
        return Some(Format::Mot);
    }
    if wider::is_one(start) {
        return Some(Format::Wider);
    }
    if name.ends_with(".txt") && dota::is_one(start) {
        return Some(Format::Dota);
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

/// The first row of JSON lines or of a list of objects, as far as the head holds it.
pub(super) fn first_row(start: &str) -> Option<Map<String, Value>> {
    let rows = start.strip_prefix('[').unwrap_or(start);
    serde_json::Deserializer::from_str(rows).into_iter().next()?.ok()
}

/// The cells of the rows in the head of a table.
fn cells_of(table: &mut Table<&[u8]>, is_cut: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut raw = Vec::new();
    while let Ok(Some((_, cells))) = table.next(&mut raw) {
        let text = |cell: &Vec<u8>| String::from_utf8_lossy(cell).into_owned();
        rows.extend(cells.iter().map(|cells| cells.iter().map(text).collect()));
    }
    if is_cut {
        rows.pop();
    }
    rows
}

fn of_table(start: &str) -> Option<Format> {
    let mut table = Table::new(Utf8::new(start.as_bytes()));
    let header = table.header(None).ok()??;
    let names: Vec<String> =
        header.into_iter().map(|name| String::from_utf8_lossy(&name).trim().to_owned()).collect();
    // The last row of a head may end anywhere.
    let is_cut = start.len() as u64 >= HEAD_BYTES / 4 && !start.ends_with('\n');
    let cells = cells_of(&mut table, is_cut);
    let whole = names.iter().map(|name| (name.clone(), Value::from("x"))).collect();
    let first = cells.first().and_then(|cells| {
        let cells = cells.iter().map(|cell| cell.clone().into_bytes()).collect();
        rows::object(&names, cells).ok()?.as_object().cloned()
    });
    // A cell of the first row may hold a list, and another nothing.
    let talk = first.as_ref().and_then(talk_read::recognise);
    let talk = talk.or_else(|| talk_read::recognise(&whole));
    let names: Vec<&str> = names.iter().map(|name| &name[..]).collect();
    let cells = match table.delimiter() {
        b'\t' => Format::Tsv,
        _ if spans::is_joined(&names, &cells) => Format::Doccano,
        _ => Format::Csv,
    };
    talk.or_else(|| table::is_header(&names).then_some(cells))
}
