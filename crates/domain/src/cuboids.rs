//! Boxes in space, and points (rules A40–A45 of `docs/spec/answers.md`): where each box stands, how it is turned, and how it
//! moves; which points belong.

use crate::answers::Bounds;
use crate::limits::{
    KEYS_OF_PATH_MAX, MASK_BYTES_MAX, SIDE_METRES_MAX, SIDE_METRES_MIN, WORLD_METRES_MAX,
};
use crate::mask::Mask;
use crate::shapes::Tell;
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};

/// A box in the world of its item: metres, x and y along the ground, z up (A40).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cuboid {
    /// Length, width and height, along x, y and z of the box itself; the same at every moment.
    pub size: [f64; 3],
    pub centre: [f64; 3],
    /// Radians from x towards y: where the box looks.
    pub yaw: f64,
    /// The whole rotation, as w, x, y, z, where the box leans: its heading is `yaw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<[f64; 4]>,
    /// Where it stands at some moments, if it moves; between two of them it moves evenly (A42).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Key>,
}

/// Where a moving box stands at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The cloud of the item, from 0.
    pub frame: u64,
    pub centre: [f64; 3],
    pub yaw: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<[f64; 4]>,
    /// From here to the next key the box is not there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// Where a box stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stand {
    pub centre: [f64; 3],
    /// w, x, y, z.
    pub rotation: [f64; 4],
}

/// By how much a rotation may miss the length 1, and its heading the `yaw` beside it.
const ROTATION_SLACK: f64 = 1e-4;

impl Stand {
    fn of(centre: [f64; 3], yaw: f64, rotation: Option<[f64; 4]>) -> Self {
        Self { centre, rotation: rotation.unwrap_or_else(|| about_z(yaw)) }
    }

    /// Where the box looks along the ground, in radians from x towards y.
    pub fn yaw(&self) -> f64 {
        heading(self.rotation)
    }

    /// The corners of the box on the ground, in order: those of the upright box under its heading.
    pub fn footprint(&self, [length, width, _]: [f64; 3]) -> [[f64; 2]; 4] {
        let (sin, cos) = self.yaw().sin_cos();
        let (l, w) = (length / 2.0, width / 2.0);
        [[-l, -w], [l, -w], [l, w], [-l, w]]
            .map(|[x, y]| [self.centre[0] + x * cos - y * sin, self.centre[1] + x * sin + y * cos])
    }
}

fn about_z(yaw: f64) -> [f64; 4] {
    let (sin, cos) = (yaw / 2.0).sin_cos();
    [cos, 0.0, 0.0, sin]
}

fn heading([w, x, y, z]: [f64; 4]) -> f64 {
    (2.0 * (w * z + x * y)).atan2(1.0 - 2.0 * (y * y + z * z))
}

/// The same direction, from −π to π.
pub fn within_a_turn(angle: f64) -> f64 {
    let within = angle - TAU * (angle / TAU).round();
    within.clamp(-PI, PI)
}

impl Cuboid {
    /// Where it stands first, or always.
    pub fn first(&self) -> Stand {
        Stand::of(self.centre, self.yaw, self.rotation)
    }

    /// Where it stands at a moment; none where it is not there (A42).
    pub fn at(&self, frame: u64) -> Option<Stand> {
        if self.path.is_empty() {
            return Some(self.first());
        }
        let after = self.path.partition_point(|key| key.frame <= frame);
        let before = self.path.get(after.checked_sub(1)?)?;
        if before.gone {
            return None;
        }
        let stand = |key: &Key| Stand::of(key.centre, key.yaw, key.rotation);
        let Some(next) = self.path.get(after) else {
            return (before.frame == frame).then(|| stand(before));
        };
        let share = (frame - before.frame) as f64 / (next.frame - before.frame) as f64;
        let (a, b) = (stand(before), stand(next));
        let centre = std::array::from_fn(|i| a.centre[i] + share * (b.centre[i] - a.centre[i]));
        Some(Stand { centre, rotation: between(a.rotation, b.rotation, share) })
    }

    /// Adds what is wrong with it, in an item of so many clouds where that is known.
    pub(crate) fn check(&self, clouds: Option<u64>, tell: Tell<'_>) {
        let side = |side: &f64| (SIDE_METRES_MIN..=SIDE_METRES_MAX).contains(side);
        if !self.size.iter().all(side) {
            tell(".size", "out_of_range", "a side is 0.01 to 1,000 metres long".into());
        }
        check_stand("", self.centre, self.yaw, self.rotation, tell);
        if self.path.len() > KEYS_OF_PATH_MAX {
            tell(".path", "too_many", "a path has at most 500 keys".into());
            return;
        }
        for (i, key) in self.path.iter().enumerate() {
            let at = format!(".path[{i}]");
            check_stand(&at, key.centre, key.yaw, key.rotation, tell);
            if i > 0 && self.path[i - 1].frame >= key.frame {
                let message = "the keys of a path stand in the order of their frames, each once";
                tell(&format!("{at}.frame"), "bad_order", message.into());
            }
            if clouds.is_some_and(|clouds| key.frame >= clouds) {
                let message = format!("the item has {} clouds", clouds.unwrap_or_default());
                tell(&format!("{at}.frame"), "outside", message);
            }
        }
        if let Some(first) = self.path.first() {
            let is_same = first.centre == self.centre
                && first.yaw == self.yaw
                && first.rotation == self.rotation;
            if !is_same || first.gone {
                let message = "a cuboid that moves stands where the first key of its path stands";
                tell(".path[0]", "bad_path", message.into());
            }
        }
    }
}

fn check_stand(at: &str, centre: [f64; 3], yaw: f64, rotation: Option<[f64; 4]>, tell: Tell<'_>) {
    // Written so that what is not a number fails too.
    if !centre.iter().all(|part| part.abs() <= WORLD_METRES_MAX) {
        let message = "a centre lies within 20,000 km of the origin of its world";
        tell(&format!("{at}.centre"), "outside", message.into());
    }
    if !(-PI..=PI).contains(&yaw) {
        let message = "a heading is −π to π radians";
        tell(&format!("{at}.yaw"), "bad_angle", message.into());
    }
    if let Some(rotation) = rotation {
        let length = rotation.iter().map(|part| part * part).sum::<f64>().sqrt();
        let is_unit = (length - 1.0).abs() <= ROTATION_SLACK;
        let looks_so = within_a_turn(heading(rotation) - yaw).abs() <= ROTATION_SLACK;
        if !is_unit || !looks_so {
            let message = "a rotation is a quaternion of length 1 whose heading is `yaw`";
            tell(&format!("{at}.rotation"), "bad_rotation", message.into());
        }
    }
}

/// Some of the points of one cloud, by their numbers in its file (A44).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// Which cloud of the item, from 0.
    pub cloud: u64,
    /// Of the cloud: those without a place among them.
    pub points: u32,
    /// Runs of points that do not belong and that do by turns, in the compressed text of masks.
    pub counts: String,
}

impl Points {
    /// Writes runs, those that do not belong first.
    pub fn from_runs(cloud: u64, points: u32, runs: &[u64]) -> Self {
        Self { cloud, points, counts: Mask::from_runs(points, 1, runs).counts }
    }

    /// The stretches of points that belong: the first of each, and the first behind it. None where the text is not
    /// what it says.
    pub fn stretches(&self) -> Option<Vec<(u64, u64)>> {
        let mask = Mask { height: self.points, width: 1, counts: self.counts.clone() };
        let (mut at, mut found) = (0, Vec::new());
        for (index, run) in mask.runs()?.into_iter().enumerate() {
            if index % 2 == 1 && run > 0 {
                found.push((at, at + run));
            }
            at += run;
        }
        Some(found)
    }

    pub(crate) fn check(&self, bounds: &Bounds, tell: Tell<'_>) {
        if bounds.clouds.is_some_and(|clouds| self.cloud >= clouds) {
            let message = format!("the item has {} clouds", bounds.clouds.unwrap_or_default());
            tell(".cloud", "outside", message);
        }
        let points = u64::from(self.points);
        let is_other = match (bounds.clouds, bounds.points) {
            (Some(1), Some(count)) => points != count,
            (_, Some(count)) => points > count,
            _ => false,
        };
        if is_other {
            let message = "`points` is how many points the file of the cloud has";
            tell(".points", "outside", message.into());
        }
        let is_long = self.counts.len() > MASK_BYTES_MAX;
        if is_long || self.stretches().is_none_or(|stretches| stretches.is_empty()) {
            let message =
                "`counts` holds compressed runs of all points, of which one at least belongs";
            tell(".counts", "bad_mask", message.into());
        }
    }
}

/// The rotation on the way from one to another, the shorter way round (Shoemake, "Animating rotation with quaternion
/// curves", 1985).
fn between(a: [f64; 4], mut b: [f64; 4], share: f64) -> [f64; 4] {
    let mut cos: f64 = (0..4).map(|i| a[i] * b[i]).sum();
    if cos < 0.0 {
        (b, cos) = (b.map(|part| -part), -cos);
    }
    let angle = cos.min(1.0).acos();
    let (from, to) = match angle.sin() {
        sin if sin > 1e-6 => (((1.0 - share) * angle).sin() / sin, (share * angle).sin() / sin),
        _ => (1.0 - share, share),
    };
    let mixed: [f64; 4] = std::array::from_fn(|i| from * a[i] + to * b[i]);
    let length = mixed.iter().map(|part| part * part).sum::<f64>().sqrt();
    mixed.map(|part| part / length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn problems(cuboid: Value) -> String {
        let cuboid: Cuboid = serde_json::from_value(cuboid).unwrap();
        let mut told = Vec::new();
        cuboid.check(Some(10), &mut |at, code, _| told.push(format!("{at} {code}")));
        told.join("; ")
    }

    #[test]
    fn what_may_be_said_and_what_not() {
        let with = |key: &str, value: Value| {
            let mut cuboid = json!({ "size": [4, 2, 1.5], "centre": [1, 2, 0.75], "yaw": 1.0 });
            cuboid[key] = value;
            problems(cuboid)
        };
        assert_eq!(with("yaw", json!(1.0)), "");
        assert_eq!(with("yaw", json!(3.2)), ".yaw bad_angle");
        assert_eq!(with("size", json!([4, 0.001, 1])), ".size out_of_range");
        assert_eq!(with("size", json!([4, 2000, 1])), ".size out_of_range");
        assert_eq!(with("centre", json!([0, 3e7, 0])), ".centre outside");
        assert_eq!(with("rotation", json!(about_z(1.0))), "");
        assert_eq!(with("rotation", json!(about_z(1.1))), ".rotation bad_rotation");
        assert_eq!(with("rotation", json!([2, 0, 0, 0])), ".rotation bad_rotation");
    }

    #[test]
    fn a_path_is_in_order_and_begins_where_the_cuboid_stands() {
        let key =
            |frame: u64, x: f64| json!({ "frame": frame, "centre": [x, 2, 0.75], "yaw": 1.0 });
        let with = |path: Value| {
            problems(
                json!({ "size": [4, 2, 1.5], "centre": [1, 2, 0.75], "yaw": 1.0, "path": path }),
            )
        };
        assert_eq!(with(json!([key(0, 1.0), key(4, 5.0)])), "");
        assert_eq!(with(json!([key(0, 2.0), key(4, 5.0)])), ".path[0] bad_path");
        assert_eq!(with(json!([key(4, 1.0), key(4, 5.0)])), ".path[1].frame bad_order");
        assert_eq!(with(json!([key(0, 1.0), key(10, 5.0)])), ".path[1].frame outside");
    }

    #[test]
    fn what_moves_is_between_its_keys_and_turns_the_shorter_way() {
        let cuboid: Cuboid = serde_json::from_value(json!({
            "size": [4, 2, 1.5], "centre": [0, 0, 0], "yaw": 3.0,
            "path": [
                { "frame": 2, "centre": [0, 0, 0], "yaw": 3.0 },
                { "frame": 6, "centre": [8, 0, 0], "yaw": -3.0 },
                { "frame": 7, "centre": [9, 0, 0], "yaw": -3.0, "gone": true },
                { "frame": 9, "centre": [20, 0, 0], "yaw": -3.0 },
            ],
        }))
        .unwrap();
        assert_eq!(cuboid.at(1), None);
        let half = cuboid.at(4).unwrap();
        assert_eq!(half.centre, [4.0, 0.0, 0.0]);
        assert!((half.yaw().abs() - PI).abs() < 1e-9, "{}", half.yaw());
        assert_eq!(cuboid.at(6).unwrap().centre, [8.0, 0.0, 0.0]);
        assert_eq!([cuboid.at(7), cuboid.at(8)], [None, None]);
        assert_eq!(cuboid.at(9).unwrap().centre, [20.0, 0.0, 0.0]);
        assert_eq!(cuboid.at(10), None);
        let still = Cuboid { path: vec![], ..cuboid };
        assert_eq!(still.at(400).unwrap().centre, [0.0; 3]);
    }

    #[test]
    fn points_are_those_of_the_file() {
        let points = Points::from_runs(0, 20, &[3, 5, 2, 10]);
        assert_eq!(points.stretches().unwrap(), [(3, 8), (10, 20)]);
        let told = |points: &Points, clouds: u64, count: u64| {
            let mut told = Vec::new();
            points.check(&Bounds::clouds(clouds, count), &mut |at, code, _| {
                told.push(format!("{at} {code}"));
            });
            told.join("; ")
        };
        assert_eq!(told(&points, 1, 20), "");
        assert_eq!(told(&points, 1, 30), ".points outside");
        assert_eq!(told(&points, 2, 30), "");
        assert_eq!(told(&Points { cloud: 2, ..points.clone() }, 2, 30), ".cloud outside");
        assert_eq!(told(&Points { points: 19, ..points.clone() }, 2, 30), ".counts bad_mask");
        assert_eq!(told(&Points::from_runs(0, 20, &[20]), 1, 20), ".counts bad_mask");
    }

    #[test]
    fn the_footprint_looks_where_the_cuboid_looks() {
        let stand = Stand::of([10.0, 5.0, 0.0], PI / 2.0, None);
        let found = stand.footprint([4.0, 2.0, 1.0]).map(|corner| corner.map(f64::round));
        assert_eq!(found, [[11.0, 3.0], [11.0, 7.0], [9.0, 7.0], [9.0, 3.0]]);
    }
}
