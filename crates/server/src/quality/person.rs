//! How far one person of a project can be relied on: the same page for those who review and for the person.
//!
//! Whoever it is about is told of gold a day later (Q4), and not what is believed of them besides: that moves with gold that they were not told of yet.

use super::{BAR, DriftBody, SCORES_MAX, ShareBody, WeekBody, drift, flagged, weeks};
use crate::auth::{Can, SeeOwnWork};
use crate::brain;
use crate::items;
use crate::projects::visible;
use crate::tasks::NamedPerson;
use crate::wire::{Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::answers::Answer;
use domain::people::Permission;
use domain::{PersonId, ProjectId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;
use store::ScoreRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_person)).routes(routes!(get_person_csv))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonQualityBody {
    pub person: NamedPerson,
    pub project: String,
    pub project_name: String,
    /// Standing answers of the label stage.
    pub answers: i64,
    /// How likely they are right, by all that the model knows; for reviewers only.
    pub skill: Option<f64>,
    /// Their answers to gold, and everybody's.
    pub gold: ShareBody,
    pub crowd: ShareBody,
    /// The share of right answers below which the evidence counts against them; nothing before there is gold.
    pub bar: Option<f64>,
    /// Whether the evidence is that they are right too seldom (V3).
    pub flagged: bool,
    pub drift: Vec<DriftBody>,
    pub weeks: Vec<WeekBody>,
    /// Their answers to gold, the latest first.
    pub scores: Vec<PersonScoreBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonScoreBody {
    pub answer: String,
    /// For reviewers only.
    pub task: Option<String>,
    /// What the item is called.
    pub name: String,
    pub correct: bool,
    /// 0 to 1.
    pub likeness: f64,
    #[schema(value_type = Object)]
    pub given: Answer,
    #[schema(value_type = Object)]
    pub known: Answer,
    pub at: Time,
    /// What became of their word against it: `open`, `upheld` or `overturned`.
    pub contest: Option<String>,
}

const SCORES_SHOWN: usize = 200;

/// How one person does in a project: for those who review, and for that person.
pub async fn of(cx: &Cx, project: ProjectId, person: PersonId) -> Result<PersonQualityBody> {
    let reviews = cx.may(Permission::Review);
    if !reviews && person != cx.person() {
        return Err(Error::NotFound);
    }
    let told = match reviews {
        true => cx.now,
        false => Timestamp(cx.now.0 - limits::GOLD_TOLD_AFTER_MS),
    };
    let inner = cx.clone();
    let (row, answers, all, shown) = cx
        .read(move |tx| {
            let row = visible(tx, &inner, project)?;
            let mut all = tx.scores(project, SCORES_MAX)?;
            all.retain(|score| score.at <= told);
            all.reverse();
            let own = all.iter().rev().filter(|score| score.person == person);
            let mut shown = Vec::new();
            for score in own.take(SCORES_SHOWN).cloned().collect::<Vec<_>>() {
                let (Some(answer), Some(gold)) = (tx.answer(score.answer)?, tx.gold(score.task)?)
                else {
                    continue;
                };
                let task = tx.task(score.task)?.ok_or(Error::NotFound)?;
                let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
                shown.push(PersonScoreBody {
                    answer: score.answer.to_string(),
                    task: reviews.then(|| score.task.to_string()),
                    name: items::short_name(&item),
                    correct: score.correct,
                    likeness: score.likeness,
                    given: answer.answer,
                    known: gold.known,
                    at: score.at.into(),
                    contest: tx.contest(score.answer)?.map(|contest| contest.state),
                });
            }
            let answers = tx.count_answers(project, person)?;
            Ok((row, answers, all, shown))
        })
        .await?;
    if answers == 0 && shown.is_empty() {
        let organization = cx.actor().organization;
        let member = cx.stores().control().read(move |tx| tx.membership(organization, person));
        member.await?.ok_or(Error::NotFound)?;
    }
    let names = cx.app.names.find(cx.stores(), vec![person]).await?;
    let model = if reviews { brain::look(cx, project).await? } else { None };
    let skill = model.and_then(|model| {
        let model = model.read().unwrap_or_else(PoisonError::into_inner);
        Some(model.skill(*model.people.get(&person)?))
    });
    let share = |of: &[ScoreRow]| ShareBody::of(of.iter().filter(|s| s.correct).count(), of.len());
    let crowd = share(&all);
    let own: Vec<ScoreRow> = all.into_iter().filter(|score| score.person == person).collect();
    Ok(PersonQualityBody {
        person: NamedPerson {
            person: person.to_string(),
            name: names.get(&person).cloned().unwrap_or_else(|| "somebody".into()),
        },
        project: row.id.to_string(),
        project_name: row.name,
        answers,
        skill,
        gold: share(&own),
        bar: crowd.share.map(|share| BAR * share),
        flagged: flagged(own.iter().map(|score| score.correct), crowd.share),
        crowd,
        drift: drift(&own),
        weeks: weeks(&own, &[]),
        scores: shown,
    })
}

#[utoipa::path(get, path = "/api/projects/{project}/people/{person}/quality", tag = "quality", params(("project" = String, Path), ("person" = String, Path)), responses((status = 200, body = PersonQualityBody)))]
async fn get_person(
    cx: Can<SeeOwnWork>,
    Path((project, person)): Path<(String, String)>,
) -> Result<Json<PersonQualityBody>> {
    Ok(Json(of(&cx, id(&project)?, id(&person)?).await?))
}

#[utoipa::path(get, path = "/api/projects/{project}/people/{person}/quality.csv", tag = "quality", params(("project" = String, Path), ("person" = String, Path)), responses((status = 200, content_type = "text/csv", body = String)))]
async fn get_person_csv(
    cx: Can<SeeOwnWork>,
    Path((project, person)): Path<(String, String)>,
) -> Result<Response> {
    let quality = of(&cx, id(&project)?, id(&person)?).await?;
    let names = ["at", "item", "right", "likeness", "contest"].map(String::from).to_vec();
    let rows = quality.scores.into_iter().rev().map(|score| {
        vec![
            score.at.0.0.to_string(),
            score.name,
            score.correct.to_string(),
            format!("{:.4}", score.likeness),
            score.contest.unwrap_or_default(),
        ]
    });
    let rows: Vec<Vec<String>> = std::iter::once(names).chain(rows).collect();
    let text = formats::csv_text(&rows).map_err(|error| Error::Internal(error.to_string()))?;
    let name = "attachment; filename=\"person.csv\"".to_string();
    let kind = "text/csv; charset=utf-8".to_string();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response())
}
