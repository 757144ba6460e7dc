//! How a release is made: labels stream from the store, page by page, through the writers of its formats
//! into the blobs. Memory holds a few pages, however many tasks there are.

use super::exchange::{Labels, Shared, Waiting};
use super::pipe::{PipeWriter, pipe};
pub use super::record::{Extent, record};
use super::{Format, Input, LossBody, picture_name};
use crate::imports::spool::Spool;
use crate::jobs::JobCx;
use crate::wire::Time;
use crate::{Error, Result, brain};
use crate::{ranges, renditions};
use domain::answers::Answer;
use domain::projects::Media;
use domain::{PersonId, ProjectId, TaskId, Timestamp};
use formats::coco::{CocoInfo, CocoItem, CocoWriter};
use formats::cuboids::{self, CuboidsJsonl, NuScenesTar};
use formats::exchange;
use formats::native::{self, NativeWriter, Record};
use formats::tar::TarWriter;
use formats::tracks::{Clip, TrackLabels};
use formats::video::Video;
use formats::{Classes, LabelsCsv, LossReport, SpansJsonl};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read, Seek, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use store::blobs::{BlobAddress, OrganizationBlobs};
use store::{ExportPage, ExportRow, Head, ProjectRow, ReleaseFile, ReleaseRow, Store, Tx};

/// What a release is made from, besides the labels.
pub struct Plan {
    pub project: ProjectRow,
    /// The newest version, by which classes are named.
    pub ontology: Value,
    pub header: native::Project,
    /// Labels as they were at this moment.
    pub snapshot: Timestamp,
    /// How many there are.
    pub tasks: i64,
    /// When the last of the labels came, where that matters.
    pub newest: Option<Timestamp>,
    pub head: Head,
}

/// Gathers what a release needs to know of a project.
pub fn plan(tx: &mut Tx<'_>, project: ProjectId, snapshot: Timestamp) -> Result<Plan> {
    let project = tx.project(project)?.ok_or(Error::NotFound)?;
    let (mut ontology, mut instructions) = (Vec::new(), Vec::new());
    for version in 1..=project.ontology_version {
        let found = tx.ontology(project.id, version)?.ok_or(Error::NotFound)?;
        let value = serde_json::to_value(found.document)?;
        ontology.push(native::Version { version: version as u64, value });
    }
    for version in 1..=project.instructions_version {
        let found = tx.instructions(project.id, version)?.ok_or(Error::NotFound)?;
        let value = Value::String(found.document);
        instructions.push(native::Version { version: version as u64, value });
    }
    let tasks = tx.counts(project.id)?.done;
    Ok(Plan {
        ontology: ontology.last().map(|newest| newest.value.clone()).unwrap_or_default(),
        header: native::Project {
            name: project.name.clone(),
            question: serde_json::to_string(&project.question)?,
            ontology,
            instructions,
            plan: serde_json::to_value(&project.plan)?,
        },
        snapshot,
        tasks,
        newest: None,
        head: tx.event_head()?,
        project,
    })
}

pub fn broken(error: io::Error) -> Error {
    Error::Internal(format!("a release's file could not be written: {error}"))
}

/// The writer of one format.
#[allow(clippy::large_enum_variant, reason = "one for each file that is being made")]
pub enum Writer<'a, W: Write, S: Read + Write + Seek + Send + 'static> {
    Native(NativeWriter<W>),
    /// Of videos it holds the frames.
    Coco(Box<CocoWriter<'a, W, S>>, TrackLabels<'a>),
    Csv(LabelsCsv<W>),
    Spans(SpansJsonl<'a, W>),
    Cuboids(CuboidsJsonl<'a, W>),
    Files(FilesTar<'a, W>),
    NuScenes(NuScenesTar<'a, W, S>),
    CvatVideo(TrackLabels<'a>, TarWriter<W>),
    Mot(TrackLabels<'a>, TarWriter<W>),
}

/// What a task is in the files of another tool: their names, and what is in them.
type FilesOf = fn(&Record, &Classes, &mut LossReport) -> Vec<(String, Vec<u8>)>;

/// The files of all tasks, one after the other; of two of a name the first.
pub struct FilesTar<'a, W: Write> {
    out: TarWriter<W>,
    files: FilesOf,
    classes: &'a Classes,
    taken: HashSet<String>,
    losses: LossReport,
}

impl<'a, W: Write> FilesTar<'a, W> {
    fn new(out: W, files: FilesOf, classes: &'a Classes) -> Self {
        let (taken, losses) = (HashSet::new(), LossReport::default());
        Self { out: TarWriter::new(out), files, classes, taken, losses }
    }

    fn push(&mut self, record: &Record) -> io::Result<()> {
        for (name, content) in (self.files)(record, self.classes, &mut self.losses) {
            if self.taken.insert(name.clone()) {
                self.out.add(&name, content.len() as u64, &mut &content[..])?;
            } else {
                self.losses.add("name_taken", || format!("{}: {name}", record.item.external_id));
            }
        }
        Ok(())
    }

    fn finish(self) -> io::Result<(W, LossReport)> {
        Ok((self.out.finish()?, self.losses))
    }
}

impl<'a, W: Write, S: Read + Write + Seek + Send + 'static> Writer<'a, W, S> {
    pub fn new(
        format: Format,
        plan: &'a Plan,
        classes: &'a Classes,
        out: W,
        spool: impl Fn() -> io::Result<S> + Send + 'static,
    ) -> Result<Self> {
        // The day of the newest label, not of the export: the same labels make the same bytes.
        let day = plan.newest.map(|at| Time(at).to_string()[..10].to_string()).unwrap_or_default();
        let tracks = TrackLabels::new(&plan.ontology, classes);
        let begun = match format {
            Format::Native => NativeWriter::new(out, &plan.header).map(Writer::Native),
            Format::Coco => {
                let info =
                    CocoInfo { description: &plan.project.name, version: "1", date_created: &day };
                spool()
                    .and_then(|spool| CocoWriter::new(out, spool, classes, info))
                    .map(|writer| Writer::Coco(Box::new(writer), tracks))
            }
            Format::Csv => LabelsCsv::new(out, &plan.ontology).map(Writer::Csv),
            Format::Spans => Ok(Writer::Spans(SpansJsonl::new(out, classes))),
            Format::Cuboids => Ok(Writer::Cuboids(CuboidsJsonl::new(out, classes))),
            Format::Kitti => Ok(Writer::Files(FilesTar::new(out, cuboids::kitti, classes))),
            Format::Points => Ok(Writer::Files(FilesTar::new(out, cuboids::point_labels, classes))),
            Format::Nuscenes => NuScenesTar::new(out, spool, classes).map(Writer::NuScenes),
            Format::CvatVideo => Ok(Writer::CvatVideo(tracks, TarWriter::new(out))),
            Format::Mot => Ok(Writer::Mot(tracks, TarWriter::new(out))),
            Format::Exchange(_) => Err(io::Error::other(format.as_str())),
        };
        begun.map_err(broken)
    }

    /// Adds a task; of a video, with its frames a second where that is known.
    pub fn push(&mut self, record: &Record, rate: f64) -> Result<()> {
        let item = &record.item;
        let answer: Option<Answer> = match (&record.label, item.frames) {
            (Some(label), Some(_)) => Some(serde_json::from_value(label.value.clone())?),
            _ => None,
        };
        let clip = answer.as_ref().zip(item.frames).map(|(answer, frames)| Clip {
            name: picture_name(&item.external_id, item.name.as_deref()),
            width: item.width.unwrap_or_default(),
            height: item.height.unwrap_or_default(),
            frames,
            rate,
            answer,
        });
        let pushed = match (self, &clip) {
            (Writer::CvatVideo(labels, tar), Some(clip)) => {
                let name = format!("{}.xml", clip.stem());
                file(tar, &name, labels, |labels, out| labels.cvat(clip, out))
            }
            (Writer::Mot(labels, tar), Some(clip)) => {
                let folder = clip.stem();
                let about = labels.mot_info(clip);
                let names = labels.mot_labels();
                file(tar, &format!("{folder}/gt/gt.txt"), labels, |labels, out| {
                    labels.mot(clip, out)
                })
                .and_then(|()| whole(tar, &format!("{folder}/gt/labels.txt"), &names))
                .and_then(|()| whole(tar, &format!("{folder}/seqinfo.ini"), &about))
            }
            (Writer::Coco(writer, labels), Some(clip)) => {
                labels.pictures(clip, |file_name, value| {
                    let (width, height) = (clip.width, clip.height);
                    writer.push(CocoItem { file_name, width, height }, value)
                })
            }
            (Writer::CvatVideo(..) | Writer::Mot(..), None) => Ok(()),
            (Writer::Native(writer), _) => writer.push(record),
            (Writer::Csv(writer), _) => writer.push(record),
            (Writer::Spans(writer), _) => writer.push(record),
            (Writer::Cuboids(writer), _) => writer.push(record),
            (Writer::Files(writer), _) => writer.push(record),
            (Writer::NuScenes(writer), _) => writer.push(record),
            (Writer::Coco(writer, _), None) => {
                let (Some((width, height)), Some(label)) =
                    (item.width.zip(item.height), &record.label)
                else {
                    return Ok(());
                };
                let file_name = picture_name(&item.external_id, item.name.as_deref());
                writer.push(CocoItem { file_name, width, height }, &label.value)
            }
        };
        pushed.map_err(broken)
    }

    pub fn finish(self) -> Result<(W, LossReport)> {
        let finished = match self {
            Writer::Native(writer) => writer.finish().map(|out| (out, LossReport::default())),
            Writer::Coco(writer, labels) => writer.finish().map(|(out, mut losses)| {
                losses.losses.extend(labels.losses.losses);
                (out, losses)
            }),
            Writer::Csv(writer) => writer.finish(),
            Writer::Spans(writer) => Ok(writer.finish()),
            Writer::Cuboids(writer) => Ok(writer.finish()),
            Writer::Files(writer) => writer.finish(),
            Writer::NuScenes(writer) => writer.finish(),
            Writer::CvatVideo(labels, tar) | Writer::Mot(labels, tar) => {
                tar.finish().map(|out| (out, labels.losses))
            }
        };
        finished.map_err(broken)
    }
}

/// Adds a file to an archive that wants to know its length first: it is written twice, once to nowhere.
fn file<'a, W: Write>(
    tar: &mut TarWriter<W>,
    name: &str,
    labels: &mut TrackLabels<'a>,
    write: impl Fn(&mut TrackLabels<'a>, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let before = labels.losses.clone();
    let mut counted = Counted { out: io::sink(), bytes: 0 };
    write(labels, &mut counted)?;
    labels.losses = before;
    tar.put(name, counted.bytes, |out| {
        let mut counted = Counted { out: io::BufWriter::new(out), bytes: 0 };
        write(labels, &mut counted)?;
        counted.flush()?;
        Ok(counted.bytes)
    })
}

fn whole<W: Write>(tar: &mut TarWriter<W>, name: &str, content: &str) -> io::Result<()> {
    tar.add(name, content.len() as u64, &mut content.as_bytes())
}

struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads the pages of a project, one ahead of whoever takes them.
pub fn read_pages(
    store: &Store,
    project: ProjectId,
    snapshot: Timestamp,
    extent: Extent,
    mut take: impl FnMut(Result<ExportPage>) -> bool,
) {
    // Once, so that the same is told of all.
    let told = match store.read_now(move |tx| brain::told(tx, project)) {
        Ok(told) => told,
        Err(error) => {
            take(Err(error));
            return;
        }
    };
    let (mut after, mut in_labels) = (Some(TaskId(0)), true);
    while let Some(from) = after {
        let told = told.clone();
        let page = store.read_now(move |tx| {
            let mut page = match in_labels {
                true => tx.export_page(project, from, snapshot)?,
                false => tx.export_open_page(project, from, snapshot)?,
            };
            let labels = page.rows.iter_mut().filter_map(|row| row.label.as_mut());
            labels.for_each(|label| told.exported(label));
            Ok::<_, Error>(page)
        });
        let is_fine = page.is_ok();
        after = page.as_ref().ok().and_then(|page| page.next);
        if !take(page) {
            return;
        }
        if after.is_none() && is_fine && in_labels && extent == Extent::Everything {
            (after, in_labels) = (Some(TaskId(0)), false);
        }
    }
}

/// What has been written, once all pages are through.
struct Written {
    tasks: i64,
    /// Without a label.
    open: i64,
    people: BTreeSet<PersonId>,
    loss: Vec<LossBody>,
}

/// The job: makes the files of a release.
pub fn make(job: &mut JobCx) -> Result<Value> {
    let Input { release, with_pictures, with_open } = job.input()?;
    let extent = if with_open { Extent::Everything } else { Extent::Labels };
    let (release, plan) = job.cx.store().read_now(move |tx| {
        let release = tx.release(release)?.ok_or(Error::NotFound)?;
        let mut plan = plan(tx, release.project, release.created_at)?;
        (plan.tasks, plan.newest) = tx.count_labels(release.project, plan.snapshot)?;
        Ok::<_, Error>((release, plan))
    })?;
    if release.made {
        return Ok(json!({ "release": release.id }));
    }
    let formats: Vec<Format> =
        release.formats.iter().filter_map(|name| Format::named(name)).collect();
    let (written, mut files) = write_all(job, &plan, &formats, extent, with_pictures)?;
    let manifest = manifest(job, &release, &plan, &written, &files)?;
    files.push(store_manifest(job.cx.access().blobs(), &manifest)?);
    let (id, tasks, seq) = (release.id, written.tasks, plan.head.seq);
    let (by, now) = (job.cx.person(), job.now());
    let loss = serde_json::to_value(&written.loss)?;
    job.write(move |tx| {
        if tx.finish_release(id, tasks, seq, &loss, &files)? {
            tx.record(now, by, "release.made", id, json!({ "tasks": tasks, "event_seq": seq }));
        }
        Ok(())
    })?;
    Ok(json!({ "release": release.id, "tasks": tasks }))
}

/// Writes every format side by side: one thread reads, this one writes, and one for each file stores.
fn write_all(
    job: &mut JobCx,
    plan: &Plan,
    formats: &[Format],
    extent: Extent,
    with_pictures: bool,
) -> Result<(Written, Vec<ReleaseFile>)> {
    let classes =
        Classes::read(&plan.ontology).map_err(|error| Error::Internal(error.to_string()))?;
    let (store, blobs) = (job.cx.store().clone(), job.cx.access().blobs().clone());
    let (project, snapshot) = (plan.project.id, plan.snapshot);
    std::thread::scope(|scope| {
        let (sender, pages) = sync_channel(2);
        scope.spawn(move || {
            read_pages(&store, project, snapshot, extent, |page| sender.send(page).is_ok());
        });
        let mut storing = Vec::new();
        let mut begin = |name: &'static str| {
            let (writer, reader) = pipe();
            let blobs = blobs.clone();
            storing.push(scope.spawn(move || reader.store(name, &blobs)));
            writer
        };
        let (mut writers, mut others) = (Vec::new(), Vec::new());
        for format in formats {
            match format {
                Format::Exchange(other) => others.push((*format, *other)),
                format => {
                    let out = begin(format.file());
                    writers.push((*format, Writer::new(*format, plan, &classes, out, Spool::new)?));
                }
            }
        }
        let waiting = (!others.is_empty()).then(|| Waiting::new(&plan.header));
        let waiting = waiting.transpose().map_err(broken)?;
        let tar = with_pictures.then(|| TarWriter::new(begin("pictures.tar")));
        let total = plan.tasks * (1 + others.len() as i64);
        let written = write_pages(job, extent, total, &pages, Writers { writers, waiting, tar });
        drop(pages);
        let mut files = Vec::new();
        let mut failed = None;
        for thread in storing {
            match thread.join() {
                Ok(Ok(file)) => files.push(file),
                Ok(Err(error)) => failed = Some(Error::from(error)),
                Err(_) => {
                    failed = Some(Error::Internal(
                        "a thread that stored a release's file panicked".into(),
                    ))
                }
            }
        }
        // What stopped the writing comes first: that a file was not finished follows from it.
        match (written, failed) {
            (Ok((mut written, labels)), None) => {
                for (nth, (format, other)) in others.into_iter().enumerate() {
                    let Some(labels) = &labels else { break };
                    let done = plan.tasks * (1 + nth as i64);
                    let (file, losses) =
                        write_other(job, labels, format, other, [done, plan.tasks, total])?;
                    job.progress(done + plan.tasks, Some(total))?;
                    files.push(file);
                    written.loss.extend(LossBody::all(format, losses));
                }
                Ok((written, files))
            }
            (Err(Error::Internal(_)), Some(error)) | (Ok(_), Some(error)) => Err(error),
            (Err(error), _) => Err(error),
        }
    })
}

/// Writes the labels as another tool has them, and stores the file. Of the steps of the job, so many were done
/// before, so many are these, and so many are all.
fn write_other(
    job: &mut JobCx,
    labels: &Labels,
    format: Format,
    other: exchange::Format,
    [done, tasks, total]: [i64; 3],
) -> Result<(ReleaseFile, LossReport)> {
    let blobs = job.cx.access().blobs().clone();
    let (writer, reader) = pipe();
    let out = Shared::new(writer);
    std::thread::scope(|scope| {
        let storing = scope.spawn(|| reader.store(format.file(), &blobs));
        let (packed, mut stopped) = (format.is_packed(), None);
        let mut told = |items: u64| {
            let step = i64::try_from(items).unwrap_or(i64::MAX).min(tasks);
            stopped = job.progress(done + step, Some(total)).err();
            stopped.is_none()
        };
        let said = labels.write(other, packed, Box::new(out.clone()), Some(&blobs), &mut told);
        // A file that could not be stored is why it could not be written.
        let broken_off = storing.is_finished();
        match &said {
            Ok(Some(_)) => out.finish().map_err(broken)?,
            _ => out.abandon(),
        }
        let stored = match storing.join() {
            Ok(stored) => stored.map_err(Error::from),
            Err(_) => Err(Error::Internal("a thread that stored a release's file panicked".into())),
        };
        match (stopped, said, stored) {
            (Some(error), ..) => Err(error),
            (None, Ok(losses), stored) => Ok((stored?, losses.unwrap_or_default())),
            (None, Err(_), Err(error)) if broken_off => Err(error),
            (None, Err(error), _) => Err(error),
        }
    })
}

/// What the labels are written into, side by side.
struct Writers<'a> {
    writers: Vec<(Format, Writer<'a, PipeWriter, Spool>)>,
    /// For the formats of other tools, which come after.
    waiting: Option<Waiting>,
    tar: Option<TarWriter<PipeWriter>>,
}

fn write_pages(
    job: &mut JobCx,
    extent: Extent,
    total: i64,
    pages: &Receiver<Result<ExportPage>>,
    Writers { mut writers, mut waiting, mut tar }: Writers<'_>,
) -> Result<(Written, Option<Labels>)> {
    let mut written = Written { tasks: 0, open: 0, people: BTreeSet::new(), loss: Vec::new() };
    job.progress(0, Some(total))?;
    // Files that several items share go out once.
    let mut taken = HashSet::new();
    for page in pages {
        for row in page?.rows {
            let record = record(&row, extent)?;
            let rate = frame_rate(job, &row)?;
            for (format, writer) in &mut writers {
                match format {
                    Format::Native => writer.push(&record, rate)?,
                    _ if record.label.is_none() => {}
                    Format::Coco if !record.item.pictures.is_empty() => {
                        for record in record.clone().by_camera() {
                            writer.push(&record, rate)?;
                        }
                    }
                    _ => writer.push(&record, rate)?,
                }
            }
            if let Some(waiting) = &mut waiting {
                waiting.push(&record).map_err(broken)?;
                for picture in &row.payload.pictures {
                    waiting.picture(&picture.file, address(&picture.address)?);
                }
                if let (Some(place), true) = (&row.address, row.payload.pictures.is_empty()) {
                    waiting.picture(&row.external_id, address(place)?);
                }
            }
            for picture in &row.payload.pictures {
                if let Some(tar) = &mut tar
                    && taken.insert(picture.file.clone())
                {
                    add_picture(tar, job.cx.access().blobs(), &picture.file, &picture.address)?;
                    job.check()?;
                }
            }
            if let (Some(tar), Some(address), true) =
                (&mut tar, &row.address, row.payload.pictures.is_empty())
            {
                let name = picture_name(&row.external_id, record.item.name.as_deref());
                add_picture(tar, job.cx.access().blobs(), name, address)?;
                job.check()?;
            }
            if let (Some(tar), Some(scene)) = (&mut tar, &row.payload.scene) {
                for (file, address) in scene.files() {
                    if taken.insert(file.to_owned()) {
                        add_picture(tar, job.cx.access().blobs(), file, address)?;
                        job.check()?;
                    }
                }
            }
            written.people.extend(row.answers.iter().map(|answer| answer.person));
            written.people.extend(row.comments.iter().map(|comment| comment.person));
            written.people.extend(row.reviews.iter().map(|review| review.reviewer));
            written.tasks += i64::from(record.label.is_some());
            written.open += i64::from(record.label.is_none());
        }
        job.progress(written.tasks, Some(total))?;
    }
    for (format, writer) in writers {
        let (out, loss) = writer.finish()?;
        out.finish().map_err(broken)?;
        written.loss.extend(LossBody::all(format, loss));
    }
    if let Some(tar) = tar {
        tar.finish().and_then(PipeWriter::finish).map_err(broken)?;
    }
    let labels = waiting.map(Waiting::finish).transpose().map_err(broken)?;
    Ok((written, labels))
}

fn address(text: &str) -> Result<BlobAddress> {
    text.parse().map_err(|_| Error::Internal("an item's picture has no address".into()))
}

/// Frames a second of the video of a task; 0 of anything else.
fn frame_rate(job: &JobCx, row: &ExportRow) -> Result<f64> {
    if row.media != Media::Video {
        return Ok(0.0);
    }
    let item = row.item;
    let table = job.cx.store().read_now(move |tx| tx.rendition(item, renditions::FRAMES))?;
    let Some((address, _)) = table else { return Ok(0.0) };
    let mut table = Vec::new();
    job.cx
        .access()
        .blobs()
        .open_read(&ranges::address(&address)?)?
        .read_to_end(&mut table)
        .map_err(broken)?;
    let seconds = Video::from_table(&table).map_or(0.0, |video| video.frame_seconds());
    Ok(if seconds > 0.0 { 1.0 / seconds } else { 0.0 })
}

fn add_picture(
    tar: &mut TarWriter<PipeWriter>,
    blobs: &OrganizationBlobs,
    name: &str,
    address: &str,
) -> Result<()> {
    let mut picture = blobs.open_read(&self::address(address)?)?;
    tar.add(name, picture.length(), &mut picture).map_err(broken)
}

/// What the release says of itself: what is in it, as of when, and the hash of each of its files.
fn manifest(
    job: &JobCx,
    release: &ReleaseRow,
    plan: &Plan,
    written: &Written,
    files: &[ReleaseFile],
) -> Result<Value> {
    let people: Vec<PersonId> = written.people.iter().copied().collect();
    let names = job.cx.app.names.many(job.cx.stores(), &people)?;
    let people = people.iter().map(|person| json!({ "person": person, "name": names.get(person) }));
    let files = files.iter().map(|file| {
        let ReleaseFile { name, bytes, sha256, .. } = file;
        json!({ "name": name, "bytes": bytes, "sha256": sha256 })
    });
    let hash: String = plan.head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({
        "fairmark_release": 1,
        "project": { "id": plan.project.id, "name": plan.project.name, "template": plan.project.template },
        "release": { "id": release.id, "number": release.number, "name": release.name },
        "snapshot_at": Time(plan.snapshot),
        "event": { "seq": plan.head.seq, "hash": hash },
        "ontology_version": plan.project.ontology_version,
        "instructions_version": plan.project.instructions_version,
        "tasks": written.tasks,
        "left_out": plan.tasks - written.tasks,
        "open_tasks": written.open,
        "people": people.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "loss": written.loss,
    }))
}

fn store_manifest(blobs: &OrganizationBlobs, manifest: &Value) -> Result<ReleaseFile> {
    let bytes = serde_json::to_vec_pretty(manifest)?;
    std::thread::scope(|scope| {
        let (mut writer, reader) = pipe();
        let storing = scope.spawn(|| reader.store("manifest.json", blobs));
        writer.write_all(&bytes).and_then(|()| writer.finish()).map_err(broken)?;
        match storing.join() {
            Ok(stored) => Ok(stored?),
            Err(_) => Err(Error::Internal("a thread that stored a release's file panicked".into())),
        }
    })
}
