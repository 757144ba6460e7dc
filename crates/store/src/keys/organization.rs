//! The keyring of one organization.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use zeroize::Zeroizing;

use super::root::RootKey;
use super::{Error, Result, SALT_BYTES, Secret, TAG_BYTES, fill_random, push_part};

/// The version under which the address secret is wrapped. Key versions begin at 1.
pub const ADDRESS_VERSION: u32 = 0;

const FORMAT: u8 = 1;
const WRAP_PURPOSE: &str = "fairmark wrapped key v1";
const BLOB_PURPOSE: &str = "fairmark blob v1";
const ADDRESS_PURPOSE: &str = "fairmark blob address v1";

/// The keys of one organization: every version, and the secret behind its blobs' addresses.
#[derive(Clone)]
pub struct OrganizationKeys {
    organization: i64,
    versions: BTreeMap<u32, Secret>,
    current: u32,
    address_secret: Secret,
}

/// One key of one organization as it is stored: sealed under the root key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// [`ADDRESS_VERSION`] for the address secret, otherwise the version of the key.
    pub version: u32,
    /// The [`id`](RootKey::id) of the root key that wraps it.
    pub root_id: String,
    pub bytes: Vec<u8>,
}

impl OrganizationKeys {
    /// Makes the keys of a new organization.
    pub fn generate(organization: i64) -> Self {
        let versions = BTreeMap::from([(1, Secret::random())]);
        Self { organization, versions, current: 1, address_secret: Secret::random() }
    }

    /// The organization whose keys these are.
    pub fn organization(&self) -> i64 {
        self.organization
    }

    /// The version that seals from now on.
    pub fn current_version(&self) -> u32 {
        self.current
    }

    /// The same keyring with one version more (K3). Store it wrapped before sealing with it: what
    /// is sealed under a key that was lost with the process is lost too.
    pub fn rotate(&self) -> Self {
        let mut rotated = self.clone();
        rotated.current += 1;
        rotated.versions.insert(rotated.current, Secret::random());
        rotated
    }

    /// Seals every key under the root key, for storing.
    pub fn wrap(&self, root: &RootKey) -> Vec<WrappedKey> {
        let address = (ADDRESS_VERSION, &self.address_secret);
        let versions = self.versions.iter().map(|(version, secret)| (*version, secret));
        std::iter::once(address)
            .chain(versions)
            .map(|(version, secret)| wrap_one(self.organization, version, secret, root))
            .collect()
    }

    /// Opens the stored keys of an organization. The newest version becomes the current one.
    pub fn unwrap(organization: i64, root: &RootKey, wrapped: &[WrappedKey]) -> Result<Self> {
        let mut versions = BTreeMap::new();
        for key in wrapped {
            versions.insert(key.version, unwrap_one(organization, key, root)?);
        }
        let address_secret = versions
            .remove(&ADDRESS_VERSION)
            .ok_or(Error::KeyMissing { version: ADDRESS_VERSION })?;
        let (&current, _) =
            versions.last_key_value().ok_or(Error::KeyMissing { version: ADDRESS_VERSION + 1 })?;
        Ok(Self { organization, versions, current, address_secret })
    }

    /// Moves stored keys from one root key to another. What they seal is not touched.
    pub fn rewrap(
        organization: i64,
        from: &RootKey,
        to: &RootKey,
        wrapped: &[WrappedKey],
    ) -> Result<Vec<WrappedKey>> {
        Ok(Self::unwrap(organization, from, wrapped)?.wrap(to))
    }

    pub(super) fn current(&self) -> (u32, &Secret) {
        (self.current, &self.versions[&self.current])
    }

    pub(super) fn version(&self, version: u32) -> Result<&Secret> {
        self.versions.get(&version).ok_or(Error::KeyMissing { version })
    }

    /// The data key of the blob with this salt, under one version of the organization's key.
    pub(crate) fn blob_cipher(&self, version: u32, salt: &[u8; SALT_BYTES]) -> Result<LessSafeKey> {
        Ok(self.version(version)?.cipher(salt, BLOB_PURPOSE))
    }

    /// The key that addresses are hashed under (K4).
    pub(crate) fn address_key(&self) -> Zeroizing<[u8; 32]> {
        self.address_secret.derive(ADDRESS_PURPOSE)
    }
}

impl fmt::Debug for OrganizationKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrganizationKeys")
            .field("organization", &self.organization)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// `format 1 | salt 16 | sealed key 32 | tag 16`, bound to the organization and the version.
fn wrap_one(organization: i64, version: u32, secret: &Secret, root: &RootKey) -> WrappedKey {
    let mut salt = [0; SALT_BYTES];
    fill_random(&mut salt);
    let mut sealed = Zeroizing::new(*secret.bytes());
    let tag = root
        .secret()
        .cipher(&salt, WRAP_PURPOSE)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key([0; 12]),
            Aad::from(spell(organization, version)),
            sealed.as_mut_slice(),
        )
        .expect("a key is shorter than the 64 GiB that AES-GCM takes");
    let bytes = [&[FORMAT], salt.as_slice(), sealed.as_slice(), tag.as_ref()].concat();
    WrappedKey { version, root_id: root.id().to_owned(), bytes }
}

fn unwrap_one(organization: i64, key: &WrappedKey, root: &RootKey) -> Result<Secret> {
    if key.root_id != root.id() {
        let (wanted, found) = (key.root_id.clone(), root.id().to_owned());
        return Err(Error::WrongRoot { wanted, found });
    }
    let (&format, rest) = key.bytes.split_first().ok_or(Error::DoesNotOpen)?;
    let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or(Error::DoesNotOpen)?;
    let (sealed, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Error::DoesNotOpen)?;
    if format != FORMAT {
        return Err(Error::DoesNotOpen);
    }
    let mut opened = Zeroizing::new(vec![0; sealed.len()]);
    root.secret()
        .cipher(salt, WRAP_PURPOSE)
        .open_separate_gather(
            Nonce::assume_unique_for_key([0; 12]),
            Aad::from(spell(organization, key.version)),
            sealed,
            tag,
            &mut opened,
        )
        .map_err(|_| Error::DoesNotOpen)?;
    Secret::copy_from(&opened).ok_or(Error::DoesNotOpen)
}

fn spell(organization: i64, version: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    push_part(&mut bytes, &organization.to_be_bytes());
    push_part(&mut bytes, &version.to_be_bytes());
    bytes
}
