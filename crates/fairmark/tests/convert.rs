//! Labels of one tool into those of another, as somebody with a folder of files does it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod program;

use program::{json, refused, run};
use std::path::Path;

const COCO: &str = r#"{"images":[{"id":1,"file_name":"a.jpg","width":100,"height":50}],
"categories":[{"id":3,"name":"cat"}],
"annotations":[{"id":5,"image_id":1,"category_id":3,"bbox":[10,10,20,20],"attributes":{"colour":"red"}}]}"#;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_file_becomes_a_folder_and_what_was_lost_lies_beside_it() {
    let folder = folder(&[("in.json", COCO)]);
    let told = json(folder.path(), &["convert", "in.json", "out", "--to", "yolo"]);
    assert_eq!((told["from"].as_str(), told["items"].as_u64()), (Some("coco"), Some(1)));
    assert_eq!(told["losses"]["attributes"]["count"], 1);
    assert_eq!(read(folder.path(), "out/labels/a.txt"), "0 0.2 0.4 0.2 0.4\n");
    assert!(read(folder.path(), "out.loss.json").contains("attributes"));
    assert!(!folder.path().join("out.errors.csv").exists());
}

#[test]
fn a_loss_is_a_failure_where_none_is_wanted() {
    let folder = folder(&[("in.json", COCO)]);
    let words = |out| ["convert", "in.json", out, "--to", "yolo"];
    assert_eq!(run(folder.path(), &words("fine")).status.code(), Some(0));
    let output = run(folder.path(), &[&words("strict")[..], &["--strict"]].concat());
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("lost: attributes, 1 times"), "{said}");
    // It is all there nevertheless.
    assert_eq!(
        read(folder.path(), "strict/labels/a.txt"),
        read(folder.path(), "fine/labels/a.txt")
    );
    let nothing_lost = ["convert", "in.json", "out.jsonl", "--to", "items", "--strict"];
    assert_eq!(run(folder.path(), &nothing_lost).status.code(), Some(0));
}

#[test]
fn what_is_wrong_is_refused_by_itself() {
    let two = COCO.replace(
        "\"annotations\":[",
        "\"annotations\":[{\"id\":4,\"image_id\":1,\"category_id\":9,\"bbox\":[1,1,2,2]},",
    );
    let folder = folder(&[("in.json", &two)]);
    let output = run(folder.path(), &["convert", "in.json", "out", "--to", "voc"]);
    assert_eq!(output.status.code(), Some(3));
    let errors = read(folder.path(), "out.errors.csv");
    assert!(
        errors
            .starts_with("row,field,code,message,raw\n3,annotations[0].category_id,unknown_value,"),
        "{errors}"
    );
    assert!(read(folder.path(), "out/Annotations/a.xml").contains("<name>cat</name>"));
}

#[test]
fn nothing_is_written_over_and_misuse_is_told() {
    let folder = folder(&[("in.json", COCO), ("taken.jsonl", "mine"), ("notes.md", "# Notes")]);
    let at = folder.path();
    let (code, said) = refused(at, &["convert", "in.json", "taken.jsonl", "--to", "items"]);
    assert_eq!(code, 2);
    assert!(said.contains("taken.jsonl is there already"), "{said}");
    assert_eq!(read(at, "taken.jsonl"), "mine");
    let (code, said) = refused(at, &["convert", "in.json", "out", "--to", "jolo"]);
    assert_eq!(code, 2);
    assert!(said.contains("known are coco, coco-panoptic"), "{said}");
    let (code, said) = refused(at, &["convert", "notes.md", "out", "--to", "coco"]);
    assert_eq!(code, 2);
    assert!(said.contains("Name it with --from"), "{said}");
    let (code, said) = refused(at, &["convert", "in.json", "out", "--to", "labelbox"]);
    assert_eq!(code, 2);
    assert!(said.contains("is read, but not written"), "{said}");
    let (code, said) = refused(at, &["convert", "away.json", "out", "--to", "coco"]);
    assert_eq!(code, 1);
    assert!(said.contains("away.json"), "{said}");
}

#[test]
fn nothing_is_left_of_a_conversion_that_breaks_off() {
    let cut = &COCO[..COCO.len() - 40];
    let folder =
        folder(&[("in.json", COCO), ("cut.json", cut), ("set/in.json", COCO), ("no.csv", "")]);
    let at = folder.path();
    std::fs::create_dir(at.join("empty")).unwrap();
    let before = |at: &Path| {
        let mut names: Vec<_> =
            std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort_unstable();
        names
    };
    let names = before(at);
    for to in ["yolo", "items", "coco", "parquet"] {
        let (code, said) =
            refused(at, &["convert", "cut.json", "out", "--from", "coco", "--to", to]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("cut.json: row ") && said.contains("Nothing is left"), "{said}");
        assert_eq!(before(at), names, "{to}");
    }
    let (code, said) = refused(at, &["convert", "set", "set/out", "--to", "yolo"]);
    assert_eq!(code, 2);
    assert!(said.contains("set/out lies in set"), "{said}");
    let (code, said) = refused(at, &["convert", "empty", "out", "--to", "yolo"]);
    assert_eq!(code, 2);
    assert!(said.contains("There is no file in it"), "{said}");
    let (code, said) = refused(at, &["convert", "no.csv", "out", "--to", "jsonl"]);
    assert_eq!(code, 2);
    assert!(said.contains("There is nothing in it"), "{said}");
    assert_eq!(before(at), names);
    // What a conversion left that was killed is not written over, nor taken for whole.
    std::fs::create_dir(at.join("out.partial")).unwrap();
    let (code, said) = refused(at, &["convert", "in.json", "out", "--to", "yolo"]);
    assert_eq!(code, 2);
    assert!(said.contains("out.partial is there already"), "{said}");
    // An empty folder may be there.
    json(at, &["convert", "in.json", "empty/", "--to", "yolo"]);
    assert!(at.join("empty/data.yaml").is_file() && at.join("empty.loss.json").is_file());
    assert!(!at.join("empty.partial").exists());
}

#[test]
fn a_sequence_goes_to_the_format_of_trackers_and_back() {
    let rows = "1,3,10,20,30,40,1,1,0.5\n2,3,11,21,30,40,1,1,1\n";
    let folder = folder(&[
        ("walk/gt/gt.txt", rows),
        ("walk/seqinfo.ini", "[Sequence]\nimWidth=640\nimHeight=480\n"),
    ]);
    let at = folder.path();
    let told = json(at, &["convert", "walk", "frames.jsonl", "--to", "items"]);
    assert_eq!((told["from"].as_str(), told["items"].as_u64()), (Some("mot"), Some(2)));
    let told = json(at, &["convert", "frames.jsonl", "back", "--to", "mot"]);
    assert_eq!(told["losses"], serde_json::json!({}));
    let back = std::fs::read_dir(at.join("back")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(read(&back, "gt/gt.txt"), rows);
}

#[test]
fn a_cloud_of_points_needs_no_format() {
    let header = "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n";
    let folder = folder(&[("a.pcd", &format!("{header}1 2 3\nnan nan nan\n")), ("b.pcd", header)]);
    let at = folder.path();
    let told = json(at, &["convert", "a.pcd", "a.bin"]);
    assert_eq!((told["points"].as_u64(), told["skipped"].as_u64()), (Some(1), Some(1)));
    let wanted: Vec<u8> = [1.0_f32, 2.0, 3.0, 0.0].iter().flat_map(|n| n.to_le_bytes()).collect();
    assert_eq!(std::fs::read(at.join("a.bin")).unwrap(), wanted);
    let (code, said) = refused(at, &["convert", "b.pcd", "b.bin"]);
    assert_eq!(code, 1);
    assert!(said.contains("point 1"), "{said}");
    let (code, said) = refused(at, &["convert", "a.pcd", "a.bin"]);
    assert_eq!(code, 2);
    assert!(said.contains("a.bin is there already"), "{said}");
    let (code, said) = refused(at, &["convert", "a.pcd", "out"]);
    assert_eq!(code, 2);
    assert!(said.contains("--to"), "{said}");
}
