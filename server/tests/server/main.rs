//! The real server on a free port over a folder of its own, asked over HTTP.

mod analysis;
mod carried;
mod carriers;
mod contracts;
mod database;
mod differential;
mod evidence;
mod files;
mod growth;
mod guests;
mod house;
mod isolation;
mod keeping;
mod lacking;
mod letters;
mod process;
mod pull;
mod push;
mod reminders;
mod session;
mod together;
