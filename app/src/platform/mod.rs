//! Browser calls and nothing else: what the browser can do, in Rust's terms.

pub(crate) mod camera;
pub(crate) mod desk;
pub(crate) mod feedback;
pub(crate) mod network;
