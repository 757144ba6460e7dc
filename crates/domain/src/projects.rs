//! A project: one question asked of many items, and the plan by which it is answered.

use crate::cuboids::CuboidLikeness;
use crate::ontology::Ontology;
pub use crate::templates::{Template, templates};
use crate::{Problem, TaskId, limits};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    Image,
    Text,
    /// Points in space: one cloud, or several along a drive, with the cameras that saw the same.
    Cloud,
    Video,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeKind {
    Box,
    Turned,
    Polygon,
    Line,
    Point,
    Ellipse,
    Keypoints,
    Mask,
    /// The same, as a picture shows it.
    Solid,
    /// A box in space (A40).
    Cuboid3d,
    /// Some of the points of a cloud (A44).
    Points3d,
}

impl ShapeKind {
    /// Those that lie on a picture.
    pub const OF_PICTURES: [ShapeKind; 9] = [
        ShapeKind::Box,
        ShapeKind::Turned,
        ShapeKind::Polygon,
        ShapeKind::Line,
        ShapeKind::Point,
        ShapeKind::Ellipse,
        ShapeKind::Keypoints,
        ShapeKind::Mask,
        ShapeKind::Solid,
    ];

    /// What several of them are called.
    pub fn plural(self) -> &'static str {
        match self {
            ShapeKind::Box => "boxes",
            ShapeKind::Turned => "turned boxes",
            ShapeKind::Polygon => "polygons",
            ShapeKind::Line => "lines",
            ShapeKind::Point => "points",
            ShapeKind::Ellipse => "ellipses",
            ShapeKind::Keypoints => "skeletons",
            ShapeKind::Mask => "masks",
            ShapeKind::Solid => "cuboids in the picture",
            ShapeKind::Cuboid3d => "cuboids in space",
            ShapeKind::Points3d => "sets of points",
        }
    }

    /// Whether such a shape lies on items of this media.
    pub fn lies_on(self, media: Media) -> bool {
        match media {
            Media::Image => ShapeKind::OF_PICTURES.contains(&self),
            // The pixels of a mask have no way from one keyframe to the next (A36).
            Media::Video => self != ShapeKind::Mask && self.lies_on(Media::Image),
            Media::Cloud => matches!(self, ShapeKind::Cuboid3d | ShapeKind::Points3d),
            Media::Text => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceMode {
    Single,
    Multi,
}

/// What is asked of each item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub media: Media,
    #[serde(default)]
    pub shapes: Vec<ShapeKind>,
    #[serde(default)]
    pub choice: Option<ChoiceMode>,
    /// Whether passages of the text are marked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spans: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// An answer, or the agreement of several, is the label.
    None,
    /// A reviewer looks at every task before it is done.
    All,
}

/// How many answers a task needs, who looks at them, and what they earn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    pub overlap: i64,
    /// Whether every task takes `overlap` answers, or each as many as it needs.
    #[serde(skip_serializing_if = "Quality::is_fixed")]
    pub quality: Quality,
    pub review: Review,
    /// Answers that agree less than this are put before an adjudicator.
    pub agreement_min: f64,
    pub lease_minutes: i64,
    pub pay: Option<Pay>,
    /// By what two cuboids are likened (A46).
    #[serde(skip_serializing_if = "CuboidLikeness::is_room")]
    pub cuboids: CuboidLikeness,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            overlap: 1,
            quality: Quality::Fixed,
            review: Review::None,
            agreement_min: 0.5,
            lease_minutes: limits::LEASE_MINUTES_DEFAULT,
            pay: None,
            cuboids: CuboidLikeness::Room,
        }
    }
}

/// When a task has answers enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Quality {
    /// Once it has `overlap` of them.
    #[default]
    Fixed,
    /// Once its label is as sure as the target, decided after each answer.
    Adaptive(Adaptive),
}

impl Quality {
    fn is_fixed(&self) -> bool {
        *self == Quality::Fixed
    }
}

/// How sure a label has to be, and how many answers that may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adaptive {
    pub target: f64,
    pub min: i64,
    pub max: i64,
    /// What an answer costs, in units of what a wrong label costs. Zero where only the target counts.
    #[serde(default)]
    pub price: f64,
    /// The share of tasks, drawn at random, that take `overlap` answers whatever is believed of them: what
    /// is read off these is not bent by when the others stopped.
    #[serde(default = "audit_share")]
    pub audit_share: f64,
}

fn audit_share() -> f64 {
    0.05
}

/// How many answers one task is to have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slice {
    Fixed,
    Adaptive(Adaptive),
    /// Of an adaptive plan, one of those that take a fixed number.
    Audit,
}

/// What one answer earns, in the smallest unit of an ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    pub amount_minor: i64,
    pub currency: String,
}

impl Plan {
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong =
            |path: &str, message: &str| problems.push(Problem::new(path, "out_of_range", message));
        if !(1..=limits::OVERLAP_MAX).contains(&self.overlap) {
            wrong("plan.overlap", "a task takes 1 to 20 answers");
        }
        if let Quality::Adaptive(plan) = &self.quality {
            if !(0.5..1.0).contains(&plan.target) {
                wrong("plan.quality.target", "a target lies between 0.5 and 0.999…");
            }
            if !(1..=limits::OVERLAP_MAX).contains(&plan.min) {
                wrong("plan.quality.min", "a task takes 1 to 20 answers");
            }
            if !(plan.min..=limits::OVERLAP_MAX).contains(&plan.max) {
                wrong(
                    "plan.quality.max",
                    "the most answers are at least the fewest, and 20 at most",
                );
            }
            if !(0.0..1.0).contains(&plan.price) {
                wrong("plan.quality.price", "an answer costs less than a wrong label: 0 to 0.999…");
            }
            if !(0.0..=1.0).contains(&plan.audit_share) {
                wrong("plan.quality.audit_share", "a share lies between 0 and 1");
            }
        }
        if !(0.0..=1.0).contains(&self.agreement_min) {
            wrong("plan.agreement_min", "agreement lies between 0 and 1");
        }
        if !(1..=limits::LEASE_MINUTES_MAX).contains(&self.lease_minutes) {
            wrong("plan.lease_minutes", "a lease lasts 1 to 240 minutes");
        }
        if let Some(pay) = &self.pay {
            if !(1..=100_000_000).contains(&pay.amount_minor) {
                wrong(
                    "plan.pay.amount_minor",
                    "the pay for an answer is a positive amount in the smallest unit of the currency",
                );
            }
            let is_code =
                pay.currency.len() == 3 && pay.currency.bytes().all(|b| b.is_ascii_uppercase());
            if !is_code {
                wrong("plan.pay.currency", "a currency is an ISO 4217 code, for instance EUR");
            }
        }
        problems
    }

    pub fn is_adaptive(&self) -> bool {
        !self.quality.is_fixed()
    }

    /// How many answers a task asks for when it begins.
    pub fn wanted_first(&self) -> i64 {
        match &self.quality {
            Quality::Fixed => self.overlap,
            Quality::Adaptive(plan) => plan.min,
        }
    }

    /// Which way a task goes. Drawn by its id, so that it is drawn alike however often it is asked.
    pub fn slice(&self, task: TaskId) -> Slice {
        match self.quality {
            Quality::Fixed => Slice::Fixed,
            Quality::Adaptive(plan) if draw(task.0) < plan.audit_share => Slice::Audit,
            Quality::Adaptive(plan) => Slice::Adaptive(plan),
        }
    }

    pub fn lease_ms(&self) -> i64 {
        self.lease_minutes * 60 * 1000
    }
}

/// A number from 0 to 1 that looks drawn, and is always the same for the same seed (SplitMix64).
pub fn draw(seed: i64) -> f64 {
    let mut bits = (seed as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// `draft → published ⇄ paused → archived`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Draft,
    Published,
    Paused,
    Archived,
}

impl State {
    pub const ALL: [State; 4] = [State::Draft, State::Published, State::Paused, State::Archived];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Published => "published",
            State::Paused => "paused",
            State::Archived => "archived",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        State::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateRefusal {
    #[error("a project needs at least one class or attribute before it can be published")]
    NothingAsked,
    #[error("an archived project stays archived")]
    Archived,
    #[error("a project that has been published cannot become a draft again; pause it instead")]
    NoWayBack,
}

/// Decides whether a project may go from one state to another.
pub fn change_state(from: State, to: State, ontology: &Ontology) -> Result<(), StateRefusal> {
    match (from, to) {
        (State::Archived, State::Archived) => Ok(()),
        (State::Archived, _) => Err(StateRefusal::Archived),
        (State::Published | State::Paused, State::Draft) => Err(StateRefusal::NoWayBack),
        (_, State::Published) if ontology.classes.is_empty() && ontology.attributes.is_empty() => {
            Err(StateRefusal::NothingAsked)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        for template in templates() {
            assert_eq!(template.ontology.check(), [], "{}", template.template);
            let Question { shapes, choice, spans, media } = template.question;
            assert!(choice.is_some() || !shapes.is_empty() || spans);
            assert!(shapes.iter().all(|shape| shape.lies_on(media)));
            assert!(!spans || media == Media::Text);
        }
    }

    #[test]
    fn states() {
        let full = templates().remove(0).ontology;
        let empty = Ontology::default();
        assert_eq!(change_state(State::Draft, State::Published, &full), Ok(()));
        assert_eq!(
            change_state(State::Draft, State::Published, &empty),
            Err(StateRefusal::NothingAsked)
        );
        assert_eq!(change_state(State::Published, State::Paused, &full), Ok(()));
        assert_eq!(change_state(State::Paused, State::Draft, &full), Err(StateRefusal::NoWayBack));
        assert_eq!(
            change_state(State::Archived, State::Published, &full),
            Err(StateRefusal::Archived)
        );
    }

    #[test]
    fn a_plan_is_checked() {
        assert_eq!(Plan::default().check(), []);
        let plan = Plan {
            overlap: 21,
            agreement_min: f64::NAN,
            lease_minutes: 0,
            pay: Some(Pay { amount_minor: 0, currency: "eur".into() }),
            ..Plan::default()
        };
        assert_eq!(plan.check().len(), 5);
    }

    const ADAPTIVE: Adaptive =
        Adaptive { target: 0.9, min: 2, max: 7, price: 0.0, audit_share: 0.05 };

    #[test]
    fn an_adaptive_plan_is_checked() {
        let with = |plan| Plan { quality: Quality::Adaptive(plan), ..Plan::default() };
        assert_eq!(with(ADAPTIVE).check(), []);
        let wrong = Adaptive { target: 1.0, min: 0, max: 21, price: 1.0, audit_share: f64::NAN };
        assert_eq!(with(wrong).check().len(), 5);
        assert_eq!(with(Adaptive { min: 5, max: 4, ..ADAPTIVE }).check().len(), 1);
    }

    #[test]
    fn a_plan_of_old_reads_as_fixed_and_is_written_as_it_was() {
        let old =
            r#"{"overlap":3,"review":"none","agreement_min":0.5,"lease_minutes":10,"pay":null}"#;
        let plan: Plan = serde_json::from_str(old).unwrap();
        assert_eq!((plan.quality, plan.wanted_first()), (Quality::Fixed, 3));
        assert_eq!(serde_json::to_string(&plan).unwrap(), old);
        let new = r#"{"overlap":5,"quality":{"kind":"adaptive","target":0.9,"min":2,"max":7}}"#;
        let plan: Plan = serde_json::from_str(new).unwrap();
        assert_eq!((plan.quality, plan.wanted_first()), (Quality::Adaptive(ADAPTIVE), 2));
    }

    #[test]
    fn the_audited_share_is_what_the_plan_says_and_always_the_same_tasks() {
        let plan = Plan { quality: Quality::Adaptive(ADAPTIVE), ..Plan::default() };
        let audited = |id| plan.slice(TaskId(id)) == Slice::Audit;
        let count = (0..20_000).filter(|id| audited(1_795_180_800_000 + id * 7)).count();
        assert!((850..1150).contains(&count), "{count}");
        assert!((0..100).all(|id| audited(id) == audited(id)));
    }
}
