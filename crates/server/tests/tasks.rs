//! Tasks and progress, as a manager would tell it; and what one sees live.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::people::Mode;
use domain::projects::Media;
use domain::workflow::TaskState;
use domain::{Role, TaskId};
use http_body_util::BodyExt;
use loops::{Project, choice, hand_in, item, submission};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use support::{Caller, DAY_MS, MINUTE_MS, World, code};
use tower::ServiceExt;

fn ids(body: &Value) -> Vec<String> {
    let items = body["items"].as_array().unwrap();
    items.iter().map(|item| item["external_id"].as_str().unwrap().to_string()).collect()
}

#[tokio::test]
async fn tasks_are_found_by_state_by_name_and_by_person() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 12).await;
    let (ann, eve) = (world.user(Role::Contributor).await, world.user(Role::Viewer).await);
    project.label(&ann, choice("positive")).await;
    project.label(&ann, choice("neutral")).await;
    let at = |more: &str| format!("/api/tasks?project={}{more}", project.id);

    let (status, page) = eve.get(&at("&limit=5")).await;
    assert_eq!((status, ids(&page).len()), (StatusCode::OK, 5));
    let (_, rest) =
        eve.get(&at(&format!("&limit=10&cursor={}", page["next_cursor"].as_str().unwrap()))).await;
    assert_eq!((ids(&rest).len(), &rest["next_cursor"]), (7, &Value::Null));
    assert_eq!(ids(&eve.get(&at("&state=done")).await.1), ["item-000001", "item-000002"]);
    assert_eq!(ids(&eve.get(&at("&q=item-00001")).await.1).len(), 3);
    assert_eq!(ids(&eve.get(&at("&q=item-000002&state=done")).await.1), ["item-000002"]);
    let person = ann.person.unwrap();
    assert_eq!(ids(&eve.get(&at(&format!("&person={person}"))).await.1).len(), 2);
    assert_eq!(
        ids(&eve.get(&at(&format!("&person={person}&q=item-000001&state=done"))).await.1).len(),
        1
    );
    assert_eq!(eve.get(&at("&state=lost")).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_task_tells_who_did_what() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 2 }), 1).await;
    let ann = world.user(Role::Contributor).await;
    project.label(&ann, choice("positive")).await;
    let task = project.task(&project.first().await).await;
    assert_eq!((&task["state"], &task["stage"]), (&json!("in_progress"), &json!("label")));
    assert_eq!(task["item"]["text"], "text 1");
    let answer = &task["answers"][0];
    assert_eq!(answer["contributor"]["person"], ann.person.unwrap().to_string());
    assert!(answer["contributor"]["name"].as_str().unwrap().starts_with("contributor"));
    assert_eq!((&answer["active_ms"], &answer["state"]), (&json!(1500), &json!("standing")));
    assert_eq!(task["slots"][0]["state"], "answered");
    let kinds: Vec<&Value> =
        task["history"].as_array().unwrap().iter().map(|e| &e["kind"]).collect();
    assert_eq!(kinds, ["slot.claimed", "slot.answered"]);
    assert_eq!(task["history"][0]["actor"], answer["contributor"]);
}

#[tokio::test]
async fn who_may_not_know_of_a_task_finds_nothing() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let path = format!("/api/tasks/{}", project.first().await);
    let other = world.organization("Other").await;
    let stranger = world.user_of(other, Role::Owner).await;
    let test_key = world.key(Role::Manager, Mode::Test).await;
    for who in [&stranger, &test_key] {
        assert_eq!(who.get(&path).await.0, StatusCode::NOT_FOUND);
        assert_eq!(who.post(&format!("{path}/cancel"), json!({})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(
            who.get(&format!("/api/projects/{}/progress", project.id)).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            who.get(&format!("/api/live?project={}", project.id)).await.0,
            StatusCode::NOT_FOUND
        );
    }
    let ann = world.user(Role::Contributor).await;
    assert_eq!(ann.get(&path).await.0, StatusCode::FORBIDDEN);
    let eve = world.user(Role::Viewer).await;
    assert_eq!(eve.get(&path).await.0, StatusCode::OK);
    assert_eq!(eve.patch(&path, json!({ "priority": 9 })).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_urgent_comes_first_even_to_those_who_have_gone_past() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 2 }), 4).await;
    let ann = world.user(Role::Contributor).await;
    for _ in 0..2 {
        project.label(&ann, choice("positive")).await;
    }
    let tasks = project.tasks().await;
    let (third, fourth) = (&tasks[2]["id"], &tasks[3]["id"]);
    let path = format!("/api/tasks/{}", fourth.as_str().unwrap());
    let (status, body) = project.manager.patch(&path, json!({ "priority": 10 })).await;
    assert_eq!((status, code(&body)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
    let (status, body) = project.manager.patch(&path, json!({ "priority": 9 })).await;
    assert_eq!((status, &body["priority"]), (StatusCode::OK, &json!(9)));
    assert_eq!(&project.claim(&ann, "label").await.unwrap()["task"], fourth);
    // Back to where it was, which is behind nobody's cursor but must still be found.
    let bob = world.user(Role::Contributor).await;
    let third_path = format!("/api/tasks/{}", third.as_str().unwrap());
    project.manager.patch(&third_path, json!({ "priority": 9 })).await;
    assert_eq!(&project.claim(&bob, "label").await.unwrap()["task"], third);
}

#[tokio::test]
async fn a_done_task_begins_anew_and_its_answers_are_kept() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 2 }), 1).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    for who in [&ann, &bob] {
        project.label(who, choice("positive")).await;
    }
    let id = project.first().await;
    let path = format!("/api/tasks/{id}");
    assert_eq!(project.task(&id).await["state"], "done");
    let (status, body) = project.manager.post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "already_done"));
    let (status, body) = project
        .manager
        .post(&format!("{path}/reopen"), json!({ "reason": "wrong question" }))
        .await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &json!("queued")));
    let (status, body) =
        project.manager.post(&format!("{path}/reopen"), json!({ "reason": "again" })).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "still_open"));
    let task = project.task(&id).await;
    assert_eq!(task["label"], Value::Null);
    assert!(
        task["answers"].as_array().unwrap().iter().all(|answer| answer["state"] == "superseded")
    );
    project.check_counts(&world).await;

    for who in [&ann, &bob] {
        project.label(who, choice("negative")).await;
    }
    let task = project.task(&id).await;
    assert_eq!(
        (&task["state"], &task["label"]["value"]["choices"]),
        (&json!("done"), &json!(["negative"]))
    );
    assert_eq!(task["answers"].as_array().unwrap().len(), 4);
    project.check_counts(&world).await;
}

#[tokio::test]
async fn a_canceled_task_goes_on_with_the_answers_that_it_has() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 2 }), 1).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    project.label(&ann, choice("positive")).await;
    let held = project.claim(&bob, "label").await.unwrap();
    let path = format!("/api/tasks/{}", project.first().await);
    assert_eq!(project.manager.post(&format!("{path}/cancel"), json!({})).await.0, StatusCode::OK);
    project.check_counts(&world).await;
    let reason = json!({ "reason": "it is needed after all" });
    assert_eq!(project.manager.post(&format!("{path}/reopen"), reason).await.0, StatusCode::OK);
    project.check_counts(&world).await;
    let (status, body) = hand_in(&bob, &held, &submission(), choice("positive")).await;
    assert_eq!((status, code(&body)), (StatusCode::CONFLICT, "closed"));
    project.label(&bob, choice("positive")).await;
    assert_eq!(project.tasks().await[0]["state"], "done");
    project.check_counts(&world).await;
}

#[tokio::test]
async fn a_label_that_came_with_the_data_stays_as_a_beginning() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 0).await;
    let mut labelled = item(Media::Text, 1, 1);
    labelled.label = Some(serde_json::from_value(choice("neutral")).unwrap());
    project.add(&world, vec![labelled]).await;
    let path = format!("/api/tasks/{}/reopen", project.first().await);
    let (status, body) = project.manager.post(&path, json!({ "reason": "doubtful" })).await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &json!("queued")));
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    assert_eq!(claim["suggestion"]["choices"], json!(["neutral"]));
    project.check_counts(&world).await;
}

/// Replays the log: how each task stands, by what the events alone say (I8).
#[tokio::test]
async fn the_log_alone_tells_how_every_task_stands() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({ "overlap": 2 }), 6).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    for who in [&ann, &bob] {
        for _ in 0..4 {
            project.label(who, choice("positive")).await;
        }
    }
    let tasks = project.tasks().await;
    let path = |index: usize, verb: &str| {
        format!("/api/tasks/{}/{verb}", tasks[index]["id"].as_str().unwrap())
    };
    project.claim(&bob, "label").await.unwrap();
    for (index, verb) in [(4, "cancel"), (0, "reopen"), (4, "reopen"), (5, "cancel")] {
        let body = if verb == "reopen" { json!({ "reason": "see" }) } else { json!({}) };
        let (status, body) = project.manager.post(&path(index, verb), body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    project.label(&ann, choice("neutral")).await;

    let access = world.access(world.organization).await;
    let (events, rows) = access
        .store()
        .read(move |tx| {
            tx.verify_events()?;
            let events = tx.events_after(0)?;
            let mut rows = HashMap::new();
            for task in &tasks {
                let id: TaskId = task["id"].as_str().unwrap().parse().unwrap();
                rows.insert(id.to_string(), tx.task(id)?.unwrap());
            }
            Ok::<_, store::Error>((events, rows))
        })
        .await
        .unwrap();
    let mut told: HashMap<String, (TaskState, String, i64, i64)> = HashMap::new();
    for event in events {
        let detail: Value = serde_json::from_str(&event.detail).unwrap();
        let Some(task) = detail["task"].as_str() else { continue };
        let state = serde_json::from_value(detail["task_state"].clone()).unwrap();
        let number = |name: &str| detail[name].as_i64().unwrap();
        let stage = detail["stage"].as_str().unwrap().to_string();
        told.insert(task.into(), (state, stage, number("open"), number("answers")));
    }
    for (id, row) in rows {
        let stands = (row.state, row.stage.as_str().to_string(), row.open, row.answers);
        assert_eq!(
            told.remove(&id).unwrap_or((TaskState::Queued, "label".into(), 2, 0)),
            stands,
            "{id}"
        );
    }
}

#[tokio::test]
async fn progress_tells_pace_people_and_agreement() {
    let world = World::new().await;
    let mut project = Project::new(&world, "text_choice", json!({ "overlap": 2 }), 10).await;
    let (ann, bob) = (world.user(Role::Contributor).await, world.user(Role::Contributor).await);
    let path = format!("/api/projects/{}/progress", project.id);
    let (_, body) = project.manager.get(&path).await;
    assert_eq!((&body["answers_needed"], &body["eta_seconds"]), (&json!(20), &Value::Null));
    assert_eq!(
        (&body["agreement"]["value"], &body["agreement"]["measure"]),
        (&Value::Null, &json!("alpha_nominal"))
    );

    for (who, keys) in
        [(&ann, ["positive", "neutral", "positive"]), (&bob, ["positive", "neutral", "neutral"])]
    {
        for key in keys {
            project.label(who, choice(key)).await;
            world.pass_ms(5 * MINUTE_MS);
        }
    }
    project.claim(&ann, "label").await.unwrap();
    world.pass_ms(1_000);
    let (status, body) = world.user(Role::Viewer).await.get(&path).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["tasks"]["total"], 10);
    assert_eq!(
        (&body["tasks"]["done"], &body["answers"], &body["answers_needed"]),
        (&json!(2), &json!(6), &json!(20))
    );
    // Six answers in the thirty minutes since the first.
    assert!((body["throughput_per_hour"].as_f64().unwrap() - 12.0).abs() < 0.1, "{body}");
    assert!((body["eta_seconds"].as_f64().unwrap() - 14.0 / 12.0 * 3600.0).abs() < 60.0, "{body}");
    // Two pairs agree and one does not: n = 6, n_p = 3, n_n = 3.
    let alpha = (4.0 / 6.0 - 12.0 / 30.0) / (18.0 / 30.0);
    assert!((body["agreement"]["value"].as_f64().unwrap() - alpha).abs() < 1e-9, "{body}");
    assert_eq!(body["agreement"]["pairs"], 3);
    let people = body["people"].as_array().unwrap();
    assert_eq!(people[0]["person"], ann.person.unwrap().to_string());
    assert_eq!(
        (&people[0]["answered"], &people[0]["holding"][0]["stage"]),
        (&json!(3), &json!("label"))
    );
    assert_eq!((&people[1]["answered"], &people[1]["holding"]), (&json!(3), &json!([])));
    let hours = body["hours"].as_array().unwrap();
    assert_eq!(hours.len(), 24);
    assert_eq!(hours.iter().map(|hour| hour["answers"].as_i64().unwrap()).sum::<i64>(), 6);

    // What has settled is counted once: hours later the people still add up.
    for pause in [11 * MINUTE_MS, 3 * 60 * MINUTE_MS, DAY_MS] {
        world.pass_ms(pause);
        let bob = world.sign_in(bob.person.unwrap(), Some(world.organization)).await;
        project.manager = world.user(Role::Manager).await;
        project.label(&bob, choice("negative")).await;
        world.pass_ms(1_000);
        let (_, body) = project.manager.get(&path).await;
        let total: i64 = body["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["answered"].as_i64().unwrap())
            .sum();
        let access = world.access(world.organization).await;
        assert_eq!(
            total,
            access.store().read(|tx| tx.count_events("slot.answered")).await.unwrap()
        );
    }
}

/// A live view that stays open.
struct Live {
    body: Body,
    text: String,
}

impl Live {
    async fn open(world: &World, who: &Caller, project: &Project) -> Self {
        let path = format!("/api/live?project={}", project.id);
        let mut request =
            Request::builder().method(Method::GET).uri(path).body(Body::empty()).unwrap();
        request.headers_mut().extend(who.headers.clone());
        let response = server::router(world.app.clone()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event's kind, id and data; none once the stream has ended.
    async fn next(&mut self) -> Option<(String, i64, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
                };
                let found = field("data:").map(|data| {
                    let id = field("id:").unwrap().parse().unwrap();
                    (field("event:").unwrap().to_string(), id, serde_json::from_str(data).unwrap())
                });
                self.text = rest.to_string();
                if found.is_some() {
                    return found;
                }
                continue;
            }
            let frame =
                tokio::time::timeout(Duration::from_secs(20), self.body.frame()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_live_view_tells_changes_and_ends_with_the_role() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 3).await;
    let (ann, eve) = (world.user(Role::Contributor).await, world.user(Role::Viewer).await);
    let mut live = Live::open(&world, &eve, &project).await;
    let (kind, before, body) = live.next().await.unwrap();
    assert_eq!((kind.as_str(), &body["tasks"]["done"]), ("progress", &json!(0)));
    project.label(&ann, choice("positive")).await;
    let (_, after, body) = live.next().await.unwrap();
    assert_eq!(body["tasks"]["done"], 1);
    assert!(after > before);

    let (organization, person, now) = (world.organization, eve.person.unwrap(), world.now());
    let removed = world.app.stores.control().write(move |tx| {
        tx.remove_membership(organization, person)?;
        tx.record(now, "test", "member.left", person, json!({}));
        Ok::<_, store::Error>(())
    });
    removed.await.unwrap();
    while live.next().await.is_some() {}
}

#[tokio::test]
async fn a_person_has_so_many_live_views_and_gets_them_back() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 1).await;
    let eve = world.user(Role::Viewer).await;
    let mut open = Vec::new();
    for _ in 0..domain::limits::LIVE_STREAMS_MAX {
        open.push(Live::open(&world, &eve, &project).await);
    }
    let path = format!("/api/live?project={}", project.id);
    assert_eq!(eve.get(&path).await.0, StatusCode::TOO_MANY_REQUESTS);
    drop(open);
    tokio::time::sleep(Duration::from_millis(200)).await;
    Live::open(&world, &eve, &project).await;
}

#[tokio::test]
async fn an_answer_is_paid_once_however_often_the_relay_runs() {
    let world = World::new().await;
    let plan = json!({ "review": "all", "pay": { "amount_minor": 12, "currency": "EUR" } });
    let project = Project::new(&world, "text_choice", plan, 3).await;
    let (ann, rob) = (world.user(Role::Contributor).await, world.user(Role::Reviewer).await);
    project.label(&ann, choice("positive")).await;
    project.label(&ann, choice("positive")).await;
    // A rejected answer is done again and not paid again.
    let claim = project.claim(&rob, "review").await.unwrap();
    let reject = json!({ "verdict": "reject", "clause": "tight-boxes", "reason": "look again" });
    assert_eq!(loops::judge(&rob, &claim, reject).await.0, StatusCode::OK);
    project.label(&ann, choice("neutral")).await;
    for _ in 0..3 {
        let (app, organization) = (world.app.clone(), world.organization);
        let stepped =
            tokio::task::spawn_blocking(move || server::relay::step(&app, organization).unwrap());
        stepped.await.unwrap();
    }
    let (status, work) = ann.get("/api/work").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(work["earned"], json!([{ "currency": "EUR", "amount_minor": 24 }]));
    assert_eq!((&work["answers_today"], &work["answers_total"]), (&json!(3), &json!(3)));
    assert_eq!(work["active_ms_today"], 4500);
    let states: Vec<&Value> =
        work["recent"].as_array().unwrap().iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["received", "received", "rejected"]);
    let audit = world.app.stores.control().read(|tx| tx.audit_ledger()).await.unwrap();
    assert_eq!(audit, (0, 0));
}
