//! `fairmark import`: files and lists on their way into a project.
//!
//! - **I1** Every file goes up in pieces. The server knows it by its external id (its path below the
//!   folder) and length, so the same import again goes on where it broke off.
//! - **I2** A bad file or row is told, saved to the error file, and does not stop the others.
//! - **I3** With `--from`, a data set of another tool comes in whole: a project that asks what it answers, its
//!   classes and attributes, its pictures and its labels.

use crate::client::{Body, Client, Server, encode};
use crate::convert::{format_named, recognised};
use crate::failure::{Doing, Failure, Outcome, Result};
use crate::job::{Unit, bar, wait};
use crate::print::{Print, note};
use crate::project;
use clap::Args;
use formats::clouds::Kind;
use formats::exchange::{Format, Source, Survey};
use formats::manifest::{JsonlManifest, Source as ManifestSource};
use formats::tar::TarWriter;
use indicatif::ProgressBar;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[derive(Args)]
pub struct Import {
    /// A folder of files (or with a `manifest.jsonl`), a manifest (.jsonl, .csv), a release, another tool's export, or s3://bucket/prefix.
    source: String,
    #[arg(long, value_name = "NAME")]
    project: String,
    /// Make the project out of this template if it is not there yet.
    #[arg(long, value_name = "TEMPLATE")]
    create: Option<String>,
    /// Take over another tool's project: its classes and attributes, pictures and labels. The project is
    /// made if it is not there; with `auto`, the format is recognised.
    #[arg(long, value_name = "FORMAT", value_parser = from_named)]
    from: Option<From>,
    /// With --from, leave out classes and attributes that the project does not have.
    #[arg(long, requires = "from")]
    keep_ontology: bool,
    /// Take the labels as suggestions, which people begin with.
    #[arg(long)]
    suggestions: bool,
    /// What a file is, where its beginning does not say it.
    #[arg(long, value_parser = ["manifest", "native", "dataset"], conflicts_with = "from")]
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

/// The tool that a data set comes from.
#[derive(Clone, Copy)]
pub enum From {
    Auto,
    Format(Format),
}

fn from_named(name: &str) -> std::result::Result<From, String> {
    if name == "auto" { Ok(From::Auto) } else { format_named(name).map(From::Format) }
}

/// The list of a folder's items, where it has one.
const MANIFEST: &str = "manifest.jsonl";
const PIECE_BYTES: usize = 4 << 20;
/// A wrong offset is mended by the server's answer; more than a few times is no accident.
const CORRECTIONS_MAX: u32 = 3;

pub async fn run(import: Import, print: &Print) -> Result {
    // A folder that says itself what its items are is brought in as it says.
    let listed = Path::new(&import.source).join(MANIFEST);
    let is_listed = import.from.is_none() && listed.is_file();
    let path = if is_listed { &listed } else { Path::new(&import.source) };
    let in_bucket = import.source.starts_with("s3://");
    if !in_bucket && !path.exists() {
        return Err(Failure::usage(format!("there is no file or folder {}", import.source)));
    }
    if let (Some(from), false) = (import.from, in_bucket) {
        return dataset(path, from, &import, print).await;
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
        let kind = import.kind.clone().unwrap_or_else(|| "auto".into());
        send_parts_of_items(&client, &id, path, &import, print).await?;
        let upload = send_list(&client, &id, path, print).await?;
        json!({ "source": kind, "upload": upload })
    };
    let job = begin_and_wait(&client, &id, body, &import, print).await?;
    Ok(tell(&job, &import, print))
}

/// Begins an import on the server and waits for it; its bad rows are in the error file then.
async fn begin_and_wait(
    client: &Client,
    project: &str,
    mut body: Value,
    import: &Import,
    print: &Print,
) -> Result<Value> {
    if import.dry_run {
        body["dry_run"] = true.into();
    }
    if import.suggestions {
        body["answers"] = "suggestions".into();
    }
    let job = client.post(&format!("/api/projects/{project}/imports"), body).await?;
    let job = wait(client, &job, "importing", print).await?;
    if job["bad"].as_u64().is_some_and(|bad| bad > 0) {
        save_errors(client, &job, &import.errors).await?;
    }
    Ok(job)
}

fn tell(job: &Value, import: &Import, print: &Print) -> Outcome {
    let count = |of: &Value| of.as_u64().unwrap_or(0);
    let (bad, done) = (count(&job["bad"]), count(&job["done"]));
    let verb = if import.dry_run { "would come in" } else { "came in" };
    let mut sentence = format!("{} of {done} rows {verb}", done.saturating_sub(bad));
    if bad > 0 {
        sentence.push_str(&format!("; bad: {bad}, told in {}", import.errors.display()));
    }
    if !print.json {
        for (kind, loss) in job["result"]["losses"].as_object().into_iter().flatten() {
            let (kind, count) = (kind.replace('_', " "), count(&loss["count"]));
            let example = loss["examples"][0].as_str().unwrap_or_default();
            note(&format!("lost: {kind}, {count} times, such as {example}"));
        }
    }
    print.say(job.clone(), sentence);
    if bad > 0 { Outcome::Partly } else { Outcome::Fine }
}

/// Takes over a data set of another tool (I3).
async fn dataset(path: &Path, from: From, import: &Import, print: &Print) -> Result {
    let format = match from {
        From::Auto => recognised(path)?,
        From::Format(format) => format,
    };
    let survey = look(path, format, print)?;
    let client = import.server.client()?;
    let project = match client.project(&import.project).await {
        Ok(project) => project,
        Err(_) if import.dry_run => {
            // There is no project to try it on: what is there is all that can be told.
            let sentence = format!(
                "{}: {} items with {} marks of {} classes; the project would be made",
                format.as_str(),
                survey.items,
                survey.marks,
                survey.classes.len()
            );
            print.say(json!({ "format": format.as_str(), "found": survey }), sentence);
            return Ok(Outcome::Fine);
        }
        Err(_) => make_for(&client, &survey, import).await?,
    };
    let id = project::id(&project);
    let is_folder = path.is_dir();
    let is_clouds = project["question"]["media"] == "cloud";
    let is_videos = project["question"]["media"] == "video";
    let goes_alone = |name: &str| match is_videos {
        true => is_video(name),
        false => is_picture(name) || is_clouds && Kind::of(name).is_some(),
    };
    let packed = if is_folder { Some(pack_labels(path, &goes_alone)?) } else { None };
    if is_folder && !import.dry_run {
        let mut entries = Vec::new();
        collect(path, path, &mut entries).doing(path.display())?;
        entries.retain(|entry| goes_alone(&entry.name));
        if !entries.is_empty() && is_clouds {
            send_parts(&client, &id, entries, import, print).await?;
        } else if !entries.is_empty() {
            let sent = send_all(&client, &id, entries, import, print).await?;
            let what = if is_videos { "videos" } else { "pictures" };
            note(&format!("{what} that came in: {}, there already: {}", sent.made, sent.known));
        }
    }
    let file = packed.as_ref().map_or(path, |packed| &packed.file);
    let upload = send_list(&client, &id, file, print).await?;
    let body = json!({
        "source": "dataset", "upload": upload, "format": format.as_str(),
        "extend": !import.keep_ontology,
    });
    let job = begin_and_wait(&client, &id, body, import, print).await?;
    Ok(tell(&job, import, print))
}

/// Reads a data set once, to know what it has.
fn look(path: &Path, format: Format, print: &Print) -> Result<Survey> {
    let failed = |error: &dyn std::error::Error| Failure::new(crate::failure::chain(error));
    let bar = bar(print, "looking", None, Unit::Things);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let mut source = Source::open(path).map_err(|error| failed(&error))?;
    // With its videos beside it, what is said of their frames is a track through them.
    let has_videos = source.names().iter().any(|name| is_video(name));
    let mut survey = if has_videos { Survey::of_videos() } else { Survey::default() };
    source.refuse_unsafe(&mut survey);
    let read = format.read(&mut source, &mut survey);
    bar.finish_and_clear();
    read.map_err(|error| failed(&error))?;
    Ok(survey)
}

/// Makes the project that asks what the data set answers, with its classes and attributes.
async fn make_for(client: &Client, survey: &Survey, import: &Import) -> Result<Value> {
    let question = survey.question().ok_or_else(|| {
        Failure::new("what this data set says of its items is nothing that a project asks yet")
            .mend("Look at it with `fairmark convert`.")
    })?;
    let mut ontology = domain::ontology::Ontology::default();
    survey.extend(&mut ontology, |_| false);
    let mut body = json!({ "name": import.project, "ontology": ontology });
    match &import.create {
        Some(name) => body["template"] = name.as_str().into(),
        None => {
            // One that asks the same, or else one whose shapes are replaced.
            let templates = domain::projects::templates();
            let same = templates.iter().find(|template| template.question == question);
            let near = templates.iter().find(|template| {
                let asked = &template.question;
                !asked.shapes.is_empty() && asked.media == question.media
            });
            let template = same.or(near).map_or("", |template| template.template);
            body["template"] = template.into();
            if same.is_none() {
                body["shapes"] = json!(question.shapes);
            }
        }
    }
    client.post("/api/projects", body).await
}

fn is_picture(name: &str) -> bool {
    ends_in(name, &["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"])
}

fn is_video(name: &str) -> bool {
    ends_in(name, &["mp4", "m4v", "mov", "webm", "mkv"])
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    endings.contains(&ending.as_str())
}

/// The files of a folder that do not go up by themselves, in one archive.
fn pack_labels(folder: &Path, goes_alone: &dyn Fn(&str) -> bool) -> Result<Packed> {
    let mut entries = Vec::new();
    collect(folder, folder, &mut entries).doing(folder.display())?;
    entries.retain(|entry| !goes_alone(&entry.name));
    entries.sort_by(|a, b| a.external_id.cmp(&b.external_id));
    let packed = Packed::new()?;
    let file = std::fs::File::create(&packed.file).doing(packed.file.display())?;
    let mut tar = TarWriter::new(std::io::BufWriter::new(file));
    for entry in &entries {
        let mut content = std::fs::File::open(&entry.path).doing(entry.path.display())?;
        tar.add(&entry.external_id, entry.bytes, &mut content).doing(entry.path.display())?;
    }
    let written = tar.finish().and_then(|mut file| file.flush());
    written.doing(packed.file.display())?;
    Ok(packed)
}

/// A temporary archive, gone when it is dropped.
struct Packed {
    folder: PathBuf,
    file: PathBuf,
}

impl Packed {
    fn new() -> Result<Self> {
        let name = format!("fairmark-import-{}-{}", std::process::id(), crate::now().0);
        let folder = std::env::temp_dir().join(name);
        // Whoever else is on this machine has no look at the labels.
        let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
        made.doing(folder.display())?;
        let file = folder.join("labels.tar");
        Ok(Self { folder, file })
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        // What cannot be removed is the system's to sweep: it lies in its folder for temporary files.
        std::fs::remove_dir_all(&self.folder).ok();
    }
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
enum Became {
    Item,
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
    let Sent { made, known, bad } = send_all(client, project, entries, import, print).await?;
    let mut sentence = format!("files that came in: {made}");
    if known > 0 {
        sentence.push_str(&format!(", there already: {known}"));
    }
    if bad > 0 {
        sentence.push_str(&format!("; bad: {bad}, told in {}", import.errors.display()));
    }
    let value = json!({ "project": project, "made": made, "known": known, "bad": bad });
    print.say(value, sentence);
    if made + known == 0 {
        return Err(Failure::new("nothing came in"));
    }
    Ok(if bad == 0 { Outcome::Fine } else { Outcome::Partly })
}

/// What became of many files.
struct Sent {
    made: usize,
    known: usize,
    bad: usize,
}

/// Sends files, several at once; those that cannot be taken are in the error file then (I2).
async fn send_all(
    client: &Client,
    project: &str,
    mut entries: Vec<Entry>,
    import: &Import,
    print: &Print,
) -> Result<Sent> {
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
                Ok(Became::Item) => made += 1,
                Ok(Became::Known) => known += 1,
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
    Ok(Sent { made, known, bad: bad.len() })
}

/// Sends the clouds and pictures that the rows of a manifest are made of, from beside it.
async fn send_parts_of_items(
    client: &Client,
    project: &str,
    manifest: &Path,
    import: &Import,
    print: &Print,
) -> Result<()> {
    let file = std::fs::File::open(manifest).doing(manifest.display())?;
    let mut head = [0];
    let is_object = (&file).read(&mut head).doing(manifest.display())? == 1 && head[0] == b'{';
    if import.dry_run || !is_object {
        return Ok(());
    }
    let file = std::fs::File::open(manifest).doing(manifest.display())?;
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let mut parts = std::collections::BTreeMap::new();
    for row in JsonlManifest::new(std::io::BufReader::new(file)) {
        // What is wrong with a row, or with the file, the server tells.
        let Ok(Ok(row)) = row else { continue };
        let names: Vec<String> = match row.source {
            ManifestSource::Scene(scene) => {
                let clouds = scene.clouds.into_iter().flat_map(|cloud| {
                    let cameras = cloud.cameras.into_iter().map(|camera| camera.path);
                    std::iter::once(cloud.path).chain(cameras)
                });
                clouds.collect()
            }
            ManifestSource::Pictures(pictures) => {
                pictures.into_iter().filter_map(|picture| picture.path).collect()
            }
            ManifestSource::Path(_) | ManifestSource::Url(_) | ManifestSource::Text(_) => continue,
        };
        for name in names {
            let path = folder.join(&name);
            let Ok(facts) = std::fs::metadata(&path) else { continue };
            let last = name.rsplit('/').next().unwrap_or(&name).to_owned();
            let entry = Entry { external_id: name.clone(), name: last, path, bytes: facts.len() };
            parts.insert(name, entry);
        }
    }
    send_parts(client, project, parts.into_values().collect(), import, print).await
}

/// Sends files that are parts of items, and no items by themselves.
async fn send_parts(
    client: &Client,
    project: &str,
    entries: Vec<Entry>,
    import: &Import,
    print: &Print,
) -> Result<()> {
    let total = entries.iter().map(|entry| entry.bytes).sum();
    let bar = bar(print, "sending", Some(total), Unit::Bytes);
    let entries = Arc::new(entries);
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..import.concurrency {
        let (client, project, bar) = (client.clone(), project.to_string(), bar.clone());
        let (entries, next) = (Arc::clone(&entries), Arc::clone(&next));
        senders.spawn(async move {
            while let Some(entry) = entries.get(next.fetch_add(1, Relaxed)) {
                send(&client, &project, entry, &bar).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = senders.join_next().await {
        done.doing("sending")??;
    }
    bar.finish_and_clear();
    Ok(())
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
async fn bring(client: &Client, project: &str, entry: &Entry, bar: &ProgressBar) -> Result<Became> {
    let upload = send(client, project, entry, bar).await?;
    if upload["state"] == "done" {
        return Ok(Became::Known);
    }
    let path = format!("/api/uploads/{}/finish", encode(upload["id"].as_str().unwrap_or_default()));
    client.post(&path, json!({})).await?;
    Ok(Became::Item)
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
