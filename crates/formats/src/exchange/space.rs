//! Things in space: boxes in metres, and the sensors that saw them. The rules:
//!
//! - **S1** A box of its own looks along x; y is its left, z its top. A camera looks along z, x is right, y down.
//! - **S2** Rotations are unit quaternions w, x, y, z; a pose takes what stands in its own frame to the one around it.
//! - **S3** Frames are named, never guessed: what a format needs in another frame is moved there by the sensors of
//!   the item, or counted as lost.

use serde::{Deserialize, Serialize};

use super::Item;
use crate::loss::LossReport;
use crate::row::{Code, Fault};

/// Holds a box in space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cuboid {
    /// The middle of the box, in metres.
    pub centre: [f64; 3],
    /// Length, width and height, in metres: along x, y and z of the box itself.
    pub size: [f64; 3],
    /// How it is turned in its frame: w, x, y, z.
    pub rotation: [f64; 4],
    #[serde(default)]
    pub frame: Frame,
    /// The box around it in the picture, where the file gives one: x, y, width, height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<[f64; 4]>,
}

/// Names what the places of a box are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// A place on the ground that does not move.
    #[default]
    World,
    /// The scanner: x ahead, y left, z up.
    Lidar,
    /// The camera: x right, y down, z ahead.
    Camera,
}

/// Says where one frame stands in another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pose {
    /// In metres.
    pub translation: [f64; 3],
    /// w, x, y, z.
    pub rotation: [f64; 4],
}

/// Names one sensor of an item: its file, where it is fixed, and where the vehicle stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensor {
    /// The channel, as `CAM_FRONT`.
    pub name: String,
    /// `camera`, `lidar` or `radar`.
    pub modality: String,
    pub file: String,
    /// Microseconds.
    #[serde(default)]
    pub timestamp: i64,
    /// The sensor in the vehicle.
    pub mount: Pose,
    /// The vehicle in the world.
    pub vehicle: Pose,
    /// What takes a place before the camera to pixels, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intrinsic: Option<[[f64; 3]; 3]>,
    /// How the lens bends what a pinhole would keep straight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distortion: Option<domain::scenes::Distortion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The file with the class of each point of the cloud, one byte a point, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<String>,
}

impl Default for Pose {
    fn default() -> Self {
        Self { translation: [0.0; 3], rotation: [1.0, 0.0, 0.0, 0.0] }
    }
}

pub(super) fn times([a, b, c, d]: [f64; 4], [e, f, g, h]: [f64; 4]) -> [f64; 4] {
    [
        a * e - b * f - c * g - d * h,
        a * f + b * e + c * h - d * g,
        a * g - b * h + c * e + d * f,
        a * h + b * g - c * f + d * e,
    ]
}

pub(super) fn turned([w, x, y, z]: [f64; 4], [a, b, c]: [f64; 3]) -> [f64; 3] {
    let twice = [2.0 * (y * c - z * b), 2.0 * (z * a - x * c), 2.0 * (x * b - y * a)];
    let [d, e, f] = twice;
    [a + w * d + y * f - z * e, b + w * e + z * d - x * f, c + w * f + x * e - y * d]
}

/// The quaternion of this direction, of length 1; a fault where it has none.
pub(super) fn unit(rotation: [f64; 4], field: &str) -> Result<[f64; 4], Fault> {
    let length = rotation.iter().map(|part| part * part).sum::<f64>().sqrt();
    if !length.is_finite() || (length - 1.0).abs() > 0.01 {
        let message = format!("`{field}` has the length {length}: a rotation has the length 1");
        return Err(Fault::new(field, Code::OutOfRange, message));
    }
    // What has the length 1 but for rounding stays as the file has it.
    let near = (length - 1.0).abs() < 1e-6;
    Ok(if near { rotation } else { rotation.map(|part| part / length) })
}

/// The rotation about the axes x, then y, then z of the outer frame, in radians.
pub(super) fn from_angles([x, y, z]: [f64; 3]) -> [f64; 4] {
    let about = |angle: f64, axis: usize| {
        let (sin, cos) = (angle / 2.0).sin_cos();
        let mut turn = [cos, 0.0, 0.0, 0.0];
        turn[axis + 1] = sin;
        turn
    };
    times(about(z, 2), times(about(y, 1), about(x, 0)))
}

/// The rotation about the axes x, then y, then z that turn with the box, in radians.
pub(super) fn from_own_angles([x, y, z]: [f64; 3]) -> [f64; 4] {
    let [w, a, b, c] = from_angles([-x, -y, -z]);
    [w, -a, -b, -c]
}

/// The reverse of [`from_own_angles`].
pub(super) fn own_angles([w, x, y, z]: [f64; 4]) -> [f64; 3] {
    angles([w, -x, -y, -z]).map(|angle| -angle)
}

/// The reverse of [`from_angles`].
pub(super) fn angles([w, x, y, z]: [f64; 4]) -> [f64; 3] {
    let sine = (2.0 * (w * y - z * x)).clamp(-1.0, 1.0);
    [
        (2.0 * (w * x + y * z)).atan2(1.0 - 2.0 * (x * x + y * y)),
        sine.asin(),
        (2.0 * (w * z + x * y)).atan2(1.0 - 2.0 * (y * y + z * z)),
    ]
}

impl Pose {
    /// Returns where a place of its own frame stands in the one around it.
    pub fn place(&self, point: [f64; 3]) -> [f64; 3] {
        let turned = turned(self.rotation, point);
        std::array::from_fn(|at| turned[at] + self.translation[at])
    }

    /// Returns the pose that takes things back.
    pub fn inverse(&self) -> Self {
        let [w, x, y, z] = self.rotation;
        let rotation = [w, -x, -y, -z];
        let back = turned(rotation, self.translation);
        Self { translation: back.map(|part| -part), rotation }
    }

    /// Returns the pose that goes through `inner` first and then through this one.
    pub fn after(&self, inner: &Pose) -> Self {
        let translation = self.place(inner.translation);
        Self { translation, rotation: times(self.rotation, inner.rotation) }
    }
}

impl Cuboid {
    /// Returns the box as it stands in another frame; `pose` is that of its own frame there.
    pub fn moved(&self, pose: &Pose, frame: Frame) -> Self {
        Self {
            centre: pose.place(self.centre),
            rotation: times(pose.rotation, self.rotation),
            frame,
            ..self.clone()
        }
    }

    /// Returns the box as an answer has it; what leans by less than a thousandth of a degree stands upright.
    pub fn answer(&self) -> domain::cuboids::Cuboid {
        const LEAN_MAX: f64 = 2e-5;
        let [roll, pitch, yaw] = angles(self.rotation);
        let leans = roll.abs().max(pitch.abs()) > LEAN_MAX;
        domain::cuboids::Cuboid {
            size: self.size,
            centre: self.centre,
            yaw,
            rotation: leans.then_some(self.rotation),
            path: Vec::new(),
        }
    }

    /// Returns a box of an answer, as it stands at one moment.
    pub fn standing(stand: &domain::cuboids::Stand, size: [f64; 3]) -> Self {
        let domain::cuboids::Stand { centre, rotation } = *stand;
        Self { centre, size, rotation, frame: Frame::World, around: None }
    }

    /// Returns the corners: those in front first, each four from the top left around.
    pub fn corners(&self) -> [[f64; 3]; 8] {
        let pose = Pose { translation: self.centre, rotation: self.rotation };
        let [l, w, h] = self.size.map(|side| side / 2.0);
        let around = [[w, h], [-w, h], [-w, -h], [w, -h]];
        std::array::from_fn(|at| {
            let [y, z] = around[at % 4];
            pose.place([if at < 4 { l } else { -l }, y, z])
        })
    }

    pub(super) fn check(self, field: &str) -> Result<Self, Fault> {
        if let Some(side) = self.size.iter().find(|side| **side <= 0.0) {
            let message = format!("`{field}` has a side of {side}: a box has sides above 0");
            return Err(Fault::new(field, Code::OutOfRange, message));
        }
        Ok(self)
    }
}

impl Sensor {
    /// Returns where the sensor stands in the world.
    pub fn pose(&self) -> Pose {
        self.vehicle.after(&self.mount)
    }

    /// Returns the box of pixels around a box that stands before this camera, as far as it lies in the picture; none
    /// where it does not.
    pub fn around(&self, cuboid: &Cuboid) -> Option<[f64; 4]> {
        /// What is nearer than this is behind the lens.
        const NEAR_METRES: f64 = 0.1;
        let rows = self.intrinsic?;
        let [width, height] = [f64::from(self.width?), f64::from(self.height?)];
        let corners = cuboid.corners();
        let edges = (0..4).flat_map(|at| {
            let next = (at + 1) % 4;
            [[at, next], [at + 4, next + 4], [at, at + 4]]
        });
        let [mut left, mut top] = [f64::INFINITY; 2];
        let [mut right, mut bottom] = [f64::NEG_INFINITY; 2];
        for [from, to] in edges {
            let [mut a, mut b] = [corners[from], corners[to]];
            if a[2] > b[2] {
                (a, b) = (b, a);
            }
            if b[2] < NEAR_METRES {
                continue;
            }
            if a[2] < NEAR_METRES {
                let part = (NEAR_METRES - a[2]) / (b[2] - a[2]);
                a = std::array::from_fn(|at| a[at] + part * (b[at] - a[at]));
            }
            for point in [a, b] {
                let [u, v, w] = rows.map(|row| (0..3).map(|at| row[at] * point[at]).sum::<f64>());
                (left, right) = (left.min(u / w), right.max(u / w));
                (top, bottom) = (top.min(v / w), bottom.max(v / w));
            }
        }
        (left, top) = (left.max(0.0), top.max(0.0));
        (right, bottom) = (right.min(width), bottom.min(height));
        (right > left && bottom > top).then_some([left, top, right - left, bottom - top])
    }
}

impl Item {
    /// Returns the box as a sensor of the item sees it; none where nothing says how the frames lie to each other.
    pub(super) fn seen_by(&self, sensor: &Sensor, cuboid: &Cuboid) -> Option<Cuboid> {
        let frame = if sensor.modality == "camera" { Frame::Camera } else { Frame::Lidar };
        let world = match cuboid.frame {
            Frame::World => Pose::default(),
            from if from == frame => return Some(cuboid.clone()),
            Frame::Lidar => self.sensor("lidar")?.pose(),
            Frame::Camera => self.sensor("camera")?.pose(),
        };
        Some(cuboid.moved(&sensor.pose().inverse().after(&world), frame))
    }

    /// Returns the box as it stands in the world of the item; none where nothing says where that is.
    pub fn in_world(&self, cuboid: &Cuboid) -> Option<Cuboid> {
        let pose = match cuboid.frame {
            Frame::World => return Some(cuboid.clone()),
            Frame::Lidar => self.sensor("lidar").map(Sensor::pose).unwrap_or_default(),
            Frame::Camera => self.sensor("camera")?.pose(),
        };
        Some(cuboid.moved(&pose, Frame::World))
    }

    /// Counts the lenses of its cameras, for a format that has pinholes alone.
    pub(super) fn lose_lenses(&self, losses: &mut LossReport) {
        for sensor in self.sensors.iter().filter(|sensor| sensor.distortion.is_some()) {
            losses.add("lens_distortion", || format!("{}: {}", self.name, sensor.name));
        }
    }

    pub fn sensor(&self, modality: &str) -> Option<&Sensor> {
        self.sensors.iter().find(|sensor| sensor.modality == modality)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near<const N: usize>(a: [f64; N], b: [f64; N]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn poses_go_there_and_back() {
        let rotation = from_angles([0.3, -0.2, 2.5]);
        let pose = Pose { translation: [1.0, -2.0, 3.0], rotation };
        assert!(near(angles(rotation), [0.3, -0.2, 2.5]));
        let own = from_own_angles([0.3, -0.2, 2.5]);
        let [x, y, z] = [[0.3, 0.0, 0.0], [0.0, -0.2, 0.0], [0.0, 0.0, 2.5]].map(from_angles);
        assert!(near(own, times(x, times(y, z))) && near(own_angles(own), [0.3, -0.2, 2.5]));
        let point = [4.0, 5.0, -6.0];
        assert!(near(pose.inverse().place(pose.place(point)), point));
        // A quarter about z takes x to y.
        let quarter = from_angles([0.0, 0.0, std::f64::consts::FRAC_PI_2]);
        assert!(near(turned(quarter, [1.0, 0.0, 0.0]), [0.0, 1.0, 0.0]));
        let both = pose.after(&Pose { translation: [0.0; 3], rotation: quarter });
        assert!(near(both.place([1.0, 0.0, 0.0]), pose.place([0.0, 1.0, 0.0])));
    }

    /// A cube of two metres, ten metres before a camera of 100 pixels a radian: its near face is at nine.
    #[test]
    fn a_box_before_the_camera_is_seen_where_it_should_be() {
        let camera = Sensor {
            intrinsic: Some([[100.0, 0.0, 50.0], [0.0, 100.0, 40.0], [0.0, 0.0, 1.0]]),
            width: Some(100),
            height: Some(80),
            ..Sensor::default()
        };
        let cuboid = |z: f64| Cuboid {
            centre: [0.0, 0.0, z],
            size: [2.0; 3],
            rotation: Pose::default().rotation,
            frame: Frame::Camera,
            around: None,
        };
        let side = 200.0 / 9.0;
        let seen = camera.around(&cuboid(10.0)).unwrap();
        assert!(near(seen, [50.0 - side / 2.0, 40.0 - side / 2.0, side, side]));
        assert_eq!(camera.around(&cuboid(-10.0)), None);
        // One that the camera stands in fills the picture.
        assert_eq!(camera.around(&cuboid(0.5)), Some([0.0, 0.0, 100.0, 80.0]));
    }
}
