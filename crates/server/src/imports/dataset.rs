//! Labels of other tools: any file or archive that `formats::exchange` reads, told by itself or by name.
//!
//! - **D1** Pictures are those of the project, found by their name, or come along in the archive. A text comes
//!   with its labels.
//! - **D2** Classes are found by name, unless told what they become. With `extend`, classes and attributes
//!   that the project lacks become part of its ontology, as a new version; otherwise they are left out, and
//!   counted.
//! - **D3** What a model said is never a label: it is a suggestion, where nobody else said anything.
//! - **D4** A try tells what is there, what fits and what would be lost, and keeps nothing (Q4).
//! - **D6** What several people said of an item are answers of theirs, where the project asks for several
//!   (`people.rs`).
//! - **D5** What is followed through a video is taken as it is, and becomes the label of the video that its file names:
//!   one of the project, or one in the archive.

use super::batch::{As, ByName, Loader};
use super::found::{
    Found, Pictures, found_picture, found_source, scene_cloud, scene_of, sent, short_hash, tried,
};
use super::names::{item_names, text_names};
use super::spool::Spool;
use super::{Input, manifest, people, sources};
use crate::clouds::{self, Part, Work};
use crate::intake::{self, AnswersAs, Fault, Gate, Row, Source as From};
use crate::jobs::JobCx;
use crate::projects::visible;
use crate::uploads;
use crate::{Error, Result};
use domain::answers::{Answer, Bounds};
use domain::projects::Media;
use domain::scenes::Scene;
use domain::{ProjectId, limits};
use formats::LossReport;
use formats::exchange::{
    self, Class, Fit, Format, Item, ReadError, Refusal, Sink, Source, Survey, Whose, hint,
    recognise,
};
use formats::{pictures, video};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io;
use store::{ItemRow, Versioned};

pub(super) fn run(
    job: &mut JobCx,
    mut gate: Gate,
    input: &Input,
    told: Option<Format>,
) -> Result<Value> {
    let mut source = open(job, input, gate.project.id)?;
    let format = match told {
        Some(format) => format,
        None => recognise(&mut source).ok_or_else(|| {
            let message = hint(&mut source).unwrap_or_else(|| {
                "the file is in none of the formats that are known: name the format, or look at it \
                 with `fairmark convert`"
                    .into()
            });
            Error::invalid("upload", "unknown_format", message)
        })?,
    };
    let is_first = job.checkpoint::<super::batch::Place>()?.is_none();
    let before = gate.clone();
    let mut survey = None;
    if is_first && (input.extend || input.dry_run) {
        let media = gate.project.question.media;
        let mut seen = Surveyor { survey: Survey::default(), job, media, stopped: None };
        let read = format.read(&mut open(seen.job, input, gate.project.id)?, &mut seen);
        let Surveyor { survey: found, stopped, .. } = seen;
        settle(read, stopped)?;
        if found.items + found.refused == 0 {
            not_mistaken(&mut source, format)?;
        }
        if input.extend {
            gate = extend(job, gate, &found, &input.classes, input.dry_run)?;
        }
        survey = Some(found);
    }
    let mut loader = Loader::begin(job, gate.clone(), input.dry_run)?;
    if let Some(survey) = &survey {
        loader.expect((survey.items + survey.refused) as i64);
    }
    let is_archive = source.names().len() > 1;
    let asked = people::are_asked(&gate);
    let fit = || Fit {
        question: &gate.project.question,
        ontology: &gate.ontology,
        classes: &input.classes,
        groups_are_answers: matches!(format, Format::LabelStudio | Format::Labelbox),
    };
    let mut taker = Taker {
        pictures: is_archive
            .then(|| open(loader.job, input, gate.project.id))
            .transpose()?
            .map(Pictures::new),
        loader,
        gate: &gate,
        format,
        fit: fit(),
        several: 0,
        asked,
        names: ByName::default(),
        texts: HashMap::new(),
        losses: LossReport::default(),
        row: 0,
        missing: 0,
        unsaid: 0,
        stopped: None,
    };
    source.refuse_unsafe(&mut taker);
    let read = format.read(&mut source, &mut taker);
    let Taker { loader, mut losses, row, missing, unsaid, several, stopped, .. } = taker;
    settle(read, stopped)?;
    if row == 0 {
        not_mistaken(&mut source, format)?;
    }
    let mut result = loader.finish()?;
    // An earlier worker may have seen the items that several people spoke of.
    if asked && (several > 0 || !is_first) {
        let mut opinions = several;
        if !input.dry_run {
            let mut source = open(job, input, gate.project.id)?;
            let mut giver = people::Giver::new(job, &gate, fit(), &mut losses);
            let read = format.read(&mut source, &mut giver);
            let people::Giver { given, repeated, stopped, .. } = giver;
            settle(read, stopped)?;
            opinions = given as u64;
            result["opinions_repeated"] = repeated.into();
            result["bad"] = job.job.bad.into();
        }
        result["opinions"] = opinions.into();
    }
    result["format"] = format.as_str().into();
    result["losses"] = serde_json::to_value(&losses.losses)?;
    result["missing"] = missing.into();
    result["unsaid"] = unsaid.into();
    if let Some(survey) = survey {
        result["found"] = found(&survey, &before, input)?;
    }
    Ok(result)
}

/// Refuses a file that says nothing in the format that somebody named, and is of another.
fn not_mistaken(source: &mut Source, format: Format) -> Result<()> {
    let message = exchange::mistaken(source, format);
    message.map_or(Ok(()), |message| Err(Error::invalid("format", "another_format", message)))
}

/// What a data set has, and which of its classes the project had before, for whoever looks before taking it.
fn found(survey: &Survey, gate: &Gate, input: &Input) -> Result<Value> {
    let fit = Fit {
        question: &gate.project.question,
        ontology: &gate.ontology,
        classes: &input.classes,
        groups_are_answers: false,
    };
    let mut found = serde_json::to_value(survey)?;
    if let Some(classes) = found["classes"].as_array_mut() {
        for class in classes {
            let to = class["name"].as_str().and_then(|name| fit.class(name)).map(str::to_owned);
            class["to"] = to.into();
        }
    }
    Ok(found)
}

/// The upload, as a file that readers may go to and fro in; what they unpack is sealed. Pictures that it
/// does not hold are those of the project.
fn open(job: &JobCx, input: &Input, project: ProjectId) -> Result<Source> {
    let (cx, again) = (job.cx.clone(), input.clone());
    let (here, mut names) = (job.cx.clone(), ByName::default());
    let known = move |stem: &str| {
        ENDINGS.iter().find_map(|ending| {
            // What cannot be asked is not known: the reader says so of its row.
            let item = names.find(&here, project, &format!("{stem}.{ending}")).ok()??;
            let side = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
            Some((item.external_id, [side(item.width)?, side(item.height)?]))
        })
    };
    let name = input.name.clone();
    let open = move || {
        let blob = again.open(&cx).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Box::new(blob) as Box<dyn exchange::Handle>)
    };
    let source = Source::over(&name, open, || Ok(Box::new(Spool::new()?)));
    Ok(source.map_err(|error| refused(error.into()))?.knowing(Box::new(known)))
}

/// The endings of pictures, in the order in which they are looked for.
const ENDINGS: [&str; 12] =
    ["jpg", "png", "jpeg", "JPG", "PNG", "JPEG", "webp", "bmp", "tif", "tiff", "gif", "TIF"];

/// Those of videos.
const VIDEO_ENDINGS: [&str; 9] = ["mp4", "webm", "mkv", "mov", "m4v", "MP4", "MOV", "MKV", "M4V"];

fn refused(error: ReadError) -> Error {
    match error {
        ReadError::Refused(refusal) => {
            Error::invalid("upload", refusal.error.code(), refusal.to_string())
        }
        ReadError::Source(error) => Error::invalid("upload", "unreadable", error.to_string()),
        ReadError::NotThere(message) => Error::invalid("upload", "unreadable", message),
        ReadError::Io(error) => {
            Error::Internal(format!("the file of an import could not be read: {error}"))
        }
    }
}

/// An error of ours that stopped a reader comes before what the reader says of it.
fn settle(read: Result<(), ReadError>, stopped: Option<Error>) -> Result<()> {
    match stopped {
        Some(error) => Err(error),
        None => read.map_err(refused),
    }
}

/// Counts what is there, and can be told to stop.
struct Surveyor<'a> {
    survey: Survey,
    job: &'a mut JobCx,
    media: Media,
    stopped: Option<Error>,
}

impl Sink for Surveyor<'_> {
    fn follows(&self) -> bool {
        self.media == Media::Video
    }

    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.survey.class(class)
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        self.survey.add(&item);
        self.job.check().map_err(|error| stop(&mut self.stopped, error))
    }

    fn refuse(&mut self, _: Refusal) {
        self.survey.refused += 1;
    }

    fn lose(&mut self, _: &'static str, _: String) {}
}

pub(super) fn stop(stopped: &mut Option<Error>, error: Error) -> io::Error {
    *stopped = Some(error);
    io::Error::other("stopped")
}

/// Adds to the ontology what the data set has and it lacks; the gate as it is then (D2).
fn extend(
    job: &JobCx,
    mut gate: Gate,
    survey: &Survey,
    classes: &BTreeMap<String, Option<String>>,
    dry_run: bool,
) -> Result<Gate> {
    let mut ontology = (*gate.ontology).clone();
    survey.extend(&mut ontology, |name| classes.contains_key(name));
    if ontology == *gate.ontology {
        return Ok(gate);
    }
    if dry_run {
        gate.ontology = ontology.into();
        return Ok(gate);
    }
    let problems = ontology.check();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let (cx, project, answers) = (job.cx.clone(), gate.project.id, gate.answers);
    job.cx.store().write_now(move |tx| {
        let before = visible(tx, &cx, project)?;
        let mut after = before.clone();
        after.ontology_version += 1;
        after.version += 1;
        let version = Versioned {
            version: after.ontology_version,
            document: ontology.clone(),
            created_by: cx.person(),
            created_at: (cx.app.now)(),
        };
        tx.insert_ontology(project, &version)?;
        tx.save_project(before.version, &after)?;
        let detail = json!({ "version": version.version });
        tx.record((cx.app.now)(), cx.person(), "ontology.saved", project, detail);
        Gate::open(tx, &cx, after, answers)
    })
}

struct Taker<'a> {
    loader: Loader<'a>,
    gate: &'a Gate,
    format: Format,
    fit: Fit<'a>,
    names: ByName,
    /// The texts of this file, by name: what is on its way is not in the store yet.
    texts: HashMap<u64, u64>,
    pictures: Option<Pictures>,
    losses: LossReport,
    /// Items and refusals so far: what a restart counts to.
    row: u64,
    /// Items whose picture is nowhere.
    missing: u64,
    /// Items about which nothing is said that fits.
    unsaid: u64,
    /// Whether answers of several people are theirs (D6), and how many there are.
    asked: bool,
    several: u64,
    stopped: Option<Error>,
}

impl Sink for Taker<'_> {
    fn follows(&self) -> bool {
        self.gate.project.question.media == Media::Video
    }

    fn class(&mut self, _: &Class) -> io::Result<()> {
        Ok(())
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        self.row += 1;
        self.take(item).map_err(|error| stop(&mut self.stopped, error))
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.row += 1;
        if self.stopped.is_some() || self.loader.is_behind(self.row) {
            return;
        }
        let Refusal { file, error } = refusal;
        let fault = Fault {
            field: error.field.clone(),
            code: error.code().into(),
            message: format!("{file}, row {}: {}", error.row, error.message),
        };
        if let Err(error) = self.loader.refuse(self.row, fault.at(error.row, &error.raw)) {
            self.stopped = Some(error);
        }
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.losses.add(kind, || example);
    }
}

impl Taker<'_> {
    fn take(&mut self, item: Item) -> Result<()> {
        if let Some(error) = self.stopped.take() {
            return Err(error);
        }
        if self.loader.is_behind(self.row) {
            return Ok(());
        }
        let (row, name) = (self.row, item.name.clone());
        match self.find(&item)? {
            Found::There(there) => {
                self.describe(&item, &there);
                let size = there.width.zip(there.height);
                match self.answer(&item, size, there.bounds()) {
                    Ok(Some((answer, said))) => self.loader.answer_as(row, *there, answer, said),
                    Ok(None) => self.loader.repeat(row),
                    Err(fault) => self.loader.refuse(row, fault.at(row, &name)),
                }
            }
            Found::New(external_id, source, size) => {
                let bounds = match &source {
                    From::Scene(scene, _) => scene.bounds(),
                    From::Picture(picture) => intake::bounds(size, picture.frames, None),
                    // No format has rigs: they come by manifest, or as a release of ours.
                    From::Pictures(_) => intake::bounds(size, None, None),
                    From::Text(_) => intake::bounds(size, None, item.text.as_deref()),
                };
                let judged = self.answer(&item, size, bounds).and_then(|answer| {
                    let mut gate = self.gate.clone();
                    let answer = answer.map(|(answer, said)| {
                        if said == As::Suggestion {
                            gate.answers = AnswersAs::Suggestions;
                        }
                        json!(answer)
                    });
                    let metadata = exchange::metadata(&item, &mut self.losses);
                    let (priority, gold) = (None, false);
                    gate.judge(Row { external_id, source, metadata, priority, answer, gold })
                });
                self.loader.take(row, &name, judged)
            }
            Found::Nowhere => {
                self.missing += 1;
                let what = if self.follows() { "video" } else { "picture" };
                let message = format!(
                    "there is no {what} “{name}” in this project, nor in the file: upload it first"
                );
                let fault = Fault::new("file_name", "file_missing", message);
                self.loader.refuse(row, fault.at(row, &name))
            }
            Found::Bad(fault) => self.loader.refuse(row, fault.at(row, &name)),
        }
    }

    /// Adds what the file knows of an item that is there: what is said of it already stays, and is counted where the
    /// file says something else.
    fn describe(&mut self, item: &Item, there: &ItemRow) {
        let known = &there.payload.metadata;
        let mut news = exchange::metadata(item, &mut self.losses);
        news.retain(|key, value| match known.get(key) {
            Some(said) if said != value => {
                let example = || format!("{}: {key}", item.name);
                self.losses.add("metadata_that_says_something_else", example);
                false
            }
            said => said.is_none(),
        });
        let mut all = known.clone();
        all.extend(news.clone());
        if intake::check_metadata(&all).is_err() {
            self.losses.add("metadata", || item.name.clone());
        } else if !news.is_empty() {
            self.loader.describe(there.id, news);
        }
    }

    /// What was said of an item, judged as if somebody handed it in; none where nothing fits.
    fn answer(
        &mut self,
        item: &Item,
        size: Option<(i64, i64)>,
        bounds: Bounds,
    ) -> Result<Option<(Answer, As)>, Fault> {
        let theirs = item.width.zip(item.height);
        if let (Some((width, height)), Some(ours)) = (theirs, size)
            && (i64::from(width), i64::from(height)) != ours
        {
            let message = format!(
                "the file speaks of {width} × {height} pixels, and the picture has {} × {}",
                ours.0, ours.1
            );
            return Err(Fault::new("width", "size_differs", message));
        }
        // Prodigy keeps what its user turned down beside what was taken.
        let turned_down = item.metadata.get("answer").is_some_and(|answer| answer != "accept");
        if self.format == Format::Prodigy && turned_down {
            self.losses.add("rejected_answer", || item.name.clone());
            self.unsaid += 1;
            return Ok(None);
        }
        if self.asked {
            let groups = self.fit.groups_are_answers;
            let people = exchange::apart(item, groups, &mut self.losses).len();
            if people > 1 {
                self.several += people as u64;
                return Ok(None);
            }
        }
        let pixels = size.map(|(width, height)| [width as f64, height as f64]);
        let said = match self.gate.answers {
            AnswersAs::Labels => As::Label,
            AnswersAs::Suggestions => As::Suggestion,
        };
        if self.follows() {
            let Some(answer) = self.fit.tracks(item, pixels, bounds.frames, &mut self.losses)
            else {
                self.unsaid += 1;
                return Ok(None);
            };
            return Ok(Some((self.gate.answer(json!(answer), bounds)?, said)));
        }
        let people = item.marks.iter().any(|mark| mark.model.is_none());
        let (whose, said) =
            if people { (Whose::People, said) } else { (Whose::Model, As::Suggestion) };
        let Some(answer) = self.fit.answer(item, whose, pixels, &mut self.losses) else {
            self.unsaid += 1;
            return Ok(None);
        };
        let answer = self.gate.answer(json!(answer), bounds)?;
        Ok(Some((answer, said)))
    }

    fn find(&mut self, item: &Item) -> Result<Found> {
        let project = self.gate.project.id;
        match self.gate.project.question.media {
            Media::Text => return self.find_text(item),
            Media::Cloud => return self.find_scene(item),
            Media::Video => return self.find_video(item),
            Media::Image => {}
        }
        let names = item_names(item);
        for name in &names {
            if let Some(there) = self.names.find(self.loader.cx(), project, name)? {
                return Ok(Found::There(Box::new(there)));
            }
        }
        if !item.content.is_empty() {
            if self.loader.dry_run {
                let probe = pictures::probe(&item.content, &pictures::Limits::default()).ok();
                let size = probe.map(|probe| [probe.oriented_width, probe.oriented_height]);
                return Ok(tried(&item.name, size, None));
            }
            return self.bring(&item.name, item.content.clone());
        }
        let found = self.pictures.as_mut().and_then(|pictures| {
            let index = names.iter().find_map(|name| pictures.find(name))?;
            Some((pictures, index))
        });
        let Some((pictures, index)) = found else {
            if item.name.starts_with("https://") || item.name.starts_with("http://") {
                let fetched = sources::fetch(self.loader.job, self.gate, &item.name)?;
                return Ok(found_source(fetched, &item.name));
            }
            return sent(self.loader.cx(), project, Media::Image, &item.name, &self.loader);
        };
        if self.loader.dry_run {
            return Ok(tried(&item.name, pictures.source.size(index), None));
        }
        let bytes = match pictures.source.read(index, limits::PICTURE_FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) => {
                let fault = Fault::new("file_name", "unreadable", error.to_string());
                return Ok(Found::Bad(fault));
            }
        };
        self.bring(&item.name, bytes)
    }

    /// Keeps a picture that came along with its labels.
    fn bring(&mut self, name: &str, bytes: Vec<u8>) -> Result<Found> {
        let length = bytes.len() as i64;
        let cx = self.loader.cx();
        let looked = self.loader.job.block_on(async {
            let stored = cx.access().blobs().put_bytes(bytes.into()).await?;
            uploads::look(cx, Media::Image, stored.address, name, length).await
        })??;
        Ok(found_picture(looked, name, length))
    }

    /// A video is called as the file says, with an ending or without, or as the file of its labels is.
    fn find_video(&mut self, item: &Item) -> Result<Found> {
        let project = self.gate.project.id;
        let called = [Some(&item.name), item.id.as_ref()].into_iter().flatten();
        let names: Vec<String> = called
            .filter(|name| !name.is_empty())
            .flat_map(|name| {
                let ended = VIDEO_ENDINGS.map(|ending| format!("{name}.{ending}"));
                std::iter::once(name.clone()).chain(ended)
            })
            .collect();
        for name in &names {
            if let Some(there) = self.names.find(self.loader.cx(), project, name)? {
                return Ok(Found::There(Box::new(there)));
            }
        }
        let found = self.pictures.as_mut().and_then(|files| {
            let index = names.iter().find_map(|name| files.find(name))?;
            Some((&mut files.source, index))
        });
        let Some((source, index)) = found else {
            for name in &names {
                match sent(self.loader.cx(), project, Media::Video, name, &self.loader)? {
                    Found::Nowhere => {}
                    found => return Ok(found),
                }
            }
            return Ok(Found::Nowhere);
        };
        let name = source.names()[index].clone();
        let file = match source.raw(index) {
            Ok(file) => file,
            Err(error) => {
                return Ok(Found::Bad(Fault::new("source", "unreadable", error.to_string())));
            }
        };
        if self.loader.dry_run {
            return Ok(match video::probe(file) {
                Ok(video) => {
                    let size = Some([video.width, video.height]);
                    tried(&name, size, Some(video.frames() as i64))
                }
                Err(refusal) => {
                    Found::Bad(Fault::new("source", refusal.code(), refusal.to_string()))
                }
            });
        }
        let cx = self.loader.cx();
        let stored = cx.access().blobs().put_from(file, limits::ITEM_BYTES_MAX as u64)?;
        let length = stored.length as i64;
        let looked = self.loader.job.block_on(uploads::look(
            cx,
            Media::Video,
            stored.address,
            &name,
            length,
        ))??;
        Ok(found_picture(looked, &name, length))
    }

    /// What a scanner saw is known by the file of its cloud; clouds and pictures lie in the file, or were sent.
    fn find_scene(&mut self, item: &Item) -> Result<Found> {
        let project = self.gate.project.id;
        let Some(mut new) = scene_of(item) else {
            let message = "nothing says which cloud of points this is about";
            return Ok(Found::Bad(Fault::new("sensors", "missing_field", message)));
        };
        let name = item.sensor("lidar").map_or_else(|| item.name.clone(), |one| one.file.clone());
        let wanted = name.clone();
        let there = self
            .loader
            .cx()
            .store()
            .read_now(move |tx| tx.item_by_external_id(project, &wanted))?;
        if let Some(there) = there {
            return Ok(Found::There(Box::new(there)));
        }
        if let Err(problem) = new.check() {
            return Ok(Found::Bad(problem.into()));
        }
        let Self { loader, pictures, losses, .. } = self;
        let cx = loader.cx().clone();
        let is_there = |path: &str| -> Result<bool> {
            let in_file = pictures.as_ref().is_some_and(|files| files.part(path).is_some());
            Ok(in_file || manifest::sent_part(loader, project, path)?.is_ok())
        };
        let Some(cloud) = new.clouds.first_mut() else { return Ok(Found::Nowhere) };
        if !is_there(&cloud.path)? {
            return Ok(Found::Nowhere);
        }
        // Most who have a set of KITTI have the pictures of one of its four cameras.
        let mut cameras = Vec::new();
        for mut camera in std::mem::take(&mut cloud.cameras) {
            // Labels without their pictures call them by the last part of the name, and the folder is the camera's.
            let inside = format!("{}/{}", camera.name, camera.path);
            if is_there(&camera.path)? {
                cameras.push(camera);
            } else if is_there(&inside)? {
                camera.path = inside;
                cameras.push(camera);
            } else {
                losses.add("camera_without_picture", || camera.path.clone());
            }
        }
        cloud.cameras = cameras;
        if loader.dry_run {
            let Some(cloud) = new.clouds.first() else { return Ok(Found::Nowhere) };
            let scene = Scene { clouds: vec![scene_cloud(cloud)] };
            return Ok(Found::New(name, From::Scene(scene, vec![]), None));
        }
        let mut part = |path: &str| {
            let found = pictures.as_mut().and_then(|files| Some((files.part(path)?, files)));
            let Some((index, files)) = found else {
                return manifest::sent_part(loader, project, path);
            };
            let file = match files.source.raw(index) {
                Ok(file) => file,
                Err(error) => {
                    return Ok(Err(Fault::new("path", "unreadable", error.to_string())));
                }
            };
            let stored = cx.access().blobs().put_from(file, limits::ITEM_BYTES_MAX as u64)?;
            let length = stored.length as i64;
            Ok(Ok(Part { address: stored.address, bytes: length }))
        };
        let mut wait = |work: Work<'_>| loader.job.block_on(work)?;
        Ok(match clouds::assemble(&cx, &new, &mut part, &mut wait)? {
            Ok((scene, renditions)) => Found::New(name, From::Scene(scene, renditions), None),
            Err(fault) => Found::Bad(fault),
        })
    }

    /// A text is known by its name, or by itself where the file gives it none; another text of the same name gets one
    /// of its own.
    fn find_text(&mut self, item: &Item) -> Result<Found> {
        let Some(text) = &item.text else { return Ok(Found::Nowhere) };
        let project = self.gate.project.id;
        for name in text_names(item, text) {
            let (key, own) = (short_hash(&name), short_hash(text));
            if self.texts.get(&key).is_some_and(|other| *other != own) {
                continue;
            }
            let wanted = name.clone();
            let there = self
                .loader
                .cx()
                .store()
                .read_now(move |tx| tx.item_by_external_id(project, &wanted))?;
            match there {
                Some(there) if there.payload.text.as_ref() == Some(text) => {
                    return Ok(Found::There(Box::new(there)));
                }
                Some(_) => {}
                None => {
                    self.texts.insert(key, own);
                    return Ok(Found::New(name, From::Text(text.clone()), None));
                }
            }
        }
        let message = "two texts of one name differ: give each an id of its own";
        Ok(Found::Bad(Fault::new("id", "duplicate", message)))
    }
}
