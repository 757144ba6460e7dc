//! The server is killed in the middle of its work, again and again: no answer that it has
//! acknowledged is lost, and none is there twice (I3, I5, I7).
//!
//! Fifty random moments on each engine; `KILLS=500 cargo test -p fairmark --test kill -- --nocapture` for a longer run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod machine;

use machine::postgres::Durable;
use machine::{Browser, Installation, Server, Told, start_work};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

const BROWSERS: usize = 16;

fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50)
}

/// Somewhere between a tenth of a second and half of one.
fn a_while() {
    let nanos =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
    std::thread::sleep(Duration::from_millis(100 + u64::from(nanos / 1_000) % 400));
}

/// How long until the server answers again.
fn recovery(server: &Server) -> Duration {
    let began = Instant::now();
    let mut browser = Browser::new(server, "");
    while !matches!(browser.send("GET", "/api/setup", &Value::Null), Ok((200, _))) {
        assert!(began.elapsed() < Duration::from_secs(60), "the server does not come back");
        std::thread::sleep(Duration::from_millis(5));
    }
    began.elapsed()
}

/// Kills in `round`s while everybody works, and compares the tables with what was told.
fn kill_again_and_again(
    name: &str,
    installation: &Installation,
    mut kill: impl FnMut(usize, &mut Server, &Installation),
) {
    let mut server = Server::start(installation);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let workers = start_work(installation, &server, move || stopped.load(SeqCst));
    let mut slowest = Duration::ZERO;
    for round in 0..kills() {
        a_while();
        kill(round, &mut server, installation);
        slowest = slowest.max(recovery(&server));
    }
    a_while();
    stop.store(true, SeqCst);
    let told: Vec<Told> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
    server.kill();
    let found = installation.look();

    let acknowledged: HashSet<&String> = told.iter().flat_map(|told| &told.submissions).collect();
    let submissions: HashSet<&String> =
        found.answers.iter().map(|answer| &answer.submission).collect();
    let lost: Vec<_> = acknowledged.difference(&submissions).collect();
    println!(
        "{name}: {} kills, {} answers acknowledged, {} in the table, {} lost, back within {slowest:?}",
        kills(),
        acknowledged.len(),
        found.answers.len(),
        lost.len()
    );
    assert!(
        acknowledged.len() > kills(),
        "too little was done between the kills: {}",
        acknowledged.len()
    );
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_eq!(submissions.len(), found.answers.len(), "a submission is there twice");
    let tasks: HashSet<_> = found.answers.iter().map(|answer| answer.task).collect();
    assert_eq!(tasks.len(), found.answers.len(), "a task was answered twice");
    assert_eq!(found.counted, found.recounted);
    assert_eq!(found.answered_events, found.answers.len() as i64, "each answer has its event");
}

#[test]
fn sqlite() {
    let installation = Installation::sqlite(BROWSERS, 1_000 + 1_500 * kills());
    kill_again_and_again("sqlite", &installation, |_, server, installation| {
        server.kill();
        server.start_again(installation);
    });
}

/// In turns: the server, the database, both.
#[test]
fn postgres() {
    let mut database = Durable::start();
    let installation = Installation::postgres(&database.url(), BROWSERS, 1_000 + 1_000 * kills());
    kill_again_and_again("postgres", &installation, |round, server, installation| {
        if round % 3 != 1 {
            server.kill();
        }
        if round % 3 != 0 {
            database.kill();
            database.restart();
        }
        if round % 3 != 1 {
            server.start_again(installation);
        }
    });
}
