//! Pictures and nothing else, in a folder or a ZIP. Where an item is of one class as a whole, that is the folder its
//! picture lies in, which is how classifiers are taught.

use std::collections::HashSet;
use std::io::{self, Write};

use super::outlet::Outlet;
use super::paths::create_named;
use super::yolo::is_picture;
use super::{Class, Item, Mark, Place, ReadError, Sink, Source, Writer, lose_item, lose_mark};
use crate::loss::LossReport;

/// Whether there is nothing but pictures, and some of them in no folder that could be their class.
pub(super) fn is_images(names: &[String]) -> bool {
    !names.is_empty() && names.iter().all(|name| is_picture(name))
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !is_picture(&name) {
            sink.lose("file_of_another_kind", name);
            continue;
        }
        let [width, height] = source.size(index).map_or([None; 2], |size| size.map(Some));
        sink.item(Item { name, width, height, ..Item::default() })?;
    }
    Ok(())
}

pub(super) struct ImageFiles {
    out: Outlet,
    taken: HashSet<String>,
    /// Where the picture of the item at hand goes; none where it may not.
    path: Option<String>,
    /// The folder of the subset that an item without one is put into; every item has a class there.
    sorted: Option<&'static str>,
    /// Pictures that no file can be called after.
    nameless: LossReport,
}

impl ImageFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        out.folder("")?;
        let (taken, nameless) = (HashSet::new(), LossReport::default());
        Ok(Self { out: out.clone(), taken, path: None, sorted: None, nameless })
    }

    /// `train/CLASS/PICTURE`, as classifiers are taught.
    pub fn sorted(out: &Outlet) -> io::Result<Self> {
        Ok(Self { sorted: Some("train"), ..Self::new(out)? })
    }
}

/// What of a class a folder can be called.
fn folder(class: &str) -> String {
    let plain = class.chars().map(|c| if c.is_control() || "/\\:".contains(c) { '-' } else { c });
    let name: String = plain.collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "-".into() } else { name.into() }
}

impl Writer for ImageFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, &[], losses);
        if item.id.is_some() || item.frame.is_some() {
            losses.add("item_id", || item.name.clone());
        }
        let mut classes = Vec::new();
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &[], losses);
            match mark {
                Mark { place: Place::Whole, class, .. } if !class.is_empty() => classes.push(class),
                _ => losses.add("mark", place),
            }
        }
        for class in classes.iter().skip(1) {
            losses.add("further_class", || format!("{}: {class}", item.name));
        }
        self.path = None;
        if self.sorted.is_some() && classes.is_empty() {
            losses.add("no_class", || item.name.clone());
            return Ok(());
        }
        let path = item.name.split_once("://").map_or(&*item.name, |(_, rest)| rest);
        let path = path.replace('\\', "/");
        let mut path = match classes.first() {
            // It lies there already.
            Some(class) if path.rsplit_once('/').is_some_and(|(above, _)| above == **class) => path,
            Some(class) => {
                let file = path.replace('/', "-");
                if file != path || folder(class) != **class {
                    losses.add("file_name", || item.name.clone());
                }
                format!("{}/{file}", folder(class))
            }
            None => path,
        };
        match self.sorted {
            Some(subset) if item.subset.is_empty() => path = format!("{subset}/{path}"),
            _ if item.subset.is_empty() => {}
            _ if classes.is_empty() => {
                // Nothing tells it from any other folder of the picture.
                losses.add("subset", || format!("{}: {}", item.name, item.subset));
                path = format!("{}/{path}", folder(&item.subset));
            }
            _ => path = format!("{}/{path}", folder(&item.subset)),
        }
        if self.taken.insert(path.to_lowercase()) {
            self.path = Some(path);
        } else {
            losses.add("name_taken", || format!("{}: {path}", item.name));
        }
        Ok(())
    }

    fn wants_files(&self) -> bool {
        true
    }

    fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let Some(path) = self.path.take() else { return Ok(()) };
        match create_named(name, &self.out, &path, &mut self.nameless)? {
            Some(mut file) => file.write_all(content),
            None => Ok(()),
        }
    }

    fn finish(self: Box<Self>, losses: &mut LossReport) -> io::Result<()> {
        losses.merge(self.nameless);
        Ok(())
    }
}
