//! The installation under test: two rivals on one server, a clock that stands still unless told,
//! and a plug that can be pulled.

use crate::people::{Act, Message, Reply, answer, truth};
use domain::ontology::{Class, Ontology};
use domain::people::Mode;
use domain::projects::{Adaptive, Pay, Plan, Quality, Review, State};
use domain::{Actor, OrganizationId, PersonId, ProjectId, Role, TaskId, Timestamp};
use server::brain::{Wanted, learn};
use server::gold::{self, NewGold};
use server::projects::{NewInstructions, NewProject, ProjectChange};
use server::tasks::{Reopening, TaskChange};
use server::{App, Config, Cx, Error, projects, queue, relay, review, tasks};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering::SeqCst};
use store::blobs::Blobs;
use store::keys::RootKey;
use store::{Access, Backend, Faults, NewItem, Payload, Store, Stores};

pub const START: Timestamp = Timestamp(1_800_000_000_000);
pub const MINUTE_MS: i64 = 60 * 1000;

/// What is asked of the people, in words that belong to one rival alone.
pub const MARKERS: [&str; 2] = ["lighthouse", "foundry"];
pub const CHOICES: [&str; 3] = ["positive", "neutral", "negative"];

/// When the process dies next.
#[derive(Default)]
pub struct Plug(AtomicU8);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    Never = 0,
    BeforeCommit = 1,
    BeforeReply = 2,
}

impl Plug {
    pub fn arm(&self, pull: Pull) {
        self.0.store(pull as u8, SeqCst);
    }

    fn dies(&self, pull: Pull) -> bool {
        self.0.compare_exchange(pull as u8, Pull::Never as u8, SeqCst, SeqCst).is_ok()
    }
}

impl Faults for Plug {
    fn dies_before_commit(&self) -> bool {
        self.dies(Pull::BeforeCommit)
    }

    fn dies_before_reply(&self) -> bool {
        self.dies(Pull::BeforeReply)
    }
}

/// One of the two organizations.
pub struct Rival {
    pub id: OrganizationId,
    pub marker: &'static str,
    pub projects: Vec<ProjectId>,
    /// How many items it has brought so far.
    pub items: usize,
}

pub struct World {
    runtime: tokio::runtime::Runtime,
    pub stores: Stores,
    app: App,
    clock: Arc<AtomicI64>,
    pub plug: Arc<Plug>,
    pub rivals: Vec<Rival>,
}

/// The places of the adaptive plans among [`plans`].
pub const ADAPTIVE: usize = 4;
pub const ADAPTIVE_SPANS: usize = 5;

/// Whether spans are asked for, which answers of their own agree by degrees.
pub fn asks_for_spans(project: usize) -> bool {
    project >= ADAPTIVE_SPANS
}

/// The ways of asking that are tried: alone, several without and with a review, review of each, and until it is sure; of spans, until it is
/// sure, and two with a review.
pub fn plans() -> Vec<Plan> {
    let adaptive =
        Quality::Adaptive(Adaptive { target: 0.9, min: 2, max: 6, price: 0.0, audit_share: 0.1 });
    let pay = |amount_minor| Some(Pay { amount_minor, currency: "EUR".into() });
    vec![
        Plan { overlap: 1, pay: pay(7), ..Plan::default() },
        Plan { overlap: 3, agreement_min: 0.6, pay: pay(5), ..Plan::default() },
        Plan { overlap: 2, review: Review::All, ..Plan::default() },
        Plan { overlap: 1, review: Review::All, lease_minutes: 2, pay: pay(11), ..Plan::default() },
        Plan { overlap: 5, agreement_min: 0.6, quality: adaptive, pay: pay(3), ..Plan::default() },
        Plan { overlap: 5, agreement_min: 0.6, quality: adaptive, pay: pay(2), ..Plan::default() },
        Plan { overlap: 2, review: Review::All, ..Plan::default() },
    ]
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder can be written");
        let root = RootKey::load_or_create(&folder.path().join("root.key"))
            .expect("a root key can be made");
        let plug = Arc::new(Plug::default());
        let faults: Arc<dyn Faults> = plug.clone();
        let stores = Stores::open_with_faults(Backend::Memory, root, Blobs::memory(), Some(faults))
            .expect("stores in memory open");
        let clock = Arc::new(AtomicI64::new(START.0));
        let app = Self::start(&stores, &clock);
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
        let mut world = Self { runtime, stores, app, clock, plug, rivals: Vec::new() };
        for (number, marker) in MARKERS.into_iter().enumerate() {
            world.found(OrganizationId(number as i64 + 1), marker);
        }
        world
    }

    fn start(stores: &Stores, clock: &Arc<AtomicI64>) -> App {
        let clock = Arc::clone(clock);
        App::new(stores.clone(), Config::loopback(7780), move || Timestamp(clock.load(SeqCst)))
    }

    /// The process ends and starts again: what was only in memory is gone.
    pub fn restart(&mut self) {
        self.app = Self::start(&self.stores, &self.clock);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(SeqCst))
    }

    pub fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, SeqCst);
    }

    pub fn access(&self, rival: usize, person: PersonId, role: Role) -> Access {
        let organization = OrganizationId(rival as i64 + 1);
        let actor = Actor { organization, person, role, mode: Mode::Live };
        self.stores.access_for_job(actor).expect("the rival's store opens")
    }

    pub fn store(&self, rival: usize) -> Store {
        self.access(rival, PersonId(1), Role::Owner).store().clone()
    }

    fn cx(&self, rival: usize, person: PersonId, role: Role) -> Cx {
        Cx::for_job(&self.app, self.access(rival, person, role), self.now())
    }

    fn found(&mut self, id: OrganizationId, marker: &'static str) {
        self.stores.create_organization(id, START).expect("an organization can be made");
        let number = self.rivals.len();
        self.rivals.push(Rival { id, marker, projects: Vec::new(), items: 0 });
        let cx = self.cx(number, PersonId(1), Role::Owner);
        for (count, plan) in plans().into_iter().enumerate() {
            let made = self.runtime.block_on(async {
                let name = format!("{marker} {count}");
                let template = if asks_for_spans(count) { "text_spans" } else { "text_choice" };
                let new = NewProject {
                    name,
                    template: template.into(),
                    shapes: None,
                    ontology: asks_for_spans(count).then(kinds),
                    plan: Some(plan),
                };
                let made = projects::create(&cx, new).await?;
                let id: ProjectId = made.id.parse().map_err(|_| Error::NotFound)?;
                let markdown = format!("# Mood\nOf the {marker}.\n# Care\n");
                projects::save_instructions(&cx, id, NewInstructions { base: 1, markdown }).await?;
                let change = ProjectChange {
                    base: 2,
                    name: None,
                    plan: None,
                    state: Some(State::Published),
                };
                projects::change(&cx, id, change).await?;
                Ok::<_, Error>(id)
            });
            self.rivals[number].projects.push(made.expect("a project can be made"));
        }
    }

    /// Brings items in; answers their number.
    pub fn bring(&mut self, rival: usize, project: usize, count: usize) {
        let marker = self.rivals[rival].marker;
        let id = self.rivals[rival].projects[project];
        let overlap = plans()[project].wanted_first();
        let first = self.rivals[rival].items;
        self.rivals[rival].items += count;
        let items: Vec<NewItem> = (first..first + count)
            .map(|number| NewItem {
                external_id: format!("item-{number}"),
                media: domain::projects::Media::Text,
                address: None,
                bytes: 10,
                width: None,
                height: None,
                frames: None,
                payload: Payload {
                    name: format!("{marker} {number}"),
                    text: Some(format!("about the {marker}, number {number}")),
                    scene: None,
                    pictures: vec![],
                    metadata: serde_json::Map::from_iter([(
                        "spans".into(),
                        asks_for_spans(project).into(),
                    )]),
                },
                priority: 5 - (number % 3) as i64,
                overlap,
                label: None,
                suggestion: None,
                gold: false,
                ontology_version: 1,
                instructions_version: 2,
            })
            .collect();
        let now = self.now();
        let brought = self.store(rival).write_now(move |tx| {
            let brought = tx.insert_items(id, &items, now)?;
            tx.record(now, "sim", "items.added", id, serde_json::json!({ "count": brought }));
            Ok::<_, store::Error>(brought)
        });
        assert_eq!(brought.expect("items can be brought in"), count as i64);
    }

    /// Carries what was earned into the ledger; a page at most, or nothing if the process dies at it.
    pub fn carry(&self, rival: usize) -> Result<usize, Error> {
        relay::step(&self.app, self.rivals[rival].id)
    }

    /// Fits the model of a project, as the background does now and then.
    pub fn learn(&self, rival: usize, project: usize) {
        let access = self.access(rival, PersonId(1), Role::Owner);
        let project = self.rivals[rival].projects[project];
        learn(&self.app, &access, project, Wanted::Model).expect("a model can be fitted");
    }

    /// An expert says what is so of a task, and it is gold from then on.
    pub fn make_gold(&self, rival: usize, project: usize, task: TaskId) {
        let cx = self.cx(rival, PersonId(1), Role::Owner);
        let known = answer(truth(&task.to_string()), rival, asks_for_spans(project).then_some(0));
        let new = NewGold { task, answer: Some(known) };
        let made =
            self.runtime.block_on(gold::make(&cx, self.rivals[rival].projects[project], new));
        made.expect("a task can be made gold");
    }

    /// Delivers a message to the server and answers what it says.
    pub fn deliver(&self, message: &Message) -> Result<Reply, Error> {
        let cx = self.cx(message.rival, message.person, message.role);
        let act = message.act.clone();
        self.runtime.block_on(async {
            Ok(match act {
                Act::Claim { project, request } => {
                    Reply::Claims(queue::claim(&cx, project, request).await?.claims)
                }
                Act::Renew { slot, fence } => {
                    Reply::Renewed(queue::renew(&cx, slot, fence).await?.until.0)
                }
                Act::Release { slot, fence } => {
                    queue::release(&cx, slot, fence).await?;
                    Reply::Done
                }
                Act::Skip { slot, request } => {
                    queue::skip(&cx, slot, request).await?;
                    Reply::Done
                }
                Act::Draft { slot, request } => {
                    queue::save_draft(&cx, slot, request).await?;
                    Reply::Done
                }
                Act::Answer { slot, request } => {
                    Reply::Receipt(queue::answer(&cx, slot, request).await?)
                }
                Act::Review { slot, request } => {
                    Reply::Receipt(review::review(&cx, slot, request).await?)
                }
                Act::Adjudicate { slot, request } => {
                    Reply::Receipt(review::adjudicate(&cx, slot, request).await?)
                }
                Act::Cancel { task } => {
                    tasks::cancel(&cx, task).await?;
                    Reply::Done
                }
                Act::Reopen { task } => {
                    tasks::reopen(&cx, task, Reopening { reason: "once more".into() }).await?;
                    Reply::Done
                }
                Act::Hurry { task, priority } => {
                    tasks::change(&cx, task, TaskChange { priority: Some(priority) }).await?;
                    Reply::Done
                }
                Act::Turn { project, to } => {
                    let version = cx
                        .read(move |tx| Ok(tx.project(project)?.map_or(0, |found| found.version)))
                        .await?;
                    let change =
                        ProjectChange { base: version, name: None, plan: None, state: Some(to) };
                    projects::change(&cx, project, change).await?;
                    Reply::Done
                }
            })
        })
    }
}

/// What a span may be: the same that texts may be.
fn kinds() -> Ontology {
    let class = |key: &str| Class {
        key: key.into(),
        name: key.into(),
        color: "#1971c2".into(),
        hotkey: None,
        parent: None,
        description: None,
        skeleton: None,
        retired: false,
    };
    let classes = CHOICES.into_iter().map(class).collect();
    Ontology { classes, ..Ontology::default() }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
