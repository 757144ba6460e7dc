//! The binary: command line, configuration, composition.
//!
//! Commands come in kinds. Those for the operator (`serve`, `organization`, `user`, `key`,
//! `backup`, `restore`, `doctor`) work on the stores themselves, whether a server runs or not. Those
//! for members (`project`, `import`, `export`, `task`, `job`, `member`) speak to a server, with an API key. A third kind (`aggregate`, `agreement`,
//! `rank`, `replay`) reads files and needs neither.
//!
//! Exit codes: 0 done, 1 failed, 2 misused, 3 done in part (some rows or files were bad).

mod backup;
mod client;
mod convert;
mod demo;
mod export;
mod failure;
mod import;
mod job;
mod key;
mod member;
mod opinions;
mod organization;
mod place;
mod print;
mod project;
mod rank;
mod reference;
mod rows;
mod serve;
mod shapes;
mod task;
mod telemetry;
mod user;

use clap::{Parser, Subcommand};
use failure::{Failure, Outcome};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The data engine that AI teams can own.
#[derive(Parser)]
#[command(name = "fairmark", version, propagate_version = true)]
struct Arguments {
    /// Answer in JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<serve::Serve>),
    /// Run a server on this machine with people, projects and real sample data in it.
    Demo(demo::Demo),
    /// Make, list and destroy organizations.
    #[command(subcommand)]
    Organization(organization::Command),
    /// Invite, add and list people.
    #[command(subcommand)]
    User(user::Command),
    /// Make, list and revoke API keys; rotate the keys that seal the data.
    #[command(subcommand)]
    Key(key::Command),
    /// Make, show, publish and pause projects.
    #[command(subcommand)]
    Project(project::Command),
    /// Bring files or lists into a project.
    Import(Box<import::Import>),
    /// Make a release of a project and bring its files here.
    Export(export::Export),
    /// Turn labels of one tool into those of another, without a server.
    Convert(convert::Convert),
    /// List, show, cancel and reopen tasks.
    #[command(subcommand)]
    Task(task::Command),
    /// Make one label of many answers, with how sure it is.
    Aggregate(opinions::Aggregate),
    /// Tell how far answers agree, with intervals.
    Agreement(opinions::Agreement),
    /// Make a leaderboard of votes between two, with intervals.
    Rank(rank::Rank),
    /// Tell what a plan would have cost, and reached, on answers that are there.
    Replay(opinions::ReplayPlans),
    /// List, show and stop what the server does by itself.
    #[command(subcommand)]
    Job(job::Command),
    /// List the members of an organization, change their roles, take them out.
    #[command(subcommand)]
    Member(member::Command),
    /// Write everything into one file, while the server runs.
    Backup(backup::Backup),
    /// Put a backup into an empty folder or database.
    Restore(backup::Restore),
    /// Look whether everything agrees with everything, and say how to mend what does not.
    Doctor(backup::Doctor),
    /// Print what a shell needs to complete commands.
    Completion { shell: clap_complete::Shell },
    /// Write the manual pages.
    Man {
        /// The folder to write them into.
        #[arg(long, default_value = "man")]
        out: std::path::PathBuf,
    },
    /// Print the description of the HTTP interface, OpenAPI 3.1.
    Openapi,
}

fn main() -> ExitCode {
    let Arguments { json, command } = Arguments::parse();
    if !matches!(command, Command::Serve(_)) {
        telemetry::log_warnings();
    }
    let print = print::Print { json };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(command, &print)),
        Err(error) => Err(Failure::new(format!("the program cannot start: {error}"))),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Partly) => ExitCode::from(3),
        Err(failure) => {
            failure.tell();
            ExitCode::from(failure.code)
        }
    }
}

async fn run(command: Command, print: &print::Print) -> failure::Result {
    match command {
        Command::Serve(serve) => serve::run(*serve).await,
        Command::Demo(demo) => demo::run(demo).await,
        Command::Organization(command) => {
            place::blocking(print, move |print| organization::run(command, print)).await
        }
        Command::User(command) => {
            place::blocking(print, move |print| user::run(command, print)).await
        }
        Command::Key(command) => {
            place::blocking(print, move |print| key::run(command, print)).await
        }
        Command::Project(command) => project::run(command, print).await,
        Command::Import(import) => import::run(*import, print).await,
        Command::Export(export) => export::run(export, print).await,
        Command::Convert(convert) => {
            place::blocking(print, move |print| convert::run(convert, print)).await
        }
        Command::Task(command) => task::run(command, print).await,
        Command::Aggregate(command) => {
            place::blocking(print, move |print| opinions::aggregate(&command, print)).await
        }
        Command::Agreement(command) => {
            place::blocking(print, move |print| opinions::agreement(&command, print)).await
        }
        Command::Rank(command) => {
            place::blocking(print, move |print| rank::run(&command, print)).await
        }
        Command::Replay(command) => {
            place::blocking(print, move |print| opinions::replay(&command, print)).await
        }
        Command::Job(command) => job::run(command, print).await,
        Command::Member(command) => member::run(command, print).await,
        Command::Backup(command) => {
            place::blocking(print, move |print| backup::create(command, print)).await
        }
        Command::Restore(command) => {
            place::blocking(print, move |print| backup::restore(command, print)).await
        }
        Command::Doctor(command) => {
            place::blocking(print, move |print| backup::doctor(command, print)).await
        }
        Command::Completion { shell } => reference::completion(shell),
        Command::Man { out } => reference::man(&out),
        Command::Openapi => reference::openapi(),
    }
}

/// The whole command line, for the manual and the shells.
fn command_line() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

/// How far the clock goes ahead: browser stories that take weeks set it. A release has no such setting.
#[cfg(debug_assertions)]
fn ahead_ms() -> i64 {
    std::env::var("FAIRMARK_AHEAD_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[cfg(not(debug_assertions))]
fn ahead_ms() -> i64 {
    0
}

/// The clock of the process.
fn now() -> domain::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    domain::Timestamp(since.map_or(0, |since| since.as_millis() as i64) + ahead_ms())
}
