//! Releases, as those who train models would tell it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::projects::Media;
use domain::{Role, limits};
use loops::{Project, car, choice, item};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Caller, Reply, World, code};

/// Runs the jobs that wait, as the workers of a server would.
async fn work(world: &World) {
    let (app, organization) = (world.app.clone(), world.organization);
    let ran =
        tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization).unwrap());
    ran.await.unwrap();
}

/// Asks for a release and waits until it is made.
async fn release(world: &World, project: &Project, wanted: Value) -> Value {
    let path = format!("/api/projects/{}/releases", project.id);
    let (status, body) = project.manager.post(&path, wanted).await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &json!("queued")), "{body}");
    work(world).await;
    let (_, made) =
        project.manager.get(&format!("/api/releases/{}", body["id"].as_str().unwrap())).await;
    assert_eq!(made["state"], "done", "{made}");
    made
}

async fn file(who: &Caller, release: &Value, name: &str) -> Reply {
    let files = release["files"].as_array().unwrap();
    let url = files.iter().find(|file| file["name"] == name).unwrap()["url"].as_str().unwrap();
    who.send(Method::GET, url, "").await
}

fn lines(reply: &Reply) -> Vec<Value> {
    let text = std::str::from_utf8(&reply.body).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_release_holds_the_labels_and_how_they_came_about() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "review": "all" }), 3).await;
    let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
    for x in [10.0, 20.0] {
        project.label(&ann, car(x)).await;
    }
    let claim = project.claim(&rob, "review").await.unwrap();
    let fix = json!({ "verdict": "fix", "answer": car(12.5) });
    assert_eq!(loops::judge(&rob, &claim, fix).await.0, StatusCode::OK);

    let made = release(&world, &project, json!({ "formats": ["coco", "native", "csv"] })).await;
    assert_eq!(
        (&made["number"], &made["name"], &made["tasks"]),
        (&json!(1), &json!("Release 1"), &json!(1))
    );
    let eve = world.user(Role::Viewer).await;
    let native = lines(&file(&eve, &made, "native.jsonl").await);
    assert_eq!(native.len(), 2);
    assert_eq!(
        (&native[0]["kind"], native[0]["project"]["ontology"].as_array().unwrap().len()),
        (&json!("project"), 1)
    );
    let label = &native[1]["label"];
    assert_eq!(
        (&label["method"], &label["value"]["objects"][0]["shape"]["x"]),
        (&json!("fixed"), &json!(12.5))
    );
    let answers = label["provenance"]["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["contributor"], ann.person.unwrap().to_string());
    assert_eq!(answers[0]["superseded_by"], answers[1]["id"]);
    assert_eq!(label["provenance"]["reviews"][0]["verdict"], "fix");
    assert_eq!(
        (&native[1]["item"]["media"], &native[1]["item"]["width"]),
        (&json!("image/jpeg"), &json!(640))
    );

    let coco = file(&eve, &made, "coco.json").await.json();
    assert_eq!(
        (&coco["images"][0]["file_name"], &coco["images"][0]["height"]),
        (&json!("000001.jpg"), &json!(480))
    );
    assert_eq!(coco["annotations"][0]["bbox"], json!([12.5, 10.0, 100.0, 50.0]));
    assert_eq!(
        made["loss"],
        json!([{ "format": "csv", "what": "object", "count": 1, "examples": ["item-000001"] }])
    );

    // The manifest names every file, and each is what it says.
    let manifest = file(&eve, &made, "manifest.json").await;
    let told = manifest.json();
    let access = world.access(world.organization).await;
    let head = access.store().read(|tx| tx.event_head()).await.unwrap();
    assert!(told["event"]["seq"].as_i64().unwrap() <= head.seq);
    assert_eq!(told["event"]["hash"].as_str().unwrap().len(), 64);
    assert_eq!((&told["tasks"], &told["left_out"]), (&json!(1), &json!(0)));
    assert_eq!(told["people"].as_array().unwrap().len(), 2);
    assert!(
        told["people"].as_array().unwrap().iter().all(|person| person["name"].as_str().is_some())
    );
    for named in told["files"].as_array().unwrap() {
        let reply = file(&eve, &made, named["name"].as_str().unwrap()).await;
        assert_eq!(
            (named["bytes"].as_u64().unwrap(), &named["sha256"]),
            (reply.body.len() as u64, &json!(sha256(&reply.body)))
        );
        assert_eq!(reply.headers["etag"], format!("\"{}\"", sha256(&reply.body)));
    }
    assert_eq!(
        told["files"].as_array().unwrap().len() + 1,
        made["files"].as_array().unwrap().len()
    );
    // Names of people are nowhere but in the manifest (N7).
    let text = file(&eve, &made, "native.jsonl").await;
    assert!(!String::from_utf8_lossy(&text.body).contains("contributor "));
}

/// The lines of a file by external id, without the names that each project gives anew.
fn comparable(reply: &Reply) -> Vec<Value> {
    fn forget(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for name in ["id", "superseded_by"] {
                    if fields.get(name).is_some_and(Value::is_string) {
                        fields.insert(name.into(), json!("some"));
                    }
                }
                fields.values_mut().for_each(forget);
            }
            Value::Array(values) => values.iter_mut().for_each(forget),
            _ => {}
        }
    }
    let mut lines = lines(reply);
    lines[0]["project"]["name"] = json!("some");
    // What was made without a name is named after its external id.
    lines.iter_mut().skip(1).for_each(|line| line["item"]["name"] = json!("some"));
    lines.iter_mut().for_each(forget);
    lines.sort_by_key(|line| line["item"]["external_id"].as_str().map(str::to_string));
    lines
}

#[tokio::test]
async fn a_whole_project_reads_back_to_the_same_state() {
    let world = World::new().await;
    let plan = json!({ "overlap": 2, "review": "all" });
    let project = Project::new(&world, "text_choice", plan, 7).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let rob = world.user(Role::Reviewer).await;
    for who in [&ann, &bob] {
        for _ in 0..3 {
            project.label(who, choice("neutral")).await;
        }
    }
    project.label(&ann, choice("positive")).await;
    let verdicts = [
        json!({ "verdict": "accept" }),
        json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "look again" }),
    ];
    for verdict in verdicts {
        let claim = project.claim(&rob, "review").await.unwrap();
        let (status, body) = loops::judge(&rob, &claim, verdict).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let tasks = project.tasks().await;
    let of = |number: usize| tasks[number]["id"].as_str().unwrap().to_string();
    let canceled = format!("/api/tasks/{}/cancel", of(5));
    assert_eq!(project.manager.post(&canceled, json!({})).await.0, StatusCode::OK);
    let gold = json!({ "task": of(6), "answer": choice("positive") });
    let path = format!("/api/projects/{}/gold", project.id);
    assert_eq!(project.manager.post(&path, gold).await.0, StatusCode::OK);

    let wanted = || json!({ "formats": ["native"], "with_open": true });
    let made = release(&world, &project, wanted()).await;
    let native = file(&project.manager, &made, "native.jsonl").await;
    assert_eq!((made["tasks"].clone(), lines(&native).len()), (json!(1), 8));
    let only = release(&world, &project, json!({ "formats": ["native"] })).await;
    assert_eq!(lines(&file(&project.manager, &only, "native.jsonl").await).len(), 2);

    let copy = Project::new(&world, "text_choice", json!({}), 0).await;
    let at = format!("/api/projects/{}", copy.id);
    let new = json!({ "external_id": "import:native", "bytes": native.body.len() });
    let (_, upload) = copy.manager.post(&format!("{at}/uploads"), new).await;
    let piece = format!("/api/uploads/{}", upload["id"].as_str().unwrap());
    let sent = copy.manager.clone().with("upload-offset", "0");
    let sent = sent.send(Method::PATCH, &piece, native.body.to_vec()).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.json());
    let import = json!({ "source": "native", "upload": upload["id"] });
    let (status, job) = copy.manager.post(&format!("{at}/imports"), import).await;
    assert_eq!(status, StatusCode::OK, "{job}");
    work(&world).await;

    let again = release(&world, &copy, wanted()).await;
    let copied = file(&copy.manager, &again, "native.jsonl").await;
    for (one, other) in comparable(&native).iter().zip(&comparable(&copied)).skip(1) {
        assert_eq!(one, other);
    }
    let counts = async |of: &Project| {
        project.manager.get(&format!("/api/projects/{}", of.id)).await.1["counts"].clone()
    };
    assert_eq!(counts(&project).await, counts(&copy).await);
    copy.check_counts(&world).await;
    // Who has answered is not asked again, and somebody else goes on where it was.
    assert_eq!(copy.claim(&rob, "review").await.unwrap()["stage"], "review");
    let held = copy.claim(&bob, "label").await.unwrap();
    let answered = copy.task(held["task"].as_str().unwrap()).await["answers"].clone();
    let is_bob =
        |answer: &Value| answer["contributor"]["person"] == bob.person.unwrap().to_string();
    assert!(answered.as_array().unwrap().iter().all(|answer| !is_bob(answer)));
}

#[tokio::test]
async fn the_same_labels_make_the_same_bytes() {
    let world = World::new().await;
    let mut project = Project::new(&world, "image_boxes", json!({}), 4).await;
    let ann = world.user(Role::Contributor).await;
    for x in [1.0, 2.0, 3.0] {
        project.label(&ann, car(x)).await;
    }
    let wanted = || json!({ "formats": ["native", "coco", "csv"] });
    let first = release(&world, &project, wanted()).await;
    world.pass_ms(support::DAY_MS * 40);
    project.manager =
        world.sign_in(project.manager.person.unwrap(), Some(world.organization)).await;
    let second = release(&world, &project, wanted()).await;
    assert_eq!((&second["number"], &second["name"]), (&json!(2), &json!("Release 2")));
    let ann = world.user(Role::Contributor).await;
    project.label(&ann, car(4.0)).await;
    let third = release(&world, &project, wanted()).await;
    for name in ["native.jsonl", "coco.json", "labels.csv"] {
        let hash = |release: &Value| {
            let files = release["files"].as_array().unwrap();
            files.iter().find(|file| file["name"] == name).unwrap()["sha256"].clone()
        };
        assert_eq!(hash(&first), hash(&second), "{name}");
        assert_ne!(hash(&first), hash(&third), "{name}");
    }
    let (_, list) =
        project.manager.get(&format!("/api/projects/{}/releases?limit=2", project.id)).await;
    let numbers: Vec<&Value> =
        list["items"].as_array().unwrap().iter().map(|row| &row["number"]).collect();
    assert_eq!(numbers, [3, 2]);
}

#[tokio::test]
async fn labels_that_come_later_or_are_gone_are_not_in_it() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 3).await;
    let ann = world.user(Role::Contributor).await;
    project.label(&ann, choice("positive")).await;
    project.label(&ann, choice("neutral")).await;
    world.pass_ms(1_000);
    let path = format!("/api/projects/{}/releases", project.id);
    let (_, asked) = project.manager.post(&path, json!({ "formats": ["csv"] })).await;
    world.pass_ms(1_000);
    project.label(&ann, choice("negative")).await;
    let reopen = format!("/api/tasks/{}/reopen", project.first().await);
    assert_eq!(project.manager.post(&reopen, json!({ "reason": "see" })).await.0, StatusCode::OK);
    work(&world).await;
    let (_, made) =
        project.manager.get(&format!("/api/releases/{}", asked["id"].as_str().unwrap())).await;
    let csv = file(&ann_reads(&world).await, &made, "labels.csv").await;
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("item-000002") && text.contains("neutral"), "{text}");
}

async fn ann_reads(world: &World) -> Caller {
    world.user(Role::Viewer).await
}

#[tokio::test]
async fn a_file_is_fetched_in_parts() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 0).await;
    let labelled = (1..=3_000).map(|number| {
        let mut item = item(Media::Text, number, 1);
        item.label = Some(serde_json::from_value(choice("neutral")).unwrap());
        item
    });
    project.add(&world, labelled.collect()).await;
    let made =
        release(&world, &project, json!({ "formats": ["native"], "name": "for training" })).await;
    assert_eq!((&made["name"], &made["tasks"]), (&json!("for training"), &json!(3_000)));
    let eve = world.user(Role::Viewer).await;
    let whole = file(&eve, &made, "native.jsonl").await;
    assert_eq!((whole.status, lines(&whole).len()), (StatusCode::OK, 3_001));
    let tag = whole.headers["etag"].to_str().unwrap().to_string();
    let length = whole.body.len();

    // Broken off in the middle, and taken up again.
    let first = file(&eve.clone().with("range", "bytes=0-99999"), &made, "native.jsonl").await;
    assert_eq!(first.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(first.headers["content-range"], format!("bytes 0-99999/{length}"));
    let resuming = eve.clone().with("range", "bytes=100000-").with("if-range", &tag);
    let rest = file(&resuming, &made, "native.jsonl").await;
    assert_eq!([&first.body[..], &rest.body[..]].concat(), whole.body);
    let last = file(&eve.clone().with("range", "bytes=-10"), &made, "native.jsonl").await;
    assert_eq!(last.body, whole.body[length - 10..]);
    assert_eq!(last.headers["content-length"], "10");

    let other = eve.clone().with("range", "bytes=5-9").with("if-range", "\"another\"");
    assert_eq!(file(&other, &made, "native.jsonl").await.status, StatusCode::OK);
    let beyond =
        file(&eve.clone().with("range", &format!("bytes={length}-")), &made, "native.jsonl").await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers["content-range"], format!("bytes */{length}"));
    let known = file(&eve.clone().with("if-none-match", &tag), &made, "native.jsonl").await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn a_release_is_canceled_and_leaves_no_files() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let path = format!("/api/projects/{}/releases", project.id);
    let (_, asked) = project.manager.post(&path, json!({ "formats": ["native"] })).await;
    let job = asked["job"]["id"].as_str().unwrap();
    let (status, _) = project.manager.post(&format!("/api/jobs/{job}/cancel"), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    work(&world).await;
    let (_, found) =
        project.manager.get(&format!("/api/releases/{}", asked["id"].as_str().unwrap())).await;
    assert_eq!((&found["state"], &found["files"]), (&json!("canceled"), &json!([])));
    let url = format!("/api/releases/{}/files/native.jsonl", asked["id"].as_str().unwrap());
    assert_eq!(project.manager.get(&url).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_asked_must_fit() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let path = format!("/api/projects/{}/releases", project.id);
    for (wanted, status) in [
        (json!({ "formats": [] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "formats": ["coco"] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "formats": ["csv", "conll"] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "formats": ["trl-sft"] }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "formats": ["labelbox"] }), StatusCode::BAD_REQUEST),
        (json!({ "formats": ["xml"] }), StatusCode::BAD_REQUEST),
        (
            json!({ "formats": ["csv"], "name": "x".repeat(limits::NAME_CHARS_MAX + 1) }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let (got, body) = project.manager.post(&path, wanted).await;
        assert_eq!(got, status, "{body}");
    }
    let eve = world.user(Role::Viewer).await;
    let (status, body) = eve.post(&path, json!({ "formats": ["csv"] })).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
}

#[tokio::test]
async fn what_fits_is_offered_with_the_names_of_its_files() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 0).await;
    let eve = world.user(Role::Viewer).await;
    let (status, body) = eve.get(&format!("/api/projects/{}/releases/formats", project.id)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let offered = body["items"].as_array().unwrap().iter();
    let offered: Vec<String> = offered
        .map(|each| {
            format!("{} {}", each["format"].as_str().unwrap(), each["file"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        offered.join(", "),
        "native native.jsonl, csv labels.csv, label-studio label-studio.json, doccano doccano.jsonl, \
         argilla argilla.jsonl, jsonl rows.jsonl, parquet rows.parquet, tsv labels.tsv, items items.jsonl"
    );
}

#[tokio::test]
async fn a_preview_tells_what_would_be_lost() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 2).await;
    let ann = world.user(Role::Contributor).await;
    let mut noted = car(5.0);
    noted["note"] = json!("the left one is a van");
    project.label(&ann, noted).await;
    let path = format!("/api/projects/{}/releases/preview", project.id);
    let (status, body) = project.manager.get(&format!("{path}?formats=coco")).await;
    assert_eq!(
        (status, &body["tasks"], &body["looked_at"]),
        (StatusCode::OK, &json!(1), &json!(1))
    );
    assert_eq!(
        body["loss"],
        json!([{ "format": "coco", "what": "note", "count": 1, "examples": ["000001.jpg"] }])
    );
    let (_, body) = project.manager.get(&path).await;
    assert_eq!(body["loss"].as_array().unwrap().len(), 3);
    assert_eq!(
        project.manager.get(&format!("{path}?formats=xml")).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn who_may_not_know_of_a_release_finds_nothing() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let made = release(&world, &project, json!({ "formats": ["csv"] })).await;
    let other = world.organization("Other").await;
    let stranger = world.user_of(other, Role::Owner).await;
    let at = format!("/api/releases/{}", made["id"].as_str().unwrap());
    let of = format!("/api/projects/{}/releases", project.id);
    for path in [
        &at,
        &format!("{at}/files/labels.csv"),
        &of,
        &format!("{of}/preview"),
        &format!("{of}/formats"),
    ] {
        assert_eq!(stranger.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(stranger.post(&of, json!({ "formats": ["csv"] })).await.0, StatusCode::NOT_FOUND);
    let ann = world.user(Role::Contributor).await;
    assert_eq!(ann.get(&at).await.0, StatusCode::FORBIDDEN);
}
