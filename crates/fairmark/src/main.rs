//! The binary: command line, configuration, composition.

use clap::{Parser, Subcommand};
use domain::Timestamp;
use server::{App, Config};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Backend, Stores};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The data engine that AI teams can own.
#[derive(Parser)]
#[command(name = "fairmark", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve {
        /// Where the stores, the blobs and the root key live.
        #[arg(long, env = "FAIRMARK_DATA_DIR", default_value = "fairmark-data")]
        data_dir: PathBuf,
        #[arg(long, env = "FAIRMARK_LISTEN", default_value = "127.0.0.1:7780")]
        listen: SocketAddr,
        /// Keep the stores in PostgreSQL instead: postgres://user:password@host/database
        #[arg(long, env = "FAIRMARK_DATABASE_URL")]
        database_url: Option<String>,
    },
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| since.as_millis() as i64))
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter("info").with_writer(std::io::stderr).init();
    let Arguments { command } = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("fairmark: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fairmark: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        Command::Serve { data_dir, listen, database_url } => {
            std::fs::create_dir_all(&data_dir)?;
            let root = RootKey::load_or_create(&data_dir.join("root.key"))?;
            let blobs = Blobs::local(data_dir.join("blobs"))?;
            let backend = match database_url {
                Some(url) => Backend::Postgres { url, prefix: "fairmark_".into() },
                None => Backend::Folder(data_dir.clone()),
            };
            let stores =
                tokio::task::spawn_blocking(move || Stores::open(backend, root, blobs)).await??;
            let mut config = Config::loopback(listen.port());
            config.listen = listen;
            server::health::begin();
            let app = App::new(stores.clone(), config, now);
            let token = tokio::task::spawn_blocking(move || {
                server::people::new_claim_token(&stores, now())
            })
            .await?;
            let token = token.map_err(|error| format!("{error:?}"))?;
            let listener =
                server::serve::listen(listen).await.map_err(|error| format!("{error:?}"))?;
            println!("fairmark listens on http://{listen}");
            if let Some(token) = token {
                println!("claim this installation at http://{listen}/claim with the token {token}");
            }
            let stop = async {
                let mut terminate =
                    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                    {
                        Ok(terminate) => terminate,
                        Err(_) => return std::future::pending().await,
                    };
                tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = terminate.recv() => {} }
            };
            server::serve::serve(app, listener, stop)
                .await
                .map_err(|error| format!("{error:?}"))?;
            Ok(())
        }
    }
}
