//! Which format a file, folder or archive is in, told from its names and its first bytes.

use std::path::Path;

use super::head::{HEAD_BYTES, of_head};
use super::plain::{Keeps, Plain};
use super::spans::Dialect;
use super::talk_write::Kind;
use super::yolo::is_picture;
use super::yolo_write::Lines;
use super::{Outlet, ReadError, Sink, Source, Writer};
use super::{
    argilla, arrow, bdd, brat, camvid, cityscapes, class_masks, coco, coco_results, coco_write,
    conll, conllu, createml, cvat, cvat_json, cvat_json_write, cvat_write, darwin, datumaro, dota,
    fiftyone, hint, icdar, imagenet, images, items, kitti, label_studio, label_studio_write,
    labelbox, labelme, manifests, mmdet, mot, mots, native, nuscenes, nuscenes_write, open_images,
    panoptic, parquet_write, rows, segment_anything, spans, squad, superannotate, supervisely,
    table, table_write, talk_read, talk_write, tracklets, via, voc, voc_masks, vott, webdataset,
    wider, yolo, yolo_write,
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
    SuperAnnotate,
    Supervisely,
    Vott,
    Bdd,
    Dota,
    Wider,
    CamVid,
    Icdar,
    ImagenetTxt,
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
    (Format::SuperAnnotate, "superannotate"),
    (Format::Supervisely, "supervisely"),
    (Format::Vott, "vott"),
    (Format::Bdd, "bdd"),
    (Format::Dota, "dota"),
    (Format::Wider, "wider-face"),
    (Format::CamVid, "camvid"),
    (Format::Icdar, "icdar"),
    (Format::ImagenetTxt, "imagenet-txt"),
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
const ONLY_READ: [Format; 24] = [
    Format::SuperAnnotate,
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
    Format::CamVid,
    Format::Icdar,
    Format::ImagenetTxt,
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
            Format::SuperAnnotate => superannotate::read(source, sink),
            Format::Supervisely => supervisely::read(source, sink),
            Format::Vott => vott::read(source, sink),
            Format::Bdd => bdd::read(source, sink),
            Format::Dota => dota::read(source, sink),
            Format::Wider => wider::read(source, sink),
            Format::CamVid => camvid::read(source, sink),
            Format::Icdar => icdar::read(source, sink),
            Format::ImagenetTxt => imagenet::read(source, sink),
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
        self.writer_into(&Outlet::at(out)?)
    }

    /// Begins to write into `out`.
    pub fn writer_into(self, out: &Outlet) -> Result<Box<dyn Writer>, ReadError> {
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
            Format::Csv => Box::new(table_write::TableFile::cells(out, b',')?),
            Format::Tsv => Box::new(table_write::TableFile::cells(out, b'\t')?),
            Format::Jsonl => Box::new(table_write::TableFile::lines(out)?),
            Format::Parquet => Box::new(parquet_write::DataFolder::new(out)?),
            Format::Items => Box::new(items::ItemFile::new(out)?),
            // What is written has its own line above; `tests/lost.rs` goes through all of it.
            _ => {
                let message = format!("{} is read, but not written", self.as_str());
                return Err(ReadError::NotThere(message));
            }
        };
        let writer = out.closing(writer);
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
            in_lines: moving && !matches!(self, Cvat | CvatJson | NuScenes)
                || matches!(self, Darknet | Voc | OpenImages | Conllu | Argilla),
            in_folders: by_themselves && !matches!(self, Labelme | Via)
                || matches!(self, Yolo | YoloSegment | YoloObb | YoloPose | Darknet)
                || matches!(self, Voc | Datumaro | MotsPng),
            boxes_alone: matches!(self, Voc | OpenImages | Mot),
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
    if hint::is_vistas(names) {
        return None;
    }
    if names.iter().any(|name| mots::is_mots(name)) {
        return Some(Format::Mots);
    }
    if let Some(at) = names.iter().position(|name| mot::is_boxes(name)) {
        let head = source.head(at, HEAD_BYTES).unwrap_or_default();
        let runs = head.lines().next().is_some_and(mots::is_row);
        return Some(if runs { Format::Mots } else { Format::Mot });
    }
    if names.iter().any(|name| voc_masks::split(name).is_some()) {
        return Some(Format::Voc);
    }
    let tables = |name: &String| {
        let endings = [".arrow", ".arrows", ".feather", ".ipc"];
        endings.iter().any(|ending| name.ends_with(ending)) && !rows::is_beside(name)
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
    if let Some(format) = of_lists(source) {
        return Some(format);
    }
    const ENDINGS: [&str; 15] = [
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
        "_conll",
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
                // What is said of a picture beside it is a part of its sample, and no row of a table.
                let sample = source.is_tar() && webdataset::is_samples(source.names());
                return Some(if sample && is_row(format) { Format::WebDataset } else { format });
            }
        }
    }
    // Spreadsheets save their text so, and only the tabs say that it is a table.
    if let [name] = source.names()
        && name.ends_with(".txt")
        && let Some(head) = source.head(0, HEAD_BYTES)
        && head.lines().next().is_some_and(|line| line.contains('\t'))
        && let Some(format @ Format::Tsv) = of_head(&head, "in.tsv")
    {
        return Some(format);
    }
    let names = source.names();
    // Pictures of numbers and of people are no samples, and no classes by their folders.
    if hint::of_layout(names).is_some() {
        return None;
    }
    if webdataset::is_samples(names) {
        return Some(Format::WebDataset);
    }
    // Where masks lie among the pictures, their folders are no classes.
    let masks = |name: &String| name.split('/').any(|folder| folder == "ground_truth");
    if names.iter().any(masks) {
        return None;
    }
    // What is told of a data set is no part of it.
    let told = |name: &&String| {
        let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        file.starts_with("readme") || file.starts_with("license") || file.ends_with(".md")
    };
    let names: Vec<String> = names.iter().filter(|name| !told(name)).cloned().collect();
    let sorted = names.iter().all(|name| name.contains('/') && is_picture(name));
    match images::is_images(&names) {
        true if sorted => Some(Format::YoloClassify),
        true => Some(Format::Images),
        false => None,
    }
}

/// Whether rows are in the format that may stand in a file each.
fn is_row(format: Format) -> bool {
    use Format::*;
    matches!(
        format,
        TrlSft | TrlCompletion | TrlPrompt | TrlPreference | TrlPreferenceImplicit | TrlKto
    ) || matches!(format, TrlStepwise | Sharegpt | Alpaca | Doccano | Jsonl)
}

/// Says what the files are instead, where nothing at all was read in the format that somebody named.
pub fn mistaken(source: &mut Source, named: Format) -> Option<String> {
    let family = |format: Format| format.as_str().split('-').next();
    let seen = recognise(source);
    if seen.is_some_and(|seen| seen == named || family(seen) == family(named)) {
        return None;
    }
    let instead = match seen {
        Some(seen) => format!("it looks like {}", seen.as_str()),
        None => hint::hint(source).unwrap_or_else(|| "it is in no format that is known".into()),
    };
    Some(format!("nothing in it reads as {}: {instead}", named.as_str()))
}

/// The formats whose texts are about pictures by their names, and would be taken for something else by what they say.
fn of_lists(source: &mut Source) -> Option<Format> {
    /// Some of them may be empty.
    const TEXTS_MAX: usize = 20;
    let names = source.names();
    let colours = names.iter().any(|name| camvid::is_colours(name));
    let painted = |name: &String| name.ends_with("_L.png");
    if colours && names.iter().any(painted) || class_masks::are_there(source) {
        return Some(Format::CamVid);
    }
    let names = source.names();
    let classes = names.iter().any(|name| imagenet::is_classes(name));
    let annotated = names.iter().any(|name| name.ends_with(".png") && name.contains("annot/"));
    let may = |name: &String| {
        name.ends_with(".txt")
            && !imagenet::is_classes(name)
            && (classes || annotated || icdar::is_name(name))
    };
    let texts: Vec<usize> =
        (0..names.len()).filter(|at| may(&names[*at])).take(TEXTS_MAX).collect();
    for at in texts {
        let head = source.head(at, 4096).unwrap_or_default();
        let name = &source.names()[at];
        match () {
            () if icdar::is_one(name, &head) => return Some(Format::Icdar),
            () if annotated && camvid::is_list(&head) => return Some(Format::CamVid),
            () if classes && imagenet::is_list(&head) => return Some(Format::ImagenetTxt),
            () => {}
        }
    }
    None
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
