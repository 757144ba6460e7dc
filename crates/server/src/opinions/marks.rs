//! Objects and spans of several answers, brought together into those that they share (F9).
//!
//! Marks are matched by overlap, whatever their shape (A15). The consensus of an object has the shape that most of its marks have: of boxes and points the weighed
//! mean, of masks what STAPLE makes of them, of spans their weighed middle, of skeletons point by point; of all other shapes that which was drawn nearest to what
//! all of them cover, so that corners stay where a person set them.

use super::{Fused, Part};
use domain::answers::{Answer, Object, Shape, Span};
use domain::limits;
use serde_json::Value;
use stats::masks::Mask;
use stats::objects::{
    Mark, Object as Place, Options, Outline, Rect, Scene, Seen, Shape as Marked, Span as Stretch,
    Witnesses,
};
use std::collections::{BTreeMap, HashMap};

/// What one answer marks in one place, ready to be compared.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "a table is all of spans or all of figures")]
pub(crate) enum Drawn {
    Span(Stretch),
    /// In which of several pictures it is counts as much as where in it (A63).
    Figure {
        shape: Shape,
        outline: Outline,
        mask: Option<Mask>,
        camera: Option<String>,
    },
}

impl Drawn {
    fn of_shape(shape: &Shape, camera: Option<String>) -> Self {
        let mask = match shape {
            Shape::Mask(mask) => unpacked(mask),
            _ => None,
        };
        Drawn::Figure { shape: shape.clone(), outline: Outline(shape.outline()), mask, camera }
    }

    fn of_span(span: &Span) -> Self {
        let place = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
        Drawn::Span(Stretch { start: place(span.start), end: place(span.end) })
    }
}

/// Column by column, where masks of `stats` go row by row: its overlaps and its STAPLE know no direction.
fn unpacked(mask: &domain::mask::Mask) -> Option<Mask> {
    let runs: Option<Vec<u32>> =
        mask.runs()?.into_iter().map(|run| u32::try_from(run).ok()).collect();
    Mask::new(mask.height, mask.width, &runs?).ok()
}

fn packed(mask: &Mask) -> domain::mask::Mask {
    let runs: Vec<u64> = mask.runs().iter().map(|run| u64::from(*run)).collect();
    domain::mask::Mask::from_runs(mask.width(), mask.height(), &runs)
}

impl Marked for Drawn {
    fn overlap(&self, other: &Self) -> f64 {
        match (self, other) {
            (Drawn::Span(a), Drawn::Span(b)) => a.overlap(b),
            (Drawn::Figure { camera: a, .. }, Drawn::Figure { camera: b, .. }) if a != b => 0.0,
            (Drawn::Figure { mask: Some(a), .. }, Drawn::Figure { mask: Some(b), .. }) => {
                a.overlap(b)
            }
            (Drawn::Figure { outline: a, .. }, Drawn::Figure { outline: b, .. }) => a.overlap(b),
            (Drawn::Span(_), Drawn::Figure { .. }) | (Drawn::Figure { .. }, Drawn::Span(_)) => 0.0,
        }
    }

    fn fused(marks: &[(&Self, f64)]) -> Self {
        let spans: Vec<(&Stretch, f64)> = marks
            .iter()
            .filter_map(|(mark, weight)| match mark {
                Drawn::Span(span) => Some((span, *weight)),
                Drawn::Figure { .. } => None,
            })
            .collect();
        if !spans.is_empty() {
            return Drawn::Span(Stretch::fused(&spans));
        }
        let figures: Vec<(&Shape, &Outline, Option<&Mask>, f64)> = marks
            .iter()
            .filter_map(|(mark, weight)| match mark {
                Drawn::Figure { shape, outline, mask, .. } => {
                    Some((shape, outline, mask.as_ref(), *weight))
                }
                Drawn::Span(_) => None,
            })
            .collect();
        // Marks of two cameras share nothing, so that these are of one.
        let camera = marks.iter().find_map(|(mark, _)| match mark {
            Drawn::Figure { camera, .. } => camera.clone(),
            Drawn::Span(_) => None,
        });
        Drawn::of_shape(&fused_figure(&figures), camera)
    }

    fn square(&self, from: &Self, size_of: &Self) -> f64 {
        match (self, from, size_of) {
            (Drawn::Span(a), Drawn::Span(b), Drawn::Span(size)) => a.square(b, size),
            (
                Drawn::Figure { shape: a @ Shape::Box { .. }, .. },
                Drawn::Figure { shape: b @ Shape::Box { .. }, .. },
                Drawn::Figure { shape: size, .. },
            ) => Rect(a.bounds()).square(&Rect(b.bounds()), &Rect(size.bounds())),
            _ => (1.0 - self.overlap(from)).powi(2),
        }
    }
}

type Figure<'a> = (&'a Shape, &'a Outline, Option<&'a Mask>, f64);

/// The consensus of figures of one object; there is at least one.
fn fused_figure(figures: &[Figure<'_>]) -> Shape {
    let weight_of = |kind| {
        let alike = figures.iter().filter(|(shape, ..)| shape.kind() == kind);
        alike.map(|(.., weight)| weight).sum::<f64>()
    };
    // Of kinds that weigh alike the first.
    let mut kind = figures[0].0.kind();
    for (shape, ..) in figures {
        if weight_of(shape.kind()) > weight_of(kind) * (1.0 + 1e-9) {
            kind = shape.kind();
        }
    }
    let alike: Vec<&Figure<'_>> =
        figures.iter().filter(|(shape, ..)| shape.kind() == kind).collect();
    let weight = weight_of(kind);
    let mean = |of: &dyn Fn(&Shape) -> f64| {
        alike.iter().map(|(shape, .., w)| w * of(shape)).sum::<f64>() / weight
    };
    let nearest = || {
        let outlines: Vec<(&Outline, f64)> =
            alike.iter().map(|(_, outline, _, weight)| (*outline, *weight)).collect();
        alike[Outline::nearest(&outlines)].0.clone()
    };
    match alike[0].0 {
        Shape::Box { .. } => {
            let [x, y, right, bottom] = std::array::from_fn(|edge| mean(&|s| s.bounds()[edge]));
            Shape::Box { x, y, width: right - x, height: bottom - y }
        }
        Shape::Point { .. } => {
            Shape::Point { x: mean(&|s| s.bounds()[0]), y: mean(&|s| s.bounds()[1]) }
        }
        Shape::Keypoints { .. } => skeleton(&alike),
        Shape::Mask(_) => {
            let masks: Option<Vec<(&Mask, f64)>> =
                alike.iter().map(|(_, _, mask, weight)| Some(((*mask)?, *weight))).collect();
            let together = masks.map(|masks| Mask::fused(&masks)).filter(|mask| mask.area() > 0);
            together.map_or_else(nearest, |mask| Shape::Mask(packed(&mask)))
        }
        Shape::Turned { .. }
        | Shape::Polygon { .. }
        | Shape::Line { .. }
        | Shape::Ellipse { .. }
        | Shape::Solid { .. }
        | Shape::Cuboid3d(_)
        | Shape::Points3d(_) => nearest(),
    }
}

/// Each point is as most say that it is (absent, hidden, visible), and where those who say that it is anywhere put it on average.
fn skeleton(alike: &[&Figure<'_>]) -> Shape {
    let drawn: Vec<(&[[f64; 3]], f64)> = alike
        .iter()
        .filter_map(|(shape, .., weight)| match shape {
            Shape::Keypoints { points } => Some((&points[..], *weight)),
            _ => None,
        })
        .collect();
    let count = drawn.iter().map(|(points, _)| points.len()).min().unwrap_or(0);
    let points = (0..count).map(|at| {
        let mut states = [0.0; 3];
        let (mut x, mut y, mut sum) = (0.0, 0.0, 0.0);
        for (points, weight) in &drawn {
            let [px, py, state] = points[at];
            states[(state.clamp(0.0, 2.0)) as usize] += weight;
            if state > 0.0 {
                (x, y, sum) = (x + weight * px, y + weight * py, sum + weight);
            }
        }
        if states[0] > states[1] + states[2] {
            return [0.0, 0.0, 0.0];
        }
        [x / sum, y / sum, if states[2] >= states[1] { 2.0 } else { 1.0 }]
    });
    Shape::Keypoints { points: points.collect() }
}

/// Marks of several answers as `stats` reads them. `who` is the number of each answer's author.
pub(crate) struct Table {
    pub seen: Seen<Drawn>,
    /// Of each mark: its answer, and its place among that answer's objects or spans.
    from: Vec<(usize, usize)>,
}

/// Nothing where a class has no number, or there are more marks than are brought together in one go.
pub(crate) fn table(classes: &HashMap<String, usize>, answers: &[(u32, &Answer)]) -> Option<Table> {
    let count = answers.iter().map(|(_, answer)| answer.objects.len() + answer.spans.len());
    if count.sum::<usize>() > limits::FUSED_MARKS_MAX {
        return None;
    }
    let (mut marks, mut from) = (Vec::new(), Vec::new());
    for (number, (who, answer)) in answers.iter().enumerate() {
        let objects =
            answer.objects.iter().map(|o| (&o.class, Drawn::of_shape(&o.shape, o.camera.clone())));
        let spans = answer.spans.iter().map(|s| (&s.class, Drawn::of_span(s)));
        for (at, (class, shape)) in objects.chain(spans).enumerate() {
            let class = *classes.get(class)? as u32;
            marks.push(Mark { contributor: *who, class, shape });
            from.push((number, at));
        }
    }
    let contributors = answers.iter().map(|(who, _)| *who).collect();
    Some(Table { seen: Seen { contributors, marks }, from })
}

/// What the marks of several answers say together, by nobody's rules but those of a crowd that is not known.
pub(crate) fn plain(answers: &[&Answer]) -> Option<Fused> {
    let mut classes = HashMap::new();
    for class in answers.iter().flat_map(|answer| {
        let objects = answer.objects.iter().map(|object| &object.class);
        objects.chain(answer.spans.iter().map(|span| &span.class))
    }) {
        let next = classes.len();
        classes.entry(class.clone()).or_insert(next);
    }
    let numbered: Vec<(u32, &Answer)> = (0..).zip(answers.iter().copied()).collect();
    let table = table(&classes, &numbered)?;
    let scene = Witnesses::unknown(classes.len()).scene(&table.seen, &Options::default());
    Some(fused(answers, &table, &scene))
}

/// An answer of what is there, and how sure each part of it is.
pub(crate) fn fused(answers: &[&Answer], table: &Table, scene: &Scene<Drawn>) -> Fused {
    let mut value =
        Answer { attributes: common(answers.iter().map(|a| &a.attributes)), ..Answer::default() };
    let mut parts = Vec::new();
    let least = Options::default().presence_min;
    for place in scene.places.iter().filter(|place| place.presence >= least) {
        let id = id_of(answers, table, place, &parts);
        let class = class_of(answers, table, place);
        let of_class: Vec<&BTreeMap<String, Value>> = place
            .marks
            .iter()
            .filter(|mark| table.seen.marks[**mark].class as usize == place.class)
            .map(|mark| thing(answers, table.from[*mark]).2)
            .collect();
        let attributes = common(of_class.into_iter());
        match &place.shape {
            Drawn::Figure { shape, camera, .. } => {
                let (shape, camera) = (shape.clone(), camera.clone());
                value.objects.push(Object {
                    id: id.clone(),
                    class,
                    shape,
                    attributes,
                    group: None,
                    camera,
                });
            }
            Drawn::Span(Stretch { start, end }) => {
                let (start, end) = (u64::from(*start), u64::from(*end));
                let is_there = value
                    .spans
                    .iter()
                    .any(|span| (&span.class, span.start, span.end) == (&class, start, end));
                if is_there {
                    continue;
                }
                value.spans.push(Span {
                    id: id.clone(),
                    class,
                    start,
                    end,
                    attributes,
                    group: None,
                });
            }
        }
        let marks = place.marks.iter().map(|mark| {
            let from = table.from[*mark];
            (from.0, thing(answers, from).1.to_string())
        });
        parts.push(Part {
            id,
            presence: place.presence,
            confidence: place.confidence,
            claimed: None,
            marks: marks.collect(),
        });
    }
    Fused { value, parts }
}

/// The first id that one of the marks has, so that answers which say the same say it together, too; another where that is taken.
fn id_of(answers: &[&Answer], table: &Table, place: &Place<Drawn>, parts: &[Part]) -> String {
    let is_free = |id: &str| parts.iter().all(|part| part.id != id);
    let mut own = place.marks.iter().map(|mark| thing(answers, table.from[*mark]).1);
    let own = own.find(|id| is_free(id)).map(String::from);
    let mut made = (parts.len() + 1..).map(|number| format!("c{number}"));
    own.or_else(|| made.find(|id| is_free(id))).unwrap_or_default()
}

fn class_of(answers: &[&Answer], table: &Table, place: &Place<Drawn>) -> String {
    let named =
        place.marks.iter().find(|mark| table.seen.marks[**mark].class as usize == place.class);
    // The class of a place is one that somebody gave it.
    let mark = named.or(place.marks.first()).copied().unwrap_or_default();
    thing(answers, table.from[mark]).0.to_string()
}

/// The class, the id and the attributes of what an answer marked.
fn thing<'a>(
    answers: &[&'a Answer],
    (answer, at): (usize, usize),
) -> (&'a str, &'a str, &'a BTreeMap<String, Value>) {
    let answer = answers[answer];
    match answer.objects.get(at) {
        Some(object) => (&object.class, &object.id, &object.attributes),
        None => {
            let span = &answer.spans[at - answer.objects.len()];
            (&span.class, &span.id, &span.attributes)
        }
    }
}

/// Of each attribute what most say; of numbers the middle one.
pub(crate) fn common<'a>(
    all: impl Iterator<Item = &'a BTreeMap<String, Value>>,
) -> BTreeMap<String, Value> {
    let mut by_key: BTreeMap<&String, Vec<&Value>> = BTreeMap::new();
    let mut count = 0;
    for attributes in all {
        count += 1;
        for (key, value) in attributes {
            by_key.entry(key).or_default().push(value);
        }
    }
    let mut common = BTreeMap::new();
    for (key, values) in by_key {
        // Most left it out.
        if 2 * values.len() < count {
            continue;
        }
        let numbers: Option<Vec<f64>> = values.iter().map(|value| value.as_f64()).collect();
        let chosen = match numbers {
            Some(mut numbers) => {
                numbers.sort_by(f64::total_cmp);
                let middle = numbers[(numbers.len() - 1) / 2];
                values.iter().find(|value| value.as_f64() == Some(middle)).copied()
            }
            None => values.get(stats::agreement::plurality(&values).index).copied(),
        };
        common.extend(chosen.map(|value| (key.clone(), value.clone())));
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(value: Value) -> Answer {
        serde_json::from_value(value).unwrap()
    }

    fn object(id: &str, class: &str, shape: Value) -> Value {
        json!({ "id": id, "class": class, "shape": shape })
    }

    #[test]
    fn what_most_marked_is_there_where_they_marked_it_on_average() {
        let square =
            |x: f64| json!({ "type": "box", "x": x, "y": 0.0, "width": 10.0, "height": 10.0 });
        let a = answer(
            json!({ "objects": [object("a1", "car", square(0.0)), object("a2", "sign", square(80.0))] }),
        );
        let b = answer(json!({ "objects": [object("b1", "car", square(2.0))] }));
        let c = answer(json!({ "objects": [object("c1", "van", square(1.0))] }));
        let found = plain(&[&a, &b, &c]).unwrap();
        let [one] = &found.value.objects[..] else { panic!("{:?}", found.value) };
        assert_eq!((one.class.as_str(), one.shape.bounds()), ("car", [1.0, 0.0, 11.0, 10.0]));
        let from: Vec<(usize, &str)> =
            found.parts[0].marks.iter().map(|(answer, id)| (*answer, id.as_str())).collect();
        assert_eq!(from, [(0, "a1"), (1, "b1"), (2, "c1")]);
        assert!(
            found.parts[0].presence > 0.9 && found.parts[0].confidence < found.parts[0].presence
        );
        // Nobody marked anything: that is an answer too.
        let nothing = Answer::default();
        assert_eq!(plain(&[&nothing, &nothing]).unwrap().value, nothing);
    }

    #[test]
    fn each_shape_stays_what_it_is() {
        let polygon = |x: f64| json!({ "type": "polygon", "points": [[x, 0.0], [x + 9.0, 0.0], [x + 9.0, 9.0], [x, 9.0]] });
        let ellipse = |x: f64| json!({ "type": "ellipse", "cx": x, "cy": 50.0, "rx": 9.0, "ry": 5.0, "degrees": 0.0 });
        let point = |x: f64| json!({ "type": "point", "x": x, "y": 90.0 });
        let pose = |x: f64, state: f64| json!({ "type": "keypoints", "points": [[x, 120.0, state], [x + 30.0, 150.0, 2.0]] });
        let mask = |left: u64| {
            // Columns of four: a strip two wide.
            let mask = domain::mask::Mask::from_runs(4, 20, &[left * 4, 8, 72 - left * 4]);
            json!({ "type": "mask", "height": 4, "width": 20, "counts": mask.counts })
        };
        let one = |x: f64, state: f64, left: u64| {
            answer(json!({ "objects": [
                object("a", "car", polygon(x)),
                object("b", "car", ellipse(x)),
                object("c", "car", point(x)),
                object("d", "car", pose(x, state)),
                object("e", "car", mask(left)),
            ]}))
        };
        // Masks and polygons cover the same corner: far from it, they are told apart.
        let answers = [one(30.0, 2.0, 3), one(30.3, 1.0, 3), one(30.6, 1.0, 4)];
        let found = plain(&answers.iter().collect::<Vec<_>>()).unwrap().value.objects;
        assert_eq!(found.len(), 5, "{found:?}");
        let of = |at: usize| serde_json::to_value(&found[at].shape).unwrap();
        // The middle one of three, as somebody drew it.
        assert_eq!(of(0), polygon(30.3));
        assert_eq!(of(1), ellipse(30.3));
        assert_eq!(of(3)["points"][0][2], 1.0);
        let Shape::Point { x, .. } = found[2].shape else { panic!("{found:?}") };
        assert!((x - 30.3).abs() < 1e-9);
        assert_eq!(of(4), mask(3));
    }

    #[test]
    fn spans_take_the_middle_and_attributes_what_most_say() {
        let span = |start: u64, end: u64, sure: bool, count: i64| {
            let attributes = json!({ "sure": sure, "count": count });
            answer(
                json!({ "spans": [{ "id": "s", "class": "name", "start": start, "end": end, "attributes": attributes }] }),
            )
        };
        let answers = [span(3, 9, true, 1), span(4, 9, true, 7), span(3, 12, false, 2)];
        let found = plain(&answers.iter().collect::<Vec<_>>()).unwrap().value;
        let [one] = &found.spans[..] else { panic!("{found:?}") };
        assert_eq!((one.start, one.end), (3, 9));
        assert_eq!(json!(one.attributes), json!({ "sure": true, "count": 2 }));
    }
}
