//! Bytes in, bytes out: pictures, manifests, and the label formats that other tools read.

mod json;
pub mod manifest;
pub mod pictures;
mod row;
mod text;

pub use row::{Code, ErrorFile, RowError, guarded};
pub use text::ROW_MAX_BYTES;
