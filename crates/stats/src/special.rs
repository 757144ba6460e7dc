//! Functions that the estimators need and the standard library lacks.

/// ψ, the derivative of ln Γ, for x > 0: recurrence up to 6, then the asymptotic series (Abramowitz and Stegun 6.3.18).
///
/// ```
/// assert!((stats::special::digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-12);
/// ```
pub fn digamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 10.0 {
        below -= 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = y
        * (1.0 / 12.0
            - y * (1.0 / 120.0
                - y * (1.0 / 252.0
                    - y * (1.0 / 240.0 - y * (5.0 / 660.0 - y * 691.0 / 32_760.0)))));
    below + x.ln() - 0.5 / x - series
}

/// ln Γ(x) for x > 0: recurrence up to 10, then Stirling's series (Abramowitz and Stegun 6.1.41).
pub fn ln_gamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 10.0 {
        below -= x.ln();
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = (1.0 / 12.0
        - y * (1.0 / 360.0 - y * (1.0 / 1_260.0 - y * (1.0 / 1_680.0 - y / 1_188.0))))
        / x;
    below + (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series
}

/// eˣ for x ≤ 0, to the last digit or two, in a form that runs on several numbers at once and is the same on every machine. Below
/// −700 it stays at e⁻⁷⁰⁰.
#[inline]
pub(crate) fn exp_below(x: f64) -> f64 {
    // Adding it leaves the nearest whole number in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = x.max(-700.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * LN_2_HIGH) - whole * LN_2_LOW;
    let mut sum = 1.0 / 6_227_020_800.0;
    for factorial in [
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0,
        1.0,
    ] {
        sum = sum * r + 1.0 / factorial;
    }
    let power = (shifted.to_bits() as i64).wrapping_add(1_023) << 52;
    sum * f64::from_bits(power as u64)
}

/// ln(1 + eˣ), without overflow.
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 1 / (1 + e⁻ˣ).
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// ln(p / (1 − p)), of a p kept away from both ends.
pub fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).ln()
}

/// Φ, the standard normal distribution, to 1e-14 or so: a series near zero, a continued fraction in the tails.
pub fn normal_cdf(x: f64) -> f64 {
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    if x.abs() < 3.0 {
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term.abs() > 1e-17 * sum.abs() {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        return 0.5 + density * sum;
    }
    // Mills' ratio (Laplace's continued fraction), from the inside out.
    let z = x.abs();
    let ratio = (1..=60).rev().fold(z, |below, n| z + f64::from(n) / below);
    let tail = density / ratio;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The x below which the standard normal lies with probability p: Newton from a rational start.
///
/// ```
/// assert!((stats::special::normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
/// ```
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return if p <= 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // Abramowitz and Stegun 26.2.23, good to 4.5e-4; three steps make it exact.
    let t = (-2.0 * p.min(1.0 - p).ln()).sqrt();
    let start = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    // In the lower half, where the distribution has its digits.
    let (mut x, p_low) = (-start, p.min(1.0 - p));
    for _ in 0..4 {
        let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let step = (normal_cdf(x) - p_low) / density;
        // Halley's correction for the curvature.
        x -= step / (1.0 + 0.5 * x * step);
    }
    if p < 0.5 { x } else { -x }
}

/// The x below which Student's distribution of so many degrees of freedom lies with probability p: the expansion by powers of 1/freedom (Abramowitz and
/// Stegun 26.7.5), good to 1e-3 from five degrees on.
///
/// ```
/// assert!((stats::special::student_quantile(0.975, 30.0) - 2.042_272).abs() < 1e-5);
/// ```
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    let z = normal_quantile(p);
    let terms = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
        (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1_482.0 * z.powi(5)
            - 1_920.0 * z.powi(3)
            - 945.0 * z)
            / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom) + z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-11, "{got} is not {want}");
        near(digamma(0.5), -1.963_510_026_021_423_5);
        near(digamma(7.25), 1.910_453_526_883_736_2);
        near(ln_gamma(0.5), 0.572_364_942_924_700_1);
        near(ln_gamma(10.5), 13.940_625_219_403_763);
        near(normal_cdf(1.0), 0.841_344_746_068_542_9);
        near(normal_cdf(-4.0), 3.167_124_183_311_986e-5);
        near(normal_cdf(2.999), 0.998_645_663_466_272_9);
        near(normal_quantile(0.5), 0.0);
        near(normal_quantile(0.01), -2.326_347_874_040_841);
        near(normal_quantile(1e-9), -5.997_807_015_007_686_5);
        for x in [0.0, -1e-9, -0.3, -1.0, -20.5, -300.25, -699.0] {
            let (got, want) = (exp_below(x), x.exp());
            assert!((got / want - 1.0).abs() < 1e-15, "{x}: {got} is not {want}");
        }
        assert!((student_quantile(0.975, 5.0) - 2.570_582).abs() < 1e-3);
        assert!((student_quantile(0.01, 12.0) + 2.680_998).abs() < 1e-3);
        near(softplus(800.0), 800.0);
        near(logistic(logit(0.3)), 0.3);
    }
}
