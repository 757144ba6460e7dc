//! Gold: whether a contributor is good enough, by answers to items that are known.
//!
//! "Below 80 % so far" accuses the innocent: whoever is looked at often enough is below once. An e-process may be looked at after every
//! answer of a whole life, and accuses one who is good enough with probability at most α, ever.

/// Wealth of a gambler who bets that a contributor is right less often than `bar`. If the contributor is good enough, the bets are
/// fair or worse, and wealth beyond 1/α comes with probability at most α (Ville 1939).
///
/// Model: each gold answer is right with probability *p ≥ bar* whatever went before. Formula: *E = Σ_k w_k Π (q_k/bar)^right ((1 − q_k)/(1 −
/// bar))^wrong*, a mixture of likelihood ratios against three ways of being worse. Paper: A. Ramdas, P. Grünwald, V. Vovk and G. Shafer, *Game-Theoretic Statistics
/// and Safe Anytime-Valid Inference*, Statistical Science 2023. Constant work and memory for each answer.
///
/// ```
/// let mut process = stats::gold::Process::new(0.8);
/// for n in 0..24 {
///     process.answer(n % 2 == 0);
/// }
/// assert!(process.accuses(0.01));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    bar: f64,
    /// Logs of what each bet has come to.
    logs: [f64; 3],
}

/// How the stake is divided: most of it on somebody who guesses.
const STAKES: [f64; 3] = [0.65, 0.25, 0.10];
/// What is bet on, as shares of the bar.
const SHARES: [f64; 3] = [0.6, 0.8, 0.3];

impl Process {
    /// `bar` is how often a contributor has to be right, between 0 and 1.
    pub fn new(bar: f64) -> Self {
        Self { bar: bar.clamp(1e-6, 1.0 - 1e-6), logs: STAKES.map(f64::ln) }
    }

    pub fn answer(&mut self, right: bool) {
        for (log, share) in self.logs.iter_mut().zip(SHARES) {
            let q = self.bar * share;
            *log += if right { (q / self.bar).ln() } else { ((1.0 - q) / (1.0 - self.bar)).ln() };
        }
    }

    /// The log of the wealth, in nats: evidence that the contributor is not good enough.
    pub fn evidence(&self) -> f64 {
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + self.logs.iter().map(|log| (log - top).exp()).sum::<f64>().ln()
    }

    /// Whether the evidence is beyond what chance would give a good contributor with probability `alpha`.
    pub fn accuses(&self, alpha: f64) -> bool {
        self.evidence() >= -alpha.ln()
    }
}

/// What a test has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Open,
    Able,
    Unable,
}

/// A sequential probability ratio test between somebody able and somebody not: for an exam, which must end with a verdict.
///
/// Formula: sum *ln(q/p)* of each answer's likelihoods; unable at *ln((1 − β)/α)*, able at *ln(β/(1 − α))*, where an able one fails with
/// probability about α and an unable one passes with about β. Paper: A. Wald, *Sequential Tests of Statistical Hypotheses*, 1945. Constant
/// work and memory for each answer.
///
/// ```
/// use stats::gold::{Exam, Verdict};
/// let mut exam = Exam::new(0.9, 0.5, 0.01, 0.01);
/// assert_eq!(exam.answer(true), Verdict::Open);
/// assert_eq!((0..7).map(|_| exam.answer(true)).last(), Some(Verdict::Able));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exam {
    right: f64,
    wrong: f64,
    unable: f64,
    able: f64,
    sum: f64,
}

impl Exam {
    /// `able` and `unable` are how often either is right; `alpha` and `beta` how often either is mistaken for the other.
    pub fn new(able: f64, unable: f64, alpha: f64, beta: f64) -> Self {
        Self {
            right: (unable / able).ln(),
            wrong: ((1.0 - unable) / (1.0 - able)).ln(),
            unable: ((1.0 - beta) / alpha).ln(),
            able: (beta / (1.0 - alpha)).ln(),
            sum: 0.0,
        }
    }

    pub fn answer(&mut self, right: bool) -> Verdict {
        self.sum += if right { self.right } else { self.wrong };
        self.verdict()
    }

    pub fn verdict(&self) -> Verdict {
        match self.sum {
            sum if sum >= self.unable => Verdict::Unable,
            sum if sum <= self.able => Verdict::Able,
            _ => Verdict::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// After how many gold answers each life is accused, if it is.
    fn lives(skill: f64, seed: u64) -> Vec<Option<usize>> {
        let mut random = Random::new(seed);
        let life = |_| {
            let mut process = Process::new(0.8);
            (1..=1_000).find(|_| {
                process.answer(random.chance(skill));
                process.accuses(0.01)
            })
        };
        (0..2_000).map(life).collect()
    }

    #[test]
    fn the_innocent_are_left_in_peace_for_life_and_guessers_are_found_soon() {
        let accused = |skill| lives(skill, 3).iter().flatten().count();
        assert!(accused(0.85) <= 20, "{}", accused(0.85));
        assert!(accused(0.80) <= 20, "{}", accused(0.80));
        let mut guessers: Vec<usize> = lives(0.5, 4).into_iter().flatten().collect();
        guessers.sort_unstable();
        assert_eq!(guessers.len(), 2_000);
        assert!(guessers[1_000] <= 25, "{}", guessers[1_000]);
    }

    #[test]
    fn exams_are_short_and_seldom_wrong() {
        let exams = |skill: f64, wrong: Verdict| {
            let mut random = Random::new(5);
            let (mut asked, mut mistaken) = (0, 0);
            for _ in 0..4_000 {
                let mut exam = Exam::new(0.9, 0.5, 0.01, 0.01);
                while exam.verdict() == Verdict::Open {
                    exam.answer(random.chance(skill));
                    asked += 1;
                }
                mistaken += usize::from(exam.verdict() == wrong);
            }
            (f64::from(asked) / 4_000.0, mistaken)
        };
        let (mean, mistaken) = exams(0.9, Verdict::Unable);
        assert!(mean < 14.0 && mistaken <= 50, "{mean} {mistaken}");
        let (mean, mistaken) = exams(0.5, Verdict::Able);
        assert!(mean < 12.0 && mistaken <= 50, "{mean} {mistaken}");
    }
}
