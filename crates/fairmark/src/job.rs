//! `fairmark job`: what a server does by itself, listed, shown, waited for.

use crate::client::{Client, Server, encode};
use crate::failure::{Failure, Outcome, Result};
use crate::print::Print;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Subcommand)]
pub enum Command {
    /// List the jobs of a project, the newest first.
    List {
        #[arg(long, value_name = "NAME")]
        project: String,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        #[command(flatten)]
        server: Server,
    },
    /// Show how far a job is, and what became of it.
    Show {
        job: String,
        #[command(flatten)]
        server: Server,
    },
    /// Stop a job; what it has done by then stays.
    Cancel {
        job: String,
        #[command(flatten)]
        server: Server,
    },
}

const FIELDS: [&str; 8] = ["id", "kind", "state", "done", "total", "bad", "message", "created_at"];

pub async fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::List { project, limit, server } => {
            let client = server.client()?;
            let project = client.project(&project).await?;
            let path = format!("/api/jobs?project={}", crate::project::id(&project));
            print.list(client.list(&path, limit).await?, &FIELDS[..6]);
        }
        Command::Show { job, server } => {
            let job = server.client()?.get(&format!("/api/jobs/{}", encode(&job))).await?;
            print.show(&job, &FIELDS);
        }
        Command::Cancel { job, server } => {
            let path = format!("/api/jobs/{}/cancel", encode(&job));
            let answer = server.client()?.post(&path, json!({})).await?;
            print.say(answer, format!("{job} is told to stop"));
        }
    }
    Ok(Outcome::Fine)
}

/// A bar on a terminal; nothing where nobody looks. What is unknown in length spins.
pub fn bar(print: &Print, what: &str, total: Option<u64>, bytes: Unit) -> ProgressBar {
    if print.json {
        return ProgressBar::hidden();
    }
    let counts = match bytes {
        Unit::Bytes => "{bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
        Unit::Things => "{pos}/{len}, {eta} left",
    };
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    let form = match total {
        Some(_) => format!("{{msg}} [{{bar:30}}] {counts}"),
        None => "{spinner} {msg} {pos}".into(),
    };
    if let Ok(style) = ProgressStyle::with_template(&form) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_string());
    bar
}

#[derive(Clone, Copy)]
pub enum Unit {
    Bytes,
    Things,
}

/// Waits until a job has ended; answers it. Stopping this command does not stop the job.
pub async fn wait(client: &Client, job: &Value, what: &str, print: &Print) -> Result<Value> {
    let id = job["id"].as_str().unwrap_or_default().to_string();
    let path = format!("/api/jobs/{}", encode(&id));
    let bar = bar(print, what, None, Unit::Things);
    let mut pause = Duration::from_millis(100);
    loop {
        let job = client.get(&path).await?;
        if let (Some(total), None) = (job["total"].as_u64(), bar.length()) {
            bar.set_length(total);
            if let Ok(style) =
                ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left")
            {
                bar.set_style(style.progress_chars("=> "));
            }
        }
        bar.set_position(job["done"].as_u64().unwrap_or(0));
        let message = job["message"].as_str().unwrap_or("no reason is given");
        match job["state"].as_str() {
            Some("done") => {
                bar.finish_and_clear();
                return Ok(job);
            }
            Some("failed") => {
                bar.abandon();
                return Err(Failure::new(format!("{what} failed: {message}")));
            }
            Some("canceled") => {
                bar.abandon();
                return Err(Failure::new(format!("{what} was canceled ({id})")));
            }
            _ => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
