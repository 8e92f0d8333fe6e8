//! How values read in the language chosen now: refusals, days and times, money, people's names. All text itself is in texts/.

mod after;
mod analysis;
mod command;
mod entry;
mod invitation;
mod money;
mod people;
mod promotion;
mod rejection;
mod script;
mod seat;
mod time;

pub use after::{came, day_of, severity, step_taken, way, why};
pub use analysis::{figure, group, grouped_by, measure, period, short_period, target_of};
pub use command::command;
pub use entry::{in_language, source};
pub use invitation::{answer, channel, confirmation, in_line, refusal_reason, reminded};
pub use money::{money, percent};
pub use people::{called, called_by, person, role};
pub use promotion::{gives, parts_of, promotion};
pub use rejection::{field_name, field_of, not_saved, rejection};
pub use script::{Blanks, contract_variable, fault, purpose, script, text_of_channel, variable};
pub(crate) use seat::{seat, table};
pub use time::{ago, calendar_day, clock, date, day, from_now, here, moment, span};

/// Words at the beginning of a line: with a capital, where the language has any.
#[must_use]
pub fn opening(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_a_capital() {
        for (words, line) in [("today 14:00", "Today 14:00"), ("Mon 23 Nov", "Mon 23 Nov"), ("今天 14:00", "今天 14:00"), ("", "")] {
            assert_eq!(opening(words), line);
        }
    }
}
