//! Models that suggest: connected, asked, and never believed before a person has looked.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod loops;
mod support;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::Role;
use image::{DynamicImage, ImageFormat, RgbImage};
use loops::{Project, choice};
use serde_json::{Value, json};
use server::config::ModelFile;
use server::jobs;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Caller, MINUTE_MS, World};

const STREET: &[u8] = include_bytes!("../../../demo/street/images/test4.jpg");

/// A model that speaks the protocol, on a port of its own: it says what `says` makes of a task, and remembers every call.
#[derive(Clone)]
struct Model {
    url: String,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

type Says = Arc<dyn Fn(&Value, &Value) -> Option<Value> + Send + Sync>;

#[derive(Clone)]
struct Serving {
    calls: Arc<Mutex<Vec<(String, Value)>>>,
    says: Says,
}

impl Model {
    /// A task that `says` has nothing for makes the whole call fail.
    async fn start(says: impl Fn(&Value, &Value) -> Option<Value> + Send + Sync + 'static) -> Self {
        let calls = Arc::default();
        let serving = Serving { calls: Arc::clone(&calls), says: Arc::new(says) };
        let routes = Router::new()
            .route(
                "/health",
                get(|| async { Json(json!({ "status": "UP", "model_dir": "/tmp" })) }),
            )
            .route("/setup", post(setup))
            .route("/predict", post(predict))
            .route("/train", post(train))
            .with_state(serving);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = hyper_util::service::TowerToHyperService::new(routes.clone());
                tokio::spawn(async move {
                    // Whoever hangs up is no failure of the test.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(hyper_util::rt::TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        Self { url, calls }
    }

    fn calls(&self, path: &str) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|(at, _)| at == path).map(|(_, body)| body.clone()).collect()
    }
}

impl Serving {
    fn note(&self, path: &str, headers: &HeaderMap, mut body: Value) {
        let login = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap());
        body["login"] = json!(login);
        self.calls.lock().unwrap().push((path.into(), body));
    }
}

async fn setup(
    State(serving): State<Serving>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    serving.note("/setup", &headers, body);
    Json(json!({ "model_version": "v7" }))
}

async fn predict(
    State(serving): State<Serving>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> axum::response::Response {
    serving.note("/predict", &headers, body.clone());
    let tasks = body["tasks"].as_array().unwrap();
    let results: Option<Vec<Value>> =
        tasks.iter().map(|task| (serving.says)(task, &body["params"]["context"])).collect();
    match results {
        Some(results) => Json(json!({ "results": results, "model_version": "v7" })).into_response(),
        None => (StatusCode::INTERNAL_SERVER_ERROR, "CUDA out of memory").into_response(),
    }
}

async fn train(
    State(serving): State<Serving>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    serving.note("/train", &headers, body);
    (StatusCode::CREATED, Json(json!({ "job": "train-1" })))
}

/// A world whose operator allows this machine by name.
async fn world() -> World {
    World::configured(|config| config.allowed_hosts = vec!["127.0.0.1".into()]).await
}

async fn connect(project: &Project, new: Value) -> Value {
    let path = format!("/api/projects/{}/backends", project.id);
    let (status, body) = project.manager.post(&path, new).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().into()
}

/// Fetches, lets the workers work, and answers the finished job.
async fn fetch(world: &World, manager: &Caller, backend: &str, request: Value) -> Value {
    let (status, job) = manager.post(&format!("/api/backends/{backend}/fetch"), request).await;
    assert_eq!(status, StatusCode::OK, "{job}");
    work(world).await;
    manager.get(&format!("/api/jobs/{}", id(&job))).await.1
}

async fn work(world: &World) {
    let (app, organization) = (world.app.clone(), world.organization);
    let ran = tokio::task::spawn_blocking(move || jobs::run_pending(&app, organization));
    ran.await.unwrap().unwrap();
}

async fn bring(project: &Project, name: &str, bytes: &[u8]) {
    let new = json!({ "external_id": name, "name": name, "bytes": bytes.len() });
    let path = format!("/api/projects/{}/uploads", project.id);
    let (status, upload) = project.manager.post(&path, new).await;
    assert_eq!(status, StatusCode::OK, "{upload}");
    let path = format!("/api/uploads/{}", id(&upload));
    let sending = project.manager.clone().with("upload-offset", "0");
    assert_eq!(sending.send(Method::PATCH, &path, bytes.to_vec()).await.status, StatusCode::OK);
    let (status, body) = project.manager.post(&format!("{path}/finish"), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

fn png(width: u32, height: u32, color: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb(color(x, y)));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A box in percent, as the protocol has it.
fn region(class: &str, [x, y, width, height]: [f64; 4], score: f64) -> Value {
    json!({
        "from_name": "box", "to_name": "image", "type": "rectanglelabels", "score": score,
        "value": { "x": x, "y": y, "width": width, "height": height, "rectanglelabels": [class] },
    })
}

fn two_cars(_: &Value, _: &Value) -> Option<Value> {
    Some(json!({ "score": 0.9, "result": [
        region("Car", [10.0, 20.0, 30.0, 40.0], 0.9),
        region("truck", [50.0, 20.0, 30.0, 40.0], 0.7),
        region("sofa", [0.0, 0.0, 10.0, 10.0], 0.8),
        region("Car", [0.0, 0.0, 10.0, 10.0], 0.1),
    ] }))
}

#[tokio::test]
async fn a_model_is_connected_and_asked_about_every_task() {
    let world = world().await;
    let project = Project::new(&world, "image_boxes", json!({}), 0).await;
    bring(&project, "test4.jpg", STREET).await;
    let model = Model::start(two_cars).await;
    let secret = "a-password-of-the-model";
    let settings = json!({ "user": "ann", "password": secret, "classes": { "truck": "car" }, "at_least": 0.5 });
    let backend = connect(
        &project,
        json!({ "name": "Street", "kind": "label_studio", "url": model.url, "settings": settings }),
    )
    .await;
    assert_eq!((&backend["state"], &backend["has_secret"]), (&json!("unknown"), &json!(true)));
    let (_, checked) =
        project.manager.post(&format!("/api/backends/{}/check", id(&backend)), json!({})).await;
    assert_eq!(
        (&checked["state"], &checked["model_version"]),
        (&json!("up"), &json!("v7")),
        "{checked}"
    );
    let setup = &model.calls("/setup")[0];
    assert!(setup["schema"].as_str().unwrap().contains("<Label value=\"Person\""), "{setup}");
    assert_eq!(setup["access_token"], json!(""));

    let done = fetch(&world, &project.manager, &id(&backend), json!({})).await;
    assert_eq!(
        done["result"],
        json!({ "suggested": 1, "empty": 0, "passed": 0, "bad": 0 }),
        "{done}"
    );
    let asked = &model.calls("/predict")[0];
    assert!(asked["login"].as_str().unwrap().starts_with("Basic "), "{asked}");

    // The picture was lent: under its address for a few minutes, and only this one.
    let image = asked["tasks"][0]["data"]["image"].as_str().unwrap();
    let lent = image.strip_prefix("http://127.0.0.1:7780").unwrap().to_string();
    let nobody = world.nobody();
    let reply = nobody.send(Method::GET, &lent, "").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(image::load_from_memory(&reply.body).unwrap().width(), 1280);
    let longer = lent.replacen(".", ".9", 2);
    assert_eq!(nobody.status(Method::GET, &longer).await, StatusCode::NOT_FOUND);
    let mut broken = lent.clone();
    broken.pop();
    assert_eq!(nobody.status(Method::GET, &broken).await, StatusCode::NOT_FOUND);
    world.pass_ms(6 * MINUTE_MS);
    assert_eq!(nobody.status(Method::GET, &lent).await, StatusCode::NOT_FOUND);

    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let objects = claim["suggestion"]["objects"].as_array().unwrap();
    let told: Vec<_> = objects.iter().map(|one| (&one["class"], &one["shape"]["x"])).collect();
    assert_eq!(told, [(&json!("car"), &json!(128.0)), (&json!("car"), &json!(640.0))], "{claim}");
    assert_eq!(claim["suggested_by"]["model"], json!("Street v7"));
    assert_eq!(claim["suggested_by"]["scores"][objects[1]["id"].as_str().unwrap()], json!(0.7));

    // Asked again, it has nothing to add; asked anew, it is.
    project
        .manager
        .post(
            &format!("/api/slots/{}/release", claim["slot"].as_str().unwrap()),
            json!({ "fence": claim["fence"] }),
        )
        .await;
    let (_, list) = project.manager.get(&format!("/api/projects/{}/backends", project.id)).await;
    assert!(!list.to_string().contains(secret), "{list}");
    for file in support::files(world.folder()) {
        let bytes = std::fs::read(&file).unwrap();
        let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!is_there, "{} holds the password", file.display());
    }
}

#[tokio::test]
async fn what_fails_is_told_of_its_task() {
    let world = world().await;
    let project = Project::new(&world, "text_choice", json!({}), 5).await;
    let model = Model::start(|task, _| match task["data"]["text"].as_str().unwrap() {
        "text 2" => None,
        "text 3" => Some(json!({ "result": [{ "type": "rectanglelabels" }] })),
        "text 4" => Some(json!({ "result": [] })),
        _ => Some(json!({ "result": [{
            "from_name": "choice", "to_name": "text", "type": "choices", "value": { "choices": ["Positive"] },
        }] })),
    })
    .await;
    let new = json!({ "name": "Moods", "kind": "label_studio", "url": model.url });
    let backend = id(&connect(&project, new).await);
    let done = fetch(&world, &project.manager, &backend, json!({ "batch": 3 })).await;
    assert_eq!(
        (&done["state"], &done["result"]),
        (&json!("done"), &json!({ "suggested": 2, "empty": 1, "passed": 0, "bad": 2 })),
        "{done}"
    );
    let path = format!("/api/jobs/{}/errors", id(&done));
    let errors = project.manager.send(Method::GET, &path, "").await;
    let errors = String::from_utf8(errors.body.to_vec()).unwrap();
    assert!(errors.contains("not_predicted") && errors.contains("CUDA out of memory"), "{errors}");
    assert!(errors.contains("missing_field") && errors.contains("item-000003"), "{errors}");

    // Gold is suggested for like any other: without, it would be told from the others.
    let task = project.first().await;
    let gold = json!({ "task": task, "answer": choice("positive") });
    let path = format!("/api/projects/{}/gold", project.id);
    let (status, made) = project.manager.post(&path, gold).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let done =
        fetch(&world, &project.manager, &backend, json!({ "again": true, "batch": 1 })).await;
    assert_eq!(
        (&done["result"]["suggested"], &done["result"]["empty"]),
        (&json!(2), &json!(1)),
        "{done}"
    );

    // Begun anew, it asks only about those that have no suggestion yet.
    let before = model.calls("/predict").len();
    let done = fetch(&world, &project.manager, &backend, json!({ "batch": 1 })).await;
    assert_eq!(
        (&done["result"]["bad"], model.calls("/predict").len() - before),
        (&json!(2), 3),
        "{done}"
    );
    let done = fetch(&world, &project.manager, &backend, json!({ "again": true })).await;
    assert_eq!(done["result"]["suggested"], json!(2), "{done}");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_told_and_a_private_one_is_refused() {
    let world = world().await;
    let project = Project::new(&world, "text_choice", json!({}), 20).await;
    let path = format!("/api/projects/{}/backends", project.id);
    for (url, code) in [
        ("http://10.0.0.7:9090", "unsafe_url"),
        ("http://169.254.169.254/", "unsafe_url"),
        ("https://user:secret@models.example.org", "unsafe_url"),
        ("http://models.example.org", "unsafe_url"),
        ("file:///etc/passwd", "unsafe_url"),
    ] {
        let new = json!({ "name": "Far", "kind": "label_studio", "url": url });
        let (status, body) = project.manager.post(&path, new).await;
        let problem = &body["error"]["problems"][0]["code"];
        assert_eq!((status, problem), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)), "{url}");
    }
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let new = json!({ "name": "Gone", "kind": "label_studio", "url": format!("http://{gone}") });
    let backend = id(&connect(&project, new).await);
    let (_, checked) =
        project.manager.post(&format!("/api/backends/{backend}/check"), json!({})).await;
    assert_eq!(checked["state"], json!("down"), "{checked}");
    assert!(checked["problem"].as_str().unwrap().contains("could not be reached"), "{checked}");
    let done = fetch(&world, &project.manager, &backend, json!({})).await;
    assert_eq!(done["state"], json!("failed"), "{done}");

    // One that breaks in the middle ends the job after three calls, with its own words.
    let broken = Model::start(|_, _| None).await;
    let new = json!({ "name": "Broken", "kind": "label_studio", "url": broken.url });
    let backend = id(&connect(&project, new).await);
    let done = fetch(&world, &project.manager, &backend, json!({ "batch": 2 })).await;
    assert_eq!(done["state"], json!("failed"), "{done}");
    assert!(done["message"].as_str().unwrap().contains("CUDA out of memory"), "{done}");
    assert_eq!(broken.calls("/predict").len(), 9);
}

#[tokio::test]
async fn a_job_that_is_put_down_goes_on_where_it_was() {
    let world = world().await;
    let project = Project::new(&world, "text_choice", json!({}), 40).await;
    let model = Model::start(|_, _| {
        std::thread::sleep(Duration::from_millis(4));
        Some(json!({ "result": [] }))
    })
    .await;
    let new = json!({ "name": "Slow", "kind": "label_studio", "url": model.url });
    let backend = id(&connect(&project, new).await);
    let runner = jobs::start(&world.app);
    let path = format!("/api/backends/{backend}/fetch");
    let (_, job) = project.manager.post(&path, json!({ "batch": 1 })).await;
    while model.calls("/predict").len() < 5 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::task::spawn_blocking(move || runner.stop()).await.unwrap();
    let asked = model.calls("/predict").len();
    assert!(asked < 40, "it was done before it was put down");
    work(&world).await;
    let (_, done) = project.manager.get(&format!("/api/jobs/{}", id(&job))).await;
    assert_eq!(
        (&done["state"], &done["result"]["empty"], &done["done"]),
        (&json!("done"), &json!(40), &json!(40)),
        "{done}"
    );
    // At most the one call that was on its way is made twice.
    assert!(model.calls("/predict").len() <= 41, "{} calls", model.calls("/predict").len());

    let (_, job) = project.manager.post(&path, json!({ "batch": 1, "again": true })).await;
    project.manager.post(&format!("/api/jobs/{}/cancel", id(&job)), json!({})).await;
    work(&world).await;
    let (_, canceled) = project.manager.get(&format!("/api/jobs/{}", id(&job))).await;
    assert_eq!(canceled["state"], json!("canceled"), "{canceled}");
}

#[tokio::test]
async fn whoever_holds_a_task_points_and_what_became_of_it_is_known() {
    let world = world().await;
    let project = Project::new(&world, "image_boxes", json!({}), 0).await;
    bring(&project, "test4.jpg", STREET).await;
    let model = Model::start(|_, context| {
        let Some(prompt) = context["result"].get(0) else { return two_cars(&json!({}), context) };
        let at = |key: &str| prompt["value"][key].as_f64().unwrap();
        let bounds = [at("x"), at("y"), 10.0, 10.0];
        Some(json!({ "result": [region("Person", bounds, 0.6)] }))
    })
    .await;
    let new = json!({ "name": "Pointer", "kind": "label_studio", "url": model.url, "settings": { "pictures": "inline" } });
    let backend = id(&connect(&project, new).await);
    fetch(&world, &project.manager, &backend, json!({})).await;
    let image = &model.calls("/predict")[0]["tasks"][0]["data"]["image"];
    assert!(image.as_str().unwrap().starts_with("data:image/jpeg;base64,"));

    let ann = world.user(Role::Contributor).await;
    let (_, prompters) = ann.get(&format!("/api/projects/{}/prompters", project.id)).await;
    assert_eq!(
        prompters["items"],
        json!([{ "id": backend, "name": "Pointer", "takes": ["picture", "box", "point"] }])
    );
    let claim = project.claim(&ann, "label").await.unwrap();
    let (slot, fence) = (claim["slot"].as_str().unwrap(), claim["fence"].as_i64().unwrap());
    let path = format!("/api/slots/{slot}/prompts");
    let ask = |more: Value| {
        let mut request = json!({ "fence": fence, "backend": backend });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let (status, told) = ann
        .post(
            &path,
            ask(json!({ "class": "person", "points": [{ "x": 640, "y": 360, "inside": true }] })),
        )
        .await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let context = &model.calls("/predict").pop().unwrap()["params"]["context"]["result"][0];
    assert_eq!(
        (&context["type"], &context["value"]["x"], &context["value"]["keypointlabels"]),
        (&json!("keypointlabels"), &json!(50.0), &json!(["Person"]))
    );
    let object = &told["suggestion"]["objects"][0];
    assert_eq!(
        (&object["class"], &object["shape"]["x"]),
        (&json!("person"), &json!(640.0)),
        "{told}"
    );
    let (status, _) = ann.post(&path, ask(json!({ "box": [100, 100, 5000, 50] }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, boxed) = ann.post(&path, ask(json!({ "box": [64, 72, 640, 360] }))).await;
    assert_eq!(status, StatusCode::OK, "{boxed}");
    let context = &model.calls("/predict").pop().unwrap()["params"]["context"]["result"][0];
    assert_eq!(
        (&context["value"]["width"], &context["type"]),
        (&json!(50.0), &json!("rectanglelabels"))
    );
    // Nobody else asks about it.
    let ben = world.user(Role::Contributor).await;
    assert_eq!(ben.post(&path, ask(json!({}))).await.0, StatusCode::NOT_FOUND);

    // She keeps one, turns another into something else, takes what she asked for, and adds one of her own.
    let mut objects = claim["suggestion"]["objects"].as_array().unwrap().clone();
    objects.truncate(2);
    objects[1]["class"] = json!("sign");
    objects.push(object.clone());
    objects.push(json!({ "id": "own", "class": "car", "shape": { "type": "box", "x": 1, "y": 1, "width": 9, "height": 9 } }));
    let answer = json!({ "submission": loops::submission(), "fence": fence, "answer": { "objects": objects } });
    let (status, receipt) = ann.put(&format!("/api/slots/{slot}/answer"), answer).await;
    assert_eq!(status, StatusCode::OK, "{receipt}");
    let task = claim["task"].as_str().unwrap();
    let (_, told) = project.manager.get(&format!("/api/tasks/{task}/suggestions")).await;
    let fates: Vec<Vec<&str>> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let outcomes = one["answers"][0]["outcomes"].as_array().unwrap();
            outcomes.iter().map(|outcome| outcome["fate"].as_str().unwrap()).collect()
        })
        .collect();
    assert_eq!(fates, [vec!["kept", "changed"], vec!["kept"], vec!["rejected"]], "{told}");
    assert_eq!(told["items"][0]["answers"][0]["outcomes"][1]["changed"], json!(["class"]));
    let (_, told) = project.manager.get(&format!("/api/projects/{}/outcomes", project.id)).await;
    let all = &told["items"][0];
    assert_eq!(
        (&all["model"], &all["kept"], &all["changed"], &all["rejected"]),
        (&json!("Pointer v7"), &json!(2), &json!(1), &json!(1)),
        "{told}"
    );
    assert_eq!(ann.get(&format!("/api/tasks/{task}/suggestions")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn under_an_adaptive_plan_a_model_is_an_annotator() {
    let world = world().await;
    let plan = json!({ "quality": { "kind": "adaptive", "target": 0.9, "min": 1, "max": 5 } });
    let project = Project::new(&world, "text_choice", plan, 4).await;
    let model = Model::start(|task, _| {
        let is_odd = task["data"]["text"].as_str().unwrap().ends_with(['1', '3']);
        let said = if is_odd { "Positive" } else { "Negative" };
        Some(json!({ "result": [{
            "from_name": "choice", "to_name": "text", "type": "choices", "value": { "choices": [said] },
        }] }))
    })
    .await;
    let new = json!({ "name": "Moods", "kind": "label_studio", "url": model.url });
    let backend = id(&connect(&project, new).await);
    let done =
        fetch(&world, &project.manager, &backend, json!({ "as": "opinions", "batch": 2 })).await;
    assert_eq!(done["result"]["suggested"], json!(4), "{done}");
    let task = project.task(&project.first().await).await;
    assert_eq!(task["answers"][0]["answer"], choice("positive"), "{task}");
    let again = fetch(&world, &project.manager, &backend, json!({ "as": "opinions" })).await;
    assert_eq!(
        (&again["result"]["suggested"], &again["result"]["bad"]),
        (&json!(0), &json!(0)),
        "{again}"
    );
    // Nobody who labels sees it.
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    assert_eq!(claim["suggestion"], json!(null));

    let fixed = Project::new(&world, "text_choice", json!({}), 1).await;
    let new = json!({ "name": "Moods", "kind": "label_studio", "url": model.url });
    let backend = id(&connect(&fixed, new).await);
    let path = format!("/api/backends/{backend}/fetch");
    let (status, refused) = fixed.manager.post(&path, json!({ "as": "opinions" })).await;
    assert_eq!(
        (status, support::code(&refused)),
        (StatusCode::CONFLICT, "not_adaptive"),
        "{refused}"
    );
}

#[tokio::test]
async fn labels_are_handed_over_to_learn_from() {
    let world = world().await;
    let project = Project::new(&world, "text_choice", json!({}), 3).await;
    let ann = world.user(Role::Contributor).await;
    project.label(&ann, choice("positive")).await;
    project.label(&ann, choice("negative")).await;
    let model = Model::start(|_, _| None).await;
    let new = json!({ "name": "Pupil", "kind": "label_studio", "url": model.url, "settings": { "token": "t0ken" } });
    let backend = id(&connect(&project, new).await);
    let (status, job) =
        project.manager.post(&format!("/api/backends/{backend}/train"), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{job}");
    work(&world).await;
    let (_, done) = project.manager.get(&format!("/api/jobs/{}", id(&job))).await;
    assert_eq!(done["result"], json!({ "labels": 2, "left": 0, "job": "train-1" }), "{done}");
    let call = &model.calls("/train")[0];
    assert_eq!(call["login"], json!("Bearer t0ken"));
    let said = &call["annotations"][0];
    assert_eq!(said["data"]["text"], json!("text 1"));
    assert_eq!(
        said["annotations"][0]["result"][0]["value"]["choices"],
        json!(["Positive"]),
        "{call}"
    );
}

#[tokio::test]
async fn all_labels_go_into_one_training_however_many_pages_they_are() {
    let world = world().await;
    let many = domain::limits::PAGE_MAX as usize + 10;
    let project = Project::new(&world, "text_choice", json!({}), many).await;
    let ann = world.user(Role::Contributor).await;
    for _ in 0..many {
        project.label(&ann, choice("positive")).await;
    }
    let model = Model::start(|_, _| None).await;
    let new = json!({ "name": "Pupil", "kind": "label_studio", "url": model.url });
    let backend = id(&connect(&project, new).await);
    let (_, job) = project.manager.post(&format!("/api/backends/{backend}/train"), json!({})).await;
    work(&world).await;
    let (_, done) = project.manager.get(&format!("/api/jobs/{}", id(&job))).await;
    assert_eq!(done["result"], json!({ "labels": many, "left": 0, "job": "train-1" }), "{done}");
    let calls = model.calls("/train");
    assert_eq!(calls.len(), 1);
    let texts: std::collections::BTreeSet<_> = calls[0]["annotations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["data"]["text"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(texts.len(), many, "each of them once");
}

#[tokio::test]
async fn the_built_in_detector_suggests_for_a_whole_project_and_for_one_picture() {
    let world = World::new().await;
    let project = Project::new(&world, "image_boxes", json!({}), 0).await;
    bring(&project, "test4.jpg", STREET).await;
    bring(&project, "grey.png", &png(64, 64, |_, _| [90, 90, 90])).await;
    let (_, models) = project.manager.get("/api/models").await;
    let built_in = &models["items"][0];
    assert_eq!((&built_in["name"], &built_in["classes"][2]), (&json!("nanodet"), &json!("car")));
    let settings = json!({ "classes": { "truck": "car", "bus": null } });
    let new =
        json!({ "name": "Built-in", "kind": "local", "model": "nanodet", "settings": settings });
    let backend = id(&connect(&project, new).await);
    let (_, checked) =
        project.manager.post(&format!("/api/backends/{backend}/check"), json!({})).await;
    assert_eq!(checked["state"], json!("up"), "{checked}");
    let done = fetch(&world, &project.manager, &backend, json!({})).await;
    assert_eq!(
        done["result"],
        json!({ "suggested": 1, "empty": 1, "passed": 0, "bad": 0 }),
        "{done}"
    );
    let ann = world.user(Role::Contributor).await;
    let claim = project.claim(&ann, "label").await.unwrap();
    let objects = claim["suggestion"]["objects"].as_array().unwrap();
    assert_eq!(objects.len(), 2, "{objects:?}");
    for (object, x) in objects.iter().zip([1042.0, 814.0]) {
        assert_eq!(object["class"], json!("car"));
        let far = objects.iter().map(|one| (one["shape"]["x"].as_f64().unwrap() - x).abs());
        assert!(far.fold(f64::MAX, f64::min) < 4.0, "{objects:?}");
    }
    // Pointed at, it says what is there.
    let (slot, fence) = (claim["slot"].as_str().unwrap(), &claim["fence"]);
    let request = json!({ "fence": fence, "backend": backend, "points": [{ "x": 880, "y": 450 }] });
    let (status, told) = ann.post(&format!("/api/slots/{slot}/prompts"), request).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let objects = told["suggestion"]["objects"].as_array().unwrap();
    assert_eq!((objects.len(), &objects[0]["class"]), (1, &json!("car")), "{told}");
    assert_eq!(told["model"], json!("Built-in nanodet"));
}

#[tokio::test]
async fn an_operator_brings_a_detector_and_a_segmenter() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let world = World::configured(|config| {
        config.models = vec![
            ModelFile::Detector { name: "colours".into(), file: data.join("colours.onnx") },
            ModelFile::Segmenter {
                name: "bright".into(),
                encoder: data.join("bright_encoder.onnx"),
                decoder: data.join("bright_decoder.onnx"),
            },
            ModelFile::Detector { name: "broken".into(), file: data.join("colours.names") },
        ];
    })
    .await;
    let boxes = Project::new(&world, "image_boxes", json!({}), 0).await;
    let corners = png(64, 64, |x, y| match (x < 32, y < 32) {
        (true, true) => [255, 0, 0],
        (false, false) => [0, 255, 0],
        _ => [0, 0, 0],
    });
    bring(&boxes, "corners.png", &corners).await;
    let settings = json!({ "classes": { "red thing": "car", "green thing": "sign" } });
    let new =
        json!({ "name": "Colours", "kind": "local", "model": "colours", "settings": settings });
    let backend = id(&connect(&boxes, new).await);
    let done = fetch(&world, &boxes.manager, &backend, json!({})).await;
    assert_eq!(done["result"]["suggested"], json!(1), "{done}");
    let ann = world.user(Role::Contributor).await;
    let claim = boxes.claim(&ann, "label").await.unwrap();
    let mut told: Vec<String> = claim["suggestion"]["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {}", one["class"], one["shape"]["x"], one["shape"]["width"]))
        .collect();
    told.sort();
    assert_eq!(told, ["\"car\" 0.0 32.0", "\"sign\" 32.0 32.0"], "{claim}");

    let outlines = Project::new(&world, "image_polygons", json!({}), 0).await;
    let square = png(64, 64, |x, y| {
        let inside = (16..48).contains(&x) && (16..48).contains(&y);
        if inside { [250, 250, 250] } else { [10, 10, 10] }
    });
    bring(&outlines, "square.png", &square).await;
    let new = json!({ "name": "Bright", "kind": "local", "model": "bright", "settings": { "at_least": 0 } });
    let backend = id(&connect(&outlines, new).await);
    let claim = outlines.claim(&ann, "label").await.unwrap();
    let (slot, fence) = (claim["slot"].as_str().unwrap(), &claim["fence"]);
    let request = json!({ "fence": fence, "backend": backend, "class": "person", "points": [{ "x": 32, "y": 32 }] });
    let (status, told) = ann.post(&format!("/api/slots/{slot}/prompts"), request).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let object = &told["suggestion"]["objects"][0];
    assert_eq!(object["class"], json!("person"));
    assert_eq!(
        object["shape"]["points"],
        json!([[16.0, 16.0], [48.0, 16.0], [48.0, 48.0], [16.0, 48.0]])
    );
    assert_eq!(told["scores"][object["id"].as_str().unwrap()], json!(0.5), "{told}");

    let new = json!({ "name": "Broken", "kind": "local", "model": "broken" });
    let backend = id(&connect(&outlines, new).await);
    let (_, checked) =
        outlines.manager.post(&format!("/api/backends/{backend}/check"), json!({})).await;
    assert_eq!(checked["state"], json!("down"), "{checked}");
}
