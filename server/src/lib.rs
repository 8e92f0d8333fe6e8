//! One binary: auth, sync, storage, and the built app inside.

pub mod addresses;
mod analysis;
mod app;
mod assets;
mod auth;
mod body;
pub mod config;
mod contracts;
mod demo;
pub mod evidence;
pub mod files;
pub mod first_start;
mod guests;
mod heard;
mod letters;
mod problem;
mod random;
mod reminders;
mod router;
pub mod start;
pub mod store;
mod sync;
mod texts;
mod tidying;

pub use auth::passwords::hash as password_hash;
pub use start::{Running, StartError, start};
