//! A crowd whose accuracy is known labels a project under the adaptive plan: tasks stop early, no rule is broken, and the labels are
//! as good as the plan promises.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use domain::projects::Quality;

use sim::world::{ADAPTIVE, ADAPTIVE_SPANS};

#[test]
fn an_adaptive_project_stops_early_and_reaches_its_target() {
    stops_early_and_reaches_its_target(ADAPTIVE);
}

#[test]
fn so_does_one_of_spans() {
    stops_early_and_reaches_its_target(ADAPTIVE_SPANS);
}

fn stops_early_and_reaches_its_target(project: usize) {
    let plan = &sim::world::plans()[project];
    let Quality::Adaptive(adaptive) = plan.quality else { panic!("the last plan is adaptive") };
    // Right by care, and in a third of the rest by luck: from 60 % to 97 %, and one who only guesses.
    let care = [95, 92, 90, 88, 85, 82, 80, 78, 75, 70, 60, 40, 0];
    let outcome = sim::crowd::run(11, project, 420, 60, &care);
    println!("{outcome:?}");
    let count = |spread: &std::collections::BTreeMap<i64, i64>| spread.values().sum::<i64>();
    let answers: i64 = outcome.spread.iter().map(|(answers, tasks)| answers * tasks).sum();
    let mean = answers as f64 / count(&outcome.spread) as f64;
    assert!(mean < 0.75 * plan.overlap as f64, "{mean} answers for a task are no saving");
    let within = (adaptive.min..=adaptive.max).contains(outcome.spread.keys().last().unwrap());
    assert!(within && *outcome.spread.keys().next().unwrap() == adaptive.min);
    assert_eq!(outcome.audited.keys().copied().collect::<Vec<_>>(), [plan.overlap]);

    let share = outcome.right as f64 / outcome.labels as f64;
    assert!(
        share >= adaptive.target,
        "{share} of the labels are right, {} wanted",
        adaptive.target
    );
    assert!(outcome.escalated * 5 < count(&outcome.spread), "too much is left to the expert");
    // What is claimed is so: three standard errors, and the five points that calibration may be off.
    assert!(outcome.shown > 100, "confidences were shown: {}", outcome.shown);
    let (claimed, held) = (outcome.claimed, outcome.held as f64);
    let shown = outcome.shown as f64;
    let slack = 0.05 + 3.0 * (0.25 / shown).sqrt() * 0.6;
    assert!((claimed / shown - held / shown).abs() < slack, "claimed {claimed}, held {held}");
}
