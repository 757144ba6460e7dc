//! The server is killed in the middle of its work, again and again: no answer that it has
//! acknowledged is lost, and none is there twice (I3, I5, I7).
//!
//! `KILLS=500 SEED=7 cargo test -p fairmark --test kill -- --nocapture` for a long run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod machine;

use machine::postgres::Durable;
use machine::{Browser, Installation, Server, Told, start_work};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

const BROWSERS: usize = 16;
/// Somewhere within this time after the server is back, it is killed again.
const MOMENT_MS: u64 = 500;
/// Between two turns of a browser, so that however fast the server is, the queue lasts.
const THINKING: Duration = Duration::from_millis(10);
/// More than all browsers can answer between two kills.
const TASKS_PER_KILL: usize = 500;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn kills() -> usize {
    number("KILLS").unwrap_or(50) as usize
}

/// Random moments. What the browsers are at by then no seed can tell, so a run does not repeat exactly.
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        let nanos = || std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        Self(number("SEED").unwrap_or_else(nanos))
    }

    fn wait(&mut self) {
        // xorshift64*: its high bits are the good ones.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        std::thread::sleep(Duration::from_millis(drawn % MOMENT_MS));
    }
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
    let mut moments = Moments::new();
    println!("{name}: SEED={}", moments.0);
    let mut server = Server::start(installation);
    let stop = Arc::new(AtomicBool::new(false));
    // Each turn of a browser begins with the question whether to stop.
    let turns = Arc::new(AtomicUsize::new(0));
    let (stopped, turned) = (Arc::clone(&stop), Arc::clone(&turns));
    let workers = start_work(installation, &server, move || {
        std::thread::sleep(THINKING);
        turned.fetch_add(1, SeqCst);
        stopped.load(SeqCst)
    });
    let mut slowest = Duration::ZERO;
    for round in 0..kills() {
        // Everybody is at work again: what is killed is a server under load.
        let before = turns.load(SeqCst);
        let patience = Instant::now() + Duration::from_secs(60);
        while turns.load(SeqCst) < before + BROWSERS {
            assert!(Instant::now() < patience, "nobody works before kill {round}");
            std::thread::sleep(Duration::from_millis(1));
        }
        moments.wait();
        kill(round, &mut server, installation);
        slowest = slowest.max(recovery(&server));
    }
    moments.wait();
    assert!(workers.iter().all(|worker| !worker.is_finished()), "the queue ran dry");
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
        acknowledged.len() > kills() * BROWSERS / 2,
        "too little was done between the kills: {}",
        acknowledged.len()
    );
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_eq!(told.iter().map(|told| told.refused).sum::<usize>(), 0, "a repeat was refused");
    assert_eq!(submissions.len(), found.answers.len(), "a submission is there twice");
    let tasks: HashSet<_> = found.answers.iter().map(|answer| answer.task).collect();
    assert_eq!(tasks.len(), found.answers.len(), "a task was answered twice");
    assert_eq!(found.counted, found.recounted);
    assert_eq!(found.answered_events, found.answers.len() as i64, "each answer has its event");
}

#[test]
fn sqlite() {
    let installation = Installation::sqlite(BROWSERS, 1_000 + TASKS_PER_KILL * kills());
    kill_again_and_again("sqlite", &installation, |_, server, installation| {
        server.kill();
        server.start_again(installation);
    });
}

/// In turns: the server, the database, both.
#[test]
fn postgres() {
    let mut database = Durable::start();
    let installation =
        Installation::postgres(&database.url(), BROWSERS, 1_000 + TASKS_PER_KILL * kills());
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
