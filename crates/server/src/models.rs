//! Models that answer: each is a contributor without a login, whose predictions are answers like any other, weighed by a confusion
//! matrix of its own.
//!
//! - **N1** A prediction takes one of the answers that a task asks for. Only adaptive plans take any: there a model that is often wrong weighs
//!   little, and under a fixed number it would stand in the place of a person.
//! - **N2** Nobody who labels is shown a prediction: it is an opinion, not a suggestion.
//! - **N3** A model is one person for each organization and name, earns nothing, and is given no task twice.

use crate::auth::{Can, ManageProjects};
use crate::imports::AddError;
use crate::projects::visible;
use crate::queue::{AnswerRequest, answer, claim_exact, release};
use crate::wire::{Body, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use domain::answers::Answer;
use domain::people::Role;
use domain::{Actor, OrganizationId, PersonId, ProjectId, SubmissionId, TaskId, limits};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Person, PersonKind};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(post_predictions))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Predictions {
    /// The name of the model, with its version: each name is a contributor of its own.
    pub model: String,
    /// At most 1,000.
    pub predictions: Vec<Prediction>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    pub external_id: String,
    #[schema(value_type = Object)]
    pub answer: Answer,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PredictionsTaken {
    pub taken: i64,
    /// Predictions for tasks that this model has answered before.
    pub repeated: i64,
    pub errors: Vec<AddError>,
}

/// The same for the same organization, kind and name, and nobody else's.
fn person_of(organization: OrganizationId, kind: PersonKind, name: &str) -> PersonId {
    let kind = if kind == PersonKind::Model { "model" } else { "person" };
    let hash = blake3::hash(format!("{kind} {organization} {name}").as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    PersonId(i64::from_le_bytes(bytes) & i64::MAX)
}

/// Lets somebody answer who has no login: a model, or a person under the name that a file of answers has. The context
/// in which they do; it is not paid.
pub(crate) async fn enroll(cx: &Cx, kind: PersonKind, name: &str) -> Result<Cx> {
    let organization = cx.actor().organization;
    let (person, by, now) = (person_of(organization, kind, name), cx.person(), cx.now);
    let (name, event) = match kind {
        PersonKind::Model => (format!("Model {name}"), "model.enrolled"),
        _ => (name.to_owned(), "person.brought_in"),
    };
    let person = cx
        .stores()
        .control()
        .write(move |tx| {
            if tx.person(person)?.is_some() {
                return Ok(person);
            }
            let new = Person {
                id: person,
                kind,
                email: None,
                name: name.clone(),
                password_hash: None,
                operator: false,
                disabled: false,
            };
            tx.insert_person(&new, now)?;
            tx.record(now, by, event, person, json!({ "organization": organization }));
            Ok::<_, Error>(person)
        })
        .await?;
    let actor = Actor { person, role: Role::Contributor, ..cx.actor() };
    let stores = cx.stores().clone();
    let access = tokio::task::spawn_blocking(move || stores.access_for_job(actor)).await;
    let access = access.map_err(|error| Error::Internal(error.to_string()))??;
    Ok(Cx::for_model(&cx.app, access, cx.now))
}

/// Takes a model's predictions as its answers, each by itself.
pub async fn take(cx: &Cx, project: ProjectId, request: Predictions) -> Result<PredictionsTaken> {
    let name = crate::people::checked_name("model", &request.model)?;
    if request.predictions.len() > limits::ITEMS_PER_CALL_MAX {
        let message = "at most 1,000 predictions in one call";
        return Err(Error::invalid("predictions", "too_many", message));
    }
    let inner = cx.clone();
    let ids: Vec<String> =
        request.predictions.iter().map(|prediction| prediction.external_id.clone()).collect();
    let tasks = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            if !project.plan.is_adaptive() {
                let message = "predictions are weighed under an adaptive plan only; import them as suggestions instead";
                return Err(Error::refused("not_adaptive", message));
            }
            let mut tasks = Vec::with_capacity(ids.len());
            for id in &ids {
                let item = tx.item_by_external_id(project.id, id)?;
                tasks.push(item.map(|item| tx.task_of_item(item.id)).transpose()?.flatten());
            }
            Ok(tasks)
        })
        .await?;
    let model = enroll(cx, PersonKind::Model, &name).await?;
    let mut taken = PredictionsTaken::default();
    for ((prediction, task), row) in request.predictions.into_iter().zip(tasks).zip(1..) {
        let refused = match task {
            None => Err(Error::refused("unknown_item", "there is no item of this external id")),
            Some(task) => {
                let Prediction { external_id, answer } = prediction;
                give(&model, project, task, &external_id, answer).await
            }
        };
        let (code, message) = match refused {
            Ok(()) => {
                taken.taken += 1;
                continue;
            }
            Err(Error::Refused { code: "had_before", .. }) => {
                taken.repeated += 1;
                continue;
            }
            Err(Error::Refused { code, message }) => (code.to_string(), message),
            Err(Error::Invalid(problems)) => match problems.into_iter().next() {
                Some(problem) => (problem.code, format!("{}: {}", problem.path, problem.message)),
                None => ("invalid".into(), "the answer is not valid".into()),
            },
            Err(error) => return Err(error),
        };
        taken.errors.push(AddError { row, field: "answer".into(), code, message });
    }
    Ok(taken)
}

/// Claims the very task and answers it; the same answer to the same item is one submission, however often it is given.
pub(crate) async fn give(
    who: &Cx,
    project: ProjectId,
    task: TaskId,
    external_id: &str,
    given: Answer,
) -> Result<()> {
    let (slot, fence) = claim_exact(who, task).await?;
    let seed = format!("{project} {} {external_id}", who.person());
    let hash = blake3::hash(seed.as_bytes()).to_hex();
    let submission: SubmissionId = format!("sub_{}", &hash[..32])
        .parse()
        .map_err(|_| Error::Internal("a submission's name".into()))?;
    let request = AnswerRequest {
        submission,
        fence,
        answer: given,
        active_ms: 0,
        ontology_version: None,
        instructions_version: None,
        claim_next: 0,
        holding: vec![],
    };
    let given = answer(who, slot, request).await;
    if given.is_err() {
        release(who, slot, fence).await?;
    }
    given.map(|_| ())
}

#[utoipa::path(post, path = "/api/projects/{project}/predictions", tag = "quality", params(("project" = String, Path)), request_body = Predictions, responses((status = 200, body = PredictionsTaken)))]
async fn post_predictions(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(body): Body<Predictions>,
) -> Result<Json<PredictionsTaken>> {
    Ok(Json(take(&cx, id(&project)?, body).await?))
}
