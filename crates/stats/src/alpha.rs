//! Krippendorff's alpha: how far several coders agree beyond chance, with any number of coders for
//! each unit and any number of codings missing.
//!
//! Model: *n* codings that can be paired (units with at least two), *n_c* of them of category *c*.
//! Within unit *u*, which has *m_u* codings, *n_uc* of them of category *c*, each coding is paired with
//! each other one, and the unit's pairs weigh as much as its codings do:
//!
//! - observed agreement *A_o = (1/n) · Σ_u Σ_c n_uc (n_uc − 1) / (m_u − 1)*,
//! - expected agreement *A_e = Σ_c n_c (n_c − 1) / (n (n − 1))*, of codings dealt out at random,
//! - *α = (A_o − A_e) / (1 − A_e)*.
//!
//! One is perfect agreement, zero is chance, and below zero the coders disagree more than chance would.
//! Where all codings are of one category there is nothing to tell apart, and alpha is not defined.
//!
//! Paper: K. Krippendorff, *Computing Krippendorff's Alpha-Reliability*, 2011, University of
//! Pennsylvania; the nominal metric.

use std::collections::HashMap;
use std::hash::Hash;

/// What the codings of many units come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alpha {
    /// None where it is not defined: no pairs, or one category alone.
    pub value: Option<f64>,
    /// Pairs of codings of the same unit.
    pub pairs: u64,
}

/// Alpha for categories that are equal or not (the nominal metric). Each unit brings its codings, in any
/// order; units with fewer than two are passed over.
///
/// ```
/// // Two coders look at four units and differ about the last one.
/// let alpha = stats::alpha::nominal([["a", "a"], ["b", "b"], ["a", "a"], ["a", "b"]]);
/// assert_eq!(alpha.pairs, 4);
/// // n = 8, n_a = 5, n_b = 3: A_o = 6/8, A_e = (5·4 + 3·2) / (8·7).
/// assert!((alpha.value.unwrap() - (6.0 / 8.0 - 26.0 / 56.0) / (30.0 / 56.0)).abs() < 1e-12);
/// ```
pub fn nominal<U, L>(units: impl IntoIterator<Item = U>) -> Alpha
where
    U: IntoIterator<Item = L>,
    L: Eq + Hash,
{
    let mut totals: HashMap<L, u64> = HashMap::new();
    let mut within: HashMap<L, u64> = HashMap::new();
    let (mut codings, mut pairs, mut agreeing) = (0u64, 0u64, 0.0f64);
    for unit in units {
        within.clear();
        let mut count = 0u64;
        for label in unit {
            count += 1;
            *within.entry(label).or_default() += 1;
        }
        if count < 2 {
            continue;
        }
        codings += count;
        pairs += count * (count - 1) / 2;
        let alike: u64 = within.values().map(|n| n * (n - 1)).sum();
        agreeing += alike as f64 / (count - 1) as f64;
        for (label, n) in within.drain() {
            *totals.entry(label).or_default() += n;
        }
    }
    if totals.len() < 2 {
        return Alpha { value: None, pairs };
    }
    let n = codings as f64;
    let observed = agreeing / n;
    let expected =
        totals.values().map(|&c| c as f64 * (c as f64 - 1.0)).sum::<f64>() / (n * (n - 1.0));
    Alpha { value: Some((observed - expected) / (1.0 - expected)), pairs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_scale() {
        let perfect = nominal([["a", "a"], ["b", "b"]]);
        assert_eq!(perfect, Alpha { value: Some(1.0), pairs: 2 });
        assert!(nominal([["a", "b"], ["b", "a"]]).value.is_some_and(|alpha| alpha < 0.0));
    }

    #[test]
    fn where_alpha_is_not_defined() {
        assert_eq!(nominal(Vec::<Vec<&str>>::new()), Alpha { value: None, pairs: 0 });
        assert_eq!(nominal([["a"], ["b"]]), Alpha { value: None, pairs: 0 });
        assert_eq!(nominal([["a", "a"], ["a", "a"]]), Alpha { value: None, pairs: 2 });
    }
}
