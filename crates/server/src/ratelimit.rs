//! Rate limits: on login by account and by address, on the interface by key.

use crate::{Error, Result};
use domain::{KeyId, OrganizationId, limits};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub struct Limits {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    keys: DefaultKeyedRateLimiter<KeyId>,
    tokens: DefaultKeyedRateLimiter<[u8; 32]>,
    invitations: DefaultKeyedRateLimiter<OrganizationId>,
    checked: AtomicU64,
}

/// After so many checks of people, those who have been quiet are forgotten.
const SWEEP_EVERY: u64 = 1_000;

const fn non_zero(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl Default for Limits {
    fn default() -> Self {
        let logins = Quota::per_minute(non_zero(limits::LOGINS_PER_MINUTE));
        let from_one_address = Quota::per_minute(non_zero(limits::LOGINS_PER_MINUTE * 6));
        let requests = Quota::per_second(non_zero(limits::REQUESTS_PER_SECOND_PER_KEY));
        Self {
            accounts: RateLimiter::keyed(logins),
            addresses: RateLimiter::keyed(from_one_address),
            keys: RateLimiter::keyed(requests),
            tokens: RateLimiter::keyed(logins),
            invitations: RateLimiter::keyed(Quota::per_minute(non_zero(
                limits::INVITATIONS_PER_MINUTE,
            ))),
            checked: AtomicU64::new(0),
        }
    }
}

impl Limits {
    /// One more attempt to log in to an account.
    pub fn check_login(&self, account: &str, address: Option<IpAddr>) -> Result<()> {
        self.sweep_now_and_then();
        check(&self.accounts, &account.to_string())?;
        address.map_or(Ok(()), |address| check(&self.addresses, &address))
    }

    /// One more attempt to use the token of a link.
    pub fn check_token(&self, token_hash: &[u8; 32], address: Option<IpAddr>) -> Result<()> {
        self.sweep_now_and_then();
        check(&self.tokens, token_hash)?;
        address.map_or(Ok(()), |address| check(&self.addresses, &address))
    }

    /// One more invitation, which may be one more letter in our name.
    pub fn check_invitation(&self, organization: OrganizationId) -> Result<()> {
        check(&self.invitations, &organization)
    }

    pub fn check_key(&self, key: KeyId) -> Result<()> {
        check(&self.keys, &key)
    }

    fn sweep_now_and_then(&self) {
        if self.checked.fetch_add(1, Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.sweep();
        }
    }

    /// Forgets who has been quiet for long enough.
    pub fn sweep(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.keys.retain_recent();
        self.tokens.retain_recent();
        self.invitations.retain_recent();
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<()> {
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        Error::TooMany { retry_after_s: wait.as_secs() + 1 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_hurry_but_not_forever() {
        let limits = Limits::default();
        let refused = (0..2_000).filter(|_| limits.check_key(KeyId(1)).is_err()).count();
        assert!(refused > 1_000, "{refused}");
        assert!(limits.check_key(KeyId(2)).is_ok(), "another key is not held up");
    }
}
