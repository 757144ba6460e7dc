//! KITTI's calibration: where its four cameras and its scanner stand to each other. The set for objects and that for
//! tracking have it in one file, with names of their own; the raw recordings in several.
//!
//! The boxes of KITTI stand before the first camera, straightened; the other three look the same way from beside it. The
//! vehicle stands where its scanner does, which looks ahead.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::space::{self, Pose, Sensor, turned};
use super::{Item, ReadError, Refusal, Sink, Source, refusal};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

const FILE_MAX_BYTES: u64 = 1 << 20;
/// How a camera looks ahead on a vehicle: its z along x, its x to the right, its y down.
pub(super) const AHEAD: [f64; 4] = [0.5, -0.5, 0.5, -0.5];
/// By how much the rows of a rotation may differ from ones of length 1 that stand upright on each other.
const SLACK: f64 = 0.01;

type Matrix = [[f64; 3]; 3];

/// What the keys of the sets are called.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Style {
    Objects,
    Tracking,
    Raw,
}

struct Camera {
    number: usize,
    intrinsic: Matrix,
    /// What the place of a thing before the first camera becomes before this one, by addition.
    offset: [f64; 3],
    size: Option<[u32; 2]>,
}

pub(super) struct Calibration {
    style: Style,
    cameras: Vec<Camera>,
    /// The scanner before the first camera.
    lidar: Option<Pose>,
}

/// Reads the files of these names, as far as they are there; none where no file is, or where one is wrong, which is told.
pub(super) fn read(
    source: &mut Source,
    names: &[String],
    style: Style,
    sink: &mut dyn Sink,
) -> Result<Option<Calibration>, ReadError> {
    let (mut keys, mut file) = (HashMap::new(), None);
    for name in names {
        let Some(index) = source.find(name) else { continue };
        file = Some(name);
        let text = String::from_utf8_lossy(&source.text(index, FILE_MAX_BYTES)?).into_owned();
        if let Err(refused) = lines(name, &text, &mut keys) {
            sink.refuse(refused);
            return Ok(None);
        }
    }
    let Some(file) = file else { return Ok(None) };
    match Calibration::of(style, &keys) {
        Ok(found) => {
            let moved = ["Tr_imu_to_velo", "Tr_imu_velo"].iter().find_map(|key| keys.get(*key));
            let nowhere = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];
            if moved.is_some_and(|(_, moved)| moved[..] != nowhere) {
                sink.lose("place_of_the_imu", file.clone());
            }
            if keys.contains_key("K_00") {
                sink.lose("camera_before_it_was_straightened", file.clone());
            }
            Ok(Some(found))
        }
        Err((line, fault)) => {
            sink.refuse(refusal(file, line, fault, b""));
            Ok(None)
        }
    }
}

type Keys = HashMap<String, (u64, Vec<f64>)>;

fn lines(name: &str, text: &str, keys: &mut Keys) -> Result<(), Refusal> {
    for (nth, line) in text.lines().enumerate() {
        let mut words = line.split_ascii_whitespace();
        let Some(key) = words.next() else { continue };
        let key = key.trim_end_matches(':');
        // When it was measured is a text.
        if key == "calib_time" {
            continue;
        }
        let numbers = words.map(|word| {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| {
                let shown: String = word.chars().take(40).collect();
                let message = format!("`{key}` has “{shown}”: give numbers");
                refusal(name, nth as u64 + 1, Fault::new(key, Code::WrongType, message), b"")
            })
        });
        keys.insert(key.into(), (nth as u64 + 1, numbers.collect::<Result<_, _>>()?));
    }
    Ok(())
}

/// The numbers of the first of these keys that is there.
fn numbers<const N: usize>(keys: &Keys, names: &[&str]) -> Result<Option<[f64; N]>, (u64, Fault)> {
    let Some((name, (line, found))) = names.iter().find_map(|name| Some((name, keys.get(*name)?)))
    else {
        return Ok(None);
    };
    <[f64; N]>::try_from(&found[..]).map(Some).map_err(|_| {
        let message = format!("`{name}` has {} numbers, not {N}", found.len());
        (*line, Fault::new(name, Code::OutOfRange, message))
    })
}

impl Calibration {
    fn of(style: Style, keys: &Keys) -> Result<Self, (u64, Fault)> {
        let mut cameras = Vec::new();
        for number in 0..4 {
            let names = [format!("P{number}"), format!("P_rect_{number:02}")];
            let names = names.each_ref().map(String::as_str);
            let Some(numbers) = self::numbers::<12>(keys, &names)? else { continue };
            let [a, b, c] = [0, 4, 8].map(|at| [numbers[at], numbers[at + 1], numbers[at + 2]]);
            let intrinsic = [a, b, c];
            let column = [numbers[3], numbers[7], numbers[11]];
            let Some(offset) = solved(intrinsic, column) else {
                let message = format!("`{}` is no projection", names[0]);
                return Err((1, Fault::new(names[0], Code::OutOfRange, message)));
            };
            let size = self::numbers::<2>(keys, &[&format!("S_rect_{number:02}")])?;
            let size = size.filter(|size| size.iter().all(|side| (1.0..1e6).contains(side)));
            let size = size.map(|size| size.map(|side| side as u32));
            cameras.push(Camera { number, intrinsic, offset, size });
        }
        let straight = self::numbers::<9>(keys, &["R0_rect", "R_rect", "R_rect_00"])?;
        let straight = straight.map_or(IDENTITY, rows);
        let moved = self::numbers::<12>(keys, &["Tr_velo_to_cam", "Tr_velo_cam"])?;
        let moved =
            match (moved, self::numbers::<9>(keys, &["R"])?, self::numbers::<3>(keys, &["T"])?) {
                (Some([a, b, c, x, d, e, f, y, g, h, i, z]), ..) => {
                    Some(([a, b, c, d, e, f, g, h, i], [x, y, z]))
                }
                (None, Some(rotation), Some(translation)) => Some((rotation, translation)),
                _ => None,
            };
        let lidar = match moved {
            None => None,
            Some((rotation, translation)) => {
                let rotation = product(straight, rows(rotation));
                let Some(rotation) = quaternion(rotation) else {
                    let message = "what takes the scanner to the camera is no rotation";
                    return Err((1, Fault::new("Tr_velo_to_cam", Code::OutOfRange, message)));
                };
                Some(Pose { translation: applied(straight, translation), rotation })
            }
        };
        Ok(Self { style, cameras, lidar })
    }

    /// The sensors of one moment: `files` tells the picture of each camera by the name of its folder, and the cloud
    /// by that of its own. Straightened pictures are all of one size, `size`, where the file does not say it.
    pub fn sensors(&self, size: Option<[u32; 2]>, files: impl Fn(&str) -> String) -> Vec<Sensor> {
        let first = match self.lidar {
            Some(lidar) => lidar.inverse(),
            None => Pose { rotation: AHEAD, ..Pose::default() },
        };
        let mut sensors = Vec::new();
        for camera in &self.cameras {
            let name = match self.style {
                Style::Objects => format!("image_{}", camera.number),
                Style::Tracking | Style::Raw => format!("image_{:02}", camera.number),
            };
            let size = camera.size.or(size);
            let beside = Pose { translation: camera.offset.map(|part| -part), ..Pose::default() };
            sensors.push(Sensor {
                file: files(&name),
                name,
                modality: "camera".into(),
                mount: first.after(&beside),
                intrinsic: Some(camera.intrinsic),
                width: size.map(|size| size[0]),
                height: size.map(|size| size[1]),
                ..Sensor::default()
            });
        }
        if self.lidar.is_some() {
            sensors.push(Sensor {
                file: files("velodyne"),
                name: "velodyne".into(),
                modality: "lidar".into(),
                ..Sensor::default()
            });
        }
        sensors
    }
}

/// The camera of this number, as this module names it.
fn numbered(item: &Item, number: usize) -> Option<&Sensor> {
    let names = [format!("image_{number}"), format!("image_{number:02}")];
    item.sensors.iter().find(|sensor| names.contains(&sensor.name))
}

/// The camera whose pictures KITTI labels, where the item has KITTI's own.
pub(super) fn labelled(item: &Item) -> Option<&Sensor> {
    numbered(item, 2)
}

/// Counts what no calibration has a place for: sensors besides four cameras and one scanner, or without the other kind to
/// stand to, their lenses, other names, and when and where in the world each was.
pub(super) fn lose_sensors(item: &Item, camera: Option<&Sensor>, losses: &mut LossReport) {
    item.lose_lenses(losses);
    let scanner =
        item.sensor("lidar").filter(|_| camera.is_some_and(|one| one.intrinsic.is_some()));
    for sensor in &item.sensors {
        let place = || format!("{}: {}", item.name, sensor.name);
        let numbered = (0..4).any(|number| numbered(item, number) == Some(sensor));
        let kept = numbered || [camera, scanner].contains(&Some(sensor));
        if scanner.is_none() || !kept {
            losses.add("sensors", place);
            continue;
        }
        if !numbered && sensor.name != "velodyne" {
            losses.add("name_of_sensor", place);
        }
        if sensor.vehicle != Pose::default() {
            losses.add("place_of_the_vehicle", place);
        }
        if sensor.timestamp != 0 {
            losses.add("time_of_sensor", place);
        }
    }
}

/// The files of a calibration, each by its name without an ending; none where nothing is known of camera or scanner.
/// `camera` is that of the boxes.
pub(super) fn texts(
    item: &Item,
    camera: &Sensor,
    style: Style,
) -> Option<Vec<(&'static str, String)>> {
    let rows = camera.intrinsic?;
    let lidar = item.sensor("lidar")?;
    let to_camera = camera.pose().inverse().after(&lidar.pose());
    let mut text = String::new();
    for number in 0..4 {
        let own = numbered(item, number);
        let rows = own.and_then(|own| own.intrinsic).unwrap_or(rows);
        let beside = own.map_or([0.0; 3], |own| {
            camera.pose().inverse().after(&own.pose()).translation.map(|part| -part)
        });
        let column = applied(rows, beside);
        if style == Style::Raw {
            let [width, height] =
                own.and_then(|own| Some([own.width?, own.height?])).unwrap_or([0; 2]);
            let _ = writeln!(text, "S_rect_{number:02}: {width:e} {height:e}");
            let _ = writeln!(text, "R_rect_{number:02}: 1 0 0 0 1 0 0 0 1");
            let _ = write!(text, "P_rect_{number:02}:");
        } else {
            let _ = write!(text, "P{number}:");
        }
        for ([a, b, c], d) in rows.into_iter().zip(column) {
            // What the way there and back added in the last digits is nothing.
            let d = if d.abs() < 1e-9 { 0.0 } else { d };
            let _ = write!(text, " {a:e} {b:e} {c:e} {d:e}");
        }
        text.push('\n');
    }
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let axes = axes.map(|axis| turned(to_camera.rotation, axis));
    let row = |row: usize| [axes[0][row], axes[1][row], axes[2][row]];
    let all =
        |numbers: &[f64]| numbers.iter().map(|number| format!(" {number:e}")).collect::<String>();
    let place = to_camera.translation;
    let whole: String = (0..3).map(|at| all(&row(at)) + &all(&place[at..=at])).collect();
    match style {
        Style::Objects => {
            let _ = writeln!(text, "R0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam:{whole}");
            text.push_str("Tr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0\n");
        }
        Style::Tracking => {
            let _ = writeln!(text, "R_rect 1 0 0 0 1 0 0 0 1\nTr_velo_cam{whole}");
            text.push_str("Tr_imu_velo 1 0 0 0 0 1 0 0 0 0 1 0\n");
        }
        Style::Raw => {
            let turn: String = (0..3).map(|at| all(&row(at))).collect();
            let scanner = format!("R:{turn}\nT:{}\n", all(&place));
            return Some(vec![("calib_cam_to_cam", text), ("calib_velo_to_cam", scanner)]);
        }
    }
    Some(vec![("calib", text)])
}

const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

fn rows([a, b, c, d, e, f, g, h, i]: [f64; 9]) -> Matrix {
    [[a, b, c], [d, e, f], [g, h, i]]
}

fn applied(matrix: Matrix, point: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(point).map(|(a, b)| a * b).sum())
}

fn product(a: Matrix, b: Matrix) -> Matrix {
    let columns: Matrix = std::array::from_fn(|at| b.map(|row| row[at]));
    a.map(|row| columns.map(|column| row.iter().zip(column).map(|(a, b)| a * b).sum()))
}

/// What the matrix takes to `wanted`, where it is the upper triangle that a camera has.
fn solved([a, b, c]: Matrix, wanted: [f64; 3]) -> Option<[f64; 3]> {
    if b[0] != 0.0 || c[..2] != [0.0; 2] {
        return None;
    }
    let z = wanted[2] / c[2];
    let y = (wanted[1] - b[2] * z) / b[1];
    let x = (wanted[0] - a[1] * y - a[2] * z) / a[0];
    [x, y, z].iter().all(|part| part.is_finite()).then_some([x, y, z])
}

/// The rotation of a matrix, as w, x, y, z; none where it is none.
fn quaternion(rotation: Matrix) -> Option<[f64; 4]> {
    for (at, a) in rotation.iter().enumerate() {
        for (other, b) in rotation.iter().enumerate() {
            let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            if (dot - f64::from(u8::from(at == other))).abs() > SLACK {
                return None;
            }
        }
    }
    let [[a, b, c], [d, e, f], [g, h, i]] = rotation;
    // Of the four ways to it the one whose divisor is the largest.
    let found = match a + e + i {
        trace if trace > 0.0 => [1.0 + trace, h - f, c - g, d - b],
        _ if a >= e && a >= i => [h - f, 1.0 + a - e - i, b + d, c + g],
        _ if e >= i => [c - g, b + d, 1.0 + e - a - i, f + h],
        _ => [d - b, c + g, f + h, 1.0 + i - a - e],
    };
    let length = found.iter().map(|part| part * part).sum::<f64>().sqrt();
    let unit = found.map(|part| part / length);
    space::unit(unit, "rotation").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_the_same_as_a_matrix_and_as_a_quaternion() {
        for angles in [[0.1, 0.2, 0.3], [3.0, -1.2, 2.0], [-2.9, 0.4, -3.1], [1.5, 1.5, -1.5]] {
            let rotation = space::from_angles(angles);
            let columns = IDENTITY.map(|axis| turned(rotation, axis));
            let matrix: Matrix = std::array::from_fn(|row| columns.map(|column| column[row]));
            let found = quaternion(matrix).unwrap();
            let sign = if found[0] * rotation[0] < 0.0 { -1.0 } else { 1.0 };
            let near = found.iter().zip(rotation).all(|(a, b)| (a * sign - b).abs() < 1e-12);
            assert!(near, "{found:?} {rotation:?}");
        }
        assert_eq!(quaternion([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]), None);
    }
}
