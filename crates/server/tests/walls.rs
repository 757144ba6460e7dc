//! The walls: every route of the interface, knocked at by everybody, with ids that exist.
//!
//! The table is kept in `walls.txt` and reviewed when it changes: `UPDATE=1` writes it anew. A
//! route that is not in it fails the test, and so does one whose path asks for something that
//! [`Objects`] does not have. Whoever owns another organization gets 404, or a list of his own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::http::{Method, StatusCode};
use domain::people::Mode;
use domain::{OrganizationId, PersonId, Role};
use loops::Project;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{Caller, World, schema};

const PICTURE: &[u8] = include_bytes!("../../formats/tests/data/blood.jpg");
const CLIP: &[u8] = include_bytes!("../../../demo/highway/videos/test_video.mp4");

/// Sends a file; answers its upload, and the item that it became.
async fn bring(by: &Caller, at: &str, name: &str, bytes: &'static [u8]) -> (Value, Value) {
    let upload = send(by, at, name, bytes).await;
    let path = format!("/api/uploads/{}/finish", upload.as_str().unwrap());
    let (_, finished) = by.post(&path, json!({})).await;
    (upload, finished["item"].clone())
}

async fn send(by: &Caller, at: &str, name: &str, bytes: &'static [u8]) -> Value {
    let new = json!({ "external_id": name, "name": name, "bytes": bytes.len() });
    let (status, upload) = by.post(&format!("{at}/uploads"), new).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let path = format!("/api/uploads/{}", upload["id"].as_str().unwrap());
    let sending = by.clone().with("upload-offset", "0");
    assert_eq!(sending.send(Method::PATCH, &path, bytes).await.status, StatusCode::OK);
    upload["id"].clone()
}

/// A cloud of two points with the picture of a camera, which a job makes an item of.
const SCENE: &str = r#"{"external_id":"street","scene":{"clouds":[{"path":"scan.bin","cameras":[{"name":"front","path":"front.jpg","intrinsic":[[40,0,32],[0,40,16],[0,0,1]],"mount":{"translation":[0,0,0],"rotation":[0.5,-0.5,0.5,-0.5]}}]}]}}"#;
/// Two times x, y, z and how bright it is.
const SCAN: &[u8] = &[
    0, 0, 128, 63, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 128, 63, 0, 0, 0, 0, 0,
    0, 0, 0,
];

/// Two pictures of one moment, which a job makes an item of.
const RIG: &str = r#"{"external_id":"rig","pictures":[{"name":"front","path":"street.jpg"},{"name":"rear","path":"street.jpg"}]}"#;

/// What a path may ask for, by the name of its parameter. Those that a call may use up are made
/// for each call.
struct Objects {
    fixed: BTreeMap<String, String>,
    /// Who has the slot in hand.
    holder: PersonId,
}

impl Objects {
    async fn new(world: &World) -> Self {
        let project = Project::new(world, "image_boxes", json!({}), 9).await;
        let holder = world.user(Role::Reviewer).await;
        // A task that the holder has answered already, and that is gold.
        project.label(&holder, loops::car(10.0)).await;
        let done = project.task(&project.first().await).await;
        let known = json!({ "task": done["id"] });
        let (status, made) =
            project.manager.post(&format!("/api/projects/{}/gold", project.id), known).await;
        assert_eq!(status, StatusCode::OK, "{made}");
        let claim = project.claim(&holder, "label").await.unwrap();
        let known = json!({ "task": claim["task"], "answer": loops::car(10.0) });
        let (status, made) =
            project.manager.post(&format!("/api/projects/{}/gold", project.id), known).await;
        assert_eq!(status, StatusCode::OK, "{made}");
        let text = |value: &Value| value.as_str().unwrap().to_string();
        let owner = world.owner();
        let mut fixed: BTreeMap<String, String> = [
            ("project", project.id.to_string()),
            ("slot", text(&claim["slot"])),
            ("task", text(&claim["task"])),
            ("level", "0".into()),
            ("col", "0".into()),
            ("row", "0".into()),
            ("cloud", "0".into()),
            ("camera", "0".into()),
            ("name", "labels.csv".into()),
            ("entry", "view.walls".into()),
            ("plot", "people.csv".into()),
            ("answered", text(&done["id"])),
            ("answer", text(&done["answers"][0]["id"])),
            ("submission", "sub_walls0001".into()),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .into();
        let said = format!("/api/answers/{}/comments/sub_walls0002", fixed["answer"]);
        let (status, thread) = project.manager.put(&said, json!({ "text": "look again" })).await;
        assert_eq!(status, StatusCode::OK, "{thread}");
        fixed.insert("comment".into(), text(&thread["id"]));
        let at = format!("/api/projects/{}", project.id);
        let picture = owner.send(Method::POST, &format!("{at}/pictures"), PICTURE).await.json();
        let (upload, item) = bring(&owner, &at, "street.jpg", PICTURE).await;
        let drive = json!({ "name": "Drive", "template": "video_boxes" });
        let (_, drive) = owner.post("/api/projects", drive).await;
        let drive = format!("/api/projects/{}", drive["id"].as_str().unwrap());
        let (_, clip) = bring(&owner, &drive, "test_video.mp4", CLIP).await;
        let street = json!({ "name": "Street", "template": "cloud_cuboids" });
        let (_, street) = owner.post("/api/projects", street).await;
        let street = format!("/api/projects/{}", street["id"].as_str().unwrap());
        send(&owner, &street, "scan.bin", SCAN).await;
        send(&owner, &street, "front.jpg", PICTURE).await;
        let list = send(&owner, &street, "import/rows.jsonl", SCENE.as_bytes()).await;
        let import = json!({ "source": "manifest", "upload": list });
        owner.post(&format!("{street}/imports"), import).await;
        let (list, _) = bring(&owner, &at, "import:manifest", b"external_id,url\n").await;
        let import = json!({ "source": "manifest", "upload": list });
        let (_, job) = owner.post(&format!("{at}/imports"), import).await;
        let list = send(&owner, &at, "import/rig.jsonl", RIG.as_bytes()).await;
        let import = json!({ "source": "manifest", "upload": list });
        owner.post(&format!("{at}/imports"), import).await;
        let release = json!({ "formats": ["csv"] });
        let (_, release) = owner.post(&format!("{at}/releases"), release).await;
        let (app, organization) = (world.app.clone(), world.organization);
        let ran =
            tokio::task::spawn_blocking(move || server::jobs::run_pending(&app, organization));
        ran.await.unwrap().unwrap();
        let (_, rigs) = owner.get(&format!("{at}/items?q=rig")).await;
        let (_, scenes) = owner.get(&format!("{street}/items")).await;
        for (name, value) in [
            ("address", &picture["address"]),
            ("upload", &upload),
            ("item", &item),
            ("clip", &clip),
            ("rig", &rigs["items"][0]["id"]),
            ("scene", &scenes["items"][0]["id"]),
            ("job", &job["id"]),
            ("release", &release["id"]),
        ] {
            fixed.extend(value.as_str().map(|value| (name.to_string(), value.to_string())));
        }
        Self { fixed, holder: holder.person.unwrap() }
    }

    /// A path with its parameters filled in; nothing, if one of them is unknown.
    async fn fill(&self, world: &World, path: &str) -> Result<String, String> {
        let mut filled = String::new();
        for part in path.split('/').skip(1) {
            let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
                filled += &format!("/{part}");
                continue;
            };
            let owner = world.owner();
            let id = |(_, body): (StatusCode, Value)| body["id"].as_str().unwrap().to_string();
            let value = match name {
                "person" => world.user(Role::Viewer).await.person.unwrap().to_string(),
                "invitation" => {
                    let email = format!("{}@example.org", loops::submission());
                    id(owner
                        .post("/api/invitations", json!({ "email": email, "role": "viewer" }))
                        .await)
                }
                "key" => {
                    let key = json!({ "name": "k", "mode": "live", "role": "viewer" });
                    let (_, made) = owner.post("/api/keys", key).await;
                    made["id"].as_str().unwrap().to_string()
                }
                "session" => {
                    let (_, list) = world.user(Role::Viewer).await.get("/api/sessions").await;
                    list["items"][0]["id"].as_str().unwrap().to_string()
                }
                // Some calls use it up, and a project has no more than twenty.
                "backend" => {
                    let path = format!("/api/projects/{}/backends", self.fixed["project"]);
                    let (_, list) = owner.get(&path).await;
                    for before in list["items"].as_array().unwrap() {
                        let before = before["id"].as_str().unwrap();
                        owner.delete(&format!("/api/backends/{before}")).await;
                    }
                    let new = json!({ "name": "Built-in", "kind": "local", "model": "nanodet" });
                    id(owner.post(&path, new).await)
                }
                "pass" => {
                    let access = world.access(world.organization).await;
                    let item = self.fixed["item"].parse().unwrap();
                    access.seal_pass(item, world.now().plus_ms(support::MINUTE_MS)).unwrap()
                }
                "item" if path.contains("/clouds/") => {
                    self.fixed.get("scene").cloned().ok_or("scene")?
                }
                "item" if path.contains("/cameras/") => {
                    self.fixed.get("rig").cloned().ok_or("rig")?
                }
                "item" if path.ends_with("/video") || path.ends_with("/frames") => {
                    self.fixed.get("clip").cloned().ok_or("clip")?
                }
                other => self.fixed.get(other).cloned().ok_or_else(|| other.to_string())?,
            };
            filled += &format!("/{value}");
        }
        Ok(filled)
    }
}

/// Bodies that must be more than well-formed to get to the object behind the door.
fn body(
    world: &World,
    objects: &Objects,
    document: &Value,
    route: &str,
    operation: &Value,
) -> Value {
    let unique = loops::submission();
    let known = match route {
        "PATCH /api/session" => json!({ "organization": world.organization }),
        "POST /api/session" => {
            json!({ "email": format!("{unique}@example.org"), "password": unique })
        }
        "POST /api/invitations/open" => json!({ "token": unique }),
        "POST /api/invitations/accept" => json!({ "token": unique, "password": unique }),
        "PATCH /api/members/{person}" => json!({ "role": "viewer" }),
        "POST /api/invitations" => json!({ "email": "x@example.org", "role": "viewer" }),
        "POST /api/keys" => json!({ "name": "k", "mode": "live", "role": "viewer" }),
        "PATCH /api/organization" => json!({ "name": "Acme" }),
        "POST /api/organizations" => json!({ "name": "Acme" }),
        "PUT /api/password" => {
            json!({ "current": "not this one at all", "new": "nor this other one" })
        }
        "POST /api/projects/{project}/imports" => {
            json!({ "source": "manifest", "upload": objects.fixed["upload"] })
        }
        "POST /api/projects/{project}/releases" => json!({ "formats": ["csv"] }),
        "POST /api/projects/{project}/gold" => json!({ "task": objects.fixed["answered"] }),
        "PUT /api/answers/{answer}/contest" => json!({ "reason": "it is right" }),
        "PUT /api/answers/{answer}/comments/{submission}" => json!({ "text": "too wide" }),
        "PUT /api/answers/{answer}/read" => json!({ "through": objects.fixed["comment"] }),
        "PUT /api/kept/{entry}" => json!({ "value": { "name": "night" } }),
        "PUT /api/comments/{comment}/state" => json!({ "state": "open" }),
        "POST /api/answers/{answer}/decision" => json!({ "verdict": "uphold" }),
        "POST /api/projects/{project}/claims" => json!({ "stage": "label", "count": 1 }),
        "POST /api/tasks/{task}/reopen" => json!({ "reason": "looked at again" }),
        "PUT /api/slots/{slot}/draft" => {
            json!({ "fence": 9, "answer": {}, "device": "d", "seq": 1 })
        }
        "PUT /api/slots/{slot}/answer" => {
            json!({ "submission": "sub_walls0001", "fence": 9, "answer": {}, "active_ms": 1 })
        }
        "PUT /api/slots/{slot}/review" => {
            json!({ "submission": "sub_walls0001", "fence": 9, "verdict": "accept", "active_ms": 1 })
        }
        "PUT /api/slots/{slot}/adjudication" => {
            json!({ "submission": "sub_walls0001", "fence": 9, "answer": {}, "active_ms": 1 })
        }
        "POST /api/projects/{project}/backends" => {
            json!({ "name": unique, "kind": "local", "model": "nanodet" })
        }
        "PATCH /api/backends/{backend}" => json!({ "name": unique }),
        "POST /api/backends/{backend}/fetch" => json!({ "batch": 1 }),
        "POST /api/slots/{slot}/prompts" => {
            json!({ "fence": 9, "backend": domain::BackendId(1) })
        }
        "POST /api/slots/{slot}/skip" => json!({ "fence": 9, "reason": "unclear" }),
        "POST /api/slots/{slot}/heartbeat" | "POST /api/slots/{slot}/release" => {
            json!({ "fence": 9 })
        }
        _ => Value::Null,
    };
    if !known.is_null() {
        return known;
    }
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if schema.is_null() { Value::Null } else { schema::sample(document, schema) }
}

/// Everybody who knocks, the least mighty first.
const KNOCKERS: [&str; 16] = [
    "nobody", "revoked", "stranger", "operator", "other", "test-key", "k-view", "k-cont", "k-revi",
    "k-mana", "viewer", "contrib", "reviewer", "manager", "owner", "holder",
];

/// Programs, who outlive what they do.
async fn programs(world: &World) -> BTreeMap<&'static str, Caller> {
    let owner = world.owner();
    let gone = json!({ "name": "gone", "mode": "live", "role": "manager" });
    let (_, key) = owner.post("/api/keys", gone).await;
    let path = format!("/api/keys/{}", key["id"].as_str().unwrap());
    assert_eq!(owner.delete(&path).await.0, StatusCode::NO_CONTENT);
    let bearer = format!("Bearer {}", key["secret"].as_str().unwrap());
    [
        ("revoked", world.nobody().with("authorization", &bearer)),
        ("test-key", world.key(Role::Manager, Mode::Test).await),
        ("k-view", world.key(Role::Viewer, Mode::Live).await),
        ("k-cont", world.key(Role::Contributor, Mode::Live).await),
        ("k-revi", world.key(Role::Reviewer, Mode::Live).await),
        ("k-mana", world.key(Role::Manager, Mode::Live).await),
    ]
    .into()
}

/// People are made anew for each call: some calls end a session, or more.
async fn person(world: &World, objects: &Objects, other: OrganizationId, who: &str) -> Caller {
    match who {
        "holder" => world.sign_in(objects.holder, Some(world.organization)).await,
        "nobody" => world.nobody(),
        "stranger" => world.stranger().await,
        "operator" => world.operator().await,
        "other" => world.user_of(other, Role::Owner).await,
        "viewer" => world.user(Role::Viewer).await,
        "contrib" => world.user(Role::Contributor).await,
        "reviewer" => world.user(Role::Reviewer).await,
        "manager" => world.user(Role::Manager).await,
        "owner" => world.user(Role::Owner).await,
        unknown => unreachable!("{unknown}"),
    }
}

/// Whether a call got past the walls, whatever it found behind them.
fn reaches(status: StatusCode) -> bool {
    status.is_success() || matches!(status.as_u16(), 409 | 416 | 422 | 429)
}

/// Routes behind which this test has nothing yet. The list may only shrink.
const UNREACHED: [&str; 1] = [
    // One's own sessions, which `people.rs` ends.
    "DELETE /api/sessions/{session}",
];

/// Streams do not end by themselves, and would hold the test up.
fn is_stream(path: &str) -> bool {
    matches!(path, "/api/live" | "/api/inbox/live")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_by_everybody() {
    let world = World::new().await;
    let other = world.organization("Other").await;
    let objects = Objects::new(&world).await;
    let programs = programs(&world).await;
    let document = serde_json::to_value(server::openapi()).unwrap();
    let mut table = format!("{:58}", "route");
    KNOCKERS.iter().for_each(|who| table += &format!(" {who:>8}"));
    table += "\n";
    let mut wrong = Vec::new();

    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let route = format!("{method} {path}");
            let mut row = format!("{route:58}");
            let mut reached = false;
            for who in KNOCKERS {
                let caller = match programs.get(who) {
                    Some(program) => program.clone(),
                    None => person(&world, &objects, other, who).await,
                };
                let filled = match objects.fill(&world, path).await {
                    Ok(filled) => filled,
                    Err(name) => {
                        wrong.push(format!("{route}: walls.rs has no {name}; add one to Objects"));
                        break;
                    }
                };
                let query = match path.as_str() {
                    "/api/tasks" | "/api/jobs" | "/api/live" => {
                        format!("?project={}", objects.fixed["project"])
                    }
                    "/api/inbox/live" => format!("?answer={}", objects.fixed["answer"]),
                    _ => String::new(),
                };
                let sent = body(&world, &objects, &document, &route, operation);
                let text = if sent.is_null() { String::new() } else { sent.to_string() };
                let at = format!("{filled}{query}");
                let caller = caller.with("upload-offset", "0");
                let (status, answer) = if is_stream(path) {
                    (caller.status(method.clone(), &at).await, Value::Null)
                } else {
                    let reply = caller.send(method.clone(), &at, text).await;
                    (reply.status, reply.json())
                };
                wrong.extend(judge(&route, who, &objects, status, &answer));
                reached |= reaches(status);
                // What a door answers that is open to all depends on what is thrown at it.
                let shown =
                    if is_open(&route) { "open".into() } else { status.as_u16().to_string() };
                row += &format!(" {shown:>8}");
            }
            if !reached && !is_open(&route) && !UNREACHED.contains(&route.as_str()) {
                wrong.push(format!("{route}: nobody gets through, so that nothing is proven"));
            }
            table += &format!("{}\n", row.trim_end());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    compare(&table);
}

/// Doors that stand open to people without a session.
fn is_open(route: &str) -> bool {
    let open = [
        "/api/setup",
        "/api/setup/claim",
        "/api/sign-up",
        "/api/invitations/open",
        "/api/invitations/accept",
        // Whoever has the pass: `backends.rs` knocks with others.
        "/api/lent/{pass}",
    ];
    let (_, path) = route.split_once(' ').unwrap();
    open.contains(&path) || route == "POST /api/session"
}

/// Doors of a person, whatever organization they are in.
fn is_personal(route: &str) -> bool {
    let (_, path) = route.split_once(' ').unwrap();
    ["/api/session", "/api/sessions", "/api/sessions/{session}", "/api/password"].contains(&path)
}

/// What the table must never say.
fn judge(
    route: &str,
    who: &str,
    objects: &Objects,
    status: StatusCode,
    body: &Value,
) -> Option<String> {
    let number = status.as_u16();
    if number >= 500 {
        return Some(format!("{route}: {who} breaks it: {body}"));
    }
    if is_open(route) {
        return None;
    }
    let is_outside = matches!(who, "nobody" | "revoked");
    if is_outside && number != 401 {
        return Some(format!("{route}: {who} gets {number}"));
    }
    let homeless = matches!(who, "stranger" | "operator");
    let is_operators = route.ends_with(" /api/organizations");
    if homeless && !is_personal(route) && number != 403 && !(who == "operator" && is_operators) {
        return Some(format!("{route}: {who} gets {number}, and belongs nowhere"));
    }
    // Whoever names an entry means one of their own; that nobody meets those of another is told in `kept.rs`.
    let is_own = route.ends_with(" /api/kept/{entry}");
    if who == "other" && route.contains('{') && !is_own && number != 404 {
        return Some(format!("{route}: the owner of another organization gets {number}: {body}"));
    }
    // Nothing of ours is in what he is told.
    let text = body.to_string();
    let ours = ["project", "task", "item", "slot"];
    let leaks = |name: &&str| objects.fixed.get(*name).is_some_and(|id| text.contains(id));
    if who == "other" && number < 300 && ours.iter().any(leaks) {
        return Some(format!("{route}: another organization reads ours: {text}"));
    }
    None
}

fn compare(table: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/walls.txt");
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&file, table).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let row = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
    let missing: Vec<&str> =
        table.lines().filter(|line| !kept.lines().any(|known| row(known) == row(line))).collect();
    let gone: Vec<&str> =
        kept.lines().filter(|known| !table.lines().any(|line| row(known) == row(line))).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "the walls have changed; look at each row, then run with UPDATE=1\nnow:\n{}\nkept:\n{}",
        missing.join("\n"),
        gone.join("\n"),
    );
}
