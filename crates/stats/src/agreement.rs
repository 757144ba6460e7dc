//! How far several opinions of one thing agree, and which of them speaks for all.

/// What several opinions say together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice {
    /// Which opinion speaks for all.
    pub index: usize,
    /// How far they agree, 0 to 1.
    pub agreement: f64,
    /// Whether another, different opinion speaks for as many.
    pub tie: bool,
}

/// The most frequent of several labels, and its share. The first of the most frequent speaks.
///
/// ```
/// let voice = stats::agreement::plurality(&["rain", "sun", "rain"]);
/// assert_eq!((voice.index, voice.tie), (0, false));
/// assert!((voice.agreement - 2.0 / 3.0).abs() < 1e-12);
/// ```
pub fn plurality<L: PartialEq>(labels: &[L]) -> Voice {
    let count = |label: &L| labels.iter().filter(|other| *other == label).count();
    let mut best = 0;
    for index in 1..labels.len() {
        if count(&labels[index]) > count(&labels[best]) {
            best = index;
        }
    }
    let Some(chosen) = labels.get(best) else {
        return Voice { index: 0, agreement: 1.0, tie: false };
    };
    let most = count(chosen);
    let tie = labels.iter().any(|label| label != chosen && count(label) == most);
    Voice { index: best, agreement: most as f64 / labels.len() as f64, tie }
}

/// The opinion that is most like the others (the medoid), and the mean similarity of all pairs.
///
/// `similarity(i, j)` is 0 to 1, symmetric, and asked once for each pair. Two opinions cannot outvote
/// each other, so a pair that is not alike is a tie.
pub fn medoid(count: usize, mut similarity: impl FnMut(usize, usize) -> f64) -> Voice {
    let mut sums = vec![0.0; count];
    let mut total = 0.0;
    for i in 0..count {
        for j in i + 1..count {
            let alike = similarity(i, j);
            sums[i] += alike;
            sums[j] += alike;
            total += alike;
        }
    }
    let mut index = 0;
    for candidate in 1..count {
        if sums[candidate] > sums[index] {
            index = candidate;
        }
    }
    let pairs = count * count.saturating_sub(1) / 2;
    let agreement = if pairs == 0 { 1.0 } else { total / pairs as f64 };
    Voice { index, agreement, tie: false }
}

/// The share of what is in both sets among what is in either (Jaccard 1901); two empty sets are alike.
pub fn jaccard<T: PartialEq>(a: &[T], b: &[T]) -> f64 {
    let both = a.iter().filter(|x| b.contains(x)).count();
    let either = a.len() + b.len() - both;
    if either == 0 { 1.0 } else { both as f64 / either as f64 }
}

/// An outlined thing of some class.
#[derive(Clone, Debug)]
pub struct Region<'a> {
    pub class: &'a str,
    /// Corners in order; the last is joined to the first.
    pub outline: Vec<[f64; 2]>,
    /// Bottom and top, where it stands in space on its outline: overlap is then that of the volumes.
    pub heights: Option<[f64; 2]>,
    /// Of a skeleton: its named points in order, nothing where one is absent. Empty of everything else.
    pub places: Vec<Option<[f64; 2]>>,
}

/// Matches of less overlap than this are no matches (the usual threshold of detection benchmarks).
pub const IOU_MIN: f64 = 0.5;

/// F1 of two sets of regions: pairs of the same class with an IoU of at least `iou_min` are matched
/// one to one, the largest overlap first. Two empty sets are alike.
pub fn f1(a: &[Region<'_>], b: &[Region<'_>], iou_min: f64) -> f64 {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    let boxes: Vec<[f64; 4]> = b.iter().map(|region| bounds(&region.outline)).collect();
    for (i, x) in a.iter().enumerate() {
        let bounds_x = bounds(&x.outline);
        for (j, y) in b.iter().enumerate() {
            if x.class == y.class && box_overlap(&bounds_x, &boxes[j]) > 0.0 {
                let overlap = overlap(x, y);
                if overlap >= iou_min {
                    pairs.push((overlap, i, j));
                }
            }
        }
    }
    f1_of(a.len(), b.len(), pairs)
}

/// F1 of two sets of so many things: of the pairs that could match, each an overlap and the places of the two, those with
/// the largest overlap do, one to one. Two empty sets are alike.
pub fn f1_of(a: usize, b: usize, mut pairs: Vec<(f64, usize, usize)>) -> f64 {
    if a + b == 0 {
        return 1.0;
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut of_a, mut of_b, mut matched) = (vec![false; a], vec![false; b], 0);
    for (_, i, j) in pairs {
        if !of_a[i] && !of_b[j] {
            (of_a[i], of_b[j]) = (true, true);
            matched += 1;
        }
    }
    2.0 * f64::from(matched) / (a + b) as f64
}

/// How far two regions are the same, 0 to 1: skeletons by their points, and everything else by intersection over
/// union, of the volumes where both stand in space.
pub fn overlap(a: &Region<'_>, b: &Region<'_>) -> f64 {
    if !a.places.is_empty() && a.places.len() == b.places.len() {
        return oks(&a.places, &b.places);
    }
    match (a.heights, b.heights) {
        (Some(heights_a), Some(heights_b)) => {
            volume_iou((&a.outline, heights_a), (&b.outline, heights_b))
        }
        _ => iou(&a.outline, &b.outline),
    }
}

/// How far a point of a skeleton may be off, as a share of the size of the whole.
const OKS_FALLOFF: f64 = 0.1;
/// Pixels: a skeleton smaller than this is taken for as large as this.
const OKS_SIZE_MIN: f64 = 20.0;

/// Object keypoint similarity (COCO 2016), with one falloff for all points: the mean over the points that either
/// has of exp(−d² ∕ 2s²k²), where d is how far apart they are, s² the mean area of the boxes around the two, and
/// k 0.1. A point that only one of them has is no likeness.
///
/// ```
/// use stats::agreement::oks;
/// let a = [Some([0.0, 0.0]), Some([100.0, 100.0]), None];
/// assert!((oks(&a, &a) - 1.0).abs() < 1e-12);
/// let off = [Some([10.0, 0.0]), Some([100.0, 100.0]), None];
/// assert!((oks(&a, &off) - (1.0 + (-100.0 / (2.0 * 9500.0 * 0.01_f64)).exp()) / 2.0).abs() < 1e-12);
/// ```
pub fn oks(a: &[Option<[f64; 2]>], b: &[Option<[f64; 2]>]) -> f64 {
    let size = |places: &[Option<[f64; 2]>]| {
        let there: Vec<[f64; 2]> = places.iter().flatten().copied().collect();
        let [left, top, right, bottom] = bounds(&there);
        if there.is_empty() { 0.0 } else { (right - left) * (bottom - top) }
    };
    let area = f64::midpoint(size(a), size(b)).max(OKS_SIZE_MIN * OKS_SIZE_MIN);
    let (mut sum, mut count) = (0.0, 0.0);
    for pair in a.iter().zip(b) {
        match pair {
            (None, None) => continue,
            (Some([ax, ay]), Some([bx, by])) => {
                let apart = (ax - bx).powi(2) + (ay - by).powi(2);
                sum += (-apart / (2.0 * area * OKS_FALLOFF * OKS_FALLOFF)).exp();
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        count += 1.0;
    }
    if count == 0.0 { 1.0 } else { sum / count }
}

/// Intersection over union of two outlines (even-odd where an outline crosses itself).
pub fn iou(a: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
    let both = intersection(a, b);
    let either = area(a) + area(b) - both;
    if either <= 0.0 { 0.0 } else { (both / either).clamp(0.0, 1.0) }
}

/// Intersection over union of two upright volumes, each an outline between a bottom and a top.
///
/// ```
/// let square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]];
/// let overlap = stats::agreement::volume_iou((&square, [0.0, 2.0]), (&square, [1.0, 3.0]));
/// assert!((overlap - 1.0 / 3.0).abs() < 1e-12);
/// ```
pub fn volume_iou(
    (a, [low_a, high_a]): (&[[f64; 2]], [f64; 2]),
    (b, [low_b, high_b]): (&[[f64; 2]], [f64; 2]),
) -> f64 {
    let both = intersection(a, b) * (high_a.min(high_b) - low_a.max(low_b)).max(0.0);
    let either = area(a) * (high_a - low_a) + area(b) * (high_b - low_b) - both;
    if either <= 0.0 { 0.0 } else { (both / either).clamp(0.0, 1.0) }
}

pub(crate) fn bounds(outline: &[[f64; 2]]) -> [f64; 4] {
    outline.iter().fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |[l, t, r, b], [x, y]| [l.min(*x), t.min(*y), r.max(*x), b.max(*y)],
    )
}

fn box_overlap(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    (a[2].min(b[2]) - a[0].max(b[0])).max(0.0) * (a[3].min(b[3]) - a[1].max(b[1])).max(0.0)
}

/// Area by spans, so that it means the same as in `intersection`.
fn area(outline: &[[f64; 2]]) -> f64 {
    intersection(outline, outline)
}

/// Area common to two outlines. Between two neighbouring heights at which a corner lies or two
/// edges cross, every span's ends move in straight lines, so the common length is linear there and
/// the middle height gives the exact area of the slab.
fn intersection(a: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
    let mut heights: Vec<f64> = a.iter().chain(b).map(|[_, y]| *y).collect();
    let edges: Vec<[[f64; 2]; 2]> = edges(a).chain(edges(b)).collect();
    for (i, first) in edges.iter().enumerate() {
        for second in &edges[i + 1..] {
            heights.extend(crossing_height(first, second));
        }
    }
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    heights
        .windows(2)
        .map(|pair| (pair[1] - pair[0]) * common_length(a, b, (pair[0] + pair[1]) / 2.0))
        .sum()
}

fn edges(outline: &[[f64; 2]]) -> impl Iterator<Item = [[f64; 2]; 2]> + '_ {
    outline.iter().zip(outline.iter().cycle().skip(1)).map(|(p, q)| [*p, *q])
}

fn crossing_height(first: &[[f64; 2]; 2], second: &[[f64; 2]; 2]) -> Option<f64> {
    let [p, q] = *first;
    let [r, s] = *second;
    let (d, e) = ([q[0] - p[0], q[1] - p[1]], [s[0] - r[0], s[1] - r[1]]);
    let cross = d[0] * e[1] - d[1] * e[0];
    if cross == 0.0 {
        return None;
    }
    let t = ((r[0] - p[0]) * e[1] - (r[1] - p[1]) * e[0]) / cross;
    let u = ((r[0] - p[0]) * d[1] - (r[1] - p[1]) * d[0]) / cross;
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then(|| p[1] + t * d[1])
}

/// Length that two outlines have in common at one height.
fn common_length(a: &[[f64; 2]], b: &[[f64; 2]], y: f64) -> f64 {
    let (a, b) = (spans(a, y), spans(b, y));
    let overlap = |x: &[f64], z: &[f64]| (x[1].min(z[1]) - x[0].max(z[0])).max(0.0);
    a.chunks_exact(2).flat_map(|x| b.chunks_exact(2).map(move |z| overlap(x, z))).sum()
}

/// Where a level line enters and leaves an outline.
pub(crate) fn spans(outline: &[[f64; 2]], y: f64) -> Vec<f64> {
    let mut ends: Vec<f64> = edges(outline)
        .filter(|[p, q]| (p[1] > y) != (q[1] > y))
        .map(|[p, q]| p[0] + (y - p[1]) / (q[1] - p[1]) * (q[0] - p[0]))
        .collect();
    ends.sort_by(f64::total_cmp);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<[f64; 2]> {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
    }

    #[test]
    fn voices() {
        assert_eq!(plurality(&["a"]), Voice { index: 0, agreement: 1.0, tie: false });
        assert_eq!(plurality(&["a", "b"]), Voice { index: 0, agreement: 0.5, tie: true });
        assert_eq!(
            plurality(&["a", "b", "b", "c"]),
            Voice { index: 1, agreement: 0.5, tie: false }
        );
        let alike = [[1.0, 0.2, 0.3], [0.2, 1.0, 0.9], [0.3, 0.9, 1.0]];
        let voice = medoid(3, |i, j| alike[i][j]);
        assert_eq!(voice.index, 2);
        assert!((voice.agreement - 1.4 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn overlaps_of_known_figures() {
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-9, "{got} is not {want}");
        near(iou(&square(0., 0., 2.), &square(0., 0., 2.)), 1.0);
        near(iou(&square(0., 0., 2.), &square(1., 0., 2.)), 2.0 / 6.0);
        near(iou(&square(0., 0., 2.), &square(5., 0., 2.)), 0.0);
        // A triangle is half of its square.
        near(iou(&square(0., 0., 2.), &[[0., 0.], [2., 0.], [0., 2.]]), 0.5);
        // A U and the square that fills it share nothing; a U and its hull share the U.
        let u = [[0., 0.], [1., 0.], [1., 2.], [2., 2.], [2., 0.], [3., 0.], [3., 3.], [0., 3.]];
        near(iou(&u, &[[1., 0.], [2., 0.], [2., 2.], [1., 2.]]), 0.0);
        near(iou(&u, &square(0., 0., 3.)), 7.0 / 9.0);
        // Two triangles that cross: the common kite has a quarter of the square.
        near(intersection(&[[0., 0.], [2., 0.], [0., 2.]], &[[0., 0.], [2., 0.], [2., 2.]]), 1.0);
    }

    #[test]
    fn f1_counts_what_is_matched_one_to_one() {
        let region = |class, x: f64| Region {
            class,
            outline: square(x, 0., 10.),
            heights: None,
            places: vec![],
        };
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-9, "{got} is not {want}");
        near(f1(&[], &[], 0.5), 1.0);
        near(f1(&[region("car", 0.)], &[], 0.5), 0.0);
        near(f1(&[region("car", 0.)], &[region("car", 1.)], 0.5), 1.0);
        near(f1(&[region("car", 0.)], &[region("tree", 1.)], 0.5), 0.0);
        near(f1(&[region("car", 0.)], &[region("car", 1.), region("car", 2.)], 0.5), 2.0 / 3.0);
    }
}
