//! What a file looks like that is in no known format, and how to turn it into one that is.

use serde_json::Value;

use super::recognise::{HEAD_BYTES, first_row};
use super::rows::is_beside;
use super::{Source, table};
use crate::cells::Table;
use crate::text::Utf8;

/// How many files are looked into.
const LOOKS_MAX: usize = 20;

/// Says in one sentence what the files look like and how to mend it; none where nothing is known of them.
pub fn hint(source: &mut Source) -> Option<String> {
    let files: Vec<usize> =
        (0..source.names().len()).filter(|at| !is_beside(&source.names()[*at])).collect();
    for at in files.into_iter().take(LOOKS_MAX) {
        let name = source.names()[at].clone();
        let head = source.head(at, HEAD_BYTES).unwrap_or_default();
        if let Some(said) =
            of_name(&name, &head).map(str::to_owned).or_else(|| of_head(&name, &head))
        {
            return Some(format!("{name} {said}"));
        }
    }
    None
}

fn of_name(name: &str, head: &str) -> Option<&'static str> {
    const PACKED: [&str; 5] = [".bz2", ".xz", ".zst", ".7z", ".rar"];
    let small = name.to_ascii_lowercase();
    Some(match () {
        () if PACKED.iter().any(|end| small.ends_with(end)) => {
            "is packed in a way that is not read: unpack it, or pack it as ZIP, TAR or TAR with gzip"
        }
        () if small.ends_with(".arrow") || head.starts_with("ARROW1") => {
            "is a table of Arrow, as `save_to_disk` of Hugging Face's `datasets` writes it: load it there with \
             `load_from_disk` and write it with `to_parquet`, which is read as `parquet`"
        }
        () if small.ends_with(".spacy") => {
            "is a DocBin of spaCy: load it with `DocBin().from_disk` and write a line of JSON for each text, \
             `{\"text\", \"ents\": [{\"start\", \"end\", \"label\"}]}`, which is read as `spacy`"
        }
        () => return None,
    })
}

fn of_head(name: &str, head: &str) -> Option<String> {
    let start = head.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) {
        return of_rows(start).map(str::to_owned);
    }
    let cells = [".csv", ".tsv", ".tab"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if cells { of_table(start) } else { None }
}

fn of_rows(start: &str) -> Option<&'static str> {
    // A row that is longer than the head is known by the names in it.
    let row = first_row(start);
    let has = |key: &str| match &row {
        Some(row) => row.contains_key(key),
        None => start.contains(&format!("\"{key}\"")),
    };
    Some(match () {
        () if has("message_tree_id") || has("message_id") && has("parent_id") => {
            "looks like a tree of messages, as OpenAssistant has them: write a row for each way from the prompt to \
             its last reply, `{\"messages\": [{\"role\", \"content\"}]}`, which is read as `trl-sft`"
        }
        () if has("instruction") && has("completions") => {
            "looks like UltraFeedback, where several answers to an instruction are rated: write a row for each pair, \
             `{\"prompt\", \"chosen\", \"rejected\", \"score_chosen\", \"score_rejected\"}`, which is read as \
             `trl-preference`"
        }
        () if start.contains("\"paragraphs\"") && start.contains("\"qas\"")
            || has("context") && has("question") && has("answers") =>
        {
            "looks like SQuAD, where questions are answered by a piece of a text: write a line for each question, \
             `{\"text\": CONTEXT, \"question\", \"spans\": [{\"start\", \"end\", \"label\": \"answer\"}]}`, \
             which is read as `prodigy`"
        }
        () if has("prompt")
            && row.as_ref().is_some_and(|row| {
                ["answers", "responses"]
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
    let names: Vec<String> = header
        .iter()
        .take(4)
        .map(|name| format!("“{}”", name.chars().take(40).collect::<String>()))
        .collect();
    Some(format!(
        "has no column that is known ({}): call one `text`, `label`, `file_name` or `id`, or name the format `csv` \
         to keep all of them as metadata",
        names.join(", ")
    ))
}
