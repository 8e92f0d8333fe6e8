//! Simulation: whole lives of devices and a server, from a seed, with the real rules and the real sync engine, and with every fault of the field.
//!
//! Law: a life is a function of its seed. What fails once fails again with the same seed.

pub mod device;
pub mod disk;
pub mod life;
pub mod store;

pub use life::{Failure, Life, Report};

/// A law of the engine left out on purpose: the simulation must notice, or it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// None: the engine as it is.
    None,
    /// The server acknowledges every number up to the last one ruled on, whatever command it carries.
    AcknowledgesBySeq,
    /// The device keeps no journal of what was acknowledged.
    KeepsNoJournal,
    /// The server does not know commands by their uuid.
    ForgetsUuids,
    /// The server forgets tombstones and does not bring rows anew to those who were away.
    ForgetsThatTombstonesWent,
    /// A restored server does not tell that its history is another one.
    KeepsEpochAtRestore,
}
