//! How good a project's labels are, what they cost, and how far each of its people can be relied on.
//!
//! - **V1** Every share is shown with an interval that holds however often one looks (a confidence sequence, 95 %).
//! - **V2** Accuracy is measured on gold, each item labelled without its being known. Below 30 gold items nothing is called
//!   calibrated.
//! - **V3** A contributor is only ever flagged by an e-process (false alarms: 1 % in a whole life): their answers to gold are
//!   right less often than [`BAR`] of the crowd's.
//! - **V4** What the plan saves is measured where it had no say: the audited tasks are replayed as if it had.
//! - **V5** Time is told in weeks that begin on Monday, UTC.
//! - **V6** Each picture of the page is there as CSV, with the same numbers.

mod audit;
mod person;

pub use audit::{AuditBody, FigureBody};

use crate::auth::{Can, Review};
use crate::brain::{self, Model, Replayed};
use crate::items;
use crate::projects::visible;
use crate::wire::{Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::projects::{Quality, Slice, draw};
use domain::{PersonId, ProjectId, TaskId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;
use store::{Doubt, ProjectRow, ScoreRow, Settled};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_quality))
        .routes(routes!(get_plot))
        .merge(person::router())
}

/// How much of the crowd's own share of right answers a contributor must reach.
pub const BAR: f64 = 0.8;
/// The probability that somebody who reaches it is flagged, ever.
const FALSE_ALARM: f64 = 0.01;
const LEVEL: f64 = 0.05;
const SCORES_MAX: i64 = 100_000;
const TASKS_MAX: i64 = 100_000;
const DOUBTS_SHOWN: i64 = 50;
const DRIFT_STEPS: usize = 24;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// From a Monday to the moment zero, which was a Thursday.
const MONDAY_MS: i64 = 3 * 24 * 60 * 60 * 1000;
const WEEKS_SHOWN: usize = 104;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct QualityBody {
    pub project: String,
    /// How the answers are weighed; nothing before there are enough.
    pub model: Option<ModelBody>,
    /// Labels of gold, made without its being known.
    pub labels: ShareBody,
    /// The same by a plain vote of the same answers.
    pub votes: ShareBody,
    /// Answers to gold.
    pub answers: ShareBody,
    pub cost: CostBody,
    /// The plan against a fixed number, where it had no say; nothing where that was never tried.
    pub audit: Option<AuditBody>,
    pub agreement: crate::progress::AgreementBody,
    /// The classes in the order of the matrix.
    pub classes: Vec<String>,
    pub confusion: Option<ConfusionBody>,
    /// Where several classes may hold: how each of them is told.
    pub rates: Vec<RateBody>,
    pub people: Vec<SkillBody>,
    pub drift: Vec<DriftBody>,
    pub weeks: Vec<WeekBody>,
    pub doubts: Vec<DoubtBody>,
    /// What is told of labels against what gold says of them, level after level, the least sure first; nothing before there is gold enough.
    pub calibration: Vec<LevelBody>,
    pub gold: GoldCounts,
    pub at: Time,
}

/// Labels of which the same is told.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LevelBody {
    /// What is claimed of them before that is calibrated: from here to where the next level begins.
    pub from: f64,
    /// The confidence that is told.
    pub confidence: f64,
    /// Gold tasks among them, labelled without being known.
    pub gold: ShareBody,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ModelBody {
    pub method: String,
    /// Why it was chosen.
    pub reason: String,
    pub answers: i64,
    /// How a claim becomes a confidence: `as claimed`, `Platt`, `by rank` or `isotonic`; of a mean of them, what weighs most.
    pub calibration: String,
    /// Gold items that it rests on.
    pub gold: i64,
    /// Whether those are enough; otherwise no confidence is shown.
    pub calibrated: bool,
    pub gold_needed: i64,
}

/// So many of so many, and between what that lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShareBody {
    pub right: i64,
    pub all: i64,
    pub share: Option<f64>,
    pub low: f64,
    pub high: f64,
}

impl ShareBody {
    fn of(right: usize, all: usize) -> Self {
        let interval = stats::sequence::share(right as u64, (all - right) as u64, LEVEL);
        let share = (all > 0).then(|| right as f64 / all as f64);
        Self { right: right as i64, all: all as i64, share, low: interval.low, high: interval.high }
    }
}

/// What the labels took, against what a fixed number of answers would have taken.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CostBody {
    /// Tasks that have answers enough, but for the audited and gold. Those that wait for a decision count: they were not cheap.
    pub labels: i64,
    pub answers_per_label: Option<f64>,
    /// The fixed number of the plan, which the audited tasks take.
    pub overlap: i64,
    /// Answers for each label that is right, by what gold says of the labels.
    pub per_correct: Option<f64>,
    /// The same if the same answers were counted by a plain vote.
    pub per_correct_vote: Option<f64>,
    pub audited: i64,
    /// How many tasks took so many answers.
    pub spread: Vec<SpreadBody>,
    /// What an answer is paid, where it is.
    #[schema(value_type = Option<Object>)]
    pub pay: Option<domain::projects::Pay>,
    /// Whether the plan decides after each answer.
    pub adaptive: bool,
    pub target: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct SpreadBody {
    pub answers: i64,
    pub labels: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfusionBody {
    /// Whether what is so is known from gold, or only believed.
    pub by_gold: bool,
    /// Row after row what is so, column after column what was said.
    pub counts: Vec<Vec<f64>>,
}

/// How often a class was said where it holds, and where it does not.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RateBody {
    pub class: String,
    /// Answers to items of which it holds, and those of them that say it. From gold, or from what is believed.
    pub holds: f64,
    pub said: f64,
    /// The same where it does not hold.
    pub holds_not: f64,
    pub said_wrongly: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SkillBody {
    pub person: String,
    pub name: String,
    pub answers: i64,
    /// How likely they are right, by all that the model knows.
    pub skill: Option<f64>,
    pub gold: ShareBody,
    /// Whether the evidence is that they are right too seldom (V3).
    pub flagged: bool,
}

/// A stretch of answers to gold, in the order in which they came.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DriftBody {
    pub from: Time,
    pub to: Time,
    pub share: ShareBody,
}

/// One week, from Monday 00:00 UTC.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WeekBody {
    pub from: Time,
    /// Answers to gold that came in it.
    pub gold: ShareBody,
    /// Tasks of several answers that came to a label or a decision in it, and how far their answers agree.
    pub tasks: i64,
    pub agreement: Option<FigureBody>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DoubtBody {
    pub task: String,
    pub name: String,
    pub answers: i64,
    pub agreement: Option<f64>,
    /// Only where it was calibrated.
    pub confidence: Option<f64>,
    pub method: String,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct GoldCounts {
    pub live: i64,
    pub leaked: i64,
    pub retired: i64,
    pub contests_open: i64,
}

/// What is read from the store.
struct Found {
    project: ProjectRow,
    scores: Vec<ScoreRow>,
    settled: Vec<Settled>,
    doubts: Vec<(Doubt, String)>,
    gold: GoldCounts,
}

async fn find(cx: &Cx, project: ProjectId) -> Result<Found> {
    let inner = cx.clone();
    cx.read(move |tx| {
        let project = visible(tx, &inner, project)?;
        let mut scores = tx.scores(project.id, SCORES_MAX)?;
        scores.reverse();
        let mut gold = GoldCounts::default();
        for row in tx.golds(project.id, TaskId(0), limits::GOLD_MAX)? {
            match row.state.as_str() {
                "live" => gold.live += 1,
                "leaked" => gold.leaked += 1,
                _ => gold.retired += 1,
            }
        }
        let contests = tx.contests(project.id, limits::PAGE_MAX)?;
        gold.contests_open = contests.iter().filter(|row| row.state == "open").count() as i64;
        let mut doubts = Vec::new();
        let told = brain::told(tx, project.id)?;
        for mut doubt in tx.doubts(project.id, DOUBTS_SHOWN)? {
            told.doubt(&mut doubt);
            let task = tx.task(doubt.task)?.ok_or(Error::NotFound)?;
            let item = tx.item(task.item)?.ok_or(Error::NotFound)?;
            doubts.push((doubt, items::short_name(&item)));
        }
        let settled = tx.settled(project.id, TASKS_MAX)?;
        Ok(Found { project, scores, settled, doubts, gold })
    })
    .await
}

/// How good a project's labels are, if the caller may know of it.
pub async fn of(cx: &Cx, project: ProjectId) -> Result<QualityBody> {
    let found = find(cx, project).await?;
    let agreement = crate::progress::of(cx, project).await?.agreement;
    let kept = brain::look(cx, project).await?;
    let people: Vec<PersonId> = {
        let mut people: Vec<PersonId> = found.scores.iter().map(|score| score.person).collect();
        if let Some(model) = &kept {
            let model = model.read().unwrap_or_else(PoisonError::into_inner);
            people.extend(model.people.keys().copied());
        }
        people
    };
    let names = cx.app.names.find(cx.stores(), people).await?;
    let model = kept.as_ref().map(|model| model.read().unwrap_or_else(PoisonError::into_inner));
    Ok(assemble(cx, found, agreement, model.as_deref(), &names))
}

fn assemble(
    cx: &Cx,
    found: Found,
    agreement: crate::progress::AgreementBody,
    model: Option<&Model>,
    names: &HashMap<PersonId, String>,
) -> QualityBody {
    let replayed = model.map(Model::replayed).unwrap_or_default();
    let right = |of: fn(&Replayed) -> Option<bool>| {
        let known: Vec<bool> = replayed.iter().filter_map(of).collect();
        ShareBody::of(known.iter().filter(|right| **right).count(), known.len())
    };
    let (labels, votes) = (right(|task| task.right), right(|task| task.vote_right));
    let plan = &found.project.plan;
    let audit = plan.is_adaptive().then(|| audit::of(replayed, plan.overlap)).flatten();
    let scored = found.scores.iter().filter(|score| score.correct).count();
    let answers = ShareBody::of(scored, found.scores.len());
    let (classes, confusion) = model.and_then(confusion).unzip();
    QualityBody {
        project: found.project.id.to_string(),
        model: model.map(model_body),
        cost: cost(&found.project, &found.settled, &labels, &votes),
        people: people(model, &found.scores, answers.share, names),
        audit,
        drift: drift(&found.scores),
        weeks: weeks(&found.scores, &found.settled),
        rates: model.map(rates).unwrap_or_default(),
        classes: classes.unwrap_or_default(),
        confusion,
        doubts: found.doubts.into_iter().map(|(doubt, name)| doubt_body(doubt, name)).collect(),
        calibration: model.map(levels).unwrap_or_default(),
        gold: found.gold,
        labels,
        votes,
        answers,
        agreement,
        at: cx.now.into(),
    }
}

fn model_body(model: &Model) -> ModelBody {
    let (method, reason) = model.described();
    ModelBody {
        method,
        reason,
        answers: model.fitted as i64,
        calibration: model.calibration.curve.name().into(),
        gold: model.calibration.gold as i64,
        calibrated: model.calibration.is_trusted(),
        gold_needed: stats::calibration::GOLD_MIN as i64,
    }
}

fn levels(model: &Model) -> Vec<LevelBody> {
    let levels = model.levels().into_iter();
    let level = levels.map(|(from, confidence, right)| LevelBody {
        from,
        confidence,
        gold: ShareBody::of(right.iter().filter(|right| **right).count(), right.len()),
    });
    level.collect()
}

fn cost(
    project: &ProjectRow,
    settled: &[Settled],
    labels: &ShareBody,
    votes: &ShareBody,
) -> CostBody {
    let slice = |row: &Settled| project.plan.slice(row.task);
    let by_plan = |row: &&Settled| !row.gold && slice(row) != Slice::Audit;
    let mut spread: BTreeMap<i64, i64> = BTreeMap::new();
    settled.iter().filter(by_plan).for_each(|row| *spread.entry(row.answers).or_default() += 1);
    let count: i64 = spread.values().sum();
    let answers: i64 = spread.iter().map(|(answers, labels)| answers * labels).sum();
    let per_label = (count > 0).then(|| answers as f64 / count as f64);
    let per_correct = |answers: Option<f64>, share: Option<f64>| {
        Some(answers? / share.filter(|share| *share > 0.0)?)
    };
    let overlap = project.plan.overlap;
    CostBody {
        labels: count,
        answers_per_label: per_label,
        overlap,
        per_correct: per_correct(per_label, labels.share),
        per_correct_vote: per_correct(per_label, votes.share),
        audited: settled.iter().filter(|row| slice(row) == Slice::Audit).count() as i64,
        spread: spread
            .into_iter()
            .map(|(answers, labels)| SpreadBody { answers, labels })
            .collect(),
        pay: project.plan.pay.clone(),
        adaptive: project.plan.is_adaptive(),
        target: match project.plan.quality {
            Quality::Adaptive(plan) => Some(plan.target),
            Quality::Fixed => None,
        },
    }
}

fn confusion(model: &Model) -> Option<(Vec<String>, ConfusionBody)> {
    let (names, table) = model.confusion()?;
    let names: Vec<String> = names.iter().map(|name| name.replace('\u{1f}', " + ")).collect();
    let rows = table.counts.chunks(names.len()).map(<[f64]>::to_vec);
    Some((names.clone(), ConfusionBody { by_gold: table.by_gold, counts: rows.collect() }))
}

fn rates(model: &Model) -> Vec<RateBody> {
    let Some((names, table)) = model.rates() else { return vec![] };
    let rows = names.iter().zip(table.counts.chunks(4));
    rows.map(|(class, counts)| RateBody {
        class: class.clone(),
        holds: counts[2] + counts[3],
        said: counts[3],
        holds_not: counts[0] + counts[1],
        said_wrongly: counts[1],
    })
    .collect()
}

fn people(
    model: Option<&Model>,
    scores: &[ScoreRow],
    crowd: Option<f64>,
    names: &HashMap<PersonId, String>,
) -> Vec<SkillBody> {
    let mut by_person: BTreeMap<PersonId, Vec<bool>> = BTreeMap::new();
    for score in scores {
        by_person.entry(score.person).or_default().push(score.correct);
    }
    if let Some(model) = model {
        model.people.keys().for_each(|person| _ = by_person.entry(*person).or_default());
    }
    let mut people: Vec<SkillBody> = by_person
        .into_iter()
        .map(|(person, scores)| {
            let known = model.and_then(|model| Some((model, *model.people.get(&person)?)));
            let right = scores.iter().filter(|right| **right).count();
            SkillBody {
                person: person.to_string(),
                name: names.get(&person).cloned().unwrap_or_else(|| "somebody".into()),
                answers: known.map_or(scores.len() as i64, |(model, at)| model.effort[at].into()),
                skill: known.map(|(model, at)| model.skill(at)),
                gold: ShareBody::of(right, scores.len()),
                flagged: flagged(scores.iter().copied(), crowd),
            }
        })
        .collect();
    people.sort_by(|a, b| b.answers.cmp(&a.answers).then_with(|| a.person.cmp(&b.person)));
    people.truncate(limits::PAGE_MAX as usize);
    people
}

/// Whether answers to gold, the oldest first, are evidence that somebody is right too seldom (V3), where the crowd is right this often.
fn flagged(mut right: impl Iterator<Item = bool>, crowd: Option<f64>) -> bool {
    let mut process = stats::gold::Process::new(BAR * crowd.unwrap_or(1.0));
    // Once beyond the line is beyond it: what comes after takes nothing back.
    right.any(|right| {
        process.answer(right);
        process.accuses(FALSE_ALARM)
    })
}

fn drift(scores: &[ScoreRow]) -> Vec<DriftBody> {
    let size = scores.len().div_ceil(DRIFT_STEPS).max(10);
    let steps = scores.chunks(size).map(|step| {
        let right = step.iter().filter(|score| score.correct).count();
        let share = ShareBody::of(right, step.len());
        DriftBody { from: step[0].at.into(), to: step[step.len() - 1].at.into(), share }
    });
    steps.collect()
}

/// The Monday before.
fn monday(at: Timestamp) -> Timestamp {
    Timestamp((at.0 + MONDAY_MS).div_euclid(WEEK_MS) * WEEK_MS - MONDAY_MS)
}

fn weeks(scores: &[ScoreRow], settled: &[Settled]) -> Vec<WeekBody> {
    let mut weeks: BTreeMap<Timestamp, (Vec<bool>, Vec<f64>)> = BTreeMap::new();
    for score in scores {
        weeks.entry(monday(score.at)).or_default().0.push(score.correct);
    }
    for task in settled {
        if let Some(agreement) = task.agreement {
            weeks.entry(monday(task.at)).or_default().1.push(agreement);
        }
    }
    let shown = weeks.len().saturating_sub(WEEKS_SHOWN);
    let weeks = weeks.into_iter().skip(shown).map(|(from, (right, agreements))| WeekBody {
        from: from.into(),
        gold: ShareBody::of(right.iter().filter(|right| **right).count(), right.len()),
        tasks: agreements.len() as i64,
        agreement: mean(agreements.into_iter(), 1.0),
    });
    weeks.collect()
}

/// The mean of values from 0 to `most`, in an order drawn anew: as they came, they may drift, and an interval that is made
/// value by value would contradict itself. Nothing of none.
fn mean(values: impl Iterator<Item = f64>, most: f64) -> Option<FigureBody> {
    let mut values: Vec<(f64, f64)> =
        values.enumerate().map(|(number, value)| (draw(number as i64), value)).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sequence = stats::sequence::Mean::new(LEVEL);
    values.iter().for_each(|(_, value)| sequence.push(value / most));
    let within = sequence.interval();
    let value = values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64;
    let (low, high) = (most * within.low, most * within.high);
    (!values.is_empty()).then_some(FigureBody { value, low: low.min(value), high: high.max(value) })
}

fn doubt_body(doubt: Doubt, name: String) -> DoubtBody {
    DoubtBody {
        task: doubt.task.to_string(),
        name,
        answers: doubt.answers,
        agreement: doubt.agreement,
        confidence: doubt.confidence.filter(|_| doubt.calibrated),
        method: doubt.method,
    }
}

#[utoipa::path(get, path = "/api/projects/{project}/quality", tag = "quality", params(("project" = String, Path)), responses((status = 200, body = QualityBody)))]
async fn get_quality(cx: Can<Review>, Path(project): Path<String>) -> Result<Json<QualityBody>> {
    Ok(Json(of(&cx, id(&project)?).await?))
}

/// The numbers of one picture of the page (V6).
fn csv(plot: &str, quality: &QualityBody) -> Option<Vec<Vec<String>>> {
    let text = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let header = |names: &str| names.split(',').map(String::from).collect::<Vec<_>>();
    let share = |share: &ShareBody| {
        let [low, high] = [share.low, share.high].map(|bound| text(Some(bound)));
        vec![share.right.to_string(), share.all.to_string(), text(share.share), low, high]
    };
    let figure = |figure: Option<FigureBody>| {
        vec![
            text(figure.map(|figure| figure.value)),
            text(figure.map(|figure| figure.low)),
            text(figure.map(|figure| figure.high)),
        ]
    };
    let mut rows = Vec::new();
    match plot {
        "accuracy.csv" => {
            rows.push(header("of,right,all,share,low,high"));
            let all = [
                ("labels", &quality.labels),
                ("votes", &quality.votes),
                ("answers", &quality.answers),
            ];
            for (of, value) in all {
                rows.push([vec![of.to_string()], share(value)].concat());
            }
        }
        "cost.csv" => {
            rows.push(header("answers,labels"));
            let spread = quality.cost.spread.iter();
            rows.extend(spread.map(|row| vec![row.answers.to_string(), row.labels.to_string()]));
        }
        "people.csv" => {
            rows.push(header("person,name,answers,skill,right,gold,share,low,high,flagged"));
            for person in &quality.people {
                let own = vec![
                    person.person.clone(),
                    person.name.clone(),
                    person.answers.to_string(),
                    text(person.skill),
                ];
                rows.push([own, share(&person.gold), vec![person.flagged.to_string()]].concat());
            }
        }
        "confusion.csv" => {
            rows.push([vec!["is".to_string()], quality.classes.clone()].concat());
            let counts = quality.confusion.as_ref().map(|table| &table.counts[..]);
            for (class, row) in quality.classes.iter().zip(counts.unwrap_or_default()) {
                let counts = row.iter().map(|count| text(Some(*count))).collect();
                rows.push([vec![class.clone()], counts].concat());
            }
        }
        "rates.csv" => {
            rows.push(header("class,holds,said,holds_not,said_wrongly"));
            let figures = |of: &RateBody| {
                [of.holds, of.said, of.holds_not, of.said_wrongly].map(|value| text(Some(value)))
            };
            let all = quality.rates.iter();
            rows.extend(all.map(|of| [vec![of.class.clone()], figures(of).to_vec()].concat()));
        }
        "drift.csv" => {
            rows.push(header("from,to,right,all,share,low,high"));
            for step in &quality.drift {
                let times = [step.from, step.to].map(|time| time.0.0.to_string()).to_vec();
                rows.push([times, share(&step.share)].concat());
            }
        }
        "weeks.csv" => {
            rows.push(header(
                "from,right,all,share,low,high,tasks,agreement,agreement_low,agreement_high",
            ));
            for week in &quality.weeks {
                let from = vec![week.from.0.0.to_string()];
                let own = [vec![week.tasks.to_string()], figure(week.agreement)].concat();
                rows.push([from, share(&week.gold), own].concat());
            }
        }
        "audit.csv" => {
            rows.push(header("of,right,all,value,low,high"));
            let Some(audit) = &quality.audit else { return Some(rows) };
            let shares = [("same", &audit.same), ("plan", &audit.plan), ("fixed", &audit.fixed)];
            rows.extend(shares.map(|(of, value)| [vec![of.to_string()], share(value)].concat()));
            let alone = |value: Option<f64>| vec![text(value), String::new(), String::new()];
            let figures = [
                ("estimated", figure(audit.estimated)),
                ("answers", figure(audit.answers)),
                ("answers_fixed", alone(Some(quality.cost.overlap as f64))),
                ("per_correct_plan", alone(audit.per_correct_plan)),
                ("per_correct_fixed", alone(audit.per_correct_fixed)),
                ("saved", figure(audit.saved)),
            ];
            let none = || vec![String::new(), String::new()];
            rows.extend(figures.map(|(of, value)| [vec![of.to_string()], none(), value].concat()));
        }
        "calibration.csv" => {
            rows.push(header("from,confidence,right,all,share,low,high"));
            for level in &quality.calibration {
                let own = [level.from, level.confidence].map(|value| text(Some(value))).to_vec();
                rows.push([own, share(&level.gold)].concat());
            }
        }
        "doubts.csv" => {
            rows.push(header("task,name,answers,agreement,confidence,method"));
            for doubt in &quality.doubts {
                rows.push(vec![
                    doubt.task.clone(),
                    doubt.name.clone(),
                    doubt.answers.to_string(),
                    text(doubt.agreement),
                    text(doubt.confidence),
                    doubt.method.clone(),
                ]);
            }
        }
        _ => return None,
    }
    Some(rows)
}

#[utoipa::path(get, path = "/api/projects/{project}/quality/{plot}", tag = "quality", params(("project" = String, Path), ("plot" = String, Path, description = "`accuracy.csv`, `cost.csv`, `people.csv`, `confusion.csv`, `rates.csv`, `drift.csv`, `weeks.csv`, `audit.csv`, `calibration.csv` or `doubts.csv`.")), responses((status = 200, content_type = "text/csv", body = String)))]
async fn get_plot(
    cx: Can<Review>,
    Path((project, plot)): Path<(String, String)>,
) -> Result<Response> {
    let quality = of(&cx, id(&project)?).await?;
    let rows = csv(&plot, &quality).ok_or(Error::NotFound)?;
    let text = formats::csv_text(&rows).map_err(|error| Error::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"{plot}\"");
    let kind = "text/csv; charset=utf-8".to_string();
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_at_midnight_utc() {
        const DAY_MS: i64 = WEEK_MS / 7;
        // 2026-03-30 was a Monday.
        let first = 1_774_828_800_000;
        for (at, want) in [
            (first, first),
            (first - 1, first - WEEK_MS),
            (first + 6 * DAY_MS, first),
            (first + WEEK_MS - 1, first),
            (0, -MONDAY_MS),
        ] {
            assert_eq!(monday(Timestamp(at)), Timestamp(want), "{at}");
        }
        let settled = |at, agreement| Settled {
            task: TaskId(at),
            answers: 3,
            gold: false,
            agreement,
            at: Timestamp(at),
        };
        let found = weeks(
            &[],
            &[settled(first, Some(1.0)), settled(first + WEEK_MS, None), settled(0, Some(0.5))],
        );
        assert_eq!(found.len(), 2, "a task of one answer agrees with nobody");
        assert_eq!((found[1].from.0, found[1].tasks), (Timestamp(first), 1));
        let agreement = found[1].agreement.unwrap();
        assert!(agreement.value == 1.0 && agreement.low < 0.9, "one task tells little");
    }
}
