//! Pascal VOC as items: the files themselves are read and written by [`crate::voc`].

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::source::whole;
use super::{
    Class, Item, Mark, Place, ReadError, Shape, Sink, Source, Writer, create, lose_item, lose_mark,
    refusal, twin,
};
use crate::loss::LossReport;
use crate::ontology::Classes;
use crate::row::{Code, Fault};
use crate::voc::{self, FILE_MAX_BYTES, Origin, VocError};

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".xml") {
            continue;
        }
        let xml = source.text(index, FILE_MAX_BYTES as u64)?;
        let picture = match voc::read(&xml, Origin::Zero) {
            Ok(picture) => picture,
            Err(error) => {
                let field = if let VocError::BadSize { field } = error { field } else { "" };
                let code = match error {
                    VocError::NotText => Code::NotText,
                    VocError::TooLong | VocError::TooManyObjects => Code::TooLong,
                    VocError::TooDeep => Code::TooDeep,
                    VocError::BadSize { .. } => Code::WrongType,
                    _ => Code::NotXml,
                };
                sink.refuse(refusal(&name, 1, Fault::new(field, code, error.to_string()), b""));
                continue;
            }
        };
        for (object, field) in &picture.broken {
            let field = format!("object[{object}].{field}");
            let message = format!(
                "`{field}` is missing or makes no sense: give a name and a box with xmin < xmax and ymin < ymax"
            );
            sink.refuse(refusal(&name, 1, Fault::new(&field, Code::OutOfRange, message), b""));
        }
        for (kind, loss) in &picture.losses.losses {
            if *kind != "broken_object" {
                for example in &loss.examples {
                    sink.lose(kind, format!("{name}: {example}"));
                }
            }
        }
        if picture.width == Some(0) || picture.height == Some(0) {
            sink.refuse(whole(
                &name,
                Code::OutOfRange,
                "`size` is 0: give width and height in pixels",
            ));
            continue;
        }
        let marks = picture.objects.into_iter().map(|object| {
            let voc::VocObject { name, x, y, width, height, attributes } = object;
            Mark { attributes, ..Mark::shape(name, Shape::Box { x, y, width, height }) }
        });
        let marks = marks.collect();
        let file =
            if picture.file_name.is_empty() { twin(&name, "jpg") } else { picture.file_name };
        let (width, height) = (picture.width, picture.height);
        sink.item(Item { name: file, width, height, marks, ..Item::default() })?;
    }
    Ok(())
}

pub(super) struct VocFiles {
    out: PathBuf,
}

impl VocFiles {
    pub fn new(out: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(out)?;
        Ok(Self { out: out.into() })
    }
}

impl Writer for VocFiles {
    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_item(item, losses);
        if !item.subset.is_empty() {
            losses.add("subset", || format!("{}: {}", item.name, item.subset));
        }
        let mut objects = Vec::new();
        for mark in &item.marks {
            let place = || format!("{}: {}", item.name, mark.class);
            lose_mark(item, mark, &["attributes"], losses);
            let shape = match &mark.place {
                Place::Shape(shape) if !mark.class.is_empty() => shape,
                Place::Shape(_) => {
                    losses.add("no_class", place);
                    continue;
                }
                Place::Whole => {
                    losses.add("class_of_the_whole", place);
                    continue;
                }
                Place::Words(_) | Place::Span { .. } => {
                    losses.add("words", place);
                    continue;
                }
            };
            if !matches!(shape, Shape::Box { .. }) {
                losses.add("outline_as_box", place);
            }
            let [x, y, width, height] = shape.bounds();
            let shape = Shape::Box { x, y, width, height };
            objects.push(json!({
                "id": mark.class, "class": mark.class, "shape": shape.write(),
                "attributes": mark.attributes,
            }));
        }
        let mut names: Vec<&str> = item.marks.iter().map(|mark| mark.class.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let classes: Vec<Value> = names.iter().map(|name| json!({ "key": name })).collect();
        let classes = Classes::read(&json!({ "classes": classes })).map_err(io::Error::other)?;
        let file = format!("Annotations/{}", twin(&item.name, "xml"));
        let out = match create(&self.out, &file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                losses.add("name_taken", || format!("{}: {file}", item.name));
                return Ok(());
            }
            out => out?,
        };
        let size = match (item.width, item.height) {
            (Some(width), Some(height)) => [width, height],
            _ => {
                losses.add("size_unknown", || item.name.clone());
                [0, 0]
            }
        };
        let mut out = BufWriter::new(out);
        let answer = json!({ "objects": objects });
        voc::write(&mut out, &item.name, size, &answer, &classes, losses)?;
        out.flush()
    }

    fn finish(self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        Ok(())
    }
}
