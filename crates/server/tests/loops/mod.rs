//! A published project with tasks, and the steps of those who work on it.

#![allow(dead_code, reason = "each test file uses what it needs")]

use super::support::{Caller, World};
use axum::http::StatusCode;
use domain::projects::Media;
use domain::{ProjectId, Role};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use store::{NewItem, Payload};

pub struct Project {
    pub id: ProjectId,
    pub manager: Caller,
}

/// A submission that no other has.
pub fn submission() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("sub_test{:08}", COUNT.fetch_add(1, Relaxed))
}

pub fn choice(key: &str) -> Value {
    json!({ "choices": [key] })
}

pub fn car(x: f64) -> Value {
    let shape = json!({ "type": "box", "x": x, "y": 10, "width": 100, "height": 50 });
    json!({ "objects": [{ "id": "a", "class": "car", "shape": shape }] })
}

/// An item of a text or a picture that nobody looks at.
pub fn item(media: Media, number: usize, overlap: i64) -> NewItem {
    let is_image = media == Media::Image;
    NewItem {
        external_id: format!("item-{number:06}"),
        media,
        address: is_image.then(|| format!("{number:064x}")),
        bytes: 10,
        width: is_image.then_some(640),
        height: is_image.then_some(480),
        frames: None,
        payload: Payload {
            name: if is_image { format!("{number:06}.jpg") } else { String::new() },
            text: (!is_image).then(|| format!("text {number}")),
            scene: None,
            pictures: vec![],
            metadata: serde_json::Map::new(),
        },
        priority: 5,
        overlap,
        label: None,
        suggestion: None,
        gold: false,
        ontology_version: 1,
        instructions_version: 1,
    }
}

impl Project {
    /// A project of a template with a plan and so many tasks, whose instructions have the clause
    /// `tight-boxes`.
    pub async fn new(world: &World, template: &str, plan: Value, tasks: usize) -> Self {
        let manager = world.user(Role::Manager).await;
        let name = format!("Project {}", submission());
        let new = json!({ "name": name, "template": template, "plan": plan });
        let (status, body) = manager.post("/api/projects", new).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let id: ProjectId = body["id"].as_str().unwrap().parse().unwrap();
        let text = json!({ "base": 1, "markdown": "# Tight boxes\nThree pixels at most.\n" });
        let (status, body) = manager.put(&format!("/api/projects/{id}/instructions"), text).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let publish = json!({ "base": 2, "state": "published" });
        let (status, body) = manager.patch(&format!("/api/projects/{id}"), publish).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let project = Self { id, manager };
        let media = if template.starts_with("text") { Media::Text } else { Media::Image };
        let plan: domain::projects::Plan = serde_json::from_value(body["plan"].clone()).unwrap();
        let overlap = plan.wanted_first();
        project.add(world, (1..=tasks).map(|number| item(media, number, overlap)).collect()).await;
        project
    }

    pub async fn add(&self, world: &World, items: Vec<NewItem>) {
        let access = world.access(self.manager.organization.unwrap()).await;
        let (project, now) = (self.id, world.now());
        let added = access.store().write(move |tx| {
            tx.insert_items(project, &items, now)?;
            tx.record(now, "test", "items.added", project, json!({}));
            Ok::<_, store::Error>(())
        });
        added.await.unwrap();
    }

    pub async fn tasks(&self) -> Vec<Value> {
        let (status, body) = self.manager.get(&format!("/api/tasks?project={}", self.id)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["items"].as_array().unwrap().clone()
    }

    /// The id of the first task.
    pub async fn first(&self) -> String {
        self.tasks().await[0]["id"].as_str().unwrap().to_string()
    }

    pub async fn task(&self, task: &str) -> Value {
        let (status, body) = self.manager.get(&format!("/api/tasks/{task}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// Takes the next slot of a stage, if there is one.
    pub async fn claim(&self, who: &Caller, stage: &str) -> Option<Value> {
        let wanted = json!({ "stage": stage, "count": 1 });
        let (status, body) = who.post(&format!("/api/projects/{}/claims", self.id), wanted).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["claims"].as_array().unwrap().first().cloned()
    }

    /// Takes the next slot and answers it.
    pub async fn label(&self, who: &Caller, answer: Value) -> Value {
        let claim = self.claim(who, "label").await.expect("there is something to label");
        let (status, body) = hand_in(who, &claim, &submission(), answer).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// The counters are what the tasks themselves say.
    pub async fn check_counts(&self, world: &World) {
        let access = world.access(self.manager.organization.unwrap()).await;
        let project = self.id;
        let read = access.store().read(move |tx| {
            let fresh = tx.recount(project)?;
            Ok::<_, store::Error>((tx.counts(project)?, fresh))
        });
        let (counted, fresh) = read.await.unwrap();
        assert_eq!(counted, fresh);
    }
}

pub fn slot(claim: &Value) -> &str {
    claim["slot"].as_str().unwrap()
}

pub async fn hand_in(
    who: &Caller,
    claim: &Value,
    submission: &str,
    answer: Value,
) -> (StatusCode, Value) {
    let body = json!({
        "submission": submission, "fence": claim["fence"], "answer": answer, "active_ms": 1500,
    });
    who.put(&format!("/api/slots/{}/answer", slot(claim)), body).await
}

pub async fn judge(who: &Caller, claim: &Value, more: Value) -> (StatusCode, Value) {
    let mut body = json!({ "submission": submission(), "fence": claim["fence"], "active_ms": 700 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.put(&format!("/api/slots/{}/review", slot(claim)), body).await
}

pub async fn skip(who: &Caller, claim: &Value) {
    let body = json!({ "fence": claim["fence"], "reason": "broken", "text": "all black" });
    let (status, body) = who.post(&format!("/api/slots/{}/skip", slot(claim)), body).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}
