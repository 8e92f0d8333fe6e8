//! What promotions take off: for what is in a basket, where and when, which apply and what they save. The app offers with it, the rules check with it.
//!
//! Laws: a line bears one promotion at most; what is taken off the lines makes exactly what the promotion gives, and no line costs less than nothing.

use super::{Gives, Part, Promotion, Reduction, Terms};
use crate::ids::{MeetingId, ProductId, PromotionId};
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;

/// A line as far as promotions look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What.
    pub product: ProductId,
    /// The price of one.
    pub unit_price: Money,
    /// How many.
    pub quantity: u32,
}

/// A promotion that can be taken for a basket, or nearly so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub promotion: PromotionId,
    /// Which version of it.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// What has to be put into the basket first; nothing if it applies as it is.
    pub missing: Vec<Part>,
    /// What each line bears: its place in the basket and what is taken off it. Empty as long as something is missing.
    pub off: Vec<(usize, Money)>,
    /// What it saves in all.
    pub saves: Money,
}

/// A version of a promotion that may be taken.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// Which.
    pub promotion: PromotionId,
    /// The version's number.
    pub version: u32,
    /// What it offers.
    pub terms: &'a Terms,
}

/// The version of a promotion that may be taken at a meeting at an instant. What a deal has already (`agreed`) it keeps, whatever became of it.
#[must_use]
pub fn running<'a>(promotion: &'a Promotion, agreed: &[(PromotionId, u32)], meeting: Option<MeetingId>, at: Timestamp) -> Option<Running<'a>> {
    let id = promotion.id;
    if let Some(&(_, version)) = agreed.iter().find(|(agreed, _)| *agreed == id) {
        return promotion.version(version).map(|terms| Running { promotion: id, version, terms });
    }
    let (version, terms) = promotion.latest()?;
    (promotion.withdrawn.is_none() && terms.runs(meeting, at)).then_some(Running { promotion: id, version, terms })
}

/// What a promotion would do for a basket of which some lines bear another one already; nothing if it has nothing to do with what is in it.
///
/// # Errors
/// [`MoneyError`] on overflow or mixed currencies.
pub fn offer(running: Running<'_>, basket: &[Item], is_taken: impl Fn(usize) -> bool) -> Result<Option<Offer>, MoneyError> {
    let gives = &running.terms.gives;
    let products = gives.products();
    let free: Vec<usize> = (0..basket.len()).filter(|&at| !is_taken(at) && products.contains(&basket[at].product)).collect();
    let items: Vec<Item> = free.iter().map(|&at| basket[at]).collect();
    let Some(first) = items.first() else { return Ok(None) };
    let missing = missing(gives, &items);
    // What a line of another promotion holds cannot be put into the basket once more.
    let is_held = |part: &Part| basket.iter().enumerate().any(|(at, item)| item.product == part.product && is_taken(at));
    if missing.iter().any(is_held) {
        return Ok(None);
    }
    let off = if missing.is_empty() { reductions(gives, &items)? } else { None };
    if missing.is_empty() && off.is_none() {
        return Ok(None);
    }
    let off: Vec<_> = free.into_iter().zip(off.unwrap_or_default()).collect();
    let saves = off.iter().try_fold(Money { minor: 0, ..first.unit_price }, |sum, (_, off)| sum.plus(*off))?;
    let (promotion, version, name) = (running.promotion, running.version, running.terms.name.clone());
    Ok(Some(Offer { promotion, version, name, missing, off, saves }))
}

/// What has to be bought on top of some lines for a promotion to apply.
fn missing(gives: &Gives, items: &[Item]) -> Vec<Part> {
    let short = |part: &Part| part.quantity.saturating_sub(quantity(items, part.product));
    let lacking =
        |parts: &[Part]| -> Vec<Part> { parts.iter().map(|part| Part { quantity: short(part), ..*part }).filter(|part| part.quantity > 0).collect() };
    match gives {
        Gives::Off { products, least, .. } => {
            let have = products.iter().fold(0_u32, |sum, product| sum.saturating_add(quantity(items, *product)));
            let first = items.first().filter(|_| have < *least);
            first.map(|item| Part { product: item.product, quantity: least - have }).into_iter().collect()
        }
        Gives::Bundle { parts, .. } => lacking(parts),
        Gives::Gift { bought, gift } => lacking(&[*bought, *gift]),
    }
}

/// What a promotion takes off each of the lines that bear it, in their order; nothing if they do not make it apply, or it saves nothing.
///
/// # Errors
/// [`MoneyError`] on overflow or mixed currencies.
pub fn reductions(gives: &Gives, items: &[Item]) -> Result<Option<Vec<Money>>, MoneyError> {
    let products = gives.products();
    if items.iter().any(|item| !products.contains(&item.product)) {
        return Ok(None);
    }
    let off = match gives {
        Gives::Off { least, off, .. } => {
            let have = items.iter().fold(0_u32, |sum, item| sum.saturating_add(item.quantity));
            if have < *least {
                return Ok(None);
            }
            items.iter().map(|item| off.of(item.unit_price)?.times(item.quantity)).collect::<Result<Vec<_>, _>>()?
        }
        Gives::Bundle { parts, price } => match bundled(parts, *price, items)? {
            Some(off) => off,
            None => return Ok(None),
        },
        Gives::Gift { bought, gift } => {
            let times = quantity(items, bought.product) / bought.quantity.max(1);
            let mut left = times.saturating_mul(gift.quantity);
            let given = |item: &Item| {
                let quantity = if item.product == gift.product { item.quantity.min(left) } else { 0 };
                left -= quantity;
                item.unit_price.times(quantity)
            };
            items.iter().map(given).collect::<Result<Vec<_>, _>>()?
        }
    };
    Ok(Some(off).filter(|off| off.iter().any(|off| off.minor > 0)))
}

impl Reduction {
    /// What is taken off one piece of a price.
    fn of(self, price: Money) -> Result<Money, MoneyError> {
        match self {
            Self::Percent { off } => price.minus(price.less(off)?),
            Self::Amount { off } if off.currency != price.currency => Err(MoneyError::CurrencyMixed),
            Self::Amount { off } => Ok(Money { minor: off.minor.min(price.minor), ..price }),
        }
    }
}

/// What lines cost less as so many bundles as they make.
fn bundled(parts: &[Part], price: Money, items: &[Item]) -> Result<Option<Vec<Money>>, MoneyError> {
    let times = parts.iter().map(|part| quantity(items, part.product) / part.quantity.max(1)).min().unwrap_or(0);
    let mut single = Money { minor: 0, ..price };
    for part in parts {
        let Some(item) = items.iter().find(|item| item.product == part.product) else { return Ok(None) };
        single = single.plus(item.unit_price.times(part.quantity)?)?;
    }
    let off = single.minus(price)?;
    if times == 0 || off.minor <= 0 {
        return Ok(None);
    }
    let values = items.iter().map(|item| item.unit_price.times(item.quantity)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(spread(off.times(times)?, &values)))
}

/// Spreads an amount over lines by what each is worth, in what can be paid; the rest is taken off the last. No line bears more than it is worth, as long as
/// the amount is not above all of them together.
fn spread(amount: Money, values: &[Money]) -> Vec<Money> {
    let step = i128::from(amount.currency.step());
    let mut left = i128::from(amount.minor);
    let mut worth: i128 = values.iter().map(|value| i128::from(value.minor)).sum();
    let share = |value: &Money| {
        let value = i128::from(value.minor);
        let others = worth - value;
        let fair = if worth > 0 { left * value / worth / step * step } else { 0 };
        let part = if others == 0 { left } else { fair.max(left - others) };
        (left, worth) = (left - part, others);
        // Each is at most the whole, which fits.
        Money { minor: i64::try_from(part).unwrap_or(0), ..amount }
    };
    values.iter().map(share).collect()
}

fn quantity(items: &[Item], product: ProductId) -> u32 {
    items.iter().filter(|item| item.product == product).fold(0, |sum, item| sum.saturating_add(item.quantity))
}
