//! Keys: what opens, and what must not.

// Clippy knows tests by their attribute, and the helpers here have none.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use proptest::prelude::*;
use store::keys::{
    Error, Label, LabelId, OrganizationKeys, RootKey, RootSource, SEALED_OVERHEAD, WrappedKey,
};

const HEX: &str = "8f1c0e5d7b3a49622f90d4c6a1e8730b5d2c9f4e6178ab03cc41d7f2960be58a";

fn root() -> RootKey {
    RootKey::open(RootSource::Value(HEX)).unwrap()
}

fn write(path: &Path, bytes: &[u8], mode: u32) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_root_key_has_one_id_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let raw: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&HEX[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let base64 = "jxwOXXs6SWIvkNTGoehzC10sn05heKsDzEHX8pYL5Yo=";
    write(&folder.path().join("raw"), &raw, 0o600);
    write(&folder.path().join("hex"), format!("{HEX}\n").as_bytes(), 0o400);
    let (raw, hex) = (folder.path().join("raw"), folder.path().join("hex"));
    for source in [RootSource::Value(base64), RootSource::File(&raw), RootSource::FileOrNew(&hex)] {
        assert_eq!(RootKey::open(source).unwrap().id(), root().id(), "{source:?}");
    }
    assert_eq!(root().id().len(), 16);
    assert!(!HEX.contains(root().id()));
}

#[test]
fn a_root_key_is_made_once_and_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/root");
    let made = RootKey::load_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(RootKey::load_or_create(&path).unwrap().id(), made.id());
    assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 1);

    let other = RootKey::load_or_create(&folder.path().join("other")).unwrap();
    assert_ne!(other.id(), made.id());
}

#[test]
fn a_root_key_made_by_two_at_once_is_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root");
    let ids: Vec<_> = std::thread::scope(|scope| {
        let make = || RootKey::load_or_create(&path).unwrap().id().to_owned();
        let made: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        made.into_iter().map(|made| made.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_root_key_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root");
    for mode in [0o640, 0o604, 0o660, 0o610] {
        write(&path, HEX.as_bytes(), mode);
        let error = RootKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, Error::Exposed { .. }), "{mode:o}");
        assert!(error.to_string().contains("chmod 600"));
    }
}

#[test]
fn a_root_key_that_can_be_guessed_is_refused() {
    let counted: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    let typed: String = b"correct horse battery staple 123".map(|b| format!("{b:02x}")).concat();
    for weak in ["00".repeat(32), "ff".repeat(32), "0123456789abcdef".repeat(4), counted, typed] {
        let error = RootKey::open(RootSource::Value(&weak)).unwrap_err();
        assert!(matches!(error, Error::Weak), "{weak}");
    }
    for malformed in ["", "00", &HEX[1..], &HEX.replace('8', "g"), "jxwOXXs6SWIvkNTGoehzCw=="] {
        let error = RootKey::open(RootSource::Value(malformed)).unwrap_err();
        assert!(matches!(error, Error::Malformed), "{malformed}");
    }
    let missing = RootKey::open(RootSource::File(Path::new("/nowhere/root"))).unwrap_err();
    assert!(matches!(missing, Error::File { .. }));
}

#[test]
fn secrets_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("root");
    let root = RootKey::load_or_create(&path).unwrap();
    let secret = fs::read_to_string(&path).unwrap();
    let source = RootSource::Value(HEX);
    let printed = format!("{root:?} {source:?} {:?}", OrganizationKeys::generate(7));
    assert!(!printed.contains(secret.trim()) && !printed.contains(HEX), "{printed}");
    assert!(printed.contains(root.id()));
}

#[test]
fn wrapped_keys_open_under_their_root_and_organization_only() {
    let keys = OrganizationKeys::generate(7).rotate();
    let sealed = keys.seal(&Label::new("answer", 1, 1), b"yes");
    let wrapped = keys.wrap(&root());
    assert_eq!(wrapped.len(), 3, "two versions and the address secret");

    let opened = OrganizationKeys::unwrap(7, &root(), &wrapped).unwrap();
    assert_eq!(opened.current_version(), 2);
    assert_eq!(opened.open(&Label::new("answer", 1, 1), &sealed).unwrap(), b"yes");

    let moved = OrganizationKeys::unwrap(8, &root(), &wrapped);
    assert!(matches!(moved, Err(Error::DoesNotOpen)));

    let mut swapped = wrapped.clone();
    swapped[1].version = 2;
    swapped[2].version = 1;
    assert!(matches!(OrganizationKeys::unwrap(7, &root(), &swapped), Err(Error::DoesNotOpen)));

    let (address, version) = (&wrapped[..1], &wrapped[1..]);
    let missing = OrganizationKeys::unwrap(7, &root(), version);
    assert!(matches!(missing, Err(Error::KeyMissing { version: 0 })));
    let missing = OrganizationKeys::unwrap(7, &root(), address);
    assert!(matches!(missing, Err(Error::KeyMissing { version: 1 })));
}

#[test]
fn every_bit_of_a_wrapped_key_matters() {
    let wrapped = OrganizationKeys::generate(7).wrap(&root());
    for bit in 0..wrapped[1].bytes.len() * 8 {
        let mut bent: Vec<WrappedKey> = wrapped.clone();
        bent[1].bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(OrganizationKeys::unwrap(7, &root(), &bent).is_err(), "bit {bit}");
    }
}

#[test]
fn keys_move_to_another_root() {
    let folder = tempfile::tempdir().unwrap();
    let next = RootKey::load_or_create(&folder.path().join("root")).unwrap();
    let keys = OrganizationKeys::generate(7);
    let sealed = keys.seal(&Label::new("answer", 1, 1), b"yes");
    let moved = OrganizationKeys::rewrap(7, &root(), &next, &keys.wrap(&root())).unwrap();
    assert!(moved.iter().all(|key| key.root_id == next.id()));

    let opened = OrganizationKeys::unwrap(7, &next, &moved).unwrap();
    assert_eq!(opened.open(&Label::new("answer", 1, 1), &sealed).unwrap(), b"yes");
    let error = OrganizationKeys::unwrap(7, &root(), &moved).unwrap_err();
    assert!(matches!(error, Error::WrongRoot { wanted, .. } if wanted == next.id()));
}

#[test]
fn what_was_sealed_before_a_rotation_still_opens() {
    let before = OrganizationKeys::generate(7);
    let label = Label::new("answer", 1, 1);
    let old = before.seal(&label, b"old");
    let after = before.rotate();
    let new = after.seal(&label, b"new");
    assert_eq!(after.open(&label, &old).unwrap(), b"old");
    assert_eq!(after.open(&label, &new).unwrap(), b"new");
    assert!(matches!(before.open(&label, &new), Err(Error::KeyMissing { version: 2 })));
}

#[test]
fn what_moves_does_not_open() {
    let keys = OrganizationKeys::generate(7);
    let label = Label::new("answer", 1, 1);
    let sealed = keys.seal(&label, b"yes");
    assert_eq!(sealed.len(), 3 + SEALED_OVERHEAD);
    for elsewhere in [
        Label::new("task", 1, 1),
        Label::new("answer", 2, 1),
        Label::new("answer", 1, 2),
        Label::new("answer", "1", 1),
        Label::new("answe", "r1", 1),
    ] {
        assert!(matches!(keys.open(&elsewhere, &sealed), Err(Error::DoesNotOpen)), "{elsewhere:?}");
    }
    let another = OrganizationKeys::generate(8);
    assert!(matches!(another.open(&label, &sealed), Err(Error::DoesNotOpen)));
    assert_ne!(sealed, keys.seal(&label, b"yes"), "sealing twice says nothing of equality");
}

#[test]
fn every_bit_and_every_byte_matters() {
    let keys = OrganizationKeys::generate(7);
    let label = Label::new("answer", "slt_1", 3);
    for plaintext in [&b""[..], b"x", b"a longer answer, of more than one block"] {
        let sealed = keys.seal(&label, plaintext);
        assert_eq!(keys.open(&label, &sealed).unwrap(), plaintext);
        for bit in 0..sealed.len() * 8 {
            let mut bent = sealed.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(keys.open(&label, &bent).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(keys.open(&label, &sealed[..length]).is_err(), "cut to {length}");
        }
        assert!(keys.open(&label, &[sealed.as_slice(), b"\0"].concat()).is_err());
    }
}

fn id() -> impl Strategy<Value = Result<i64, String>> {
    prop_oneof![any::<i64>().prop_map(Ok), "[a-z0-9]{0,12}".prop_map(Err)]
}

fn label(kind: bool, id: &Result<i64, String>, version: i64) -> Label<'_> {
    let id = match id {
        Ok(number) => LabelId::Number(*number),
        Err(text) => LabelId::Text(text),
    };
    Label { kind: if kind { "task" } else { "task1" }, id, version }
}

proptest! {
    #[test]
    fn a_ciphertext_opens_under_its_own_label_only(
        (a, b) in ((any::<bool>(), id(), 0..3i64), (any::<bool>(), id(), 0..3i64)),
        plaintext in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let keys = OrganizationKeys::generate(7);
        let (a, b) = (label(a.0, &a.1, a.2), label(b.0, &b.1, b.2));
        let sealed = keys.seal(&a, &plaintext);
        prop_assert_eq!(keys.open(&b, &sealed).is_ok(), a == b);
        prop_assert_eq!(keys.open(&a, &sealed).unwrap(), plaintext);
    }

    #[test]
    fn no_bytes_hurt(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let keys = OrganizationKeys::generate(7);
        prop_assert!(keys.open(&Label::new("answer", 1, 1), &bytes).is_err());
        let wrapped = WrappedKey { version: 0, root_id: root().id().to_owned(), bytes };
        prop_assert!(OrganizationKeys::unwrap(7, &root(), &[wrapped]).is_err());
    }
}

/// `cargo test --release -p store --test keys -- --ignored --nocapture cost`
#[test]
#[ignore = "a measurement"]
fn cost_of_sealing() {
    let keys = OrganizationKeys::generate(7);
    let label = Label::new("answer", 123_456, 1);
    for length in [60, 600, 6_000, 60_000] {
        let plaintext = vec![7; length];
        let rounds = 20_000;
        let start = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(keys.seal(&label, &plaintext));
        }
        let seal = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
        let sealed = keys.seal(&label, &plaintext);
        let start = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(keys.open(&label, &sealed).unwrap());
        }
        let open = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
        println!("{length} B: seal {seal:.2} µs, open {open:.2} µs");
    }
}
