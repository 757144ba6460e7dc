//! Numbers drawn from a seed: the same on every machine and in every version.

/// A small generator (xoshiro256++, Blackman and Vigna 2019), seeded through SplitMix64. Not for secrets.
///
/// ```
/// let mut random = stats::random::Random::new(7);
/// let first = random.below(6);
/// assert!(first < 6);
/// assert_eq!(stats::random::Random::new(7).below(6), first);
/// ```
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut at = seed;
        let state = std::array::from_fn(|_| {
            at = at.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (at ^ (at >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Self { state }
    }

    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// From 0 up to but not including 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An index below `count`, which is not zero.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// From the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Puts into a random order (Fisher and Yates 1938).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_moments_of_their_distribution() {
        let mut random = Random::new(1);
        let draws = 100_000;
        let mean = (0..draws).map(|_| random.unit()).sum::<f64>() / f64::from(draws);
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        let squares = (0..draws).map(|_| random.normal().powi(2)).sum::<f64>() / f64::from(draws);
        assert!((squares - 1.0).abs() < 0.02, "{squares}");
        let sixes = (0..draws).filter(|_| random.below(6) == 5).count() as f64 / f64::from(draws);
        assert!((sixes - 1.0 / 6.0).abs() < 0.005, "{sixes}");
    }
}
