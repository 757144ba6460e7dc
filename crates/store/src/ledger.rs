//! Money on disk: transfers are added, never changed and never deleted. And the relay, which
//! carries what happened in an organization's store into the control store, exactly once.

use crate::engine::{Tx, params, sql};
use crate::{Error, Result};
use domain::ledger::Transfer;
use domain::{OrganizationId, Timestamp};

impl Tx<'_> {
    /// Records a transfer and moves its two balances. The same transfer again is a repeat, and
    /// answers false; another one under the same id is refused.
    pub fn post(
        &mut self,
        transfer: &Transfer,
        organization: OrganizationId,
        at: Timestamp,
    ) -> Result<bool> {
        assert!(transfer.amount_minor > 0, "a transfer moves something");
        assert!(transfer.debit != transfer.credit, "a transfer moves between two accounts");

        let added = self.execute(
            sql!(
                "insert into transfer (id, debit, credit, amount_minor, currency, organization_id, at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing"
            ),
            params![
                &transfer.id,
                &transfer.debit,
                &transfer.credit,
                transfer.amount_minor,
                &transfer.currency,
                organization,
                at,
            ],
        )?;
        if added == 0 {
            let same = self.query_one(
                sql!("select debit, credit, amount_minor, currency from transfer where id = $1"),
                params![&transfer.id],
                |row| {
                    Ok(row.get::<String>(0)? == transfer.debit
                        && row.get::<String>(1)? == transfer.credit
                        && row.get::<i64>(2)? == transfer.amount_minor
                        && row.get::<String>(3)? == transfer.currency)
                },
            )?;
            return if same == Some(true) {
                Ok(false)
            } else {
                Err(Error::Exists { what: "transfer" })
            };
        }
        // In the order of their names, so that two transfers side by side cannot wait for each other.
        let mut moves =
            [(&transfer.debit, -transfer.amount_minor), (&transfer.credit, transfer.amount_minor)];
        moves.sort();
        for (account, amount) in moves {
            self.execute(
                sql!(
                    "insert into account (name, currency, balance_minor) values ($1, $2, $3)
                     on conflict (name, currency)
                     do update set balance_minor = account.balance_minor + excluded.balance_minor"
                ),
                params![account, &transfer.currency, amount],
            )?;
        }
        Ok(true)
    }

    /// What stands in an account, by currency.
    pub fn balances(&mut self, account: &str) -> Result<Vec<(String, i64)>> {
        self.query(
            sql!("select currency, balance_minor from account where name = $1 order by currency"),
            params![account],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The sum of all balances, and how many balances differ from the sum of their transfers: both
    /// are zero, always (I4).
    pub fn audit_ledger(&mut self) -> Result<(i64, i64)> {
        let sum = self.query_one(
            sql!("select cast(coalesce(sum(balance_minor), 0) as bigint) from account"),
            &[],
            |row| row.get(0),
        )?;
        let wrong = self.query_one(
            sql!(
                "select count(*) from account a where a.balance_minor <> (
                   select cast(coalesce(sum(case when t.credit = a.name then t.amount_minor else -t.amount_minor end), 0) as bigint)
                   from transfer t where t.currency = a.currency and (t.credit = a.name or t.debit = a.name))"
            ),
            &[],
            |row| row.get(0),
        )?;
        Ok((sum.unwrap_or(0), wrong.unwrap_or(0)))
    }

    pub fn count_transfers(&mut self) -> Result<i64> {
        let count = self.query_one(sql!("select count(*) from transfer"), &[], |row| row.get(0))?;
        Ok(count.unwrap_or(0))
    }

    /// Up to which event of `source` everything has taken effect here. Held until the transaction
    /// ends, so that two relays cannot both apply the same event.
    pub fn relayed(&mut self, source: &str) -> Result<i64> {
        self.execute_quietly(
            sql!("insert into relay (source, seq) values ($1, 0) on conflict (source) do nothing"),
            params![source],
        )?;
        let seq = self.query_one(
            sql!("select seq from relay where source = $1 {hold}"),
            params![source],
            |row| row.get(0),
        )?;
        Ok(seq.unwrap_or(0))
    }

    /// Like [`relayed`](Self::relayed), for one who only looks.
    pub fn relayed_so_far(&mut self, source: &str) -> Result<i64> {
        let seq = self.query_one(
            sql!("select seq from relay where source = $1"),
            params![source],
            |row| row.get(0),
        )?;
        Ok(seq.unwrap_or(0))
    }

    pub fn set_relayed(&mut self, source: &str, seq: i64) -> Result<()> {
        self.execute_quietly(
            sql!("update relay set seq = $2 where source = $1 and seq < $2"),
            params![source, seq],
        )?;
        Ok(())
    }
}
