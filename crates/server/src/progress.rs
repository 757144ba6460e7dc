//! How far a project is: its counters, its pace, its people, and how well they agree.
//!
//! - **P1** Counters and what people hold are as of this moment. The rest may be some seconds old: it is
//!   worked out at most once a second for each project, however many look on, and at most a twentieth of
//!   the time is spent on it.
//! - **P2** What was answered more than [`SETTLED_MS`] ago is counted once and remembered, so the cost does
//!   not grow with the project.
//! - **P3** Agreement on choices is Krippendorff's alpha over the last [`ALPHA_ANSWERS`] answers; on shapes
//!   it is the mean F1 (matches of IoU 0.5 and more) of the tasks that have several answers.

use crate::auth::{Can, SeeLabels};
use crate::projects::visible;
use crate::wire::{Time, id};
use crate::{App, Cx, Result};
use axum::Json;
use axum::extract::Path;
use domain::{OrganizationId, PersonId, ProjectId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use store::{Counts, Held, ProjectRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_progress))
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProgressBody {
    pub project: String,
    pub tasks: TaskCounts,
    /// Standing answers of the label stage.
    pub answers: i64,
    /// Those, and what the open tasks still want.
    pub answers_needed: i64,
    pub throughput_per_hour: f64,
    pub eta_seconds: Option<i64>,
    pub agreement: AgreementBody,
    pub people: Vec<PersonProgress>,
    /// The last 24 hours, the present one last.
    pub hours: Vec<HourBody>,
    pub event_seq: i64,
    pub at: Time,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskCounts {
    pub queued: i64,
    pub in_progress: i64,
    pub in_review: i64,
    pub done: i64,
    pub canceled: i64,
    pub error: i64,
    pub total: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AgreementBody {
    /// None where there is nothing to compare.
    pub value: Option<f64>,
    /// Pairs of answers, or tasks with several answers.
    pub pairs: i64,
    /// `alpha_nominal` or `f1_iou50`.
    pub measure: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonProgress {
    pub person: String,
    pub name: String,
    pub answered: i64,
    pub holding: Vec<HoldingBody>,
    pub last_seen: Option<Time>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HoldingBody {
    pub task: String,
    pub stage: String,
    pub since: Time,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HourBody {
    pub at: Time,
    pub answers: i64,
}

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_HOURS: i64 = 24;
/// No answer is on its way for longer than this.
const SETTLED_MS: i64 = 10 * 60 * 1000;
const ALPHA_ANSWERS: i64 = 10_000;
/// How long what costs more is good for, at least.
const FRESH_MS: i64 = 1_000;
const AGREEMENT_FRESH_MS: i64 = 10_000;
/// What was worked out is good for so many times what it cost.
const COST_SHARE: i64 = 20;
/// People who are shown, the busiest first.
const PEOPLE_MAX: usize = 200;

/// What was worked out lately, by project.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<(OrganizationId, ProjectId), Shared>>);

type Shared = Arc<tokio::sync::Mutex<Known>>;

const PROJECTS_KEPT: usize = 1_000;

impl Cache {
    fn of(
        &self,
        organization: OrganizationId,
        project: ProjectId,
    ) -> Arc<tokio::sync::Mutex<Known>> {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= PROJECTS_KEPT && !known.contains_key(&(organization, project)) {
            known.clear();
        }
        Arc::clone(known.entry((organization, project)).or_default())
    }
}

/// What costs more than a look at the counters.
#[derive(Clone, Debug, Default)]
struct Known {
    pace: Aged<Pace>,
    agreement: Aged<Agreement>,
    settled: Settled,
}

/// Something worked out at a moment, good until another.
#[derive(Clone, Debug)]
struct Aged<T> {
    value: T,
    from: Timestamp,
    until: Timestamp,
}

impl<T: Default> Default for Aged<T> {
    fn default() -> Self {
        Self { value: T::default(), from: Timestamp(0), until: Timestamp(0) }
    }
}

impl<T> Aged<T> {
    fn is_fresh(&self, now: Timestamp) -> bool {
        (self.from..self.until).contains(&now)
    }

    fn new(value: T, now: Timestamp, began: Instant, least_ms: i64) -> Self {
        let cost_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX / COST_SHARE);
        Self { value, from: now, until: now.plus_ms(least_ms.max(cost_ms * COST_SHARE)) }
    }
}

#[derive(Clone, Debug, Default)]
struct Pace {
    per_hour: f64,
    people: HashMap<PersonId, (i64, Timestamp)>,
    hours: BTreeMap<i64, i64>,
}

#[derive(Clone, Debug, Default)]
struct Agreement {
    value: Option<f64>,
    pairs: i64,
}

/// What was answered before `until`, which nothing changes any more (P2).
#[derive(Clone, Debug)]
struct Settled {
    until: Timestamp,
    people: HashMap<PersonId, (i64, Timestamp)>,
    hours: BTreeMap<i64, i64>,
}

impl Default for Settled {
    fn default() -> Self {
        Self { until: Timestamp(0), people: HashMap::new(), hours: BTreeMap::new() }
    }
}

impl Settled {
    /// Counts on to `until`, if it has been a while.
    fn go_on(&mut self, tx: &mut Tx<'_>, project: ProjectId, now: Timestamp) -> Result<()> {
        let until = Timestamp(now.0 - SETTLED_MS);
        if until.0 - self.until.0 < SETTLED_MS {
            return Ok(());
        }
        for (person, count, last) in tx.answers_per_person(project, self.until, until)? {
            count_in(&mut self.people, person, count, last);
        }
        let from = self.until.max(first_hour(now));
        for (hour, count) in tx.answers_per_hour(project, from, until)? {
            *self.hours.entry(hour).or_default() += count;
        }
        self.hours.retain(|hour, _| *hour * HOUR_MS >= first_hour(now).0);
        self.until = until;
        Ok(())
    }
}

fn count_in(
    people: &mut HashMap<PersonId, (i64, Timestamp)>,
    person: PersonId,
    count: i64,
    last: Timestamp,
) {
    let (answers, seen) = people.entry(person).or_insert((0, last));
    *answers += count;
    *seen = (*seen).max(last);
}

/// The beginning of the first of the last 24 hours.
fn first_hour(now: Timestamp) -> Timestamp {
    Timestamp((now.0 / HOUR_MS - (DAY_HOURS - 1)) * HOUR_MS)
}

fn pace(tx: &mut Tx<'_>, project: ProjectId, settled: &Settled, now: Timestamp) -> Result<Pace> {
    let later = Timestamp(i64::MAX);
    let mut people = settled.people.clone();
    for (person, count, last) in tx.answers_per_person(project, settled.until, later)? {
        count_in(&mut people, person, count, last);
    }
    let mut hours = settled.hours.clone();
    for (hour, count) in tx.answers_per_hour(project, settled.until.max(first_hour(now)), later)? {
        *hours.entry(hour).or_default() += count;
    }
    let (count, first) = tx.answers_since(project, Timestamp(now.0 - HOUR_MS))?;
    let per_hour = match first {
        Some(first) => count as f64 / hours_between(first, now),
        None => {
            let (count, first) =
                tx.answers_since(project, Timestamp(now.0 - DAY_HOURS * HOUR_MS))?;
            first.map_or(0.0, |first| count as f64 / hours_between(first, now))
        }
    };
    Ok(Pace { per_hour, people, hours })
}

/// From the first answer of a while until now; work that has just begun tells no pace yet.
fn hours_between(first: Timestamp, now: Timestamp) -> f64 {
    const LEAST_MS: i64 = 5 * 60 * 1000;
    (now.0 - first.0).max(LEAST_MS) as f64 / HOUR_MS as f64
}

fn agreement(tx: &mut Tx<'_>, project: &ProjectRow) -> Result<Agreement> {
    if project.question.choice.is_none() {
        let (value, pairs) = tx.agreement_of(project.id)?;
        return Ok(Agreement { value, pairs });
    }
    let mut units: HashMap<TaskId, Vec<Vec<String>>> = HashMap::new();
    for (task, mut answer) in tx.latest_answers(project.id, ALPHA_ANSWERS)? {
        answer.choices.sort_unstable();
        units.entry(task).or_default().push(answer.choices);
    }
    let alpha = stats::alpha::nominal(units.into_values());
    Ok(Agreement { value: alpha.value, pairs: alpha.pairs as i64 })
}

/// What is read at every look.
struct Now {
    project: ProjectRow,
    counts: Counts,
    held: Vec<Held>,
    event_seq: i64,
    known: Known,
}

/// How far a project is, if the caller may know of it.
pub async fn of(cx: &Cx, project: ProjectId) -> Result<ProgressBody> {
    let now = (cx.app.now)();
    let kept = cx.app.progress.of(cx.actor().organization, project);
    let mut kept = kept.lock().await;
    let (inner, known) = (cx.clone(), kept.clone());
    let found = cx.read(move |tx| look(tx, &inner, project, known.clone(), now)).await?;
    *kept = found.known.clone();
    drop(kept);
    let people = found
        .known
        .pace
        .value
        .people
        .keys()
        .copied()
        .chain(found.held.iter().map(|held| held.person));
    let busiest = busiest(people.collect(), &found);
    let names = cx.app.names.find(cx.stores(), busiest.clone()).await?;
    Ok(dress(&found, &busiest, &names, now))
}

fn look(
    tx: &mut Tx<'_>,
    cx: &Cx,
    project: ProjectId,
    mut known: Known,
    now: Timestamp,
) -> Result<Now> {
    let project = visible(tx, cx, project)?;
    if !known.pace.is_fresh(now) {
        let began = Instant::now();
        known.settled.go_on(tx, project.id, now)?;
        known.pace = Aged::new(pace(tx, project.id, &known.settled, now)?, now, began, FRESH_MS);
    }
    if !known.agreement.is_fresh(now) {
        let began = Instant::now();
        known.agreement = Aged::new(agreement(tx, &project)?, now, began, AGREEMENT_FRESH_MS);
    }
    Ok(Now {
        counts: tx.counts(project.id)?,
        held: tx.held(project.id, now)?,
        event_seq: tx.event_head()?.seq,
        project,
        known,
    })
}

/// Those who hold something, then those who have answered most.
fn busiest(mut people: Vec<PersonId>, found: &Now) -> Vec<PersonId> {
    people.sort_unstable();
    people.dedup();
    let answered = |person: &PersonId| {
        found.known.pace.value.people.get(person).map_or(0, |(count, _)| *count)
    };
    let holds = |person: &PersonId| found.held.iter().any(|held| held.person == *person);
    people.sort_by_cached_key(|person| (!holds(person), -answered(person)));
    people.truncate(PEOPLE_MAX);
    people
}

/// How many answers the open tasks still want, as far as the counters tell.
fn still_wanted(counts: &Counts) -> i64 {
    let total = counts.tasks();
    if total == 0 {
        return 0;
    }
    let open = counts.queued + counts.in_progress;
    let most = (open as f64 * counts.wanted as f64 / total as f64).ceil() as i64;
    (counts.wanted - counts.answers).clamp(0, most)
}

fn dress(
    found: &Now,
    busiest: &[PersonId],
    names: &HashMap<PersonId, String>,
    now: Timestamp,
) -> ProgressBody {
    let Now { project, counts, held, event_seq, known } = found;
    let Pace { per_hour, people, hours } = &known.pace.value;
    let remaining = still_wanted(counts);
    let eta_seconds = match remaining {
        0 => (counts.tasks() > 0).then_some(0),
        _ if *per_hour > 0.0 => Some((remaining as f64 / per_hour * 3600.0).ceil() as i64),
        _ => None,
    };
    let people = busiest.iter().map(|person| {
        let holding: Vec<&Held> = held.iter().filter(|held| held.person == *person).collect();
        let (answered, last) =
            people.get(person).map_or((0, None), |(count, last)| (*count, Some(*last)));
        let last_seen = holding.iter().map(|held| held.since).chain(last).max();
        PersonProgress {
            person: person.to_string(),
            name: names.get(person).cloned().unwrap_or_else(|| "somebody".into()),
            answered,
            holding: holding
                .into_iter()
                .map(|held| HoldingBody {
                    task: held.task.to_string(),
                    stage: held.stage.as_str().into(),
                    since: held.since.into(),
                })
                .collect(),
            last_seen: last_seen.map(Time),
        }
    });
    let first = first_hour(now).0 / HOUR_MS;
    let hours = (first..first + DAY_HOURS).map(|hour| HourBody {
        at: Timestamp(hour * HOUR_MS).into(),
        answers: hours.get(&hour).copied().unwrap_or(0),
    });
    let Counts { queued, in_progress, in_review, done, canceled, error, answers, .. } = *counts;
    let measure = if project.question.choice.is_some() { "alpha_nominal" } else { "f1_iou50" };
    ProgressBody {
        project: project.id.to_string(),
        tasks: TaskCounts {
            queued,
            in_progress,
            in_review,
            done,
            canceled,
            error,
            total: counts.tasks(),
        },
        answers,
        answers_needed: answers + remaining,
        throughput_per_hour: (per_hour * 10.0).round() / 10.0,
        eta_seconds,
        agreement: AgreementBody {
            value: known.agreement.value.value,
            pairs: known.agreement.value.pairs,
            measure: measure.into(),
        },
        people: people.collect(),
        hours: hours.collect(),
        event_seq: *event_seq,
        at: now.into(),
    }
}

#[utoipa::path(get, path = "/api/projects/{project}/progress", tag = "projects", params(("project" = String, Path)), responses((status = 200, body = ProgressBody)))]
async fn get_progress(
    cx: Can<SeeLabels>,
    Path(project): Path<String>,
) -> Result<Json<ProgressBody>> {
    Ok(Json(of(&cx, id(&project)?).await?))
}
