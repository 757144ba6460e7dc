//! Krippendorff's alpha: the published value of a published table, and what no relabelling may change.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use stats::alpha::nominal;

/// The codings of each unit; in the file, a row is a coder.
fn codings() -> Vec<Vec<u32>> {
    let rows: Vec<Vec<&str>> = include_str!("data/evalica-codings.csv")
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    let units = rows.iter().map(Vec::len).max().unwrap();
    let of = |unit: usize| rows.iter().filter_map(move |row| row.get(unit)?.trim().parse().ok());
    (0..units).map(|unit| of(unit).collect()).collect()
}

#[test]
fn the_golden_value() {
    let alpha = nominal(codings());
    assert!((alpha.value.unwrap() - 0.743421).abs() < 5e-7, "{alpha:?}");
}

/// The definition, pair by pair, for comparison.
fn slowly(units: &[Vec<u8>]) -> Option<f64> {
    let paired: Vec<&Vec<u8>> = units.iter().filter(|unit| unit.len() >= 2).collect();
    let all: Vec<u8> = paired.iter().flat_map(|unit| unit.iter().copied()).collect();
    let differ = |values: &[u8]| -> f64 {
        let mut sum = 0.0;
        for i in 0..values.len() {
            for j in 0..values.len() {
                sum += f64::from(u8::from(i != j && values[i] != values[j]));
            }
        }
        sum
    };
    let n = all.len() as f64;
    let observed: f64 =
        paired.iter().map(|unit| differ(unit) / (unit.len() as f64 - 1.0)).sum::<f64>() / n;
    let expected = differ(&all) / (n * (n - 1.0));
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

proptest! {
    #[test]
    fn it_is_what_the_definition_says(units in prop::collection::vec(prop::collection::vec(0u8..4, 0..5), 0..12)) {
        let alpha = nominal(units.iter());
        match (alpha.value, slowly(&units)) {
            (Some(got), Some(want)) => prop_assert!((got - want).abs() < 1e-9, "{got} {want}"),
            (got, want) => prop_assert_eq!(got, want),
        }
    }

    #[test]
    fn other_names_and_another_order_change_nothing(
        units in prop::collection::vec(prop::collection::vec(0u8..4, 0..5), 0..12),
        names in Just(vec!["north", "east", "south", "west"]).prop_shuffle(),
    ) {
        let before = nominal(units.iter());
        let renamed = units.iter().rev().map(|unit| unit.iter().rev().map(|label| names[usize::from(*label)]));
        let after = nominal(renamed);
        prop_assert_eq!(before.pairs, after.pairs);
        match (before.value, after.value) {
            (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn it_is_never_more_than_one(units in prop::collection::vec(prop::collection::vec(0u8..4, 0..5), 0..12)) {
        prop_assert!(nominal(units.iter()).value.is_none_or(|alpha| alpha <= 1.0 + 1e-12));
    }
}
