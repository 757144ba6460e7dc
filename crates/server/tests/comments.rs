//! What a reviewer and a contributor say to each other about an answer (C1–C6), and what is never changed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::people::Mode;
use domain::{Role, limits};
use http_body_util::BodyExt;
use loops::{Project, car, choice, hand_in, judge, slot, submission};
use serde_json::{Value, json};
use std::time::Duration;
use support::{Caller, World, code};
use tower::ServiceExt;

/// Says something about an answer under a submission of its own.
async fn say(who: &Caller, answer: &str, said: Value) -> (StatusCode, Value) {
    who.put(&format!("/api/answers/{answer}/comments/{}", submission()), said).await
}

async fn turn(who: &Caller, thread: &Value, state: &str) -> (StatusCode, Value) {
    let path = format!("/api/comments/{}/state", thread["id"].as_str().unwrap());
    who.put(&path, json!({ "state": state })).await
}

async fn threads(who: &Caller, answer: &str) -> Vec<Value> {
    let (status, body) = who.get(&format!("/api/answers/{answer}/comments")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["items"].as_array().unwrap().clone()
}

async fn unread(who: &Caller) -> i64 {
    let (status, body) = who.get("/api/inbox").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["unread"].as_i64().unwrap()
}

async fn answer_of(project: &Project, receipt: &Value) -> String {
    let task = project.task(receipt["task"].as_str().unwrap()).await;
    task["answers"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().into()
}

/// Ann has labelled a picture, and Rob has it in hand to review.
struct Scene {
    world: World,
    project: Project,
    ann: Caller,
    rob: Caller,
    review: Value,
    answer: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let project = Project::new(&world, "image_boxes", json!({ "review": "all" }), 3).await;
        let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
        let receipt = project.label(&ann, car(10.0)).await;
        let answer = answer_of(&project, &receipt).await;
        let review = project.claim(&rob, "review").await.unwrap();
        assert_eq!(review["before"]["id"], answer.as_str());
        Self { world, project, ann, rob, review, answer }
    }
}

#[tokio::test]
async fn a_reviewer_asks_and_the_contributor_does_it() {
    let Scene { ann, rob, answer, .. } = Scene::new().await;
    let pin = json!({ "object": "a", "region": { "x": 10.0, "y": 10.0, "width": 5.0, "height": 5.0 }, "frame": 0 });
    let (status, thread) =
        say(&rob, &answer, json!({ "text": "the mirror, too", "pin": pin })).await;
    assert_eq!(status, StatusCode::OK, "{thread}");
    assert_eq!(
        (&thread["pin"], &thread["state"], &thread["began"]),
        (&pin, &json!("open"), &json!("reviewer"))
    );
    assert_eq!((unread(&ann).await, unread(&rob).await), (1, 0));

    let seen = threads(&ann, &answer).await;
    let comment = &seen[0]["comments"][0];
    assert_eq!(
        (&comment["text"], &comment["side"]),
        (&json!("the mirror, too"), &json!("reviewer"))
    );
    // Who labels hears of the other side, never of a name.
    assert_eq!((&comment["name"], &comment["own"]), (&Value::Null, &json!(false)));
    assert_eq!(threads(&rob, &answer).await[0]["comments"][0]["own"], true);

    let inbox = ann.get("/api/inbox").await.1;
    assert_eq!(
        (&inbox["items"][0]["own"], &inbox["items"][0]["answer"]),
        (&json!(true), &json!(answer))
    );
    let read = json!({ "through": comment["id"] });
    assert_eq!(ann.put(&format!("/api/answers/{answer}/read"), read).await.0, StatusCode::OK);
    assert_eq!(unread(&ann).await, 0);

    let reply = json!({ "text": "it is bent back", "thread": thread["id"] });
    let (status, thread) = say(&ann, &answer, reply).await;
    assert_eq!((status, thread["comments"].as_array().unwrap().len()), (StatusCode::OK, 2));
    assert_eq!(unread(&rob).await, 1);
    let name = threads(&rob, &answer).await[0]["comments"][1]["name"].clone();
    assert!(name.as_str().unwrap().starts_with("contributor"), "{name}");

    for (who, state, want) in [
        (&rob, "done", Err("contributors_to_say")),
        (&ann, "resolved", Err("reviewers_to_resolve")),
        (&ann, "done", Ok(())),
        (&ann, "done", Ok(())),
        (&rob, "resolved", Ok(())),
        (&ann, "open", Err("reviewers_to_resolve")),
        (&rob, "open", Ok(())),
    ] {
        let (status, body) = turn(who, &thread, state).await;
        match want {
            Ok(()) => assert_eq!((status, &body["state"]), (StatusCode::OK, &json!(state))),
            Err(refusal) => assert_eq!((status, code(&body)), (StatusCode::CONFLICT, refusal)),
        }
    }
}

#[tokio::test]
async fn a_comment_that_is_sent_again_is_there_once() {
    let Scene { ann, rob, answer, .. } = Scene::new().await;
    let path = format!("/api/answers/{answer}/comments/{}", submission());
    let said = json!({ "text": "look again" });
    let first = rob.put(&path, said.clone()).await;
    assert_eq!(first.0, StatusCode::OK, "{}", first.1);
    assert_eq!(rob.put(&path, said.clone()).await, first);
    assert_eq!((threads(&rob, &answer).await.len(), unread(&ann).await), (1, 1));
    for (who, said) in [(&rob, json!({ "text": "look away" })), (&ann, said)] {
        let (status, body) = who.put(&path, said).await;
        assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "comment_differs"));
    }
    for (said, place) in [
        (json!({ "text": " " }), "text"),
        (json!({ "text": "x".repeat(limits::COMMENT_CHARS_MAX + 1) }), "text"),
        (json!({ "text": "x", "pin": { "object": "zz" } }), "pin.object"),
        (json!({ "text": "x", "pin": { "region": { "x": 700, "y": 0 } } }), "pin.region"),
        (json!({ "text": "x", "pin": { "passage": [0, 1] } }), "pin.passage"),
        (json!({ "text": "x", "thread": "cmt_0000000000001" }), "thread"),
        (json!({ "text": "x", "thread": first.1["id"], "pin": {} }), "pin"),
    ] {
        let (status, body) = say(&rob, &answer, said).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(body["error"]["problems"][0]["path"], place, "{body}");
    }
    assert_eq!(
        say(&rob, &answer, json!({ "text": "x", "colour": 1 })).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!((threads(&rob, &answer).await.len(), unread(&ann).await), (1, 1));
}

#[tokio::test]
async fn nobody_else_hears_a_word() {
    let Scene { world, ann, rob, answer, project, .. } = Scene::new().await;
    let (_, thread) = say(&rob, &answer, json!({ "text": "too wide" })).await;
    let path = format!("/api/answers/{answer}/comments");
    let elsewhere = world.organization("Elsewhere").await;
    for (who, want) in [
        (world.user(Role::Contributor).await, StatusCode::NOT_FOUND),
        (world.user_of(elsewhere, Role::Owner).await, StatusCode::NOT_FOUND),
        (world.key(Role::Manager, Mode::Test).await, StatusCode::NOT_FOUND),
        (world.nobody(), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(who.get(&path).await.0, want);
        assert_eq!(say(&who, &answer, json!({ "text": "hello" })).await.0, want);
        assert_eq!(turn(&who, &thread, "resolved").await.0, want);
        let read = json!({ "through": thread["id"] });
        assert_eq!(who.put(&format!("/api/answers/{answer}/read"), read).await.0, want);
        assert_eq!(who.get(&format!("/api/inbox/live?answer={answer}")).await.0, want);
    }
    // Who only looks reads with names, and says nothing.
    let eve = world.user(Role::Viewer).await;
    assert!(threads(&eve, &answer).await[0]["comments"][0]["name"].is_string());
    assert_eq!(say(&eve, &answer, json!({ "text": "hello" })).await.0, StatusCode::FORBIDDEN);
    assert_eq!(turn(&eve, &thread, "resolved").await.0, StatusCode::FORBIDDEN);
    // A reviewer who has lost the role is not told what they may no longer see.
    let manager = &project.manager;
    say(&ann, &answer, json!({ "text": "no", "thread": thread["id"] })).await;
    assert_eq!(unread(&rob).await, 1);
    let role = json!({ "role": "contributor" });
    let path = format!("/api/members/{}", rob.person.unwrap());
    assert_eq!(manager.patch(&path, role).await.0, StatusCode::OK);
    assert_eq!(unread(&rob).await, 0);
    assert_eq!(rob.get(&format!("/api/answers/{answer}/comments")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rework_brings_what_to_change_and_the_next_review_what_was_said() {
    let Scene { ann, rob, answer, project, review, .. } = Scene::new().await;
    let (_, thread) =
        say(&rob, &answer, json!({ "text": "narrower", "pin": { "object": "a" } })).await;
    let back = json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "see there", "answer": car(20.0) });
    assert_eq!(judge(&rob, &review, back).await.0, StatusCode::OK);

    let rework = project.claim(&ann, "label").await.unwrap();
    let before = &rework["before"];
    assert_eq!((&rework["stage"], &before["id"]), (&json!("rework"), &json!(answer)));
    assert_eq!(before["comments"][0]["comments"][0]["text"], "narrower");
    assert_eq!(before["comments"][0]["comments"][0]["name"], Value::Null);
    let x = |answer: &Value| answer["objects"][0]["shape"]["x"].clone();
    assert_eq!(x(&before["verdict"]["fixed_answer"]), 20.0);
    assert_eq!(before["verdict"]["reviewer"], "reviewer");
    assert_eq!(turn(&ann, &thread, "done").await.0, StatusCode::OK);
    assert_eq!(hand_in(&ann, &rework, &submission(), car(20.0)).await.0, StatusCode::OK);

    let again = project.claim(&rob, "review").await.unwrap();
    let before = &again["before"];
    assert_eq!((x(&before["sent_back"]), x(&before["answer"])), (json!(10.0), json!(20.0)));
    assert_eq!(
        (&before["comments"][0]["id"], &before["comments"][0]["state"]),
        (&thread["id"], &json!("done"))
    );
    let now = before["id"].as_str().unwrap();
    assert_ne!(now, answer);
    assert_eq!(threads(&ann, now).await.len(), 1);
    let (status, body) = turn(&rob, &thread, "resolved").await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &json!("resolved")));
    // An accepted answer comes with no other.
    let wrong = json!({ "verdict": "accept", "answer": car(30.0) });
    assert_eq!(judge(&rob, &again, wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn of_gold_nothing_is_told_before_its_score() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 2).await;
    let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
    let known = json!({ "task": project.first().await, "answer": choice("positive") });
    let made = rob.post(&format!("/api/projects/{}/gold", project.id), known).await;
    assert_eq!(made.0, StatusCode::OK, "{}", made.1);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let receipt = project.label(&ann, choice("neutral")).await;
        answers.push(answer_of(&project, &receipt).await);
    }
    let [gold, plain] = &answers[..] else { panic!("two answers") };
    for answer in [gold, plain] {
        let (status, mine) = say(&ann, answer, json!({ "text": "hard to say" })).await;
        assert_eq!(status, StatusCode::OK, "{mine}");
        let reply = json!({ "text": "it is positive", "thread": mine["id"] });
        assert_eq!(say(&rob, answer, reply).await.0, StatusCode::OK);
        assert_eq!(say(&rob, answer, json!({ "text": "read clause 1" })).await.0, StatusCode::OK);
        assert_eq!(turn(&rob, &mine, "resolved").await.0, StatusCode::OK);
    }
    let said = |threads: &[Value]| -> usize {
        threads.iter().map(|thread| thread["comments"].as_array().unwrap().len()).sum()
    };
    let before = threads(&ann, gold).await;
    assert_eq!((said(&before), &before[0]["state"]), (1, &json!("open")));
    assert_eq!((said(&threads(&ann, plain).await), unread(&ann).await), (3, 2));
    // What is not told is not there, either.
    let hidden = threads(&rob, gold).await[1].clone();
    assert_eq!(turn(&ann, &hidden, "done").await.0, StatusCode::NOT_FOUND);
    world.pass_ms(limits::GOLD_TOLD_AFTER_MS);
    let ann = world.sign_in(ann.person.unwrap(), Some(world.organization)).await;
    let after = threads(&ann, gold).await;
    assert_eq!((said(&after), &after[0]["state"]), (3, &json!("resolved")));
    assert_eq!(unread(&ann).await, 4);
}

#[tokio::test]
async fn what_is_said_is_heard_at_once() {
    let Scene { world, ann, rob, answer, .. } = Scene::new().await;
    let path = format!("/api/inbox/live?answer={answer}");
    let mut request = Request::builder().method(Method::GET).uri(path).body(Body::empty()).unwrap();
    request.headers_mut().extend(ann.headers.clone());
    let response = server::router(world.app.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    let mut heard = String::new();
    let mut wait_for = async |what: &str| {
        while !heard.contains(what) {
            let frame = tokio::time::timeout(Duration::from_secs(20), body.frame()).await.unwrap();
            let bytes = frame.unwrap().unwrap().into_data().unwrap();
            heard.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    };
    wait_for("\"unread\":0").await;
    let (_, thread) = say(&rob, &answer, json!({ "text": "the roof" })).await;
    wait_for("\"unread\":1").await;
    wait_for("the roof").await;
    turn(&rob, &thread, "resolved").await;
    wait_for("\"state\":\"resolved\"").await;
}

#[tokio::test]
async fn what_is_said_lies_sealed_and_goes_out_with_a_release() {
    let Scene { world, rob, answer, project, review, .. } = Scene::new().await;
    let pin = json!({ "region": { "x": 1.5, "y": 2.0, "width": 0.0, "height": 0.0 } });
    say(&rob, &answer, json!({ "text": "purple heron", "pin": pin })).await;
    assert_eq!(judge(&rob, &review, json!({ "verdict": "accept" })).await.0, StatusCode::OK);
    if std::env::var("TEST_DATABASE_URL").is_err() {
        for file in support::files(&world.folder().join("data")) {
            let bytes = std::fs::read(&file).unwrap();
            let told = bytes.windows(6).any(|part| part == b"purple");
            assert!(!told, "{} tells it in the clear", file.display());
        }
    }
    let path = format!("/api/projects/{}/releases", project.id);
    let (status, release) = project.manager.post(&path, json!({ "formats": ["native"] })).await;
    assert_eq!(status, StatusCode::OK, "{release}");
    let (app, organization) = (world.app.clone(), world.organization);
    let ran = tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization));
    ran.await.unwrap().unwrap();
    let path = format!("/api/releases/{}/files/native.jsonl", release["id"].as_str().unwrap());
    let reply = project.manager.send(Method::GET, &path, Body::empty()).await;
    assert_eq!(reply.status, StatusCode::OK);
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let record: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    let comment = &record["label"]["provenance"]["comments"][0];
    assert_eq!((&comment["text"], &comment["pin"]), (&json!("purple heron"), &pin));
    assert_eq!((&comment["answer"], &comment["state"]), (&json!(answer), &json!("open")));
    assert_eq!(comment["person"], rob.person.unwrap().to_string());
    assert!(!text.contains("reviewer-"), "names are never in an export");
}

#[tokio::test]
async fn an_accepted_answer_is_sealed_until_a_manager_opens_its_task_again() {
    let Scene { world, ann, rob, answer, project, review, .. } = Scene::new().await;
    assert_eq!(judge(&rob, &review, json!({ "verdict": "accept" })).await.0, StatusCode::OK);
    let task = review["task"].as_str().unwrap().to_string();
    let before = project.task(&task).await;
    assert_eq!(
        (&before["state"], &before["label"]["method"]),
        (&json!("done"), &json!("reviewed"))
    );
    let own = before["answers"][0]["slot"].as_str().unwrap();
    let owner = world.owner();
    let fences = [0, 1, 2, 3];
    // Everybody, by every door that writes an answer or a verdict, under every fence.
    for who in [&ann, &rob, &project.manager, &owner] {
        for fence in fences {
            for (door, body) in [
                (format!("/api/slots/{own}/answer"), json!({ "answer": car(99.0) })),
                (
                    format!("/api/slots/{own}/draft"),
                    json!({ "answer": car(99.0), "device": "d", "seq": 9 }),
                ),
                (
                    format!("/api/slots/{}/review", slot(&review)),
                    json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "no" }),
                ),
                (
                    format!("/api/slots/{}/review", slot(&review)),
                    json!({ "verdict": "fix", "answer": car(99.0) }),
                ),
                (format!("/api/slots/{own}/adjudication"), json!({ "answer": car(99.0) })),
            ] {
                let mut body = body;
                body["fence"] = json!(fence);
                if !door.ends_with("draft") {
                    body["submission"] = json!(submission());
                }
                let (status, told) = who.put(&door, body).await;
                assert!(status.is_client_error(), "{door} under {fence}: {status} {told}");
            }
        }
    }
    let imported =
        json!({ "items": [{ "external_id": before["external_id"], "answer": car(99.0) }] });
    let path = format!("/api/projects/{}/items", project.id);
    project.manager.post(&path, imported).await;
    for (path, body) in [
        (format!("/api/tasks/{task}/cancel"), json!({})),
        (
            format!("/api/projects/{}/gold", project.id),
            json!({ "task": task, "answer": car(99.0) }),
        ),
    ] {
        project.manager.post(&path, body).await;
    }
    let after = project.task(&task).await;
    for part in ["state", "answers", "reviews", "label"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    for who in [&ann, &rob] {
        let reopening = json!({ "reason": "I have thought again" });
        let (status, _) = who.post(&format!("/api/tasks/{task}/reopen"), reopening).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    project.manager.delete(&format!("/api/tasks/{task}/gold")).await;
    let reopening = json!({ "reason": "another rule" });
    let (status, _) = project.manager.post(&format!("/api/tasks/{task}/reopen"), reopening).await;
    assert_eq!(status, StatusCode::OK);
    let anew = project.task(&task).await;
    assert_eq!(
        (&anew["answers"][0]["state"], &anew["label"]),
        (&json!("superseded"), &Value::Null)
    );
    assert_eq!(
        (&anew["answers"][0]["id"], &anew["answers"][0]["answer"]),
        (&json!(answer), &before["answers"][0]["answer"])
    );
}
