//! Clouds of points, read and written point by point: PCD, the plain numbers of KITTI and nuScenes, LAS and LAZ.
//! The rules:
//!
//! - **P1** A cloud is never held: what is read at once is a buffer, a packed block of PCD, or a packed chunk of LAZ,
//!   and each of those has a limit that is checked before memory is taken for it.
//! - **P2** What the header says is checked against what the file can hold before the first point.
//! - **P3** A point without a place (PCD writes those of scanners that saw nothing as NaN) is passed over and counted.
//! - **P4** What is wrong is told with the number of the point, from 1, and how to mend it.

mod bin;
mod las;
mod pcd;
mod tiles;

pub use tiles::{Index, Tick, tiles};

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek};
use std::path::Path;

use crate::loss::LossReport;

/// The most points that one cloud may have.
pub const POINTS_MAX: u64 = 2_000_000_000;

/// Holds one point; what a format does not say is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// In metres, or in the units of the file's own grid.
    pub position: [f64; 3],
    /// How much of the light came back, as the file counts it.
    pub intensity: Option<f64>,
    /// Which of the scanner's beams it was.
    pub ring: Option<u16>,
    pub colour: Option<[u8; 3]>,
    /// The number of the class, where a person or a program gave it one.
    pub class: Option<u8>,
    /// Seconds, counted from where the file counts them.
    pub time: Option<f64>,
}

/// Names the kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PCD, written as numbers in text.
    PcdText,
    /// PCD, written as it lies in memory.
    Pcd,
    /// Four numbers a point: x, y, z, reflectance.
    Kitti,
    /// Five numbers a point: x, y, z, intensity, beam.
    NuScenes,
    Las,
    Laz,
}

impl Kind {
    /// Tells the kind from the name of a file; none where it is no cloud.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.rsplit_once('.')? {
            (_, "pcd") => Some(Kind::Pcd),
            (stem, "bin") if stem.ends_with(".pcd") => Some(Kind::NuScenes),
            (_, "bin") => Some(Kind::Kitti),
            (_, "las") => Some(Kind::Las),
            (_, "laz") => Some(Kind::Laz),
            _ => None,
        }
    }
}

/// Says why a cloud cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    #[error("the header: {0}")]
    Header(String),
    #[error("point {0}: {1}")]
    Point(u64, String),
    #[error("the file ends in the middle of point {0}: it may have been cut off")]
    CutOff(u64),
    #[error("the cloud has more than 2,000,000,000 points: split it")]
    TooManyPoints,
    #[error("the cloud has more than {0} points, which are too many to be looked at: split it")]
    TooManyToSee(u64),
    #[error("there is no point with a place in the cloud")]
    Empty,
    #[error("the cloud is {0} km wide: a number in it is broken, or its units are not metres")]
    TooWide(f64),
    #[error("reading failed")]
    Io(#[from] io::Error),
}

impl CloudError {
    /// Returns the stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            CloudError::Header(_) => "cloud_header",
            CloudError::Point(..) => "cloud_point",
            CloudError::CutOff(_) => "cloud_cut_off",
            CloudError::TooManyPoints => "too_many_points",
            CloudError::TooManyToSee(_) => "cloud_too_many_points",
            CloudError::Empty => "cloud_empty",
            CloudError::TooWide(_) => "cloud_too_wide",
            CloudError::Io(_) => "unreadable",
        }
    }
}

/// A file that points are read from; threads may hand it on.
pub trait Input: Read + Seek + Send + Sync {}
impl<T: Read + Seek + Send + Sync> Input for T {}

trait Points {
    /// The next point; none at the end. A place that is not finite is handed on as it is.
    fn next(&mut self) -> Result<Option<Point>, CloudError>;

    /// The names of what the points so far have besides, and that is not read.
    fn unread(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A cloud on its way: its header is read and checked, its points come one by one.
pub struct Cloud {
    points: Box<dyn Points>,
    count: u64,
    skipped: u64,
}

impl Cloud {
    /// Opens a cloud of this kind.
    pub fn open(mut input: impl Input + 'static, kind: Kind) -> Result<Self, CloudError> {
        let length = input.seek(io::SeekFrom::End(0))?;
        input.rewind()?;
        let (points, count): (Box<dyn Points>, u64) = match kind {
            Kind::Pcd | Kind::PcdText => {
                let (points, count) = pcd::Reader::open(input, length)?;
                (Box::new(points), count)
            }
            Kind::Kitti | Kind::NuScenes => {
                let (points, count) = bin::Reader::open(input, length, kind)?;
                (Box::new(points), count)
            }
            Kind::Las | Kind::Laz => {
                let (points, count) = las::open(input, length)?;
                (points, count)
            }
        };
        Ok(Self { points, count, skipped: 0 })
    }

    /// Returns how many points the header announces.
    pub fn announced(&self) -> u64 {
        self.count
    }

    /// Returns how many points without a place were passed over so far (P3).
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

impl Iterator for Cloud {
    type Item = Result<Point, CloudError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.points.next().transpose()? {
                Ok(point) if point.position.iter().any(|part| !part.is_finite()) => {
                    self.skipped += 1;
                }
                point => return Some(point),
            }
        }
    }
}

trait PointWriter {
    fn point(&mut self, point: &Point, losses: &mut LossReport) -> io::Result<()>;
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Says what came of a conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub points: u64,
    /// Points without a place, which were passed over.
    pub skipped: u64,
    pub losses: LossReport,
}

/// Writes the cloud `input` as another kind at `out`, where nothing may be yet.
pub fn convert(input: &Path, from: Kind, out: &Path, to: Kind) -> Result<Report, CloudError> {
    let mut cloud = Cloud::open(BufReader::with_capacity(1 << 18, File::open(input)?), from)?;
    let file = BufWriter::with_capacity(1 << 18, File::create_new(out)?);
    let mut writer: Box<dyn PointWriter> = match to {
        Kind::Pcd | Kind::PcdText => Box::new(pcd::Writer::new(file, to)?),
        Kind::Kitti | Kind::NuScenes => Box::new(bin::Writer::new(file, to)),
        Kind::Las => Box::new(las::Writer::plain(file)?),
        Kind::Laz => Box::new(las::Writer::packed(file)?),
    };
    let mut report = Report::default();
    for point in &mut cloud {
        writer.point(&point?, &mut report.losses)?;
        report.points += 1;
    }
    writer.finish()?;
    report.skipped = cloud.skipped();
    for field in cloud.points.unread() {
        report.losses.add("field_not_read", || field);
    }
    Ok(report)
}

/// Counts what of a point a format has no place for, but for what `keeps` names.
fn lose(point: &Point, keeps: &[&str], number: u64, losses: &mut LossReport) {
    let facts: [(&'static str, bool); 5] = [
        ("intensity", point.intensity.is_some()),
        ("ring", point.ring.is_some()),
        ("colour", point.colour.is_some()),
        ("class", point.class.is_some()),
        ("time", point.time.is_some()),
    ];
    for (fact, there) in facts {
        if there && !keeps.contains(&fact) {
            losses.add(fact, || format!("point {number}"));
        }
    }
}

/// Reads a record of a point; `number` is told where the file ends in it.
fn record(input: &mut dyn Read, bytes: &mut [u8], number: u64) -> Result<(), CloudError> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => CloudError::CutOff(number),
        _ => CloudError::Io(error),
    })
}

fn header<T>(message: impl Into<String>) -> Result<T, CloudError> {
    Err(CloudError::Header(message.into()))
}

/// `N` bytes at a place of a record that is known to be long enough.
fn bytes<const N: usize>(record: &[u8], at: usize) -> [u8; N] {
    let mut found = [0; N];
    if let Some(part) = record.get(at..at + N) {
        found.copy_from_slice(part);
    }
    found
}
