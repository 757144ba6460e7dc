//! What another tool said of an item, as an answer to the question of a project: what has no place in it is
//! counted, and so is every shape that becomes another one.

use std::collections::BTreeMap;

use domain::answers::{Answer, Bounds, Object, Span};
use domain::ontology::{Attribute, Kind, Ontology, Skeleton};
use domain::projects::{ChoiceMode, Question, ShapeKind};
use domain::relations::{GROUP_MAX, Judge, Relation};
use domain::shapes::{self, Shape as Ours};
use serde_json::{Map, Value, json};

use super::survey::{find_attribute, find_class, find_relation};
use super::{Cuboid, Item, Mark, Place, Shape, lose_mark};
use crate::loss::LossReport;

/// By how much a shape may reach over the edge of its picture without a word about it: tools round.
const EDGE_PIXELS: f64 = 0.01;

/// How far an outline may lie from the edge of the mask that it stands for, and how large a mask may be to get one.
const OUTLINE_PIXELS: f64 = 1.0;
const PIXELS_MAX: u64 = 200_000_000;

/// Says whose marks an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of the first person who was asked.
    People,
    /// Of the first model.
    Model,
}

/// Takes apart what several people said of an item: each with a name, and with the item as only that person saw it. Of
/// several answers of one person the first counts (the others are counted); what a model said is in none.
pub fn apart(
    item: &Item,
    groups_are_answers: bool,
    losses: &mut LossReport,
) -> Vec<(String, Item)> {
    let mut found: Vec<(Option<&str>, Option<i64>, Vec<Mark>)> = Vec::new();
    for mark in item.marks.iter().filter(|mark| mark.model.is_none()) {
        let (by, group) = (mark.by.as_deref(), mark.group.filter(|_| groups_are_answers));
        let mut own = mark.clone();
        if groups_are_answers {
            own.group = None;
        }
        own.by = None;
        match found.iter_mut().find(|(who, nth, _)| (*who, *nth) == (by, group)) {
            Some((.., marks)) => marks.push(own),
            None => found.push((by, group, vec![own])),
        }
    }
    let mut people: Vec<(String, Item)> = Vec::new();
    for (nth, (by, _, marks)) in found.into_iter().enumerate() {
        let name = by.map_or_else(|| format!("annotator {}", nth + 1), str::to_owned);
        if people.iter().any(|(known, _)| *known == name) {
            losses.add("another_answer_of_the_same_person", || format!("{}: {name}", item.name));
            continue;
        }
        let has = |id: &str| marks.iter().any(|mark| mark.id.as_deref() == Some(id));
        let links = item.links.iter().filter(|link| has(&link.from) && has(&link.to)).cloned();
        let links = links.collect();
        people.push((name, Item { marks, links, ..item.clone() }));
    }
    people
}

/// Fits items into the question of a project.
pub struct Fit<'a> {
    pub question: &'a Question,
    pub ontology: &'a Ontology,
    /// What some classes of the data set become: the key of a class, or nothing where they are left out.
    /// The others are found by name.
    pub classes: &'a BTreeMap<String, Option<String>>,
    /// Whether a group of marks is what another person said of the same item, as in Label Studio's tasks,
    /// and not what belongs together.
    pub groups_are_answers: bool,
}

impl Fit<'_> {
    /// Returns the class of the project for a class of the data set.
    pub fn class(&self, name: &str) -> Option<&str> {
        match self.classes.get(name) {
            Some(given) => given.as_deref(),
            None => {
                let at = find_class(self.ontology, name)?;
                Some(&self.ontology.classes[at].key)
            }
        }
    }

    /// Returns what was said of an item whose picture is of this size; none where nothing that was said fits.
    pub fn answer(
        &self,
        item: &Item,
        whose: Whose,
        size: Option<[f64; 2]>,
        losses: &mut LossReport,
    ) -> Option<Answer> {
        let model = item.marks.iter().find_map(|mark| mark.model.as_deref());
        let first = item.marks.iter().find(|mark| mark.model.is_none());
        let person = first.and_then(|mark| mark.by.as_deref());
        let mut answer = Answer::default();
        // What the things that the file names are called in the answer.
        let mut ids: BTreeMap<&str, String> = BTreeMap::new();
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            match (whose, mark.model.as_deref()) {
                (Whose::People, Some(_)) => {
                    losses.add("prediction", place);
                    continue;
                }
                (Whose::Model, None) => continue,
                (Whose::Model, given) if given != model => {
                    losses.add("prediction_of_another_model", place);
                    continue;
                }
                _ => {}
            }
            let another = mark.group.is_some() && self.groups_are_answers;
            if another || whose == Whose::People && mark.by.as_deref() != person {
                losses.add("another_answer", place);
                continue;
            }
            let (objects, spans) = (answer.objects.len(), answer.spans.len());
            self.mark(item, mark, size, &mut answer, losses);
            let object = answer.objects.get(objects).map(|object| &object.id);
            let made = object.or_else(|| answer.spans.get(spans).map(|span| &span.id));
            if let (Some(given), Some(made)) = (&mark.id, made) {
                ids.entry(given).or_insert_with(|| made.clone());
            }
        }
        if whose == Whose::People {
            let mut judge = Judge::new(self.ontology, &answer, self.question);
            let mut relations = Vec::new();
            for link in &item.links {
                let found = find_relation(self.ontology, &link.class);
                let ends = ids.get(&*link.from).zip(ids.get(&*link.to));
                let relation = found.zip(ends).map(|(at, (from, to))| Relation {
                    relation: self.ontology.relations[at].key.clone(),
                    from: from.clone(),
                    to: to.clone(),
                });
                match relation.filter(|relation| judge.faults(relation).is_empty()) {
                    Some(relation) => relations.push(relation),
                    None => losses
                        .add("relation", || format!("{}: {} to {}", item.name, link.from, link.to)),
                }
            }
            answer.relations = relations;
        }
        let said = !answer.objects.is_empty()
            || !answer.spans.is_empty()
            || !answer.choices.is_empty()
            || !answer.attributes.is_empty();
        said.then_some(answer)
    }

    pub(super) fn mark(
        &self,
        item: &Item,
        mark: &Mark,
        size: Option<[f64; 2]>,
        answer: &mut Answer,
        losses: &mut LossReport,
    ) {
        let place = || format!("{}: {}", item.name, mark.class);
        lose_mark(item, mark, &["id", "attributes", "model", "group"], losses);
        match &mark.place {
            Place::Whole => {
                if mark.group.is_some() {
                    losses.add("group", place);
                }
                self.attributes(item, mark, true, None, &mut answer.attributes, losses);
                if mark.class.is_empty() {
                    return;
                }
                let (Some(mode), Some(class)) = (self.question.choice, self.class(&mark.class))
                else {
                    let kind = match self.question.choice {
                        Some(_) => "class_not_in_ontology",
                        None => "class_of_the_whole_item",
                    };
                    return losses.add(kind, place);
                };
                if answer.choices.iter().any(|chosen| chosen == class) {
                    return;
                }
                if mode == ChoiceMode::Single && !answer.choices.is_empty() {
                    return losses.add("second_choice", place);
                }
                answer.choices.push(class.into());
            }
            Place::Shape(_) if mark.crowd => {}
            Place::Shape(_) if mark.class.is_empty() => losses.add("without_class", place),
            Place::Shape(shape) => {
                let Some(class) = self.class(&mark.class) else {
                    return losses.add("class_not_in_ontology", place);
                };
                let shapes = self.shapes(shape, class, size, &place, losses);
                let mut attributes = BTreeMap::new();
                if !shapes.is_empty() {
                    self.attributes(item, mark, false, Some(class), &mut attributes, losses);
                }
                for shape in shapes {
                    let given = mark.id.as_deref();
                    let taken = |id: &str| answer.objects.iter().any(|other| other.id == id);
                    let id = free_id(given, 'o', answer.objects.len(), taken);
                    let (class, attributes) = (class.into(), attributes.clone());
                    let group = group_of(mark, &place, losses);
                    answer.objects.push(Object {
                        id,
                        class,
                        shape,
                        attributes,
                        group,
                        camera: None,
                    });
                }
            }
            Place::Cuboid(cuboid) if self.question.shapes.contains(&ShapeKind::Cuboid3d) => {
                self.cuboid(item, mark, cuboid, answer, losses);
            }
            Place::Span { start, end } if self.question.spans => {
                self.span(item, mark, (*start, *end), answer, losses);
            }
            other => losses.add(other.kind(), place),
        }
    }

    fn cuboid(
        &self,
        item: &Item,
        mark: &Mark,
        cuboid: &Cuboid,
        answer: &mut Answer,
        losses: &mut LossReport,
    ) {
        let place = || format!("{}: {}", item.name, mark.class);
        if mark.class.is_empty() {
            return losses.add("without_class", place);
        }
        let Some(class) = self.class(&mark.class) else {
            return losses.add("class_not_in_ontology", place);
        };
        let Some(cuboid) = item.in_world(cuboid) else {
            return losses.add("cuboid_without_calibration", place);
        };
        let shape = Ours::Cuboid3d(cuboid.answer());
        let mut problems = Vec::new();
        shapes::check(&shape, None, Bounds::default(), "", &mut problems);
        if !problems.is_empty() {
            return losses.add("cuboid_out_of_range", place);
        }
        let mut attributes = BTreeMap::new();
        self.attributes(item, mark, false, Some(class), &mut attributes, losses);
        let taken = |id: &str| answer.objects.iter().any(|other| other.id == id);
        let id = free_id(mark.id.as_deref(), 'o', answer.objects.len(), taken);
        let class = class.into();
        answer.objects.push(Object { id, class, shape, attributes, group: None, camera: None });
    }

    fn span(
        &self,
        item: &Item,
        mark: &Mark,
        (start, end): (u64, u64),
        answer: &mut Answer,
        losses: &mut LossReport,
    ) {
        let place = || format!("{}: {}", item.name, mark.class);
        if mark.class.is_empty() {
            return losses.add("without_class", place);
        }
        let Some(class) = self.class(&mark.class) else {
            return losses.add("class_not_in_ontology", place);
        };
        if start >= end {
            return losses.add("empty_span", place);
        }
        let length = item.text.as_ref().map(|text| text.chars().count() as u64);
        if length.is_some_and(|length| end > length) {
            return losses.add("outside_the_text", place);
        }
        let is_repeat = |one: &Span| one.class == class && one.start == start && one.end == end;
        if answer.spans.iter().any(is_repeat) {
            return losses.add("repeated_span", place);
        }
        let mut attributes = BTreeMap::new();
        self.attributes(item, mark, false, Some(class), &mut attributes, losses);
        let taken = |id: &str| answer.spans.iter().any(|other| other.id == id);
        let id = free_id(mark.id.as_deref(), 's', answer.spans.len(), taken);
        let group = group_of(mark, &place, losses);
        answer.spans.push(Span { id, class: class.into(), start, end, attributes, group });
    }

    /// The shapes of a project for one shape of another tool: the same where the project takes it, or else the
    /// nearest that it takes.
    fn shapes(
        &self,
        shape: &Shape,
        class: &str,
        size: Option<[f64; 2]>,
        place: &dyn Fn() -> String,
        losses: &mut LossReport,
    ) -> Vec<Ours> {
        let takes = |kind| self.question.shapes.contains(&kind);
        let outline =
            |points: &[[f64; 2]]| Ours::Polygon { points: points.to_vec(), holes: Vec::new() };
        let found = match shape {
            Shape::Polygon { points } if takes(ShapeKind::Polygon) => vec![outline(points)],
            Shape::Box { x, y, width, height } if takes(ShapeKind::Box) => {
                vec![Ours::Box { x: *x, y: *y, width: *width, height: *height }]
            }
            Shape::Turned { cx, cy, width, height, degrees } if takes(ShapeKind::Turned) => {
                let (cx, cy, width, height) = (*cx, *cy, *width, *height);
                vec![Ours::Turned { cx, cy, width, height, degrees: within_a_turn(*degrees) }]
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees } if takes(ShapeKind::Ellipse) => {
                let (cx, cy, rx, ry) = (*cx, *cy, *rx, *ry);
                vec![Ours::Ellipse { cx, cy, rx, ry, degrees: within_a_turn(*degrees) }]
            }
            Shape::Line { points } if takes(ShapeKind::Line) => {
                vec![Ours::Line { points: points.clone(), curves: Vec::new() }]
            }
            Shape::Points { points } if takes(ShapeKind::Point) => {
                if points.len() > 1 {
                    losses.add("points_as_objects_of_their_own", place);
                }
                points.iter().map(|[x, y]| Ours::Point { x: *x, y: *y }).collect()
            }
            Shape::Keypoints { points, .. } if self.has_skeleton(class, points.len()) => {
                vec![Ours::Keypoints { points: points.clone() }]
            }
            Shape::Mask(mask) if takes(ShapeKind::Mask) => vec![Ours::Mask(mask.clone())],
            Shape::Solid { corners } if takes(ShapeKind::Solid) && corners.len() == 8 => {
                let corners = std::array::from_fn(|at| corners[at]);
                vec![Ours::Solid { corners }]
            }
            Shape::Line { .. } | Shape::Points { .. } => {
                losses.add(shape.kind(), place);
                Vec::new()
            }
            other => self.nearest(other, size, place, losses),
        };
        let inside = found.into_iter().filter_map(|shape| {
            let Some(size) = size else { return Some(shape) };
            clip(shape, size, self.ontology.skeleton(class), place, losses)
        });
        inside.collect()
    }

    fn has_skeleton(&self, class: &str, points: usize) -> bool {
        self.question.shapes.contains(&ShapeKind::Keypoints)
            && self.ontology.skeleton(class).is_some_and(|one| one.points.len() == points)
    }

    /// Another shape for one that the project does not take.
    fn nearest(
        &self,
        shape: &Shape,
        size: Option<[f64; 2]>,
        place: &dyn Fn() -> String,
        losses: &mut LossReport,
    ) -> Vec<Ours> {
        let takes = |kind| self.question.shapes.contains(&kind);
        let outline = |points: Vec<[f64; 2]>| Ours::Polygon { points, holes: Vec::new() };
        match shape {
            Shape::Box { .. } if takes(ShapeKind::Polygon) => {
                losses.add("box_as_polygon", place);
                vec![outline(shape.corners())]
            }
            Shape::Turned { .. } if takes(ShapeKind::Polygon) => {
                losses.add("turned_box_as_polygon", place);
                vec![outline(shape.corners())]
            }
            Shape::Parts { parts } if takes(ShapeKind::Polygon) => {
                if parts.len() > 1 {
                    losses.add("parts_as_objects_of_their_own", place);
                }
                parts.iter().map(|part| outline(part.clone())).collect()
            }
            Shape::Ellipse { .. } if takes(ShapeKind::Polygon) => {
                losses.add("ellipse_as_polygon", place);
                vec![outline(shape.outline())]
            }
            Shape::Polygon { .. } | Shape::Parts { .. } if takes(ShapeKind::Mask) => {
                let Some([width, height]) = size else { return Vec::new() };
                losses.add("polygon_as_mask", place);
                shape.mask(height as u32, width as u32).map(Ours::Mask).into_iter().collect()
            }
            Shape::Mask(mask) if takes(ShapeKind::Polygon) => {
                losses.add("mask_as_the_outline_of_its_largest_part", place);
                let points = mask.outline(OUTLINE_PIXELS, PIXELS_MAX);
                if points.len() < 3 { Vec::new() } else { vec![outline(points)] }
            }
            other if takes(ShapeKind::Box) => {
                losses.add(as_its_box(other), place);
                let [x, y, width, height] = other.bounds();
                vec![Ours::Box { x, y, width, height }]
            }
            other => {
                losses.add(other.kind(), place);
                Vec::new()
            }
        }
    }

    fn attributes(
        &self,
        item: &Item,
        mark: &Mark,
        whole: bool,
        class: Option<&str>,
        into: &mut BTreeMap<String, Value>,
        losses: &mut LossReport,
    ) {
        for (name, value) in &mark.attributes {
            let found = find_attribute(self.ontology, whole, name)
                .map(|at| &self.ontology.attributes[at])
                .filter(|one| class.is_none_or(|class| self.ontology.applies(one, class)));
            let place = || format!("{}: {} {name}", item.name, mark.class);
            let Some(attribute) = found else {
                losses.add("attribute", place);
                continue;
            };
            match value_for(attribute, value) {
                Some(value) => {
                    into.insert(attribute.key.clone(), value);
                }
                None if value.is_null() => {}
                None => losses.add("attribute_value", place),
            }
        }
    }
}

/// The number of the group that a mark is in, where it may be one of ours (A53).
fn group_of(mark: &Mark, place: &dyn Fn() -> String, losses: &mut LossReport) -> Option<u32> {
    let given = mark.group?;
    let group = u32::try_from(given).ok().filter(|group| (1..=GROUP_MAX).contains(group));
    if group.is_none() {
        losses.add("group", place);
    }
    group
}

/// The id that the file gives, where a thing may be called that; a number otherwise.
fn free_id(
    given: Option<&str>,
    letter: char,
    count: usize,
    taken: impl Fn(&str) -> bool,
) -> String {
    let fits = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            && !taken(id)
    };
    match given.filter(fits) {
        Some(id) => id.into(),
        None => {
            let mut number = count + 1;
            while taken(&format!("{letter}{number}")) {
                number += 1;
            }
            format!("{letter}{number}")
        }
    }
}

fn as_its_box(shape: &Shape) -> &'static str {
    match shape {
        Shape::Turned { .. } => "turned_box_as_upright_box",
        Shape::Polygon { .. } | Shape::Parts { .. } => "polygon_as_its_box",
        Shape::Ellipse { .. } => "ellipse_as_its_box",
        Shape::Mask(_) => "mask_as_its_box",
        Shape::Keypoints { .. } => "keypoints_as_their_box",
        Shape::Solid { .. } => "cuboid_in_picture_as_its_box",
        Shape::Box { .. } | Shape::Line { .. } | Shape::Points { .. } => shape.kind(),
    }
}

fn within_a_turn(degrees: f64) -> f64 {
    let within = degrees.rem_euclid(360.0);
    // A hair below none is a whole turn after rounding.
    if within < 360.0 { within } else { 0.0 }
}

/// Cuts a shape at the edges of its picture; nothing where nothing sound of it is left.
fn clip(
    shape: Ours,
    [width, height]: [f64; 2],
    skeleton: Option<&Skeleton>,
    place: &dyn Fn() -> String,
    losses: &mut LossReport,
) -> Option<Ours> {
    let [left, top, right, bottom] = shape.bounds();
    let over = (-left).max(-top).max(right - width).max(bottom - height);
    let before = shape.area();
    let held = |x: f64, y: f64| [x.clamp(0.0, width), y.clamp(0.0, height)];
    let cut = match shape {
        // What is turned may stick out (A9), and a mask lies on its picture.
        shape @ (Ours::Turned { .. }
        | Ours::Ellipse { .. }
        | Ours::Mask(_)
        | Ours::Cuboid3d(_)
        | Ours::Points3d(_)) => shape,
        shape if over <= 0.0 => shape,
        Ours::Box { .. } => {
            let (x, y) = (left.max(0.0), top.max(0.0));
            // So that x + width, added up again, is not past the edge by a rounding.
            let side = |from: f64, to: f64, limit: f64| {
                let side = to.min(limit) - from;
                if from + side > limit { side.next_down() } else { side }
            };
            let (width, height) = (side(x, right, width), side(y, bottom, height));
            Ours::Box { x, y, width, height }
        }
        Ours::Polygon { points, holes } => {
            let cut = |ring| cut_polygon(ring, [width, height]);
            let holes = holes.into_iter().map(cut).filter(|hole| hole.len() >= 3).collect();
            Ours::Polygon { points: cut(points), holes }
        }
        // A line or a point that is held at the edge stays what it is.
        Ours::Line { points, curves } => {
            let points = points.into_iter().map(|[x, y]| held(x, y)).collect();
            let hold = |bend: [[f64; 2]; 2]| bend.map(|[x, y]| held(x, y));
            Ours::Line { points, curves: curves.into_iter().map(|bend| bend.map(hold)).collect() }
        }
        Ours::Solid { corners } => Ours::Solid { corners: corners.map(|[x, y]| held(x, y)) },
        Ours::Point { x, y } => {
            let [x, y] = held(x, y);
            Ours::Point { x, y }
        }
        Ours::Keypoints { points } => {
            let hold = |[x, y, seen]: [f64; 3]| {
                let [x, y] = if seen > 0.0 { held(x, y) } else { [0.0, 0.0] };
                [x, y, seen]
            };
            Ours::Keypoints { points: points.into_iter().map(hold).collect() }
        }
    };
    // What lies mostly elsewhere was drawn on another picture.
    if cut.area() < before / 2.0 {
        losses.add("outside_the_picture", place);
        return None;
    }
    let mut problems = Vec::new();
    shapes::check(&cut, skeleton, Bounds::picture(width, height), "", &mut problems);
    if let Some(problem) = problems.first() {
        losses.add(
            match problem.code.as_ref() {
                "too_small" | "point_count" => "smaller_than_a_pixel",
                "bad_mask" => "mask_of_another_size",
                _ => "outside_the_picture",
            },
            place,
        );
        return None;
    }
    let free = matches!(cut, Ours::Turned { .. } | Ours::Ellipse { .. } | Ours::Mask(_));
    if over > EDGE_PIXELS && !free {
        losses.add("cut_at_the_edge", place);
    }
    Some(cut)
}

/// Sutherland and Hodgman, "Reentrant polygon clipping" (1974), against the four edges.
fn cut_polygon(mut points: Vec<[f64; 2]>, [width, height]: [f64; 2]) -> Vec<[f64; 2]> {
    for (axis, limit, keep_below) in
        [(0, 0.0, false), (0, width, true), (1, 0.0, false), (1, height, true)]
    {
        let inside = |point: &[f64; 2]| {
            if keep_below { point[axis] <= limit } else { point[axis] >= limit }
        };
        let mut kept = Vec::with_capacity(points.len() + 4);
        for (index, here) in points.iter().enumerate() {
            let before = &points[(index + points.len() - 1) % points.len()];
            if inside(here) != inside(before) {
                let share = (limit - before[axis]) / (here[axis] - before[axis]);
                let mut crossing = [
                    before[0] + share * (here[0] - before[0]),
                    before[1] + share * (here[1] - before[1]),
                ];
                crossing[axis] = limit;
                kept.push(crossing);
            }
            if inside(here) {
                kept.push(*here);
            }
        }
        points = kept;
    }
    points
}

/// A value as the attribute wants it, if it can be said that way.
fn value_for(attribute: &Attribute, value: &Value) -> Option<Value> {
    let option = |text: &str| {
        let found = attribute.options.iter().find(|one| one.name == text || one.key == text);
        found.map(|one| json!(one.key))
    };
    let words = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let fit = match attribute.kind {
        Kind::Boolean => match value {
            Value::Bool(_) => Some(value.clone()),
            Value::Number(number) => match number.as_f64() {
                Some(0.0) => Some(json!(false)),
                Some(1.0) => Some(json!(true)),
                _ => None,
            },
            Value::String(text) => match text.to_lowercase().as_str() {
                "true" | "yes" | "1" => Some(json!(true)),
                "false" | "no" | "0" => Some(json!(false)),
                _ => None,
            },
            _ => None,
        },
        Kind::Number => match value {
            Value::Number(_) => Some(value.clone()),
            Value::String(text) => text.trim().parse::<f64>().ok().map(|number| json!(number)),
            _ => None,
        },
        Kind::Text => match value {
            Value::Array(_) | Value::Object(_) => Some(json!(value.to_string())),
            other => words(other).map(|text| json!(text)),
        },
        Kind::Select => match value {
            Value::Array(values) => match &values[..] {
                [only] => option(&words(only)?),
                _ => None,
            },
            other => option(&words(other)?),
        },
        Kind::Multi => {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let keys: Option<Vec<Value>> =
                values.iter().map(|value| option(&words(value)?)).collect();
            let mut keys = keys?;
            let mut seen = Vec::new();
            keys.retain(|key| {
                let new = !seen.contains(key);
                seen.push(key.clone());
                new
            });
            Some(json!(keys))
        }
    };
    fit.filter(|value| domain::answers::check_value(attribute, value, "").is_ok())
}

/// What an item knows besides, as the metadata of an item of ours: not more than one may have.
pub fn metadata(item: &Item, losses: &mut LossReport) -> Map<String, Value> {
    let mut kept = Map::new();
    let mut bytes = 2;
    for (key, value) in &item.metadata {
        bytes += key.len() + value.to_string().len() + 4;
        if bytes > domain::limits::METADATA_BYTES_MAX {
            losses.add("metadata", || format!("{}: {key}", item.name));
            break;
        }
        kept.insert(key.clone(), value.clone());
    }
    kept
}
