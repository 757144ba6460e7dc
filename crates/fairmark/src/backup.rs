//! `fairmark backup`, `fairmark restore` and `fairmark doctor`.

use crate::failure::{Doing, Failure, Outcome, Result, chain};
use crate::job::{Unit, bar};
use crate::place::{Make, Place};
use crate::print::{Print, line, note};
use clap::Args;
use serde_json::json;
use server::wire::Time;
use std::fs::File;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use store::backup;

#[derive(Args)]
pub struct Backup {
    /// The file to write; it appears once it is whole.
    out: PathBuf,
    /// Also write the keyring, wrapped under the root key, into this file. Keep it elsewhere.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct Restore {
    /// The file of a backup.
    from: PathBuf,
    /// The keyring that was written with it, unless keyring.db is there already.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Only check that the file is whole; change nothing.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub struct Doctor {
    /// How many blobs of each organization to read to their last byte.
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    blobs: u64,
    #[command(flatten)]
    place: Place,
}

impl From<backup::Error> for Failure {
    fn from(error: backup::Error) -> Self {
        use backup::Error;
        match error {
            Error::Store(error) => error.into(),
            Error::NotEmpty { .. } => Failure::new(chain(&error))
                .mend("Name a new folder with --data-dir, or an empty database (or another --database-prefix)."),
            Error::Newer { .. } => Failure::new(chain(&error)).mend("Restore it with that version, or a later one."),
            Error::Damaged { .. } | Error::NotABackup => {
                Failure::new(chain(&error)).mend("Nothing was changed. Take another copy, or an earlier backup.")
            }
            other => Failure::new(chain(&other)),
        }
    }
}

pub fn create(command: Backup, print: &Print) -> Result {
    let stores = command.place.with_config()?.open(Make::Never)?;
    let unfinished = beside(&command.out, ".part");
    let file = private(&unfinished)?;
    let spinner = bar(print, "backup", None, Unit::Things);
    let mut out = std::io::BufWriter::with_capacity(1 << 20, file);
    let made = backup::create(&stores, crate::now(), &mut out, &mut |what, count| {
        spinner.set_message(what.to_string());
        spinner.set_position(count);
    });
    spinner.finish_and_clear();
    let manifest = made.inspect_err(|_| {
        // Half a backup is none.
        let _ = std::fs::remove_file(&unfinished);
    })?;
    let file = out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .doing(unfinished.display())?;
    file.sync_all().doing(unfinished.display())?;
    if let Some(path) = &command.keys {
        let text = backup::write_keys(&stores)?;
        std::io::Write::write_all(&mut private(path)?, text.as_bytes()).doing(path.display())?;
    }
    std::fs::rename(&unfinished, &command.out).doing(command.out.display())?;
    stores.close();
    let rows: u64 = manifest.stores.iter().flat_map(|store| store.tables.values()).sum();
    let blobs: u64 = manifest
        .stores
        .iter()
        .filter_map(|store| store.blobs.as_ref())
        .map(|blobs| blobs.count)
        .sum();
    let sentence = format!(
        "{}: {} stores, {rows} rows, {blobs} blobs. Opened by root key {} and the keyring of today.",
        command.out.display(),
        manifest.stores.len(),
        manifest.root
    );
    print.say(
        json!({ "file": command.out, "rows": rows, "blobs": blobs, "manifest": manifest }),
        sentence,
    );
    Ok(Outcome::Fine)
}

pub fn restore(command: Restore, print: &Print) -> Result {
    let mut file = File::open(&command.from).doing(command.from.display())?;
    let spinner = bar(print, "restore", None, Unit::Things);
    let mut told = |what: &str, count: u64| {
        spinner.set_message(what.to_string());
        spinner.set_position(count);
    };
    if command.check {
        let manifest = backup::verify(&mut file, &mut told)?;
        spinner.finish_and_clear();
        let at = Time(domain::Timestamp(manifest.at_ms));
        let sentence = format!(
            "{} is whole: {} stores, made at {at}",
            command.from.display(),
            manifest.stores.len()
        );
        print.say(json!({ "whole": true, "manifest": manifest }), sentence);
        return Ok(Outcome::Fine);
    }
    let place = command.place.with_config()?;
    let keys = match &command.keys {
        Some(path) => {
            Some(backup::read_keys(&std::fs::read_to_string(path).doing(path.display())?)?)
        }
        None => None,
    };
    let had_blobs = place.folder().join("blobs").exists();
    let restored =
        backup::restore(&mut file, &place.backend(), &place.blobs()?, keys.as_ref(), &mut told);
    spinner.finish_and_clear();
    let manifest = restored.inspect_err(|_| {
        if !had_blobs {
            let _ = std::fs::remove_dir_all(place.folder().join("blobs"));
        }
    })?;
    let sentence = format!(
        "{} stores are back. Before the server starts: its root key must be {}, and its keyring in place.\n\
         `fairmark doctor` looks whether all is well.",
        manifest.stores.len(),
        manifest.root
    );
    print.say(json!({ "restored": true, "manifest": manifest }), sentence);
    Ok(Outcome::Fine)
}

/// A new file that only its owner may read. An old one of the name stays as it is.
fn private(path: &Path) -> Result<File> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    file.doing(path.display())
        .map_err(|failure| failure.mend("A file that is there already is not overwritten."))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

pub fn doctor(command: Doctor, print: &Print) -> Result {
    let place = command.place.with_config()?;
    let mut problems: Vec<(String, String, String)> = Vec::new();
    look_at_folder(&place, &mut problems);
    // Also opens the root key, and brings the tables up to date.
    let stores = place.open(Make::Never)?;
    let report = store::doctor::examine(&stores, command.blobs, &mut |what| {
        tracing::info!(what, "looking");
    })?;
    stores.close();
    let found = report.findings.into_iter().map(|one| (one.place, one.what, one.mend.to_string()));
    problems.extend(found);
    if print.json {
        let list: Vec<_> = problems
            .iter()
            .map(|(place, what, mend)| json!({ "place": place, "what": what, "mend": mend }))
            .collect();
        let value = json!({
            "problems": list, "stores": report.stores, "events": report.events, "projects": report.projects,
            "blobs": report.blobs, "blobs_opened": report.blobs_opened,
        });
        print.say(value, "");
    } else {
        for (place, what, mend) in &problems {
            line(&format!("{place}: {what}\n  {mend}"));
        }
        line(&format!(
            "Looked at {} stores, {} events, the counters of {} projects, {} blobs ({} opened).",
            report.stores, report.events, report.projects, report.blobs, report.blobs_opened
        ));
    }
    match problems.len() {
        0 => {
            if !print.json {
                note("All is well.");
            }
            Ok(Outcome::Fine)
        }
        1 => Err(Failure::new("one thing is wrong")),
        count => Err(Failure::new(format!("{count} things are wrong"))),
    }
}

/// Less than this, and the next import may fill the disk.
const FREE_BYTES_MIN: u64 = 1 << 30;

fn look_at_folder(place: &Place, problems: &mut Vec<(String, String, String)>) {
    let folder = place.folder();
    let shown = folder.display().to_string();
    let mut tell = |what: String, mend: String| problems.push((shown.clone(), what, mend));
    match std::fs::metadata(&folder) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            tell(
                "others on this machine may look into it".into(),
                format!("Run `chmod 700 {shown}`."),
            );
        }
        Ok(_) => {}
        Err(error) => tell(
            format!("it cannot be looked at: {error}"),
            "Name the right one with --data-dir.".into(),
        ),
    }
    if folder.join("restore.tmp").exists() {
        tell("a restore broke off".into(), "Run `fairmark restore` again.".into());
    }
    if let Some(free) = free_bytes(&folder)
        && free < FREE_BYTES_MIN
    {
        let what = format!("only {} MiB are free on its disk", free >> 20);
        tell(what, "Make room, or move the data to a larger disk.".into());
    }
}

/// As `df` says it, which knows every file system.
fn free_bytes(folder: &Path) -> Option<u64> {
    let told = std::process::Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(told.stdout).ok()?;
    let blocks: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(blocks << 10)
}
