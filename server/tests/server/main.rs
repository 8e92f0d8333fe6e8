//! The real server on a free port over a folder of its own, asked over HTTP.

mod database;
mod differential;
mod files;
mod growth;
mod house;
mod isolation;
mod keeping;
mod letters;
mod process;
mod pull;
mod push;
mod session;
mod together;
