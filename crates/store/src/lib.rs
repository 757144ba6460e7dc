//! store

pub mod blobs;
pub mod keys;
