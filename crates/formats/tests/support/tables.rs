//! A small document in each format for texts, tables and preferences, with something of everything that it has.

use formats::exchange::Format;

pub const SFT: &str = r#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function"}]},{"role":"tool","content":"7","tool_call_id":"c"},{"role":"user","content":[{"type":"text","text":"cat?"}]}],"tools":[]}
{"prompt":"The sky is","completion":" blue."}
{"text":"All of it."}
"#;

pub const COMPLETION: &str = r#"{"prompt":"The sky is","completion":" blue."}
{"prompt":[{"role":"user","content":"cat"}],"completion":[{"role":"assistant","content":"dog"}]}
"#;

pub const PROMPT: &str = r#"{"prompt":"The cat is"}
{"prompt":[{"role":"user","content":"Hi"}]}
"#;

pub const PREFERENCE: &str = r#"{"id":7,"prompt":"The cat is","chosen":" blue.","rejected":" green.","score_chosen":0.9,"score_rejected":-1,"margin":1.5}
{"prompt":[{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"Ho"}],"rejected":[{"role":"assistant","content":"Ha"}]}
"#;

pub const IMPLICIT: &str = r#"{"chosen":"The cat is blue.","rejected":"The cat is green."}
{"chosen":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}],"rejected":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ha"}]}
"#;

pub const KTO: &str = r#"{"prompt":"The cat is","completion":" blue.","label":true}
{"prompt":[{"role":"user","content":"Hi"}],"completion":[{"role":"assistant","content":"Ho"}],"label":false}
"#;

pub const STEPWISE: &str = r#"{"prompt":"9.8 or 9.11, cat?","completions":["0.8 > 0.11.","So 9.11."],"labels":[true,false]}
"#;

pub const OPENAI_DPO: &str = r#"{"input":{"messages":[{"role":"user","content":"cat"}],"tools":[],"parallel_tool_calls":true},"preferred_output":[{"role":"assistant","content":"Ho"}],"non_preferred_output":[{"role":"assistant","content":"Ha"}]}
"#;

pub const SHAREGPT: &str = r#"[{"id":"x","system":"Be brief.","conversations":[{"from":"human","value":"cat"},{"from":"gpt","value":"dog"}]},
{"conversations":[{"from":"human","value":"Hi"}],"chosen":{"from":"gpt","value":"Ho"},"rejected":{"from":"gpt","value":"Ha"}}]
"#;

pub const ALPACA: &str = r#"[{"instruction":"Name it.","input":"cat","output":"Tom","system":"Be brief.","history":[["Hi","Ho"]]},
{"instruction":"Sing.","input":"","output":"La"}]
"#;

pub const HH: &str = r#"{"chosen":"\n\nHuman: cat\n\nAssistant: Ho","rejected":"\n\nHuman: cat\n\nAssistant: Ha"}
"#;

pub const ARENA: &str = r#"{"question_id":"q","model_a":"m1","model_b":"m2","winner":"model_a","judge":"u1","conversation_a":[{"role":"user","content":"cat"},{"role":"assistant","content":"Ho"}],"conversation_b":[{"role":"user","content":"cat"},{"role":"assistant","content":"Ha"}],"turn":1}
{"model_a":"m1","model_b":"m2","winner":"both_bad"}
{"model_a":"m1","model_b":"m3","winner":"tie"}
"#;

pub const ARGILLA: &str = r#"[{"id":"r1","fields":{"text":"a cat sat","more":"x"},"metadata":{"k":1},"status":"completed",
"suggestions":{"animal":{"value":"cat","score":0.75,"agent":"m"}},
"responses":{"animal":[{"value":"cat","user_id":"u1"},{"value":"dog","user_id":"u2","status":"draft"}],
"topics":[{"value":["a","b"],"user_id":"u1"}],"stars":[{"value":4,"user_id":"u1"}],
"spans":[{"value":[{"start":2,"end":5,"label":"ANIMAL"}],"user_id":"u1"}]},"vectors":{}},
{"fields":{"prompt":"Which?","answer-1":"Ho","answer-2":"Ha"},"suggestions":[{"question_name":"best","value":[{"value":"answer-2","rank":1},{"value":"answer-1","rank":2}],"agent":null}],
"responses":[{"values":{"best":{"value":[{"value":"answer-1","rank":1},{"value":"answer-2","rank":1}]}},"user_id":"u1","status":"submitted"}]}]
"#;

pub const CONLLU: &str = "# sent_id = s1
# text = vámonos al cat.
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\tV\tMood=Imp|Number=Plur\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\tCase=Acc\t1\tobj\t1:obj\t_
2.1\tellos\tél\tPRON\t_\t_\t_\t_\t1:nsubj\t_
3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_
3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_
4\tel\tel\tDET\t_\t_\t5\tdet\t_\t_
5\tcat\tcat\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No
6\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_

";

pub const CSV: &str = "ID,Sentence,Label,score,origin
7,\"a cat, and
a \"\"dog\"\"\",animals,0.5,web
8,nothing,none,,
";

pub const JSONL: &str = r#"{"id":"7","text":"a cat","label":"animals","score":0.5,"spans":[{"start":2,"end":5,"label":"ANIMAL","id":"s"}],"origin":{"k":[1,2.5,"x"]}}
{"file_name":"a.jpg","width":100,"height":50,"objects":{"bbox":[[1,2,30,40]],"category":["cat"],"id":["5"]},"labels":["a","b"]}
{"tokens":["Ana","ate"],"ner_tags":["B-PER","O"],"words":"cat"}
"#;

/// Each format with the name of its file and the document.
pub const ALL: [(Format, &str, &str); 17] = [
    (Format::TrlSft, "in.jsonl", SFT),
    (Format::TrlCompletion, "in.jsonl", COMPLETION),
    (Format::TrlPrompt, "in.jsonl", PROMPT),
    (Format::TrlPreference, "in.jsonl", PREFERENCE),
    (Format::TrlPreferenceImplicit, "in.jsonl", IMPLICIT),
    (Format::TrlKto, "in.jsonl", KTO),
    (Format::TrlStepwise, "in.jsonl", STEPWISE),
    (Format::OpenaiDpo, "in.jsonl", OPENAI_DPO),
    (Format::Sharegpt, "in.json", SHAREGPT),
    (Format::Alpaca, "in.json", ALPACA),
    (Format::Hh, "in.jsonl", HH),
    (Format::Arena, "in.jsonl", ARENA),
    (Format::Argilla, "in.json", ARGILLA),
    (Format::Conllu, "in.conllu", CONLLU),
    (Format::Csv, "in.csv", CSV),
    (Format::Jsonl, "in.jsonl", JSONL),
    (Format::Tsv, "in.tsv", "id\ttext\tlabel\n7\ta cat\tanimals\n"),
];
