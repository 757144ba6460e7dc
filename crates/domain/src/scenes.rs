//! What an item of clouds is made of: the clouds of a drive, moment by moment, where their scanner stood, and the
//! cameras that saw the same (rules C1–C5 of `docs/spec/clouds.md`).

use crate::answers::Bounds;
use crate::limits::{CAMERAS_MAX, CLOUDS_MAX, WORLD_METRES_MAX};
use crate::{Problem, limits};
use serde::{Deserialize, Serialize};

/// Where one frame stands in another: what takes a place of its own to one around it (C2).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pose {
    /// Metres.
    pub translation: [f64; 3],
    /// A quaternion of length 1: w, x, y, z.
    pub rotation: [f64; 4],
}

impl Default for Pose {
    fn default() -> Self {
        Self { translation: [0.0; 3], rotation: [1.0, 0.0, 0.0, 0.0] }
    }
}

impl Pose {
    /// Where a place of its own frame stands in the one around it.
    pub fn place(&self, point: [f64; 3]) -> [f64; 3] {
        let turned = turned(self.rotation, point);
        std::array::from_fn(|at| turned[at] + self.translation[at])
    }

    /// The pose that goes through `inner` first and then through this one.
    pub fn after(&self, inner: &Pose) -> Self {
        let rotation = times(self.rotation, inner.rotation);
        Self { translation: self.place(inner.translation), rotation }
    }

    fn is_sound(&self) -> bool {
        let length = self.rotation.iter().map(|part| part * part).sum::<f64>().sqrt();
        (length - 1.0).abs() <= 0.01
            && self.translation.iter().all(|part| part.abs() <= WORLD_METRES_MAX)
    }

    fn of_length_one(self) -> Self {
        let length = self.rotation.iter().map(|part| part * part).sum::<f64>().sqrt();
        Self { rotation: self.rotation.map(|part| part / length), ..self }
    }
}

fn times([a, b, c, d]: [f64; 4], [e, f, g, h]: [f64; 4]) -> [f64; 4] {
    [
        a * e - b * f - c * g - d * h,
        a * f + b * e + c * h - d * g,
        a * g - b * h + c * e + d * f,
        a * h + b * g - c * f + d * e,
    ]
}

fn turned([w, x, y, z]: [f64; 4], [a, b, c]: [f64; 3]) -> [f64; 3] {
    let [d, e, f] = [2.0 * (y * c - z * b), 2.0 * (z * a - x * c), 2.0 * (x * b - y * a)];
    [a + w * d + y * f - z * e, b + w * e + z * d - x * f, c + w * f + x * e - y * d]
}

/// How a lens bends what a pinhole would keep straight (C13): the models of OpenCV, its numbers in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distortion {
    pub model: LensModel,
    /// Of Brown and Conrady k1, k2, p1, p2 and, where there are more, k3, and k4, k5, k6; of Kannala and Brandt k1 to k4.
    pub coefficients: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LensModel {
    BrownConrady,
    /// Of fisheyes, by the angle.
    KannalaBrandt,
}

impl Distortion {
    fn is_sound(&self) -> bool {
        let counts: &[usize] = match self.model {
            LensModel::BrownConrady => &[4, 5, 8],
            LensModel::KannalaBrandt => &[4],
        };
        counts.contains(&self.coefficients.len())
            && self.coefficients.iter().all(|number| number.is_finite())
    }

    /// Whether pictures are as straight as those of a pinhole.
    pub fn is_none(&self) -> bool {
        self.model == LensModel::BrownConrady
            && self.coefficients.iter().all(|number| *number == 0.0)
    }
}

/// An item of clouds, as its sender describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewScene {
    /// One for each moment, in the order of time.
    pub clouds: Vec<NewCloud>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCloud {
    pub path: String,
    /// The scanner in the world; where none is given, the scanner is the origin of the world.
    #[serde(default)]
    pub pose: Pose,
    /// Seconds, counted from where the sender counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cameras: Vec<NewCamera>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCamera {
    pub name: String,
    pub path: String,
    /// What takes a place before the camera to pixels, row by row (C3).
    pub intrinsic: [[f64; 3]; 3],
    /// None: straight lines are straight (C13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distortion: Option<Distortion>,
    /// Pixels of the picture; what the picture itself says counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The camera in the world: x right, y down, z ahead. One of this and `mount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pose: Option<Pose>,
    /// The camera in the frame of the scanner of the same moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<Pose>,
}

impl NewCamera {
    /// Where the camera stands in the world.
    pub fn in_world(&self, scanner: &Pose) -> Pose {
        let pose = match (self.pose, self.mount) {
            (Some(pose), _) => pose,
            (None, mount) => scanner.after(&mount.unwrap_or_default()),
        };
        pose.of_length_one()
    }
}

impl NewCloud {
    /// Where the scanner stands in the world.
    pub fn in_world(&self) -> Pose {
        self.pose.of_length_one()
    }
}

impl NewScene {
    /// One cloud, whose scanner is the origin of its world.
    pub fn of_one(path: String) -> Self {
        let cloud = NewCloud { path, pose: Pose::default(), time: None, cameras: vec![] };
        Self { clouds: vec![cloud] }
    }

    /// The first thing that is wrong with it (C1–C3).
    pub fn check(&self) -> Result<(), Problem> {
        let wrong = |path: String, message: &str| Err(Problem::new(path, "bad_scene", message));
        if !(1..=CLOUDS_MAX).contains(&self.clouds.len()) {
            return wrong("scene.clouds".into(), "a scene has 1 to 500 clouds");
        }
        for (i, cloud) in self.clouds.iter().enumerate() {
            let at = format!("scene.clouds[{i}]");
            if !cloud.pose.is_sound() {
                return wrong(format!("{at}.pose"), POSE);
            }
            if cloud.time.is_some_and(|time| !time.is_finite()) {
                return wrong(format!("{at}.time"), "a time is a number of seconds");
            }
            if cloud.cameras.len() > CAMERAS_MAX {
                return wrong(format!("{at}.cameras"), "a cloud has at most 32 cameras");
            }
            for (j, camera) in cloud.cameras.iter().enumerate() {
                camera.check(&format!("{at}.cameras[{j}]"))?;
                if cloud.cameras[..j].iter().any(|other| other.name == camera.name) {
                    let message = "the cameras of one cloud have names of their own";
                    return wrong(format!("{at}.cameras[{j}].name"), message);
                }
            }
        }
        Ok(())
    }
}

const POSE: &str = "a pose has a `rotation` w, x, y, z of length 1 and a `translation` in metres, within 20,000 km";

impl NewCamera {
    fn check(&self, at: &str) -> Result<(), Problem> {
        let wrong = |path: String, message: &str| Err(Problem::new(path, "bad_scene", message));
        if !(1..=limits::NAME_CHARS_MAX).contains(&self.name.chars().count()) {
            return wrong(format!("{at}.name"), "a camera has a name of at most 200 characters");
        }
        match (self.pose, self.mount) {
            (Some(_), Some(_)) | (None, None) => {
                let message = "say where the camera stands: `pose` in the world, or `mount` on the scanner, and not both";
                return wrong(format!("{at}.pose"), message);
            }
            (pose, mount) if !pose.or(mount).is_some_and(|pose| pose.is_sound()) => {
                return wrong(format!("{at}.pose"), POSE);
            }
            _ => {}
        }
        let [[fx, _, _], [_, fy, _], last] = self.intrinsic;
        let is_sound = self.intrinsic.iter().flatten().all(|part| part.is_finite())
            && fx > 0.0
            && fy > 0.0
            && last == [0.0, 0.0, 1.0];
        if !is_sound {
            let message =
                "an intrinsic matrix has focal lengths above 0, and 0, 0, 1 in its last row";
            return wrong(format!("{at}.intrinsic"), message);
        }
        if self.distortion.as_ref().is_some_and(|lens| !lens.is_sound()) {
            let message = "a `brown_conrady` lens has 4, 5 or 8 `coefficients` (k1, k2, p1, p2, k3, k4, k5, k6), a `kannala_brandt` lens 4 (k1 to k4)";
            return wrong(format!("{at}.distortion"), message);
        }
        Ok(())
    }
}

impl Scene {
    /// Every file of it: its name, and where it is among the blobs.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.clouds.iter().flat_map(|cloud| {
            let cameras = cloud.cameras.iter().map(|one| (&one.file[..], &one.address[..]));
            std::iter::once((&cloud.file[..], &cloud.address[..])).chain(cameras)
        })
    }

    /// What an answer may reach.
    pub fn bounds(&self) -> Bounds {
        let points = self.clouds.iter().map(|cloud| cloud.points).max().unwrap_or_default();
        Bounds::clouds(self.clouds.len() as u64, points)
    }

    /// The same as its sender would describe it.
    pub fn described(&self) -> NewScene {
        let clouds = self.clouds.iter().map(|cloud| NewCloud {
            path: cloud.file.clone(),
            pose: cloud.pose,
            time: cloud.time,
            cameras: cloud.cameras.iter().map(Camera::described).collect(),
        });
        NewScene { clouds: clouds.collect() }
    }
}

impl Camera {
    fn described(&self) -> NewCamera {
        NewCamera {
            name: self.name.clone(),
            path: self.file.clone(),
            intrinsic: self.intrinsic,
            distortion: self.distortion.clone(),
            width: u32::try_from(self.width).ok(),
            height: u32::try_from(self.height).ok(),
            pose: Some(self.pose),
            mount: None,
        }
    }
}

/// An item of clouds as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    pub clouds: Vec<Cloud>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cloud {
    /// The file as its sender calls it.
    pub file: String,
    /// Where it is among the blobs.
    pub address: String,
    pub bytes: i64,
    /// Of the file, those without a place among them.
    pub points: u64,
    pub pose: Pose,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cameras: Vec<Camera>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    pub name: String,
    pub file: String,
    pub address: String,
    pub width: i64,
    pub height: i64,
    pub intrinsic: [[f64; 3]; 3],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distortion: Option<Distortion>,
    /// The camera in the world.
    pub pose: Pose,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn problem(scene: Value) -> String {
        let scene: NewScene = serde_json::from_value(scene).unwrap();
        scene.check().err().map(|problem| problem.path).unwrap_or_default()
    }

    #[test]
    fn a_scene_is_checked_at_its_first_fault() {
        let pose = json!({ "translation": [1, 2, 3], "rotation": [1, 0, 0, 0] });
        let camera = json!({ "name": "front", "path": "f.png", "mount": pose, "intrinsic": [[700, 0, 600], [0, 700, 180], [0, 0, 1]] });
        let with = |change: fn(&mut Value)| {
            let mut scene =
                json!({ "clouds": [{ "path": "a.bin", "pose": pose, "cameras": [camera] }] });
            change(&mut scene);
            problem(scene)
        };
        assert_eq!(with(|_| ()), "");
        assert_eq!(with(|scene| scene["clouds"] = json!([])), "scene.clouds");
        assert_eq!(
            with(|scene| scene["clouds"][0]["pose"]["rotation"] = json!([2, 0, 0, 0])),
            "scene.clouds[0].pose"
        );
        assert_eq!(
            with(|scene| scene["clouds"][0]["cameras"][0]["pose"] =
                json!({ "translation": [0, 0, 0], "rotation": [1, 0, 0, 0] })),
            "scene.clouds[0].cameras[0].pose"
        );
        assert_eq!(
            with(|scene| scene["clouds"][0]["cameras"][0]["intrinsic"][2] = json!([0, 0, 2])),
            "scene.clouds[0].cameras[0].intrinsic"
        );
        let lens =
            |model: &str, count: usize| json!({ "model": model, "coefficients": vec![0.1; count] });
        for (model, count, is_sound) in [
            ("brown_conrady", 4, true),
            ("brown_conrady", 5, true),
            ("brown_conrady", 6, false),
            ("brown_conrady", 8, true),
            ("kannala_brandt", 4, true),
            ("kannala_brandt", 5, false),
        ] {
            let mut scene = json!({ "clouds": [{ "path": "a.bin", "cameras": [camera] }] });
            scene["clouds"][0]["cameras"][0]["distortion"] = lens(model, count);
            let wanted = if is_sound { "" } else { "scene.clouds[0].cameras[0].distortion" };
            assert_eq!(problem(scene), wanted, "{model} {count}");
        }
        assert_eq!(
            with(|scene| {
                let again = scene["clouds"][0]["cameras"][0].clone();
                scene["clouds"][0]["cameras"].as_array_mut().unwrap().push(again);
            }),
            "scene.clouds[0].cameras[1].name"
        );
    }

    #[test]
    fn a_camera_stands_in_the_world_where_its_scanner_carries_it() {
        // The scanner looks along y, the camera is mounted a metre ahead of it.
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let scanner = Pose { translation: [10.0, 0.0, 0.0], rotation: [half, 0.0, 0.0, half] };
        let camera: NewCamera = serde_json::from_value(json!({
            "name": "front", "path": "f.png", "intrinsic": [[700, 0, 600], [0, 700, 180], [0, 0, 1]],
            "mount": { "translation": [1, 0, 0], "rotation": [1, 0, 0, 0] },
        }))
        .unwrap();
        let place = camera.in_world(&scanner).translation.map(f64::round);
        assert_eq!(place, [10.0, 1.0, 0.0]);
    }
}
