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
fn what_is_wrong_is_named_by_file_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
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
    let answers = data("bluebird-label.csv");
    let (code, said) = refused(&["agreement", &answers, "--metric", "furlong"]);
    assert!(code == 2 && said.contains("nominal"), "{said}");
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
