//! `fairmark convert`: turns labels of one tool into those of another, without a server.
//!
//! Beside the result lie what it could not hold (`….loss.json`) and, if there was any, what of the input
//! was refused (`….errors.csv`).

use crate::failure::{Doing, Failure, Outcome, Result};
use crate::print::{Print, note};
use clap::Args;
use formats::clouds::{self, Kind};
use formats::exchange::{self, Format, Found, ReadError, Report, Source};
use formats::{ErrorFile, LossReport};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Args)]
pub struct Convert {
    /// A file, a folder, or an archive (ZIP, TAR), which is read in place.
    input: PathBuf,
    /// What to write; nothing may be there yet. Where the format is one file, its name; a folder is packed where the
    /// name ends in `.zip`.
    out: PathBuf,
    /// The format of the input; it is recognised where none is named.
    #[arg(long, value_name = "FORMAT", value_parser = format_named)]
    from: Option<Format>,
    /// The format to write. A cloud of points (PCD, BIN, LAS, LAZ) needs none: the endings of both names say it.
    #[arg(long, value_name = "FORMAT", value_parser = format_named)]
    to: Option<Format>,
    /// End with exit code 3 if anything was lost, not only if something was refused.
    #[arg(long)]
    strict: bool,
}

pub fn format_named(name: &str) -> std::result::Result<Format, String> {
    Format::find(name).ok_or_else(|| {
        let known: Vec<&str> = Format::all().map(Format::as_str).collect();
        format!("known are {}", known.join(", "))
    })
}

pub fn run(convert: Convert, print: &Print) -> Result {
    let Convert { input, out, from, to, strict } = convert;
    // Without a stroke at the end.
    let out: PathBuf = out.components().collect();
    let taken =
        out.is_file() || std::fs::read_dir(&out).is_ok_and(|mut list| list.next().is_some());
    if taken {
        let failure = Failure::usage(format!("{} is there already", out.display()));
        return Err(failure.mend("Name a file or folder that does not exist yet."));
    }
    if lies_in(&out, &input) {
        let failure = Failure::usage(format!("{} lies in {}", out.display(), input.display()));
        return Err(failure.mend(
            "Name a place outside of it: there it would be read as a part of it the next time.",
        ));
    }
    let Some(to) = to else { return cloud(&input, &out, strict, print) };
    if !to.is_written() {
        return Err(Failure::usage(format!("{} is read, but not written", to.as_str())));
    }
    let from = match from {
        Some(from) => from,
        None => recognised(&input)?,
    };
    let draft = Draft::begin(&out)?;
    let place = draft.place();
    let bar = if print.json {
        indicatif::ProgressBar::hidden()
    } else {
        indicatif::ProgressBar::new_spinner()
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut errors = None;
    let mut failed = None;
    let mut told = |report: &Report, refusal: Option<&exchange::Refusal>| {
        bar.set_message(format!("{} items, {} marks", report.items, report.marks));
        let Some(refusal) = refusal else { return };
        if failed.is_none()
            && let Err(error) = keep(&mut errors, &place, refusal)
        {
            failed = Some(error);
        }
    };
    let report = exchange::convert(&input, from, &place, to, &mut told);
    bar.finish_and_clear();
    let report = report.map_err(|error| {
        let failure = Failure::new(broken_off(&input, &out, &error));
        failure.mend("Nothing is left of what was begun.")
    })?;
    if let Some(error) = failed {
        return Err(error).doing(beside(&out, "errors.csv").display());
    }
    if let Some(file) = errors {
        file.finish().doing(beside(&out, "errors.csv").display())?;
    }
    let text = serde_json::to_string_pretty(&report)?;
    std::fs::write(beside(&place, "loss.json"), text).doing(beside(&out, "loss.json").display())?;
    draft.finish()?;
    tell(&report, from, to, &out, print);
    let lost = strict && !report.losses.is_empty();
    Ok(if report.refused > 0 || lost { Outcome::Partly } else { Outcome::Fine })
}

/// Whether a place is in the folder that is read.
fn lies_in(out: &Path, input: &Path) -> bool {
    let above = std::path::absolute(out).ok().and_then(|out| Some(out.parent()?.to_owned()));
    // Of a folder that is not there yet, the nearest above that is.
    let there = above.as_deref().and_then(|above| above.ancestors().find(|one| one.is_dir()));
    let there = there.and_then(|there| there.canonicalize().ok());
    let input = input.canonicalize().ok().filter(|input| input.is_dir());
    input.zip(there).is_some_and(|(input, there)| there.starts_with(input))
}

fn is_empty(input: &Path) -> bool {
    std::fs::metadata(input).is_ok_and(|file| file.is_file() && file.len() == 0)
}

/// What broke a conversion off, with the place that is to be looked at where the system says only what.
fn broken_off(input: &Path, out: &Path, error: &ReadError) -> String {
    let what = crate::failure::chain(error);
    match error {
        ReadError::Io(_) => format!("turning {} into {}: {what}", input.display(), out.display()),
        _ => what,
    }
}

/// The result until it is whole, in a folder beside its place: nobody takes a half for the whole, whatever ends the
/// conversion. What is not finished is removed.
struct Draft<'a> {
    folder: PathBuf,
    out: &'a Path,
}

impl<'a> Draft<'a> {
    fn begin(out: &'a Path) -> Result<Self> {
        let folder = beside(out, "partial");
        if out.file_name().is_none() {
            let failure = Failure::usage(format!("{} is no name", out.display()));
            return Err(failure.mend("Name the file or the folder itself."));
        }
        if folder.exists() {
            let failure = Failure::usage(format!("{} is there already", folder.display()));
            return Err(
                failure.mend("A conversion broke off there, or still runs: remove it, or wait.")
            );
        }
        std::fs::create_dir_all(&folder).doing(folder.display())?;
        Ok(Self { folder, out })
    }

    fn place(&self) -> PathBuf {
        self.folder.join(self.out.file_name().unwrap_or_default())
    }

    /// Moves all that was written to its place.
    fn finish(self) -> Result<()> {
        let above = self.out.parent().unwrap_or(Path::new(""));
        if self.out.is_dir() {
            // It is empty, and whoever made it wanted it there.
            std::fs::remove_dir(self.out).doing(self.out.display())?;
        }
        for entry in std::fs::read_dir(&self.folder).doing(self.folder.display())? {
            let entry = entry.doing(self.folder.display())?;
            let place = above.join(entry.file_name());
            std::fs::rename(entry.path(), &place).doing(place.display())?;
        }
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // Whoever cannot remove it finds it under its name.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Turns one cloud of points into another, as their names end.
fn cloud(input: &Path, out: &Path, strict: bool, print: &Print) -> Result {
    let kind = |path: &Path| Kind::of(&path.to_string_lossy());
    let (Some(from), Some(to)) = (kind(input), kind(out)) else {
        let failure = Failure::usage("nothing says what to write");
        return Err(failure.mend("Name a format with --to."));
    };
    let draft = Draft::begin(out)?;
    let report = clouds::convert(input, from, &draft.place(), to)
        .map_err(|error| Failure::new(crate::failure::chain(&error)))?;
    draft.finish()?;
    if !print.json {
        tell_losses(&report.losses);
    }
    let (points, skipped) = (report.points, report.skipped);
    let value = json!({
        "out": out.display().to_string(), "points": points, "skipped": skipped, "losses": report.losses.losses,
    });
    let sentence = format!(
        "{points} points in {}; {skipped} without a place passed over, {} kinds of loss.",
        out.display(),
        report.losses.losses.len()
    );
    print.say(value, sentence);
    Ok(if strict && !report.losses.is_empty() { Outcome::Partly } else { Outcome::Fine })
}

pub fn recognised(input: &Path) -> Result<Format> {
    let mut source = Source::open(input).map_err(|error| Failure::new(error.to_string()))?;
    exchange::recognise(&mut source).ok_or_else(|| {
        let failure = Failure::usage(format!("the format of {} is not known", input.display()));
        let mut found = Found::default();
        source.refuse_unsafe(&mut found);
        match (exchange::hint(&mut source), found.refusals.first()) {
            (Some(hint), _) => failure.mend(format!("{hint}.")),
            (None, Some(refusal)) => failure.mend(format!("{refusal}.")),
            (None, None) if source.names().is_empty() => failure.mend("There is no file in it."),
            (None, None) if is_empty(input) => failure.mend("There is nothing in it."),
            (None, None) => failure.mend("Name it with --from."),
        }
    })
}

fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn keep(
    errors: &mut Option<ErrorFile<std::fs::File>>,
    out: &Path,
    refusal: &exchange::Refusal,
) -> std::io::Result<()> {
    let file = match errors {
        Some(file) => file,
        None => errors.insert(ErrorFile::new(std::fs::File::create(beside(out, "errors.csv"))?)?),
    };
    let error = &refusal.error;
    let message = format!("{}: {}", refusal.file, error.message);
    file.write(error.row, [&error.field, error.code(), &message, &error.raw])
}

/// Says what a format or a project could not hold, with an example of each kind.
pub fn tell_losses(losses: &LossReport) {
    for (kind, loss) in &losses.losses {
        let example = loss.examples.first().map(String::as_str).unwrap_or_default();
        note(&format!("lost: {}, {} times, such as {example}", kind.replace('_', " "), loss.count));
    }
}

fn tell(report: &Report, from: Format, to: Format, out: &Path, print: &Print) {
    const SHOWN_MAX: usize = 5;
    if !print.json {
        for refusal in report.refusals.iter().take(SHOWN_MAX) {
            note(&format!("refused: {refusal}"));
        }
        tell_losses(&report.losses);
    }
    let sentence = format!(
        "{} items with {} marks from {} to {} in {}; {} refused, {} kinds of loss.",
        report.items,
        report.marks,
        from.as_str(),
        to.as_str(),
        out.display(),
        report.refused,
        report.losses.losses.len(),
    );
    let value = json!({
        "from": from.as_str(), "to": to.as_str(), "out": out.display().to_string(),
        "items": report.items, "marks": report.marks, "refused": report.refused,
        "losses": report.losses.losses,
    });
    print.say(value, sentence);
}
