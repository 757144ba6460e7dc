//! Intervals, and the bootstrap that makes one of anything.

use crate::random::Random;
use crate::special::{normal_cdf, student_quantile};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// How an interval is bootstrapped.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap {
    pub rounds: usize,
    /// How often the interval is to hold, 0 to 1.
    pub level: f64,
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { rounds: 1_000, level: 0.95, seed: 1 }
    }
}

/// The percentile interval of a statistic of units that are drawn again with replacement (B. Efron 1979). `statistic` is given how often each unit
/// was drawn; draws for which it is not defined are passed over. None where that is most of them.
///
/// Draws from few units spread less than the statistic does, and their variance is itself uncertain: so the percentiles lie farther out, as far as Student's
/// distribution does from the normal (T. Hesterberg, *What Teachers Should Know About the Bootstrap*, 2015, section 3.3: the expanded percentile interval).
///
/// ```
/// use stats::interval::{Bootstrap, bootstrap};
/// let heights: Vec<f64> = (0..20).map(|n| 1.0 + f64::from(n % 5)).collect();
/// let mean = |times: &[u32]| {
///     let sum: f64 = times.iter().zip(&heights).map(|(n, height)| f64::from(*n) * height).sum();
///     Some(sum / 20.0)
/// };
/// let interval = bootstrap(heights.len(), &Bootstrap::default(), mean).unwrap();
/// assert!(interval.contains(3.0) && interval.low > 2.2 && interval.high < 3.8);
/// ```
pub fn bootstrap(
    units: usize,
    options: &Bootstrap,
    mut statistic: impl FnMut(&[u32]) -> Option<f64>,
) -> Option<Interval> {
    let mut random = Random::new(options.seed);
    let mut times = vec![0u32; units];
    let mut values = Vec::with_capacity(options.rounds);
    for _ in 0..options.rounds {
        times.fill(0);
        for _ in 0..units {
            times[random.below(units)] += 1;
        }
        values.extend(statistic(&times));
    }
    let level = expanded(options.level, units);
    (values.len() * 2 > options.rounds).then(|| percentile(values, level))
}

/// The level at which percentiles of draws from so many units hold as often as `level` says.
pub(crate) fn expanded(level: f64, units: usize) -> f64 {
    let n = units.max(6) as f64;
    let edge = (n / (n - 1.0)).sqrt() * student_quantile(0.5 + level / 2.0, n - 1.0);
    2.0 * normal_cdf(edge) - 1.0
}

/// The middle part of values that holds so large a share of them.
pub(crate) fn percentile(mut values: Vec<f64>, level: f64) -> Interval {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        // Of n draws the k-th lies above k/(n + 1) of all that could be drawn, on the mean.
        let place = share * (values.len() + 1) as f64 - 1.0;
        let place = place.clamp(0.0, (values.len() - 1) as f64);
        let (below, rest) = (place as usize, place.fract());
        let above = (below + 1).min(values.len() - 1);
        values[below] + rest * (values[above] - values[below])
    };
    Interval { low: at((1.0 - level) / 2.0), high: at((1.0 + level) / 2.0) }
}
