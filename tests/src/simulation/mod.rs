//! Simulation: whole lives of devices and a server, from a seed, with the real rules and the real sync engine, and with every fault of the field.
//!
//! Law: a life is a function of its seed. What fails once fails again with the same seed.

pub mod device;
pub mod disk;
pub mod life;
pub mod store;

pub use life::{Failure, Life, Report};
