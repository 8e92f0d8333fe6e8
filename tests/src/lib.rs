//! Everything that proves Huixiao on the real thing. Nothing in here is shipped.

pub mod fixtures;
pub mod harness;
pub mod steps;
