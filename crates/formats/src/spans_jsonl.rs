//! Labels of texts as JSON lines, for training: one row for each text, in the fields of Prodigy, which spaCy's tools and ours read.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::loss::LossReport;
use crate::native::Record;
use crate::ontology::Classes;

/// Writes `{"text", "spans": [{"start", "end", "label", "id", "attributes"?}], "accept": […], "answer": "accept", "meta": {…}}`.
///
/// `start` and `end` are code points, the end not included, as in the answer; the spans stand in the order of the text, outer before inner.
/// `label` and `accept`, the choices, are names of classes. `meta` has the item's `external_id`, its metadata, and the attributes of the whole text.
/// Tasks without a label are left out. Notes, relations, groups and objects have no place here and are counted as losses.
pub struct SpansJsonl<'a, W: Write> {
    out: W,
    classes: &'a Classes,
    losses: LossReport,
}

impl<'a, W: Write> SpansJsonl<'a, W> {
    pub fn new(out: W, classes: &'a Classes) -> Self {
        Self { out, classes, losses: LossReport::default() }
    }

    /// Adds one task.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let Record { item, label: Some(label), .. } = record else { return Ok(()) };
        let place = || item.external_id.clone();
        let Some(text) = &item.text else {
            self.losses.add("no_text", place);
            return Ok(());
        };
        let value = &label.value;
        let mut spans: Vec<&Value> = value["spans"].as_array().into_iter().flatten().collect();
        let order = |span: &Value| {
            let number = |key: &str| span[key].as_u64().unwrap_or_default();
            (number("start"), std::cmp::Reverse(number("end")))
        };
        spans.sort_by_key(|span| order(span));
        let spans: Vec<Value> = spans.into_iter().map(|span| self.span(span)).collect();
        let chosen: Vec<Value> = value["choices"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|key| json!(self.name(key)))
            .collect();
        let mut meta: Map<String, Value> = item.metadata.clone();
        meta.insert("external_id".into(), json!(item.external_id));
        if value["attributes"].as_object().is_some_and(|attributes| !attributes.is_empty()) {
            meta.insert("attributes".into(), value["attributes"].clone());
        }
        if value["note"].as_str().is_some_and(|note| !note.is_empty()) {
            self.losses.add("note", place);
        }
        crate::coco::count_relations(&mut self.losses, &item.external_id, value);
        for _ in value["objects"].as_array().into_iter().flatten() {
            self.losses.add("object", place);
        }
        let row = json!({ "text": text, "spans": spans, "accept": chosen, "answer": "accept", "meta": meta });
        writeln!(self.out, "{row}")
    }

    /// Tells what the file could not hold.
    pub fn finish(self) -> (W, LossReport) {
        (self.out, self.losses)
    }

    fn span(&self, span: &Value) -> Value {
        let mut row = json!({
            "start": span["start"], "end": span["end"], "label": self.name(&span["class"]), "id": span["id"],
        });
        if span["attributes"].is_object() {
            row["attributes"] = span["attributes"].clone();
        }
        row
    }

    fn name<'k>(&'k self, key: &'k Value) -> &'k str {
        let key = key.as_str().unwrap_or_default();
        self.classes.index(key).map_or(key, |index| self.classes.label(index))
    }
}
