//! Days and times as people say them: 明天 14:00, 3 天前. A day is one of the place whose clock is given.

use crate::texts as t;
use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, TimeDelta};
use shared::time::{Timestamp, UtcOffset};

/// The clock of this device.
#[must_use]
pub fn here() -> UtcOffset {
    let minutes = chrono::Local::now().offset().local_minus_utc() / 60;
    i16::try_from(minutes).ok().and_then(UtcOffset::from_minutes).unwrap_or(UtcOffset::EAST_8)
}

/// The day of an instant: today, tomorrow, 11月24日 週二, and with the year if it is another one.
#[must_use]
pub fn day(at: Timestamp, place: UtcOffset, now: Timestamp) -> String {
    let (day, today) = (place.day_of(at), place.day_of(now));
    let after = |days| today.checked_add_days(Days::new(days)) == Some(day);
    if day == today {
        t::times::today().to_owned()
    } else if after(1) {
        t::times::tomorrow().to_owned()
    } else if today.checked_sub_days(Days::new(1)) == Some(day) {
        t::times::yesterday().to_owned()
    } else if day.year() == today.year() {
        date(at, place)
    } else {
        t::times::day_of_year(day.day(), month(day.month0()), day.year())
    }
}

/// The date with its weekday: 11月23日 週一.
#[must_use]
pub fn date(at: Timestamp, place: UtcOffset) -> String {
    let day = place.day_of(at);
    t::times::day_of_month(day.day(), month(day.month0()), weekday(day.weekday()))
}

/// A day of a calendar, with its year: 2026年11月23日.
#[must_use]
pub fn calendar_day(day: NaiveDate) -> String {
    t::times::day_of_year(day.day(), month(day.month0()), day.year())
}

/// The time of day: 14:05.
#[must_use]
pub fn clock(at: Timestamp, place: UtcOffset) -> String {
    local(at, place).format("%H:%M").to_string()
}

/// Day and time: 明天 14:00.
#[must_use]
pub fn moment(at: Timestamp, place: UtcOffset, now: Timestamp) -> String {
    t::times::moment(day(at, place, now), clock(at, place))
}

/// From when to when, with the day: 明天 14:00–16:30.
#[must_use]
pub fn span(from: Timestamp, until: Timestamp, place: UtcOffset, now: Timestamp) -> String {
    let end = if place.day_of(from) == place.day_of(until) { clock(until, place) } else { moment(until, place, now) };
    t::times::span(moment(from, place, now), end)
}

/// How long ago something was; after 30 days its date.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let passed = now - at;
    if passed < TimeDelta::minutes(1) {
        t::times::just_now().to_owned()
    } else if passed < TimeDelta::hours(1) {
        t::times::minutes_ago(passed.num_minutes())
    } else if passed < TimeDelta::days(1) {
        t::times::hours_ago(passed.num_hours())
    } else if passed < TimeDelta::days(30) {
        t::times::days_ago(passed.num_days())
    } else {
        day(at, here(), now)
    }
}

/// How soon something comes; what is over is "just now".
#[must_use]
pub fn from_now(at: Timestamp, now: Timestamp) -> String {
    let left = at - now;
    if left < TimeDelta::minutes(1) {
        t::times::just_now().to_owned()
    } else if left < TimeDelta::hours(1) {
        t::times::in_minutes(left.num_minutes())
    } else if left < TimeDelta::days(1) {
        t::times::in_hours(left.num_hours())
    } else {
        t::times::in_days(left.num_days())
    }
}

fn local(at: Timestamp, place: UtcOffset) -> DateTime<FixedOffset> {
    place.at(at)
}

fn weekday(weekday: chrono::Weekday) -> String {
    let index = weekday.num_days_from_monday() as usize;
    let all = t::times::weekdays();
    let one = if all.contains(' ') { all.split(' ').nth(index).map(str::to_owned) } else { all.chars().nth(index).map(String::from) };
    one.unwrap_or_default()
}

pub(super) fn month(index: u32) -> &'static str {
    t::times::months().split(' ').nth(index as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Language, set_language};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        let now = at("2026-11-23T04:00:00Z");
        let check = |language, when: &str, text: &str| {
            set_language(language);
            assert_eq!(moment(at(when), UtcOffset::EAST_8, now), text);
        };
        check(Language::ZhHant, "2026-11-24T06:00:00Z", "明天 14:00");
        check(Language::ZhHant, "2026-11-23T15:59:00Z", "今天 23:59");
        check(Language::ZhHant, "2026-11-28T06:00:00Z", "11月28日 週六 14:00");
        check(Language::ZhHans, "2026-11-28T06:00:00Z", "11月28日 周六 14:00");
        check(Language::En, "2026-11-28T06:00:00Z", "Sat 28 Nov 14:00");
        check(Language::En, "2027-01-02T06:00:00Z", "2 Jan 2027 14:00");
        check(Language::En, "2026-11-22T06:00:00Z", "yesterday 14:00");
    }

    #[test]
    fn how_long_ago_is_said_in_the_largest_whole_unit() {
        set_language(Language::En);
        let now = at("2026-11-23T04:00:00Z");
        for (minutes, text) in [(0, "just now"), (1, "1 minute ago"), (59, "59 minutes ago"), (120, "2 hours ago"), (60 * 24 * 3, "3 days ago")] {
            assert_eq!(ago(now - TimeDelta::minutes(minutes), now), text);
        }
        assert_eq!(from_now(now + TimeDelta::minutes(90), now), "in 1 hour");
    }

    #[test]
    fn a_span_within_a_day_names_the_day_once() {
        set_language(Language::ZhHant);
        let now = at("2026-11-23T04:00:00Z");
        assert_eq!(span(at("2026-11-24T06:00:00Z"), at("2026-11-24T08:30:00Z"), UtcOffset::EAST_8, now), "明天 14:00–16:30");
    }
}
