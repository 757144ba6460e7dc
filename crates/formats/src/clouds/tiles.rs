//! A cloud as it is looked at: an octree of its points, the coarse ones first, in whole numbers. The rules:
//!
//! - **T1** Every point stands in one node. A node that has children keeps the first point of each of the 64 × 64 × 64
//!   cells of its cube and hands the others down; the nodes along one branch make the cloud ever denser.
//! - **T2** A point is told by its number in the file, so that what is said of it is said of the file. It stands
//!   within 1/65,536 of the side of its node of where the file has it.
//! - **T3** The file is read twice, the tree is held as counts and cells, and the points lie in a scratch file; memory
//!   is about a byte for each two points, and 64 MiB.
//! - **T4** What cannot be looked at is refused: an empty cloud, one that is wider than 1,000 km (a broken number,
//!   mostly), one of more points than a limit. More than 65,536 points on one spot are seen as so many, and counted.
//!
//! A point is 12 bytes, little-endian: x, y, z (16 bits each, within the cube of the node), intensity, class (8 bits
//! each), number (32 bits); with colour 16: red, green, blue and a zero follow.

use std::io::{self, SeekFrom, Write};

use serde::{Deserialize, Serialize};

use super::{Cloud, CloudError, Point};
use crate::exchange::Scratch;

/// The widest cloud, in metres.
const WIDE_MAX: f64 = 1e6;
/// Points that a node has before it gets children.
const LEAF_POINTS: u32 = 24_576;
const DEPTH_MAX: u32 = 20;
/// Points on one spot that are seen.
const PILE_POINTS: u32 = 65_536;
/// Cells along a side of a node, as a power of two.
const CELL_BITS: u32 = 6;
const CELLS: usize = 1 << (3 * CELL_BITS);
/// Points that are held before they go to the scratch file.
const HELD_POINTS: usize = 2 << 20;
const POINT_BYTES: usize = 22;
/// Every how many points somebody asks whether to go on.
const TICK_POINTS: u64 = 1 << 16;
/// Values by which the spread of heights and intensities is judged.
const SAMPLES: usize = 4_096;

/// Says what the tree is made of, for whoever fetches parts of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub version: u32,
    /// Points of the file, those without a place among them.
    pub points: u64,
    /// Of these, without a place.
    pub skipped: u64,
    /// Of these, more than can be seen on one spot (T4).
    pub piled: u64,
    /// The least corner of the cube that the whole tree stands in, and its side, in metres.
    pub origin: [f64; 3],
    pub side: f64,
    /// The least and the greatest place, by axis.
    pub low: [f64; 3],
    pub high: [f64; 3],
    /// Heights between which nearly all points lie: the second and the ninety-eighth of a hundred.
    pub heights: [f64; 2],
    /// Bytes of a point.
    pub stride: u32,
    pub intensity: bool,
    pub class: bool,
    pub colour: bool,
    /// Each node by its way from the root, a digit for each level (1 for x, 2 for y, 4 for z), and its number of
    /// points; in the order of their points.
    pub nodes: Vec<(String, u32)>,
}

#[derive(Clone, Copy)]
struct Record {
    /// Of the cube of the tree, in parts of 2³².
    place: [u32; 3],
    number: u32,
    intensity: u8,
    class: u8,
    colour: [u8; 3],
}

impl Record {
    fn write(&self, out: &mut Vec<u8>) {
        for part in self.place {
            out.extend(part.to_le_bytes());
        }
        out.extend(self.number.to_le_bytes());
        out.extend([self.intensity, self.class, 0]);
        out.extend(self.colour);
    }

    fn read(bytes: &[u8]) -> Self {
        let number = |at: usize| u32::from_le_bytes(super::bytes(bytes, at));
        let [intensity, class, _, red, green, blue] = super::bytes(bytes, 16);
        Self {
            place: [number(0), number(4), number(8)],
            number: number(12),
            intensity,
            class,
            colour: [red, green, blue],
        }
    }

    /// Which child of a node at this depth it belongs to.
    fn child(&self, depth: u32) -> usize {
        let bit = |axis: usize| (self.place[axis] >> (31 - depth) & 1) as usize;
        bit(0) | bit(1) << 1 | bit(2) << 2
    }

    /// Its place in the cube of a node at this depth, of so many bits.
    fn within(&self, depth: u32, bits: u32) -> [u32; 3] {
        self.place.map(|part| ((u64::from(part) << depth) as u32) >> (32 - bits))
    }
}

#[derive(Default)]
struct Node {
    children: Option<[u32; 8]>,
    /// Which cells have their point; only of nodes with children.
    cells: Vec<u64>,
    held: Vec<Record>,
    /// What lies in the scratch file: where, and how many points.
    away: Vec<(u64, u32)>,
    count: u32,
    depth: u32,
    name: String,
}

const NO_NODE: u32 = u32::MAX;

struct Tree<'a> {
    nodes: Vec<Node>,
    scratch: &'a mut dyn Scratch,
    held: usize,
    away: u64,
    piled: u64,
}

impl Tree<'_> {
    fn insert(&mut self, mut at: usize, record: Record) -> io::Result<()> {
        loop {
            let next = self.nodes.len() as u32;
            let node = &mut self.nodes[at];
            let depth = node.depth;
            let Some(children) = &mut node.children else {
                if depth == DEPTH_MAX && node.count >= PILE_POINTS {
                    self.piled += 1;
                    return Ok(());
                }
                self.keep(at, record);
                if self.nodes[at].count > LEAF_POINTS && depth < DEPTH_MAX {
                    self.split(at)?;
                }
                return Ok(());
            };
            let [x, y, z] = record.within(depth, CELL_BITS).map(|part| part as usize);
            let cell = x | y << CELL_BITS | z << (2 * CELL_BITS);
            let (word, bit) = (cell / 64, 1 << (cell % 64));
            if node.cells[word] & bit == 0 {
                node.cells[word] |= bit;
                self.keep(at, record);
                return Ok(());
            }
            let child = record.child(depth);
            let known = std::mem::replace(&mut children[child], next);
            at = known as usize;
            if known == NO_NODE {
                at = next as usize;
                let name = format!("{}{child}", node.name);
                self.nodes.push(Node { depth: depth + 1, name, ..Node::default() });
            } else {
                children[child] = known;
            }
        }
    }

    fn keep(&mut self, at: usize, record: Record) {
        self.nodes[at].held.push(record);
        self.nodes[at].count += 1;
        self.held += 1;
    }

    /// Gives a node children, and hands down what its cells have no room for.
    fn split(&mut self, at: usize) -> io::Result<()> {
        let records = self.take(at)?;
        let node = &mut self.nodes[at];
        node.count = 0;
        node.children = Some([NO_NODE; 8]);
        node.cells = vec![0; CELLS / 64];
        records.into_iter().try_for_each(|record| self.insert(at, record))
    }

    /// All points of a node, out of it.
    fn take(&mut self, at: usize) -> io::Result<Vec<Record>> {
        let node = &mut self.nodes[at];
        let held = std::mem::take(&mut node.held);
        self.held -= held.len();
        let mut records = Vec::with_capacity(node.count as usize);
        for (from, count) in std::mem::take(&mut node.away) {
            let mut bytes = vec![0; count as usize * POINT_BYTES];
            self.scratch.seek(SeekFrom::Start(from))?;
            self.scratch.read_exact(&mut bytes)?;
            records.extend(bytes.chunks_exact(POINT_BYTES).map(Record::read));
        }
        records.extend(held);
        Ok(records)
    }

    /// Writes what is held to the scratch file.
    fn put_away(&mut self) -> io::Result<()> {
        self.scratch.seek(SeekFrom::End(0))?;
        let mut bytes = Vec::new();
        for node in &mut self.nodes {
            if node.held.is_empty() {
                continue;
            }
            bytes.clear();
            node.held.iter().for_each(|record| record.write(&mut bytes));
            self.scratch.write_all(&bytes)?;
            node.away.push((self.away, node.held.len() as u32));
            self.away += bytes.len() as u64;
            node.held = Vec::new();
        }
        self.held = 0;
        Ok(())
    }
}

/// What the first reading finds.
#[derive(Default)]
struct Survey {
    points: u64,
    skipped: u64,
    low: [f64; 3],
    high: [f64; 3],
    intensity: bool,
    class: bool,
    colour: bool,
    heights: Vec<f64>,
    intensities: Vec<f64>,
}

impl Survey {
    fn read(cloud: &mut Cloud, points_max: u64, tick: Tick<'_>) -> Result<Self, CloudError> {
        let (inf, mut found) = (f64::INFINITY, Self::default());
        (found.low, found.high) = ([inf; 3], [-inf; 3]);
        if cloud.announced() > points_max {
            return Err(CloudError::TooManyToSee(points_max));
        }
        for point in cloud.by_ref() {
            let point = point?;
            found.points += 1;
            if found.points.is_multiple_of(TICK_POINTS) {
                tick()?;
            }
            for axis in 0..3 {
                found.low[axis] = found.low[axis].min(point.position[axis]);
                found.high[axis] = found.high[axis].max(point.position[axis]);
            }
            found.intensity |= point.intensity.is_some_and(|intensity| intensity != 0.0);
            found.class |= point.class.is_some_and(|class| class != 0);
            found.colour |= point.colour.is_some();
            found.sample(&point);
        }
        found.skipped = cloud.skipped();
        if found.points == 0 {
            return Err(CloudError::Empty);
        }
        let wide = (0..3).map(|axis| found.high[axis] - found.low[axis]).fold(0.0, f64::max);
        if wide.is_nan() || wide > WIDE_MAX {
            return Err(CloudError::TooWide(wide / 1_000.0));
        }
        found.heights.sort_by(f64::total_cmp);
        found.intensities.sort_by(f64::total_cmp);
        Ok(found)
    }

    /// Keeps a few values, each point's with the same chance (Vitter's algorithm R, with a number that is drawn from
    /// the point's own).
    fn sample(&mut self, point: &Point) {
        let drawn = self.points.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) % self.points;
        let at = if self.heights.len() < SAMPLES { self.heights.len() } else { drawn as usize };
        if at >= SAMPLES {
            return;
        }
        let intensity = point.intensity.filter(|intensity| intensity.is_finite());
        if at == self.heights.len() {
            self.heights.push(point.position[2]);
            self.intensities.extend(intensity);
        } else {
            self.heights[at] = point.position[2];
            if let (Some(slot), Some(intensity)) = (self.intensities.get_mut(at), intensity) {
                *slot = intensity;
            }
        }
    }
}

/// The value that so many of a hundred lie below.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

/// Asks whether to go on.
pub type Tick<'a> = &'a mut dyn FnMut() -> io::Result<()>;

/// Makes the tree of the cloud that `open` opens, as often as it is asked: its points go to `out`, node by node, the
/// coarse ones first.
pub fn tiles(
    open: &mut dyn FnMut() -> Result<Cloud, CloudError>,
    points_max: u64,
    scratch: &mut dyn Scratch,
    out: &mut dyn Write,
    tick: Tick<'_>,
) -> Result<Index, CloudError> {
    let found = Survey::read(&mut open()?, points_max, tick)?;
    // A little more than the widest side, so that the greatest place lies inside; a flat cloud is no point.
    let wide = (0..3).map(|axis| found.high[axis] - found.low[axis]).fold(0.0, f64::max);
    let side = (wide * (1.0 + 1e-9)).max(1e-3);
    let faint = percentile(&found.intensities, 1);
    let bright = percentile(&found.intensities, 99).max(faint + f64::EPSILON);

    let root = Node::default();
    let mut tree = Tree { nodes: vec![root], scratch, held: 0, away: 0, piled: 0 };
    let mut cloud = open()?;
    let mut seen = 0;
    while let Some(point) = cloud.next() {
        let point = point?;
        let share = (point.intensity.unwrap_or_default() - faint) / (bright - faint);
        let record = Record {
            place: std::array::from_fn(|axis| {
                let part = (point.position[axis] - found.low[axis]) / side;
                (part * 4_294_967_296.0) as u32
            }),
            number: u32::try_from(seen + cloud.skipped()).map_err(|_| CloudError::TooManyPoints)?,
            intensity: (share.clamp(0.0, 1.0) * 255.0).round() as u8,
            class: point.class.unwrap_or_default(),
            colour: point.colour.unwrap_or_default(),
        };
        seen += 1;
        tree.insert(0, record)?;
        if tree.held >= HELD_POINTS {
            tree.put_away()?;
        }
        if seen.is_multiple_of(TICK_POINTS) {
            tick()?;
        }
    }

    let mut order: Vec<usize> = (0..tree.nodes.len()).collect();
    order.sort_by(|a, b| {
        let [a, b] = [&tree.nodes[*a], &tree.nodes[*b]];
        (a.depth, &a.name).cmp(&(b.depth, &b.name))
    });
    let mut nodes = Vec::with_capacity(order.len());
    let mut bytes = Vec::new();
    for at in order {
        tick()?;
        let records = tree.take(at)?;
        let depth = tree.nodes[at].depth;
        bytes.clear();
        for record in &records {
            for part in record.within(depth, 16) {
                bytes.extend((part as u16).to_le_bytes());
            }
            bytes.extend([record.intensity, record.class]);
            bytes.extend(record.number.to_le_bytes());
            if found.colour {
                bytes.extend(record.colour);
                bytes.push(0);
            }
        }
        out.write_all(&bytes)?;
        nodes.push((std::mem::take(&mut tree.nodes[at].name), records.len() as u32));
    }
    Ok(Index {
        version: 1,
        points: found.points + found.skipped,
        skipped: found.skipped,
        piled: tree.piled,
        origin: found.low,
        side,
        low: found.low,
        high: found.high,
        heights: [percentile(&found.heights, 2), percentile(&found.heights, 98)],
        stride: if found.colour { 16 } else { 12 },
        intensity: found.intensity,
        class: found.class,
        colour: found.colour,
        nodes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::Kind;
    use std::collections::HashSet;
    use std::io::Cursor;

    const POINTS_MAX: u64 = 1_000_000;

    fn made(bytes: &[u8], points_max: u64) -> Result<(Index, Vec<u8>), CloudError> {
        let (bytes, mut out) = (bytes.to_vec(), Vec::new());
        let mut open = || Cloud::open(Cursor::new(bytes.clone()), Kind::Kitti);
        let mut scratch = Cursor::new(Vec::new());
        let index = tiles(&mut open, points_max, &mut scratch, &mut out, &mut || Ok(()))?;
        Ok((index, out))
    }

    fn kitti(points: &[[f32; 4]]) -> Vec<u8> {
        points.iter().flatten().flat_map(|part| part.to_le_bytes()).collect()
    }

    /// Points on a ground of waves, and a few far off.
    fn waves(count: u32) -> Vec<[f32; 4]> {
        let point = |i: u32| {
            let (turn, far) = (i as f32 * 0.618, (i % 997) as f32 * 0.05 + 1.0);
            [turn.cos() * far, turn.sin() * far, (far * 0.3).sin() - 1.7, (i % 256) as f32 / 255.0]
        };
        (0..count).map(point).collect()
    }

    #[test]
    fn every_point_is_in_one_node_where_the_file_has_it() {
        let mut points = waves(120_000);
        points[77][0] = f32::NAN;
        points[78] = [5_000.0, 0.0, 0.0, 1.0];
        let (index, bytes) = made(&kitti(&points), POINTS_MAX).unwrap();
        assert_eq!((index.points, index.skipped, index.piled, index.stride), (120_000, 1, 0, 12));
        assert_eq!((index.intensity, index.colour), (true, false));
        let total: u32 = index.nodes.iter().map(|(_, count)| count).sum();
        assert_eq!((total, bytes.len()), (119_999, 119_999 * 12));
        assert!(index.nodes.len() > 5 && index.nodes[0].0.is_empty());
        let (mut at, mut seen) = (0, HashSet::new());
        for (name, count) in &index.nodes {
            let (mut corner, mut side) = (index.origin, index.side);
            for digit in name.bytes() {
                side /= 2.0;
                for (axis, part) in corner.iter_mut().enumerate() {
                    *part += side * f64::from((digit - b'0') >> axis & 1);
                }
            }
            for point in bytes[at..at + *count as usize * 12].chunks_exact(12) {
                let number = u32::from_le_bytes(super::super::bytes(point, 8));
                assert!(seen.insert(number));
                for axis in 0..3 {
                    let part = u16::from_le_bytes(super::super::bytes(point, axis * 2));
                    let there = corner[axis] + side * f64::from(part) / 65_536.0;
                    let wanted = f64::from(points[number as usize][axis]);
                    assert!((there - wanted).abs() <= side / 65_536.0 + 1e-6, "{there} {wanted}");
                }
            }
            at += *count as usize * 12;
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_refused() {
        let code = |bytes: &[u8], max: u64| made(bytes, max).unwrap_err().code();
        assert_eq!(code(&[], POINTS_MAX), "cloud_empty");
        assert_eq!(code(&kitti(&[[f32::NAN; 4]]), POINTS_MAX), "cloud_empty");
        assert_eq!(code(&kitti(&waves(10)), 9), "cloud_too_many_points");
        assert_eq!(code(&kitti(&[[0.0; 4], [3e38, 0.0, 0.0, 0.0]]), POINTS_MAX), "cloud_too_wide");
        assert_eq!(code(&kitti(&waves(10))[1..], POINTS_MAX), "cloud_header");
    }

    #[test]
    fn a_pile_is_seen_as_far_as_it_can_be() {
        let mut points = vec![[1.0f32, 2.0, 3.0, 0.5]; 70_000];
        points.push([2.0, 2.0, 3.0, 0.5]);
        let (index, _) = made(&kitti(&points), POINTS_MAX).unwrap();
        let total: u64 = index.nodes.iter().map(|(_, count)| u64::from(*count)).sum();
        assert_eq!(total + index.piled, 70_001);
        assert!(index.piled > 4_000 && index.nodes.len() < 40);
    }

    #[test]
    fn a_cloud_of_one_point_is_a_cloud() {
        let (index, bytes) = made(&kitti(&[[1.0, 2.0, 3.0, 0.5]]), POINTS_MAX).unwrap();
        assert_eq!((index.nodes, bytes.len()), (vec![(String::new(), 1)], 12));
    }

    #[test]
    fn whoever_asks_it_to_stop_is_heard() {
        let bytes = kitti(&waves(70_000));
        let mut open = || Cloud::open(Cursor::new(bytes.clone()), Kind::Kitti);
        let stop = &mut || Err(io::Error::other("stopped"));
        let made = tiles(&mut open, POINTS_MAX, &mut Cursor::new(vec![]), &mut io::sink(), stop);
        assert_eq!(made.unwrap_err().code(), "unreadable");
    }
}
