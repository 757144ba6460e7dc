//! `fairmark project`: projects of a server.

use crate::client::{Client, Server, encode};
use crate::failure::{Doing, Outcome, Result};
use crate::print::Print;
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Command {
    /// List the projects.
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Make a project out of a template, as a draft.
    Create {
        name: String,
        /// image_boxes, image_polygons, image_boxes_polygons, image_choice, image_choices, text_choice, text_choices, text_spans, text_spans_choice or text_spans_choices.
        #[arg(long)]
        template: String,
        /// A JSON file with the classes, instead of the template's own.
        #[arg(long, value_name = "FILE")]
        ontology: Option<PathBuf>,
        /// A JSON file with the plan: overlap, review, agreement_min, lease_minutes, pay.
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        /// A Markdown file with the instructions.
        #[arg(long, value_name = "FILE")]
        instructions: Option<PathBuf>,
        /// Offer its tasks at once.
        #[arg(long)]
        publish: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Give a project another name, plan, or the next version of its classes or instructions.
    Change {
        project: String,
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// A JSON file with the classes. Keys that answers use must stay.
        #[arg(long, value_name = "FILE")]
        ontology: Option<PathBuf>,
        /// A JSON file with the whole plan.
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        /// A Markdown file with the instructions.
        #[arg(long, value_name = "FILE")]
        instructions: Option<PathBuf>,
        #[command(flatten)]
        server: Server,
    },
    /// Show a project and how far it is.
    Show {
        project: String,
        #[command(flatten)]
        server: Server,
    },
    /// Offer the tasks of a project.
    Publish {
        project: String,
        #[command(flatten)]
        server: Server,
    },
    /// Offer no more tasks; what people hold they may finish.
    Pause {
        project: String,
        #[command(flatten)]
        server: Server,
    },
    /// Close a project for good: it can be read and exported, and not changed.
    Archive {
        project: String,
        #[command(flatten)]
        server: Server,
    },
}

const FIELDS: [&str; 9] =
    ["id", "name", "template", "state", "mode", "tasks", "done", "in_review", "created_at"];

pub async fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::List { server } => {
            let all = server.client()?.list("/api/projects", usize::MAX).await?;
            let items = if print.json { all } else { all.into_iter().map(flat).collect() };
            print.list(items, &["id", "name", "state", "mode", "tasks", "done"]);
        }
        Command::Create { name, template, ontology, plan, instructions, publish, server } => {
            let client = server.client()?;
            let mut body = json!({ "name": name, "template": template });
            for (field, path) in [("ontology", &ontology), ("plan", &plan)] {
                if let Some(path) = path {
                    body[field] = read_json(path)?;
                }
            }
            let mut project = client.post("/api/projects", body).await?;
            if let Some(path) = &instructions {
                let at = format!("/api/projects/{}/instructions", id(&project));
                let body = json!({ "base": 1, "markdown": read(path)? });
                client.put(&at, body).await?;
            }
            if publish {
                project = change_state(&client, &project, "published").await?;
            }
            show(project, print);
        }
        Command::Change { project, name, ontology, plan, instructions, server } => {
            let client = server.client()?;
            let project = client.project(&project).await?;
            let at = format!("/api/projects/{}", id(&project));
            if let Some(path) = &ontology {
                let ontology = read_json(path)?;
                let body = json!({ "base": project["ontology_version"], "ontology": ontology });
                client.put(&format!("{at}/ontology"), body).await?;
            }
            if let Some(path) = &instructions {
                let body =
                    json!({ "base": project["instructions_version"], "markdown": read(path)? });
                client.put(&format!("{at}/instructions"), body).await?;
            }
            // Read anew: each of the above has made another version.
            let mut project = client.get(&at).await?;
            let mut change = json!({ "base": project["version"] });
            if let Some(name) = name {
                change["name"] = name.into();
            }
            if let Some(path) = &plan {
                change["plan"] = read_json(path)?;
            }
            if change.get("name").or(change.get("plan")).is_some() {
                project = client.patch(&at, change).await?;
            }
            show(project, print);
        }
        Command::Archive { project, server } => {
            move_to(&project, "archived", &server, print).await?
        }
        Command::Show { project, server } => {
            let project = server.client()?.project(&project).await?;
            show(project, print);
        }
        Command::Publish { project, server } => {
            move_to(&project, "published", &server, print).await?
        }
        Command::Pause { project, server } => move_to(&project, "paused", &server, print).await?,
    }
    Ok(Outcome::Fine)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).doing(path.display())
}

fn read_json(path: &Path) -> Result<Value> {
    serde_json::from_str(&read(path)?).doing(path.display())
}

/// The id of a project, fit for an address.
pub fn id(project: &Value) -> String {
    encode(project["id"].as_str().unwrap_or_default())
}

async fn move_to(name: &str, state: &str, server: &Server, print: &Print) -> Result<()> {
    let client = server.client()?;
    let project = client.project(name).await?;
    show(change_state(&client, &project, state).await?, print);
    Ok(())
}

/// A state that is there already is fine: a script may be run again.
pub async fn change_state(client: &Client, project: &Value, state: &str) -> Result<Value> {
    if project["state"] == state {
        return Ok(project.clone());
    }
    // Read anew: saving instructions may have made another version.
    let path = format!("/api/projects/{}", id(project));
    let base = client.get(&path).await?["version"].clone();
    client.patch(&path, json!({ "base": base, "state": state })).await
}

fn show(project: Value, print: &Print) {
    let project = if print.json { project } else { flat(project) };
    print.show(&project, &FIELDS);
}

/// With its counts beside the other fields, for people.
fn flat(mut project: Value) -> Value {
    if let Value::Object(counts) = project["counts"].take() {
        for (name, count) in counts {
            project[name] = count;
        }
    }
    project
}
