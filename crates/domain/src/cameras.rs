//! Several pictures of one moment: what a rig of cameras saw side by side (rules P1–P4 of `docs/spec/cameras.md`).

use crate::Problem;
use crate::answers::{Answer, Bounds, CameraBounds, Object, Relation};
use crate::limits::{CAMERA_NAME_CHARS_MAX, PICTURES_MAX};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A picture of an item that has several, as its sender describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPicture {
    /// What answers call its camera.
    pub name: String,
    /// A file that was sent along. One of this and `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Pixels of the picture; what the picture itself says counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// The first thing that is wrong with the pictures of an item (P1, P2).
pub fn check(pictures: &[NewPicture]) -> Result<(), Problem> {
    let wrong = |path: String, message: &str| Err(Problem::new(path, "bad_pictures", message));
    if !(1..=PICTURES_MAX).contains(&pictures.len()) {
        return wrong("pictures".into(), "a moment has 1 to 16 pictures");
    }
    let mut names = HashSet::new();
    for (i, picture) in pictures.iter().enumerate() {
        let name = &picture.name;
        let length = name.chars().count();
        if !(1..=CAMERA_NAME_CHARS_MAX).contains(&length) || name.contains(char::is_control) {
            let message = "a camera has a name of 1 to 64 characters, in one line";
            return wrong(format!("pictures[{i}].name"), message);
        }
        if !names.insert(name) {
            let message = "the cameras of one moment have names of their own";
            return wrong(format!("pictures[{i}].name"), message);
        }
        if picture.path.is_some() == picture.url.is_some() {
            let message = "say where the picture is: `path` or `url`, and not both";
            return wrong(format!("pictures[{i}].path"), message);
        }
    }
    Ok(())
}

/// One of the pictures of an item, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Of its camera.
    pub name: String,
    /// The file as its sender calls it.
    pub file: String,
    /// Where it is among the blobs.
    pub address: String,
    pub bytes: i64,
    pub width: i64,
    pub height: i64,
}

impl Picture {
    /// The same as its sender would describe it.
    pub fn described(&self) -> NewPicture {
        NewPicture {
            name: self.name.clone(),
            path: Some(self.file.clone()),
            url: None,
            width: u32::try_from(self.width).ok(),
            height: u32::try_from(self.height).ok(),
        }
    }
}

/// What an answer may reach on several pictures.
pub fn bounds(pictures: &[Picture]) -> Bounds {
    let each = |one: &Picture| CameraBounds {
        name: one.name.clone(),
        width: one.width as f64,
        height: one.height as f64,
    };
    Bounds { cameras: pictures.iter().map(each).collect(), ..Bounds::default() }
}

/// What an answer says of one camera, as if its picture were an item of its own (A64).
pub fn seen_by(answer: &Answer, camera: &str) -> Answer {
    let objects = answer.objects.iter().filter(|object| object.camera.as_deref() == Some(camera));
    let objects: Vec<_> = objects.map(|object| Object { camera: None, ..object.clone() }).collect();
    let ids: HashSet<&str> = objects.iter().map(|object| object.id.as_str()).collect();
    let within = |one: &&Relation| ids.contains(one.from.as_str()) && ids.contains(one.to.as_str());
    let relations = answer.relations.iter().filter(within).cloned().collect();
    Answer { objects, relations, ..answer.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn pictures_are_checked_at_their_first_fault() {
        let problem = |pictures: Value| {
            let pictures: Vec<NewPicture> = serde_json::from_value(pictures).unwrap();
            check(&pictures).err().map(|problem| problem.path).unwrap_or_default()
        };
        let front = json!({ "name": "front", "path": "1/front.jpg" });
        assert_eq!(
            problem(json!([front, { "name": "rear", "url": "https://a.example/r.png" }])),
            ""
        );
        assert_eq!(problem(json!([])), "pictures");
        assert_eq!(problem(vec![front.clone(); 17].into()), "pictures");
        assert_eq!(problem(json!([front, front])), "pictures[1].name");
        assert_eq!(problem(json!([{ "name": "", "path": "a.png" }])), "pictures[0].name");
        assert_eq!(problem(json!([{ "name": "a\nb", "path": "a.png" }])), "pictures[0].name");
        assert_eq!(problem(json!([front, { "name": "rear" }])), "pictures[1].path");
        let both = json!({ "name": "x", "path": "a.png", "url": "https://a.example/" });
        assert_eq!(problem(json!([both])), "pictures[0].path");
    }

    #[test]
    fn what_one_camera_saw_is_an_answer_of_its_own() {
        let shape = json!({ "type": "point", "x": 1, "y": 2 });
        let on = |id: &str, camera: &str| json!({ "id": id, "class": "car", "shape": shape, "camera": camera, "group": 3 });
        let link = |from: &str, to: &str| json!({ "relation": "near", "from": from, "to": to });
        let answer: Answer = serde_json::from_value(json!({
            "objects": [on("a", "front"), on("b", "rear"), on("c", "front")],
            "relations": [link("a", "b"), link("a", "c")],
            "note": "dusk",
        }))
        .unwrap();
        let front = seen_by(&answer, "front");
        let ids: Vec<&str> = front.objects.iter().map(|object| object.id.as_str()).collect();
        assert_eq!((ids, front.relations.len()), (vec!["a", "c"], 1));
        assert!(
            front.objects.iter().all(|object| object.camera.is_none() && object.group == Some(3))
        );
        assert_eq!(front.note.as_deref(), Some("dusk"));
        assert!(seen_by(&answer, "left").objects.is_empty());
    }
}
