//! `fairmark key`: API keys, and the keys that seal the data.

use crate::failure::{Doing, Failure, Outcome, Result};
use crate::place::{Make, Place, organization};
use crate::print::Print;
use crate::user::role;
use clap::Subcommand;
use domain::people::Mode;
use domain::{KeyId, PersonId, Role};
use serde_json::json;
use server::auth::{hash_secret, new_secret};
use server::people::checked_name;
use server::wire::Time;
use std::path::{Path, PathBuf};
use store::NewKey;
use store::keys::{RootKey, RootSource};

#[derive(Subcommand)]
pub enum Command {
    /// Make an API key and print its secret, once.
    Create {
        #[arg(long, value_name = "NAME")]
        organization: String,
        /// What the key touches: real work, or trials that nobody else sees.
        #[arg(long, value_parser = ["live", "test"])]
        mode: String,
        #[arg(long, value_parser = role, default_value = "manager")]
        role: Role,
        /// What the key is for.
        #[arg(long, default_value = "command line")]
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List the API keys of an organization, without their secrets.
    List {
        #[arg(long, value_name = "NAME")]
        organization: String,
        #[command(flatten)]
        place: Place,
    },
    /// Revoke an API key: it opens nothing from now on.
    Revoke {
        id: String,
        #[arg(long, value_name = "NAME")]
        organization: String,
        #[command(flatten)]
        place: Place,
    },
    /// Give organizations a new key version to seal with, or wrap all under a new root key.
    Rotate {
        /// Only this organization [default: all].
        #[arg(long, value_name = "NAME", conflicts_with = "root")]
        organization: Option<String>,
        /// Wrap every organization's keys under the root key in this file, made if it is missing.
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::Create { organization, mode, role, name, place } => {
            create(&organization, &mode, role, &name, &place.with_config()?, print)
        }
        Command::List { organization, place } => list(&organization, &place.with_config()?, print),
        Command::Revoke { id, organization, place } => {
            revoke(&id, &organization, &place.with_config()?, print)
        }
        Command::Rotate { root: Some(path), place, .. } => {
            rotate_root(&path, &place.with_config()?, print)
        }
        Command::Rotate { organization, place, .. } => {
            rotate(organization.as_deref(), &place.with_config()?, print)
        }
    }
}

fn create(
    organization_name: &str,
    mode: &str,
    role: Role,
    name: &str,
    place: &Place,
    print: &Print,
) -> Result {
    let name = checked_name("name", name)?;
    let mode: Mode = mode.parse().map_err(|()| Failure::usage("a mode is live or test"))?;
    if role == Role::Owner {
        return Err(
            Failure::usage("a key is no owner").mend("The highest role of a key is manager.")
        );
    }
    let stores = place.open(Make::Never)?;
    let found = organization(&stores, organization_name)?;
    let secret = format!("fmk_{}_{}", mode.as_str(), new_secret());
    let key = NewKey {
        organization: found.id,
        name: name.clone(),
        secret_hash: hash_secret(&secret),
        hint: secret.chars().skip(secret.len() - 4).collect(),
        mode,
        role,
        created_by: PersonId(0),
    };
    let now = crate::now();
    let row = stores.control().write_now(move |tx| {
        let row = tx.insert_key(&key, now)?;
        tx.record(
            now,
            "operator",
            "key.made",
            row.id,
            json!({ "organization": key.organization, "role": role, "mode": mode }),
        );
        Ok::<_, store::Error>(row)
    })?;
    stores.close();
    let value = json!({
        "id": row.id, "name": name, "mode": mode, "role": role, "organization": found.name,
        "secret": secret, "created_at": Time(now),
    });
    print.say(value, &secret);
    Ok(Outcome::Fine)
}

fn list(name: &str, place: &Place, print: &Print) -> Result {
    let stores = place.open(Make::Never)?;
    let id = organization(&stores, name)?.id;
    let rows = stores.control().read_now(move |tx| tx.keys_of(id))?;
    let items = rows.into_iter().map(|key| {
        json!({
            "id": key.id, "name": key.name, "mode": key.mode, "role": key.role, "hint": key.hint,
            "created_at": Time(key.created_at), "used_at": key.used_at.map(Time),
        })
    });
    print.list(items.collect(), &["id", "name", "mode", "role", "hint", "created_at", "used_at"]);
    stores.close();
    Ok(Outcome::Fine)
}

fn revoke(id: &str, name: &str, place: &Place, print: &Print) -> Result {
    let id: KeyId =
        id.parse().map_err(|_| Failure::usage(format!("{id} is not the id of a key (key_…)")))?;
    let stores = place.open(Make::Never)?;
    let found = organization(&stores, name)?.id;
    let now = crate::now();
    let revoked = stores.control().write_now(move |tx| {
        let revoked = tx.revoke_key(found, id, now)?;
        tx.record(
            now,
            "operator",
            "key.revoked",
            id,
            json!({ "organization": found, "was_there": revoked }),
        );
        Ok::<_, store::Error>(revoked)
    })?;
    stores.close();
    if !revoked {
        return Err(Failure::new(format!("{name} has no key {id} that could be revoked"))
            .mend(format!("`fairmark key list --organization {name}` names those there are.")));
    }
    print.say(json!({ "id": id, "revoked": true }), format!("{id} opens nothing any more"));
    Ok(Outcome::Fine)
}

fn rotate(name: Option<&str>, place: &Place, print: &Print) -> Result {
    let stores = place.open(Make::Never)?;
    let chosen = match name {
        Some(name) => vec![organization(&stores, name)?],
        None => {
            let all = stores.control().read_now(|tx| tx.organizations())?;
            all.into_iter().filter(|one| !one.closed).collect()
        }
    };
    let now = crate::now();
    let mut items = Vec::new();
    for one in chosen {
        let version = stores.rotate_organization_key(one.id, now)?;
        items.push(json!({ "id": one.id, "name": one.name, "version": version }));
    }
    stores.close();
    print.list(items, &["id", "name", "version"]);
    if !print.json {
        crate::print::note(
            "Restart servers that are running: they seal with the old version until then.",
        );
    }
    Ok(Outcome::Fine)
}

fn rotate_root(path: &Path, place: &Place, print: &Print) -> Result {
    let to = RootKey::open(RootSource::FileOrNew(path)).doing("the new root key")?;
    let stores = place.open(Make::Never)?;
    let count = stores.rewrap(&to, crate::now())?;
    stores.close();
    let sentence = format!(
        "The keys of {count} organizations are wrapped under root key {}.\n\
         From now on give --root-key-file {}, and restart servers that are running. The old root key opens old copies of keyring.db only.",
        to.id(),
        path.display()
    );
    print.say(json!({ "organizations": count, "root": to.id(), "file": path }), sentence);
    Ok(Outcome::Fine)
}
