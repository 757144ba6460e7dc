//! Answers, reviews and labels on disk. An answer is never changed, only superseded.

use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use domain::answers::Answer;
use domain::workflow::{Method, Stage, Verdict};
use domain::{AnswerId, PersonId, ProjectId, ReviewId, SlotId, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRow {
    pub id: AnswerId,
    pub submission: String,
    pub slot: SlotId,
    pub task: TaskId,
    pub project: ProjectId,
    pub person: PersonId,
    pub stage: Stage,
    /// `standing`, `superseded` or `rejected`.
    pub state: String,
    pub answer: Answer,
    pub active_ms: i64,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub submitted_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewAnswer<'a> {
    pub id: AnswerId,
    pub submission: &'a SubmissionId,
    pub slot: SlotId,
    pub task: TaskId,
    pub project: ProjectId,
    pub person: PersonId,
    pub stage: Stage,
    /// The answer as JSON, as it is sealed.
    pub body: &'a [u8],
    pub digest: &'a str,
    pub active_ms: i64,
    pub ontology_version: i64,
    pub instructions_version: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReviewRow {
    pub id: ReviewId,
    pub task: TaskId,
    pub answer: AnswerId,
    pub reviewer: PersonId,
    pub verdict: Verdict,
    pub clause: Option<String>,
    pub reason: Option<String>,
    /// Of a rejection: the answer as the reviewer would have it, where they showed it.
    pub proposal: Option<Answer>,
    pub fixed: Option<AnswerId>,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewReview<'a> {
    pub submission: &'a SubmissionId,
    pub slot: SlotId,
    pub task: TaskId,
    pub answer: AnswerId,
    pub reviewer: PersonId,
    pub verdict: Verdict,
    pub clause: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub proposal: Option<&'a Answer>,
    pub fixed: Option<AnswerId>,
    pub active_ms: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LabelRow {
    pub task: TaskId,
    pub answer: Option<AnswerId>,
    pub value: Answer,
    /// As it was told when the label was made.
    pub confidence: Option<f64>,
    /// Whether gold stood behind the confidence.
    pub calibrated: bool,
    /// What a model claimed of it, before that was calibrated.
    pub claimed: Option<f64>,
    /// Which model weighed the answers, where one did.
    pub model: Option<String>,
    /// Whether it is what the answers say together, and no one answer.
    pub fused: bool,
    pub method: Method,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct NewLabel<'a> {
    pub task: TaskId,
    pub answer: Option<AnswerId>,
    pub body: &'a [u8],
    pub confidence: Option<f64>,
    pub calibrated: bool,
    /// What a model claimed of it, before that was calibrated.
    pub claimed: Option<f64>,
    pub model: Option<&'a str>,
    /// Whether it is what the answers say together; then it names no answer.
    pub fused: bool,
    pub method: Method,
    pub ontology_version: i64,
    pub instructions_version: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SkipRow {
    pub person: PersonId,
    pub reason: String,
    pub text: Option<String>,
    pub at: Timestamp,
}

/// What is sealed of a skip or a contest.
#[derive(Serialize, Deserialize)]
pub(crate) struct Words {
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// What of a review is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Judgement {
    #[serde(default)]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proposal: Option<Answer>,
}

const ANSWER: &str = "id, submission, slot_id, task_id, project_id, person_id, stage, state, active_ms, ontology_version,
    instructions_version, submitted_at_ms, sealed";

type SealedAnswer = (AnswerRow, Vec<u8>);

fn read_answer(row: &Row<'_>) -> Result<SealedAnswer> {
    let stage: String = row.get(6)?;
    let answer = AnswerRow {
        id: row.get(0)?,
        submission: row.get(1)?,
        slot: row.get(2)?,
        task: row.get(3)?,
        project: row.get(4)?,
        person: row.get(5)?,
        stage: stage.parse().map_err(|()| Error::Corrupt { what: "stage", value: stage })?,
        state: row.get(7)?,
        answer: Answer::default(),
        active_ms: row.get(8)?,
        ontology_version: row.get(9)?,
        instructions_version: row.get(10)?,
        submitted_at: row.get(11)?,
    };
    Ok((answer, row.get(12)?))
}

impl Tx<'_> {
    /// Answers false, and adds nothing, where an answer of this submission is there already.
    pub fn insert_answer(&mut self, answer: &NewAnswer<'_>, now: Timestamp) -> Result<bool> {
        let label = crate::keys::Label::new("answer", answer.id.0, 0);
        let sealed = self.keys()?.seal(&label, answer.body);
        if let Some(batch) = self.batch_mut() {
            return Ok(batch.insert_answer(answer, sealed, now));
        }
        let inserted = self.execute(
            sql!(
                "insert into answer (id, submission, slot_id, task_id, project_id, person_id, stage, state, sealed, digest,
                                     active_ms, ontology_version, instructions_version, submitted_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, 'standing', $8, $9, $10, $11, $12, $13)
                 on conflict (submission) do nothing"
            ),
            params![
                answer.id,
                answer.submission.as_str(),
                answer.slot,
                answer.task,
                answer.project,
                answer.person,
                answer.stage.as_str(),
                &sealed,
                answer.digest,
                answer.active_ms,
                answer.ontology_version,
                answer.instructions_version,
                now,
            ],
        )?;
        Ok(inserted == 1)
    }

    fn open_answer(&self, (mut answer, sealed): SealedAnswer) -> Result<AnswerRow> {
        answer.answer = self.open("answer", answer.id.0, 0, &sealed)?;
        Ok(answer)
    }

    pub fn answer(&mut self, id: AnswerId) -> Result<Option<AnswerRow>> {
        let sql = format!("select {ANSWER} from answer where id = $1");
        let row = self.query_one(&sql, params![id], read_answer)?;
        row.map(|row| self.open_answer(row)).transpose()
    }

    pub fn answer_by_submission(&mut self, submission: &SubmissionId) -> Result<Option<AnswerRow>> {
        if self.batch.as_ref().is_some_and(|batch| !batch.is_known_submission(submission.as_str()))
        {
            return Ok(None);
        }
        let sql = format!("select {ANSWER} from answer where submission = $1");
        let row = self.query_one(&sql, params![submission.as_str()], read_answer)?;
        row.map(|row| self.open_answer(row)).transpose()
    }

    /// Every answer of a task, the oldest first.
    pub fn answers_of(&mut self, task: TaskId) -> Result<Vec<AnswerRow>> {
        let sql = format!("select {ANSWER} from answer where task_id = $1 order by id");
        let rows = self.query(&sql, params![task], read_answer)?;
        rows.into_iter().map(|row| self.open_answer(row)).collect()
    }

    /// The answers that stand at the label stage, in the order of their slots.
    pub fn standing_answers(&mut self, task: TaskId) -> Result<Vec<AnswerRow>> {
        if self.batch.as_ref().is_some_and(|batch| batch.has_new_answer(task)) {
            // Some of them are not on the disk yet: alone, this command will find them there.
            return Err(Error::Unbatched);
        }
        let sql = format!(
            "select {ANSWER} from answer where task_id = $1 and stage = 'label' and state = 'standing' order by slot_id"
        );
        let rows = self.query(&sql, params![task], read_answer)?;
        rows.into_iter().map(|row| self.open_answer(row)).collect()
    }

    pub fn set_answer_state(&mut self, id: AnswerId, from: &str, to: &str) -> Result<()> {
        self.execute_one(
            sql!("update answer set state = $3 where id = $1 and state = $2"),
            params![id, from, to],
        )
    }

    /// The last answers of a person, the newest first.
    pub fn answers_by(&mut self, person: PersonId, limit: i64) -> Result<Vec<AnswerRow>> {
        let sql = format!(
            "select {ANSWER} from answer where person_id = $1 order by submitted_at_ms desc, id desc limit $2"
        );
        let rows = self.query(&sql, params![person, limit], read_answer)?;
        rows.into_iter().map(|row| self.open_answer(row)).collect()
    }

    /// How many answers a person has given, since `since` and in all, and the active time since.
    pub fn work_of(&mut self, person: PersonId, since: Timestamp) -> Result<(i64, i64, i64)> {
        let all = self.query_one(
            sql!("select count(*) from answer where person_id = $1"),
            params![person],
            |row| row.get::<i64>(0),
        )?;
        let lately = self.query_one(
            sql!(
                "select count(*), cast(coalesce(sum(active_ms), 0) as bigint) from answer
                 where person_id = $1 and submitted_at_ms >= $2"
            ),
            params![person, since],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (today, active_ms) = lately.unwrap_or_default();
        Ok((today, all.unwrap_or(0), active_ms))
    }

    /// Mean agreement of the tasks of a project that have more than one answer, and how many.
    pub fn agreement_of(&mut self, project: ProjectId) -> Result<(Option<f64>, i64)> {
        let row = self.query_one(
            sql!("select avg(agreement), count(agreement) from task where project_id = $1 and agreement is not null"),
            params![project],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(row.unwrap_or_default())
    }

    pub fn insert_review(&mut self, review: &NewReview<'_>, now: Timestamp) -> Result<ReviewId> {
        let id = ReviewId(self.new_id(now));
        let judgement =
            Judgement { reason: review.reason.map(Into::into), proposal: review.proposal.cloned() };
        let sealed = self.seal("review", id.0, 0, &judgement)?;
        self.execute(
            sql!(
                "insert into review (id, submission, slot_id, task_id, answer_id, reviewer_id, verdict, clause, sealed,
                                     fixed_id, active_ms, at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
            ),
            params![
                id,
                review.submission.as_str(),
                review.slot,
                review.task,
                review.answer,
                review.reviewer,
                review.verdict.as_str(),
                review.clause,
                &sealed,
                review.fixed,
                review.active_ms,
                now,
            ],
        )?;
        Ok(id)
    }

    /// Every review of a task, the oldest first.
    pub fn reviews_of(&mut self, task: TaskId) -> Result<Vec<ReviewRow>> {
        let rows = self.query(
            sql!(
                "select id, task_id, answer_id, reviewer_id, verdict, clause, fixed_id, at_ms, sealed from review
                 where task_id = $1 order by id"
            ),
            params![task],
            |row| {
                let verdict: String = row.get(4)?;
                let review = ReviewRow {
                    id: row.get(0)?,
                    task: row.get(1)?,
                    answer: row.get(2)?,
                    reviewer: row.get(3)?,
                    verdict: verdict.parse().map_err(|()| Error::Corrupt { what: "verdict", value: verdict })?,
                    clause: row.get(5)?,
                    reason: None,
                    proposal: None,
                    fixed: row.get(6)?,
                    at: row.get(7)?,
                };
                Ok((review, row.get::<Vec<u8>>(8)?))
            },
        )?;
        rows.into_iter()
            .map(|(mut review, sealed)| {
                let judgement: Judgement = self.open("review", review.id.0, 0, &sealed)?;
                (review.reason, review.proposal) = (judgement.reason, judgement.proposal);
                Ok(review)
            })
            .collect()
    }

    pub fn insert_skip(
        &mut self,
        task: TaskId,
        person: PersonId,
        slot: SlotId,
        reason: &str,
        text: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let sealed =
            self.seal("skip", task.0, person.0, &Words { reason: text.map(Into::into) })?;
        self.execute(
            sql!(
                "insert into skip (task_id, person_id, slot_id, reason, sealed, at_ms) values ($1, $2, $3, $4, $5, $6)
                 on conflict (task_id, person_id) do update set
                   slot_id = excluded.slot_id, reason = excluded.reason, sealed = excluded.sealed, at_ms = excluded.at_ms"
            ),
            params![task, person, slot, reason, &sealed, now],
        )?;
        Ok(())
    }

    pub fn skips_of(&mut self, task: TaskId) -> Result<Vec<SkipRow>> {
        let rows = self.query(
            sql!("select person_id, reason, at_ms, sealed from skip where task_id = $1 order by at_ms"),
            params![task],
            |row| {
                let skip = SkipRow { person: row.get(0)?, reason: row.get(1)?, text: None, at: row.get(2)? };
                Ok((skip, row.get::<Vec<u8>>(3)?))
            },
        )?;
        rows.into_iter()
            .map(|(mut skip, sealed)| {
                skip.text = self.open::<Words>("skip", task.0, skip.person.0, &sealed)?.reason;
                Ok(skip)
            })
            .collect()
    }

    pub fn count_skips(&mut self, task: TaskId) -> Result<i64> {
        let count = self.query_one(
            sql!("select count(*) from skip where task_id = $1"),
            params![task],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Forgets who skipped a task, which a manager has put right and opened again.
    pub fn remove_skips(&mut self, task: TaskId) -> Result<()> {
        self.execute(sql!("delete from skip where task_id = $1"), params![task])?;
        Ok(())
    }

    /// Writes the label of a task, over an earlier one if there is one.
    pub fn save_label(&mut self, label: &NewLabel<'_>, now: Timestamp) -> Result<()> {
        if label.fused && self.batch.is_some() {
            // It goes with its consensus, of which a batch knows nothing.
            return Err(Error::Unbatched);
        }
        let name = crate::keys::Label::new("label", label.task.0, 0);
        let sealed = self.keys()?.seal(&name, label.body);
        if let Some(batch) = self.batch_mut() {
            batch.save_label(label, sealed, now);
            return Ok(());
        }
        self.execute(
            sql!(
                "insert into label (task_id, answer_id, sealed, confidence, method, ontology_version, instructions_version, at_ms,
                                    calibrated, model, fused, claimed)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                 on conflict (task_id) do update set
                   answer_id = excluded.answer_id, sealed = excluded.sealed, confidence = excluded.confidence,
                   calibrated = excluded.calibrated, model = excluded.model, method = excluded.method, ontology_version = excluded.ontology_version,
                   instructions_version = excluded.instructions_version, at_ms = excluded.at_ms, fused = excluded.fused,
                   claimed = excluded.claimed"
            ),
            params![
                label.task,
                label.answer,
                &sealed,
                label.confidence,
                label.method.as_str(),
                label.ontology_version,
                label.instructions_version,
                now,
                label.calibrated,
                label.model,
                label.fused,
                label.claimed,
            ],
        )?;
        Ok(())
    }

    pub fn remove_label(&mut self, task: TaskId) -> Result<()> {
        self.execute(sql!("delete from label where task_id = $1"), params![task])?;
        Ok(())
    }

    pub fn label(&mut self, task: TaskId) -> Result<Option<LabelRow>> {
        let row = self.query_one(
            sql!(
                "select answer_id, confidence, method, ontology_version, instructions_version, at_ms, sealed, calibrated, model, fused, claimed
                 from label where task_id = $1"
            ),
            params![task],
            |row| {
                let method: String = row.get(2)?;
                let label = LabelRow {
                    task,
                    answer: row.get(0)?,
                    value: Answer::default(),
                    confidence: row.get(1)?,
                    calibrated: row.get(7)?,
                    claimed: row.get(10)?,
                    model: row.get(8)?,
                    fused: row.get(9)?,
                    method: method.parse().map_err(|()| Error::Corrupt { what: "method", value: method })?,
                    ontology_version: row.get(3)?,
                    instructions_version: row.get(4)?,
                    at: row.get(5)?,
                };
                Ok((label, row.get::<Vec<u8>>(6)?))
            },
        )?;
        row.map(|(mut label, sealed)| {
            label.value = self.open("label", task.0, 0, &sealed)?;
            Ok(label)
        })
        .transpose()
    }
}
