//! Files that are wrong in one place each: every one is told with its file, its row and its field.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/documents.rs"]
mod documents;

use documents::beside;
use formats::exchange::{Format, Found, ReadError, Refusal, Source};

/// What reading one broken file comes to.
fn refusals(format: Format, name: &str, text: &[u8]) -> Vec<Refusal> {
    let folder = tempfile::tempdir().unwrap();
    for (other, content) in beside(format) {
        std::fs::write(folder.path().join(other), content).unwrap();
    }
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    let mut found = Found::default();
    let open = if beside(format).is_empty() { path.as_path() } else { folder.path() };
    match format.read(&mut Source::open(open).unwrap(), &mut found) {
        Ok(()) => {}
        Err(ReadError::Refused(refusal)) => found.refusals.push(refusal),
        Err(error) => panic!("{name}: {error}"),
    }
    found.refusals
}

/// What is exchanged for what, and the field that must be named; an empty one where no field is.
type Change = (&'static str, &'static str, &'static str);

const COCO_CHANGES: &[Change] = &[
    (r#""id":1,"file"#, r#""file"#, "images[0].id"),
    (r#""id":1,"file"#, r#""id":["one"],"file"#, "images[0].id"),
    (r#""id":1,"file"#, r#""id":1.5,"file"#, "images[0].id"),
    (r#""id":1,"file"#, r#""id":1e300,"file"#, "images[0].id"),
    (r#""id":1,"file"#, r#""id":null,"file"#, "images[0].id"),
    (r#""id":1,"file"#, r#""id":NaN,"file"#, "images[0].id"),
    (r#""file_name":"a.jpg""#, r#""file_name":"""#, "file_name"),
    (r#""file_name":"a.jpg""#, r#""file_name":7"#, "file_name"),
    (r#""file_name":"a.jpg","#, "", "file_name"),
    (r#""file_name":"a.jpg""#, r#""file_name":"a.jpg","file_name":"b.jpg""#, "file_name"),
    (r#""width":100"#, r#""width":-100"#, "width"),
    (r#""width":100"#, r#""width":0"#, "width"),
    (r#""width":100"#, r#""width":"100""#, "width"),
    (r#""width":100"#, r#""width":99999999999"#, "width"),
    (r#""height":50"#, r#""height":[50]"#, "height"),
    (r#""height":50}"#, r#""height":50},{"id":1,"file_name":"b.jpg"}"#, "images[1].id"),
    (r#""id":3,"name""#, r#""name""#, "categories[0].id"),
    (r#""id":3,"name""#, r#""id":{"x":1},"name""#, "categories[0].id"),
    (r#""name":"cat""#, r#""name":9"#, "categories[0].name"),
    (r#""name":"cat""#, r#""name":"""#, "categories[0].name"),
    (r#""name":"cat","#, "", "categories[0].name"),
    (r#""keypoints":["a","b"]"#, r#""keypoints":[1]"#, "categories[0].keypoints[0]"),
    (r#""skeleton":[[1,2]]"#, r#""skeleton":[[1]]"#, "categories[0].skeleton[0]"),
    (r#""skeleton":[[1,2]]"#, r#""skeleton":[[-1,2]]"#, "categories[0].skeleton[0][0]"),
    (r#"[[1,2]]}]"#, r#"[[1,2]]},{"id":3,"name":"dog"}]"#, "categories[1].id"),
    (
        r#""image_id":1,"category_id":3,"bbox""#,
        r#""category_id":3,"bbox""#,
        "annotations[0].image_id",
    ),
    (
        r#""image_id":1,"category_id":3,"bbox""#,
        r#""image_id":2,"category_id":3,"bbox""#,
        "annotations[0].image_id",
    ),
    (
        r#""image_id":1,"category_id":3,"bbox""#,
        r#""image_id":[1],"category_id":3,"bbox""#,
        "annotations[0].image_id",
    ),
    (r#""category_id":3,"bbox""#, r#""category_id":4,"bbox""#, "annotations[0].category_id"),
    (r#""category_id":3,"bbox""#, r#""bbox""#, "annotations[0].category_id"),
    (r#""category_id":3,"bbox""#, r#""category_id":"cat","bbox""#, "annotations[0].category_id"),
    ("[1,2,30,40]", "[1,2,30]", "annotations[0].bbox"),
    ("[1,2,30,40]", "[1,2,30,40,50]", "annotations[0].bbox"),
    ("[1,2,30,40]", "[1,2,-30,40]", "annotations[0].bbox[2]"),
    ("[1,2,30,40]", "[1,2,30,0]", "annotations[0].bbox[3]"),
    ("[1,2,30,40]", r#"[1,2,"30",40]"#, "annotations[0].bbox[2]"),
    ("[1,2,30,40]", "[1,2,NaN,40]", "bbox"),
    ("[1,2,30,40]", "[1,2,Infinity,40]", "bbox"),
    ("[1,2,30,40]", "[1,2,1e999,40]", "bbox"),
    ("[1,2,30,40]", "[null,2,30,40]", "annotations[0].bbox[0]"),
    ("[1,2,30,40]", r#"{"x":1}"#, "annotations[0].bbox"),
    (r#""iscrowd":0"#, r#""iscrowd":2"#, "annotations[0].iscrowd"),
    (r#""iscrowd":0"#, r#""iscrowd":[0]"#, "annotations[0].iscrowd"),
    (r#""score":0.5"#, r#""score":"high""#, "annotations[0].score"),
    ("[1,2,2,3,4,1]", "[1,2,2,3,4]", "annotations[0].keypoints"),
    ("[1,2,2,3,4,1]", "[1,2,9,3,4,1]", "annotations[0].keypoints"),
    ("[1,2,2,3,4,1]", r#"[1,2,"2",3,4,1]"#, "annotations[0].keypoints[2]"),
    (r#"{"a":1}"#, "[1]", "annotations[0].attributes"),
    (r#"{"a":1}"#, r#"{"a":1,"a":2}"#, "a"),
    ("[[1,2,3,4,5,6]]", "[[1,2,3,4,5]]", "annotations[1].segmentation[0]"),
    ("[[1,2,3,4,5,6]]", "[[1,2,3,4]]", "annotations[1].segmentation[0]"),
    ("[[1,2,3,4,5,6]]", r#"[[1,2,3,4,5,"x"]]"#, "annotations[1].segmentation[0][5]"),
    ("[[1,2,3,4,5,6]]", r#""x""#, "annotations[1].segmentation"),
    ("[3,4],\"counts\"", "[3],\"counts\"", "annotations[2].segmentation.size"),
    ("[3,4],\"counts\"", "[-3,4],\"counts\"", "annotations[2].segmentation.size[0]"),
    ("[3,6,3]", "[3,6]", "annotations[2].segmentation.counts"),
    ("[3,6,3]", "[3,-6,3]", "annotations[2].segmentation.counts[1]"),
    ("[3,6,3]", r#""!!""#, "annotations[2].segmentation.counts"),
    ("[3,6,3]", "[3,99999999999999,3]", "annotations[2].segmentation.counts"),
    (r#""images":["#, r#""pictures":["#, "images"),
    (r#""images":["#, r#""images":[],"images":["#, "images"),
    (r#""annotations":["#, r#""annotations":7,"x":["#, "annotations"),
    (r#"{"images""#, r#"["images""#, ""),
    (r#"}]}"#, r#"}]}}"#, ""),
];

const YOLO_CHANGES: &[Change] = &[
    ("0 0.5 0.5 0.2 0.3", "2 0.5 0.5 0.2 0.3", "class"),
    ("0 0.5 0.5 0.2 0.3", "-1 0.5 0.5 0.2 0.3", "class"),
    ("0 0.5 0.5 0.2 0.3", "cat 0.5 0.5 0.2 0.3", "class"),
    ("0 0.5 0.5 0.2 0.3", "0.5 0.5 0.5 0.2 0.3", "class"),
    ("0 0.5 0.5 0.2 0.3", "99999999999999999999 0.5 0.5 0.2 0.3", "class"),
    ("0 0.5 0.5 0.2 0.3", "0 nan 0.5 0.2 0.3", "x_center"),
    ("0 0.5 0.5 0.2 0.3", "0 inf 0.5 0.2 0.3", "x_center"),
    ("0 0.5 0.5 0.2 0.3", "0 50 0.5 0.2 0.3", "x_center"),
    ("0 0.5 0.5 0.2 0.3", "0 -0.5 0.5 0.2 0.3", "x_center"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 x 0.2 0.3", "y_center"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 1e400 0.2 0.3", "y_center"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 -0.005 0.3", "width"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 0 0.3", "width"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 0.2 0", "height"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 0.2 0,3", "height"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 0.2", "box"),
    ("0 0.5 0.5 0.2 0.3", "0", "box"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 0.2 0.3 7", "confidence"),
    ("0 0.5 0.5 0.2 0.3", "0 0.5 0.5 0.2 0.3 0.1 0.1 0.1", "points"),
    ("0.15 0.3", "0.15 1.3", "number 8"),
    ("0.15 0.3", "0.15 x", "number 8"),
    ("0.15 0.3", "0.15", "points"),
];

const VOC_CHANGES: &[Change] = &[
    ("<name>cat</name>", "", "object[1].name"),
    ("<name>cat</name>", "<name> </name>", "object[1].name"),
    ("<xmin>1<", "<xmin>nan<", "object[1].bndbox"),
    ("<xmin>1<", "<xmin>one<", "object[1].bndbox"),
    ("<xmin>1<", "<xmin>30<", "object[1].bndbox"),
    ("<xmin>1<", "<xmin>99<", "object[1].bndbox"),
    ("<ymin>2<", "<ymin>inf<", "object[1].bndbox"),
    ("<ymin>2<", "<ymin>1e999<", "object[1].bndbox"),
    ("<xmax>30<", "<xmax>-30<", "object[1].bndbox"),
    ("<ymax>40<", "<ymax><", "object[1].bndbox"),
    ("<ymax>40</ymax>", "", "object[1].bndbox"),
    ("<width>100<", "<width>wide<", "width"),
    ("<width>100<", "<width>-100<", "width"),
    ("<height>50<", "<height>nan<", "height"),
    ("<height>50<", "<height>1e30<", "height"),
    ("<annotation>", "<!DOCTYPE a [<!ENTITY b \"c\">]><annotation>", ""),
    ("cat", "&lol;", ""),
    ("<annotation>", "<x><annotation>", ""),
    ("</object>", "</thing>", ""),
    ("<width>100<", "<width>0<", ""),
];

const CVAT_CHANGES: &[Change] = &[
    (r#" name="a.jpg""#, "", "name"),
    (r#"width="100""#, r#"width="0""#, "width"),
    (r#"width="100""#, r#"width="-5""#, "width"),
    (r#"width="100""#, r#"width="wide""#, "width"),
    (r#"height="50""#, r#"height="1e12""#, "height"),
    (r#"<box label="cat""#, "<box", "label"),
    (r#"occluded="0""#, r#"occluded="2""#, "occluded"),
    (r#"xtl="1" ytl="2" xbr="30""#, r#"ytl="2" xbr="30""#, "xtl"),
    (r#"xtl="1" ytl="2" xbr="30""#, r#"xtl="nan" ytl="2" xbr="30""#, "xtl"),
    (r#"xbr="30""#, r#"xbr="1""#, "xbr"),
    (r#"ybr="40""#, r#"ybr="-40""#, "ybr"),
    (r#"ybr="40""#, r#"ybr="inf""#, "ybr"),
    (r#"z_order="0""#, r#"z_order="up""#, "z_order"),
    ("1,2;3,4;5,6", "1,2;3,4", "points"),
    ("1,2;3,4;5,6", "1,2;3,4;5", "points"),
    ("1,2;3,4;5,6", "1,2;3,4;5,x", "points"),
    (r#"rx="2""#, r#"rx="0""#, "rx"),
    (r#"ry="1""#, r#"ry="-1""#, "ry"),
    (r#"cx="5" "#, "", "cx"),
    ("1, 2, 3", "1, 2", "rle"),
    ("1, 2, 3", "1, 2, 4", "rle"),
    ("1, 2, 3", "1, x, 3", "rle"),
    ("1, 2, 3", "1, 99999999999999999999, 3", "rle"),
    (r#"left="4""#, r#"left="99""#, "rle"),
    (r#"top="5""#, r#"top="-5""#, "top"),
    ("<ellipse", "<blob", ""),
    (r#"<track id="7""#, "<track", "id"),
    (r#"frame="2""#, r#"frame="-2""#, "frame"),
    (r#"frame="2""#, r#"frame="two""#, "frame"),
    (r#"xbr="31""#, r#"xbr="0""#, "xbr"),
    (r#"outside="0""#, r#"outside="yes""#, "outside"),
    ("<annotations>", "<!DOCTYPE a><annotations>", ""),
    ("<annotations>", "<annotation>", ""),
    ("cat", "&lol;", ""),
];

const STUDIO_CHANGES: &[Change] = &[
    (r#""id":4"#, r#""id":[4]"#, "[0].id"),
    (r#"{"image":"a.jpg"}"#, r#""a.jpg""#, "[0].data"),
    (r#""type":"rectanglelabels","#, "", "[0].annotations[0].result[0].type"),
    (r#""type":"rectanglelabels","#, r#""type":7,"#, "[0].annotations[0].result[0].type"),
    (
        r#""original_width":100,"original_height":50,"value":{"x":1,"y":2,"width""#,
        r#""value":{"x":1,"y":2,"width""#,
        "original_width",
    ),
    (
        r#""original_width":100"#,
        r#""original_width":-1"#,
        "[0].annotations[0].result[0].original_width",
    ),
    (r#""x":1,"y":2,"width""#, r#""y":2,"width""#, "[0].annotations[0].result[0].value.x"),
    (r#""width":30"#, r#""width":-30"#, "[0].annotations[0].result[0].value.width"),
    (r#""width":30"#, r#""width":"30""#, "[0].annotations[0].result[0].value.width"),
    (r#""height":40"#, r#""height":0"#, "[0].annotations[0].result[0].value.height"),
    (r#""height":40"#, r#""height":NaN"#, "height"),
    (r#""height":40"#, r#""height":1e999"#, "height"),
    (r#""height":40"#, r#""height":40,"height":41"#, "height"),
    (r#""rotation":0"#, r#""rotation":"left""#, "[0].annotations[0].result[0].value.rotation"),
    (r#""radiusX":5"#, r#""radiusX":0"#, "[0].annotations[0].result[1].value.radiusX"),
    (r#""radiusY":6,"#, "", "[0].annotations[0].result[1].value.radiusY"),
    ("[[1,2],[3,4],[5,7]]", "[[1,2],[3,4]]", "[0].annotations[0].result[2].value.points"),
    ("[[1,2],[3,4],[5,7]]", "[[1,2],[3,4],[5]]", "[0].annotations[0].result[2].value.points[2]"),
    (
        "[[1,2],[3,4],[5,7]]",
        r#"[[1,2],[3,4],[5,"x"]]"#,
        "[0].annotations[0].result[2].value.points[2][1]",
    ),
    (r#""from_id":"r","#, "", "[0].annotations[0].result[3].from_id"),
    (r#""score":0.25"#, r#""score":"high""#, "[0].predictions[0].score"),
    (r#""annotations":[{"result":["#, r#""annotations":7,"x":[{"result":["#, "[0].annotations"),
    (r#""start":0,"end":3"#, r#""start":3,"end":3"#, "[1].annotations[0].result[0].value.end"),
    (r#""start":0,"end":3"#, r#""start":0,"end":99"#, "[1].annotations[0].result[0].value.end"),
    (r#""start":0,"end":3"#, r#""start":-1,"end":3"#, "[1].annotations[0].result[0].value.start"),
];

const STUDIO_TIME_CHANGES: &[Change] = &[
    (r#""end":2.5"#, r#""end":0.25"#, "[2].annotations[0].result[0].value.end"),
    (r#""start":0.5,"#, r#""start":-0.5,"#, "[2].annotations[0].result[0].value.end"),
    (r#""end":2.5,"#, "", "[2].annotations[0].result[0].value.end"),
    (r#""channel":0"#, r#""channel":-1"#, "[2].annotations[0].result[0].value.channel"),
    (
        r#"{"start":2,"end":7}"#,
        r#"{"start":0,"end":7}"#,
        "[2].annotations[0].result[1].value.ranges[0].start",
    ),
    (
        r#"{"start":2,"end":7}"#,
        r#"{"start":2}"#,
        "[2].annotations[0].result[1].value.ranges[0].end",
    ),
    (r#""frame":3,"#, r#""frame":0,"#, "[2].annotations[0].result[2].value.sequence[0].frame"),
    (r#""frame":5,"#, "", "[2].annotations[0].result[2].value.sequence[1].frame"),
    (r#""x":3,"#, r#""x":"3","#, "[2].annotations[0].result[2].value.sequence[1].x"),
    (
        r#""framesCount":9"#,
        r#""framesCount":"9""#,
        "[2].annotations[0].result[2].value.framesCount",
    ),
    (r#""sequence":["#, r#""sequence":7,"y":["#, "[2].annotations[0].result[2].value.sequence"),
];

const DATUMARO_CHANGES: &[Change] = &[
    (r#"{"id":"a","image""#, r#"{"image""#, "items[0].id"),
    (r#"{"id":"a","image""#, r#"{"id":7,"image""#, "items[0].id"),
    ("[50,100]", "[50]", "items[0].image.size"),
    ("[50,100]", "[-50,100]", "items[0].image.size[0]"),
    (r#""name":"cat""#, r#""name":7"#, "categories.label.labels[0].name"),
    (r#""label_id":0,"bbox""#, r#""label_id":4,"bbox""#, "items[0].annotations[0].label_id"),
    (r#""label_id":0,"bbox""#, r#""label_id":-1,"bbox""#, "items[0].annotations[0].label_id"),
    ("[1,2,30,40]", "[1,2,-30,40]", "items[0].annotations[0].bbox"),
    ("[1,2,30,40]", "[1,2,30]", "items[0].annotations[0].bbox"),
    ("[1,2,30,40]", "[1,2,NaN,40]", "bbox"),
    (r#""type":"bbox","#, "", "items[0].annotations[0].type"),
    (r#""group":0"#, r#""group":"x""#, "items[0].annotations[0].group"),
    ("[1,2,3,4,5,6]", "[1,2,3,4,5]", "items[0].annotations[1].points"),
    ("[1,2,3,4,5,6]", "[1,2,3,4]", "items[0].annotations[1].points"),
    (r#""counts":"363""#, r#""counts":"36""#, "items[0].annotations[2].rle.counts"),
    (r#","size":[3,4]"#, "", "items[0].annotations[2].rle.size"),
    (r#""items":["#, r#""things":["#, "items"),
];

const KITTI_CHANGES: &[Change] = &[
    ("Car 0.5", "Car half", "truncated"),
    (" 1 -1.5", " one -1.5", "occluded"),
    (" 1 -1.5", " 1 nan", "alpha"),
    ("10 20 30 40", "30 20 10 40", "right"),
    ("10 20 30 40", "10 40 30 20", "bottom"),
    ("10 20 30 40", "inf 20 30 40", "left"),
    ("10 20 30 40", "10 x 30 40", "top"),
    ("10 20 30 40", "10 20 30 20", "bottom"),
    ("1.5 1.75 4", "1.5 1.75 1e999", "length"),
    ("1 2 30 0.25", "1 2 far 0.25", "z"),
    (" 0.25 0.75", "", "rotation_y"),
    (" 0.25 0.75", " 0.25 0.75 1 1", "score"),
    (" 0.75", " sure", "score"),
];

const CONLL_CHANGES: &[Change] = &[
    ("B-ORG", "X-ORG", "tag"),
    ("B-ORG", "ORG", "tag"),
    ("B-ORG", "B-", "tag"),
    ("EU NNP B-NP B-ORG", "EU", "tag"),
    ("German JJ B-NP B-MISC", "German B-MISC", "tag"),
    ("German JJ B-NP B-MISC", "German JJ B-NP B-MISC O", "tag"),
    (". . O O", ". . O o", "tag"),
    ("VBZ B-VP O", "VBZ B-VP 0", "tag"),
];

const DOCCANO_CHANGES: &[Change] = &[
    (r#""text":"one two","label""#, r#""label""#, "text"),
    (r#""text":"one two","label""#, r#""text":7,"label""#, "text"),
    (r#""id":1,"text""#, r#""id":{},"text""#, "id"),
    (r#"[0,3,"N"]"#, r#"[3,0,"N"]"#, "label[0][1]"),
    (r#"[0,3,"N"]"#, r#"[0,8,"N"]"#, "label[0][1]"),
    (r#"[0,3,"N"]"#, r#"[-1,3,"N"]"#, "label[0][0]"),
    (r#"[0,3,"N"]"#, r#"[0,3]"#, "label[0]"),
    (r#"[0,3,"N"]"#, r#"["0",3,"N"]"#, "label[0][0]"),
    (r#"[0,3,"N"]"#, r#"[0,1.5,"N"]"#, "label[0][1]"),
    (r#"[0,3,"N"]"#, r#"[0,NaN,"N"]"#, "label"),
    (r#"[0,3,"N"]"#, r#"[0,3,null]"#, "label[0][2]"),
    (r#""end_offset":3"#, r#""end_offset":0"#, "entities[0].end_offset"),
    (r#""end_offset":3,"#, "", "entities[0].end"),
    (r#""end_offset":3"#, r#""end_offset":3,"end_offset":4"#, "end_offset"),
    (r#""to_id":1,"#, "", "relations[0].to_id"),
    (r#""relations":["#, r#""relations":7,"x":["#, "relations"),
];

const ITEMS_CHANGES: &[Change] = &[
    (r#""name":"cat""#, r#""name":7"#, "class.name"),
    (r#""name":"a.jpg","#, "", "item.name"),
    (r#""name":"a.jpg""#, r#""name":"a.jpg","name":"b.jpg""#, "name"),
    (r#""width":100"#, r#""width":-100"#, "item"),
    (r#""width":100"#, r#""width":NaN"#, "width"),
    (r#""marks":["#, r#""Marks":["#, "item"),
    (r#""type":"box""#, r#""type":"cube""#, "item"),
    (r#""x":1,"#, "", "item"),
    (r#""x":1,"#, r#""x":"1","#, "item"),
];

const LABELBOX_CHANGES: &[Change] = &[
    (r#""data_row":{"id":"r2""#, r#""row":{"id":"r2""#, "data_row"),
    (r#""data_row":{"id":"r1""#, r#""data_row":{"id":[1]"#, "data_row.id"),
    (r#""external_id":"a.jpg""#, r#""external_id":{}"#, "data_row.external_id"),
    (r#""height":50"#, r#""height":0"#, "media_attributes.height"),
    (r#""width":100"#, r#""width":"wide""#, "media_attributes.width"),
    (r#""projects":{"p1""#, r#""projects":[],"x":{"p1""#, "projects"),
    (r#"{"labels":["#, r#"{"labels":7,"x":["#, "projects.p1.labels"),
    (r#""objects":["#, r#""objects":7,"x":["#, "objects"),
    (r#""name":"cat","bounding_box""#, r#""bounding_box""#, "objects[0].name"),
    (r#""name":"cat","bounding_box""#, r#""name":7,"bounding_box""#, "objects[0].name"),
    (r#""top":2"#, r#""top":"high""#, "objects[0].bounding_box.top"),
    (r#""left":1,"#, "", "objects[0].bounding_box.left"),
    (r#""width":30"#, r#""width":1e999"#, "width"),
    (r#""polygon":[{"x":1,"y":2},{"x":3,"y":4},"#, r#""polygon":["#, "objects[1].polygon"),
    (r#""polygon":[{"x":1"#, r#""polygon":[{"x":null"#, "objects[1].polygon[0].x"),
    (r#""line":[{"x":1,"y":2},"#, r#""line":["#, "objects[2].line"),
    (r#""point":{"x":1"#, r#""point":{"z":1"#, "objects[3].point.x"),
    (
        r#""radio_answer":{"name":"left"}"#,
        r#""radio_answer":{"name":7}"#,
        "classifications[0].radio_answer.name",
    ),
    (
        r#""checklist_answers":[{"name":"rain"}]"#,
        r#""checklist_answers":[{}]"#,
        "checklist_answers[0].name",
    ),
    (r#""content":"dark""#, r#""content":7"#, "text_answer.content"),
];

const LABELME_CHANGES: &[Change] = &[
    (r#""shapes":["#, r#""things":["#, "shapes"),
    (r#""imagePath":"a.jpg","#, "", "imagePath"),
    (r#""imagePath":"a.jpg""#, r#""imagePath":7"#, "imagePath"),
    (r#""imageWidth":100"#, r#""imageWidth":-1"#, "imageWidth"),
    (r#""imageHeight":50"#, r#""imageHeight":1e30"#, "imageHeight"),
    (r#""label":"cat","points":[[1,2],[30,40]]"#, r#""points":[[1,2],[30,40]]"#, "shapes[0].label"),
    ("[[1,2],[30,40]]", "[[1,2]]", "shapes[0].points"),
    ("[[1,2],[30,40]]", "[[1,2],[1,40]]", "shapes[0].points"),
    ("[[1,2],[30,40]]", r#"[[1,2],[30,"x"]]"#, "shapes[0].points[1][1]"),
    ("[[1,2],[30,40]]", "[[1,2],[30,NaN]]", "points"),
    (r#""group_id":3"#, r#""group_id":"x""#, "shapes[0].group_id"),
    ("rectangle", "cube", "shapes[0].shape_type"),
    ("[[1,2],[3,4],[5,7]]", "[[1,2],[3,4]]", "shapes[1].points"),
    ("[[9,9],[9,12]]", "[[9,9],[9,9]]", "shapes[2].points"),
    (r#""flags":{"cat":true}"#, r#""flags":7"#, "flags"),
];

const VIA_CHANGES: &[Change] = &[
    (r#""filename":"a.jpg","#, "", "filename"),
    (r#""regions":["#, r#""regions":7,"x":["#, "regions"),
    (r#""name":"rect","#, "", "regions[0].shape_attributes.name"),
    (r#""name":"rect""#, r#""name":"cube""#, "regions[0].shape_attributes.name"),
    (r#""width":30"#, r#""width":-30"#, "regions[0].shape_attributes.width"),
    (r#""height":40"#, r#""height":"40""#, "regions[0].shape_attributes.height"),
    (r#""x":1,"#, "", "regions[0].shape_attributes.x"),
    ("[1,2,3]", "[1,2]", "regions[1].shape_attributes.all_points_y"),
    ("[4,5,7]", r#"[4,5,"7"]"#, "regions[1].shape_attributes.all_points_y[2]"),
    (r#""r":2"#, r#""r":0"#, "regions[2].shape_attributes.r"),
    (r#""region_attributes":{"class":"cat"}"#, r#""region_attributes":[]"#, "region_attributes"),
    (r#""file_attributes":{}"#, r#""file_attributes":7"#, "file_attributes"),
];

const MOT_CHANGES: &[Change] = &[
    ("1,3,10", "0,3,10", "frame"),
    ("1,3,10", "1.5,3,10", "frame"),
    ("1,3,10", "one,3,10", "frame"),
    ("1,3,10", "1,x,10", "id"),
    ("30,40", "-30,40", "width"),
    ("30,40", "30,0", "height"),
    ("30,40", "30,inf", "height"),
    (",10,20,30,40,1,1,0.5", ",10,20", "width"),
    ("40,1,1", "40,sure,1", "confidence"),
    ("40,1,1", "40,1,cat", "class"),
    ("0.5", "most", "visibility"),
];

const OPEN_IMAGES_CHANGES: &[Change] = &[
    ("a,xclick", ",xclick", "ImageID"),
    ("/m/cat", "", "LabelName"),
    (",1,0.1", ",sure,0.1", "Confidence"),
    ("0.1,0.5", "0.6,0.5", "XMax"),
    ("0.1,0.5", "-0.1,0.5", "XMin"),
    ("0.1,0.5", "0.1,1.5", "XMax"),
    ("0.2,0.4", "0.2,nan", "YMax"),
    ("0.2,0.4", "0.4,0.4", "YMax"),
    (",0.2,0.4,0,1,0,-1,0", "", "YMin"),
    ("a,xclick", "b,xclick", "ImageID"),
];

const BRAT_CHANGES: &[Change] = &[
    ("PER 0 3", "PER 3 0", "span"),
    ("PER 0 3", "PER 0 99", "span"),
    ("PER 0 3", "PER 0 x", "span"),
    ("PER 0 3", "PER", "span"),
    ("4 5;6 7", "4 5;6", "span"),
    ("T2\tLOC", "T1\tLOC", "id"),
    ("T2\tLOC", "X2\tLOC", "id"),
    ("Arg2:T2", "Arg2:T7", "Arg2"),
    ("Arg1:T1 ", "", "relation"),
    ("Sure T1", "Sure T8", "attribute"),
    ("Sure T1", "Sure", "attribute"),
];

const PANOPTIC_CHANGES: &[Change] = &[
    (r#""file_name":"a.png","#, "", "annotations[0].file_name"),
    (r#""file_name":"a.png""#, r#""file_name":7"#, "annotations[0].file_name"),
    (r#""segments_info":["#, r#""segments_info":7,"x":["#, "annotations[0].segments_info"),
    (r#""id":7,"#, "", "annotations[0].segments_info[0].id"),
    (r#""category_id":3,"#, r#""category_id":4,"#, "annotations[0].segments_info[0].category_id"),
    ("[1,2,4,5]", "[1,2,4]", "annotations[0].segments_info[0].bbox"),
    (r#""iscrowd":0"#, r#""iscrowd":2"#, "annotations[0].segments_info[0].iscrowd"),
    (r#""isthing":1"#, r#""isthing":"maybe""#, "categories[0].isthing"),
];

const KITTI_TRACKS_CHANGES: &[Change] = &[
    ("2 7 Car", "x 7 Car", "frame"),
    ("2 7 Car", "-2 7 Car", "frame"),
    ("2 7 Car", "2 7.5 Car", "track_id"),
    ("2 7 Car 0", "2 7 Car half", "truncated"),
    ("10 20 30 40 1.5", "30 20 10 40 1.5", "right"),
    ("1.5 1.75 4", "1.5 -1.75 4", "width"),
    ("1.5 1.75 4", "1.5 1.75 nan", "length"),
    (" 0.25", "", "rotation_y"),
    (" 0.25", " 0.25 0.5 9", "score"),
    ("2 7 Car 0 1 -1.5 10 20 30 40 1.5 1.75 4 1 2 30 0.25", "2", "track_id"),
];

const TRACKLETS_CHANGES: &[Change] = &[
    ("<objectType>cat</objectType>", "", "objectType"),
    ("<h>1.5</h>", "<h>-1.5</h>", "h"),
    ("<h>1.5</h>", "", "h"),
    ("<w>1.75</w>", "<w>0</w>", "w"),
    ("<l>4</l>", "<l>long</l>", "l"),
    ("<l>4</l>", "<l>1e999</l>", "l"),
    ("<first_frame>6<", "<first_frame>-6<", "first_frame"),
    ("<first_frame>6<", "<first_frame>6.5<", "first_frame"),
    ("<tx>1</tx>", "", "tx"),
    ("<ty>2</ty>", "<ty>nan</ty>", "ty"),
    ("<rz>0.5</rz>", "<rz>left</rz>", "rz"),
    ("<state>1</state>", "<state>x</state>", "state"),
    ("<!DOCTYPE boost_serialization>", "<!DOCTYPE boost_serialization [<!ENTITY a \"b\">]>", ""),
    ("tracklets class_id", "things class_id", ""),
];

const MOTS_CHANGES: &[Change] = &[
    ("0 1005", "x 1005", "frame"),
    ("0 1005", "-1 1005", "frame"),
    ("0 1005", "0 car", "id"),
    ("1005 1 3", "1005 1.5 3", "class"),
    ("1 3 4 363", "1 0 4 363", "height"),
    ("1 3 4 363", "1 3 0 363", "width"),
    ("1 3 4 363", "1 3 5 363", "runs"),
    ("1 3 4 363", "1 3 4 36", "runs"),
    ("1 3 4 363", "1 3 4", "runs"),
    ("1 3 4 363", "1 3 99999999999 363", "width"),
];

const CVAT_JSON_CHANGES: &[Change] = &[
    (r#""tags":["#, r#""tags":7,"x":["#, ""),
    (r#"{"frame":0,"label":"cat","attributes""#, r#"{"label":"cat","attributes""#, "tags[0].frame"),
    (r#"{"frame":0,"label":"cat","attributes""#, r#"{"frame":0,"attributes""#, "tags[0].label_id"),
    (r#""type":"rectangle","frame":0"#, r#""type":"rectangle","frame":-1"#, "shapes[0].frame"),
    (r#""type":"rectangle""#, r#""type":"cube""#, "shapes[0].type"),
    (r#""type":"rectangle","#, "", "shapes[0].type"),
    ("[1,2,30,40]", "[1,2,30]", "shapes[0].points"),
    ("[1,2,30,40]", "[1,2,-30,40]", "shapes[0].points"),
    ("[1,2,30,40]", "[1,2,NaN,40]", "points"),
    (r#""rotation":0.0"#, r#""rotation":"left""#, "shapes[0].rotation"),
    (r#""z_order":0"#, r#""z_order":0.5"#, "shapes[0].z_order"),
    (r#""occluded":false"#, r#""occluded":"perhaps""#, "shapes[0].occluded"),
    (r#"{"name":"a","value":"b"}"#, r#"{"name":"a"}"#, "shapes[0].attributes[0].value"),
    (r#"{"name":"a","value":"b"}"#, r#"{"value":"b"}"#, "shapes[0].attributes[0].spec_id"),
    ("[1,2,3,4,5,6,6]", "[1,2,4,4,5,6,6]", "shapes[1].points"),
    ("[1,2,3,4,5,6,6]", "[1,2,3,9,5,6,6]", "shapes[1].points"),
    ("[1,2,3,4,5,6,6]", "[4,5]", "shapes[1].points"),
    ("[5,6,9,3]", "[5,6,5,3]", "shapes[2].points"),
    ("[1,2,3,4,5,6]}", "[1,2,3,4]}", "shapes[3].points"),
    (r#""id":3,"label""#, r#""id":"x","label""#, "tracks[0].id"),
    (r#""group":1"#, r#""group":"x""#, "tracks[0].group"),
    (r#""outside":false,"points":[7"#, r#""outside":2,"points":[7"#, "tracks[0].shapes[0].outside"),
    ("[7,8]", "[7]", "tracks[0].shapes[0].points"),
    ("[4,5]}", "[4,5,6,7]}", "tracks[1].elements[0].shapes[0].points"),
    (r#"{"frame":3,"points""#, r#"{"points""#, "tracks[1].elements[0].shapes[0].frame"),
];

const NUSCENES_CHANGES: &[Change] = &[
    (r#""token":"x","#, "", "[0].token"),
    (r#""sample_token":"s","#, "", "[0].sample_token"),
    (r#""sample_token":"s""#, r#""sample_token":"t""#, "[0].sample_token"),
    (r#""instance_token":"i""#, r#""instance_token":"j""#, "[0].instance_token"),
    (r#""instance_token":"i""#, r#""instance_token":7"#, "[0].instance_token"),
    (r#"["a"]"#, r#"["b"]"#, "[0].attribute_tokens[0]"),
    (r#"["a"]"#, r#""a""#, "[0].attribute_tokens"),
    ("[1,2,3]", "[1,2]", "[0].translation"),
    ("[1,2,3]", "[1,2,NaN]", "translation"),
    ("[1,2,3]", r#"[1,2,"3"]"#, "[0].translation[2]"),
    ("[2,4.5,1.5]", "[2,-4.5,1.5]", "[0].size"),
    ("[2,4.5,1.5]", "[2,4.5]", "[0].size"),
    ("[1,0,0,0]", "[1,1,0,0]", "[0].rotation"),
    ("[1,0,0,0]", "[0,0,0,0]", "[0].rotation"),
    ("[1,0,0,0]", "[1,0,0]", "[0].rotation"),
    (r#""num_lidar_pts":5"#, r#""num_lidar_pts":-5"#, "[0].num_lidar_pts"),
    (r#""num_radar_pts":0"#, r#""num_radar_pts":"x""#, "[0].num_radar_pts"),
    (r#""num_radar_pts":0"#, r#""num_radar_pts":0,"num_radar_pts":1"#, "num_radar_pts"),
];

const WEBDATASET_CHANGES: &[Change] = &[
    (r#""width":100"#, r#""width":-100"#, "marks"),
    (r#""width":100"#, r#""width":NaN"#, "width"),
    (r#""width":100"#, r#""width":100,"width":101"#, "width"),
    (r#""place":"whole""#, r#""place":"half""#, "marks"),
    ("[1,2,3]", "[1,2]", "marks"),
    (r#""frame":"lidar""#, r#""frame":"moon""#, "marks"),
    (r#""start":0.5"#, r#""start":"x""#, "marks"),
    (r#""start":3"#, r#""start":-3"#, "marks"),
];

#[test]
fn each_of_hundreds_of_wrong_files_is_told_with_file_row_and_field() {
    let changes: [&[Change]; 23] = [
        COCO_CHANGES,
        YOLO_CHANGES,
        VOC_CHANGES,
        CVAT_CHANGES,
        STUDIO_CHANGES,
        DATUMARO_CHANGES,
        KITTI_CHANGES,
        CONLL_CHANGES,
        DOCCANO_CHANGES,
        ITEMS_CHANGES,
        LABELME_CHANGES,
        LABELBOX_CHANGES,
        VIA_CHANGES,
        MOT_CHANGES,
        OPEN_IMAGES_CHANGES,
        BRAT_CHANGES,
        PANOPTIC_CHANGES,
        KITTI_TRACKS_CHANGES,
        TRACKLETS_CHANGES,
        MOTS_CHANGES,
        CVAT_JSON_CHANGES,
        NUSCENES_CHANGES,
        WEBDATASET_CHANGES,
    ];
    let (mut cases, mut wrong) = (0, Vec::new());
    let more = [((Format::LabelStudio, "in.json", documents::STUDIO), STUDIO_TIME_CHANGES)];
    for ((format, name, text), changes) in documents::ALL.into_iter().zip(changes).chain(more) {
        let whole = refusals(format, name, text.as_bytes());
        assert_eq!(whole, [], "{} itself is right", format.as_str());
        for (from, to, field) in changes {
            assert!(text.contains(from), "{}: {from}", format.as_str());
            let told = refusals(format, name, text.replacen(from, to, 1).as_bytes());
            cases += 1;
            let named = told.iter().any(|refusal| {
                refusal.file == *name
                    && refusal.error.row >= 1
                    && (field.is_empty() || refusal.error.field.ends_with(field))
                    && !refusal.error.message.is_empty()
            });
            if !named {
                let told: Vec<String> = told.iter().map(Refusal::to_string).collect();
                wrong.push(format!("{}: {from} → {to}: not {field} but {told:?}", format.as_str()));
            }
        }
        // Cut off anywhere, a document is no document; lines before the cut may still be right.
        let document = matches!(
            format,
            Format::Coco
                | Format::Voc
                | Format::Cvat
                | Format::LabelStudio
                | Format::Datumaro
                | Format::Labelme
                | Format::Via
                | Format::CocoPanoptic
                | Format::KittiRaw
                | Format::CvatJson
                | Format::NuScenes
                | Format::WebDataset
        );
        for cut in (1..text.len()).step_by(text.len() / 17).filter(|_| document) {
            let told = refusals(format, name, &text.as_bytes()[..cut]);
            cases += 1;
            if !told.iter().any(|refusal| refusal.file == *name && refusal.error.row >= 1) {
                wrong.push(format!("{} cut at {cut}: {told:?}", format.as_str()));
            }
        }
        // A byte that no UTF-8 holds.
        let mut bytes = text.as_bytes().to_vec();
        let at = text
            .find("cat")
            .or(text.find("Car"))
            .or(text.find("N\""))
            .or(text.find("EU"))
            .unwrap_or(0);
        bytes[at] = 0xff;
        cases += 1;
        if refusals(format, name, &bytes).is_empty() {
            wrong.push(format!("{}: a byte that is no text", format.as_str()));
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 200, "{cases}");
}

/// Depth and length that would cost memory are stopped, each under its name.
#[test]
fn bombs_are_stopped() {
    let deep = format!("{{\"text\":{}1{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    let told = refusals(Format::Doccano, "in.jsonl", deep.as_bytes());
    assert_eq!(told[0].error.code(), "too_deep");
    let long = format!("{{\"images\":[{{\"id\":1,\"file_name\":\"{}\"}}]}}", "x".repeat(17 << 20));
    let told = refusals(Format::Coco, "in.json", long.as_bytes());
    assert_eq!(told[0].error.code(), "too_long");
    let nested = "<annotations>".to_owned() + &"<a>".repeat(1000);
    let told = refusals(Format::Cvat, "in.xml", nested.as_bytes());
    assert_eq!(told[0].error.code(), "too_deep");
}
