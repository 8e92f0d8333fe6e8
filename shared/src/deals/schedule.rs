//! Instalments 分期: when the rest after the deposit is to be paid (clause F1).
//!
//! Law: deposit and instalments make the total, to the minor unit. What was received covers the deposit first, then the instalments by their days.

use super::Deal;
use crate::money::Money;
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Most instalments of a deal: five years of months.
pub const MOST_INSTALMENTS: usize = 60;

/// A part of the total and its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// The last day on which it is in time, on the company's clock.
    pub due: NaiveDate,
    /// How much, above zero.
    pub amount: Money,
}

/// What is to be paid by a day, and how much of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuePart {
    /// By when; none for the deposit, which is paid at the signature.
    pub due: Option<NaiveDate>,
    /// How much.
    pub amount: Money,
    /// What was received for it.
    pub covered: Money,
}

impl DuePart {
    /// What is missing of it.
    #[must_use]
    pub fn missing(&self) -> Money {
        Money { minor: self.amount.minor.saturating_sub(self.covered.minor), ..self.amount }
    }

    /// Whether its day is over and something is missing.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.due.is_some_and(|due| due < today) && self.missing().minor > 0
    }
}

impl Deal {
    /// Deposit and instalments with what was received for each; empty if no instalments were agreed on.
    #[must_use]
    pub fn schedule(&self) -> Vec<DuePart> {
        if self.instalments.is_empty() {
            return Vec::new();
        }
        let mut left = self.paid().minor.max(0);
        let deposit = (self.deposit.minor > 0).then_some((None, self.deposit));
        let rest = self.instalments.iter().map(|part| (Some(part.due), part.amount));
        let covered = |(due, amount): (Option<NaiveDate>, Money)| {
            let minor = left.min(amount.minor);
            left -= minor;
            DuePart { due, amount, covered: Money { minor, ..amount } }
        };
        deposit.into_iter().chain(rest).map(covered).collect()
    }

    /// What should have been paid before today and was not; nothing for what nobody owes.
    #[must_use]
    pub fn overdue(&self, today: NaiveDate) -> Money {
        let parts = self.schedule();
        let late = parts.iter().filter(|part| self.is_sold() && part.is_overdue(today));
        Money { minor: late.fold(0_i64, |sum, part| sum.saturating_add(part.missing().minor)), ..self.total }
    }
}

/// A rest in equal monthly parts from a first day on, each in what can be paid ([`crate::money::Currency::step`]); the last takes what remains. A month that
/// is too short for the day has its last day. Empty if there is nothing to divide, or not enough for so many parts.
#[must_use]
pub fn monthly(rest: Money, parts: u32, first: NaiveDate) -> Vec<Instalment> {
    let step = rest.currency.step();
    let each = if parts == 0 { 0 } else { rest.minor / i64::from(parts) / step * step };
    if each <= 0 || parts as usize > MOST_INSTALMENTS {
        return Vec::new();
    }
    let part = |index: u32| {
        let minor = if index + 1 == parts { rest.minor - each * i64::from(parts - 1) } else { each };
        Some(Instalment { due: first.checked_add_months(Months::new(index))?, amount: Money { minor, ..rest } })
    };
    (0..parts).map(part).collect::<Option<_>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    proptest! {
        #[test]
        fn f1_instalments_make_exactly_the_rest_on_growing_days(minor in 1_i64..=1_000_000_000_000, parts in 1_u32..=60, ahead in 0_u64..2_000, twd: bool) {
            let rest = Money::new(minor, if twd { Currency::Twd } else { Currency::Usd });
            let first = day("2026-01-01") + chrono::Days::new(ahead);
            let made = monthly(rest, parts, first);
            if made.is_empty() {
                prop_assert!(minor / i64::from(parts) < rest.currency.step(), "only what is too small is not divided");
            } else {
                prop_assert_eq!(made.len(), parts as usize);
                prop_assert_eq!(made.iter().map(|part| part.amount.minor).sum::<i64>(), minor);
                prop_assert!(made.windows(2).all(|pair| pair[0].due < pair[1].due && pair[0].amount.minor <= pair[1].amount.minor));
                prop_assert!(made.iter().rev().skip(1).all(|part| part.amount.minor % rest.currency.step() == 0));
            }
        }
    }

    #[test]
    fn f1_a_short_month_has_its_last_day_and_the_next_one_the_day_again() {
        let days: Vec<_> = monthly(Money::new(300, Currency::Usd), 3, day("2027-01-31")).into_iter().map(|part| part.due).collect();
        assert_eq!(days, [day("2027-01-31"), day("2027-02-28"), day("2027-03-31")]);
    }

    #[test]
    fn f1_nothing_and_crumbs_are_not_divided() {
        let twd = |minor| Money::new(minor, Currency::Twd);
        assert_eq!(monthly(twd(0), 3, day("2027-01-01")), []);
        assert_eq!(monthly(twd(1_000), 0, day("2027-01-01")), []);
        assert_eq!(monthly(twd(1_000), 61, day("2027-01-01")), []);
        assert_eq!(monthly(twd(299), 3, day("2027-01-01")), [], "less than a dollar each");
        let odd: Vec<_> = monthly(twd(100_050), 3, day("2027-01-01")).into_iter().map(|part| part.amount.minor).collect();
        assert_eq!(odd, [33_300, 33_300, 33_450]);
    }
}
