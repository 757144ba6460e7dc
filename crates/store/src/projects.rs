//! Projects on disk: their question, plan, ontology and instructions, each version kept.

use crate::engine::{Row, Tx, params, sql};
use crate::{Error, Result};
use domain::ontology::Ontology;
use domain::people::Mode;
use domain::projects::{Plan, Question, State};
use domain::workflow::TaskState;
use domain::{PersonId, ProjectId, Timestamp};

#[derive(Clone, Debug, PartialEq)]
pub struct ProjectRow {
    pub id: ProjectId,
    pub name: String,
    pub template: String,
    pub question: Question,
    pub plan: Plan,
    pub state: State,
    pub mode: Mode,
    /// Rises with every change of the settings.
    pub version: i64,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

/// One version of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    pub version: i64,
    pub document: T,
    pub created_by: PersonId,
    pub created_at: Timestamp,
}

/// How many tasks stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub queued: i64,
    pub in_progress: i64,
    pub in_review: i64,
    pub done: i64,
    pub canceled: i64,
    pub error: i64,
    /// Answers given at the label stage, and how many the tasks want in all.
    pub answers: i64,
    pub wanted: i64,
}

impl Counts {
    pub fn tasks(&self) -> i64 {
        self.queued + self.in_progress + self.in_review + self.done + self.canceled + self.error
    }

    pub(crate) fn add(&mut self, more: &Counts) {
        self.queued += more.queued;
        self.in_progress += more.in_progress;
        self.in_review += more.in_review;
        self.done += more.done;
        self.canceled += more.canceled;
        self.error += more.error;
        self.answers += more.answers;
        self.wanted += more.wanted;
    }

    pub fn of_mut(&mut self, state: TaskState) -> &mut i64 {
        match state {
            TaskState::Queued => &mut self.queued,
            TaskState::InProgress => &mut self.in_progress,
            TaskState::InReview => &mut self.in_review,
            TaskState::Done => &mut self.done,
            TaskState::Canceled => &mut self.canceled,
            TaskState::Error => &mut self.error,
        }
    }
}

const PROJECT: &str = "id, name, template, question, plan, state, mode, version, ontology_version,
    instructions_version, created_by, created_at_ms";

fn read_project(row: &Row<'_>) -> Result<ProjectRow> {
    let mode: String = row.get(6)?;
    let state: String = row.get(5)?;
    Ok(ProjectRow {
        id: row.get(0)?,
        name: row.get(1)?,
        template: row.get(2)?,
        question: serde_json::from_str(&row.get::<String>(3)?)?,
        plan: serde_json::from_str(&row.get::<String>(4)?)?,
        state: state
            .parse()
            .map_err(|()| Error::Corrupt { what: "project state", value: state })?,
        mode: mode.parse().map_err(|()| Error::Corrupt { what: "mode", value: mode })?,
        version: row.get(7)?,
        ontology_version: row.get(8)?,
        instructions_version: row.get(9)?,
        created_by: row.get(10)?,
        created_at: row.get(11)?,
    })
}

impl Tx<'_> {
    pub fn insert_project(&mut self, project: &ProjectRow) -> Result<()> {
        let added = self.execute(
            sql!(
                "insert into project (id, name, template, question, plan, state, mode, version, ontology_version,
                                      instructions_version, created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing"
            ),
            params![
                project.id,
                &project.name,
                &project.template,
                &serde_json::to_string(&project.question)?,
                &serde_json::to_string(&project.plan)?,
                project.state.as_str(),
                project.mode.as_str(),
                project.version,
                project.ontology_version,
                project.instructions_version,
                project.created_by,
                project.created_at,
            ],
        )?;
        if added == 1 { Ok(()) } else { Err(Error::Exists { what: "project" }) }
    }

    pub fn project(&mut self, id: ProjectId) -> Result<Option<ProjectRow>> {
        if let Some(project) = self.batch.as_ref().and_then(|batch| batch.project(id)) {
            return Ok(Some(project));
        }
        let sql = format!("select {PROJECT} from project where id = $1");
        let found = self.query_one(&sql, params![id], read_project)?;
        if let (Some(batch), Some(project)) = (&mut self.batch, &found) {
            batch.remember_project(project);
        }
        Ok(found)
    }

    /// A project, kept as it is until the transaction ends.
    pub fn hold_project(&mut self, id: ProjectId) -> Result<Option<ProjectRow>> {
        let sql = format!("select {PROJECT} from project where id = $1 {{hold}}");
        self.query_one(&sql, params![id], read_project)
    }

    pub fn projects(
        &mut self,
        mode: Mode,
        after: ProjectId,
        limit: i64,
    ) -> Result<Vec<ProjectRow>> {
        let sql = format!(
            "select {PROJECT} from project where mode = $1 and id > $2 order by id limit $3"
        );
        self.query(&sql, params![mode.as_str(), after, limit], read_project)
    }

    pub fn project_by_name(&mut self, mode: Mode, name: &str) -> Result<Option<ProjectRow>> {
        let sql = format!("select {PROJECT} from project where mode = $1 and name = $2");
        self.query_one(&sql, params![mode.as_str(), name], read_project)
    }

    /// Saves the settings of a project over the version `before`; a conflict if that has passed.
    pub fn save_project(&mut self, before: i64, project: &ProjectRow) -> Result<()> {
        self.execute_one(
            sql!(
                "update project set name = $3, plan = $4, state = $5, version = $6, ontology_version = $7,
                                    instructions_version = $8
                 where id = $1 and version = $2"
            ),
            params![
                project.id,
                before,
                &project.name,
                &serde_json::to_string(&project.plan)?,
                project.state.as_str(),
                project.version,
                project.ontology_version,
                project.instructions_version,
            ],
        )
    }

    pub fn insert_ontology(
        &mut self,
        project: ProjectId,
        ontology: &Versioned<Ontology>,
    ) -> Result<()> {
        let sealed = self.seal("ontology", project.0, ontology.version, &ontology.document)?;
        self.execute(
            sql!(
                "insert into ontology (project_id, version, sealed, created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5)"
            ),
            params![project, ontology.version, &sealed, ontology.created_by, ontology.created_at],
        )?;
        Ok(())
    }

    pub fn ontology(
        &mut self,
        project: ProjectId,
        version: i64,
    ) -> Result<Option<Versioned<Ontology>>> {
        let row = self.query_one(
            sql!(
                "select sealed, created_by, created_at_ms from ontology where project_id = $1 and version = $2"
            ),
            params![project, version],
            |row| Ok((row.get::<Vec<u8>>(0)?, row.get(1)?, row.get(2)?)),
        )?;
        row.map(|(sealed, created_by, created_at)| {
            let document = self.open("ontology", project.0, version, &sealed)?;
            Ok(Versioned { version, document, created_by, created_at })
        })
        .transpose()
    }

    pub fn insert_instructions(
        &mut self,
        project: ProjectId,
        instructions: &Versioned<String>,
    ) -> Result<()> {
        let sealed =
            self.seal("instructions", project.0, instructions.version, &instructions.document)?;
        self.execute(
            sql!(
                "insert into instructions (project_id, version, sealed, created_by, created_at_ms)
                 values ($1, $2, $3, $4, $5)"
            ),
            params![
                project,
                instructions.version,
                &sealed,
                instructions.created_by,
                instructions.created_at
            ],
        )?;
        Ok(())
    }

    pub fn instructions(
        &mut self,
        project: ProjectId,
        version: i64,
    ) -> Result<Option<Versioned<String>>> {
        let row = self.query_one(
            sql!(
                "select sealed, created_by, created_at_ms from instructions where project_id = $1 and version = $2"
            ),
            params![project, version],
            |row| Ok((row.get::<Vec<u8>>(0)?, row.get(1)?, row.get(2)?)),
        )?;
        row.map(|(sealed, created_by, created_at)| {
            let document = self.open("instructions", project.0, version, &sealed)?;
            Ok(Versioned { version, document, created_by, created_at })
        })
        .transpose()
    }

    /// Adds a picture of the instructions; answers whether it is new.
    pub fn insert_picture(
        &mut self,
        project: ProjectId,
        address: &str,
        mime: &str,
        size: (i64, i64),
        now: Timestamp,
    ) -> Result<bool> {
        let added = self.execute_quietly(
            sql!(
                "insert into picture (project_id, address, mime, width, height, created_at_ms)
                 values ($1, $2, $3, $4, $5, $6) on conflict (project_id, address) do nothing"
            ),
            params![project, address, mime, size.0, size.1, now],
        )?;
        self.changed |= added == 1;
        Ok(added == 1)
    }

    /// The media type of a picture of the instructions of some project here.
    pub fn picture(&mut self, mode: Mode, address: &str) -> Result<Option<String>> {
        self.query_one(
            sql!(
                "select f.mime from picture f join project p on p.id = f.project_id
                 where f.address = $1 and p.mode = $2 limit 1"
            ),
            params![address, mode.as_str()],
            |row| row.get(0),
        )
    }

    pub fn counts(&mut self, project: ProjectId) -> Result<Counts> {
        self.flush_counts()?;
        let counts = self.query_one(
            sql!(
                "select cast(coalesce(sum(queued), 0) as bigint), cast(coalesce(sum(in_progress), 0) as bigint),
                        cast(coalesce(sum(in_review), 0) as bigint), cast(coalesce(sum(done), 0) as bigint),
                        cast(coalesce(sum(canceled), 0) as bigint), cast(coalesce(sum(error), 0) as bigint),
                        cast(coalesce(sum(answers), 0) as bigint), cast(coalesce(sum(wanted), 0) as bigint)
                 from project_count where project_id = $1"
            ),
            params![project],
            |row| {
                Ok(Counts {
                    queued: row.get(0)?,
                    in_progress: row.get(1)?,
                    in_review: row.get(2)?,
                    done: row.get(3)?,
                    canceled: row.get(4)?,
                    error: row.get(5)?,
                    answers: row.get(6)?,
                    wanted: row.get(7)?,
                })
            },
        )?;
        Ok(counts.unwrap_or_default())
    }
}
