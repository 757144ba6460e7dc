//! The relay: carries what happened in an organization's store to where it takes effect.
//!
//! Two stores never share a transaction. What an answer earns is an event in the organization's store;
//! from there it is carried into the ledger of the control store, exactly once: how far the relay has come
//! is written in the transaction that moves the money, and a transfer is named by what it pays for (I3).
//! Work done in test mode earns nothing.

use crate::{App, Error, Result};
use domain::ledger::{Transfer, earnings};
use domain::people::Mode;
use domain::projects::Pay;
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, Timestamp};
use serde::Deserialize;
use std::collections::HashMap;
use std::time::Duration;
use store::{EVENTS_PER_PAGE, Event, Store, Tx};

/// Who acts where no person does.
pub const RELAY: PersonId = PersonId(0);

/// Waits so long for more events before it carries those that there are.
const GATHER: Duration = Duration::from_millis(100);
/// Looks so often even if nobody has said that there is something.
const POLL: Duration = Duration::from_secs(15);
/// How often new organizations are looked for.
const ORGANIZATIONS: Duration = Duration::from_secs(5);

/// What of an answer's event matters here.
#[derive(Deserialize)]
struct Answered {
    submission: String,
    project: ProjectId,
    pay: Pay,
}

/// Carries the next page of an organization's events over; answers how many it has seen. To be called
/// again until there are none. Blocks: for threads of their own.
pub fn step(app: &App, organization: OrganizationId) -> Result<usize> {
    let actor = Actor { organization, person: RELAY, role: Role::Owner, mode: Mode::Live };
    let store = app.stores.access_for_job(actor)?.store().clone();
    store.sequence();
    carry(app.stores.control(), &store, organization, (app.now)())
}

fn carry(
    control: &Store,
    store: &Store,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<usize> {
    let source = organization.to_string();
    let name = source.clone();
    let from = control.read_now(move |tx| Ok::<_, Error>(tx.relayed_so_far(&name)?))?;
    let (transfers, count, last) = store.read_now(move |tx| {
        let events = tx.events_after(from)?;
        let last = events.last().map_or(from, |event| event.seq);
        Ok::<_, Error>((owed(tx, organization, &events)?, events.len(), last))
    })?;
    if count == 0 {
        return Ok(0);
    }
    control.write_now(move |tx| {
        // Another server may have carried the same events meanwhile: then there is nothing left to do.
        if tx.relayed(&source)? >= last {
            return Ok(());
        }
        for (at, transfer) in &transfers {
            if tx.post(transfer, organization, *at)? {
                let detail = serde_json::json!({
                    "debit": transfer.debit, "credit": transfer.credit, "amount_minor": transfer.amount_minor,
                    "currency": transfer.currency, "organization": organization,
                });
                tx.record(now, "relay", "transfer.posted", &transfer.id, detail);
            }
        }
        tx.set_relayed(&source, last)?;
        Ok::<_, Error>(())
    })?;
    Ok(count)
}

/// What the answers among some events earn.
///
/// Submissions and projects are named within one organization: in the ledger, which all share, the
/// organization is part of the name.
fn owed(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    events: &[Event],
) -> Result<Vec<(Timestamp, Transfer)>> {
    let mut is_live: HashMap<ProjectId, bool> = HashMap::new();
    let mut transfers = Vec::new();
    for event in events.iter().filter(|event| event.kind == "slot.answered") {
        // Most answers earn nothing; their events say nothing of pay.
        let Ok(Answered { submission, project, pay }) = serde_json::from_str(&event.detail) else {
            continue;
        };
        let Ok(person) = event.actor.parse::<PersonId>() else { continue };
        let live = match is_live.get(&project) {
            Some(live) => *live,
            None => {
                let live = tx.project(project)?.is_some_and(|project| project.mode == Mode::Live);
                is_live.insert(project, live);
                live
            }
        };
        if live {
            let submission = format!("{organization}:{submission}");
            let project = format!("{organization}:{project}");
            transfers.push((event.at, earnings(&submission, &project, person, &pay)));
        }
    }
    Ok(transfers)
}

/// Carries for every organization, until the runtime ends.
pub fn start(app: App) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut followed: HashMap<OrganizationId, tokio::task::JoinHandle<()>> = HashMap::new();
        loop {
            match app.stores.control().read(|tx| Ok::<_, Error>(tx.organizations()?)).await {
                Ok(organizations) => {
                    followed.retain(|_, task| !task.is_finished());
                    for row in organizations.into_iter().filter(|row| !row.closed) {
                        followed
                            .entry(row.id)
                            .or_insert_with(|| tokio::spawn(follow(app.clone(), row.id)));
                    }
                }
                Err(error) => {
                    tracing::warn!(error = ?error, "the relay cannot list the organizations")
                }
            }
            tokio::time::sleep(ORGANIZATIONS).await;
        }
    })
}

/// Carries for one organization, as its log grows.
async fn follow(app: App, organization: OrganizationId) {
    let opened = app.clone();
    let actor = Actor { organization, person: RELAY, role: Role::Owner, mode: Mode::Live };
    let access = tokio::task::spawn_blocking(move || opened.stores.access_for_job(actor)).await;
    let mut grown = match access {
        Ok(Ok(access)) => access.store().watch(),
        // Not made yet, or its keys are destroyed: somebody looks again later.
        Ok(Err(error)) => {
            return tracing::debug!(%organization, error = %error, "the relay stays out");
        }
        Err(_) => return,
    };
    loop {
        let stepping = app.clone();
        match tokio::task::spawn_blocking(move || step(&stepping, organization)).await {
            Ok(Ok(count)) if count as i64 >= EVENTS_PER_PAGE => continue,
            Ok(Ok(_)) => {}
            Ok(Err(Error::Store(store::Error::Closed | store::Error::KeyDestroyed))) | Err(_) => {
                return;
            }
            Ok(Err(error)) => {
                tracing::warn!(%organization, error = ?error, "the relay goes on later")
            }
        }
        // What is written until the next wait begins is seen as a change then.
        let _ = tokio::time::timeout(POLL, grown.changed()).await;
        tokio::time::sleep(GATHER).await;
    }
}
