//! Prompts: somebody asks a model about the task in their hands, and points where they mean.
//!
//! - **I1** Only the holder of a slot asks, and only models that the project offers for it.
//! - **I2** The call ends when the caller goes away; nothing waits for it.
//! - **I3** What was suggested is written down before it is shown, so that what became of it can be told.

use super::asking::{Asking, Pointed, Unanswered};
use super::{Kind, Setup};
use crate::auth::{Can, Label};
use crate::intake::{AnswersAs, Gate};
use crate::local::About;
use crate::projects::visible;
use crate::queue::{InHand, in_hand};
use crate::wire::{Body, Page, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use domain::answers::{Answer, Bounds};
use domain::queue::{Command, decide};
use domain::{BackendId, PromptId, SlotId, limits};
use formats::exchange::Prompt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use store::{BackendRow, PromptRow};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_prompters)).routes(routes!(post_prompt))
}

/// A model that may be asked about the task in one's hands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Prompter {
    pub id: String,
    pub name: String,
    /// `picture`: everything in it; `box`, `point`: what is there.
    pub takes: Vec<String>,
}

fn takes(about: Option<&About>) -> Vec<String> {
    let all = ["picture", "box", "point"];
    let wanted =
        if about.is_some_and(|about| about.kind == "segmenter") { &all[1..] } else { &all };
    wanted.iter().map(|&one| one.to_owned()).collect()
}

#[utoipa::path(get, path = "/api/projects/{project}/prompters", tag = "models", params(("project" = String, Path)), responses((status = 200, body = Page<Prompter>)))]
async fn get_prompters(
    cx: Can<Label>,
    Path(project): Path<String>,
) -> Result<Json<Page<Prompter>>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let rows = cx
        .read(move |tx| {
            visible(tx, &inner, project)?;
            Ok(tx.backends_of(project)?)
        })
        .await?;
    let mut items = Vec::new();
    for backend in rows {
        let setup: Setup = serde_json::from_value(backend.setup.clone())?;
        if setup.prompts {
            let takes = takes(cx.app.local.about(&setup.model));
            items.push(Prompter { id: backend.id.to_string(), name: backend.name, takes });
        }
    }
    Ok(Json(Page { items, next_cursor: None }))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptRequest {
    pub fence: i64,
    #[schema(value_type = String)]
    pub backend: BackendId,
    /// The key of the class that is meant; the first of the project where a model needs one and none is.
    #[serde(default)]
    pub class: Option<String>,
    /// Left, top, width, height, in pixels.
    #[serde(default, rename = "box")]
    pub box_: Option<[f64; 4]>,
    /// Of several pictures of one moment, the camera whose picture is meant; needed where a place in it is.
    #[serde(default)]
    pub camera: Option<String>,
    /// At most 64.
    #[serde(default)]
    pub points: Vec<PromptPoint>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptPoint {
    pub x: f64,
    pub y: f64,
    /// Whether it belongs to the thing; true unless told.
    #[serde(default = "yes")]
    pub inside: bool,
}

fn yes() -> bool {
    true
}

/// What a model suggests to whoever asked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PromptBody {
    pub id: String,
    pub model: String,
    #[schema(value_type = Object)]
    pub suggestion: Answer,
    /// 0 to 1, by the id of the object or the span.
    pub scores: BTreeMap<String, f64>,
}

impl PromptRequest {
    fn pointed(&self, bounds: &Bounds) -> Result<Pointed> {
        let is_of_all = self.camera.is_none() && self.box_.is_none() && self.points.is_empty();
        let within = if is_of_all { Ok(bounds.clone()) } else { bounds.of(self.camera.as_deref()) };
        let Bounds { width, height, .. } =
            within.map_err(|(code, message)| Error::invalid("camera", code, message))?;
        let wrong = |path: &str, message: &str| Err(Error::invalid(path, "out_of_range", message));
        let is_in = |x: f64, y: f64| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
        let mut prompts = Vec::new();
        if let Some([x, y, wide, high]) = self.box_ {
            if !(is_in(x, y) && is_in(x + wide, y + high) && wide > 0.0 && high > 0.0) {
                return wrong("box", "the box lies in the picture");
            }
            prompts.push(Prompt::Box([x, y, wide, high]));
        }
        if self.points.len() > limits::PLACES_MAX {
            return Err(Error::invalid("points", "too_many", "at most 64 points"));
        }
        for PromptPoint { x, y, inside } in self.points.iter().copied() {
            if !is_in(x, y) {
                return wrong("points", "every point lies in the picture");
            }
            prompts.push(Prompt::Point { at: [x, y], inside });
        }
        Ok(Pointed { prompts, class: self.class.clone(), camera: self.camera.clone() })
    }
}

/// Asks a model about the task in the caller's hands.
pub async fn prompt(cx: &Cx, slot: SlotId, request: PromptRequest) -> Result<PromptBody> {
    let (inner, wanted) = (cx.clone(), request.clone());
    let (asking, item, pointed) = cx
        .store()
        .write(move |tx| {
            let InHand { slot, task, project } = in_hand(tx, &inner, slot)?;
            let command = Command::Renew { by: inner.person(), fence: wanted.fence };
            decide(&slot.slot, &command, inner.now, project.plan.lease_ms())?;
            let offered = |backend: &BackendRow| {
                let setup = serde_json::from_value::<Setup>(backend.setup.clone());
                backend.project == project.id && setup.is_ok_and(|setup| setup.prompts)
            };
            let backend = tx.backend(wanted.backend)?.filter(offered).ok_or(Error::NotFound)?;
            if tx.count_prompts(slot.id)? >= limits::PROMPTS_MAX {
                let message = "models were asked 500 times about this task: go on by hand";
                return Err(Error::refused("too_many_prompts", message));
            }
            let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
            let mut pointed = wanted.pointed(&item.bounds())?;
            let gate = Gate::open(tx, &inner, project, AnswersAs::Suggestions)?;
            match &pointed.class {
                Some(key) if gate.ontology.class(key).is_none() => {
                    let message = format!("there is no class {key}");
                    return Err(Error::invalid("class", "unknown_class", message));
                }
                Some(_) => {}
                None => {
                    let first = gate.ontology.classes.iter().find(|class| !class.retired);
                    pointed.class = first
                        .filter(|_| Kind::of(&backend).is_ok_and(|kind| kind == Kind::Local))
                        .map(|class| class.key.clone());
                }
            }
            Ok((Asking::new(&inner, gate, &backend)?, item, pointed))
        })
        .await?;
    let said = match asking.ask(std::slice::from_ref(&item), Some(&pointed)).await? {
        Ok(said) => said.into_iter().next(),
        Err(Unanswered(why)) => return Err(Error::refused("model_unanswered", why)),
    };
    let suggestion = match said {
        Some(Ok(suggestion)) => suggestion,
        Some(Err(fault)) => return Err(Error::refused("suggestion_unfit", fault.message)),
        None => return Err(Error::refused("model_unanswered", "the model said nothing")),
    };
    let (inner, backend) = (cx.clone(), request.backend);
    cx.write(&request, move |tx| {
        let InHand { slot, task, .. } = in_hand(tx, &inner, slot)?;
        let now = (inner.app.now)();
        let row = PromptRow {
            id: PromptId(tx.new_id(now)),
            task: task.id,
            slot: slot.id,
            person: inner.person(),
            backend,
            suggestion: suggestion.clone(),
            at: now,
        };
        tx.insert_prompted(&row)?;
        let detail = json!({ "task": task.id, "backend": backend });
        tx.record(now, inner.person(), "slot.prompted", slot.id, detail);
        let store::Suggestion { answer, model, scores } = suggestion.clone();
        let (id, model) = (row.id.to_string(), model.unwrap_or_default());
        Ok(PromptBody { id, model, suggestion: answer, scores })
    })
    .await
}

#[utoipa::path(post, path = "/api/slots/{slot}/prompts", tag = "models", params(("slot" = String, Path)), request_body = PromptRequest, responses((status = 200, body = PromptBody)))]
async fn post_prompt(
    cx: Can<Label>,
    Path(slot): Path<String>,
    Body(body): Body<PromptRequest>,
) -> Result<Json<PromptBody>> {
    Ok(Json(prompt(&cx, id(&slot)?, body).await?))
}
