//! Blobs: the images, recordings and documents that an organization brings, sealed at rest.
//!
//! A blob is named by its content, through a hash that is keyed per organization. So equal content
//! is stored once inside an organization, and nobody can tell that two organizations hold the same.
//!
//! - **B1** Content is reached through an [`OrganizationBlobs`] and in no other way, and that takes
//!   the organization's keys.
//! - **B2** Nothing is written in the clear, not even for a moment: spools and half-done uploads are
//!   sealed as well.
//! - **B3** A blob appears whole or not at all. It is never changed afterwards.
//! - **B4** Whatever is read was sealed as this address in this organization, bit for bit, or the
//!   read fails. A blob that is exchanged, cut or mended with parts of another is [`Error::Damaged`].
//! - **B5** Any range is read at the cost of that range, and memory does not grow with the blob.
//! - **B6** Backup and restore move sealed bytes, and need no key ([`SealedBlobs`]).

mod address;
mod backend;
mod format;
mod journal;
mod local;
mod memory;
mod organization;
mod reader;
mod s3;
mod sealed;
mod spool;
mod upload;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::keys::{self, OrganizationKeys};
use backend::{Backend, blocking};
use journal::Journals;

pub use address::{BadAddress, BlobAddress};
pub use backend::Listed;
pub use format::CHUNK_BYTES;
pub use organization::{Content, OrganizationBlobs, Stored};
pub use reader::BlobReader;
pub use s3::S3Config;
pub use sealed::SealedBlobs;
pub use upload::{UPLOAD_PART_BYTES_MAX, Upload};

/// What goes wrong with blobs.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of somebody else's, passed on.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a blob could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such blob")]
    NotFound,
    #[error("the blob is damaged: {what}")]
    Damaged { what: &'static str },
    #[error("version {version} of the organization's key is not here")]
    KeyMissing { version: u32 },
    #[error("the content is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the upload goes on at byte {expected}")]
    WrongOffset { expected: u64 },
    #[error("this upload was begun differently")]
    UploadDiffers,
    #[error("an upload's id is 1 to 64 letters, digits, hyphens and underscores")]
    BadUploadId,
    #[error("the blob storage is not configured rightly: {what}")]
    Configuration { what: &'static str },
    /// What was to be stored could not be read to its end: a broken connection, mostly.
    #[error("the content broke off")]
    Content(#[source] Source),
    #[error("the blob storage failed")]
    Backend(#[source] Source),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Backend(error.into())
    }
}

impl Error {
    /// Says of a file that could not be opened what it means for the blob, or upload, in it.
    fn of_open(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound,
            _ => error.into(),
        }
    }

    /// Says of a key's refusal what it means for the thing it was to open.
    fn of_key(error: keys::Error, what: &'static str) -> Self {
        match error {
            keys::Error::KeyMissing { version } => Error::KeyMissing { version },
            _ => Error::Damaged { what },
        }
    }
}

/// The blobs of an installation, in whichever place they are kept.
#[derive(Clone)]
pub struct Blobs {
    backend: Backend,
    staging: Staging,
}

/// Where content waits, sealed, until it is whole.
#[derive(Clone)]
enum Staging {
    Folder(PathBuf),
    Memory(Arc<Journals>),
}

impl Blobs {
    /// Keeps blobs in a folder, with one folder inside for each organization.
    pub fn local(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let backend = Backend::Local(Arc::new(local::Local::open(folder.clone())?));
        Ok(Self { backend, staging: Staging::Folder(folder) })
    }

    /// Keeps blobs in a bucket, with one prefix for each organization. To be called on a tokio
    /// runtime, which then also serves the threads that read and write without being async.
    pub fn s3(config: S3Config) -> Result<Self> {
        let staging = Staging::Folder(config.staging.clone());
        Ok(Self { backend: Backend::S3(Arc::new(s3::S3::open(config)?)), staging })
    }

    /// Keeps blobs in memory, for simulations.
    pub fn memory() -> Self {
        let backend = Backend::Memory(Arc::default());
        Self { backend, staging: Staging::Memory(Arc::default()) }
    }

    /// The blobs of the organization whose keys these are (B1).
    pub fn organization(&self, keys: Arc<OrganizationKeys>) -> OrganizationBlobs {
        OrganizationBlobs::new(self.sealed(keys.organization()), keys)
    }

    /// The blobs of an organization as sealed bytes, for backup, restore and removal (B6).
    pub fn sealed(&self, organization: i64) -> SealedBlobs {
        let name = folder_name(organization);
        SealedBlobs::new(self.backend.clone(), self.staging.clone(), name)
    }

    /// Removes what writers left behind that were killed, if it was last touched before `before`.
    /// Returns how many files went. Uploads that rest are spared: see
    /// [`sweep_uploads`](Self::sweep_uploads).
    pub async fn sweep_temporary(&self, before: SystemTime) -> Result<u64> {
        let Staging::Folder(folder) = self.staging.clone() else { return Ok(0) };
        blocking(move || spool::sweep(&folder, spool::TEMPORARY, before)).await
    }

    /// Removes uploads that nobody has gone on with since `before`. Returns how many.
    pub async fn sweep_uploads(&self, before: SystemTime) -> Result<u64> {
        let Staging::Folder(folder) = self.staging.clone() else { return Ok(0) };
        blocking(move || spool::sweep(&folder, journal::UPLOADS, before)).await
    }
}

/// An organization's own folder, or prefix.
fn folder_name(organization: i64) -> String {
    format!("org-{organization}")
}
