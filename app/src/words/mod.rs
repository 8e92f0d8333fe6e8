//! How values read in the language chosen now: refusals, days and times, money, people's names. All text itself is in texts/.

mod entry;
mod money;
mod rejection;
mod time;

pub use entry::{in_language, source};
pub use money::money;
pub use rejection::{field_name, field_of, kind_name, not_saved, rejection};
pub use time::{ago, clock, day, from_now, here, moment, span};
