//! A release of ours, for the writers of other tools: each label as an item, its classes, attributes and relations
//! under their names. Who said it, and what was said on the way, stays in the release.

use std::collections::{HashMap, HashSet};

use domain::answers::{Answer, Track};
use domain::ontology::{Kind, Ontology};
use domain::relations::Direction;
use serde_json::{Map, Value, json};

use super::tracks::OCCLUDED;
use super::{Class, Item, Link, Mark, ReadError, Shape, Sink, Source, refusal, twin};
use crate::cuboids::moments;
use crate::loss::{Loss, LossReport};
use crate::native::{NativeError, NativeReader, Record};
use crate::ontology::Classes;
use crate::row::{Code, Fault};

/// The longest name of a folder, with room for what formats put behind it.
const FOLDER_MAX_BYTES: usize = 200;

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".jsonl") && source.names().len() > 1 {
            continue;
        }
        let reader = match NativeReader::open(source.stream(index)?) {
            Ok(reader) => reader,
            Err(NativeError::Io(error)) => return Err(error.into()),
            Err(NativeError::NotNative(error)) => {
                sink.refuse(super::Refusal { file: name, error });
                continue;
            }
        };
        let newest = reader.project().ontology.last().map(|newest| newest.value.clone());
        let Some(mut names) = newest.and_then(Names::read) else {
            let fault = Fault::new("ontology", Code::WrongType, "the project has no ontology");
            sink.refuse(refusal(&name, 1, fault, b""));
            continue;
        };
        names.tell_classes(sink)?;
        for (at, record) in reader.enumerate() {
            let row = at as u64 + 2;
            match record {
                Err(NativeError::Io(error)) => return Err(error.into()),
                Err(NativeError::NotNative(error)) | Ok(Err(error)) => {
                    sink.refuse(super::Refusal { file: name.clone(), error });
                }
                Ok(Ok(record)) if record.label.is_none() => {
                    sink.lose("task_without_label", record.item.external_id);
                }
                Ok(Ok(record)) => {
                    for record in record.by_camera() {
                        if let Some(fault) = names.hand_over(record, sink)? {
                            sink.refuse(refusal(&name, row, fault, b""));
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

/// What the keys of an ontology are called.
struct Names {
    ontology: Ontology,
    classes: Classes,
    /// What the folders of videos are called so far.
    folders: HashSet<String>,
}

impl Names {
    fn read(ontology: Value) -> Option<Self> {
        let classes = Classes::read(&ontology).ok()?;
        let folders = HashSet::new();
        Some(Self { ontology: serde_json::from_value(ontology).ok()?, classes, folders })
    }

    fn class<'a>(&'a self, key: &'a str) -> &'a str {
        self.classes.index(key).map_or(key, |at| self.classes.label(at))
    }

    fn tell_classes(&self, sink: &mut dyn Sink) -> Result<(), ReadError> {
        for class in &self.ontology.classes {
            let skeleton = self.ontology.skeleton(&class.key);
            let points = skeleton.iter().flat_map(|skeleton| &skeleton.points);
            let edges = skeleton.iter().flat_map(|skeleton| &skeleton.edges);
            sink.class(&Class {
                name: self.class(&class.key).into(),
                parent: class.parent.as_deref().map(|key| self.class(key).into()),
                keypoints: points.map(|point| point.name.clone()).collect(),
                skeleton: edges.map(|edge| edge.map(|at| at as u32 + 1)).collect(),
                ..Class::default()
            })?;
        }
        Ok(())
    }

    /// Hands over what the record is: one item, the moments of a drive, or the frames of a video; the fault where it is
    /// none of these.
    fn hand_over(
        &mut self,
        record: Record,
        sink: &mut dyn Sink,
    ) -> Result<Option<Fault>, ReadError> {
        if record.item.scene.is_some() {
            let mut losses = LossReport::default();
            for item in moments(&record, &self.classes, &mut losses) {
                sink.item(item)?;
            }
            for (kind, Loss { count, examples }) in losses.losses {
                for nth in 0..count {
                    let example = examples.get(nth as usize).or(examples.last());
                    sink.lose(kind, example.cloned().unwrap_or_default());
                }
            }
            return Ok(None);
        }
        let frames = record.item.frames;
        let (item, tracks) = match self.item(record, sink) {
            Ok(found) => found,
            Err(fault) => return Ok(Some(fault)),
        };
        match frames {
            Some(frames) => self.frames(item, &tracks, frames, sink)?,
            None => sink.item(item)?,
        }
        Ok(None)
    }

    /// The folder of a video's frames. Formats of sequences call one as its last part, which no two may share and which
    /// systems must take.
    fn folder(&mut self, video: &Item, sink: &mut dyn Sink) -> String {
        let path = twin(&video.name, "");
        let path = path.trim_end_matches('.');
        let mut last = path.rsplit('/').next().unwrap_or(path).to_owned();
        let is_name = (1..=FOLDER_MAX_BYTES).contains(&last.len());
        if is_name && self.folders.insert(last.clone()) {
            return path.into();
        }
        sink.lose("file_name", video.name.clone());
        last = path.trim_matches('/').replace('/', "-");
        last.truncate(last.floor_char_boundary(FOLDER_MAX_BYTES));
        if last.is_empty() {
            last.push_str("video");
        }
        let plain = last.clone();
        for nth in 2.. {
            if self.folders.insert(last.clone()) {
                break;
            }
            last = format!("{plain}-{nth}");
        }
        last
    }

    /// The frames of a video in which something is seen.
    fn frames(
        &mut self,
        video: Item,
        tracks: &[Track],
        frames: u64,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        for mark in &video.marks {
            sink.lose("of_the_whole_video", format!("{}: {}", video.name, mark.class));
        }
        if !video.metadata.is_empty() {
            sink.lose("metadata", video.name.clone());
        }
        let folder = self.folder(&video, sink);
        for frame in 0..frames {
            let mut marks = Vec::new();
            for (number, track) in (1..).zip(tracks) {
                let Some(seen) = track.at(frame) else { continue };
                let Some(shape) = Shape::read(&json!(seen.shape)) else { continue };
                let mut attributes = self.attributes(track.attributes_at(frame));
                if seen.occluded {
                    attributes.insert(OCCLUDED.into(), true.into());
                }
                if !seen.is_keyframe {
                    attributes.insert("keyframe".into(), false.into());
                }
                marks.push(Mark {
                    track: Some(number),
                    attributes,
                    ..Mark::shape(self.class(&track.class), shape)
                });
            }
            if !marks.is_empty() {
                sink.item(Item {
                    name: format!("{folder}/frame_{frame:06}.jpg"),
                    frame: Some(frame),
                    width: video.width,
                    height: video.height,
                    marks,
                    ..Item::default()
                })?;
            }
        }
        Ok(())
    }

    /// The item with what is said of it as a whole, and the things that are followed through it.
    fn item(&self, record: Record, sink: &mut dyn Sink) -> Result<(Item, Vec<Track>), Fault> {
        let Record { item, label, .. } = record;
        let place = &item.external_id;
        let value = label.map(|label| label.value).unwrap_or_default();
        let bends = |object: &Value| object["shape"]["curves"].as_array().is_some();
        for _ in value["objects"].as_array().into_iter().flatten().filter(|object| bends(object)) {
            sink.lose("curve_as_line", place.clone());
        }
        let answer: Answer = serde_json::from_value(value).map_err(|error| {
            Fault::new("label", Code::WrongType, format!("the label is no answer: {error}"))
        })?;
        let mut marks = Vec::new();
        for object in answer.objects {
            let shape = Shape::read(&json!(object.shape)).ok_or_else(|| {
                Fault::new("shape", Code::OutOfRange, "the shape has too few points")
            })?;
            if matches!(&object.shape, domain::shapes::Shape::Polygon { holes, .. } if !holes.is_empty())
            {
                sink.lose("hole_cut_open", format!("{place}: {}", object.id));
            }
            marks.push(Mark {
                id: Some(object.id),
                attributes: self.attributes(object.attributes),
                group: object.group.map(i64::from),
                ..Mark::shape(self.class(&object.class), shape)
            });
        }
        for span in answer.spans {
            marks.push(Mark {
                id: Some(span.id),
                attributes: self.attributes(span.attributes),
                group: span.group.map(i64::from),
                ..Mark::span(self.class(&span.class), span.start, span.end)
            });
        }
        let mut whole = self.attributes(answer.attributes);
        for key in &answer.choices {
            // What is said of the whole is said with the first choice.
            let attributes = std::mem::take(&mut whole);
            marks.push(Mark { attributes, ..Mark::whole(self.class(key)) });
        }
        if !whole.is_empty() {
            marks.push(Mark { attributes: whole, ..Mark::whole("") });
        }
        if answer.note.is_some() {
            sink.lose("note", place.clone());
        }
        let links = answer.relations.into_iter().map(|one| {
            let kind = self.ontology.relation(&one.relation);
            let mutual = kind.is_some_and(|kind| kind.direction == Direction::BothWays);
            let class = kind.map_or(one.relation, |kind| kind.name.clone());
            Link { from: one.from, to: one.to, class, mutual }
        });
        // A picture has the name of its file where its id is none.
        let is_path =
            |text: &str| text.rsplit_once('.').is_some_and(|(_, end)| (1..=5).contains(&end.len()));
        let name = match item.name {
            Some(name) if !is_path(&item.external_id) && !name.is_empty() => name,
            _ => item.external_id.clone(),
        };
        let item = Item {
            id: (name != item.external_id).then_some(item.external_id),
            name,
            width: item.width,
            height: item.height,
            text: item.text,
            links: links.collect(),
            marks,
            metadata: item.metadata,
            ..Item::default()
        };
        Ok((item, answer.tracks))
    }

    fn attributes(&self, said: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
        let attributes: HashMap<&str, _> =
            self.ontology.attributes.iter().map(|one| (one.key.as_str(), one)).collect();
        let named = |(key, value): (String, Value)| {
            let Some(attribute) = attributes.get(&*key) else { return (key, value) };
            let option = |key: &Value| {
                let found = attribute.options.iter().find(|one| Some(&*one.key) == key.as_str());
                found.map_or_else(|| key.clone(), |one| json!(one.name))
            };
            let value = match attribute.kind {
                Kind::Select => option(&value),
                Kind::Multi => value.as_array().into_iter().flatten().map(option).collect(),
                Kind::Boolean | Kind::Text | Kind::Number => value,
            };
            (attribute.name.clone(), value)
        };
        said.into_iter().map(named).collect()
    }
}
