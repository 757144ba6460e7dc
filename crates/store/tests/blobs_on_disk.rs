//! What blobs leave on a disk, and what a crash may do to it.

// Clippy knows tests by their attribute, and the helpers here have none.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use store::blobs::{Blobs, Error, S3Config};
use store::keys::{OrganizationKeys, SEALED_OVERHEAD};
use support::{Place, content, files, keys, pieces};

const NO_LIMIT: u64 = u64::MAX;

fn the_journal(folder: &Path) -> PathBuf {
    let mut found = files(folder);
    found.retain(|path| path.extension().is_some_and(|extension| extension == "upload"));
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[tokio::test]
async fn nothing_lies_there_in_the_clear() {
    const CANARY: &[u8] = b"the canary that must not be seen on any disk";
    for place in [Place::local().await, Place::s3().await] {
        let blobs = place.blobs.organization(keys(7));
        let text = CANARY.repeat(3 << 15);
        let looked = |when: &str| {
            let found = files(place.folder.path());
            assert!(!found.is_empty(), "{when}: something was written");
            for path in found {
                let bytes = fs::read(&path).unwrap();
                let seen = bytes.windows(16).any(|window| window == &CANARY[..16]);
                assert!(!seen, "{when}: {}", path.display());
            }
        };
        let mut upload = blobs.begin_upload("canary", text.len() as u64).await.unwrap();
        upload.append(0, Bytes::copy_from_slice(&text[..100_000])).await.unwrap();
        looked("in the middle of an upload");

        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let put = blobs.put(
            stream::unfold(receiver, |mut receiver| async {
                receiver.recv().await.map(|bytes: Result<Bytes, Error>| (bytes, receiver))
            }),
            NO_LIMIT,
        );
        let middle = async {
            for piece in text.chunks(50_000) {
                sender.send(Ok(Bytes::copy_from_slice(piece))).await.unwrap();
            }
            looked("in the middle of a put");
            drop(sender);
        };
        let (stored, ()) = tokio::join!(put, middle);
        looked("at rest");
        assert_eq!(stored.unwrap().length, text.len() as u64);
    }
}

#[tokio::test]
async fn a_blob_that_was_cut_short_is_damaged_and_can_be_put_again() {
    for place in [Place::local().await, Place::s3().await] {
        let blobs = place.blobs.organization(keys(7));
        let content = content(200_000, 1);
        let address = blobs.put(pieces(&content), NO_LIMIT).await.unwrap().address;
        let name = &address.to_string()[2..];
        let mut found = files(place.folder.path());
        found.retain(|path| path.ends_with(name));
        let path = found.first().unwrap();
        let sealed = fs::read(path).unwrap();
        for length in [sealed.len() - 1, 70_000, 49, 48, 1] {
            fs::write(path, &sealed[..length]).unwrap();
            let read = blobs.read_all(&address, NO_LIMIT).await;
            assert!(matches!(read, Err(Error::Damaged { .. })), "cut to {length}");
        }
        fs::write(path, [sealed.as_slice(), b"more"].concat()).unwrap();
        assert!(matches!(blobs.verify(&address).await, Err(Error::Damaged { .. })));
        // A chunk in the middle shows only to those who read it.
        let mut bent = sealed.clone();
        bent[100_000] ^= 1;
        fs::write(path, &bent).unwrap();
        assert!(matches!(blobs.verify(&address).await, Err(Error::Damaged { .. })));
        let start = blobs.get(&address, 0..10).await.unwrap().stream;
        assert_eq!(start.try_collect::<Vec<_>>().await.unwrap().concat(), content[..10]);

        fs::write(path, &sealed[..70_000]).unwrap();
        blobs.put(pieces(&content), NO_LIMIT).await.unwrap();
        assert!(blobs.read_all(&address, NO_LIMIT).await.unwrap() == content);
    }
}

#[tokio::test]
async fn an_upload_outlives_a_crash_at_any_byte() {
    let place = Place::local().await;
    let blobs = place.blobs.organization(keys(7));
    let content = content(300, 2);
    let mut upload = blobs.begin_upload("torn", 300).await.unwrap();
    upload.append(0, Bytes::copy_from_slice(&content[..100])).await.unwrap();
    let path = the_journal(place.folder.path());
    let acknowledged = fs::read(&path).unwrap();
    upload.append(100, Bytes::copy_from_slice(&content[100..200])).await.unwrap();
    let whole = fs::read(&path).unwrap();

    for length in acknowledged.len()..=whole.len() {
        let offset = if length == whole.len() { 200 } else { 100 };
        let mut torn = whole[..length].to_vec();
        fs::write(&path, &torn).unwrap();
        assert_eq!(blobs.upload("torn").await.unwrap().offset(), offset, "cut to {length}");
        // The file grew, but what came was not what was sent.
        torn.resize(whole.len(), 0);
        fs::write(&path, &torn).unwrap();
        let mut upload = blobs.upload("torn").await.unwrap();
        assert_eq!(upload.offset(), if torn == whole { 200 } else { 100 }, "zeros from {length}");
        upload.append(100, Bytes::copy_from_slice(&content[100..200])).await.unwrap();
    }
    // A crash while the upload was begun.
    let head = acknowledged.len() - 4 - 8 - SEALED_OVERHEAD - 100;
    for length in 0..head {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(blobs.upload("torn").await, Err(Error::NotFound)), "cut to {length}");
    }
    let mut upload = blobs.begin_upload("torn", 300).await.unwrap();
    upload.append(0, Bytes::copy_from_slice(&content)).await.unwrap();
    let stored = upload.finish().await.unwrap();
    assert_eq!(blobs.read_all(&stored.address, 300).await.unwrap(), content);
}

#[tokio::test]
async fn an_upload_whose_early_part_is_damaged_does_not_finish() {
    let place = Place::local().await;
    let blobs = place.blobs.organization(keys(7));
    let mut upload = blobs.begin_upload("bent", 200).await.unwrap();
    for offset in [0, 100] {
        upload.append(offset, Bytes::from(vec![7; 100])).await.unwrap();
    }
    let path = the_journal(place.folder.path());
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() - 200;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let finished = blobs.upload("bent").await.unwrap().finish().await;
    assert!(matches!(finished, Err(Error::Damaged { .. })), "{finished:?}");
}

#[tokio::test]
async fn what_was_left_behind_is_swept() {
    let place = Place::local().await;
    let blobs = place.blobs.organization(keys(7));
    let stored = blobs.put(pieces(b"stays"), NO_LIMIT).await.unwrap();
    blobs.begin_upload("waits", 5).await.unwrap();
    let left = place.folder.path().join("blobs/org-7/tmp/0.part");
    fs::write(&left, b"half a blob").unwrap();

    let now = SystemTime::now() + Duration::from_secs(1);
    let yesterday = now - Duration::from_secs(86_400);
    assert_eq!(place.blobs.sweep_temporary(yesterday).await.unwrap(), 0);
    assert_eq!(place.blobs.sweep_temporary(now).await.unwrap(), 1);
    assert!(!left.exists());
    assert_eq!(blobs.upload("waits").await.unwrap().offset(), 0);
    assert_eq!(place.blobs.sweep_uploads(yesterday).await.unwrap(), 0);
    assert_eq!(place.blobs.sweep_uploads(now).await.unwrap(), 1);
    assert!(matches!(blobs.upload("waits").await, Err(Error::NotFound)));
    assert_eq!(blobs.read_all(&stored.address, 5).await.unwrap(), b"stays");
}

/// The part of [`a_kill_leaves_no_half_blob`] that is killed.
#[tokio::test]
#[ignore = "started by another test"]
async fn the_one_that_is_killed() {
    let Ok(folder) = std::env::var("KILLED_IN") else { return };
    let blobs = Blobs::local(folder).unwrap().organization(keys(7));
    for seed in 0..=u8::MAX {
        blobs.put(pieces(&content(3 << 20, seed)), NO_LIMIT).await.unwrap();
        println!("stored");
    }
}

#[tokio::test]
async fn a_kill_leaves_no_half_blob() {
    let folder = tempfile::tempdir().unwrap();
    let mut swept = 0;
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "the_one_that_is_killed"])
            .env("KILLED_IN", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Wait for the first blob, then a little longer each time.
        let mut seen = Vec::new();
        let output = child.stdout.as_mut().unwrap();
        while !seen.ends_with(b"stored") {
            let mut byte = [0];
            output.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();

        let blobs = Blobs::local(folder.path()).unwrap();
        let sealed = blobs.sealed(7);
        let listed: Vec<_> = sealed.list("").try_collect().await.unwrap();
        assert!(!listed.is_empty());
        // Whole means as long as the header says: that is what putting it elsewhere checks.
        let elsewhere = Place::memory().await.blobs.sealed(7);
        for listed in listed {
            let bytes = sealed.read_raw(&listed.address).await.unwrap();
            elsewhere.put_raw(&listed.address, bytes).await.unwrap();
        }
        swept += blobs.sweep_temporary(SystemTime::now() + Duration::from_secs(1)).await.unwrap();
    }
    assert!(swept > 0, "no kill was in the middle of anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_blobs_go_to_a_bucket_in_parts() {
    let place = Place::s3().await;
    let blobs = place.blobs.organization(keys(7));
    let content = content(17 << 20, 3);
    let stored = blobs.put(pieces(&content), NO_LIMIT).await.unwrap();
    assert!(blobs.read_all(&stored.address, NO_LIMIT).await.unwrap() == content);
    assert_eq!(blobs.sealed().list("").count().await, 1);
    assert_eq!(files(&place.folder.path().join("staging")), Vec::<PathBuf>::new());

    let (again, same) = (blobs.clone(), content.clone());
    let from_reader =
        tokio::task::spawn_blocking(move || again.put_from(&same[8 << 20..], NO_LIMIT).unwrap());
    assert_eq!(from_reader.await.unwrap().length, 9 << 20);
}

#[tokio::test]
async fn a_bucket_that_refuses_is_an_error_that_says_so_once() {
    let place = Place::s3().await;
    let config = |endpoint: &str| S3Config {
        secret_access_key: "another".to_owned(),
        ..support::s3_config(endpoint.to_owned(), place.folder.path())
    };
    let plain = Blobs::s3(config("http://storage.example.org")).map(drop);
    assert!(matches!(plain, Err(Error::Configuration { .. })));
    assert!(!format!("{:?}", config("https://storage.example.org")).contains("another"));

    let endpoint = support::serve_s3(place.folder.path().join("server")).await;
    let blobs = Blobs::s3(config(&endpoint)).unwrap().organization(keys(7));
    let refused = blobs.put(pieces(b"x"), NO_LIMIT).await.unwrap_err();
    assert!(matches!(refused, Error::Backend(_)), "{refused:?}");
    assert_eq!(refused.to_string(), "the blob storage failed");
    assert!(std::error::Error::source(&refused).is_some());
}

#[tokio::test]
async fn rotation_keeps_blobs_and_destruction_ends_them() {
    let place = Place::local().await;
    let first = OrganizationKeys::generate(7);
    let rotated = Arc::new(first.rotate());
    let before = place.blobs.organization(Arc::new(first));
    let after = place.blobs.organization(rotated);
    let old = before.put(pieces(b"old"), NO_LIMIT).await.unwrap();
    let new = after.put(pieces(b"new"), NO_LIMIT).await.unwrap();
    assert_eq!(after.put(pieces(b"old"), NO_LIMIT).await.unwrap(), old, "the address stays");
    assert_eq!(after.read_all(&old.address, 3).await.unwrap(), b"old");
    let unread = before.read_all(&new.address, 3).await.unwrap_err();
    assert!(matches!(unread, Error::KeyMissing { version: 2 }));

    // Keys that were destroyed cannot be made again.
    let anew = place.blobs.organization(keys(7));
    let unread = anew.read_all(&old.address, 3).await.unwrap_err();
    assert!(matches!(unread, Error::Damaged { .. }));
}

/// `cargo test --release -p store --test blobs_on_disk -- --ignored --nocapture throughput`
#[tokio::test]
#[ignore = "a measurement"]
async fn throughput() {
    let place = Place::local().await;
    let blobs = place.blobs.organization(keys(7));
    let report = |what: &str, bytes: usize, start: Instant| {
        let seconds = start.elapsed().as_secs_f64();
        println!("{what}: {:.0} MiB/s", bytes as f64 / f64::from(1 << 20) / seconds);
    };
    let large = Bytes::from(content(256 << 20, 1));
    let start = Instant::now();
    let stored = blobs.put_bytes(large.clone()).await.unwrap();
    report("put 256 MiB", large.len(), start);
    let start = Instant::now();
    assert_eq!(blobs.verify(&stored.address).await.unwrap(), large.len() as u64);
    report("read and hash 256 MiB", large.len(), start);

    let start = Instant::now();
    for at in 0..1000 {
        let from = at * 250_000;
        let mut got = blobs.get(&stored.address, from..from + 100).await.unwrap();
        while got.stream.try_next().await.unwrap().is_some() {}
    }
    println!("a range of 100 B: {:.0} µs", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    for seed in 0..200 {
        blobs.put_bytes(content(200_000, seed).into()).await.unwrap();
    }
    println!("put 200 kB, durable: {:.2} ms", start.elapsed().as_secs_f64() * 1e3 / 200.0);
}
