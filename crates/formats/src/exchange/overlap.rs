//! Things that two files tell of one picture, and which of them are the same.

/// How many pairs are compared in one picture.
const PAIRS_MAX: usize = 4_000_000;

/// A class, where it is known, and the upright box around a thing: x, y, width, height.
pub(super) struct Seen<'a> {
    pub class: Option<&'a str>,
    pub bounds: [f64; 4],
}

/// How much of their union two boxes share, and how much of the first one lies in the second.
fn overlap(a: [f64; 4], b: [f64; 4]) -> [f64; 2] {
    let along = |axis: usize| {
        let end = (a[axis] + a[axis + 2]).min(b[axis] + b[axis + 2]);
        (end - a[axis].max(b[axis])).max(0.0)
    };
    let both = along(0) * along(1);
    let (first, second) = (a[2] * a[3], b[2] * b[3]);
    [both / (first + second - both), both / first]
}

/// Which of the known things each new one is, those that fit best first, each one once; nothing where there are too
/// many to compare.
pub(super) fn closest(new: &[Seen], known: &[Seen]) -> Option<Vec<Option<usize>>> {
    if new.len().saturating_mul(known.len()) > PAIRS_MAX {
        return None;
    }
    let mut fits = Vec::new();
    for (nth, one) in new.iter().enumerate() {
        for (at, other) in known.iter().enumerate() {
            if one.class.is_some() && one.class != other.class {
                continue;
            }
            let [shared, inside] = overlap(one.bounds, other.bounds);
            // Where something stands before a thing, its box reaches further than what is seen of it.
            if shared >= 0.5 || shared >= 0.2 && inside >= 0.8 {
                fits.push((shared, nth.abs_diff(at), nth, at));
            }
        }
    }
    fits.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut given, mut taken) = (vec![None; new.len()], vec![false; known.len()]);
    for (_, _, nth, at) in fits {
        if given[nth].is_none() && !taken[at] {
            (given[nth], taken[at]) = (Some(at), true);
        }
    }
    Some(given)
}
