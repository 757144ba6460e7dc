//! Manifests: good rows get through, bad ones are told apart, whatever wrote the file.

mod support;

use formats::manifest::{CsvManifest, JsonlManifest, Source};
use formats::{ErrorFile, RowError};
use serde_json::json;

fn jsonl(bytes: &[u8]) -> Vec<Result<formats::manifest::Row, RowError>> {
    JsonlManifest::new(bytes).map(Result::unwrap).collect()
}

fn csv(bytes: &[u8]) -> Vec<Result<formats::manifest::Row, RowError>> {
    CsvManifest::open(bytes).expect("a good header").map(Result::unwrap).collect()
}

/// Writes rows in a line: `1 a path:a.jpg`, or `2 !not_json`.
fn brief(rows: &[Result<formats::manifest::Row, RowError>]) -> String {
    let brief = rows.iter().map(|row| match row {
        Ok(row) => {
            let source = match &row.source {
                Source::Path(path) => format!("path:{path}"),
                Source::Url(url) => format!("url:{url}"),
                Source::Text(text) => format!("text:{text}"),
                Source::Scene(scene) => format!("scene:{}", scene.clouds.len()),
                Source::Pictures(pictures) => {
                    let names = pictures.iter().map(|one| one.name.as_str());
                    format!("pictures:{}", names.collect::<Vec<_>>().join("+"))
                }
            };
            format!("{} {} {source}", row.row, row.external_id)
        }
        Err(error) => format!("{} !{}", error.row, error.code()),
    });
    brief.collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_manifest_is_told_from_the_labels_of_another_tool() {
    let cases = [
        (true, "external_id,path\n"),
        (true, "path\n"),
        (true, "\u{feff}\"external_id\";\"text\"\n"),
        (true, "text,stars\n"),
        (true, "url,width,height\n"),
        (true, "text,label,answer\n"),
        (true, "text\tlabel\tmetadata.place\n"),
        (true, r#"{"external_id":"a","text":"one"}"#),
        (true, r#"{"path":"a.jpg"}"#),
        (true, r#"{"scene":{"clouds":[]}}"#),
        (true, r#"{"external_id":"a","text":"one","metdata":{}}"#),
        (true, r#"{"external_id":"a","text":"one","label":"x","priority":3}"#),
        (true, "{oops\n{\"url\":\"https://x.org/a.png\"}"),
        (true, r#"{"external_id":"a","text":"very long, and cut"#),
        (false, "text,label\n"),
        (false, "text,Label\n"),
        (false, "path,category\n"),
        (false, "external_id,text,sentiment\n"),
        (false, "external_id,label\n"),
        (false, "text,id,choice,annotator,annotation_id\n"),
        (false, "text\n"),
        (false, "prompt,chosen,rejected\n"),
        (false, r#"{"external_id":"a","text":"one","label":"x"}"#),
        (false, r#"{"text":"one","label":"x"}"#),
        (false, r#"{"text":"one","metadatum":{}}"#),
        (false, r#"{"text":"one","answer":"accept"}"#),
        (false, r#"{"id":1,"text":"one","entities":[]}"#),
        (false, r#"[{"external_id":"a","text":"one"}]"#),
        (false, "EU B-ORG\n"),
        (false, ""),
    ];
    for (is_one, head) in cases {
        assert_eq!(formats::manifest::is_manifest(head), is_one, "{head}");
    }
}

#[test]
fn a_bad_row_does_not_stop_the_good_ones() {
    let rows = jsonl(b"{\"external_id\":\"a\",\"path\":\"a.jpg\"}\r\n\n{oops\n{\"url\":\"https://x.org/b.png\"}\n\xff\xfe\n{\"external_id\":\"t\",\"text\":\"hi\"}");
    assert_eq!(
        brief(&rows),
        "1 a path:a.jpg | 3 !not_json | 4 https://x.org/b.png url:https://x.org/b.png | 5 !not_text | 6 t text:hi"
    );
}

#[test]
fn a_row_may_be_several_pictures_of_one_moment() {
    let front = r#"{"name":"front","path":"1/f.jpg"}"#;
    let row = |pictures: &str| format!("{{\"external_id\":\"m\",\"pictures\":[{pictures}]}}\n");
    let text = [
        row(&format!(r#"{front},{{"name":"rear","url":"https://x.org/r.png"}}"#)),
        row(&format!("{front},{front}")),
        row(r#"{"name":"up","path":"../u.jpg"}"#),
        row(r#"{"name":"web","url":"file:///etc/passwd"}"#),
        row(r#"{"name":"none"}"#),
        row(r#"{"name":"odd","path":"a.jpg","zoom":3}"#),
        format!("{{\"pictures\":[{front}]}}\n"),
        format!("{{\"external_id\":\"m\",\"path\":\"a.jpg\",\"pictures\":[{front}]}}\n"),
    ]
    .concat();
    assert_eq!(
        brief(&jsonl(text.as_bytes())),
        "1 m pictures:front+rear | 2 !out_of_range | 3 !unsafe_path | 4 !unsafe_url | 5 !out_of_range \
         | 6 !wrong_type | 7 !missing_field | 8 !several_sources"
    );
}

#[test]
fn a_row_has_all_its_fields() {
    let rows = jsonl(br#"{"external_id":"a","path":"a/b.jpg","metadata":{"k":[1,{"z":null}]},"priority":9,"gold":true,"answer":{"choices":["cat"]}}"#);
    let row = rows[0].as_ref().unwrap();
    assert_eq!((row.priority, row.gold), (Some(9), true));
    assert_eq!(row.answer, Some(json!({ "choices": ["cat"] })));
    assert_eq!(serde_json::Value::from(row.metadata.clone()), json!({ "k": [1, { "z": null }] }));
}

#[test]
fn csv_speaks_three_delimiters_and_keeps_what_it_does_not_know() {
    for delimiter in [",", ";", "\t"] {
        let text = "external_id,path,metadata.city,priority,answer,gold,note\r\na,a.jpg,\"Köln, Rhein\",7,\"{\"\"choices\"\":[\"\"x\"\"]}\",yes,\r\n";
        let text = text.replace(", ", "%").replace(',', delimiter).replace('%', ", ");
        let rows = csv(text.as_bytes());
        let row = rows[0].as_ref().unwrap();
        assert_eq!((row.row, row.priority, row.gold), (2, Some(7), true));
        assert_eq!(serde_json::Value::from(row.metadata.clone()), json!({ "city": "Köln, Rhein" }));
        assert_eq!(row.answer, Some(json!({ "choices": ["x"] })));
    }
}

#[test]
fn a_quoted_line_break_is_part_of_the_cell() {
    let rows = csv(b"external_id,text\n1,\"a\nb\"\n2,\"say \"\"hi\"\"\"\n3,5\" wide\n");
    assert_eq!(brief(&rows), "2 1 text:a\nb | 4 2 text:say \"hi\" | 5 3 text:5\" wide");
}

#[test]
fn an_open_quote_costs_its_own_row_only() {
    let rows = csv(b"external_id,text\n1,\"open\n2,two\n3,\"three\"\n4,four");
    assert_eq!(brief(&rows), "2 !unclosed_quote | 3 2 text:two | 4 3 text:three | 5 4 text:four");
    let rows = csv(b"external_id,text\n1,one\n2,\"open\n3,three\n");
    assert_eq!(brief(&rows), "2 1 text:one | 3 !unclosed_quote | 4 3 text:three");
}

#[test]
fn utf_16_and_byte_order_marks_are_read() {
    let text = "external_id,text\n1,naïve 🚗\n";
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"\xff\xfe", &le[..]].concat(),
        [b"\xfe\xff", &be[..]].concat(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        text.into(),
    ] {
        assert_eq!(brief(&csv(&bytes)), "2 1 text:naïve 🚗");
    }
}

#[test]
fn a_long_utf_16_file_keeps_its_pairs_across_buffers() {
    for shift in 0..3 {
        let text: String = (0..3000)
            .map(|n| format!("{{\"external_id\":\"{n}\",\"text\":\"🚗🚙é\"}}\n"))
            .collect();
        let text = format!("{}{text}", "\n".repeat(shift));
        let bytes: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let rows = jsonl(&bytes);
        assert_eq!(rows.len(), 3000);
        assert!(
            rows.iter().all(|row| row.as_ref().unwrap().source == Source::Text("🚗🚙é".into()))
        );
    }
}

#[test]
fn half_a_surrogate_pair_spoils_its_own_row() {
    let mut units: Vec<u16> = "{\"external_id\":\"a\",\"text\":\"".encode_utf16().collect();
    units.push(0xd83d);
    units.extend("\"}\n{\"external_id\":\"b\",\"text\":\"b\"}".encode_utf16());
    let bytes: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(units.iter().flat_map(|u| u.to_le_bytes())).collect();
    assert_eq!(brief(&jsonl(&bytes)), "1 !not_text | 2 b text:b");
}

#[test]
fn the_error_file_opens_harmlessly_in_a_spreadsheet() {
    let rows = csv(b"external_id,path\n=HYPERLINK(1),../x\n");
    let mut file = ErrorFile::new(Vec::new()).unwrap();
    file.push(rows[0].as_ref().unwrap_err()).unwrap();
    let text = String::from_utf8(file.finish().unwrap()).unwrap();
    assert_eq!(
        text,
        "row,field,code,message,raw\n2,path,unsafe_path,\"`path` must be relative, without `..`: give it from the folder of the manifest\",\"'=HYPERLINK(1),../x\"\n"
    );
}

/// Each quote that opens at the end of much text is read again once at most.
#[test]
fn a_file_full_of_quotes_takes_no_quadratic_time() {
    for line in ["a,\"b\n", "1,\"\"\"\n", "\",\n", "x\"\"\"\",\"\n", "\"\"\"\"\"\n"] {
        let bytes = ["external_id,text\n".to_owned(), line.repeat(100_000)].concat();
        let start = std::time::Instant::now();
        let count = CsvManifest::open(bytes.as_bytes()).unwrap().count();
        assert!(count > 0 && start.elapsed().as_secs() < 20, "{line:?}: {:?}", start.elapsed());
    }
}
