//! What a file looks like that is in no known format, and how to turn it into one that is.

use serde_json::{Map, Value};

use super::head::{HEAD_BYTES, first_row};
use super::rows::is_beside;
use super::{Source, table};
use crate::cells::Table;
use crate::text::Utf8;

/// How many files are looked into.
const LOOKS_MAX: usize = 20;

/// Says in one sentence what the files look like and how to mend it; none where nothing is known of them.
pub fn hint(source: &mut Source) -> Option<String> {
    if let Some(said) = of_layout(source.names()) {
        return Some(said.to_owned());
    }
    let files: Vec<usize> =
        (0..source.names().len()).filter(|at| !is_beside(&source.names()[*at])).collect();
    for at in files.into_iter().take(LOOKS_MAX) {
        let name = source.names()[at].clone();
        let head = source.head(at, HEAD_BYTES).unwrap_or_default();
        if let Some(said) = of_name(&name).map(str::to_owned).or_else(|| of_head(&name, &head)) {
            return Some(format!("{name} {said}"));
        }
    }
    None
}

/// Whether the files are those of Mapillary Vistas, whose pictures of numbers look like those of MOTS.
pub(super) fn is_vistas(names: &[String]) -> bool {
    let config = |name: &String| {
        let file = name.rsplit('/').next().unwrap_or(name);
        file.starts_with("config_v") && file.ends_with(".json")
    };
    names.iter().any(config) && names.iter().any(|name| name.contains("/instances/"))
}

/// What the names of files say of a whole data set.
pub(super) fn of_layout(names: &[String]) -> Option<&'static str> {
    let any = |is: &dyn Fn(&str) -> bool| names.iter().any(|name| is(name));
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    // 0002_c1s3_000151_00.jpg: the person, the camera, the sequence.
    let person = |name: &str| {
        let file = last(name);
        let mut parts = file.split('_');
        let [person, camera] = [parts.next(), parts.next()].map(Option::unwrap_or_default);
        let camera = camera.strip_prefix('c').and_then(|rest| rest.split_once('s'));
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (number(person) || person == "-1")
            && camera.is_some_and(|(camera, sequence)| number(camera) && number(sequence))
    };
    let numbered = ["_labelIds.png", "_instanceIds.png", "_labelTrainIds.png"];
    Some(match () {
        () if any(&person) => {
            "the names look like those of Market-1501, which begin with the number of a person: put the pictures \
             into a folder for each person, which is read as `yolo-classify`, or list them as CSV with `file_name` \
             and `label`"
        }
        () if any(&|name| numbered.iter().any(|end| name.ends_with(end))) => {
            "the pictures look like the numbers of Cityscapes without its outlines: add its `…_polygons.json`, or \
             export them as Pascal VOC (in CVAT “Segmentation mask 1.1”), which is read as `voc`, or as COCO"
        }
        () if any(&|name| name.ends_with("_seg.png"))
            && any(&|name| name.ends_with("_atr.txt") || name.contains("_parts_")) =>
        {
            "this looks like ADE20K, whose pictures hold classes in two of their colours: export it as COCO or \
             as Pascal VOC (with datumaro: `--input-format ade20k2017`), which are read"
        }
        () if is_vistas(names) => {
            "this looks like Mapillary Vistas: name the folder `panoptic` of one version, whose JSON is read as `coco`"
        }
        () if any(&|name| {
            last(name).starts_with("loose_bb_") || last(name).starts_with("loose_landmark_")
        }) =>
        {
            "this looks like VGGFace2: write its boxes as CSV with `file_name`, `class`, `xmin`, `ymin`, `xmax` and \
             `ymax`, which is read as `csv`, or export them as COCO"
        }
        () if any(&|name| {
            matches!(&last(name)[..], "pairs.txt" | "pairsDevTrain.txt" | "pairsDevTest.txt")
        }) =>
        {
            "this looks like LFW, whose pairs say who is the same: name the folder of its pictures, one for each \
             person, which is read as `yolo-classify`"
        }
        // A workbook is an archive, too.
        () if any(&|name| matches!(name, "xl/workbook.xml" | "content.xml")) => {
            "this is a workbook, or another document of an office: save the sheet as CSV (UTF-8), which is read as `csv`"
        }
        () if any(&|name| name.ends_with("_GT.bmp")) => {
            "this looks like the text segmentation of ICDAR, a colour for each letter: export the places of its words \
             (`gt_NAME.txt`), which are read as `icdar`, or its masks as Pascal VOC"
        }
        () => return None,
    })
}

fn of_name(name: &str) -> Option<&'static str> {
    const PACKED: [&str; 5] = [".bz2", ".xz", ".zst", ".7z", ".rar"];
    let small = name.to_ascii_lowercase();
    Some(match () {
        () if PACKED.iter().any(|end| small.ends_with(end)) => {
            "is packed in a way that is not read: unpack it, or pack it as ZIP, TAR or TAR with gzip"
        }
        () if [".arrow", ".arrows", ".feather", ".ipc"].iter().any(|end| small.ends_with(end)) => {
            "is called as a table of Arrow is, and is none, or is cut off: write it anew with `save_to_disk`, or with \
             `to_parquet`, which is read as `parquet`"
        }
        () if small.ends_with(".pkl") || small.ends_with(".pickle") || small.ends_with(".npy") => {
            "is a memory of Python, which may run anything when it is opened, and is not read: load it there and write \
             it with `to_parquet` or `to_csv`"
        }
        () if small.ends_with(".xlsx") || small.ends_with(".xls") || small.ends_with(".ods") => {
            "is a workbook: save the sheet as CSV (UTF-8), which is read as `csv`"
        }
        () if small.ends_with(".tfrecord") || small.ends_with(".record") => {
            "is a TFRecord of TensorFlow: export the data set as COCO or as CSV instead, which Roboflow, CVAT and \
             Datumaro do, too"
        }
        () if [".srt", ".vtt", ".rttm", ".textgrid", ".eaf"]
            .iter()
            .any(|end| small.ends_with(end)) =>
        {
            TIMES
        }
        () if small.split('/').any(|folder| folder == "ground_truth") => {
            "is a mask among the pictures, as MVTec has them: write the masks as COCO, which is read as `coco`"
        }
        () if small.ends_with(".datum") => {
            "is Datumaro's binary form: export the data set from it as `datumaro`, which is read"
        }
        () if small.ends_with(".spacy") => {
            "is a DocBin of spaCy: load it with `DocBin().from_disk` and write a line of JSON for each text, \
             `{\"text\", \"ents\": [{\"start\", \"end\", \"label\"}]}`, which is read as `spacy`"
        }
        () => return None,
    })
}

const TIMES: &str = "holds times of a sound or a video: bring them into Label Studio, whose export is read as `label-studio`, or \
     write a row for each file with its transcript, `{\"audio\", \"text\"}`, which is read as `jsonl`";

fn of_xml(start: &str) -> Option<&'static str> {
    let has = |tag: &str| start.contains(tag);
    Some(match () {
        () if has("<dataset") && has("<image ") && has("<box ") => {
            "looks like the XML of dlib's imglab: write a row for each box, `{\"file_name\", \"label\", \"xmin\", \"ymin\", \
             \"xmax\", \"ymax\"}`, which is read as `jsonl`"
        }
        () if has("<PcGts") || has("<alto") => {
            "holds the lines of a page, as PAGE and ALTO have them: write their outlines as COCO, which is read as `coco`"
        }
        () if has("<TEI") => {
            "is a text in TEI: write a line for each text, `{\"text\", \"spans\": [{\"start\", \"end\", \"label\"}]}`, \
             which is read as `prodigy`"
        }
        () => return None,
    })
}

fn of_head(name: &str, head: &str) -> Option<String> {
    let start = head.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("#FORMAT=WebAnno") {
        return Some(
            "is WebAnno's TSV, as INCEpTION writes it: export the document from it as CoNLL 2003, which is read as `conll`"
                .into(),
        );
    }
    if start.starts_with("__label__") {
        return Some(
            "looks like fastText: write a table with the columns `text` and `label`, which is read as `csv`"
                .into(),
        );
    }
    if start.starts_with(['{', '[']) {
        return of_rows(start).map(str::to_owned).or_else(|| {
            let row = first_row(start)?;
            let names: Vec<&str> = row.keys().map(|key| &key[..]).collect();
            (!names.is_empty() && !table::is_header(&names))
                .then(|| unknown(&names, "field", "jsonl"))
        });
    }
    if start.starts_with('<') {
        return of_xml(start).map(str::to_owned);
    }
    // Audacity's labels: two times, and what is heard between them.
    let is_time = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells.len() == 3 && cells[..2].iter().all(|cell| cell.trim().parse::<f64>().is_ok())
    };
    let mut lines = start.lines().filter(|line| !line.trim().is_empty()).take(20).peekable();
    if name.ends_with(".txt") && lines.peek().is_some() && lines.all(is_time) {
        return Some(TIMES.into());
    }
    // PaddleOCR's: a picture, and a list of words with their corners.
    let is_words = |line: &str| line.contains("\t[") && line.contains("\"transcription\"");
    if start.lines().next().is_some_and(is_words) {
        return Some(
            "looks like the labels of PaddleOCR: write the corners of the words of each picture into `gt_NAME.txt` \
             (`x1,y1,…,x4,y4,text`), which is read as `icdar`"
                .into(),
        );
    }
    let cells = [".csv", ".tsv", ".tab"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if cells { of_table(start) } else { None }
}

/// What is told by its fields, is read by none, and might be taken for something else.
pub(super) fn is_known_for(row: Option<&Map<String, Value>>, start: &str) -> Option<&'static str> {
    let has = |key: &str| match row {
        Some(row) => row.contains_key(key),
        None => start.contains(&format!("\"{key}\"")),
    };
    let list = |key: &str| row.and_then(|row| row.get(key)).is_some_and(Value::is_array);
    let numbered = |value: &Value| value.as_object().is_some_and(|map| map.contains_key("0"));
    Some(match () {
        () if has("label_hash") && has("data_units") => {
            "looks like Encord's own JSON: export the project from it as COCO, which is read as `coco`"
        }
        () if has("export_format_version") && has("label_classes") => {
            "looks like Hasty's own JSON: export the project from it as COCO, which is read as `coco`"
        }
        () if has("task_id") && has("response") && has("params") => {
            "looks like tasks of Scale AI: write a row for each object, `{\"file_name\", \"label\", \"xmin\", \"ymin\", \
             \"xmax\", \"ymax\"}`, which is read as `jsonl`"
        }
        () if has("examples") && has("schema") && has("relations") => {
            "looks like LightTag's own JSON: write a line for each example, `{\"text\", \"spans\": [{\"start\", \"end\", \
             \"label\"}]}`, which is read as `prodigy`"
        }
        () if has("content") && has("annotation") && has("extras") => {
            "looks like Dataturks: write a line for each text, `{\"text\", \"spans\": [{\"start\", \"end\", \"label\"}]}` \
             with ends that are not included, which is read as `prodigy`; export pictures from it as Pascal VOC"
        }
        () if has("interface") && has("samples") => {
            "looks like the Universal Data Tool: export the data set from it as CSV, or write a line of JSON for each sample"
        }
        () if has("rasa_nlu_data") => {
            "looks like Rasa's training data: write a line for each example, `{\"text\", \"label\": INTENT, \"spans\": \
             [{\"start\", \"end\", \"label\"}]}`, which is read as `jsonl`"
        }
        () if has("@context") && start.contains("anno.jsonld") => {
            "holds annotations of the web, as Annotorious and Recogito write them: write a row for each box, `{\"file_name\", \
             \"label\", \"xmin\", \"ymin\", \"xmax\", \"ymax\"}`, which is read as `jsonl`, and a line for each text, \
             `{\"text\", \"spans\": [{\"start\", \"end\", \"label\"}]}`, which is read as `prodigy`"
        }
        () if start.contains("\"annotations\"")
            && start.contains("\"coordinates\"")
            && (has("itemMetadata") || start.contains("\"datasetId\"")) =>
        {
            "looks like Dataloop's own JSON: export the data set from it as COCO, YOLO or Pascal VOC, which are read"
        }
        () if start.contains("\"jsonResponse\"") => {
            "looks like Kili's own JSON: export the project from it as COCO, YOLO or Pascal VOC, which are read"
        }
        () if has("openlabel") => {
            "is OpenLABEL: convert it to KITTI, nuScenes or CVAT with the tool that wrote it"
        }
        () if has("features") && start.contains("\"FeatureCollection\"") => {
            "is GeoJSON, whose places are on the earth: write the outlines in pixels as COCO, which is read as `coco`"
        }
        () if list("columns") && list("index") && list("data") || has("schema") && list("data") => {
            "looks like a data frame in parts: write it with `to_json(orient=\"records\", lines=True)`, which is read as `jsonl`"
        }
        () if row.is_some_and(|row| {
            // A row may have lists alone, but none for its id.
            let lists = list("id") && row.values().all(Value::is_array);
            row.len() > 1 && (lists || row.values().all(numbered))
        }) =>
        {
            "looks like a data frame column by column: write it with `to_json(orient=\"records\", lines=True)`, which is \
             read as `jsonl`"
        }
        () => return None,
    })
}

fn of_rows(start: &str) -> Option<&'static str> {
    // A row that is longer than the head is known by the names in it.
    let row = first_row(start);
    if let Some(said) = is_known_for(row.as_ref(), start) {
        return Some(said);
    }
    let has = |key: &str| match &row {
        Some(row) => row.contains_key(key),
        None => start.contains(&format!("\"{key}\"")),
    };
    Some(match () {
        () if (has("prompt") || has("instruction"))
            && row.as_ref().is_some_and(|row| {
                ["answers", "responses", "generations"]
                    .iter()
                    .any(|key| row.get(*key).is_some_and(Value::is_array))
            }) =>
        {
            "has several answers beside each prompt: write a row for each pair, `{\"prompt\", \"chosen\", \
             \"rejected\"}`, which is read as `trl-preference`"
        }
        () => return None,
    })
}

fn of_table(start: &str) -> Option<String> {
    let first = start.split('\n').next().unwrap_or_default();
    if first.trim_end_matches('\r').contains('\r') {
        return Some("ends its lines with CR alone: save it with LF or CR LF".into());
    }
    let mut table = Table::new(Utf8::new(start.as_bytes()));
    let text = |cells: Vec<Vec<u8>>| -> Vec<String> {
        cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
    };
    let header = text(table.header(None).ok()??);
    let next = match table.next(&mut Vec::new()) {
        Ok(Some((_, Ok(cells)))) => text(cells),
        _ => Vec::new(),
    };
    if let Some(said) = table::no_header(&header, &next) {
        return Some(said);
    }
    let names: Vec<&str> = header.iter().map(|name| &name[..]).collect();
    Some(unknown(&names, "column", "csv"))
}

/// What is said of rows that have none of the names that are known.
fn unknown(names: &[&str], kind: &str, format: &str) -> String {
    let names = names.iter().take(4);
    let names: Vec<String> =
        names.map(|name| format!("“{}”", name.chars().take(40).collect::<String>())).collect();
    format!(
        "has no {kind} that is known ({}): call one `text`, `label`, `file_name` or `id`, or name the format \
         `{format}` to keep all of them as metadata",
        names.join(", ")
    )
}
