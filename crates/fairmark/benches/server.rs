//! What the server can do, on this machine, in one table.
//!
//! Each figure of the server stands beside a limit that was measured in the same run on the same
//! disk: the same SQL writes in a bare loop, in groups of the same size. A cycle is what the workbench
//! does for each task: hand in one answer, which has lasted when the reply comes, and take the next.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

#[path = "../tests/machine/mod.rs"]
mod machine;

use machine::{Browser, Installation, PROJECT, Server, postgres::Durable, work_together};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long each closed loop of browsers runs.
const RUN: Duration = Duration::from_secs(6);

#[derive(Default)]
struct Table(Vec<(String, f64, &'static str)>);

impl Table {
    fn add(&mut self, what: impl Into<String>, figure: f64, unit: &'static str) {
        let what = what.into();
        println!("{what:<66} {figure:>12.1} {unit}");
        self.0.push((what, figure, unit));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let is_long = arguments.iter().any(|argument| argument == "--long");
    let mut table = Table::default();
    about_the_program(&mut table);
    for browsers in [8, 32] {
        let installation = Installation::sqlite(browsers, 60_000);
        cycles(&mut table, &format!("SQLite, {browsers} browsers"), &installation, browsers, &[]);
    }
    for group in [1, 8, 32] {
        let rate = bare_loop(group);
        table.add(
            format!("SQLite, the bare loop of the same writes, groups of {group}"),
            rate,
            "cycles/s",
        );
    }
    let database = Durable::start();
    let alone = [("FAIRMARK_POSTGRES_ALONE", "1")];
    for (how, settings) in [("together", &[][..]), ("one by one", &alone[..])] {
        let installation = Installation::postgres(&database.url(), 32, 40_000);
        cycles(&mut table, &format!("PostgreSQL, 32 browsers, {how}"), &installation, 32, settings);
    }
    drop(database);
    let sizes: &[usize] = if is_long { &[1_000, 100_000, 1_000_000] } else { &[1_000, 100_000] };
    for tasks in sizes {
        next_task(&mut table, *tasks);
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--json")
        && let Some(file) = arguments.get(at + 1)
    {
        let rows: Vec<Value> = table
            .0
            .iter()
            .map(|(what, figure, unit)| json!({ "what": what, "figure": figure, "unit": unit }))
            .collect();
        // Cargo runs this in the folder of the crate; the file is named from where the caller stands.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::write(root.join(file), format!("{:#}\n", json!({ "rows": rows }))).unwrap();
    }
}

fn about_the_program(table: &mut Table) {
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_fairmark")).unwrap().len();
    table.add("the program", size as f64 / 1e6, "MB");
    let installation = Installation::sqlite(1, 100);
    let began = Instant::now();
    let server = Server::start(&installation);
    let mut browser = Browser::new(&server, &installation.cookies[0]);
    let (status, _) = browser.insist("GET", "/api/setup", &Value::Null);
    assert_eq!(status, 200);
    table.add("from start to the first reply", began.elapsed().as_secs_f64() * 1e3, "ms");
    std::thread::sleep(Duration::from_secs(1));
    table.add("memory at rest", resident_kib(server.process()) / 1024.0, "MiB");
}

/// Lets browsers answer as fast as they can.
fn cycles(
    table: &mut Table,
    name: &str,
    installation: &Installation,
    browsers: usize,
    settings: &[(&str, &str)],
) {
    let server = Server::start_with(installation, settings);
    let (began, before) = (Instant::now(), cpu_seconds(server.process()));
    let told = work_together(installation, &server, move || began.elapsed() > RUN);
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds(server.process()) - before;
    let done = told.iter().map(|told| told.submissions.len()).sum::<usize>() as f64;
    assert_eq!(told.len(), browsers);
    assert_eq!(told.iter().map(|told| told.refused).sum::<usize>(), 0);
    table.add(format!("{name}: answered and taken"), done / seconds, "cycles/s");
    table.add(format!("{name}: CPU of the server"), cpu * 1e6 / done, "µs/cycle");
    table.add(format!("{name}: memory"), resident_kib(server.process()) / 1024.0, "MiB");
    drop(server);
    let found = installation.look();
    assert_eq!(found.answers.len() as f64, done, "what was told is what is there");
}

/// How long a person waits for the next task of a long queue.
fn next_task(table: &mut Table, tasks: usize) {
    let began = Instant::now();
    let installation = Installation::sqlite(2, tasks);
    if tasks >= 100_000 {
        table.add(
            format!("{tasks} tasks brought in"),
            tasks as f64 / began.elapsed().as_secs_f64(),
            "tasks/s",
        );
    }
    let server = Server::start(&installation);
    let mut browser = Browser::new(&server, &installation.cookies[0]);
    let path = format!("/api/projects/{PROJECT}/claims");
    let mut times = Vec::new();
    for _ in 0..300 {
        let began = Instant::now();
        let (status, reply) =
            browser.send("POST", &path, &json!({ "stage": "label", "count": 1 })).unwrap();
        times.push(began.elapsed().as_secs_f64() * 1e3);
        assert_eq!(status, 200, "{reply}");
        let claim = &reply["claims"][0];
        let path = format!("/api/slots/{}/answer", claim["slot"].as_str().unwrap());
        let submission = format!("sub_next{:06}", times.len());
        let body = json!({ "submission": submission, "fence": claim["fence"], "answer": { "choices": ["neutral"] } });
        assert_eq!(browser.send("PUT", &path, &body).unwrap().0, 200);
    }
    times.sort_by(f64::total_cmp);
    table.add(format!("the next of {tasks} tasks, p50"), times[times.len() / 2], "ms");
    table.add(format!("the next of {tasks} tasks, p99"), times[times.len() * 99 / 100], "ms");
}

/// The writes of one cycle (an answer and the next claim), in groups that share a commit, without
/// any server.
fn bare_loop(group: u64) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let conn = rusqlite::Connection::open(folder.path().join("bare.db")).unwrap();
    conn.execute_batch(
        "pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = full;
         pragma cache_size = -65536; pragma wal_autocheckpoint = 4000; pragma mmap_size = 268435456;",
    )
    .unwrap();
    let schema = include_str!("../../store/migrations/organization/0001_spine.sql")
        .replace("{blob}", "blob");
    conn.execute_batch(&schema).unwrap();
    conn.execute_batch("insert into project_count values (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)").unwrap();
    let sealed = [7_u8; 120];
    let detail = "d".repeat(260);
    let event = "insert into event (id, seq, at_ms, actor, kind, subject, detail, hash)
                 values (?1, ?1, 0, 'per_000000000000a', 'slot.answered', 'slt_000000000000a', ?2, ?3)";
    let (began, mut done) = (Instant::now(), 0_u64);
    while began.elapsed() < RUN / 2 {
        conn.execute_batch("begin immediate").unwrap();
        for _ in 0..group {
            done += 1;
            let id = done as i64;
            let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
                conn.prepare_cached(sql).unwrap().execute(params).unwrap();
            };
            // Bring in what the cycle is about, which the server has had before.
            run(
                "insert into task values (?1, 1, ?1, 'queued', 'label', 4, 1, 1, 0, 0, null, 0, 1, 0, 0)",
                &[&id],
            );
            // The claim.
            run(
                "update task set state = 'in_progress', open = 0, version = 2 where id = ?1 and version = 1",
                &[&id],
            );
            run(
                "insert into slot values (?1, ?1, 1, 'label', 1, 1, 'held', 5, 9, null, null, null, 0)",
                &[&id],
            );
            run("insert into touch values (?1, 5, 'label', 'held', 0)", &[&id]);
            run("insert into cursor values (5, 1, 'label', 4, ?1) on conflict (person_id, project_id, stage, rank)
                 do update set task_id = excluded.task_id", &[&id]);
            run(
                "update project_count set queued = queued - 1, in_progress = in_progress + 1 where project_id = 1",
                &[],
            );
            run(event, &[&(2 * id), &detail, &&sealed[..32]]);
            // The answer.
            run(
                "insert into answer values (?1, 'sub_' || ?1, ?1, ?1, 1, 5, 'label', 'standing', ?2, 'd', 0, 1, 1, 0)",
                &[&id, &&sealed[..]],
            );
            run("update slot set state = 'answered', until_ms = null, submission = 'sub_' || ?1, digest = 'd'
                 where id = ?1 and fence = 1 and state = 'held'", &[&id]);
            run(
                "update touch set kind = 'answered' where task_id = ?1 and person_id = 5 and stage = 'label'",
                &[&id],
            );
            run(
                "insert into label values (?1, ?1, ?2, null, 'single', 1, 1, 0)",
                &[&id, &&sealed[..]],
            );
            run(
                "update task set state = 'done', answers = 1, version = 3 where id = ?1 and version = 2",
                &[&id],
            );
            run("update project_count set in_progress = in_progress - 1, done = done + 1, answers = answers + 1
                 where project_id = 1", &[]);
            run(event, &[&(2 * id + 1), &detail, &&sealed[..32]]);
        }
        conn.execute_batch("commit").unwrap();
    }
    done as f64 / began.elapsed().as_secs_f64()
}

/// User and system time of a process.
fn cpu_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let ticks: f64 =
        rest.split(' ').skip(11).take(2).map(|text| text.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}

fn resident_kib(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
