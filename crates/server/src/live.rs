//! Live views: the progress of a project and its jobs, and what is said about answers, told as they change
//! (server-sent events).
//!
//! - **V1** The state comes at once, then after changes, at most once a second; what has not changed is
//!   not told again. Each event bears the number of the log's last event as its id. A stream tells states,
//!   not steps: one that is taken up again with `Last-Event-ID` needs nothing of the time between.
//! - **V2** A stream ends when the session does, when the role is lost, when the person goes to another
//!   organization, and when the server stops.
//! - **V3** A person has at most [`limits::LIVE_STREAMS_MAX`] streams open.

use crate::auth::{Can, SeeLabels, access_again};
use crate::jobs;
use crate::progress::{self, ProgressBody};
use crate::projects::visible;
use crate::wire::id;
use crate::{App, Cx, Error, Result};
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::people::Permission;
use domain::{JobId, PersonId, ProjectId, limits};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_live))
}

/// Between two looks at the store.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the right to look is checked again, and whether time alone has changed anything.
const CHECK: Duration = Duration::from_secs(3);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Jobs of a project that are watched: the newest.
const JOBS_WATCHED: i64 = 20;
/// A job that ended this long ago is told to a stream that begins: its reader may have missed the end.
const ENDED_LATELY_MS: i64 = 60_000;

/// The streams that are open, and the word that ends them all.
pub struct Streams {
    open: Mutex<HashMap<PersonId, usize>>,
    end: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { open: Mutex::default(), end: watch::Sender::new(false) }
    }
}

impl Streams {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PersonId, usize>> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Ends every stream: the server stops.
    pub fn end(&self) {
        self.end.send_replace(true);
    }
}

/// What a stream watches, and what it has told of it.
pub(crate) trait Watch: Send + 'static {
    /// What one must be allowed to go on looking (V2).
    const PERMISSION: Permission;

    /// Tells what has changed since the last time; answers whether anybody listens.
    fn tell(&mut self, to: &Teller) -> impl Future<Output = Result<bool>> + Send;
}

/// To whom a stream tells.
pub(crate) struct Teller {
    pub(crate) cx: Cx,
    headers: HeaderMap,
    told: mpsc::Sender<Event>,
}

/// One open stream, counted until it is dropped.
struct Opened {
    app: App,
    person: PersonId,
}

impl Opened {
    fn new(app: &App, person: PersonId) -> Result<Self> {
        let mut open = app.streams.lock();
        let count = open.entry(person).or_default();
        if *count >= limits::LIVE_STREAMS_MAX {
            return Err(Error::TooMany { retry_after_s: 10 });
        }
        *count += 1;
        Ok(Self { app: app.clone(), person })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let mut open = self.app.streams.lock();
        if let Some(count) = open.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.person);
            }
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LiveQuery {
    project: String,
}

#[utoipa::path(get, path = "/api/live", tag = "projects", params(LiveQuery), responses((status = 200, description = "Server-sent events `progress` and `job`", content_type = "text/event-stream", body = ProgressBody)))]
async fn get_live(
    cx: Can<SeeLabels>,
    headers: HeaderMap,
    Query(query): Query<LiveQuery>,
) -> Result<impl IntoResponse> {
    let project = id(&query.project)?;
    let inner = (*cx).clone();
    cx.read(move |tx| visible(tx, &inner, project)).await?;
    open(&cx, headers, Watcher { project, last: None, seq: -1, jobs: HashMap::new() })
}

/// Opens a stream that tells what `watch` finds, until nobody listens any more or may.
pub(crate) fn open<W: Watch>(
    cx: &Cx,
    headers: HeaderMap,
    watch: W,
) -> Result<impl IntoResponse + use<W>> {
    let opened = Opened::new(&cx.app, cx.person())?;
    let (told, events) = mpsc::channel(8);
    let teller = Teller { cx: cx.clone(), headers, told };
    tokio::spawn(async move {
        // Whatever ends a stream, its reader takes it up again and is told then.
        if let Err(error) = teller.run(watch).await {
            tracing::debug!(error = ?error, "a live view ends");
        }
        drop(opened);
    });
    let events = ReceiverStream::new(events).map(Ok::<_, Infallible>);
    // A proxy that gathers what it passes on would make live views late.
    let unbuffered =
        [(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))];
    Ok((unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))))
}

/// The progress of a project, and its jobs.
struct Watcher {
    project: ProjectId,
    last: Option<String>,
    /// The last event that was looked at.
    seq: i64,
    /// How each job stood when it was told.
    jobs: HashMap<JobId, String>,
}

impl Teller {
    /// Tells what changes, until nobody listens any more or may.
    async fn run(self, watch: impl Watch) -> Result<()> {
        let mut end = self.cx.app.streams.end.subscribe();
        tokio::select! {
            result = self.tell_all(watch) => result,
            _ = end.wait_for(|end| *end) => Ok(()),
        }
    }

    async fn tell_all<W: Watch>(&self, mut watch: W) -> Result<()> {
        let mut grown = self.cx.store().watch();
        let mut check = Instant::now() + CHECK;
        loop {
            grown.borrow_and_update();
            let looked = Instant::now();
            if !watch.tell(self).await? {
                return Ok(());
            }
            // Wakes for a change, and now and then without: leases run out, and paces fall.
            let listener = self.told.clone();
            tokio::select! {
                _ = timeout(CHECK, grown.changed()) => {}
                () = listener.closed() => return Ok(()),
            }
            if Instant::now() >= check {
                self.check(W::PERMISSION).await?;
                check = Instant::now() + CHECK;
            }
            sleep_until(looked + PAUSE).await;
        }
    }

    /// Whether the caller may still look (V2).
    async fn check(&self, permission: Permission) -> Result<()> {
        let (before, access) = (self.cx.actor(), access_again(&self.cx.app, &self.headers).await?);
        let now = access.actor();
        let fine = (now.organization, now.mode) == (before.organization, before.mode);
        if fine && now.role.may(permission) { Ok(()) } else { Err(Error::Forbidden) }
    }

    pub(crate) async fn send(&self, kind: &str, seq: i64, data: &impl Serialize) -> Result<bool> {
        let data = serde_json::to_string(data)?;
        let event = Event::default().event(kind).id(seq.to_string()).data(data);
        Ok(self.told.send(event).await.is_ok())
    }
}

impl Watch for Watcher {
    const PERMISSION: Permission = Permission::SeeLabels;

    async fn tell(&mut self, to: &Teller) -> Result<bool> {
        let progress = progress::of(&to.cx, self.project).await?;
        let seq = progress.event_seq;
        let state = without_time(&progress)?;
        if self.last.as_ref() != Some(&state) {
            if !to.send("progress", seq, &progress).await? {
                return Ok(false);
            }
            self.last = Some(state);
        }
        let begins = self.seq < 0;
        if std::mem::replace(&mut self.seq, seq) == seq {
            return Ok(true);
        }
        self.tell_jobs(to, seq, begins).await
    }
}

impl Watcher {
    /// Tells the jobs that stand otherwise than they did.
    async fn tell_jobs(&mut self, to: &Teller, seq: i64, begins: bool) -> Result<bool> {
        let (project, newest) = (self.project, JobId(i64::MAX));
        let read =
            move |tx: &mut store::Tx<'_>| Ok(tx.jobs(Some(project), newest, JOBS_WATCHED)?);
        let rows = to.cx.read(read).await?;
        let resumes = to.headers.contains_key("last-event-id");
        let now = (to.cx.app.now)();
        self.jobs.retain(|id, _| rows.iter().any(|row| row.id == *id));
        for row in rows.iter().rev() {
            let body = jobs::body(row);
            let state = serde_json::to_string(&body)?;
            let known = self.jobs.insert(row.id, state.clone());
            let old = row.finished_at.is_some_and(|at| at.plus_ms(ENDED_LATELY_MS) < now);
            if known.as_ref() == Some(&state) || (begins && !resumes && old) {
                continue;
            }
            if !to.send("job", seq, &body).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The progress but for what moves by itself.
fn without_time(progress: &ProgressBody) -> Result<String> {
    let mut state = serde_json::to_value(progress)?;
    for moving in ["at", "event_seq", "eta_seconds", "throughput_per_hour"] {
        state[moving] = serde_json::Value::Null;
    }
    Ok(state.to_string())
}
