//! Labels as CSV, for spreadsheets: one row for each task.

use std::io::{self, Write};

use serde_json::Value;

use crate::loss::LossReport;
use crate::native::Record;
use crate::row::guarded;

/// Writes `task,external_id,state,label,confidence,method,calibrated`, then one column for each attribute of the item.
///
/// Several choices stand in one cell, with `;` between them. Objects, spans, relations and notes have no place here and are
/// counted as losses. A confidence stands there only where gold stands behind it. Cells that a spreadsheet would run as a formula begin with an apostrophe.
pub struct LabelsCsv<W: Write> {
    csv: csv::Writer<W>,
    attributes: Vec<String>,
    losses: LossReport,
}

impl<W: Write> LabelsCsv<W> {
    /// Begins the file with its header; the attributes of scope `item` of `ontology` become columns.
    pub fn new(out: W, ontology: &Value) -> io::Result<Self> {
        let attributes: Vec<String> = ontology["attributes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|attribute| attribute["scope"] == "item")
            .filter_map(|attribute| attribute["key"].as_str().map(str::to_owned))
            .collect();
        let mut csv = csv::Writer::from_writer(out);
        let fixed = ["task", "external_id", "state", "label", "confidence", "method", "calibrated"];
        let named = attributes.iter().map(|key| format!("attribute.{key}"));
        csv.write_record(fixed.map(str::to_owned).into_iter().chain(named))?;
        Ok(Self { csv, attributes, losses: LossReport::default() })
    }

    /// Adds one task; one without a label has empty cells.
    pub fn push(&mut self, record: &Record) -> io::Result<()> {
        let Record { task, item, label, .. } = record;
        let mut cells = vec![task.id.clone(), item.external_id.clone(), task.state.clone()];
        let value = label.as_ref().map_or(&Value::Null, |label| &label.value);
        cells.push(joined(&value["choices"]));
        // One that was not calibrated is no probability, and a column of numbers looks like one.
        let told = label.as_ref().filter(|label| label.calibrated);
        let confidence = told.and_then(|label| label.confidence);
        cells.push(confidence.map(|confidence| confidence.to_string()).unwrap_or_default());
        cells.push(label.as_ref().map(|label| label.method.clone()).unwrap_or_default());
        cells.push(label.as_ref().map(|label| label.calibrated.to_string()).unwrap_or_default());
        cells.extend(self.attributes.iter().map(|key| joined(&value["attributes"][key.as_str()])));
        self.csv.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;

        for _ in value["objects"].as_array().into_iter().flatten() {
            self.losses.add("object", || item.external_id.clone());
        }
        for _ in value["spans"].as_array().into_iter().flatten() {
            self.losses.add("span", || item.external_id.clone());
        }
        for _ in value["relations"].as_array().into_iter().flatten() {
            self.losses.add("relation", || item.external_id.clone());
        }
        if value["note"].as_str().is_some_and(|note| !note.is_empty()) {
            self.losses.add("note", || item.external_id.clone());
        }
        for key in value["attributes"].as_object().into_iter().flat_map(|map| map.keys()) {
            if !self.attributes.contains(key) {
                self.losses.add("unknown_attribute", || format!("{}: {key}", item.external_id));
            }
        }
        Ok(())
    }

    /// Writes what is still held back and tells what the file could not hold.
    pub fn finish(self) -> io::Result<(W, LossReport)> {
        let out = self.csv.into_inner().map_err(|error| error.into_error())?;
        Ok((out, self.losses))
    }
}

fn joined(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(joined).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}
