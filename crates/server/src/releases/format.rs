//! What a release is written as: formats of our own, and all that `fairmark convert` writes.
//!
//! - **F1** A format has one name, in the interface, in `fairmark export` and, where that knows it, in
//!   `fairmark convert`.
//! - **F2** A format is one file of a release, whose name no other format has; what is a folder elsewhere
//!   is packed as ZIP.
//! - **F3** A format is offered, and taken, only where the project asks something that it can hold.

use domain::projects::{Media, Question, ShapeKind};
use formats::exchange;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// What labels can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Native,
    Coco,
    Csv,
    /// Of texts with spans: rows to train with.
    Spans,
    /// Of clouds: each moment with its cuboids and sensors, as `fairmark convert` reads it.
    Cuboids,
    /// Of clouds with a camera: KITTI's labels and calibrations.
    Kitti,
    /// Of clouds whose points have classes: SemanticKITTI's labels.
    Points,
    /// Of clouds: nuScenes' tables, drives as scenes, with lidarseg where points have classes.
    Nuscenes,
    /// Of videos: a file for each, as CVAT writes them.
    CvatVideo,
    /// Of videos: a folder for each, as MOT Challenge has them.
    Mot,
    /// What `fairmark convert` makes of the native file.
    Exchange(exchange::Format),
}

/// What `fairmark convert` writes and none of our own is called, in the order in which it is offered, with the
/// file that it is in a release.
const EXCHANGED: &[(exchange::Format, &str)] = {
    use exchange::Format::*;
    &[
        (Yolo, "yolo.zip"),
        (YoloSegment, "yolo-segment.zip"),
        (YoloObb, "yolo-obb.zip"),
        (YoloPose, "yolo-pose.zip"),
        (YoloClassify, "yolo-classify.zip"),
        (Darknet, "darknet.zip"),
        (CocoPanoptic, "coco-panoptic.zip"),
        (CocoResults, "coco-results.json"),
        (Voc, "voc.zip"),
        (Cvat, "cvat.xml"),
        (CvatJson, "cvat-json.zip"),
        (LabelStudio, "label-studio.json"),
        (Datumaro, "datumaro.zip"),
        (Labelme, "labelme.zip"),
        (Via, "via.json"),
        (OpenImages, "open-images.zip"),
        (KittiTracking, "kitti-tracking.zip"),
        (KittiRaw, "kitti-raw.zip"),
        (Mots, "mots.zip"),
        (MotsPng, "mots-png.zip"),
        (Doccano, "doccano.jsonl"),
        (Argilla, "argilla.jsonl"),
        (Prodigy, "prodigy.jsonl"),
        (Spacy, "spacy.jsonl"),
        (Conll, "labels.conll"),
        (Conllu, "labels.conllu"),
        (Brat, "brat.zip"),
        (Jsonl, "rows.jsonl"),
        (Parquet, "rows.parquet"),
        (Tsv, "labels.tsv"),
        (Items, "items.jsonl"),
        (WebDataset, "webdataset.tar"),
        (Images, "images.zip"),
        (TrlSft, "trl-sft.jsonl"),
        (TrlCompletion, "trl-completion.jsonl"),
        (TrlPrompt, "trl-prompt.jsonl"),
        (TrlPreference, "trl-preference.jsonl"),
        (TrlPreferenceImplicit, "trl-preference-implicit.jsonl"),
        (TrlKto, "trl-kto.jsonl"),
        (TrlStepwise, "trl-stepwise.jsonl"),
        (OpenaiSft, "openai-sft.jsonl"),
        (OpenaiDpo, "openai-dpo.jsonl"),
        (Sharegpt, "sharegpt.jsonl"),
        (Alpaca, "alpaca.jsonl"),
        (Hh, "hh.jsonl"),
        (Arena, "arena.jsonl"),
    ]
};

impl Format {
    /// Our own.
    pub const ALL: [Format; 10] = [
        Format::Native,
        Format::Coco,
        Format::Csv,
        Format::Spans,
        Format::Cuboids,
        Format::Kitti,
        Format::Points,
        Format::Nuscenes,
        Format::CvatVideo,
        Format::Mot,
    ];

    /// Returns all formats in the order in which they are offered: our own, then the others.
    pub fn all() -> impl Iterator<Item = Format> {
        let others = EXCHANGED.iter().map(|(format, _)| Format::Exchange(*format));
        Format::ALL.into_iter().chain(others)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Format::Native => "native",
            Format::Coco => "coco",
            Format::Csv => "csv",
            Format::Spans => "spans",
            Format::Cuboids => "cuboids",
            Format::Kitti => "kitti",
            Format::Points => "points",
            Format::Nuscenes => "nuscenes",
            Format::CvatVideo => "cvat_video",
            Format::Mot => "mot",
            Format::Exchange(format) => format.as_str(),
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Format::all().find(|format| format.as_str() == name)
    }

    /// Says whether its file is a ZIP of several.
    pub fn is_packed(self) -> bool {
        self.file().ends_with(".zip")
    }

    /// Returns the name of its file in a release (F2).
    pub fn file(self) -> &'static str {
        match self {
            Format::Native => "native.jsonl",
            Format::Coco => "coco.json",
            Format::Csv => "labels.csv",
            Format::Spans => "spans.jsonl",
            Format::Cuboids => "cuboids.jsonl",
            Format::Kitti => "kitti.tar",
            Format::Points => "points.tar",
            Format::Nuscenes => "nuscenes.tar",
            Format::CvatVideo => "cvat-video.tar",
            Format::Mot => "mot.tar",
            Format::Exchange(format) => {
                EXCHANGED.iter().find(|(known, _)| *known == format).map_or("", |(_, file)| file)
            }
        }
    }

    /// Returns why the format has nothing to hold of what a project asks; none where it fits (F3).
    pub fn misfit(self, question: &Question) -> Option<&'static str> {
        let Question { media, shapes, choice, spans } = question;
        let (image, video, text) =
            (*media == Media::Image, *media == Media::Video, *media == Media::Text);
        let drawn = !shapes.is_empty();
        let has = |kind| shapes.contains(&kind);
        let (fits, otherwise) = match self {
            Format::Native => (true, ""),
            Format::Coco => (image || video, "COCO holds pictures, and this project has none"),
            Format::Csv => (!(video && drawn), ONE_PLACE),
            Format::Spans => (*spans, NO_SPANS),
            Format::Cuboids | Format::Kitti => (has(ShapeKind::Cuboid3d), NO_CUBOIDS),
            Format::Points => {
                (has(ShapeKind::Points3d), "this project gives the points of clouds no classes")
            }
            Format::Nuscenes => {
                (*media == Media::Cloud && drawn, "this project marks nothing in clouds")
            }
            Format::CvatVideo | Format::Mot => (video && drawn, NO_TRACKS),
            Format::Exchange(format) => {
                use exchange::Format::*;
                let followed = video && drawn;
                let solid = has(ShapeKind::Cuboid3d);
                match format {
                    Yolo | YoloSegment | YoloObb | Darknet | Voc | Labelme | Via => {
                        (drawn && (image || video), NO_SHAPES)
                    }
                    YoloPose => (
                        has(ShapeKind::Keypoints),
                        "YOLO for poses holds skeletons, and this project draws none",
                    ),
                    CocoPanoptic => (
                        image && drawn,
                        "the pictures of COCO panoptic show things by their pixels, and this project draws nothing in pictures",
                    ),
                    YoloClassify => (
                        image && choice.is_some(),
                        "YOLO for classification holds the classes of whole pictures, and this project asks for none",
                    ),
                    Cvat | OpenImages => {
                        (image && (drawn || choice.is_some()) || followed, NO_SHAPES_NOR_CLASSES)
                    }
                    Datumaro => (
                        image && (drawn || choice.is_some()) || followed || solid,
                        NO_SHAPES_NOR_CLASSES,
                    ),
                    LabelStudio => (
                        text || image && (drawn || choice.is_some()) || followed,
                        "Label Studio has pictures, videos and texts, and this project asks nothing of these that it could hold",
                    ),
                    CvatJson | KittiTracking => (
                        followed || solid,
                        "this project follows nothing through videos, and puts no cuboids into clouds",
                    ),
                    Mots | MotsPng => (followed, NO_TRACKS),
                    KittiRaw => (solid, NO_CUBOIDS),
                    Doccano | Argilla => (text, "it holds texts, and this project has none"),
                    Prodigy | Spacy | Conll | Brat => (*spans, NO_SPANS),
                    Conllu => (
                        false,
                        "it holds what kind each word is and on which it depends; no project asks for these yet",
                    ),
                    Tsv => (image || text, ONE_PLACE),
                    Jsonl | Parquet => (
                        image || text || followed,
                        "a row holds pictures with what is in them, frames, or texts, and this project asks nothing of the kind",
                    ),
                    Items => (
                        image || text || followed || solid,
                        "items hold pictures, frames, texts and cuboids, and this project asks nothing of these",
                    ),
                    WebDataset | Images => {
                        (image, "it holds the pictures themselves, and this project has none")
                    }
                    CocoResults => (
                        false,
                        "COCO's results are what a model found, with how sure it was; a release is what people said",
                    ),
                    _ => (false, NO_TALK),
                }
            }
        };
        (!fits).then_some(otherwise)
    }
}

const ONE_PLACE: &str = "a row of such a table has one place, and here things are followed or lie in space: choose a format that has tracks or cuboids";
const NO_SPANS: &str = "this project marks no spans of texts";
const NO_CUBOIDS: &str = "this project puts no cuboids into clouds";
const NO_TRACKS: &str = "this project follows nothing through videos";
const NO_SHAPES: &str = "this project draws nothing on pictures";
const NO_SHAPES_NOR_CLASSES: &str =
    "this project neither draws anything on pictures nor asks for their class";
const NO_TALK: &str =
    "it holds conversations, and judgements of what was answered; no project asks for these yet";

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Format::named(&name)
            .ok_or_else(|| D::Error::custom(format!("no format of releases is called `{name}`")))
    }
}

impl PartialSchema for Format {
    fn schema() -> RefOr<Schema> {
        let names = Format::all().map(Format::as_str);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What labels can be written as."))
            .enum_values(Some(names))
            .into()
    }
}

impl ToSchema for Format {
    fn name() -> Cow<'static, str> {
        "Format".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::projects::ChoiceMode;
    use std::collections::HashSet;

    #[test]
    fn whatever_convert_writes_is_a_format_with_a_file_of_its_own() {
        for format in exchange::Format::all() {
            let is_one = Format::named(format.as_str()).is_some();
            let stays_ours = format == exchange::Format::Native;
            assert_eq!(is_one, format.is_written() || stays_ours, "{}", format.as_str());
        }
        let mut taken: HashSet<&str> = ["pictures.tar", "manifest.json"].into();
        let mut names = HashSet::new();
        for format in Format::all() {
            assert!(!format.file().is_empty() && taken.insert(format.file()), "{format:?}");
            assert!(names.insert(format.as_str()), "{format:?}");
        }
    }

    #[test]
    fn a_format_is_its_name_wherever_it_is_written() {
        for format in Format::all() {
            let text = serde_json::to_string(&format).expect("a name");
            assert_eq!(text, format!("\"{}\"", format.as_str()));
            assert_eq!(serde_json::from_str::<Format>(&text).expect("a format"), format);
        }
        let error = serde_json::from_str::<Format>("\"labelbox\"").expect_err("only read");
        assert!(
            error.to_string().contains("no format of releases is called `labelbox`"),
            "{error}"
        );
    }

    /// What fits what is asked, in the order in which it is offered.
    #[test]
    fn what_is_offered_is_what_can_hold_what_is_asked() {
        use ShapeKind::*;
        let single = Some(ChoiceMode::Single);
        let own = |media| (media, &[] as &[ShapeKind], None, false);
        for (what, (media, shapes, choice, spans), offered) in [
            (
                "boxes in pictures",
                (Media::Image, &[Box][..], None, false),
                "native coco csv yolo yolo-segment yolo-obb darknet coco-panoptic voc cvat label-studio datumaro labelme via open-images jsonl parquet tsv items webdataset images",
            ),
            (
                "skeletons in pictures with classes",
                (Media::Image, &[Keypoints], single, false),
                "native coco csv yolo yolo-segment yolo-obb yolo-pose yolo-classify darknet coco-panoptic voc cvat label-studio datumaro labelme via open-images jsonl parquet tsv items webdataset images",
            ),
            (
                "classes of pictures",
                (Media::Image, &[], single, false),
                "native coco csv yolo-classify cvat label-studio datumaro open-images jsonl parquet tsv items webdataset images",
            ),
            (
                "only attributes of pictures",
                own(Media::Image),
                "native coco csv jsonl parquet tsv items webdataset images",
            ),
            (
                "classes of texts",
                (Media::Text, &[], single, false),
                "native csv label-studio doccano argilla jsonl parquet tsv items",
            ),
            (
                "spans of texts",
                (Media::Text, &[], None, true),
                "native csv spans label-studio doccano argilla prodigy spacy conll brat jsonl parquet tsv items",
            ),
            (
                "tracks",
                (Media::Video, &[Box], None, false),
                "native coco cvat_video mot yolo yolo-segment yolo-obb darknet voc cvat cvat-json label-studio datumaro labelme via open-images kitti-tracking mots mots-png jsonl parquet items",
            ),
            ("classes of videos", (Media::Video, &[], single, false), "native coco csv"),
            (
                "cuboids",
                (Media::Cloud, &[Cuboid3d], None, false),
                "native csv cuboids kitti nuscenes cvat-json datumaro kitti-tracking kitti-raw items",
            ),
            (
                "classes of points",
                (Media::Cloud, &[Points3d], None, false),
                "native csv points nuscenes",
            ),
        ] {
            let question = Question { media, shapes: shapes.to_vec(), choice, spans };
            let fits = |format: &Format| format.misfit(&question).is_none();
            let found: Vec<&str> = Format::all().filter(fits).map(Format::as_str).collect();
            assert_eq!(found.join(" "), offered, "{what}");
            for format in Format::all().filter(|format| !fits(format)) {
                assert!(format.misfit(&question).is_some_and(|why| why.len() > 20), "{format:?}");
            }
        }
    }
}
