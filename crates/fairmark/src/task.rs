//! `fairmark task`: tasks of a project, one by one.

use crate::client::{Server, encode};
use crate::failure::{Outcome, Result};
use crate::print::Print;
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub enum Command {
    /// List the tasks of a project.
    List {
        #[arg(long, value_name = "NAME")]
        project: String,
        /// queued, in_progress, in_review, done, canceled or error.
        #[arg(long)]
        state: Option<String>,
        /// The beginning of the external id.
        #[arg(long, value_name = "TEXT")]
        q: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 1_000)]
        limit: usize,
        #[command(flatten)]
        server: Server,
    },
    /// Show all of a task: its answers, reviews and history.
    Show {
        task: String,
        #[command(flatten)]
        server: Server,
    },
    /// Change how soon a task is handed out.
    Change {
        task: String,
        /// 0 to 9; 9 comes first.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(0..=9))]
        priority: u8,
        #[command(flatten)]
        server: Server,
    },
    /// Take a task out of the work.
    Cancel {
        task: String,
        #[command(flatten)]
        server: Server,
    },
    /// Put a task back into the work.
    Reopen {
        task: String,
        /// Why; it stands in the task's history.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: Server,
    },
}

const FIELDS: [&str; 9] = [
    "id",
    "external_id",
    "state",
    "stage",
    "priority",
    "answers",
    "overlap",
    "agreement",
    "updated_at",
];

pub async fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::List { project, state, q, limit, server } => {
            let client = server.client()?;
            let project = client.project(&project).await?;
            let mut path = format!("/api/tasks?project={}", crate::project::id(&project));
            for (name, value) in [("state", state), ("q", q)] {
                if let Some(value) = value {
                    path.push_str(&format!("&{name}={}", encode(&value)));
                }
            }
            let items = client.list(&path, limit).await?;
            print.list(
                items,
                &["id", "external_id", "state", "stage", "priority", "answers", "overlap"],
            );
        }
        Command::Show { task, server } => {
            let task = server.client()?.get(&format!("/api/tasks/{}", encode(&task))).await?;
            print.show(&task, &FIELDS);
        }
        Command::Change { task, priority, server } => {
            let path = format!("/api/tasks/{}", encode(&task));
            let answer = server.client()?.patch(&path, json!({ "priority": priority })).await?;
            print.say(answer, format!("{task} has priority {priority}"));
        }
        Command::Cancel { task, server } => {
            let path = format!("/api/tasks/{}/cancel", encode(&task));
            let answer = server.client()?.post(&path, json!({})).await?;
            print.say(answer, format!("{task} is canceled"));
        }
        Command::Reopen { task, reason, server } => {
            let path = format!("/api/tasks/{}/reopen", encode(&task));
            let answer = server.client()?.post(&path, json!({ "reason": reason })).await?;
            print.say(answer, format!("{task} waits again"));
        }
    }
    Ok(Outcome::Fine)
}
