//! Stories about a project: made from a template, its ontology and instructions in versions, and what
//! renaming leaves alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::StatusCode;
use domain::Role;
use loops::{Project, car, choice};
use serde_json::{Value, json};
use support::{World, code};

/// The codes of what is wrong, with their paths.
fn problems(body: &Value) -> Vec<(&str, &str)> {
    let all = body["error"]["problems"].as_array().into_iter().flatten();
    all.map(|one| (one["path"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_template_makes_a_project_that_can_be_published() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let (_, templates) = manager.get("/api/templates").await;
    let names: Vec<&str> = templates["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["template"].as_str().unwrap())
        .collect();
    for wanted in [
        "image_boxes",
        "image_polygons",
        "image_choice",
        "image_choices",
        "text_choice",
        "text_choices",
    ] {
        assert!(names.contains(&wanted), "{wanted} is missing: {names:?}");
    }
    for name in names {
        let new = json!({ "name": name, "template": name });
        let (status, made) = manager.post("/api/projects", new).await;
        assert_eq!((status, &made["state"]), (StatusCode::OK, &json!("draft")), "{made}");
        let path = format!("/api/projects/{}", made["id"].as_str().unwrap());
        let publish = json!({ "base": made["version"], "state": "published" });
        let (status, made) = manager.patch(&path, publish).await;
        assert_eq!((status, &made["state"]), (StatusCode::OK, &json!("published")), "{made}");
    }
    let (_, first) = manager.get("/api/projects?limit=3").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = manager.get(&format!("/api/projects?limit=3&cursor={cursor}")).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    assert!(second["items"].as_array().unwrap().iter().all(|one| one != &first["items"][2]));
}

#[tokio::test]
async fn renaming_touches_no_answer_and_keys_in_use_stay() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 3).await;
    let path = format!("/api/projects/{}/ontology", project.id);
    let ann = world.user(Role::Contributor).await;
    project.label(&ann, car(10.0)).await;
    let task = project.first().await;
    let before = project.task(&task).await;

    let (_, now) = project.manager.get(&path).await;
    let mut ontology = now["ontology"].clone();
    let classes = ontology["classes"].as_array_mut().unwrap();
    let car_class = classes.iter_mut().find(|class| class["key"] == "car").unwrap();
    car_class["name"] = json!("Vehicle");
    car_class["color"] = json!("#123456");
    classes.push(json!({ "key": "van", "name": "Van", "color": "#654321", "parent": "car" }));
    let renamed = json!({ "base": now["version"], "ontology": ontology });
    let (status, saved) = project.manager.put(&path, renamed.clone()).await;
    assert_eq!((status, &saved["version"]), (StatusCode::OK, &json!(2)), "{saved}");

    // What was said stays said, under the version before the contributor's eyes.
    let after = project.task(&task).await;
    assert_eq!(after["answers"], before["answers"]);
    assert_eq!(after["label"], before["label"]);
    assert_eq!(after["answers"][0]["ontology_version"], 1);
    let (_, old) = project.manager.get(&format!("{path}?version=1")).await;
    assert_eq!(old["ontology"], now["ontology"]);
    project.label(&ann, car(20.0)).await;
    let tasks = project.tasks().await;
    let second = project.task(tasks[1]["id"].as_str().unwrap()).await;
    assert_eq!(second["answers"][0]["ontology_version"], 2);

    // Two who edit at once: the second is told, and nothing of the first is lost.
    let (status, late) = project.manager.put(&path, renamed).await;
    assert_eq!((status, code(&late)), (StatusCode::CONFLICT, "edited_meanwhile"), "{late}");
    assert_eq!(late["error"]["details"]["version"], 2);

    let mut without = saved["ontology"].clone();
    without["classes"].as_array_mut().unwrap().retain(|class| class["key"] == "van");
    without["classes"][0]["parent"] = Value::Null;
    let (status, refused) =
        project.manager.put(&path, json!({ "base": 2, "ontology": without })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert!(problems(&refused).iter().any(|(_, code)| *code == "key_in_use"), "{refused}");
}

#[tokio::test]
async fn attributes_are_asked_for_where_they_apply() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 2).await;
    let path = format!("/api/projects/{}/ontology", project.id);
    let (_, now) = project.manager.get(&path).await;
    let mut ontology = now["ontology"].clone();
    ontology["attributes"] = json!([
        { "key": "doors", "name": "Doors", "type": "number", "scope": "object", "required": true, "classes": ["car"], "min": 1, "max": 6 },
        { "key": "color", "name": "Color", "type": "select", "scope": "object",
          "options": [{ "key": "red", "name": "Red" }, { "key": "blue", "name": "Blue" }] },
    ]);
    let wanted = json!({ "base": 1, "ontology": ontology });
    let (status, saved) = project.manager.put(&path, wanted).await;
    assert_eq!(status, StatusCode::OK, "{saved}");

    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let submission = loops::submission();
    let (status, told) = loops::hand_in(&ann, &claim, &submission, car(10.0)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    assert!(
        problems(&told).iter().any(|(path, code)| path.contains("doors") && *code == "required")
    );
    let mut answer = car(10.0);
    answer["objects"][0]["attributes"] = json!({ "doors": 9, "color": "green" });
    let (_, told) = loops::hand_in(&ann, &claim, &submission, answer.clone()).await;
    assert_eq!(problems(&told).len(), 2, "both are told at once: {told}");
    answer["objects"][0]["attributes"] = json!({ "doors": 5, "color": "red" });
    let (status, told) = loops::hand_in(&ann, &claim, &submission, answer).await;
    assert_eq!(status, StatusCode::OK, "{told}");
}

#[tokio::test]
async fn a_project_says_which_shapes_it_takes() {
    let world = World::new().await;
    let manager = world.user(Role::Manager).await;
    let new = |name: &str, template: &str, shapes: Value| json!({ "name": name, "template": template, "shapes": shapes });
    let (status, made) =
        manager.post("/api/projects", new("a", "image_shapes", json!(["line", "mask"]))).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert_eq!(made["question"]["shapes"], json!(["line", "mask"]));
    for (template, shapes) in [
        ("image_shapes", json!(["line", "line"])),
        ("image_choice", json!(["line"])),
        // The pixels of a mask have no way from one frame to the next.
        ("video_shapes", json!(["box", "mask"])),
    ] {
        let (status, refused) = manager.post("/api/projects", new("b", template, shapes)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        assert_eq!(problems(&refused), [("shapes", "unknown_value")]);
    }
}

#[tokio::test]
async fn every_shape_is_taken_compared_and_kept() {
    let world = World::new().await;
    let plan = json!({ "overlap": 2, "agreement_min": 0.9 });
    let project = Project::new(&world, "image_shapes", plan, 1).await;
    let path = format!("/api/projects/{}/ontology", project.id);
    let (_, now) = project.manager.get(&path).await;
    let mut ontology = now["ontology"].clone();
    let point = |key: &str| json!({ "key": key, "name": key });
    ontology["classes"][0]["skeleton"] =
        json!({ "points": [point("front"), point("rear")], "edges": [[0, 1]] });
    ontology["relations"] = json!([{ "key": "pulls", "name": "pulls", "from": ["car"] }]);
    let (status, saved) =
        project.manager.put(&path, json!({ "base": 1, "ontology": ontology })).await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    ontology["classes"][0]["skeleton"]["points"] = json!([point("front")]);
    ontology["classes"][0]["skeleton"]["edges"] = json!([]);
    let (_, refused) = project.manager.put(&path, json!({ "base": 2, "ontology": ontology })).await;
    assert_eq!(problems(&refused)[0].1, "skeleton_changed", "{refused}");

    // A mask of the whole picture of 640 × 480: ten columns of it.
    let counts = domain::mask::Mask::from_runs(480, 640, &[4800, 4800, 297_600]).counts;
    let shapes = [
        json!({ "type": "box", "x": 10.5, "y": 20.0, "width": 64.0, "height": 32.25 }),
        json!({ "type": "turned", "cx": 10.0, "cy": 10.0, "width": 80.0, "height": 40.0, "degrees": 30.0 }),
        json!({ "type": "polygon", "points": [[0.0, 0.0], [90.0, 0.0], [90.0, 90.0], [0.0, 90.0]], "holes": [[[20.0, 20.0], [40.0, 20.0], [40.0, 40.0]]] }),
        json!({ "type": "line", "points": [[0.0, 0.0], [90.0, 5.25]] }),
        json!({ "type": "point", "x": 300.0, "y": 200.0 }),
        json!({ "type": "ellipse", "cx": 90.0, "cy": 90.0, "rx": 30.0, "ry": 20.0, "degrees": 0.0 }),
        json!({ "type": "keypoints", "points": [[100.0, 200.0, 2.0], [0.0, 0.0, 0.0]] }),
        json!({ "type": "mask", "height": 480, "width": 640, "counts": counts }),
        json!({ "type": "line", "points": [[0.0, 0.0], [90.0, 5.25], [180.0, 0.0]], "curves": [[[30.0, 60.0], [60.0, 60.0]], null] }),
        json!({ "type": "solid", "corners": [[200.0, 200.0], [200.0, 300.0], [300.0, 200.0], [300.0, 300.0], [340.0, 190.0], [340.0, 260.0], [260.0, 190.0], [260.0, 260.0]] }),
    ];
    let objects: Vec<Value> = shapes
        .iter()
        .enumerate()
        .map(|(n, shape)| json!({ "id": format!("o{n}"), "class": "car", "shape": shape }))
        .collect();
    let mut answer = json!({
        "objects": objects,
        "relations": [{ "relation": "pulls", "from": "o0", "to": "o9" }],
    });
    answer["objects"][0]["group"] = json!(3);
    answer["objects"][9]["group"] = json!(3);
    let mut wrong = answer.clone();
    wrong["objects"][6]["class"] = json!("person");
    wrong["objects"][7]["shape"]["width"] = json!(639);
    wrong["objects"][9]["shape"]["corners"][7][0] = json!(641);
    wrong["objects"][9]["group"] = json!(0);
    wrong["relations"][0]["to"] = json!("o99");

    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let claim = project.claim(&ann, "label").await.unwrap();
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    assert_eq!(
        problems(&told),
        [
            ("objects[6].shape", "no_skeleton"),
            ("objects[7].shape", "bad_mask"),
            ("objects[9].shape.corners[7]", "outside"),
            ("objects[9].group", "bad_group"),
            ("relations[0].to", "unknown_end"),
        ]
    );
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), answer.clone()).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    project.label(&ben, answer.clone()).await;
    // The two agree in every object, so that there is nothing to adjudicate.
    let task = project.task(&project.first().await).await;
    assert_eq!((&task["state"], &task["label"]["value"]), (&json!("done"), &answer), "{task}");
}

#[tokio::test]
async fn instructions_have_versions_and_an_answer_keeps_its_own() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 2).await;
    let path = format!("/api/projects/{}/instructions", project.id);
    let ann = world.user(Role::Contributor).await;
    // The claim brings what was in force when it was taken.
    let claim = project.claim(&ann, "label").await.unwrap();
    let next = json!({ "base": 2, "markdown": "# Tight boxes\n\n::: good\nLike this.\n:::\n" });
    let (status, saved) = project.manager.put(&path, next.clone()).await;
    assert_eq!((status, &saved["version"]), (StatusCode::OK, &json!(3)), "{saved}");
    let body = json!({
        "submission": loops::submission(), "fence": claim["fence"], "answer": choice("positive"),
        "active_ms": 10, "instructions_version": claim["instructions_version"],
    });
    let (status, receipt) =
        ann.put(&format!("/api/slots/{}/answer", loops::slot(&claim)), body).await;
    assert_eq!(status, StatusCode::OK, "{receipt}");
    let task = project.task(claim["task"].as_str().unwrap()).await;
    assert_eq!(task["answers"][0]["instructions_version"], 2);
    let (_, old) = ann.get(&format!("{path}?version=2")).await;
    assert_eq!(old["clauses"], json!([{ "id": "tight-boxes", "title": "Tight boxes" }]));
    let (status, late) = project.manager.put(&path, next).await;
    assert_eq!((status, code(&late)), (StatusCode::CONFLICT, "edited_meanwhile"));
    let (status, _) = ann.get(&format!("{path}?version=9")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_plan_has_its_bounds_and_a_project_its_states() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 20 }), 0).await;
    let path = format!("/api/projects/{}", project.id);
    let (_, mut now) = project.manager.get(&path).await;
    for (field, value) in
        [("overlap", 21), ("overlap", 0), ("lease_minutes", 0), ("lease_minutes", 241)]
    {
        let mut plan = now["plan"].clone();
        plan[field] = json!(value);
        let (status, told) =
            project.manager.patch(&path, json!({ "base": now["version"], "plan": plan })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}: {told}");
        assert_eq!(problems(&told), [(format!("plan.{field}").as_str(), "out_of_range")]);
    }
    for state in ["paused", "published", "archived"] {
        let change = json!({ "base": now["version"], "state": state });
        let (status, changed) = project.manager.patch(&path, change).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        now = changed;
    }
    let change = json!({ "base": now["version"], "state": "published" });
    let (status, told) = project.manager.patch(&path, change).await;
    assert_eq!((status, code(&told)), (StatusCode::CONFLICT, "archived"), "{told}");
    let ann = world.user(Role::Contributor).await;
    assert_eq!(ann.get(&path).await.0, StatusCode::NOT_FOUND, "what is not published is not there");
}
