//! What people keep for themselves comes with them to the next device, and nobody else sees it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::StatusCode;
use domain::{Role, limits};
use serde_json::{Value, json};
use support::{Caller, World, code};

async fn entries(by: &Caller) -> Vec<(String, Value)> {
    let (status, body) = by.get("/api/kept").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let entries = body["entries"].as_array().unwrap().iter();
    entries.map(|one| (one["entry"].as_str().unwrap().to_owned(), one["value"].clone())).collect()
}

#[tokio::test]
async fn what_is_kept_is_there_on_the_next_device_and_for_nobody_else() {
    let world = World::new().await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Viewer).await);
    let night = json!({ "name": "Night", "filter": { "q": "purple heron" } });
    let (status, first) = ann.put("/api/kept/view.1", json!({ "value": night })).await;
    assert_eq!((status, &first["version"]), (StatusCode::OK, &json!(0)), "{first}");
    // The same again, its reply was lost: nothing changes.
    assert_eq!(ann.put("/api/kept/view.1", json!({ "value": night })).await, (status, first));
    let (_, second) = ann.put("/api/kept/view.1", json!({ "value": { "name": "Day" } })).await;
    assert_eq!(second["version"], 1);
    ann.put("/api/kept/look", json!({ "value": ["rulers"] })).await;
    assert_eq!(bob.put("/api/kept/view.1", json!({ "value": 7 })).await.0, StatusCode::OK);
    assert_eq!(
        entries(&ann).await,
        [("look".into(), json!(["rulers"])), ("view.1".into(), json!({ "name": "Day" }))]
    );
    assert_eq!(entries(&bob).await, [("view.1".into(), json!(7))]);
    for _ in 0..2 {
        assert_eq!(ann.delete("/api/kept/view.1").await.0, StatusCode::OK);
    }
    assert_eq!(entries(&ann).await.len(), 1);
    assert_eq!(entries(&bob).await.len(), 1);
    assert_eq!(world.nobody().get("/api/kept").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_kept_is_bounded_and_sealed() {
    let world = World::new().await;
    let ann = world.user(Role::Contributor).await;
    let long = "x".repeat(limits::KEPT_BYTES_MAX);
    for (entry, value) in [("a", json!(long)), ("a%20b", json!(1)), (&*"e".repeat(65), json!(1))] {
        let (status, body) =
            ann.put(&format!("/api/kept/{entry}"), json!({ "value": value })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{entry}: {body}");
    }
    for number in 0..limits::KEPT_MAX {
        let value = json!({ "value": "a purple heron" });
        let (status, body) = ann.put(&format!("/api/kept/v{number}"), value).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let (status, body) = ann.put("/api/kept/one-more", json!({ "value": 1 })).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "too_many_kept"), "{body}");
    // What is there may still change.
    assert_eq!(ann.put("/api/kept/v3", json!({ "value": 1 })).await.0, StatusCode::OK);
    if std::env::var("TEST_DATABASE_URL").is_err() {
        for file in support::files(&world.folder().join("data")) {
            let text = std::fs::read(&file).unwrap();
            assert!(!text.windows(12).any(|part| part == b"purple heron"), "{}", file.display());
        }
    }
}
