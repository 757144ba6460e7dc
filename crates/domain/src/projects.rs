//! A project: one question asked of many items, and the plan by which it is answered.

use crate::ontology::{Class, Ontology};
use crate::{Problem, limits};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    Image,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeKind {
    Box,
    Polygon,
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
    pub review: Review,
    /// Answers that agree less than this are put before an adjudicator.
    pub agreement_min: f64,
    pub lease_minutes: i64,
    pub pay: Option<Pay>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            overlap: 1,
            review: Review::None,
            agreement_min: 0.5,
            lease_minutes: limits::LEASE_MINUTES_DEFAULT,
            pay: None,
        }
    }
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

    pub fn lease_ms(&self) -> i64 {
        self.lease_minutes * 60 * 1000
    }
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

/// A ready-made beginning for a project.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    pub template: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub question: Question,
    pub ontology: Ontology,
}

/// The templates that a project can begin with.
pub fn templates() -> Vec<Template> {
    use ChoiceMode::{Multi, Single};
    let row = |template,
               name,
               description,
               media,
               shapes: &[ShapeKind],
               choice,
               classes: &[(&str, &str, &str)]| {
        let classes = classes.iter().zip(1..).map(|((key, name, color), hotkey)| Class {
            key: (*key).into(),
            name: (*name).into(),
            color: (*color).into(),
            hotkey: Some(hotkey.to_string()),
            parent: None,
            description: None,
            retired: false,
        });
        let question = Question { media, shapes: shapes.to_vec(), choice };
        let ontology = Ontology { classes: classes.collect(), attributes: vec![] };
        Template { template, name, description, question, ontology }
    };
    let street =
        [("car", "Car", "#1971c2"), ("person", "Person", "#e8590c"), ("sign", "Sign", "#2f9e44")];
    let kinds =
        [("yes", "Yes", "#2f9e44"), ("no", "No", "#e03131"), ("unsure", "Cannot tell", "#868e96")];
    let moods = [
        ("positive", "Positive", "#2f9e44"),
        ("neutral", "Neutral", "#868e96"),
        ("negative", "Negative", "#e03131"),
    ];
    let tags =
        [("day", "Day", "#f08c00"), ("night", "Night", "#3b5bdb"), ("indoor", "Indoor", "#9c36b5")];
    let topics = [
        ("question", "Question", "#1971c2"),
        ("complaint", "Complaint", "#e03131"),
        ("praise", "Praise", "#2f9e44"),
    ];
    let both = [ShapeKind::Box, ShapeKind::Polygon];
    vec![
        row(
            "image_boxes",
            "Boxes on images",
            "Draw a box around each object.",
            Media::Image,
            &both[..1],
            None,
            &street,
        ),
        row(
            "image_polygons",
            "Polygons on images",
            "Outline each object.",
            Media::Image,
            &both[1..],
            None,
            &street,
        ),
        row(
            "image_boxes_polygons",
            "Boxes and polygons on images",
            "Boxes for some objects, outlines for others.",
            Media::Image,
            &both,
            None,
            &street,
        ),
        row(
            "image_choice",
            "Image classification, one class",
            "Choose the one class that fits the picture.",
            Media::Image,
            &[],
            Some(Single),
            &kinds,
        ),
        row(
            "image_choices",
            "Image classification, several classes",
            "Choose every class that fits the picture.",
            Media::Image,
            &[],
            Some(Multi),
            &tags,
        ),
        row(
            "text_choice",
            "Text classification, one class",
            "Choose the one class that fits the text.",
            Media::Text,
            &[],
            Some(Single),
            &moods,
        ),
        row(
            "text_choices",
            "Text classification, several classes",
            "Choose every class that fits the text.",
            Media::Text,
            &[],
            Some(Multi),
            &topics,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_sound() {
        for template in templates() {
            assert_eq!(template.ontology.check(), [], "{}", template.template);
            assert!(template.question.choice.is_some() || !template.question.shapes.is_empty());
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
}
