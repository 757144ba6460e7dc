//! Masks that lie in pictures of their own, beside the labels or without any.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;

use formats::exchange::{
    Class, Format, Found, Item, Mark, Mask, Place, Shape, Source, convert, recognise,
};
use image::{DynamicImage, ImageFormat, RgbImage};

const CLASSES: &[u8] = include_bytes!("data/voc/class.png");
const OBJECTS: &[u8] = include_bytes!("data/voc/object.png");

/// A data set of these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn found(path: &Path, format: Format) -> Found {
    assert_eq!(recognise(&mut Source::open(path).unwrap()), Some(format));
    let mut found = Found::default();
    format.read(&mut Source::open(path).unwrap(), &mut found).unwrap();
    found
}

/// The class of a mark, what it is, and the box around it.
fn short(mark: &Mark) -> String {
    let Place::Shape(shape) = &mark.place else {
        return format!("{} {}", mark.class, mark.place.kind());
    };
    let [x, y, width, height] = shape.bounds();
    let pixels =
        if matches!(shape, Shape::Mask(_)) { format!(" {}", shape.area()) } else { String::new() };
    format!("{} {} {x} {y} {width} {height}{pixels}", mark.class, shape.kind())
}

fn shorts(item: &Item) -> Vec<String> {
    item.marks.iter().map(short).collect()
}

fn told(found: &Found) -> Vec<String> {
    found.refusals.iter().map(ToString::to_string).collect()
}

fn lost(found: &Found) -> Vec<(&str, u64)> {
    found.losses.losses.iter().map(|(kind, loss)| (*kind, loss.count)).collect()
}

/// A PNG in which each pixel has the colour that `colour` gives it.
fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb(colour(x, y)));
    let mut bytes = Vec::new();
    let out = &mut std::io::Cursor::new(&mut bytes);
    DynamicImage::ImageRgb8(picture).write_to(out, ImageFormat::Png).unwrap();
    bytes
}

const XML: &str = "<annotation><filename>a.jpg</filename><size><width>12</width><height>8</height></size>
<object><name>cat</name><pose>Left</pose><bndbox><xmin>8</xmin><ymin>3</ymin><xmax>11</xmax><ymax>6</ymax></bndbox></object>
<object><name>cat</name><truncated>1</truncated><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>
<object><name>dog</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>3</xmax><ymax>8</ymax></bndbox></object></annotation>";

/// VOC's own pictures have palettes, boxes that count from 1, and an edge around things that is nobody's.
#[test]
fn masks_of_pascal_voc_are_the_things_that_its_boxes_are() {
    let folder = folder(&[
        ("VOC2012/Annotations/a.xml", XML.as_bytes()),
        ("VOC2012/SegmentationClass/a.png", CLASSES),
        ("VOC2012/SegmentationObject/a.png", OBJECTS),
        ("VOC2012/SegmentationClass/b.png", CLASSES),
        ("VOC2012/JPEGImages/b.jpeg", b""),
        ("VOC2012/ImageSets/Segmentation/val.txt", b"a\nb\n"),
        ("VOC2012/ImageSets/Main/train.txt", b"a\n"),
    ]);
    let found = found(folder.path(), Format::Voc);
    assert_eq!(told(&found), Vec::<String>::new());
    let [a, b] = &found.items[..] else { panic!("{:?}", found.items) };
    let wanted = [
        "cat mask 7 2 4 4 16",
        "cat mask 1 1 4 4 16",
        "dog box 0 0 3 8",
        "tvmonitor mask 0 7 12 1 12",
    ];
    assert_eq!(shorts(a), wanted);
    assert_eq!((&a.subset[..], &a.marks[0].attributes["pose"]), ("train", &"Left".into()));
    assert_eq!(a.marks[1].attributes["truncated"], true);
    // Without the things, all cats are one mask, and the pixel of the person is its own.
    assert_eq!((&b.name[..], &b.subset[..], b.width), ("b.jpeg", "val", Some(12)));
    let areas = ["cat mask 1 1 10 5 31", "person mask 7 3 1 1 1", "tvmonitor mask 0 7 12 1 12"];
    assert_eq!(shorts(b), areas);
    assert_eq!(lost(&found), [("another_class_in_a_thing", 1), ("void", 2)]);
}

/// Where pictures are PNGs, three files have one name.
#[test]
fn a_mask_is_not_taken_for_its_picture() {
    let picture = png(12, 8, |_, _| [1, 2, 3]);
    let input = folder(&[
        ("voc/JPEGImages/a.png", &picture),
        ("voc/SegmentationClass/a.png", CLASSES),
        ("voc/SegmentationObject/a.png", OBJECTS),
    ]);
    let out = input.path().join("out.tar");
    let voc = input.path().join("voc");
    let report = convert(&voc, Format::Voc, &out, Format::WebDataset, &mut |_, _| {}).unwrap();
    assert_eq!((report.items, report.losses.count("file_not_there")), (1, 0));
    let tar = std::fs::read(&out).unwrap();
    assert!(tar.windows(picture.len()).any(|part| part == picture));
    let nested =
        folder(&[("set/JPEGImages/a.png", &picture), ("set/SegmentationClass/a.png", CLASSES)]);
    let out = nested.path().join("out.tar");
    let report = convert(nested.path(), Format::Voc, &out, Format::WebDataset, &mut |_, _| {});
    assert_eq!(report.unwrap().losses.count("file_not_there"), 0);
}

/// CVAT's “Segmentation mask 1.1” has colours of its own, and no XML.
#[test]
fn classes_have_the_colours_of_their_list() {
    let painted = png(4, 2, |x, _| if x < 2 { [250, 50, 83] } else { [0, 0, 0] });
    let things = png(4, 2, |x, _| if x < 2 { [128, 0, 0] } else { [0, 128, 0] });
    let list =
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\nred cat:250,50,83::\nleg:1,2,3:\n";
    let folder = folder(&[
        ("labelmap.txt", list.as_bytes()),
        ("SegmentationClass/sub/a.png", &painted),
        ("SegmentationObject/sub/a.png", &things),
        ("ImageSets/Segmentation/default.txt", b"sub/a\n"),
    ]);
    let found = found(folder.path(), Format::Voc);
    assert_eq!(told(&found), Vec::<String>::new());
    let names: Vec<&str> = found.classes.iter().map(|class| &class.name[..]).collect();
    assert_eq!(names, ["red cat", "leg"]);
    assert_eq!((&found.items[0].name[..], &found.items[0].subset[..]), ("sub/a.jpg", ""));
    assert_eq!(shorts(&found.items[0]), ["red cat mask 0 0 2 2 4", " mask 2 0 2 2 4"]);
    assert_eq!(lost(&found), [("thing_without_class", 1)]);
}

#[test]
fn what_is_wrong_with_a_mask_of_voc_is_told_with_its_file() {
    let photo = png(300, 300, |x, y| [x as u8, y as u8, (x / 256 + 2 * (y / 256)) as u8]);
    let odd = png(12, 8, |x, _| if x == 0 { [1, 2, 3] } else { [0, 0, 0] });
    let files: [(&str, &[u8]); 7] = [
        ("labelmap.txt", b"cat:64,0,0::\ndog:1,2::\n:1,2,3::\ncat:9,9,9::\n"),
        ("Annotations/a.xml", XML.as_bytes()),
        ("SegmentationClass/a.png", &png(4, 4, |_, _| [64, 0, 0])),
        ("SegmentationObject/a.png", b"\x89PNG\r\n\x1a\nbroken"),
        ("SegmentationClass/b.png", &odd),
        ("SegmentationClass/c.png", &photo),
        ("SegmentationClass/d.png", CLASSES),
    ];
    let found = found(folder(&files).path(), Format::Voc);
    let wanted = [
        "labelmap.txt: row 2: `color`: `color` is “1,2”: give red, green and blue, 0 to 255",
        "labelmap.txt: row 3: `name`: the class has no name",
        "labelmap.txt: row 4: `name`: the class “cat” is listed twice",
        "SegmentationClass/a.png: row 1: the picture has not the size of its item, 12 × 8",
        "SegmentationObject/a.png: row 1: this is no PNG that can be read, or it is larger than 200 megapixels",
        "SegmentationClass/b.png: row 1: `color`: the picture has the colour 1,2,3: add it to `labelmap.txt`",
        "SegmentationClass/c.png: row 1: the picture has more than 65,536 colours: each is to stand for one thing",
        "SegmentationClass/d.png: row 1: `color`: the picture has the colour 192,128,128 and 1 more: add it to `labelmap.txt`",
    ];
    assert_eq!(told(&found), wanted);
    // What the XML says is taken all the same, and what the other colours say, too.
    assert_eq!(shorts(&found.items[0])[0], "cat box 8 3 3 3");
    let [_, b, d] = &found.items[..] else { panic!("{:?}", found.items) };
    assert_eq!((&b.name[..], &d.name[..]), ("b.jpg", "d.jpg"));
    assert_eq!(shorts(d), ["cat mask 1 1 10 5 31"]);
}

#[test]
fn outlines_go_to_pascal_voc_as_masks_and_come_back() {
    let shape = |class: &str, shape| Mark {
        class: class.into(),
        place: Place::Shape(shape),
        ..Mark::default()
    };
    let area = |class: &str, [x, y, width, height]: [u32; 4]| {
        let inside =
            |at: u32| (x..x + width).contains(&(at % 20)) && (y..y + height).contains(&(at / 20));
        let pixels: Vec<u8> = (0..20 * 10).map(|at| inside(at).into()).collect();
        shape(class, Shape::Mask(Mask::from_pixels(10, 20, &pixels)))
    };
    let mut first = area("cat", [1, 1, 5, 5]);
    first.attributes.insert("truncated".into(), true.into());
    let outline =
        Shape::Polygon { points: vec![[10.0, 1.0], [16.0, 1.0], [16.0, 9.0], [10.0, 9.0]] };
    let marks = vec![
        first,
        area("cat", [3, 2, 6, 6]),
        shape("dog", outline),
        shape("dog", Shape::Box { x: 17.0, y: 0.0, width: 3.0, height: 4.0 }),
        area("a:b", [0, 9, 2, 1]),
    ];
    let items = [
        Item {
            name: "sub/a.jpg".into(),
            subset: "val".into(),
            width: Some(20),
            height: Some(10),
            marks,
            ..Item::default()
        },
        Item { name: "b.jpg".into(), width: Some(20), height: Some(10), ..Item::default() },
    ];
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.jsonl");
    let mut lines = std::fs::File::create(&input).unwrap();
    items.iter().for_each(|item| formats::exchange::write_item(&mut lines, item).unwrap());
    let out = folder.path().join("voc");
    let report = convert(&input, Format::Items, &out, Format::Voc, &mut |_, _| {}).unwrap();
    let counts = report.losses.losses.iter().map(|(kind, loss)| (*kind, loss.count));
    let wanted = [("covered_in_part", 1), ("outline_as_box", 1), ("outline_as_pixels", 1)];
    assert_eq!(counts.collect::<Vec<_>>(), wanted);
    let list = std::fs::read_to_string(out.join("labelmap.txt")).unwrap();
    assert_eq!(
        list,
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n"
    );
    let list = std::fs::read_to_string(out.join("ImageSets/Segmentation/val.txt")).unwrap();
    assert_eq!(list, "sub/a\n");
    assert!(!out.join("ImageSets/Segmentation/default.txt").exists());
    let back = found(&out, Format::Voc);
    assert_eq!(told(&back), Vec::<String>::new());
    let wanted = [
        "cat mask 1 1 5 5 13",
        "cat mask 3 2 6 6 36",
        "dog mask 10 1 6 8 48",
        "dog box 17 0 3 4",
        "a:b box 0 9 2 1",
    ];
    let [empty, full] = &back.items[..] else { panic!("{:?}", back.items) };
    assert_eq!((shorts(full), empty.marks.len()), (wanted.map(String::from).to_vec(), 0));
    assert_eq!(full.marks[0].attributes["truncated"], true);
    assert_eq!(full.subset, "val");
    let classes: Vec<&Class> = back.classes.iter().collect();
    assert_eq!(classes.len(), 2);
}

#[test]
fn open_images_has_masks_relations_and_points() {
    let mask = png(4, 2, |x, _| if x < 2 { [255; 3] } else { [0; 3] });
    let boxes = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside
a,xclick,/m/cat,1,0.1,0.5,0.25,0.75,1,0,0,0,0
a,xclick,/m/cat,1,0.6,0.9,0.25,0.75,0,0,0,0,0
";
    let files: [(&str, &[u8]); 8] = [
        ("images.meta", b"a 20 40\n"),
        ("class-descriptions.csv", b"/m/cat,Cat\n/m/mat,Mat\n/m/old,Old\n/m/dog,Dog\n"),
        ("train-annotations-bbox.csv", boxes.as_bytes()),
        ("masks/0/m1.png", &mask),
        (
            "train-annotations-object-segmentation.csv",
            b"MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks
m1.png,a,/m/cat,f00d,0.100000,0.500000,0.250000,0.750000,0.9,0.2 0.3 0;0.4 0.5 1
m1.png,a,/m/dog,beef,,,,,,
gone.png,a,/m/dog,cafe,0.1,0.2,0.1,0.2,,
m1.png,a,/m/cat,1,0.6,0.2,0.25,0.75,,
,a,/m/cat,1,0.6,0.9,0.25,0.75,,
",
        ),
        (
            // Its name comes before that of the boxes.
            "oidv6-train-annotations-vrd.csv",
            b"ImageID,LabelName1,LabelName2,XMin1,XMax1,YMin1,YMax1,XMin2,XMax2,YMin2,YMax2,RelationLabel
a,/m/cat,/m/mat,0.6,0.9,0.25,0.75,0,1,0.5,1,on
a,/m/cat,/m/mat,0.1,0.5,0.25,0.75,0,1,0.5,1,under
a,/m/cat,/m/old,0.6,0.9,0.25,0.75,0.6,0.9,0.25,0.75,is
a,/m/cat,/m/mat,0.6,0.9,0.25,0.75,0,1,0.5,7,on
",
        ),
        (
            "test-annotations-point-labels.csv",
            b"ImageId,X,Y,Label,EstimatedYesNo,Source,YesVotes,NoVotes,UnsureVotes,TextLabel
a,0.5,0.25,/m/dog,yes,ih,3,1,0,dog
a,0.5,0.5,/m/fur,Yes,ih,2,0,0,Fur
a,0.5,0.25,/m/cat,no,ih,0,3,0,cat
a,0.5,0.25,/m/cat,unsure,ih,0,1,2,cat
a,0.5,0.25,/m/cat,perhaps,ih,0,1,2,cat
a,1.5,0.25,/m/cat,yes,ih,3,1,0,cat
",
        ),
        (
            "train-annotations-human-imagelabels.csv",
            b"ImageID,Source,LabelName,Confidence\na,verification,/m/cat,1\na,verification,/m/dog,0\na,machine,/m/mat,0.7\n",
        ),
    ];
    let folder = folder(&files);
    let found = found(folder.path(), Format::OpenImages);
    let wanted = [
        "train-annotations-object-segmentation.csv: row 5: `BoxXMax`: `BoxXMax` is 0.2, which is not beyond 0.6",
        "train-annotations-object-segmentation.csv: row 6: `MaskPath`: `MaskPath` is missing",
        "oidv6-train-annotations-vrd.csv: row 5: `YMax2`: `YMax2` is 7: give a part of the picture, 0 to 1",
        "test-annotations-point-labels.csv: row 6: `EstimatedYesNo`: `EstimatedYesNo` is “perhaps”: give yes, no or unsure",
        "test-annotations-point-labels.csv: row 7: `X`: `X` is 1.5: give a part of the picture, 0 to 1",
    ];
    assert_eq!(told(&found), wanted);
    let [item] = &found.items[..] else { panic!("{:?}", found.items) };
    let wanted = [
        "Cat mask 0 0 20 20 400",
        "Cat box 24 5 12 10",
        "Cat whole",
        "Mat whole",
        "Dog mask 0 0 20 20 400",
        "Dog box 4 2 4 2",
        "Mat box 0 10 40 10",
        "Dog points 20 5 0 0",
        "Fur points 20 10 0 0",
    ];
    assert_eq!(shorts(item), wanted);
    let [cat, old, ..] = &item.marks[..] else { panic!() };
    assert_eq!(
        serde_json::Value::from(cat.attributes.clone()),
        serde_json::json!({ "occluded": true, "truncated": false, "depiction": false, "inside": false,
            "predicted_iou": 0.9, "clicks": "0.2 0.3 0;0.4 0.5 1" })
    );
    assert_eq!((old.attributes.get("Old"), cat.id.as_deref()), (Some(&true.into()), Some("f00d")));
    let links: Vec<_> = item.links.iter().map(|l| [&l.from[..], &l.class, &l.to]).collect();
    assert_eq!(links, [["box-2", "on", "box-7"], ["f00d", "under", "box-7"]]);
    assert_eq!(item.metadata["verified_absent"], serde_json::json!(["Dog"]));
    assert_eq!((item.marks[3].model.as_deref(), item.marks[3].score), (Some("machine"), Some(0.7)));
    assert_eq!(
        lost(&found),
        [
            ("picture_of_mask_not_there", 1),
            ("point_that_is_not_of_the_class", 1),
            ("point_that_nobody_is_sure_of", 1),
        ]
    );
    let out = folder.path().join("out");
    convert(folder.path(), Format::OpenImages, &out, Format::OpenImages, &mut |_, _| {}).unwrap();
    let rows = out.join("annotations/test-annotations-human-imagelabels.csv");
    let rows = std::fs::read_to_string(rows).unwrap();
    assert!(rows.contains("\na,verification,/m/3,0\n"), "{rows}");
}

/// The layout of COCO itself: a file for each kind of annotation of the same pictures.
#[test]
fn files_of_one_subset_tell_of_the_same_pictures() {
    let document = |categories: &str, annotations: &str, more: &str| {
        format!(
            r#"{{"images":[{more}{{"id":2,"file_name":"a.jpg","width":40,"height":20}}],"categories":[{categories}],"annotations":[{annotations}]}}"#
        )
    };
    let things = r#"{"id":1,"name":"person"},{"id":3,"name":"car"}"#;
    let joints = r#"{"id":1,"name":"person","keypoints":["nose","tail"],"skeleton":[[1,2]]}"#;
    let person = r#""image_id":2,"category_id":1,"bbox":[2,2,10,10],"iscrowd":0"#;
    let far = r#""image_id":2,"category_id":1,"bbox":[20,2,10,10],"iscrowd":0"#;
    let outline = r#""segmentation":[[2,2,12,2,12,12,2,12]]"#;
    let segments =
        r#"{"id":7,"category_id":1},{"id":8,"category_id":3},{"id":9,"category_id":200}"#;
    let files = [
        (
            "annotations/instances_val2017.json",
            document(
                things,
                &format!(
                    r#"{{"id":5,{person},{outline},"attributes":{{"a":1}}}},{{"id":6,{far},"segmentation":[]}},
                    {{"id":7,"image_id":2,"category_id":3,"bbox":[0,14,40,4],"iscrowd":0}},{{"id":9,"image_id":1,"category_id":3,"bbox":[1,1,2,2]}}"#
                ),
                r#"{"id":1,"file_name":"b.jpg","width":40,"height":20},"#,
            ),
        ),
        (
            "annotations/person_keypoints_val2017.json",
            document(
                joints,
                &format!(
                    r#"{{"id":5,{person},{outline},"keypoints":[3,3,2,4,4,1],"num_keypoints":2,"attributes":{{"b":2}}}},
                    {{"id":60,{far},"keypoints":[21,3,2,0,0,0]}},
                    {{"id":7,"image_id":2,"category_id":1,"bbox":[30,2,3,3],"keypoints":[31,3,2,0,0,0]}}"#
                ),
                "",
            ),
        ),
        (
            "annotations/captions_val2017.json",
            document(
                "",
                r#"{"id":5,"image_id":2,"caption":"a man"}"#,
                r#"{"id":1,"file_name":"b.jpg","width":40,"height":20},"#,
            ),
        ),
        (
            "annotations/panoptic_val2017.json",
            document(
                r#"{"id":1,"name":"person","isthing":1},{"id":3,"name":"car","isthing":1},{"id":200,"name":"sky","isthing":0}"#,
                &format!(r#"{{"image_id":2,"file_name":"a.png","segments_info":[{segments}]}}"#),
                "",
            ),
        ),
        (
            "annotations/instances_train2017.json",
            document(things, &format!(r#"{{"id":5,{person}}}"#), ""),
        ),
        ("other/instances_val2017.json", document(things, &format!(r#"{{"id":5,{person}}}"#), "")),
    ];
    let segment = png(40, 20, |x, y| match (x, y) {
        (2..12, 2..12) => [7, 0, 0],
        (_, 14..18) => [8, 0, 0],
        (35.., 0..9) => [9, 0, 0],
        _ => [0, 0, 0],
    });
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    files.push(("annotations/panoptic_val2017/a.png", &segment));
    let folder = folder(&files);
    let found = found(folder.path(), Format::Coco);
    assert_eq!(told(&found), Vec::<String>::new());
    let items: Vec<_> = found
        .items
        .iter()
        .map(|item| (&item.subset[..], &item.name[..], item.marks.len()))
        .collect();
    let wanted = [
        ("train2017", "a.jpg", 1),
        ("val2017", "b.jpg", 1),
        ("val2017", "a.jpg", 6),
        ("val2017", "a.jpg", 1),
    ];
    assert_eq!(items, wanted);
    let item = &found.items[2];
    let wanted = [
        "person keypoints 2 2 10 10",
        "person keypoints 20 2 10 10",
        // A box alone becomes the segment that lies in it.
        "car mask 0 14 40 4 160",
        "person keypoints 30 2 3 3",
        "sky mask 35 0 5 9 45",
        " words",
    ];
    assert_eq!(shorts(item), wanted);
    let ids: Vec<_> = item.marks.iter().map(|mark| mark.id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["5", "6", "7", "7", "9", "5"]);
    assert_eq!(
        serde_json::Value::from(item.marks[0].attributes.clone()),
        serde_json::json!({ "a": 1, "b": 2 })
    );
    // The outline of the person, and the segment of the same.
    assert_eq!(lost(&found), [("segment_beside_outline", 1), ("segmentation_beside_keypoints", 1)]);
    // What an outline has besides is written once, and the points have their names.
    let out = folder.path().join("out");
    convert(folder.path(), Format::Coco, &out, Format::Coco, &mut |_, _| {}).unwrap();
    let text = std::fs::read_to_string(out.join("annotations/instances_val2017.json")).unwrap();
    assert!(text.contains(r#""keypoints":["nose","tail"]"#), "{text}");
    assert_eq!(text.matches("a.jpg").count(), 2);
}

#[test]
fn camvid_has_classes_in_colours_and_in_greys() {
    let painted =
        png(4, 2, |x, _| [[128, 128, 128], [0, 0, 0], [64, 0, 128], [9, 9, 9]][x as usize]);
    let grey = image::GrayImage::from_fn(4, 2, |x, _| image::Luma([[0, 8, 11, 200][x as usize]]));
    let mut greys = Vec::new();
    let out = &mut std::io::Cursor::new(&mut greys);
    DynamicImage::ImageLuma8(grey).write_to(out, ImageFormat::Png).unwrap();
    // Without a list of colours they are those that CamVid began with.
    let first = folder(&[
        ("train.txt", b"/SegNet/CamVid/train/a.png /SegNet/CamVid/trainannot/a.png\n\"train/b c.png\" \"trainannot/b c.png\"\ntrain/d.png trainannot/d.png\ntrain/e.png\n"),
        ("train/a.png", b""),
        ("trainannot/a.png", &painted),
        ("trainannot/b c.png", &greys),
    ]);
    let found_first = found(first.path(), Format::CamVid);
    let line = "a `label_colors.txt` with a line `red green blue name` for each class";
    assert_eq!(
        told(&found_first),
        [
            format!(
                "trainannot/a.png: row 1: `color`: the picture has the colour 9,9,9: add {line}"
            ),
            format!(
                "trainannot/b c.png: row 1: `color`: the picture has the colour 200,200,200: add {line}"
            ),
            "train.txt: row 3: `trainannot/d.png` is not there".into(),
            "train.txt: row 4: the row is not a picture and a PNG of its classes".into(),
        ]
    );
    let [a, b] = &found_first.items[..] else { panic!("{:?}", found_first.items) };
    assert_eq!(shorts(a), ["Car mask 2 0 1 2 2", "Sky mask 0 0 1 2 2"]);
    assert_eq!(shorts(b), ["Sky mask 0 0 1 2 2", "Car mask 1 0 1 2 2"]);
    assert_eq!((&a.name[..], &a.subset[..], a.width), ("train/a.png", "train", Some(4)));
    assert_eq!(b.name, "train/b c.png");
    // As it lies on its own page: the classes of a picture have its name and an L.
    let own = folder(&[
        ("label_colors.txt", b"128 128 128\tSky\n64 0 128\tRed Car\n9 9 9 Dust\n 9 9 9 Dust\n"),
        ("labels/a_L.png", &painted),
    ]);
    let own = found(own.path(), Format::CamVid);
    assert_eq!(told(&own), ["label_colors.txt: row 4: `name`: the class “Dust” is listed twice"]);
    let wanted = ["Sky mask 0 0 1 2 2", "Red Car mask 2 0 1 2 2", "Dust mask 3 0 1 2 2"];
    assert_eq!(shorts(&own.items[0]), wanted);
    assert_eq!(own.items[0].name, "labels/a.png");
}

/// What is made of pictures alone, and would be sorted by folders that are no classes.
#[test]
fn a_known_layout_that_is_not_read_says_what_to_do() {
    let layouts: [(&[&str], &str); 7] = [
        (&["config_v2.0.json", "val/v2.0/instances/1.png", "val/images/1.jpg"], "Mapillary"),
        (
            &["bounding_box_train/0002_c1s3_000151_00.jpg", "query/0001_c2s3_000111_00.jpg"],
            "Market-1501",
        ),
        (&["gtFine/val/a_gtFine_labelIds.png", "leftImg8bit/val/a_leftImg8bit.png"], "Cityscapes"),
        (
            &[
                "training/street/a.jpg",
                "training/street/a_seg.png",
                "training/street/a_parts_1.png",
            ],
            "ADE20K",
        ),
        (&["bb_landmark/loose_bb_train.csv", "train/n000001/0001_01.jpg"], "VGGFace2"),
        (&["annotations/pairs.txt", "images/A/A_0001.jpg"], "LFW"),
        (&["train/1_GT.bmp", "train/1_GT.txt", "train/images/1.png"], "ICDAR"),
    ];
    for (names, word) in layouts {
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b"A 1 4\n"[..])).collect();
        let folder = folder(&files);
        let mut source = Source::open(folder.path()).unwrap();
        assert_eq!(recognise(&mut source).map(Format::as_str), None, "{word}");
        let said = formats::exchange::hint(&mut source).unwrap();
        assert!(said.contains(word) && said.contains("read"), "{said}");
    }
    // Pictures in the folders of their classes are what they were.
    let sorted = folder(&[("train/cat/1_seg.jpg", b""), ("train/dog/0002_c.jpg", b"")]);
    let told = recognise(&mut Source::open(sorted.path()).unwrap());
    assert_eq!(told, Some(Format::YoloClassify));
}
