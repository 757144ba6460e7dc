//! `fairmark member`: who belongs to the organization of a key, and as what.

use crate::client::{Client, Server, encode};
use crate::failure::{Failure, Outcome, Result};
use crate::print::Print;
use crate::user::role;
use clap::Subcommand;
use domain::Role;
use serde_json::json;

#[derive(Subcommand)]
pub enum Command {
    /// List the members.
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Give a member another role.
    Change {
        email: String,
        #[arg(long, value_parser = role)]
        role: Role,
        #[command(flatten)]
        server: Server,
    },
    /// Take a member out; what they have answered stays.
    Remove {
        email: String,
        #[command(flatten)]
        server: Server,
    },
}

pub async fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::List { server } => {
            let items = server.client()?.list("/api/members", 10_000).await?;
            print.list(items, &["person", "email", "name", "role", "joined_at"]);
        }
        Command::Change { email, role, server } => {
            let client = server.client()?;
            let path = path_of(&client, &email).await?;
            let answer = client.patch(&path, json!({ "role": role.as_str() })).await?;
            print.say(answer, format!("{email} is {} now", role.as_str()));
        }
        Command::Remove { email, server } => {
            let client = server.client()?;
            let path = path_of(&client, &email).await?;
            let answer = client.delete(&path).await?;
            print.say(answer, format!("{email} is a member no more"));
        }
    }
    Ok(Outcome::Fine)
}

async fn path_of(client: &Client, email: &str) -> Result<String> {
    let members = client.list("/api/members", 10_000).await?;
    let is_wanted =
        |text: Option<&str>| text.is_some_and(|text| text.to_lowercase() == email.to_lowercase());
    let found = members.iter().find(|member| is_wanted(member["email"].as_str()));
    let person = found.and_then(|member| member["person"].as_str()).ok_or_else(|| {
        Failure::usage(format!("{email} is not a member"))
            .mend("`fairmark member list` names them all.")
    })?;
    Ok(format!("/api/members/{}", encode(person)))
}
