//! The shapes that an answer may hold, and when one is sound (rules A1, A3, A9–A15, A40, A44, A54 and A55 of
//! `docs/spec/answers.md`).

use crate::answers::Bounds;
use crate::cuboids::{Cuboid, Points};
use crate::curves::{self, Bend};
use crate::mask::Mask;
use crate::ontology::Skeleton;
use crate::projects::ShapeKind;
use crate::{Problem, limits};
use serde::{Deserialize, Serialize};

/// Pixels of the picture as it is shown, from its top left corner (A1). Degrees are clockwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    Box {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    },
    /// A box that is turned about its centre (A9).
    Turned {
        cx: f64,
        cy: f64,
        width: f64,
        height: f64,
        degrees: f64,
    },
    Polygon {
        points: Vec<[f64; 2]>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holes: Vec<Vec<[f64; 2]>>,
    },
    /// An open line: a lane, an edge (A11).
    Line {
        points: Vec<[f64; 2]>,
        /// For each segment the control points that bend it; none where all are straight (A54).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        curves: Vec<Bend>,
    },
    Point {
        x: f64,
        y: f64,
    },
    Ellipse {
        cx: f64,
        cy: f64,
        rx: f64,
        ry: f64,
        degrees: f64,
    },
    /// The points of the skeleton of the object's class, in its order: x, y, and 0 absent, 1 hidden,
    /// 2 visible (A13).
    Keypoints {
        points: Vec<[f64; 3]>,
    },
    Mask(Mask),
    /// A box in space, in metres (A40): nothing of it lies on a picture.
    Cuboid3d(Cuboid),
    /// A box in space as it is seen in the picture: top and bottom of its upright edges, front left, front right,
    /// back right, back left (A55).
    Solid {
        corners: [[f64; 2]; 8],
    },
    /// Points of a cloud (A44).
    Points3d(Points),
}

/// Pixels to either side of a point or a line that count as it, where two answers are compared: two points
/// are the same (IoU ≥ 0.5) if they lie within two thirds of it in one direction.
const THICK: f64 = 10.0;
/// Corners of the polygon that stands for an ellipse where two are compared.
const ELLIPSE_CORNERS: u32 = 64;
/// Columns of a mask that are looked at where two are compared.
const MASK_COLUMNS: u64 = 64;

impl Shape {
    pub fn kind(&self) -> ShapeKind {
        match self {
            Shape::Box { .. } => ShapeKind::Box,
            Shape::Turned { .. } => ShapeKind::Turned,
            Shape::Polygon { .. } => ShapeKind::Polygon,
            Shape::Line { .. } => ShapeKind::Line,
            Shape::Point { .. } => ShapeKind::Point,
            Shape::Ellipse { .. } => ShapeKind::Ellipse,
            Shape::Keypoints { .. } => ShapeKind::Keypoints,
            Shape::Mask(_) => ShapeKind::Mask,
            Shape::Cuboid3d(_) => ShapeKind::Cuboid3d,
            Shape::Solid { .. } => ShapeKind::Solid,
            Shape::Points3d(_) => ShapeKind::Points3d,
        }
    }

    /// Left, top, right, bottom; of a cuboid, as it lies on the ground.
    pub fn bounds(&self) -> [f64; 4] {
        match self {
            Shape::Box { x, y, width, height } => [*x, *y, x + width, y + height],
            Shape::Ellipse { cx, cy, rx, ry, degrees } => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let (wide, high) = ((rx * cos).hypot(ry * sin), (rx * sin).hypot(ry * cos));
                [cx - wide, cy - high, cx + wide, cy + high]
            }
            Shape::Point { x, y } => [*x, *y, *x, *y],
            Shape::Keypoints { points } => {
                let present = points.iter().filter(|point| point[2] > 0.0);
                around(present.map(|[x, y, _]| [*x, *y]))
            }
            Shape::Mask(mask) => {
                let [x, y, width, height] = mask.bounds();
                [x, y, x + width, y + height]
            }
            Shape::Cuboid3d(cuboid) => around(cuboid.first().footprint(cuboid.size)),
            Shape::Points3d(_) => [0.0; 4],
            Shape::Turned { cx, cy, width, height, degrees } => {
                around(corners([*cx, *cy], [*width, *height], *degrees))
            }
            Shape::Polygon { points, .. } => around(points.iter().copied()),
            Shape::Line { points, curves } => around(curves::flatten(points, curves)),
            Shape::Solid { corners } => around(*corners),
        }
    }

    /// Square pixels; of a polygon by the shoelace formula, without its holes. What has no inside has none.
    pub fn area(&self) -> f64 {
        match self {
            Shape::Box { width, height, .. } | Shape::Turned { width, height, .. } => {
                width * height
            }
            Shape::Polygon { points, holes } => {
                ring_area(points) - holes.iter().map(|hole| ring_area(hole)).sum::<f64>()
            }
            Shape::Ellipse { rx, ry, .. } => std::f64::consts::PI * rx * ry,
            Shape::Mask(mask) => mask.area(),
            Shape::Cuboid3d(cuboid) => cuboid.size[0] * cuboid.size[1],
            Shape::Solid { corners } => ring_area(&hull(corners)),
            Shape::Points3d(_) => 0.0,
            Shape::Line { .. } | Shape::Point { .. } | Shape::Keypoints { .. } => 0.0,
        }
    }

    /// Where the points of a skeleton are, nothing where one is absent; empty of everything else.
    pub fn places(&self) -> Vec<Option<[f64; 2]>> {
        let Shape::Keypoints { points } = self else { return Vec::new() };
        points.iter().map(|[x, y, v]| (*v > 0.0).then_some([*x, *y])).collect()
    }

    /// One closed outline, to be read even-odd, that stands for the shape where two are compared by overlap (A15):
    /// holes and the parts of a mask hang on it by threads that are passed there and back.
    pub fn outline(&self) -> Vec<[f64; 2]> {
        match self {
            Shape::Box { .. } => of_bounds(self.bounds()),
            Shape::Turned { cx, cy, width, height, degrees } => {
                corners([*cx, *cy], [*width, *height], *degrees).to_vec()
            }
            Shape::Polygon { points, holes } => {
                threaded(std::iter::once(points).chain(holes).cloned())
            }
            Shape::Line { points, curves } => thick(&curves::flatten(points, curves)),
            Shape::Solid { corners } => hull(corners),
            Shape::Point { .. } | Shape::Keypoints { .. } => {
                let [left, top, right, bottom] = self.bounds();
                of_bounds([left - THICK, top - THICK, right + THICK, bottom + THICK])
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees } => (0..ELLIPSE_CORNERS)
                .map(|i| {
                    let turn = std::f64::consts::TAU * f64::from(i) / f64::from(ELLIPSE_CORNERS);
                    turned([rx * turn.cos(), ry * turn.sin()], *degrees, [*cx, *cy])
                })
                .collect(),
            Shape::Cuboid3d(cuboid) => cuboid.first().footprint(cuboid.size).to_vec(),
            Shape::Points3d(_) => Vec::new(),
            Shape::Mask(mask) => threaded(mask.strips(MASK_COLUMNS).into_iter().map(of_bounds)),
        }
    }
}

fn around(points: impl IntoIterator<Item = [f64; 2]>) -> [f64; 4] {
    points.into_iter().fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |[l, t, r, b], [x, y]| [l.min(x), t.min(y), r.max(x), b.max(y)],
    )
}

fn of_bounds([l, t, r, b]: [f64; 4]) -> Vec<[f64; 2]> {
    vec![[l, t], [r, t], [r, b], [l, b]]
}

fn turned([x, y]: [f64; 2], degrees: f64, about: [f64; 2]) -> [f64; 2] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    [about[0] + x * cos - y * sin, about[1] + x * sin + y * cos]
}

/// Clockwise, from the corner that was top left before the box was turned.
fn corners(centre: [f64; 2], [width, height]: [f64; 2], degrees: f64) -> [[f64; 2]; 4] {
    let (w, h) = (width / 2.0, height / 2.0);
    [[-w, -h], [w, -h], [w, h], [-w, h]].map(|corner| turned(corner, degrees, centre))
}

/// The convex outline around some points: Andrew, "Another efficient algorithm for convex hulls in two dimensions" (1979).
fn hull(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    sorted.dedup();
    let half = |points: &mut dyn Iterator<Item = [f64; 2]>| {
        let mut line: Vec<[f64; 2]> = Vec::new();
        for p in points {
            while let [.., a, b] = line[..]
                && (b[0] - a[0]) * (p[1] - a[1]) <= (b[1] - a[1]) * (p[0] - a[0])
            {
                line.pop();
            }
            line.push(p);
        }
        // The last point begins the other half.
        line.pop();
        line
    };
    let lower = half(&mut sorted.iter().copied());
    let upper = half(&mut sorted.iter().rev().copied());
    [lower, upper].concat()
}

fn ring_area(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    let twice: f64 = points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
    twice.abs() / 2.0
}

/// Rings as one outline: each begins and ends at its first point, and all hang on the first point of the first.
fn threaded(rings: impl Iterator<Item = Vec<[f64; 2]>>) -> Vec<[f64; 2]> {
    let mut outline: Vec<[f64; 2]> = Vec::new();
    for ring in rings {
        let (hook, first) = (outline.first().copied(), ring.first().copied());
        outline.extend(ring);
        outline.extend(first);
        outline.extend(hook);
    }
    outline
}

/// A line as thick as counts as it: along one side of it and back along the other.
fn thick(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let side = |along: &[[f64; 2]]| -> Vec<[f64; 2]> {
        let mut side = Vec::with_capacity(2 * along.len());
        for pair in along.windows(2) {
            let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
            let length = dx.hypot(dy);
            if length > 0.0 {
                let by = [-dy / length * THICK, dx / length * THICK];
                side.extend(pair.iter().map(|[x, y]| [x + by[0], y + by[1]]));
            }
        }
        side
    };
    let back: Vec<[f64; 2]> = points.iter().rev().copied().collect();
    [side(points), side(&back)].concat()
}

/// Adds what is wrong with a shape of an object, `skeleton` being that of its class.
pub fn check(
    shape: &Shape,
    skeleton: Option<&Skeleton>,
    bounds: Bounds,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let (before, bounds) = (problems.len(), &bounds);
    let mut tell = |at: &str, code: &str, message: String| {
        problems.push(Problem::new(format!("{path}{at}"), code, message));
    };
    let diagonal = bounds.width.hypot(bounds.height);
    match shape {
        Shape::Box { x, y, width, height } => {
            place(bounds, "", &[[*x, *y], [x + width, y + height]], &mut tell);
        }
        Shape::Point { x, y } => {
            place(bounds, "", &[[*x, *y]], &mut tell);
        }
        Shape::Turned { cx, cy, width, height, degrees } => {
            place(bounds, "", &[[*cx, *cy]], &mut tell);
            turn(*degrees, &mut tell);
            extent(diagonal, [*width, *height], &mut tell);
        }
        Shape::Ellipse { cx, cy, rx, ry, degrees } => {
            place(bounds, "", &[[*cx, *cy]], &mut tell);
            turn(*degrees, &mut tell);
            extent(diagonal, [2.0 * rx, 2.0 * ry], &mut tell);
        }
        Shape::Line { points, curves } => {
            if count(points.len(), 2, "a line has 2 to 10,000 points", ".points", &mut tell) {
                place(bounds, ".points", points, &mut tell);
                if !curves.is_empty() && curves.len() != points.len() - 1 {
                    let message = format!("there are {} segments", points.len() - 1);
                    tell(".curves", "point_count", message);
                }
                for (i, bend) in curves.iter().enumerate() {
                    place(
                        bounds,
                        &format!(".curves[{i}]"),
                        bend.as_slice().as_flattened(),
                        &mut tell,
                    );
                }
            }
        }
        Shape::Solid { corners } => place(bounds, ".corners", corners, &mut tell),
        Shape::Polygon { points, holes } => {
            let all = points.len() + holes.iter().map(Vec::len).sum::<usize>();
            let message = "a polygon has 3 to 10,000 points, those of its holes among them";
            let counted = if points.len() < 3 { points.len() } else { all };
            if count(counted, 3, message, ".points", &mut tell) {
                place(bounds, ".points", points, &mut tell);
            }
            for (i, hole) in holes.iter().enumerate() {
                let at = format!(".holes[{i}]");
                if count(hole.len(), 3, "a hole has at least 3 points", &at, &mut tell) {
                    place(bounds, &at, hole, &mut tell);
                }
            }
        }
        Shape::Keypoints { points } => match skeleton {
            None => {
                let message = "the class of this object has no skeleton";
                tell("", "no_skeleton", message.into());
            }
            Some(skeleton) => keypoints(points, skeleton, bounds, &mut tell),
        },
        Shape::Cuboid3d(cuboid) => cuboid.check(bounds.clouds, &mut tell),
        Shape::Points3d(points) => points.check(bounds, &mut tell),
        Shape::Mask(mask) => {
            let is_of_picture =
                f64::from(mask.width) == bounds.width && f64::from(mask.height) == bounds.height;
            if !is_of_picture || mask.counts.len() > limits::MASK_BYTES_MAX || mask.runs().is_none()
            {
                let message = format!(
                    "a mask holds compressed runs of all {} × {} pixels of the picture",
                    bounds.width, bounds.height
                );
                tell("", "bad_mask", message);
            }
        }
    }
    if problems.len() == before && !is_large_enough(shape) {
        problems.push(Problem::new(path, "too_small", "a shape is at least one pixel large"));
    }
}

pub(crate) type Tell<'a> = &'a mut dyn FnMut(&str, &str, String);

/// Whether there are enough points and not too many.
fn count(len: usize, min: usize, message: &str, at: &str, tell: Tell<'_>) -> bool {
    let fits = (min..=limits::POINTS_MAX).contains(&len);
    if !fits {
        tell(at, "point_count", message.into());
    }
    fits
}

/// The first of the points that is not on the picture is told; with it the others mostly are not either.
fn place(bounds: &Bounds, at: &str, points: &[[f64; 2]], tell: Tell<'_>) {
    // Written so that what is not a number fails too.
    let inside =
        |[x, y]: &[f64; 2]| (0.0..=bounds.width).contains(x) && (0.0..=bounds.height).contains(y);
    let Some(i) = points.iter().position(|point| !inside(point)) else { return };
    let at = if at.is_empty() { String::new() } else { format!("{at}[{i}]") };
    let message = format!("outside the picture of {} × {} pixels", bounds.width, bounds.height);
    tell(&at, "outside", message);
}

fn turn(degrees: f64, tell: Tell<'_>) {
    if !(0.0..360.0).contains(&degrees) {
        tell(".degrees", "bad_angle", "an angle is 0 or more and less than 360 degrees".into());
    }
}

/// What is turned may stick out of the picture, but it is no larger than the picture's diagonal.
fn extent(diagonal: f64, sides: [f64; 2], tell: Tell<'_>) {
    if !sides.iter().all(|side| *side <= diagonal) {
        tell("", "outside", "larger than the picture's diagonal".into());
    }
}

fn keypoints(points: &[[f64; 3]], skeleton: &Skeleton, bounds: &Bounds, tell: Tell<'_>) {
    if points.len() != skeleton.points.len() {
        let message = format!("the skeleton of this class has {} points", skeleton.points.len());
        return tell(".points", "point_count", message);
    }
    for (i, [x, y, seen]) in points.iter().enumerate() {
        let is_sound = match *seen {
            0.0 => *x == 0.0 && *y == 0.0,
            seen => seen == 1.0 || seen == 2.0,
        };
        if !is_sound {
            let message = "a point is 0 absent (at 0, 0), 1 hidden or 2 visible, after its x and y";
            return tell(&format!(".points[{i}]"), "bad_visibility", message.into());
        }
        if *seen > 0.0 {
            let mut on = |_: &str, code: &str, message: String| {
                tell(&format!(".points[{i}]"), code, message);
            };
            place(bounds, "", &[[*x, *y]], &mut on);
        }
    }
}

fn is_large_enough(shape: &Shape) -> bool {
    match shape {
        Shape::Box { width, height, .. } | Shape::Turned { width, height, .. } => {
            *width >= 1.0 && *height >= 1.0
        }
        Shape::Ellipse { rx, ry, .. } => *rx >= 0.5 && *ry >= 0.5,
        Shape::Polygon { .. } | Shape::Mask(_) | Shape::Solid { .. } => shape.area() >= 1.0,
        Shape::Line { points, .. } => {
            let [left, top, right, bottom] = around(points.iter().copied());
            (right - left).max(bottom - top) >= 1.0
        }
        Shape::Point { .. } | Shape::Cuboid3d(_) | Shape::Points3d(_) => true,
        Shape::Keypoints { points } => points.iter().any(|point| point[2] > 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ontology::Keypoint;
    use serde_json::{Value, json};

    const PICTURE: Bounds = Bounds {
        width: 100.0,
        height: 50.0,
        text: None,
        clouds: None,
        points: None,
        frames: None,
        cameras: vec![],
    };

    fn skeleton() -> Skeleton {
        let point = |key: &str| Keypoint { key: key.into(), name: key.into() };
        Skeleton { points: vec![point("head"), point("tail")], edges: vec![[0, 1]] }
    }

    fn problems(shape: Value) -> String {
        let shape: Shape = serde_json::from_value(shape).unwrap();
        let mut problems = Vec::new();
        check(&shape, Some(&skeleton()), PICTURE, "shape", &mut problems);
        problems.iter().map(|p| format!("{} {}", p.path, p.code)).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_may_be_said_and_what_not() {
        let turned = |cx: f64, width: f64, degrees: f64| {
            problems(
                json!({ "type": "turned", "cx": cx, "cy": 25, "width": width, "height": 9, "degrees": degrees }),
            )
        };
        assert_eq!(turned(2.0, 30.0, 45.0), "");
        assert_eq!(turned(-1.0, 30.0, 45.0), "shape outside");
        assert_eq!(turned(2.0, 112.0, 45.0), "shape outside");
        assert_eq!(turned(2.0, 30.0, 360.0), "shape.degrees bad_angle");
        assert_eq!(turned(2.0, 0.5, 0.0), "shape too_small");

        let ellipse = |rx: f64| {
            problems(
                json!({ "type": "ellipse", "cx": 9, "cy": 9, "rx": rx, "ry": 2, "degrees": 10 }),
            )
        };
        assert_eq!((ellipse(3.0).as_str(), ellipse(0.4).as_str()), ("", "shape too_small"));

        let line = |points: Value| problems(json!({ "type": "line", "points": points }));
        assert_eq!(line(json!([[0, 0], [100, 50]])), "");
        assert_eq!(line(json!([[0, 0]])), "shape.points point_count");
        assert_eq!(line(json!([[0, 0], [9, 51]])), "shape.points[1] outside");
        assert_eq!(line(json!([[5, 5], [5.5, 5]])), "shape too_small");

        let bent = |curves: Value| {
            problems(
                json!({ "type": "line", "points": [[0, 0], [50, 0], [100, 0]], "curves": curves }),
            )
        };
        assert_eq!(bent(json!([[[0, 20], [50, 20]], null])), "");
        assert_eq!(bent(json!([[[0, 20], [50, 20]]])), "shape.curves point_count");
        assert_eq!(bent(json!([null, [[0, 20], [50, 60]]])), "shape.curves[1][1] outside");

        let solid =
            |corners: [[f64; 2]; 8]| problems(json!({ "type": "solid", "corners": corners }));
        let mut corners =
            [[10, 10], [10, 30], [30, 10], [30, 30], [40, 5], [40, 20], [25, 5], [25, 20]]
                .map(|corner: [i32; 2]| corner.map(f64::from));
        assert_eq!(solid(corners), "");
        assert_eq!(solid([[5.0, 5.0]; 8]), "shape too_small");
        corners[4][1] = -1.0;
        assert_eq!(solid(corners), "shape.corners[4] outside");

        assert_eq!(problems(json!({ "type": "point", "x": 100, "y": 0 })), "");
        assert_eq!(problems(json!({ "type": "point", "x": 100, "y": 50.1 })), "shape outside");
    }

    #[test]
    fn holes_are_cut_out() {
        let with = |holes: Value| {
            problems(
                json!({ "type": "polygon", "points": [[0, 0], [20, 0], [20, 20]], "holes": holes }),
            )
        };
        assert_eq!(with(json!([[[12, 2], [18, 2], [18, 8]]])), "");
        assert_eq!(with(json!([[[12, 2], [18, 2]]])), "shape.holes[0] point_count");
        assert_eq!(with(json!([[[12, 2], [18, 2], [18, 80]]])), "shape.holes[0][2] outside");
        assert_eq!(with(json!([[[0, 0], [20, 0], [20, 20]]])), "shape too_small");
    }

    #[test]
    fn keypoints_are_those_of_the_class() {
        let with = |points: Value| problems(json!({ "type": "keypoints", "points": points }));
        assert_eq!(with(json!([[1, 2, 2], [0, 0, 0]])), "");
        assert_eq!(with(json!([[1, 2, 2]])), "shape.points point_count");
        assert_eq!(with(json!([[1, 2, 3], [0, 0, 0]])), "shape.points[0] bad_visibility");
        assert_eq!(with(json!([[1, 2, 1], [3, 0, 0]])), "shape.points[1] bad_visibility");
        assert_eq!(with(json!([[1, 2, 1], [101, 2, 1]])), "shape.points[1] outside");
        assert_eq!(with(json!([[0, 0, 0], [0, 0, 0]])), "shape too_small");
        let mut told = Vec::new();
        let shape = Shape::Keypoints { points: vec![[1.0, 2.0, 2.0]] };
        check(&shape, None, PICTURE, "shape", &mut told);
        assert_eq!(told[0].code, "no_skeleton");
    }

    #[test]
    fn masks_are_of_the_whole_picture() {
        let with = |runs: &[u64], height: u32| {
            let mask = Mask::from_runs(height, 100, runs);
            let shape = serde_json::to_value(Shape::Mask(mask)).unwrap();
            problems(shape)
        };
        assert_eq!(with(&[10, 20, 4970], 50), "");
        assert_eq!(with(&[10, 20, 4971], 50), "shape bad_mask");
        assert_eq!(with(&[10, 20, 5070], 51), "shape bad_mask");
        assert_eq!(with(&[5000], 50), "shape too_small");
    }

    #[test]
    fn what_comes_in_goes_out_and_what_is_unknown_is_refused() {
        for shape in [
            json!({ "type": "box", "x": 1.5, "y": 2.0, "width": 3.0, "height": 4.0 }),
            json!({ "type": "turned", "cx": 1.5, "cy": 2.0, "width": 3.0, "height": 4.0, "degrees": 45.0 }),
            json!({ "type": "polygon", "points": [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]] }),
            json!({ "type": "polygon", "points": [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]], "holes": [[[5.0, 1.0], [8.0, 1.0], [8.0, 4.0]]] }),
            json!({ "type": "line", "points": [[0.0, 0.0], [9.0, 0.0]] }),
            json!({ "type": "line", "points": [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]], "curves": [[[1.0, 2.0], [3.0, 4.0]], null] }),
            json!({ "type": "solid", "corners": [[0.0, 0.0], [0.0, 9.0], [9.0, 0.0], [9.0, 9.0], [9.0, 0.0], [9.0, 5.0], [4.0, 0.0], [4.0, 5.0]] }),
            json!({ "type": "point", "x": 1.0, "y": 2.0 }),
            json!({ "type": "ellipse", "cx": 1.0, "cy": 2.0, "rx": 3.0, "ry": 4.0, "degrees": 0.0 }),
            json!({ "type": "keypoints", "points": [[1.0, 2.0, 2.0]] }),
            json!({ "type": "mask", "width": 3, "height": 2, "counts": "123" }),
        ] {
            let read: Shape = serde_json::from_value(shape.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), shape);
            let mut more = shape;
            more["more"] = json!(1);
            assert!(serde_json::from_value::<Shape>(more.clone()).is_err(), "{more}");
        }
    }

    /// The area of an outline read even-odd, counted on the halves of pixels.
    fn even_odd(outline: &[[f64; 2]]) -> f64 {
        let next = outline.iter().cycle().skip(1);
        let edges: Vec<_> = outline.iter().zip(next).collect();
        let inside = |x: f64, y: f64| {
            let crossed = edges.iter().filter(|(a, b)| {
                (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
            });
            crossed.count() % 2 == 1
        };
        let at = |i: i32| f64::from(i) / 2.0 + 0.25;
        let all = (-40..160).flat_map(|i| (-40..160).map(move |j| (at(i), at(j))));
        all.filter(|(x, y)| inside(*x, *y)).count() as f64 / 4.0
    }

    #[test]
    fn the_outline_has_the_area_of_the_shape() {
        let ring =
            |x: f64, side: f64| vec![[x, x], [x + side, x], [x + side, x + side], [x, x + side]];
        let mut runs = vec![40 * 10];
        runs.extend([20, 20].repeat(9));
        runs.extend([20, 20 + 40 * 80]);
        for (shape, off) in [
            (Shape::Box { x: 3.0, y: 4.0, width: 20.0, height: 10.0 }, 0.0),
            (
                Shape::Polygon {
                    points: ring(5.0, 30.0),
                    holes: vec![ring(10.0, 5.0), ring(20.0, 4.0)],
                },
                0.0,
            ),
            (Shape::Ellipse { cx: 30.0, cy: 30.0, rx: 20.0, ry: 10.0, degrees: 30.0 }, 6.0),
            (Shape::Turned { cx: 30.0, cy: 30.0, width: 20.0, height: 10.0, degrees: 90.0 }, 0.0),
            (Shape::Mask(Mask::from_runs(40, 100, &runs)), 0.0),
            (
                Shape::Solid {
                    corners: [
                        [10.0, 10.0],
                        [10.0, 30.0],
                        [30.0, 10.0],
                        [30.0, 30.0],
                        [40.0, 0.0],
                        [40.0, 20.0],
                        [20.0, 0.0],
                        [20.0, 20.0],
                    ],
                },
                6.0,
            ),
        ] {
            let counted = even_odd(&shape.outline());
            assert!((counted - shape.area()).abs() <= off, "{shape:?}: {counted}");
        }
        let line = Shape::Line { points: vec![[0.0, 20.0], [40.0, 20.0]], curves: vec![] };
        assert_eq!(even_odd(&line.outline()), 40.0 * 2.0 * THICK);
    }
}
