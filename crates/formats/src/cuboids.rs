//! Labels of clouds for other tools: the items of `fairmark convert`, one for each moment, and KITTI's text files.

use std::io::{self, Write};

use domain::answers::{Answer, Shape};
use domain::scenes::{self, NewScene};
use serde_json::json;

use crate::exchange::{Cuboid, Item, Mark, Place, Pose, Sensor, kitti_files, write_item};
use crate::loss::LossReport;
use crate::native::Record;
use crate::ontology::Classes;

/// Writes each moment of each labelled item as a line that `fairmark convert` reads as `items`: its cuboids in the
/// world, under the names of their classes, and the sensors that saw it. Of an item of several moments the objects
/// are tracks.
///
/// Choices, notes and attributes of the whole item have no place here and are counted as losses.
pub struct CuboidsJsonl<'a, W: Write> {
    out: W,
    classes: &'a Classes,
    losses: LossReport,
}

impl<'a, W: Write> CuboidsJsonl<'a, W> {
    pub fn new(out: W, classes: &'a Classes) -> Self {
        Self { out, classes, losses: LossReport::default() }
    }

    /// Adds one task.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        for item in moments(record, self.classes, &mut self.losses) {
            write_item(&mut self.out, &item)?;
        }
        Ok(())
    }

    /// Tells what the file could not hold.
    pub fn finish(self) -> (W, LossReport) {
        (self.out, self.losses)
    }
}

/// The files of KITTI for one task: their names, and what is in them. What KITTI cannot say is counted.
pub fn kitti(
    record: &Record,
    classes: &Classes,
    losses: &mut LossReport,
) -> Vec<(String, Vec<u8>)> {
    let items = moments(record, classes, losses);
    let files = items.iter().flat_map(|item| kitti_files(item, losses));
    files.map(|(name, text)| (name, text.into_bytes())).collect()
}

/// What each point of each cloud of a labelled task is, as SemanticKITTI has it: a file of 32-bit numbers, little-endian, for each cloud, the
/// class in the lower half (its place in the ontology, from 1; 0 where nothing was said), the number of the object among those of
/// its class in the upper.
pub fn point_labels(
    record: &Record,
    classes: &Classes,
    losses: &mut LossReport,
) -> Vec<(String, Vec<u8>)> {
    let Record { item, label: Some(label), .. } = record else { return Vec::new() };
    let place = || item.external_id.clone();
    let Some(scene) = &item.scene else {
        losses.add("no_cloud", place);
        return Vec::new();
    };
    let Ok(answer) = serde_json::from_value::<Answer>(label.value.clone()) else {
        losses.add("answer", place);
        return Vec::new();
    };
    let mut files: Vec<Vec<u32>> = vec![Vec::new(); scene.clouds.len()];
    let mut counts = std::collections::HashMap::new();
    for object in &answer.objects {
        let Shape::Points3d(points) = &object.shape else {
            losses.add("cuboid", place);
            continue;
        };
        let file = usize::try_from(points.cloud).ok().and_then(|at| files.get_mut(at));
        let class = classes.index(&object.class).map(|at| at as u32 + 1);
        let (Some(file), Some(class), Some(stretches)) = (file, class, points.stretches()) else {
            losses.add("points", place);
            continue;
        };
        let nth = counts.entry((points.cloud, class)).or_insert(0u32);
        let said = class & 0xffff | *nth << 16;
        *nth = (*nth + 1).min(0xffff);
        file.resize((points.points as usize).max(file.len()), 0);
        for (from, to) in stretches {
            file[from as usize..to as usize].fill(said);
        }
        for _ in &object.attributes {
            losses.add("attributes", place);
        }
    }
    let named = files.into_iter().zip(&scene.clouds).filter(|(file, _)| !file.is_empty());
    named
        .map(|(file, cloud)| {
            let stem = cloud.path.rsplit_once('.').map_or(&*cloud.path, |(stem, _)| stem);
            let stem = stem.strip_suffix(".pcd").unwrap_or(stem);
            let bytes = file.iter().flat_map(|said| said.to_le_bytes()).collect();
            (format!("labels/{}.label", stem.trim_start_matches("velodyne/")), bytes)
        })
        .collect()
}

/// Each moment of a labelled task, with what stands where at it.
fn moments(record: &Record, classes: &Classes, losses: &mut LossReport) -> Vec<Item> {
    let Record { item, label: Some(label), .. } = record else { return Vec::new() };
    let place = || item.external_id.clone();
    let Some(scene) = &item.scene else {
        losses.add("no_cloud", place);
        return Vec::new();
    };
    let Ok(answer) = serde_json::from_value::<Answer>(label.value.clone()) else {
        losses.add("answer", place);
        return Vec::new();
    };
    for (kind, there) in [
        ("choice", !answer.choices.is_empty()),
        ("item_attribute", !answer.attributes.is_empty()),
        ("note", answer.note.is_some()),
    ] {
        if there {
            losses.add(kind, place);
        }
    }
    let several = scene.clouds.len() > 1;
    let moments = (0..scene.clouds.len()).map(|frame| {
        let mut found = moment(&item.external_id, scene, frame);
        for (track, object) in (0..).zip(&answer.objects) {
            let Shape::Cuboid3d(cuboid) = &object.shape else { continue };
            let Some(stand) = cuboid.at(frame as u64) else { continue };
            let name = classes.index(&object.class).map_or(&*object.class, |at| classes.label(at));
            found.marks.push(Mark {
                id: Some(object.id.clone()).filter(|_| !several),
                class: name.into(),
                place: Place::Cuboid(Cuboid::standing(&stand, cuboid.size)),
                attributes: object.attributes.clone().into_iter().collect(),
                track: several.then_some(track),
                ..Mark::default()
            });
        }
        found
    });
    moments.collect()
}

/// One moment of a scene, without what was said of it.
fn moment(external_id: &str, scene: &NewScene, frame: usize) -> Item {
    let cloud = &scene.clouds[frame];
    let pose = |pose: scenes::Pose| Pose { translation: pose.translation, rotation: pose.rotation };
    let timestamp = cloud.time.map_or(0, |seconds| (seconds * 1e6).round() as i64);
    let scanner = cloud.in_world();
    let lidar = Sensor {
        name: "LIDAR_TOP".into(),
        modality: "lidar".into(),
        file: cloud.path.clone(),
        timestamp,
        vehicle: pose(scanner),
        ..Sensor::default()
    };
    let cameras = cloud.cameras.iter().map(|camera| Sensor {
        name: camera.name.clone(),
        modality: "camera".into(),
        file: camera.path.clone(),
        timestamp,
        vehicle: pose(camera.in_world(&scanner)),
        intrinsic: Some(camera.intrinsic),
        width: camera.width,
        height: camera.height,
        ..Sensor::default()
    });
    let mut item = Item {
        name: cloud.path.clone(),
        sensors: cameras.chain([lidar]).collect(),
        ..Item::default()
    };
    if scene.clouds.len() > 1 {
        item.frame = Some(frame as u64);
        item.metadata.insert("scene".into(), json!(external_id));
        if timestamp != 0 {
            item.metadata.insert("timestamp".into(), json!(timestamp));
        }
    }
    item
}
