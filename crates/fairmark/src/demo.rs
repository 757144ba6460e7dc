//! `fairmark demo`: a server on this machine, with people, projects and real data in it.
//!
//! 1. Everything comes in through the doors that everybody uses, over HTTP. The one exception are the
//!    people of a crowd that answered elsewhere: they are known by pseudonyms, and have no login.
//! 2. No login has a password that anybody could know beforehand: all are drawn in each run and
//!    printed once.
//! 3. It listens on this machine only, and takes its data away when it ends, unless it was told
//!    where to keep them.

mod bring;
mod hands;
mod releases;
mod replay;

use crate::failure::{Doing, Failure, Outcome, Result};
use crate::place::{Make, Place, blocking};
use crate::print::{Print, line, note};
use crate::serve;
use bring::Project;
use clap::Args;
use hands::Hands;
use serde_json::{Value, json};
use server::{App, Config};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

#[derive(Args)]
pub struct Demo {
    /// Bring the data in, make the releases, print what came of it, and end.
    #[arg(long)]
    once: bool,
    /// The address to listen on [default: 127.0.0.1:7780; with --once any free port].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Keep the installation in this folder, which must be new [default: a temporary one, removed at the end].
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The folder of the sample data [default: demo/ here, or beside the program].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

pub async fn run(demo: Demo) -> Result {
    let samples = samples(demo.data.clone())?;
    let listen = demo
        .listen
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], if demo.once { 0 } else { 7780 })));
    if !listen.ip().is_loopback() {
        return Err(Failure::usage(format!("{listen} can be reached from other machines"))
            .mend("The demonstration prints its passwords: it listens on this machine only, for instance 127.0.0.1:7780."));
    }
    let home = Home::open(demo.data_dir.clone())?;
    show(&demo, &samples, &home, listen).await
}

/// Where the sample data are.
fn samples(given: Option<PathBuf>) -> Result<PathBuf> {
    let beside =
        std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("demo")));
    let places: Vec<PathBuf> = match given {
        Some(folder) => vec![folder],
        None => [Some("demo".into()), beside].into_iter().flatten().collect(),
    };
    places.iter().find(|folder| folder.join("street/project.json").is_file()).cloned().ok_or_else(
        || {
            let places: Vec<String> =
                places.iter().map(|folder| folder.display().to_string()).collect();
            Failure::usage(format!("the sample data are not in {}", places.join(", nor in ")))
                .mend("Name the folder demo/ of the source with --data.")
        },
    )
}

/// The folder of the installation. One that nobody named goes away with the demonstration.
struct Home {
    folder: PathBuf,
    is_temporary: bool,
}

impl Home {
    fn open(named: Option<PathBuf>) -> Result<Self> {
        let Some(folder) = named else {
            let name = format!("fairmark-demo-{}-{}", std::process::id(), crate::now().0);
            let folder = std::env::temp_dir().join(name);
            use std::os::unix::fs::DirBuilderExt;
            std::fs::DirBuilder::new().mode(0o700).create(&folder).doing(folder.display())?;
            return Ok(Self { folder, is_temporary: true });
        };
        if folder.join("control.db").exists() {
            return Err(Failure::usage(format!(
                "there is an installation in {} already",
                folder.display()
            ))
            .mend("Go on with it: `fairmark serve --data-dir …`; or name a new folder."));
        }
        Ok(Self { folder, is_temporary: false })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_temporary
            && let Err(error) = std::fs::remove_dir_all(&self.folder)
        {
            note(&format!("{} could not be removed: {error}", self.folder.display()));
        }
    }
}

/// A login of the demonstration.
struct Login {
    role: &'static str,
    email: String,
    passphrase: String,
    try_this: &'static str,
}

async fn show(demo: &Demo, samples: &Path, home: &Home, listen: SocketAddr) -> Result {
    let began = std::time::Instant::now();
    let mut stop = std::pin::pin!(serve::stop_signal()?);
    let place = Place { data_dir: Some(home.folder.clone()), ..Place::default() };
    let stores = blocking(&Print { json: false }, move |_| place.open(Make::IfMissing)).await?;
    server::health::begin();
    let listener = server::serve::listen(listen).await.map_err(|error| {
        Failure::from(error).mend("Is another server there? Choose another address with --listen.")
    })?;
    let listen = listener.local_addr().doing("the address")?;
    let app =
        App::new(stores.clone(), Config { listen, ..Config::loopback(listen.port()) }, crate::now);
    let background = serve::begin_background(&app);
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server::serve::serve(app.clone(), listener, async {
        let _ = ended.await;
    }));
    let url = format!("http://{listen}");

    let told = tokio::select! {
        told = fill(demo, samples, &app, &url, began) => {
            if told.is_ok() && !demo.once {
                stop.await;
            }
            told
        }
        () = &mut stop => Ok(()),
    };
    let _ = end.send(());
    let _ = serving.await;
    background.stop().await?;
    stores.close();
    told.map(|()| Outcome::Fine)
}

/// Brings everybody and everything in, and says what there is.
async fn fill(
    demo: &Demo,
    samples: &Path,
    app: &App,
    url: &str,
    began: std::time::Instant,
) -> Result<()> {
    let (owner, organization, logins) = people(app, url).await?;
    let manager = hands::log_in(url, &logins[1].email, &logins[1].passphrase).await?;
    if !demo.once {
        welcome(url, &logins);
    }
    let street = bring::street(&manager, samples).await?;
    note(&format!("{}: {} pictures wait to be labelled", street.name, street.items));
    let highway = bring::highway(&manager, samples).await?;
    note(&format!("{}: {} video waits to be labelled", highway.name, highway.items));
    let cells = bring::cells(&manager, samples).await?;
    note(&format!("{}: {} pictures came with their boxes", cells.name, cells.items));
    let of_cells = releases::make(&manager, &cells, &["coco", "native", "csv"]).await?;

    let (weather, tasks) = bring::weather(&manager, samples).await?;
    let votes = replay::read(&samples.join("weather/votes.csv"))?;
    note(&format!("{}: {} answers of a real crowd come in", weather.name, votes.answers.len()));
    let crowd = replay::gather(app, &organization, &votes).await?;
    let replayed = replay::run(app, &crowd, &tasks, &votes).await?;
    note(&format!("{}: {replayed}", weather.name));
    let (adaptive, tasks) =
        bring::adaptive_weather(&manager, samples, &replay::consensus(&votes)).await?;
    let enough = replay::go_round(app, &crowd, &tasks, &votes).await?;
    note(&format!("{}: {enough}", adaptive.name));
    let of_weather = releases::make(&manager, &weather, &["native", "csv"]).await?;
    let seconds = began.elapsed().as_secs_f64();
    if demo.once {
        summary(&owner, &[street, highway, cells, weather, adaptive], &[of_cells, of_weather])
            .await?;
        line(&format!("\nDone in {seconds:.1} s."));
    } else {
        line(&format!("\nEverything is in place ({seconds:.1} s). Stop with Ctrl-C."));
    }
    Ok(())
}

/// Claims the installation, and invites one person of each role.
async fn people(app: &App, url: &str) -> Result<(Hands, String, Vec<Login>)> {
    let stores = app.stores.clone();
    let claiming = move |_: &Print| Ok(server::people::new_claim_token(&stores, crate::now())?);
    let token = blocking(&Print { json: false }, claiming).await?;
    let token = token.ok_or_else(|| Failure::new("this installation was claimed before"))?;
    let rows = [
        ("owner", "Olive Owner", "members, keys, settings; everything else"),
        (
            "manager",
            "Maya Manager",
            "Street scenes → Ontology, Instructions, Data; Blood cells → Releases",
        ),
        (
            "reviewer",
            "Ravi Reviewer",
            "Weather tweets → Adjudicate: the texts on which the crowd disagrees; Weather tweets, adaptive → Quality",
        ),
        (
            "contributor",
            "Cora Contributor",
            "Street scenes → Label: B draws a box, P a polygon, ? shows all keys",
        ),
        (
            "viewer",
            "Vic Viewer",
            "Weather tweets → Progress: the crowd's agreement; any task with all its answers",
        ),
    ];
    let mut logins = Vec::new();
    let mut owner: Option<(Hands, Value)> = None;
    for (role, name, try_this) in rows {
        let email = format!("{role}@demo.example");
        let passphrase = passphrase();
        match &owner {
            None => {
                let claim = json!({
                    "token": token, "email": email, "name": name, "password": passphrase,
                    "organization": "Fairmark demo",
                });
                owner = Some(Hands::nobody(url)?.enter("/api/setup/claim", &claim).await?);
            }
            Some((owner, _)) => {
                let invitation = owner
                    .post("/api/invitations", &json!({ "email": email, "role": role }))
                    .await?;
                let link = invitation["link"].as_str().unwrap_or_default();
                let (_, token) = link.split_once("token=").unwrap_or_default();
                let accept = json!({ "token": token, "name": name, "password": passphrase });
                Hands::nobody(url)?.enter("/api/invitations/accept", &accept).await?;
            }
        }
        logins.push(Login { role, email, passphrase, try_this });
    }
    let (owner, session) = owner.ok_or_else(|| Failure::new("nobody owns the demonstration"))?;
    let organization = session["organization"]["id"].as_str().unwrap_or_default().to_string();
    Ok((owner, organization, logins))
}

/// Four words of three syllables: 72 random bits that can be typed.
fn passphrase() -> String {
    const CONSONANTS: &[u8] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8] = b"aeiu";
    let secret = server::auth::new_secret();
    // Each character of the secret is one of 64, and so is each syllable.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for (count, byte) in secret.bytes().take(12).enumerate() {
        let at = alphabet.iter().position(|known| *known == byte).unwrap_or_default();
        if count > 0 && count % 3 == 0 {
            text.push('-');
        }
        text.push(CONSONANTS[at / 4] as char);
        text.push(VOWELS[at % 4] as char);
    }
    text
}

fn welcome(url: &str, logins: &[Login]) {
    line(&format!("\nFairmark is at {url}\n"));
    for login in logins {
        line(&format!("  {:<12} {:<26} {}", login.role, login.email, login.passphrase));
    }
    line("\nThings to try:\n");
    for login in logins {
        line(&format!("  as {:<12} {}", login.role, login.try_this));
    }
    line("\nThe passphrases are of this run only. The data are coming in; watch them arrive.\n");
}

/// What went in and what came out.
async fn summary(owner: &Hands, projects: &[Project], made: &[releases::Made]) -> Result<()> {
    line(&format!(
        "{:<24} {:>6} {:>8} {:>7} {:>9} {:>10}  agreement",
        "project", "items", "answers", "labels", "to label", "to decide"
    ));
    for project in projects {
        let counts = owner.get(&format!("/api/projects/{}", project.id)).await?["counts"].clone();
        let progress = owner.get(&format!("/api/projects/{}/progress", project.id)).await?;
        let agreement = match progress["agreement"]["value"].as_f64() {
            Some(value) => format!(
                "{value:.3} ({})",
                progress["agreement"]["measure"].as_str().unwrap_or_default()
            ),
            None => "-".into(),
        };
        let count = |name: &str| counts[name].as_i64().unwrap_or_default();
        line(&format!(
            "{:<24} {:>6} {:>8} {:>7} {:>9} {:>10}  {agreement}",
            project.name,
            count("tasks"),
            count("answers"),
            count("done"),
            count("queued") + count("in_progress"),
            count("in_review"),
        ));
    }
    for made in made {
        line(&format!("\n{}, release {}: {} tasks", made.project, made.number, made.tasks));
        for file in &made.files {
            line(&format!("  {:<28} {:>9} bytes  sha256 {}", file.name, file.bytes, file.sha256));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passphrases_are_long_and_differ() {
        let (one, other) = (passphrase(), passphrase());
        assert_eq!(one.len(), 27, "{one}");
        assert_eq!(one.split('-').count(), 4, "{one}");
        assert_ne!(one, other);
        assert_eq!(
            domain::people::check_password("bababa-dududu-fifafi-gegaga", "owner@demo.example"),
            Ok(())
        );
    }

    #[test]
    fn the_samples_are_looked_for_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let named = Some(folder.path().to_path_buf());
        assert!(samples(named.clone()).is_err());
        std::fs::create_dir(folder.path().join("street")).unwrap();
        std::fs::write(folder.path().join("street/project.json"), "{}").unwrap();
        assert_eq!(samples(named).unwrap(), folder.path());
    }
}
