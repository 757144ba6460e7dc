//! Makes the files that the tests read.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod dice;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture whose pixels all differ from their neighbours, and along both axes.
pub fn gradient(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) % 256) as u8])
    })
}

pub fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("a picture is written to memory");
    bytes.into_inner()
}

/// A minimal EXIF block with an orientation, a maker's name, and nothing else.
pub fn exif(orientation: u16) -> Vec<u8> {
    let mut block = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
    block.extend_from_slice(b"\x0f\x01\x02\0\x04\0\0\0SEC\0");
    block.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0");
    block.extend_from_slice(&u32::from(orientation).to_le_bytes());
    block.extend_from_slice(&[0; 4]);
    block
}

/// Puts a segment behind the first two bytes of a JPEG file.
pub fn with_segment(jpeg: &[u8], marker: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend_from_slice(&[0xff, marker]);
    bytes.extend_from_slice(&(payload.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

pub fn jpeg_with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    with_segment(jpeg, 0xe1, &[b"Exif\0\0", &exif(orientation)[..]].concat())
}

/// Puts a chunk behind the header of a PNG file.
pub fn with_chunk(png: &[u8], name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(name, payload), &png[33..]].concat()
}

pub fn chunk(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let named = [name, payload].concat();
    let crc = !named.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    [&(payload.len() as u32).to_be_bytes()[..], &named, &crc.to_be_bytes()].concat()
}

/// The first bytes of a PNG file that claims any size.
pub fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n", &chunk(b"IHDR", &header)[..]].concat()
}

/// Wraps a simple lossless WebP file into the extended form, with an EXIF block.
pub fn webp_with_exif(webp: &[u8], width: u32, height: u32, orientation: u16) -> Vec<u8> {
    let block = exif(orientation);
    let mut body = b"WEBPVP8X\x0a\0\0\0\x08\0\0\0".to_vec();
    body.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    body.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    body.extend_from_slice(&webp[12..]);
    body.extend_from_slice(b"EXIF");
    body.extend_from_slice(&(block.len() as u32).to_le_bytes());
    body.extend_from_slice(&block);
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}
