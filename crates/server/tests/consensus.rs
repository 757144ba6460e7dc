//! What several answers say together where none of them may say it: shapes, spans, several classes (F9).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use domain::projects::Media;
use loops::{Project, hand_in, judge, submission};
use serde_json::{Value, json};
use server::brain::{Wanted, learn};
use support::{Caller, World};

const KINDS: [&str; 8] = [
    "image_boxes",
    "image_polygons",
    "image_masks",
    "image_points",
    "image_choices",
    "text_choices",
    "text_spans",
    "text_spans_choice",
];

fn adaptive(target: f64) -> Value {
    let quality =
        json!({ "kind": "adaptive", "target": target, "min": 2, "max": 5, "audit_share": 0.0 });
    json!({ "overlap": 5, "quality": quality })
}

/// What somebody says to a task of a template: what is so, or something else; a little aside of it, where that can be.
fn says(template: &str, off: bool, aside: f64) -> Value {
    let one = |class: &str, shape: Value| json!({ "objects": [{ "id": "a", "class": class, "shape": shape }] });
    let class = if off { "person" } else { "car" };
    let x = aside + if off { 300.0 } else { 100.0 };
    match template {
        "image_boxes" => {
            one(class, json!({ "type": "box", "x": x, "y": 10.0, "width": 100.0, "height": 50.0 }))
        }
        "image_polygons" => {
            let points = [[x, 10.0], [x + 100.0, 10.0], [x + 100.0, 60.0], [x, 60.0]];
            one(class, json!({ "type": "polygon", "points": points }))
        }
        "image_masks" => {
            let (from, columns) = (x as u64, 100);
            let runs = [from * 480, columns * 480, (640 - from - columns) * 480];
            let mask = domain::mask::Mask::from_runs(480, 640, &runs);
            one(
                class,
                json!({ "type": "mask", "height": 480, "width": 640, "counts": mask.counts }),
            )
        }
        "image_points" => one(class, json!({ "type": "point", "x": x, "y": 10.0 })),
        "image_choices" if off => json!({ "choices": ["night"] }),
        "image_choices" => json!({ "choices": ["day", "indoor"] }),
        "text_choices" if off => json!({ "choices": ["complaint"] }),
        "text_choices" => json!({ "choices": ["question", "praise"] }),
        _ => {
            let (class, choice) = if off { (1, "complaint") } else { (0, "praise") };
            let classes = match template {
                "text_spans" => ["person", "place"],
                _ => ["question", "complaint"],
            };
            let span = json!({ "id": "s", "class": classes[class], "start": 0, "end": 4 });
            match template {
                "text_spans" => json!({ "spans": [span] }),
                _ => json!({ "spans": [span], "choices": [choice] }),
            }
        }
    }
}

fn makes_marks(template: &str) -> bool {
    !template.ends_with("choices")
}

async fn fit(world: &World, project: &Project) {
    let access = world.access(project.manager.organization.unwrap()).await;
    let (app, project) = (world.app.clone(), project.id);
    let learned = tokio::task::spawn_blocking(move || learn(&app, &access, project, Wanted::Model));
    learned.await.unwrap().unwrap();
}

/// Takes the next task and says what is so of it, which is one thing of every other task; or the contrary.
async fn tell(project: &Project, who: &Caller, template: &str, off: bool, aside: f64) -> String {
    let claim = project.claim(who, "label").await.expect("there is something to label");
    let number = claim["item"]["external_id"].as_str().unwrap();
    let is_odd = number.ends_with(['1', '3', '5', '7', '9']);
    let (status, body) =
        hand_in(who, &claim, &submission(), says(template, is_odd != off, aside)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    claim["task"].as_str().unwrap().to_string()
}

async fn say(project: &Project, who: &Caller, answer: Value) -> String {
    let claim = project.claim(who, "label").await.expect("there is something to label");
    let (status, body) = hand_in(who, &claim, &submission(), answer).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    claim["task"].as_str().unwrap().to_string()
}

/// A project whose five people are known by twenty tasks each, and have four more before them.
async fn known(world: &World, template: &str, plan: Value) -> (Project, Vec<Caller>) {
    let project = Project::new(world, template, plan, 24).await;
    let mut crowd = Vec::new();
    for number in 0..5 {
        let who = world.user(Role::Contributor).await;
        for _ in 0..20 {
            tell(&project, &who, template, false, f64::from(number)).await;
        }
        crowd.push(who);
    }
    fit(world, &project).await;
    (project, crowd)
}

#[tokio::test]
async fn two_who_are_known_are_enough_whatever_is_asked_and_two_who_differ_are_not() {
    let world = World::new().await;
    for template in KINDS {
        let (project, crowd) = known(&world, template, adaptive(0.9)).await;
        let [ann, bob] = [&crowd[0], &crowd[1]];
        let agreed = tell(&project, ann, template, false, 0.0).await;
        let split = tell(&project, ann, template, false, 0.0).await;
        assert_eq!(tell(&project, bob, template, false, 2.0).await, agreed);
        let task = project.task(&agreed).await;
        let label = &task["label"];
        assert_eq!(
            (&task["state"], &label["method"]),
            (&json!("done"), &json!("adaptive")),
            "{template}: {task}"
        );
        assert_eq!((&label["confidence"], &label["calibrated"]), (&Value::Null, &json!(false)));
        let consensus = &label["consensus"];
        if makes_marks(template) {
            assert_eq!(consensus["answers"].as_array().unwrap().len(), 2, "{template}");
            assert_eq!(consensus["parts"][0]["answers"], consensus["answers"], "{template}");
            assert_eq!(consensus["parts"][0]["confidence"], Value::Null, "not calibrated");
        } else {
            assert_eq!(consensus, &Value::Null, "{template}: one of them says it");
        }

        assert_eq!(tell(&project, bob, template, true, 0.0).await, split);
        let task = project.task(&split).await;
        let want = (&json!("in_progress"), &json!(3));
        assert_eq!((&task["state"], &task["overlap"]), want, "{template}: {task}");
        project.check_counts(&world).await;
    }
}

#[tokio::test]
async fn a_consensus_lies_between_and_says_of_what_it_was_made() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "overlap": 3 }), 1).await;
    for aside in [0.0, 3.0, 6.0] {
        say(&project, &world.user(Role::Contributor).await, says("image_boxes", false, aside))
            .await;
    }
    let task = project.task(&project.first().await).await;
    let label = &task["label"];
    assert_eq!(label["value"]["objects"][0]["shape"]["x"], 103.0, "{label}");
    assert_eq!(label["method"], "agreement");
    let given: Vec<&Value> = task["answers"].as_array().unwrap().iter().map(|a| &a["id"]).collect();
    assert_eq!(json!(given), label["consensus"]["answers"]);
}

#[tokio::test]
async fn several_classes_may_hold_that_nobody_chose_together() {
    let world = World::new().await;
    let (project, crowd) = known(&world, "text_choices", adaptive(0.9999)).await;
    // From now on three are all that a task may take.
    let path = format!("/api/projects/{}", project.id);
    let version = project.manager.get(&path).await.1["version"].clone();
    let mut plan = adaptive(0.9999);
    plan["quality"]["max"] = json!(3);
    let (status, body) =
        project.manager.patch(&path, json!({ "base": version, "plan": plan })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let mut task = String::new();
    let pairs = [["question", "praise"], ["praise", "complaint"], ["question", "complaint"]];
    for (who, choices) in crowd.iter().zip(pairs) {
        task = say(&project, who, json!({ "choices": choices })).await;
    }
    let claim = project.claim(&world.user(Role::Reviewer).await, "adjudicate").await.unwrap();
    assert_eq!(claim["task"], json!(task));
    let mut together = claim["before"]["consensus"]["value"]["choices"].clone();
    together.as_array_mut().unwrap().sort_by_key(ToString::to_string);
    assert_eq!(together, json!(["complaint", "praise", "question"]), "{claim}");
    for part in claim["before"]["consensus"]["parts"].as_array().unwrap() {
        assert_eq!(part["answers"].as_array().unwrap().len(), 2, "{part}");
    }
}

#[tokio::test]
async fn what_reliable_people_contest_goes_to_an_adjudicator_who_sees_what_they_share() {
    let world = World::new().await;
    // One of each way of weighing; the others differ in their shapes alone.
    for template in ["image_boxes", "text_choices", "text_spans_choice"] {
        let (project, crowd) = known(&world, template, adaptive(0.9999)).await;
        let mut task = String::new();
        for (who, off) in crowd.iter().zip([false, true, false, true]) {
            task = tell(&project, who, template, off, 0.0).await;
        }
        let found = project.task(&task).await;
        assert_eq!(
            (&found["state"], &found["stage"], &found["overlap"]),
            (&json!("in_review"), &json!("adjudicate"), &json!(4)),
            "{template}: {found}"
        );
        let rob = world.user(Role::Reviewer).await;
        let claim = project.claim(&rob, "adjudicate").await.unwrap();
        assert_eq!(claim["task"], json!(task));
        let given = claim["before"]["answers"].as_array().unwrap();
        assert_eq!(given.len(), 4, "{template}");
        let body = json!({
            "submission": submission(), "fence": claim["fence"], "active_ms": 700,
            "answer": says(template, true, 5.0),
        });
        let path = format!("/api/slots/{}/adjudication", loops::slot(&claim));
        let (status, said) = rob.put(&path, body).await;
        assert_eq!(status, StatusCode::OK, "{template}: {said}");
        let label = project.task(&task).await["label"].clone();
        // What an adjudicator said is brought together with nothing.
        assert_eq!(label["method"], "adjudicated");
        assert_eq!(
            (&label["consensus"], &label["value"]),
            (&Value::Null, &says(template, true, 5.0))
        );
        project.check_counts(&world).await;
    }
}

#[tokio::test]
async fn a_reviewer_judges_what_all_say_together_and_what_they_fix_stays() {
    let world = World::new().await;
    let plan = json!({ "overlap": 2, "review": "all" });
    let project = Project::new(&world, "image_boxes", plan, 3).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    for _ in 0..3 {
        say(&project, &ann, says("image_boxes", false, 0.0)).await;
        say(&project, &bob, says("image_boxes", false, 8.0)).await;
    }
    let rob = world.user(Role::Reviewer).await;
    let x = |answer: &Value| answer["objects"][0]["shape"]["x"].clone();

    let claim = project.claim(&rob, "review").await.unwrap();
    assert_eq!(x(&claim["before"]["answer"]), 104.0, "{claim}");
    assert_eq!(claim["before"]["consensus"]["answers"].as_array().unwrap().len(), 2);
    let (status, body) = judge(&rob, &claim, json!({ "verdict": "accept" })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let label = project.task(claim["task"].as_str().unwrap()).await["label"].clone();
    assert_eq!((&label["method"], x(&label["value"])), (&json!("reviewed"), json!(104.0)));
    assert_eq!(label["consensus"]["answers"].as_array().unwrap().len(), 2);

    let claim = project.claim(&rob, "review").await.unwrap();
    let fixed = says("image_boxes", false, 20.0);
    let (status, body) = judge(&rob, &claim, json!({ "verdict": "fix", "answer": fixed })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let task = claim["task"].as_str().unwrap();
    let label = project.task(task).await["label"].clone();
    assert_eq!((&label["value"], &label["consensus"]), (&fixed, &Value::Null));

    // Sent back, the other answer alone is no consensus; with the new one there is one again.
    let claim = project.claim(&rob, "review").await.unwrap();
    let back = json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "too far right" });
    let (status, body) = judge(&rob, &claim, back).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let author = match claim["before"]["contributor"]["person"] == json!(ann.person.unwrap()) {
        true => &ann,
        false => &bob,
    };
    let again = project.claim(author, "label").await.unwrap();
    assert_eq!(again["stage"], "rework");
    hand_in(author, &again, &submission(), says("image_boxes", false, 4.0)).await;
    let claim = project.claim(&rob, "review").await.unwrap();
    let now = x(&claim["before"]["answer"]).as_f64().unwrap();
    assert!(now == 102.0 || now == 106.0, "{now}");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn an_adaptive_plan_with_review_puts_what_is_believed_before_the_reviewer() {
    let world = World::new().await;
    let mut plan = adaptive(0.85);
    plan["review"] = json!("all");
    let (project, crowd) = known(&world, "image_boxes", plan).await;
    let task = tell(&project, &crowd[0], "image_boxes", false, 0.0).await;
    assert_eq!(tell(&project, &crowd[1], "image_boxes", false, 2.0).await, task);
    let found = project.task(&task).await;
    assert_eq!((&found["stage"], &found["overlap"]), (&json!("review"), &json!(2)), "{found}");
    // A model that has learned otherwise meanwhile changes nothing of what is before the reviewer.
    let rob = world.user(Role::Reviewer).await;
    let mut shown = Value::Null;
    for _ in 0..21 {
        let claim = project.claim(&rob, "review").await.unwrap();
        if claim["task"] == json!(task) {
            shown = claim["before"]["answer"].clone();
            fit(&world, &project).await;
        }
        let (status, body) = judge(&rob, &claim, json!({ "verdict": "accept" })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    assert_eq!(project.task(&task).await["label"]["value"], shown);
}

/// Makes a gold task of each kind in each of three ways: of a finished task, from a file, and by an expert's answer.
#[tokio::test]
async fn gold_of_marks_and_of_several_classes_is_made_in_three_ways_and_right_within_bounds() {
    let world = World::new().await;
    for template in KINDS {
        let project = Project::new(&world, template, json!({ "overlap": 2 }), 2).await;
        let known: domain::answers::Answer =
            serde_json::from_value(says(template, false, 0.0)).unwrap();
        let media = if template.starts_with("text") { Media::Text } else { Media::Image };
        let from_file = store::NewItem {
            external_id: "from-a-file".into(),
            label: Some(known.clone()),
            gold: true,
            ..loops::item(media, 70, 2)
        };
        project.add(&world, vec![from_file]).await;
        let tasks = project.tasks().await;
        let [finished, by_expert] = [0, 1].map(|at| tasks[at]["id"].clone());
        let path = format!("/api/projects/{}/gold", project.id);
        let rob = world.user(Role::Reviewer).await;
        let (status, body) = rob.post(&path, json!({ "task": finished })).await;
        assert_eq!((status, support::code(&body)), (StatusCode::CONFLICT, "gold_without_answer"));
        let expert = json!({ "task": by_expert, "answer": says(template, false, 0.0) });
        assert_eq!(rob.post(&path, expert).await.0, StatusCode::OK, "{template}");

        // One who is right, a little aside; and one who is not.
        for (off, aside) in [(false, 1.0), (true, 0.0)] {
            let who = world.user(Role::Contributor).await;
            for _ in 0..3 {
                say(&project, &who, says(template, off, aside)).await;
            }
        }
        let (_, golds) = rob.get(&path).await;
        let golds = golds["items"].as_array().unwrap();
        assert_eq!(golds.len(), 2);
        for gold in golds {
            assert_eq!((&gold["right"], &gold["scored"]), (&json!(1), &json!(2)), "{template}");
        }
        // Of a finished one the label is what is known, fused or not: who made it is no evidence against it.
        let task = project.task(finished.as_str().unwrap()).await;
        if task["state"] != "done" {
            let claim = project.claim(&rob, "adjudicate").await.unwrap();
            let body = json!({
                "submission": submission(), "fence": claim["fence"], "active_ms": 700,
                "answer": says(template, false, 0.0),
            });
            let path = format!("/api/slots/{}/adjudication", loops::slot(&claim));
            let (status, said) = rob.put(&path, body).await;
            assert_eq!(status, StatusCode::OK, "{template}: {said}");
            let of = claim["task"].as_str().unwrap();
            let (status, made) = rob
                .post(&format!("/api/projects/{}/gold", project.id), json!({ "task": of }))
                .await;
            assert_eq!(status, StatusCode::OK, "{template}: {made}");
            assert_eq!(made["known"], says(template, false, 0.0));
            assert_eq!((&made["right"], &made["scored"]), (&json!(1), &json!(2)), "{template}");
        }
        project.check_counts(&world).await;
    }
}

#[tokio::test]
async fn a_release_says_of_what_each_object_was_made_and_reads_back_so() {
    let world = World::new().await;
    let project = Project::new(&world, "text_spans", json!({ "overlap": 3 }), 2).await;
    for _ in 0..3 {
        let who = world.user(Role::Contributor).await;
        for _ in 0..2 {
            say(&project, &who, says("text_spans", false, 0.0)).await;
        }
    }
    let work = || async {
        let (app, organization) = (world.app.clone(), world.organization);
        let run = move || server::jobs::run_pending(&app, organization).unwrap();
        tokio::task::spawn_blocking(run).await.unwrap();
    };
    let path = format!("/api/projects/{}/releases", project.id);
    let (_, made) = project.manager.post(&path, json!({ "formats": ["native"] })).await;
    work().await;
    let at = format!("/api/releases/{}", made["id"].as_str().unwrap());
    let made = project.manager.get(&at).await.1;
    let files = made["files"].as_array().unwrap();
    let url = files.iter().find(|file| file["name"] == "native.jsonl").unwrap()["url"].clone();
    let file = project.manager.send(Method::GET, url.as_str().unwrap(), "").await.body;
    let text = String::from_utf8(file.to_vec()).unwrap();
    let row: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    let parts = row["label"]["parts"].as_array().unwrap();
    assert_eq!((parts.len(), parts[0]["from"].as_array().unwrap().len()), (1, 3), "{row}");
    assert_eq!(parts[0]["id"], row["label"]["value"]["spans"][0]["id"]);

    let new = json!({ "name": "Again", "template": "text_spans" });
    let again = project.manager.post("/api/projects", new).await.1["id"].clone();
    let again = again.as_str().unwrap();
    let upload = json!({ "external_id": "native", "bytes": file.len() });
    let (_, upload) = project.manager.post(&format!("/api/projects/{again}/uploads"), upload).await;
    let upload = upload["id"].as_str().unwrap();
    let sender = project.manager.clone().with("upload-offset", "0");
    sender.send(Method::PATCH, &format!("/api/uploads/{upload}"), file.to_vec()).await;
    let import = json!({ "source": "native", "upload": upload });
    let (status, body) =
        project.manager.post(&format!("/api/projects/{again}/imports"), import).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    work().await;
    let (_, tasks) = project.manager.get(&format!("/api/tasks?project={again}")).await;
    assert_eq!(tasks["items"].as_array().unwrap().len(), 2, "{tasks}");
    let label = project.task(tasks["items"][0]["id"].as_str().unwrap()).await["label"].clone();
    assert_eq!(label["consensus"]["answers"].as_array().unwrap().len(), 3, "{label}");
    assert_eq!(label["consensus"]["parts"][0]["id"], label["value"]["spans"][0]["id"]);
}

#[tokio::test]
async fn classes_come_and_go_and_the_plan_turns_round_in_the_middle_of_it() {
    let world = World::new().await;
    let (project, crowd) = known(&world, "image_boxes", adaptive(0.9)).await;
    let path = format!("/api/projects/{}", project.id);
    let (_, body) = project.manager.get(&format!("{path}/ontology")).await;
    let mut ontology = body["ontology"].clone();
    let classes = ontology["classes"].as_array_mut().unwrap();
    classes[1]["retired"] = json!(true);
    classes.push(json!({ "key": "van", "name": "Van", "color": "#112233" }));
    let new = json!({ "base": body["version"], "ontology": ontology });
    let (status, body) = project.manager.put(&format!("{path}/ontology"), new).await;
    assert_eq!(status, StatusCode::OK, "{body}");

    // Nothing is known of the new class yet: all that the plan allows are asked, and agreement decides.
    let mut van = says("image_boxes", false, 0.0);
    van["objects"][0]["class"] = json!("van");
    let mut task = String::new();
    for who in &crowd {
        task = say(&project, who, van.clone()).await;
    }
    let label = project.task(&task).await["label"].clone();
    assert_eq!((&label["method"], &label["model"]), (&json!("agreement"), &Value::Null));
    assert_eq!(label["value"]["objects"][0]["class"], "van");
    // Once it is, two who agree are enough.
    fit(&world, &project).await;
    for who in &crowd[..2] {
        task = say(&project, who, van.clone()).await;
    }
    let label = project.task(&task).await["label"].clone();
    assert_eq!((&label["method"], &label["model"]), (&json!("adaptive"), &json!("objects")));

    // A fixed plan, and back: what was asked is asked, and nothing is left over.
    let turn = async |plan: Value| {
        let version = project.manager.get(&path).await.1["version"].clone();
        let change = json!({ "base": version, "plan": plan });
        let (status, body) = project.manager.patch(&path, change).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    };
    task = tell(&project, &crowd[0], "image_boxes", false, 0.0).await;
    turn(json!({ "overlap": 3 })).await;
    assert_eq!(tell(&project, &crowd[1], "image_boxes", false, 3.0).await, task);
    let label = project.task(&task).await["label"].clone();
    assert_eq!((&label["method"], &label["model"]), (&json!("agreement"), &Value::Null));
    turn(adaptive(0.9)).await;
    for who in &crowd[..2] {
        task = tell(&project, who, "image_boxes", false, 0.0).await;
    }
    assert_eq!(project.task(&task).await["label"]["method"], "adaptive");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn answers_that_arrive_while_a_model_is_fitted_are_all_kept() {
    let world = World::new().await;
    let (project, crowd) = known(&world, "text_spans", adaptive(0.9)).await;
    let more = (100..130).map(|number| loops::item(Media::Text, number, 2)).collect();
    project.add(&world, more).await;
    let project = std::sync::Arc::new(project);
    let mut hands = tokio::task::JoinSet::new();
    for who in crowd.into_iter().take(3) {
        let project = std::sync::Arc::clone(&project);
        hands.spawn(async move {
            for _ in 0..20 {
                if project.claim(&who, "label").await.is_none() {
                    break;
                }
                tell(&project, &who, "text_spans", false, 0.0).await;
            }
        });
    }
    for _ in 0..6 {
        fit(&world, &project).await;
    }
    while let Some(done) = hands.join_next().await {
        done.unwrap();
    }
    fit(&world, &project).await;
    let mut done = 0;
    for task in project.tasks().await {
        let whole = project.task(task["id"].as_str().unwrap()).await;
        let standing = whole["answers"].as_array().unwrap();
        assert!(standing.len() as i64 <= whole["overlap"].as_i64().unwrap(), "{whole}");
        if whole["state"] == "done" {
            done += 1;
            let made = whole["label"]["consensus"]["answers"].as_array().unwrap();
            assert_eq!(made.len(), standing.len(), "{whole}");
        }
    }
    assert!(done >= 20, "{done}");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn gold_is_contested_from_both_sides_and_a_person_sees_what_reviewers_see_a_day_later() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "overlap": 2 }), 1).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let task = say(&project, &ann, says("image_boxes", false, 0.0)).await;
    say(&project, &bob, says("image_boxes", true, 0.0)).await;
    let gold = json!({ "task": task, "answer": says("image_boxes", true, 0.0) });
    let path = format!("/api/projects/{}", project.id);
    let (status, body) = project.manager.post(&format!("{path}/gold"), gold).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let people: Vec<String> =
        [&ann, &bob].iter().map(|who| who.person.unwrap().to_string()).collect();
    let page = |person: &str| format!("{path}/people/{person}/quality");
    let (_, today) = ann.get(&page(&people[0])).await;
    assert_eq!((&today["gold"]["all"], &today["crowd"]["all"]), (&json!(0), &json!(0)), "{today}");
    assert_eq!(ann.get(&page(&people[1])).await.0, StatusCode::NOT_FOUND);
    let (_, seen) = project.manager.get(&page(&people[0])).await;
    assert_eq!((&seen["gold"]["all"], &seen["scores"][0]["task"]), (&json!(1), &json!(task)));

    world.pass_ms(support::DAY_MS);
    let back = |who: &Caller| world.sign_in(who.person.unwrap(), Some(world.organization));
    let (ann, bob) = (back(&ann).await, back(&bob).await);
    let manager = world.user(Role::Manager).await;
    let (_, own) = ann.get(&page(&people[0])).await;
    assert_eq!(
        (&own["gold"]["all"], &own["skill"], &own["answers"]),
        (&json!(1), &Value::Null, &json!(1))
    );
    assert_eq!(own["scores"][0]["task"], Value::Null, "{own}");
    let csv = ann.send(Method::GET, &format!("{}.csv", page(&people[0])), "").await;
    assert_eq!((csv.status, csv.body.split(|b| *b == b'\n').count()), (StatusCode::OK, 3));

    let answers = manager.get(&format!("/api/tasks/{task}")).await.1["answers"].clone();
    let of = |person: &str| {
        let all = answers.as_array().unwrap();
        let own = all.iter().find(|answer| answer["contributor"]["person"] == person).unwrap();
        own["id"].as_str().unwrap().to_string()
    };
    let (of_ann, of_bob) = (of(&people[0]), of(&people[1]));
    let reason = json!({ "reason": "look again" });
    // Ann is right; then Bob is, after all; and Ann, who was right once, may speak again.
    for (who, answer, off) in
        [(&ann, &of_ann, false), (&bob, &of_bob, true), (&ann, &of_ann, false)]
    {
        let (status, body) =
            who.put(&format!("/api/answers/{answer}/contest"), reason.clone()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let overturn = json!({ "verdict": "overturn", "answer": says("image_boxes", off, 0.0) });
        let (status, body) =
            manager.post(&format!("/api/answers/{answer}/decision"), overturn).await;
        assert_eq!((status, &body["scores_changed"]), (StatusCode::OK, &json!(2)), "{body}");
        let right = |who: &Caller, of: &str| {
            let path = page(of);
            let who = who.clone();
            async move { who.get(&path).await.1["gold"]["right"].as_i64().unwrap() }
        };
        assert_eq!(right(&ann, &people[0]).await, i64::from(!off));
        assert_eq!(right(&bob, &people[1]).await, i64::from(off));
    }
    let other = json!({ "reason": "and again" });
    let (status, body) = ann.put(&format!("/api/answers/{of_ann}/contest"), other).await;
    assert_eq!((status, support::code(&body)), (StatusCode::CONFLICT, "contested_before"));

    // Who has left is told no more, and what they gave stays.
    let (status, _) = manager.delete(&format!("/api/members/{}", people[1])).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(bob.get(&page(&people[1])).await.0, StatusCode::FORBIDDEN);
    let (status, seen) = manager.get(&page(&people[1])).await;
    assert_eq!((status, &seen["answers"]), (StatusCode::OK, &json!(1)), "{seen}");
    assert_eq!(manager.get(&format!("{path}/quality")).await.0, StatusCode::OK);
}
