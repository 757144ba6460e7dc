//! `/readyz`: whether the stores answer, the organizations' own among them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::{Method, StatusCode};
use domain::OrganizationId;
use serde_json::json;
use support::World;

const LOST: OrganizationId = OrganizationId(4_242);

/// An organization in the books whose store and keys are not there.
async fn lose_one(world: &World) {
    let now = world.now();
    let written = world.app.stores.control().write(move |tx| {
        tx.insert_organization(LOST, "Harbour Hospital", now)?;
        tx.record(now, "test", "organization.created", LOST.to_string(), json!({}));
        Ok::<_, server::Error>(())
    });
    written.await.unwrap();
}

async fn ask(world: &World) -> (StatusCode, String) {
    world.pass_ms(1_000);
    let reply = world.nobody().send(Method::GET, "/readyz", "").await;
    (reply.status, String::from_utf8(reply.body.to_vec()).unwrap())
}

#[tokio::test]
async fn ready_while_every_store_answers() {
    let world = World::new().await;
    assert_eq!(ask(&world).await, (StatusCode::OK, "ready\n".into()));
    let nobody = World::unclaimed(|_| {}).await;
    assert_eq!(ask(&nobody).await, (StatusCode::OK, "ready\n".into()), "without any organization");
}

#[tokio::test]
async fn one_store_away_is_told_and_takes_nothing_from_the_others() {
    let world = World::new().await;
    ask(&world).await;
    lose_one(&world).await;
    let (status, said) = ask(&world).await;
    assert_eq!(status, StatusCode::OK);
    assert!(said.contains("not every organization's store"), "{said}");
    for secret in ["Harbour", "Acme", &LOST.to_string(), "4242", "key"] {
        assert!(!said.contains(secret), "{said}");
    }

    // Closed, it is missed no more.
    let now = world.now();
    let closed = world.app.stores.control().write(move |tx| {
        tx.close_organization(LOST)?;
        tx.record(now, "test", "organization.closed", LOST.to_string(), json!({}));
        Ok::<_, server::Error>(())
    });
    closed.await.unwrap();
    assert_eq!(ask(&world).await, (StatusCode::OK, "ready\n".into()));
}

#[tokio::test]
async fn not_ready_when_no_store_answers() {
    let world = World::unclaimed(|_| {}).await;
    lose_one(&world).await;
    let (status, said) = ask(&world).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(said.contains("\"unavailable\"") && !said.contains("Harbour"), "{said}");
    // Within the same second nothing is asked again, and the word stands.
    let again = world.nobody().send(Method::GET, "/readyz", "").await;
    assert_eq!(again.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn destroyed_keys_are_no_trouble() {
    let world = World::new().await;
    let (stores, organization, now) = (world.app.stores.clone(), world.organization, world.now());
    let gone = move || stores.destroy_organization_keys(organization, now).unwrap();
    tokio::task::spawn_blocking(gone).await.unwrap();
    assert_eq!(ask(&world).await, (StatusCode::OK, "ready\n".into()));
}

/// More organizations than one look asks: the one that is away comes up, and is not forgotten.
#[tokio::test]
async fn looks_go_round() {
    let world = World::new().await;
    let (stores, now) = (world.app.stores.clone(), world.now());
    let many = move || {
        for n in 1..=20 {
            let id = OrganizationId(n);
            let written = stores.control().write_now(move |tx| {
                tx.insert_organization(id, &format!("Many {n}"), now)?;
                tx.record(now, "test", "organization.created", id.to_string(), json!({}));
                Ok::<_, server::Error>(())
            });
            written.unwrap();
            stores.create_organization(id, now).unwrap();
        }
    };
    tokio::task::spawn_blocking(many).await.unwrap();
    lose_one(&world).await;
    let mut told = 0;
    for _ in 0..6 {
        let (status, said) = ask(&world).await;
        assert_eq!(status, StatusCode::OK);
        told += i32::from(said.contains("not every"));
    }
    assert_eq!(told, 5, "unknown at the first look, known from the second on");
}
