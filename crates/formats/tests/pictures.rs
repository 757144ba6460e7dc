//! Pictures as contributors see them: upright, whole, and with nothing of the photographer in them.

mod support;

use formats::pictures::{
    Encoding, Format, Limits, TILE_SIDE, decode, needs_tiles, preview, probe, strip_metadata,
    thumbnail, tiles,
};
use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use support::*;

const FORMATS: [(ImageFormat, Format); 6] = [
    (ImageFormat::Jpeg, Format::Jpeg),
    (ImageFormat::Png, Format::Png),
    (ImageFormat::WebP, Format::WebP),
    (ImageFormat::Gif, Format::Gif),
    (ImageFormat::Bmp, Format::Bmp),
    (ImageFormat::Tiff, Format::Tiff),
];

#[test]
fn every_format_is_probed_and_decoded() {
    for (written, format) in FORMATS {
        let bytes = file(gradient(40, 24), written);
        let probe = probe(&bytes, &Limits::default()).unwrap();
        assert_eq!((probe.format, probe.width, probe.height), (format, 40, 24));
        assert_eq!((probe.orientation, probe.animated), (1, false), "{format:?}");
        let picture = decode(&bytes, &Limits::default()).unwrap();
        assert_eq!((picture.width(), picture.height(), picture.channels()), (40, 24, 3));
    }
}

/// P4: where each stored pixel must be shown, from the EXIF standard, for a stored picture of 5 × 3.
#[test]
fn all_eight_orientations_show_the_pixels_where_the_standard_says() {
    let stored = gradient(5, 3);
    let (w, h) = (5, 3);
    for orientation in 1..=8 {
        let at = |x: u32, y: u32| match orientation {
            1 => (x, y),
            2 => (w - 1 - x, y),
            3 => (w - 1 - x, h - 1 - y),
            4 => (x, h - 1 - y),
            5 => (y, x),
            6 => (y, h - 1 - x),
            7 => (w - 1 - y, h - 1 - x),
            _ => (w - 1 - y, x),
        };
        let size = if orientation >= 5 { (3, 5) } else { (5, 3) };
        let files = [
            with_chunk(&file(stored.clone(), ImageFormat::Png), b"eXIf", &exif(orientation)),
            webp_with_exif(&file(stored.clone(), ImageFormat::WebP), 5, 3, orientation),
        ];
        for bytes in files {
            let probe = probe(&bytes, &Limits::default()).unwrap();
            assert_eq!(u16::from(probe.orientation), orientation);
            assert_eq!((probe.oriented_width, probe.oriented_height), size);
            let shown = decode(&bytes, &Limits::default()).unwrap();
            assert_eq!((shown.width(), shown.height()), size);
            for (x, y) in (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y))) {
                let (sx, sy) = at(x, y);
                let want = stored.get_pixel(sx, sy).0;
                assert_eq!(shown.pixel(x, y).unwrap()[..3], want, "{orientation} at {x},{y}");
            }
        }
    }
}

#[test]
fn a_turned_photograph_is_shown_upright() {
    let jpeg = jpeg_with_exif(&file(gradient(64, 32), ImageFormat::Jpeg), 6);
    let probe = probe(&jpeg, &Limits::default()).unwrap();
    assert_eq!((probe.width, probe.height, probe.orientation), (64, 32, 6));
    assert_eq!((probe.oriented_width, probe.oriented_height), (32, 64));
    let picture = decode(&jpeg, &Limits::default()).unwrap();
    assert_eq!((picture.width(), picture.height()), (32, 64));
    // The stored lower left corner (little red, much green) comes to the top left.
    let [red, green, ..] = picture.pixel(0, 0).unwrap();
    assert!(red < 40 && green > 200, "{red} {green}");
}

#[test]
fn an_orientation_that_makes_no_sense_turns_nothing() {
    for orientation in [0, 9, 255, 4000] {
        let jpeg = jpeg_with_exif(&file(gradient(16, 8), ImageFormat::Jpeg), orientation);
        assert_eq!(probe(&jpeg, &Limits::default()).unwrap().orientation, 1);
    }
}

#[test]
fn sixteen_bits_grey_and_alpha_come_down_to_eight() {
    let grey = image::ImageBuffer::from_fn(4, 4, |x, _| image::Luma([x as u16 * 0x5555]));
    let picture =
        decode(&file(DynamicImage::ImageLuma16(grey), ImageFormat::Png), &Limits::default())
            .unwrap();
    assert_eq!((picture.channels(), &picture.pixels()[..4]), (1, &[0, 0x55, 0xaa, 0xff][..]));

    let clear = RgbaImage::from_pixel(3, 3, Rgba([10, 20, 30, 128]));
    let picture = decode(&file(clear, ImageFormat::Png), &Limits::default()).unwrap();
    assert_eq!(picture.channels(), 4);

    let opaque = RgbaImage::from_fn(3, 2, |x, y| Rgba([x as u8, y as u8, 7, 255]));
    let picture = decode(&file(opaque, ImageFormat::Png), &Limits::default()).unwrap();
    assert_eq!((picture.channels(), &picture.pixels()[3..6]), (3, &[1, 0, 7][..]));
}

#[test]
fn printers_colours_come_out_as_red() {
    for bytes in [&include_bytes!("data/red-cmyk.jpg")[..], include_bytes!("data/red-cmyk.tiff")] {
        let picture = decode(bytes, &Limits::default()).unwrap();
        let [red, green, blue, _] = picture.pixel(8, 8).unwrap();
        assert!(red > 200 && green < 60 && blue < 60, "{red} {green} {blue}");
    }
}

#[test]
fn renditions_keep_the_proportions_and_never_enlarge() {
    let picture = gradient(1000, 500).into();
    let small = thumbnail(&picture, 320).unwrap();
    assert_eq!((small.width, small.height, small.encoding), (320, 160, Encoding::Jpeg));
    let large = preview(&picture).unwrap();
    assert_eq!((large.width, large.height), (1000, 500));
    let line = gradient(3000, 1).into();
    assert_eq!(
        (thumbnail(&line, 320).unwrap().width, thumbnail(&line, 320).unwrap().height),
        (320, 1)
    );
    assert!(needs_tiles(4097, 10) && needs_tiles(10, 4097) && !needs_tiles(4096, 4096));
}

#[test]
fn tiles_put_together_are_the_picture_and_each_level_is_half_of_the_last() {
    let picture = gradient(1300, 700).into();
    let mut levels: Vec<(u32, u32)> = Vec::new();
    for tile in tiles(&picture, TILE_SIDE) {
        let tile = tile.unwrap();
        let level = tile.level as usize;
        levels.resize(levels.len().max(level + 1), (0, 0));
        let right = tile.col * TILE_SIDE + tile.encoded.width;
        let bottom = tile.row * TILE_SIDE + tile.encoded.height;
        levels[level] = (levels[level].0.max(right), levels[level].1.max(bottom));
        let shown = image::load_from_memory(&tile.encoded.bytes).unwrap();
        assert_eq!(shown.dimensions(), (tile.encoded.width, tile.encoded.height));
        // The colour in the middle is the one of the same place in the original.
        let (x, y) = (shown.width() / 2, shown.height() / 2);
        let scale = 1 << tile.level;
        let original = picture
            .pixel(
                ((tile.col * TILE_SIDE + x) * scale).min(1299),
                ((tile.row * TILE_SIDE + y) * scale).min(699),
            )
            .unwrap();
        let got = shown.get_pixel(x, y).0;
        for channel in 0..2 {
            assert!(
                got[channel].abs_diff(original[channel]) < 12,
                "{tile:?}",
                tile = (level, x, y)
            );
        }
    }
    assert_eq!(levels, [(1300, 700), (650, 350), (325, 175)]);
}

#[test]
fn alpha_survives_and_clear_pixels_do_not_bleed() {
    let image = RgbaImage::from_fn(600, 600, |x, _| {
        if x % 2 == 0 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) }
    });
    let last = tiles(&image.into(), 512).last().unwrap().unwrap();
    assert_eq!((last.level, last.encoded.encoding), (1, Encoding::Png));
    let shown = image::load_from_memory(&last.encoded.bytes).unwrap();
    assert_eq!(shown.get_pixel(10, 10).0, [255, 0, 0, 128]);
}

#[test]
fn nothing_personal_is_left_and_the_pixels_are_untouched() {
    let secret = b"GPS 48.85 2.29";
    let plain = file(gradient(64, 48), ImageFormat::Jpeg);
    let mut jpeg = jpeg_with_exif(&plain, 1);
    jpeg = with_segment(&jpeg, 0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", &secret[..]].concat());
    jpeg = with_segment(&jpeg, 0xed, &[b"Photoshop 3.0\0", &secret[..]].concat());
    jpeg = with_segment(&jpeg, 0xfe, secret);
    jpeg.extend_from_slice(secret);

    let png = file(gradient(64, 48), ImageFormat::Png);
    let mut png = with_chunk(&png, b"tEXt", &[b"Comment\0", &secret[..]].concat());
    png = with_chunk(&png, b"eXIf", &exif(1));
    png.extend_from_slice(secret);

    let webp = webp_with_exif(&file(gradient(64, 48), ImageFormat::WebP), 64, 48, 1);

    for bytes in [jpeg, png, webp] {
        let stripped = strip_metadata(&bytes, &Limits::default()).unwrap();
        assert!(stripped.lossless);
        let holds = |part: &[u8]| stripped.bytes.windows(part.len()).any(|window| window == part);
        assert!(!holds(secret) && !holds(b"Exif\0") && !holds(b"SEC\0"), "{}", stripped.media_type);
        let before = decode(&bytes, &Limits::default()).unwrap();
        let after = decode(&stripped.bytes, &Limits::default()).unwrap();
        assert_eq!(before.pixels(), after.pixels());
    }

    let turned = jpeg_with_exif(&plain, 8);
    let stripped = strip_metadata(&turned, &Limits::default()).unwrap();
    assert!(!stripped.lossless);
    let after = probe(&stripped.bytes, &Limits::default()).unwrap();
    assert_eq!((after.width, after.height, after.orientation), (48, 64, 1));
}

#[test]
fn a_photograph_cut_anywhere_is_refused() {
    for (written, format) in FORMATS {
        let bytes = file(gradient(48, 40), written);
        assert!(decode(&bytes, &Limits::default()).is_ok());
        for tenth in 0..10 {
            let cut = &bytes[..bytes.len() * tenth / 10];
            let refusal = decode(cut, &Limits::default()).err();
            assert!(refusal.is_some(), "{format:?} cut at {tenth}/10");
        }
    }
}

/// Takes half a minute and a gigabyte without optimization: `cargo test --release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_hundred_megapixels_become_tiles() {
    use std::time::Instant;
    let jpeg = file(gradient(12_000, 8_400), ImageFormat::Jpeg);
    let start = Instant::now();
    let picture = decode(&jpeg, &Limits::default()).unwrap();
    let decoded = start.elapsed();
    let (mut count, mut bytes) = (0, 0);
    let start = Instant::now();
    for tile in tiles(&picture, TILE_SIDE) {
        count += 1;
        bytes += tile.unwrap().encoded.bytes.len();
    }
    let tiled = start.elapsed();
    let start = Instant::now();
    let large = preview(&picture).unwrap();
    thumbnail(&picture, 320).unwrap();
    let small = start.elapsed();
    assert_eq!((large.width, large.height), (2048, 1434));
    println!(
        "file {} bytes, decode {decoded:?}, {count} tiles of {bytes} bytes {tiled:?}, preview and thumbnail {small:?}",
        jpeg.len()
    );
}
