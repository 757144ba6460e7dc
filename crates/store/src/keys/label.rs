//! One sealed object: `format 1 | key version 4 | salt 16 | ciphertext | tag 16`.

use aws_lc_rs::aead::{Aad, Nonce};

use super::organization::OrganizationKeys;
use super::{Error, Result, SALT_BYTES, TAG_BYTES, fill_random, push_part};

const FORMAT: u8 = 1;
const HEAD_BYTES: usize = 1 + 4 + SALT_BYTES;
const PURPOSE: &str = "fairmark object v1";

/// How much longer than its plaintext a sealed object is.
pub const SEALED_OVERHEAD: usize = HEAD_BYTES + TAG_BYTES;

/// What a sealed object is, inside its organization (K1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// The noun, and the part of it: `task.payload`.
    pub kind: &'static str,
    pub id: LabelId<'a>,
    /// Rises whenever the object is written anew, so that an older text cannot be put back.
    pub version: i64,
}

/// An object's id: a number, or a text. The number 1 and the text "1" are different ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelId<'a> {
    Number(i64),
    Text(&'a str),
}

impl From<i64> for LabelId<'_> {
    fn from(id: i64) -> Self {
        LabelId::Number(id)
    }
}

impl<'a> From<&'a str> for LabelId<'a> {
    fn from(id: &'a str) -> Self {
        LabelId::Text(id)
    }
}

impl<'a> Label<'a> {
    /// Names an object by its kind, its id and its version.
    pub fn new(kind: &'static str, id: impl Into<LabelId<'a>>, version: i64) -> Self {
        Self { kind, id: id.into(), version }
    }

    /// Spells organization and label so that different ones never spell the same bytes.
    fn spell(&self, organization: i64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        push_part(&mut bytes, &organization.to_be_bytes());
        push_part(&mut bytes, self.kind.as_bytes());
        match self.id {
            LabelId::Number(id) => {
                push_part(&mut bytes, b"number");
                push_part(&mut bytes, &id.to_be_bytes());
            }
            LabelId::Text(id) => {
                push_part(&mut bytes, b"text");
                push_part(&mut bytes, id.as_bytes());
            }
        }
        push_part(&mut bytes, &self.version.to_be_bytes());
        bytes
    }
}

impl OrganizationKeys {
    /// Seals `plaintext` as the object that `label` names, under the current version of the key.
    pub fn seal(&self, label: &Label<'_>, plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plaintext.len() + SEALED_OVERHEAD);
        let (version, secret) = self.current();
        let mut salt = [0; SALT_BYTES];
        fill_random(&mut salt);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&version.to_be_bytes());
        sealed.extend_from_slice(&salt);
        sealed.extend_from_slice(plaintext);

        let aad = Aad::from(label.spell(self.organization()));
        // The salt is this object's alone, hence the key, hence the nonce may be nothing (K2).
        let tag = secret
            .cipher(&salt, PURPOSE)
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key([0; 12]),
                aad,
                &mut sealed[HEAD_BYTES..],
            )
            .expect("an object is shorter than the 64 GiB that AES-GCM takes");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what [`seal`](Self::seal) made, if it was sealed in this organization under the same
    /// label and no bit has changed since.
    pub fn open(&self, label: &Label<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        let (&format, rest) = sealed.split_first().ok_or(Error::DoesNotOpen)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(Error::DoesNotOpen)?;
        let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or(Error::DoesNotOpen)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Error::DoesNotOpen)?;
        if format != FORMAT {
            return Err(Error::DoesNotOpen);
        }

        let secret = self.version(u32::from_be_bytes(*version))?;
        let mut plaintext = vec![0; ciphertext.len()];
        secret
            .cipher(salt, PURPOSE)
            .open_separate_gather(
                Nonce::assume_unique_for_key([0; 12]),
                Aad::from(label.spell(self.organization())),
                ciphertext,
                tag,
                &mut plaintext,
            )
            .map_err(|_| Error::DoesNotOpen)?;
        Ok(plaintext)
    }
}
