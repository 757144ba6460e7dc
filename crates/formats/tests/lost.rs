//! Nothing is lost in silence: each thing that an item can have, by itself, in every format that is written. It comes
//! back as it was, or the writer or the reader counts it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;
#[path = "support/tables.rs"]
#[allow(dead_code, reason = "a part of them is used")]
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use formats::LossReport;
use formats::exchange::{
    Candidate, Class, Cuboid, Format, Found, Frame, Item, Link, Mark, Mask, Place, Pose, Sensor,
    Shape, Source, Talk, Turn,
};
use serde_json::{Value, json};

/// What formats say to six decimals, of the length of a side of the picture.
const TOLERANCE: f64 = 1e-3;

/// What became of one item in one format.
struct Sent {
    /// The paths of what did not come back.
    gone: BTreeSet<String>,
    losses: LossReport,
}

fn send(format: Format, item: &Item) -> Sent {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(match format {
        Format::Cvat => "out.xml",
        Format::LabelStudio | Format::Via | Format::CocoResults | Format::Argilla => "out.json",
        Format::Conll => "out.conll",
        Format::Conllu => "out.conllu",
        Format::Csv => "out.csv",
        Format::Tsv => "out.tsv",
        Format::Hh | Format::Arena | Format::Jsonl | Format::Items => "out.jsonl",
        Format::Spacy | Format::Prodigy | Format::Doccano => "out.jsonl",
        Format::Sharegpt | Format::Alpaca => "out.json",
        _ if format.as_str().starts_with("trl-") || format.as_str().starts_with("openai-") => {
            "out.jsonl"
        }
        _ => "out",
    });
    let mut losses = LossReport::default();
    let mut writer = format.writer(&out).unwrap();
    let keypoints = vec!["nose".into(), "left ear".into(), "tail".into()];
    writer.class(&Class { name: "cat".into(), keypoints, ..Class::default() }).unwrap();
    writer.item(item, &mut losses).unwrap();
    if writer.wants_files() {
        let png = support::file(support::gradient(64, 48), image::ImageFormat::Png);
        writer.file(&item.name, &png).unwrap();
    }
    writer.finish(&mut losses).unwrap();
    if format == Format::OpenImages {
        // Sizes stand in the pictures alone there.
        let png = support::file(support::gradient(160, 120), image::ImageFormat::Png);
        std::fs::write(out.join(item.name.rsplit('/').next().unwrap()), png).unwrap();
    }
    let mut found = Found::default();
    let mut gone = BTreeSet::new();
    match Source::open(&out) {
        Ok(mut source) => {
            // Pictures that lie in the folders of their classes are read as what they are.
            let format = match format {
                Format::Images => formats::exchange::recognise(&mut source).unwrap_or(format),
                format => format,
            };
            if let Err(error) = format.read(&mut source, &mut found) {
                gone.insert(format!("refused: {error}"));
            }
        }
        Err(error) => drop(gone.insert(format!("nothing: {error}"))),
    }
    gone.extend(found.refusals.iter().map(|refusal| format!("refused: {refusal}")));
    losses.merge(found.losses);
    // Captions stand in a file of their own, which tells of the same picture again.
    let whole = found.items.into_iter().reduce(|mut whole, again| {
        whole.marks.extend(again.marks);
        whole
    });
    match whole {
        // Where only texts have places, the name is one of them.
        Some(back)
            if is_picture(item)
                && !json!(back).to_string().contains(&item.name.replace('"', "\\\"")) =>
        {
            gone.insert("name".into());
            missing(&json!(kept(item)), &json!(kept(&back)), "", &mut gone);
        }
        Some(back) => missing(&json!(kept(item)), &json!(kept(&back)), "", &mut gone),
        None => drop(gone.insert("item".into())),
    }
    Sent { gone, losses }
}

fn is_picture(item: &Item) -> bool {
    item.name.to_lowercase().ends_with(".jpg")
}

/// What the reader makes of a document, as its first item.
fn read(format: Format, name: &str, document: &str) -> Item {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, document).unwrap();
    let mut found = Found::default();
    format.read(&mut Source::open(&path).unwrap(), &mut found).unwrap();
    found.items.remove(0)
}

/// The item as far as the formats promise to keep it: rows and files have names of the format's own, sizes
/// stand in the pictures, boxes in space may be moved to another frame by the sensors, the order of the
/// marks says nothing, nor does a group of one, a box is the outline of its corners, an answer that nobody judged goes on
/// with the conversation, and of the numbers of tracks and groups and of the ids of
/// candidates only it counts which are the same.
fn kept(item: &Item) -> Item {
    let whole = item;
    let mut item = Item { name: String::new(), width: None, height: None, ..item.clone() };
    if item.candidates.len() == 1
        && !item.marks.iter().any(|mark| matches!(mark.place, Place::Talk(_)))
    {
        item.turns.extend(item.candidates.remove(0).turns);
    }
    let groups: Vec<i64> = item.marks.iter().filter_map(|mark| mark.group).collect();
    let alone = |group: i64| groups.iter().filter(|known| **known == group).count() == 1;
    let ids: Vec<String> = item.candidates.iter().map(|candidate| candidate.id.clone()).collect();
    let nth = |id: &mut String| {
        if let Some(at) = ids.iter().position(|known| known == id) {
            *id = at.to_string();
        }
    };
    item.candidates.iter_mut().for_each(|candidate| nth(&mut candidate.id));
    for mark in &mut item.marks {
        (mark.track, mark.group) =
            (mark.track.map(|_| 1), mark.group.filter(|group| !alone(*group)).map(|_| 1));
        match &mut mark.place {
            Place::Shape(shape @ (Shape::Box { .. } | Shape::Turned { .. })) => {
                *shape = Shape::Polygon { points: shape.corners() };
            }
            Place::Cuboid(cuboid) => *cuboid = whole.in_world(cuboid).unwrap_or(cuboid.clone()),
            Place::Talk(Talk::Ranking { order, .. }) => order.iter_mut().flatten().for_each(nth),
            Place::Talk(Talk::Turn { of: Some(id), .. } | Talk::Candidate(id)) => nth(id),
            _ => {}
        }
    }
    item.marks.sort_by_key(|mark| (mark.place.kind(), format!("{:?}", mark.place), mark.track));
    item.sensors.sort_by_key(|sensor| sensor.name.clone());
    item
}

/// Collects the paths of what was sent and is not there; what is there besides is no loss.
fn missing(sent: &Value, back: &Value, path: &str, gone: &mut BTreeSet<String>) {
    match (sent, back) {
        // A map in which nothing is so is like none.
        (Value::Object(sent), Value::Null) if sent.values().all(|value| *value == false) => {}
        (Value::Object(sent), Value::Object(back)) => {
            for (key, value) in sent {
                missing(
                    value,
                    back.get(key).unwrap_or(&Value::Null),
                    &format!("{path}.{key}"),
                    gone,
                );
            }
        }
        (Value::Array(sent), Value::Array(back)) if sent.len() == back.len() => {
            for (at, (sent, back)) in sent.iter().zip(back).enumerate() {
                missing(sent, back, &format!("{path}[{at}]"), gone);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            if (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() > TOLERANCE {
                gone.insert(format!("{path}: {a} is {b}"));
            }
        }
        (Value::Bool(true), Value::Number(number)) if number.as_f64() == Some(1.0) => {}
        // What is not so need not be said.
        (Value::Bool(false), Value::Number(number)) if number.as_f64() == Some(0.0) => {}
        (Value::Bool(false), Value::Null) => {}
        (sent, back) if sent == back => {}
        (sent, back) => drop(gone.insert(format!("{path}: {sent} is {back}"))),
    }
}

fn place(place: Place) -> Mark {
    Mark { class: "cat".into(), place, ..Mark::default() }
}

fn shaped(shape: Shape) -> Mark {
    place(Place::Shape(shape))
}

fn boxed() -> Mark {
    shaped(Shape::Box { x: 16.0, y: 24.0, width: 64.0, height: 48.0 })
}

fn span(start: u64, end: u64) -> Mark {
    place(Place::Span { start, end })
}

fn mask() -> Shape {
    let mut pixels = vec![0; 160 * 120];
    for y in 20..60 {
        pixels[y * 160 + 30..y * 160 + 80].fill(1);
    }
    Shape::Mask(Mask::from_pixels(120, 160, &pixels))
}

fn turn(role: &str, text: &str) -> Turn {
    Turn { role: role.into(), text: Some(text.into()), ..Turn::default() }
}

fn candidate(id: &str, text: &str) -> Candidate {
    Candidate { id: id.into(), turns: vec![turn("assistant", text)], ..Candidate::default() }
}

fn cuboid(frame: Frame, around: Option<[f64; 4]>) -> Cuboid {
    let half: f64 = 0.2;
    Cuboid {
        centre: [2.5, -1.0, 10.75],
        size: [4.5, 1.75, 1.5],
        rotation: [half.cos(), 0.0, 0.0, half.sin()],
        frame,
        around,
    }
}

fn sensor(name: &str, modality: &str) -> Sensor {
    let intrinsic = [[500.0, 0.0, 320.0], [0.0, 500.0, 240.0], [0.0, 0.0, 1.0]];
    let camera = modality == "camera";
    Sensor {
        name: name.into(),
        modality: modality.into(),
        file: format!("samples/{name}/1.{}", if camera { "jpg" } else { "bin" }),
        timestamp: 1_000_000,
        mount: Pose { translation: [1.0, 0.5, 1.5], ..Pose::default() },
        vehicle: Pose { translation: [100.0, 200.0, 0.0], ..Pose::default() },
        intrinsic: camera.then_some(intrinsic),
        width: camera.then_some(640),
        height: camera.then_some(480),
        ..Sensor::default()
    }
}

/// What the features are added to.
fn bases() -> Vec<(&'static str, Item)> {
    let picture = Item {
        name: "b.jpg".into(),
        width: Some(160),
        height: Some(120),
        marks: vec![boxed()],
        ..Item::default()
    };
    let painted = Item { marks: vec![shaped(mask())], ..picture.clone() };
    let posed = |points| Item {
        marks: vec![shaped(Shape::Keypoints { points, around: Some([16.0, 24.0, 64.0, 48.0]) })],
        ..picture.clone()
    };
    let outlined = Item {
        marks: vec![shaped(Shape::Polygon {
            points: vec![[16.0, 24.0], [80.0, 24.0], [90.0, 72.0], [16.0, 72.0]],
        })],
        ..picture.clone()
    };
    let turned = Shape::Turned { cx: 100.0, cy: 80.0, width: 40.0, height: 20.0, degrees: 30.0 };
    let turned = Item { marks: vec![shaped(turned)], ..picture.clone() };
    let numbered = Item {
        name: "7".into(),
        id: Some("7".into()),
        marks: vec![Mark { class: "category_3".into(), score: Some(0.5), ..boxed() }],
        ..Item::default()
    };
    let scanned = Item {
        name: "velodyne_points/data/0000000003.bin".into(),
        frame: Some(3),
        marks: vec![Mark { track: Some(0), ..place(Place::Cuboid(cuboid(Frame::Lidar, None))) }],
        ..Item::default()
    };
    let frame = Item {
        name: "0004/000002.png".into(),
        frame: Some(2),
        marks: vec![Mark { track: Some(7), ..boxed() }],
        ..picture.clone()
    };
    let walk = Item { name: "walk/img1/000003.jpg".into(), ..frame.clone() };
    let run = Item { marks: vec![Mark { track: Some(2001), ..shaped(mask()) }], ..frame.clone() };
    let text = Item {
        name: "row_1".into(),
        text: Some("Zoë 👩‍🚀 met Ana in Köln".into()),
        marks: vec![span(0, 3)],
        ..Item::default()
    };
    let said = Item {
        name: "row_1".into(),
        turns: vec![turn("user", "Hi"), turn("assistant", "Ho")],
        ..Item::default()
    };
    let order = vec![vec!["chosen".into()], vec!["rejected".into()]];
    let pair = Item {
        turns: vec![turn("user", "Hi")],
        candidates: vec![candidate("chosen", "Ho"), candidate("rejected", "Ha")],
        marks: vec![Mark {
            place: Place::Talk(Talk::Ranking { order, all_bad: false }),
            ..Mark::default()
        }],
        ..said.clone()
    };
    let seen = |frame| place(Place::Cuboid(cuboid(frame, None)));
    let scene = Item {
        name: "samples/LIDAR_TOP/1.bin".into(),
        marks: vec![seen(Frame::World)],
        sensors: vec![sensor("LIDAR_TOP", "lidar"), sensor("CAM_FRONT", "camera")],
        ..Item::default()
    };
    let asked = Item { turns: vec![turn("user", "Hi")], ..said.clone() };
    let judged = |class: &str| Mark {
        class: class.into(),
        place: Place::Talk(Talk::Candidate("completion".into())),
        ..Mark::default()
    };
    let judged = Item {
        candidates: vec![candidate("completion", "Ho")],
        marks: vec![judged("desirable")],
        ..asked.clone()
    };
    let cloud = Item { name: "a.pcd".into(), marks: vec![seen(Frame::Lidar)], ..Item::default() };
    vec![
        ("bare", Item { marks: Vec::new(), ..picture.clone() }),
        ("sentence", read(Format::Conllu, "in.conllu", tables::CONLLU)),
        ("steps", read(Format::TrlStepwise, "in.jsonl", tables::STEPWISE)),
        ("picture", picture.clone()),
        ("mask", painted),
        ("outline", outlined),
        ("turned", turned),
        ("numbered", numbered),
        ("scanned", scanned),
        ("pose", posed(vec![[10.0, 20.0, 2.0], [0.0, 0.0, 0.0], [12.5, 30.0, 1.0]])),
        ("whole", Item { marks: vec![place(Place::Whole)], ..picture }),
        ("frame", frame),
        ("walk", walk),
        ("run", run),
        ("text", text.clone()),
        ("note", Item { marks: vec![place(Place::Whole)], ..text }),
        ("conversation", said),
        ("asked", asked),
        ("judged", judged),
        ("pair", pair),
        ("scene", scene),
        ("cloud", cloud),
    ]
}

fn say(item: &mut Item, text: &str) {
    item.text = Some(text.into());
}

fn known(item: &mut Item, key: &str) {
    item.metadata.insert(key.into(), "mine".into());
}

fn called(item: &mut Item, name: &str) {
    if is_picture(item) {
        item.name = name.into();
    }
}

type Feature = (&'static str, fn(&mut Item));

/// One thing more that an item may have.
const FEATURES: &[Feature] = &[
    ("id", |item| item.id = Some("40".into())),
    ("id in words", |item| item.id = Some("scan 40".into())),
    ("subset", |item| item.subset = "validation".into()),
    ("frame", |item| item.frame = item.frame.or(Some(5))),
    ("text", |item| item.text = Some("Ana met Zoë".into())),
    ("text of two lines", |item| item.text = Some("Ana met\n\n Zoë".into())),
    ("text with the ends of lines of Windows", |item| say(item, "Ana met\r\nZoë")),
    ("text with spaces around", |item| say(item, "  Ana met Zoë \n")),
    ("text with a tab and markup", |item| say(item, "Ana\tmet <b>Zoë</b> &amp; \"co\"")),
    ("text that looks like a formula", |item| say(item, "=1+1")),
    ("text that looks like a comment", |item| say(item, "# Ana met # Zoë")),
    ("text of nothing", |item| say(item, "")),
    ("long text", |item| say(item, &"Ana met Zoë. ".repeat(20_000))),
    ("name in a folder", |item| called(item, "some folder/Zoë’s cat.jpg")),
    ("name in capitals", |item| called(item, "B.JPG")),
    ("name of signs", |item| called(item, "a,b;c \"d\" 100% #e&f'g.jpg")),
    ("name with two dots", |item| called(item, "a.b.jpg")),
    ("subset of two words", |item| item.subset = "my split/2".into()),
    ("turns", |item| item.turns = vec![turn("user", "Who?"), turn("assistant", "Ana")]),
    ("a turn of the system", |item| item.turns.insert(0, turn("system", "Be brief."))),
    ("a turn with more", |item| {
        let more = json!({ "name": "zoe" }).as_object().unwrap().clone();
        item.turns.push(Turn { more, ..turn("user", "Why?") });
    }),
    ("a turn without text", |item| {
        let more = json!({ "tool_calls": [{ "id": "c" }] }).as_object().unwrap().clone();
        item.turns.push(Turn { text: None, more, ..turn("assistant", "") });
    }),
    ("candidate", |item| item.candidates.push(candidate("c", "Hm."))),
    ("candidate of a model", |item| {
        item.candidates.push(Candidate { model: Some("m".into()), ..candidate("c", "Hm.") });
    }),
    ("link", |item| linked(item, "in", false)),
    ("link both ways", |item| linked(item, "near", true)),
    ("link without a class", |item| linked(item, "", false)),
    ("links of two classes", |item| {
        linked(item, "in", false);
        item.links.push(Link { class: "near".into(), ..item.links[0].clone() });
    }),
    ("link back", |item| {
        linked(item, "in", false);
        item.links.push(Link { from: "2".into(), to: "1".into(), ..item.links[0].clone() });
    }),
    ("link to itself", |item| {
        linked(item, "in", false);
        item.links[0].to = "1".into();
    }),
    ("link to nowhere", |item| {
        linked(item, "in", false);
        item.links[0].to = "9".into();
    }),
    ("sensor", |item| item.sensors.push(sensor("CAM_BACK", "camera"))),
    ("radar", |item| item.sensors.push(sensor("RADAR_FRONT", "radar"))),
    ("lens", |item| {
        let lens = json!({ "model": "pinhole", "k": [0.1, 0.2], "p": [0.0, 0.0] });
        let distortion = serde_json::from_value(lens).ok();
        item.sensors.push(Sensor { distortion, ..sensor("CAM_BACK", "camera") });
    }),
    ("classes of points", |item| {
        let classes = Some("lidarseg/1.bin".into());
        item.sensors.push(Sensor { classes, ..sensor("LIDAR_BACK", "lidar") });
    }),
    ("sweep", |item| {
        item.sweeps.push(Sensor { timestamp: 900_000, ..sensor("LIDAR_TOP", "lidar") })
    }),
    ("metadata", |item| drop(item.metadata.insert("source".into(), "web".into()))),
    ("number of metadata", |item| drop(item.metadata.insert("year".into(), 2026.into()))),
    ("list of metadata", |item| {
        drop(item.metadata.insert("tags".into(), json!(["a", { "b": 1 }])))
    }),
    ("flag of metadata", |item| drop(item.metadata.insert("checked".into(), true.into()))),
    ("nothing of metadata", |item| drop(item.metadata.insert("place".into(), "".into()))),
    ("metadata named id", |item| known(item, "id")),
    ("metadata named text", |item| known(item, "text")),
    ("metadata named label", |item| known(item, "label")),
    ("metadata named width", |item| known(item, "width")),
    ("metadata named image", |item| known(item, "image")),
    ("metadata named prompt", |item| known(item, "prompt")),
    ("metadata named messages", |item| known(item, "messages")),
    ("metadata named meta", |item| known(item, "meta")),
    ("metadata named spans", |item| known(item, "spans")),
    ("no mark", |item| item.marks.clear()),
    ("mark twice", |item| {
        let twice = item.marks.first().filter(|mark| mark.place != Place::Whole).cloned();
        item.marks.extend(twice);
    }),
    ("marks of one id", |item| {
        let twice = first(item).clone();
        item.marks.push(Mark { class: "dog".into(), ..twice });
        item.marks.iter_mut().for_each(|mark| mark.id = Some("7".into()));
    }),
    ("opinions of two", |item| {
        let one = first(item).clone();
        first(item).by = Some("ana".into());
        item.marks.push(Mark { class: "dog".into(), by: Some("zoe".into()), ..one });
    }),
    ("opinions of two numbers", |item| {
        let one = first(item).clone();
        first(item).by = Some("1".into());
        item.marks.push(Mark { class: "dog".into(), by: Some("2".into()), ..one });
    }),
    ("predictions of two models", |item| {
        let one = first(item).clone();
        (first(item).model, first(item).score) = (Some("v1".into()), Some(0.5));
        item.marks.push(Mark {
            class: "dog".into(),
            model: Some("v2".into()),
            score: Some(0.25),
            ..one
        });
    }),
    ("id of the mark", |item| first(item).id = Some("7".into())),
    ("id of the mark in words", |item| first(item).id = Some("r one".into())),
    ("no class", |item| first(item).class.clear()),
    ("class with a space", |item| first(item).class = "Zoë’s cat, <old>".into()),
    ("class of a number", |item| first(item).class = "3".into()),
    ("class in a class", |item| first(item).class = "animal/cat".into()),
    ("class of two lines", |item| first(item).class = "a\ncat".into()),
    ("class with spaces around", |item| first(item).class = " cat ".into()),
    ("class that is a tag", |item| first(item).class = "B-O".into()),
    ("class with signs", |item| first(item).class = "cat: \"a\", b; c|d #1".into()),
    ("two classes", |item| {
        item.marks.push(Mark { class: "Dog".into(), ..boxed() });
        item.marks.push(Mark { class: "dog".into(), ..boxed() });
    }),
    ("question", |item| first(item).question = Some("which".into())),
    ("by", |item| first(item).by = Some("ana".into())),
    ("rating", |item| first(item).value = Some(4.0)),
    ("flag", |item| attribute(item, "occluded", true.into())),
    ("attribute", |item| attribute(item, "colour", "red & <blue>".into())),
    ("number", |item| attribute(item, "age", 2.5.into())),
    ("whole number", |item| attribute(item, "legs", 4.into())),
    ("text of two lines as an attribute", |item| attribute(item, "note", "a\n\tb".into())),
    ("nothing as an attribute", |item| attribute(item, "note", "".into())),
    ("false", |item| attribute(item, "occluded", false.into())),
    ("attribute of a name in words", |item| attribute(item, "how Zoë's: \"old\"", "very".into())),
    ("object as an attribute", |item| attribute(item, "place", json!({ "city": "Köln" }))),
    ("attributes of names that are taken", |item| {
        for key in
            ["id", "label", "class", "track_id", "keyframe", "group", "score", "text", "type"]
        {
            attribute(item, key, "mine".into());
        }
    }),
    ("list", |item| attribute(item, "parts", json!(["tail", "ear"]))),
    ("score", |item| first(item).score = Some(0.25)),
    ("score below nothing", |item| first(item).score = Some(-3.5)),
    ("model", |item| first(item).model = Some("v2".into())),
    ("score of a model", |item| {
        (first(item).score, first(item).model) = (Some(0.25), Some("v2".into()));
    }),
    ("group", |item| first(item).group = Some(3)),
    ("track", |item| first(item).track = Some(12)),
    ("crowd", |item| first(item).crowd = true),
    ("whole", |item| item.marks.push(Mark { class: "night".into(), ..Mark::default() })),
    ("box beyond the edge", |item| {
        item.marks.push(shaped(Shape::Box { x: -5.5, y: 110.25, width: 20.0, height: 20.0 }));
    }),
    ("box of no width", |item| {
        item.marks.push(shaped(Shape::Box { x: 5.0, y: 5.0, width: 0.0, height: 20.0 }));
    }),
    ("box half outside", |item| {
        item.marks.push(shaped(Shape::Box { x: 150.0, y: 50.0, width: 40.0, height: 20.0 }));
    }),
    ("box outside", |item| {
        item.marks.push(shaped(Shape::Box { x: 300.0, y: 50.0, width: 40.0, height: 20.0 }));
    }),
    ("polygon half outside", |item| {
        let points = vec![[120.0, 50.0], [180.0, 50.0], [180.0, 90.0], [120.0, 95.0]];
        item.marks.push(shaped(Shape::Polygon { points }));
    }),
    ("mask with a hole", |item| {
        let mut pixels = vec![0; 160 * 120];
        for y in 20..60 {
            pixels[y * 160 + 30..y * 160 + 80].fill(u8::from(!(30..40).contains(&y)));
            pixels[y * 160 + 30..y * 160 + 35].fill(1);
            pixels[y * 160 + 75..y * 160 + 80].fill(1);
        }
        item.marks.push(shaped(Shape::Mask(Mask::from_pixels(120, 160, &pixels))));
    }),
    ("empty mask", |item| {
        item.marks.push(shaped(Shape::Mask(Mask::from_pixels(120, 160, &vec![0; 160 * 120]))));
    }),
    ("keypoints of another number", |item| {
        let points = vec![[10.0, 20.0, 2.0], [12.5, 30.0, 1.0]];
        item.marks.push(shaped(Shape::Keypoints { points, around: None }));
    }),
    ("keypoints outside", |item| {
        let points = vec![[10.0, 20.0, 2.0], [200.0, 20.0, 2.0], [12.5, 30.0, 1.0]];
        item.marks.push(shaped(Shape::Keypoints { points, around: Some([5.0, 10.0, 20.0, 40.0]) }));
    }),
    ("box between pixels", |item| {
        item.marks.push(shaped(Shape::Box { x: 1.25, y: 2.5, width: 20.75, height: 8.125 }));
    }),
    ("turned box", |item| {
        item.marks.push(shaped(Shape::Turned {
            cx: 100.0,
            cy: 80.0,
            width: 40.0,
            height: 20.0,
            degrees: 30.0,
        }));
    }),
    ("polygon", |item| {
        item.marks
            .push(shaped(Shape::Polygon { points: vec![[1.5, 2.25], [30.0, 2.0], [30.0, 40.75]] }));
    }),
    ("parts", |item| {
        let part = |x: f64| vec![[x, 9.0], [x + 9.0, 9.0], [x + 9.0, 20.0]];
        item.marks.push(shaped(Shape::Parts { parts: vec![part(0.0), part(40.0)] }));
    }),
    ("line", |item| {
        item.marks.push(shaped(Shape::Line { points: vec![[1.0, 2.0], [3.0, 4.5], [9.0, 4.5]] }))
    }),
    ("point", |item| item.marks.push(shaped(Shape::Points { points: vec![[7.25, 8.0]] }))),
    ("points", |item| {
        item.marks.push(shaped(Shape::Points { points: vec![[7.25, 8.0], [9.0, 3.0]] }))
    }),
    ("keypoints", |item| {
        let points = vec![[10.0, 20.0, 2.0], [0.0, 0.0, 0.0], [12.5, 30.0, 1.0]];
        item.marks.push(shaped(Shape::Keypoints { points, around: None }));
    }),
    ("keypoints in a box", |item| {
        let points = vec![[10.0, 20.0, 2.0], [0.0, 0.0, 0.0], [12.5, 30.0, 1.0]];
        item.marks.push(shaped(Shape::Keypoints { points, around: Some([5.0, 10.0, 20.0, 40.0]) }));
    }),
    ("circle", |item| {
        item.marks.push(shaped(Shape::Ellipse {
            cx: 50.0,
            cy: 60.0,
            rx: 20.0,
            ry: 20.0,
            degrees: 0.0,
        }));
    }),
    ("ellipse", |item| {
        item.marks.push(shaped(Shape::Ellipse {
            cx: 50.0,
            cy: 60.0,
            rx: 20.0,
            ry: 10.0,
            degrees: 0.0,
        }));
    }),
    ("turned ellipse", |item| {
        item.marks.push(shaped(Shape::Ellipse {
            cx: 50.0,
            cy: 60.0,
            rx: 20.0,
            ry: 10.0,
            degrees: 40.0,
        }));
    }),
    ("mask", |item| item.marks.push(shaped(mask()))),
    ("solid", |item| {
        let corners =
            [[10, 10], [10, 30], [30, 10], [30, 30], [40, 5], [40, 20], [25, 5], [25, 20]];
        let corners = corners.map(|[x, y]| [f64::from(x), f64::from(y)]).to_vec();
        item.marks.push(shaped(Shape::Solid { corners }));
    }),
    ("cuboid in the world", |item| {
        item.marks.push(place(Place::Cuboid(cuboid(Frame::World, None))))
    }),
    ("cuboid of the scanner", |item| {
        item.marks.push(place(Place::Cuboid(cuboid(Frame::Lidar, None))))
    }),
    ("cuboid of the camera", |item| {
        item.marks.push(place(Place::Cuboid(cuboid(Frame::Camera, None))))
    }),
    ("cuboid in its box", |item| {
        let around = Some([30.0, 20.0, 90.0, 40.5]);
        item.marks.push(place(Place::Cuboid(cuboid(Frame::Camera, around))));
    }),
    ("cuboid that leans", |item| {
        let leaning = Cuboid { rotation: [0.8, 0.36, 0.48, 0.0], ..cuboid(Frame::Lidar, None) };
        item.marks.push(place(Place::Cuboid(leaning)));
    }),
    ("span", |item| item.marks.push(span(4, 7))),
    ("span over another", |item| item.marks.push(span(0, 6))),
    ("span of the same place", |item| {
        item.marks.push(Mark { class: "dog".into(), ..span(0, 3) });
    }),
    ("span of nothing", |item| item.marks.push(span(4, 4))),
    ("span beyond the text", |item| item.marks.push(span(4, 4_000_000))),
    ("span of a part of a word", |item| item.marks.push(span(5, 6))),
    ("words", |item| {
        item.marks.push(Mark { place: Place::Words("a cat".into()), ..Mark::default() })
    }),
    ("words of two lines", |item| item.marks.push(place(Place::Words("a\n\tcat".into())))),
    ("two captions", |item| {
        for words in ["a cat", "the cat"] {
            item.marks.push(Mark { place: Place::Words(words.into()), ..Mark::default() });
        }
    }),
    ("words of a class", |item| item.marks.push(place(Place::Words("a cat".into())))),
    ("time", |item| item.marks.push(place(Place::Time { start: 1.5, end: 2.25, channel: None }))),
    ("time of a channel", |item| {
        item.marks.push(place(Place::Time { start: 1.5, end: 2.25, channel: Some(1) }));
    }),
    ("frames", |item| item.marks.push(place(Place::Frames { start: 3, end: 9 }))),
    ("mark of a turn", |item| item.marks.push(place(Place::Talk(Talk::Turn { of: None, at: 0 })))),
    ("mark of a turn of a candidate", |item| {
        let of = item.candidates.first().map(|candidate| candidate.id.clone());
        item.marks.push(place(Place::Talk(Talk::Turn { of, at: 0 })));
    }),
    ("mark of a candidate", |item| {
        item.marks.push(place(Place::Talk(Talk::Candidate("rejected".into()))));
    }),
    ("another ranking", |item| {
        let order = vec![vec!["chosen".into(), "rejected".into()]];
        item.marks.push(Mark {
            place: Place::Talk(Talk::Ranking { order, all_bad: true }),
            ..Mark::default()
        });
    }),
];

/// The first mark; where there is none, a new one of the item as a whole.
fn first(item: &mut Item) -> &mut Mark {
    if item.marks.is_empty() {
        item.marks.push(place(Place::Whole));
    }
    &mut item.marks[0]
}

fn attribute(item: &mut Item, key: &str, value: Value) {
    first(item).attributes.insert(key.into(), value);
}

fn linked(item: &mut Item, class: &str, mutual: bool) {
    let other = Mark { id: Some("2".into()), ..first(item).clone() };
    first(item).id = Some("1".into());
    item.marks.push(other);
    item.links.push(Link { from: "1".into(), to: "2".into(), class: class.into(), mutual });
}

fn counts(losses: &LossReport) -> BTreeMap<&'static str, u64> {
    losses.losses.iter().map(|(kind, loss)| (*kind, loss.count)).collect()
}

/// What of the bases and of the features a format loses without a word.
fn silent(format: Format) -> Vec<String> {
    let mut silent = Vec::new();
    let what = format.as_str();
    let mut is_home = false;
    for (base, item) in bases() {
        let plain = send(format, &item);
        if !plain.gone.is_empty() && plain.losses.is_empty() {
            silent.push(format!("{what}: {base}: {:?}", plain.gone));
        }
        // What a format has no place for as it is tells nothing about what is added to it.
        if plain.gone.iter().any(|path| !path.starts_with(".frame") && path != "name") {
            continue;
        }
        is_home = true;
        for (name, add) in FEATURES {
            let mut more = item.clone();
            add(&mut more);
            if more == item {
                continue;
            }
            let sent = send(format, &more);
            let gone: Vec<_> = sent.gone.difference(&plain.gone).collect();
            let before = counts(&plain.losses);
            let told = counts(&sent.losses)
                .iter()
                .any(|(kind, count)| count > before.get(kind).unwrap_or(&0));
            if !gone.is_empty() && !told {
                let already: Vec<_> = before.keys().collect();
                silent.push(format!("{what}: {base} with {name}: {gone:?} (counted {already:?})"));
            }
        }
    }
    if !is_home {
        silent.push(format!("{what}: holds none of the items"));
    }
    silent
}

#[test]
fn what_does_not_come_back_is_counted() {
    let written = Mutex::new(Format::all().filter(|format| format.is_written()));
    let found = Mutex::new(Vec::new());
    let next = || written.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(format) = next() {
                    let silent = silent(format);
                    found.lock().unwrap().extend(silent);
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} are lost in silence:\n{}", found.len(), found.join("\n"));
}
