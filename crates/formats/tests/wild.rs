//! Files as they lie in the wild, of which a part was once left out without a word, or taken for something else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use formats::exchange::{Format, Found, Item, Place, Shape, Source, Talk, hint, recognise};

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
fn a_name_that_an_archive_has_twice_is_read_once_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.zip");
    let mut zip = formats::zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    zip.append("a.conll", b"Zoe B-PER\n\n").unwrap();
    zip.append("a.conll", b"Lee B-LOC\n\n").unwrap();
    zip.finish().unwrap();
    let mut source = Source::open(&path).unwrap();
    let mut found = Found::default();
    source.refuse_unsafe(&mut found);
    Format::Conll.read(&mut source, &mut found).unwrap();
    assert_eq!(classes(&found.items), ["PER"]);
    let [refusal] = &found.refusals[..] else { panic!("{:?}", found.refusals) };
    assert!(refusal.to_string().contains("another file of this name"), "{refusal}");
}

/// The classes of the spans of an item, each with what it covers.
fn spans(item: &Item) -> Vec<(&str, String)> {
    let text: Vec<char> = item.text.as_deref().unwrap_or_default().chars().collect();
    let covered = item.marks.iter().filter_map(|mark| match mark.place {
        Place::Span { start, end } => {
            Some((&mark.class[..], text[start as usize..end as usize].iter().collect()))
        }
        _ => None,
    });
    covered.collect()
}

#[test]
fn words_in_columns_are_told_whatever_the_columns_and_the_tags() {
    let wanted = [("PER", "Zoe Lee".to_owned()), ("LOC", "Köln".to_owned())];
    let tags = [
        ["B-PER", "I-PER", "O", "B-LOC"],
        ["B-PER", "E-PER", "O", "S-LOC"],
        ["B-PER", "L-PER", "O", "U-LOC"],
        ["I-PER", "I-PER", "O", "I-LOC"],
    ];
    let words = ["Zoe", "Lee", "saw", "Köln"];
    // CoNLL-2002 and WNUT-17, CoNLL-2000 with its parts of speech, CoNLL-2003, and with comments before it.
    for (name, head, between, blank) in [
        ("esp.train", "", " ", "\n"),
        ("wnut17train.conll", "", "\t", "\t\n"),
        ("train.txt", "", " NNP ", "\n"),
        ("eng.testa", "-DOCSTART- -X- -X- O\n\n", " NNP B-NP ", "\r\n"),
        ("en_dev.iob2", "# id 7\tdomain=dev\n", " _ _ ", "\n"),
    ] {
        for tags in tags {
            let rows = words.iter().zip(tags).map(|(word, tag)| format!("{word}{between}{tag}\n"));
            let text = format!("{head}{}{blank}{head}no{between}O\n", rows.collect::<String>());
            let (format, items) = read(&[(name, &text)]);
            assert_eq!((format, items.len()), (Format::Conll, 2), "{name}");
            assert_eq!(spans(&items[0]), wanted, "{name} {tags:?}");
            let comments = items[0].metadata.get("comments");
            assert_eq!(comments.is_some(), head.starts_with('#'), "{name}");
        }
    }
    // Where none of several files has an ending that is known, all are read.
    let (_, items) = read(&[("eng.train", "Zoe B-PER\nsaw O\n"), ("eng.testb", "no O\nmore O\n")]);
    assert_eq!(items.len(), 2);
}

#[test]
fn ontonotes_keeps_names_and_what_they_refer_to() {
    let row = |word: &str, name: &str, same: &str| {
        format!("bc/cnn/00/cnn_0003 0 0 {word} NNP (S* - - - Speaker#1 {name} (ARG0*) {same}\n")
    };
    let text = [
        "#begin document (bc/cnn/00/cnn_0003); part 001\n",
        &row("Zoë", "(PERSON*", "(3"),
        &row("Lee", "*)", "3)"),
        &row("slept", "*", "-"),
        "\n",
        &row("She", "*", "(3)|(5"),
        &row("dreams", "*", "5)"),
        "\n#end document\n#begin document (bc/cnn/00/cnn_0003); part 002\n",
        &row("Köln", "(GPE)", "-"),
        "#end document\n",
    ]
    .concat();
    for name in ["a.v4_gold_conll", "a.conll", "a.txt"] {
        let (format, items) = read(&[(name, &text)]);
        assert_eq!((format, items.len()), (Format::Conll, 2), "{name}");
        assert_eq!(items[0].name, "bc/cnn/00/cnn_0003_part_001");
        assert_eq!(items[0].text.as_deref(), Some("Zoë Lee slept\nShe dreams"));
        let said = |class, part: &str| (class, part.to_owned());
        let wanted =
            [said("PERSON", "Zoë Lee"), said("mention", "She"), said("mention", "She dreams")];
        assert_eq!(spans(&items[0]), wanted);
        // She is Zoë Lee; nobody else has the dreams.
        let [link] = &items[0].links[..] else { panic!("{:?}", items[0].links) };
        let id = |nth: usize| items[0].marks[nth].id.clone().unwrap();
        assert_eq!((&link.from, &link.to, &link.class[..]), (&id(1), &id(0), "coreference"));
        assert_eq!(spans(&items[1]), [said("GPE", "Köln")]);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.conll");
    std::fs::write(&path, text.replace("*)", "*))") + "stray\n").unwrap();
    let mut found = Found::default();
    Format::Conll.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    let told: Vec<_> = found.refusals.iter().map(|refusal| &refusal.error.field[..]).collect();
    assert_eq!(told, ["name", "word"], "{:?}", found.refusals);
    // Parts of speech, parses, who speaks and who does what are counted once a document.
    assert_eq!(found.losses.count("column_not_read"), 8);
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
    for (row, format) in [
        (tree, Some(Format::Oasst)),
        (r#"{"prompt":"q","answers":[{"answer":"a","rank":1}]}"#, Some(Format::TrlPreference)),
        (r#"{"prompt":"q","answers":["a","b"]}"#, None),
    ] {
        std::fs::write(&path, row).unwrap();
        assert_eq!(recognise(&mut Source::open(&path).unwrap()), format, "{row}");
    }
}

#[test]
fn records_of_the_first_argilla_keep_their_labels() {
    let class = r#"{"id":"r1","text":"good film","inputs":{"text":"good film"},"prediction":[["neg",0.1],["pos",0.9]],"prediction_agent":"m1","annotation":"pos","annotation_agent":"ann","multi_label":false,"metadata":{"page":3},"status":"Validated","metrics":{}}"#;
    // Hugging Face's `datasets` names what was a tuple.
    let named = r#"{"text":null,"inputs":{"text":"good film"},"prediction":[{"label":"pos","score":0.9},{"label":"neg","score":0.1}],"prediction_agent":"m1","annotation":"pos","annotation_agent":"ann","multi_label":false,"id":"r1","metadata":{"page":3},"status":"Validated","vectors":null}"#;
    for (name, row) in [
        ("in.jsonl", class.to_owned()),
        ("in.json", format!("[{named}]")),
        ("c.jsonl", named.into()),
    ] {
        let (format, items) = read(&[(name, &row)]);
        let item = &items[0];
        assert_eq!((format, item.text.as_deref()), (Format::Argilla, Some("good film")), "{name}");
        assert_eq!((item.id.as_deref(), &item.metadata["page"]), (Some("r1"), &3.into()));
        let [proposed, said] = &item.marks[..] else { panic!("{:?}", item.marks) };
        assert_eq!((&proposed.class[..], proposed.score), ("pos", Some(0.9)));
        assert_eq!((proposed.model.as_deref(), said.model.as_deref()), (Some("m1"), None));
        assert_eq!((&said.class[..], said.by.as_deref()), ("pos", Some("ann")));
    }
    let several = r#"{"inputs":{"title":"a","body":"b"},"prediction":[["x",0.7],["y",0.6],["z",0.2]],"annotation":["x","y"],"multi_label":true}"#;
    let (_, items) = read(&[("in.jsonl", several)]);
    assert_eq!(classes(&items), ["x", "y", "x", "y"]);
    assert_eq!(items[0].metadata["fields"]["body"], "b");
}

#[test]
fn spans_and_words_of_the_first_argilla_have_their_places() {
    let spans = r#"{"text":"Zoe met Ana","tokens":["Zoe","met","Ana"],"prediction":[["PER",0,3,0.8]],"annotation":[["PER",8,11]],"metadata":{},"status":"Default"}"#;
    let named = r#"{"text":"Zoe met Ana","tokens":["Zoe","met","Ana"],"prediction":[{"label":"PER","start":0,"end":3,"score":0.8}],"prediction_agent":null,"annotation":[{"label":"PER","start":8,"end":11}],"metadata":null}"#;
    for row in [spans, named] {
        let (format, items) = read(&[("in.jsonl", row)]);
        assert_eq!((format, classes(&items)), (Format::Argilla, vec!["PER", "PER"]));
        let places: Vec<&Place> = items[0].marks.iter().map(|mark| &mark.place).collect();
        let wanted = [Place::Span { start: 0, end: 3 }, Place::Span { start: 8, end: 11 }];
        assert_eq!(places, [&wanted[0], &wanted[1]]);
        assert_eq!((items[0].marks[0].score, items[0].marks[1].score), (Some(0.8), None));
    }
    for row in [
        r#"{"text":"chat noir","prediction":[["black cat",0.9],["cat",0.1]],"annotation":"black cat","prediction_agent":"m"}"#,
        r#"{"text":"chat noir","prediction":[{"text":"black cat","score":0.9}],"annotation":"black cat","metadata":{}}"#,
    ] {
        let (_, items) = read(&[("in.jsonl", row)]);
        let words = Place::Words("black cat".into());
        let said = items[0].marks.last().unwrap();
        assert!(items[0].marks[0].model.is_some() && said.model.is_none());
        assert_eq!((&items[0].marks[0].place, &said.place), (&words, &words), "{row}");
    }
}

#[test]
fn what_argilla_hands_to_hugging_face_keeps_its_answers() {
    let flat = r#"{"id":"r1","status":"completed","text":"good film","label.responses":["pos","neg"],"label.responses.users":["u1","u2"],"label.responses.status":["submitted","draft"],"label.suggestion":"pos","label.suggestion.agent":"m1","label.suggestion.score":0.9}"#;
    let first = r#"{"text":"good film","label":[{"user_id":"u1","value":"pos","status":"submitted"},{"user_id":"u2","value":"neg","status":"draft"}],"label-suggestion":"pos","label-suggestion-metadata":{"type":"model","score":0.9,"agent":"m1"},"external_id":"r1","metadata":"{\"page\": 3}"}"#;
    let columns = r#"{"text":"good film","label":{"user_id":["u1","u2"],"value":["pos","neg"],"status":["submitted","draft"]},"label-suggestion":"pos","label-suggestion-metadata":{"type":"model","score":0.9,"agent":"m1"},"external_id":"r1","metadata":"{}"}"#;
    for row in [flat, first, columns] {
        let (format, items) = read(&[("in.jsonl", row)]);
        let item = &items[0];
        assert_eq!((format, item.text.as_deref()), (Format::Argilla, Some("good film")), "{row}");
        assert_eq!((item.id.as_deref(), classes(&items)), (Some("r1"), vec!["pos", "pos", "neg"]));
        let [proposed, said, draft] = &item.marks[..] else { panic!("{:?}", item.marks) };
        assert_eq!((proposed.model.as_deref(), proposed.score), (Some("m1"), Some(0.9)));
        assert_eq!((said.by.as_deref(), draft.by.as_deref()), (Some("u1"), Some("u2")));
        assert_eq!(said.question.as_deref(), Some("label"));
        assert_eq!(draft.attributes["status"], "draft");
    }
}

#[test]
fn a_vote_in_three_columns_is_a_vote() {
    let head = "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie\n";
    let rows = concat!(
        "1,gpt,llama,\"[\"\"q1\"\",\"\"q2\"\"]\",\"[\"\"a1\"\",\"\"a2\"\"]\",\"[\"\"b1\"\",null]\",0,1,0\n",
        "2,gpt,llama,\"[\"\"q\"\"]\",\"[\"\"a\"\"]\",\"[\"\"b\"\"]\",0,0,1\n",
    );
    let (format, items) = read(&[("train.csv", &format!("{head}{rows}"))]);
    assert_eq!(format, Format::Arena);
    let said = |item: &Item, at: usize| -> Vec<String> {
        let turns = item.candidates[at].turns.iter();
        turns.map(|turn| format!("{}: {}", turn.role, turn.text.as_deref().unwrap())).collect()
    };
    assert_eq!(items[0].turns[0].text.as_deref(), Some("q1"));
    assert_eq!(said(&items[0], 0), ["assistant: a1", "user: q2", "assistant: a2"]);
    assert_eq!(said(&items[0], 1), ["assistant: b1", "user: q2", "assistant: "]);
    assert_eq!(items[0].candidates[1].model.as_deref(), Some("llama"));
    let orders: Vec<_> = items.iter().map(|item| item.marks[0].place.clone()).collect();
    let ranking = |order: &[&[&str]]| {
        let order = order.iter().map(|level| level.iter().map(|id| (*id).into()).collect());
        Place::Talk(Talk::Ranking { order: order.collect(), all_bad: false })
    };
    assert_eq!(orders, [ranking(&[&["b"], &["a"]]), ranking(&[&["a", "b"]])]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.csv");
    let (both, uneven) = (
        "3,m,n,\"[\"\"q\"\"]\",\"[\"\"a\"\"]\",\"[\"\"b\"\"]\",1,1,0\n",
        "4,m,n,\"[\"\"q\"\"]\",\"[\"\"a\"\",\"\"c\"\"]\",\"[\"\"b\"\"]\",1,0,0\n",
    );
    std::fs::write(&path, format!("{head}{both}{uneven}")).unwrap();
    let mut found = Found::default();
    Format::Arena.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    let fields: Vec<&str> = found.refusals.iter().map(|refusal| &refusal.error.field[..]).collect();
    assert_eq!(fields, ["winner_model_a", "response_a"]);
}

#[test]
fn classes_that_doccano_joins_in_a_cell_are_told_apart() {
    let (format, items) =
        read(&[("all.csv", "id,data,label,page\n7,good,pos#short,3\n8,bad,neg,4\n9,none,,5\n")]);
    assert_eq!((format, classes(&items)), (Format::Doccano, vec!["pos", "short", "neg"]));
    assert_eq!(
        (items[0].id.as_deref(), items[0].text.as_deref(), &items[0].metadata["page"]),
        (Some("7"), Some("good"), &"3".into())
    );
    let (format, items) = read(&[("in.csv", "text,label\na,pos#short\nb,pos\nc,short\n")]);
    assert_eq!((format, classes(&items)), (Format::Doccano, vec!["pos", "short", "pos", "short"]));
    // A class that has the sign in its name is one.
    for text in ["text,label\na,C#\nb,F#\n", "text,label\na,go#1\nb,go\n"] {
        let (format, items) = read(&[("in.csv", text)]);
        assert_eq!((format, items[0].marks.len()), (Format::Csv, 1), "{text}");
    }
}

#[test]
fn a_first_row_is_not_swallowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.csv");
    for (text, seen) in [
        ("1,good film,pos\n2,bad film,neg\n", "1"),
        ("I like this film,pos\nI hate it,neg\n", "I like this film"),
        ("good,pos\nbetter,pos\n", "pos"),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(recognise(&mut Source::open(&path).unwrap()), None, "{text}");
        let said = hint(&mut Source::open(&path).unwrap()).unwrap();
        let mend = format!(
            "has no line that names its columns, for the first says “{seen}”: put one before it, such as `text,label`"
        );
        assert_eq!(said, format!("in.csv {mend}"));
        let mut found = Found::default();
        let error = Format::Csv.read(&mut Source::open(&path).unwrap(), &mut found).unwrap_err();
        assert_eq!(error.to_string(), format!("in.csv: row 1: the table {mend}"));
        assert_eq!(found.items, []);
    }
    std::fs::write(&path, "text,label\rgood,pos\rbad,neg\r").unwrap();
    assert_eq!(
        hint(&mut Source::open(&path).unwrap()).unwrap(),
        "in.csv ends its lines with CR alone: save it with LF or CR LF"
    );
}

#[test]
fn letters_of_two_bytes_are_read_without_their_mark() {
    let folder = tempfile::tempdir().unwrap();
    let units: Vec<u16> = "text,label\nčaj 🍵,pos\n".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [little, big] {
        let path = folder.path().join("in.csv");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(recognise(&mut Source::open(&path).unwrap()), Some(Format::Csv));
        let mut found = Found::default();
        Format::Csv.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
        assert_eq!(found.items[0].text.as_deref(), Some("čaj 🍵"));
    }
}

#[test]
fn what_no_format_is_known_for_is_told_how_to_mend() {
    for (name, text, sees, mend) in [
        ("train.spacy", "\u{1}x", "DocBin", "`spacy`"),
        ("data-00000-of-00001.arrow", "\u{1}x", "Arrow", "`parquet`"),
        ("in.jsonl.xz", "x", "packed", "ZIP"),
        (
            "light.json",
            r#"{"examples":[{"content":"x","annotations":[{"annotation_id":"i","annotator":"a"}]}],"relations":[],"schema":{}}"#,
            "LightTag",
            "`prodigy`",
        ),
        (
            "hasty.json",
            r#"{"export_format_version":"1.1","label_classes":[],"images":[{"image_id":"i","categories":[]}]}"#,
            "Hasty",
            "`coco`",
        ),
        (
            "web.json",
            r#"[{"@context":"http://www.w3.org/ns/anno.jsonld","id":"1","type":"Annotation","body":[],"target":{}}]"#,
            "Annotorious",
            "`jsonl`",
        ),
        (
            "loop.json",
            r#"{"filename":"/a.jpg","annotations":[{"datasetId":"d","type":"box","label":"cat","coordinates":[{"x":1,"y":2}]}]}"#,
            "Dataloop",
            "COCO",
        ),
        (
            "kili.json",
            r#"[{"id":"x","externalId":"a.jpg","labels":[{"jsonResponse":{"JOB_0":{"annotations":[]}}}]}]"#,
            "Kili",
            "COCO",
        ),
        (
            "imglab.xml",
            "<?xml version='1.0'?>\n<dataset>\n<images>\n<image file='a.jpg'><box top='1'/></image></images></dataset>",
            "imglab",
            "`jsonl`",
        ),
        ("page.xml", "<PcGts><Page/></PcGts>", "PAGE", "`coco`"),
        ("tei.xml", "<TEI xmlns=\"http://www.tei-c.org/ns/1.0\"/>", "TEI", "`prodigy`"),
        ("labels.txt", "0.5\t1.5\tdog\n2.0\t3.0\tcat\n", "sound", "`label-studio`"),
        ("frame.json", r#"{"text":{"0":"hi"},"label":{"0":"pos"}}"#, "column by column", "records"),
        ("records.json", r#"{"id":["r1","r2"],"text":["a","b"]}"#, "column by column", "records"),
        ("a.tsv", "#FORMAT=WebAnno TSV 3.3\n#Text=x\n", "INCEpTION", "`conll`"),
        ("frame.pkl", "x", "Python", "`to_parquet`"),
        ("in.csv", "a,b\nc,d\n", "“a”, “b”", "`text`"),
        ("in.jsonl", r#"{"translation":{"en":"a","de":"ä"}}"#, "“translation”", "`jsonl`"),
        (
            "Label.txt",
            "pics/a.jpg\t[{\"transcription\": \"wörd\", \"points\": [[1,2],[5,2],[5,6],[1,6]]}]\n",
            "PaddleOCR",
            "`icdar`",
        ),
        (
            "in.jsonl",
            r#"{"prompt":"q","answers":["a","b"]}"#,
            "several answers",
            "`trl-preference`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        let mut source = Source::open(folder.path()).unwrap();
        assert_eq!(recognise(&mut source), None, "{name}");
        let said = hint(&mut source).unwrap_or_else(|| panic!("{name}"));
        assert!(said.starts_with(name) && said.contains(sees) && !said.contains('\n'), "{said}");
        assert!(said.contains(mend), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    assert_eq!(hint(&mut Source::open(folder.path()).unwrap()), None);
}

#[test]
fn what_stands_between_words_and_tags_is_counted() {
    for (text, lost) in [
        ("EU NNP B-NP B-ORG\nPeter NNP B-NP B-PER\n\nLee NNP B-NP B-PER\n", Some(2)),
        ("EU -X- _ B-ORG\nPeter -X- _ B-PER\n", None),
        ("EU B-ORG\nPeter O\n", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.conll");
        std::fs::write(&path, text).unwrap();
        let mut found = Found::default();
        Format::Conll.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
        let counted = found.losses.losses.get("column_not_read").map(|loss| loss.count);
        assert_eq!(counted, lost, "{text}");
    }
}

#[test]
fn a_second_picture_of_a_sample_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.tar");
    let mut tar = formats::tar::TarWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in
        [("a.cls", "3"), ("a.jpg", ""), ("a.seg.png", ""), ("b.cls", "cat"), ("b.jpg", "")]
    {
        tar.add(name, content.len() as u64, &mut content.as_bytes()).unwrap();
    }
    tar.finish().unwrap();
    let mut found = Found::default();
    Format::WebDataset.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    assert_eq!((found.items.len(), classes(&found.items)), (2, vec!["class_3", "cat"]));
    let loss = &found.losses.losses["file_of_another_kind"];
    assert_eq!((loss.count, &loss.examples[..]), (1, &["a.seg.png".to_owned()][..]));
}

/// `tar --format=v7`: only the sum of its first block says that it is an archive.
#[test]
fn an_archive_from_before_posix_is_one() {
    let mut tar = formats::tar::TarWriter::new(Vec::new());
    let rows = b"text,label\na,pos\n";
    tar.add("in.csv", rows.len() as u64, &mut &rows[..]).unwrap();
    let mut bytes = tar.finish().unwrap();
    bytes[257..265].fill(0);
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
    bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.tar");
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(recognise(&mut Source::open(&path).unwrap()), Some(Format::Csv));
}

/// Folders of their own for each part of the data, with files that only say what is in them, as Supervisely's library
/// writes them.
#[test]
fn parts_of_coco_have_folders_of_their_own() {
    let coco = |name: &str| {
        serde_json::json!({ "images": [{ "id": 1, "file_name": name, "width": 9, "height": 9 }], "annotations": [],
            "categories": [{ "id": 1, "name": "cat" }] })
        .to_string()
    };
    let (format, items) = read(&[
        ("day/annotations/coco_instances.json", &coco("a.jpg")),
        ("night/annotations/coco_instances.json", &coco("a.jpg")),
    ]);
    let subsets: Vec<&str> = items.iter().map(|item| &item.subset[..]).collect();
    assert_eq!((format, subsets), (Format::Coco, vec!["day", "night"]));
}

/// “Unicode text” of a spreadsheet: tabs, and two bytes for each letter.
#[test]
fn a_text_with_tabs_is_a_table() {
    let text = "id\ttext\tlabel\r\n1\tZoë\tpos\r\n";
    let units: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes().to_vec(), units] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.txt");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(recognise(&mut Source::open(&path).unwrap()), Some(Format::Tsv));
        let mut found = Found::default();
        Format::Tsv.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
        assert_eq!(
            (found.items[0].text.as_deref(), classes(&found.items)),
            (Some("Zoë"), vec!["pos"])
        );
    }
}

/// As CVAT dumps a project: tasks count their frames anew, and the group of a track stands at the track.
#[test]
fn tracks_of_several_tasks_stay_apart() {
    let meta = "<meta><project><id>3</id><name>p</name><tasks>\
<task><id>1</id><name>morgens</name><subset>Train</subset><original_size><width>64</width><height>48</height></original_size></task>\
<task><id>2</id><name>abends</name><subset>Val</subset><original_size><width>32</width><height>24</height></original_size></task>\
</tasks></project></meta>";
    let track = |id: u8, task: u8| {
        format!(
            "<track id=\"{id}\" label=\"x\" source=\"manual\" group_id=\"{}\" task_id=\"{task}\" subset=\"Train\">\
<box frame=\"0\" keyframe=\"1\" outside=\"0\" occluded=\"0\" xtl=\"{task}\" ytl=\"2\" xbr=\"9\" ybr=\"9\" z_order=\"0\"></box></track>",
            task + 6
        )
    };
    let one = [&track(0, 1)[..]];
    let two = [&track(0, 1)[..], &track(1, 2)[..]];
    let file = |tracks: &[&str]| {
        format!(
            "<?xml version=\"1.0\"?><annotations><version>1.1</version>{meta}{}</annotations>",
            tracks.concat()
        )
    };
    let (format, items) = read(&[("annotations.xml", &file(&two))]);
    assert_eq!(format, Format::Cvat);
    let told: Vec<_> = items
        .iter()
        .map(|item| (&item.name[..], &item.subset[..], item.width, item.frame, item.marks[0].group))
        .collect();
    assert_eq!(
        told,
        [
            ("morgens/frame_000000", "Train", Some(64), Some(0), Some(7)),
            ("abends/frame_000000", "Val", Some(32), Some(0), Some(8)),
        ]
    );
    let (_, items) = read(&[("annotations.xml", &file(&one))]);
    assert_eq!((items.len(), &items[0].name[..]), (1, "frame_000000"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("again.xml");
    let path = folder.path().join("in.xml");
    std::fs::write(&path, file(&one)).unwrap();
    formats::exchange::convert(&path, Format::Cvat, &out, Format::Cvat, &mut |_, _| {}).unwrap();
    assert!(std::fs::read_to_string(&out).unwrap().contains("source=\"manual\" group_id=\"7\">"));
}

/// Events are told by a span; what is said of an event is said of that span.
#[test]
fn events_of_brat_are_spans_with_relations() {
    let text = "Zoë works for Köln AG.\n";
    let lines = "T1\tPerson 0 3\tZoë\nT2\tOrg 14 21\tKöln AG\nT3\tEmployment 4 9\tworks\n\
E1\tEmployment:T3 Who:T1 Where:T2\nA1\tNegation E1\nA2\tConfidence E1 High\nM1\tSpeculation E1\n\
#1\tAnnotatorNotes E1\tnötig\nR1\tKnows Arg1:T1 Arg2:E1\n";
    let (format, items) = read(&[("d.txt", text), ("d.ann", lines)]);
    assert_eq!(format, Format::Brat);
    let links: Vec<_> =
        items[0].links.iter().map(|link| (&link.class[..], &link.from[..], &link.to[..])).collect();
    assert_eq!(links, [("Who", "T3", "T1"), ("Where", "T3", "T2"), ("Knows", "T1", "T3")]);
    let said = serde_json::Value::from(items[0].marks[2].attributes.clone());
    let wanted = serde_json::json!({"Negation": true, "Confidence": "High", "Speculation": true, "note": "nötig"});
    assert_eq!(said, wanted);
}

#[test]
fn prompts_alone_are_read_from_columns_too() {
    let (_, items) = read(&[("in.csv", "prompt,source\nwhat?,x\n")]);
    assert_eq!((items[0].turns.len(), items[0].turns[0].text.as_deref()), (1, Some("what?")));
}
