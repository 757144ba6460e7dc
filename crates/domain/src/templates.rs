//! The ready-made beginnings of projects.

use crate::ontology::{Class, Ontology};
use crate::projects::{ChoiceMode, Media, Question, ShapeKind};
use crate::skeletons;
use serde::Serialize;

/// A ready-made beginning for a project.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    pub template: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub question: Question,
    pub ontology: Ontology,
}

/// The templates that a project can begin with.
pub fn templates() -> Vec<Template> {
    use ChoiceMode::{Multi, Single};
    let row = |template,
               name,
               description,
               media,
               shapes: &[ShapeKind],
               choice,
               classes: &[(&str, &str, &str)]| {
        let classes = classes.iter().zip(1..).map(|((key, name, color), hotkey)| Class {
            key: (*key).into(),
            name: (*name).into(),
            color: (*color).into(),
            hotkey: Some(hotkey.to_string()),
            parent: None,
            description: None,
            skeleton: None,
            retired: false,
        });
        let question = Question { media, shapes: shapes.to_vec(), choice, spans: false };
        let ontology = Ontology { classes: classes.collect(), ..Ontology::default() };
        Template { template, name, description, question, ontology }
    };
    let street =
        [("car", "Car", "#1971c2"), ("person", "Person", "#e8590c"), ("sign", "Sign", "#2f9e44")];
    let lanes = [
        ("lane", "Lane", "#1971c2"),
        ("kerb", "Kerb", "#e8590c"),
        ("stop", "Stop line", "#e03131"),
    ];
    let kinds =
        [("yes", "Yes", "#2f9e44"), ("no", "No", "#e03131"), ("unsure", "Cannot tell", "#868e96")];
    let moods = [
        ("positive", "Positive", "#2f9e44"),
        ("neutral", "Neutral", "#868e96"),
        ("negative", "Negative", "#e03131"),
    ];
    let tags =
        [("day", "Day", "#f08c00"), ("night", "Night", "#3b5bdb"), ("indoor", "Indoor", "#9c36b5")];
    let topics = [
        ("question", "Question", "#1971c2"),
        ("complaint", "Complaint", "#e03131"),
        ("praise", "Praise", "#2f9e44"),
    ];
    let names = [
        ("person", "Person", "#e8590c"),
        ("organization", "Organization", "#1971c2"),
        ("place", "Place", "#2f9e44"),
    ];
    let grounds = [
        ("road", "Road", "#868e96"),
        ("vehicle", "Vehicle", "#1971c2"),
        ("person", "Person", "#e8590c"),
        ("vegetation", "Vegetation", "#2f9e44"),
        ("building", "Building", "#f08c00"),
    ];
    let traffic = [
        ("car", "Car", "#1971c2"),
        ("truck", "Truck", "#7048e8"),
        ("pedestrian", "Pedestrian", "#e8590c"),
        ("cyclist", "Cyclist", "#2f9e44"),
    ];
    let spanning =
        |row: Template| Template { question: Question { spans: true, ..row.question }, ..row };
    let both = [ShapeKind::Box, ShapeKind::Polygon];
    let of_pictures = ShapeKind::OF_PICTURES.into_iter();
    let in_videos: Vec<ShapeKind> = of_pictures.filter(|kind| kind.lies_on(Media::Video)).collect();
    vec![
        row(
            "image_boxes",
            "Boxes on images",
            "Draw a box around each object.",
            Media::Image,
            &both[..1],
            None,
            &street,
        ),
        row(
            "image_polygons",
            "Polygons on images",
            "Outline each object.",
            Media::Image,
            &both[1..],
            None,
            &street,
        ),
        row(
            "image_boxes_polygons",
            "Boxes and polygons on images",
            "Boxes for some objects, outlines for others.",
            Media::Image,
            &both,
            None,
            &street,
        ),
        row(
            "image_turned",
            "Turned boxes on images",
            "Boxes that lie as the objects lie: from above, in a car park, on a runway.",
            Media::Image,
            &[ShapeKind::Turned],
            None,
            &street,
        ),
        row(
            "image_lines",
            "Lines on images",
            "Follow lanes, kerbs and edges.",
            Media::Image,
            &[ShapeKind::Line],
            None,
            &lanes,
        ),
        row(
            "image_points",
            "Points on images",
            "Mark places, or count things.",
            Media::Image,
            &[ShapeKind::Point],
            None,
            &street,
        ),
        Template {
            ontology: skeletons::people(),
            ..row(
                "image_skeletons",
                "Skeletons on images",
                "Put the named points of a body, and say which are hidden.",
                Media::Image,
                &[ShapeKind::Keypoints],
                None,
                &[],
            )
        },
        row(
            "image_masks",
            "Masks on images",
            "Paint which pixels belong to each object.",
            Media::Image,
            &[ShapeKind::Mask],
            None,
            &street,
        ),
        row(
            "image_shapes",
            "All shapes on images",
            "For each object the shape that fits it.",
            Media::Image,
            &ShapeKind::OF_PICTURES,
            None,
            &street,
        ),
        row(
            "image_choice",
            "Image classification, one class",
            "Choose the one class that fits the picture.",
            Media::Image,
            &[],
            Some(Single),
            &kinds,
        ),
        row(
            "image_choices",
            "Image classification, several classes",
            "Choose every class that fits the picture.",
            Media::Image,
            &[],
            Some(Multi),
            &tags,
        ),
        row(
            "video_boxes",
            "Boxes through a video",
            "Follow each thing through the frames: boxes at keyframes, and the way between them by itself.",
            Media::Video,
            &[ShapeKind::Box],
            None,
            &street,
        ),
        row(
            "video_shapes",
            "All shapes through a video",
            "Follow each thing by the shape that fits it: an outline, a line, a point, a turned box.",
            Media::Video,
            &in_videos,
            None,
            &street,
        ),
        row(
            "video_choice",
            "Video classification, one class",
            "Watch the video, and choose the one class that fits it.",
            Media::Video,
            &[],
            Some(Single),
            &kinds,
        ),
        row(
            "video_choices",
            "Video classification, several classes",
            "Watch the video, and choose every class that fits it.",
            Media::Video,
            &[],
            Some(Multi),
            &tags,
        ),
        row(
            "text_choice",
            "Text classification, one class",
            "Choose the one class that fits the text.",
            Media::Text,
            &[],
            Some(Single),
            &moods,
        ),
        row(
            "text_choices",
            "Text classification, several classes",
            "Choose every class that fits the text.",
            Media::Text,
            &[],
            Some(Multi),
            &topics,
        ),
        spanning(row(
            "text_spans",
            "Spans of texts",
            "Mark names, terms, phrases: each passage under its class.",
            Media::Text,
            &[],
            None,
            &names,
        )),
        spanning(row(
            "text_spans_choice",
            "Spans of texts, and one class",
            "Choose the one class that fits the text, and mark the passages that show it.",
            Media::Text,
            &[],
            Some(Single),
            &topics,
        )),
        spanning(row(
            "text_spans_choices",
            "Spans of texts, and several classes",
            "Choose every class that fits the text, and mark the passages that show them.",
            Media::Text,
            &[],
            Some(Multi),
            &topics,
        )),
        row(
            "cloud_cuboids",
            "Cuboids in a point cloud",
            "Put a box with its heading around each object, in one cloud or along a drive.",
            Media::Cloud,
            &[ShapeKind::Cuboid3d],
            None,
            &traffic,
        ),
        row(
            "cloud_points",
            "Point classes in a point cloud",
            "Say of each point what it belongs to, by lasso and brush.",
            Media::Cloud,
            &[ShapeKind::Points3d],
            None,
            &grounds,
        ),
    ]
}
