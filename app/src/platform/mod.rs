//! Browser calls and nothing else: what the browser can do, in Rust's terms.

pub(crate) mod deep_link;
pub(crate) mod drafts;
pub(crate) mod network;
pub(crate) mod remembered;
pub(crate) mod share;
