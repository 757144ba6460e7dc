//! Clouds of points, as those who bring them in and label them would tell it: taken with their cameras, refused when they are broken,
//! handed out in parts, labelled, and released.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use image::{DynamicImage, ImageFormat, RgbImage};
use loops::Project;
use serde_json::{Value, json};
use server::jobs;
use support::{Caller, World, code};

/// Points along a wall and a road, in KITTI's four numbers.
fn cloud(count: u32, aside: f32) -> Vec<u8> {
    let point = |i: u32| {
        let along = i as f32 * 0.01;
        [along, aside + (i % 7) as f32 * 0.1, (i % 50) as f32 * 0.05 - 1.7, (i % 10) as f32 / 10.0]
    };
    (0..count).flat_map(point).flat_map(f32::to_le_bytes).collect()
}

fn png() -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 32, |x, y| image::Rgb([x as u8, y as u8, 7]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn send(manager: &Caller, project: &str, name: &str, bytes: &[u8]) -> String {
    let new = json!({ "external_id": name, "bytes": bytes.len() });
    let (status, upload) = manager.post(&format!("/api/projects/{project}/uploads"), new).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let id = upload["id"].as_str().unwrap().to_string();
    let caller = manager.clone().with("upload-offset", "0");
    let reply = caller.send(Method::PATCH, &format!("/api/uploads/{id}"), bytes.to_vec()).await;
    assert_eq!(reply.status, StatusCode::OK);
    id
}

/// A drive of two moments, ten metres apart, with a camera at the first.
fn drive() -> Value {
    let pose = |x: f64| json!({ "translation": [x, 0, 0], "rotation": [1, 0, 0, 0] });
    let camera = json!({
        "name": "front", "path": "tour/0.png", "intrinsic": [[40, 0, 32], [0, 40, 16], [0, 0, 1]],
        "mount": { "translation": [0.3, 0, 0], "rotation": [0.5, -0.5, 0.5, -0.5] },
    });
    json!({ "external_id": "tour", "scene": { "clouds": [
        { "path": "tour/0.bin", "pose": pose(0.0), "time": 0.0, "cameras": [camera] },
        { "path": "tour/1.bin", "pose": pose(10.0), "time": 0.5 },
    ] } })
}

async fn import(world: &World, project: &Project, rows: &[Value]) -> Value {
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let upload =
        send(&project.manager, &project.id.to_string(), "import/rows.jsonl", text.as_bytes()).await;
    let path = format!("/api/projects/{}/imports", project.id);
    let (_, job) =
        project.manager.post(&path, json!({ "source": "manifest", "upload": upload })).await;
    work(world).await;
    project.manager.get(&format!("/api/jobs/{}", job["id"].as_str().unwrap())).await.1
}

async fn work(world: &World) {
    let (app, organization) = (world.app.clone(), world.organization);
    tokio::task::spawn_blocking(move || jobs::run_pending(&app, organization))
        .await
        .unwrap()
        .unwrap();
}

async fn with_drive(world: &World, plan: Value) -> Project {
    let project = Project::new(world, "cloud_cuboids", plan, 0).await;
    for (name, bytes) in [
        ("tour/0.bin", cloud(3_000, 3.0)),
        ("tour/1.bin", cloud(2_000, 3.0)),
        ("tour/0.png", png()),
    ] {
        send(&project.manager, &project.id.to_string(), name, &bytes).await;
    }
    let job = import(world, &project, &[drive()]).await;
    assert_eq!((&job["state"], &job["result"]["created"]), (&json!("done"), &json!(1)), "{job}");
    project
}

fn cuboid(x: f64, path: Value) -> Value {
    let shape = json!({ "type": "cuboid3d", "size": [4, 2, 1.5], "centre": [x, 3, -1], "yaw": 0.1, "path": path });
    json!({ "objects": [{ "id": "a", "class": "car", "shape": shape }] })
}

#[tokio::test]
async fn a_drive_comes_in_with_its_cameras_and_goes_out_in_parts() {
    let world = World::new().await;
    let project = with_drive(&world, json!({ "overlap": 1 })).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let clouds = claim["item"]["scene"]["clouds"].as_array().unwrap();
    assert_eq!(
        (clouds.len(), &clouds[0]["points"], &clouds[1]["points"]),
        (2, &json!(3_000), &json!(2_000))
    );
    assert_eq!(clouds[1]["pose"]["translation"], json!([10.0, 0.0, 0.0]));
    let camera = &clouds[0]["cameras"][0];
    assert_eq!((&camera["width"], &camera["height"]), (&json!(64), &json!(32)));
    assert_eq!(camera["pose"]["translation"], json!([0.3, 0.0, 0.0]));

    // Whoever holds the task sees its parts; nobody else knows of them.
    let (status, index) = ann.get(clouds[1]["index_url"].as_str().unwrap()).await;
    assert_eq!(
        (status, &index["points"], &index["stride"]),
        (StatusCode::OK, &json!(2_000), &json!(12))
    );
    let points = clouds[1]["points_url"].as_str().unwrap();
    let whole = ann.send(Method::GET, points, "").await;
    assert_eq!((whole.status, whole.body.len()), (StatusCode::OK, 2_000 * 12));
    let part = ann.clone().with("range", "bytes=12-35").send(Method::GET, points, "").await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, whole.body.slice(12..36));
    let picture = ann.send(Method::GET, camera["url"].as_str().unwrap(), "").await;
    assert!(picture.status == StatusCode::OK && picture.body.len() > 100);
    let ben = world.user(Role::Contributor).await;
    for path in [points, camera["url"].as_str().unwrap(), clouds[0]["index_url"].as_str().unwrap()]
    {
        assert_eq!(ben.status(Method::GET, path).await, StatusCode::NOT_FOUND);
    }
    assert_eq!(
        ann.status(Method::GET, &points.replace("clouds/1", "clouds/2")).await,
        StatusCode::NOT_FOUND
    );

    // The same again changes nothing.
    let job = import(&world, &project, &[drive()]).await;
    assert_eq!(
        (&job["result"]["created"], &job["result"]["repeated"]),
        (&json!(0), &json!(1)),
        "{job}"
    );
}

#[tokio::test]
async fn a_cloud_alone_is_an_item_and_a_broken_one_is_refused_with_a_reason() {
    let world = World::new().await;
    let project = Project::new(&world, "cloud_cuboids", json!({ "overlap": 1 }), 0).await;
    let finish = async |name: &str, bytes: &[u8]| {
        let id = send(&project.manager, &project.id.to_string(), name, bytes).await;
        project.manager.post(&format!("/api/uploads/{id}/finish"), json!({})).await
    };
    let (status, made) = finish("scans/one.bin", &cloud(500, 1.0)).await;
    assert_eq!((status, &made["state"]), (StatusCode::OK, &json!("done")), "{made}");
    for (name, bytes, wanted) in [
        ("cut.bin", &cloud(500, 1.0)[..77], "cloud_header"),
        ("cut.pcd", &b"VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 9\nHEIGHT 1\nPOINTS 9\nDATA binary\nabc"[..], "cloud_cut_off"),
        ("empty.bin", &b""[..], "cloud_empty"),
        ("far.bin", &[0.0f32, 0.0, 0.0, 0.0, 9e30, 0.0, 0.0, 0.0].map(f32::to_le_bytes).concat()[..], "cloud_too_wide"),
        ("street.png", &png()[..], "not_a_cloud"),
    ] {
        let (status, told) = finish(name, bytes).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {told}");
        assert_eq!(told["error"]["problems"][0]["code"], wanted, "{name}: {told}");
    }
    // A row of a manifest that is wrong is told with its place; the others go in.
    let mut wrong = drive();
    wrong["scene"]["clouds"][1]["pose"]["rotation"] = json!([3, 0, 0, 0]);
    let missing = json!({ "external_id": "b", "scene": { "clouds": [{ "path": "nowhere.bin" }] } });
    let fine = json!({ "external_id": "c", "scene": { "clouds": [{ "path": "scans/one.bin" }] } });
    let job = import(&world, &project, &[wrong, missing, fine]).await;
    assert_eq!((&job["bad"], &job["result"]["created"]), (&json!(2), &json!(1)), "{job}");
    let path = format!("/api/jobs/{}/errors", job["id"].as_str().unwrap());
    let errors = project.manager.send(Method::GET, &path, "").await;
    let errors = String::from_utf8(errors.body.to_vec()).unwrap();
    assert!(errors.contains("scene.clouds[1].pose") && errors.contains("file_missing"), "{errors}");
}

#[tokio::test]
async fn cuboids_are_checked_compared_at_each_moment_and_released() {
    let world = World::new().await;
    let project = with_drive(&world, json!({ "overlap": 2, "agreement_min": 0.9 })).await;
    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let claim = project.claim(&ann, "label").await.unwrap();
    let key = |frame: u64, x: f64| json!({ "frame": frame, "centre": [x, 3, -1], "yaw": 0.1 });
    let (status, told) = loops::hand_in(
        &ann,
        &claim,
        &loops::submission(),
        cuboid(5.0, json!([key(0, 5.0), key(2, 9.0)])),
    )
    .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    assert_eq!(told["error"]["problems"][0]["path"], "objects[0].shape.path[1].frame", "{told}");
    let on_a_picture = json!({ "objects": [{ "id": "a", "class": "car", "shape": { "type": "box", "x": 0, "y": 0, "width": 5, "height": 5 } }] });
    let (_, told) = loops::hand_in(&ann, &claim, &loops::submission(), on_a_picture).await;
    assert_eq!(told["error"]["problems"][0]["code"], "shape_not_asked", "{told}");
    let moving = cuboid(5.0, json!([key(0, 5.0), key(1, 9.0)]));
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), moving).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    // The second says nearly the same of both moments: they agree.
    project.label(&ben, cuboid(5.2, json!([key(0, 5.2), key(1, 9.1)]))).await;
    let task = project.task(&project.first().await).await;
    assert_eq!(task["state"], "done", "{task}");

    let new = json!({ "formats": ["native", "cuboids", "kitti"], "with_pictures": true });
    let (status, release) =
        project.manager.post(&format!("/api/projects/{}/releases", project.id), new).await;
    assert_eq!(status, StatusCode::OK, "{release}");
    work(&world).await;
    let file = async |name: &str| {
        let path = format!("/api/releases/{}/files/{name}", release["id"].as_str().unwrap());
        let reply = project.manager.send(Method::GET, &path, "").await;
        assert_eq!(reply.status, StatusCode::OK, "{name}");
        reply.body.to_vec()
    };
    let text = String::from_utf8(file("cuboids.jsonl").await).unwrap();
    let items: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["item"].clone())
        .collect();
    assert_eq!(items.len(), 2);
    let places: Vec<&Value> =
        items.iter().map(|item| &item["marks"][0]["place"]["cuboid"]["centre"][0]).collect();
    assert_eq!(places, [&json!(5.0), &json!(9.0)]);
    assert_eq!((&items[0]["frame"], &items[1]["marks"][0]["track"]), (&json!(0), &json!(0)));
    let kitti = String::from_utf8_lossy(&file("kitti.tar").await).into_owned();
    assert!(
        kitti.contains("label_2/tour/0.txt")
            && kitti.contains("calib/tour/0.txt")
            && kitti.contains("Car ")
    );
    let pictures = String::from_utf8_lossy(&file("pictures.tar").await).into_owned();
    assert!(pictures.contains("tour/1.bin") && pictures.contains("tour/0.png"));

    // What was released comes back into another project, to which the files were sent.
    let again = Project::new(&world, "cloud_cuboids", json!({ "overlap": 1 }), 0).await;
    for (name, bytes) in [
        ("tour/0.bin", cloud(3_000, 3.0)),
        ("tour/1.bin", cloud(2_000, 3.0)),
        ("tour/0.png", png()),
    ] {
        send(&again.manager, &again.id.to_string(), name, &bytes).await;
    }
    let upload = send(
        &again.manager,
        &again.id.to_string(),
        "import/native.jsonl",
        &file("native.jsonl").await,
    )
    .await;
    let path = format!("/api/projects/{}/imports", again.id);
    let (_, job) = again.manager.post(&path, json!({ "source": "native", "upload": upload })).await;
    work(&world).await;
    let (_, job) = again.manager.get(&format!("/api/jobs/{}", job["id"].as_str().unwrap())).await;
    assert_eq!(job["result"]["created"], 1, "{job}");
    let there = again.task(&again.first().await).await;
    assert_eq!(there["label"]["value"], task["label"]["value"], "{there}");
    assert_eq!(
        there["item"]["scene"]["clouds"][1]["pose"],
        json!({ "translation": [10.0, 0.0, 0.0], "rotation": [1.0, 0.0, 0.0, 0.0] })
    );
}

#[tokio::test]
async fn a_text_or_a_picture_is_no_cloud() {
    let world = World::new().await;
    let project = Project::new(&world, "cloud_cuboids", json!({ "overlap": 1 }), 0).await;
    let items = json!({ "items": [{ "external_id": "one", "text": "words" }] });
    let (_, told) =
        project.manager.post(&format!("/api/projects/{}/items", project.id), items).await;
    assert_eq!(told["errors"][0]["code"], "wrong_media", "{told}");
    let wrong = json!({ "name": "Odd", "template": "cloud_cuboids", "shapes": ["box"] });
    let (status, told) = project.manager.post("/api/projects", wrong).await;
    assert_eq!((status, code(&told)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"), "{told}");
}
