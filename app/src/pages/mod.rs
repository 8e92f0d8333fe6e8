//! What is shown at each address: views only. What can be decided without a browser is in `state`.

pub mod analysis;
pub mod board;
pub mod complaints;
pub mod customers;
pub mod deals;
pub(crate) mod draft;
pub mod exports;
pub mod follow_ups;
pub mod frame;
mod improvements;
pub mod invitations;
pub mod meetings;
pub mod more;
pub mod people;
pub mod products;
pub mod promotions;
pub mod quarantine;
pub mod records;
pub mod refusals;
mod refused;
pub mod seats;
pub mod session;
pub mod settings;
pub mod stock;
pub mod tickets;
pub mod today;
pub mod venue;
