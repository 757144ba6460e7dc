//! Bytes in, bytes out: pictures, manifests, and the label formats that other tools read.
//!
//! Whatever comes in was written by somebody else: every reader streams, bounds its memory, and answers
//! wrong bytes with a named error, row by row, never with a panic. Whatever goes out says what it could not
//! hold, in a [`LossReport`]. Answers and ontologies are the JSON documents of `docs/spec/answers.md`.

mod cells;
pub mod clouds;
pub mod coco;
pub mod cuboids;
pub mod exchange;
mod json;
mod labels_csv;
mod loss;
pub mod manifest;
pub mod native;
mod ontology;
pub mod pictures;
mod raster;
mod row;
mod shape;
mod spans_jsonl;
mod tar;
mod text;
pub mod tracks;
pub mod video;
pub mod voc;
pub mod zip;

pub use labels_csv::LabelsCsv;
pub use loss::{Loss, LossReport};
pub use ontology::{Class, Classes, NotAnOntology};
pub use row::{Code, ErrorFile, RowError, csv_text, guarded};
pub use spans_jsonl::SpansJsonl;
pub use text::{ROW_MAX_BYTES, as_utf8};
