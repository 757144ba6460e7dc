//! Writes nuScenes tables as the moments come. A row that names the next one waits until that is known.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufWriter, Write};

use image::{DynamicImage, GrayImage, ImageFormat};
use serde_json::{Value, json};

use super::kitti_calibration::AHEAD;
use super::mot::sequence_of;
use super::nuscenes::NO_MAP;
use super::outlet::Outlet;
use super::space::{Frame, Pose, Sensor};
use super::{Class, Item, Mark, Names, Place, Writer, lose_item, lose_mark, lose_talk};
use crate::loss::LossReport;

pub(super) const VERSION: &str = "v1.0-mini";
/// How many tokens of others are remembered to keep them apart.
const TOKENS_MAX: usize = 4_000_000;
/// Two moments of the key frames are half a second apart.
const STEP_MICROSECONDS: i64 = 500_000;

/// Begins a file by its name: in a folder, or wherever it waits for the archive that it goes into.
pub(super) type Begin = Box<dyn FnMut(&str) -> io::Result<Box<dyn Write + Send>> + Send>;

/// Returns what writes the tables of nuScenes into files that `begin` opens by their names.
pub(crate) fn nuscenes_tables(
    begin: impl FnMut(&str) -> io::Result<Box<dyn Write + Send>> + Send + 'static,
) -> io::Result<Box<dyn Writer>> {
    Ok(Box::new(NuScenesFiles::over(Box::new(begin))?))
}

/// The folder of the files with the classes of points.
pub(crate) fn nuscenes_classes() -> String {
    format!("lidarseg/{}", VERSION)
}

struct Table {
    out: BufWriter<Box<dyn Write + Send>>,
    rows: u64,
}

impl Table {
    fn new(begin: &mut Begin, name: &str) -> io::Result<Self> {
        let mut out = BufWriter::new(begin(&format!("{VERSION}/{name}.json"))?);
        out.write_all(b"[")?;
        Ok(Self { out, rows: 0 })
    }

    fn push(&mut self, row: &Value) -> io::Result<()> {
        let comma = if self.rows > 0 { ",\n" } else { "\n" };
        self.rows += 1;
        write!(self.out, "{comma}{row}")
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}

/// Rows that name the one before and the one behind: the last of each chain waits.
struct Chains {
    table: Table,
    last: BTreeMap<String, Value>,
}

impl Chains {
    fn push(&mut self, chain: String, mut row: Value) -> io::Result<()> {
        (row["prev"], row["next"]) = ("".into(), "".into());
        if let Some(mut before) = self.last.remove(&chain) {
            before["next"] = row["token"].clone();
            row["prev"] = before["token"].clone();
            self.table.push(&before)?;
        }
        self.last.insert(chain, row);
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        for row in std::mem::take(&mut self.last).into_values() {
            self.table.push(&row)?;
        }
        self.table.finish()
    }
}

struct Scene {
    token: String,
    first: String,
    last: String,
    samples: u64,
    timestamp: i64,
}

struct Instance {
    token: String,
    class: usize,
    first: String,
    last: String,
    count: u64,
}

/// When a sensor saw something; with its sample, where nothing says it.
fn taken(sensor: &Sensor, timestamp: i64) -> i64 {
    if sensor.timestamp == 0 { timestamp } else { sensor.timestamp }
}

/// How much of a thing is seen. The data set's own numbers, which programs use without a look at their names.
const LEVELS: [&str; 4] = ["v0-40", "v40-60", "v60-80", "v80-100"];

#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Labelled,
    Between,
}

pub(super) struct NuScenesFiles {
    begin: Begin,
    /// The files with the classes of points, where there are any.
    classes: Option<Table>,
    names: Names,
    samples: Chains,
    files: Chains,
    boxes: Chains,
    vehicles: Table,
    mounts: Table,
    /// The token of each mount that is written, by what it says.
    mounted: HashMap<String, String>,
    channels: BTreeMap<String, (String, String)>,
    scenes: BTreeMap<String, Scene>,
    instances: BTreeMap<(String, i64), Instance>,
    attributes: Names,
    levels: Names,
    used: HashSet<String>,
    count: u64,
}

impl NuScenesFiles {
    pub fn new(out: &Outlet) -> io::Result<Self> {
        let out = out.to_owned();
        Self::over(Box::new(move |name| Ok(Box::new(out.create(name)?))))
    }

    pub fn over(mut begin: Begin) -> io::Result<Self> {
        let mut table = |name| Table::new(&mut begin, name);
        let [samples, files, boxes] =
            [table("sample")?, table("sample_data")?, table("sample_annotation")?]
                .map(|table| Chains { table, last: BTreeMap::new() });
        let (vehicles, mounts) = (table("ego_pose")?, table("calibrated_sensor")?);
        let mut levels = Names::default();
        LEVELS.iter().for_each(|level| {
            levels.index(level);
        });
        Ok(Self {
            begin,
            classes: None,
            names: Names::default(),
            samples,
            files,
            boxes,
            vehicles,
            mounts,
            mounted: HashMap::new(),
            channels: BTreeMap::new(),
            scenes: BTreeMap::new(),
            instances: BTreeMap::new(),
            attributes: Names::default(),
            levels,
            used: HashSet::new(),
            count: 0,
        })
    }

    /// The token that is wished for, if nobody has it, or a new one.
    fn token(&mut self, wish: Option<&str>) -> String {
        if let Some(wish) = wish.filter(|wish| !wish.is_empty() && self.used.len() < TOKENS_MAX)
            && self.used.insert(wish.into())
        {
            return wish.into();
        }
        self.count += 1;
        format!("{:032x}", self.count)
    }

    fn sensors(
        &mut self,
        item: &Item,
        sample: &str,
        timestamp: i64,
        losses: &mut LossReport,
    ) -> io::Result<Vec<Sensor>> {
        let sensors = if item.sensors.is_empty() {
            losses.add("poses_unknown", || item.name.clone());
            standing(item)
        } else {
            item.sensors.clone()
        };
        // A chain is one in time, and a sweep may come before its sample or behind it.
        let sweeps = item.sweeps.iter().map(|sweep| (sweep, Moment::Between));
        let mut seen: Vec<(&Sensor, Moment)> =
            sweeps.chain(sensors.iter().map(|sensor| (sensor, Moment::Labelled))).collect();
        seen.sort_by_key(|(sensor, _)| taken(sensor, timestamp));
        for (sensor, moment) in seen {
            self.seen(item, sample, timestamp, sensor, moment)?;
        }
        Ok(sensors)
    }

    /// Adds what one sensor saw at one moment.
    fn seen(
        &mut self,
        item: &Item,
        sample: &str,
        timestamp: i64,
        sensor: &Sensor,
        moment: Moment,
    ) -> io::Result<()> {
        let vehicle = self.token(None);
        let Pose { translation, rotation } = sensor.vehicle;
        let taken = taken(sensor, timestamp);
        self.vehicles.push(&json!({
            "token": vehicle, "timestamp": taken, "translation": translation, "rotation": rotation,
        }))?;
        let channel = match self.channels.get(&sensor.name) {
            Some((token, _)) => token.clone(),
            None => {
                let token = self.token(None);
                self.channels.insert(sensor.name.clone(), (token.clone(), sensor.modality.clone()));
                token
            }
        };
        let Pose { translation, rotation } = sensor.mount;
        let intrinsic = sensor.intrinsic.map_or(json!([]), |rows| json!(rows));
        let mut facts = json!({
            "sensor_token": channel, "translation": translation, "rotation": rotation, "camera_intrinsic": intrinsic,
        });
        let key = facts.to_string();
        let mount = match self.mounted.get(&key) {
            Some(token) => token.clone(),
            None => {
                let token = self.token(None);
                facts["token"] = token.as_str().into();
                self.mounts.push(&facts)?;
                self.mounted.insert(key, token.clone());
                token
            }
        };
        let ending = sensor.file.rsplit('.').next().unwrap_or_default();
        let ending = if ending == "bin" { "pcd" } else { ending };
        let token = self.token(None);
        let chain = format!("{} {}", scene_of(item), sensor.name);
        if let Some(file) = &sensor.classes {
            let table = match &mut self.classes {
                Some(table) => table,
                None => self.classes.insert(Table::new(&mut self.begin, "lidarseg")?),
            };
            // The development kit asks for the row by the token of the cloud.
            table.push(&json!({ "token": token, "sample_data_token": token, "filename": file }))?;
        }
        self.files.push(chain, json!({
            "token": token, "sample_token": sample, "ego_pose_token": vehicle, "calibrated_sensor_token": mount,
            "timestamp": taken, "fileformat": ending, "is_key_frame": moment == Moment::Labelled,
            "height": sensor.height.unwrap_or(0), "width": sensor.width.unwrap_or(0), "filename": sensor.file,
        }))
    }

    fn annotation(
        &mut self,
        item: &Item,
        sensors: &[Sensor],
        sample: &str,
        mark: &Mark,
        losses: &mut LossReport,
    ) -> io::Result<()> {
        let place = || format!("{}: {}", item.name, mark.class);
        lose_mark(item, mark, &["id", "attributes", "track"], losses);
        let Place::Cuboid(cuboid) = &mark.place else {
            losses.add("not_in_space", place);
            return Ok(());
        };
        let from = |modality: &str| {
            sensors.iter().find(|sensor| sensor.modality == modality).map(Sensor::pose)
        };
        let pose = match cuboid.frame {
            Frame::World => Some(Pose::default()),
            Frame::Lidar => from("lidar"),
            Frame::Camera => from("camera"),
        };
        let Some(pose) = pose else {
            losses.add("frame_of_cuboid", place);
            return Ok(());
        };
        if cuboid.around.is_some() {
            losses.add("box_around_cuboid", place);
        }
        if item.sensors.is_empty() && cuboid.frame != Frame::World {
            losses.add("frame_of_cuboid", place);
        }
        let moved = cuboid.moved(&pose, Frame::World);
        let token = self.token(mark.id.as_deref());
        if mark.id.as_ref().is_some_and(|id| *id != token) {
            losses.add("mark_id", place);
        }
        let (mut attributes, mut seen, mut counts) = (Vec::new(), String::new(), [0, 0]);
        for (key, said) in &mark.attributes {
            match (key.as_str(), said) {
                ("visibility", Value::String(level)) => {
                    seen = (self.levels.index(level) + 1).to_string();
                }
                ("num_lidar_pts", Value::Number(count)) => counts[0] = count.as_u64().unwrap_or(0),
                ("num_radar_pts", Value::Number(count)) => counts[1] = count.as_u64().unwrap_or(0),
                (_, Value::String(said)) if !key.contains('.') => {
                    attributes.push(self.attribute(&format!("{key}.{said}")));
                }
                (_, Value::Bool(true)) if !key.contains('.') => {
                    attributes.push(self.attribute(key))
                }
                _ => losses.add("attributes", || format!("{}: {key}", place())),
            }
        }
        let class = self.names.index(&mark.class);
        let scene = scene_of(item);
        // What nobody follows is a thing of its own each time.
        let track = mark.track.unwrap_or(i64::MIN + self.count as i64);
        let key = (scene, track);
        let instance = match self.instances.get(&key) {
            Some(instance) => {
                if instance.class != class {
                    losses.add("class_that_changes", place);
                }
                instance.token.clone()
            }
            None => self.token(None),
        };
        let entry = self.instances.entry(key).or_insert_with(|| Instance {
            token: instance.clone(),
            class,
            first: token.clone(),
            last: String::new(),
            count: 0,
        });
        entry.last.clone_from(&token);
        entry.count += 1;
        let [length, width, height] = moved.size;
        self.boxes.push(instance.clone(), json!({
            "token": token, "sample_token": sample, "instance_token": instance, "visibility_token": seen,
            "attribute_tokens": attributes, "translation": moved.centre, "size": [width, length, height],
            "rotation": moved.rotation, "num_lidar_pts": counts[0], "num_radar_pts": counts[1],
        }))
    }

    fn attribute(&mut self, name: &str) -> String {
        numbered("a", self.attributes.index(name))
    }
}

/// What is counted of an item as a whole.
fn head_of(item: &Item) -> Item {
    let (name, text, links) = (item.name.clone(), item.text.clone(), item.links.clone());
    Item { name, text, links, ..Item::default() }
}

/// The token of what is known by its place in a list.
fn numbered(kind: &str, at: usize) -> String {
    format!("{kind}{at:031x}")
}

fn scene_of(item: &Item) -> String {
    let scene = item.metadata.get("scene").and_then(Value::as_str);
    scene.map_or_else(|| sequence_of(&item.name), str::to_owned)
}

/// The sensor of an item that says nothing of any: it stands where the world begins.
fn standing(item: &Item) -> Vec<Sensor> {
    let ending = item.name.rsplit('.').next().unwrap_or_default();
    let camera = !matches!(ending, "bin" | "pcd" | "las" | "laz");
    let (name, modality) = if camera { ("CAM_FRONT", "camera") } else { ("LIDAR_TOP", "lidar") };
    let rotation = if camera { AHEAD } else { Pose::default().rotation };
    vec![Sensor {
        name: name.into(),
        modality: modality.into(),
        file: item.name.clone(),
        mount: Pose { rotation, ..Pose::default() },
        width: item.width,
        height: item.height,
        ..Sensor::default()
    }]
}

impl Writer for NuScenesFiles {
    fn class(&mut self, class: &Class) -> io::Result<()> {
        self.names.add(class);
        Ok(())
    }

    fn item(&mut self, item: &Item, losses: &mut LossReport) -> io::Result<()> {
        lose_talk(item, losses);
        let whole = Item { metadata: item.metadata.clone(), ..head_of(item) };
        lose_item(&whole, &["scene", "timestamp"], losses);
        item.lose_lenses(losses);
        if !item.subset.is_empty() {
            losses.add("subset", || item.name.clone());
        }
        let sample = self.token(item.id.as_deref());
        if item.id.as_ref().is_some_and(|id| *id != sample) {
            losses.add("item_id", || item.name.clone());
        }
        let name = scene_of(item);
        if !self.scenes.contains_key(&name) {
            let token = self.token(None);
            let (first, last) = (sample.clone(), String::new());
            self.scenes
                .insert(name.clone(), Scene { token, first, last, samples: 0, timestamp: 0 });
        }
        let Some(scene) = self.scenes.get_mut(&name) else { return Ok(()) };
        let given = item.metadata.get("timestamp").and_then(Value::as_i64);
        if item.frame.is_some_and(|frame| frame != scene.samples) {
            losses.add("frame", || item.name.clone());
        }
        let number = item.frame.unwrap_or(scene.samples) as i64;
        let timestamp = given.unwrap_or_else(|| number.saturating_mul(STEP_MICROSECONDS));
        if scene.samples > 0 && timestamp <= scene.timestamp {
            losses.add("out_of_order", || item.name.clone());
        }
        scene.samples += 1;
        scene.timestamp = timestamp;
        scene.last.clone_from(&sample);
        let row = json!({ "token": sample, "timestamp": timestamp, "scene_token": scene.token });
        self.samples.push(name, row)?;
        let sensors = self.sensors(item, &sample, timestamp, losses)?;
        if sensors.iter().all(|sensor| sensor.file != item.name) {
            losses.add("file_name", || item.name.clone());
        }
        for mark in &item.marks {
            self.annotation(item, &sensors, &sample, mark, losses)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &mut LossReport) -> io::Result<()> {
        let begin = &mut self.begin;
        let mut list = |name: &str, rows: Vec<Value>| -> io::Result<()> {
            let mut table = Table::new(begin, name)?;
            rows.iter().try_for_each(|row| table.push(row))?;
            table.finish()
        };
        let names = |names: &Names, kind: &str, key: &str| -> Vec<Value> {
            let rows = names.list.iter().enumerate();
            rows.map(|(at, class)| json!({ "token": numbered(kind, at), key: class.name, "description": "" })).collect()
        };
        let mut categories = names(&self.names, "c", "name");
        // The numbers by which single points are classed, where the classes have any.
        for (row, class) in categories.iter_mut().zip(&self.names.list) {
            if let Some(index) = class.id.filter(|_| self.classes.is_some()) {
                row["index"] = index.into();
            }
        }
        list("category", categories)?;
        list("attribute", names(&self.attributes, "a", "name"))?;
        let levels = self.levels.list.iter().enumerate();
        let levels = levels.map(|(at, level)| {
            json!({ "token": (at + 1).to_string(), "level": level.name, "description": "" })
        });
        list("visibility", levels.collect())?;
        let sensors = self.channels.iter().map(|(name, (token, modality))| {
            json!({ "token": token, "channel": name, "modality": modality })
        });
        list("sensor", sensors.collect())?;
        let scenes = self.scenes.iter().map(|(name, scene)| {
            json!({
                "token": scene.token, "log_token": numbered("d", 0), "nbr_samples": scene.samples, "first_sample_token": scene.first,
                "last_sample_token": scene.last, "name": name, "description": "",
            })
        });
        list("scene", scenes.collect())?;
        let instances = self.instances.values().map(|instance| {
            json!({
                "token": instance.token, "category_token": numbered("c", instance.class),
                "nbr_annotations": instance.count, "first_annotation_token": instance.first,
                "last_annotation_token": instance.last,
            })
        });
        list("instance", instances.collect())?;
        // The development kit looks for a log and a map, and for the picture of the map.
        let log = numbered("d", 0);
        let facts = json!({ "token": log, "logfile": "", "vehicle": "", "date_captured": "", "location": "" });
        list("log", vec![facts])?;
        let map = json!({ "token": numbered("e", 0), "log_tokens": [log], "category": "", "filename": NO_MAP });
        list("map", vec![map])?;
        let nothing = DynamicImage::ImageLuma8(GrayImage::new(1, 1));
        let mut picture = io::Cursor::new(Vec::new());
        nothing.write_to(&mut picture, ImageFormat::Png).map_err(io::Error::other)?;
        (self.begin)(NO_MAP)?.write_all(picture.get_ref())?;
        self.classes.map_or(Ok(()), Table::finish)?;
        self.samples.finish()?;
        self.files.finish()?;
        self.boxes.finish()?;
        self.vehicles.finish()?;
        self.mounts.finish()
    }
}
