//! A person's own work: what they did, what it earned, and what became of it.

use crate::auth::{Can, SeeOwnWork};
use crate::comments;
use crate::wire::Time;
use crate::{App, Cx, Error, Result};
use axum::Json;
use domain::Timestamp;
use domain::ledger::earnings_account;
use domain::people::Permission;
use domain::workflow::{Stage, TaskState, Verdict};
use serde::{Deserialize, Serialize};
use store::{AnswerRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_work))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkBody {
    /// Since midnight, UTC.
    pub answers_today: i64,
    pub answers_total: i64,
    pub active_ms_today: i64,
    /// What stands in the person's account, from every organization.
    pub earned: Vec<MoneyBody>,
    /// The latest answers, the newest first.
    pub recent: Vec<RecentBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MoneyBody {
    pub currency: String,
    pub amount_minor: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecentBody {
    pub task: String,
    pub project: String,
    pub project_name: String,
    pub name: String,
    pub submitted_at: Time,
    pub answer: String,
    /// How much has been said about it that the caller is told of (C6).
    pub comments: i64,
    /// `waiting`, `accepted`, `fixed`, `rejected` or `resolved`. Who may not see labels is told `received`
    /// instead of `waiting` and `resolved`: which of the two would give gold away (Q4).
    pub state: String,
}

const RECENT_MAX: i64 = 20;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What the caller did in the organization where they work.
pub async fn of(cx: &Cx) -> Result<WorkBody> {
    let (inner, person) = (cx.clone(), cx.person());
    let midnight = Timestamp(cx.now.0 / DAY_MS * DAY_MS);
    let (work, recent) = cx
        .read(move |tx| {
            let work = tx.work_of(person, midnight)?;
            let mut recent = Vec::new();
            for answer in tx.answers_by(person, RECENT_MAX)? {
                recent.extend(tell(tx, &inner, &answer)?);
            }
            Ok((work, recent))
        })
        .await?;
    let account = earnings_account(person);
    let earned =
        cx.stores().control().read(move |tx| Ok::<_, Error>(tx.balances(&account)?)).await?;
    let (answers_today, answers_total, active_ms_today) = work;
    let earned =
        earned.into_iter().map(|(currency, amount_minor)| MoneyBody { currency, amount_minor });
    Ok(WorkBody { answers_today, answers_total, active_ms_today, earned: earned.collect(), recent })
}

fn tell(tx: &mut Tx<'_>, cx: &Cx, answer: &AnswerRow) -> Result<Option<RecentBody>> {
    let project = tx.project(answer.project)?.ok_or(Error::NotFound)?;
    if project.mode != cx.actor().mode {
        return Ok(None);
    }
    let task = tx.task(answer.task)?.ok_or(Error::NotFound)?;
    let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
    let verdict =
        tx.reviews_of(task.id)?.into_iter().rev().find(|review| review.answer == answer.id);
    let state = match (answer.state.as_str(), verdict.map(|review| review.verdict), task.state) {
        ("rejected", ..) => "rejected",
        (_, Some(Verdict::Fix), _) => "fixed",
        (_, Some(Verdict::Accept), _) => "accepted",
        ("superseded", ..) | (_, _, TaskState::Done) => "resolved",
        _ if answer.stage != Stage::Label => "resolved",
        _ => "waiting",
    };
    let state = match state {
        "waiting" | "resolved" if !cx.may(Permission::SeeLabels) => "received",
        other => other,
    };
    let said = comments::of_contributor(tx, cx, answer)?;
    Ok(Some(RecentBody {
        answer: answer.id.to_string(),
        comments: said,
        task: task.id.to_string(),
        project: project.id.to_string(),
        project_name: project.name,
        name: if item.payload.name.is_empty() { item.external_id } else { item.payload.name },
        submitted_at: answer.submitted_at.into(),
        state: state.into(),
    }))
}

#[utoipa::path(get, path = "/api/work", tag = "people", responses((status = 200, body = WorkBody)))]
async fn get_work(cx: Can<SeeOwnWork>) -> Result<Json<WorkBody>> {
    Ok(Json(of(&cx).await?))
}
