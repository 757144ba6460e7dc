//! Releases of the finished projects, and proof that what comes out is what was promised.

use super::bring::Project;
use super::hands::Hands;
use crate::failure::{Failure, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

pub struct Made {
    pub project: String,
    pub number: i64,
    pub tasks: i64,
    pub files: Vec<ReleaseFile>,
}

pub struct ReleaseFile {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

const PATIENCE: Duration = Duration::from_secs(120);

/// Makes a release and waits for it.
pub async fn make(manager: &Hands, project: &Project, formats: &[&str]) -> Result<Made> {
    let wanted = json!({ "name": "Demonstration", "formats": formats });
    let mut release =
        manager.post(&format!("/api/projects/{}/releases", project.id), &wanted).await?;
    let path = format!("/api/releases/{}", release["id"].as_str().unwrap_or_default());
    let began = Instant::now();
    loop {
        match release["state"].as_str().unwrap_or_default() {
            "done" => break,
            "failed" | "canceled" => {
                return Err(Failure::new(format!(
                    "the release of {} failed: {release}",
                    project.name
                )));
            }
            _ if began.elapsed() > PATIENCE => {
                return Err(Failure::new(format!(
                    "the release of {} was not made in time",
                    project.name
                )));
            }
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        release = manager.get(&path).await?;
    }
    let mut files = Vec::new();
    for file in release["files"].as_array().into_iter().flatten() {
        files.push(check(manager, file).await?);
    }
    let number = |name: &str| release[name].as_i64().unwrap_or_default();
    Ok(Made {
        project: project.name.clone(),
        number: number("number"),
        tasks: number("tasks"),
        files,
    })
}

/// Downloads a file, and holds it against what the release says of it.
async fn check(manager: &Hands, file: &Value) -> Result<ReleaseFile> {
    let text = |name: &str| file[name].as_str().unwrap_or_default();
    let bytes = manager.download(text("url")).await?;
    let digest = Sha256::digest(&bytes);
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let promised = file["bytes"].as_u64().unwrap_or_default();
    if bytes.len() as u64 != promised || sha256 != text("sha256") {
        return Err(Failure::new(format!(
            "{} is not the file that its release promised",
            text("name")
        )));
    }
    Ok(ReleaseFile { name: text("name").into(), bytes: promised, sha256 })
}
