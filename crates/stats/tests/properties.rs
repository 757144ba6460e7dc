//! What must hold of every estimator: names do not matter, saying it twice changes nothing, and belief is a distribution.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sets;

use proptest::prelude::*;
use stats::answers::{Answer, Answers, Beliefs, Known, Shape};
use stats::dawid_skene::{self, Model, Pooling, Start};
use stats::online::Online;
use stats::{glad, mace, vote};

type Estimator = (&'static str, fn(&Answers) -> Beliefs);

fn dawid_skene(answers: &Answers, model: Model, start: Start) -> Beliefs {
    let options = dawid_skene::Options { model, start, rounds_max: 15, ..Default::default() };
    dawid_skene::fit(answers, &options).beliefs
}

const ESTIMATORS: [Estimator; 9] = [
    ("majority", |answers| vote::majority(answers)),
    ("wawa", |answers| vote::wawa(answers).beliefs),
    ("zbs", |answers| vote::zero_based_skill(answers).beliefs),
    ("full", |answers| dawid_skene(answers, Model::Full, Start::Majority)),
    ("one coin", |answers| dawid_skene(answers, Model::OneCoin, Start::Majority)),
    ("pooled", |answers| dawid_skene(answers, Model::Pooled(Pooling::default()), Start::Majority)),
    ("spectral", |answers| dawid_skene(answers, Model::Full, Start::Spectral)),
    ("glad", |answers| glad::fit(answers, &glad::Options::default()).beliefs),
    ("mace", |answers| mace::fit(answers, &mace::Options::default()).beliefs),
];

const SHAPE: Shape = Shape { items: 12, contributors: 6, classes: 3 };

fn rows() -> impl Strategy<Value = Vec<Answer>> {
    let row = (0..12u32, 0..6u32, 0..3u32).prop_map(|(item, contributor, label)| Answer {
        item,
        contributor,
        label,
    });
    proptest::collection::vec(row, 1..60)
}

fn order(count: u32) -> impl Strategy<Value = Vec<u32>> {
    Just((0..count).collect::<Vec<u32>>()).prop_shuffle()
}

fn far(one: &Beliefs, other: impl Fn(usize, usize) -> f64) -> f64 {
    let mut far = 0.0_f64;
    for item in 0..one.len() {
        for class in 0..one.classes {
            far = far.max((one.of(item)[class] - other(item, class)).abs());
        }
    }
    far
}

/// Votes that hang on which of two equal classes comes first may fall the other way when classes change places.
fn is_tied(answers: &Answers) -> bool {
    let shares = vote::majority(answers);
    (0..shares.len()).any(|item| {
        let (best, share) = shares.best(item);
        shares
            .of(item)
            .iter()
            .enumerate()
            .any(|(class, p)| class != best && (p - share).abs() < 1e-9)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_of_contributors_do_not_matter(rows in rows(), order in order(6)) {
        let renamed: Vec<Answer> =
            rows.iter().map(|row| Answer { contributor: order[row.contributor as usize], ..*row }).collect();
        let (before, after) = (Answers::new(SHAPE, &rows).unwrap(), Answers::new(SHAPE, &renamed).unwrap());
        for (name, fit) in ESTIMATORS {
            let (before, after) = (fit(&before), fit(&after));
            let far = far(&before, |item, class| after.of(item)[class]);
            prop_assert!(far < 1e-6, "{name}: {far}");
        }
    }

    #[test]
    fn names_of_classes_do_not_matter(rows in rows(), order in order(3)) {
        let renamed: Vec<Answer> =
            rows.iter().map(|row| Answer { label: order[row.label as usize], ..*row }).collect();
        let (before, after) = (Answers::new(SHAPE, &rows).unwrap(), Answers::new(SHAPE, &renamed).unwrap());
        for (name, fit) in ESTIMATORS {
            if ["wawa", "zbs"].contains(&name) && is_tied(&before) {
                continue;
            }
            let (before, after) = (fit(&before), fit(&after));
            let far = far(&before, |item, class| after.of(item)[order[class] as usize]);
            prop_assert!(far < 1e-6, "{name}: {far}");
        }
    }

    #[test]
    fn saying_it_again_changes_nothing(rows in rows()) {
        let before = Answers::new(SHAPE, &rows).unwrap();
        // What counts, said twice: the last word of each, once more.
        let again: Vec<Answer> = rows.iter().copied().chain(before.iter()).collect();
        let after = Answers::new(SHAPE, &again).unwrap();
        prop_assert_eq!(after.len(), before.len());
        prop_assert_eq!(after.superseded, before.superseded + before.len());
        prop_assert_eq!(after.contradicted, before.contradicted);
        for (name, fit) in ESTIMATORS {
            prop_assert_eq!(fit(&before), fit(&after), "{}", name);
        }
    }

    #[test]
    fn a_belief_is_a_distribution(rows in rows()) {
        let answers = Answers::new(SHAPE, &rows).unwrap();
        for (name, fit) in ESTIMATORS {
            let beliefs = fit(&answers);
            for item in 0..SHAPE.items {
                let row = beliefs.of(item);
                prop_assert!(row.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)), "{name}: {row:?}");
                prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{name}: {row:?}");
            }
        }
    }

    /// Answers, corrections and gold in any order leave the same sums behind as if all had been there from the beginning.
    #[test]
    fn one_by_one_ends_where_all_at_once_does(rows in rows(), gold in 0..12usize) {
        let mut online = Online::new(3, Pooling::default());
        for (at, row) in rows.iter().enumerate() {
            if at == rows.len() / 2 {
                online.know(gold, 1);
            }
            online.answer(row.item as usize, row.contributor as usize, row.label as usize);
        }
        let table = Answers::new(SHAPE, &rows).unwrap();
        let known = [Known { item: gold, class: 1 }];
        let mut all = Online::from_table(&table, &known, Pooling::default(), 0);
        for _ in 0..300 {
            online.sweep();
            all.sweep();
        }
        // The sums agree even where answers this few lead the two to different tops.
        for item in 0..SHAPE.items.min(online.items()) {
            let row = online.belief(item);
            prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        let ((items, answers), (all_items, all_answers)) = (online.weight(), all.weight());
        prop_assert!((items - all_items).abs() < 1e-6, "{items} and {all_items} items");
        prop_assert!((answers - all_answers).abs() < 1e-6, "{answers} and {all_answers} answers");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    // Large enough to be shared out, and by chance to other threads each time.
    let mut random = stats::random::Random::new(21);
    let rows: Vec<Answer> = (0..24_000)
        .map(|n| Answer {
            item: n / 3,
            contributor: random.below(200) as u32,
            label: random.below(4) as u32,
        })
        .collect();
    let answers = sets::table(&rows);
    let glad = |answers| glad::fit(answers, &glad::Options { rounds_max: 5, ..Default::default() });
    assert_eq!(glad(&answers).beliefs, glad(&answers).beliefs);
    for (name, fit) in
        ESTIMATORS.iter().filter(|(name, _)| ["majority", "pooled", "mace"].contains(name))
    {
        assert!(fit(&answers) == fit(&answers), "{name}");
    }
}
