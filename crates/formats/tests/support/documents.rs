//! A small document in each format, with something of everything that the format has.

use formats::exchange::Format;

pub const COCO: &str = r#"{"images":[{"id":1,"file_name":"a.jpg","width":100,"height":50}],
"categories":[{"id":3,"name":"cat","keypoints":["a","b"],"skeleton":[[1,2]]}],
"annotations":[{"id":5,"image_id":1,"category_id":3,"bbox":[1,2,30,40],"iscrowd":0,"score":0.5,
"keypoints":[1,2,2,3,4,1],"attributes":{"a":1}},
{"id":6,"image_id":1,"category_id":3,"segmentation":[[1,2,3,4,5,6]]},
{"id":7,"image_id":1,"category_id":3,"segmentation":{"size":[3,4],"counts":[3,6,3]}}]}"#;

pub const YOLO: &str = "0 0.5 0.5 0.2 0.3\n1 0.1 0.1 0.2 0.1 0.2 0.2 0.15 0.3\n";

pub const VOC: &str = "<annotation><filename>a.jpg</filename><size><width>100</width><height>50</height></size>
<object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>";

pub const CVAT: &str = r#"<annotations><version>1.1</version><image id="0" name="a.jpg" width="100" height="50">
<box label="cat" occluded="0" xtl="1" ytl="2" xbr="30" ybr="40" z_order="0"></box>
<polygon label="cat" points="1,2;3,4;5,6"></polygon>
<ellipse label="cat" cx="5" cy="6" rx="2" ry="1"></ellipse>
<mask label="cat" rle="1, 2, 3" left="4" top="5" width="3" height="2"></mask>
</image><track id="7" label="dog"><box frame="2" outside="0" xtl="1" ytl="2" xbr="31" ybr="41"></box></track></annotations>"#;

pub const STUDIO: &str = r#"[{"id":4,"data":{"image":"a.jpg"},"annotations":[{"result":[
{"id":"r","type":"rectanglelabels","original_width":100,"original_height":50,"value":{"x":1,"y":2,"width":30,"height":40,"rotation":0,"rectanglelabels":["cat"]}},
{"id":"e","type":"ellipselabels","original_width":100,"original_height":50,"value":{"x":1,"y":2,"radiusX":5,"radiusY":6,"ellipselabels":["cat"]}},
{"id":"p","type":"polygonlabels","original_width":100,"original_height":50,"value":{"points":[[1,2],[3,4],[5,7]],"polygonlabels":["cat"]}},
{"type":"relation","from_id":"r","to_id":"p"}]}],"predictions":[{"model_version":"m","score":0.25,"result":[]}]},
{"data":{"text":"one two"},"annotations":[{"result":[{"id":"s","type":"labels","value":{"start":0,"end":3,"labels":["N"]}}]}]},
{"data":{"audio":"a.wav"},"annotations":[{"result":[{"id":"t","type":"labels","value":{"start":0.5,"end":2.5,"channel":0,"labels":["N"]}},
{"id":"f","type":"timelinelabels","value":{"ranges":[{"start":2,"end":7}],"timelinelabels":["N"]}},
{"id":"v","type":"videorectangle","original_width":100,"original_height":50,"value":{"framesCount":9,"labels":["car"],"sequence":[
{"frame":3,"enabled":true,"x":1,"y":2,"width":10,"height":20,"rotation":0},{"frame":5,"enabled":false,"x":3,"y":4,"width":10,"height":20}]}}]}]}]"#;

pub const DATUMARO: &str = r#"{"infos":{},"categories":{"label":{"labels":[{"name":"cat","parent":""}]}},
"items":[{"id":"a","image":{"path":"a.jpg","size":[50,100]},"annotations":[
{"id":1,"type":"bbox","label_id":0,"bbox":[1,2,30,40],"group":0,"z_order":0},
{"id":2,"type":"polygon","label_id":0,"points":[1,2,3,4,5,6]},
{"id":3,"type":"mask","label_id":0,"rle":{"counts":"363","size":[3,4]}}]}]}"#;

pub const KITTI: &str = "Car 0.5 1 -1.5 10 20 30 40 1.5 1.75 4 1 2 30 0.25 0.75\n";

pub const CONLL: &str = "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\n\n. . O O\n";

pub const DOCCANO: &str = r#"{"id":1,"text":"one two","label":[[0,3,"N"]]}
{"text":"one two","entities":[{"id":1,"start_offset":0,"end_offset":3,"label":"N"}],"relations":[{"from_id":1,"to_id":1,"type":"x"}]}
"#;

pub const ITEMS: &str = r#"{"class":{"name":"cat"}}
{"item":{"name":"a.jpg","width":100,"marks":[{"class":"cat","place":{"shape":{"type":"box","x":1,"y":2,"width":30,"height":40}}}]}}
"#;

pub const LABELME: &str = r#"{"version":"5.5.0","flags":{"cat":true},"shapes":[
{"label":"cat","points":[[1,2],[30,40]],"group_id":3,"shape_type":"rectangle","flags":{}},
{"label":"cat","points":[[1,2],[3,4],[5,7]],"shape_type":"polygon"},
{"label":"cat","points":[[9,9],[9,12]],"shape_type":"circle"}],
"imagePath":"a.jpg","imageData":null,"imageHeight":50,"imageWidth":100}"#;

pub const LABELBOX: &str = r#"{"data_row":{"id":"r1","external_id":"a.jpg","row_data":"https://example.org/a.jpg?sig=1"},"media_attributes":{"asset_type":"image","height":50,"width":100},"projects":{"p1":{"labels":[{"annotations":{"objects":[{"feature_id":"f1","name":"cat","bounding_box":{"top":2,"left":1,"height":40,"width":30},"classifications":[{"name":"side","radio_answer":{"name":"left"}}]},{"feature_id":"f2","name":"cat","polygon":[{"x":1,"y":2},{"x":3,"y":4},{"x":5,"y":7},{"x":1,"y":2}]},{"feature_id":"f3","name":"cat","line":[{"x":1,"y":2},{"x":3,"y":4}]},{"feature_id":"f4","name":"cat","point":{"x":1,"y":2}},{"feature_id":"f5","name":"cat","mask":{"url":"https://example.org/m.png"}}],"classifications":[{"name":"sky","checklist_answers":[{"name":"rain"}]},{"name":"note","text_answer":{"content":"dark"}}]}}]}}}
{"data_row":{"id":"r2","global_key":"b.jpg"},"projects":{}}
"#;

pub const VIA: &str = r#"{"_via_settings":{},"_via_img_metadata":{"a.jpg-1":{"filename":"a.jpg","size":-1,"regions":[
{"shape_attributes":{"name":"rect","x":1,"y":2,"width":30,"height":40},"region_attributes":{"class":"cat"}},
{"shape_attributes":{"name":"polygon","all_points_x":[1,2,3],"all_points_y":[4,5,7]},"region_attributes":{}},
{"shape_attributes":{"name":"circle","cx":5,"cy":6,"r":2}}],"file_attributes":{}}}}"#;

pub const MOT: &str = "1,3,10,20,30,40,1,1,0.5\n2,3,11,21,30,40,1,1,0.5\n";

pub const OPEN_IMAGES: &str = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside
a,xclick,/m/cat,1,0.1,0.5,0.2,0.4,0,1,0,-1,0
";

pub const BRAT: &str = "T1\tPER 0 3\tone\nT2\tLOC 4 5;6 7\tt o\nR1\tin Arg1:T1 Arg2:T2\nA1\tSure T1\n#1\tAnnotatorNotes T1\tcat\n";

pub const PANOPTIC: &str = r#"{"images":[{"id":1,"file_name":"a.jpg","width":100,"height":50}],
"categories":[{"id":3,"name":"cat","isthing":1}],"annotations":[{"image_id":1,"file_name":"a.png",
"segments_info":[{"id":7,"category_id":3,"area":20,"bbox":[1,2,4,5],"iscrowd":0}]}]}"#;

pub const KITTI_TRACKS: &str = "2 7 Car 0 1 -1.5 10 20 30 40 1.5 1.75 4 1 2 30 0.25
3 -1 DontCare -1 -1 -10 10 20 30 40 -1 -1 -1 -1000 -1000 -1000 -10
";

pub const TRACKLETS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<!DOCTYPE boost_serialization>
<boost_serialization signature="serialization::archive" version="9"><tracklets class_id="0"><count>1</count>
<item class_id="1"><objectType>cat</objectType><h>1.5</h><w>1.75</w><l>4</l><first_frame>6</first_frame>
<poses><count>1</count><item><tx>1</tx><ty>2</ty><tz>3</tz><rx>0</rx><ry>0</ry><rz>0.5</rz><state>1</state></item></poses>
</item></tracklets></boost_serialization>"#;

pub const MOTS: &str = "0 1005 1 3 4 363\n1 2001 2 3 4 084\n";

pub const CVAT_JSON: &str = r#"[{"version":0,"tags":[{"frame":0,"label":"cat","attributes":[]}],"shapes":[
{"type":"rectangle","frame":0,"label":"cat","occluded":false,"outside":false,"z_order":0,"rotation":0.0,"points":[1,2,30,40],"attributes":[{"name":"a","value":"b"}]},
{"type":"mask","frame":1,"label_id":9,"points":[1,2,3,4,5,6,6]},
{"type":"ellipse","frame":1,"label":"cat","points":[5,6,9,3]},
{"type":"polygon","frame":1,"label":"cat","points":[1,2,3,4,5,6]}],
"tracks":[{"id":3,"label":"dog","frame":2,"group":1,"shapes":[{"type":"points","frame":2,"outside":false,"points":[7,8]}],"elements":[]},
{"label":"man","frame":2,"shapes":[{"type":"skeleton","frame":2,"points":[]}],"elements":[{"label":"nose","shapes":[{"frame":3,"points":[4,5]}]}]}]}]"#;

pub const NUSCENES: &str = r#"[{"token":"x","sample_token":"s","instance_token":"i","visibility_token":"1","attribute_tokens":["a"],
"translation":[1,2,3],"size":[2,4.5,1.5],"rotation":[1,0,0,0],"num_lidar_pts":5,"num_radar_pts":0,"prev":"","next":""}]"#;

pub const WEBDATASET: &str = r#"{"name":"a.jpg","width":100,"height":50,"marks":[{"class":"cat","place":"whole"},
{"id":"4","class":"cat","place":{"cuboid":{"centre":[1,2,3],"size":[4,2,1.5],"rotation":[1,0,0,0],"frame":"lidar"}}},
{"class":"cat","place":{"time":{"start":0.5,"end":2.5,"channel":1}}},{"class":"cat","place":{"frames":{"start":3,"end":9}}}]}"#;

/// Four by three pixels in grey: cars, road, one unlabelled, a bit of sky.
pub const CAMVID_PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x04\x00\x00\x00\x03\x08\x00\x00\x00\x00\x91\x9f\xf1\x1a\x00\x00\x00\x15IDATx\xdac\xe0\xe0`ff\x00\x12\xdc\x0c\x0c\xcc\xcc\xcc\x00\x02\x1d\x00>\x92\x13\x93\xb0\x00\x00\x00\x00IEND\xaeB`\x82";

pub fn beside(format: Format) -> &'static [(&'static str, &'static [u8])] {
    match format {
        Format::Darknet => &[
            ("obj.data", b"classes = 2\ntrain = train.txt\nnames = obj.names\nbackup = backup/\n"),
            ("obj.names", b"cat\ndog\n"),
            ("sizes.csv", b"subset,file,width,height\n,a.jpg,100,50\n"),
        ],
        Format::Yolo => &[
            ("data.yaml", b"names: [cat, dog]\nkpt_shape: [2, 3]\n"),
            ("sizes.csv", b"subset,file,width,height\n,a.jpg,100,50\n"),
        ],
        Format::CamVid => &[("a_L.png", CAMVID_PNG)],
        Format::ImagenetTxt => &[("synsets.txt", b"cat\ndog\n")],
        Format::OpenImages => &[("images.meta", b"a 50 100\n")],
        Format::Brat => &[("in.txt", b"one two")],
        Format::NuScenes => &[
            ("category.json", br#"[{"token":"c","name":"cat","description":""}]"#),
            ("attribute.json", br#"[{"token":"a","name":"cat.moving","description":""}]"#),
            ("visibility.json", br#"[{"token":"1","level":"v0-40","description":""}]"#),
            ("instance.json", br#"[{"token":"i","category_token":"c"}]"#),
            ("sensor.json", br#"[{"token":"l","channel":"LIDAR_TOP","modality":"lidar"}]"#),
            (
                "calibrated_sensor.json",
                br#"[{"token":"m","sensor_token":"l","translation":[0,0,1],"rotation":[1,0,0,0],"camera_intrinsic":[]}]"#,
            ),
            (
                "ego_pose.json",
                br#"[{"token":"e","translation":[9,9,0],"rotation":[1,0,0,0],"timestamp":7}]"#,
            ),
            ("scene.json", br#"[{"token":"z","name":"street","first_sample_token":"s"}]"#),
            (
                "sample.json",
                br#"[{"token":"s","scene_token":"z","timestamp":7,"prev":"","next":""}]"#,
            ),
            (
                "sample_data.json",
                br#"[{"token":"d","sample_token":"s","ego_pose_token":"e","calibrated_sensor_token":"m","timestamp":7,"is_key_frame":true,"filename":"a.pcd.bin","width":0,"height":0}]"#,
            ),
        ],
        Format::Mot => &[("seqinfo.ini", b"[Sequence]\nimWidth=100\nimHeight=50\n")],
        _ => &[],
    }
}

/// Each format with the name of its file and the document.
pub const ALL: [(Format, &str, &str); 23] = [
    (Format::Coco, "in.json", COCO),
    (Format::Yolo, "labels/a.txt", YOLO),
    (Format::Voc, "in.xml", VOC),
    (Format::Cvat, "in.xml", CVAT),
    (Format::LabelStudio, "in.json", STUDIO),
    (Format::Datumaro, "in.json", DATUMARO),
    (Format::Kitti, "000001.txt", KITTI),
    (Format::Conll, "in.conll", CONLL),
    (Format::Doccano, "in.jsonl", DOCCANO),
    (Format::Items, "in.jsonl", ITEMS),
    (Format::Labelme, "in.json", LABELME),
    (Format::Labelbox, "in.ndjson", LABELBOX),
    (Format::Via, "in.json", VIA),
    (Format::Mot, "gt/gt.txt", MOT),
    (Format::OpenImages, "boxes.csv", OPEN_IMAGES),
    (Format::Brat, "in.ann", BRAT),
    (Format::CocoPanoptic, "in.json", PANOPTIC),
    (Format::KittiTracking, "0000.txt", KITTI_TRACKS),
    (Format::KittiRaw, "tracklet_labels.xml", TRACKLETS),
    (Format::Mots, "0000.txt", MOTS),
    (Format::CvatJson, "annotations.json", CVAT_JSON),
    (Format::NuScenes, "sample_annotation.json", NUSCENES),
    (Format::WebDataset, "in.json", WEBDATASET),
];
