//! What the doors have in common: times, pages, bodies.

use crate::{Error, Result};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use domain::{Timestamp, limits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment on the wire: UTC, ISO 8601, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct Time(pub Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.0) {
            Ok(at) => write!(f, "{}", at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ")),
            Err(_) => f.write_str("0000-00-00T00:00:00.000Z"),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        let at: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(Timestamp(at.as_millisecond())))
    }
}

/// A page of a list (H2).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of `limit` at most; `last` is where the next one begins, if there may be one.
    pub fn new(items: Vec<T>, limit: i64, last: Option<i64>) -> Self {
        let full = items.len() as i64 >= limit;
        let next_cursor = last.filter(|_| full).map(domain::encode);
        Self { items, next_cursor }
    }
}

/// What a list may be asked for.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Where to go on: `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most, 1 to 200.
    pub limit: Option<i64>,
}

impl Paging {
    pub fn after(&self) -> Result<i64> {
        match &self.cursor {
            None => Ok(0),
            Some(cursor) => domain::decode(cursor)
                .ok_or_else(|| Error::bad("cursor: this is not a cursor of ours")),
        }
    }

    /// The same for a list whose newest entries come first: a page goes on before the last of the page
    /// before.
    pub fn before(&self) -> Result<i64> {
        if self.cursor.is_some() { self.after() } else { Ok(i64::MAX) }
    }

    /// A page of a list that another limit keeps short, and that is therefore read as a whole: the
    /// newest come first.
    pub fn newest_first<R, T: From<R>>(
        &self,
        rows: Vec<R>,
        id: impl Fn(&R) -> i64,
    ) -> Result<Page<T>> {
        let (before, limit) = (self.before()?, self.limit()?);
        let rows = rows.into_iter().filter(|row| id(row) < before).take(limit as usize);
        let (ids, items): (Vec<i64>, Vec<T>) = rows.map(|row| (id(&row), T::from(row))).unzip();
        Ok(Page::new(items, limit, ids.last().copied()))
    }

    pub fn limit(&self) -> Result<i64> {
        match self.limit {
            None => Ok(limits::PAGE_DEFAULT),
            Some(limit) if (1..=limits::PAGE_MAX).contains(&limit) => Ok(limit),
            Some(_) => Err(Error::bad("limit: 1 to 200")),
        }
    }
}

/// A JSON body, read with care: unknown fields and wrong types are named (H8).
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Error::TooLarge {
            what: "the body",
            limit: limits::BODY_BYTES_MAX as u64,
        })?;
        read_json(&bytes).map(Self)
    }
}

/// Reads a JSON text; an empty one stands for an empty object.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes)
        .map_err(|error| Error::bad(format!("the body does not read: {error}")))
}

/// An id in a path; one that does not read is like one that is not there.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// What every error looks like (H1).
#[derive(Serialize, ToSchema)]
pub struct Failure {
    pub error: FailureBody,
}

#[derive(Serialize, ToSchema)]
pub struct FailureBody {
    /// Stable: a program may rely on it.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// Everything that is wrong with the content, each with its place.
    pub problems: Option<Vec<FailureProblem>>,
    /// What the caller needs to go on.
    pub details: Option<serde_json::Value>,
    /// The name of this request in our log.
    pub request: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct FailureProblem {
    pub path: String,
    pub code: String,
    pub message: String,
}

/// Whether the answer was recorded by an earlier call under the same `Idempotency-Key` (H3).
#[derive(Clone, Default)]
pub struct Replayed(std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Replayed {
    pub fn note(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn is_noted(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

tokio::task_local! {
    static REQUEST: String;
}

/// The name of the request that is being answered, for the envelope of its error.
pub(crate) fn current_request() -> Option<String> {
    REQUEST.try_with(String::clone).ok()
}

/// Names the request, counts and times it, turns away what other sites send, and keeps answers out
/// of caches unless they say otherwise.
pub async fn finish(
    axum::extract::State(app): axum::extract::State<crate::App>,
    mut request: Request,
    next: axum::middleware::Next,
) -> Response {
    let began = std::time::Instant::now();
    let id = request_id();
    let method = request.method().clone();
    let is_api = request.uri().path().starts_with("/api/");
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "other".to_string(), |path| path.as_str().to_string());
    let replayed = Replayed::default();
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(replayed.clone());
    let status = tracing::field::Empty;
    let span = tracing::info_span!("request", id, %method, route, status);
    let answer = async {
        let changes = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
        if is_api
            && changes
            && let Err(error) = crate::auth::check_no_other_site(&app, request.headers())
        {
            return error.into_response();
        }
        let response = next.run(request).await;
        if is_api { in_envelope(response).await } else { response }
    };
    let mut response = {
        use tracing::Instrument;
        REQUEST.scope(id.clone(), answer).instrument(span.clone()).await
    };
    span.record("status", response.status().as_u16());
    let status = response.status().as_u16().to_string();
    let labels = [("method", method.to_string()), ("route", route.clone()), ("status", status)];
    metrics::counter!("fairmark_requests_total", &labels).increment(1);
    metrics::histogram!("fairmark_request_seconds", "route" => route)
        .record(began.elapsed().as_secs_f64());
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    if replayed.is_noted() {
        headers.insert(
            HeaderName::from_static("idempotency-replayed"),
            HeaderValue::from_static("true"),
        );
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What the router itself refuses has no envelope yet (H1): a wrong method, a query that does not
/// read.
async fn in_envelope(response: Response) -> Response {
    let status = response.status();
    let is_json =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let code = match status.as_u16() {
        _ if is_json => return response,
        400 => "bad_request",
        404 => "not_found",
        405 => "method_not_allowed",
        413 => "too_large",
        415 => "unsupported_media_type",
        422 => "invalid",
        _ => return response,
    };
    let (parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, 4_096).await.unwrap_or_default();
    let message = match String::from_utf8_lossy(&text).trim() {
        "" => status.canonical_reason().unwrap_or("refused").to_lowercase(),
        text => text.to_string(),
    };
    let error =
        serde_json::json!({ "code": code, "message": message, "request": current_request() });
    let mut wrapped = (status, axum::Json(serde_json::json!({ "error": error }))).into_response();
    if let Some(allow) = parts.headers.get(header::ALLOW) {
        wrapped.headers_mut().insert(header::ALLOW, allow.clone());
    }
    wrapped
}

/// The name of a request in the log, and in the answer's `x-request-id`.
#[derive(Clone)]
pub struct RequestId(pub String);

fn request_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    static BEGAN: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let began = BEGAN.get_or_init(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as u64)
    });
    format!("{began:x}-{:x}", COUNT.fetch_add(1, Relaxed))
}
