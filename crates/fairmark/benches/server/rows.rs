//! Files of tasks on their way in, and releases on their way out, through the doors that people use.

use super::machine::{Browser, PROJECT};
use domain::PersonId;
use domain::projects::{Plan, templates};
use formats::native::{self, NativeWriter};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    None,
    /// In the column of a manifest.
    Given,
    /// In our own format, each with the answer that it comes from.
    Answered,
}

const TEXT: &str =
    "The parcel came two days late and the box was open, but the shop was friendly about it.";
/// As much as the command line and the pages send at a time.
const PIECE_BYTES: u64 = 4 << 20;

/// A file of so many short reviews.
pub fn manifest(tasks: usize, labels: Labels) -> File {
    let mut out = BufWriter::new(tempfile::tempfile().unwrap());
    if labels == Labels::Answered {
        let mut writer = NativeWriter::new(out, &header()).unwrap();
        for number in 0..tasks {
            writer.push(&record(number)).unwrap();
        }
        return writer.finish().unwrap().into_inner().unwrap();
    }
    for number in 0..tasks {
        let mut row = json!({ "external_id": format!("review-{number}"), "text": TEXT, "metadata": { "shop": number % 97 } });
        if labels == Labels::Given {
            row["answer"] = json!({ "choices": ["neutral"] });
        }
        writeln!(out, "{row}").unwrap();
    }
    out.into_inner().unwrap()
}

fn header() -> native::Project {
    let template = templates().into_iter().find(|one| one.template == "text_choice").unwrap();
    let version = |value| native::Version { version: 1, value };
    native::Project {
        name: "Moods".into(),
        question: serde_json::to_string(&template.question).unwrap(),
        ontology: vec![version(serde_json::to_value(&template.ontology).unwrap())],
        instructions: vec![version(json!(""))],
        plan: serde_json::to_value(Plan::default()).unwrap(),
    }
}

fn record(number: usize) -> native::Record {
    let value = json!({ "choices": ["neutral"] });
    let answer = native::Answer {
        id: format!("ans_{number}"),
        contributor: PersonId(100 + number as i64 % 50).to_string(),
        submitted_at: 1_800_000_000_000 + number as i64,
        ontology_version: 1,
        instructions_version: 1,
        value: value.clone(),
        superseded_by: None,
        rejected: false,
    };
    native::Record {
        so_far: None,
        known: None,
        task: native::Task { id: format!("tsk_{number}"), state: "done".into(), priority: 5 },
        item: native::Item {
            external_id: format!("review-{number}"),
            media: "text/plain".into(),
            name: None,
            blake3: None,
            width: None,
            height: None,
            frames: None,
            metadata: Map::from_iter([("shop".to_string(), json!(number % 97))]),
            text: Some(TEXT.into()),
            scene: None,
            pictures: vec![],
        },
        label: Some(native::Label {
            parts: vec![],
            attributes: std::collections::BTreeMap::new(),
            value,
            confidence: None,
            calibrated: false,
            model: None,
            method: "single".into(),
            provenance: native::Provenance {
                comments: vec![],
                answers: vec![answer],
                reviews: vec![],
                ontology_version: 1,
                instructions_version: 1,
            },
        }),
    }
}

fn ask(browser: &mut Browser, method: &str, path: &str, body: &Value) -> Value {
    let (status, reply) = browser.send(method, path, body).unwrap();
    assert_eq!(status, 200, "{method} {path}: {reply}");
    reply
}

/// Sends a file up in pieces; answers the id of its upload.
pub fn send(owner: &mut Browser, mut file: &File) -> String {
    let bytes = file.metadata().unwrap().len();
    file.rewind().unwrap();
    let new = json!({ "external_id": "import/rows.jsonl", "bytes": bytes });
    let upload = ask(owner, "POST", &format!("/api/projects/{PROJECT}/uploads"), &new);
    let id = upload["id"].as_str().unwrap().to_string();
    let mut offset = 0;
    while offset < bytes {
        let mut piece = Vec::new();
        file.take(PIECE_BYTES).read_to_end(&mut piece).unwrap();
        let headers =
            format!("content-type: application/octet-stream\r\nupload-offset: {offset}\r\n");
        let status = owner
            .exchange(
                "PATCH",
                &format!("/api/uploads/{id}"),
                &headers,
                &piece,
                &mut std::io::sink(),
            )
            .unwrap();
        assert_eq!(status, 200);
        offset += piece.len() as u64;
    }
    id
}

/// Has a job read the file; answers it once it is done.
pub fn import(owner: &mut Browser, source: &str, upload: &str) -> Value {
    let body = json!({ "source": source, "upload": upload });
    let job = ask(owner, "POST", &format!("/api/projects/{PROJECT}/imports"), &body);
    let path = format!("/api/jobs/{}", job["id"].as_str().unwrap());
    wait(owner, &path)
}

fn wait(owner: &mut Browser, path: &str) -> Value {
    loop {
        let found = ask(owner, "GET", path, &Value::Null);
        match found["state"].as_str() {
            Some("done") => return found,
            Some("queued" | "running") => std::thread::sleep(Duration::from_millis(10)),
            _ => panic!("{found}"),
        }
    }
}

/// Adds tasks by hand.
pub fn top_up(owner: &mut Browser, round: usize, tasks: usize) {
    let item = |number| json!({ "external_id": format!("more-{round}-{number}"), "text": TEXT });
    let items: Vec<Value> = (0..tasks).map(item).collect();
    ask(owner, "POST", &format!("/api/projects/{PROJECT}/items"), &json!({ "items": items }));
}

/// Asks for a release in a format and fetches its file; answers the seconds from the question to the last byte. The file
/// is checked afterwards, and that it has a line for each task and so many more, where it is one of lines.
pub fn export(
    owner: &mut Browser,
    tasks: usize,
    format: &str,
    name: &str,
    more: Option<usize>,
) -> f64 {
    let began = Instant::now();
    let body = json!({ "formats": [format] });
    let release = ask(owner, "POST", &format!("/api/projects/{PROJECT}/releases"), &body);
    let release = wait(owner, &format!("/api/releases/{}", release["id"].as_str().unwrap()));
    let files = release["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == name).unwrap();
    let mut labels = tempfile::tempfile().unwrap();
    let url = file["url"].as_str().unwrap();
    let status = owner.exchange("GET", url, "", &[], &mut labels).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!((status, &release["tasks"]), (200, &json!(tasks)));
    labels.rewind().unwrap();
    let mut hash = Sha256::new();
    let mut lines = 0;
    let mut piece = vec![0; 1 << 18];
    loop {
        match labels.read(&mut piece).unwrap() {
            0 => break,
            read => {
                hash.update(&piece[..read]);
                lines += piece[..read].iter().filter(|byte| **byte == b'\n').count();
            }
        }
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(json!(hash), file["sha256"]);
    assert_eq!(more.map(|_| lines), more.map(|more| tasks + more));
    seconds
}
