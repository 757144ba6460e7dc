//! Files as they lie in the wild, of which a part was once left out without a word, or taken for something else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use formats::exchange::{Format, Found, Item, Place, Shape, Source, Talk, recognise};

/// The format that the files are taken for, and what is read.
fn read(files: &[(&str, &str)]) -> (Format, Vec<Item>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let one = files.len() == 1;
    let path = if one { folder.path().join(files[0].0) } else { folder.path().to_path_buf() };
    let format = recognise(&mut Source::open(&path).unwrap()).unwrap();
    let mut found = Found::default();
    format.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    assert_eq!(found.refusals, [], "{files:?}");
    (format, found.items)
}

fn classes(items: &[Item]) -> Vec<&str> {
    items.iter().flat_map(|item| &item.marks).map(|mark| &mark.class[..]).collect()
}

#[test]
fn classes_have_the_names_that_stand_beside_the_files() {
    let card = "---\ndataset_info:\n  features:\n  - name: text\n    dtype: string\n  - name: label\n    dtype:\n      class_label:\n        names:\n          '0': neg\n          '1': \"pos\"\n---\n# A card\n";
    let infos =
        r#"{"default":{"features":{"label":{"names":["neg","pos"],"_type":"ClassLabel"}}}}"#;
    for beside in [("README.md", card), ("dataset_infos.json", infos)] {
        let lines = ("data/train-00000-of-00001.jsonl", "{\"text\":\"a\",\"label\":1}\n");
        let cells = ("data/test.csv", "text,label\nb,0\n");
        let (_, items) = read(&[beside, lines]);
        assert_eq!(classes(&items), ["pos"]);
        let (_, items) = read(&[beside, cells]);
        assert_eq!(classes(&items), ["neg"]);
    }
}

#[test]
fn a_number_without_a_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let info = r#"{"features":{"label":{"names":["neg","pos"],"_type":"ClassLabel"}}}"#;
    std::fs::write(folder.path().join("dataset_info.json"), info).unwrap();
    let rows = "{\"text\":\"a\",\"label\":7}\n{\"text\":\"b\",\"label\":-1}\n";
    std::fs::write(folder.path().join("train.jsonl"), rows).unwrap();
    let mut found = Found::default();
    Format::Jsonl.read(&mut Source::open(folder.path()).unwrap(), &mut found).unwrap();
    let told: Vec<String> = found.refusals.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["train.jsonl: row 1: `label`: `label` is 7: there are 2 classes"]);
    assert_eq!((found.items.len(), classes(&found.items)), (1, vec![]));
}

#[test]
fn pictures_lie_beside_their_metadata() {
    let rows =
        "{\"file_name\":\"a.png\",\"objects\":{\"bbox\":[[0,0,1,1]],\"categories\":[\"cat\"]}}\n";
    let (_, items) = read(&[("train/metadata.jsonl", rows), ("train/a.png", "")]);
    assert_eq!((&items[0].name[..], &items[0].subset[..]), ("train/a.png", "train"));
    assert_eq!(classes(&items), ["cat"]);
    assert!(matches!(items[0].marks[0].place, Place::Shape(Shape::Box { .. })));
}

#[test]
fn cells_are_told_apart_by_bars_and_as_a_spreadsheet_is_told() {
    for text in ["id|text|label\n1|a, b|pos\n", "sep=;\nid;text;label\n1;a, b;pos\n"] {
        let (format, items) = read(&[("in.csv", text)]);
        assert_eq!(format, Format::Csv);
        assert_eq!((items[0].text.as_deref(), classes(&items)), (Some("a, b"), vec!["pos"]));
    }
}

#[test]
fn tokens_with_tags_are_told_by_themselves() {
    let (_, items) =
        read(&[("in.jsonl", "{\"tokens\":[\"Zoe\",\"met\"],\"ner_tags\":[\"B-PER\",\"O\"]}\n")]);
    assert_eq!((items[0].text.as_deref(), classes(&items)), (Some("Zoe met"), vec!["PER"]));
    let (format, items) = read(&[("in.conll", "Zoe\tU-PER\nmet\tO\nAna\tB-LOC\nLee\tL-LOC\n\n")]);
    assert_eq!((format, classes(&items)), (Format::Conll, vec!["PER", "LOC"]));
}

#[test]
fn an_answer_is_not_left_beside_its_prompt() {
    let turns =
        |item: &Item| item.turns.iter().filter_map(|turn| turn.text.clone()).collect::<Vec<_>>();
    let answers = |item: &Item| {
        let all = item.candidates.iter().flat_map(|candidate| &candidate.turns);
        all.filter_map(|turn| turn.text.clone()).collect::<Vec<_>>()
    };
    let (format, items) =
        read(&[("in.jsonl", "{\"prompt\":\"q\",\"response\":\"a\",\"helpfulness\":3}\n")]);
    assert_eq!(
        (format, turns(&items[0]), answers(&items[0])),
        (Format::TrlCompletion, vec!["q".into()], vec!["a".into()])
    );
    let pair = r#"[{"instruction":"i","input":"x","chosen":"good","rejected":"bad"}]"#;
    let (_, items) = read(&[("in.json", pair)]);
    assert_eq!(
        (turns(&items[0]), answers(&items[0])),
        (vec!["i\n\nx".into()], vec!["good".into(), "bad".into()])
    );
    let kto = r#"[{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}],"kto_tag":false}]"#;
    let (_, items) = read(&[("in.json", kto)]);
    assert_eq!(
        (turns(&items[0]), answers(&items[0]), classes(&items)),
        (vec!["q".into()], vec!["a".into()], vec!["undesirable"])
    );
    assert!(matches!(items[0].marks[0].place, Place::Talk(Talk::Candidate(_))));
}

#[test]
fn the_csv_of_label_studio_has_its_regions() {
    let text = "annotation_id,annotator,id,label,text\n1,7,1,\"[{\"\"start\"\":0,\"\"end\"\":3,\"\"text\"\":\"\"Zoe\"\",\"\"labels\"\":[\"\"PER\"\"]}]\",Zoe met Ana\n";
    let (_, items) = read(&[("in.csv", text)]);
    assert_eq!((items[0].text.as_deref(), classes(&items)), (Some("Zoe met Ana"), vec!["PER"]));
    assert_eq!(items[0].marks[0].by.as_deref(), Some("7"));
}

#[test]
fn a_tree_of_messages_is_no_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.jsonl");
    let tree = r#"{"message_tree_id":"t","prompt":{"text":"q","role":"prompter","replies":[{"text":"a"}]}}"#;
    for row in [tree, r#"{"prompt":"q","answers":[{"answer":"a","rank":1}]}"#] {
        std::fs::write(&path, row).unwrap();
        assert_eq!(recognise(&mut Source::open(&path).unwrap()), None, "{row}");
    }
}
