//! Videos, as a user would tell it: sent, refused, read in parts, followed through, compared, and released.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode, header};
use domain::Role;
use domain::answers::Answer;
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

/// A project of all shapes: what a car shows may change, and a person has a skeleton.
async fn all_shapes(world: &World, template: &str) -> Project {
    let manager = world.user(Role::Manager).await;
    let point = |key: &str, name: &str| json!({ "key": key, "name": name });
    let ontology = json!({
        "classes": [
            { "key": "car", "name": "Car", "color": "#1971c2" },
            { "key": "person", "name": "Person", "color": "#e8590c",
              "skeleton": { "points": [point("head", "Head"), point("feet", "Feet")], "edges": [[0, 1]] } },
        ],
        "attributes": [
            { "key": "make", "name": "Make", "type": "text", "scope": "object" },
            { "key": "brakes", "name": "Brakes", "type": "boolean", "scope": "object", "per_frame": true },
        ],
    });
    let new = json!({ "name": loops::submission(), "template": template, "ontology": ontology });
    let (status, body) = manager.post("/api/projects", new).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let id: domain::ProjectId = body["id"].as_str().unwrap().parse().unwrap();
    let publish = json!({ "base": body["version"], "state": "published" });
    let (status, body) = manager.patch(&format!("/api/projects/{id}"), publish).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    Project { id, manager }
}

/// Imports a data set and answers the job.
async fn import(world: &World, project: &Project, name: &str, bytes: &[u8], more: Value) -> Value {
    let path = format!("/api/projects/{}", project.id);
    let new = json!({ "external_id": name, "bytes": bytes.len() });
    let (_, upload) = project.manager.post(&format!("{path}/uploads"), new).await;
    let at = format!("/api/uploads/{}", upload["id"].as_str().unwrap());
    let sender = project.manager.clone().with("upload-offset", "0");
    assert_eq!(sender.send(Method::PATCH, &at, bytes.to_vec()).await.status, StatusCode::OK);
    let mut request = json!({ "source": "auto", "upload": upload["id"] });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, job) = project.manager.post(&format!("{path}/imports"), request).await;
    assert_eq!(status, StatusCode::OK, "{job}");
    work(world).await;
    let at = format!("/api/jobs/{}", job["id"].as_str().unwrap());
    let (_, job) = project.manager.get(&at).await;
    assert_eq!(job["state"], "done", "{job}");
    job["result"].clone()
}

async fn work(world: &World) {
    let (app, organization) = (world.app.clone(), world.organization);
    let ran =
        tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization).unwrap());
    ran.await.unwrap();
}

/// The files of a release, by their names.
async fn released(world: &World, project: &Project, formats: &[&str]) -> (Value, Vec<Vec<u8>>) {
    let path = format!("/api/projects/{}/releases", project.id);
    let (status, made) = project.manager.post(&path, json!({ "formats": formats })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    work(world).await;
    let at = format!("/api/releases/{}", made["id"].as_str().unwrap());
    let (_, release) = project.manager.get(&at).await;
    let mut files = Vec::new();
    for name in formats {
        let name = match *name {
            "native" => "native.jsonl",
            "cvat_video" => "cvat-video.tar",
            "mot" => "mot.tar",
            _ => "labels.csv",
        };
        let at = format!("{at}/files/{name}");
        files.push(project.manager.send(Method::GET, &at, "").await.body.to_vec());
    }
    (release, files)
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = formats::tar::TarWriter::new(Vec::new());
    for (name, content) in files {
        tar.add(name, content.len() as u64, &mut &content[..]).unwrap();
    }
    tar.finish().unwrap()
}

/// What is the label, under the ids of the tracks that were handed in.
async fn label_of(project: &Project, ids: &[&str]) -> Value {
    let task = project.task(&project.first().await).await;
    let mut value = task["label"]["value"].clone();
    for (track, id) in value["tracks"].as_array_mut().into_iter().flatten().zip(ids) {
        track["id"] = (*id).into();
    }
    value
}

async fn clip(world: &World, plan: Value) -> Project {
    let project = Project::new(world, "video_boxes", plan, 0).await;
    bring(&project).await;
    project
}

async fn bring(project: &Project) {
    let (status, done) = upload(project, "drive/test_video.mp4", CLIP).await;
    assert_eq!((status, &done["state"]), (StatusCode::OK, &json!("done")), "{done}");
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
    // As a browser asks for it: the same, under gzip.
    let asking = ann.clone().with("accept-encoding", "gzip, deflate, br");
    let packed = asking.send(Method::GET, item["video"]["frames_url"].as_str().unwrap(), "").await;
    assert_eq!(
        (&packed.headers[header::CONTENT_ENCODING], &packed.body[..]),
        (&"gzip".parse().unwrap(), &video.to_packed_table().unwrap()[..])
    );

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

/// A track of each kind of shape, one of which gains a corner.
fn every_shape() -> Value {
    let at = |frame: u64, shape: Value| json!({ "frame": frame, "shape": shape });
    let said = |frame: u64, shape: Value, brakes: bool| json!({ "frame": frame, "shape": shape, "attributes": { "brakes": brakes } });
    let boxed =
        |x: f64| json!({ "type": "box", "x": x, "y": 400.2, "width": 135.4, "height": 80.0 });
    let turned = |degrees: f64| json!({ "type": "turned", "cx": 300.0, "cy": 300.0, "width": 80.5, "height": 40.0, "degrees": degrees });
    let outline = |points: Value| json!({ "type": "polygon", "points": points });
    let line =
        |y: f64| json!({ "type": "line", "points": [[0.0, y], [600.0, y], [1200.0, y + 50.0]] });
    let ellipse = |rx: f64| json!({ "type": "ellipse", "cx": 640.0, "cy": 200.0, "rx": rx, "ry": 30.0, "degrees": 15.0 });
    let body = |x: f64, seen: f64| json!({ "type": "keypoints", "points": [[x, 300.0, 2.0], [x, 400.0, seen]] });
    let corners = |x: f64| {
        let corners =
            [[0, 0], [0, 90], [90, 0], [90, 90], [120, -30], [120, 50], [30, -30], [30, 50]];
        json!({ "type": "solid", "corners": corners.map(|[dx, dy]| [x + f64::from(dx), 400.0 + f64::from(dy)]) })
    };
    let mut gone = at(30, boxed(950.0));
    gone["outside"] = true.into();
    let mut covered = said(10, boxed(840.0), true);
    covered["occluded"] = true.into();
    json!({ "tracks": [
        { "id": "box", "class": "car", "attributes": { "make": "VW" }, "keyframes": [said(0, boxed(810.3), false), covered, gone] },
        { "id": "turned", "class": "car", "keyframes": [at(5, turned(350.0)), at(25, turned(20.0))] },
        { "id": "outline", "class": "car", "keyframes": [
            at(0, outline(json!([[10.0, 10.0], [60.0, 10.0], [60.0, 60.0], [10.0, 60.0]]))),
            at(20, outline(json!([[110.0, 10.0], [160.0, 10.0], [160.0, 60.0], [135.0, 90.0], [110.0, 60.0]]))) ] },
        { "id": "line", "class": "car", "keyframes": [at(0, line(500.0)), at(37, line(520.0))] },
        { "id": "point", "class": "car", "keyframes": [at(3, json!({ "type": "point", "x": 7.0, "y": 8.0 }))] },
        { "id": "ellipse", "class": "car", "keyframes": [at(0, ellipse(40.0)), at(8, ellipse(60.0))] },
        { "id": "body", "class": "person", "keyframes": [at(0, body(500.0, 2.0)), at(12, body(540.0, 1.0))] },
        { "id": "solid", "class": "car", "keyframes": [at(0, corners(200.0)), at(12, corners(240.0))] },
    ] })
}

#[tokio::test]
async fn tracks_of_every_shape_go_out_and_come_in_the_same() {
    let world = World::new().await;
    let project = all_shapes(&world, "video_shapes").await;
    bring(&project).await;
    let ann = world.user(Role::Contributor).await;
    let said = every_shape();
    let ids: Vec<&str> =
        said["tracks"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    project.label(&ann, said.clone()).await;
    let (release, files) = released(&world, &project, &["native", "cvat_video", "mot"]).await;
    let [native, cvat, mot] = &files[..] else { panic!("{release}") };

    // As CVAT has it: into a project that has the video, and one that gets it with its labels.
    let fresh = all_shapes(&world, "video_shapes").await;
    bring(&fresh).await;
    let result = import(&world, &fresh, "cvat-video.tar", cvat, json!({})).await;
    assert_eq!((&result["format"], &result["losses"]), (&json!("cvat"), &json!({})), "{result}");
    assert_eq!(label_of(&fresh, &ids).await, said);
    let fresh = all_shapes(&world, "video_shapes").await;
    let xml = &unpacked(cvat)[0].1;
    let together = packed(&[("annotations.xml", xml.as_bytes()), ("videos/test_video.mp4", CLIP)]);
    let tried = import(&world, &fresh, "a.tar", &together, json!({ "dry_run": true })).await;
    assert_eq!((&tried["created"], &tried["bad"]), (&json!(1), &json!(0)), "{tried}");
    import(&world, &fresh, "a.tar", &together, json!({})).await;
    assert_eq!(label_of(&fresh, &ids).await, said);

    // A release of ours, with answers and all.
    let fresh = all_shapes(&world, "video_shapes").await;
    bring(&fresh).await;
    import(&world, &fresh, "native.jsonl", native, json!({})).await;
    assert_eq!(label_of(&fresh, &[]).await, said);

    // MOT has boxes, frame by frame: in each frame the same ones, within a rounding.
    let fresh = all_shapes(&world, "video_shapes").await;
    bring(&fresh).await;
    let result = import(&world, &fresh, "mot.tar", mot, json!({})).await;
    assert_eq!(result["format"], "mot", "{result}");
    let read = |value: Value| serde_json::from_value::<Answer>(value).unwrap().tracks;
    let (theirs, ours) = (read(said.clone()), read(label_of(&fresh, &[]).await));
    // A point has no box, nor has a body that stands straight up.
    let lost = |what: &str| {
        let mut losses = release["loss"].as_array().unwrap().iter();
        losses.find(|loss| loss["what"] == what).map(|loss| loss["count"].as_u64().unwrap())
    };
    assert_eq!(
        (lost("without_box"), lost("ellipse_as_box")),
        (Some(35 + 38), Some(38)),
        "{release}"
    );
    let boxed = theirs.iter().filter(|track| !matches!(&*track.id, "point" | "body"));
    for (track, other) in boxed.zip(&ours) {
        assert!(other.keyframes.len() < 30, "{other:?}");
        for frame in 0..38 {
            let bounds = |track: &domain::answers::Track| Some(track.at(frame)?.shape.bounds());
            let near = match (bounds(track), bounds(other)) {
                (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.2),
                (a, b) => a == b,
            };
            assert!(near, "{}, frame {frame}: {:?} {:?}", track.id, bounds(track), bounds(other));
        }
    }

    // What a model has followed is a suggestion.
    let fresh = all_shapes(&world, "video_shapes").await;
    bring(&fresh).await;
    import(&world, &fresh, "cvat-video.tar", cvat, json!({ "answers": "suggestions" })).await;
    let claim = fresh.claim(&ann, "label").await.unwrap();
    assert_eq!(claim["suggestion"]["tracks"].as_array().unwrap().len(), 8, "{claim}");
}

#[tokio::test]
async fn a_project_learns_the_classes_of_tracks_and_refuses_what_does_not_fit() {
    let world = World::new().await;
    let project = clip(&world, json!({})).await;
    let xml = |to: u64| {
        let shape = |frame: u64, lights: &str| {
            format!(
                "<box frame=\"{frame}\" keyframe=\"1\" outside=\"0\" occluded=\"0\" xtl=\"1\" ytl=\"2\" xbr=\"31\" ybr=\"22\"><attribute name=\"lights\">{lights}</attribute></box>"
            )
        };
        format!(
            "<annotations><version>1.1</version><meta><task><source>test_video.mp4</source></task></meta><track id=\"4\" label=\"Tram\">{}{}</track></annotations>",
            shape(0, "on"),
            shape(to, "off")
        )
    };
    let beyond =
        import(&world, &project, "b.xml", xml(38).as_bytes(), json!({ "extend": true })).await;
    assert_eq!(beyond["bad"], 1, "{beyond}");
    let other = xml(9).replace("test_video", "another");
    let other = import(&world, &project, "c.xml", other.as_bytes(), json!({})).await;
    assert_eq!(other["missing"], 1, "{other}");
    let found =
        import(&world, &project, "d.xml", xml(9).as_bytes(), json!({ "extend": true })).await;
    assert_eq!((&found["found"]["videos"], &found["bad"]), (&json!(1), &json!(0)), "{found}");
    let label = label_of(&project, &[]).await;
    assert_eq!(label["tracks"][0]["class"], "tram");
    let keyframes = &label["tracks"][0]["keyframes"];
    assert_eq!(
        [&keyframes[0]["attributes"], &keyframes[1]["attributes"]],
        [&json!({ "lights": "on" }), &json!({ "lights": "off" })]
    );
}

#[tokio::test]
async fn a_video_is_given_a_class_as_a_whole() {
    let world = World::new().await;
    let project = Project::new(&world, "video_choice", json!({ "overlap": 2 }), 0).await;
    bring(&project).await;
    for _ in 0..2 {
        let person = world.user(Role::Contributor).await;
        project.label(&person, json!({ "choices": ["yes"] })).await;
    }
    let (_, files) = released(&world, &project, &["csv", "native"]).await;
    let csv = String::from_utf8_lossy(&files[0]).into_owned();
    assert!(csv.contains("drive/test_video.mp4") && csv.contains("yes"), "{csv}");
}
