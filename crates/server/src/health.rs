//! Whether the process lives, whether its stores answer, and its figures.

use crate::readiness::Reach;
use crate::{App, Error, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

pub fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
}

async fn ready(State(app): State<App>) -> Result<&'static str> {
    Ok(match crate::readiness::look(&app).await? {
        Reach::All => "ready\n",
        Reach::Some => "ready, but not every organization's store can be reached\n",
    })
}

/// The bounds of every histogram, in seconds.
const BOUNDS_S: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// How often what was measured is put into its buckets: until then each figure is kept by itself.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets(&BOUNDS_S).ok()?;
            builder.install_recorder().ok()
        })
        .as_ref()
}

/// Begins to count. Called once at start, on the runtime, so that nothing is missed.
pub fn begin() {
    let Some(recorder) = recorder() else {
        tracing::error!("no figures will be kept");
        return;
    };
    metrics::gauge!("fairmark_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    tokio::spawn(async {
        let mut due = tokio::time::interval(UPKEEP_EVERY);
        loop {
            due.tick().await;
            recorder.run_upkeep();
        }
    });
}

async fn figures(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match &app.config.metrics_token {
        // Compared as hashes, so that the time it takes tells nothing.
        Some(token) => {
            let wanted = blake3::hash(format!("Bearer {token}").as_bytes());
            if given.map(|given| blake3::hash(given.as_bytes())) != Some(wanted) {
                return Err(Error::Unauthenticated);
            }
        }
        None if app.config.listen.ip().is_loopback() && app.config.proxies == 0 => {}
        None => return Err(Error::NotFound),
    }
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}
