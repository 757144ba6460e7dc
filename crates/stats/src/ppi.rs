//! Prediction-powered inference: a mean from few labels of people and many predictions of a model, with an interval that holds however bad
//! the predictions are.
//!
//! Model: *n* items drawn at random have a label *y* and a prediction *f*; *N* others have a prediction. Formula: *θ = λ f̄_N + mean(y − λ f)_n*, of variance *var(y − λ f)/n + λ² var(f)/N*,
//! with *λ = cov(y, f) / ((1 + n/N) var f)*, which makes it smallest: useless predictions get no weight. Papers: A. Angelopoulos, S. Bates, C. Fannjiang, M. Jordan and T.
//! Zrnic, *Prediction-Powered Inference*, Science 2023; A. Angelopoulos, J. Duchi and T. Zrnic, *PPI++*, 2023. Linear in *n + N*.

use crate::interval::Interval;
use crate::special::normal_quantile;

/// A mean, and what the predictions were good for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub mean: f64,
    pub interval: Interval,
    /// Weight of the predictions.
    pub weight: f64,
    /// How many labels alone would have given as narrow an interval.
    pub labels_worth: f64,
}

/// Estimates the mean label. None with fewer than two labels.
///
/// ```
/// // Predictions that are a tenth too high, of all; labels of the first fifty.
/// let truth: Vec<f64> = (0..1_000).map(|n| f64::from(n * 7919 % 1_000) / 1_000.0).collect();
/// let predicted: Vec<f64> = truth.iter().map(|y| y + 0.1).collect();
/// let labelled: Vec<(f64, f64)> = (0..50).map(|n| (truth[n], predicted[n])).collect();
/// let found = stats::ppi::mean(&labelled, &predicted[50..], 0.95).unwrap();
/// assert!((found.mean - 0.4995).abs() < 0.02 && found.labels_worth > 500.0);
/// ```
pub fn mean(labelled: &[(f64, f64)], predicted: &[f64], level: f64) -> Option<Estimate> {
    if labelled.len() < 2 {
        return None;
    }
    let (n, big) = (labelled.len() as f64, predicted.len() as f64);
    let mean_y = labelled.iter().map(|(y, _)| y).sum::<f64>() / n;
    let mean_f = labelled.iter().map(|(_, f)| f).sum::<f64>() / n;
    let moment = |of: &dyn Fn(f64, f64) -> f64| {
        labelled.iter().map(|(y, f)| of(y - mean_y, f - mean_f)).sum::<f64>() / (n - 1.0)
    };
    let (var_y, cov) = (moment(&|y, _| y * y), moment(&|y, f| y * f));
    let all = n + big;
    let mean_all = (predicted.iter().sum::<f64>() + mean_f * n) / all;
    let squares = |f: f64| (f - mean_all).powi(2);
    let var_all = (predicted.iter().map(|f| squares(*f)).sum::<f64>()
        + labelled.iter().map(|(_, f)| squares(*f)).sum::<f64>())
        / (all - 1.0);
    let useful = big > 0.0 && var_all > 0.0;
    let weight = if useful { cov / ((1.0 + n / big) * var_all) } else { 0.0 };
    let rest = moment(&|y, f| (y - weight * f).powi(2));
    let (of_all, variance) = if useful {
        let mean_big = predicted.iter().sum::<f64>() / big;
        (weight * (mean_big - mean_f), rest / n + weight * weight * var_all / big)
    } else {
        (0.0, var_y / n)
    };
    let mean = mean_y + of_all;
    let radius = normal_quantile(0.5 + level / 2.0) * variance.sqrt();
    Some(Estimate {
        mean,
        interval: Interval { low: mean - radius, high: mean + radius },
        weight,
        labels_worth: if variance > 0.0 { var_y / variance } else { n },
    })
}

/// How many labels make an interval of this half width, where labels have this standard deviation, and predictions, of which
/// there are so many besides, correlate with them by `correlation`.
///
/// From *var θ = σ² (1 − ρ² N/(n + N)) / n*, solved for *n* by bisection.
///
/// ```
/// // Without help 385 labels tell a share to five points; half the variance explained saves half of them.
/// assert_eq!(stats::ppi::labels_needed(0.05, 0.5, 0.0, 100_000, 0.95), 385);
/// assert!(stats::ppi::labels_needed(0.05, 0.5, 0.5_f64.sqrt(), 100_000, 0.95) < 195);
/// ```
pub fn labels_needed(
    half_width: f64,
    deviation: f64,
    correlation: f64,
    predicted: usize,
    level: f64,
) -> usize {
    let variance_max = (half_width / normal_quantile(0.5 + level / 2.0)).powi(2);
    let big = predicted as f64;
    let variance = |n: f64| {
        let explained = if big > 0.0 { correlation.powi(2) * big / (n + big) } else { 0.0 };
        deviation.powi(2) * (1.0 - explained) / n
    };
    let (mut low, mut high) = (1usize, 2usize);
    while variance(high as f64) > variance_max && high < usize::MAX / 4 {
        high *= 2;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if variance(middle as f64) <= variance_max { high = middle } else { low = middle + 1 }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn intervals_hold_as_often_as_they_say_however_good_the_predictions() {
        for noise in [0.1, 1.0, 10.0] {
            let mut random = Random::new(7);
            let (mut held, mut worth) = (0, 0.0);
            for _ in 0..1_000 {
                let mut draw = || {
                    let y = random.normal();
                    (y, y + noise * random.normal())
                };
                let labelled: Vec<(f64, f64)> = (0..100).map(|_| draw()).collect();
                let predicted: Vec<f64> = (0..400).map(|_| draw().1).collect();
                let Some(found) = mean(&labelled, &predicted, 0.95) else { continue };
                held += u32::from(found.interval.contains(0.0));
                worth += found.labels_worth / 1_000.0;
            }
            assert!((930..=970).contains(&held), "noise {noise}: {held} of 1000");
            // n (1 − ρ² N/(n + N))⁻¹ of theory.
            let explained = 1.0 / (1.0 + noise * noise) * 0.8;
            let theory = 100.0 / (1.0 - explained);
            assert!((worth / theory - 1.0).abs() < 0.05, "noise {noise}: {worth} is not {theory}");
        }
    }
}
