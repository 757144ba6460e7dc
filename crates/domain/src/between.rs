//! A shape on its way from one keyframe to the next (rules A32, A36 and A37 of `docs/spec/answers.md`).

use crate::curves::{self, Bend};
use crate::shapes::Shape;

type Point = [f64; 2];

/// The shape after a part, 0 to 1, of the way. What is of another kind, or has no way, stays until it is elsewhere.
pub(crate) fn between(from: &Shape, to: &Shape, part: f64) -> Shape {
    let on = |a: f64, b: f64| a + (b - a) * part;
    match (from, to) {
        (
            Shape::Box { x, y, width, height },
            Shape::Box { x: x_to, y: y_to, width: width_to, height: height_to },
        ) => Shape::Box {
            x: on(*x, *x_to),
            y: on(*y, *y_to),
            width: on(*width, *width_to),
            height: on(*height, *height_to),
        },
        (
            Shape::Turned { cx, cy, width, height, degrees },
            Shape::Turned {
                cx: cx_to,
                cy: cy_to,
                width: width_to,
                height: height_to,
                degrees: degrees_to,
            },
        ) => Shape::Turned {
            cx: on(*cx, *cx_to),
            cy: on(*cy, *cy_to),
            width: on(*width, *width_to),
            height: on(*height, *height_to),
            degrees: turned(*degrees, *degrees_to, part),
        },
        (
            Shape::Ellipse { cx, cy, rx, ry, degrees },
            Shape::Ellipse { cx: cx_to, cy: cy_to, rx: rx_to, ry: ry_to, degrees: degrees_to },
        ) => Shape::Ellipse {
            cx: on(*cx, *cx_to),
            cy: on(*cy, *cy_to),
            rx: on(*rx, *rx_to),
            ry: on(*ry, *ry_to),
            degrees: turned(*degrees, *degrees_to, part),
        },
        (Shape::Point { x, y }, Shape::Point { x: x_to, y: y_to }) => {
            Shape::Point { x: on(*x, *x_to), y: on(*y, *y_to) }
        }
        (
            Shape::Polygon { points, holes },
            Shape::Polygon { points: points_to, holes: holes_to },
        ) => {
            // Holes that are not there on both sides stay as they are until the next keyframe.
            let holes = match holes.len() == holes_to.len() {
                true => holes.iter().zip(holes_to).map(|(a, b)| ring(a, b, part)).collect(),
                false => holes.clone(),
            };
            Shape::Polygon { points: ring(points, points_to, part), holes }
        }
        (Shape::Line { points, curves }, Shape::Line { points: points_to, curves: curves_to }) => {
            line((points, curves), (points_to, curves_to), part)
        }
        (Shape::Keypoints { points }, Shape::Keypoints { points: points_to })
            if points.len() == points_to.len() =>
        {
            // A point that is not there on both sides does not move.
            let points = points.iter().zip(points_to).map(|(a, b)| match [a[2], b[2]] {
                [0.0, _] | [_, 0.0] => *a,
                _ => [on(a[0], b[0]), on(a[1], b[1]), a[2]],
            });
            Shape::Keypoints { points: points.collect() }
        }
        (Shape::Solid { corners }, Shape::Solid { corners: corners_to }) => {
            let mut moved = *corners;
            for (corner, to) in moved.iter_mut().zip(corners_to) {
                *corner = straight(*corner, *to, part);
            }
            Shape::Solid { corners: moved }
        }
        _ => from.clone(),
    }
}

fn straight(a: Point, b: Point, part: f64) -> Point {
    [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
}

/// Degrees on the shorter way round; of two that are as long, against the clock.
fn turned(from: f64, to: f64, part: f64) -> f64 {
    let way = (to - from + 180.0).rem_euclid(360.0) - 180.0;
    let now = (from + way * part).rem_euclid(360.0);
    // A hair below nothing is rounded up to all of it.
    if now < 360.0 { now } else { 0.0 }
}

fn ring(from: &[Point], to: &[Point], part: f64) -> Vec<Point> {
    outline(from, to, Ends::Joined, part)
}

fn line(
    (from, bends): (&[Point], &[Bend]),
    (to, bends_to): (&[Point], &[Bend]),
    part: f64,
) -> Shape {
    if bends.is_empty() && bends_to.is_empty() {
        return Shape::Line { points: outline(from, to, Ends::Free, part), curves: Vec::new() };
    }
    if from.len() != to.len() {
        let (from, to) = (curves::flatten(from, bends), curves::flatten(to, bends_to));
        return Shape::Line { points: outline(&from, &to, Ends::Free, part), curves: Vec::new() };
    }
    // A straight segment is one whose control points lie on it.
    let bend = |points: &[Point], bends: &[Bend], i: usize| {
        let of = |share: f64| straight(points[i], points[i + 1], share);
        bends.get(i).copied().flatten().unwrap_or_else(|| [of(1.0 / 3.0), of(2.0 / 3.0)])
    };
    let curves = (0..from.len().saturating_sub(1)).map(|i| {
        let is_bent =
            [bends, bends_to].iter().any(|bends| bends.get(i).is_some_and(Option::is_some));
        let (a, b) = (bend(from, bends, i), bend(to, bends_to, i));
        is_bent.then(|| [0, 1].map(|end| straight(a[end], b[end], part)))
    });
    Shape::Line { points: outline(from, to, Ends::Free, part), curves: curves.collect() }
}

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// The last point goes on to the first.
    Joined,
    Free,
}

/// Point by point, where both have as many. Otherwise each point of the outline that has fewer goes from, or to, one of the
/// other's, in their order, and the rest come out of the way between: at either keyframe it is exactly what was drawn (A37).
fn outline(from: &[Point], to: &[Point], ends: Ends, part: f64) -> Vec<Point> {
    let many = |few: &[Point], all: &[Point]| spread(few, all, ends);
    let (from, to) = match from.len().cmp(&to.len()) {
        std::cmp::Ordering::Equal => (from.to_vec(), to.to_vec()),
        std::cmp::Ordering::Less => (many(from, to), to.to_vec()),
        std::cmp::Ordering::Greater => (from.to_vec(), many(to, from)),
    };
    from.iter().zip(&to).map(|(a, b)| straight(*a, *b, part)).collect()
}

/// The same outline as `few`, in as many points as `all` has.
fn spread(few: &[Point], all: &[Point], ends: Ends) -> Vec<Point> {
    let (shares, wanted) = (shares(all, ends), self::shares(few, ends));
    // Which of them each corner is: the nearest by its share of the length that leaves one for each that follows.
    let mut at = Vec::with_capacity(few.len());
    for (corner, share) in wanted.iter().take(few.len()).enumerate() {
        let first = at.last().map_or(0, |last| last + 1);
        let last = match (corner, ends) {
            // Both begin at their first point, and lines end at their last.
            (0, _) => 0,
            _ if ends == Ends::Free && corner + 1 == few.len() => all.len() - 1,
            _ => all.len() - (few.len() - corner),
        };
        let first = if ends == Ends::Free && corner + 1 == few.len() { last } else { first };
        let far = |i: usize| (shares[i] - share).abs();
        at.push((first..=last).min_by(|a, b| far(*a).total_cmp(&far(*b))).unwrap_or(first));
    }
    let mut points = Vec::with_capacity(all.len());
    for (corner, start) in at.iter().enumerate() {
        let (end, next) = match at.get(corner + 1) {
            Some(end) => (*end, few[corner + 1]),
            None if ends == Ends::Joined => (all.len(), few[0]),
            None => (start + 1, few[corner]),
        };
        let whole = shares[end.min(shares.len() - 1)] - shares[*start];
        points.extend((*start..end).map(|i| {
            let even = (i - start) as f64 / (end - start) as f64;
            let share = if whole > 0.0 { (shares[i] - shares[*start]) / whole } else { even };
            straight(few[corner], next, share)
        }));
    }
    points
}

/// How much of the whole length lies before each point; of a ring also that its end is one.
fn shares(points: &[Point], ends: Ends) -> Vec<f64> {
    let next = points.iter().cycle().skip(1).take(points.len());
    let mut before = vec![0.0];
    let mut sum = 0.0;
    for (a, b) in points.iter().zip(next) {
        sum += (b[0] - a[0]).hypot(b[1] - a[1]);
        before.push(sum);
    }
    if ends == Ends::Free {
        before.pop();
    }
    let whole = before.last().copied().filter(|whole| *whole > 0.0).unwrap_or(1.0);
    before.iter().map(|length| length / whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn way(from: Value, to: Value, part: f64) -> Value {
        let read = |shape: Value| serde_json::from_value::<Shape>(shape).unwrap();
        rounded(serde_json::to_value(between(&read(from), &read(to), part)).unwrap())
    }

    fn rounded(value: Value) -> Value {
        match value {
            Value::Number(number) => json!((number.as_f64().unwrap() * 1e9).round() / 1e9),
            Value::Array(all) => all.into_iter().map(rounded).collect(),
            Value::Object(all) => {
                all.into_iter().map(|(key, value)| (key, rounded(value))).collect()
            }
            other => other,
        }
    }

    #[test]
    fn each_kind_goes_its_way() {
        let turned = |cx: f64, degrees: f64| json!({ "type": "turned", "cx": cx, "cy": 20.0, "width": 8.0, "height": 4.0, "degrees": degrees });
        assert_eq!(way(turned(0.0, 350.0), turned(10.0, 20.0), 0.5), turned(5.0, 5.0));
        assert_eq!(way(turned(0.0, 20.0), turned(10.0, 350.0), 0.8), turned(8.0, 356.0));
        let ellipse = |rx: f64, degrees: f64| json!({ "type": "ellipse", "cx": 9.0, "cy": 9.0, "rx": rx, "ry": 2.0, "degrees": degrees });
        assert_eq!(way(ellipse(2.0, 10.0), ellipse(6.0, 30.0), 0.25), ellipse(3.0, 15.0));
        let point = |x: f64| json!({ "type": "point", "x": x, "y": 1.0 });
        assert_eq!(way(point(0.0), point(8.0), 0.25), point(2.0));
        assert_eq!(way(point(0.0), ellipse(2.0, 10.0), 0.25), point(0.0));
        let body = |points: Value| json!({ "type": "keypoints", "points": points });
        assert_eq!(
            way(
                body(json!([[0.0, 0.0, 2.0], [4.0, 4.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 2.0]])),
                body(json!([[8.0, 4.0, 1.0], [8.0, 4.0, 2.0], [5.0, 5.0, 2.0], [0.0, 0.0, 0.0]])),
                0.5
            ),
            body(json!([[4.0, 2.0, 2.0], [6.0, 4.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 2.0]]))
        );
        let line = |points: Value| json!({ "type": "line", "points": points });
        let bent = |points: Value, curves: Value| json!({ "type": "line", "points": points, "curves": curves });
        assert_eq!(
            way(line(json!([[0.0, 0.0], [6.0, 0.0]])), line(json!([[0.0, 4.0], [8.0, 4.0]])), 0.5),
            line(json!([[0.0, 2.0], [7.0, 2.0]]))
        );
        assert_eq!(
            way(
                line(json!([[0.0, 0.0], [6.0, 0.0]])),
                bent(json!([[0.0, 0.0], [6.0, 0.0]]), json!([[[0.0, 4.0], [6.0, 4.0]]])),
                0.5
            ),
            bent(json!([[0.0, 0.0], [6.0, 0.0]]), json!([[[1.0, 2.0], [5.0, 2.0]]]))
        );
    }

    #[test]
    fn an_outline_that_gains_a_corner_is_at_both_ends_what_was_drawn() {
        let polygon = |points: Value| json!({ "type": "polygon", "points": points });
        let square = json!([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]);
        let house = json!([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [5.0, 16.0], [0.0, 10.0]]);
        assert_eq!(
            way(polygon(square.clone()), polygon(house.clone()), 1.0),
            polygon(house.clone())
        );
        let halfway = json!([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [5.0, 13.0], [0.0, 10.0]]);
        assert_eq!(
            way(polygon(square.clone()), polygon(house.clone()), 0.5),
            polygon(halfway.clone())
        );
        assert_eq!(way(polygon(house), polygon(square), 0.5), polygon(halfway));
        let line = |points: Value| json!({ "type": "line", "points": points });
        assert_eq!(
            way(
                line(json!([[0.0, 0.0], [12.0, 0.0]])),
                line(json!([[0.0, 6.0], [3.0, 6.0], [12.0, 6.0]])),
                0.5
            ),
            line(json!([[0.0, 3.0], [3.0, 3.0], [12.0, 3.0]]))
        );
    }

    #[test]
    fn outlines_of_any_numbers_of_points_keep_their_corners() {
        let circle = |count: usize, radius: f64| -> Vec<Point> {
            let at = |i: usize| std::f64::consts::TAU * i as f64 / count as f64;
            (0..count).map(|i| [radius * at(i).cos(), radius * at(i).sin()]).collect()
        };
        for (a, b) in [(3, 4), (3, 60), (59, 60), (4, 3), (17, 5)] {
            for ends in [Ends::Joined, Ends::Free] {
                let (from, to) = (circle(a, 50.0), circle(b, 80.0));
                let [start, end] = [0.0, 1.0].map(|part| outline(&from, &to, ends, part));
                assert_eq!((start.len(), end.len()), (a.max(b), a.max(b)));
                let near = |x: &Point, y: &Point| (x[0] - y[0]).hypot(x[1] - y[1]) < 1e-9;
                assert!(from.iter().all(|corner| start.iter().any(|point| near(point, corner))));
                assert!(to.iter().all(|corner| end.iter().any(|point| near(point, corner))));
            }
        }
        // One on top of the other has no length to share.
        assert_eq!(outline(&[[1.0, 1.0]; 3], &circle(5, 9.0), Ends::Joined, 0.0), [[1.0, 1.0]; 5]);
    }
}
