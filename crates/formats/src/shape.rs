//! The shapes of an answer as numbers, read with suspicion.

use serde_json::{Value, json};

/// The shape of one object, in pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Box { x: f64, y: f64, width: f64, height: f64 },
    Polygon(Vec<[f64; 2]>),
}

impl Shape {
    pub(crate) fn read(shape: &Value) -> Option<Self> {
        let number = |key: &str| shape[key].as_f64();
        match shape["type"].as_str()? {
            "box" => Some(Shape::Box {
                x: number("x")?,
                y: number("y")?,
                width: number("width")?,
                height: number("height")?,
            }),
            "polygon" => {
                let points = shape["points"].as_array()?.iter().map(|point| {
                    let [x, y] = &point.as_array()?[..] else { return None };
                    Some([x.as_f64()?, y.as_f64()?])
                });
                let points: Vec<_> = points.collect::<Option<_>>()?;
                (points.len() >= 3).then_some(Shape::Polygon(points))
            }
            _ => None,
        }
    }

    pub(crate) fn write(&self) -> Value {
        match self {
            Shape::Box { x, y, width, height } => {
                json!({ "type": "box", "x": x, "y": y, "width": width, "height": height })
            }
            Shape::Polygon(points) => json!({ "type": "polygon", "points": points }),
        }
    }

    /// Returns the upright box around the shape: x, y, width, height.
    pub(crate) fn bounds(&self) -> [f64; 4] {
        match self {
            Shape::Box { x, y, width, height } => [*x, *y, *width, *height],
            Shape::Polygon(points) => {
                let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
                let [left, top, right, bottom] = points.iter().fold(start, |around, [x, y]| {
                    let [left, top, right, bottom] = around;
                    [left.min(*x), top.min(*y), right.max(*x), bottom.max(*y)]
                });
                [left, top, right - left, bottom - top]
            }
        }
    }

    pub(crate) fn area(&self) -> f64 {
        match self {
            Shape::Box { width, height, .. } => width * height,
            Shape::Polygon(points) => {
                let next = points.iter().cycle().skip(1);
                let twice: f64 =
                    points.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
                twice.abs() / 2.0
            }
        }
    }
}
