//! Keys: what turns an organization's content into noise, and back.
//!
//! Three layers. The [`RootKey`] belongs to the installation and lives outside its databases; it
//! does nothing but wrap the keys of organizations. An [`OrganizationKeys`] belongs to one
//! organization. A data key belongs to one object: it is derived where it is needed, from the
//! organization's key and a salt that is stored beside the ciphertext, and is never stored itself.
//!
//! - **K1** A ciphertext opens only as what it was sealed as: the organization, and the kind, id
//!   and version of its [`Label`], are bound into it.
//! - **K2** A data key seals once. Nonces can therefore be counted, and are never drawn by lot.
//! - **K3** Rotation adds a version and forgets none: what is sealed stays readable, what is sealed
//!   from now on uses the newest.
//! - **K4** The address secret never rotates, or equal content would be stored twice.
//! - **K5** Secrets leave memory when they are dropped, and no `Debug` prints them.
//! - **K6** To destroy the wrapped keys is to destroy the content, backups included: so wrapped
//!   keys are kept where backups of content do not look.

mod label;
mod organization;
mod root;

use std::path::PathBuf;

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::{Zeroize, Zeroizing};

pub use label::{Label, LabelId, SEALED_OVERHEAD};
pub use organization::{ADDRESS_VERSION, OrganizationKeys, WrappedKey};
pub use root::{RootKey, RootSource};

/// What goes wrong with keys.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a key could not be had, or would not open something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a root key is 32 bytes, written as 64 hex digits or in base64")]
    Malformed,
    #[error("the root key can be guessed: make one with a random generator")]
    Weak,
    #[error("others may read the root key: run `chmod 600 {}`", path.display())]
    Exposed { path: PathBuf },
    #[error("the root key file {} cannot be used", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the keys were wrapped under root key {wanted}, and this is {found}")]
    WrongRoot { wanted: String, found: String },
    #[error("version {version} of the organization's key is not here")]
    KeyMissing { version: u32 },
    /// Changed, cut short, moved from elsewhere, or sealed under another key: from the outside
    /// these cannot be told apart, and need not be.
    #[error("the sealed bytes do not open")]
    DoesNotOpen,
}

/// Length of every secret here.
const SECRET_BYTES: usize = 32;
/// Length of the salt that makes a data key its object's own.
pub(crate) const SALT_BYTES: usize = 16;
/// Length of the tag that AES-256-GCM appends.
pub(crate) const TAG_BYTES: usize = 16;

/// 32 secret bytes. On the heap, so that moving the owner leaves no copy behind (K5).
struct Secret(Box<[u8; SECRET_BYTES]>);

impl Secret {
    fn random() -> Self {
        let mut secret = Self(Box::new([0; SECRET_BYTES]));
        fill_random(secret.0.as_mut_slice());
        secret
    }

    /// Takes a copy; the caller's bytes stay the caller's to erase.
    fn copy_from(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == SECRET_BYTES).then(|| {
            let mut secret = Self(Box::new([0; SECRET_BYTES]));
            secret.0.copy_from_slice(bytes);
            secret
        })
    }

    fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// Derives the AES-256-GCM key that `salt` and `purpose` name.
    fn cipher(&self, salt: &[u8], purpose: &'static str) -> LessSafeKey {
        let pseudorandom = Salt::new(HKDF_SHA256, salt).extract(self.bytes());
        let purpose = [purpose.as_bytes()];
        let material = pseudorandom.expand(&purpose, &AES_256_GCM);
        LessSafeKey::new(UnboundKey::from(material.expect("32 bytes are within HKDF's limit")))
    }

    /// Derives 32 bytes for a purpose other than AES.
    fn derive(&self, purpose: &'static str) -> Zeroizing<[u8; SECRET_BYTES]> {
        struct Bytes32;
        impl KeyType for Bytes32 {
            fn len(&self) -> usize {
                SECRET_BYTES
            }
        }
        let mut derived = Zeroizing::new([0; SECRET_BYTES]);
        let pseudorandom = Salt::new(HKDF_SHA256, &[]).extract(self.bytes());
        pseudorandom
            .expand(&[purpose.as_bytes()], Bytes32)
            .and_then(|material| material.fill(derived.as_mut_slice()))
            .expect("32 bytes are within HKDF's limit");
        derived
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Fills `bytes` from the system's generator.
pub(crate) fn fill_random(bytes: &mut [u8]) {
    // There is no way on without randomness, and no way to wait for it: the system blocks until its
    // generator is seeded, and never fails after.
    aws_lc_rs::rand::fill(bytes).expect("the system's random generator answers");
}

/// Appends `part` with its length before it, so that no two lists of parts spell the same bytes.
pub(crate) fn push_part(into: &mut Vec<u8>, part: &[u8]) {
    into.extend_from_slice(&(part.len() as u64).to_be_bytes());
    into.extend_from_slice(part);
}
