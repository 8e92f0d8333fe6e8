//! Browser calls and nothing else: what the browser can do, in Rust's terms.

pub(crate) mod camera;
pub(crate) mod clock;
pub(crate) mod crash;
pub(crate) mod deep_link;
pub(crate) mod desk;
pub(crate) mod document;
pub(crate) mod feedback;
pub(crate) mod file;
pub(crate) mod install;
pub(crate) mod keysmith;
pub(crate) mod letters;
pub(crate) mod locks;
pub(crate) mod network;
pub(crate) mod object;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod remembered;
pub(crate) mod server_events;
pub(crate) mod service_worker;
pub(crate) mod share;
pub(crate) mod slices;
pub(crate) mod storage;
pub(crate) mod tabs;
pub(crate) mod vault;
pub(crate) mod warm;
pub(crate) mod worker;
