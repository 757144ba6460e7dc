//! What another tool said, as an answer to the question of a project.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;

use domain::answers::{Bounds, check};
use domain::ontology::Ontology;
use domain::projects::{ChoiceMode, Media, Question, ShapeKind};
use formats::LossReport;
use formats::exchange::{Fit, Item, Link, Mark, Place, Shape, Survey, Whose};
use serde_json::{Value, json};

fn question(shapes: &[ShapeKind], choice: Option<ChoiceMode>) -> Question {
    Question { media: Media::Image, shapes: shapes.to_vec(), choice, spans: false }
}

fn ontology() -> Ontology {
    serde_json::from_value(json!({
        "classes": [
            { "key": "car", "name": "Car", "color": "#112233" },
            { "key": "old", "name": "Cart", "color": "#112233", "retired": true },
        ],
        "attributes": [
            { "key": "lit", "name": "Lit", "type": "boolean", "scope": "object" },
            { "key": "side", "name": "Side", "type": "select", "scope": "object",
              "options": [{ "key": "l", "name": "Left" }, { "key": "r", "name": "Right" }] },
            { "key": "seen", "name": "Seen", "type": "multi", "scope": "object",
              "options": [{ "key": "l", "name": "Left" }, { "key": "r", "name": "Right" }] },
            { "key": "seats", "name": "Seats", "type": "number", "scope": "object", "min": 0, "max": 9 },
        ],
    }))
    .unwrap()
}

fn marked(class: &str, shape: Shape) -> Item {
    let mark = Mark { class: class.into(), place: Place::Shape(shape), ..Mark::default() };
    Item { name: "a.jpg".into(), marks: vec![mark], ..Item::default() }
}

/// The shapes of the answer, and the kinds of loss; the answer is always one that a person could hand in.
fn fitted(question: &Question, item: &Item) -> (Vec<Value>, Vec<&'static str>) {
    let (ontology, classes) = (ontology(), BTreeMap::new());
    let fit = Fit { question, ontology: &ontology, classes: &classes, groups_are_answers: false };
    let mut losses = LossReport::default();
    let answer = fit.answer(item, Whose::People, Some([100.0, 50.0]), &mut losses);
    if let Some(answer) = &answer {
        let bounds = Bounds::picture(100.0, 50.0);
        assert_eq!(check(question, &ontology, bounds, answer), [], "{answer:?}");
    }
    let objects = answer.map(|answer| answer.objects).unwrap_or_default();
    let shapes = objects.iter().map(|object| json!(object.shape)).collect();
    (shapes, losses.losses.into_keys().collect())
}

#[test]
fn shapes_become_what_the_project_takes() {
    let square = |x: f64, y: f64| vec![[x, y], [x + 10.0, y], [x + 10.0, y + 10.0], [x, y + 10.0]];
    let rectangle = |x: f64, y: f64, width: f64, height: f64| Shape::Box { x, y, width, height };
    let a_box = |x: f64, y: f64, width: f64, height: f64| json!({ "type": "box", "x": x, "y": y, "width": width, "height": height });
    let outline = |points: Vec<[f64; 2]>| json!({ "type": "polygon", "points": points });
    let (boxes, outlines) = ([ShapeKind::Box], [ShapeKind::Polygon]);
    let turned = Shape::Turned { cx: 50.0, cy: 25.0, width: 20.0, height: 10.0, degrees: 90.0 };
    type Case<'a> = (&'a [ShapeKind], Shape, Vec<Value>, Vec<&'a str>);
    let cases: Vec<Case<'_>> = vec![
        (&boxes, rectangle(1.0, 2.0, 3.0, 4.0), vec![a_box(1.0, 2.0, 3.0, 4.0)], vec![]),
        (
            &outlines,
            rectangle(1.0, 2.0, 10.0, 10.0),
            vec![outline(square(1.0, 2.0))],
            vec!["box_as_polygon"],
        ),
        (
            &boxes,
            Shape::Polygon { points: square(5.0, 5.0) },
            vec![a_box(5.0, 5.0, 10.0, 10.0)],
            vec!["polygon_as_its_box"],
        ),
        (
            &outlines,
            Shape::Polygon { points: square(5.0, 5.0) },
            vec![outline(square(5.0, 5.0))],
            vec![],
        ),
        (&boxes, turned, vec![a_box(45.0, 15.0, 10.0, 20.0)], vec!["turned_box_as_upright_box"]),
        (
            &outlines,
            Shape::Parts { parts: vec![square(0.0, 0.0), square(20.0, 20.0)] },
            vec![outline(square(0.0, 0.0)), outline(square(20.0, 20.0))],
            vec!["parts_as_objects_of_their_own"],
        ),
        (&boxes, Shape::Line { points: vec![[1.0, 1.0], [9.0, 9.0]] }, vec![], vec!["line"]),
        // What reaches over the edge is cut there; what lies mostly outside belongs to another picture.
        (
            &boxes,
            rectangle(-2.0, 45.0, 20.0, 8.0),
            vec![a_box(0.0, 45.0, 18.0, 5.0)],
            vec!["cut_at_the_edge"],
        ),
        (&boxes, rectangle(-0.001, 0.0, 20.0, 8.0), vec![a_box(0.0, 0.0, 19.999, 8.0)], vec![]),
        (&boxes, rectangle(90.0, 0.0, 40.0, 8.0), vec![], vec!["outside_the_picture"]),
        (&boxes, rectangle(1.0, 1.0, 0.5, 8.0), vec![], vec!["smaller_than_a_pixel"]),
        (
            &outlines,
            Shape::Polygon { points: square(95.0, 20.0) },
            vec![outline(vec![[95.0, 20.0], [100.0, 20.0], [100.0, 30.0], [95.0, 30.0]])],
            vec!["cut_at_the_edge"],
        ),
    ];
    for (takes, shape, wanted, lost) in cases {
        let told = format!("{shape:?} where {takes:?} are taken");
        let (shapes, losses) = fitted(&question(takes, None), &marked("Car", shape));
        assert_eq!((shapes, losses), (wanted, lost), "{told}");
    }
}

#[test]
fn classes_and_attributes_are_found_by_name_and_what_is_not_is_counted() {
    let rectangle = || Shape::Box { x: 1.0, y: 2.0, width: 3.0, height: 4.0 };
    let taken = question(&[ShapeKind::Box], None);
    for (class, lost) in [
        ("Car", vec![]),
        ("car", vec![]),
        ("CAR", vec![]),
        ("Cart", vec!["class_not_in_ontology"]),
        ("", vec!["without_class"]),
    ] {
        assert_eq!(fitted(&taken, &marked(class, rectangle())).1, lost, "{class}");
    }
    let (ontology, classes) = (ontology(), BTreeMap::new());
    let fit =
        Fit { question: &taken, ontology: &ontology, classes: &classes, groups_are_answers: false };
    for (name, value, wanted) in [
        ("Lit", json!(true), json!({ "lit": true })),
        ("lit", json!("no"), json!({ "lit": false })),
        ("lit", json!("perhaps"), Value::Null),
        ("Side", json!("Left"), json!({ "side": "l" })),
        ("side", json!(["r"]), json!({ "side": "r" })),
        ("side", json!("Above"), Value::Null),
        ("Seen", json!(["Left", "r", "Left"]), json!({ "seen": ["l", "r"] })),
        ("seen", json!("Left"), json!({ "seen": ["l"] })),
        ("Seats", json!("4"), json!({ "seats": 4.0 })),
        ("seats", json!(10), Value::Null),
        ("Colour", json!("red"), Value::Null),
    ] {
        let mut item = marked("Car", rectangle());
        item.marks[0].attributes.insert(name.into(), value.clone());
        let mut losses = LossReport::default();
        let answer = fit.answer(&item, Whose::People, None, &mut losses).unwrap();
        let given = json!(answer.objects[0].attributes);
        if wanted.is_null() {
            assert!(given == json!({}) && !losses.is_empty(), "{name}: {value} became {given}");
        } else {
            assert!(
                given == wanted && losses.is_empty(),
                "{name}: {value} became {given}, {losses:?}"
            );
        }
    }
}

#[test]
fn whole_items_are_chosen_for_once_or_more() {
    let item = Item {
        name: "a.jpg".into(),
        marks: ["Car", "Car", "Van"]
            .map(|class| Mark { class: class.into(), ..Mark::default() })
            .into(),
        ..Item::default()
    };
    let mut ontology = Ontology::default();
    let mut survey = Survey::default();
    survey.add(&item);
    assert_eq!(survey.question().unwrap().choice, Some(ChoiceMode::Multi));
    survey.extend(&mut ontology, |_| false);
    let classes = BTreeMap::from([("Van".to_owned(), None)]);
    for (mode, classes, chosen, lost) in [
        (ChoiceMode::Multi, BTreeMap::new(), json!(["car", "van"]), vec![]),
        (ChoiceMode::Single, BTreeMap::new(), json!(["car"]), vec!["second_choice"]),
        (ChoiceMode::Multi, classes, json!(["car"]), vec!["class_not_in_ontology"]),
    ] {
        let question = question(&[], Some(mode));
        let fit = Fit {
            question: &question,
            ontology: &ontology,
            classes: &classes,
            groups_are_answers: false,
        };
        let mut losses = LossReport::default();
        let answer = fit.answer(&item, Whose::People, None, &mut losses).unwrap();
        assert_eq!(
            (json!(answer.choices), losses.losses.into_keys().collect::<Vec<_>>()),
            (chosen, lost)
        );
    }
}

#[test]
fn what_a_model_said_is_kept_apart() {
    let rectangle = |x: f64| Place::Shape(Shape::Box { x, y: 2.0, width: 3.0, height: 4.0 });
    let mark = |x: f64, model: Option<&str>| Mark {
        class: "Car".into(),
        place: rectangle(x),
        model: model.map(str::to_owned),
        ..Mark::default()
    };
    let marks = vec![mark(1.0, None), mark(2.0, Some("v1")), mark(3.0, Some("v2"))];
    let item = Item { name: "a.jpg".into(), marks, ..Item::default() };
    let (ontology, classes) = (ontology(), BTreeMap::new());
    let question = question(&[ShapeKind::Box], None);
    let fit = Fit {
        question: &question,
        ontology: &ontology,
        classes: &classes,
        groups_are_answers: false,
    };
    for (whose, x, lost) in [
        (Whose::People, 1.0, vec![("prediction", 2)]),
        (Whose::Model, 2.0, vec![("prediction_of_another_model", 1)]),
    ] {
        let mut losses = LossReport::default();
        let answer = fit.answer(&item, whose, None, &mut losses).unwrap();
        assert_eq!(answer.objects.len(), 1);
        assert_eq!(answer.objects[0].shape.bounds()[0], x);
        let lost_here: Vec<(&str, u64)> =
            losses.losses.iter().map(|(kind, loss)| (*kind, loss.count)).collect();
        assert_eq!(lost_here, lost);
    }
}

#[test]
fn an_ontology_grows_by_what_is_there_and_stays_sound() {
    let mut survey = Survey::default();
    let rectangle = || Place::Shape(Shape::Box { x: 1.0, y: 2.0, width: 3.0, height: 4.0 });
    for (class, attributes) in [
        ("Car", json!({ "Lit": true, "Make": "Fiat" })),
        ("Lorry, large", json!({ "Make": "MAN", "Plate": "a".repeat(90) })),
        ("Lorry/large", json!({ "Axles": 3 })),
        ("Грузовик", json!({ "Doors": ["left"] })),
        ("小汽车", json!({ "Doors": "rear" })),
    ] {
        let attributes = attributes.as_object().unwrap().clone();
        let mark = Mark { class: class.into(), place: rectangle(), attributes, ..Mark::default() };
        survey.add(&Item { name: "a.jpg".into(), marks: vec![mark], ..Item::default() });
    }
    let mut grown = ontology();
    survey.extend(&mut grown, |name| name == "小汽车");
    assert_eq!(grown.check(), []);
    let keys: Vec<&str> = grown.classes.iter().map(|class| class.key.as_str()).collect();
    assert_eq!(keys, ["car", "old", "lorry-large", "lorry-large-2", "class"]);
    let kinds: Vec<String> = grown.attributes[4..]
        .iter()
        .map(|one| {
            format!("{} {} {}", one.key, json!(one.kind).as_str().unwrap(), one.options.len())
        })
        .collect();
    assert_eq!(kinds, ["make select 2", "plate text 0", "axles number 0", "doors multi 2"]);
    let before = grown.clone();
    survey.extend(&mut grown, |name| name == "小汽车");
    assert_eq!(grown, before);
}

#[test]
fn spans_are_taken_where_the_project_marks_passages() {
    let mark = |class: &str, id: Option<&str>, start, end| Mark {
        class: class.into(),
        id: id.map(Into::into),
        place: Place::Span { start, end },
        ..Mark::default()
    };
    let item = Item {
        name: "row_1".into(),
        // Ten code points, sixteen units of UTF-16, more bytes.
        text: Some("🚗a\u{301} سيارة🚙".into()),
        marks: vec![
            mark("Car", Some("7"), 0, 1),
            mark("Car", None, 0, 10),
            mark("Car", None, 0, 10),
            mark("Car", None, 4, 4),
            mark("Car", None, 9, 11),
            mark("Bus", None, 0, 1),
            mark("", None, 0, 1),
        ],
        links: vec![Link { from: "7".into(), to: "8".into(), ..Link::default() }],
        ..Item::default()
    };
    assert_eq!(item.text.as_ref().unwrap().chars().count(), 10);
    let (ontology, classes) = (ontology(), BTreeMap::new());
    let question = Question { media: Media::Text, spans: true, ..question(&[], None) };
    let fit = |question| Fit {
        question,
        ontology: &ontology,
        classes: &classes,
        groups_are_answers: false,
    };
    let mut losses = LossReport::default();
    let answer = fit(&question).answer(&item, Whose::People, None, &mut losses).unwrap();
    let bounds = Bounds::text(item.text.as_deref().unwrap());
    assert_eq!(check(&question, &ontology, bounds, &answer), []);
    let spans: Vec<_> =
        answer.spans.iter().map(|span| (span.id.as_str(), span.start, span.end)).collect();
    assert_eq!(spans, [("7", 0, 1), ("s2", 0, 10)]);
    let lost: Vec<_> = losses.losses.into_keys().collect();
    assert_eq!(
        lost,
        [
            "class_not_in_ontology",
            "empty_span",
            "outside_the_text",
            "relation",
            "repeated_span",
            "without_class"
        ]
    );

    let mut survey = Survey::default();
    survey.add(&item);
    assert_eq!(survey.question().as_ref(), Some(&question));

    let no_spans = Question { media: Media::Text, ..self::question(&[], Some(ChoiceMode::Single)) };
    let mut losses = LossReport::default();
    assert_eq!(fit(&no_spans).answer(&item, Whose::People, None, &mut losses), None);
    assert!(losses.losses.contains_key("span"));
}

#[test]
fn links_become_relations_where_the_project_has_them() {
    let mark = |class: &str, id: &str, group: Option<i64>, start, end| Mark {
        class: class.into(),
        id: Some(id.into()),
        place: Place::Span { start, end },
        group,
        ..Mark::default()
    };
    let link = |from: &str, to: &str, class: &str, mutual: bool| Link {
        from: from.into(),
        to: to.into(),
        class: class.into(),
        mutual,
    };
    let item = Item {
        name: "row_1".into(),
        text: Some("Ada of London and Bob".into()),
        marks: vec![
            mark("Person", "T1", Some(3), 0, 3),
            mark("Place", "not an id", Some(3), 7, 13),
            mark("Person", "T3", Some(-1), 18, 21),
        ],
        links: vec![
            link("T1", "not an id", "Lives in", false),
            link("T1", "T3", "knows", true),
            link("T3", "T1", "knows", true),
            link("T1", "T9", "knows", true),
            link("T1", "T1", "knows", true),
            link("not an id", "T1", "Born in", false),
        ],
        ..Item::default()
    };
    let mut survey = Survey::default();
    survey.add(&item);
    let question = survey.question().unwrap();
    let mut ontology = Ontology::default();
    survey.extend(&mut ontology, |_| false);
    // What the project says of its ends is kept, and what is drawn against it is told.
    ontology.relations[2].to = vec!["place".into()];
    assert_eq!(ontology.check(), []);
    let kinds: Vec<_> =
        ontology.relations.iter().map(|kind| (kind.key.as_str(), json!(kind.direction))).collect();
    let (one, both) = (json!("one_way"), json!("both_ways"));
    assert_eq!(kinds, [("lives-in", one.clone()), ("knows", both), ("born-in", one)]);
    let classes = BTreeMap::new();
    let fit = Fit {
        question: &question,
        ontology: &ontology,
        classes: &classes,
        groups_are_answers: false,
    };
    let mut losses = LossReport::default();
    let answer = fit.answer(&item, Whose::People, None, &mut losses).unwrap();
    let bounds = Bounds::text(item.text.as_deref().unwrap());
    assert_eq!(check(&question, &ontology, bounds, &answer), []);
    assert_eq!(
        json!(answer.relations),
        json!([
            { "relation": "lives-in", "from": "T1", "to": "s2" },
            { "relation": "knows", "from": "T1", "to": "T3" },
        ])
    );
    let groups: Vec<_> = answer.spans.iter().map(|span| span.group).collect();
    assert_eq!(groups, [Some(3), Some(3), None]);
    assert_eq!((losses.count("relation"), losses.count("group")), (4, 1));
}

#[test]
fn cuboids_in_pictures_stay_what_they_are() {
    let corners: Vec<[f64; 2]> = vec![
        [10., 10.],
        [10., 30.],
        [30., 10.],
        [30., 30.],
        [40., 5.],
        [40., 20.],
        [25., 5.],
        [25., 20.],
    ];
    let item = marked("Car", Shape::Solid { corners: corners.clone() });
    let (shapes, losses) = fitted(&question(&[ShapeKind::Solid], None), &item);
    assert_eq!((shapes, losses), (vec![json!({ "type": "solid", "corners": corners })], vec![]));
    let (shapes, losses) = fitted(&question(&[ShapeKind::Box], None), &item);
    assert_eq!(shapes, [json!({ "type": "box", "x": 10., "y": 5., "width": 30., "height": 25. })]);
    assert_eq!(losses, ["cuboid_in_picture_as_its_box"]);
}
