//! Amounts with their currency: `NT$12,800`, cents only where there are some; and discounts.

use shared::money::{BasisPoints, Currency, Money};

/// An amount as people write it.
#[must_use]
pub fn money(amount: Money) -> String {
    let sign = match amount.currency {
        Currency::Twd => "NT$",
        Currency::Cny => "¥",
        Currency::Hkd => "HK$",
        Currency::Usd => "US$",
    };
    let minus = if amount.minor < 0 { "−" } else { "" };
    let unit = amount.currency.minor_per_major().unsigned_abs();
    let (major, minor) = (amount.minor.unsigned_abs() / unit, amount.minor.unsigned_abs() % unit);
    let cents = if minor == 0 { String::new() } else { format!(".{minor:02}") };
    format!("{minus}{sign}{}{cents}", grouped(major))
}

/// How many percent: 250 basis points are `2.5`. The sign stands in the text around it.
#[must_use]
pub fn percent(basis_points: BasisPoints) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}").trim_end_matches('0').to_owned() }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_groups_and_cents_only_where_there_are_some() {
        let check = |minor, text: &str| assert_eq!(money(Money::new(minor, Currency::Twd)), text);
        check(1_280_000, "NT$12,800");
        check(35_050, "NT$350.50");
        check(-100, "−NT$1");
        check(0, "NT$0");
        check(10_000_000_000, "NT$100,000,000");
    }

    #[test]
    fn a_discount_is_written_exactly() {
        let written = [0, 500, 250, 1_025, 2_000, 5].map(percent);
        assert_eq!(written, ["0", "5", "2.5", "10.25", "20", "0.05"]);
    }
}
