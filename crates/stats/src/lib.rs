//! Numbers: agreement between opinions. Knows no ids, reads no files, usable alone.

pub mod agreement;
pub mod alpha;
