//! Organizations, as the control store knows them: a name, a beginning, and perhaps an end.

use crate::engine::{Row, params, sql};
use crate::{Error, Result, Tx};
use domain::{OrganizationId, Timestamp};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRow {
    pub id: OrganizationId,
    pub name: String,
    pub closed: bool,
    pub created_at: Timestamp,
}

impl Tx<'_> {
    pub fn insert_organization(
        &mut self,
        id: OrganizationId,
        name: &str,
        now: Timestamp,
    ) -> Result<()> {
        let added = self.execute(
            sql!(
                "insert into organization (id, name, state, created_at_ms) values ($1, $2, 'active', $3)
                 on conflict do nothing"
            ),
            params![id, name, now],
        )?;
        if added == 1 { Ok(()) } else { Err(Error::Exists { what: "organization" }) }
    }

    pub fn organizations(&mut self) -> Result<Vec<OrganizationRow>> {
        self.organizations_after(OrganizationId(0), i64::MAX)
    }

    /// A page of the organizations, the oldest first.
    pub fn organizations_after(
        &mut self,
        after: OrganizationId,
        limit: i64,
    ) -> Result<Vec<OrganizationRow>> {
        self.query(
            sql!(
                "select id, name, state, created_at_ms from organization where id > $1 order by id limit $2"
            ),
            params![after, limit],
            read_organization,
        )
    }

    pub fn organization_by_id(&mut self, id: OrganizationId) -> Result<Option<OrganizationRow>> {
        self.query_one(
            sql!("select id, name, state, created_at_ms from organization where id = $1"),
            params![id],
            read_organization,
        )
    }

    pub fn organization_by_name(&mut self, name: &str) -> Result<Option<OrganizationRow>> {
        self.query_one(
            sql!("select id, name, state, created_at_ms from organization where name = $1"),
            params![name],
            read_organization,
        )
    }

    pub fn rename_organization(&mut self, id: OrganizationId, name: &str) -> Result<()> {
        self.execute_one(sql!("update organization set name = $2 where id = $1"), params![id, name])
    }

    pub fn close_organization(&mut self, id: OrganizationId) -> Result<()> {
        self.execute_one(
            sql!("update organization set state = 'closed' where id = $1"),
            params![id],
        )
    }
}

fn read_organization(row: &Row<'_>) -> Result<OrganizationRow> {
    Ok(OrganizationRow {
        id: row.get(0)?,
        name: row.get(1)?,
        closed: row.get::<String>(2)? == "closed",
        created_at: row.get(3)?,
    })
}
