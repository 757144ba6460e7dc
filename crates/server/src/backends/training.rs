//! Training: a job that hands the labels of a project over to a model, in one call as the protocol has it. They are written down as they
//! are read, up to 64 MiB; what has no room any more is counted.

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
    let total = job.cx.store().read_now(move |tx| tx.counts(project))?.done;
    // One call is one training (the model forgets what the call before it said), so that all of it goes together.
    let (mut labels, mut count, mut seen, mut after) = (Vec::new(), 0_i64, 0_i64, 0);
    'pages: loop {
        let filter = TaskFilter {
            state: Some(TaskState::Done),
            after,
            limit: limits::PAGE_MAX,
            ..TaskFilter::default()
        };
        let page = job.cx.store().read_now(move |tx| tx.list_tasks(project, &filter))?;
        let Some(last) = page.last() else { break };
        after = last.task.id.0;
        for row in page {
            job.progress(seen, Some(total))?;
            if labels.len() >= limits::TRAINING_BYTES_MAX {
                break 'pages;
            }
            seen += 1;
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
            let said = json!({ "id": item.id.0, "data": data, "annotations": [said] });
            if count > 0 {
                labels.push(b',');
            }
            serde_json::to_writer(&mut labels, &said)?;
            count += 1;
        }
    }
    let trained = job.block_on(asking.train(labels))?.map_err(refused)?;
    Ok(json!({ "labels": count, "left": (total - seen).max(0), "job": trained }))
}
