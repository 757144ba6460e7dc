//! What several answers of one task say together: answers in, figures out.

pub mod attributes;
pub(crate) mod marks;

use domain::answers::{Answer, Shape};
use domain::cuboids::Cuboid;
use domain::projects::{ChoiceMode, Media, Question};
use domain::workflow::Opinion;
use stats::agreement::{IOU_MIN, Region, Voice, f1, f1_of, jaccard, medoid, overlap, plurality};
use std::collections::{BTreeMap, BTreeSet};

/// How far answers agree, and which of them speaks for all.
pub fn of(question: &Question, answers: &[&Answer]) -> Opinion {
    let voice = match (question.choice, asks_for_regions(question)) {
        (Some(ChoiceMode::Single), false) => {
            let choices: Vec<&[String]> =
                answers.iter().map(|answer| &answer.choices[..]).collect();
            plurality(&choices)
        }
        (Some(ChoiceMode::Multi), false) => {
            medoid(answers.len(), |i, j| choice_likeness(answers[i], answers[j]))
        }
        (_, true) if question.media == Media::Video => {
            medoid(answers.len(), |i, j| track_likeness(answers[i], answers[j]))
        }
        (choice, true) => of_regions(answers, choice.is_some()),
        (None, false) => {
            let attributes: Vec<_> = answers.iter().map(|answer| &answer.attributes).collect();
            plurality(&attributes)
        }
    };
    Opinion {
        answers: answers.len() as i64,
        agreement: voice.agreement,
        tie: voice.tie,
        voice: voice.index,
    }
}

/// What answers say together, where none of them may say it (F9).
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    pub value: Answer,
    pub parts: Vec<Part>,
}

/// An object, a span or a class of what answers say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The id of the object or span, or the key of the class.
    pub id: String,
    /// How likely there is anything, and how likely it is that and of this class.
    pub presence: f64,
    pub confidence: f64,
    /// What a model claimed, where the confidence is told by it.
    pub claimed: Option<f64>,
    /// Of what it was made: the number of an answer, and the id of its own object.
    pub marks: Vec<(usize, String)>,
}

/// What answers say together when nothing is known of those who gave them: of marks, the objects that they share. Nothing where one of the answers says it.
pub fn fused(question: &Question, answers: &[&Answer]) -> Option<Fused> {
    // What moves, stands in space or is joined to another is not brought together: the answer in the middle speaks for all.
    let is_still = matches!(question.media, Media::Image | Media::Text);
    let is_joined = answers.iter().any(|answer| {
        let of_objects = answer.objects.iter().map(|object| object.group);
        let mut groups = of_objects.chain(answer.spans.iter().map(|span| span.group));
        !answer.relations.is_empty() || groups.any(|group| group.is_some())
    });
    if answers.len() < 2 || !is_still || is_joined || !asks_for_regions(question) {
        return None;
    }
    let mut fused = marks::plain(answers)?;
    if question.choice.is_some() {
        let choices: Vec<&[String]> = answers.iter().map(|answer| &answer.choices[..]).collect();
        fused.value.choices = choices[stats::agreement::plurality(&choices).index].to_vec();
    }
    Some(fused)
}

/// Which of the answers comes nearest to what they say together.
pub fn nearest(question: &Question, answers: &[&Answer], value: &Answer) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (number, answer) in answers.iter().enumerate() {
        let likeness = similarity(question, answer, value);
        if likeness > best.1 + 1e-12 {
            best = (number, likeness);
        }
    }
    best.0
}

/// Which of the answers chooses most like this.
pub fn choosing(answers: &[&Answer], choices: &[String]) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (number, answer) in answers.iter().enumerate() {
        let likeness = jaccard(&answer.choices, choices);
        if likeness > best.1 + 1e-12 {
            best = (number, likeness);
        }
    }
    best.0
}

/// Whether what is known has a part of an answer: the class, or a thing of the same class in the same place.
pub fn has_part(known: &Answer, answer: &Answer, id: &str) -> bool {
    if answer.choices.iter().any(|choice| choice == id) {
        return known.choices.iter().any(|choice| choice == id);
    }
    let moments = moments(&[known, answer]);
    // Of one that moves, where it stands at each moment.
    let part = Answer {
        objects: answer.objects.iter().filter(|object| object.id == id).cloned().collect(),
        spans: answer.spans.iter().filter(|span| span.id == id).cloned().collect(),
        ..Answer::default()
    };
    let there = regions(known, &moments);
    regions(&part, &moments).iter().any(|part| {
        there.iter().any(|thing| thing.class == part.class && overlap(thing, part) >= IOU_MIN)
    })
}

/// How far two answers agree, 0 to 1. Where a choice is asked for besides spans, both count alike (A19).
pub fn similarity(question: &Question, a: &Answer, b: &Answer) -> f64 {
    match (question.choice, asks_for_regions(question)) {
        (Some(_), false) => choice_likeness(a, b),
        (Some(_), true) => f64::midpoint(choice_likeness(a, b), regions_likeness(a, b)),
        (None, true) if question.media == Media::Video => track_likeness(a, b),
        (None, true) => regions_likeness(a, b),
        (None, false) => f64::from(u8::from(a.attributes == b.attributes)),
    }
}

pub fn choice_likeness(a: &Answer, b: &Answer) -> f64 {
    jaccard(&a.choices, &b.choices)
}

pub fn span_likeness(a: &Answer, b: &Answer) -> f64 {
    regions_likeness(a, b)
}

/// Of the points of which one of two answers says anything, the share of which both say the same class (A45).
fn points_likeness(a: &Answer, b: &Answer) -> f64 {
    let (a, b) = (classes_of_points(a), classes_of_points(b));
    let (mut same, mut either) = (0, 0);
    let clouds: BTreeSet<u64> = a.keys().chain(b.keys()).copied().collect();
    for cloud in clouds {
        let empty = Vec::new();
        let (a, b) = (a.get(&cloud).unwrap_or(&empty), b.get(&cloud).unwrap_or(&empty));
        for at in 0..a.len().max(b.len()) {
            let said = (a.get(at).copied().flatten(), b.get(at).copied().flatten());
            if said != (None, None) {
                either += 1;
                same += u64::from(said.0 == said.1);
            }
        }
    }
    if either == 0 { 1.0 } else { same as f64 / either as f64 }
}

/// What class each point of each cloud has; of several the one that lies on top.
fn classes_of_points(answer: &Answer) -> BTreeMap<u64, Vec<Option<&str>>> {
    let mut clouds: BTreeMap<u64, Vec<Option<&str>>> = BTreeMap::new();
    for object in &answer.objects {
        let Shape::Points3d(points) = &object.shape else { continue };
        let classes = clouds.entry(points.cloud).or_default();
        for (from, to) in points.stretches().unwrap_or_default() {
            let (from, to) = (from as usize, to as usize);
            if classes.len() < to {
                classes.resize(to, None);
            }
            classes[from..to].fill(Some(&object.class));
        }
    }
    clouds
}

fn has_points(answer: &Answer) -> bool {
    answer.objects.iter().any(|object| matches!(object.shape, Shape::Points3d(_)))
}

fn regions_likeness(a: &Answer, b: &Answer) -> f64 {
    // Where points have classes besides cuboids, both count alike.
    if has_points(a) || has_points(b) {
        let points = points_likeness(a, b);
        let stands = |answer: &Answer| {
            answer.objects.iter().any(|object| matches!(object.shape, Shape::Cuboid3d(_)))
        };
        return if stands(a) || stands(b) {
            f64::midpoint(points, shapes_likeness(a, b))
        } else {
            points
        };
    }
    shapes_likeness(a, b)
}

fn shapes_likeness(a: &Answer, b: &Answer) -> f64 {
    let moments = moments(&[a, b]);
    f1(&regions(a, &moments), &regions(b, &moments), IOU_MIN)
}

/// F1 of tracks: those of one class that cover enough of the same in all frames together are one (A35).
pub fn track_likeness(a: &Answer, b: &Answer) -> f64 {
    let pairs = a.tracks.iter().enumerate().flat_map(|(i, one)| {
        b.tracks.iter().enumerate().filter_map(move |(j, other)| {
            let overlap = if one.class == other.class { one.overlap(other) } else { 0.0 };
            (overlap >= IOU_MIN).then_some((overlap, i, j))
        })
    });
    f1_of(a.tracks.len(), b.tracks.len(), pairs.collect())
}

pub(crate) fn asks_for_regions(question: &Question) -> bool {
    question.spans || (question.choice.is_none() && !question.shapes.is_empty())
}

fn of_regions(answers: &[&Answer], with_choice: bool) -> Voice {
    let moments = moments(answers);
    let regions: Vec<Vec<Region<'_>>> =
        answers.iter().map(|answer| regions(answer, &moments)).collect();
    medoid(answers.len(), |i, j| {
        let likeness = if has_points(answers[i]) || has_points(answers[j]) {
            regions_likeness(answers[i], answers[j])
        } else {
            f1(&regions[i], &regions[j], IOU_MIN)
        };
        if with_choice {
            f64::midpoint(choice_likeness(answers[i], answers[j]), likeness)
        } else {
            likeness
        }
    })
}

/// The moments at which moving cuboids are compared: those at which anybody says where one is. Where nothing moves,
/// there is one.
fn moments(answers: &[&Answer]) -> Vec<u64> {
    let keys = answers.iter().flat_map(|answer| &answer.objects).flat_map(|object| {
        let path = match &object.shape {
            Shape::Cuboid3d(cuboid) => &cuboid.path[..],
            _ => &[],
        };
        path.iter().map(|key| key.frame)
    });
    let moments: BTreeSet<u64> = keys.collect();
    if moments.is_empty() { vec![0] } else { moments.into_iter().collect() }
}

/// Where so many moments are apart, what stands at one is not beside what stands at another.
const APART_METRES: f64 = 1e8;

fn regions<'a>(answer: &'a Answer, moments: &[u64]) -> Vec<Region<'a>> {
    let objects = answer.objects.iter().flat_map(|object| {
        let class = &object.class;
        match &object.shape {
            Shape::Cuboid3d(cuboid) => standing(class, cuboid, moments),
            Shape::Points3d(_) => Vec::new(),
            shape => {
                let (outline, places) = (shape.outline(), shape.places());
                vec![Region { class, outline, heights: None, places }]
            }
        }
    });
    let spans = answer.spans.iter().map(|span| {
        let (class, outline) = (&span.class, span.outline());
        Region { class, outline, heights: None, places: Vec::new() }
    });
    objects.chain(spans).collect()
}

/// A cuboid at each of the moments at which it is there (A43).
fn standing<'a>(class: &'a str, cuboid: &Cuboid, moments: &[u64]) -> Vec<Region<'a>> {
    let stands = moments.iter().enumerate().filter_map(|(nth, moment)| {
        let stand = cuboid.at(*moment)?;
        let aside = nth as f64 * APART_METRES;
        let outline = stand.footprint(cuboid.size).map(|[x, y]| [x + aside, y]).to_vec();
        let (z, half) = (stand.centre[2], cuboid.size[2] / 2.0);
        let heights = Some([z - half, z + half]);
        Some(Region { class, outline, heights, places: Vec::new() })
    });
    stands.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(choice: Option<&str>, spans: &[(&str, u64, u64)]) -> Answer {
        let spans: Vec<Value> = spans
            .iter()
            .enumerate()
            .map(|(i, (class, start, end))| json!({ "id": format!("s{i}"), "class": class, "start": start, "end": end }))
            .collect();
        let choices: Vec<&str> = choice.into_iter().collect();
        serde_json::from_value(json!({ "spans": spans, "choices": choices })).unwrap()
    }

    #[test]
    fn points_agree_by_those_of_one_class() {
        let question = Question {
            media: Media::Cloud,
            shapes: vec![domain::projects::ShapeKind::Points3d],
            choice: None,
            spans: false,
        };
        let said = |marks: &[(&str, &[u64])]| {
            let objects = marks.iter().enumerate().map(|(i, (class, runs))| {
                let counts = domain::cuboids::Points::from_runs(0, 20, runs).counts;
                json!({ "id": format!("o{i}"), "class": class, "shape": { "type": "points3d", "cloud": 0, "points": 20, "counts": counts } })
            });
            serde_json::from_value::<Answer>(json!({ "objects": objects.collect::<Vec<_>>() }))
                .unwrap()
        };
        let one = said(&[("road", &[0, 10, 10]), ("car", &[10, 5, 5])]);
        let likeness = |other: &Answer| similarity(&question, &one, other);
        assert!((likeness(&one) - 1.0).abs() < 1e-12);
        // Ten of the fifteen are the same; of two classes of one point the later counts.
        assert!((likeness(&said(&[("road", &[0, 15, 5])])) - 10.0 / 15.0).abs() < 1e-12);
        assert!(
            (likeness(&said(&[("road", &[0, 15, 5]), ("car", &[10, 5, 5])])) - 1.0).abs() < 1e-12
        );
        assert!(likeness(&Answer::default()) < 1e-12);
        let opinion = of(&question, &[&one, &one, &Answer::default()]);
        assert!((opinion.agreement - 1.0 / 3.0).abs() < 1e-12 && opinion.voice < 2);
    }

    #[test]
    fn cuboids_agree_by_the_room_that_they_share_at_each_moment() {
        let question = Question {
            media: Media::Cloud,
            shapes: vec![domain::projects::ShapeKind::Cuboid3d],
            choice: None,
            spans: false,
        };
        let cuboid = |x: f64, z: f64, path: Value| {
            let shape = json!({ "type": "cuboid3d", "size": [4, 2, 2], "centre": [x, 0, z], "yaw": 0, "path": path });
            let object = json!({ "id": "a", "class": "car", "shape": shape });
            serde_json::from_value::<Answer>(json!({ "objects": [object] })).unwrap()
        };
        let still = |x: f64, z: f64| cuboid(x, z, json!([]));
        let likeness = |a: &Answer, b: &Answer| similarity(&question, a, b);
        // A metre along is 3 of 5 metres shared; two metres are a third.
        assert!((likeness(&still(0.0, 0.0), &still(1.0, 0.0)) - 1.0).abs() < 1e-12);
        assert!(likeness(&still(0.0, 0.0), &still(2.0, 0.0)) < 1e-12);
        // The same place from above, and another height.
        assert!(likeness(&still(0.0, 0.0), &still(0.0, 1.5)) < 1e-12);
        let moving = |to: f64| {
            let key = |frame: u64, x: f64| json!({ "frame": frame, "centre": [x, 0, 0], "yaw": 0 });
            cuboid(0.0, 0.0, json!([key(0, 0.0), key(2, to)]))
        };
        assert!((likeness(&moving(10.0), &moving(10.5)) - 1.0).abs() < 1e-12);
        assert!((likeness(&moving(10.0), &moving(20.0)) - 0.5).abs() < 1e-12);
        assert!((likeness(&moving(10.0), &still(0.0, 0.0)) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn tracks_agree_by_what_they_cover_in_all_frames() {
        let question = Question {
            media: Media::Video,
            shapes: vec![domain::projects::ShapeKind::Box],
            choice: None,
            spans: false,
        };
        let answer = |tracks: &[(&str, &[(u64, f64)])]| -> Answer {
            let tracks = tracks.iter().enumerate().map(|(i, (class, keyframes))| {
                let keyframes: Vec<Value> = keyframes
                    .iter()
                    .map(|(frame, x)| json!({ "frame": frame, "shape": { "type": "box", "x": x, "y": 0, "width": 10, "height": 10 } }))
                    .collect();
                json!({ "id": format!("t{i}"), "class": class, "keyframes": keyframes })
            });
            serde_json::from_value(json!({ "tracks": tracks.collect::<Vec<_>>() })).unwrap()
        };
        let one =
            answer(&[("car", &[(0, 0.0), (10, 50.0)]), ("truck", &[(0, 100.0), (10, 100.0)])]);
        for (other, want) in [
            // The same way, said at more keyframes and in another order.
            (
                answer(&[
                    ("truck", &[(0, 100.0), (10, 100.0)]),
                    ("car", &[(0, 0.0), (5, 25.0), (10, 50.0)]),
                ]),
                1.0,
            ),
            (answer(&[("car", &[(0, 2.0), (10, 52.0)])]), 2.0 / 3.0),
            (
                answer(&[("car", &[(0, 50.0), (10, 0.0)]), ("truck", &[(0, 100.0), (10, 100.0)])]),
                0.5,
            ),
            (answer(&[("truck", &[(0, 0.0), (10, 50.0)])]), 0.0),
            (answer(&[]), 0.0),
        ] {
            assert!((similarity(&question, &one, &other) - want).abs() < 1e-12, "{other:?}");
        }
        assert!((similarity(&question, &answer(&[]), &answer(&[])) - 1.0).abs() < 1e-12);
        let opinion = of(&question, &[&answer(&[]), &one, &one]);
        assert_eq!(opinion.voice, 1);
    }

    #[test]
    fn skeletons_agree_by_their_points() {
        let question = Question {
            media: Media::Image,
            shapes: vec![domain::projects::ShapeKind::Keypoints],
            choice: None,
            spans: false,
        };
        let person = |points: [[f64; 3]; 3]| -> Answer {
            let shape = json!({ "type": "keypoints", "points": points });
            serde_json::from_value(
                json!({ "objects": [{ "id": "a", "class": "p", "shape": shape }] }),
            )
            .unwrap()
        };
        let one = person([[0.0, 0.0, 2.0], [100.0, 0.0, 2.0], [50.0, 200.0, 2.0]]);
        for (other, want) in [
            (person([[2.0, 1.0, 2.0], [99.0, 2.0, 1.0], [52.0, 198.0, 2.0]]), 1.0),
            // Left and right taken for each other: the box around them is the same.
            (person([[100.0, 0.0, 2.0], [0.0, 0.0, 2.0], [50.0, 200.0, 2.0]]), 0.0),
            (person([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [50.0, 200.0, 2.0]]), 0.0),
        ] {
            assert!((similarity(&question, &one, &other) - want).abs() < 1e-12, "{other:?}");
        }
    }

    #[test]
    fn spans_agree_by_what_they_share() {
        let question = Question { media: Media::Text, shapes: vec![], choice: None, spans: true };
        let both = Question { choice: Some(ChoiceMode::Single), ..question.clone() };
        let one = answer(Some("praise"), &[("person", 0, 10), ("place", 20, 30)]);
        // Half of what both cover is enough, less is not; another class never is.
        for (other, want) in [
            (answer(Some("praise"), &[("place", 20, 30), ("person", 0, 10)]), 1.0),
            (answer(Some("praise"), &[("person", 0, 5), ("place", 20, 30)]), 1.0),
            (answer(Some("praise"), &[("person", 0, 4), ("place", 20, 30)]), 0.5),
            (answer(Some("praise"), &[("place", 0, 10), ("person", 20, 30)]), 0.0),
            (answer(Some("praise"), &[]), 0.0),
        ] {
            assert!((similarity(&question, &one, &other) - want).abs() < 1e-12, "{other:?}");
            assert!((similarity(&both, &one, &other) - (1.0 + want) / 2.0).abs() < 1e-12);
        }
        let empty = answer(None, &[]);
        assert!((similarity(&question, &empty, &empty) - 1.0).abs() < 1e-12);

        let near = answer(Some("blame"), &[("person", 0, 9), ("place", 20, 30)]);
        let far = answer(Some("blame"), &[]);
        let opinion = of(&question, &[&far, &one, &near]);
        assert_eq!(opinion.voice, 1);
        assert!((opinion.agreement - 1.0 / 3.0).abs() < 1e-12);
    }
}
