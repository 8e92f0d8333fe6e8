//! Sync: commands travel up, records travel down. Everything here is sans-I/O: state, event in, effects out.

pub mod client;
pub mod files;
pub mod letters;
pub mod protocol;
pub mod records;
pub mod replica;
pub mod scopes;
pub mod server;
pub mod slot;
