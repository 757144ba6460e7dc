//! The one way out: whatever address somebody typed in, nothing inside our own network is reached.
//!
//! 1. `http` and `https` only, without a user name or password in the address.
//! 2. An address is looked up once, and the connection goes to what was found then: a name that
//!    answers differently the second time has no second time.
//! 3. Every address found must be public. Loopback, private, link-local, metadata, multicast and
//!    reserved ones are refused, and those that carry such an address inside. The names in
//!    `allowed_hosts` are exempt.
//! 4. No redirects, no proxies from the environment; every answer is bounded in size and time.

use crate::{Error, Result};
use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this is not an address that begins with http:// or https://")]
    BadUrl,
    #[error("an address must not hold a user name or a password")]
    UserInfo,
    #[error("{host} is inside a private network; the operator may allow it by name")]
    Private { host: String },
    #[error("the address sends elsewhere, and is not followed; give the last one")]
    Redirect,
    #[error("the answer has more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("{0}")]
    Failed(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::BadUrl => "bad_url",
            Refusal::UserInfo => "url_with_password",
            Refusal::Private { .. } => "private_address",
            Refusal::Redirect => "redirected",
            Refusal::TooLarge { .. } => "answer_too_large",
            Refusal::Failed(_) => "not_reached",
        };
        Error::invalid("url", code, refusal.to_string())
    }
}

pub type Found = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Where names become addresses. Production asks the system; tests bring their own.
pub trait Lookup: Send + Sync {
    fn lookup(&self, host: String) -> Found;
}

/// The system's own resolver.
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> Found {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    guard: Guard,
    // Made when it is first needed: an installation without any certificates starts all the same.
    client: Arc<Mutex<Option<Client>>>,
}

#[derive(Clone)]
struct Guard {
    allowed: Arc<HashSet<String>>,
    lookup: Arc<dyn Lookup>,
}

impl Outbound {
    pub fn new(allowed_hosts: &[String], lookup: Arc<dyn Lookup>) -> Self {
        let allowed = Arc::new(allowed_hosts.iter().map(|host| plain(host)).collect());
        Self { guard: Guard { allowed, lookup }, client: Arc::default() }
    }

    /// Reads an address, and refuses at once what its text alone gives away. What its name leads to
    /// is seen when the connection is made.
    pub fn check(&self, url: &str) -> Result<Url, Refusal> {
        let url = Url::parse(url.trim()).map_err(|_| Refusal::BadUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::BadUrl);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        let host = url.host_str().ok_or(Refusal::BadUrl)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if let Ok(address) = literal
            && !self.guard.allowed.contains(&plain(host))
            && !is_public(address)
        {
            return Err(Refusal::Private { host: host.into() });
        }
        Ok(url)
    }

    /// A client for callers who bring a protocol of their own, S3 for one. Every name is guarded;
    /// an address given in numbers must have passed [`check`](Self::check).
    pub fn client(&self) -> Result<Client, Refusal> {
        let mut kept = self.client.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(client) = &*kept {
            return Ok(client.clone());
        }
        // An error says that another part of the process has installed the same provider.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder()
            .dns_resolver(Arc::new(self.guard.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .build()
            .map_err(|error| Refusal::Failed(chain(&error)))?;
        *kept = Some(client.clone());
        Ok(client)
    }

    /// Fetches what an address holds, `limit` bytes at most.
    pub async fn get(&self, url: &str, limit: usize) -> Result<Bytes, Refusal> {
        let call = self.client()?.get(self.check(url)?);
        self.send(call, CALL_TIMEOUT, limit).await
    }

    /// Sends a call that was made with [`client`](Self::client) to an address that has passed
    /// [`check`](Self::check), and reads what is answered, `limit` bytes at most.
    pub async fn send(
        &self,
        call: reqwest::RequestBuilder,
        patience: Duration,
        limit: usize,
    ) -> Result<Bytes, Refusal> {
        let call = call.timeout(patience).build();
        let call = call.map_err(|error| Refusal::Failed(chain(&error)))?;
        let host = call.url().host_str().unwrap_or_default().to_string();
        let sent = self.client()?.execute(call).await;
        let mut response = sent.map_err(|error| refused(&host, &error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Refusal::Redirect);
        }
        if !status.is_success() {
            let mut said = BytesMut::new();
            while let Ok(Some(chunk)) = response.chunk().await
                && said.len() < SAID_BYTES_MAX
            {
                said.extend_from_slice(&chunk);
            }
            let said = said_of(&said);
            return Err(Refusal::Failed(format!("{host} answered {status}{said}")));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| refused(&host, &error))? {
            if body.len() + chunk.len() > limit {
                return Err(Refusal::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// What a host says of its failure that a person may want to read.
const SAID_BYTES_MAX: usize = 4 << 10;
const SAID_CHARS_MAX: usize = 300;

fn said_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words: String =
        text.trim().chars().filter(|c| !c.is_control()).take(SAID_CHARS_MAX).collect();
    if words.is_empty() || words.starts_with('<') { String::new() } else { format!(": {words}") }
}

/// A name as it is compared: lower case, without the dot of the root or the brackets of IPv6.
fn plain(host: &str) -> String {
    host.trim_end_matches('.').trim_start_matches('[').trim_end_matches(']').to_lowercase()
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_string();
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.lookup.lookup(host.clone()).await?;
            let may_be_private = guard.allowed.contains(&plain(&host));
            // One private address among public ones is enough: nobody honest mixes them.
            if !may_be_private && !found.iter().copied().all(is_public) {
                return Err(Refusal::Private { host }.into());
            }
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// What went wrong, with our own refusal found again among the causes.
fn refused(host: &str, error: &reqwest::Error) -> Refusal {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return refusal.clone();
        }
        cause = error.source();
    }
    Refusal::Failed(format!("{host} could not be reached: {}", chain(error)))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Whether an address belongs to the public network, as IANA's registries of special addresses
/// have it.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |base: [u8; 4], bits: u32| {
        let mask = u32::MAX << (32 - bits);
        address.to_bits() & mask == Ipv4Addr::from(base).to_bits() & mask
    };
    let special = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([168, 63, 129, 16], 32), // a cloud's metadata, though the address is public
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    !special.iter().any(|(base, bits)| within(*base, *bits))
}

/// Only global unicast, and of that nothing which carries or translates an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |base: &str, bits: u32| {
        let mask = u128::MAX << (128 - bits);
        base.parse::<Ipv6Addr>().is_ok_and(|base| address.to_bits() & mask == base.to_bits() & mask)
    };
    let special = [("2001::", 23), ("2001:db8::", 32), ("2002::", 16), ("3fff::", 20)];
    within("2000::", 3) && !special.iter().any(|(base, bits)| within(base, *bits))
}
