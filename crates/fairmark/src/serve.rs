//! `fairmark serve`: the server, from its settings to its end.

use crate::failure::{Doing, Failure, Outcome, Result};
use crate::place::{Make, Place, or, read_config};
use crate::telemetry::{self, LogFormat, Traces};
use clap::{Args, ValueEnum};
use serde::Deserialize;
use server::config::{ModelFile, Smtp};
use server::{App, Config};
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use store::Backend;

#[derive(Args, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Serve {
    #[command(flatten)]
    #[serde(flatten)]
    place: Place,
    /// The address to listen on [default: 127.0.0.1:7780].
    #[arg(long, env = "FAIRMARK_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where people reach the server, https://label.example.org; links and cookies follow it.
    #[arg(long, env = "FAIRMARK_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Send mail through this server: smtp://user:password@host:587 or smtps://…
    #[arg(long, env = "FAIRMARK_SMTP_URL", hide_env_values = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// The sender of mail: Fairmark <fairmark@example.org>
    #[arg(long, env = "FAIRMARK_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Let anybody make an account.
    #[arg(long, env = "FAIRMARK_SIGN_UP", num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "BOOL")]
    sign_up: Option<bool>,
    /// How many proxies in front may be believed about the caller's address [default: 0].
    #[arg(long, env = "FAIRMARK_PROXIES", value_name = "COUNT")]
    proxies: Option<usize>,
    /// A host inside a private network that imports, webhooks and models may be reached at. May be given again.
    #[arg(long, env = "FAIRMARK_ALLOW_HOST", value_delimiter = ',', value_name = "HOST")]
    allow_host: Option<Vec<String>>,
    /// A detector of your own: NAME=FILE.onnx, the names of its classes in FILE.names. May be given again.
    #[arg(long, env = "FAIRMARK_DETECTOR", value_delimiter = ',', value_name = "NAME=FILE")]
    detector: Option<Vec<String>>,
    /// A segmenter of your own: NAME=ENCODER.onnx:DECODER.onnx. May be given again.
    #[arg(long, env = "FAIRMARK_SEGMENTER", value_delimiter = ',', value_name = "NAME=FILES")]
    segmenter: Option<Vec<String>>,
    /// Who brings this as a bearer token may read /metrics from elsewhere.
    #[arg(long, env = "FAIRMARK_METRICS_TOKEN", hide_env_values = true, value_name = "SECRET")]
    metrics_token: Option<String>,
    /// How to log [default: pretty on a terminal, otherwise json].
    #[arg(long, env = "FAIRMARK_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// Send traces to this receiver of OTLP over HTTP: http://127.0.0.1:4318. Nothing is sent unless told.
    #[arg(long, env = "FAIRMARK_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
    /// A header that the receiver wants: name=value. May be given again.
    #[arg(
        long,
        env = "FAIRMARK_OTLP_HEADER",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "HEADER"
    )]
    otlp_header: Option<Vec<String>>,
    /// The share of traces that are sent, 0 to 1 [default: 1].
    #[arg(long, env = "FAIRMARK_OTLP_SHARE", value_name = "SHARE")]
    otlp_share: Option<f64>,
    /// What this process does: everything, answer requests, or work in the background [default: all].
    #[arg(long, env = "FAIRMARK_ROLE", value_name = "ROLE")]
    role: Option<ProcessRole>,
    /// Serve other machines without HTTPS: whoever is on the way reads passwords and data.
    #[arg(long, env = "FAIRMARK_INSECURE_HTTP", num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "BOOL")]
    insecure_http: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ProcessRole {
    All,
    Web,
    Worker,
}

impl Serve {
    /// Takes from the configuration what no flag and no variable says.
    fn with_config(mut self) -> Result<Self> {
        let Some(path) = self.place.config.clone() else { return Ok(self) };
        let file: Serve = read_config(&path, &settings())?;
        or!(
            self,
            file,
            listen,
            public_url,
            smtp_url,
            mail_from,
            sign_up,
            proxies,
            allow_host,
            detector,
            segmenter,
            metrics_token,
            log_format,
            otlp_endpoint,
            otlp_header,
            otlp_share,
            role,
            insecure_http
        );
        self.place = self.place.or(file.place);
        Ok(self)
    }

    /// Where traces go, if anywhere.
    fn traces(&self) -> Result<Option<Traces>> {
        match &self.otlp_endpoint {
            Some(endpoint) => {
                let headers = self.otlp_header.as_deref().unwrap_or_default();
                Traces::new(endpoint, headers, self.otlp_share.unwrap_or(1.0)).map(Some)
            }
            None if self.otlp_header.is_some() || self.otlp_share.is_some() => {
                Err(Failure::usage("--otlp-header and --otlp-share go with --otlp-endpoint"))
            }
            None => Ok(None),
        }
    }

    /// Models of the operator's own: the files are there, and no two have one name.
    fn models(&self) -> Result<Vec<ModelFile>> {
        let mut models = Vec::new();
        for (option, given) in [("--detector", &self.detector), ("--segmenter", &self.segmenter)] {
            for text in given.iter().flatten() {
                models.push(model_file(option, text)?);
            }
        }
        let mut names: Vec<&str> = models.iter().map(ModelFile::name).collect();
        names.push(server::local::BUILT_IN);
        names.sort_unstable();
        match names.windows(2).find(|two| two[0] == two[1]) {
            Some(two) => Err(Failure::usage(format!("two models are called {}", two[0]))),
            None => Ok(models),
        }
    }

    /// The settings of the server, once it is known where it listens.
    fn config(&self, listen: SocketAddr) -> Result<Config> {
        let public_url = match &self.public_url {
            Some(url) => checked_url(url)?,
            None => format!("http://{listen}"),
        };
        let is_open = !listen.ip().is_loopback();
        if is_open && !public_url.starts_with("https://") && self.insecure_http != Some(true) {
            return Err(Failure::usage(format!("{listen} can be reached from other machines, and {public_url} is not HTTPS"))
                .mend(
                    "Passwords and data would pass in the clear. Put a proxy with a certificate in front (docs/operations) \
                     and give --public-url https://…, or listen on 127.0.0.1, or give --insecure-http if the network is yours alone.",
                ));
        }
        let smtp = smtp(self.smtp_url.as_ref(), self.mail_from.as_ref())?;
        Ok(Config {
            listen,
            public_url,
            sign_up_open: self.sign_up.unwrap_or(false),
            proxies: self.proxies.unwrap_or(0),
            smtp,
            allowed_hosts: self.allow_host.clone().unwrap_or_default(),
            metrics_token: self.metrics_token.clone(),
            models: self.models()?,
        })
    }
}

fn model_file(option: &str, text: &str) -> Result<ModelFile> {
    let wrong = |why: &str| Failure::usage(format!("{option} {text}: {why}"));
    let (name, files) = text.split_once('=').ok_or_else(|| wrong("NAME=FILE is wanted"))?;
    if name.is_empty() {
        return Err(wrong("it has no name"));
    }
    let file = |path: &str| {
        let path = std::path::PathBuf::from(path);
        if path.is_file() {
            Ok(path)
        } else {
            Err(wrong(&format!("{} is not there", path.display())))
        }
    };
    if option == "--detector" {
        let file = file(files)?;
        if !file.with_extension("names").is_file() {
            return Err(wrong(
                "the names of its classes are not beside it, one a line in FILE.names",
            ));
        }
        return Ok(ModelFile::Detector { name: name.into(), file });
    }
    let (encoder, decoder) =
        files.split_once(':').ok_or_else(|| wrong("NAME=ENCODER.onnx:DECODER.onnx is wanted"))?;
    let (encoder, decoder) = (file(encoder)?, file(decoder)?);
    Ok(ModelFile::Segmenter { name: name.into(), encoder, decoder })
}

/// The way to the mail server, if there is one.
pub fn smtp(url: Option<&String>, from: Option<&String>) -> Result<Option<Smtp>> {
    match (url.cloned(), from.cloned()) {
        (Some(url), Some(from)) => Ok(Some(Smtp { url, from })),
        (None, None) => Ok(None),
        _ => Err(Failure::usage("--smtp-url and --mail-from go together")),
    }
}

/// Every setting that a server's file may hold.
pub fn settings() -> clap::Command {
    Serve::augment_args(clap::Command::new("serve"))
}

fn checked_url(url: &str) -> Result<String> {
    let url = url.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ']) => Ok(url.into()),
        _ => Err(Failure::usage(format!("--public-url {url} is not the address of a server"))
            .mend("It is a scheme and a host, and perhaps a port: https://label.example.org")),
    }
}

pub async fn run(serve: Serve) -> Result {
    let serve = serve.with_config()?;
    let telemetry = telemetry::begin(serve.log_format, serve.traces()?)?;
    let outcome = run_until_told(serve).await;
    // What happened last is told as well.
    blocking(move || {
        telemetry.end();
        Ok(())
    })
    .await?;
    outcome
}

async fn run_until_told(serve: Serve) -> Result {
    let role = serve.role.unwrap_or(ProcessRole::All);
    let place = serve.place.clone();
    // Checked before anything is made on disk.
    let wanted = serve.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7780)));
    serve.config(wanted)?;
    let _lock = match place.backend() {
        Backend::Folder(folder) if role == ProcessRole::All => Some(lock(&folder)?),
        Backend::Folder(_) => {
            return Err(Failure::usage("with SQLite one process does everything")
                .mend("Leave --role out, or keep the stores in PostgreSQL with --database-url."));
        }
        Backend::Postgres { .. } | Backend::Memory => None,
    };
    let opening = place.clone();
    let stores = blocking(move || opening.open(Make::IfMissing)).await?;

    server::health::begin();
    let stop = stop_signal()?;
    if role == ProcessRole::Worker {
        let app = App::new(stores.clone(), serve.config(wanted)?, crate::now);
        let background = begin_background(&app);
        tracing::info!("working in the background");
        stop.await;
        background.stop().await?;
        stores.close();
        return Ok(Outcome::Fine);
    }

    let listener = server::serve::listen(wanted).await.map_err(|error| {
        Failure::from(error).mend("Is another server there? Choose another address with --listen.")
    })?;
    let listen = listener.local_addr().doing("the address")?;
    let config = serve.config(listen)?;
    let public_url = config.public_url.clone();
    let app = App::new(stores.clone(), config, crate::now);
    let background = (role == ProcessRole::All).then(|| begin_background(&app));
    crate::print::line(&format!("fairmark listens on http://{listen}"));
    let claiming = stores.clone();
    let token =
        blocking(move || Ok(server::people::new_claim_token(&claiming, crate::now())?)).await?;
    if let Some(token) = token {
        crate::print::line(&format!(
            "Nobody has claimed this installation yet. Open this link to become its first owner:\n\n  \
             {public_url}/setup#token={token}\n\nClaim token: {token}"
        ));
    }
    server::serve::serve(app, listener, stop).await?;
    if let Some(background) = background {
        background.stop().await?;
    }
    stores.close();
    Ok(Outcome::Fine)
}

/// What works without being asked.
pub struct Background {
    jobs: server::jobs::Runner,
    relay: tokio::task::JoinHandle<()>,
}

pub fn begin_background(app: &App) -> Background {
    Background { jobs: server::jobs::start(app), relay: server::relay::start(app.clone()) }
}

impl Background {
    /// Lets jobs put down what they have in hand. All of it is taken up again after the next start.
    pub async fn stop(self) -> Result<()> {
        self.relay.abort();
        blocking(move || {
            self.jobs.stop();
            Ok(())
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    crate::place::blocking(&crate::print::Print { json: false }, move |_| run()).await
}

/// Keeps a second server from the same folder: each would number events and count leases on its own.
/// The lock goes with the process, however it ends.
fn lock(folder: &Path) -> Result<File> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .doing(folder.display())?;
    let path = folder.join("server.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .doing(path.display())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Failure::new(format!("another server works in {}", folder.display()))
                .mend("Stop it first, or give this one a folder of its own with --data-dir."))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error).doing(path.display()),
    }
}

/// Ready once the process is told to end.
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).doing("SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).doing("SIGINT")?;
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("told to stop; requests in flight may finish");
    })
}
