//! Several pictures of one moment, as those who bring them in and label them would tell it: taken with the names of their
//! cameras, refused with a reason, handed out one by one, labelled by camera, compared within a camera, and released.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use image::{DynamicImage, ImageFormat, RgbImage};
use loops::Project;
use serde_json::{Value, json};
use server::jobs;
use support::{Caller, World};

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 7]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG that says where it was taken.
fn located_jpeg(width: u32, height: u32) -> Vec<u8> {
    let plain = encoded(width, height, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend_from_slice(&[0, 1]);
    exif.extend_from_slice(&[0x01, 0x0e, 0, 2, 0, 0, 0, 16, 0, 0, 0, 26]);
    exif.extend_from_slice(&[0, 0, 0, 0]);
    exif.extend_from_slice(b"52.5200N13.405E\0");
    let mut bytes = plain[..2].to_vec();
    bytes.extend_from_slice(&[0xff, 0xe1]);
    bytes.extend_from_slice(&(exif.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(&exif);
    bytes.extend_from_slice(&plain[2..]);
    bytes
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

fn rig() -> Value {
    json!({ "external_id": "tour/0", "pictures": [
        { "name": "front", "path": "tour/0/front.jpg" },
        { "name": "rear", "path": "tour/0/rear.png" },
    ] })
}

async fn files(project: &Project) {
    let id = project.id.to_string();
    send(&project.manager, &id, "tour/0/front.jpg", &located_jpeg(160, 90)).await;
    send(&project.manager, &id, "tour/0/rear.png", &encoded(80, 60, ImageFormat::Png)).await;
}

async fn with_rig(world: &World, plan: Value, row: Value) -> Project {
    let project = Project::new(world, "image_boxes", plan, 0).await;
    files(&project).await;
    let job = import(world, &project, &[row]).await;
    assert_eq!((&job["state"], &job["result"]["created"]), (&json!("done"), &json!(1)), "{job}");
    project
}

fn boxed(id: &str, camera: Value, x: f64, width: f64) -> Value {
    let shape = json!({ "type": "box", "x": x, "y": 10, "width": width, "height": 20 });
    let mut object = json!({ "id": id, "class": "car", "shape": shape });
    if !camera.is_null() {
        object["camera"] = camera;
    }
    object
}

#[tokio::test]
async fn a_rig_comes_in_and_each_of_its_pictures_goes_out_without_metadata() {
    let world = World::new().await;
    let project = with_rig(&world, json!({ "overlap": 1 }), rig()).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let cameras = claim["item"]["cameras"].as_array().unwrap();
    let told: Vec<(&Value, &Value, &Value)> =
        cameras.iter().map(|one| (&one["name"], &one["width"], &one["height"])).collect();
    let want = [(json!("front"), json!(160), json!(90)), (json!("rear"), json!(80), json!(60))];
    assert_eq!(told, want.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());

    let ben = world.user(Role::Contributor).await;
    for camera in cameras {
        let picture = &camera["picture"];
        for kind in ["thumb_url", "preview_url", "full_url"] {
            let path = picture[kind].as_str().unwrap();
            let sent = ann.send(Method::GET, path, "").await;
            assert_eq!(sent.status, StatusCode::OK, "{path}");
            let has = |text: &[u8]| sent.body.windows(text.len()).any(|part| part == text);
            assert!(!has(b"52.5200N") && !has(b"Exif"), "{path}");
            assert_eq!(ben.status(Method::GET, path).await, StatusCode::NOT_FOUND);
        }
        let whole = ann.send(Method::GET, picture["full_url"].as_str().unwrap(), "").await;
        let shown = image::load_from_memory(&whole.body).unwrap();
        assert_eq!(
            json!([shown.width(), shown.height()]),
            json!([camera["width"], camera["height"]])
        );
        let tile = picture["tile_url"].as_str().unwrap();
        let tile = tile.replace("{level}", "0").replace("{col}", "0").replace("{row}", "0");
        assert_eq!(ann.status(Method::GET, &tile).await, StatusCode::OK);
    }
    let none =
        cameras[0]["picture"]["full_url"].as_str().unwrap().replace("cameras/0", "cameras/2");
    assert_eq!(ann.status(Method::GET, &none).await, StatusCode::NOT_FOUND);

    // The same again changes nothing.
    let job = import(&world, &project, &[rig()]).await;
    assert_eq!(job["result"]["repeated"], 1, "{job}");
}

#[tokio::test]
async fn a_row_with_a_wrong_picture_is_told_with_its_place() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "overlap": 1 }), 0).await;
    files(&project).await;
    send(&project.manager, &project.id.to_string(), "broken.png", b"\x89PNG\r\n\x1a\n no").await;
    let with =
        |pictures: Value| json!({ "external_id": format!("x{pictures}"), "pictures": pictures });
    let front = json!({ "name": "front", "path": "tour/0/front.jpg" });
    let mut answered = rig();
    answered["answer"] = json!({ "objects": [boxed("a", json!("left"), 5.0, 20.0)] });
    let rows = [
        with(json!([front, { "name": "rear", "path": "nowhere.png" }])),
        with(json!([front, { "name": "rear", "path": "broken.png" }])),
        with(json!([front, front])),
        with(json!([front, { "name": "rear" }])),
        with(json!([{ "name": "up", "path": "../a.png" }])),
        answered,
        with(json!([front])),
    ];
    let job = import(&world, &project, &rows).await;
    assert_eq!((&job["bad"], &job["result"]["created"]), (&json!(6), &json!(1)), "{job}");
    let path = format!("/api/jobs/{}/errors", job["id"].as_str().unwrap());
    let errors = project.manager.send(Method::GET, &path, "").await;
    let errors = String::from_utf8(errors.body.to_vec()).unwrap();
    for wanted in [
        "1,pictures[1].path,file_missing",
        "2,pictures[1].path,",
        "3,pictures[1].name,",
        "4,pictures[1].path,",
        "5,path,unsafe_path",
        "6,answer.objects[0].camera,unknown_camera",
    ] {
        assert!(errors.contains(wanted), "{wanted}: {errors}");
    }
    let texts = Project::new(&world, "text_choice", json!({ "overlap": 1 }), 0).await;
    let job = import(&world, &texts, &[rig()]).await;
    assert_eq!(job["bad"], 1, "{job}");
}

#[tokio::test]
async fn answers_are_checked_and_compared_by_camera_and_each_camera_is_a_picture_of_a_release() {
    let world = World::new().await;
    let project = with_rig(&world, json!({ "overlap": 2 }), rig()).await;
    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let claim = project.claim(&ann, "label").await.unwrap();
    for (object, path, code) in [
        (boxed("a", json!("left"), 5.0, 20.0), "objects[0].camera", "unknown_camera"),
        (boxed("a", Value::Null, 5.0, 20.0), "objects[0].camera", "camera_missing"),
        // On the front, and beside the rear.
        (boxed("a", json!("rear"), 70.0, 40.0), "objects[0].shape", "outside"),
    ] {
        let said = json!({ "objects": [object] });
        let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), said).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        let problem = &told["error"]["problems"][0];
        assert_eq!((&problem["path"], &problem["code"]), (&json!(path), &json!(code)), "{told}");
    }
    let said = |camera: &str| {
        let rear = json!({ "id": "b", "class": "car", "camera": "rear", "group": 1,
            "shape": { "type": "box", "x": 1, "y": 1, "width": 9, "height": 9 } });
        let mut front = boxed("a", json!(camera), 20.0, 40.0);
        front["group"] = json!(1);
        json!({ "objects": [front, rear] })
    };
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), said("front")).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    // The same place in another camera is another thing.
    project.label(&ben, said("rear")).await;
    let task = project.task(&project.first().await).await;
    assert_eq!(task["agreement"], 0.5, "{task}");

    let new = json!({ "formats": ["native", "coco"], "with_pictures": true });
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
    let coco: Value = serde_json::from_slice(&file("coco.json").await).unwrap();
    let images: Vec<(&Value, &Value)> = coco["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| (&image["file_name"], &image["width"]))
        .collect();
    assert_eq!(
        images,
        [(&json!("tour/0/front.jpg"), &json!(160)), (&json!("tour/0/rear.png"), &json!(80))]
    );
    let boxes: Vec<(&Value, &Value)> = coco["annotations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["image_id"], &one["bbox"][0]))
        .collect();
    let ids = (&coco["images"][0]["id"], &coco["images"][1]["id"]);
    assert_eq!(boxes, [(ids.0, &json!(20.0)), (ids.1, &json!(1.0))]);
    let pictures = String::from_utf8_lossy(&file("pictures.tar").await).into_owned();
    assert!(pictures.contains("tour/0/front.jpg") && pictures.contains("tour/0/rear.png"));

    // What was released comes back into another project, to which the files were sent.
    let again = Project::new(&world, "image_boxes", json!({ "overlap": 1 }), 0).await;
    files(&again).await;
    let native = file("native.jsonl").await;
    let upload = send(&again.manager, &again.id.to_string(), "import/native.jsonl", &native).await;
    let path = format!("/api/projects/{}/imports", again.id);
    let (_, job) = again.manager.post(&path, json!({ "source": "native", "upload": upload })).await;
    work(&world).await;
    let (_, job) = again.manager.get(&format!("/api/jobs/{}", job["id"].as_str().unwrap())).await;
    assert_eq!(job["result"]["created"], 1, "{job}");
    let there = again.task(&again.first().await).await;
    assert_eq!(there["label"]["value"], task["label"]["value"], "{there}");
    assert_eq!(there["item"]["cameras"][1]["name"], "rear");
}
