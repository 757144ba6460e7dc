//! What several tests need: places for blobs, and content to put there.

pub mod postgres;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use store::blobs::{Blobs, S3Config};
use store::keys::OrganizationKeys;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const BUCKET: &str = "blobs";

/// A place for blobs that goes away with the test.
pub struct Place {
    pub blobs: Blobs,
    pub folder: TempDir,
}

impl Place {
    pub async fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { blobs: Blobs::local(folder.path().join("blobs")).unwrap(), folder }
    }

    pub async fn memory() -> Self {
        Self { blobs: Blobs::memory(), folder: tempfile::tempdir().unwrap() }
    }

    /// A real S3 server, inside this process, on a port of its own.
    pub async fn s3() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("server").join(BUCKET)).unwrap();
        let endpoint = serve_s3(folder.path().join("server")).await;
        let config = s3_config(endpoint, &folder.path().join("staging"));
        Self { blobs: Blobs::s3(config).unwrap(), folder }
    }
}

pub fn s3_config(endpoint: String, staging: &Path) -> S3Config {
    S3Config {
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        bucket: BUCKET.to_owned(),
        prefix: "fairmark/test".to_owned(),
        access_key_id: "AKEXAMPLES3S".to_owned(),
        secret_access_key: "SKEXAMPLES3S".to_owned(),
        staging: staging.to_owned(),
    }
}

pub async fn serve_s3(root: PathBuf) -> String {
    let files = s3s_fs::FileSystem::new(root).unwrap();
    let mut service = s3s::service::S3ServiceBuilder::new(files);
    service.set_auth(s3s::auth::SimpleAuth::from_single("AKEXAMPLES3S", "SKEXAMPLES3S"));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let socket = hyper_util::rt::TokioIo::new(socket);
            let service = service.clone();
            tokio::spawn(async move {
                // A client that goes away is no failure of the test.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(socket, service)
                    .await;
            });
        }
    });
    format!("http://{address}")
}

pub fn keys(organization: i64) -> Arc<OrganizationKeys> {
    Arc::new(OrganizationKeys::generate(organization))
}

/// Content that differs everywhere, so that a byte out of place shows.
pub fn content(length: usize, seed: u8) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut bytes);
    bytes
}

/// The same content as a browser would send it: in pieces of no special size.
pub fn pieces(content: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let pieces: Vec<_> =
        content.chunks(10_007).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

/// Every file under a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}
