//! Money: transfers between two accounts, in whole minor units, only ever added.

use crate::PersonId;
use crate::projects::Pay;

/// One movement of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Named by what it pays for, so that nothing can be paid for twice.
    pub id: String,
    pub debit: String,
    pub credit: String,
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What an answer earns: named by its submission, so that it is paid exactly once (I3).
pub fn earnings(submission: &str, project: &str, person: PersonId, pay: &Pay) -> Transfer {
    Transfer {
        id: format!("pay:{submission}"),
        debit: format!("wages:{project}"),
        credit: earnings_account(person),
        amount_minor: pay.amount_minor,
        currency: pay.currency.clone(),
    }
}

/// The account in which a person's earnings stand.
pub fn earnings_account(person: PersonId) -> String {
    format!("earnings:{person}")
}
