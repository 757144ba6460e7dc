//! Models that run in this process: the built-in detector, and what the operator brings as ONNX.
//!
//! | kind | asked with | answers | inputs and outputs |
//! |---|---|---|---|
//! | detector | a picture | boxes with classes and scores | [`detector`] |
//! | segmenter | a picture, and a box or points | one mask | [`segmenter`] |
//!
//! - **Y1** A model is read when it is first asked, and kept.
//! - **Y2** One picture is worked on at a time in the whole process: people's requests come before guesses.
//! - **Y3** A model is data, and runs in Rust alone: a file that is none is refused by name, and nothing in it is executed.

#[cfg(feature = "rten")]
mod detector;
#[cfg(feature = "rten")]
mod onnx;
#[cfg(feature = "rten")]
mod segmenter;

use crate::config::ModelFile;
use domain::mask::Mask;
use formats::exchange::Prompt;
use formats::pictures::Picture;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The name of the detector that comes with the program.
pub const BUILT_IN: &str = "nanodet";

/// One thing that a detector sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its place in [`Detector::classes`].
    pub class: usize,
    /// 0 to 1.
    pub score: f32,
    /// Left, top, width, height, in pixels of the picture.
    pub bounds: [f64; 4],
}

/// Finds things in a picture.
pub trait Detector: Send + Sync {
    fn classes(&self) -> &[String];
    /// Everything that is as likely as `at_least`, the likeliest first; what overlaps a likelier one of its class is
    /// left out.
    fn detect(&self, picture: &Picture, at_least: f32) -> Result<Vec<Found>, String>;
}

/// Tells what belongs to the thing that somebody points at.
pub trait Segmenter: Send + Sync {
    /// The mask, and how sure the model is of it, 0 to 1. `key` names the picture, whose reading is kept for the next
    /// prompt.
    fn segment(
        &self,
        key: &str,
        picture: &Picture,
        prompts: &[Prompt],
    ) -> Result<(Mask, f32), String>;
}

#[derive(Clone)]
pub enum Local {
    Detector(Arc<dyn Detector>),
    Segmenter(Arc<dyn Segmenter>),
}

/// A model of this installation, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub name: String,
    /// `detector` or `segmenter`.
    pub kind: &'static str,
    /// What it tells apart; empty where that is not known before it is read, or it tells nothing apart.
    pub classes: Vec<String>,
    /// Where it is from, and under which licence.
    pub about: String,
}

/// Every model of this process.
#[derive(Default)]
pub struct Shelf {
    entries: Vec<Entry>,
    /// The one hand that works (Y2).
    hand: Mutex<()>,
}

struct Entry {
    about: About,
    file: Option<ModelFile>,
    loaded: OnceLock<Result<Local, String>>,
}

impl Shelf {
    pub fn new(files: &[ModelFile]) -> Self {
        let mut entries = Vec::new();
        if cfg!(feature = "rten") {
            let about = About {
                name: BUILT_IN.into(),
                kind: "detector",
                classes: built_in_classes(),
                about: "NanoDet-g 416, trained on COCO; Apache-2.0".into(),
            };
            entries.push(Entry { about, file: None, loaded: OnceLock::new() });
            for file in files {
                let (name, kind) = (file.name().into(), file.kind());
                let about = "brought by the operator".into();
                let about = About { name, kind, classes: file.classes(), about };
                entries.push(Entry { about, file: Some(file.clone()), loaded: OnceLock::new() });
            }
        }
        Self { entries, hand: Mutex::default() }
    }

    pub fn all(&self) -> impl Iterator<Item = &About> {
        self.entries.iter().map(|entry| &entry.about)
    }

    pub fn about(&self, name: &str) -> Option<&About> {
        self.all().find(|about| about.name == name)
    }

    /// The model of a name, read now if it was not before (Y1).
    pub fn get(&self, name: &str) -> Result<Local, String> {
        let Some(entry) = self.entries.iter().find(|entry| entry.about.name == name) else {
            return Err(format!("this installation has no model “{name}”"));
        };
        entry.loaded.get_or_init(|| load(entry.file.as_ref())).clone()
    }

    /// Works on a picture, when it is this one's turn (Y2). To be called on a thread that may wait.
    pub fn work<T>(&self, run: impl FnOnce() -> T) -> T {
        let _hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        run()
    }
}

#[cfg(feature = "rten")]
fn load(file: Option<&ModelFile>) -> Result<Local, String> {
    Ok(match file {
        None => Local::Detector(Arc::new(detector::built_in()?)),
        Some(ModelFile::Detector { file, .. }) => {
            let classes = file.with_extension("names");
            Local::Detector(Arc::new(detector::from_files(file, &classes)?))
        }
        Some(ModelFile::Segmenter { encoder, decoder, .. }) => {
            Local::Segmenter(Arc::new(segmenter::from_files(encoder, decoder)?))
        }
    })
}

#[cfg(not(feature = "rten"))]
fn load(_: Option<&ModelFile>) -> Result<Local, String> {
    Err("this program was built without models of its own".into())
}

fn built_in_classes() -> Vec<String> {
    names(include_str!("../models/coco.names"))
}

/// Names of classes, one a line.
pub(crate) fn names(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Leaves out what overlaps a likelier one of its class by more than `share` of what the two cover together.
#[cfg_attr(not(feature = "rten"), allow(dead_code))]
fn without_repeats(mut found: Vec<Found>, share: f64) -> Vec<Found> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        let repeats =
            kept.iter().any(|other| other.class == one.class && overlap(other, &one) > share);
        if !repeats && kept.len() < FOUND_MAX {
            kept.push(one);
        }
    }
    kept
}

/// What one picture may give.
const FOUND_MAX: usize = 1_000;

fn overlap(a: &Found, b: &Found) -> f64 {
    let [ax, ay, aw, ah] = a.bounds;
    let [bx, by, bw, bh] = b.bounds;
    let wide = (ax + aw).min(bx + bw) - ax.max(bx);
    let high = (ay + ah).min(by + bh) - ay.max(by);
    let shared = wide.max(0.0) * high.max(0.0);
    let together = aw * ah + bw * bh - shared;
    if together > 0.0 { shared / together } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(class: usize, score: f32, bounds: [f64; 4]) -> Found {
        Found { class, score, bounds }
    }

    #[test]
    fn repeats_of_one_thing_are_left_out() {
        let likely = found(2, 0.9, [0.0, 0.0, 10.0, 10.0]);
        let repeat = found(2, 0.8, [1.0, 0.0, 10.0, 10.0]);
        let other = found(7, 0.7, [1.0, 0.0, 10.0, 10.0]);
        let apart = found(2, 0.6, [8.0, 0.0, 10.0, 10.0]);
        assert_eq!(overlap(&likely, &likely), 1.0);
        assert!((overlap(&likely, &repeat) - 90.0 / 110.0).abs() < 1e-12);
        let kept = without_repeats(vec![apart.clone(), repeat, likely.clone(), other.clone()], 0.5);
        assert_eq!(kept, [likely, other, apart]);
    }

    #[test]
    fn the_built_in_names_are_those_of_coco() {
        let names = built_in_classes();
        assert_eq!((names.len(), names[0].as_str(), names[2].as_str()), (80, "person", "car"));
    }
}
