//! Months, quarters and years of the calendar, on the organisation's clock.
//!
//! Law: of each length, exactly one period contains a day.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// A month of the calendar.
    Month,
    /// Three months, the first from January.
    Quarter,
    /// A year of the calendar.
    Year,
}

impl Length {
    /// Every length.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// A month, a quarter or a year. Its text (`2026-11`, `2026-Q4`, `2026`) is used on the wire and in indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i32,
    length: Length,
    /// Which of its year, from 1.
    number: u32,
}

/// The days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

impl Days {
    /// Whether a day is one of them.
    #[must_use]
    pub fn contain(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::try_from(self.last.signed_duration_since(self.first).num_days() + 1).unwrap_or(0)
    }
}

impl Period {
    /// The period of a length that contains a day.
    #[must_use]
    pub fn of(length: Length, day: NaiveDate) -> Self {
        Self { year: day.year(), length, number: day.month0() / length.months() + 1 }
    }

    /// How long it is.
    #[must_use]
    pub const fn length(self) -> Length {
        self.length
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// Which of its year it is: the month, the quarter, or 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Its days.
    #[must_use]
    pub fn days(self) -> Days {
        let first = NaiveDate::from_ymd_opt(self.year, (self.number - 1) * self.length.months() + 1, 1).expect("the year of a day that exists");
        // The last year that can be counted ends with the last day that can.
        let after = first.checked_add_months(Months::new(self.length.months()));
        Days { first, last: after.and_then(|after| after.pred_opt()).unwrap_or(NaiveDate::MAX) }
    }

    /// The one before; the first that can be counted is its own.
    #[must_use]
    pub fn previous(self) -> Self {
        self.days().first.pred_opt().map_or(self, |day| Self::of(self.length, day))
    }

    /// The one after; the last that can be counted is its own.
    #[must_use]
    pub fn next(self) -> Self {
        self.days().last.succ_opt().map_or(self, |day| Self::of(self.length, day))
    }

    /// The same of the year before.
    #[must_use]
    pub fn year_before(self) -> Self {
        self.days().first.checked_sub_months(Months::new(12)).map_or(self, |day| Self::of(self.length, day))
    }

    /// How many of its days have begun by a day.
    #[must_use]
    pub fn gone(self, today: NaiveDate) -> u32 {
        let days = self.days();
        if today < days.first { 0 } else { Days { last: today.min(days.last), ..days }.count() }
    }

    /// The days of another period that can be compared with what this one has by a day: all of them once it is over, else as many as have begun.
    #[must_use]
    pub fn alike_in(self, other: Self, today: NaiveDate) -> Days {
        let all = other.days();
        match self.gone(today) {
            gone if gone > 0 && gone < self.days().count() => {
                let last = all.first.checked_add_days(chrono::Days::new(u64::from(gone) - 1)).map_or(all.last, |day| day.min(all.last));
                Days { last, ..all }
            }
            _ => all,
        }
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.length {
            Length::Month => write!(f, "{:04}-{:02}", self.year, self.number),
            Length::Quarter => write!(f, "{:04}-Q{}", self.year, self.number),
            Length::Year => write!(f, "{:04}", self.year),
        }
    }
}

/// The text is not a period of the years 1900 to 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPeriod;

impl std::fmt::Display for NotAPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no month, quarter or year of 1900 to 2199")
    }
}

impl std::str::FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let (year, rest) = text.split_once('-').unwrap_or((text, ""));
        let (length, number) = match rest.strip_prefix('Q') {
            _ if rest.is_empty() => (Length::Year, "1"),
            Some(quarter) => (Length::Quarter, quarter),
            None => (Length::Month, rest),
        };
        let period = Self { year: year.parse().map_err(|_| NotAPeriod)?, length, number: number.parse().map_err(|_| NotAPeriod)? };
        let exists = (1900..2200).contains(&period.year) && (1..=12 / length.months()).contains(&period.number);
        // One text only means a period.
        if exists && period.to_string() == text { Ok(period) } else { Err(NotAPeriod) }
    }
}

impl TryFrom<String> for Period {
    type Error = NotAPeriod;
    fn try_from(text: String) -> Result<Self, NotAPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}
