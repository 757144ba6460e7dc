//! Free texts, and whatever else has a distance: which of several answers speaks for all, or what they say together word by word.
//!
//! A category can be counted. Of transcripts no two need be the same, and all may be nearly right: so the answer is taken that is nearest
//! to the others, or the words are set beside each other and counted one by one ([`rover`]).

use std::collections::BTreeMap;

/// How many of the longer one's tokens have to be put in, left out or replaced to make one sequence the other, as a share of them: 0
/// where they are the same, 1 where they have nothing in common. Of characters it is a text's error, of words the word error.
///
/// V. Levenshtein, *Binary Codes Capable of Correcting Deletions, Insertions, and Reversals*, 1966. Time is the product of the lengths, memory
/// the shorter one.
///
/// ```
/// let [a, b] = ["kitten", "sitting"].map(|text| text.chars().collect::<Vec<char>>());
/// assert_eq!(stats::texts::distance(&a, &b), 3.0 / 7.0);
/// ```
pub fn distance<T: PartialEq>(a: &[T], b: &[T]) -> f64 {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if long.is_empty() {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=short.len()).collect();
    for (above, token) in long.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (at, other) in short.iter().enumerate() {
            let replaced = diagonal + usize::from(token != other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[short.len()] as f64 / long.len() as f64
}

/// Which answer of an item speaks for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Which of the item's answers. The first of equals.
    pub index: usize,
    /// One less its mean distance from the others, by weight. 1 where there is no other.
    pub agreement: f64,
}

#[derive(Clone, Debug)]
pub struct Fit {
    /// None for an item without answers.
    pub choices: Vec<Option<Choice>>,
    /// Of each contributor: how far their answers are from others', squared, on the mean, drawn towards the crowd's.
    pub errors: Vec<f64>,
    pub rounds: usize,
}

/// An item's answers are told by who gave them; what they are only `distance` knows.
///
/// Model: contributor *j*'s answers are at a squared distance of *e_j* from the truth, on the mean. Formula: the answer is taken that makes *Σ_k w_k d(x_i, x_k)* least,
/// with *w_j = 1/e_j* and *e_j = (Σ_i d̄²_ij + ν e) / (n_j + ν)*, where *d̄²_ij* is the mean squared distance from the others' answers by their weights and *e* the crowd's
/// mean: nobody is measured by their own answer. With equal weights it is the smallest average distance of A. Braylan and M. Lease,
/// *Modeling and Aggregation of Complex Annotations via Annotation Distances*, WWW 2020; the weights are those of J. Li, *A Dataset of Crowdsourced Word
/// Sequences*, 2020 (RASA), with distances in place of embeddings.
///
/// Units: distances, 0 to 1. `distance(item, i, k)` is symmetric and asked once for each pair; time and memory are square in an item's
/// answers, linear in the items.
///
/// ```
/// use stats::texts::{choose, distance};
/// let texts = [["red car", "red cat", "a red car"], ["blue", "blue", "bleu"]];
/// let words = |item: usize, at: usize| texts[item][at].chars().collect::<Vec<char>>();
/// let items = vec![vec![0, 1, 2], vec![0, 1, 2]];
/// let fit = choose(&items, 3, |item, a, b| distance(&words(item, a), &words(item, b)));
/// assert_eq!(fit.choices.iter().map(|choice| choice.unwrap().index).collect::<Vec<_>>(), [0, 0]);
/// ```
pub fn choose(
    items: &[Vec<usize>],
    contributors: usize,
    mut distance: impl FnMut(usize, usize, usize) -> f64,
) -> Fit {
    const STRENGTH: f64 = 4.0;
    const ROUNDS_MAX: usize = 30;
    let tables: Vec<Vec<f64>> = items
        .iter()
        .enumerate()
        .map(|(item, answers)| {
            let n = answers.len();
            let mut table = vec![0.0; n * n];
            for a in 0..n {
                for b in a + 1..n {
                    let d = distance(item, a, b);
                    (table[a * n + b], table[b * n + a]) = (d, d);
                }
            }
            table
        })
        .collect();
    let mut errors = vec![1.0; contributors];
    let mut rounds = 0;
    while rounds < ROUNDS_MAX {
        rounds += 1;
        let (mut sums, mut counts) = (vec![0.0; contributors], vec![0.0; contributors]);
        for (answers, table) in items.iter().zip(&tables) {
            let n = answers.len();
            for (a, contributor) in answers.iter().enumerate().filter(|_| n > 1) {
                let (mut sum, mut weight) = (0.0, 0.0);
                for (b, other) in answers.iter().enumerate().filter(|(b, _)| *b != a) {
                    sum += table[a * n + b].powi(2) / errors[*other];
                    weight += 1.0 / errors[*other];
                }
                sums[*contributor] += sum / weight;
                counts[*contributor] += 1.0;
            }
        }
        let said: f64 = counts.iter().sum();
        // Who is never off is still not trusted without end.
        let crowd = (sums.iter().sum::<f64>() / f64::max(said, 1.0)).max(1e-9);
        let mut moved = 0.0_f64;
        for (error, (sum, count)) in errors.iter_mut().zip(sums.iter().zip(&counts)) {
            let now = (sum + STRENGTH * crowd) / (count + STRENGTH);
            moved = moved.max((now - *error).abs() / now);
            *error = now;
        }
        if moved < 1e-9 {
            break;
        }
    }
    let choices =
        items.iter().zip(&tables).map(|(answers, table)| nearest(answers, table, &errors));
    Fit { choices: choices.collect(), errors, rounds }
}

fn nearest(answers: &[usize], table: &[f64], errors: &[f64]) -> Option<Choice> {
    let n = answers.len();
    let weights: Vec<f64> = answers.iter().map(|contributor| 1.0 / errors[*contributor]).collect();
    let mut best: Option<(f64, usize)> = None;
    for a in 0..n {
        let away: f64 = (0..n).map(|b| weights[b] * table[a * n + b]).sum();
        // Rounding does not make one nearer than another that is as near.
        if best.is_none_or(|(least, _)| away < least * (1.0 - 1e-9)) {
            best = Some((away, a));
        }
    }
    best.map(|(away, index)| {
        let others = weights.iter().sum::<f64>() - weights[index];
        Choice { index, agreement: if others > 0.0 { 1.0 - away / others } else { 1.0 } }
    })
}

/// What several sequences of words say together: set beside each other word for word, each place taking what most say there, which may be
/// nothing.
///
/// Model: none. Each text in turn is aligned with all before it by the fewest replacements and gaps; of equally frequent words the longer wins, then the
/// later in the alphabet. Paper: J. Fiscus, *A Post-Processing System to Yield Reduced Word Error Rates (ROVER)*, ASRU 1997; in crowd-kit as `ROVER`. What comes out
/// hangs on which texts come first: begin with the one that [`choose`] takes.
///
/// Time and memory are the product of the lengths, for each text.
///
/// ```
/// let said = ["the cat sat on a mat", "the bat sat on the mat", "cat sat on the mat"];
/// let words: Vec<Vec<&str>> = said.iter().map(|text| text.split(' ').collect()).collect();
/// assert_eq!(stats::texts::rover(&words).join(" "), "the cat sat on the mat");
/// ```
pub fn rover<'a>(texts: &[Vec<&'a str>]) -> Vec<&'a str> {
    let Some((first, rest)) = texts.split_first() else { return Vec::new() };
    let mut places: Vec<Place<'a>> = first.iter().map(|word| Place::from([(*word, 1)])).collect();
    for (before, text) in (1..).zip(rest) {
        places = aligned(&places, text, before);
    }
    let most = |place: &Place<'a>| {
        place
            .iter()
            .max_by_key(|(word, count)| (**count, word.chars().count(), **word))
            .map(|(word, _)| *word)
    };
    places.iter().filter_map(most).filter(|word| !word.is_empty()).collect()
}

/// The words of a place, and how many say each; the empty one is a gap.
type Place<'a> = BTreeMap<&'a str, usize>;

#[derive(Clone, Copy)]
enum Step {
    Beside,
    /// The text has nothing here.
    Gap,
    /// No text before has anything here.
    New,
}

fn aligned<'a>(places: &[Place<'a>], text: &[&'a str], before: usize) -> Vec<Place<'a>> {
    let wide = places.len() + 1;
    let mut costs = vec![0usize; wide * (text.len() + 1)];
    let mut steps = vec![Step::Gap; costs.len()];
    (0..wide).for_each(|j| costs[j] = j);
    for (row, word) in (1..).zip(text) {
        costs[row * wide] = row;
        steps[row * wide] = Step::New;
        for (column, place) in (1..).zip(places) {
            let at = row * wide + column;
            let beside = costs[at - wide - 1] + usize::from(!place.contains_key(word));
            let gap = costs[at - 1] + usize::from(!place.contains_key(""));
            let new = costs[at - wide] + 1;
            (costs[at], steps[at]) = (beside, Step::Beside);
            if gap < costs[at] {
                (costs[at], steps[at]) = (gap, Step::Gap);
            }
            if new < costs[at] {
                (costs[at], steps[at]) = (new, Step::New);
            }
        }
    }
    let (mut row, mut column) = (text.len(), places.len());
    let mut found = Vec::with_capacity(row.max(column));
    while row > 0 || column > 0 {
        let step = steps[row * wide + column];
        let mut place = match step {
            Step::New => Place::from([("", before)]),
            Step::Beside | Step::Gap => places[column - 1].clone(),
        };
        let word = if matches!(step, Step::Gap) { "" } else { text[row - 1] };
        *place.entry(word).or_default() += 1;
        found.push(place);
        row -= usize::from(!matches!(step, Step::Gap));
        column -= usize::from(!matches!(step, Step::New));
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn distances_of_known_figures() {
        let of = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|text| text.chars().collect::<Vec<char>>());
            distance(&a, &b)
        };
        assert_eq!(of("", ""), 0.0);
        assert_eq!(of("", "abc"), 1.0);
        assert_eq!(of("flaw", "lawn"), 0.5);
        assert_eq!(of("abc", "xyz"), 1.0);
    }

    /// Two good contributors and three poor ones: the plain medoid follows the many, weights find the good.
    #[test]
    fn who_is_near_to_others_weighs_more() {
        let mut random = Random::new(5);
        let noise = [0.03, 0.03, 0.45, 0.45, 0.45];
        let (mut texts, mut truths) = (Vec::new(), Vec::new());
        for _ in 0..60 {
            let truth: Vec<usize> = (0..40).map(|_| random.below(26)).collect();
            let said = noise.map(|rate| {
                let spoil = |letter: &usize| {
                    if random.chance(rate) { random.below(26) } else { *letter }
                };
                truth.iter().map(spoil).collect::<Vec<usize>>()
            });
            texts.push(said);
            truths.push(truth);
        }
        let items = vec![vec![0, 1, 2, 3, 4]; 60];
        let fit = choose(&items, 5, |item, a, b| distance(&texts[item][a], &texts[item][b]));
        let error: f64 = fit
            .choices
            .iter()
            .enumerate()
            .map(|(item, choice)| {
                distance(&texts[item][choice.map_or(0, |c| c.index)], &truths[item])
            })
            .sum();
        assert!(error / 60.0 < 0.035, "{}", error / 60.0);
        assert!(fit.errors[0] < 0.6 * fit.errors[3], "{:?}", fit.errors);
    }
}
