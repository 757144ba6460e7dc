//! A release of ours, read back: documents, items, labels, and the answers and reviews behind them.
//!
//! - **Z1** Versions of the ontology and the instructions that the project does not have become its next
//!   ones, in their order; each label, answer and review keeps the version that it was made under.
//! - **Z2** A task that nobody has begun takes over the label, the answers and the reviews of the file. One
//!   that people have worked on stays as it is.
//! - **Z3** Pictures travel apart: they are found by external id or by name among what was uploaded.

use super::Input;
use super::batch::Loader;
use super::manifest::{self, Resolved, fault_of};
use crate::intake::{self, Fault, Gate, Ready, Row, Source};
use crate::jobs::JobCx;
use crate::{Cx, Error, Result};
use domain::answers::{Answer, Bounds, CameraBounds};
use domain::cameras::{self, NewPicture};
use domain::ontology::Ontology;
use domain::projects::Plan;
use domain::queue::{Slot, State};
use domain::workflow::{Method, Stage, TaskState, Verdict};
use domain::{AnswerId, PersonId, ProjectId, SlotId, SubmissionId, TaskId, Timestamp, limits};
use formats::native::{self, NativeError, NativeReader};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use store::{
    Consensus, ConsensusPart, ConsensusRow, CountDelta, NewAnswer, NewLabel, NewReview, TaskRow,
    Touch, Tx, Versioned,
};

/// Records in one commit: a record may hold many answers.
const BATCH_RECORDS: usize = 200;

/// Which of our versions the versions of the file are.
#[derive(Clone, Default)]
struct Versions {
    ontology: HashMap<u64, i64>,
    instructions: HashMap<u64, i64>,
}

pub(super) fn run(job: &mut JobCx, gate: Gate, input: &Input) -> Result<Value> {
    let refusal = |error: NativeError| match error {
        NativeError::Io(error) => Error::Internal(error.to_string()),
        error => Error::invalid("upload", error.code(), error.to_string()),
    };
    let reader = NativeReader::open(input.open(&job.cx)?).map_err(refusal)?;
    let versions = documents(job, &gate, reader.project(), input.dry_run)?;
    let gate = open_again(job, &gate)?;
    let mut loader = Loader::begin(job, gate, input.dry_run)?;
    let mut row = 1;
    let mut batch = Vec::new();
    for record in reader {
        row += 1;
        match record.map_err(refusal)? {
            Ok(_) if loader.is_behind(row) => {}
            Err(error) if loader.is_behind(row) || loader.is_behind(error.row) => {}
            Err(error) => loader.refuse(row, fault_of(&error))?,
            Ok(record) => match ready(&loader, &record)? {
                Ok(ready) => batch.push((row, ready, record)),
                Err(fault) => loader.refuse(row, fault.at(row, &record.item.external_id))?,
            },
        }
        if batch.len() >= BATCH_RECORDS || loader.job.is_due() {
            restore_all(&mut loader, &versions, std::mem::take(&mut batch))?;
        }
    }
    restore_all(&mut loader, &versions, batch)?;
    loader.finish()
}

fn open_again(job: &JobCx, gate: &Gate) -> Result<Gate> {
    let (cx, project, answers) = (job.cx.clone(), gate.project.id, gate.answers);
    job.cx.store().read_now(move |tx| {
        let project = tx.project(project)?.ok_or(Error::NotFound)?;
        Gate::open(tx, &cx, project, answers)
    })
}

/// Brings over the versions that the project does not have (Z1). Safe to repeat: a version that is there
/// is recognized by its content.
fn documents(
    job: &mut JobCx,
    gate: &Gate,
    file: &native::Project,
    dry_run: bool,
) -> Result<Versions> {
    let unfit = |what: &str, error: String| {
        Error::invalid("upload", "unfit_document", format!("{what}: {error}"))
    };
    let mut ontologies = Vec::new();
    for version in &file.ontology {
        let ontology: Ontology = serde_json::from_value(version.value.clone())
            .map_err(|error| unfit("an ontology does not read", error.to_string()))?;
        if let Some(problem) = ontology.check().first() {
            return Err(unfit("an ontology is not valid", problem.message.clone()));
        }
        ontologies.push((version.version, ontology));
    }
    let mut instructions = Vec::new();
    for version in &file.instructions {
        let text = version.value.as_str().ok_or_else(|| unfit("instructions", "no text".into()))?;
        instructions.push((version.version, text.to_string()));
    }
    let plan: Option<Plan> = serde_json::from_value(file.plan.clone())
        .ok()
        .filter(|plan: &Plan| plan.check().is_empty());
    let (project, by, now) = (gate.project.id, job.cx.person(), job.now());
    if dry_run {
        let newest = |list: Vec<u64>, newest: i64| -> HashMap<u64, i64> {
            list.into_iter().map(|version| (version, newest)).collect()
        };
        return Ok(Versions {
            ontology: newest(
                ontologies.iter().map(|(version, _)| *version).collect(),
                gate.project.ontology_version,
            ),
            instructions: newest(
                instructions.iter().map(|(version, _)| *version).collect(),
                gate.project.instructions_version,
            ),
        });
    }
    job.write(move |tx| {
        let mut versions = Versions::default();
        let before = tx.hold_project(project)?.ok_or(Error::NotFound)?;
        let mut after = before.clone();
        let mut at = 1;
        for (version, ontology) in &ontologies {
            let ours = match find(ontology, at, after.ontology_version, |v| Ok(tx.ontology(project, v)?.map(|o| o.document)))? {
                Some(ours) => ours,
                None => {
                    after.ontology_version += 1;
                    let document = ontology.clone();
                    let version = after.ontology_version;
                    tx.insert_ontology(project, &Versioned { version, document, created_by: by, created_at: now })?;
                    version
                }
            };
            versions.ontology.insert(*version, ours);
            at = ours;
        }
        at = 1;
        for (version, text) in &instructions {
            let ours = match find(text, at, after.instructions_version, |v| Ok(tx.instructions(project, v)?.map(|i| i.document)))? {
                Some(ours) => ours,
                None => {
                    after.instructions_version += 1;
                    let (version, document) = (after.instructions_version, text.clone());
                    tx.insert_instructions(project, &Versioned { version, document, created_by: by, created_at: now })?;
                    version
                }
            };
            versions.instructions.insert(*version, ours);
            at = ours;
        }
        let counts = tx.counts(project)?;
        if let (Some(plan), 0) = (&plan, counts.tasks()) {
            after.plan = plan.clone();
        }
        if after != before {
            after.version += 1;
            tx.save_project(before.version, &after)?;
            let detail = json!({ "version": after.version, "ontology_version": after.ontology_version,
                                 "instructions_version": after.instructions_version });
            tx.record(now, by, "project.restored", project, detail);
        }
        Ok(versions)
    })
}

/// Which of our versions, from `from` on, is this document.
fn find<T: PartialEq>(
    wanted: &T,
    from: i64,
    newest: i64,
    mut read: impl FnMut(i64) -> Result<Option<T>>,
) -> Result<Option<i64>> {
    for version in from..=newest {
        if read(version)?.as_ref() == Some(wanted) {
            return Ok(Some(version));
        }
    }
    Ok(None)
}

/// What an answer may reach on several pictures, by what the file says of them.
fn described_bounds(pictures: &[NewPicture]) -> Bounds {
    let each = |one: &NewPicture| CameraBounds {
        name: one.name.clone(),
        width: one.width.unwrap_or_default().into(),
        height: one.height.unwrap_or_default().into(),
    };
    Bounds { cameras: pictures.iter().map(each).collect(), ..Bounds::default() }
}

/// The item of a record, as it goes in if it is not there: its label comes behind it.
fn ready(loader: &Loader<'_>, record: &native::Record) -> Result<Result<Option<Ready>, Fault>> {
    let native::Item { external_id, name, metadata, text, width, height, .. } = &record.item;
    let project = loader.gate.project.id;
    if let Some(label) = &record.label {
        let size = width.zip(*height).map(|(width, height)| (width.into(), height.into()));
        let bounds = match &record.item.scene {
            // How many points its clouds have is known once they are found.
            Some(scene) => Bounds { clouds: Some(scene.clouds.len() as u64), ..Bounds::default() },
            None if !record.item.pictures.is_empty() => described_bounds(&record.item.pictures),
            None => intake::bounds(size, None, text.as_deref()),
        };
        if let Err(fault) = loader.gate.answer(label.value.clone(), bounds) {
            return Ok(Err(fault));
        }
        for answer in &label.provenance.answers {
            if let Err(error) = serde_json::from_value::<Answer>(answer.value.clone()) {
                let message = format!("an answer behind the label does not read: {error}");
                return Ok(Err(Fault::new("label.provenance.answers", "wrong_type", message)));
            }
        }
    }
    let source = match (text, &record.item.scene) {
        (Some(text), _) => Source::Text(text.clone()),
        (None, Some(scene)) => {
            let found = scene.check().map_err(Fault::from);
            match found.map(|()| manifest::resolve_scene(loader, project, external_id, scene)) {
                Ok(Ok(Ok(Resolved::New(source)))) => source,
                Ok(Ok(Ok(Resolved::There(_)))) => return Ok(Ok(None)),
                Ok(Ok(Err(fault))) | Err(fault) => return Ok(Err(fault)),
                Ok(Err(error)) => return Err(error),
            }
        }
        (None, None) if !record.item.pictures.is_empty() => {
            let pictures = &record.item.pictures;
            let found = cameras::check(pictures).map_err(Fault::from);
            match found.map(|()| manifest::resolve_pictures(loader, project, external_id, pictures))
            {
                Ok(Ok(Ok(Resolved::New(source)))) => source,
                Ok(Ok(Ok(Resolved::There(_)))) => return Ok(Ok(None)),
                Ok(Ok(Err(fault))) | Err(fault) => return Ok(Err(fault)),
                Ok(Err(error)) => return Err(error),
            }
        }
        (None, None) => {
            let mut found = manifest::resolve(loader, project, external_id, external_id)?;
            if let (Err(_), Some(name)) = (&found, name) {
                found = manifest::resolve(loader, project, external_id, name)?;
            }
            match found {
                Ok(Resolved::New(source)) => source,
                Ok(Resolved::There(_)) => return Ok(Ok(None)),
                Err(fault) => return Ok(Err(fault)),
            }
        }
    };
    let row = Row {
        external_id: external_id.clone(),
        source,
        metadata: metadata.clone(),
        priority: Some(record.task.priority.into()),
        answer: record.known.clone(),
        gold: record.known.is_some(),
    };
    let judged = loader.gate.judge(row).map(|(mut item, renditions)| {
        if let Some(name) = name {
            item.payload.name = intake::checked_name(name);
        }
        Some((item, renditions))
    });
    Ok(judged)
}

type Read = (u64, Option<Ready>, native::Record);

/// Adds the items that are new and takes over what came about with them: one commit.
fn restore_all(loader: &mut Loader<'_>, versions: &Versions, batch: Vec<Read>) -> Result<()> {
    let Some((last, ..)) = batch.last() else { return Ok(()) };
    let last = *last;
    loader.settle()?;
    if loader.dry_run {
        for (row, ready, _) in batch {
            match ready {
                Some(ready) => loader.take(row, "", Ok(ready))?,
                None => loader.repeat(row)?,
            }
        }
        return Ok(());
    }
    let (cx, project, place) =
        (loader.cx().clone(), loader.gate.project.clone(), loader.place.clone());
    let (batch, versions) = (Arc::new(batch), versions.clone());
    let after = loader.job.write_at(move |tx| {
        let mut place = place.clone();
        for (_, ready, record) in batch.iter() {
            let new = match ready {
                Some(ready) => intake::add(tx, &cx, &project, std::slice::from_ref(ready))?
                    .first()
                    .copied()
                    .flatten(),
                None => None,
            };
            let item = match new {
                Some(item) => Some(item),
                None => tx
                    .item_by_external_id(project.id, &record.item.external_id)?
                    .map(|item| item.id),
            };
            let task = item.map(|item| tx.task_of_item(item)).transpose()?.flatten();
            let task = task.map(|task| tx.hold_task(task)).transpose()?.flatten();
            let restored = match task {
                Some(task) => restore(tx, &cx, project.id, &versions, task, record)?,
                None => false,
            };
            place.rows += 1;
            match (new.is_some(), restored) {
                (true, _) => place.created += 1,
                (false, true) => place.answered += 1,
                (false, false) => place.repeated += 1,
            }
        }
        place.row = last;
        Ok((place.clone(), place))
    })?;
    loader.job.job.done = after.rows;
    loader.place = after;
    loader.job.check()
}

/// Takes over what the file knows of a task (Z2); answers whether there was anything to take over.
fn restore(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: ProjectId,
    versions: &Versions,
    mut task: TaskRow,
    record: &native::Record,
) -> Result<bool> {
    let untouched =
        task.state == TaskState::Queued && task.answers == 0 && task.open == task.overlap;
    let is_canceled = record.task.state == "canceled";
    let is_stuck = record.task.state == "error";
    if !untouched
        || (record.label.is_none() && record.so_far.is_none() && !is_canceled && !is_stuck)
    {
        return Ok(false);
    }
    let now = (cx.app.now)();
    let (before, overlap) = (task.version, task.overlap);
    if let Some(label) = &record.label {
        let given = &label.provenance.answers;
        let ids = said(tx, project, versions, &task, given, &label.provenance.reviews)?;
        let value: Answer = serde_json::from_value(label.value.clone())?;
        let from = given.iter().rev().find(|answer| answer.value == label.value);
        let provenance = &label.provenance;
        let together = together(task.id, label, &value, &ids, now);
        if let Some(together) = &together {
            tx.save_consensus(together)?;
        }
        let new = NewLabel {
            fused: together.is_some(),
            task: task.id,
            answer: match &together {
                Some(_) => None,
                None => from.map(|answer| ids[answer.id.as_str()]),
            },
            body: &serde_json::to_vec(&value)?,
            confidence: label.confidence,
            calibrated: label.calibrated && label.confidence.is_some(),
            claimed: None,
            model: label.model.as_deref(),
            method: label.method.parse().unwrap_or(Method::Imported),
            ontology_version: versions
                .ontology
                .get(&provenance.ontology_version)
                .copied()
                .unwrap_or(1),
            instructions_version: versions
                .instructions
                .get(&provenance.instructions_version)
                .copied()
                .unwrap_or(1),
        };
        tx.save_label(&new, now)?;
        let standing = given.iter().filter(|answer| answer.superseded_by.is_none()).count() as i64;
        task.answers = standing.min(limits::OVERLAP_MAX);
        task.overlap = task.overlap.max(task.answers);
        task.state = TaskState::Done;
        (task.open, task.again) = (0, false);
    } else {
        if let Some(so_far) = &record.so_far {
            restore_open(tx, cx, project, versions, &mut task, so_far)?;
        }
        if is_canceled || is_stuck {
            task.state = if is_canceled { TaskState::Canceled } else { TaskState::Error };
            (task.open, task.again) = (0, false);
        }
    }
    task.version += 1;
    task.updated_at = now;
    tx.save_task(before, &task)?;
    let mut delta =
        CountDelta::default().moved(TaskState::Queued, task.state).answers(task.answers);
    delta.0.wanted += task.overlap - overlap;
    tx.add_counts(project, &delta)?;
    let detail = json!({ "task": task.id, "task_state": task.state, "stage": task.stage, "open": task.open, "answers": task.answers });
    tx.record(now, cx.person(), "task.restored", task.id, detail);
    Ok(true)
}

/// Takes over what was said of a task that had no label, and lets it go on from there: what was sent back,
/// or is still wanted, anybody may do.
fn restore_open(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: ProjectId,
    versions: &Versions,
    task: &mut TaskRow,
    so_far: &native::SoFar,
) -> Result<()> {
    said(tx, project, versions, task, &so_far.answers, &so_far.reviews)?;
    let standing = tx.standing_answers(task.id)?;
    task.answers = (standing.len() as i64).min(limits::OVERLAP_MAX);
    task.overlap = task.overlap.max(task.answers);
    task.open = task.overlap - task.answers;
    if task.answers > 0 {
        let project = tx.project(project)?.ok_or(Error::NotFound)?;
        crate::workflow::advance(tx, cx, &project, task, &standing)?;
    }
    Ok(())
}

/// What a label was made of, where it is what several answers say together; nothing where the file names answers that it does not have.
fn together(
    task: TaskId,
    label: &native::Label,
    value: &Answer,
    ids: &HashMap<&str, AnswerId>,
    now: Timestamp,
) -> Option<ConsensusRow> {
    let mut answers = Vec::new();
    let parts: Option<Vec<ConsensusPart>> = label
        .parts
        .iter()
        .map(|part| {
            let marks = part.from.iter();
            let marks = marks.map(|from| Some((*ids.get(from.answer.as_str())?, from.id.clone())));
            let marks: Vec<(AnswerId, String)> = marks.collect::<Option<_>>()?;
            answers.extend(marks.iter().map(|(answer, _)| *answer));
            let confidence = part.confidence.clamp(0.0, 1.0);
            Some(ConsensusPart {
                id: part.id.clone(),
                presence: confidence,
                confidence,
                claimed: None,
                marks,
            })
        })
        .collect();
    let parts = parts.filter(|parts| !parts.is_empty())?;
    answers.sort_unstable();
    answers.dedup();
    Some(ConsensusRow {
        task,
        nearest: answers.first().copied()?,
        said: Consensus { value: Some(value.clone()), answers, parts },
        confidence: label.confidence,
        calibrated: label.calibrated && label.confidence.is_some(),
        claimed: None,
        model: label.model.clone(),
        at: now,
    })
}

/// Records the answers and reviews of a task; answers what became of their names.
fn said<'a>(
    tx: &mut Tx<'_>,
    project: ProjectId,
    versions: &Versions,
    task: &TaskRow,
    given: &'a [native::Answer],
    reviews: &[native::Review],
) -> Result<HashMap<&'a str, AnswerId>> {
    let mut ids: HashMap<&str, AnswerId> = HashMap::new();
    let mut slots = HashMap::new();
    for answer in given {
        let (id, slot) = insert_answer(tx, project, versions, task, answer)?;
        ids.insert(&answer.id, id);
        slots.insert(id, slot);
    }
    for answer in given {
        let id = ids[answer.id.as_str()];
        if answer.superseded_by.is_some() {
            tx.set_answer_state(id, "standing", "superseded")?;
        } else if answer.rejected {
            tx.set_answer_state(id, "standing", "rejected")?;
        }
    }
    for (review, number) in reviews.iter().zip(0..) {
        insert_review(tx, project, task, given, &ids, &slots, review, number)?;
    }
    Ok(ids)
}

/// A name of our own for what the file names: the same in every attempt, and in no other project.
fn name(project: ProjectId, kind: &str, id: &str) -> Result<SubmissionId> {
    let hash = blake3::hash(format!("{project} {kind} {id}").as_bytes()).to_hex();
    format!("sub_{}", &hash[..32])
        .parse()
        .map_err(|_| Error::Internal("a submission's name".into()))
}

fn person(text: &str) -> PersonId {
    // Somebody of another installation is nobody here.
    text.parse().unwrap_or(PersonId(0))
}

fn insert_answer(
    tx: &mut Tx<'_>,
    project: ProjectId,
    versions: &Versions,
    task: &TaskRow,
    given: &native::Answer,
) -> Result<(AnswerId, SlotId)> {
    let (at, by) = (Timestamp(given.submitted_at), person(&given.contributor));
    let answer: Answer = serde_json::from_value(given.value.clone())?;
    let (body, digest) = crate::queue::seal_ready(&answer)?;
    let submission = name(project, "answer", &given.id)?;
    let held = Slot { fence: 1, state: State::Held { by, until: at }, reserved_for: None };
    let slot = tx.insert_slot(SlotId(tx.new_id(at)), task, &held, at)?.id;
    let state = State::Answered { by, submission: submission.clone(), digest: digest.clone() };
    tx.save_slot(slot, &held, &Slot { state, ..held.clone() }, at)?;
    let new = NewAnswer {
        id: AnswerId(tx.new_id(at)),
        submission: &submission,
        slot,
        task: task.id,
        project,
        person: by,
        stage: Stage::Label,
        body: &body,
        digest: &digest,
        active_ms: 0,
        ontology_version: versions.ontology.get(&given.ontology_version).copied().unwrap_or(1),
        instructions_version: versions
            .instructions
            .get(&given.instructions_version)
            .copied()
            .unwrap_or(1),
    };
    if !tx.insert_answer(&new, at)? {
        return Err(store::Error::Conflict.into());
    }
    // Somebody of this installation is not given the task again (I11).
    if by != PersonId(0) {
        tx.set_touch(task.id, by, Stage::Label, Touch::Answered, at)?;
    }
    Ok((new.id, slot))
}

#[allow(clippy::too_many_arguments, reason = "the parts of one label, taken apart once")]
fn insert_review(
    tx: &mut Tx<'_>,
    project: ProjectId,
    task: &TaskRow,
    given: &[native::Answer],
    ids: &HashMap<&str, AnswerId>,
    slots: &HashMap<AnswerId, SlotId>,
    review: &native::Review,
    number: usize,
) -> Result<()> {
    let verdict = match review.verdict.as_str() {
        "accept" | "accepted" => Verdict::Accept,
        "fix" | "fixed" => Verdict::Fix,
        _ => Verdict::Reject,
    };
    let proposal: Option<Answer> =
        review.proposal.clone().map(serde_json::from_value).transpose()?;
    // A review is of the last answer that was there by then; a fix is the one that took its place.
    let reviewed = given.iter().rev().find(|answer| {
        answer.submitted_at <= review.at
            && (verdict == Verdict::Accept || answer.superseded_by.is_some())
    });
    let Some(reviewed) = reviewed.or(given.last()) else { return Ok(()) };
    let fixed = reviewed.superseded_by.as_deref().and_then(|next| ids.get(next)).copied();
    let (verdict, fixed) = match verdict {
        Verdict::Fix if fixed.is_none() => (Verdict::Accept, None),
        Verdict::Fix => (Verdict::Fix, fixed),
        other => (other, None),
    };
    let answer = ids[reviewed.id.as_str()];
    let new = NewReview {
        submission: &name(project, "review", &format!("{} {number}", reviewed.id))?,
        slot: slots[&answer],
        task: task.id,
        answer,
        reviewer: person(&review.reviewer),
        verdict,
        clause: review.clause.as_deref(),
        reason: review.reason.as_deref(),
        proposal: proposal.as_ref(),
        fixed,
        active_ms: 0,
    };
    tx.insert_review(&new, Timestamp(review.at))?;
    Ok(())
}
