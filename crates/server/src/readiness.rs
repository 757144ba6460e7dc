//! Whether the stores answer: the control store each time, the organizations' in turn.
//!
//! - Anybody may ask, as often as they like: each second a few organizations are looked at, with those
//!   that were away at the last look, and everybody is told what is known.
//! - Nobody waits long. A store that hangs counts as away, and is not asked again until it has answered.
//! - One organization's trouble is no reason to take the server from all the others: it is not ready
//!   when the control store or every store that was looked at is away.
//! - Callers learn that stores are away, and not whose; the log has the ids.

use crate::{App, Error, Result};
use domain::people::Mode;
use domain::{Actor, OrganizationId, Role, Timestamp, limits};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a caller waits for the stores.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK_EVERY_MS: i64 = 1_000;

/// How far the stores can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    All,
    Some,
}

/// What the last looks have shown.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    /// Where the next look goes on.
    after: Option<OrganizationId>,
    at: Option<Timestamp>,
    /// Asked, and no answer yet.
    asked: BTreeSet<OrganizationId>,
    away: BTreeSet<OrganizationId>,
    /// Stores that answered at the last look.
    answered: usize,
}

impl Readiness {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Which organizations to ask now: none if it is not yet time, or if too many hang already.
    fn begin(&mut self, page: &[OrganizationId], now: Timestamp) -> Vec<OrganizationId> {
        let is_due = self.at.is_none_or(|at| now.0 - at.0 >= LOOK_EVERY_MS);
        if !is_due || self.asked.len() >= limits::STORES_PER_LOOK {
            return Vec::new();
        }
        let is_last = page.len() < limits::STORES_PER_LOOK;
        self.after = page.last().filter(|_| !is_last).copied();
        self.at = Some(now);
        self.answered = 0;
        let again = self.away.iter().take(limits::STORES_PER_LOOK);
        let fresh: BTreeSet<_> = page.iter().chain(again).copied().collect();
        let fresh: Vec<_> = fresh.difference(&self.asked).copied().collect();
        self.asked.extend(&fresh);
        fresh
    }

    fn end(&mut self, organization: OrganizationId, is_there: bool) {
        self.asked.remove(&organization);
        if is_there {
            self.answered += 1;
            self.away.remove(&organization);
        } else {
            self.away.insert(organization);
        }
    }

    fn reach(&self) -> Result<Reach, usize> {
        match self.away.union(&self.asked).count() {
            0 => Ok(Reach::All),
            _ if self.answered > 0 => Ok(Reach::Some),
            away => Err(away),
        }
    }
}

pub(crate) async fn look(app: &App) -> Result<Reach> {
    let after = app.readiness.seen().after.unwrap_or(OrganizationId(0));
    let page = app.stores.control().read(move |tx| {
        Ok::<_, Error>(tx.organizations_after(after, limits::STORES_PER_LOOK as i64)?)
    });
    let page = tokio::time::timeout(PATIENCE, page).await.unwrap_or_else(|_| away("control"))?;
    let page: Vec<OrganizationId> = page.iter().map(|organization| organization.id).collect();
    let asked = app.readiness.seen().begin(&page, (app.now)());
    let asking: Vec<_> = asked
        .into_iter()
        .map(|organization| {
            let app = app.clone();
            tokio::task::spawn_blocking(move || ask(&app, organization))
        })
        .collect();
    // What has no answer by then goes on by itself, and counts as away meanwhile.
    let all = futures_util::future::join_all(asking);
    let is_in_time = tokio::time::timeout(PATIENCE, all).await.is_ok();
    let seen = app.readiness.seen();
    if !is_in_time {
        tracing::error!(organizations = ?seen.asked, "stores do not answer");
    }
    metrics::gauge!("fairmark_stores_away").set(seen.away.union(&seen.asked).count() as f64);
    seen.reach().or_else(|count| away(&format!("{count} organizations'")))
}

fn away<T>(whose: &str) -> Result<T> {
    Err(store::Error::Away(format!("{whose} stores cannot be reached")).into())
}

/// Reads a row of an organization's store. Blocks: for threads of their own.
fn ask(app: &App, organization: OrganizationId) {
    let answer = read(app, organization);
    let mut seen = app.readiness.seen();
    if let Err(error) = &answer
        && !seen.away.contains(&organization)
    {
        tracing::error!(%organization, cause = error.chain(), "a store cannot be reached");
    }
    seen.end(organization, answer.is_ok());
}

fn read(app: &App, organization: OrganizationId) -> Result<(), store::Error> {
    let row = app.stores.control().read_now(move |tx| tx.organization_by_id(organization))?;
    if row.is_none_or(|row| row.closed) {
        return Ok(());
    }
    let person = crate::relay::RELAY;
    let actor = Actor { organization, person, role: Role::Viewer, mode: Mode::Live };
    match app.stores.access_for_job(actor) {
        Ok(access) => access.store().read_now(|tx| tx.event_head()).map(|_| ()),
        // Nobody misses what was destroyed on purpose.
        Err(store::Error::KeyDestroyed) => Ok(()),
        Err(error) => Err(error),
    }
}
