//! Confidence sequences: intervals that may be looked at after every answer, and hold at all times together.
//!
//! An interval of the usual kind holds at one time, chosen beforehand. Who watches a number and stops when they like it needs one of these.

use crate::interval::Interval;
use crate::special::ln_gamma;

/// For a share: how often something happens.
///
/// Model: happenings independent, or a martingale, of probability *p*. Formula: *{p : ln B(s + ½, f + ½) − ln B(½, ½) − s ln p − f ln(1 − p) ≤ ln 1/α}* after *s*
/// happenings and *f* others, the mixture of all likelihood ratios by the Beta(½, ½). Papers: H. Robbins, 1970; S. Howard, A. Ramdas, J. McAuliffe and J.
/// Sekhon, *Time-Uniform, Nonparametric, Nonasymptotic Confidence Sequences*, Annals of Statistics 2021. Some tens of steps of
/// bisection whatever the numbers.
///
/// ```
/// let interval = stats::sequence::share(90, 10, 0.05);
/// assert!(interval.contains(0.9) && interval.low > 0.75 && interval.high < 0.98);
/// ```
pub fn share(happened: u64, others: u64, alpha: f64) -> Interval {
    let (s, f) = (happened as f64, others as f64);
    if s + f == 0.0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let mixture = beta(s + 0.5, f + 0.5) - beta(0.5, 0.5);
    let times = |count: f64, p: f64| if count == 0.0 { 0.0 } else { count * p.ln() };
    let inside = |p: f64| mixture - times(s, p) - times(f, 1.0 - p) <= -alpha.ln();
    let middle = s / (s + f);
    let edge = |mut out: f64| {
        let mut within = middle;
        if inside(out) {
            return out;
        }
        for _ in 0..60 {
            let half = 0.5 * (within + out);
            if inside(half) { within = half } else { out = half }
        }
        within
    };
    Interval { low: edge(0.0), high: edge(1.0) }
}

/// For the mean of anything between 0 and 1, value by value.
///
/// Model: each value's mean, given the ones before, is *μ*. Formula: the predictable plug-in empirical Bernstein sequence, *Σ λ_i x_i / Σ λ_i ± (ln(2/α) + Σ v_i ψ(λ_i)) /
/// Σ λ_i*, with *v_i = (x_i − μ̂_{i−1})²*, *ψ(λ) = −ln(1 − λ) − λ*, and *λ_i* from the variance so far. Paper: I. Waudby-Smith and A. Ramdas, *Estimating Means of
/// Bounded Random Variables by Betting*, JRSS B 2024, theorem 2. Constant work and memory for each value.
///
/// ```
/// let mut mean = stats::sequence::Mean::new(0.05);
/// (0..2_000).for_each(|n| mean.push(0.25 + 0.5 * f64::from(n % 2)));
/// let interval = mean.interval();
/// assert!(interval.contains(0.5) && interval.width() < 0.1);
/// ```
#[derive(Clone, Debug)]
pub struct Mean {
    alpha: f64,
    count: f64,
    sum: f64,
    squares: f64,
    stakes: f64,
    staked: f64,
    spread: f64,
    /// What all times agree on.
    within: Interval,
}

impl Mean {
    pub fn new(alpha: f64) -> Self {
        Self {
            alpha,
            count: 0.0,
            sum: 0.0,
            squares: 0.0,
            stakes: 0.0,
            staked: 0.0,
            spread: 0.0,
            within: Interval { low: 0.0, high: 1.0 },
        }
    }

    /// Takes a value; one beyond 0 and 1 counts as the nearer of them.
    pub fn push(&mut self, value: f64) {
        let value = value.clamp(0.0, 1.0);
        let before = (0.5 + self.sum) / (1.0 + self.count);
        let variance = (0.25 + self.squares) / (1.0 + self.count);
        self.count += 1.0;
        let n = self.count;
        let log = (2.0 / self.alpha).ln();
        let stake = (2.0 * log / (variance * n * (1.0 + n).ln())).sqrt().min(0.5);
        self.stakes += stake;
        self.staked += stake * value;
        self.spread += (value - before).powi(2) * (-(1.0 - stake).ln() - stake);
        self.sum += value;
        let mean = (0.5 + self.sum) / (1.0 + n);
        self.squares += (value - mean).powi(2);
        let (middle, radius) = (self.staked / self.stakes, (log + self.spread) / self.stakes);
        self.within.low = self.within.low.max(middle - radius);
        self.within.high = self.within.high.min(middle + radius);
    }

    /// Where the mean is, with probability 1 − α at all times together.
    pub fn interval(&self) -> Interval {
        self.within
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn both_hold_at_all_times_together() {
        let mut random = Random::new(6);
        let (mut share_missed, mut mean_missed) = (0, 0);
        for _ in 0..400 {
            let (mut happened, mut mean) = (0, Mean::new(0.05));
            let (mut share_held, mut mean_held) = (true, true);
            for n in 1..=300 {
                let hit = random.chance(0.85);
                happened += u64::from(hit);
                mean.push(f64::from(u8::from(hit)));
                // Each is looked at as often as there are answers.
                share_held &= n % 10 != 0 || share(happened, n - happened, 0.05).contains(0.85);
                mean_held &= mean.interval().contains(0.85);
            }
            share_missed += u32::from(!share_held);
            mean_missed += u32::from(!mean_held);
        }
        assert!(share_missed <= 24 && mean_missed <= 24, "{share_missed} {mean_missed} of 400");
        // They are no intervals of everything either.
        assert!(share(850, 150, 0.05).width() < 0.09);
    }
}
