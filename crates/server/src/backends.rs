//! Models that suggest: a backend that speaks Label Studio's protocol, or a model of this process.
//!
//! | Door | Command |
//! |---|---|
//! | `GET, POST /api/projects/{project}/backends`, `PATCH, DELETE /api/backends/{backend}` | who is asked, and how |
//! | `POST /api/backends/{backend}/check` | [`check`]: is it there, and which version of it? |
//! | `POST /api/backends/{backend}/fetch` | [`fetch`]: a job that asks about every task |
//! | `POST /api/backends/{backend}/train` | [`train`]: a job that hands over labels to learn from |
//! | `GET /api/projects/{project}/prompters`, `POST /api/slots/{slot}/prompts` | [`prompt`]: asks about the task in one's hands |
//! | `GET /api/projects/{project}/outcomes`, `GET /api/tasks/{task}/suggestions` | what was suggested, and what became of it |
//! | `GET /api/lent/{pass}` | a picture that a model was told of, for a few minutes |
//!
//! - **P1** What a model says is a suggestion: a person takes, changes or turns down each object, and nothing of it is in
//!   an answer before that (G1). Under an adaptive plan it may instead be an opinion of its own, which nobody is shown
//!   (N2), with a confusion matrix of its own.
//! - **P2** What came with the data, and what somebody has begun, is never suggested over.
//! - **P3** Whoever lets us in at a model is sealed, and told to nobody.

pub(crate) mod asking;
mod fetching;
mod label_studio;
mod outcomes;
mod prompts;
mod training;

use crate::auth::{Can, ManageProjects};
use crate::intake::{AnswersAs, Gate};
use crate::jobs::{self, JobBody};
use crate::projects::visible;
use crate::wire::{Body, Page, Time, id};
use crate::{App, Cx, Error, Result, renditions};
use asking::Asking;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::ontology::Ontology;
use domain::people::{Mode, Role};
use domain::projects::Media;
use domain::{Actor, BackendId, PersonId, ProjectId, limits};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use store::{BackendRow, PassWords, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use fetching::{FetchAs, FetchRequest};
pub(crate) use fetching::{KIND as FETCH_KIND, run as run_fetch};
pub use outcomes::{ModelOutcomes, TaskSuggestion, of_project, of_task};
pub use prompts::{PromptBody, PromptRequest, Prompter, prompt};
pub(crate) use training::{KIND as TRAIN_KIND, run as run_training};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_backends, post_backend))
        .routes(routes!(patch_backend, delete_backend))
        .routes(routes!(post_check))
        .routes(routes!(post_fetch))
        .routes(routes!(post_train))
        .routes(routes!(get_models))
        .routes(routes!(get_lent))
        .merge(prompts::router())
        .merge(outcomes::router())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Reached over HTTP; speaks Label Studio's protocol.
    LabelStudio,
    /// A model of this installation.
    Local,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::LabelStudio => "label_studio",
            Kind::Local => "local",
        }
    }

    fn of(backend: &BackendRow) -> Result<Self> {
        match backend.kind.as_str() {
            "label_studio" => Ok(Kind::LabelStudio),
            "local" => Ok(Kind::Local),
            other => Err(Error::Internal(format!("a model of the kind {other}"))),
        }
    }
}

/// How a model gets to see a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pictures {
    /// Under an address that opens this one picture for a few minutes.
    #[default]
    Lent,
    /// In the call itself, as a data URL.
    Inline,
}

/// What opens the door of a model.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auth {
    Basic { user: String, password: String },
    Token { token: String },
}

/// How a model is reached, and what is made of what it says: sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Setup {
    #[serde(default)]
    url: String,
    /// Of this installation.
    #[serde(default)]
    model: String,
    #[serde(default)]
    auth: Option<Auth>,
    #[serde(default)]
    pictures: Pictures,
    /// What its classes become: the key of a class, or nothing where they are left out. The others are found by name.
    #[serde(default)]
    classes: BTreeMap<String, Option<String>>,
    #[serde(default)]
    at_least: f64,
    #[serde(default)]
    prompts: bool,
}

/// A model on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BackendBody {
    pub id: String,
    pub project: String,
    pub name: String,
    pub kind: Kind,
    pub url: Option<String>,
    /// Of this installation: `GET /api/models`.
    pub model: Option<String>,
    /// The user of a basic login.
    pub user: Option<String>,
    /// Whether a password or a token is kept; neither is ever told.
    pub has_secret: bool,
    pub pictures: Pictures,
    pub classes: BTreeMap<String, Option<String>>,
    pub at_least: f64,
    /// Whether those who label may ask it about the task in their hands.
    pub prompts: bool,
    /// `unknown`, `up` or `down`, when it was last asked.
    pub state: String,
    pub model_version: Option<String>,
    /// Why it is down.
    pub problem: Option<String>,
    pub checked_at: Option<Time>,
    pub created_at: Time,
}

pub(crate) fn body(backend: &BackendRow) -> Result<BackendBody> {
    let setup: Setup = serde_json::from_value(backend.setup.clone())?;
    let text = |text: String| (!text.is_empty()).then_some(text);
    Ok(BackendBody {
        id: backend.id.to_string(),
        project: backend.project.to_string(),
        name: backend.name.clone(),
        kind: Kind::of(backend)?,
        url: text(setup.url),
        model: text(setup.model),
        has_secret: setup.auth.is_some(),
        user: match setup.auth {
            Some(Auth::Basic { user, .. }) => Some(user),
            Some(Auth::Token { .. }) | None => None,
        },
        pictures: setup.pictures,
        classes: setup.classes,
        at_least: setup.at_least,
        prompts: setup.prompts,
        state: backend.state.clone(),
        model_version: backend.model_version.clone(),
        problem: backend.problem.clone(),
        checked_at: backend.checked_at.map(Time),
        created_at: backend.created_at.into(),
    })
}

/// A model of this installation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LocalModelBody {
    pub name: String,
    /// `detector` or `segmenter`.
    pub kind: String,
    pub classes: Vec<String>,
    pub about: String,
}

#[utoipa::path(get, path = "/api/models", tag = "models", responses((status = 200, body = Page<LocalModelBody>)))]
async fn get_models(cx: Can<ManageProjects>) -> Result<Json<Page<LocalModelBody>>> {
    let items = cx.app.local.all().map(|about| LocalModelBody {
        name: about.name.clone(),
        kind: about.kind.into(),
        classes: about.classes.clone(),
        about: about.about.clone(),
    });
    Ok(Json(Page { items: items.collect(), next_cursor: None }))
}

#[utoipa::path(get, path = "/api/projects/{project}/backends", tag = "models", params(("project" = String, Path)), responses((status = 200, body = Page<BackendBody>)))]
async fn get_backends(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
) -> Result<Json<Page<BackendBody>>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let rows = cx
        .read(move |tx| {
            visible(tx, &inner, project)?;
            Ok(tx.backends_of(project)?)
        })
        .await?;
    let items = rows.iter().map(body).collect::<Result<_>>()?;
    Ok(Json(Page { items, next_cursor: None }))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBackend {
    pub name: String,
    pub kind: Kind,
    /// Where it is reached; of the kind `label_studio`.
    #[serde(default)]
    pub url: Option<String>,
    /// Its name in `GET /api/models`; of the kind `local`.
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub settings: Settings,
}

/// What may be changed later, too; what is not given stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Of a basic login; with an empty text there is none.
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub password: Option<String>,
    /// Sent as a bearer token; with an empty text there is none.
    #[serde(default)]
    pub token: Option<String>,
    #[serde(default)]
    pub pictures: Option<Pictures>,
    /// What its classes become: the key of a class, or null where they are left out. The others are found by name.
    #[serde(default)]
    pub classes: Option<BTreeMap<String, Option<String>>>,
    /// What it is less sure of is left out, 0 to 1.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// Whether those who label may ask it about the task in their hands.
    #[serde(default)]
    pub prompts: Option<bool>,
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBackend {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub settings: Settings,
}

/// How sure a detector must be, unless told: at this the built-in one errs about as often in either direction.
const AT_LEAST_DEFAULT: f64 = 0.4;

fn checked_url(app: &App, url: &str) -> Result<String> {
    let wrong = |message: String| Error::invalid("url", "unsafe_url", message);
    let parsed = app.outbound.check(url).map_err(|refusal| wrong(refusal.to_string()))?;
    let host = parsed.host_str().unwrap_or_default();
    let is_allowed = app.config.allowed_hosts.iter().any(|one| one.eq_ignore_ascii_case(host));
    if parsed.scheme() == "https" || is_allowed {
        Ok(url.trim().trim_end_matches('/').to_owned())
    } else {
        Err(wrong(
            "the address begins with https://, unless the operator allows its host by name".into(),
        ))
    }
}

impl Setup {
    fn change(&mut self, settings: &Settings, ontology: &Ontology) -> Result<()> {
        let kept = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match (&settings.token, &settings.user, &settings.password) {
            (Some(token), ..) if !token.is_empty() => {
                self.auth = Some(Auth::Token { token: token.clone() });
            }
            (_, Some(user), password) if !user.is_empty() => {
                let before = match self.auth.take() {
                    Some(Auth::Basic { password, .. }) => password,
                    Some(Auth::Token { .. }) | None => String::new(),
                };
                let password = kept(password).unwrap_or(before);
                self.auth = Some(Auth::Basic { user: user.clone(), password });
            }
            (Some(_), ..) | (_, Some(_), _) => self.auth = None,
            (None, None, Some(password)) if !password.is_empty() => {
                return Err(Error::invalid("user", "missing_field", "a password needs its user"));
            }
            (None, None, _) => {}
        }
        if let Some(classes) = &settings.classes {
            for (name, key) in classes {
                if let Some(key) = key
                    && ontology.class(key).is_none()
                {
                    let message = format!("there is no class {key}");
                    return Err(Error::invalid(
                        &format!("classes.{name}"),
                        "unknown_class",
                        message,
                    ));
                }
            }
            self.classes = classes.clone();
        }
        if let Some(at_least) = settings.at_least {
            if !(0.0..=1.0).contains(&at_least) {
                return Err(Error::invalid("at_least", "out_of_range", "a number from 0 to 1"));
            }
            self.at_least = at_least;
        }
        self.pictures = settings.pictures.unwrap_or(self.pictures);
        self.prompts = settings.prompts.unwrap_or(self.prompts);
        Ok(())
    }
}

/// Connects a project with a model.
pub async fn add(cx: &Cx, project: ProjectId, request: NewBackend) -> Result<BackendBody> {
    let name = crate::people::checked_name("name", &request.name)?;
    let missing = |field: &str, message: &str| Error::invalid(field, "missing_field", message);
    let (url, model) = match request.kind {
        Kind::LabelStudio => {
            let url =
                request.url.as_deref().ok_or_else(|| missing("url", "where is it reached?"))?;
            (checked_url(&cx.app, url)?, String::new())
        }
        Kind::Local => {
            let model =
                request.model.clone().ok_or_else(|| missing("model", "which model is it?"))?;
            if cx.app.local.about(&model).is_none() {
                let message = format!("this installation has no model “{model}”");
                return Err(Error::invalid("model", "unknown_value", message));
            }
            (String::new(), model)
        }
    };
    let inner = cx.clone();
    cx.write(&request.clone(), move |tx| {
        let project = visible(tx, &inner, project)?;
        if !matches!(project.question.media, Media::Image | Media::Text) {
            let message = "models are asked about pictures and texts";
            return Err(Error::invalid("project", "wrong_media", message));
        }
        if tx.backends_of(project.id)?.len() >= limits::BACKENDS_MAX {
            return Err(Error::refused("too_many_models", "a project asks at most 20 models"));
        }
        let mut setup = Setup {
            url: url.clone(),
            model: model.clone(),
            auth: None,
            pictures: Pictures::default(),
            classes: BTreeMap::new(),
            at_least: if request.kind == Kind::Local { AT_LEAST_DEFAULT } else { 0.0 },
            prompts: true,
        };
        let gate = Gate::open(tx, &inner, project.clone(), AnswersAs::Suggestions)?;
        setup.change(&request.settings, &gate.ontology)?;
        let backend = BackendRow {
            id: BackendId(tx.new_id(inner.now)),
            project: project.id,
            name: name.clone(),
            kind: request.kind.as_str().into(),
            setup: serde_json::to_value(&setup)?,
            state: "unknown".into(),
            model_version: None,
            problem: None,
            checked_at: None,
            version: 1,
            created_by: inner.person(),
            created_at: inner.now,
        };
        tx.insert_backend(&backend)?;
        let detail = json!({ "project": project.id, "kind": backend.kind });
        tx.record(inner.now, inner.person(), "backend.added", backend.id, detail);
        body(&backend)
    })
    .await
}

#[utoipa::path(post, path = "/api/projects/{project}/backends", tag = "models", params(("project" = String, Path)), request_body = NewBackend, responses((status = 200, body = BackendBody)))]
async fn post_backend(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(body): Body<NewBackend>,
) -> Result<Json<BackendBody>> {
    Ok(Json(add(&cx, id(&project)?, body).await?))
}

/// The model, if the caller may know of its project.
fn visible_backend(tx: &mut Tx<'_>, cx: &Cx, id: BackendId) -> Result<BackendRow> {
    let backend = tx.backend(id)?.ok_or(Error::NotFound)?;
    visible(tx, cx, backend.project)?;
    Ok(backend)
}

/// Opens what is needed to ask a model.
fn asking(tx: &mut Tx<'_>, cx: &Cx, backend: &BackendRow) -> Result<Asking> {
    let project = visible(tx, cx, backend.project)?;
    let gate = Gate::open(tx, cx, project, AnswersAs::Suggestions)?;
    Asking::new(cx, gate, backend)
}

/// Changes how a model is asked. What it was when last asked is forgotten.
pub async fn change(cx: &Cx, backend: BackendId, request: ChangeBackend) -> Result<BackendBody> {
    let name = request.name.as_deref().map(|name| crate::people::checked_name("name", name));
    let name = name.transpose()?;
    let url = request.url.as_deref().map(|url| checked_url(&cx.app, url)).transpose()?;
    let inner = cx.clone();
    cx.write(&request.clone(), move |tx| {
        let before = visible_backend(tx, &inner, backend)?;
        let project = visible(tx, &inner, before.project)?;
        let gate = Gate::open(tx, &inner, project, AnswersAs::Suggestions)?;
        let mut setup: Setup = serde_json::from_value(before.setup.clone())?;
        if let (Some(url), Kind::LabelStudio) = (&url, Kind::of(&before)?) {
            if setup.url != *url {
                // What opened one door is not shown at another.
                setup.auth = None;
            }
            setup.url.clone_from(url);
        }
        setup.change(&request.settings, &gate.ontology)?;
        let after = BackendRow {
            name: name.clone().unwrap_or_else(|| before.name.clone()),
            setup: serde_json::to_value(&setup)?,
            state: "unknown".into(),
            problem: None,
            version: before.version + 1,
            ..before.clone()
        };
        let others = tx.backends_of(before.project)?;
        if others.iter().any(|other| other.name == after.name && other.id != after.id) {
            return Err(Error::invalid("name", "already_exists", "another model has this name"));
        }
        tx.save_backend(before.version, &after)?;
        tx.record(inner.now, inner.person(), "backend.changed", backend, json!({}));
        body(&after)
    })
    .await
}

#[utoipa::path(patch, path = "/api/backends/{backend}", tag = "models", params(("backend" = String, Path)), request_body = ChangeBackend, responses((status = 200, body = BackendBody)))]
async fn patch_backend(
    cx: Can<ManageProjects>,
    Path(backend): Path<String>,
    Body(body): Body<ChangeBackend>,
) -> Result<Json<BackendBody>> {
    Ok(Json(change(&cx, id(&backend)?, body).await?))
}

#[utoipa::path(delete, path = "/api/backends/{backend}", tag = "models", params(("backend" = String, Path)), responses((status = 204)))]
async fn delete_backend(
    cx: Can<ManageProjects>,
    Path(backend): Path<String>,
) -> Result<StatusCode> {
    let backend: BackendId = id(&backend)?;
    let inner = (*cx).clone();
    cx.write(&backend, move |tx| {
        visible_backend(tx, &inner, backend)?;
        tx.remove_backend(backend)?;
        tx.record(inner.now, inner.person(), "backend.removed", backend, json!({}));
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sees whether a model is there, and remembers it.
pub async fn check(cx: &Cx, backend: BackendId) -> Result<BackendBody> {
    let inner = cx.clone();
    let asking = cx
        .read(move |tx| {
            let backend = visible_backend(tx, &inner, backend)?;
            asking(tx, &inner, &backend)
        })
        .await?;
    let told = asking.check().await;
    let inner = cx.clone();
    cx.write(&backend, move |tx| {
        let before = visible_backend(tx, &inner, backend)?;
        let after = told_of(&before, &told, (inner.app.now)());
        tx.save_backend(before.version, &after)?;
        let detail = json!({ "state": after.state });
        tx.record(inner.now, inner.person(), "backend.checked", backend, detail);
        body(&after)
    })
    .await
}

/// The model as it was just found.
fn told_of(
    before: &BackendRow,
    told: &Result<String, asking::Unanswered>,
    now: domain::Timestamp,
) -> BackendRow {
    let version = before.version + 1;
    let after = BackendRow { checked_at: Some(now), version, ..before.clone() };
    match told {
        Ok(version) => BackendRow {
            state: "up".into(),
            model_version: Some(version.clone()),
            problem: None,
            ..after
        },
        Err(asking::Unanswered(why)) => {
            let why = why.chars().take(limits::REASON_CHARS_MAX).collect();
            BackendRow { state: "down".into(), problem: Some(why), ..after }
        }
    }
}

#[utoipa::path(post, path = "/api/backends/{backend}/check", tag = "models", params(("backend" = String, Path)), responses((status = 200, body = BackendBody)))]
async fn post_check(
    cx: Can<ManageProjects>,
    Path(backend): Path<String>,
) -> Result<Json<BackendBody>> {
    Ok(Json(check(&cx, id(&backend)?).await?))
}

/// Begins to ask a model about every task that waits.
pub async fn fetch(cx: &Cx, backend: BackendId, request: FetchRequest) -> Result<JobBody> {
    if !(1..=limits::TASKS_PER_CALL_MAX).contains(&request.batch) {
        return Err(Error::invalid("batch", "out_of_range", "1 to 100 tasks in one call"));
    }
    let inner = cx.clone();
    cx.write(&request.clone(), move |tx| {
        let backend = visible_backend(tx, &inner, backend)?;
        let project = visible(tx, &inner, backend.project)?;
        if request.as_ == FetchAs::Opinions && !project.plan.is_adaptive() {
            let message = "predictions are weighed under an adaptive plan only; fetch them as suggestions instead";
            return Err(Error::refused("not_adaptive", message));
        }
        let input = fetching::Input { backend: backend.id, request: request.clone() };
        let job = jobs::enqueue(tx, &inner, FETCH_KIND, Some(project.id), &input)?;
        Ok(jobs::body(&job))
    })
    .await
}

#[utoipa::path(post, path = "/api/backends/{backend}/fetch", tag = "models", params(("backend" = String, Path)), request_body = FetchRequest, responses((status = 200, body = JobBody)))]
async fn post_fetch(
    cx: Can<ManageProjects>,
    Path(backend): Path<String>,
    Body(body): Body<FetchRequest>,
) -> Result<Json<JobBody>> {
    Ok(Json(fetch(&cx, id(&backend)?, body).await?))
}

/// Begins to hand over the project's labels to a model.
pub async fn train(cx: &Cx, backend: BackendId) -> Result<JobBody> {
    let inner = cx.clone();
    cx.write(&backend, move |tx| {
        let backend = visible_backend(tx, &inner, backend)?;
        if Kind::of(&backend)? == Kind::Local {
            let message = "a model of this installation does not learn";
            return Err(Error::refused("does_not_learn", message));
        }
        let input = training::Input { backend: backend.id };
        let job = jobs::enqueue(tx, &inner, TRAIN_KIND, Some(backend.project), &input)?;
        Ok(jobs::body(&job))
    })
    .await
}

#[utoipa::path(post, path = "/api/backends/{backend}/train", tag = "models", params(("backend" = String, Path)), responses((status = 200, body = JobBody)))]
async fn post_train(cx: Can<ManageProjects>, Path(backend): Path<String>) -> Result<Json<JobBody>> {
    Ok(Json(train(&cx, id(&backend)?).await?))
}

#[utoipa::path(get, path = "/api/lent/{pass}", tag = "models", security(()), params(("pass" = String, Path)), responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304)))]
async fn get_lent(
    State(app): State<App>,
    Path(pass): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let now = (app.now)();
    let words = PassWords::read(&pass).filter(|words| words.until > now).ok_or(Error::NotFound)?;
    let actor = Actor {
        organization: words.organization,
        person: PersonId(0),
        role: Role::Viewer,
        mode: Mode::Live,
    };
    let stores = app.stores.clone();
    let access = tokio::task::spawn_blocking(move || stores.access_for_job(actor)).await;
    // Whatever is wrong with a pass, there is nothing behind it.
    let access =
        access.map_err(|error| Error::Internal(error.to_string()))?.map_err(
            |error| match error {
                store::Error::NoOrganization | store::Error::KeyDestroyed => Error::NotFound,
                other => other.into(),
            },
        )?;
    if !words.is_proven(&access, &pass) {
        return Err(Error::NotFound);
    }
    let cx = Cx::for_job(&app, access, now);
    let item = cx.read(move |tx| tx.item(words.item)?.ok_or(Error::NotFound)).await?;
    let found = match renditions::find(&cx, &item, "full").await? {
        Some(found) => found,
        None => renditions::find(&cx, &item, "preview").await?.ok_or(Error::NotFound)?,
    };
    crate::items::send_picture(cx.access().blobs(), &found.0, &found.1, &headers).await
}
