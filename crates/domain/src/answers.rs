//! What a contributor says of an item, and whether it may be said (rules A1–A19, A30–A45, A50–A56 and A60–A64 of
//! `docs/spec/answers.md`).

use crate::ontology::{Attribute, Kind, Ontology, Scope};
use crate::projects::{ChoiceMode, Media, Question};
use crate::relations;
pub use crate::relations::Relation;
pub use crate::shapes::Shape;
pub use crate::spans::Span;
use crate::spans::{self, Things};
pub use crate::tracks::{Keyframe, Track};
use crate::{Problem, limits, shapes};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Object>,
    /// Passages of the text (A16).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// Things followed through a video (A30).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
    /// How objects, or spans, stand to each other (A50).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Words for the reviewer (A8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    pub id: String,
    pub class: String,
    pub shape: Shape,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Things of the same number belong together (A53).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// In which of several pictures of one moment it is (A60).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
}

/// What the item allows: the size of its picture, or of each of its pictures, the length of its text, if that is known,
/// and of a drive the number of its clouds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    pub width: f64,
    pub height: f64,
    /// Code points.
    pub text: Option<u64>,
    /// Clouds, one for each moment.
    pub clouds: Option<u64>,
    /// Points of the largest of them.
    pub points: Option<u64>,
    /// Frames of its video.
    pub frames: Option<u64>,
    /// Its pictures, where it has several.
    pub cameras: Vec<CameraBounds>,
}

/// What an object in one of several pictures has to lie on.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraBounds {
    pub name: String,
    pub width: f64,
    pub height: f64,
}

impl Bounds {
    pub fn picture(width: f64, height: f64) -> Self {
        Self { width, height, ..Self::default() }
    }

    pub fn clouds(count: u64, points: u64) -> Self {
        Self { clouds: Some(count), points: Some(points), ..Self::default() }
    }

    pub fn video(width: f64, height: f64, frames: u64) -> Self {
        Self { width, height, frames: Some(frames), ..Self::default() }
    }

    /// What an object may reach that says this camera; where it may not say it, a code and a sentence (A60).
    pub fn of(&self, camera: Option<&str>) -> Result<Self, (&'static str, String)> {
        match (camera, self.cameras.is_empty()) {
            (None, true) => Ok(self.clone()),
            (None, false) => Err(("camera_missing", "say in which camera it is".into())),
            (Some(_), true) => Err(("no_cameras_here", "this item has no cameras".into())),
            (Some(name), false) => {
                let found = self.cameras.iter().find(|one| one.name == name);
                let unknown = || ("unknown_camera", format!("there is no camera {name}"));
                found.map(|one| Self::picture(one.width, one.height)).ok_or_else(unknown)
            }
        }
    }

    pub fn text(text: &str) -> Self {
        Self { text: Some(text.chars().count() as u64), ..Self::default() }
    }
}

/// Problems told of one answer; past that the list says no more.
const PROBLEMS_MAX: usize = 100;

/// Everything that is wrong with `answer`, at once (A6).
pub fn check(
    question: &Question,
    ontology: &Ontology,
    bounds: Bounds,
    answer: &Answer,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_choices(question, ontology, answer, &mut problems);
    check_objects(question, ontology, &bounds, answer, &mut problems);
    check_spans(question, ontology, &bounds, answer, &mut problems);
    check_tracks(question, ontology, &bounds, answer, &mut problems);
    relations::check(question, ontology, answer, &mut problems);
    let item_attributes: Vec<&Attribute> =
        ontology.attributes.iter().filter(|a| a.scope == Scope::Item).collect();
    check_attributes(&item_attributes, &answer.attributes, "attributes", &mut problems);
    if answer.note.as_ref().is_some_and(|note| note.chars().count() > limits::NOTE_CHARS_MAX) {
        problems.push(Problem::new("note", "too_long", "a note has at most 2,000 characters"));
    }
    problems.truncate(PROBLEMS_MAX);
    problems
}

fn check_choices(
    question: &Question,
    ontology: &Ontology,
    answer: &Answer,
    problems: &mut Vec<Problem>,
) {
    let count = answer.choices.len();
    match question.choice {
        None if count > 0 => {
            problems.push(Problem::new(
                "choices",
                "no_choices_here",
                "this project asks for no choice",
            ));
        }
        Some(ChoiceMode::Single) if count != 1 => {
            problems.push(Problem::new("choices", "choose_one", "choose exactly one class"));
        }
        Some(ChoiceMode::Multi) if count == 0 => {
            problems.push(Problem::new("choices", "choose_some", "choose at least one class"));
        }
        _ => {}
    }
    let mut seen = HashSet::new();
    for (i, key) in answer.choices.iter().enumerate() {
        if ontology.class(key).is_none() {
            let message = format!("there is no class {key}");
            problems.push(Problem::new(format!("choices[{i}]"), "unknown_class", message));
        }
        if !seen.insert(key) {
            problems.push(Problem::new(
                format!("choices[{i}]"),
                "duplicate",
                "this choice stands twice",
            ));
        }
    }
}

fn check_objects(
    question: &Question,
    ontology: &Ontology,
    bounds: &Bounds,
    answer: &Answer,
    problems: &mut Vec<Problem>,
) {
    if question.media == Media::Video && !answer.objects.is_empty() {
        let message = "in a video things are followed: give `tracks`";
        problems.push(Problem::new("objects", "no_objects_here", message));
        return;
    }
    if answer.objects.len() > limits::OBJECTS_MAX {
        problems.push(Problem::new("objects", "too_many", "an answer has at most 50,000 objects"));
        return;
    }
    let mut things = Things::new(ontology);
    for (i, object) in answer.objects.iter().enumerate() {
        if problems.len() >= PROBLEMS_MAX {
            return;
        }
        let path = format!("objects[{i}]");
        things.check(&object.id, &object.class, &path, problems);
        let drawn = (object.class.as_str(), &object.shape);
        match bounds.of(object.camera.as_deref()) {
            Ok(within) => {
                check_shape(question, ontology, within, drawn, &format!("{path}.shape"), problems);
            }
            Err((code, message)) => {
                problems.push(Problem::new(format!("{path}.camera"), code, message));
            }
        }
        relations::check_group(object.group, &path, problems);
        let asked = things.asked(&object.class);
        check_attributes(&asked, &object.attributes, &format!("{path}.attributes"), problems);
    }
}

fn check_spans(
    question: &Question,
    ontology: &Ontology,
    bounds: &Bounds,
    answer: &Answer,
    problems: &mut Vec<Problem>,
) {
    if !question.spans && !answer.spans.is_empty() {
        let message = "this project takes no spans";
        problems.push(Problem::new("spans", "no_spans_here", message));
        return;
    }
    if answer.spans.len() > limits::OBJECTS_MAX {
        problems.push(Problem::new("spans", "too_many", "an answer has at most 50,000 spans"));
        return;
    }
    let mut things = Things::new(ontology);
    for (i, span) in answer.spans.iter().enumerate() {
        if problems.len() >= PROBLEMS_MAX {
            return;
        }
        let path = format!("spans[{i}]");
        things.check(&span.id, &span.class, &path, problems);
        span.check(bounds.text, &path, problems);
        relations::check_group(span.group, &path, problems);
        let asked = things.asked(&span.class);
        check_attributes(&asked, &span.attributes, &format!("{path}.attributes"), problems);
    }
    spans::check_repeats(&answer.spans, problems);
}

fn check_tracks(
    question: &Question,
    ontology: &Ontology,
    bounds: &Bounds,
    answer: &Answer,
    problems: &mut Vec<Problem>,
) {
    if question.media != Media::Video {
        if !answer.tracks.is_empty() {
            let message = "only in videos things are followed";
            problems.push(Problem::new("tracks", "no_tracks_here", message));
        }
        return;
    }
    let keyframes: usize = answer.tracks.iter().map(|track| track.keyframes.len()).sum();
    if answer.tracks.len() > limits::OBJECTS_MAX || keyframes > limits::KEYFRAMES_MAX {
        let message = "an answer has at most 50,000 tracks and 200,000 keyframes";
        problems.push(Problem::new("tracks", "too_many", message));
        return;
    }
    let mut things = Things::new(ontology);
    for (i, track) in answer.tracks.iter().enumerate() {
        if problems.len() >= PROBLEMS_MAX {
            return;
        }
        let path = format!("tracks[{i}]");
        things.check(&track.id, &track.class, &path, problems);
        track.check(bounds.frames, &path, problems);
        let (changing, fixed): (Vec<&Attribute>, Vec<&Attribute>) =
            things.asked(&track.class).into_iter().partition(|attribute| attribute.per_frame);
        check_attributes(&fixed, &track.attributes, &format!("{path}.attributes"), problems);
        // What was said once holds until something else is: only the first keyframe must say it (A33).
        let later: Vec<Attribute> = changing
            .iter()
            .map(|attribute| Attribute { required: false, ..(*attribute).clone() })
            .collect();
        let later: Vec<&Attribute> = later.iter().collect();
        for (j, keyframe) in track.keyframes.iter().enumerate() {
            let path = format!("{path}.keyframes[{j}]");
            let (class, shape) = (&track.class, &keyframe.shape);
            check_shape(
                question,
                ontology,
                bounds.clone(),
                (class, shape),
                &format!("{path}.shape"),
                problems,
            );
            let asked = if j == 0 { &changing } else { &later };
            check_attributes(asked, &keyframe.attributes, &format!("{path}.attributes"), problems);
        }
    }
}

fn check_shape(
    question: &Question,
    ontology: &Ontology,
    bounds: Bounds,
    (class, shape): (&str, &Shape),
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let kind = shape.kind();
    if !question.shapes.contains(&kind) {
        let message = format!("this project takes no {}", kind.plural());
        problems.push(Problem::new(path, "shape_not_asked", message));
        return;
    }
    shapes::check(shape, ontology.skeleton(class), bounds, path, problems);
}

fn check_attributes(
    asked: &[&Attribute],
    given: &BTreeMap<String, Value>,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    for attribute in asked {
        match given.get(&attribute.key) {
            None | Some(Value::Null) => {
                if attribute.required && !attribute.retired {
                    let message = format!("{} is required", attribute.name);
                    problems.push(Problem::new(
                        format!("{path}.{}", attribute.key),
                        "required",
                        message,
                    ));
                }
            }
            Some(value) => {
                if let Err(problem) =
                    check_value(attribute, value, &format!("{path}.{}", attribute.key))
                {
                    problems.push(problem);
                }
            }
        }
    }
    for key in given.keys() {
        if !asked.iter().any(|attribute| &attribute.key == key) {
            let message = format!("the attribute {key} is not asked for here");
            problems.push(Problem::new(format!("{path}.{key}"), "unknown_attribute", message));
        }
    }
}

/// Whether `value` is one that `attribute` may have (A5).
pub fn check_value(attribute: &Attribute, value: &Value, path: &str) -> Result<(), Problem> {
    let wrong = |wanted: &str| {
        Err(Problem::new(path, "wrong_type", format!("{} is {wanted}", attribute.name)))
    };
    let option = |key: &Value| {
        key.as_str().is_some_and(|key| attribute.options.iter().any(|o| o.key == key))
    };
    match attribute.kind {
        Kind::Boolean if value.is_boolean() => Ok(()),
        Kind::Boolean => wrong("true or false"),
        Kind::Select if option(value) => Ok(()),
        Kind::Select => wrong("one of its options"),
        Kind::Multi => {
            let Some(keys) = value.as_array() else { return wrong("a list of its options") };
            let different: HashSet<&str> = keys.iter().filter_map(Value::as_str).collect();
            if keys.iter().all(option) && different.len() == keys.len() {
                Ok(())
            } else {
                wrong("a list of its options, each once")
            }
        }
        Kind::Text => match value.as_str() {
            Some(text) if text.chars().count() <= limits::TEXT_VALUE_CHARS_MAX => Ok(()),
            _ => wrong("a text of at most 10,000 characters"),
        },
        Kind::Number => {
            let Some(number) = value.as_f64().filter(|n| n.is_finite()) else {
                return wrong("a number");
            };
            let inside = attribute.min.is_none_or(|min| number >= min)
                && attribute.max.is_none_or(|max| number <= max);
            if inside {
                Ok(())
            } else {
                Err(Problem::new(
                    path,
                    "out_of_range",
                    format!("{} is out of its range", attribute.name),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projects::{Media, ShapeKind};
    use serde_json::json;

    fn problems(question: &Question, answer: Value) -> Vec<String> {
        let ontology: Ontology = serde_json::from_value(json!({
            "classes": [
                { "key": "car", "name": "Car", "color": "#112233" },
                { "key": "tree", "name": "Tree", "color": "#112233" },
            ],
            "attributes": [
                { "key": "lit", "name": "Lit", "type": "boolean", "scope": "object", "classes": ["car"], "required": true },
                { "key": "lanes", "name": "Lanes", "type": "number", "scope": "item", "min": 0, "max": 9 },
                { "key": "sky", "name": "Sky", "type": "multi", "scope": "item", "options": [{ "key": "rain", "name": "Rain" }] },
            ],
        })).unwrap();
        let answer: Answer = serde_json::from_value(answer).unwrap();
        let bounds = Bounds { text: Some(20), ..Bounds::picture(100.0, 50.0) };
        check(question, &ontology, bounds, &answer)
            .into_iter()
            .map(|p| format!("{} {}", p.path, p.code))
            .collect()
    }

    fn shapes() -> Question {
        Question {
            media: Media::Image,
            shapes: vec![ShapeKind::Box, ShapeKind::Polygon],
            choice: None,
            spans: false,
        }
    }

    fn single() -> Question {
        Question {
            media: Media::Text,
            shapes: vec![],
            choice: Some(ChoiceMode::Single),
            spans: false,
        }
    }

    #[test]
    fn spans_inside_and_outside() {
        let asked = Question { choice: None, spans: true, ..single() };
        let span = |id: &str, class: &str, start: u64, end: u64| json!({ "id": id, "class": class, "start": start, "end": end });
        let fine = json!({ "spans": [span("a", "tree", 0, 20), span("b", "tree", 3, 9), span("c", "tree", 5, 12)] });
        assert_eq!(problems(&asked, fine.clone()), [""; 0]);
        assert_eq!(problems(&asked, json!({})), [""; 0]);
        assert_eq!(problems(&shapes(), fine), ["spans no_spans_here"]);
        let got = problems(
            &asked,
            json!({ "spans": [
                span("a", "tree", 4, 4),
                span("a", "tree", 9, 3),
                span("b", "bush", 0, 21),
                span("c", "car", 3, 9),
                span("d", "tree", 3, 9),
                span("e", "tree", 3, 9),
            ]}),
        );
        assert_eq!(
            got,
            [
                "spans[0] empty",
                "spans[1].id duplicate",
                "spans[1] empty",
                "spans[2].class unknown_class",
                "spans[2].end outside",
                "spans[3].attributes.lit required",
                "spans[5] duplicate",
            ]
        );
    }

    #[test]
    fn tracks_inside_and_outside() {
        let ontology: Ontology = serde_json::from_value(json!({
            "classes": [{ "key": "car", "name": "Car", "color": "#112233" }],
            "attributes": [
                { "key": "make", "name": "Make", "type": "text", "scope": "object", "required": true },
                { "key": "brakes", "name": "Brakes", "type": "boolean", "scope": "object", "required": true, "per_frame": true },
            ],
        })).unwrap();
        let asked = Question { media: Media::Video, shapes: vec![ShapeKind::Box], ..shapes() };
        let bounds = Bounds::video(100.0, 50.0, 10);
        let problems = |answer: Value| -> Vec<String> {
            let answer: Answer = serde_json::from_value(answer).unwrap();
            let found = check(&asked, &ontology, bounds.clone(), &answer);
            found.into_iter().map(|p| format!("{} {}", p.path, p.code)).collect()
        };
        let at = |frame: u64| json!({ "frame": frame, "shape": { "type": "box", "x": 1, "y": 1, "width": 9, "height": 9 } });
        let first = |frame: u64| {
            let mut keyframe = at(frame);
            keyframe["attributes"] = json!({ "brakes": true });
            keyframe
        };
        let mut gone = at(9);
        gone["outside"] = true.into();
        let said = json!({ "make": "VW" });
        let fine = json!({ "tracks": [{ "id": "a", "class": "car", "attributes": said, "keyframes": [first(0), at(4), gone] }] });
        assert_eq!(problems(fine.clone()), [""; 0]);
        assert_eq!(problems(json!({})), [""; 0]);
        let mut left = first(2);
        left["outside"] = true.into();
        let mut huge = first(1);
        huge["shape"]["width"] = 200.into();
        let got = problems(json!({ "tracks": [
            { "id": "a", "class": "car", "attributes": said, "keyframes": [] },
            { "id": "a", "class": "car", "attributes": said, "keyframes": [first(3), at(3)] },
            { "id": "c", "class": "car", "attributes": said, "keyframes": [first(3), at(10)] },
            { "id": "d", "class": "car", "attributes": said, "keyframes": [left] },
            { "id": "e", "class": "car", "keyframes": [huge] },
            { "id": "f", "class": "car", "attributes": { "make": "VW", "brakes": true }, "keyframes": [at(1)] },
        ]}));
        assert_eq!(
            got,
            [
                "tracks[0].keyframes no_keyframes",
                "tracks[1].id duplicate",
                "tracks[1].keyframes[1].frame not_in_order",
                "tracks[2].keyframes[1].frame outside",
                "tracks[3].keyframes[0].outside begins_outside",
                "tracks[4].attributes.make required",
                "tracks[4].keyframes[0].shape outside",
                "tracks[5].attributes.brakes unknown_attribute",
                "tracks[5].keyframes[0].attributes.brakes required",
            ]
        );
        let object = json!({ "id": "a", "class": "car", "shape": at(1)["shape"] });
        assert_eq!(problems(json!({ "objects": [object] })), ["objects no_objects_here"]);
        let answer: Answer = serde_json::from_value(fine).unwrap();
        assert_eq!(check(&shapes(), &ontology, bounds, &answer)[0].code, "no_tracks_here");
    }

    #[test]
    fn a_picture_without_objects_is_an_answer() {
        assert_eq!(problems(&shapes(), json!({})), [""; 0]);
    }

    #[test]
    fn shapes_inside_and_outside() {
        let object = |id: &str, shape: Value| json!({ "id": id, "class": "tree", "shape": shape });
        let got = problems(
            &shapes(),
            json!({ "objects": [
                object("a", json!({ "type": "box", "x": 0, "y": 0, "width": 100, "height": 50 })),
                object("b", json!({ "type": "box", "x": 0, "y": 0, "width": 100.5, "height": 50 })),
                object("c", json!({ "type": "box", "x": 5, "y": 5, "width": 0.5, "height": 5 })),
                object("d", json!({ "type": "polygon", "points": [[0, 0], [9, 0]] })),
                object("e", json!({ "type": "polygon", "points": [[0, 0], [9, 9], [3, 3]] })),
                object("a", json!({ "type": "polygon", "points": [[0, 0], [9, 0], [9, -1]] })),
            ]}),
        );
        assert_eq!(
            got,
            [
                "objects[1].shape outside",
                "objects[2].shape too_small",
                "objects[3].shape.points point_count",
                "objects[4].shape too_small",
                "objects[5].id duplicate",
                "objects[5].shape.points[2] outside",
            ]
        );
    }

    #[test]
    fn attributes_are_asked_of_their_classes() {
        let shape = json!({ "type": "box", "x": 0, "y": 0, "width": 9, "height": 9 });
        let got = problems(
            &shapes(),
            json!({
                "objects": [
                    { "id": "a", "class": "car", "shape": shape },
                    { "id": "b", "class": "car", "shape": shape, "attributes": { "lit": "yes" } },
                    { "id": "c", "class": "tree", "shape": shape, "attributes": { "lit": true } },
                ],
                "attributes": { "lanes": 10, "sky": ["rain", "rain"], "moon": 1 },
            }),
        );
        assert_eq!(
            got,
            [
                "objects[0].attributes.lit required",
                "objects[1].attributes.lit wrong_type",
                "objects[2].attributes.lit unknown_attribute",
                "attributes.lanes out_of_range",
                "attributes.sky wrong_type",
                "attributes.moon unknown_attribute",
            ]
        );
    }

    #[test]
    fn choices() {
        assert_eq!(problems(&single(), json!({ "choices": ["car"] })), [""; 0]);
        assert_eq!(problems(&single(), json!({})), ["choices choose_one"]);
        assert_eq!(
            problems(&single(), json!({ "choices": ["bus"] })),
            ["choices[0] unknown_class"]
        );
        let object = json!({ "id": "a", "class": "tree", "shape": { "type": "box", "x": 0, "y": 0, "width": 9, "height": 9 } });
        assert_eq!(
            problems(&single(), json!({ "choices": ["car", "car"], "objects": [object] })),
            ["choices choose_one", "choices[1] duplicate", "objects[0].shape shape_not_asked"]
        );
        assert_eq!(problems(&shapes(), json!({ "choices": ["car"] })), ["choices no_choices_here"]);
    }

    #[test]
    fn an_object_is_in_one_of_the_cameras_and_on_its_picture() {
        let ontology: Ontology = serde_json::from_value(
            json!({ "classes": [{ "key": "car", "name": "Car", "color": "#112233" }] }),
        )
        .unwrap();
        let camera = |name: &str, width, height| CameraBounds { name: name.into(), width, height };
        let rig = Bounds {
            cameras: vec![camera("front", 100.0, 50.0), camera("rear", 20.0, 20.0)],
            ..Bounds::default()
        };
        let told = |bounds: &Bounds, camera: Value, x: f64| {
            let shape = json!({ "type": "box", "x": x, "y": 5, "width": 10, "height": 10 });
            let mut object = json!({ "id": "a", "class": "car", "shape": shape });
            if !camera.is_null() {
                object["camera"] = camera;
            }
            let answer = serde_json::from_value(json!({ "objects": [object] })).unwrap();
            let found = check(&shapes(), &ontology, bounds.clone(), &answer);
            found.first().map(|p| format!("{} {}", p.path, p.code)).unwrap_or_default()
        };
        assert_eq!(told(&rig, json!("front"), 80.0), "");
        assert_eq!(told(&rig, json!("rear"), 10.0), "");
        assert_eq!(told(&rig, json!("rear"), 80.0), "objects[0].shape outside");
        assert_eq!(told(&rig, json!("left"), 5.0), "objects[0].camera unknown_camera");
        assert_eq!(told(&rig, json!(null), 5.0), "objects[0].camera camera_missing");
        let plain = Bounds::picture(100.0, 50.0);
        assert_eq!(told(&plain, json!("front"), 5.0), "objects[0].camera no_cameras_here");
        assert_eq!(told(&plain, json!(null), 80.0), "");
    }
}
