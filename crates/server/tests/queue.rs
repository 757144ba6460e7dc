//! The loop, as those who work in it would tell it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::StatusCode;
use domain::Role;
use loops::{Project, car, choice, hand_in, judge, skip, slot, submission};
use serde_json::{Value, json};
use support::{MINUTE_MS, World, code};

#[tokio::test]
async fn a_rejected_answer_comes_back_and_is_accepted() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "review": "all" }), 1).await;
    let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
    project.label(&ann, car(10.0)).await;
    assert_eq!(project.tasks().await[0]["state"], "in_review");

    let claim = project.claim(&rob, "review").await.unwrap();
    assert_eq!(claim["stage"], "review");
    assert_eq!(claim["before"]["answer"]["objects"][0]["shape"]["x"], 10.0);
    let bare = json!({ "verdict": "reject" });
    let (status, body) = judge(&rob, &claim, bare).await;
    assert_eq!((status, code(&body)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
    let reject = json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "too far left" });
    let (status, body) = judge(&rob, &claim, reject).await;
    assert_eq!((status, &body["task_state"]), (StatusCode::OK, &json!("in_progress")));

    // It comes back to its author, with the verdict and not with the reviewer's name.
    let rework = project.claim(&ann, "label").await.unwrap();
    assert_eq!(rework["stage"], "rework");
    let verdict = &rework["before"]["verdict"];
    assert_eq!(
        (&verdict["clause_title"], &verdict["reviewer"]),
        (&json!("Tight boxes"), &json!("reviewer"))
    );
    assert_eq!(verdict["reason"], "too far left");
    assert_eq!(rework["before"]["answer"]["objects"][0]["shape"]["x"], 10.0);
    let (status, _) = hand_in(&ann, &rework, &submission(), car(20.0)).await;
    assert_eq!(status, StatusCode::OK);

    let again = world.user(Role::Reviewer).await;
    let claim = project.claim(&again, "review").await.unwrap();
    let (status, body) = judge(&again, &claim, json!({ "verdict": "accept" })).await;
    assert_eq!((status, &body["task_state"]), (StatusCode::OK, &json!("done")));

    let task = project.task(claim["task"].as_str().unwrap()).await;
    assert_eq!(task["label"]["method"], "reviewed");
    assert_eq!(task["label"]["value"]["objects"][0]["shape"]["x"], 20.0);
    let states: Vec<&Value> =
        task["answers"].as_array().unwrap().iter().map(|a| &a["state"]).collect();
    assert_eq!(states, ["rejected", "standing"]);
    assert_eq!(task["reviews"].as_array().unwrap().len(), 2);
    project.check_counts(&world).await;
}

/// A browser that was closed with tasks in its hands is given them again; what a reviewer has sent
/// back since comes before them, and a repeat of the call is given the same.
#[tokio::test]
async fn rework_comes_before_what_is_held_already() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "review": "all" }), 4).await;
    let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
    project.label(&ann, car(10.0)).await;
    let held = project.claim(&ann, "label").await.unwrap();
    let claim = project.claim(&rob, "review").await.unwrap();
    let reject = json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "too far left" });
    assert_eq!(judge(&rob, &claim, reject).await.0, StatusCode::OK);

    let first = project.claim(&ann, "label").await.unwrap();
    assert_eq!((&first["stage"], &first["task"]), (&json!("rework"), &claim["task"]));
    assert_eq!(project.claim(&ann, "label").await.unwrap()["slot"], first["slot"]);
    hand_in(&ann, &first, &submission(), car(20.0)).await;
    assert_eq!(project.claim(&ann, "label").await.unwrap()["slot"], held["slot"]);
}

#[tokio::test]
async fn a_reviewer_fixes_an_answer() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({ "review": "all" }), 1).await;
    let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
    project.label(&ann, car(10.0)).await;
    let claim = project.claim(&rob, "review").await.unwrap();
    let (status, _) = judge(&rob, &claim, json!({ "verdict": "fix", "answer": car(12.0) })).await;
    assert_eq!(status, StatusCode::OK);
    let task = project.task(claim["task"].as_str().unwrap()).await;
    assert_eq!((&task["label"]["method"], &task["state"]), (&json!("fixed"), &json!("done")));
    assert_eq!(task["label"]["value"]["objects"][0]["shape"]["x"], 12.0);
    let (_, work) = ann.get("/api/work").await;
    assert_eq!(work["recent"][0]["state"], "fixed");
}

#[tokio::test]
async fn three_who_agree_are_the_label() {
    let world = World::new().await;
    let plan = json!({ "overlap": 3, "agreement_min": 0.6 });
    let project = Project::new(&world, "text_choice", plan, 1).await;
    for (key, state) in
        [("positive", "in_progress"), ("neutral", "in_progress"), ("positive", "done")]
    {
        let user = world.user(Role::Contributor).await;
        project.label(&user, choice(key)).await;
        assert_eq!(project.tasks().await[0]["state"], state);
        assert!(project.claim(&user, "label").await.is_none(), "nobody is given a task twice");
    }
    let task = project.task(&project.first().await).await;
    assert_eq!(task["label"]["value"]["choices"], json!(["positive"]));
    assert_eq!(task["label"]["method"], "agreement");
    assert!((task["agreement"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-9);
    // Agreement is no probability, and none is shown.
    assert_eq!(
        (&task["label"]["confidence"], &task["label"]["calibrated"]),
        (&Value::Null, &json!(false))
    );
    project.check_counts(&world).await;
}

#[tokio::test]
async fn three_who_disagree_go_before_an_adjudicator() {
    let world = World::new().await;
    let plan = json!({ "overlap": 3, "agreement_min": 0.6 });
    let project = Project::new(&world, "text_choice", plan, 1).await;
    for key in ["positive", "neutral", "negative"] {
        project.label(&world.user(Role::Contributor).await, choice(key)).await;
    }
    let rob = world.user(Role::Reviewer).await;
    let claim = project.claim(&rob, "adjudicate").await.unwrap();
    let answers = claim["before"]["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|answer| answer["contributor"]["name"].as_str().is_some()));
    let body = json!({
        "submission": submission(), "fence": claim["fence"], "answer": choice("neutral"),
        "chosen": answers[1]["id"], "reason": "the text tells, it does not judge",
    });
    let (status, body) = rob.put(&format!("/api/slots/{}/adjudication", slot(&claim)), body).await;
    assert_eq!((status, &body["task_state"]), (StatusCode::OK, &json!("done")), "{body}");
    let task = project.task(&project.first().await).await;
    assert_eq!(
        (&task["label"]["method"], &task["label"]["value"]["choices"]),
        (&json!("adjudicated"), &json!(["neutral"]))
    );
    project.check_counts(&world).await;
}

#[tokio::test]
async fn what_three_have_skipped_waits_for_a_manager() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let mut ann = None;
    for _ in 0..3 {
        let user = world.user(Role::Contributor).await;
        let claim = project.claim(&user, "label").await.unwrap();
        skip(&user, &claim).await;
        assert!(project.claim(&user, "label").await.is_none());
        ann = Some(user);
    }
    let ann = ann.unwrap();
    let id = project.first().await;
    let task = project.task(&id).await;
    assert_eq!((&task["state"], &task["skips"][0]["text"]), (&json!("error"), &json!("all black")));
    assert!(project.claim(&world.user(Role::Contributor).await, "label").await.is_none());
    project.check_counts(&world).await;

    let path = format!("/api/tasks/{id}/reopen");
    let (status, body) = project.manager.post(&path, json!({ "reason": " " })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    let (status, body) = project.manager.post(&path, json!({ "reason": "a better scan" })).await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &json!("queued")));
    // Those who passed it by may look at what was put right.
    project.label(&ann, choice("positive")).await;
    let task = project.task(&id).await;
    assert_eq!((&task["state"], &task["skips"]), (&json!("done"), &json!([])));
    let kinds: Vec<&str> = task["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "slot.skipped").count(), 3);
    let reopened =
        &task["history"][kinds.iter().position(|kind| *kind == "task.reopened").unwrap()];
    assert_eq!(reopened["reason"], "a better scan");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn an_answer_to_a_canceled_task_is_refused() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let path = format!("/api/tasks/{}/cancel", claim["task"].as_str().unwrap());
    for _ in 0..2 {
        let (status, body) = project.manager.post(&path, json!({})).await;
        assert_eq!((status, &body["state"]), (StatusCode::OK, &json!("canceled")));
    }
    let (status, body) = hand_in(&ann, &claim, &submission(), choice("positive")).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "closed"));
    project.check_counts(&world).await;
}

#[tokio::test]
async fn an_answer_after_the_lease_counts_until_somebody_else_has_the_slot() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "lease_minutes": 5 }), 2).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let claim = project.claim(&ann, "label").await.unwrap();
    world.pass_ms(6 * MINUTE_MS);
    let (status, _) = hand_in(&ann, &claim, &submission(), choice("positive")).await;
    assert_eq!(status, StatusCode::OK);

    let claim = project.claim(&ann, "label").await.unwrap();
    world.pass_ms(6 * MINUTE_MS);
    let taken = project.claim(&bob, "label").await.unwrap();
    assert_eq!(taken["slot"], claim["slot"]);
    let (status, body) = hand_in(&ann, &claim, &submission(), choice("positive")).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "superseded"));
    assert_eq!(hand_in(&bob, &taken, &submission(), choice("neutral")).await.0, StatusCode::OK);
    project.check_counts(&world).await;
}

#[tokio::test]
async fn a_draft_is_kept_and_a_late_one_does_not_overwrite_it() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 1).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let path = format!("/api/slots/{}/draft", slot(&claim));
    for (seq, x) in [(1, 1.0), (3, 3.0), (2, 2.0)] {
        let draft =
            json!({ "fence": claim["fence"], "answer": car(x), "device": "laptop", "seq": seq });
        assert_eq!(ann.put(&path, draft).await.0, StatusCode::OK);
    }
    // The page was closed: a claim gives the same slot, with the draft in it.
    let again = project.claim(&ann, "label").await.unwrap();
    assert_eq!(again["slot"], claim["slot"]);
    assert_eq!((&again["draft"]["seq"], &again["draft"]["answer"]), (&json!(3), &car(3.0)));
}

#[tokio::test]
async fn five_repeats_of_one_answer_are_one_answer() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 2).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let name = submission();
    let (_, first) = hand_in(&ann, &claim, &name, choice("positive")).await;
    for _ in 0..5 {
        world.pass_ms(1_000);
        let (status, repeat) = hand_in(&ann, &claim, &name, choice("positive")).await;
        assert_eq!((status, &repeat), (StatusCode::OK, &first));
    }
    let (status, body) = hand_in(&ann, &claim, &name, choice("negative")).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "answer_differs"));
    let task = project.task(claim["task"].as_str().unwrap()).await;
    assert_eq!(task["answers"].as_array().unwrap().len(), 1);
    let access = world.access(world.organization).await;
    let events = access.store().read(|tx| tx.count_events("slot.answered")).await.unwrap();
    assert_eq!(events, 1);
}

#[tokio::test]
async fn an_answer_takes_the_next_slots_along() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 4).await;
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let body = json!({
        "submission": submission(), "fence": claim["fence"], "answer": choice("neutral"), "claim_next": 2,
    });
    let (status, receipt) = ann.put(&format!("/api/slots/{}/answer", slot(&claim)), body).await;
    assert_eq!(status, StatusCode::OK);
    let next = receipt["claims"].as_array().unwrap();
    assert_eq!(next.len(), 2);
    assert!(next.iter().all(|next| next["item"]["text"].as_str().is_some()));
    assert_eq!(receipt["durable"], true);
}
