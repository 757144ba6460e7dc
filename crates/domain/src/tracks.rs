//! Things followed through a video (rules A30–A37 of `docs/spec/answers.md`).

use crate::Problem;
use crate::between::between;
use crate::shapes::Shape;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One thing through the frames of a video: said at keyframes, and in between by the way from one to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    pub id: String,
    pub class: String,
    /// By their frames.
    pub keyframes: Vec<Keyframe>,
    /// What holds in all frames.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyframe {
    /// Which of the pictures that a decoder hands out, from 0 (A31).
    pub frame: u64,
    pub shape: Shape,
    /// From here on, until the next keyframe, there is nothing to be seen of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
    /// From here on, until the next keyframe, something stands before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub occluded: bool,
    /// What is different from here on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
}

/// What a track says of one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub shape: Shape,
    pub occluded: bool,
    pub is_keyframe: bool,
}

/// Frames in which two tracks are compared, at most (A35): where more than boxes are laid over each other, fewer.
const COMPARED_MAX: u64 = 240;
const SHAPES_COMPARED_MAX: u64 = 60;

impl Track {
    /// Where it is in a frame; nothing where it is not to be seen (A32).
    pub fn at(&self, frame: u64) -> Option<Seen> {
        let next = self.keyframes.partition_point(|keyframe| keyframe.frame <= frame);
        let before = next.checked_sub(1).and_then(|i| self.keyframes.get(i))?;
        if before.outside {
            return None;
        }
        let shape = match self.keyframes.get(next) {
            Some(after) if frame > before.frame => {
                let part = (frame - before.frame) as f64 / (after.frame - before.frame) as f64;
                between(&before.shape, &after.shape, part)
            }
            _ => before.shape.clone(),
        };
        Some(Seen { shape, occluded: before.occluded, is_keyframe: before.frame == frame })
    }

    /// What was said last, at or before a frame, of what may change (A33).
    pub fn attributes_at(&self, frame: u64) -> BTreeMap<String, Value> {
        let mut said = self.attributes.clone();
        for keyframe in self.keyframes.iter().take_while(|keyframe| keyframe.frame <= frame) {
            said.extend(keyframe.attributes.clone());
        }
        said
    }

    /// From the frame in which it is first said to the last.
    fn reach(&self) -> Option<[u64; 2]> {
        Some([self.keyframes.first()?.frame, self.keyframes.last()?.frame])
    }

    /// How much of what two tracks of boxes cover in all frames both cover, 0 to 1 (A35).
    pub fn overlap(&self, other: &Self) -> f64 {
        let (mut both, mut either) = (0.0, 0.0);
        for frame in self.compared(other) {
            let bounds = |track: &Self| track.at(frame).map(|seen| seen.shape.bounds());
            match (bounds(self), bounds(other)) {
                (Some(x), Some(y)) => {
                    let side = |axis: usize| {
                        (x[axis + 2].min(y[axis + 2]) - x[axis].max(y[axis])).max(0.0)
                    };
                    let common = side(0) * side(1);
                    both += common;
                    either += area(x) + area(y) - common;
                }
                (Some(one), None) | (None, Some(one)) => either += area(one),
                (None, None) => {}
            }
        }
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Whether it is a track of boxes.
    pub fn is_of_boxes(&self) -> bool {
        self.keyframes.iter().all(|keyframe| matches!(keyframe.shape, Shape::Box { .. }))
    }

    /// The frames in which two tracks are compared: spread evenly from the first keyframe of either to the last, both of
    /// them among them (A35).
    pub fn compared(&self, other: &Self) -> impl Iterator<Item = u64> + use<> {
        let reach = self.reach().zip(other.reach());
        let ([a, b], [c, d]) = reach.unwrap_or(([1, 0], [1, 0]));
        let (first, last) = (a.min(c), b.max(d));
        let is_of_boxes = self.is_of_boxes() && other.is_of_boxes();
        let most = if is_of_boxes { COMPARED_MAX } else { SHAPES_COMPARED_MAX };
        let count = (last + 1).saturating_sub(first).min(most);
        (0..count)
            .map(move |i| first + ((last - first) * i).checked_div(count - 1).unwrap_or_default())
    }

    /// Adds what is wrong with the keyframes, in a video of so many frames where that is known.
    pub(crate) fn check(&self, frames: Option<u64>, path: &str, problems: &mut Vec<Problem>) {
        let Some(first) = self.keyframes.first() else {
            let message = "a track has at least one keyframe";
            problems.push(Problem::new(format!("{path}.keyframes"), "no_keyframes", message));
            return;
        };
        if first.outside {
            let message = "a track begins where the thing is seen first";
            let path = format!("{path}.keyframes[0].outside");
            problems.push(Problem::new(path, "begins_outside", message));
        }
        let kind = first.shape.kind();
        let other = self.keyframes.iter().position(|keyframe| keyframe.shape.kind() != kind);
        if let Some(i) = other {
            let message = format!("a track of {} stays one", kind.plural());
            let path = format!("{path}.keyframes[{i}].shape");
            problems.push(Problem::new(path, "shape_changes", message));
        }
        let mut before = None;
        for (i, keyframe) in self.keyframes.iter().enumerate() {
            let at = format!("{path}.keyframes[{i}].frame");
            if before.is_some_and(|before| keyframe.frame <= before) {
                let message = "keyframes stand in the order of their frames, each once";
                problems.push(Problem::new(at, "not_in_order", message));
                return;
            }
            if let Some(frames) = frames.filter(|frames| keyframe.frame >= *frames) {
                let message = format!("outside the video of {frames} frames, counted from 0");
                problems.push(Problem::new(at, "outside", message));
                return;
            }
            before = Some(keyframe.frame);
        }
    }
}

fn area([left, top, right, bottom]: [f64; 4]) -> f64 {
    (right - left) * (bottom - top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keyframe(frame: u64, x: f64, outside: bool) -> Value {
        json!({ "frame": frame, "outside": outside, "shape": { "type": "box", "x": x, "y": 0, "width": 10, "height": 10 } })
    }

    fn track(keyframes: &[(u64, f64, bool)]) -> Track {
        let keyframes: Vec<Value> =
            keyframes.iter().map(|(frame, x, outside)| keyframe(*frame, *x, *outside)).collect();
        serde_json::from_value(json!({ "id": "a", "class": "car", "keyframes": keyframes }))
            .unwrap()
    }

    fn lefts(track: &Track, frames: u64) -> Vec<Option<f64>> {
        (0..frames).map(|frame| Some(track.at(frame)?.shape.bounds()[0])).collect()
    }

    #[test]
    fn between_keyframes_it_goes_straight() {
        let some =
            |values: &[f64]| -> Vec<Option<f64>> { values.iter().map(|x| Some(*x)).collect() };
        let gone = track(&[(1, 0.0, false), (3, 8.0, false), (5, 10.0, true), (7, 20.0, false)]);
        let want = [vec![None], some(&[0.0, 4.0, 8.0, 9.0]), vec![None, None], some(&[20.0, 20.0])];
        assert_eq!(lefts(&gone, 9), want.concat());
        let of = |frame| gone.at(frame).map(|seen| seen.is_keyframe);
        assert_eq!([of(1), of(2), of(3)], [Some(true), Some(false), Some(true)]);
    }

    #[test]
    fn what_was_said_last_holds() {
        let mut track = track(&[(0, 0.0, false), (4, 0.0, false), (8, 0.0, false)]);
        track.attributes.insert("make".into(), json!("VW"));
        track.keyframes[0].attributes.insert("brakes".into(), json!(false));
        track.keyframes[1].attributes.insert("brakes".into(), json!(true));
        let brakes = |frame| track.attributes_at(frame)["brakes"].clone();
        assert_eq!([brakes(3), brakes(4), brakes(9)], [json!(false), json!(true), json!(true)]);
        assert_eq!(track.attributes_at(9)["make"], json!("VW"));
    }

    #[test]
    fn a_track_keeps_to_one_kind_of_shape() {
        let mut mixed = track(&[(0, 0.0, false), (4, 0.0, false), (8, 0.0, false)]);
        mixed.keyframes[2].shape = Shape::Point { x: 1.0, y: 1.0 };
        let mut problems = Vec::new();
        mixed.check(Some(9), "tracks[0]", &mut problems);
        let told = |problem: &Problem| (problem.path.clone(), problem.code.clone());
        let path = "tracks[0].keyframes[2].shape".to_owned();
        assert_eq!(problems.iter().map(told).collect::<Vec<_>>(), [(path, "shape_changes".into())]);
        assert!(!mixed.is_of_boxes());
        assert_eq!(mixed.compared(&track(&[(4, 0.0, false)])).count(), 9);
    }

    #[test]
    fn two_agree_by_what_both_cover() {
        let a = track(&[(0, 0.0, false), (9, 0.0, false)]);
        let close = |x: f64, y: f64| (x - y).abs() < 1e-12;
        assert!(close(a.overlap(&a), 1.0));
        // Half as long, and from then on nothing of it is seen.
        let half = track(&[(0, 0.0, false), (5, 0.0, true)]);
        assert!(close(a.overlap(&half), 0.5));
        assert!(close(half.overlap(&a), 0.5));
        // Half a box to the side in every frame.
        assert!(close(a.overlap(&track(&[(0, 5.0, false), (9, 5.0, false)])), 1.0 / 3.0));
        assert!(close(a.overlap(&track(&[(0, 50.0, false), (9, 50.0, false)])), 0.0));
        // Two hours are looked at in places.
        let long = track(&[(0, 0.0, false), (216_000, 0.0, false)]);
        assert!(close(long.overlap(&long), 1.0));
        assert!(close(a.overlap(&track(&[(4, 0.0, false)])), 0.6));
    }
}
