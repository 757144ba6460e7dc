//! Videos, as a user would tell it: sent, refused, read in parts, followed through, compared, and released.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode, header};
use domain::Role;
use formats::video::Video;
use loops::Project;
use serde_json::{Value, json};
use support::World;

/// 38 frames of a road, 1280 × 720.
const CLIP: &[u8] = include_bytes!("../../../demo/highway/videos/test_video.mp4");

fn problems(body: &Value) -> Vec<(&str, &str)> {
    let all = body["error"]["problems"].as_array().into_iter().flatten();
    all.map(|one| (one["path"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

async fn upload(project: &Project, name: &str, bytes: &[u8]) -> (StatusCode, Value) {
    let path = format!("/api/projects/{}/uploads", project.id);
    let new = json!({ "external_id": name, "bytes": bytes.len() });
    let (status, upload) = project.manager.post(&path, new).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let at = format!("/api/uploads/{}", upload["id"].as_str().unwrap());
    let sender = project.manager.clone().with("upload-offset", "0");
    let reply = sender.send(Method::PATCH, &at, bytes.to_vec()).await;
    assert_eq!(reply.status, StatusCode::OK);
    project.manager.post(&format!("{at}/finish"), json!({})).await
}

async fn clip(world: &World, plan: Value) -> Project {
    let project = Project::new(world, "video_boxes", plan, 0).await;
    let (status, done) = upload(&project, "drive/test_video.mp4", CLIP).await;
    assert_eq!((status, &done["state"]), (StatusCode::OK, &json!("done")), "{done}");
    project
}

fn keyframe(frame: u64, x: f64) -> Value {
    json!({ "frame": frame, "shape": { "type": "box", "x": x, "y": 400, "width": 100, "height": 80 } })
}

fn track(id: &str, class: &str, keyframes: &[Value]) -> Value {
    json!({ "id": id, "class": class, "keyframes": keyframes })
}

#[tokio::test]
async fn a_video_is_read_in_parts_with_the_table_of_its_frames() {
    let world = World::new().await;
    let project = clip(&world, json!({})).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let item = &claim["item"];
    assert_eq!(
        (&item["media"], &item["width"], &item["height"], &item["picture"]),
        (&json!("video"), &json!(1280), &json!(720), &Value::Null)
    );
    assert_eq!(item["video"]["frames"], 38);

    let table = ann.send(Method::GET, item["video"]["frames_url"].as_str().unwrap(), "").await;
    assert_eq!(table.status, StatusCode::OK);
    let video = Video::from_table(&table.body).unwrap();
    assert_eq!((video.frames(), video.codec.starts_with("avc1.")), (38, true));

    let url = item["video"]["video_url"].as_str().unwrap();
    let sample = video.samples[5];
    let end = sample.offset + u64::from(sample.bytes);
    let range = format!("bytes={}-{}", sample.offset, end - 1);
    let part = ann.clone().with("range", &range).send(Method::GET, url, "").await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers[header::CONTENT_TYPE], "video/mp4");
    assert_eq!(
        part.headers[header::CONTENT_RANGE],
        format!("bytes {}-{}/{}", sample.offset, end - 1, CLIP.len())
    );
    assert_eq!(part.body, CLIP[sample.offset as usize..end as usize]);
    let whole = ann.send(Method::GET, url, "").await;
    assert_eq!(whole.body, CLIP);
    let beyond = ann.clone().with("range", "bytes=900000-").send(Method::GET, url, "").await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    // Who does not hold the task knows nothing of it.
    let ben = world.user(Role::Contributor).await;
    assert_eq!(ben.send(Method::GET, url, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_video_is_refused_with_a_reason() {
    let world = World::new().await;
    let project = Project::new(&world, "video_boxes", json!({}), 0).await;
    for (name, bytes, code) in [
        ("cut.mp4", &CLIP[..CLIP.len() / 2], "truncated"),
        ("notes.mp4", &b"a video, or so it says"[..], "not_a_video"),
    ] {
        let (status, refused) = upload(&project, name, bytes).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!(problems(&refused), [("file", code)]);
    }
}

#[tokio::test]
async fn tracks_are_checked_compared_and_kept() {
    let world = World::new().await;
    let project = clip(&world, json!({ "overlap": 2, "agreement_min": 0.9 })).await;
    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let claim = project.claim(&ann, "label").await.unwrap();
    let wrong = json!({ "tracks": [
        track("a", "car", &[keyframe(0, 10.0), keyframe(38, 10.0)]),
        track("b", "bush", &[keyframe(5, 10.0), keyframe(4, 1200.0)]),
    ]});
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    assert_eq!(
        problems(&told),
        [
            ("tracks[0].keyframes[1].frame", "outside"),
            ("tracks[1].class", "unknown_class"),
            ("tracks[1].keyframes[1].frame", "not_in_order"),
            ("tracks[1].keyframes[1].shape", "outside"),
        ]
    );
    let answer =
        json!({ "tracks": [track("a", "car", &[keyframe(0, 10.0), keyframe(30, 310.0)])] });
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), answer.clone()).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    // The same way in more steps is the same.
    let steps = [keyframe(0, 10.0), keyframe(15, 160.0), keyframe(30, 310.0)];
    project.label(&ben, json!({ "tracks": [track("z", "car", &steps)] })).await;
    let task = project.task(&project.first().await).await;
    let said =
        |value: &Value| serde_json::from_value::<domain::answers::Answer>(value.clone()).unwrap();
    assert_eq!(
        (&task["state"], said(&task["label"]["value"])),
        (&json!("done"), said(&answer)),
        "{task}"
    );
}

#[tokio::test]
async fn tracks_that_differ_go_to_an_adjudicator() {
    let world = World::new().await;
    let project = clip(&world, json!({ "overlap": 2, "agreement_min": 0.9 })).await;
    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let both = [track("a", "car", &[keyframe(0, 10.0)]), track("b", "sign", &[keyframe(0, 600.0)])];
    project.label(&ann, json!({ "tracks": both })).await;
    project.label(&ben, json!({ "tracks": [both[0]] })).await;
    let judge = world.user(Role::Reviewer).await;
    let claim = project.claim(&judge, "adjudicate").await.unwrap();
    assert_eq!(claim["before"]["agreement"], json!(2.0 / 3.0), "{claim}");
}

/// The files of a tar archive.
fn unpacked(archive: &[u8]) -> Vec<(String, String)> {
    let (mut files, mut at) = (Vec::new(), 0);
    while archive.get(at).is_some_and(|first| *first != 0) {
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&archive[at..][range]).trim_matches(['\0', ' ']).to_owned()
        };
        let length = usize::from_str_radix(&text(124..135), 8).unwrap();
        let content = String::from_utf8_lossy(&archive[at + 512..][..length]).into_owned();
        files.push((text(0..100), content));
        at += 512 + length.div_ceil(512) * 512;
    }
    files
}

#[tokio::test]
async fn a_release_has_tracks_as_other_tools_read_them() {
    let world = World::new().await;
    let project = clip(&world, json!({})).await;
    let ann = world.user(Role::Contributor).await;
    let mut gone = keyframe(20, 210.0);
    gone["outside"] = true.into();
    let mut hidden = keyframe(10, 110.0);
    hidden["occluded"] = true.into();
    let tracks = [
        track("a", "car", &[keyframe(0, 10.0), hidden, gone]),
        track("b", "sign", &[keyframe(30, 600.0)]),
    ];
    project.label(&ann, json!({ "tracks": tracks, "note": "Dusk" })).await;
    let path = format!("/api/projects/{}/releases", project.id);
    let formats = json!({ "formats": ["native", "coco", "cvat_video", "mot"] });
    let (_, refused) = project.manager.post(&path, json!({ "formats": ["csv"] })).await;
    assert_eq!(problems(&refused), [("formats", "does_not_fit")]);
    let (status, made) = project.manager.post(&path, formats).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let (app, organization) = (world.app.clone(), world.organization);
    let ran =
        tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization).unwrap());
    ran.await.unwrap();
    let at = format!("/api/releases/{}", made["id"].as_str().unwrap());
    let read = async |name: &str| {
        project.manager.send(Method::GET, &format!("{at}/files/{name}"), "").await.body
    };

    let cvat = unpacked(&read("cvat-video.tar").await);
    assert_eq!(cvat[0].0, "drive/test_video.xml");
    let xml = &cvat[0].1;
    for line in [
        "<mode>interpolation</mode>",
        "<size>38</size>",
        "<track id=\"0\" label=\"Car\"",
        "<box frame=\"10\" keyframe=\"1\" outside=\"0\" occluded=\"1\" xtl=\"110\" ytl=\"400\" xbr=\"210\" ybr=\"480\"",
        "<box frame=\"20\" keyframe=\"1\" outside=\"1\"",
        // What stays until the end is seen to.
        "<box frame=\"37\" keyframe=\"0\" outside=\"0\"",
    ] {
        assert!(xml.contains(line), "{line} is missing of {xml}");
    }

    let mot = unpacked(&read("mot.tar").await);
    let names: Vec<&str> = mot.iter().map(|(name, _)| name.as_str()).collect();
    let folder = "drive/test_video";
    assert_eq!(
        names,
        ["gt/gt.txt", "gt/labels.txt", "seqinfo.ini"].map(|name| format!("{folder}/{name}"))
    );
    let rows: Vec<&str> = mot[0].1.lines().collect();
    // Twenty frames of the car, eight of the truck.
    assert_eq!((rows.len(), rows[5]), (28, "6,1,60,400,100,80,1,1,1"));
    assert_eq!(rows[20], "31,2,600,400,100,80,1,3,1");
    assert!(mot[2].1.contains("frameRate=25\nseqLength=38\nimWidth=1280"), "{}", mot[2].1);

    let coco: Value = serde_json::from_slice(&read("coco.json").await).unwrap();
    let count = |key: &str| coco[key].as_array().unwrap().len();
    assert_eq!((count("images"), count("annotations")), (28, 28));
    assert_eq!(coco["images"][5]["file_name"], "drive/test_video/frame_000005.jpg");
    assert_eq!(coco["annotations"][5]["attributes"]["track_id"], 1);

    let native = String::from_utf8(read("native.jsonl").await.to_vec()).unwrap();
    assert!(
        native.contains("\"media\":\"video/mp4\"") && native.contains("\"frames\":38"),
        "{native}"
    );
    let (_, release) = project.manager.get(&at).await;
    let lost: Vec<&str> = release["loss"]
        .as_array()
        .unwrap()
        .iter()
        .map(|loss| loss["what"].as_str().unwrap())
        .collect();
    assert_eq!(lost, ["note", "note", "note", "occluded"]);
}
