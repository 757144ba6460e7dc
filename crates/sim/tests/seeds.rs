//! The seeds that always run, those that failed once, and one by name: `SEED=7 cargo test -p sim`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;

/// `STEPS=5000 SEEDS=500` for a long night.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn every_rule_holds_under_every_seed() {
    let steps = number("STEPS", 560) as u32;
    let known = include_str!("../seeds.txt")
        .lines()
        .filter_map(|line| line.split('#').next()?.trim().parse().ok());
    let seeds: Vec<u64> = match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => known.chain(1..=number("SEEDS", 24)).collect(),
    };
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for seed in &seeds {
        for (what, count) in sim::run::run(*seed, steps) {
            *seen.entry(what).or_default() += count;
        }
    }
    for (what, count) in &seen {
        println!("{count:>8}  {what}");
    }
    if seeds.len() >= 24 {
        everywhere(&seen);
    }
}

/// A simulation proves nothing about places where it has never been.
fn everywhere(seen: &BTreeMap<String, u64>) {
    let places = "
        claim: fine / claim: nothing there / claim: told once more / claim: taken over / claim: given again
        claim: rework / claim: forbidden / claim: invalid / claim: not_found
        renew: fine / renew: superseded / renew: not_held / renew: already_answered / renew: not_found
        release: fine / release: already_answered / skip: fine / skip: already_answered
        draft: fine / draft: superseded / draft: not_held / draft: already_answered
        answer: fine / answer: invalid / answer: superseded / answer: not_held / answer: already_answered
        answer: answer_differs / answer: not_found / answer: wrong_stage / a repeat was known
        a late answer was accepted
        review: fine / review: invalid / verdict: accept / verdict: fix / verdict: reject
        adjudicate: fine / turn: fine / hurry: fine / cancel: fine / cancel: already_done / reopen: fine
        reopen: still_open / answer: closed / the relay carried / the relay died / a task was canceled
        a task was queued / a task was in_progress / a task was in_review / a task was done / a task was error
        a message came late / a message came twice / a reply was lost / a slot has the id of a rival's slot
        a task has the id of a rival's task
        the process died before a commit / the process died before a reply / the queue ran dry
        a model was fitted / a task stopped early / a task was asked about once more / a label was made of several answers";
    let missing: Vec<&str> = places
        .split(['/', '\n'])
        .map(str::trim)
        .filter(|place| !place.is_empty() && seen.get(*place).is_none_or(|count| *count == 0))
        .collect();
    assert!(missing.is_empty(), "the runs have never been at: {missing:?}");
}

#[test]
fn a_seed_means_the_same_run_each_time() {
    assert_eq!(sim::run::run(3, 120), sim::run::run(3, 120));
}
