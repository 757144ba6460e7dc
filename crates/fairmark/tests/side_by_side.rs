//! Two servers at once on one PostgreSQL, as `docs/operations/postgresql.md` promises: nothing is lost, nobody is given a task twice, and the live pages of both tell
//! what happens on either.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../../store/tests/support/postgres.rs"]
mod postgres_server;
mod program;

use program::{Server, head, json};
use serde_json::{Value, json as value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const TASKS: usize = 60;
const OVERLAP: usize = 3;
const PEOPLE: usize = 6;

fn key(at: &Path, role: &str, place: &[&str]) -> String {
    let words = ["key", "create", "--organization", "Acme", "--mode", "live", "--role", role];
    json(at, &[&words[..], place].concat())["secret"].as_str().unwrap().to_string()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// What a live page of a server is told of a project, until that is finished: the counts of its tasks, one after the other.
fn watched(server: &Server, key: &str, project: &str) -> thread::JoinHandle<Vec<i64>> {
    let mut stream = server.connect().unwrap();
    let line = format!("GET /api/live?project={project}");
    write!(stream, "{}", head(key, &line, "accept: text/event-stream\r\n", 0)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    thread::spawn(move || {
        let mut done = Vec::new();
        for line in BufReader::new(stream).lines() {
            let line = line.unwrap();
            let Some(told) = line.strip_prefix("data:") else { continue };
            let told: Value = serde_json::from_str(told).unwrap();
            if let Some(count) = told["tasks"]["done"].as_i64() {
                done.push(count);
                if count == TASKS as i64 {
                    break;
                }
            }
        }
        done
    })
}

/// Claims and answers, each by the other of two servers than before, until nothing is left. Each answer is sent to both, as a browser does that got no reply: the
/// second is a repeat.
fn work(number: usize, servers: [&Server; 2], key: &str, project: &str, answered: &AtomicUsize) {
    let (mut idle, mut turn) = (0, number);
    while idle < 5 {
        turn += 1;
        let claims = format!("POST /api/projects/{project}/claims");
        let body = br#"{"stage":"label","count":2}"#;
        let (status, claimed) = servers[turn % 2].call(key, &claims, "", body);
        assert_eq!(status, 200, "{claimed}");
        let claims = claimed["claims"].as_array().unwrap();
        idle = if claims.is_empty() { idle + 1 } else { 0 };
        if idle > 0 {
            thread::sleep(Duration::from_millis(30));
        }
        for claim in claims {
            turn += 1;
            let body = value!({
                "submission": format!("sub_{number}0{}", text(&claim["slot"]).replace('_', "")), "fence": claim["fence"], "active_ms": 5,
                "answer": { "choices": ["positive"] },
            });
            let put = format!("PUT /api/slots/{}/answer", text(&claim["slot"]));
            let body = body.to_string();
            let [first, again] =
                [0, 1].map(|by| servers[(turn + by) % 2].call(key, &put, "", body.as_bytes()));
            assert_eq!((first.0, &first.1["durable"]), (200, &value!(true)), "{}", first.1);
            assert_eq!((again.0, &again.1["answer"]), (200, &first.1["answer"]), "{}", again.1);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn two_servers_on_one_database_lose_nothing_and_give_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (at, prefix) = (folder.path(), postgres_server::prefix());
    let database = ["--database-url", postgres_server::shared(), "--database-prefix", &prefix];
    let place = [&["--data-dir", "data"][..], &database].concat();
    json(at, &[&["organization", "create", "Acme"][..], &place].concat());
    let manager = key(at, "manager", &place);
    let people: Vec<String> = (0..PEOPLE).map(|_| key(at, "contributor", &place)).collect();
    // Both at once, on stores that were just made.
    let (one, other) = thread::scope(|scope| {
        let starts = [0, 1].map(|_| scope.spawn(|| Server::start(at, &place)));
        let [one, other] = starts.map(|start| start.join().unwrap());
        (one, other)
    });

    let new =
        value!({ "name": "Moods", "template": "text_choice", "plan": { "overlap": OVERLAP } });
    let (status, made) = one.call(&manager, "POST /api/projects", "", new.to_string().as_bytes());
    assert_eq!(status, 200, "{made}");
    let project = text(&made["id"]);
    let change = value!({ "base": 1, "state": "published" }).to_string();
    let patch = format!("PATCH /api/projects/{project}");
    assert_eq!(other.call(&manager, &patch, "", change.as_bytes()).0, 200);
    let items = (0..TASKS).map(|n| value!({ "external_id": format!("{n}"), "text": "a word" }));
    let items = value!({ "items": items.collect::<Vec<_>>() }).to_string();
    let add = format!("POST /api/projects/{project}/items");
    assert_eq!(one.call(&manager, &add, "", items.as_bytes()).1["created"], TASKS);

    let pages = [&one, &other].map(|server| watched(server, &manager, project));
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (number, key) in people.iter().enumerate() {
            let (servers, answered) = ([&one, &other], &answered);
            scope.spawn(move || work(number, servers, key, project, answered));
        }
    });
    assert_eq!(answered.load(Ordering::Relaxed), TASKS * OVERLAP, "nothing is lost or doubled");
    let begun = Instant::now();
    for page in pages {
        let told = page.join().unwrap();
        assert_eq!(told.last(), Some(&(TASKS as i64)), "{told:?}");
        assert!(told.windows(2).all(|pair| pair[0] <= pair[1]), "{told:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(10));

    // What is there is told alike by both, and each task has its answers by so many people.
    let list = format!("GET /api/projects/{project}/tasks?limit=100");
    let lists = [&one, &other].map(|server| server.call(&manager, &list, "", b"").1);
    assert_eq!(lists[0], lists[1]);
    let mut of_people: BTreeMap<String, usize> = BTreeMap::new();
    for (task, server) in
        lists[0]["items"].as_array().unwrap().iter().zip([&one, &other].iter().cycle())
    {
        let get = format!("GET /api/tasks/{}", text(&task["id"]));
        let (_, task) = server.call(&manager, &get, "", b"");
        assert_eq!(task["state"], "done", "{task}");
        let answers = task["answers"].as_array().unwrap();
        let by: BTreeSet<&str> =
            answers.iter().map(|answer| text(&answer["contributor"]["person"])).collect();
        assert_eq!((answers.len(), by.len()), (OVERLAP, OVERLAP), "{task}");
        by.into_iter().for_each(|person| *of_people.entry(person.into()).or_default() += 1);
    }
    assert_eq!(of_people.values().sum::<usize>(), TASKS * OVERLAP);
    assert_eq!(of_people.len(), PEOPLE);
    assert_eq!([one.stop(), other.stop()], [Some(0), Some(0)]);
    let doctor = json(at, &[&["doctor"][..], &place].concat());
    assert_eq!(doctor["problems"], value!([]), "{doctor}");
}
