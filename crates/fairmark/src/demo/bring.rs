//! Four projects and their data, as a manager brings them in.

use super::hands::Hands;
use crate::failure::{Doing, Failure, Result};
use domain::TaskId;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub struct Project {
    pub id: String,
    pub name: String,
    pub items: usize,
}

/// Files that are on their way at once.
const AT_ONCE: usize = 4;

/// Road pictures that wait to be labelled and reviewed.
pub async fn street(manager: &Hands, samples: &Path) -> Result<Project> {
    unlabelled(manager, &samples.join("street"), "images").await
}

/// A road as a video, in which vehicles wait to be followed.
pub async fn highway(manager: &Hands, samples: &Path) -> Result<Project> {
    unlabelled(manager, &samples.join("highway"), "videos").await
}

/// A project with the files of a folder, as they are.
async fn unlabelled(manager: &Hands, folder: &Path, kind: &str) -> Result<Project> {
    let mut project = make(manager, folder).await?;
    let items = files(&folder.join(kind))?;
    project.items = items.len();
    stream::iter(&items)
        .map(|path| async {
            let upload = upload(manager, &project.id, path).await?;
            manager.post(&format!("/api/uploads/{upload}/finish"), &json!({})).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    publish(manager, &project).await?;
    Ok(project)
}

/// Pictures that come with their labels, some of them gold.
pub async fn cells(manager: &Hands, samples: &Path) -> Result<Project> {
    let folder = samples.join("cells");
    let mut project = make(manager, &folder).await?;
    let rows = lines(&folder.join("labels.jsonl"))?;
    let items: Vec<Value> = stream::iter(rows)
        .map(|mut row| async {
            let path = row["path"].as_str().unwrap_or_default();
            let upload = upload(manager, &project.id, &folder.join(path)).await?;
            if let Some(fields) = row.as_object_mut() {
                fields.remove("path");
                fields.insert("upload".into(), json!(upload));
            }
            Ok::<_, Failure>(row)
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    project.items = items.len();
    add(manager, &project, items).await?;
    publish(manager, &project).await?;
    Ok(project)
}

/// Texts that wait for twenty answers each; with the task of each.
pub async fn weather(
    manager: &Hands,
    samples: &Path,
) -> Result<(Project, HashMap<String, TaskId>)> {
    let folder = samples.join("weather");
    let mut project = make(manager, &folder).await?;
    let items = lines(&folder.join("tweets.jsonl"))?;
    project.items = items.len();
    add(manager, &project, items).await?;
    publish(manager, &project).await?;
    let tasks = tasks(manager, &project).await?;
    Ok((project, tasks))
}

/// The same texts under a plan that decides after each answer. Of every tenth is known what all twenty said together.
pub async fn adaptive_weather(
    manager: &Hands,
    samples: &Path,
    known: &HashMap<String, String>,
) -> Result<(Project, HashMap<String, TaskId>)> {
    let folder = samples.join("weather");
    let (mut new, other) =
        (json_file(&folder.join("project.json"))?, json_file(&folder.join("adaptive.json"))?);
    for field in ["name", "plan"] {
        new[field] = other[field].clone();
    }
    let mut project = make_of(manager, &folder, new).await?;
    let mut items = lines(&folder.join("tweets.jsonl"))?;
    for item in items.iter_mut().step_by(10) {
        let class = item["external_id"].as_str().and_then(|id| known.get(id));
        if let Some(class) = class {
            item["gold"] = json!(true);
            item["answer"] = json!({ "choices": [class] });
        }
    }
    project.items = items.len();
    add(manager, &project, items).await?;
    publish(manager, &project).await?;
    let tasks = tasks(manager, &project).await?;
    Ok((project, tasks))
}

async fn make(manager: &Hands, folder: &Path) -> Result<Project> {
    make_of(manager, folder, json_file(&folder.join("project.json"))?).await
}

async fn make_of(manager: &Hands, folder: &Path, project: Value) -> Result<Project> {
    let project = manager.post("/api/projects", &project).await?;
    let text = |name: &str| project[name].as_str().unwrap_or_default().to_string();
    let project = Project { id: text("id"), name: text("name"), items: 0 };
    let path = folder.join("instructions.md");
    let markdown = std::fs::read_to_string(&path).doing(path.display())?;
    let instructions = json!({ "base": 1, "markdown": markdown });
    manager.put(&format!("/api/projects/{}/instructions", project.id), &instructions).await?;
    Ok(project)
}

async fn publish(manager: &Hands, project: &Project) -> Result<()> {
    let path = format!("/api/projects/{}", project.id);
    let version = manager.get(&path).await?["version"].clone();
    manager.patch(&path, &json!({ "base": version, "state": "published" })).await?;
    Ok(())
}

/// Sends a file; answers the upload, which is not an item yet.
async fn upload(manager: &Hands, project: &str, path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).doing(path.display())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let external_id = path.file_stem().unwrap_or_default().to_string_lossy();
    let new = json!({ "external_id": external_id, "name": name, "bytes": bytes.len() });
    let upload = manager.post(&format!("/api/projects/{project}/uploads"), &new).await?;
    let id = upload["id"].as_str().unwrap_or_default().to_string();
    manager.send(&format!("/api/uploads/{id}"), 0, bytes).await?;
    Ok(id)
}

async fn add(manager: &Hands, project: &Project, items: Vec<Value>) -> Result<()> {
    let wanted = items.len();
    let added = manager
        .post(&format!("/api/projects/{}/items", project.id), &json!({ "items": items }))
        .await?;
    if added["created"] == json!(wanted) {
        return Ok(());
    }
    let error = &added["errors"][0];
    Err(Failure::new(format!(
        "{}: {} of {wanted} items came in; the first that did not: {error}",
        project.name, added["created"]
    )))
}

/// The task of each item, by external id.
async fn tasks(manager: &Hands, project: &Project) -> Result<HashMap<String, TaskId>> {
    let mut tasks = HashMap::new();
    let mut cursor = String::new();
    loop {
        let page =
            manager.get(&format!("/api/projects/{}/items?limit=200{cursor}", project.id)).await?;
        for item in page["items"].as_array().into_iter().flatten() {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_string();
            let task = text("task")
                .parse()
                .map_err(|_| Failure::new(format!("an item without a task: {item}")))?;
            tasks.insert(text("external_id"), task);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(tasks),
        }
    }
}

fn json_file(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).doing(path.display())?;
    serde_json::from_str(&text).doing(path.display())
}

/// A file of JSON lines.
fn lines(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).doing(path.display())?;
    text.lines().map(|line| serde_json::from_str(line).doing(path.display())).collect()
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).doing(folder.display())?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.doing(folder.display())?.path());
    }
    paths.sort();
    Ok(paths)
}
