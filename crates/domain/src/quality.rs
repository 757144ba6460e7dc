//! Gold: tasks whose answer is known, by which people are known.
//!
//! - **Q1** An answer to gold is right if it says what is known: the same choices and attributes, or shapes that match well enough.
//! - **Q2** Gold comes the more often, the less is known of a person: a tenth of the tasks of a newcomer, a
//!   fiftieth of those of somebody known well.
//! - **Q3** Gold that people have begun to recognize is no longer dealt: it is suddenly answered rightly by all, or
//!   rightly and in no time.
//! - **Q4** Nobody is told that a task was gold before a day has passed.

use crate::limits;

/// Whether an answer so alike to what is known is right (Q1).
pub fn is_right(likeness: f64) -> bool {
    likeness >= limits::GOLD_LIKENESS_MIN
}

/// The share of gold among the tasks of a person (Q2), of whom so many answers were compared and whose
/// skill is known to within `half_width`.
pub fn gold_rate(scored: i64, half_width: f64) -> f64 {
    if scored < limits::NEWCOMER_SCORES {
        return limits::GOLD_RATE_MAX;
    }
    (half_width * 0.4).clamp(limits::GOLD_RATE_MIN, limits::GOLD_RATE_MAX)
}

/// One answer to a gold task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub right: bool,
    pub active_ms: i64,
}

/// The last answers that are held against those before.
const LATE: usize = 10;

/// Whether a gold task is recognized by now (Q3), from its answers, the oldest first.
pub fn has_leaked(looks: &[Look]) -> bool {
    if looks.len() < 2 * LATE {
        return false;
    }
    let (early, late) = looks.split_at(looks.len() - LATE);
    let share =
        |looks: &[Look]| looks.iter().filter(|look| look.right).count() as f64 / looks.len() as f64;
    let (before, now) = (share(early), share(late));
    // Two shares, three standard errors apart.
    let pooled = share(looks);
    let spread = (pooled * (1.0 - pooled) * (1.0 / early.len() as f64 + 1.0 / LATE as f64)).sqrt();
    let jumped = now - before > 3.0 * spread;
    let hasty = now == 1.0 && median_ms(late) * 4 < median_ms(early);
    jumped || hasty
}

fn median_ms(looks: &[Look]) -> i64 {
    let mut times: Vec<i64> = looks.iter().map(|look| look.active_ms).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gold_comes_the_more_often_the_less_is_known() {
        for (scored, half_width, want) in [
            (0, 0.0, 0.10),
            (9, 0.01, 0.10),
            (10, 0.25, 0.10),
            (100, 0.1, 0.04),
            (9_000, 0.0, 0.02),
        ] {
            assert!((gold_rate(scored, half_width) - want).abs() < 1e-9, "{scored} {half_width}");
        }
    }

    #[test]
    fn gold_that_is_recognized_is_told_from_gold_that_is_easy() {
        let looks = |of: &[(usize, bool, i64)]| -> Vec<Look> {
            let one = |(count, right, active_ms): &(usize, bool, i64)| {
                vec![Look { right: *right, active_ms: *active_ms }; *count]
            };
            of.iter().flat_map(one).collect()
        };
        for (of, want) in [
            // Easy from the beginning, hard throughout, learned slowly, too few to tell.
            (vec![(40, true, 9_000)], false),
            (vec![(40, false, 9_000)], false),
            (vec![(4, false, 9_000), (18, true, 9_000)], false),
            (vec![(8, false, 9_000), (10, true, 9_000)], false),
            // From nobody to everybody; and rightly, in a moment.
            (vec![(10, false, 9_000), (2, true, 9_000), (10, true, 9_000)], true),
            (vec![(20, true, 9_000), (10, true, 1_000)], true),
        ] {
            assert_eq!(has_leaked(&looks(&of)), want, "{of:?}");
        }
    }
}
