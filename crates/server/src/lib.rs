//! The doors of the engine. A handler unpacks a request, calls one command, and packs the answer.

pub mod auth;
pub mod backends;
pub mod brain;
mod clouds;
pub mod comments;
pub mod config;
mod description;
mod error;
pub mod gold;
pub mod health;
pub mod imports;
pub mod intake;
pub mod invitations;
pub mod items;
pub mod jobs;
pub mod kept;
pub mod keys;
pub mod live;
pub mod local;
pub mod mail;
pub mod members;
pub mod models;
pub mod names;
pub mod opinions;
pub mod organizations;
pub mod outbound;
pub mod people;
pub mod pictures;
pub mod progress;
pub mod projects;
pub mod quality;
pub mod queue;
pub mod ranges;
mod ratelimit;
mod readiness;
pub mod relay;
pub mod releases;
mod renditions;
pub mod review;
mod secrets;
pub mod serve;
pub mod sessions;
pub mod tasks;
mod ui;
pub mod uploads;
pub mod wire;
pub mod work;
mod workflow;

pub use auth::Cx;
pub use config::Config;
pub use error::{Error, Result};

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use domain::{Timestamp, limits};
use std::sync::Arc;
use store::{KeyRow, Session, Stores};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What the whole process shares. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

pub struct Shared {
    pub stores: Stores,
    pub config: Config,
    /// The only clock. Production passes the system's; tests and the simulation pass their own.
    pub now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub limits: ratelimit::Limits,
    pub mailer: mail::Mailer,
    pub outbound: outbound::Outbound,
    pub local: Arc<local::Shelf>,
    pub(crate) sessions: auth::Recent<Session>,
    pub(crate) keys: auth::Recent<KeyRow>,
    pub(crate) documents: projects::Documents,
    pub names: names::Names,
    pub(crate) progress: progress::Cache,
    pub(crate) brains: brain::Brains,
    pub(crate) streams: live::Streams,
    pub(crate) readiness: readiness::Readiness,
    pub jobs: jobs::Board,
    pub(crate) studio: renditions::Studio,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    pub fn new(
        stores: Stores,
        config: Config,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let mailer = mail::Mailer::new(config.smtp.as_ref()).unwrap_or_else(|error| {
            tracing::error!(?error, "no mail will be sent");
            mail::Mailer::default()
        });
        let lookup = Arc::new(outbound::SystemLookup);
        let outbound = outbound::Outbound::new(&config.allowed_hosts, lookup);
        Self(Arc::new(Shared {
            stores,
            local: Arc::new(local::Shelf::new(&config.models)),
            outbound,
            config,
            mailer,
            now: Box::new(now),
            limits: ratelimit::Limits::default(),
            sessions: auth::Recent::default(),
            keys: auth::Recent::default(),
            documents: projects::Documents::default(),
            names: names::Names::default(),
            progress: progress::Cache::default(),
            brains: brain::Brains::default(),
            streams: live::Streams::default(),
            readiness: readiness::Readiness::default(),
            jobs: jobs::Board::default(),
            studio: renditions::Studio::default(),
        }))
    }

    /// Somebody's rights have changed: whatever was verified a moment ago is looked up again.
    pub fn forget_recent(&self) {
        self.sessions.clear();
        self.keys.clear();
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fairmark",
        description = "The native interface of Fairmark. Rules: docs/spec/api.md.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(wire::Failure))
)]
struct Api;

/// Every route, with its description: the contents page of the interface.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .merge(people::router())
        .merge(sessions::router())
        .merge(organizations::router())
        .merge(members::router())
        .merge(invitations::router())
        .merge(keys::router())
        .merge(projects::router())
        .merge(queue::router())
        .merge(review::router())
        .merge(clouds::router())
        .merge(items::router())
        .merge(tasks::router())
        .merge(comments::router())
        .merge(kept::router())
        .merge(progress::router())
        .merge(gold::router())
        .merge(quality::router())
        .merge(models::router())
        .merge(backends::router())
        .merge(live::router())
        .merge(work::router())
        .merge(imports::router())
        .merge(releases::router())
        .merge(jobs::router())
        .merge(uploads::router())
        .merge(pictures::router())
}

/// The description of the interface, OpenAPI 3.1.
pub fn openapi() -> utoipa::openapi::OpenApi {
    description::complete(api().into_openapi())
}

pub fn router(app: App) -> axum::Router {
    let (routes, description) = api().split_for_parts();
    let text = description::complete(description).to_json().unwrap_or_else(|_| "{}".into());
    let openapi = move || async move { ([(header::CONTENT_TYPE, "application/json")], text) };
    let routes = routes
        .route("/api/openapi.json", axum::routing::get(openapi))
        .merge(health::router())
        .fallback(ui::serve)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(|_| {
            let error = Error::Internal("a handler panicked".into());
            axum::response::IntoResponse::into_response(error)
        }))
        .layer(axum::middleware::from_fn_with_state(app.clone(), wire::finish))
        .layer(header_layer("x-content-type-options", "nosniff"))
        .layer(header_layer("referrer-policy", "same-origin"))
        .layer(header_layer("cross-origin-opener-policy", "same-origin"))
        .layer(header_layer("cross-origin-embedder-policy", "require-corp"))
        .layer(header_layer("cross-origin-resource-policy", "same-origin"))
        .layer(header_layer("permissions-policy", "camera=(), geolocation=(), microphone=()"))
        .layer(header_layer("content-security-policy", CSP));
    // Told only over HTTPS; browsers ignore it elsewhere.
    let routes = match app.config.secure() {
        true => routes.layer(header_layer(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        )),
        false => routes,
    };
    routes.with_state(app)
}

/// No script, style or connection but our own; nothing of a customer's runs here.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; font-src 'self'; \
    connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn header_layer(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}
