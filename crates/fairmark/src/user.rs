//! `fairmark user`: people and the organizations they belong to.

use crate::failure::{Doing, Failure, Outcome, Result};
use crate::place::{Make, Place, organization};
use crate::print::Print;
use clap::Subcommand;
use domain::people::check_password;
use domain::{PersonId, Role, limits};
use serde_json::json;
use server::auth::{hash_secret, new_secret};
use server::people::{checked_email, checked_name, hash_password_now, new_person};
use server::wire::Time;
use store::NewInvitation;
use zeroize::Zeroizing;

#[derive(Subcommand)]
pub enum Command {
    /// Make an invitation and print its link, which is good for one person and seven days.
    Invite {
        email: String,
        #[arg(long, value_name = "NAME")]
        organization: String,
        #[arg(long, value_parser = role)]
        role: Role,
        /// Where people reach the server; the link begins with it.
        #[arg(
            long,
            env = "FAIRMARK_PUBLIC_URL",
            default_value = "http://127.0.0.1:7780",
            value_name = "URL"
        )]
        public_url: String,
        #[command(flatten)]
        place: Place,
    },
    /// Add a person at once, with a password read from standard input: for scripted set-ups.
    Create {
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_name = "NAME")]
        organization: String,
        #[arg(long, value_parser = role)]
        role: Role,
        /// May run the installation: create organizations, see its health.
        #[arg(long)]
        operator: bool,
        #[command(flatten)]
        place: Place,
    },
    /// List the people of an organization.
    List {
        #[arg(long, value_name = "NAME")]
        organization: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Reads a role as a flag has it.
pub fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::as_str).join(", ");
    text.parse().map_err(|()| format!("a role is one of {names}"))
}

pub fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::Invite { email, organization, role, public_url, place } => {
            invite(&email, &organization, role, &public_url, &place.with_config()?, print)
        }
        Command::Create { email, name, organization, role, operator, place } => {
            let password = read_password()?;
            let person = NewPerson { email, name, operator, password };
            create(person, &organization, role, &place.with_config()?, print)
        }
        Command::List { organization, place } => list(&organization, &place.with_config()?, print),
    }
}

fn invite(
    email: &str,
    name: &str,
    role: Role,
    public_url: &str,
    place: &Place,
    print: &Print,
) -> Result {
    let email = checked_email(email)?;
    let stores = place.open(Make::Never)?;
    let found = organization(&stores, name)?;
    let now = crate::now();
    let secret = new_secret();
    let invitation = NewInvitation {
        organization: found.id,
        email: email.clone(),
        role,
        token_hash: hash_secret(&secret),
        // The operator, who is at the machine and nobody's colleague.
        invited_by: PersonId(0),
        expires_at: now.plus_ms(limits::INVITATION_LIFE_MS),
    };
    let expires_at = invitation.expires_at;
    let id = stores.control().write_now(move |tx| {
        let id = tx.insert_invitation(&invitation, now)?;
        tx.record(
            now,
            "operator",
            "invitation.made",
            id,
            json!({ "organization": invitation.organization, "role": role }),
        );
        Ok::<_, store::Error>(id)
    })?;
    stores.close();
    let link = format!("{}/invitation#token={secret}", public_url.trim_end_matches('/'));
    let value = json!({
        "id": id, "email": email, "role": role, "organization": found.name,
        "link": link, "token": secret, "expires_at": Time(expires_at),
    });
    print.say(value, &link);
    Ok(Outcome::Fine)
}

struct NewPerson {
    email: String,
    name: String,
    operator: bool,
    password: Zeroizing<String>,
}

fn read_password() -> Result<Zeroizing<String>> {
    use std::io::IsTerminal;
    if std::io::stdin().is_terminal() {
        crate::print::note("Password (it is shown while you type; end with Enter):");
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line).doing("the password on standard input")?;
    let password = Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_string());
    if password.is_empty() {
        return Err(Failure::usage("there is no password on standard input")
            .mend("For example: fairmark user create … < password-file"));
    }
    Ok(password)
}

fn create(
    person: NewPerson,
    organization_name: &str,
    role: Role,
    place: &Place,
    print: &Print,
) -> Result {
    let (email, name) = (checked_email(&person.email)?, checked_name("name", &person.name)?);
    check_password(&person.password, &email)
        .map_err(|refusal| Failure::new(refusal.to_string()))?;
    let stores = place.open(Make::Never)?;
    let found = organization(&stores, organization_name)?;
    let hash = hash_password_now(&person.password)?;
    let (now, operator, wanted) = (crate::now(), person.operator, email.clone());
    let (id, fresh) = stores.control().write_now(move |tx| {
        let known = tx.person_by_email(&wanted)?;
        let fresh = known.is_none();
        let id = match known {
            Some(known) => known.id,
            None => {
                let id = PersonId(tx.new_id(now));
                tx.insert_person(
                    &new_person(&wanted, &name, Some(hash.clone()), operator, id),
                    now,
                )?;
                id
            }
        };
        tx.set_membership(found.id, id, role, now)?;
        tx.record(
            now,
            "operator",
            "member.added",
            id,
            json!({ "organization": found.id, "role": role }),
        );
        Ok::<_, store::Error>((id, fresh))
    })?;
    stores.close();
    let sentence = if fresh {
        format!("{email} is {id}, {} of {}", role.as_str(), found.name)
    } else {
        format!(
            "{email} had an account already, whose password stays; now {} of {}",
            role.as_str(),
            found.name
        )
    };
    let value = json!({ "id": id, "email": email, "role": role, "organization": found.name, "created": fresh });
    print.say(value, sentence);
    Ok(Outcome::Fine)
}

fn list(name: &str, place: &Place, print: &Print) -> Result {
    let stores = place.open(Make::Never)?;
    let id = organization(&stores, name)?.id;
    let mut items = Vec::new();
    let mut after = PersonId(0);
    loop {
        let page = stores.control().read_now(move |tx| tx.members(id, after, limits::PAGE_MAX))?;
        let Some(last) = page.last() else { break };
        after = last.person;
        items.extend(page.into_iter().map(|member| {
            json!({
                "person": member.person, "email": member.email, "name": member.name,
                "role": member.role, "joined_at": Time(member.joined_at),
            })
        }));
    }
    stores.close();
    print.list(items, &["person", "email", "name", "role", "joined_at"]);
    Ok(Outcome::Fine)
}
