//! What the server can do, on this machine, in one table.
//!
//! Each figure of the server stands beside a limit that was measured in the same run on the same
//! disk: the same SQL writes in a bare loop, in groups of the same size. A cycle is what the workbench
//! does for each task: hand in one answer, which has lasted when the reply comes, and take the next.
//! Whatever is compared is measured in turns, so that a machine that is busy for a while slows both.
//!
//! `cargo bench -p fairmark --bench server -- [--long] [--only PARTS] [--json FILE]`, where parts, with commas between them, are
//! `program`, `cycles`, `queue` or `releases`.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

mod bare;
#[path = "../../tests/machine/mod.rs"]
mod machine;
mod process;
mod rows;
mod table;

use machine::{Browser, Installation, PROJECT, Server, postgres::Durable, work_together};
use process::{OwnMemory, cpu_seconds, peak_mib, resident_mib};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use table::Bound::{AtLeast, AtMost};
use table::Table;

/// How long browsers work in one round, and how many rounds there are.
struct Pace {
    round: Duration,
    rounds: usize,
    claims: usize,
}

/// One part of the table.
type Part = fn(&mut Table, &Pace);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1))
    };
    let pace = if arguments.iter().any(|argument| argument == "--long") {
        Pace { round: Duration::from_secs(10), rounds: 7, claims: 5_000 }
    } else {
        Pace { round: Duration::from_secs(4), rounds: 3, claims: 1_500 }
    };
    let mut table = Table::default();
    let parts: [(&str, Part); 4] =
        [("program", program), ("cycles", cycles), ("queue", queue), ("releases", releases)];
    let only: Option<Vec<&str>> = after("--only").map(|only| only.split(',').collect());
    for part in only.iter().flatten() {
        assert!(parts.iter().any(|(name, _)| name == part), "there is no part `{part}`");
    }
    for (name, measure) in parts {
        if only.as_ref().is_none_or(|only| only.contains(&name)) {
            measure(&mut table, &pace);
        }
    }
    if let Some(file) = after("--json") {
        // Cargo runs this in the folder of the crate; the file is named from where the caller stands.
        table.save(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file));
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn program(table: &mut Table, _: &Pace) {
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_fairmark")).unwrap().len();
    table.add("the program, pages included", size as f64 / 1e6, "MB");
    let installation = Installation::sqlite(1, 100);
    let mut times = Vec::new();
    let mut memory = 0.0;
    for _ in 0..5 {
        let began = Instant::now();
        let server = Server::start(&installation);
        let mut browser = Browser::new(&server, &installation.cookies[0]);
        let (status, _) = browser.insist("GET", "/api/setup", &Value::Null);
        assert_eq!(status, 200);
        times.push(began.elapsed().as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_secs(1));
        memory = resident_mib(server.process());
    }
    table.add("from start to the first reply", median(times), "ms");
    table.add("memory at rest", memory, "MiB");
}

/// What browsers did in one round.
struct Round {
    rate: f64,
    cpu_ms: f64,
}

/// Lets browsers answer as fast as they can.
fn round(installation: &Installation, server: &Server, length: Duration) -> Round {
    let (began, before) = (Instant::now(), cpu_seconds(server.process()));
    let told = work_together(installation, server, move || began.elapsed() > length);
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds(server.process()) - before;
    assert_eq!(told.iter().map(|told| told.refused).sum::<usize>(), 0);
    assert!(seconds >= length.as_secs_f64(), "the queue ran dry");
    let done = told.iter().map(|told| told.submissions.len()).sum::<usize>() as f64;
    Round { rate: done / seconds, cpu_ms: cpu * 1e3 / done }
}

/// What the stores of a server have done so far, by its own figures.
struct Commits {
    commands: f64,
    commits: f64,
}

fn commits(installation: &Installation, server: &Server) -> Commits {
    let mut text = Vec::new();
    let mut browser = Browser::new(server, &installation.owner);
    let status = browser.exchange("GET", "/metrics", "", &[], &mut text).unwrap();
    assert_eq!(status, 200);
    let text = String::from_utf8(text).unwrap();
    let of = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(key, _)| *key == name).map_or(0.0, |(_, value)| value.parse().unwrap())
    };
    Commits {
        commands: of("fairmark_store_commands_total"),
        commits: of("fairmark_store_commits_total"),
    }
}

fn cycles(table: &mut Table, pace: &Pace) {
    for browsers in [8, 32] {
        let installation = Installation::sqlite(browsers, tasks_for(pace, 8_000));
        let server = Server::start(&installation);
        let (mut rates, mut limits, mut ratios, mut cpu) = (vec![], vec![], vec![], vec![]);
        let mut groups = vec![];
        for _ in 0..pace.rounds {
            let before = commits(&installation, &server);
            let done = round(&installation, &server, pace.round);
            let after = commits(&installation, &server);
            let group = (after.commands - before.commands) / (after.commits - before.commits);
            let limit = bare::cycles_per_second(group.round() as usize, pace.round);
            ratios.push(done.rate / limit);
            groups.push(group);
            limits.push(limit);
            rates.push(done.rate);
            cpu.push(done.cpu_ms);
        }
        let name = format!("SQLite, {browsers} browsers");
        table.add(format!("{name}: answered and taken"), median(rates), "cycles/s");
        table.add(format!("{name}: share a commit"), median(groups), "cycles");
        table.add(format!("{name}: the bare loop, as many share"), median(limits), "cycles/s");
        table.hold(format!("{name}: of the bare loop"), median(ratios), "", AtLeast(0.5));
        table.hold(format!("{name}: CPU of the server"), median(cpu), "ms/cycle", AtMost(0.5));
        table.add(format!("{name}: memory at most"), peak_mib(server.process()), "MiB");
    }
    cycles_on_postgres(table, pace);
}

fn tasks_for(pace: &Pace, per_second: usize) -> usize {
    pace.round.as_secs() as usize * pace.rounds * per_second
}

/// The hot commands in sets of statements, and each by itself.
fn cycles_on_postgres(table: &mut Table, pace: &Pace) {
    let database = Durable::start();
    let browsers = 32;
    let url = database.url();
    let together = Installation::postgres(&url, browsers, tasks_for(pace, 5_000));
    let alone = Installation::postgres(&url, browsers, tasks_for(pace, 1_500));
    let servers =
        (Server::start(&together), Server::start_with(&alone, &[("FAIRMARK_POSTGRES_ALONE", "1")]));
    let (mut rates, mut rates_alone, mut ratios, mut cpu) = (vec![], vec![], vec![], vec![]);
    for _ in 0..pace.rounds {
        let one_by_one = round(&alone, &servers.1, pace.round);
        let done = round(&together, &servers.0, pace.round);
        ratios.push(done.rate / one_by_one.rate);
        rates.push(done.rate);
        rates_alone.push(one_by_one.rate);
        cpu.push(done.cpu_ms);
    }
    let name = format!("PostgreSQL, {browsers} browsers");
    table.add(format!("{name}: answered and taken, together"), median(rates), "cycles/s");
    table.add(format!("{name}: statement by statement"), median(rates_alone), "cycles/s");
    table.hold(format!("{name}: of statement by statement"), median(ratios), "", AtLeast(3.0));
    table.hold(format!("{name}: CPU of the server"), median(cpu), "ms/cycle", AtMost(0.5));
    table.add(format!("{name}: memory at most"), peak_mib(servers.0.process()), "MiB");
}

/// Tasks come in as a file does, and then people take the next ones.
fn queue(table: &mut Table, pace: &Pace) {
    let mut queues = Vec::new();
    let mut small = (0.0, 0.0);
    for tasks in [1_000, 10_000, 100_000, 1_000_000] {
        let installation = Installation::sqlite(1, 0);
        let server = Server::start(&installation);
        let mut owner = Browser::new(&server, &installation.owner);
        let memory = OwnMemory::watch(server.process());
        let (sent, before) = (Instant::now(), cpu_seconds(server.process()));
        let upload = rows::send(&mut owner, &rows::manifest(tasks, rows::Labels::None));
        let began = Instant::now();
        let job = rows::import(&mut owner, "manifest", &upload);
        let (rate, with_sending) = (
            tasks as f64 / began.elapsed().as_secs_f64(),
            tasks as f64 / sent.elapsed().as_secs_f64(),
        );
        assert_eq!(job["result"]["created"], json!(tasks), "{job}");
        let cpu = (cpu_seconds(server.process()) - before) * 1e6 / tasks as f64;
        let peaks = (memory.peak_mib(), peak_mib(server.process()));
        match tasks {
            10_000 => small = peaks,
            100_000 | 1_000_000 => {
                let what = format!("import of {tasks} tasks");
                table.hold(what.clone(), rate, "tasks/s", AtLeast(50_000.0));
                table.add(format!("{what}, sending included"), with_sending, "tasks/s");
                table.add(format!("{what}: CPU of the server"), cpu, "µs/task");
            }
            _ => {}
        }
        if tasks == 1_000_000 {
            hold_memory(table, "import", small, peaks);
        }
        if tasks != 10_000 {
            queues.push((tasks, installation, server));
        }
    }
    let mut people: Vec<(Browser, Browser, Vec<f64>)> = queues
        .iter()
        .map(|(_, installation, server)| {
            let contributor = Browser::new(server, &installation.cookies[0]);
            (contributor, Browser::new(server, &installation.owner), Vec::new())
        })
        .collect();
    for number in 0..pace.claims {
        for (contributor, owner, times) in &mut people {
            times.push(claim_and_answer(contributor, number));
            // As long as it was: what was answered is brought in anew.
            if number % 100 == 99 {
                rows::top_up(owner, number, 100);
            }
        }
    }
    let mut smallest = None;
    for ((tasks, ..), (_, _, mut times)) in queues.iter().zip(people) {
        times.sort_by(f64::total_cmp);
        let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        table.add(format!("the next of {tasks} tasks, p50"), p50, "ms");
        table.add(format!("the next of {tasks} tasks, p99"), p99, "ms");
        let smallest = *smallest.get_or_insert(p99);
        if *tasks == 1_000_000 {
            let what = format!("the next of {tasks} tasks, p99, of that of 1000");
            table.hold(what, p99 / smallest, "", AtMost(2.0));
        }
    }
}

/// Milliseconds until the next task is there.
fn claim_and_answer(browser: &mut Browser, number: usize) -> f64 {
    let path = format!("/api/projects/{PROJECT}/claims");
    let began = Instant::now();
    let (status, reply) =
        browser.send("POST", &path, &json!({ "stage": "label", "count": 1 })).unwrap();
    let waited = began.elapsed().as_secs_f64() * 1e3;
    assert_eq!(status, 200, "{reply}");
    let claim = &reply["claims"][0];
    let path = format!("/api/slots/{}/answer", claim["slot"].as_str().unwrap());
    let submission = format!("sub_next{number:06}");
    let body = json!({ "submission": submission, "fence": claim["fence"], "answer": { "choices": ["neutral"] } });
    assert_eq!(browser.send("PUT", &path, &body).unwrap().0, 200);
    waited
}

/// Formats of other tools, the files that they are in a release, and how many lines more than tasks these have.
const ELSEWHERE: [(&str, &str, Option<usize>); 3] = [
    ("jsonl", "rows.jsonl", Some(0)),
    ("parquet", "rows.parquet", None),
    ("label-studio", "label-studio.json", None),
];

/// Labelled tasks come in, and go out as a release that is made and fetched.
fn releases(table: &mut Table, _: &Pace) {
    let mut small = (0.0, 0.0);
    for (tasks, labels) in [
        (10_000, rows::Labels::Given),
        (100_000, rows::Labels::Answered),
        (1_000_000, rows::Labels::Given),
    ] {
        let installation = Installation::sqlite(1, 0);
        let server = Server::start(&installation);
        let mut owner = Browser::new(&server, &installation.owner);
        let source = if labels == rows::Labels::Answered { "native" } else { "manifest" };
        let upload = rows::send(&mut owner, &rows::manifest(tasks, labels));
        let job = rows::import(&mut owner, source, &upload);
        assert_eq!(job["result"]["created"], json!(tasks), "{job}");
        drop(server);
        // A process of its own, whose memory is that of the release.
        let server = Server::start(&installation);
        let mut owner = Browser::new(&server, &installation.owner);
        let memory = OwnMemory::watch(server.process());
        let mut times = Vec::new();
        for _ in 0..if tasks == 1_000_000 { 1 } else { 3 } {
            times.push(rows::export(&mut owner, tasks, "native", "native.jsonl", Some(1)));
        }
        let peaks = (memory.peak_mib(), peak_mib(server.process()));
        let seconds = times.into_iter().fold(f64::INFINITY, f64::min);
        match tasks {
            10_000 => small = peaks,
            100_000 => {
                let what = format!("export of {tasks} labelled tasks, best of three");
                table.hold(what, seconds, "s", AtMost(3.0));
                for (format, name, more) in ELSEWHERE {
                    let elsewhere = rows::export(&mut owner, tasks, format, name, more);
                    let what = format!("export of {tasks} labelled tasks as {format}");
                    table.add(what.clone(), elsewhere, "s");
                    table.add(format!("{what}, of our own format"), elsewhere / seconds, "");
                }
            }
            _ => {
                table.add(format!("export of {tasks} labelled tasks"), seconds, "s");
                hold_memory(table, "export", small, peaks);
                let memory = OwnMemory::watch(server.process());
                for (format, name, more) in ELSEWHERE {
                    rows::export(&mut owner, tasks, format, name, more);
                }
                let what = format!("export of {tasks} tasks to other tools: own memory at most");
                table.hold(what, memory.peak_mib(), "MiB", AtMost(300.0));
            }
        }
    }
}

/// `(own memory, with files)` of ten thousand and of a million tasks, in MiB.
fn hold_memory(table: &mut Table, what: &str, small: (f64, f64), large: (f64, f64)) {
    table.add(format!("{what} of 10000 tasks: own memory at most"), small.0, "MiB");
    table.add(format!("{what} of 10000 tasks: with looked-at files"), small.1, "MiB");
    table.add(format!("{what} of 1000000 tasks: own memory at most"), large.0, "MiB");
    table.add(format!("{what} of 1000000 tasks: with looked-at files"), large.1, "MiB");
    let ratio = format!("{what} of 1000000 tasks: own memory, of that of 10000");
    table.hold(ratio, large.0 / small.0, "", AtMost(1.5));
}
