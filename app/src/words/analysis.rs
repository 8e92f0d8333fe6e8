//! Periods, groups and figures of reports.

use super::money::money;
use super::time::month;
use super::{person, source};
use crate::replica;
use crate::texts as t;
use shared::Kind;
use shared::analysis::{By, Group, Length, Measure, Period};
use shared::ids::TeamId;
use shared::meetings::Meeting;
use shared::money::{Currency, Money};
use shared::people::Team;
use shared::products::Product;
use shared::targets::TargetOf;

/// A period as people say it: 2026年11月, Q4 2026.
#[must_use]
pub fn period(period: Period) -> String {
    match period.length() {
        Length::Month => t::analysis::month_of(month(period.number() - 1), period.year()),
        Length::Quarter => t::analysis::quarter_of(period.number(), period.year()),
        Length::Year => t::analysis::year_of(period.year()),
    }
}

/// A period beneath a picture, where its year stands elsewhere: 11月, Q4.
#[must_use]
pub fn short_period(period: Period) -> String {
    match period.length() {
        Length::Month => t::analysis::month_alone(month(period.number() - 1)),
        Length::Quarter => t::analysis::quarter_alone(period.number()),
        Length::Year => t::analysis::year_of(period.year()),
    }
}

/// What is measured.
#[must_use]
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Amount => t::analysis::amount(),
        Measure::Deals => t::analysis::deals(),
        Measure::Quantity => t::analysis::quantity(),
        Measure::Customers => t::analysis::customers(),
        Measure::NewCustomers => t::analysis::new_customers(),
    }
}

/// A figure: money with its currency, other things as a number.
#[must_use]
pub fn figure(measure: Measure, value: i128, currency: Currency) -> String {
    match (measure, i64::try_from(value)) {
        (Measure::Amount, Ok(minor)) => money(Money::new(minor, currency)),
        _ => value.to_string(),
    }
}

/// By what sales are grouped.
#[must_use]
pub fn grouped_by(by: By) -> &'static str {
    match by {
        By::Rep => t::analysis::by_rep(),
        By::Team => t::analysis::by_team(),
        By::Product => t::analysis::by_product(),
        By::Meeting => t::analysis::by_meeting(),
        By::Channel => t::analysis::by_channel(),
        By::Region => t::analysis::by_region(),
        By::Period(_) => t::analysis::by_period(),
    }
}

/// What some sales have in common; tracked. A dash for what this device does not know.
#[must_use]
pub fn group(group: &Group) -> String {
    let unknown = || "—".to_owned();
    match group {
        Group::Rep(rep) => person(*rep),
        Group::Team(team) => team.map_or_else(|| t::analysis::no_team().to_owned(), team_name),
        Group::Product(id) => {
            replica::read(&[Kind::Product], |replica| replica.noun::<Product>(*id).map_or_else(unknown, |product| product.name.clone()))
        }
        Group::Meeting(None) => t::analysis::no_meeting().to_owned(),
        Group::Meeting(Some(id)) => {
            replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(*id).map_or_else(unknown, |meeting| meeting.plan.theme.clone()))
        }
        Group::Channel(code) if code.is_empty() => t::analysis::no_channel().to_owned(),
        Group::Channel(code) => source(code),
        Group::Region(region) if region.is_empty() => t::analysis::no_region().to_owned(),
        Group::Region(region) => region.clone(),
        Group::Period(one) => period(*one),
    }
}

/// Whose target it is; tracked.
#[must_use]
pub fn target_of(whose: TargetOf) -> String {
    match whose {
        TargetOf::Department => t::analysis::department().to_owned(),
        TargetOf::Team { team } => team_name(team),
        TargetOf::Rep { rep } => person(rep),
    }
}

fn team_name(id: TeamId) -> String {
    replica::read(&[Kind::Team], |replica| replica.noun::<Team>(id).map_or_else(|| "—".to_owned(), |team| team.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Language, set_language};

    #[test]
    fn i1_periods_are_said_as_people_say_them() {
        let check = |language, texts: [&str; 3]| {
            set_language(language);
            assert_eq!(["2026-11", "2026-Q4", "2026"].map(|text| period(text.parse().expect("a period"))), texts);
        };
        check(Language::ZhHant, ["2026年11月", "2026年第4季", "2026年"]);
        check(Language::ZhHans, ["2026年11月", "2026年第4季度", "2026年"]);
        check(Language::En, ["Nov 2026", "Q4 2026", "2026"]);
    }

    #[test]
    fn i2_an_amount_has_its_currency_and_a_count_none() {
        assert_eq!(figure(Measure::Amount, 1_280_000, Currency::Twd), "NT$12,800");
        assert_eq!(figure(Measure::Deals, 12, Currency::Twd), "12");
    }
}
