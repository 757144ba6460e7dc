//! Releases in the formats of other tools: each that fits is made, is told beforehand what it loses, and reads back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use formats::exchange::{Format, Found, Source};
use loops::Project;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Cursor;
use support::World;

const CLIP: &[u8] = include_bytes!("../../../demo/highway/videos/test_video.mp4");

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(64, 48).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn upload(project: &Project, name: &str, bytes: &[u8]) {
    upload_named(project, name, name, bytes).await;
}

async fn upload_named(project: &Project, id: &str, name: &str, bytes: &[u8]) {
    let path = format!("/api/projects/{}/uploads", project.id);
    let new = json!({ "external_id": id, "name": name, "bytes": bytes.len() });
    let (status, upload) = project.manager.post(&path, new).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let at = format!("/api/uploads/{}", upload["id"].as_str().unwrap());
    let sender = project.manager.clone().with("upload-offset", "0");
    assert_eq!(sender.send(Method::PATCH, &at, bytes.to_vec()).await.status, StatusCode::OK);
    let (status, done) = project.manager.post(&format!("{at}/finish"), json!({})).await;
    assert_eq!((status, &done["state"]), (StatusCode::OK, &json!("done")), "{done}");
}

async fn work(world: &World) {
    let (app, organization) = (world.app.clone(), world.organization);
    let ran =
        tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization).unwrap());
    ran.await.unwrap();
}

/// A file of a release, and what the release says it lost.
struct Sent {
    name: String,
    bytes: Vec<u8>,
    lost: Value,
}

/// All that fits the project, by the name of the format.
async fn released(world: &World, project: &Project) -> BTreeMap<String, Sent> {
    let base = format!("/api/projects/{}/releases", project.id);
    let (_, offered) = project.manager.get(&format!("{base}/formats")).await;
    let offered: Vec<(String, String)> = offered["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| ["format", "file"].map(|key| each[key].as_str().unwrap().to_owned()))
        .map(|[format, file]| (format, file))
        .collect();
    let names: Vec<&str> = offered.iter().map(|(format, _)| &**format).collect();
    let (status, before) =
        project.manager.get(&format!("{base}/preview?formats={}", names.join(","))).await;
    assert_eq!(status, StatusCode::OK, "{before}");
    let (status, asked) = project.manager.post(&base, json!({ "formats": names })).await;
    assert_eq!(status, StatusCode::OK, "{asked}");
    work(world).await;
    let at = format!("/api/releases/{}", asked["id"].as_str().unwrap());
    let (_, made) = project.manager.get(&at).await;
    assert_eq!(made["state"], "done", "{made}");
    assert_eq!(made["job"]["done"], made["job"]["total"], "{}", made["job"]);
    // A preview looks at no pictures, nor whether a file could be called after each.
    let about_files = |loss: &Value| {
        let what = loss["what"].as_str().unwrap();
        what.starts_with("file_not_") || loss["format"] == "images" && what == "no_name_for_a_file"
    };
    let of_labels = |body: &Value| -> Vec<Value> {
        let loss = body["loss"].as_array().unwrap().iter();
        loss.filter(|loss| !about_files(loss)).cloned().collect()
    };
    assert_eq!(of_labels(&made), of_labels(&before));
    let mut files = BTreeMap::new();
    for (format, file) in offered {
        let reply = project.manager.send(Method::GET, &format!("{at}/files/{file}"), "").await;
        assert_eq!(reply.status, StatusCode::OK, "{file}");
        let lost = made["loss"].as_array().unwrap().iter().filter(|loss| loss["format"] == *format);
        let lost: Value = lost.cloned().collect();
        files.insert(format, Sent { name: file, bytes: reply.body.to_vec(), lost });
    }
    files
}

/// What the format's own reader finds in a file of the release.
fn read(format: Format, file: &Sent) -> Found {
    let (name, bytes) = (&file.name, file.bytes.clone());
    let open =
        move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn formats::exchange::Handle>);
    let mut source = Source::over(name, open, || Ok(Box::new(tempfile::tempfile()?))).unwrap();
    let mut found = Found::default();
    format
        .read(&mut source, &mut found)
        .unwrap_or_else(|error| panic!("{}: {error}", format.as_str()));
    found
}

#[tokio::test]
async fn pictures_go_out_in_every_format_that_has_pictures() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 0).await;
    for name in ["street/a.png", "street/b.png", "c.png"] {
        upload(&project, name, &png()).await;
    }
    let ann = world.user(Role::Contributor).await;
    for x in [1.0, 2.0] {
        let shape = json!({ "type": "box", "x": x, "y": 10, "width": 30, "height": 20 });
        let said =
            json!({ "objects": [{ "id": "a", "class": "car", "shape": shape }], "note": "wet" });
        project.label(&ann, said).await;
    }
    let files = released(&world, &project).await;
    assert!(files.len() > 15, "{:?}", files.keys());
    for (name, file) in &files {
        let Some(format) = Format::find(name).filter(|_| name != "csv") else { continue };
        // How large a picture is stands in the picture alone there.
        if format == Format::OpenImages {
            continue;
        }
        let found = read(format, file);
        assert!(found.refusals.is_empty(), "{name}: {:?}", found.refusals);
        // The task without a label is not in it.
        assert_eq!(found.items.len(), 2, "{name}");
        let marks = found.items.iter().map(|item| item.marks.len()).sum::<usize>();
        let bare = matches!(format, Format::Images);
        assert_eq!(marks, if bare { 0 } else { 2 }, "{name}");
        assert!(found.items.iter().all(|item| item.name.contains('a') || item.name.contains('b')));
        if !["native", "jsonl"].contains(&&**name) {
            let kinds: Vec<&str> = file
                .lost
                .as_array()
                .unwrap()
                .iter()
                .map(|loss| loss["what"].as_str().unwrap())
                .collect();
            assert!(name == "native" || kinds.contains(&"note"), "{name}: {kinds:?}");
        }
    }
    // The pictures themselves lie in the formats that hold them.
    for (format, name) in [("images", "street/a.png"), ("webdataset", "street/a.png")] {
        let Sent { bytes, lost, .. } = &files[format];
        assert!(bytes.windows(png().len()).any(|part| part == png()), "{format}: {name}");
        assert!(!lost.to_string().contains("file_not_"), "{format}: {lost}");
    }
}

/// Items may share the name of a file, or come to share it as no name may lead out.
#[tokio::test]
async fn each_item_goes_out_with_its_own_picture() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 0).await;
    let ann = world.user(Role::Contributor).await;
    let ids = ["1st", "2nd", "../x.png", "x.png", "scan 3.", &format!("{}.png", "n".repeat(300))];
    for (id, shade) in ids.iter().zip(10..) {
        let mut bytes = Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(200, 80, image::Rgb([shade, 0, 0]));
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        upload_named(&project, id, "image.png", &bytes.into_inner()).await;
        project.label(&ann, loops::car(f64::from(shade))).await;
    }
    let files = released(&world, &project).await;
    let bytes = files["webdataset"].bytes.clone();
    let open =
        move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn formats::exchange::Handle>);
    let mut packed =
        Source::over("webdataset.tar", open, || Ok(Box::new(tempfile::tempfile()?))).unwrap();
    let names = packed.names().to_vec();
    assert_eq!(names.len(), 2 * ids.len(), "{names:?}");
    for (at, name) in names.iter().enumerate().filter(|(_, name)| name.ends_with(".json")) {
        let facts = String::from_utf8(packed.read(at, 1 << 20).unwrap()).unwrap();
        let picture = image::load_from_memory(&packed.read(at + 1, 1 << 20).unwrap()).unwrap();
        let shade = picture.into_rgb8().get_pixel(0, 0)[0];
        assert!(facts.contains(&format!("\"x\":{shade}.0")), "{name}: {shade} {facts}");
    }
    // Of those that share a name the first has it, and what no file can be called after is told.
    let lost = files["images"].lost.as_array().unwrap();
    let count = |what: &str| {
        lost.iter().find(|loss| loss["what"] == what).map(|loss| loss["count"].as_u64())
    };
    assert_eq!(count("name_taken"), Some(Some(3)));
    assert_eq!(count("no_name_for_a_file"), Some(Some(1)));
}

#[tokio::test]
async fn texts_with_spans_go_out_in_every_format_that_has_them() {
    let world = World::new().await;
    let project = Project::new(&world, "text_spans", json!({}), 2).await;
    let ann = world.user(Role::Contributor).await;
    let task = project.task(&project.first().await).await;
    let class = task["ontology"]["classes"][0]["key"].as_str().unwrap_or("person").to_owned();
    for _ in 0..2 {
        let said = json!({ "spans": [{ "id": "s1", "class": class, "start": 0, "end": 4 }] });
        project.label(&ann, said).await;
    }
    let files = released(&world, &project).await;
    for name in [
        "label-studio",
        "doccano",
        "prodigy",
        "spacy",
        "brat",
        "conll",
        "argilla",
        "jsonl",
        "parquet",
        "items",
    ] {
        let format = Format::find(name).unwrap();
        let found = read(format, &files[name]);
        assert!(found.refusals.is_empty(), "{name}: {:?}", found.refusals);
        assert_eq!(found.items.len(), 2, "{name}");
        let marks: Vec<_> = found.items.iter().flat_map(|item| &item.marks).collect();
        assert_eq!(marks.len(), 2, "{name}: {marks:?}");
    }
}

#[tokio::test]
async fn videos_go_out_frame_by_frame() {
    let world = World::new().await;
    let project = Project::new(&world, "video_boxes", json!({}), 0).await;
    upload(&project, "drive/test_video.mp4", CLIP).await;
    let ann = world.user(Role::Contributor).await;
    let keyframe = |frame: u64, x: f64| json!({ "frame": frame, "shape": { "type": "box", "x": x, "y": 400, "width": 100, "height": 80 } });
    let mut gone = keyframe(20, 210.0);
    gone["outside"] = true.into();
    let track = json!({ "id": "a", "class": "car", "keyframes": [keyframe(0, 10.0), gone] });
    project.label(&ann, json!({ "tracks": [track] })).await;
    let files = released(&world, &project).await;
    for name in [
        "cvat",
        "cvat-json",
        "mots",
        "kitti-tracking",
        "yolo",
        "voc",
        "label-studio",
        "datumaro",
        "parquet",
        "items",
    ] {
        let found = read(Format::find(name).unwrap(), &files[name]);
        assert!(found.refusals.is_empty(), "{name}: {:?}", found.refusals);
        let marks = found.items.iter().map(|item| item.marks.len()).sum::<usize>();
        // MOTS holds masks alone.
        let wanted = if name == "mots" { marks } else { 20 };
        assert_eq!(marks, wanted, "{name}: {}", files[name].lost);
    }
}

#[tokio::test]
async fn a_release_that_is_stopped_leaves_nothing() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 1).await;
    let ann = world.user(Role::Contributor).await;
    project.label(&ann, loops::car(10.0)).await;
    let base = format!("/api/projects/{}/releases", project.id);
    let (_, asked) = project.manager.post(&base, json!({ "formats": ["yolo", "parquet"] })).await;
    let job = asked["job"]["id"].as_str().unwrap();
    project.manager.post(&format!("/api/jobs/{job}/cancel"), json!({})).await;
    work(&world).await;
    let at = format!("/api/releases/{}", asked["id"].as_str().unwrap());
    let (_, found) = project.manager.get(&at).await;
    assert_eq!((&found["state"], &found["files"]), (&json!("canceled"), &json!([])));
}
