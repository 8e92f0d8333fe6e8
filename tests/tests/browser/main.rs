//! What is proved in a real browser. One program, so that it is linked once; behind the feature `browser`,
//! so that `./test quick` needs none.

mod aftercare;
mod analysis;
mod carrying;
mod contract_template;
mod contracts;
mod crash;
mod customers;
mod damage;
#[path = "../../../app/scanner/src/decode.rs"]
mod decode;
mod door;
mod drafts;
mod engines;
mod eviction;
mod full_device;
mod guest_page;
mod hall;
mod harness;
mod install;
mod journey;
mod kills;
mod lacking;
mod lock;
mod office;
mod photo;
mod portal;
mod promotions;
mod records;
mod screenshots;
mod spreadsheet;
mod tabs;
mod unsent_work;
mod update;
mod venue_day;
