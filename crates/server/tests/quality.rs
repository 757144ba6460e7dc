//! Plans that decide after each answer, gold that looks like everything else, and what is made of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::StatusCode;
use domain::projects::Media;
use domain::{Role, TaskId};
use loops::{Project, choice, hand_in, item, submission};
use serde_json::{Value, json};
use server::brain::{Wanted, learn};
use std::collections::{BTreeMap, BTreeSet};
use store::NewItem;
use support::{Caller, DAY_MS, World, code};

const CLASSES: [&str; 3] = ["positive", "neutral", "negative"];

fn adaptive(more: Value) -> Value {
    let mut quality =
        json!({ "kind": "adaptive", "target": 0.9, "min": 2, "max": 5, "audit_share": 0.0 });
    quality.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "overlap": 5, "quality": quality })
}

/// Fits the model of a project now, as the background does.
async fn fit(world: &World, project: &Project, wanted: Wanted) {
    let access = world.access(project.manager.organization.unwrap()).await;
    let (app, project) = (world.app.clone(), project.id);
    let learned = tokio::task::spawn_blocking(move || learn(&app, &access, project, wanted));
    learned.await.unwrap().unwrap();
}

/// The class that the text of a claim or an item asks for: `text 7` is of class 7 mod 3.
fn truth(text: &str) -> usize {
    text.rsplit(' ').next().unwrap().parse::<usize>().unwrap() % 3
}

fn of(claim: &Value) -> usize {
    truth(claim["item"]["text"].as_str().unwrap())
}

/// Takes the next task and says what is so, or something else.
async fn say(project: &Project, who: &Caller, off: usize) -> Option<String> {
    let claim = project.claim(who, "label").await?;
    let answer = choice(CLASSES[(of(&claim) + off) % 3]);
    let (status, body) = hand_in(who, &claim, &submission(), answer).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    Some(claim["task"].as_str().unwrap().to_string())
}

async fn crowd(world: &World, count: usize) -> Vec<Caller> {
    let mut crowd = Vec::new();
    for _ in 0..count {
        crowd.push(world.user(Role::Contributor).await);
    }
    crowd
}

fn gold(numbers: std::ops::Range<usize>, overlap: i64) -> Vec<NewItem> {
    let known = |number: usize| domain::answers::Answer {
        choices: vec![CLASSES[number % 3].into()],
        ..Default::default()
    };
    numbers
        .map(|number| NewItem {
            external_id: format!("gold-{number:06}"),
            label: Some(known(number)),
            gold: true,
            ..item(Media::Text, number, overlap)
        })
        .collect()
}

#[tokio::test]
async fn without_a_model_a_task_takes_all_that_its_plan_allows() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", adaptive(json!({ "max": 3 })), 1).await;
    for (who, state, overlap) in [(0, "in_progress", 2), (1, "in_progress", 3), (2, "done", 3)] {
        let ann = world.user(Role::Contributor).await;
        say(&project, &ann, usize::from(who == 1)).await.unwrap();
        let task = &project.tasks().await[0];
        assert_eq!((&task["state"], &task["overlap"]), (&json!(state), &json!(overlap)));
        project.check_counts(&world).await;
    }
    let task = project.task(&project.first().await).await;
    assert_eq!(task["label"]["method"], "agreement");
    assert_eq!(task["label"]["confidence"], Value::Null);
}

#[tokio::test]
async fn two_who_are_known_are_enough_and_two_who_differ_are_not() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", adaptive(json!({})), 22).await;
    let crowd = crowd(&world, 5).await;
    for who in &crowd {
        for _ in 0..20 {
            say(&project, who, 0).await.unwrap();
        }
    }
    fit(&world, &project, Wanted::Model).await;
    let (ann, bob, eve) = (&crowd[0], &crowd[1], &crowd[2]);
    let agreed = say(&project, ann, 0).await.unwrap();
    let split = say(&project, ann, 0).await.unwrap();
    assert_eq!(say(&project, bob, 0).await.as_ref(), Some(&agreed));
    let task = project.task(&agreed).await;
    assert_eq!((&task["state"], &task["label"]["method"]), (&json!("done"), &json!("adaptive")));
    assert_eq!(task["answers"].as_array().unwrap().len(), 2);
    // There is no gold: a confidence would pretend.
    assert_eq!(
        (&task["label"]["confidence"], &task["label"]["calibrated"]),
        (&Value::Null, &json!(false))
    );

    assert_eq!(say(&project, bob, 1).await.as_ref(), Some(&split));
    let task = project.task(&split).await;
    assert_eq!((&task["state"], &task["overlap"]), (&json!("in_progress"), &json!(3)));
    assert_eq!(say(&project, eve, 0).await.as_ref(), Some(&split));
    let task = project.task(&split).await;
    assert!(task["overlap"].as_i64().unwrap() <= 4, "{task}");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn a_task_that_is_opened_again_begins_with_its_fewest() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", adaptive(json!({ "max": 3 })), 1).await;
    for _ in 0..3 {
        say(&project, &world.user(Role::Contributor).await, 0).await.unwrap();
    }
    let path = format!("/api/tasks/{}/reopen", project.first().await);
    let (status, _) = project.manager.post(&path, json!({ "reason": "again" })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(project.tasks().await[0]["overlap"], 2);
    project.check_counts(&world).await;
}

#[tokio::test]
async fn labels_from_before_there_was_a_model_are_told_once_there_is_gold() {
    let world = World::new().await;
    for plan in [adaptive(json!({ "max": 2 })), json!({ "overlap": 2 })] {
        let project = Project::new(&world, "text_choice", plan, 1).await;
        let crowd = crowd(&world, 2).await;
        let mut early = String::new();
        for who in &crowd {
            early = say(&project, who, 0).await.unwrap();
        }
        let label = project.task(&early).await["label"].clone();
        assert_eq!((&label["method"], &label["calibrated"]), (&json!("agreement"), &json!(false)));
        project.add(&world, gold(0..30, 2)).await;
        for who in &crowd {
            while say(&project, who, 0).await.is_some() {}
        }
        fit(&world, &project, Wanted::Model).await;
        let told = project.task(&early).await["label"].clone();
        assert_eq!((&told["method"], &told["calibrated"]), (&json!("agreement"), &json!(true)));
        assert!(told["confidence"].as_f64().unwrap() > 0.5, "{told}");
    }
}

#[tokio::test]
async fn a_confidence_is_shown_once_thirty_gold_tasks_stand_behind_it() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", adaptive(json!({ "max": 2 })), 0).await;
    let crowd = crowd(&world, 2).await;
    project.add(&world, gold(0..29, 2)).await;
    let mut first: Option<String> = None;
    for (more, calibrated) in [(0, false), (1, true)] {
        project.add(&world, gold(29..29 + more, 2)).await;
        for who in &crowd {
            while say(&project, who, 0).await.is_some() {}
        }
        fit(&world, &project, Wanted::Model).await;
        project.add(&world, vec![item(Media::Text, 100 + more, 2)]).await;
        let mut last = String::new();
        for who in &crowd {
            last = say(&project, who, 0).await.unwrap();
        }
        let label = project.task(&last).await["label"].clone();
        assert_eq!(label["calibrated"], calibrated, "{label}");
        assert_eq!(label["confidence"].is_null(), !calibrated, "{label}");
        assert_eq!(label["method"], "adaptive");

        let path = format!("/api/projects/{}/quality", project.id);
        let (status, page) = project.manager.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert_eq!(page["model"]["calibrated"], calibrated);
        assert_eq!(
            (&page["labels"]["right"], &page["labels"]["all"]),
            (&json!(29 + more), &json!(29 + more))
        );
        assert!(page["labels"]["low"].as_f64().unwrap() < 1.0, "thirty right are no certainty");
        assert_eq!(page["people"].as_array().unwrap().len(), 2);
        assert_eq!(page["people"][0]["flagged"], false);
        assert_eq!(page["cost"]["answers_per_label"], 2.0);
        let (shown, classes) = (&page["confusion"]["counts"], page["classes"].as_array().unwrap());
        assert_eq!((shown.as_array().unwrap().len(), classes.len()), (3, 3));
        let week = &page["weeks"][0];
        assert_eq!(
            (&week["gold"]["all"], &week["tasks"]),
            (&json!(2 * (29 + more)), &json!(30 + 2 * more))
        );
        assert_eq!(week["agreement"]["value"], 1.0);
        let levels = page["calibration"].as_array().unwrap();
        assert_eq!(levels.is_empty(), !calibrated, "{levels:?}");
        if calibrated {
            // What was made before there was gold enough is told like the others.
            for task in [first.as_ref().unwrap(), &last] {
                let label = project.task(task).await["label"].clone();
                let is_told = levels.iter().any(|level| level["confidence"] == label["confidence"]);
                assert!(is_told && label["calibrated"] == true, "{levels:?} {label}");
            }
        }
        first = first.or(Some(last));
        for plot in [
            "accuracy",
            "cost",
            "people",
            "confusion",
            "drift",
            "weeks",
            "audit",
            "calibration",
            "doubts",
        ] {
            let reply = project
                .manager
                .send(axum::http::Method::GET, &format!("{path}/{plot}.csv"), "")
                .await;
            assert_eq!(reply.status, StatusCode::OK, "{plot}");
        }
        assert_eq!(crowd[0].get(&path).await.0, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn the_plan_is_held_against_a_fixed_number_where_it_has_no_say() {
    let world = World::new().await;
    let plan = adaptive(json!({ "audit_share": 1.0 }));
    let project = Project::new(&world, "text_choice", plan, 30).await;
    // Four who know, and one who says the next thing to it: whom the plan need not hear.
    for (who, off) in crowd(&world, 5).await.iter().zip([0, 0, 0, 0, 1]) {
        while say(&project, who, off).await.is_some() {}
    }
    let path = format!("/api/projects/{}/gold", project.id);
    for task in project.tasks().await.iter().take(12) {
        let whole = project.task(task["id"].as_str().unwrap()).await;
        let known = choice(CLASSES[truth(whole["item"]["text"].as_str().unwrap())]);
        let (status, body) =
            project.manager.post(&path, json!({ "task": task["id"], "answer": known })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    fit(&world, &project, Wanted::Model).await;
    let path = format!("/api/projects/{}/quality", project.id);
    let (_, page) = project.manager.get(&path).await;
    let audit = &page["audit"];
    assert_eq!(
        (&audit["same"]["right"], &audit["same"]["all"]),
        (&json!(30), &json!(30)),
        "{audit}"
    );
    assert_eq!((&audit["plan"]["right"], &audit["fixed"]["right"]), (&json!(12), &json!(12)));
    let [plan, fixed] =
        ["per_correct_plan", "per_correct_fixed"].map(|name| audit[name].as_f64().unwrap());
    assert!(plan < 3.0 && fixed == 5.0, "{audit}");
    // Twelve gold tasks are too few to say how much is saved.
    assert_eq!((&audit["saved"], &audit["estimated"]), (&Value::Null, &Value::Null));
    let reply =
        project.manager.send(axum::http::Method::GET, &format!("{path}/audit.csv"), "").await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn what_leaves_a_doubt_is_for_those_who_are_known() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", adaptive(json!({})), 120).await;
    let crowd = crowd(&world, 3).await;
    for (who, off) in crowd.iter().zip([0, 0, 1]) {
        for _ in 0..36 {
            say(&project, who, off).await.unwrap();
        }
    }
    fit(&world, &project, Wanted::Model).await;
    let tasks = project.tasks().await;
    let doubtful = tasks.iter().filter(|task| task["overlap"].as_i64().unwrap() > 2);
    let doubtful: Vec<&str> = doubtful.map(|task| task["id"].as_str().unwrap()).collect();
    assert!(doubtful.len() >= 34, "{}", doubtful.len());
    // A fifth of the newcomers begin with what leaves a doubt, the others with what is fresh.
    let mut met = 0;
    for _ in 0..30 {
        world.pass_ms(1_000);
        let ann = world.user(Role::Contributor).await;
        let claim = project.claim(&ann, "label").await.unwrap();
        met += usize::from(doubtful.contains(&claim["task"].as_str().unwrap()));
    }
    assert!(met <= 14, "newcomers met {met} doubtful tasks in 30 claims");
    // Who is known to be able begins with it, but for the tasks that they had.
    let able = world.user(Role::Contributor).await;
    for _ in 0..20 {
        say(&project, &able, 0).await.unwrap();
    }
    fit(&world, &project, Wanted::Model).await;
    world.pass_ms(1_000);
    let claim = project.claim(&able, "label").await.unwrap();
    let tasks = project.tasks().await;
    let task = tasks.iter().find(|task| task["id"] == claim["task"]).unwrap();
    // Also what has become doubtful since, by the answers of the one who is able.
    let is_doubtful = task["overlap"].as_i64() > Some(2) && task["answers"].as_i64() > Some(0);
    assert!(is_doubtful, "{task}");
}

/// The shape of a value and its values, save for what is another's in every task: ids, times, texts.
fn pattern(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let own = ["id", "slot", "task", "submission", "answer", "text", "external_id", "name"];
            let times = ["until", "received_at", "submitted_at", "created_at"];
            let hidden = |name: &str| own.contains(&name) || times.contains(&name);
            let shown = |(name, value): (&String, &Value)| {
                let value = if hidden(name) { json!("…") } else { pattern(value) };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(shown).collect())
        }
        Value::Array(values) => values.iter().map(pattern).collect(),
        Value::String(path) if path.starts_with("/api/items/") => {
            json!(path.rsplit('/').next().unwrap())
        }
        other => other.clone(),
    }
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn gold_looks_like_any_other_task_in_every_answer() {
    gold_looks_alike("text_choice", choice("positive"), choice("neutral")).await;
}

#[tokio::test]
async fn gold_of_boxes_looks_like_any_other_task() {
    gold_looks_alike("image_boxes", loops::car(10.0), loops::car(200.0)).await;
}

#[tokio::test]
async fn gold_of_spans_looks_like_any_other_task() {
    let span =
        |class: &str| json!({ "spans": [{ "id": "s", "class": class, "start": 0, "end": 4 }] });
    gold_looks_alike("text_spans", span("person"), span("place")).await;
}

async fn gold_looks_alike(template: &str, right: Value, other: Value) {
    let world = World::new().await;
    let project = Project::new(&world, template, json!({ "overlap": 2 }), 200).await;
    let media = if template.starts_with("text") { Media::Text } else { Media::Image };
    let known = NewItem {
        external_id: "gold-000300".into(),
        label: Some(serde_json::from_value(right.clone()).unwrap()),
        gold: true,
        ..item(media, 300, 1)
    };
    project.add(&world, vec![known]).await;
    // The gold task is finished by somebody, and dealt from then on.
    let first = world.user(Role::Contributor).await;
    let access = world.access(world.organization).await;
    let known =
        access.store().read(move |tx| tx.golds(project.id, TaskId(0), 10)).await.unwrap()[0].task;
    let urgent = json!({ "priority": 9 });
    project.manager.patch(&format!("/api/tasks/{known}"), urgent).await;
    let claim = project.claim(&first, "label").await.unwrap();
    assert_eq!(claim["task"], json!(known));
    hand_in(&first, &claim, &submission(), right.clone()).await;
    fit(&world, &project, Wanted::People).await;

    // Each newcomer has a chance of a tenth to meet it; all see the same patterns.
    let mut patterns: BTreeMap<bool, BTreeSet<String>> = BTreeMap::new();
    let mut looks = 0;
    for _ in 0..350 {
        let ann = world.user(Role::Contributor).await;
        {
            world.pass_ms(1_000);
            let before = ann.get(&format!("/api/projects/{}", project.id)).await.1;
            let (_, claims) = ann
                .post(&format!("/api/projects/{}/claims", project.id), json!({ "stage": "label" }))
                .await;
            let claim = claims["claims"][0].clone();
            let is_gold = claim["task"] == known.to_string();
            looks += usize::from(is_gold);
            let path = format!("/api/slots/{}", loops::slot(&claim));
            let fence = json!({ "fence": claim["fence"] });
            let beat = ann.post(&format!("{path}/heartbeat"), fence.clone()).await;
            let draft = json!({ "fence": claim["fence"], "answer": {}, "device": "d", "seq": 1 });
            let draft = ann.put(&format!("{path}/draft"), draft).await;
            let task = ann.get(&format!("/api/tasks/{}", claim["task"].as_str().unwrap())).await;
            let given = hand_in(&ann, &claim, &submission(), right.clone()).await;
            let late = ann.post(&format!("{path}/release"), fence).await;
            let again = hand_in(&ann, &claim, &submission(), other.clone()).await;
            let queue = ann.get(&format!("/api/projects/{}/queue", project.id)).await.1;
            let work = ann.get("/api/work").await.1["recent"][0].clone();
            let scores = ann.get("/api/work/scores").await.1;
            let shown: Vec<Value> =
                [&claim, &beat.1, &given.1, &work, &scores].into_iter().map(pattern).collect();
            let said = json!({
                "shown": shown, "draft": draft.0.as_u16(), "task": task.0.as_u16(),
                "late": late.0.as_u16(), "again": [again.0.as_u16(), code(&again.1)],
                "keys": [keys(&queue), keys(&before["counts"])],
            });
            patterns.entry(is_gold).or_default().insert(said.to_string());
        }
        // Gold may come first every time: then there is nothing yet to compare it with.
        if looks >= 2 && patterns.contains_key(&false) {
            break;
        }
    }
    assert!(looks >= 2, "gold was hardly dealt in 350 tasks at a rate of a tenth");
    assert_eq!(patterns[&true], patterns[&false]);
    project.check_counts(&world).await;
}

#[tokio::test]
async fn a_look_that_is_given_back_is_as_if_it_had_never_been() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 3).await;
    project.add(&world, gold(100..101, 1)).await;
    let access = world.access(world.organization).await;
    let (id, first) = (project.id, world.user(Role::Contributor).await);
    let known = access.store().read(move |tx| tx.golds(id, TaskId(0), 10)).await.unwrap()[0].task;
    project.manager.patch(&format!("/api/tasks/{known}"), json!({ "priority": 9 })).await;
    say(&project, &first, 0).await.unwrap();
    fit(&world, &project, Wanted::People).await;
    let mut met = 0;
    for _ in 0..400 {
        world.pass_ms(1_000);
        let ann = world.user(Role::Contributor).await;
        let claim = project.claim(&ann, "label").await.unwrap();
        let path = format!("/api/slots/{}", loops::slot(&claim));
        let fence = json!({ "fence": claim["fence"] });
        if claim["task"] != known.to_string() {
            ann.post(&format!("{path}/release"), fence).await;
            continue;
        }
        met += 1;
        let (status, body) = match met {
            1 => ann.post(&format!("{path}/release"), fence).await,
            2 => {
                let skip = json!({ "fence": claim["fence"], "reason": "unclear" });
                ann.post(&format!("{path}/skip"), skip).await
            }
            // The lease runs out, and somebody else takes the slot over.
            3 => {
                world.pass_ms(11 * support::MINUTE_MS);
                let bob = world.user(Role::Contributor).await;
                let over = project.claim(&bob, "label").await.unwrap();
                assert_eq!((&over["slot"], &over["fence"]), (&claim["slot"], &json!(4)));
                hand_in(&bob, &over, &submission(), choice("positive")).await
            }
            _ => break,
        };
        assert_eq!(status, StatusCode::OK, "{body}");
        let task = project.task(&known.to_string()).await;
        assert_eq!((&task["state"], &task["overlap"]), (&json!("done"), &json!(1)));
    }
    assert!(met > 3, "gold was met {met} times only");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn an_overturned_gold_recomputes_every_score_that_it_touched() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 4 }), 1).await;
    let crowd = crowd(&world, 4).await;
    for (who, off) in crowd.iter().zip([0, 0, 1, 1]) {
        say(&project, who, off).await.unwrap();
    }
    let task = project.first().await;
    // Item 1 is neutral; an expert who errs says it is positive.
    let path = format!("/api/projects/{}/gold", project.id);
    let rob = world.user(Role::Reviewer).await;
    let wrong = json!({ "task": task, "answer": choice("positive") });
    let (status, made) = rob.post(&path, wrong).await;
    assert_eq!((status, &made["right"], &made["scored"]), (StatusCode::OK, &json!(0), &json!(4)));

    // Nobody is told before a day has passed, and nobody may contest what they were not told.
    let answers = project.task(&task).await["answers"].clone();
    let answer = answers[0]["id"].as_str().unwrap();
    let ann = crowd
        .iter()
        .find(|who| who.person.unwrap().to_string() == answers[0]["contributor"]["person"])
        .unwrap();
    let contest = format!("/api/answers/{answer}/contest");
    let reason = json!({ "reason": "it only says what the weather is" });
    assert_eq!(ann.get("/api/work/scores").await.1["items"], json!([]));
    let (status, body) = ann.put(&contest, reason.clone()).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "not_scored"));
    world.pass_ms(DAY_MS);
    let ann = world.sign_in(ann.person.unwrap(), Some(world.organization)).await;
    let rob = world.sign_in(rob.person.unwrap(), Some(world.organization)).await;
    let manager = world.user(Role::Manager).await;
    let own = ann.get("/api/work/scores").await.1;
    assert_eq!(
        (&own["items"][0]["correct"], &own["skills"][0]["scored"]),
        (&json!(false), &json!(1))
    );
    for _ in 0..2 {
        assert_eq!(ann.put(&contest, reason.clone()).await.0, StatusCode::OK);
    }
    let bob = world.user(Role::Contributor).await;
    assert_eq!(bob.put(&contest, reason.clone()).await.0, StatusCode::NOT_FOUND);

    let (_, list) = rob.get(&format!("/api/projects/{}/contests", project.id)).await;
    assert_eq!(
        (&list["items"][0]["state"], &list["items"][0]["answer"]),
        (&json!("open"), &json!(answer))
    );
    let decision = format!("/api/answers/{answer}/decision");
    let overturn = json!({ "verdict": "overturn", "answer": choice("neutral") });
    assert_eq!(rob.post(&decision, overturn.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, decided) = manager.post(&decision, overturn.clone()).await;
    assert_eq!(status, StatusCode::OK, "{decided}");
    assert_eq!((&decided["scores_changed"], &decided["contests"]), (&json!(2), &json!(1)));
    let (status, body) = manager.post(&decision, overturn).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "not_contested"));

    let own = ann.get("/api/work/scores").await.1;
    assert_eq!(
        (&own["items"][0]["correct"], &own["items"][0]["contest"]),
        (&json!(true), &json!("overturned"))
    );
    let golds = rob.get(&path).await.1;
    assert_eq!((&golds["items"][0]["right"], &golds["items"][0]["scored"]), (&json!(2), &json!(4)));
    let history = manager.get(&format!("/api/tasks/{task}")).await.1["history"].clone();
    let kinds: Vec<&Value> =
        history.as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("gold.overturned")), "{kinds:?}");
}

#[tokio::test]
async fn a_model_answers_under_an_adaptive_plan_and_earns_nothing() {
    let world = World::new().await;
    let mut plan = adaptive(json!({ "max": 3 }));
    plan["pay"] = json!({ "amount_minor": 5, "currency": "EUR" });
    let project = Project::new(&world, "text_choice", plan, 3).await;
    let path = format!("/api/projects/{}/predictions", project.id);
    let predict = |id: &str, class: &str| json!({ "external_id": id, "answer": choice(class) });
    let predictions = json!({ "model": "tiny 1", "predictions": [
        predict("item-000001", "neutral"), predict("item-000002", "purple"),
        predict("item-000009", "neutral"), predict("item-000001", "neutral"),
    ] });
    let (status, taken) = project.manager.post(&path, predictions).await;
    assert_eq!(status, StatusCode::OK, "{taken}");
    assert_eq!((&taken["taken"], &taken["repeated"]), (&json!(1), &json!(1)));
    let codes: Vec<&Value> =
        taken["errors"].as_array().unwrap().iter().map(|e| &e["code"]).collect();
    assert_eq!(codes, ["unknown_class", "unknown_item"]);
    let task = project.task(&project.first().await).await;
    assert_eq!(task["answers"][0]["contributor"]["name"], "Model tiny 1");
    assert_eq!(task["overlap"], 2, "one more person is asked");
    // Whoever labels is not shown what the model said.
    let claim = project.claim(&world.user(Role::Contributor).await, "label").await.unwrap();
    assert_eq!((&claim["suggestion"], &claim["before"]), (&Value::Null, &Value::Null));
    project.check_counts(&world).await;
    let (app, organization) = (world.app.clone(), world.organization);
    let carry = move || while server::relay::step(&app, organization).unwrap() > 0 {};
    tokio::task::spawn_blocking(carry).await.unwrap();
    let transfers = world.app.stores.control().read(|tx| tx.count_transfers()).await.unwrap();
    assert_eq!(transfers, 0);

    let fixed = Project::new(&world, "text_choice", json!({}), 1).await;
    let path = format!("/api/projects/{}/predictions", fixed.id);
    let (status, body) = fixed
        .manager
        .post(
            &path,
            json!({ "model": "tiny 1", "predictions": [predict("item-000001", "neutral")] }),
        )
        .await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "not_adaptive"));
}
