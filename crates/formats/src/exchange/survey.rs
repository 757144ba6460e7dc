//! What a data set has, before anything of it is taken: its classes, attributes and shapes, with their numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use domain::limits;
use domain::ontology::{self, Attribute, Choice, Keypoint, Kind, Ontology, Scope, Skeleton};
use domain::projects::{ChoiceMode, Media, Question, ShapeKind};
use domain::relations::{Direction, RelationKind};
use serde::Serialize;
use serde_json::Value;

use super::{Class, Item, Link, Place, Refusal, Sink, tracks};
use crate::loss::LossReport;

/// How many values of an attribute make it a list of options; with more it is a text.
const OPTIONS_MAX: usize = 40;
/// How long a value may be that is an option.
const OPTION_CHARS_MAX: usize = 80;

/// Counts what a reader finds. Bounded: classes and attributes beyond what an ontology may have are counted
/// together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Survey {
    pub items: u64,
    /// Items about which nothing is said.
    pub bare: u64,
    /// Items that are a text of their own.
    pub texts: u64,
    /// Items that a scanner saw.
    pub clouds: u64,
    /// Videos with what is followed through them.
    pub videos: u64,
    pub marks: u64,
    /// Marks that a model made.
    pub predicted: u64,
    pub refused: u64,
    pub classes: Vec<ClassSeen>,
    pub attributes: Vec<AttributeSeen>,
    pub relations: Vec<RelationSeen>,
    /// How many marks there are of each shape, `whole`, `span` and `words` among them.
    pub shapes: BTreeMap<&'static str, u64>,
    /// Classes and attributes that are too many to be listed.
    pub more: u64,
    /// Whether some item is given two classes as a whole.
    pub several: bool,
    pub losses: LossReport,
    /// Whether videos are looked at as a whole, with their tracks, and not frame by frame.
    #[serde(skip)]
    follows: bool,
    /// Attributes that are not the same in all frames of a track.
    #[serde(skip)]
    changing: BTreeSet<String>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
    #[serde(skip)]
    by_attribute: HashMap<(bool, String), usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassSeen {
    pub name: String,
    pub marks: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The names of its keypoints, in their order, and which of them are joined, counted from 1.
    #[serde(skip)]
    keypoints: Vec<String>,
    #[serde(skip)]
    edges: Vec<[u32; 2]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelationSeen {
    pub name: String,
    pub links: u64,
    /// Whether either end may be called the first.
    pub mutual: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttributeSeen {
    pub name: String,
    /// Whether it is about the whole item.
    pub whole: bool,
    pub marks: u64,
    /// What its values are, as far as they were seen.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The values, where they are few.
    pub options: BTreeSet<String>,
}

impl Sink for Survey {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        let Some(index) = self.class_index(&class.name) else { return Ok(()) };
        let seen = &mut self.classes[index];
        if class.parent.as_deref().is_some_and(|parent| !parent.is_empty()) {
            seen.parent.clone_from(&class.parent);
        }
        if !class.keypoints.is_empty() {
            seen.keypoints.clone_from(&class.keypoints);
            seen.edges.clone_from(&class.skeleton);
        }
        Ok(())
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        self.add(&item);
        Ok(())
    }

    fn follows(&self) -> bool {
        self.follows
    }

    fn refuse(&mut self, _: Refusal) {
        self.refused += 1;
    }

    fn lose(&mut self, kind: &'static str, example: String) {
        self.losses.add(kind, || example);
    }
}

impl Survey {
    /// Returns an empty one that looks at videos as a whole, with their tracks.
    pub fn of_videos() -> Self {
        Self { follows: true, ..Self::default() }
    }

    pub fn add(&mut self, item: &Item) {
        self.items += 1;
        self.bare += u64::from(item.marks.is_empty());
        self.texts += u64::from(item.text.is_some());
        self.clouds += u64::from(item.sensor("lidar").is_some_and(|one| !one.file.is_empty()));
        self.videos += u64::from(!item.tracks.is_empty());
        let mut whole = None;
        let followed = item.tracks.iter().flat_map(|track| &track.keyframes);
        self.bare -= u64::from(item.marks.is_empty() && !item.tracks.is_empty());
        self.changes(item);
        for mark in item.marks.iter().chain(followed.map(|keyframe| &keyframe.mark)) {
            self.marks += 1;
            self.predicted += u64::from(mark.model.is_some());
            *self.shapes.entry(mark.place.kind()).or_default() += 1;
            let is_whole = mark.place == Place::Whole;
            if is_whole && mark.group.is_none() && mark.model.is_none() {
                self.several |= whole.is_some_and(|before: &str| before != mark.class);
                whole = Some(&mark.class);
            }
            if let Some(index) = self.class_index(&mark.class) {
                self.classes[index].marks += 1;
            }
            for (name, value) in &mark.attributes {
                // A track says so by itself.
                if item.tracks.is_empty() || name != tracks::OCCLUDED {
                    self.attribute(is_whole, name, value);
                }
            }
        }
        for link in &item.links {
            self.link(link);
        }
    }

    /// Hears which attributes of tracks are not the same in all frames.
    fn changes(&mut self, item: &Item) {
        for track in &item.tracks {
            for pair in track.keyframes.windows(2) {
                let [before, after] = [&pair[0].mark.attributes, &pair[1].mark.attributes];
                for (name, value) in after {
                    if before.get(name) != Some(value) {
                        self.changing.insert(name.clone());
                    }
                }
            }
        }
    }

    fn link(&mut self, link: &Link) {
        if link.class.is_empty() {
            return;
        }
        match self.relations.iter().position(|seen| seen.name == link.class) {
            Some(at) => {
                self.relations[at].links += 1;
                self.relations[at].mutual &= link.mutual;
            }
            None if self.relations.len() >= limits::RELATION_KINDS_MAX => self.more += 1,
            None => self.relations.push(RelationSeen {
                name: link.class.clone(),
                links: 1,
                mutual: link.mutual,
            }),
        }
    }

    fn class_index(&mut self, name: &str) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        if let Some(index) = self.by_name.get(name) {
            return Some(*index);
        }
        if self.classes.len() >= limits::CLASSES_MAX {
            self.more += 1;
            return None;
        }
        self.by_name.insert(name.into(), self.classes.len());
        self.classes.push(ClassSeen { name: name.into(), ..ClassSeen::default() });
        Some(self.classes.len() - 1)
    }

    fn attribute(&mut self, whole: bool, name: &str, value: &Value) {
        let key = (whole, name.to_owned());
        let Some(seen) = value_of(value) else { return };
        let index = match self.by_attribute.get(&key) {
            Some(index) => *index,
            None if self.attributes.len() >= limits::ATTRIBUTES_MAX => {
                self.more += 1;
                return;
            }
            None => {
                self.by_attribute.insert(key, self.attributes.len());
                self.attributes.push(AttributeSeen {
                    name: name.into(),
                    whole,
                    marks: 0,
                    kind: seen.kind,
                    options: BTreeSet::new(),
                });
                self.attributes.len() - 1
            }
        };
        let attribute = &mut self.attributes[index];
        attribute.marks += 1;
        if attribute.kind != seen.kind {
            attribute.kind = common(attribute.kind, seen.kind);
        }
        for option in seen.options {
            if option.chars().count() > OPTION_CHARS_MAX {
                attribute.kind = Kind::Text;
            }
            if matches!(attribute.kind, Kind::Select | Kind::Multi) {
                attribute.options.insert(option);
            }
        }
        if attribute.options.len() > OPTIONS_MAX || attribute.kind == Kind::Text {
            attribute.kind = Kind::Text;
            attribute.options.clear();
        }
    }

    /// Returns the question that this data set answers, or none where it is none that a project can ask.
    pub fn question(&self) -> Option<Question> {
        let number = |kind: &str| self.shapes.get(kind).copied().unwrap_or(0);
        let whole = number("whole");
        let choice = (whole > 0).then_some(match self.several {
            true => ChoiceMode::Multi,
            false => ChoiceMode::Single,
        });
        if self.texts > 0 {
            let spans = number("span") > 0;
            let choice = if spans { choice } else { choice.or(Some(ChoiceMode::Single)) };
            return Some(Question { media: Media::Text, shapes: Vec::new(), choice, spans });
        }
        if self.clouds > 0 && (number("cuboid") > 0 || self.marks == 0) {
            let shapes = vec![ShapeKind::Cuboid3d];
            return Some(Question { media: Media::Cloud, shapes, choice: None, spans: false });
        }
        // What one mark of the data set becomes, where a project may take any shape.
        let kinds = [
            (ShapeKind::Box, &["box"][..]),
            (ShapeKind::Turned, &["turned_box"]),
            (ShapeKind::Polygon, &["polygon", "polygon_of_several_parts"]),
            (ShapeKind::Line, &["line"]),
            (ShapeKind::Point, &["points"]),
            (ShapeKind::Ellipse, &["ellipse"]),
            (ShapeKind::Keypoints, &["keypoints"]),
            (ShapeKind::Mask, &["mask"]),
            (ShapeKind::Solid, &["cuboid_in_picture"]),
        ];
        let there = |names: &[&str]| names.iter().any(|name| number(name) > 0);
        let shapes: Vec<ShapeKind> =
            kinds.iter().filter(|(_, names)| there(names)).map(|(kind, _)| *kind).collect();
        let pictures =
            Question { media: Media::Image, shapes: Vec::new(), choice: None, spans: false };
        match (shapes.is_empty(), choice) {
            (false, _) if self.videos > 0 => {
                Some(Question { media: Media::Video, shapes, ..pictures })
            }
            (true, None) if self.marks > 0 => None,
            (true, None) => Some(Question { shapes: vec![ShapeKind::Box], ..pictures }),
            (true, choice) => Some(Question { choice, ..pictures }),
            (false, _) => Some(Question { shapes, ..pictures }),
        }
    }

    /// Adds to an ontology the classes that it has under no name, the attributes and the relations; `out` says which
    /// classes are left out.
    pub fn extend(&self, ontology: &mut Ontology, out: impl Fn(&str) -> bool) {
        let mut missing: Vec<&ClassSeen> = Vec::new();
        for class in &self.classes {
            if !out(&class.name) && find_class(ontology, &class.name).is_none() {
                missing.push(class);
            }
        }
        let room = limits::CLASSES_MAX.saturating_sub(ontology.classes.len());
        for class in missing.iter().take(room) {
            let at = ontology.classes.len();
            let key = fresh_key(&class.name, "class", |key| ontology.class(key).is_some());
            let hotkey = (1..=9).map(|digit| digit.to_string()).find(|digit| {
                !ontology.classes.iter().any(|class| class.hotkey.as_ref() == Some(digit))
            });
            ontology.classes.push(ontology::Class {
                key,
                name: shortened(&class.name),
                color: COLORS[at % COLORS.len()].into(),
                hotkey,
                parent: None,
                description: None,
                skeleton: skeleton(class),
                retired: false,
            });
        }
        // A parent may stand behind its children.
        for class in &missing {
            let parent = class.parent.as_deref().and_then(|name| find_class(ontology, name));
            if let (Some(parent), Some(at)) = (parent, find_class(ontology, &class.name))
                && parent != at
                && ontology.classes[parent].parent.is_none()
            {
                let key = ontology.classes[parent].key.clone();
                ontology.classes[at].parent = Some(key);
            }
        }
        for attribute in &self.attributes {
            if find_attribute(ontology, attribute.whole, &attribute.name).is_some()
                || ontology.attributes.len() >= limits::ATTRIBUTES_MAX
            {
                continue;
            }
            let has = |key: &str| ontology.attributes.iter().any(|one| one.key == key);
            let key = fresh_key(&attribute.name, "attribute", has);
            let mut options: Vec<Choice> = Vec::new();
            for name in &attribute.options {
                let key = fresh_key(name, "option", |key| options.iter().any(|one| one.key == key));
                options.push(Choice { key, name: shortened(name), retired: false });
            }
            ontology.attributes.push(Attribute {
                key,
                name: shortened(&attribute.name),
                kind: attribute.kind,
                scope: if attribute.whole { Scope::Item } else { Scope::Object },
                classes: Vec::new(),
                options,
                required: false,
                default: None,
                min: None,
                max: None,
                per_frame: !attribute.whole && self.changing.contains(&attribute.name),
                retired: false,
            });
        }
        for seen in &self.relations {
            if find_relation(ontology, &seen.name).is_some()
                || ontology.relations.len() >= limits::RELATION_KINDS_MAX
            {
                continue;
            }
            let key = fresh_key(&seen.name, "relation", |key| ontology.relation(key).is_some());
            ontology.relations.push(RelationKind {
                key,
                name: shortened(&seen.name),
                from: Vec::new(),
                to: Vec::new(),
                direction: if seen.mutual { Direction::BothWays } else { Direction::OneWay },
                retired: false,
            });
        }
    }
}

/// The kind of relation that a data set calls `name`: by its name, then by its key.
pub(super) fn find_relation(ontology: &Ontology, name: &str) -> Option<usize> {
    let position = |same: &dyn Fn(&RelationKind) -> bool| {
        ontology.relations.iter().position(|kind| !kind.retired && same(kind))
    };
    position(&|kind| kind.name == name)
        .or_else(|| position(&|kind| kind.key == name))
        .or_else(|| position(&|kind| kind.name.to_lowercase() == name.to_lowercase()))
}

/// The colours that the page of the ontology gives to new classes, in the same order.
const COLORS: [&str; 16] = [
    "#e8590c", "#1971c2", "#2f9e44", "#c2255c", "#7048e8", "#f08c00", "#0c8599", "#e03131",
    "#5c940d", "#9c36b5", "#3b5bdb", "#846358", "#099268", "#d6336c", "#495057", "#b08900",
];

/// The class that a data set calls `name`: by its name, then by its key, then by its name in other letters.
pub(super) fn find_class(ontology: &Ontology, name: &str) -> Option<usize> {
    let position = |same: &dyn Fn(&ontology::Class) -> bool| {
        ontology.classes.iter().position(|class| !class.retired && same(class))
    };
    position(&|class| class.name == name)
        .or_else(|| position(&|class| class.key == name))
        .or_else(|| position(&|class| class.name.to_lowercase() == name.to_lowercase()))
}

pub(super) fn find_attribute(ontology: &Ontology, whole: bool, name: &str) -> Option<usize> {
    let scope = if whole { Scope::Item } else { Scope::Object };
    let position = |same: &dyn Fn(&Attribute) -> bool| {
        let fits = |one: &Attribute| !one.retired && one.scope == scope && same(one);
        ontology.attributes.iter().position(fits)
    };
    position(&|one| one.name == name)
        .or_else(|| position(&|one| one.key == name))
        .or_else(|| position(&|one| one.name.to_lowercase() == name.to_lowercase()))
}

struct Seen {
    kind: Kind,
    options: Vec<String>,
}

/// What one value says of its attribute; nothing where it says nothing.
fn value_of(value: &Value) -> Option<Seen> {
    let seen = |kind, options| Some(Seen { kind, options });
    match value {
        Value::Null => None,
        Value::Bool(_) => seen(Kind::Boolean, Vec::new()),
        Value::Number(_) => seen(Kind::Number, Vec::new()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if matches!(text.as_str(), "true" | "false") => {
            seen(Kind::Boolean, Vec::new())
        }
        Value::String(text) => seen(Kind::Select, vec![text.clone()]),
        Value::Array(values) => {
            let texts: Option<Vec<String>> =
                values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
            seen(Kind::Multi, texts?)
        }
        Value::Object(_) => None,
    }
}

/// The type that has room for both.
fn common(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (Kind::Select, Kind::Multi) | (Kind::Multi, Kind::Select) => Kind::Multi,
        (one, other) if one == other => one,
        _ => Kind::Text,
    }
}

/// The skeleton of a class, where the data set names its points.
fn skeleton(class: &ClassSeen) -> Option<Skeleton> {
    let mut points: Vec<Keypoint> = Vec::new();
    for name in &class.keypoints {
        let key = fresh_key(name, "point", |key| points.iter().any(|point| point.key == key));
        points.push(Keypoint { key, name: shortened(name) });
    }
    let count = points.len();
    let edge = |[from, to]: &[u32; 2]| {
        let at = |one: u32| (one as usize).checked_sub(1).filter(|at| *at < count);
        Some([at(*from)?, at(*to)?]).filter(|[from, to]| from != to)
    };
    let edges = class.edges.iter().filter_map(edge).collect();
    (count > 0).then_some(Skeleton { points, edges })
}

fn shortened(name: &str) -> String {
    let name: String =
        name.chars().filter(|c| !c.is_control()).take(limits::NAME_CHARS_MAX).collect();
    if name.trim().is_empty() { "—".into() } else { name }
}

/// A key made of a name (O1) that nobody has yet.
fn fresh_key(name: &str, otherwise: &str, taken: impl Fn(&str) -> bool) -> String {
    const KEY_CHARS_MAX: usize = 56;
    let mut key = String::new();
    for c in name.chars().flat_map(char::to_lowercase).take(KEY_CHARS_MAX) {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            _ if !key.is_empty() && !key.ends_with('-') => key.push('-'),
            _ => {}
        }
    }
    let key = key.trim_end_matches('-');
    let key = if key.is_empty() { otherwise } else { key };
    if !taken(key) {
        return key.into();
    }
    let mut number = 2_usize;
    while taken(&format!("{key}-{number}")) {
        number += 1;
    }
    format!("{key}-{number}")
}
