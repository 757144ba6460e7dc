//! Projects: their question, plan, ontology and instructions.

use crate::auth::{Can, ManageProjects, SeeProjects};
use crate::people::checked_name;
use crate::wire::{Body, Page, Paging, Time, id};
use crate::{App, Cx, Error, Result};
use axum::Json;
use axum::extract::{Path, Query};
use domain::ontology::Ontology;
use domain::people::Permission;
use domain::projects::{Plan, Question, ShapeKind, State, change_state, templates};
use domain::{OrganizationId, Problem, ProjectId, limits};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use store::{Counts, ProjectRow, Tx, Versioned};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_templates))
        .routes(routes!(get_projects, post_project))
        .routes(routes!(get_project, patch_project))
        .routes(routes!(get_ontology, put_ontology))
        .routes(routes!(get_instructions, put_instructions))
}

/// A project on the wire.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProjectBody {
    pub id: String,
    pub name: String,
    pub template: String,
    #[schema(value_type = Object)]
    pub question: Question,
    #[schema(value_type = Object)]
    pub plan: Plan,
    /// `draft`, `published`, `paused` or `archived`.
    pub state: String,
    pub mode: String,
    /// What an edit names as its `base` (H4).
    pub version: i64,
    pub ontology_version: i64,
    pub instructions_version: i64,
    pub created_at: Time,
    pub counts: CountsBody,
    /// How many slots wait for the caller, up to 1,000; only where it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct CountsBody {
    pub tasks: i64,
    pub queued: i64,
    pub in_progress: i64,
    pub in_review: i64,
    pub done: i64,
    pub canceled: i64,
    pub error: i64,
    pub answers: i64,
    pub wanted: i64,
}

impl From<Counts> for CountsBody {
    fn from(counts: Counts) -> Self {
        let Counts { queued, in_progress, in_review, done, canceled, error, answers, wanted } =
            counts;
        Self {
            tasks: counts.tasks(),
            queued,
            in_progress,
            in_review,
            done,
            canceled,
            error,
            answers,
            wanted,
        }
    }
}

pub fn body(project: &ProjectRow, counts: Counts) -> ProjectBody {
    ProjectBody {
        id: project.id.to_string(),
        name: project.name.clone(),
        template: project.template.clone(),
        question: project.question.clone(),
        plan: project.plan.clone(),
        state: project.state.as_str().into(),
        mode: project.mode.as_str().into(),
        version: project.version,
        ontology_version: project.ontology_version,
        instructions_version: project.instructions_version,
        created_at: project.created_at.into(),
        counts: counts.into(),
        available: None,
    }
}

/// The project, if the caller may know of it: objects of one mode are invisible to the other, and
/// those who only label see what is published.
pub fn visible(tx: &mut Tx<'_>, cx: &Cx, id: ProjectId) -> Result<ProjectRow> {
    let project = tx.project(id)?.ok_or(Error::NotFound)?;
    let sees_all = cx.may(Permission::SeeLabels);
    let fine = project.mode == cx.actor().mode && (sees_all || project.state == State::Published);
    if fine { Ok(project) } else { Err(Error::NotFound) }
}

/// Versions of ontologies and instructions never change, so those in use are kept in memory.
#[derive(Default)]
pub struct Documents {
    // Ids are unique within a store only, so the organization is part of the key.
    ontologies: Mutex<HashMap<(OrganizationId, ProjectId, i64), Arc<Ontology>>>,
}

const DOCUMENTS_KEPT: usize = 256;

impl Documents {
    /// The ontology of a project at a version.
    pub fn ontology(
        &self,
        tx: &mut Tx<'_>,
        organization: OrganizationId,
        project: ProjectId,
        version: i64,
    ) -> Result<Arc<Ontology>> {
        let key = (organization, project, version);
        let lock = || self.ontologies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(ontology) = lock().get(&key) {
            return Ok(Arc::clone(ontology));
        }
        let ontology = Arc::new(tx.ontology(project, version)?.ok_or(Error::NotFound)?.document);
        let mut kept = lock();
        if kept.len() >= DOCUMENTS_KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&ontology));
        Ok(ontology)
    }
}

#[derive(Serialize, ToSchema)]
pub struct TemplateBody {
    pub template: String,
    pub name: String,
    pub description: String,
    #[schema(value_type = Object)]
    pub question: Question,
    #[schema(value_type = Object)]
    pub ontology: Ontology,
}

#[utoipa::path(get, path = "/api/templates", tag = "projects", responses((status = 200, body = Page<TemplateBody>)))]
async fn get_templates(_: Can<SeeProjects>) -> Json<Page<TemplateBody>> {
    let items = templates().into_iter().map(|template| TemplateBody {
        template: template.template.into(),
        name: template.name.into(),
        description: template.description.into(),
        question: template.question,
        ontology: template.ontology,
    });
    Json(Page { items: items.collect(), next_cursor: None })
}

#[utoipa::path(get, path = "/api/projects", tag = "projects", params(Paging), responses((status = 200, body = Page<ProjectBody>)))]
async fn get_projects(
    cx: Can<SeeProjects>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ProjectBody>>> {
    let (after, limit) = (ProjectId(paging.after()?), paging.limit()?);
    let inner = (*cx).clone();
    let page = cx
        .read(move |tx| {
            let rows = tx.projects(inner.actor().mode, after, limit)?;
            let last = rows.last().map(|row| row.id.0);
            let count = rows.len() as i64;
            let mut items = Vec::new();
            for project in rows {
                let sees_all = inner.may(Permission::SeeLabels);
                if !sees_all && project.state != State::Published {
                    continue;
                }
                let mut item = body(&project, tx.counts(project.id)?);
                if inner.may(Permission::Label) && project.state == State::Published {
                    item.available = Some(crate::queue::available(tx, &inner, &project)?);
                }
                items.push(item);
            }
            let next_cursor = last.filter(|_| count >= limit).map(domain::encode);
            Ok(Page { items, next_cursor })
        })
        .await?;
    Ok(Json(page))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    pub name: String,
    pub template: String,
    /// Kinds of shapes, instead of the template's own; only where it asks for shapes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub shapes: Option<Vec<ShapeKind>>,
    /// Instead of the template's own.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub ontology: Option<Ontology>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub plan: Option<Plan>,
}

/// Makes a project out of a template, as a draft.
pub async fn create(cx: &Cx, new: NewProject) -> Result<ProjectBody> {
    let name = checked_name("name", &new.name)?;
    let template =
        templates().into_iter().find(|template| template.template == new.template).ok_or_else(
            || Error::invalid("template", "unknown_template", "there is no such template"),
        )?;
    let plan = new.plan.clone().unwrap_or_default();
    let ontology = new.ontology.clone().unwrap_or(template.ontology);
    let mut question = template.question;
    let mut problems = Vec::new();
    if let Some(shapes) = new.shapes.clone() {
        let fits = shapes.is_empty() == question.shapes.is_empty()
            && shapes.iter().all(|kind| kind.lies_on(question.media))
            && shapes.iter().enumerate().all(|(i, kind)| !shapes[..i].contains(kind));
        if !fits {
            let message = "name each kind of shape once, and only such as lie on what the template asks about";
            problems.push(Problem::new("shapes", "unknown_value", message));
        }
        question.shapes = shapes;
    }
    problems.extend(plan.check());
    problems.extend(under("ontology", ontology.check()));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let (actor, now) = (cx.actor(), cx.now);
    cx.write(&new, move |tx| {
        if tx.project_by_name(actor.mode, &name)?.is_some() {
            return Err(Error::refused(
                "name_taken",
                format!("there is already a project called {name}"),
            ));
        }
        let project = ProjectRow {
            id: ProjectId(tx.new_id(now)),
            name: name.clone(),
            template: template.template.into(),
            question: question.clone(),
            plan: plan.clone(),
            state: State::Draft,
            mode: actor.mode,
            version: 1,
            ontology_version: 1,
            instructions_version: 1,
            created_by: actor.person,
            created_at: now,
        };
        let version = |document| Versioned {
            version: 1,
            document,
            created_by: actor.person,
            created_at: now,
        };
        tx.insert_project(&project)?;
        tx.insert_ontology(project.id, &version(ontology.clone()))?;
        let empty = Versioned {
            version: 1,
            document: String::new(),
            created_by: actor.person,
            created_at: now,
        };
        tx.insert_instructions(project.id, &empty)?;
        tx.record(
            now,
            actor.person,
            "project.created",
            project.id,
            serde_json::json!({ "template": project.template }),
        );
        Ok(body(&project, Counts::default()))
    })
    .await
}

fn under(prefix: &str, problems: Vec<Problem>) -> impl Iterator<Item = Problem> {
    let prefix = prefix.to_string();
    problems
        .into_iter()
        .map(move |problem| Problem { path: format!("{prefix}.{}", problem.path), ..problem })
}

#[utoipa::path(post, path = "/api/projects", tag = "projects", request_body = NewProject, responses((status = 200, body = ProjectBody)))]
async fn post_project(
    cx: Can<ManageProjects>,
    Body(new): Body<NewProject>,
) -> Result<Json<ProjectBody>> {
    Ok(Json(create(&cx, new).await?))
}

#[utoipa::path(get, path = "/api/projects/{project}", tag = "projects", params(("project" = String, Path)), responses((status = 200, body = ProjectBody)))]
async fn get_project(
    cx: Can<SeeProjects>,
    Path(project): Path<String>,
) -> Result<Json<ProjectBody>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let mut found = body(&project, tx.counts(project.id)?);
            if inner.may(Permission::Label) && project.state == State::Published {
                found.available = Some(crate::queue::available(tx, &inner, &project)?);
            }
            Ok(found)
        })
        .await?;
    Ok(Json(found))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectChange {
    /// The version that this edits (H4).
    pub base: i64,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub plan: Option<Plan>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub state: Option<State>,
}

fn check_base(base: i64, now: i64) -> Result<()> {
    if base == now {
        return Ok(());
    }
    Err(Error::RefusedWith {
        code: "edited_meanwhile",
        message: format!("somebody saved version {now} in the meantime; look at it and save again"),
        details: serde_json::json!({ "version": now }),
    })
}

/// Changes the settings of a project: its name, its plan for tasks to come, its state.
pub async fn change(cx: &Cx, project: ProjectId, change: ProjectChange) -> Result<ProjectBody> {
    let name = change.name.as_deref().map(|name| checked_name("name", name)).transpose()?;
    let problems = change.plan.as_ref().map(Plan::check).unwrap_or_default();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let inner = cx.clone();
    cx.write(&change.clone(), move |tx| {
        let before = visible(tx, &inner, project)?;
        check_base(change.base, before.version)?;
        let mut after = before.clone();
        if let Some(name) = &name {
            let other = tx.project_by_name(before.mode, name)?;
            if other.is_some_and(|other| other.id != before.id) {
                return Err(Error::refused(
                    "name_taken",
                    format!("there is already a project called {name}"),
                ));
            }
            after.name = name.clone();
        }
        if let Some(plan) = &change.plan {
            let problems = plan.check();
            if !problems.is_empty() {
                return Err(Error::Invalid(problems));
            }
            after.plan = plan.clone();
        }
        if let Some(state) = change.state {
            let ontology = tx.ontology(project, before.ontology_version)?.ok_or(Error::NotFound)?;
            change_state(before.state, state, &ontology.document)?;
            after.state = state;
        }
        after.version += 1;
        tx.save_project(before.version, &after)?;
        let detail = serde_json::json!({ "version": after.version, "state": after.state });
        tx.record(inner.now, inner.person(), "project.changed", project, detail);
        Ok(body(&after, tx.counts(project)?))
    })
    .await
}

#[utoipa::path(patch, path = "/api/projects/{project}", tag = "projects", params(("project" = String, Path)), request_body = ProjectChange, responses((status = 200, body = ProjectBody)))]
async fn patch_project(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(body): Body<ProjectChange>,
) -> Result<Json<ProjectBody>> {
    Ok(Json(change(&cx, id(&project)?, body).await?))
}

/// Which version of a document is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionQuery {
    /// The newest, unless asked otherwise.
    version: Option<i64>,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct OntologyBody {
    pub version: i64,
    #[schema(value_type = Object)]
    pub ontology: Ontology,
    pub created_at: Time,
    pub created_by: String,
}

#[utoipa::path(get, path = "/api/projects/{project}/ontology", tag = "projects", params(("project" = String, Path), VersionQuery), responses((status = 200, body = OntologyBody)))]
async fn get_ontology(
    cx: Can<SeeProjects>,
    Path(project): Path<String>,
    Query(query): Query<VersionQuery>,
) -> Result<Json<OntologyBody>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let version = query.version.unwrap_or(project.ontology_version);
            tx.ontology(project.id, version)?.ok_or(Error::NotFound)
        })
        .await?;
    Ok(Json(OntologyBody {
        version: found.version,
        ontology: found.document,
        created_at: found.created_at.into(),
        created_by: found.created_by.to_string(),
    }))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOntology {
    pub base: i64,
    #[schema(value_type = Object)]
    pub ontology: Ontology,
}

/// Saves the next version of a project's ontology (O6).
pub async fn save_ontology(cx: &Cx, project: ProjectId, new: NewOntology) -> Result<OntologyBody> {
    let problems = new.ontology.check();
    if !problems.is_empty() {
        return Err(Error::Invalid(under("ontology", problems).collect()));
    }
    let inner = cx.clone();
    cx.write(&new.clone(), move |tx| {
        let before = visible(tx, &inner, project)?;
        check_base(new.base, before.ontology_version)?;
        let old = tx.ontology(project, before.ontology_version)?.ok_or(Error::NotFound)?.document;
        let counts = tx.counts(project)?;
        // Until the first answer or imported label there is nothing that could hold a key.
        if counts.answers > 0 || counts.done > 0 || before.state != State::Draft {
            let dropped = old.dropped_keys(&new.ontology);
            if !dropped.is_empty() {
                return Err(Error::Invalid(dropped));
            }
        }
        if before.state != State::Draft
            && new.ontology.classes.is_empty()
            && new.ontology.attributes.is_empty()
        {
            return Err(domain::projects::StateRefusal::NothingAsked.into());
        }
        let mut after = before.clone();
        after.ontology_version += 1;
        after.version += 1;
        let version = Versioned {
            version: after.ontology_version,
            document: new.ontology.clone(),
            created_by: inner.person(),
            created_at: inner.now,
        };
        tx.insert_ontology(project, &version)?;
        tx.save_project(before.version, &after)?;
        let detail = serde_json::json!({ "version": version.version });
        tx.record(inner.now, inner.person(), "ontology.saved", project, detail);
        Ok(OntologyBody {
            version: version.version,
            ontology: version.document,
            created_at: inner.now.into(),
            created_by: inner.person().to_string(),
        })
    })
    .await
}

#[utoipa::path(put, path = "/api/projects/{project}/ontology", tag = "projects", params(("project" = String, Path)), request_body = NewOntology, responses((status = 200, body = OntologyBody)))]
async fn put_ontology(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(body): Body<NewOntology>,
) -> Result<Json<OntologyBody>> {
    Ok(Json(save_ontology(&cx, id(&project)?, body).await?))
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct InstructionsBody {
    pub version: i64,
    pub markdown: String,
    /// The headings, which a rejection names.
    pub clauses: Vec<ClauseBody>,
    pub created_at: Time,
    pub created_by: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClauseBody {
    pub id: String,
    pub title: String,
}

/// The clauses of instructions: their headings, each with an id made of its words.
pub fn clauses(markdown: &str) -> Vec<ClauseBody> {
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};
    let mut clauses: Vec<ClauseBody> = Vec::new();
    let mut title: Option<String> = None;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { .. }) => title = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(title) = &mut title {
                    title.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let title = title.take().unwrap_or_default();
                let slug = slug(&title);
                let repeats = clauses
                    .iter()
                    .filter(|c| c.id == slug || c.id.starts_with(&format!("{slug}-")))
                    .count();
                let id = if repeats == 0 { slug } else { format!("{slug}-{}", repeats + 1) };
                clauses.push(ClauseBody { id, title });
            }
            _ => {}
        }
    }
    clauses
}

fn slug(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() { "clause".into() } else { words.join("-") }
}

#[utoipa::path(get, path = "/api/projects/{project}/instructions", tag = "projects", params(("project" = String, Path), VersionQuery), responses((status = 200, body = InstructionsBody)))]
async fn get_instructions(
    cx: Can<SeeProjects>,
    Path(project): Path<String>,
    Query(query): Query<VersionQuery>,
) -> Result<Json<InstructionsBody>> {
    let project = id(&project)?;
    let inner = (*cx).clone();
    let found = cx
        .read(move |tx| {
            let project = visible(tx, &inner, project)?;
            let version = query.version.unwrap_or(project.instructions_version);
            tx.instructions(project.id, version)?.ok_or(Error::NotFound)
        })
        .await?;
    Ok(Json(InstructionsBody {
        version: found.version,
        clauses: clauses(&found.document),
        markdown: found.document,
        created_at: found.created_at.into(),
        created_by: found.created_by.to_string(),
    }))
}

#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInstructions {
    pub base: i64,
    pub markdown: String,
}

/// Saves the next version of a project's instructions.
pub async fn save_instructions(
    cx: &Cx,
    project: ProjectId,
    new: NewInstructions,
) -> Result<InstructionsBody> {
    if new.markdown.len() > limits::INSTRUCTIONS_BYTES_MAX {
        return Err(Error::invalid("markdown", "too_long", "instructions have at most 1 MiB"));
    }
    let inner = cx.clone();
    cx.write(&new.clone(), move |tx| {
        let before = visible(tx, &inner, project)?;
        check_base(new.base, before.instructions_version)?;
        let mut after = before.clone();
        after.instructions_version += 1;
        after.version += 1;
        let version = Versioned {
            version: after.instructions_version,
            document: new.markdown.clone(),
            created_by: inner.person(),
            created_at: inner.now,
        };
        tx.insert_instructions(project, &version)?;
        tx.save_project(before.version, &after)?;
        let detail = serde_json::json!({ "version": version.version });
        tx.record(inner.now, inner.person(), "instructions.saved", project, detail);
        Ok(InstructionsBody {
            version: version.version,
            clauses: clauses(&version.document),
            markdown: version.document,
            created_at: inner.now.into(),
            created_by: inner.person().to_string(),
        })
    })
    .await
}

#[utoipa::path(put, path = "/api/projects/{project}/instructions", tag = "projects", params(("project" = String, Path)), request_body = NewInstructions, responses((status = 200, body = InstructionsBody)))]
async fn put_instructions(
    cx: Can<ManageProjects>,
    Path(project): Path<String>,
    Body(body): Body<NewInstructions>,
) -> Result<Json<InstructionsBody>> {
    Ok(Json(save_instructions(&cx, id(&project)?, body).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_the_headings() {
        let got = clauses("# What to draw\ntext\n## Tight boxes!\n## Tight boxes!\n# 🙂\n");
        let ids: Vec<&str> = got.iter().map(|clause| clause.id.as_str()).collect();
        assert_eq!(ids, ["what-to-draw", "tight-boxes", "tight-boxes-2", "clause"]);
    }
}
