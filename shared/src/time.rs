//! Time: instants are UTC; a day belongs to a place, which has an offset from UTC.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// An instant.
pub type Timestamp = DateTime<Utc>;

/// Minutes east of UTC. The regions served (Taiwan, Hong Kong, mainland China) have no daylight saving time,
/// so a fixed offset names a place's clock for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// UTC+08:00: Taipei, Hong Kong, Shanghai.
    pub const EAST_8: Self = Self(480);

    /// An offset in minutes, from −14 to +14 hours.
    #[must_use]
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes >= -840 && minutes <= 840 { Some(Self(minutes)) } else { None }
    }

    /// Minutes east of UTC.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }

    /// The calendar day of an instant at this place.
    #[must_use]
    pub fn day_of(self, at: Timestamp) -> NaiveDate {
        self.at(at).date_naive()
    }

    /// The instant on this place's clock.
    #[must_use]
    pub fn at(self, at: Timestamp) -> DateTime<FixedOffset> {
        let offset = FixedOffset::east_opt(i32::from(self.0.clamp(-840, 840)) * 60).expect("within a day by clamp");
        at.with_timezone(&offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_on_the_clock_of_the_place() {
        let late: Timestamp = "2026-11-23T16:30:00Z".parse().expect("valid");
        assert_eq!(UtcOffset::EAST_8.day_of(late).to_string(), "2026-11-24");
    }
}
