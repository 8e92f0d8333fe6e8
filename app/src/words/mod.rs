//! How values read in the language chosen now: refusals, days and times, money, people's names. All text itself is in texts/.

mod command;
mod entry;
mod invitation;
mod money;
mod people;
mod rejection;
mod time;

pub use command::command;
pub use entry::{in_language, source};
pub use invitation::{answer, channel, confirmation};
pub use money::money;
pub use people::{called, called_by, person, role};
pub use rejection::{field_name, field_of, not_saved, rejection};
pub use time::{ago, clock, date, day, from_now, here, moment, opening, span};
