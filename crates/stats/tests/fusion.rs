//! Masks, objects, texts, orders and numbers brought together: the numbers of the references (`golden/` is made by `bench/quality/fusion.py`), and
//! what must hold of each.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sets;

use proptest::prelude::*;
use stats::masks::{self, Mask};
use stats::objects::{self, Mark, Rect, Seen, Span};
use stats::rankings::{self, Order};
use stats::ratings::{self, Rating};
use stats::texts;

/// What a golden file says of a case: what, and the rest of the line.
fn cases(file: &str) -> Vec<Vec<(String, String)>> {
    let mut cases: Vec<Vec<(String, String)>> = Vec::new();
    for line in &sets::lines(&format!("golden/{file}.csv"))[1..] {
        let case: usize = line[0].parse().unwrap();
        cases.resize(cases.len().max(case + 1), Vec::new());
        cases[case].push((line[1].clone(), line[2].clone()));
    }
    cases
}

fn of<'a>(case: &'a [(String, String)], what: &str) -> Vec<&'a str> {
    let found = case.iter().filter(|(of, _)| of == what);
    found.map(|(_, value)| value.as_str()).collect()
}

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

#[test]
fn masks_come_out_as_those_of_the_references() {
    let cases = cases("masks");
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let size = numbers::<u32>(of(case, "size")[0]);
        let mask = |text: &&str| Mask::new(size[0], size[1], &numbers(text)).unwrap();
        let given: Vec<Mask> = of(case, "mask").iter().map(mask).collect();
        assert_eq!(masks::vote(&given, &vec![1.0; given.len()]), mask(&of(case, "vote")[0]));
        let options = masks::Options { rounds_max: 20_000, move_min: 1e-13 };
        let fused = masks::staple(&given, &options);
        assert_eq!(fused.mask, mask(&of(case, "staple")[0]));
        let sensitivities = numbers::<f64>(of(case, "sensitivity")[0]);
        let specificities = numbers::<f64>(of(case, "specificity")[0]);
        for ((got, p), q) in fused.performances.iter().zip(sensitivities).zip(specificities) {
            assert!((got.0 - p).abs() < 1e-6 && (got.1 - q).abs() < 1e-6, "{got:?}, {p} {q}");
        }
    }
}

#[test]
fn texts_come_out_as_those_of_the_reference() {
    let cases = cases("rover");
    assert_eq!(cases.len(), 7);
    for case in &cases {
        let said: Vec<Vec<&str>> =
            of(case, "said").iter().map(|text| text.split(' ').collect()).collect();
        assert_eq!(texts::rover(&said).join(" "), of(case, "rover")[0]);
    }
}

#[test]
fn the_last_word_of_a_contributor_counts() {
    let rating = |contributor, value| Rating { item: 0, contributor, value };
    let changed = ratings::fit(1, 2, &[rating(0, 1.0), rating(1, 3.0), rating(0, 2.0)]);
    assert_eq!(changed.values, ratings::fit(1, 2, &[rating(0, 2.0), rating(1, 3.0)]).values);
    let said =
        |best_first: &[u32]| Order { item: 0, contributor: 0, best_first: best_first.to_vec() };
    let changed = rankings::fit(&[2], 1, &[said(&[0, 1]), said(&[1, 0])]);
    assert_eq!(changed.items[0].order, [1, 0]);
}

fn order(count: usize) -> impl Strategy<Value = Vec<u32>> {
    Just((0..count as u32).collect::<Vec<u32>>()).prop_shuffle()
}

fn orders() -> impl Strategy<Value = Vec<Order>> {
    let order = (0..4u32, 0..5u32, order(4), 2..=4usize).prop_map(
        |(item, contributor, best_first, length)| Order {
            item,
            contributor,
            best_first: best_first[..length].to_vec(),
        },
    );
    proptest::collection::vec(order, 1..20)
}

fn all_ratings() -> impl Strategy<Value = Vec<Rating>> {
    let rating = (0..8u32, 0..5u32, 0..100u32).prop_map(|(item, contributor, value)| Rating {
        item,
        contributor,
        value: f64::from(value) / 10.0,
    });
    proptest::collection::vec(rating, 1..40)
}

fn seen() -> impl Strategy<Value = Vec<Seen<Rect>>> {
    let mark = (0..4u32, 0..3u32, 0..6u32, 0..6u32, 1..5u32).prop_map(
        |(contributor, class, x, y, side)| {
            let [x, y, side] = [x, y, side].map(f64::from);
            Mark { contributor, class, shape: Rect([x, y, x + side, y + side]) }
        },
    );
    let item = proptest::collection::vec(mark, 0..8);
    let item = item.prop_map(|marks| Seen { contributors: (0..4).collect(), marks });
    proptest::collection::vec(item, 1..6)
}

fn pixels() -> impl Strategy<Value = Vec<Vec<bool>>> {
    proptest::collection::vec(proptest::collection::vec(any::<bool>(), 35), 1..6)
}

fn mask(pixels: &[bool]) -> Mask {
    Mask::of_pixels(7, 5, |x, y| pixels[(y * 7 + x) as usize])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn masks_are_what_their_pixels_are(pixels in pixels()) {
        let masks: Vec<Mask> = pixels.iter().map(|pixels| mask(pixels)).collect();
        prop_assert_eq!(&Mask::new(7, 5, masks[0].runs()).unwrap(), &masks[0]);
        let (one, other) = (&pixels[0], &pixels[pixels.len() - 1]);
        let count = |of: fn(bool, bool) -> bool| one.iter().zip(other).filter(|(a, b)| of(**a, **b)).count() as f64;
        let either = count(|a, b| a || b);
        let iou = if either > 0.0 { count(|a, b| a && b) / either } else { 1.0 };
        prop_assert_eq!(masks[0].iou(&masks[masks.len() - 1]), iou);
        let voted = mask(&(0..35).map(|at| 2 * pixels.iter().filter(|mask| mask[at]).count() >= pixels.len()).collect::<Vec<bool>>());
        prop_assert_eq!(masks::vote(&masks, &vec![1.0; masks.len()]), voted);
    }

    #[test]
    fn the_order_of_masks_does_not_matter(pixels in pixels(), order in order(6)) {
        let masks: Vec<Mask> = pixels.iter().map(|pixels| mask(pixels)).collect();
        let places: Vec<usize> = order.iter().map(|at| *at as usize).filter(|at| *at < masks.len()).collect();
        let moved: Vec<Mask> = places.iter().map(|at| masks[*at].clone()).collect();
        let (before, after) = (masks::staple(&masks, &Default::default()), masks::staple(&moved, &Default::default()));
        for (now, at) in places.iter().enumerate() {
            let (a, b) = (before.performances[*at], after.performances[now]);
            prop_assert!((a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6, "{a:?} {b:?}");
        }
        prop_assert!((0.0..=1.0 + 1e-9).contains(&before.iou_expected));
    }

    #[test]
    fn names_of_those_who_rate_do_not_matter_and_saying_it_again_changes_nothing(rows in all_ratings(), order in order(5)) {
        let before = ratings::fit(8, 5, &rows);
        prop_assert!(before.values.iter().chain(&before.deviations).all(|x| x.is_finite()));
        let renamed: Vec<Rating> = rows.iter().map(|row| Rating { contributor: order[row.contributor as usize], ..*row }).collect();
        let after = ratings::fit(8, 5, &renamed);
        for (a, b) in before.values.iter().zip(&after.values) {
            prop_assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        let again: Vec<Rating> = rows.iter().chain(&rows).copied().collect();
        prop_assert_eq!(ratings::fit(8, 5, &again).values, before.values);
    }

    #[test]
    fn a_unit_of_another_size_changes_the_numbers_and_nothing_else(rows in all_ratings()) {
        let before = ratings::fit(8, 5, &rows);
        let scaled: Vec<Rating> = rows.iter().map(|row| Rating { value: 1_000.0 * row.value - 7.0, ..*row }).collect();
        let after = ratings::fit(8, 5, &scaled);
        for (a, b) in before.values.iter().zip(&after.values) {
            prop_assert!((1_000.0 * a - 7.0 - b).abs() < 0.1, "{a} {b}");
        }
    }

    #[test]
    fn names_of_those_who_rank_do_not_matter_and_saying_it_again_changes_nothing(rows in orders(), order in order(5)) {
        let before = rankings::fit(&[4; 4], 5, &rows);
        let renamed: Vec<Order> = rows
            .iter()
            .map(|row| Order { contributor: order[row.contributor as usize], ..row.clone() })
            .collect();
        let after = rankings::fit(&[4; 4], 5, &renamed);
        for (a, b) in before.items.iter().zip(&after.items) {
            let mut all = a.order.clone();
            all.sort_unstable();
            prop_assert_eq!(all, [0, 1, 2, 3]);
            prop_assert_eq!(&a.order, &b.order);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&a.agreement));
        }
        let again: Vec<Order> = rows.iter().chain(&rows).cloned().collect();
        prop_assert_eq!(rankings::fit(&[4; 4], 5, &again).items, before.items);
    }

    #[test]
    fn every_mark_is_of_one_object_and_names_do_not_matter(items in seen(), order in order(4)) {
        let options = objects::Options { presence_min: 0.0, ..Default::default() };
        let before = objects::fit(&items, 4, 3, &options);
        for (number, item) in items.iter().enumerate() {
            let mut marks: Vec<usize> =
                before.objects.iter().filter(|object| object.item == number).flat_map(|object| object.marks.clone()).collect();
            marks.sort_unstable();
            prop_assert_eq!(marks, (0..item.marks.len()).collect::<Vec<usize>>());
        }
        for object in &before.objects {
            let mut who: Vec<u32> = object.marks.iter().map(|mark| items[object.item].marks[*mark].contributor).collect();
            let count = who.len();
            who.dedup();
            prop_assert_eq!(who.len(), count);
            prop_assert!(object.confidence <= object.presence + 1e-12 && object.presence <= 1.0 + 1e-12);
        }
        // Marks that are equally near to two may join either: only without such is it the same whoever made them.
        let spread: Vec<Seen<Rect>> = items
            .iter()
            .map(|seen| Seen {
                marks: seen.marks.iter().zip(0..).map(|(mark, at)| {
                    let shift = 0.013 * f64::from(at * at + 1);
                    Mark { shape: Rect(mark.shape.0.map(|edge| edge + shift)), ..mark.clone() }
                }).collect(),
                ..seen.clone()
            })
            .collect();
        let before = objects::fit(&spread, 4, 3, &options);
        let renamed: Vec<Seen<Rect>> = spread
            .iter()
            .map(|seen| Seen {
                marks: seen.marks.iter().map(|mark| Mark { contributor: order[mark.contributor as usize], ..mark.clone() }).collect(),
                ..seen.clone()
            })
            .collect();
        let after = objects::fit(&renamed, 4, 3, &options);
        let sum = |fit: &objects::Fit<Rect>| fit.objects.iter().map(|object| object.presence).sum::<f64>();
        prop_assert_eq!(before.objects.len(), after.objects.len());
        prop_assert!((sum(&before) - sum(&after)).abs() < 1e-6, "{} {}", sum(&before), sum(&after));
    }

    #[test]
    fn a_span_is_within_what_was_marked(marks in proptest::collection::vec((0..10u32, 1..6u32), 1..6)) {
        let seen = Seen {
            contributors: (0..marks.len() as u32).collect(),
            marks: marks.iter().zip(0..).map(|((start, length), contributor)| {
                Mark { contributor, class: 0, shape: Span { start: *start, end: start + length } }
            }).collect(),
        };
        let options = objects::Options { presence_min: 0.0, ..Default::default() };
        for object in objects::fit(std::slice::from_ref(&seen), marks.len(), 1, &options).objects {
            let of = || object.marks.iter().map(|mark| seen.marks[*mark].shape);
            prop_assert!(of().any(|span| span.start == object.shape.start) && of().any(|span| span.end == object.shape.end));
        }
    }

    #[test]
    fn an_edit_distance_is_one(a in "[a-c]{0,6}", b in "[a-c]{0,6}", c in "[a-c]{0,6}") {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        let far = |a: &str, b: &str| texts::distance(&letters(a), &letters(b)) * a.len().max(b.len()) as f64;
        prop_assert_eq!(far(&a, &a), 0.0);
        prop_assert_eq!(far(&a, &b), far(&b, &a));
        prop_assert!(far(&a, &c) <= far(&a, &b) + far(&b, &c) + 1e-9);
    }

    #[test]
    fn names_of_those_who_write_do_not_matter(said in proptest::collection::vec(proptest::collection::vec("[ab]{1,5}", 4), 1..6), order in order(4)) {
        let choose = |names: &[u32]| {
            let items: Vec<Vec<usize>> = said.iter().map(|_| names.iter().map(|name| *name as usize).collect()).collect();
            texts::choose(&items, 4, |item, a, b| {
                let letters = |at: usize| said[item][at].chars().collect::<Vec<char>>();
                texts::distance(&letters(a), &letters(b))
            })
        };
        let (before, after) = (choose(&[0, 1, 2, 3]), choose(&order));
        for (a, b) in before.choices.iter().zip(&after.choices) {
            prop_assert!((a.unwrap().agreement - b.unwrap().agreement).abs() < 1e-6);
        }
    }
}
