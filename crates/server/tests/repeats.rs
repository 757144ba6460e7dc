//! Repeats (H3): whatever changes something is done once under one `Idempotency-Key`, and answered
//! the same each time. Which routes take a key, the description says; what they are asked here, the
//! table below. A new route that is in neither fails.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::Role;
use loops::{Project, slot};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::{Caller, World, code};

const PICTURE: &[u8] = include_bytes!("../../formats/tests/data/blood.jpg");

/// A call, and another that is not the same.
struct Call {
    by: Caller,
    path: String,
    body: Vec<u8>,
    other_path: String,
    other_body: Vec<u8>,
}

fn bytes(body: &Value) -> Vec<u8> {
    if body.is_null() { Vec::new() } else { body.to_string().into() }
}

/// The same path with another body.
fn bodies(by: Caller, path: impl Into<String>, body: Value, other: Value) -> Call {
    let path = path.into();
    Call { by, other_path: path.clone(), path, body: bytes(&body), other_body: bytes(&other) }
}

/// Another path, since there is no body that could differ.
fn paths(by: Caller, path: impl Into<String>, other_path: impl Into<String>) -> Call {
    let (path, other_path) = (path.into(), other_path.into());
    Call { by, path, body: vec![], other_path, other_body: vec![] }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().into()
}

struct Scene {
    world: World,
    project: Project,
    other: Project,
    tasks: Vec<String>,
    jobs: Vec<String>,
    list: String,
    scored: Scored,
}

/// A world in which a day has passed since somebody answered a gold task otherwise than it is known.
struct Scored {
    _world: World,
    contributor: Caller,
    manager: Caller,
    answers: [String; 2],
}

impl Scored {
    async fn new() -> Self {
        let world = World::new().await;
        let project = Project::new(&world, "text_choice", json!({}), 2).await;
        let ann = world.user(Role::Contributor).await.person.unwrap();
        let signed_in = world.sign_in(ann, Some(world.organization)).await;
        let mut answers = Vec::new();
        for _ in 0..2 {
            let receipt = project.label(&signed_in, loops::choice("neutral")).await;
            let task = receipt["task"].as_str().unwrap();
            let gold = json!({ "task": task, "answer": loops::choice("positive") });
            let path = format!("/api/projects/{}/gold", project.id);
            let (status, body) = world.owner().post(&path, gold).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            answers.push(id(&project.task(task).await["answers"][0]));
        }
        world.pass_ms(24 * 60 * support::MINUTE_MS);
        let contributor = world.sign_in(ann, Some(world.organization)).await;
        let manager = world.user(Role::Manager).await;
        Self { _world: world, contributor, manager, answers: answers.try_into().unwrap() }
    }
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let project = Project::new(&world, "image_boxes", json!({}), 9).await;
        let other = Project::new(&world, "image_boxes", json!({}), 0).await;
        let tasks: Vec<String> = project.tasks().await.iter().map(id).collect();
        let owner = world.owner();
        let canceled = owner.post(&format!("/api/tasks/{}/cancel", tasks[8]), json!({})).await;
        assert_eq!(canceled.0, StatusCode::OK);
        let new = json!({ "external_id": "import:list", "bytes": 0 });
        let (_, list) = owner.post(&format!("/api/projects/{}/uploads", project.id), new).await;
        let mut jobs = Vec::new();
        for _ in 0..2 {
            let import = json!({ "source": "manifest", "upload": list["id"] });
            let path = format!("/api/projects/{}/imports", project.id);
            let (status, job) = owner.post(&path, import).await;
            assert_eq!(status, StatusCode::OK, "{job}");
            jobs.push(id(&job));
        }
        let scored = Scored::new().await;
        Self { tasks, jobs, list: id(&list), world, project, other, scored }
    }

    async fn invitation(&self) -> String {
        let email = format!("{}@example.org", loops::submission());
        let asked = json!({ "email": email, "role": "viewer" });
        id(&self.world.owner().post("/api/invitations", asked).await.1)
    }

    async fn key(&self) -> String {
        let asked = json!({ "name": "k", "mode": "live", "role": "viewer" });
        id(&self.world.owner().post("/api/keys", asked).await.1)
    }

    async fn member(&self) -> String {
        self.world.user(Role::Viewer).await.person.unwrap().to_string()
    }

    /// A model of the first project.
    async fn backend(&self) -> String {
        let new = json!({ "name": loops::submission(), "kind": "local", "model": "nanodet" });
        let path = format!("/api/projects/{}/backends", self.project.id);
        id(&self.world.owner().post(&path, new).await.1)
    }

    /// A slot in somebody's hands.
    async fn held(&self, doing: &str, more: Value) -> Call {
        let by = self.world.user(Role::Contributor).await;
        let claim = self.project.claim(&by, "label").await.unwrap();
        let (mut body, mut other) = (more.clone(), more);
        body["fence"] = claim["fence"].clone();
        other["fence"] = json!(claim["fence"].as_i64().unwrap() + 1);
        bodies(by, format!("/api/slots/{}/{doing}", slot(&claim)), body, other)
    }

    async fn call(&self, route: &str) -> Option<Call> {
        let owner = self.world.owner();
        let at = format!("/api/projects/{}", self.project.id);
        let task = |number: usize| format!("/api/tasks/{}", self.tasks[number]);
        let named = |name: &str| json!({ "name": name });
        Some(match route {
            "PUT /api/answers/{answer}/contest" => {
                let path = format!("/api/answers/{}/contest", self.scored.answers[0]);
                let asked = |reason: &str| json!({ "reason": reason });
                bodies(self.scored.contributor.clone(), path, asked("it is"), asked("it was"))
            }
            "POST /api/answers/{answer}/decision" => {
                let answer = &self.scored.answers[1];
                let contest = json!({ "reason": "it is" });
                let path = format!("/api/answers/{answer}/contest");
                let (status, body) = self.scored.contributor.put(&path, contest).await;
                assert_eq!(status, StatusCode::OK, "{body}");
                let asked = |verdict: &str| json!({ "verdict": verdict });
                let path = format!("/api/answers/{answer}/decision");
                bodies(self.scored.manager.clone(), path, asked("uphold"), asked("overturn"))
            }
            "POST /api/projects/{project}/gold" => {
                let asked =
                    |task: usize| json!({ "task": self.tasks[task], "answer": loops::car(9.0) });
                bodies(owner, format!("{at}/gold"), asked(5), asked(4))
            }
            "DELETE /api/tasks/{task}/gold" => {
                let gold = json!({ "task": self.tasks[3], "answer": loops::car(9.0) });
                let (status, body) = owner.post(&format!("{at}/gold"), gold).await;
                assert_eq!(status, StatusCode::OK, "{body}");
                paths(owner, task(3) + "/gold", task(5) + "/gold")
            }
            "POST /api/invitations" => {
                let asked = |email: &str| json!({ "email": email, "role": "viewer" });
                bodies(owner, "/api/invitations", asked("x@example.org"), asked("y@example.org"))
            }
            "DELETE /api/invitations/{invitation}" => {
                let path = |id: String| format!("/api/invitations/{id}");
                paths(owner, path(self.invitation().await), path(self.invitation().await))
            }
            "POST /api/jobs/{job}/cancel" => {
                let path = |number: usize| format!("/api/jobs/{}/cancel", self.jobs[number]);
                paths(owner, path(0), path(1))
            }
            "POST /api/keys" => {
                let asked = |role: &str| json!({ "name": "k", "mode": "live", "role": role });
                bodies(owner, "/api/keys", asked("viewer"), asked("manager"))
            }
            "DELETE /api/keys/{key}" => {
                let path = |id: String| format!("/api/keys/{id}");
                paths(owner, path(self.key().await), path(self.key().await))
            }
            "DELETE /api/members/{person}" => {
                let path = |id: String| format!("/api/members/{id}");
                paths(owner, path(self.member().await), path(self.member().await))
            }
            "PATCH /api/members/{person}" => {
                let path = format!("/api/members/{}", self.member().await);
                bodies(owner, path, json!({ "role": "reviewer" }), json!({ "role": "manager" }))
            }
            "PATCH /api/organization" => {
                bodies(owner, "/api/organization", named("Acme"), named("Acne"))
            }
            "POST /api/organization/destruction" => {
                bodies(owner, "/api/organization/destruction", named("Acme"), named("Acne"))
            }
            "POST /api/organizations" => {
                let operator = self.world.operator().await;
                bodies(operator, "/api/organizations", named("New"), named("Newer"))
            }
            "POST /api/projects" => {
                let asked = |name: &str| json!({ "name": name, "template": "image_boxes" });
                bodies(owner, "/api/projects", asked("Dogs"), asked("Cats"))
            }
            "PATCH /api/projects/{project}" => {
                let (_, now) = owner.get(&at).await;
                let asked = |name: &str| json!({ "base": now["version"], "name": name });
                bodies(owner, at, asked("Birds"), asked("Fish"))
            }
            "POST /api/projects/{project}/backends" => {
                let asked =
                    |name: &str| json!({ "name": name, "kind": "local", "model": "nanodet" });
                bodies(owner, format!("{at}/backends"), asked("One"), asked("Other"))
            }
            "PATCH /api/backends/{backend}" => {
                let path = format!("/api/backends/{}", self.backend().await);
                let asked = |prompts: bool| json!({ "settings": { "prompts": prompts } });
                bodies(owner, path, asked(true), asked(false))
            }
            "DELETE /api/backends/{backend}" => {
                let path = |backend: String| format!("/api/backends/{backend}");
                paths(owner, path(self.backend().await), path(self.backend().await))
            }
            "POST /api/backends/{backend}/fetch" => {
                let path = format!("/api/backends/{}/fetch", self.backend().await);
                bodies(owner, path, json!({ "batch": 1 }), json!({ "batch": 2 }))
            }
            "POST /api/backends/{backend}/train" => {
                let setup = json!({ "kind": "label_studio", "url": "https://models.example.org" });
                let path = format!("{at}/backends");
                let mut trained = Vec::new();
                for name in ["Pupil", "Other pupil"] {
                    let mut new = setup.clone();
                    new["name"] = json!(name);
                    let (status, made) = owner.post(&path, new).await;
                    assert_eq!(status, StatusCode::OK, "{made}");
                    trained.push(format!("/api/backends/{}/train", id(&made)));
                }
                paths(owner, trained.remove(0), trained.remove(0))
            }
            "POST /api/projects/{project}/claims" => {
                let by = self.world.user(Role::Contributor).await;
                let asked = |count: usize| json!({ "stage": "label", "count": count });
                bodies(by, format!("{at}/claims"), asked(2), asked(1))
            }
            "POST /api/projects/{project}/imports" => {
                let asked = |dry: bool| json!({ "source": "manifest", "upload": self.list, "dry_run": dry });
                bodies(owner, format!("{at}/imports"), asked(true), asked(false))
            }
            "PUT /api/projects/{project}/instructions" => {
                let asked = |text: &str| json!({ "base": 2, "markdown": text });
                bodies(owner, format!("{at}/instructions"), asked("# One"), asked("# Two"))
            }
            "POST /api/projects/{project}/items" => {
                let other = json!({ "items": [{ "external_id": "z" }] });
                bodies(owner, format!("{at}/items"), json!({ "items": [] }), other)
            }
            "PUT /api/projects/{project}/ontology" => {
                let path = format!("{at}/ontology");
                let (_, now) = owner.get(&path).await;
                let asked = |base: i64| json!({ "base": base, "ontology": now["ontology"] });
                bodies(owner, path, asked(1), asked(2))
            }
            "POST /api/projects/{project}/pictures" => {
                let path = |project: &Project| format!("/api/projects/{}/pictures", project.id);
                let call = paths(owner, path(&self.project), path(&self.other));
                Call { body: PICTURE.into(), other_body: PICTURE.into(), ..call }
            }
            "POST /api/projects/{project}/releases" => {
                let asked = |format: &str| json!({ "formats": [format] });
                bodies(owner, format!("{at}/releases"), asked("csv"), asked("native"))
            }
            "POST /api/projects/{project}/uploads" => {
                let asked = |bytes: i64| json!({ "external_id": "u", "bytes": bytes });
                bodies(owner, format!("{at}/uploads"), asked(10), asked(11))
            }
            "DELETE /api/sessions/{session}" => {
                let person = self.world.user(Role::Viewer).await.person.unwrap();
                let by = self.world.sign_in(person, None).await;
                self.world.sign_in(person, None).await;
                let (_, list) = by.get("/api/sessions").await;
                let mut ended = list["items"].as_array().unwrap().iter();
                let mut next = || {
                    format!(
                        "/api/sessions/{}",
                        id(ended.find(|one| one["current"] == false).unwrap())
                    )
                };
                let (first, second) = (next(), next());
                paths(by, first, second)
            }
            "POST /api/slots/{slot}/heartbeat" => self.held("heartbeat", json!({})).await,
            "POST /api/slots/{slot}/release" => self.held("release", json!({})).await,
            "POST /api/slots/{slot}/skip" => self.held("skip", json!({ "reason": "broken" })).await,
            "PATCH /api/tasks/{task}" => {
                bodies(owner, task(7), json!({ "priority": 3 }), json!({ "priority": 4 }))
            }
            "POST /api/tasks/{task}/cancel" => {
                paths(owner, task(7) + "/cancel", task(6) + "/cancel")
            }
            "POST /api/tasks/{task}/reopen" => {
                let asked = |reason: &str| json!({ "reason": reason });
                bodies(owner, task(8) + "/reopen", asked("again"), asked("once more"))
            }
            _ => return None,
        })
    }
}

/// What takes no key (H3): the caller chooses the id, or the same again does no harm, or somebody is
/// signed in or out.
const WITHOUT_KEY: [&str; 23] = [
    "DELETE /api/kept/{entry}",
    "DELETE /api/organization",
    "DELETE /api/session",
    "PATCH /api/session",
    "PATCH /api/uploads/{upload}",
    "POST /api/backends/{backend}/check",
    "POST /api/invitations/accept",
    "POST /api/invitations/open",
    "POST /api/projects/{project}/predictions",
    "POST /api/session",
    "POST /api/setup/claim",
    "POST /api/sign-up",
    "POST /api/slots/{slot}/prompts",
    "POST /api/uploads/{upload}/finish",
    "PUT /api/answers/{answer}/comments/{submission}",
    "PUT /api/answers/{answer}/read",
    "PUT /api/comments/{comment}/state",
    "PUT /api/kept/{entry}",
    "PUT /api/password",
    "PUT /api/slots/{slot}/adjudication",
    "PUT /api/slots/{slot}/answer",
    "PUT /api/slots/{slot}/draft",
    "PUT /api/slots/{slot}/review",
];

fn takes_key(operation: &Value) -> bool {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.into_iter().any(|one| one["$ref"] == "#/components/parameters/IdempotencyKey")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_answered_like_the_first_and_another_call_is_refused() {
    let scene = Scene::new().await;
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut without = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let route = format!("{} {path}", method.to_uppercase());
            if method == "get" {
                continue;
            }
            if !takes_key(operation) {
                without.insert(route);
                continue;
            }
            let call = scene.call(&route).await;
            let Call { by, path, body, other_path, other_body } =
                call.unwrap_or_else(|| panic!("{route} has no call in this test"));
            let by = by.with("idempotency-key", &loops::submission());
            let method: Method = method.to_uppercase().parse().unwrap();
            let first = by.send(method.clone(), &path, body.clone()).await;
            assert!(first.status.is_success(), "{route}: {} {}", first.status, first.json());
            assert_eq!(first.headers.get("idempotency-replayed"), None, "{route}");
            let second = by.send(method.clone(), &path, body).await;
            assert_eq!((second.status, second.json()), (first.status, first.json()), "{route}");
            assert_eq!(second.headers["idempotency-replayed"], "true", "{route}");
            let third = by.send(method, &other_path, other_body).await;
            assert_eq!(
                (third.status, code(&third.json())),
                (StatusCode::CONFLICT, "idempotency_key_reused"),
                "{route}: {}",
                third.json()
            );
        }
    }
    assert_eq!(without, WITHOUT_KEY.map(String::from).into());
}

#[tokio::test]
async fn what_is_kept_for_a_repeat_is_sealed() {
    let world = World::new().await;
    let project = Project::new(&world, "text_choice", json!({}), 0).await;
    let path = format!("/api/projects/{}/instructions", project.id);
    let words = json!({ "base": 2, "markdown": "# Look for the purple heron" });
    let asking = world.owner().with("idempotency-key", "heron");
    let first = asking.put(&path, words.clone()).await;
    assert_eq!(first.0, StatusCode::OK, "{}", first.1);
    if std::env::var("TEST_DATABASE_URL").is_err() {
        let mut found = 0;
        for file in support::files(&world.folder().join("data")) {
            let text = std::fs::read(&file).unwrap();
            let holds = |what: &[u8]| text.windows(what.len()).any(|part| part == what);
            assert!(!holds(b"purple"), "{} tells it in the clear", file.display());
            found += usize::from(holds(b"heron"));
        }
        assert!(found > 0, "the key of the call is to be found, and what it was answered is not");
    }
    assert_eq!(asking.put(&path, words).await, first);
}
