//! Names of files: what is safe to take for one, and how the files of a data set are made.

use std::io;

use super::Item;
use super::outlet::{Made, Outlet};
use crate::loss::LossReport;
use crate::row::{Code, Fault};

/// Refuses a name that leads out of the data set (X6).
pub(super) fn safe_name(name: &str) -> Result<(), Fault> {
    let web = name.split_once("://").is_some_and(|(scheme, _)| {
        matches!(scheme, "http" | "https" | "s3" | "gs") && !name.contains("..")
    });
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    let climbs = name.split(['/', '\\']).any(|part| part == "..");
    if name.is_empty() || name.contains(char::is_control) || ((absolute || climbs) && !web) {
        let message =
            "the name must be relative, without `..`: give it from the folder of the data";
        return Err(Fault::new("name", Code::UnsafePath, message));
    }
    Ok(())
}

/// The name of a file elsewhere (`/data/cats/a.jpg`, `C:\\cats\\a.jpg`, `../cats/a.jpg`), as if it lay in the data set:
/// without its disk and without leading out; none where it does not lead out, or nothing is left of it.
fn home(name: &str) -> Option<String> {
    safe_name(name).err()?;
    let path = name.replace('\\', "/");
    let path = match path.as_bytes() {
        [disk, b':', ..] if disk.is_ascii_alphabetic() => &path[2..],
        _ => &path,
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let home = parts.join("/");
    safe_name(&home).is_ok().then_some(home)
}

impl Item {
    /// Gives an item whose name leads out of the data set one within it; the name that it had, if so (X6).
    pub fn come_home(&mut self) -> Option<String> {
        let home = home(&self.name)?;
        Some(std::mem::replace(&mut self.name, home))
    }
}

/// The path at which a writer puts what belongs to `name`: its own path, with another ending.
pub(super) fn twin(name: &str, ending: &str) -> String {
    let path = name.split_once("://").map_or(name, |(_, rest)| rest).replace('\\', "/");
    let file = path.rfind('/').map_or(0, |at| at + 1);
    let stem = match path[file..].rfind('.') {
        Some(dot) if dot > 0 => &path[..file + dot],
        _ => &path[..],
    };
    format!("{stem}.{ending}")
}

/// Makes the file `name` of an item; none where the name is taken, or where no file can be called so, which is counted.
pub(super) fn create_of(
    item: &Item,
    outlet: &Outlet,
    name: &str,
    losses: &mut LossReport,
) -> io::Result<Option<Made>> {
    create_named(&item.name, outlet, name, losses)
}

/// The same for the item that is called so.
pub(super) fn create_named(
    item: &str,
    outlet: &Outlet,
    name: &str,
    losses: &mut LossReport,
) -> io::Result<Option<Made>> {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, NotADirectory};
    let lack = match outlet.create(name) {
        Err(error) if error.kind() == AlreadyExists => "name_taken",
        Err(error) if matches!(error.kind(), InvalidFilename | InvalidInput | NotADirectory) => {
            "no_name_for_a_file"
        }
        made => return made.map(Some),
    };
    losses.add(lack, || format!("{item}: {name}"));
    Ok(None)
}
