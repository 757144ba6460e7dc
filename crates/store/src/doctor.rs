//! What may be wrong with an installation, looked for: the log, the counters, the money, the keys
//! and the blobs are each compared with what they must agree with.

use crate::backup::rows;
use crate::blobs::BlobAddress;
use crate::engine::{Tx, params};
use crate::stores::{Stores, organization_store_name};
use crate::{Error, OrganizationRow, Result};
use domain::people::Mode;
use domain::{Actor, PersonId, ProjectId, Role, limits};

/// Something that is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub place: String,
    pub what: String,
    pub mend: &'static str,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub stores: u64,
    pub events: i64,
    pub projects: u64,
    pub blobs: u64,
    pub blobs_opened: u64,
}

impl Report {
    fn find(&mut self, place: &str, what: impl Into<String>, mend: &'static str) {
        self.findings.push(Finding { place: place.into(), what: what.into(), mend });
    }
}

const RESTORE: &str =
    "Restore the last good backup, and look into how the disk or the database is.";
const KEYS: &str = "Bring back the keyring (keyring.db, or the file of `fairmark backup --keys`) that belongs to this data.";
const REPORT: &str = "This is a fault of ours: please report it, with the output of this command.";

/// Looks at everything. Each organization's first `sample` blobs are opened to their last byte. To be
/// called on a thread that may wait, inside the runtime.
pub fn examine(stores: &Stores, sample: u64, told: &mut dyn FnMut(&str)) -> Result<Report> {
    let mut report = Report::default();
    told("control");
    let mut organizations = Vec::new();
    stores.snapshot("control", &mut |tx| {
        examine_engine(tx, "control", &mut report)?;
        examine_events(tx, "control", &mut report)?;
        let (sum, wrong) = tx.audit_ledger()?;
        if sum != 0 {
            report.find("control", format!("all balances together are {sum} and not 0"), REPORT);
        }
        if wrong != 0 {
            let what = format!("{wrong} balances differ from the sum of their transfers");
            report.find("control", what, REPORT);
        }
        organizations = tx.organizations()?;
        Ok(())
    })?;
    for organization in organizations {
        told(&organization.name);
        examine_organization(stores, &organization, sample, &mut report)?;
    }
    Ok(report)
}

fn examine_organization(
    stores: &Stores,
    organization: &OrganizationRow,
    sample: u64,
    report: &mut Report,
) -> Result<()> {
    let name = organization.name.as_str();
    if stores.key_is_destroyed(organization.id)? {
        if !organization.closed {
            let what = "its keys were destroyed, but its doors are open";
            report.find(name, what, "Run `fairmark organization destroy` again, to its end.");
        }
        return Ok(());
    }
    let actor = Actor {
        organization: organization.id,
        person: PersonId(0),
        role: Role::Owner,
        mode: Mode::Live,
    };
    let access = match stores.access_for_job(actor) {
        Ok(access) => access,
        Err(Error::KeyMissing) => {
            report.find(name, "its keys are not here", KEYS);
            return Ok(());
        }
        Err(Error::Keys(error)) => {
            report.find(name, format!("its keys do not open: {error}"), KEYS);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let mut addresses = Vec::new();
    stores.snapshot(&organization_store_name(organization.id), &mut |tx| {
        examine_engine(tx, name, report)?;
        examine_events(tx, name, report)?;
        examine_counters(tx, name, report)?;
        addresses = blob_addresses(tx)?;
        Ok(())
    })?;
    let runtime = tokio::runtime::Handle::current();
    for (table, address) in addresses {
        report.blobs += 1;
        let Ok(address) = address.parse::<BlobAddress>() else {
            report.find(name, format!("{table} names a blob that cannot be: {address}"), RESTORE);
            continue;
        };
        if !runtime.block_on(access.blobs().sealed().exists(&address))? {
            report.find(name, format!("{table} names the blob {address}, which is gone"), RESTORE);
        } else if report.blobs_opened < sample {
            report.blobs_opened += 1;
            if let Err(error) = runtime.block_on(access.blobs().verify(&address)) {
                report.find(name, format!("the blob {address} of {table}: {error}"), RESTORE);
            }
        }
    }
    Ok(())
}

fn examine_engine(tx: &mut Tx<'_>, place: &str, report: &mut Report) -> Result<()> {
    report.stores += 1;
    if tx.is_postgres() {
        return Ok(());
    }
    let told = tx.query("pragma quick_check(20)", &[], |row| row.get::<String>(0))?;
    for line in told.into_iter().filter(|line| line != "ok") {
        report.find(place, format!("SQLite says: {line}"), RESTORE);
    }
    Ok(())
}

fn examine_events(tx: &mut Tx<'_>, place: &str, report: &mut Report) -> Result<()> {
    match tx.verify_events() {
        Ok(head) => report.events += head.seq,
        Err(Error::Corrupt { value, .. }) => {
            let what =
                format!("{value} does not follow from the one before: somebody changed the log");
            report.find(place, what, RESTORE);
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn examine_counters(tx: &mut Tx<'_>, place: &str, report: &mut Report) -> Result<()> {
    for mode in [Mode::Live, Mode::Test] {
        let mut after = ProjectId(0);
        loop {
            let page = tx.projects(mode, after, limits::PAGE_MAX)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for project in page {
                report.projects += 1;
                if tx.counts(project.id)? != tx.recount(project.id)? {
                    let what =
                        format!("the counters of project {} differ from its tasks", project.id);
                    report.find(place, what, REPORT);
                }
            }
        }
    }
    Ok(())
}

/// Every blob that a row names, with the table of that row.
fn blob_addresses(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for table in rows::tables(tx)? {
        let columns = rows::columns(tx, &table)?;
        if columns.iter().any(|column| column.name == "address") {
            let sql = format!("select distinct address from {table} where address is not null");
            let addresses = tx.query(&sql, params![], |row| row.get::<String>(0))?;
            found.extend(addresses.into_iter().map(|address| (table.clone(), address)));
        }
    }
    Ok(found)
}
