//! People and the doors they come through, as they meet them: through HTTP, one story per test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use domain::people::Mode;
use serde_json::{Value, json};
use support::{Caller, DAY_MS, MINUTE_MS, PASSWORD, World, code};

const OTHER_PASSWORD: &str = "nine large yellow kites";

fn token_of(invitation: &Value) -> &str {
    invitation["link"].as_str().unwrap().split_once("#token=").unwrap().1
}

async fn invite(by: &Caller, email: &str, role: &str) -> Value {
    let (status, body) = by.post("/api/invitations", json!({ "email": email, "role": role })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

/// Accepts an invitation as somebody new, and is signed in.
async fn join(world: &World, invitation: &Value, name: &str) -> Caller {
    let body = json!({ "token": token_of(invitation), "name": name, "password": PASSWORD });
    let reply =
        world.nobody().send(Method::POST, "/api/invitations/accept", body.to_string()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.json());
    world.signed_in(&reply)
}

async fn log_in(world: &World, email: &str, password: &str) -> (StatusCode, Value) {
    world.nobody().post("/api/session", json!({ "email": email, "password": password })).await
}

#[tokio::test]
async fn the_first_owner_is_signed_in_by_the_claim() {
    let world = World::new().await;
    let (status, body) = world.owner().get("/api/session").await;
    assert_eq!((status, body["role"].as_str()), (StatusCode::OK, Some("owner")), "{body}");
    let (status, body) = world.user(Role::Viewer).await.get("/api/session").await;
    assert_eq!((status, body["role"].as_str()), (StatusCode::OK, Some("viewer")), "{body}");
    assert_eq!(world.nobody().get("/api/session").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_invitation_makes_a_member_once() {
    let world = World::new().await;
    let owner = world.owner();
    let invitation = invite(&owner, "Ann@Example.org", "manager").await;
    assert_eq!(
        (&invitation["email"], &invitation["mailed"]),
        (&json!("ann@example.org"), &json!(false))
    );
    let token = json!({ "token": token_of(&invitation) });

    let (status, opened) = world.nobody().post("/api/invitations/open", token.clone()).await;
    assert_eq!(status, StatusCode::OK, "{opened}");
    assert_eq!(
        (&opened["organization"]["name"], &opened["known"]),
        (&json!("Acme"), &json!(false))
    );
    let (_, listed) = owner.get("/api/invitations").await;
    assert_eq!(listed["items"][0]["link"], Value::Null, "a link is shown once");

    let ann = join(&world, &invitation, "Ann").await;
    let (_, session) = ann.get("/api/session").await;
    assert_eq!((&session["role"], &session["person"]["name"]), (&json!("manager"), &json!("Ann")));
    let (status, again) = world.nobody().post("/api/invitations/open", token).await;
    assert_eq!((status, code(&again)), (StatusCode::GONE, "invitation_used"));
    let (_, members) = owner.get("/api/members").await;
    assert_eq!(members["items"].as_array().unwrap().len(), 2, "{members}");
    assert_eq!(world.count_control_events("invitation.accepted").await, 1);
}

#[tokio::test]
async fn somebody_known_accepts_with_the_present_password() {
    let world = World::new().await;
    let other = world.organization("Other").await;
    let boss = world.user_of(other, Role::Owner).await;
    let invitation = invite(&boss, "owner@example.org", "reviewer").await;
    let token = token_of(&invitation);
    let nobody = world.nobody();

    let (_, opened) = nobody.post("/api/invitations/open", json!({ "token": token })).await;
    assert_eq!(opened["known"], json!(true));
    let wrong = json!({ "token": token, "password": OTHER_PASSWORD });
    let (status, body) = nobody.post("/api/invitations/accept", wrong).await;
    assert_eq!((status, code(&body)), (StatusCode::UNAUTHORIZED, "wrong_login"));
    let right = json!({ "token": token, "password": PASSWORD });
    let (status, session) = nobody.post("/api/invitations/accept", right).await;
    assert_eq!((status, &session["role"]), (StatusCode::OK, &json!("reviewer")), "{session}");
    assert_eq!(session["organizations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_hand_and_by_the_next_one() {
    let world = World::new().await;
    let owner = world.owner();
    let open = async |invitation: &Value| {
        let token = json!({ "token": token_of(invitation) });
        let (status, body) = world.nobody().post("/api/invitations/open", token).await;
        if status == StatusCode::OK { "open".into() } else { code(&body).to_string() }
    };
    let first = invite(&owner, "ann@example.org", "viewer").await;
    let second = invite(&owner, "ann@example.org", "viewer").await;
    assert_eq!(
        (open(&first).await, open(&second).await),
        ("invitation_revoked".into(), "open".into())
    );
    let id = second["id"].as_str().unwrap();
    assert_eq!(owner.delete(&format!("/api/invitations/{id}")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(owner.delete(&format!("/api/invitations/{id}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(open(&second).await, "invitation_revoked");

    let third = invite(&owner, "bob@example.org", "viewer").await;
    world.pass_ms(7 * DAY_MS);
    assert_eq!(open(&third).await, "invitation_expired");
    let unknown = json!({ "link": "x#token=nothing" });
    assert_eq!(open(&unknown).await, "not_found");
}

#[tokio::test]
async fn nobody_grants_what_he_does_not_hold() {
    let world = World::new().await;
    let (owner, manager) = (world.owner(), world.user(Role::Manager).await);
    let viewer = world.user(Role::Viewer).await.person.unwrap();
    let boss = owner.person.unwrap();
    let forbidden = (StatusCode::FORBIDDEN, "forbidden".to_string());
    let refusal = |(status, body): (StatusCode, Value)| (status, code(&body).to_string());

    let role = |role: &str| json!({ "role": role });
    let answer = manager.patch(&format!("/api/members/{viewer}"), role("owner")).await;
    assert_eq!(refusal(answer), forbidden);
    assert_eq!(
        refusal(manager.patch(&format!("/api/members/{boss}"), role("viewer")).await),
        forbidden
    );
    assert_eq!(refusal(manager.delete(&format!("/api/members/{boss}")).await), forbidden);
    let invitation = json!({ "email": "eve@example.org", "role": "owner" });
    assert_eq!(refusal(manager.post("/api/invitations", invitation).await), forbidden);
    let key = json!({ "name": "k", "mode": "live", "role": "viewer" });
    assert_eq!(refusal(manager.post("/api/keys", key).await), forbidden);
    let key = json!({ "name": "k", "mode": "live", "role": "owner" });
    let (status, body) = owner.post("/api/keys", key).await;
    assert_eq!((status, code(&body)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));

    let (status, body) = manager.patch(&format!("/api/members/{viewer}"), role("reviewer")).await;
    assert_eq!((status, &body["role"]), (StatusCode::OK, &json!("reviewer")), "{body}");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let owner = world.owner();
    let me = format!("/api/members/{}", owner.person.unwrap());
    for (status, body) in
        [owner.delete(&me).await, owner.patch(&me, json!({ "role": "viewer" })).await]
    {
        assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "last_owner"));
    }
    let second = world.user(Role::Owner).await;
    assert_eq!(owner.patch(&me, json!({ "role": "manager" })).await.0, StatusCode::OK);
    let last = format!("/api/members/{}", second.person.unwrap());
    assert_eq!(code(&second.delete(&last).await.1), "last_owner");
}

#[tokio::test]
async fn a_change_of_rights_is_felt_at_the_next_request() {
    let world = World::new().await;
    let owner = world.owner();
    let ann = world.user(Role::Manager).await;
    let invitation = invite(&ann, "friend@example.org", "manager").await;
    assert_eq!(ann.get("/api/members").await.0, StatusCode::OK);

    let path = format!("/api/members/{}", ann.person.unwrap());
    assert_eq!(owner.patch(&path, json!({ "role": "viewer" })).await.0, StatusCode::OK);
    assert_eq!(ann.get("/api/members").await.0, StatusCode::FORBIDDEN);
    let token = json!({ "token": token_of(&invitation) });
    let (status, body) = world.nobody().post("/api/invitations/open", token).await;
    assert_eq!((status, code(&body)), (StatusCode::GONE, "invitation_revoked"));

    assert_eq!(ann.get("/api/projects").await.0, StatusCode::OK);
    assert_eq!(owner.delete(&path).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ann.get("/api/projects").await.0, StatusCode::FORBIDDEN);
    assert_eq!(ann.get("/api/session").await.1["organization"], Value::Null);
}

#[tokio::test]
async fn a_key_is_shown_once_and_ends_at_once() {
    let world = World::new().await;
    let owner = world.owner();
    let request = json!({ "name": "Nightly", "mode": "test", "role": "manager" });
    let asking = owner.clone().with("idempotency-key", "key-1");
    let first = asking.send(Method::POST, "/api/keys", request.to_string()).await;
    let key = first.json();
    let secret = key["secret"].as_str().unwrap();
    assert!(secret.starts_with("fmk_test_") && secret.len() == "fmk_test_".len() + 43, "{secret}");
    // The answer was lost; the page asks again.
    let again = asking.send(Method::POST, "/api/keys", request.to_string()).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.json(), key);
    assert_eq!(first.headers.get("idempotency-replayed"), None);

    let (_, listed) = owner.get("/api/keys").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["secret"], Value::Null);
    let kept: Vec<_> =
        files(world.folder()).into_iter().filter(|bytes| contains(bytes, secret)).collect();
    assert!(kept.is_empty(), "the secret was written down");

    let program = world.nobody().with("authorization", &format!("Bearer {secret}"));
    assert_eq!(program.get("/api/projects").await.0, StatusCode::OK);
    assert_eq!(
        program.get("/api/session").await.0,
        StatusCode::UNAUTHORIZED,
        "no key is a session"
    );
    let path = format!("/api/keys/{}", key["id"].as_str().unwrap());
    assert_eq!(owner.delete(&path).await.0, StatusCode::NO_CONTENT);
    assert_eq!(program.get("/api/projects").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(owner.delete(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_test_key_does_not_see_live_projects() {
    let world = World::new().await;
    let project = json!({ "name": "Cats", "template": "image_boxes" });
    let (_, project) = world.owner().post("/api/projects", project).await;
    let path = format!("/api/projects/{}", project["id"].as_str().unwrap());
    assert_eq!(world.key(Role::Viewer, Mode::Live).await.get(&path).await.0, StatusCode::OK);
    assert_eq!(world.key(Role::Viewer, Mode::Test).await.get(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let world = World::new().await;
    let here = world.owner();
    let elsewhere = world.sign_in(here.person.unwrap(), Some(world.organization)).await;
    let (_, sessions) = here.get("/api/sessions").await;
    let current: Vec<&Value> =
        sessions["items"].as_array().unwrap().iter().map(|row| &row["current"]).collect();
    assert_eq!(current, [&json!(false), &json!(true)], "{sessions}");

    let wrong = json!({ "current": OTHER_PASSWORD, "new": "three tall blue doors" });
    assert_eq!(code(&here.put("/api/password", wrong).await.1), "invalid");
    let weak = json!({ "current": PASSWORD, "new": "short" });
    assert_eq!(here.put("/api/password", weak).await.1["error"]["problems"][0]["path"], "new");
    let change = json!({ "current": PASSWORD, "new": OTHER_PASSWORD });
    assert_eq!(here.put("/api/password", change.clone()).await.0, StatusCode::NO_CONTENT);
    assert_eq!(here.put("/api/password", change).await.0, StatusCode::NO_CONTENT, "a repeat");
    assert_eq!(elsewhere.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(here.get("/api/session").await.0, StatusCode::OK);
    assert_eq!(log_in(&world, "owner@example.org", PASSWORD).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(log_in(&world, "owner@example.org", OTHER_PASSWORD).await.0, StatusCode::OK);
}

#[tokio::test]
async fn one_ends_ones_own_sessions_and_nobody_elses() {
    let world = World::new().await;
    let (owner, ann) = (world.owner(), world.user(Role::Viewer).await);
    let (_, sessions) = ann.get("/api/sessions").await;
    let path = format!("/api/sessions/{}", sessions["items"][0]["id"].as_str().unwrap());
    assert_eq!(owner.delete(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ann.delete(&path).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ann.get("/api/sessions").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() {
    let world = World::new().await;
    let (idle, busy) = (world.user(Role::Viewer).await, world.user(Role::Viewer).await);
    for _ in 0..28 {
        assert_eq!(busy.get("/api/session").await.0, StatusCode::OK);
        world.pass_ms(DAY_MS / 2 - MINUTE_MS);
    }
    assert_eq!(idle.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
    world.pass_ms(28 * MINUTE_MS);
    assert_eq!(busy.get("/api/session").await.0, StatusCode::UNAUTHORIZED, "after fourteen days");
}

#[tokio::test]
async fn sign_up_is_closed_unless_it_was_opened() {
    let person = json!({ "email": "ann@example.org", "name": "Ann", "password": PASSWORD });
    let closed = World::new().await;
    let (status, body) = closed.nobody().post("/api/sign-up", person.clone()).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "sign_up_closed"));

    let open = World::configured(|config| config.sign_up_open = true).await;
    assert_eq!(open.nobody().post("/api/sign-up", person.clone()).await.0, StatusCode::NO_CONTENT);
    let (status, session) = log_in(&open, "ann@example.org", PASSWORD).await;
    assert_eq!((status, &session["organization"]), (StatusCode::OK, &Value::Null));
    // Nobody learns by this door who has an account, and nothing is changed through it.
    let mut taken = person;
    taken["password"] = json!(OTHER_PASSWORD);
    assert_eq!(open.nobody().post("/api/sign-up", taken).await.0, StatusCode::NO_CONTENT);
    assert_eq!(log_in(&open, "ann@example.org", OTHER_PASSWORD).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_operator_makes_organizations_and_reads_none() {
    let world = World::new().await;
    let operator = world.operator().await;
    let new = json!({ "name": "Birds", "owner": "bea@example.org" });
    let (status, made) = operator.post("/api/organizations", new.clone()).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert_eq!(code(&operator.post("/api/organizations", new).await.1), "name_taken");
    let bea = join(&world, &made["invitation"], "Bea").await;
    let (_, session) = bea.get("/api/session").await;
    assert_eq!(
        (&session["role"], &session["organization"]["name"]),
        (&json!("owner"), &json!("Birds"))
    );
    let (_, listed) = operator.get("/api/organizations").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(operator.get("/api/projects").await.0, StatusCode::FORBIDDEN);
    assert_eq!(bea.get("/api/organizations").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_organization_is_destroyed_in_two_steps() {
    let world = World::new().await;
    let owner = world.owner();
    let key = world.key(Role::Manager, Mode::Live).await;
    assert_eq!(
        owner.patch("/api/organization", json!({ "name": "Acme 2" })).await.0,
        StatusCode::OK
    );

    let typed = json!({ "name": "Acme" });
    let (status, body) = owner.post("/api/organization/destruction", typed).await;
    assert_eq!((status, code(&body)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
    let (_, asked) = owner.post("/api/organization/destruction", json!({ "name": "Acme 2" })).await;
    let confirmed = json!({ "name": "Acme 2", "confirmation": asked["confirmation"] });
    let destroy = async |caller: &Caller, body: &Value| {
        caller.send(Method::DELETE, "/api/organization", body.to_string()).await
    };
    let manager = world.user(Role::Manager).await;
    assert_eq!(destroy(&manager, &confirmed).await.status, StatusCode::FORBIDDEN);
    let other_owner = world.user(Role::Owner).await;
    assert_eq!(code(&destroy(&other_owner, &confirmed).await.json()), "not_confirmed");
    world.pass_ms(10 * MINUTE_MS);
    assert_eq!(code(&destroy(&owner, &confirmed).await.json()), "not_confirmed");

    let (_, asked) = owner.post("/api/organization/destruction", json!({ "name": "Acme 2" })).await;
    let confirmed = json!({ "name": "Acme 2", "confirmation": asked["confirmation"] });
    assert_eq!(destroy(&owner, &confirmed).await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.get("/api/projects").await.0, StatusCode::FORBIDDEN);
    assert_eq!(key.get("/api/projects").await.0, StatusCode::UNAUTHORIZED);
    let (_, listed) = world.operator().await.get("/api/organizations").await;
    assert_eq!(listed["items"][0]["state"], "closed", "{listed}");
    assert_eq!(world.count_control_events("organization.destroyed").await, 1);
}

fn files(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.extend(std::fs::read(entry.path()));
        }
    }
    found
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
