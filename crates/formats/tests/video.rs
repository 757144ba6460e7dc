//! Frames of videos, beside what ffmpeg says of the same files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use formats::video::{Video, probe};
use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn run(program: &str, args: &[&str]) -> String {
    let told = Command::new(program).args(args).output();
    let told = told.unwrap_or_else(|error| panic!("{program}: {error}: scripts/setup installs it"));
    assert!(told.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8_lossy(&told.stdout).into_owned()
}

/// Makes a video of what the lavfi filters make.
fn make(folder: &TempDir, name: &str, args: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let out = path.to_string_lossy().into_owned();
    let source = "testsrc2=size=160x96:rate=25:duration=4";
    let sound = "sine=frequency=440:duration=4";
    let mut all =
        vec!["-v", "error", "-y", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i", sound];
    all.extend(args);
    all.push(&out);
    run("ffmpeg", &all);
    path
}

/// What ffmpeg's decoder hands out: the times of its frames, in the ticks of the stream, and the size of the stream.
fn told_by_ffprobe(path: &Path) -> (Vec<i64>, [u32; 2]) {
    let path = path.to_string_lossy();
    let of = |entries: &str, count: &str| {
        let args = [
            "-v",
            "error",
            "-select_streams",
            "v:0",
            count,
            "-show_entries",
            entries,
            "-of",
            "csv=p=0",
            &path,
        ];
        run("ffprobe", &args)
    };
    let frames = of("frame=best_effort_timestamp", "-show_frames");
    let times: Vec<i64> =
        frames.lines().filter_map(|line| line.split(',').next()?.parse().ok()).collect();
    let stream = of("stream=width,height,nb_read_frames", "-count_frames");
    let facts: Vec<u32> = stream.trim().split(',').filter_map(|fact| fact.parse().ok()).collect();
    assert_eq!(facts[2] as usize, times.len(), "ffprobe's two counts of {path}");
    (times, [facts[0], facts[1]])
}

fn since_first(times: &[i64]) -> Vec<i64> {
    times.iter().map(|time| time - times[0]).collect()
}

fn check(path: &Path) -> Video {
    let video =
        probe(File::open(path).unwrap()).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let (times, size) = told_by_ffprobe(path);
    assert_eq!(video.frames(), times.len(), "{path:?}");
    assert_eq!(since_first(&video.times()), since_first(&times), "{path:?}");
    let turned = if video.rotation.is_multiple_of(180) { size } else { [size[1], size[0]] };
    assert_eq!([video.width, video.height], turned, "{path:?}");
    assert_eq!(Video::from_table(&video.to_table()).as_ref(), Some(&video));
    video
}

#[test]
fn frames_are_counted_as_ffmpeg_counts_them() {
    let folder = TempDir::new().unwrap();
    let h264 = ["-c:v", "libx264", "-g", "12", "-bf", "3", "-c:a", "aac"];
    let with = |more: &[&'static str]| [&h264[..], more].concat();
    let plain = make(&folder, "plain.mp4", &h264);
    let video = check(&plain);
    assert_eq!((video.frames(), video.timescale), (100, 12_800));
    assert!(video.codec.starts_with("avc1."), "{}", video.codec);
    assert!(video.samples.windows(2).any(|pair| pair[1].time < pair[0].time), "there are B frames");
    assert!((video.frame_seconds() - 0.04).abs() < 1e-9);

    let fragments = with(&["-movflags", "frag_keyframe+empty_moov"]);
    assert_eq!(check(&make(&folder, "fragments.mp4", &fragments)).frames(), 100);
    let offsets = with(&[
        "-movflags",
        "frag_keyframe+empty_moov+default_base_moof",
        "-frag_duration",
        "300000",
    ]);
    assert_eq!(check(&make(&folder, "offsets.mp4", &offsets)).frames(), 100);
    check(&make(&folder, "first.mov", &with(&["-movflags", "faststart"])));
    // Turned as telephones turn them: by the matrix of the track's header.
    let mut bytes = fs::read(&plain).unwrap();
    let header = bytes.windows(4).position(|kind| kind == b"tkhd").unwrap() + 4;
    for (place, value) in [(0, 0), (4, 1 << 16), (12, -1 << 16), (16, 0)] {
        bytes[header + 40 + place..][..4].copy_from_slice(&i32::to_be_bytes(value));
    }
    let turned = folder.path().join("turned.mp4");
    fs::write(&turned, bytes).unwrap();
    assert_eq!(check(&turned).rotation, 90);
    // Some frames fall out, and the others keep their times.
    let uneven = with(&["-vf", "select='not(eq(mod(n,7),3))'", "-vsync", "vfr"]);
    assert_eq!(check(&make(&folder, "uneven.mp4", &uneven)).frames(), 86);

    check(&make(
        &folder,
        "vp8.webm",
        &[
            "-c:v",
            "libvpx",
            "-auto-alt-ref",
            "1",
            "-lag-in-frames",
            "16",
            "-g",
            "30",
            "-b:v",
            "200k",
            "-an",
        ],
    ));
    let vp9 = check(&make(
        &folder,
        "vp9.webm",
        &[
            "-c:v",
            "libvpx-vp9",
            "-g",
            "30",
            "-b:v",
            "100k",
            "-deadline",
            "realtime",
            "-c:a",
            "libopus",
        ],
    ));
    assert_eq!((vp9.codec.as_str(), vp9.timescale), ("vp09.00.51.08", 1_000));
    check(&make(
        &folder,
        "vp9.mp4",
        &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-b:v", "100k", "-an"],
    ));
    check(&make(&folder, "avc.mkv", &h264));
    let av1 = check(&make(
        &folder,
        "av1.mp4",
        &["-frames:v", "20", "-c:v", "libaom-av1", "-cpu-used", "8", "-an"],
    ));
    assert_eq!(av1.codec, "av01.0.00M.08");
}

#[test]
fn what_an_edit_list_leaves_out_is_no_frame() {
    let folder = TempDir::new().unwrap();
    let whole = make(&folder, "whole.mp4", &["-c:v", "libx264", "-g", "25", "-bf", "2", "-an"]);
    let whole = whole.to_string_lossy();
    for (from, length) in [("1.30", "1.5"), ("0.10", "2.0"), ("2.52", "0.4")] {
        let path = folder.path().join(format!("cut-{from}.mp4"));
        let out = path.to_string_lossy();
        let args = ["-v", "error", "-ss", from, "-i", &whole, "-t", length, "-c", "copy", &out];
        run("ffmpeg", &args);
        let video = check(&path);
        assert!(video.frames() < video.samples.len(), "{from}: something is left out");
    }
}

#[test]
fn a_video_that_is_cut_short_or_none_is_refused() {
    let folder = TempDir::new().unwrap();
    let first = make(&folder, "a.mp4", &["-c:v", "libx264", "-movflags", "faststart", "-an"]);
    let bytes = fs::read(first).unwrap();
    for share in [0.02, 0.5, 0.9, 0.999] {
        let cut = &bytes[..(bytes.len() as f64 * share) as usize];
        assert_eq!(probe(Cursor::new(cut)).unwrap_err().code(), "truncated", "{share}");
    }
    let last = fs::read(make(&folder, "b.mp4", &["-c:v", "libx264", "-an"])).unwrap();
    assert_eq!(probe(Cursor::new(&last[..last.len() / 2])).unwrap_err().code(), "truncated");
    let webm = ["-c:v", "libvpx", "-b:v", "200k", "-an"];
    let webm = fs::read(make(&folder, "c.webm", &webm)).unwrap();
    assert_eq!(probe(Cursor::new(&webm[..webm.len() / 2])).unwrap_err().code(), "truncated");
    let sound = fs::read(make(&folder, "d.mp4", &["-vn", "-c:a", "aac"])).unwrap();
    assert_eq!(probe(Cursor::new(sound)).unwrap_err().code(), "no_pictures");
    let old = fs::read(make(&folder, "e.mp4", &["-c:v", "mpeg4", "-an"])).unwrap();
    let refusal = probe(Cursor::new(old)).unwrap_err();
    assert_eq!(refusal.code(), "unsupported_codec");
    assert!(refusal.to_string().contains("mp4v"), "{refusal}");
}

/// No byte that somebody changes makes it panic, and nothing that it then takes lies outside the file.
#[test]
fn damaged_tables_hurt_nobody() {
    let folder = TempDir::new().unwrap();
    let (mut refused, mut taken) = (0, 0);
    for (name, args) in [
        (
            "a.mp4",
            &["-frames:v", "30", "-c:v", "libx264", "-g", "10", "-movflags", "faststart", "-an"][..],
        ),
        (
            "b.mp4",
            &["-frames:v", "30", "-c:v", "libx264", "-movflags", "frag_keyframe+empty_moov", "-an"],
        ),
        ("c.webm", &["-frames:v", "30", "-c:v", "libvpx", "-b:v", "100k", "-an"]),
    ] {
        let bytes = fs::read(make(&folder, name, args)).unwrap();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as usize % below
        };
        for _ in 0..3_000 {
            let mut bytes = bytes.clone();
            for _ in 0..=next(3) {
                let at = next(bytes.len().min(2_500));
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, next(256) as u8][next(6)];
            }
            match probe(Cursor::new(&bytes)) {
                Err(_) => refused += 1,
                Ok(video) => {
                    taken += 1;
                    let end = |s: &formats::video::Sample| s.offset + u64::from(s.bytes);
                    assert!(video.samples.iter().all(|sample| end(sample) <= bytes.len() as u64));
                }
            }
        }
    }
    assert!(refused > 1_000 && taken > 1_000, "{refused} refused, {taken} taken");
}
