//! How an installation is set up. Everything has a default that is safe on one machine.

use std::net::SocketAddr;

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where people reach the server, `https://label.example.org`; links and cookies follow it.
    pub public_url: String,
    pub sign_up_open: bool,
    /// How many proxies in front may be believed about the caller's address.
    pub proxies: usize,
    pub smtp: Option<Smtp>,
    /// Hosts inside private networks that outbound calls may reach, by name.
    pub allowed_hosts: Vec<String>,
    /// Where the metrics may be read without being on this machine.
    pub metrics_token: Option<String>,
}

#[derive(Clone)]
pub struct Smtp {
    /// `smtp://user:password@host:587` or `smtps://…`.
    pub url: String,
    pub from: String,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Config {
    pub fn loopback(port: u16) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], port)),
            public_url: format!("http://127.0.0.1:{port}"),
            sign_up_open: false,
            proxies: 0,
            smtp: None,
            allowed_hosts: Vec::new(),
            metrics_token: None,
        }
    }

    /// Whether people come over HTTPS, so that cookies may be bound to it.
    pub fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
