//! The root key of the installation, and where it comes from.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Error, Result, SECRET_BYTES, Secret, fill_random};

/// Far more than a key takes in any spelling. What is longer is another file by mistake.
const FILE_BYTES_MAX: u64 = 256;
/// 32 random bytes repeat so often that fewer than this are different once in 10^20 keys.
const DISTINCT_MIN: usize = 16;
const ID_PURPOSE: &str = "fairmark root id v1";

/// The key that wraps the keys of every organization of an installation.
pub struct RootKey {
    secret: Secret,
    id: String,
}

/// Where a root key is to be found.
#[derive(Clone, Copy)]
pub enum RootSource<'a> {
    /// The key itself, from an environment variable: 64 hex digits, or base64.
    Value(&'a str),
    /// A file that must be there.
    File(&'a Path),
    /// A file that is made, with a new key, where there is none.
    FileOrNew(&'a Path),
}

impl RootKey {
    /// Opens the root key.
    pub fn open(source: RootSource<'_>) -> Result<Self> {
        match source {
            RootSource::Value(text) => Self::parse(text.trim().as_bytes()),
            RootSource::File(path) => Self::load(path),
            RootSource::FileOrNew(path) => Self::load_or_create(path),
        }
    }

    /// Opens the key in a file, or makes one there that only its owner may read.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        match Self::load(path) {
            Err(Error::File { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            loaded => return loaded,
        }
        match create(path) {
            // Another process was faster. Its key is the one.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => created.map_err(|source| file_error(path, source))?,
        }
        Self::load(path)
    }

    /// A short name of the key, safe to print and to store.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    fn load(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|source| file_error(path, source))?;
        // Asked of the open file: a path could come to mean another file in between.
        let metadata = file.metadata().map_err(|source| file_error(path, source))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Error::Exposed { path: path.to_owned() });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX as usize));
        file.take(FILE_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(|source| file_error(path, source))?;
        match bytes.len() {
            // No spelling of a key is 32 characters long, so these are the bytes themselves.
            SECRET_BYTES => Self::from_bytes(&bytes),
            _ => Self::parse(bytes.trim_ascii()),
        }
    }

    fn parse(text: &[u8]) -> Result<Self> {
        let bytes = match text.len() {
            64 => decode_hex(text).ok_or(Error::Malformed)?,
            _ => Zeroizing::new(STANDARD.decode(text).map_err(|_| Error::Malformed)?),
        };
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let secret = Secret::copy_from(bytes).ok_or(Error::Malformed)?;
        if is_weak(secret.bytes()) {
            return Err(Error::Weak);
        }
        let id = secret.derive(ID_PURPOSE)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { secret, id })
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for RootSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RootSource::Value(_) => f.write_str("Value(..)"),
            RootSource::File(path) => f.debug_tuple("File").field(path).finish(),
            RootSource::FileOrNew(path) => f.debug_tuple("FileOrNew").field(path).finish(),
        }
    }
}

/// Bytes that somebody typed, counted or left at nothing, rather than drew by lot.
fn is_weak(bytes: &[u8; SECRET_BYTES]) -> bool {
    let mut sorted = Zeroizing::new(*bytes);
    sorted.sort_unstable();
    let distinct = 1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let step = bytes[1].wrapping_sub(bytes[0]);
    let counted = bytes.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
    let typed = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    distinct < DISTINCT_MIN || counted || typed
}

/// Writes a new key as text, so that it can be copied into a safe by hand.
fn create(path: &Path) -> io::Result<()> {
    let secret = Secret::random();
    let mut text = Zeroizing::new(String::with_capacity(SECRET_BYTES * 2 + 1));
    for byte in secret.bytes() {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text.push('\n');

    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    // Written whole under another name first: whoever finds the file finds all of the key.
    let mut draft = path.as_os_str().to_owned();
    let mut lot = [0; 8];
    fill_random(&mut lot);
    draft.push(format!(".{:016x}.new", u64::from_be_bytes(lot)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    linked?;
    // The name is lasting only once the folder is: a key that is lost after its first use is worse
    // than none.
    File::open(folder)?.sync_all()
}

fn decode_hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for pair in text.chunks_exact(2) {
        let [high, low] = [pair[0], pair[1]].map(|digit| (digit as char).to_digit(16));
        bytes.push((high? * 16 + low?) as u8);
    }
    Some(bytes)
}

fn file_error(path: &Path, source: io::Error) -> Error {
    Error::File { path: path.to_owned(), source }
}
