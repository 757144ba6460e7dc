//! Cubic Bézier curves, and the lines that stand for them where curves are not known (A54).

use crate::limits::CURVE_TOLERANCE_PX;

/// The two control points of a segment that is bent; a straight one has none.
pub type Bend = Option<[[f64; 2]; 2]>;

/// The points of a line with its bends laid out straight, no farther from the curve than
/// [`CURVE_TOLERANCE_PX`].
///
/// A chord over the share `1/n` of a cubic lies within `M / (8 n²)` of it, where `M`, the greatest second derivative,
/// is at most six times the greater of the two second differences of its control points: Wang, "The subdivision
/// method for finding the intersection between two Bézier curves or surfaces" (1984).
pub fn flatten(points: &[[f64; 2]], curves: &[Bend]) -> Vec<[f64; 2]> {
    let mut line = Vec::with_capacity(points.len());
    line.extend(points.first());
    for (i, pair) in points.windows(2).enumerate() {
        if let Some(Some([b, c])) = curves.get(i) {
            let curve = [pair[0], *b, *c, pair[1]];
            let chords = chords(&curve);
            line.extend((1..chords).map(|k| at(&curve, f64::from(k) / f64::from(chords))));
        }
        line.push(pair[1]);
    }
    line
}

/// Chords that one bend becomes, at most.
const CHORDS_MAX: f64 = 256.0;

fn chords([a, b, c, d]: &[[f64; 2]; 4]) -> u32 {
    let bent = |a: &[f64; 2], b: &[f64; 2], c: &[f64; 2]| {
        (a[0] - 2.0 * b[0] + c[0]).hypot(a[1] - 2.0 * b[1] + c[1])
    };
    let most = 6.0 * bent(a, b, c).max(bent(b, c, d));
    (most / (8.0 * CURVE_TOLERANCE_PX)).sqrt().ceil().clamp(1.0, CHORDS_MAX) as u32
}

fn at([a, b, c, d]: &[[f64; 2]; 4], t: f64) -> [f64; 2] {
    let s = 1.0 - t;
    let share = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    [0, 1].map(|axis| {
        share[0] * a[axis] + share[1] * b[axis] + share[2] * c[axis] + share[3] * d[axis]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_near_its_curve() {
        let points = [[0.0, 0.0], [400.0, 0.0], [500.0, 0.0]];
        let bends = [Some([[0.0, 300.0], [400.0, -300.0]]), None];
        let line = flatten(&points, &bends);
        assert_eq!(flatten(&points, &[]), points);
        assert_eq!((line[0], line[line.len() - 1]), (points[0], points[2]));
        let curve = [points[0], [0.0, 300.0], [400.0, -300.0], points[1]];
        let away = |p: [f64; 2]| {
            let to = |pair: &[[f64; 2]]| {
                let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
                let along = (p[0] - pair[0][0]) * dx + (p[1] - pair[0][1]) * dy;
                let t = (along / (dx * dx + dy * dy)).clamp(0.0, 1.0);
                (p[0] - pair[0][0] - t * dx).hypot(p[1] - pair[0][1] - t * dy)
            };
            line.windows(2).map(to).fold(f64::INFINITY, f64::min)
        };
        let farthest =
            (0..=2000).map(|k| away(at(&curve, f64::from(k) / 2000.0))).fold(0.0, f64::max);
        assert!(farthest <= CURVE_TOLERANCE_PX && farthest > 0.05, "{farthest}");
        assert!(line.len() < 60, "{}", line.len());
    }
}
