//! Time: instants are UTC; a day belongs to a place, which has an offset from UTC.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An instant.
pub type Timestamp = DateTime<Utc>;

/// Minutes east of UTC. The regions served (Taiwan, Hong Kong, mainland China) have no daylight saving time,
/// so a fixed offset names a place's clock for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i16", into = "i16")]
pub struct UtcOffset(i16);

/// The number of minutes is no offset of any place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnOffset;

impl std::fmt::Display for NotAnOffset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("more than 14 hours from UTC")
    }
}

impl TryFrom<i16> for UtcOffset {
    type Error = NotAnOffset;
    fn try_from(minutes: i16) -> Result<Self, NotAnOffset> {
        Self::from_minutes(minutes).ok_or(NotAnOffset)
    }
}

impl From<UtcOffset> for i16 {
    fn from(offset: UtcOffset) -> Self {
        offset.0
    }
}

/// Whether an instant can be meant by a person who plans or reports: in the years 1900 to 2199.
#[must_use]
pub fn is_plausible(at: Timestamp) -> bool {
    (1900..2200).contains(&at.year())
}

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

    /// When a calendar day begins at this place.
    #[must_use]
    pub fn start_of(self, day: NaiveDate) -> Timestamp {
        let midnight = day.clamp(first_day(), last_day()).and_time(NaiveTime::MIN).and_utc();
        midnight - TimeDelta::minutes(i64::from(self.0))
    }

    /// When a calendar day is over at this place.
    #[must_use]
    pub fn end_of(self, day: NaiveDate) -> Timestamp {
        self.start_of(day) + TimeDelta::days(1)
    }

    /// The instant on this place's clock. Instants at the ends of what can be counted, such as a broken clock reports, are moved a day inwards.
    #[must_use]
    pub fn at(self, at: Timestamp) -> DateTime<FixedOffset> {
        let offset = FixedOffset::east_opt(i32::from(self.0) * 60).expect("within a day by construction");
        at.clamp(Timestamp::MIN_UTC + TimeDelta::days(1), Timestamp::MAX_UTC - TimeDelta::days(1)).with_timezone(&offset)
    }
}

/// Days at the ends of what can be counted are moved inwards, as instants are.
fn first_day() -> NaiveDate {
    NaiveDate::MIN + TimeDelta::days(2)
}

fn last_day() -> NaiveDate {
    NaiveDate::MAX - TimeDelta::days(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b4_a_day_counts_on_the_clock_of_the_place() {
        let late: Timestamp = "2026-11-23T16:30:00Z".parse().expect("valid");
        assert_eq!(UtcOffset::EAST_8.day_of(late).to_string(), "2026-11-24");
    }

    #[test]
    fn a_day_begins_where_the_one_before_ends() {
        let day: NaiveDate = "2026-11-24".parse().expect("a day");
        assert_eq!(UtcOffset::EAST_8.start_of(day).to_string(), "2026-11-23 16:00:00 UTC");
        for day in [day, NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(UtcOffset::EAST_8.end_of(day) - UtcOffset::EAST_8.start_of(day), TimeDelta::days(1));
        }
        assert_eq!(UtcOffset::EAST_8.day_of(UtcOffset::EAST_8.start_of(day)), day);
    }

    #[test]
    fn the_ends_of_time_have_a_day_everywhere() {
        for minutes in [-840, 0, 840] {
            let offset = UtcOffset::from_minutes(minutes).expect("within bounds");
            assert!(offset.day_of(Timestamp::MAX_UTC) > offset.day_of(Timestamp::MIN_UTC));
        }
    }

    #[test]
    fn an_offset_of_more_than_fourteen_hours_is_not_read() {
        assert!(serde_json::from_str::<UtcOffset>("840").is_ok());
        assert!(serde_json::from_str::<UtcOffset>("841").is_err());
    }
}
