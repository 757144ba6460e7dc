//! What was suggested, and what became of it: read off the suggestions and the answers as they are kept (G3).

use crate::auth::{Can, SeeLabels};
use crate::projects::visible;
use crate::wire::{Page, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use domain::answers::Answer;
use domain::suggestions::{Fate, Outcome, outcomes};
use domain::workflow::Stage;
use domain::{ProjectId, TaskId, limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{AnswerRow, Suggestion, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_outcomes)).routes(routes!(get_suggestions))
}

/// What was suggested for a task, and what each answer made of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskSuggestion {
    /// The model with its version; none where it came with the data.
    pub model: Option<String>,
    /// When somebody asked for it; none where it was there before anybody began.
    pub asked_at: Option<Time>,
    #[schema(value_type = Object)]
    pub suggestion: Answer,
    /// 0 to 1, by the id of the object or the span.
    pub scores: BTreeMap<String, f64>,
    pub answers: Vec<AnswerOutcomes>,
}

/// What one answer made of a suggestion.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnswerOutcomes {
    pub answer: String,
    pub person: String,
    /// Of each object: `{id, class, fate: "kept"|"changed"|"rejected", changed?: ["class", "shape", "attributes"]}`.
    #[schema(value_type = Vec<Object>)]
    pub outcomes: Vec<Outcome>,
}

/// What people made of what a model suggested.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelOutcomes {
    /// The model with its version.
    pub model: String,
    /// Answers to tasks for which it suggested something.
    pub answers: i64,
    pub kept: i64,
    pub changed: i64,
    pub rejected: i64,
    /// By the key of the class that was suggested.
    pub classes: BTreeMap<String, ClassOutcomes>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClassOutcomes {
    pub kept: i64,
    pub changed: i64,
    pub rejected: i64,
}

/// Answers that a suggestion was put before: those of the label stage, each person's last.
fn answers_to(tx: &mut Tx<'_>, task: TaskId) -> Result<Vec<AnswerRow>> {
    let mut answers = tx.answers_of(task)?;
    answers.retain(|answer| answer.stage == Stage::Label && answer.state != "superseded");
    Ok(answers)
}

pub fn of_task(tx: &mut Tx<'_>, task: TaskId) -> Result<Vec<TaskSuggestion>> {
    let answers = answers_to(tx, task)?;
    let told = |suggestion: Suggestion, asked_at, answers: Vec<&AnswerRow>| TaskSuggestion {
        answers: answers
            .into_iter()
            .map(|row| AnswerOutcomes {
                answer: row.id.to_string(),
                person: row.person.to_string(),
                outcomes: outcomes(&suggestion.answer, &row.answer),
            })
            .collect(),
        model: suggestion.model,
        asked_at,
        suggestion: suggestion.answer,
        scores: suggestion.scores,
    };
    let mut all = Vec::new();
    if let Some(suggestion) = tx.suggestion(task)? {
        all.push(told(suggestion, None, answers.iter().collect()));
    }
    for prompt in tx.prompted_of(task)? {
        // Nobody but the one who asked was shown it.
        let own =
            answers.iter().filter(|row| row.slot == prompt.slot && row.person == prompt.person);
        all.push(told(prompt.suggestion, Some(prompt.at.into()), own.collect()));
    }
    Ok(all)
}

/// What became of what each model suggested, over the latest tasks that have answers.
pub fn of_project(tx: &mut Tx<'_>, project: ProjectId) -> Result<Vec<ModelOutcomes>> {
    let mut models: BTreeMap<String, ModelOutcomes> = BTreeMap::new();
    for task in tx.suggested_and_answered(project, limits::OUTCOMES_MAX)? {
        for suggestion in of_task(tx, task)? {
            let Some(model) = suggestion.model else { continue };
            let found = models
                .entry(model.clone())
                .or_insert_with(|| ModelOutcomes { model, ..ModelOutcomes::default() });
            for answer in suggestion.answers {
                found.answers += 1;
                for outcome in answer.outcomes {
                    let class = found.classes.entry(outcome.class.unwrap_or_default()).or_default();
                    let (all, of_class) = match outcome.fate {
                        Fate::Kept => (&mut found.kept, &mut class.kept),
                        Fate::Changed => (&mut found.changed, &mut class.changed),
                        Fate::Rejected => (&mut found.rejected, &mut class.rejected),
                    };
                    *all += 1;
                    *of_class += 1;
                }
            }
        }
    }
    Ok(models.into_values().collect())
}

#[utoipa::path(get, path = "/api/projects/{project}/outcomes", tag = "models", params(("project" = String, Path)), responses((status = 200, body = Page<ModelOutcomes>)))]
async fn get_outcomes(
    cx: Can<SeeLabels>,
    Path(project): Path<String>,
) -> Result<Json<Page<ModelOutcomes>>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let items = cx
        .read(move |tx| {
            visible(tx, &inner, project)?;
            of_project(tx, project)
        })
        .await?;
    Ok(Json(Page { items, next_cursor: None }))
}

#[utoipa::path(get, path = "/api/tasks/{task}/suggestions", tag = "models", params(("task" = String, Path)), responses((status = 200, body = Page<TaskSuggestion>)))]
async fn get_suggestions(
    cx: Can<SeeLabels>,
    Path(task): Path<String>,
) -> Result<Json<Page<TaskSuggestion>>> {
    let task = id(&task)?;
    let inner: Cx = (*cx).clone();
    let items = cx
        .read(move |tx| {
            let row = tx.task(task)?.ok_or(Error::NotFound)?;
            visible(tx, &inner, row.project)?;
            of_task(tx, task)
        })
        .await?;
    Ok(Json(Page { items, next_cursor: None }))
}
