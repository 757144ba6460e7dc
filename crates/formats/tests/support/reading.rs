//! Reads a document as it lies among the files that belong to it.

use formats::exchange::{Format, Found, Source, mistaken};

use super::documents;

/// What is found in it; what ends the reading is counted as `refused`.
pub fn read(format: Format, name: &str, text: &str) -> Found {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    let beside = documents::beside(format);
    beside.iter().for_each(|(name, text)| drop(put(name, text)));
    let path = put(name, text.as_bytes());
    let open = if beside.is_empty() { path.as_path() } else { folder.path() };
    let mut found = Found::default();
    if let Err(error) = format.read(&mut Source::open(open).unwrap(), &mut found) {
        found.losses.add("refused", || error.to_string());
    }
    // Whoever named the format is told what it is instead.
    if found.items.is_empty() && found.refusals.is_empty() {
        let mut source = Source::open(open).unwrap();
        if let Some(message) = mistaken(&mut source, format) {
            found.losses.add("refused", || message);
        }
    }
    found
}
