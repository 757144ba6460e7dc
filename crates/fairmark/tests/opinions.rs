//! Labels, agreement, ranks and plans from files, without any server: the program as somebody with a folder of answers uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn data(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stats/tests/data").join(file);
    path.to_str().unwrap().to_string()
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fairmark")).args(words).output().unwrap()
}

fn json(words: &[&str]) -> Value {
    let output = run(&[words, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A file of its own for each test.
fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn refused(words: &[&str]) -> (i32, String) {
    let output = run(words);
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn many_answers_become_one_label_each_and_it_is_said_how() {
    let answers = data("dog-label.csv");
    let output = run(&["aggregate", &answers]);
    assert!(output.status.success());
    let table = String::from_utf8(output.stdout).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("task,label,confidence"));
    let truth = std::fs::read_to_string(data("dog-truth.csv")).unwrap();
    let labels: Vec<String> =
        lines.map(|line| line.rsplit_once(',').unwrap().0.to_string()).collect();
    let right =
        truth.lines().skip(1).filter(|line| labels.iter().any(|label| label == line)).count();
    assert_eq!(labels.len(), 807);
    assert!(right > 664, "{right} of 807 are right, and a plain vote has 660");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("held-out answers speak for it"), "{said}");
    assert!(said.contains("not yet calibrated (0 gold of 30)"), "{said}");
}

#[test]
fn gold_teaches_and_calibrates() {
    let folder = tempfile::tempdir().unwrap();
    let truth = std::fs::read_to_string(data("face-truth.csv")).unwrap();
    let some: Vec<&str> = truth.lines().take(101).collect();
    let gold = file(&folder, "gold.csv", &some.join("\n"));
    let answers = data("face-label.csv");
    let words = ["aggregate", &answers, "--method", "ds"];
    let claimed = json(&words);
    let calibrated = json(&[&words[..], &["--gold", gold.to_str().unwrap()]].concat());
    assert!(calibrated["confidence"].as_str().unwrap().starts_with("calibrated on 100 gold"));
    let mean = |said: &Value| {
        let rest = said["items"].as_array().unwrap()[100..].iter();
        rest.map(|item| item["confidence"].as_f64().unwrap()).sum::<f64>() / 484.0
    };
    // Nine in ten are claimed, and not two in three are right.
    assert!(
        mean(&claimed) > 0.9 && mean(&calibrated) < 0.8,
        "{} {}",
        mean(&claimed),
        mean(&calibrated)
    );
    let known = &calibrated["items"][0];
    assert_eq!((known["label"].as_str(), known["confidence"].as_f64()), (Some("2"), Some(1.0)));
}

#[test]
fn csv_tsv_json_lines_and_parquet_say_the_same_and_the_last_word_counts() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [("a", "1", "cat"), ("a", "2", "dog"), ("a", "2", "cat"), ("b", "1", "dog")];
    let with = |between: &str| {
        let rows = rows.iter().map(|(task, who, label)| [label, *task, who].join(between));
        format!("label{between}task{between}worker\n{}\n", rows.collect::<Vec<_>>().join("\n"))
    };
    let lines: Vec<String> = rows
        .iter()
        .map(|(task, who, label)| {
            format!(r#"{{"task": "{task}", "worker": {who}, "label": "{label}", "more": [1]}}"#)
        })
        .collect();
    for file in [
        file(&folder, "answers.csv", &with(",")),
        file(&folder, "answers.tsv", &with("\t")),
        file(&folder, "answers.jsonl", &lines.join("\n")),
        // The same rows, as pyarrow writes them: two row groups, a dictionary, a list besides.
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/answers.parquet"),
    ] {
        let said = json(&["aggregate", file.to_str().unwrap(), "--method", "majority"]);
        assert_eq!(said["items"][0]["label"], "cat");
        assert_eq!(said["items"][0]["confidence"], 1.0);
        assert_eq!(said["items"][1]["label"], "dog");
        assert_eq!(
            (said["superseded"].as_u64(), said["contradicted"].as_u64()),
            (Some(1), Some(1))
        );
    }
}

#[test]
fn tables_of_spreadsheets_and_piped_objects_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("semicolons.csv", "\u{feff}\"task\";worker;label\r\na;1;x\r\nb;1;\"y;z\"\r\n"),
        ("tabs.csv", "task\tworker\tlabel\na\t1\tx\nb\t1\ty;z\n"),
        (
            "mark.jsonl",
            "\u{feff}{\"task\":\"a\",\"worker\":1,\"label\":\"x\"}\n{\"task\":\"b\",\"worker\":1.0,\"label\":\"y;z\"}\n",
        ),
    ] {
        let said = json(&["aggregate", file(&folder, name, text).to_str().unwrap()]);
        assert_eq!(said["items"][0]["label"], "x", "{name}");
        assert_eq!(said["items"][1]["label"], "y;z", "{name}");
    }
    let objects =
        "{\"task\":\"a\",\"worker\":1,\"label\":2.0}\n{\"task\":\"a\",\"worker\":2,\"label\":2}\n";
    let piped = file(&folder, "piped", objects);
    let output = Command::new(env!("CARGO_BIN_EXE_fairmark"))
        .args(["aggregate", "-", "--json"])
        .stdin(std::fs::File::open(piped).unwrap())
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["items"][0]["label"], &said["answers"]), (&"2".into(), &2.into()));
}

#[test]
fn gold_that_cannot_be_used_as_it_is_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let answers = file(&folder, "answers.csv", "task,worker,label\na,1,x\nb,1,y\n");
    let gold = file(&folder, "gold.csv", "task,label\nc,x\na,y\na,x\nb,z\n");
    let output = run(&["aggregate", answers.to_str().unwrap(), "--gold", gold.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    for wanted in [
        "1 known tasks have no answers",
        "1 rows say another label of a known task: the last one counts",
        "1 known tasks have a label that nobody gave",
    ] {
        assert!(said.contains(wanted), "{said}");
    }
    assert!(String::from_utf8(output.stdout).unwrap().contains("a,x,"));
}

#[test]
fn what_is_wrong_is_named_by_file_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let wide = std::iter::once(b"\xff\xfe".to_vec())
        .chain("task,worker,label\n".encode_utf16().map(|unit| unit.to_le_bytes().to_vec()))
        .collect::<Vec<_>>()
        .concat();
    for (name, bytes, wanted) in [
        ("wide.csv", wide, "wide.csv: it is UTF-16\n  Save it as UTF-8."),
        (
            "latin.csv",
            b"task,worker,label\na,1,\xe9\n".to_vec(),
            "latin.csv, line 2: it is not UTF-8",
        ),
        ("latin.jsonl", b"\xe9\n".to_vec(), "latin.jsonl, line 1: it is not UTF-8"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (code, said) = refused(&["aggregate", path.to_str().unwrap()]);
        assert!(code == 1 && said.contains(wanted), "{name}: {code} {said}");
    }
    let rows = [
        ("nothing.csv", "", "nothing.csv: there is nothing in it"),
        (
            "cells.csv",
            "task,worker,label\na,1,x,y\n",
            "cells.csv, line 2: it has 4 cells, and the header 3",
        ),
        (
            "open.csv",
            "task,worker,label\na,1,x\nb,1,\"x\nc,1,y\n",
            "open.csv, line 3: a quote is opened, and never closed",
        ),
        ("array.jsonl", "[1]\n", "array.jsonl, line 1, field (line): it is no object"),
        ("empty.csv", "task,worker,label\n1,a,x\n2,,y\n", "empty.csv, line 3, field worker"),
        ("header.csv", "task,who,label\n1,a,x\n", "header.csv, line 1, field worker"),
        ("broken.jsonl", "{\"task\": 1,\n", "broken.jsonl, line 1"),
        (
            "list.jsonl",
            "{\"task\": 1, \"worker\": 2, \"label\": []}\n",
            "list.jsonl, line 1, field label",
        ),
        ("none.csv", "task,worker,label\n", "none.csv: there are no answers in it"),
        (
            "text.parquet",
            "task,worker,label\n",
            "text.parquet, line 1, field (row): this is no Parquet",
        ),
    ];
    for (name, text, wanted) in rows {
        let path = file(&folder, name, text);
        let (code, said) = refused(&["aggregate", path.to_str().unwrap()]);
        assert!(code == 1 && said.contains(wanted), "{name}: {code} {said}");
    }
    let votes = file(&folder, "votes.csv", "left,right,winner\na,b,left\na,b,c\n");
    let (code, said) = refused(&["rank", votes.to_str().unwrap()]);
    assert!(code == 1 && said.contains("votes.csv, line 3, field winner"), "{code} {said}");
    let infinite = file(&folder, "nan.csv", "task,worker,label\n1,a,NaN\n1,b,2\n");
    let (code, said) = refused(&["agreement", infinite.to_str().unwrap(), "--metric", "interval"]);
    assert!(code == 2 && said.contains("\"NaN\" is no number"), "{code} {said}");
    let answers = data("bluebird-label.csv");
    let (code, said) = refused(&["agreement", &answers, "--metric", "furlong"]);
    assert!(code == 2 && said.contains("nominal"), "{said}");
}

/// Rows of twelve tasks by the three workers, as JSON lines.
fn said_of(label: impl Fn(usize, usize) -> String) -> String {
    (0..36)
        .map(|n| (n / 3, n % 3))
        .map(|(task, by)| {
            format!(
                "{{\"task\": \"t{task}\", \"worker\": \"w{by}\", \"label\": {}}}\n",
                label(task, by)
            )
        })
        .collect()
}

#[test]
fn boxes_polygons_and_spans_of_several_become_those_of_all() {
    let folder = tempfile::tempdir().unwrap();
    // The third sees something that is not there, in every fourth task.
    let boxes = said_of(|task, by| {
        let x = 10 * task + by;
        let more = if by == 2 && task % 4 == 0 { r#", {"box": [900, 900, 950, 950]}"# } else { "" };
        format!(r#"[{{"class": "car", "box": [{x}, 0, {}, 40]}}{more}]"#, x + 40)
    });
    let path = file(&folder, "boxes.jsonl", &boxes);
    let said = json(&["aggregate", path.to_str().unwrap(), "--kind", "boxes"]);
    let label = &said["items"][4]["label"];
    assert_eq!(label.as_array().unwrap().len(), 1, "what one of three saw is left out: {label}");
    assert_eq!(label[0]["class"], "car");
    assert!((label[0]["box"][0].as_f64().unwrap() - 41.0).abs() < 0.7, "{label}");
    assert!(label[0]["confidence"].as_f64().unwrap() > 0.9, "{label}");
    assert_eq!(
        (said["items"].as_array().unwrap().len(), &said["workers"][2]["worker"]),
        (12, &Value::from("w2"))
    );
    let invents = |by: usize| said["workers"][by]["invents"].as_f64().unwrap();
    assert!(invents(2) > invents(0), "{}", said["workers"]);

    let polygons = said_of(|task, by| {
        let (x, off) = (10 * task, by);
        format!(
            r#"[{{"class": "roof", "points": [[{x}, {off}], [{}, {off}], [{}, 30], [{x}, 30]]}}]"#,
            x + 30,
            x + 30
        )
    });
    let path = file(&folder, "polygons.jsonl", &polygons);
    let said = json(&["aggregate", path.to_str().unwrap(), "--kind", "polygons"]);
    assert_eq!(said["items"][3]["label"][0]["points"][0], serde_json::json!([30.0, 1.0]), "{said}");

    let spans = said_of(|task, by| match (task % 3, by) {
        (0, _) => "[]".into(),
        (1, 2) => r#"[{"class": "PER", "start": 3, "end": 9}]"#.into(),
        _ => r#"[{"class": "PER", "start": 2, "end": 9}]"#.into(),
    });
    let path = file(&folder, "spans.jsonl", &spans);
    let output = run(&["aggregate", path.to_str().unwrap(), "--kind", "spans"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["label"]), (12, &serde_json::json!([])));
    assert_eq!(
        (&lines[1]["label"][0]["start"], &lines[1]["label"][0]["end"]),
        (&Value::from(2), &Value::from(9))
    );

    for (file, kind, least) in
        [("boxes", "boxes", 0.8), ("polygons", "polygons", 0.99), ("spans", "spans", 0.99)]
    {
        let path = folder.path().join(format!("{file}.jsonl"));
        let said = json(&["agreement", path.to_str().unwrap(), "--kind", kind, "--rounds", "200"]);
        let alpha = &said["items"][0];
        assert_eq!(alpha["measure"], "alpha (1 - F1 at IoU 0.5)");
        assert!(alpha["value"].as_f64().unwrap() >= least, "{kind}: {alpha}");
        assert!(alpha["low"].as_f64() <= alpha["value"].as_f64(), "{kind}: {alpha}");
    }
    // The spans of two are not of the same places where six in seven are too few.
    let path = folder.path().join("spans.jsonl");
    let said = json(&[
        "agreement",
        path.to_str().unwrap(),
        "--kind",
        "spans",
        "--overlap",
        "0.9",
        "--rounds",
        "200",
    ]);
    assert!(said["items"][0]["value"].as_f64().unwrap() < 0.9, "{said}");
}

#[test]
fn masks_texts_orders_and_numbers_of_several_become_one() {
    let folder = tempfile::tempdir().unwrap();
    // Four by two pixels; the third marks one more.
    let masks = said_of(|_, by| {
        let runs = if by == 2 { "[1, 3, 1, 3]" } else { "[1, 2, 2, 2, 1]" };
        format!(r#"{{"width": 4, "height": 2, "runs": {runs}}}"#)
    });
    let texts = said_of(|task, by| match by {
        1 => format!("\"the catt {task}\""),
        _ => format!("\"the cat {task}\""),
    });
    let orders = said_of(|_, by| match by {
        2 => r#"["north", "south", "east"]"#.into(),
        _ => r#"["south", "north", "east"]"#.into(),
    });
    let numbers = said_of(|task, by| format!("{}", task as f64 + [0.0, 0.1, 2.0][by]));
    let made = |kind: &str, text: &str| {
        let path = file(&folder, &format!("{kind}.jsonl"), text);
        let path = path.to_str().unwrap().to_string();
        let agreement = json(&["agreement", &path, "--kind", kind, "--rounds", "200"]);
        (json(&["aggregate", &path, "--kind", kind]), agreement["items"][0].clone())
    };
    let (said, alpha) = made("masks", &masks);
    assert_eq!(said["items"][0]["label"]["runs"], serde_json::json!([1, 2, 2, 2, 1]), "{said}");
    assert!(said["items"][0]["iou_expected"].as_f64().unwrap() > 0.8);
    assert_eq!(alpha["measure"], "alpha (1 - IoU)");
    let (said, alpha) = made("texts", &texts);
    assert_eq!(said["items"][7]["label"], "the cat 7");
    assert!(said["workers"][1]["error"].as_f64() > said["workers"][0]["error"].as_f64());
    assert!(alpha["value"].as_f64().unwrap() > 0.0, "{alpha}");
    let (said, _) = made("rankings", &orders);
    assert_eq!(said["items"][0]["label"], serde_json::json!(["south", "north", "east"]));
    assert!(said["workers"][2]["skill"].as_f64() < said["workers"][0]["skill"].as_f64());
    let (said, alpha) = made("ratings", &numbers);
    let rated = &said["items"][5];
    assert!(
        rated["low"].as_f64() < rated["label"].as_f64()
            && rated["label"].as_f64() < rated["high"].as_f64()
    );
    let bias = |by: usize| said["workers"][by]["bias"].as_f64().unwrap();
    assert!(bias(2) - bias(0) > 1.5, "{said}");
    assert!(alpha["low"].as_f64() < alpha["value"].as_f64(), "{alpha}");
    // In CSV a list stands as JSON in its cell; and the last word counts.
    let table = "task,worker,label\na,1,\"[{\"\"start\"\": 0, \"\"end\"\": 2}]\"\na,1,\"[{\"\"start\"\": 4, \"\"end\"\": 6}]\"\n";
    let path = file(&folder, "spans.csv", table);
    let said = json(&["aggregate", path.to_str().unwrap(), "--kind", "spans"]);
    assert_eq!(
        (&said["superseded"], &said["items"][0]["label"][0]["start"]),
        (&Value::from(1), &Value::from(4))
    );
}

#[test]
fn what_is_wrong_with_a_shape_is_named_by_file_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        ("boxes", r#"[{"box": [9, 0, 4, 4]}]"#, "field label: a box is [left, top, right, bottom]"),
        ("boxes", r#"[{"class": "car"}]"#, "field label: missing field `box`"),
        ("boxes", r#""car""#, "field label: expected value"),
        (
            "polygons",
            r#"[{"points": [[0, 0], [1, 1]]}]"#,
            "field label: a polygon has at least three points",
        ),
        (
            "spans",
            r#"[{"start": 4, "end": 4}]"#,
            "field label: the end of a span is beyond its start",
        ),
        (
            "masks",
            r#"{"width": 2, "height": 2, "runs": [1, 2]}"#,
            "field label: the runs have 3 pixels, the picture has 4",
        ),
        ("rankings", r#"["a", "b", "a"]"#, "field label: \"a\" is in it twice"),
        ("ratings", r#""much""#, "field label: \"much\" is not a number"),
    ];
    for (kind, label, wanted) in rows {
        let line = format!("{{\"task\": 1, \"worker\": 2, \"label\": {label}}}");
        let path = file(&folder, "bad.jsonl", &format!("\n{line}\n"));
        for command in ["aggregate", "agreement"] {
            let (code, said) = refused(&[command, path.to_str().unwrap(), "--kind", kind]);
            let wanted = format!("bad.jsonl, line 2, {wanted}");
            assert!(code == 1 && said.contains(&wanted), "{kind}: {code} {said}");
        }
    }
    let two =
        said_of(|_, by| format!(r#"{{"width": {}, "height": 1, "runs": [1, {by}]}}"#, by + 1));
    let path = file(&folder, "masks.jsonl", &two);
    let (code, said) = refused(&["aggregate", path.to_str().unwrap(), "--kind", "masks"]);
    assert!(code == 1 && said.contains("task t0 are of pictures of different sizes"), "{said}");
    let path = path.to_str().unwrap();
    let (code, said) = refused(&["aggregate", path, "--kind", "masks", "--method", "ds"]);
    assert!(code == 2 && said.contains("--method and --gold are for --kind classes"), "{said}");
    let (code, _) = refused(&["agreement", path, "--kind", "masks", "--metric", "ordinal"]);
    assert_eq!(code, 2);
}

#[test]
fn agreement_comes_with_an_interval() {
    let said = json(&["agreement", &data("bluebird-label.csv"), "--rounds", "200"]);
    let alpha = &said["items"][0];
    let [value, low, high] = ["value", "low", "high"].map(|name| alpha[name].as_f64().unwrap());
    assert!(low < value && value < high && high - low < 0.2, "{alpha}");
}

#[test]
fn a_leaderboard_says_how_sure_it_is_and_what_would_turn_it() {
    let said = json(&["rank", &data("evalica-food.csv")]);
    let names: Vec<&str> = said["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Tacos", "Sushi", "Burger", "Pasta", "Pizza"]);
    assert_eq!(said["items"][0]["ranks"], "1-5", "thirty votes decide nothing");
    assert_eq!(said["first_falls_without"]["votes"], 3);
}

/// The votes of people who prefer what is longer: `a` is better, `b` is longer.
#[test]
fn a_leaderboard_tells_apart_what_sways_votes() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "left,right,winner,words_left,words_right,worker\n".to_string();
    for n in 0..400 {
        let (longer, shorter) = (100 + n % 7, 60 + n % 5);
        let (sides, words) = match n % 2 {
            0 => ("a,b", format!("{shorter},{longer}")),
            _ => ("b,a", format!("{longer},{shorter}")),
        };
        // Of three a wins one, b one, and one is a tie; where b is hardly longer, a wins.
        let winner = ["a", "b", "tie"][n % 3];
        text += &format!("{sides},{winner},{words},w{}\n", n % 40);
        let even = ["a", "a", "a", "b", "tie"][n % 5];
        text += &format!("{sides},{even},{0},{0},w{1}\n", 80 + n % 3, n % 40);
    }
    let votes = file(&folder, "votes.csv", &text);
    let votes = votes.to_str().unwrap();
    let strengths = |words: &[&str]| {
        let said = json(&[&["rank", votes], words].concat());
        let of = |name| {
            let items = said["items"].as_array().unwrap();
            let item = items.iter().find(|item| item["name"] == name).unwrap();
            item["rating"].as_f64().unwrap()
        };
        (of("a") - of("b"), said)
    };
    let (plain, said) = strengths(&["--drop", "3"]);
    assert_eq!(said["falls_without"].as_array().unwrap().len(), 1, "two have one place to lose");
    let (mended, said) = strengths(&["--covariate", "words", "--side", "--ties", "davidson"]);
    assert!(mended > plain + 50.0, "{plain} {mended}");
    let effects = said["effects"].as_array().unwrap();
    assert_eq!((effects.len(), &effects[0]["name"]), (2, &Value::from("words")));
    assert!(effects[0]["low"].as_f64().unwrap() > 0.0, "{effects:?}");
    let tie = &said["tie_between_equals"];
    assert!(tie["low"].as_f64() < tie["share"].as_f64() && tie["share"].as_f64() < Some(0.5));
    let (code, said) = refused(&["rank", votes, "--covariate", "lines"]);
    assert!(code == 1 && said.contains("neither lines nor lines_left"), "{code} {said}");
    let (code, said) = refused(&["rank", votes, "--covariate", "winner"]);
    assert!(code == 1 && said.contains("line 2, field winner: \"a\" is not a number"), "{said}");
    let (code, _) = refused(&["rank", votes, "--side", "--bootstrap", "100"]);
    assert_eq!(code, 2);
}

#[test]
fn a_replay_tells_what_a_plan_would_have_cost() {
    let (answers, truth) = (data("dog-label.csv"), data("dog-truth.csv"));
    let words = ["replay", &answers, "--truth", &truth, "--times", "8"];
    let said = json(&[&words[..], &["--plan", "fixed:5", "--plan", "adaptive:0.8,1,10"]].concat());
    let [fixed, adaptive] = [0, 1].map(|at| &said["items"][at]);
    let of = |plan: &Value, name: &str| plan[name].as_f64().unwrap();
    assert_eq!(of(fixed, "answers_per_task"), 5.0);
    assert!(of(adaptive, "answers_per_task") < 4.5, "{adaptive}");
    assert!(of(adaptive, "accuracy") > of(fixed, "accuracy") - 0.01, "{said}");
    let (code, said) = refused(&[&words[..], &["--plan", "adaptive:2"]].concat());
    assert!(code == 2 && said.contains("a plan is fixed:ANSWERS"), "{said}");
}
