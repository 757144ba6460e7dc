//! Secrets for cookies, keys and links: long and random, and kept only as hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// A secret for a cookie, a key or a link: 256 random bits as text.
pub fn new_secret() -> String {
    let mut bytes = [0u8; 32];
    // The system's generator blocks until it is seeded and never fails after.
    aws_lc_rs::rand::fill(&mut bytes)
        .unwrap_or_else(|_| unreachable!("the system's random generator answers"));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A secret that is shown once, and again only to the repeat of the call that made it. What is kept
/// of it opens nothing: the secret is derived with a key that this process made and nobody stores,
/// so that after a restart even a repeat does not get it.
#[derive(Clone, Serialize, Deserialize)]
pub struct ShownOnce {
    nonce: String,
    hash: String,
}

impl ShownOnce {
    /// A new secret: 256 bits, 43 characters behind the prefix.
    pub fn new(prefix: &str) -> (Self, String) {
        let nonce = new_secret();
        let secret = Self::derive(prefix, &nonce);
        let hash = blake3::hash(secret.as_bytes()).to_hex().to_string();
        (Self { nonce, hash }, secret)
    }

    /// The secret again, in the process that made it.
    pub fn secret(&self, prefix: &str) -> Option<String> {
        let secret = Self::derive(prefix, &self.nonce);
        (blake3::hash(secret.as_bytes()).to_hex().as_str() == self.hash).then_some(secret)
    }

    fn derive(prefix: &str, nonce: &str) -> String {
        static PROCESS: std::sync::OnceLock<[u8; 32]> = std::sync::OnceLock::new();
        let key = PROCESS.get_or_init(|| hash_secret(&new_secret()));
        let bytes = blake3::keyed_hash(key, nonce.as_bytes());
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes.as_bytes()))
    }
}

pub fn hash_secret(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}
