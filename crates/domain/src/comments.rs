//! Comments: what a reviewer and a contributor say to each other about an answer, beside the answer.
//!
//! - **C1** A comment belongs to an answer and opens a thread, or goes on with one. A thread goes on over the
//!   answers that the same contributor gives to the same slot, so that rework is talked of in one place.
//! - **C2** The first comment of a thread may be pinned: to an object or a span of the answer, to a point or a
//!   region of the picture, to a passage of the text, and to a frame.
//! - **C3** A thread is open, done (its contributor says so) or resolved. Done and open are the contributor's
//!   words; only the side that began a thread resolves it or opens it again, and a reviewer any.
//! - **C4** What is said stays: a comment is neither changed nor taken back, since work was judged by it. It
//!   goes when its organization does.
//! - **C5** Who labels hears of the other side, never of a name, and of nothing but their own answers.
//! - **C6** Of an answer to gold, its contributor is told what others say no sooner than its score.

use crate::answers::{Answer, Bounds};
use crate::{Problem, limits};
use serde::{Deserialize, Serialize};

/// A point of the picture, or a region where it has a size, in pixels of the picture as it is shown (A1).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub x: f64,
    pub y: f64,
    #[serde(default)]
    pub width: f64,
    #[serde(default)]
    pub height: f64,
}

/// What a thread is about (C2). Nothing in it: the answer as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The id of an object or a span of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The camera on whose picture the region lies, where there are several (A60).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    /// Code points of the text: where the passage begins, and the first that no longer belongs (A16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<[u64; 2]>,
    /// The number of the frame in the order of decoding, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadState {
    Open,
    Done,
    Resolved,
}

impl ThreadState {
    pub const ALL: [ThreadState; 3] = [ThreadState::Open, ThreadState::Done, ThreadState::Resolved];

    pub fn as_str(self) -> &'static str {
        match self {
            ThreadState::Open => "open",
            ThreadState::Done => "done",
            ThreadState::Resolved => "resolved",
        }
    }
}

impl std::str::FromStr for ThreadState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        ThreadState::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

/// On which side of an answer somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Contributor,
    Reviewer,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Contributor => "contributor",
            Side::Reviewer => "reviewer",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommentRefusal {
    #[error(
        "only a reviewer resolves what a reviewer began, or opens it again; say that it is done"
    )]
    ReviewersToResolve,
    #[error("that something is done is for its contributor to say; resolve it instead")]
    ContributorsToSay,
    #[error("this answer has as many comments as it may have")]
    TooMany,
}

/// Decides whether somebody on `side` may turn a thread that the side `began` from one state to another (C3).
pub fn turn(
    from: ThreadState,
    to: ThreadState,
    side: Side,
    began: Side,
) -> Result<(), CommentRefusal> {
    use ThreadState::{Done, Resolved};
    match (side, from, to) {
        _ if from == to => Ok(()),
        (Side::Reviewer, _, Done) => Err(CommentRefusal::ContributorsToSay),
        (Side::Contributor, Resolved, _) | (Side::Contributor, _, Resolved)
            if began == Side::Reviewer =>
        {
            Err(CommentRefusal::ReviewersToResolve)
        }
        (Side::Reviewer | Side::Contributor, ..) => Ok(()),
    }
}

/// Decides whether another comment fits: of a conversation with so many threads and comments.
pub fn fits(threads: i64, comments: i64, begins: bool) -> Result<(), CommentRefusal> {
    let is_full = comments >= limits::COMMENTS_MAX || (begins && threads >= limits::THREADS_MAX);
    if is_full { Err(CommentRefusal::TooMany) } else { Ok(()) }
}

/// Everything that is wrong with a comment on `answer`, at once.
pub fn check(text: &str, pin: &Pin, answer: &Answer, bounds: Bounds) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |path: &str, code: &str, message: String| {
        problems.push(Problem::new(path, code, message));
    };
    let length = text.chars().count();
    if text.trim().is_empty() || length > limits::COMMENT_CHARS_MAX {
        let most = limits::COMMENT_CHARS_MAX;
        wrong("text", "text_length", format!("a comment has 1 to {most} characters"));
    }
    if let Some(id) = &pin.object {
        let is_there = answer.objects.iter().any(|object| object.id == *id)
            || answer.spans.iter().any(|span| span.id == *id);
        if !is_there {
            wrong("pin.object", "unknown_object", "this answer has no such object".into());
        }
    }
    let within = if pin.region.is_some() || pin.camera.is_some() {
        bounds.of(pin.camera.as_deref())
    } else {
        Ok(bounds.clone())
    };
    let within = match within {
        Ok(within) => Some(within),
        Err((code, message)) => {
            wrong("pin.camera", code, message);
            None
        }
    };
    if let (Some(Region { x, y, width, height }), Some(within)) = (pin.region, within) {
        let inside = |from: f64, size: f64, limit: f64| {
            from.is_finite()
                && size.is_finite()
                && from >= 0.0
                && size >= 0.0
                && from + size <= limit
        };
        if within.text.is_some() || within.width <= 0.0 {
            wrong("pin.region", "no_picture", "this item has no picture".into());
        } else if !inside(x, width, within.width) || !inside(y, height, within.height) {
            wrong("pin.region", "outside", "a region lies on the picture".into());
        }
    }
    if let Some([start, end]) = pin.passage {
        match bounds.text {
            None => wrong("pin.passage", "no_text", "this item has no text".into()),
            Some(length) if start >= end || end > length => {
                wrong(
                    "pin.passage",
                    "outside",
                    format!("a passage lies in the text of {length} characters"),
                );
            }
            Some(_) => {}
        }
    }
    if pin.frame.is_some_and(|frame| frame >= limits::FRAMES_MAX) {
        wrong(
            "pin.frame",
            "out_of_range",
            format!("frames count from 0 to {}", limits::FRAMES_MAX - 1),
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::CameraBounds;
    use serde_json::{Value, json};

    #[test]
    fn who_turns_a_thread_to_what() {
        use CommentRefusal::{ContributorsToSay, ReviewersToResolve};
        use Side::{Contributor, Reviewer};
        use ThreadState::{Done, Open, Resolved};
        for (from, to, side, began, want) in [
            (Open, Resolved, Reviewer, Reviewer, Ok(())),
            (Open, Resolved, Reviewer, Contributor, Ok(())),
            (Done, Resolved, Reviewer, Reviewer, Ok(())),
            (Done, Open, Reviewer, Reviewer, Ok(())),
            (Resolved, Open, Reviewer, Reviewer, Ok(())),
            (Open, Done, Reviewer, Reviewer, Err(ContributorsToSay)),
            (Open, Done, Contributor, Reviewer, Ok(())),
            (Done, Open, Contributor, Reviewer, Ok(())),
            (Open, Resolved, Contributor, Reviewer, Err(ReviewersToResolve)),
            (Resolved, Open, Contributor, Reviewer, Err(ReviewersToResolve)),
            (Resolved, Done, Contributor, Reviewer, Err(ReviewersToResolve)),
            (Open, Resolved, Contributor, Contributor, Ok(())),
            (Resolved, Open, Contributor, Contributor, Ok(())),
            (Resolved, Resolved, Contributor, Reviewer, Ok(())),
        ] {
            assert_eq!(turn(from, to, side, began), want, "{side:?} {from:?} {to:?} of {began:?}");
        }
    }

    #[test]
    fn a_conversation_has_an_end() {
        let (threads, comments) = (limits::THREADS_MAX, limits::COMMENTS_MAX);
        for (now, said, begins, fine) in [
            (0, 0, true, true),
            (threads - 1, comments - 1, true, true),
            (threads, comments - 1, true, false),
            (threads, comments - 1, false, true),
            (1, comments, false, false),
        ] {
            assert_eq!(fits(now, said, begins).is_ok(), fine, "{now} {said} {begins}");
        }
    }

    #[test]
    fn a_pin_lies_on_what_there_is() {
        let answer: Answer = serde_json::from_value(json!({
            "objects": [{ "id": "a", "class": "car", "shape": { "type": "point", "x": 1, "y": 1 } }],
            "spans": [{ "id": "n", "class": "person", "start": 0, "end": 2 }],
        }))
        .unwrap();
        let (picture, text) = (&Bounds::picture(100.0, 50.0), &Bounds::text("twelve chars"));
        let front = CameraBounds { name: "front".into(), width: 80.0, height: 50.0 };
        let rig = &Bounds { cameras: vec![front], ..Bounds::default() };
        let long = "x".repeat(limits::COMMENT_CHARS_MAX + 1);
        for (words, pin, bounds, want) in [
            ("too wide", json!({}), picture, None),
            ("  ", json!({}), picture, Some("text")),
            (long.as_str(), json!({}), picture, Some("text")),
            ("x", json!({ "object": "a" }), picture, None),
            ("x", json!({ "object": "n", "passage": [0, 2] }), text, None),
            ("x", json!({ "object": "b" }), picture, Some("pin.object")),
            ("x", json!({ "region": { "x": 0, "y": 50 } }), picture, None),
            (
                "x",
                json!({ "region": { "x": 90, "y": 0, "width": 11, "height": 1 } }),
                picture,
                Some("pin.region"),
            ),
            ("x", json!({ "region": { "x": 0, "y": -1 } }), picture, Some("pin.region")),
            ("x", json!({ "region": { "x": 0, "y": 0 } }), text, Some("pin.region")),
            ("x", json!({ "passage": [0, 12] }), text, None),
            ("x", json!({ "passage": [0, 13] }), text, Some("pin.passage")),
            ("x", json!({ "passage": [3, 3] }), text, Some("pin.passage")),
            ("x", json!({ "passage": [0, 1] }), picture, Some("pin.passage")),
            ("x", json!({ "region": { "x": 80, "y": 0 }, "camera": "front" }), rig, None),
            (
                "x",
                json!({ "region": { "x": 81, "y": 0 }, "camera": "front" }),
                rig,
                Some("pin.region"),
            ),
            ("x", json!({ "region": { "x": 0, "y": 0 } }), rig, Some("pin.camera")),
            (
                "x",
                json!({ "region": { "x": 0, "y": 0 }, "camera": "rear" }),
                rig,
                Some("pin.camera"),
            ),
            ("x", json!({ "object": "a", "camera": "front" }), picture, Some("pin.camera")),
            ("x", json!({ "object": "a" }), rig, None),
            ("x", json!({ "frame": 0 }), picture, None),
            ("x", json!({ "frame": limits::FRAMES_MAX }), picture, Some("pin.frame")),
        ] {
            let read: Pin = serde_json::from_value(pin.clone()).unwrap();
            let found = check(words, &read, &answer, bounds.clone());
            let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
            assert_eq!(paths, want.into_iter().collect::<Vec<_>>(), "{pin}");
            assert_eq!(serde_json::from_value::<Pin>(json!(read)).unwrap(), read);
        }
        assert!(serde_json::from_value::<Pin>(json!({ "colour": 1 })).is_err());
        assert_eq!(json!(Pin::default()), Value::Object(serde_json::Map::new()));
    }
}
