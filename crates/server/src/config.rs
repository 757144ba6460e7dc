//! How an installation is set up. Everything has a default that is safe on one machine.

use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// Models of the operator's own, as ONNX files.
    pub models: Vec<ModelFile>,
}

/// A model as ONNX: what it takes and gives, `docs/guides/models.md` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFile {
    Detector { name: String, file: PathBuf },
    Segmenter { name: String, encoder: PathBuf, decoder: PathBuf },
}

impl ModelFile {
    pub fn name(&self) -> &str {
        match self {
            ModelFile::Detector { name, .. } | ModelFile::Segmenter { name, .. } => name,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            ModelFile::Detector { .. } => "detector",
            ModelFile::Segmenter { .. } => "segmenter",
        }
    }

    /// What it tells apart, as the file of names beside it says; nothing where there is none.
    pub fn classes(&self) -> Vec<String> {
        match self {
            ModelFile::Segmenter { .. } => Vec::new(),
            ModelFile::Detector { file, .. } => {
                let names = std::fs::read_to_string(file.with_extension("names"));
                crate::local::names(&names.unwrap_or_default())
            }
        }
    }
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
            models: Vec::new(),
        }
    }

    /// Whether people come over HTTPS, so that cookies may be bound to it.
    pub fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
