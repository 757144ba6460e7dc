//! A small document in each format that is read by the reader of another one.

use formats::exchange::Format;

pub const RESULTS: &str = r#"[{"image_id":1,"category_id":3,"bbox":[1,2,30,40],"score":0.5},
{"image_id":1,"category_id":3,"segmentation":{"size":[3,4],"counts":"363"},"score":0.25},
{"image_id":2,"category_id":3,"keypoints":[1,2,2,3,4,1],"score":1},{"image_id":2,"caption":"a cat"}]"#;

pub const DARKNET: &str = "0 0.5 0.5 0.2 0.3\n1 0.25 0.75 0.1 0.1 0.5\n";

pub const PRODIGY: &str = r#"{"text":"one two","tokens":[{"text":"one","start":0,"end":3,"id":0,"ws":true},{"text":"two","start":4,"end":7,"id":1,"ws":false}],"spans":[{"start":0,"end":3,"label":"N","token_start":0,"token_end":0}],"options":[{"id":"a","text":"A"}],"accept":["a"],"answer":"accept","meta":{"k":1},"_input_hash":1,"_task_hash":-2,"_session_id":"s","_timestamp":7}
{"text":"one","label":"N","answer":"reject"}
"#;

pub const SPACY: &str = r#"["one two",{"entities":[[0,3,"N"]],"cats":{"a":1.0,"b":0.0}}]
{"text":"one two","ents":[{"start":0,"end":3,"label":"N"}],"cats":{"a":0.75}}
"#;

pub const OPENAI_SFT: &str = r#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"cat"}]},{"role":"assistant","content":"Ho","weight":1}],"tools":[{"type":"function","function":{"name":"f"}}]}
"#;

/// Each format with the name of its file and the document.
pub const ALL: [(Format, &str, &str); 5] = [
    (Format::CocoResults, "in.json", RESULTS),
    (Format::Darknet, "obj_train_data/a.txt", DARKNET),
    (Format::Prodigy, "in.jsonl", PRODIGY),
    (Format::Spacy, "in.jsonl", SPACY),
    (Format::OpenaiSft, "in.jsonl", OPENAI_SFT),
];
