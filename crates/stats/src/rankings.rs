//! Orders: what several people who each ranked some of the same things say together.
//!
//! An order is a list of options, best first; it may leave some out, about which it says nothing. One item is one set of options.

/// One contributor's order of one item's options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub item: u32,
    pub contributor: u32,
    /// Indices of options, best first, each at most once.
    pub best_first: Vec<u32>,
}

/// How each item's options are ranked together.
#[derive(Clone, Debug, PartialEq)]
pub struct Consensus {
    /// Best first.
    pub order: Vec<u32>,
    /// Of each neighbouring two: how likely the upper one is better, by the weights.
    pub sureness: Vec<f64>,
    /// The share of all compared pairs, by weight, that are as in the order.
    pub agreement: f64,
}

#[derive(Clone, Debug)]
pub struct Fit {
    /// Of each item.
    pub items: Vec<Consensus>,
    /// Of each contributor: how likely they put two options the right way round.
    pub skills: Vec<f64>,
    pub rounds: usize,
}

/// The points that orders give: for each order an option gets half a point for each that it is compared with, and half a point more or less as
/// it is above or below. Options in order of points, the lower index first of equals.
///
/// J.-C. de Borda, *Mémoire sur les élections au scrutin*, 1781. Square in the length of an order.
///
/// ```
/// let orders: [&[u32]; 3] = [&[0, 1, 2], &[0, 2, 1], &[1, 0, 2]];
/// assert_eq!(stats::rankings::borda(3, &orders), [0, 1, 2]);
/// ```
pub fn borda(options: usize, orders: &[&[u32]]) -> Vec<u32> {
    let mut pairs = Pairs::new(options);
    orders.iter().for_each(|order| pairs.add(order, 1.0));
    pairs.borda()
}

/// How much weight is for each option before each other one.
struct Pairs {
    options: usize,
    weight: Vec<f64>,
}

impl Pairs {
    fn new(options: usize) -> Self {
        Self { options, weight: vec![0.0; options * options] }
    }

    fn add(&mut self, order: &[u32], weight: f64) {
        for (place, upper) in order.iter().enumerate() {
            for lower in &order[place + 1..] {
                self.weight[*upper as usize * self.options + *lower as usize] += weight;
            }
        }
    }

    /// How much more is for one before another than the other way round.
    fn lead(&self, upper: usize, lower: usize) -> f64 {
        let n = self.options;
        self.weight[upper * n + lower] - self.weight[lower * n + upper]
    }

    fn borda(&self) -> Vec<u32> {
        let points: Vec<f64> = (0..self.options)
            .map(|option| (0..self.options).map(|other| self.lead(option, other)).sum())
            .collect();
        let mut order: Vec<u32> = (0..self.options as u32).collect();
        order.sort_by(|a, b| points[*b as usize].total_cmp(&points[*a as usize]).then(a.cmp(b)));
        order
    }

    fn kemeny(&self) -> Vec<u32> {
        if self.options <= EXACT_MAX { self.exact() } else { self.local(self.borda()) }
    }

    /// By dynamic programming over the sets of what is already placed (M. Held and R. Karp 1962).
    fn exact(&self) -> Vec<u32> {
        let n = self.options;
        // Of each set that takes the upper places: the most that its order gains, and what is last in it.
        let mut best = vec![(f64::NEG_INFINITY, 0u8); 1 << n];
        best[0].0 = 0.0;
        for set in 1usize..1 << n {
            for last in (0..n).filter(|option| set >> option & 1 == 1) {
                let before = set & !(1 << last);
                let gain: f64 = (0..n)
                    .filter(|option| before >> option & 1 == 1)
                    .map(|option| self.lead(option, last))
                    .sum();
                let total = best[before].0 + gain;
                // Rounding does not decide between equals: the higher index goes last.
                if total >= best[set].0 - 1e-9 * (1.0 + total.abs()) {
                    best[set] = (total.max(best[set].0), last as u8);
                }
            }
        }
        let mut order = Vec::with_capacity(n);
        let mut set = (1usize << n) - 1;
        while set > 0 {
            let last = best[set].1;
            order.push(u32::from(last));
            set &= !(1 << last);
        }
        order.reverse();
        order
    }

    /// Takes options out and puts them in where they gain most, until none gains anything.
    fn local(&self, mut order: Vec<u32>) -> Vec<u32> {
        let n = order.len();
        for _ in 0..n * n {
            let mut moved = false;
            for from in 0..n {
                let option = order[from] as usize;
                let (mut best, mut to) = (1e-9, from);
                let mut gain = 0.0;
                for above in (0..from).rev() {
                    gain += self.lead(option, order[above] as usize);
                    if gain > best {
                        (best, to) = (gain, above);
                    }
                }
                gain = 0.0;
                for (below, other) in order.iter().enumerate().skip(from + 1) {
                    gain += self.lead(*other as usize, option);
                    if gain > best {
                        (best, to) = (gain, below);
                    }
                }
                if to != from {
                    let option = order.remove(from);
                    order.insert(to, option);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        order
    }
}

/// Up to so many options the best order is found for certain.
pub const EXACT_MAX: usize = 12;

/// The order that the orders contradict least (Kemeny's), with contributors weighed by how rarely they contradict it.
///
/// Model: Condorcet's. Contributor *j* puts each pair of an item's options the right way round with probability *s_j*, independently. Formula: the likeliest order makes
/// *Σ_j ln(s_j / (1 − s_j)) · (pairs as in it)* most, and *s_j = (pairs as in it + ν c) / (pairs + ν)*, where *c* is the crowd's share, in turn until nothing changes; a
/// contributor worse than chance counts for nothing. Papers: J. Kemeny, *Mathematics Without Numbers*, 1959; H. P. Young, *Condorcet's Theory of
/// Voting*, 1988. Exact up to [`EXACT_MAX`] options (*2ⁿ n²* steps an item), and from Borda's order by insertion beyond (A. Ali and M. Meilă,
/// *Experiments with Kemeny Ranking*, 2012), where it may end at an order that no single move betters.
///
/// Linear in the items and contributors; square in the length of an order.
///
/// ```
/// use stats::rankings::{Order, fit};
/// let said = |contributor, best_first: &[u32]| Order { item: 0, contributor, best_first: best_first.to_vec() };
/// let orders = [said(0, &[2, 0, 1]), said(1, &[2, 1, 0]), said(2, &[2, 0, 1])];
/// let found = fit(&[3], 3, &orders);
/// assert_eq!(found.items[0].order, [2, 0, 1]);
/// assert!(found.items[0].sureness[0] > found.items[0].sureness[1]);
/// ```
pub fn fit(options: &[usize], contributors: usize, orders: &[Order]) -> Fit {
    const STRENGTH: f64 = 10.0;
    const ROUNDS_MAX: usize = 30;
    let mut by_item: Vec<Vec<&Order>> = vec![Vec::new(); options.len()];
    orders.iter().for_each(|order| by_item[order.item as usize].push(order));
    // In the order of the contributors, so that the order of the rows does not matter but for the last word of each (A2 of `answers`).
    for orders in &mut by_item {
        orders.reverse();
        orders.sort_by_key(|order| order.contributor);
        orders.dedup_by_key(|order| order.contributor);
    }
    let mut skills = vec![0.75; contributors];
    let mut best: Vec<Vec<u32>> = Vec::new();
    let mut rounds = 0;
    loop {
        rounds += 1;
        let now: Vec<Vec<u32>> = by_item
            .iter()
            .zip(options)
            .map(|(orders, options)| tallied(*options, orders, &skills).kemeny())
            .collect();
        if now == best || rounds == ROUNDS_MAX {
            break;
        }
        best = now;
        let (mut alike, mut pairs) = (vec![0.0; contributors], vec![0.0; contributors]);
        for (orders, best) in by_item.iter().zip(&best) {
            let places = places(best);
            for order in orders {
                let (with, of) = concordant(&order.best_first, &places);
                alike[order.contributor as usize] += with;
                pairs[order.contributor as usize] += of;
            }
        }
        let compared: f64 = pairs.iter().sum();
        let crowd = (alike.iter().sum::<f64>() + 0.75 * STRENGTH) / (compared + STRENGTH);
        for (skill, (alike, pairs)) in skills.iter_mut().zip(alike.iter().zip(&pairs)) {
            *skill = (alike + STRENGTH * crowd) / (pairs + STRENGTH);
        }
    }
    let items = by_item
        .iter()
        .zip(best)
        .zip(options)
        .map(|((orders, order), options)| consensus(&tallied(*options, orders, &skills), order))
        .collect();
    Fit { items, skills, rounds }
}

fn tallied(options: usize, orders: &[&Order], skills: &[f64]) -> Pairs {
    let mut pairs = Pairs::new(options);
    for order in orders {
        let skill = skills[order.contributor as usize].clamp(0.5, 1.0 - 1e-9);
        pairs.add(&order.best_first, (skill / (1.0 - skill)).ln());
    }
    pairs
}

fn consensus(pairs: &Pairs, order: Vec<u32>) -> Consensus {
    let sureness = order
        .windows(2)
        .map(|two| crate::special::logistic(pairs.lead(two[0] as usize, two[1] as usize)))
        .collect();
    let (mut with, mut all) = (0.0, 0.0);
    for (place, upper) in order.iter().enumerate() {
        for lower in &order[place + 1..] {
            let (upper, lower) = (*upper as usize, *lower as usize);
            with += pairs.weight[upper * pairs.options + lower];
            all += pairs.weight[upper * pairs.options + lower]
                + pairs.weight[lower * pairs.options + upper];
        }
    }
    Consensus { order, sureness, agreement: if all > 0.0 { with / all } else { 1.0 } }
}

fn places(order: &[u32]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, option)| places[*option as usize] = place);
    places
}

/// How many pairs of an order are as in another, and how many there are.
fn concordant(order: &[u32], places: &[usize]) -> (f64, f64) {
    let (mut with, mut all) = (0.0, 0.0);
    for (at, upper) in order.iter().enumerate() {
        for lower in &order[at + 1..] {
            with += f64::from(u8::from(places[*upper as usize] < places[*lower as usize]));
            all += 1.0;
        }
    }
    (with, all)
}

/// Kendall's tau of two orders of the same options: 1 if they are the same, −1 if one is the other backwards.
///
/// ```
/// assert!((stats::rankings::tau(&[0, 1, 2], &[0, 2, 1]) - 1.0 / 3.0).abs() < 1e-12);
/// ```
pub fn tau(one: &[u32], other: &[u32]) -> f64 {
    let (with, all) = concordant(one, &places(other));
    if all > 0.0 { 2.0 * with / all - 1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn drawn(random: &mut Random, n: usize, skill: f64) -> Vec<u32> {
        // Repeated insertion: each option is compared with the ones before until it loses.
        let mut order: Vec<u32> = Vec::new();
        for option in 0..n as u32 {
            let mut place = order.len();
            while place > 0 && !random.chance(skill) {
                place -= 1;
            }
            order.insert(place, option);
        }
        order
    }

    #[test]
    fn the_exact_order_is_contradicted_least_and_the_local_one_hardly_more() {
        let mut random = Random::new(2);
        for round in 0..40 {
            let n = 3 + round % 4;
            let mut pairs = Pairs::new(n);
            for _ in 0..4 {
                let mut order: Vec<u32> = (0..n as u32).collect();
                random.shuffle(&mut order);
                pairs.add(&order, 1.0);
            }
            let worth = |order: &[u32]| -> f64 {
                let mut sum = 0.0;
                for (at, upper) in order.iter().enumerate() {
                    sum += order[at + 1..]
                        .iter()
                        .map(|lower| pairs.lead(*upper as usize, *lower as usize))
                        .sum::<f64>();
                }
                sum
            };
            let mut best = f64::NEG_INFINITY;
            permutations(&mut (0..n as u32).collect(), 0, &mut |order| {
                best = best.max(worth(order))
            });
            assert!((worth(&pairs.exact()) - best).abs() < 1e-9, "{n} options");
            assert!(worth(&pairs.local(pairs.borda())) >= 0.7 * best, "{n} options");
        }
    }

    fn permutations(order: &mut Vec<u32>, from: usize, take: &mut impl FnMut(&[u32])) {
        if from == order.len() {
            return take(order);
        }
        for at in from..order.len() {
            order.swap(from, at);
            permutations(order, from + 1, take);
            order.swap(from, at);
        }
    }

    #[test]
    fn careless_contributors_are_found_and_weigh_less() {
        let mut random = Random::new(3);
        let skills = [0.95, 0.95, 0.55, 0.55, 0.55];
        let mut orders = Vec::new();
        for item in 0..60 {
            for (contributor, skill) in (0..).zip(skills) {
                let best_first = drawn(&mut random, 6, skill);
                orders.push(Order { item, contributor, best_first });
            }
        }
        let found = fit(&[6; 60], 5, &orders);
        let truth: Vec<u32> = (0..6).collect();
        let near = |orders: &mut dyn Iterator<Item = Vec<u32>>| -> f64 {
            orders.map(|order| tau(&order, &truth)).sum::<f64>() / 60.0
        };
        let weighed = near(&mut found.items.iter().map(|item| item.order.clone()));
        let plain = near(&mut (0..60).map(|item| {
            let of = orders.iter().filter(|order| order.item == item);
            borda(6, &of.map(|order| &order.best_first[..]).collect::<Vec<_>>())
        }));
        assert!(weighed > plain + 0.03, "{weighed} {plain}");
        assert!(found.skills[0] > 0.9 && found.skills[3] < 0.8, "{:?}", found.skills);
    }
}
