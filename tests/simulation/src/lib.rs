//! Simulation: whole lives of devices and servers, from a seed, with the real rules and the real sync engine, and with every fault of the field.
//!
//! Law: a life is a function of its seed. What fails once fails again with the same seed.
//!
//! `life` has the network, and the faults and the servers in files of their own; `work` what people do, `carry` what devices give each other without
//! a network, `laws` what must be true; `device`, `disk`, `files` and `store` are the drivers.

mod carry;
pub mod device;
pub mod disk;
pub mod files;
mod laws;
pub mod life;
pub mod store;
mod work;

pub use laws::{Broken, Law};
pub use life::{Failure, Life, Report};

/// A law of the engine or the server left out on purpose: the simulation must notice, or it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// None: engine and server as they are.
    None,
    /// The server acknowledges every number up to the last one ruled on, whatever command it carries.
    AcknowledgesBySeq,
    /// The server rules on numbers with a hole before them.
    AcceptsHoles,
    /// The server does not know commands by their uuid.
    ForgetsUuids,
    /// The server forgets tombstones and does not bring rows anew to those who were away.
    ForgetsThatTombstonesWent,
    /// A restored server does not tell that its history is another one.
    KeepsEpochAtRestore,
    /// A server takes its versions before it has the lock: what has a lower version may be committed after what has a higher one.
    NumbersOutsideTheLock,
    /// A server that dies in the middle of a push leaves what it had written by then.
    CommitsHalf,
    /// A server believes what it keeps in memory without looking whether another server has written.
    TrustsItsMemory,
    /// A server loses the second check-in of a guest.
    LosesSecondScans,
    /// The server refuses what somebody without access sends, instead of holding it for a person.
    RefusesWithoutAccess,
    /// The server refuses a field fact that the rules do not allow, instead of holding it for a person.
    RefusesFieldFacts,
    /// A server of the previous release is never updated.
    StaysOld,
    /// The device keeps no journal of what was acknowledged.
    KeepsNoJournal,
    /// The device throws the journal away when the server has a new epoch.
    ForgetsTheJournalAtReset,
    /// The device does not send files again that a restored server may lack.
    ForgetsFilesAtReset,
    /// The device takes a file for sent when its last part has left.
    NotesFilesTooEarly,
    /// The device keeps the rows of scopes that were taken from it.
    KeepsRowsOfLostScopes,
    /// The device goes on replaying what was refused.
    ShowsWhatWasRefused,
    /// The device gives others everything that it has recorded as it is, whatever scope it is of.
    CarriesInTheClear,
    /// The server rules on what a device carries as if its user had recorded it.
    RulesAsTheCarrier,
    /// The server rules on what is carried without looking whether everything before it is there, after a restore too.
    CarriesPastHoles,
    /// Two tabs that both sync store their changes over each other's.
    TabsOverwriteEachOther,
}
