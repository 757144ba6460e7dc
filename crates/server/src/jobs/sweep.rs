//! What is swept up now and then: uploads that nobody has gone on with, what killed writers left behind,
//! answers to calls that nobody will repeat, sessions that have run out.

use crate::{App, Error, Result};
use domain::people::{Mode, Role};
use domain::{Actor, OrganizationId, PersonId, limits};
use std::time::{Duration, SystemTime};

/// How long a writer may take before what it has is taken for left behind.
const TEMPORARY_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps once. On a thread of a runtime that may wait; what fails is told and tried again next time.
pub(super) fn sweep(app: &App) {
    for (what, done) in [("blobs", sweep_blobs(app)), ("stores", sweep_stores(app))] {
        if let Err(error) = done {
            tracing::warn!(?error, what, "sweeping failed");
        }
    }
}

fn sweep_blobs(app: &App) -> Result<()> {
    let runtime = tokio::runtime::Handle::try_current()
        .map_err(|error| Error::Internal(error.to_string()))?;
    // Files know the system's time, whatever the clock of the process says.
    let before =
        |life: Duration| SystemTime::now().checked_sub(life).unwrap_or(SystemTime::UNIX_EPOCH);
    let blobs = app.stores.blobs();
    let rested = Duration::from_millis(limits::UPLOAD_LIFE_MS as u64);
    let uploads = runtime.block_on(blobs.sweep_uploads(before(rested)))?;
    let files = runtime.block_on(blobs.sweep_temporary(before(TEMPORARY_LIFE)))?;
    if uploads + files > 0 {
        tracing::info!(uploads, files, "swept");
    }
    Ok(())
}

fn sweep_stores(app: &App) -> Result<()> {
    let now = (app.now)();
    let before = now.plus_ms(-limits::IDEMPOTENCY_LIFE_MS);
    let control = app.stores.control();
    control.write_now(move |tx| {
        tx.remove_expired_sessions(now)?;
        tx.forget_idempotent(before)
    })?;
    let organizations = control.read_now(|tx| tx.organizations())?;
    for organization in organizations.iter().filter(|organization| !organization.closed) {
        sweep_store(app, organization.id, before)?;
    }
    Ok(())
}

fn sweep_store(app: &App, organization: OrganizationId, before: domain::Timestamp) -> Result<()> {
    let actor = Actor { organization, person: PersonId(0), role: Role::Manager, mode: Mode::Live };
    let access = app.stores.access_for_job(actor)?;
    access.store().write_now(move |tx| tx.forget_idempotent(before))?;
    Ok(())
}
