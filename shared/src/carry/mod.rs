//! Carried commands (clause D9): two devices without any network exchange what the other lacks by animated codes, camera to screen.
//!
//! The receiving device says what it has and to which key it wants the rest ([`hello`]); the sending one signs its outbox in [`bundle`]s, packs
//! those that the other lacks ([`packing`]) into a [`parcel`] that only the other opens, and shows it in frames of which any that are enough
//! will do ([`fountain`]). What came is kept in a [`bag`], shown, and brought to the server with the next push. docs/sync.md has the laws,
//! docs/decisions/0017 the reasons.
//!
//! Nothing here draws random numbers: seeds of 32 bytes come from outside, and none may be used twice.

pub mod bag;
pub mod bundle;
pub mod certificate;
pub mod fountain;
pub mod hello;
pub mod packing;
pub mod parcel;
#[cfg(test)]
mod tests;

pub use bag::{Bag, Carried};
pub use bundle::{Brought, Bundle, Item, Signed};
pub use certificate::{Certificate, DeviceSigner};

/// Why something that was shown is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It is something else, not whole, or was changed on the way.
    Damaged,
    /// No device of this organisation has signed it, or its certificate has run out.
    Forged,
    /// It is about a meeting that the other does not work at, as far as this device knows.
    NotTheirs,
}
