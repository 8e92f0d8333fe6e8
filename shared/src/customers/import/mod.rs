//! Import 匯入 (clause A2): from the bytes of a file to commands, in stages that a page can show, adjust and cancel between.
//!
//! ```text
//! size ─ check_size ─► bytes ─ detect, decode (a workbook: app/clerk) ─► text ─ Sheet::open ─► rows of cells ─ Mapping::guess ─► Reader::step …
//!   ─► RowOutcome per row ─ Judge::step … finish ─► Judged per row (create / update / skip) ─ plan ─► ImportCustomers commands
//! ```
//!
//! Laws: good rows go in whatever the others are like; no row disappears without a word; importing the same file twice changes nothing
//! (property test); no bytes whatever make it panic.

pub mod columns;
pub mod delimiter;
pub mod duplicates;
pub mod encoding;
pub mod plan;
pub mod read;
mod sheet;
mod values;
pub mod workbook;

pub use columns::Mapping;
pub use delimiter::Delimiter;
pub use duplicates::{Action, By, Judge, Judged, Judgement, Judgements, Known, Of};
#[cfg(any(test, feature = "encodings"))]
pub use encoding::by_tables;
pub use encoding::{Certainty, Decoded, Decoder, Detected, Encoding, Refusal, check_size, decode, detect};
pub use plan::{Plan, plan};
pub use read::{Problem, Progress, Reader, Reason, RowOutcome, Settings};
pub use sheet::{BYTES_OF_CELL, LINES_OF_CELL, MOST_COLUMNS, MOST_ROWS, Sheet};
pub use workbook::is_workbook;
