//! KITTI's boxes in space: height, width, length, the middle of the bottom before the rectified camera, and one turn
//! about its vertical axis.

use std::f64::consts::FRAC_1_SQRT_2;

use super::space::{Cuboid, Frame, times, turned};

/// A box that looks along the camera's x and stands upright: its top is where the camera's y comes from.
const UPRIGHT: [f64; 4] = [FRAC_1_SQRT_2, FRAC_1_SQRT_2, 0.0, 0.0];
/// How far the top may lean before a turn about one axis is less than the whole: about a twentieth of a degree.
const LEAN_MAX: f64 = 1e-3;

/// The box of the columns h, w, l, x, y, z, rotation_y.
pub(super) fn cuboid([h, w, l, x, y, z, turn]: [f64; 7], around: [f64; 4]) -> Cuboid {
    let (sin, cos) = (turn / 2.0).sin_cos();
    Cuboid {
        centre: [x, y - h / 2.0, z],
        size: [l, w, h],
        rotation: times([cos, 0.0, sin, 0.0], UPRIGHT),
        frame: Frame::Camera,
        around: Some(around),
    }
}

/// The columns of a box before the camera, and whether it leans, which they cannot say.
pub(super) fn columns(cuboid: &Cuboid) -> ([f64; 7], bool) {
    let [l, w, h] = cuboid.size;
    let [ahead, top] = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]].map(|axis| turned(cuboid.rotation, axis));
    let [x, y, z] = std::array::from_fn(|at| cuboid.centre[at] - top[at] * h / 2.0);
    let turn = (-ahead[2]).atan2(ahead[0]);
    let leans = top[0].abs().max(top[2].abs()) > LEAN_MAX;
    ([h, w, l, x, y, z, turn].map(tidy), leans)
}

/// The angle from which the camera sees the box.
pub(super) fn alpha([_, _, _, x, _, z, turn]: [f64; 7]) -> f64 {
    let angle = turn - x.atan2(z);
    tidy(angle - std::f64::consts::TAU * (angle / std::f64::consts::TAU).round())
}

/// Without what the way through a rotation added in the last digits.
pub(super) fn tidy(number: f64) -> f64 {
    let tidied = (number * 1e9).round() / 1e9;
    if tidied.is_finite() { tidied + 0.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The corners as KITTI's own development kit has them (`computeBox3D.m`).
    #[test]
    fn the_corners_are_where_the_development_kit_has_them() {
        let columns_in = [1.5, 1.75, 4.0, 1.0, 2.0, 30.0, 0.25];
        let [h, w, l, x, y, z, turn] = columns_in;
        let cuboid = cuboid(columns_in, [0.0; 4]);
        let mut found = cuboid.corners().map(|corner| corner.map(|part| (part * 1e9).round()));
        let (sin, cos) = f64::sin_cos(turn);
        let mut wanted = [0; 8].map(|_| [0.0; 3]);
        for (at, corner) in wanted.iter_mut().enumerate() {
            let a = if at % 4 < 2 { l / 2.0 } else { -l / 2.0 };
            let c = if at % 4 == 0 || at % 4 == 3 { w / 2.0 } else { -w / 2.0 };
            let b = if at < 4 { 0.0 } else { -h };
            let place = [cos * a + sin * c + x, b + y, -sin * a + cos * c + z];
            *corner = place.map(|part: f64| (part * 1e9).round());
        }
        found.sort_by(|a, b| a.partial_cmp(b).unwrap());
        wanted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(found, wanted);
        assert_eq!(columns(&cuboid), (columns_in, false));
    }
}
