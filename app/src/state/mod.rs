//! View models: what the pages show, worked out from the replica without a browser.

pub mod confirmations;
pub mod customers;
pub mod invitations;
pub mod meetings;
#[cfg(test)]
pub(crate) mod world;
