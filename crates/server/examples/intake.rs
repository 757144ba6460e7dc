//! How fast items come in: a manifest of short texts, imported into a store of its own.
//!
//! `cargo run --release -p server --example intake -- 200000`

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use domain::people::{Mode, Role};
use domain::{Actor, OrganizationId, PersonId, Timestamp};
use serde_json::json;
use server::imports::{AddItems, ImportRequest, Source};
use server::projects::NewProject;
use server::uploads::NewUpload;
use server::{App, Config, Cx, imports, jobs, projects, uploads};
use std::io::Write;
use std::time::Instant;
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Backend, Stores};

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis() as i64)
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count: usize = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let results =
        arguments.iter().position(|text| text == "--json").map(|at| arguments[at + 1].clone());
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_path_buf();
    let (app, access) = tokio::task::spawn_blocking(move || {
        let key = RootKey::load_or_create(&root.join("root.key")).unwrap();
        let blobs = Blobs::local(root.join("blobs")).unwrap();
        let backend = match std::env::var("TEST_DATABASE_URL") {
            Ok(url) => Backend::Postgres { url, prefix: format!("bench{}_", std::process::id()) },
            Err(_) => Backend::Folder(root.join("data")),
        };
        let stores = Stores::open(backend, key, blobs).unwrap();
        stores.create_organization(OrganizationId(7), now()).unwrap();
        let actor = Actor {
            organization: OrganizationId(7),
            person: PersonId(1),
            role: Role::Owner,
            mode: Mode::Live,
        };
        let access = stores.access_for_job(actor).unwrap();
        (App::new(stores, Config::loopback(1), now), access)
    })
    .await
    .unwrap();
    let cx = Cx::for_job(&app, access, now());
    let new = json!({ "name": "Moods", "template": "text_choice" });
    let new: NewProject = serde_json::from_value(new).unwrap();
    let project = projects::create(&cx, new).await.unwrap().id.parse().unwrap();

    let mut file = Vec::new();
    for n in 0..count {
        let text = "The parcel came two days late and the box was open, but the shop was friendly about it.";
        let row = json!({ "external_id": format!("review-{n}"), "text": text, "metadata": { "shop": n % 97 } });
        writeln!(file, "{row}").unwrap();
    }
    let new = NewUpload {
        external_id: "file".into(),
        name: None,
        bytes: file.len() as i64,
        last_modified: None,
    };
    let upload = uploads::begin(&cx, project, new).await.unwrap();
    let upload = upload.id.parse().unwrap();
    for (piece, number) in file.chunks(4 << 20).zip(0..) {
        let piece = bytes::Bytes::copy_from_slice(piece);
        uploads::append(&cx, upload, number * (4 << 20), piece).await.unwrap();
    }
    let request = ImportRequest {
        source: Source::Manifest,
        upload: Some(upload),
        s3: None,
        dry_run: false,
        answers: Default::default(),
    };
    let mut rates = Vec::new();
    for what in ["new", "repeated"] {
        imports::begin(&cx, project, request.clone()).await.unwrap();
        let (began, worker) = (Instant::now(), app.clone());
        let ran =
            tokio::task::spawn_blocking(move || jobs::run_pending(&worker, OrganizationId(7)));
        ran.await.unwrap().unwrap();
        let rate = count as f64 / began.elapsed().as_secs_f64();
        println!("{what:>10} {count:>9} rows {rate:>9.0} rows/s");
        rates.push((what, rate));
    }
    let batch: Vec<_> = (0..1_000)
        .map(|n| json!({ "external_id": format!("call-{n}"), "text": "short" }))
        .collect();
    let batch: AddItems = serde_json::from_value(json!({ "items": batch })).unwrap();
    let began = Instant::now();
    let added = imports::add(&cx, project, batch).await.unwrap();
    println!(
        "  one call {:>9} items in {:.1} ms",
        added.created,
        began.elapsed().as_secs_f64() * 1e3
    );
    if let Some(path) = results {
        let figures: serde_json::Map<_, _> =
            rates.iter().map(|(what, rate)| (what.to_string(), json!(rate))).collect();
        std::fs::write(path, json!({ "rows": count, "rows_per_s": figures }).to_string()).unwrap();
    }
}
