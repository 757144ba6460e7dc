//! A thousand tasks, thirty-two browsers, the real server: a thousand answers, none doubled.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod machine;

use machine::{Installation, Server, postgres, work_together};
use std::collections::HashSet;

const TASKS: usize = 1_000;
const BROWSERS: usize = 32;

fn drain(installation: &Installation) {
    let server = Server::start(installation);
    let told = work_together(installation, &server, || false);
    drop(server);
    let found = installation.look();
    let acknowledged: HashSet<&String> = told.iter().flat_map(|told| &told.submissions).collect();
    assert_eq!(acknowledged.len(), TASKS, "each was told of its own");
    assert_eq!(told.iter().map(|told| told.refused).sum::<usize>(), 0);
    assert_eq!((found.answers.len(), found.done), (TASKS, TASKS));
    let tasks: HashSet<_> = found.answers.iter().map(|answer| answer.task).collect();
    let slots: HashSet<_> = found.answers.iter().map(|answer| answer.slot).collect();
    let submissions: HashSet<_> = found.answers.iter().map(|answer| &answer.submission).collect();
    assert_eq!((tasks.len(), slots.len(), submissions.len()), (TASKS, TASKS, TASKS));
    assert_eq!(submissions, acknowledged);
    assert_eq!(found.counted, found.recounted);
    assert_eq!(found.answered_events, TASKS as i64);
    // One event for each claim and each answer, and those of the beginning.
    assert!(found.events >= 2 * TASKS as i64, "{}", found.events);
}

#[test]
fn sqlite() {
    drain(&Installation::sqlite(BROWSERS, TASKS));
}

#[test]
fn postgres() {
    drain(&Installation::postgres(postgres::shared(), BROWSERS, TASKS));
}
