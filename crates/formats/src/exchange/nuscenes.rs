//! nuScenes: tables of JSON, joined by tokens. A sample is a moment that several sensors saw; its boxes stand in the
//! world, and each sensor says where it was.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufReader;

use serde_json::{Value, json};

use super::look::{Look, parse};
use super::pieces::{PieceError, Pieces, Stop};
use super::space::{Cuboid, Frame, Pose, Sensor, unit};
use super::window::{Batch, Entry, Window};
use super::{Class, Item, MARKS_MAX, Mark, Place, ReadError, Sink, Source, refusal};
use crate::row::{Code, Fault};

/// The map of a writer that knows none: its tables must have one.
pub(super) const NO_MAP: &str = "maps/nothing.png";
const TABLE: &str = "sample_annotation.json";

pub(super) fn is_table(name: &str) -> bool {
    format!("/{name}").ends_with(&format!("/{TABLE}"))
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let found = source.names().iter().filter(|name| is_table(name));
    let roots: Vec<String> = found.map(|name| name.trim_end_matches(TABLE).to_owned()).collect();
    if roots.is_empty() {
        return Err(ReadError::NotThere(format!(
            "there is no {TABLE}: give the folder of the tables"
        )));
    }
    for root in roots {
        Database::default().read(source, &root, sink)?;
    }
    Ok(())
}

/// One row of a table, and where it stands.
struct Spot<'a> {
    look: Look<'a>,
    raw: &'a [u8],
    at: u64,
    line: u64,
    nth: u32,
}

type Take<'a> = dyn FnMut(&Spot, &mut dyn Sink) -> Result<(), Fault> + 'a;

/// Hands over the rows of a table, where there is one; a row that is wrong is refused by itself.
fn rows(
    source: &mut Source,
    root: &str,
    table: &str,
    sink: &mut dyn Sink,
    take: &mut Take,
) -> Result<(), ReadError> {
    let name = format!("{root}{table}.json");
    let Some(index) = source.find(&name) else {
        let needed =
            !matches!(table, "log" | "map" | "visibility" | "attribute" | "lidarseg" | "panoptic");
        let message = format!("{name} is not there: the tables of nuScenes belong together");
        return if needed { Err(ReadError::NotThere(message)) } else { Ok(()) };
    };
    let mut pieces = Pieces::new(BufReader::with_capacity(1 << 18, source.spool(index)?));
    let mut walk = || -> Result<(), PieceError> {
        pieces.enter(b'[', "the table is no list of rows")?;
        let (mut first, mut raw, mut nth) = (true, Vec::new(), 0);
        while pieces.next(&mut first, b']')? {
            let (at, line) = (pieces.at, pieces.line);
            pieces.value(&mut raw)?;
            let read = parse(&name, line, &raw).and_then(|value| {
                let look = Look::new(&value, &format!("[{nth}]"));
                let spot = Spot { look, raw: &raw, at, line, nth };
                take(&spot, sink).map_err(|fault| refusal(&name, line, fault, &raw))
            });
            if let Err(refused) = read {
                sink.refuse(refused);
            }
            nth += 1;
        }
        Ok(())
    };
    walk().map_err(|error| Stop::from(error).of(&name))
}

/// What of the tables is held: all but the annotations and the files, of which there are many; those are known by
/// their place, and read again.
#[derive(Default)]
struct Database {
    categories: HashMap<String, String>,
    attributes: HashMap<String, String>,
    visibilities: HashMap<String, String>,
    instances: HashMap<String, (i64, String)>,
    sensors: HashMap<String, (String, String)>,
    mounts: HashMap<String, Mount>,
    /// Where the vehicle stood at each moment of each sensor: millions, so by short keys, in their order.
    vehicles: Vec<(u64, Pose)>,
    /// The files with the classes of points, by the token of the cloud.
    classes: HashMap<String, String>,
    scenes: HashMap<String, (usize, String)>,
    samples: Vec<Sample>,
    by_token: HashMap<String, u32>,
}

struct Mount {
    sensor: String,
    pose: Pose,
    intrinsic: Option<[[f64; 3]; 3]>,
}

struct Sample {
    token: String,
    scene: String,
    timestamp: i64,
}

impl Database {
    fn read(
        mut self,
        source: &mut Source,
        root: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        self.small_tables(source, root, sink)?;
        let (mut files, mut boxes) = (Vec::new(), Vec::new());
        rows(source, root, "sample_data", sink, &mut |spot, _| {
            files.push(self.entry(spot)?);
            Ok(())
        })?;
        rows(source, root, "ego_pose", sink, &mut |spot, _| {
            let token = spot.look.get("token")?.text()?;
            self.vehicles.push((short(token), pose(&spot.look)?));
            Ok(())
        })?;
        self.vehicles.sort_unstable_by_key(|(token, _)| *token);
        rows(source, root, TABLE.trim_end_matches(".json"), sink, &mut |spot, _| {
            boxes.push(self.entry(spot)?);
            Ok(())
        })?;
        self.samples(source, root, [files, boxes], sink)
    }

    fn small_tables(
        &mut self,
        source: &mut Source,
        root: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let text = |spot: &Spot, key: &str| -> Result<String, Fault> {
            Ok(spot.look.get(key)?.text()?.to_owned())
        };
        let mut classes = Vec::new();
        rows(source, root, "category", sink, &mut |spot, _| {
            let (token, name) = (text(spot, "token")?, text(spot, "name")?);
            // What single points are classed by.
            let id = spot.look.maybe("index").map(|index| index.whole()).transpose()?;
            classes.push(Class { name: name.clone(), id, ..Class::default() });
            self.categories.insert(token, name);
            Ok(())
        })?;
        for class in &classes {
            sink.class(class)?;
        }
        let named = [
            ("attribute", "name", &mut self.attributes),
            ("visibility", "level", &mut self.visibilities),
        ];
        for (table, key, map) in named {
            rows(source, root, table, sink, &mut |spot, _| {
                map.insert(text(spot, "token")?, text(spot, key)?);
                Ok(())
            })?;
        }
        let categories = &self.categories;
        rows(source, root, "instance", sink, &mut |spot, _| {
            let category = known(categories, &spot.look, "category_token")?.clone();
            self.instances.insert(text(spot, "token")?, (spot.nth.into(), category));
            Ok(())
        })?;
        rows(source, root, "sensor", sink, &mut |spot, _| {
            let facts = (text(spot, "channel")?, text(spot, "modality")?);
            self.sensors.insert(text(spot, "token")?, facts);
            Ok(())
        })?;
        let sensors = &self.sensors;
        rows(source, root, "calibrated_sensor", sink, &mut |spot, _| {
            known(sensors, &spot.look, "sensor_token")?;
            let mount = Mount {
                sensor: text(spot, "sensor_token")?,
                pose: pose(&spot.look)?,
                intrinsic: intrinsic(&spot.look)?,
            };
            self.mounts.insert(text(spot, "token")?, mount);
            Ok(())
        })?;
        rows(source, root, "scene", sink, &mut |spot, _| {
            let name = spot.look.maybe("name").map(|name| name.text()).transpose()?;
            let token = text(spot, "token")?;
            let name = name.unwrap_or(&token).to_owned();
            self.scenes.insert(token, (spot.nth as usize, name));
            Ok(())
        })?;
        let scenes = &self.scenes;
        rows(source, root, "sample", sink, &mut |spot, _| {
            known(scenes, &spot.look, "scene_token")?;
            let timestamp = spot.look.get("timestamp")?.whole()?;
            let (token, scene) = (text(spot, "token")?, text(spot, "scene_token")?);
            self.samples.push(Sample { token, scene, timestamp });
            Ok(())
        })?;
        let scenes = &self.scenes;
        self.samples.sort_by_key(|sample| {
            (scenes.get(&sample.scene).map_or(0, |(order, _)| *order), sample.timestamp)
        });
        for (at, sample) in self.samples.iter().enumerate() {
            self.by_token.insert(sample.token.clone(), at as u32);
        }
        rows(source, root, "lidarseg", sink, &mut |spot, _| {
            self.classes.insert(text(spot, "sample_data_token")?, text(spot, "filename")?);
            Ok(())
        })?;
        for table in ["log", "map", "panoptic"] {
            rows(source, root, table, sink, &mut |spot, sink| {
                let empty = |key| spot.look.maybe(key).is_none_or(|said| said.value == "");
                let kind = match table {
                    "panoptic" => "segments_of_points",
                    "map" if !spot.look.maybe("filename").is_some_and(|f| f.value == NO_MAP) => {
                        "map"
                    }
                    "log" if !empty("logfile") || !empty("vehicle") => "log",
                    _ => return Ok(()),
                };
                sink.lose(kind, spot.look.get("token")?.text()?.into());
                Ok(())
            })?;
        }
        Ok(())
    }

    fn entry(&self, spot: &Spot) -> Result<Entry, Fault> {
        let image = *known(&self.by_token, &spot.look, "sample_token")?;
        let (length, line) = (spot.raw.len() as u32, spot.line as u32);
        Ok(Entry { image, length, at: spot.at, line, nth: spot.nth })
    }

    fn samples(
        &self,
        source: &mut Source,
        root: &str,
        [mut files, mut boxes]: [Vec<Entry>; 2],
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let names = [format!("{root}sample_data.json"), format!("{root}{TABLE}")];
        let open = |source: &mut Source, name: &str| -> Result<_, ReadError> {
            let at = source.find(name).ok_or_else(|| ReadError::NotThere(name.into()))?;
            Ok((source.spool(at)?, Window::new()))
        };
        let mut windows = [open(source, &names[0])?, open(source, &names[1])?];
        for entries in [&mut files, &mut boxes] {
            entries.sort_unstable_by_key(|entry| (entry.image, entry.at));
        }
        let (mut batch, mut next, mut frame) = (Batch::default(), [0; 2], 0);
        for (nth, sample) in self.samples.iter().enumerate() {
            let before = nth.checked_sub(1).map(|before| &self.samples[before].scene);
            frame = if before == Some(&sample.scene) { frame + 1 } else { 0 };
            let scene = self.scenes.get(&sample.scene).map_or("", |(_, name)| name);
            let mut item =
                Item { id: Some(sample.token.clone()), frame: Some(frame), ..Item::default() };
            item.metadata.insert("scene".into(), scene.into());
            item.metadata.insert("timestamp".into(), sample.timestamp.into());
            for (table, entries) in [&files, &boxes].into_iter().enumerate() {
                let from = next[table];
                let count = entries[from..].iter().take_while(|e| e.image as usize == nth).count();
                next[table] += count;
                let entries = &entries[from..from + count];
                let (file, window) = &mut windows[table];
                batch.load(entries, window, file)?;
                for (at, entry) in entries.iter().enumerate() {
                    let raw = batch.raw(at, entry);
                    let line = u64::from(entry.line);
                    let read = parse(&names[table], line, raw).and_then(|value| {
                        let look = Look::new(&value, &format!("[{}]", entry.nth));
                        let taken =
                            match table {
                                0 => self.sensor(&look, &mut item),
                                _ if item.marks.len() >= MARKS_MAX => Err(look
                                    .range("is beyond the 50,000 boxes that one sample may have")),
                                _ => self.mark(&look).map(|mark| item.marks.push(mark)),
                            };
                        taken.map_err(|fault| refusal(&names[table], line, fault, raw))
                    });
                    if let Err(refused) = read {
                        sink.refuse(refused);
                    }
                }
            }
            item.sensors.sort_by(|a, b| a.name.cmp(&b.name));
            item.sweeps.sort_by(|a, b| (a.timestamp, &a.name).cmp(&(b.timestamp, &b.name)));
            let lidar = item.sensor("lidar").or(item.sensors.first());
            item.name = lidar.map_or_else(|| sample.token.clone(), |sensor| sensor.file.clone());
            sink.item(item)?;
        }
        Ok(())
    }

    /// Adds what one sensor saw: at the moment that was labelled, or since the one before.
    fn sensor(&self, look: &Look, item: &mut Item) -> Result<(), Fault> {
        let mount = known(&self.mounts, look, "calibrated_sensor_token")?;
        let token = look.get("ego_pose_token")?;
        let at = short(token.text()?);
        let at = self.vehicles.binary_search_by_key(&at, |(token, _)| *token);
        let (_, vehicle) = self.vehicles[at.map_err(|_| nothing(&token))?];
        let (name, modality) = self.sensors.get(&mount.sensor).cloned().unwrap_or_default();
        // What is no picture has the size 0.
        let side = |key: &str| -> Result<Option<u32>, Fault> {
            match look.maybe(key) {
                Some(side) if side.value != 0 => side.side().map(Some),
                _ => Ok(None),
            }
        };
        let is_key = look.flag("is_key_frame")?;
        let token = look.maybe("token").map(|token| token.text()).transpose()?;
        let sensor = Sensor {
            name,
            modality,
            file: look.get("filename")?.text()?.into(),
            timestamp: look.maybe("timestamp").map_or(Ok(0), |timestamp| timestamp.whole())?,
            mount: mount.pose,
            vehicle,
            intrinsic: mount.intrinsic,
            distortion: None,
            width: side("width")?,
            height: side("height")?,
            classes: token.and_then(|token| self.classes.get(token).cloned()),
        };
        if is_key { &mut item.sensors } else { &mut item.sweeps }.push(sensor);
        Ok(())
    }

    fn mark(&self, look: &Look) -> Result<Mark, Fault> {
        let (track, class) = known(&self.instances, look, "instance_token")?;
        let size = look.get("size")?;
        let [width, length, height] = three(&size)?;
        let Pose { translation, rotation } = pose(look)?;
        let cuboid = Cuboid {
            centre: translation,
            size: [length, width, height],
            rotation,
            frame: Frame::World,
            around: None,
        };
        let place = Place::Cuboid(cuboid.check(&size.path)?);
        let id = Some(look.get("token")?.text()?.to_owned());
        let mut mark =
            Mark { id, class: class.clone(), place, track: Some(*track), ..Mark::default() };
        if let Some(list) = look.maybe("attribute_tokens") {
            for token in list.list()? {
                let name = self.attributes.get(token.text()?).ok_or_else(|| {
                    let message = format!("`{}` is in no row of attribute.json", token.path);
                    Fault::new(&token.path, Code::UnknownValue, message)
                })?;
                // `vehicle.moving` says how the vehicle is.
                let (key, said) = match name.split_once('.') {
                    Some((key, said)) => (key, Value::from(said)),
                    None => (&name[..], true.into()),
                };
                mark.attributes.insert(key.into(), said);
            }
        }
        mark.attributes.extend(look.rest(&[
            "token",
            "sample_token",
            "instance_token",
            "attribute_tokens",
            "visibility_token",
            "translation",
            "size",
            "rotation",
            "num_lidar_pts",
            "num_radar_pts",
            "prev",
            "next",
        ]));
        if let Some(seen) = look.maybe("visibility_token").filter(|seen| seen.value != "") {
            let level = self.visibilities.get(&seen.id()?);
            let level = level.cloned().unwrap_or(seen.id()?);
            mark.attributes.insert("visibility".into(), level.into());
        }
        for key in ["num_lidar_pts", "num_radar_pts"] {
            if let Some(count) = look.maybe(key) {
                mark.attributes.insert(key.into(), json!(count.offset()?));
            }
        }
        Ok(mark)
    }
}

/// What a token stands for.
fn known<'a, T>(map: &'a HashMap<String, T>, look: &Look, key: &str) -> Result<&'a T, Fault> {
    let token = look.get(key)?;
    map.get(token.text()?).ok_or_else(|| nothing(&token))
}

fn nothing(token: &Look) -> Fault {
    let message = format!("`{}` stands for nothing: its table has no such token", token.path);
    Fault::new(&token.path, Code::UnknownValue, message)
}

/// A token in eight bytes: of millions, two that share them are not to be expected.
fn short(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

fn three(look: &Look) -> Result<[f64; 3], Fault> {
    <[f64; 3]>::try_from(look.numbers()?).map_err(|_| look.range("has not three numbers"))
}

fn pose(look: &Look) -> Result<Pose, Fault> {
    let rotation = look.get("rotation")?;
    let rotation = unit(rotation.four()?, &rotation.path)?;
    Ok(Pose { translation: three(&look.get("translation")?)?, rotation })
}

fn intrinsic(look: &Look) -> Result<Option<[[f64; 3]; 3]>, Fault> {
    let Some(rows) = look.maybe("camera_intrinsic") else { return Ok(None) };
    let list: Vec<[f64; 3]> = rows.list()?.map(|row| three(&row)).collect::<Result<_, _>>()?;
    match list.try_into() {
        Ok(rows) => Ok(Some(rows)),
        Err(list) if list.is_empty() => Ok(None),
        Err(_) => Err(rows.range("has not three rows")),
    }
}
