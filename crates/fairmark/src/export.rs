//! `fairmark export`: makes a release of a project and brings its files here.
//!
//! A file that broke off goes on where it was; a file is only given its name once its SHA-256 is the
//! release's.

use crate::client::{Client, Server, encode};
use crate::failure::{Doing, Failure, Outcome, Result};
use crate::job::{Unit, bar, wait};
use crate::print::{Print, note};
use crate::project;
use clap::Args;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Export {
    #[arg(long, value_name = "NAME")]
    project: String,
    /// Any of native, coco, csv, spans, cuboids, kitti, points, nuscenes, cvat_video, mot, and what `fairmark convert` writes
    /// (yolo, voc, cvat, label-studio, parquet, …), as far as it fits what the project asks.
    #[arg(long, value_delimiter = ',', default_value = "native", value_name = "FORMAT,…")]
    format: Vec<String>,
    /// The folder to write into.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// A name for the release.
    #[arg(long)]
    name: Option<String>,
    /// The pictures too.
    #[arg(long)]
    with_pictures: bool,
    /// The whole project: in the native file also the tasks that have no label yet, with what was said of them.
    #[arg(long)]
    with_open: bool,
    /// Bring the files of this release, instead of making a new one.
    #[arg(long, value_name = "ID", conflicts_with_all = ["name", "with_pictures", "with_open"])]
    release: Option<String>,
    #[command(flatten)]
    server: Server,
}

/// How often a file is taken up again that broke off.
const TRIES_MAX: u32 = 8;

pub async fn run(export: Export, print: &Print) -> Result {
    let client = export.server.client()?;
    std::fs::create_dir_all(&export.out).doing(export.out.display())?;
    let release = match &export.release {
        Some(id) => client.get(&format!("/api/releases/{}", encode(id))).await?,
        None => make(&client, &export, print).await?,
    };
    let files = release["files"].as_array().cloned().unwrap_or_default();
    let total = files.iter().filter_map(|file| file["bytes"].as_u64()).sum();
    let bar = bar(print, "fetching", Some(total), Unit::Bytes);
    let mut paths = Vec::new();
    for file in &files {
        paths.push(fetch(&client, file, &export.out, &bar).await?);
    }
    bar.finish_and_clear();
    for loss in release["loss"].as_array().into_iter().flatten() {
        let text = |name: &str| loss[name].as_str().unwrap_or_default().to_string();
        note(&format!(
            "{} cannot hold: {} ({} times)",
            text("format"),
            text("what"),
            loss["count"]
        ));
    }
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let sentence =
        format!("Release {} of {}:\n{}", release["number"], export.project, names.join("\n"));
    print.say(json!({ "release": release, "files": names }), sentence);
    Ok(Outcome::Fine)
}

async fn make(client: &Client, export: &Export, print: &Print) -> Result<Value> {
    let project = client.project(&export.project).await?;
    let mut body = json!({ "formats": export.format, "with_pictures": export.with_pictures, "with_open": export.with_open });
    if let Some(name) = &export.name {
        body["name"] = name.as_str().into();
    }
    let release =
        client.post(&format!("/api/projects/{}/releases", project::id(&project)), body).await?;
    let job = match &release["job"] {
        Value::String(id) => json!({ "id": id }),
        job => job.clone(),
    };
    wait(client, &job, "making the release", print).await?;
    client
        .get(&format!("/api/releases/{}", encode(release["id"].as_str().unwrap_or_default())))
        .await
}

async fn fetch(
    client: &Client,
    file: &Value,
    out: &Path,
    bar: &indicatif::ProgressBar,
) -> Result<PathBuf> {
    let text = |name: &str| file[name].as_str().unwrap_or_default();
    let (name, url, wanted) = (text("name"), text("url"), text("sha256"));
    let bytes = file["bytes"].as_u64().unwrap_or(0);
    // The name comes from the server: it must not lead out of the folder.
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    if !plain || !url.starts_with("/api/") {
        return Err(Failure::new(format!("the server names a file that cannot be: {name}")));
    }
    let path = out.join(name);
    if path.is_file() && digest(&path)? == wanted {
        bar.inc(bytes);
        return Ok(path);
    }
    let part = out.join(format!("{name}.part"));
    let mut last = Failure::new(format!("{name} did not arrive"));
    for _ in 0..TRIES_MAX {
        match go_on(client, url, &part, bytes, wanted, bar).await {
            Ok(()) => {}
            Err(failure) => {
                last = failure;
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
        }
        if digest(&part)? == wanted {
            std::fs::rename(&part, &path).doing(path.display())?;
            return Ok(path);
        }
        // Changed on its way, or left by another release: from the beginning.
        std::fs::remove_file(&part).doing(part.display())?;
        last = Failure::new(format!("{name} arrived damaged: its SHA-256 is not {wanted}"));
    }
    Err(last)
}

/// Adds to a part what is missing of it.
async fn go_on(
    client: &Client,
    url: &str,
    part: &Path,
    bytes: u64,
    etag: &str,
    bar: &indicatif::ProgressBar,
) -> Result<()> {
    let mut have = std::fs::metadata(part).map_or(0, |metadata| metadata.len());
    if have > bytes {
        std::fs::remove_file(part).doing(part.display())?;
        have = 0;
    }
    if have == bytes && bytes > 0 {
        return Ok(());
    }
    let mut request = client.request(Method::GET, url);
    if have > 0 {
        request = request
            .header(header::RANGE, format!("bytes={have}-"))
            .header(header::IF_RANGE, format!("\"{etag}\""));
    }
    let mut answer = request.send().await.map_err(|error| client.unreachable(&error))?;
    let mut file = match answer.status() {
        StatusCode::PARTIAL_CONTENT => std::fs::File::options().append(true).open(part),
        status if status.is_success() => std::fs::File::create(part),
        status => return Err(Failure::new(format!("{url}: the server answered {status}"))),
    }
    .doing(part.display())?;
    while let Some(piece) = answer.chunk().await.map_err(|error| client.unreachable(&error))? {
        file.write_all(&piece).doing(part.display())?;
        bar.inc(piece.len() as u64);
    }
    file.sync_all().doing(part.display())
}

fn digest(path: &Path) -> Result<String> {
    let mut file = std::fs::File::open(path).doing(path.display())?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).doing(path.display())? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
