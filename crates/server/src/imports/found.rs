//! Where the items of a data set are: among those of the project, in the archive, or nowhere; and what is known of one before it is kept.

use super::batch::{Loader, last_parts};
use crate::intake::{Fault, Picture, Source as From};
use crate::uploads;
use crate::{Cx, Result};
use domain::ProjectId;
use domain::projects::Media;
use domain::scenes::{Cloud, NewCamera, NewCloud, NewScene, Pose};
use formats::exchange::{self, Item, Source};
use std::collections::HashMap;
use store::ItemRow;

/// Where an item is.
pub(super) enum Found {
    There(Box<ItemRow>),
    /// Nowhere yet, and what it is to be called.
    New(String, From, Option<(i64, i64)>),
    Nowhere,
    Bad(Fault),
}

/// The pictures of an archive, by their names.
pub(super) struct Pictures {
    pub source: Source,
    /// By the last part of the name, and by the last two; a name that several share leads to none.
    by_end: HashMap<String, Option<usize>>,
}

impl Pictures {
    pub fn new(source: Source) -> Self {
        let mut by_end = HashMap::new();
        let files = source.names().iter().enumerate();
        for (index, name) in files.filter(|(_, name)| !exchange::is_mask(name)) {
            for end in [2, 1].iter().filter_map(|parts| last_parts(name, *parts)) {
                let found = by_end.entry(end.to_owned());
                found.and_modify(|found| *found = None).or_insert(Some(index));
            }
        }
        Self { source, by_end }
    }

    /// A cloud or a picture of a scene: several cameras have pictures of one name, so that the folder counts.
    pub fn part(&self, name: &str) -> Option<usize> {
        let by_end = || *self.by_end.get(last_parts(name, 2)?)?;
        self.source.find(name).or_else(by_end)
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        let by_end = |parts| *self.by_end.get(last_parts(name, parts)?)?;
        self.source.find(name).or_else(|| by_end(2)).or_else(|| by_end(1))
    }
}

/// The clouds and cameras of an item, by the sensors that saw it.
pub(super) fn scene_of(item: &Item) -> Option<NewScene> {
    let pose =
        |pose: exchange::Pose| Pose { translation: pose.translation, rotation: pose.rotation };
    let lidar = item.sensor("lidar").filter(|sensor| !sensor.file.is_empty())?;
    let cameras =
        item.sensors.iter().filter(|one| one.modality == "camera" && !one.file.is_empty());
    let cameras = cameras.filter_map(|one| {
        Some(NewCamera {
            name: one.name.clone(),
            path: one.file.clone(),
            intrinsic: one.intrinsic?,
            distortion: one.distortion.clone(),
            width: one.width,
            height: one.height,
            pose: Some(pose(one.pose())),
            mount: None,
        })
    });
    let time = (lidar.timestamp != 0).then(|| lidar.timestamp as f64 / 1e6);
    let (path, cameras) = (lidar.file.clone(), cameras.collect());
    Some(NewScene { clouds: vec![NewCloud { path, pose: pose(lidar.pose()), time, cameras }] })
}

/// A cloud that was only found, not read.
pub(super) fn scene_cloud(cloud: &NewCloud) -> Cloud {
    Cloud {
        file: cloud.path.clone(),
        address: String::new(),
        bytes: 0,
        points: 0,
        pose: cloud.in_world(),
        time: cloud.time,
        cameras: vec![],
    }
}

pub(super) fn short_hash(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// A picture or video that was sent to the project under that name, and is no item yet.
pub(super) fn sent(
    cx: &Cx,
    project: ProjectId,
    media: Media,
    name: &str,
    loader: &Loader<'_>,
) -> Result<Found> {
    let wanted = name.to_string();
    let upload = cx.store().read_now(move |tx| tx.whole_upload(project, &wanted))?;
    let Some(upload) = upload else { return Ok(Found::Nowhere) };
    let looked = loader.job.block_on(async {
        let address = uploads::settle(cx, &upload).await?;
        uploads::look(cx, media, address, name, upload.bytes).await
    })??;
    Ok(found_picture(looked, name, upload.bytes))
}

/// A picture or video that came along, where nothing of it is kept.
pub(super) fn tried(name: &str, size: Option<[u32; 2]>, frames: Option<i64>) -> Found {
    let Some(sides) = size else {
        let message = "the file in the archive is no picture that can be read";
        return Found::Bad(Fault::new("file_name", "not_a_picture", message));
    };
    let [width, height] = sides.map(i64::from);
    let picture = Picture {
        name: name.into(),
        address: String::new(),
        bytes: 0,
        width,
        height,
        frames,
        renditions: Vec::new(),
    };
    Found::New(name.into(), From::Picture(picture), Some((width, height)))
}

pub(super) fn found_picture(
    looked: Result<uploads::Settled, Fault>,
    name: &str,
    bytes: i64,
) -> Found {
    found_source(looked.map(|settled| settled.source(name.into(), bytes)), name)
}

pub(super) fn found_source(found: Result<From, Fault>, name: &str) -> Found {
    match found {
        Err(fault) => Found::Bad(Fault { field: "file_name".into(), ..fault }),
        Ok(source) => {
            let size = match &source {
                From::Picture(picture) => Some((picture.width, picture.height)),
                From::Text(_) | From::Scene(..) | From::Pictures(_) => None,
            };
            Found::New(name.into(), source, size)
        }
    }
}
