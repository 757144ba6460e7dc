//! People and the doors they come through, as they meet them: through HTTP, one story per test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::StatusCode;
use domain::Role;
use support::World;

#[tokio::test]
async fn the_first_owner_is_signed_in_by_the_claim() {
    let world = World::new().await;
    let (status, body) = world.owner().get("/api/session").await;
    assert_eq!((status, body["role"].as_str()), (StatusCode::OK, Some("owner")), "{body}");
    let (status, body) = world.user(Role::Viewer).await.get("/api/session").await;
    assert_eq!((status, body["role"].as_str()), (StatusCode::OK, Some("viewer")), "{body}");
    assert_eq!(world.nobody().get("/api/session").await.0, StatusCode::UNAUTHORIZED);
}
