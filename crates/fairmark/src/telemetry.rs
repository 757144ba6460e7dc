//! What the process tells of itself: its log, and traces where the operator has named a receiver.
//!
//! 1. Nothing leaves the installation unless `--otlp-endpoint` names where to. The variables that
//!    other programs share (`OTEL_EXPORTER_OTLP_ENDPOINT`) do not count as that.
//! 2. A trace tells routes, statuses, times and the kinds of stores and jobs, and the lines that were
//!    logged on the way: nothing of what customers brought. It begins here: what a caller says of a
//!    trace of his own is not believed.
//! 3. A receiver that is slow or gone delays nobody: what does not fit into the queue is dropped.

use crate::failure::{Failure, Result, chain};
use clap::ValueEnum;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use serde::Deserialize;
use std::collections::HashMap;
use std::time::Duration;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// How long a receiver may take for one batch, and how long the end of the process waits for the last.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
const END_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    Pretty,
    Json,
}

/// Where traces go, and how many of them.
pub struct Traces {
    url: String,
    headers: HashMap<String, String>,
    share: f64,
}

impl Traces {
    /// # Errors
    ///
    /// If the address, a header or the share makes no sense.
    pub fn new(endpoint: &str, headers: &[String], share: f64) -> Result<Self> {
        let endpoint = endpoint.trim_end_matches('/');
        let url = reqwest::Url::parse(endpoint)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            return Err(Failure::usage("--otlp-endpoint is not an address")
                .mend("It is where a receiver listens for OTLP over HTTP: http://127.0.0.1:4318"));
        }
        let headers = headers
            .iter()
            .map(|header| {
                let (name, value) = header.split_once('=').ok_or_else(|| {
                    Failure::usage("--otlp-header is not a name and a value")
                        .mend("It looks like this: authorization=Bearer …")
                })?;
                Ok((name.trim().into(), value.trim().into()))
            })
            .collect::<Result<_>>()?;
        if !(0.0..=1.0).contains(&share) {
            return Err(Failure::usage("--otlp-share is between 0 and 1"));
        }
        let path = "/v1/traces";
        let url =
            if endpoint.ends_with(path) { endpoint.into() } else { format!("{endpoint}{path}") };
        Ok(Self { url, headers, share })
    }

    fn provider(self) -> Result<SdkTracerProvider> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new()?)
            .with_endpoint(&self.url)
            .with_headers(self.headers)
            .with_timeout(SEND_TIMEOUT)
            .build()
            .map_err(|error| Failure::usage(format!("traces cannot be sent: {}", chain(&error))))?;
        let resource = Resource::builder()
            .with_service_name("fairmark")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(SdkTracerProvider::builder()
            .with_batch_exporter(InTheirWords(exporter))
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(self.share))))
            .with_resource(resource)
            .build())
    }
}

/// The log and the traces of a server, until [`end`](Self::end).
pub struct Telemetry(Option<SdkTracerProvider>);

/// Begins to log, and to trace where that is wanted. To be called on the runtime that sends.
pub fn begin(format: Option<LogFormat>, traces: Option<Traces>) -> Result<Telemetry> {
    use std::io::IsTerminal;
    let is_terminal = std::io::stderr().is_terminal();
    let format = format.unwrap_or(if is_terminal { LogFormat::Pretty } else { LogFormat::Json });
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Pretty => lines.with_ansi(is_terminal).boxed(),
    };
    let provider = traces.map(Traces::provider).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        // The commands of the stores are too many for the log; of other crates nothing is told.
        let ours = Targets::new()
            .with_target("fairmark", LevelFilter::INFO)
            .with_target("server", LevelFilter::INFO)
            .with_target("store", LevelFilter::DEBUG);
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("fairmark"))
            .with_location(false)
            .with_threads(false)
            .with_filter(ours)
    });
    let log = log.with_filter(filter("info"));
    tracing_subscriber::registry().with(log).with(spans).init();
    Ok(Telemetry(provider))
}

impl Telemetry {
    /// Sends what has not been sent yet. On a thread that may wait, while the runtime still runs.
    pub fn end(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown_with_timeout(END_TIMEOUT)
        {
            tracing::warn!(%error, "the last traces did not reach their receiver");
        }
    }
}

/// Commands other than the server log only what is wrong.
pub fn log_warnings() {
    tracing_subscriber::fmt().with_env_filter(filter("warn")).with_writer(std::io::stderr).init();
}

/// What is logged unless `RUST_LOG` says otherwise.
fn filter(default: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default))
}

/// Carries batches over the runtime of the process: the thread that makes them has none. The guarded
/// way out is for addresses that customers name; this one the operator named, and it is often private.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

impl Sender {
    fn new() -> Result<Self> {
        // One provider for the whole process. If somebody has chosen already, that one is in use.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("fairmark/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(SEND_TIMEOUT)
            .build()
            .map_err(|error| Failure::new(format!("no traces can be sent: {}", chain(&error))))?;
        Ok(Self { client, runtime: tokio::runtime::Handle::current() })
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let request = reqwest::Request::try_from(request.map(reqwest::Body::from))?;
            let answer = client.execute(request).await?;
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            Ok::<_, HttpError>(response.body(answer.bytes().await?)?)
        });
        sent.await?
    }
}

/// Says of our spans in the words of OpenTelemetry what they are, so that the rest of the program
/// need not know them.
#[derive(Debug)]
struct InTheirWords<E>(E);

impl<E: SpanExporter> SpanExporter for InTheirWords<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.export(batch.into_iter().map(in_their_words).collect()).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn in_their_words(mut span: SpanData) -> SpanData {
    let said = |span: &SpanData, key: &str| {
        let found = span.attributes.iter().find(|pair| pair.key.as_str() == key);
        found.map(|pair| pair.value.clone())
    };
    match &*span.name {
        "request" => {
            if let (Some(method), Some(route)) = (said(&span, "method"), said(&span, "route")) {
                span.name = format!("{method} {route}").into();
            }
            span.span_kind = SpanKind::Server;
            if let Some(Value::I64(500..)) = said(&span, "status") {
                span.status = Status::error("");
            }
        }
        "job" => {
            if let Some(kind) = said(&span, "kind") {
                span.name = format!("job {kind}").into();
            }
        }
        _ => {}
    }
    for pair in &mut span.attributes {
        pair.key = match pair.key.as_str() {
            "id" if span.span_kind == SpanKind::Server => Key::new("fairmark.request"),
            "id" => Key::new("fairmark.job"),
            "method" => Key::new("http.request.method"),
            "route" => Key::new("http.route"),
            "status" => Key::new("http.response.status_code"),
            "engine" => Key::new("db.system.name"),
            "store" => Key::new("fairmark.store"),
            _ => continue,
        };
    }
    span
}
