//! The stage for journeys: a real server process, a real browser, and a network between them that can be cut.
//!
//! Invariants: every process is started by the harness, lives on a free loopback port with its own folder and
//! is gone when its handle is dropped. Nothing waits by sleeping for luck: each wait names what it waits for.

pub mod account;
pub mod browser;
pub mod camera;
pub mod matrix;
pub mod pages;
pub mod postgres;
pub mod proxy;
pub mod server;

pub mod places;
mod process;
mod trouble;
mod webdriver;

pub use account::{Account, Holdings};
pub use browser::{Browser, Device, Engine, Lack};
pub use camera::Camera;
pub use places::{checkout_folder, target_folder};
pub use postgres::Cluster;
pub use proxy::{Mode, Proxy};
pub use server::Server;
pub use trouble::{Result, Trouble};
