//! `fairmark user`: people and the organizations they belong to.

use crate::failure::{Doing, Failure, Outcome, Result};
use crate::place::{Make, Place, or, organization, read_config};
use crate::print::Print;
use clap::{Args, Subcommand};
use domain::people::check_password;
use domain::{PersonId, Role, limits};
use serde::Deserialize;
use serde_json::json;
use server::config::Smtp;
use server::mail::Mailer;
use server::people::{checked_email, checked_name, hash_password_now, new_person};
use server::wire::Time;
use std::path::Path;
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
        #[command(flatten)]
        letters: Letters,
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

/// How an invitation comes to whom it invites: the same settings as a server's.
#[derive(Args, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Letters {
    /// Where people reach the server; the link begins with it [default: http://127.0.0.1:7780].
    #[arg(long, env = "FAIRMARK_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Send the link by mail too, through this server: smtp://user:password@host:587 or smtps://…
    #[arg(long, env = "FAIRMARK_SMTP_URL", hide_env_values = true, value_name = "URL")]
    smtp_url: Option<String>,
    /// The sender of mail: Fairmark <fairmark@example.org>
    #[arg(long, env = "FAIRMARK_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
}

impl Letters {
    /// Takes from a server's file what no flag and no variable says.
    fn with_config(mut self, file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(self) };
        let file: Letters = read_config(file, &crate::serve::settings())?;
        or!(self, file, public_url, smtp_url, mail_from);
        Ok(self)
    }

    fn public_url(&self) -> &str {
        self.public_url.as_deref().unwrap_or("http://127.0.0.1:7780")
    }

    fn smtp(&self) -> Result<Option<Smtp>> {
        crate::serve::smtp(self.smtp_url.as_ref(), self.mail_from.as_ref())
    }
}

/// Reads a role as a flag has it.
pub fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::as_str).join(", ");
    text.parse().map_err(|()| format!("a role is one of {names}"))
}

pub fn run(command: Command, print: &Print) -> Result {
    match command {
        Command::Invite { email, organization, role, letters, place } => {
            let letters = letters.with_config(place.config.as_deref())?;
            invite(&email, &organization, role, &letters, &place.with_config()?, print)
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
    letters: &Letters,
    place: &Place,
    print: &Print,
) -> Result {
    let stores = place.open(Make::Never)?;
    let found = organization(&stores, name)?;
    let mailer = Mailer::new(letters.smtp()?.as_ref())?;
    let invited = server::invitations::invite_as_operator(
        &stores,
        (found.id, &found.name),
        (email, role),
        (letters.public_url(), &mailer),
        crate::now(),
    );
    let invited = tokio::runtime::Handle::current().block_on(invited)?;
    stores.close();
    let link = invited.link.clone().unwrap_or_default();
    let mut value = json!(invited);
    value["organization"] = json!(found.name);
    value["token"] = json!(link.rsplit("#token=").next());
    print.say(value, &link);
    if invited.mailed == Some(true) {
        crate::print::note(&format!("It was mailed to {} as well.", invited.email));
    }
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
