//! Bytes in, bytes out: pictures, manifests, and the label formats that other tools read.

pub mod pictures;
