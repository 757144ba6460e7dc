//! Imports, as the people who start them see them: what goes in, what is told, and what a crash leaves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::{Method, StatusCode};
use domain::OrganizationId;
use domain::people::Role;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};
use server::jobs;
use support::{Caller, World, code};

async fn project(manager: &Caller, name: &str, template: &str) -> String {
    let (status, body) =
        manager.post("/api/projects", json!({ "name": name, "template": template })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["id"].as_str().unwrap().into()
}

/// Sends a file whole; answers the upload, which is not finished.
async fn upload(manager: &Caller, project: &str, name: &str, bytes: &[u8]) -> String {
    let new = json!({ "external_id": name, "bytes": bytes.len() });
    let (status, upload) = manager.post(&format!("/api/projects/{project}/uploads"), new).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let id = upload["id"].as_str().unwrap().to_string();
    if upload["offset"] != json!(bytes.len()) {
        let caller = manager.clone().with("upload-offset", "0");
        let reply = caller.send(Method::PATCH, &format!("/api/uploads/{id}"), bytes.to_vec()).await;
        assert_eq!(reply.status, StatusCode::OK);
    }
    id
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn picture(manager: &Caller, project: &str, name: &str, width: u32, height: u32) {
    let id = upload(manager, project, name, &png(width, height)).await;
    let (status, body) = manager.post(&format!("/api/uploads/{id}/finish"), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

async fn begin(manager: &Caller, project: &str, request: Value) -> String {
    let (status, job) = manager.post(&format!("/api/projects/{project}/imports"), request).await;
    assert_eq!((status, &job["state"]), (StatusCode::OK, &json!("queued")), "{job}");
    job["id"].as_str().unwrap().into()
}

/// Lets the workers do what waits.
async fn work(world: &World, organization: OrganizationId) {
    let app = world.app.clone();
    let ran = tokio::task::spawn_blocking(move || jobs::run_pending(&app, organization));
    ran.await.unwrap().unwrap();
}

/// Imports a file, and answers the finished job.
async fn import(
    world: &World,
    manager: &Caller,
    project: &str,
    source: &str,
    file: &[u8],
    more: Value,
) -> Value {
    let name = match file.starts_with(b"external_id,text,") {
        true => format!("import:{}.csv", file.len()),
        false => format!("import:{source}:{}", file.len()),
    };
    let mut request =
        json!({ "source": source, "upload": upload(manager, project, &name, file).await });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let job = begin(manager, project, request).await;
    work(world, world.organization).await;
    manager.get(&format!("/api/jobs/{job}")).await.1
}

async fn counts(manager: &Caller, project: &str) -> Value {
    manager.get(&format!("/api/projects/{project}")).await.1["counts"].clone()
}

fn texts(count: usize) -> String {
    let row = |n| {
        json!({ "external_id": format!("t{n}"), "text": format!("text number {n}") }).to_string()
            + "\n"
    };
    (1..=count).map(row).collect()
}

#[tokio::test]
async fn bad_rows_are_told_and_the_good_ones_go_in() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let file = [
        r#"{"external_id":"1","text":"fine","metadata":{"from":"shop"},"priority":9}"#,
        r#"{"external_id":"2","text":"labelled","answer":{"choices":["positive"]}}"#,
        r#"{"external_id":"3","text":"wrong label","answer":{"choices":["furious"]}}"#,
        r#"{"external_id":"4","text":"known","gold":true,"answer":{"choices":["negative"]}}"#,
        r#"{"external_id":"5","text":"odd","metdata":{}}"#,
        r#"{"external_id":"6","path":"nowhere.txt"}"#,
        r#"{"external_id":"7","url":"https://example.org/7.txt"}"#,
        r#"{"external_id":"8","text":"  "}"#,
        "not json",
        r#"{"external_id":"1","text":"the same name"}"#,
    ]
    .join("\n");
    let job = import(&world, &manager, &project, "manifest", file.as_bytes(), json!({})).await;
    assert_eq!(job["state"], json!("done"), "{job}");
    assert_eq!(job["result"], json!({ "created": 3, "repeated": 1, "answered": 0, "bad": 6 }));
    assert_eq!((&job["done"], &job["bad"]), (&json!(10), &json!(6)));
    let now = counts(&manager, &project).await;
    assert_eq!((&now["queued"], &now["done"]), (&json!(2), &json!(1)));

    let path = format!("/api/jobs/{}/errors", job["id"].as_str().unwrap());
    let csv = manager.get(&path).await.1;
    let lines: Vec<&str> = csv.as_str().unwrap().lines().collect();
    let rows: Vec<(&str, &str, &str)> = lines[1..]
        .iter()
        .map(|line| {
            let mut cells = line.splitn(4, ',');
            (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap())
        })
        .collect();
    let wanted = [
        ("3", "answer.choices[0]", "unknown_class"),
        ("5", "metdata", "unknown_field"),
        ("6", "path", "file_missing"),
        ("7", "url", "urls_need_permission"),
        ("8", "text", "empty_text"),
        ("9", "", "not_json"),
    ];
    assert_eq!(rows, wanted);

    let again = import(&world, &manager, &project, "manifest", file.as_bytes(), json!({})).await;
    assert_eq!(again["result"], json!({ "created": 0, "repeated": 4, "answered": 0, "bad": 6 }));
    assert_eq!(counts(&manager, &project).await, now);
}

#[tokio::test]
async fn a_csv_is_a_manifest_too_and_a_try_keeps_nothing() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let file = "external_id;text;city\n1;Grüße;Köln\n2;\"two\nlines\";Bonn\n";
    let dry =
        import(&world, &manager, &project, "manifest", file.as_bytes(), json!({ "dry_run": true }))
            .await;
    assert_eq!(dry["result"]["created"], json!(2), "{dry}");
    assert_eq!(counts(&manager, &project).await["tasks"], json!(0));
    let job = import(&world, &manager, &project, "manifest", file.as_bytes(), json!({})).await;
    assert_eq!(job["result"]["created"], json!(2), "{job}");
    let (_, items) = manager.get(&format!("/api/projects/{project}/items")).await;
    assert_eq!(items["items"][0]["metadata"], json!({ "city": "Köln" }));
    assert_eq!(items["items"][1]["text"], json!("two\nlines"));
    let broken = import(&world, &manager, &project, "manifest", b"a;b\n1;2\n", json!({})).await;
    assert_eq!(
        (&broken["state"], broken["message"].is_string()),
        (&json!("failed"), true),
        "{broken}"
    );
}

#[tokio::test]
async fn an_import_that_dies_in_the_middle_goes_on_where_it_was() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let mut file = texts(2_500);
    file.push_str("not json\n");
    let upload = upload(&manager, &project, "import", file.as_bytes()).await;
    let job = begin(&manager, &project, json!({ "source": "manifest", "upload": upload })).await;

    // A worker takes the job and is gone, without a word.
    let access = world.access(world.organization).await;
    let id: domain::JobId = job.parse().unwrap();
    let (now, until) = (world.now(), world.now().plus_ms(60_000));
    let dead = access
        .store()
        .write(move |tx| {
            let job = tx.claim_job(now, until)?.unwrap();
            tx.record(now, "test", "job.started", job.id, json!({}));
            Ok::<_, store::Error>(job)
        })
        .await
        .unwrap();
    assert_eq!(dead.id, id);
    work(&world, world.organization).await;
    assert_eq!(manager.get(&format!("/api/jobs/{job}")).await.1["state"], json!("running"));
    assert_eq!(counts(&manager, &project).await["tasks"], json!(0));

    // Its lease runs out; another takes over, and what the first would still write is refused.
    world.pass_ms(61_000);
    work(&world, world.organization).await;
    let (_, done) = manager.get(&format!("/api/jobs/{job}")).await;
    assert_eq!(
        done["result"],
        json!({ "created": 2_500, "repeated": 0, "answered": 0, "bad": 1 }),
        "{done}"
    );
    assert_eq!(counts(&manager, &project).await["queued"], json!(2_500));
    let late = access.store().write(move |tx| tx.renew_job(id, dead.attempts, until)).await;
    assert!(matches!(late, Err(store::Error::Conflict)));
}

#[tokio::test]
async fn workers_find_jobs_put_them_down_and_take_them_up() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let file = texts(30_000);
    let upload = upload(&manager, &project, "import", file.as_bytes()).await;
    let runner = jobs::start(&world.app);
    let job = begin(&manager, &project, json!({ "source": "manifest", "upload": upload })).await;
    let path = format!("/api/jobs/{job}");
    // As soon as something is in, the process is told to end.
    while counts(&manager, &project).await["tasks"] == json!(0) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    tokio::task::spawn_blocking(move || runner.stop()).await.unwrap();
    let (_, rested) = manager.get(&path).await;
    if rested["state"] != json!("done") {
        assert_eq!(rested["state"], json!("queued"), "{rested}");
        assert_eq!(counts(&manager, &project).await["tasks"], rested["done"]);
    }

    let runner = jobs::start(&world.app);
    while manager.get(&path).await.1["state"] != json!("done") {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    tokio::task::spawn_blocking(move || runner.stop()).await.unwrap();
    let (_, done) = manager.get(&path).await;
    assert_eq!(
        done["result"],
        json!({ "created": 30_000, "repeated": 0, "answered": 0, "bad": 0 })
    );
}

#[tokio::test]
async fn a_canceled_import_stops_and_keeps_what_it_has() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let file = texts(10);
    let upload = upload(&manager, &project, "import", file.as_bytes()).await;
    let request = json!({ "source": "manifest", "upload": upload });
    let waiting = begin(&manager, &project, request.clone()).await;
    let (_, canceled) = manager.post(&format!("/api/jobs/{waiting}/cancel"), json!({})).await;
    assert_eq!(canceled["state"], json!("canceled"));

    // One that runs hears of it with its next word.
    let running = begin(&manager, &project, request).await;
    let access = world.access(world.organization).await;
    let now = world.now();
    let claimed = access.store().write(move |tx| {
        let job = tx.claim_job(now, now)?.unwrap();
        tx.record(now, "test", "job.started", job.id, json!({}));
        Ok::<_, store::Error>(())
    });
    claimed.await.unwrap();
    let (_, body) = manager.post(&format!("/api/jobs/{running}/cancel"), json!({})).await;
    assert_eq!(body["state"], json!("running"));
    work(&world, world.organization).await;
    assert_eq!(manager.get(&format!("/api/jobs/{running}")).await.1["state"], json!("canceled"));
    assert_eq!(counts(&manager, &project).await["tasks"], json!(0));
}

#[tokio::test]
async fn pictures_that_are_here_get_their_boxes() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let street = project(&manager, "Street", "image_boxes").await;
    for name in ["city/1.png", "city/2.png", "city/3.png"] {
        picture(&manager, &street, name, 100, 50).await;
    }
    let file = json!({
        "images": [
            { "id": 1, "file_name": "city/1.png", "width": 100, "height": 50 },
            { "id": 2, "file_name": "2.png" },
            { "id": 3, "file_name": "3.png", "width": 64, "height": 64 },
            { "id": 4, "file_name": "4.png" },
        ],
        "annotations": [
            { "id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 10, 20, 20] },
            { "id": 2, "image_id": 2, "category_id": 7, "bbox": [10, 10, 200, 20] },
        ],
        "categories": [{ "id": 7, "name": "Car" }],
    });
    let job =
        import(&world, &manager, &street, "auto", file.to_string().as_bytes(), json!({})).await;
    assert_eq!(job["state"], json!("done"), "{job}");
    let result = &job["result"];
    // Of another size, and not there.
    assert_eq!((&result["answered"], &result["bad"]), (&json!(1), &json!(2)), "{job}");
    assert_eq!((&result["missing"], &result["format"]), (&json!(1), &json!("coco")));
    // Most of it would lie outside.
    let outside = &result["losses"]["outside_the_picture"];
    assert_eq!((&outside["count"], &outside["examples"][0]), (&json!(1), &json!("2.png: Car")));
    let (_, tasks) = manager.get(&format!("/api/projects/{street}")).await;
    assert_eq!((&tasks["counts"]["done"], &tasks["counts"]["queued"]), (&json!(1), &json!(2)));

    let xml = "<annotation><filename>2.png</filename><size><width>100</width><height>50</height></size>
        <object><name>car</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>";
    let suggestions = json!({ "answers": "suggestions" });
    let job = import(&world, &manager, &street, "auto", xml.as_bytes(), suggestions).await;
    assert_eq!(
        (&job["result"]["answered"], &job["result"]["bad"]),
        (&json!(1), &json!(0)),
        "{job}"
    );
    let change = json!({ "base": 1, "state": "published" });
    manager.patch(&format!("/api/projects/{street}"), change).await;
    let contributor = world.user(Role::Contributor).await;
    let claim = json!({ "stage": "label", "count": 2, "holding": [] });
    let (_, claims) = contributor.post(&format!("/api/projects/{street}/claims"), claim).await;
    let claims = claims["claims"].as_array().unwrap();
    let two = claims.iter().find(|claim| claim["item"]["external_id"] == "city/2.png").unwrap();
    assert_eq!(
        two["suggestion"]["objects"][0]["shape"],
        json!({ "type": "box", "x": 1.0, "y": 2.0, "width": 29.0, "height": 38.0 })
    );
}

#[tokio::test]
async fn a_manifest_names_files_that_were_sent() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let street = project(&manager, "Street", "image_boxes").await;
    picture(&manager, &street, "city/1.png", 100, 50).await;
    let car = json!({ "objects": [{ "id": "a", "class": "car", "shape": { "type": "box", "x": 1, "y": 1, "width": 9, "height": 9 } }] });
    let file = [
        json!({ "path": "city/1.png", "answer": car }),
        json!({ "path": "city/1.png", "external_id": "again", "metadata": { "view": 2 } }),
        json!({ "path": "city/2.png" }),
    ];
    let file: String = file.iter().map(|row| row.to_string() + "\n").collect();
    let job = import(&world, &manager, &street, "manifest", file.as_bytes(), json!({})).await;
    assert_eq!(
        job["result"],
        json!({ "created": 1, "repeated": 0, "answered": 1, "bad": 1 }),
        "{job}"
    );
    let (_, items) = manager.get(&format!("/api/projects/{street}/items?q=again")).await;
    let item = &items["items"][0];
    assert_eq!((&item["width"], &item["metadata"]), (&json!(100), &json!({ "view": 2 })));
    let thumb = manager.send(Method::GET, item["picture"]["thumb_url"].as_str().unwrap(), "").await;
    assert_eq!(thumb.status, StatusCode::OK);
}

#[tokio::test]
async fn items_come_in_one_call_each_judged_by_itself() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let path = format!("/api/projects/{project}/items");
    let file = upload(&manager, &project, "file.txt", b"from a file").await;
    let items = json!({ "items": [
        { "external_id": "1", "text": "one", "metadata": { "n": 1 } },
        { "external_id": "2", "text": "two", "priority": 10 },
        { "external_id": "3", "upload": file },
        { "external_id": "4" },
        { "external_id": "5", "text": "five", "answer": { "choices": ["positive"] } },
    ]});
    let (status, added) = manager.post(&path, items.clone()).await;
    assert_eq!(status, StatusCode::OK, "{added}");
    assert_eq!((&added["created"], &added["repeated"]), (&json!(3), &json!(0)));
    let rows: Vec<_> =
        added["errors"].as_array().unwrap().iter().map(|e| (&e["row"], &e["code"])).collect();
    assert_eq!(rows, [(&json!(2), &json!("out_of_range")), (&json!(4), &json!("missing_field"))]);
    assert_eq!(manager.post(&path, items).await.1["repeated"], json!(3));
    let many: Vec<Value> =
        (0..1_001).map(|n| json!({ "external_id": n.to_string(), "text": "x" })).collect();
    let (status, body) = manager.post(&path, json!({ "items": many })).await;
    assert_eq!((status, code(&body)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
    let (status, _) = manager.post(&path, json!({ "items": [], "more": 1 })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_release_reads_back_into_a_fresh_project() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let first = project(&manager, "First", "text_choice").await;
    let (_, ontology) = manager.get(&format!("/api/projects/{first}/ontology")).await;
    let plan = json!({ "overlap": 2, "review": "none", "agreement_min": 0.5, "lease_minutes": 10, "pay": null });
    let answer = |id: &str, by: i64, choice: &str| {
        json!({ "id": id, "contributor": domain::PersonId(by).to_string(), "submitted_at": 1_795_000_000_000i64 + by,
                "ontology_version": 1, "instructions_version": 2, "value": { "choices": [choice] } })
    };
    let file = [
        json!({ "fairmark": 1, "kind": "project", "project": { "name": "First", "question": "?",
            "ontology": [{ "version": 1, "value": ontology["ontology"] }],
            "instructions": [{ "version": 1, "value": "" }, { "version": 2, "value": "# How" }], "plan": plan } }),
        json!({ "fairmark": 1, "kind": "task", "task": { "id": "tsk_1", "state": "done", "priority": 7 },
            "item": { "external_id": "1", "media": "text/plain", "name": "one", "text": "one", "metadata": { "n": 1 } },
            "label": { "value": { "choices": ["positive"] }, "confidence": 0.75, "method": "agreement", "provenance": {
                "answers": [answer("ans_1", 11, "positive"), answer("ans_2", 12, "neutral")],
                "reviews": [{ "reviewer": domain::PersonId(13).to_string(), "verdict": "accept", "at": 1_795_000_000_100i64 }],
                "ontology_version": 1, "instructions_version": 2 } } }),
        json!({ "fairmark": 1, "kind": "task", "task": { "id": "tsk_2", "state": "queued", "priority": 5 },
            "item": { "external_id": "2", "media": "text/plain", "text": "two" } }),
        json!({ "fairmark": 1, "kind": "task", "task": { "id": "tsk_3", "state": "done", "priority": 5 },
            "item": { "external_id": "3", "media": "text/plain", "text": "three" },
            "label": { "value": { "choices": ["furious"] }, "method": "single", "provenance": {
                "answers": [], "reviews": [], "ontology_version": 1, "instructions_version": 1 } } }),
    ];
    let file: String = file.iter().map(|row| row.to_string() + "\n").collect();
    let job = import(&world, &manager, &first, "native", file.as_bytes(), json!({})).await;
    assert_eq!(
        job["result"],
        json!({ "created": 2, "repeated": 0, "answered": 0, "bad": 1 }),
        "{job}"
    );
    let (_, body) = manager.get(&format!("/api/projects/{first}")).await;
    assert_eq!(body["plan"]["overlap"], json!(2), "{body}");
    assert_eq!((&body["ontology_version"], &body["instructions_version"]), (&json!(1), &json!(2)));
    let now = &body["counts"];
    assert_eq!(
        (&now["done"], &now["queued"], &now["answers"], &now["wanted"]),
        (&json!(1), &json!(1), &json!(2), &json!(4))
    );

    let access = world.access(world.organization).await;
    let id: domain::ProjectId = first.parse().unwrap();
    let (label, answers, reviews, recount, counts) = access
        .store()
        .read(move |tx| {
            let item = tx.item_by_external_id(id, "1")?.unwrap();
            let task = tx.task_of_item(item.id)?.unwrap();
            let label = tx.label(task)?.unwrap();
            Ok::<_, store::Error>((
                label,
                tx.answers_of(task)?,
                tx.reviews_of(task)?,
                tx.recount(id)?,
                tx.counts(id)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(recount, counts);
    assert_eq!((label.confidence, label.method.as_str()), (Some(0.75), "agreement"));
    assert_eq!(label.answer, Some(answers[0].id));
    assert_eq!(
        (answers.len(), answers[1].person, answers[1].instructions_version),
        (2, domain::PersonId(12), 2)
    );
    assert_eq!(reviews[0].reviewer, domain::PersonId(13));

    let again = import(&world, &manager, &first, "native", file.as_bytes(), json!({})).await;
    assert_eq!(
        again["result"],
        json!({ "created": 0, "repeated": 2, "answered": 0, "bad": 1 }),
        "{again}"
    );
}

#[tokio::test]
async fn nobody_else_sees_a_job() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let file = upload(&manager, &project, "import", b"{}").await;
    let request = json!({ "source": "manifest", "upload": file });
    let job = begin(&manager, &project, request.clone()).await;
    let outsider = world.user_of(world.organization("Rival").await, Role::Owner).await;
    let contributor = world.user(Role::Contributor).await;
    let path = format!("/api/jobs/{job}");
    for (caller, wanted) in
        [(&outsider, StatusCode::NOT_FOUND), (&contributor, StatusCode::FORBIDDEN)]
    {
        assert_eq!(caller.get(&path).await.0, wanted);
        assert_eq!(caller.get(&format!("{path}/errors")).await.0, wanted);
        assert_eq!(caller.post(&format!("{path}/cancel"), json!({})).await.0, wanted);
        assert_eq!(caller.get(&format!("/api/jobs?project={project}")).await.0, wanted);
        assert_eq!(
            caller.post(&format!("/api/projects/{project}/imports"), request.clone()).await.0,
            wanted
        );
        assert_eq!(
            caller.post(&format!("/api/projects/{project}/items"), json!({ "items": [] })).await.0,
            wanted
        );
    }
    assert_eq!(outsider.get("/api/jobs").await.1["items"], json!([]));
    let (status, body) = manager
        .post(&format!("/api/projects/{project}/imports"), json!({ "source": "s3", "s3": { "bucket": "b", "endpoint": "http://169.254.169.254" } }))
        .await;
    assert_eq!(
        (status, &body["error"]["problems"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("unsafe_url"))
    );
}

/// A real S3 server on a port of its own; answers its address.
async fn serve_bucket(root: std::path::PathBuf) -> String {
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
    service.set_auth(s3s::auth::SimpleAuth::from_single("AKEXAMPLES3S", "SKEXAMPLES3S"));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (socket, service) = (hyper_util::rt::TokioIo::new(socket), service.clone());
            tokio::spawn(async move {
                // A client that goes away is no failure of the test.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(socket, service)
                    .await;
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_bucket_comes_in_and_only_what_is_new_comes_again() {
    let world = World::configured(|config| config.allowed_hosts = vec!["127.0.0.1".into()]).await;
    let manager = world.user(Role::Manager).await;
    let street = project(&manager, "Street", "image_boxes").await;
    let root = world.folder().join("bucket");
    let file = |name: &str, bytes: &[u8]| {
        let path = root.join("data").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    file("street/1.png", &png(64, 32));
    file("street/2.png", &png(32, 64));
    file("street/notes.txt", b"no picture");
    file("streets/3.png", &png(9, 9));
    let endpoint = serve_bucket(root.clone()).await;
    let request = json!({ "source": "s3", "s3": { "bucket": "data", "prefix": "street/", "endpoint": endpoint,
        "region": "us-east-1", "access_key_id": "AKEXAMPLES3S", "secret_access_key": "SKEXAMPLES3S" } });
    let job = begin(&manager, &street, request.clone()).await;
    work(&world, world.organization).await;
    let (_, done) = manager.get(&format!("/api/jobs/{job}")).await;
    assert_eq!(
        done["result"],
        json!({ "created": 2, "repeated": 0, "answered": 0, "bad": 1 }),
        "{done}"
    );
    assert!(!done.to_string().contains("SKEXAMPLES3S"));
    let (_, items) = manager.get(&format!("/api/projects/{street}/items?q=street/1")).await;
    let item = &items["items"][0];
    assert_eq!((&item["external_id"], &item["width"]), (&json!("street/1.png"), &json!(64)));

    file("street/4.png", &png(8, 8));
    let job = begin(&manager, &street, request.clone()).await;
    work(&world, world.organization).await;
    let (_, done) = manager.get(&format!("/api/jobs/{job}")).await;
    assert_eq!(
        done["result"],
        json!({ "created": 1, "repeated": 2, "answered": 0, "bad": 1 }),
        "{done}"
    );

    let mut wrong = request;
    wrong["s3"]["secret_access_key"] = json!("somebody else's");
    let job = begin(&manager, &street, wrong).await;
    work(&world, world.organization).await;
    let (_, failed) = manager.get(&format!("/api/jobs/{job}")).await;
    assert_eq!(
        (&failed["state"], failed["message"].is_string()),
        (&json!("failed"), true),
        "{failed}"
    );
}

/// An archive of files, as any tool packs it.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = formats::tar::TarWriter::new(Vec::new());
    for (name, content) in files {
        tar.add(name, content.len() as u64, &mut &content[..]).unwrap();
    }
    tar.finish().unwrap()
}

fn task_of(file: &str, result: Value, prediction: Value) -> Value {
    json!({
        "data": { "image": format!("/data/upload/7/{file}"), "camera": "front" },
        "annotations": result.as_array().map(|result| vec![json!({ "result": result })]).unwrap_or_default(),
        "predictions": prediction.as_array().map(|result| vec![json!({ "model_version": "v3", "result": result })]).unwrap_or_default(),
    })
}

fn region(class: &str, x: f64) -> Value {
    json!({
        "id": "r1", "from_name": "box", "to_name": "image", "type": "rectanglelabels",
        "original_width": 100, "original_height": 50,
        "value": { "x": x, "y": 10, "width": 20, "height": 40, "rotation": 0, "rectanglelabels": [class] },
    })
}

#[tokio::test]
async fn a_data_set_of_another_tool_comes_with_its_pictures_classes_and_predictions() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let street = project(&manager, "Street", "image_boxes").await;
    let labelled = json!([region("Car", 10.0), region("Tuk-tuk", 50.0)]);
    let tasks = json!([
        task_of("1.png", labelled, json!([region("Car", 11.0)])),
        task_of("2.png", Value::Null, json!([region("Car", 20.0)])),
        task_of("3.png", Value::Null, Value::Null),
        task_of("4.png", json!([region("Car", 10.0)]), Value::Null),
    ]);
    let picture = png(100, 50);
    let archive = tar(&[
        ("export.json", tasks.to_string().as_bytes()),
        ("upload/7/1.png", &picture),
        ("upload/7/2.png", &picture),
        ("upload/7/3.png", &picture),
    ]);

    // A look keeps nothing, and tells what is there and what becomes of it.
    let look = json!({ "dry_run": true });
    let job = import(&world, &manager, &street, "auto", &archive, look).await;
    let result = &job["result"];
    assert_eq!(result["format"], "label-studio", "{job}");
    assert_eq!((&result["created"], &result["missing"]), (&json!(3), &json!(1)), "{job}");
    assert_eq!((&result["found"]["items"], &result["found"]["predicted"]), (&json!(4), &json!(2)));
    let classes = json!([
        { "name": "Car", "marks": 4, "to": "car" },
        { "name": "Tuk-tuk", "marks": 1, "to": null },
    ]);
    assert_eq!(result["found"]["classes"], classes, "{job}");
    assert_eq!(result["losses"]["class_not_in_ontology"]["count"], 1);
    assert_eq!(counts(&manager, &street).await["tasks"], json!(0));
    let (_, ontology) = manager.get(&format!("/api/projects/{street}/ontology")).await;
    assert_eq!(ontology["version"], 1);

    // Taken with what the project lacks.
    let extend = json!({ "extend": true });
    let job = import(&world, &manager, &street, "dataset", &archive, extend.clone()).await;
    let result = &job["result"];
    assert_eq!((&result["created"], &result["bad"]), (&json!(3), &json!(1)), "{job}");
    assert_eq!(result["losses"]["prediction"]["count"], 1, "{job}");
    let (_, ontology) = manager.get(&format!("/api/projects/{street}/ontology")).await;
    let names: Vec<&str> = ontology["ontology"]["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| class["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        (&ontology["version"], names),
        (&json!(2), vec!["Car", "Person", "Sign", "Tuk-tuk"])
    );
    // What a person said is a label, what a model said a suggestion, and the third waits.
    let counted = counts(&manager, &street).await;
    assert_eq!((&counted["done"], &counted["queued"]), (&json!(1), &json!(2)), "{counted}");
    let (_, tasks) = manager.get(&format!("/api/tasks?project={street}&state=done")).await;
    let (_, task) =
        manager.get(&format!("/api/tasks/{}", tasks["items"][0]["id"].as_str().unwrap())).await;
    let objects = &task["label"]["value"]["objects"];
    assert_eq!((&objects[0]["class"], &objects[1]["class"]), (&json!("car"), &json!("tuk-tuk")));
    assert_eq!(task["item"]["metadata"]["camera"], "front", "{task}");
    let change = json!({ "base": 2, "state": "published" });
    manager.patch(&format!("/api/projects/{street}"), change).await;
    let contributor = world.user(Role::Contributor).await;
    let claim = json!({ "stage": "label", "count": 2, "holding": [] });
    let (_, claims) = contributor.post(&format!("/api/projects/{street}/claims"), claim).await;
    let suggested: Vec<bool> = claims["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| claim["suggestion"]["objects"][0]["class"] == "car")
        .collect();
    assert_eq!(suggested, [true, false], "{claims}");

    // The same again brings nothing new.
    let job = import(&world, &manager, &street, "dataset", &archive, extend).await;
    assert_eq!((&job["result"]["created"], &job["result"]["answered"]), (&json!(0), &json!(0)));
    let (_, ontology) = manager.get(&format!("/api/projects/{street}/ontology")).await;
    assert_eq!(ontology["version"], 2);

    // Classes become what one says, and what is in no format is told.
    let other = project(&manager, "Other street", "image_boxes").await;
    let told = json!({ "classes": { "Car": "sign", "Tuk-tuk": null } });
    let job = import(&world, &manager, &other, "dataset", &archive, told).await;
    assert_eq!(job["result"]["losses"]["class_not_in_ontology"]["count"], 1, "{job}");
    let (_, tasks) = manager.get(&format!("/api/tasks?project={other}&state=done")).await;
    let (_, task) =
        manager.get(&format!("/api/tasks/{}", tasks["items"][0]["id"].as_str().unwrap())).await;
    assert_eq!(task["label"]["value"]["objects"][0]["class"], "sign");
    let job = import(&world, &manager, &other, "auto", b"what is this", json!({})).await;
    assert_eq!((&job["state"], job["message"].is_string()), (&json!("failed"), true), "{job}");
    let file = upload(&manager, &other, "import", b"{}").await;
    let request = json!({ "source": "dataset", "upload": file, "format": "cocoa" });
    let (status, refused) = manager.post(&format!("/api/projects/{other}/imports"), request).await;
    assert_eq!(
        (status, &refused["error"]["problems"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("format")),
        "{refused}"
    );
}

#[tokio::test]
async fn texts_are_known_by_their_name_or_by_themselves() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let moods = project(&manager, "Moods", "text_choice").await;
    let row = |id: Option<i64>, text: &str, label: &str| {
        let mut row = json!({ "text": text, "label": [label] });
        if let Some(id) = id {
            row["id"] = id.into();
        }
        row.to_string() + "\n"
    };
    let taken = |job: &Value| {
        let result = &job["result"];
        ["created", "answered", "repeated", "bad"].map(|count| result[count].as_i64().unwrap())
    };
    let doccano = json!({ "format": "doccano" });
    let first = row(Some(1), "Lovely", "positive") + &row(None, "Dull", "negative");
    let job = import(&world, &manager, &moods, "dataset", first.as_bytes(), doccano.clone()).await;
    assert_eq!(taken(&job), [2, 0, 0, 0], "{job}");
    // The same again, and in another order: nothing new.
    let again = row(None, "Dull", "negative") + &row(Some(1), "Lovely", "positive");
    let job = import(&world, &manager, &moods, "dataset", again.as_bytes(), doccano.clone()).await;
    assert_eq!(taken(&job), [0, 0, 2, 0], "{job}");
    // Another file counts from 1, too: its texts are not taken for those.
    let other = row(Some(1), "Grim", "negative") + &row(Some(1), "Grim, too", "negative");
    let job = import(&world, &manager, &moods, "dataset", other.as_bytes(), doccano.clone()).await;
    assert_eq!(taken(&job), [2, 0, 0, 0], "{job}");
    let (_, page) = manager.get(&format!("/api/projects/{moods}/items")).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 4, "{page}");

    // What somebody turned down in Prodigy is no label.
    let prodigy = [("Good", "positive", "accept"), ("Bad", "positive", "reject")]
        .map(|(text, label, answer)| {
            json!({ "text": text, "label": label, "answer": answer, "_input_hash": 1 }).to_string()
                + "\n"
        })
        .concat();
    let job = import(&world, &manager, &moods, "auto", prodigy.as_bytes(), json!({})).await;
    assert_eq!((&job["result"]["format"], taken(&job)), (&json!("prodigy"), [2, 0, 0, 0]), "{job}");
    assert_eq!(job["result"]["losses"]["rejected_answer"]["count"], 1, "{job}");
    let counted = counts(&manager, &moods).await;
    assert_eq!((&counted["done"], &counted["queued"]), (&json!(5), &json!(1)), "{counted}");
}

/// Label Studio's task with what several people chose.
fn chosen(id: u64, text: &str, said: &[(&str, &str)]) -> Value {
    let annotations = said.iter().map(|(by, class)| {
        json!({ "completed_by": { "id": 1, "email": by }, "result": [
            { "id": "r", "type": "choices", "from_name": "c", "to_name": "t", "value": { "choices": [class] } },
        ] })
    });
    json!({ "id": id, "data": { "text": text }, "annotations": annotations.collect::<Vec<_>>() })
}

#[tokio::test]
async fn what_several_people_said_elsewhere_are_answers_of_theirs() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let moods = project(&manager, "Moods", "text_choice").await;
    let (_, before) = manager.get(&format!("/api/projects/{moods}")).await;
    let mut plan = before["plan"].clone();
    plan["overlap"] = 3.into();
    plan["review"] = "none".into();
    let change = json!({ "base": before["version"], "plan": plan });
    let (status, changed) = manager.patch(&format!("/api/projects/{moods}"), change).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    let tasks = json!([
        chosen(1, "one", &[("a@x.y", "Positive"), ("b@x.y", "Negative")]),
        chosen(
            2,
            "two",
            &[
                ("a@x.y", "Positive"),
                ("b@x.y", "Positive"),
                ("c@x.y", "Positive"),
                ("d@x.y", "Negative")
            ]
        ),
        chosen(3, "three", &[("a@x.y", "Positive"), ("a@x.y", "Negative"), ("b@x.y", "Furious")]),
        chosen(4, "four", &[]),
    ]);
    let file = tasks.to_string().into_bytes();
    let asked = json!({ "extend": false });
    // Before anybody may answer, the first answer is the label.
    let draft = import(&world, &manager, &moods, "auto", &file, json!({ "dry_run": true })).await;
    assert_eq!(draft["result"]["losses"]["another_answer"]["count"], 6, "{draft}");
    let change = json!({ "base": changed["version"], "state": "published" });
    let (status, body) = manager.patch(&format!("/api/projects/{moods}"), change).await;
    assert_eq!(status, StatusCode::OK, "{body}");

    let look = import(&world, &manager, &moods, "auto", &file, json!({ "dry_run": true })).await;
    assert_eq!(
        (&look["result"]["created"], &look["result"]["opinions"]),
        (&json!(4), &json!(8)),
        "{look}"
    );
    let job = import(&world, &manager, &moods, "auto", &file, asked.clone()).await;
    let result = &job["result"];
    assert_eq!((&result["created"], &result["bad"]), (&json!(4), &json!(0)), "{job}");
    // Two of the first, three of the second, the only one of the third that the project has a class for.
    assert_eq!(result["opinions"], 6, "{job}");
    assert_eq!(result["losses"]["answer_that_nobody_asked_for"]["count"], 1, "{job}");
    assert_eq!(result["losses"]["another_answer_of_the_same_person"]["count"], 1, "{job}");
    assert_eq!(result["losses"]["class_not_in_ontology"]["count"], 1, "{job}");
    let counted = counts(&manager, &moods).await;
    assert_eq!((&counted["done"], &counted["answers"]), (&json!(1), &json!(6)), "{counted}");
    let (_, done) = manager.get(&format!("/api/tasks?project={moods}&state=done")).await;
    let path = format!("/api/tasks/{}", done["items"][0]["id"].as_str().unwrap());
    let (_, task) = manager.get(&path).await;
    assert_eq!(task["label"]["value"]["choices"], json!(["positive"]), "{task}");
    let people: Vec<&str> = task["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["contributor"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(people, ["a@x.y", "b@x.y", "c@x.y"], "{task}");
    // The same again gives nothing twice.
    let again = import(&world, &manager, &moods, "auto", &file, asked).await;
    let result = &again["result"];
    assert_eq!((&result["opinions"], &result["created"]), (&json!(0), &json!(0)), "{again}");
    assert_eq!(counts(&manager, &moods).await["answers"], json!(6));
}

#[tokio::test]
async fn a_table_with_labels_is_no_manifest() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "Moods", "text_choice").await;
    let table = b"external_id,text,label\na,Grand.,positive\nb,Awful.,negative\n";
    for named in [json!({ "format": "coco", "dry_run": true }), json!({ "format": "coco" })] {
        let wrong = import(&world, &manager, &project, "dataset", table, named).await;
        assert_eq!(wrong["state"], json!("failed"), "{wrong}");
        assert_eq!(wrong["message"], json!("nothing in it reads as coco: it looks like csv"));
    }

    let taken = import(&world, &manager, &project, "auto", table, json!({})).await;
    assert_eq!(taken["result"]["format"], json!("csv"), "{taken}");
    let (_, page) = manager.get(&format!("/api/projects/{project}/items")).await;
    let names = page["items"].as_array().unwrap().iter().map(|item| item["external_id"].clone());
    assert_eq!(names.collect::<Vec<_>>(), [json!("a"), json!("b")], "{page}");
    let now = counts(&manager, &project).await;
    assert_eq!((&now["queued"], &now["done"]), (&json!(0), &json!(2)));

    let listed = b"external_id,text,stars\nc,Fine.,5\n";
    let taken = import(&world, &manager, &project, "auto", listed, json!({})).await;
    assert_eq!(taken["result"], json!({ "created": 1, "repeated": 0, "answered": 0, "bad": 0 }));
}
