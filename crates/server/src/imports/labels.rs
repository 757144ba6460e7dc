//! Answers from other tools' files, for pictures that are here already: COCO and Pascal VOC.

use super::Input;
use super::batch::{ByName, Loader};
use super::manifest::fault_of;
use super::spool::Spool;
use crate::intake::{Fault, Gate};
use crate::jobs::JobCx;
use crate::{Error, Result};
use formats::coco::{self, CocoError};
use formats::{Classes, LossReport, voc};
use serde_json::Value;
use std::io::Read;

/// What a tool calls a picture, and what it says of it.
struct Labelled {
    name: String,
    size: Option<(i64, i64)>,
    answer: Value,
}

fn classes(gate: &Gate) -> Result<Classes> {
    let ontology = serde_json::to_value(&*gate.ontology)?;
    Classes::read(&ontology).map_err(|error| Error::Internal(error.to_string()))
}

/// Gives a picture its answer, or says why not.
fn take(loader: &mut Loader<'_>, names: &mut ByName, row: u64, labelled: Labelled) -> Result<()> {
    let Labelled { name, size, answer } = labelled;
    let project = loader.gate.project.id;
    let Some(item) = names.find(loader.cx(), project, &name)? else {
        let message = format!("there is no picture “{name}” in this project: upload it first");
        return loader.refuse(row, Fault::new("file_name", "file_missing", message).at(row, &name));
    };
    let ours = item.width.zip(item.height);
    if let (Some((width, height)), Some(ours)) = (size, ours)
        && (width, height) != ours
    {
        let message = format!(
            "the file speaks of {width} × {height} pixels, and the picture has {} × {}",
            ours.0, ours.1
        );
        return loader.refuse(row, Fault::new("width", "size_differs", message).at(row, &name));
    }
    match loader.gate.answer(answer, ours) {
        Ok(answer) => loader.answer(row, item, answer),
        Err(fault) => loader.refuse(row, fault.at(row, &name)),
    }
}

pub(super) fn run_coco(job: &mut JobCx, gate: Gate, input: &Input) -> Result<Value> {
    let classes = classes(&gate)?;
    let refusal = |error: CocoError| match error {
        CocoError::NotCoco { .. } => Error::invalid("upload", error.code(), error.to_string()),
        CocoError::Io(error) => Error::Internal(error.to_string()),
    };
    let spool = Spool::new().map_err(|error| Error::Internal(error.to_string()))?;
    let mut file = coco::read(input.open(&job.cx)?, spool).map_err(refusal)?;
    let errors: Vec<_> = file.errors().iter().map(fault_of).collect();
    let mut loader = Loader::begin(job, gate, input.dry_run)?;
    // They count from 1 within their list, and before all pictures: told on the first attempt only.
    if loader.place.rows == 0 {
        errors.into_iter().for_each(|fault| loader.job.bad(fault));
    }
    let (mut names, mut row) = (ByName::default(), 0);
    file.for_each(&classes, |image| {
        row += 1;
        if loader.is_behind(row) {
            return Ok(());
        }
        let size =
            image.width.zip(image.height).map(|(width, height)| (width.into(), height.into()));
        let labelled = Labelled { name: image.file_name, size, answer: image.answer };
        take(&mut loader, &mut names, row, labelled).map_err(Stopped)
    })
    .map_err(|Stopped(error)| error)?;
    let losses = serde_json::to_value(file.losses())?;
    with_losses(loader.finish()?, losses)
}

/// An error of ours on its way through a reader that also meets errors of the disk.
struct Stopped(Error);

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self(Error::Internal(error.to_string()))
    }
}

fn with_losses(mut result: Value, losses: Value) -> Result<Value> {
    result["losses"] = losses["losses"].clone();
    Ok(result)
}

pub(super) fn run_voc(job: &mut JobCx, gate: Gate, input: &Input) -> Result<Value> {
    let classes = classes(&gate)?;
    let mut file = input.open(&job.cx)?;
    let mut head = [0; 4];
    let is_zip = file.read_exact(&mut head).is_ok() && &head == b"PK\x03\x04";
    let mut loader = Loader::begin(job, gate, input.dry_run)?;
    let (mut names, mut losses) = (ByName::default(), LossReport::default());
    let mut each = |loader: &mut Loader<'_>, row: u64, name: &str, xml: &[u8]| {
        let picture = match voc::read(xml, voc::Origin::default()) {
            Ok(picture) => picture,
            Err(error) => {
                let fault = Fault {
                    field: String::new(),
                    code: error.code().into(),
                    message: error.to_string(),
                };
                return loader.refuse(row, fault.at(row, name));
            }
        };
        let answer = picture.answer(&classes, &mut losses);
        let size =
            picture.width.zip(picture.height).map(|(width, height)| (width.into(), height.into()));
        take(loader, &mut names, row, Labelled { name: picture.file_name, size, answer })
    };
    if is_zip {
        let mut archive = formats::zip::Archive::open(input.open(&loader.job.cx)?)
            .map_err(|error| Error::invalid("upload", error.code(), error.to_string()))?;
        loader.expect(archive.entries().len() as i64);
        for index in 0..archive.entries().len() {
            let row = index as u64 + 1;
            let name = archive.entries()[index].name.clone();
            if loader.is_behind(row) || !name.to_ascii_lowercase().ends_with(".xml") {
                continue;
            }
            match archive.read(index, voc::FILE_MAX_BYTES) {
                Ok(xml) => each(&mut loader, row, &name, &xml)?,
                Err(error) => {
                    let fault = Fault {
                        field: String::new(),
                        code: error.code().into(),
                        message: error.to_string(),
                    };
                    loader.refuse(row, fault.at(row, &name))?;
                }
            }
        }
    } else {
        let mut xml = Vec::new();
        let all =
            input.open(&loader.job.cx)?.take(voc::FILE_MAX_BYTES as u64 + 1).read_to_end(&mut xml);
        all.map_err(|error| Error::Internal(error.to_string()))?;
        if !loader.is_behind(1) {
            each(&mut loader, 1, "", &xml)?;
        }
    }
    with_losses(loader.finish()?, serde_json::to_value(&losses)?)
}
