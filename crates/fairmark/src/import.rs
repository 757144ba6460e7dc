//! `fairmark import`: files and lists on their way into a project.
//!
//! - **I1** Every file goes up in pieces. The server knows it by its external id (its path below the
//!   folder) and length, so the same import again goes on where it broke off.
//! - **I2** A bad file or row is told, saved to the error file, and does not stop the others.

use crate::client::{Body, Client, Server, encode};
use crate::failure::{Doing, Failure, Outcome, Result};
use crate::job::{Unit, bar, wait};
use crate::print::{Print, note};
use crate::project;
use clap::Args;
use indicatif::ProgressBar;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[derive(Args)]
pub struct Import {
    /// A folder of files, a manifest (.jsonl, .csv), a native export, COCO (.json), VOC (.zip), or s3://bucket/prefix.
    source: String,
    #[arg(long, value_name = "NAME")]
    project: String,
    /// Make the project out of this template if it is not there yet.
    #[arg(long, value_name = "TEMPLATE")]
    create: Option<String>,
    /// What a file is, where its name does not say it.
    #[arg(long, value_parser = ["manifest", "native", "coco", "voc"])]
    kind: Option<String>,
    /// Check everything and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where bad rows are written.
    #[arg(long, default_value = "fairmark-errors.csv", value_name = "FILE")]
    errors: PathBuf,
    /// Files on their way at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    concurrency: u8,
    /// Where the bucket is, unless it is Amazon's. Its keys stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    #[arg(long, value_name = "URL")]
    s3_endpoint: Option<String>,
    #[arg(long, default_value = "us-east-1", value_name = "NAME")]
    s3_region: String,
    #[command(flatten)]
    server: Server,
}

const PIECE_BYTES: usize = 4 << 20;
/// A wrong offset is mended by the server's answer; more than a few times is no accident.
const CORRECTIONS_MAX: u32 = 3;

pub async fn run(import: Import, print: &Print) -> Result {
    let path = Path::new(&import.source);
    let in_bucket = import.source.starts_with("s3://");
    if !in_bucket && !path.exists() {
        return Err(Failure::usage(format!("there is no file or folder {}", import.source)));
    }
    let client = import.server.client()?;
    let project = find_or_create(&client, &import).await?;
    let id = project::id(&project);
    if path.is_dir() && !in_bucket {
        if import.dry_run {
            return Err(Failure::usage("a folder has no dry run")
                .mend("Name a manifest, or leave --dry-run out."));
        }
        return folder(&client, &id, path, &import, print).await;
    }
    let body = if in_bucket {
        json!({ "source": "s3", "s3": bucket(&import)? })
    } else {
        let kind = import.kind.clone().map_or_else(|| guess(path), Ok)?;
        let upload = send_list(&client, &id, path, print).await?;
        json!({ "source": kind, "upload": upload })
    };
    let mut body = body;
    if import.dry_run {
        body["dry_run"] = true.into();
    }
    let job = client.post(&format!("/api/projects/{id}/imports"), body).await?;
    let job = wait(&client, &job, "importing", print).await?;
    let bad = job["bad"].as_u64().unwrap_or(0);
    if bad > 0 {
        save_errors(&client, &job, &import.errors).await?;
    }
    let done = job["done"].as_u64().unwrap_or(0);
    let verb = if import.dry_run { "would come in" } else { "came in" };
    let mut sentence = format!("{} of {done} rows {verb}", done.saturating_sub(bad));
    if bad > 0 {
        sentence.push_str(&format!("; bad: {bad}, told in {}", import.errors.display()));
    }
    print.say(job, sentence);
    Ok(if bad > 0 { Outcome::Partly } else { Outcome::Fine })
}

async fn find_or_create(client: &Client, import: &Import) -> Result<Value> {
    let found = client.project(&import.project).await;
    match (&import.create, found) {
        (Some(template), Err(_)) => {
            let body = json!({ "name": import.project, "template": template });
            client.post("/api/projects", body).await
        }
        (None, Err(failure)) => {
            Err(failure.mend("Name another, or give --create TEMPLATE to make it."))
        }
        (_, found) => found,
    }
}

/// What a file is, by its name and its beginning.
fn guess(path: &Path) -> Result<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let kind = match name.rsplit('.').next() {
        Some("csv") => "manifest",
        Some("jsonl" | "ndjson") => {
            let mut beginning = [0; 512];
            let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut beginning));
            let read = read.doing(path.display())?;
            let beginning = String::from_utf8_lossy(&beginning[..read]).replace(' ', "");
            if beginning.contains("\"fairmark\":1") { "native" } else { "manifest" }
        }
        Some("json") => "coco",
        Some("zip") => "voc",
        _ => {
            return Err(Failure::usage(format!("what {name} is cannot be told from its name"))
                .mend("Give --kind manifest, native, coco or voc."));
        }
    };
    Ok(kind.into())
}

fn bucket(import: &Import) -> Result<Value> {
    let rest = import.source.trim_start_matches("s3://");
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let variable = |name: &str| {
        std::env::var(name).map_err(|_| {
            Failure::usage(format!("{name} is not set"))
                .mend("The server reads the bucket with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of your environment.")
        })
    };
    Ok(json!({
        "bucket": bucket,
        "prefix": prefix,
        "endpoint": import.s3_endpoint,
        "region": import.s3_region,
        "access_key_id": variable("AWS_ACCESS_KEY_ID")?,
        "secret_access_key": variable("AWS_SECRET_ACCESS_KEY")?,
    }))
}

/// Sends a list up; answers the id of its upload, which the import then reads.
async fn send_list(client: &Client, project: &str, path: &Path, print: &Print) -> Result<String> {
    let bytes = std::fs::metadata(path).doing(path.display())?.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stamp = crate::now().0;
    let entry =
        Entry { external_id: format!("import/{stamp}/{name}"), name, path: path.into(), bytes };
    let bar = bar(print, "sending", Some(bytes), Unit::Bytes);
    let upload = send(client, project, &entry, &bar).await?;
    bar.finish_and_clear();
    Ok(upload["id"].as_str().unwrap_or_default().into())
}

async fn save_errors(client: &Client, job: &Value, path: &Path) -> Result<()> {
    let at = format!("/api/jobs/{}/errors", encode(job["id"].as_str().unwrap_or_default()));
    let answer = client.request(Method::GET, &at).send().await;
    let answer = answer.and_then(reqwest::Response::error_for_status);
    let mut answer = answer.map_err(|error| client.unreachable(&error))?;
    let mut file = std::fs::File::create(path).doing(path.display())?;
    while let Some(piece) = answer.chunk().await.map_err(|error| client.unreachable(&error))? {
        file.write_all(&piece).doing(path.display())?;
    }
    Ok(())
}

/// A file that is to become an item.
#[derive(Clone)]
struct Entry {
    external_id: String,
    name: String,
    path: PathBuf,
    bytes: u64,
}

/// What became of a file.
enum Sent {
    Made,
    Known,
}

async fn folder(
    client: &Client,
    project: &str,
    folder: &Path,
    import: &Import,
    print: &Print,
) -> Result {
    let mut entries = Vec::new();
    collect(folder, folder, &mut entries).doing(folder.display())?;
    if entries.is_empty() {
        return Err(Failure::new(format!("there is no file in {}", folder.display())));
    }
    entries.sort_by(|a, b| a.external_id.cmp(&b.external_id));
    let bar =
        bar(print, "sending", Some(entries.iter().map(|entry| entry.bytes).sum()), Unit::Bytes);
    let entries = Arc::new(entries);
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..import.concurrency {
        let (client, project, bar) = (client.clone(), project.to_string(), bar.clone());
        let (entries, next) = (Arc::clone(&entries), Arc::clone(&next));
        senders.spawn(async move {
            let mut done = Vec::new();
            while let Some(entry) = entries.get(next.fetch_add(1, Relaxed)) {
                done.push((entry.clone(), bring(&client, &project, entry, &bar).await));
            }
            done
        });
    }
    let (mut made, mut known, mut bad) = (0, 0, Vec::new());
    while let Some(done) = senders.join_next().await {
        for (entry, outcome) in done.doing("sending")? {
            match outcome {
                Ok(Sent::Made) => made += 1,
                Ok(Sent::Known) => known += 1,
                Err(failure) => bad.push((entry, failure)),
            }
        }
    }
    bar.finish_and_clear();
    bad.sort_by(|(a, _), (b, _)| a.external_id.cmp(&b.external_id));
    if !bad.is_empty() {
        write_bad(&import.errors, &bad).doing(import.errors.display())?;
        for (entry, failure) in bad.iter().take(10) {
            note(&format!("{}: {failure}", entry.external_id));
        }
        if bad.len() > 10 {
            note(&format!("… and {} more", bad.len() - 10));
        }
    }
    let mut sentence = format!("files that came in: {made}");
    if known > 0 {
        sentence.push_str(&format!(", there already: {known}"));
    }
    if !bad.is_empty() {
        sentence.push_str(&format!("; bad: {}, told in {}", bad.len(), import.errors.display()));
    }
    let value = json!({ "project": project, "made": made, "known": known, "bad": bad.len() });
    print.say(value, sentence);
    if made + known == 0 {
        return Err(Failure::new("nothing came in"));
    }
    Ok(if bad.is_empty() { Outcome::Fine } else { Outcome::Partly })
}

/// The files of a folder and of those inside, save for hidden ones. Links are not followed.
fn collect(root: &Path, folder: &Path, into: &mut Vec<Entry>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            collect(root, &path, into)?;
        } else if kind.is_file() {
            let below = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            let bytes = entry.metadata()?.len();
            into.push(Entry { external_id: parts.join("/"), name, path, bytes });
        }
    }
    Ok(())
}

fn write_bad(path: &Path, bad: &[(Entry, Failure)]) -> std::io::Result<()> {
    // As the server writes the errors of an import, so that one tool reads both.
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "row,field,code,message,raw")?;
    for (number, (entry, failure)) in bad.iter().enumerate() {
        let (row, message) = (number + 1, quote(&failure.to_string()));
        let code = failure.named.as_deref().unwrap_or("not_sent");
        writeln!(file, "{row},file,{code},{message},{}", quote(&entry.external_id))?;
    }
    file.flush()
}

/// Sends one file and has it made an item.
async fn bring(client: &Client, project: &str, entry: &Entry, bar: &ProgressBar) -> Result<Sent> {
    let upload = send(client, project, entry, bar).await?;
    if upload["state"] == "done" {
        return Ok(Sent::Known);
    }
    let path = format!("/api/uploads/{}/finish", encode(upload["id"].as_str().unwrap_or_default()));
    client.post(&path, json!({})).await?;
    Ok(Sent::Made)
}

/// Opens the upload of a file, or finds the one begun before, and sends what is missing (I1).
async fn send(client: &Client, project: &str, entry: &Entry, bar: &ProgressBar) -> Result<Value> {
    let body =
        json!({ "external_id": entry.external_id, "name": entry.name, "bytes": entry.bytes });
    let mut upload = client.post(&format!("/api/projects/{project}/uploads"), body).await?;
    if upload["state"] == "done" {
        bar.inc(entry.bytes);
        return Ok(upload);
    }
    let path = format!("/api/uploads/{}", encode(upload["id"].as_str().unwrap_or_default()));
    let mut file = std::fs::File::open(&entry.path).doing(entry.path.display())?;
    let mut offset = upload["offset"].as_u64().unwrap_or(0);
    let mut corrections = 0;
    bar.inc(offset);
    while offset < entry.bytes {
        let bytes = piece(&mut file, offset).doing(entry.path.display())?;
        if bytes.is_empty() {
            return Err(Failure::new(format!("{} became shorter meanwhile", entry.path.display())));
        }
        let sent = bytes.len() as u64;
        match client.ask(Method::PATCH, &path, Body::Piece { offset, bytes }).await? {
            Ok(answer) => {
                offset = answer["offset"].as_u64().unwrap_or(offset + sent);
                bar.inc(sent);
                upload = answer;
            }
            Err(refusal) => match refusal.details["offset"].as_u64() {
                Some(right) if refusal.code == "wrong_offset" && corrections < CORRECTIONS_MAX => {
                    corrections += 1;
                    offset = right;
                }
                _ => return Err(refusal.into()),
            },
        }
    }
    Ok(upload)
}

fn piece(file: &mut std::fs::File, offset: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(PIECE_BYTES);
    file.take(PIECE_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
