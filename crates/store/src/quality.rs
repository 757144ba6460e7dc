//! What a project knows of its people: gold, scores, contests, and the votes that models are fitted to.

use crate::answers::Words;
use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use domain::answers::Answer;
use domain::{AnswerId, PersonId, ProjectId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

/// A task whose answer is known.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldRow {
    pub task: TaskId,
    pub project: ProjectId,
    pub known: Answer,
    /// Rises when the known answer is put right.
    pub version: i64,
    /// `live`, `leaked` or `retired`.
    pub state: String,
    /// How often it was dealt.
    pub looks: i64,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

/// How one answer compares with what is known.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    pub answer: AnswerId,
    pub task: TaskId,
    pub project: ProjectId,
    pub person: PersonId,
    pub correct: bool,
    /// 0 to 1.
    pub likeness: f64,
    pub active_ms: i64,
    pub at: Timestamp,
}

/// A contributor's word against a score.
#[derive(Clone, Debug, PartialEq)]
pub struct ContestRow {
    pub answer: AnswerId,
    pub task: TaskId,
    pub project: ProjectId,
    pub person: PersonId,
    /// `open`, `upheld` or `overturned`.
    pub state: String,
    pub reason: String,
    pub at: Timestamp,
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<Timestamp>,
}

/// What the answers of a task say together: what a reviewer was shown, and what a label was made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsensusRow {
    pub task: TaskId,
    /// The answer that comes nearest to it.
    pub nearest: AnswerId,
    pub said: Consensus,
    /// As it was told when it was asked.
    pub confidence: Option<f64>,
    pub calibrated: bool,
    /// What a model claimed of it, before that was calibrated.
    pub claimed: Option<f64>,
    pub model: Option<String>,
    pub at: Timestamp,
}

/// What of it is sealed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Consensus {
    /// What they say; nothing where the nearest answer says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Answer>,
    /// All that it was made of.
    pub answers: Vec<AnswerId>,
    pub parts: Vec<ConsensusPart>,
}

/// An object, a span or a class of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsensusPart {
    pub id: String,
    /// How likely there is anything, and how likely it is that and of this class.
    pub presence: f64,
    pub confidence: f64,
    /// What a model claimed of it, before that was calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<f64>,
    /// The answers that have it, each with the id that it has there.
    pub marks: Vec<(AnswerId, String)>,
}

/// One standing answer of the label stage, as a model reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    pub answer: AnswerId,
    pub task: TaskId,
    pub person: PersonId,
    pub said: Answer,
    pub at: Timestamp,
}

/// What a model claims of a label that was made without one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    pub task: TaskId,
    /// When the label was made.
    pub at: Timestamp,
    pub claimed: f64,
}

/// A finished task with how sure its label is.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    pub task: TaskId,
    pub answers: i64,
    pub agreement: Option<f64>,
    pub confidence: Option<f64>,
    pub calibrated: bool,
    pub claimed: Option<f64>,
    pub method: String,
}

/// How sure labels of a project are, by what is claimed of them.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationRow {
    /// Known tasks that it rests on.
    pub gold: i64,
    /// Levels, as JSON.
    pub levels: String,
}

/// A task that has answers enough, whether they made a label or wait for a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub task: TaskId,
    pub answers: i64,
    pub gold: bool,
    pub agreement: Option<f64>,
    /// When it got its label, or last changed.
    pub at: Timestamp,
}

const GOLD: &str = "task_id, project_id, version, state, looks, created_by, created_at_ms, sealed";
const SCORE: &str =
    "answer_id, task_id, project_id, person_id, correct, likeness, active_ms, at_ms";
const CONTEST: &str =
    "answer_id, task_id, project_id, person_id, state, at_ms, decided_by, decided_at_ms, sealed";

fn read_gold(row: &Row<'_>) -> Result<(GoldRow, Vec<u8>)> {
    let gold = GoldRow {
        task: row.get(0)?,
        project: row.get(1)?,
        known: Answer::default(),
        version: row.get(2)?,
        state: row.get(3)?,
        looks: row.get(4)?,
        created_by: row.get(5)?,
        created_at: row.get(6)?,
    };
    Ok((gold, row.get(7)?))
}

fn read_score(row: &Row<'_>) -> Result<ScoreRow> {
    Ok(ScoreRow {
        answer: row.get(0)?,
        task: row.get(1)?,
        project: row.get(2)?,
        person: row.get(3)?,
        correct: row.get(4)?,
        likeness: row.get(5)?,
        active_ms: row.get(6)?,
        at: row.get(7)?,
    })
}

fn read_contest(row: &Row<'_>) -> Result<(ContestRow, Vec<u8>)> {
    let contest = ContestRow {
        answer: row.get(0)?,
        task: row.get(1)?,
        project: row.get(2)?,
        person: row.get(3)?,
        state: row.get(4)?,
        reason: String::new(),
        at: row.get(5)?,
        decided_by: row.get(6)?,
        decided_at: row.get(7)?,
    };
    Ok((contest, row.get(8)?))
}

impl Tx<'_> {
    fn open_gold(&self, (mut gold, sealed): (GoldRow, Vec<u8>)) -> Result<GoldRow> {
        gold.known = self.open("gold", gold.task.0, gold.version, &sealed)?;
        Ok(gold)
    }

    fn open_contest(&self, (mut contest, sealed): (ContestRow, Vec<u8>)) -> Result<ContestRow> {
        let words: Words = self.open("contest", contest.answer.0, 0, &sealed)?;
        contest.reason = words.reason.unwrap_or_default();
        Ok(contest)
    }

    pub fn gold(&mut self, task: TaskId) -> Result<Option<GoldRow>> {
        if self.batch.is_some() {
            return Err(Error::Unbatched);
        }
        let sql = format!("select {GOLD} from gold where task_id = $1 {{hold}}");
        let row = self.query_one(&sql, params![task], read_gold)?;
        row.map(|row| self.open_gold(row)).transpose()
    }

    /// The gold of a project behind `after`, in the order of its tasks.
    pub fn golds(&mut self, project: ProjectId, after: TaskId, limit: i64) -> Result<Vec<GoldRow>> {
        let sql = format!(
            "select {GOLD} from gold where project_id = $1 and task_id > $2 order by task_id limit $3"
        );
        let rows = self.query(&sql, params![project, after, limit], read_gold)?;
        rows.into_iter().map(|row| self.open_gold(row)).collect()
    }

    /// Makes a task gold, or puts its known answer right; `gold.version` is the new one.
    pub fn save_gold(&mut self, gold: &GoldRow) -> Result<()> {
        let sealed = self.seal("gold", gold.task.0, gold.version, &gold.known)?;
        self.execute(
            sql!(
                "insert into gold (task_id, project_id, sealed, version, state, looks, created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (task_id) do update set
                   sealed = excluded.sealed, version = excluded.version, state = excluded.state, looks = excluded.looks"
            ),
            params![
                gold.task,
                gold.project,
                &sealed,
                gold.version,
                &gold.state,
                gold.looks,
                gold.created_by,
                gold.created_at,
            ],
        )?;
        Ok(())
    }

    /// Live gold that a person never had in hand, the least looked at first.
    pub fn next_gold(&mut self, project: ProjectId, person: PersonId) -> Result<Option<TaskId>> {
        if self.batch.is_some() {
            return Err(Error::Unbatched);
        }
        self.query_one(
            sql!(
                "select g.task_id from gold g cross join task t
                 where t.id = g.task_id and g.project_id = $1 and g.state = 'live' and t.state = 'done'
                   and not exists (select 1 from touch h where h.task_id = g.task_id and h.person_id = $2)
                 order by g.looks, g.task_id limit 1 {hold_or_skip}"
            ),
            params![project, person],
            |row| row.get(0),
        )
    }

    /// Counts one more look at a gold task.
    pub fn look_at_gold(&mut self, task: TaskId) -> Result<()> {
        self.execute(sql!("update gold set looks = looks + 1 where task_id = $1"), params![task])?;
        Ok(())
    }

    /// Keeps how an answer compares with what is known, over what was kept before.
    pub fn save_score(&mut self, score: &ScoreRow) -> Result<()> {
        self.execute(
            sql!(
                "insert into score (answer_id, task_id, project_id, person_id, correct, likeness, active_ms, at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (answer_id) do update set correct = excluded.correct, likeness = excluded.likeness"
            ),
            params![
                score.answer,
                score.task,
                score.project,
                score.person,
                score.correct,
                score.likeness,
                score.active_ms,
                score.at,
            ],
        )?;
        Ok(())
    }

    pub fn score(&mut self, answer: AnswerId) -> Result<Option<ScoreRow>> {
        let sql = format!("select {SCORE} from score where answer_id = $1");
        self.query_one(&sql, params![answer], read_score)
    }

    /// The scores of a task, the oldest first.
    pub fn scores_of(&mut self, task: TaskId) -> Result<Vec<ScoreRow>> {
        let sql = format!("select {SCORE} from score where task_id = $1 order by answer_id");
        self.query(&sql, params![task], read_score)
    }

    /// The last scores of a project, the newest first.
    pub fn scores(&mut self, project: ProjectId, limit: i64) -> Result<Vec<ScoreRow>> {
        let sql = format!(
            "select {SCORE} from score where project_id = $1 order by answer_id desc limit $2"
        );
        self.query(&sql, params![project, limit], read_score)
    }

    /// The last scores of one person before a moment, the newest first.
    pub fn scores_by(
        &mut self,
        person: PersonId,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<ScoreRow>> {
        let sql = format!(
            "select {SCORE} from score where person_id = $1 and at_ms <= $2 order by answer_id desc limit $3"
        );
        self.query(&sql, params![person, before, limit], read_score)
    }

    /// How many of a person's answers to gold of a project were right, and how many there are.
    pub fn count_scores(&mut self, project: ProjectId, person: PersonId) -> Result<(i64, i64)> {
        let row = self.query_one(
            sql!(
                "select cast(coalesce(sum(correct), 0) as bigint), count(*) from score
                 where project_id = $1 and person_id = $2"
            ),
            params![project, person],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(row.unwrap_or_default())
    }

    /// How many answers of the label stage a person has standing in a project.
    pub fn count_answers(&mut self, project: ProjectId, person: PersonId) -> Result<i64> {
        let count = self.query_one(
            sql!(
                "select count(*) from answer
                 where person_id = $1 and project_id = $2 and stage = 'label' and state = 'standing'"
            ),
            params![person, project],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// Forgets the scores of a task, which were against something that was not so.
    pub fn remove_scores(&mut self, task: TaskId) -> Result<u64> {
        self.execute(sql!("delete from score where task_id = $1"), params![task])
    }

    /// Adds a contributor's word against a score, in the place of one that was decided.
    pub fn insert_contest(&mut self, contest: &ContestRow) -> Result<()> {
        let words = Words { reason: Some(contest.reason.clone()) };
        let sealed = self.seal("contest", contest.answer.0, 0, &words)?;
        self.execute(
            sql!(
                "insert into contest (answer_id, task_id, project_id, person_id, state, sealed, at_ms)
                 values ($1, $2, $3, $4, 'open', $5, $6)
                 on conflict (answer_id) do update set
                   state = 'open', sealed = excluded.sealed, at_ms = excluded.at_ms, decided_by = null, decided_at_ms = null"
            ),
            params![
                contest.answer,
                contest.task,
                contest.project,
                contest.person,
                &sealed,
                contest.at,
            ],
        )?;
        Ok(())
    }

    pub fn contest(&mut self, answer: AnswerId) -> Result<Option<ContestRow>> {
        let sql = format!("select {CONTEST} from contest where answer_id = $1");
        let row = self.query_one(&sql, params![answer], read_contest)?;
        row.map(|row| self.open_contest(row)).transpose()
    }

    /// The contests of a project, those that wait for a decision first.
    pub fn contests(&mut self, project: ProjectId, limit: i64) -> Result<Vec<ContestRow>> {
        let sql = format!(
            "select {CONTEST} from contest where project_id = $1
             order by case state when 'open' then 0 else 1 end, answer_id desc limit $2"
        );
        let rows = self.query(&sql, params![project, limit], read_contest)?;
        rows.into_iter().map(|row| self.open_contest(row)).collect()
    }

    /// Decides contests of a task that are still open; answers how many.
    pub fn decide_contests(
        &mut self,
        task: TaskId,
        state: &str,
        by: PersonId,
        now: Timestamp,
    ) -> Result<u64> {
        self.execute(
            sql!(
                "update contest set state = $2, decided_by = $3, decided_at_ms = $4 where task_id = $1 and state = 'open'"
            ),
            params![task, state, by, now],
        )
    }

    /// Keeps what the answers of a task say together, over what they said before.
    pub fn save_consensus(&mut self, row: &ConsensusRow) -> Result<()> {
        if self.batch.is_some() {
            return Err(Error::Unbatched);
        }
        let sealed = self.seal("consensus", row.task.0, 0, &row.said)?;
        self.execute(
            sql!(
                "insert into consensus (task_id, answer_id, sealed, confidence, calibrated, model, at_ms, claimed)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (task_id) do update set
                   answer_id = excluded.answer_id, sealed = excluded.sealed, confidence = excluded.confidence,
                   calibrated = excluded.calibrated, model = excluded.model, at_ms = excluded.at_ms,
                   claimed = excluded.claimed"
            ),
            params![
                row.task,
                row.nearest,
                &sealed,
                row.confidence,
                row.calibrated,
                row.model.as_deref(),
                row.at,
                row.claimed,
            ],
        )?;
        Ok(())
    }

    /// What the answers of a task said together when they were last asked; other answers may stand by now.
    pub fn consensus(&mut self, task: TaskId) -> Result<Option<ConsensusRow>> {
        let row = self.query_one(
            sql!("select answer_id, sealed, confidence, calibrated, model, at_ms, claimed from consensus where task_id = $1"),
            params![task],
            |row| {
                let consensus = ConsensusRow {
                    task,
                    nearest: row.get(0)?,
                    said: Consensus::default(),
                    confidence: row.get(2)?,
                    calibrated: row.get(3)?,
                    model: row.get(4)?,
                    at: row.get(5)?,
                    claimed: row.get(6)?,
                };
                Ok((consensus, row.get::<Vec<u8>>(1)?))
            },
        )?;
        row.map(|(mut row, sealed)| {
            row.said = self.open("consensus", task.0, 0, &sealed)?;
            Ok(row)
        })
        .transpose()
    }

    /// Keeps how sure labels of a project are by what is claimed of them, over what was kept before.
    pub fn save_calibration(
        &mut self,
        project: ProjectId,
        row: &CalibrationRow,
        now: Timestamp,
    ) -> Result<()> {
        self.execute(
            sql!(
                "insert into calibration (project_id, gold, levels, at_ms) values ($1, $2, $3, $4)
                 on conflict (project_id) do update set
                   gold = excluded.gold, levels = excluded.levels, at_ms = excluded.at_ms"
            ),
            params![project, row.gold, row.levels.as_str(), now],
        )?;
        Ok(())
    }

    /// How sure labels of a project are by what is claimed of them; nothing before a model was fitted.
    pub fn calibration(&mut self, project: ProjectId) -> Result<Option<CalibrationRow>> {
        self.query_one(
            sql!("select gold, levels from calibration where project_id = $1"),
            params![project],
            |row| Ok(CalibrationRow { gold: row.get(0)?, levels: row.get(1)? }),
        )
    }

    /// Standing answers of the label stage behind `after`, in the order in which they came.
    pub fn votes(&mut self, project: ProjectId, after: AnswerId, limit: i64) -> Result<Vec<Vote>> {
        let rows = self.query(
            sql!(
                "select id, task_id, person_id, submitted_at_ms, sealed from answer
                 where project_id = $1 and id > $2 and stage = 'label' and state = 'standing' order by id limit $3"
            ),
            params![project, after, limit],
            |row| {
                let vote = Vote {
                    answer: row.get(0)?,
                    task: row.get(1)?,
                    person: row.get(2)?,
                    at: row.get(3)?,
                    said: Answer::default(),
                };
                Ok((vote, row.get::<Vec<u8>>(4)?))
            },
        )?;
        rows.into_iter()
            .map(|(mut vote, sealed)| {
                vote.said = self.open("answer", vote.answer.0, 0, &sealed)?;
                Ok(vote)
            })
            .collect()
    }

    /// The last tasks of a project that have answers enough.
    pub fn settled(&mut self, project: ProjectId, limit: i64) -> Result<Vec<Settled>> {
        self.query(
            sql!(
                "select t.id, t.answers, t.gold, t.agreement, coalesce(l.at_ms, t.updated_at_ms)
                 from task t left join label l on l.task_id = t.id
                 where t.project_id = $1 and t.state in ('done', 'in_review') and t.answers > 0
                 order by t.id desc limit $2"
            ),
            params![project, limit],
            |row| {
                Ok(Settled {
                    task: row.get(0)?,
                    answers: row.get(1)?,
                    gold: row.get(2)?,
                    agreement: row.get(3)?,
                    at: row.get(4)?,
                })
            },
        )
    }

    /// Tasks with a label that answers made and of which nothing is claimed.
    pub fn unclaimed(
        &mut self,
        project: ProjectId,
        after: TaskId,
        limit: i64,
    ) -> Result<Vec<TaskId>> {
        self.query(
            sql!(
                "select t.id from task t cross join label l
                 where l.task_id = t.id and t.project_id = $1 and t.id > $2 and l.claimed is null
                   and l.method in ('single', 'agreement', 'adaptive')
                 order by t.id limit $3"
            ),
            params![project, after, limit],
            |row| row.get(0),
        )
    }

    /// Claims a label, where it is still the one that was looked at.
    pub fn claim(&mut self, claim: &Claim) -> Result<u64> {
        self.execute(
            sql!(
                "update label set claimed = $3 where task_id = $1 and at_ms = $2 and claimed is null
                   and method in ('single', 'agreement', 'adaptive')"
            ),
            params![claim.task, claim.at, claim.claimed],
        )
    }

    /// Finished tasks whose labels are the least sure, the most doubtful first.
    pub fn doubts(&mut self, project: ProjectId, limit: i64) -> Result<Vec<Doubt>> {
        self.query(
            sql!(
                "select t.id, t.answers, t.agreement, l.confidence, l.calibrated, l.method, l.claimed
                 from task t cross join label l
                 where l.task_id = t.id and t.project_id = $1 and l.method in ('agreement', 'adaptive')
                   and coalesce(l.claimed, l.confidence, t.agreement) < 1
                 order by coalesce(l.claimed, l.confidence, t.agreement), t.id limit $2"
            ),
            params![project, limit],
            |row| {
                Ok(Doubt {
                    task: row.get(0)?,
                    answers: row.get(1)?,
                    agreement: row.get(2)?,
                    confidence: row.get(3)?,
                    calibrated: row.get(4)?,
                    method: row.get(5)?,
                    claimed: row.get(6)?,
                })
            },
        )
    }
}
