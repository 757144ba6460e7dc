//! MP4 and QuickTime: the tables of the first video track, in the movie box and in fragments.

use super::{
    Bytes, Container, DESCRIPTION_MAX, Refusal, SAMPLES_MAX, Sample, Video, av1_codec, avc_codec,
    broken,
};
use std::io::{Read, Seek};
use std::ops::Range;

/// Boxes that are looked at in one box, and in the file.
const BOXES_MAX: usize = 1_000_000;

type Kind = [u8; 4];
/// What each box is, and where its content lies.
type Boxes = Vec<(Kind, Range<u64>)>;

/// Whether a file of this kind begins so.
pub(super) fn is_first(kind: &[u8]) -> bool {
    [&b"ftyp"[..], b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot"].contains(&kind)
}

pub(super) fn read(file: &mut Bytes<impl Read + Seek>) -> Result<Video, Refusal> {
    let (mut movie, mut fragments) = (None, Vec::new());
    for (kind, place) in boxes(file, 0..file.length)? {
        match &kind {
            b"moov" if movie.is_none() => movie = Some(place),
            b"moof" => fragments.push(place),
            _ => {}
        }
    }
    // Whoever writes a file tells of its pictures last.
    let movie = boxes(file, movie.ok_or(Refusal::Truncated)?)?;
    let clock = find(&movie, b"mvhd").ok_or(broken("it has no movie header"))?;
    let movie_scale = scale(file, &clock)?;
    let mut unsupported = None;
    for track in all(&movie, b"trak") {
        let parts = boxes(file, track)?;
        let Some(media) = find(&parts, b"mdia") else { continue };
        let media = boxes(file, media)?;
        let Some(handler) = find(&media, b"hdlr") else { continue };
        if &file.array::<4>(handler.start + 8)? != b"vide" {
            continue;
        }
        let (Some(tables), Some(header)) =
            (nested(file, &media, &[b"minf", b"stbl"])?, find(&parts, b"tkhd"))
        else {
            continue;
        };
        let coding = match coding(file, &tables) {
            Ok(coding) => coding,
            Err(refusal @ Refusal::UnsupportedCodec { .. }) => {
                unsupported = Some(refusal);
                continue;
            }
            Err(refusal) => return Err(refusal),
        };
        let clock = find(&media, b"mdhd").ok_or(broken("a track has no clock"))?;
        let timescale = scale(file, &clock)?;
        let mut times = Times::default();
        let mut samples = in_movie(file, &tables, &mut times)?;
        if !fragments.is_empty() {
            let (id, _) = track_header(file, &header)?;
            let defaults = defaults(file, &movie, id)?;
            for fragment in &fragments {
                in_fragment(file, fragment, id, defaults, &mut times, &mut samples)?;
            }
        }
        let edit = edit(file, &parts, movie_scale, timescale)?;
        for sample in &mut samples {
            sample.shown = edit.shows(sample.time);
            sample.time = sample.time.saturating_sub(edit.start).saturating_add(edit.delay);
        }
        let (_, rotation) = track_header(file, &header)?;
        let Coding { codec, description, size: [width, height] } = coding;
        let [width, height] =
            if rotation.is_multiple_of(180) { [width, height] } else { [height, width] };
        let container = Container::Mp4;
        return Ok(Video {
            container,
            codec,
            description,
            width,
            height,
            rotation,
            timescale,
            samples,
        });
    }
    Err(unsupported.unwrap_or(Refusal::NoPictures))
}

/// The boxes of a place: what each is, and where its content lies.
fn boxes(file: &mut Bytes<impl Read + Seek>, place: Range<u64>) -> Result<Boxes, Refusal> {
    let (mut found, mut at) = (Vec::new(), place.start);
    // QuickTime ends some lists with four zeros.
    while at + 8 <= place.end {
        let kind: Kind = file.array(at + 4)?;
        let (head, size) = match file.u32(at)? {
            0 => (8, place.end - at),
            1 => (16, file.u64(at + 8)?),
            size => (8, u64::from(size)),
        };
        let end = at.checked_add(size).ok_or(Refusal::Truncated)?;
        if size < head {
            return Err(broken("a box is shorter than its head"));
        }
        if end > place.end {
            return Err(Refusal::Truncated);
        }
        if found.len() == BOXES_MAX {
            return Err(broken("it has too many boxes"));
        }
        found.push((kind, at + head..end));
        at = end;
    }
    Ok(found)
}

fn find(boxes: &[(Kind, Range<u64>)], wanted: &Kind) -> Option<Range<u64>> {
    all(boxes, wanted).next()
}

fn all(boxes: &[(Kind, Range<u64>)], wanted: &Kind) -> impl Iterator<Item = Range<u64>> {
    let wanted = *wanted;
    boxes.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, place)| place.clone())
}

fn nested(
    file: &mut Bytes<impl Read + Seek>,
    boxes_here: &[(Kind, Range<u64>)],
    path: &[&Kind],
) -> Result<Option<Boxes>, Refusal> {
    let mut here = boxes_here.to_vec();
    for kind in path {
        let Some(place) = find(&here, kind) else { return Ok(None) };
        here = boxes(file, place)?;
    }
    Ok(Some(here))
}

/// The timescale of `mvhd` or `mdhd`.
fn scale(file: &mut Bytes<impl Read + Seek>, header: &Range<u64>) -> Result<u32, Refusal> {
    let [version, ..] = file.array::<4>(header.start)?;
    match file.u32(header.start + if version == 1 { 20 } else { 12 })? {
        0 => Err(broken("its clock stands still")),
        scale => Ok(scale),
    }
}

/// The id of a track, and by how many degrees its pictures are turned.
fn track_header(
    file: &mut Bytes<impl Read + Seek>,
    header: &Range<u64>,
) -> Result<(u32, u16), Refusal> {
    let [version, ..] = file.array::<4>(header.start)?;
    let (id, matrix) = if version == 1 { (20, 52) } else { (12, 40) };
    let id = file.u32(header.start + id)?;
    let mut at = |place: u64| Ok::<_, Refusal>(file.u32(header.start + matrix + place)? as i32);
    let (a, b, c, d) = (at(0)?, at(4)?, at(12)?, at(16)?);
    let degrees = match (a.signum(), b.signum(), c.signum(), d.signum()) {
        (0, 1, -1, 0) => 90,
        (-1, 0, 0, -1) => 180,
        (0, -1, 1, 0) => 270,
        _ => 0,
    };
    Ok((id, degrees))
}

struct Coding {
    codec: String,
    description: Vec<u8>,
    size: [u32; 2],
}

/// Where the boxes of a description begin, after its own fields.
const ENTRY_BYTES: u64 = 78;

fn coding(
    file: &mut Bytes<impl Read + Seek>,
    tables: &[(Kind, Range<u64>)],
) -> Result<Coding, Refusal> {
    let place = find(tables, b"stsd").ok_or(broken("nothing is said of its coding"))?;
    let entries = boxes(file, place.start + 8..place.end)?;
    let (kind, entry) = entries.first().cloned().ok_or(broken("nothing is said of its coding"))?;
    let name = String::from_utf8_lossy(&kind).into_owned();
    let configuration: &Kind = match &kind {
        b"avc1" | b"avc3" => b"avcC",
        b"vp08" | b"vp09" => b"vpcC",
        b"av01" => b"av1C",
        _ => {
            return Err(Refusal::UnsupportedCodec {
                name: format!("videos coded as “{name}”")
            });
        }
    };
    if entries.len() > 1 {
        return Err(Refusal::Edited { detail: "its coding changes on the way" });
    }
    let [w1, w0, h1, h0] = file.array(entry.start + 24)?;
    let size = [u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0])].map(u32::from);
    let parts = boxes(file, entry.start + ENTRY_BYTES..entry.end)?;
    let place = find(&parts, configuration).ok_or(broken("its decoder is told nothing"))?;
    let told = file.vec(place.start, place.end - place.start, DESCRIPTION_MAX)?;
    let (codec, description) = match &kind {
        b"avc1" | b"avc3" => (avc_codec(&told)?, told),
        b"av01" => (av1_codec(&told)?, Vec::new()),
        b"vp08" => ("vp8".into(), Vec::new()),
        _ => match told[..] {
            [_, _, _, _, profile, level, depth, ..] => {
                (format!("vp09.{profile:02}.{level:02}.{:02}", depth >> 4), Vec::new())
            }
            _ => return Err(broken("the configuration of its VP9")),
        },
    };
    Ok(Coding { codec, description, size })
}

/// When the next picture is decoded.
#[derive(Default)]
struct Times {
    next: i64,
}

/// The entries of a table: where they begin and how many there are, which is no more than there is room for.
fn entries(
    file: &mut Bytes<impl Read + Seek>,
    place: &Range<u64>,
    head: u64,
    each: u64,
) -> Result<(u64, u64), Refusal> {
    let count = u64::from(file.u32(place.start + head - 4)?);
    let room = place.end.saturating_sub(place.start + head);
    if count.saturating_mul(each) > room {
        return Err(Refusal::Truncated);
    }
    Ok((place.start + head, count))
}

/// The samples of the movie box; none where all of them lie in fragments.
fn in_movie(
    file: &mut Bytes<impl Read + Seek>,
    tables: &[(Kind, Range<u64>)],
    times: &mut Times,
) -> Result<Vec<Sample>, Refusal> {
    let mut samples = sizes(file, tables)?;
    if samples.is_empty() {
        return Ok(samples);
    }
    place(file, tables, &mut samples)?;
    let durations = find(tables, b"stts").ok_or(broken("its pictures have no times"))?;
    let (at, count) = entries(file, &durations, 8, 8)?;
    let mut rest = samples.iter_mut();
    for i in 0..count {
        let (run, step) = (file.u32(at + i * 8)?, file.u32(at + i * 8 + 4)?);
        for sample in rest.by_ref().take(run as usize) {
            sample.time = times.next;
            times.next = times.next.saturating_add(i64::from(step));
        }
    }
    if rest.next().is_some() {
        return Err(broken("some of its pictures have no times"));
    }
    if let Some(offsets) = find(tables, b"ctts") {
        let (at, count) = entries(file, &offsets, 8, 8)?;
        let mut rest = samples.iter_mut();
        for i in 0..count {
            let (run, offset) = (file.u32(at + i * 8)?, file.u32(at + i * 8 + 4)? as i32);
            for sample in rest.by_ref().take(run as usize) {
                sample.time = sample.time.saturating_add(i64::from(offset));
            }
        }
    }
    if let Some(keys) = find(tables, b"stss") {
        let (at, count) = entries(file, &keys, 8, 4)?;
        for i in 0..count {
            let number = file.u32(at + i * 4)? as usize;
            if let Some(sample) = number.checked_sub(1).and_then(|i| samples.get_mut(i)) {
                sample.key = true;
            }
        }
    } else {
        for sample in &mut samples {
            sample.key = true;
        }
    }
    Ok(samples)
}

/// The samples with their lengths alone.
fn sizes(
    file: &mut Bytes<impl Read + Seek>,
    tables: &[(Kind, Range<u64>)],
) -> Result<Vec<Sample>, Refusal> {
    let sample = |bytes| Sample { offset: 0, bytes, time: 0, key: false, shown: true };
    if let Some(place) = find(tables, b"stsz") {
        let (all, count) = (file.u32(place.start + 4)?, file.u32(place.start + 8)? as usize);
        if count > SAMPLES_MAX {
            return Err(Refusal::TooManyFrames);
        }
        if all != 0 {
            return Ok(vec![sample(all); count]);
        }
        let (at, count) = entries(file, &place, 12, 4)?;
        return (0..count).map(|i| Ok(sample(file.u32(at + i * 4)?))).collect();
    }
    let place = find(tables, b"stz2").ok_or(broken("its pictures have no lengths"))?;
    let bits = u64::from(file.u32(place.start + 4)? & 0xff);
    if ![8, 16].contains(&bits) {
        return Err(broken("the lengths of its pictures"));
    }
    let (at, count) = entries(file, &place, 12, bits / 8)?;
    if count as usize > SAMPLES_MAX {
        return Err(Refusal::TooManyFrames);
    }
    let mut length = |i: u64| match bits {
        8 => Ok::<_, Refusal>(u32::from(file.array::<1>(at + i)?[0])),
        _ => Ok(u32::from(u16::from_be_bytes(file.array(at + i * 2)?))),
    };
    (0..count).map(|i| Ok(sample(length(i)?))).collect()
}

/// Puts each sample where its chunk lies.
fn place(
    file: &mut Bytes<impl Read + Seek>,
    tables: &[(Kind, Range<u64>)],
    samples: &mut [Sample],
) -> Result<(), Refusal> {
    let runs = find(tables, b"stsc").ok_or(broken("its pictures have no places"))?;
    let (chunks, wide) = match (find(tables, b"stco"), find(tables, b"co64")) {
        (Some(place), _) => (place, 4),
        (None, Some(place)) => (place, 8),
        (None, None) => return Err(broken("its pictures have no places")),
    };
    let (runs_at, runs) = entries(file, &runs, 8, 12)?;
    let (chunks_at, chunks) = entries(file, &chunks, 8, wide)?;
    let mut rest = samples.iter_mut();
    for run in 0..runs {
        let at = runs_at + run * 12;
        let first = u64::from(file.u32(at)?);
        let (each, description) = (file.u32(at + 4)?, file.u32(at + 8)?);
        let end = if run + 1 < runs { u64::from(file.u32(at + 12)?) } else { chunks + 1 };
        if first == 0 || end < first || end > chunks + 1 {
            return Err(broken("the places of its pictures"));
        }
        if description != 1 {
            return Err(Refusal::Edited { detail: "its coding changes on the way" });
        }
        for chunk in first..end {
            if rest.len() == 0 {
                return Ok(());
            }
            let at = chunks_at + (chunk - 1) * wide;
            let mut offset = if wide == 4 { u64::from(file.u32(at)?) } else { file.u64(at)? };
            for sample in rest.by_ref().take(each as usize) {
                sample.offset = offset;
                offset = offset.saturating_add(u64::from(sample.bytes));
            }
        }
    }
    if rest.next().is_some() {
        return Err(broken("some of its pictures have no places"));
    }
    Ok(())
}

/// What holds for a sample of a fragment that says nothing else.
#[derive(Clone, Copy, Default)]
struct Defaults {
    duration: u32,
    bytes: u32,
    flags: u32,
}

const NOT_A_KEY: u32 = 0x0001_0000;

fn defaults(
    file: &mut Bytes<impl Read + Seek>,
    movie: &[(Kind, Range<u64>)],
    track: u32,
) -> Result<Defaults, Refusal> {
    let Some(extends) = find(movie, b"mvex") else { return Ok(Defaults::default()) };
    let extends = boxes(file, extends)?;
    for place in all(&extends, b"trex") {
        if file.u32(place.start + 4)? == track {
            let mut at = |by: u64| file.u32(place.start + by);
            return Ok(Defaults { duration: at(12)?, bytes: at(16)?, flags: at(20)? });
        }
    }
    Ok(Defaults::default())
}

fn in_fragment(
    file: &mut Bytes<impl Read + Seek>,
    fragment: &Range<u64>,
    track: u32,
    defaults: Defaults,
    times: &mut Times,
    samples: &mut Vec<Sample>,
) -> Result<(), Refusal> {
    let parts = boxes(file, fragment.clone())?;
    // The box's own head is eight bytes, or sixteen where it is very long.
    let head = if file.u32(fragment.start.saturating_sub(16))? == 1 { 16 } else { 8 };
    for part in all(&parts, b"traf") {
        let parts = boxes(file, part)?;
        let header = find(&parts, b"tfhd").ok_or(broken("a fragment has no header"))?;
        if file.u32(header.start + 4)? != track {
            continue;
        }
        let flags = file.u32(header.start)? & 0x00ff_ffff;
        let (mut here, mut at) = (defaults, header.start + 8);
        let mut base = fragment.start - head;
        if flags & 0x1 != 0 {
            base = file.u64(at)?;
            at += 8;
        }
        for (flag, field) in [
            (0x2, None),
            (0x8, Some(&mut here.duration)),
            (0x10, Some(&mut here.bytes)),
            (0x20, Some(&mut here.flags)),
        ] {
            if flags & flag != 0 {
                let value = file.u32(at)?;
                at += 4;
                if let Some(field) = field {
                    *field = value;
                }
            }
        }
        if let Some(time) = find(&parts, b"tfdt") {
            let [version, ..] = file.array::<4>(time.start)?;
            let begin = match version {
                1 => file.u64(time.start + 4)?,
                _ => u64::from(file.u32(time.start + 4)?),
            };
            times.next = i64::try_from(begin).map_err(|_| broken("the time of a fragment"))?;
        }
        let mut offset = base;
        for run in all(&parts, b"trun") {
            offset = in_run(file, &run, here, (base, offset), times, samples)?;
        }
    }
    Ok(())
}

/// Adds the samples of a run; returns where they end.
fn in_run(
    file: &mut Bytes<impl Read + Seek>,
    run: &Range<u64>,
    defaults: Defaults,
    (base, mut offset): (u64, u64),
    times: &mut Times,
    samples: &mut Vec<Sample>,
) -> Result<u64, Refusal> {
    let flags = file.u32(run.start)? & 0x00ff_ffff;
    let has = |flag: u32| flags & flag != 0;
    let count = file.u32(run.start + 4)? as usize;
    let mut at = run.start + 8;
    let mut next = |file: &mut Bytes<_>| {
        let value = file.u32(at);
        at += 4;
        value
    };
    if has(0x1) {
        let by = i64::from(next(file)? as i32);
        offset = base.checked_add_signed(by).ok_or(broken("the place of a fragment"))?;
    }
    let first = if has(0x4) { Some(next(file)?) } else { None };
    let each = [0x100, 0x200, 0x400, 0x800].into_iter().filter(|flag| has(*flag)).count();
    let room = (run.end - run.start) as usize;
    if count > SAMPLES_MAX - samples.len() {
        return Err(Refusal::TooManyFrames);
    }
    if each * 4 * count > room {
        return Err(Refusal::Truncated);
    }
    for i in 0..count {
        let mut field = |flag, standard| if has(flag) { next(file) } else { Ok(standard) };
        let duration = field(0x100, defaults.duration)?;
        let bytes = field(0x200, defaults.bytes)?;
        let own = field(0x400, defaults.flags)?;
        let shift = field(0x800, 0)? as i32;
        let flags = first.filter(|_| i == 0).unwrap_or(own);
        let time = times.next.saturating_add(i64::from(shift));
        samples.push(Sample { offset, bytes, time, key: flags & NOT_A_KEY == 0, shown: true });
        times.next = times.next.saturating_add(i64::from(duration));
        offset = offset.saturating_add(u64::from(bytes));
    }
    Ok(offset)
}

/// What of a track is shown, in its ticks.
struct Edit {
    start: i64,
    end: Option<i64>,
    /// How long nothing is shown before it.
    delay: i64,
}

impl Edit {
    fn shows(&self, time: i64) -> bool {
        time >= self.start && self.end.is_none_or(|end| time < end)
    }
}

fn edit(
    file: &mut Bytes<impl Read + Seek>,
    track: &[(Kind, Range<u64>)],
    movie_scale: u32,
    timescale: u32,
) -> Result<Edit, Refusal> {
    let mut edit = Edit { start: 0, end: None, delay: 0 };
    let Some(list) = nested(file, track, &[b"edts"])?.and_then(|parts| find(&parts, b"elst"))
    else {
        return Ok(edit);
    };
    let ticks = |length: u64| {
        let scaled = u128::from(length) * u128::from(timescale) + u128::from(movie_scale) / 2;
        (scaled / u128::from(movie_scale)).try_into().unwrap_or(i64::MAX)
    };
    let [version, ..] = file.array::<4>(list.start)?;
    let each = if version == 1 { 20 } else { 12 };
    let (at, count) = entries(file, &list, 8, each)?;
    let mut is_begun = false;
    for i in 0..count {
        let at = at + i * each;
        let (length, from) = match version {
            1 => (file.u64(at)?, file.u64(at + 8)? as i64),
            _ => (u64::from(file.u32(at)?), i64::from(file.u32(at + 4)? as i32)),
        };
        match from {
            -1 if !is_begun => edit.delay = edit.delay.saturating_add(ticks(length)),
            -1 => return Err(Refusal::Edited { detail: "its edit list has a gap" }),
            _ if is_begun => {
                return Err(Refusal::Edited { detail: "its edit list has several parts" });
            }
            from => {
                is_begun = true;
                edit.start = from;
                edit.end = (length > 0).then(|| from.saturating_add(ticks(length)));
            }
        }
    }
    Ok(edit)
}
