//! Labels of clouds for other tools: the items of `fairmark convert`, one for each moment, KITTI's text files, and nuScenes' tables.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::answers::{Answer, Shape};
use domain::scenes::{self, NewScene};
use serde_json::json;

use crate::exchange::{
    Class, Cuboid, Item, Mark, Place, Pose, Sensor, Writer, kitti_files, nuscenes_classes,
    nuscenes_tables, write_item,
};
use crate::loss::LossReport;
use crate::native::Record;
use crate::ontology::Classes;
use crate::tar::TarWriter;

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
    let Some((scene, files)) = said_of_points(record, classes, losses) else { return Vec::new() };
    let answer = record.label.as_ref().and_then(|label| answer_of(&label.value));
    for object in answer.iter().flat_map(|answer| &answer.objects) {
        if !matches!(object.shape, Shape::Points3d(_)) {
            losses.add("cuboid", || record.item.external_id.clone());
        }
    }
    let named = files.into_iter().zip(&scene.clouds).filter(|(file, _)| !file.is_empty());
    named
        .map(|(file, cloud)| {
            let stem = stem_of(&cloud.path);
            let bytes = file.iter().flat_map(|said| said.to_le_bytes()).collect();
            (format!("labels/{}.label", stem.trim_start_matches("velodyne/")), bytes)
        })
        .collect()
}

/// The name of a cloud without its ending.
fn stem_of(path: &str) -> &str {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.strip_suffix(".pcd").unwrap_or(stem)
}

fn answer_of(value: &serde_json::Value) -> Option<Answer> {
    serde_json::from_value(value.clone()).ok()
}

/// What is said of each point of each cloud: the class, from 1, in the lower half, the number of the object in the upper; of a cloud of which
/// nothing is said no points.
fn said_of_points<'a>(
    record: &'a Record,
    classes: &Classes,
    losses: &mut LossReport,
) -> Option<(&'a NewScene, Vec<Vec<u32>>)> {
    let Record { item, label: Some(label), .. } = record else { return None };
    let place = || item.external_id.clone();
    let Some(scene) = &item.scene else {
        losses.add("no_cloud", place);
        return None;
    };
    let Some(answer) = answer_of(&label.value) else {
        losses.add("answer", place);
        return None;
    };
    let mut files: Vec<Vec<u32>> = vec![Vec::new(); scene.clouds.len()];
    let mut counts = std::collections::HashMap::new();
    for object in &answer.objects {
        let Shape::Points3d(points) = &object.shape else { continue };
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
    Some((scene, files))
}

/// Scratch space that its writer and its reader share, one after the other.
struct Shared<S>(Arc<Mutex<S>>);

impl<S: Write> Write for Shared<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        held(&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        held(&self.0).flush()
    }
}

type Waiting<S> = Arc<Mutex<Vec<(String, Arc<Mutex<S>>)>>>;

/// Nobody panics while holding it: writing answers with an error.
fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes labelled clouds as nuScenes has them, in one archive: the tables, in which the moments of an item are a scene, each sample with the one before
/// and the one behind; cuboids as annotations; and where points have classes, lidarseg: a byte a point in a file for each cloud, whose number
/// is the `index` of a category (the class's place in the ontology, from 1; 0, “noise”, where nothing was said).
///
/// Items of one cloud that were told a `scene` and a `timestamp` when they came in are samples of that scene. Tables wait in `scratch`, files of
/// points go out as they come. Clouds and pictures go out beside, by their names.
pub struct NuScenesTar<'a, W: Write, S: Read + Write + Seek + Send + 'static> {
    out: TarWriter<W>,
    tables: Box<dyn Writer>,
    waiting: Waiting<S>,
    classes: &'a Classes,
    has_points: bool,
    taken: std::collections::HashSet<String>,
    losses: LossReport,
}

impl<'a, W: Write, S: Read + Write + Seek + Send + 'static> NuScenesTar<'a, W, S> {
    pub fn new(
        out: W,
        scratch: impl Fn() -> io::Result<S> + Send + 'static,
        classes: &'a Classes,
    ) -> io::Result<Self> {
        let waiting = Waiting::default();
        let begun = Arc::clone(&waiting);
        let mut tables = nuscenes_tables(move |name| {
            let file = Arc::new(Mutex::new(scratch()?));
            held(&begun).push((name.to_owned(), Arc::clone(&file)));
            Ok(Box::new(Shared(file)))
        })?;
        for (at, class) in (0..classes.list().len()).zip(1..) {
            // A byte has no more numbers.
            let id = Some(class).filter(|class| *class <= i64::from(u8::MAX));
            tables.class(&Class { name: classes.label(at).into(), id, ..Class::default() })?;
        }
        Ok(Self {
            out: TarWriter::new(out),
            tables,
            waiting,
            classes,
            has_points: false,
            taken: Default::default(),
            losses: LossReport::default(),
        })
    }

    /// Adds one task.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let mut items = moments(record, self.classes, &mut self.losses);
        if let [item] = &mut items[..] {
            for key in ["scene", "timestamp"] {
                if let Some(told) = record.item.metadata.get(key) {
                    item.metadata.insert(key.into(), told.clone());
                }
            }
        }
        let said = said_of_points(record, self.classes, &mut self.losses);
        let said = said.map(|(_, files)| files).unwrap_or_default();
        let has_points = said.iter().any(|file| !file.is_empty());
        for (at, mut item) in items.into_iter().enumerate() {
            if let Some(file) = said.get(at).filter(|file| !file.is_empty()) {
                self.points(&mut item, file)?;
            } else if has_points {
                // How many points it has is known to the cloud alone, which is not read here.
                self.losses.add("cloud_without_classes", || item.name.clone());
            }
            self.tables.item(&item, &mut self.losses)?;
        }
        Ok(())
    }

    /// Writes a byte a point, and tells the scanner of the moment where.
    fn points(&mut self, item: &mut Item, said: &[u32]) -> io::Result<()> {
        let Some(lidar) = item.sensors.iter_mut().find(|sensor| sensor.modality == "lidar") else {
            return Ok(());
        };
        if !self.has_points {
            self.has_points = true;
            let taken = (0..self.classes.list().len()).any(|at| self.classes.label(at) == "noise");
            let name = if taken { "unlabelled" } else { "noise" }.into();
            self.tables.class(&Class { name, id: Some(0), ..Class::default() })?;
        }
        // The development kit wants all files in one folder, and no others in it.
        let flat = stem_of(&lidar.file).chars();
        let flat = flat.map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => letter,
            _ => '_',
        });
        let flat: String = flat.collect();
        let name = format!("{}/{flat}_lidarseg.bin", nuscenes_classes());
        if !self.taken.insert(name.clone()) {
            self.losses.add("name_taken", || lidar.file.clone());
            return Ok(());
        }
        let bytes: Vec<u8> =
            said.iter().map(|said| u8::try_from(said & 0xffff).unwrap_or(0)).collect();
        if said.iter().any(|said| said & 0xffff > u32::from(u8::MAX)) {
            self.losses.add("class_beyond_255", || lidar.file.clone());
        }
        self.out.add(&name, bytes.len() as u64, &mut &bytes[..])?;
        lidar.classes = Some(name);
        Ok(())
    }

    /// Tells what the archive could not hold.
    pub fn finish(mut self) -> io::Result<(W, LossReport)> {
        self.tables.finish(&mut self.losses)?;
        for (name, file) in std::mem::take(&mut *held(&self.waiting)) {
            let mut file = held(&file);
            let length = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(0))?;
            self.out.add(&name, length, &mut *file)?;
        }
        Ok((self.out.finish()?, self.losses))
    }
}

/// Each moment of a labelled task, with what stands where at it.
pub(crate) fn moments(record: &Record, classes: &Classes, losses: &mut LossReport) -> Vec<Item> {
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
        distortion: camera.distortion.clone(),
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
