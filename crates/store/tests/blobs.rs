//! Blobs, the same in every place: a folder, memory, and a bucket.

// Clippy knows tests by their attribute, and the helpers here have none.
#![allow(clippy::unwrap_used)]

mod support;

use std::convert::Infallible;
use std::io::{Read, Seek, SeekFrom};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use store::blobs::{BlobAddress, CHUNK_BYTES, Error, OrganizationBlobs, UPLOAD_PART_BYTES_MAX};
use support::{Place, content, keys, pieces};

const NO_LIMIT: u64 = u64::MAX;
const CHUNK: usize = CHUNK_BYTES as usize;

async fn read_range(
    blobs: &OrganizationBlobs,
    address: &BlobAddress,
    from: u64,
    to: u64,
) -> Vec<u8> {
    let content = blobs.get(address, from..to).await.unwrap();
    let bytes = content.stream.try_collect::<Vec<Bytes>>().await.unwrap().concat();
    assert_eq!(bytes.len() as u64, content.range.end - content.range.start);
    bytes
}

async fn raw(blobs: &OrganizationBlobs, address: &BlobAddress) -> Vec<u8> {
    let stream = blobs.sealed().read_raw(address).await.unwrap();
    stream.try_collect::<Vec<Bytes>>().await.unwrap().concat()
}

fn once(bytes: Vec<u8>) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    stream::iter([Ok(Bytes::from(bytes))])
}

async fn round_trips(place: Place) {
    let blobs = place.blobs.organization(keys(7));
    for (seed, length) in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 1, 5 << 20]
        .into_iter()
        .enumerate()
    {
        let content = content(length, seed as u8);
        let stored = blobs.put(pieces(&content), NO_LIMIT).await.unwrap();
        assert_eq!(stored.length, length as u64);
        assert!(blobs.sealed().exists(&stored.address).await.unwrap());
        assert!(blobs.read_all(&stored.address, NO_LIMIT).await.unwrap() == content, "{length}");
        assert_eq!(blobs.verify(&stored.address).await.unwrap(), length as u64);
        assert_eq!(blobs.put_bytes(content.clone().into()).await.unwrap(), stored);

        let (again, same) = (blobs.clone(), content.clone());
        let from_reader =
            tokio::task::spawn_blocking(move || again.put_from(same.as_slice(), NO_LIMIT));
        assert_eq!(from_reader.await.unwrap().unwrap(), stored);
    }
    assert_eq!(blobs.sealed().list("").count().await, 8, "equal content is stored once");
}

async fn ranges(place: Place) {
    let blobs = place.blobs.organization(keys(7));
    let content = content(20 * CHUNK + 5, 1);
    let length = content.len() as u64;
    let address = blobs.put(pieces(&content), NO_LIMIT).await.unwrap().address;
    let chunk = CHUNK_BYTES;
    for (from, to) in [
        (0, 1),
        (0, chunk),
        (chunk - 1, chunk + 1),
        (chunk, 2 * chunk),
        (5, 3 * chunk + 7),
        (15 * chunk + 3, 17 * chunk),
        (16 * chunk, 16 * chunk + 1),
        (17 * chunk - 1, length),
        (length - 1, length),
        (length - 1, NO_LIMIT),
        (0, length),
        (7, 7),
        (length, length + 1),
        (length + 9, NO_LIMIT),
    ] {
        let (start, end) = (from.min(length) as usize, to.min(length) as usize);
        let read = read_range(&blobs, &address, from, to).await;
        assert!(read == content[start..end], "{from}..{to}");
    }
    assert_eq!(blobs.get(&address, 0..1).await.unwrap().length, length);
    let refused = blobs.read_all(&address, length - 1).await.unwrap_err();
    assert!(matches!(refused, Error::TooLarge { limit } if limit == length - 1));
}

async fn readers_seek(place: Place) {
    let blobs = place.blobs.organization(keys(7));
    let content = content(20 * CHUNK + 5, 2);
    let address = blobs.put(pieces(&content), NO_LIMIT).await.unwrap().address;
    let read = move || {
        let mut reader = blobs.open_read(&address).unwrap();
        assert_eq!(reader.length(), content.len() as u64);
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert!(all == content);

        assert_eq!(reader.seek(SeekFrom::End(-7)).unwrap(), content.len() as u64 - 7);
        let mut tail = Vec::new();
        reader.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, content[content.len() - 7..]);

        for at in [17 * CHUNK + 1, 3, CHUNK - 2, 19 * CHUNK] {
            reader.seek(SeekFrom::Start(at as u64)).unwrap();
            let mut four = [0; 4];
            reader.read_exact(&mut four).unwrap();
            assert_eq!(four, content[at..at + 4]);
        }
        assert!(reader.seek(SeekFrom::End(i64::MIN)).is_err());
        reader.seek(SeekFrom::Start(u64::MAX)).unwrap();
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    };
    tokio::task::spawn_blocking(read).await.unwrap();
}

async fn equal_content_at_once(place: Place) {
    let blobs = place.blobs.organization(keys(7));
    let content = content(3 * CHUNK, 3);
    let puts = (0..8).map(|_| blobs.put(pieces(&content), NO_LIMIT));
    let stored = futures_util::future::try_join_all(puts).await.unwrap();
    assert!(stored.iter().all(|one| *one == stored[0]));
    assert_eq!(blobs.sealed().list("").count().await, 1);
    assert!(blobs.read_all(&stored[0].address, NO_LIMIT).await.unwrap() == content);
}

async fn organizations_do_not_meet(place: Place) {
    let (seven, eight) = (place.blobs.organization(keys(7)), place.blobs.organization(keys(8)));
    let content = content(1000, 4);
    let address = seven.put(pieces(&content), NO_LIMIT).await.unwrap().address;
    let unread = eight.read_all(&address, NO_LIMIT).await.unwrap_err();
    assert!(matches!(unread, Error::NotFound));
    let elsewhere = eight.put(pieces(&content), NO_LIMIT).await.unwrap().address;
    assert_ne!(address, elsewhere, "addresses say nothing of equality across organizations");

    // Somebody with a hand in the storage copies the file over.
    let sealed = raw(&seven, &address).await;
    eight.sealed().put_raw(&address, once(sealed.clone())).await.unwrap();
    let unread = eight.read_all(&address, NO_LIMIT).await.unwrap_err();
    assert!(matches!(unread, Error::Damaged { .. }));

    // Or exchanges two blobs of one organization.
    let other = seven.put(pieces(&content[1..]), NO_LIMIT).await.unwrap().address;
    seven.sealed().delete(&other).await.unwrap();
    seven.sealed().put_raw(&other, once(sealed)).await.unwrap();
    let unread = seven.read_all(&other, NO_LIMIT).await.unwrap_err();
    assert!(matches!(unread, Error::Damaged { .. }));
}

async fn damage_shows(place: Place) {
    bend_bits(place, 61).await;
}

#[tokio::test]
async fn every_bit_matters() {
    bend_bits(Place::memory().await, 1).await;
}

/// Changes every `step`th bit of a sealed blob, one at a time.
async fn bend_bits(place: Place, step: usize) {
    let blobs = place.blobs.organization(keys(7));
    let address = blobs.put(pieces(b"a small blob"), NO_LIMIT).await.unwrap().address;
    let sealed = raw(&blobs, &address).await;
    for bit in (0..sealed.len() * 8).step_by(step) {
        let mut bent = sealed.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        blobs.sealed().delete(&address).await.unwrap();
        let read = match blobs.sealed().put_raw(&address, once(bent)).await {
            Ok(()) => blobs.read_all(&address, NO_LIMIT).await.map(drop),
            Err(error) => Err(error),
        };
        let shown = matches!(read, Err(Error::Damaged { .. } | Error::KeyMissing { .. }));
        assert!(shown, "bit {bit}: {read:?}");
    }
}

async fn sealed_bytes_travel(place: Place) {
    let keys = keys(7);
    let blobs = place.blobs.organization(keys.clone());
    let elsewhere = Place::memory().await;
    let contents = [content(0, 5), content(3 * CHUNK + 1, 6), content(2 << 20, 7)];
    for content in &contents {
        blobs.put(pieces(content), NO_LIMIT).await.unwrap();
    }
    let mut listed: Vec<_> = blobs.sealed().list("").try_collect().await.unwrap();
    assert!(listed.is_sorted_by_key(|listed| listed.address));
    for listed in &listed {
        let sealed = place.blobs.sealed(7).read_raw(&listed.address).await.unwrap();
        elsewhere.blobs.sealed(7).put_raw(&listed.address, sealed).await.unwrap();
    }
    let restored = elsewhere.blobs.organization(keys);
    for content in &contents {
        let address = blobs.put(pieces(content), NO_LIMIT).await.unwrap().address;
        assert!(restored.read_all(&address, NO_LIMIT).await.unwrap() == *content);
        let text = address.to_string();
        for digits in [1, 2, 3, 64] {
            let found: Vec<_> = blobs.sealed().list(&text[..digits]).try_collect().await.unwrap();
            assert!(found.iter().any(|found| found.address == address), "{digits}");
            assert!(
                found.iter().all(|found| found.address.to_string().starts_with(&text[..digits]))
            );
        }
    }

    let not_one = blobs.sealed().put_raw(&listed.remove(0).address, once(vec![0; 200])).await;
    assert!(matches!(not_one, Err(Error::Damaged { .. })));
}

async fn what_is_gone_is_not_found(place: Place) {
    let blobs = place.blobs.organization(keys(7));
    assert_eq!(blobs.sealed().list("").count().await, 0);
    let address = blobs.put(pieces(b"soon gone"), NO_LIMIT).await.unwrap().address;
    for _ in 0..2 {
        blobs.sealed().delete(&address).await.unwrap();
        assert!(!blobs.sealed().exists(&address).await.unwrap());
    }
    assert!(matches!(blobs.get(&address, 0..1).await.map(drop), Err(Error::NotFound)));
    assert!(matches!(blobs.sealed().read_raw(&address).await.map(drop), Err(Error::NotFound)));
    let reader = tokio::task::spawn_blocking(move || blobs.open_read(&address).map(drop));
    assert!(matches!(reader.await.unwrap(), Err(Error::NotFound)));
}

async fn what_breaks_off_leaves_nothing(place: Place) {
    let blobs = place.blobs.organization(keys(7));
    let start = Bytes::from(content(3 << 20, 8));
    let broken = stream::iter([Ok(start.clone()), Err("the browser went away")]);
    assert!(matches!(blobs.put(broken, NO_LIMIT).await, Err(Error::Content(_))));
    let refused = blobs.put(pieces(&start), 2 << 20).await.unwrap_err();
    assert!(matches!(refused, Error::TooLarge { limit } if limit == 2 << 20));
    assert_eq!(blobs.sealed().list("").count().await, 0);
    assert_eq!(support::files(place.folder.path()), Vec::<std::path::PathBuf>::new());
}

async fn uploads(place: Place) {
    let keys = keys(7);
    let blobs = place.blobs.organization(keys.clone());
    let content = content(3 << 20, 9);
    let part = |from: usize, to: usize| Bytes::copy_from_slice(&content[from..to]);
    let wrong =
        |error: Error, at: u64| matches!(error, Error::WrongOffset { expected } if expected == at);
    let length = content.len();

    let mut upload = blobs.begin_upload("a-file", length as u64).await.unwrap();
    assert_eq!(upload.append(0, part(0, 1000)).await.unwrap(), 1000);
    assert_eq!(upload.append(1000, part(1000, 1 << 20)).await.unwrap(), 1 << 20);
    assert_eq!(upload.append(0, part(0, 1000)).await.unwrap(), 1 << 20, "a repeat");
    assert_eq!(upload.append(1 << 20, Bytes::new()).await.unwrap(), 1 << 20);
    assert!(wrong(upload.append(0, part(0, 999)).await.unwrap_err(), 1 << 20));
    assert!(wrong(upload.append(0, part(1, 1001)).await.unwrap_err(), 1 << 20));
    assert!(wrong(upload.append(1 << 21, part(0, 1)).await.unwrap_err(), 1 << 20));
    let beyond = upload.append(length as u64, part(0, 1)).await.unwrap_err();
    assert!(matches!(beyond, Error::TooLarge { .. }));
    let long = vec![0; UPLOAD_PART_BYTES_MAX as usize + 1];
    assert!(matches!(upload.append(0, long.into()).await, Err(Error::TooLarge { .. })));
    assert!(wrong(upload.finish().await.unwrap_err(), 1 << 20));

    // The process starts again, and the browser begins again.
    let blobs = place.blobs.organization(keys);
    assert!(matches!(blobs.begin_upload("a-file", 5).await, Err(Error::UploadDiffers)));
    assert_eq!(blobs.begin_upload("a-file", length as u64).await.unwrap().offset(), 1 << 20);
    let mut upload = blobs.upload("a-file").await.unwrap();
    assert_eq!((upload.size(), upload.offset()), (length as u64, 1 << 20));

    // Two tabs send the same part, each with a handle of its own.
    let mut other = blobs.upload("a-file").await.unwrap();
    let rest = part(1 << 20, length);
    let (one, two) =
        tokio::join!(upload.append(1 << 20, rest.clone()), other.append(1 << 20, rest.clone()));
    assert_eq!((one.unwrap(), two.unwrap()), (length as u64, length as u64));

    let stored = upload.finish().await.unwrap();
    assert!(blobs.read_all(&stored.address, NO_LIMIT).await.unwrap() == content);
    assert_eq!(blobs.put(pieces(&content), NO_LIMIT).await.unwrap(), stored);
    assert!(matches!(other.append(0, part(0, 1000)).await, Err(Error::NotFound)));
    assert!(matches!(blobs.upload("a-file").await, Err(Error::NotFound)));
    for bad in ["", "../x", "a/b", "a.b", &"x".repeat(65)] {
        assert!(matches!(blobs.begin_upload(bad, 1).await, Err(Error::BadUploadId)), "{bad}");
    }

    let empty = blobs.begin_upload("empty", 0).await.unwrap().finish().await.unwrap();
    assert_eq!(empty.length, 0);
    blobs.begin_upload("given-up", 9).await.unwrap().abandon().await.unwrap();
    assert!(matches!(blobs.upload("given-up").await, Err(Error::NotFound)));
}

macro_rules! in_every_place {
    ($($test:ident),* $(,)?) => {
        in_every_place!(@ local: $($test),*);
        in_every_place!(@ memory: $($test),*);
        in_every_place!(@ s3: $($test),*);
    };
    (@ $place:ident: $($test:ident),*) => {
        mod $place {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(super::Place::$place().await).await;
                }
            )*
        }
    };
}

in_every_place!(
    round_trips,
    ranges,
    readers_seek,
    equal_content_at_once,
    organizations_do_not_meet,
    damage_shows,
    sealed_bytes_travel,
    what_is_gone_is_not_found,
    what_breaks_off_leaves_nothing,
    uploads,
);
