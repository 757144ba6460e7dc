//! Which format a file is in, told from its first bytes.

use serde_json::{Map, Value};

use super::{
    Format, bare::Bare, bdd, cityscapes, conll, conllu, createml, darwin, dota, fiftyone, hint,
    labelbox_import, labelme, manifests, mmdet, mots, ontonotes, open_images, rows,
    segment_anything, spacy_old, spans, squad, superannotate, supervisely, table, talk_other,
    talk_read, via_other, vott, wider, yolo_lists,
};
use crate::cells::Table;
use crate::text::Utf8;

/// How much of a file is looked at.
pub(super) const HEAD_BYTES: u64 = 64 << 10;

/// Tells the format of one file by its name and its first bytes.
pub(super) fn of_head(head: &str, name: &str) -> Option<Format> {
    let start = head.trim_start_matches('\u{feff}').trim_start();
    let has = |key: &str| start.contains(&format!("\"{key}\""));
    if start.starts_with('<') {
        return match () {
            () if start.contains("<annotations") => Some(Format::Cvat),
            () if start.contains("<annotation") && labelme::is_xml(start) => Some(Format::Labelme),
            () if start.contains("<annotation") => Some(Format::Voc),
            () => None,
        };
    }
    if open_images::is_header(start) {
        return Some(Format::OpenImages);
    }
    if start.starts_with("PAR1") {
        return Some(Format::Parquet);
    }
    if conllu::is_first(start) {
        return Some(Format::Conllu);
    }
    if name.ends_with(".csv") && via_other::is_header(start) {
        return Some(Format::Via);
    }
    if name.ends_with(".csv") || name.ends_with(".tsv") {
        return of_table(start);
    }
    if start.starts_with(['{', '[']) {
        let first = start.lines().next().unwrap_or_default();
        let second = start.lines().nth(1).unwrap_or_default();
        let lines = name.ends_with(".jsonl")
            || name.ends_with(".ndjson")
            || first.trim_end().ends_with('}') && second.starts_with('{');
        let row = first_row(start);
        let talk = row.as_ref().and_then(talk_read::recognise);
        let labelled = row.as_ref().is_some_and(|row| {
            let classed = row.get("label").is_some_and(|label| !label.is_array());
            let theirs = row.contains_key("answer") || row.contains_key("_input_hash");
            row.contains_key("text") && classed && !theirs
        });
        // A row that is longer than the head is not seen whole.
        let has_text = row.as_ref().map_or_else(|| has("text"), |row| row.contains_key("text"));
        return match () {
            () if spacy_old::is_one(start) => Some(Format::Spacy),
            () if first.starts_with("{\"fairmark\":") => Some(Format::Native),
            () if first.starts_with("{\"class\":{") || first.starts_with("{\"item\":{") => {
                Some(Format::Items)
            }
            () if squad::is_nested(start) || row.as_ref().is_some_and(squad::is_row) => {
                Some(Format::Squad)
            }
            () if darwin::is_one(start) => Some(Format::Darwin),
            () if superannotate::is_one(start) => Some(Format::SuperAnnotate),
            () if fiftyone::is_one(start) => Some(Format::FiftyOne),
            () if row.as_ref().is_some_and(manifests::is_sagemaker) => Some(Format::SageMaker),
            () if row.as_ref().is_some_and(manifests::is_vertex) => Some(Format::Vertex),
            () if row.as_ref().is_some_and(manifests::is_azure) => Some(Format::AzureMl),
            () if row.as_ref().is_some_and(labelbox_import::is_row) => Some(Format::Labelbox),
            () if has("data_row") && has("projects") => Some(Format::Labelbox),
            () if has("Labeled Data") && has("Label") => Some(Format::Labelbox),
            () if hint::is_known_for(row.as_ref(), start).is_some() => None,
            () if segment_anything::is_one(start) => Some(Format::SegmentAnything),
            () if has("annotation_id") && has("annotator") => Some(Format::LabelStudio),
            () if talk.is_some() => talk,
            () if has("shapes") && has("imagePath") => Some(Format::Labelme),
            () if has("shapes") && (has("tags") || has("tracks")) => Some(Format::CvatJson),
            () if has("_via_img_metadata") || has("shape_attributes") || has("vid_list") => {
                Some(Format::Via)
            }
            () if has("image_id") || has("images") && (has("file_name") || has("categories")) => {
                Some(Format::Coco)
            }
            () if has("items") && has("categories") || has("label_groups") => {
                Some(Format::Datumaro)
            }
            () if row.as_ref().is_some_and(mmdet::is_row)
                || has("data_list") && has("metainfo") =>
            {
                Some(Format::MmDetection)
            }
            () if row.as_ref().is_some_and(bdd::is_row) || has("frames") && has("box2d") => {
                Some(Format::Bdd)
            }
            () if row.as_ref().is_some_and(createml::is_row) => Some(Format::CreateMl),
            () if cityscapes::is_one(start) => Some(Format::Cityscapes),
            () if vott::is_one(start) || vott::is_export(start) => Some(Format::Vott),
            () if supervisely::is_one(start) => Some(Format::Supervisely),
            () if has("result")
                || has("completions") && has("data")
                || has("predictions") && (has("data") || start.starts_with('['))
                || has("data") && start.starts_with('[') =>
            {
                Some(Format::LabelStudio)
            }
            () if row.as_ref().is_some_and(spans::is_doccano) => Some(Format::Doccano),
            () if labelled => Some(Format::Jsonl),
            () if row.as_ref().and_then(|row| row.get("spans")).is_some_and(Value::is_object) => {
                Some(Format::Spacy)
            }
            () if has("_input_hash")
                || has("spans")
                || has("audio_spans")
                || has("answer") && has_text =>
            {
                Some(Format::Prodigy)
            }
            () if has("ents") || has("cats") => Some(Format::Spacy),
            // A text about a file is a row of a table; doccano's would leave the file out.
            () if lines && has_text && !row.as_ref().is_some_and(table::names_a_file) => {
                Some(Format::Doccano)
            }
            () => {
                let names = |row: &Map<String, Value>| {
                    table::is_header(&row.keys().map(|key| &key[..]).collect::<Vec<_>>())
                };
                (lines || start.starts_with('['))
                    .then_some(Format::Jsonl)
                    .filter(|_| row.is_some_and(|row| names(&row)))
            }
        };
    }
    let rows = || start.lines().filter(|line| !line.trim().is_empty()).take(20);
    let comment = |line: &&str| line.starts_with("# ");
    let tag = |line: &str| {
        let last = line.split_ascii_whitespace().next_back().unwrap_or_default();
        let tagged =
            ["B-", "I-", "E-", "S-", "L-", "U-"].iter().any(|prefix| last.starts_with(prefix));
        line.split_ascii_whitespace().count() >= 2 && (tagged || last == "O")
    };
    let mut tokens = rows().filter(|line| !comment(line)).peekable();
    let tagged = rows().count() > 1 && tokens.peek().is_some() && tokens.all(tag);
    if start.starts_with("-DOCSTART-")
        || ontonotes::is_first(start)
        || tagged
        || conll::is_bare(start)
    {
        return Some(Format::Conll);
    }
    if rows().count() > 0
        && rows().all(mots::is_row)
        && !rows().all(|row| row.split_ascii_whitespace().all(|word| word.parse::<f64>().is_ok()))
    {
        return Some(Format::Mots);
    }
    let boxes = |line: &str| {
        let cells = line.split(',').map(|cell| cell.trim().parse::<f64>());
        let numbers: Vec<_> = cells.map_while(Result::ok).collect();
        (7..=10).contains(&numbers.len()) && line.split(',').count() == numbers.len()
    };
    if name.ends_with(".txt") && rows().count() > 0 && rows().all(boxes) {
        return Some(Format::Mot);
    }
    if name.ends_with(".txt") && yolo_lists::is_one(start) {
        return Some(Format::Yolo);
    }
    if wider::is_one(start) {
        return Some(Format::Wider);
    }
    if name.ends_with(".txt") && dota::is_one(start) {
        return Some(Format::Dota);
    }
    let columns = |line: &str| line.split_ascii_whitespace().count();
    let numbers =
        |line: &str| line.split_ascii_whitespace().skip(1).all(|word| word.parse::<f64>().is_ok());
    if rows().count() > 0 && rows().all(|line| (15..=16).contains(&columns(line)) && numbers(line))
    {
        let named = rows().all(|line| line.starts_with(|c: char| c.is_alphabetic()));
        return named.then_some(Format::Kitti);
    }
    let yolo = rows().count() > 0
        && rows().all(|line| {
            columns(line) >= 5 && numbers(line) && line.starts_with(|c: char| c.is_ascii_digit())
        });
    yolo.then_some(Format::Yolo)
}

/// The first row of JSON lines or of a list of objects, as far as the head holds it.
pub(super) fn first_row(start: &str) -> Option<Map<String, Value>> {
    let rows = start.strip_prefix('[').unwrap_or(start);
    serde_json::Deserializer::from_str(rows).into_iter().next()?.ok()
}

/// The cells of the rows in the head of a table.
fn cells_of(table: &mut Table<&[u8]>, is_cut: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut raw = Vec::new();
    while let Ok(Some((_, cells))) = table.next(&mut raw) {
        let text = |cell: &Vec<u8>| String::from_utf8_lossy(cell).into_owned();
        rows.extend(cells.iter().map(|cells| cells.iter().map(text).collect()));
    }
    if is_cut {
        rows.pop();
    }
    rows
}

fn of_table(start: &str) -> Option<Format> {
    let mut table = Table::new(Utf8::new(start.as_bytes()));
    let header = table.header(None).ok()??;
    if Bare::of(&header).is_some() {
        return Some(Format::Csv);
    }
    let names: Vec<String> =
        header.into_iter().map(|name| String::from_utf8_lossy(&name).trim().to_owned()).collect();
    // The last row of a head may end anywhere.
    let is_cut = start.len() as u64 >= HEAD_BYTES / 4 && !start.ends_with('\n');
    let cells = cells_of(&mut table, is_cut);
    let whole = names.iter().map(|name| (name.clone(), Value::from("x"))).collect();
    let first = cells.first().and_then(|cells| {
        let cells = cells.iter().map(|cell| cell.clone().into_bytes()).collect();
        rows::object(&names, cells).ok()?.as_object().cloned()
    });
    // A cell of the first row may hold a list, and another nothing.
    let talk = first.as_ref().and_then(talk_read::recognise);
    let talk = talk.or_else(|| talk_read::recognise(&whole));
    // Numbers that go in and come out are measured, not said.
    let measured = |row: &Map<String, Value>| {
        let (asked, answered) = talk_other::in_and_out(row)?;
        let number = |key: &str| row[key].as_str().is_some_and(|cell| cell.parse::<f64>().is_ok());
        Some(number(asked) && number(answered))
    };
    let talk = talk.filter(|_| first.as_ref().and_then(measured) != Some(true));
    let names: Vec<&str> = names.iter().map(|name| &name[..]).collect();
    let cells = match table.delimiter() {
        b'\t' => Format::Tsv,
        _ if spans::is_joined(&names, &cells) => Format::Doccano,
        _ => Format::Csv,
    };
    talk.or_else(|| table::is_header(&names).then_some(cells))
}
