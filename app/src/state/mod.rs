//! View models: what the pages show, worked out from the replica without a browser.

pub mod approvals;
pub mod board;
pub mod buyers;
pub mod confirmations;
pub mod conflicts;
pub mod customers;
pub mod deals;
pub mod guest_search;
pub mod import;
pub mod install;
pub mod invitations;
pub mod meetings;
pub(crate) mod order;
pub(crate) mod people;
pub mod phones;
pub mod photos;
pub mod quarantine;
pub mod signature;
pub mod sync;
pub mod today;
pub mod venue;
#[cfg(test)]
pub(crate) mod world;
