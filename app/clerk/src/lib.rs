//! The clerk: reads and writes spreadsheets. No browser here: tested natively.
//!
//! Laws: an archive is judged before a library opens it ([`archive`]); whatever the bytes are, the answer is the text of a sheet or a refusal.

mod archive;
pub mod read;
pub mod write;
