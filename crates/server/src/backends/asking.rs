//! Asking a model about items, whoever it is: the answer is a suggestion for each, or why there is none.

use super::label_studio::Reached;
use super::{Kind, Setup};
use crate::intake::{Fault, Gate};
use crate::local::{Found, Local};
use crate::{Cx, Error, Result, renditions};
use domain::Problem;
use domain::answers::{self, Answer};
use domain::mask::Mask;
use domain::projects::Media;
use formats::LossReport;
use formats::exchange::{Fit, Item, Mark, Place, Prompt, Shape, Whose};
use std::collections::{BTreeMap, HashMap};
use store::{BackendRow, ItemRow, Suggestion};

/// A model with the question that it is asked.
#[derive(Clone)]
pub(crate) struct Asking {
    pub cx: Cx,
    pub gate: Gate,
    name: String,
    kind: Kind,
    setup: Setup,
}

/// What somebody points at, and which class they have in mind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pointed {
    pub prompts: Vec<Prompt>,
    /// The key of a class of the project.
    pub class: Option<String>,
    /// Of several pictures of one moment, the camera whose picture is meant; all of them where none is.
    pub camera: Option<String>,
}

/// A model that does not answer at all; told apart from one that has nothing to say of an item.
#[derive(Clone, Debug)]
pub(crate) struct Unanswered(pub String);

type Said = Result<Suggestion, Fault>;

impl Asking {
    pub fn new(cx: &Cx, gate: Gate, backend: &BackendRow) -> Result<Self> {
        Ok(Self {
            cx: cx.clone(),
            gate,
            name: backend.name.clone(),
            kind: Kind::of(backend)?,
            setup: serde_json::from_value(backend.setup.clone())?,
        })
    }

    fn reached(&self) -> Reached<'_> {
        Reached { cx: &self.cx, gate: &self.gate, setup: &self.setup }
    }

    /// Sees whether the model is there, and which version of it.
    pub async fn check(&self) -> Result<String, Unanswered> {
        match self.kind {
            Kind::LabelStudio => self.reached().set_up().await,
            Kind::Local => {
                let (shelf, name) = (self.cx.app.local.clone(), self.setup.model.clone());
                let loaded = tokio::task::spawn_blocking(move || shelf.get(&name).map(drop)).await;
                loaded.map_err(|error| Unanswered(error.to_string()))?.map_err(Unanswered)?;
                Ok(self.setup.model.clone())
            }
        }
    }

    /// Hands over labels to learn from: tasks with annotations as JSON, one after the other.
    pub async fn train(&self, labels: Vec<u8>) -> Result<Option<String>, Unanswered> {
        self.reached().train(labels).await
    }

    /// Where the model finds a picture, or the picture itself.
    pub async fn picture(&self, item: &ItemRow) -> Result<String> {
        self.reached().picture(item).await
    }

    /// Asks about items; the answers come in the order of the items. Of several pictures of one moment a model looks at
    /// each by itself.
    pub async fn ask(
        &self,
        items: &[ItemRow],
        pointed: Option<&Pointed>,
    ) -> Result<Result<Vec<Said>, Unanswered>> {
        if items.iter().all(|item| item.payload.pictures.is_empty()) {
            return self.ask_each(items, pointed).await;
        }
        let wanted = pointed.and_then(|pointed| pointed.camera.as_deref());
        let (mut seen, mut cameras) = (Vec::new(), Vec::new());
        for (nth, item) in items.iter().enumerate() {
            if item.payload.pictures.is_empty() {
                seen.push(item.clone());
                cameras.push((nth, None));
            }
            let pictures = item.payload.pictures.iter();
            for picture in pictures.filter(|one| wanted.is_none_or(|name| name == one.name)) {
                seen.push(seen_alone(item, picture));
                cameras.push((nth, Some(picture.name.clone())));
            }
        }
        let said = match self.ask_each(&seen, pointed).await? {
            Ok(said) => said,
            Err(unanswered) => return Ok(Err(unanswered)),
        };
        let mut all: Vec<Said> = Vec::new();
        for ((nth, camera), said) in cameras.into_iter().zip(said) {
            let said = said.map(|said| in_camera(said, camera));
            match (all.get_mut(nth), said) {
                (Some(Ok(before)), Ok(said)) => {
                    before.answer.objects.extend(said.answer.objects);
                    before.answer.relations.extend(said.answer.relations);
                    before.scores.extend(said.scores);
                }
                // What is unfit in one picture is unfit.
                (Some(before), Err(fault)) => *before = Err(fault),
                (Some(Err(_)), Ok(_)) => {}
                (None, said) => all.push(said),
            }
        }
        Ok(Ok(all))
    }

    async fn ask_each(
        &self,
        items: &[ItemRow],
        pointed: Option<&Pointed>,
    ) -> Result<Result<Vec<Said>, Unanswered>> {
        let items_said = match self.kind {
            Kind::LabelStudio => match self.reached().predict(items, pointed).await? {
                Ok(said) => said,
                Err(unanswered) => return Ok(Err(unanswered)),
            },
            Kind::Local => {
                let mut said = Vec::with_capacity(items.len());
                for item in items {
                    match self.look(item, pointed).await? {
                        Ok(marks) => said.push(marks),
                        Err(unanswered) => return Ok(Err(unanswered)),
                    }
                }
                said
            }
        };
        let fitted = items.iter().zip(items_said).map(|(item, said)| self.fit(item, said?));
        Ok(Ok(fitted.collect()))
    }

    /// Lets a model of this process look at a picture.
    async fn look(
        &self,
        item: &ItemRow,
        pointed: Option<&Pointed>,
    ) -> Result<Result<Result<Item, Fault>, Unanswered>> {
        if item.media != Media::Image {
            let message = "this model looks at pictures, and this is none";
            return Ok(Ok(Err(Fault::new("item", "wrong_media", message))));
        }
        let picture = match renditions::pixels(&self.cx, item).await? {
            Ok(picture) => picture,
            Err(refusal) => {
                return Ok(Ok(Err(Fault::new("item", refusal.code(), refusal.to_string()))));
            }
        };
        let (shelf, setup) = (self.cx.app.local.clone(), self.setup.clone());
        let pointed = pointed.cloned().unwrap_or_default();
        let key = item.address.clone().unwrap_or_default();
        let looked = tokio::task::spawn_blocking(move || {
            let model = shelf.get(&setup.model)?;
            shelf.work(|| match model {
                Local::Detector(detector) => {
                    let found = detector.detect(&picture, setup.at_least as f32)?;
                    let within = |one: &Found| is_pointed_at(&pointed.prompts, one.bounds);
                    let mark = |one: Found| {
                        let [x, y, width, height] = one.bounds.map(rounded);
                        Mark {
                            class: detector.classes()[one.class].clone(),
                            place: Place::Shape(Shape::Box { x, y, width, height }),
                            score: Some(f64::from(one.score)),
                            ..Mark::default()
                        }
                    };
                    Ok(found.into_iter().filter(within).map(mark).collect::<Vec<_>>())
                }
                Local::Segmenter(_) if pointed.prompts.is_empty() => Ok(Vec::new()),
                Local::Segmenter(segmenter) => {
                    let (mask, score) = segmenter.segment(&key, &picture, &pointed.prompts)?;
                    Ok(segmented(mask, score, pointed.class))
                }
            })
        })
        .await;
        let looked: Result<Vec<Mark>, String> =
            looked.map_err(|error| Error::Internal(error.to_string()))?;
        let marks = match looked {
            Ok(marks) => marks,
            Err(why) => return Ok(Err(Unanswered(why))),
        };
        let version = self.setup.model.clone();
        let mark = |mark| Mark { model: Some(version.clone()), ..mark };
        let marks = marks.into_iter().map(mark).collect();
        Ok(Ok(Ok(Item { marks, ..described(item) })))
    }

    /// Makes a suggestion of what was said: what fits into the question, with the ids that it will have (G2).
    fn fit(&self, item: &ItemRow, mut said: Item) -> Said {
        let version = said.marks.iter().find_map(|mark| mark.model.clone());
        let version = version.or_else(|| said.id.take());
        let model = match version {
            Some(version) if version != self.name => format!("{} {version}", self.name),
            _ => self.name.clone(),
        };
        said.marks.retain(|mark| mark.score.is_none_or(|score| score >= self.setup.at_least));
        // Ids that no other suggestion for this task has, nor anything drawn by hand.
        let unique = blake3::hash(crate::secrets::new_secret().as_bytes()).to_hex();
        let mut scores = HashMap::new();
        for (nth, mark) in said.marks.iter_mut().enumerate() {
            let id = format!("m{}-{}", &unique[..8], nth + 1);
            scores.extend(mark.score.map(|score| (id.clone(), score.clamp(0.0, 1.0))));
            (mark.id, mark.model) = (Some(id), Some(model.clone()));
        }
        let size = item.width.zip(item.height).map(|(w, h)| [w as f64, h as f64]);
        let fit = Fit {
            question: &self.gate.project.question,
            ontology: &self.gate.ontology,
            classes: &self.setup.classes,
            groups_are_answers: false,
        };
        let mut losses = LossReport::default();
        let answer = fit.answer(&said, Whose::Model, size, &mut losses).unwrap_or_default();
        if let Some(problem) = self.problems(item, &answer).into_iter().next() {
            return Err(Fault::from(problem));
        }
        let scores: BTreeMap<String, f64> = answer
            .objects
            .iter()
            .map(|object| &object.id)
            .chain(answer.spans.iter().map(|span| &span.id))
            .filter_map(|id| Some((id.clone(), *scores.get(id)?)))
            .collect();
        Ok(Suggestion { answer, model: Some(model), scores })
    }

    /// What is wrong with it as a beginning: what is still missing is for a person to add.
    fn problems(&self, item: &ItemRow, answer: &Answer) -> Vec<Problem> {
        let question = &self.gate.project.question;
        let mut problems = answers::check(question, &self.gate.ontology, item.bounds(), answer);
        problems.retain(|problem| !MISSING.contains(&problem.code.as_str()));
        problems
    }
}

/// One of several pictures as an item that has no other.
fn seen_alone(item: &ItemRow, picture: &domain::cameras::Picture) -> ItemRow {
    let mut alone = item.clone();
    alone.payload.pictures.clear();
    alone.address = Some(picture.address.clone());
    (alone.width, alone.height) = (Some(picture.width), Some(picture.height));
    alone
}

/// What was said of the picture of a camera, as it is said of the moment.
fn in_camera(mut said: Suggestion, camera: Option<String>) -> Suggestion {
    for object in &mut said.answer.objects {
        object.camera.clone_from(&camera);
    }
    said
}

/// Codes of problems that say that something is not there yet.
const MISSING: [&str; 3] = ["required", "choose_one", "choose_some"];

/// An item without anything said about it.
pub(crate) fn described(item: &ItemRow) -> Item {
    let side = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok());
    Item {
        name: item.external_id.clone(),
        width: side(item.width),
        height: side(item.height),
        text: item.payload.text.clone(),
        ..Item::default()
    }
}

/// A hundredth of a pixel is finer than anybody draws.
fn rounded(pixels: f64) -> f64 {
    (pixels * 100.0).round() / 100.0
}

/// What a segmenter tells apart is said by whoever points.
fn segmented(mask: Mask, score: f32, class: Option<String>) -> Vec<Mark> {
    let class = class.unwrap_or_default();
    let place = Place::Shape(Shape::Mask(mask));
    vec![Mark { class, place, score: Some(f64::from(score)), ..Mark::default() }]
}

/// Whether a box is where somebody points: it holds a point, or lies mostly in the box that was drawn. Everything is,
/// where nobody points anywhere.
fn is_pointed_at(prompts: &[Prompt], [left, top, width, height]: [f64; 4]) -> bool {
    let is_in =
        |[x, y]: [f64; 2]| (left..=left + width).contains(&x) && (top..=top + height).contains(&y);
    let mut inside = prompts.iter().filter(|prompt| match prompt {
        Prompt::Box(_) => true,
        Prompt::Point { inside, .. } => *inside,
    });
    let refused = prompts
        .iter()
        .any(|prompt| matches!(prompt, Prompt::Point { at, inside: false } if is_in(*at)));
    !refused
        && inside.all(|prompt| match prompt {
            Prompt::Point { at, .. } => is_in(*at),
            Prompt::Box([x, y, wide, high]) => {
                let across = (left + width).min(x + wide) - left.max(*x);
                let down = (top + height).min(y + high) - top.max(*y);
                across.max(0.0) * down.max(0.0) >= width * height / 2.0
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_pointed_at() {
        let bounds = [10.0, 10.0, 20.0, 20.0];
        let point = |x, y, inside| Prompt::Point { at: [x, y], inside };
        for (prompts, wanted) in [
            (vec![], true),
            (vec![point(15.0, 15.0, true)], true),
            (vec![point(5.0, 15.0, true)], false),
            (vec![point(15.0, 15.0, false)], false),
            (vec![point(5.0, 15.0, false)], true),
            (vec![Prompt::Box([0.0, 0.0, 40.0, 40.0])], true),
            (vec![Prompt::Box([0.0, 0.0, 19.0, 40.0])], false),
            (vec![Prompt::Box([0.0, 0.0, 40.0, 40.0]), point(15.0, 15.0, false)], false),
        ] {
            assert_eq!(is_pointed_at(&prompts, bounds), wanted, "{prompts:?}");
        }
    }
}
