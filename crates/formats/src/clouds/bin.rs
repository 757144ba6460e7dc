//! Points as bare numbers of 32 bits: four of them for KITTI, five for nuScenes. Nothing says so but the name.

use std::io::{self, BufReader, BufWriter, Write};

use super::{
    CloudError, Input, Kind, POINTS_MAX, Point, PointWriter, Points, bytes, header, lose, record,
};
use crate::loss::LossReport;

fn numbers(kind: Kind) -> usize {
    if kind == Kind::NuScenes { 5 } else { 4 }
}

pub(super) struct Reader<R> {
    input: BufReader<R>,
    numbers: usize,
    count: u64,
    at: u64,
}

impl<R: Input> Reader<R> {
    pub fn open(input: R, length: u64, kind: Kind) -> Result<(Self, u64), CloudError> {
        let numbers = numbers(kind);
        let each = numbers as u64 * 4;
        if !length.is_multiple_of(each) {
            return header(format!(
                "the file has {length} bytes, which are no whole points of {numbers} numbers: \
                 `.pcd.bin` has five each, any other `.bin` four"
            ));
        }
        let count = length / each;
        if count > POINTS_MAX {
            return Err(CloudError::TooManyPoints);
        }
        Ok((Self { input: BufReader::new(input), numbers, count, at: 0 }, count))
    }
}

impl<R: Input> Points for Reader<R> {
    fn next(&mut self) -> Result<Option<Point>, CloudError> {
        if self.at == self.count {
            return Ok(None);
        }
        self.at += 1;
        let mut raw = [0; 20];
        let raw = &mut raw[..self.numbers * 4];
        record(&mut self.input, raw, self.at)?;
        let number = |at: usize| f64::from(f32::from_le_bytes(bytes(raw, at * 4)));
        let mut point = Point {
            position: [number(0), number(1), number(2)],
            intensity: Some(number(3)),
            ..Point::default()
        };
        if self.numbers == 5 {
            let ring = number(4);
            if !(0.0..=f64::from(u16::MAX)).contains(&ring) || ring.fract() != 0.0 {
                let message =
                    format!("its beam is {ring}: is this a cloud with five numbers a point?");
                return Err(CloudError::Point(self.at, message));
            }
            point.ring = Some(ring as u16);
        }
        Ok(Some(point))
    }
}

pub(super) struct Writer<W: Write> {
    out: BufWriter<W>,
    kind: Kind,
    count: u64,
}

impl<W: Write> Writer<W> {
    pub fn new(out: BufWriter<W>, kind: Kind) -> Self {
        Self { out, kind, count: 0 }
    }
}

impl<W: Write> PointWriter for Writer<W> {
    fn point(&mut self, point: &Point, losses: &mut LossReport) -> io::Result<()> {
        self.count += 1;
        let keeps = ["intensity", "ring"];
        lose(point, &keeps[..numbers(self.kind) - 3], self.count, losses);
        let number = |number: f64| number as f32;
        let [x, y, z] = point.position;
        let ring = point.ring.unwrap_or_default();
        let all = [x, y, z, point.intensity.unwrap_or_default(), ring.into()].map(number);
        if all[..3]
            .iter()
            .zip(point.position)
            .any(|(short, whole)| (f64::from(*short) - whole).abs() > 1e-3)
        {
            losses.add("place_to_the_millimetre", || format!("point {}", self.count));
        }
        all[..numbers(self.kind)].iter().try_for_each(|one| self.out.write_all(&one.to_le_bytes()))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
