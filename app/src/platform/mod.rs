//! Browser calls and nothing else: what the browser can do, in Rust's terms.

pub(crate) mod network;
