//! Passages of texts, as a user would tell it: asked for, marked, refused, compared, and released.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use loops::Project;
use serde_json::{Value, json};
use support::World;

/// Of 10 code points, 13 units of UTF-16 and 23 bytes.
const TEXT: &str = "🚗a\u{301}\r\n🚙سيا!";

/// The codes of what is wrong, with their paths.
fn problems(body: &Value) -> Vec<(&str, &str)> {
    let all = body["error"]["problems"].as_array().into_iter().flatten();
    all.map(|one| (one["path"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

fn span(id: &str, class: &str, start: u64, end: u64) -> Value {
    json!({ "id": id, "class": class, "start": start, "end": end })
}

async fn texts(world: &World, template: &str, plan: Value) -> Project {
    let project = Project::new(world, template, plan, 0).await;
    let items = json!({ "items": [{ "external_id": "one", "text": TEXT }] });
    let path = format!("/api/projects/{}/items", project.id);
    let (status, made) = project.manager.post(&path, items).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    project
}

#[tokio::test]
async fn spans_are_taken_in_code_points_compared_and_kept() {
    assert_eq!(TEXT.chars().count(), 10);
    let world = World::new().await;
    let plan = json!({ "overlap": 2, "agreement_min": 0.9 });
    let project = texts(&world, "text_spans", plan).await;
    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let claim = project.claim(&ann, "label").await.unwrap();
    let wrong = json!({ "spans": [span("a", "person", 0, 11), span("b", "person", 3, 3), span("c", "bush", 0, 1)] });
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    assert_eq!(
        problems(&told),
        [("spans[0].end", "outside"), ("spans[1]", "empty"), ("spans[2].class", "unknown_class")]
    );
    // Nested, overlapping, across the line, to the very end.
    let spans =
        [span("a", "person", 0, 10), span("b", "place", 1, 3), span("c", "organization", 2, 7)];
    let answer = json!({ "spans": spans });
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), answer.clone()).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    project.label(&ben, answer.clone()).await;
    let task = project.task(&project.first().await).await;
    assert_eq!((&task["state"], &task["label"]["value"]), (&json!("done"), &answer), "{task}");
    assert_eq!((&task["item"]["width"], &task["item"]["height"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn spans_that_differ_go_to_an_adjudicator() {
    let world = World::new().await;
    let plan = json!({ "overlap": 2, "agreement_min": 0.9 });
    let project = texts(&world, "text_spans_choice", plan).await;
    let (ann, ben) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let answer =
        |end: u64| json!({ "choices": ["praise"], "spans": [span("a", "praise", 0, end)] });
    let claim = project.claim(&ann, "label").await.unwrap();
    let (_, told) =
        loops::hand_in(&ann, &claim, &loops::submission(), json!({ "spans": [] })).await;
    assert_eq!(problems(&told), [("choices", "choose_one")]);
    let (status, told) = loops::hand_in(&ann, &claim, &loops::submission(), answer(10)).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    // Alike in the choice, and not in the passage: half.
    project.label(&ben, answer(4)).await;
    let task = project.task(&project.first().await).await;
    assert_ne!(task["state"], "done", "{task}");
    let judge = world.user(Role::Reviewer).await;
    let claim = project.claim(&judge, "adjudicate").await.unwrap();
    assert_eq!(claim["before"]["agreement"], json!(0.5), "{claim}");
}

#[tokio::test]
async fn an_item_may_come_with_spans_and_no_others_take_them() {
    let world = World::new().await;
    let project = texts(&world, "text_spans", json!({})).await;
    let path = format!("/api/projects/{}/items", project.id);
    let with = |id: &str, answer: Value| json!({ "items": [{ "external_id": id, "text": TEXT, "answer": answer }] });
    let spans = |end: u64| json!({ "spans": [span("a", "person", 0, end)] });
    let (_, made) = project.manager.post(&path, with("two", spans(10))).await;
    assert_eq!(made["created"], 1, "{made}");
    let (_, refused) = project.manager.post(&path, with("three", spans(11))).await;
    assert_eq!(refused["errors"][0]["code"], "outside", "{refused}");
    let other = texts(&world, "text_choice", json!({})).await;
    let path = format!("/api/projects/{}/items", other.id);
    let both = json!({ "choices": ["positive"], "spans": [span("a", "positive", 0, 1)] });
    let (_, refused) = other.manager.post(&path, with("four", both)).await;
    assert_eq!(refused["errors"][0]["code"], "no_spans_here", "{refused}");
}

#[tokio::test]
async fn a_release_has_the_spans_as_rows_to_train_with() {
    let world = World::new().await;
    let project = texts(&world, "text_spans", json!({})).await;
    let ann = world.user(Role::Contributor).await;
    let spans = [span("b", "place", 2, 7), span("a", "person", 0, 10)];
    project.label(&ann, json!({ "spans": spans, "note": "Is that one?" })).await;
    let path = format!("/api/projects/{}/releases", project.id);
    let (status, made) = project.manager.post(&path, json!({ "formats": ["spans", "csv"] })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let (app, organization) = (world.app.clone(), world.organization);
    let ran =
        tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization).unwrap());
    ran.await.unwrap();
    let at = format!("/api/releases/{}", made["id"].as_str().unwrap());
    let file = format!("{at}/files/spans.jsonl");
    let reply = project.manager.send(Method::GET, &file, "").await;
    let row: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(row["text"], TEXT);
    let labels: Vec<&Value> = row["spans"].as_array().unwrap().iter().collect();
    assert_eq!(labels[0], &json!({ "start": 0, "end": 10, "label": "Person", "id": "a" }));
    assert_eq!((labels.len(), &row["meta"]["external_id"]), (2, &json!("one")));

    let other = texts(&world, "text_choice", json!({})).await;
    let path = format!("/api/projects/{}/releases", other.id);
    let (_, refused) = other.manager.post(&path, json!({ "formats": ["spans"] })).await;
    assert_eq!(problems(&refused), [("formats", "does_not_fit")]);
}
