//! What Huixiao means: domain nouns, commands, rules and the sync protocol.
//!
//! Invariant: this crate performs no I/O, reads no clock, draws no random numbers and holds no text for people.
//! The same code runs on a device (prediction) and on the server (ruling).

#![warn(missing_docs)]

pub mod analysis;
pub mod carry;
pub mod check_ins;
pub mod command;
pub mod complaints;
pub mod contacts;
pub mod customers;
pub mod deals;
pub mod decide;
pub mod exports;
pub mod files;
pub mod floor;
pub mod follow_ups;
pub mod gist;
pub mod ids;
pub mod improvements;
pub mod invitations;
pub mod meetings;
pub mod money;
pub mod people;
pub mod phone;
pub mod preparations;
pub mod products;
pub mod promotions;
pub mod quarantine;
pub mod record;
pub mod records;
pub mod rejection;
pub mod seating;
pub mod settings;
pub mod stock;
pub mod sync;
pub mod targets;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
pub mod validation;

pub use command::Command;
pub use decide::{Context, Patch, Stop, Unavailable, View, decide};
pub use record::{Entity, Index, Key, Kind, Record, Scope};
pub use rejection::{Field, Rejection};
