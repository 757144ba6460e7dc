//! Files on their way in and pictures on their way out, as people meet them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::{Method, StatusCode};
use domain::people::Role;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};
use support::{Caller, Reply, World, code};

/// Pixels that differ everywhere, so that what is turned or cut shows.
fn pixels(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 7) as u8, (y * 5) as u8, ((x + y) * 3) as u8])
    })
}

fn encoded(picture: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG that must be turned to the right, and says where it was taken.
fn turned_jpeg() -> Vec<u8> {
    let plain = encoded(pixels(40, 20), ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    // Two entries: orientation 6, and a description.
    exif.extend_from_slice(&[0, 2]);
    exif.extend_from_slice(&[0x01, 0x0e, 0, 2, 0, 0, 0, 16, 0, 0, 0, 38]);
    exif.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    exif.extend_from_slice(&[0, 0, 0, 0]);
    exif.extend_from_slice(b"52.5200N13.405E\0");
    let mut bytes = plain[..2].to_vec();
    bytes.extend_from_slice(&[0xff, 0xe1]);
    bytes.extend_from_slice(&(exif.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(&exif);
    bytes.extend_from_slice(&plain[2..]);
    bytes
}

async fn project(manager: &Caller, template: &str) -> String {
    let (status, body) =
        manager.post("/api/projects", json!({ "name": "Street", "template": template })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["id"].as_str().unwrap().into()
}

async fn begin(
    manager: &Caller,
    project: &str,
    external_id: &str,
    bytes: usize,
) -> (StatusCode, Value) {
    let new = json!({ "external_id": external_id, "name": external_id, "bytes": bytes });
    manager.post(&format!("/api/projects/{project}/uploads"), new).await
}

async fn send(manager: &Caller, upload: &str, offset: usize, piece: &[u8]) -> (StatusCode, Value) {
    let caller = manager.clone().with("upload-offset", &offset.to_string());
    let reply = caller.send(Method::PATCH, &format!("/api/uploads/{upload}"), piece.to_vec()).await;
    (reply.status, reply.json())
}

async fn finish(manager: &Caller, upload: &str) -> (StatusCode, Value) {
    manager.post(&format!("/api/uploads/{upload}/finish"), json!({})).await
}

/// Sends a file whole, and answers the reply to its finish.
async fn bring(
    manager: &Caller,
    project: &str,
    external_id: &str,
    bytes: &[u8],
) -> (StatusCode, Value) {
    let (status, upload) = begin(manager, project, external_id, bytes.len()).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let upload = upload["id"].as_str().unwrap();
    let (status, body) = send(manager, upload, 0, bytes).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    finish(manager, upload).await
}

async fn picture(caller: &Caller, path: &str) -> Reply {
    caller.send(Method::GET, path, "").await
}

#[tokio::test]
async fn a_file_comes_in_pieces_over_a_broken_way() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    let file = encoded(pixels(640, 480), ImageFormat::Png);
    let (first, rest) = file.split_at(file.len() / 3);

    let (_, upload) = begin(&manager, &project, "a/1.png", file.len()).await;
    assert_eq!((&upload["offset"], &upload["state"]), (&json!(0), &json!("open")));
    let id = upload["id"].as_str().unwrap().to_string();
    send(&manager, &id, 0, first).await;
    // The reply was lost: the same piece again is a repeat, and another one is told where to go on.
    assert_eq!(send(&manager, &id, 0, first).await.1["offset"], json!(first.len()));
    let (status, body) = send(&manager, &id, 5, rest).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "wrong_offset"));
    assert_eq!(body["error"]["details"]["offset"], json!(first.len()));
    let (status, body) = finish(&manager, &id).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "wrong_offset"));

    // Another day, another browser, the same file.
    let (_, again) = begin(&manager, &project, "a/1.png", file.len()).await;
    assert_eq!((again["id"].as_str(), &again["offset"]), (Some(id.as_str()), &json!(first.len())));
    send(&manager, &id, first.len(), rest).await;
    let (status, done) = finish(&manager, &id).await;
    assert_eq!((status, &done["state"]), (StatusCode::OK, &json!("done")), "{done}");
    assert_eq!(finish(&manager, &id).await.1, done);
    assert_eq!(begin(&manager, &project, "a/1.png", file.len()).await.1, done);

    let (_, item) = manager.get(&format!("/api/items/{}", done["item"].as_str().unwrap())).await;
    assert_eq!(
        (&item["width"], &item["height"], &item["name"]),
        (&json!(640), &json!(480), &json!("a/1.png"))
    );
    let (_, body) = manager.get(&format!("/api/projects/{project}")).await;
    assert_eq!((&body["counts"]["queued"], &body["counts"]["tasks"]), (&json!(1), &json!(1)));
    let (_, list) = manager.get(&format!("/api/projects/{project}/items?q=a/")).await;
    assert_eq!(list["items"][0]["id"], item["id"]);
    assert_eq!(
        manager.get(&format!("/api/projects/{project}/items?q=b")).await.1["items"],
        json!([])
    );
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_with_its_reason() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    // A header that claims 60,000 by 60,000 pixels, and nothing behind it.
    let mut flood =
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0".to_vec();
    flood.extend_from_slice(&[0; 4]);
    let jpeg = encoded(pixels(300, 200), ImageFormat::Jpeg);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";

    let wrong: [(&str, &[u8], &str); 5] = [
        ("flood.png", &flood, "too_many_pixels"),
        ("half.jpg", &jpeg[..jpeg.len() / 2], "truncated"),
        ("drawing.svg", svg, "unsupported_format"),
        ("words.jpg", b"=cmd()", "not_a_picture"),
        ("nothing.png", b"", "not_a_picture"),
    ];
    for (name, bytes, reason) in wrong {
        let (status, body) = bring(&manager, &project, name, bytes).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {body}");
        assert_eq!(body["error"]["problems"][0]["code"], json!(reason), "{name}");
    }
    let (_, jobs) = manager.get(&format!("/api/jobs?project={project}")).await;
    assert_eq!((&jobs["items"][0]["bad"], &jobs["items"][0]["state"]), (&json!(5), &json!("done")));
    let errors = format!("/api/jobs/{}/errors", jobs["items"][0]["id"].as_str().unwrap());
    let csv = manager.get(&errors).await.1;
    let csv = csv.as_str().unwrap();
    assert!(csv.starts_with("row,field,code,message,raw\n"), "{csv}");
    assert!(csv.contains("file,truncated,") && csv.contains("half.jpg"), "{csv}");
    let (_, body) = manager.get(&format!("/api/projects/{project}")).await;
    assert_eq!(body["counts"]["tasks"], json!(0));

    // The same name and length, mended.
    let (_, upload) = begin(&manager, &project, "flood.png", flood.len()).await;
    assert_eq!((&upload["state"], &upload["offset"]), (&json!("open"), &json!(0)));
}

#[tokio::test]
async fn a_picture_is_shown_upright_and_tells_nothing_else() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    let file = turned_jpeg();
    assert!(file.windows(4).any(|part| part == b"52.5"));
    let (_, done) = bring(&manager, &project, "turned.jpg", &file).await;
    let item = done["item"].as_str().unwrap();
    let (_, body) = manager.get(&format!("/api/items/{item}")).await;
    assert_eq!((&body["width"], &body["height"]), (&json!(20), &json!(40)));

    for kind in ["thumb", "preview", "full"] {
        let reply = picture(&manager, &format!("/api/items/{item}/{kind}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{kind}");
        assert_eq!(reply.headers["cache-control"], "private, max-age=86400, immutable");
        assert!(!reply.body.windows(4).any(|part| part == b"52.5" || part == b"Exif"), "{kind}");
        let shown = image::load_from_memory(&reply.body).unwrap();
        assert_eq!((shown.width(), shown.height()), (20, 40), "{kind}");
        let known = manager.clone().with("if-none-match", reply.headers["etag"].to_str().unwrap());
        let repeat = picture(&known, &format!("/api/items/{item}/{kind}")).await;
        assert_eq!((repeat.status, repeat.body.len()), (StatusCode::NOT_MODIFIED, 0));
    }
}

#[tokio::test]
async fn a_large_picture_is_shown_in_tiles_that_many_may_ask_for_at_once() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    let (_, done) =
        bring(&manager, &project, "wide.png", &encoded(pixels(4200, 600), ImageFormat::Png)).await;
    let item = done["item"].as_str().unwrap();
    let (_, body) = manager.get(&format!("/api/items/{item}")).await;
    assert_eq!(body["picture"]["full_url"], Value::Null);
    assert_eq!(
        picture(&manager, &format!("/api/items/{item}/full")).await.status,
        StatusCode::NOT_FOUND
    );

    let asked = (0..8).map(|_| {
        let manager = manager.clone();
        let path = format!("/api/items/{item}/tiles/0/8/1");
        async move { picture(&manager, &path).await }
    });
    for reply in futures_util::future::join_all(asked).await {
        let tile = image::load_from_memory(&reply.body).unwrap();
        assert_eq!((tile.width(), tile.height()), (4200 - 8 * 512, 600 - 512));
    }
    for level in body["picture"]["levels"].as_array().unwrap() {
        let path = format!("/api/items/{item}/tiles/{}/0/0", level["level"]);
        assert_eq!(picture(&manager, &path).await.status, StatusCode::OK, "{path}");
    }
    for wrong in ["0/9/0", "0/0/2", "9/0/0", "0/-1/0", "x/0/0"] {
        let path = format!("/api/items/{item}/tiles/{wrong}");
        assert_eq!(picture(&manager, &path).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn the_tiles_of_a_task_in_hand_are_cut_before_they_are_asked_for() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    let (_, done) =
        bring(&manager, &project, "wide.png", &encoded(pixels(4200, 60), ImageFormat::Png)).await;
    let item: domain::ItemId = done["item"].as_str().unwrap().parse().unwrap();
    let access = world.access(world.organization).await;
    let is_cut = || {
        let cut = access.store().read(move |tx| tx.rendition(item, "tile/0/8/0"));
        async move { cut.await.unwrap().is_some() }
    };
    assert!(!is_cut().await, "nobody has the task in hand");
    let change = json!({ "base": 1, "state": "published" });
    assert_eq!(manager.patch(&format!("/api/projects/{project}"), change).await.0, StatusCode::OK);
    let contributor = world.user(Role::Contributor).await;
    let wanted = json!({ "stage": "label" });
    let (_, taken) = contributor.post(&format!("/api/projects/{project}/claims"), wanted).await;
    assert_eq!(taken["claims"].as_array().unwrap().len(), 1, "{taken}");
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !is_cut().await {
        assert!(std::time::Instant::now() < patience, "nobody cut the tiles");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_contributor_sees_what_they_hold_and_nothing_else() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    let mut items = Vec::new();
    for name in ["1.png", "2.png"] {
        let (_, done) =
            bring(&manager, &project, name, &encoded(pixels(64, 64), ImageFormat::Png)).await;
        items.push(done["item"].as_str().unwrap().to_string());
    }
    let change = json!({ "base": 1, "state": "published" });
    assert_eq!(manager.patch(&format!("/api/projects/{project}"), change).await.0, StatusCode::OK);
    let contributor = world.user(Role::Contributor).await;
    let claim = json!({ "stage": "label", "count": 1, "holding": [] });
    let (_, claims) = contributor.post(&format!("/api/projects/{project}/claims"), claim).await;
    let held = claims["claims"][0]["item"]["id"].as_str().unwrap().to_string();
    let other = items.iter().find(|item| **item != held).unwrap();
    let outsider = world.user_of(world.organization("Rival").await, Role::Owner).await;
    let viewer = world.user(Role::Viewer).await;

    for part in ["", "/thumb", "/preview", "/full", "/tiles/0/0/0"] {
        let status = async |caller: &Caller, item: &str| {
            picture(caller, &format!("/api/items/{item}{part}")).await.status
        };
        assert_eq!(status(&contributor, &held).await, StatusCode::OK, "{part}");
        assert_eq!(status(&contributor, other).await, StatusCode::NOT_FOUND, "{part}");
        assert_eq!(status(&outsider, &held).await, StatusCode::NOT_FOUND, "{part}");
        assert_eq!(status(&viewer, other).await, StatusCode::OK, "{part}");
        assert_eq!(status(&world.nobody(), &held).await, StatusCode::UNAUTHORIZED, "{part}");
    }
    let (status, _) = contributor.get(&format!("/api/projects/{project}/items")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    for (caller, wanted) in
        [(&outsider, StatusCode::NOT_FOUND), (&contributor, StatusCode::FORBIDDEN)]
    {
        let (status, _) = begin(caller, &project, "x.png", 10).await;
        assert_eq!(status, wanted);
    }
    let (_, upload) = begin(&manager, &project, "3.png", 10).await;
    let upload = upload["id"].as_str().unwrap();
    assert_eq!(send(&outsider, upload, 0, b"0123456789").await.0, StatusCode::NOT_FOUND);
    assert_eq!(finish(&outsider, upload).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn texts_come_as_files_too() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "text_choice").await;
    let (_, done) = bring(&manager, &project, "1.txt", "\u{feff}Grüße aus Köln".as_bytes()).await;
    let (_, item) = manager.get(&format!("/api/items/{}", done["item"].as_str().unwrap())).await;
    assert_eq!((&item["text"], &item["picture"]), (&json!("Grüße aus Köln"), &Value::Null));
    for (bytes, reason) in [(&b"\xff\xfe\x00"[..], "not_text"), (b"  \n", "empty_text")] {
        let (_, body) = bring(&manager, &project, reason, bytes).await;
        assert_eq!(body["error"]["problems"][0]["code"], json!(reason));
    }
    for (external_id, bytes) in
        [("", 1i64), ("a\nb", 1), (&"x".repeat(1_025)[..], 1), ("fine", -1), ("fine", 5i64 << 30)]
    {
        let new = json!({ "external_id": external_id, "bytes": bytes });
        let (status, _) = manager.post(&format!("/api/projects/{project}/uploads"), new).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{external_id} {bytes}");
    }
}

#[tokio::test]
async fn instructions_have_pictures() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let project = project(&manager, "image_boxes").await;
    let path = format!("/api/projects/{project}/pictures");
    let taken = manager.send(Method::POST, &path, turned_jpeg()).await;
    assert_eq!(taken.status, StatusCode::OK, "{:?}", taken.json());
    let taken = taken.json();
    assert_eq!((&taken["width"], &taken["height"]), (&json!(20), &json!(40)));
    let url = taken["url"].as_str().unwrap();
    let reader = world.user(Role::Contributor).await;
    let shown = picture(&reader, url).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.body.windows(4).any(|part| part == b"52.5"));
    let outsider = world.user_of(world.organization("Rival").await, Role::Owner).await;
    assert_eq!(picture(&outsider, url).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        manager.send(Method::POST, &path, "<svg/>").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(reader.send(Method::POST, &path, turned_jpeg()).await.status, StatusCode::FORBIDDEN);
}
