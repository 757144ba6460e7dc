//! `fairmark organization`: the customers of an installation.

use crate::failure::{Failure, Outcome, Result};
use crate::place::{Make, Place, organization};
use crate::print::Print;
use clap::Subcommand;
use domain::OrganizationId;
use serde_json::json;
use server::people::checked_name;
use server::wire::Time;

#[derive(Subcommand)]
pub enum Command {
    /// Make an organization, with a store and keys of its own. One that is there already is fine.
    Create {
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List the organizations.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Destroy an organization's keys, and with them its data, here and in every backup.
    Destroy {
        name: String,
        /// The same name once more: this cannot be undone.
        #[arg(long, value_name = "NAME")]
        confirm: String,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::Create { name, place } => create(&name, &place.with_config()?, print),
        Command::List { place } => list(&place.with_config()?, print),
        Command::Destroy { name, confirm, place } => {
            destroy(&name, &confirm, &place.with_config()?, print)
        }
    }
}

fn create(name: &str, place: &Place, print: &Print) -> Result {
    let name = checked_name("name", name)?;
    let stores = place.open(Make::IfMissing)?;
    let now = crate::now();
    let wanted = name.clone();
    let (id, fresh) = stores.control().write_now(move |tx| {
        if let Some(known) = tx.organization_by_name(&wanted)? {
            return Ok::<_, store::Error>((known.id, false));
        }
        let id = OrganizationId(tx.new_id(now));
        tx.insert_organization(id, &wanted, now)?;
        tx.record(now, "operator", "organization.made", id, json!({}));
        Ok((id, true))
    })?;
    // Also where the organization is known: whoever made it may have been stopped in between.
    stores.create_organization(id, now)?;
    stores.close();
    let sentence =
        if fresh { format!("{name} is {id}") } else { format!("{name} was there already: {id}") };
    print.say(json!({ "id": id, "name": name, "created": fresh }), sentence);
    Ok(Outcome::Fine)
}

fn list(place: &Place, print: &Print) -> Result {
    let stores = place.open(Make::Never)?;
    let all = stores.control().read_now(|tx| tx.organizations())?;
    let items = all.into_iter().map(|one| {
        let state = if one.closed { "closed" } else { "active" };
        json!({ "id": one.id, "name": one.name, "state": state, "created_at": Time(one.created_at) })
    });
    print.list(items.collect(), &["id", "name", "state", "created_at"]);
    stores.close();
    Ok(Outcome::Fine)
}

fn destroy(name: &str, confirm: &str, place: &Place, print: &Print) -> Result {
    if name != confirm {
        return Err(Failure::usage(format!(
            "--confirm says {confirm}, and the organization is {name}"
        ))
        .mend("Nothing was destroyed. Give the same name twice."));
    }
    let stores = place.open(Make::Never)?;
    let found = organization(&stores, name)?;
    let (id, now) = (found.id, crate::now());
    // The doors are shut first, so that nobody comes in while the keys go.
    stores.control().write_now(move |tx| {
        if !tx.organization_by_id(id)?.is_some_and(|one| one.closed) {
            tx.close_organization(id)?;
        }
        tx.record(now, "operator", "organization.destroyed", id, json!({}));
        Ok::<_, store::Error>(())
    })?;
    stores.destroy_organization_keys(id, now)?;
    stores.close();
    let sentence = format!(
        "The keys of {name} are gone: nothing of it can be read again, here or in any backup that goes without its keyring.\n\
         Restart servers that are running, so that they forget the keys too, and destroy copies of keyring.db."
    );
    print.say(json!({ "id": id, "name": found.name, "destroyed": true }), sentence);
    Ok(Outcome::Fine)
}
