//! Under which names what a data set speaks of may be found in a project.

use formats::exchange::Item;

/// The endings of pictures, in the order in which they are looked for.
pub(super) const ENDINGS: [&str; 12] =
    ["jpg", "png", "jpeg", "JPG", "PNG", "JPEG", "webp", "bmp", "tif", "tiff", "gif", "TIF"];

/// Those of videos.
pub(super) const VIDEO_ENDINGS: [&str; 9] =
    ["mp4", "webm", "mkv", "mov", "m4v", "MP4", "MOV", "MKV", "M4V"];

/// Under which names a picture may be there. Of the same name in several subsets: the one in the folder that is called
/// as the subset. Where the picture lay elsewhere, the folders above its own may be those of another machine.
pub(super) fn item_names(item: &Item, lay_elsewhere: bool) -> Vec<String> {
    let full = format!("{}/{}", item.subset, item.name);
    let mut names = vec![full, item.name.clone()];
    names.drain(..usize::from(item.subset.is_empty()));
    if lay_elsewhere {
        let folders = item.name.match_indices('/');
        names.extend(folders.map(|(at, _)| item.name[at + 1..].to_owned()));
    }
    names
}

/// Under which names a text may be there: its own, or one that tells what stands in it.
pub(super) fn text_names(item: &Item, text: &str) -> Vec<String> {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    match &item.id {
        Some(id) => {
            // A row of a table has no name but its number, which the next file counts from 1 again.
            let name = if item.name.starts_with("row_") { id } else { &item.name };
            vec![name.clone(), format!("{name}#{}", &hash[..8])]
        }
        None => vec![format!("text-{}", &hash[..16])],
    }
}
