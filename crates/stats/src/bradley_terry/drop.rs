//! How few votes carry a rank.

use super::{Ranking, Votes, drawn, fitted};

/// How few votes carry a rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragility {
    /// Who is ahead, and of whom.
    pub pair: (usize, usize),
    /// Votes without which they change places.
    pub votes: Vec<usize>,
    pub share: f64,
}

/// The votes that keep one contestant ahead of the next, as few as can be found: those of most influence on the difference of their strengths, more and more until the
/// ranking without them, fitted anew, has the two the other way round. None if a tenth of the votes is not enough.
///
/// ```
/// use stats::bradley_terry::{Ties, Vote, Votes, Winner, fragility, rank};
/// let vote = |winner, cluster| Vote { left: 0, right: 1, winner, cluster };
/// // 51 against 49: two votes fewer make it 49 all, three turn it round.
/// let votes: Vec<Vote> = (0..100)
///     .map(|n| vote(if n < 51 { Winner::Left } else { Winner::Right }, n))
///     .collect();
/// let votes = Votes { contestants: 2, votes: &votes, covariates: 0, values: &[], ties: Ties::Half };
/// let fragility = fragility(&votes, &rank(&votes, 0.95), 0).unwrap();
/// assert_eq!((fragility.pair, fragility.votes.len()), ((0, 1), 3));
/// ```
pub fn fragility(votes: &Votes<'_>, ranking: &Ranking, place: usize) -> Option<Fragility> {
    let order = ranking.order();
    let (ahead, behind) = (*order.get(place)?, *order.get(place + 1)?);
    let size = ranking.bread.size;
    let pull: Vec<f64> =
        (0..size).map(|k| ranking.bread.at(ahead, k) - ranking.bread.at(behind, k)).collect();
    let at = &ranking.at;
    let mut row = Vec::new();
    let mut influence: Vec<(f64, usize)> = votes
        .votes
        .iter()
        .enumerate()
        .map(|(number, vote)| {
            let says = drawn(votes, number, vote, at, &mut row);
            let by_tie = votes.tie().map_or(0.0, |place| pull[place] * says.by_tie);
            let by = row.iter().map(|(k, x)| pull[*k] * x).sum::<f64>() * says.by_difference;
            (by + by_tie, number)
        })
        .collect();
    influence.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let gap = at[ahead] - at[behind];
    let mut sum = 0.0;
    let needed = influence.iter().position(|(by, _)| {
        sum += by;
        sum > gap
    })?;
    let most = votes.votes.len().div_ceil(10);
    // The influence is a slope; the turn itself may take a few more, or fewer.
    let turns = |count: usize| {
        let mut dropped = vec![false; votes.votes.len()];
        influence[..count].iter().for_each(|(_, number)| dropped[*number] = true);
        let strengths = without(votes, &dropped);
        strengths[ahead] < strengths[behind]
    };
    let mut count = (needed + 1).min(most);
    while count > 1 && turns(count - 1) {
        count -= (count / 20).max(1);
    }
    while !turns(count) {
        if count >= most {
            return None;
        }
        count = (count + (count / 20).max(1)).min(most);
    }
    let dropped: Vec<usize> = influence[..count].iter().map(|(_, number)| *number).collect();
    let share = count as f64 / votes.votes.len() as f64;
    Some(Fragility { pair: (ahead, behind), votes: dropped, share })
}

fn without(votes: &Votes<'_>, dropped: &[bool]) -> Vec<f64> {
    let kept = (0..votes.votes.len()).filter(|number| !dropped[*number]);
    let (mut rest, mut values) = (Vec::new(), Vec::new());
    for number in kept {
        rest.push(votes.votes[number]);
        values.extend_from_slice(
            &votes.values[number * votes.covariates..(number + 1) * votes.covariates],
        );
    }
    let rest = Votes { votes: &rest, values: &values, ..*votes };
    fitted(&rest).0
}
