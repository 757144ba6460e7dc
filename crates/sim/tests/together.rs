//! Many people at the same moment, on both engines: what one thread after another cannot show.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../../store/tests/support/postgres.rs"]
mod postgres_server;

use domain::people::Mode;
use domain::projects::{Media, Plan, State};
use domain::queue::State as SlotState;
use domain::workflow::{Stage, TaskState};
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, SlotId, Timestamp};
use server::projects::{NewProject, ProjectChange};
use server::queue::{AnswerRequest, Claim, ClaimRequest};
use server::{App, Config, Cx, projects, queue};
use std::collections::{HashMap, HashSet};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Backend, NewItem, Payload, Stores, TaskFilter};
use tempfile::TempDir;

const ORGANIZATION: OrganizationId = OrganizationId(7);
const TASKS: usize = 200;
const OVERLAP: i64 = 3;
const PEOPLE: i64 = 32;

struct Place {
    app: App,
    stores: Stores,
    project: ProjectId,
    runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis() as i64)
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::Folder(folder.path().join("data"));
        Self::new(folder, backend)
    }

    fn postgres() -> Self {
        let backend = Backend::Postgres {
            url: postgres_server::shared().into(),
            prefix: postgres_server::prefix(),
        };
        Self::new(tempfile::tempdir().unwrap(), backend)
    }

    fn new(folder: TempDir, backend: Backend) -> Self {
        let root = RootKey::load_or_create(&folder.path().join("root.key")).unwrap();
        let stores = Stores::open(backend, root, Blobs::memory()).unwrap();
        stores.create_organization(ORGANIZATION, now()).unwrap();
        let app = App::new(stores.clone(), Config::loopback(7780), now);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build()
            .unwrap();
        let mut place = Self { app, stores, project: ProjectId(0), runtime, _folder: folder };
        let cx = place.cx(PersonId(1), Role::Owner);
        let plan = Plan { overlap: OVERLAP, ..Plan::default() };
        place.project = place.runtime.block_on(async {
            let new = NewProject {
                name: "Moods".into(),
                template: "text_choice".into(),
                shapes: None,
                ontology: None,
                plan: Some(plan),
            };
            let made = projects::create(&cx, new).await.unwrap();
            let id: ProjectId = made.id.parse().unwrap();
            let change =
                ProjectChange { base: 1, name: None, plan: None, state: Some(State::Published) };
            projects::change(&cx, id, change).await.unwrap();
            id
        });
        let (project, items) = (place.project, (0..TASKS).map(item).collect::<Vec<_>>());
        cx.store()
            .write_now(move |tx| {
                tx.insert_items(project, &items, now())?;
                tx.record(now(), "test", "items.added", project, serde_json::json!({}));
                Ok::<_, store::Error>(())
            })
            .unwrap();
        place
    }

    fn cx(&self, person: PersonId, role: Role) -> Cx {
        let actor = Actor { organization: ORGANIZATION, person, role, mode: Mode::Live };
        Cx::for_job(&self.app, self.stores.access_for_job(actor).unwrap(), now())
    }

    /// Lets each of `loops` (a number and the person at work) claim and answer until nothing is left.
    fn work(&self, loops: impl Iterator<Item = (i64, PersonId)>, count: usize) {
        let threads: Vec<_> = loops
            .map(|(number, person)| {
                let (cx, project) = (self.cx(person, Role::Contributor), self.project);
                self.runtime.spawn(async move {
                    let (mut made, mut idle) = (0, 0);
                    // What others are taking at this moment is passed over: it is worth asking again.
                    while idle < 5 {
                        let request = ClaimRequest { stage: Stage::Label, count, holding: vec![] };
                        let claims = queue::claim(&cx, project, request).await.unwrap().claims;
                        idle = if claims.is_empty() { idle + 1 } else { 0 };
                        if idle > 0 {
                            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                        }
                        for claim in claims {
                            made += 1;
                            answer(&cx, &claim, format!("sub_l{number:03}n{made:06}")).await;
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            self.runtime.block_on(thread).unwrap();
        }
    }

    /// Who has answered each task.
    fn answered(&self) -> HashMap<String, Vec<PersonId>> {
        let (project, filter) =
            (self.project, TaskFilter { limit: 1_000, ..TaskFilter::default() });
        let store = self.cx(PersonId(1), Role::Owner).store().clone();
        let answered = store
            .read_now(move |tx| {
                let mut answered = HashMap::new();
                for row in tx.list_tasks(project, &filter)? {
                    let slots = tx.slots_of(row.task.id)?;
                    let people =
                        slots.iter().filter(|slot| slot.stage == Stage::Label).filter_map(|slot| {
                            match slot.slot.state {
                                SlotState::Answered { by, .. } => Some(by),
                                _ => None,
                            }
                        });
                    answered.insert(row.task.id.to_string(), people.collect());
                    assert_eq!(tx.answers_of(row.task.id)?.len(), slots.len());
                    assert!(row.task.state != TaskState::Queued || slots.is_empty());
                }
                assert_eq!(tx.counts(project)?, tx.recount(project)?);
                tx.verify_events()?;
                Ok::<_, store::Error>(answered)
            })
            .unwrap();
        self.stores.close();
        answered
    }
}

async fn answer(cx: &Cx, claim: &Claim, submission: String) {
    let slot: SlotId = claim.slot.parse().unwrap();
    let request = AnswerRequest {
        submission: submission.parse().unwrap(),
        fence: claim.fence,
        answer: serde_json::from_value(serde_json::json!({ "choices": ["neutral"] })).unwrap(),
        active_ms: 1,
        ontology_version: None,
        instructions_version: None,
        claim_next: 0,
        holding: vec![],
    };
    // Another tab of the same person may have answered it first: then, and only then, it is refused.
    match queue::answer(cx, slot, request).await {
        Ok(_) => {}
        Err(error) => assert_eq!(error.status_and_code().1, "already_answered", "{error:?}"),
    }
}

fn item(number: usize) -> NewItem {
    NewItem {
        external_id: format!("item-{number}"),
        media: Media::Text,
        address: None,
        bytes: 5,
        width: None,
        height: None,
        frames: None,
        payload: Payload {
            name: format!("{number}"),
            text: Some("text".into()),
            scene: None,
            pictures: vec![],
            metadata: serde_json::Map::new(),
        },
        priority: 5,
        overlap: OVERLAP,
        label: None,
        suggestion: None,
        gold: false,
        ontology_version: 1,
        instructions_version: 1,
    }
}

fn many_people(place: &Place) {
    place.work((0..PEOPLE).map(|number| (number, PersonId(100 + number))), 2);
    let answered = place.answered();
    assert_eq!(answered.len(), TASKS);
    for (task, people) in &answered {
        assert_eq!(people.len() as i64, OVERLAP, "{task}");
        assert_eq!(
            people.iter().collect::<HashSet<_>>().len() as i64,
            OVERLAP,
            "{task}: {people:?}"
        );
    }
}

/// One person with twelve tabs: however they race, each task is theirs once (I11).
fn one_person_in_many_tabs(place: &Place) {
    place.work((0..12).map(|number| (number, PersonId(100))), 3);
    let answered = place.answered();
    assert!(answered.values().all(|people| people.len() == 1), "{answered:?}");
}

#[test]
fn many_people_sqlite() {
    many_people(&Place::sqlite());
}

#[test]
fn many_people_postgres() {
    many_people(&Place::postgres());
}

#[test]
fn many_tabs_sqlite() {
    one_person_in_many_tabs(&Place::sqlite());
}

#[test]
fn many_tabs_postgres() {
    one_person_in_many_tabs(&Place::postgres());
}
