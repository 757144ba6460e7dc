//! Training: a job that hands labels of a project over to a model, up to a thousand in one call.

use super::asking::{Unanswered, described};
use super::{asking, visible_backend};
use crate::jobs::JobCx;
use crate::{Error, Result};
use domain::projects::Media;
use domain::workflow::TaskState;
use domain::{BackendId, limits};
use formats::exchange::annotation;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::TaskFilter;

pub(crate) const KIND: &str = "train";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Input {
    pub backend: BackendId,
}

pub(crate) fn run(job: &mut JobCx) -> Result<Value> {
    let Input { backend } = job.input()?;
    let project = job.job.project.ok_or(Error::NotFound)?;
    let cx = job.cx.clone();
    let asking = job.cx.store().read_now(move |tx| {
        let backend = visible_backend(tx, &cx, backend)?;
        asking(tx, &cx, &backend)
    })?;
    let refused = |Unanswered(why): Unanswered| Error::refused("not_reached", why);
    job.block_on(asking.check())?.map_err(refused)?;
    let filter = TaskFilter {
        state: Some(TaskState::Done),
        limit: limits::TRAINING_LABELS_MAX as i64,
        ..TaskFilter::default()
    };
    let tasks = job.cx.store().read_now(move |tx| tx.list_tasks(project, &filter))?;
    let total = Some(tasks.len() as i64);
    let mut annotations = Vec::with_capacity(tasks.len());
    for (row, done) in tasks.into_iter().zip(1..) {
        job.progress(done, total)?;
        // What is known of gold is nobody's to learn: a model that has seen it cannot be judged by it.
        if row.task.gold {
            continue;
        }
        let (item, label) = job.cx.store().read_now(move |tx| {
            let item = tx.item(row.task.item)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((item, tx.label(row.task.id)?))
        })?;
        let Some(label) = label else { continue };
        let data = match item.media {
            Media::Text => json!({ "text": item.payload.text }),
            Media::Image => json!({ "image": job.block_on(asking.picture(&item))?? }),
            // No project of these has a model to ask.
            Media::Video | Media::Cloud => continue,
        };
        let said = annotation(described(&item), &label.value, &asking.gate.ontology);
        annotations.push(json!({ "id": item.id.0, "data": data, "annotations": [said] }));
    }
    let count = annotations.len();
    let trained = job.block_on(asking.train(annotations))?.map_err(refused)?;
    Ok(json!({ "labels": count, "job": trained }))
}
