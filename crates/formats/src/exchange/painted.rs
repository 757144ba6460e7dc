//! Pictures whose colours say what is where: read into a number for each colour, and the colours that Pascal VOC gives
//! to numbers, which other formats have taken over.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

use image::codecs::png::PngEncoder;
use image::{DynamicImage, RgbImage};

use super::outlet::Made;
use super::panoptic::{FILE_MAX_BYTES, PIXELS_MAX, decode};
use super::source::whole;
use super::{ReadError, Sink, Source, SourceError};
use crate::row::Code;

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// The number of what nobody decided: the edges of things, and things that are not to be judged.
pub(super) const VOID: u32 = 255;

/// A picture as numbers, which say where in `colours` the colour of a pixel stands.
pub(super) struct Painted {
    pub size: [u32; 2],
    pixels: Vec<u16>,
    pub colours: Vec<Colour>,
    /// The picture has greys only: its values are numbers themselves.
    pub grey: bool,
}

impl Painted {
    /// Reads the file of this number, or refuses it.
    pub fn read(
        source: &mut Source,
        index: usize,
        sink: &mut dyn Sink,
    ) -> Result<Option<Self>, ReadError> {
        let bytes = match source.read(index, FILE_MAX_BYTES) {
            Err(error @ SourceError::Io { .. }) => return Err(error.into()),
            read => read.ok(),
        };
        let read = match bytes.and_then(decode) {
            None => Err("this is no PNG that can be read, or it is larger than 200 megapixels"),
            Some(picture) => Self::of(&picture),
        };
        Ok(match read {
            Ok(painted) => Some(painted),
            Err(message) => {
                sink.refuse(whole(&source.names()[index].clone(), Code::Unreadable, message));
                None
            }
        })
    }

    fn of(picture: &DynamicImage) -> Result<Self, &'static str> {
        let size = [picture.width(), picture.height()];
        if u64::from(size[0]) * u64::from(size[1]) > PIXELS_MAX {
            return Err("the picture has more than 200 megapixels");
        }
        let grey = |value: u8| [value; 3];
        let (numbers, is_grey) = match picture {
            DynamicImage::ImageLuma8(pixels) => {
                (number(pixels.pixels().map(|p| grey(p.0[0]))), true)
            }
            DynamicImage::ImageLumaA8(pixels) => {
                (number(pixels.pixels().map(|p| grey(p.0[0]))), true)
            }
            DynamicImage::ImageRgb8(pixels) => (number(pixels.pixels().map(|p| p.0)), false),
            DynamicImage::ImageRgba8(pixels) => {
                (number(pixels.pixels().map(|p| [p.0[0], p.0[1], p.0[2]])), false)
            }
            _ => return Err("the picture has 16 bits a colour: save it with 8"),
        };
        let message = "the picture has more than 65,536 colours: each is to stand for one thing";
        let (pixels, colours) = numbers.ok_or(message)?;
        Ok(Self { size, pixels, colours, grey: is_grey })
    }

    pub fn at(&self, x: u32, y: u32) -> usize {
        self.pixels[(y * self.size[0] + x) as usize].into()
    }
}

/// A number for each colour in the order in which they come; none where there are too many.
fn number(colours: impl Iterator<Item = Colour>) -> Option<(Vec<u16>, Vec<Colour>)> {
    let (mut pixels, mut list) = (Vec::with_capacity(colours.size_hint().0), Vec::new());
    let (mut known, mut last) = (HashMap::new(), None::<(Colour, u16)>);
    for colour in colours {
        let number = match last {
            Some((same, number)) if same == colour => number,
            _ => match known.get(&colour) {
                Some(number) => *number,
                None => {
                    let number = u16::try_from(list.len()).ok()?;
                    known.insert(colour, number);
                    list.push(colour);
                    number
                }
            },
        };
        last = Some((colour, number));
        pixels.push(number);
    }
    Some((pixels, list))
}

/// The colour that Pascal VOC gives a number: its bits by turns to red, green and blue, the highest bits first.
pub(super) fn colour(number: u32) -> Colour {
    let mut colour = [0; 3];
    for bit in 0..24 {
        colour[bit % 3] |= ((number >> bit & 1) as u8) << (7 - bit / 3);
    }
    colour
}

/// The number that a colour stands for there.
pub(super) fn number_of(colour: Colour) -> u32 {
    (0..24).map(|bit| u32::from(colour[bit % 3] >> (7 - bit / 3) & 1) << bit).sum()
}

/// Writes a picture with the colour that each pixel gets by its number.
pub(super) fn write(
    out: Made,
    [width, height]: [u32; 2],
    numbers: &[u32],
    colour: impl Fn(u32) -> Colour,
) -> io::Result<()> {
    let bytes = numbers.iter().flat_map(|number| colour(*number)).collect();
    let picture = RgbImage::from_raw(width, height, bytes);
    let picture = picture.ok_or_else(|| io::Error::other("a picture of no size"))?;
    let picture = DynamicImage::ImageRgb8(picture);
    png(&picture, out)
}

/// Writes a picture as a PNG.
pub(super) fn png(picture: &DynamicImage, out: Made) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    picture.write_with_encoder(PngEncoder::new(&mut out)).map_err(io::Error::other)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_pascal_voc() {
        let known = [(0, [0, 0, 0]), (1, [128, 0, 0]), (8, [64, 0, 0]), (20, [0, 64, 128])];
        for (number, wanted) in known.into_iter().chain([(VOID, [224, 224, 192])]) {
            assert_eq!(colour(number), wanted);
        }
        assert!((0..1 << 24).step_by(977).all(|number| number_of(colour(number)) == number));
    }
}
