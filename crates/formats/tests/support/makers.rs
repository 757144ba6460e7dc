//! A small document in each format that is only read: of other tools, and of data sets that many have.

use formats::exchange::Format;

pub const CREATE_ML: &str = r#"[{"image":"a.jpg","annotations":[{"label":"cat","coordinates":{"x":16,"y":22,"width":30,"height":40}}]},
{"imagefilename":"b.jpg","annotation":[{"label":"sky"},{"label":"cat","confidence":0.5,"coordinates":{"x":5,"y":5,"width":4,"height":4}}]}]"#;

pub const MMDET_OLD: &str = r#"[{"filename":"a.jpg","width":100,"height":50,"ann":{"bboxes":[[1,2,31,42]],"labels":[3],"bboxes_ignore":[[5,6,7,9]]}}]"#;

pub const MMDET: &str = r#"{"metainfo":{"classes":["cat","dog"]},"data_list":[{"img_path":"a.jpg","width":100,"height":50,"img_id":7,"instances":[
{"bbox":[1,2,31,42],"bbox_label":1,"ignore_flag":0},{"bbox":[1,2,5,7],"bbox_label":0,"ignore_flag":1,"mask":[[1,2,3,4,5,7]]},
{"bbox":[0,0,4,3],"bbox_label":0,"mask":{"size":[3,4],"counts":[3,6,3]}}]},{"img_path":"b.jpg","gt_label":[0]}]}"#;

pub const CITYSCAPES: &str = r#"{"imgHeight":50,"imgWidth":100,"objects":[{"label":"road","polygon":[[0,0],[9,0],[9,9]]},
{"label":"cargroup","polygon":[[1,2],[3,4],[5,7]]},{"label":"car","deleted":1,"polygon":[[1,2],[3,4],[5,7]]}]}"#;

pub const SUPERVISELY: &str = r#"{"description":"","tags":[{"name":"night"},{"name":"city","value":"Bonn"}],"size":{"height":3,"width":4},"objects":[
{"id":497521359,"classTitle":"cat","geometryType":"rectangle","labelerLogin":"ann","tags":[{"name":"side","value":"left"},{"name":"cut"}],"points":{"exterior":[[1,0],[3,2]],"interior":[]}},
{"id":2,"classTitle":"cat","geometryType":"polygon","tags":[],"points":{"exterior":[[0,0],[4,0],[4,3]],"interior":[[[2,0.5],[3,0.5],[3,1]]]}},
{"id":3,"classTitle":"lane","geometryType":"line","tags":[],"points":{"exterior":[[0,0],[4,3]],"interior":[]}},
{"id":4,"classTitle":"sky","geometryType":"bitmap","tags":[],"bitmap":{"data":"eJzrDPBz5+WS4mJgYOD19HAJAtJMQMzIwQYkvyjVdwEpPk8Xx5CKOck/+Fl4HBgYJN8z/805MYUDKMPg6ernss4poQkA0dgP1g==","origin":[1,1]},"points":{"exterior":[],"interior":[]}}]}"#;

pub const SUPER_ANNOTATE: &str = r#"{"metadata":{"name":"a.jpg","width":100,"height":50,"status":"Completed","weather":"rain"},"instances":[
{"type":"bbox","className":"cat","probability":100,"points":{"x1":1,"y1":2,"x2":31,"y2":42},"groupId":3,"pointLabels":{},"attributes":[{"name":"left","groupName":"side"},{"name":"red","groupName":"colour"},{"name":"white","groupName":"colour"}],"createdBy":{"email":"a@b.c","role":"Admin"},"creationType":"Manual"},
{"type":"rbbox","className":"box","probability":50,"points":{"x1":20,"y1":10,"x2":20,"y2":30,"x3":10,"y3":30,"x4":10,"y4":10},"attributes":[]},
{"type":"polygon","className":"cat","points":[0,0,40,0,40,30],"exclude":[[20,5,30,5,30,10]],"attributes":[]},
{"type":"polyline","className":"lane","points":[1,2,3,4],"attributes":[]},{"type":"point","className":"dot","x":7,"y":8,"attributes":[]},
{"type":"ellipse","className":"hole","cx":30,"cy":20,"rx":10,"ry":5,"angle":15,"attributes":[]},
{"type":"template","className":"hand","points":[{"id":1,"x":1,"y":2},{"id":2,"x":3,"y":4}],"connections":[{"id":1,"from":1,"to":2}],"attributes":[]},
{"type":"cuboid","className":"crate","points":{"f1":{"x":10,"y":10},"f2":{"x":30,"y":30},"r1":{"x":15,"y":5},"r2":{"x":35,"y":25}},"attributes":[]},
{"type":"tag","className":"day","attributes":[]}],"tags":["good"],"comments":[]}"#;

pub const LABELBOX_IMPORT: &str = r#"{"uuid":"u1","dataRow":{"globalKey":"a.jpg"},"name":"cat","confidence":0.5,"classifications":[{"name":"colour","answer":{"name":"red"}},{"name":"sides","answer":[{"name":"a"},{"name":"b"}]}],"bbox":{"top":2,"left":1,"height":40,"width":30}}
{"uuid":"u2","dataRow":{"globalKey":"a.jpg"},"name":"dog","classifications":[],"polygon":[{"x":1,"y":2},{"x":3,"y":4},{"x":5,"y":7},{"x":1,"y":2}]}
{"uuid":"u3","dataRow":{"globalKey":"a.jpg"},"name":"weather","answer":{"name":"sun","confidence":0.75}}
{"uuid":"u4","dataRow":{"globalKey":"a.jpg"},"name":"note","answer":"dark"}
{"uuid":"u5","dataRow":{"id":"r2"},"name":"PER","location":{"start":0,"end":2}}
{"uuid":"u6","dataRow":{"globalKey":"v.mp4"},"name":"car","segments":[{"keyframes":[{"frame":1,"bbox":{"top":2,"left":1,"height":10,"width":10}},{"frame":3,"bbox":{"top":2,"left":5,"height":10,"width":10}}]}]}
"#;

pub const VOTT: &str = r#"{"asset":{"format":"jpg","id":"8f","name":"a.jpg","path":"file:/a.jpg","size":{"width":100,"height":50},"state":2,"type":1},"regions":[
{"id":"r1","type":"RECTANGLE","tags":["cat"],"boundingBox":{"height":40,"width":30,"left":1,"top":2},"points":[{"x":1,"y":2},{"x":31,"y":2},{"x":31,"y":42},{"x":1,"y":42}]},
{"id":"r2","type":"POLYGON","tags":["cat","dog"],"boundingBox":{"height":4,"width":3,"left":1,"top":2},"points":[{"x":1,"y":2},{"x":3,"y":4},{"x":5,"y":7}]}],"version":"2.2.0"}"#;

pub const VOTT_EXPORT: &str = r##"{"name":"Street","tags":[{"name":"cat","color":"#5db300"}],"assets":{"8f":{"asset":{"id":"8f","name":"a.jpg","size":{"width":100,"height":50}},"regions":[{"id":"r1","type":"POINT","tags":["cat"],"points":[{"x":1,"y":2}]}]}}}"##;

pub const BDD: &str = r#"[{"name":"a.jpg","attributes":{"weather":"rainy"},"labels":[{"id":"0","category":"car","attributes":{"occluded":true},"box2d":{"x1":1,"y1":2,"x2":31,"y2":42}},
{"id":"1","category":"lane","poly2d":[{"vertices":[[0,0],[1,0],[2,1],[3,3]],"types":"LCCC","closed":false}]},{"id":"2","category":"area","poly2d":[{"vertices":[[0,0],[9,0],[9,9]],"types":"LLL","closed":true}]}]}]"#;

pub const DOTA: &str = "imagesource:GoogleEarth\ngsd:0.146\n2753 2408 2861 2385 2888 2468 2805 2502 plane 0\n1.0 2.0 9.0 2.0 9.0 8.0 1.0 8.0 small-vehicle 1\n";

pub const WIDER: &str = "0--Parade/a.jpg\n2\n78 221 7 8 2 0 0 0 0 0\n78 238 14 17 0 0 0 0 2 1 \n0--Parade/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n";

pub const ICDAR: &str = "377,117,463,117,465,130,378,130,Genaxis, Theatre\n10,20,30,20,30,40,10,40,###\n38, 43, 920, 215, \"Tiredness\"\n\n158 128 411 181 \"Foot path\"\n1,2,3,4,2015\n0,0,3,1,4,6,1,7,Latin,Zoe\n";

pub const SQUAD: &str = r#"{"version":"v2.0","data":[{"title":"T","paragraphs":[{"context":"Zoë met Ana","qas":[{"id":"q1","question":"Who?","is_impossible":false,"answers":[{"text":"Ana","answer_start":8}]},
{"id":"q2","question":"Where?","is_impossible":true,"answers":[]}]}]}]}"#;

pub const OASST: &str = r#"{"message_tree_id":"m1","tree_state":"ready","prompt":{"message_id":"m1","role":"prompter","text":"Hi","lang":"en","replies":[{"message_id":"m3","parent_id":"m1","role":"assistant","text":"No","rank":1,"lang":"en","replies":[]},{"message_id":"m2","role":"assistant","text":"Yo","rank":0,"lang":"en","labels":{"spam":{"value":0.25,"count":3}},"replies":[{"message_id":"m4","role":"prompter","text":"Why?","lang":"en","replies":[]}]}]}}
"#;

pub const ULTRA_FEEDBACK: &str = r#"{"source":"s","instruction":"Say hi","models":["a","b"],"completions":[{"model":"a","response":"hi","overall_score":3.0,"critique":"short","annotations":{"helpfulness":{"Rating":"5","Rationale":"kind"},"honesty":{"Rating":"N/A"}}},{"model":"b","response":"no","overall_score":8.5,"annotations":{}}]}
"#;

pub const DARWIN: &str = r#"{"version":"2.0","item":{"name":"a.jpg","path":"/street","slots":[{"type":"image","slot_name":"0","width":100,"height":50}]},"annotations":[
{"id":"1","name":"cat","bounding_box":{"x":1,"y":2,"w":30,"h":20},"slot_names":["0"],"annotators":[{"email":"a@b.c","full_name":"A"}],"attributes":["big"],"instance_id":{"value":5}},
{"id":"2","name":"dog","bounding_box":{"x":0,"y":0,"w":9,"h":9},"polygon":{"paths":[[{"x":0,"y":0},{"x":9,"y":0},{"x":9,"y":9}],[{"x":20,"y":0},{"x":29,"y":0},{"x":29,"y":9}]]}},
{"id":"3","name":"day","tag":{}},{"id":"4","name":"eye","keypoint":{"x":1,"y":2}},{"id":"5","name":"lane","line":{"path":[{"x":1,"y":2},{"x":3,"y":4}]}},
{"id":"6","name":"hand","skeleton":{"nodes":[{"name":"a","x":1,"y":2,"occluded":false},{"name":"b","x":3,"y":4,"occluded":true}]}}]}"#;

pub const DARWIN_OLD: &str = r#"{"dataset":"d","image":{"width":100,"height":50,"filename":"1.jpg","original_filename":"a.jpg","path":"/"},"annotations":[{"name":"dog","polygon":{"path":[{"x":0,"y":0},{"x":9,"y":0},{"x":9,"y":9}],"additional_paths":[[{"x":5,"y":1},{"x":8,"y":1},{"x":8,"y":4}]]}}]}"#;

pub const FIFTY_ONE: &str = r#"{"classes":["cat","dog"],"labels":{"a":[{"label":1,"bounding_box":[0.1,0.2,0.3,0.4],"confidence":0.75,"attributes":{"late":true}}],"b":null,"c":0}}"#;

pub const SEGMENT_ANYTHING: &str = r#"{"image":{"image_id":7,"file_name":"a.jpg","width":4,"height":3},"annotations":[{"id":1,"segmentation":{"size":[3,4],"counts":"363"},"bbox":[1,0,2,3],"area":6,"predicted_iou":0.75,"stability_score":0.5,"point_coords":[[1,1]]}]}"#;

pub const SAGE_MAKER: &str = r#"{"source-ref":"s3://b/a.jpg","box":{"image_size":[{"width":100,"height":50,"depth":3}],"annotations":[{"class_id":1,"top":2,"left":1,"height":20,"width":30}]},"box-metadata":{"class-map":{"1":"dog"},"objects":[{"confidence":0.75}],"type":"groundtruth/object-detection","human-annotated":"no"}}
{"source-ref":"s3://b/a.jpg","kind":0,"kind-metadata":{"class-name":"cat","confidence":0.5,"human-annotated":"yes"},"tags":[1,2],"tags-metadata":{"class-map":{"1":"x","2":"y"}}}
{"source":"Zoë met Ana","who":{"annotations":{"entities":[{"label":"PER","startOffset":8,"endOffset":11}]}},"who-metadata":{"type":"groundtruth/text-span"}}
"#;

pub const VERTEX: &str = r#"{"imageGcsUri":"gs://b/a.jpg","boundingBoxAnnotations":[{"displayName":"cat","xMin":0.1,"yMin":0.2,"xMax":0.4,"yMax":0.6}],"dataItemResourceLabels":{"aiplatform.googleapis.com/ml_use":"training","city":"Bonn"}}
{"imageGcsUri":"gs://b/b.jpg","classificationAnnotation":{"displayName":"cat","annotationResourceLabels":{"by":"ann"}}}
{"textContent":"Zoë met Ana","textSegmentAnnotations":[{"startOffset":8,"endOffset":11,"displayName":"PER"}]}
{"textContent":"good","sentimentAnnotation":{"sentiment":2,"sentimentMax":4}}
{"text_snippet":{"content":"Zoë met Ana"},"annotations":[{"display_name":"PER","text_extraction":{"text_segment":{"end_offset":3}}}]}
"#;

pub const AZURE: &str = r#"{"image_url":"azureml://data/a.jpg","image_details":{"format":"jpg","width":"100px","height":"50px"},"label":[{"label":"cat","topX":0.1,"topY":0.2,"bottomX":0.4,"bottomY":0.6,"isCrowd":1},{"label":"dog","polygon":[[0.1,0.2,0.3,0.2,0.3,0.4]]}]}
{"image_url":"azureml://data/b.jpg","image_details":{"format":"jpg"},"label":"cat"}
"#;

/// Each format with the name of its file and the document.
pub const ALL: [(Format, &str, &str); 26] = [
    (Format::SegmentAnything, "in.json", SEGMENT_ANYTHING),
    (Format::Darwin, "in.json", DARWIN),
    (Format::Darwin, "old.json", DARWIN_OLD),
    (Format::FiftyOne, "labels.json", FIFTY_ONE),
    (Format::SageMaker, "output.manifest", SAGE_MAKER),
    (Format::Vertex, "in.jsonl", VERTEX),
    (Format::AzureMl, "in.jsonl", AZURE),
    (Format::Squad, "in.json", SQUAD),
    (Format::Oasst, "in.jsonl", OASST),
    (Format::UltraFeedback, "in.jsonl", ULTRA_FEEDBACK),
    (Format::CreateMl, "in.json", CREATE_ML),
    (Format::MmDetection, "old.json", MMDET_OLD),
    (Format::MmDetection, "in.json", MMDET),
    (Format::Cityscapes, "in.json", CITYSCAPES),
    (Format::Supervisely, "in.json", SUPERVISELY),
    (Format::SuperAnnotate, "in.json", SUPER_ANNOTATE),
    (Format::Labelbox, "import.ndjson", LABELBOX_IMPORT),
    (Format::Vott, "in-asset.json", VOTT),
    (Format::Vott, "export.json", VOTT_EXPORT),
    (Format::Bdd, "in.json", BDD),
    (Format::Dota, "in.txt", DOTA),
    (Format::Wider, "in.txt", WIDER),
    (Format::Icdar, "gt_in.txt", ICDAR),
    (Format::CamVid, "train.txt", "train/a.png a_L.png\n\"b c.png\" \"/CamVid/a_L.png\"\n"),
    (
        Format::CamVid,
        "label_colors.txt",
        "# colours\n0 0 0 Void\n64 0 128 Car\n128 64 128 Road marking\nTree\n",
    ),
    (Format::ImagenetTxt, "train.txt", "a.jpg 0\n\"b c\".jpg 1 0\nd.jpg\n"),
];
