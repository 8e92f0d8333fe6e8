//! Money: a whole number of minor units and its currency. Never a float.

use serde::{Deserialize, Serialize};

/// Currencies in which a company may sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// New Taiwan dollar; minor unit 1/100 by ISO 4217, priced in whole dollars.
    Twd,
    /// Renminbi.
    Cny,
    /// Hong Kong dollar.
    Hkd,
    /// US dollar.
    Usd,
}

impl Currency {
    /// ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Twd => "TWD",
            Self::Cny => "CNY",
            Self::Hkd => "HKD",
            Self::Usd => "USD",
        }
    }

    /// The least amount in which a price is paid, in minor units: whole dollars in Taiwan, where no cents are in use; one minor unit elsewhere.
    /// Discounts and instalments are rounded to it.
    #[must_use]
    pub const fn step(self) -> i64 {
        match self {
            Self::Twd => 100,
            Self::Cny | Self::Hkd | Self::Usd => 1,
        }
    }

    /// Minor units in one major unit: 100 for all currencies offered (ISO 4217).
    #[must_use]
    pub const fn minor_per_major(self) -> i64 {
        100
    }
}

/// An amount in minor units (cents, 分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative only for corrections.
    pub minor: i64,
    /// ISO 4217 currency.
    pub currency: Currency,
}

/// Why an amount could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// The result does not fit 64 bits of minor units.
    Overflow,
    /// The two amounts have different currencies.
    CurrencyMixed,
}

/// One hundredth of a percent; discounts are given in basis points, 10_000 = 100 %.
pub type BasisPoints = u16;
/// 100 %.
pub const WHOLE: BasisPoints = 10_000;

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] on overflow or mixed currencies.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMixed);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError`] on overflow or mixed currencies.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        let minor = other.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        self.plus(Self { minor, ..other })
    }

    /// The amount for a quantity.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(i64::from(quantity)).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The amount less a discount. The discount is taken from the whole and rounded half up to the currency's [step](Currency::step), so that
    /// the price after discount never depends on the order of lines, and that what was priced in whole dollars is paid in whole dollars. It takes
    /// off no more than there is.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn less(self, discount: BasisPoints) -> Result<Self, MoneyError> {
        self.less_in_steps(discount, self.currency.step())
    }

    /// The same, rounded to a minor unit whatever the currency: what apps reckoned that did not tell the total they had shown.
    pub(crate) fn less_to_the_cent(self, discount: BasisPoints) -> Result<Self, MoneyError> {
        self.less_in_steps(discount, 1)
    }

    fn less_in_steps(self, discount: BasisPoints, step: i64) -> Result<Self, MoneyError> {
        let step = i128::from(step);
        let exact = i128::from(self.minor) * i128::from(discount);
        let steps = (exact * 2 + 10_000 * step).div_euclid(20_000 * step);
        let off = (steps * step).min(i128::from(self.minor).max(0));
        let minor = i64::try_from(i128::from(self.minor) - off).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twd(minor: i64) -> Money {
        Money::new(minor, Currency::Twd)
    }

    #[test]
    fn f1_a_discount_is_rounded_half_up_to_what_can_be_paid() {
        let usd = |minor| Money::new(minor, Currency::Usd);
        assert_eq!(usd(1_050).less(1_000), Ok(usd(945)));
        assert_eq!(usd(5).less(1_000), Ok(usd(4)), "half a cent goes to the discount");
        assert_eq!(usd(1_000).less(10_000), Ok(usd(0)));
        assert_eq!(twd(35_000).less(500), Ok(twd(33_200)), "17.50 off is 18 off: nobody pays half a dollar");
        assert_eq!(twd(34_900).less(500), Ok(twd(33_200)), "17.45 off is 17 off");
        assert_eq!(twd(150).less(10_000), Ok(twd(0)), "no more than there is");
        assert_eq!(twd(0).less(500), Ok(twd(0)));
        assert_eq!(twd(5).less_to_the_cent(1_000), Ok(twd(4)));
        assert_eq!(twd(i64::MAX).less(1).map(|money| money.currency), Ok(Currency::Twd), "no product overflows");
    }

    #[test]
    fn overflow_and_mixed_currencies_are_errors() {
        assert_eq!(twd(i64::MAX).plus(twd(1)), Err(MoneyError::Overflow));
        assert_eq!(twd(i64::MAX).times(2), Err(MoneyError::Overflow));
        assert_eq!(twd(1).minus(twd(i64::MIN)), Err(MoneyError::Overflow));
        assert_eq!(twd(1).plus(Money::new(1, Currency::Usd)), Err(MoneyError::CurrencyMixed));
    }
}
