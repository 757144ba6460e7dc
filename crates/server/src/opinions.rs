//! What several answers of one task say together: answers in, figures out.

pub mod attributes;
pub(crate) mod marks;

use domain::answers::{Answer, Shape, Track};
use domain::cuboids::Cuboid;
use domain::projects::{ChoiceMode, CuboidLikeness, Media, Plan, Question};
use domain::workflow::Opinion;
use stats::agreement::{IOU_MIN, Region, Voice, f1, f1_of, jaccard, medoid, overlap, plurality};
use std::collections::{BTreeMap, BTreeSet};
use store::ProjectRow;

/// What is asked, and by what what was said is likened.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub question: &'a Question,
    pub cuboids: CuboidLikeness,
}

impl<'a> Asked<'a> {
    pub fn of(question: &'a Question, plan: &Plan) -> Self {
        Self { question, cuboids: plan.cuboids }
    }

    pub fn by(project: &'a ProjectRow) -> Self {
        Self::of(&project.question, &project.plan)
    }
}

/// How far answers agree, and which of them speaks for all.
pub fn of(asked: Asked<'_>, answers: &[&Answer]) -> Opinion {
    let question = asked.question;
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
        (choice, true) => of_regions(asked, answers, choice.is_some()),
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
pub fn nearest(asked: Asked<'_>, answers: &[&Answer], value: &Answer) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (number, answer) in answers.iter().enumerate() {
        let likeness = similarity(asked, answer, value);
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
pub fn has_part(asked: Asked<'_>, known: &Answer, answer: &Answer, id: &str) -> bool {
    if answer.choices.iter().any(|choice| choice == id) {
        return known.choices.iter().any(|choice| choice == id);
    }
    let apart = Apart::of(&[known, answer]);
    // Of one that moves, where it stands at each moment.
    let part = Answer {
        objects: answer.objects.iter().filter(|object| object.id == id).cloned().collect(),
        spans: answer.spans.iter().filter(|span| span.id == id).cloned().collect(),
        ..Answer::default()
    };
    let there = regions(asked, known, &apart);
    regions(asked, &part, &apart).iter().any(|part| {
        there.iter().any(|thing| thing.class == part.class && overlap(thing, part) >= IOU_MIN)
    })
}

/// How far two answers agree, 0 to 1. Where a choice is asked for besides spans, both count alike (A19).
pub fn similarity(asked: Asked<'_>, a: &Answer, b: &Answer) -> f64 {
    let question = asked.question;
    match (question.choice, asks_for_regions(question)) {
        (Some(_), false) => choice_likeness(a, b),
        (Some(_), true) => f64::midpoint(choice_likeness(a, b), regions_likeness(asked, a, b)),
        (None, true) if question.media == Media::Video => track_likeness(a, b),
        (None, true) => regions_likeness(asked, a, b),
        (None, false) => f64::from(u8::from(a.attributes == b.attributes)),
    }
}

pub fn choice_likeness(a: &Answer, b: &Answer) -> f64 {
    jaccard(&a.choices, &b.choices)
}

pub fn span_likeness(asked: Asked<'_>, a: &Answer, b: &Answer) -> f64 {
    regions_likeness(asked, a, b)
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

fn regions_likeness(asked: Asked<'_>, a: &Answer, b: &Answer) -> f64 {
    // Where points have classes besides cuboids, both count alike.
    if has_points(a) || has_points(b) {
        let points = points_likeness(a, b);
        let stands = |answer: &Answer| {
            answer.objects.iter().any(|object| matches!(object.shape, Shape::Cuboid3d(_)))
        };
        return if stands(a) || stands(b) {
            f64::midpoint(points, shapes_likeness(asked, a, b))
        } else {
            points
        };
    }
    shapes_likeness(asked, a, b)
}

fn shapes_likeness(asked: Asked<'_>, a: &Answer, b: &Answer) -> f64 {
    let apart = Apart::of(&[a, b]);
    f1(&regions(asked, a, &apart), &regions(asked, b, &apart), IOU_MIN)
}

/// F1 of tracks: those of one class that cover enough of the same in all frames together are one (A35, A38).
pub fn track_likeness(a: &Answer, b: &Answer) -> f64 {
    let pairs = a.tracks.iter().enumerate().flat_map(|(i, one)| {
        b.tracks.iter().enumerate().filter_map(move |(j, other)| {
            let overlap = match one.class == other.class {
                true if one.is_of_boxes() && other.is_of_boxes() => one.overlap(other),
                true => shapes_overlap(one, other),
                false => 0.0,
            };
            (overlap >= IOU_MIN).then_some((overlap, i, j))
        })
    });
    f1_of(a.tracks.len(), b.tracks.len(), pairs.collect())
}

/// Of the frames in which either of two tracks is seen, how alike their shapes are in the mean (A38).
fn shapes_overlap(one: &Track, other: &Track) -> f64 {
    let (mut alike, mut frames) = (0.0, 0.0);
    for frame in one.compared(other) {
        let seen = [one, other].map(|track| track.at(frame).map(|seen| seen.shape));
        if seen.iter().any(Option::is_some) {
            frames += 1.0;
        }
        let [Some(a), Some(b)] = seen else { continue };
        let region = |shape: &Shape| {
            let (outline, places) = (shape.outline(), shape.places());
            Region { class: &one.class, outline, heights: None, places }
        };
        alike += overlap(&region(&a), &region(&b));
    }
    if frames > 0.0 { alike / frames } else { 0.0 }
}

pub(crate) fn asks_for_regions(question: &Question) -> bool {
    question.spans || (question.choice.is_none() && !question.shapes.is_empty())
}

fn of_regions(asked: Asked<'_>, answers: &[&Answer], with_choice: bool) -> Voice {
    let apart = Apart::of(answers);
    let regions: Vec<Vec<Region<'_>>> =
        answers.iter().map(|answer| regions(asked, answer, &apart)).collect();
    medoid(answers.len(), |i, j| {
        let likeness = if has_points(answers[i]) || has_points(answers[j]) {
            regions_likeness(asked, answers[i], answers[j])
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

/// What keeps things apart that are of one class: the moments at which moving cuboids are compared, those at which
/// anybody says where one is (where nothing moves, there is one), and the cameras that saw them (A63).
struct Apart<'a> {
    moments: Vec<u64>,
    cameras: Vec<&'a str>,
}

impl<'a> Apart<'a> {
    fn of(answers: &[&'a Answer]) -> Self {
        let objects = answers.iter().flat_map(|answer| &answer.objects);
        let cameras: BTreeSet<&str> = objects.filter_map(|one| one.camera.as_deref()).collect();
        Self { moments: moments(answers), cameras: cameras.into_iter().collect() }
    }

    /// How far aside the things of a camera are put, so that they lie beside those of no other. Pixels.
    fn aside(&self, camera: Option<&str>) -> f64 {
        let nth = camera.and_then(|camera| self.cameras.binary_search(&camera).ok());
        nth.map_or(0.0, |nth| nth as f64 * APART_PIXELS)
    }
}

/// Farther than any picture is wide.
const APART_PIXELS: f64 = 131_072.0;

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

fn regions<'a>(asked: Asked<'_>, answer: &'a Answer, apart: &Apart<'_>) -> Vec<Region<'a>> {
    let objects = answer.objects.iter().flat_map(|object| {
        let class = &object.class;
        match &object.shape {
            Shape::Cuboid3d(cuboid) => standing(class, cuboid, &apart.moments, asked.cuboids),
            Shape::Points3d(_) => Vec::new(),
            shape => {
                let (mut outline, mut places) = (shape.outline(), shape.places());
                let aside = apart.aside(object.camera.as_deref());
                outline.iter_mut().for_each(|[x, _]| *x += aside);
                places.iter_mut().flatten().for_each(|[x, _]| *x += aside);
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

/// A cuboid at each of the moments at which it is there (A43): as high as it is, or as its ground (A46).
fn standing<'a>(
    class: &'a str,
    cuboid: &Cuboid,
    moments: &[u64],
    likeness: CuboidLikeness,
) -> Vec<Region<'a>> {
    let stands = moments.iter().enumerate().filter_map(|(nth, moment)| {
        let stand = cuboid.at(*moment)?;
        let aside = nth as f64 * APART_METRES;
        let outline = stand.footprint(cuboid.size).map(|[x, y]| [x + aside, y]).to_vec();
        let (z, half) = (stand.centre[2], cuboid.size[2] / 2.0);
        let heights = match likeness {
            CuboidLikeness::Room => Some([z - half, z + half]),
            CuboidLikeness::Ground => None,
        };
        Some(Region { class, outline, heights, places: Vec::new() })
    });
    stands.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn plainly(question: &Question) -> Asked<'_> {
        Asked::of(question, &Plan::default())
    }

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
        let likeness = |other: &Answer| similarity(plainly(&question), &one, other);
        assert!((likeness(&one) - 1.0).abs() < 1e-12);
        // Ten of the fifteen are the same; of two classes of one point the later counts.
        assert!((likeness(&said(&[("road", &[0, 15, 5])])) - 10.0 / 15.0).abs() < 1e-12);
        assert!(
            (likeness(&said(&[("road", &[0, 15, 5]), ("car", &[10, 5, 5])])) - 1.0).abs() < 1e-12
        );
        assert!(likeness(&Answer::default()) < 1e-12);
        let opinion = of(plainly(&question), &[&one, &one, &Answer::default()]);
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
        let likeness = |a: &Answer, b: &Answer| similarity(plainly(&question), a, b);
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
    fn tracks_of_other_shapes_agree_by_how_alike_they_are_in_the_mean() {
        let track = |class: &str, keyframes: Value| {
            serde_json::from_value::<Answer>(
                json!({ "tracks": [{ "id": "a", "class": class, "keyframes": keyframes }] }),
            )
            .unwrap()
        };
        let triangle = |frame: u64, x: f64| json!({ "frame": frame, "shape": { "type": "polygon", "points": [[x, 0], [x + 20.0, 0], [x, 20]] } });
        let moving = track("car", json!([triangle(0, 0.0), triangle(10, 50.0)]));
        let more = track("car", json!([triangle(0, 0.0), triangle(5, 25.0), triangle(10, 50.0)]));
        assert!((track_likeness(&moving, &more) - 1.0).abs() < 1e-12);
        assert!(track_likeness(&moving, &track("car", json!([triangle(0, 0.0)]))) < 1e-12);
        // What has no inside counts as far as it is thick.
        let point = |frame: u64, x: f64| json!({ "frame": frame, "shape": { "type": "point", "x": x, "y": 9 } });
        let (a, b) = (track("sign", json!([point(0, 0.0)])), track("sign", json!([point(0, 3.0)])));
        assert!((track_likeness(&a, &b) - 1.0).abs() < 1e-12);
        assert!(track_likeness(&a, &track("sign", json!([point(0, 40.0)]))) < 1e-12);
        assert!(track_likeness(&a, &track("car", json!([point(0, 0.0)]))) < 1e-12);
    }

    const REFERENCES: [([f64; 7], [f64; 7], f64, f64); 12] = [
        (
            [4.92, 9.67, 0.59, 4.88, 2.02, 1.95, -2.83],
            [4.87, 10.2, 0.74, 5.2, 1.87, 1.94, -3.08],
            0.547367452534,
            0.484680830853,
        ),
        (
            [1.75, 2.96, -0.97, 3.43, 1.7, 1.95, 1.59],
            [1.27, 3.32, -1.33, 3.52, 1.55, 1.75, 1.96],
            0.494558005737,
            0.362463898076,
        ),
        (
            [-11.62, -11.38, 0.96, 4.74, 1.7, 1.98, 0.24],
            [-11.37, -11.73, 1.4, 4.89, 1.89, 2.14, 0.04],
            0.605867556495,
            0.420277487208,
        ),
        (
            [-5.55, -13.36, -0.71, 3.13, 1.71, 1.76, -2.98],
            [-5.3, -13.55, -0.9, 3.38, 1.7, 1.69, -3.0],
            0.681136111071,
            0.564448413145,
        ),
        (
            [8.19, -17.72, 0.95, 3.05, 2.02, 1.91, -2.89],
            [8.59, -17.88, 1.03, 2.66, 1.84, 1.78, -2.43],
            0.588311063875,
            0.545392546434,
        ),
        (
            [-12.14, 10.23, 0.86, 4.88, 1.74, 1.61, 0.15],
            [-11.75, 9.76, 1.11, 5.12, 1.88, 1.42, 0.6],
            0.430573295104,
            0.337441236608,
        ),
        (
            [-16.35, -6.37, 0.22, 4.84, 1.74, 1.95, 0.27],
            [-16.61, -6.59, -0.1, 4.5, 1.6, 2.03, 0.77],
            0.486155022899,
            0.379219460941,
        ),
        (
            [-13.54, -18.06, 0.97, 4.07, 1.78, 1.54, 0.56],
            [-13.08, -18.11, 0.89, 3.71, 1.95, 1.35, 0.55],
            0.624617680057,
            0.560494479496,
        ),
        (
            [13.54, -14.78, 0.46, 4.9, 1.94, 1.87, -2.36],
            [13.45, -15.2, 0.8, 4.74, 1.92, 2.07, -2.01],
            0.590779228178,
            0.444297236729,
        ),
        (
            [19.04, -1.86, -0.02, 4.46, 1.84, 1.57, -0.58],
            [18.55, -2.01, 0.47, 4.83, 1.89, 1.57, -0.74],
            0.565462417646,
            0.330630259803,
        ),
        (
            [-16.43, -9.11, 0.56, 4.73, 1.75, 1.87, 1.65],
            [-16.43, -9.11, 3.56, 4.73, 1.75, 1.87, 1.65],
            1.000000000000,
            0.000000000000,
        ),
        (
            [10.79, 7.64, -0.41, 4.89, 1.95, 1.75, -2.93],
            [19.86, 7.34, -0.24, 4.86, 2.08, 1.81, -2.63],
            0.000000000000,
            0.000000000000,
        ),
    ];

    /// By shapely 2.2.0: the ground that two turned boxes share, `a.intersection(b).area / a.union(b).area`; the room is that of KITTI's development kit
    /// (`evaluate_object.cpp`, `box3DOverlap`): what they share of the ground times what they share of the height, of the room of both less that.
    #[test]
    fn cuboids_share_what_the_references_say() {
        let boxed = |[x, y, z, l, w, h, yaw]: [f64; 7]| {
            let shape =
                json!({ "type": "cuboid3d", "size": [l, w, h], "centre": [x, y, z], "yaw": yaw });
            let object = json!({ "id": "a", "class": "car", "shape": shape });
            serde_json::from_value::<Answer>(json!({ "objects": [object] })).unwrap()
        };
        let question = Question {
            media: Media::Cloud,
            shapes: vec![domain::projects::ShapeKind::Cuboid3d],
            choice: None,
            spans: false,
        };
        let by = |cuboids| Asked { question: &question, cuboids };
        let shared = |a: &Answer, b: &Answer, asked| {
            overlap(&regions(asked, a, &[0])[0], &regions(asked, b, &[0])[0])
        };
        for (a, b, ground, room) in REFERENCES {
            let (a, b) = (boxed(a), boxed(b));
            let found = [CuboidLikeness::Ground, CuboidLikeness::Room]
                .map(|by_what| shared(&a, &b, by(by_what)));
            assert!(
                (found[0] - ground).abs() < 1e-9 && (found[1] - room).abs() < 1e-9,
                "{found:?} {ground} {room}"
            );
            let same = |by_what| similarity(by(by_what), &a, &b) > 0.5;
            assert_eq!(same(CuboidLikeness::Ground), ground >= IOU_MIN);
            assert_eq!(same(CuboidLikeness::Room), room >= IOU_MIN);
        }
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
            assert!(
                (similarity(plainly(&question), &one, &other) - want).abs() < 1e-12,
                "{other:?}"
            );
        }
        assert!((similarity(plainly(&question), &answer(&[]), &answer(&[])) - 1.0).abs() < 1e-12);
        let opinion = of(plainly(&question), &[&answer(&[]), &one, &one]);
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
            assert!(
                (similarity(plainly(&question), &one, &other) - want).abs() < 1e-12,
                "{other:?}"
            );
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
            assert!(
                (similarity(plainly(&question), &one, &other) - want).abs() < 1e-12,
                "{other:?}"
            );
            assert!((similarity(plainly(&both), &one, &other) - (1.0 + want) / 2.0).abs() < 1e-12);
        }
        let empty = answer(None, &[]);
        assert!((similarity(plainly(&question), &empty, &empty) - 1.0).abs() < 1e-12);

        let near = answer(Some("blame"), &[("person", 0, 9), ("place", 20, 30)]);
        let far = answer(Some("blame"), &[]);
        let opinion = of(plainly(&question), &[&far, &one, &near]);
        assert_eq!(opinion.voice, 1);
        assert!((opinion.agreement - 1.0 / 3.0).abs() < 1e-12);
    }
}
