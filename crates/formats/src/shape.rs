//! Shapes as numbers, read with suspicion. Other tools know some that an answer does not.

pub use domain::mask::Mask;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The shape of one object, in pixels, the origin at the top left corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    Box {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    },
    /// A box that is turned clockwise about its centre.
    Turned {
        cx: f64,
        cy: f64,
        width: f64,
        height: f64,
        degrees: f64,
    },
    Polygon {
        points: Vec<[f64; 2]>,
    },
    /// One object that other things cut into several polygons.
    Parts {
        parts: Vec<Vec<[f64; 2]>>,
    },
    Line {
        points: Vec<[f64; 2]>,
    },
    Points {
        points: Vec<[f64; 2]>,
    },
    /// Named points in the order of their class: x, y, and 0 absent, 1 hidden, 2 visible. Where the
    /// object has a box besides, it is x, y, width, height.
    Keypoints {
        points: Vec<[f64; 3]>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        around: Option<[f64; 4]>,
    },
    Ellipse {
        cx: f64,
        cy: f64,
        rx: f64,
        ry: f64,
        degrees: f64,
    },
    Mask(Mask),
    /// A box that is seen in perspective: top and bottom of its edges front left, front right, back right, back left.
    Solid {
        corners: Vec<[f64; 2]>,
    },
}

impl Shape {
    /// Reads a shape of an answer. What is not one, or has too few points, is none; holes are cut open, and bends laid out
    /// straight to a quarter of a pixel (A54).
    pub(crate) fn read(shape: &Value) -> Option<Self> {
        use domain::shapes::Shape as Said;
        Some(match Said::deserialize(shape).ok()? {
            Said::Box { x, y, width, height } => Shape::Box { x, y, width, height },
            Said::Turned { cx, cy, width, height, degrees } => {
                Shape::Turned { cx, cy, width, height, degrees }
            }
            Said::Polygon { points, holes } if points.len() >= 3 => {
                Shape::Polygon { points: cut_open(points, holes) }
            }
            Said::Polygon { .. } => return None,
            Said::Line { points, curves } => {
                Shape::Line { points: domain::curves::flatten(&points, &curves) }
            }
            Said::Solid { corners } => Shape::Solid { corners: corners.to_vec() },
            Said::Point { x, y } => Shape::Points { points: vec![[x, y]] },
            Said::Ellipse { cx, cy, rx, ry, degrees } => Shape::Ellipse { cx, cy, rx, ry, degrees },
            Said::Keypoints { points } => Shape::Keypoints { points, around: None },
            Said::Mask(mask) => Shape::Mask(mask),
            // What stands in space lies on no picture.
            Said::Cuboid3d(_) | Said::Points3d(_) => return None,
        })
    }

    pub(crate) fn write(&self) -> Value {
        match self {
            Shape::Box { x, y, width, height } => {
                json!({ "type": "box", "x": x, "y": y, "width": width, "height": height })
            }
            Shape::Polygon { points } => json!({ "type": "polygon", "points": points }),
            Shape::Points { points } if points.len() == 1 => {
                json!({ "type": "point", "x": points[0][0], "y": points[0][1] })
            }
            Shape::Keypoints { points, .. } => json!({ "type": "keypoints", "points": points }),
            other => json!(other),
        }
    }

    /// Returns the upright box around the shape: x, y, width, height.
    pub fn bounds(&self) -> [f64; 4] {
        match self {
            Shape::Box { x, y, width, height } => [*x, *y, *width, *height],
            Shape::Turned { .. } => around(&self.corners()),
            Shape::Polygon { points }
            | Shape::Line { points }
            | Shape::Points { points }
            | Shape::Solid { corners: points } => around(points),
            Shape::Parts { parts } => around(parts.iter().flatten()),
            Shape::Keypoints { around: Some(given), .. } => *given,
            Shape::Keypoints { points, around: None } => {
                let present = points.iter().filter(|point| point[2] > 0.0);
                around(&present.map(|point| [point[0], point[1]]).collect::<Vec<_>>())
            }
            Shape::Ellipse { cx, cy, rx, ry, degrees } => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let half_width = (rx * cos).hypot(ry * sin);
                let half_height = (rx * sin).hypot(ry * cos);
                [cx - half_width, cy - half_height, 2.0 * half_width, 2.0 * half_height]
            }
            Shape::Mask(mask) => mask.bounds(),
        }
    }

    /// Returns the corners of a box, clockwise from the one that was top left before it was turned.
    pub fn corners(&self) -> Vec<[f64; 2]> {
        match self {
            Shape::Turned { cx, cy, width, height, degrees } => {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let (w, h) = (width / 2.0, height / 2.0);
                [[-w, -h], [w, -h], [w, h], [-w, h]]
                    .map(|[x, y]| [cx + x * cos - y * sin, cy + x * sin + y * cos])
                    .to_vec()
            }
            _ => {
                let [x, y, width, height] = self.bounds();
                vec![[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
            }
        }
    }

    /// Says whether there is nothing to see of it.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Shape::Box { width, height, .. } | Shape::Turned { width, height, .. } => {
                *width <= 0.0 || *height <= 0.0
            }
            Shape::Ellipse { rx, ry, .. } => *rx <= 0.0 || *ry <= 0.0,
            Shape::Polygon { points } => points.len() < 3,
            Shape::Parts { parts } => parts.iter().all(|part| part.len() < 3),
            Shape::Line { points } => points.len() < 2,
            Shape::Points { points } | Shape::Solid { corners: points } => points.is_empty(),
            Shape::Keypoints { points, .. } => points.is_empty(),
            // One run is all of nothing: runs begin with what is not there.
            Shape::Mask(mask) => {
                mask.counts.is_empty() || mask.runs().is_some_and(|runs| runs.len() == 1)
            }
        }
    }

    pub fn area(&self) -> f64 {
        match self {
            Shape::Box { width, height, .. } | Shape::Turned { width, height, .. } => {
                width * height
            }
            Shape::Polygon { points } => polygon_area(points),
            Shape::Parts { parts } => parts.iter().map(|part| polygon_area(part)).sum(),
            Shape::Line { .. } | Shape::Points { .. } => 0.0,
            Shape::Keypoints { .. } | Shape::Solid { .. } => {
                let [_, _, width, height] = self.bounds();
                width * height
            }
            Shape::Ellipse { rx, ry, .. } => std::f64::consts::PI * rx * ry,
            Shape::Mask(mask) => mask.area(),
        }
    }

    /// Returns the name of what is lost where a format has only boxes.
    pub(crate) fn loss_as_box(&self) -> Option<&'static str> {
        match self {
            Shape::Box { .. } => None,
            Shape::Turned { .. } => Some("turned_box_as_box"),
            Shape::Polygon { .. } | Shape::Parts { .. } => Some("polygon_as_box"),
            Shape::Line { .. } => Some("line_as_box"),
            Shape::Points { .. } => Some("points_as_box"),
            Shape::Keypoints { .. } => Some("keypoints_as_box"),
            Shape::Ellipse { .. } => Some("ellipse_as_box"),
            Shape::Mask(_) => Some("mask_as_box"),
            Shape::Solid { .. } => Some("cuboid_as_box"),
        }
    }

    /// Returns the name that loss reports and interfaces call this shape by.
    pub fn kind(&self) -> &'static str {
        match self {
            Shape::Box { .. } => "box",
            Shape::Turned { .. } => "turned_box",
            Shape::Polygon { .. } => "polygon",
            Shape::Parts { .. } => "polygon_of_several_parts",
            Shape::Line { .. } => "line",
            Shape::Points { .. } => "points",
            Shape::Keypoints { .. } => "keypoints",
            Shape::Ellipse { .. } => "ellipse",
            Shape::Mask(_) => "mask",
            Shape::Solid { .. } => "cuboid_in_picture",
        }
    }
}

/// An outline with holes as one line, as formats without holes have it: from a corner into each hole, around it
/// against the sense of the outline, and back the same way.
pub(crate) fn cut_open(points: Vec<[f64; 2]>, holes: Vec<Vec<[f64; 2]>>) -> Vec<[f64; 2]> {
    let sense = signed_area(&points) > 0.0;
    let mut line = points;
    for mut hole in holes {
        if (signed_area(&hole) > 0.0) == sense {
            hole.reverse();
        }
        // The nearest corners, so that the cut crosses as little as may be.
        let away =
            |(i, j): (usize, usize)| (line[i][0] - hole[j][0]).hypot(line[i][1] - hole[j][1]);
        let pairs = (0..line.len()).flat_map(|i| (0..hole.len()).map(move |j| (i, j)));
        let Some((i, j)) = pairs.min_by(|a, b| away(*a).total_cmp(&away(*b))) else { continue };
        hole.rotate_left(j);
        hole.push(hole[0]);
        hole.push(line[i]);
        line.splice(i + 1..i + 1, hole);
    }
    line
}

fn signed_area(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

fn polygon_area(points: &[[f64; 2]]) -> f64 {
    signed_area(points).abs()
}

fn around<'a>(points: impl IntoIterator<Item = &'a [f64; 2]>) -> [f64; 4] {
    let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let [left, top, right, bottom] = points.into_iter().fold(start, |around, [x, y]| {
        let [left, top, right, bottom] = around;
        [left.min(*x), top.min(*y), right.max(*x), bottom.max(*y)]
    });
    if left > right { [0.0; 4] } else { [left, top, right - left, bottom - top] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_cut_open_and_the_area_stays() {
        let read = Shape::read(&json!({
            "type": "polygon", "points": [[0, 0], [20, 0], [20, 20], [0, 20]],
            "holes": [[[2, 2], [6, 2], [6, 6], [2, 6]], [[15, 15], [15, 18], [18, 18], [18, 15]]],
        }))
        .unwrap();
        assert_eq!(read.area(), 400.0 - 16.0 - 9.0);
        let Shape::Polygon { points } = read else { panic!("{read:?}") };
        assert_eq!(points[..3], [[0.0, 0.0], [2.0, 2.0], [2.0, 6.0]]);
        assert_eq!(points.len(), 4 + 2 * (4 + 2));
    }

    #[test]
    fn every_shape_of_an_answer_reads_and_is_written_as_it_was() {
        for shape in [
            json!({ "type": "turned", "cx": 1.5, "cy": 2.0, "width": 3.0, "height": 4.0, "degrees": 45.0 }),
            json!({ "type": "line", "points": [[0.0, 0.0], [9.0, 0.0]] }),
            json!({ "type": "solid", "corners": [[0.0, 0.0], [0.0, 9.0], [9.0, 0.0], [9.0, 9.0], [9.0, 0.0], [9.0, 5.0], [4.0, 0.0], [4.0, 5.0]] }),
            json!({ "type": "point", "x": 1.0, "y": 2.0 }),
            json!({ "type": "ellipse", "cx": 1.0, "cy": 2.0, "rx": 3.0, "ry": 4.0, "degrees": 0.0 }),
            json!({ "type": "keypoints", "points": [[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]] }),
            json!({ "type": "mask", "height": 2, "width": 3, "counts": "123" }),
        ] {
            assert_eq!(Shape::read(&shape).unwrap().write(), shape);
        }
        assert_eq!(Shape::read(&json!({ "type": "star" })), None);
    }
}
