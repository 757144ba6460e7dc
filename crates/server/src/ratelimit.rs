//! Rate limits: on login by account and by address, on the interface by key.

use crate::{Error, Result};
use domain::{KeyId, limits};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;

pub struct Limits {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    keys: DefaultKeyedRateLimiter<KeyId>,
}

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
        }
    }
}

impl Limits {
    /// One more attempt to log in to an account, or to use a token.
    pub fn check_login(&self, account: &str, address: Option<IpAddr>) -> Result<()> {
        check(&self.accounts, &account.to_string())?;
        address.map_or(Ok(()), |address| check(&self.addresses, &address))
    }

    pub fn check_key(&self, key: KeyId) -> Result<()> {
        check(&self.keys, &key)
    }

    /// Forgets who has been quiet for long enough.
    pub fn sweep(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.keys.retain_recent();
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
