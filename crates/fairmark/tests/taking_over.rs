//! Projects of other tools, taken over by one command each.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod program;

use program::{Server, json, run};
use serde_json::{Value, json};
use std::path::Path;

const PICTURE: &[u8] = include_bytes!("../../formats/tests/data/blood.jpg");
/// Its size.
const SIZE: [u32; 2] = [640, 480];
/// A road, 38 frames of 1280 × 720.
const CLIP: &[u8] = include_bytes!("../../../demo/highway/videos/test_video.mp4");

fn write(at: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = at.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// What a command ends with, and what it answers.
fn told(at: &Path, words: &[&str], door: &[&str]) -> (i32, Value, String) {
    let output = run(at, &[&["--json"], words, door].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), value, said)
}

#[test]
fn a_project_of_another_tool_comes_over_by_one_command() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    json(at, &["organization", "create", "Acme", "--data-dir", "data"]);
    let words = ["key", "create", "--organization", "Acme", "--mode", "live", "--data-dir", "data"];
    let secret = json(at, &words)["secret"].as_str().unwrap().to_string();
    let server = Server::start(at, &["--data-dir", "data"]);
    let door = ["--server", server.url.as_str(), "--key", &secret];
    let [width, height] = SIZE;

    // Label Studio: the pictures lie where its server kept them.
    let region = |name: &str, kind: &str, value: Value| {
        let mut value = value;
        value[kind] = json!([name]);
        json!({ "id": name, "from_name": "x", "to_name": "y", "type": kind, "original_width": width,
                "original_height": height, "image_rotation": 0, "value": value })
    };
    let tasks = json!([{
        "id": 1,
        "data": { "image": "/data/upload/1/cells.jpg", "slide": 7 },
        "annotations": [{ "completed_by": 1, "result": [
            region("Red cell", "rectanglelabels", json!({ "x": 10, "y": 10, "width": 20, "height": 20, "rotation": 0 })),
            region("Edge", "polygonlabels", json!({ "points": [[50, 50], [60, 50], [60, 70]] })),
        ] }],
    }]);
    write(at, "studio/export.json", tasks.to_string());
    write(at, "studio/media/upload/1/cells.jpg", PICTURE);

    // YOLO: classes by number, sizes in shares of the picture.
    write(at, "yolo/data.yaml", "train: images/train\nnames: [Red cell, Platelet]\n");
    write(at, "yolo/images/train/a.jpg", PICTURE);
    write(at, "yolo/labels/train/a.txt", "1 0.5 0.5 0.25 0.5\n");

    // Pascal VOC, and a text tool.
    let voc = format!(
        "<annotation><filename>b.jpg</filename><size><width>{width}</width><height>{height}</height><depth>3</depth></size>
         <object><name>WBC</name><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>110</xmax><ymax>220</ymax></bndbox></object></annotation>"
    );
    write(at, "voc/Annotations/b.xml", voc);
    write(at, "voc/JPEGImages/b.jpg", PICTURE);
    let reviews = "{\"id\":1,\"text\":\"Lovely 🎉\",\"label\":[\"good\"]}\n{\"id\":2,\"text\":\"Dull\",\"label\":[\"bad\"]}\n";
    write(at, "reviews.jsonl", reviews);

    // CVAT for video, with the video beside.
    let polygon = |frame: u32, x: u32| {
        let right = x + 90;
        format!(
            "<polygon frame=\"{frame}\" keyframe=\"1\" outside=\"0\" occluded=\"0\" points=\"{x},400;{right},400;{right},480\"></polygon>"
        )
    };
    let cvat = format!(
        "<annotations><version>1.1</version><meta><task><source>road.mp4</source></task></meta>
         <track id=\"0\" label=\"Lorry\">{}{}</track></annotations>",
        polygon(0, 100),
        polygon(30, 300)
    );
    write(at, "cvat/annotations.xml", cvat);
    write(at, "cvat/road.mp4", CLIP);

    for (source, format, name, shapes, classes, done) in [
        ("cvat", "auto", "Cvat", json!(["polygon"]), json!(["Lorry"]), 1),
        (
            "studio",
            "label-studio",
            "Studio",
            json!(["box", "polygon"]),
            json!(["Red cell", "Edge"]),
            1,
        ),
        ("yolo", "auto", "Yolo", json!(["box"]), json!(["Red cell", "Platelet"]), 1),
        ("voc", "voc", "Voc", json!(["box"]), json!(["WBC"]), 1),
        ("reviews.jsonl", "doccano", "Reviews", json!([]), json!(["good", "bad"]), 2),
    ] {
        // A look makes nothing.
        let words = ["import", source, "--from", format, "--project", name, "--dry-run"];
        let (code, looked, said) = told(at, &words, &door);
        assert_eq!(code, 0, "{name}: {said}");
        assert_eq!(
            looked["found"]["classes"].as_array().unwrap().len(),
            classes.as_array().unwrap().len()
        );
        assert_eq!(told(at, &["project", "show", name], &door).0, 1);

        let words = ["import", source, "--from", format, "--project", name];
        let (code, job, said) = told(at, &words, &door);
        assert_eq!(code, 0, "{name}: {said}");
        assert_eq!((&job["state"], &job["bad"]), (&json!("done"), &json!(0)), "{name}: {job}");
        let project = told(at, &["project", "show", name], &door).1;
        assert_eq!(project["question"]["shapes"], shapes, "{name}: {project}");
        assert_eq!(project["counts"]["done"], done, "{name}: {project}");
        let path = format!("{name}-out");
        let words = ["project", "publish", name];
        assert_eq!(told(at, &words, &door).0, 0);
        let words = ["export", "--project", name, "--format", "native", "--out", &path];
        let (code, _, said) = told(at, &words, &door);
        assert_eq!(code, 0, "{name}: {said}");
        let native = std::fs::read_to_string(at.join(&path).join("native.jsonl")).unwrap();
        let head: Value = serde_json::from_str(native.lines().next().unwrap()).unwrap();
        let names: Vec<&Value> = head["project"]["ontology"][0]["value"]["classes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|class| &class["name"])
            .collect();
        assert_eq!(json!(names), classes, "{name}: {head}");
        let record: Value = serde_json::from_str(native.lines().nth(1).unwrap()).unwrap();
        match name {
            "Studio" => {
                let objects = &record["label"]["value"]["objects"];
                let first = &objects[0]["shape"];
                assert_eq!(
                    (&first["x"], &first["width"]),
                    (&json!(64.0), &json!(128.0)),
                    "{record}"
                );
                assert_eq!(objects[1]["shape"]["points"][2], json!([384.0, 336.0]));
                // The picture was there first; what the task knew of it came with its labels.
                assert_eq!(record["item"]["metadata"]["slide"], 7, "{record}");
            }
            "Yolo" => {
                let shape = &record["label"]["value"]["objects"][0]["shape"];
                assert_eq!(
                    (&shape["x"], &shape["y"], &shape["width"], &shape["height"]),
                    (&json!(240.0), &json!(120.0), &json!(160.0), &json!(240.0)),
                    "{record}"
                );
            }
            "Cvat" => {
                let keyframes = &record["label"]["value"]["tracks"][0]["keyframes"];
                let said = (&keyframes[1]["frame"], &keyframes[1]["shape"]["points"][0]);
                assert_eq!(said, (&json!(30), &json!([300.0, 400.0])), "{record}");
            }
            "Reviews" => assert_eq!(record["item"]["text"], "Lovely 🎉", "{record}"),
            _ => {}
        }

        // The same again brings nothing new.
        let words = ["import", source, "--from", format, "--project", name];
        let (code, job, said) = told(at, &words, &door);
        assert_eq!(code, 0, "{name}: {said}");
        let result = &job["result"];
        assert_eq!(
            (&result["created"], &result["answered"]),
            (&json!(0), &json!(0)),
            "{name}: {job}"
        );
    }

    // A class that the project does not have is left out where it is to stay as it is.
    write(at, "yolo/data.yaml", "train: images/train\nnames: [Red cell, Bacterium]\n");
    write(at, "yolo/images/train/c.jpg", PICTURE);
    write(at, "yolo/labels/train/c.txt", "1 0.5 0.5 0.25 0.5\n");
    let words = ["import", "yolo", "--from", "yolo", "--project", "Yolo", "--keep-ontology"];
    let (_, job, said) = told(at, &words, &door);
    assert!(
        job["result"]["losses"]["class_not_in_ontology"]["count"].as_u64() >= Some(1),
        "{job} {said}"
    );
}
